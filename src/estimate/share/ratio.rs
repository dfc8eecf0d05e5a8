//! The ratio of two shares.

use core::fmt;

use crate::decimal::{count_to_f64, wide_count_to_f64};
use crate::error::{Error, Result};
use crate::estimate::{Comparison, Confidence, Interval};
use crate::share::Share;

/// How the interval for the ratio of two shares was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum RatioMethod {
    /// The score interval of Koopman (1984): all ratios that Pearson's chi-square does not refuse. It needs no rule for a first share of 0.
    #[default]
    Koopman,
}

impl fmt::Display for RatioMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Koopman => f.write_str("Koopman"),
        }
    }
}

impl Share {
    /// This share over the other, of independent groups, with the score interval of Koopman: 1 if they are equal.
    ///
    /// ```text
    /// low, high: the ratios r at which
    /// |p1 - r p2| = z sqrt(p1' (1 - p1') / n1 + r^2 p2' (1 - p2') / n2)
    /// p1', p2' = the most likely shares among those with p1' = r p2'
    /// ```
    ///
    /// The ratio of the swapped groups has the reciprocal ends. The point is within 1e-15 relative, the ends are within 1e-13, for counts
    /// up to 2^53.
    ///
    /// Source: P. A. R. Koopman, "Confidence intervals for the ratio of two binomial proportions", Biometrics 40 (1984), 513-517;
    /// recommended by M. W. Fagerland, S. Lydersen and P. Laake, Statistical Methods in Medical Research 24 (2015), 224-254.
    ///
    /// ```
    /// use customer_metrics::{Confidence, Share};
    ///
    /// let (resolved, unresolved) = (Share::new(36, 40)?, Share::new(16, 80)?);
    /// let ratio = resolved.ratio(&unresolved, Confidence::P95)?;
    /// assert_eq!(format!("{ratio:.2}"), "4.50 (2.94 to 7.15, 95% Koopman, n = 40 and 80)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] if the other share is 0. If this one is not, the ratio of the swapped groups exists.
    pub fn ratio(&self, other: &Self, confidence: Confidence) -> Result<Comparison<RatioMethod>> {
        self.ratio_with(other, confidence, RatioMethod::default())
    }

    /// The same with the interval of this method.
    ///
    /// # Errors
    /// As [`ratio`](Self::ratio).
    pub fn ratio_with(&self, other: &Self, confidence: Confidence, method: RatioMethod) -> Result<Comparison<RatioMethod>> {
        if other.part() == 0 {
            return Err(Error::Undefined { metric: "ratio of shares", because: "the other share is 0" });
        }
        let score = Score::of(self, other);
        let (z, point) = (confidence.two_sided_z(), score.observed);
        let interval = match method {
            RatioMethod::Koopman if self.part() == 0 => Interval::ordered(0.0, score.ratio_at(score.solve(z, Direction::Up))),
            RatioMethod::Koopman => {
                let (down, up) = (score.solve(z, Direction::Down), score.solve(z, Direction::Up));
                Interval::ordered(score.ratio_at(down).min(point), score.ratio_at(up).max(point))
            }
        };
        Ok(Comparison::computed(point, interval, confidence, method, [self.whole(), other.whole()]))
    }
}

/// The score statistic of a ratio of shares, as a function of the logarithm of how far the ratio lies from a base.
struct Score {
    n1: f64,
    n2: f64,
    /// How many do not count in each group.
    f1: f64,
    f2: f64,
    /// The whole of one group and those who count in the other: `n1 + k2` and `n2 + k1`.
    first: f64,
    second: f64,
    /// How many count in both groups together.
    counting: f64,
    p1: f64,
    p2: f64,
    observed: f64,
    /// The observed ratio; where that is 0, the one that half a customer would give.
    base: f64,
    base_less_1: f64,
}

#[derive(Clone, Copy)]
enum Direction {
    Down,
    Up,
}

impl Score {
    fn of(first: &Share, second: &Share) -> Self {
        let [k1, n1, k2, n2] = [first.part(), first.whole(), second.part(), second.whole()].map(count_to_f64);
        let (p1, p2) = (first.to_f64(), second.to_f64());
        let product = |part: u64, whole: u64| wide_count_to_f64(u128::from(part).saturating_mul(u128::from(whole)));
        let observed = product(first.part(), second.whole()) / product(second.part(), first.whole());
        let (base, base_less_1) = if first.part() == 0 {
            let base = 0.5 / n1 * (n2 / k2);
            (base, base - 1.0)
        } else {
            (observed, first.minus(second) / p2)
        };
        let (f1, f2) = (count_to_f64(first.complement().part()), count_to_f64(second.complement().part()));
        Self { n1, n2, f1, f2, first: n1 + k2, second: n2 + k1, counting: k1 + k2, p1, p2, observed, base, base_less_1 }
    }

    fn ratio_at(&self, log: f64) -> f64 {
        self.base * log.exp()
    }

    /// How many standard errors the observed shares lie from the ratio `base x exp(log)`, in size.
    ///
    /// The most likely shares with that ratio solve a quadratic. It is solved for the shares and for their complements alike, from
    /// positive terms only, so that shares close to 1 keep their digits.
    fn distance(&self, log: f64) -> f64 {
        let Self { n1, n2, f1, f2, first, second, counting, p1, p2, .. } = *self;
        let (ratio, change) = (self.ratio_at(log), log.exp_m1());
        let ratio_less_1 = self.base_less_1 + self.base * change;
        // Equal sums: the first loses no digits where shares are small, the second none where they are close to 1.
        let (by_counts, by_rest) = ([first * ratio, -second], [(n1 + n2) * ratio_less_1, f1 - f2 * ratio]);
        let size = |terms: [f64; 2]| terms.into_iter().fold(0.0, |size, term| size + term.abs());
        let lead = if size(by_counts) <= size(by_rest) { by_counts } else { by_rest }.into_iter().sum::<f64>();
        let product = 4.0 * ratio * f1 * f2;
        let root = lead.hypot(product.sqrt());
        // Root plus lead and root less lead; their product is known.
        let larger = root + lead.abs();
        let smaller = if larger > 0.0 { product / larger } else { 0.0 };
        let (plus, minus) = if lead >= 0.0 { (larger, smaller) } else { (smaller, larger) };
        let twice = first * ratio + second + root;
        let (share, rest1, rest2) = (2.0 * counting / twice, (2.0 * f1 * ratio + minus) / twice, (2.0 * f2 + plus) / twice);
        let variance = ratio * share * (rest1 / n1 + ratio * rest2 / n2);
        let apart = if p1 > 0.0 { p1 * change.abs() } else { ratio * p2 };
        apart / variance.sqrt()
    }

    /// The logarithm, on one side of the base, at which the distance is `z`.
    fn solve(&self, z: f64, direction: Direction) -> f64 {
        let signed = |step: f64| match direction {
            Direction::Down => -step,
            Direction::Up => step,
        };
        if z <= 0.0 {
            // Confidence 0: the observed ratio and nothing else.
            return if self.p1 > 0.0 { 0.0 } else { f64::NEG_INFINITY };
        }
        let excess = |step: f64| self.distance(signed(step)) - z;
        let low = if self.p1 > 0.0 { (0.0, -z) } else { widen(-1.0, excess, |value| value < 0.0) };
        // The reach of a normal logarithm, to begin with.
        let spread = self.f1 / self.n1 / (self.n1 * self.p1).max(1.0) + self.f2 / self.n2 / (self.n2 * self.p2);
        let high = widen((z * spread.sqrt()).max(1e-12), excess, |value| value >= 0.0);
        signed(crossing(low, high, excess))
    }
}

/// Doubles `step` until the function is what it should be, and gives both.
fn widen(mut step: f64, function: impl Fn(f64) -> f64, enough: impl Fn(f64) -> bool) -> (f64, f64) {
    let mut value = function(step);
    for _ in 0..64 {
        if enough(value) {
            break;
        }
        step *= 2.0;
        value = function(step);
    }
    (step, value)
}

/// Where a rising function crosses 0 between two points with their values: regula falsi in the Illinois version, which halves the value
/// that stays, so that both ends move.
fn crossing(low: (f64, f64), high: (f64, f64), function: impl Fn(f64) -> f64) -> f64 {
    let ((mut low, mut below), (mut high, mut above)) = (low, high);
    let mut last_rose = None;
    let mut x = high;
    // A dozen steps as a rule; hundreds where a handful of answers meets a thousand million million at a confidence near 1.
    for _ in 0..1000 {
        let secant = high - above * (high - low) / (above - below);
        let next = if secant > low && secant < high { secant } else { low.midpoint(high) };
        let moved = (next - x).abs();
        x = next;
        if moved <= f64::EPSILON * x.abs() {
            break;
        }
        let value = function(x);
        let rose = value < 0.0;
        if rose {
            (low, below) = (x, value);
            if last_rose == Some(true) {
                above /= 2.0;
            }
        } else {
            (high, above) = (x, value);
            if last_rose == Some(false) {
                below /= 2.0;
            }
        }
        last_rose = Some(rose);
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(first: (u64, u64), second: (u64, u64), confidence: Confidence) -> Result<Comparison<RatioMethod>> {
        Share::new(first.0, first.1).unwrap().ratio(&Share::new(second.0, second.1).unwrap(), confidence)
    }

    #[test]
    fn a_ratio_to_nobody_does_not_exist_and_one_of_nobody_does() {
        let error = ratio((5, 10), (0, 10), Confidence::P95).unwrap_err();
        assert_eq!(error.to_string(), "ratio of shares is undefined: the other share is 0");
        let none = ratio((0, 10), (5, 10), Confidence::P95).unwrap();
        assert_eq!((none.point().to_bits(), none.interval().low().to_bits()), (0, 0));
        assert!(none.interval().high() > 0.0 && none.interval().high() < 1.0, "{none}");
    }

    #[test]
    fn unanimous_groups_have_a_width() {
        let all = ratio((10, 10), (20, 20), Confidence::P95).unwrap();
        let z = Confidence::P95.two_sided_z();
        // If all count in both groups, the equation is linear in the ratio.
        assert!((all.interval().high() - (1.0 + z * z / 20.0)).abs() < 1e-13, "{all}");
        assert!((all.interval().low() - 1.0 / (1.0 + z * z / 10.0)).abs() < 1e-13, "{all}");
    }

    #[test]
    fn extreme_confidence_and_counts_stay_finite() {
        let groups = [(0, 1), (1, 1), (1, u64::MAX), (0, u64::MAX), (u64::MAX, u64::MAX), (u64::MAX - 1, u64::MAX), (5, 9)];
        for level in [f64::MIN_POSITIVE, 1e-15, 1e-9, 0.5, 1.0 - f64::EPSILON / 2.0] {
            for (first, second) in groups.iter().flat_map(|first| groups.iter().map(move |second| (*first, *second))) {
                let Ok(ratio) = ratio(first, second, Confidence::new(level).unwrap()) else {
                    assert_eq!(second.0, 0);
                    continue;
                };
                assert!(ratio.interval().low() >= 0.0 && ratio.interval().high() < 1e45, "{ratio}");
                assert!(ratio.interval().contains(ratio.point()), "{ratio}");
            }
        }
    }
}
