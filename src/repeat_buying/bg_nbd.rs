//! The BG/NBD model: buying at random until leaving for good, with a chance to leave after each repeat purchase.

use super::beta_geometric::{BetaGeometric, BetaGeometricLikelihood, Covariance, FirstChance, starts};
use super::fit::{Search, parameter};
use super::sample::Sample;
use super::{Fit, FitOptions, Model, Outlook, PurchaseColumns, PurchaseHistory, PurchaseTable};
use crate::decimal::{count_to_f64, wide_count_to_f64};
use crate::error::{Error, Result};

/// The beta-geometric/NBD model of customers who do not say when they leave.
///
/// ```text
/// While alive, a customer buys at random at a rate lambda:  lambda ~ Gamma(shape r, rate alpha) over customers.
/// After each repeat purchase they leave with probability p: p ~ Beta(a, b) over customers, independent of lambda.
///
/// L(x, t_x, T) = B(a, b + x) / B(a, b)  gamma(r + x) alpha^r / (gamma(r) (alpha + T)^(r + x))
///              + [x > 0]  B(a + 1, b + x - 1) / B(a, b)  gamma(r + x) alpha^r / (gamma(r) (alpha + t_x)^(r + x))
/// ```
///
/// `alpha` is in the unit of time of the data, the others are pure numbers. Parameters may lie between 1e-100 and 1e100.
///
/// **A customer who has not bought again cannot have left** in this model, however long ago their purchase: there was no chance to. Where
/// one-time buyers matter, use [`MbgNbd`](super::MbgNbd), which lets customers leave after their first purchase too.
///
/// ```
/// use customer_metrics::repeat_buying::{BgNbd, PurchaseHistory};
///
/// let model = BgNbd::new(0.243, 4.414, 0.793, 2.426)?;
/// let regular = PurchaseHistory::new(2, 30.43, 38.86)?;
/// assert_eq!(format!("{:.3}", model.log_likelihood(&regular)), "-9.459");
/// assert_eq!(format!("{:.3}", model.outlook(&regular).expected_purchases(39.0)?), "1.226");
///
/// // The fit of a single customer has no maximum, and says so.
/// let fit = BgNbd::fit(&[regular].into_iter().collect())?;
/// assert!(!fit.has_converged() && fit.standard_errors().is_none());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// Source: P. S. Fader, B. G. S. Hardie and K. L. Lee, "Counting Your Customers the Easy Way: An Alternative to the Pareto/NBD Model",
/// Marketing Science 24 (2005), 275-284.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "BgNbdState", into = "BgNbdState"))]
pub struct BgNbd {
    r: f64,
    alpha: f64,
    a: f64,
    b: f64,
}

impl BgNbd {
    /// A model with known parameters.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless each is within 1e-100 to 1e100.
    pub fn new(r: f64, alpha: f64, a: f64, b: f64) -> Result<Self> {
        Ok(Self { r: parameter("r", r)?, alpha: parameter("alpha", alpha)?, a: parameter("a", a)?, b: parameter("b", b)? })
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
            return Err(Error::Undefined { metric: "BG/NBD fit", because: "there are no customers" });
        }
        let first_chance = FirstChance::AfterRepeatPurchase;
        let objective = BetaGeometricLikelihood { sample: Sample::new(table), first_chance };
        let part = Sample::part(table).map(|sample| BetaGeometricLikelihood { sample, first_chance });
        let time = table.iter().map(|(history, customers)| history.age() * count_to_f64(customers)).sum();
        let starts = starts(wide_count_to_f64(table.repeat_purchases()), time);
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

    /// The first shape of the probabilities to leave, whose mean is `a / (a + b)`.
    #[must_use]
    pub fn a(&self) -> f64 {
        self.a
    }

    /// Their second shape.
    #[must_use]
    pub fn b(&self) -> f64 {
        self.b
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
    pub fn outlook(&self, history: &PurchaseHistory) -> Outlook {
        self.core().outlook(history)
    }

    /// What is to be expected of a customer at their first purchase.
    ///
    /// ```
    /// use customer_metrics::repeat_buying::BgNbd;
    ///
    /// let model = BgNbd::new(0.243, 4.414, 0.793, 2.426)?;
    /// assert_eq!(format!("{:.3}", model.new_customer().expected_purchases(52.0)?), "1.446");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn new_customer(&self) -> Outlook {
        self.core().outlook(&PurchaseHistory::NEW)
    }

    /// The probability that each customer is still there at the end of the watch, in the order of the rows.
    #[must_use]
    pub fn probabilities_alive(&self, columns: PurchaseColumns<'_>) -> Vec<f64> {
        self.core().probabilities_alive(columns)
    }

    /// The purchases that are to be expected of each customer within so long a time, in the order of the rows: those of
    /// [`Outlook::expected_purchases`], at the cost of a polynomial each.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the time is not within 0 to 1e100; [`Error::Row`] with the first row whose expectation overflows.
    pub fn expected_purchases(&self, columns: PurchaseColumns<'_>, within: f64) -> Result<Vec<f64>> {
        self.core().expected_purchases(columns, within)
    }

    /// One customer drawn at random for each age, watched so long: the same ones for the same seed.
    ///
    /// ```
    /// use customer_metrics::repeat_buying::BgNbd;
    ///
    /// let model = BgNbd::new(0.243, 4.414, 0.793, 2.426)?;
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

    pub(super) fn core(&self) -> BetaGeometric {
        BetaGeometric::new(self.parameters(), FirstChance::AfterRepeatPurchase)
    }
}

impl Model for BgNbd {
    type Parameters = [f64; 4];
    type Covariance = Covariance;

    const PARAMETER_NAMES: &'static [&'static str] = &["r", "alpha", "a", "b"];

    fn parameters(&self) -> [f64; 4] {
        [self.r, self.alpha, self.a, self.b]
    }

    fn from_parameters([r, alpha, a, b]: [f64; 4]) -> Result<Self> {
        Self::new(r, alpha, a, b)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct BgNbdState {
    r: f64,
    alpha: f64,
    a: f64,
    b: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<BgNbdState> for BgNbd {
    type Error = Error;

    fn try_from(state: BgNbdState) -> Result<Self> {
        Self::new(state.r, state.alpha, state.a, state.b)
    }
}

#[cfg(feature = "serde")]
impl From<BgNbd> for BgNbdState {
    fn from(BgNbd { r, alpha, a, b }: BgNbd) -> Self {
        Self { r, alpha, a, b }
    }
}
