//! Probabilities of counts: the binomial and the hypergeometric distribution.

use super::gamma::{ln_1p_remainder, stirling_remainder};

/// The logarithm of the probability that `k` of `k + rest` count where each does with probability `p`, and does not with `q = 1 - p`; both
/// above 0.
///
/// Source: C. Loader, "Fast and Accurate Computation of Binomial Probabilities" (2000): the deviance is summed without cancellation.
pub(crate) fn ln_binomial_probability(k: f64, rest: f64, p: f64, q: f64) -> f64 {
    let n = k + rest;
    if k <= 0.0 {
        return rest * ln_complement(q, p);
    }
    if rest <= 0.0 {
        return k * ln_complement(p, q);
    }
    let deviance = deviance(k, n, p) + deviance(rest, n, q);
    let correction = stirling_remainder(n) - stirling_remainder(k) - stirling_remainder(rest);
    correction - deviance - (core::f64::consts::TAU * k * (rest / n)).ln() / 2.0
}

/// The logarithm of the probability that `part` of a sample of `part + rest` count, drawn without replacement from `all_parts` that count
/// and `all_rests` that do not.
pub(crate) fn ln_hypergeometric_probability([part, rest]: [f64; 2], [all_parts, all_rests]: [f64; 2]) -> f64 {
    // The sample, and what is left, as draws with replacement; the common probability cancels.
    let (sample, all) = (part + rest, all_parts + all_rests);
    let left = [all_parts - part, all_rests - rest];
    let (p, q) = (sample / all, (left[0] + left[1]) / all);
    if q <= 0.0 || p <= 0.0 {
        return 0.0;
    }
    ln_binomial_probability(part, left[0], p, q) + ln_binomial_probability(rest, left[1], p, q)
        - ln_binomial_probability(sample, left[0] + left[1], p, q)
}

/// The logarithm of `p`, which is `1 - q`.
fn ln_complement(p: f64, q: f64) -> f64 {
    if q < 0.5 { (-q).ln_1p() } else { p.ln() }
}

/// `k ln(k / (n p)) + n p - k`, never negative.
fn deviance(k: f64, n: f64, p: f64) -> f64 {
    let expected = n * p;
    k * ln_1p_remainder(n.mul_add(p, -k) / k, expected / k)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_counts_are_those_of_pascal_s_triangle() {
        // 10 of 30 at 1/4: C(30, 10) 3^20 / 4^30.
        let expected = 30_045_015.0 * 3.0_f64.powi(20) / 4.0_f64.powi(30);
        assert!((ln_binomial_probability(10.0, 20.0, 0.25, 0.75) - expected.ln()).abs() < 1e-14);
        assert!((ln_binomial_probability(0.0, 3.0, 0.25, 0.75) - 3.0 * 0.75_f64.ln()).abs() < 1e-15);
        assert!((ln_binomial_probability(3.0, 0.0, 0.25, 0.75) - 3.0 * 0.25_f64.ln()).abs() < 1e-15);
        // Tea tasting: 3 of 4 right, C(4, 3) C(4, 1) / C(8, 4).
        assert!((ln_hypergeometric_probability([3.0, 1.0], [4.0, 4.0]) - (16.0_f64 / 70.0).ln()).abs() < 1e-14);
        assert!((ln_hypergeometric_probability([4.0, 0.0], [4.0, 4.0]) - (1.0_f64 / 70.0).ln()).abs() < 1e-14);
        assert!(ln_hypergeometric_probability([4.0, 4.0], [4.0, 4.0]).abs() <= 0.0);
    }

    /// Mpmath at 60 digits.
    #[test]
    fn large_counts_agree_with_mpmath() {
        for (k, rest, p, q, expected) in BINOMIAL {
            let got = ln_binomial_probability(k, rest, p, q);
            assert!((got - expected).abs() <= 2e-15 * f64::abs(expected), "{k} {rest} {p}: {got} is not {expected}");
        }
        for (sample, all, expected) in HYPERGEOMETRIC {
            let got = ln_hypergeometric_probability(sample, all);
            assert!((got - expected).abs() <= 1e-14 * f64::abs(expected), "{sample:?} {all:?}: {got} is not {expected}");
        }
    }

    const BINOMIAL: [(f64, f64, f64, f64, f64); 4] = [
        (500_050_000.0, 499_950_000.0, 0.5, 0.5, -15.587_424_274_701_266_355),
        (700.0, 300.0, 0.75, 0.25, -9.994_262_787_839_069_95),
        (3.0, 1_000_000_000_000.0, 0.25, 0.75, -287_682_072_374.838_506_64),
        (250_000_000_000.0, 750_000_000_500.0, 0.25, 0.75, -13.897_460_916_133_472_168),
    ];
    const HYPERGEOMETRIC: [([f64; 2], [f64; 2], f64); 3] = [
        ([90.0, 10.0], [150.0, 50.0], -14.461_228_611_795_606_044),
        ([5000.0, 5000.0], [10_100.0, 9900.0], -5.484_392_109_851_970_363_1),
        ([500_000_000.0, 500_000_000.0], [1_000_050_000.0, 999_950_000.0], -12.740_850_684_754_627_034),
    ];
}
