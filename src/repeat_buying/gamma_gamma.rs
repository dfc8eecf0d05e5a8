//! The Gamma-Gamma model: what customers spend on a purchase.

use super::gamma_gamma_likelihood::{SpendSample, ln_likelihood, mean_spend, starts};
use super::parameters::parameters;
use super::search::Search;
use super::{Fit, FitOptions, Model, SpendHistory, SpendOutlook, SpendTable};
use crate::error::{Error, Result};

/// The Gamma-Gamma model of what customers spend on a purchase.
///
/// ```text
/// The amounts of a customer are Gamma(shape p, rate nu):  nu ~ Gamma(shape q, rate v) over customers.
/// How much is spent does not depend on how often: see SpendTable::purchase_spend_correlation.
///
/// L(x, zbar) = gamma(p x + q) / (gamma(p x) gamma(q))  v^q zbar^(p x - 1) x^(p x) / (v + x zbar)^(p x + q)
/// ```
///
/// `v` is in the currency of the data, the others are pure numbers. Parameters may lie between 1e-100 and 1e100. The mean of a customer's
/// amounts over all time is `p / nu`; over customers it has the mean `p v / (q - 1)`, **which is infinite where `q` is 1 or less**: an error
/// here, where the formula would give a negative amount.
///
/// ```
/// use customer_metrics::repeat_buying::{GammaGamma, SpendHistory};
///
/// let model = GammaGamma::new(6.25, 3.74, 15.44)?;
/// assert_eq!(format!("{:.2}", model.population_mean()?), "35.22");
///
/// // Two purchases of 22.35 on average: what is to be expected lies between that and the mean of all.
/// let outlook = model.outlook(&SpendHistory::new(2, 22.35)?);
/// assert_eq!(format!("{:.2}", outlook.expected_mean_spend()?), "24.66");
/// assert_eq!(format!("{:.1}", outlook.mean_spend_interval(Default::default())?), "15.0 to 40.3");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// Source: P. S. Fader, B. G. S. Hardie and K. L. Lee, "RFM and CLV: Using Iso-Value Curves for Customer Base Analysis", Journal of
/// Marketing Research 42 (2005), 415-430; P. S. Fader and B. G. S. Hardie, "The Gamma-Gamma Model of Monetary Value" (2013), note 025.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "GammaGammaState", into = "GammaGammaState"))]
pub struct GammaGamma {
    p: f64,
    q: f64,
    v: f64,
}

parameters! {
    GammaGamma(GammaGammaState), 3, ratios: ["p / q" = 0 / 1, "v / q" = 2 / 1]:
    /// The shape of the amounts of one customer: the larger, the less they vary.
    p,
    /// The shape of the rates over customers: the larger, the less customers differ.
    q,
    /// The rate of their distribution, an amount.
    v,
}

impl GammaGamma {
    /// The likeliest model for these customers, with its standard errors.
    ///
    /// # Errors
    /// [`Error::Undefined`] if there is no customer, or if all spend the same: the likelihood has no bound then.
    pub fn fit(table: &SpendTable) -> Result<Fit<Self>> {
        Self::fit_with(table, &FitOptions::default())
    }

    /// The likeliest model from a given start or under a penalty.
    ///
    /// A [penalty](super::Penalty) on the squared parameters depends on the currency through `v`: it holds back `p`, `q` and `v` alike on
    /// the ridge between them, where the data say little.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn fit_with(table: &SpendTable, options: &FitOptions<Self>) -> Result<Fit<Self>> {
        let mut means = table.iter().map(|(history, _)| history.mean_spend().to_bits());
        let Some(first) = means.next() else {
            return Err(Error::Undefined { metric: "Gamma-Gamma fit", because: "there are no customers with purchases" });
        };
        if means.all(|mean| mean == first) {
            let because = if table.customers() == 1 { "only one customer has a known mean spend" } else { "all customers spend the same" };
            return Err(Error::Undefined { metric: "Gamma-Gamma fit", because });
        }
        let objective = SpendSample::new(table);
        let part = SpendSample::part(table);
        let mean = mean_spend(table);
        // v is an amount.
        Search {
            objective: &objective,
            part: part.as_ref(),
            rough: None,
            starts: &starts(mean),
            scale: [1.0, 1.0, mean],
            n: table.customers(),
        }
        .fit(options)
    }

    /// The natural logarithm of the likelihood of one history; 0 for a customer without purchases.
    #[must_use]
    pub fn log_likelihood(&self, history: &SpendHistory) -> f64 {
        self.log_likelihood_of(&[*history].into_iter().collect())
    }

    /// The natural logarithm of the likelihood of all customers together.
    #[must_use]
    pub fn log_likelihood_of(&self, table: &SpendTable) -> f64 {
        ln_likelihood(self.parameters(), &SpendSample::new(table))
    }

    /// What all customers spend on a purchase on average: `p v / (q - 1)`.
    ///
    /// # Errors
    /// [`Error::Undefined`] if `q` is 1 or less: there is no finite mean; [`Error::Overflow`] if it exceeds the largest double.
    pub fn population_mean(&self) -> Result<f64> {
        self.new_customer().expected_mean_spend()
    }

    /// What is to be expected of a customer with this history.
    #[must_use]
    pub fn outlook(&self, history: &SpendHistory) -> SpendOutlook {
        let &Self { p, q, v } = self;
        SpendOutlook::new(p, q + p * crate::decimal::count_to_f64(history.purchases()), v + history.total())
    }

    /// What is to be expected of a customer without purchases.
    #[must_use]
    pub fn new_customer(&self) -> SpendOutlook {
        self.outlook(&SpendHistory::NONE)
    }

    /// What each customer is to be expected to spend on a purchase, in the order of the rows: those without purchases the mean of all.
    ///
    /// Times [`BgNbd::expected_purchases_column`](super::BgNbd::expected_purchases_column) it is what the customer will bring, if the two do not go
    /// together.
    ///
    /// ```
    /// use customer_metrics::repeat_buying::GammaGamma;
    ///
    /// let model = GammaGamma::new(6.25, 3.74, 15.44)?;
    /// let expected = model.expected_mean_spend_column(&[2, 0], &[22.35, 0.0])?;
    /// assert_eq!(format!("{expected:.2?}"), "[24.66, 35.22]");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::Row`] with the first row that is not a [`SpendHistory`] or whose
    /// expectation [does not exist](SpendOutlook::expected_mean_spend).
    pub fn expected_mean_spend_column(&self, purchases: &[u64], mean_spends: &[f64]) -> Result<Vec<f64>> {
        if purchases.len() != mean_spends.len() {
            return Err(Error::mismatch("column length", purchases.len(), mean_spends.len()));
        }
        let of_row = |(row, (&purchases, &mean)): (usize, (&u64, &f64))| {
            let history = SpendHistory::new(purchases, mean).map_err(|error| error.at_row(row))?;
            self.outlook(&history).expected_mean_spend().map_err(|error| error.at_row(row))
        };
        purchases.iter().zip(mean_spends).enumerate().map(of_row).collect()
    }
}
