//! A model fitted to data by maximum likelihood, and how far it can be trusted.

use core::fmt;

use super::eigen::Matrix;
#[cfg(feature = "serde")]
use super::fit_status::FitStatusState;
use super::maximum::{Ending, Maximum, combine};
use super::{FitStatus, Model, Penalty};
use crate::decimal::count_to_f64;
#[cfg(feature = "serde")]
use crate::error::Bound;
use crate::error::{Error, Result};
use crate::estimate::{Confidence, Estimate, Interval, Method, write_number};
#[cfg(feature = "serde")]
use crate::matrix::SymmetricMatrix;

/// A fitted model with its likelihood, its standard errors and how the fit ended.
///
/// A likelihood may have several maxima. From the places that the data suggest, 3 to 14 by model, each the likeliest of a group, the
/// search climbs every one, in a part of the customers where they are very many; the best ends are climbed on with all customers, and the
/// highest is reported. It is made in units of the data, so that days and years lead to the same fit. From a given start only that one is
/// climbed.
///
/// The fit is deterministic: the same data give the same bits, whatever the order of the customers and the number of threads.
///
/// ```text
/// covariance = inverse of the observed information, - d2 log-likelihood / d parameter^2
/// AIC = 2 k - 2 log-likelihood,  BIC = k ln n - 2 log-likelihood,  k parameters, n customers
/// ```
///
/// Under a [penalty](Penalty) the information is that of the log-likelihood less the penalty, so that the standard errors are smaller
/// than those of the data alone; the reported log-likelihood, AIC and BIC are without it, and `k` still counts all parameters.
///
/// It prints as a table of the parameters with their standard errors and intervals. It is written and read back by serde, so that what is
/// asked of it later needs no other fit.
///
/// ```
/// use customer_metrics::repeat_buying::{RenewalTable, ShiftedBetaGeometric};
///
/// let fit = ShiftedBetaGeometric::fit(&RenewalTable::from_active(&[1_000, 869, 743, 653, 593, 551, 517, 491])?)?;
/// assert_eq!(fit.to_string().lines().next(), Some("converged, n = 1000"));
/// println!("{fit:.3}");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(
        try_from = "FitState<M, M::Parameters>",
        bound(
            serialize = "M: serde::Serialize, M::Parameters: serde::Serialize, M::Covariance: serde::Serialize",
            deserialize = "M: serde::Deserialize<'de>, M::Parameters: serde::Deserialize<'de>"
        )
    )
)]
pub struct Fit<M: Model> {
    model: M,
    status: FitStatus,
    penalty: Penalty,
    n: u64,
    log_likelihood: f64,
    covariance: Option<M::Covariance>,
    iterations: u32,
    gradient_norm: f64,
}

/// As [`Fit`] is written.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct FitState<M, P> {
    model: M,
    status: FitStatusState,
    penalty: Penalty,
    n: u64,
    log_likelihood: f64,
    covariance: Option<Vec<P>>,
    iterations: u32,
    gradient_norm: f64,
}

#[cfg(feature = "serde")]
impl<M: Model> TryFrom<FitState<M, M::Parameters>> for Fit<M> {
    type Error = Error;

    fn try_from(state: FitState<M, M::Parameters>) -> Result<Self> {
        let FitState { model, status, penalty, n, log_likelihood, covariance, iterations, gradient_norm } = state;
        let status = status.of_model::<M>()?;
        penalty.check()?;
        if n == 0 {
            return Err(Error::out_of_bounds("customers", n, Bound::AtLeast(1_u64.into())));
        }
        for (field, value) in [("log-likelihood", log_likelihood), ("gradient norm", gradient_norm)] {
            if !value.is_finite() {
                return Err(Error::out_of_bounds(field, value, Bound::Finite));
            }
        }
        if gradient_norm < 0.0 {
            return Err(Error::out_of_bounds("gradient norm", gradient_norm, Bound::AtLeast(0_u64.into())));
        }
        if covariance.is_some() != (status == FitStatus::Converged) {
            return Err(Error::Undefined { metric: "fit", because: "a covariance belongs to a fit that converged, and to no other" });
        }
        let covariance = covariance.map(checked_covariance::<M>).transpose()?;
        Ok(Self { model, status, penalty, n, log_likelihood, covariance, iterations, gradient_norm })
    }
}

/// A symmetric matrix by which every combination of the parameters has a variance.
#[cfg(feature = "serde")]
fn checked_covariance<M: Model>(rows: Vec<M::Parameters>) -> Result<M::Covariance> {
    let (size, given) = (M::PARAMETER_NAMES.len(), rows.len());
    let at = |row: usize, column: usize| rows.get(row).and_then(|row| row.as_ref().get(column)).copied().unwrap_or(f64::NAN);
    // In units of the standard errors, so that it does not matter how large the parameters are.
    let correlation = |row: usize, column: usize| at(row, column) / at(row, row).sqrt() / at(column, column).sqrt();
    let mut places = (0..size).flat_map(|row| (0..row).map(move |column| (row, column)));
    // A comparison with NaN is false.
    let is_symmetric = places.all(|(row, column)| (correlation(row, column) - correlation(column, row)).abs() <= 1e-9);
    if !is_symmetric || SymmetricMatrix::from_fn(size, correlation).cholesky().is_none() {
        return Err(Error::Undefined { metric: "covariance", because: "it must be symmetric, and no variance below 0" });
    }
    M::Covariance::try_from(rows).map_err(|_| Error::mismatch("covariance", given, size))
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

    /// What was taken off the log-likelihood when it was maximised.
    #[must_use]
    pub fn penalty(&self) -> Penalty {
        self.penalty
    }

    /// The standard errors of the parameters in their order, if the fit converged.
    #[must_use]
    pub fn standard_errors(&self) -> Option<M::Parameters> {
        let mut errors = self.model.parameters();
        for (row, (error, covariances)) in errors.as_mut().iter_mut().zip(self.covariance?.as_ref()).enumerate() {
            *error = covariances.as_ref().get(row)?.sqrt();
        }
        Some(errors)
    }

    /// The standard errors of the logarithms of the parameters, if the fit converged: what the parameters' own divided by the
    /// parameters are.
    #[must_use]
    pub fn log_standard_errors(&self) -> Option<M::Parameters> {
        let mut errors = self.standard_errors()?;
        errors.as_mut().iter_mut().zip(self.model.parameters().as_ref()).for_each(|(error, parameter)| *error /= parameter);
        Some(errors)
    }

    /// The covariance of the parameters, in rows and columns of their order, if the fit converged: under a penalty, the inverse of the
    /// information that is left when the penalty is taken off.
    #[must_use]
    pub fn covariance(&self) -> Option<M::Covariance> {
        self.covariance
    }

    /// Each parameter with an interval, in their order: normal in the logarithm, where the likelihood is closest to a parabola, so never
    /// below 0.
    ///
    /// ```text
    /// parameter x exp(-+ z standard error / parameter)
    /// ```
    ///
    /// ```
    /// use customer_metrics::{Confidence, repeat_buying::{RenewalTable, ShiftedBetaGeometric}};
    ///
    /// let fit = ShiftedBetaGeometric::fit(&RenewalTable::from_active(&[1_000, 869, 743, 653, 593, 551, 517, 491])?)?;
    /// let alpha = fit.estimates(Confidence::P95)?[0];
    /// assert_eq!(format!("{alpha:.3}"), "0.668 (0.493 to 0.906, 95% delta method on the logarithm, n = 1000)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] unless the fit converged; [`Error::Overflow`] if an end exceeds the largest double.
    pub fn estimates(&self, confidence: Confidence) -> Result<Vec<Estimate>> {
        let Some(errors) = self.log_standard_errors() else {
            return Err(Error::Undefined { metric: "interval", because: "the fit has not converged" });
        };
        let parameters = self.model.parameters();
        parameters.as_ref().iter().zip(errors.as_ref()).map(|(&value, &error)| self.on_the_logarithm(value, error, confidence)).collect()
    }

    /// A value above 0 with an interval that is normal in its logarithm.
    pub(super) fn on_the_logarithm(&self, point: f64, log_standard_error: f64, confidence: Confidence) -> Result<Estimate> {
        let half = confidence.two_sided_z() * log_standard_error;
        let overflows = |_| Error::Overflow { field: "interval", capacity: "a double" };
        let interval = Interval::new(point * (-half).exp(), point * half.exp()).map_err(overflows)?;
        Ok(Estimate::holding(point, interval, confidence, Method::DeltaOnLogarithm, self.n))
    }

    /// The steps of the climb that led here, each one look at the data, or first at a part of them where the customers are very many. The
    /// climbs from other starts, which led to other ends or to the same, are not counted.
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
    /// Of the log-likelihood without the penalty, if there was one, and all parameters.
    #[must_use]
    pub fn aic(&self) -> f64 {
        2.0 * Self::parameter_count() - 2.0 * self.log_likelihood
    }

    /// The Bayesian information criterion, which asks more of a further parameter than [`aic`](Self::aic) does.
    /// Of the log-likelihood without the penalty, if there was one, and all parameters.
    #[must_use]
    pub fn bic(&self) -> f64 {
        Self::parameter_count() * count_to_f64(self.n).ln() - 2.0 * self.log_likelihood
    }

    fn parameter_count() -> f64 {
        M::PARAMETER_NAMES.iter().map(|_| 1.0).sum()
    }
}

/// How the fit ended; a line for each parameter with its standard error and 95% interval, if it converged; and the log-likelihood, AIC and
/// BIC. A precision such as `{:.3}` applies to each number, and six digits are shown without one.
impl<M: Model> fmt::Display for Fit<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let precision = f.precision();
        let printed = |value: f64| Printed { value, precision }.to_string();
        writeln!(f, "{}, n = {}", self.status, self.n)?;
        let (errors, estimates) = (self.standard_errors(), self.estimates(Confidence::P95).ok());
        let mut lines = vec![["parameter", "estimate", "standard error", "95% interval"].map(str::to_owned)];
        for (place, (name, value)) in self.model.named_parameters().enumerate() {
            let error = errors.as_ref().and_then(|errors| errors.as_ref().get(place)).map_or_else(String::new, |&error| printed(error));
            let interval = estimates.as_ref().and_then(|estimates| estimates.get(place)).map(Estimate::interval);
            let interval = interval.map_or_else(String::new, |of| format!("{} to {}", printed(of.low()), printed(of.high())));
            lines.push([name.to_owned(), printed(value), error, interval]);
        }
        let mut widths = [0; 4];
        for line in &lines {
            widths.iter_mut().zip(line).for_each(|(width, cell)| *width = cell.len().max(*width));
        }
        for line in &lines {
            let cells: Vec<String> = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            writeln!(f, "{}", cells.join("  ").trim_end())?;
        }
        let [log_likelihood, aic, bic] = [self.log_likelihood, self.aic(), self.bic()].map(printed);
        write!(f, "log-likelihood {log_likelihood}, AIC {aic}, BIC {bic}")
    }
}

/// A number within a text that is put together before it is written.
struct Printed {
    value: f64,
    precision: Option<usize>,
}

impl fmt::Display for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.precision {
            Some(precision) => write!(f, "{:.precision$}", self.value),
            None => write_number(self.value, f),
        }
    }
}

/// A place where a search ended.
pub(super) struct Found<'a, const N: usize> {
    pub(super) maximum: &'a Maximum<N>,
    pub(super) status: FitStatus,
    pub(super) penalty: Penalty,
    pub(super) n: u64,
    /// Without the penalty.
    pub(super) log_likelihood: f64,
}

impl<const N: usize> Found<'_, N> {
    pub(super) fn into_fit<M>(self) -> Result<Fit<M>>
    where
        M: Model<Parameters = [f64; N], Covariance = Matrix<N>>,
    {
        let Self { maximum, status, penalty, n, log_likelihood } = self;
        let parameters = maximum.at.map(f64::exp);
        let covariance = match &maximum.ending {
            Ending::Peak(of_logarithms) => {
                let mut covariance = *of_logarithms;
                // The delta method: the derivative of a parameter in its logarithm is the parameter.
                for (row, parameter) in covariance.iter_mut().zip(parameters) {
                    *row = combine(row, &parameters, |entry, other| entry * parameter * other);
                }
                Some(covariance)
            }
            Ending::Open | Ending::Stopped => None,
        };
        Ok(Fit {
            model: M::from_parameters(parameters)?,
            status,
            penalty,
            n,
            log_likelihood,
            covariance,
            iterations: maximum.steps,
            gradient_norm: maximum.curvature.gradient.iter().map(|slope| slope * slope).sum::<f64>().sqrt(),
        })
    }
}
