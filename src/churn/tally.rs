//! The customers of one period, counted by how they passed through it.

use core::fmt;

use rust_decimal::Decimal;

use super::ChurnDefinition;
use crate::error::{Bound, Error, Result};
use crate::share::Share;
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

/// How one customer passed through the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Passage {
    /// A customer at the start and still one at the end.
    Stayed,
    /// A customer at the start and lost before the end.
    Lost,
    /// Joined in the period and still a customer at the end.
    JoinedAndStayed,
    /// Joined in the period and lost before its end.
    JoinedAndLost,
}

impl fmt::Display for Passage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stayed => "stayed",
            Self::Lost => "lost",
            Self::JoinedAndStayed => "joined and stayed",
            Self::JoinedAndLost => "joined and lost",
        })
    }
}

/// The customers at the start of a period, those who joined in it, and how many of each were lost before its end.
///
/// Record each customer once. A customer who was lost and came back within the period is a matter of definition: ChartMogul leaves him
/// out of the lost, so record [`Passage::Stayed`]; Stripe counts him as lost and, when he is lost again, a second time.
///
/// Merging pools segments of the same period, such as regions. The tallies of two periods must not be merged: the customers of the
/// second are mostly those of the first. Convert their rates with [`churn_over_periods`](super::churn_over_periods) instead.
///
/// ```
/// use customer_metrics::churn::{ChurnDefinition, ChurnTally};
/// use customer_metrics::{Confidence, Tally};
///
/// // 1,000 at the start, 5% of them leave; 500 join, 12 of them leave.
/// let july = ChurnTally::from_counts(1_000, 50, 500, 12)?;
/// assert_eq!(july.retention()?.to_string(), "950 of 1000 (95.0%)");
/// assert_eq!(july.churn(ChurnDefinition::default())?.to_string(), "0.062");
/// assert_eq!(july.all_customers_churn()?.percent(2).to_string(), "4.13");
///
/// let estimate = july.start_cohort_churn()?.estimate(Confidence::P95);
/// assert_eq!(format!("{estimate:.3}"), "0.050 (0.038 to 0.065, 95% Wilson, n = 1000)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "ChurnState", into = "ChurnState"))]
pub struct ChurnTally {
    at_start: u64,
    lost_of_start: u64,
    joined: u64,
    lost_of_joined: u64,
}

impl ChurnTally {
    /// A tally of these counts: customers at the start, how many of them were lost, customers who joined in the period, how many of
    /// them were lost.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if more were lost than there were; [`Error::Overflow`] if all customers together exceed 64 bits.
    pub fn from_counts(at_start: u64, lost_of_start: u64, joined: u64, lost_of_joined: u64) -> Result<Self> {
        for (field, lost, all) in [("lost of start", lost_of_start, at_start), ("lost of joined", lost_of_joined, joined)] {
            if lost > all {
                return Err(Error::out_of_bounds(field, lost, Bound::AtMost(all.into())));
            }
        }
        // Every other sum of counts fits if the sum of all customers does.
        let _ = at_start.checked_add(joined).ok_or_else(|| Error::count_overflow("customers"))?;
        Ok(Self { at_start, lost_of_start, joined, lost_of_joined })
    }

    /// Customers at the start of the period.
    #[must_use]
    pub fn at_start(&self) -> u64 {
        self.at_start
    }

    /// Customers at the start who were lost before the end.
    #[must_use]
    pub fn lost_of_start(&self) -> u64 {
        self.lost_of_start
    }

    /// Customers who joined in the period, whether or not they stayed.
    #[must_use]
    pub fn joined(&self) -> u64 {
        self.joined
    }

    /// Customers who joined in the period and were lost before its end.
    #[must_use]
    pub fn lost_of_joined(&self) -> u64 {
        self.lost_of_joined
    }

    /// All customers of the period: at the start or joined.
    #[must_use]
    pub fn all_customers(&self) -> u64 {
        self.at_start.saturating_add(self.joined)
    }

    /// All who were lost in the period.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost_of_start.saturating_add(self.lost_of_joined)
    }

    /// Customers at the end of the period.
    #[must_use]
    pub fn at_end(&self) -> u64 {
        self.all_customers().saturating_sub(self.lost())
    }
}

impl Tally for ChurnTally {
    type Settings = ();
    type Record = Passage;
    type Summary = ChurnSummary;

    fn empty((): ()) -> Self {
        Self::default()
    }

    fn settings(&self) {}

    fn record(&mut self, passage: Passage) -> Result<()> {
        let one = match passage {
            Passage::Stayed => Self { at_start: 1, ..Self::default() },
            Passage::Lost => Self { at_start: 1, lost_of_start: 1, ..Self::default() },
            Passage::JoinedAndStayed => Self { joined: 1, ..Self::default() },
            Passage::JoinedAndLost => Self { joined: 1, lost_of_joined: 1, ..Self::default() },
        };
        self.merge(&one)
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        let _ = self.all_customers().checked_add(other.all_customers()).ok_or_else(|| Error::count_overflow("customers"))?;
        *self = Self {
            at_start: self.at_start.saturating_add(other.at_start),
            lost_of_start: self.lost_of_start.saturating_add(other.lost_of_start),
            joined: self.joined.saturating_add(other.joined),
            lost_of_joined: self.lost_of_joined.saturating_add(other.lost_of_joined),
        };
        Ok(())
    }

    fn finish(&self) -> Result<ChurnSummary> {
        Ok(ChurnSummary {
            retention: self.retention()?,
            start_cohort_churn: self.start_cohort_churn()?,
            all_customers_churn: self.all_customers_churn()?,
            churn: self.churn(ChurnDefinition::default())?,
        })
    }

    fn encode(&self) -> Vec<u8> {
        Encoder::new(Kind::CHURN, self.encoded_len())
            .u64(self.at_start)
            .u64(self.lost_of_start)
            .u64(self.joined)
            .u64(self.lost_of_joined)
            .finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::CHURN, bytes)?;
        let [at_start, lost_of_start, joined, lost_of_joined] = decoder.u64_array()?;
        decoder.close()?;
        Self::from_counts(at_start, lost_of_start, joined, lost_of_joined)
    }

    fn encoded_len(&self) -> usize {
        const { len::with_u64s(4) }
    }
}

/// What most reports show of a churn tally.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ChurnSummary {
    /// The share of the customers at the start who stayed.
    pub retention: Share,
    /// The share of the customers at the start who were lost.
    pub start_cohort_churn: Share,
    /// The share of all customers of the period who were lost.
    pub all_customers_churn: Share,
    /// All lost over the customers at the start: the default [`ChurnDefinition`].
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub churn: Decimal,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ChurnState {
    at_start: u64,
    lost_of_start: u64,
    joined: u64,
    lost_of_joined: u64,
}

#[cfg(feature = "serde")]
impl TryFrom<ChurnState> for ChurnTally {
    type Error = Error;

    fn try_from(state: ChurnState) -> Result<Self> {
        Self::from_counts(state.at_start, state.lost_of_start, state.joined, state.lost_of_joined)
    }
}

#[cfg(feature = "serde")]
impl From<ChurnTally> for ChurnState {
    fn from(tally: ChurnTally) -> Self {
        let ChurnTally { at_start, lost_of_start, joined, lost_of_joined } = tally;
        Self { at_start, lost_of_start, joined, lost_of_joined }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_lost_than_there_were_is_refused_with_both_numbers() {
        let error = ChurnTally::from_counts(10, 11, 0, 0).unwrap_err();
        assert_eq!(error.to_string(), "lost of start is 11, but must be at most 10");
        let error = ChurnTally::from_counts(10, 0, 3, 4).unwrap_err();
        assert_eq!(error.to_string(), "lost of joined is 4, but must be at most 3");
        assert!(matches!(ChurnTally::from_counts(u64::MAX, 0, 1, 0), Err(Error::Overflow { field: "customers", .. })));
        assert!(ChurnTally::from_counts(u64::MAX, u64::MAX, 0, 0).is_ok());
    }

    #[test]
    fn customers_at_the_end_are_those_who_were_not_lost() {
        let tally = ChurnTally::from_counts(1_000, 50, 500, 12).unwrap();
        assert_eq!((tally.all_customers(), tally.lost(), tally.at_end()), (1_500, 62, 1_438));
        let gone = ChurnTally::from_counts(5, 5, 3, 3).unwrap();
        assert_eq!(gone.at_end(), 0);
    }

    #[test]
    fn a_full_tally_refuses_one_more_and_stays_as_it_was() {
        let mut full = ChurnTally::from_counts(u64::MAX - 1, 7, 1, 1).unwrap();
        let before = full;
        for passage in [Passage::Stayed, Passage::Lost, Passage::JoinedAndStayed, Passage::JoinedAndLost] {
            assert!(matches!(full.record(passage), Err(Error::Overflow { field: "customers", .. })), "{passage}");
        }
        let mut nearly = ChurnTally::from_counts(u64::MAX - 2, 0, 0, 0).unwrap();
        let error = nearly.extend([Passage::Lost, Passage::Stayed, Passage::Stayed]).unwrap_err();
        assert_eq!(error.row(), Some(2));
        assert_eq!((full, nearly.lost()), (before, 0));
    }
}
