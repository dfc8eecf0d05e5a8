//! The mean with its t interval, and two means compared.

use core::fmt;

use super::moments::Moments;
use super::spread::Spread;
use crate::decimal::count_to_f64;
use crate::error::{Error, Result};
use crate::estimate::{Alternative, Caution, Comparison, Confidence, Estimate, Interval, Method, SignificanceTest, TestMethod};
use crate::special::student_t_quantile;

/// How the interval for a difference of two means is made.
///
/// ```text
/// low, high = mean1 - mean2 -/+ t se,  t = quantile of the t distribution with its degrees at (1 + confidence) / 2
/// Welch:  se^2 = s1^2 / n1 + s2^2 / n2,  degrees = se^4 / ((s1^2 / n1)^2 / (n1 - 1) + (s2^2 / n2)^2 / (n2 - 1))
/// paired: se^2 = s^2 of the differences / n,  degrees = n - 1
/// ```
///
/// Sources: B. L. Welch, "The generalization of 'Student's' problem when several different population variances are involved",
/// Biometrika 34 (1947), 28-35; F. E. Satterthwaite, Biometrics Bulletin 2 (1946), 110-114, for the degrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum MeanDifferenceMethod {
    /// Independent groups, whose variances may differ. The default.
    #[default]
    Welch,
    /// The same customers twice: each one's first answer less the second.
    Paired,
}

impl fmt::Display for MeanDifferenceMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Welch => "Welch t",
            Self::Paired => "paired t",
        })
    }
}

/// What the numbers are: their name, the value of a unit of the whole numbers that they are kept in, and how far a mean can go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measure {
    pub(crate) metric: &'static str,
    /// What is missing where there is nothing.
    pub(crate) nothing: &'static str,
    /// How many of the whole numbers make 1.
    pub(crate) units: f64,
    /// The lowest and the highest value there can be.
    pub(crate) range: [f64; 2],
}

impl Measure {
    /// Numbers that could be any whose differences are finite.
    pub(crate) const ANYWHERE: [f64; 2] = [f64::MIN / 4.0, f64::MAX / 4.0];

    fn undefined<T>(&self, because: &'static str) -> Result<T> {
        Err(Error::Undefined { metric: self.metric, because })
    }

    fn require_two(&self, moments: &Moments) -> Result<()> {
        match moments.n() {
            0 => self.undefined(self.nothing),
            1 => self.undefined("one value alone has no variance"),
            _ => Ok(()),
        }
    }

    /// The mean with its t interval, held within the range.
    pub(crate) fn estimate(&self, moments: &Moments, confidence: Confidence) -> Result<Estimate> {
        self.require_two(moments)?;
        let quantile = student_t_quantile(confidence.tail(), degrees(moments));
        Ok(self.estimate_by_quantile(moments, quantile, confidence))
    }

    /// The same, where the quantile of the t distribution with n - 1 degrees is already known.
    pub(crate) fn estimate_by_quantile(&self, moments: &Moments, quantile: f64, confidence: Confidence) -> Estimate {
        let [lowest, highest] = self.range;
        let point = (moments.mean() / self.units).clamp(lowest, highest);
        let reach = quantile * (moments.variance_of_mean().sqrt() / self.units);
        let interval = Interval::holding(point, [point - reach, point + reach], self.range);
        Estimate::holding(point, interval, confidence, Method::StudentT, moments.n()).with_caution(Caution::of_mean(moments.n(), reach))
    }

    /// The standard error of the mean.
    pub(crate) fn standard_error(&self, moments: &Moments) -> Result<f64> {
        self.require_two(moments)?;
        Ok(moments.variance_of_mean().sqrt() / self.units)
    }

    /// The first mean less the second, of independent groups.
    pub(crate) fn welch(&self, first: &Moments, second: &Moments, confidence: Confidence) -> Result<Comparison<MeanDifferenceMethod>> {
        let spread = self.welch_spread(first, second)?;
        let [lowest, highest] = self.range;
        let reach = spread.reach(confidence);
        let point = spread.difference;
        let interval = Interval::holding(point, [point - reach, point + reach], [lowest - highest, highest - lowest]);
        let n = [first.n(), second.n()];
        let comparison = Comparison::computed(point, interval, confidence, MeanDifferenceMethod::Welch, n);
        Ok(comparison.with_caution(Caution::of_mean(first.n().saturating_add(second.n()), spread.error)))
    }

    /// Whether the two means differ.
    pub(crate) fn test_welch(&self, first: &Moments, second: &Moments, alternative: Alternative) -> Result<SignificanceTest> {
        let test = self.welch_spread(first, second)?.test(self.metric, alternative, TestMethod::WelchT)?;
        Ok(test.with_caution(t_caution(first.n().saturating_add(second.n()))))
    }

    /// The mean of the differences of pairs, of which these are the moments.
    pub(crate) fn paired(&self, differences: &Moments, confidence: Confidence) -> Result<Comparison<MeanDifferenceMethod>> {
        let estimate = self.estimate(differences, confidence)?;
        let n = differences.n();
        let comparison = Comparison::computed(estimate.point(), estimate.interval(), confidence, MeanDifferenceMethod::Paired, [n, n]);
        Ok(comparison.with_caution(estimate.caution()))
    }

    /// Whether the mean of the differences is other than 0.
    pub(crate) fn test_paired(&self, differences: &Moments, alternative: Alternative) -> Result<SignificanceTest> {
        self.require_two(differences)?;
        let error = differences.variance_of_mean().sqrt() / self.units;
        let difference = differences.mean() / self.units;
        let test = Spread { difference, error, degrees: degrees(differences) }.test(self.metric, alternative, TestMethod::PairedT)?;
        Ok(test.with_caution(t_caution(differences.n())))
    }

    fn welch_spread(&self, first: &Moments, second: &Moments) -> Result<Spread> {
        self.require_two(first)?;
        self.require_two(second)?;
        let variances = [first, second].map(|moments| moments.variance_of_mean() / (self.units * self.units));
        let [lowest, highest] = self.range;
        let difference = (first.mean_difference(second) / self.units).clamp(lowest - highest, highest - lowest);
        Ok(Spread::of_independent(difference, variances, [degrees(first), degrees(second)]))
    }
}

fn t_caution(values: u64) -> Option<Caution> {
    Caution::values(values, Caution::LEAST_FOR_T)
}

fn degrees(moments: &Moments) -> f64 {
    count_to_f64(moments.n().saturating_sub(1))
}
