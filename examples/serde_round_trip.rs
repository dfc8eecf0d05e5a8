//! Tallies travel between machines as JSON or as bytes; what does not pass the constructor's checks does not come in.
//!
//! `cargo run --release --example serde_round_trip`

use std::error::Error;
use std::time::Duration;

use customer_metrics::Tally;
use customer_metrics::complaint::{Case, ComplaintTally, Fate, Problem, QuickLimit};

fn main() -> Result<(), Box<dyn Error>> {
    let mut tally = ComplaintTally::empty(QuickLimit::new(Duration::from_secs(4 * 3600))?);
    tally.extend([
        Case::new(Problem::Silent, Fate::Left),
        Case::new(Problem::Open, Fate::Unknown),
        Case::new(Problem::ResolvedAfter(Duration::from_secs(1800)), Fate::Stayed),
    ])?;

    let json = serde_json::to_string_pretty(&tally)?;
    println!("{json}\n");
    let from_json: ComplaintTally = serde_json::from_str(&json)?;
    assert_eq!(from_json, tally);

    let bytes = tally.encode();
    println!("as bytes: {} of them, {:02x?}…", bytes.len(), bytes.get(..12).unwrap_or(&bytes));
    assert_eq!(ComplaintTally::decode(&bytes)?, tally);

    let mut both = from_json;
    both.merge(&ComplaintTally::decode(&bytes)?)?;
    println!("merged: {} customers with a problem", both.problems());

    match serde_json::from_str::<ComplaintTally>(&json.replace("\"stayed\": 1", "\"stayed\": -1")) {
        Ok(_) => Err("a count below zero must be refused".into()),
        Err(refused) => {
            println!("refused: {refused}");
            Ok(())
        }
    }
}
