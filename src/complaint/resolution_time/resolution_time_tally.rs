//! Who stayed, by how long the resolution of the complaint took.

use std::collections::BTreeMap;

use core::time::Duration;

use super::{LogisticRetention, MonotoneRetention, SuggestedQuickLimit, TimeScale};
use crate::complaint::Fate;
use crate::error::{Error, Result};
use crate::estimate::Confidence;
use crate::share::Share;
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

/// Resolved complaints counted by the time to resolution and by whether the customer stayed.
///
/// It holds three counts per distinct time. Times in whole hours or days are a few hundred rows whatever the number of complaints; times
/// to the second grow with it, up to one row a complaint. Complaints that are not resolved have no time to resolution and do not belong
/// here: what becomes of those customers is in the [`ComplaintTally`](crate::complaint::ComplaintTally).
///
/// ```
/// use core::time::Duration;
/// use customer_metrics::Tally;
/// use customer_metrics::complaint::{Fate, ResolutionTimeTally};
///
/// let hours = |hours: u64| Duration::from_secs(hours * 3600);
/// let mut tally = ResolutionTimeTally::default();
/// tally.extend([(hours(2), Fate::Stayed), (hours(2), Fate::Stayed), (hours(30), Fate::Left), (hours(30), Fate::Unknown)])?;
/// assert_eq!(tally.resolved(), 4);
/// assert_eq!(tally.retention()?.to_string(), "2 of 3 (66.7%)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Vec<ResolutionTime>", into = "Vec<ResolutionTime>")
)]
pub struct ResolutionTimeTally {
    /// Without empty rows, so that equal tallies are equal maps.
    rows: BTreeMap<Duration, [u64; 3]>,
    resolved: u64,
}

/// The complaints that took equally long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct ResolutionTime {
    /// From the complaint to its resolution.
    pub time: Duration,
    /// Customers who stayed.
    pub stayed: u64,
    /// Customers who left.
    pub left: u64,
    /// Customers of whom it is not yet known.
    pub unknown: u64,
}

impl ResolutionTimeTally {
    /// A tally of such rows; the counts of equal times add up.
    ///
    /// # Errors
    /// [`Error::Row`] with the position of the row with which all together exceed 64 bits.
    pub fn from_rows(rows: impl IntoIterator<Item = ResolutionTime>) -> Result<Self> {
        let mut tally = Self::default();
        for (position, ResolutionTime { time, stayed, left, unknown }) in rows.into_iter().enumerate() {
            tally.add(time, [stayed, left, unknown]).map_err(|error| error.at_row(position))?;
        }
        Ok(tally)
    }

    fn add(&mut self, time: Duration, counts: [u64; 3]) -> Result<()> {
        let resolved = counts.iter().try_fold(self.resolved, |sum, &count| sum.checked_add(count));
        self.resolved = resolved.ok_or_else(|| Error::count_overflow("resolved complaints"))?;
        if counts != [0; 3] {
            // No count is more than all of them, which have just been found to fit.
            for (mine, count) in self.rows.entry(time).or_default().iter_mut().zip(counts) {
                *mine = mine.saturating_add(count);
            }
        }
        Ok(())
    }

    /// All resolved complaints, those of unknown fate too.
    #[must_use]
    pub fn resolved(&self) -> u64 {
        self.resolved
    }

    /// The distinct times with their counts, the shortest first.
    #[must_use]
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = ResolutionTime> {
        self.rows.iter().map(|(&time, &[stayed, left, unknown])| ResolutionTime { time, stayed, left, unknown })
    }

    /// The share of customers who stayed, whatever the time, of those whose fate is known.
    ///
    /// # Errors
    /// [`Error::Undefined`] if of no customer it is known.
    pub fn retention(&self) -> Result<Share> {
        let (stayed, known) = self
            .known()
            .fold((0_u64, 0_u64), |(stayed, known), (_, share)| (stayed.saturating_add(share.part()), known.saturating_add(share.whole())));
        Share::of("retention after resolution", NO_FATE_KNOWN, stayed, known)
    }

    /// The curve that never rises and is otherwise free: [`MonotoneRetention`].
    ///
    /// # Errors
    /// [`Error::Undefined`] if of no customer it is known who stayed.
    pub fn monotone(&self) -> Result<MonotoneRetention> {
        MonotoneRetention::fit(self)
    }

    /// The logistic curve: [`LogisticRetention`].
    ///
    /// # Errors
    /// [`Error::Undefined`] where no such curve fits best: see [`LogisticRetention`].
    pub fn logistic(&self, scale: TimeScale) -> Result<LogisticRetention> {
        LogisticRetention::fit(self, scale)
    }

    /// The limit for "quickly" that the complaints themselves suggest: [`SuggestedQuickLimit`].
    ///
    /// # Errors
    /// [`Error::Undefined`] where no time splits the complaints into a quick and a slow group of some size.
    pub fn suggested_quick_limit(&self, confidence: Confidence) -> Result<SuggestedQuickLimit> {
        SuggestedQuickLimit::fit(self, confidence)
    }

    /// The distinct times at which it is known of someone, with who stayed of those known.
    pub(super) fn known(&self) -> impl DoubleEndedIterator<Item = (Duration, Share)> {
        self.rows.iter().filter_map(|(&time, &[stayed, left, _])| Some((time, Share::new(stayed, stayed.saturating_add(left)).ok()?)))
    }
}

const NO_FATE_KNOWN: &str = "it is not known of any customer with a resolved complaint";

impl Tally for ResolutionTimeTally {
    type Settings = ();
    type Record = (Duration, Fate);
    type Summary = MonotoneRetention;

    fn empty((): ()) -> Self {
        Self::default()
    }

    fn settings(&self) {}

    fn record(&mut self, (time, fate): (Duration, Fate)) -> Result<()> {
        self.add(
            time,
            match fate {
                Fate::Stayed => [1, 0, 0],
                Fate::Left => [0, 1, 0],
                Fate::Unknown => [0, 0, 1],
            },
        )
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.resolved.checked_add(other.resolved).is_none() {
            return Err(Error::count_overflow("resolved complaints"));
        }
        other.rows.iter().try_for_each(|(&time, &counts)| self.add(time, counts))
    }

    /// The [monotone curve](Self::monotone).
    fn finish(&self) -> Result<MonotoneRetention> {
        self.monotone()
    }

    fn encode(&self) -> Vec<u8> {
        let rows = u64::try_from(self.rows.len()).unwrap_or(u64::MAX);
        let header = Encoder::new(Kind::RESOLUTION_TIME, self.encoded_len()).u64(rows);
        self.rows.iter().fold(header, |encoder, (time, counts)| encoder.duration(*time).u64s(counts)).finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::RESOLUTION_TIME, bytes)?;
        let mut tally = Self::default();
        let mut last = None;
        for _ in 0..decoder.u64()? {
            let time = decoder.duration()?;
            let counts = decoder.u64_array()?;
            if last.is_some_and(|last| time <= last) {
                return Err(decoder.fault("the times do not ascend"));
            }
            if counts == [0; 3] {
                return Err(decoder.fault("a time without complaints"));
            }
            tally.add(time, counts)?;
            last = Some(time);
        }
        decoder.close()?;
        Ok(tally)
    }

    fn encoded_len(&self) -> usize {
        len::with_u64s(self.rows.len().saturating_mul(5).saturating_add(1))
    }
}

#[cfg(feature = "serde")]
impl TryFrom<Vec<ResolutionTime>> for ResolutionTimeTally {
    type Error = Error;

    fn try_from(rows: Vec<ResolutionTime>) -> Result<Self> {
        Self::from_rows(rows)
    }
}

#[cfg(feature = "serde")]
impl From<ResolutionTimeTally> for Vec<ResolutionTime> {
    fn from(tally: ResolutionTimeTally) -> Self {
        tally.rows().collect()
    }
}
