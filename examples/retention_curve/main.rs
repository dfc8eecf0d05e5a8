//! How long customers stay: a retention curve with its intervals, the drop at each renewal, what a customer is worth, and groups compared.
//!
//! `cargo run --release --example retention_curve`, or with a file of one's own: `-- --help` says how.

mod chart;
mod customers;
#[expect(dead_code, reason = "the scorecard reads more kinds of columns")]
#[path = "../scorecard/input.rs"]
mod input;
mod report;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use customer_metrics::Decimal;
use customer_metrics::lifetime_value::DiscountRate;

use crate::customers::Customers;
use crate::input::{Fault, Table};

const HELP: &str = "\
Prints how long customers stay and draws their retention curves.

  --customers FILE    columns tenure (whole periods), churned (yes, no), and if you like contract or group to compare
                      up to eight of them

  --renewal PERIODS   how long a contract runs                                        [12]
  --margin MONEY      what a customer brings per period, in hundredths at the finest  [20]
  --discount PERCENT  by how much later money is worth less, per period               [0.5]
  --svg FILE          where the curves are drawn                                      [retention-curve.svg]

Without a file it uses the invented subscribers in examples/data.";

const OPTIONS: [&str; 5] = ["--customers", "--renewal", "--margin", "--discount", "--svg"];

/// What the command line asks for.
#[derive(Debug)]
struct Request {
    customers: PathBuf,
    renewal: u16,
    margin: Decimal,
    discount: DiscountRate,
    svg: PathBuf,
}

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let printed = if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        Ok(format!("{HELP}\n"))
    } else {
        request(&arguments).and_then(|request| retention(&request))
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
        customers: Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/subscribers.csv"),
        renewal: 12,
        margin: Decimal::from(20),
        discount: DiscountRate::from_percent(Decimal::new(5, 1))?,
        svg: PathBuf::from("retention-curve.svg"),
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
        match option.as_str() {
            "--customers" => request.customers = value.into(),
            "--svg" => request.svg = value.into(),
            "--renewal" => {
                request.renewal = text.parse().ok().filter(|&periods| periods > 0).ok_or_else(|| wrong("a whole number of periods"))?;
            }
            "--margin" => {
                let margin = text.parse().ok().filter(|margin: &Decimal| margin.scale() <= 2);
                request.margin = margin.ok_or_else(|| wrong("an amount of money"))?;
            }
            _ => {
                let discount = text.parse().ok().and_then(|percent| DiscountRate::from_percent(percent).ok());
                request.discount = discount.ok_or_else(|| wrong("a percentage of 0 or more"))?;
            }
        }
        seen.push(option);
    }
    Ok(request)
}

/// Everything is read, computed and drawn before the first line is printed.
fn retention(request: &Request) -> Result<String, Fault> {
    let table = Table::read(&request.customers)?;
    let customers = Customers::of(&table)?;
    let printed = report::print(&customers, request).map_err(|fault| Fault::in_file(table.path(), fault))?;
    chart::draw(&customers, request)?;
    Ok(printed)
}
