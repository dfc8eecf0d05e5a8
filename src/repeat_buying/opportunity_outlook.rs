//! What is to be expected of one customer at opportunities to come.

use super::opportunity_history::MOST_OPPORTUNITIES;
use super::outlook::time_ahead;
use super::shifted_beta_geometric::{discounted_periods, discounted_periods_within, ln_survival};
use crate::error::{Bound, Error, Result};

const PURCHASES: &str = "discounted purchases";

/// Sums are kept below this.
const LARGEST: f64 = 1e280;

/// When the next opportunity is, as seen from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum NextOpportunity {
    /// A period ahead: now is the moment of the last opportunity, n, and a purchase at n + 1 is worth `1 / (1 + d)`. So in Fader, Hardie
    /// and Shang (2010) and the R package BTYD.
    AfterOnePeriod,
    /// Now: a purchase at n + 1 is not discounted.
    Now,
}

impl NextOpportunity {
    /// What a purchase at the next opportunity is worth.
    fn first_worth(self, d: f64) -> f64 {
        match self {
            Self::AfterOnePeriod => 1.0 / (1.0 + d),
            Self::Now => 1.0,
        }
    }
}

/// What is to be expected of one customer, new or with a history, by [`BgBb`](super::BgBb).
///
/// Given their history, a customer who was there at the last opportunity n is again one of the same kind, with parameters updated by it:
///
/// ```text
/// alive at n with probability P, and then
/// probability to buy ~ Beta(alpha + x, beta + n - x),  probability to leave before each opportunity ~ Beta(gamma, delta + n)
/// S(i) = B(gamma, delta + n + i) / B(gamma, delta + n): still there at opportunity n + i
/// ```
///
/// Everything below follows from these five numbers.
///
/// ```
/// use customer_metrics::repeat_buying::{BgBb, NextOpportunity, OpportunityHistory};
///
/// let outlook = BgBb::new(1.204, 0.750, 0.657, 2.783)?.outlook(&OpportunityHistory::new(1, 4, 6)?);
/// assert_eq!(format!("{:.3}", outlook.probability_alive()), "0.731");
/// assert_eq!(format!("{:.3}", outlook.probability_alive_after(1)), "0.680");
/// assert_eq!(format!("{:.3}", outlook.expected_purchases(5)), "0.839");
/// assert_eq!(format!("{:.3}", outlook.discounted_purchases(0.1, NextOpportunity::AfterOnePeriod)?), "1.322");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct OpportunityOutlook {
    pub(super) probability_alive: f64,
    pub(super) alpha: f64,
    pub(super) beta: f64,
    pub(super) gamma: f64,
    pub(super) delta: f64,
}

impl OpportunityOutlook {
    /// The probability that the customer was still there at the last opportunity they were watched at.
    #[must_use]
    pub fn probability_alive(&self) -> f64 {
        self.probability_alive
    }

    /// The probability that the customer is still there at the opportunity so many ahead: 1 is the next, as in Fader, Hardie and Shang
    /// (2010), eq. 11.
    #[must_use]
    pub fn probability_alive_after(&self, further: u64) -> f64 {
        (self.probability_alive * ln_survival(self.gamma, self.delta, further).exp()).clamp(0.0, 1.0)
    }

    /// The purchases that are to be expected at so many further opportunities.
    ///
    /// ```text
    /// P x (alpha + x) / (alpha + beta + n)  sum over i = 1 ... further of S(i)
    ///   = P x (alpha + x) / (alpha + beta + n)  (delta + n) / (gamma - 1)  (1 - (delta + n + 1)_k / (gamma + delta + n)_k),  k = further
    /// ```
    ///
    /// The second form does not exist at `gamma = 1`, where the expectation does; the first is summed up to 65,535 opportunities, and
    /// beyond it is the mean over the probabilities to leave.
    #[must_use]
    pub fn expected_purchases(&self, further: u64) -> f64 {
        self.purchases_of(self.opportunities_met(further, 0.0))
    }

    /// The probability of exactly so many purchases at so many further opportunities.
    ///
    /// ```text
    /// sum over i of P(there at i of them exactly) C(i, k) B(alpha' + k, beta' + i - k) / B(alpha', beta')
    /// ```
    ///
    /// with `alpha'` and `beta'` updated; those who have left are at none.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for more than 65,535 opportunities.
    pub fn probability_of_purchases(&self, purchases: u32, further: u32) -> Result<f64> {
        if further > MOST_OPPORTUNITIES {
            return Err(Error::out_of_bounds("opportunities", further, Bound::AtMost(MOST_OPPORTUNITIES.into())));
        }
        let of_alive = self.probability_alive * self.probability_of_purchases_of_alive(purchases, further);
        let left = if purchases == 0 { 1.0 - self.probability_alive } else { 0.0 };
        Ok((left + of_alive).clamp(0.0, 1.0))
    }

    /// The probabilities of 0, 1, ... purchases at so many further opportunities, up to all of them.
    ///
    /// # Errors
    /// As [`probability_of_purchases`](Self::probability_of_purchases).
    pub fn distribution_of_purchases(&self, further: u32) -> Result<Vec<f64>> {
        (0..=further).map(|purchases| self.probability_of_purchases(purchases, further)).collect()
    }

    /// The purchases that are to be expected at so many further opportunities, each discounted for the periods until then.
    ///
    /// ```text
    /// P x (alpha + x) / (alpha + beta + n)  sum over i = 1 ... further of S(i) / (1 + d)^j,  j = i, or i - 1 if the next opportunity is now
    /// ```
    ///
    /// At a rate of 0 it is [`expected_purchases`](Self::expected_purchases). Within 1e-12 relative.
    ///
    /// ```
    /// use customer_metrics::repeat_buying::{BgBb, NextOpportunity, OpportunityHistory};
    ///
    /// let outlook = BgBb::new(1.204, 0.750, 0.657, 2.783)?.outlook(&OpportunityHistory::new(1, 4, 6)?);
    /// let five_years = outlook.discounted_purchases_within(5, 0.1, NextOpportunity::AfterOnePeriod)?;
    /// assert_eq!(format!("{five_years:.3}"), "0.643");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the rate is not within 0 to 1e100.
    pub fn discounted_purchases_within(&self, further: u64, discount_rate: f64, next: NextOpportunity) -> Result<f64> {
        let d = time_ahead("discount rate", discount_rate)?;
        Ok(self.purchases_of(next.first_worth(d) * self.opportunities_met(further, d)))
    }

    /// All purchases to come, each discounted for the periods until then (discounted expected residual transactions, DERT).
    ///
    /// ```text
    /// P x (alpha + x) / (alpha + beta + n)  sum over i = 1, 2, ... of S(i) / (1 + d)^j,  j = i, or i - 1 if the next opportunity is now
    /// sum = (delta + n) / (gamma + delta + n)  2F1(1, delta + n + 1; gamma + delta + n + 1; 1 / (1 + d)) / (1 + d)^(j - i + 1)
    /// for d = 0: (delta + n) / (gamma - 1)
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the rate is not within 0 to 1e100; [`Error::Undefined`] if it is 0 and `gamma` is 1 or less: some
    /// customers stay so long that the expectation is infinite; [`Error::Overflow`] if it exceeds the largest double.
    pub fn discounted_purchases(&self, discount_rate: f64, next: NextOpportunity) -> Result<f64> {
        let d = time_ahead("discount rate", discount_rate)?;
        let &Self { gamma, delta, .. } = self;
        let met = if d <= 0.0 {
            if gamma <= 1.0 {
                return Err(Error::Undefined {
                    metric: PURCHASES,
                    because: "without a discount they are not finite where gamma is 1 or less",
                });
            }
            delta / (gamma - 1.0)
        } else {
            next.first_worth(d) * (delta / (gamma + delta)) * discounted_periods(gamma, delta + 1.0, d)
        };
        let expected = self.purchases_of(met);
        if expected.is_finite() { Ok(expected) } else { Err(Error::Overflow { field: PURCHASES, capacity: "a double" }) }
    }

    /// The purchases of a customer who, if there at the last opportunity, meets so many more of them on average.
    pub(super) fn purchases_of(&self, met: f64) -> f64 {
        self.probability_alive * (self.alpha / (self.alpha + self.beta)) * met
    }

    /// How many of so many further opportunities a customer is there for on average, if they were at the last, each discounted from the
    /// first of them: the sum of `S(i) / (1 + d)^(i - 1)`.
    pub(super) fn opportunities_met(&self, further: u64, d: f64) -> f64 {
        let &Self { gamma, delta, .. } = self;
        delta / (gamma + delta) * discounted_periods_within(gamma, delta + 1.0, d, further)
    }

    fn probability_of_purchases_of_alive(&self, purchases: u32, further: u32) -> f64 {
        if purchases > further {
            return 0.0;
        }
        let &Self { alpha, beta, gamma, delta, .. } = self;
        let k = f64::from(purchases);
        // Taking the first k of them; then one opportunity more at a time, taken or not in any order.
        let mut scale = ln_survival(beta, alpha, purchases.into()) + ln_survival(gamma, delta, purchases.into());
        let (mut sum, mut term) = (0.0, 1.0_f64);
        for met in purchases..further {
            let i = f64::from(met);
            let leaving = gamma + delta + i;
            sum += term * (gamma / leaving);
            term *= (i + 1.0) / (i + 1.0 - k) * ((beta + (i - k)) / (alpha + beta + i)) * ((delta + i) / leaving);
            if term > LARGEST || sum > LARGEST {
                (sum, term, scale) = (sum / LARGEST, term / LARGEST, scale + LARGEST.ln());
            }
        }
        ((sum + term).ln() + scale).exp()
    }
}
