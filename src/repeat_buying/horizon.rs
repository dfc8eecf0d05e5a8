//! Which purchases to come count, and how much less a later one is worth.

use super::{BetaGeometricOutlook, ParetoOutlook};
use crate::error::{Bound, Error, Result};

/// Which purchases of the future count, and how they are discounted to today.
///
/// ```text
/// Within     integral of exp(-rate s) dE(s) over s from 0 to the time
/// Unlimited  the same, to infinity
/// Periods    sum over i = 1 ... periods of (E(i length) - E((i - 1) length)) / (1 + rate)^i
///
/// E(s) = purchases to be expected within s
/// ```
///
/// All times are in the unit of the model, so a horizon of any unit is stated in it: twelve months of a model in weeks are 12 periods of
/// the length 4.345. Rates differ in what they belong to: a continuous one to the unit of the model
/// ([`continuous_rate`](Self::continuous_rate) makes it of an interest), one by period to the period. The two differ in when a purchase
/// is paid, too: continuous discounting takes its moment, and periods book all purchases at their end, as spreadsheets and the Python
/// package lifetimes do, which is worth less.
///
/// ```
/// use customer_metrics::repeat_buying::{BgNbd, Horizon, PurchaseHistory, TransactionModel};
///
/// let model = BgNbd::new(0.243, 4.414, 0.793, 2.426)?;
/// let regular = PurchaseHistory::new(2, 30.43, 38.86)?;
/// let purchases = |horizon| model.discounted_purchases(&regular, horizon);
///
/// let months = Horizon::Periods { periods: 12, length: 4.345, discount_rate: 0.01 };
/// assert_eq!(format!("{:.3}", purchases(months)?), "1.471");
///
/// // The same year and the same interest, each purchase from its moment.
/// let rate = Horizon::continuous_rate(0.01, 4.345)?;
/// assert_eq!(format!("{:.3}", purchases(Horizon::Within { time: 12.0 * 4.345, discount_rate: rate })?), "1.479");
/// assert_eq!(format!("{:.3}", purchases(Horizon::Unlimited { discount_rate: rate })?), "5.647");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// Source: P. S. Fader, B. G. S. Hardie and K. L. Lee, "RFM and CLV: Using Iso-Value Curves for Customer Base Analysis", Journal of
/// Marketing Research 42 (2005), 415-430, for continuous discounting without an end.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case", deny_unknown_fields))]
#[non_exhaustive]
pub enum Horizon {
    /// The purchases within a time, each discounted from its moment.
    Within {
        /// From 0 to 1e100.
        time: f64,
        /// Continuous, in the unit of the model, from 0 to 1e100.
        discount_rate: f64,
    },
    /// All purchases to come, each discounted from its moment.
    Unlimited {
        /// Continuous, in the unit of the model, from 0 to 1e100; without a discount the sum exists for some models only.
        discount_rate: f64,
    },
    /// The purchases of so many periods, each discounted from the end of its period.
    Periods {
        /// At most 10,000.
        periods: u32,
        /// The length of one, in the unit of the model.
        length: f64,
        /// For each period, from 0 to 1e100.
        discount_rate: f64,
    },
}

impl Horizon {
    /// The continuous rate, in the unit of the model, of an interest for each period of a length in that unit: `ln(1 + interest) / length`.
    ///
    /// ```
    /// use customer_metrics::repeat_buying::Horizon;
    ///
    /// // 15% a year in a model of weeks.
    /// assert_eq!(format!("{:.6}", Horizon::continuous_rate(0.15, 52.0)?), "0.002688");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the interest is not within 0 to 1e100 or the length not within 1e-100 to 1e100.
    pub fn continuous_rate(interest: f64, length: f64) -> Result<f64> {
        let interest = super::outlook::time_ahead("interest", interest)?;
        if !(1e-100..=1e100).contains(&length) {
            return Err(Error::out_of_bounds("length of a period", length, Bound::Within(1e-100.into(), 1e100.into())));
        }
        Ok(interest.ln_1p() / length)
    }

    /// How much time it spans, where it has an end.
    pub(super) fn time(self) -> Option<f64> {
        match self {
            Self::Within { time, .. } => Some(time),
            Self::Unlimited { .. } => None,
            Self::Periods { periods, length, .. } => Some(f64::from(periods) * length),
        }
    }
}

impl BetaGeometricOutlook {
    /// The purchases to be expected within a horizon, discounted to today by its rule.
    ///
    /// # Errors
    /// Those of [`discounted_purchases_within`](Self::discounted_purchases_within), [`discounted_purchases`](Self::discounted_purchases)
    /// and [`discounted_purchases_by_period`](Self::discounted_purchases_by_period), which it calls.
    pub fn purchases_over(&self, horizon: Horizon) -> Result<f64> {
        match horizon {
            Horizon::Within { time, discount_rate } => self.discounted_purchases_within(time, discount_rate),
            Horizon::Unlimited { discount_rate } => self.discounted_purchases(discount_rate),
            Horizon::Periods { periods, length, discount_rate } => self.discounted_purchases_by_period(periods, length, discount_rate),
        }
    }
}

impl ParetoOutlook {
    /// The purchases to be expected within a horizon, discounted to today by its rule.
    ///
    /// # Errors
    /// Those of [`discounted_purchases_within`](Self::discounted_purchases_within), [`discounted_purchases`](Self::discounted_purchases)
    /// and [`discounted_purchases_by_period`](Self::discounted_purchases_by_period), which it calls.
    pub fn purchases_over(&self, horizon: Horizon) -> Result<f64> {
        match horizon {
            Horizon::Within { time, discount_rate } => self.discounted_purchases_within(time, discount_rate),
            Horizon::Unlimited { discount_rate } => self.discounted_purchases(discount_rate),
            Horizon::Periods { periods, length, discount_rate } => self.discounted_purchases_by_period(periods, length, discount_rate),
        }
    }
}
