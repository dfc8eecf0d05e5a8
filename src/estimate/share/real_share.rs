//! The limits of one share by every method, for counts and for the effective counts of a weighted or stratified survey alike.

use crate::decimal::count_to_f64;
use crate::estimate::{Confidence, Interval, ShareMethod};
use crate::share::Share;
use crate::special::Beta;

/// `k` that count and `others` that do not, of `n`: whole numbers, or what is effectively left of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RealShare {
    k: f64,
    others: f64,
    n: f64,
}

impl RealShare {
    /// `k + others = n`, each finite and not negative, `n` above 0.
    pub(crate) fn new(k: f64, others: f64, n: f64) -> Self {
        debug_assert!(k >= 0.0 && others >= 0.0 && n > 0.0 && n.is_finite(), "{k} and {others} of {n}");
        Self { k, others, n }
    }

    pub(crate) fn of(share: &Share) -> Self {
        Self::new(count_to_f64(share.part()), count_to_f64(share.complement().part()), count_to_f64(share.whole()))
    }

    /// The share of the same value, as sure as `n` answers make it.
    pub(crate) fn at_size(&self, n: f64) -> Self {
        let factor = n / self.n;
        Self::new(self.k * factor, self.others * factor, n)
    }

    pub(crate) fn complement(&self) -> Self {
        Self { k: self.others, others: self.k, n: self.n }
    }

    /// The share with one answer of each kind more.
    pub(super) fn with_one_of_each(&self) -> Self {
        Self { k: self.k + 1.0, others: self.others + 1.0, n: self.n + 2.0 }
    }

    /// `p q / n`.
    pub(super) fn variance(&self) -> f64 {
        self.k / self.n * (self.others / self.n) / self.n
    }

    /// How many answers of the rarer kind there are.
    pub(crate) fn rarer(&self) -> f64 {
        self.k.min(self.others)
    }

    pub(crate) fn point(&self) -> f64 {
        self.k / self.n
    }

    /// What the interval is by this method, within 0..=1.
    pub(crate) fn interval(&self, method: ShareMethod, confidence: Confidence) -> Interval {
        let (low, high) = (self.low(method, confidence).value, self.complement().low(method, confidence).missing);
        let point = self.point().clamp(0.0, 1.0);
        // Where the interval is narrower than the spacing of doubles, rounding must not push an end past the share, nor the ends past each
        // other.
        if matches!(method, ShareMethod::JeffreysEqualTailed | ShareMethod::JeffreysModified) {
            return Interval::ordered(low.min(high).clamp(0.0, 1.0), high.max(low).clamp(0.0, 1.0));
        }
        Interval::holding(point, [low, high], [0.0, 1.0])
    }

    /// The same, extended to the share where it leaves it out.
    pub(crate) fn interval_with_point(&self, method: ShareMethod, confidence: Confidence) -> Interval {
        let (point, interval) = (self.point().clamp(0.0, 1.0), self.interval(method, confidence));
        Interval::ordered(interval.low().min(point), interval.high().max(point))
    }

    /// How far the Wilson limit lies below the share, without the cancellation of subtracting it.
    pub(crate) fn below_wilson(&self, z: f64) -> f64 {
        if self.k <= 0.0 { 0.0 } else { Score::of(self, z).below() }
    }

    /// How far the continuity-corrected Wilson limit lies below the share: that of half an answer less lies below the share of half an answer
    /// less, and that below the share.
    pub(crate) fn below_corrected_wilson(&self, z: f64) -> f64 {
        if self.k <= 0.5 { self.point() } else { 0.5 / self.n + Score::of(&self.half_less(), z).below() }
    }

    /// The centre of Wilson's interval, and its squared reach over `z^2`, if only a part of the `z^2` answers is added and one answer varies by
    /// so much more than it shows.
    pub(crate) fn wilson_with_part_of_z(&self, z: f64, part: f64, more: f64) -> (f64, f64) {
        let added = z * z * part;
        let wide = self.n + added;
        let root = ((self.k / self.n * self.others + self.n * more + added / 4.0).sqrt()) / wide;
        ((self.k + added / 2.0) / wide, root * root)
    }

    fn half_less(&self) -> Self {
        Self { k: self.k - 0.5, others: self.others + 0.5, n: self.n }
    }

    fn low(&self, method: ShareMethod, confidence: Confidence) -> End {
        let &Self { k, others, n } = self;
        let z = confidence.two_sided_z();
        match method {
            ShareMethod::Wilson | ShareMethod::ClopperPearson | ShareMethod::JeffreysModified if k <= 0.0 => End::ZERO,
            ShareMethod::WilsonCorrected if k <= 0.5 => End::ZERO,
            ShareMethod::Wilson => Score::of(self, z).low(),
            ShareMethod::WilsonCorrected => Score::of(&self.half_less(), z).low(),
            ShareMethod::AgrestiCoull => {
                let wide = n + z * z;
                let half = z * z / 2.0;
                around((k + half) / wide, (others + half) / wide, wide, z)
            }
            ShareMethod::ClopperPearson => quantile(k, others + 1.0, confidence),
            ShareMethod::JeffreysEqualTailed | ShareMethod::JeffreysModified => quantile(k + 0.5, others + 0.5, confidence),
            ShareMethod::Wald => around(k / n, others / n, n, z),
        }
    }
}

/// The low end of an interval, and what it is short of 1: for the mirrored share, that is the high end.
struct End {
    value: f64,
    missing: f64,
}

impl End {
    const ZERO: Self = Self { value: 0.0, missing: 1.0 };
}

/// The low root of `(k - n x)^2 = z^2 n x (1 - x)`.
struct Score {
    k: f64,
    others: f64,
    n: f64,
    z: f64,
    /// `sqrt(n p q + z^2/4)`.
    root: f64,
}

impl Score {
    fn of(&RealShare { k, others, n }: &RealShare, z: f64) -> Self {
        Self { k, others, n, z, root: (k / n * others + z * z / 4.0).sqrt() }
    }

    fn low(&self) -> End {
        let &Self { k, others, n, z, root } = self;
        // Both roots have the product k^2 / (n (n + z^2)). Dividing that by the high one, a sum of positive numbers, loses no digits where
        // the low one, as a difference, would.
        let value = k / n * k / (k + z * z / 2.0 + z * root);
        End { value, missing: (others + z * z / 2.0 + z * root) / (n + z * z) }
    }

    /// How far it lies below `k / n`.
    fn below(&self) -> f64 {
        let &Self { k, others, n, z, root } = self;
        let to_half = (others - k) / (2.0 * n);
        // The two are equal; each is made of positive terms where it is used.
        if to_half >= 0.0 { z * (k / n) * (others / n) / (root + z * to_half) } else { z * (root - z * to_half) / (n + z * z) }
    }
}

/// `p - z sqrt(p q / n)`, at least 0.
fn around(p: f64, q: f64, n: f64, z: f64) -> End {
    let half = z * (p * q / n).sqrt();
    // The difference as that of squares over the sum.
    let value = if p > 0.0 { p * (p - z * z * q / n) / (p + half) } else { 0.0 };
    if value > 0.0 { End { value, missing: (q + half).min(1.0) } } else { End::ZERO }
}

fn quantile(a: f64, b: f64, confidence: Confidence) -> End {
    let parts = Beta::new(a, b).quantile(confidence.tail());
    End { value: parts.x, missing: parts.y }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_to_the_limits() {
        for (part, whole) in [(0, 7), (1, 7), (3, 7), (4, 8), (6, 7), (7, 7), (1, 1_000_000), (999_999, 1_000_000)] {
            let share = Share::new(part, whole).unwrap();
            for confidence in [Confidence::P90, Confidence::P95, Confidence::P99] {
                let (counts, z) = (RealShare::of(&share), confidence.two_sided_z());
                let limits = [ShareMethod::Wilson, ShareMethod::WilsonCorrected].map(|method| counts.interval(method, confidence));
                let below = [counts.below_wilson(z), counts.below_corrected_wilson(z)];
                let above = [counts.complement().below_wilson(z), counts.complement().below_corrected_wilson(z)];
                for ((limits, below), above) in limits.into_iter().zip(below).zip(above) {
                    assert!((counts.point() - below - limits.low()).abs() < 1e-15, "{share} at {confidence}");
                    assert!((counts.point() + above - limits.high()).abs() < 1e-15, "{share} at {confidence}");
                }
                assert!(below[0] <= below[1]);
            }
        }
    }

    /// Newcombe (1998a), table I: the corrected limits of 81 of 263, 15 of 148, 0 of 20 and 1 of 29.
    #[test]
    fn corrected_distances_are_the_published_ones() {
        for (part, whole, low, high) in
            [(81, 263, 0.2535, 0.3682), (15, 148, 0.0598, 0.1644), (0, 20, 0.0, 0.2005), (1, 29, 0.0018, 0.1963)]
        {
            let (counts, z) = (RealShare::of(&Share::new(part, whole).unwrap()), Confidence::P95.two_sided_z());
            assert!((counts.point() - counts.below_corrected_wilson(z) - low).abs() < 5.1e-5);
            assert!((counts.point() + counts.complement().below_corrected_wilson(z) - high).abs() < 5.1e-5);
        }
    }

    /// Between two counts an interval lies between theirs, by every method and down to nothing.
    #[test]
    fn parts_of_an_answer_lie_between_the_counts() {
        for &method in ShareMethod::ALL {
            let at = |k: f64| RealShare::new(k, 20.0 - k, 20.0).interval(method, Confidence::P95);
            for step in 1..400 {
                let (less, more) = (at(f64::from(step - 1) / 20.0), at(f64::from(step) / 20.0));
                let both_move = less.low() <= more.low() && less.high() <= more.high();
                // Wald and Agresti-Coull widen towards the middle, and are cut off at 0.
                assert!(both_move || matches!(method, ShareMethod::Wald | ShareMethod::AgrestiCoull), "{method} at {step}: {less}, {more}");
            }
        }
    }

    #[test]
    fn the_smallest_effective_counts_stay_in_range() {
        for &method in ShareMethod::ALL {
            for n in [1e-300, 1e-9, 0.5, 1.0, 1e18] {
                for part in [0.0, 1e-18, 1e-9, 0.3, 0.5, 1.0] {
                    for level in [1e-9, 0.5, 0.95, 1.0 - f64::EPSILON / 2.0] {
                        let share = RealShare::new(part * n, (1.0 - part) * n, n);
                        let interval = share.interval_with_point(method, Confidence::new(level).unwrap());
                        let held = interval.low() >= 0.0 && interval.high() <= 1.0 && interval.contains(share.point());
                        assert!(held, "{share:?} at {level} by {method}: {interval}");
                    }
                }
            }
        }
    }
}
