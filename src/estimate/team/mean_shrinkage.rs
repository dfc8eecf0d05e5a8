//! Means of a team's members, shrunk towards the team: empirical Bayes with a normal prior.

use core::fmt;

use crate::decimal::count_to_f64;
use crate::error::{Bound, Error, Result};
use crate::estimate::{Confidence, Interval};

/// Each step of Newton's method at least doubles what is below the root by far; the smallest and the largest errors are 266 doublings apart.
const MOST_STEPS: u32 = 1_000;

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
/// team. For shares there is [`Shrinkage`](crate::estimate::Shrinkage).
///
/// ```text
/// true mean of a member ~ Normal(mean, v),  mean y of its answers ~ Normal(true mean, s^2)
/// shrunken mean = mean + kept (y - mean),  kept = v / (v + s^2)
/// its variance  = kept s^2 + (1 - kept)^2 / sum(w),  w = 1 / (s^2 + v)
/// ```
///
/// The variance counts that the mean of the team is itself estimated, but takes its spread for known. Where the means lie no farther apart
/// than their standard errors explain, `v` is 0, and every member is taken to be at the mean of the team.
///
/// Source: C. N. Morris, "Parametric empirical Bayes inference: theory and applications", JASA 78 (1983), 47-55; with equal standard
/// errors it is the estimator of W. James and C. Stein, "Estimation with quadratic loss", Proceedings of the Fourth Berkeley Symposium 1
/// (1961), 361-379, but for the degrees of freedom.
///
/// ```
/// use customer_metrics::Confidence;
/// use customer_metrics::estimate::MeanShrinkage;
///
/// // Mean ratings of five agents with their standard errors.
/// let (means, errors) = ([4.8, 4.3, 4.1, 3.6, 4.4], [0.35, 0.06, 0.05, 0.09, 0.08]);
/// let team = MeanShrinkage::fit(&means, &errors)?;
/// assert_eq!(format!("{team:.3}"), "mean 4.189, standard deviation 0.386, by Paule-Mandel");
/// let lucky = team.shrink(means[0], errors[0], Confidence::P95)?;
/// assert_eq!(format!("{lucky:.2}"), "4.52 (3.99 to 5.06, 95%)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct MeanShrinkage {
    method: MeanShrinkageMethod,
    members: u64,
    mean: f64,
    standard_error: f64,
    variance: f64,
}

impl MeanShrinkage {
    /// The largest mean, and the largest standard error; one over it is the smallest standard error.
    const LARGEST: f64 = 1e40;

    /// The spread of these members, by their means and the standard errors of those, with the estimator of Paule and Mandel.
    ///
    /// # Errors
    /// [`Error::Undefined`] without members; [`Error::Mismatch`] if the columns differ in length; [`Error::Row`] for the first mean that is
    /// not within -1e40 to 1e40, or whose standard error is not within 1e-40 to 1e40.
    pub fn fit(means: &[f64], standard_errors: &[f64]) -> Result<Self> {
        Self::fit_with(means, standard_errors, MeanShrinkageMethod::default())
    }

    /// The spread of these members, by a named method.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn fit_with(means: &[f64], standard_errors: &[f64], method: MeanShrinkageMethod) -> Result<Self> {
        if means.len() != standard_errors.len() {
            return Err(Error::mismatch("column length", means.len(), standard_errors.len()));
        }
        for (row, (&mean, &standard_error)) in means.iter().zip(standard_errors).enumerate() {
            check(mean, standard_error).map_err(|error| error.at_row(row))?;
        }
        if means.is_empty() {
            return Err(Error::Undefined { metric: "spread of the team", because: "there are no members" });
        }
        let members = u64::try_from(means.len()).map_err(|_| Error::count_overflow("members"))?;
        let expected = count_to_f64(members) - 1.0;
        let at = |variance| Weighted::at(variance, means, standard_errors);
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
        Ok(Self { method, members, mean, standard_error: 1.0 / weight.sqrt(), variance })
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
    pub fn shrink(&self, mean: f64, standard_error: f64, confidence: Confidence) -> Result<ShrunkenMean> {
        check(mean, standard_error)?;
        let square = standard_error * standard_error;
        let (kept, lost) = (self.variance / (self.variance + square), square / (self.variance + square));
        // From the nearer end, so that rounding does not carry it out.
        let point = if kept < 0.5 { self.mean + kept * (mean - self.mean) } else { mean + lost * (self.mean - mean) };
        let deviation = (kept.sqrt() * standard_error).hypot(lost * self.standard_error);
        let reach = confidence.two_sided_z() * deviation;
        Ok(ShrunkenMean { point, interval: Interval::ordered(point - reach, point + reach), confidence, kept })
    }
}

/// One line; a precision applies to its numbers.
impl fmt::Display for MeanShrinkage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mean ")?;
        fmt::Display::fmt(&self.mean, f)?;
        f.write_str(", standard deviation ")?;
        fmt::Display::fmt(&self.variance.sqrt(), f)?;
        write!(f, ", by {}", self.method)
    }
}

/// What the mean of a member is, once its answers and its team are known.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ShrunkenMean {
    point: f64,
    interval: Interval,
    confidence: Confidence,
    kept: f64,
}

impl ShrunkenMean {
    /// The shrunken mean, between the member's own and that of the team.
    #[must_use]
    pub fn point(&self) -> f64 {
        self.point
    }

    /// Where the true mean may lie.
    #[must_use]
    pub fn interval(&self) -> Interval {
        self.interval
    }

    /// The confidence of the interval.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// How much of the distance to the team was kept: the reliability of the member's own mean, from 0 to 1.
    #[must_use]
    pub fn kept(&self) -> f64 {
        self.kept
    }
}

/// Point, interval and confidence; a precision applies to point and ends.
impl fmt::Display for ShrunkenMean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.point, f)?;
        f.write_str(" (")?;
        fmt::Display::fmt(&self.interval, f)?;
        write!(f, ", {})", self.confidence)
    }
}

fn check(mean: f64, standard_error: f64) -> Result<()> {
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
    fn at(variance: f64, means: &[f64], standard_errors: &[f64]) -> Self {
        let weights = || standard_errors.iter().map(|error| 1.0 / (error * error + variance));
        let weight: f64 = weights().sum();
        let first = means.first().copied().unwrap_or(0.0);
        // As distances from one of them, so that a large common part costs no digits.
        let mean = first + weights().zip(means).map(|(w, y)| w / weight * (y - first)).sum::<f64>();
        let (squares, fall) = weights().zip(means).fold((0.0, 0.0), |(squares, fall), (w, y)| {
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
