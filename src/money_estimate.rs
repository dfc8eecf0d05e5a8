//! Money with its uncertainty.

use core::fmt;

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::Result;
use crate::estimate::{Caution, Confidence, Estimate, Interval, Method};
use crate::money::MinorUnit;
use crate::range::Range;

/// An amount of money that was estimated: so many customers, purchases or periods, each worth so much.
///
/// Point and ends are each rounded once to the minor unit, half away from zero.
///
/// ```
/// use customer_metrics::{Confidence, Decimal, MinorUnit, Share};
///
/// // Of 300 customers 240 stayed. What is one who bought for 49.90 expected to bring again?
/// let stays = Share::new(240, 300)?.estimate(Confidence::P95);
/// let money = stays.in_money(Decimal::new(4_990, 2), MinorUnit::CENT)?;
/// assert_eq!(money.to_string(), "39.92 (37.48 to 41.98, 95% Wilson, n = 300)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct MoneyEstimate {
    #[cfg_attr(feature = "serde", serde(serialize_with = "decimal::text::serialize"))]
    point: Decimal,
    interval: Range<Decimal>,
    confidence: Confidence,
    method: Method,
    n: u64,
    /// The decimal places of the amounts.
    minor_unit: MinorUnit,
    caution: Option<Caution>,
}

impl Estimate {
    /// The estimate in money, where each one of what it counts is worth so much; a loss if that is negative.
    ///
    /// # Errors
    /// [`Error::Overflow`](crate::Error::Overflow) if the money does not fit 28 digits.
    pub fn in_money(&self, worth_of_one: Decimal, unit: MinorUnit) -> Result<MoneyEstimate> {
        let money = |count: f64| Ok(unit.round(decimal::mul("money", decimal::from_f64("money", count)?, worth_of_one)?));
        let interval = self.interval();
        let interval = Range::spanning(money(interval.low())?, money(interval.high())?);
        let (confidence, method, n, caution) = (self.confidence(), self.method(), self.n(), self.caution());
        Ok(MoneyEstimate { point: money(self.point())?, interval, confidence, method, n, minor_unit: unit, caution })
    }
}

impl MoneyEstimate {
    /// The amount itself.
    #[must_use]
    pub fn point(&self) -> Decimal {
        self.point
    }

    /// Where the true amount may lie.
    #[must_use]
    pub fn interval(&self) -> Range<Decimal> {
        self.interval
    }

    /// The confidence of the interval.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// How the interval was made.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// How many answers or customers are behind it.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// What the amounts are rounded to.
    #[must_use]
    pub fn minor_unit(&self) -> MinorUnit {
        self.minor_unit
    }

    /// What is to be said against its method at this number of answers, if anything: see [`Caution`].
    #[must_use]
    pub fn caution(&self) -> Option<Caution> {
        self.caution
    }

    /// The same less a known amount.
    pub(crate) fn less(&self, field: &'static str, amount: Decimal) -> Result<Self> {
        let less = |money| Ok(self.minor_unit.round(decimal::sub(field, money, amount)?));
        let interval = Range::spanning(less(self.interval.low())?, less(self.interval.high())?);
        Ok(Self { point: less(self.point)?, interval, ..*self })
    }

    /// The same in units of a known amount that is not negative.
    pub(crate) fn in_units_of(&self, metric: &'static str, because: &'static str, amount: Decimal) -> Result<Estimate> {
        let ratio = |money| decimal::div(metric, because, money, amount).map(decimal::to_f64);
        let interval = Interval::ordered(ratio(self.interval.low())?, ratio(self.interval.high())?);
        Ok(Estimate::holding(ratio(self.point)?, interval, self.confidence, self.method, self.n).with_caution(self.caution))
    }
}

/// Everything in one line, with the decimal places of the minor unit; a precision such as `{:.0}` rounds to so many instead, half away from
/// zero.
impl fmt::Display for MoneyEstimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { point, interval, confidence, method, n, minor_unit, .. } = self;
        let places = f.precision().and_then(|places| u32::try_from(places).ok()).unwrap_or(minor_unit.decimal_places());
        // The precision of a decimal's own `Display` cuts off instead of rounding; more than 28 places are zeros.
        let shown = |money| {
            let places = places.min(Decimal::MAX_SCALE);
            format!("{:.width$}", decimal::round(money, places), width = usize::try_from(places).unwrap_or(0))
        };
        write!(f, "{} ({} to {}, {confidence} {method}, n = {n})", shown(*point), shown(interval.low()), shown(interval.high()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::share::Share;

    #[test]
    fn every_amount_has_the_places_of_its_unit_or_of_the_precision() {
        let stays = Share::new(240, 300).unwrap().estimate(Confidence::P95);
        let money = |unit| stays.in_money(Decimal::from(1_000), unit).unwrap();
        assert_eq!(money(MinorUnit::CENT).to_string(), "800.00 (751.07 to 841.34, 95% Wilson, n = 300)");
        assert_eq!(format!("{:.0}", money(MinorUnit::CENT)), "800 (751 to 841, 95% Wilson, n = 300)");
        assert_eq!(format!("{:.1}", money(MinorUnit::CENT)), "800.0 (751.1 to 841.3, 95% Wilson, n = 300)");
        assert_eq!(money(MinorUnit::new(0).unwrap()).to_string(), "800 (751 to 841, 95% Wilson, n = 300)");
        assert!(format!("{:.40}", money(MinorUnit::CENT)).starts_with("800.000"));
    }

    #[test]
    fn the_caution_of_an_estimate_stays_with_its_money() {
        let few = Share::new(4, 90).unwrap().estimate_with(Confidence::P95, crate::ShareMethod::Wald);
        let money = few.in_money(Decimal::TEN, MinorUnit::CENT).unwrap();
        assert!(few.caution().is_some());
        assert_eq!(money.caution(), few.caution());
        let less = money.less("cost", Decimal::ONE_HUNDRED).unwrap();
        assert_eq!(less.caution(), few.caution());
        assert_eq!(money.in_units_of("return", "there is no cost", Decimal::TEN).unwrap().caution(), few.caution());
    }

    #[test]
    fn a_loss_turns_the_interval_round_and_too_much_is_refused() {
        let stays = Share::new(240, 300).unwrap().estimate(Confidence::P95);
        let gain = stays.in_money(Decimal::ONE, MinorUnit::CENT).unwrap();
        let loss = stays.in_money(Decimal::NEGATIVE_ONE, MinorUnit::CENT).unwrap();
        assert_eq!(loss.point(), decimal::negate(gain.point()));
        assert_eq!(loss.interval().low(), decimal::negate(gain.interval().high()));
        assert!(loss.interval().low() < loss.point() && loss.point() < loss.interval().high());
        assert!(stays.in_money(Decimal::MAX, MinorUnit::CENT).is_ok());
        let many = Estimate::holding(1e30, Interval::new(0.0, 2e30).unwrap(), Confidence::P95, Method::Wald, 1);
        assert!(matches!(many.in_money(Decimal::ONE, MinorUnit::CENT), Err(Error::Overflow { .. })));
        let millions = Estimate::holding(1_234_567_890.125, Interval::new(0.0, 1e20).unwrap(), Confidence::P95, Method::Wald, 1);
        let millions = millions.in_money(Decimal::TEN, MinorUnit::CENT).unwrap();
        assert_eq!(millions.to_string(), "12345678901.25 (0.00 to 1000000000000000000000.00, 95% Wald (for teaching only), n = 1)");
    }
}
