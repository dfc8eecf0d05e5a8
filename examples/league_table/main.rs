//! A league table that is not noise: agents ordered by what their ratings prove, shrunk towards the team, and told from it or not.
//!
//! `cargo run --release --example league_table`, or with a file of one's own: `-- --help` says how.

#[path = "../input/mod.rs"]
mod input;

use std::fmt::Write as _;
use std::process::ExitCode;

use customer_metrics::estimate::{LeagueTable, Shrinkage, Standing, TeamSpread};
use customer_metrics::satisfaction::{RatingTally, Scale};
use customer_metrics::{Confidence, Estimate};

use crate::input::{CommandLine, Fault, Table, ratings_by, run, sample, scale};

const HELP: &str = "\
Prints a league table of agents (or items, branches, products) from a CSV file of their ratings.

  --ratings FILE         columns agent or item, rating, and answers if a row stands for several
  --scale LOW-HIGH       the rating scale                                  [1-5]
  --satisfied RATING     from which rating on an answer counts             [the second highest]
  --confidence PERCENT   of the intervals and of the standings             [95]

An empty rating or NA was not answered; nor was a 0, where the scale starts above it. The table says how many of these there are.

Without a file it uses the airline ratings in examples/data.";

fn main() -> ExitCode {
    run(HELP, league_table)
}

/// Everything is read and computed before the first line is printed.
fn league_table(line: &CommandLine) -> Result<String, Fault> {
    let of_scale = line.value("--scale", "a scale such as 1-5 or 0-10", scale)?.unwrap_or(Scale::ONE_TO_FIVE);
    let satisfied =
        line.value("--satisfied", "a rating of the scale", |text| Scale::new(of_scale.low(), of_scale.high(), text.parse().ok()?).ok())?;
    let scale = satisfied.unwrap_or(of_scale);
    let confidence = line.value("--confidence", "a percentage from 50 to below 100", |text| {
        Confidence::new(text.parse::<f64>().ok().filter(|percent| *percent >= 50.0)? / 100.0).ok()
    })?;
    let confidence = confidence.unwrap_or(Confidence::P95);
    let table = Table::read(&line.path("--ratings").unwrap_or_else(|| sample("airline_ratings.csv")))?;
    let what = if table.has("agent") { "agent" } else { "item" };
    if table.has("agent") && table.has("item") {
        return Err(Fault::in_file(table.path(), "has a column agent and a column item; leave the one that is to be compared"));
    }
    let tallies = ratings_by(&table, &["agent", "item"], scale)?;
    let rated = tallies.iter().filter_map(|(name, tally)| Some((name.as_str(), tally.csat().ok()?)));
    if tallies.values().all(|tally| tally.answers() == 0) {
        return Err(Fault::in_file(table.path(), "has no answers"));
    }
    let league = LeagueTable::from_shares(rated, confidence).map_err(|error| Fault::in_file(table.path(), error))?;

    let mut out = String::new();
    print_rows(&mut out, &league, what, scale)?;
    print_team(&mut out, &league, what)?;
    let missing: u64 = tallies.values().map(RatingTally::missing).fold(0, u64::saturating_add);
    if missing > 0 {
        let (were, count) = if missing == 1 { ("was", "counts") } else { ("were", "count") };
        writeln!(out, "  {} {were} not answered, and {count} nowhere.", counted(missing, "question"))?;
    }
    for (name, tally) in tallies.iter().filter(|(_, tally)| tally.answers() == 0) {
        let missing = counted(tally.missing(), "missing one");
        writeln!(out, "  {name} has no answers, only {missing}, and no place in the table.")?;
    }
    if what == "item" {
        writeln!(
            out,
            "\n  If the same people rated several items, each interval still stands for itself; but the standings and the shrinkage take the\n  \
             items for independent groups, and are then a guide and no proof."
        )?;
    }
    Ok(out)
}

/// How many there are of what, in words that agree.
fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn print_rows(out: &mut String, league: &LeagueTable<&str>, what: &str, scale: Scale) -> Result<(), Fault> {
    let confidence = league.settings().confidence;
    let members = counted(u64::try_from(league.rows().len()).unwrap_or(u64::MAX), what);
    writeln!(out, "LEAGUE TABLE ({members}, {}, {confidence} confidence)", counted(league.team().whole(), "answer"))?;
    writeln!(out, "Satisfied: answers from {} on, of {} to {}.\n", scale.satisfied_from(), scale.low(), scale.high())?;
    let interval = format!("{confidence} interval");
    let width = league.rows().iter().map(|row| row.member().chars().count()).fold(36, usize::max);
    writeln!(
        out,
        "  {:>4}  {what:<width$} {:>7}  {:>9}  {interval:>16}   {:>8}  {interval:>16}   {:<8} {:>8}",
        "rank", "answers", "satisfied", "shrunken", "differs", "p"
    )?;
    for row in league.rows() {
        let share = row.share();
        let ends =
            |estimate: Estimate| format!("{:.1}% to {:>5.1}%", 100.0 * estimate.interval().low(), 100.0 * estimate.interval().high());
        let own = ends(row.estimate());
        let shrunken = row.shrunken().map(|shrunken| shrunken.estimate());
        let point = shrunken.map_or_else(String::new, |shrunken| format!("{:.1}%", 100.0 * shrunken.point()));
        let pulled = shrunken.map_or_else(String::new, ends);
        let differs = if row.standing() == Standing::Alike { String::new() } else { row.standing().to_string() };
        writeln!(
            out,
            "  {:>4}  {:<width$} {:>7}  {:>8.1}%  {own:>16}   {point:>8}  {pulled:>16}   {differs:<8} {:>8}",
            row.rank(),
            row.member(),
            share.whole(),
            share.percent(1),
            p_value(row.adjusted_p_value())
        )?;
    }
    Ok(())
}

fn p_value(p_value: f64) -> String {
    if p_value < 0.000_1 { "< 0.0001".to_owned() } else { format!("{p_value:.4}") }
}

fn print_team(out: &mut String, league: &LeagueTable<&str>, what: &str) -> Result<(), Fault> {
    let team = league.team();
    if league.rows().len() == 1 {
        writeln!(out, "\n  There is one {what} only, and nothing to compare it with.")?;
        return Ok(());
    }
    writeln!(out, "\n  The answers to all {what}s in one: {team}.")?;
    match league.shrinkage() {
        Some(shrinkage) => print_spread(out, shrinkage, what)?,
        None => writeln!(out, "  No {what} has more than one answer: how far they lie apart cannot be said, and nothing is shrunk.")?,
    }
    writeln!(
        out,
        "\n  Satisfied, with its interval, is what the answers prove. Shrunken is the best guess of the true share, with what the others say."
    )?;
    writeln!(out, "  Ranked by the low end of the first interval; the same low end is the same rank.")?;
    writeln!(
        out,
        "  \"Differs\": from all the others together, so that with {} confidence nobody is named who does not differ ({}).",
        league.settings().confidence,
        league.settings().adjustment
    )?;
    Ok(())
}

fn print_spread(out: &mut String, shrinkage: &Shrinkage, what: &str) -> Result<(), Fault> {
    writeln!(out, "  The mean of the {what}s is {:.1}%.", 100.0 * shrinkage.mean())?;
    match shrinkage.spread() {
        TeamSpread::Beta { alpha, beta } => {
            let spread = (shrinkage.mean() * (1.0 - shrinkage.mean()) * shrinkage.correlation()).sqrt();
            writeln!(
                out,
                "  Beyond chance they lie {:.1} points apart (standard deviation). Being one of them is worth as much as {:.1} answers.",
                100.0 * spread,
                alpha + beta
            )?;
        }
        TeamSpread::None => {
            writeln!(out, "  They lie no farther apart than chance alone would put them: these answers cannot tell them apart.")?;
        }
        TeamSpread::Total => writeln!(out, "  Each of them is at 0% or at 100%, and nothing is shrunk.")?,
    }
    Ok(())
}
