//! The confidence of an interval.

use core::fmt;

use crate::error::{Bound, Error, Result};
use crate::special::normal_quantile;

/// How often an interval made this way would hold the true value, in the long run: strictly between 0 and 1.
///
/// ```
/// use customer_metrics::Confidence;
///
/// assert_eq!(Confidence::new(0.95)?, Confidence::P95);
/// assert!(Confidence::new(95.0).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "f64", into = "f64"))]
pub struct Confidence(f64);

impl Confidence {
    /// 90%.
    pub const P90: Self = Self(0.90);
    /// 95%, the custom of most fields.
    pub const P95: Self = Self(0.95);
    /// 99%.
    pub const P99: Self = Self(0.99);

    /// A confidence such as 0.95.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless strictly between 0 and 1.
    pub fn new(level: f64) -> Result<Self> {
        if level > 0.0 && level < 1.0 {
            Ok(Self(level))
        } else {
            Err(Error::out_of_bounds("confidence", level, Bound::StrictlyBetween(0_u64.into(), 1_u64.into())))
        }
    }

    /// The level, such as 0.95.
    #[must_use]
    pub fn level(self) -> f64 {
        self.0
    }

    /// How many standard errors a normal estimate lies from the truth at most, with this confidence.
    pub(crate) fn two_sided_z(self) -> f64 {
        -normal_quantile((1.0 - self.0) / 2.0)
    }
}

/// 95%.
impl Default for Confidence {
    fn default() -> Self {
        Self::P95
    }
}

/// As a percentage, such as `95%`.
impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = (self.0 * 1e8).round() / 1e6;
        write!(f, "{percent}%")
    }
}

impl TryFrom<f64> for Confidence {
    type Error = Error;

    fn try_from(level: f64) -> Result<Self> {
        Self::new(level)
    }
}

impl From<Confidence> for f64 {
    fn from(confidence: Confidence) -> Self {
        confidence.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_but_the_open_unit_interval_is_refused() {
        for level in [0.0, 1.0, -0.5, 95.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(matches!(Confidence::new(level), Err(Error::OutOfBounds { field: "confidence", .. })), "{level}");
        }
        assert!(Confidence::new(f64::MIN_POSITIVE).is_ok());
        assert_eq!(Confidence::new(0.999).unwrap().to_string(), "99.9%");
    }
}
