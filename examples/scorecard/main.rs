//! A service team's scorecard: from ratings, complaints and orders to satisfaction, retention, lifetime value and money at risk.
//!
//! `cargo run --release --example scorecard`, or with files of one's own: `-- --help` says how.

mod chart;
mod complaints;
#[path = "../retention_curve/customers.rs"]
mod customers;
mod input;
mod money;
mod orders;
mod ratings;
mod retention;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use customer_metrics::satisfaction::Scale;
use customer_metrics::{Decimal, Proportion};

use crate::customers::Customers;
use crate::input::{Fault, Table};

const HELP: &str = "\
Prints a scorecard from CSV files and draws the complaint-retention curve.

  --ratings FILE      columns item, rating, and answers if a row stands for several
  --complaints FILE   columns complained (yes, no), days (number, open, never), stayed (yes, no, unknown),
                      problem (yes, no) if customers without one are in the file, and customers if a row
                      stands for several
  --customers FILE    columns tenure (whole periods), churned (yes, no), and contract or group to compare up to eight
  --orders FILE       columns customer_id, date (YYYYMMDD or YYYY-MM-DD), amount

  --scale LOW-HIGH    the rating scale                                          [1-5]
  --quick DAYS        up to when a resolution counts as quick                   [1; 15 for the sample]
  --years YEARS       how long a customer is assumed to keep ordering           [3]
  --margin PERCENT    the share of order value that is profit                   [30]
  --problems PERCENT  the share of customers with a problem, if not recorded    [32.4]
  --svg FILE          where the curve is drawn                                  [complaint-retention.svg]

Without any of the four files it uses the samples in examples/data. With some of them it leaves out the rest.";

const OPTIONS: [&str; 10] =
    ["--ratings", "--complaints", "--customers", "--orders", "--scale", "--quick", "--years", "--margin", "--problems", "--svg"];

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
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let printed = if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        Ok(format!("{HELP}\n"))
    } else {
        request(&arguments).and_then(|request| scorecard(&request))
    };
    match printed {
        Ok(text) => {
            // A reader that has seen enough and closed the pipe is no fault of ours.
            let _ = std::io::stdout().write_all(text.as_bytes());
            ExitCode::SUCCESS
        }
        Err(fault) => {
            let _ = writeln!(std::io::stderr(), "{fault}");
            ExitCode::from(2)
        }
    }
}

fn request(arguments: &[OsString]) -> Result<Request, Fault> {
    let mut request = Request {
        ratings: None,
        complaints: None,
        customers: None,
        orders: None,
        scale: Scale::ONE_TO_FIVE,
        quick_days: None,
        years: Decimal::from(3),
        assumed: money::Assumed {
            margin: Proportion::from_percent(Decimal::from(30))?,
            problem_rate: Proportion::from_percent(Decimal::new(324, 1))?,
        },
        svg: PathBuf::from("complaint-retention.svg"),
    };
    let mut arguments = arguments.iter();
    let mut seen = Vec::new();
    while let Some(option) = arguments.next() {
        let option = option.to_string_lossy().into_owned();
        if !OPTIONS.contains(&option.as_str()) {
            return Err(Fault::new(format_args!("{option} is not an option; --help lists them")));
        }
        let Some(value) = arguments.next().filter(|value| !value.to_string_lossy().starts_with("--")) else {
            return Err(Fault::new(format_args!("{option} needs a value; --help says which")));
        };
        if seen.contains(&option) {
            return Err(Fault::new(format_args!("{option} is given twice")));
        }
        let text = value.to_string_lossy();
        let wrong = |expected: &str| Fault::new(format_args!("{option}: {text:?} is not {expected}"));
        let percent = || {
            text.parse().ok().and_then(|percent| Proportion::from_percent(percent).ok()).ok_or_else(|| wrong("a percentage from 0 to 100"))
        };
        match option.as_str() {
            "--ratings" => request.ratings = Some(value.into()),
            "--complaints" => request.complaints = Some(value.into()),
            "--customers" => request.customers = Some(value.into()),
            "--orders" => request.orders = Some(value.into()),
            "--svg" => request.svg = value.into(),
            "--scale" => request.scale = scale(&text).ok_or_else(|| wrong("a scale such as 1-5 or 0-10"))?,
            "--quick" => {
                let days = text.parse().ok().filter(|&days| days > 0);
                request.quick_days = Some(days.ok_or_else(|| wrong("a whole number of days"))?);
            }
            "--years" => {
                request.years = text.parse().ok().filter(|years| *years > Decimal::ZERO).ok_or_else(|| wrong("a number of years"))?;
            }
            "--margin" => request.assumed.margin = percent()?,
            _ => request.assumed.problem_rate = percent()?,
        }
        seen.push(option);
    }
    let files = [&request.ratings, &request.complaints, &request.customers, &request.orders];
    if files.iter().all(|file| file.is_none()) {
        let sample = |name: &str| Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data").join(name));
        request.ratings = sample("airline_ratings.csv");
        request.complaints = sample("cfpb_outcomes.csv");
        request.customers = sample("subscribers.csv");
        request.orders = sample("cdnow_sample.csv");
    }
    Ok(request)
}

/// Satisfied are the two highest ratings, or the highest alone on a scale of two.
fn scale(text: &str) -> Option<Scale> {
    let (low, high) = text.split_once('-')?;
    let (low, high): (u8, u8) = (low.parse().ok()?, high.parse().ok()?);
    Scale::new(low, high, high.saturating_sub(1).max(low.saturating_add(1))).ok()
}

/// Everything is read, computed and drawn before the first line is printed.
fn scorecard(request: &Request) -> Result<String, Fault> {
    let read = |path: &Option<PathBuf>| path.as_deref().map(Table::read).transpose();
    let (ratings, complaints) = (read(&request.ratings)?, read(&request.complaints)?);
    let (customers, orders) = (read(&request.customers)?, read(&request.orders)?);
    let ratings = ratings.map(|table| ratings::tallies(&table, request.scale)).transpose()?;
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
        writeln!(out, "  The curve is drawn in {}.", request.svg.file_name().map_or("the SVG".into(), |name| name.to_string_lossy()))?;
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
