//! Two ratings of the same customers, counted together.

use super::rating_inference::{check_scales, measure};
use super::{RatingTally, Scale};
use crate::decimal;
use crate::error::{Error, Result};
use crate::estimate::{
    Alternative, Comparison, Confidence, KendallCorrelation, MeanDifferenceMethod, Measure, Moments, OrderedTable, PearsonCorrelation,
    SignificanceTest, SpearmanCorrelation,
};
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

/// How often each rating of one question was given together with each of another: satisfaction and the intention to return, perception and
/// expectation, before and after.
///
/// The tally keeps one count for each pair of ratings, so that the [correlations](OrderedTable) and the mean difference of a million
/// customers are read off exactly, and tallies of many machines are merged. Customers who left a question out are counted apart.
///
/// ```
/// use customer_metrics::{Confidence, Tally};
/// use customer_metrics::satisfaction::{RatingPairTally, Scale};
///
/// // Perceived and expected quality of the same customers.
/// let mut pairs = RatingPairTally::empty([Scale::ONE_TO_SEVEN, Scale::ONE_TO_SEVEN]);
/// pairs.record_columns(&[6, 4, 5, 7, 3, 5], &[7, 6, 5, 7, 6, 6])?;
/// let gap = pairs.mean_difference(Confidence::P95)?;
/// assert_eq!(format!("{gap:.2}"), "-1.17 (-2.39 to 0.06, 95% paired t, n = 6 and 6)");
/// assert_eq!(format!("{:.3}", pairs.spearman()?.coefficient()), "0.626");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "RatingPairState", into = "RatingPairState"))]
pub struct RatingPairTally {
    scales: [Scale; 2],
    /// A row per rating of the first question, a count in it per rating of the second.
    counts: Vec<u64>,
    incomplete: u64,
    asked: u64,
}

impl RatingPairTally {
    /// A tally of these counts: for each rating of the first question, from the lowest, one count per rating of the second.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if there is not one count per pair of ratings; [`Error::Overflow`] if all together exceed 64 bits.
    pub fn from_counts(scales: [Scale; 2], counts: &[u64], incomplete: u64) -> Result<Self> {
        if counts.len() != cells(scales) {
            return Err(Error::mismatch("number of pairs of ratings", cells(scales), counts.len()));
        }
        let asked = counts.iter().try_fold(incomplete, |sum, &count| sum.checked_add(count)).ok_or_else(overflow)?;
        Ok(Self { scales, counts: counts.to_vec(), incomplete, asked })
    }

    /// Records two columns of ratings, row by row, all or none.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::Row`] with the first row in which a rating is not on its scale;
    /// [`Error::Overflow`] if all together exceed 64 bits.
    pub fn record_columns(&mut self, first: &[u8], second: &[u8]) -> Result<()> {
        if first.len() != second.len() {
            return Err(Error::mismatch("column length", first.len(), second.len()));
        }
        let mut batch = Self::empty(self.scales);
        for (row, (&first, &second)) in first.iter().zip(second).enumerate() {
            batch.count_pair(first, second).map_err(|error| error.at_row(row))?;
        }
        self.merge(&batch)
    }

    fn count_pair(&mut self, first: u8, second: u8) -> Result<()> {
        let [first_scale, second_scale] = self.scales;
        let (row, column) = (first_scale.position("first rating", first)?, second_scale.position("second rating", second)?);
        let asked = self.asked.checked_add(1).ok_or_else(overflow)?;
        if let Some(count) = self.counts.get_mut(row.saturating_mul(second_scale.width()).saturating_add(column)) {
            *count = count.saturating_add(1);
            self.asked = asked;
        }
        Ok(())
    }

    /// How many answered both questions.
    #[must_use]
    pub fn complete(&self) -> u64 {
        self.asked.saturating_sub(self.incomplete)
    }

    /// How many left one of the two out, or both.
    #[must_use]
    pub fn incomplete(&self) -> u64 {
        self.incomplete
    }

    /// The counts as a table, a row per rating of the first question: its correlations are those of the two ratings.
    #[must_use]
    pub fn table(&self) -> OrderedTable {
        let [_, second] = self.scales;
        OrderedTable::of(second.width(), self.counts.clone(), self.complete())
    }

    /// Pearson's correlation of the two ratings.
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two complete pairs, or if all gave the same rating to one of the questions.
    pub fn pearson(&self) -> Result<PearsonCorrelation> {
        self.table().pearson()
    }

    /// Spearman's correlation of their ranks.
    ///
    /// # Errors
    /// As [`pearson`](Self::pearson).
    pub fn spearman(&self) -> Result<SpearmanCorrelation> {
        self.table().spearman()
    }

    /// Kendall's tau-b, with the asymptotic error that a table gives.
    ///
    /// # Errors
    /// As [`pearson`](Self::pearson).
    pub fn kendall(&self) -> Result<KendallCorrelation> {
        self.table().kendall()
    }

    /// The first ratings of those who answered both.
    #[must_use]
    pub fn first(&self) -> RatingTally {
        let [first, _] = self.scales;
        tally_of(first, &self.table().row_totals())
    }

    /// The second ratings of those who answered both.
    #[must_use]
    pub fn second(&self) -> RatingTally {
        let [_, second] = self.scales;
        tally_of(second, &self.table().column_totals())
    }

    /// The mean of each customer's first rating less the second, with its t interval: [`MeanDifferenceMethod::Paired`]. Ends are held within
    /// what the scale allows.
    ///
    /// With perceptions first and expectations second it is the mean gap.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the two are on different scales; [`Error::Undefined`] with fewer than two complete pairs.
    pub fn mean_difference(&self, confidence: Confidence) -> Result<Comparison<MeanDifferenceMethod>> {
        let (measure, differences) = self.differences()?;
        measure.paired(&differences, confidence)
    }

    /// Whether customers rate the one and the other differently: the paired t test.
    ///
    /// # Errors
    /// As [`mean_difference`](Self::mean_difference), and [`Error::Undefined`] if all differences are equal.
    pub fn test_mean_difference(&self, alternative: Alternative) -> Result<SignificanceTest> {
        let (measure, differences) = self.differences()?;
        measure.test_paired(&differences, alternative)
    }

    fn differences(&self) -> Result<(Measure, Moments)> {
        let [first, second] = self.scales;
        check_scales(first, second)?;
        let rows = (0_u64..).zip(self.counts.chunks_exact(second.width()));
        let differences = rows.flat_map(|(row, counts)| {
            (0_u64..).zip(counts).map(move |(column, &count)| (decimal::wide(row).saturating_sub(decimal::wide(column)), count))
        });
        let moments = Moments::of_counts(differences).ok_or_else(overflow)?;
        let of_one = measure(first);
        let [lowest, highest] = of_one.range;
        let range = [lowest - highest, highest - lowest];
        Ok((Measure { metric: "mean difference", nothing: "nobody answered both questions", range, ..of_one }, moments))
    }
}

/// The totals of a table are as many as the scale has ratings, and fit because all counts together do.
fn tally_of(scale: Scale, totals: &[u64]) -> RatingTally {
    RatingTally::from_counts(scale, totals, 0).unwrap_or_else(|_| RatingTally::empty(scale))
}

fn cells([first, second]: [Scale; 2]) -> usize {
    first.width().saturating_mul(second.width())
}

fn overflow() -> Error {
    Error::count_overflow("pairs of ratings")
}

/// An empty tally, both on 1-5.
impl Default for RatingPairTally {
    fn default() -> Self {
        Self::empty([Scale::default(), Scale::default()])
    }
}

impl Tally for RatingPairTally {
    /// The scale of the first question and that of the second.
    type Settings = [Scale; 2];
    /// Both ratings of a customer; `None` for an unanswered question.
    type Record = [Option<u8>; 2];
    type Summary = RatingPairSummary;

    fn empty(scales: [Scale; 2]) -> Self {
        Self { scales, counts: vec![0; cells(scales)], incomplete: 0, asked: 0 }
    }

    fn settings(&self) -> [Scale; 2] {
        self.scales
    }

    fn record(&mut self, ratings: [Option<u8>; 2]) -> Result<()> {
        if let [Some(first), Some(second)] = ratings {
            return self.count_pair(first, second);
        }
        for ((scale, field), rating) in self.scales.iter().zip(["first rating", "second rating"]).zip(ratings) {
            let _ = rating.map(|rating| scale.position(field, rating)).transpose()?;
        }
        self.asked = self.asked.checked_add(1).ok_or_else(overflow)?;
        self.incomplete = self.incomplete.saturating_add(1);
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        for (mine, theirs) in self.scales.iter().zip(&other.scales) {
            if mine != theirs {
                return Err(Error::mismatch("scale", mine, theirs));
            }
        }
        self.asked = self.asked.checked_add(other.asked).ok_or_else(overflow)?;
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine = mine.saturating_add(*theirs);
        }
        self.incomplete = self.incomplete.saturating_add(other.incomplete);
        Ok(())
    }

    fn finish(&self) -> Result<RatingPairSummary> {
        let table = self.table();
        Ok(RatingPairSummary {
            complete: self.complete(),
            pearson: table.pearson()?.coefficient(),
            spearman: table.spearman()?.coefficient(),
            kendall: table.kendall()?.coefficient(),
        })
    }

    fn encode(&self) -> Vec<u8> {
        let head = self.scales.iter().fold(Encoder::new(Kind::RATING_PAIR, self.encoded_len()), |encoder, scale| {
            encoder.u8(scale.low()).u8(scale.high()).u8(scale.satisfied_from())
        });
        head.u64(self.incomplete).u64s(&self.counts).finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::RATING_PAIR, bytes)?;
        let first = Scale::new(decoder.u8()?, decoder.u8()?, decoder.u8()?)?;
        let second = Scale::new(decoder.u8()?, decoder.u8()?, decoder.u8()?)?;
        let incomplete = decoder.u64()?;
        let counts = (0..cells([first, second])).map(|_| decoder.u64()).collect::<Result<Vec<u64>>>()?;
        decoder.close()?;
        Self::from_counts([first, second], &counts, incomplete)
    }

    fn encoded_len(&self) -> usize {
        len::with_u64s(self.counts.len().saturating_add(1)).saturating_add(const { 6 * len::U8 })
    }
}

/// How the two ratings go together.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct RatingPairSummary {
    /// How many answered both questions.
    pub complete: u64,
    /// Pearson's correlation of the ratings.
    pub pearson: f64,
    /// Spearman's correlation of their ranks.
    pub spearman: f64,
    /// Kendall's tau-b.
    pub kendall: f64,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RatingPairState {
    scales: [Scale; 2],
    counts: Vec<u64>,
    incomplete: u64,
}

#[cfg(feature = "serde")]
impl TryFrom<RatingPairState> for RatingPairTally {
    type Error = Error;

    fn try_from(state: RatingPairState) -> Result<Self> {
        Self::from_counts(state.scales, &state.counts, state.incomplete)
    }
}

#[cfg(feature = "serde")]
impl From<RatingPairTally> for RatingPairState {
    fn from(tally: RatingPairTally) -> Self {
        Self { scales: tally.scales, counts: tally.counts, incomplete: tally.incomplete }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_ratings_and_full_tallies_change_nothing() {
        let mut tally = RatingPairTally::empty([Scale::ONE_TO_FIVE, Scale::ZERO_TO_TEN]);
        let before = tally.clone();
        let error = tally.record_columns(&[1, 2], &[10, 11]).unwrap_err();
        assert_eq!(error.to_string(), "row 1: second rating is 11, but must be within 0 to 10");
        assert!(tally.record_columns(&[1, 2], &[1]).is_err());
        assert_eq!(tally.record([None, Some(11)]).unwrap_err().field(), Some("second rating"));
        assert!(matches!(tally.mean_difference(Confidence::P95), Err(Error::Mismatch { field: "scale", .. })));
        assert!(matches!(tally.finish(), Err(Error::Undefined { .. })));
        assert_eq!(tally, before);
        let mut full = RatingPairTally::from_counts([Scale::ONE_TO_FIVE; 2], &[0; 25], u64::MAX).unwrap();
        let before = full.clone();
        assert!(matches!(full.record([None, None]), Err(Error::Overflow { .. })));
        assert!(matches!(full.record([Some(1), Some(1)]), Err(Error::Overflow { .. })));
        assert_eq!(full, before);
        assert!(RatingPairTally::from_counts([Scale::ONE_TO_FIVE; 2], &[0; 24], 0).is_err());
    }

    #[test]
    fn each_side_is_a_rating_tally_of_those_who_answered_both() {
        let mut tally = RatingPairTally::empty([Scale::ONE_TO_FIVE, Scale::ZERO_TO_TEN]);
        tally.extend([[Some(5), Some(0)], [Some(2), Some(10)], [Some(1), None]]).unwrap();
        assert_eq!((tally.first().count(5), tally.first().count(1)), (1, 0));
        assert_eq!((tally.second().count(0), tally.second().answers()), (1, 2));
        assert_eq!((tally.complete(), tally.incomplete()), (2, 1));
    }
}
