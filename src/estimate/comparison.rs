//! A comparison of two groups, with its uncertainty.

use core::fmt;

use super::{Caution, Confidence, Interval, write_number};

/// How two groups compare, with the uncertainty.
///
/// The type of its method says what is compared:
///
/// | method | comparison |
/// |---|---|
/// | [`DifferenceMethod`](super::DifferenceMethod) | difference of two shares |
/// | [`RatioMethod`](super::RatioMethod), [`OddsRatioMethod`](super::OddsRatioMethod) | their ratio, their odds ratio |
/// | [`NetScoreMethod`](crate::satisfaction::NetScoreMethod) | difference of two net scores |
/// | [`MeanDifferenceMethod`](super::MeanDifferenceMethod) | difference of two means |
/// | [`SuperiorityMethod`](super::SuperiorityMethod) | probability that one group beats the other, or Cliff's delta |
/// | [`CorrelationDifferenceMethod`](super::CorrelationDifferenceMethod) | difference of two correlations |
/// | [`SurvivalDifferenceMethod`](crate::survival::SurvivalDifferenceMethod) | difference of two shares that survive |
/// | [`RestrictedMeanDifferenceMethod`](crate::survival::RestrictedMeanDifferenceMethod), [`RestrictedMeanRatioMethod`](crate::survival::RestrictedMeanRatioMethod) | difference and ratio of two restricted means |
/// | [`HazardRatioMethod`](crate::survival::HazardRatioMethod) | hazard ratio |
///
/// ```
/// use customer_metrics::{Confidence, Share};
///
/// let (this_month, last_month) = (Share::new(56, 70)?, Share::new(48, 80)?);
/// let difference = this_month.difference(&last_month, Confidence::P95);
/// assert_eq!(format!("{difference:.3}"), "0.200 (0.052 to 0.334, 95% Newcombe, n = 70 and 80)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Comparison<M> {
    point: f64,
    interval: Interval,
    confidence: Confidence,
    method: M,
    n: [u64; 2],
    caution: Option<Caution>,
}

impl<M: Copy> Comparison<M> {
    /// The comparison of a computation whose interval is that of its method.
    pub(crate) fn computed(point: f64, interval: Interval, confidence: Confidence, method: M, n: [u64; 2]) -> Self {
        Self { point, interval, confidence, method, n, caution: None }
    }

    pub(crate) fn with_caution(self, caution: Option<Caution>) -> Self {
        Self { caution, ..self }
    }

    /// The comparison of something that never falls where the compared metric rises.
    pub(crate) fn rising(&self, function: impl Fn(f64) -> f64) -> Self {
        let (point, low, high) = (function(self.point), function(self.interval.low()), function(self.interval.high()));
        Self { point, interval: Interval::ordered(low, high), ..*self }
    }

    /// The comparison of what was observed: of the first group with the second.
    #[must_use]
    pub fn point(&self) -> f64 {
        self.point
    }

    /// Where the true value may lie.
    ///
    /// It holds the [point](Self::point), with one exception: that of
    /// [`DifferenceMethod::AgrestiCaffo`](super::DifferenceMethod::AgrestiCaffo) is centred on shares with two answers added to each group, and
    /// leaves out what a handful of unanimous answers show.
    #[must_use]
    pub fn interval(&self) -> Interval {
        self.interval
    }

    /// The confidence of the interval.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// How the interval was made.
    #[must_use]
    pub fn method(&self) -> M {
        self.method
    }

    /// How many answers or customers are in the first group and in the second.
    #[must_use]
    pub fn n(&self) -> [u64; 2] {
        self.n
    }

    /// What is to be said against its method at this number of answers, if anything: see [`Caution`].
    #[must_use]
    pub fn caution(&self) -> Option<Caution> {
        self.caution
    }
}

/// Everything in one line; a precision such as `{:.3}` applies to point and ends, and six digits are shown without one.
impl<M: fmt::Display> fmt::Display for Comparison<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_number(self.point, f)?;
        f.write_str(" (")?;
        fmt::Display::fmt(&self.interval, f)?;
        let [first, second] = self.n;
        write!(f, ", {} {}, n = {first} and {second})", self.confidence, self.method)
    }
}
