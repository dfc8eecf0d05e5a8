//! Intervals for one share.

use super::real_share::RealShare;
use crate::estimate::{Confidence, Estimate, Interval, ShareMethod};
use crate::share::Share;

impl Share {
    /// Where the true share lies, by the score interval of Wilson, [`ShareMethod::Wilson`].
    ///
    /// It holds the share itself, stays within 0..=1 and is exactly 0 or 1 at that end where none or all count. Each end is
    /// within 1e-14 relative of the exact value for counts up to 2^53.
    #[must_use]
    pub fn interval(&self, confidence: Confidence) -> Interval {
        self.interval_with(confidence, ShareMethod::Wilson)
    }

    /// The share with its [interval](Self::interval).
    #[must_use]
    pub fn estimate(&self, confidence: Confidence) -> Estimate {
        self.estimate_with(confidence, ShareMethod::Wilson)
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
    /// let audited = Share::new(29, 30)?.interval_with(Confidence::P95, ShareMethod::ClopperPearson);
    /// assert_eq!(format!("{audited:.4}"), "0.8278 to 0.9992");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn interval_with(&self, confidence: Confidence, method: ShareMethod) -> Interval {
        RealShare::of(self).interval(method, confidence)
    }

    /// The share with its [interval](Self::interval_with). Because an estimate's interval holds its point, an interval that leaves the share
    /// out (Jeffreys', equal-tailed at k = 0 and k = n, both at confidences of a few percent) is extended to it.
    ///
    /// ```
    /// use customer_metrics::{Confidence, Share, ShareMethod};
    ///
    /// let estimate = Share::new(24, 30)?.estimate_with(Confidence::P95, ShareMethod::ClopperPearson);
    /// assert_eq!(format!("{estimate:.3}"), "0.800 (0.614 to 0.923, 95% Clopper-Pearson, n = 30)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn estimate_with(&self, confidence: Confidence, method: ShareMethod) -> Estimate {
        let interval = RealShare::of(self).interval_with_point(method, confidence);
        Estimate::holding(self.to_f64(), interval, confidence, method.into(), self.whole()).with_caution(self.caution(method))
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
        for &method in ShareMethod::ALL {
            for level in [f64::MIN_POSITIVE, 1e-9, 0.5, 1.0 - f64::EPSILON / 2.0] {
                for (part, whole) in [(0, 1), (1, 1), (0, u64::MAX), (1, u64::MAX), (u64::MAX - 1, u64::MAX), (u64::MAX / 2, u64::MAX)] {
                    let share = Share::new(part, whole).unwrap();
                    let confidence = Confidence::new(level).unwrap();
                    let interval = share.interval_with(confidence, method);
                    assert!(interval.low() >= 0.0 && interval.high() <= 1.0, "{share} at {level} by {method}: {interval}");
                    assert!(share.estimate_with(confidence, method).interval().contains(share.to_f64()));
                }
            }
        }
    }

    #[test]
    fn only_the_posterior_itself_leaves_out_none_and_all() {
        for (part, whole) in [(0, 1), (1, 1), (0, 30), (30, 30), (0, u64::MAX), (u64::MAX, u64::MAX)] {
            let share = Share::new(part, whole).unwrap();
            for &method in ShareMethod::ALL {
                let held = share.interval_with(Confidence::P95, method).contains(share.to_f64());
                // Near 1 the interval may be narrower than the spacing of doubles.
                assert!(held || method == ShareMethod::JeffreysEqualTailed, "{share} by {method}");
            }
        }
        let none = Share::new(0, 30).unwrap();
        assert!(none.interval_with(Confidence::P95, ShareMethod::JeffreysEqualTailed).low() > 0.0);
        assert!(none.estimate_with(Confidence::P95, ShareMethod::JeffreysEqualTailed).interval().low() <= 0.0);
    }
}
