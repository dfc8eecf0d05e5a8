//! What each customer of a base is predicted to be worth, and all together.

use rust_decimal::Decimal;

use super::unordered_sum::UnorderedSum;
use crate::decimal;
use crate::error::{Error, Result};
use crate::money::MinorUnit;

/// The predicted value of each customer, in the order of the rows of the base.
///
/// Values are doubles until they become money: [`amounts`](Self::amounts) rounds each customer's, and [`total`](Self::total) rounds the
/// sum of the unrounded values once, so it may differ from the sum of the amounts by up to half a minor unit a customer. Where rows must
/// add up to their total, as in a ledger, keep the amounts in a [`CustomerBook`](crate::lifetime_value::CustomerBook), whose total is the
/// exact sum of the rounded rows and which tells how much of the value the best fifth hold:
///
/// ```
/// use customer_metrics::lifetime_value::{CustomerBook, DiscountRate};
/// use customer_metrics::repeat_buying::{BgNbd, CustomerBase, Horizon, PeriodLength, PurchaseColumns, PurchaseWorth, ValueModel};
/// use customer_metrics::{MinorUnit, Proportion};
///
/// let histories = PurchaseColumns::new(&[2, 0, 9, 1, 0], &[30.43, 0.0, 38.0, 1.71, 0.0], &[38.86; 5])?;
/// let month = PeriodLength::MEAN_GREGORIAN_MONTH.in_units_of(PeriodLength::WEEK);
/// let horizon = Horizon::by_period(12, month, DiscountRate::from_percent(1.into())?)?;
/// let model = ValueModel::new(BgNbd::new(0.243, 4.414, 0.793, 2.426)?, PurchaseWorth::fixed(10.into()), horizon)?;
/// let values = model.values(&CustomerBase::new(histories))?;
///
/// assert_eq!(values.total(MinorUnit::CENT)?.to_string(), "93.6");
/// let best = values.top(2);
/// assert_eq!((best[0].row(), best[0].amount(MinorUnit::CENT)?.to_string()), (2, "71.67".to_owned()));
///
/// let book = CustomerBook::from_predicted(MinorUnit::CENT, values.as_slice())?;
/// let share = book.concentration().share_of_top(Proportion::from_percent(20.into())?)?;
/// assert_eq!(share.round_dp(3).to_string(), "0.766");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct CustomerValues {
    values: Vec<f64>,
}

impl CustomerValues {
    pub(super) fn new(values: Vec<f64>) -> Self {
        Self { values }
    }

    /// The unrounded values in the order of the rows.
    #[must_use]
    pub fn as_slice(&self) -> &[f64] {
        &self.values
    }

    /// The unrounded value of the customer in this row, counted from 0, if there is one.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<f64> {
        self.values.get(row).copied()
    }

    /// How many customers.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.values.len()
    }

    /// The values in money in the order of the rows, each rounded once, half away from zero.
    ///
    /// # Errors
    /// [`Error::Row`] with the first customer whose value does not fit 28 digits.
    pub fn amounts(&self, unit: MinorUnit) -> Result<Vec<Decimal>> {
        self.values.iter().enumerate().map(|(row, &value)| amount(value, unit).map_err(|error| error.at_row(row))).collect()
    }

    /// What all customers together are worth: the sum of the unrounded values, rounded once. It does not depend on the order of the rows.
    ///
    /// # Errors
    /// [`Error::Overflow`] if it does not fit 28 digits.
    pub fn total(&self, unit: MinorUnit) -> Result<Decimal> {
        amount(self.sum()?, unit)
    }

    /// The customers with the highest values, the best first; equal ones in the order of the rows.
    #[must_use]
    pub fn top(&self, customers: usize) -> Vec<RankedCustomer> {
        let mut ranked: Vec<RankedCustomer> = self.values.iter().enumerate().map(|(row, &value)| RankedCustomer { row, value }).collect();
        let by_value = |left: &RankedCustomer, right: &RankedCustomer| right.value.total_cmp(&left.value).then(left.row.cmp(&right.row));
        if customers < ranked.len() {
            ranked.select_nth_unstable_by(customers, by_value);
            ranked.truncate(customers);
        }
        ranked.sort_unstable_by(by_value);
        ranked
    }

    /// The same to the last bit in whatever order the customers come.
    pub(super) fn sum(&self) -> Result<f64> {
        let mut sum = UnorderedSum::default();
        for &value in &self.values {
            sum.add(value);
        }
        sum.finish()
    }
}

pub(super) const TOO_MUCH: Error = Error::Overflow { field: "customer value", capacity: "a double" };

fn amount(value: f64, unit: MinorUnit) -> Result<Decimal> {
    Ok(unit.round(decimal::from_f64("customer value", value)?))
}

/// A customer among those with the highest values.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct RankedCustomer {
    row: usize,
    value: f64,
}

impl RankedCustomer {
    /// Their row in the base, counted from 0.
    #[must_use]
    pub fn row(&self) -> usize {
        self.row
    }

    /// What they are predicted to be worth, unrounded.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The same in money, rounded half away from zero.
    ///
    /// # Errors
    /// [`Error::Overflow`] if it does not fit 28 digits.
    pub fn amount(&self, unit: MinorUnit) -> Result<Decimal> {
        amount(self.value, unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_that_is_too_large_is_an_error() {
        assert_eq!(CustomerValues::new(vec![f64::MAX, f64::MAX]).sum(), Err(TOO_MUCH));
    }

    #[test]
    fn the_best_come_first_and_equal_ones_in_their_order() {
        let values = CustomerValues::new(vec![1.0, 3.0, 2.0, 3.0, -1.0]);
        let rows = |customers| values.top(customers).iter().map(RankedCustomer::row).collect::<Vec<_>>();
        assert!(rows(0).is_empty());
        assert_eq!(rows(1), [1]);
        assert_eq!(rows(3), [1, 3, 2]);
        assert_eq!(rows(9), [1, 3, 2, 0, 4]);
    }

    #[test]
    fn the_total_is_rounded_once_and_the_rows_each() {
        let values = CustomerValues::new(vec![0.004; 100]);
        assert_eq!(values.total(MinorUnit::CENT).unwrap().to_string(), "0.4");
        assert!(values.amounts(MinorUnit::CENT).unwrap().iter().all(Decimal::is_zero));
        let error = CustomerValues::new(vec![0.0, 1e300]).amounts(MinorUnit::CENT).unwrap_err();
        assert_eq!(error.row(), Some(1));
    }
}
