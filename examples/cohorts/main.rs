//! Cohorts and revenue from a file of orders: who comes back after how many months, and what became of every month's revenue.
//!
//! `cargo run --release --example cohorts`, or with a file of one's own: `-- --help` says how.

#[expect(dead_code, reason = "the scorecard reads more kinds of files")]
#[path = "../scorecard/input.rs"]
mod input;
mod orders;
mod retention;
mod revenue;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::civil::Date;

use crate::input::{Fault, Table};

const HELP: &str = "\
Prints cohorts by month of first order and revenue movements from month to month.

  --orders FILE    columns customer (or customer_id), date (YYYYMMDD or YYYY-MM-DD), amount  [the sample in examples/data]
  --until DATE     the day up to which the file is complete                                  [that of the last order]
  --months MONTHS  how many months after the first order are shown                           [17]

A month that is not complete is left out: who has not come yet in it is not lost. Who has not ordered for half a year is taken for lost
in the table of the month or later; a cell is in brackets until half a year has been seen after it.";

/// What the command line asks for.
#[derive(Debug)]
struct Request {
    orders: PathBuf,
    until: Option<Date>,
    months: u32,
}

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let printed = if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        Ok(format!("{HELP}\n"))
    } else {
        request(&arguments).and_then(|request| report(&request))
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
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/cdnow_sample.csv");
    let mut request = Request { orders: sample, until: None, months: 17 };
    let mut arguments = arguments.iter();
    let mut seen = Vec::new();
    while let Some(option) = arguments.next() {
        let option = option.to_string_lossy().into_owned();
        if !["--orders", "--until", "--months"].contains(&option.as_str()) {
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
        match option.as_str() {
            "--orders" => request.orders = value.into(),
            "--until" => request.until = Some(text.parse().map_err(|_| wrong("a date such as 1998-06-30"))?),
            _ => {
                let months = text.parse().ok().filter(|months| *months > 0);
                request.months = months.ok_or_else(|| wrong("a whole number of months from 1 on"))?;
            }
        }
        seen.push(option);
    }
    Ok(request)
}

/// Everything is read and computed before the first line is printed.
fn report(request: &Request) -> Result<String, Fault> {
    let orders = orders::read(&Table::read(&request.orders)?, request.until)?;
    let mut out = String::new();
    retention::print(&mut out, &orders, request.months)?;
    revenue::print(&mut out, &orders)?;
    Ok(out)
}
