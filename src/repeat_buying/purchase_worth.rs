//! What a purchase to come is worth.

use rust_decimal::Decimal;

#[cfg(feature = "simulation")]
use super::FitOptions;
use super::eigen::{Matrix, dot, times};
use super::{CustomerBase, Fit, GammaGamma, Model, Penalty, PurchaseTable, SpendHistory};
use crate::decimal;
use crate::error::{Error, Result};
use crate::proportion::Proportion;

/// Whose mean spend a purchase to come is taken to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum SpendBasis {
    /// What the customer is to be expected to spend given their own purchases: between their mean and that of all. For customers without
    /// purchases it is the mean of all.
    ///
    /// ```text
    /// p (v + x zbar) / (q + p x - 1)
    /// ```
    Customer,
    /// The mean of all customers, for everyone.
    ///
    /// ```text
    /// p v / (q - 1)
    /// ```
    Population,
}

/// What one purchase to come is worth: expected spend times margin, or a fixed margin in money.
///
/// ```
/// use customer_metrics::Proportion;
/// use customer_metrics::repeat_buying::{GammaGamma, PurchaseWorth, SpendBasis, SpendHistory};
///
/// let spend = GammaGamma::new(6.25, 3.74, 15.44)?;
/// let worth = PurchaseWorth::from_spend(&spend, SpendBasis::Customer, Proportion::from_percent(30.into())?);
/// assert_eq!(format!("{:.3}", worth.of_customer(&SpendHistory::new(2, 22.35)?)?), "7.399");
/// assert_eq!(format!("{:.3}", worth.of_customer(&SpendHistory::NONE)?), "10.566");
///
/// let fixed = PurchaseWorth::fixed(12.into());
/// assert_eq!(fixed.of_customer(&SpendHistory::NONE)?, 12.0);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct PurchaseWorth {
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
enum Kind {
    Fixed(Amount),
    Spend {
        model: GammaGamma,
        #[cfg_attr(feature = "serde", serde(skip))]
        uncertainty: Uncertainty<3>,
        basis: SpendBasis,
        margin: Amount,
    },
}

/// A number as it was given and as it is calculated with.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
struct Amount {
    #[cfg_attr(feature = "serde", serde(serialize_with = "decimal::text::serialize"))]
    exact: Decimal,
    #[cfg_attr(feature = "serde", serde(skip))]
    nearest: f64,
}

impl From<Decimal> for Amount {
    fn from(exact: Decimal) -> Self {
        Self { exact, nearest: decimal::to_f64(exact) }
    }
}

impl PurchaseWorth {
    /// The same for every purchase: a margin in money, known without error. A loss if it is negative.
    #[must_use]
    pub fn fixed(margin: Decimal) -> Self {
        Self { kind: Kind::Fixed(margin.into()) }
    }

    /// The expected spend by a model with known parameters, times a margin of it.
    #[must_use]
    pub fn from_spend(model: &GammaGamma, basis: SpendBasis, margin: Proportion) -> Self {
        let uncertainty = Uncertainty::Unknown { because: "the spend model was given, not fitted" };
        Self { kind: Kind::Spend { model: *model, uncertainty, basis, margin: margin.to_decimal().into() } }
    }

    /// The expected spend by a fitted model, times a margin of it: what intervals need. The margin is taken as known without error.
    #[must_use]
    pub fn from_fitted_spend(fit: &Fit<GammaGamma>, basis: SpendBasis, margin: Proportion) -> Self {
        let uncertainty = Uncertainty::of(fit, "the fit of the spend model did not converge");
        Self { kind: Kind::Spend { model: *fit.model(), uncertainty, basis, margin: margin.to_decimal().into() } }
    }

    /// What a purchase of a customer with this spend is worth, unrounded.
    ///
    /// # Errors
    /// Those of [`SpendOutlook::expected_mean_spend`](super::SpendOutlook::expected_mean_spend): the expectation may be infinite.
    pub fn of_customer(&self, spend: &SpendHistory) -> Result<f64> {
        match self.kind {
            Kind::Fixed(margin) => Ok(margin.nearest),
            Kind::Spend { model, basis: SpendBasis::Customer, margin, .. } => {
                Ok(margin.nearest * model.outlook(spend).expected_mean_spend()?)
            }
            Kind::Spend { model, basis: SpendBasis::Population, margin, .. } => Ok(margin.nearest * model.population_mean()?),
        }
    }

    /// Refuses a base that lacks the spend that is asked for.
    pub(super) fn check(&self, base: &CustomerBase<'_>) -> Result<()> {
        match self.kind {
            Kind::Spend { basis: SpendBasis::Customer, .. } if !base.has_spend() && base.customers() > 0 => {
                Err(Error::Undefined { metric: "customer value", because: "the base says nothing of what its customers spend" })
            }
            _ => Ok(()),
        }
    }

    /// Refuses a table, which knows nothing of spend, where it is asked for.
    pub(super) fn check_table(&self, table: &PurchaseTable) -> Result<()> {
        match self.kind {
            Kind::Spend { basis: SpendBasis::Customer, .. } if !table.is_empty() => {
                Err(Error::Undefined { metric: "customer value", because: "a table says nothing of what its customers spend" })
            }
            _ => Ok(()),
        }
    }

    /// Its derivatives in the logarithms of `p`, `q` and `v`, where it is worth so much.
    pub(super) fn slopes(&self, spend: &SpendHistory, worth: f64) -> [f64; 3] {
        let Kind::Spend { model, basis, .. } = self.kind else {
            return [0.0; 3];
        };
        match basis {
            SpendBasis::Customer => mean_spend_slopes(&model, spend, worth),
            SpendBasis::Population => mean_spend_slopes(&model, &SpendHistory::NONE, worth),
        }
    }

    /// The variance that the parameters of the spend model leave in something with these derivatives.
    pub(super) fn variance(&self, slopes: &[f64; 3]) -> Result<f64> {
        match self.kind {
            Kind::Fixed(_) => Ok(0.0),
            Kind::Spend { uncertainty, .. } => uncertainty.variance(slopes),
        }
    }

    /// The spend model, with the number of customers that it was fitted to, and how.
    #[cfg(feature = "simulation")]
    pub(super) fn fitted_spend(&self) -> Result<Option<(GammaGamma, u64, FitOptions<GammaGamma>)>> {
        match self.kind {
            Kind::Fixed(_) => Ok(None),
            Kind::Spend { model, uncertainty, .. } => Ok(Some((model, uncertainty.n()?, uncertainty.options()?))),
        }
    }

    /// The same with other parameters of the spend model, as if known.
    #[cfg(feature = "simulation")]
    pub(super) fn with_spend(self, other: GammaGamma) -> Self {
        match self.kind {
            Kind::Fixed(_) => self,
            Kind::Spend { uncertainty, basis, margin, .. } => Self { kind: Kind::Spend { model: other, uncertainty, basis, margin } },
        }
    }

    /// How much of what is spent is margin; all of it where the worth is a margin itself.
    pub(super) fn margin(&self) -> Decimal {
        match self.kind {
            Kind::Fixed(_) => Decimal::ONE,
            Kind::Spend { margin, .. } => margin.exact,
        }
    }

    /// The worth of every purchase, where it is the same.
    pub(super) fn fixed_margin(&self) -> Option<Decimal> {
        match self.kind {
            Kind::Fixed(margin) => Some(margin.exact),
            Kind::Spend { .. } => None,
        }
    }
}

/// The derivatives of what is expected of a customer's mean spend, or of a multiple of it that is worth so much, in the logarithms of `p`,
/// `q` and `v`.
pub(super) fn mean_spend_slopes(model: &GammaGamma, spend: &SpendHistory, worth: f64) -> [f64; 3] {
    let [p, q, v] = model.parameters();
    let freedom = q + p * decimal::count_to_f64(spend.purchases()) - 1.0;
    [worth * ((q - 1.0) / freedom), -worth * (q / freedom), worth * (v / (v + spend.total()))]
}

/// What is known of how far the parameters of a model may be off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Uncertainty<const N: usize> {
    Known {
        /// Of the logarithms.
        covariance: Matrix<N>,
        n: u64,
        /// Under which it was fitted.
        penalty: Penalty,
    },
    Unknown {
        because: &'static str,
    },
}

const INTERVAL: &str = "interval of the value";

impl<const N: usize> Uncertainty<N> {
    pub(super) fn of<M: Model<Parameters = [f64; N], Covariance = Matrix<N>>>(fit: &Fit<M>, because: &'static str) -> Self {
        let Some(mut covariance) = fit.covariance() else {
            return Self::Unknown { because };
        };
        let parameters = fit.model().parameters();
        for (row, first) in covariance.iter_mut().zip(parameters) {
            row.iter_mut().zip(parameters).for_each(|(entry, second)| *entry = *entry / first / second);
        }
        Self::Known { covariance, n: fit.n(), penalty: fit.penalty() }
    }

    pub(super) fn variance(&self, slopes: &[f64; N]) -> Result<f64> {
        match self {
            Self::Known { covariance, .. } => {
                let variance = dot(slopes, &times(covariance, slopes));
                // Rounding may leave less than nothing.
                if variance.is_finite() { Ok(variance.max(0.0)) } else { Err(Error::Overflow { field: INTERVAL, capacity: "a double" }) }
            }
            Self::Unknown { because } => Err(Error::Undefined { metric: INTERVAL, because }),
        }
    }

    /// How many customers the model was fitted to.
    pub(super) fn n(&self) -> Result<u64> {
        match self {
            Self::Known { n, .. } => Ok(*n),
            Self::Unknown { because } => Err(Error::Undefined { metric: INTERVAL, because }),
        }
    }

    /// As the model was fitted, from where the data say.
    #[cfg(feature = "simulation")]
    pub(super) fn options<M>(&self) -> Result<FitOptions<M>> {
        match self {
            Self::Known { penalty, .. } => FitOptions::default().with_penalty(*penalty),
            Self::Unknown { because } => Err(Error::Undefined { metric: INTERVAL, because }),
        }
    }
}
