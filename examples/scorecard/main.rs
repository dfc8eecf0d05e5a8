//! A service team's scorecard: from ratings, complaints and orders to satisfaction, retention, lifetime value and money at risk.
//!
//! `cargo run --release --example scorecard`, or with files of one's own: `-- --help` says how.

mod chart;
mod complaints;
mod input;
mod money;
mod orders;
mod ratings;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use customer_metrics::satisfaction::Scale;
use customer_metrics::{Decimal, Proportion};

use crate::input::{Fault, Table};

const HELP: &str = "\
Prints a scorecard from CSV files and draws the complaint-retention curve.

  --ratings FILE      columns item, rating, and answers if a row stands for several
  --complaints FILE   columns complained (yes, no), days (number, open, never), stayed (yes, no, unknown),
                      and customers if a row stands for several
  --orders FILE       columns customer_id, date (YYYYMMDD or YYYY-MM-DD), amount

  --scale LOW-HIGH    the rating scale                                          [1-5]
  --quick DAYS        up to when a resolution counts as quick                   [1]
  --years YEARS       how long a customer is assumed to keep ordering           [3]
  --margin PERCENT    the share of order value that is profit                   [30]
  --problems PERCENT  the share of customers with a problem, if not recorded    [32.4]
  --svg FILE          where the curve is drawn                                  [complaint-retention.svg]

Without any of the three files it uses the real samples in examples/data. With some of them it leaves out the rest.";

/// What the command line asks for.
#[derive(Debug)]
struct Request {
    ratings: Option<PathBuf>,
    complaints: Option<PathBuf>,
    orders: Option<PathBuf>,
    scale: Scale,
    quick_days: u32,
    assumed: money::Assumed,
    svg: PathBuf,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        println!("{HELP}");
        return ExitCode::SUCCESS;
    }
    match request(&arguments).and_then(|request| scorecard(&request)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::from(2)
        }
    }
}

fn request(arguments: &[String]) -> Result<Request, Fault> {
    let mut request = Request {
        ratings: None,
        complaints: None,
        orders: None,
        scale: Scale::ONE_TO_FIVE,
        quick_days: 1,
        assumed: money::Assumed {
            years: Decimal::from(3),
            margin: Proportion::from_percent(Decimal::from(30))?,
            problem_rate: Proportion::from_percent(Decimal::new(324, 1))?,
        },
        svg: PathBuf::from("complaint-retention.svg"),
    };
    for pair in arguments.chunks(2) {
        let [option, value] = pair else {
            return Err(Fault::new(format_args!("{} needs a value; --help says which", pair.concat())));
        };
        let wrong = |expected: &str| Fault::new(format_args!("{option}: {value:?} is not {expected}"));
        let percent = || {
            value.parse().ok().and_then(|percent| Proportion::from_percent(percent).ok()).ok_or_else(|| wrong("a percentage from 0 to 100"))
        };
        match option.as_str() {
            "--ratings" => request.ratings = Some(value.into()),
            "--complaints" => request.complaints = Some(value.into()),
            "--orders" => request.orders = Some(value.into()),
            "--svg" => request.svg = value.into(),
            "--scale" => request.scale = scale(value).ok_or_else(|| wrong("a scale such as 1-5 or 0-10"))?,
            "--quick" => request.quick_days = value.parse().ok().filter(|&days| days > 0).ok_or_else(|| wrong("a whole number of days"))?,
            "--years" => {
                request.assumed.years =
                    value.parse().ok().filter(|years| *years > Decimal::ZERO).ok_or_else(|| wrong("a number of years"))?;
            }
            "--margin" => request.assumed.margin = percent()?,
            "--problems" => request.assumed.problem_rate = percent()?,
            _ => return Err(Fault::new(format_args!("{option} is not an option; --help lists them"))),
        }
    }
    if request.ratings.is_none() && request.complaints.is_none() && request.orders.is_none() {
        let sample = |name: &str| Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data").join(name));
        request.ratings = sample("airline_ratings.csv");
        request.complaints = sample("cfpb_outcomes.csv");
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

fn scorecard(request: &Request) -> Result<(), Fault> {
    // Everything is read and checked before the first line is printed.
    let read = |path: &Option<PathBuf>| path.as_deref().map(Table::read).transpose();
    let (ratings, complaints, orders) = (read(&request.ratings)?, read(&request.complaints)?, read(&request.orders)?);
    let ratings = ratings.map(|table| ratings::tallies(&table, request.scale)).transpose()?;
    let complaints = complaints.map(|table| complaints::tally(&table, request.quick_days)).transpose()?;
    let orders = orders.map(|table| orders::base(&table)).transpose()?;

    if let Some(ratings) = &ratings {
        ratings::print(ratings, request.scale)?;
    }
    if let Some(complaints) = &complaints {
        let curve = complaints.tally.curve()?;
        complaints::print(complaints, &curve)?;
        chart::draw(&curve, complaints.staying, &request.svg)?;
        println!("  The curve is drawn in {}.", request.svg.file_name().map_or("the SVG".into(), |name| name.to_string_lossy()));
    }
    if let Some(orders) = &orders {
        orders::print(orders, request.assumed.years)?;
    }
    if let (Some(complaints), Some(orders)) = (&complaints, &orders) {
        money::print(complaints, &complaints.tally.curve()?, orders, request.assumed)?;
    }
    Ok(())
}
