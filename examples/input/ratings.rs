//! Files of ratings.

use std::collections::BTreeMap;

use customer_metrics::Tally as _;
use customer_metrics::satisfaction::{RatingTally, Scale};

use super::{Fault, Table};

/// One rating tally for each name in the first of these columns that is there, in alphabetical order.
pub fn ratings_by(table: &Table, columns: &[&'static str], scale: Scale) -> Result<BTreeMap<String, RatingTally>, Fault> {
    let expected = format!("a rating from {} to {}, or NA", scale.low(), scale.high());
    let answers = table.column(&["rating"])?.parse(&expected, |text| Answer::parse(text, scale))?;
    let counts = table.counts("answers")?;
    let mut tallies = BTreeMap::new();
    for (row, ((name, answer), count)) in table.column(columns)?.names()?.into_iter().zip(answers).zip(counts).enumerate() {
        let tally: &mut RatingTally = tallies.entry(name.replace('_', " ")).or_insert_with(|| RatingTally::empty(scale));
        match answer {
            Answer::Rated(rating) => tally.record_count(rating, count),
            Answer::Missing => tally.record_missing(count),
        }
        .map_err(|error| table.fault_in_row(row, error))?;
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

/// A scale such as 1-5. Satisfied are the two highest ratings, or the highest alone on a scale of two.
pub fn scale(text: &str) -> Option<Scale> {
    let (low, high) = text.split_once('-')?;
    let (low, high): (u8, u8) = (low.parse().ok()?, high.parse().ok()?);
    Scale::new(low, high, high.saturating_sub(1).max(low.saturating_add(1))).ok()
}
