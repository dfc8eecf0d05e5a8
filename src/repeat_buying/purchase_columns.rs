//! The purchase histories of many customers as three columns.

use super::PurchaseHistory;
use crate::error::{Error, Result};

/// Three columns of the same length, checked: frequency, recency and age of every customer.
///
/// Predictions for a column of customers come in the order of its rows. To fit a model, collapse it to a
/// [`PurchaseTable`](super::PurchaseTable).
///
/// ```
/// use customer_metrics::repeat_buying::PurchaseColumns;
///
/// let columns = PurchaseColumns::new(&[2, 0], &[30.43, 0.0], &[38.86, 38.86])?;
/// assert_eq!(columns.rows(), 2);
///
/// let error = PurchaseColumns::new(&[2, 1], &[30.43, 0.0], &[38.86, 38.86]).unwrap_err();
/// assert_eq!(error.to_string(), "row 1: recency is 0, but must be more than 0");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PurchaseColumns<'a> {
    frequencies: &'a [u64],
    recencies: &'a [f64],
    ages: &'a [f64],
}

impl<'a> PurchaseColumns<'a> {
    /// Puts the columns side by side and checks every row as [`PurchaseHistory::new`] does.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::Row`] with the first row that is wrong.
    pub fn new(frequencies: &'a [u64], recencies: &'a [f64], ages: &'a [f64]) -> Result<Self> {
        let rows = frequencies.len();
        Error::check_length("length of recencies", rows, recencies.len())?;
        Error::check_length("length of ages", rows, ages.len())?;
        let columns = Self { frequencies, recencies, ages };
        for (row, (frequency, recency, age)) in columns.numbers().enumerate() {
            PurchaseHistory::new(frequency, recency, age).map_err(|error| error.at_row(row))?;
        }
        Ok(columns)
    }

    /// Columns that have been checked before.
    pub(super) fn checked(frequencies: &'a [u64], recencies: &'a [f64], ages: &'a [f64]) -> Self {
        debug_assert!(Self::new(frequencies, recencies, ages).is_ok(), "checked before");
        Self { frequencies, recencies, ages }
    }

    /// How many customers.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.frequencies.len()
    }

    /// The history in this row, counted from 0, if there is one.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<PurchaseHistory> {
        let (&frequency, (&recency, &age)) = self.frequencies.get(row).zip(self.recencies.get(row).zip(self.ages.get(row)))?;
        Some(PurchaseHistory::checked(frequency, recency + 0.0, age + 0.0))
    }

    /// The histories in the order of the rows.
    pub fn iter(&self) -> impl Iterator<Item = PurchaseHistory> + use<'a> {
        self.numbers().map(|(frequency, recency, age)| PurchaseHistory::checked(frequency, recency + 0.0, age + 0.0))
    }

    pub(super) fn frequencies(&self) -> &'a [u64] {
        self.frequencies
    }

    /// The age in this row; 0 if there is none.
    pub(super) fn age(&self, row: usize) -> f64 {
        self.ages.get(row).copied().unwrap_or(0.0)
    }

    fn numbers(&self) -> impl Iterator<Item = (u64, f64, f64)> + use<'a> {
        self.frequencies.iter().zip(self.recencies).zip(self.ages).map(|((&frequency, &recency), &age)| (frequency, recency, age))
    }
}
