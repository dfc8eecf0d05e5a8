//! How the problems of a base end: which share of them in which outcome.

use rust_decimal::Decimal;

use super::Outcome;
use crate::decimal;
use crate::error::{Error, Result};
use crate::proportion::Proportion;
use crate::range::Range;

/// Which share of the customers with a problem ends in which [`Outcome`], as three rates: who complains, whose complaint is resolved,
/// whose resolution is quick. Each may be a range.
///
/// ```text
/// silent           = 1 - complaint rate
/// unresolved       = complaint rate x (1 - resolution rate)
/// resolved         = complaint rate x resolution rate x (1 - quick rate)
/// resolved quickly = complaint rate x resolution rate x quick rate
/// ```
///
/// ```
/// use customer_metrics::Proportion;
/// use customer_metrics::complaint::{Outcome, OutcomeMix, PublishedCurve};
///
/// let percent = |value: i64| Proportion::from_percent(value.into());
/// let mix = OutcomeMix::new(percent(40)?, percent(50)?, percent(25)?);
/// assert_eq!(mix.share(Outcome::ResolvedQuickly).to_string(), "5.0%");
///
/// // 60% silent, 20% unresolved, 15% resolved, 5% quickly: .6 x .09 + .2 x .19 + .15 x .54 + .05 x .82
/// let kept = PublishedCurve::MajorProblem.curve().under(&mix)?;
/// assert_eq!(kept.low().to_decimal().to_string(), "0.214");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct OutcomeMix {
    complaint: Range<Proportion>,
    resolution: Range<Proportion>,
    quick: Range<Proportion>,
}

impl OutcomeMix {
    /// From the share of customers with a problem who complain, the share of complaints that are resolved, and the share of resolutions
    /// that are quick. Each is one [`Proportion`] or a [`Range`] of them.
    #[must_use]
    pub fn new(
        complaint_rate: impl Into<Range<Proportion>>,
        resolution_rate: impl Into<Range<Proportion>>,
        quick_rate: impl Into<Range<Proportion>>,
    ) -> Self {
        Self { complaint: complaint_rate.into(), resolution: resolution_rate.into(), quick: quick_rate.into() }
    }

    /// From the number of problems by outcome, in the order of [`Outcome::ALL`]. A rate of nothing (no one complained, nothing was
    /// resolved) is taken as 0: it does not change any share.
    ///
    /// # Errors
    /// [`Error::Undefined`] if there was no problem; [`Error::Overflow`] if all together exceed 64 bits.
    pub fn from_counts([silent, unresolved, resolved, resolved_quickly]: [u64; 4]) -> Result<Self> {
        let add = |a: u64, b: u64| a.checked_add(b).ok_or_else(|| Error::count_overflow("problems"));
        let all_resolved = add(resolved, resolved_quickly)?;
        let complaints = add(unresolved, all_resolved)?;
        let problems = add(silent, complaints)?;
        if problems == 0 {
            return Err(Error::Undefined { metric: "outcome mix", because: "there was no problem" });
        }
        let rate = |part: u64, whole: u64| match whole {
            0 => Ok(Proportion::ZERO),
            _ => decimal::ratio("rate", "there was no problem", part.into(), whole.into()).map(Proportion::saturating),
        };
        Ok(Self::new(rate(complaints, problems)?, rate(all_resolved, complaints)?, rate(resolved_quickly, all_resolved)?))
    }

    /// The share of customers with a problem who complain.
    #[must_use]
    pub fn complaint_rate(&self) -> Range<Proportion> {
        self.complaint
    }

    /// The share of complaints that are resolved.
    #[must_use]
    pub fn resolution_rate(&self) -> Range<Proportion> {
        self.resolution
    }

    /// The share of resolutions that are quick.
    #[must_use]
    pub fn quick_rate(&self) -> Range<Proportion> {
        self.quick
    }

    /// The share of problems that end in this outcome, rounded to 28 decimal places.
    #[must_use]
    pub fn share(&self, outcome: Outcome) -> Range<Proportion> {
        // Each factor pulls the share one way only, so the ends of the share lie at ends of the factors.
        let (complaint, resolution, quick) = (self.complaint, self.resolution, self.quick);
        let both = |a: Range<Proportion>, b: Range<Proportion>| Range::spanning(a.low().of(b.low()), a.high().of(b.high()));
        match outcome {
            Outcome::Silent => complaint.complement(),
            Outcome::Unresolved => both(complaint, resolution.complement()),
            Outcome::Resolved => both(both(complaint, resolution), quick.complement()),
            Outcome::ResolvedQuickly => both(both(complaint, resolution), quick),
        }
    }

    /// The mean of values by outcome, weighted with the shares: the lowest and the highest that the ranges allow.
    ///
    /// The mean is linear in each rate and in each value, so its extremes lie where every rate is at one of its ends; weighing whole
    /// ranges of shares instead would let them sum to more or less than 1.
    pub(super) fn weigh(&self, field: &'static str, values: [Range<Decimal>; 4]) -> Result<Range<Decimal>> {
        let mut extremes: Option<Range<Decimal>> = None;
        for complaint in [self.complaint.low(), self.complaint.high()] {
            for resolution in [self.resolution.low(), self.resolution.high()] {
                for quick in [self.quick.low(), self.quick.high()] {
                    let corner = Self::new(complaint, resolution, quick);
                    let mut mean = Range::single(Decimal::ZERO);
                    for (outcome, value) in Outcome::ALL.into_iter().zip(values) {
                        mean = mean.add(field, &corner.share(outcome).to_decimal().mul(field, &value)?)?;
                    }
                    let so_far = extremes.unwrap_or(mean);
                    extremes = Some(Range::spanning(so_far.low().min(mean.low()), so_far.high().max(mean.high())));
                }
            }
        }
        Ok(extremes.unwrap_or(Range::single(Decimal::ZERO)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_come_back_as_shares() {
        let mix = OutcomeMix::from_counts([50, 20, 20, 10]).unwrap();
        let percents = Outcome::ALL.map(|outcome| mix.share(outcome).to_string());
        assert_eq!(percents, ["50.0%", "20.0%", "20.0%", "10.0%"]);
    }

    #[test]
    fn rates_of_nothing_change_nothing() {
        let silent = OutcomeMix::from_counts([7, 0, 0, 0]).unwrap();
        assert_eq!(silent.share(Outcome::Silent), Range::single(Proportion::ONE));
        assert_eq!(silent.share(Outcome::ResolvedQuickly), Range::single(Proportion::ZERO));
        assert!(matches!(OutcomeMix::from_counts([0; 4]), Err(Error::Undefined { .. })));
        assert!(matches!(OutcomeMix::from_counts([u64::MAX, 1, 0, 0]), Err(Error::Overflow { .. })));
    }
}
