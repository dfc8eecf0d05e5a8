//! Does faster resolution keep customers? From complaints with their time to resolution: the curve, the worth of an hour, and the limit for
//! "quickly" that the complaints themselves suggest.
//!
//! `cargo run --release --example resolution_time`, or with a file of one's own: `-- --help` says how.

#[expect(dead_code, reason = "the scorecard reads more kinds of columns")]
#[path = "../scorecard/input.rs"]
mod input;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use customer_metrics::complaint::{Fate, ResolutionTime, ResolutionTimeTally, TimeScale};
use customer_metrics::estimate::ContingencyTable;
use customer_metrics::{Confidence, Decimal, MinorUnit, Share, Tally};
use jiff::civil::Date;

use crate::input::{Fault, Table};

const HELP: &str = "\
Prints whether faster resolution keeps customers, what an hour is worth, and which limit for quickly the complaints suggest.

  --complaints FILE  columns days (to resolution) and stayed (yes, no, unknown),
                     or a download of the Consumer Complaint Database              [a made-up team]
  --value MONEY      what a customer who is kept is worth                          [300]";

const DAY: Duration = Duration::from_secs(24 * 3600);

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let printed = if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        Ok(format!("{HELP}\n"))
    } else {
        request(&arguments).and_then(|(complaints, value)| report(complaints.as_deref(), value))
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

fn request(arguments: &[OsString]) -> Result<(Option<PathBuf>, Decimal), Fault> {
    let (mut complaints, mut value) = (None, Decimal::from(300));
    let mut arguments = arguments.iter();
    let mut seen = Vec::new();
    while let Some(option) = arguments.next() {
        let option = option.to_string_lossy().into_owned();
        if !["--complaints", "--value"].contains(&option.as_str()) {
            return Err(Fault::new(format_args!("{option} is not an option; --help lists them")));
        }
        let Some(given) = arguments.next().filter(|given| !given.to_string_lossy().starts_with("--")) else {
            return Err(Fault::new(format_args!("{option} needs a value; --help says which")));
        };
        if seen.contains(&option) {
            return Err(Fault::new(format_args!("{option} is given twice")));
        }
        if option == "--complaints" {
            complaints = Some(PathBuf::from(given));
        } else {
            let text = given.to_string_lossy();
            let parsed = text.parse().ok().filter(|money: &Decimal| !money.is_sign_negative());
            value = parsed.ok_or_else(|| Fault::new(format_args!("--value: {text:?} is not an amount of money")))?;
        }
        seen.push(option);
    }
    Ok((complaints, value))
}

fn report(complaints: Option<&Path>, value: Decimal) -> Result<String, Fault> {
    let mut out = String::new();
    let tally = if let Some(path) = complaints {
        from_file(&Table::read(path)?, &mut out)?
    } else {
        writeln!(out, "A made-up team: of the customers whose complaint is resolved within three days 85% stay, of the others 60%.\n")?;
        made_up()?
    };
    let all = tally.retention()?;
    writeln!(out, "{} complaints, {} with a known fate, of whom {} stayed.\n", tally.resolved(), all.whole(), all.part())?;

    let curve = tally.monotone()?;
    writeln!(out, "The curve that never rises (days; 95% intervals hold for any such curve)")?;
    let (shown, all_steps) = (12, curve.steps().len());
    for step in curve.steps().iter().take(shown) {
        let estimate = curve.estimate(step.from, Confidence::P95);
        let (from, to) = (days(step.from), days(step.to));
        let stretch = if from == to { from } else { format!("{from} to {to}") };
        let [low, high] = [estimate.interval().low(), estimate.interval().high()].map(|end| 100.0 * end);
        writeln!(out, "  {stretch:<16} {:>24}   {low:>5.1}% to {high:>5.1}%", step.retention.to_string())?;
    }
    if all_steps > shown {
        writeln!(out, "  and {} more steps", all_steps.saturating_sub(shown))?;
    }

    match tally.logistic(TimeScale::Hours) {
        Ok(curve) => {
            let [_, error] = curve.standard_errors();
            let (slope, day) = (curve.slope() * 24.0, error * 24.0);
            writeln!(out, "\nThe logistic curve: the logit changes by {slope:.4} a day (standard error {day:.4})")?;
            writeln!(out, "  any slope at all?  {:.1}", curve.test_slope()?)?;
            match curve.test_fit() {
                Ok(test) => {
                    writeln!(out, "  the right form?    {test:.1}")?;
                    if test.p_value() < 0.05 {
                        writeln!(
                            out,
                            "  No: it does not fit these complaints. Read the curve above, and what follows as rough figures only."
                        )?;
                    }
                }
                Err(undefined) => writeln!(out, "  the right form?    {undefined}")?,
            }
            writeln!(out, "\nWhat an hour is worth per complaint, at {value} per customer kept")?;
            for after in [1, 3, 7, 14] {
                let hour = curve.money_per_hour(after * DAY, value, MinorUnit::CENT, Confidence::P95)?;
                let days = if after == 1 { "day " } else { "days" };
                writeln!(out, "  resolved after {after:>2} {days}   {}", hour.money)?;
            }
            let sooner = curve.money_kept(DAY, value, MinorUnit::CENT, Confidence::P95)?;
            writeln!(out, "  every one of them a day sooner keeps {:.1} customers: {}", sooner.customers.point(), sooner.money)?;
            writeln!(out, "  the curve that never rises says {} customers", curve_says(&tally)?)?;
        }
        Err(undefined) => writeln!(out, "\n{undefined}")?,
    }

    match tally.suggested_quick_limit(Confidence::P95) {
        Ok(suggested) => {
            let (limit, earliest, before) = (days(suggested.limit().duration()), days(suggested.earliest()), days(suggested.before()));
            writeln!(
                out,
                "\nThe limit for quickly that the complaints suggest: {limit} days; anything from {earliest} to short of {before} is hardly worse"
            )?;
            writeln!(out, "  within it {} stay, later {}", suggested.quick(), suggested.slow())?;
            writeln!(out, "  better than no limit?  {:.1}", suggested.test())?;
        }
        Err(undefined) => writeln!(out, "\n{undefined}")?,
    }
    writeln!(
        out,
        "\nAll of this describes who stayed. Complaints that take long are often the hard ones: only a trial shows what speed does."
    )?;
    Ok(out)
}

fn curve_says(tally: &ResolutionTimeTally) -> Result<Decimal, Fault> {
    Ok(tally.monotone()?.customers_kept(DAY)?.round_dp(1))
}

fn days(time: Duration) -> String {
    let days = time.as_secs_f64() / DAY.as_secs_f64();
    if days.fract().abs() < 1e-9 { format!("{days:.0}") } else { format!("{days:.2}") }
}

/// Whole hours up to twelve days; the fates follow the rule as closely as whole customers can.
fn made_up() -> Result<ResolutionTimeTally, Fault> {
    let rows = (1..=288_u64).map(|hour| {
        // Many quick ones, few slow ones.
        let resolved = 4_000_u64.saturating_mul(289_u64.saturating_sub(hour)) / 41_616;
        let percent = if hour <= 72 { 85 } else { 60 };
        let turn = hour.wrapping_mul(2_654_435_761) % 100;
        let stayed = (resolved.saturating_mul(percent).saturating_add(turn) / 100).min(resolved);
        ResolutionTime { time: Duration::from_secs(hour * 3600), stayed, left: resolved.saturating_sub(stayed), unknown: 0 }
    });
    Ok(ResolutionTimeTally::from_rows(rows)?)
}

/// Who did not dispute the answer, by the kind of answer. Who is not known to have done either is left out.
fn by_response(table: &Table, disputed: &[Fate], out: &mut String) -> Result<(), Fault> {
    let responses = table.column(&["company response to consumer"])?.names()?;
    let mut kinds: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
    for (response, disputed) in responses.into_iter().zip(disputed) {
        let [undisputed, of_them] = kinds.entry(response).or_default();
        let known = u64::from(*disputed != Fate::Unknown);
        *of_them = of_them.saturating_add(known);
        *undisputed = undisputed.saturating_add(u64::from(*disputed == Fate::Left));
    }
    let shares = kinds.into_iter().filter_map(|(kind, [undisputed, known])| Some((kind, Share::new(undisputed, known).ok()?)));
    let (names, shares): (Vec<&str>, Vec<Share>) = shares.unzip();
    writeln!(out, "Not disputed, by the kind of answer (95% Wilson intervals)")?;
    for (name, share) in names.into_iter().zip(&shares) {
        let interval = share.interval(Confidence::P95);
        let [low, high] = [interval.low(), interval.high()].map(|end| 100.0 * end);
        writeln!(out, "  {name:<34} {:>24}   {low:>5.1}% to {high:>5.1}%", share.to_string())?;
    }
    match ContingencyTable::from_shares(&shares) {
        Ok(table) => writeln!(out, "  all alike?  {:.1}\n", table.test())?,
        Err(undefined) => writeln!(out, "  {undefined}\n")?,
    }
    Ok(())
}

fn from_file(table: &Table, out: &mut String) -> Result<ResolutionTimeTally, Fault> {
    let fate = |text: &str| match text.to_ascii_lowercase().as_str() {
        "yes" => Some(Fate::Stayed),
        "no" => Some(Fate::Left),
        "" | "unknown" | "n/a" => Some(Fate::Unknown),
        _ => None,
    };
    let mut tally = ResolutionTimeTally::default();
    if table.has("date sent to company") {
        writeln!(
            out,
            "The database does not know who stayed. \"Stayed\" is who did not dispute the answer; the time is until the complaint"
        )?;
        writeln!(out, "was sent on to the company, for it does not know when the answer came.\n")?;
        let date = |text: &str| Date::strptime("%m/%d/%Y", text).ok();
        let received = table.column(&["date received"])?.parse("a date such as 7/29/2013", date)?;
        let sent = table.column(&["date sent to company"])?.parse("a date such as 7/29/2013", date)?;
        let disputed = table.column(&["consumer disputed?"])?.parse("Yes, No or empty", fate)?;
        by_response(table, &disputed, out)?;
        let mut backwards = 0_u32;
        for ((received, sent), disputed) in received.into_iter().zip(sent).zip(disputed) {
            let fate = match disputed {
                Fate::Stayed => Fate::Left,
                Fate::Left => Fate::Stayed,
                Fate::Unknown => Fate::Unknown,
            };
            match u32::try_from((sent - received).get_days()) {
                Ok(days) => tally.record((DAY.saturating_mul(days), fate))?,
                Err(_) => backwards = backwards.saturating_add(1),
            }
        }
        if backwards > 0 {
            writeln!(out, "{backwards} complaints were sent on before they were received, says the file; they are left out.")?;
        }
        return Ok(tally);
    }
    let days = table
        .column(&["days"])?
        .parse("a number of days", |text| text.parse().ok().filter(|days: &f64| (0.0..1e6).contains(days)).map(|days| DAY.mul_f64(days)))?;
    let fates = table.column(&["stayed"])?.parse("yes, no or unknown", fate)?;
    for (record, row) in days.into_iter().zip(fates).zip(0_usize..) {
        tally.record(record).map_err(|error| table.fault_in_row(row, error))?;
    }
    Ok(tally)
}
