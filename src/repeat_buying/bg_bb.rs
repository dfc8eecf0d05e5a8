//! The BG/BB model: taking discrete opportunities to buy until leaving for good.

use std::collections::HashMap;

use super::bg_bb_likelihood::{BetaBinomial, OpportunitySample, ln_likelihood_of, starts};
use super::parameters::parameters;
use super::search::Search;
use super::{Fit, FitOptions, Model, OpportunityHistory, OpportunityOutlook, OpportunityTable};
use crate::error::{Error, Result};

/// The beta-geometric/beta-Bernoulli model of customers who can buy at discrete opportunities and do not say when they leave.
///
/// ```text
/// While there, a customer takes each opportunity with probability p: p ~ Beta(alpha, beta) over customers.
/// Before each opportunity they leave with probability theta:         theta ~ Beta(gamma, delta), independent of p.
///
/// L(x, t_x, n) = B(alpha + x, beta + n - x) / B(alpha, beta)  B(gamma, delta + n) / B(gamma, delta)
///   + sum over i = 0 ... n - t_x - 1 of
///     B(alpha + x, beta + t_x - x + i) / B(alpha, beta)  B(gamma + 1, delta + t_x + i) / B(gamma, delta)
/// ```
///
/// The discrete counterpart of the [`BgNbd`](super::BgNbd) family: yearly donations, weekly markets, conferences. Parameters are pure
/// numbers within 1e-100 to 1e100. All terms are positive and summed by recurrence, so that nothing is added inside the logarithm to keep
/// it finite.
///
/// ```
/// use customer_metrics::repeat_buying::{BgBb, OpportunityHistory};
///
/// let model = BgBb::new(1.204, 0.750, 0.657, 2.783)?;
/// let donor = OpportunityHistory::new(1, 4, 6)?;
/// assert_eq!(format!("{:.3}", model.log_likelihood(&donor)), "-4.571");
/// assert_eq!(format!("{:.3}", model.outlook(&donor).expected_purchases(5)), "0.839");
///
/// // The fit of a single customer has no maximum, and says so.
/// let fit = BgBb::fit(&[donor].into_iter().collect())?;
/// assert!(!fit.has_converged() && fit.standard_errors().is_none());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// Source: P. S. Fader, B. G. S. Hardie and J. Shang, "Customer-Base Analysis in a Discrete-Time Noncontractual Setting", Marketing Science
/// 29 (2010), 1086-1108.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "BgBbState", into = "BgBbState"))]
pub struct BgBb {
    alpha: f64,
    beta: f64,
    gamma: f64,
    delta: f64,
}

parameters! {
    BgBb(BgBbState), 4, ratios: ["alpha / beta" = 0 / 1, "gamma / delta" = 2 / 3]:
    /// The first shape of the probabilities to buy, whose mean is `alpha / (alpha + beta)`.
    alpha,
    /// Their second shape.
    beta,
    /// The first shape of the probabilities to leave, whose mean is `gamma / (gamma + delta)`.
    gamma,
    /// Their second shape.
    delta,
}

impl BgBb {
    /// The likeliest model for these customers, with its standard errors.
    ///
    /// # Errors
    /// [`Error::Undefined`] if there is no customer, or no opportunity.
    pub fn fit(table: &OpportunityTable) -> Result<Fit<Self>> {
        Self::fit_with(table, &FitOptions::default())
    }

    /// The likeliest model from a given start or under a penalty.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn fit_with(table: &OpportunityTable, options: &FitOptions<Self>) -> Result<Fit<Self>> {
        const METRIC: &str = "BG/BB fit";
        if table.is_empty() {
            return Err(Error::Undefined { metric: METRIC, because: "there are no customers" });
        }
        if table.iter().all(|(history, _)| history.opportunities() == 0) {
            return Err(Error::Undefined { metric: METRIC, because: "there are no opportunities" });
        }
        let objective = OpportunitySample::new(table);
        let part = OpportunitySample::part(table);
        Search { objective: &objective, part: part.as_ref(), rough: None, starts: &starts(table), scale: [1.0; 4], n: table.customers() }
            .fit(options)
    }

    /// The natural logarithm of the likelihood of one history.
    #[must_use]
    pub fn log_likelihood(&self, history: &OpportunityHistory) -> f64 {
        self.core().ln_likelihood(history)
    }

    /// The natural logarithm of the likelihood of all customers together.
    #[must_use]
    pub fn log_likelihood_of(&self, table: &OpportunityTable) -> f64 {
        ln_likelihood_of(&self.core(), table)
    }

    /// What is to be expected of a customer with this history.
    #[must_use]
    pub fn outlook(&self, history: &OpportunityHistory) -> OpportunityOutlook {
        let silence = self.core().silence(history);
        let (x, n) = (f64::from(history.frequency()), f64::from(history.opportunities()));
        OpportunityOutlook {
            probability_alive: (silence.alive / silence.sum).clamp(0.0, 1.0),
            alpha: self.alpha + x,
            beta: self.beta + (n - x),
            gamma: self.gamma,
            delta: self.delta + n,
        }
    }

    /// What is to be expected of a customer before the first opportunity.
    ///
    /// ```
    /// use customer_metrics::repeat_buying::BgBb;
    ///
    /// let model = BgBb::new(1.204, 0.750, 0.657, 2.783)?;
    /// assert_eq!(format!("{:.3}", model.new_customer().expected_purchases(6)), "2.220");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn new_customer(&self) -> OpportunityOutlook {
        self.outlook(&OpportunityHistory::NEW)
    }

    /// The probability that each customer is still there at the last opportunity they were watched at, in the order of the rows; equal
    /// histories are looked at once.
    #[must_use]
    pub fn probability_alive_column(&self, histories: &[OpportunityHistory]) -> Vec<f64> {
        self.of_each(histories, |outlook, _| outlook.probability_alive())
    }

    /// The purchases that are to be expected of each customer at so many further opportunities, in the order of the rows; equal histories
    /// are looked at once.
    #[must_use]
    pub fn expected_purchases_column(&self, histories: &[OpportunityHistory], further: u64) -> Vec<f64> {
        let mut opportunities_met = HashMap::new();
        self.of_each(histories, |outlook, history| {
            let met = opportunities_met.entry(history.opportunities()).or_insert_with(|| outlook.opportunities_met(further, 0.0));
            outlook.purchases_of(*met)
        })
    }

    fn of_each(&self, histories: &[OpportunityHistory], mut of: impl FnMut(&OpportunityOutlook, &OpportunityHistory) -> f64) -> Vec<f64> {
        let mut known: HashMap<OpportunityHistory, f64> = HashMap::new();
        histories.iter().map(|history| *known.entry(*history).or_insert_with(|| of(&self.outlook(history), history))).collect()
    }

    fn core(&self) -> BetaBinomial {
        BetaBinomial::new(self.parameters())
    }
}
