//! Customers with equal histories as one weighted row, in an order that does not depend on how they came.

use super::{PurchaseColumns, PurchaseHistory};
use crate::error::{Error, Result};

/// The distinct purchase histories of a customer base, each with the number of customers who have it.
///
/// A million customers who are counted in whole days or weeks have few distinct histories, and a model looks at each once. The rows are
/// ordered by frequency, then recency, then age, so whatever is computed from them is the same to the last bit, however the customers
/// were ordered, collapsed before or [merged](Self::merge).
///
/// It is what a model is fitted to: times are numbers in any unit, which is that of the model. Where histories are still being counted,
/// a [`PurchaseTally`](super::PurchaseTally) keeps them in whole steps together with the rule that made them, to be stored, sent and merged;
/// it [finishes](crate::Tally::finish) as this table.
///
/// ```
/// use customer_metrics::repeat_buying::{PurchaseColumns, PurchaseTable};
///
/// let columns = PurchaseColumns::new(&[1, 0, 1], &[3.0, 0.0, 3.0], &[9.0, 9.0, 9.0])?;
/// let table = PurchaseTable::from_columns(columns);
/// assert_eq!((table.customers(), table.rows()), (3, 2));
/// assert_eq!(table.repeat_purchases(), 2);
/// assert_eq!(table, PurchaseTable::from_counted_columns(PurchaseColumns::new(&[0, 1], &[0.0, 3.0], &[9.0, 9.0])?, &[1, 2])?);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "PurchaseTableState", into = "PurchaseTableState")
)]
pub struct PurchaseTable {
    frequencies: Vec<u64>,
    recencies: Vec<f64>,
    ages: Vec<f64>,
    weights: Vec<u64>,
    customers: u64,
    repeat_purchases: u128,
}

impl PurchaseTable {
    /// One customer a row.
    #[must_use]
    pub fn from_columns(columns: PurchaseColumns<'_>) -> Self {
        columns.iter().collect()
    }

    /// So many customers a row. A row of none is left out.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if there is not one number of customers a row; [`Error::Overflow`] if the customers exceed 64 bits.
    pub fn from_counted_columns(columns: PurchaseColumns<'_>, customers: &[u64]) -> Result<Self> {
        Error::check_length("length of customers", columns.rows(), customers.len())?;
        Self::collapse(columns.iter().zip(customers.iter().copied()).map(Row::from).collect())
    }

    /// So many customers with each history. One with none is left out.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the customers exceed 64 bits.
    pub fn from_counts(histories: impl IntoIterator<Item = (PurchaseHistory, u64)>) -> Result<Self> {
        Self::collapse(histories.into_iter().map(Row::from).collect())
    }

    /// Adds the customers of another table.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the customers exceed 64 bits; the table is left as it was.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        *self = Self::collapse(self.iter().chain(other.iter()).map(Row::from).collect())?;
        Ok(())
    }

    /// How many customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// How many distinct histories.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.weights.len()
    }

    /// Whether there is no customer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// The repeat purchases of all customers together.
    #[must_use]
    pub fn repeat_purchases(&self) -> u128 {
        self.repeat_purchases
    }

    /// The distinct histories, ordered by frequency, then recency, then age, each with the number of customers who have it.
    pub fn iter(&self) -> impl Iterator<Item = (PurchaseHistory, u64)> + '_ {
        let times = self.recencies.iter().zip(&self.ages);
        self.frequencies
            .iter()
            .zip(times)
            .zip(&self.weights)
            .map(|((&frequency, (&recency, &age)), &weight)| (PurchaseHistory::checked(frequency, recency, age), weight))
    }

    fn collapse(mut rows: Vec<Row>) -> Result<Self> {
        rows.sort_unstable();
        let mut table = Self::default();
        for row in rows.into_iter().filter(|row| row.weight > 0) {
            table.customers = table.customers.checked_add(row.weight).ok_or_else(|| Error::count_overflow("customers"))?;
            // The sum over at most 2^64 customers of less than 2^64 each.
            table.repeat_purchases =
                table.repeat_purchases.saturating_add(u128::from(row.frequency).saturating_mul(u128::from(row.weight)));
            table.push(&row);
        }
        Ok(table)
    }

    /// Adds a row that is not before the last one.
    fn push(&mut self, row: &Row) {
        if let (Some(&frequency), Some(recency), Some(age), Some(weight)) =
            (self.frequencies.last(), self.recencies.last(), self.ages.last(), self.weights.last_mut())
            && (frequency, recency.to_bits(), age.to_bits()) == (row.frequency, row.recency_bits, row.age_bits)
        {
            // No more than the customers, which have been summed.
            *weight = weight.saturating_add(row.weight);
            return;
        }
        self.frequencies.push(row.frequency);
        self.recencies.push(f64::from_bits(row.recency_bits));
        self.ages.push(f64::from_bits(row.age_bits));
        self.weights.push(row.weight);
    }
}

impl FromIterator<PurchaseHistory> for PurchaseTable {
    fn from_iter<I: IntoIterator<Item = PurchaseHistory>>(histories: I) -> Self {
        // As many customers as fit into memory are fewer than 64 bits can count.
        Self::collapse(histories.into_iter().map(|history| Row::from((history, 1))).collect()).unwrap_or_default()
    }
}

/// The bits of doubles that are not negative are ordered as their values are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    frequency: u64,
    recency_bits: u64,
    age_bits: u64,
    weight: u64,
}

impl From<(PurchaseHistory, u64)> for Row {
    fn from((history, weight): (PurchaseHistory, u64)) -> Self {
        Self { frequency: history.frequency(), recency_bits: history.recency().to_bits(), age_bits: history.age().to_bits(), weight }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PurchaseTableState {
    frequency: Vec<u64>,
    recency: Vec<f64>,
    age: Vec<f64>,
    customers: Vec<u64>,
}

#[cfg(feature = "serde")]
impl TryFrom<PurchaseTableState> for PurchaseTable {
    type Error = Error;

    fn try_from(state: PurchaseTableState) -> Result<Self> {
        Self::from_counted_columns(PurchaseColumns::new(&state.frequency, &state.recency, &state.age)?, &state.customers)
    }
}

#[cfg(feature = "serde")]
impl From<PurchaseTable> for PurchaseTableState {
    fn from(table: PurchaseTable) -> Self {
        Self { frequency: table.frequencies, recency: table.recencies, age: table.ages, customers: table.weights }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(frequency: u64, recency: f64, age: f64) -> PurchaseHistory {
        PurchaseHistory::new(frequency, recency, age).unwrap()
    }

    #[test]
    fn the_order_of_rows_is_that_of_their_numbers() {
        let histories = [history(10, 1.5, 2.0), history(2, 1.5, 100.0), history(2, 1.5, 20.0), history(2, 0.5, 3e9), history(0, 0.0, 7.0)];
        let table: PurchaseTable = histories.into_iter().collect();
        let rows: Vec<_> = table.iter().map(|(history, _)| history).collect();
        assert_eq!(rows, [histories[4], histories[3], histories[2], histories[1], histories[0]]);
    }

    #[test]
    fn equal_histories_are_one_row_however_they_come() {
        let (a, b) = (history(1, 2.0, 3.0), history(0, 0.0, 3.0));
        let doubled: PurchaseTable = [a, b, a, a].into_iter().collect();
        assert_eq!(doubled, PurchaseTable::from_counts([(b, 1), (a, 2), (a, 1), (history(9, 1.0, 2.0), 0)]).unwrap());
        let mut merged: PurchaseTable = [a, a].into_iter().collect();
        merged.merge(&[b, a].into_iter().collect()).unwrap();
        assert_eq!(merged, doubled);
        assert_eq!((merged.customers(), merged.rows(), merged.repeat_purchases()), (4, 2, 3));
        assert!(PurchaseTable::default().is_empty());
    }

    #[test]
    fn more_customers_than_64_bits_are_an_error_that_changes_nothing() {
        let mut table = PurchaseTable::from_counts([(history(u64::MAX, 1.0, 1.0), u64::MAX)]).unwrap();
        let before = table.clone();
        assert!(matches!(table.merge(&before), Err(Error::Overflow { field: "customers", .. })));
        assert_eq!(table, before);
    }
}
