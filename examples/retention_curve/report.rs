//! What is printed.

use std::fmt::Write as _;

use customer_metrics::churn::{churn_over_periods, expected_lifetime_at_constant_churn};
use customer_metrics::lifetime_value::PaymentTiming;
use customer_metrics::survival::{
    EventWeighting, GroupComparison, HazardRatioMethod, LimitMethod, PaymentStream, RiskTable, SurvivalCurve, TimeQuantile,
};
use customer_metrics::{Confidence, Error, Interval, MinorUnit, Tally as _};

use crate::Request;
use crate::customers::Customers;
use crate::input::{Fault, file_name};

const P95: Confidence = Confidence::P95;
const LOG_LOG: LimitMethod = LimitMethod::LogLog;

pub fn print(customers: &Customers, request: &Request) -> Result<String, Fault> {
    let mut out = String::new();
    let table = customers.all.risk_table();
    let curve = customers.all.finish()?;
    let last = whole(curve.last_time());
    if last == 0 {
        return Err(Fault::new("no customer has been there for a whole period"));
    }
    writeln!(
        out,
        "{} customers, of whom {} have left; the longest has been there for {last} periods",
        customers.all.customers(),
        table.left()
    )?;
    renewals(&mut out, &table, &curve, request)?;
    lifetime(&mut out, customers, &curve, request)?;
    if customers.groups.len() > 1 {
        groups(&mut out, customers, last)?;
    }
    writeln!(out, "\nThe curves are drawn in {}.", file_name(&request.svg))?;
    Ok(out)
}

fn renewals(out: &mut String, table: &RiskTable, curve: &SurvivalCurve, request: &Request) -> Result<(), Fault> {
    writeln!(out, "\nWho stays beyond each renewal (Kaplan-Meier, 95% log-log intervals)")?;
    writeln!(out, "{:>8} {:>8} {:>8} {:>18} {:>12} {:>18}", "period", "at risk", "stay", "", "lost since", "")?;
    let renewals = curve.renewals(f64::from(request.renewal), P95, LOG_LOG)?;
    if renewals.is_empty() {
        writeln!(out, "  no customer has reached one")?;
    }
    for renewal in renewals {
        let at_risk = table.numbers_at_risk(&[renewal.time()])?;
        let survival = curve.estimate_at(renewal.time(), P95, LOG_LOG).ok().map(|estimate| estimate.interval());
        let lost = renewal.kept_interval().map(|kept| (1.0 - kept.high(), 1.0 - kept.low()));
        writeln!(
            out,
            "{:>8} {:>8} {:>7.1}% {:>18} {:>11.1}% {:>18}",
            renewal.time(),
            at_risk.first().copied().unwrap_or(0.0),
            renewal.survival() * 100.0,
            survival.map_or(String::new(), |interval| percents(interval.low(), interval.high())),
            renewal.dropped() * 100.0,
            lost.map_or(String::new(), |(low, high)| percents(low, high)),
        )?;
    }
    Ok(())
}

fn lifetime(out: &mut String, customers: &Customers, curve: &SurvivalCurve, request: &Request) -> Result<(), Fault> {
    let (last, renewal) = (whole(curve.last_time()), request.renewal);
    writeln!(out, "\nHow long")?;
    writeln!(out, "  half have left by          {}", times(&curve.median(P95, LOG_LOG)))?;
    let first = curve.restricted_mean(curve.last_time())?.estimate(P95);
    writeln!(out, "  mean within {last:>3} periods    {:.1} ({})", first.point(), tenths(first.interval()))?;
    if renewal < last {
        let horizon = f64::from(last - renewal);
        match curve.remaining_mean(f64::from(renewal), horizon) {
            Ok(mean) => {
                let rest = mean.estimate(P95);
                let new = curve.restricted_mean(horizon)?.mean();
                writeln!(
                    out,
                    "  within {horizon:>3} more periods    {:.1} ({}) for who has stayed {renewal}, {new:.1} for who is new",
                    rest.point(),
                    tenths(rest.interval()),
                )?;
            }
            Err(Error::Undefined { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }

    writeln!(out, "\nChurn")?;
    let spans = [(1, renewal.min(last)), (renewal.saturating_add(1), last)];
    for (from, to) in spans.into_iter().filter(|(from, to)| from <= to) {
        let hazard = customers.all.pooled_hazard(from..=to)?;
        let churn = hazard.to_proportion();
        let interval = hazard.interval(P95);
        write!(
            out,
            "  periods {from:>2} to {to:<3}  {:.2}% a period ({:.2} to {:.2}), {:.1}% over 12",
            hazard.to_f64() * 100.0,
            interval.low() * 100.0,
            interval.high() * 100.0,
            churn_over_periods(churn, 12).to_f64() * 100.0,
        )?;
        match expected_lifetime_at_constant_churn(churn) {
            Ok(lifetime) => writeln!(out, "; 1/churn would be {} periods", lifetime.round_dp(1))?,
            Err(_) => writeln!(out)?,
        }
    }

    let payments = u32::from(last).min(60);
    let stream = PaymentStream::new(request.margin, request.discount, PaymentTiming::ImmediateFirst, payments)?;
    let value = curve.discounted_value(&stream, MinorUnit::CENT, P95)?;
    writeln!(out, "\nWorth")?;
    writeln!(out, "  {stream}")?;
    writeln!(out, "  {:.2} ({:.2} to {:.2}, 95% normal)", value.point(), value.interval().low(), value.interval().high())?;
    Ok(())
}

fn groups(out: &mut String, customers: &Customers, last: u16) -> Result<(), Fault> {
    let tables: Vec<RiskTable> = customers.groups.iter().map(|(_, table)| table.risk_table()).collect();
    // As far as every group is observed.
    let common = tables.iter().filter_map(RiskTable::last_time).fold(f64::from(last), f64::min);
    writeln!(out, "\nGroups, and the mean within the {common} periods for which all are known")?;
    let width = customers.groups.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).max(8);
    writeln!(out, "  {:<width$} {:>9} {:>6} {:>9} {:>24}   mean", "group", "customers", "left", "expected", "half have left by")?;
    let comparison = match GroupComparison::new(&tables, EventWeighting::LogRank) {
        Ok(comparison) => Some(comparison),
        Err(Error::Undefined { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    for (position, ((name, _), table)) in customers.groups.iter().zip(&tables).enumerate() {
        let curve = table.kaplan_meier()?;
        let mean = curve.restricted_mean(common)?.estimate(P95);
        let expected = comparison.as_ref().and_then(|comparison| comparison.expected().get(position));
        writeln!(
            out,
            "  {name:<width$} {:>9} {:>6} {:>9} {:>24}   {:.1} ({})",
            table.subjects(),
            table.left(),
            expected.map_or(String::new(), |expected| format!("{expected:.1}")),
            times(&curve.median(P95, LOG_LOG)),
            mean.point(),
            tenths(mean.interval()),
        )?;
    }
    if let Some(comparison) = comparison {
        writeln!(out, "  That all leave alike: {:.1}", comparison.test()?)?;
        if let Ok(ratio) = comparison.hazard_ratio(P95, HazardRatioMethod::Peto) {
            writeln!(out, "  Hazard ratio of the first to the second: {ratio:.2}")?;
        }
    }
    Ok(())
}

/// Tenures are whole periods, so that the last time is one.
fn whole(time: f64) -> u16 {
    (0..=u16::MAX).rfind(|&period| f64::from(period) <= time).unwrap_or(0)
}

fn percents(low: f64, high: f64) -> String {
    format!("{:.1}% to {:.1}%", low * 100.0, high * 100.0)
}

fn tenths(interval: Interval) -> String {
    format!("{:.1} to {:.1}", interval.low(), interval.high())
}

fn times(quantile: &TimeQuantile) -> String {
    let time = |time: Option<f64>| time.map_or("not yet".to_owned(), |time| time.to_string());
    match quantile.time() {
        None => quantile.low().map_or("not yet".to_owned(), |low| format!("not yet (from {low})")),
        Some(time) if quantile.low().is_none() && quantile.high().is_none() => format!("{time} (interval not known)"),
        Some(_) => format!("{} ({} to {})", time(quantile.time()), time(quantile.low()), time(quantile.high())),
    }
}
