//! Customers drawn from the BG/BB model.

use rand::RngExt;
use rand_distr::{Beta, Distribution};
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::SeedableRng;

use super::{BgBb, OpportunityHistory};
use crate::error::{Error, Result};

impl BgBb {
    /// One customer drawn at random for each number of opportunities: the same ones for the same seed.
    ///
    /// ```
    /// use customer_metrics::repeat_buying::BgBb;
    ///
    /// let model = BgBb::new(1.204, 0.750, 0.657, 2.783)?;
    /// let donors = model.simulate(&[6; 1_000], 7)?;
    /// let gifts: u32 = donors.iter().map(|history| history.frequency()).sum();
    /// assert!((1_900..2_450).contains(&gifts));
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Row`] with the first customer of more than 65,535 opportunities; [`Error::Overflow`] where the parameters are beyond what
    /// can be drawn from.
    #[cfg_attr(docsrs, doc(cfg(feature = "simulation")))]
    pub fn simulate(&self, opportunities: &[u32], seed: u64) -> Result<Vec<OpportunityHistory>> {
        const TOO_FAR: Error = Error::Overflow { field: "simulated purchases", capacity: "what can be drawn from" };
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let buying = Beta::new(self.alpha(), self.beta()).map_err(|_| TOO_FAR)?;
        let leaving = Beta::new(self.gamma(), self.delta()).map_err(|_| TOO_FAR)?;
        let customer = |(row, &opportunities): (usize, &u32)| {
            // Refused before the loop, which is as long.
            OpportunityHistory::new(0, 0, opportunities).map_err(|error| error.at_row(row))?;
            let (buys, leaves) = (buying.sample(&mut random), leaving.sample(&mut random));
            let (mut frequency, mut recency) = (0_u32, 0);
            for opportunity in 1..=opportunities {
                if random.random::<f64>() < leaves {
                    break;
                }
                if random.random::<f64>() < buys {
                    (frequency, recency) = (frequency.saturating_add(1), opportunity);
                }
            }
            OpportunityHistory::new(frequency, recency, opportunities).map_err(|error| error.at_row(row))
        };
        opportunities.iter().enumerate().map(customer).collect()
    }
}
