//! What a model of purchases must tell to be held against what was bought.

use super::{BgNbd, MbgNbd, Model, PurchaseColumns};
use crate::error::Result;

/// A model of when customers buy and leave, in continuous time.
pub trait TransactionModel: Model {
    /// The repeat purchases that are to be expected of a new customer within so long a time after their first purchase.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`](crate::Error::OutOfBounds) if the time is not within 0 to 1e100;
    /// [`Error::Overflow`](crate::Error::Overflow) if the expectation exceeds the largest double.
    fn new_customer_purchases(&self, within: f64) -> Result<f64>;

    /// The probabilities that a new customer buys again 0, 1, ... up to `most` times within so long a time.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`](crate::Error::OutOfBounds) if the time is not within 0 to 1e100.
    fn new_customer_distribution(&self, most: u32, within: f64) -> Result<Vec<f64>>;

    /// The purchases that are to be expected of each customer within so long a time after the watch, in the order of the rows.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`](crate::Error::OutOfBounds) if the time is not within 0 to 1e100; [`Error::Row`](crate::Error::Row) with the
    /// first row whose expectation overflows.
    fn column_purchases(&self, columns: PurchaseColumns<'_>, within: f64) -> Result<Vec<f64>>;
}

macro_rules! transaction_model {
    ($model:ty) => {
        impl TransactionModel for $model {
            fn new_customer_purchases(&self, within: f64) -> Result<f64> {
                self.new_customer().expected_purchases(within)
            }

            fn new_customer_distribution(&self, most: u32, within: f64) -> Result<Vec<f64>> {
                self.new_customer().distribution_of_purchases(most, within)
            }

            fn column_purchases(&self, columns: PurchaseColumns<'_>, within: f64) -> Result<Vec<f64>> {
                self.expected_purchases(columns, within)
            }
        }
    };
}

transaction_model!(BgNbd);
transaction_model!(MbgNbd);
