//! What the models of purchases in continuous time all do, each in the words of its own.

/// Fits, likelihoods, outlooks and simulated customers of a model.
///
/// The model has its own `core`, a likelihood with its starts, and the numbers of its examples.
macro_rules! purchase_model {
    (
        $model:ident, $name:literal, outlook: $outlook:ident, starts: $starts:path,
        example: $parameters:literal, purchases in a year: $year:literal, customers who buy again: $again:literal $(,)?
    ) => {
        impl $model {
            /// The likeliest model for these customers, with its standard errors.
            ///
            /// # Errors
            /// [`Error::Undefined`] if there is no customer.
            pub fn fit(table: &PurchaseTable) -> Result<Fit<Self>> {
                Self::fit_with(table, &FitOptions::default())
            }

            /// The likeliest model from a given start or under a penalty.
            ///
            /// # Errors
            /// As [`fit`](Self::fit).
            pub fn fit_with(table: &PurchaseTable, options: &FitOptions<Self>) -> Result<Fit<Self>> {
                if table.is_empty() {
                    return Err(Error::Undefined { metric: concat!($name, " fit"), because: "there are no customers" });
                }
                let objective = Self::likelihood(super::sample::Sample::new(table));
                let part = super::sample::Sample::part(table, Self::PART).map(Self::likelihood);
                let rough = super::sample::Sample::part(table, super::sample::ROUGH).map(Self::likelihood);
                let size = super::sample::Size::of(table);
                let (starts, scale) = ($starts(&size), Self::scale_of(&size));
                let (part, rough, n) = (part.as_ref(), rough.as_ref(), table.customers());
                super::search::Search { objective: &objective, part, rough, starts: &starts, scale, n }.fit(options)
            }

            /// The natural logarithm of the likelihood of one history.
            #[must_use]
            pub fn log_likelihood(&self, history: &PurchaseHistory) -> f64 {
                self.core().ln_likelihood(history.frequency(), history.recency(), history.age())
            }

            /// The natural logarithm of the likelihood of all customers together.
            #[must_use]
            pub fn log_likelihood_of(&self, table: &PurchaseTable) -> f64 {
                self.core().ln_likelihood_of(table)
            }

            /// What is to be expected of a customer with this history.
            #[must_use]
            pub fn outlook(&self, history: &PurchaseHistory) -> $outlook {
                self.core().outlook(history)
            }

            /// What is to be expected of a customer at their first purchase.
            ///
            /// ```
            #[doc = concat!("use customer_metrics::repeat_buying::", stringify!($model), ";")]
            ///
            #[doc = concat!("let model = ", stringify!($model), "::new(", $parameters, ")?;")]
            #[doc = concat!("assert_eq!(format!(\"{:.3}\", model.new_customer().expected_purchases(52.0)?), \"", $year, "\");")]
            /// # Ok::<(), customer_metrics::Error>(())
            /// ```
            #[must_use]
            pub fn new_customer(&self) -> $outlook {
                self.core().outlook(&PurchaseHistory::NEW)
            }

            /// The probability that each customer is still there at the end of the watch, in the order of the rows.
            #[must_use]
            pub fn probability_alive_column(&self, columns: PurchaseColumns<'_>) -> Vec<f64> {
                self.core().probability_alive_column(columns)
            }

            /// The purchases that are to be expected of each customer within so long a time, in the order of the rows: those of
            #[doc = concat!("[`", stringify!($outlook), "::expected_purchases`],")]
            /// in large columns from a polynomial through them where that is faster.
            ///
            /// # Errors
            /// [`Error::OutOfBounds`] if the time is not within 0 to 1e100; [`Error::Row`] with the first row whose expectation overflows.
            pub fn expected_purchases_column(&self, columns: PurchaseColumns<'_>, within: f64) -> Result<Vec<f64>> {
                self.core().expected_purchases_column(columns, within)
            }

            /// One customer drawn at random for each age, watched so long: the same ones for the same seed.
            ///
            /// ```
            #[doc = concat!("use customer_metrics::repeat_buying::", stringify!($model), ";")]
            ///
            #[doc = concat!("let model = ", stringify!($model), "::new(", $parameters, ")?;")]
            /// let customers = model.simulate(&[39.0; 1_000], 7)?;
            /// let again = customers.iter().filter(|history| history.frequency() > 0).count();
            #[doc = concat!("assert!((", $again, ").contains(&again));")]
            /// # Ok::<(), customer_metrics::Error>(())
            /// ```
            ///
            /// # Errors
            /// [`Error::Row`] with the first age that is not within 0 to 1e100, or the first customer who would buy 2^62 times or more;
            /// [`Error::Overflow`] where the parameters are beyond what can be drawn from.
            #[cfg(feature = "simulation")]
            #[cfg_attr(docsrs, doc(cfg(feature = "simulation")))]
            pub fn simulate(&self, ages: &[f64], seed: u64) -> Result<Vec<PurchaseHistory>> {
                self.core().simulate(ages, seed)
            }
        }
    };
}

pub(super) use purchase_model;
