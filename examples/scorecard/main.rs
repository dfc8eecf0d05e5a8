//! A service team's scorecard: from ratings, complaints and orders to satisfaction, retention, lifetime value and money at risk.
//!
//! `cargo run --release --example scorecard`, or with files of one's own: `-- --help` says how.

mod chart;
mod complaints;
#[path = "../retention_curve/customers.rs"]
mod customers;
#[path = "../drawing/mod.rs"]
mod drawing;
#[path = "../input/mod.rs"]
mod input;
mod money;
mod orders;
mod ratings;
mod retention;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use customer_metrics::satisfaction::Scale;
use customer_metrics::{Decimal, Proportion};

use crate::customers::Customers;
use crate::input::{CommandLine, Fault, Table, file_name, percent, ratings_by, run, sample, scale};

const HELP: &str = "\
Prints a scorecard from CSV files and draws the complaint-retention curve.

  --ratings FILE      columns item, rating, and answers if a row stands for several
  --complaints FILE   columns complained (yes, no), days (number, open, never), stayed (yes, no, unknown),
                      problem (yes, no) if customers without one are in the file, and customers if a row
                      stands for several
  --customers FILE    columns tenure (whole periods), churned (yes, no), and contract or group to compare up to eight
  --orders FILE       columns customer (or customer_id), date (YYYYMMDD or YYYY-MM-DD), amount

  --scale LOW-HIGH    the rating scale                                          [1-5]
  --quick DAYS        up to when a resolution counts as quick                   [1; 15 for the sample]
  --years YEARS       how long a customer is assumed to keep ordering           [3]
  --margin PERCENT    the share of order value that is profit                   [30]
  --problems PERCENT  the share of customers with a problem, if not recorded    [32.4]
  --svg FILE          where the curve is drawn                                  [complaint-retention.svg]

Without any of the four files it uses the samples in examples/data. With some of them it leaves out the rest.";

/// What the command line asks for.
#[derive(Debug)]
struct Request {
    ratings: Option<PathBuf>,
    complaints: Option<PathBuf>,
    customers: Option<PathBuf>,
    orders: Option<PathBuf>,
    scale: Scale,
    quick_days: Option<u32>,
    years: Decimal,
    assumed: money::Assumed,
    svg: PathBuf,
}

fn main() -> ExitCode {
    run(HELP, scorecard)
}

impl Request {
    fn of(line: &CommandLine) -> Result<Self, Fault> {
        let default = Proportion::from_percent;
        let assumed = |option| line.value(option, "a percentage from 0 to 100", percent);
        let years = line.value("--years", "a number of years above 0, up to 100", |text| {
            text.parse().ok().filter(|years| Decimal::ZERO < *years && *years <= Decimal::ONE_HUNDRED)
        })?;
        let mut request = Self {
            ratings: line.path("--ratings"),
            complaints: line.path("--complaints"),
            customers: line.path("--customers"),
            orders: line.path("--orders"),
            scale: line.value("--scale", "a scale such as 1-5 or 0-10", scale)?.unwrap_or(Scale::ONE_TO_FIVE),
            quick_days: line.value("--quick", "a whole number of days from 1 on", |text| text.parse().ok().filter(|&days| days > 0))?,
            years: years.unwrap_or_else(|| Decimal::from(3)),
            assumed: money::Assumed {
                margin: assumed("--margin")?.map_or_else(|| default(Decimal::from(30)), Ok)?,
                problem_rate: assumed("--problems")?.map_or_else(|| default(Decimal::new(324, 1)), Ok)?,
            },
            svg: line.path("--svg").unwrap_or_else(|| "complaint-retention.svg".into()),
        };
        let files = [&request.ratings, &request.complaints, &request.customers, &request.orders];
        if files.iter().all(|file| file.is_none()) {
            request.ratings = Some(sample("airline_ratings.csv"));
            request.complaints = Some(sample("cfpb_outcomes.csv"));
            request.customers = Some(sample("subscribers.csv"));
            request.orders = Some(sample("cdnow_sample.csv"));
        }
        Ok(request)
    }
}

/// Everything is read, computed and drawn before the first line is printed.
fn scorecard(line: &CommandLine) -> Result<String, Fault> {
    let request = Request::of(line)?;
    let read = |path: &Option<PathBuf>| path.as_deref().map(Table::read).transpose();
    let (ratings, complaints) = (read(&request.ratings)?, read(&request.complaints)?);
    let (customers, orders) = (read(&request.customers)?, read(&request.orders)?);
    let ratings = ratings.map(|table| ratings_by(&table, &["item"], request.scale)).transpose()?;
    let complaints = complaints
        .map(|table| {
            let complaints = complaints::tally(&table, request.quick_days)?;
            let curve = complaints.tally.curve().map_err(|error| Fault::in_file(table.path(), error))?;
            Ok::<_, Fault>((complaints, curve))
        })
        .transpose()?;
    let customers = customers.map(|table| Customers::of(&table)).transpose()?;
    let orders = orders.map(|table| orders::base(&table, request.years)).transpose()?;

    let mut out = String::new();
    if let Some(ratings) = &ratings {
        ratings::print(&mut out, ratings, request.scale)?;
    }
    if let Some((complaints, curve)) = &complaints {
        complaints::print(&mut out, complaints, curve)?;
        chart::draw(curve, complaints.staying, &request.svg)?;
        writeln!(out, "  The curve is drawn in {}.", file_name(&request.svg))?;
    }
    if let Some(customers) = &customers {
        retention::print(&mut out, customers)?;
    }
    if let Some(orders) = &orders {
        orders::print(&mut out, orders)?;
    }
    if let (Some((complaints, curve)), Some(orders)) = (&complaints, &orders) {
        let worth = money::worth(complaints, orders, request.assumed)?;
        money::print(&mut out, complaints, curve, worth.as_ref())?;
    }
    Ok(out)
}
