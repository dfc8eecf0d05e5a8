//! The number, the sum and the sum of squares of whole numbers, from which mean and variance are read off without cancellation.

use crate::decimal::{count_to_f64, wide_count_to_f64};
use crate::wide::{SignedSum, Wide, signed_to_f64};

/// How many whole numbers there are, their sum, and the sum of their squares: exact, and merged by adding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Moments {
    n: u64,
    sum: i128,
    squares: u128,
}

impl Moments {
    /// So many numbers of this sum and this sum of squares; `None` if no whole numbers have them.
    pub(crate) fn new(n: u64, sum: i128, squares: u128) -> Option<Self> {
        // By Cauchy and Schwarz, sum^2 <= n x sum of squares. A square is odd where its root is, and at least as large.
        let of_n = Wide::product(n.into(), squares);
        let possible = Wide::product(sum.unsigned_abs(), sum.unsigned_abs()) <= of_n
            && sum.unsigned_abs() <= squares
            && (sum.unsigned_abs() ^ squares) & 1 == 0
            && (n > 0 || squares == 0);
        possible.then_some(Self { n, sum, squares })
    }

    /// One number; `None` if its square exceeds 128 bits.
    pub(crate) fn of(value: i128) -> Option<Self> {
        let magnitude = value.unsigned_abs();
        Some(Self { n: 1, sum: value, squares: magnitude.checked_mul(magnitude)? })
    }

    /// Numbers with how often each occurs; `None` if a sum exceeds 128 bits, or the numbers 64.
    pub(crate) fn of_counts(counts: impl IntoIterator<Item = (i128, u64)>) -> Option<Self> {
        counts.into_iter().try_fold(Self::default(), |sum, (value, count)| {
            let one = Self::of(value)?;
            let many = Self { n: count, sum: value.checked_mul(count.into())?, squares: one.squares.checked_mul(count.into())? };
            sum.checked_add(&many)
        })
    }

    /// Both together; `None` if a sum exceeds 128 bits, or the numbers 64.
    pub(crate) fn checked_add(&self, other: &Self) -> Option<Self> {
        Some(Self {
            n: self.n.checked_add(other.n)?,
            sum: self.sum.checked_add(other.sum)?,
            squares: self.squares.checked_add(other.squares)?,
        })
    }

    pub(crate) fn n(&self) -> u64 {
        self.n
    }

    pub(crate) fn sum(&self) -> i128 {
        self.sum
    }

    pub(crate) fn squares(&self) -> u128 {
        self.squares
    }

    /// The mean, within 2 units in the last place. There must be a number.
    pub(crate) fn mean(&self) -> f64 {
        signed_to_f64(self.sum) / count_to_f64(self.n)
    }

    /// `n x sum of squares - sum^2`, which is n times the sum of squared deviations: rounded after the subtraction.
    fn n_squared_deviations(&self) -> f64 {
        let sum = self.sum.unsigned_abs();
        Wide::product(self.n.into(), self.squares).minus(Wide::product(sum, sum))
    }

    /// The sample variance over n, within 4 units in the last place. There must be two numbers.
    pub(super) fn variance_of_mean(&self) -> f64 {
        let n = count_to_f64(self.n);
        self.n_squared_deviations() / (n * n) / count_to_f64(self.n.saturating_sub(1))
    }

    /// This mean less the other, rounded after the subtraction. There must be a number on either side.
    pub(super) fn mean_difference(&self, other: &Self) -> f64 {
        let numerator = SignedSum::default().plus(self.sum, 1, other.n).and_then(|sum| sum.plus(other.sum, -1, self.n));
        let denominator = wide_count_to_f64(u128::from(self.n).saturating_mul(other.n.into()));
        // Two products of 192 bits always fit.
        numerator.map_or(0.0, |numerator| numerator.to_f64() / denominator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn huge_counts_of_neighbouring_numbers_keep_their_variance() {
        // Half of them 10^9, half 10^9 + 1: a variance of 1/4, which doubles would lose.
        let half = 1_u64 << 60;
        let moments = Moments::of_counts([(1_000_000_000, half), (1_000_000_001, half)]).unwrap();
        let n = count_to_f64(2 * half);
        assert!((moments.variance_of_mean() * n - 0.25).abs() < 1e-15);
        assert!((moments.mean() - 1_000_000_000.5).abs() < 1e-6);
        let shifted = Moments::of_counts([(1_000_000_000, half), (1_000_000_001, half - 1)]).unwrap();
        let expected = 0.25 / count_to_f64(half);
        assert!((moments.mean_difference(&shifted) - expected).abs() < 1e-14 * expected);
    }

    #[test]
    fn sums_that_no_numbers_have_are_refused() {
        assert!(Moments::new(2, 3, 5).is_some());
        for (n, sum, squares) in [(2, 3, 3), (2, 3, 4), (0, 0, 2), (0, 1, 1), (1, -2, 2), (1, i128::MIN, u128::MAX)] {
            assert_eq!(Moments::new(n, sum, squares), None, "{n} {sum} {squares}");
        }
        assert_eq!(Moments::of(i128::MAX), None);
        assert_eq!(Moments::of_counts([(1 << 63, u64::MAX)]), None);
        assert_eq!(Moments::of_counts([(1, u64::MAX), (1, 1)]), None);
    }
}
