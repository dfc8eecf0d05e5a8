//! The orders of a file as columns: customers numbered from 0, months, cents.

use std::collections::HashMap;

use customer_metrics::churn::PeriodWindow;
use jiff::civil::Date;

use crate::input::{Fault, OrderRows, Table};

/// The orders of the complete months.
#[derive(Debug)]
pub struct Orders {
    pub customers: Vec<u32>,
    /// Numbered as 12 x year + month - 1.
    pub months: Vec<u32>,
    pub cents: Vec<i64>,
    pub window: PeriodWindow,
    /// Orders of a month that is not complete.
    pub left_out: usize,
}

/// A file that is complete for a year beyond its last order is a file of the wrong year.
const MOST_EMPTY: u32 = 12;

pub fn read(table: &Table, until: Option<Date>) -> Result<Orders, Fault> {
    let OrderRows { customers: names, dates, cents: amounts, first, last } = OrderRows::of(table)?;
    if let Some(row) = amounts.iter().position(|cents| *cents < 0) {
        return Err(table.fault_in_row(row, "the amount is below 0, and the revenue of a month is what was paid in it: leave returns out"));
    }
    let fault = |message: String| Fault::in_file(table.path(), message);
    let until = until.unwrap_or(last);
    let is_complete = until == until.last_of_month();
    let Some(last_month) = month(until).checked_sub(u32::from(!is_complete)).filter(|&last| last >= month(first)) else {
        return Err(fault(format!("has no complete month: it begins on {first} and is complete up to {until}")));
    };
    if last_month > month(last).saturating_add(MOST_EMPTY) {
        return Err(fault(format!("has its last order on {last}; up to {until} there would be more than {MOST_EMPTY} months without one")));
    }
    let window = PeriodWindow::new(month(first), last_month)
        .map_err(|error| fault(format!("has orders from {first} to {last}, and a date is wrong: {error}")))?;

    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let (mut customers, mut months, mut cents) = (Vec::new(), Vec::new(), Vec::new());
    for ((name, date), amount) in names.into_iter().zip(&dates).zip(&amounts) {
        if window.contains(month(*date)) {
            let next = u32::try_from(numbers.len()).map_err(|_| fault("has too many customers".to_owned()))?;
            customers.push(*numbers.entry(name).or_insert(next));
            months.push(month(*date));
            cents.push(*amount);
        }
    }
    let left_out = dates.len() - customers.len();
    Ok(Orders { customers, months, cents, window, left_out })
}

/// The number of the month that a day is in.
fn month(date: Date) -> u32 {
    let [year, month] = [i32::from(date.year()), i32::from(date.month())].map(|part| u32::try_from(part).unwrap_or(0));
    12 * year + month - 1
}

/// Such as `1997-01`.
pub fn name(month: u32) -> String {
    format!("{:04}-{:02}", month / 12, month % 12 + 1)
}
