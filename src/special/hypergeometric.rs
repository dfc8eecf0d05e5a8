//! Gauss's hypergeometric function where all terms are positive.

use super::beta::Parts;
use super::beta_mean::ln_beta_mean;

/// A series of more terms than about so many is slower than the integral.
const MOST_TERMS: f64 = 4_000.0;

/// Sums are kept below this.
const LARGEST: f64 = 1e280;

/// The logarithm of Gauss's hypergeometric function of positive parameters at a point of 0..1.
///
/// ```text
/// 2F1(a, b; c; z) = sum over k of (a)_k (b)_k / ((c)_k k!) z^k,  a, b > 0,  c > min(a, b),  z = at.x,  1 - z = at.y > 0
/// ```
///
/// The value may be far above the largest double. Where the series converges in reasonable time it is summed, after Euler's transformation
/// if that makes its terms smaller; elsewhere, near 1 or at large parameters, Euler's integral is taken:
///
/// ```text
/// 2F1(a, b; c; z) = (1 - z)^(c - a - b) 2F1(c - a, c - b; c; z) = mean of (1 - z p)^-a over p ~ Beta(b, c - b)
/// ```
///
/// Source: NIST Digital Library of Mathematical Functions, 15.2.1, 15.8.1 and 15.6.1.
pub(crate) fn ln_hypergeometric(a: f64, b: f64, c: f64, at: Parts) -> f64 {
    let (a, b, outside) = if a + b > c && c > a && c > b { (c - a, c - b, (c - a - b) * at.y.ln()) } else { (a.max(b), a.min(b), 0.0) };
    if let Some(ln) = ln_series(a, b, c, at) {
        return outside + ln;
    }
    let (a, b) = (a.max(b), a.min(b));
    outside + ln_beta_mean(b, c - b, |p| -a * (p.y + p.x * at.y).ln())
}

/// The logarithm of the sum of the series, if it takes few terms.
fn ln_series(a: f64, b: f64, c: f64, Parts { x: z, y }: Parts) -> Option<f64> {
    // The largest term is where (a + k)(b + k) z = (c + k)(1 + k).
    let half = (c + 1.0 - (a + b) * z) / 2.0;
    let rest = c - a * b * z;
    let root = (half * half - y * rest).max(0.0).sqrt();
    let largest = ((root - half) / y).max(0.0);
    if largest + 10.0 * (largest / y).sqrt() + 40.0 / y > MOST_TERMS {
        return None;
    }
    let (mut sum, mut term, mut scale, mut k) = (1.0_f64, 1.0_f64, 0.0, 0.0_f64);
    while k < 10.0 * MOST_TERMS {
        let ratio = (a + k) / (c + k) * ((b + k) / (k + 1.0)) * z;
        term *= ratio;
        sum += term;
        k += 1.0;
        // From here on the ratio lies between this one and z.
        let bound = ratio.max(z);
        if bound < 1.0 && term * bound <= f64::EPSILON / 16.0 * sum * (1.0 - bound) {
            return Some(scale + sum.ln());
        }
        if sum > LARGEST {
            (sum, term, scale) = (sum / LARGEST, term / LARGEST, scale + LARGEST.ln());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::accuracy::rows;

    #[test]
    fn it_agrees_with_mpmath() {
        let rows = rows(include_str!("../../tests/data/special_hypergeometric.json"), ["a", "b", "c", "y", "ln"]);
        assert!(rows.len() >= 70);
        for [a, b, c, y, expected] in rows {
            let at = Parts { x: 1.0 - y, y };
            let got = ln_hypergeometric(a, b, c, at);
            let error = (got - expected).abs() / expected.abs().max(1.0);
            assert!(error <= 5e-14, "{a}, {b}, {c}, 1 - {y}: {got} is not {expected}, {error:e}");
        }
    }

    #[test]
    fn series_and_integral_meet() {
        for (a, b, c) in [(0.5, 1.5, 2.25), (40.0, 3.0, 41.5), (1.0, 900.0, 1_000.0), (1e-3, 1.0, 1.001), (700.0, 650.0, 1_500.0)] {
            for y in [0.3, 0.05] {
                let at = Parts { x: 1.0 - y, y };
                let series = ln_series(a, b, c, at).unwrap();
                let integral = ln_beta_mean(f64::min(a, b), c - f64::min(a, b), |p| -f64::max(a, b) * (p.y + p.x * y).ln());
                assert!((series - integral).abs() <= 5e-14 * series.max(1.0), "{a}, {b}, {c}, {y}: {series} and {integral}");
            }
        }
    }

    #[test]
    fn where_the_third_parameter_rounds_to_the_second_it_is_a_power() {
        for b in [5e5, 9.9e5] {
            for y in [1e-3, 1e-9] {
                let (got, expected) = (ln_hypergeometric(1e6, b, b + 1e-12, Parts { x: 1.0 - y, y }), -1e6 * y.ln());
                assert!((got - expected).abs() <= 1e-13 * expected, "{b}, {y}: {got} is not {expected}");
            }
        }
    }

    #[test]
    fn it_is_finite_far_from_home() {
        for (a, b, c) in [(1e4, 1e4, 2e4), (1e-12, 1e9, 1e9 + 1.0), (1e9, 1e-12, 1e9), (1e6, 3.0, 4.0)] {
            for y in [1.0, 0.5, 1e-3, 1e-12] {
                let ln = ln_hypergeometric(a, b, c, Parts { x: 1.0 - y, y });
                assert!(ln.is_finite() && ln >= -1e-13, "{a}, {b}, {c}, {y}: {ln}");
            }
        }
    }
}
