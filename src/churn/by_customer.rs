//! Rows of many customers, in any order, brought together customer by customer.

use super::PeriodWindow;

/// The low bits of a key hold a rank below this: two for every period of the longest window.
pub(super) const RANKS: u32 = 2 * PeriodWindow::MOST;

/// How many bits a rank takes, and how many say in which part a customer is: what is left of the 64 is the rest of the customer.
const BITS: u32 = RANKS.trailing_zeros();

const PARTS: usize = 1 << BITS;

/// A row of one customer, in a part that holds only customers whose scrambled numbers begin alike.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Row<T> {
    /// The scrambled number of the customer without its first bits, then the rank.
    key: u64,
    pub(super) value: T,
}

impl<T> Row<T> {
    /// The rank that was given to the row.
    pub(super) fn rank(&self) -> u32 {
        u32::try_from(self.key & RANK_MASK).unwrap_or(0)
    }
}

const RANK_MASK: u64 = (1 << BITS) - 1;

/// Numbers that follow each other end up in different parts, and no two become the same: the factor is odd.
fn scrambled(customer: u64) -> u64 {
    customer.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn part_of(customer: u64) -> usize {
    usize::try_from(scrambled(customer) >> (u64::BITS - BITS)).unwrap_or(0)
}

/// Hands on all rows of a customer at once, in the order of their ranks, which must be below [`RANKS`]; one customer after the other, in
/// no order that means anything.
///
/// The rows are first dealt into parts that fit into the cache, then each part is sorted. Customers whose numbers were chosen to fall into
/// the same part only make that sort longer.
pub(super) fn for_each_customer<T: Copy + Default>(rows: impl Iterator<Item = (u64, u32, T)> + Clone, mut take: impl FnMut(&[Row<T>])) {
    let mut starts = vec![0_usize; PARTS];
    let mut total = 0_usize;
    for (customer, ..) in rows.clone() {
        if let Some(count) = starts.get_mut(part_of(customer)) {
            *count = count.wrapping_add(1);
        }
        total = total.wrapping_add(1);
    }
    let mut dealt = vec![Row::<T>::default(); total];
    let mut before = 0_usize;
    for start in &mut starts {
        before = before.wrapping_add(core::mem::replace(start, before));
    }
    for (customer, rank, value) in rows {
        if let Some(next) = starts.get_mut(part_of(customer)) {
            if let Some(row) = dealt.get_mut(*next) {
                *row = Row { key: (scrambled(customer) << BITS) | u64::from(rank), value };
            }
            *next = next.wrapping_add(1);
        }
    }
    // The starts have become the ends.
    let mut rest = dealt.as_mut_slice();
    let mut done = 0_usize;
    for end in starts {
        let (part, others) = rest.split_at_mut_checked(end.saturating_sub(done)).unwrap_or_default();
        part.sort_unstable_by_key(|row| row.key);
        part.chunk_by(|a, b| a.key >> BITS == b.key >> BITS).for_each(&mut take);
        (rest, done) = (others, end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_row_comes_with_its_customer_in_order_of_rank() {
        // Close, far, with equal first or last bits, and the extremes.
        let customers: Vec<u64> = (0..300).chain((0..300).map(|bits| bits << 53)).chain([u64::MAX, 1 << 63]).collect();
        let rows: Vec<(u64, u32, u64)> = (0..20_000_u64)
            .map(|row| (customers[usize::try_from(row * row % 601).unwrap()], u32::try_from(row * 7 % 2048).unwrap(), row))
            .collect();
        let mut expected: BTreeMap<u64, Vec<(u32, u64)>> = BTreeMap::new();
        for &(customer, rank, row) in &rows {
            expected.entry(customer).or_default().push((rank, row));
        }
        let mut seen: Vec<Vec<(u32, u64)>> = Vec::new();
        for_each_customer(rows.iter().copied(), |rows| {
            assert!(rows.is_sorted_by_key(Row::rank));
            let mut rows: Vec<_> = rows.iter().map(|row| (row.rank(), row.value)).collect();
            rows.sort_unstable();
            seen.push(rows);
        });
        seen.sort();
        let mut expected: Vec<_> = expected
            .into_values()
            .map(|mut rows| {
                rows.sort_unstable();
                rows
            })
            .collect();
        expected.sort();
        assert_eq!(seen, expected);
    }

    #[test]
    fn no_rows_are_no_customers() {
        for_each_customer(core::iter::empty::<(u64, u32, ())>(), |_| panic!("there is no customer"));
    }
}
