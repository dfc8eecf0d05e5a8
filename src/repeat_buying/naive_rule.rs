//! Predictions without a model, which a model must beat.

use core::fmt;

use super::PurchaseColumns;
use super::outlook::time_ahead;
use crate::decimal::count_to_f64;
use crate::error::{Error, Result};

/// A rule of thumb for what customers will buy.
///
/// A model that does not predict better than each of these has found nothing that they do not know.
///
/// ```
/// use customer_metrics::repeat_buying::{NaiveRule, PurchaseColumns};
///
/// let columns = PurchaseColumns::new(&[4, 0], &[30.0, 0.0], &[40.0, 40.0])?;
/// assert_eq!(NaiveRule::SameRate.predictions(columns, 10.0)?, [1.0, 0.0]);
/// assert_eq!(NaiveRule::NobodyBuysAgain.predictions(columns, 10.0)?, [0.0, 0.0]);
/// assert_eq!(NaiveRule::MeanOfAll.predictions(columns, 10.0)?, [0.5, 0.5]);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum NaiveRule {
    /// All buy at the rate of their own repeat purchases so far: `x / T` in a unit of time, for ever. It is the frequency in order value x
    /// frequency x years. Who has just come has no rate and buys nothing.
    SameRate,
    /// All have left.
    NobodyBuysAgain,
    /// All buy at the rate of all customers together: the sum of `x` over the sum of `T`.
    MeanOfAll,
}

impl NaiveRule {
    /// Every rule.
    pub const ALL: [Self; 3] = [Self::SameRate, Self::NobodyBuysAgain, Self::MeanOfAll];

    /// What each customer will buy within so long a time after the watch, in the order of the rows.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the time is not within 0 to 1e100; [`Error::Undefined`] for [`MeanOfAll`](Self::MeanOfAll) if nobody has
    /// been watched for any time; [`Error::Row`] with the first row whose prediction exceeds the largest double.
    pub fn predictions(self, columns: PurchaseColumns<'_>, within: f64) -> Result<Vec<f64>> {
        let within = time_ahead("time", within)?;
        let mean = match self {
            Self::MeanOfAll => mean_rate(columns)?,
            Self::SameRate | Self::NobodyBuysAgain => 0.0,
        };
        let of_row = |(row, history): (usize, super::PurchaseHistory)| {
            let rate = match self {
                Self::SameRate if history.frequency() > 0 => count_to_f64(history.frequency()) / history.age(),
                Self::SameRate | Self::NobodyBuysAgain => 0.0,
                Self::MeanOfAll => mean,
            };
            // No time ahead is no purchase, at an infinite rate too.
            let purchases = if within > 0.0 { rate * within } else { 0.0 };
            if purchases.is_finite() { Ok(purchases) } else { Err(overflow().at_row(row)) }
        };
        columns.iter().enumerate().map(of_row).collect()
    }
}

fn overflow() -> Error {
    Error::Overflow { field: "prediction", capacity: "a double" }
}

/// The same to the last bit, whatever the order of the customers.
fn mean_rate(columns: PurchaseColumns<'_>) -> Result<f64> {
    let purchases = columns.iter().fold(0_u128, |sum, history| sum.saturating_add(history.frequency().into()));
    let mut ages: Vec<f64> = columns.iter().map(|history| history.age()).collect();
    ages.sort_unstable_by(f64::total_cmp);
    let time: f64 = ages.iter().sum();
    if time <= 0.0 {
        return Err(Error::Undefined { metric: "mean rate of buying", because: "nobody has been watched for any time" });
    }
    Ok(crate::decimal::wide_count_to_f64(purchases) / time)
}

/// Such as `same rate as so far`.
impl fmt::Display for NaiveRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::SameRate => "same rate as so far",
            Self::NobodyBuysAgain => "nobody buys again",
            Self::MeanOfAll => "all buy as the mean",
        })
    }
}
