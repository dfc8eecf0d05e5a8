//! Cohorts counted from a column of customers and one of periods.

use std::collections::HashMap;

use super::tally::wrong_start;
use super::{CohortStart, CohortTally};
use crate::churn::PeriodWindow;
use crate::churn::by_customer::{Row, for_each_customer};
use crate::error::{Bound, Error, Result};
use crate::tally::Tally;

/// So many periods fit into the bits of one word.
const BITS: usize = 64;

/// Customers numbered below this have a word each, however few rows there are: half a megabyte.
const FEW: usize = 1 << 16;

impl CohortTally {
    /// Records the activity of many customers, all or none: whose, and in which period, in any order. A customer may be active more than
    /// once in a period. Customers are told apart by number, from 0 to 2^64 - 1; the caller keeps the names.
    ///
    /// All rows of a customer must be in the same call. It is fastest where customers are numbered closely from 0 and there are at most 64
    /// periods; any other numbers take a sort. The memory is at most 32 bytes for each row.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length, or starts must be given; [`Error::Row`] with the first row whose period is not
    /// in the window; [`Error::Overflow`] if all customers together exceed 64 bits.
    pub fn record_events<C, P>(&mut self, customers: &[C], periods: &[P]) -> Result<()>
    where
        C: Copy + Into<u64>,
        P: Copy + Into<u32>,
    {
        if self.settings.start() != CohortStart::FirstActivity {
            return Err(wrong_start(self.settings.start(), false));
        }
        if customers.len() != periods.len() {
            return Err(uneven(("customers", customers.len()), ("periods", periods.len())));
        }
        let window = self.settings.window();
        window.check_column("period", periods)?;
        let highest = customers.iter().fold(0_u64, |highest, &customer| highest.max(customer.into()));
        let words = usize::try_from(highest).ok().and_then(|highest| highest.checked_add(1));
        match words.filter(|&words| window.periods() <= BITS && words <= customers.len().saturating_mul(4).max(FEW)) {
            Some(words) => self.count_if_room(customers.len(), |tally| tally.count_close_numbers(words, customers, periods)),
            None => self.count_if_room(customers.len(), |tally| tally.count_any_numbers(customers, periods)),
        }
    }

    /// Counts at most so many customers, from rows that have been checked: in place, unless they might be too many.
    fn count_if_room(&mut self, most: usize, count: impl FnOnce(&mut Self)) -> Result<()> {
        let room = u64::MAX.saturating_sub(self.customers);
        if u64::try_from(most).is_ok_and(|most| most <= room) {
            count(self);
            return Ok(());
        }
        let mut counted = Self::empty(self.settings.clone());
        count(&mut counted);
        self.merge(&counted)
    }

    /// One bit for each customer and period.
    fn count_close_numbers<C: Copy + Into<u64>, P: Copy + Into<u32>>(&mut self, words: usize, customers: &[C], periods: &[P]) {
        let first = self.settings.window().first();
        let mut active = vec![0_u64; words];
        for (&customer, &period) in customers.iter().zip(periods) {
            let word = usize::try_from(customer.into()).ok().and_then(|customer| active.get_mut(customer));
            if let Some(word) = word {
                *word |= 1_u64.wrapping_shl(period.into().wrapping_sub(first));
            }
        }
        for word in active.into_iter().filter(|&word| word != 0) {
            let start = word.trailing_zeros();
            self.add(position(start), Offsets(word.wrapping_shr(start)));
        }
    }

    fn count_any_numbers<C: Copy + Into<u64>, P: Copy + Into<u32>>(&mut self, customers: &[C], periods: &[P]) {
        let first = self.settings.window().first();
        let rows = customers.iter().zip(periods).map(|(&customer, &period)| (customer.into(), period.into().wrapping_sub(first), ()));
        for_each_customer(rows, |rows| {
            let start = rows.first().map_or(0, Row::rank);
            let active = rows.chunk_by(|a, b| a.rank() == b.rank()).filter_map(|same| same.first());
            self.add(position(start), active.map(|row| position(row.rank().saturating_sub(start))));
        });
    }

    /// Records many customers whose start is [given](CohortStart::Given), all or none: a row for each customer with the start, and a row for
    /// each activity as in [`record_events`](Self::record_events). Customers without activity count.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns of a pair differ in length, or starts must not be given; [`Error::Row`] with the first start that
    /// is not in the window or whose customer is given a second one ("start 3"), or else with the first activity that is not in the window,
    /// before the start of its customer, or of a customer without a start ("row 3"); [`Error::Overflow`] if all customers together exceed
    /// 64 bits.
    pub fn record_events_with_starts<C, P>(&mut self, starting: &[C], starts: &[P], customers: &[C], periods: &[P]) -> Result<()>
    where
        C: Copy + Into<u64>,
        P: Copy + Into<u32>,
    {
        if self.settings.start() != CohortStart::Given {
            return Err(wrong_start(self.settings.start(), true));
        }
        if starting.len() != starts.len() {
            return Err(uneven(("starting customers", starting.len()), ("starts", starts.len())));
        }
        if customers.len() != periods.len() {
            return Err(uneven(("customers", customers.len()), ("periods", periods.len())));
        }
        let window = self.settings.window();
        let rank = |period: P| period.into().wrapping_sub(window.first());
        for (row, &start) in starts.iter().enumerate() {
            let _ = window.position("start", start.into()).map_err(|error| error.at("start", row))?;
        }
        window.check_column("period", periods)?;
        // Start and number of active periods of each customer, and these periods, counted from the start.
        let mut checked: Vec<(u32, usize)> = Vec::with_capacity(starting.len());
        let mut offsets: Vec<u32> = Vec::with_capacity(customers.len());
        let mut is_faulty = false;
        // The start comes before every activity, so that it is found at the front.
        let members = starting.iter().zip(starts).map(|(&customer, &start)| (customer.into(), rank(start), ()));
        let events = customers.iter().zip(periods);
        let events = events.map(|(&customer, &period)| (customer.into(), rank(period).saturating_add(PeriodWindow::MOST), ()));
        for_each_customer(members.chain(events), |rows| {
            let is_start = |rank: u32| rank < PeriodWindow::MOST;
            let mut ranks = rows.iter().map(Row::rank);
            let start = ranks.next().filter(|&rank| is_start(rank));
            let next = ranks.next();
            let early = start.map(|start| start.saturating_add(PeriodWindow::MOST));
            is_faulty |= early.is_none_or(|early| next.is_some_and(|next| next < early));
            let start = start.unwrap_or(0);
            let active = rows.chunk_by(|a, b| a.rank() == b.rank()).filter_map(|same| same.first()).skip(1);
            let before = offsets.len();
            offsets.extend(active.map(|row| row.rank().saturating_sub(PeriodWindow::MOST).saturating_sub(start)));
            checked.push((start, offsets.len().saturating_sub(before)));
        });
        if is_faulty {
            first_fault(starting, starts, customers, periods)?;
        }
        self.count_if_room(starting.len(), |tally| {
            let mut rest = offsets.as_slice();
            for (start, active) in checked {
                let (own, others) = rest.split_at_checked(active).unwrap_or_default();
                tally.add(position(start), own.iter().map(|&offset| position(offset)));
                rest = others;
            }
        })
    }
}

fn uneven((left, of_left): (&str, usize), (right, of_right): (&str, usize)) -> Error {
    Error::mismatch("column length", format_args!("{of_left} {left}"), format_args!("{of_right} {right}"))
}

/// Which start or activity it was that cannot be.
fn first_fault<C: Copy + Into<u64>, P: Copy + Into<u32>>(starting: &[C], starts: &[P], customers: &[C], periods: &[P]) -> Result<()> {
    let mut known: HashMap<u64, u32> = HashMap::new();
    for (row, (&customer, &start)) in starting.iter().zip(starts).enumerate() {
        if known.insert(customer.into(), start.into()).is_some() {
            return Err(Error::Repeated { field: "customer", value: customer.into().to_string() }.at("start", row));
        }
    }
    for (row, (&customer, &period)) in customers.iter().zip(periods).enumerate() {
        let customer: u64 = customer.into();
        let expected = "a customer whose start is given";
        let start =
            *known.get(&customer).ok_or_else(|| Error::Unknown { field: "customer", value: customer.to_string(), expected }.at_row(row))?;
        if period.into() < start {
            return Err(Error::out_of_bounds("period", period.into(), Bound::AtLeast(start.into())).at_row(row));
        }
    }
    Ok(())
}

fn position(rank: u32) -> usize {
    usize::try_from(rank).unwrap_or(usize::MAX)
}

/// The positions of the bits that are set, in ascending order.
struct Offsets(u64);

impl Iterator for Offsets {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let next = (self.0 != 0).then(|| position(self.0.trailing_zeros()));
        self.0 &= self.0.wrapping_sub(1);
        next
    }
}
