//! Many rating tallies filled in one pass, such as one per agent.

use core::fmt;

use super::{RatingTally, Scale};
use crate::error::{Bound, Error, Result};
use crate::share::Share;
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

/// How many groups there are, and the scale that all are rated on.
///
/// ```
/// use customer_metrics::satisfaction::{RatingGroups, Scale};
///
/// assert_eq!(RatingGroups::new(Scale::ONE_TO_FIVE, 10_000)?.groups(), 10_000);
/// assert!(RatingGroups::new(Scale::new(0, 255, 1)?, u32::MAX).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "GroupsState", into = "GroupsState"))]
pub struct RatingGroups {
    scale: Scale,
    groups: u32,
}

impl RatingGroups {
    /// The most counters that a table of groups may have: a gigabyte of them.
    const MOST_COUNTERS: u32 = 1 << 27;

    /// So many groups, numbered from 0.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the groups, times one more than the ratings of the scale, exceed 2^27 counters: a gigabyte.
    pub fn new(scale: Scale, groups: u32) -> Result<Self> {
        let most = Self::MOST_COUNTERS.checked_div(u32::try_from(row_width(scale)).unwrap_or(u32::MAX)).unwrap_or(0);
        if groups > most {
            return Err(Error::out_of_bounds("groups", groups, Bound::AtMost(most.into())));
        }
        Ok(Self { scale, groups })
    }

    /// The scale.
    #[must_use]
    pub fn scale(self) -> Scale {
        self.scale
    }

    /// The number of groups.
    #[must_use]
    pub fn groups(self) -> u32 {
        self.groups
    }

    fn counters(self) -> usize {
        usize::try_from(self.groups).unwrap_or(usize::MAX).saturating_mul(row_width(self.scale))
    }
}

/// Such as `10000 groups on 1 to 5, satisfied from 4`.
impl fmt::Display for RatingGroups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} groups on {}", self.groups, self.scale)
    }
}

/// One [`RatingTally`] per group, filled from two columns: whose rating, and which.
///
/// Groups are numbered from 0; the caller keeps the names.
///
/// ```
/// use customer_metrics::Tally;
/// use customer_metrics::satisfaction::{GroupedRatingTally, RatingGroups, Scale};
///
/// let mut agents = GroupedRatingTally::empty(RatingGroups::new(Scale::ONE_TO_FIVE, 2)?);
/// agents.record_columns(&[0, 1, 0], &[5, 2, 4])?;
/// agents.record_columns_with_missing(&[1, 1], &[5, 0], 0)?;
/// assert_eq!(agents.tally(0)?.csat()?.to_string(), "2 of 2 (100.0%)");
/// assert_eq!(agents.tally(1)?.csat()?.to_string(), "1 of 2 (50.0%)");
/// assert_eq!(agents.tally(1)?.missing(), 1);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "GroupedState", into = "GroupedState"))]
pub struct GroupedRatingTally {
    settings: RatingGroups,
    /// One row per group: a count for each rating of the scale, then one for missing answers.
    counts: Vec<u64>,
    /// All counts together: as long as it fits into 64 bits, so does every sum of some of them.
    asked: u64,
}

impl GroupedRatingTally {
    /// Records a column of group numbers and one of ratings, row by row, all or none.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::Row`] with the first row whose group or rating does not exist;
    /// [`Error::Overflow`] if all groups together exceed 64 bits.
    pub fn record_columns(&mut self, groups: &[u32], ratings: &[u8]) -> Result<()> {
        // A rating that is on the scale stands for no missing answer.
        self.record_rows(groups, ratings, self.settings.scale.low())
    }

    /// Records a column of group numbers and one of ratings in which `missing` stands for an unanswered question, all or none.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if `missing` is itself a rating of the scale; otherwise as [`record_columns`](Self::record_columns).
    pub fn record_columns_with_missing(&mut self, groups: &[u32], ratings: &[u8], missing: u8) -> Result<()> {
        self.settings.scale.check_missing_code(missing)?;
        self.record_rows(groups, ratings, missing)
    }

    fn record_rows(&mut self, groups: &[u32], ratings: &[u8], missing: u8) -> Result<()> {
        if groups.len() != ratings.len() {
            return Err(Error::mismatch("column length", groups.len(), ratings.len()));
        }
        let RatingGroups { scale, groups: known_groups } = self.settings;
        let rows = u64::try_from(ratings.len()).unwrap_or(u64::MAX);
        let asked = self.asked.checked_add(rows).ok_or_else(|| Error::count_overflow("answers"))?;
        let is_known = |rating: u8| scale.contains(rating) || rating == missing;
        let width = row_width(scale);
        let slots: [u32; 256] = core::array::from_fn(|rating| {
            let rating = u8::try_from(rating).unwrap_or(u8::MAX);
            let position = scale.position("rating", rating).unwrap_or(width.saturating_sub(1));
            u32::try_from(position).unwrap_or(0)
        });
        let mut counted = 0_usize;
        for (some_groups, some_ratings) in groups.chunks(ROWS_AT_ONCE).zip(ratings.chunks(ROWS_AT_ONCE)) {
            // Counted to the end and not searched for the first, so that the compiler checks many rows at once.
            let unknown_ratings = some_ratings.iter().filter(|&&rating| !is_known(rating)).count();
            let unknown_groups = some_groups.iter().filter(|&&group| group >= known_groups).count();
            if unknown_ratings > 0 || unknown_groups > 0 {
                let rows = || groups.iter().zip(ratings);
                change_counts(&mut self.counts, width, &slots, rows().take(counted), |count| count.wrapping_sub(1));
                let wrong = rows().position(|(&group, &rating)| group >= known_groups || !is_known(rating));
                let (group, rating) = wrong.and_then(|row| Some((*groups.get(row)?, *ratings.get(row)?))).unwrap_or_default();
                return Err(self.fault(group, rating).at_row(wrong.unwrap_or(counted)));
            }
            change_counts(&mut self.counts, width, &slots, some_groups.iter().zip(some_ratings), |count| count.wrapping_add(1));
            counted = counted.saturating_add(some_groups.len());
        }
        self.asked = asked;
        Ok(())
    }

    fn fault(&self, group: u32, rating: u8) -> Error {
        if group < self.settings.groups {
            Error::out_of_bounds("rating", rating, self.settings.scale.bound())
        } else {
            Error::out_of_bounds("group", group, Bound::LessThan(self.settings.groups.into()))
        }
    }

    /// The tally of one group.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if there is no such group.
    pub fn tally(&self, group: u32) -> Result<RatingTally> {
        let row = usize::try_from(group).ok().and_then(|group| self.rows().nth(group));
        row.map(|row| self.tally_of(row)).ok_or_else(|| self.fault(group, self.settings.scale.low()))
    }

    /// The tallies of all groups, in order.
    #[must_use]
    pub fn tallies(&self) -> impl ExactSizeIterator<Item = RatingTally> + '_ {
        self.rows().map(|row| self.tally_of(row))
    }

    /// The CSAT of each group that has answers, with its number: what a [`LeagueTable`](crate::estimate::LeagueTable) is made of.
    ///
    /// ```
    /// use customer_metrics::{Confidence, Tally};
    /// use customer_metrics::estimate::LeagueTable;
    /// use customer_metrics::satisfaction::{GroupedRatingTally, RatingGroups, Scale};
    ///
    /// let mut agents = GroupedRatingTally::empty(RatingGroups::new(Scale::ONE_TO_FIVE, 3)?);
    /// agents.record_columns(&[0, 2, 0, 2, 2, 2], &[5, 4, 4, 5, 5, 2])?;
    /// let table = LeagueTable::from_shares(agents.csat_by_group(), Confidence::P95)?;
    /// let order: Vec<u32> = table.rows().iter().map(|row| *row.member()).collect();
    /// assert_eq!(order, [0, 2]);
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn csat_by_group(&self) -> Vec<(u32, Share)> {
        (0_u32..).zip(self.tallies()).filter_map(|(group, tally)| Some((group, tally.csat().ok()?))).collect()
    }

    /// The tally of all groups together.
    #[must_use]
    pub fn total(&self) -> RatingTally {
        let mut sums = vec![0_u64; row_width(self.settings.scale)];
        for row in self.rows() {
            for (sum, count) in sums.iter_mut().zip(row) {
                *sum = sum.saturating_add(*count);
            }
        }
        self.tally_of(&sums)
    }

    /// The scale of every group.
    pub(super) fn scale(&self) -> Scale {
        self.settings.scale
    }

    /// The counts of every group, one per rating from the lowest to the highest.
    pub(super) fn group_counts(&self) -> impl Iterator<Item = &[u64]> {
        self.rows().filter_map(|row| row.split_last().map(|(_, counts)| counts))
    }

    fn rows(&self) -> core::slice::ChunksExact<'_, u64> {
        self.counts.chunks_exact(row_width(self.settings.scale))
    }

    fn tally_of(&self, row: &[u64]) -> RatingTally {
        let scale = self.settings.scale;
        let tally = row.split_last().map(|(&missing, counts)| RatingTally::from_counts(scale, counts, missing));
        // A row is as wide as the scale, and its sum fits because that of all rows does.
        tally.and_then(Result::ok).unwrap_or_else(|| RatingTally::empty(scale))
    }

    fn checked(settings: RatingGroups, counts: Vec<u64>) -> Result<Self> {
        if counts.len() != settings.counters() {
            return Err(Error::mismatch("number of counts", settings.counters(), counts.len()));
        }
        let asked = counts.iter().try_fold(0_u64, |sum, &count| sum.checked_add(count));
        Ok(Self { settings, counts, asked: asked.ok_or_else(|| Error::count_overflow("answers"))? })
    }
}

impl Tally for GroupedRatingTally {
    type Settings = RatingGroups;
    /// A group and its rating, or `None` for an unanswered question.
    type Record = (u32, Option<u8>);
    /// One tally per group, in order.
    type Summary = Vec<RatingTally>;

    fn empty(settings: RatingGroups) -> Self {
        Self { settings, counts: vec![0; settings.counters()], asked: 0 }
    }

    fn settings(&self) -> RatingGroups {
        self.settings
    }

    fn record(&mut self, (group, rating): (u32, Option<u8>)) -> Result<()> {
        let scale = self.settings.scale;
        if group >= self.settings.groups {
            return Err(self.fault(group, scale.low()));
        }
        let missing = row_width(scale).saturating_sub(1);
        let slot = rating.map_or(Ok(missing), |rating| scale.position("rating", rating))?;
        let asked = self.asked.checked_add(1).ok_or_else(|| Error::count_overflow("answers"))?;
        let row = usize::try_from(group).unwrap_or(usize::MAX).saturating_mul(row_width(scale));
        if let Some(count) = self.counts.get_mut(row.saturating_add(slot)) {
            *count = count.saturating_add(1);
            self.asked = asked;
        }
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.settings != other.settings {
            return Err(Error::mismatch("groups", self.settings, other.settings));
        }
        self.asked = self.asked.checked_add(other.asked).ok_or_else(|| Error::count_overflow("answers"))?;
        for (count, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *count = count.saturating_add(*theirs);
        }
        Ok(())
    }

    fn finish(&self) -> Result<Vec<RatingTally>> {
        Ok(self.tallies().collect())
    }

    fn encode(&self) -> Vec<u8> {
        let scale = self.settings.scale;
        let header = Encoder::new(Kind::GROUPED_RATING, self.encoded_len()).u8(scale.low()).u8(scale.high()).u8(scale.satisfied_from());
        header.u64(self.settings.groups.into()).u64s(&self.counts).finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::GROUPED_RATING, bytes)?;
        let scale = Scale::new(decoder.u8()?, decoder.u8()?, decoder.u8()?)?;
        let groups = u32::try_from(decoder.u64()?).map_err(|_| decoder.fault("there are more groups than 32 bits can count"))?;
        let settings = RatingGroups::new(scale, groups)?;
        let counts = (0..settings.counters()).map(|_| decoder.u64()).collect::<Result<Vec<u64>>>()?;
        decoder.close()?;
        Self::checked(settings, counts)
    }

    fn encoded_len(&self) -> usize {
        len::with_u64s(self.counts.len()).saturating_add(const { 3 * len::U8 + len::U64 })
    }
}

/// Rows that are checked and then counted while they are still in the fastest caches.
const ROWS_AT_ONCE: usize = 4096;

/// Counts rows, or takes them back if a later one turns out to be wrong. Nothing can wrap: the index is one of a table in memory, and no
/// count exceeds the rows that were ever recorded.
fn change_counts<'a>(
    counts: &mut [u64],
    width: usize,
    slots: &[u32; 256],
    rows: impl Iterator<Item = (&'a u32, &'a u8)>,
    change: impl Fn(u64) -> u64,
) {
    let width = u64::try_from(width).unwrap_or(0);
    for (&group, &rating) in rows {
        let [slot, group] = [slots.get(usize::from(rating)).copied().unwrap_or(0), group].map(u64::from);
        let index = group.wrapping_mul(width).wrapping_add(slot);
        if let Some(count) = usize::try_from(index).ok().and_then(|index| counts.get_mut(index)) {
            *count = change(*count);
        }
    }
}

/// A count for each rating of the scale and one for missing answers.
fn row_width(scale: Scale) -> usize {
    scale.width().saturating_add(1)
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupsState {
    scale: Scale,
    groups: u32,
}

#[cfg(feature = "serde")]
impl TryFrom<GroupsState> for RatingGroups {
    type Error = Error;

    fn try_from(state: GroupsState) -> Result<Self> {
        Self::new(state.scale, state.groups)
    }
}

#[cfg(feature = "serde")]
impl From<RatingGroups> for GroupsState {
    fn from(settings: RatingGroups) -> Self {
        Self { scale: settings.scale, groups: settings.groups }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupedState {
    settings: RatingGroups,
    /// Group by group: one count per rating, then the missing answers.
    counts: Vec<u64>,
}

#[cfg(feature = "serde")]
impl TryFrom<GroupedState> for GroupedRatingTally {
    type Error = Error;

    fn try_from(state: GroupedState) -> Result<Self> {
        Self::checked(state.settings, state.counts)
    }
}

#[cfg(feature = "serde")]
impl From<GroupedRatingTally> for GroupedState {
    fn from(tally: GroupedRatingTally) -> Self {
        Self { settings: tally.settings, counts: tally.counts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(scale: Scale, groups: u32) -> GroupedRatingTally {
        GroupedRatingTally::empty(RatingGroups::new(scale, groups).unwrap())
    }

    #[test]
    fn all_groups_together_fit_into_64_bits_or_nothing_is_recorded() {
        let mut full = GroupedRatingTally::checked(of(Scale::ONE_TO_FIVE, 2).settings, [&[u64::MAX][..], &[0; 11]].concat()).unwrap();
        let before = full.clone();
        assert!(matches!(full.record_columns(&[1], &[1]), Err(Error::Overflow { .. })));
        assert!(matches!(full.record((1, None)), Err(Error::Overflow { .. })));
        let mut one = of(Scale::ONE_TO_FIVE, 2);
        one.record((0, Some(5))).unwrap();
        assert!(matches!(full.merge(&one), Err(Error::Overflow { .. })));
        assert_eq!(full, before);
        assert!(GroupedRatingTally::checked(one.settings, [&[u64::MAX, 1][..], &[0; 10]].concat()).is_err());
        assert!(RatingGroups::new(Scale::ONE_TO_FIVE, 0).is_ok());
        assert!(matches!(GroupedRatingTally::default().tally(0), Err(Error::OutOfBounds { field: "group", .. })));
    }

    #[test]
    fn a_wrong_row_records_nothing() {
        let mut agents = of(Scale::ONE_TO_FIVE, 3);
        let before = agents.clone();
        let group = agents.record_columns(&[0, 3], &[5, 5]).unwrap_err();
        assert_eq!(group.to_string(), "row 1: group is 3, but must be less than 3");
        let rating = agents.record_columns(&[0, 1], &[5, 0]).unwrap_err();
        assert_eq!(rating.to_string(), "row 1: rating is 0, but must be within 1 to 5");
        assert!(matches!(agents.record_columns(&[0], &[]), Err(Error::Mismatch { .. })));
        assert_eq!(agents, before);
        assert!(matches!(agents.tally(3), Err(Error::OutOfBounds { field: "group", .. })));
    }

    #[test]
    fn a_wrong_row_after_many_right_ones_takes_them_back() {
        let mut agents = of(Scale::ONE_TO_FIVE, 2);
        agents.record_columns(&[1], &[3]).unwrap();
        let before = agents.clone();
        let rows = 3 * ROWS_AT_ONCE + 5;
        let (groups, mut ratings) = (vec![1; rows], vec![4; rows]);
        ratings[rows - 2] = 6;
        assert_eq!(agents.record_columns(&groups, &ratings).unwrap_err().row(), Some(rows - 2));
        assert_eq!(agents, before);
    }

    #[test]
    fn groups_add_up_to_the_total() {
        let mut agents = of(Scale::ZERO_TO_TEN, 4);
        let groups: Vec<u32> = (0..1000).map(|row| row % 4).collect();
        let ratings: Vec<u8> = (0..1000_u32).map(|row| (row % 11) as u8).collect();
        agents.record_columns(&groups, &ratings).unwrap();
        let mut all = RatingTally::empty(Scale::ZERO_TO_TEN);
        all.record_column(&ratings).unwrap();
        assert_eq!(agents.total(), all);
        let mut twice = agents.clone();
        twice.merge(&agents).unwrap();
        assert_eq!(twice.total().answers(), 2000);
    }
}
