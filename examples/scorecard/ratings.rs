//! Satisfaction per item.

use std::collections::BTreeMap;
use std::fmt::Write;

use customer_metrics::satisfaction::{RatingTally, Scale};
use customer_metrics::{Confidence, MinorUnit, Share, Tally};

use crate::input::Fault;

/// The table, best item first, and how all items do together.
pub fn print(out: &mut String, tallies: &BTreeMap<String, RatingTally>, scale: Scale) -> Result<(), Fault> {
    let is_nps = (scale.low(), scale.high()) == (0, 10);
    writeln!(out, "SATISFACTION (scale {scale})\n")?;
    let nps = if is_nps { "    NPS" } else { "" };
    let width = tallies.keys().map(|item| item.chars().count()).fold(36, usize::max);
    writeln!(out, "  {:<width$} {:>7} {:>7}   {:>6}  {:>16}  {:>5}{nps}", "item", "answers", "missing", "CSAT", "95% interval", "mean")?;
    let mut all = RatingTally::empty(scale);
    let (mut rated, mut unanswered) = (Vec::new(), Vec::new());
    for (item, tally) in tallies {
        all.merge(tally)?;
        match tally.csat() {
            Ok(csat) => rated.push((item, tally, csat)),
            Err(undefined) => unanswered.push((item, undefined)),
        }
    }
    rated.sort_by(|a, b| b.2.compare(&a.2));
    for &(item, tally, csat) in &rated {
        let interval = csat.interval(Confidence::P95);
        let interval = format!("{:.1}% to {:>5.1}%", 100.0 * interval.low(), 100.0 * interval.high());
        print_row(out, &format!("{item:<width$}"), tally, csat, &interval, is_nps)?;
    }
    if let (Ok(csat), true) = (all.csat(), rated.len() > 1) {
        // The same people answered several items: an interval that takes their answers for independent would be too narrow.
        print_row(out, &format!("{:<width$}", "all items"), &all, csat, "-", is_nps)?;
    }
    for (item, undefined) in unanswered {
        writeln!(out, "  {item:<width$} {undefined}")?;
    }
    if rated.len() > 1 {
        writeln!(out, "\n  Each interval stands for itself: of twenty, about one misses the true share.")?;
    }
    Ok(())
}

fn print_row(out: &mut String, item: &str, tally: &RatingTally, csat: Share, interval: &str, is_nps: bool) -> Result<(), Fault> {
    let (answers, missing, mean) = (tally.answers(), tally.missing(), MinorUnit::CENT.round(tally.mean()?));
    let nps = if is_nps { format!("  {:>5.0}", tally.nps()?.points().round()) } else { String::new() };
    writeln!(out, "  {item} {answers:>7} {missing:>7}   {:>5.1}%  {interval:>16}  {mean:>5.2}{nps}", csat.percent(1))?;
    Ok(())
}
