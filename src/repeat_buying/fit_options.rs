//! From where a model is fitted, and what is taken off its likelihood.

use super::maximum::{Curvature, Objective};
use crate::error::{Bound, Error, Result};

/// What is taken off the log-likelihood to keep parameters small.
///
/// ```text
/// maximised = log-likelihood - penalty
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
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
/// let penalty = Penalty::SquaredParameters { coefficient: 0.01 };
/// let options = FitOptions::default().with_penalty(penalty)?.with_start(BgNbd::new(1.0, 1.0, 1.0, 1.0)?);
/// assert_eq!(options.penalty(), penalty);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
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
    pub fn with_start(mut self, start: M) -> Self {
        self.start = Some(start);
        self
    }

    /// Takes this penalty off the log-likelihood.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the coefficient is negative, infinite or NaN.
    pub fn with_penalty(mut self, penalty: Penalty) -> Result<Self> {
        penalty.check()?;
        self.penalty = penalty;
        Ok(self)
    }

    /// The model to start from; none if the data are to say.
    #[must_use]
    pub fn start(&self) -> Option<&M> {
        self.start.as_ref()
    }

    /// What is taken off the log-likelihood.
    #[must_use]
    pub fn penalty(&self) -> Penalty {
        self.penalty
    }
}

impl Penalty {
    pub(super) fn check(self) -> Result<()> {
        if let Self::SquaredParameters { coefficient } = self {
            if !coefficient.is_finite() {
                return Err(Error::out_of_bounds("penalty coefficient", coefficient, Bound::Finite));
            }
            if coefficient < 0.0 {
                return Err(Error::out_of_bounds("penalty coefficient", coefficient, Bound::AtLeast(0_u64.into())));
            }
        }
        Ok(())
    }
}

/// A log-likelihood less its penalty.
#[derive(Clone, Copy)]
pub(super) struct Penalised<'a, O> {
    pub(super) objective: &'a O,
    pub(super) penalty: Penalty,
    pub(super) n: f64,
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
