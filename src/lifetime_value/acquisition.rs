//! What winning a customer costs, and how long it takes to earn that back.

use core::fmt;

use rust_decimal::Decimal;

use super::GrossMargin;
use crate::decimal;
use crate::decimal::non_negative;
use crate::error::{Error, Result};

/// The cost of winning one new customer.
///
/// ```text
/// acquisition cost = spend on winning customers / customers won
/// ```
///
/// ```
/// use customer_metrics::{Decimal, lifetime_value::{AcquisitionCost, GrossMargin}};
///
/// let cost = AcquisitionCost::from_spend(Decimal::from(60_000), 100)?;
/// assert_eq!(cost.amount(), Decimal::from(600));
/// let margin = GrossMargin::new("0.8".parse().unwrap())?;
/// assert_eq!(cost.payback_periods(Decimal::from(50), margin)?, Decimal::from(15));
/// assert_eq!(cost.value_to_cost(Decimal::from(1_800))?, Decimal::from(3));
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "AcquisitionCostState", into = "AcquisitionCostState")
)]
pub struct AcquisitionCost(Decimal);

impl AcquisitionCost {
    /// So much per customer.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if negative.
    pub fn new(amount: Decimal) -> Result<Self> {
        non_negative("acquisition cost", amount).map(Self)
    }

    /// What each of the customers cost that this spend has won, rounded to 28 digits.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the spend is negative; [`Error::Undefined`] if no customers were won.
    pub fn from_spend(spend: Decimal, customers_won: u64) -> Result<Self> {
        let spend = non_negative("spend", spend)?;
        decimal::div("acquisition cost", "no customers were won", spend, customers_won.into()).map(Self)
    }

    /// The amount per customer.
    #[must_use]
    pub fn amount(&self) -> Decimal {
        self.0
    }

    /// After how many periods the customer has earned what they cost, not rounded up to whole ones.
    ///
    /// ```text
    /// payback = acquisition cost / (revenue per period x gross margin)
    /// ```
    ///
    /// Periods are those of the revenue: months, in most reports. Churn and interest are left out, as is usual.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the revenue is negative; [`Error::Undefined`] if revenue x margin is not positive, since the cost never
    /// comes back then.
    pub fn payback_periods(&self, revenue_per_period: Decimal, margin: GrossMargin) -> Result<Decimal> {
        let profit = margin.of(non_negative("revenue per period", revenue_per_period)?)?;
        if profit < Decimal::ZERO {
            return Err(Error::Undefined { metric: "payback", because: "the customer loses money" });
        }
        decimal::div("payback", "the customer earns nothing", self.0, profit)
    }

    /// How many times its cost a customer is worth. Above 3 is what many software companies aim at; it depends on the definition of the
    /// value, so say which.
    ///
    /// ```text
    /// value to cost = lifetime value / acquisition cost
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] if the cost is 0.
    pub fn value_to_cost(&self, lifetime_value: Decimal) -> Result<Decimal> {
        decimal::div("value to cost", "the acquisition cost is 0", lifetime_value, self.0)
    }
}

/// The amount, such as `600 a customer`.
impl fmt::Display for AcquisitionCost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} a customer", self.0)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct AcquisitionCostState(#[serde(with = "crate::decimal::text")] Decimal);

#[cfg(feature = "serde")]
impl TryFrom<AcquisitionCostState> for AcquisitionCost {
    type Error = Error;

    fn try_from(state: AcquisitionCostState) -> Result<Self> {
        Self::new(state.0)
    }
}

#[cfg(feature = "serde")]
impl From<AcquisitionCost> for AcquisitionCostState {
    fn from(cost: AcquisitionCost) -> Self {
        Self(cost.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proportion::Proportion;

    #[test]
    fn without_customers_or_earnings_nothing_is_defined() {
        assert!(matches!(AcquisitionCost::from_spend(Decimal::TEN, 0), Err(Error::Undefined { metric: "acquisition cost", .. })));
        assert!(matches!(AcquisitionCost::from_spend(Decimal::NEGATIVE_ONE, 1), Err(Error::OutOfBounds { field: "spend", .. })));
        let cost = AcquisitionCost::new(Decimal::TEN).unwrap();
        let all = GrossMargin::from(Proportion::ONE);
        let loss = GrossMargin::new(Decimal::NEGATIVE_ONE).unwrap();
        assert!(matches!(cost.payback_periods(Decimal::ZERO, all), Err(Error::Undefined { metric: "payback", .. })));
        assert!(matches!(cost.payback_periods(Decimal::ONE, loss), Err(Error::Undefined { because: "the customer loses money", .. })));
        assert!(cost.payback_periods(Decimal::NEGATIVE_ONE, loss).is_err());
    }

    #[test]
    fn a_customer_won_for_nothing_pays_at_once_and_has_no_ratio() {
        let free = AcquisitionCost::from_spend(Decimal::ZERO, u64::MAX).unwrap();
        assert_eq!(free.payback_periods(Decimal::ONE, GrossMargin::from(Proportion::ONE)), Ok(Decimal::ZERO));
        assert!(matches!(free.value_to_cost(Decimal::ONE), Err(Error::Undefined { metric: "value to cost", .. })));
        assert_eq!(AcquisitionCost::new(Decimal::TEN).unwrap().value_to_cost(Decimal::from(-5)), Ok(Decimal::new(-5, 1)));
    }
}
