//! Customers under observation, in columns.

use super::Ending;
use super::risk_table::{Entered, RiskRow, RiskTable};
use super::time_key::{TimeKey, sort_by_key};
use crate::decimal::{count_to_f64, wide_count_to_f64};
use crate::error::{Bound, Error, Result};

/// The latest time that is taken: in seconds, thirty million years.
const LATEST: f64 = 1e15;
const LEAST_WEIGHT: f64 = 1e-6;
const LARGEST_WEIGHT: f64 = 1e12;

/// Customers under observation, one per row, in columns that the caller owns: how long, how it ended, and if need be from when and
/// with what weight.
///
/// - **Time** is counted from the start of each customer, in any unit: months, days, real numbers. It is 0 or more; 0 is a time like any
///   other, and who left at 0 has left.
/// - **Ties.** Times are equal if they are equal as doubles. R merges times that differ by less than 1.5e-8, absolute or relative to the mean time (`timefix`), which
///   makes 992,960 times of a million; here none is merged. Round times before, if they carry noise.
/// - **At risk.** Who left or was censored at t was at risk at t. So a customer censored at the time at which another leaves counts in the
///   denominator of that leaving.
/// - **Entry.** A customer who came under observation late, as in records that start when some had been customers for years, is at risk
///   only after the entry: at risk at t if entry < t. An entry of 0 is no late entry, and includes time 0. Every other entry must be
///   before the time.
/// - **Weight.** A weight of 2 is two customers with the same row; 0 is none. Weights need not be whole. Greenwood's formula and the tests
///   take the weighted counts for counts, which is right for frequencies. R does so for whole weights, and for others with
///   `robust = FALSE`. For sampling weights the variance is not that of the design.
///
/// Weights are added up as whole multiples of 2^-64, so that the order of the rows changes no bit of any result; this is exact from
/// 2^-11 up, and within 3e-14 relative at 1e-6.
///
/// ```
/// use customer_metrics::survival::{Ending::{Censored, Left}, Observations};
///
/// let months = [3.0, 12.0, 12.0, 24.0];
/// let customers = Observations::new(&months, &[Left, Left, Censored, Censored])?;
/// let curve = customers.risk_table().kaplan_meier()?;
/// assert_eq!(curve.survival_at(12.0)?, 0.5);
///
/// let error = Observations::new(&[3.0, f64::NAN], &[Left, Left]).unwrap_err();
/// assert_eq!(error.to_string(), "row 1: time is NaN, but must be within 0 to 1000000000000000");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Observations<'a> {
    times: &'a [f64],
    endings: &'a [Ending],
    entries: Option<&'a [f64]>,
    weights: Option<&'a [f64]>,
}

impl<'a> Observations<'a> {
    /// A column of times and one of how each ended. Both may be empty.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::Row`] with the first row whose time is not within 0 to 10^15.
    pub fn new(times: &'a [f64], endings: &'a [Ending]) -> Result<Self> {
        same_length(times.len(), endings.len())?;
        check_rows(
            times,
            |time| (0.0..=LATEST).contains(&time),
            |time| Error::out_of_bounds("time", time, Bound::Within(0_u64.into(), LATEST.into())),
        )?;
        Ok(Self { times, endings, entries: None, weights: None })
    }

    /// The same customers, under observation from these times on: left truncation, or delayed entry.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::Row`] with the first row whose entry is neither 0 nor before its time.
    pub fn with_entries(self, entries: &'a [f64]) -> Result<Self> {
        same_length(self.times.len(), entries.len())?;
        for (row, (&entry, &time)) in entries.iter().zip(self.times).enumerate() {
            if !(entry == 0.0 || (entry > 0.0 && entry < time)) {
                let bound = if entry < 0.0 || entry.is_nan() { Bound::AtLeast(0_u64.into()) } else { Bound::LessThan(time.into()) };
                return Err(Error::out_of_bounds("entry", entry, bound).at_row(row));
            }
        }
        Ok(Self { entries: Some(entries), ..self })
    }

    /// The same customers, each counted as often as this.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::Row`] with the first row whose weight is neither 0 nor within 1e-6 to
    /// 1e12; [`Error::Overflow`] if all weights together exceed 2^63.
    pub fn with_weights(self, weights: &'a [f64]) -> Result<Self> {
        same_length(self.times.len(), weights.len())?;
        check_rows(
            weights,
            |weight| weight == 0.0 || (LEAST_WEIGHT..=LARGEST_WEIGHT).contains(&weight),
            |weight| Error::out_of_bounds("weight", weight, Bound::Within(LEAST_WEIGHT.into(), LARGEST_WEIGHT.into())),
        )?;
        let total = weights.iter().try_fold(0_u128, |sum, &weight| sum.checked_add(Fixed::of(weight).0));
        match total {
            Some(total) if total <= 1 << 127 => Ok(Self { weights: Some(weights), ..self }),
            _ => Err(Error::Overflow { field: "weights", capacity: "2^63" }),
        }
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// Who was at risk, who left and who was censored at each distinct time.
    #[must_use]
    pub fn risk_table(&self) -> RiskTable {
        self.tables(1, |_| 0).pop().unwrap_or_default()
    }

    /// One table for each of so many groups, from a column of group numbers counted from 0. The caller keeps the names. A group that no
    /// row names has an empty table.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::OutOfBounds`] for more than 1,000,000 groups; [`Error::Row`] with the
    /// first row whose group is not less than `count`.
    pub fn by_group(&self, groups: &[u32], count: u32) -> Result<Vec<RiskTable>> {
        let index = check_groups("groups", "group", self.len(), groups, count)?;
        Ok(self.tables(index, |row| groups.get(row).map_or(0, |&group| position(group))))
    }

    /// The tables of every group within every stratum, such as contract types within regions: one list of groups per stratum.
    ///
    /// # Errors
    /// As [`by_group`](Self::by_group), for either column; the limit holds for strata x groups.
    pub fn by_stratum_and_group(
        &self,
        strata: &[u32],
        stratum_count: u32,
        groups: &[u32],
        group_count: u32,
    ) -> Result<Vec<Vec<RiskTable>>> {
        let strata_known = check_groups("strata", "stratum", self.len(), strata, stratum_count)?;
        let groups_known = check_groups("groups", "group", self.len(), groups, group_count)?;
        let cells = strata_known.saturating_mul(groups_known);
        if cells > MOST_GROUPS {
            return Err(Error::out_of_bounds("strata x groups", cells, Bound::AtMost(MOST_GROUPS.into())));
        }
        let cell = |row: usize| match (strata.get(row), groups.get(row)) {
            (Some(&stratum), Some(&group)) => position(stratum).saturating_mul(groups_known).saturating_add(position(group)),
            _ => 0,
        };
        let mut tables = self.tables(cells, cell).into_iter();
        Ok((0..strata_known).map(|_| tables.by_ref().take(groups_known).collect()).collect())
    }

    /// One table per cell, from the cell of every row.
    fn tables(&self, cells: usize, cell: impl Fn(usize) -> usize) -> Vec<RiskTable> {
        match (self.entries, self.weights) {
            (None, None) => self.counted(cells, cell),
            _ => self.weighed(cells, cell),
        }
    }

    /// Without entries and weights a row is one number: its time as bits, which sort as the times do, and its ending below them.
    fn counted(&self, cells: usize, cell: impl Fn(usize) -> usize) -> Vec<RiskTable> {
        let mut keys: Vec<Vec<TimeKey>> = Vec::new();
        if cells == 1 {
            keys.push(self.times.iter().zip(self.endings).map(|(&time, &ending)| TimeKey::new(time, ending)).collect());
        } else {
            let mut sizes = vec![0_usize; cells];
            for row in 0..self.len() {
                if let Some(size) = sizes.get_mut(cell(row)) {
                    *size = size.saturating_add(1);
                }
            }
            keys.extend(sizes.into_iter().map(Vec::with_capacity));
            for (row, (&time, &ending)) in self.times.iter().zip(self.endings).enumerate() {
                if let Some(keys) = keys.get_mut(cell(row)) {
                    keys.push(TimeKey::new(time, ending));
                }
            }
        }
        keys.into_iter().map(table_of_keys).collect()
    }

    fn weighed(&self, cells: usize, cell: impl Fn(usize) -> usize) -> Vec<RiskTable> {
        let mut rows: Vec<Vec<(TimeKey, Fixed)>> = vec![Vec::new(); cells];
        let mut entered: Vec<Vec<(TimeKey, Fixed)>> = vec![Vec::new(); cells];
        for (row, (&time, &ending)) in self.times.iter().zip(self.endings).enumerate() {
            let weight = self.weights.and_then(|weights| weights.get(row)).map_or(Fixed::ONE, |&weight| Fixed::of(weight));
            if weight == Fixed::ZERO {
                continue;
            }
            let cell = cell(row);
            if let Some(rows) = rows.get_mut(cell) {
                rows.push((TimeKey::new(time, ending), weight));
            }
            let entry = self.entries.and_then(|entries| entries.get(row)).copied().filter(|&entry| entry > 0.0);
            if let (Some(entry), Some(entered)) = (entry, entered.get_mut(cell)) {
                entered.push((TimeKey::new(entry, Ending::Censored), weight));
            }
        }
        rows.into_iter().zip(entered).map(|(rows, entered)| table_of_weights(rows, entered)).collect()
    }
}

const MOST_GROUPS: usize = 1_000_000;

fn same_length(times: usize, others: usize) -> Result<()> {
    if times == others { Ok(()) } else { Err(Error::mismatch("column length", times, others)) }
}

fn check_rows(column: &[f64], allowed: impl Fn(f64) -> bool, fault: impl Fn(f64) -> Error) -> Result<()> {
    // Counted to the end and not searched for the first, so that the compiler checks many rows at once.
    if column.iter().filter(|&&value| !allowed(value)).count() == 0 {
        return Ok(());
    }
    match column.iter().enumerate().find(|&(_, &value)| !allowed(value)) {
        Some((row, &value)) => Err(fault(value).at_row(row)),
        None => Ok(()),
    }
}

fn check_groups(many: &'static str, one: &'static str, rows: usize, column: &[u32], count: u32) -> Result<usize> {
    same_length(rows, column.len())?;
    let known = position(count);
    if known > MOST_GROUPS {
        return Err(Error::out_of_bounds(many, count, Bound::AtMost(MOST_GROUPS.into())));
    }
    match column.iter().enumerate().find(|&(_, &group)| group >= count) {
        Some((row, &group)) => Err(Error::out_of_bounds(one, group, Bound::LessThan(count.into())).at_row(row)),
        None => Ok(known),
    }
}

fn position(group: u32) -> usize {
    usize::try_from(group).unwrap_or(usize::MAX)
}

fn table_of_keys(keys: Vec<TimeKey>) -> RiskTable {
    let keys = sort_by_key(keys, |&key| key);
    let subjects = u64::try_from(keys.len()).unwrap_or(u64::MAX);
    let mut at_risk = subjects;
    let mut rows = Vec::with_capacity(distinct(&keys));
    for tied in keys.chunk_by(|a, b| a.same_time(*b)) {
        let Some(&first) = tied.first() else { continue };
        let left = tied.iter().fold(0_u64, |left, key| left.wrapping_add(key.left()));
        let gone = u64::try_from(tied.len()).unwrap_or(u64::MAX);
        rows.push(RiskRow::new(first.time(), [at_risk, left, gone.saturating_sub(left)].map(count_to_f64)));
        at_risk = at_risk.saturating_sub(gone);
    }
    RiskTable::of_rows(rows, Vec::new(), subjects)
}

fn distinct(keys: &[TimeKey]) -> usize {
    keys.windows(2).filter(|pair| matches!(pair, [a, b] if !a.same_time(*b))).count().saturating_add(1)
}

fn table_of_weights(rows: Vec<(TimeKey, Fixed)>, entered: Vec<(TimeKey, Fixed)>) -> RiskTable {
    let rows = sort_by_key(rows, |row| row.0);
    let entered = sort_by_key(entered, |row| row.0);
    let sum = |rows: &[(TimeKey, Fixed)]| rows.iter().fold(Fixed::ZERO, |sum, row| sum.plus(row.1));
    let total = sum(&rows);
    // All who are there from the start; the others come with their entry.
    let mut at_risk = total.minus(sum(&entered));
    let mut waiting = entered.as_slice();
    let mut table = Vec::new();
    for tied in rows.chunk_by(|a, b| a.0.same_time(b.0)) {
        let Some(&(first, _)) = tied.first() else { continue };
        let (come, later) = waiting.split_at(waiting.partition_point(|entry| entry.0.time() < first.time()));
        waiting = later;
        at_risk = at_risk.plus(sum(come));
        let left = tied.iter().filter(|row| row.0.left() == 1).fold(Fixed::ZERO, |sum, row| sum.plus(row.1));
        let gone = sum(tied);
        table.push(RiskRow::new(first.time(), [at_risk, left, gone.minus(left)].map(Fixed::to_f64)));
        at_risk = at_risk.minus(gone);
    }
    let mut so_far = Fixed::ZERO;
    let entries = entered
        .chunk_by(|a, b| a.0.same_time(b.0))
        .filter_map(|tied| {
            so_far = so_far.plus(sum(tied));
            tied.first().map(|first| Entered { time: first.0.time(), so_far: so_far.to_f64() })
        })
        .collect();
    RiskTable::of_rows(table, entries, total.whole())
}

/// A weight as a whole multiple of 2^-64, so that sums are exact in any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fixed(u128);

impl Fixed {
    const ZERO: Self = Self(0);
    const ONE: Self = Self(1 << 64);

    /// `weight` is 0 or a normal number below 2^63.
    fn of(weight: f64) -> Self {
        const FRACTION_BITS: u64 = 52;
        let bits = weight.to_bits();
        let exponent = (bits >> FRACTION_BITS) & 0x7ff;
        if exponent == 0 {
            return Self::ZERO;
        }
        let fraction = u128::from((bits & ((1 << FRACTION_BITS) - 1)) | (1 << FRACTION_BITS));
        // The value is fraction x 2^(exponent - 1023 - 52), and a unit is 2^-64.
        match (exponent.checked_sub(1_011), 1_011_u64.checked_sub(exponent)) {
            (Some(up), _) => Self(fraction.checked_shl(u32::try_from(up).unwrap_or(u32::MAX)).unwrap_or(0)),
            (None, Some(down)) => {
                let down = u32::try_from(down).unwrap_or(u32::MAX);
                let half = 1_u128.checked_shl(down.saturating_sub(1)).unwrap_or(0);
                Self(fraction.saturating_add(half).checked_shr(down).unwrap_or(0))
            }
            _ => Self::ZERO,
        }
    }

    fn to_f64(self) -> f64 {
        /// 2^-64.
        const UNIT: f64 = 5.421_010_862_427_522_170_037e-20;
        wide_count_to_f64(self.0) * UNIT
    }

    fn whole(self) -> u64 {
        u64::try_from(self.0 >> 64).unwrap_or(u64::MAX)
    }

    /// The sum of all weights was checked to fit.
    fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_kept_exactly_from_2_to_the_minus_11_up() {
        for weight in [0.0, 1.0, 2.0, 0.1, 1.0 / 3.0, 0.000_5, 1e12, 123_456.789, f64::from_bits(1.0_f64.to_bits() - 1)] {
            assert_eq!(Fixed::of(weight).to_f64().to_bits(), weight.to_bits(), "{weight}");
        }
        assert_eq!(Fixed::of(1.0), Fixed::ONE);
        assert_eq!(Fixed::of(2.75).whole(), 2);
        let tiny = Fixed::of(1e-6).to_f64();
        assert!((tiny / 1e-6 - 1.0).abs() < 3e-14, "{tiny}");
    }

    #[test]
    fn an_entry_must_be_before_the_time_or_0() {
        let (times, endings) = ([0.0, 2.0], [Ending::Left, Ending::Left]);
        let observations = Observations::new(&times, &endings).unwrap();
        assert!(observations.with_entries(&[0.0, 1.0]).is_ok());
        for (entries, row) in [([0.0, 2.0], 1), ([0.0, -1.0], 1), ([0.0, f64::NAN], 1), ([0.0, f64::INFINITY], 1), ([1.0, 1.0], 0)] {
            let error = observations.with_entries(&entries).unwrap_err();
            assert_eq!((error.row(), error.field()), (Some(row), Some("entry")), "{entries:?}");
        }
    }

    #[test]
    fn bad_weights_and_groups_are_named() {
        let (times, endings) = ([1.0, 2.0], [Ending::Left, Ending::Left]);
        let observations = Observations::new(&times, &endings).unwrap();
        for weight in [-1.0, 1e-7, 1e13, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE] {
            assert_eq!(observations.with_weights(&[1.0, weight]).unwrap_err().row(), Some(1), "{weight}");
        }
        assert!(matches!(observations.with_weights(&[1.0]), Err(Error::Mismatch { .. })));
        assert_eq!(observations.by_group(&[0, 2], 2).unwrap_err().to_string(), "row 1: group is 2, but must be less than 2");
        assert!(matches!(observations.by_group(&[0, 1], u32::MAX), Err(Error::OutOfBounds { field: "groups", .. })));
        assert!(observations.by_stratum_and_group(&[0, 0], 1_000_000, &[0, 0], 1_000_000).is_err());
        assert_eq!(observations.by_group(&[2, 0], 3).unwrap().iter().map(RiskTable::subjects).collect::<Vec<_>>(), [1, 0, 1]);
    }
}
