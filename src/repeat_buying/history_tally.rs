//! Histories counted: how many customers have the same one.

use std::collections::BTreeMap;

use super::{CountedHistory, PeriodLength, PeriodRule, PurchaseHistories, PurchaseTable, WholePeriods};
use crate::error::{Error, Result};
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

/// How many customers have each history: the same frequency, recency and age.
///
/// It is what is kept, sent and merged while histories are counted; a model is fitted to the [`PurchaseTable`] that it
/// [finishes](Tally::finish) as, in which times are numbers in the unit of the model. A likelihood needs a million customers only as these
/// counts, of which there are far fewer. Recency and age are whole steps here, so that equal histories are found and counts merge exactly,
/// in whatever order, and the rule that made them goes along as a setting: tallies that count time differently do not merge. The
/// customers of two tallies must not be the same: split transactions by customer, not by time.
///
/// With [whole periods](PeriodRule::Whole) the counts are what the models in discrete time are fitted to: how many customers bought in so
/// many of their opportunities, last in this one; see [`OpportunityTable::from_tally`](super::OpportunityTable::from_tally).
///
/// ```
/// use customer_metrics::Tally;
/// use customer_metrics::repeat_buying::{CountedHistory, PeriodLength, PeriodRule, PurchaseTally};
///
/// let mut north = PurchaseTally::empty(PeriodRule::Elapsed(PeriodLength::WEEK));
/// north.extend([CountedHistory::new(0, 0, 272)?, CountedHistory::new(2, 213, 272)?])?;
/// let mut south = PurchaseTally::empty(PeriodRule::Elapsed(PeriodLength::WEEK));
/// south.record(CountedHistory::new(0, 0, 272)?)?;
/// north.merge(&south)?;
///
/// let table = north.finish()?;
/// assert_eq!((table.rows(), table.customers(), table.repeat_purchases()), (2, 3, 2));
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "TallyState", into = "TallyState"))]
pub struct PurchaseTally {
    periods: PeriodRule,
    counts: BTreeMap<CountedHistory, u64>,
    /// All counts together: as long as it fits into 64 bits, so does each.
    customers: u64,
}

impl PurchaseTally {
    /// Counts the histories of many customers.
    #[must_use]
    pub fn from_histories(histories: &PurchaseHistories) -> Self {
        let mut sorted: Vec<CountedHistory> = histories.iter().collect();
        sorted.sort_unstable();
        let same = sorted.chunk_by(|a, b| a == b);
        let counts = same.filter_map(|same| Some((*same.first()?, u64::try_from(same.len()).unwrap_or(u64::MAX))));
        Self { periods: histories.periods(), counts: counts.collect(), customers: histories.customers() }
    }

    /// How many customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// How many different histories there are.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.counts.len()
    }

    /// Each history, and how many customers have it, in ascending order of frequency, recency and age.
    #[must_use]
    pub fn counts(&self) -> impl ExactSizeIterator<Item = (CountedHistory, u64)> + '_ {
        self.counts.iter().map(|(&history, &customers)| (history, customers))
    }

    fn add(&mut self, history: CountedHistory, customers: u64) -> Result<()> {
        self.customers = self.customers.checked_add(customers).ok_or_else(|| Error::count_overflow("customers"))?;
        let count = self.counts.entry(history).or_default();
        *count = count.saturating_add(customers);
        Ok(())
    }
}

impl Tally for PurchaseTally {
    type Settings = PeriodRule;
    type Record = CountedHistory;
    type Summary = PurchaseTable;

    fn empty(periods: PeriodRule) -> Self {
        Self { periods, counts: BTreeMap::new(), customers: 0 }
    }

    fn settings(&self) -> PeriodRule {
        self.periods
    }

    fn record(&mut self, history: CountedHistory) -> Result<()> {
        self.add(history, 1)
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        self.periods.check_same(other.periods)?;
        let _ = self.customers.checked_add(other.customers).ok_or_else(|| Error::count_overflow("customers"))?;
        other.counts().try_for_each(|(history, customers)| self.add(history, customers))
    }

    /// The table that models are fitted to; empty if nothing was recorded.
    fn finish(&self) -> Result<PurchaseTable> {
        PurchaseTable::from_counts(self.counts().map(|(history, customers)| (history.in_periods(self.periods), customers)))
    }

    fn encode(&self) -> Vec<u8> {
        let (kind, days, other) = match self.periods {
            PeriodRule::Elapsed(length) => (ELAPSED, length.days(), u64::from(length.period_count())),
            PeriodRule::Whole(whole) => (WHOLE, whole.days(), i64::from(whole.first_day()).cast_unsigned()),
        };
        let header = Encoder::new(Kind::PURCHASE, self.encoded_len()).u8(kind).u64(days.into()).u64(other);
        let rows = header.u64(u64::try_from(self.counts.len()).unwrap_or(u64::MAX));
        let numbers = |(history, customers): (CountedHistory, u64)| {
            let [frequency, recency, age] = [history.frequency(), history.recency(), history.age()].map(u64::from);
            [frequency, recency, age, customers]
        };
        self.counts().fold(rows, |encoder, row| encoder.u64s(&numbers(row))).finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::PURCHASE, bytes)?;
        let kind = decoder.u8()?;
        let [days, other, rows] = decoder.u64_array()?;
        let narrow = |value: u64| u32::try_from(value).map_err(|_| Error::Overflow { field: "steps", capacity: "32 bits" });
        let periods = match kind {
            ELAPSED => {
                let length = PeriodLength::new(narrow(days)?, narrow(other)?)?;
                if u64::from(length.days()) != days {
                    return Err(decoder.fault("the length of a period is not in lowest terms"));
                }
                PeriodRule::Elapsed(length)
            }
            WHOLE => {
                let first_day = i32::try_from(other.cast_signed()).map_err(|_| decoder.fault("the first day is out of range"))?;
                PeriodRule::Whole(WholePeriods::new(narrow(days)?, first_day)?)
            }
            _ => return Err(decoder.fault("this way to count time is not known")),
        };
        let mut tally = Self::empty(periods);
        for _ in 0..rows {
            let [frequency, recency, age, customers] = decoder.u64_array()?;
            let history = CountedHistory::new(narrow(frequency)?, narrow(recency)?, narrow(age)?)?;
            if tally.counts.last_key_value().is_some_and(|(last, _)| *last >= history) {
                return Err(decoder.fault("the histories are not in order"));
            }
            if customers == 0 {
                return Err(decoder.fault("no customer has this history"));
            }
            tally.add(history, customers)?;
        }
        decoder.close().map(|()| tally)
    }

    fn encoded_len(&self) -> usize {
        len::with_u64s(self.counts.len().saturating_mul(4)).saturating_add(const { len::U8 + 3 * len::U64 })
    }
}

const ELAPSED: u8 = 0;
const WHOLE: u8 = 1;

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct TallyState {
    periods: PeriodRule,
    histories: Vec<TallyRow>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct TallyRow {
    history: CountedHistory,
    customers: u64,
}

#[cfg(feature = "serde")]
impl TryFrom<TallyState> for PurchaseTally {
    type Error = Error;

    fn try_from(state: TallyState) -> Result<Self> {
        let mut tally = Self::empty(state.periods);
        for row in state.histories {
            // A history that is given twice is two groups of customers with the same one; one without customers is nothing.
            if row.customers > 0 {
                tally.add(row.history, row.customers)?;
            }
        }
        Ok(tally)
    }
}

#[cfg(feature = "serde")]
impl From<PurchaseTally> for TallyState {
    fn from(tally: PurchaseTally) -> Self {
        let histories = tally.counts().map(|(history, customers)| TallyRow { history, customers }).collect();
        Self { periods: tally.periods, histories }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(frequency: u32, recency: u32, age: u32) -> CountedHistory {
        CountedHistory::new(frequency, recency, age).unwrap()
    }

    #[test]
    fn too_many_customers_are_refused_and_change_nothing() {
        let mut full = PurchaseTally::default();
        full.add(history(1, 2, 3), u64::MAX).unwrap();
        let before = full.clone();
        assert_eq!(full.record(history(0, 0, 9)), Err(Error::count_overflow("customers")));
        assert!(matches!(full.merge(&before), Err(Error::Overflow { field: "customers", .. })));
        assert_eq!(full, before);
    }

    #[test]
    fn tallies_that_count_time_differently_do_not_merge() {
        let mut weeks = PurchaseTally::default();
        let days = PurchaseTally::empty(PeriodRule::Elapsed(PeriodLength::DAY));
        let error = weeks.merge(&days).unwrap_err();
        assert_eq!(error.to_string(), "periods differs: elapsed time in periods of 7 days and elapsed time in periods of 1 day");
        assert!(weeks.finish().unwrap().is_empty());
    }

    #[test]
    fn bytes_that_are_not_canonical_are_refused() {
        let mut tally = PurchaseTally::empty(PeriodRule::Whole(WholePeriods::new(7, -3).unwrap()));
        tally.extend([history(1, 2, 3), history(0, 0, 3)]).unwrap();
        let bytes = tally.encode();
        assert_eq!(PurchaseTally::decode(&bytes).unwrap(), tally);
        let with = |position: usize, value: u64| {
            let mut bytes = bytes.clone();
            bytes[position..position + 8].copy_from_slice(&value.to_le_bytes());
            PurchaseTally::decode(&bytes)
        };
        // Tag, version, kind, then days, first day and the number of rows; rows begin at 27.
        for (position, value) in [(3, 0), (3, 1 << 32), (11, 1 << 40), (19, u64::MAX), (27, 2), (51, 0), (51, u64::MAX), (59, 0)] {
            assert!(with(position, value).is_err(), "{position} {value}");
        }
        let mut lengths = PurchaseTally::default().encode();
        lengths[3] = 14;
        lengths[11] = 2;
        assert!(matches!(PurchaseTally::decode(&lengths), Err(Error::Decode { .. })));
        lengths[2] = 9;
        assert!(matches!(PurchaseTally::decode(&lengths), Err(Error::Decode { .. })));
    }
}
