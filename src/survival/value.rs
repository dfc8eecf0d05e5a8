//! What a customer is worth whose staying follows a curve and not a constant rate.

use core::fmt;

use rust_decimal::Decimal;

use super::compensated::Product;
use super::restricted_mean::Backwards;
use super::{SurvivalCurve, SurvivalStep};
use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::estimate::{Confidence, Estimate, Interval, Method};
use crate::lifetime_value::{DiscountRate, PaymentTiming};
use crate::money::MinorUnit;
use crate::money_estimate::MoneyEstimate;

/// The payments of a customer who brings the same margin every period for as long as they stay, up to a number of them.
///
/// The period is the unit of the curve's times, and of the discount rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "PaymentStreamState", into = "PaymentStreamState")
)]
pub struct PaymentStream {
    margin_per_period: Decimal,
    discount_rate: DiscountRate,
    timing: PaymentTiming,
    payments: u32,
}

impl PaymentStream {
    /// So many payments of a margin that may be negative, for a customer who costs more than they bring.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for more than 100,000 payments.
    pub fn new(margin_per_period: Decimal, discount_rate: DiscountRate, timing: PaymentTiming, payments: u32) -> Result<Self> {
        const MOST: u32 = 100_000;
        if payments > MOST {
            return Err(Error::out_of_bounds("payments", payments, Bound::AtMost(MOST.into())));
        }
        Ok(Self { margin_per_period, discount_rate, timing, payments })
    }

    /// The margin per period, in money.
    #[must_use]
    pub fn margin_per_period(&self) -> Decimal {
        self.margin_per_period
    }

    /// The discount rate per period.
    #[must_use]
    pub fn discount_rate(&self) -> DiscountRate {
        self.discount_rate
    }

    /// Which payments count, and when they are booked.
    #[must_use]
    pub fn timing(&self) -> PaymentTiming {
        self.timing
    }

    /// How many payments count at most.
    #[must_use]
    pub fn payments(&self) -> u32 {
        self.payments
    }

    /// For each payment the time beyond which the customer must have stayed, and what one unit of it is worth now.
    fn terms(&self) -> Result<Vec<(f64, f64)>> {
        let growth = decimal::to_f64(decimal::add("discount rate", Decimal::ONE, self.discount_rate.rate())?);
        let (first_time, first_discounts) = match self.timing {
            PaymentTiming::ImmediateFirst => (0, 0),
            PaymentTiming::FirstExcluded => (1, 1),
            PaymentTiming::PeriodEnd => (0, 1),
        };
        let mut worth = (0..first_discounts).fold(Product::ONE, |worth, _| worth.times(1.0, growth));
        Ok((first_time..self.payments.saturating_add(first_time))
            .map(|time| {
                let now = worth.value();
                worth = worth.times(1.0, growth);
                (f64::from(time), now)
            })
            .collect())
    }
}

/// All that it assumes, in one line.
impl fmt::Display for PaymentStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { margin_per_period, discount_rate, timing, payments } = self;
        write!(f, "{payments} payments of {margin_per_period}, discounted by {discount_rate}, {timing}")
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PaymentStreamState {
    #[serde(with = "crate::decimal::text")]
    margin_per_period: Decimal,
    discount_rate: DiscountRate,
    timing: PaymentTiming,
    payments: u32,
}

#[cfg(feature = "serde")]
impl TryFrom<PaymentStreamState> for PaymentStream {
    type Error = Error;

    fn try_from(state: PaymentStreamState) -> Result<Self> {
        Self::new(state.margin_per_period, state.discount_rate, state.timing, state.payments)
    }
}

#[cfg(feature = "serde")]
impl From<PaymentStream> for PaymentStreamState {
    fn from(stream: PaymentStream) -> Self {
        let PaymentStream { margin_per_period, discount_rate, timing, payments } = stream;
        Self { margin_per_period, discount_rate, timing, payments }
    }
}

impl SurvivalCurve {
    /// What a customer is worth who makes these payments for as long as they stay.
    ///
    /// ```text
    /// value = margin x sum over payments of S(t_k) / (1 + d)^b_k
    /// t_k = 0, 1, 2, ... or 1, 2, ..., and b_k = t_k or t_k + 1, by timing
    /// variance = margin^2 x sum over t_i of d_i / (n_i (n_i - d_i)) x (sum over payments with t_k >= t_i of S(t_k) / (1 + d)^b_k)^2
    /// ```
    ///
    /// It is [`RetentionModel::value_over`](crate::lifetime_value::RetentionModel::value_over) without the assumption of a constant
    /// retention. The interval is normal, clamped to between no payment and all; it holds the uncertainty of the curve and none of margin
    /// and rate. The sum is within 1e-12 relative before it is rounded to the minor unit.
    ///
    /// ```
    /// use customer_metrics::lifetime_value::{DiscountRate, PaymentTiming};
    /// use customer_metrics::survival::{Ending::{Censored, Left}, LifeTable, PaymentStream};
    /// use customer_metrics::{Confidence, Decimal, MinorUnit, Tally};
    ///
    /// let mut years = LifeTable::default();
    /// years.record_column(&[1_u8, 1, 2, 3, 4, 4, 4, 4], &[Left, Left, Left, Left, Censored, Censored, Censored, Censored])?;
    /// let discount = DiscountRate::from_percent(Decimal::TEN)?;
    /// let stream = PaymentStream::new(Decimal::from(300), discount, PaymentTiming::ImmediateFirst, 4)?;
    /// let value = years.finish()?.discounted_value(&stream, MinorUnit::CENT, Confidence::P95)?;
    /// // 300 x (1 + 6/8 / 1.1 + 5/8 / 1.21 + 4/8 / 1.331); without censoring before the last payment, the error is that of a plain mean.
    /// assert_eq!(value.to_string(), "772.2 (554.71 to 989.69, 95% normal, n = 8)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if a payment lies beyond the last time of the records while someone is left: the curve does not say who would
    /// make it. [`Error::Overflow`] if the value does not fit into 28 digits.
    pub fn discounted_value(&self, stream: &PaymentStream, unit: MinorUnit, confidence: Confidence) -> Result<MoneyEstimate> {
        self.discounted_payments(stream, confidence)?.in_money(stream.margin_per_period, unit)
    }

    /// How many payments of today a customer is expected to make: the [discounted value](Self::discounted_value) for a margin of 1.
    ///
    /// # Errors
    /// As [`discounted_value`](Self::discounted_value), but never [`Error::Overflow`] for the money.
    pub fn discounted_payments(&self, stream: &PaymentStream, confidence: Confidence) -> Result<Estimate> {
        let terms = stream.terms()?;
        let last = terms.last().map_or(0.0, |&(time, _)| time);
        if last > self.last_time() && self.carried_to(last).survival() > 0.0 {
            let most = self.last_time().floor() + if stream.timing == PaymentTiming::FirstExcluded { 0.0 } else { 1.0 };
            return Err(Error::out_of_bounds("payments", stream.payments, Bound::AtMost(most.into())));
        }
        let mut area = Backwards::default();
        let mut steps = self.backwards(0, last, SurvivalStep::new(0.0, 1.0, 0.0)).peekable();
        for &(time, worth) in terms.iter().rev() {
            while let Some((step, before)) = steps.next_if(|(step, _)| step.time() > time) {
                area.drop_at(step, before);
            }
            area.add(self.at(time)?.survival() * worth);
        }
        for (step, before) in steps {
            area.drop_at(step, before);
        }
        let (payments, reach) = (area.total(), confidence.two_sided_z() * area.variance().sqrt());
        let all = terms.iter().map(|&(_, worth)| worth).sum::<f64>().max(payments);
        let interval = Interval::ordered((payments - reach).clamp(0.0, payments), (payments + reach).clamp(payments, all));
        Ok(Estimate::holding(payments, interval, confidence, Method::DiscountedPayments, self.subjects()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Ending::{Censored, Left};
    use super::super::Observations;
    use super::*;
    use crate::lifetime_value::RetentionModel;
    use crate::proportion::Proportion;

    const TIMINGS: [PaymentTiming; 3] = [PaymentTiming::ImmediateFirst, PaymentTiming::FirstExcluded, PaymentTiming::PeriodEnd];

    fn rate(text: &str) -> DiscountRate {
        DiscountRate::new(text.parse().unwrap()).unwrap()
    }

    /// Half of those who are left leave each period, so that the curve is 1/2^t.
    fn halving() -> SurvivalCurve {
        let times: Vec<f64> = (1..=1_024_u32).map(|customer| f64::from(customer.trailing_zeros() + 1)).collect();
        Observations::new(&times, &vec![Left; times.len()]).unwrap().risk_table().kaplan_meier().unwrap()
    }

    #[test]
    fn at_a_constant_rate_it_is_the_retention_model() {
        let half = Proportion::new(Decimal::new(5, 1)).unwrap();
        for timing in TIMINGS {
            for (margin, periods) in [(1_000, 1), (1_000, 9), (-70, 9), (0, 3), (1_000, 0)] {
                let stream = PaymentStream::new(margin.into(), rate("0.01"), timing, periods).unwrap();
                let unit = MinorUnit::new(9).unwrap();
                let value = halving().discounted_value(&stream, unit, Confidence::P95).unwrap();
                let model = RetentionModel::new(margin.into(), half, rate("0.01"), timing).value_over(periods).unwrap();
                assert_eq!(value.point(), unit.round(model), "{stream}");
                let interval = value.interval();
                assert!(interval.low() <= value.point() && value.point() <= interval.high(), "{value}");
            }
        }
    }

    #[test]
    fn without_discount_and_at_a_margin_of_1_it_is_the_restricted_mean() {
        let times = [0.0, 1.0, 1.0, 2.0, 4.0, 5.0, 6.0, 6.0, 9.0, 9.0];
        let endings = [Left, Left, Censored, Left, Left, Censored, Left, Left, Left, Censored];
        let curve = Observations::new(&times, &endings).unwrap().risk_table().kaplan_meier().unwrap();
        let stream = PaymentStream::new(Decimal::ONE, DiscountRate::ZERO, PaymentTiming::ImmediateFirst, 8).unwrap();
        let (payments, mean) = (curve.discounted_payments(&stream, Confidence::P90).unwrap(), curve.restricted_mean(8.0).unwrap());
        assert!((payments.point() - mean.mean()).abs() < 1e-14);
        let (interval, expected) = (payments.interval(), mean.estimate(Confidence::P90).interval());
        assert!((interval.low() - expected.low()).abs() < 1e-14 && (interval.high() - expected.high()).abs() < 1e-14);
    }

    #[test]
    fn a_payment_beyond_the_records_is_refused_unless_everyone_has_left() {
        let some_stay = Observations::new(&[1.0, 3.0], &[Left, Censored]).unwrap().risk_table().kaplan_meier().unwrap();
        let value = |curve: &SurvivalCurve, timing, payments| {
            curve.discounted_value(
                &PaymentStream::new(Decimal::ONE, rate("0.1"), timing, payments).unwrap(),
                MinorUnit::CENT,
                Confidence::P95,
            )
        };
        assert!(value(&some_stay, PaymentTiming::ImmediateFirst, 4).is_ok());
        let error = value(&some_stay, PaymentTiming::ImmediateFirst, 5).unwrap_err();
        assert_eq!(error.to_string(), "payments is 5, but must be at most 4");
        assert!(value(&some_stay, PaymentTiming::FirstExcluded, 3).is_ok());
        assert!(value(&some_stay, PaymentTiming::FirstExcluded, 4).is_err());
        assert!(value(&halving(), PaymentTiming::PeriodEnd, 100_000).is_ok());
        assert!(PaymentStream::new(Decimal::ONE, rate("0"), PaymentTiming::PeriodEnd, 100_001).is_err());
        let huge = PaymentStream::new(Decimal::MAX, rate("0"), PaymentTiming::ImmediateFirst, 3).unwrap();
        assert!(matches!(halving().discounted_value(&huge, MinorUnit::CENT, Confidence::P95), Err(Error::Overflow { .. })));
    }
}
