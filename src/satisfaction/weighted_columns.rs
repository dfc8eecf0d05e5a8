//! Sums over a column of ratings and one of weights: the fast path of a weighted survey.

use crate::error::{Error, Result};
use crate::estimate::{WeightSums, product};

/// The sums for one value of a byte. The weights sum in 128 bits, which no column fills; the squares may wrap, but only where the weights do
/// not fit.
#[derive(Clone, Copy, Default)]
pub(super) struct ColumnSums {
    rows: u64,
    weightless: u64,
    sum: u128,
    squares: u128,
}

impl ColumnSums {
    fn add(&mut self, rows: u64, sum: u64, squares: u128) {
        self.rows = self.rows.wrapping_add(rows);
        self.sum = self.sum.wrapping_add(sum.into());
        self.squares = self.squares.wrapping_add(squares);
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// How many rows have a weight of 0.
    pub(super) fn weightless(&self) -> u64 {
        self.weightless
    }

    /// Of the rows that have a weight.
    ///
    /// # Errors
    /// [`Error::Overflow`] if their weights exceed 64 bits.
    pub(super) fn checked(&self) -> Result<WeightSums> {
        let sum = u64::try_from(self.sum).map_err(|_| Error::Overflow { field: "weights", capacity: "64 bits of weight units" })?;
        Ok(WeightSums { answers: self.rows.saturating_sub(self.weightless), sum, squares: self.squares })
    }
}

/// The sums over a block of rows, all of whose weights are below [`BELOW`].
#[derive(Clone, Copy, Default)]
struct BlockSums {
    rows: u64,
    sum: u64,
    squares: u64,
}

/// How many rows are summed up in 64 bits, and below which weight that is safe: 2^14 squares of less than 2^50 each.
const ROWS_AT_ONCE: usize = 1 << 14;
const BELOW: u64 = 1 << 25;

/// The sums for each value of a byte.
pub(super) fn sums_by_byte(ratings: &[u8], weights: &[u64]) -> [ColumnSums; 256] {
    let mut table = [ColumnSums::default(); 256];
    for (ratings, weights) in ratings.chunks(ROWS_AT_ONCE).zip(weights.chunks(ROWS_AT_ONCE)) {
        // Less 1, a weight of 0 has every bit, and no other has the highest unless it is beyond the limit itself.
        let (bits, bits_less_one) =
            weights.iter().fold((0, 0), |(bits, less_one), &weight| (bits | weight, less_one | weight.wrapping_sub(1)));
        if bits < BELOW {
            for (sums, block) in table.iter_mut().zip(block_sums(ratings, weights)) {
                sums.add(block.rows, block.sum, block.squares.into());
            }
        } else {
            for (&rating, &weight) in ratings.iter().zip(weights) {
                // Every byte has its place: the check vanishes, here and below.
                if let Some(sums) = table.get_mut(usize::from(rating)) {
                    sums.add(1, weight, product(weight, weight));
                }
            }
        }
        if bits_less_one > u64::MAX >> 1 {
            for (&rating, _) in ratings.iter().zip(weights).filter(|&(_, &weight)| weight == 0) {
                if let Some(sums) = table.get_mut(usize::from(rating)) {
                    sums.weightless = sums.weightless.wrapping_add(1);
                }
            }
        }
    }
    table
}

/// Two tables take turns, so that a row need not wait for the one before it where both have the same rating.
fn block_sums(ratings: &[u8], weights: &[u64]) -> [BlockSums; 256] {
    let (mut even, mut odd) = ([BlockSums::default(); 256], [BlockSums::default(); 256]);
    let (pairs, last) = ratings.as_chunks::<2>();
    let (weight_pairs, last_weight) = weights.as_chunks::<2>();
    for (&[first, second], &[first_weight, second_weight]) in pairs.iter().zip(weight_pairs) {
        add_row(&mut even, first, first_weight);
        add_row(&mut odd, second, second_weight);
    }
    for (&rating, &weight) in last.iter().zip(last_weight) {
        add_row(&mut even, rating, weight);
    }
    for (sums, more) in even.iter_mut().zip(&odd) {
        sums.rows = sums.rows.wrapping_add(more.rows);
        sums.sum = sums.sum.wrapping_add(more.sum);
        sums.squares = sums.squares.wrapping_add(more.squares);
    }
    even
}

fn add_row(table: &mut [BlockSums; 256], rating: u8, weight: u64) {
    if let Some(sums) = table.get_mut(usize::from(rating)) {
        sums.rows = sums.rows.wrapping_add(1);
        sums.sum = sums.sum.wrapping_add(weight);
        sums.squares = sums.squares.wrapping_add(weight.wrapping_mul(weight));
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::satisfaction::{Scale, WeightedRatingTally, WeightedRatings};
    use crate::tally::Tally;

    /// Columns are summed in blocks, in 64 or in 128 bits as their weights allow; weights of 0 are counted in a pass of their own.
    #[test]
    fn long_columns_are_the_sum_of_their_rows() {
        let settings = WeightedRatings::new(Scale::ONE_TO_FIVE, 0).unwrap();
        let rows = 2 * ROWS_AT_ONCE + 7;
        let ratings: Vec<u8> = (0..rows).map(|row| (row * row % 5 + 1) as u8).collect();
        for most in [0, 1, 1_000, BELOW, 1 << 40, 1 << 63] {
            // The second block alone has a weight that is 0 or needs 128 bits.
            let weight = |row: usize| if row == ROWS_AT_ONCE + 3 { most } else { (BELOW - 1) - (row as u64 % 97) };
            let weights: Vec<u64> = (0..rows).map(weight).collect();
            let mut by_column = WeightedRatingTally::empty(settings);
            by_column.record_columns(&ratings, &weights).unwrap();
            let mut by_row = WeightedRatingTally::empty(settings);
            by_row.extend(ratings.iter().zip(&weights).map(|(&rating, &weight)| (Some(rating), Decimal::from(weight)))).unwrap();
            assert_eq!(by_column, by_row, "{most}");
            assert_eq!(by_column.weightless(), u64::from(most == 0));
        }
    }
}
