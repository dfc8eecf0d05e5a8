//! How sure a net score such as NPS is, and whether two differ.

use core::fmt;

use super::NetScore;
use crate::decimal::{count_to_f64, wide_count_to_f64};
use crate::error::{Error, Result};
use crate::estimate::{
    Alternative, Caution, Comparison, Confidence, Estimate, Interval, MeanNonResponse, Method, SignificanceTest, TestMethod,
};

/// How the interval of a net score, or of the difference of two, is made.
///
/// ```text
/// low, high = p - d -/+ z sqrt((p + d - (p - d)^2) / n),  p = promoters / n, d = detractors / n
/// ```
///
/// ```
/// use customer_metrics::Confidence;
/// use customer_metrics::satisfaction::{NetScore, NetScoreMethod};
///
/// let unanimous = NetScore::new(10, 0, 0)?;
/// let estimate = |method| format!("{:.2}", unanimous.estimate_with(Confidence::P95, method));
/// assert_eq!(estimate(NetScoreMethod::AdjustedWald), "1.00 (0.48 to 1.00, 95% adjusted Wald, n = 10)");
/// assert_eq!(estimate(NetScoreMethod::Wald), "1.00 (1.00 to 1.00, 95% Wald, n = 10)"); // as if ten answers were proof
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum NetScoreMethod {
    /// 3/4 promoter, 3/2 passives and 3/4 detractor are added to each group before the formula is applied. The default: of the methods
    /// compared it and the iterative score method kept their promise best, and unanimous answers have a width.
    ///
    /// The point stays that of the answers given. The ends are held within the range of the score, and moved out to the point where a
    /// few unanimous answers would leave it outside.
    ///
    /// Source: B. Rocks, "Interval Estimation for the Net Promoter Score", The American Statistician 70 (2016), 365-372; used by
    /// MeasuringU, for differences as well.
    #[default]
    AdjustedWald,
    /// The formula as it stands, held within the range of the score. Width 0 for unanimous answers. Used by CYBAEA and the R package NPS.
    Wald,
}

impl NetScoreMethod {
    /// How many promoters are added; as many detractors, and twice as many passives.
    fn added(self) -> f64 {
        match self {
            Self::AdjustedWald => 0.75,
            Self::Wald => 0.0,
        }
    }
}

impl From<NetScoreMethod> for Method {
    fn from(method: NetScoreMethod) -> Self {
        match method {
            NetScoreMethod::AdjustedWald => Self::NetScoreAdjustedWald,
            NetScoreMethod::Wald => Self::NetScoreWald,
        }
    }
}

impl fmt::Display for NetScoreMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Method::from(*self).fmt(f)
    }
}

impl NetScore {
    /// The score in -1..=1 with its interval: [`NetScoreMethod::AdjustedWald`].
    ///
    /// Point and ends are within 1e-15 of the exact values, for counts up to 2^53.
    ///
    /// ```
    /// use customer_metrics::Confidence;
    /// use customer_metrics::satisfaction::NetScore;
    ///
    /// let score = NetScore::new(655, 258, 87)?;
    /// assert_eq!(format!("{:.3}", score.estimate(Confidence::P95)), "0.568 (0.526 to 0.606, 95% adjusted Wald, n = 1000)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn estimate(&self, confidence: Confidence) -> Estimate {
        self.estimate_with(confidence, NetScoreMethod::default())
    }

    /// The score in -1..=1 with the interval of this method.
    #[must_use]
    pub fn estimate_with(&self, confidence: Confidence, method: NetScoreMethod) -> Estimate {
        let counts = RealNetScore::of(self);
        let estimate = Estimate::holding(counts.score(), counts.interval(method, confidence), confidence, method.into(), self.answers());
        estimate.with_caution(counts.caution(method))
    }

    /// The standard error of the score in -1..=1: the root of its [variance](Self::variance) over the answers. Within 1e-15 relative.
    ///
    /// 0 if all answer alike, which is no proof that all others would.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        RealNetScore::of(self).variance_of_score().sqrt()
    }

    /// This score less the other, of independent groups, in -2..=2: [`NetScoreMethod::AdjustedWald`].
    ///
    /// ```text
    /// low, high = score1 - score2 -/+ z sqrt(se1^2 + se2^2)
    /// ```
    ///
    /// Summed over all outcomes, 95% intervals hold the difference in 95.7% of all cases with 8 answers each and 95.4% with 20, on average over
    /// true scores; less where the scores lie far apart, as 140 points: 86% with 8, 92% with 20, 94% with 50.
    ///
    /// ```
    /// use customer_metrics::Confidence;
    /// use customer_metrics::satisfaction::NetScore;
    ///
    /// let (after, before) = (NetScore::new(130, 50, 20)?, NetScore::new(100, 60, 40)?);
    /// let change = after.difference(&before, Confidence::P95);
    /// assert_eq!(format!("{change:.2}"), "0.25 (0.10 to 0.39, 95% adjusted Wald, n = 200 and 200)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn difference(&self, other: &Self, confidence: Confidence) -> Comparison<NetScoreMethod> {
        self.difference_with(other, confidence, NetScoreMethod::default())
    }

    /// This score less the other, of independent groups, with the interval of this method.
    #[must_use]
    pub fn difference_with(&self, other: &Self, confidence: Confidence, method: NetScoreMethod) -> Comparison<NetScoreMethod> {
        let point = self.promoters().minus(&other.promoters()) - self.detractors().minus(&other.detractors());
        let interval = RealNetScore::of(self).interval_of_difference(point, &RealNetScore::of(other), method, confidence);
        let caution = RealNetScore::of(self).caution(method).or_else(|| RealNetScore::of(other).caution(method));
        Comparison::computed(point, interval, confidence, method, [self.answers(), other.answers()]).with_caution(caution)
    }

    /// Whether this score differs from the other, of independent groups: the two-sided z test from the multinomial variance of each.
    ///
    /// ```text
    /// z = (score1 - score2) / sqrt(se1^2 + se2^2)
    /// ```
    ///
    /// It is significant where the interval by [`NetScoreMethod::Wald`] leaves out 0. The default of [`difference`](Self::difference) is the
    /// adjusted interval, which can hold 0 where the test is just significant: with few answers trust the interval. The statistic is within 1e-15 relative of the exact
    /// value, for counts up to 2^53. Source: CYBAEA.
    ///
    /// ```
    /// use customer_metrics::satisfaction::NetScore;
    ///
    /// let (after, before) = (NetScore::new(130, 50, 20)?, NetScore::new(100, 60, 40)?);
    /// let test = after.test_difference(&before)?;
    /// assert_eq!(format!("{test:.2}"), "z = 3.44, p = 5.86e-4 (two-sided z test of net scores)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] if all answer alike in each group.
    pub fn test_difference(&self, other: &Self) -> Result<SignificanceTest> {
        self.test_difference_with(other, Alternative::default())
    }

    /// The same against a named alternative; [`Greater`](Alternative::Greater) is that this score is greater.
    ///
    /// # Errors
    /// As [`test_difference`](Self::test_difference).
    pub fn test_difference_with(&self, other: &Self, alternative: Alternative) -> Result<SignificanceTest> {
        let (mine, theirs) = (RealNetScore::of(self), RealNetScore::of(other));
        let variance = mine.variance_of_score() + theirs.variance_of_score();
        if variance <= 0.0 {
            return Err(Error::Undefined { metric: "test of two net scores", because: "the answers of each group are all alike" });
        }
        let caution = mine.caution(NetScoreMethod::Wald).or_else(|| theirs.caution(NetScoreMethod::Wald));
        Ok(SignificanceTest::from_normal(self.minus(other) / variance.sqrt(), alternative, TestMethod::NetScoreZ)?.with_caution(caution))
    }

    /// The difference of the two scores, without rounding before the division where the products fit into 127 bits.
    fn minus(&self, other: &Self) -> f64 {
        let cross = |score: &Self, n: u64| score.net().checked_mul(i128::from(n));
        let lead = cross(self, other.answers()).zip(cross(other, self.answers())).and_then(|(mine, theirs)| mine.checked_sub(theirs));
        match lead {
            Some(lead) => {
                let magnitude = wide_count_to_f64(lead.unsigned_abs());
                let quotient = magnitude / (count_to_f64(self.answers()) * count_to_f64(other.answers()));
                if lead < 0 { -quotient } else { quotient }
            }
            None => self.promoters().minus(&other.promoters()) - self.detractors().minus(&other.detractors()),
        }
    }

    /// The score of those who answered and how many did not, for what the score of all can be: [`MeanNonResponse::bounds`] whatever the silent
    /// think, and [`MeanNonResponse::with_gap`] given an assumed gap between them and those who answered, in -2..=2.
    ///
    /// ```
    /// use customer_metrics::satisfaction::NetScore;
    ///
    /// let survey = NetScore::new(30, 10, 10)?.non_response(50)?;
    /// assert_eq!(survey.bounds().to_string(), "-0.3 to 0.7");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Overflow`] if all together exceed 64 bits.
    pub fn non_response(&self, silent: u64) -> Result<MeanNonResponse> {
        MeanNonResponse::new(self.net(), self.answers(), silent, [-1, 1])
    }
}

/// The counts of a score as floating numbers, or what is effectively left of them in a weighted or stratified survey.
#[derive(Debug, Clone, Copy)]
pub(super) struct RealNetScore {
    promoters: f64,
    passives: f64,
    detractors: f64,
    /// Promoters less detractors: what a method adds cancels.
    net: f64,
}

impl Comparison<NetScoreMethod> {
    /// The same difference in points, as net scores such as NPS are mostly told.
    ///
    /// ```
    /// use customer_metrics::{Confidence, satisfaction::NetScore};
    ///
    /// let (this_year, last_year) = (NetScore::new(100, 56, 44)?, NetScore::new(80, 60, 60)?);
    /// let difference = this_year.difference(&last_year, Confidence::P95);
    /// assert_eq!(format!("{difference:.2}"), "0.18 (0.02 to 0.34, 95% adjusted Wald, n = 200 and 200)");
    /// assert_eq!(format!("{:.0}", difference.in_percent()), "18 (2 to 34, 95% adjusted Wald, n = 200 and 200)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn in_percent(&self) -> Self {
        self.rising(|value| 100.0 * value)
    }
}

impl RealNetScore {
    pub(super) fn new(promoters: f64, passives: f64, detractors: f64, net: f64) -> Self {
        Self { promoters, passives, detractors, net }
    }

    pub(super) fn of(score: &NetScore) -> Self {
        let (promoters, detractors) = (score.promoters().part(), score.detractors().part());
        // One of the two is 0.
        let net = count_to_f64(promoters.saturating_sub(detractors)) - count_to_f64(detractors.saturating_sub(promoters));
        Self::new(count_to_f64(promoters), count_to_f64(score.passives().part()), count_to_f64(detractors), net)
    }

    /// The score of the same value, as sure as `n` answers make it.
    pub(super) fn at_size(self, n: f64) -> Self {
        let factor = n / self.n();
        Self::new(self.promoters * factor, self.passives * factor, self.detractors * factor, self.net * factor)
    }

    /// With what the method adds.
    pub(super) fn adjusted(self, method: NetScoreMethod) -> Self {
        self.partly_adjusted(method, 1.0)
    }

    /// With a part of what the method adds.
    pub(super) fn partly_adjusted(self, method: NetScoreMethod, part: f64) -> Self {
        let added = method.added() * part;
        Self::new(self.promoters + added, self.passives + 2.0 * added, self.detractors + added, self.net)
    }

    /// What is to be said against the method at these counts.
    pub(super) fn caution(&self, method: NetScoreMethod) -> Option<Caution> {
        match method {
            NetScoreMethod::Wald => Caution::of_net_score([self.promoters, self.passives, self.detractors]),
            NetScoreMethod::AdjustedWald => None,
        }
    }

    pub(super) fn n(&self) -> f64 {
        self.promoters + self.passives + self.detractors
    }

    pub(super) fn score(&self) -> f64 {
        (self.net / self.n()).clamp(-1.0, 1.0)
    }

    /// The variance of one answer over n, from positive terms only: `p (1 - p) + d (1 - d) + 2 p d`.
    pub(super) fn variance_of_score(&self) -> f64 {
        let Self { promoters, passives, detractors, .. } = self;
        let n = self.n();
        let decided = promoters / n * ((detractors + passives) / n) + detractors / n * ((promoters + passives) / n);
        (decided + 2.0 * (promoters / n) * (detractors / n)) / n
    }

    /// What the interval of the difference to another is by this method.
    pub(super) fn interval_of_difference(&self, point: f64, other: &Self, method: NetScoreMethod, confidence: Confidence) -> Interval {
        let (mine, theirs) = (self.adjusted(method), other.adjusted(method));
        let centre = match method {
            NetScoreMethod::Wald => point,
            NetScoreMethod::AdjustedWald => mine.score() - theirs.score(),
        };
        let reach = confidence.two_sided_z() * (mine.variance_of_score() + theirs.variance_of_score()).sqrt();
        around(point, centre, reach, 2.0)
    }

    /// What the interval is by this method.
    pub(super) fn interval(&self, method: NetScoreMethod, confidence: Confidence) -> Interval {
        let adjusted = self.adjusted(method);
        around(self.score(), adjusted.score(), confidence.two_sided_z() * adjusted.variance_of_score().sqrt(), 1.0)
    }
}

/// The interval around its centre, held within the range and moved out to the point.
pub(super) fn around(point: f64, centre: f64, reach: f64, range: f64) -> Interval {
    Interval::holding(point, [centre - reach, centre + reach], [-range, range])
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHODS: [NetScoreMethod; 2] = [NetScoreMethod::AdjustedWald, NetScoreMethod::Wald];

    #[test]
    fn unanimous_answers_have_a_width_by_default_and_none_in_the_textbook() {
        for score in [NetScore::new(8, 0, 0).unwrap(), NetScore::new(0, 8, 0).unwrap(), NetScore::new(0, 0, 8).unwrap()] {
            assert!(score.estimate(Confidence::P95).interval().width() > 0.2, "{score}");
            assert!(score.difference(&score, Confidence::P95).interval().width() > 0.4, "{score}");
            let textbook = score.estimate_with(Confidence::P95, NetScoreMethod::Wald);
            assert_eq!(textbook.interval().width().to_bits(), 0.0_f64.to_bits());
            assert_eq!(score.standard_error().to_bits(), 0.0_f64.to_bits());
        }
    }

    #[test]
    fn one_answer_is_held_by_its_interval() {
        let estimate = NetScore::new(1, 0, 0).unwrap().estimate(Confidence::P90);
        assert!(estimate.interval().contains(1.0) && estimate.interval().low() < 0.0, "{estimate}");
    }

    #[test]
    fn extreme_confidence_and_counts_stay_in_range() {
        let most = u64::MAX;
        let scores = [(1, 0, 0), (0, 0, 1), (most, 0, 0), (0, 0, most), (most - 1, 0, 1), (most / 2, 1, most / 2), (0, most, 0)]
            .map(|(promoters, passives, detractors)| NetScore::new(promoters, passives, detractors).unwrap());
        for level in [f64::MIN_POSITIVE, 1e-9, 0.5, 1.0 - f64::EPSILON / 2.0] {
            let confidence = Confidence::new(level).unwrap();
            for method in METHODS {
                for first in &scores {
                    let estimate = first.estimate_with(confidence, method);
                    assert!(estimate.interval().low() >= -1.0 && estimate.interval().high() <= 1.0, "{estimate}");
                    assert!(estimate.interval().contains(estimate.point()), "{estimate}");
                    for second in &scores {
                        let change = first.difference_with(second, confidence, method);
                        assert!(change.interval().low() >= -2.0 && change.interval().high() <= 2.0, "{change}");
                        assert!(change.interval().contains(change.point()), "{change}");
                    }
                }
            }
        }
    }
}
