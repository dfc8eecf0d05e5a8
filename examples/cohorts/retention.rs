//! Cohorts by month of first order, under three definitions.

use std::fmt::Write;

use customer_metrics::churn::{CohortSettings, CohortTally, OffsetBracket, RetentionDefinition};
use customer_metrics::{Confidence, Share, Tally};

use crate::input::Fault;
use crate::orders::{self, Orders};

/// Half a year without an order is taken for a pause.
const LOOK_AHEAD: u32 = 6;

fn tally(orders: &Orders) -> Result<CohortTally, Fault> {
    let longest = orders.window.len() - 1;
    let brackets = [(1, 3), (4, 6), (7, 12), (13, 18), (19, 24)].into_iter().filter(|&(from, _)| from <= longest);
    let brackets = brackets.map(|(from, to)| OffsetBracket::new(from, to.min(longest))).collect::<Result<Vec<_>, _>>()?;
    let mut tally = CohortTally::empty(CohortSettings::new(orders.window).with_brackets(&brackets)?.with_look_ahead(LOOK_AHEAD));
    tally.record_events(&orders.customers, &orders.months)?;
    Ok(tally)
}

pub fn print(out: &mut String, orders: &Orders, months: u32) -> Result<(), Fault> {
    let tally = tally(orders)?;
    let (first, last) = (orders::name(orders.window.first()), orders::name(orders.window.last()));
    writeln!(
        out,
        "COHORTS BY MONTH OF FIRST ORDER ({} customers, {} orders, {first} to {last})",
        tally.customers(),
        orders.customers.len()
    )?;
    if orders.left_out > 0 {
        writeln!(out, "\n  {} orders are left out: they are of a month that is not complete.", orders.left_out)?;
    }
    table(out, &tally, RetentionDefinition::Exact, "Ordered in the month itself, so many months after the first order", months)?;
    let title = format!("Ordered in the month or later; in brackets where fewer than {LOOK_AHEAD} months have been seen since");
    table(out, &tally, RetentionDefinition::Unbounded, &title, months)?;
    table(
        out,
        &tally,
        RetentionDefinition::WithinBracket,
        "Ordered at least once within so many months; in brackets until all are seen",
        months,
    )?;
    writeln!(out, "\n  \"All\" pools the customers of the cohorts that are mature, in the lines below with its 95% interval.")?;
    Ok(())
}

fn table(out: &mut String, tally: &CohortTally, definition: RetentionDefinition, title: &str, months: u32) -> Result<(), Fault> {
    let table = tally.table(definition);
    let columns: Vec<OffsetBracket> = table.columns.iter().copied().take_while(|column| column.from() <= months).collect();
    if columns.is_empty() {
        return Ok(());
    }
    let curve = tally.curve(definition);
    let pooled = |text: &dyn Fn(&Share) -> String| -> Vec<String> {
        let point = |column: &OffsetBracket| curve.iter().find(|point| point.column == *column).map(|point| text(&point.retained));
        columns.iter().map(|column| point(column).unwrap_or_default()).collect()
    };
    let end = |end: f64| format!("{:.0}%", end * 100.0);
    let mut lines = vec![("cohort".to_owned(), "size".to_owned(), columns.iter().map(OffsetBracket::to_string).collect::<Vec<_>>())];
    lines.extend(table.rows.iter().map(|row| {
        let cells = row.cells.iter().take(columns.len()).map(|cell| format!("{cell:.0}"));
        (orders::name(row.cohort), row.size.to_string(), cells.collect())
    }));
    if !curve.is_empty() {
        lines.extend([
            ("all".to_owned(), tally.customers().to_string(), pooled(&|share| format!("{:.0}%", share.percent(0)))),
            ("  from".to_owned(), String::new(), pooled(&|share| end(share.interval(Confidence::P95).low()))),
            ("  to".to_owned(), String::new(), pooled(&|share| end(share.interval(Confidence::P95).high()))),
        ]);
    }
    let width = lines.iter().flat_map(|(_, _, cells)| cells).map(String::len).max().unwrap_or(0).max(5) + 1;
    writeln!(out, "\n  {title}\n")?;
    for (name, size, cells) in lines {
        let mut line = format!("  {name:<8} {size:>8}");
        for cell in cells {
            write!(line, "{cell:>width$}")?;
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
