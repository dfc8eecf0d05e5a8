//! How far a predicted value may be off because the parameters are.

use super::customer_values::TOO_MUCH;
use super::discounted_columns::{Detail, discounted_purchases};
use super::sloped::Sloped;
use super::transaction_model::sealed::CHECKED;
use super::unordered_sum::UnorderedSum;
use super::value_model::finite;
use super::{CustomerBase, Horizon, PurchaseHistory, SpendHistory, TransactionModel, ValueModel};
use crate::error::{Error, Result};
use crate::estimate::{Confidence, Estimate, Interval, Method};
use crate::money::MinorUnit;
use crate::money_estimate::MoneyEstimate;

impl<M: TransactionModel> ValueModel<M> {
    /// What all customers of a base are to be expected to bring, with an interval by the delta method.
    ///
    /// ```text
    /// value exp(-+ z s),  s^2 = g' C g + h' D h
    /// g, h = derivatives of ln value in the logarithms of the parameters of purchases and of spend
    /// C, D = covariances of those logarithms, from the two fits, which are taken as independent
    /// ```
    ///
    /// The interval is normal in the logarithm, so it never falls to 0. The point is that of [`CustomerValues::total`].
    ///
    /// **What the interval is of.** It says how far the *expectation* may be off because the parameters were estimated from so many
    /// customers. It does not say how far actual purchases will lie from their expectation: for a base as large as the one that was fitted
    /// that is of the same order, and for one customer it is nearly everything (see [`customer_estimate`](Self::customer_estimate)). Nor
    /// does it cover a model that is wrong, a margin that changes, or customers who have not come yet.
    ///
    /// [`CustomerValues::total`]: super::CustomerValues::total
    ///
    /// # Errors
    /// Those of [`values`](Self::values); [`Error::Undefined`](crate::Error::Undefined) if a model was given rather than fitted or its fit
    /// did not converge; [`Error::Overflow`](crate::Error::Overflow) if an end exceeds what 28 digits hold.
    pub fn total_estimate(&self, base: &CustomerBase<'_>, unit: MinorUnit, confidence: Confidence) -> Result<MoneyEstimate> {
        let (point, of_purchases, of_spend) = self.sloped_total(base)?;
        let variance = self.uncertainty.variance(&of_purchases)? + self.worth.variance(&of_spend)?;
        let interval = around(point, variance, confidence)?;
        Estimate::holding(point, interval, confidence, Method::DeltaOnLogarithm, self.uncertainty.n()?).in_money(1.into(), unit)
    }

    /// The total, with its derivatives in the logarithms of the parameters of purchases and of spend.
    fn sloped_total(&self, base: &CustomerBase<'_>) -> Result<(f64, [f64; 4], [f64; 3])> {
        self.worth.check(base)?;
        let purchases: Vec<Sloped> = discounted_purchases(&self.purchases, base.histories(), self.horizon)?;
        let mut total = UnorderedSum::default();
        let (mut of_purchases, mut of_spend): ([UnorderedSum; 4], [UnorderedSum; 3]) = Default::default();
        for (row, (purchases, spend)) in purchases.iter().zip(base.spends()).enumerate() {
            let worth = self.worth.of_customer(&spend).map_err(|error| error.at_row(row))?;
            total.add(finite(purchases.value * worth).map_err(|error: Error| error.at_row(row))?);
            of_purchases.iter_mut().zip(purchases.slopes).for_each(|(sum, slope)| sum.add(slope * worth));
            of_spend.iter_mut().zip(self.worth.slopes(&spend, worth)).for_each(|(sum, slope)| sum.add(slope * purchases.value));
        }
        Ok((total.finish()?, finished(&of_purchases)?, finished(&of_spend)?))
    }

    /// What one customer is to be expected to bring, with an interval for this expectation.
    ///
    /// **It is not where the customer's own purchases will lie.** It says how well the average over many customers with this history is
    /// known. One such customer may have left already and never buy again, or buy many times: for that see the probabilities of
    /// [`BetaGeometricOutlook::distribution_of_purchases`](super::BetaGeometricOutlook::distribution_of_purchases), and for the amount of each purchase
    /// [`SpendOutlook::amount_quantile`](super::SpendOutlook::amount_quantile).
    ///
    /// # Errors
    /// As [`total_estimate`](Self::total_estimate).
    pub fn customer_estimate(
        &self,
        history: &PurchaseHistory,
        spend: &SpendHistory,
        unit: MinorUnit,
        confidence: Confidence,
    ) -> Result<MoneyEstimate> {
        let worth = self.worth.of_customer(spend)?;
        let purchases = sloped_purchases(&self.purchases, history, self.horizon)?;
        let point = finite(purchases.value * worth)?;
        let of_purchases = purchases.slopes.map(|slope| slope * worth);
        let of_spend = self.worth.slopes(spend, worth).map(|slope| slope * purchases.value);
        let variance = self.uncertainty.variance(&of_purchases)? + self.worth.variance(&of_spend)?;
        let interval = around(point, variance, confidence)?;
        Estimate::holding(point, interval, confidence, Method::DeltaOnLogarithm, self.uncertainty.n()?).in_money(1.into(), unit)
    }

    /// An interval for what each customer is to be expected to bring, unrounded, in the order of the rows: what
    /// [`customer_estimate`](Self::customer_estimate) gives for one, and with its meaning.
    ///
    /// # Errors
    /// As [`total_estimate`](Self::total_estimate).
    pub fn intervals(&self, base: &CustomerBase<'_>, confidence: Confidence) -> Result<Vec<Interval>> {
        self.worth.check(base)?;
        let columns = base.histories();
        let purchases: Vec<Sloped> = discounted_purchases(&self.purchases, columns, self.horizon)?;
        let mut intervals = Vec::with_capacity(columns.rows());
        for (row, (purchases, spend)) in purchases.iter().zip(base.spends()).enumerate() {
            let interval = || {
                let worth = self.worth.of_customer(&spend)?;
                let of_spend = self.worth.slopes(&spend, worth).map(|slope| slope * purchases.value);
                let of_purchases = purchases.slopes.map(|slope| slope * worth);
                let variance = self.uncertainty.variance(&of_purchases)? + self.worth.variance(&of_spend)?;
                around(finite(purchases.value * worth)?, variance, confidence)
            };
            intervals.push(interval().map_err(|error| error.at_row(row))?);
        }
        Ok(intervals)
    }
}

/// The discounted purchases of one customer, with their derivatives in the logarithms of the parameters. The horizon has been checked.
pub(super) fn sloped_purchases<M: TransactionModel>(model: &M, history: &PurchaseHistory, horizon: Horizon) -> Result<Sloped> {
    let there = <Sloped as Detail>::exact(model, history.frequency(), history.age(), horizon)?;
    Ok(model.sloped_alive(history, CHECKED).times(there))
}

pub(super) fn finished<const N: usize>(sums: &[UnorderedSum; N]) -> Result<[f64; N]> {
    let mut finished = [0.0; N];
    for (finished, sum) in finished.iter_mut().zip(sums) {
        *finished = sum.finish()?;
    }
    Ok(finished)
}

/// An interval that is normal in the logarithm of the size of a value, around it.
pub(super) fn around(point: f64, variance: f64, confidence: Confidence) -> Result<Interval> {
    if point.abs() <= 0.0 {
        return Interval::new(point, point);
    }
    let distance = confidence.two_sided_z() * (variance.sqrt() / point.abs());
    let (near, far) = (point * (-distance).exp(), point * distance.exp());
    if far.is_finite() { Interval::new(near.min(far), near.max(far)) } else { Err(TOO_MUCH) }
}

#[cfg(test)]
mod tests {
    use super::super::{BgNbd, GammaGamma, MbgNbd, Model, PurchaseColumns, PurchaseWorth, SpendBasis, UnpaidRule};
    use super::*;
    use crate::lifetime_value::DiscountRate;
    use crate::proportion::Proportion;

    fn number(value: &serde_json::Value) -> f64 {
        value.as_str().unwrap().parse().unwrap()
    }

    fn numbers<const N: usize>(value: &serde_json::Value) -> [f64; N] {
        value.as_array().unwrap().iter().map(number).collect::<Vec<f64>>().try_into().unwrap()
    }

    fn slopes<M: TransactionModel>(expected: &serde_json::Value, base: &CustomerBase<'_>) -> [f64; 7] {
        let spend = GammaGamma::from_parameters(numbers(&expected["spend"])).unwrap();
        let horizon = &expected["horizon"];
        let rate = DiscountRate::new(horizon["discount_rate"].as_str().unwrap().parse().unwrap()).unwrap();
        let periods = horizon["periods"].as_u64().unwrap().try_into().unwrap();
        let horizon = Horizon::by_period(periods, number(&horizon["length"]), rate).unwrap();
        let purchases = M::from_parameters(numbers(&expected["purchases"])).unwrap();
        let worth = PurchaseWorth::from_spend(&spend, SpendBasis::Customer, Proportion::ONE);
        let (_, [r, alpha, a, b], [p, q, v]) = ValueModel::new(purchases, worth, horizon).unwrap().sloped_total(base).unwrap();
        [r, alpha, a, b, p, q, v]
    }

    /// `tests/data/customer_value.json`: mpmath at 30 digits.
    #[test]
    fn derivatives_agree_with_mpmath() {
        let file: serde_json::Value = serde_json::from_str(include_str!("../../tests/data/customer_value.json")).unwrap();
        let few = file["few"].as_array().unwrap();
        let column = |at: usize| few.iter().map(|row| number(&row[at])).collect::<Vec<f64>>();
        let frequency: Vec<u64> = few.iter().map(|row| row[0].as_u64().unwrap()).collect();
        let (recency, age, mean_spend) = (column(1), column(2), column(3));
        let histories = PurchaseColumns::new(&frequency, &recency, &age).unwrap();
        let base = CustomerBase::new(histories).with_spend(&frequency, &mean_spend, UnpaidRule::Drop).unwrap();
        let by_period = |expected: &&serde_json::Value| expected["name"] == "few" && expected["horizon"]["kind"] == "periods";
        let mut compared = 0;
        for expected in file["bases"].as_array().unwrap().iter().filter(by_period) {
            let got = if expected["model"] == "bg" { slopes::<BgNbd>(expected, &base) } else { slopes::<MbgNbd>(expected, &base) };
            let total = number(&expected["total"]);
            for (got, exact) in got.into_iter().zip(numbers::<7>(&expected["slopes"])) {
                assert!((got - exact).abs() <= 1e-9 * exact.abs() + 1e-10 * total, "{got} is not {exact}: {expected}");
                compared += 1;
            }
        }
        assert_eq!(compared, 8 * 7);
    }
}
