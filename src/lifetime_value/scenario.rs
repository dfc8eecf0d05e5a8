//! What if each factor of a lifetime value were so much larger or smaller.

use core::fmt;

use rust_decimal::Decimal;

use super::LifetimeValue;
use crate::decimal;
use crate::decimal::non_negative;
use crate::error::{Bound, Error, Result};

/// By how much each factor of a [`LifetimeValue`] is multiplied.
///
/// ```
/// use customer_metrics::{Decimal, lifetime_value::{LifetimeValue, Scenario}};
///
/// let ten = Decimal::TEN;
/// let ten_percent_better = Scenario::from_percent_changes(ten, ten, ten)?;
/// let before = LifetimeValue::new(ten, ten, ten)?;
/// assert_eq!(ten_percent_better.apply(&before)?.total(), Decimal::from(1_331));
/// assert_eq!(ten_percent_better.to_string(), "order value x 1.1, orders per year x 1.1, years x 1.1");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "ScenarioState", into = "ScenarioState"))]
pub struct Scenario {
    order_value: Decimal,
    orders_per_year: Decimal,
    years: Decimal,
}

impl Scenario {
    /// Everything stays as it is.
    pub const UNCHANGED: Self = Self { order_value: Decimal::ONE, orders_per_year: Decimal::ONE, years: Decimal::ONE };

    /// From factors: 1.1 for a tenth more, 1 for no change.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if one of them is negative.
    pub fn from_factors(order_value: Decimal, orders_per_year: Decimal, years: Decimal) -> Result<Self> {
        Ok(Self {
            order_value: non_negative("order value factor", order_value)?,
            orders_per_year: non_negative("orders per year factor", orders_per_year)?,
            years: non_negative("years factor", years)?,
        })
    }

    /// From changes in percent: 10 for a tenth more, -10 for a tenth less, 0 for no change.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if one of them is below -100; [`Error::Inexact`] if a factor needs more than 28 digits.
    pub fn from_percent_changes(order_value: Decimal, orders_per_year: Decimal, years: Decimal) -> Result<Self> {
        Ok(Self {
            order_value: factor("order value change in percent", order_value)?,
            orders_per_year: factor("orders per year change in percent", orders_per_year)?,
            years: factor("years change in percent", years)?,
        })
    }

    /// The factor of the order value.
    #[must_use]
    pub fn order_value(&self) -> Decimal {
        self.order_value
    }

    /// The factor of the orders per year.
    #[must_use]
    pub fn orders_per_year(&self) -> Decimal {
        self.orders_per_year
    }

    /// The factor of the years.
    #[must_use]
    pub fn years(&self) -> Decimal {
        self.years
    }

    /// What `value` becomes, exact.
    ///
    /// # Errors
    /// [`Error::Inexact`] or [`Error::Overflow`] if a factor or the product does not fit into 28 digits.
    pub fn apply(&self, value: &LifetimeValue) -> Result<LifetimeValue> {
        LifetimeValue::new(
            decimal::exact_mul("order value", value.order_value(), self.order_value)?,
            decimal::exact_mul("orders per year", value.orders_per_year(), self.orders_per_year)?,
            decimal::exact_mul("years", value.years(), self.years)?,
        )
    }
}

fn factor(field: &'static str, percent: Decimal) -> Result<Decimal> {
    let lowest = decimal::negate(Decimal::ONE_HUNDRED);
    if percent < lowest {
        return Err(Error::out_of_bounds(field, percent, Bound::AtLeast(lowest.into())));
    }
    let change = decimal::exact_mul(field, percent, Decimal::new(1, 2))?;
    decimal::exact_add(field, Decimal::ONE, change)
}

/// No change.
impl Default for Scenario {
    fn default() -> Self {
        Self::UNCHANGED
    }
}

/// The three factors.
impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "order value x {}, orders per year x {}, years x {}", self.order_value, self.orders_per_year, self.years)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ScenarioState {
    #[serde(with = "crate::decimal::text")]
    order_value: Decimal,
    #[serde(with = "crate::decimal::text")]
    orders_per_year: Decimal,
    #[serde(with = "crate::decimal::text")]
    years: Decimal,
}

#[cfg(feature = "serde")]
impl TryFrom<ScenarioState> for Scenario {
    type Error = Error;

    fn try_from(state: ScenarioState) -> Result<Self> {
        Self::from_factors(state.order_value, state.orders_per_year, state.years)
    }
}

#[cfg(feature = "serde")]
impl From<Scenario> for ScenarioState {
    fn from(scenario: Scenario) -> Self {
        let Scenario { order_value, orders_per_year, years } = scenario;
        Self { order_value, orders_per_year, years }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_and_factors_say_the_same() {
        let percent = Scenario::from_percent_changes(Decimal::TEN, Decimal::from(-25), Decimal::ZERO).unwrap();
        let factors = Scenario::from_factors(Decimal::new(11, 1), Decimal::new(75, 2), Decimal::ONE).unwrap();
        assert_eq!(percent, factors);
    }

    #[test]
    fn less_than_nothing_cannot_be_left() {
        let gone = Scenario::from_percent_changes(Decimal::from(-100), Decimal::ZERO, Decimal::ZERO).unwrap();
        let value = LifetimeValue::new(Decimal::TEN, Decimal::TEN, Decimal::ONE).unwrap();
        assert_eq!(gone.apply(&value).unwrap().total(), Decimal::ZERO);
        let error = Scenario::from_percent_changes(Decimal::ZERO, Decimal::ZERO, Decimal::from(-101)).unwrap_err();
        assert_eq!(error.to_string(), "years change in percent is -101, but must be at least -100");
        assert!(Scenario::from_factors(Decimal::ONE, Decimal::NEGATIVE_ONE, Decimal::ONE).is_err());
    }

    #[test]
    fn no_change_changes_nothing() {
        let value = LifetimeValue::new(Decimal::new(1999, 2), Decimal::new(35, 1), Decimal::from(7)).unwrap();
        assert_eq!(Scenario::default().apply(&value), Ok(value));
    }
}
