//! The confidence of an interval.

use core::fmt;

use rust_decimal::Decimal;

use crate::decimal::{self, count_to_f64};
use crate::error::{Bound, Error, Result};
use crate::special::two_sided_normal_quantile;

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
pub struct Confidence {
    level: f64,
    /// What is missing to 1, kept because `1 - level` would lose its digits where the level is close to 1.
    rest: f64,
}

impl Confidence {
    /// 90%.
    pub const P90: Self = Self { level: 0.90, rest: 0.10 };
    /// 95%, the custom of most fields.
    pub const P95: Self = Self { level: 0.95, rest: 0.05 };
    /// 99%.
    pub const P99: Self = Self { level: 0.99, rest: 0.01 };

    /// A confidence such as 0.95, taken as the shortest decimal number that names the double: 0.999999 leaves exactly one in a million.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless strictly between 0 and 1.
    pub fn new(level: f64) -> Result<Self> {
        if level > 0.0 && level < 1.0 {
            Ok(Self { level, rest: exact_rest(level).unwrap_or(1.0 - level) })
        } else {
            Err(Error::out_of_bounds("confidence", level, Bound::StrictlyBetween(0_u64.into(), 1_u64.into())))
        }
    }

    /// The level, such as 0.95.
    #[must_use]
    pub fn level(self) -> f64 {
        self.level
    }

    /// How many standard errors a normal estimate lies from the truth at most, with this confidence.
    pub(crate) fn two_sided_z(self) -> f64 {
        two_sided_normal_quantile(self.level, self.rest)
    }

    /// The confidence of each of so many statements that are to hold together with this one: Bonferroni's.
    pub(crate) fn spread_over(self, statements: u64) -> Self {
        let rest = self.rest / count_to_f64(statements.max(1));
        Self { level: 1.0 - rest, rest }
    }

    /// Half of what is missing to 1: the probability on either side of an interval.
    pub(crate) fn tail(self) -> f64 {
        self.rest / 2.0
    }
}

/// `1 - level` without rounding in between; `None` for a level with more digits than a decimal holds.
fn exact_rest(level: f64) -> Option<f64> {
    let level = Decimal::from_str_exact(&level.to_string()).ok()?;
    decimal::exact_sub("confidence", Decimal::ONE, level).ok().map(decimal::to_f64)
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
        let percent = Decimal::from_str_exact(&self.level.to_string())
            .ok()
            .and_then(|level| decimal::exact_mul("confidence", level, Decimal::ONE_HUNDRED).ok());
        match percent {
            Some(percent) => write!(f, "{percent}%"),
            None => write!(f, "{}%", self.level * 100.0),
        }
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
        confidence.level
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
        for (level, text) in [(0.999, "99.9%"), (0.999_999_999, "99.9999999%"), (1e-12, "0.0000000001%"), (0.07, "7%")] {
            assert_eq!(Confidence::new(level).unwrap().to_string(), text);
        }
    }

    #[test]
    fn the_rest_is_that_of_the_decimal_number() {
        for (confidence, level) in [(Confidence::P90, 0.90), (Confidence::P95, 0.95), (Confidence::P99, 0.99)] {
            assert_eq!(Confidence::new(level), Ok(confidence));
        }
        assert_eq!(Confidence::new(0.999_999).unwrap().rest.to_bits(), 1e-6_f64.to_bits());
        let tiny = Confidence::new(f64::MIN_POSITIVE).unwrap();
        assert_eq!(tiny.rest.to_bits(), 1.0_f64.to_bits());
        assert!(tiny.two_sided_z() > 0.0);
    }
}
