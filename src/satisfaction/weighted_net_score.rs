//! A net score, such as NPS, of weighted answers.

use core::fmt;

use rust_decimal::Decimal;

use super::NetScoreMethod;
use super::net_score_estimate::RealNetScore;
use crate::decimal;
use crate::error::{Error, Result};
use crate::estimate::{
    Alternative, Comparison, Confidence, Estimate, Interval, Method, SignificanceTest, Spread, TestMethod, WeightSums, degrees_at, product,
    reduced_ratio, t_reach_at, with_replacement,
};

/// How the interval of a weighted net score is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum WeightedNetScoreMethod {
    /// A method for counts, at Kish's effective number of answers.
    EffectiveSize(NetScoreMethod),
    /// The score and Student's t times the [linearised standard error](WeightedNetScore::standard_error), with one degree of freedom less than
    /// there are answers; cut off at -1 and 1. No width where all answers are alike.
    Linearised,
}

/// The adjusted Wald interval at Kish's effective number of answers.
impl Default for WeightedNetScoreMethod {
    fn default() -> Self {
        Self::EffectiveSize(NetScoreMethod::AdjustedWald)
    }
}

impl From<WeightedNetScoreMethod> for Method {
    fn from(method: WeightedNetScoreMethod) -> Self {
        match method {
            WeightedNetScoreMethod::EffectiveSize(NetScoreMethod::AdjustedWald) => Self::NetScoreAdjustedWaldAtEffectiveSize,
            WeightedNetScoreMethod::EffectiveSize(NetScoreMethod::Wald) => Self::NetScoreWaldAtEffectiveSize,
            WeightedNetScoreMethod::Linearised => Self::Linearised,
        }
    }
}

impl fmt::Display for WeightedNetScoreMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Method::from(*self).fmt(f)
    }
}

/// The weight of promoters less that of detractors, of the weight of all answers.
///
/// It comes from [`WeightedRatingTally::nps`](super::WeightedRatingTally::nps) or
/// [`WeightedRatingTally::net_satisfaction`](super::WeightedRatingTally::net_satisfaction).
///
/// ```
/// use customer_metrics::{Confidence, Tally};
/// use customer_metrics::satisfaction::{Scale, WeightedRatings, WeightedRatingTally};
///
/// let mut survey = WeightedRatingTally::empty(WeightedRatings::new(Scale::ZERO_TO_TEN, 0)?);
/// survey.record_columns(&[10, 9, 9, 7, 3, 10, 8, 10], &[1, 1, 2, 2, 3, 1, 1, 1])?;
/// let nps = survey.nps()?;
/// assert_eq!(nps.value().to_string(), "0.25");
/// let estimate = nps.estimate(Confidence::P95);
/// assert_eq!(format!("{estimate:.2}"), "0.25 (-0.34 to 0.68, 95% adjusted Wald at effective n, n = 8)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WeightedNetScore {
    promoters: WeightSums,
    passives: WeightSums,
    detractors: WeightSums,
    whole: WeightSums,
}

impl WeightedNetScore {
    /// Of sums that fit together.
    pub(super) fn of(metric: &'static str, because: &'static str, [promoters, passives, detractors]: [WeightSums; 3]) -> Result<Self> {
        let whole = promoters.and(&passives).and(&detractors);
        if whole.sum == 0 {
            return Err(Error::Undefined { metric, because });
        }
        Ok(Self { promoters, passives, detractors, whole })
    }

    /// How many answers have a weight above 0.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.whole.answers
    }

    /// Kish's effective number of answers: how many of equal weight would be as sure.
    #[must_use]
    pub fn effective_n(&self) -> f64 {
        self.whole.effective_n()
    }

    /// The score in -1..=1, rounded half away from zero at the 28th decimal place.
    #[must_use]
    pub fn value(&self) -> Decimal {
        self.scaled(1)
    }

    /// The score in points, -100..=100, rounded half away from zero to 28 digits.
    #[must_use]
    pub fn points(&self) -> Decimal {
        self.scaled(100)
    }

    fn net(&self) -> i128 {
        decimal::wide(self.promoters.sum).saturating_sub(decimal::wide(self.detractors.sum))
    }

    fn scaled(&self, factor: i128) -> Decimal {
        let net = self.net().saturating_mul(factor);
        decimal::ratio("net score", "the weights are 0", net, decimal::wide(self.whole.sum)).unwrap_or(Decimal::ZERO)
    }

    /// The standard error of the score in -1..=1 as a ratio of two sums, linearised.
    ///
    /// ```text
    /// se^2 = n / (n - 1) x sum of w^2 (x - score)^2 / (sum of w)^2,  x = 1, 0, -1 for promoters, passives, detractors
    /// ```
    ///
    /// Within 1e-14 relative; sources as for [`WeightedShare::standard_error`](crate::estimate::WeightedShare::standard_error).
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two answers.
    pub fn standard_error(&self) -> Result<f64> {
        let correction = with_replacement(self.answers(), "standard error of a weighted net score")?;
        let whole = self.whole.sum;
        let groups = [(self.promoters, 1), (self.passives, 0), (self.detractors, -1_i128)];
        let variance = groups.into_iter().fold(0.0, |variance, (sums, x)| {
            let apart = decimal::wide(whole).saturating_mul(x).saturating_sub(self.net());
            let apart = reduced_ratio(apart.unsigned_abs(), whole.into());
            variance + reduced_ratio(sums.squares, product(whole, whole)) * apart * apart
        });
        Ok((correction * variance).sqrt())
    }

    /// The score in -1..=1 with its interval: adjusted Wald at Kish's effective number of answers, the default of [`WeightedNetScoreMethod`].
    ///
    /// The default is not the linearised variance, because that is 0 for unanimous answers. With equal weights it is the interval of
    /// [`NetScore`](super::NetScore), bit for bit up to 2^53 answers.
    #[must_use]
    pub fn estimate(&self, confidence: Confidence) -> Estimate {
        self.at_effective_size(NetScoreMethod::AdjustedWald, confidence)
    }

    /// The score in -1..=1 with the interval of this method.
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two answers, by the linearised method.
    pub fn estimate_with(&self, confidence: Confidence, method: WeightedNetScoreMethod) -> Result<Estimate> {
        match method {
            WeightedNetScoreMethod::EffectiveSize(method) => Ok(self.at_effective_size(method, confidence)),
            WeightedNetScoreMethod::Linearised => {
                let effective = self.effective();
                let (point, reach) = (effective.score(), t_reach_at(confidence, self.effective_n()) * self.standard_error()?);
                let interval = Interval::holding(point, [point - reach, point + reach], [-1.0, 1.0]);
                let estimate = Estimate::holding(point, interval, confidence, Method::Linearised, self.answers());
                Ok(estimate.with_caution(effective.caution(NetScoreMethod::Wald)))
            }
        }
    }

    /// This score less the other, of independent groups, in -2..=2: adjusted Wald at Kish's effective numbers of answers.
    ///
    /// With equal weights it is the interval of [`NetScore::difference`](super::NetScore::difference), to some 1e-15.
    ///
    /// ```
    /// use customer_metrics::{Confidence, Tally};
    /// use customer_metrics::satisfaction::{Scale, WeightedRatings, WeightedRatingTally};
    ///
    /// let settings = WeightedRatings::new(Scale::ZERO_TO_TEN, 0)?;
    /// let (mut now, mut before) = (WeightedRatingTally::empty(settings), WeightedRatingTally::empty(settings));
    /// now.record_columns(&[10, 9, 9, 7, 9, 10, 8, 10], &[1, 1, 2, 2, 3, 1, 1, 1])?;
    /// before.record_columns(&[2, 9, 6, 7, 3, 10, 8, 0], &[1, 1, 2, 2, 3, 1, 1, 1])?;
    /// let change = now.nps()?.difference(&before.nps()?, Confidence::P95);
    /// assert_eq!(format!("{change:.2}"), "1.17 (0.17 to 1.43, 95% adjusted Wald at effective n, n = 8 and 8)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn difference(&self, other: &Self, confidence: Confidence) -> Comparison<WeightedNetScoreMethod> {
        self.difference_at_effective_sizes(other, confidence, NetScoreMethod::AdjustedWald)
    }

    /// This score less the other, of independent groups, with the interval of this method; the linearised one has the root of the two squared
    /// standard errors and Satterthwaite's degrees of freedom.
    ///
    /// # Errors
    /// [`Error::Undefined`] if either has fewer than two answers, by the linearised method.
    pub fn difference_with(
        &self,
        other: &Self,
        confidence: Confidence,
        method: WeightedNetScoreMethod,
    ) -> Result<Comparison<WeightedNetScoreMethod>> {
        match method {
            WeightedNetScoreMethod::EffectiveSize(method) => Ok(self.difference_at_effective_sizes(other, confidence, method)),
            WeightedNetScoreMethod::Linearised => {
                let spread = self.linearised_spread(other)?;
                let (point, reach) = (spread.difference, spread.reach(confidence));
                let interval = Interval::holding(point, [point - reach, point + reach], [-2.0, 2.0]);
                let (mine, theirs) = (self.effective().caution(NetScoreMethod::Wald), other.effective().caution(NetScoreMethod::Wald));
                let comparison = Comparison::computed(point, interval, confidence, method, [self.answers(), other.answers()]);
                Ok(comparison.with_caution(mine.or(theirs)))
            }
        }
    }

    /// Whether this score differs from the other, of independent groups: the two-sided t test from the linearised variance of each.
    ///
    /// ```text
    /// t = (score1 - score2) / sqrt(se1^2 + se2^2),  degrees of Satterthwaite from one less than the effective numbers of answers
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] if either has fewer than two answers, or if the answers of each group are all alike.
    pub fn test_difference(&self, other: &Self) -> Result<SignificanceTest> {
        self.test_difference_with(other, Alternative::default())
    }

    /// The same against a named alternative; [`Greater`](Alternative::Greater) is that this score is greater.
    ///
    /// # Errors
    /// As [`test_difference`](Self::test_difference).
    pub fn test_difference_with(&self, other: &Self, alternative: Alternative) -> Result<SignificanceTest> {
        let test = self.linearised_spread(other)?.test("test of two weighted net scores", alternative, TestMethod::LinearisedT)?;
        let (mine, theirs) = (self.effective().caution(NetScoreMethod::Wald), other.effective().caution(NetScoreMethod::Wald));
        Ok(test.with_caution(mine.or(theirs)))
    }

    fn minus(&self, other: &Self) -> f64 {
        (self.effective().score() - other.effective().score()).clamp(-2.0, 2.0)
    }

    fn linearised_spread(&self, other: &Self) -> Result<Spread> {
        let errors = [self.standard_error()?, other.standard_error()?];
        let degrees = [self, other].map(|score| degrees_at(score.effective_n()));
        Ok(Spread::of_independent(self.minus(other), errors.map(|error| error * error), degrees))
    }

    fn difference_at_effective_sizes(
        &self,
        other: &Self,
        confidence: Confidence,
        method: NetScoreMethod,
    ) -> Comparison<WeightedNetScoreMethod> {
        let (mine, theirs, point) = (self.effective(), other.effective(), self.minus(other));
        let interval = mine.interval_of_difference(point, &theirs, method, confidence);
        let n = [self.answers(), other.answers()];
        let comparison = Comparison::computed(point, interval, confidence, WeightedNetScoreMethod::EffectiveSize(method), n);
        comparison.with_caution(mine.caution(method).or_else(|| theirs.caution(method)))
    }

    fn at_effective_size(&self, method: NetScoreMethod, confidence: Confidence) -> Estimate {
        let effective = self.effective();
        let interval = effective.interval(method, confidence);
        let caution = effective.caution(method);
        let method = WeightedNetScoreMethod::EffectiveSize(method).into();
        Estimate::holding(effective.score(), interval, confidence, method, self.answers()).with_caution(caution)
    }

    /// The counts that the effective number of answers would have.
    fn effective(&self) -> RealNetScore {
        let counts = |part: u64| reduced_ratio(product(part, self.whole.sum), self.whole.squares);
        // One of the two is 0.
        let net =
            counts(self.promoters.sum.saturating_sub(self.detractors.sum)) - counts(self.detractors.sum.saturating_sub(self.promoters.sum));
        RealNetScore::new(counts(self.promoters.sum), counts(self.passives.sum), counts(self.detractors.sum), net)
    }
}

/// The rounded points and what is behind them, such as `25.0 points (8 answers, effectively 6.55)`.
impl fmt::Display for WeightedNetScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let points = decimal::round(self.points(), 1);
        write!(f, "{points:.1} points ({} answers, effectively {:.2})", self.answers(), self.effective_n())
    }
}

/// What is read off it, which is not read back.
#[cfg(feature = "serde")]
impl serde::Serialize for WeightedNetScore {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut fields = serializer.serialize_struct("WeightedNetScore", 3)?;
        fields.serialize_field("value", &self.value().normalize().to_string())?;
        fields.serialize_field("answers", &self.answers())?;
        fields.serialize_field("effective_n", &self.effective_n())?;
        fields.end()
    }
}
