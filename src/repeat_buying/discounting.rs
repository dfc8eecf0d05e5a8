//! Purchases to come, discounted to today.

use super::BetaGeometricOutlook;
use super::beta_geometric::ln_growth;
use super::outlook::{Ahead, time_ahead};
use crate::error::{Bound, Error, Result};
use crate::special::{POINTS_16, ln_beta_mean, scaled_exponential_integral};

const PURCHASES: &str = "discounted purchases";

/// The most periods that are added one by one.
const MOST_PERIODS: u32 = 10_000;

impl BetaGeometricOutlook {
    /// The purchases that are to be expected within so long a time, each discounted from its moment at a continuous rate.
    ///
    /// ```text
    /// integral of exp(-rate s) dE(s) over s from 0 to the time,  E(s) = expected purchases within s
    /// ```
    ///
    /// The rate is in the unit of time of the model; an interest of `i` a unit of time is a rate of `ln(1 + i)`. Times the margin of a
    /// purchase, this is the lifetime value that remains. At a rate of 0 it is [`expected_purchases`](Self::expected_purchases). Within
    /// 1e-11 relative.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the time or the rate is not within 0 to 1e100; [`Error::Overflow`] if the expectation exceeds the largest
    /// double.
    pub fn discounted_purchases_within(&self, time: f64, rate: f64) -> Result<f64> {
        let (time, rate) = (time_ahead("time", time)?, time_ahead("discount rate", rate)?);
        if rate <= 0.0 || time <= 0.0 {
            return self.expected_purchases(time);
        }
        let stream = Stream::new(self, rate);
        self.of_alive(ln_beta_mean(self.a, self.b, |p| stream.within(p.x, time).ln()).exp())
    }

    /// All purchases to come, each discounted from its moment at a continuous rate.
    ///
    /// ```text
    /// integral of exp(-rate s) dE(s) over s from 0 to infinity;  for rate 0: P(alive) x (a + b - 1) / (a - 1),  updated parameters
    /// ```
    ///
    /// It is the counterpart, for these models, of the discounted expected residual transactions of the Pareto/NBD (P. S. Fader,
    /// B. G. S. Hardie and K. L. Lee, "RFM and CLV", Journal of Marketing Research 42 (2005), 415-430). Within 1e-11 relative.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the rate is not within 0 to 1e100; [`Error::Undefined`] if it is 0 and `a` is 1 or less: some customers
    /// never leave then, and the expectation does not exist; [`Error::Overflow`] if it exceeds the largest double.
    pub fn discounted_purchases(&self, rate: f64) -> Result<f64> {
        let rate = time_ahead("discount rate", rate)?;
        if rate <= 0.0 {
            if self.a <= 1.0 {
                return Err(Error::Undefined { metric: PURCHASES, because: "without a discount they are not finite where a is 1 or less" });
            }
            return self.of_alive((self.a + self.b - 1.0) / (self.a - 1.0));
        }
        let stream = Stream::new(self, rate);
        self.of_alive(ln_beta_mean(self.a, self.b, |p| stream.from(p.x, 0.0).ln()).exp())
    }

    /// The purchases that are to be expected in so many periods, each discounted as if made at the end of its period.
    ///
    /// ```text
    /// sum over i = 1 ... periods of (E(i l) - E((i - 1) l)) / (1 + d)^i,  l = length of a period, d = discount rate per period
    /// ```
    ///
    /// This is what lifetime values in a spreadsheet are made of; the Python package lifetimes takes months of 4.345 weeks.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if there are more than 10,000 periods, or the discount rate or all the time is not within 0 to 1e100;
    /// [`Error::Overflow`] if the expectation exceeds the largest double.
    pub fn discounted_purchases_by_period(&self, periods: u32, length: f64, discount_rate: f64) -> Result<f64> {
        by_period(periods, length, discount_rate, |time| self.expected_purchases(time))
    }

    fn of_alive(&self, purchases: f64) -> Result<f64> {
        let expected = self.probability_alive() * purchases;
        if expected.is_finite() { Ok(expected) } else { Err(Error::Overflow { field: PURCHASES, capacity: "a double" }) }
    }
}

/// The purchases that are to be expected in so many periods, each discounted from the end of its period, where `expected` gives those up to
/// a time.
pub(super) fn by_period(periods: u32, length: f64, discount_rate: f64, expected: impl Fn(f64) -> Result<f64>) -> Result<f64> {
    if periods > MOST_PERIODS {
        return Err(Error::out_of_bounds("periods", periods, Bound::AtMost(MOST_PERIODS.into())));
    }
    let (length, rate) = (time_ahead("length of a period", length)?, time_ahead("discount rate", discount_rate)?);
    let (mut before, mut factor, mut sum) = (0.0, 1.0, 0.0);
    for period in 1..=periods {
        let until = expected(f64::from(period) * length)?;
        factor /= 1.0 + rate;
        sum += (until - before) * factor;
        before = until;
    }
    Ok(sum)
}

/// The purchases, discounted, of customers who are still there and leave with a given probability after each.
struct Stream {
    ahead: Ahead,
    rate: f64,
}

impl Stream {
    fn new(outlook: &BetaGeometricOutlook, rate: f64) -> Self {
        Self { ahead: outlook.ahead(0.0), rate }
    }

    /// From a time on, discounted to now.
    ///
    /// ```text
    /// integral of exp(-rate s) r / alpha (1 + p s / alpha)^-(r + 1) over s from the time on
    ///   = exp(-rate t) (1 + p t / alpha)^-r  r / p  e^z E_(r + 1)(z),  z = rate (alpha + p t) / p
    /// ```
    fn from(&self, p: f64, time: f64) -> f64 {
        let Ahead { r, alpha, .. } = self.ahead;
        let kept = (-self.rate * time - r * ln_growth(p * time, alpha)).exp();
        let z_times_p = self.rate * (alpha + p * time);
        if z_times_p >= 1e17 * p * (r + 1.0) {
            return kept * r / z_times_p;
        }
        kept * (r / p) * scaled_exponential_integral(r + 1.0, z_times_p / p)
    }

    /// Up to a time, discounted to now.
    fn within(&self, p: f64, time: f64) -> f64 {
        let Ahead { r, alpha, .. } = self.ahead;
        if self.rate * time + (r + 1.0) * ln_growth(p * time, alpha) >= 1.0 {
            return self.from(p, 0.0) - self.from(p, time);
        }
        // The difference would cancel; the integrand changes by a factor of e at most.
        let half = time / 2.0;
        let term = |s: f64| (-self.rate * s - (r + 1.0) * ln_growth(p * s, alpha)).exp();
        let sum: f64 = POINTS_16.iter().map(|(node, weight)| weight * (term(half * (1.0 - node)) + term(half * (1.0 + node)))).sum();
        r / alpha * half * sum
    }
}
