//! The histories and the models fitted to them.

use std::fmt::Write;

use customer_metrics::Share;
use customer_metrics::repeat_buying::CalibrationHoldout;

use crate::input::Fault;
use crate::models::Models;
use crate::orders::Orders;

/// So many customers are shown.
const SHOWN: usize = 6;

pub fn print(out: &mut String, orders: &Orders, split: &CalibrationHoldout, models: &Models) -> Result<(), Fault> {
    let histories = split.calibration();
    let newcomers = split.newcomers().customers;
    writeln!(out, "REPEAT BUYING ({} orders, {} to {})\n", orders.rows(), orders.first, orders.end)?;
    writeln!(out, "  {:<44} {:>10}", format!("customers who first bought by {}", orders.calibration), histories.customers())?;
    let again = histories.frequency().iter().filter(|frequency| **frequency > 0).count();
    let again = Share::new(u64::try_from(again).unwrap_or(u64::MAX), histories.customers())?;
    writeln!(out, "  {:<44} {:>10}", "of whom bought again by then", format!("{:.1}%", again.percent(1)))?;
    let purchases = |counts: &[u64]| counts.iter().fold(0_u64, |sum, count| sum.saturating_add(*count));
    writeln!(out, "  {:<44} {:>10}", "repeat purchases by then", purchases(histories.frequency()))?;
    let holdout = format!("purchases in the holdout of {:.1} weeks", split.holdout_periods());
    writeln!(out, "  {holdout:<44} {:>10}", purchases(split.holdout_frequency()))?;
    for (number, what) in [
        (newcomers, "customers who first bought in the holdout"),
        (histories.left_out().returns.count(), "orders left out as returned"),
        (histories.left_out().after_last_day.count(), "orders left out as later"),
    ] {
        if number > 0 {
            writeln!(out, "  {what:<44} {number:>10}")?;
        }
    }

    writeln!(out, "\n  customer      repeat purchases x   recency t_x (weeks)   age T (weeks)   holdout")?;
    let rows = histories.customer_numbers().iter().zip(histories.frequency()).zip(histories.recency_in_periods());
    let rows = rows.zip(histories.age_in_periods()).zip(split.holdout_frequency());
    for ((((&customer, x), t_x), t), holdout) in rows.take(SHOWN) {
        writeln!(out, "  {:<12} {x:>20} {t_x:>21.2} {t:>15.2} {holdout:>9}", name(orders, customer))?;
    }
    if histories.customer_numbers().len() > SHOWN {
        writeln!(out, "  ...")?;
    }

    writeln!(out, "\nMODELS (fitted to the calibration, the best by AIC first)\n")?;
    writeln!(out, "  {:<9} {:<48} {:>11} {:>9} {:>7} {:>7}", "", "parameters (standard errors)", "log-lik.", "AIC", "diff.", "weight")?;
    for (checked, ranked) in models.checked.iter().zip(models.comparison.models()) {
        let parameters = checked.parameters.iter().map(|(name, value, error)| match error {
            Some(error) => format!("{name} {value:.3} ({error:.3})"),
            None => format!("{name} {value:.3}"),
        });
        // The longest are shown in two lines.
        let parameters: Vec<String> = parameters.collect();
        let mut lines = parameters.chunks(3).map(|line| line.join("  "));
        let figures = (ranked.candidate().log_likelihood(), ranked.value(), ranked.difference(), ranked.weight());
        let (log_likelihood, aic, difference, weight) = figures;
        let first = lines.next().unwrap_or_default();
        writeln!(out, "  {:<9} {first:<48} {log_likelihood:>11.2} {aic:>9.1} {difference:>7.1} {weight:>7.3}", checked.name)?;
        for line in lines {
            writeln!(out, "  {:<9} {line}", "")?;
        }
        let status = ranked.candidate().status().to_string();
        if status != "converged" {
            writeln!(out, "  {:<9} {status}: no standard errors", "")?;
        }
    }
    Ok(())
}

/// What a customer is called in the file.
pub fn name(orders: &Orders, customer: u64) -> &str {
    usize::try_from(customer).ok().and_then(|customer| orders.names.get(customer)).map_or("", String::as_str)
}
