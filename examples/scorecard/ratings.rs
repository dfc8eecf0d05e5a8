//! Satisfaction per item.

use std::collections::BTreeMap;

use customer_metrics::satisfaction::{RatingTally, Scale};
use customer_metrics::{Confidence, MinorUnit, Share, Tally};

use crate::input::{Fault, Table};

/// One rating tally per item, in alphabetical order.
pub fn tallies(table: &Table, scale: Scale) -> Result<BTreeMap<String, RatingTally>, Fault> {
    let expected = format!("a rating from {} to {}, or NA", scale.low(), scale.high());
    let ratings = table.column(&["rating"])?.parse(&expected, |text| Answer::parse(text, scale))?;
    let answers = table.counts("answers")?;
    let mut tallies = BTreeMap::new();
    for ((item, rating), count) in table.column(&["item"])?.cells().zip(ratings).zip(answers) {
        let tally: &mut RatingTally = tallies.entry(item.to_owned()).or_insert_with(|| RatingTally::empty(scale));
        match rating {
            Answer::Rated(rating) => tally.record_count(rating, count)?,
            Answer::Missing => tally.record_missing(count)?,
        }
    }
    Ok(tallies)
}

/// What stands in a cell of ratings.
enum Answer {
    Rated(u8),
    Missing,
}

impl Answer {
    fn parse(text: &str, scale: Scale) -> Option<Self> {
        match text.parse() {
            Ok(rating) if scale.contains(rating) => Some(Self::Rated(rating)),
            Ok(0) => Some(Self::Missing),
            _ if text.is_empty() || text.eq_ignore_ascii_case("na") => Some(Self::Missing),
            _ => None,
        }
    }
}

/// The table, best item first, and how all items do together.
pub fn print(tallies: &BTreeMap<String, RatingTally>, scale: Scale) -> Result<(), Fault> {
    println!("SATISFACTION (scale {scale})\n");
    println!("  {:<36} {:>7} {:>7}   {:>6}  {:>16}  {:>5}", "item", "answers", "missing", "CSAT", "95% interval", "mean");
    let mut all = RatingTally::empty(scale);
    let mut rows = Vec::new();
    for (item, tally) in tallies {
        all.merge(tally)?;
        match tally.csat() {
            Ok(csat) => rows.push((item.as_str(), tally, csat)),
            Err(undefined) => println!("  {item:<36} {undefined}"),
        }
    }
    rows.sort_by(|a, b| b.2.compare(&a.2));
    for (item, tally, csat) in rows {
        let interval = csat.interval(Confidence::P95);
        let interval = format!("{:.1}% to {:>5.1}%", 100.0 * interval.low(), 100.0 * interval.high());
        print_row(&item.replace('_', " "), tally, csat, &interval)?;
    }
    match all.csat() {
        // The same people answered several items: an interval that takes their answers for independent would be too narrow.
        Ok(csat) => print_row("all items", &all, csat, "-"),
        Err(_) => Ok(()),
    }
}

fn print_row(item: &str, tally: &RatingTally, csat: Share, interval: &str) -> Result<(), Fault> {
    let (answers, missing, mean) = (tally.answers(), tally.missing(), MinorUnit::CENT.round(tally.mean()?));
    println!("  {item:<36} {answers:>7} {missing:>7}   {:>5.1}%  {interval:>16}  {mean:>5.2}", csat.percent(1));
    Ok(())
}
