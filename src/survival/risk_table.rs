//! Who was at risk, who left and who was censored, at each distinct time.

use crate::error::{Bound, Error, Result};

/// One distinct time at which the observation of someone ended.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct RiskRow {
    time: f64,
    at_risk: f64,
    left: f64,
    censored: f64,
}

impl RiskRow {
    pub(super) fn new(time: f64, [at_risk, left, censored]: [f64; 3]) -> Self {
        Self { time, at_risk, left, censored }
    }

    /// The time.
    #[must_use]
    pub fn time(&self) -> f64 {
        self.time
    }

    /// How many were at risk: under observation just before the time. Whole unless weights are not; exact up to 2^53.
    #[must_use]
    pub fn at_risk(&self) -> f64 {
        self.at_risk
    }

    /// How many left at the time.
    #[must_use]
    pub fn left(&self) -> f64 {
        self.left
    }

    /// How many were censored at the time.
    #[must_use]
    pub fn censored(&self) -> f64 {
        self.censored
    }
}

/// How many have come under observation after 0 up to a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Entered {
    pub(super) time: f64,
    pub(super) so_far: f64,
}

/// Who was at risk, who left and who was censored at each distinct time: what every curve and test is computed from.
///
/// It is made from columns by [`Observations::risk_table`](super::Observations::risk_table), or from counts by
/// [`LifeTable::risk_table`](super::LifeTable::risk_table); from the same customers both give the same table.
///
/// ```
/// use customer_metrics::survival::{Ending::{Censored, Left}, Observations};
///
/// let table = Observations::new(&[1.0, 2.0, 2.0, 5.0], &[Left, Left, Censored, Left])?.risk_table();
/// let rows: Vec<_> = table.rows().iter().map(|row| (row.time(), row.at_risk(), row.left(), row.censored())).collect();
/// assert_eq!(rows, [(1.0, 4.0, 1.0, 0.0), (2.0, 3.0, 1.0, 1.0), (5.0, 1.0, 1.0, 0.0)]);
/// assert_eq!(table.numbers_at_risk(&[0.0, 2.0, 3.0, 6.0])?, [4.0, 3.0, 1.0, 0.0]);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RiskTable {
    rows: Vec<RiskRow>,
    entries: Vec<Entered>,
    subjects: u64,
}

impl RiskTable {
    pub(super) fn of_rows(rows: Vec<RiskRow>, entries: Vec<Entered>, subjects: u64) -> Self {
        Self { rows, entries, subjects }
    }

    /// One row per distinct time, in order.
    #[must_use]
    pub fn rows(&self) -> &[RiskRow] {
        &self.rows
    }

    /// How many customers there are; with weights their sum, rounded down to a whole number.
    #[must_use]
    pub fn subjects(&self) -> u64 {
        self.subjects
    }

    /// How many left, at any time.
    #[must_use]
    pub fn left(&self) -> f64 {
        self.rows.iter().map(|row| row.left).sum()
    }

    /// The last time at which anyone was under observation, if anyone ever was.
    #[must_use]
    pub fn last_time(&self) -> Option<f64> {
        self.rows.last().map(|row| row.time)
    }

    /// How many were at risk at each of these times: what is printed below a curve. After the last time it is 0.
    ///
    /// # Errors
    /// [`Error::Row`] with the first time that is negative, infinite or NaN.
    pub fn numbers_at_risk(&self, times: &[f64]) -> Result<Vec<f64>> {
        times.iter().enumerate().map(|(row, &time)| self.number_at_risk(time).map_err(|error| error.at_row(row))).collect()
    }

    fn number_at_risk(&self, time: f64) -> Result<f64> {
        check_time("time", time)?;
        let next = self.rows.get(self.rows.partition_point(|row| row.time < time));
        Ok(next.map_or(0.0, |next| self.at_risk_before(time, next)))
    }

    /// How many are at risk at a time before `next`, the first row that is not before it.
    pub(super) fn at_risk_before(&self, time: f64, next: &RiskRow) -> f64 {
        if self.entries.is_empty() {
            return next.at_risk;
        }
        (next.at_risk - (self.entered_before(next.time) - self.entered_before(time))).max(0.0)
    }

    fn entered_before(&self, time: f64) -> f64 {
        let position = self.entries.partition_point(|entry| entry.time < time);
        position.checked_sub(1).and_then(|last| self.entries.get(last)).map_or(0.0, |entry| entry.so_far)
    }
}

/// A time that one may ask for.
pub(super) fn check_time(field: &'static str, time: f64) -> Result<()> {
    if !time.is_finite() {
        return Err(Error::out_of_bounds(field, time, Bound::Finite));
    }
    if time < 0.0 {
        return Err(Error::out_of_bounds(field, time, Bound::AtLeast(0_u64.into())));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Ending, Observations};
    use super::*;

    #[test]
    fn late_entries_are_at_risk_only_after_them() {
        let times = [2.0, 4.0, 6.0, 8.0];
        let observations = Observations::new(&times, &[Ending::Left; 4]).unwrap().with_entries(&[0.0, 2.0, 3.0, 7.0]).unwrap();
        let table = observations.risk_table();
        let at_risk: Vec<f64> = table.rows().iter().map(RiskRow::at_risk).collect();
        assert_eq!(at_risk, [1.0, 2.0, 1.0, 1.0]);
        assert_eq!(
            table.numbers_at_risk(&[0.0, 2.0, 2.5, 3.0, 3.5, 7.0, 7.5, 8.0, 9.0]).unwrap(),
            [1.0, 1.0, 1.0, 1.0, 2.0, 0.0, 1.0, 1.0, 0.0]
        );
        assert_eq!(table.numbers_at_risk(&[1.0, -1.0]).unwrap_err().row(), Some(1));
        assert!(table.numbers_at_risk(&[f64::INFINITY]).is_err());
    }

    #[test]
    fn no_one_is_an_empty_table() {
        let table = Observations::new(&[], &[]).unwrap().risk_table();
        assert_eq!(table, RiskTable::default());
        assert_eq!(table.last_time(), None);
        assert_eq!(table.numbers_at_risk(&[0.0]).unwrap(), [0.0]);
    }
}
