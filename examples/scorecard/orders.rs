//! Lifetime value and its concentration.

use std::collections::BTreeMap;

use customer_metrics::lifetime_value::{CustomerBook, LifetimeValue};
use customer_metrics::{Decimal, MinorUnit, MoneyTally, Proportion, Tally};
use jiff::civil::Date;

use crate::input::{Fault, Table};

/// The orders of a base of customers.
#[derive(Debug)]
pub struct Base {
    orders: MoneyTally,
    book: CustomerBook,
    /// From each customer's first order to the last day of the file, summed.
    customer_days: u64,
    first: Date,
    last: Date,
}

pub fn base(table: &Table) -> Result<Base, Fault> {
    let dates = table.column(&["date"])?.parse("a date such as 19970131 or 1997-01-31", |text| text.parse::<Date>().ok())?;
    let amounts = table.column(&["amount"])?.parse("an amount of money with at most 2 decimal places", |text| {
        Decimal::from_str_exact(text).ok().filter(|amount| amount.normalize().scale() <= 2)
    })?;
    let mut orders = MoneyTally::empty(MinorUnit::CENT);
    orders.extend(amounts.iter().copied())?;

    let (mut first, mut last) = (Date::MAX, Date::MIN);
    let mut customers: BTreeMap<&str, (Date, MoneyTally)> = BTreeMap::new();
    for ((customer, &date), &amount) in table.column(&["customer_id", "master_id"])?.cells().zip(&dates).zip(&amounts) {
        (first, last) = (first.min(date), last.max(date));
        let (since, spent) = customers.entry(customer).or_insert_with(|| (date, MoneyTally::empty(MinorUnit::CENT)));
        *since = (*since).min(date);
        spent.record(amount)?;
    }
    let mut book = CustomerBook::empty(MinorUnit::CENT);
    book.extend(customers.values().map(|(_, spent)| spent.total()).collect::<Result<Vec<_>, _>>()?)?;
    let days = customers.values().map(|&(since, _)| u64::try_from((last - since).get_days()).unwrap_or(0));
    Ok(Base { orders, customer_days: days.sum(), book, first, last })
}

impl Base {
    pub fn customers(&self) -> u64 {
        self.book.count()
    }

    /// Orders per customer and year, counted from each customer's first order.
    fn orders_per_year(&self) -> Decimal {
        let days = Decimal::from(self.customer_days);
        let a_year = Decimal::new(36525, 2);
        Decimal::from(self.orders.count()).checked_mul(a_year).and_then(|orders| orders.checked_div(days)).unwrap_or_default()
    }

    /// Mean order value x orders per year x years, the first two rounded to the cent and to a hundredth.
    pub fn lifetime_value(&self, years: Decimal) -> Result<LifetimeValue, Fault> {
        Ok(LifetimeValue::new(MinorUnit::CENT.round(self.orders.mean()?), self.orders_per_year().round_dp(2), years)?)
    }
}

pub fn print(base: &Base, years: Decimal) -> Result<(), Fault> {
    let value = base.lifetime_value(years)?;
    println!("\nLIFETIME VALUE ({} customers, {} orders, {} to {})\n", base.customers(), base.orders.count(), base.first, base.last);
    println!("  {:<44} {:>10}", "mean order value", value.order_value());
    println!("  {:<44} {:>10}", "orders per customer and year", value.orders_per_year());
    println!("  {:<44} {:>10}", "years (assumed)", years);
    println!("  {:<44} {:>10.2}", "order value x orders per year x years", MinorUnit::CENT.round(value.total()));
    let concentration = base.book.concentration();
    let percent = |value: Decimal| format!("{:.1}%", value.saturating_mul(Decimal::ONE_HUNDRED).round_dp(1));
    println!("\n  {:<44} {:>10.2}", "sales in the file, to the cent", base.book.total()?);
    println!("  {:<44} {:>10.2}", "mean per customer", MinorUnit::CENT.round(base.book.mean()?));
    println!("  {:<44} {:>10.2}", "median per customer", MinorUnit::CENT.round(base.book.median()?));
    for share in [5, 10, 20, 50] {
        let top = Proportion::from_percent(Decimal::from(share))?;
        let name = format!("sales from the best {share}% of customers");
        println!("  {name:<44} {:>10}", percent(concentration.share_of_top(top)?));
    }
    let for_four_fifths = concentration.customers_for_share(Proportion::from_percent(Decimal::from(80))?)?;
    println!("  {:<44} {:>10}", "customers who bring 80% of sales", format!("{}%", for_four_fifths.percent(1)));
    println!("  {:<44} {:>10.3}", "Gini coefficient", concentration.gini()?.round_dp(3));
    Ok(())
}
