//! The full distribution of ratings, and what is read off it.

use rust_decimal::Decimal;

use super::Scale;
use super::histogram::count_values;
use crate::decimal;
use crate::error::{Error, Result};
use crate::share::Share;
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

const NO_ANSWERS: &str = "no question was answered";

/// How often each rating of a [`Scale`] was given, and how often the question was left unanswered.
///
/// A missing answer is counted apart. It is not a neutral one, and it is in no denominator but that of the response rate.
///
/// ```
/// use customer_metrics::{Tally, satisfaction::{RatingTally, Scale}};
///
/// let mut tally = RatingTally::empty(Scale::ONE_TO_FIVE);
/// tally.record_column(&[5, 4, 4, 3, 1])?;
/// tally.record_missing(5)?;
///
/// assert_eq!(tally.csat()?.to_string(), "3 of 5 (60.0%)");
/// assert_eq!(tally.mean()?.to_string(), "3.4");
/// assert_eq!(tally.response_rate()?.to_string(), "5 of 10 (50.0%)");
///
/// let error = tally.record_column(&[5, 6]).unwrap_err();
/// assert_eq!(error.to_string(), "row 1: rating is 6, but must be within 1 to 5");
/// assert_eq!(tally.answers(), 5);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "RatingState", into = "RatingState"))]
pub struct RatingTally {
    scale: Scale,
    counts: Vec<u64>,
    missing: u64,
    /// Counts and missing ones together, kept so that recording one answer need not add them up.
    asked: u64,
}

impl RatingTally {
    /// A tally of these counts, one per rating from the lowest to the highest, and of the missing answers.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if there is not one count per rating; [`Error::Overflow`] if all together exceed 64 bits.
    pub fn from_counts(scale: Scale, counts: &[u64], missing: u64) -> Result<Self> {
        if counts.len() != scale.width() {
            return Err(Error::mismatch("number of ratings", scale.width(), counts.len()));
        }
        // Every sum of counts fits if the sum of all does.
        let asked = checked_total(counts, missing)?;
        Ok(Self { scale, counts: counts.to_vec(), missing, asked })
    }

    /// Records a column of ratings, all or none: the fast path for large surveys.
    ///
    /// # Errors
    /// [`Error::Row`] with the position and value of the first rating that is not on the scale.
    pub fn record_column(&mut self, ratings: &[u8]) -> Result<()> {
        self.record_batch(ratings, None)
    }

    /// Records a column in which `missing` stands for an unanswered question, all or none.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if `missing` is itself a rating of the scale; [`Error::Row`] with the position and value of the first that
    /// is neither a rating nor `missing`.
    pub fn record_column_with_missing(&mut self, ratings: &[u8], missing: u8) -> Result<()> {
        self.scale.check_missing_code(missing)?;
        self.record_batch(ratings, Some(missing))
    }

    fn record_batch(&mut self, ratings: &[u8], missing_code: Option<u8>) -> Result<()> {
        let mut batch = Self::empty(self.scale);
        count_values(ratings, self.scale.low(), &mut batch.counts);
        if let Some(code) = missing_code {
            count_values(ratings, code, core::slice::from_mut(&mut batch.missing));
        }
        batch.asked = checked_total(&batch.counts, batch.missing)?;
        if usize::try_from(batch.asked).ok() != Some(ratings.len()) {
            let wrong = ratings.iter().copied().enumerate().find(|&(_, byte)| !self.scale.contains(byte) && missing_code != Some(byte));
            if let Some((row, rating)) = wrong {
                return Err(Error::out_of_bounds("rating", rating, self.scale.bound()).at_row(row));
            }
        }
        self.merge(&batch)
    }

    /// Records `count` answers of the same rating.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the rating is not on the scale; [`Error::Overflow`] if the answers exceed 64 bits.
    pub fn record_count(&mut self, rating: u8, count: u64) -> Result<()> {
        let position = self.scale.position("rating", rating)?;
        let asked = self.asked.checked_add(count).ok_or_else(|| Error::count_overflow("answers"))?;
        if let Some(slot) = self.counts.get_mut(position) {
            *slot = slot.saturating_add(count);
            self.asked = asked;
        }
        Ok(())
    }

    /// Records (rating, count) pairs, all or none.
    ///
    /// # Errors
    /// [`Error::Row`] with the position of the first wrong pair and what [`record_count`](Self::record_count) says of it.
    pub fn record_counts(&mut self, pairs: impl IntoIterator<Item = (u8, u64)>) -> Result<()> {
        let mut extended = self.clone();
        for (row, (rating, count)) in pairs.into_iter().enumerate() {
            extended.record_count(rating, count).map_err(|error| error.at_row(row))?;
        }
        *self = extended;
        Ok(())
    }

    /// Records `count` unanswered questions.
    ///
    /// # Errors
    /// [`Error::Overflow`] if answers and missing ones together exceed 64 bits.
    pub fn record_missing(&mut self, count: u64) -> Result<()> {
        self.asked = self.asked.checked_add(count).ok_or_else(|| Error::count_overflow("answers"))?;
        self.missing = self.missing.saturating_add(count);
        Ok(())
    }

    /// The scale.
    #[must_use]
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// How many questions were answered.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.asked.saturating_sub(self.missing)
    }

    /// How many were left unanswered.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// How often this rating was given; 0 for one that is not on the scale.
    #[must_use]
    pub fn count(&self, rating: u8) -> u64 {
        self.scale.position("rating", rating).ok().and_then(|position| self.counts.get(position)).copied().unwrap_or(0)
    }

    /// Every rating of the scale with its count, from the lowest to the highest.
    #[must_use]
    pub fn distribution(&self) -> impl DoubleEndedIterator<Item = (u8, u64)> + '_ {
        (self.scale.low()..=self.scale.high()).zip(self.counts.iter().copied())
    }

    /// How many answers lie from one rating to another, both included.
    pub(crate) fn between(&self, low: u8, high: u8) -> u64 {
        self.distribution().filter(|&(rating, _)| low <= rating && rating <= high).fold(0, |sum, (_, count)| sum.saturating_add(count))
    }

    /// The share of answers from one rating to another, both included, under the name of its metric.
    pub(crate) fn share_between(&self, metric: &'static str, low: u8, high: u8) -> Result<Share> {
        Share::of(metric, NO_ANSWERS, self.between(low, high), self.answers())
    }

    /// CSAT: the share of answers that count as satisfied on this scale.
    ///
    /// ```text
    /// CSAT = answers >= the scale's threshold / all answers
    /// ```
    ///
    /// On 1-5 that is top-2-box, (4s + 5s) / answers; the neutral 3 stays in the denominator. Source: doc-002; kicue, Intercom.
    ///
    /// # Errors
    /// [`Error::Undefined`] without answers.
    pub fn csat(&self) -> Result<Share> {
        self.share_between("CSAT", self.scale.satisfied_from(), self.scale.high())
    }

    /// Top-2-box: the share of answers that are one of the two highest ratings, whatever the scale's threshold.
    ///
    /// # Errors
    /// [`Error::Undefined`] without answers.
    pub fn top_two_box(&self) -> Result<Share> {
        self.share_between("top-2-box", self.scale.high().saturating_sub(1), self.scale.high())
    }

    /// Top-box: the share of answers that are the highest rating.
    ///
    /// # Errors
    /// [`Error::Undefined`] without answers.
    pub fn top_box(&self) -> Result<Share> {
        self.share_between("top-box", self.scale.high(), self.scale.high())
    }

    /// Bottom-box: the share of answers that are the lowest rating.
    ///
    /// # Errors
    /// [`Error::Undefined`] without answers.
    pub fn bottom_box(&self) -> Result<Share> {
        self.share_between("bottom-box", self.scale.low(), self.scale.low())
    }

    /// Response rate: answered questions of all that were asked.
    ///
    /// # Errors
    /// [`Error::Undefined`] if none was asked.
    pub fn response_rate(&self) -> Result<Share> {
        Share::of("response rate", "no question was asked", self.answers(), self.asked)
    }

    /// The mean rating, in scale points, rounded half away from zero to 28 digits. It is not CSAT.
    ///
    /// # Errors
    /// [`Error::Undefined`] without answers.
    pub fn mean(&self) -> Result<Decimal> {
        let sum = self.moment("mean rating", i128::from)?;
        decimal::ratio("mean rating", NO_ANSWERS, sum, decimal::wide(self.answers()))
    }

    /// The sample variance of the ratings, in squared scale points, rounded half away from zero to 28 digits.
    ///
    /// ```text
    /// s^2 = (n * sum of x^2 - (sum of x)^2) / (n (n - 1))
    /// ```
    ///
    /// It has no interval: the usual one, by chi-square, is for numbers that vary normally, which ratings do not.
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two answers; [`Error::Overflow`] where the answers times the width of the scale
    /// exceed some 10^19.
    pub fn variance(&self) -> Result<Decimal> {
        let n = decimal::wide(self.answers());
        let below = n.saturating_sub(1);
        self.squares_about_mean("variance", "fewer than two questions were answered", n.saturating_mul(below.max(0)))
    }

    /// The variance of the ratings taken as the whole population: the same sum of squares over n^2. As such it has no interval.
    ///
    /// # Errors
    /// [`Error::Undefined`] without answers; [`Error::Overflow`] where the answers times the width of the scale
    /// exceed some 10^19.
    pub fn population_variance(&self) -> Result<Decimal> {
        let n = decimal::wide(self.answers());
        self.squares_about_mean("population variance", NO_ANSWERS, n.saturating_mul(n))
    }

    fn squares_about_mean(&self, metric: &'static str, because: &'static str, denominator: i128) -> Result<Decimal> {
        let overflow = || Error::decimal_overflow(metric);
        // Counted from the lowest rating: the variance is the same and the numbers are smaller.
        let offset = |rating: u8| i128::from(rating.saturating_sub(self.scale.low()));
        let sum = self.moment(metric, offset)?;
        let squares = self.moment(metric, |rating| offset(rating).saturating_mul(offset(rating)))?;
        let n_squares = squares.checked_mul(decimal::wide(self.answers())).ok_or_else(overflow)?;
        let numerator = sum.checked_mul(sum).and_then(|square| n_squares.checked_sub(square)).ok_or_else(overflow)?;
        decimal::ratio(metric, because, numerator, denominator)
    }

    fn moment(&self, metric: &'static str, weight: impl Fn(u8) -> i128) -> Result<i128> {
        self.distribution()
            .try_fold(0_i128, |sum, (rating, count)| {
                weight(rating).checked_mul(decimal::wide(count)).and_then(|term| sum.checked_add(term))
            })
            .ok_or_else(|| Error::decimal_overflow(metric))
    }

    /// The median rating: the middle answer, or halfway between the middle two.
    ///
    /// Its interval is [`median_estimate`](Self::median_estimate).
    ///
    /// # Errors
    /// [`Error::Undefined`] without answers.
    pub fn median(&self) -> Result<Decimal> {
        let n = self.answers();
        let (lower, upper) = (n.saturating_sub(1) / 2, n / 2);
        let (Some(lower), Some(upper)) = (self.ordered(lower), self.ordered(upper)) else {
            return Err(Error::Undefined { metric: "median rating", because: NO_ANSWERS });
        };
        decimal::ratio("median rating", NO_ANSWERS, i128::from(lower).saturating_add(i128::from(upper)), 2)
    }

    /// The rating at this position, counted from 0, if all answers are put in order.
    fn ordered(&self, position: u64) -> Option<u8> {
        let mut up_to_here = 0_u64;
        self.distribution().find_map(|(rating, count)| {
            up_to_here = up_to_here.saturating_add(count);
            (position < up_to_here).then_some(rating)
        })
    }

    /// The most frequent rating; where several are, all of them, from the lowest.
    ///
    /// A name has no interval. Whether it is the most frequent of all customers, the shares of all ratings say together:
    /// [`goodman_estimates`](crate::estimate::goodman_estimates).
    ///
    /// # Errors
    /// [`Error::Undefined`] without answers.
    pub fn modes(&self) -> Result<Vec<u8>> {
        let most = self.counts.iter().copied().max().unwrap_or(0);
        if most == 0 {
            return Err(Error::Undefined { metric: "mode", because: NO_ANSWERS });
        }
        Ok(self.distribution().filter(|&(_, count)| count == most).map(|(rating, _)| rating).collect())
    }
}

fn checked_total(counts: &[u64], missing: u64) -> Result<u64> {
    counts.iter().try_fold(missing, |sum, &count| sum.checked_add(count)).ok_or_else(|| Error::count_overflow("answers"))
}

/// An empty tally on 1-5.
impl Default for RatingTally {
    fn default() -> Self {
        Self::empty(Scale::default())
    }
}

impl Tally for RatingTally {
    type Settings = Scale;
    /// A rating, or `None` for an unanswered question.
    type Record = Option<u8>;
    type Summary = RatingSummary;

    fn empty(scale: Scale) -> Self {
        Self { scale, counts: vec![0; scale.width()], missing: 0, asked: 0 }
    }

    fn settings(&self) -> Scale {
        self.scale
    }

    fn record(&mut self, rating: Option<u8>) -> Result<()> {
        match rating {
            Some(rating) => self.record_count(rating, 1),
            None => self.record_missing(1),
        }
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.scale != other.scale {
            return Err(Error::mismatch("scale", self.scale, other.scale));
        }
        self.asked = self.asked.checked_add(other.asked).ok_or_else(|| Error::count_overflow("answers"))?;
        for (slot, count) in self.counts.iter_mut().zip(&other.counts) {
            *slot = slot.saturating_add(*count);
        }
        self.missing = self.missing.saturating_add(other.missing);
        Ok(())
    }

    fn finish(&self) -> Result<RatingSummary> {
        Ok(RatingSummary {
            csat: self.csat()?,
            top_box: self.top_box()?,
            bottom_box: self.bottom_box()?,
            mean: self.mean()?,
            median: self.median()?,
            response_rate: self.response_rate()?,
        })
    }

    fn encode(&self) -> Vec<u8> {
        Encoder::new(Kind::RATING, self.encoded_len())
            .u8(self.scale.low())
            .u8(self.scale.high())
            .u8(self.scale.satisfied_from())
            .u64(self.missing)
            .u64s(&self.counts)
            .finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::RATING, bytes)?;
        let scale = Scale::new(decoder.u8()?, decoder.u8()?, decoder.u8()?)?;
        let missing = decoder.u64()?;
        let counts = (0..scale.width()).map(|_| decoder.u64()).collect::<Result<Vec<u64>>>()?;
        decoder.close()?;
        Self::from_counts(scale, &counts, missing)
    }

    fn encoded_len(&self) -> usize {
        len::with_u64s(self.counts.len()).saturating_add(const { 3 * len::U8 + len::U64 })
    }
}

/// What most reports show of a rating tally.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct RatingSummary {
    /// The share that is satisfied.
    pub csat: Share,
    /// The share of the highest rating.
    pub top_box: Share,
    /// The share of the lowest rating.
    pub bottom_box: Share,
    /// The mean rating.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub mean: Decimal,
    /// The median rating.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub median: Decimal,
    /// Answered of all that were asked.
    pub response_rate: Share,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RatingState {
    scale: Scale,
    counts: Vec<u64>,
    missing: u64,
}

#[cfg(feature = "serde")]
impl TryFrom<RatingState> for RatingTally {
    type Error = Error;

    fn try_from(state: RatingState) -> Result<Self> {
        Self::from_counts(state.scale, &state.counts, state.missing)
    }
}

#[cfg(feature = "serde")]
impl From<RatingTally> for RatingState {
    fn from(tally: RatingTally) -> Self {
        Self { scale: tally.scale, counts: tally.counts, missing: tally.missing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(counts: &[u64]) -> RatingTally {
        RatingTally::from_counts(Scale::ONE_TO_FIVE, counts, 0).unwrap()
    }

    #[test]
    fn an_own_threshold_changes_csat_but_not_top_two_box() {
        let strict = RatingTally::from_counts(Scale::new(1, 5, 5).unwrap(), &[1, 1, 1, 1, 6], 0).unwrap();
        assert_eq!(strict.csat(), Share::new(6, 10));
        assert_eq!(strict.top_two_box(), Share::new(7, 10));
    }

    #[test]
    fn nothing_answered_leaves_every_score_undefined() {
        let mut empty = RatingTally::default();
        empty.record_missing(3).unwrap();
        assert!(matches!(empty.csat(), Err(Error::Undefined { metric: "CSAT", .. })));
        assert!(matches!(empty.mean(), Err(Error::Undefined { .. })));
        assert!(matches!(empty.median(), Err(Error::Undefined { .. })));
        assert!(matches!(empty.modes(), Err(Error::Undefined { .. })));
        assert!(matches!(empty.finish(), Err(Error::Undefined { .. })));
        assert_eq!(empty.response_rate(), Share::new(0, 3));
        assert!(matches!(tally(&[0, 0, 1, 0, 0]).variance(), Err(Error::Undefined { metric: "variance", .. })));
        assert_eq!(tally(&[0, 0, 1, 0, 0]).population_variance(), Ok(Decimal::ZERO));
    }

    #[test]
    fn median_lies_between_the_middle_two() {
        assert_eq!(tally(&[1, 0, 0, 1, 0]).median(), Ok(Decimal::new(25, 1)));
        assert_eq!(tally(&[1, 1, 0, 0, 1]).median(), Ok(Decimal::TWO));
        assert_eq!(tally(&[2, 0, 0, 0, 2]).modes(), Ok(vec![1, 5]));
    }

    #[test]
    fn counts_that_exceed_64_bits_are_refused_and_change_nothing() {
        let mut full = tally(&[u64::MAX, 0, 0, 0, 0]);
        let before = full.clone();
        assert!(matches!(full.record(Some(5)), Err(Error::Overflow { .. })));
        assert!(matches!(full.record_missing(1), Err(Error::Overflow { .. })));
        assert!(matches!(full.merge(&tally(&[1, 0, 0, 0, 0])), Err(Error::Overflow { .. })));
        assert_eq!(full, before);
        assert_eq!(full.mean(), Ok(Decimal::ONE));
        assert!(RatingTally::from_counts(Scale::ONE_TO_FIVE, &[u64::MAX, 1, 0, 0, 0], 0).is_err());
    }

    #[test]
    fn a_missing_code_must_not_be_a_rating() {
        let mut tally = RatingTally::default();
        assert!(matches!(tally.record_column_with_missing(&[1, 2], 2), Err(Error::OutOfBounds { field: "missing", .. })));
        tally.record_column_with_missing(&[0, 5, 0, 4], 0).unwrap();
        assert_eq!((tally.answers(), tally.missing()), (2, 2));
        let error = tally.record_column_with_missing(&[0, 5, 9], 0).unwrap_err();
        assert_eq!((error.row(), error.field()), (Some(2), Some("rating")));
        assert_eq!((tally.answers(), tally.missing()), (2, 2));
    }
}
