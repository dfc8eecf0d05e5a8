//! What customers with a contract are worth.

use rust_decimal::Decimal;

use super::purchase_worth::Uncertainty;
use super::sloped::slopes_by_differences;
use super::unordered_sum::UnorderedSum;
use super::value_interval::{around, finished};
use super::value_model::finite;
use super::{Fit, Model, ShiftedBetaGeometric};
use crate::decimal::{self, count_to_f64};
use crate::error::{Error, Result};
use crate::estimate::{Confidence, Estimate, Method};
use crate::lifetime_value::DiscountRate;
use crate::money::MinorUnit;
use crate::money_estimate::MoneyEstimate;

/// The lifetime value that remains of customers with a contract: the margin of a period times the discounted periods that are to be expected.
///
/// ```text
/// value = margin x sum over t = n, n + 1, ... of S(t) / S(n - 1) / (1 + d)^(t - n)
/// n = the renewal that is due now; 0 for a new customer, whose first payment is, so that S(n - 1) = 1
/// ```
///
/// It is [`discounted_expected_lifetime`](ShiftedBetaGeometric::discounted_expected_lifetime) of a new customer and
/// [`discounted_expected_residual_lifetime`](ShiftedBetaGeometric::discounted_expected_residual_lifetime) of one whose n-th renewal is due, in
/// money. What was paid before is not in it.
///
/// ```
/// use customer_metrics::lifetime_value::DiscountRate;
/// use customer_metrics::repeat_buying::{ContractValueModel, RenewalTable, ShiftedBetaGeometric};
/// use customer_metrics::{Confidence, MinorUnit};
///
/// let fit = ShiftedBetaGeometric::fit(&RenewalTable::from_active(&[1_000, 869, 743, 653, 593, 551, 517, 491])?)?;
/// let yearly = DiscountRate::from_percent(10.into())?;
/// let model = ContractValueModel::fitted(&fit, 50.into(), yearly);
/// assert_eq!(model.amount(0, MinorUnit::CENT)?.to_string(), "296.11");
///
/// // 491 customers whose eighth renewal is due, and 200 new ones; the next five years of them.
/// let base = [(8, 491), (0, 200)];
/// println!("{}", model.total_estimate(&base, MinorUnit::CENT, Confidence::P95)?);
/// let five_years = model.within(5);
/// assert!(five_years.total(&base, MinorUnit::CENT)? < model.total(&base, MinorUnit::CENT)?);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// Source: P. S. Fader and B. G. S. Hardie, "Customer-Base Valuation in a Contractual Setting: The Perils of Ignoring Heterogeneity",
/// Marketing Science 29 (2010), 85-93.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ContractValueModel {
    renewals: ShiftedBetaGeometric,
    #[cfg_attr(feature = "serde", serde(skip))]
    uncertainty: Uncertainty<2>,
    #[cfg_attr(feature = "serde", serde(serialize_with = "decimal::text::serialize"))]
    margin: Decimal,
    discount_rate: DiscountRate,
    periods: Option<u32>,
}

impl ContractValueModel {
    /// Values by a model with known parameters, without an end, where a period of each customer leaves this margin. They have no intervals.
    #[must_use]
    pub fn new(renewals: ShiftedBetaGeometric, margin: Decimal, discount_rate: DiscountRate) -> Self {
        let uncertainty = Uncertainty::Unknown { because: "the model of renewals was given, not fitted" };
        Self { renewals, uncertainty, margin, discount_rate, periods: None }
    }

    /// Values by a fitted model, whatever the [status](Fit::status) of the fit: intervals are refused where it did not converge, the values
    /// are not. The margin is taken as known without error.
    #[must_use]
    pub fn fitted(renewals: &Fit<ShiftedBetaGeometric>, margin: Decimal, discount_rate: DiscountRate) -> Self {
        let uncertainty = Uncertainty::of(renewals, "the fit of the model of renewals did not converge");
        Self { uncertainty, ..Self::new(*renewals.model(), margin, discount_rate) }
    }

    /// The same for so many periods, of which the first is the one that is paid for now.
    #[must_use]
    pub fn within(self, periods: u32) -> Self {
        Self { periods: Some(periods), ..self }
    }

    /// The model of renewals.
    #[must_use]
    pub fn renewals(&self) -> &ShiftedBetaGeometric {
        &self.renewals
    }

    /// What a period of a customer leaves.
    #[must_use]
    pub fn margin(&self) -> Decimal {
        self.margin
    }

    /// By how much the payment of a period is worth less than that of the one before.
    #[must_use]
    pub fn discount_rate(&self) -> DiscountRate {
        self.discount_rate
    }

    /// How many periods count; nothing where there is no end.
    #[must_use]
    pub fn periods(&self) -> Option<u32> {
        self.periods
    }

    /// What a customer is to be expected to bring whose renewal of this number is due now (0 for a new one), unrounded.
    ///
    /// # Errors
    /// [`Error::Undefined`] without discount and end where `alpha` is 1 or less: some customers stay too long for the expectation to exist;
    /// [`Error::Overflow`] if it exceeds the largest double.
    pub fn value(&self, renewal_due: u32) -> Result<f64> {
        finite(decimal::to_f64(self.margin) * self.lifetime(&self.renewals, renewal_due)?)
    }

    /// The same in money, rounded once, half away from zero.
    ///
    /// # Errors
    /// Those of [`value`](Self::value); [`Error::Overflow`] if it does not fit 28 digits.
    pub fn amount(&self, renewal_due: u32, unit: MinorUnit) -> Result<Decimal> {
        Ok(unit.round(decimal::from_f64("customer value", self.value(renewal_due)?)?))
    }

    /// What all customers of a base are to be expected to bring: for each renewal that is due, how many of them; rounded once.
    ///
    /// # Errors
    /// [`Error::Row`] with the first entry that has an error of [`value`](Self::value); [`Error::Overflow`] if the total does not fit 28
    /// digits.
    pub fn total(&self, base: &[(u32, u64)], unit: MinorUnit) -> Result<Decimal> {
        let [total, ..] = self.sums(base, |_| Ok([0.0; 2]))?;
        Ok(unit.round(decimal::from_f64("customer value", total)?))
    }

    /// What a customer is to be expected to bring whose renewal of this number is due now (0 for a new one), with an interval of this
    /// expectation by the delta method: how well the average over many such customers is known, not where one of them will lie.
    ///
    /// ```text
    /// value exp(-+ z s),  s^2 = g' C g
    /// g = derivatives of ln value in the logarithms of the parameters, by differences,  C = covariance of those logarithms
    /// ```
    ///
    /// # Errors
    /// Those of [`value`](Self::value); [`Error::Undefined`] if the model was given rather than fitted or its fit did not converge;
    /// [`Error::Overflow`] if an end exceeds what 28 digits hold.
    pub fn customer_estimate(&self, renewal_due: u32, unit: MinorUnit, confidence: Confidence) -> Result<MoneyEstimate> {
        self.value(renewal_due)?;
        self.total_estimate(&[(renewal_due, 1)], unit, confidence)
    }

    /// What all customers of a base are to be expected to bring, with an interval made in the same way. The intervals of customers do not add
    /// up to it, as all depend on the same parameters.
    ///
    /// # Errors
    /// Those of [`total`](Self::total) and [`customer_estimate`](Self::customer_estimate).
    pub fn total_estimate(&self, base: &[(u32, u64)], unit: MinorUnit, confidence: Confidence) -> Result<MoneyEstimate> {
        let [alpha, beta] = self.renewals.parameters();
        let slopes = |renewal_due: u32| {
            slopes_by_differences(|[of_alpha, of_beta]: [f64; 2]| {
                self.lifetime(&ShiftedBetaGeometric::new(alpha * of_alpha, beta * of_beta)?, renewal_due)
            })
        };
        let n = self.uncertainty.n()?;
        let [point, along_alpha, along_beta] = self.sums(base, slopes)?;
        let interval = around(point, self.uncertainty.variance(&[along_alpha, along_beta])?, confidence)?;
        Estimate::holding(point, interval, confidence, Method::DeltaOnLogarithm, n).in_money(1.into(), unit)
    }

    /// The value of all and its derivatives, where `slopes` gives those of a lifetime.
    fn sums(&self, base: &[(u32, u64)], slopes: impl Fn(u32) -> Result<[f64; 2]>) -> Result<[f64; 3]> {
        let mut sums: [UnorderedSum; 3] = Default::default();
        let margin = decimal::to_f64(self.margin);
        for (row, &(renewal_due, customers)) in base.iter().enumerate() {
            let weight = margin * count_to_f64(customers);
            let terms = || {
                let [along_alpha, along_beta] = slopes(renewal_due)?;
                Ok([self.lifetime(&self.renewals, renewal_due)?, along_alpha, along_beta])
            };
            let terms: [f64; 3] = terms().map_err(|error: Error| error.at_row(row))?;
            sums.iter_mut().zip(terms).for_each(|(sum, term)| sum.add(weight * term));
        }
        finished(&sums)
    }

    fn lifetime(&self, model: &ShiftedBetaGeometric, renewal_due: u32) -> Result<f64> {
        let d = decimal::to_f64(self.discount_rate.rate());
        match (renewal_due, self.periods) {
            (0, None) => model.discounted_expected_lifetime(d),
            (0, Some(periods)) => model.discounted_expected_lifetime_within(periods, d),
            (due, None) => model.discounted_expected_residual_lifetime(due, d),
            (due, Some(periods)) => model.discounted_expected_residual_lifetime_within(due, periods, d),
        }
    }
}
