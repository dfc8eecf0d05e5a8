//! What a model of purchases must tell for customers to be valued by it, and for it to be held against what was bought.

use super::sloped::Sloped;
use super::{BgNbd, Fit, FitOptions, Horizon, MbgNbd, Model, ParetoNbd, PurchaseColumns, PurchaseHistory, PurchaseTable};
use crate::error::Result;

/// A model of when customers buy and leave, in continuous time, with four parameters.
///
/// A customer who is still there has forgotten when their last purchase was: what is to be expected of them depends on frequency and age,
/// and the last purchase tells only how likely they are still there. Values for large bases are computed fast by this.
///
/// ```
/// use customer_metrics::repeat_buying::{BgNbd, Horizon, MbgNbd, PurchaseHistory, TransactionModel};
///
/// fn next_year<M: TransactionModel>(model: &M, history: &PurchaseHistory) -> customer_metrics::Result<f64> {
///     model.discounted_purchases(history, Horizon::Within { time: 52.0, discount_rate: 0.0 })
/// }
///
/// let once = PurchaseHistory::one_time(38.86)?;
/// assert!(next_year(&BgNbd::new(0.243, 4.414, 0.793, 2.426)?, &once)? > next_year(&MbgNbd::new(0.243, 4.414, 0.793, 2.426)?, &once)?);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// The trait is sealed: the models of this module are all there are.
pub trait TransactionModel: Model<Parameters = [f64; 4], Covariance = [[f64; 4]; 4]> + sealed::Predicts {
    /// The purchases that are to be expected of a customer with this history within a horizon, discounted to the end of the watch.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`](crate::Error::OutOfBounds) if a time or rate of the horizon is; [`Error::Undefined`](crate::Error::Undefined)
    /// if there is no finite expectation, which can be without discount and end; [`Error::Overflow`](crate::Error::Overflow) if it
    /// exceeds the largest double.
    fn discounted_purchases(&self, history: &PurchaseHistory, horizon: Horizon) -> Result<f64>;

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

pub(super) mod sealed {
    use super::super::sloped::Sloped;
    use super::{Fit, FitOptions, Horizon, Model, PurchaseHistory, PurchaseTable, Result};

    /// Purchases as a function of the age.
    pub(in super::super) type ByAge<'a> = Box<dyn Fn(f64) -> Result<Sloped> + Sync + 'a>;

    pub trait Predicts: Model + Send + Sync {
        /// The probability that a customer is still there at the end of the watch.
        fn probability_alive(&self, history: &PurchaseHistory) -> f64;

        /// The same with its derivatives in the logarithms of the parameters.
        fn alive(&self, history: &PurchaseHistory) -> Sloped;

        /// The discounted purchases of customers of this frequency, which need not be whole, who are still there, as a function of their age,
        /// with their derivatives. None is younger than `youngest`; `ages` is about how many ages will be asked for. The horizon has been
        /// checked.
        fn purchases_by_age(&self, frequency: f64, youngest: f64, ages: usize, horizon: Horizon) -> ByAge<'_>;

        /// How many times as much customers of this frequency buy, while they are there, as those of frequency 0 and the same age; nothing
        /// where that depends on the age.
        fn multiple(&self, _frequency: u64) -> Option<Sloped> {
            None
        }

        /// The discounted purchases of a customer of this frequency and age who is still there.
        fn purchases_of_alive(&self, frequency: u64, age: f64, horizon: Horizon) -> Result<f64>;

        /// A time on whose scale the age matters.
        fn scale(&self) -> f64;

        /// The likeliest model for a table.
        fn fit_to(table: &PurchaseTable, options: &FitOptions<Self>) -> Result<Fit<Self>>;

        /// One customer drawn for each age.
        #[cfg(feature = "simulation")]
        fn draw(&self, ages: &[f64], seed: u64) -> Result<Vec<PurchaseHistory>>;
    }
}

macro_rules! transaction_model {
    ($model:ty $(, $multiple:ident)?) => {
        impl TransactionModel for $model {
            fn discounted_purchases(&self, history: &PurchaseHistory, horizon: Horizon) -> Result<f64> {
                self.outlook(history).purchases_over(horizon)
            }

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

        impl sealed::Predicts for $model {
            fn probability_alive(&self, history: &PurchaseHistory) -> f64 {
                self.core().probability_alive(history)
            }

            fn alive(&self, history: &PurchaseHistory) -> Sloped {
                self.core().alive(history.frequency(), history.recency(), history.age())
            }

            fn purchases_by_age(&self, frequency: f64, youngest: f64, ages: usize, horizon: Horizon) -> sealed::ByAge<'_> {
                Box::new(self.core().purchases_by_age(frequency, youngest, ages, horizon))
            }

            $(
                fn $multiple(&self, frequency: u64) -> Option<Sloped> {
                    Some(self.core().$multiple(frequency))
                }
            )?

            fn purchases_of_alive(&self, frequency: u64, age: f64, horizon: Horizon) -> Result<f64> {
                self.core().alive_after(frequency, age).purchases_over(horizon)
            }

            fn scale(&self) -> f64 {
                self.alpha()
            }

            fn fit_to(table: &PurchaseTable, options: &FitOptions<Self>) -> Result<Fit<Self>> {
                Self::fit_with(table, options)
            }

            #[cfg(feature = "simulation")]
            fn draw(&self, ages: &[f64], seed: u64) -> Result<Vec<PurchaseHistory>> {
                self.simulate(ages, seed)
            }
        }
    };
}

transaction_model!(BgNbd);
transaction_model!(MbgNbd);
transaction_model!(ParetoNbd, multiple);
