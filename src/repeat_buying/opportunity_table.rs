//! Customers who took the same opportunities as one weighted row, in an order that does not depend on how they came.

use super::{CountedHistory, OpportunityHistory, PeriodRule, PurchaseHistories, PurchaseTally};
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
/// assert_eq!(table, OpportunityTable::from_counted_columns(&[0, 1], &[0, 3], &[6, 6], &[1, 2])?);
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
    pub fn from_counted_columns(frequencies: &[u32], recencies: &[u32], opportunities: &[u32], customers: &[u64]) -> Result<Self> {
        Error::check_length("length of customers", frequencies.len(), customers.len())?;
        let histories = OpportunityHistory::from_columns(frequencies, recencies, opportunities)?;
        Self::from_counts(histories.into_iter().zip(customers.iter().copied()))
    }

    /// So many customers with each history. One with none is left out.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the customers exceed 64 bits.
    pub fn from_counts(histories: impl IntoIterator<Item = (OpportunityHistory, u64)>) -> Result<Self> {
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

    /// Histories that were counted in whole periods, each period after the first purchase an opportunity.
    ///
    /// ```
    /// use customer_metrics::repeat_buying::{
    ///     BgBb, CountedHistory, OpportunityTable, PeriodRule, PurchaseTally, WholePeriods,
    /// };
    /// use customer_metrics::Tally;
    ///
    /// let mut donors = PurchaseTally::empty(PeriodRule::Whole(WholePeriods::ONE_DAY_EACH));
    /// for (frequency, recency) in [(0, 0), (0, 0), (3, 4), (1, 2), (6, 6), (5, 6), (0, 0), (1, 1), (2, 6)] {
    ///     donors.record(CountedHistory::new(frequency, recency, 6)?)?;
    /// }
    /// let table = OpportunityTable::from_tally(&donors)?;
    /// assert_eq!((table.customers(), table.rows()), (9, 7));
    /// assert!(BgBb::fit(&table).is_ok());
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Mismatch`] unless the tally counts [whole periods](PeriodRule::Whole); [`Error::OutOfBounds`] if a customer is older than
    /// 65,535 of them.
    pub fn from_tally(tally: &PurchaseTally) -> Result<Self> {
        check_whole(tally.settings())?;
        let counts = tally.counts().map(|(history, customers)| Ok((opportunities_of(history)?, customers)));
        Self::from_counts(counts.collect::<Result<Vec<_>>>()?)
    }

    /// Adds the customers of another table.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the customers exceed 64 bits; the table is left as it was.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        *self = Self::from_counts(self.iter().chain(other.iter()))?;
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

impl PurchaseHistories {
    /// The history of each customer as [`BgBb`](super::BgBb) takes it, in the order of the rows: each whole period after that of the first
    /// purchase is an opportunity.
    ///
    /// ```
    /// use customer_metrics::FixedColumn;
    /// use customer_metrics::repeat_buying::{HistoryRules, OpportunityHistory, PeriodRule, ReturnRule, Transactions, WholePeriods};
    ///
    /// // Two donors, by year.
    /// let gifts = Transactions::new(&[1_u64, 1, 1, 2], &[1995, 1996, 1999, 1997], FixedColumn::whole(&[25; 4]))?;
    /// let years = PeriodRule::Whole(WholePeriods::ONE_DAY_EACH);
    /// let histories = gifts.histories(&HistoryRules::new(2001, years, ReturnRule::Refuse)?)?;
    /// assert_eq!(histories.opportunity_histories()?, [OpportunityHistory::new(2, 4, 6)?, OpportunityHistory::new(0, 0, 4)?]);
    /// assert_eq!(histories.opportunity_table()?.customers(), 2);
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Mismatch`] unless [whole periods](PeriodRule::Whole) are counted; [`Error::Row`] with the first customer who is older than
    /// 65,535 of them.
    pub fn opportunity_histories(&self) -> Result<Vec<OpportunityHistory>> {
        check_whole(self.periods())?;
        self.iter().enumerate().map(|(row, history)| opportunities_of(history).map_err(|error| error.at_row(row))).collect()
    }

    /// The table that [`BgBb`](super::BgBb) is fitted to: equal histories as one row.
    ///
    /// # Errors
    /// As [`opportunity_histories`](Self::opportunity_histories).
    pub fn opportunity_table(&self) -> Result<OpportunityTable> {
        Ok(self.opportunity_histories()?.into_iter().collect())
    }
}

fn check_whole(periods: PeriodRule) -> Result<()> {
    match periods {
        PeriodRule::Whole(_) => Ok(()),
        PeriodRule::Elapsed(_) => Err(Error::mismatch("periods", periods, "whole periods, which opportunities are")),
    }
}

fn opportunities_of(history: CountedHistory) -> Result<OpportunityHistory> {
    OpportunityHistory::new(history.frequency(), history.recency(), history.age())
}

impl FromIterator<OpportunityHistory> for OpportunityTable {
    fn from_iter<I: IntoIterator<Item = OpportunityHistory>>(histories: I) -> Self {
        // As many customers as fit into memory are fewer than 64 bits can count.
        Self::from_counts(histories.into_iter().map(|history| (history, 1))).unwrap_or_default()
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
        Self::from_counted_columns(&state.frequency, &state.recency, &state.opportunities, &state.customers)
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
