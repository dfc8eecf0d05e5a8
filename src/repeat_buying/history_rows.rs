//! Rows brought together by customer, and in order of time.
//!
//! Sorting ten million rows by comparing them, or scattering them to a million customers at once, waits for memory at every step. Here the
//! rows are dealt out by the leading bits of the customer number to so few piles that every pile has its end in a cache, then each pile,
//! which fits into a cache itself, again, until a few rows are left to compare. What takes part is the distance to the lowest number, so
//! dense numbers need no more than their own bits.

use crate::error::Result;

/// A purchase on the way to its customer: two words where the distance to the lowest customer number fits into 32 bits, else three.
pub(super) trait Row: Copy + Default {
    /// Customer first, then time.
    type Key: Ord;

    /// `customer` is the distance to the lowest number.
    fn new(customer: u64, step: u32, amount: i64) -> Self;
    fn customer(self) -> u64;
    fn step(self) -> u32;
    fn amount(self) -> i64;
    fn key(self) -> Self::Key;
}

impl Row for [u64; 2] {
    type Key = u64;

    fn new(customer: u64, step: u32, amount: i64) -> Self {
        [(customer << u32::BITS) | u64::from(step), amount.cast_unsigned()]
    }

    fn customer(self) -> u64 {
        let [key, _] = self;
        key >> u32::BITS
    }

    fn step(self) -> u32 {
        let [key, _] = self;
        low_half(key)
    }

    fn amount(self) -> i64 {
        let [_, amount] = self;
        amount.cast_signed()
    }

    fn key(self) -> u64 {
        let [key, _] = self;
        key
    }
}

impl Row for [u64; 3] {
    type Key = (u64, u64);

    fn new(customer: u64, step: u32, amount: i64) -> Self {
        [customer, step.into(), amount.cast_unsigned()]
    }

    fn customer(self) -> u64 {
        let [customer, ..] = self;
        customer
    }

    fn step(self) -> u32 {
        let [_, step, _] = self;
        low_half(step)
    }

    fn amount(self) -> i64 {
        let [.., amount] = self;
        amount.cast_signed()
    }

    fn key(self) -> (u64, u64) {
        let [customer, step, _] = self;
        (customer, step)
    }
}

fn low_half(value: u64) -> u32 {
    u32::try_from(value & u64::from(u32::MAX)).unwrap_or(u32::MAX)
}

/// The columns that rows are made of; all have the same length.
#[derive(Clone, Copy)]
pub(super) struct Columns<'a, I> {
    pub(super) customers: &'a [I],
    pub(super) days: &'a [i32],
    pub(super) amounts: &'a [i64],
}

/// The lowest customer number, and how many bits the distance to it has at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Customers {
    pub(super) lowest: u64,
    pub(super) bits: u32,
}

impl Customers {
    pub(super) fn of<I: Copy + Ord + Into<u64>>(customers: &[I]) -> Self {
        let lowest = customers.iter().copied().min().map_or(0, Into::into);
        let highest: u64 = customers.iter().copied().max().map_or(0, Into::into);
        Self { lowest, bits: u64::BITS.saturating_sub(highest.saturating_sub(lowest).leading_zeros()) }
    }
}

/// Hands over all rows in order of customer and time, the whole rows of one or several customers at once.
///
/// `step` gives the time of a row, or nothing if the row is left out. Rows of the same customer and time come in no particular order.
pub(super) fn by_customer<R: Row, I: Copy + Into<u64>>(
    columns: Columns<'_, I>,
    Customers { lowest, bits }: Customers,
    mut step: impl FnMut(i32, i64) -> Option<u32>,
    visit: &mut impl FnMut(&[R]) -> Result<()>,
) -> Result<()> {
    let total = columns.customers.len();
    let digit = Digit::leading(bits, total / ROWS_IN_CACHE);
    let distance = |customer: I| -> u64 { customer.into().wrapping_sub(lowest) };
    let mut piles = Piles::counted(digit, columns.customers.iter().map(|&customer| distance(customer)));
    let mut rows = vec![R::default(); total];
    for ((&customer, &day), &amount) in columns.customers.iter().zip(columns.days).zip(columns.amounts) {
        if let Some(step) = step(day, amount) {
            piles.place(&mut rows, R::new(distance(customer), step, amount));
        }
    }
    let mut scratch = vec![R::default(); piles.largest()];
    for (start, end) in piles.ranges() {
        if let Some(pile) = rows.get_mut(start..end)
            && let Some(scratch) = scratch.get_mut(..pile.len())
        {
            in_order(pile, scratch, digit.shift, visit)?;
        }
    }
    Ok(())
}

/// Puts a pile in order and hands it over. The customers in it differ in their last `bits` at most.
fn in_order<R: Row>(rows: &mut [R], scratch: &mut [R], bits: u32, visit: &mut impl FnMut(&[R]) -> Result<()>) -> Result<()> {
    let Some(&first) = rows.first() else { return Ok(()) };
    if bits == 0 || rows.len() <= FEW_ROWS || rows.iter().all(|row| row.customer() == first.customer()) {
        if !rows.is_sorted_by_key(|row| row.key()) {
            rows.sort_unstable_by_key(|row| row.key());
        }
        return visit(rows);
    }
    let digit = Digit::leading(bits, rows.len() / ROWS_TO_COMPARE);
    let mut piles = Piles::counted(digit, rows.iter().map(|row| row.customer()));
    for &row in rows.iter() {
        piles.place(scratch, row);
    }
    for (start, end) in piles.ranges() {
        if let Some((pile, free)) = scratch.get_mut(start..end).zip(rows.get_mut(start..end)) {
            in_order(pile, free, digit.shift, visit)?;
        }
    }
    Ok(())
}

/// A pile of this many rows of two words is a quarter of a megabyte.
const ROWS_IN_CACHE: usize = 1 << 14;

/// No more piles at once than this: each keeps a cache line and an entry of the page table busy.
const MOST_DIGIT_BITS: u32 = 11;

/// Up to so many rows it is faster to compare than to deal out.
const FEW_ROWS: usize = 32;

/// How many rows a pile is to have when rows are dealt out for the last time.
const ROWS_TO_COMPARE: usize = 8;

/// Some bits of a customer number.
#[derive(Debug, Clone, Copy)]
struct Digit {
    /// The bits below.
    shift: u32,
    mask: u64,
}

impl Digit {
    /// The leading ones of so many bits, as many as it takes for so many piles.
    fn leading(bits: u32, piles: usize) -> Self {
        let width = piles.checked_ilog2().unwrap_or(0).clamp(1, MOST_DIGIT_BITS).min(bits);
        let mask = 1_u64.checked_shl(width).unwrap_or(0).saturating_sub(1);
        Self { shift: bits.saturating_sub(width), mask }
    }

    fn of(self, customer: u64) -> usize {
        let digit = customer.checked_shr(self.shift).unwrap_or(0) & self.mask;
        usize::try_from(digit).unwrap_or(0)
    }

    fn count(self) -> usize {
        usize::try_from(self.mask).unwrap_or(0).saturating_add(1)
    }
}

/// Where each pile begins and how far it has been filled.
#[derive(Debug)]
struct Piles {
    digit: Digit,
    starts: Vec<usize>,
    /// The end of what has been placed.
    ends: Vec<usize>,
    largest: usize,
}

impl Piles {
    fn counted(digit: Digit, customers: impl Iterator<Item = u64>) -> Self {
        let mut starts = vec![0_usize; digit.count()];
        for customer in customers {
            if let Some(count) = starts.get_mut(digit.of(customer)) {
                *count = count.wrapping_add(1);
            }
        }
        let (mut start, mut largest) = (0_usize, 0);
        for pile in &mut starts {
            let count = *pile;
            *pile = start;
            // All counts together are the rows in memory.
            start = start.wrapping_add(count);
            largest = largest.max(count);
        }
        Self { digit, ends: starts.clone(), starts, largest }
    }

    fn place<R: Row>(&mut self, rows: &mut [R], row: R) {
        if let Some(end) = self.ends.get_mut(self.digit.of(row.customer()))
            && let Some(slot) = rows.get_mut(*end)
        {
            *slot = row;
            *end = end.wrapping_add(1);
        }
    }

    fn largest(&self) -> usize {
        self.largest
    }

    fn ranges(&self) -> impl Iterator<Item = (usize, usize)> {
        self.starts.iter().copied().zip(self.ends.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use rand_pcg::Pcg64Mcg;
    use rand_pcg::rand_core::{Rng as _, SeedableRng as _};

    use super::*;

    /// Every row in order, and that no customer is handed over in two parts.
    fn ordered<R: Row>(customers: &[u64], days: &[i32]) -> Vec<(u64, u32, i64)> {
        let amounts: Vec<i64> = (0..i64::try_from(customers.len()).unwrap()).collect();
        let columns = Columns { customers, days, amounts: &amounts };
        let range = Customers::of(customers);
        let (mut all, mut last) = (Vec::new(), None);
        by_customer::<R, u64>(columns, range, |day, _| u32::try_from(day).ok(), &mut |rows: &[R]| {
            assert!(last.is_none_or(|last| last < rows[0].customer()));
            last = Some(rows[rows.len() - 1].customer());
            all.extend(rows.iter().map(|row| (row.customer() + range.lowest, row.step(), row.amount())));
            Ok(())
        })
        .unwrap();
        all
    }

    fn check(customers: &[u64], days: &[i32]) {
        let kept = customers.iter().zip(days).zip(0_i64..).filter(|((_, day), _)| **day >= 0);
        let mut expected: Vec<(u64, u32, i64)> =
            kept.map(|((&customer, &day), row)| (customer, u32::try_from(day).unwrap(), row)).collect();
        expected.sort_unstable();
        let sorted = |mut rows: Vec<(u64, u32, i64)>| {
            assert!(rows.is_sorted_by_key(|&(customer, step, _)| (customer, step)));
            rows.sort_unstable();
            rows
        };
        assert_eq!(sorted(ordered::<[u64; 3]>(customers, days)), expected);
        if Customers::of(customers).bits <= u32::BITS {
            assert_eq!(sorted(ordered::<[u64; 2]>(customers, days)), expected);
        }
    }

    #[test]
    fn rows_come_by_customer_whatever_their_numbers() {
        let mut random = Pcg64Mcg::seed_from_u64(1);
        let mut days = |rows: usize| -> Vec<i32> { (0..rows).map(|_| i32::try_from(random.next_u32() % 400).unwrap() - 4).collect() };
        let mut random = Pcg64Mcg::seed_from_u64(2);
        for rows in [0, 1, 2, 33, 1_000, 70_000] {
            let days = days(rows);
            let mut of = |number: &dyn Fn(u64) -> u64| -> Vec<u64> { (0..rows).map(|_| number(random.next_u64())).collect() };
            check(&of(&|_| u64::MAX), &days);
            check(&of(&|random| random), &days);
            check(&of(&|random| random % 5_000), &days);
            check(&of(&|random| u64::from(u32::MAX) + random % 700), &days);
            // All but a few in one pile, again and again.
            check(&of(&|random| if random % 50 == 0 { random } else { random % 40 }), &days);
            check(&of(&|random| 1 << (random % 64)), &days);
            // One customer has most of the rows.
            check(&of(&|random| if random % 3 == 0 { random % 100 } else { 77 }), &days);
        }
    }

    #[test]
    fn digits_never_reach_beyond_the_bits() {
        for bits in 0..=64 {
            for piles in [0, 1, 2, 1_000, usize::MAX] {
                let digit = Digit::leading(bits, piles);
                let highest = if bits == 0 { 0 } else { u64::MAX >> (64 - bits) };
                assert_eq!(digit.of(highest), digit.count() - 1, "{bits} {piles}");
                assert!(digit.shift < bits || bits == 0);
            }
        }
    }
}
