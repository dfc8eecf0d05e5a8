//! What a customer is worth: order value x orders per year x years.

use core::fmt;

use rust_decimal::Decimal;

use crate::decimal;
use crate::decimal::non_negative;
use crate::error::Result;

/// The lifetime value of a customer, in the simple form that most reports use.
///
/// ```text
/// lifetime value = order value x orders per year x years
/// ```
///
/// The order value is in the currency of the caller; orders and years may be fractions, such as 0.5 orders a year. The product keeps
/// every digit. It is revenue: multiply by a [`GrossMargin`](super::GrossMargin) for what is earned, and see
/// [`RetentionModel`](super::RetentionModel) for a value with churn and interest.
///
/// Source: doc-003.
///
/// ```
/// use customer_metrics::{Decimal, lifetime_value::LifetimeValue};
///
/// let weekly_shopper = LifetimeValue::new(Decimal::from(100), Decimal::from(52), Decimal::from(40))?;
/// assert_eq!(weekly_shopper.annual(), Decimal::from(5_200));
/// assert_eq!(weekly_shopper.total(), Decimal::from(208_000));
/// assert_eq!(weekly_shopper.to_string(), "100 an order x 52 orders a year x 40 years = 208000");
/// assert!(LifetimeValue::new(Decimal::NEGATIVE_ONE, Decimal::ONE, Decimal::ONE).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "LifetimeValueState", into = "LifetimeValueState")
)]
pub struct LifetimeValue {
    order_value: Decimal,
    orders_per_year: Decimal,
    years: Decimal,
    annual: Decimal,
    total: Decimal,
}

impl LifetimeValue {
    /// A customer who orders for `order_value`, `orders_per_year` times a year, for so many `years`.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`](crate::Error::OutOfBounds) if one of them is negative; [`Error::Inexact`](crate::Error::Inexact) or
    /// [`Error::Overflow`](crate::Error::Overflow) if the product does not fit into 28 digits.
    pub fn new(order_value: Decimal, orders_per_year: Decimal, years: Decimal) -> Result<Self> {
        let order_value = non_negative("order value", order_value)?;
        let orders_per_year = non_negative("orders per year", orders_per_year)?;
        let years = non_negative("years", years)?;
        let annual = decimal::exact_mul("annual value", order_value, orders_per_year)?;
        let total = decimal::exact_mul("lifetime value", annual, years)?;
        Ok(Self { order_value, orders_per_year, years, annual, total })
    }

    /// The value of one order.
    #[must_use]
    pub fn order_value(&self) -> Decimal {
        self.order_value
    }

    /// How many orders a year.
    #[must_use]
    pub fn orders_per_year(&self) -> Decimal {
        self.orders_per_year
    }

    /// For how many years.
    #[must_use]
    pub fn years(&self) -> Decimal {
        self.years
    }

    /// The value of one year: order value x orders per year, exact.
    #[must_use]
    pub fn annual(&self) -> Decimal {
        self.annual
    }

    /// The value of all years, exact.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.total
    }
}

/// The three factors and their product.
impl fmt::Display for LifetimeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { order_value, orders_per_year, years, total, .. } = self;
        let of = |count: &Decimal, one: &'static str, many: &'static str| if *count == Decimal::ONE { one } else { many };
        let (orders, time) = (of(orders_per_year, "order", "orders"), of(years, "year", "years"));
        write!(f, "{order_value} an order x {orders_per_year} {orders} a year x {years} {time} = {total}")
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct LifetimeValueState {
    #[serde(with = "crate::decimal::text")]
    order_value: Decimal,
    #[serde(with = "crate::decimal::text")]
    orders_per_year: Decimal,
    #[serde(with = "crate::decimal::text")]
    years: Decimal,
}

#[cfg(feature = "serde")]
impl TryFrom<LifetimeValueState> for LifetimeValue {
    type Error = crate::error::Error;

    fn try_from(state: LifetimeValueState) -> Result<Self> {
        Self::new(state.order_value, state.orders_per_year, state.years)
    }
}

#[cfg(feature = "serde")]
impl From<LifetimeValue> for LifetimeValueState {
    fn from(value: LifetimeValue) -> Self {
        Self { order_value: value.order_value, orders_per_year: value.orders_per_year, years: value.years }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn no_factor_may_be_negative_and_each_may_be_zero() {
        let factors = |at: usize, value: Decimal| {
            let mut factors = [Decimal::TWO; 3];
            factors[at] = value;
            LifetimeValue::new(factors[0], factors[1], factors[2])
        };
        for (at, field) in ["order value", "orders per year", "years"].into_iter().enumerate() {
            let error = factors(at, Decimal::new(-1, 2)).unwrap_err();
            assert_eq!(error.to_string(), format!("{field} is -0.01, but must be at least 0"));
            assert_eq!(factors(at, Decimal::ZERO).unwrap().total(), Decimal::ZERO);
        }
    }

    #[test]
    fn a_product_that_does_not_fit_is_refused_not_rounded() {
        let long = Decimal::from_i128_with_scale(12_345_678_901_234_567, 15);
        assert_eq!(LifetimeValue::new(long, long, Decimal::ONE), Err(Error::Inexact { field: "annual value" }));
        assert_eq!(
            LifetimeValue::new(Decimal::MAX, Decimal::ONE, Decimal::TWO),
            Err(Error::Overflow { field: "lifetime value", capacity: "a decimal of 28 digits" })
        );
        assert_eq!(LifetimeValue::new(Decimal::MAX, Decimal::ONE, Decimal::ONE).unwrap().total(), Decimal::MAX);
    }

    #[test]
    fn trailing_zeros_change_nothing_and_one_is_not_many() {
        let long = LifetimeValue::new(Decimal::new(1_000, 2), Decimal::new(10, 1), Decimal::ONE).unwrap();
        assert_eq!(long, LifetimeValue::new(Decimal::TEN, Decimal::ONE, Decimal::ONE).unwrap());
        assert_eq!(long.to_string(), "10 an order x 1 order a year x 1 year = 10");
    }
}
