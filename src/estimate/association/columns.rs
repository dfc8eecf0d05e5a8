//! Columns of numbers: checked, and put in order.

use crate::error::{Bound, Error, Result};

/// The most rows that ranks of 32 bits can tell apart.
const MOST_ROWS: usize = 0xffff_ffff;

/// So many terms are added to each other before they are added to the rest.
const BLOCK: usize = 256;

/// The columns if both are finite throughout and equally long.
pub(super) fn check_pair(first: &[f64], second: &[f64]) -> Result<()> {
    if first.len() != second.len() {
        return Err(Error::mismatch("column length", first.len(), second.len()));
    }
    check("first", first)?;
    check("second", second)
}

pub(in crate::estimate) fn check(field: &'static str, column: &[f64]) -> Result<()> {
    match column.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        None => Ok(()),
        Some((row, &value)) => Err(Error::out_of_bounds(field, value, Bound::Finite).at_row(row)),
    }
}

/// Whether all values of a finite column are equal.
pub(in crate::estimate) fn is_constant(column: &[f64]) -> bool {
    column.windows(2).all(|neighbours| neighbours.iter().copied().map(key).is_sorted_by(|a, b| a == b))
}

/// A power of 2 that brings numbers, of which the largest is this, to a size whose squares neither overflow nor vanish.
pub(in crate::estimate) fn scale_factor(largest: f64) -> f64 {
    if largest > 1e60 {
        2.0_f64.powi(-600)
    } else if largest < 1e-60 {
        2.0_f64.powi(600)
    } else {
        1.0
    }
}

/// A sum in blocks, whose rounding errors do not grow with its length.
pub(in crate::estimate) fn blockwise(mut terms: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0_f64);
    loop {
        let mut block = 0.0;
        let mut taken = 0_usize;
        for term in terms.by_ref().take(BLOCK) {
            block += term;
            taken = taken.saturating_add(1);
        }
        // Neumaier's summation of the blocks.
        let next = sum + block;
        lost += if sum.abs() >= block.abs() { (sum - next) + block } else { (block - next) + sum };
        sum = next;
        if taken < BLOCK {
            return sum + lost;
        }
    }
}

/// A whole number for each value, in the same order as the values; 0 and -0 have the same.
pub(in crate::estimate) fn checked_keys(field: &'static str, column: &[f64]) -> Result<Vec<u64>> {
    check(field, column)?;
    Ok(column.iter().map(|&value| key(value)).collect())
}

fn key(value: f64) -> u64 {
    const SIGN: u64 = 1 << 63;
    let bits = (value + 0.0).to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

/// The rank of every row among the distinct values of its column, from 0, and how many rows share each.
pub(super) struct DenseRanks {
    pub(super) of_row: Vec<u32>,
    pub(super) ties: Vec<u64>,
}

impl DenseRanks {
    /// The ranks of a finite column.
    pub(super) fn of(column: &[f64]) -> Result<Self> {
        if column.len() > MOST_ROWS {
            return Err(Error::out_of_bounds("rows", column.len(), Bound::AtMost(MOST_ROWS.into())));
        }
        let mut keys: Vec<(u64, u32)> = column.iter().zip(0_u32..).map(|(&value, row)| (key(value), row)).collect();
        // Which of equal values comes first does not matter, and comparing one number is quicker.
        keys.sort_unstable_by_key(|&(key, _)| key);
        let mut of_row = vec![0_u32; column.len()];
        let mut ties = Vec::new();
        for (rank, run) in (0_u32..).zip(keys.chunk_by(|a, b| a.0 == b.0)) {
            for &(_, row) in run {
                if let Some(slot) = usize::try_from(row).ok().and_then(|row| of_row.get_mut(row)) {
                    *slot = rank;
                }
            }
            ties.push(u64::try_from(run.len()).unwrap_or(u64::MAX));
        }
        Ok(Self { of_row, ties })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_the_order_of_the_values() {
        let ascending = [f64::MIN, -1.0, -f64::MIN_POSITIVE, -5e-324, 0.0, 5e-324, 1.0, 1.0 + f64::EPSILON, f64::MAX];
        let keys = checked_keys("first", &ascending).unwrap();
        assert!(keys.is_sorted_by(|a, b| a < b));
        assert_eq!(key(-0.0), key(0.0));
    }

    #[test]
    fn equal_values_share_a_rank() {
        let ranks = DenseRanks::of(&[3.0, -0.0, 7.5, 0.0, 3.0]).unwrap();
        assert_eq!((ranks.of_row, ranks.ties), (vec![1, 0, 2, 0, 1], vec![2, 2, 1]));
    }
}
