//! The difference of two weighted shares.

use core::fmt;

use super::WeightedShare;
use super::weighted_share::degrees_at;
use crate::error::Result;
use crate::estimate::means::Spread;
use crate::estimate::share::{interval_of_difference, quotient_difference};
use crate::estimate::{Alternative, Comparison, Confidence, DifferenceMethod, Interval, SignificanceTest, TestMethod};

/// How the interval for the difference of two weighted shares is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum WeightedDifferenceMethod {
    /// A method for counts, at Kish's effective number of answers of each group, as in
    /// [`WeightedShareMethod::EffectiveSize`](super::WeightedShareMethod::EffectiveSize).
    EffectiveSize(DifferenceMethod),
    /// The difference and Student's t times the root of the two squared [linearised standard errors](WeightedShare::standard_error), with
    /// Satterthwaite's degrees of freedom; cut off at -1 and 1. No width where all answers of both groups are alike.
    ///
    /// ```text
    /// low, high = p1 - p2 -/+ t sqrt(se1^2 + se2^2),  degrees = (se1^2 + se2^2)^2 / (se1^4 / (n1* - 1) + se2^4 / (n2* - 1))
    /// n*        = Kish's effective number of answers of each
    /// ```
    ///
    /// Sources: Binder (1983) for the errors; F. E. Satterthwaite, Biometrics Bulletin 2 (1946), 110-114, for the degrees.
    Linearised,
}

/// Newcombe's interval at Kish's effective numbers of answers.
impl Default for WeightedDifferenceMethod {
    fn default() -> Self {
        Self::EffectiveSize(DifferenceMethod::Newcombe)
    }
}

impl fmt::Display for WeightedDifferenceMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EffectiveSize(method) => write!(f, "{method} at effective n"),
            Self::Linearised => f.write_str("linearised t"),
        }
    }
}

impl WeightedShare {
    /// This share less the other, of independent groups, with Newcombe's interval at Kish's effective numbers of answers, the default of
    /// [`WeightedDifferenceMethod`]: the two default intervals, squared and added.
    ///
    /// With equal weights it is the interval of [`Share::difference`](crate::Share::difference), to some 1e-15. Source: R. G. Newcombe (1998),
    /// as at [`DifferenceMethod::Newcombe`]; G. Y. Zou and A. Donner, "Construction of confidence limits about effect measures: a general
    /// approach", Statistics in Medicine 27 (2008), 1693-1702, for limits of any origin.
    ///
    /// ```
    /// use customer_metrics::{Confidence, Tally};
    /// use customer_metrics::satisfaction::{Scale, WeightedRatings, WeightedRatingTally};
    ///
    /// let settings = WeightedRatings::new(Scale::ONE_TO_FIVE, 1)?;
    /// let (mut now, mut before) = (WeightedRatingTally::empty(settings), WeightedRatingTally::empty(settings));
    /// now.record_columns(&[5, 4, 5, 2, 4, 5, 4, 5], &[10, 10, 20, 20, 5, 10, 10, 10])?;
    /// before.record_columns(&[1, 4, 2, 2, 4, 3, 1, 5], &[10, 10, 20, 20, 5, 10, 10, 10])?;
    /// let change = now.csat()?.difference(&before.csat()?, Confidence::P95);
    /// assert_eq!(format!("{change:.2}"), "0.53 (0.01 to 0.78, 95% Newcombe at effective n, n = 8 and 8)");
    /// let test = now.csat()?.test_difference(&before.csat()?)?;
    /// assert_eq!(format!("{test:.2}"), "t(11.23) = 2.12, p = 0.0575 (two-sided linearised t test)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn difference(&self, other: &Self, confidence: Confidence) -> Comparison<WeightedDifferenceMethod> {
        self.at_effective_sizes(other, confidence, DifferenceMethod::Newcombe)
    }

    /// This share less the other, of independent groups, with the interval of this method.
    ///
    /// # Errors
    /// [`Error::Undefined`](crate::Error::Undefined) if either has fewer than two answers, by the linearised method.
    pub fn difference_with(
        &self,
        other: &Self,
        confidence: Confidence,
        method: WeightedDifferenceMethod,
    ) -> Result<Comparison<WeightedDifferenceMethod>> {
        match method {
            WeightedDifferenceMethod::EffectiveSize(method) => Ok(self.at_effective_sizes(other, confidence, method)),
            WeightedDifferenceMethod::Linearised => {
                let (point, reach) = (self.minus(other), self.linearised_spread(other)?.reach(confidence));
                let interval = Interval::holding(point, [point - reach, point + reach], [-1.0, 1.0]);
                let comparison = Comparison::computed(point, interval, confidence, method, [self.answers(), other.answers()]);
                Ok(comparison.with_caution(self.linearised_caution()?.or(other.linearised_caution()?)))
            }
        }
    }

    /// Whether this share differs from the other, of independent groups: the two-sided t test from the linearised variance of each.
    ///
    /// ```text
    /// t = (p1 - p2) / sqrt(se1^2 + se2^2),  degrees as by WeightedDifferenceMethod::Linearised
    /// ```
    ///
    /// With equal weights it is Welch's t test of answers that are 1 or 0, and not the pooled z test of
    /// [`Share::test_difference`](crate::Share::test_difference). It is significant where the linearised interval leaves out 0.
    ///
    /// # Errors
    /// [`Error::Undefined`](crate::Error::Undefined) if either has fewer than two answers, or if the answers of each group are all alike.
    pub fn test_difference(&self, other: &Self) -> Result<SignificanceTest> {
        self.test_difference_with(other, Alternative::default())
    }

    /// The same against a named alternative; [`Greater`](Alternative::Greater) is that this share is greater.
    ///
    /// # Errors
    /// As [`test_difference`](Self::test_difference).
    pub fn test_difference_with(&self, other: &Self, alternative: Alternative) -> Result<SignificanceTest> {
        let test = self.linearised_spread(other)?.test("test of two weighted shares", alternative, TestMethod::LinearisedT)?;
        Ok(test.with_caution(self.linearised_caution()?.or(other.linearised_caution()?)))
    }

    fn minus(&self, other: &Self) -> f64 {
        let ([k1, n1], [k2, n2]) = (self.sums(), other.sums());
        quotient_difference(k1, n1, k2, n2).clamp(-1.0, 1.0)
    }

    fn at_effective_sizes(&self, other: &Self, confidence: Confidence, method: DifferenceMethod) -> Comparison<WeightedDifferenceMethod> {
        let point = self.minus(other);
        let interval = interval_of_difference(point, [self.effective(), other.effective()], method, confidence);
        let n = [self.answers(), other.answers()];
        Comparison::computed(point, interval, confidence, WeightedDifferenceMethod::EffectiveSize(method), n)
    }

    fn linearised_spread(&self, other: &Self) -> Result<Spread> {
        let variances = [self.linearised_variance()?, other.linearised_variance()?];
        let degrees = [self, other].map(|share| degrees_at(share.effective_n()));
        Ok(Spread::of_independent(self.minus(other), variances, degrees))
    }
}
