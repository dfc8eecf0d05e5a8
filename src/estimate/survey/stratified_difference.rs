//! The difference of two stratified shares.

use core::fmt;

use super::{Stratified, StratifiedShareMethod};
use crate::error::{Error, Result};
use crate::estimate::{Alternative, Comparison, Confidence, Estimate, Interval, SignificanceTest, TestMethod};
use crate::share::Share;

/// How the interval for the difference of two stratified shares is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum StratifiedDifferenceMethod {
    /// The limits of [`StratifiedShareMethod::Wilson`] of each share, squared and added as Newcombe does those of plain shares. The default.
    ///
    /// ```text
    /// low  = p1 - p2 - sqrt((p1 - l1)^2 + (u2 - p2)^2)
    /// high = p1 - p2 + sqrt((u1 - p1)^2 + (p2 - l2)^2)
    /// ```
    ///
    /// Source: G. Y. Zou and A. Donner, "Construction of confidence limits about effect measures: a general approach", Statistics in Medicine
    /// 27 (2008), 1693-1702.
    #[default]
    Newcombe,
    /// The same with the limits of [`StratifiedShareMethod::YanSu`].
    YanSu,
    /// The textbook interval: the difference and the normal quantile times the root of the two variances, cut off at -1 and 1.
    Normal,
}

impl fmt::Display for StratifiedDifferenceMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Newcombe => "stratified Newcombe",
            Self::YanSu => "stratified Newcombe by Yan-Su",
            Self::Normal => "stratified normal",
        })
    }
}

impl Stratified<Share> {
    /// This share less the other, of two bases or two independent surveys of one, with the interval of
    /// [`StratifiedDifferenceMethod::Newcombe`]. The strata need not be the same.
    ///
    /// ```
    /// use customer_metrics::estimate::{PopulationCorrection, StrataSampling, Stratified, StratifiedDesign};
    /// use customer_metrics::{Confidence, Share};
    ///
    /// let design = StratifiedDesign::new(StrataSampling::Stratified, PopulationCorrection::Ignored); // two years are compared
    /// let now = Stratified::from_shares(design, [(Share::new(30, 40)?, 400), (Share::new(60, 90)?, 3_600)])?;
    /// let before = Stratified::from_shares(design, [(Share::new(28, 40)?, 500), (Share::new(45, 90)?, 3_500)])?;
    /// let change = now.difference(&before, Confidence::P95);
    /// assert_eq!(format!("{change:.3}"), "0.150 (0.020 to 0.272, 95% stratified Newcombe, n = 130 and 130)");
    /// assert_eq!(format!("{:.2}", now.test_difference(&before)?), "z = 2.29, p = 0.0223 (two-sided z test of strata)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn difference(&self, other: &Self, confidence: Confidence) -> Comparison<StratifiedDifferenceMethod> {
        self.squared_and_added([self.estimate(confidence), other.estimate(confidence)], other, StratifiedDifferenceMethod::Newcombe)
    }

    /// This share less the other, of independent surveys, with the interval of this method.
    ///
    /// # Errors
    /// Those of [`estimate_with`](Self::estimate_with) by the method of the same name.
    pub fn difference_with(
        &self,
        other: &Self,
        confidence: Confidence,
        method: StratifiedDifferenceMethod,
    ) -> Result<Comparison<StratifiedDifferenceMethod>> {
        match method {
            StratifiedDifferenceMethod::Newcombe => Ok(self.difference(other, confidence)),
            StratifiedDifferenceMethod::YanSu => {
                let of = |strata: &Self| strata.estimate_with(confidence, StratifiedShareMethod::YanSu);
                Ok(self.squared_and_added([of(self)?, of(other)?], other, method))
            }
            StratifiedDifferenceMethod::Normal => {
                let variances = [self.normal_variance()?, other.normal_variance()?];
                let (point, reach) = (self.minus(other), confidence.two_sided_z() * variances.iter().sum::<f64>().sqrt());
                let interval = Interval::holding(point, [point - reach, point + reach], [-1.0, 1.0]);
                let [mine, theirs] = variances;
                let caution = self.normal_caution(mine).or_else(|| other.normal_caution(theirs));
                let comparison = Comparison::computed(point, interval, confidence, method, [self.answers(), other.answers()]);
                Ok(comparison.with_caution(caution))
            }
        }
    }

    /// Whether this share differs from the other, of independent surveys: the two-sided z test from the textbook's variance of each.
    ///
    /// ```text
    /// z = (p1 - p2) / sqrt(variance1 + variance2)
    /// ```
    ///
    /// It is significant where the interval by [`StratifiedDifferenceMethod::Normal`] leaves out 0. The variances are those of the
    /// [design](super::StratifiedDesign). Source: W. G. Cochran, "Sampling Techniques", 3rd edition (1977), sections 2.14 and 5.11.
    ///
    /// # Errors
    /// [`Error::Row`] with the position of the first stratum that has one answer, but not one customer; [`Error::Undefined`] if in each stratum
    /// all answer alike.
    pub fn test_difference(&self, other: &Self) -> Result<SignificanceTest> {
        self.test_difference_with(other, Alternative::default())
    }

    /// The same against a named alternative; [`Greater`](Alternative::Greater) is that this share is greater.
    ///
    /// # Errors
    /// As [`test_difference`](Self::test_difference).
    pub fn test_difference_with(&self, other: &Self, alternative: Alternative) -> Result<SignificanceTest> {
        let [mine, theirs] = [self.normal_variance()?, other.normal_variance()?];
        let caution = self.normal_caution(mine).or_else(|| other.normal_caution(theirs));
        Ok(z_test(self.minus(other), mine + theirs, "test of two stratified shares", alternative)?.with_caution(caution))
    }

    fn minus(&self, other: &Self) -> f64 {
        (self.point() - other.point()).clamp(-1.0, 1.0)
    }

    fn squared_and_added(
        &self,
        [mine, theirs]: [Estimate; 2],
        other: &Self,
        method: StratifiedDifferenceMethod,
    ) -> Comparison<StratifiedDifferenceMethod> {
        let below = |estimate: &Estimate| estimate.point() - estimate.interval().low();
        let above = |estimate: &Estimate| estimate.interval().high() - estimate.point();
        let point = self.minus(other);
        let ends = [point - below(&mine).hypot(above(&theirs)), point + above(&mine).hypot(below(&theirs))];
        let interval = Interval::holding(point, ends, [-1.0, 1.0]);
        let comparison = Comparison::computed(point, interval, mine.confidence(), method, [self.answers(), other.answers()]);
        comparison.with_caution(mine.caution().or_else(|| theirs.caution()))
    }
}

/// Whether a difference with this variance is other than 0.
pub(crate) fn z_test(difference: f64, variance: f64, metric: &'static str, alternative: Alternative) -> Result<SignificanceTest> {
    if variance <= 0.0 {
        return Err(Error::Undefined { metric, because: "in each stratum all answer alike" });
    }
    SignificanceTest::from_normal(difference / variance.sqrt(), alternative, TestMethod::StratifiedZ)
}
