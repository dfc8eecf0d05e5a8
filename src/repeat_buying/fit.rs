//! A model fitted to data by maximum likelihood, and how far it can be trusted.

use core::fmt;

use super::Model;
use super::eigen::Matrix;
use super::maximum::{Curvature, Ending, Maximum, Objective, Terrain, climb};
use crate::decimal::count_to_f64;
use crate::error::{Bound, Error, Result};
use crate::estimate::{Confidence, Interval};

/// How a fit ended.
///
/// Only a fit that [`Converged`](Self::Converged) has standard errors. The parameters of the others are finite and give a likelihood
/// close to the best, but say little of themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum FitStatus {
    /// The likelihood has its maximum here: no slope, and it falls in every direction.
    Converged,
    /// The likelihood keeps rising, or does not fall, as these parameters run to 0 or infinity together. The data are those of a simpler
    /// model: if nobody buys again the rate of buying runs to 0; if all customers are alike, its shape and scale run to infinity.
    AtBoundary(Vec<ParameterLimit>),
    /// These parameters can be changed by orders of magnitude, together if there are several, without a loss of likelihood that could be
    /// told from none: the data say nothing of them.
    NotIdentified(Vec<&'static str>),
    /// The search came to no end. Fit again from another start, or with a penalty.
    NotConverged,
}

/// A parameter that runs to the end of its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ParameterLimit {
    parameter: &'static str,
    limit: Limit,
}

impl ParameterLimit {
    /// The name of the parameter.
    #[must_use]
    pub fn parameter(&self) -> &'static str {
        self.parameter
    }

    /// Where it runs to.
    #[must_use]
    pub fn limit(&self) -> Limit {
        self.limit
    }
}

/// An end of the range of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Limit {
    /// The lower end.
    Zero,
    /// The upper end.
    Infinity,
}

/// The status in words, such as `converged` or `at a boundary: r to 0, alpha to infinity`.
impl fmt::Display for FitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Converged => f.write_str("converged"),
            Self::AtBoundary(limits) => {
                let limits: Vec<String> = limits.iter().map(ParameterLimit::to_string).collect();
                write!(f, "at a boundary: {}", limits.join(", "))
            }
            Self::NotIdentified(parameters) => write!(f, "not identified: {}", parameters.join(", ")),
            Self::NotConverged => f.write_str("not converged"),
        }
    }
}

/// Such as `alpha to infinity`.
impl fmt::Display for ParameterLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = match self.limit {
            Limit::Zero => "0",
            Limit::Infinity => "infinity",
        };
        write!(f, "{} to {limit}", self.parameter)
    }
}

/// What is taken off the log-likelihood to keep parameters small.
///
/// ```text
/// maximised = log-likelihood - penalty
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Penalty {
    /// Nothing: maximum likelihood.
    #[default]
    None,
    /// A multiple of the sum of the squared parameters for every customer.
    ///
    /// ```text
    /// penalty = customers x coefficient x sum of parameter^2
    /// ```
    ///
    /// This is the `penalizer_coef` of the Python package lifetimes without its scaling of time, which customarily is 0.001 to 0.1.
    SquaredParameters {
        /// At least 0.
        coefficient: f64,
    },
}

/// From where and with which penalty to fit.
///
/// ```
/// use customer_metrics::repeat_buying::{BgNbd, FitOptions, Penalty};
///
/// let options = FitOptions::default().penalty(Penalty::SquaredParameters { coefficient: 0.01 })?.start(BgNbd::new(1.0, 1.0, 1.0, 1.0)?);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FitOptions<M> {
    start: Option<M>,
    penalty: Penalty,
}

impl<M> Default for FitOptions<M> {
    fn default() -> Self {
        Self { start: None, penalty: Penalty::None }
    }
}

impl<M> FitOptions<M> {
    /// Starts from this model instead of those that the data suggest.
    #[must_use]
    pub fn start(mut self, start: M) -> Self {
        self.start = Some(start);
        self
    }

    /// Takes this penalty off the log-likelihood.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the coefficient is negative, infinite or NaN.
    pub fn penalty(mut self, penalty: Penalty) -> Result<Self> {
        if let Penalty::SquaredParameters { coefficient } = penalty {
            if !coefficient.is_finite() {
                return Err(Error::out_of_bounds("penalty coefficient", coefficient, Bound::Finite));
            }
            if coefficient < 0.0 {
                return Err(Error::out_of_bounds("penalty coefficient", coefficient, Bound::AtLeast(0_u64.into())));
            }
        }
        self.penalty = penalty;
        Ok(self)
    }
}

/// A fitted model with its likelihood, its standard errors and how the fit ended.
///
/// A likelihood may have several maxima. The search begins at several places that the data suggest, and the highest place it comes to is
/// reported; it is made in units of the data, so that days and years lead to the same fit.
///
/// The fit is deterministic: the same data give the same bits, whatever the order of the customers and the number of threads.
///
/// ```text
/// covariance = inverse of the observed information, - d2 log-likelihood / d parameter^2
/// AIC = 2 k - 2 log-likelihood,  BIC = k ln n - 2 log-likelihood,  k parameters, n customers
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(bound = "M: serde::Serialize, M::Parameters: serde::Serialize, M::Covariance: serde::Serialize")
)]
pub struct Fit<M: Model> {
    model: M,
    status: FitStatus,
    n: u64,
    log_likelihood: f64,
    standard_errors: Option<M::Parameters>,
    log_standard_errors: Option<M::Parameters>,
    covariance: Option<M::Covariance>,
    iterations: u32,
    gradient_norm: f64,
}

impl<M: Model> Fit<M> {
    /// The model with the fitted parameters.
    #[must_use]
    pub fn model(&self) -> &M {
        &self.model
    }

    /// How the fit ended.
    #[must_use]
    pub fn status(&self) -> &FitStatus {
        &self.status
    }

    /// Whether the likelihood has its maximum at these parameters.
    #[must_use]
    pub fn has_converged(&self) -> bool {
        self.status == FitStatus::Converged
    }

    /// How many customers it was fitted to.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The log-likelihood of all customers together, in natural logarithms and without any penalty.
    #[must_use]
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// The standard errors of the parameters in their order, if the fit converged.
    #[must_use]
    pub fn standard_errors(&self) -> Option<M::Parameters> {
        self.standard_errors
    }

    /// The standard errors of the logarithms of the parameters, if the fit converged: what the parameters' own divided by the
    /// parameters are.
    #[must_use]
    pub fn log_standard_errors(&self) -> Option<M::Parameters> {
        self.log_standard_errors
    }

    /// The covariance of the parameters, in rows and columns of their order, if the fit converged.
    #[must_use]
    pub fn covariance(&self) -> Option<M::Covariance> {
        self.covariance
    }

    /// An interval for each parameter, if the fit converged and the interval is finite: normal in the logarithm, where the likelihood is
    /// closest to a parabola, so never below 0.
    ///
    /// ```text
    /// parameter x exp(-+ z standard error / parameter)
    /// ```
    #[must_use]
    pub fn intervals(&self, confidence: Confidence) -> Option<Vec<Interval>> {
        let parameters = self.model.parameters();
        let errors = self.log_standard_errors?;
        let z = confidence.two_sided_z();
        let interval = |(&value, &error): (&f64, &f64)| Interval::new(value * (-z * error).exp(), value * (z * error).exp()).ok();
        parameters.as_ref().iter().zip(errors.as_ref()).map(interval).collect()
    }

    /// The steps of the search from its best start, each one look at the data.
    #[must_use]
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    /// The length of the gradient of the maximised function in the logarithms of the parameters.
    #[must_use]
    pub fn gradient_norm(&self) -> f64 {
        self.gradient_norm
    }

    /// Akaike's information criterion: of models fitted to the same customers, the one with the least predicts best.
    #[must_use]
    pub fn aic(&self) -> f64 {
        2.0 * Self::parameter_count() - 2.0 * self.log_likelihood
    }

    /// The Bayesian information criterion, which asks more of a further parameter than [`aic`](Self::aic) does.
    #[must_use]
    pub fn bic(&self) -> f64 {
        Self::parameter_count() * count_to_f64(self.n).ln() - 2.0 * self.log_likelihood
    }

    fn parameter_count() -> f64 {
        M::PARAMETER_NAMES.iter().map(|_| 1.0).sum()
    }
}

/// What a model is fitted to, and where the search may begin.
pub(super) struct Search<'a, O, const N: usize> {
    pub(super) objective: &'a O,
    /// An even part of a large sample, in which the starts are tried at little cost.
    pub(super) part: Option<&'a O>,
    /// Parameters that the data suggest, in groups that may lead to different maxima; the likeliest of each group is tried.
    pub(super) starts: &'a [Vec<[f64; N]>],
    /// What one unit of the data makes of each parameter, so that another unit leads to the same place.
    pub(super) scale: [f64; N],
    pub(super) n: u64,
}

impl<O: Objective<N>, const N: usize> Search<'_, O, N> {
    /// The likeliest model.
    pub(super) fn fit<M>(&self, options: &FitOptions<M>) -> Result<Fit<M>>
    where
        M: Model<Parameters = [f64; N], Covariance = Matrix<N>>,
    {
        let whole = Penalised { objective: self.objective, penalty: options.penalty, n: count_to_f64(self.n) };
        let part = Penalised { objective: self.part.unwrap_or(self.objective), ..whole };
        let starts: Vec<[f64; N]> = match &options.start {
            Some(model) => vec![logarithms(&model.parameters())],
            None => self.starts.iter().filter_map(|group| likeliest(&part, group)).collect(),
        };
        // Far enough from the ends of what a parameter may be.
        let centre = self.scale.map(|scale| scale.ln().clamp(-FARTHEST_SCALE, FARTHEST_SCALE));
        let terrain = Terrain::new(centre, whole.n);
        let mut best: Option<([f64; N], Maximum<N>)> = None;
        for start in starts {
            let maximum = climb(&part, start, &terrain);
            if best.as_ref().is_none_or(|(_, best)| terrain.is_better(&maximum, best)) {
                best = Some((start, maximum));
            }
        }
        if self.part.is_some() {
            best = best.map(|(start, of_part)| {
                // Where the part has no maximum, the whole may have one.
                let from = if matches!(of_part.ending, Ending::Peak(_)) { of_part.at } else { start };
                (start, climb(&whole, from, &terrain))
            });
        }
        let Some((_, maximum)) = best else {
            return Err(Error::Undefined { metric: "fit", because: "there is no start" });
        };
        self.report(&maximum, options.penalty)
    }

    fn report<M>(&self, maximum: &Maximum<N>, penalty: Penalty) -> Result<Fit<M>>
    where
        M: Model<Parameters = [f64; N], Covariance = Matrix<N>>,
    {
        let parameters = maximum.at.map(f64::exp);
        let log_likelihood = match penalty {
            Penalty::None => maximum.curvature.value,
            Penalty::SquaredParameters { .. } => self.objective.curvature(&maximum.at).value,
        };
        let (covariance, status) = match &maximum.ending {
            Ending::Peak(covariance) => (Some(covariance), FitStatus::Converged),
            Ending::Rising(direction) => (None, FitStatus::AtBoundary(limits(M::PARAMETER_NAMES, direction))),
            Ending::Flat(direction) => {
                (None, FitStatus::NotIdentified(taking_part(M::PARAMETER_NAMES, direction).map(|(name, _)| name).collect()))
            }
            Ending::Stopped => (None, FitStatus::NotConverged),
        };
        let log_standard_errors = covariance.map(|covariance| {
            let mut diagonal = [0.0; N];
            for (row, (entry, of_row)) in diagonal.iter_mut().zip(covariance).enumerate() {
                *entry = of_row.get(row).copied().unwrap_or(0.0).sqrt();
            }
            diagonal
        });
        // The delta method: the derivative of a parameter in its logarithm is the parameter.
        let times_parameters = |row: &[f64; N]| super::maximum::combine(row, &parameters, |entry, parameter| entry * parameter);
        let covariance = covariance.map(|covariance| {
            let mut scaled = covariance.map(|row| times_parameters(&row));
            for (row, parameter) in scaled.iter_mut().zip(parameters) {
                *row = row.map(|entry| entry * parameter);
            }
            scaled
        });
        Ok(Fit {
            model: M::from_parameters(parameters)?,
            status,
            n: self.n,
            log_likelihood,
            standard_errors: log_standard_errors.map(|errors| times_parameters(&errors)),
            log_standard_errors,
            covariance,
            iterations: maximum.steps,
            gradient_norm: maximum.curvature.gradient.iter().map(|slope| slope * slope).sum::<f64>().sqrt(),
        })
    }
}

/// The logarithm of 1e100, less what a parameter may move.
const FARTHEST_SCALE: f64 = 180.0;

fn logarithms<const N: usize>(parameters: &[f64; N]) -> [f64; N] {
    parameters.map(f64::ln)
}

/// The logarithms of the likeliest of some starts.
fn likeliest<O: Objective<N>, const N: usize>(objective: &O, starts: &[[f64; N]]) -> Option<[f64; N]> {
    let ranked = starts.iter().map(logarithms).map(|start| {
        let value = objective.curvature(&start).value;
        (if value.is_finite() { value } else { f64::NEG_INFINITY }, start)
    });
    ranked.max_by(|(left, _), (right, _)| left.total_cmp(right)).map(|(_, start)| start)
}

/// The parameters that move along a direction, and how.
fn taking_part<const N: usize>(names: &'static [&'static str], direction: &[f64; N]) -> impl Iterator<Item = (&'static str, f64)> {
    names.iter().copied().zip(*direction).filter(|(_, along)| along.abs() > 0.1)
}

fn limits<const N: usize>(names: &'static [&'static str], direction: &[f64; N]) -> Vec<ParameterLimit> {
    let limit = |along: f64| if along < 0.0 { Limit::Zero } else { Limit::Infinity };
    taking_part(names, direction).map(|(parameter, along)| ParameterLimit { parameter, limit: limit(along) }).collect()
}

/// A log-likelihood less its penalty.
#[derive(Clone, Copy)]
struct Penalised<'a, O> {
    objective: &'a O,
    penalty: Penalty,
    n: f64,
}

impl<O: Objective<N>, const N: usize> Objective<N> for Penalised<'_, O> {
    fn curvature(&self, logarithms: &[f64; N]) -> Curvature<N> {
        let mut curvature = self.objective.curvature(logarithms);
        if let Penalty::SquaredParameters { coefficient } = self.penalty {
            let slopes = curvature.gradient.iter_mut().zip(curvature.hessian.iter_mut().enumerate());
            for (logarithm, (slope, (row, bends))) in logarithms.iter().zip(slopes) {
                let square = self.n * coefficient * (2.0 * logarithm).exp();
                curvature.value -= square;
                *slope -= 2.0 * square;
                bends.iter_mut().skip(row).take(1).for_each(|bend| *bend -= 4.0 * square);
            }
        }
        curvature
    }
}
