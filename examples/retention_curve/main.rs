//! How long customers stay: a retention curve with its intervals, the drop at each renewal, what a customer is worth, and groups compared.
//!
//! `cargo run --release --example retention_curve`, or with a file of one's own: `-- --help` says how.

mod chart;
mod customers;
#[path = "../drawing/mod.rs"]
mod drawing;
#[path = "../input/mod.rs"]
mod input;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;

use customer_metrics::Decimal;
use customer_metrics::lifetime_value::DiscountRate;

use crate::customers::Customers;
use crate::input::{CommandLine, Fault, Table, money, run, sample};

const HELP: &str = "\
Prints how long customers stay and draws their retention curves.

  --customers FILE    columns tenure (whole periods), churned (yes, no), and if you like contract or group to compare
                      up to eight of them

  --renewal PERIODS   how long a contract runs                                        [12]
  --margin MONEY      what a customer brings per period, in hundredths at the finest  [20]
  --discount PERCENT  by how much later money is worth less, per period               [0.5]
  --svg FILE          where the curves are drawn                                      [retention-curve.svg]

Without a file it uses the invented subscribers in examples/data.";

/// What the command line asks for.
#[derive(Debug)]
struct Request {
    renewal: u16,
    margin: Decimal,
    discount: DiscountRate,
    svg: PathBuf,
}

fn main() -> ExitCode {
    run(HELP, retention)
}

impl Request {
    fn of(line: &CommandLine) -> Result<Self, Fault> {
        let renewal =
            line.value("--renewal", "a whole number of periods from 1 to 65535", |text| text.parse().ok().filter(|&periods| periods > 0))?;
        let margin = line.value("--margin", "an amount of money, in hundredths at the finest", money)?;
        let discount = line.value("--discount", "a percentage of 0 or more", |text| DiscountRate::from_percent(text.parse().ok()?).ok())?;
        Ok(Self {
            renewal: renewal.unwrap_or(12),
            margin: margin.unwrap_or_else(|| Decimal::from(20)),
            discount: discount.map_or_else(|| DiscountRate::from_percent(Decimal::new(5, 1)), Ok)?,
            svg: line.path("--svg").unwrap_or_else(|| "retention-curve.svg".into()),
        })
    }
}

/// Everything is read, computed and drawn before the first line is printed.
fn retention(line: &CommandLine) -> Result<String, Fault> {
    let request = Request::of(line)?;
    let table = Table::read(&line.path("--customers").unwrap_or_else(|| sample("subscribers.csv")))?;
    let customers = Customers::of(&table)?;
    let printed = report::print(&customers, &request).map_err(|fault| Fault::in_file(table.path(), fault))?;
    chart::draw(&customers, &request)?;
    Ok(printed)
}
