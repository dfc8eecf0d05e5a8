//! A survey counted by several threads, each its own part, and merged: the same tally as if one had counted it all.
//!
//! `cargo run --release --example survey_threads`

use std::thread;

use customer_metrics::satisfaction::{RatingTally, Scale};
use customer_metrics::{Confidence, Result, Tally};

fn main() -> Result<()> {
    // One answer per byte, 0 where the question was skipped: a million answers, as a database would hand over a column.
    let answers: Vec<u8> = (0..1_000_000_u32).map(|row| (row.wrapping_mul(2_654_435_761) >> 16).to_le_bytes()[0] % 6).collect();

    let parts = answers.chunks(250_000);
    let tallies: Vec<Result<RatingTally>> = thread::scope(|scope| {
        let workers: Vec<_> = parts.map(|part| scope.spawn(move || count(part))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    let mut merged = RatingTally::empty(Scale::ONE_TO_FIVE);
    for tally in tallies {
        merged.merge(&tally?)?;
    }

    for (rating, count) in merged.distribution() {
        println!("{rating}: {count:>7}");
    }
    println!("not answered: {}", merged.missing());
    println!("CSAT: {:.4}", merged.csat()?.estimate(Confidence::P95));
    println!("mean rating: {:.4}", merged.mean()?);

    assert_eq!(merged, count(&answers)?, "four parts merged are the whole");
    Ok(())
}

fn count(answers: &[u8]) -> Result<RatingTally> {
    let mut tally = RatingTally::empty(Scale::ONE_TO_FIVE);
    tally.record_column_with_missing(answers, 0)?;
    Ok(tally)
}
