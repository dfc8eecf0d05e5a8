//! Files of orders.

use customer_metrics::Decimal;
use jiff::civil::Date;

use super::{Fault, Table};

/// The rows of a file of orders, at least one, and none of a day before the year 0.
#[derive(Debug)]
pub struct OrderRows<'a> {
    pub customers: Vec<&'a str>,
    pub dates: Vec<Date>,
    /// In hundredths; below 0 where something came back.
    pub cents: Vec<i64>,
    pub first: Date,
    pub last: Date,
}

impl<'a> OrderRows<'a> {
    pub fn of(table: &'a Table) -> Result<Self, Fault> {
        let dates = table.column(&["date"])?.parse("a date such as 19970131 or 1997-01-31, in a year from 0 on", |text| {
            text.parse::<Date>().ok().filter(|date| date.year() >= 0)
        })?;
        let cents = table.column(&["amount"])?.parse("an amount of money below 10^12 with at most 2 decimal places", |text| {
            let amount = Decimal::from_str_exact(text).ok()?.normalize();
            // Checked to be small, so that nothing is lost on the way to cents.
            let is_money = amount.scale() <= 2 && amount.abs() < Decimal::from(1_000_000_000_000_u64);
            let cents = is_money.then(|| amount.checked_mul(Decimal::ONE_HUNDRED)).flatten()?;
            i64::try_from(cents.normalize().mantissa()).ok()
        })?;
        let customers = table.column(&["customer", "customer_id", "master_id"])?.names()?;
        let ends = dates.iter().min().copied().zip(dates.iter().max().copied());
        let (first, last) = ends.ok_or_else(|| Fault::in_file(table.path(), "has no orders"))?;
        Ok(Self { customers, dates, cents, first, last })
    }
}
