//! How far a predicted value may be off because the parameters are.

use super::customer_values::{TOO_MUCH, compensated_sum};
use super::discounted_columns::discounted_purchases;
use super::maximum::combine;
use super::{CustomerBase, PurchaseColumns, PurchaseHistory, SpendHistory, TransactionModel, ValueModel};
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
    pub fn total_estimate(&self, base: &CustomerBase<'_>, confidence: Confidence, unit: MinorUnit) -> Result<MoneyEstimate> {
        let point = self.values(base)?.sum()?;
        let interval = self.total_interval(point, base, confidence)?;
        Estimate::holding(point, interval, confidence, Method::DeltaOnLogarithm, self.uncertainty.n()?).in_money(1.into(), unit)
    }

    fn total_interval(&self, point: f64, base: &CustomerBase<'_>, confidence: Confidence) -> Result<Interval> {
        let (of_purchases, of_spend) = self.total_slopes(base)?;
        let variance = self.uncertainty.variance(&of_purchases)? + self.worth.variance(&of_spend)?;
        around(point, variance, confidence)
    }

    /// The derivatives of the total in the logarithms of the parameters of purchases and of spend.
    fn total_slopes(&self, base: &CustomerBase<'_>) -> Result<([f64; 4], [f64; 3])> {
        let histories = WeightedHistories::new(self, base)?;
        let columns = histories.columns()?;
        let purchases = discounted_purchases(&self.purchases, columns, self.horizon)?;
        let sum = |purchases: &[f64], weights: &[f64]| compensated_sum(purchases.iter().zip(weights).map(|(value, weight)| value * weight));
        let of_spend = histories.slopes.each_ref().map(|slopes| sum(&purchases, slopes));
        Ok((self.purchase_slopes(columns, |purchases| sum(purchases, &histories.worth))?, of_spend))
    }

    /// What one customer is to be expected to bring, with an interval for this expectation.
    ///
    /// **It is not where the customer's own purchases will lie.** It says how well the average over many customers with this history is
    /// known. One such customer may have left already and never buy again, or buy many times: for that see the probabilities of
    /// [`Outlook::distribution_of_purchases`](super::Outlook::distribution_of_purchases), and for the amount of each purchase
    /// [`SpendOutlook::amount_quantile`](super::SpendOutlook::amount_quantile).
    ///
    /// # Errors
    /// As [`total_estimate`](Self::total_estimate).
    pub fn customer_estimate(
        &self,
        history: &PurchaseHistory,
        spend: &SpendHistory,
        confidence: Confidence,
        unit: MinorUnit,
    ) -> Result<MoneyEstimate> {
        let (frequency, recency, age) = ([history.frequency()], [history.recency()], [history.age()]);
        let columns = PurchaseColumns::new(&frequency, &recency, &age)?;
        let worth = self.worth.of_customer(spend)?;
        let point = self.value(history, spend)?;
        let purchases = self.purchases.discounted_purchases(history, self.horizon)?;
        let of_purchases = self.purchase_slopes(columns, |purchases| worth * purchases.first().copied().unwrap_or(0.0))?;
        let of_spend = self.worth.slopes(spend, worth).map(|slope| slope * purchases);
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
        let purchases = discounted_purchases(&self.purchases, columns, self.horizon)?;
        let mut slopes = vec![[0.0; 4]; columns.rows()];
        for parameter in 0..4 {
            for (by, factor) in STENCIL {
                let moved = discounted_purchases(&self.moved(parameter, by)?, columns, self.horizon)?;
                for (slopes, moved) in slopes.iter_mut().zip(moved) {
                    slopes.iter_mut().skip(parameter).take(1).for_each(|slope| *slope += factor * moved);
                }
            }
        }
        let mut intervals = Vec::with_capacity(columns.rows());
        for (row, ((purchases, slopes), spend)) in purchases.iter().zip(&slopes).zip(base.spends()).enumerate() {
            let interval = || {
                let worth = self.worth.of_customer(&spend)?;
                let of_spend = self.worth.slopes(&spend, worth).map(|slope| slope * purchases);
                let of_purchases = slopes.map(|slope| slope * worth);
                let variance = self.uncertainty.variance(&of_purchases)? + self.worth.variance(&of_spend)?;
                around(purchases * worth, variance, confidence)
            };
            intervals.push(interval().map_err(|error| error.at_row(row))?);
        }
        Ok(intervals)
    }

    /// The derivatives of something that is computed from a column of discounted purchases, in the logarithms of the parameters.
    fn purchase_slopes(&self, columns: PurchaseColumns<'_>, of: impl Fn(&[f64]) -> f64) -> Result<[f64; 4]> {
        let mut slopes = [0.0; 4];
        for (parameter, slope) in slopes.iter_mut().enumerate() {
            for (by, factor) in STENCIL {
                let moved = discounted_purchases(&self.moved(parameter, by)?, columns, self.horizon);
                // The rows of these columns are not the caller's.
                *slope += factor * of(&moved.map_err(without_row)?);
            }
        }
        Ok(slopes)
    }

    /// The model of purchases with the logarithm of one parameter moved.
    fn moved(&self, parameter: usize, by: f64) -> Result<M> {
        let mut factors = [1.0; 4];
        factors.iter_mut().skip(parameter).take(1).for_each(|factor| *factor = by.exp());
        M::from_parameters(combine(&self.purchases.parameters(), &factors, |parameter, factor| parameter * factor))
    }
}

fn without_row(error: Error) -> Error {
    match error {
        Error::Row { source, .. } => *source,
        other => other,
    }
}

/// The step of the differences: what they leave out is some 1e-13, and the digits that they lose are three of fourteen.
const STEP: f64 = 1e-3;

/// The first derivative by four points, of the fourth order: where each is, and its factor.
const STENCIL: [(f64, f64); 4] =
    [(-2.0 * STEP, 1.0 / (12.0 * STEP)), (-STEP, -8.0 / (12.0 * STEP)), (STEP, 8.0 / (12.0 * STEP)), (2.0 * STEP, -1.0 / (12.0 * STEP))];

/// An interval that is normal in the logarithm of the size of a value, around it.
fn around(point: f64, variance: f64, confidence: Confidence) -> Result<Interval> {
    if point.abs() <= 0.0 {
        return Interval::new(point, point);
    }
    let distance = confidence.two_sided_z() * (variance.sqrt() / point.abs());
    let (near, far) = (point * (-distance).exp(), point * distance.exp());
    if far.is_finite() { Interval::new(near.min(far), near.max(far)) } else { Err(TOO_MUCH) }
}

/// The distinct purchase histories of a base in a fixed order, with what a purchase of all their customers is worth.
struct WeightedHistories {
    frequencies: Vec<u64>,
    recencies: Vec<f64>,
    ages: Vec<f64>,
    worth: Vec<f64>,
    /// In the logarithms of the parameters of spend.
    slopes: [Vec<f64>; 3],
}

impl WeightedHistories {
    fn new<M: TransactionModel>(model: &ValueModel<M>, base: &CustomerBase<'_>) -> Result<Self> {
        let key = |(history, spend): &(PurchaseHistory, SpendHistory)| {
            let times = (history.age().to_bits(), history.recency().to_bits());
            (history.frequency(), times, spend.purchases(), spend.mean_spend().to_bits())
        };
        let mut rows: Vec<(PurchaseHistory, SpendHistory)> = base.iter().collect();
        rows.sort_unstable_by_key(key);
        let mut histories =
            Self { frequencies: Vec::new(), recencies: Vec::new(), ages: Vec::new(), worth: Vec::new(), slopes: Default::default() };
        let mut last = None;
        for (history, spend) in rows {
            if last != Some(history) {
                histories.frequencies.push(history.frequency());
                histories.recencies.push(history.recency());
                histories.ages.push(history.age());
                histories.worth.push(0.0);
                histories.slopes.iter_mut().for_each(|slopes| slopes.push(0.0));
                last = Some(history);
            }
            let worth = model.worth.of_customer(&spend)?;
            histories.worth.last_mut().into_iter().for_each(|sum| *sum += worth);
            for (slopes, slope) in histories.slopes.iter_mut().zip(model.worth.slopes(&spend, worth)) {
                slopes.last_mut().into_iter().for_each(|sum| *sum += slope);
            }
        }
        Ok(histories)
    }

    fn columns(&self) -> Result<PurchaseColumns<'_>> {
        PurchaseColumns::new(&self.frequencies, &self.recencies, &self.ages)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{BgNbd, GammaGamma, Horizon, MbgNbd, Model, PurchaseWorth, SpendBasis, UnpaidRule};
    use super::*;
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
        let horizon = Horizon::Periods {
            periods: horizon["periods"].as_u64().unwrap().try_into().unwrap(),
            length: number(&horizon["length"]),
            discount_rate: number(&horizon["discount_rate"]),
        };
        let purchases = M::from_parameters(numbers(&expected["purchases"])).unwrap();
        let worth = PurchaseWorth::of_spend(&spend, SpendBasis::Customer, Proportion::ONE);
        let ([r, alpha, a, b], [p, q, v]) = ValueModel::new(purchases, worth, horizon).unwrap().total_slopes(base).unwrap();
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
