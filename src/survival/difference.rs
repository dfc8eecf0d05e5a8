//! How far two curves lie apart at one time.

use core::fmt;

use super::{LimitMethod, SurvivalCurve};
use crate::error::Result;
use crate::estimate::{Comparison, Confidence, Interval};

/// How the interval for the difference of two curves at one time is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum SurvivalDifferenceMethod {
    /// The log-log limits of each curve, squared and added.
    ///
    /// ```text
    /// low  = S1 - S2 - sqrt((S1 - l1)^2 + (u2 - S2)^2)
    /// high = S1 - S2 + sqrt((u1 - S1)^2 + (S2 - l2)^2)
    /// ```
    ///
    /// Source: G. Y. Zou and A. Donner, "Construction of confidence limits about effect measures: a general approach", Statistics in Medicine
    /// 27 (2008), 1693-1702.
    #[default]
    SquareAndAdd,
}

impl fmt::Display for SurvivalDifferenceMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SquareAndAdd => "square-and-add log-log",
        })
    }
}

impl SurvivalCurve {
    /// How much more customers are still there at a time than in another, independent group, as a share.
    ///
    /// ```
    /// use customer_metrics::Confidence;
    /// use customer_metrics::survival::{Ending::{Censored, Left}, Observations};
    ///
    /// let curve = |times: &[f64]| Observations::new(times, &[Left, Left, Censored, Left, Censored, Censored])?.risk_table().kaplan_meier();
    /// let (helped, not) = (curve(&[3.0, 8.0, 9.0, 11.0, 12.0, 12.0])?, curve(&[1.0, 2.0, 9.0, 11.0, 12.0, 12.0])?);
    /// let kept = helped.difference_at(5.0, &not, Confidence::P95)?;
    /// assert_eq!(format!("{kept:.2}"), "0.17 (-0.44 to 0.66, 95% square-and-add log-log, n = 6 and 6)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`](crate::Error::OutOfBounds) for a time that is negative, infinite or NaN;
    /// [`Error::Undefined`](crate::Error::Undefined) where everyone of a group has left, for its curve has no limits there.
    pub fn difference_at(&self, time: f64, other: &Self, confidence: Confidence) -> Result<Comparison<SurvivalDifferenceMethod>> {
        let [first, second] =
            [self.estimate_at(time, confidence, LimitMethod::LogLog)?, other.estimate_at(time, confidence, LimitMethod::LogLog)?];
        let point = first.point() - second.point();
        let down = (first.point() - first.interval().low()).hypot(second.interval().high() - second.point());
        let up = (first.interval().high() - first.point()).hypot(second.point() - second.interval().low());
        let interval = Interval::ordered((point - down).clamp(-1.0, point), (point + up).clamp(point, 1.0));
        Ok(Comparison::computed(point, interval, confidence, SurvivalDifferenceMethod::SquareAndAdd, [first.n(), second.n()]))
    }
}
