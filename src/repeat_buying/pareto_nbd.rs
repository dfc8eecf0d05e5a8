//! The Pareto/NBD model: buying at random until leaving at a random time, purchase or not.

use super::eigen::Matrix;
use super::fit::{Search, parameter};
use super::pareto_gamma::{ParetoGamma, ParetoLikelihood, starts};
use super::sample::Sample;
use super::{Fit, FitOptions, Model, ParetoOutlook, PurchaseColumns, PurchaseHistory, PurchaseTable};
use crate::decimal::{count_to_f64, wide_count_to_f64};
use crate::error::{Error, Result};

/// The Pareto/NBD model of customers who do not say when they leave.
///
/// ```text
/// While alive, a customer buys at random at a rate lambda: lambda ~ Gamma(shape r, rate alpha) over customers.
/// They leave at a rate mu, whatever they buy:              mu ~ Gamma(shape s, rate beta) over customers, independent of lambda.
///
/// L(x, t_x, T) = gamma(r + x) alpha^r beta^s / gamma(r)
///              x ( (alpha + T)^-(r + x) (beta + T)^-s  +  integral of (alpha + t)^-(r + x) s (beta + t)^-(s + 1) over t from t_x to T )
/// ```
///
/// `alpha` and `beta` are in the unit of time of the data, `r` and `s` are pure numbers. Parameters may lie between 1e-100 and 1e100.
///
/// The likelihood is usually written with a difference of two hypergeometric functions, in one of two forms as `alpha` or `beta` is the
/// larger, and loses its digits where they are close or the frequency is large. Here the integral itself is computed, of which nothing
/// cancels: it agrees with mpmath within 4e-15 of itself, or of 1 where it is smaller, and `alpha` = `beta` is a case like any other.
///
/// ```
/// use customer_metrics::repeat_buying::{ParetoNbd, PurchaseHistory};
///
/// let model = ParetoNbd::new(0.553, 10.578, 0.606, 11.669)?;
/// let regular = PurchaseHistory::new(2, 30.43, 38.86)?;
/// assert_eq!(format!("{:.3}", model.log_likelihood(&regular)), "-9.554");
/// assert_eq!(format!("{:.3}", model.outlook(&regular).expected_purchases(39.0)?), "1.455");
///
/// // The fit of a single customer has no maximum, and says so.
/// let fit = ParetoNbd::fit(&[regular].into_iter().collect())?;
/// assert!(!fit.has_converged() && fit.standard_errors().is_none());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// Source: D. C. Schmittlein, D. G. Morrison and R. Colombo, "Counting Your Customers: Who Are They and What Will They Do Next?",
/// Management Science 33 (1987), 1-24; P. S. Fader and B. G. S. Hardie, "A Note on Deriving the Pareto/NBD Model and Related Expressions"
/// (2005).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "ParetoNbdState", into = "ParetoNbdState"))]
pub struct ParetoNbd {
    r: f64,
    alpha: f64,
    s: f64,
    beta: f64,
}

impl ParetoNbd {
    /// A model with known parameters.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless each is within 1e-100 to 1e100.
    pub fn new(r: f64, alpha: f64, s: f64, beta: f64) -> Result<Self> {
        Ok(Self { r: parameter("r", r)?, alpha: parameter("alpha", alpha)?, s: parameter("s", s)?, beta: parameter("beta", beta)? })
    }

    /// The likeliest model for these customers, with its standard errors.
    ///
    /// # Errors
    /// [`Error::Undefined`] if there is no customer.
    pub fn fit(table: &PurchaseTable) -> Result<Fit<Self>> {
        Self::fit_with(table, &FitOptions::default())
    }

    /// The likeliest model from a given start or under a penalty.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn fit_with(table: &PurchaseTable, options: &FitOptions<Self>) -> Result<Fit<Self>> {
        if table.is_empty() {
            return Err(Error::Undefined { metric: "Pareto/NBD fit", because: "there are no customers" });
        }
        let objective = ParetoLikelihood { sample: Sample::new(table) };
        let part = Sample::part(table).map(|sample| ParetoLikelihood { sample });
        let time = table.iter().map(|(history, customers)| history.age() * count_to_f64(customers)).sum();
        let starts = starts(count_to_f64(table.customers()), wide_count_to_f64(table.repeat_purchases()), time);
        Search { objective: &objective, part: part.as_ref(), starts: &starts, n: table.customers() }.fit(options)
    }

    /// The shape of the rates of buying: the smaller, the more customers differ.
    #[must_use]
    pub fn r(&self) -> f64 {
        self.r
    }

    /// The rate of their distribution, a time: customers buy `r / alpha` times in a unit of time on average.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// The shape of the rates of leaving: the smaller, the more customers differ.
    #[must_use]
    pub fn s(&self) -> f64 {
        self.s
    }

    /// The rate of their distribution, a time: half of the customers have left after `beta (2^(1/s) - 1)`.
    #[must_use]
    pub fn beta(&self) -> f64 {
        self.beta
    }

    /// The natural logarithm of the likelihood of one history.
    #[must_use]
    pub fn log_likelihood(&self, history: &PurchaseHistory) -> f64 {
        self.core().ln_likelihood(history.frequency(), history.recency(), history.age())
    }

    /// The natural logarithm of the likelihood of all customers together.
    #[must_use]
    pub fn log_likelihood_of(&self, table: &PurchaseTable) -> f64 {
        self.core().ln_likelihood_of(table)
    }

    /// What is to be expected of a customer with this history.
    #[must_use]
    pub fn outlook(&self, history: &PurchaseHistory) -> ParetoOutlook {
        self.core().outlook(history)
    }

    /// What is to be expected of a customer at their first purchase.
    ///
    /// ```
    /// use customer_metrics::repeat_buying::ParetoNbd;
    ///
    /// let model = ParetoNbd::new(0.553, 10.578, 0.606, 11.669)?;
    /// assert_eq!(format!("{:.3}", model.new_customer().expected_purchases(52.0)?), "1.473");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn new_customer(&self) -> ParetoOutlook {
        self.core().outlook(&PurchaseHistory::NEW)
    }

    /// The probability that each customer is still there at the end of the watch, in the order of the rows.
    #[must_use]
    pub fn probabilities_alive(&self, columns: PurchaseColumns<'_>) -> Vec<f64> {
        self.core().probabilities_alive(columns)
    }

    /// The purchases that are to be expected of each customer within so long a time, in the order of the rows: those of
    /// [`ParetoOutlook::expected_purchases`].
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the time is not within 0 to 1e100; [`Error::Row`] with the first row whose expectation overflows.
    pub fn expected_purchases(&self, columns: PurchaseColumns<'_>, within: f64) -> Result<Vec<f64>> {
        self.core().expected_purchases(columns, within)
    }

    /// One customer drawn at random for each age, watched so long: the same ones for the same seed.
    ///
    /// ```
    /// use customer_metrics::repeat_buying::ParetoNbd;
    ///
    /// let model = ParetoNbd::new(0.553, 10.578, 0.606, 11.669)?;
    /// let customers = model.simulate(&[39.0; 1_000], 7)?;
    /// let again = customers.iter().filter(|history| history.frequency() > 0).count();
    /// assert!((350..500).contains(&again));
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Row`] with the first age that is not within 0 to 1e100; [`Error::Overflow`] where a customer would buy more often than 64
    /// bits can count, or the parameters are beyond what can be drawn from.
    #[cfg(feature = "simulation")]
    #[cfg_attr(docsrs, doc(cfg(feature = "simulation")))]
    pub fn simulate(&self, ages: &[f64], seed: u64) -> Result<Vec<PurchaseHistory>> {
        self.core().simulate(ages, seed)
    }

    pub(super) fn core(&self) -> ParetoGamma {
        ParetoGamma::new(self.parameters())
    }
}

impl Model for ParetoNbd {
    type Parameters = [f64; 4];
    type Covariance = Matrix<4>;

    const PARAMETER_NAMES: &'static [&'static str] = &["r", "alpha", "s", "beta"];

    fn parameters(&self) -> [f64; 4] {
        [self.r, self.alpha, self.s, self.beta]
    }

    fn from_parameters([r, alpha, s, beta]: [f64; 4]) -> Result<Self> {
        Self::new(r, alpha, s, beta)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ParetoNbdState {
    r: f64,
    alpha: f64,
    s: f64,
    beta: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<ParetoNbdState> for ParetoNbd {
    type Error = Error;

    fn try_from(state: ParetoNbdState) -> Result<Self> {
        Self::new(state.r, state.alpha, state.s, state.beta)
    }
}

#[cfg(feature = "serde")]
impl From<ParetoNbd> for ParetoNbdState {
    fn from(ParetoNbd { r, alpha, s, beta }: ParetoNbd) -> Self {
        Self { r, alpha, s, beta }
    }
}
