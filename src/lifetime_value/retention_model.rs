//! The value of a customer who stays from period to period with a constant probability, discounted.

use core::fmt;

use rust_decimal::Decimal;

use super::DiscountRate;
use crate::decimal;
use crate::error::Result;
use crate::proportion::Proportion;

/// Which payments a discounted lifetime value counts, and when they are booked.
///
/// Three formulas go under the same name in textbooks. They differ in whether the first payment is counted and whether a payment is
/// booked at the start or the end of its period. None includes the cost of acquisition. There is no default: say which is meant.
///
/// Source: P. S. Fader and B. G. S. Hardie, "Reconciling and Clarifying CLV Formulas", note 024 (2012).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum PaymentTiming {
    /// The first payment comes at once and counts: the value of a customer about to be won.
    ///
    /// ```text
    /// m (1 + d) / (1 + d - r)
    /// ```
    ///
    /// Used by Blattberg et al. (2008) and Steenburgh and Avery (2011).
    ImmediateFirst,
    /// The first payment has been made and does not count: the value still to come from a customer just won.
    ///
    /// ```text
    /// m r / (1 + d - r)
    /// ```
    ///
    /// Used by Capon (2007), Lehmann and Winer (2008), and Kotler and Keller (2012); with a margin of 1 it is the
    /// [`margin_multiple`].
    FirstExcluded,
    /// The first payment counts, and each is booked at the end of its period.
    ///
    /// ```text
    /// m / (1 + d - r)
    /// ```
    ///
    /// Used by Ofek (2002) and Davis (2007).
    PeriodEnd,
}

impl PaymentTiming {
    /// The value of the first payment that counts, of `margin` a period.
    fn first_payment(self, margin: Decimal, retention: Proportion, growth_factor: Decimal) -> Result<Decimal> {
        match self {
            Self::ImmediateFirst => Ok(margin),
            Self::FirstExcluded => discount(decimal::mul(VALUE, margin, retention.to_decimal())?, growth_factor),
            Self::PeriodEnd => discount(margin, growth_factor),
        }
    }
}

const VALUE: &str = "discounted lifetime value";

/// What an amount one period later is worth now.
fn discount(amount: Decimal, growth_factor: Decimal) -> Result<Decimal> {
    // The factor is 1 or more, so the reason is never given.
    decimal::div(VALUE, "the growth factor is 0", amount, growth_factor)
}

/// A customer who brings the same margin every period for as long as they stay, and stays from one period to the next with the same
/// probability.
///
/// ```text
/// m = margin per period, r = retention per period, d = discount rate per period
/// ```
///
/// The retention of real cohorts rises with their age, so one constant rate values old customers too low (Fader and Hardie 2010). All
/// three belong to periods of the same length. Results are rounded to 28 digits.
///
/// ```
/// use customer_metrics::{Decimal, Proportion};
/// use customer_metrics::lifetime_value::{DiscountRate, PaymentTiming, RetentionModel};
///
/// let retention = Proportion::from_percent(Decimal::from(80))?;
/// let discount = DiscountRate::from_percent(Decimal::TEN)?;
/// let model = |timing| RetentionModel::new(Decimal::from(300), retention, discount, timing);
///
/// assert_eq!(model(PaymentTiming::ImmediateFirst).value()?, Decimal::from(1_100));
/// assert_eq!(model(PaymentTiming::FirstExcluded).value()?, Decimal::from(800));
/// assert_eq!(model(PaymentTiming::PeriodEnd).value()?, Decimal::from(1_000));
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct RetentionModel {
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    margin_per_period: Decimal,
    retention: Proportion,
    discount_rate: DiscountRate,
    timing: PaymentTiming,
}

impl RetentionModel {
    /// The margin per period is in money and may be negative, for a customer who costs more than they bring.
    #[must_use]
    pub fn new(margin_per_period: Decimal, retention: Proportion, discount_rate: DiscountRate, timing: PaymentTiming) -> Self {
        Self { margin_per_period, retention, discount_rate, timing }
    }

    /// The margin per period, in money.
    #[must_use]
    pub fn margin_per_period(&self) -> Decimal {
        self.margin_per_period
    }

    /// The probability to stay from one period to the next.
    #[must_use]
    pub fn retention(&self) -> Proportion {
        self.retention
    }

    /// The discount rate per period.
    #[must_use]
    pub fn discount_rate(&self) -> DiscountRate {
        self.discount_rate
    }

    /// Which payments count, and when.
    #[must_use]
    pub fn timing(&self) -> PaymentTiming {
        self.timing
    }

    /// The same customer with another retention.
    #[must_use]
    pub fn with_retention(self, retention: Proportion) -> Self {
        Self { retention, ..self }
    }

    /// The discounted value of all payments to come, without an end, by the formula of the [`PaymentTiming`].
    ///
    /// # Errors
    /// [`Error::Undefined`](crate::Error::Undefined) if `1 + d - r` is 0: nobody leaves and nothing is discounted, so the value has no
    /// end either. [`Error::Overflow`](crate::Error::Overflow) if the value does not fit into 28 digits.
    pub fn value(&self) -> Result<Decimal> {
        let growth_factor = self.discount_rate.growth_factor()?;
        let numerator = match self.timing {
            PaymentTiming::ImmediateFirst => decimal::mul(VALUE, self.margin_per_period, growth_factor)?,
            PaymentTiming::FirstExcluded => decimal::mul(VALUE, self.margin_per_period, self.retention.to_decimal())?,
            PaymentTiming::PeriodEnd => self.margin_per_period,
        };
        let denominator = decimal::sub(VALUE, growth_factor, self.retention.to_decimal())?;
        decimal::div(VALUE, "nobody leaves and nothing is discounted", numerator, denominator)
    }

    /// The discounted value of the first `periods` payments that count.
    ///
    /// ```text
    /// first payment x (1 + q + ... + q^(periods - 1)),  q = r / (1 + d)
    /// first payment = m, m q or m / (1 + d), by timing
    /// ```
    ///
    /// Each of the some 64 steps of doubling rounds to 28 digits, so the sum is within some 1e-20 relative of the exact one even for thousands
    /// of millions of periods. With more periods it approaches [`value`](Self::value). It exists for every model: with `1 + d - r` = 0 it is the margin times
    /// the periods.
    ///
    /// # Errors
    /// [`Error::Overflow`](crate::Error::Overflow) if the value does not fit into 28 digits.
    pub fn value_over(&self, periods: u32) -> Result<Decimal> {
        let growth_factor = self.discount_rate.growth_factor()?;
        let payments = geometric_sum(discount(self.retention.to_decimal(), growth_factor)?, periods)?;
        let total = decimal::mul(VALUE, self.margin_per_period, payments)?;
        self.timing.first_payment(total, self.retention, growth_factor).map(|value| value.normalize())
    }
}

/// `1 + q + ... + q^(terms - 1)`.
///
/// By doubling, since the closed form `(1 - q^terms) / (1 - q)` loses its digits where q is near 1.
fn geometric_sum(q: Decimal, terms: u32) -> Result<Decimal> {
    let (mut sum, mut power) = (Decimal::ZERO, Decimal::ONE);
    for bit in (0..u32::BITS).rev() {
        sum = decimal::add(VALUE, sum, decimal::mul(VALUE, sum, power)?)?;
        power = decimal::mul(VALUE, power, power)?;
        if (terms >> bit) & 1 == 1 {
            sum = decimal::add(VALUE, Decimal::ONE, decimal::mul(VALUE, sum, q)?)?;
            power = decimal::mul(VALUE, power, q)?;
        }
    }
    Ok(sum)
}

/// How many times the yearly margin a customer is still worth.
///
/// ```text
/// margin multiple = r / (1 + i - r),  r = retention, i = discount rate
/// ```
///
/// It is the value of [`PaymentTiming::FirstExcluded`] for a margin of 1. Source: S. Gupta and D. R. Lehmann, "Customers as Assets",
/// Journal of Interactive Marketing 17 (2003), 9-24.
///
/// ```
/// use customer_metrics::{Decimal, Proportion, lifetime_value::{DiscountRate, margin_multiple}};
///
/// let retention = Proportion::from_percent(Decimal::from(80))?;
/// let multiple = margin_multiple(retention, DiscountRate::from_percent(Decimal::TEN)?)?;
/// assert_eq!(multiple.round_dp(2).to_string(), "2.67");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// # Errors
/// [`Error::Undefined`](crate::Error::Undefined) if `1 + i - r` is 0.
pub fn margin_multiple(retention: Proportion, discount_rate: DiscountRate) -> Result<Decimal> {
    RetentionModel::new(Decimal::ONE, retention, discount_rate, PaymentTiming::FirstExcluded).value()
}

/// In words.
impl fmt::Display for PaymentTiming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ImmediateFirst => "first payment at once",
            Self::FirstExcluded => "first payment excluded",
            Self::PeriodEnd => "payments at the end of the period",
        })
    }
}

/// All that it assumes, in one line.
impl fmt::Display for RetentionModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { margin_per_period, retention, discount_rate, timing } = self;
        write!(f, "margin {margin_per_period} a period, {retention} retained, discounted by {discount_rate}, {timing}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    const TIMINGS: [PaymentTiming; 3] = [PaymentTiming::ImmediateFirst, PaymentTiming::FirstExcluded, PaymentTiming::PeriodEnd];

    fn model(margin: i64, retention: &str, discount: &str, timing: PaymentTiming) -> RetentionModel {
        let retention = Proportion::new(retention.parse().unwrap()).unwrap();
        RetentionModel::new(margin.into(), retention, DiscountRate::new(discount.parse().unwrap()).unwrap(), timing)
    }

    #[test]
    fn without_leaving_and_discounting_only_a_horizon_has_a_value() {
        for timing in TIMINGS {
            let endless = model(7, "1", "0", timing);
            assert!(matches!(endless.value(), Err(Error::Undefined { metric: VALUE, .. })), "{timing}");
            assert_eq!(endless.value_over(u32::MAX), Ok(Decimal::from(7 * i64::from(u32::MAX))), "{timing}");
            assert_eq!(endless.value_over(0), Ok(Decimal::ZERO), "{timing}");
        }
    }

    #[test]
    fn who_never_returns_pays_once_or_not_at_all() {
        let value = |timing| model(11, "0", "0.1", timing).value().unwrap();
        assert_eq!(TIMINGS.map(value), [Decimal::from(11), Decimal::ZERO, Decimal::TEN]);
        let over = |timing| model(11, "0", "0.1", timing).value_over(5).unwrap();
        assert_eq!(TIMINGS.map(over), TIMINGS.map(value));
    }

    #[test]
    fn near_the_singularity_no_digit_of_the_sum_is_lost() {
        // 1 - q = 1e-20: the closed form would keep 8 digits.
        let nearly_endless = model(1, "0.99999999999999999999", "0", PaymentTiming::ImmediateFirst);
        let expected: Decimal = "999.999999999999995005".parse().unwrap();
        let difference = nearly_endless.value_over(1_000).unwrap() - expected;
        assert!(difference.abs() < Decimal::new(1, 20), "{difference}");
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let huge = RetentionModel::new(Decimal::MAX, Proportion::ONE, DiscountRate::ZERO, PaymentTiming::PeriodEnd);
        assert!(matches!(huge.value_over(2), Err(Error::Overflow { .. })));
        let steep = RetentionModel::new(Decimal::ONE, Proportion::ONE, DiscountRate::new(Decimal::MAX).unwrap(), PaymentTiming::PeriodEnd);
        assert!(matches!(steep.value(), Err(Error::Overflow { .. })));
    }
}
