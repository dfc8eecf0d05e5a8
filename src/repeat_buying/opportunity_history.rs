//! What one customer did at a number of opportunities to buy, in the three numbers that are enough.

use crate::error::{Bound, Error, Result};

/// How many of so many opportunities a customer took, and which was the last.
///
/// ```text
/// frequency     x    purchases, at most one an opportunity; what made someone a customer does not count
/// recency       t_x  the number of the opportunity of the last purchase, counted from 1; 0 if there was none
/// opportunities n    how many there have been, at most 65,535
///
/// x <= t_x <= n,  t_x = 0 if and only if x = 0
/// ```
///
/// Opportunities are discrete where buying is: an appeal for donations a year, a weekly market, a conference. Time between them does not
/// count.
///
/// ```
/// use customer_metrics::repeat_buying::OpportunityHistory;
///
/// // Of six yearly appeals, this donor gave in the first, the third and the fourth.
/// let donor = OpportunityHistory::new(3, 4, 6)?;
/// assert_eq!((donor.frequency(), donor.recency(), donor.opportunities()), (3, 4, 6));
///
/// let error = OpportunityHistory::new(3, 2, 6).unwrap_err();
/// assert_eq!(error.to_string(), "recency is 2, but must be within 3 to 6");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "OpportunityHistoryState", into = "OpportunityHistoryState")
)]
pub struct OpportunityHistory {
    frequency: u32,
    recency: u32,
    opportunities: u32,
}

/// Sums over opportunities come to an end.
pub(super) const MOST_OPPORTUNITIES: u32 = 65_535;

impl OpportunityHistory {
    /// A customer before the first opportunity.
    pub const NEW: Self = Self { frequency: 0, recency: 0, opportunities: 0 };

    /// So many purchases, the last one at opportunity `recency` of `opportunities`.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for more than 65,535 opportunities, and unless `recency` is 0 without purchases and otherwise within
    /// `frequency` to `opportunities`.
    pub fn new(frequency: u32, recency: u32, opportunities: u32) -> Result<Self> {
        if opportunities > MOST_OPPORTUNITIES {
            return Err(Error::out_of_bounds("opportunities", opportunities, Bound::AtMost(MOST_OPPORTUNITIES.into())));
        }
        if frequency > opportunities {
            return Err(Error::out_of_bounds("frequency", frequency, Bound::AtMost(opportunities.into())));
        }
        if frequency == 0 && recency > 0 {
            return Err(Error::out_of_bounds("recency", recency, Bound::Exactly(0_u32.into())));
        }
        if !(frequency..=opportunities).contains(&recency) {
            return Err(Error::out_of_bounds("recency", recency, Bound::Within(frequency.into(), opportunities.into())));
        }
        Ok(Self { frequency, recency, opportunities })
    }

    /// Three columns of the same length as histories, in the order of the rows.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::Row`] with the first row that is wrong.
    pub fn from_columns(frequencies: &[u32], recencies: &[u32], opportunities: &[u32]) -> Result<Vec<Self>> {
        Error::check_length("length of recencies", frequencies.len(), recencies.len())?;
        Error::check_length("length of opportunities", frequencies.len(), opportunities.len())?;
        let rows = frequencies.iter().zip(recencies).zip(opportunities).enumerate();
        rows.map(|(row, ((&x, &recency), &n))| Self::new(x, recency, n).map_err(|error| error.at_row(row))).collect()
    }

    /// How many opportunities were taken.
    #[must_use]
    pub fn frequency(&self) -> u32 {
        self.frequency
    }

    /// The number of the opportunity of the last purchase; 0 if there was none.
    #[must_use]
    pub fn recency(&self) -> u32 {
        self.recency
    }

    /// How many opportunities there have been.
    #[must_use]
    pub fn opportunities(&self) -> u32 {
        self.opportunities
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct OpportunityHistoryState {
    frequency: u32,
    recency: u32,
    opportunities: u32,
}

#[cfg(feature = "serde")]
impl TryFrom<OpportunityHistoryState> for OpportunityHistory {
    type Error = Error;

    fn try_from(state: OpportunityHistoryState) -> Result<Self> {
        Self::new(state.frequency, state.recency, state.opportunities)
    }
}

#[cfg(feature = "serde")]
impl From<OpportunityHistory> for OpportunityHistoryState {
    fn from(history: OpportunityHistory) -> Self {
        Self { frequency: history.frequency, recency: history.recency, opportunities: history.opportunities }
    }
}
