//! The difference of two shares.

use core::fmt;

use super::real_share::RealShare;
use crate::decimal::wide_count_to_f64;
use crate::estimate::{Comparison, Confidence, Interval};
use crate::share::Share;

/// How the interval for the difference of two shares is made.
///
/// ```
/// use customer_metrics::{Confidence, Share, estimate::DifferenceMethod};
///
/// let (a, b) = (Share::new(9, 10)?, Share::new(3, 10)?);
/// let cautious = a.difference_with(&b, Confidence::P95, DifferenceMethod::NewcombeCorrected);
/// assert_eq!(format!("{cautious:.3}"), "0.600 (0.101 to 0.839, 95% Newcombe with continuity correction, n = 10 and 10)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum DifferenceMethod {
    /// Method 10 of Newcombe (1998): the Wilson limits of each share, squared and added. The default.
    ///
    /// ```text
    /// low  = p1 - p2 - sqrt((p1 - l1)^2 + (u2 - p2)^2)
    /// high = p1 - p2 + sqrt((u1 - p1)^2 + (p2 - l2)^2)
    /// l, u = Wilson limits of each share
    /// ```
    ///
    /// Source: R. G. Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine 17
    /// (1998), 873-890.
    #[default]
    Newcombe,
    /// Method 11 of Newcombe (1998): the same with continuity-corrected Wilson limits. Wider: it seldom holds the truth less often than
    /// promised, and mostly more often.
    NewcombeCorrected,
    /// Agresti and Caffo (2000): one answer of each kind is added to each group, then the textbook interval is taken, clamped to -1..=1.
    ///
    /// ```text
    /// p' = (part + 1) / (whole + 2)
    /// low, high = p1' - p2' -/+ z sqrt(p1' (1 - p1') / (n1 + 2) + p2' (1 - p2') / (n2 + 2))
    /// ```
    ///
    /// Its centre is that of the added answers. Where a group is unanimous, or the confidence small, it can end short of the observed
    /// difference.
    ///
    /// Source: A. Agresti and B. Caffo, "Simple and effective confidence intervals for proportions and differences of proportions", The
    /// American Statistician 54 (2000), 280-288.
    AgrestiCaffo,
}

impl fmt::Display for DifferenceMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Newcombe => "Newcombe",
            Self::NewcombeCorrected => "Newcombe with continuity correction",
            Self::AgrestiCaffo => "Agresti-Caffo",
        })
    }
}

impl Share {
    /// This share less the other, of independent groups, with Newcombe's interval: [`DifferenceMethod::Newcombe`].
    ///
    /// ```text
    /// low  = p1 - p2 - sqrt((p1 - l1)^2 + (u2 - p2)^2)
    /// high = p1 - p2 + sqrt((u1 - p1)^2 + (p2 - l2)^2)
    /// l, u = Wilson limits of each share
    /// ```
    ///
    /// The point is within 4 units in the last place, the ends within 1e-14 of the larger of the two terms that they are made of, for
    /// counts up to 2^53.
    ///
    /// ```
    /// use customer_metrics::{Confidence, Share};
    ///
    /// let (resolved, unresolved) = (Share::new(54, 100)?, Share::new(19, 100)?);
    /// let kept = resolved.difference(&unresolved, Confidence::P95);
    /// assert_eq!(format!("{kept:.2}"), "0.35 (0.22 to 0.46, 95% Newcombe, n = 100 and 100)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn difference(&self, other: &Self, confidence: Confidence) -> Comparison<DifferenceMethod> {
        self.difference_with(other, confidence, DifferenceMethod::default())
    }

    /// This share less the other, of independent groups, with the interval of this method; formula and source are with each
    /// [`DifferenceMethod`].
    ///
    /// ```
    /// use customer_metrics::{Confidence, Share, estimate::DifferenceMethod};
    ///
    /// let (resolved, unresolved) = (Share::new(54, 100)?, Share::new(19, 100)?);
    /// let kept = resolved.difference_with(&unresolved, Confidence::P95, DifferenceMethod::AgrestiCaffo);
    /// assert_eq!(format!("{kept:.3}"), "0.350 (0.219 to 0.467, 95% Agresti-Caffo, n = 100 and 100)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn difference_with(&self, other: &Self, confidence: Confidence, method: DifferenceMethod) -> Comparison<DifferenceMethod> {
        let point = self.minus(other);
        let z = confidence.two_sided_z();
        let interval = match method {
            DifferenceMethod::AgrestiCaffo => agresti_caffo(self, other, z),
            DifferenceMethod::Newcombe | DifferenceMethod::NewcombeCorrected => {
                interval_of_difference(point, [RealShare::of(self), RealShare::of(other)], method, confidence)
            }
        };
        Comparison::computed(point, interval, confidence, method, [self.whole(), other.whole()])
    }

    /// The difference of the two values without rounding before the division.
    pub(crate) fn minus(&self, other: &Self) -> f64 {
        let [k1, n1, k2, n2] = [self.part(), self.whole(), other.part(), other.whole()].map(u128::from);
        quotient_difference(k1, n1, k2, n2).clamp(-1.0, 1.0)
    }
}

/// `k1 / n1 - k2 / n2` from whole numbers, so that close quotients keep their digits.
pub(in crate::estimate) fn quotient_difference(k1: u128, n1: u128, k2: u128, n2: u128) -> f64 {
    let (first, second) = (k1.saturating_mul(n2), k2.saturating_mul(n1));
    // One of the two is 0.
    let cross = wide_count_to_f64(first.saturating_sub(second)) - wide_count_to_f64(second.saturating_sub(first));
    cross / (wide_count_to_f64(n1) * wide_count_to_f64(n2))
}

/// Of counts, or of what is effectively left of them in a weighted survey.
pub(in crate::estimate) fn interval_of_difference(
    point: f64,
    [first, second]: [RealShare; 2],
    method: DifferenceMethod,
    confidence: Confidence,
) -> Interval {
    let z = confidence.two_sided_z();
    match method {
        DifferenceMethod::Newcombe => square_and_add(point, first, second, |share| share.below_wilson(z)),
        DifferenceMethod::NewcombeCorrected => square_and_add(point, first, second, |share| share.below_corrected_wilson(z)),
        DifferenceMethod::AgrestiCaffo => {
            let (first, second) = (first.with_one_of_each(), second.with_one_of_each());
            let centre = first.point() - second.point();
            let reach = z * (first.variance() + second.variance()).sqrt();
            Interval::ordered((centre - reach).clamp(-1.0, 1.0), (centre + reach).clamp(-1.0, 1.0))
        }
    }
}

/// `below` says how far the low limit of one share lies below it.
fn square_and_add(point: f64, first: RealShare, second: RealShare, below: impl Fn(RealShare) -> f64) -> Interval {
    let (down, up) = (below(first).hypot(below(second.complement())), below(first.complement()).hypot(below(second)));
    Interval::holding(point, [point - down, point + up], [-1.0, 1.0])
}

fn agresti_caffo(first: &Share, second: &Share, z: f64) -> Interval {
    let [k1, f1, k2, f2] = [first.part(), first.complement().part(), second.part(), second.complement().part()]
        .map(|count| u128::from(count).saturating_add(1));
    let (n1, n2) = (k1.saturating_add(f1), k2.saturating_add(f2));
    let variance = |k: u128, f: u128, n: u128| {
        let [k, f, n] = [k, f, n].map(wide_count_to_f64);
        k / n * (f / n) / n
    };
    let centre = quotient_difference(k1, n1, k2, n2);
    let reach = z * (variance(k1, f1, n1) + variance(k2, f2, n2)).sqrt();
    Interval::ordered((centre - reach).clamp(-1.0, 1.0), (centre + reach).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHODS: [DifferenceMethod; 3] =
        [DifferenceMethod::Newcombe, DifferenceMethod::NewcombeCorrected, DifferenceMethod::AgrestiCaffo];

    #[test]
    fn extreme_confidence_and_counts_stay_in_range() {
        let shares = [(0, 1), (1, 1), (1, u64::MAX), (0, u64::MAX), (u64::MAX, u64::MAX), (u64::MAX - 1, u64::MAX), (5, 9)];
        for level in [f64::MIN_POSITIVE, 1e-9, 0.5, 1.0 - f64::EPSILON / 2.0] {
            let confidence = Confidence::new(level).unwrap();
            for (first, second) in shares.iter().flat_map(|first| shares.iter().map(move |second| (first, second))) {
                let (first, second) = (Share::new(first.0, first.1).unwrap(), Share::new(second.0, second.1).unwrap());
                for method in METHODS {
                    let difference = first.difference_with(&second, confidence, method);
                    let interval = difference.interval();
                    assert!(interval.low() >= -1.0 && interval.high() <= 1.0, "{difference}");
                    assert!(interval.contains(difference.point()) || method == DifferenceMethod::AgrestiCaffo, "{difference}");
                }
            }
        }
    }

    #[test]
    fn agresti_and_caffo_can_miss_what_a_handful_observed() {
        let (all, none) = (Share::new(1, 1).unwrap(), Share::new(0, 1).unwrap());
        let difference = all.difference_with(&none, Confidence::P90, DifferenceMethod::AgrestiCaffo);
        assert!(difference.interval().high() < difference.point());
        assert!(all.difference(&none, Confidence::P90).interval().contains(1.0));
    }
}
