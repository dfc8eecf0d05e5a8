//! The rate at which later money is worth less.

use core::fmt;

use rust_decimal::Decimal;

use crate::decimal;
use crate::decimal::non_negative;
use crate::error::Result;

/// The interest per period that money could earn elsewhere: 0 or more.
///
/// The period is that of the margin and the retention it is used with; a yearly rate does not belong to monthly payments.
///
/// ```
/// use customer_metrics::{Decimal, lifetime_value::DiscountRate};
///
/// let rate = DiscountRate::from_percent(Decimal::TEN)?;
/// assert_eq!(rate, DiscountRate::new("0.1".parse().unwrap())?);
/// assert_eq!(rate.to_string(), "10% a period");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "DiscountRateState", into = "DiscountRateState")
)]
pub struct DiscountRate(Decimal);

impl DiscountRate {
    /// Later money is worth as much.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// A rate such as 0.1.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`](crate::Error::OutOfBounds) if negative.
    pub fn new(rate: Decimal) -> Result<Self> {
        non_negative("discount rate", rate).map(Self)
    }

    /// A rate in percent, such as 10.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`](crate::Error::OutOfBounds) if negative; [`Error::Inexact`](crate::Error::Inexact) if the rate needs more
    /// than 28 digits.
    pub fn from_percent(percent: Decimal) -> Result<Self> {
        let percent = non_negative("discount rate in percent", percent)?;
        decimal::exact_mul("discount rate", percent, Decimal::new(1, 2)).map(Self)
    }

    /// The rate, such as 0.1.
    #[must_use]
    pub fn rate(&self) -> Decimal {
        self.0
    }

    /// What one unit grows to in a period: 1 + rate.
    pub(super) fn growth_factor(self) -> Result<Decimal> {
        decimal::add("discount rate", Decimal::ONE, self.0)
    }
}

/// The percentage, such as `10% a period`.
impl fmt::Display for DiscountRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match decimal::mul("discount rate", self.0, Decimal::ONE_HUNDRED) {
            Ok(percent) => write!(f, "{}% a period", percent.normalize()),
            Err(_) => write!(f, "{} a period", self.0),
        }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct DiscountRateState(#[serde(with = "crate::decimal::text")] Decimal);

#[cfg(feature = "serde")]
impl TryFrom<DiscountRateState> for DiscountRate {
    type Error = crate::error::Error;

    fn try_from(state: DiscountRateState) -> Result<Self> {
        Self::new(state.0)
    }
}

#[cfg(feature = "serde")]
impl From<DiscountRate> for DiscountRateState {
    fn from(rate: DiscountRate) -> Self {
        Self(rate.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negative_rate_is_refused() {
        assert_eq!(DiscountRate::new(Decimal::new(-1, 2)).unwrap_err().to_string(), "discount rate is -0.01, but must be at least 0");
        assert!(DiscountRate::from_percent(Decimal::NEGATIVE_ONE).is_err());
        assert_eq!(DiscountRate::from_percent(Decimal::ZERO), Ok(DiscountRate::ZERO));
        assert!(DiscountRate::new(Decimal::MAX).unwrap().growth_factor().is_err());
    }
}
