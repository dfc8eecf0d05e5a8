//! The records of a shop: who bought when, and for how much.

use crate::error::{Error, Result};
use crate::fixed_column::FixedColumn;

/// The numbers of customers, one per row: 64 bits of any value, or 32.
///
/// The numbers need not be dense, sorted or begin anywhere. A column of texts is numbered first, by
/// [`CustomerNumbers`](super::CustomerNumbers).
///
/// ```
/// use customer_metrics::repeat_buying::CustomerColumn;
///
/// assert_eq!(CustomerColumn::from(&[7_u32, 9, 7]).rows(), 3);
/// assert_eq!(CustomerColumn::from(&[u64::MAX, 0]).rows(), 2);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CustomerColumn<'a> {
    /// Numbers of 32 bits.
    Narrow(&'a [u32]),
    /// Numbers of 64 bits.
    Wide(&'a [u64]),
}

impl CustomerColumn<'_> {
    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Narrow(customers) => customers.len(),
            Self::Wide(customers) => customers.len(),
        }
    }
}

macro_rules! customer_column {
    ($($number:ty => $variant:ident),*) => {$(
        impl<'a> From<&'a [$number]> for CustomerColumn<'a> {
            fn from(customers: &'a [$number]) -> Self {
                Self::$variant(customers)
            }
        }

        impl<'a> From<&'a Vec<$number>> for CustomerColumn<'a> {
            fn from(customers: &'a Vec<$number>) -> Self {
                Self::$variant(customers)
            }
        }

        impl<'a, const N: usize> From<&'a [$number; N]> for CustomerColumn<'a> {
            fn from(customers: &'a [$number; N]) -> Self {
                Self::$variant(customers)
            }
        }
    )*};
}

customer_column!(u32 => Narrow, u64 => Wide);

/// Three columns of the same length, in any order of rows: whose purchase, on which day, and for how much.
///
/// Days are whole numbers since any day, such as 1 January 1970; with the feature `jiff` they come from calendar dates. Amounts are whole
/// minor units, into which [`OwnedFixedColumn`](crate::OwnedFixedColumn) turns a column of [`Decimal`](crate::Decimal)s; a negative one is a return, and what becomes of it is a [`ReturnRule`](super::ReturnRule). An amount of 0 is a purchase
/// like any other, so where money is not known a column of zeros will do.
///
/// ```
/// use customer_metrics::{FixedColumn, MinorUnit};
/// use customer_metrics::repeat_buying::{HistoryRules, PeriodLength, PeriodRule, ReturnRule, Transactions};
///
/// let customers = [17_u64, 4, 17, 17, 4];
/// let days = [0, 3, 14, 14, 3];
/// let amounts = [29_33, 11_00, 29_73, 5_00, 1_50];
/// let transactions = Transactions::new(&customers, &days, FixedColumn::new(&amounts, MinorUnit::CENT))?;
///
/// let rules = HistoryRules::new(28, PeriodRule::Elapsed(PeriodLength::WEEK), ReturnRule::Refuse)?;
/// let histories = transactions.histories(&rules)?;
/// assert_eq!(histories.customer_numbers(), [4, 17]);
/// assert_eq!(histories.frequency(), [0, 1]);
/// assert_eq!(histories.recency_in_periods(), [0.0, 2.0]);
/// assert_eq!(histories.age_in_periods(), [25.0 / 7.0, 4.0]);
/// assert_eq!(histories.mean_repeat_spend(1)?.to_string(), "34.73");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transactions<'a> {
    customers: CustomerColumn<'a>,
    days: &'a [i32],
    amounts: FixedColumn<'a>,
}

impl<'a> Transactions<'a> {
    /// Puts the columns side by side. What they hold is looked at when it is summarised.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length.
    pub fn new(customers: impl Into<CustomerColumn<'a>>, days: &'a [i32], amounts: impl Into<FixedColumn<'a>>) -> Result<Self> {
        let (customers, amounts) = (customers.into(), amounts.into());
        Error::check_length("length of days", customers.rows(), days.len())?;
        Error::check_length("length of amounts", customers.rows(), amounts.values().len())?;
        Ok(Self { customers, days, amounts })
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.days.len()
    }

    /// Whose purchase.
    #[must_use]
    pub fn customer_numbers(&self) -> CustomerColumn<'a> {
        self.customers
    }

    /// On which day.
    #[must_use]
    pub fn days(&self) -> &'a [i32] {
        self.days
    }

    /// For how much.
    #[must_use]
    pub fn amounts(&self) -> FixedColumn<'a> {
        self.amounts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_must_fit_each_other() {
        let amounts = FixedColumn::whole(&[1, 2]);
        assert!(Transactions::new(&[1_u32, 2], &[1, 2], amounts).is_ok());
        let error = Transactions::new(&[1_u64, 2], &[1], amounts).unwrap_err();
        assert_eq!(error.to_string(), "length of days differs: 2 and 1");
        let error = Transactions::new(&[1_u32], &[1], amounts).unwrap_err();
        assert_eq!(error.to_string(), "length of amounts differs: 1 and 2");
    }
}
