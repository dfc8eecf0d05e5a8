//! Quantiles of the gamma distribution.

use super::gamma_tail::Point;
use super::ln_gamma::{ln_gamma, ln_gamma_1p};
use super::normal::normal_quantile;

/// Three steps are usual. The bracket shrinks where a step would leave it, so that the last double is reached in fewer than this.
const MOST_STEPS: u32 = 200;

/// Once the logarithm of the tail is as near as this, one more step of third order reaches the last digits.
const NEAR: f64 = 1e-6;

/// The point below which the probability is `tail`, strictly between 0 and 1, of a gamma variable with this shape and scale 1.
pub(crate) fn gamma_lower_quantile(shape: f64, tail: f64) -> f64 {
    quantile(shape, tail, false)
}

/// The point above which the probability is `tail`, strictly between 0 and 1.
pub(crate) fn gamma_upper_quantile(shape: f64, tail: f64) -> f64 {
    quantile(shape, tail, true)
}

/// Newton's method, and close by Halley's, on the logarithm of the tail over the logarithm of the point, in which both tails of a gamma
/// distribution are log-concave; a bracket holds the steps in.
fn quantile(a: f64, tail: f64, upper: bool) -> f64 {
    let (mut low, mut high) = (f64::MIN_POSITIVE, f64::MAX);
    let mut x = start(a, tail, upper).clamp(low, high);
    let (ln_target, rising) = (tail.ln(), if upper { -1.0 } else { 1.0 });
    for _ in 0..MOST_STEPS {
        let at = Point { a, x };
        let ln_tail = at.ln_tail(upper);
        let miss = ln_tail - ln_target;
        if miss * rising < 0.0 {
            low = x;
        } else {
            high = x;
        }
        let slope = rising * (at.ln_density() - ln_tail).exp();
        // The second derivative of the logarithm of the tail, over the first.
        let curvature = a - x - slope;
        let newton = miss / slope;
        let step = if miss.abs() < 1.0 { newton / (1.0 - newton * curvature / 2.0).max(0.5) } else { newton };
        let next = x * (-step).exp();
        let settled = miss.abs() <= NEAR || step.abs() <= f64::EPSILON;
        x = if next > low && next < high {
            next
        } else if settled {
            x
        } else {
            // The middle of the logarithms.
            low.sqrt() * high.sqrt()
        };
        if settled {
            break;
        }
    }
    x
}

/// A point near the quantile.
fn start(a: f64, tail: f64, upper: bool) -> f64 {
    // The first term of the series of the lower tail.
    let ln_lower = if upper { (-tail).ln_1p() } else { tail.ln() };
    let first_term = || ((ln_lower + if a < 1.0 { ln_gamma_1p(a) } else { ln_gamma(a) + a.ln() }) / a).exp();
    if a < 0.5 {
        return first_term();
    }
    // E. B. Wilson and M. M. Hilferty, "The Distribution of Chi-square", PNAS 17 (1931), 684-688.
    let z = if upper { -normal_quantile(tail) } else { normal_quantile(tail) };
    let root = 1.0 - 1.0 / (9.0 * a) + z / (3.0 * a.sqrt());
    if root > 0.2 { a * root * root * root } else { first_term() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::accuracy::{gamma_rows, gamma_tolerance, relative_error};

    #[test]
    fn quantiles_agree_with_mpmath() {
        let mut checked = 0;
        for row in gamma_rows() {
            // A tail near 1 no longer determines the point.
            for (tail, upper) in [(row.lower, false), (row.upper, true)] {
                if (1e-300..0.6).contains(&tail) {
                    let got = quantile(row.a, tail, upper);
                    assert!(relative_error(got, row.x) <= gamma_tolerance(tail) / row.a.clamp(0.01, 1.0), "{row:?}: {got:e} at {tail:e}");
                    checked += 1;
                }
            }
        }
        assert!(checked > 150, "{checked}");
    }

    #[test]
    fn every_tail_of_every_shape_has_a_quantile() {
        for a in [1e-3, 0.3, 0.5, 1.0, 1.5, 40.0, 99.0, 101.0, 1e4, 1e9, 1e18] {
            for tail in [1e-300, 1e-17, 1e-5, 0.025, 0.3, 0.5, 0.9, 0.999] {
                for upper in [false, true] {
                    let x = quantile(a, tail, upper);
                    assert!(x >= 0.0 && x.is_finite(), "{a} {tail} {upper}: {x}");
                    let back = Point { a, x }.ln_tail(upper);
                    // Next to the smallest double is as near as doubles come.
                    assert!(
                        x < 1e-300 || (back - tail.ln()).abs() < 1e-8 * (1.0 + tail.ln().abs()) * a.max(1e15) / 1e15,
                        "{a} {tail} {upper}: {x} {back}"
                    );
                }
            }
        }
    }
}
