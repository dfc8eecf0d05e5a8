//! Quantiles of the beta distribution.

use super::beta::{Beta, Parts};
use super::normal::normal_quantile;

/// Three steps are usual. The bracket halves where a step would leave it, so that the last double is reached in fewer than this.
const MOST_STEPS: u32 = 200;

/// The logit of the smallest positive double.
const FARTHEST_LOGIT: f64 = 744.0;

/// Once the logarithm of the tail is as near as this, one more step of third order reaches the last digits.
const NEAR: f64 = 1e-6;

impl Beta {
    /// The point below which the probability is `tail`, strictly between 0 and 1.
    ///
    /// Newton's method, and close by Halley's, on the logarithm of the tail over the logit of the point. There the tail of a beta
    /// distribution is log-concave, so that the steps rise to the quantile once they are below it; a bracket holds them in.
    pub(crate) fn quantile(&self, tail: f64) -> Parts {
        let (mut low, mut high) = (-FARTHEST_LOGIT, FARTHEST_LOGIT);
        let mut logit = self.start(tail).clamp(low, high);
        for _ in 0..MOST_STEPS {
            let at = Parts::from_logit(logit);
            let (lower, density) = self.lower_tail_and_density(at);
            let miss = (lower / tail).ln();
            if miss < 0.0 {
                low = logit;
            } else {
                high = logit;
            }
            let slope = density / lower;
            // The second derivative of the logarithm of the tail, over the first.
            let curvature = self.a * at.y - self.b * at.x - slope;
            let newton = miss / slope;
            let step = if miss.abs() < 1.0 { newton / (1.0 - newton * curvature / 2.0).max(0.5) } else { newton };
            let next = logit - step;
            let settled = miss.abs() <= NEAR || step.abs() <= f64::EPSILON * logit.abs().max(1.0);
            logit = if next > low && next < high {
                next
            } else if settled {
                logit
            } else {
                f64::midpoint(low, high)
            };
            if settled {
                break;
            }
        }
        Parts::from_logit(logit)
    }

    /// A logit near that of the quantile.
    fn start(&self, tail: f64) -> f64 {
        let &Self { a, b, .. } = self;
        if b <= 1.0 {
            // The quantile for b = 1.
            return -(-tail.ln() / a).exp_m1().ln();
        }
        if a <= 1.0 {
            // The first term of the series.
            let ln_x = (tail.ln() + a.ln() + self.ln_function()) / a;
            return ln_x - (-ln_x.min(-f64::EPSILON).exp()).ln_1p();
        }
        // Abramowitz and Stegun, Handbook of Mathematical Functions, 26.5.22.
        let z = -normal_quantile(tail);
        let (inverse_a, inverse_b) = (1.0 / (2.0 * a - 1.0), 1.0 / (2.0 * b - 1.0));
        let h = 2.0 / (inverse_a + inverse_b);
        let l = (z * z - 3.0) / 6.0;
        let w = z * (h + l).max(0.0).sqrt() / h - (inverse_b - inverse_a) * (l + 5.0 / 6.0 - 2.0 / (3.0 * h));
        (a / b).ln() - 2.0 * w
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::accuracy::{beta_rows, relative_error};

    #[test]
    fn quantiles_agree_with_mpmath() {
        let mut checked = 0;
        for row in beta_rows() {
            // The larger tail, near 1, no longer determines the point.
            for (lower, a, b, at) in [(row.lower, row.a, row.b, row.at), (row.upper, row.b, row.a, row.mirrored())] {
                if lower > 0.6 {
                    continue;
                }
                let got = Beta::new(a, b).quantile(lower);
                let tolerance = row.tolerance(at.x.min(at.y)) / a.min(b).clamp(0.1, 1.0);
                assert!(relative_error(got.x, at.x) <= tolerance, "{row:?}: {got:?} at {lower:e}");
                assert!(relative_error(got.y, at.y) <= tolerance, "{row:?}: {got:?} at {lower:e}");
                checked += 1;
            }
        }
        assert!(checked > 200);
    }

    #[test]
    fn every_tail_of_every_shape_has_a_quantile() {
        let shapes = [1e-3, 0.3, 0.5, 1.0, 1.5, 40.0, 1e4, 1e9, 1e18, 1.8e19];
        for a in shapes {
            for b in shapes {
                let beta = Beta::new(a, b);
                for tail in [1e-300, 1e-17, 1e-5, 0.025, 0.3, 0.5, 0.9] {
                    let Parts { x, y } = beta.quantile(tail);
                    assert!((0.0..=1.0).contains(&x) && (0.0..=1.0).contains(&y), "{a}, {b}, {tail}: {x} {y}");
                    let back = beta.lower_tail_and_density(Parts { x, y }).0;
                    // A point next to 0 or 1 is as near as doubles come.
                    let at_an_end = x < 1e-300 || y < 1e-300;
                    assert!(
                        at_an_end || (back / tail).ln().abs() < 1e-6 * (1.0 + tail.ln().abs()) * a.max(b).max(1e9) / 1e9,
                        "{a}, {b}, {tail}: {back}"
                    );
                }
            }
        }
    }
}
