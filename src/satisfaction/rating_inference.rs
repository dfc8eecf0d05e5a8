//! How sure a mean rating is, and whether two groups rate differently.

use std::collections::HashMap;

use super::{EffortTally, EffortVersion, GroupedRatingTally, RatingTally, Scale};
use crate::decimal::{count_to_f64, to_f64};
use crate::error::{Error, Result};
use crate::estimate::{
    Alternative, Comparison, Confidence, Estimate, Interval, MannWhitney, MeanDifferenceMethod, MeanNonResponse, Measure, Method, Moments,
    ShareMethod, SignificanceTest,
};
use crate::share::Share;
use crate::special::student_t_quantile;

impl RatingTally {
    /// The mean rating with its t interval, held within the scale.
    ///
    /// ```text
    /// low, high = mean -/+ t s / sqrt(n),  t = quantile of the t distribution with n - 1 degrees at (1 + confidence) / 2
    /// ```
    ///
    /// The mean of a bounded scale cannot leave it, but this interval could: an end beyond the scale is moved to its end. Answers that are
    /// all equal give an interval of width 0, which is no proof that all others would answer so. Point and ends are within 1e-14.
    ///
    /// ```
    /// use customer_metrics::{Confidence, satisfaction::{RatingTally, Scale}};
    ///
    /// let tally = RatingTally::from_counts(Scale::ONE_TO_FIVE, &[2, 5, 13, 40, 40], 0)?;
    /// assert_eq!(format!("{:.2}", tally.mean_estimate(Confidence::P95)?), "4.11 (3.92 to 4.30, 95% t, n = 100)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two answers.
    pub fn mean_estimate(&self, confidence: Confidence) -> Result<Estimate> {
        measure(self.scale()).estimate(&self.moments()?, confidence)
    }

    /// The standard error of the mean rating, `s / sqrt(n)`, within 1e-14 relative: what
    /// [`MeanShrinkage`](crate::estimate::MeanShrinkage) asks for. Answers that are all equal give 0.
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two answers.
    pub fn mean_standard_error(&self) -> Result<f64> {
        measure(self.scale()).standard_error(&self.moments()?)
    }

    /// The median rating with its interval from one rating to another, which needs no assumption on how answers vary.
    ///
    /// ```text
    /// low  = lowest rating x for which Clopper and Pearson's interval of the share of answers up to x reaches above 1/2
    /// high = highest rating x for which that of the share of answers from x on does
    /// ```
    ///
    /// These are the answers at the positions r and n + 1 - r in order, r being the quantile of the binomial distribution of n and 1/2, or
    /// the ends of the scale where there is no such r. It holds the median at least as often as the confidence says; as many answers are equal, mostly
    /// more often. On a scale of a few ratings it is often a single one.
    ///
    /// Sources: W. R. Thompson, Annals of Mathematical Statistics 7 (1936), 122-128; for ties H. Scheffé and J. W. Tukey, "Non-parametric
    /// estimation. I. Validation of order statistics", Annals of Mathematical Statistics 16 (1945), 187-192.
    ///
    /// ```
    /// use customer_metrics::{Confidence, satisfaction::{RatingTally, Scale}};
    ///
    /// let tally = RatingTally::from_counts(Scale::ZERO_TO_TEN, &[3, 0, 1, 4, 1, 5, 9, 2, 6, 5, 3], 0)?;
    /// assert_eq!(tally.median_estimate(Confidence::P95)?.to_string(), "6 (5 to 8, 95% order statistics, n = 39)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] without answers.
    pub fn median_estimate(&self, confidence: Confidence) -> Result<Estimate> {
        let point = to_f64(self.median()?);
        let (low, high, n) = (self.scale().low(), self.scale().high(), self.answers());
        let reaches_half = |from: u8, to: u8| {
            let share = Share::new(self.between(from, to), n);
            share.is_ok_and(|share| share.interval_with(confidence, ShareMethod::ClopperPearson).high() > 0.5)
        };
        // All answers together always do.
        let lowest = (low..=high).find(|&rating| reaches_half(low, rating)).unwrap_or(low);
        let highest = (low..=high).rev().find(|&rating| reaches_half(rating, high)).unwrap_or(high);
        let scale = [low, high].map(f64::from);
        let interval = Interval::holding(point, [lowest, highest].map(f64::from), scale);
        Ok(Estimate::holding(point, interval, confidence, Method::OrderStatistics, n))
    }

    /// This mean rating less the other, of independent groups, with the interval of Welch: [`MeanDifferenceMethod::Welch`]. Ends are held
    /// within what the scale allows.
    ///
    /// ```
    /// use customer_metrics::{Confidence, satisfaction::{RatingTally, Scale}};
    ///
    /// let chat = RatingTally::from_counts(Scale::ONE_TO_FIVE, &[2, 5, 13, 40, 40], 0)?;
    /// let phone = RatingTally::from_counts(Scale::ONE_TO_FIVE, &[10, 12, 22, 31, 25], 0)?;
    /// let difference = chat.mean_difference(&phone, Confidence::P95)?;
    /// assert_eq!(format!("{difference:.2}"), "0.62 (0.31 to 0.93, 95% Welch t, n = 100 and 100)");
    /// let test = chat.test_mean_difference(&phone)?;
    /// assert_eq!(format!("{test:.2}"), "t(183.78) = 3.91, p = 1.29e-4 (two-sided Welch t test)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the scales differ; [`Error::Undefined`] if either has fewer than two answers.
    pub fn mean_difference(&self, other: &Self, confidence: Confidence) -> Result<Comparison<MeanDifferenceMethod>> {
        check_scales(self.scale(), other.scale())?;
        measure(self.scale()).welch(&self.moments()?, &other.moments()?, confidence)
    }

    /// Whether the mean ratings of two independent groups differ: Welch's t test, two-sided.
    ///
    /// # Errors
    /// As [`mean_difference`](Self::mean_difference), and [`Error::Undefined`] if the answers of each group are all equal.
    pub fn test_mean_difference(&self, other: &Self) -> Result<SignificanceTest> {
        self.test_mean_difference_with(other, Alternative::default())
    }

    /// The same against a named alternative; [`Greater`](Alternative::Greater) is that this mean is greater.
    ///
    /// # Errors
    /// As [`test_mean_difference`](Self::test_mean_difference).
    pub fn test_mean_difference_with(&self, other: &Self, alternative: Alternative) -> Result<SignificanceTest> {
        check_scales(self.scale(), other.scale())?;
        measure(self.scale()).test_welch(&self.moments()?, &other.moments()?, alternative)
    }

    /// The two groups by the order of their ratings alone: how often a customer of this one gives the higher rating.
    ///
    /// ```
    /// use customer_metrics::{Confidence, satisfaction::{RatingTally, Scale}};
    ///
    /// let chat = RatingTally::from_counts(Scale::ONE_TO_FIVE, &[2, 5, 13, 40, 40], 0)?;
    /// let phone = RatingTally::from_counts(Scale::ONE_TO_FIVE, &[10, 12, 22, 31, 25], 0)?;
    /// let superiority = chat.mann_whitney(&phone)?.superiority(Confidence::P95);
    /// assert_eq!(format!("{superiority:.2}"), "0.64 (0.56 to 0.71, 95% DeLong logit, n = 100 and 100)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the scales differ; [`Error::Undefined`] if either has no answers; [`Error::Overflow`] if both together
    /// exceed 64 bits.
    pub fn mann_whitney(&self, other: &Self) -> Result<MannWhitney> {
        check_scales(self.scale(), other.scale())?;
        let [mine, theirs] = [self, other].map(|tally| tally.distribution().map(|(_, count)| count).collect::<Vec<_>>());
        MannWhitney::from_counts(&mine, &theirs)
    }

    /// The mean of those who answered and how many did not, the [missing](Self::missing) ones, for what the mean of all can be:
    /// [`MeanNonResponse::bounds`] whatever the silent think, and [`MeanNonResponse::with_gap`] given an assumed gap in scale points.
    ///
    /// # Errors
    /// [`Error::Undefined`] without answers.
    pub fn non_response(&self) -> Result<MeanNonResponse> {
        let sum = self
            .distribution()
            .fold(0_i128, |sum, (rating, count)| sum.saturating_add(i128::from(rating).saturating_mul(i128::from(count))));
        let scale = [self.scale().low(), self.scale().high()].map(i16::from);
        MeanNonResponse::new(sum, self.answers(), self.missing(), scale)
    }

    fn moments(&self) -> Result<Moments> {
        moments(self.distribution().map(|(rating, count)| (rating.into(), count)))
    }
}

impl<V: EffortVersion> EffortTally<V> {
    /// The mean answer with its t interval, held within the scale: as [`RatingTally::mean_estimate`].
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two answers.
    pub fn mean_estimate(&self, confidence: Confidence) -> Result<Estimate> {
        self.ratings().mean_estimate(confidence)
    }

    /// The standard error of the mean answer: as [`RatingTally::mean_standard_error`].
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two answers.
    pub fn mean_standard_error(&self) -> Result<f64> {
        self.ratings().mean_standard_error()
    }

    /// This mean answer less the other: as [`RatingTally::mean_difference`]. In version 1, below 0 is less effort.
    ///
    /// # Errors
    /// [`Error::Undefined`] if either has fewer than two answers.
    pub fn mean_difference(&self, other: &Self, confidence: Confidence) -> Result<Comparison<MeanDifferenceMethod>> {
        self.ratings().mean_difference(other.ratings(), confidence)
    }

    /// Whether the mean answers of two independent groups differ: Welch's t test, two-sided.
    ///
    /// # Errors
    /// As [`mean_difference`](Self::mean_difference), and [`Error::Undefined`] if the answers of each group are all equal.
    pub fn test_mean_difference(&self, other: &Self) -> Result<SignificanceTest> {
        self.test_mean_difference_with(other, Alternative::default())
    }

    /// The same against a named alternative; [`Greater`](Alternative::Greater) is that this mean is greater.
    ///
    /// # Errors
    /// As [`test_mean_difference`](Self::test_mean_difference).
    pub fn test_mean_difference_with(&self, other: &Self, alternative: Alternative) -> Result<SignificanceTest> {
        self.ratings().test_mean_difference_with(other.ratings(), alternative)
    }

    /// The two groups by the order of their answers alone: how often a customer of this one gives the higher answer, which in version 1 is
    /// more effort.
    ///
    /// # Errors
    /// [`Error::Undefined`] if either has no answers; [`Error::Overflow`] if both together exceed 64 bits.
    pub fn mann_whitney(&self, other: &Self) -> Result<MannWhitney> {
        self.ratings().mann_whitney(other.ratings())
    }

    /// The mean of those who answered and how many did not: as [`RatingTally::non_response`].
    ///
    /// # Errors
    /// [`Error::Undefined`] without answers.
    pub fn non_response(&self) -> Result<MeanNonResponse> {
        self.ratings().non_response()
    }
}

impl GroupedRatingTally {
    /// The mean rating of each group that has answers, with its number and its t interval, in order: as [`RatingTally::mean_estimate`], with
    /// the t distribution evaluated once for each number of answers that occurs. A group with one answer has an error in its place.
    ///
    /// ```
    /// use customer_metrics::{Confidence, Tally};
    /// use customer_metrics::satisfaction::{GroupedRatingTally, RatingGroups, Scale};
    ///
    /// let mut agents = GroupedRatingTally::empty(RatingGroups::new(Scale::ONE_TO_FIVE, 3)?);
    /// agents.record_columns(&[0, 2, 0, 0], &[5, 2, 4, 4])?;
    /// let estimates = agents.mean_estimates_by_group(Confidence::P95);
    /// assert_eq!(format!("{:.2}", estimates[0].1.clone()?), "4.33 (2.90 to 5.00, 95% t, n = 3)");
    /// // Group 1 has no answers, and the one of group 2 no variance.
    /// assert!(estimates.len() == 2 && estimates[1].0 == 2 && estimates[1].1.is_err());
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn mean_estimates_by_group(&self, confidence: Confidence) -> Vec<(u32, Result<Estimate>)> {
        let measure = measure(self.scale());
        let mut quantiles = HashMap::new();
        let mut estimate = |counts: &[u64]| {
            let moments = moments((i128::from(self.scale().low())..).zip(counts.iter().copied()))?;
            let n = moments.n();
            if n < 2 {
                return measure.estimate(&moments, confidence);
            }
            let degrees = n.saturating_sub(1);
            let quantile = *quantiles.entry(n).or_insert_with(|| student_t_quantile(confidence.tail(), count_to_f64(degrees)));
            Ok(measure.estimate_by_quantile(&moments, quantile, confidence))
        };
        let answered = (0_u32..).zip(self.group_counts()).filter(|(_, counts)| counts.iter().any(|count| *count > 0));
        answered.map(|(group, counts)| (group, estimate(counts))).collect()
    }
}

/// Ratings of 8 bits leave room in 128 for every sum.
pub(super) fn moments(counts: impl IntoIterator<Item = (i128, u64)>) -> Result<Moments> {
    Moments::of_counts(counts).ok_or_else(|| Error::count_overflow("answers"))
}

pub(super) fn measure(scale: Scale) -> Measure {
    let range = [scale.low(), scale.high()].map(f64::from);
    Measure { metric: "mean rating", nothing: "no question was answered", units: 1.0, range }
}

/// Two groups are compared on the same ratings; from which one on a customer counts as satisfied does not matter here.
pub(super) fn check_scales(first: Scale, second: Scale) -> Result<()> {
    if (first.low(), first.high()) == (second.low(), second.high()) { Ok(()) } else { Err(Error::mismatch("scale", first, second)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_that_of_the_exact_mean_and_variance() {
        let tally = RatingTally::from_counts(Scale::ZERO_TO_TEN, &[3, 0, 1, 4, 1, 5, 9, 2, 6, 5, 3], 7).unwrap();
        let estimate = tally.mean_estimate(Confidence::P95).unwrap();
        assert!((estimate.point() - to_f64(tally.mean().unwrap())).abs() < 1e-15);
        let reach = student_t_quantile(0.025, 38.0) * (to_f64(tally.variance().unwrap()) / 39.0).sqrt();
        assert!((estimate.interval().high() - estimate.point() - reach).abs() < 1e-14);
        assert_eq!(estimate.n(), 39);
    }

    #[test]
    fn every_group_has_the_estimate_of_its_own_tally() {
        use crate::satisfaction::RatingGroups;
        use crate::tally::Tally;

        let mut grouped = GroupedRatingTally::empty(RatingGroups::new(Scale::ONE_TO_SEVEN, 4).unwrap());
        grouped.record_columns_with_missing(&[0, 0, 0, 1, 1, 2, 0, 2, 1, 2], &[1, 7, 4, 2, 2, 5, 6, 0, 0, 0], 0).unwrap();
        let by_group = grouped.mean_estimates_by_group(Confidence::P90);
        assert_eq!(by_group.iter().map(|(group, _)| *group).collect::<Vec<_>>(), [0, 1, 2]);
        for (group, estimate) in by_group {
            assert_eq!(estimate, grouped.tally(group).unwrap().mean_estimate(Confidence::P90));
        }
    }

    #[test]
    fn scales_must_have_the_same_ratings_but_not_the_same_threshold() {
        let strict = RatingTally::from_counts(Scale::new(1, 5, 5).unwrap(), &[1, 2, 3, 4, 5], 0).unwrap();
        let usual = RatingTally::from_counts(Scale::ONE_TO_FIVE, &[5, 4, 3, 2, 1], 0).unwrap();
        assert!(strict.mean_difference(&usual, Confidence::P95).is_ok());
        let longer = RatingTally::from_counts(Scale::ONE_TO_SEVEN, &[5, 4, 3, 2, 1, 0, 0], 0).unwrap();
        assert!(matches!(strict.mean_difference(&longer, Confidence::P95), Err(Error::Mismatch { field: "scale", .. })));
        assert!(matches!(strict.mann_whitney(&longer), Err(Error::Mismatch { field: "scale", .. })));
    }
}
