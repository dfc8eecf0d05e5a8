//! What the customers of a table are worth, where equal histories are counted.

use rust_decimal::Decimal;

use super::discounted_columns::discounted_purchases;
use super::sloped::Sloped;
use super::unordered_sum::UnorderedSum;
use super::value_interval::{around, finished};
use super::value_model::finite;
use super::{PurchaseColumns, PurchaseTable, SpendHistory, TransactionModel, ValueModel};
use crate::decimal::{self, count_to_f64};
use crate::error::Result;
use crate::estimate::{Confidence, Estimate, Method};
use crate::money::MinorUnit;
use crate::money_estimate::MoneyEstimate;

impl<M: TransactionModel> ValueModel<M> {
    /// What all customers of a table are to be expected to bring, rounded once: a table of a merged
    /// [`PurchaseTally`](super::PurchaseTally), say, whose customers are nowhere in one place.
    ///
    /// A table knows nothing of spend, so the worth must be [fixed](super::PurchaseWorth::fixed) or the
    /// [mean of all](super::SpendBasis::Population).
    ///
    /// # Errors
    /// [`Error::Undefined`](crate::Error::Undefined) if the worth is that of the customer's spend;
    /// [`Error::Row`](crate::Error::Row) with the first row of the table whose value does not exist or overflows;
    /// [`Error::Overflow`](crate::Error::Overflow) if the total does not fit 28 digits.
    pub fn table_total(&self, table: &PurchaseTable, unit: MinorUnit) -> Result<Decimal> {
        self.worth.check_table(table)?;
        let worth = self.worth.of_customer(&SpendHistory::NONE)?;
        let mut total = UnorderedSum::default();
        let columns = Columns::of(table);
        let purchases: Vec<f64> = discounted_purchases(&self.purchases, columns.columns(), self.horizon)?;
        for ((row, purchases), (_, customers)) in purchases.into_iter().enumerate().zip(table.iter()) {
            total.add(finite(purchases * worth * count_to_f64(customers)).map_err(|error| error.at_row(row))?);
        }
        Ok(unit.round(decimal::from_f64("customer value", total.finish()?)?))
    }

    /// The same with an interval, as [`total_estimate`](Self::total_estimate) has it.
    ///
    /// # Errors
    /// Those of [`table_total`](Self::table_total) and [`total_estimate`](Self::total_estimate).
    pub fn table_estimate(&self, table: &PurchaseTable, unit: MinorUnit, confidence: Confidence) -> Result<MoneyEstimate> {
        self.worth.check_table(table)?;
        let worth = self.worth.of_customer(&SpendHistory::NONE)?;
        let of_spend = self.worth.slopes(&SpendHistory::NONE, worth);
        let mut sums: [UnorderedSum; 5] = Default::default();
        let columns = Columns::of(table);
        let purchases: Vec<Sloped> = discounted_purchases(&self.purchases, columns.columns(), self.horizon)?;
        for (sloped, (_, customers)) in purchases.into_iter().zip(table.iter()) {
            let weight = count_to_f64(customers);
            sums.iter_mut().zip(sloped.numbers()).for_each(|(sum, number)| sum.add(number * weight));
        }
        let bought = Sloped::from_numbers(finished(&sums)?);
        let point = finite(bought.value * worth)?;
        let of_purchases = self.uncertainty.variance(&bought.slopes.map(|slope| slope * worth))?;
        let variance = of_purchases + self.worth.variance(&of_spend.map(|slope| slope * bought.value))?;
        let interval = around(point, variance, confidence)?;
        Estimate::holding(point, interval, confidence, Method::DeltaOnLogarithm, self.uncertainty.n()?).in_money(1.into(), unit)
    }
}

/// The distinct histories of a table.
struct Columns {
    frequencies: Vec<u64>,
    recencies: Vec<f64>,
    ages: Vec<f64>,
}

impl Columns {
    fn of(table: &PurchaseTable) -> Self {
        let histories = || table.iter().map(|(history, _)| history);
        Self {
            frequencies: histories().map(|history| history.frequency()).collect(),
            recencies: histories().map(|history| history.recency()).collect(),
            ages: histories().map(|history| history.age()).collect(),
        }
    }

    fn columns(&self) -> PurchaseColumns<'_> {
        PurchaseColumns::checked(&self.frequencies, &self.recencies, &self.ages)
    }
}
