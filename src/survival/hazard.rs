//! The cumulative hazard: how much leaving has added up by each time.

use core::fmt;

use super::compensated::Sum;
use super::curve::CurveEstimator;
use super::risk_table::check_time;
use super::{RiskTable, SurvivalCurve, SurvivalStep};
use crate::error::{Error, Result};
use crate::estimate::{Confidence, Estimate, Interval, Method};

/// What customers who leave at the same time add to the cumulative hazard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum HazardEstimator {
    /// All at once, of all who were at risk. The default of R (`ctype = 1`), and lifelines with `nelson_aalen_smoothing=False`.
    ///
    /// ```text
    /// H(t) = sum d / n,  var H(t) = sum d / n^2
    /// ```
    ///
    /// The variance is Aalen's, from the Poisson approximation, as both of them print it.
    ///
    /// Sources: W. Nelson, "Theory and applications of hazard plotting for censored failure data", Technometrics 14 (1972), 945-966;
    /// O. O. Aalen, "Nonparametric inference for a family of counting processes", Annals of Statistics 6 (1978), 701-726.
    #[default]
    NelsonAalen,
    /// One after the other, as if ties were due to rounding: each of those who were left. R's `ctype = 2`, and the default of lifelines.
    ///
    /// ```text
    /// H(t) = sum over d of 1/n + 1/(n - 1) + ... + 1/(n - d + 1),  var H(t) = the same with squares
    /// ```
    ///
    /// Where weights are not whole, the sums go on between whole numbers by the digamma function; R counts a row as one customer there.
    ///
    /// Source: T. R. Fleming and D. P. Harrington, "Nonparametric estimation of the survival distribution in censored data",
    /// Communications in Statistics 13 (1984), 2469-2486.
    FlemingHarrington,
}

impl fmt::Display for HazardEstimator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NelsonAalen => "Nelson-Aalen",
            Self::FlemingHarrington => "Fleming-Harrington",
        })
    }
}

/// A time at which the cumulative hazard rises, and what it rises to.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct HazardStep {
    time: f64,
    hazard: f64,
    variance: f64,
}

impl HazardStep {
    /// The time of the rise.
    #[must_use]
    pub fn time(&self) -> f64 {
        self.time
    }

    /// The cumulative hazard from then on.
    #[must_use]
    pub fn hazard(&self) -> f64 {
        self.hazard
    }

    /// The variance of the cumulative hazard.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.variance
    }

    /// The standard error of the cumulative hazard: the root of its variance.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        self.variance.sqrt()
    }
}

/// How much leaving has added up by each time, in steps: 0 until the first customer leaves.
///
/// Its slope is the rate of leaving. A straight line is a constant rate; where it flattens, those who have stayed longer leave more
/// seldom.
///
/// ```
/// use customer_metrics::survival::{Ending::Left, HazardEstimator, Observations};
///
/// let table = Observations::new(&[1.0, 2.0, 2.0, 3.0], &[Left; 4])?.risk_table();
/// let hazard = table.cumulative_hazard(HazardEstimator::NelsonAalen)?;
/// assert_eq!(format!("{:.4}", hazard.hazard_at(2.0)?), "0.9167");
/// let one_by_one = table.cumulative_hazard(HazardEstimator::FlemingHarrington)?;
/// assert_eq!(format!("{:.4}", one_by_one.hazard_at(2.0)?), "1.0833");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct CumulativeHazard {
    estimator: HazardEstimator,
    steps: Vec<HazardStep>,
    last_time: f64,
    subjects: u64,
}

impl RiskTable {
    /// The cumulative hazard, within 1e-14 relative of the formulas of its [`HazardEstimator`].
    ///
    /// # Errors
    /// [`Error::Undefined`] if there is no one in the table.
    pub fn cumulative_hazard(&self, estimator: HazardEstimator) -> Result<CumulativeHazard> {
        let last_time =
            self.last_time().ok_or(Error::Undefined { metric: "cumulative hazard", because: "there is no one under observation" })?;
        let (mut hazard, mut variance) = (Sum::ZERO, Sum::ZERO);
        let leaving = self.rows().iter().filter(|row| row.left() > 0.0);
        let steps = leaving
            .map(|row| {
                let (at_risk, left) = (row.at_risk(), row.left());
                let [more_hazard, more_variance] = match estimator {
                    HazardEstimator::NelsonAalen => [left / at_risk, left / at_risk / at_risk],
                    HazardEstimator::FlemingHarrington => one_by_one(at_risk, left),
                };
                hazard = hazard.plus(more_hazard);
                variance = variance.plus(more_variance);
                HazardStep { time: row.time(), hazard: hazard.value(), variance: variance.value() }
            })
            .collect();
        Ok(CumulativeHazard { estimator, steps, last_time, subjects: self.subjects() })
    }
}

impl CumulativeHazard {
    /// How it was estimated.
    #[must_use]
    pub fn estimator(&self) -> HazardEstimator {
        self.estimator
    }

    /// One step for each time at which anyone left, in order.
    #[must_use]
    pub fn steps(&self) -> &[HazardStep] {
        &self.steps
    }

    /// The cumulative hazard at this time, carried forward after the last.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for a time that is negative, infinite or NaN.
    pub fn hazard_at(&self, time: f64) -> Result<f64> {
        self.at(time).map(|step| step.map_or(0.0, |step| step.hazard))
    }

    /// The cumulative hazard at this time with its interval on the logarithmic scale, as lifelines has it.
    ///
    /// ```text
    /// H exp(-/+ z se / H)
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for a time that is negative, infinite or NaN; [`Error::Undefined`] while no one has left;
    /// [`Error::Overflow`] for an end that no double can hold.
    pub fn estimate_at(&self, time: f64, confidence: Confidence) -> Result<Estimate> {
        let step =
            self.at(time)?.ok_or(Error::Undefined { metric: "interval of the cumulative hazard", because: "no one has left by then" })?;
        let factor = (confidence.two_sided_z() * step.standard_error() / step.hazard).exp();
        let high = step.hazard * factor;
        if !high.is_finite() {
            return Err(Error::Overflow { field: "cumulative hazard", capacity: "a double" });
        }
        let interval = Interval::ordered((step.hazard / factor).min(step.hazard), high.max(step.hazard));
        Ok(Estimate::holding(step.hazard, interval, confidence, Method::HazardLog, self.subjects))
    }

    /// The survival curve `exp(-H)`: Breslow's from [`HazardEstimator::NelsonAalen`], Fleming and Harrington's from theirs.
    ///
    /// It lies above Kaplan and Meier's and is never 0. The variance of its logarithm is that of the hazard, as in R (`stype = 2`).
    #[must_use]
    pub fn survival(&self) -> SurvivalCurve {
        let estimator = match self.estimator {
            HazardEstimator::NelsonAalen => CurveEstimator::Breslow,
            HazardEstimator::FlemingHarrington => CurveEstimator::FlemingHarrington,
        };
        let steps = self.steps.iter().map(|step| SurvivalStep::new(step.time, (-step.hazard).exp(), step.variance)).collect();
        SurvivalCurve::of_steps(estimator, steps, self.last_time, self.subjects)
    }

    fn at(&self, time: f64) -> Result<Option<HazardStep>> {
        check_time("time", time)?;
        let position = self.steps.partition_point(|step| step.time <= time);
        Ok(position.checked_sub(1).and_then(|last| self.steps.get(last)).copied())
    }
}

/// `1/n + 1/(n - 1) + ... + 1/(n - d + 1)` and the sum of its squares, for a `d` of up to `n` that need not be whole.
///
/// Few terms are added up. Many are the difference of two polygamma functions, by their expansion around `n + 1/2` and `n - d + 1/2`
/// where these are large, and by their recurrence from where they are not.
fn one_by_one(at_risk: f64, left: f64) -> [f64; 2] {
    const FEW: f64 = 32.0;
    /// From here on the first term left out is below 1e-17.
    const LARGE: f64 = 32.0;
    let (mut sum, mut squares) = (Sum::ZERO, Sum::ZERO);
    if left <= FEW && left.fract() <= 0.0 {
        let (mut term, mut rest) = (at_risk, left);
        while rest > 0.0 {
            (sum, squares) = (sum.plus(1.0 / term), squares.plus(1.0 / (term * term)));
            (term, rest) = (term - 1.0, rest - 1.0);
        }
        return [sum.value(), squares.value()];
    }
    let (mut low, mut high, mut gap) = (at_risk - left, at_risk, left);
    while low < LARGE {
        (low, gap) = (low + 1.0, gap - 1.0);
        (sum, squares) = (sum.plus(1.0 / low), squares.plus(1.0 / (low * low)));
    }
    while high < LARGE {
        (high, gap) = (high + 1.0, gap + 1.0);
        (sum, squares) = (sum.plus(-1.0 / high), squares.plus(-1.0 / (high * high)));
    }
    let (x, y) = (low + 0.5, high + 0.5);
    let (xx, yy) = (x * x, y * y);
    let less = |of_x: f64, of_y: f64| 1.0 / of_x - 1.0 / of_y;
    // psi(z + 1/2) = ln z + 1/(24 z^2) - 7/(960 z^4) + 31/(8064 z^6) - 127/(30720 z^8) + ...
    let even = [less(xx, yy), less(xx * xx, yy * yy), less(xx * xx * xx, yy * yy * yy), less(xx * xx * xx * xx, yy * yy * yy * yy)];
    let [second, fourth, sixth, eighth] = even;
    let logarithm = (gap / x).ln_1p();
    let between = logarithm - second / 24.0 + fourth * 7.0 / 960.0 - sixth * 31.0 / 8064.0 + eighth * 127.0 / 30_720.0;
    // psi'(z + 1/2) = 1/z - 1/(12 z^3) + 7/(240 z^5) - 31/(1344 z^7) + 127/(3840 z^9) - ...
    let (x5, y5) = (xx * xx * x, yy * yy * y);
    let [third, fifth, seventh, ninth] = [less(xx * x, yy * y), less(x5, y5), less(x5 * xx, y5 * yy), less(x5 * xx * xx, y5 * yy * yy)];
    let squares_between = gap / (x * y) - third / 12.0 + fifth * 7.0 / 240.0 - seventh * 31.0 / 1_344.0 + ninth * 127.0 / 3_840.0;
    [sum.plus(between).value(), squares.plus(squares_between).value()]
}

#[cfg(test)]
mod tests {
    use super::super::Ending::{Censored, Left};
    use super::super::Observations;
    use super::*;

    #[test]
    fn many_at_once_are_the_sum_one_by_one() {
        for (n, d) in [(33_u32, 33_u32), (40, 33), (100, 64), (1_000, 1_000), (5_000, 77), (100_000, 40_000), (2_000_000, 33)] {
            let expected: [f64; 2] =
                (0..d).rev().map(|j| f64::from(n - j)).fold([0.0; 2], |[sum, squares], k| [sum + 1.0 / k, squares + 1.0 / (k * k)]);
            let got = one_by_one(f64::from(n), f64::from(d));
            for (got, expected) in got.into_iter().zip(expected) {
                assert!((got / expected - 1.0).abs() < 1e-12, "{d} of {n}: {got} is not {expected}");
            }
        }
    }

    /// mpmath 1.3.0 at 40 digits: psi(n + 1) - psi(n - d + 1) and psi'(n - d + 1) - psi'(n + 1).
    #[test]
    fn shares_of_a_customer_lie_in_between() {
        for (n, d, sum, squares) in FRACTIONAL {
            let [got, got_squares] = one_by_one(n, d);
            assert!((got / sum - 1.0).abs() < 2e-15, "{d} of {n}: {got} is not {sum}");
            assert!((got_squares / squares - 1.0).abs() < 1e-14, "{d} of {n}: {got_squares} is not {squares}");
        }
    }

    const FRACTIONAL: [(f64, f64, f64, f64); 7] = [
        (2.5, 0.75, 0.284_255_615_669_810_594_95, 0.107_213_501_548_695_896_46),
        (10.25, 10.25, 2.952_481_431_198_012_927_5, 1.551_977_689_292_161_993_8),
        (33.5, 0.5, 0.014_814_002_153_464_410_276, 0.000_438_885_252_627_987_204_03),
        (100.5, 64.25, 1.010_955_528_332_436_949_9, 0.017_308_296_584_683_108_363),
        (1_000_000.5, 1_234.5, 0.001_235_261_386_803_458_254_4, 1.236_023_400_365_276_061_1e-9),
        (40.0, 39.5, 3.664_837_400_056_266_605_4, 0.910_112_096_703_388_281_26),
        (0.5, 0.5, 0.613_705_638_880_109_381_17, 0.710_131_866_303_547_127_06),
    ];

    #[test]
    fn the_interval_is_undefined_before_anyone_leaves() {
        let table = Observations::new(&[1.0, 2.0], &[Censored, Left]).unwrap().risk_table();
        let hazard = table.cumulative_hazard(HazardEstimator::NelsonAalen).unwrap();
        assert!(matches!(hazard.estimate_at(1.0, Confidence::P95), Err(Error::Undefined { .. })));
        assert_eq!(hazard.hazard_at(0.0), Ok(0.0));
        let estimate = hazard.estimate_at(2.0, Confidence::P95).unwrap();
        assert_eq!(format!("{estimate:.4}"), "1.0000 (0.1409 to 7.0991, 95% log, n = 2)");
        assert_eq!(hazard.survival().survival_at(2.0), Ok((-1.0_f64).exp()));
    }
}
