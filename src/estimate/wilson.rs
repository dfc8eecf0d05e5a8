//! The score interval of Wilson for a share.

use super::{Confidence, Estimate, Interval, Method};
use crate::decimal::count_to_f64;
use crate::share::Share;

impl Share {
    /// Where the true share lies, by the score interval of Wilson (1927) without continuity correction.
    ///
    /// ```text
    /// low, high = (k + z^2/2 -/+ z sqrt(k (n - k) / n + z^2/4)) / (n + z^2)
    /// k = part, n = whole, z = normal quantile of (1 + confidence) / 2
    /// ```
    ///
    /// It holds the share itself, stays within 0..=1 and is exactly 0 or 1 at that end where none or all count. Each end is
    /// within 1e-14 relative of the exact value for counts up to 2^53.
    ///
    /// Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927), 209-212;
    /// recommended for general use by Brown, Cai and DasGupta, Statistical Science 16 (2001), 101-133.
    #[must_use]
    pub fn interval(&self, confidence: Confidence) -> Interval {
        let (k, n, z) = (count_to_f64(self.part()), count_to_f64(self.whole()), confidence.two_sided_z());
        let others = count_to_f64(self.complement().part());
        let upper = k + z * z / 2.0 + z * (k / n * others + z * z / 4.0).sqrt();
        // Both ends are the roots of a quadratic with the product k^2 / (n (n + z^2)). Dividing that by the high root, a sum of positive
        // numbers, loses no digits where the low root, as a difference, would.
        let low = if self.part() == 0 { 0.0 } else { k / n * k / upper };
        let high = if others > 0.0 { upper / (n + z * z) } else { 1.0 };
        // Where the interval is narrower than the spacing of doubles, rounding must not push an end past the share.
        Interval::ordered(low.clamp(0.0, self.to_f64()), high.clamp(self.to_f64(), 1.0))
    }

    /// The share with its [interval](Self::interval).
    #[must_use]
    pub fn estimate(&self, confidence: Confidence) -> Estimate {
        let (point, interval) = (self.to_f64(), self.interval(confidence));
        Estimate::holding(point, interval, confidence, Method::Wilson, self.whole())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_and_all_touch_the_edge_and_only_that_one() {
        let none = Share::new(0, 10).unwrap().interval(Confidence::P95);
        let all = Share::new(10, 10).unwrap().interval(Confidence::P95);
        assert_eq!(none.low().to_bits(), 0.0_f64.to_bits());
        assert_eq!(all.high().to_bits(), 1.0_f64.to_bits());
        // Z^2 / (n + z^2) with z = 1.959963984540054.
        assert!((none.high() - 0.277_532_799_862_889_4).abs() < 1e-15);
        assert!((all.low() - (1.0 - none.high())).abs() < 1e-15);
    }

    #[test]
    fn extreme_confidence_and_counts_stay_in_range() {
        for level in [f64::MIN_POSITIVE, 1e-9, 0.5, 1.0 - f64::EPSILON / 2.0] {
            for (part, whole) in [(0, 1), (1, 1), (1, u64::MAX), (u64::MAX - 1, u64::MAX), (u64::MAX / 2, u64::MAX)] {
                let share = Share::new(part, whole).unwrap();
                let interval = share.interval(Confidence::new(level).unwrap());
                assert!(interval.low() >= 0.0 && interval.high() <= 1.0, "{share} at {level}: {interval}");
                assert!(interval.contains(share.to_f64()));
            }
        }
    }
}
