//! Sums of doubles that do not depend on the order of their terms.

use super::customer_values::TOO_MUCH;
use crate::decimal::wide_count_to_f64;
use crate::error::Result;

const MANTISSA_BITS: u32 = 52;
const MANTISSA: u64 = (1 << MANTISSA_BITS) - 1;
const EXPONENTS: usize = 2_048;

/// A sum of doubles, kept as one whole number for each exponent: no term is rounded, and their order does not matter.
///
/// What comes of it is within 2 units in the last place of the sum of the terms, unless these cancel; then it is as near as the sum of the
/// exponents' parts, each rounded twice.
#[derive(Debug, Clone)]
pub(super) struct UnorderedSum {
    of_exponents: Vec<i128>,
}

impl Default for UnorderedSum {
    fn default() -> Self {
        Self { of_exponents: vec![0; EXPONENTS] }
    }
}

impl UnorderedSum {
    pub(super) fn add(&mut self, term: f64) {
        let bits = term.to_bits();
        let exponent = (bits >> MANTISSA_BITS) & 0x7ff;
        // Below the least exponent there is no leading 1.
        let leading = if exponent == 0 { 0 } else { 1 << MANTISSA_BITS };
        let mantissa = i128::from((bits & MANTISSA) | leading);
        let signed = if term.is_sign_negative() { mantissa.wrapping_neg() } else { mantissa };
        if let Some(sum) = usize::try_from(exponent.max(1)).ok().and_then(|exponent| self.of_exponents.get_mut(exponent)) {
            // No memory holds the 2^74 terms that it would take to overflow.
            *sum = sum.wrapping_add(signed);
        }
    }

    /// The sum, if it is finite.
    pub(super) fn finish(&self) -> Result<f64> {
        let mut parts = Vec::new();
        for (exponent, &sum) in (0_u64..).zip(&self.of_exponents).filter(|(_, sum)| **sum != 0) {
            let sign = if sum < 0 { -1.0 } else { 1.0 };
            let (high, low) = (sum.unsigned_abs() >> 53, sum.unsigned_abs() & u128::from(u64::MAX >> 11));
            let unit = power_of_two(exponent);
            parts.push(sign * wide_count_to_f64(high) * 9_007_199_254_740_992.0 * unit);
            parts.push(sign * wide_count_to_f64(low) * unit);
        }
        let sum = compensated_sum(parts);
        if sum.is_finite() && self.of_exponents.last().is_none_or(|infinite| *infinite == 0) { Ok(sum) } else { Err(TOO_MUCH) }
    }
}

/// The unit in the last place of doubles with this exponent.
fn power_of_two(exponent: u64) -> f64 {
    match exponent.checked_sub(u64::from(MANTISSA_BITS)) {
        Some(above) if above > 0 => f64::from_bits(above << MANTISSA_BITS),
        _ => f64::from_bits(1_u64 << exponent.saturating_sub(1)),
    }
}

/// Neumaier's sum, of which no digit is lost to the number of its terms.
fn compensated_sum(terms: impl IntoIterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0);
    for term in terms {
        let next = sum + term;
        lost += if sum.abs() >= term.abs() { (sum - next) + term } else { (term - next) + sum };
        sum = next;
    }
    sum + lost
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(terms: &[f64]) -> f64 {
        let mut sum = UnorderedSum::default();
        for &term in terms {
            sum.add(term);
        }
        sum.finish().unwrap()
    }

    #[test]
    fn it_keeps_what_a_large_term_would_swallow() {
        assert_eq!(sum(&[1.0, 1e100, 1.0, -1e100]).to_bits(), 2.0_f64.to_bits());
        assert_eq!(sum(&[]).to_bits(), 0.0_f64.to_bits());
        assert_eq!(sum(&[5e-324, 5e-324, -1e-310]).to_bits(), (2.0 * 5e-324 - 1e-310_f64).to_bits());
        for term in [f64::MIN_POSITIVE, 5e-324, 1.5, -3e-308, f64::MAX, -7e200, 0.1] {
            assert_eq!(sum(&[term]).to_bits(), term.to_bits(), "{term:e}");
        }
    }

    #[test]
    fn it_is_that_of_the_terms_in_any_order() {
        let terms: Vec<f64> = (0..5_000_i32).map(|i| (f64::from(i) * 0.37).sin() * 10.0_f64.powi(i % 40 - 20)).collect();
        let exact = compensated_sum(terms.iter().copied());
        let forward = sum(&terms);
        assert!((forward - exact).abs() <= 4e-16 * exact.abs(), "{forward} is not {exact}");
        let backward: Vec<f64> = terms.iter().rev().copied().collect();
        assert_eq!(sum(&backward).to_bits(), forward.to_bits());
    }

    #[test]
    fn what_is_not_finite_is_an_error() {
        for terms in [&[f64::MAX, f64::MAX][..], &[f64::INFINITY], &[f64::NAN, 1.0]] {
            let mut sum = UnorderedSum::default();
            for &term in terms {
                sum.add(term);
            }
            assert_eq!(sum.finish(), Err(TOO_MUCH));
        }
    }
}
