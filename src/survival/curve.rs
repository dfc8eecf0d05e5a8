//! A survival curve: the share of customers who stay beyond each time.

use core::fmt;

use super::compensated::{Product, Sum};
use super::risk_table::check_time;
use super::{LimitMethod, RiskTable};
use crate::error::{Bound, Error, Result};
use crate::estimate::{Confidence, Estimate, Interval};

/// How a survival curve was estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum CurveEstimator {
    /// [`RiskTable::kaplan_meier`].
    KaplanMeier,
    /// The exponential of the [Nelson-Aalen](super::HazardEstimator::NelsonAalen) hazard, known as Breslow's.
    Breslow,
    /// The exponential of the [Fleming-Harrington](super::HazardEstimator::FlemingHarrington) hazard.
    FlemingHarrington,
    /// [`LifeTable::actuarial`](super::LifeTable::actuarial).
    Actuarial,
}

impl fmt::Display for CurveEstimator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KaplanMeier => "Kaplan-Meier",
            Self::Breslow => "Breslow",
            Self::FlemingHarrington => "Fleming-Harrington",
            Self::Actuarial => "actuarial",
        })
    }
}

/// A time at which the curve drops, and what it drops to.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SurvivalStep {
    time: f64,
    survival: f64,
    /// The variance of the logarithm; at survival 0 what it was before, where the true one would be infinite.
    log_variance: f64,
}

impl SurvivalStep {
    pub(super) fn new(time: f64, survival: f64, log_variance: f64) -> Self {
        Self { time, survival, log_variance }
    }

    /// The time of the drop.
    #[must_use]
    pub fn time(&self) -> f64 {
        self.time
    }

    /// The share of customers who stay beyond the time.
    #[must_use]
    pub fn survival(&self) -> f64 {
        self.survival
    }

    /// The variance of the survival. 0 where the survival is 0, as Greenwood's formula has it.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.survival * self.survival * self.log_variance
    }

    /// The standard error of the survival: the root of its variance.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        self.survival * self.log_variance.sqrt()
    }

    pub(super) fn log_variance(&self) -> f64 {
        self.log_variance
    }
}

/// The share of customers who stay beyond each time, with its uncertainty: 1 until the first of them leaves, then falling in steps.
///
/// After the last time of its records a curve is carried forward at its last value (Gill's convention, as in R with `extend = TRUE`):
/// nothing is known there, so look at [`last_time`](Self::last_time).
///
/// ```
/// use customer_metrics::Confidence;
/// use customer_metrics::survival::{Ending::{Censored, Left}, LimitMethod, Observations};
///
/// let months = [1.0, 2.0, 2.0, 4.0, 6.0, 6.0, 8.0, 9.0, 12.0, 12.0];
/// let endings = [Left, Left, Censored, Left, Left, Left, Censored, Left, Censored, Censored];
/// let curve = Observations::new(&months, &endings)?.risk_table().kaplan_meier()?;
///
/// let half_a_year = curve.estimate_at(6.0, Confidence::P95, LimitMethod::LogLog)?;
/// assert_eq!(format!("{half_a_year:.3}"), "0.457 (0.143 to 0.730, 95% log-log, n = 10)");
/// assert_eq!(curve.median(Confidence::P95, LimitMethod::LogLog).to_string(), "6 (1 to not reached, 95% log-log, n = 10)");
/// assert_eq!(format!("{:.3}", curve.conditional_survival(6.0, 3.0, Confidence::P95, LimitMethod::LogLog)?.point()), "0.667");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SurvivalCurve {
    estimator: CurveEstimator,
    steps: Vec<SurvivalStep>,
    last_time: f64,
    subjects: u64,
}

impl RiskTable {
    /// The product-limit estimate of Kaplan and Meier with Greenwood's variance.
    ///
    /// ```text
    /// S(t) = product over t_i <= t of (1 - d_i / n_i)
    /// var S(t) = S(t)^2 x sum over t_i <= t of d_i / (n_i (n_i - d_i))
    /// d_i = left at t_i, n_i = at risk at t_i
    /// ```
    ///
    /// The survival is within one unit in the last place, however many steps there are; the variance within 5. Without censoring it is
    /// the share of customers who stay longer.
    ///
    /// With late entries the risk set can run empty early on, and a curve that has reached 0 stays there: start it later.
    ///
    /// Sources: E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", Journal of the American Statistical
    /// Association 53 (1958), 457-481; M. Greenwood, "The natural duration of cancer", Reports on Public Health 33 (1926).
    ///
    /// # Errors
    /// [`Error::Undefined`] if there is no one in the table.
    pub fn kaplan_meier(&self) -> Result<SurvivalCurve> {
        let rows = self.rows().iter().map(|row| (row.time(), row.at_risk(), row.left()));
        SurvivalCurve::product_limit(CurveEstimator::KaplanMeier, rows, self.last_time(), self.subjects())
    }
}

impl SurvivalCurve {
    /// The product over rows of time, number at risk (more than 0) and number who left.
    pub(super) fn product_limit(
        estimator: CurveEstimator,
        rows: impl Iterator<Item = (f64, f64, f64)>,
        last_time: Option<f64>,
        subjects: u64,
    ) -> Result<Self> {
        let last_time = last_time.ok_or(Error::Undefined { metric: "survival", because: "there is no one under observation" })?;
        let mut steps = Vec::new();
        let (mut survival, mut log_variance) = (Product::ONE, Sum::ZERO);
        for (time, at_risk, left) in rows {
            if left > 0.0 {
                let staying = at_risk - left;
                survival = survival.times(staying, at_risk);
                if staying > 0.0 {
                    log_variance = log_variance.plus(left / (at_risk * staying));
                }
                steps.push(SurvivalStep::new(time, survival.value().clamp(0.0, 1.0), log_variance.value()));
            }
        }
        Ok(Self::of_steps(estimator, steps, last_time, subjects))
    }

    pub(super) fn of_steps(estimator: CurveEstimator, steps: Vec<SurvivalStep>, last_time: f64, subjects: u64) -> Self {
        Self { estimator, steps, last_time, subjects }
    }

    /// How it was estimated.
    #[must_use]
    pub fn estimator(&self) -> CurveEstimator {
        self.estimator
    }

    /// One step for each time at which anyone left, in order.
    #[must_use]
    pub fn steps(&self) -> &[SurvivalStep] {
        &self.steps
    }

    /// The last time at which anyone was under observation. Beyond it nothing is known.
    #[must_use]
    pub fn last_time(&self) -> f64 {
        self.last_time
    }

    /// How many customers are behind it; with weights their sum, rounded down to a whole number.
    #[must_use]
    pub fn subjects(&self) -> u64 {
        self.subjects
    }

    /// The interval of each step, in the order of [`steps`](Self::steps); none where everyone has left.
    ///
    /// Within 1e-13 of the formulas of [`LimitMethod`].
    #[must_use]
    pub fn intervals(&self, confidence: Confidence, method: LimitMethod) -> Vec<Option<Interval>> {
        let z = confidence.two_sided_z();
        self.steps.iter().map(|step| method.interval(step.survival, step.log_variance, z)).collect()
    }

    /// The share of customers who stay beyond this time.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for a time that is negative, infinite or NaN, or that lies beyond the records while someone is still there.
    pub fn survival_at(&self, time: f64) -> Result<f64> {
        self.at(time).map(|step| step.survival)
    }

    /// The share of customers who stay beyond this time, with its interval.
    ///
    /// # Errors
    /// As [`survival_at`](Self::survival_at); [`Error::Undefined`] where everyone has left. [`RiskTable::estimate_at`] has an interval there.
    pub fn estimate_at(&self, time: f64, confidence: Confidence, method: LimitMethod) -> Result<Estimate> {
        let at = self.at(time)?;
        self.estimate("interval of survival", at.survival, at.log_variance, confidence, method)
    }

    /// Of those who stayed beyond `stayed`, the share who stay beyond `further` more: who has been a customer for 12 months, will they
    /// stay for 12 more?
    ///
    /// ```text
    /// S(stayed + further) / S(stayed), its variance from Greenwood's sum over the times after `stayed`
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for times that are negative, infinite or NaN, or together beyond the records while someone is still there;
    /// [`Error::Undefined`] where everyone has left.
    pub fn conditional_survival(&self, stayed: f64, further: f64, confidence: Confidence, method: LimitMethod) -> Result<Estimate> {
        check_time("stayed", stayed)?;
        check_time("further", further)?;
        let from = self.at_named("stayed", stayed)?;
        let to = self.at_named("further", stayed + further)?;
        if from.survival <= 0.0 {
            return Err(Error::Undefined { metric: "conditional survival", because: "no one stayed as long" });
        }
        let (survival, variance) = ((to.survival / from.survival).min(1.0), (to.log_variance - from.log_variance).max(0.0));
        self.estimate("interval of conditional survival", survival, variance, confidence, method)
    }

    fn estimate(
        &self,
        metric: &'static str,
        survival: f64,
        log_variance: f64,
        confidence: Confidence,
        method: LimitMethod,
    ) -> Result<Estimate> {
        let interval = method.interval(survival, log_variance, confidence.two_sided_z());
        let interval = interval.ok_or(Error::Undefined { metric, because: "everyone has left by then" })?;
        Ok(Estimate::holding(survival, interval, confidence, method.of_estimate(), self.subjects))
    }

    /// The last step at or before a time; before the first, everyone is there.
    pub(super) fn at(&self, time: f64) -> Result<SurvivalStep> {
        self.at_named("time", time)
    }

    pub(super) fn at_named(&self, field: &'static str, time: f64) -> Result<SurvivalStep> {
        check_time(field, time)?;
        let step = self.carried_to(time);
        // Beyond the records the curve says nothing, unless no one was left to say it of.
        if time > self.last_time && step.survival > 0.0 {
            return Err(Error::out_of_bounds(field, time, Bound::AtMost(self.last_time.into())));
        }
        Ok(step)
    }

    /// The last step at or before a time, however far that is beyond the records.
    pub(super) fn carried_to(&self, time: f64) -> SurvivalStep {
        let position = self.steps.partition_point(|step| step.time <= time);
        let step = position.checked_sub(1).and_then(|last| self.steps.get(last)).copied();
        step.unwrap_or(SurvivalStep { time: 0.0, survival: 1.0, log_variance: 0.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Ending::{self, Censored, Left};
    use super::super::Observations;
    use super::*;

    fn curve(times: &[f64], endings: &[Ending]) -> SurvivalCurve {
        Observations::new(times, endings).unwrap().risk_table().kaplan_meier().unwrap()
    }

    #[test]
    fn who_leaves_at_0_has_left() {
        let curve = curve(&[0.0, -0.0, 1.0, 1.0], &[Left, Left, Left, Censored]);
        assert_eq!(curve.survival_at(0.0), Ok(0.5));
        assert_eq!(curve.survival_at(1.0), Ok(0.25));
        assert!(matches!(curve.survival_at(f64::MAX), Err(Error::OutOfBounds { field: "time", .. })));
        assert!(curve.survival_at(f64::INFINITY).is_err());
        assert!(curve.survival_at(-1e-300).is_err());
    }

    #[test]
    fn one_customer_is_a_curve_and_no_one_is_none() {
        let stays = curve(&[5.0], &[Censored]);
        assert!(stays.steps().is_empty());
        assert_eq!(stays.estimate_at(5.0, Confidence::P95, LimitMethod::LogLog).unwrap().interval(), Interval::ordered(1.0, 1.0));
        let leaves = curve(&[5.0], &[Left]);
        assert_eq!(leaves.survival_at(5.0), Ok(0.0));
        assert_eq!(leaves.intervals(Confidence::P95, LimitMethod::Plain), [None]);
        assert!(matches!(leaves.estimate_at(5.0, Confidence::P95, LimitMethod::Log), Err(Error::Undefined { .. })));
        assert!(matches!(leaves.conditional_survival(5.0, 1.0, Confidence::P95, LimitMethod::Log), Err(Error::Undefined { .. })));
        assert!(matches!(RiskTable::default().kaplan_meier(), Err(Error::Undefined { metric: "survival", .. })));
    }
}
