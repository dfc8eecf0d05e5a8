//! Many rating tallies filled in one pass, such as one per agent.

use super::{RatingTally, Scale};
use crate::error::{Bound, Error, Result};
use crate::tally::Tally as _;

/// One [`RatingTally`] per group, filled from two columns: whose rating, and which.
///
/// Groups are numbered from 0; the caller keeps the names.
///
/// ```
/// use customer_metrics::satisfaction::{GroupedRatings, Scale};
///
/// let mut agents = GroupedRatings::new(Scale::ONE_TO_FIVE, 2)?;
/// agents.record_columns(&[0, 1, 0], &[5, 2, 4])?;
/// agents.record_columns_with_missing(&[1, 1], &[5, 0], 0)?;
/// assert_eq!(agents.tally(0)?.csat()?.to_string(), "2 of 2 (100.0%)");
/// assert_eq!(agents.tally(1)?.csat()?.to_string(), "1 of 2 (50.0%)");
/// assert_eq!(agents.tally(1)?.missing(), 1);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "GroupedState", into = "GroupedState"))]
pub struct GroupedRatings {
    scale: Scale,
    groups: u32,
    /// One row per group: a count for each rating of the scale, then one for missing answers.
    counts: Vec<u64>,
}

impl GroupedRatings {
    /// Empty tallies for `groups` groups.
    ///
    /// # Errors
    /// [`Error::Overflow`] if a table of that size cannot be addressed.
    pub fn new(scale: Scale, groups: u32) -> Result<Self> {
        let slots = usize::try_from(groups).ok().and_then(|groups| groups.checked_mul(row_width(scale)));
        let slots = slots.ok_or(Error::Overflow { field: "groups", capacity: "the memory" })?;
        Ok(Self { scale, groups, counts: vec![0; slots] })
    }

    /// Records a column of group numbers and one of ratings, row by row, all or none.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::Row`] with the first row whose group or rating does not exist.
    pub fn record_columns(&mut self, groups: &[u32], ratings: &[u8]) -> Result<()> {
        // A rating that is on the scale stands for no missing answer.
        self.record_rows(groups, ratings, self.scale.low())
    }

    /// Records a column of group numbers and one of ratings in which `missing` stands for an unanswered question, all or none.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if `missing` is itself a rating of the scale; otherwise as [`record_columns`](Self::record_columns).
    pub fn record_columns_with_missing(&mut self, groups: &[u32], ratings: &[u8], missing: u8) -> Result<()> {
        self.scale.check_missing_code(missing)?;
        self.record_rows(groups, ratings, missing)
    }

    fn record_rows(&mut self, groups: &[u32], ratings: &[u8], missing: u8) -> Result<()> {
        if groups.len() != ratings.len() {
            return Err(Error::mismatch("column length", groups.len(), ratings.len()));
        }
        let is_known = |rating: u8| self.scale.contains(rating) || rating == missing;
        let width = row_width(self.scale);
        let slots: [u32; 256] = core::array::from_fn(|rating| {
            let rating = u8::try_from(rating).unwrap_or(u8::MAX);
            let position = self.scale.position("rating", rating).unwrap_or(width.saturating_sub(1));
            u32::try_from(position).unwrap_or(0)
        });
        let mut counted = 0_usize;
        for (some_groups, some_ratings) in groups.chunks(ROWS_AT_ONCE).zip(ratings.chunks(ROWS_AT_ONCE)) {
            // Counted to the end and not searched for the first, so that the compiler checks many rows at once.
            let unknown_ratings = some_ratings.iter().filter(|&&rating| !is_known(rating)).count();
            let unknown_groups = some_groups.iter().filter(|&&group| group >= self.groups).count();
            if unknown_ratings > 0 || unknown_groups > 0 {
                let rows = || groups.iter().zip(ratings);
                change_counts(&mut self.counts, width, &slots, rows().take(counted), |count| count.wrapping_sub(1));
                let wrong = rows().position(|(&group, &rating)| group >= self.groups || !is_known(rating));
                let (group, rating) = wrong.and_then(|row| Some((*groups.get(row)?, *ratings.get(row)?))).unwrap_or_default();
                return Err(self.fault(group, rating).at_row(wrong.unwrap_or(counted)));
            }
            change_counts(&mut self.counts, width, &slots, some_groups.iter().zip(some_ratings), |count| count.wrapping_add(1));
            counted = counted.saturating_add(some_groups.len());
        }
        Ok(())
    }

    fn fault(&self, group: u32, rating: u8) -> Error {
        if group < self.groups {
            Error::out_of_bounds("rating", rating, self.scale.bound())
        } else {
            Error::out_of_bounds("group", group, Bound::AtMost(self.groups.saturating_sub(1).into()))
        }
    }

    /// The number of groups.
    #[must_use]
    pub fn groups(&self) -> u32 {
        self.groups
    }

    /// The tally of one group.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if there is no such group.
    pub fn tally(&self, group: u32) -> Result<RatingTally> {
        let index = usize::try_from(group).unwrap_or(usize::MAX);
        self.tallies().nth(index).ok_or_else(|| self.fault(group, self.scale.low()))?
    }

    /// The tallies of all groups, in order.
    pub fn tallies(&self) -> impl Iterator<Item = Result<RatingTally>> + '_ {
        self.counts.chunks_exact(row_width(self.scale)).map(|row| match row.split_last() {
            Some((&missing, counts)) => RatingTally::from_counts(self.scale, counts, missing),
            None => Ok(RatingTally::empty(self.scale)),
        })
    }

    /// The tally of all groups together.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the answers exceed 64 bits.
    pub fn total(&self) -> Result<RatingTally> {
        self.tallies().try_fold(RatingTally::empty(self.scale), |mut total, tally| {
            total.merge(&tally?)?;
            Ok(total)
        })
    }

    /// Adds the tallies of the same groups, recorded elsewhere.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if scale or number of groups differ; [`Error::Overflow`] if a count exceeds 64 bits.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.scale != other.scale {
            return Err(Error::mismatch("scale", self.scale, other.scale));
        }
        if self.groups != other.groups {
            return Err(Error::mismatch("groups", self.groups, other.groups));
        }
        let merged = self.counts.iter().zip(&other.counts).map(|(mine, theirs)| mine.checked_add(*theirs)).collect::<Option<Vec<u64>>>();
        self.counts = merged.ok_or_else(|| Error::count_overflow("answers"))?;
        Ok(())
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
struct GroupedState {
    tallies: Vec<RatingTally>,
    scale: Scale,
}

#[cfg(feature = "serde")]
impl TryFrom<GroupedState> for GroupedRatings {
    type Error = Error;

    fn try_from(state: GroupedState) -> Result<Self> {
        let groups = u32::try_from(state.tallies.len()).map_err(|_| Error::Overflow { field: "groups", capacity: "a 32-bit count" })?;
        let mut counts = Vec::with_capacity(state.tallies.len().saturating_mul(row_width(state.scale)));
        for (row, tally) in state.tallies.iter().enumerate() {
            if tally.scale() != state.scale {
                return Err(Error::mismatch("scale", state.scale, tally.scale()).at_row(row));
            }
            counts.extend(tally.distribution().map(|(_, count)| count).chain([tally.missing()]));
        }
        Ok(Self { scale: state.scale, groups, counts })
    }
}

#[cfg(feature = "serde")]
impl From<GroupedRatings> for GroupedState {
    fn from(grouped: GroupedRatings) -> Self {
        // Every row was filled from counts that fit.
        Self { tallies: grouped.tallies().filter_map(Result::ok).collect(), scale: grouped.scale }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_row_records_nothing() {
        let mut agents = GroupedRatings::new(Scale::ONE_TO_FIVE, 3).unwrap();
        let before = agents.clone();
        let group = agents.record_columns(&[0, 3], &[5, 5]).unwrap_err();
        assert_eq!(group.to_string(), "row 1: group is 3, but must be at most 2");
        let rating = agents.record_columns(&[0, 1], &[5, 0]).unwrap_err();
        assert_eq!(rating.to_string(), "row 1: rating is 0, but must be within 1 to 5");
        assert!(matches!(agents.record_columns(&[0], &[]), Err(Error::Mismatch { .. })));
        assert_eq!(agents, before);
        assert!(matches!(agents.tally(3), Err(Error::OutOfBounds { field: "group", .. })));
    }

    #[test]
    fn a_wrong_row_after_many_right_ones_takes_them_back() {
        let mut agents = GroupedRatings::new(Scale::ONE_TO_FIVE, 2).unwrap();
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
        let mut agents = GroupedRatings::new(Scale::ZERO_TO_TEN, 4).unwrap();
        let groups: Vec<u32> = (0..1000).map(|row| row % 4).collect();
        let ratings: Vec<u8> = (0..1000_u32).map(|row| (row % 11) as u8).collect();
        agents.record_columns(&groups, &ratings).unwrap();
        let mut all = RatingTally::empty(Scale::ZERO_TO_TEN);
        all.record_column(&ratings).unwrap();
        assert_eq!(agents.total(), Ok(all));
        let mut twice = agents.clone();
        twice.merge(&agents).unwrap();
        assert_eq!(twice.total().unwrap().answers(), 2000);
    }
}
