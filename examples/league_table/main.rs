//! A league table that is not noise: agents ordered by what their ratings prove, shrunk towards the team, and told from it or not.
//!
//! `cargo run --release --example league_table`, or with a file of one's own: `-- --help` says how.

#[expect(dead_code, reason = "the scorecard reads more")]
#[path = "../scorecard/input.rs"]
mod input;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use customer_metrics::estimate::{LeagueTable, Shrinkage, Standing, TeamSpread};
use customer_metrics::satisfaction::{RatingTally, Scale};
use customer_metrics::{Confidence, Estimate, Tally};

use crate::input::{Fault, Table};

const HELP: &str = "\
Prints a league table of agents (or items, branches, products) from a CSV file of their ratings.

  --ratings FILE         columns agent or item, rating, and answers if a row stands for several
  --scale LOW-HIGH       the rating scale                                  [1-5]
  --satisfied RATING     from which rating on an answer counts             [the second highest]
  --confidence PERCENT   of the intervals and of the standings             [95]

An empty rating or NA was not answered; nor was a 0, where the scale starts above it. The table says how many of these there are.

Without a file it uses the airline ratings in examples/data.";

const OPTIONS: [&str; 4] = ["--ratings", "--scale", "--satisfied", "--confidence"];

/// What the command line asks for.
#[derive(Debug)]
struct Request {
    ratings: PathBuf,
    scale: Scale,
    confidence: Confidence,
}

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let printed = if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        Ok(format!("{HELP}\n"))
    } else {
        request(&arguments).and_then(|request| league_table(&request))
    };
    match printed {
        Ok(text) => {
            // A reader that has seen enough and closed the pipe is no fault of ours.
            let _ = std::io::stdout().write_all(text.as_bytes());
            ExitCode::SUCCESS
        }
        Err(fault) => {
            let _ = writeln!(std::io::stderr(), "{fault}");
            ExitCode::from(2)
        }
    }
}

fn request(arguments: &[OsString]) -> Result<Request, Fault> {
    let mut values: BTreeMap<&str, &OsString> = BTreeMap::new();
    let mut arguments = arguments.iter();
    while let Some(option) = arguments.next() {
        let option = option.to_string_lossy();
        let Some(known) = OPTIONS.into_iter().find(|known| *known == option) else {
            return Err(Fault::new(format_args!("{option} is not an option; --help lists them")));
        };
        let Some(value) = arguments.next().filter(|value| !value.to_string_lossy().starts_with("--")) else {
            return Err(Fault::new(format_args!("{option} needs a value; --help says which")));
        };
        if values.insert(known, value).is_some() {
            return Err(Fault::new(format_args!("{option} is given twice")));
        }
    }
    let text = |option: &str| values.get(option).map(|value| value.to_string_lossy());
    let wrong = |option: &str, text: &str, expected: &str| Fault::new(format_args!("{option}: {text:?} is not {expected}"));
    let (low, high) = text("--scale").map_or(Ok((1, 5)), |text| {
        let ends = text.split_once('-').and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
        ends.filter(|(low, high): &(u8, u8)| low < high).ok_or_else(|| wrong("--scale", &text, "a scale such as 1-5 or 0-10"))
    })?;
    let customary = high.saturating_sub(1).max(low.saturating_add(1));
    let satisfied = text("--satisfied").map_or(Ok(customary), |text| {
        let rating = text.parse().ok().filter(|rating| (low..=high).contains(rating));
        rating.ok_or_else(|| wrong("--satisfied", &text, "a rating of the scale"))
    })?;
    let confidence = text("--confidence").map_or(Ok(Confidence::P95), |text| {
        let level = text.parse().ok().and_then(|percent: f64| Confidence::new(percent / 100.0).ok());
        level.ok_or_else(|| wrong("--confidence", &text, "a percentage between 0 and 100"))
    })?;
    let sample = || Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/airline_ratings.csv");
    let ratings = values.get("--ratings").map_or_else(sample, PathBuf::from);
    Ok(Request { ratings, scale: Scale::new(low, high, satisfied)?, confidence })
}

/// One rating tally per agent or item, in alphabetical order.
fn tallies(table: &Table, scale: Scale) -> Result<BTreeMap<String, RatingTally>, Fault> {
    let zero = if scale.contains(0) { "" } else { " or 0" };
    let expected = format!("a rating from {} to {}, or empty, NA{zero} where it was not answered", scale.low(), scale.high());
    // `Some(None)` where a question was not answered.
    let ratings = table.column(&["rating"])?.parse(&expected, |text| match text.parse() {
        Ok(rating) if scale.contains(rating) => Some(Some(rating)),
        Ok(0) => Some(None),
        _ => (text.is_empty() || text.eq_ignore_ascii_case("na")).then_some(None),
    })?;
    let answers = table.counts("answers")?;
    let mut tallies = BTreeMap::new();
    for ((name, rating), count) in table.column(&["agent", "item"])?.names()?.into_iter().zip(ratings).zip(answers) {
        let tally: &mut RatingTally = tallies.entry(name.replace('_', " ")).or_insert_with(|| RatingTally::empty(scale));
        match rating {
            Some(rating) => tally.record_count(rating, count)?,
            None => tally.record_missing(count)?,
        }
    }
    Ok(tallies)
}

/// Everything is read and computed before the first line is printed.
fn league_table(request: &Request) -> Result<String, Fault> {
    let table = Table::read(&request.ratings)?;
    let what = if table.has("agent") { "agent" } else { "item" };
    if table.has("agent") && table.has("item") {
        return Err(Fault::in_file(table.path(), "has a column agent and a column item; leave the one that is to be compared"));
    }
    let tallies = tallies(&table, request.scale)?;
    let rated = tallies.iter().filter_map(|(name, tally)| Some((name.as_str(), tally.csat().ok()?)));
    let league = LeagueTable::new(rated, request.confidence).map_err(|error| Fault::in_file(table.path(), error))?;

    let mut out = String::new();
    print_rows(&mut out, &league, what, request.scale)?;
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
    writeln!(
        out,
        "  {:>4}  {what:<36} {:>7}  {:>9}  {interval:>16}   {:>8}  {interval:>16}   {:<8} {:>8}",
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
            "  {:>4}  {:<36} {:>7}  {:>8.1}%  {own:>16}   {point:>8}  {pulled:>16}   {differs:<8} {:>8}",
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
