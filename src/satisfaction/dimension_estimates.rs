//! The scores of the five dimensions and the one that they make, each with its interval.

use core::fmt;

use super::item_products::ItemProducts;
use super::{Dimension, DimensionScores, Questionnaire, Weights};
use crate::decimal::{self, count_to_f64};
use crate::error::{Error, Result};
use crate::estimate::{
    Alternative, Caution, Comparison, Confidence, Estimate, Interval, MeanDifferenceMethod, Method, SignificanceTest, Spread, TestMethod,
    t_reach,
};

/// A score for each dimension of service quality, and their mean, each with its interval: what
/// [`ServiceQualityTally::servqual_estimate`](super::ServiceQualityTally::servqual_estimate) and its like give.
///
/// ```text
/// score     = sum over the items j of c_j mean_j,  c_j = weight of the dimension / number of its items,
///             mean_j = mean of the answers y_rj of the n_j respondents who gave one
/// z_r       = sum over the items j that respondent r answered of c_j (y_rj - mean_j) / n_j
/// se^2      = n / (n - 1) x sum over the respondents of z_r^2,  n = the least n_j of the items in the score
/// low, high = score -/+ t se,  t = quantile of the t distribution with n - 1 degrees at (1 + confidence) / 2
/// ```
///
/// The respondent is the unit. One who is content with one item tends to be with the next: taken as so many answers of their own, the items of
/// a dimension would make the interval far too narrow. Where everyone answered everything, the interval is exactly the t interval of
/// the respondents' own scores. Where answers are missing, each item has its mean over those who answered it, as in the score, and the
/// standard error is that of the linearised score (R. S. Woodruff, "A simple method for approximating the variance of a complicated estimate",
/// Journal of the American Statistical Association 66 (1971), 411-414). Sample size and degrees are then those of the item with the fewest
/// answers, on the side of caution. It says nothing of what those who did not answer would have said.
///
/// Intervals are held within what a score can be. Points are those of the exact scores, standard errors within 1e-13 relative; where items
/// cancel each other, within 1e-13 of what they would be if they did not. Two groups of respondents are compared by
/// [`difference`](Self::difference) and [`unweighted_difference`](Self::unweighted_difference), two dimensions of one group by
/// [`difference_of_dimensions`](Self::difference_of_dimensions).
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(into = "DimensionEstimatesState"))]
pub struct DimensionEstimates {
    scores: DimensionScores,
    confidence: Confidence,
    range: [f64; 2],
    /// Of the item with the fewest answers in each dimension.
    answers: [u64; 5],
    /// Linearised, before the factor of n / (n - 1).
    covariances: [[f64; 5]; 5],
}

impl DimensionEstimates {
    /// Every item must have an answer.
    pub(super) fn of(
        metric: &'static str,
        scores: DimensionScores,
        range: [f64; 2],
        products: &ItemProducts,
        questionnaire: Questionnaire,
        confidence: Confidence,
    ) -> Result<Self> {
        let sizes = questionnaire.items_by_dimension();
        let dimension_of_item: Vec<usize> =
            sizes.into_iter().enumerate().flat_map(|(dimension, size)| core::iter::repeat_n(dimension, size.into())).collect();
        let mut answers = [u64::MAX; 5];
        for (item, &dimension) in products.items().iter().zip(&dimension_of_item) {
            if let Some(least) = answers.get_mut(dimension) {
                *least = item.answers.min(*least);
            }
        }
        if answers.iter().any(|&answers| answers < 2) {
            return Err(Error::Undefined { metric, because: "one respondent to an item alone has no variance" });
        }
        let mut covariances = [[0.0; 5]; 5];
        let dimension_of = |item: usize| dimension_of_item.get(item).copied().unwrap_or(0);
        for ((first, second), covariance) in products.covariances_of_means() {
            let mut add = |row: usize, column: usize| {
                if let Some(sum) = covariances.get_mut(row).and_then(|row| row.get_mut(column)) {
                    *sum += covariance;
                }
            };
            add(dimension_of(first), dimension_of(second));
            if first != second {
                add(dimension_of(second), dimension_of(first));
            }
        }
        for (row, size) in covariances.iter_mut().zip(sizes) {
            for (covariance, other) in row.iter_mut().zip(sizes) {
                *covariance /= f64::from(size) * f64::from(other);
            }
        }
        Ok(Self { scores, confidence, range, answers, covariances })
    }

    /// The scores themselves, exact.
    #[must_use]
    pub fn scores(&self) -> &DimensionScores {
        &self.scores
    }

    /// The score of one dimension.
    #[must_use]
    pub fn get(&self, dimension: Dimension) -> Estimate {
        let weights = Dimension::ALL.map(|other| if other == dimension { 1.0 } else { 0.0 });
        self.estimate(decimal::to_f64(self.scores.get(dimension)), weights)
    }

    /// Every dimension with its score, in the order of [`Dimension::ALL`].
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Dimension, Estimate)> + '_ {
        Dimension::ALL.into_iter().map(|dimension| (dimension, self.get(dimension)))
    }

    /// The mean of the five.
    #[must_use]
    pub fn unweighted(&self) -> Estimate {
        self.estimate(decimal::to_f64(self.scores.unweighted()), [0.2; 5])
    }

    /// The weighted mean of the five, usually with [`Weights::points`] in the order of [`Dimension::ALL`]. The weights are taken as given: that
    /// they were asked of customers too is not in the interval.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if there are not five weights.
    pub fn weighted(&self, weights: &Weights) -> Result<Estimate> {
        let point = decimal::to_f64(self.scores.weighted(weights)?);
        let mut parts = [0.0; 5];
        for (part, weight) in parts.iter_mut().zip(weights.as_slice()) {
            *part = decimal::to_f64(decimal::div("weighted score", "the weights are 0", *weight, weights.total())?);
        }
        Ok(self.estimate(point, parts))
    }

    /// The score of one dimension less that of another, by the same respondents: whether the one that looks worst is worse. Made as the other
    /// intervals are, with the weights 1 and -1.
    ///
    /// ```
    /// use customer_metrics::satisfaction::{Dimension, Experience, Questionnaire, Scale, ServiceQualityTally};
    /// use customer_metrics::{Confidence, Tally};
    ///
    /// let mut tally = ServiceQualityTally::empty(Questionnaire::new(Scale::ONE_TO_SEVEN, [1; 5])?);
    /// for [reliability, empathy] in [[6, 5], [3, 3], [5, 3], [7, 6], [4, 2], [2, 2]] {
    ///     tally.record([4, reliability, 4, 4, empathy].map(|perceived| Experience { expected: None, perceived: Some(perceived) }).to_vec())?;
    /// }
    /// let perceived = tally.servperf_estimate(Confidence::P95)?;
    /// assert_eq!(format!("{:.1}", perceived.get(Dimension::Reliability)), "4.5 (2.5 to 6.5, 95% linearised t, n = 6)");
    /// assert_eq!(format!("{:.1}", perceived.get(Dimension::Empathy)), "3.5 (1.8 to 5.2, 95% linearised t, n = 6)");
    /// let difference = perceived.difference_of_dimensions(Dimension::Reliability, Dimension::Empathy);
    /// assert_eq!(format!("{difference:.1}"), "1.0 (0.1 to 1.9, 95% paired t, n = 6 and 6)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn difference_of_dimensions(&self, first: Dimension, second: Dimension) -> Comparison<MeanDifferenceMethod> {
        let signed = |dimension: Dimension, sign: f64| Dimension::ALL.map(|other| if other == dimension { sign } else { 0.0 });
        let mut weights = signed(first, 1.0);
        for (weight, less) in weights.iter_mut().zip(signed(second, -1.0)) {
            *weight += less;
        }
        let [lowest, highest] = self.range;
        let point = decimal::to_f64(self.scores.get(first)) - decimal::to_f64(self.scores.get(second));
        let (reach, n) = self.reach(weights);
        let interval = Interval::holding(point, [point - reach, point + reach], [lowest - highest, highest - lowest]);
        let comparison = Comparison::computed(point, interval, self.confidence, MeanDifferenceMethod::Paired, [n, n]);
        comparison.with_caution(Caution::of_mean(n, reach))
    }

    /// The score of this dimension less that which another, independent group of respondents gives it: Welch's t interval from the two linearised
    /// standard errors.
    ///
    /// Where everyone answered everything, it is Welch's of the respondents' own scores.
    ///
    /// ```
    /// use customer_metrics::satisfaction::{Dimension, Experience, Questionnaire, Scale, ServiceQualityTally};
    /// use customer_metrics::{Confidence, Tally};
    ///
    /// let branch = |reliability: [u8; 6]| {
    ///     let mut tally = ServiceQualityTally::empty(Questionnaire::new(Scale::ONE_TO_SEVEN, [1; 5])?);
    ///     tally.extend(reliability.map(|rating| [4, rating, 4, 4, 5].map(|perceived| Experience::default().perceived(perceived)).to_vec()))?;
    ///     tally.servperf_estimate(Confidence::P95)
    /// };
    /// let (north, south) = (branch([6, 7, 5, 7, 6, 6])?, branch([3, 5, 4, 2, 5, 4])?);
    /// let difference = north.difference(&south, Dimension::Reliability)?;
    /// assert_eq!(format!("{difference:.2}"), "2.33 (1.04 to 3.63, 95% Welch t, n = 6 and 6)");
    /// let test = north.test_difference(&south, Dimension::Reliability)?;
    /// assert_eq!(format!("{test:.2}"), "t(8.54) = 4.11, p = 0.00295 (two-sided linearised t test)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the two have different confidences, or scores that lie in different ranges.
    pub fn difference(&self, other: &Self, dimension: Dimension) -> Result<Comparison<MeanDifferenceMethod>> {
        self.welch(other, &Part::of(dimension))
    }

    /// The mean of the five dimensions less that of another, independent group of respondents: as [`difference`](Self::difference).
    ///
    /// # Errors
    /// As [`difference`](Self::difference).
    pub fn unweighted_difference(&self, other: &Self) -> Result<Comparison<MeanDifferenceMethod>> {
        self.welch(other, &Part::ALL)
    }

    /// Whether two independent groups of respondents score this dimension differently: Welch's t test from the linearised standard errors,
    /// two-sided.
    ///
    /// # Errors
    /// As [`difference`](Self::difference), and [`Error::Undefined`] if all respondents of each group say the same.
    pub fn test_difference(&self, other: &Self, dimension: Dimension) -> Result<SignificanceTest> {
        self.test_difference_with(other, dimension, Alternative::default())
    }

    /// The same against a named alternative; [`Greater`](Alternative::Greater) is that this score is greater.
    ///
    /// # Errors
    /// As [`test_difference`](Self::test_difference).
    pub fn test_difference_with(&self, other: &Self, dimension: Dimension, alternative: Alternative) -> Result<SignificanceTest> {
        self.test_welch(other, &Part::of(dimension), alternative)
    }

    /// Whether the mean of the five dimensions differs between two independent groups of respondents: as
    /// [`test_difference`](Self::test_difference).
    ///
    /// # Errors
    /// As [`test_difference`](Self::test_difference).
    pub fn test_unweighted_difference(&self, other: &Self) -> Result<SignificanceTest> {
        self.test_unweighted_difference_with(other, Alternative::default())
    }

    /// The same against a named alternative; [`Greater`](Alternative::Greater) is that this mean is greater.
    ///
    /// # Errors
    /// As [`test_difference`](Self::test_difference).
    pub fn test_unweighted_difference_with(&self, other: &Self, alternative: Alternative) -> Result<SignificanceTest> {
        self.test_welch(other, &Part::ALL, alternative)
    }

    fn welch(&self, other: &Self, part: &Part) -> Result<Comparison<MeanDifferenceMethod>> {
        let (spread, n) = self.spread(other, part)?;
        let (point, reach) = (spread.difference, spread.reach(self.confidence));
        let [lowest, highest] = self.range;
        let interval = Interval::holding(point, [point - reach, point + reach], [lowest - highest, highest - lowest]);
        let comparison = Comparison::computed(point, interval, self.confidence, MeanDifferenceMethod::Welch, n);
        let [mine, theirs] = n;
        Ok(comparison.with_caution(Caution::of_mean(mine.saturating_add(theirs), reach)))
    }

    fn test_welch(&self, other: &Self, part: &Part, alternative: Alternative) -> Result<SignificanceTest> {
        let (spread, n) = self.spread(other, part)?;
        let test = spread.test("test of two groups of respondents", alternative, TestMethod::LinearisedT)?;
        Ok(test.with_caution(welch_caution(n)))
    }

    fn spread(&self, other: &Self, part: &Part) -> Result<(Spread, [u64; 2])> {
        if self.confidence != other.confidence {
            return Err(Error::mismatch("confidence", self.confidence, other.confidence));
        }
        let ends = |[low, high]: [f64; 2]| format!("{low} to {high}");
        if self.range.map(f64::to_bits) != other.range.map(f64::to_bits) {
            return Err(Error::mismatch("range of scores", ends(self.range), ends(other.range)));
        }
        let score = |estimates: &Self| part.dimension.map_or(estimates.scores.unweighted(), |dimension| estimates.scores.get(dimension));
        let difference = decimal::to_f64(decimal::sub("difference of scores", score(self), score(other))?);
        let ([mine, theirs], n) = {
            let ((mine, my_n), (theirs, their_n)) = (self.variance(part.weights), other.variance(part.weights));
            ([mine, theirs], [my_n, their_n])
        };
        let degrees = n.map(|n| count_to_f64(n.saturating_sub(1)));
        Ok((Spread::of_independent(difference, [mine, theirs], degrees), n))
    }

    fn estimate(&self, point: f64, weights: [f64; 5]) -> Estimate {
        let (reach, n) = self.reach(weights);
        let interval = Interval::holding(point, [point - reach, point + reach], self.range);
        let estimate = Estimate::holding(point, interval, self.confidence, Method::Linearised, n);
        estimate.with_caution(Caution::of_mean(n, reach))
    }

    /// How far the interval of this sum of scores reaches, and the fewest answers that an item in it has.
    fn reach(&self, weights: [f64; 5]) -> (f64, u64) {
        let (variance, n) = self.variance(weights);
        (t_reach(self.confidence, n) * variance.sqrt(), n)
    }

    /// The squared standard error of this sum of scores, and the fewest answers that an item in it has.
    fn variance(&self, weights: [f64; 5]) -> (f64, u64) {
        let counted = weights.into_iter().zip(self.answers).filter(|(weight, _)| weight.abs() > 0.0);
        let n = counted.map(|(_, answers)| answers).min().or(self.answers.into_iter().min()).unwrap_or(2);
        let variance: f64 = weights
            .into_iter()
            .zip(&self.covariances)
            .map(|(weight, row)| weight * row.iter().zip(weights).map(|(covariance, other)| covariance * other).sum::<f64>())
            .sum();
        let n_to_one_less = count_to_f64(n) / count_to_f64(n.saturating_sub(1));
        // Rounding aside, no sum has a variance below 0.
        (variance.max(0.0) * n_to_one_less, n)
    }
}

/// One dimension, or all of them alike.
struct Part {
    dimension: Option<Dimension>,
    weights: [f64; 5],
}

impl Part {
    const ALL: Self = Self { dimension: None, weights: [0.2; 5] };

    fn of(dimension: Dimension) -> Self {
        Self { dimension: Some(dimension), weights: Dimension::ALL.map(|other| if other == dimension { 1.0 } else { 0.0 }) }
    }
}

fn welch_caution([first, second]: [u64; 2]) -> Option<Caution> {
    Caution::values(first.saturating_add(second), Caution::LEAST_FOR_T)
}

/// The five estimates, then the mean of the five; a precision such as `{:.2}` applies to each.
impl fmt::Display for DimensionEstimates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (dimension, estimate) in self.iter() {
            write!(f, "{dimension} ")?;
            fmt::Display::fmt(&estimate, f)?;
            f.write_str(", ")?;
        }
        f.write_str("unweighted ")?;
        fmt::Display::fmt(&self.unweighted(), f)
    }
}

/// What is read off it, which is not read back.
#[cfg(feature = "serde")]
#[derive(serde::Serialize)]
struct DimensionEstimatesState {
    tangibles: Estimate,
    reliability: Estimate,
    responsiveness: Estimate,
    assurance: Estimate,
    empathy: Estimate,
    unweighted: Estimate,
}

#[cfg(feature = "serde")]
impl From<DimensionEstimates> for DimensionEstimatesState {
    fn from(estimates: DimensionEstimates) -> Self {
        let [tangibles, reliability, responsiveness, assurance, empathy] = Dimension::ALL.map(|dimension| estimates.get(dimension));
        Self { tangibles, reliability, responsiveness, assurance, empathy, unweighted: estimates.unweighted() }
    }
}
