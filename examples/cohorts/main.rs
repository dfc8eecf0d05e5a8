//! Cohorts and revenue from a file of orders: who comes back after how many months, and what became of every month's revenue.
//!
//! `cargo run --release --example cohorts`, or with a file of one's own: `-- --help` says how.

#[path = "../input/mod.rs"]
mod input;
mod orders;
mod retention;
mod revenue;

use std::process::ExitCode;

use jiff::civil::Date;

use crate::input::{CommandLine, Fault, Table, run, sample};

const HELP: &str = "\
Prints cohorts by month of first order and revenue movements from month to month.

  --orders FILE    columns customer (or customer_id), date (YYYYMMDD or YYYY-MM-DD), amount  [the sample in examples/data]
  --until DATE     the day up to which the file is complete                                  [that of the last order]
  --months MONTHS  how many months after the first order are shown                           [17]

A month that is not complete is left out: who has not come yet in it is not lost. Who has not ordered for half a year is taken for lost
in the table of the month or later; a cell is in brackets until half a year has been seen after it.";

fn main() -> ExitCode {
    run(HELP, report)
}

/// Everything is read and computed before the first line is printed.
fn report(line: &CommandLine) -> Result<String, Fault> {
    let until = line.value("--until", "a date such as 1998-06-30", |text| text.parse::<Date>().ok())?;
    let months = line.value("--months", "a whole number of months from 1 on", |text| text.parse().ok().filter(|months| *months > 0))?;
    let table = Table::read(&line.path("--orders").unwrap_or_else(|| sample("cdnow_sample.csv")))?;
    let orders = orders::read(&table, until)?;
    let mut out = String::new();
    retention::print(&mut out, &orders, months.unwrap_or(17)).map_err(|fault| Fault::in_file(table.path(), fault))?;
    revenue::print(&mut out, &orders).map_err(|fault| Fault::in_file(table.path(), fault))?;
    Ok(out)
}
