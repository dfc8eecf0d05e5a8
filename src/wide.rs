//! Whole numbers of 256 bits: sums of squares and products of 64-bit counts, so that their differences lose no digit.

use core::cmp::Ordering;

use crate::decimal::wide_count_to_f64;

/// The lower half of 128 bits.
const LOW: u128 = u128::MAX >> 64;

/// 2^128.
const HIGH_UNIT: f64 = 340_282_366_920_938_463_463_374_607_431_768_211_456.0;

/// A whole number from 0 to 2^256 - 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wide {
    high: u128,
    low: u128,
}

impl Wide {
    /// `a x b`, which always fits.
    pub(crate) fn product(a: u128, b: u128) -> Self {
        let ((a_high, a_low), (b_high, b_low)) = ((a >> 64, a & LOW), (b >> 64, b & LOW));
        // No product of halves, with half of another added, exceeds 128 bits.
        let lowest = a_low.wrapping_mul(b_low);
        let (middle, carry) = a_high.wrapping_mul(b_low).wrapping_add(lowest >> 64).overflowing_add(a_low.wrapping_mul(b_high));
        let high = a_high.wrapping_mul(b_high).wrapping_add(middle >> 64).wrapping_add(u128::from(carry) << 64);
        Self { high, low: (middle << 64) | (lowest & LOW) }
    }

    /// `self + other`, if it fits.
    pub(crate) fn checked_add(self, other: Self) -> Option<Self> {
        let (low, carry) = self.low.overflowing_add(other.low);
        let high = self.high.checked_add(other.high)?.checked_add(carry.into())?;
        Some(Self { high, low })
    }

    /// `self x factor`, if it fits.
    pub(crate) fn checked_times(self, factor: u128) -> Option<Self> {
        let mut product = Self::product(self.low, factor);
        product.high = product.high.checked_add(self.high.checked_mul(factor)?)?;
        Some(product)
    }

    /// `self - other`, rounded after the subtraction: within a unit in the last place.
    pub(crate) fn minus(self, other: Self) -> f64 {
        match self.cmp(&other) {
            Ordering::Less => -other.minus_smaller(self).to_f64(),
            Ordering::Equal => 0.0,
            Ordering::Greater => self.minus_smaller(other).to_f64(),
        }
    }

    fn minus_smaller(self, smaller: Self) -> Self {
        let (low, borrow) = self.low.overflowing_sub(smaller.low);
        Self { high: self.high.wrapping_sub(smaller.high).wrapping_sub(borrow.into()), low }
    }

    /// The value, within a unit in the last place.
    pub(crate) fn to_f64(self) -> f64 {
        wide_count_to_f64(self.high) * HIGH_UNIT + wide_count_to_f64(self.low)
    }
}

impl From<u128> for Wide {
    fn from(low: u128) -> Self {
        Self { high: 0, low }
    }
}

/// A sum of products of signed whole numbers, its positive and its negative part apart.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SignedSum {
    positive: Wide,
    negative: Wide,
}

impl SignedSum {
    /// Adds `a x b x weight`; `None` if a part exceeds 256 bits.
    pub(crate) fn plus(self, a: i128, b: i128, weight: u64) -> Option<Self> {
        let term = Wide::product(a.unsigned_abs(), b.unsigned_abs()).checked_times(weight.into())?;
        if (a < 0) == (b < 0) {
            Some(Self { positive: self.positive.checked_add(term)?, ..self })
        } else {
            Some(Self { negative: self.negative.checked_add(term)?, ..self })
        }
    }

    /// `n x this sum - total^2`, which is n times the sum of squared deviations if this is a sum of n squares of that total: rounded after
    /// the subtraction. `None` if a product exceeds 256 bits.
    pub(crate) fn n_squared_deviations(self, n: u64, total: u128) -> Option<f64> {
        Some(self.positive.checked_times(n.into())?.minus(Wide::product(total, total)))
    }

    /// The sum, rounded once: within a unit in the last place.
    pub(crate) fn to_f64(self) -> f64 {
        self.positive.minus(self.negative)
    }
}

/// The nearest `f64` of a signed whole number.
pub(crate) fn signed_to_f64(value: i128) -> f64 {
    let magnitude = wide_count_to_f64(value.unsigned_abs());
    if value < 0 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (a + b)^2 = a^2 + 2 a b + b^2, with every term of 256 bits.
    #[test]
    fn products_add_up_as_squares_do() {
        for (a, b) in [(0, 0), (1, u128::MAX / 2), (u128::MAX / 3, u128::MAX / 3), (1 << 64, (1 << 64) - 1), (u128::MAX >> 1, 12_345)] {
            let square = Wide::product(a + b, a + b);
            let parts = Wide::product(a, a).checked_add(Wide::product(a, b)).unwrap();
            let parts = parts.checked_add(Wide::product(b, a)).unwrap().checked_add(Wide::product(b, b)).unwrap();
            assert_eq!(square, parts, "{a} {b}");
            assert_eq!(Wide::from(a).checked_times(b).unwrap(), Wide::product(a, b));
        }
    }

    #[test]
    fn differences_of_huge_numbers_keep_their_last_digit() {
        let square = Wide::product(u128::MAX, u128::MAX);
        // (2^128 - 1)^2 = 2^256 - 2^129 + 1.
        let below = Wide { high: u128::MAX - 1, low: 0 };
        assert_eq!(square.minus(below).to_bits(), 1.0_f64.to_bits());
        assert_eq!(below.minus(square).to_bits(), (-1.0_f64).to_bits());
        assert_eq!(square.minus(square).to_bits(), 0.0_f64.to_bits());
        let borrowed = Wide { high: 1, low: 0 }.minus(Wide::from(u128::MAX));
        assert_eq!(borrowed.to_bits(), 1.0_f64.to_bits());
        assert!((square.to_f64() / HIGH_UNIT / HIGH_UNIT - 1.0).abs() < 1e-15);
    }

    #[test]
    fn what_exceeds_256_bits_is_none() {
        let square = Wide::product(u128::MAX, u128::MAX);
        assert_eq!(square.checked_times(2), None);
        assert_eq!(square.checked_add(square), None);
        assert_eq!(Wide { high: 1, low: 0 }.checked_times(u128::MAX).map(|product| product.high), Some(u128::MAX));
    }

    #[test]
    fn a_signed_sum_cancels_exactly() {
        let sum = SignedSum::default().plus(i128::MAX, 3, 2).unwrap().plus(-i128::MAX, 2, 3).unwrap().plus(-1, 1, 7).unwrap();
        assert_eq!(sum.to_f64().to_bits(), (-7.0_f64).to_bits());
        assert_eq!(signed_to_f64(i128::MIN).to_bits(), (-HIGH_UNIT / 2.0).to_bits());
    }
}
