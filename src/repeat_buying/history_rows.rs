//! Rows brought together by customer, and in order of time.
//!
//! Sorting ten million rows by comparing them, or scattering them to a million customers at once, waits for memory at every step. Here the
//! rows are dealt out by the leading bits of the customer number to so few piles that every pile has its end in a cache, then each pile,
//! which fits into a cache itself, again, until a few rows are left to compare. What takes part is the distance to the lowest number, so
//! dense numbers need no more than their own bits, and what the pile says of a customer is not said again in its rows.

use crate::error::Result;

/// A purchase on the way to its customer: who and when in one number to compare, and the amount.
pub(super) trait Row: Copy + Default {
    /// Customer first, then time.
    type Key: Copy + Ord;

    fn new(customer: u64, step: u32, step_bits: u32, amount: i64) -> Self;
    fn key(self) -> Self::Key;
    fn customer(self, step_bits: u32) -> u64;
    fn step(self, step_bits: u32) -> u32;
    fn amount(self) -> i64;
}

/// Customer and time in 32 bits, and the amount too.
impl Row for [u32; 2] {
    type Key = u32;

    fn new(customer: u64, step: u32, step_bits: u32, amount: i64) -> Self {
        [low_half(packed(customer, step, step_bits)), narrow(amount)]
    }

    fn key(self) -> u32 {
        let [key, _] = self;
        key
    }

    fn customer(self, step_bits: u32) -> u64 {
        u64::from(self.key()).wrapping_shr(step_bits)
    }

    fn step(self, step_bits: u32) -> u32 {
        step_of(self.key().into(), step_bits)
    }

    fn amount(self) -> i64 {
        let [_, amount] = self;
        amount.cast_signed().into()
    }
}

/// Customer and time in 64 bits, the amount in 32.
impl Row for [u32; 3] {
    type Key = u64;

    fn new(customer: u64, step: u32, step_bits: u32, amount: i64) -> Self {
        let key = packed(customer, step, step_bits);
        [low_half(key >> u32::BITS), low_half(key), narrow(amount)]
    }

    fn key(self) -> u64 {
        let [high, low, _] = self;
        (u64::from(high) << u32::BITS) | u64::from(low)
    }

    fn customer(self, step_bits: u32) -> u64 {
        self.key().wrapping_shr(step_bits)
    }

    fn step(self, step_bits: u32) -> u32 {
        step_of(self.key(), step_bits)
    }

    fn amount(self) -> i64 {
        let [.., amount] = self;
        amount.cast_signed().into()
    }
}

/// A word each, for whatever is too wide for the others.
impl Row for [u64; 3] {
    type Key = (u64, u64);

    fn new(customer: u64, step: u32, _: u32, amount: i64) -> Self {
        [customer, step.into(), amount.cast_unsigned()]
    }

    fn key(self) -> (u64, u64) {
        let [customer, step, _] = self;
        (customer, step)
    }

    fn customer(self, _: u32) -> u64 {
        let [customer, ..] = self;
        customer
    }

    fn step(self, _: u32) -> u32 {
        let [_, step, _] = self;
        low_half(step)
    }

    fn amount(self) -> i64 {
        let [.., amount] = self;
        amount.cast_signed()
    }
}

fn packed(customer: u64, step: u32, step_bits: u32) -> u64 {
    customer.wrapping_shl(step_bits) | u64::from(step)
}

fn step_of(key: u64, step_bits: u32) -> u32 {
    low_half(key & mask(step_bits))
}

fn low_half(value: u64) -> u32 {
    u32::try_from(value & u64::from(u32::MAX)).unwrap_or(u32::MAX)
}

/// An amount within 32 bits.
fn narrow(amount: i64) -> u32 {
    low_half(amount.cast_unsigned())
}

fn mask(bits: u32) -> u64 {
    1_u64.checked_shl(bits).unwrap_or(0).wrapping_sub(1)
}

/// The lowest and the highest.
pub(super) fn extremes<T: Copy + Ord>(column: &[T]) -> Option<[T; 2]> {
    // Eight at once, of which none waits for the one before it.
    let (blocks, rest) = column.as_chunks::<8>();
    let mut lanes = [[*column.first()?; 2]; 8];
    for block in blocks {
        for ([low, high], &value) in lanes.iter_mut().zip(block) {
            *low = value.min(*low);
            *high = value.max(*high);
        }
    }
    let rest = rest.iter().map(|&value| [value; 2]);
    lanes.into_iter().chain(rest).reduce(|[low, high], [lower, higher]| [low.min(lower), high.max(higher)])
}

fn bits(value: u64) -> u32 {
    u64::BITS.saturating_sub(value.leading_zeros())
}

/// The columns that rows are made of; all have the same length.
#[derive(Clone, Copy)]
pub(super) struct Columns<'a, I> {
    pub(super) customers: &'a [I],
    pub(super) days: &'a [i32],
    pub(super) amounts: &'a [i64],
}

/// How the rows of some columns are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    lowest_customer: u64,
    /// What the piles of the first dealing have in common.
    digit: Digit,
    lowest_step: u32,
    step_bits: u32,
    narrow_amounts: bool,
}

impl Layout {
    /// `steps` are the lowest and the highest that there can be, `amounts` the extremes of the column.
    pub(super) fn of<I: Copy + Ord + Into<u64>>(columns: Columns<'_, I>, [lowest_step, highest_step]: [u32; 2], amounts: [i64; 2]) -> Self {
        let [lowest_customer, highest] = extremes(columns.customers).map_or([0; 2], |customers| customers.map(Into::into));
        let customer_bits = bits(highest.saturating_sub(lowest_customer));
        let step_bits = bits(highest_step.saturating_sub(lowest_step).into());
        let digit = Digit::leading(customer_bits, columns.customers.len() / ROWS_IN_CACHE);
        // More piles, if a row then takes half of the memory.
        let wider = digit.wider(digit.shift.saturating_add(step_bits).saturating_sub(u64::BITS));
        let enough_rows = columns.customers.len() >= wider.count().saturating_mul(ROWS_FOR_A_PILE);
        let digit = if wider.width() <= MOST_DIGIT_BITS && enough_rows { wider } else { digit };
        let narrow_amounts = amounts.iter().all(|&amount| i32::try_from(amount).is_ok());
        Self { lowest_customer, digit, lowest_step, step_bits, narrow_amounts }
    }

    /// How many bits customer and step have together in a row.
    pub(super) fn key_bits(self) -> u32 {
        self.digit.shift.saturating_add(self.step_bits)
    }

    pub(super) fn narrow_amounts(self) -> bool {
        self.narrow_amounts
    }

    pub(super) fn same_customer<R: Row>(self, a: R, b: R) -> bool {
        a.customer(self.step_bits) == b.customer(self.step_bits)
    }

    pub(super) fn step<R: Row>(self, row: R) -> u32 {
        row.step(self.step_bits).wrapping_add(self.lowest_step)
    }

    /// The number of the customer of a row in this pile.
    pub(super) fn customer<R: Row>(self, pile: usize, row: R) -> u64 {
        let leading = u64::try_from(pile).unwrap_or(0).checked_shl(self.digit.shift).unwrap_or(0);
        (leading | row.customer(self.step_bits)).wrapping_add(self.lowest_customer)
    }
}

/// Hands over all rows in order of customer and time, the whole rows of one or several customers at once, with the pile they come from.
///
/// `step` gives the time of a row, or nothing if the row is left out. Rows of the same customer and time come in no particular order.
pub(super) fn by_customer<R: Row, I: Copy + Into<u64>>(
    columns: Columns<'_, I>,
    layout: Layout,
    mut step: impl FnMut(i32, i64) -> Option<u32>,
    mut visit: impl FnMut(usize, &[R]) -> Result<()>,
) -> Result<()> {
    let total = columns.customers.len();
    let Layout { lowest_customer, digit, lowest_step, step_bits, .. } = layout;
    let distance = |customer: I| -> u64 { customer.into().wrapping_sub(lowest_customer) };
    let mut piles = Piles::counted(digit, columns.customers.iter().map(|&customer| distance(customer)));
    let mut rows = vec![R::default(); total];
    let rest = mask(digit.shift);
    for ((&customer, &day), &amount) in columns.customers.iter().zip(columns.days).zip(columns.amounts) {
        if let Some(step) = step(day, amount) {
            let customer = distance(customer);
            piles.place(&mut rows, customer, R::new(customer & rest, step.wrapping_sub(lowest_step), step_bits, amount));
        }
    }
    let mut scratch = vec![R::default(); piles.largest()];
    for (number, (start, end)) in piles.ranges().enumerate() {
        if let Some(pile) = rows.get_mut(start..end)
            && let Some(scratch) = scratch.get_mut(..pile.len())
        {
            let visit = &mut |rows: &[R]| visit(number, rows);
            if step_bits <= MOST_DIGIT_BITS && pile.len().checked_shr(step_bits).unwrap_or(0) > 0 {
                in_time(pile, scratch, step_bits);
                in_order(scratch, pile, digit.shift, step_bits, visit)?;
            } else {
                in_order(pile, scratch, digit.shift, step_bits, visit)?;
            }
        }
    }
    Ok(())
}

/// Writes the rows to `sorted` in order of time, of which there are few.
fn in_time<R: Row>(rows: &[R], sorted: &mut [R], step_bits: u32) {
    let step = |row: R| u64::from(row.step(step_bits));
    let mut piles = Piles::counted(Digit { shift: 0, mask: mask(step_bits) }, rows.iter().map(|&row| step(row)));
    for &row in rows {
        piles.place(sorted, step(row), row);
    }
}

/// Puts a pile in order and hands it over. The customers in it differ in their last `bits` at most.
fn in_order<R: Row>(
    rows: &mut [R],
    scratch: &mut [R],
    bits: u32,
    step_bits: u32,
    visit: &mut impl FnMut(&[R]) -> Result<()>,
) -> Result<()> {
    let Some(&first) = rows.first() else { return Ok(()) };
    if bits == 0 || rows.len() <= FEW_ROWS || rows.iter().all(|row| row.customer(step_bits) == first.customer(step_bits)) {
        if !rows.is_sorted_by_key(|row| row.key()) {
            rows.sort_unstable_by_key(|row| row.key());
        }
        return visit(rows);
    }
    let digit = Digit::leading(bits, rows.len() / ROWS_TO_COMPARE);
    let mut piles = Piles::counted(digit, rows.iter().map(|row| row.customer(step_bits)));
    for &row in rows.iter() {
        piles.place(scratch, row.customer(step_bits), row);
    }
    for (start, end) in piles.ranges() {
        if let Some((pile, free)) = scratch.get_mut(start..end).zip(rows.get_mut(start..end)) {
            in_order(pile, free, digit.shift, step_bits, visit)?;
        }
    }
    Ok(())
}

/// A pile of this many rows is at most 400 kilobytes, most often half of that.
const ROWS_IN_CACHE: usize = 1 << 14;

/// Fewer rows than this are not worth a pile.
const ROWS_FOR_A_PILE: usize = 1 << 8;

/// No more piles at once than this: each keeps a cache line and an entry of the page table busy.
const MOST_DIGIT_BITS: u32 = 11;

/// Up to so many rows it is faster to compare than to deal out.
const FEW_ROWS: usize = 64;

/// How many rows a pile is to have when rows are dealt out for the last time.
const ROWS_TO_COMPARE: usize = 4;

/// Some bits of a customer number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Digit {
    /// The bits below.
    shift: u32,
    mask: u64,
}

impl Digit {
    /// The leading ones of so many bits, as many as it takes for so many piles.
    fn leading(bits: u32, piles: usize) -> Self {
        let width = piles.checked_ilog2().unwrap_or(0).clamp(1, MOST_DIGIT_BITS).min(bits);
        Self { shift: bits.saturating_sub(width), mask: mask(width) }
    }

    /// With so many more of the bits below, where there are.
    fn wider(self, more: u32) -> Self {
        let more = more.min(self.shift);
        Self { shift: self.shift.saturating_sub(more), mask: (self.mask.wrapping_shl(more)) | mask(more) }
    }

    fn width(self) -> u32 {
        bits(self.mask)
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

    fn layout(customers: &[u64], days: &[i32], amounts: &[i64]) -> Layout {
        let [low, high] = extremes(days).unwrap_or_default();
        let steps = [low, high].map(|day| u32::try_from(day.max(0)).unwrap());
        Layout::of(Columns { customers, days, amounts }, steps, extremes(amounts).unwrap_or_default())
    }

    /// Every row in order, and that no customer is handed over in two parts.
    fn ordered<R: Row>(customers: &[u64], days: &[i32]) -> Vec<(u64, u32, i64)> {
        let amounts: Vec<i64> = (0..i64::try_from(customers.len()).unwrap()).collect();
        let layout = layout(customers, days, &amounts);
        let (mut all, mut last) = (Vec::new(), None);
        let step = |day: i32, _: i64| u32::try_from(day).ok();
        by_customer(Columns { customers, days, amounts: &amounts }, layout, step, |pile, rows: &[R]| {
            let customer = |row: &R| layout.customer(pile, *row);
            assert!(last.is_none_or(|last| last < customer(&rows[0])));
            last = rows.last().map(customer);
            all.extend(rows.iter().map(|row| (customer(row), layout.step(*row), row.amount())));
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
        let key_bits = layout(customers, days, &[]).key_bits();
        if key_bits <= u32::BITS {
            assert_eq!(sorted(ordered::<[u32; 2]>(customers, days)), expected);
        }
        if key_bits <= u64::BITS {
            assert_eq!(sorted(ordered::<[u32; 3]>(customers, days)), expected);
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
    fn the_extremes_are_those_of_all_rows_and_narrow_rows_hold_them() {
        for rows in [0, 1, 7, 8, 9, 100] {
            let column: Vec<i64> = (0..rows).map(|row| (row * 37 - 50) % 41).collect();
            let expected = column.iter().min().zip(column.iter().max()).map(|(&low, &high)| [low, high]);
            assert_eq!(extremes(&column), expected);
        }
        let of = |customers: &[u64], days: &[i32], amounts: &[i64]| {
            let layout = layout(customers, days, amounts);
            (layout.key_bits(), layout.narrow_amounts())
        };
        let (least, most) = (i64::from(i32::MIN), i64::from(i32::MAX));
        assert_eq!(of(&[0, u64::MAX], &[0, i32::MAX], &[least, most]), (63 + 31, true));
        assert_eq!(of(&[5, 6], &[9, 9], &[least - 1]), (0, false));
        // More bits in the piles, and customer and time share a word, if there are rows enough.
        let customers: Vec<u64> = (0..1 << 17).map(|row| row << 47).collect();
        assert_eq!(of(&customers, &[0, 31], &[0]).0, 64);
        assert_eq!(of(&customers, &[0, 1023], &[0]).0, 61 + 10);
        for amount in [least, -1, 0, most] {
            assert_eq!(<[u32; 2] as Row>::new(1, 2, 3, amount).amount(), amount);
            assert_eq!(<[u32; 3] as Row>::new(1, 2, 3, amount).amount(), amount);
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
