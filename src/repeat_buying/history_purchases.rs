//! From the rows of a customer to purchases: what was bought on the same day is one, and returns follow their rule.

use super::history_rows::{Columns, Layout, Row, by_customer, extremes};
use super::{CustomerColumn, HistoryRules, LeftOut, ReturnRule, Transactions};
use crate::error::{Bound, Error, Result};
use crate::fixed_column::FixedColumn;
use crate::money::{MinorUnit, MoneyTally};

/// All that a customer bought on one day, or in one period where these are counted whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Purchase {
    pub(super) step: u32,
    /// In minor units.
    pub(super) amount: i128,
}

impl Transactions<'_> {
    /// Hands over the purchases of each customer who made any by `last_day`, in order of time; customers come in order of their number.
    pub(super) fn each_customer(
        &self,
        rules: &HistoryRules,
        last_day: i32,
        visit: &mut impl FnMut(u64, &[Purchase]) -> Result<()>,
    ) -> Result<LeftOut> {
        let extremes = extremes(self.amounts().values()).unwrap_or_default();
        let [lowest, _] = extremes;
        if rules.returns() == ReturnRule::Refuse && lowest < 0 {
            refuse_negatives(self.amounts())?;
        }
        let unit = self.amounts().unit();
        let (days, amounts) = (self.days(), self.amounts().values());
        match self.customer_numbers() {
            CustomerColumn::Narrow(customers) => walk(Columns { customers, days, amounts }, extremes, unit, rules, last_day, visit),
            CustomerColumn::Wide(customers) => walk(Columns { customers, days, amounts }, extremes, unit, rules, last_day, visit),
        }
    }
}

fn refuse_negatives(amounts: FixedColumn<'_>) -> Result<()> {
    if let Some(row) = amounts.values().iter().position(|&amount| amount < 0) {
        let amount = amounts.get(row).unwrap_or_default();
        return Err(Error::out_of_bounds("amount", amount, Bound::AtLeast(0_u32.into())).at_row(row));
    }
    Ok(())
}

fn walk<I: Copy + Ord + Into<u64>>(
    columns: Columns<'_, I>,
    amounts: [i64; 2],
    unit: MinorUnit,
    rules: &HistoryRules,
    last_day: i32,
    visit: &mut impl FnMut(u64, &[Purchase]) -> Result<()>,
) -> Result<LeftOut> {
    let days = extremes(columns.days).unwrap_or([last_day; 2]);
    let layout = Layout::of(columns, days.map(|day| rules.periods().step(day.min(last_day))), amounts);
    match layout.key_bits() {
        0..=32 if layout.narrow_amounts() => walk_rows::<[u32; 2], I>(columns, layout, unit, rules, last_day, visit),
        0..=64 if layout.narrow_amounts() => walk_rows::<[u32; 3], I>(columns, layout, unit, rules, last_day, visit),
        _ => walk_rows::<[u64; 3], I>(columns, layout, unit, rules, last_day, visit),
    }
}

fn walk_rows<R: Row, I: Copy + Into<u64>>(
    columns: Columns<'_, I>,
    layout: Layout,
    unit: MinorUnit,
    rules: &HistoryRules,
    last_day: i32,
    visit: &mut impl FnMut(u64, &[Purchase]) -> Result<()>,
) -> Result<LeftOut> {
    let returns = rules.returns();
    let (mut after, mut dropped, mut netted) = (Rows::default(), Rows::default(), Rows::default());
    let step = |day: i32, amount: i64| {
        if day > last_day {
            after.add(1, amount.into());
            return None;
        }
        if amount < 0 && returns == ReturnRule::Drop {
            dropped.add(1, amount.into());
            return None;
        }
        Some(rules.periods().step(day))
    };
    let mut purchases = Vec::new();
    by_customer::<R, I>(columns, layout, step, |pile, rows| {
        for rows in rows.chunk_by(|&a, &b| layout.same_customer(a, b)) {
            let Some(&first) = rows.first() else { continue };
            purchases.clear();
            for day in rows.chunk_by(|a, b| a.key() == b.key()) {
                let amount = day.iter().fold(0_i128, |sum, row| sum.wrapping_add(row.amount().into()));
                if returns == ReturnRule::Net && amount <= 0 && day.iter().any(|row| row.amount() < 0) {
                    netted.add(day.len(), amount);
                } else {
                    purchases.extend(day.first().map(|&row| Purchase { step: layout.step(row), amount }));
                }
            }
            if !purchases.is_empty() {
                let customer = layout.customer(pile, first);
                visit(customer, &purchases).map_err(|error| at_first_row(columns.customers, customer, error))?;
            }
        }
        Ok(())
    })?;
    dropped.add(netted.count, netted.units);
    Ok(LeftOut { returns: dropped.tally(unit)?, after_last_day: after.tally(unit)? })
}

/// The same error, as one of the first row of this customer.
fn at_first_row<I: Copy + Into<u64>>(customers: &[I], customer: u64, error: Error) -> Error {
    match customers.iter().position(|&other| other.into() == customer) {
        Some(row) => error.at_row(row),
        None => error,
    }
}

/// Rows that are left out.
#[derive(Debug, Default)]
struct Rows {
    count: usize,
    units: i128,
}

impl Rows {
    /// No memory holds enough rows for either sum to overflow.
    fn add(&mut self, count: usize, units: i128) {
        self.count = self.count.saturating_add(count);
        self.units = self.units.saturating_add(units);
    }

    fn tally(&self, unit: MinorUnit) -> Result<MoneyTally> {
        MoneyTally::from_minor_units(unit, u64::try_from(self.count).unwrap_or(u64::MAX), self.units)
    }
}
