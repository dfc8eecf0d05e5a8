//! Lifetime value and its concentration.

use std::collections::BTreeMap;
use std::fmt::Write;

use customer_metrics::lifetime_value::{CustomerBook, LifetimeValue};
use customer_metrics::{Decimal, MinorUnit, MoneyTally, Proportion, Share, Tally};
use jiff::civil::Date;

use crate::input::{Fault, OrderRows, Table};

/// The orders of a base of customers.
#[derive(Debug)]
pub struct Base {
    orders: MoneyTally,
    book: CustomerBook,
    /// Mean order value x repeat orders per year x years.
    pub lifetime_value: LifetimeValue,
    bought_again: Share,
    first: Date,
    last: Date,
}

pub fn base(table: &Table, years: Decimal) -> Result<Base, Fault> {
    let fault = |error: customer_metrics::Error| Fault::in_file(table.path(), error);
    let rows = OrderRows::of(table)?;
    let amounts: Vec<Decimal> = rows.cents.iter().map(|cents| Decimal::new(*cents, 2)).collect();
    let mut orders = MoneyTally::empty(MinorUnit::CENT);
    orders.extend(amounts.iter().copied()).map_err(fault)?;

    let (first, last) = (rows.first, rows.last);
    let mut customers: BTreeMap<&str, (Date, MoneyTally)> = BTreeMap::new();
    for ((&customer, &date), &amount) in rows.customers.iter().zip(&rows.dates).zip(&amounts) {
        let (since, spent) = customers.entry(customer).or_insert_with(|| (date, MoneyTally::empty(MinorUnit::CENT)));
        *since = (*since).min(date);
        spent.record(amount)?;
    }
    let mut book = CustomerBook::empty(MinorUnit::CENT);
    book.extend(customers.values().map(|(_, spent)| spent.total()).collect::<Result<Vec<_>, _>>()?).map_err(fault)?;

    let again = customers.values().filter(|(_, spent)| spent.count() > 1).count();
    let bought_again = Share::new(u64::try_from(again).unwrap_or(u64::MAX), book.count())?;
    let days: u64 = customers.values().map(|&(since, _)| u64::try_from((last - since).get_days()).unwrap_or(0)).sum();
    // A customer is one because of the first order: only what follows it, in the time that follows it, is a rate.
    let repeat_orders = Decimal::from(orders.count().saturating_sub(book.count()));
    let a_year = Decimal::new(36_525, 2);
    let per_year = repeat_orders.checked_mul(a_year).and_then(|orders| orders.checked_div(Decimal::from(days)));
    let per_year =
        per_year.ok_or_else(|| Fault::in_file(table.path(), "all customers first bought on the last day: no rate can be told"))?;
    let order_value = MinorUnit::CENT.round(orders.mean()?);
    let lifetime_value = LifetimeValue::new(order_value, MinorUnit::CENT.round(per_year), years).map_err(fault)?;
    Ok(Base { orders, book, lifetime_value, bought_again, first, last })
}

impl Base {
    pub fn customers(&self) -> u64 {
        self.book.count()
    }
}

pub fn print(out: &mut String, base: &Base) -> Result<(), Fault> {
    let value = base.lifetime_value;
    let percent = |value: Decimal| format!("{:.1}%", value.saturating_mul(Decimal::ONE_HUNDRED).round_dp(1));
    writeln!(out, "\nLIFETIME VALUE ({} customers, {} orders, {} to {})\n", base.customers(), base.orders.count(), base.first, base.last)?;
    writeln!(out, "  {:<44} {:>10.2}", "mean order value", value.order_value())?;
    writeln!(out, "  {:<44} {:>10.2}", "repeat orders per customer and year", value.orders_per_year())?;
    writeln!(out, "  {:<44} {:>10}", "years (assumed, --years)", value.years())?;
    writeln!(out, "  {:<44} {:>10.2}", "value to come: order value x orders x years", MinorUnit::CENT.round(value.total()))?;
    writeln!(out, "\n  It takes the rate for constant. {} customers bought again; of the others many never will.", base.bought_again)?;

    let concentration = base.book.concentration();
    writeln!(out, "\n  {:<44} {:>10.2}", "sales in the file, to the cent", base.book.total()?)?;
    writeln!(out, "  {:<44} {:>10.2}", "mean per customer", MinorUnit::CENT.round(base.book.mean()?))?;
    writeln!(out, "  {:<44} {:>10.2}", "median per customer", MinorUnit::CENT.round(base.book.median()?))?;
    for share in [5, 10, 20, 50] {
        let top = Proportion::from_percent(Decimal::from(share))?;
        let name = format!("sales from the best {share}%, {} customers", concentration.customers_at_top(top)?.part());
        writeln!(out, "  {name:<44} {:>10}", shown(concentration.share_of_top(top).map(percent)))?;
    }
    let for_four_fifths = concentration.customers_for_share(Proportion::from_percent(Decimal::from(80))?);
    let for_four_fifths = for_four_fifths.map(|share| format!("{:.1}%", share.percent(1)));
    writeln!(out, "  {:<44} {:>10}", "customers who bring 80% of sales", shown(for_four_fifths))?;
    writeln!(out, "  {:<44} {:>10}", "Gini coefficient", shown(concentration.gini().map(|gini| format!("{:.3}", gini.round_dp(3)))))?;
    Ok(())
}

/// Returns can leave a customer with less than nothing, and then some figures do not exist.
fn shown(figure: customer_metrics::Result<String>) -> String {
    figure.unwrap_or_else(|_| "-".to_owned())
}
