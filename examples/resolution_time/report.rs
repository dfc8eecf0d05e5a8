//! What is printed.

use std::fmt::Write as _;
use std::time::Duration;

use customer_metrics::complaint::{Outcome, ResolutionTimeTally, Target, TimeScale, Wait, WaitDistribution, WaitPercentile};
use customer_metrics::survival::EventWeighting;
use customer_metrics::{Confidence, Decimal, Error, Interval, MinorUnit, Proportion};

use crate::complaints::Complaints;
use crate::input::Fault;
use crate::{DAY, Request};

const P95: Confidence = Confidence::P95;

pub fn print(out: &mut String, complaints: &Complaints, request: &Request) -> Result<(), Fault> {
    waits(out, &complaints.waits)?;
    let tally = &complaints.resolved;
    match tally.retention() {
        Ok(all) => {
            writeln!(
                out,
                "\n{} are resolved; of {} it is known what the customer did, and {} stayed.",
                tally.resolved(),
                all.whole(),
                all.part()
            )?;
            curve(out, tally)?;
            logistic(out, tally, request.value)?;
            limit(out, tally)?;
        }
        Err(undefined) => writeln!(out, "\n{undefined}")?,
    }
    months(out, complaints, request)?;
    writeln!(
        out,
        "\nAll of this describes who stayed. Complaints that take long are often the hard ones: only a trial shows what speed does."
    )?;
    Ok(())
}

/// Those that still wait have waited for at least so long.
fn waits(out: &mut String, waits: &[Wait]) -> Result<(), Fault> {
    let distribution = WaitDistribution::new(waits.iter().copied())?;
    let is_over = |wait: &&Wait| matches!(wait, Wait::Over(_));
    let open = waits.iter().filter(|wait| !is_over(wait)).count();
    writeln!(out, "How long complaints wait ({open} of {} are still open; 95% intervals)", distribution.cases())?;
    writeln!(out, "  half are resolved within          {}", percentile(&distribution.median(P95)))?;
    let nine_tenths = distribution.percentile(Proportion::from_percent(Decimal::from(90))?, P95)?;
    writeln!(out, "  nine in ten are resolved within   {}", percentile(&nine_tenths))?;
    for within in [1, 3, 7] {
        let name = if within == 1 { "within a day".to_owned() } else { format!("within {within} days") };
        match distribution.within(Target::new(within * DAY)?, P95) {
            Ok(share) => writeln!(out, "  {name:<33} {:.1}% ({})", 100.0 * share.point(), percents(share.interval()))?,
            Err(_) => writeln!(out, "  {name:<33} not known: the open ones have not waited so long yet")?,
        }
    }
    if open > 0 && open < waits.len() {
        let closed = WaitDistribution::new(waits.iter().filter(is_over).copied())?;
        let [half, most] = [closed.median(P95), closed.percentile(Proportion::from_percent(Decimal::from(90))?, P95)?];
        let [half, most] = [half, most].map(|wait| wait.point().map_or("-".to_owned(), days));
        writeln!(out, "  Left out of the count, the open ones would make it look like {half} and {most} days.")?;
    }
    Ok(())
}

fn percentile(wait: &WaitPercentile) -> String {
    let end = |end: Option<Duration>| end.map_or("not known".to_owned(), days);
    match wait.point() {
        Some(point) if wait.low().is_none() && wait.high().is_none() => format!("{} days (interval not known)", days(point)),
        Some(point) => format!("{} days ({} to {})", days(point), end(wait.low()), end(wait.high())),
        None => "not yet: too many are still open".to_owned(),
    }
}

fn curve(out: &mut String, tally: &ResolutionTimeTally) -> Result<(), Fault> {
    const SHOWN: usize = 12;
    let curve = tally.monotone()?;
    writeln!(out, "\nThe curve that never rises (days; 95% intervals hold for any such curve)")?;
    for step in curve.steps().iter().take(SHOWN) {
        let estimate = curve.estimate(step.from, P95);
        let (from, to) = (days(step.from), days(step.to));
        let stretch = if from == to { from } else { format!("{from} to {to}") };
        let [low, high] = [estimate.interval().low(), estimate.interval().high()].map(|end| 100.0 * end);
        writeln!(out, "  {stretch:<16} {:>24}   {low:>5.1}% to {high:>5.1}%", step.retention.to_string())?;
    }
    if curve.steps().len() > SHOWN {
        writeln!(out, "  and {} more steps", curve.steps().len() - SHOWN)?;
    }
    Ok(())
}

fn logistic(out: &mut String, tally: &ResolutionTimeTally, value: Decimal) -> Result<(), Fault> {
    let curve = match tally.logistic(TimeScale::Hours) {
        Ok(curve) => curve,
        Err(undefined) => {
            writeln!(out, "\n{undefined}")?;
            return Ok(());
        }
    };
    let [_, error] = curve.standard_errors();
    let (slope, day) = (curve.slope() * 24.0, error * 24.0);
    writeln!(out, "\nThe logistic curve: the logit changes by {slope:.4} a day (standard error {day:.4})")?;
    writeln!(out, "  any slope at all?  {:.1}", curve.test_slope()?)?;
    match curve.test_fit() {
        Ok(test) => {
            writeln!(out, "  the right form?    {test:.1}")?;
            if test.p_value() < 0.05 {
                writeln!(out, "  No: it does not fit these complaints. Read the curve above, and what follows as rough figures only.")?;
            }
        }
        Err(undefined) => writeln!(out, "  the right form?    {undefined}")?,
    }
    writeln!(out, "\nWhat an hour is worth per complaint, at {value} per customer kept")?;
    for after in [1, 3, 7, 14] {
        let hour = curve.money_per_hour(after * DAY, value, MinorUnit::CENT, P95)?;
        let days = if after == 1 { "day " } else { "days" };
        writeln!(out, "  resolved after {after:>2} {days}   {}", hour.money)?;
    }
    let sooner = curve.money_kept(DAY, value, MinorUnit::CENT, P95)?;
    writeln!(out, "  every one of them a day sooner keeps {:.1} customers: {}", sooner.customers.point(), sooner.money)?;
    writeln!(out, "  the curve that never rises says {} customers", tally.monotone()?.customers_kept(DAY)?.round_dp(1))?;
    Ok(())
}

fn limit(out: &mut String, tally: &ResolutionTimeTally) -> Result<(), Fault> {
    match tally.suggested_quick_limit(P95) {
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
    Ok(())
}

/// By what became of the complaint, counted from the complaint on.
fn months(out: &mut String, complaints: &Complaints, request: &Request) -> Result<(), Fault> {
    let tables = &complaints.months;
    let ends = tables.outcomes().filter_map(|outcome| tables.table(outcome).risk_table().last_time());
    // As far as all of them were followed.
    let end = ends.fold(f64::INFINITY, f64::min);
    let months = (0..=u16::MAX).rfind(|&months| f64::from(months) <= end).unwrap_or(0);
    if tables.outcomes().next().is_none() || months == 0 {
        return Ok(());
    }
    writeln!(
        out,
        "\nHow long customers stay after the complaint (quickly is within {} days; 95% beta product limits)",
        days(request.quick.duration())
    )?;
    writeln!(out, "  {:<18} {:>9} {:>6}   after {months} months", "complaint", "customers", "left")?;
    for outcome in tables.outcomes() {
        let table = tables.table(outcome).risk_table();
        let stay = table.estimate_at(f64::from(months), P95)?;
        writeln!(
            out,
            "  {outcome:<18} {:>9} {:>6}   {:.1}% still there ({})",
            table.subjects(),
            table.left(),
            100.0 * stay.point(),
            percents(stay.interval())
        )?;
    }
    let (from, to) = (Outcome::Resolved, Outcome::ResolvedQuickly);
    match tables.kept_longer(months, from, to, P95) {
        Ok(longer) => {
            let money = tables.money_kept(months, from, to, request.margin, MinorUnit::CENT, P95)?;
            let ends = longer.interval();
            writeln!(
                out,
                "  Within those months a customer whose complaint is resolved quickly stays {:.2} months longer ({:.2} to {:.2}) than one whose is\n  \
                 resolved later: {:.2} each ({:.2}), at {} a month.",
                longer.point(),
                ends.low(),
                ends.high(),
                money.point(),
                money.interval(),
                request.margin
            )?;
        }
        Err(Error::Undefined { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    if tables.outcomes().count() < 2 {
        return Ok(());
    }
    match tables.compare(EventWeighting::LogRank).and_then(|comparison| comparison.test()) {
        Ok(test) => writeln!(out, "  all alike?  {test:.1}")?,
        Err(undefined) => writeln!(out, "  {undefined}")?,
    }
    Ok(())
}

fn percents(interval: Interval) -> String {
    format!("{:.1}% to {:.1}%", 100.0 * interval.low(), 100.0 * interval.high())
}

fn days(time: Duration) -> String {
    let days = time.as_secs_f64() / DAY.as_secs_f64();
    if days.fract().abs() < 1e-9 { format!("{days:.0}") } else { format!("{days:.2}") }
}
