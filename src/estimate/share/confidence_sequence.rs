//! Intervals that stay valid when they are read again and again.

use crate::decimal::count_to_f64;
use crate::error::{Bound, Error, Result};
use crate::estimate::{Confidence, Estimate, Interval, Method};
use crate::share::Share;
use crate::special::{beta_binomial_shortfall, likelihood_limit};

/// Intervals for one share that may be read after every answer: with this confidence, none of them ever misses the true share.
///
/// An ordinary interval keeps its promise once. A dashboard that is read every day gives it a new chance to miss with every reading, and a
/// team that stops as soon as the target lies outside finds in time what is not there. These intervals are wider, by the price of looking
/// as often as one likes:
///
/// ```text
/// interval = all p with  B(a + k, b + n - k) / B(a, b) < p^k (1 - p)^(n - k) / (1 - confidence)
/// ```
///
/// The left side is the likelihood of the answers so far under a beta distribution of the share. Over that of the true share it is a
/// martingale that starts at 1, and such a one ever exceeds `1 / (1 - confidence)` with probability `1 - confidence` at most (Ville). The
/// interval always holds the share itself, and one of a higher confidence holds that of a lower one.
///
/// The shapes `a` and `b` say where the interval is to be narrow. By default both are 1/2, Jeffreys' prior: the interval is then as good
/// whatever the share is, with `z^2` near `ln(pi n / 2) + 2 ln(1 / (1 - confidence))` in place of Wilson's (3.7 standard errors after a
/// thousand answers at 95%, and not 1.96). [`with_prior`](Self::with_prior) narrows it where the share is expected, and widens it
/// elsewhere. Whatever the shapes, the promise holds, as long as they were chosen before the first answer, and the answers are independent
/// and come from one true share.
///
/// Source: H. Robbins, "Statistical methods related to the law of the iterated logarithm", Annals of Mathematical Statistics 41 (1970),
/// 1397-1409; S. R. Howard, A. Ramdas, J. McAuliffe and J. Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence sequences",
/// Annals of Statistics 49 (2021), 1055-1080, whose beta-binomial boundary centres the prior at each `p` instead.
///
/// ```
/// use customer_metrics::{Confidence, Share};
/// use customer_metrics::estimate::ConfidenceSequence;
///
/// let daily = ConfidenceSequence::new(Confidence::P95);
/// let so_far = Share::new(240, 300)?;
/// assert_eq!(format!("{:.3}", daily.estimate(&so_far)), "0.800 (0.712 to 0.872, 95% confidence sequence, n = 300)");
/// assert_eq!(format!("{:.3}", so_far.estimate(Confidence::P95)), "0.800 (0.751 to 0.841, 95% Wilson, n = 300)");
///
/// // As if 40 answers had been given before, 32 of which count: that is where the share has been for years.
/// let informed = daily.with_prior(32.0, 8.0)?;
/// assert_eq!(format!("{:.3}", informed.interval(&so_far)), "0.729 to 0.860");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "ConfidenceSequenceState", into = "ConfidenceSequenceState")
)]
pub struct ConfidenceSequence {
    confidence: Confidence,
    shapes: [f64; 2],
}

impl ConfidenceSequence {
    /// The smallest and the largest shape of a prior.
    const SHAPES: (f64, f64) = (1e-3, 1e12);

    /// With the confidence that no interval ever misses, and Jeffreys' prior.
    #[must_use]
    pub fn new(confidence: Confidence) -> Self {
        Self { confidence, shapes: [0.5, 0.5] }
    }

    /// Narrowest where the share is expected: as if before the first answer `counting` had counted and `others` had not. Their ratio says
    /// where, their sum how surely. They must not be taken from the answers themselves.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless both are within 0.001 to 10^12.
    pub fn with_prior(self, counting: f64, others: f64) -> Result<Self> {
        let (least, most) = Self::SHAPES;
        for (field, shape) in [("counting", counting), ("others", others)] {
            if !(least..=most).contains(&shape) {
                return Err(Error::out_of_bounds(field, shape, Bound::Within(least.into(), most.into())));
            }
        }
        Ok(Self { shapes: [counting, others], ..self })
    }

    /// The confidence that none of the intervals misses.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// The shapes of the prior: how many are taken to have counted, and not to have counted, before the first answer.
    #[must_use]
    pub fn prior(&self) -> [f64; 2] {
        self.shapes
    }

    /// Where the true share lies, by the answers so far.
    ///
    /// It holds the share itself, stays within 0..=1 and is exactly 0 or 1 at that end where none or all count. Each end, and what it is
    /// short of 1, is within 1e-13 relative of the exact value for counts up to 2^53 (1e-12 below 1e-100).
    #[must_use]
    pub fn interval(&self, so_far: &Share) -> Interval {
        let counts = [so_far.part(), so_far.complement().part()].map(count_to_f64);
        let [counting, others] = counts;
        let distance = beta_binomial_shortfall(self.shapes, counts) - (2.0 * self.confidence.tail()).ln();
        let low = likelihood_limit([counting, others], distance).x;
        let high = likelihood_limit([others, counting], distance).y;
        let point = so_far.to_f64();
        Interval::ordered(low.clamp(0.0, point), high.clamp(point, 1.0))
    }

    /// The share with its [interval](Self::interval).
    #[must_use]
    pub fn estimate(&self, so_far: &Share) -> Estimate {
        Estimate::holding(so_far.to_f64(), self.interval(so_far), self.confidence, Method::ConfidenceSequence, so_far.whole())
    }
}

/// 95% and Jeffreys' prior.
impl Default for ConfidenceSequence {
    fn default() -> Self {
        Self::new(Confidence::default())
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfidenceSequenceState {
    confidence: Confidence,
    counting: f64,
    others: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<ConfidenceSequenceState> for ConfidenceSequence {
    type Error = Error;

    fn try_from(state: ConfidenceSequenceState) -> Result<Self> {
        Self::new(state.confidence).with_prior(state.counting, state.others)
    }
}

#[cfg(feature = "serde")]
impl From<ConfidenceSequence> for ConfidenceSequenceState {
    fn from(sequence: ConfidenceSequence) -> Self {
        let [counting, others] = sequence.shapes;
        Self { confidence: sequence.confidence, counting, others }
    }
}
