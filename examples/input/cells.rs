//! What can stand in a cell or as the value of an option.

use std::time::Duration;

use customer_metrics::complaint::Fate;
use customer_metrics::{Decimal, Proportion};

pub fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" | "1" => Some(true),
        "no" | "false" | "0" => Some(false),
        _ => None,
    }
}

/// Whether a customer stayed: yes, no or unknown.
pub fn fate(text: &str) -> Option<Fate> {
    match (yes_or_no(text), text.to_ascii_lowercase().as_str()) {
        (Some(true), _) => Some(Fate::Stayed),
        (Some(false), _) => Some(Fate::Left),
        (None, "" | "unknown" | "na" | "n/a") => Some(Fate::Unknown),
        _ => None,
    }
}

/// A number of days, with fractions; fewer than a million.
pub fn days(text: &str) -> Option<Duration> {
    let days = text.parse().ok().filter(|days: &f64| (0.0..1e6).contains(days))?;
    Some(Duration::from_secs(24 * 60 * 60).mul_f64(days))
}

/// An amount of money from 0 to below 10^12, with at most 2 decimal places.
pub fn money(text: &str) -> Option<Decimal> {
    let amount = Decimal::from_str_exact(text).ok()?.normalize();
    let is_money = amount.scale() <= 2 && (Decimal::ZERO..Decimal::from(1_000_000_000_000_u64)).contains(&amount);
    is_money.then_some(amount)
}

/// A percentage from 0 to 100.
pub fn percent(text: &str) -> Option<Proportion> {
    Proportion::from_percent(Decimal::from_str_exact(text).ok()?).ok()
}
