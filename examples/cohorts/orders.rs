//! The orders of a file as columns: customers numbered from 0, months, cents.

use std::collections::HashMap;

use customer_metrics::Decimal;
use customer_metrics::churn::PeriodWindow;
use jiff::civil::Date;

use crate::input::{Fault, Table};

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
    let dates = table.column(&["date"])?.parse("a date such as 19970131 or 1997-01-31, in a year from 0 on", |text| {
        text.parse::<Date>().ok().filter(|date| date.year() >= 0)
    })?;
    let amounts = table.column(&["amount"])?.parse("an amount of money from 0 to 10^12 with at most 2 decimal places", |text| {
        let amount = Decimal::from_str_exact(text).ok()?.normalize();
        // Checked to be small, so that nothing is lost on the way to cents.
        let is_money = amount.scale() <= 2 && amount >= Decimal::ZERO && amount <= Decimal::from(1_000_000_000_000_u64);
        let cents = is_money.then(|| amount.checked_mul(Decimal::ONE_HUNDRED)).flatten()?;
        i64::try_from(cents.normalize().mantissa()).ok()
    })?;
    let names = table.column(&["customer", "customer_id", "master_id"])?.names()?;

    let fault = |message: String| Fault::in_file(table.path(), message);
    let (first, last) = (dates.iter().min(), dates.iter().max());
    let (first, last) = first.zip(last).ok_or_else(|| fault("has no orders".to_owned()))?;
    let until = until.unwrap_or(*last);
    let is_complete = until == until.last_of_month();
    let Some(last_month) = month(until).checked_sub(u32::from(!is_complete)).filter(|&last| last >= month(*first)) else {
        return Err(fault(format!("has no complete month: it begins on {first} and is complete up to {until}")));
    };
    if last_month > month(*last).saturating_add(MOST_EMPTY) {
        return Err(fault(format!("has its last order on {last}; up to {until} there would be more than {MOST_EMPTY} months without one")));
    }
    let window = PeriodWindow::new(month(*first), last_month).map_err(|error| fault(error.to_string()))?;

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
