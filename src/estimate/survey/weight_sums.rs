//! Weights of answers, counted in whole units and summed exactly.

use crate::decimal::wide_count_to_f64;
use crate::error::{Error, Result};

/// So many answers with a weight above 0, with the sum of their weights and of the squares of those, in units of the tally.
///
/// An answer of weight 0 stands for nobody and is nowhere in it. The squares of whole numbers that are not negative sum to at most the square of their sum: as long as that sum fits into 64 bits, the
/// squares fit into 128, and so does the product of any two sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct WeightSums {
    pub(crate) answers: u64,
    pub(crate) sum: u64,
    pub(crate) squares: u128,
}

impl WeightSums {
    pub(crate) fn of_one(weight: u64) -> Self {
        Self { answers: u64::from(weight > 0), sum: weight, squares: product(weight, weight) }
    }

    /// Both together.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the answers or their weights exceed 64 bits.
    pub(crate) fn plus(&self, other: &Self) -> Result<Self> {
        Ok(Self {
            answers: self.answers.checked_add(other.answers).ok_or_else(|| Error::count_overflow("answers"))?,
            sum: self.sum.checked_add(other.sum).ok_or(Error::Overflow { field: "weights", capacity: "64 bits of weight units" })?,
            squares: self.squares.saturating_add(other.squares),
        })
    }

    /// Both together, where they are parts of a sum that fits.
    pub(crate) fn and(&self, other: &Self) -> Self {
        Self {
            answers: self.answers.saturating_add(other.answers),
            sum: self.sum.saturating_add(other.sum),
            squares: self.squares.saturating_add(other.squares),
        }
    }

    /// What is wrong with sums that no weights can have.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let Self { answers, sum, squares } = *self;
        if answers == 0 {
            return (sum > 0 || squares > 0).then_some("weights without answers");
        }
        // Each weight is 1 or more. The squares are largest where all but one are 1, and smallest where all are alike (Cauchy and Schwarz);
        // a whole number is odd if its square is.
        let others = answers.saturating_sub(1);
        let possible = sum.checked_sub(others).is_some_and(|heaviest| {
            heaviest > 0
                && squares <= product(heaviest, heaviest).saturating_add(others.into())
                && product(sum, sum) <= squares.saturating_mul(answers.into())
                && (squares ^ u128::from(sum)) & 1 == 0
        });
        (!possible).then_some("sums that no weights have")
    }

    /// Kish's effective number of answers, `sum^2 / squares`; 0 without weight.
    pub(crate) fn effective_n(&self) -> f64 {
        if self.sum == 0 { 0.0 } else { reduced_ratio(product(self.sum, self.sum), self.squares) }
    }
}

/// The product of two sums, which fits as they do.
pub(crate) fn product(a: u64, b: u64) -> u128 {
    u128::from(a).saturating_mul(b.into())
}

/// `numerator / denominator` in lowest terms, so that a factor common to all weights changes not even the last digit; 0 over nothing.
///
/// Within 2 units in the last place.
pub(crate) fn reduced_ratio(numerator: u128, denominator: u128) -> f64 {
    let (mut a, mut b) = (numerator, denominator);
    while let Some(rest) = a.checked_rem(b) {
        (a, b) = (b, rest);
    }
    let shortened = |value: u128| wide_count_to_f64(value.checked_div(a).unwrap_or(0));
    if denominator == 0 { 0.0 } else { shortened(numerator) / shortened(denominator) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_those_of_the_lowest_terms() {
        let factor = 0x1234_5678_9abc_def1_u64;
        for (a, b) in [(1, 3), (2, 6), (7, 1), (0, 5), (10, 4)] {
            let plain = wide_count_to_f64(a) / wide_count_to_f64(b);
            assert_eq!(reduced_ratio(a, b).to_bits(), plain.to_bits());
            assert_eq!(reduced_ratio(a * u128::from(factor), b * u128::from(factor)).to_bits(), plain.to_bits());
        }
        assert_eq!(reduced_ratio(u128::MAX, u128::MAX).to_bits(), 1.0_f64.to_bits());
        assert_eq!(reduced_ratio(5, 0).to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn sums_of_weights_are_told_from_other_numbers() {
        let weights = [0_u64, 1, 2, 5, 9, u64::from(u32::MAX)];
        let all = weights.iter().try_fold(WeightSums::default(), |sums, &weight| sums.plus(&WeightSums::of_one(weight))).unwrap();
        assert_eq!((all.answers, all.fault()), (5, None));
        assert_eq!(WeightSums::of_one(u64::MAX).fault(), None);
        assert_eq!(WeightSums::of_one(0), WeightSums::default());
        for (answers, sum, squares) in [(2, 4, 8), (2, 4, 10), (3, 4, 6), (4, 4, 4)] {
            assert_eq!(WeightSums { answers, sum, squares }.fault(), None, "{answers} {sum} {squares}");
        }
        let impossible =
            [(0, 1, 1), (0, 0, 1), (1, 2, 3), (1, 2, 5), (2, 4, 6), (2, 4, 18), (2, 4, 16), (2, 4, 9), (3, 0, 0), (5, 3, 2), (5, 4, 4)];
        for (answers, sum, squares) in impossible {
            assert!(WeightSums { answers, sum, squares }.fault().is_some(), "{answers} {sum} {squares}");
        }
        assert!(WeightSums::of_one(u64::MAX).plus(&WeightSums::of_one(1)).is_err());
    }
}
