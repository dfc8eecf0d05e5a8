//! The time by which a share of customers has left.

use core::fmt;

use super::{LimitMethod, SurvivalCurve};
use crate::error::{Bound, Error, Result};
use crate::estimate::Confidence;
use crate::proportion::Proportion;

/// The time by which a share of customers has left, with its interval.
///
/// Each of the three may lie beyond the end of the records; then it is `None`: not reached, which is not the same as never.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct TimeQuantile {
    time: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    confidence: Confidence,
    method: LimitMethod,
    n: u64,
}

impl TimeQuantile {
    /// The time, if it is reached.
    #[must_use]
    pub fn time(&self) -> Option<f64> {
        self.time
    }

    /// The low end of the interval, if it is reached.
    #[must_use]
    pub fn low(&self) -> Option<f64> {
        self.low
    }

    /// The high end of the interval, if it is reached.
    #[must_use]
    pub fn high(&self) -> Option<f64> {
        self.high
    }

    /// The confidence of the interval.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// The method of the limits that were inverted.
    #[must_use]
    pub fn method(&self) -> LimitMethod {
        self.method
    }

    /// How many customers are behind it.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }
}

/// Everything in one line; a precision such as `{:.1}` applies to the times.
impl fmt::Display for TimeQuantile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn write(time: Option<f64>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match time {
                Some(time) => fmt::Display::fmt(&time, f),
                None => f.write_str("not reached"),
            }
        }
        write(self.time, f)?;
        f.write_str(" (")?;
        write(self.low, f)?;
        f.write_str(" to ")?;
        write(self.high, f)?;
        write!(f, ", {} {}, n = {})", self.confidence, self.method, self.n)
    }
}

impl SurvivalCurve {
    /// The time by which half of the customers have left: [`quantile`](Self::quantile) of one half.
    #[must_use]
    pub fn median(&self, confidence: Confidence, method: LimitMethod) -> TimeQuantile {
        self.quantile_below(0.5, confidence, method)
    }

    /// The time by which this share of the customers has left, with the interval of Brookmeyer and Crowley: the times at which the limits
    /// of the curve fall below what is left.
    ///
    /// The first time at which the curve is below `1 - left`. Where a step of it is exactly `1 - left`, the middle between that
    /// step and the next, or the end of the records if it is the last: the rule of R's quantile, where lifelines takes the step itself. R
    /// calls values equal that differ by 1.5e-8; here they are equal as doubles, to which the curve is rounded once. The same rule inverts
    /// the limits; a step at which everyone has left has none, so the ends of the interval may be `None` where the time is not, as in R.
    ///
    /// Source: R. Brookmeyer and J. Crowley, "A confidence interval for the median survival time", Biometrics 38 (1982), 29-41.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if `left` is 0.
    pub fn quantile(&self, left: Proportion, confidence: Confidence, method: LimitMethod) -> Result<TimeQuantile> {
        if left == Proportion::ZERO {
            return Err(Error::out_of_bounds("left", 0_u64, Bound::MoreThan(0_u64.into())));
        }
        Ok(self.quantile_below(left.complement().to_f64(), confidence, method))
    }

    fn quantile_below(&self, level: f64, confidence: Confidence, method: LimitMethod) -> TimeQuantile {
        let z = confidence.two_sided_z();
        let limits =
            || self.steps().iter().map_while(|step| Some((step.time(), method.interval(step.survival(), step.log_variance(), z)?)));
        let end = self.last_time();
        TimeQuantile {
            time: crossing(self.steps().iter().map(|step| (step.time(), step.survival())), level, end),
            low: crossing(limits().map(|(time, interval)| (time, interval.low())), level, end),
            high: crossing(limits().map(|(time, interval)| (time, interval.high())), level, end),
            confidence,
            method,
            n: self.subjects(),
        }
    }
}

/// Where a falling step function passes below a level.
fn crossing(steps: impl Iterator<Item = (f64, f64)>, level: f64, end: f64) -> Option<f64> {
    let mut level_since = None;
    for (time, value) in steps {
        if value < level {
            return Some(level_since.map_or(time, |since| f64::midpoint(since, time)));
        }
        if value <= level {
            level_since = level_since.or(Some(time));
        }
    }
    level_since.map(|since| f64::midpoint(since, end))
}

#[cfg(test)]
mod tests {
    use super::super::Ending::{Censored, Left};
    use super::super::Observations;
    use super::*;

    fn share(text: &str) -> Proportion {
        Proportion::new(text.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_step_at_the_level_itself_gives_the_middle_to_the_next() {
        let times = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0];
        let endings = [Left, Left, Left, Left, Left, Left, Left, Left, Left, Censored];
        let curve = Observations::new(&times, &endings).unwrap().risk_table().kaplan_meier().unwrap();
        let quantile = |left| curve.quantile(share(left), Confidence::P95, LimitMethod::LogLog).unwrap().time();
        assert_eq!(curve.median(Confidence::P95, LimitMethod::LogLog).time(), Some(5.5));
        // 1 - 0.1 and 1 - 0.3 are no problem, since shares are decimal.
        assert_eq!([quantile("0.1"), quantile("0.3"), quantile("0.35")], [Some(1.5), Some(3.5), Some(4.0)]);
        assert_eq!(quantile("0.9"), Some(9.5));
        assert_eq!(quantile("0.95"), None);
        assert!(curve.quantile(Proportion::ZERO, Confidence::P95, LimitMethod::LogLog).is_err());
    }

    #[test]
    fn all_have_left_when_the_last_one_has() {
        let curve = Observations::new(&[2.0, 4.0], &[Left, Left]).unwrap().risk_table().kaplan_meier().unwrap();
        let all = curve.quantile(Proportion::ONE, Confidence::P95, LimitMethod::LogLog).unwrap();
        assert_eq!((all.time(), all.low(), all.high()), (Some(4.0), None, None));
        assert_eq!(all.to_string(), "4 (not reached to not reached, 95% log-log, n = 2)");
    }
}
