//! The MBG/NBD model: BG/NBD with a chance to leave after the first purchase too.

use super::beta_geometric::{BetaGeometric, BetaGeometricLikelihood, FirstChance, starts};
use super::parameters::parameters;
use super::purchase_model::purchase_model;
use super::sample::{Sample, Size};
use super::{BetaGeometricOutlook, Fit, FitOptions, Model, PurchaseColumns, PurchaseHistory, PurchaseTable};
use crate::error::{Error, Result};

/// The modified beta-geometric/NBD model: as [`BgNbd`](super::BgNbd), but customers may leave after their first purchase too.
///
/// ```text
/// While alive, a customer buys at random at a rate lambda: lambda ~ Gamma(shape r, rate alpha) over customers.
/// After each purchase, the first included, they leave with probability p: p ~ Beta(a, b) over customers, independent of lambda.
///
/// L(x, t_x, T) = B(a, b + x + 1) / B(a, b)  gamma(r + x) alpha^r / (gamma(r) (alpha + T)^(r + x))
///              + B(a + 1, b + x) / B(a, b)  gamma(r + x) alpha^r / (gamma(r) (alpha + t_x)^(r + x))
/// ```
///
/// `alpha` is in the unit of time of the data, the others are pure numbers. Parameters may lie between 1e-100 and 1e100. It is the model
/// for bases of many one-time buyers, who in BG/NBD could not have left.
///
/// ```
/// use customer_metrics::repeat_buying::{MbgNbd, PurchaseHistory};
///
/// let model = MbgNbd::new(0.243, 4.414, 0.793, 2.426)?;
/// let regular = PurchaseHistory::new(2, 30.43, 38.86)?;
/// assert_eq!(format!("{:.3}", model.log_likelihood(&regular)), "-9.687");
/// assert_eq!(format!("{:.3}", model.outlook(&regular).expected_purchases(39.0)?), "1.340");
///
/// // The fit of a single customer has no maximum, and says so.
/// let fit = MbgNbd::fit(&[regular].into_iter().collect())?;
/// assert!(!fit.has_converged() && fit.standard_errors().is_none());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// Source: E. P. Batislam, M. Denizel and A. Filiztekin, "Empirical Validation and Comparison of Models for Customer Base Analysis",
/// International Journal of Research in Marketing 24 (2007), 201-209; D. Hoppe and U. Wagner, "Customer Base Analysis: The Case for a
/// Central Variant of the Betageometric/NBD Model", Marketing - Journal of Research and Management 3 (2007), 75-90, where it is CBG/NBD.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "MbgNbdState", into = "MbgNbdState"))]
pub struct MbgNbd {
    r: f64,
    alpha: f64,
    a: f64,
    b: f64,
}

parameters! {
    MbgNbd(MbgNbdState), 4, ratios: ["r / alpha" = 0 / 1, "a / b" = 2 / 3]:
    /// The shape of the rates of buying: the smaller, the more customers differ.
    r,
    /// The rate of their distribution, a time: customers buy `r / alpha` times in a unit of time on average.
    alpha,
    /// The first shape of the probabilities to leave, whose mean is `a / (a + b)`.
    a,
    /// Their second shape.
    b,
}

purchase_model! {
    MbgNbd, "MBG/NBD", outlook: BetaGeometricOutlook, starts: starts,
    example: "0.243, 4.414, 0.793, 2.426", purchases in a year: "1.210", customers who buy again: "250..550",
}

impl MbgNbd {
    pub(super) fn core(&self) -> BetaGeometric {
        BetaGeometric::new(self.parameters(), FirstChance::AtOnce)
    }

    /// Starts are climbed in a part of a table with at most so many rows.
    const PART: usize = 4_096;

    fn likelihood(sample: Sample) -> BetaGeometricLikelihood {
        BetaGeometricLikelihood { sample, first_chance: FirstChance::AtOnce }
    }

    /// `alpha` is a time.
    fn scale_of(size: &Size) -> [f64; 4] {
        [1.0, size.age, 1.0, 1.0]
    }
}
