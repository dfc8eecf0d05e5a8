//! Means of a team's members, shrunk towards the team: empirical Bayes with a normal prior.

use core::fmt;

use super::MemberMean;
use crate::decimal::count_to_f64;
use crate::error::{Bound, Error, Result};
use crate::estimate::{Caution, Confidence, Estimate, Interval, Method, write_number};
use crate::special::normal_upper_tail;

/// Each step of Newton's method at least doubles what is below the root by far; the smallest and the largest errors are 266 doublings apart.
const MOST_STEPS: u32 = 1_000;

/// The range of the logarithm of the variance over the errors' is scanned in such steps; the prior alone is wider.
const SCAN_STEP: f64 = 2.0;

/// What lies so far below the top, in logarithms, does not count.
const DEPTH: f64 = 14.0;

/// The step of the trapezoidal rule in standard deviations. A normal density would need no more than 1.25; those that are mixed may be
/// narrower than it.
const STEP: f64 = 0.8;

/// A side of the grid has fewer points than this: beyond the top the density falls exponentially.
const MOST_POINTS: u32 = 100;

/// How the variance of the members' true means is estimated.
///
/// ```text
/// Q(v) = sum(w (y - mean)^2),  w = 1 / (s^2 + v),  mean = sum(w y) / sum(w)
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum MeanShrinkageMethod {
    /// The variance at which the weighted squares are as large as they should be, `Q(v) = c - 1` for `c` members. The default: nearly
    /// unbiased whether the standard errors are alike or not.
    ///
    /// Source: R. C. Paule and J. Mandel, "Consensus values and weighting factors", Journal of Research of the National Bureau of Standards
    /// 87 (1982), 377-385; recommended by A. A. Veroniki et al., "Methods to estimate the between-study variance and its uncertainty in
    /// meta-analysis", Research Synthesis Methods 7 (2016), 55-79.
    #[default]
    PauleMandel,
    /// The first step of it, in one formula: `v = (Q(0) - (c - 1)) / (sum(w) - sum(w^2) / sum(w))` with `w = 1 / s^2`.
    ///
    /// Source: R. DerSimonian and N. Laird, "Meta-analysis in clinical trials", Controlled Clinical Trials 7 (1986), 177-188.
    DerSimonianLaird,
}

impl fmt::Display for MeanShrinkageMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PauleMandel => "Paule-Mandel",
            Self::DerSimonianLaird => "DerSimonian-Laird",
        })
    }
}

/// What a team says of the mean ratings of its members: how the true means are spread, and with it the mean of each, shrunk towards the
/// team. For shares there is [`Shrinkage`](crate::estimate::Shrinkage); for ratings that were counted by member,
/// [`GroupedRatingTally::shrunken_means_by_group`](crate::satisfaction::GroupedRatingTally::shrunken_means_by_group), with a variance that all members share.
///
/// ```text
/// true mean of a member ~ Normal(mean, v),  mean y of its answers ~ Normal(true mean, s^2)
/// shrunken mean = mean + kept (y - mean),  kept = v / (v + s^2)
/// its variance  = kept s^2 + (1 - kept)^2 / sum(w),  w = 1 / (s^2 + v)
/// ```
///
/// The shrunken mean takes the variance `v` as found: where the means lie no farther apart than their standard errors explain, it is 0,
/// and every member is at the mean of the team. The interval does not: a few members say little of their spread. It is that of a mixture
/// of such normal distributions over all `v` that the team may have, each weighed by the likelihood of all means, that of the team
/// integrated over, with a prior that is uniform in the shrinkage:
///
/// ```text
/// after all answers ~ sum of w Normal(shrunken mean, its variance),  w as likelihood(v),  h / (h + v) uniform on 0..1
/// h = harmonic mean of the s^2
/// ```
///
/// Its ends are equal-tailed; an end is moved to the shrunken mean where it would not hold it. The standard errors are taken as known. In
/// simulated teams, 95% intervals hold 91.5 to 98.6% of the true means with five members, 93.0 to 99.2% with ten and 92.7 to 99.8% with
/// twenty, by how far these lie apart (from not at all to five times the standard errors), and 95% on average over those spreads. Beyond
/// each end of a 95% interval lie 2.5% of the mixture, within 1e-6. The grid leaves out 1e-6 of it: intervals of more than 99.999%
/// confidence are too narrow.
///
/// Source: C. N. Morris, "Parametric empirical Bayes inference: theory and applications", JASA 78 (1983), 47-55; with equal standard
/// errors it is the estimator of W. James and C. Stein, "Estimation with quadratic loss", Proceedings of the Fourth Berkeley Symposium 1
/// (1961), 361-379, but for the degrees of freedom. For the intervals: J. J. Deely and D. V. Lindley, "Bayes empirical Bayes", JASA 76
/// (1981), 833-841; M. J. Daniels, "A prior for the variance in hierarchical models", Canadian Journal of Statistics 27 (1999), 567-578.
///
/// ```
/// use customer_metrics::Confidence;
/// use customer_metrics::estimate::{MeanShrinkage, MemberMean};
///
/// // Mean ratings of five agents with their standard errors.
/// let agents = [(4.8, 0.35), (4.3, 0.06), (4.1, 0.05), (3.6, 0.09), (4.4, 0.08)]
///     .map(|(mean, standard_error)| MemberMean { mean, standard_error });
/// let team = MeanShrinkage::fit(&agents)?;
/// assert_eq!(format!("{team:.3}"), "mean 4.189, standard deviation 0.386, by Paule-Mandel");
/// let lucky = team.shrink(agents[0], Confidence::P95)?;
/// assert_eq!(format!("{:.2}", lucky.estimate().point()), "4.52");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct MeanShrinkage {
    method: MeanShrinkageMethod,
    members: u64,
    mean: f64,
    standard_error: f64,
    variance: f64,
    /// What mean and variance may be instead, for the intervals.
    #[cfg_attr(feature = "serde", serde(skip))]
    nodes: Vec<Node>,
}

/// One spread that the team may have, and its mean then.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Node {
    weight: f64,
    mean: f64,
    standard_error: f64,
    variance: f64,
}

impl Node {
    /// Point, standard deviation, and how much of the distance to the team is kept.
    fn shrink(&self, MemberMean { mean, standard_error }: MemberMean) -> [f64; 3] {
        let square = standard_error * standard_error;
        let (kept, lost) = (self.variance / (self.variance + square), square / (self.variance + square));
        // From the nearer end, so that rounding does not carry it out.
        let point = if kept < 0.5 { self.mean + kept * (mean - self.mean) } else { mean + lost * (self.mean - mean) };
        [point, (kept.sqrt() * standard_error).hypot(lost * self.standard_error), kept]
    }
}

impl MeanShrinkage {
    /// The largest mean, and the largest standard error; one over it is the smallest standard error.
    const LARGEST: f64 = 1e40;

    /// The spread of these members, by their means and the standard errors of those, with the estimator of Paule and Mandel.
    ///
    /// # Errors
    /// [`Error::Undefined`] without members; [`Error::Row`] for the first mean that is not within -1e40 to 1e40, or whose standard error is not
    /// within 1e-40 to 1e40.
    pub fn fit(members: &[MemberMean]) -> Result<Self> {
        Self::fit_with(members, MeanShrinkageMethod::default())
    }

    /// The spread of these members, by a named method.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn fit_with(members: &[MemberMean], method: MeanShrinkageMethod) -> Result<Self> {
        for (row, member) in members.iter().enumerate() {
            check(*member).map_err(|error| error.at_row(row))?;
        }
        if members.is_empty() {
            return Err(Error::Undefined { metric: "spread of the team", because: "there are no members" });
        }
        let number = u64::try_from(members.len()).map_err(|_| Error::count_overflow("members"))?;
        let expected = count_to_f64(number) - 1.0;
        let at = |variance| Weighted::at(variance, members);
        let plain = at(0.0);
        let variance = if plain.squares <= expected {
            0.0
        } else {
            match method {
                MeanShrinkageMethod::PauleMandel => paule_mandel(at, plain, expected),
                MeanShrinkageMethod::DerSimonianLaird => (plain.squares - expected) / plain.room,
            }
        };
        let Weighted { mean, weight, .. } = at(variance);
        Ok(Self { method, members: number, mean, standard_error: 1.0 / weight.sqrt(), variance, nodes: nodes(members) })
    }

    /// How the spread was estimated.
    #[must_use]
    pub fn method(&self) -> MeanShrinkageMethod {
        self.method
    }

    /// How many members the team has.
    #[must_use]
    pub fn members(&self) -> u64 {
        self.members
    }

    /// The mean of the members' true means.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The standard error of that mean.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        self.standard_error
    }

    /// The variance of the members' true means; 0 where they lie no farther apart than chance would put them.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.variance
    }

    /// The mean of one member of the team, shrunk towards it.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] as in [`fit`](Self::fit).
    pub fn shrink(&self, member: MemberMean, confidence: Confidence) -> Result<ShrunkenMean> {
        check(member)?;
        let found = Node { weight: 1.0, mean: self.mean, standard_error: self.standard_error, variance: self.variance };
        let [point, _, kept] = found.shrink(member);
        let parts: Vec<[f64; 3]> = self
            .nodes
            .iter()
            .map(|node| {
                let [own, deviation, _] = node.shrink(member);
                [node.weight, own, deviation]
            })
            .collect();
        let mirrored: Vec<[f64; 3]> = parts.iter().map(|&[weight, own, deviation]| [weight, -own, deviation]).collect();
        let [low, high] = [lower_limit(&parts, confidence), -lower_limit(&mirrored, confidence)];
        let (mut low, mut high) = (low.min(high).min(point), high.max(low).max(point));
        // So near to each other that doubles do not tell them apart.
        if low >= high {
            (low, high) = (low.next_down(), high.next_up());
        }
        let estimate = Estimate::holding(point, Interval::ordered(low, high), confidence, Method::ShrunkenMean, self.members);
        Ok(ShrunkenMean { estimate, kept })
    }

    /// The means of all members, in their order.
    ///
    /// # Errors
    /// [`Error::Row`] as in [`fit`](Self::fit).
    pub fn shrink_all(&self, members: &[MemberMean], confidence: Confidence) -> Result<Vec<ShrunkenMean>> {
        let rows = members.iter().enumerate();
        rows.map(|(row, member)| self.shrink(*member, confidence).map_err(|error| error.at_row(row))).collect()
    }
}

/// One line; a precision applies to its numbers, and six digits are shown without one.
impl fmt::Display for MeanShrinkage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mean ")?;
        write_number(self.mean, f)?;
        f.write_str(", standard deviation ")?;
        write_number(self.variance.sqrt(), f)?;
        write!(f, ", by {}", self.method)
    }
}

/// What the mean of a member is, once its answers and its team are known.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ShrunkenMean {
    estimate: Estimate,
    kept: f64,
}

impl ShrunkenMean {
    /// The shrunken mean, between the member's own and that of the team, with its equal-tailed interval. Its `n` is the number of members
    /// that the team was estimated from, as how many answers are behind a mean is not known; of
    /// [ratings](crate::satisfaction::GroupedRatingTally::shrunken_means_by_group) it is the number of the member's answers.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        self.estimate
    }

    /// The same of so many answers, on a scale that no mean can leave, with ends that lie so many times as far from the point.
    pub(crate) fn of_answers(self, n: u64, [lowest, highest]: [f64; 2], farther: f64) -> Self {
        let point = self.estimate.point();
        let held = self.estimate.rising(|value| (point + farther * (value - point)).clamp(lowest, highest));
        let estimate = Estimate::holding(held.point(), held.interval(), held.confidence(), held.method(), n);
        Self { estimate, ..self }
    }

    pub(crate) fn with_caution(self, caution: Option<Caution>) -> Self {
        Self { estimate: self.estimate.with_caution(caution), ..self }
    }

    /// How much of the distance to the team was kept: the reliability of the member's own mean, from 0 to 1.
    #[must_use]
    pub fn kept(&self) -> f64 {
        self.kept
    }
}

/// As its [estimate](Self::estimate); a precision applies to point and ends.
impl fmt::Display for ShrunkenMean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.estimate, f)
    }
}

fn check(MemberMean { mean, standard_error }: MemberMean) -> Result<()> {
    const LARGEST: f64 = MeanShrinkage::LARGEST;
    if !(-LARGEST..=LARGEST).contains(&mean) {
        return Err(Error::out_of_bounds("mean", mean, Bound::Within((-LARGEST).into(), LARGEST.into())));
    }
    let least = 1.0 / LARGEST;
    if !(least..=LARGEST).contains(&standard_error) {
        return Err(Error::out_of_bounds("standard error", standard_error, Bound::Within(least.into(), LARGEST.into())));
    }
    Ok(())
}

/// The members weighted as this variance would have it.
struct Weighted {
    mean: f64,
    weight: f64,
    /// `Q`.
    squares: f64,
    /// How fast `Q` falls with the variance.
    fall: f64,
    /// By how much `Q` is expected to exceed its degrees of freedom, for each unit of variance.
    room: f64,
}

impl Weighted {
    fn at(variance: f64, members: &[MemberMean]) -> Self {
        let weight_of = |member: &MemberMean| 1.0 / (member.standard_error * member.standard_error + variance);
        let weights = || members.iter().map(weight_of);
        let rows = || members.iter().map(|member| (weight_of(member), member.mean));
        let weight: f64 = weights().sum();
        let first = members.first().map_or(0.0, |member| member.mean);
        // As distances from one of them, so that a large common part costs no digits.
        let mean = first + rows().map(|(w, y)| w / weight * (y - first)).sum::<f64>();
        let (squares, fall) = rows().fold((0.0, 0.0), |(squares, fall), (w, y)| {
            let own = w * (y - mean);
            (squares + own * (y - mean), fall + own * own)
        });
        let room = weights().map(|w| w * (1.0 - w / weight)).sum();
        Self { mean, weight, squares, fall, room }
    }
}

/// Newton's method from 0: `Q` is convex and falls, so that the steps rise to the root.
fn paule_mandel(at: impl Fn(f64) -> Weighted, plain: Weighted, expected: f64) -> f64 {
    let (mut variance, mut here) = (0.0, plain);
    for _ in 0..MOST_STEPS {
        let next = variance + (here.squares - expected) / here.fall;
        // Once it no longer rises, only rounding is left.
        if next <= variance {
            break;
        }
        variance = next;
        here = at(variance);
    }
    variance
}

/// What mean and variance the team may have, by the trapezoidal rule in the logarithm of the variance.
fn nodes(members: &[MemberMean]) -> Vec<Node> {
    let unit = Weighted::at(0.0, members);
    let number: f64 = members.iter().map(|_| 1.0).sum();
    // The harmonic mean of the squared errors.
    let typical = number / unit.weight;
    let height = |at: f64| {
        let variance = typical * at.exp();
        let here = Weighted::at(variance, members);
        let logarithm = |MemberMean { standard_error, .. }: &MemberMean| ((standard_error * standard_error + variance) / typical).ln();
        let logarithms: f64 = members.iter().map(logarithm).sum();
        let prior = at - 2.0 * (at.exp()).ln_1p();
        let height = prior - (logarithms + (here.weight * typical).ln() + here.squares) / 2.0;
        (height, Node { weight: 0.0, mean: here.mean, standard_error: 1.0 / here.weight.sqrt(), variance })
    };
    let (least, most) = members.iter().fold((f64::MAX, f64::MIN), |(low, high), member| (low.min(member.mean), high.max(member.mean)));
    // Beyond both the errors and the means, and as far below.
    let farthest = ((most - least) / typical.sqrt()).max(1.0).ln() * 2.0 + DEPTH;
    let mut best = (0.0, f64::NEG_INFINITY);
    for step in 0..MOST_STEPS {
        let at = f64::from(step) * SCAN_STEP - DEPTH;
        if at > farthest {
            break;
        }
        let (own, _) = height(at);
        if own > best.1 {
            best = (at, own);
        }
    }
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (best.0 - SCAN_STEP, best.0 + SCAN_STEP);
    for _ in 0..20 {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        if height(left).0 < height(right).0 { low = left } else { high = right }
    }
    let middle = f64::midpoint(low, high);
    // Half a unit below the top is one standard deviation away from it, if it is normal.
    let top = height(middle).0;
    let mut deviation = 1.0;
    while deviation > 1e-4 && top - height(middle + deviation).0.min(height(middle - deviation).0) > 0.75 {
        deviation /= 1.5;
    }
    let mut found: Vec<(f64, Node)> = Vec::new();
    for (direction, from) in [(-1.0, 0), (1.0, 1)] {
        for point in from..MOST_POINTS {
            let (own, node) = height(middle + direction * STEP * deviation * f64::from(point));
            found.push((own, node));
            if own < top - DEPTH {
                break;
            }
        }
    }
    let total: f64 = found.iter().map(|(own, _)| (own - top).exp()).sum();
    found.into_iter().map(|(own, node)| Node { weight: (own - top).exp() / total, ..node }).collect()
}

/// The point below which what the confidence leaves on one side lies, of a mixture of normal distributions: weights, means, deviations.
fn lower_limit(parts: &[[f64; 3]], confidence: Confidence) -> f64 {
    let z = confidence.two_sided_z();
    // Between the limits of the parts.
    let limits = || parts.iter().map(|&[_, mean, deviation]| mean - z * deviation);
    let (mut low, mut high) = (limits().fold(f64::MAX, f64::min), limits().fold(f64::MIN, f64::max));
    let mut at = f64::midpoint(low, high);
    for _ in 0..MOST_STEPS {
        let (below, density) = parts.iter().fold((0.0, 0.0), |(below, density), &[weight, mean, deviation]| {
            let distance = (mean - at) / deviation;
            let own = (-distance * distance / 2.0).exp() / core::f64::consts::TAU.sqrt() / deviation;
            (below + weight * normal_upper_tail(distance), density + weight * own)
        });
        if below < confidence.tail() {
            low = at;
        } else {
            high = at;
        }
        let next = at - (below - confidence.tail()) / density;
        let inside = next > low && next < high;
        let next = if inside { next } else { f64::midpoint(low, high) };
        let settled = (next - at).abs() <= 1e-12 * (high - low).max(at.abs() * 1e-3) || high - low <= 4.0 * f64::EPSILON * at.abs();
        at = next;
        if settled {
            break;
        }
    }
    at
}
