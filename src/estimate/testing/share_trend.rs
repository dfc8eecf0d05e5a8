//! Whether shares rise or fall over ordered groups.

use core::fmt;

use crate::decimal::{count_to_f64, wide_count_to_f64};
use crate::error::{Bound, Error, Result};
use crate::estimate::{Alternative, Caution, Confidence, Estimate, SignificanceTest, TestMethod, combine_independent};
use crate::share::Share;

/// How shares rise or fall over groups in an order, such as months, contacts or the number of problems: the slope, and whether it is 0.
///
/// ```text
/// slope = sum of (s_i - s) (k_i - n_i p) / S,  S = sum of n_i (s_i - s)^2
/// z     = slope sqrt(S / (p (1 - p)))
/// s = sum of n_i s_i / n, the mean score;  p = sum of k_i / n, the share of all
/// ```
///
/// Where the trend is a straight line in the scores, this sees it with far fewer answers than the chi-square test, which does not know of
/// the order. The variance is divided by n and not n - 1; `z^2` is the statistic of R's `prop.trend.test`.
///
/// Source: W. G. Cochran, "Some Methods for Strengthening the Common chi-square Tests", Biometrics 10 (1954), 417-451; P. Armitage, "Tests
/// for Linear Trends in Proportions and Frequencies", Biometrics 11 (1955), 375-386.
///
/// ```
/// use customer_metrics::{Share, estimate::{Alternative, ShareTrend}};
///
/// // Customers who stay, by the number of contacts that their complaint took.
/// let stayed = [Share::new(90, 100)?, Share::new(60, 75)?, Share::new(30, 50)?];
/// let trend = ShareTrend::of(&stayed, Alternative::TwoSided)?;
/// assert_eq!(format!("{trend:.3}"), "slope = -0.144, z = -4.243, p = 2.21e-5 (two-sided Cochran-Armitage test for trend)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ShareTrend {
    slope: f64,
    test: SignificanceTest,
    /// Each group with its weight: the slope is the weighted sum of the shares.
    #[cfg_attr(feature = "serde", serde(skip))]
    parts: Vec<(f64, Share)>,
}

impl ShareTrend {
    /// The trend over groups at equal distances, with the scores 0, 1, 2, ...
    ///
    /// [`Greater`](Alternative::Greater) is that the shares rise.
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two groups, or if none or all count in all of them; [`Error::Overflow`] beyond 64 bits of
    /// answers.
    pub fn of(groups: &[Share], alternative: Alternative) -> Result<Self> {
        let pairs: Vec<(Share, f64)> = groups.iter().zip(0_u32..).map(|(share, score)| (*share, f64::from(score))).collect();
        Self::over(&pairs, alternative)
    }

    /// The trend over groups with these scores, such as the days that each waited.
    ///
    /// # Errors
    /// As [`of`](Self::of); [`Error::Mismatch`] if there are not as many scores as groups; [`Error::OutOfBounds`] in [`Error::Row`] for a
    /// score beyond ±1e150, infinite or NaN; [`Error::Undefined`] if all scores are equal.
    pub fn with_scores(groups: &[Share], scores: &[f64], alternative: Alternative) -> Result<Self> {
        if groups.len() != scores.len() {
            return Err(Error::mismatch("number of groups and scores", groups.len(), scores.len()));
        }
        for (row, &score) in scores.iter().enumerate() {
            if !(-LARGEST_SCORE..=LARGEST_SCORE).contains(&score) {
                let bound = Bound::Within((-LARGEST_SCORE).into(), LARGEST_SCORE.into());
                return Err(Error::out_of_bounds("score", score, bound).at_row(row));
            }
        }
        let pairs: Vec<(Share, f64)> = groups.iter().copied().zip(scores.iter().copied()).collect();
        Self::over(&pairs, alternative)
    }

    fn over(groups: &[(Share, f64)], alternative: Alternative) -> Result<Self> {
        let undefined = |because| Error::Undefined { metric: "trend of shares", because };
        let mut all: Option<Share> = None;
        for (share, _) in groups {
            all = Some(all.map_or(Ok(*share), |sum| sum.merge(share))?);
        }
        let all = all.filter(|_| groups.len() >= 2).ok_or_else(|| undefined("there are fewer than two groups"))?;
        let [part, rest, whole] = [all.part(), all.complement().part(), all.whole()].map(count_to_f64);
        if part <= 0.0 || rest <= 0.0 {
            return Err(undefined("all answers are alike"));
        }
        let (low, high) = groups.iter().fold((f64::MAX, f64::MIN), |(low, high), &(_, score)| (low.min(score), high.max(score)));
        let range = high - low;
        if range <= 0.0 {
            return Err(undefined("all scores are equal"));
        }
        // In units of their range, from the lowest on, so that nothing overflows.
        let scaled = || groups.iter().map(|&(share, score)| (share, count_to_f64(share.whole()), (score - low) / range));
        let mean = scaled().map(|(_, n, score)| n / whole * score).sum::<f64>();
        let spread = scaled().map(|(_, n, score)| n * (score - mean) * (score - mean)).sum::<f64>();
        if spread <= 0.0 {
            return Err(undefined("all scores are equal"));
        }
        let lead = scaled().map(|(share, _, score)| (score - mean) * excess(&share, &all)).sum::<f64>();
        let z = lead / (spread * (part / whole) * (rest / whole)).sqrt();
        let slope = lead / spread / range;
        if !slope.is_finite() {
            return Err(Error::out_of_bounds("slope", slope, Bound::Finite));
        }
        let parts = scaled().map(|(share, n, score)| (n * (score - mean) / spread / range, share)).collect();
        // The expected counts of the table of these groups, whose chi-square the trend is a part of.
        let expected = scaled().flat_map(|(_, n, _)| [part / whole * n, rest / whole * n]);
        let test = SignificanceTest::from_normal(z, alternative, TestMethod::CochranArmitage)?.with_caution(Caution::of_table(expected));
        Ok(Self { slope, test, parts })
    }

    /// By how much the share rises from one score to the next, by least squares weighted with the answers.
    #[must_use]
    pub fn slope(&self) -> f64 {
        self.slope
    }

    /// The slope with its interval: that of a weighted sum of independent shares, each with Wilson's ([`combine_independent`]).
    ///
    /// ```text
    /// slope = sum of w_i p_i,  w_i = n_i (s_i - s) / S
    /// ```
    ///
    /// Of two groups with the scores 0 and 1 it is Newcombe's difference. It does not assume that the trend is a straight line: it is then the
    /// interval of the line that fits the true shares best. Point and ends are within 1e-13 of the largest of the terms.
    ///
    /// ```
    /// use customer_metrics::{Confidence, Share, estimate::{Alternative, ShareTrend}};
    ///
    /// let stayed = [Share::new(90, 100)?, Share::new(60, 75)?, Share::new(30, 50)?];
    /// let slope = ShareTrend::of(&stayed, Alternative::TwoSided)?.estimate(Confidence::P95)?;
    /// assert_eq!(format!("{slope:.3}"), "-0.144 (-0.211 to -0.075, 95% square-and-add, n = 225)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] or [`Error::Overflow`] if scores lie so close together that the slope leaves the range of floating numbers.
    pub fn estimate(&self, confidence: Confidence) -> Result<Estimate> {
        let parts: Vec<(f64, Estimate)> = self.parts.iter().map(|(weight, share)| (*weight, share.estimate(confidence))).collect();
        combine_independent(&parts)
    }

    /// Whether there is a trend.
    #[must_use]
    pub fn test(&self) -> SignificanceTest {
        self.test
    }
}

/// Beyond it the squares of scores would overflow.
const LARGEST_SCORE: f64 = 1e150;

/// How many more count in the group than the share of all would give: `k_i - n_i p`, from whole numbers.
fn excess(group: &Share, all: &Share) -> f64 {
    let product = |a: u64, b: u64| u128::from(a).saturating_mul(u128::from(b));
    let (observed, expected) = (product(group.part(), all.whole()), product(group.whole(), all.part()));
    // One of the two is 0.
    let lead = wide_count_to_f64(observed.saturating_sub(expected)) - wide_count_to_f64(expected.saturating_sub(observed));
    lead / count_to_f64(all.whole())
}

/// Everything in one line; a precision such as `{:.3}` applies to slope and statistic.
impl fmt::Display for ShareTrend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("slope = ")?;
        fmt::Display::fmt(&self.slope, f)?;
        f.write_str(", ")?;
        fmt::Display::fmt(&self.test, f)
    }
}
