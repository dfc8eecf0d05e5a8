//! From one lifetime value to another: what was gained, and which factor gave it.

use core::fmt;

use rust_decimal::Decimal;

use super::LifetimeValue;
use crate::decimal;
use crate::error::Result;

/// The change from one [`LifetimeValue`] to another.
///
/// ```text
/// gain   = after - before
/// growth = gain / before
/// ```
///
/// Growth is not the multiple: from 100 to 1,331 the value grew by 1,231%, to 13.31 times what it was.
///
/// ```
/// use customer_metrics::{Decimal, lifetime_value::{Growth, LifetimeValue}};
///
/// let [one, ten, eleven] = [1, 10, 11].map(Decimal::from);
/// let before = LifetimeValue::new(ten, ten, one)?;
/// let growth = Growth::between(before, LifetimeValue::new(eleven, eleven, eleven)?)?;
/// assert_eq!(growth.gain(), Decimal::from(1_231));
/// assert_eq!(growth.to_string(), "from 100 to 1331: +1231 (+1231.0%)");
///
/// let parts = growth.parts();
/// assert_eq!(parts.years, Decimal::from(1_000));
/// assert_eq!(parts.sum()?, growth.gain());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "GrowthState", into = "GrowthState"))]
pub struct Growth {
    before: LifetimeValue,
    after: LifetimeValue,
    gain: Decimal,
    parts: GrowthParts,
}

/// What each factor gave on its own, and what they gave together. The seven sum to the gain exactly.
///
/// ```text
/// a' b' c' - a b c = da b c + a db c + a b dc                each factor alone
///                  + da db c + da b dc + a db dc + da db dc  their interplay
/// a = order value, b = orders per year, c = years, da = a' - a
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct GrowthParts {
    /// What the order value gave, had nothing else changed.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub order_value: Decimal,
    /// What the orders per year gave, had nothing else changed.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub orders_per_year: Decimal,
    /// What the years gave, had nothing else changed.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub years: Decimal,
    /// The interplay of order value and orders per year.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub order_value_and_orders_per_year: Decimal,
    /// The interplay of order value and years.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub order_value_and_years: Decimal,
    /// The interplay of orders per year and years.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub orders_per_year_and_years: Decimal,
    /// The interplay of all three.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub all_three: Decimal,
}

impl GrowthParts {
    fn between(before: &LifetimeValue, after: &LifetimeValue) -> Result<Self> {
        let (a, b, c) = (before.order_value(), before.orders_per_year(), before.years());
        let change = |from: Decimal, to: Decimal| decimal::exact_sub("change of a factor", to, from);
        let (da, db, dc) = (change(a, after.order_value())?, change(b, after.orders_per_year())?, change(c, after.years())?);
        let product = |x: Decimal, y: Decimal, z: Decimal| {
            decimal::exact_mul("part of the gain", x, y).and_then(|xy| decimal::exact_mul("part of the gain", xy, z))
        };
        Ok(Self {
            order_value: product(da, b, c)?,
            orders_per_year: product(a, db, c)?,
            years: product(a, b, dc)?,
            order_value_and_orders_per_year: product(da, db, c)?,
            order_value_and_years: product(da, b, dc)?,
            orders_per_year_and_years: product(a, db, dc)?,
            all_three: product(da, db, dc)?,
        })
    }

    /// All seven together: the gain.
    ///
    /// # Errors
    /// [`Error::Inexact`](crate::Error::Inexact) if the sum needs more than 28 digits.
    pub fn sum(&self) -> Result<Decimal> {
        let Self { order_value, orders_per_year, years, .. } = *self;
        let interplay = [self.order_value_and_orders_per_year, self.order_value_and_years, self.orders_per_year_and_years, self.all_three];
        decimal::exact_sum("gain", [order_value, orders_per_year, years].into_iter().chain(interplay))
    }
}

impl Growth {
    /// The change from `before` to `after`.
    ///
    /// # Errors
    /// [`Error::Inexact`](crate::Error::Inexact) or [`Error::Overflow`](crate::Error::Overflow) if the gain or a part of it needs more
    /// than 28 digits.
    pub fn between(before: LifetimeValue, after: LifetimeValue) -> Result<Self> {
        let gain = decimal::exact_sub("gain", after.total(), before.total())?;
        let parts = GrowthParts::between(&before, &after)?;
        Ok(Self { before, after, gain, parts })
    }

    /// The value before.
    #[must_use]
    pub fn before(&self) -> LifetimeValue {
        self.before
    }

    /// The value after.
    #[must_use]
    pub fn after(&self) -> LifetimeValue {
        self.after
    }

    /// What was gained, exact; negative if it was lost.
    #[must_use]
    pub fn gain(&self) -> Decimal {
        self.gain
    }

    /// The gain in units of the value before, such as 9 for +900%, rounded to 28 digits.
    ///
    /// # Errors
    /// [`Error::Undefined`](crate::Error::Undefined) if the value before is 0.
    pub fn growth(&self) -> Result<Decimal> {
        decimal::div("growth", "the value before is 0", self.gain, self.before.total())
    }

    /// How many times the value before the value after is, such as 10 for +900%, rounded to 28 digits.
    ///
    /// # Errors
    /// [`Error::Undefined`](crate::Error::Undefined) if the value before is 0.
    pub fn multiple(&self) -> Result<Decimal> {
        decimal::div("multiple", "the value before is 0", self.after.total(), self.before.total())
    }

    /// Which factor gave how much of the gain.
    #[must_use]
    pub fn parts(&self) -> GrowthParts {
        self.parts
    }
}

/// Both values, the gain and, where it exists, the growth in percent.
impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "from {} to {}: {:+}", self.before.total(), self.after.total(), self.gain)?;
        match self.growth().and_then(|growth| decimal::mul("growth", growth, Decimal::ONE_HUNDRED)) {
            Ok(percent) => write!(f, " ({:+.1}%)", decimal::round(percent, 1)),
            Err(_) => Ok(()),
        }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct GrowthState {
    before: LifetimeValue,
    after: LifetimeValue,
}

#[cfg(feature = "serde")]
impl TryFrom<GrowthState> for Growth {
    type Error = crate::error::Error;

    fn try_from(state: GrowthState) -> Result<Self> {
        Self::between(state.before, state.after)
    }
}

#[cfg(feature = "serde")]
impl From<Growth> for GrowthState {
    fn from(growth: Growth) -> Self {
        Self { before: growth.before, after: growth.after }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn value(order_value: i64, orders_per_year: i64, years: i64) -> LifetimeValue {
        LifetimeValue::new(order_value.into(), orders_per_year.into(), years.into()).unwrap()
    }

    #[test]
    fn growth_from_nothing_is_undefined_but_the_gain_is_not() {
        let growth = Growth::between(value(10, 0, 1), value(10, 10, 1)).unwrap();
        assert!(matches!(growth.growth(), Err(Error::Undefined { metric: "growth", .. })));
        assert!(matches!(growth.multiple(), Err(Error::Undefined { metric: "multiple", .. })));
        assert_eq!(growth.gain(), Decimal::ONE_HUNDRED);
        assert_eq!(growth.parts().orders_per_year, Decimal::ONE_HUNDRED);
        assert_eq!(growth.to_string(), "from 0 to 100: +100");
    }

    #[test]
    fn a_loss_is_a_negative_gain() {
        let growth = Growth::between(value(10, 10, 10), value(10, 10, 5)).unwrap();
        assert_eq!(growth.growth(), Ok(Decimal::new(-5, 1)));
        assert_eq!(growth.to_string(), "from 1000 to 500: -500 (-50.0%)");
        assert_eq!(growth.parts().years, growth.gain());
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let long = Decimal::from_i128_with_scale(12_345_678_901_234, 13);
        let before = LifetimeValue::new(long, Decimal::ONE, Decimal::ZERO).unwrap();
        let after = LifetimeValue::new(Decimal::ZERO, long, long).unwrap();
        assert_eq!(Growth::between(before, after), Err(Error::Inexact { field: "part of the gain" }));
    }
}
