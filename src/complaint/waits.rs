//! How long customers wait for a first response or a resolution, those who still wait included.

use core::time::Duration;

use super::{Target, Wait};
use crate::error::{Error, Result};
use crate::estimate::{Confidence, Estimate, Interval};
use crate::proportion::Proportion;
use crate::survival::{Ending, LimitMethod, Observations, RiskTable, SurvivalCurve, TimeQuantile};

/// The distribution of waits: first-response times or resolution times, with percentiles that know of the cases still waiting.
///
/// A case that still waits has waited at least so long; leaving it out, or taking its wait so far for the whole, makes a slow team look fast.
/// So it is censored: the share answered within a time is 1 less the Kaplan-Meier curve of those who wait. Without open cases that is the plain
/// empirical distribution.
///
/// ```
/// use core::time::Duration;
/// use customer_metrics::{Confidence, Proportion};
/// use customer_metrics::complaint::{Target, Wait, WaitDistribution};
///
/// let hours = |hours: u64| Duration::from_secs(hours * 3600);
/// let answered = [1, 1, 2, 2, 3, 4, 5, 6, 8, 9, 12, 20].map(|time| Wait::Over(hours(time)));
/// let waiting = [4, 30, 50].map(|time| Wait::SoFar(hours(time)));
/// let waits = WaitDistribution::new(answered.into_iter().chain(waiting))?;
///
/// let median = waits.median(Confidence::P95);
/// assert_eq!(median.point().map(|time| time.as_secs() / 3600), Some(6));
/// assert_eq!([median.low(), median.high()].map(|end| end.map(|time| time.as_secs() / 3600)), [Some(2), Some(12)]);
/// let slowest_tenth = waits.percentile(Proportion::from_percent("90".parse().unwrap())?, Confidence::P95)?;
/// assert_eq!(slowest_tenth.point(), None); // not reached: more than a tenth may wait for ever
/// assert_eq!(format!("{:.2}", waits.within(Target::new(hours(8))?, Confidence::P95)?), "0.62 (0.34 to 0.86, 95% beta product, n = 15)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct WaitDistribution {
    /// Of those still waiting, in seconds.
    curve: SurvivalCurve,
    #[cfg_attr(feature = "serde", serde(skip))]
    table: RiskTable,
}

impl WaitDistribution {
    /// The distribution of these waits.
    ///
    /// # Errors
    /// [`Error::Undefined`] without any; [`Error::Row`] with the first wait of more than 10^15 seconds.
    pub fn new(waits: impl IntoIterator<Item = Wait>) -> Result<Self> {
        let (times, endings): (Vec<f64>, Vec<Ending>) = waits
            .into_iter()
            .map(|wait| match wait {
                Wait::Over(time) => (time.as_secs_f64(), Ending::Left),
                Wait::SoFar(time) => (time.as_secs_f64(), Ending::Censored),
            })
            .unzip();
        if times.is_empty() {
            return Err(Error::Undefined { metric: "distribution of waits", because: "no case was given" });
        }
        let table = Observations::new(&times, &endings)?.risk_table();
        Ok(Self { curve: table.kaplan_meier()?, table })
    }

    /// How many cases are behind it, those still waiting too.
    #[must_use]
    pub fn cases(&self) -> u64 {
        self.curve.subjects()
    }

    /// The time within which half of the cases are answered.
    #[must_use]
    pub fn median(&self, confidence: Confidence) -> WaitPercentile {
        WaitPercentile::of(&self.curve.median(confidence, LimitMethod::LogLog))
    }

    /// The time within which this share of the cases is answered, such as 90%.
    ///
    /// The interval assumes nothing of the distribution: it holds the times at which the limits of the curve pass the share (Brookmeyer and
    /// Crowley, with log-log limits).
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for a share of 0.
    pub fn percentile(&self, answered: Proportion, confidence: Confidence) -> Result<WaitPercentile> {
        Ok(WaitPercentile::of(&self.curve.quantile(answered, confidence, LimitMethod::LogLog)?))
    }

    /// The share of cases answered within the target. The interval has a width where all or none are: [`RiskTable::estimate_at`].
    ///
    /// Unlike [`TargetTally::attainment`](super::TargetTally::attainment) it uses what is known of the cases that are still pending.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if no case has waited as long as the target and some still wait.
    pub fn within(&self, target: Target, confidence: Confidence) -> Result<Estimate> {
        let waiting = self.table.estimate_at(target.duration().as_secs_f64(), confidence)?;
        let interval = Interval::new(1.0 - waiting.interval().high(), 1.0 - waiting.interval().low())?;
        Ok(Estimate::holding(1.0 - waiting.point(), interval, confidence, waiting.method(), waiting.n()))
    }

    /// The curve of those still waiting, in seconds.
    #[must_use]
    pub fn still_waiting(&self) -> &SurvivalCurve {
        &self.curve
    }
}

/// A percentile of waits with its interval, from [`TimeQuantile`].
///
/// The percentile is `None` where so many have not been answered within the records: the truth lies beyond the longest wait. An end is `None`
/// where the limits of the curve do not pass the share.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct WaitPercentile {
    point: Option<Duration>,
    low: Option<Duration>,
    high: Option<Duration>,
    confidence: Confidence,
    n: u64,
}

impl WaitPercentile {
    fn of(quantile: &TimeQuantile) -> Self {
        let duration = |seconds: Option<f64>| seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let [point, low, high] = [quantile.time(), quantile.low(), quantile.high()].map(duration);
        Self { point, low, high, confidence: quantile.confidence(), n: quantile.n() }
    }

    /// The percentile.
    #[must_use]
    pub fn point(&self) -> Option<Duration> {
        self.point
    }

    /// The low end of its interval.
    #[must_use]
    pub fn low(&self) -> Option<Duration> {
        self.low
    }

    /// The high end of its interval.
    #[must_use]
    pub fn high(&self) -> Option<Duration> {
        self.high
    }

    /// The confidence of the interval.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// How many cases are behind it.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }
}
