//! A net score that is expected, from its promoters and detractors: what a survey is planned with.

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::proportion::Proportion;

/// About so many promoters and detractors, of all answers: what a net score such as NPS is expected to come from. The others are passives.
///
/// [`SurveyPlan`](super::SurveyPlan) and [`ComparisonPlan`](super::ComparisonPlan) are made from it, and refuse one whose promoters and
/// detractors are together more than all.
///
/// ```
/// use customer_metrics::estimate::{ExpectedNetScore, SurveyPlan};
/// use customer_metrics::{Confidence, Decimal, Proportion};
///
/// let percent = |percent: i64| Proportion::from_percent(Decimal::from(percent));
/// let nps = ExpectedNetScore { promoters: percent(45)?, detractors: percent(15)? };
/// assert_eq!(SurveyPlan::from_net_score(nps, Confidence::P95)?.sample_size(0.05)?, 784);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct ExpectedNetScore {
    /// The part that are promoters.
    pub promoters: Proportion,
    /// The part that are detractors.
    pub detractors: Proportion,
}

impl ExpectedNetScore {
    /// An error if the two are together more than all.
    pub(super) fn check(&self) -> Result<()> {
        let together = decimal::add("promoters and detractors", self.promoters.to_decimal(), self.detractors.to_decimal())?;
        if together > Decimal::ONE {
            return Err(Error::out_of_bounds("promoters and detractors", together, Bound::AtMost(1_u64.into())));
        }
        Ok(())
    }

    pub(super) fn score(&self) -> Result<Decimal> {
        decimal::sub("net score", self.promoters.to_decimal(), self.detractors.to_decimal())
    }

    /// `p + d - (p - d)^2`, from positive terms only.
    pub(super) fn variance(&self) -> f64 {
        let spread = |proportion: Proportion| proportion.to_f64() * proportion.complement().to_f64();
        spread(self.promoters) + spread(self.detractors) + 2.0 * self.promoters.to_f64() * self.detractors.to_f64()
    }
}
