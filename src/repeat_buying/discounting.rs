//! Purchases to come, discounted to today.

use super::BetaGeometricOutlook;
use super::beta_geometric::ln_growth;
use super::outlook::Ahead;
use crate::error::{Error, Result};
use crate::special::{POINTS_16, ln_beta_mean, scaled_exponential_integral};

const PURCHASES: &str = "discounted purchases";

impl BetaGeometricOutlook {
    /// The purchases within so long a time, each discounted from its moment at a continuous rate; both have been checked.
    ///
    /// ```text
    /// integral of exp(-rate s) dE(s) over s from 0 to the time,  E(s) = expected purchases within s
    /// ```
    pub(super) fn discounted_purchases_within(&self, time: f64, rate: f64) -> Result<f64> {
        if rate <= 0.0 || time <= 0.0 {
            return self.expected_purchases(time);
        }
        let stream = Stream::new(self, rate);
        self.of_alive(ln_beta_mean(self.a, self.b, |p| stream.within(p.x, time).ln()).exp())
    }

    /// All purchases to come, each discounted from its moment at a continuous rate, which has been checked.
    ///
    /// ```text
    /// integral of exp(-rate s) dE(s) over s from 0 to infinity;  for rate 0: P(alive) x (a + b - 1) / (a - 1),  updated parameters
    /// ```
    pub(super) fn discounted_purchases(&self, rate: f64) -> Result<f64> {
        if rate <= 0.0 {
            if self.a <= 1.0 {
                return Err(Error::Undefined { metric: PURCHASES, because: "without a discount they are not finite where a is 1 or less" });
            }
            return self.of_alive((self.a + self.b - 1.0) / (self.a - 1.0));
        }
        let stream = Stream::new(self, rate);
        self.of_alive(ln_beta_mean(self.a, self.b, |p| stream.from(p.x, 0.0).ln()).exp())
    }

    fn of_alive(&self, purchases: f64) -> Result<f64> {
        let expected = self.probability_alive() * purchases;
        if expected.is_finite() { Ok(expected) } else { Err(Error::Overflow { field: PURCHASES, capacity: "a double" }) }
    }
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
