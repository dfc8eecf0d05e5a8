//! Retention as a curve that never rises with the time to resolution.

use core::cmp::Ordering;
use core::time::Duration;

use rust_decimal::Decimal;

use super::resolution_time_tally::ResolutionTimeTally;
use crate::decimal::{self, count_to_f64};
use crate::error::Result;
use crate::estimate::{Confidence, Estimate, Interval, Method, ShareMethod};
use crate::share::Share;

/// Retention against the time to resolution, assumed to do nothing but fall: the isotonic regression of who stayed.
///
/// Neighbouring times whose shares would rise are pooled until none do (pool adjacent violators); that is the curve of greatest likelihood
/// among all that never rise. Its steps are counts, so each share is exact.
///
/// ```text
/// f(t) = min over s <= t of max over u >= t of  stayed in s..u / known in s..u
/// ```
///
/// Source: M. Ayer, H. D. Brunk, G. M. Ewing, W. T. Reid and E. Silverman, "An empirical distribution function for sampling with
/// incomplete information", Annals of Mathematical Statistics 26 (1955), 641-647.
///
/// ```
/// use core::time::Duration;
/// use customer_metrics::Confidence;
/// use customer_metrics::complaint::{ResolutionTime, ResolutionTimeTally};
///
/// let hours = |hours: u64| Duration::from_secs(hours * 3600);
/// let row = |time, stayed, left| ResolutionTime { time: hours(time), stayed, left, unknown: 0 };
/// let tally = ResolutionTimeTally::from_rows([row(1, 45, 5), row(8, 40, 10), row(24, 42, 8), row(72, 20, 30)])?;
///
/// let curve = tally.monotone()?;
/// let shares: Vec<String> = curve.steps().iter().map(|step| step.retention.to_string()).collect();
/// assert_eq!(shares, ["45 of 50 (90.0%)", "82 of 100 (82.0%)", "20 of 50 (40.0%)"]); // the rise from 8 to 24 hours is pooled
/// assert_eq!(format!("{:.2}", curve.estimate(hours(24), Confidence::P95)), "0.82 (0.71 to 0.93, 95% monotone windows, n = 200)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct MonotoneRetention {
    steps: Vec<RetentionStep>,
    /// What was counted at each time, for the intervals.
    counted: Vec<(Duration, Share)>,
    /// All complaints by time, of unknown fate too, for what a gain in speed would do.
    resolved: Vec<(Duration, u64)>,
    /// Retention whatever the time.
    of_all: Share,
}

/// A stretch of times over which the curve is level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct RetentionStep {
    /// The shortest time that belongs to it.
    pub from: Duration,
    /// The longest time that belongs to it.
    pub to: Duration,
    /// Who stayed, of those known.
    pub retention: Share,
}

impl MonotoneRetention {
    pub(super) fn fit(tally: &ResolutionTimeTally) -> Result<Self> {
        let counted: Vec<(Duration, Share)> = tally.known().collect();
        let mut steps: Vec<RetentionStep> = Vec::new();
        for &(time, retention) in &counted {
            let mut step = RetentionStep { from: time, to: time, retention };
            while let Some(&before) = steps.last()
                && before.retention.compare(&step.retention) != Ordering::Greater
            {
                steps.pop();
                step = RetentionStep { from: before.from, to: step.to, retention: before.retention.merge(&step.retention)? };
            }
            steps.push(step);
        }
        let of_all = tally.retention()?;
        let resolved = tally.rows().map(|row| (row.time, row.stayed.saturating_add(row.left).saturating_add(row.unknown))).collect();
        Ok(Self { steps, counted, resolved, of_all })
    }

    /// The steps from the shortest time to the longest; their shares fall strictly.
    #[must_use]
    pub fn steps(&self) -> &[RetentionStep] {
        &self.steps
    }

    /// Retention when the resolution takes so long: the step of the longest recorded time that is not longer. Shorter times than any
    /// recorded have the first step, longer ones the last.
    #[must_use]
    pub fn retention(&self, time: Duration) -> Share {
        let later = self.steps.partition_point(|step| step.from <= time);
        let step = self.steps.get(later.saturating_sub(1)).or(self.steps.first());
        step.map_or(self.of_all, |step| step.retention)
    }

    /// Retention when the resolution takes so long, with an interval that holds its promise for any curve that never rises, whatever its
    /// form and however few the complaints.
    ///
    /// The low limit is Clopper's and Pearson's for the complaints that took this long or longer, starting with the nearest, the high
    /// limit that for those that took this long or shorter: because the curve falls, the share of the first group is no more than the
    /// retention at this time, that of the second no less. Each group is the nearest n^(2/3) complaints of n, fixed without looking at who
    /// stayed; equal times stay together. Where there are none, the limit is 0 or 1. The interval is moved out to the curve where that lies
    /// outside.
    ///
    /// Bootstrap intervals are not offered: for isotonic curves they do not converge to the nominal coverage.
    ///
    /// Each complaint of the first group stays with no greater a chance than the retention at this time, so their number is stochastically no
    /// greater than a binomial one with that chance, for which the limits are exact; of the second group the other way round.
    ///
    /// Source: M. R. Kosorok, "Bootstrapping the Grenander estimator", IMS Collections 1 (2008), 282-292, on the bootstrap.
    #[must_use]
    pub fn estimate(&self, time: Duration, confidence: Confidence) -> Estimate {
        let point = self.retention(time).to_f64();
        let enough = count_to_f64(self.of_all.whole()).cbrt().powi(2).ceil();
        let slower = self.counted.partition_point(|&(at, _)| at < time);
        let not_slower = self.counted.partition_point(|&(at, _)| at <= time);
        let low = window(self.counted.iter().skip(slower), enough)
            .map_or(0.0, |share| share.interval_with(confidence, ShareMethod::ClopperPearson).low());
        let high = window(self.counted.iter().take(not_slower).rev(), enough)
            .map_or(1.0, |share| share.interval_with(confidence, ShareMethod::ClopperPearson).high());
        let interval = Interval::ordered(low.min(point), high.max(point));
        Estimate::holding(point, interval, confidence, Method::MonotoneWindows, self.of_all.whole())
    }

    /// How many more of the resolved customers would stay if every resolution had come so much sooner, none sooner than at once: a number
    /// of customers, rounded to 28 digits.
    ///
    /// The curve is taken as it is, step by step, and as if the time itself kept the customers. Complaints that take long differ in other
    /// ways from those that do not; only a trial tells how much of the curve is the time.
    ///
    /// It has no interval: no standard error is known for a difference of two points of one such curve. With the assumption of a logistic curve
    /// there is one, in [`LogisticRetention::money_kept`](super::LogisticRetention::money_kept).
    ///
    /// # Errors
    /// [`Error::Overflow`](crate::Error::Overflow) if the sum does not fit 28 digits.
    pub fn customers_kept(&self, sooner: Duration) -> Result<Decimal> {
        decimal::sum(
            "customers kept",
            self.resolved
                .iter()
                .map(|&(time, complaints)| {
                    let faster = self.retention(time.saturating_sub(sooner)).to_decimal();
                    let gain = decimal::sub("customers kept", faster, self.retention(time).to_decimal())?;
                    decimal::mul("customers kept", gain, complaints.into())
                })
                .collect::<Result<Vec<_>>>()?,
        )
    }
}

/// The nearest complaints, so many or a few more, as one share.
fn window<'a>(nearest: impl Iterator<Item = &'a (Duration, Share)>, enough: f64) -> Option<Share> {
    let mut pooled: Option<Share> = None;
    for (_, share) in nearest {
        pooled = match pooled {
            Some(so_far) => so_far.merge(share).ok(),
            None => Some(*share),
        };
        if pooled.is_none_or(|so_far| count_to_f64(so_far.whole()) >= enough) {
            break;
        }
    }
    pooled
}
