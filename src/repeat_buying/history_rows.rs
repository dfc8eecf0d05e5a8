//! Rows brought together by customer, and in order of time.
//!
//! Sorting ten million rows by comparing them, or scattering them to a million customers at once, waits for memory at every step. Here the
//! rows are dealt out by the leading bits of the customer number to so few piles that every pile has its end in a cache, then each pile,
//! which fits into a cache itself, again, until a few rows are left to compare. What takes part are the bits in which numbers differ, so
//! dense numbers need no more than their own bits; and a row is packed into as few bits as its columns take.

use crate::error::Result;

/// A purchase on the way to its customer: customer, time and amount in one number, as far above their lowest ones as they are. Rows are in
/// order of customer and time where their numbers are.
pub(super) trait Row: Copy + Default + Ord {
    /// `customer` is the distance to the lowest number.
    fn new(layout: &Layout, customer: u64, step: u32, amount: i64) -> Self;
    fn customer(self, layout: &Layout) -> u64;
    fn step(self, layout: &Layout) -> u32;
    fn amount(self, layout: &Layout) -> i64;
}

/// How many bits each part of a row takes, and what it is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    /// What all customer numbers begin with, as the lowest number that does.
    pub(super) lowest_customer: u64,
    customer_bits: u32,
    lowest_step: u32,
    step_bits: u32,
    lowest_amount: i64,
    amount_bits: u32,
}

/// How many words a row takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    One,
    Two,
    Three,
}

impl Layout {
    /// For columns whose days `step` turns into times that do not fall.
    ///
    /// What is looked at are the bits that differ, not the least and the greatest: processors compare many words of 64 bits at once only if
    /// they are new, and combine them by bits in any case.
    pub(super) fn of<I: Copy + Ord + Into<u64>>(columns: Columns<'_, I>, step: impl Fn(i32) -> u32) -> Self {
        let first: u64 = columns.customers.first().map_or(0, |&customer| customer.into());
        let differing = columns.customers.iter().fold(0, |bits, &customer| bits | (customer.into() ^ first));
        let customer_bits = bits(differing);
        let earliest = columns.days.iter().copied().min().map_or(0, &step);
        let latest = columns.days.iter().copied().max().map_or(0, &step);
        // Without their sign, amounts from -2^k on to below 2^k have k bits.
        let size = columns.amounts.iter().fold(0, |bits, &amount| bits | (amount ^ (amount >> 63)));
        let size_bits = bits(size.cast_unsigned());
        let negative = columns.amounts.iter().fold(0, |bits, &amount| bits | amount) < 0;
        let (lowest_amount, amount_bits) =
            if negative { (-1_i64).checked_shl(size_bits).map_or((0, size_bits), |lowest| (lowest, size_bits.saturating_add(1))) } else { (0, size_bits) };
        Self {
            lowest_customer: first & !mask(customer_bits),
            customer_bits,
            lowest_step: earliest,
            step_bits: bits(latest.saturating_sub(earliest).into()),
            lowest_amount,
            amount_bits,
        }
    }

    pub(super) fn words(&self) -> Words {
        match self.customer_bits.saturating_add(self.step_bits).saturating_add(self.amount_bits) {
            0..=64 => Words::One,
            65..=128 => Words::Two,
            _ => Words::Three,
        }
    }

    fn above_customer(&self) -> u32 {
        self.step_bits.saturating_add(self.amount_bits)
    }
}

fn bits(largest: u64) -> u32 {
    u64::BITS.saturating_sub(largest.leading_zeros())
}

/// All below so many bits.
fn mask(bits: u32) -> u64 {
    u64::MAX.checked_shr(u64::BITS.saturating_sub(bits)).unwrap_or(0)
}

impl Row for u64 {
    fn new(layout: &Layout, customer: u64, step: u32, amount: i64) -> Self {
        let step = u64::from(step.wrapping_sub(layout.lowest_step));
        let amount = amount.wrapping_sub(layout.lowest_amount).cast_unsigned();
        customer.checked_shl(layout.above_customer()).unwrap_or(0) | step.checked_shl(layout.amount_bits).unwrap_or(0) | amount
    }

    fn customer(self, layout: &Layout) -> u64 {
        self.checked_shr(layout.above_customer()).unwrap_or(0)
    }

    fn step(self, layout: &Layout) -> u32 {
        low_half(self.checked_shr(layout.amount_bits).unwrap_or(0) & mask(layout.step_bits)).wrapping_add(layout.lowest_step)
    }

    fn amount(self, layout: &Layout) -> i64 {
        (self & mask(layout.amount_bits)).cast_signed().wrapping_add(layout.lowest_amount)
    }
}

impl Row for u128 {
    fn new(layout: &Layout, customer: u64, step: u32, amount: i64) -> Self {
        let step = u128::from(step.wrapping_sub(layout.lowest_step));
        let amount = u128::from(amount.wrapping_sub(layout.lowest_amount).cast_unsigned());
        let customer = u128::from(customer);
        customer.checked_shl(layout.above_customer()).unwrap_or(0) | step.checked_shl(layout.amount_bits).unwrap_or(0) | amount
    }

    fn customer(self, layout: &Layout) -> u64 {
        low_word(self.checked_shr(layout.above_customer()).unwrap_or(0))
    }

    fn step(self, layout: &Layout) -> u32 {
        low_half(low_word(self.checked_shr(layout.amount_bits).unwrap_or(0)) & mask(layout.step_bits)).wrapping_add(layout.lowest_step)
    }

    fn amount(self, layout: &Layout) -> i64 {
        (low_word(self) & mask(layout.amount_bits)).cast_signed().wrapping_add(layout.lowest_amount)
    }
}

/// Customer, time and amount in a word each.
impl Row for [u64; 3] {
    fn new(_: &Layout, customer: u64, step: u32, amount: i64) -> Self {
        [customer, step.into(), amount.cast_unsigned()]
    }

    fn customer(self, _: &Layout) -> u64 {
        let [customer, ..] = self;
        customer
    }

    fn step(self, _: &Layout) -> u32 {
        let [_, step, _] = self;
        low_half(step)
    }

    fn amount(self, _: &Layout) -> i64 {
        let [.., amount] = self;
        amount.cast_signed()
    }
}

fn low_half(value: u64) -> u32 {
    u32::try_from(value & u64::from(u32::MAX)).unwrap_or(u32::MAX)
}

fn low_word(value: u128) -> u64 {
    u64::try_from(value & u128::from(u64::MAX)).unwrap_or(u64::MAX)
}

/// The columns that rows are made of; all have the same length.
#[derive(Clone, Copy)]
pub(super) struct Columns<'a, I> {
    pub(super) customers: &'a [I],
    pub(super) days: &'a [i32],
    pub(super) amounts: &'a [i64],
}

/// Hands over all rows in order of customer and time, the whole rows of one or several customers at once.
///
/// `step` gives the time of a row, or nothing if the row is left out. Rows of the same customer and time come in no particular order.
pub(super) fn by_customer<R: Row, I: Copy + Into<u64>>(
    columns: Columns<'_, I>,
    layout: &Layout,
    mut step: impl FnMut(i32, i64) -> Option<u32>,
    visit: &mut impl FnMut(&[R]) -> Result<()>,
) -> Result<()> {
    let total = columns.customers.len();
    let digit = Digit::leading(layout.customer_bits, total / ROWS_IN_CACHE);
    let distance = |customer: I| -> u64 { customer.into().wrapping_sub(layout.lowest_customer) };
    let mut piles = Piles::counted(digit, columns.customers.iter().map(|&customer| distance(customer)));
    let mut rows = vec![R::default(); total];
    for ((&customer, &day), &amount) in columns.customers.iter().zip(columns.days).zip(columns.amounts) {
        if let Some(step) = step(day, amount) {
            let customer = distance(customer);
            piles.place(&mut rows, customer, R::new(layout, customer, step, amount));
        }
    }
    let mut scratch = vec![R::default(); piles.largest()];
    for (start, end) in piles.ranges() {
        if let Some(pile) = rows.get_mut(start..end)
            && let Some(scratch) = scratch.get_mut(..pile.len())
        {
            in_order(layout, pile, scratch, digit.shift, visit)?;
        }
    }
    Ok(())
}

/// Puts a pile in order and hands it over. The customers in it differ in their last `bits` at most.
fn in_order<R: Row>(
    layout: &Layout,
    rows: &mut [R],
    scratch: &mut [R],
    bits: u32,
    visit: &mut impl FnMut(&[R]) -> Result<()>,
) -> Result<()> {
    let Some(first) = rows.first().map(|row| row.customer(layout)) else { return Ok(()) };
    if bits == 0 || rows.len() <= FEW_ROWS || rows.iter().all(|row| row.customer(layout) == first) {
        rows.sort_unstable();
        return visit(rows);
    }
    let digit = Digit::leading(bits, rows.len() / ROWS_TO_COMPARE);
    let mut piles = Piles::counted(digit, rows.iter().map(|row| row.customer(layout)));
    for &row in rows.iter() {
        piles.place(scratch, row.customer(layout), row);
    }
    for (start, end) in piles.ranges() {
        if let Some((pile, free)) = scratch.get_mut(start..end).zip(rows.get_mut(start..end)) {
            in_order(layout, pile, free, digit.shift, visit)?;
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

    fn place<R: Row>(&mut self, rows: &mut [R], customer: u64, row: R) {
        if let Some(end) = self.ends.get_mut(self.digit.of(customer))
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
        let layout = Layout::of(columns, |day| u32::try_from(day).unwrap_or(0));
        let (mut all, mut last) = (Vec::new(), None);
        by_customer::<R, u64>(columns, &layout, |day, _| u32::try_from(day).ok(), &mut |rows: &[R]| {
            let customer = |row: &R| row.customer(&layout);
            assert!(last.is_none_or(|last| last < customer(&rows[0])));
            last = Some(customer(&rows[rows.len() - 1]));
            all.extend(rows.iter().map(|row| (customer(row) + layout.lowest_customer, row.step(&layout), row.amount(&layout))));
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
        assert_eq!(sorted(ordered::<u128>(customers, days)), expected);
        let amounts: Vec<i64> = (0..i64::try_from(customers.len()).unwrap()).collect();
        let layout = Layout::of(Columns { customers, days, amounts: &amounts }, |day| u32::try_from(day).unwrap_or(0));
        if layout.words() == Words::One {
            assert_eq!(sorted(ordered::<u64>(customers, days)), expected);
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
    fn rows_are_as_short_as_what_is_in_them() {
        let layout = |customers: &[u64], days: &[i32], amounts: &[i64]| {
            Layout::of(Columns { customers, days, amounts }, |day| day.abs_diff(i32::MIN))
        };
        let words = |customers: &[u64], days: &[i32], amounts: &[i64]| layout(customers, days, amounts).words();
        assert_eq!(words(&[], &[], &[]), Words::One);
        assert_eq!(words(&[7, 1 << 32], &[0, 729], &[0, 1_000_000]), Words::One);
        assert_eq!(words(&[0, u64::MAX], &[0, 729], &[-5, 1 << 50]), Words::Two);
        assert_eq!(words(&[0, u64::MAX], &[0, 0], &[i64::MIN, i64::MAX]), Words::Two);
        assert_eq!(words(&[0, u64::MAX], &[0, 1], &[i64::MIN, i64::MAX]), Words::Three);
        let whole = layout(&[0, u64::from(u32::MAX)], &[i32::MIN, i32::MAX], &[i64::MIN, i64::MAX]);
        assert_eq!(whole.words(), Words::Two);
        for (customer, step, amount) in [(0, 0, i64::MIN), (u64::from(u32::MAX), u32::MAX, i64::MAX), (5, 3, -1)] {
            let row = <u128 as Row>::new(&whole, customer, step, amount);
            assert_eq!((row.customer(&whole), row.step(&whole), row.amount(&whole)), (customer, step, amount));
        }
        // One part may take all of a word.
        for (customers, days, amounts) in [([0, u64::MAX], [4, 4], [0, 0]), ([7, 7], [4, 4], [i64::MIN, i64::MAX]), ([3, 3], [0, 0], [1, 1])] {
            let layout = layout(&customers, &days, &amounts);
            for (&customer, &amount) in customers.iter().zip(&amounts) {
                let distance = customer - layout.lowest_customer;
                let row = <u64 as Row>::new(&layout, distance, layout.lowest_step, amount);
                assert_eq!((row.customer(&layout), row.amount(&layout)), (distance, amount));
            }
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
