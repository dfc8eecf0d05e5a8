//! Which of several models fitted to the same customers to use.

use core::fmt;

use super::{Fit, FitStatus, Model};
use crate::error::{Error, Result};

/// By what models are compared.
///
/// ```text
/// AIC = 2 k - 2 log-likelihood,  BIC = k ln n - 2 log-likelihood,  k parameters, n customers: the less, the better
/// ```
///
/// Sources: H. Akaike, "A new look at the statistical model identification", IEEE Transactions on Automatic Control 19 (1974), 716-723;
/// G. Schwarz, "Estimating the dimension of a model", Annals of Statistics 6 (1978), 461-464.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum InformationCriterion {
    /// AIC: which model is likely to predict best.
    Akaike,
    /// BIC: which model is likely to be the true one, if one of them is. From 8 customers on it asks more of a further parameter.
    Bayesian,
}

/// `AIC` or `BIC`.
impl fmt::Display for InformationCriterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Akaike => "AIC",
            Self::Bayesian => "BIC",
        })
    }
}

/// A fitted model under its name, to be compared with others.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Candidate {
    name: String,
    parameters: u64,
    n: u64,
    log_likelihood: f64,
    aic: f64,
    bic: f64,
    status: FitStatus,
}

impl Candidate {
    /// This fit.
    pub fn new<M: Model>(name: impl Into<String>, fit: &Fit<M>) -> Self {
        Self {
            name: name.into(),
            parameters: u64::try_from(M::PARAMETER_NAMES.len()).unwrap_or(u64::MAX),
            n: fit.n(),
            log_likelihood: fit.log_likelihood(),
            aic: fit.aic(),
            bic: fit.bic(),
            status: fit.status().clone(),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many parameters it has.
    #[must_use]
    pub fn parameters(&self) -> u64 {
        self.parameters
    }

    /// How many customers it was fitted to.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Akaike's criterion: the less, the better.
    #[must_use]
    pub fn aic(&self) -> f64 {
        self.aic
    }

    /// The Bayesian criterion: the less, the better.
    #[must_use]
    pub fn bic(&self) -> f64 {
        self.bic
    }

    /// The log-likelihood of all customers together.
    #[must_use]
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// How the fit ended. At a boundary the model is a simpler one in truth, and its criterion counts parameters that do nothing.
    #[must_use]
    pub fn status(&self) -> &FitStatus {
        &self.status
    }

    fn value(&self, criterion: InformationCriterion) -> f64 {
        match criterion {
            InformationCriterion::Akaike => self.aic,
            InformationCriterion::Bayesian => self.bic,
        }
    }
}

/// A candidate with its place among the others.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct RankedModel {
    candidate: Candidate,
    value: f64,
    difference: f64,
    weight: f64,
}

impl RankedModel {
    /// The candidate.
    #[must_use]
    pub fn candidate(&self) -> &Candidate {
        &self.candidate
    }

    /// The value of the criterion.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// How far it lies above the least: 0 for the best.
    ///
    /// Of AIC, up to 2 speaks for the model about as much as for the best, 4 to 7 considerably less, more than 10 hardly at all (Burnham
    /// and Anderson 2002, page 70).
    #[must_use]
    pub fn difference(&self) -> f64 {
        self.difference
    }

    /// The weight of the evidence for it, in 0..=1; the weights of all models sum to 1.
    #[must_use]
    pub fn weight(&self) -> f64 {
        self.weight
    }
}

/// Models fitted to the same customers, the best first.
///
/// ```text
/// weight = exp(-difference / 2) / sum of exp(-difference / 2) over all models
/// ```
///
/// The criteria compare models of the same data and say nothing of whether the best is good: see [`FrequencyFit`](super::FrequencyFit)
/// and [`HoldoutPrediction`](super::HoldoutPrediction).
///
/// ```
/// use customer_metrics::repeat_buying::{
///     BgNbd, Candidate, InformationCriterion, MbgNbd, ModelComparison, PurchaseColumns, PurchaseTable,
/// };
///
/// let columns = PurchaseColumns::new(
///     &[2, 1, 0, 0, 4, 7, 0, 1, 0, 3],
///     &[30.4, 1.7, 0.0, 0.0, 33.9, 29.4, 0.0, 5.0, 0.0, 12.1],
///     &[38.9, 38.9, 38.9, 35.0, 35.0, 35.0, 31.0, 31.0, 27.0, 27.0],
/// )?;
/// let table = PurchaseTable::from_columns(columns);
/// let candidates = [Candidate::new("BG/NBD", &BgNbd::fit(&table)?), Candidate::new("MBG/NBD", &MbgNbd::fit(&table)?)];
/// let comparison = ModelComparison::new(candidates, InformationCriterion::Akaike)?;
/// let [best, other] = comparison.models() else { panic!("there are two") };
/// assert_eq!((best.candidate().name(), best.difference()), ("MBG/NBD", 0.0));
/// assert!(best.weight() > other.weight());
/// assert_eq!((comparison.criterion().to_string(), best.value()), ("AIC".to_owned(), best.candidate().aic()));
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// Source of the weights: K. P. Burnham and D. R. Anderson, "Model Selection and Multimodel Inference", 2nd edition (2002), section 2.9.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ModelComparison {
    criterion: InformationCriterion,
    models: Vec<RankedModel>,
}

impl ModelComparison {
    /// Ranks the candidates; equal ones by name.
    ///
    /// # Errors
    /// [`Error::Undefined`] without a candidate; [`Error::Mismatch`] if they were not fitted to the same number of customers;
    /// [`Error::Repeated`] if two have the same name.
    pub fn new(candidates: impl IntoIterator<Item = Candidate>, criterion: InformationCriterion) -> Result<Self> {
        let mut candidates: Vec<Candidate> = candidates.into_iter().collect();
        candidates.sort_by(|a, b| a.value(criterion).total_cmp(&b.value(criterion)).then_with(|| a.name.cmp(&b.name)));
        let Some(best) = candidates.first() else {
            return Err(Error::Undefined { metric: "model comparison", because: "there are no models" });
        };
        let (least, n) = (best.value(criterion), best.n);
        let mut names: Vec<&str> = candidates.iter().map(|candidate| candidate.name.as_str()).collect();
        names.sort_unstable();
        if let Some(&[name, _]) = names.windows(2).find(|pair| matches!(pair, [first, second] if first == second)) {
            return Err(Error::Repeated { field: "model", value: name.to_owned() });
        }
        if let Some(other) = candidates.iter().find(|candidate| candidate.n != n) {
            return Err(Error::mismatch("customers", n, other.n));
        }
        let evidence = |candidate: &Candidate| (-(candidate.value(criterion) - least) / 2.0).exp();
        let total: f64 = candidates.iter().map(evidence).sum();
        let rank = |candidate: Candidate| {
            let value = candidate.value(criterion);
            RankedModel { weight: evidence(&candidate) / total, difference: value - least, value, candidate }
        };
        Ok(Self { criterion, models: candidates.into_iter().map(rank).collect() })
    }

    /// By what they were compared.
    #[must_use]
    pub fn criterion(&self) -> InformationCriterion {
        self.criterion
    }

    /// The models, the best first; at least one.
    #[must_use]
    pub fn models(&self) -> &[RankedModel] {
        &self.models
    }
}
