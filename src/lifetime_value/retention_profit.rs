//! What a point of retention does to the value of a customer.

use core::fmt;

use rust_decimal::Decimal;

use super::RetentionModel;
use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::proportion::Proportion;

/// A difference between two percentages: from 80% to 85% is 5 points, not 5 percent.
///
/// ```
/// use customer_metrics::{Decimal, lifetime_value::PercentagePoints};
///
/// assert_eq!(PercentagePoints::new(Decimal::from(5))?.to_string(), "+5 points");
/// assert!(PercentagePoints::new(Decimal::from(101)).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "PercentagePointsState", into = "PercentagePointsState")
)]
pub struct PercentagePoints(Decimal);

impl PercentagePoints {
    /// One point.
    pub const ONE: Self = Self(Decimal::ONE);

    /// So many points, up or down.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] outside -100..=100.
    pub fn new(points: Decimal) -> Result<Self> {
        let lowest = decimal::negate(Decimal::ONE_HUNDRED);
        if points < lowest || points > Decimal::ONE_HUNDRED {
            return Err(Error::out_of_bounds("percentage points", points, Bound::Within(lowest.into(), Decimal::ONE_HUNDRED.into())));
        }
        Ok(Self(points.normalize()))
    }

    /// The points, such as 5.
    #[must_use]
    pub fn points(&self) -> Decimal {
        self.0
    }

    /// The proportion that is so many points above `base`.
    fn above(self, field: &'static str, base: Proportion) -> Result<Proportion> {
        let change = decimal::exact_mul(field, self.0, Decimal::new(1, 2))?;
        let moved = decimal::exact_add(field, base.to_decimal(), change)?;
        let bound = Bound::Within(Decimal::ZERO.into(), Decimal::ONE.into());
        Proportion::new(moved).map_err(|_| Error::out_of_bounds(field, moved, bound))
    }
}

/// What some points of retention more or less do to the value of a customer.
///
/// The value is that of the [`RetentionModel`], before and after; nothing else changes. If the margin is what is left after all cost of
/// serving the customer, it is the effect on profit.
///
/// Reichheld and Sasser ("Zero Defections", Harvard Business Review 68 (1990), 105-111) report that 5 points of defection less raise
/// profit by 25% to 85%, by industry. It is an arithmetic of the retention one starts from, as here, not a law: without interest and
/// with the first payment counted, 5 points give 25% from a retention of 75%, 50% from 85% and 100% from 90%.
///
/// ```
/// use customer_metrics::{Decimal, Proportion};
/// use customer_metrics::lifetime_value::{DiscountRate, PaymentTiming, PercentagePoints, RetentionModel};
///
/// let retention = Proportion::from_percent(Decimal::from(75))?;
/// let model = RetentionModel::new(Decimal::from(100), retention, DiscountRate::ZERO, PaymentTiming::ImmediateFirst);
/// let effect = model.effect_of_points(PercentagePoints::new(Decimal::from(5))?)?;
/// assert_eq!((effect.value_before(), effect.value_after()), (Decimal::from(400), Decimal::from(500)));
/// assert_eq!(effect.growth()?, "0.25".parse().unwrap());
/// assert_eq!(effect.to_string(), "+5 points of retention: from 400 to 500 (+25.0%)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "RetentionEffectState", into = "RetentionEffectState")
)]
pub struct RetentionEffect {
    before: RetentionModel,
    points: PercentagePoints,
    retention_after: Proportion,
    value_before: Decimal,
    value_after: Decimal,
    gain: Decimal,
}

impl RetentionModel {
    /// What it does to the value if so many percentage points more of the customers stay: 5 points from 80% make 85%.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the new retention is not within 0..=1; the errors of [`value`](Self::value) before and after.
    pub fn effect_of_points(&self, points: PercentagePoints) -> Result<RetentionEffect> {
        let retention_after = points.above("new retention", self.retention())?;
        let (value_before, value_after) = (self.value()?, self.with_retention(retention_after).value()?);
        let gain = decimal::sub("gain", value_after, value_before)?.normalize();
        Ok(RetentionEffect { before: *self, points, retention_after, value_before, value_after, gain })
    }
}

impl RetentionEffect {
    /// The customer before.
    #[must_use]
    pub fn before(&self) -> RetentionModel {
        self.before
    }

    /// By how much the retention changes.
    #[must_use]
    pub fn points(&self) -> PercentagePoints {
        self.points
    }

    /// The retention after.
    #[must_use]
    pub fn retention_after(&self) -> Proportion {
        self.retention_after
    }

    /// The value of a customer before.
    #[must_use]
    pub fn value_before(&self) -> Decimal {
        self.value_before
    }

    /// The value of a customer after.
    #[must_use]
    pub fn value_after(&self) -> Decimal {
        self.value_after
    }

    /// What a customer is worth more: value after - value before, rounded to 28 digits.
    #[must_use]
    pub fn gain(&self) -> Decimal {
        self.gain
    }

    /// The gain in units of the value before, such as 0.25 for +25%, rounded to 28 digits.
    ///
    /// # Errors
    /// [`Error::Undefined`] if the value before is 0.
    pub fn growth(&self) -> Result<Decimal> {
        decimal::div("growth", "the value before is 0", self.gain, self.value_before)
    }
}

/// With a sign, such as `+5 points`.
impl fmt::Display for PercentagePoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = if self.0.abs() == Decimal::ONE { "point" } else { "points" };
        write!(f, "{:+} {unit}", self.0)
    }
}

/// Points, both values to the hundredth and, where it exists, the growth in percent.
impl fmt::Display for RetentionEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = (decimal::round(self.value_before, 2), decimal::round(self.value_after, 2));
        write!(f, "{} of retention: from {before} to {after}", self.points)?;
        match self.growth().and_then(|growth| decimal::mul("growth", growth, Decimal::ONE_HUNDRED)) {
            Ok(percent) => write!(f, " ({:+.1}%)", decimal::round(percent, 1)),
            Err(_) => Ok(()),
        }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct PercentagePointsState(#[serde(with = "crate::decimal::text")] Decimal);

#[cfg(feature = "serde")]
impl TryFrom<PercentagePointsState> for PercentagePoints {
    type Error = Error;

    fn try_from(state: PercentagePointsState) -> Result<Self> {
        Self::new(state.0)
    }
}

#[cfg(feature = "serde")]
impl From<PercentagePoints> for PercentagePointsState {
    fn from(points: PercentagePoints) -> Self {
        Self(points.0)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RetentionEffectState {
    before: RetentionModel,
    points: PercentagePoints,
}

#[cfg(feature = "serde")]
impl TryFrom<RetentionEffectState> for RetentionEffect {
    type Error = Error;

    fn try_from(state: RetentionEffectState) -> Result<Self> {
        state.before.effect_of_points(state.points)
    }
}

#[cfg(feature = "serde")]
impl From<RetentionEffect> for RetentionEffectState {
    fn from(effect: RetentionEffect) -> Self {
        Self { before: effect.before, points: effect.points }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifetime_value::{DiscountRate, PaymentTiming};

    fn model(percent: i64, timing: PaymentTiming) -> RetentionModel {
        let retention = Proportion::from_percent(percent.into()).unwrap();
        RetentionModel::new(Decimal::TEN, retention, DiscountRate::from_percent(Decimal::TEN).unwrap(), timing)
    }

    fn points(points: i64) -> PercentagePoints {
        PercentagePoints::new(points.into()).unwrap()
    }

    #[test]
    fn retention_cannot_leave_0_to_1() {
        let error = model(97, PaymentTiming::PeriodEnd).effect_of_points(points(5)).unwrap_err();
        assert_eq!(error.to_string(), "new retention is 1.02, but must be within 0 to 1");
        assert!(model(3, PaymentTiming::PeriodEnd).effect_of_points(points(-5)).is_err());
        assert!(model(95, PaymentTiming::PeriodEnd).effect_of_points(points(5)).is_ok());
    }

    #[test]
    fn points_are_not_percent() {
        let effect = model(80, PaymentTiming::PeriodEnd).effect_of_points(points(5)).unwrap();
        assert_eq!(effect.retention_after(), Proportion::from_percent(Decimal::from(85)).unwrap());
        assert_eq!(effect.value_after(), Decimal::from(40));
        let nothing = model(80, PaymentTiming::PeriodEnd).effect_of_points(points(0)).unwrap();
        assert_eq!((nothing.gain(), nothing.growth()), (Decimal::ZERO, Ok(Decimal::ZERO)));
        assert_eq!(PercentagePoints::ONE.to_string(), "+1 point");
        assert_eq!(points(-2).to_string(), "-2 points");
    }

    #[test]
    fn growth_from_nothing_is_undefined() {
        let effect = model(0, PaymentTiming::FirstExcluded).effect_of_points(points(5)).unwrap();
        assert!(matches!(effect.growth(), Err(Error::Undefined { .. })));
        assert_eq!(effect.to_string(), "+5 points of retention: from 0 to 0.48");
    }
}
