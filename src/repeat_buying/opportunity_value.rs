//! What customers are worth who buy at discrete opportunities.

use std::collections::HashMap;

use super::purchase_worth::Uncertainty;
use super::sloped::slopes_by_differences;
use super::unordered_sum::UnorderedSum;
use super::value_interval::{around, finished};
use super::value_model::finite;
use super::{BgBb, CustomerValues, Fit, Model, NextOpportunity, OpportunityHistory, PurchaseWorth, SpendHistory};
use crate::decimal;
use crate::error::{Error, Result};
use crate::estimate::{Confidence, Estimate, Method};
use crate::lifetime_value::DiscountRate;
use crate::money::MinorUnit;
use crate::money_estimate::MoneyEstimate;

/// The lifetime value that remains of customers who buy at discrete opportunities: [`ValueModel`](super::ValueModel) for the [`BgBb`].
///
/// ```text
/// value = discounted purchases at the opportunities to come  x  worth of a purchase
/// ```
///
/// ```
/// use customer_metrics::lifetime_value::DiscountRate;
/// use customer_metrics::repeat_buying::{BgBb, NextOpportunity, OpportunityHistory, OpportunityValueModel, PurchaseWorth, SpendHistory};
/// use customer_metrics::MinorUnit;
///
/// // Donors of 50 a time, by yearly appeals, of which the next is a year ahead.
/// let donors = BgBb::new(1.204, 0.750, 0.657, 2.783)?;
/// let (worth, yearly) = (PurchaseWorth::fixed(50.into()), DiscountRate::from_percent(10.into())?);
/// let model = OpportunityValueModel::new(donors, worth, yearly, NextOpportunity::AfterOnePeriod)?;
/// let base = [(OpportunityHistory::new(1, 4, 6)?, SpendHistory::NONE), (OpportunityHistory::new(6, 6, 6)?, SpendHistory::NONE)];
/// let values = model.values(&base)?;
/// assert_eq!(values.amounts(MinorUnit::CENT)?[0].to_string(), "66.08");
/// let five_years = model.within(5).values(&base)?;
/// assert!(five_years.total(MinorUnit::CENT)? < values.total(MinorUnit::CENT)?);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// Source: P. S. Fader, B. G. S. Hardie and J. Shang, "Customer-Base Analysis in a Discrete-Time Noncontractual Setting", Marketing Science
/// 29 (2010), 1086-1108.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct OpportunityValueModel {
    purchases: BgBb,
    #[cfg_attr(feature = "serde", serde(skip))]
    uncertainty: Uncertainty<4>,
    worth: PurchaseWorth,
    discount_rate: DiscountRate,
    next: NextOpportunity,
    opportunities: Option<u32>,
}

impl OpportunityValueModel {
    /// Values by a model of purchases with known parameters, without an end, discounted by so much from one opportunity to the next. They have
    /// no intervals.
    ///
    /// # Errors
    /// [`Error::Undefined`] without a discount where `gamma` is 1 or less: some customers stay too long for the expectation to exist.
    pub fn new(purchases: BgBb, worth: PurchaseWorth, discount_rate: DiscountRate, next: NextOpportunity) -> Result<Self> {
        let uncertainty = Uncertainty::Unknown { because: "the model of purchases was given, not fitted" };
        let model = Self { purchases, uncertainty, worth, discount_rate, next, opportunities: None };
        model.purchases_of(&purchases, &OpportunityHistory::NEW)?;
        Ok(model)
    }

    /// Values by a fitted model of purchases, whatever the [status](Fit::status) of the fit: intervals are refused where it did not converge,
    /// the values are not.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn fitted(purchases: &Fit<BgBb>, worth: PurchaseWorth, discount_rate: DiscountRate, next: NextOpportunity) -> Result<Self> {
        let uncertainty = Uncertainty::of(purchases, "the fit of the model of purchases did not converge");
        Ok(Self { uncertainty, ..Self::new(*purchases.model(), worth, discount_rate, next)? })
    }

    /// The same for so many opportunities to come.
    #[must_use]
    pub fn within(self, opportunities: u32) -> Self {
        Self { opportunities: Some(opportunities), ..self }
    }

    /// The model of purchases.
    #[must_use]
    pub fn purchases(&self) -> &BgBb {
        &self.purchases
    }

    /// What a purchase is worth.
    #[must_use]
    pub fn worth(&self) -> &PurchaseWorth {
        &self.worth
    }

    /// What one customer is to be expected to bring, unrounded.
    ///
    /// # Errors
    /// Those of [`PurchaseWorth::of_customer`]; [`Error::Overflow`] if the value exceeds the largest double.
    pub fn value(&self, history: &OpportunityHistory, spend: &SpendHistory) -> Result<f64> {
        finite(self.purchases_of(&self.purchases, history)? * self.worth.of_customer(spend)?)
    }

    /// What each customer of a base is to be expected to bring: histories with what is known of spend, which is
    /// [`SpendHistory::NONE`] where nothing is. Equal histories are looked at once.
    ///
    /// # Errors
    /// [`Error::Row`] with the first row whose value does not exist or overflows.
    pub fn values(&self, base: &[(OpportunityHistory, SpendHistory)]) -> Result<CustomerValues> {
        let mut known = HashMap::new();
        let mut values = Vec::with_capacity(base.len());
        for (row, (history, spend)) in base.iter().enumerate() {
            let purchases = once(&mut known, history, || self.purchases_of(&self.purchases, history));
            let value = || finite(purchases? * self.worth.of_customer(spend)?);
            values.push(value().map_err(|error: Error| error.at_row(row))?);
        }
        Ok(CustomerValues::new(values))
    }

    /// What one customer is to be expected to bring, with an interval for this expectation, made as in
    /// [`total_estimate`](Self::total_estimate): how well the average over many customers with this history is known, not where one of them
    /// will lie.
    ///
    /// # Errors
    /// As [`total_estimate`](Self::total_estimate).
    pub fn customer_estimate(
        &self,
        history: &OpportunityHistory,
        spend: &SpendHistory,
        unit: MinorUnit,
        confidence: Confidence,
    ) -> Result<MoneyEstimate> {
        self.value(history, spend)?;
        self.total_estimate(&[(*history, *spend)], unit, confidence)
    }

    /// What all customers of a base are to be expected to bring, with an interval by the delta method, as in
    /// [`ValueModel::total_estimate`](super::ValueModel::total_estimate); the derivatives are by differences.
    ///
    /// # Errors
    /// Those of [`values`](Self::values); [`Error::Undefined`] if a model was given rather than fitted or its fit did not converge;
    /// [`Error::Overflow`] if an end exceeds what 28 digits hold.
    pub fn total_estimate(
        &self,
        base: &[(OpportunityHistory, SpendHistory)],
        unit: MinorUnit,
        confidence: Confidence,
    ) -> Result<MoneyEstimate> {
        let n = self.uncertainty.n()?;
        let mut known = HashMap::new();
        let mut sums: [UnorderedSum; 8] = Default::default();
        for (row, (history, spend)) in base.iter().enumerate() {
            let sloped = once(&mut known, history, || self.sloped_purchases(history));
            let terms = || {
                let ([purchases, along @ ..], worth) = (sloped?, self.worth.of_customer(spend)?);
                let [of_alpha, of_beta, of_gamma, of_delta] = along.map(|slope| slope * worth);
                let [of_p, of_q, of_v] = self.worth.slopes(spend, worth).map(|slope| slope * purchases);
                Ok([finite(purchases * worth)?, of_alpha, of_beta, of_gamma, of_delta, of_p, of_q, of_v])
            };
            let terms: [f64; 8] = terms().map_err(|error: Error| error.at_row(row))?;
            sums.iter_mut().zip(terms).for_each(|(sum, term)| sum.add(term));
        }
        let [point, of_alpha, of_beta, of_gamma, of_delta, of_p, of_q, of_v] = finished(&sums)?;
        let of_purchases = self.uncertainty.variance(&[of_alpha, of_beta, of_gamma, of_delta])?;
        let interval = around(point, of_purchases + self.worth.variance(&[of_p, of_q, of_v])?, confidence)?;
        Estimate::holding(point, interval, confidence, Method::DeltaOnLogarithm, n).in_money(1.into(), unit)
    }

    /// The discounted purchases of a customer and their derivatives in the logarithms of the parameters.
    fn sloped_purchases(&self, history: &OpportunityHistory) -> Result<[f64; 5]> {
        let [alpha, beta, gamma, delta] = self.purchases.parameters();
        let value = self.purchases_of(&self.purchases, history)?;
        let [of_alpha, of_beta, of_gamma, of_delta] = slopes_by_differences(|[a, b, c, d]: [f64; 4]| {
            self.purchases_of(&BgBb::new(alpha * a, beta * b, gamma * c, delta * d)?, history)
        })?;
        Ok([value, of_alpha, of_beta, of_gamma, of_delta])
    }

    fn purchases_of(&self, model: &BgBb, history: &OpportunityHistory) -> Result<f64> {
        let (outlook, d) = (model.outlook(history), decimal::to_f64(self.discount_rate.rate()));
        match self.opportunities {
            Some(further) => outlook.discounted_purchases_within(further.into(), d, self.next),
            None => outlook.discounted_purchases(d, self.next),
        }
    }
}

/// What comes of a history, computed where it is met for the first time.
fn once<T: Copy>(known: &mut HashMap<OpportunityHistory, T>, history: &OpportunityHistory, of: impl FnOnce() -> Result<T>) -> Result<T> {
    if let Some(&value) = known.get(history) {
        return Ok(value);
    }
    let value = of()?;
    known.insert(*history, value);
    Ok(value)
}
