//! The orders of a file as columns: customers numbered in the order of their names, days since the first order, cents.

use customer_metrics::repeat_buying::{
    CalibrationHoldout, HistoryRules, PeriodLength, PeriodRule, PurchaseHistories, PurchaseTrack, ReturnRule, Transactions,
};
use customer_metrics::{FixedColumn, MinorUnit, Result};
use jiff::civil::Date;

use crate::Request;
use crate::input::{Fault, OrderRows, Table};

/// Days of a week, in which all time is told here.
pub const WEEK: u32 = 7;

/// A century: who was a customer before it is none after it.
const MOST_DAYS: i32 = 36_525;

#[derive(Debug)]
pub struct Orders {
    /// By number.
    pub names: Vec<String>,
    customers: Vec<u32>,
    days: Vec<i32>,
    cents: Vec<i64>,
    pub first: Date,
    /// The last days of the calibration and of the holdout.
    pub calibration: Date,
    pub end: Date,
    /// The longest time without an order, if it is more than half of all.
    pub gap: Option<[Date; 2]>,
}

pub fn read(table: &Table, request: &Request) -> Result<Orders, Fault> {
    let rows = OrderRows::of(table)?;
    let (first, last) = (rows.first, rows.last);
    let mut names = rows.customers.clone();
    names.sort_unstable();
    names.dedup();

    let fault = |message: String| Fault::in_file(table.path(), message);
    let days_since = |date: Date| (date - first).get_days();
    let end = request.holdout_end.unwrap_or(last);
    let middle = || first.checked_add(jiff::Span::new().days(days_since(end) / 2)).unwrap_or(first);
    let calibration = request.calibration_end.unwrap_or_else(middle);
    if first == last {
        return Err(fault(format!("has orders of one day only, {first}: nothing can be held against what came after")));
    }
    if !(first < calibration && calibration < end) {
        return Err(fault(format!("begins on {first}: the calibration must end after that and before {end}, not on {calibration}")));
    }
    if days_since(end) > MOST_DAYS {
        return Err(fault(format!("would have to be looked at from {first} to {end}: a date is wrong, or --holdout-end")));
    }
    let number = |name: &&str| names.binary_search(name).ok().and_then(|number| u32::try_from(number).ok());
    let customers: Option<Vec<u32>> = rows.customers.iter().map(number).collect();
    let customers = customers.ok_or_else(|| fault("has too many customers".to_owned()))?;
    let days = rows.dates.iter().map(|&date| days_since(date)).collect();
    let names = names.into_iter().map(str::to_owned).collect();
    let mut dates = rows.dates.clone();
    dates.sort_unstable();
    let days_between = |[from, until]: [Date; 2]| (until - from).get_days();
    let gap = dates.windows(2).filter_map(|pair| pair.try_into().ok()).max_by_key(|pair| days_between(*pair));
    let gap = gap.filter(|gap| rows.dates.len() > 2 && days_between(*gap) > days_since(last) / 2);
    Ok(Orders { names, customers, days, cents: rows.cents, first, calibration, end, gap })
}

impl Orders {
    pub fn rows(&self) -> usize {
        self.days.len()
    }

    pub fn split(&self) -> Result<CalibrationHoldout> {
        self.transactions()?.calibration_and_holdout(&self.rules(self.calibration)?, self.day(self.end))
    }

    pub fn track(&self) -> Result<PurchaseTrack> {
        self.transactions()?.purchase_track(&self.rules(self.calibration)?, self.day(self.end))
    }

    /// Of everyone, calibration and holdout together.
    pub fn histories(&self) -> Result<PurchaseHistories> {
        self.transactions()?.histories(&self.rules(self.end)?)
    }

    fn transactions(&self) -> Result<Transactions<'_>> {
        Transactions::new(&self.customers, &self.days, FixedColumn::new(&self.cents, MinorUnit::CENT))
    }

    fn rules(&self, last_day: Date) -> Result<HistoryRules> {
        HistoryRules::new(self.day(last_day), PeriodRule::Elapsed(PeriodLength::of_days(WEEK)?), ReturnRule::Net)
    }

    fn day(&self, date: Date) -> i32 {
        (date - self.first).get_days()
    }
}
