//! Contracts that were renewed or not, counted by period.

use crate::error::{Bound, Error, Result};
use crate::survival::LifeTable;

/// How many customers came up for each renewal of their contract, and how many of them did not renew.
///
/// Periods are counted from the start of a contract, from 1 on: the first is that at whose end the first renewal is due. Cohorts of
/// different age are one table: a model of renewals needs no more than how many were lost and kept in each period of tenure.
///
/// ```
/// use customer_metrics::repeat_buying::{RenewalCounts, RenewalTable};
///
/// // A cohort of a thousand, and how many of them were left after each year.
/// let regular = RenewalTable::from_active(&[1_000, 631, 468, 382, 326])?;
/// assert_eq!((regular.customers(), regular.periods()), (1_000, 4));
/// assert_eq!(regular.get(1), Some(RenewalCounts { lost: 369, kept: 631 }));
/// assert_eq!(regular, RenewalTable::from_lost(1_000, &[369, 163, 86, 56])?);
///
/// // A younger cohort adds to the first years alone.
/// let both = RenewalTable::from_cohorts([&[1_000, 631, 468, 382, 326][..], &[500, 320]])?;
/// assert_eq!(both.customers(), 1_500);
/// assert_eq!(both.iter().map(|(period, counts)| (period, counts.lost)).collect::<Vec<_>>(), [(1, 549), (2, 163), (3, 86), (4, 56)]);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "RenewalTableState", into = "RenewalTableState")
)]
pub struct RenewalTable {
    customers: u64,
    /// By period, the first at index 0; both of the same length, without periods of nobody at the end.
    lost: Vec<u64>,
    kept: Vec<u64>,
}

/// The customers who came up for renewal at the end of a period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct RenewalCounts {
    /// How many did not renew.
    pub lost: u64,
    /// How many renewed.
    pub kept: u64,
}

impl RenewalTable {
    /// One cohort: how many customers there were at the start, and how many were left after each period.
    ///
    /// # Errors
    /// [`Error::Row`] with the first count that is more than the one before.
    pub fn from_active(active: &[u64]) -> Result<Self> {
        let mut lost = Vec::new();
        for (row, pair) in active.windows(2).enumerate() {
            if let &[before, after] = pair {
                let gone = before.checked_sub(after).ok_or_else(|| {
                    Error::out_of_bounds("active customers", after, Bound::AtMost(before.into())).at_row(row.saturating_add(1))
                })?;
                lost.push(gone);
            }
        }
        let kept = active.iter().skip(1).copied().collect();
        Self::checked(active.first().copied().unwrap_or(0), lost, kept)
    }

    /// One cohort: how many customers there were at the start, and how many were lost in each period.
    ///
    /// # Errors
    /// [`Error::Row`] with the first period in which more were lost than there were left.
    pub fn from_lost(customers: u64, lost: &[u64]) -> Result<Self> {
        let mut left = customers;
        let mut kept = Vec::with_capacity(lost.len());
        for (row, &gone) in lost.iter().enumerate() {
            left = left
                .checked_sub(gone)
                .ok_or_else(|| Error::out_of_bounds("lost customers", gone, Bound::AtMost(left.into())).at_row(row))?;
            kept.push(left);
        }
        Self::checked(customers, lost.to_vec(), kept)
    }

    /// Cohorts that began at different times: each as in [`from_active`](Self::from_active), the older ones the longer.
    ///
    /// # Errors
    /// [`Error::Row`] with the first cohort that has more customers after a period than before; [`Error::Overflow`] if all customers
    /// exceed 64 bits.
    ///
    /// Source of the likelihood of many cohorts: P. S. Fader and B. G. S. Hardie, "Fitting the sBG Model to Multi-Cohort Data" (2007),
    /// note 017.
    pub fn from_cohorts<'a>(cohorts: impl IntoIterator<Item = &'a [u64]>) -> Result<Self> {
        let mut table = Self::default();
        for (row, active) in cohorts.into_iter().enumerate() {
            table.merge(&Self::from_active(active).map_err(|error| error.at("cohort", row))?)?;
        }
        Ok(table)
    }

    /// Customers whose tenure was counted in whole periods: those who left in a period were lost in it, the others at risk in it were kept.
    ///
    /// The convention is that of the [`LifeTable`]: who is censored in a period was at risk in it, so their renewal at its end has taken
    /// place. Those who came under observation later count from the period after that.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if anyone left in period 0, before the first renewal.
    pub fn from_life_table(table: &LifeTable) -> Result<Self> {
        let (mut lost, mut kept) = (Vec::new(), Vec::new());
        for (period, hazard) in table.hazards() {
            let Some(index) = usize::from(period).checked_sub(1) else {
                if hazard.part() > 0 {
                    return Err(Error::out_of_bounds("left in period 0", hazard.part(), Bound::Exactly(0_u64.into())));
                }
                continue;
            };
            // Periods in which nobody was at risk are left out by the life table.
            lost.resize(index, 0);
            kept.resize(index, 0);
            lost.push(hazard.part());
            kept.push(hazard.whole().saturating_sub(hazard.part()));
        }
        Self::checked(table.customers(), lost, kept)
    }

    /// Counts of any shape, from the first period on, of so many customers in all.
    ///
    /// # Errors
    /// [`Error::Row`] with the first period that has more customers than there are.
    pub fn from_periods(customers: u64, periods: impl IntoIterator<Item = RenewalCounts>) -> Result<Self> {
        let (lost, kept) = periods.into_iter().map(|counts| (counts.lost, counts.kept)).unzip();
        Self::checked(customers, lost, kept)
    }

    /// Adds the customers of another table.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the customers exceed 64 bits; the table is left as it was.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        self.customers = self.customers.checked_add(other.customers).ok_or_else(|| Error::count_overflow("customers"))?;
        let periods = self.lost.len().max(other.lost.len());
        for (column, more) in [(&mut self.lost, &other.lost), (&mut self.kept, &other.kept)] {
            column.resize(periods, 0);
            // No more than the customers, which have been summed.
            column.iter_mut().zip(more).for_each(|(count, more)| *count = count.saturating_add(*more));
        }
        Ok(())
    }

    /// How many customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// How many periods there are up to the last in which anyone came up for renewal.
    #[must_use]
    pub fn periods(&self) -> u32 {
        // No more than 32 bits count.
        u32::try_from(self.lost.len()).unwrap_or(u32::MAX)
    }

    /// Who came up for renewal at the end of this period, counted from 1; nothing for period 0, which none ends, and after the last.
    #[must_use]
    pub fn get(&self, period: u32) -> Option<RenewalCounts> {
        let index = usize::try_from(period).ok()?.checked_sub(1)?;
        let (&lost, &kept) = self.lost.get(index).zip(self.kept.get(index))?;
        Some(RenewalCounts { lost, kept })
    }

    /// Whether nobody came up for renewal.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lost.is_empty()
    }

    /// The number of each period, counted from 1, and who came up for renewal at its end.
    pub fn iter(&self) -> impl Iterator<Item = (u32, RenewalCounts)> + '_ {
        let counts = self.lost.iter().zip(&self.kept).map(|(&lost, &kept)| RenewalCounts { lost, kept });
        (1..=self.periods()).zip(counts)
    }

    fn checked(customers: u64, mut lost: Vec<u64>, mut kept: Vec<u64>) -> Result<Self> {
        Error::check_length("length of kept", lost.len(), kept.len())?;
        if u32::try_from(lost.len()).is_err() {
            return Err(Error::Overflow { field: "periods", capacity: "32 bits" });
        }
        for (row, (&lost, &kept)) in lost.iter().zip(&kept).enumerate() {
            let both = lost.checked_add(kept).ok_or_else(|| Error::count_overflow("customers").at_row(row))?;
            if both > customers {
                return Err(Error::out_of_bounds("customers of a period", both, Bound::AtMost(customers.into())).at_row(row));
            }
        }
        while lost.last().zip(kept.last()).is_some_and(|(&lost, &kept)| lost == 0 && kept == 0) {
            lost.pop();
            kept.pop();
        }
        Ok(Self { customers, lost, kept })
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RenewalTableState {
    customers: u64,
    lost: Vec<u64>,
    kept: Vec<u64>,
}

#[cfg(feature = "serde")]
impl TryFrom<RenewalTableState> for RenewalTable {
    type Error = Error;

    fn try_from(state: RenewalTableState) -> Result<Self> {
        Self::checked(state.customers, state.lost, state.kept)
    }
}

#[cfg(feature = "serde")]
impl From<RenewalTable> for RenewalTableState {
    fn from(table: RenewalTable) -> Self {
        Self { customers: table.customers, lost: table.lost, kept: table.kept }
    }
}
