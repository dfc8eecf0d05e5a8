//! The mean of one member of a team, and how sure it is.

/// The mean of one member's answers and its standard error: what [`MeanShrinkage`](super::MeanShrinkage) is made from.
///
/// Any two numbers can be written; what is no mean or no standard error is refused where it is used.
///
/// ```
/// use customer_metrics::Confidence;
/// use customer_metrics::estimate::{MeanShrinkage, MemberMean};
///
/// let sure = MemberMean { mean: 4.3, standard_error: 0.06 };
/// let lucky = MemberMean { mean: 4.8, standard_error: 0.35 };
/// let team = MeanShrinkage::fit(&[sure, lucky, MemberMean { mean: 3.6, ..sure }])?;
/// assert!(team.shrink(lucky, Confidence::P95)?.kept() < team.shrink(sure, Confidence::P95)?.kept());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct MemberMean {
    /// The mean of its answers.
    pub mean: f64,
    /// The standard error of that mean, in the same unit.
    pub standard_error: f64,
}
