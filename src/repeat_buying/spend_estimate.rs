//! What a fitted model expects of the spend of customers, with intervals for what is not known of its parameters.

use super::purchase_worth::{Uncertainty, mean_spend_slopes};
use super::value_interval::around;
use super::{Fit, GammaGamma, SpendHistory};
use crate::error::Result;
use crate::estimate::{Confidence, Estimate, Method};

impl Fit<GammaGamma> {
    /// What all customers spend on a purchase on average, with an interval by the delta method.
    ///
    /// ```text
    /// m exp(-+ z s),  m = p v / (q - 1),  s^2 = g' C g,  g = (1, -q / (q - 1), 1)
    /// C = covariance of the logarithms of p, q and v
    /// ```
    ///
    /// ```
    /// use customer_metrics::Confidence;
    /// use customer_metrics::repeat_buying::{GammaGamma, SpendTable, UnpaidRule};
    ///
    /// let (purchases, means) = ([1, 2, 1, 6, 3, 1, 4, 2], [20.0, 35.5, 12.0, 48.0, 30.25, 65.0, 22.5, 41.0]);
    /// let fit = GammaGamma::fit(&SpendTable::from_columns(&purchases, &means, UnpaidRule::Refuse)?)?;
    /// if fit.has_converged() {
    ///     println!("{:.2}", fit.population_mean(Confidence::P95)?);
    /// }
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`](crate::Error::Undefined) unless the fit converged, or if `q` is 1 or less: there is no finite mean;
    /// [`Error::Overflow`](crate::Error::Overflow) if an end of the interval exceeds the largest double.
    pub fn population_mean(&self, confidence: Confidence) -> Result<Estimate> {
        self.expected_mean_spend(&SpendHistory::NONE, confidence)
    }

    /// What a customer with this history is to be expected to spend on a purchase, with an interval made in the same way. It is one of the
    /// expectation; a single amount lies in far wider bounds ([`SpendOutlook::amount_quantile`](super::SpendOutlook::amount_quantile)).
    ///
    /// # Errors
    /// As [`population_mean`](Self::population_mean).
    pub fn expected_mean_spend(&self, history: &SpendHistory, confidence: Confidence) -> Result<Estimate> {
        let mean = self.model().outlook(history).expected_mean_spend()?;
        let uncertainty = Uncertainty::of(self, "the fit did not converge");
        let variance = uncertainty.variance(&mean_spend_slopes(self.model(), history, mean))?;
        Ok(Estimate::holding(mean, around(mean, variance, confidence)?, confidence, Method::DeltaOnLogarithm, self.n()))
    }
}
