//! A net score that is expected, from its promoters and detractors: what a survey is planned with.

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::proportion::Proportion;

/// An error if the two are together more than all.
pub(super) fn check_net_score(promoters: Proportion, detractors: Proportion) -> Result<()> {
    let together = decimal::add("promoters and detractors", promoters.to_decimal(), detractors.to_decimal())?;
    if together > Decimal::ONE {
        return Err(Error::out_of_bounds("promoters and detractors", together, Bound::AtMost(1_u64.into())));
    }
    Ok(())
}

/// `p + d - (p - d)^2`, from positive terms only.
pub(super) fn net_score_variance(promoters: Proportion, detractors: Proportion) -> f64 {
    let spread = |proportion: Proportion| proportion.to_f64() * proportion.complement().to_f64();
    spread(promoters) + spread(detractors) + 2.0 * promoters.to_f64() * detractors.to_f64()
}
