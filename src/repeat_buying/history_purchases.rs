//! From the rows of a customer to purchases: what was bought on the same day is one, and returns follow their rule.

use super::history_rows::{Columns, Layout, Row, Words, by_customer};
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
        if rules.returns() == ReturnRule::Refuse {
            refuse_negatives(self.amounts())?;
        }
        let unit = self.amounts().unit();
        let (days, amounts) = (self.days(), self.amounts().values());
        match self.customers() {
            CustomerColumn::Narrow(customers) => walk(Columns { customers, days, amounts }, unit, rules, last_day, visit),
            CustomerColumn::Wide(customers) => walk(Columns { customers, days, amounts }, unit, rules, last_day, visit),
        }
    }
}

fn refuse_negatives(amounts: FixedColumn<'_>) -> Result<()> {
    // All signs first: the compiler looks at many at once.
    if amounts.values().iter().fold(0, |signs, amount| signs | amount) < 0
        && let Some(row) = amounts.values().iter().position(|&amount| amount < 0)
    {
        let amount = amounts.get(row).unwrap_or_default();
        return Err(Error::out_of_bounds("amount", amount, Bound::AtLeast(0_u32.into())).at_row(row));
    }
    Ok(())
}

fn walk<I: Copy + Ord + Into<u64>>(
    columns: Columns<'_, I>,
    unit: MinorUnit,
    rules: &HistoryRules,
    last_day: i32,
    visit: &mut impl FnMut(u64, &[Purchase]) -> Result<()>,
) -> Result<LeftOut> {
    let layout = Layout::of(columns, |day| rules.periods().step(day));
    match layout.words() {
        Words::One => walk_rows::<u64, I>(columns, &layout, unit, rules, last_day, visit),
        Words::Two => walk_rows::<u128, I>(columns, &layout, unit, rules, last_day, visit),
        Words::Three => walk_rows::<[u64; 3], I>(columns, &layout, unit, rules, last_day, visit),
    }
}

fn walk_rows<R: Row, I: Copy + Into<u64>>(
    columns: Columns<'_, I>,
    layout: &Layout,
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
    by_customer::<R, I>(columns, layout, step, &mut |rows| {
        for rows in rows.chunk_by(|a, b| a.customer(layout) == b.customer(layout)) {
            let Some(first) = rows.first() else { continue };
            purchases.clear();
            for day in rows.chunk_by(|a, b| a.step(layout) == b.step(layout)) {
                let amount = day.iter().fold(0_i128, |sum, row| sum.saturating_add(row.amount(layout).into()));
                if returns == ReturnRule::Net && amount <= 0 && day.iter().any(|row| row.amount(layout) < 0) {
                    netted.add(day.len(), amount);
                } else {
                    purchases.extend(day.first().map(|row| Purchase { step: row.step(layout), amount }));
                }
            }
            if !purchases.is_empty() {
                visit(first.customer(layout).wrapping_add(layout.lowest_customer), &purchases)?;
            }
        }
        Ok(())
    })?;
    dropped.add(netted.count, netted.units);
    Ok(LeftOut { returns: dropped.tally(unit)?, after_last_day: after.tally(unit)? })
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
