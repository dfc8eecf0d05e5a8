//! What became of every month's revenue in the next.

use std::collections::BTreeMap;
use std::fmt::Write;

use customer_metrics::churn::{NetRevenueDefinition, QuickRatioDefinition, RevenueSeries, RevenueSettings};
use customer_metrics::{Decimal, MinorUnit};

use crate::input::Fault;
use crate::orders::{self, Orders};

pub fn print(out: &mut String, orders: &Orders) -> Result<(), Fault> {
    let series = RevenueSeries::from_columns(RevenueSettings::default(), orders.window, &orders.customers, &orders.months, &orders.cents)?;
    writeln!(out, "\nREVENUE FROM MONTH TO MONTH\n")?;
    if series.tallies().len() == 0 {
        writeln!(out, "  There is one complete month only, and nothing to compare it with.")?;
        return Ok(());
    }
    writeln!(
        out,
        "  to          opening        new  reactiv.     expans.   contract.    churned    closing   left   gross     net  quick"
    )?;
    for (month, tally) in series.tallies() {
        let movements = tally.movements();
        let amounts = movements.amounts()?;
        write!(out, "  {}  {:>9.2}  {:>9.2} {:>9.2}", orders::name(month), amounts.opening, amounts.new, amounts.reactivation)?;
        write!(out, "   {:>9.2}   {:>9.2}  {:>9.2}", amounts.expansion, amounts.contraction, amounts.churned)?;
        let percent = |rate: customer_metrics::Result<Decimal>| {
            rate.ok().and_then(|rate| rate.checked_mul(Decimal::ONE_HUNDRED)).map_or("-".to_owned(), |rate| format!("{:.0}%", whole(rate)))
        };
        let left = tally.customer_churn().map_or("-".to_owned(), |share| format!("{:.0}%", share.percent(0)));
        let net = percent(movements.net_revenue_retention(NetRevenueDefinition::WithoutReactivation));
        let quick = movements.quick_ratio(QuickRatioDefinition::WithReactivation);
        let quick = quick.map_or("-".to_owned(), |ratio| format!("{:.2}", MinorUnit::CENT.round(ratio)));
        writeln!(out, "  {:>9.2} {left:>6} {:>7} {net:>7} {quick:>6}", movements.closing()?, percent(movements.gross_revenue_retention()))?;
    }
    check(orders, &series)?;
    writeln!(out, "\n  Every line adds up to the cent, and its closing is the sum of the orders of that month.")?;
    writeln!(
        out,
        "  A shop without contracts cannot tell a pause from a loss: \"churned\" is no order in the month after one with an order."
    )?;
    writeln!(out, "  Left: customers of the month before without an order. Gross and net: revenue retention, net without reactivation.")?;
    writeln!(out, "  Quick: what came in, with reactivation, for each unit that went.")?;
    Ok(())
}

fn whole(value: Decimal) -> Decimal {
    MinorUnit::WHOLE.round(value)
}

/// Adds the orders up again, month by month, and holds the movements to it.
fn check(orders: &Orders, series: &RevenueSeries) -> Result<(), Fault> {
    let mut sums: BTreeMap<u32, i128> = BTreeMap::new();
    for (&month, &cents) in orders.months.iter().zip(&orders.cents) {
        *sums.entry(month).or_default() += i128::from(cents);
    }
    for (month, tally) in series.tallies() {
        let sold = Decimal::from_i128_with_scale(sums.get(&month).copied().unwrap_or(0), 2);
        let closing = tally.movements().closing()?;
        if closing != sold {
            return Err(Fault::new(format_args!("{}: the movements come to {closing}, the orders to {sold}", orders::name(month))));
        }
    }
    Ok(())
}
