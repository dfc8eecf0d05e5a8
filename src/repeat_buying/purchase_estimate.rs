//! What a fitted model expects of customers, with intervals for what is not known of its parameters.

use super::discounted_columns::discounted_purchases;
use super::purchase_worth::Uncertainty;
use super::sloped::Sloped;
use super::transaction_model::sealed::CHECKED;
use super::unordered_sum::UnorderedSum;
use super::value_interval::{around, finished, sloped_purchases};
use super::{ContinuousRate, Fit, Horizon, PurchaseColumns, PurchaseHistory, TransactionModel};
use crate::error::{Error, Result};
use crate::estimate::{Confidence, Estimate, Interval, Method};

/// What a model fitted to these customers, or to others like them, expects, with an interval by the delta method.
///
/// ```text
/// expectation exp(-+ z s),  s^2 = g' C g
/// g = derivatives of ln expectation in the logarithms of the parameters,  C = their covariance
/// ```
///
/// An interval says how far the *expectation* may be off because the parameters were estimated from so many customers. What one customer
/// will do lies in far wider bounds: see [`BetaGeometricOutlook::distribution_of_purchases`](super::BetaGeometricOutlook::distribution_of_purchases). The derivatives
/// are exact, so that the ends are within 1e-9 of the distance between them, plus what the point itself may be off.
///
/// A customer at their first purchase is [`PurchaseHistory::one_time`] of age 0.
impl<M: TransactionModel> Fit<M> {
    /// The probability that a customer is still there at the end of the watch, with an interval that is normal in the logit.
    ///
    /// ```
    /// use customer_metrics::Confidence;
    /// use customer_metrics::repeat_buying::{MbgNbd, PurchaseHistory, PurchaseTable};
    ///
    /// let histories = [(2, 30.4, 90), (1, 1.7, 120), (0, 0.0, 400), (4, 33.9, 40), (7, 29.4, 10), (1, 25.0, 60), (3, 12.1, 30)];
    /// let table = PurchaseTable::from_counts(
    ///     histories.into_iter().map(|(x, t_x, customers)| Ok((PurchaseHistory::new(x, t_x, 38.9)?, customers))).collect::<Result<Vec<_>, _>>()?,
    /// )?;
    /// let fit = MbgNbd::fit(&table)?;
    /// let regular = PurchaseHistory::new(2, 30.4, 38.9)?;
    /// let alive = fit.probability_alive(&regular, Confidence::P95)?;
    /// let next = fit.expected_purchases(&regular, 39.0, Confidence::P95)?;
    /// assert_eq!(alive.point(), fit.model().outlook(&regular).probability_alive());
    /// assert!(alive.interval().low() > 0.0 && alive.interval().high() < 1.0 && next.interval().low() > 0.0);
    /// println!("{alive:.2}; {next:.2}");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] unless the fit converged.
    pub fn probability_alive(&self, history: &PurchaseHistory, confidence: Confidence) -> Result<Estimate> {
        let alive = self.model().sloped_alive(history, CHECKED);
        let gone = 1.0 - alive.value;
        let variance = self.uncertainty().variance(&alive.slopes)?;
        let certain = |share: f64| {
            let interval = Interval::new(share, share)?;
            Ok(Estimate::holding(share, interval, confidence, Method::LogitWald, self.n()))
        };
        // All or none to the last digits: there is no logit, and nothing to be unsure of in a double.
        if !(alive.value > 0.0 && gone > 1e-15) {
            return certain(alive.value);
        }
        let half = confidence.two_sided_z() * variance.sqrt() / (alive.value * gone);
        let share_of = |by: f64| alive.value / (alive.value + gone * (-by).exp());
        let interval = Interval::new(share_of(-half).min(alive.value), share_of(half).max(alive.value))?;
        Ok(Estimate::holding(alive.value, interval, confidence, Method::LogitWald, self.n()))
    }

    /// The purchases that are to be expected of a customer within so long a time after the watch.
    ///
    /// # Errors
    /// [`Error::Undefined`] unless the fit converged; [`Error::OutOfBounds`] if the time is not within 0 to 1e100; [`Error::Overflow`] if
    /// the expectation, or an end of the interval, exceeds the largest double.
    pub fn expected_purchases(&self, history: &PurchaseHistory, within: f64, confidence: Confidence) -> Result<Estimate> {
        self.purchases_over(history, Horizon::within(within, ContinuousRate::ZERO)?, confidence)
    }

    /// The purchases that are to be expected of a customer within a horizon, discounted to the end of the watch: without an end, the
    /// discounted expected residual transactions (DERT) of the field.
    ///
    /// # Errors
    /// [`Error::Undefined`] unless the fit converged; those of [`TransactionModel::purchases_over`]; [`Error::Overflow`] if an end of
    /// the interval exceeds the largest double.
    pub fn purchases_over(&self, history: &PurchaseHistory, horizon: Horizon, confidence: Confidence) -> Result<Estimate> {
        self.model().purchases_over(&PurchaseHistory::NEW, horizon)?;
        self.estimate_of(sloped_purchases(self.model(), history, horizon)?, confidence)
    }

    /// The purchases that are to be expected of all customers of a base together within so long a time after the watch.
    ///
    /// # Errors
    /// As [`expected_purchases`](Self::expected_purchases); [`Error::Row`] with the first row whose expectation overflows.
    pub fn total_expected_purchases(&self, columns: PurchaseColumns<'_>, within: f64, confidence: Confidence) -> Result<Estimate> {
        self.total_purchases_over(columns, Horizon::within(within, ContinuousRate::ZERO)?, confidence)
    }

    /// The discounted purchases of all customers of a base together.
    ///
    /// The intervals of customers do not add up to that of the base, as all depend on the same parameters. The order of the rows does not
    /// matter, to the last bit.
    ///
    /// # Errors
    /// As [`purchases_over`](Self::purchases_over); [`Error::Row`] with the first row whose expectation overflows.
    pub fn total_purchases_over(&self, columns: PurchaseColumns<'_>, horizon: Horizon, confidence: Confidence) -> Result<Estimate> {
        self.model().purchases_over(&PurchaseHistory::NEW, horizon)?;
        let mut sums: [UnorderedSum; 5] = Default::default();
        let purchases: Vec<Sloped> = discounted_purchases(self.model(), columns, horizon)?;
        for sloped in purchases {
            sums.iter_mut().zip(sloped.numbers()).for_each(|(sum, number)| sum.add(number));
        }
        self.estimate_of(Sloped::from_numbers(finished(&sums)?), confidence)
    }

    /// An interval for the discounted purchases of each customer, in the order of the rows: what
    /// [`purchases_over`](Self::purchases_over) gives for one.
    ///
    /// # Errors
    /// As [`purchases_over`](Self::purchases_over), [`Error::Row`] with the first row that has one.
    pub fn purchases_over_intervals(
        &self,
        columns: PurchaseColumns<'_>,
        horizon: Horizon,
        confidence: Confidence,
    ) -> Result<Vec<Interval>> {
        self.model().purchases_over(&PurchaseHistory::NEW, horizon)?;
        let uncertainty = self.uncertainty();
        let purchases: Vec<Sloped> = discounted_purchases(self.model(), columns, horizon)?;
        let interval = |sloped: &Sloped| around(sloped.value, uncertainty.variance(&sloped.slopes)?, confidence);
        purchases.iter().enumerate().map(|(row, sloped)| interval(sloped).map_err(|error: Error| error.at_row(row))).collect()
    }

    fn estimate_of(&self, sloped: Sloped, confidence: Confidence) -> Result<Estimate> {
        let interval = around(sloped.value, self.uncertainty().variance(&sloped.slopes)?, confidence)?;
        Ok(Estimate::holding(sloped.value, interval, confidence, Method::DeltaOnLogarithm, self.n()))
    }

    fn uncertainty(&self) -> Uncertainty<4> {
        Uncertainty::of(self, "the fit did not converge")
    }
}
