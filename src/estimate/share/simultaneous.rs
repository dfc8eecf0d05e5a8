//! Intervals for all parts of a whole at once.

use crate::error::{Error, Result};
use crate::estimate::{Confidence, Estimate, Method, ShareMethod};
use crate::share::Share;

/// An estimate for each of several counts that make up a whole, such as reasons or outcomes, whose intervals hold all their shares at once with
/// this confidence.
///
/// ```text
/// low_i, high_i = Wilson limits of k_i of n at the confidence 1 - (1 - confidence) / m,  m = number of counts
/// ```
///
/// One interval at 95% misses the truth one time in twenty; of ten such intervals some one does far more often. These are wider, so that
/// statements about any of the shares, also about the one that stands out, can be made together. All counts that were possible belong in, those
/// of 0 as well.
///
/// Source: L. A. Goodman, "On simultaneous confidence intervals for multinomial proportions", Technometrics 7 (1965), 247-254.
///
/// ```
/// use customer_metrics::{Confidence, estimate::goodman_estimates};
///
/// let outcomes = goodman_estimates(&[56, 72, 73, 59, 62, 87, 58], Confidence::P95)?;
/// assert_eq!(format!("{:.3}", outcomes[0]), "0.120 (0.085 to 0.166, 95% Goodman, n = 467)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// # Errors
/// [`Error::Undefined`] if there are no counts or all are 0; [`Error::Overflow`] if together they exceed 64 bits.
pub fn goodman_estimates(counts: &[u64], confidence: Confidence) -> Result<Vec<Estimate>> {
    let whole = counts.iter().try_fold(0_u64, |sum, &count| sum.checked_add(count)).ok_or_else(|| Error::count_overflow("whole"))?;
    if whole == 0 {
        return Err(Error::Undefined { metric: "shares of a whole", because: "nothing was counted" });
    }
    let each = confidence.spread_over(u64::try_from(counts.len()).unwrap_or(u64::MAX));
    let estimate = |&count: &u64| {
        let share = Share::new(count, whole)?;
        Ok(Estimate::holding(share.to_f64(), share.interval_with(each, ShareMethod::Wilson), confidence, Method::Goodman, whole))
    };
    counts.iter().map(estimate).collect()
}
