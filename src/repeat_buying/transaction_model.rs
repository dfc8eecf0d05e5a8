//! What a model of purchases must tell for customers to be valued by it, and for it to be held against what was bought.

use super::discounted_columns::discounted_purchases;
use super::sloped::Sloped;
use super::{BgNbd, Fit, FitOptions, Horizon, MbgNbd, Model, ParetoNbd, PurchaseColumns, PurchaseHistory, PurchaseTable};
use crate::error::Result;

/// A model of when customers buy and leave, in continuous time, with four parameters.
///
/// What the three of them have in common, for code that is written once for all: fits, likelihoods and predictions. Each has these methods
/// itself too; those that are of a whole column end in `_column` and take much less time than a customer at a time.
///
/// A customer who is still there has forgotten when their last purchase was: what is to be expected of them depends on frequency and age,
/// and the last purchase tells only how likely they are still there.
///
/// ```
/// use customer_metrics::repeat_buying::{BgNbd, Fit, MbgNbd, ParetoNbd, PurchaseHistory, PurchaseTable, TransactionModel};
///
/// /// How often each kind of model says that a customer will buy in the next year, and whether they are there.
/// fn next_year<M: TransactionModel>(table: &PurchaseTable, customer: &PurchaseHistory) -> customer_metrics::Result<String> {
///     let fit: Fit<M> = M::fit(table)?;
///     let (alive, purchases) = (fit.model().probability_alive(customer), fit.model().expected_purchases(customer, 52.0)?);
///     Ok(format!("{:.1}: {purchases:.2} ({alive:.2})", fit.log_likelihood()))
/// }
///
/// let histories = [(2, 30.4, 90), (1, 1.7, 120), (0, 0.0, 400), (4, 33.9, 40), (7, 29.4, 10), (1, 25.0, 60), (3, 12.1, 30)];
/// let histories = histories.map(|(x, t_x, customers)| Ok((PurchaseHistory::new(x, t_x, 38.9)?, customers)));
/// let table = PurchaseTable::from_counts(histories.into_iter().collect::<customer_metrics::Result<Vec<_>>>()?)?;
/// let regular = PurchaseHistory::new(2, 30.4, 38.9)?;
/// println!("BG/NBD {}", next_year::<BgNbd>(&table, &regular)?);
/// println!("MBG/NBD {}", next_year::<MbgNbd>(&table, &regular)?);
/// println!("Pareto/NBD {}", next_year::<ParetoNbd>(&table, &regular)?);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// The trait is sealed: the models of this module are all there are. What it needs of them beyond its methods cannot be called from outside:
///
/// ```compile_fail
/// fn scale<M: customer_metrics::repeat_buying::TransactionModel>(model: &M) -> f64 {
///     model.scale()
/// }
/// ```
pub trait TransactionModel: Model<Parameters = [f64; 4], Covariance = [[f64; 4]; 4]> + Send + Sync + sealed::Predicts {
    /// The likeliest model for these customers, with its standard errors.
    ///
    /// # Errors
    /// [`Error::Undefined`](crate::Error::Undefined) if there is no customer.
    fn fit(table: &PurchaseTable) -> Result<Fit<Self>>;

    /// The likeliest model from a given start or under a penalty.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    fn fit_with(table: &PurchaseTable, options: &FitOptions<Self>) -> Result<Fit<Self>>;

    /// The natural logarithm of the likelihood of one history.
    #[must_use]
    fn log_likelihood(&self, history: &PurchaseHistory) -> f64;

    /// The natural logarithm of the likelihood of all customers together.
    #[must_use]
    fn log_likelihood_of(&self, table: &PurchaseTable) -> f64;

    /// The probability that a customer is still there at the end of the watch.
    #[must_use]
    fn probability_alive(&self, history: &PurchaseHistory) -> f64;

    /// The purchases that are to be expected of a customer within so long a time after the watch.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`](crate::Error::OutOfBounds) if the time is not within 0 to 1e100;
    /// [`Error::Overflow`](crate::Error::Overflow) if the expectation exceeds the largest double.
    fn expected_purchases(&self, history: &PurchaseHistory, within: f64) -> Result<f64>;

    /// The purchases that are to be expected of a customer with this history within a horizon, discounted to the end of the watch: without
    /// an end, the discounted expected residual transactions (DERT) of the field.
    ///
    /// # Errors
    /// [`Error::Undefined`](crate::Error::Undefined) if there is no finite expectation, which can be without discount and end;
    /// [`Error::Overflow`](crate::Error::Overflow) if it exceeds the largest double.
    fn purchases_over(&self, history: &PurchaseHistory, horizon: Horizon) -> Result<f64>;

    /// The repeat purchases that are to be expected of a new customer within so long a time after their first purchase.
    ///
    /// # Errors
    /// As [`expected_purchases`](Self::expected_purchases).
    fn new_customer_purchases(&self, within: f64) -> Result<f64> {
        self.expected_purchases(&PurchaseHistory::NEW, within)
    }

    /// The probabilities that a customer buys 0, 1, ... up to `most` times within so long a time after the watch.
    ///
    /// # Errors
    /// Those of [`BetaGeometricOutlook::distribution_of_purchases`](super::BetaGeometricOutlook::distribution_of_purchases).
    fn distribution_of_purchases(&self, history: &PurchaseHistory, most: u32, within: f64) -> Result<Vec<f64>>;

    /// The probabilities that a new customer buys again 0, 1, ... up to `most` times within so long a time.
    ///
    /// # Errors
    /// As [`distribution_of_purchases`](Self::distribution_of_purchases).
    fn new_customer_distribution(&self, most: u32, within: f64) -> Result<Vec<f64>> {
        self.distribution_of_purchases(&PurchaseHistory::NEW, most, within)
    }

    /// The probability that each customer is still there at the end of the watch, in the order of the rows.
    #[must_use]
    fn probability_alive_column(&self, columns: PurchaseColumns<'_>) -> Vec<f64>;

    /// The purchases that are to be expected of each customer within so long a time after the watch, in the order of the rows.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`](crate::Error::OutOfBounds) if the time is not within 0 to 1e100; [`Error::Row`](crate::Error::Row) with the
    /// first row whose expectation overflows.
    fn expected_purchases_column(&self, columns: PurchaseColumns<'_>, within: f64) -> Result<Vec<f64>>;

    /// The discounted purchases that are to be expected of each customer within a horizon, in the order of the rows.
    ///
    /// # Errors
    /// Those of [`purchases_over`](Self::purchases_over) for a new customer; [`Error::Row`](crate::Error::Row) with the first row whose
    /// expectation overflows.
    fn purchases_over_column(&self, columns: PurchaseColumns<'_>, horizon: Horizon) -> Result<Vec<f64>> {
        self.purchases_over(&PurchaseHistory::NEW, horizon)?;
        discounted_purchases(self, columns, horizon)
    }

    /// One customer drawn at random for each age, watched so long: the same ones for the same seed.
    ///
    /// # Errors
    /// [`Error::Row`](crate::Error::Row) with the first age that is not within 0 to 1e100, or the first customer who would buy 2^62 times or
    /// more; [`Error::Overflow`](crate::Error::Overflow) where the parameters are beyond what can be drawn from.
    #[cfg(feature = "simulation")]
    #[cfg_attr(docsrs, doc(cfg(feature = "simulation")))]
    fn simulate(&self, ages: &[f64], seed: u64) -> Result<Vec<PurchaseHistory>>;
}

pub(super) mod sealed {
    use super::super::sloped::Sloped;
    use super::{Horizon, Model, PurchaseHistory, Result};

    /// Purchases as a function of the age.
    pub(in super::super) type ByAge<'a> = Box<dyn Fn(f64) -> Result<Sloped> + Sync + 'a>;

    /// What takes it trusts that its numbers have been checked, and only this module has one: a supertrait can be called by all who know the
    /// trait.
    #[derive(Debug, Clone, Copy)]
    pub struct Checked(());

    /// The numbers that are passed with it have been checked.
    pub(in super::super) const CHECKED: Checked = Checked(());

    pub trait Predicts: Model {
        /// The probability that a customer is still there, with its derivatives in the logarithms of the parameters.
        fn sloped_alive(&self, history: &PurchaseHistory, checked: Checked) -> Sloped;

        /// The discounted purchases of customers of this frequency, which need not be whole, who are still there, as a function of their age,
        /// with their derivatives. None is younger than `youngest`; `ages` is about how many ages will be asked for.
        fn purchases_by_age(&self, frequency: f64, youngest: f64, ages: usize, horizon: Horizon, checked: Checked) -> ByAge<'_>;

        /// How many times as much customers of this frequency buy, while they are there, as those of frequency 0 and the same age; nothing
        /// where that depends on the age.
        fn multiple(&self, _frequency: u64, _checked: Checked) -> Option<Sloped> {
            None
        }

        /// The discounted purchases of a customer of this frequency and age who is still there.
        fn purchases_of_alive(&self, frequency: u64, age: f64, horizon: Horizon, checked: Checked) -> Result<f64>;

        /// A time on whose scale the age matters.
        fn scale(&self, checked: Checked) -> f64;
    }
}

macro_rules! transaction_model {
    ($model:ty $(, $multiple:ident)?) => {
        impl TransactionModel for $model {
            fn fit(table: &PurchaseTable) -> Result<Fit<Self>> {
                Self::fit(table)
            }

            fn fit_with(table: &PurchaseTable, options: &FitOptions<Self>) -> Result<Fit<Self>> {
                Self::fit_with(table, options)
            }

            fn log_likelihood(&self, history: &PurchaseHistory) -> f64 {
                self.log_likelihood(history)
            }

            fn log_likelihood_of(&self, table: &PurchaseTable) -> f64 {
                self.log_likelihood_of(table)
            }

            fn probability_alive(&self, history: &PurchaseHistory) -> f64 {
                self.core().probability_alive(history)
            }

            fn expected_purchases(&self, history: &PurchaseHistory, within: f64) -> Result<f64> {
                self.outlook(history).expected_purchases(within)
            }

            fn purchases_over(&self, history: &PurchaseHistory, horizon: Horizon) -> Result<f64> {
                self.outlook(history).purchases_over(horizon)
            }

            fn distribution_of_purchases(&self, history: &PurchaseHistory, most: u32, within: f64) -> Result<Vec<f64>> {
                self.outlook(history).distribution_of_purchases(most, within)
            }

            fn probability_alive_column(&self, columns: PurchaseColumns<'_>) -> Vec<f64> {
                self.probability_alive_column(columns)
            }

            fn expected_purchases_column(&self, columns: PurchaseColumns<'_>, within: f64) -> Result<Vec<f64>> {
                self.expected_purchases_column(columns, within)
            }

            #[cfg(feature = "simulation")]
            fn simulate(&self, ages: &[f64], seed: u64) -> Result<Vec<PurchaseHistory>> {
                self.simulate(ages, seed)
            }
        }

        impl sealed::Predicts for $model {
            fn sloped_alive(&self, history: &PurchaseHistory, _checked: sealed::Checked) -> Sloped {
                self.core().alive(history.frequency(), history.recency(), history.age())
            }

            fn purchases_by_age(
                &self,
                frequency: f64,
                youngest: f64,
                ages: usize,
                horizon: Horizon,
                _checked: sealed::Checked,
            ) -> sealed::ByAge<'_> {
                Box::new(self.core().purchases_by_age(frequency, youngest, ages, horizon))
            }

            $(
                fn $multiple(&self, frequency: u64, _checked: sealed::Checked) -> Option<Sloped> {
                    Some(self.core().$multiple(frequency))
                }
            )?

            fn purchases_of_alive(&self, frequency: u64, age: f64, horizon: Horizon, _checked: sealed::Checked) -> Result<f64> {
                self.core().alive_after(frequency, age).purchases_over(horizon)
            }

            fn scale(&self, _checked: sealed::Checked) -> f64 {
                self.alpha()
            }
        }
    };
}

transaction_model!(BgNbd);
transaction_model!(MbgNbd);
transaction_model!(ParetoNbd, multiple);
