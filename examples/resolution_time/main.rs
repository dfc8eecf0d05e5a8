//! Does faster resolution keep customers? From complaints with their time to resolution: how long they wait, the curve, the worth of an hour,
//! the limit for "quickly" that the complaints themselves suggest, and how long customers stay afterwards.
//!
//! `cargo run --release --example resolution_time`, or with a file of one's own: `-- --help` says how.

mod complaints;
#[path = "../input/mod.rs"]
mod input;
mod report;
mod responses;

use std::process::ExitCode;
use std::time::Duration;

use customer_metrics::Decimal;
use customer_metrics::complaint::QuickLimit;

use crate::complaints::Complaints;
use crate::input::{CommandLine, Fault, Table, days, money, run};

const HELP: &str = "\
Prints how long complaints wait, whether faster resolution keeps customers, what an hour is worth, and which limit for quickly the
complaints suggest.

  --complaints FILE  columns days (from complaint to resolution) and stayed (yes, no, unknown), and if you like open and months;
                     or a download of the Consumer Complaint Database               [a made-up team]
  --value MONEY      what a customer who is kept is worth                           [300]
  --quick DAYS       up to when a resolution counts as quick, for the months after  [3]
  --margin MONEY     what a customer brings a month                                 [20]

Open is yes where a complaint is not resolved yet, and days is then how long it has waited so far. Months is for how many whole months
after the complaint the customer stayed: until they left, or until today; empty if that is not known.";

const DAY: Duration = Duration::from_secs(24 * 3600);

/// What the command line asks for.
#[derive(Debug)]
struct Request {
    /// Of a customer who is kept.
    value: Decimal,
    quick: QuickLimit,
    /// A month.
    margin: Decimal,
}

fn main() -> ExitCode {
    run(HELP, resolution_time)
}

impl Request {
    fn of(line: &CommandLine) -> Result<Self, Fault> {
        let amount = |option| line.value(option, "an amount of money from 0 on", money);
        let quick = line.value("--quick", "a number of days above 0", |text| QuickLimit::new(days(text)?).ok())?;
        Ok(Self {
            value: amount("--value")?.unwrap_or_else(|| Decimal::from(300)),
            quick: quick.map_or_else(|| QuickLimit::new(3 * DAY), Ok)?,
            margin: amount("--margin")?.unwrap_or_else(|| Decimal::from(20)),
        })
    }
}

/// Everything is read and computed before the first line is printed.
fn resolution_time(line: &CommandLine) -> Result<String, Fault> {
    let request = Request::of(line)?;
    let mut out = String::new();
    let Some(path) = line.path("--complaints") else {
        out.push_str("A made-up team: of the customers whose complaint is resolved within three days 85% stay, of the others 60%.\n");
        out.push_str("One complaint in sixteen is still open.\n\n");
        report::print(&mut out, &Complaints::made_up(request.quick)?, &request)?;
        return Ok(out);
    };
    let table = Table::read(&path)?;
    let complaints =
        if table.has("date sent to company") { responses::read(&table, &mut out)? } else { Complaints::read(&table, request.quick)? };
    report::print(&mut out, &complaints, &request).map_err(|fault| Fault::in_file(&path, fault))?;
    Ok(out)
}
