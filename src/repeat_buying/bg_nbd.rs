//! The BG/NBD model: buying at random until leaving for good, with a chance to leave after each repeat purchase.

use super::beta_geometric::{BetaGeometric, BetaGeometricLikelihood, FirstChance, starts};
use super::parameters::parameters;
use super::purchase_model::purchase_model;
use super::sample::{Sample, Size};
use super::{BetaGeometricOutlook, Fit, FitOptions, Model, PurchaseColumns, PurchaseHistory, PurchaseTable};
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

parameters! {
    BgNbd(BgNbdState), 4, ratios: ["r / alpha" = 0 / 1, "a / b" = 2 / 3]:
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
    BgNbd, "BG/NBD", outlook: BetaGeometricOutlook, starts: starts,
    example: "0.243, 4.414, 0.793, 2.426", purchases in a year: "1.446", customers who buy again: "350..500",
}

impl BgNbd {
    pub(super) fn core(&self) -> BetaGeometric {
        BetaGeometric::new(self.parameters(), FirstChance::AfterRepeatPurchase)
    }

    /// Starts are climbed in a part of a table with at most so many rows.
    const PART: usize = 4_096;

    fn likelihood(sample: Sample) -> BetaGeometricLikelihood {
        BetaGeometricLikelihood { sample, first_chance: FirstChance::AfterRepeatPurchase }
    }

    /// `alpha` is a time.
    fn scale_of(size: &Size) -> [f64; 4] {
        [1.0, size.age, 1.0, 1.0]
    }
}
