//! What is left of revenue after the cost of what was sold.

use core::fmt;

use rust_decimal::Decimal;

use crate::decimal;
use crate::decimal::non_negative;
use crate::error::{Bound, Error, Result};
use crate::proportion::Proportion;

/// The share of revenue that is left after the cost of what was sold.
///
/// ```text
/// gross margin = (revenue - cost) / revenue
/// ```
///
/// It is 1 at most, and negative for what is sold below cost: a loss is a fact, not a mistake.
///
/// ```
/// use customer_metrics::{Decimal, lifetime_value::GrossMargin};
///
/// let margin = GrossMargin::from_revenue_and_cost(Decimal::from(500), Decimal::from(350))?;
/// assert_eq!(margin.to_string(), "30.0%");
/// assert_eq!(margin.of(Decimal::from(1_000))?, Decimal::from(300));
/// assert!(GrossMargin::from_revenue_and_cost(Decimal::ZERO, Decimal::ONE).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "GrossMarginState", into = "GrossMarginState")
)]
pub struct GrossMargin(Decimal);

impl GrossMargin {
    /// A margin as a rate, such as 0.3.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] above 1.
    pub fn new(rate: Decimal) -> Result<Self> {
        if rate > Decimal::ONE {
            return Err(Error::out_of_bounds("gross margin", rate, Bound::AtMost(Decimal::ONE.into())));
        }
        Ok(Self(rate.normalize()))
    }

    /// The margin on this revenue, rounded to 28 digits.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if revenue or cost is negative; [`Error::Undefined`] if the revenue is 0.
    pub fn from_revenue_and_cost(revenue: Decimal, cost: Decimal) -> Result<Self> {
        let (revenue, cost) = (non_negative("revenue", revenue)?, non_negative("cost", cost)?);
        let profit = decimal::sub("gross profit", revenue, cost)?;
        decimal::div("gross margin", "the revenue is 0", profit, revenue).map(Self)
    }

    /// The rate, such as 0.3.
    #[must_use]
    pub fn rate(&self) -> Decimal {
        self.0
    }

    /// The gross profit in so much revenue: margin x revenue, rounded to 28 digits.
    ///
    /// # Errors
    /// [`Error::Overflow`] if it does not fit into a [`Decimal`].
    pub fn of(&self, revenue: Decimal) -> Result<Decimal> {
        decimal::mul("gross profit", self.0, revenue).map(|profit| profit.normalize())
    }
}

/// What an account is worth over its life if it leaves at a constant rate: the rule of thumb of subscription businesses.
///
/// ```text
/// value = revenue per account and period x gross margin / churn per period
/// ```
///
/// It takes 1 / churn for the expected lifetime, which holds for a constant churn rate only: cohorts stay longer the older they are, so
/// a single rate values them too low (Fader and Hardie 2010). Revenue and churn must belong to periods of the same length. Nothing is
/// discounted; see [`RetentionModel`](super::RetentionModel). Rounded to 28 digits.
///
/// ```
/// use customer_metrics::{Decimal, Proportion, lifetime_value::{GrossMargin, value_from_churn}};
///
/// let margin = GrossMargin::new("0.8".parse().unwrap())?;
/// let churn = Proportion::from_percent(Decimal::TWO)?;
/// assert_eq!(value_from_churn(Decimal::from(50), margin, churn)?, Decimal::from(2_000));
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfBounds`] if the revenue is negative; [`Error::Undefined`] if the churn is 0: nobody ever leaves then.
pub fn value_from_churn(revenue_per_period: Decimal, margin: GrossMargin, churn: Proportion) -> Result<Decimal> {
    let profit = margin.of(non_negative("revenue per period", revenue_per_period)?)?;
    decimal::div("value from churn", "the churn is 0", profit, churn.to_decimal())
}

/// Every proportion is a margin.
impl From<Proportion> for GrossMargin {
    fn from(proportion: Proportion) -> Self {
        Self(proportion.to_decimal())
    }
}

/// The percentage with one decimal, such as `30.0%`.
impl fmt::Display for GrossMargin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match decimal::mul("gross margin", self.0, Decimal::ONE_HUNDRED) {
            Ok(percent) => write!(f, "{:.1}%", decimal::round(percent, 1)),
            Err(_) => write!(f, "{}", self.0),
        }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct GrossMarginState(#[serde(with = "crate::decimal::text")] Decimal);

#[cfg(feature = "serde")]
impl TryFrom<GrossMarginState> for GrossMargin {
    type Error = Error;

    fn try_from(state: GrossMarginState) -> Result<Self> {
        Self::new(state.0)
    }
}

#[cfg(feature = "serde")]
impl From<GrossMargin> for GrossMarginState {
    fn from(margin: GrossMargin) -> Self {
        Self(margin.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_cost_is_negative_and_without_revenue_undefined() {
        let margin = |revenue: i64, cost: i64| GrossMargin::from_revenue_and_cost(revenue.into(), cost.into());
        assert_eq!(margin(100, 0), GrossMargin::new(Decimal::ONE));
        assert_eq!(margin(100, 100), GrossMargin::new(Decimal::ZERO));
        assert_eq!(margin(100, 250).unwrap().rate(), Decimal::new(-15, 1));
        assert_eq!(margin(100, 250).unwrap().to_string(), "-150.0%");
        assert!(matches!(margin(0, 5), Err(Error::Undefined { metric: "gross margin", .. })));
        assert!(matches!(margin(-1, 5), Err(Error::OutOfBounds { field: "revenue", .. })));
        assert!(matches!(margin(1, -5), Err(Error::OutOfBounds { field: "cost", .. })));
        assert!(matches!(GrossMargin::new(Decimal::TWO), Err(Error::OutOfBounds { .. })));
    }

    #[test]
    fn without_churn_the_value_does_not_exist() {
        let all = GrossMargin::from(Proportion::ONE);
        assert!(matches!(value_from_churn(Decimal::TEN, all, Proportion::ZERO), Err(Error::Undefined { .. })));
        assert_eq!(value_from_churn(Decimal::TEN, all, Proportion::ONE), Ok(Decimal::TEN));
        assert!(value_from_churn(Decimal::NEGATIVE_ONE, all, Proportion::ONE).is_err());
        assert!(value_from_churn(Decimal::MAX, all, Proportion::new(Decimal::new(1, 1)).unwrap()).is_err());
    }
}
