//! Customers who took the same opportunities as one weighted row, in an order that does not depend on how they came.

use super::{CountedHistory, OpportunityHistory, PeriodRule, PurchaseTally};
use crate::error::{Error, Result};
use crate::tally::Tally as _;

/// The distinct histories of opportunities taken, each with the number of customers who have it.
///
/// Six opportunities have 22 histories, however many customers there are. The rows are ordered by frequency, then recency, then
/// opportunities, so whatever is computed from them is the same to the last bit, however the customers were ordered, collapsed before or
/// [merged](Self::merge).
///
/// ```
/// use customer_metrics::repeat_buying::OpportunityTable;
///
/// let table = OpportunityTable::from_columns(&[1, 0, 1], &[3, 0, 3], &[6, 6, 6])?;
/// assert_eq!((table.customers(), table.rows()), (3, 2));
/// assert_eq!(table, OpportunityTable::from_weighted_columns(&[0, 1], &[0, 3], &[6, 6], &[1, 2])?);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "OpportunityTableState", into = "OpportunityTableState")
)]
pub struct OpportunityTable {
    rows: Vec<(OpportunityHistory, u64)>,
    customers: u64,
}

impl OpportunityTable {
    /// One customer a row.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::Row`] with the first row that is not an [`OpportunityHistory`].
    pub fn from_columns(frequencies: &[u32], recencies: &[u32], opportunities: &[u32]) -> Result<Self> {
        Ok(OpportunityHistory::from_columns(frequencies, recencies, opportunities)?.into_iter().collect())
    }

    /// So many customers a row. A row of none is left out.
    ///
    /// # Errors
    /// As [`from_columns`](Self::from_columns); [`Error::Overflow`] if the customers exceed 64 bits.
    pub fn from_weighted_columns(frequencies: &[u32], recencies: &[u32], opportunities: &[u32], weights: &[u64]) -> Result<Self> {
        if weights.len() != frequencies.len() {
            return Err(Error::mismatch("column length", frequencies.len(), weights.len()));
        }
        let histories = OpportunityHistory::from_columns(frequencies, recencies, opportunities)?;
        Self::from_weighted(histories.into_iter().zip(weights.iter().copied()))
    }

    /// So many customers with each history. One with none is left out.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the customers exceed 64 bits.
    pub fn from_weighted(histories: impl IntoIterator<Item = (OpportunityHistory, u64)>) -> Result<Self> {
        let mut rows: Vec<_> = histories.into_iter().filter(|&(_, weight)| weight > 0).collect();
        rows.sort_unstable();
        let mut table = Self::default();
        for (history, weight) in rows {
            table.customers = table.customers.checked_add(weight).ok_or_else(|| Error::count_overflow("customers"))?;
            match table.rows.last_mut() {
                // No more than the customers, which have been summed.
                Some((last, sum)) if *last == history => *sum = sum.saturating_add(weight),
                _ => table.rows.push((history, weight)),
            }
        }
        Ok(table)
    }

    /// The customers of a tally in [whole periods](PeriodRule::Whole): each period after that of the first purchase was an opportunity.
    ///
    /// ```
    /// use customer_metrics::Tally;
    /// use customer_metrics::repeat_buying::{CountedHistory, OpportunityTable, PeriodRule, PurchaseTally, WholePeriods};
    ///
    /// // Weeks that begin on a day whose number is a multiple of 7.
    /// let mut market = PurchaseTally::empty(PeriodRule::Whole(WholePeriods::new(7, 0)?));
    /// market.extend([CountedHistory::new(1, 3, 6)?, CountedHistory::new(0, 0, 6)?, CountedHistory::new(1, 3, 6)?])?;
    /// assert_eq!(OpportunityTable::from_tally(&market)?, OpportunityTable::from_columns(&[1, 0, 1], &[3, 0, 3], &[6, 6, 6])?);
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the tally counts elapsed time; [`Error::OutOfBounds`] if a customer was watched for more than 65,535 periods.
    pub fn from_tally(tally: &PurchaseTally) -> Result<Self> {
        if !matches!(tally.settings(), PeriodRule::Whole(_)) {
            return Err(Error::mismatch("periods", "whole periods", tally.settings()));
        }
        let history = |history: CountedHistory| OpportunityHistory::new(history.frequency(), history.recency(), history.age());
        let rows: Result<Vec<_>> = tally.counts().map(|(counted, customers)| Ok((history(counted)?, customers))).collect();
        Self::from_weighted(rows?)
    }

    /// Adds the customers of another table.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the customers exceed 64 bits; the table is left as it was.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        *self = Self::from_weighted(self.iter().chain(other.iter()))?;
        Ok(())
    }

    /// How many customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// How many distinct histories.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no customer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The distinct histories, ordered by frequency, then recency, then opportunities, each with the number of customers who have it.
    pub fn iter(&self) -> impl Iterator<Item = (OpportunityHistory, u64)> + '_ {
        self.rows.iter().copied()
    }
}

impl FromIterator<OpportunityHistory> for OpportunityTable {
    fn from_iter<I: IntoIterator<Item = OpportunityHistory>>(histories: I) -> Self {
        // As many customers as fit into memory are fewer than 64 bits can count.
        Self::from_weighted(histories.into_iter().map(|history| (history, 1))).unwrap_or_default()
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct OpportunityTableState {
    frequency: Vec<u32>,
    recency: Vec<u32>,
    opportunities: Vec<u32>,
    customers: Vec<u64>,
}

#[cfg(feature = "serde")]
impl TryFrom<OpportunityTableState> for OpportunityTable {
    type Error = Error;

    fn try_from(state: OpportunityTableState) -> Result<Self> {
        Self::from_weighted_columns(&state.frequency, &state.recency, &state.opportunities, &state.customers)
    }
}

#[cfg(feature = "serde")]
impl From<OpportunityTable> for OpportunityTableState {
    fn from(table: OpportunityTable) -> Self {
        let column = |of: fn(&OpportunityHistory) -> u32| table.rows.iter().map(|(history, _)| of(history)).collect();
        Self {
            frequency: column(OpportunityHistory::frequency),
            recency: column(OpportunityHistory::recency),
            opportunities: column(OpportunityHistory::opportunities),
            customers: table.rows.iter().map(|&(_, weight)| weight).collect(),
        }
    }
}
