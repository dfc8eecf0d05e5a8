//! Spend drawn from the Gamma-Gamma model.

use rand_distr::{Distribution, Gamma};
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::SeedableRng;

use super::{GammaGamma, SpendHistory};
use crate::decimal::count_to_f64;
use crate::error::{Error, Result};

impl GammaGamma {
    /// What one customer spends for each number of purchases: the same for the same seed.
    ///
    /// ```
    /// use customer_metrics::repeat_buying::GammaGamma;
    ///
    /// let model = GammaGamma::new(6.25, 3.74, 15.44)?;
    /// let customers = model.simulate(&[3; 2_000], 7)?;
    /// let mean = customers.iter().map(|history| history.mean_spend()).sum::<f64>() / 2_000.0;
    /// assert!((mean - model.population_mean()?).abs() < 3.0);
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Overflow`] where the parameters are beyond what can be drawn from; [`Error::Row`] with the first customer whose mean spend
    /// would not be within 1e-100 to 1e100.
    #[cfg_attr(docsrs, doc(cfg(feature = "simulation")))]
    pub fn simulate(&self, purchases: &[u64], seed: u64) -> Result<Vec<SpendHistory>> {
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let rates = Gamma::new(self.q(), 1.0).map_err(|_| TOO_FAR)?;
        let customer = |(row, &purchases): (usize, &u64)| {
            if purchases == 0 {
                return Ok(SpendHistory::NONE);
            }
            let x = count_to_f64(purchases);
            // The sum of x amounts of shape p and the same rate has the shape p x.
            let amounts = Gamma::new(self.p() * x, 1.0).map_err(|_| TOO_FAR)?;
            let mean = amounts.sample(&mut random) / x * (self.v() / rates.sample(&mut random));
            SpendHistory::new(purchases, mean).map_err(|error| error.at_row(row))
        };
        purchases.iter().enumerate().map(customer).collect()
    }
}

const TOO_FAR: Error = Error::Overflow { field: "simulated spend", capacity: "what can be drawn from" };
