//! The limit for "quickly" that the complaints themselves suggest.

use core::time::Duration;

use super::resolution_time_tally::ResolutionTimeTally;
use crate::complaint::QuickLimit;
use crate::decimal::count_to_f64;
use crate::error::{Error, Result};
use crate::estimate::{Alternative, Comparison, Confidence, DifferenceMethod, NullDistribution, SignificanceTest, TestMethod};
use crate::share::Share;
use crate::special::ln_chi_square_upper_tail;

const METRIC: &str = "suggested quick limit";

/// The smallest part of the complaints that may be called quick, or slow.
const SMALLEST_GROUP: f64 = 0.1;

/// The time that best splits resolutions into quick and slow ones, by who stayed.
///
/// Every recorded time is tried as the limit, and the one is taken under which quick customers staying at one rate and slow ones at a lower
/// rate is most likely. The likelihood also says which other limits are hardly worse: that range is the uncertainty, and it is often wide.
/// At least a tenth of the complaints is on either side.
///
/// ```text
/// log-likelihood(c) = l(stayed, known of those with t <= c) + l(stayed, known of those with t > c)
/// l(k, n) = k ln(k / n) + (n - k) ln((n - k) / n)
/// range = all c with 2 (best - log-likelihood(c)) <= -2 ln(1 - sqrt(confidence)),  7.35 at 95%
/// ```
///
/// Between two recorded times every limit splits the complaints alike, so the range ends short of the recorded time that follows its last
/// split. The bound is that of a threshold in regression; in simulations at 95% the range held a true limit in 96% to 99.6%. Where retention falls smoothly there is no
/// true limit; the best split is then the most useful line to draw through a slope, no more. [`test`](Self::test) says whether any split
/// is better than none, after having looked at all of them.
///
/// Source: B. E. Hansen, "Sample splitting and threshold estimation", Econometrica 68 (2000), 575-603, for the range; R. Miller and D.
/// Siegmund, "Maximally selected chi square statistics", Biometrics 38 (1982), 1011-1016, for the test.
///
/// ```
/// use core::time::Duration;
/// use customer_metrics::Confidence;
/// use customer_metrics::complaint::{ResolutionTime, ResolutionTimeTally};
///
/// let hours = |hours: u64| Duration::from_secs(hours * 3600);
/// let row = |time, stayed, left| ResolutionTime { time: hours(time), stayed, left, unknown: 0 };
/// let tally = ResolutionTimeTally::from_rows([row(1, 45, 5), row(8, 40, 10), row(24, 42, 8), row(72, 20, 30)])?;
///
/// let suggested = tally.suggested_quick_limit(Confidence::P95)?;
/// assert_eq!(suggested.limit().duration(), hours(24));
/// assert_eq!([suggested.earliest(), suggested.before()], [hours(24), hours(72)]); // any limit from 24 to short of 72 hours
/// assert_eq!(suggested.quick().to_string(), "127 of 150 (84.7%)");
/// assert_eq!(suggested.slow().to_string(), "20 of 50 (40.0%)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SuggestedQuickLimit {
    limit: QuickLimit,
    earliest: Duration,
    before: Duration,
    confidence: Confidence,
    quick: Share,
    slow: Share,
    /// The share of complaints that may be quick: the smallest and the largest that was tried.
    tried: [f64; 2],
}

/// A limit that was tried.
struct Split {
    limit: Duration,
    /// The recorded time that follows.
    next: Duration,
    quick: Share,
    slow: Share,
    log_likelihood: f64,
}

impl SuggestedQuickLimit {
    pub(super) fn fit(tally: &ResolutionTimeTally, confidence: Confidence) -> Result<Self> {
        let all = tally.retention()?;
        let splits = splits(tally, all);
        let falling = splits.iter().filter(|split| split.quick.compare(&split.slow).is_gt());
        let best = falling.reduce(|best, split| if split.log_likelihood > best.log_likelihood { split } else { best });
        let best = best.ok_or(Error::Undefined {
            metric: METRIC,
            because: "no limit leaves a tenth of the complaints on either side and has more of the quick ones stay",
        })?;
        let worst = best.log_likelihood + (-confidence.level().sqrt()).ln_1p();
        let mut likely = splits
            .iter()
            .filter(|split| split.log_likelihood >= worst && split.quick.compare(&split.slow).is_gt())
            .map(|split| (split.limit, split.next));
        let (earliest, mut before) = likely.next().unwrap_or((best.limit, best.next));
        if let Some((_, next)) = likely.next_back() {
            before = next;
        }
        let part_of_all = |split: Option<&Split>| split.map_or(0.5, |split| count_to_f64(split.quick.whole()) / count_to_f64(all.whole()));
        Ok(Self {
            // Resolved at once: any limit short of the next recorded time.
            limit: QuickLimit::new(if best.limit.is_zero() { best.next.mul_f64(0.5) } else { best.limit })?,
            earliest,
            before,
            confidence,
            quick: best.quick,
            slow: best.slow,
            tried: [part_of_all(splits.first()), part_of_all(splits.last())],
        })
    }

    /// The limit: a recorded time, which is itself still quick. If only what was resolved at once is quick, half the next recorded time.
    #[must_use]
    pub fn limit(&self) -> QuickLimit {
        self.limit
    }

    /// The shortest limit that is hardly worse.
    #[must_use]
    pub fn earliest(&self) -> Duration {
        self.earliest
    }

    /// Where the limits end that are hardly worse: the recorded time that follows the last of them, itself no longer among them.
    #[must_use]
    pub fn before(&self) -> Duration {
        self.before
    }

    /// The confidence of the range from [`earliest`](Self::earliest) to short of [`before`](Self::before).
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// Who stayed of those that were resolved within the limit.
    #[must_use]
    pub fn quick(&self) -> Share {
        self.quick
    }

    /// Who stayed of those that were resolved later.
    #[must_use]
    pub fn slow(&self) -> Share {
        self.slow
    }

    /// How much more of the quickly resolved customers stay. Because the limit was chosen to make this large, it flatters.
    #[must_use]
    pub fn difference(&self, confidence: Confidence) -> Comparison<DifferenceMethod> {
        self.quick.difference(&self.slow, confidence)
    }

    /// Whether any limit splits better than chance would, all of those tried considered: a small p says that speed and staying go together.
    ///
    /// ```text
    /// p = density(b) (4 / b + (b - 1 / b) ln(e2 (1 - e1) / ((1 - e2) e1))),  1 at most
    /// b^2 = chi-square of quick against slow,  e1, e2 = smallest and largest share of complaints that was tried as quick
    /// ```
    ///
    /// The approximation is that of Miller and Siegmund for small p. Many equal times make it cautious.
    #[must_use]
    pub fn test(&self) -> SignificanceTest {
        let [quick, slow] = [self.quick, self.slow].map(|share| (count_to_f64(share.part()), count_to_f64(share.whole())));
        let pooled = (quick.0 + slow.0) / (quick.1 + slow.1);
        let distance = quick.0 / quick.1 - slow.0 / slow.1;
        let b = distance.abs() / (pooled * (1.0 - pooled) * (1.0 / quick.1 + 1.0 / slow.1)).sqrt();
        let [smallest, largest] = self.tried;
        let range = (largest * (1.0 - smallest) / ((1.0 - largest) * smallest)).ln();
        let factor = 4.0 / b + (b - 1.0 / b) * range;
        let ln_density = -b * b / 2.0 - core::f64::consts::TAU.ln() / 2.0;
        let ln_p = if factor > 0.0 { ln_density + factor.ln() } else { 0.0 };
        // The best of many limits is no better than one that was fixed beforehand.
        let ln_p = ln_p.max(ln_chi_square_upper_tail(b * b, 1.0)).min(0.0);
        let (distribution, p_values) = (NullDistribution::MaximalChiSquare, (ln_p.exp(), ln_p));
        SignificanceTest::exact(b * b, distribution, Alternative::TwoSided, TestMethod::MillerSiegmund, p_values)
    }
}

/// Every limit that leaves enough complaints on either side.
fn splits(tally: &ResolutionTimeTally, all: Share) -> Vec<Split> {
    let least = count_to_f64(all.whole()) * SMALLEST_GROUP;
    let mut quick = (0_u64, 0_u64);
    let next = tally.known().skip(1).map(|(time, _)| time);
    let splits = tally.known().zip(next).filter_map(|((limit, share), next)| {
        quick = (quick.0.saturating_add(share.part()), quick.1.saturating_add(share.whole()));
        let quick = Share::new(quick.0, quick.1).ok()?;
        let slow = Share::new(all.part().saturating_sub(quick.part()), all.whole().saturating_sub(quick.whole())).ok()?;
        let large = [quick, slow].iter().all(|share| count_to_f64(share.whole()) >= least);
        large.then(|| Split { limit, next, quick, slow, log_likelihood: log_likelihood(quick) + log_likelihood(slow) })
    });
    splits.collect()
}

/// Of so many of so many at their own share.
fn log_likelihood(share: Share) -> f64 {
    let [stayed, left, known] = [share.part(), share.complement().part(), share.whole()].map(count_to_f64);
    let term = |count: f64| if count > 0.0 { count * (count / known).ln() } else { 0.0 };
    term(stayed) + term(left)
}
