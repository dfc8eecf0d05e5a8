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
    if let Some([from, until]) = orders.gap {
        writeln!(out, "  No order between {from} and {until}: is a date mistyped?\n")?;
    }
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

    writeln!(
        out,
        "\n  The first of them as the models see them: how often they bought again, in which week after their first purchase the last time, \
         and for\n  how many weeks after it they were watched\n"
    )?;
    writeln!(out, "  customer     bought again x   last at t_x   watched for T   in the holdout")?;
    let rows = histories.customer_numbers().iter().zip(histories.frequency()).zip(histories.recency_in_periods());
    let rows = rows.zip(histories.age_in_periods()).zip(split.holdout_frequency());
    for ((((&customer, x), t_x), t), holdout) in rows.take(SHOWN) {
        writeln!(out, "  {:<12} {x:>14} {t_x:>13.2} {t:>15.2} {holdout:>16}", name(orders, customer))?;
    }
    if histories.customer_numbers().len() > SHOWN {
        writeln!(out, "  ...")?;
    }
    fits(out, models)
}

fn fits(out: &mut String, models: &Models) -> Result<(), Fault> {
    writeln!(out, "\nMODELS (fitted to the calibration, the best by AIC first)\n")?;
    writeln!(out, "  {:<11} {:>14} {:>9} {:>9} {:>12} {:>7}", "", "log-likelihood", "AIC", "BIC", "difference", "weight")?;
    for (checked, ranked) in models.checked.iter().zip(models.comparison.models()) {
        let (log_likelihood, aic, bic) = (ranked.candidate().log_likelihood(), ranked.value(), checked.bic);
        let (difference, weight) = (ranked.difference(), ranked.weight());
        writeln!(out, "  {:<11} {log_likelihood:>14.2} {aic:>9.1} {bic:>9.1} {difference:>12.1} {weight:>7.3}", checked.kind)?;
    }
    writeln!(
        out,
        "\n  Each has four parameters, so that AIC and BIC rank them alike. A difference below 2 decides nothing; above 10 it does."
    )?;
    writeln!(out, "\n  {:<11} parameters (standard errors)", "")?;
    for checked in &models.checked {
        let parameters = checked.parameters.iter().map(|(name, value, error)| match error {
            Some(error) => format!("{name} {value:.3} ({error:.3})"),
            // On the way to a boundary.
            None if !(0.001..1e6).contains(value) => format!("{name} {value:.1e}"),
            None => format!("{name} {value:.3}"),
        });
        writeln!(out, "  {:<11} {}", checked.kind, parameters.collect::<Vec<_>>().join("   "))?;
        let status = checked.candidate.status().to_string();
        if status != "converged" {
            writeln!(out, "  {:<11} {status}: no standard errors", "")?;
        }
    }
    Ok(())
}

/// What a customer is called in the file.
pub fn name(orders: &Orders, customer: u64) -> &str {
    usize::try_from(customer).ok().and_then(|customer| orders.names.get(customer)).map_or("", String::as_str)
}
