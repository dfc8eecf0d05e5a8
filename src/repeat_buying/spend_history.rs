//! What one customer has spent so far, in the two numbers that are enough.

use rust_decimal::Decimal;

use crate::decimal::{self, count_to_f64};
use crate::error::{Bound, Error, Result};
use crate::money::MoneyTally;

/// How many purchases of a customer have an amount, and what they come to on average.
///
/// ```text
/// purchases   x     purchases whose amount is known
/// mean spend  zbar  their amounts together, divided by x;  0 if and only if x is 0
/// ```
///
/// The two are enough for [`GammaGamma`](super::GammaGamma). It is the caller's choice whether the first purchase counts: Fader, Hardie
/// and Lee take repeat purchases, as [`PurchaseHistory::frequency`](super::PurchaseHistory::frequency) does. Amounts are floating numbers
/// here, in any one currency; [`from_total`](Self::from_total) and [`from_tally`](Self::from_tally) are the border that exact money crosses.
///
/// ```
/// use customer_metrics::repeat_buying::SpendHistory;
///
/// let regular = SpendHistory::new(2, 22.35)?;
/// assert_eq!(regular, SpendHistory::from_total(2, "44.70".parse().unwrap())?);
/// assert_eq!(SpendHistory::new(0, 0.0)?, SpendHistory::NONE);
///
/// let error = SpendHistory::new(2, 0.0).unwrap_err();
/// assert_eq!(error.to_string(), "mean spend is 0, but must be more than 0");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "SpendHistoryState", into = "SpendHistoryState")
)]
pub struct SpendHistory {
    purchases: u64,
    mean_spend: f64,
}

/// Means so small or so large that what is computed from them could overflow are refused.
const LEAST: f64 = 1e-100;
const MOST: f64 = 1e100;

impl SpendHistory {
    /// No purchase with an amount.
    pub const NONE: Self = Self { purchases: 0, mean_spend: 0.0 };

    /// So many purchases of so much on average.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless the mean spend is within 1e-100 to 1e100, or both are 0. Nothing spent, or more paid back than paid,
    /// is not a purchase to the model; [`UnpaidRule`](super::UnpaidRule) names what to do with columns that hold such rows.
    pub fn new(purchases: u64, mean_spend: f64) -> Result<Self> {
        if !mean_spend.is_finite() {
            return Err(Error::out_of_bounds("mean spend", mean_spend, Bound::Finite));
        }
        if purchases == 0 {
            return if mean_spend.abs() > 0.0 {
                Err(Error::out_of_bounds("mean spend", mean_spend, Bound::Exactly(0_u64.into())))
            } else {
                Ok(Self::NONE)
            };
        }
        if mean_spend <= 0.0 {
            return Err(Error::out_of_bounds("mean spend", mean_spend, Bound::MoreThan(0_u64.into())));
        }
        if !(LEAST..=MOST).contains(&mean_spend) {
            return Err(Error::out_of_bounds("mean spend", mean_spend, Bound::Within(LEAST.into(), MOST.into())));
        }
        Ok(Self { purchases, mean_spend })
    }

    /// So many purchases of so much together. The mean is rounded once, to 28 digits and then to the nearest double.
    ///
    /// # Errors
    /// As [`new`](Self::new); [`Error::OutOfBounds`] too if there is a total without purchases.
    pub fn from_total(purchases: u64, total: Decimal) -> Result<Self> {
        if purchases == 0 {
            if total.is_zero() {
                return Ok(Self::NONE);
            }
            return Err(Error::out_of_bounds("total", total, Bound::Exactly(0_u64.into())));
        }
        let mean = decimal::div("mean spend", "there are no purchases", total, purchases.into())?;
        Self::new(purchases, decimal::to_f64(mean))
    }

    /// The purchases of a customer that were recorded in a tally.
    ///
    /// ```
    /// use customer_metrics::{MoneyTally, Tally, repeat_buying::SpendHistory};
    ///
    /// let mut amounts = MoneyTally::default();
    /// amounts.extend(["29.33", "15.37"].map(|amount| amount.parse().unwrap()))?;
    /// assert_eq!(SpendHistory::from_tally(&amounts)?, SpendHistory::new(2, 22.35)?);
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`new`](Self::new); [`Error::Overflow`] if the mean has more digits than a [`Decimal`] can hold.
    pub fn from_tally(tally: &MoneyTally) -> Result<Self> {
        if tally.count() == 0 {
            return Ok(Self::NONE);
        }
        Self::new(tally.count(), decimal::to_f64(tally.mean()?))
    }

    /// A history that has been checked before.
    pub(super) fn checked(purchases: u64, mean_spend: f64) -> Self {
        debug_assert!(Self::new(purchases, mean_spend).is_ok(), "{purchases}, {mean_spend}");
        Self { purchases, mean_spend }
    }

    /// How many purchases.
    #[must_use]
    pub fn purchases(&self) -> u64 {
        self.purchases
    }

    /// What they come to on average; 0 if there is none.
    #[must_use]
    pub fn mean_spend(&self) -> f64 {
        self.mean_spend
    }

    /// What they come to together.
    pub(super) fn total(&self) -> f64 {
        count_to_f64(self.purchases) * self.mean_spend
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SpendHistoryState {
    purchases: u64,
    mean_spend: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<SpendHistoryState> for SpendHistory {
    type Error = Error;

    fn try_from(state: SpendHistoryState) -> Result<Self> {
        Self::new(state.purchases, state.mean_spend)
    }
}

#[cfg(feature = "serde")]
impl From<SpendHistory> for SpendHistoryState {
    fn from(history: SpendHistory) -> Self {
        Self { purchases: history.purchases, mean_spend: history.mean_spend }
    }
}
