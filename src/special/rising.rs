//! How the logarithm of the gamma function and its derivatives grow from `a` to `a + k`.

use super::gamma::stirling_remainder;
use crate::decimal::count_to_f64;

/// Up to so many factors are multiplied out.
const FACTORS: u64 = 24;

/// From here on the asymptotic series below are exact to the last digits.
const SERIES_FROM: f64 = 16.0;

/// B(2k) / (2k): the coefficients of z^(-2k) in `ln z - 1/(2z) - digamma(z)`.
const DIGAMMA: [f64; 6] = [1.0 / 12.0, -1.0 / 120.0, 1.0 / 252.0, -1.0 / 240.0, 1.0 / 132.0, -691.0 / 32_760.0];

/// B(2k): the coefficients of z^(-2k-1) in `trigamma(z) - 1/z - 1/(2 z^2)`.
const TRIGAMMA: [f64; 6] = [1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2_730.0];

/// The rising factorial `a (a + 1) ... (a + k - 1)` in logarithms, with its derivatives in `a`.
///
/// ```text
/// ln      ln gamma(a + k) - ln gamma(a)
/// first   digamma(a + k)  - digamma(a),   the sum of   1 / (a + i)
/// second  trigamma(a + k) - trigamma(a),  the sum of - 1 / (a + i)^2,   i = 0 ... k - 1
/// ```
///
/// For `a` from 1e-100 to 1e101. The derivatives are within 2e-15 relative, the logarithm within 2e-15 of the larger of itself, `k` and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rising {
    pub(crate) ln: f64,
    pub(crate) first: f64,
    pub(crate) second: f64,
}

impl Rising {
    pub(crate) fn new(a: f64, k: u64) -> Self {
        // As many factors as there are, or as it takes for the series to hold.
        let multiplied = if k <= FACTORS { k } else { (0..FACTORS).find(|&i| a + count_to_f64(i) >= SERIES_FROM).unwrap_or(FACTORS) };
        let (mut rising, mut product) = (Self { ln: 0.0, first: 0.0, second: 0.0 }, 1.0_f64);
        for i in 0..multiplied {
            let factor = a + count_to_f64(i);
            let inverse = 1.0 / factor;
            product *= factor;
            rising.first += inverse;
            rising.second -= inverse * inverse;
            if !(1e-150..1e150).contains(&product) {
                rising.ln += product.ln();
                product = 1.0;
            }
        }
        rising.ln += product.ln();
        let rest = k.saturating_sub(multiplied);
        if rest > 0 {
            rising.add_from_series(a + count_to_f64(multiplied), count_to_f64(rest));
        }
        rising
    }

    /// Differences of the asymptotic series at `low` and `low + k`, term by term.
    fn add_from_series(&mut self, low: f64, k: f64) {
        let high = low + k;
        let growth = (k / low).ln_1p();
        // 1/low - 1/high.
        let fall = k / low / high;
        let (inverse_low, inverse_high) = (1.0 / low, 1.0 / high);
        let series = |terms: [f64; 6], inverse: f64| terms.iter().rev().fold(0.0, |sum, term| (sum + term) * inverse * inverse);
        self.ln += (low - 0.5) * growth + k * (high.ln() - 1.0) + (stirling_remainder(high) - stirling_remainder(low));
        self.first += growth + fall / 2.0 + (series(DIGAMMA, inverse_low) - series(DIGAMMA, inverse_high));
        self.second += -fall - fall * (inverse_low + inverse_high) / 2.0 - series(TRIGAMMA, inverse_low) * inverse_low
            + series(TRIGAMMA, inverse_high) * inverse_high;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::accuracy::rows;

    #[test]
    fn a_rising_factorial_and_its_derivatives_agree_with_mpmath() {
        let rows = rows(include_str!("../../tests/data/special_rising.json"), ["a", "k", "ln", "first", "second"]);
        assert!(rows.len() >= 80);
        for [a, k, ln, first, second] in rows {
            let got = Rising::new(a, k.to_string().parse().unwrap());
            assert!((got.ln - ln).abs() <= 4e-15 * ln.abs().max(k).max(1.0), "a = {a}, k = {k}: {} is not {ln}", got.ln);
            for (got, expected) in [(got.first, first), (got.second, second)] {
                assert!((got - expected).abs() <= 4e-15 * expected.abs(), "a = {a}, k = {k}: {got:e} is not {expected:e}");
            }
        }
    }

    #[test]
    fn it_stays_finite_at_the_ends_of_its_range() {
        for a in [1e-100, 1.0, 2e100] {
            for k in [0, 1, 24, 25, u64::MAX] {
                let Rising { ln, first, second } = Rising::new(a, k);
                assert!(ln.is_finite() && first.is_finite() && second.is_finite(), "{a}, {k}: {ln}, {first}, {second}");
            }
        }
    }
}
