//! Customers drawn from a model.

use rand::{Rng, RngExt};
use rand_distr::{Beta, Distribution, Gamma, Poisson};
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::SeedableRng;

use super::PurchaseHistory;
use super::beta_geometric::{BetaGeometric, FirstChance};
use super::outlook::time_ahead;
use super::pareto_gamma::ParetoGamma;
use crate::decimal::{count_to_f64, nearest_whole};
use crate::error::{Error, Result};

impl BetaGeometric {
    /// One customer for each age.
    pub(super) fn simulate(&self, ages: &[f64], seed: u64) -> Result<Vec<PurchaseHistory>> {
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let rates = Gamma::new(self.r, 1.0 / self.alpha).map_err(|_| TOO_FAR)?;
        let leaving = Beta::new(self.a, self.b).map_err(|_| TOO_FAR)?;
        let customer = |(row, &age): (usize, &f64)| {
            let age = time_ahead("age", age).map_err(|error| error.at_row(row))?;
            let purchases = poisson(rates.sample(&mut random) * age, &mut random).map_err(|error| error.at_row(row))?;
            let last = self.last_purchase(purchases, leaving.sample(&mut random), &mut random);
            // Of so many points spread at random over the time, that one in their order.
            let part = if last > 0.0 { beta(last, purchases - last + 1.0, &mut random)? } else { 0.0 };
            let recency = if last > 0.0 { (part * age).clamp(f64::MIN_POSITIVE, age) } else { 0.0 };
            let frequency = whole(last).map_err(|error| error.at_row(row))?;
            PurchaseHistory::new(frequency, recency, age).map_err(|error| error.at_row(row))
        };
        ages.iter().enumerate().map(customer).collect()
    }

    /// Which of the purchases, had the customer stayed, was the last.
    fn last_purchase(&self, purchases: f64, leaving: f64, random: &mut impl Rng) -> f64 {
        // Chances to leave that pass by are geometric; a uniform number in (0, 1] has a finite logarithm.
        let uniform = 1.0 - random.random::<f64>();
        let passed = (uniform.ln() / (-leaving).ln_1p()).floor();
        let until_left = match self.first_chance {
            FirstChance::AfterRepeatPurchase => passed + 1.0,
            FirstChance::AtOnce => passed,
        };
        // A probability of 0 or 1 makes the quotient infinite, NaN or -0; the smaller of a number and NaN is the number.
        purchases.min(until_left).max(0.0)
    }
}

impl ParetoGamma {
    /// One customer for each age.
    pub(super) fn simulate(&self, ages: &[f64], seed: u64) -> Result<Vec<PurchaseHistory>> {
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let buying = Gamma::new(self.r, 1.0 / self.alpha).map_err(|_| TOO_FAR)?;
        let leaving = Gamma::new(self.s, 1.0 / self.beta).map_err(|_| TOO_FAR)?;
        let customer = |(row, &age): (usize, &f64)| {
            let age = time_ahead("age", age).map_err(|error| error.at_row(row))?;
            // A uniform number in (0, 1] has a finite logarithm; the smaller of a time and NaN, from a rate of 0, is the time.
            let uniform = 1.0 - random.random::<f64>();
            let there = age.min(-uniform.ln() / leaving.sample(&mut random));
            let purchases = poisson(buying.sample(&mut random) * there, &mut random).map_err(|error| error.at_row(row))?;
            let part = if purchases > 0.0 { beta(purchases, 1.0, &mut random)? } else { 0.0 };
            let recency = if purchases > 0.0 { (part * there).clamp(f64::MIN_POSITIVE, age) } else { 0.0 };
            let frequency = whole(purchases).map_err(|error| error.at_row(row))?;
            PurchaseHistory::new(frequency, recency, age).map_err(|error| error.at_row(row))
        };
        ages.iter().enumerate().map(customer).collect()
    }
}

const TOO_FAR: Error = Error::Overflow { field: "simulated purchases", capacity: "a 62-bit count" };

fn whole(purchases: f64) -> Result<u64> {
    nearest_whole(purchases).and_then(|purchases| u64::try_from(purchases).ok()).ok_or(TOO_FAR)
}

/// A Poisson number, for any mean that a count can follow.
fn poisson(mean: f64, random: &mut impl Rng) -> Result<f64> {
    if mean <= 0.0 {
        return Ok(0.0);
    }
    let distribution = Poisson::new(mean).map_err(|_| TOO_FAR)?;
    let purchases: f64 = distribution.sample(random);
    if purchases < count_to_f64(u64::MAX) / 4.0 { Ok(purchases) } else { Err(TOO_FAR) }
}

fn beta(a: f64, b: f64, random: &mut impl Rng) -> Result<f64> {
    Beta::new(a, b).map(|distribution| distribution.sample(random)).map_err(|_| TOO_FAR)
}
