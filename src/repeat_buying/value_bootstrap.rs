//! The interval of a predicted value by drawing the data again.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::SeedableRng;

use super::{
    CustomerBase, FitOptions, GammaGamma, PurchaseHistory, PurchaseTable, PurchaseWorth, SpendHistory, SpendTable, TransactionModel,
    ValueModel,
};
use crate::decimal::count_to_f64;
use crate::error::{Bound, Error, Result};
use crate::estimate::{Confidence, Estimate, Interval, Method};
use crate::money::MinorUnit;
use crate::money_estimate::MoneyEstimate;
use crate::share::Share;

/// A predicted value with an interval by the parametric bootstrap.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(docsrs, doc(cfg(feature = "simulation")))]
pub struct BootstrapValue {
    estimate: MoneyEstimate,
    converged: Share,
}

impl BootstrapValue {
    /// The value and its interval.
    #[must_use]
    pub fn estimate(&self) -> &MoneyEstimate {
        &self.estimate
    }

    /// How many of the repetitions converged; the interval is of these. Where they are not nearly all, the data are too few for the model.
    #[must_use]
    pub fn converged(&self) -> &Share {
        &self.converged
    }
}

impl<M: TransactionModel> ValueModel<M> {
    /// What all customers of a base are to be expected to bring, with an interval by the parametric bootstrap: the same for the same seed.
    ///
    /// ```text
    /// so many times: draw as many customers of the same ages from the fitted model of purchases, and amounts for as many purchases of each
    ///                from the spend model; fit both again, under the same penalties; value the base, as it is, by the new parameters
    /// interval:      from the (n + 1) tail to the (n + 1) (1 - tail) smallest of the n values, extended to hold the point
    /// ```
    ///
    /// It asks nothing of the shape of the likelihood and takes as long as so many fits. Like the
    /// [delta method](Self::total_estimate), with which it agrees for many customers, it is an interval of the expectation. The base must
    /// be the customers that the models were fitted to.
    ///
    /// ```
    /// use customer_metrics::repeat_buying::{BgNbd, ContinuousRate, CustomerBase, Horizon, PurchaseColumns, PurchaseTable, PurchaseWorth, ValueModel};
    /// use customer_metrics::{Confidence, MinorUnit};
    ///
    /// // 500 customers who were drawn from a model.
    /// let drawn = BgNbd::new(0.5, 6.0, 0.8, 2.5)?.simulate(&[39.0; 500], 7)?;
    /// let frequency: Vec<u64> = drawn.iter().map(|history| history.frequency()).collect();
    /// let recency: Vec<f64> = drawn.iter().map(|history| history.recency()).collect();
    /// let histories = PurchaseColumns::new(&frequency, &recency, &[39.0; 500])?;
    /// let fit = BgNbd::fit(&PurchaseTable::from_columns(histories))?;
    ///
    /// let horizon = Horizon::within(52.0, ContinuousRate::from_continuous(0.002)?)?;
    /// let model = ValueModel::fitted(&fit, PurchaseWorth::fixed(10.into()), horizon)?;
    /// let value = model.bootstrap_total(&CustomerBase::new(histories), 40, 1, MinorUnit::CENT, Confidence::P95)?;
    /// assert_eq!(value, model.bootstrap_total(&CustomerBase::new(histories), 40, 1, MinorUnit::CENT, Confidence::P95)?);
    /// assert!(value.estimate().interval().contains(value.estimate().point()));
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// Source: B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap" (1993), chapters 6 and 13.
    ///
    /// # Errors
    /// Those of [`values`](Self::values); [`Error::OutOfBounds`] if the repetitions are not within 2 / (1 - confidence) - 1 (39 for 95%) to
    /// 100,000; [`Error::Undefined`] if a model was given rather than fitted or its fit did not converge, or if too few repetitions
    /// converged; [`Error::Mismatch`] if one was fitted to another number of customers; [`Error::Overflow`] if the parameters are beyond
    /// what can be drawn from.
    #[cfg_attr(docsrs, doc(cfg(feature = "simulation")))]
    pub fn bootstrap_total(
        &self,
        base: &CustomerBase<'_>,
        repetitions: u32,
        seed: u64,
        unit: MinorUnit,
        confidence: Confidence,
    ) -> Result<BootstrapValue> {
        self.bootstrap(base, repetitions, seed, confidence, |model| model.values(base)?.sum())?.in_money(unit)
    }

    /// What one customer is to be expected to bring, with an interval for this expectation, made in the same way: from models fitted again to
    /// what is drawn for the whole base, which must be the customers that the models were fitted to. The customer need not be one of them.
    ///
    /// It is not where the customer's own purchases will lie: see [`customer_estimate`](Self::customer_estimate).
    ///
    /// # Errors
    /// Those of [`value`](Self::value) and of [`bootstrap_total`](Self::bootstrap_total).
    #[cfg_attr(docsrs, doc(cfg(feature = "simulation")))]
    pub fn bootstrap_customer(
        &self,
        customer: (&PurchaseHistory, &SpendHistory),
        base: &CustomerBase<'_>,
        repetitions: u32,
        seed: u64,
        unit: MinorUnit,
        confidence: Confidence,
    ) -> Result<BootstrapValue> {
        self.bootstrap(base, repetitions, seed, confidence, |model| model.value(customer.0, customer.1))?.in_money(unit)
    }

    /// A value, and its interval from what it is by the models of the repetitions.
    fn bootstrap(
        &self,
        base: &CustomerBase<'_>,
        repetitions: u32,
        seed: u64,
        confidence: Confidence,
        value_of: impl Fn(&Self) -> Result<f64>,
    ) -> Result<Bootstrap> {
        let fewest = (1.0 / confidence.tail() - 1.0 - 1e-9).ceil();
        if !(fewest..=f64::from(MOST)).contains(&f64::from(repetitions)) {
            return Err(Error::out_of_bounds("repetitions", repetitions, Bound::Within(fewest.into(), MOST.into())));
        }
        let point = value_of(self)?;
        let data = self.data(base)?;
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let mut values = Vec::new();
        for _ in 0..repetitions {
            let seeds = (random.random(), random.random());
            if let Some(model) = self.fitted_again(&data, seeds)? {
                // Undefined is an expectation that is infinite.
                let value = match value_of(&model) {
                    Err(error) if is_undefined(&error) => f64::INFINITY.copysign(point),
                    value => value?,
                };
                values.push(value);
            }
        }
        let converged = Share::new(u64::try_from(values.len()).unwrap_or(u64::MAX), repetitions.into())?;
        if count_to_f64(converged.part()) < fewest {
            return Err(Error::Undefined { metric: INTERVAL, because: "too few repetitions converged" });
        }
        values.sort_unstable_by(f64::total_cmp);
        let rank = (count_to_f64(converged.part()) + 1.0) * confidence.tail();
        let low = ranked(values.iter().copied(), rank).min(point);
        let high = ranked(values.iter().rev().copied(), rank).max(point);
        if !(low.is_finite() && high.is_finite()) {
            return Err(Error::Undefined { metric: INTERVAL, because: "in too many repetitions the expectation is infinite" });
        }
        let interval = Interval::new(low, high)?;
        let estimate = Estimate::holding(point, interval, confidence, Method::ParametricBootstrap, self.uncertainty.n()?);
        Ok(Bootstrap { estimate, converged })
    }

    fn data(&self, base: &CustomerBase<'_>) -> Result<Data> {
        let customers = base.rows();
        let same = |fitted: u64, customers: usize| {
            if usize::try_from(fitted) == Ok(customers) { Ok(()) } else { Err(Error::mismatch("customers", fitted, customers)) }
        };
        same(self.uncertainty.n()?, customers)?;
        let spend = self.worth.fitted_spend()?;
        let purchases: Vec<u64> = base.spends().map(|spend| spend.purchases()).filter(|&purchases| purchases > 0).collect();
        if let Some((_, fitted, _)) = &spend {
            same(*fitted, purchases.len())?;
        }
        Ok(Data {
            ages: base.histories().iter().map(|history| history.age()).collect(),
            purchases,
            spend: spend.map(|(model, _, options)| (model, options)),
        })
    }

    /// Fitted to data drawn from itself, if these fits converge.
    fn fitted_again(&self, data: &Data, (of_purchases, of_spend): (u64, u64)) -> Result<Option<Self>> {
        let table: PurchaseTable = self.purchases.simulate(&data.ages, of_purchases)?.into_iter().collect();
        let fit = M::fit_with(&table, &self.uncertainty.options()?)?;
        let Some(worth) = data.worth_again(&self.worth, of_spend)? else {
            return Ok(None);
        };
        Ok(fit.has_converged().then(|| Self { purchases: fit.model().clone(), worth, ..*self }))
    }
}

/// Before it is money.
struct Bootstrap {
    estimate: Estimate,
    converged: Share,
}

impl Bootstrap {
    fn in_money(self, unit: MinorUnit) -> Result<BootstrapValue> {
        Ok(BootstrapValue { estimate: self.estimate.in_money(1.into(), unit)?, converged: self.converged })
    }
}

const INTERVAL: &str = "bootstrap interval";

fn is_undefined(error: &Error) -> bool {
    match error {
        Error::Undefined { .. } => true,
        Error::Row { source, .. } => is_undefined(source),
        _ => false,
    }
}

/// More would take hours where they take so long as to be needed.
const MOST: u32 = 100_000;

/// What is drawn again is drawn for these.
struct Data {
    ages: Vec<f64>,
    /// Of the customers with an amount.
    purchases: Vec<u64>,
    /// With how it was fitted.
    spend: Option<(GammaGamma, FitOptions<GammaGamma>)>,
}

impl Data {
    fn worth_again(&self, worth: &PurchaseWorth, seed: u64) -> Result<Option<PurchaseWorth>> {
        let Some((spend, options)) = &self.spend else {
            return Ok(Some(*worth));
        };
        let drawn: Vec<SpendHistory> = spend.simulate(&self.purchases, seed)?;
        match GammaGamma::fit_with(&drawn.into_iter().collect::<SpendTable>(), options) {
            // All spend the same: nothing to fit.
            Err(Error::Undefined { .. }) => Ok(None),
            fit => fit.map(|fit| fit.has_converged().then(|| worth.with_spend(*fit.model()))),
        }
    }
}

/// The value of this rank, counted from 1, on the line between the two next to it.
fn ranked(mut values: impl Iterator<Item = f64>, rank: f64) -> f64 {
    let mut position = 1.0;
    let mut before = values.next().unwrap_or(0.0);
    for value in values {
        if position + 1.0 > rank {
            return before + (rank - position).max(0.0) * (value - before);
        }
        (position, before) = (position + 1.0, value);
    }
    before
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_between_two_values_lie_between_them() {
        let at = |rank| ranked([10.0, 20.0, 40.0].into_iter(), rank);
        for (rank, expected) in [(1.0, 10.0), (1.5, 15.0), (2.0, 20.0), (2.25, 25.0), (3.0, 40.0), (9.0, 40.0), (0.5, 10.0)] {
            assert!((at(rank) - expected).abs() < 1e-12, "{rank}: {}", at(rank));
        }
    }
}
