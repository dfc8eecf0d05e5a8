//! Complaint outcomes, and the curve beside the published ones.

use std::fmt::Write;
use std::time::Duration;

use customer_metrics::complaint::{Case, ComplaintTally, Fate, Iceberg, Outcome, Problem, PublishedCurve, QuickLimit, RetentionCurve};
use customer_metrics::{Confidence, Share, Tally};

use crate::input::{Fault, Table, days, fate, yes_or_no};

/// What counts as staying, for the headings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staying {
    /// The file says who stayed.
    Recorded,
    /// The file says who disputed the answer.
    Undisputed,
}

/// The cases of one file.
#[derive(Debug)]
pub struct Complaints {
    pub tally: ComplaintTally,
    pub staying: Staying,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub fn tally(table: &Table, quick_days: Option<u32>) -> Result<Complaints, Fault> {
    if table.has("company_response") {
        if quick_days.is_some_and(|days| days != 15) {
            return Err(Fault::in_file(table.path(), "tells only whether an answer came within 15 days; --quick cannot change that"));
        }
        return cfpb_outcomes(table);
    }
    own_cases(table, QuickLimit::new(DAY.saturating_mul(quick_days.unwrap_or(1)))?)
}

fn own_cases(table: &Table, limit: QuickLimit) -> Result<Complaints, Fault> {
    let complained = table.column(&["complained"])?.parse("yes or no", yes_or_no)?;
    let problem =
        if table.has("problem") { table.column(&["problem"])?.parse("yes or no", yes_or_no)? } else { vec![true; complained.len()] };
    let times = table.column(&["days"])?.parse("a number of days, open, never or empty", time)?;
    let fates = table.column(&["stayed"])?.parse("yes, no or unknown", fate)?;
    let customers = table.counts("customers")?;
    let mut tally = ComplaintTally::empty(limit);
    for (row, ((((complained, problem), time), fate), count)) in
        complained.into_iter().zip(problem).zip(times).zip(fates).zip(customers).enumerate()
    {
        let course = match (problem, complained, time) {
            (false, true, _) => return Err(table.fault_in_row(row, "there was a complaint, but no problem")),
            (_, false, Some(Problem::Unresolved | Problem::ResolvedAfter(_))) => {
                return Err(table.fault_in_row(row, "there is a time to resolution, but no complaint"));
            }
            (_, true, time) => time.unwrap_or(Problem::Open),
            (true, false, _) => Problem::Silent,
            (false, false, _) => Problem::None,
        };
        tally.record_count(Case::new(course, fate), count)?;
    }
    Ok(Complaints { tally, staying: Staying::Recorded })
}

/// The Consumer Complaint Database: relief counts as a resolution, a timely answer (within 15 days) as a quick one, and a consumer who
/// does not dispute the answer as one who stays. The database does not know who really did.
fn cfpb_outcomes(table: &Table) -> Result<Complaints, Fault> {
    let limit = QuickLimit::new(15 * DAY)?;
    let timely = table.column(&["timely"])?.parse("Yes or No", yes_or_no)?;
    let responses = table.column(&["company_response"])?;
    let known = "a response of the Consumer Complaint Database";
    let kinds = responses.parse(known, |text| match text {
        "Closed with monetary relief" | "Closed with non-monetary relief" | "Closed with relief" => Some(Problem::ResolvedAfter(15 * DAY)),
        "Closed" | "Closed with explanation" | "Closed without relief" | "Untimely response" => Some(Problem::Unresolved),
        "In progress" => Some(Problem::Open),
        _ => None,
    })?;
    let fates = table.column(&["disputed"])?.parse("Yes, No or unknown", |text| match fate(text)? {
        Fate::Stayed => Some(Fate::Left),
        Fate::Left => Some(Fate::Stayed),
        Fate::Unknown => Some(Fate::Unknown),
    })?;
    let mut tally = ComplaintTally::empty(limit);
    for (((kind, timely), fate), count) in kinds.into_iter().zip(timely).zip(fates).zip(table.counts("complaints")?) {
        let problem = match kind {
            Problem::ResolvedAfter(in_time) if !timely => Problem::ResolvedAfter(in_time + DAY),
            kind => kind,
        };
        tally.record_count(Case::new(problem, fate), count)?;
    }
    Ok(Complaints { tally, staying: Staying::Undisputed })
}

/// `Some(None)` where the cell is empty.
#[expect(clippy::option_option, reason = "the outer one is whether the cell can be read, the inner one whether anything is in it")]
fn time(text: &str) -> Option<Option<Problem>> {
    match text.to_ascii_lowercase().as_str() {
        "" => Some(None),
        "open" => Some(Some(Problem::Open)),
        "never" => Some(Some(Problem::Unresolved)),
        text => Some(Some(Problem::ResolvedAfter(days(text)?))),
    }
}

/// Whether everyone in the file complained, so that it says nothing of those who did not.
pub fn is_complaints_only(tally: &ComplaintTally) -> bool {
    tally.complaints() == tally.customers()
}

pub fn print(out: &mut String, complaints: &Complaints, curve: &RetentionCurve) -> Result<(), Fault> {
    let tally = &complaints.tally;
    let days = tally.quick_limit().duration().as_secs() / DAY.as_secs();
    let within = if days == 1 { "a day".to_owned() } else { format!("{days} days") };
    writeln!(out, "\nCOMPLAINTS ({} customers with a problem; quick means within {within})\n", tally.problems())?;
    if complaints.staying == Staying::Undisputed {
        writeln!(out, "  This file does not know who stayed. \"Stayed\" is who did not dispute the answer: a far lower bar.\n")?;
    }
    writeln!(
        out,
        "  {:<18} {:>7} {:>8}   {:>7}  {:>16}   {:>9} {:>9} {:>9}",
        "outcome", "cases", "unknown", "stayed", "95% interval", "published", "published", "published"
    )?;
    writeln!(out, "  {:<18} {:>7} {:>8}   {:>7}  {:>16}   {:>9} {:>9} {:>9}", "", "", "fate", "", "", "(major)", "(minor)", "(other)")?;
    let published = [PublishedCurve::MajorProblem, PublishedCurve::MinorProblem, PublishedCurve::SecondFamily];
    for outcome in Outcome::ALL {
        let unknown = tally.unknown(outcome);
        let share = curve.retention(outcome).ok().and_then(|retention| retention.share());
        let (cases, stayed, interval) = share.map_or((unknown, "-".to_owned(), "-".to_owned()), |share| {
            let interval = share.interval(Confidence::P95);
            let ends = format!("{:>5.1}% to {:>5.1}%", 100.0 * interval.low(), 100.0 * interval.high());
            (share.whole().saturating_add(unknown), format!("{:.1}%", share.percent(1)), ends)
        });
        let [major, minor, other] = published.map(|published| {
            published.retention(outcome).map_or("-".to_owned(), |range| {
                let (low, high) = (range.low().percent(0), range.high().percent(0));
                if range.is_single() { format!("{low}%") } else { format!("{low}-{high}%") }
            })
        });
        writeln!(out, "  {outcome:<18} {cases:>7} {unknown:>8}   {stayed:>7}  {interval:>16}   {major:>9} {minor:>9} {other:>9}")?;
    }
    writeln!(out)?;
    let complaint_rate = match (is_complaints_only(tally), tally.complaint_rate()) {
        (true, _) => "not known: the file holds complaints only".to_owned(),
        (false, rate) => shown(rate),
    };
    writeln!(out, "  {:<18} {complaint_rate}", "complaint rate")?;
    writeln!(out, "  {:<18} {}", "resolution rate", shown(tally.resolution_rate()))?;
    writeln!(out, "  {:<18} {}", "quick rate", shown(tally.quick_rate()))?;
    if tally.open() > 0 {
        writeln!(out, "  {} complaints are still open and count as unresolved.", tally.open())?;
    }
    let iceberg = Iceberg::from_published_ratios(tally.complaints())?;
    if let (true, low, Some(high)) = (is_complaints_only(tally), iceberg.dissatisfied_at_least(), iceberg.dissatisfied_at_most()) {
        writeln!(out, "  Behind them, by the published ratios, stand {low} to {high} dissatisfied customers.")?;
    }
    if curve.rises() && curve.steps().count() > 1 {
        writeln!(out, "  The curve rises with every better outcome, as it should.")?;
    }
    for (worse, better) in curve.falls() {
        writeln!(out, "  The curve falls from {worse} to {better}. Look at the intervals before you believe it.")?;
    }
    Ok(())
}

fn shown(rate: customer_metrics::Result<Share>) -> String {
    rate.map_or_else(|undefined| undefined.to_string(), |rate| rate.to_string())
}
