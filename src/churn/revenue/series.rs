//! Revenue movements over many periods, from rows of customers, periods and amounts.

use rust_decimal::Decimal;

use super::movement::{EarlierRevenue, movement};
use super::movements::RevenueUnits;
use super::tally::{MovedCustomers, RevenueSettings, RevenueTally, count};
use crate::churn::PeriodWindow;
use crate::churn::by_customer::{Row, for_each_customer};
use crate::error::{Bound, Error, Result};
use crate::tally::Tally;

/// One [`RevenueTally`] for every period of a window but the first: from the period before it to that period.
///
/// The closing of each is the opening of the next, to the minor unit. Revenue before the window is not known: whoever comes back to
/// the window from before it counts as new, so let the window begin early and read the later periods.
///
/// All rows of a customer must be in one series. Series of different customers merge.
///
/// ```
/// use customer_metrics::churn::{PeriodWindow, RevenueSeries, RevenueSettings};
///
/// // Customer 7 pays 30.00 a month, misses the third and is back in the fourth; customer 8 has two subscriptions from the second on.
/// let customers = [7_u64, 7, 7, 8, 8, 8, 8, 8, 8];
/// let months = [1_u32, 2, 4, 2, 2, 3, 3, 4, 4];
/// let cents = [30_00, 30_00, 30_00, 10_00, 5_00, 10_00, 5_00, 10_00, 2_50];
/// let series = RevenueSeries::from_columns(RevenueSettings::default(), PeriodWindow::new(1, 4)?, &customers, &months, &cents)?;
///
/// let movements: Vec<String> = series.tallies().map(|(month, tally)| format!("{month}: {}", tally.movements())).collect();
/// assert_eq!(movements, [
///     "2: 30 + 15 new + 0 reactivation + 0 expansion - 0 contraction - 0 churned = 45",
///     "3: 45 + 0 new + 0 reactivation + 0 expansion - 0 contraction - 30 churned = 15",
///     "4: 15 + 0 new + 30 reactivation + 0 expansion - 2.5 contraction - 0 churned = 42.5",
/// ]);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct RevenueSeries {
    window: PeriodWindow,
    settings: RevenueSettings,
    tallies: Vec<RevenueTally>,
}

impl RevenueSeries {
    /// The movements in these rows, which may come in any order: whose revenue, in which period, and how much in minor units. The amounts of
    /// a customer in the same period add up; no row is nothing.
    ///
    /// It takes a time in proportion to the rows (times the logarithm of those of a part), and 16 bytes of memory for each.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::Row`] with the first row whose period is not in the window or, if
    /// there is none, whose amount is negative.
    pub fn from_columns<C, P>(
        settings: RevenueSettings,
        window: PeriodWindow,
        customers: &[C],
        periods: &[P],
        amounts: &[i64],
    ) -> Result<Self>
    where
        C: Copy + Into<u64>,
        P: Copy + Into<u32>,
    {
        for length in [periods.len(), amounts.len()] {
            if length != customers.len() {
                return Err(Error::mismatch("column length", customers.len(), length));
            }
        }
        window.check_column("period", periods)?;
        if let Some((row, &units)) = amounts.iter().enumerate().find(|&(_, &units)| units < 0) {
            let amount = settings.unit.amount("revenue", units.into())?;
            return Err(Error::out_of_bounds("revenue", amount, Bound::AtLeast(Decimal::ZERO.into())).at_row(row));
        }
        let mut pairs = vec![(RevenueUnits::default(), MovedCustomers::default()); window.periods().saturating_sub(1)];
        // The sums cannot overflow: they are of fewer than 2^64 numbers of 63 bits.
        let mut move_to = |closing_at: u32, opening: i128, closing: i128, earlier: EarlierRevenue| {
            let pair = usize::try_from(closing_at).unwrap_or(usize::MAX).checked_sub(1);
            if let Some((units, customers)) = pair.and_then(|pair| pairs.get_mut(pair)) {
                count(units, customers, movement(&opening, &closing, &0, earlier, settings.reactivation), opening, closing);
            }
        };
        let rows = customers.iter().zip(periods).zip(amounts);
        let rows = rows.map(|((&customer, &period), &units)| (customer.into(), period.into().saturating_sub(window.first()), units));
        for_each_customer(rows, |rows| {
            let mut last: Option<(u32, i128)> = None;
            for of_period in rows.chunk_by(|a, b| a.rank() == b.rank()) {
                let units = of_period.iter().fold(0_i128, |sum, row| sum.saturating_add(row.value.into()));
                let Some(period) = of_period.first().filter(|_| units > 0).map(Row::rank) else { continue };
                match last {
                    Some((before, opening)) if period == before.saturating_add(1) => move_to(period, opening, units, EarlierRevenue::Never),
                    Some((before, opening)) => {
                        move_to(before.saturating_add(1), opening, 0, EarlierRevenue::Never);
                        let empty = period.saturating_sub(before).saturating_sub(1);
                        move_to(period, 0, units, EarlierRevenue::from_code(empty));
                    }
                    None => move_to(period, 0, units, EarlierRevenue::Never),
                }
                last = Some((period, units));
            }
            if let Some((before, opening)) = last {
                move_to(before.saturating_add(1), opening, 0, EarlierRevenue::Never);
            }
        });
        let tallies = pairs.into_iter().map(|(units, customers)| RevenueTally::counted(settings, units, customers)).collect();
        Ok(Self { window, settings, tallies })
    }

    /// The periods.
    #[must_use]
    pub fn window(&self) -> PeriodWindow {
        self.window
    }

    /// How the money is counted, and who counts as reactivated.
    #[must_use]
    pub fn settings(&self) -> RevenueSettings {
        self.settings
    }

    /// Every closing period with its tally, in order: one fewer than there are periods.
    #[must_use]
    pub fn tallies(&self) -> impl ExactSizeIterator<Item = (u32, &RevenueTally)> + DoubleEndedIterator {
        self.tallies.iter().enumerate().map(|(pair, tally)| {
            let after_first = u32::try_from(pair).unwrap_or(u32::MAX).saturating_add(1);
            (self.window.first().saturating_add(after_first), tally)
        })
    }

    /// The tally from the period before this one to this one.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the period is not in the window, or the first of it: nothing is known before it.
    pub fn closing_in(&self, period: u32) -> Result<&RevenueTally> {
        let position = period.checked_sub(self.window.first()).and_then(|position| usize::try_from(position).ok());
        position.and_then(|position| self.tallies.get(position.checked_sub(1)?)).ok_or_else(|| {
            let second = u64::from(self.window.first()).saturating_add(1);
            Error::out_of_bounds("closing period", period, Bound::Within(second.into(), self.window.last().into()))
        })
    }

    /// Adds the movements of other customers in the same periods.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the window or the settings differ; [`Error::Overflow`] if a count or a sum would.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.window != other.window {
            return Err(Error::mismatch("periods", self.window, other.window));
        }
        if self.settings != other.settings {
            return Err(Error::mismatch("revenue settings", self.settings, other.settings));
        }
        let mut merged = self.tallies.clone();
        for (tally, theirs) in merged.iter_mut().zip(&other.tallies) {
            tally.merge(theirs)?;
        }
        self.tallies = merged;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(customers: &[u32], periods: &[u32], amounts: &[i64]) -> Result<RevenueSeries> {
        RevenueSeries::from_columns(RevenueSettings::default(), PeriodWindow::new(5, 8).unwrap(), customers, periods, amounts)
    }

    #[test]
    fn wrong_rows_are_named() {
        let error = series(&[1, 1], &[5, 9], &[1, -1]).unwrap_err();
        assert_eq!(error.to_string(), "row 1: period is 9, but must be within 5 to 8");
        let error = series(&[1, 1], &[5, 8], &[1, -1]).unwrap_err();
        assert_eq!(error.to_string(), "row 1: revenue is -0.01, but must be at least 0");
        assert!(matches!(series(&[1], &[5, 6], &[1]), Err(Error::Mismatch { .. })));
        assert!(matches!(series(&[1], &[5], &[]), Err(Error::Mismatch { .. })));
    }

    #[test]
    fn nothing_moves_where_there_is_nothing() {
        let empty = series(&[], &[], &[]).unwrap();
        assert_eq!(empty.tallies().len(), 3);
        assert!(empty.tallies().all(|(_, tally)| *tally == RevenueTally::default()));
        // A row of no revenue is no customer.
        assert_eq!(series(&[1], &[6], &[0]).unwrap(), empty);
        assert!(empty.closing_in(5).is_err() && empty.closing_in(9).is_err() && empty.closing_in(8).is_ok());
        let single = PeriodWindow::new(5, 5).unwrap();
        let single = RevenueSeries::from_columns(RevenueSettings::default(), single, &[1_u32], &[5_u32], &[1]).unwrap();
        assert_eq!(single.tallies().len(), 0);
    }

    #[test]
    fn who_leaves_after_the_last_period_is_not_yet_lost() {
        let all = series(&[1, 1], &[7, 8], &[100, 100]).unwrap();
        assert_eq!(all.closing_in(7).unwrap().customers().new, 1);
        assert_eq!(all.closing_in(8).unwrap().customers().unchanged, 1);
        assert_eq!(all.tallies().map(|(_, tally)| tally.customers().churned).sum::<u64>(), 0);
    }
}
