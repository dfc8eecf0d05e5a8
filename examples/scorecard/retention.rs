//! How long customers stay: the retention curve of all of them and of each group, at a few points.

use std::fmt::Write;

use customer_metrics::survival::{EventWeighting, GroupComparison, LifeTable, LimitMethod};
use customer_metrics::{Confidence, Tally};

use crate::customers::Customers;
use crate::input::Fault;

/// The periods at which the curves are read.
const READ_AT: [u16; 4] = [6, 12, 24, 36];

pub fn print(out: &mut String, customers: &Customers) -> Result<(), Fault> {
    let all = &customers.all;
    writeln!(out, "\nHOW LONG CUSTOMERS STAY ({} customers, {} have left)\n", all.customers(), all.risk_table().left())?;
    write!(out, "  {:<18} {:>9} {:>6}", "still there after", "customers", "left")?;
    for period in READ_AT {
        write!(out, "   {period:>2} periods        ")?;
    }
    writeln!(out, "  half have left by")?;
    let groups = customers.groups.iter().map(|(name, table)| (name.as_str(), table));
    for (name, table) in groups.filter(|_| customers.groups.len() > 1).chain([("all", all)]) {
        line(out, name, table)?;
    }
    writeln!(out, "\n  Kaplan-Meier, with 95% log-log intervals: who is still a customer counts for as long as they have been one.")?;
    if customers.groups.len() > 1 {
        let tables: Vec<_> = customers.groups.iter().map(|(_, table)| table.risk_table()).collect();
        match GroupComparison::new(&tables, EventWeighting::LogRank).and_then(|comparison| comparison.test()) {
            Ok(test) => writeln!(out, "  That all groups leave alike: {test:.1}")?,
            Err(undefined) => writeln!(out, "  {undefined}")?,
        }
    }
    Ok(())
}

fn line(out: &mut String, name: &str, table: &LifeTable) -> Result<(), Fault> {
    let curve = table.finish()?;
    write!(out, "  {name:<18} {:>9} {:>6}", table.customers(), table.risk_table().left())?;
    for period in READ_AT {
        if f64::from(period) > curve.last_time() {
            write!(out, "   {:<18}", "-")?;
            continue;
        }
        let shown = match curve.estimate_at(f64::from(period), Confidence::P95, LimitMethod::LogLog) {
            Ok(estimate) => {
                let [point, low, high] =
                    [estimate.point(), estimate.interval().low(), estimate.interval().high()].map(|share| 100.0 * share);
                format!("{point:.0}% ({low:.0}% to {high:.0}%)")
            }
            Err(_) => "0%".to_owned(),
        };
        write!(out, "   {shown:<18}")?;
    }
    let median = curve.median(Confidence::P95, LimitMethod::LogLog);
    let end = |time: Option<f64>| time.map_or("not yet".to_owned(), |time| time.to_string());
    match median.time() {
        Some(time) if median.low().is_none() && median.high().is_none() => writeln!(out, "  {time} (interval not known)")?,
        Some(time) => writeln!(out, "  {time} ({} to {})", end(median.low()), end(median.high()))?,
        None => writeln!(out, "  not yet")?,
    }
    Ok(())
}
