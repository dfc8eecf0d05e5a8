//! Intervals for one share.

use super::{Confidence, Estimate, Interval, ShareMethod};
use crate::decimal::count_to_f64;
use crate::share::Share;
use crate::special::Beta;

impl Share {
    /// Where the true share lies, by the score interval of Wilson, [`ShareMethod::Wilson`].
    ///
    /// It holds the share itself, stays within 0..=1 and is exactly 0 or 1 at that end where none or all count. Each end is
    /// within 1e-14 relative of the exact value for counts up to 2^53.
    #[must_use]
    pub fn interval(&self, confidence: Confidence) -> Interval {
        self.interval_by(ShareMethod::Wilson, confidence)
    }

    /// The share with its [interval](Self::interval).
    #[must_use]
    pub fn estimate(&self, confidence: Confidence) -> Estimate {
        self.estimate_by(ShareMethod::Wilson, confidence)
    }

    /// Where the true share lies, by a named method.
    ///
    /// It stays within 0..=1, and holds the share itself by every method but Jeffreys': the equal-tailed interval leaves it out at k = 0 and
    /// k = n, and both leave it out at confidences of a few percent, where the interval shrinks to the median of the posterior. For counts up
    /// to 2^53 each end is within 1e-13 relative of the exact value. (Near the point where Wald and Agresti-Coull are cut off at 0, the last
    /// digit of z alone moves the end by more.)
    ///
    /// ```
    /// use customer_metrics::{Confidence, Share, ShareMethod};
    ///
    /// let audited = Share::new(29, 30)?.interval_by(ShareMethod::ClopperPearson, Confidence::P95);
    /// assert_eq!(format!("{audited:.4}"), "0.8278 to 0.9992");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn interval_by(&self, method: ShareMethod, confidence: Confidence) -> Interval {
        let (below, above) = (Tail::of(*self), Tail::of(self.complement()));
        let (low, rest) = (below.end(method, confidence), above.end(method, confidence));
        let (low, high) = (low.value, rest.missing);
        let point = self.to_f64();
        // Where the interval is narrower than the spacing of doubles, rounding must not push an end past the share, nor the ends past each
        // other.
        if matches!(method, ShareMethod::JeffreysEqualTailed | ShareMethod::JeffreysModified) {
            return Interval::ordered(low.min(high).clamp(0.0, 1.0), high.max(low).clamp(0.0, 1.0));
        }
        Interval::ordered(low.clamp(0.0, point), high.clamp(point, 1.0))
    }

    /// The share with its [interval](Self::interval_by). Because an estimate's interval holds its point, an interval that leaves the share
    /// out (Jeffreys', equal-tailed at k = 0 and k = n, both at confidences of a few percent) is extended to it.
    ///
    /// ```
    /// use customer_metrics::{Confidence, Share, ShareMethod};
    ///
    /// let estimate = Share::new(24, 30)?.estimate_by(ShareMethod::ClopperPearson, Confidence::P95);
    /// assert_eq!(format!("{estimate:.3}"), "0.800 (0.614 to 0.923, 95% Clopper-Pearson, n = 30)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn estimate_by(&self, method: ShareMethod, confidence: Confidence) -> Estimate {
        let (point, interval) = (self.to_f64(), self.interval_by(method, confidence));
        let holding = Interval::ordered(interval.low().min(point), interval.high().max(point));
        Estimate::holding(point, holding, confidence, method.into(), self.whole())
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

/// `k` that count and `others` that do not; all formulas are for the low end.
struct Tail {
    k: f64,
    others: f64,
    n: f64,
}

impl Tail {
    fn of(share: Share) -> Self {
        Self { k: count_to_f64(share.part()), others: count_to_f64(share.complement().part()), n: count_to_f64(share.whole()) }
    }

    fn end(&self, method: ShareMethod, confidence: Confidence) -> End {
        let &Self { k, others, n } = self;
        let z = confidence.two_sided_z();
        match method {
            ShareMethod::Wilson | ShareMethod::WilsonCorrected | ShareMethod::ClopperPearson | ShareMethod::JeffreysModified
                if k <= 0.0 =>
            {
                End::ZERO
            }
            ShareMethod::Wilson => score(k, others, n, z),
            ShareMethod::WilsonCorrected => score(k - 0.5, others + 0.5, n, z),
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

/// The low root of `(k - n x)^2 = z^2 n x (1 - x)`.
fn score(k: f64, others: f64, n: f64, z: f64) -> End {
    let root = z * (k / n * others + z * z / 4.0).sqrt();
    // Both roots have the product k^2 / (n (n + z^2)). Dividing that by the high one, a sum of positive numbers, loses no digits where the
    // low one, as a difference, would.
    let value = k / n * k / (k + z * z / 2.0 + root);
    End { value, missing: (others + z * z / 2.0 + root) / (n + z * z) }
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
        for &method in ShareMethod::ALL {
            for level in [f64::MIN_POSITIVE, 1e-9, 0.5, 1.0 - f64::EPSILON / 2.0] {
                for (part, whole) in [(0, 1), (1, 1), (0, u64::MAX), (1, u64::MAX), (u64::MAX - 1, u64::MAX), (u64::MAX / 2, u64::MAX)] {
                    let share = Share::new(part, whole).unwrap();
                    let confidence = Confidence::new(level).unwrap();
                    let interval = share.interval_by(method, confidence);
                    assert!(interval.low() >= 0.0 && interval.high() <= 1.0, "{share} at {level} by {method}: {interval}");
                    assert!(share.estimate_by(method, confidence).interval().contains(share.to_f64()));
                }
            }
        }
    }

    #[test]
    fn only_the_posterior_itself_leaves_out_none_and_all() {
        for (part, whole) in [(0, 1), (1, 1), (0, 30), (30, 30), (0, u64::MAX), (u64::MAX, u64::MAX)] {
            let share = Share::new(part, whole).unwrap();
            for &method in ShareMethod::ALL {
                let held = share.interval_by(method, Confidence::P95).contains(share.to_f64());
                // Near 1 the interval may be narrower than the spacing of doubles.
                assert!(held || method == ShareMethod::JeffreysEqualTailed, "{share} by {method}");
            }
        }
        let none = Share::new(0, 30).unwrap();
        assert!(none.interval_by(ShareMethod::JeffreysEqualTailed, Confidence::P95).low() > 0.0);
        assert!(none.estimate_by(ShareMethod::JeffreysEqualTailed, Confidence::P95).interval().low() <= 0.0);
    }
}
