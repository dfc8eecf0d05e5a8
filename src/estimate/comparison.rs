//! A comparison of two groups, with its uncertainty.

use core::fmt;

use super::{Confidence, Interval};
#[cfg(feature = "serde")]
use crate::error::{Bound, Error, Result};

/// How two groups compare, with the uncertainty: a difference, a ratio or an odds ratio of what was counted in each.
///
/// The type of its method says which: [`DifferenceMethod`](super::DifferenceMethod), [`RatioMethod`](super::RatioMethod),
/// [`OddsRatioMethod`](super::OddsRatioMethod), [`NetScoreMethod`](crate::satisfaction::NetScoreMethod).
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
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(
        try_from = "ComparisonState<M>",
        into = "ComparisonState<M>",
        bound(serialize = "M: ComparisonMethod + serde::Serialize", deserialize = "M: ComparisonMethod + serde::Deserialize<'de>")
    )
)]
pub struct Comparison<M> {
    point: f64,
    interval: Interval,
    confidence: Confidence,
    method: M,
    n: [u64; 2],
}

/// How the interval of a [`Comparison`] was made, and with it what was compared.
pub trait ComparisonMethod: Copy + fmt::Display + sealed::Sealed {
    /// The lowest value that the comparison can have.
    const LOWEST: f64;
    /// The highest value that the comparison can have; the largest number where there is no limit.
    const HIGHEST: f64;

    /// Whether every interval of this method holds the comparison of what was observed.
    fn holds_the_point(self) -> bool {
        true
    }
}

pub(crate) mod sealed {
    pub trait Sealed {}
}

impl<M: ComparisonMethod> Comparison<M> {
    /// The comparison of a computation that cannot give anything else.
    pub(crate) fn computed(point: f64, interval: Interval, confidence: Confidence, method: M, n: [u64; 2]) -> Self {
        debug_assert!(interval.contains(point) || !method.holds_the_point(), "{interval} does not hold {point}");
        debug_assert!(M::LOWEST <= interval.low() && interval.high() <= M::HIGHEST, "{interval} is out of range");
        Self { point, interval, confidence, method, n }
    }

    /// The comparison of what was observed: of the first group with the second.
    #[must_use]
    pub fn point(&self) -> f64 {
        self.point
    }

    /// Where the true value may lie.
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
}

/// Everything in one line; a precision such as `{:.3}` applies to point and ends.
impl<M: ComparisonMethod> fmt::Display for Comparison<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.point, f)?;
        f.write_str(" (")?;
        fmt::Display::fmt(&self.interval, f)?;
        let [first, second] = self.n;
        write!(f, ", {} {}, n = {first} and {second})", self.confidence, self.method)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ComparisonState<M> {
    point: f64,
    interval: Interval,
    confidence: Confidence,
    method: M,
    n: [u64; 2],
}

#[cfg(feature = "serde")]
impl<M: ComparisonMethod> TryFrom<ComparisonState<M>> for Comparison<M> {
    type Error = Error;

    fn try_from(state: ComparisonState<M>) -> Result<Self> {
        let ComparisonState { point, interval, confidence, method, n } = state;
        for (field, value) in [("point", point), ("low", interval.low()), ("high", interval.high())] {
            if !(M::LOWEST..=M::HIGHEST).contains(&value) {
                return Err(Error::out_of_bounds(field, value, Bound::Within(M::LOWEST.into(), M::HIGHEST.into())));
            }
        }
        if method.holds_the_point() && !interval.contains(point) {
            return Err(Error::out_of_bounds("point", point, Bound::Within(interval.low().into(), interval.high().into())));
        }
        if n.contains(&0) {
            return Err(Error::out_of_bounds("n", 0_u64, Bound::AtLeast(1_u64.into())));
        }
        Ok(Self { point, interval, confidence, method, n })
    }
}

#[cfg(feature = "serde")]
impl<M> From<Comparison<M>> for ComparisonState<M> {
    fn from(comparison: Comparison<M>) -> Self {
        let Comparison { point, interval, confidence, method, n } = comparison;
        Self { point, interval, confidence, method, n }
    }
}
