//! How long customers stay on average up to a horizon.

use core::fmt;

use super::compensated::Sum;
use super::risk_table::check_time;
use super::{SurvivalCurve, SurvivalStep};
use crate::error::{Error, Result};
use crate::estimate::{Alternative, Comparison, Confidence, Estimate, Interval, Method, SignificanceTest, TestMethod};

/// How the interval for the difference of two restricted means is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum RestrictedMeanDifferenceMethod {
    /// The difference -/+ z times the root of the two variances.
    #[default]
    Normal,
}

impl fmt::Display for RestrictedMeanDifferenceMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("normal")
    }
}

/// How the interval for the ratio of two restricted means is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum RestrictedMeanRatioMethod {
    /// The ratio times exp(-/+ z times the root of the two squared relative errors): the delta method on the logarithm.
    #[default]
    LogNormal,
}

impl fmt::Display for RestrictedMeanRatioMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("log-normal")
    }
}

/// The mean time that customers stay between two times, with the standard error of that mean.
///
/// ```text
/// mean = integral from `from` to `to` of S(t) dt / S(from)
/// variance = sum over t_i in (from, to] of (A_i / S(from))^2 d_i / (n_i (n_i - d_i)),  A_i = integral from t_i to `to` of S(t) dt
/// ```
///
/// The plain mean of a lifetime needs to know when the last customer leaves, which records never tell; up to a horizon it is a fact. The
/// standard error is that of the estimated mean, as in R's `se(rmean)`; what lifelines returns as variance of the restricted mean is the
/// variance of single lifetimes, many times larger.
///
/// Source: J. P. Klein and M. L. Moeschberger, Survival Analysis, 2nd edition (2003), section 4.5.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct RestrictedMean {
    from: f64,
    to: f64,
    mean: f64,
    variance: f64,
    n: u64,
}

impl SurvivalCurve {
    /// The mean time that customers stay within the first `horizon`: the area under the curve.
    ///
    /// Beyond the records, while someone is still there, it is not known; [`restricted_mean_carried_forward`](Self::restricted_mean_carried_forward)
    /// assumes.
    ///
    /// ```
    /// use customer_metrics::Confidence;
    /// use customer_metrics::survival::{Ending::{Censored, Left}, Observations};
    ///
    /// let curve = Observations::new(&[2.0, 4.0, 6.0, 12.0], &[Left, Left, Left, Censored])?.risk_table().kaplan_meier()?;
    /// let first_year = curve.restricted_mean(12.0)?;
    /// assert_eq!(first_year.mean(), (2.0 + 4.0 + 6.0 + 12.0) / 4.0);
    /// assert_eq!(format!("{:.1}", first_year.estimate(Confidence::P95)), "6.0 (2.3 to 9.7, 95% normal, n = 4)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for a horizon that is negative, infinite or NaN, or that lies beyond the records while someone is still there.
    pub fn restricted_mean(&self, horizon: f64) -> Result<RestrictedMean> {
        self.at_named("horizon", horizon)?;
        self.restricted_mean_carried_forward(horizon)
    }

    /// The same if all who are still there at the end of the records stayed up to the horizon: what R's `survfit` gives for a fixed `rmean`. Its
    /// standard error takes that for known.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for a horizon that is negative, infinite or NaN.
    pub fn restricted_mean_carried_forward(&self, horizon: f64) -> Result<RestrictedMean> {
        check_time("horizon", horizon)?;
        // Who left at time 0 is in it.
        self.mean_between(0.0, horizon, (0, SurvivalStep::new(0.0, 1.0, 0.0)))
    }

    /// Of those who stayed beyond `stayed`, the mean time that they stay within the next `horizon`: the remaining lifetime.
    ///
    /// ```
    /// use customer_metrics::survival::{Ending::{Censored, Left}, Observations};
    ///
    /// let curve = Observations::new(&[2.0, 4.0, 6.0, 12.0], &[Left, Left, Left, Censored])?.risk_table().kaplan_meier()?;
    /// // Two are still there after 4: one for 2 more, one for all 8.
    /// assert_eq!(curve.remaining_mean(4.0, 8.0)?.mean(), 5.0);
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for a time that is negative, infinite or NaN, or for both together beyond the records while someone is still
    /// there; [`Error::Undefined`] where no one stayed as long.
    pub fn remaining_mean(&self, stayed: f64, horizon: f64) -> Result<RestrictedMean> {
        check_time("horizon", horizon)?;
        self.at_named("stayed", stayed)?;
        self.at_named("horizon", stayed + horizon)?;
        self.remaining_mean_carried_forward(stayed, horizon)
    }

    /// The same if all who are still there at the end of the records stayed up to the end of the horizon.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for a time that is negative, infinite or NaN; [`Error::Undefined`] where no one stayed as long.
    pub fn remaining_mean_carried_forward(&self, stayed: f64, horizon: f64) -> Result<RestrictedMean> {
        check_time("stayed", stayed)?;
        check_time("horizon", horizon)?;
        let to = stayed + horizon;
        check_time("horizon", to)?;
        let start = self.carried_to(stayed);
        if start.survival() <= 0.0 {
            return Err(Error::Undefined { metric: "remaining mean", because: "no one stayed as long" });
        }
        let first = self.steps().partition_point(|step| step.time() <= stayed);
        self.mean_between(stayed, to, (first, start))
    }

    fn mean_between(&self, from: f64, to: f64, (first, start): (usize, SurvivalStep)) -> Result<RestrictedMean> {
        let mut area = Backwards::default();
        let mut right = to;
        for (step, before) in self.backwards(first, to, start) {
            area.add(step.survival() * (right - step.time()));
            area.drop_at(step, before);
            right = step.time();
        }
        area.add(start.survival() * (right - from));
        // The variance of the area is a sum of squares; the mean is the area over what was left at the start.
        let (mean, variance) = (area.total() / start.survival(), area.variance() / (start.survival() * start.survival()));
        if !variance.is_finite() {
            return Err(Error::Overflow { field: "variance of the mean", capacity: "a double" });
        }
        Ok(RestrictedMean { from, to, mean: mean.clamp(0.0, to - from), variance, n: self.subjects() })
    }

    /// The steps from the one at this position to the last one up to `to`, that one first, each with the step before it.
    pub(super) fn backwards(&self, first: usize, to: f64, start: SurvivalStep) -> impl Iterator<Item = (SurvivalStep, SurvivalStep)> + '_ {
        let end = self.steps().partition_point(|step| step.time() <= to);
        let within = self.steps().get(first..end).unwrap_or_default();
        let before = within.iter().copied().rev().skip(1).chain([start]);
        within.iter().copied().rev().zip(before)
    }
}

/// A weighted area under a curve and its variance, gathered from the end: a drop moves everything after it in proportion.
#[derive(Debug, Clone, Copy)]
pub(super) struct Backwards {
    total: Sum,
    variance: Sum,
}

impl Default for Backwards {
    fn default() -> Self {
        Self { total: Sum::ZERO, variance: Sum::ZERO }
    }
}

impl Backwards {
    pub(super) fn add(&mut self, part: f64) {
        self.total = self.total.plus(part);
    }

    pub(super) fn drop_at(&mut self, step: SurvivalStep, before: SurvivalStep) {
        let after = self.total.value();
        self.variance = self.variance.plus(after * after * (step.log_variance() - before.log_variance()));
    }

    pub(super) fn total(&self) -> f64 {
        self.total.value()
    }

    pub(super) fn variance(&self) -> f64 {
        self.variance.value().max(0.0)
    }
}

impl RestrictedMean {
    /// The time from which on it is counted.
    #[must_use]
    pub fn from(&self) -> f64 {
        self.from
    }

    /// The time up to which it is counted.
    #[must_use]
    pub fn to(&self) -> f64 {
        self.to
    }

    /// The mean time, in the unit of the times.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The standard error of the mean.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        self.variance.sqrt()
    }

    /// How many customers are behind it.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The mean with its normal interval, clamped to what a customer can stay between the two times.
    #[must_use]
    pub fn estimate(&self, confidence: Confidence) -> Estimate {
        let (reach, longest) = (confidence.two_sided_z() * self.standard_error(), (self.to - self.from).max(self.mean));
        let interval = Interval::ordered((self.mean - reach).clamp(0.0, self.mean), (self.mean + reach).clamp(self.mean, longest));
        Estimate::holding(self.mean, interval, confidence, Method::RestrictedMean, self.n)
    }

    /// How much longer customers stay than those of another, independent group.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the two are not between the same times.
    pub fn difference(&self, other: &Self, confidence: Confidence) -> Result<Comparison<RestrictedMeanDifferenceMethod>> {
        self.check_comparable(other)?;
        let (point, reach) = (self.mean - other.mean, confidence.two_sided_z() * (self.variance + other.variance).sqrt());
        let interval = Interval::new(point - reach, point + reach)?;
        Ok(Comparison::computed(point, interval, confidence, RestrictedMeanDifferenceMethod::Normal, [self.n, other.n]))
    }

    /// How many times as long customers stay as those of another, independent group.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the two are not between the same times; [`Error::Undefined`] if either mean is 0; [`Error::OutOfBounds`] if
    /// an end of the interval is beyond any double.
    pub fn ratio(&self, other: &Self, confidence: Confidence) -> Result<Comparison<RestrictedMeanRatioMethod>> {
        self.check_comparable(other)?;
        if self.mean <= 0.0 || other.mean <= 0.0 {
            return Err(Error::Undefined { metric: "ratio of restricted means", because: "a mean is 0" });
        }
        let (point, error) = (self.mean / other.mean, (self.standard_error() / self.mean).hypot(other.standard_error() / other.mean));
        let factor = (confidence.two_sided_z() * error).exp();
        let interval = Interval::new(point / factor, point * factor)?;
        Ok(Comparison::computed(point, interval, confidence, RestrictedMeanRatioMethod::LogNormal, [self.n, other.n]))
    }

    /// The test that customers stay as long as those of another, independent group, from the normal distribution of the difference.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the two are not between the same times; [`Error::Undefined`] if neither mean has an error.
    pub fn test_difference(&self, other: &Self, alternative: Alternative) -> Result<SignificanceTest> {
        self.check_comparable(other)?;
        let variance = self.variance + other.variance;
        if variance <= 0.0 {
            return Err(Error::Undefined { metric: "test of restricted means", because: "neither mean has an error" });
        }
        SignificanceTest::from_normal((self.mean - other.mean) / variance.sqrt(), alternative, TestMethod::RestrictedMeanZ)
    }

    fn check_comparable(&self, other: &Self) -> Result<()> {
        let same = |a: f64, b: f64| a.to_bits() == b.to_bits();
        if same(self.from, other.from) && same(self.to, other.to) {
            return Ok(());
        }
        let times = |mean: &Self| format!("{} to {}", mean.from, mean.to);
        Err(Error::mismatch("times of the restricted mean", times(self), times(other)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Ending::{Censored, Left};
    use super::super::{Observations, SurvivalCurve};
    use super::*;

    fn curve() -> SurvivalCurve {
        Observations::new(&[1.0, 2.0, 3.0, 5.0], &[Left, Censored, Left, Left]).unwrap().risk_table().kaplan_meier().unwrap()
    }

    #[test]
    fn over_no_time_no_one_stays_long() {
        let mean = curve().restricted_mean(0.0).unwrap();
        assert_eq!((mean.mean(), mean.standard_error()), (0.0, 0.0));
        assert!(matches!(mean.ratio(&mean, Confidence::P95), Err(Error::Undefined { .. })));
        assert_eq!(mean.difference(&mean, Confidence::P95).unwrap().interval(), Interval::ordered(0.0, 0.0));
    }

    #[test]
    fn the_curve_is_carried_forward_by_name_alone() {
        let mean = |horizon| curve().restricted_mean(horizon).unwrap();
        // Everyone has left at 5.
        assert_eq!(mean(5.0).mean().to_bits(), mean(9.0).mean().to_bits());
        let some_stay = Observations::new(&[1.0, 2.0], &[Left, Censored]).unwrap().risk_table().kaplan_meier().unwrap();
        assert!(some_stay.restricted_mean(4.0).is_err());
        assert_eq!(some_stay.restricted_mean_carried_forward(4.0).unwrap().mean().to_bits(), 2.5_f64.to_bits());
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        let curve = curve();
        let (three, four) = (curve.restricted_mean(3.0).unwrap(), curve.restricted_mean(4.0).unwrap());
        assert!(matches!(three.difference(&four, Confidence::P95), Err(Error::Mismatch { .. })));
        assert!(matches!(curve.remaining_mean(5.0, 1.0), Err(Error::Undefined { .. })));
        for wrong in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(curve.restricted_mean(wrong).is_err());
            assert!(curve.remaining_mean(wrong, 1.0).is_err());
        }
        assert!(curve.remaining_mean(f64::MAX, f64::MAX).is_err());
        assert!(three.estimate(Confidence::P95).interval().high() <= 3.0);
    }
}
