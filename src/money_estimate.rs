//! Money with its uncertainty.

use core::fmt;

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::Result;
use crate::estimate::{Confidence, Estimate, Method};
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
        let (confidence, method, n) = (self.confidence(), self.method(), self.n());
        Ok(MoneyEstimate { point: money(self.point())?, interval, confidence, method, n })
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
}

/// Everything in one line.
impl fmt::Display for MoneyEstimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { point, interval, confidence, method, n } = self;
        write!(f, "{point} ({} to {}, {confidence} {method}, n = {n})", interval.low(), interval.high())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::share::Share;

    #[test]
    fn a_loss_turns_the_interval_round_and_too_much_is_refused() {
        let stays = Share::new(240, 300).unwrap().estimate(Confidence::P95);
        let gain = stays.in_money(Decimal::ONE, MinorUnit::CENT).unwrap();
        let loss = stays.in_money(Decimal::NEGATIVE_ONE, MinorUnit::CENT).unwrap();
        assert_eq!(loss.point(), decimal::negate(gain.point()));
        assert_eq!(loss.interval().low(), decimal::negate(gain.interval().high()));
        assert!(loss.interval().low() < loss.point() && loss.point() < loss.interval().high());
        assert!(stays.in_money(Decimal::MAX, MinorUnit::CENT).is_ok());
        let many = Estimate::holding(1e30, crate::estimate::Interval::new(0.0, 2e30).unwrap(), Confidence::P95, Method::Wald, 1);
        assert!(matches!(many.in_money(Decimal::ONE, MinorUnit::CENT), Err(Error::Overflow { .. })));
        let millions =
            Estimate::holding(1_234_567_890.125, crate::estimate::Interval::new(0.0, 1e20).unwrap(), Confidence::P95, Method::Wald, 1);
        let millions = millions.in_money(Decimal::TEN, MinorUnit::CENT).unwrap();
        assert_eq!(millions.to_string(), "12345678901.25 (0 to 1000000000000000000000, 95% Wald (for teaching only), n = 1)");
    }
}
