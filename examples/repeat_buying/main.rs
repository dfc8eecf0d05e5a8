//! Repeat buying from a file of orders: models fitted, held against what came after, and the base valued.
//!
//! `cargo run --release --example repeat_buying`, or with a file of one's own: `-- --help` says how.

mod chart;
#[expect(dead_code, reason = "the scorecard reads more kinds of files")]
#[path = "../scorecard/input.rs"]
mod input;
mod models;
mod orders;
mod report;
mod validation;
mod value;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use customer_metrics::{Decimal, Proportion};
use jiff::civil::Date;

use crate::input::{Fault, Table};
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

const OPTIONS: [&str; 7] = ["--orders", "--calibration-end", "--holdout-end", "--weeks", "--margin", "--discount", "--svg"];

/// What the command line asks for.
#[derive(Debug)]
struct Request {
    orders: PathBuf,
    calibration_end: Option<Date>,
    holdout_end: Option<Date>,
    weeks: u32,
    margin: Proportion,
    /// In percent a year.
    discount: f64,
    svg: PathBuf,
}

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let printed = if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        Ok(format!("{HELP}\n"))
    } else {
        request(&arguments).and_then(|request| repeat_buying(&request))
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
        orders: Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/cdnow_sample.csv"),
        calibration_end: None,
        holdout_end: None,
        weeks: 52,
        margin: Proportion::from_percent(Decimal::from(30))?,
        discount: 15.0,
        svg: PathBuf::from("repeat-buying.svg"),
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
        let date = || text.parse::<Date>().map_err(|_| wrong("a date such as 1997-09-30"));
        match option.as_str() {
            "--orders" => request.orders = value.into(),
            "--svg" => request.svg = value.into(),
            "--calibration-end" => request.calibration_end = Some(date()?),
            "--holdout-end" => request.holdout_end = Some(date()?),
            "--weeks" => {
                let weeks = text.parse().ok().filter(|weeks| (1..=5_200).contains(weeks));
                request.weeks = weeks.ok_or_else(|| wrong("a whole number of weeks from 1 to 5200"))?;
            }
            "--margin" => {
                let margin = text.parse().ok().and_then(|percent| Proportion::from_percent(percent).ok());
                request.margin = margin.ok_or_else(|| wrong("a percentage from 0 to 100"))?;
            }
            _ => {
                let percent = text.parse::<f64>().ok().filter(|percent| (0.0..=1_000.0).contains(percent));
                request.discount = percent.ok_or_else(|| wrong("a percentage from 0 to 1000"))?;
            }
        }
        seen.push(option);
    }
    Ok(request)
}

/// Everything is read, computed and drawn before the first line is printed.
fn repeat_buying(request: &Request) -> Result<String, Fault> {
    let table = Table::read(&request.orders)?;
    let orders = orders::read(&table, request)?;
    let fault = |error: customer_metrics::Error| Fault::in_file(table.path(), error);
    let (split, track) = (orders.split().map_err(fault)?, orders.track().map_err(fault)?);
    let models = Models::of(&split, &track).map_err(fault)?;
    let mut out = String::new();
    report::print(&mut out, &orders, &split, &models)?;
    validation::print(&mut out, &split, &models).map_err(|error| Fault::in_file(table.path(), error))?;
    value::print(&mut out, &orders, &split, &models, request).map_err(|error| Fault::in_file(table.path(), error))?;
    chart::draw(&split, &models, &request.svg)?;
    Ok(out)
}
