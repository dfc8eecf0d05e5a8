//! How often a value of one group beats one of another: the Mann-Whitney statistic, its tests and its intervals.

use core::fmt;

use crate::decimal::{count_to_f64, wide, wide_count_to_f64};
use crate::error::{Error, Result};
use crate::estimate::association::checked_keys;
use crate::estimate::{
    Alternative, Caution, Comparison, Confidence, ContinuityCorrection, Interval, SignificanceTest, SuperiorityMethod, TestMethod, product,
    write_number,
};
use crate::special::student_t_quantile;
use crate::wide::{SignedSum, Wide};

const METRIC: &str = "probability of superiority";

/// Halving a bracket more often than this changes nothing: it takes 1,075 halvings from 1 to the smallest double.
const MOST_STEPS: u32 = 1_100;

/// Two independent groups by the order of their values: how many pairs the first wins, ties and loses.
///
/// ```text
/// p = (pairs won + pairs tied / 2) / (n1 n2)       the probability of superiority
/// U = n1 n2 p                                      the Mann-Whitney statistic
/// delta = 2 p - 1                                  Cliff's delta
/// ```
///
/// p is the probability that a customer of the first group gives the higher rating than one of the second, where ties count half; it is
/// also called the common language effect size, and the area under the ROC curve. Only the order of the values counts. The pairs are
/// counted exactly, from counts per category or from two columns.
///
/// Source: H. B. Mann and D. R. Whitney, "On a test of whether one of two random variables is stochastically larger than the other",
/// Annals of Mathematical Statistics 18 (1947), 50-60; N. Cliff, Psychological Bulletin 114 (1993), 494-509.
///
/// ```
/// use customer_metrics::Confidence;
/// use customer_metrics::estimate::MannWhitney;
///
/// // Ratings from 1 to 5 of two channels.
/// let channels = MannWhitney::from_counts(&[2, 5, 13, 40, 40], &[10, 12, 22, 31, 25])?;
/// let superiority = channels.superiority(Confidence::P95);
/// assert_eq!(format!("{superiority:.3}"), "0.640 (0.564 to 0.709, 95% DeLong logit, n = 100 and 100)");
/// assert_eq!(format!("{:.3}", channels.cliffs_delta(Confidence::P95).point()), "0.280");
/// assert!(channels.test()?.p_value() < 0.001);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct MannWhitney {
    n: [u64; 2],
    won: u128,
    tied: u128,
    lost: u128,
    /// The variance of p if both groups are alike.
    null_variance: f64,
    /// The variance of p that each group adds, by its placements; `None` if it has one value only.
    placement_variances: [Option<f64>; 2],
}

impl MannWhitney {
    /// Two groups by how often each category occurs, from the lowest category to the highest.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the two have different numbers of categories; [`Error::Undefined`] if a group is empty;
    /// [`Error::Overflow`] if both together exceed 64 bits.
    pub fn from_counts(first: &[u64], second: &[u64]) -> Result<Self> {
        if first.len() != second.len() {
            return Err(Error::mismatch("number of categories", first.len(), second.len()));
        }
        Self::of(|| first.iter().copied().zip(second.iter().copied()))
    }

    /// Two groups by their values, in any order: handling times, order values. Takes as long as sorting both.
    ///
    /// # Errors
    /// [`Error::Row`] with the position of the first value that is infinite or NaN; [`Error::Undefined`] if a group is empty.
    pub fn from_columns(first: &[f64], second: &[f64]) -> Result<Self> {
        let (mut first, mut second) = (checked_keys("first", first)?, checked_keys("second", second)?);
        first.sort_unstable();
        second.sort_unstable();
        let categories = merged(&first, &second);
        Self::of(|| categories.iter().copied())
    }

    /// Everything that is read off two groups, from their counts in the order of the categories.
    fn of<I: Iterator<Item = (u64, u64)>>(categories: impl Fn() -> I) -> Result<Self> {
        let sum_of = |group: fn((u64, u64)) -> u64| categories().map(group).try_fold(0_u64, u64::checked_add);
        let overflow = || Error::count_overflow("values of both groups");
        let (n1, n2) = (sum_of(|(first, _)| first).ok_or_else(overflow)?, sum_of(|(_, second)| second).ok_or_else(overflow)?);
        let both = n1.checked_add(n2).ok_or_else(overflow)?;
        if n1 == 0 || n2 == 0 {
            return Err(Error::Undefined { metric: METRIC, because: "a group has no values" });
        }
        let (mut won, mut tied) = (0_u128, 0_u128);
        let (mut below1, mut below2) = (0_u64, 0_u64);
        let mut tie_cubes = Wide::default();
        let mut squares = [SignedSum::default(); 2];
        for (first, second) in categories() {
            // No sum of products of counts exceeds the product of the totals, which has 128 bits.
            won = won.saturating_add(product(first, below2));
            tied = tied.saturating_add(product(first, second));
            let together = u128::from(first.saturating_add(second));
            tie_cubes = cube_less_itself(together).and_then(|cube| tie_cubes.checked_add(cube)).ok_or_else(overflow)?;
            // How many of the other group a value of this category beats, less how many beat it.
            let lead = |below: u64, here: u64, all: u64| wide(below).saturating_sub(wide(all.saturating_sub(below).saturating_sub(here)));
            let leads = [(lead(below2, second, n2), first), (lead(below1, first, n1), second)];
            for (sum, (lead, count)) in squares.iter_mut().zip(leads) {
                *sum = sum.plus(lead, lead, count).ok_or_else(overflow)?;
            }
            below1 = below1.saturating_add(first);
            below2 = below2.saturating_add(second);
        }
        let pairs = product(n1, n2);
        let lost = pairs.saturating_sub(won).saturating_sub(tied);
        let [m, n, all] = [n1, n2, both].map(count_to_f64);
        let untied = cube_less_itself(both.into()).ok_or_else(overflow)?.minus(tie_cubes);
        let null_variance = untied / all / (all - 1.0) / (12.0 * m * n);
        let lead = won.abs_diff(lost);
        let placement_variance = |sum: SignedSum, own: u64, other: u64| {
            let deviations = sum.n_squared_deviations(own, lead)?;
            // Leads run from -other to other: their halves, as a share of the other group, are placements.
            let [own, other] = [own, other].map(count_to_f64);
            (own > 1.0).then(|| deviations / (own * own) / (own - 1.0) / (4.0 * other * other))
        };
        let [squares1, squares2] = squares;
        let placement_variances = [placement_variance(squares1, n1, n2), placement_variance(squares2, n2, n1)];
        Ok(Self { n: [n1, n2], won, tied, lost, null_variance, placement_variances })
    }

    /// How many values are in the first group and in the second.
    #[must_use]
    pub fn n(&self) -> [u64; 2] {
        self.n
    }

    /// Of all pairs with a value from each group, how many the first wins.
    #[must_use]
    pub fn pairs_won(&self) -> u128 {
        self.won
    }

    /// How many pairs are tied.
    #[must_use]
    pub fn pairs_tied(&self) -> u128 {
        self.tied
    }

    /// How many pairs the first group loses.
    #[must_use]
    pub fn pairs_lost(&self) -> u128 {
        self.lost
    }

    /// U of the first group, the pairs won and half of those tied: exact up to 2^52, else the nearest double.
    #[must_use]
    pub fn u(&self) -> f64 {
        // Won twice and tied once is at most twice 128 bits.
        let twice = Wide::product(self.won, 2).checked_add(Wide::from(self.tied)).unwrap_or_default();
        twice.to_f64() / 2.0
    }

    /// The probability that a value of the first group beats one of the second: [`SuperiorityMethod::DeLongLogit`], or
    /// [`SuperiorityMethod::Newcombe`] where the placements of a group do not vary. The [method](Comparison::method) of the comparison says
    /// which.
    ///
    /// They do not where the groups do not overlap, and where all values of a group are equal: its part of the variance would be 0, as if a
    /// few unanimous customers were proof. The point is within 3 units in the last place, the ends within 1e-13.
    #[must_use]
    pub fn superiority(&self, confidence: Confidence) -> Comparison<SuperiorityMethod> {
        let vary = self.placement_variances.iter().flatten().filter(|variance| **variance > 0.0).count();
        let by_placements = (vary == self.n.len()).then(|| self.superiority_with(confidence, SuperiorityMethod::DeLongLogit).ok());
        by_placements.flatten().unwrap_or_else(|| self.newcombe(confidence))
    }

    fn newcombe(&self, confidence: Confidence) -> Comparison<SuperiorityMethod> {
        let (point, rest, z) = (self.share(self.won), self.share(self.lost), confidence.two_sided_z());
        let (low, high) = (self.score_limit(point, z), 1.0 - self.score_limit(rest, z));
        Comparison::computed(point, Interval::ordered(low.min(point), high.max(point)), confidence, SuperiorityMethod::Newcombe, self.n)
    }

    /// The probability that a value of the first group beats one of the second, with the interval of this method.
    ///
    /// # Errors
    /// [`Error::Undefined`] by a method of placements if a group has one value only, or if the groups do not overlap, so that the
    /// placements do not vary.
    pub fn superiority_with(&self, confidence: Confidence, method: SuperiorityMethod) -> Result<Comparison<SuperiorityMethod>> {
        let (point, rest) = (self.share(self.won), self.share(self.lost));
        let interval = match method {
            SuperiorityMethod::Newcombe => return Ok(self.newcombe(confidence)),
            SuperiorityMethod::DeLongLogit => {
                let reach = confidence.two_sided_z() * self.placements()?.error / (point * rest);
                // On the scale of the odds, where a point next to an end loses nothing.
                let (odds, factor) = (point / rest, reach.exp());
                let low = odds / (odds + factor);
                let high = 1.0 / (1.0 + 1.0 / (odds * factor));
                Interval::ordered(low.min(point), high.max(point))
            }
            SuperiorityMethod::BrunnerMunzel => {
                let Placements { error, degrees } = self.placements()?;
                let reach = student_t_quantile(confidence.tail(), degrees) * error;
                Interval::holding(point, [point - reach, point + reach], [0.0, 1.0])
            }
        };
        let caution = if method == SuperiorityMethod::BrunnerMunzel { self.few_placements() } else { None };
        Ok(Comparison::computed(point, interval, confidence, method, self.n).with_caution(caution))
    }

    /// Cliff's delta in -1..=1, the share of pairs won less that lost: `2 p - 1`, with the interval of [`superiority`](Self::superiority).
    #[must_use]
    pub fn cliffs_delta(&self, confidence: Confidence) -> Comparison<SuperiorityMethod> {
        self.delta(&self.superiority(confidence))
    }

    /// Cliff's delta in -1..=1 with the interval of this method.
    ///
    /// # Errors
    /// As [`superiority_with`](Self::superiority_with).
    pub fn cliffs_delta_with(&self, confidence: Confidence, method: SuperiorityMethod) -> Result<Comparison<SuperiorityMethod>> {
        self.superiority_with(confidence, method).map(|superiority| self.delta(&superiority))
    }

    fn delta(&self, superiority: &Comparison<SuperiorityMethod>) -> Comparison<SuperiorityMethod> {
        let delta = |share: f64| 2.0 * share - 1.0;
        let point = self.net_won() / self.pairs();
        let (low, high) = (delta(superiority.interval().low()), delta(superiority.interval().high()));
        let interval = Interval::ordered(low.min(point), high.max(point));
        Comparison::computed(point, interval, superiority.confidence(), superiority.method(), self.n).with_caution(superiority.caution())
    }

    /// The Mann-Whitney test, also called Wilcoxon's rank sum test: whether both groups could have the same distribution, two-sided and with
    /// [`ContinuityCorrection::OneHalf`].
    ///
    /// ```text
    /// z = (U - n1 n2 / 2) / sqrt(n1 n2 / 12 (N + 1 - sum of (t^3 - t) / (N (N - 1)))),  t = values in a tie, N = n1 + n2
    /// ```
    ///
    /// The normal approximation with the variance of tied ranks. It is of use from some eight values a group.
    ///
    /// # Errors
    /// [`Error::Undefined`] if all values are equal.
    pub fn test(&self) -> Result<SignificanceTest> {
        self.test_with(ContinuityCorrection::default(), Alternative::default())
    }

    /// The same with a named correction against a named alternative; [`Greater`](Alternative::Greater) is that the first group is greater.
    ///
    /// # Errors
    /// As [`test`](Self::test).
    pub fn test_with(&self, correction: ContinuityCorrection, alternative: Alternative) -> Result<SignificanceTest> {
        if self.null_variance <= 0.0 {
            return Err(Error::Undefined { metric: "Mann-Whitney test", because: "all values are equal" });
        }
        let twice_from_mean = self.net_won();
        let (corrected, method) = match (correction, alternative) {
            (ContinuityCorrection::None, _) => (twice_from_mean, TestMethod::MannWhitneyZ),
            (ContinuityCorrection::OneHalf, Alternative::Greater) => (twice_from_mean - 1.0, TestMethod::MannWhitneyCorrectedZ),
            (ContinuityCorrection::OneHalf, Alternative::Less) => (twice_from_mean + 1.0, TestMethod::MannWhitneyCorrectedZ),
            (ContinuityCorrection::OneHalf, Alternative::TwoSided) => {
                ((twice_from_mean.abs() - 1.0).max(0.0).copysign(twice_from_mean), TestMethod::MannWhitneyCorrectedZ)
            }
        };
        let test = SignificanceTest::from_normal(corrected / 2.0 / (self.null_variance.sqrt() * self.pairs()), alternative, method)?;
        let [first, second] = self.n;
        Ok(test.with_caution(Caution::values(first.min(second), Caution::LEAST_RANKED)))
    }

    /// The test of Brunner and Munzel: whether the probability of superiority could be 1/2, though the groups vary differently;
    /// two-sided.
    ///
    /// ```text
    /// t = (p - 1/2) / se,  se and degrees as in SuperiorityMethod::BrunnerMunzel
    /// ```
    ///
    /// With fewer than ten values in a group it has a [caution](SignificanceTest::caution).
    ///
    /// # Errors
    /// [`Error::Undefined`] if a group has one value only, or if the placements do not vary.
    pub fn test_brunner_munzel(&self) -> Result<SignificanceTest> {
        self.test_brunner_munzel_with(Alternative::default())
    }

    /// The same against a named alternative; [`Greater`](Alternative::Greater) is that the first group is greater.
    ///
    /// # Errors
    /// As [`test_brunner_munzel`](Self::test_brunner_munzel).
    pub fn test_brunner_munzel_with(&self, alternative: Alternative) -> Result<SignificanceTest> {
        let Placements { error, degrees } = self.placements()?;
        let t = self.net_won() / self.pairs() / 2.0 / error;
        let test = SignificanceTest::from_student_t(t, degrees, alternative, TestMethod::BrunnerMunzelT)?;
        Ok(test.with_caution(self.few_placements()))
    }

    fn few_placements(&self) -> Option<Caution> {
        let [first, second] = self.n;
        Caution::values(first.min(second), Caution::LEAST_FOR_BRUNNER_MUNZEL)
    }

    fn pairs(&self) -> f64 {
        let [first, second] = self.n;
        wide_count_to_f64(product(first, second))
    }

    /// The pairs won less those lost.
    fn net_won(&self) -> f64 {
        Wide::from(self.won).minus(Wide::from(self.lost))
    }

    /// So many pairs, and half of those tied, as a share of all.
    fn share(&self, pairs: u128) -> f64 {
        let twice = Wide::product(pairs, 2).checked_add(Wide::from(self.tied)).unwrap_or_default();
        (twice.to_f64() / 2.0 / self.pairs()).clamp(0.0, 1.0)
    }

    fn placements(&self) -> Result<Placements> {
        let undefined = |because| Error::Undefined { metric: METRIC, because };
        let [Some(first), Some(second)] = self.placement_variances else {
            return Err(undefined("a group has one value only, so that its placements have no variance"));
        };
        let together = first + second;
        if together <= 0.0 {
            return Err(undefined("the placements do not vary"));
        }
        let (first, second) = (first / together, second / together);
        let [m, n] = self.n.map(|count| count_to_f64(count) - 1.0);
        Ok(Placements { error: together.sqrt(), degrees: 1.0 / (first * first / m + second * second / n) })
    }

    /// The probability below `observed` from which it lies z standard errors away.
    fn score_limit(&self, observed: f64, z: f64) -> f64 {
        let [m, n] = self.n.map(count_to_f64);
        let weight = f64::midpoint(m, n) - 1.0;
        let above = |theta: f64| {
            let variance = theta * (1.0 - theta) / (m * n) * (1.0 + weight * ((1.0 - theta) / (2.0 - theta) + theta / (1.0 + theta)));
            observed - theta > z * variance.sqrt()
        };
        // The standard error is concave, so that there is one root between 0 and what was observed.
        let (mut low, mut high) = (0.0, observed);
        for _ in 0..MOST_STEPS {
            let middle = f64::midpoint(low, high);
            if middle <= low || middle >= high {
                break;
            }
            if above(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// The probability of superiority with U; a precision such as `{:.2}` applies to the probability, and six digits are shown without one.
impl fmt::Display for MannWhitney {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("superiority = ")?;
        write_number(self.share(self.won), f)?;
        let [first, second] = self.n;
        write!(f, ", U = {} (n = {first} and {second})", self.u())
    }
}

/// The standard error of p by the placements, and the degrees of its t distribution.
struct Placements {
    error: f64,
    degrees: f64,
}

/// `t^3 - t` for a count of 64 bits.
fn cube_less_itself(t: u128) -> Option<Wide> {
    let square_less_one = t.checked_mul(t)?.saturating_sub(1);
    Some(Wide::product(square_less_one, t))
}

/// Counts per distinct value, from two sorted columns.
fn merged(first: &[u64], second: &[u64]) -> Vec<(u64, u64)> {
    let runs = |column: &'_ [u64]| column.chunk_by(|a, b| a == b).filter_map(|run| Some((*run.first()?, count(run)))).collect::<Vec<_>>();
    let (first, second) = (runs(first), runs(second));
    let (mut first, mut second) = (first.into_iter().peekable(), second.into_iter().peekable());
    let mut categories = Vec::new();
    loop {
        let category = match (first.peek().copied(), second.peek().copied()) {
            (None, None) => return categories,
            (Some((a, of_a)), Some((b, of_b))) if a == b => (of_a, of_b),
            (Some((a, of_a)), Some((b, _))) if a < b => (of_a, 0),
            (Some((_, of_a)), None) => (of_a, 0),
            (_, Some((_, of_b))) => (0, of_b),
        };
        if category.0 > 0 {
            first.next();
        }
        if category.1 > 0 {
            second.next();
        }
        categories.push(category);
    }
}

fn count(run: &[u64]) -> u64 {
    u64::try_from(run.len()).unwrap_or(u64::MAX)
}
