//! Renewals drawn from the shifted-beta-geometric model.

use rand_distr::{Binomial, Distribution};
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::SeedableRng;

use super::outlook::listed;
use super::{RenewalTable, ShiftedBetaGeometric};
use crate::error::{Bound, Error, Result};

/// More customers are not drawn one by one to the last of them.
const MOST_CUSTOMERS: u64 = 1_000_000_000_000_000;

impl ShiftedBetaGeometric {
    /// A cohort of so many customers over so many periods: the same one for the same seed.
    ///
    /// What customers do is independent, so of those left each period loses a binomial number: a billion customers take no longer than
    /// ten.
    ///
    /// ```
    /// use customer_metrics::repeat_buying::ShiftedBetaGeometric;
    ///
    /// let cohort = ShiftedBetaGeometric::new(0.668, 3.806)?.simulate(1_000_000, 7, 1)?;
    /// assert_eq!((cohort.customers(), cohort.periods()), (1_000_000, 7));
    /// assert!((cohort.get(7).unwrap().kept as f64 / 1e6 - 0.4881).abs() < 3e-3);
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for more than 10^15 customers or 1,000,000 periods.
    #[cfg_attr(docsrs, doc(cfg(feature = "simulation")))]
    pub fn simulate(&self, customers: u64, periods: u32, seed: u64) -> Result<RenewalTable> {
        if customers > MOST_CUSTOMERS {
            return Err(Error::out_of_bounds("customers", customers, Bound::AtMost(MOST_CUSTOMERS.into())));
        }
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let (mut left, mut lost) = (customers, Vec::new());
        for period in 1..=listed("periods", periods)? {
            // Both shares are within 0 to 1 by construction.
            let leaving = (1.0 - self.retention_rate(period)?).clamp(0.0, 1.0);
            let gone = Binomial::new(left, leaving).map_or(0, |number| number.sample(&mut random)).min(left);
            left = left.saturating_sub(gone);
            lost.push(gone);
        }
        RenewalTable::from_lost(customers, &lost)
    }
}
