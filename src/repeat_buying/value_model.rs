//! Lifetime value: expected purchases x what each is worth, discounted.

use super::customer_values::TOO_MUCH;
use super::discounted_columns::discounted_purchases;
use super::purchase_worth::Uncertainty;
use super::{CustomerBase, CustomerValues, Fit, Horizon, PurchaseHistory, PurchaseWorth, SpendHistory, TransactionModel};
use crate::error::{Error, Result};

/// The lifetime value that remains of customers: what they are to be expected to bring from the end of the watch on.
///
/// ```text
/// value = discounted purchases within the horizon  x  worth of a purchase
///       = e.g. sum over months i = 1 ... 12 of (E(i) - E(i - 1)) / (1 + rate)^i  x  margin  x  p (v + x zbar) / (q + p x - 1)
/// ```
///
/// Its definition is in three parts: a [`TransactionModel`], a [`PurchaseWorth`] and a [`Horizon`]. How often customers buy and how much
/// they spend are taken as independent, as the Gamma-Gamma model supposes; look at
/// [`SpendTable::purchase_spend_correlation`](super::SpendTable::purchase_spend_correlation) first. The value is that of the purchases to
/// come: what was paid so far is not in it. Serialised, it is a record of these three parts; the covariance of a fit is not in it.
///
/// ```
/// use customer_metrics::lifetime_value::DiscountRate;
/// use customer_metrics::repeat_buying::{
///     BgNbd, CustomerBase, GammaGamma, Horizon, PeriodLength, PurchaseColumns, PurchaseTable, PurchaseWorth, SpendBasis, SpendTable, UnpaidRule, ValueModel,
/// };
/// use customer_metrics::{Confidence, MinorUnit, Proportion};
///
/// # let text = include_str!("../../tests/data/cdnow_summary.csv");
/// # let rows: Vec<Vec<f64>> = text.lines().skip(1).map(|line| line.split(',').map(|field| field.parse().unwrap()).collect()).collect();
/// # let column = |at: usize| rows.iter().map(|row| row[at]).collect::<Vec<f64>>();
/// # let frequency: Vec<u64> = rows.iter().map(|row| row[1] as u64).collect();
/// # let (recency, age, mean_spend) = (column(2), column(3), column(4));
/// // Columns of CDNOW: repeat purchases, weeks to the last one, weeks watched, mean spend.
/// let histories = PurchaseColumns::new(&frequency, &recency, &age)?;
/// let base = CustomerBase::new(histories).with_spend(&frequency, &mean_spend, UnpaidRule::Drop)?;
///
/// let purchases = BgNbd::fit(&PurchaseTable::from_columns(histories))?;
/// let spend = GammaGamma::fit(&SpendTable::from_columns(&frequency, &mean_spend, UnpaidRule::Drop)?)?;
/// let worth = PurchaseWorth::from_fitted_spend(&spend, SpendBasis::Customer, Proportion::from_percent(30.into())?);
/// // A year, month by month, at 1% a month.
/// let month = PeriodLength::MEAN_GREGORIAN_MONTH.in_units_of(PeriodLength::WEEK);
/// let horizon = Horizon::by_period(12, month, DiscountRate::from_percent(1.into())?)?;
/// let model = ValueModel::fitted(&purchases, worth, horizon)?;
///
/// let values = model.values(&base)?;
/// assert_eq!(values.amounts(MinorUnit::CENT)?[0].to_string(), "10.89");
/// let estimate = model.total_estimate(&base, MinorUnit::CENT, Confidence::P95)?;
/// assert_eq!(estimate.point(), values.total(MinorUnit::CENT)?);
/// println!("{estimate}");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// Source: P. S. Fader, B. G. S. Hardie and K. L. Lee, "RFM and CLV: Using Iso-Value Curves for Customer Base Analysis", Journal of
/// Marketing Research 42 (2005), 415-430.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ValueModel<M> {
    pub(super) purchases: M,
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(super) uncertainty: Uncertainty<4>,
    pub(super) worth: PurchaseWorth,
    pub(super) horizon: Horizon,
}

impl<M: TransactionModel> ValueModel<M> {
    /// Values by a model of purchases with known parameters. They have no intervals.
    ///
    /// # Errors
    /// Those of [`TransactionModel::purchases_over`] for a new customer: a horizon without end and discount over
    /// which customers who never leave would buy without end.
    pub fn new(purchases: M, worth: PurchaseWorth, horizon: Horizon) -> Result<Self> {
        Self::checked(purchases, Uncertainty::Unknown { because: "the model of purchases was given, not fitted" }, worth, horizon)
    }

    /// Values by a fitted model of purchases, whatever the [status](Fit::status) of the fit: intervals are refused where it did not
    /// converge, the values are not.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn fitted(purchases: &Fit<M>, worth: PurchaseWorth, horizon: Horizon) -> Result<Self> {
        let uncertainty = Uncertainty::of(purchases, "the fit of the model of purchases did not converge");
        Self::checked(purchases.model().clone(), uncertainty, worth, horizon)
    }

    fn checked(purchases: M, uncertainty: Uncertainty<4>, worth: PurchaseWorth, horizon: Horizon) -> Result<Self> {
        purchases.purchases_over(&PurchaseHistory::NEW, horizon)?;
        Ok(Self { purchases, uncertainty, worth, horizon })
    }

    /// The model of purchases.
    #[must_use]
    pub fn purchases(&self) -> &M {
        &self.purchases
    }

    /// What a purchase is worth.
    #[must_use]
    pub fn worth(&self) -> &PurchaseWorth {
        &self.worth
    }

    /// Which purchases count, and how they are discounted.
    #[must_use]
    pub fn horizon(&self) -> Horizon {
        self.horizon
    }

    /// What one customer is to be expected to bring, unrounded.
    ///
    /// # Errors
    /// Those of [`TransactionModel::purchases_over`] and [`PurchaseWorth::of_customer`]; [`Error::Overflow`] if the value exceeds
    /// the largest double.
    pub fn value(&self, history: &PurchaseHistory, spend: &SpendHistory) -> Result<f64> {
        finite(self.purchases.purchases_over(history, self.horizon)? * self.worth.of_customer(spend)?)
    }

    /// What each customer of a base is to be expected to bring.
    ///
    /// Customers with the same frequency need the special functions of a few; a value is, as [`value`](Self::value) is, within
    /// 1e-11 relative.
    ///
    /// # Errors
    /// [`Error::Undefined`] if the worth is that of the customer's spend and the base has none; [`Error::Row`] with the first row whose
    /// value does not exist or overflows.
    pub fn values(&self, base: &CustomerBase<'_>) -> Result<CustomerValues> {
        self.worth.check(base)?;
        let mut values: Vec<f64> = discounted_purchases(&self.purchases, base.histories(), self.horizon)?;
        for (row, (value, spend)) in values.iter_mut().zip(base.spends()).enumerate() {
            let worth = self.worth.of_customer(&spend).map_err(|error| error.at_row(row))?;
            *value = finite(*value * worth).map_err(|error: Error| error.at_row(row))?;
        }
        Ok(CustomerValues::new(values))
    }
}

pub(super) fn finite(value: f64) -> Result<f64> {
    if value.is_finite() { Ok(value) } else { Err(TOO_MUCH) }
}
