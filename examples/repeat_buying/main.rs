//! Repeat buying from a file of orders: models fitted, held against what came after, and the base valued.
//!
//! `cargo run --release --example repeat_buying`, or with a file of one's own: `-- --help` says how.

mod chart;
#[path = "../drawing/mod.rs"]
mod drawing;
#[path = "../input/mod.rs"]
mod input;
mod models;
mod orders;
mod report;
mod validation;
mod value;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use customer_metrics::lifetime_value::DiscountRate;
use customer_metrics::{Decimal, Proportion};
use jiff::civil::Date;

use crate::input::{CommandLine, Fault, Table, file_name, percent, run, sample};
use crate::models::Models;

const HELP: &str = "\
Fits models of repeat buying to a first part of a file of orders, holds them against the rest, values the customers and draws it.

  --orders FILE           columns customer (or customer_id), date (YYYYMMDD or YYYY-MM-DD), amount
                                                                     [the sample in examples/data]
  --calibration-end DATE  the last day that the models are fitted to [the middle of the time of the file]
  --holdout-end DATE      the day up to which the file is complete   [that of the last order]
  --weeks WEEKS           how far ahead customers are valued         [52]
  --margin PERCENT        what is left of an order                   [30]
  --discount PERCENT      by how much later money is worth less, per year  [15]
  --svg FILE              where the picture is drawn                 [repeat-buying.svg]

Orders of the same day are one; returns are taken off the orders of their day.";

/// What the command line asks for.
#[derive(Debug)]
struct Request {
    calibration_end: Option<Date>,
    holdout_end: Option<Date>,
    weeks: u32,
    margin: Proportion,
    /// A year.
    discount: DiscountRate,
    svg: PathBuf,
}

fn main() -> ExitCode {
    run(HELP, repeat_buying)
}

impl Request {
    fn of(line: &CommandLine) -> Result<Self, Fault> {
        let date = |option| line.value(option, "a date such as 1997-09-30", |text| text.parse().ok());
        let weeks = line.value("--weeks", "a whole number of weeks from 1 to 5200", |text| {
            text.parse().ok().filter(|weeks| (1..=5_200).contains(weeks))
        })?;
        // What is between 0 and 1 is a fraction taken for a percentage.
        let whole = |percent: &Decimal| percent.is_zero() || *percent >= Decimal::ONE;
        let margin = line.value("--margin", "a percentage: 0, or from 1 to 100", |text| {
            percent(text).filter(|margin| whole(&(margin.to_decimal() * Decimal::ONE_HUNDRED)))
        })?;
        let discount = line.value("--discount", "a percentage: 0, or from 1 to 1000", |text| {
            let percent = text.parse().ok().filter(|percent| whole(percent) && *percent <= Decimal::ONE_THOUSAND)?;
            DiscountRate::from_percent(percent).ok()
        })?;
        Ok(Self {
            calibration_end: date("--calibration-end")?,
            holdout_end: date("--holdout-end")?,
            weeks: weeks.unwrap_or(52),
            margin: margin.map_or_else(|| Proportion::from_percent(Decimal::from(30)), Ok)?,
            discount: discount.map_or_else(|| DiscountRate::from_percent(Decimal::from(15)), Ok)?,
            svg: line.path("--svg").unwrap_or_else(|| "repeat-buying.svg".into()),
        })
    }
}

/// Everything is read, computed and drawn before the first line is printed.
fn repeat_buying(line: &CommandLine) -> Result<String, Fault> {
    let request = Request::of(line)?;
    let table = Table::read(&line.path("--orders").unwrap_or_else(|| sample("cdnow_sample.csv")))?;
    let orders = orders::read(&table, &request)?;
    let fault = |error: customer_metrics::Error| Fault::in_file(table.path(), error);
    let (split, track) = (orders.split().map_err(fault)?, orders.track().map_err(fault)?);
    let models = Models::of(&split, &track).map_err(fault)?;
    let mut out = String::new();
    let fault = |fault: Fault| Fault::in_file(table.path(), fault);
    report::print(&mut out, &orders, &split, &models).map_err(fault)?;
    validation::print(&mut out, &split, &models).map_err(fault)?;
    value::print(&mut out, &orders, &split, &models, &request).map_err(fault)?;
    chart::draw(&split, &models, &request.svg)?;
    writeln!(out, "\nThe picture is drawn in {}.", file_name(&request.svg))?;
    Ok(out)
}
