//! A tally of ratings that carry weights.

use rust_decimal::Decimal;

use super::weighted_columns::sums_by_byte;
use super::{Scale, WeightedRatingSummary, WeightedRatings};
use crate::decimal;
use crate::error::{Error, Result};
use crate::estimate::WeightSums;
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

/// How often each rating was given, with the exact sums of the weights and of the squares of the weights.
///
/// A weight says for how many customers an answer stands: the inverse of the chance of being asked, or a factor that makes the answers match
/// the customers by region or age. What is read off it is the weighted figure, and its uncertainty counts as many answers as the weights
/// [leave](crate::estimate::WeightedShare::effective_n): never their sum. The weights are taken as given; that they were made to fit known totals is not
/// credited to the variance.
///
/// A weight of 0 says that an answer stands for nobody. It is checked and [counted by itself](Self::weightless), and changes no figure, no
/// number of answers and no interval. All weights times the same factor give the same figures and intervals, and equal weights those of
/// [`RatingTally`](super::RatingTally).
///
/// Survey packages take rows of weight 0 for a part of the sample outside the population asked about, of which chance decides how many there
/// are: Stata's `svy` counts them in n and in the degrees of freedom, R's `survey` in n alone (its `degf` leaves them out). Their variance is
/// then smaller by `n / (n - 1)` over `m / (m - 1)`, m of n with a weight. Given m, the latter is right on average where weights are equal, and
/// it does not depend on how many rows were kept that stand for nobody. Source: B. Sribney, "The svy command's handling of zero weights",
/// Stata FAQ; T. Lumley, R package `survey`, `degf`.
///
/// ```
/// use customer_metrics::{Confidence, Tally};
/// use customer_metrics::satisfaction::{Scale, WeightedRatings, WeightedRatingTally};
///
/// // Branches answer more often than online customers, and stand for fewer of them: weights in hundredths.
/// let settings = WeightedRatings::new(Scale::ONE_TO_FIVE, 2)?;
/// let mut branches = WeightedRatingTally::empty(settings);
/// branches.record_columns(&[5, 5, 4, 5, 3, 5], &[50, 50, 50, 50, 50, 50])?;
/// let mut online = WeightedRatingTally::empty(settings);
/// online.record_columns(&[2, 4], &[250, 250])?;
/// branches.merge(&online)?;
///
/// assert_eq!(branches.csat()?.to_decimal().to_string(), "0.625");
/// assert_eq!(branches.mean()?.to_string(), "3.5625");
/// assert_eq!(format!("{:.2}", branches.effective_n()?), "4.57");
/// let estimate = branches.csat()?.estimate(Confidence::P95);
/// assert_eq!(format!("{estimate:.2}"), "0.62 (0.24 to 0.90, 95% Wilson at effective n, n = 8)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "WeightedState", into = "WeightedState"))]
pub struct WeightedRatingTally {
    settings: WeightedRatings,
    /// One for each rating of the scale, from the lowest.
    by_rating: Vec<WeightSums>,
    missing: WeightSums,
    /// All of them together: as long as it fits, so does every sum of some of them.
    asked: WeightSums,
    /// Rows with a weight of 0, which are in none of the above.
    weightless: u64,
}

impl WeightedRatingTally {
    /// Records a column of ratings and one of their weights, in [units](WeightedRatings::units), row by row, all or none: the fast path for
    /// large surveys.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::Row`] with the first rating that is not on the scale;
    /// [`Error::Overflow`] if the weights exceed 64 bits of units.
    pub fn record_columns(&mut self, ratings: &[u8], weights: &[u64]) -> Result<()> {
        self.record_rows(ratings, weights, None)
    }

    /// Records a column of ratings in which `missing` stands for an unanswered question, and one of weights, all or none.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if `missing` is itself a rating of the scale; otherwise as [`record_columns`](Self::record_columns).
    pub fn record_columns_with_missing(&mut self, ratings: &[u8], weights: &[u64], missing: u8) -> Result<()> {
        self.settings.scale().check_missing_code(missing)?;
        self.record_rows(ratings, weights, Some(missing))
    }

    fn record_rows(&mut self, ratings: &[u8], weights: &[u64], missing_code: Option<u8>) -> Result<()> {
        if ratings.len() != weights.len() {
            return Err(Error::mismatch("column length", ratings.len(), weights.len()));
        }
        let scale = self.settings.scale();
        let mut batch = Self::empty(self.settings);
        let mut unknown = 0_u64;
        for (byte, sums) in (0..=u8::MAX).zip(sums_by_byte(ratings, weights)) {
            if sums.rows() == 0 {
                continue;
            }
            if missing_code == Some(byte) {
                batch.missing = sums.checked()?;
            } else if let Some(slot) = scale.position("rating", byte).ok().and_then(|position| batch.by_rating.get_mut(position)) {
                *slot = sums.checked()?;
            } else {
                unknown = unknown.saturating_add(sums.rows());
            }
            batch.weightless = batch.weightless.saturating_add(sums.weightless());
        }
        if unknown > 0 {
            let wrong = ratings.iter().copied().enumerate().find(|&(_, byte)| !scale.contains(byte) && missing_code != Some(byte));
            if let Some((row, rating)) = wrong {
                return Err(Error::out_of_bounds("rating", rating, scale.bound()).at_row(row));
            }
        }
        batch.asked = total(&batch.by_rating, &batch.missing)?;
        self.merge(&batch)
    }

    /// The scale.
    #[must_use]
    pub fn scale(&self) -> Scale {
        self.settings.scale()
    }

    /// How many questions were answered, with a weight above 0.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.answered().answers
    }

    /// How many were left unanswered, with a weight above 0.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing.answers
    }

    /// How many rows, answered or not, have a weight of 0: they stand for nobody and are in no other number.
    #[must_use]
    pub fn weightless(&self) -> u64 {
        self.weightless
    }

    /// The sum of the weights of the answers: how many customers they stand for. It is no number of answers.
    #[must_use]
    pub fn weight(&self) -> Decimal {
        self.amount(self.answered().sum)
    }

    /// Every rating of the scale with the number of its answers and the sum of their weights, from the lowest to the highest.
    #[must_use]
    pub fn distribution(&self) -> impl DoubleEndedIterator<Item = (u8, u64, Decimal)> + '_ {
        self.ratings().map(|(rating, sums)| (rating, sums.answers, self.amount(sums.sum)))
    }

    pub(super) fn ratings(&self) -> impl DoubleEndedIterator<Item = (u8, &WeightSums)> + '_ {
        (self.scale().low()..=self.scale().high()).zip(&self.by_rating)
    }

    fn amount(&self, units: u64) -> Decimal {
        // 64 bits of units are fewer than 28 digits.
        decimal::from_minor_units(decimal::wide(units), self.settings.weight_places().into()).unwrap_or_default()
    }

    pub(super) fn answered(&self) -> WeightSums {
        self.between(0, u8::MAX)
    }

    pub(super) fn unanswered(&self) -> WeightSums {
        self.missing
    }

    /// What lies from one rating to another, both included.
    pub(super) fn between(&self, low: u8, high: u8) -> WeightSums {
        let within = self.ratings().filter(|&(rating, _)| low <= rating && rating <= high);
        within.fold(WeightSums::default(), |sum, (_, sums)| sum.and(sums))
    }

    fn checked(settings: WeightedRatings, by_rating: Vec<WeightSums>, missing: WeightSums, weightless: u64) -> Result<Self> {
        if by_rating.len() != settings.scale().width() {
            return Err(Error::mismatch("number of ratings", settings.scale().width(), by_rating.len()));
        }
        let asked = total(&by_rating, &missing)?;
        Ok(Self { settings, by_rating, missing, asked, weightless })
    }

    fn fault(&self) -> Option<&'static str> {
        self.by_rating.iter().chain([&self.missing]).find_map(WeightSums::fault)
    }

    fn plus_weightless(&self, more: u64) -> Result<u64> {
        self.weightless.checked_add(more).ok_or_else(|| Error::count_overflow("rows of weight 0"))
    }
}

fn total(by_rating: &[WeightSums], missing: &WeightSums) -> Result<WeightSums> {
    by_rating.iter().try_fold(*missing, |sum, sums| sum.plus(sums))
}

/// An empty tally on 1-5, with weights of 6 decimal places.
impl Default for WeightedRatingTally {
    fn default() -> Self {
        Self::empty(WeightedRatings::default())
    }
}

impl Tally for WeightedRatingTally {
    type Settings = WeightedRatings;
    /// A rating, or `None` for an unanswered question, and its weight.
    type Record = (Option<u8>, Decimal);
    type Summary = WeightedRatingSummary;

    fn empty(settings: WeightedRatings) -> Self {
        let none = WeightSums::default();
        Self { settings, by_rating: vec![none; settings.scale().width()], missing: none, asked: none, weightless: 0 }
    }

    fn settings(&self) -> WeightedRatings {
        self.settings
    }

    fn record(&mut self, (rating, weight): (Option<u8>, Decimal)) -> Result<()> {
        let one = WeightSums::of_one(self.settings.units(weight)?);
        let position = rating.map(|rating| self.settings.scale().position("rating", rating)).transpose()?;
        let asked = self.asked.plus(&one)?;
        let weightless = self.plus_weightless(u64::from(one.answers == 0))?;
        let slot = match position {
            Some(position) => self.by_rating.get_mut(position),
            None => Some(&mut self.missing),
        };
        if let Some(slot) = slot {
            *slot = slot.and(&one);
            self.asked = asked;
            self.weightless = weightless;
        }
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.settings != other.settings {
            return Err(Error::mismatch("weighted ratings", self.settings, other.settings));
        }
        let asked = self.asked.plus(&other.asked)?;
        self.weightless = self.plus_weightless(other.weightless)?;
        self.asked = asked;
        for (slot, sums) in self.by_rating.iter_mut().zip(&other.by_rating) {
            *slot = slot.and(sums);
        }
        self.missing = self.missing.and(&other.missing);
        Ok(())
    }

    fn finish(&self) -> Result<WeightedRatingSummary> {
        Ok(WeightedRatingSummary {
            csat: self.csat()?,
            top_box: self.top_box()?,
            bottom_box: self.bottom_box()?,
            mean: self.mean()?,
            effective_n: self.effective_n()?,
            design_effect: self.design_effect()?,
            response_rate: self.response_rate()?,
        })
    }

    fn encode(&self) -> Vec<u8> {
        let start = Encoder::new(Kind::WEIGHTED_RATING, self.encoded_len())
            .u8(self.settings.scale().low())
            .u8(self.settings.scale().high())
            .u8(self.settings.scale().satisfied_from())
            .u8(self.settings.weight_places())
            .u64(self.weightless);
        let cells = [&self.missing].into_iter().chain(&self.by_rating);
        cells.fold(start, |encoder, sums| encoder.u64(sums.answers).u64(sums.sum).u128(sums.squares)).finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::WEIGHTED_RATING, bytes)?;
        let scale = Scale::new(decoder.u8()?, decoder.u8()?, decoder.u8()?)?;
        let settings = WeightedRatings::new(scale, decoder.u8()?)?;
        let weightless = decoder.u64()?;
        let mut cell = || Ok(WeightSums { answers: decoder.u64()?, sum: decoder.u64()?, squares: decoder.u128()? });
        let missing = cell()?;
        let by_rating = (0..scale.width()).map(|_| cell()).collect::<Result<Vec<WeightSums>>>()?;
        let tally = Self::checked(settings, by_rating, missing, weightless)?;
        match tally.fault() {
            Some(because) => Err(decoder.fault(because)),
            None => decoder.close().map(|()| tally),
        }
    }

    fn encoded_len(&self) -> usize {
        let cells = self.by_rating.len().saturating_add(1);
        const { len::HEADER + 4 * len::U8 + len::U64 }.saturating_add(cells.saturating_mul(const { 2 * len::U64 + len::U128 }))
    }
}

/// The squares as text: 128 bits are more than JSON numbers carry.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SumsState {
    answers: u64,
    weight_units: u64,
    squares: String,
}

#[cfg(feature = "serde")]
impl SumsState {
    fn of(sums: &WeightSums) -> Self {
        Self { answers: sums.answers, weight_units: sums.sum, squares: sums.squares.to_string() }
    }

    fn sums(self) -> Result<WeightSums> {
        let unknown = |value, expected| Error::Unknown { field: "squares", value, expected };
        match self.squares.parse() {
            Ok(squares) => {
                let sums = WeightSums { answers: self.answers, sum: self.weight_units, squares };
                if sums.fault().is_some() { Err(unknown(self.squares, "a sum of squares that such weights can have")) } else { Ok(sums) }
            }
            Err(_) => Err(unknown(self.squares, "a whole number of 128 bits")),
        }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WeightedState {
    settings: WeightedRatings,
    by_rating: Vec<SumsState>,
    missing: SumsState,
    weightless: u64,
}

#[cfg(feature = "serde")]
impl TryFrom<WeightedState> for WeightedRatingTally {
    type Error = Error;

    fn try_from(state: WeightedState) -> Result<Self> {
        let by_rating = state.by_rating.into_iter().map(SumsState::sums).collect::<Result<Vec<_>>>()?;
        Self::checked(state.settings, by_rating, state.missing.sums()?, state.weightless)
    }
}

#[cfg(feature = "serde")]
impl From<WeightedRatingTally> for WeightedState {
    fn from(tally: WeightedRatingTally) -> Self {
        let by_rating = tally.by_rating.iter().map(SumsState::of).collect();
        Self { settings: tally.settings, by_rating, missing: SumsState::of(&tally.missing), weightless: tally.weightless }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::Confidence;
    use crate::satisfaction::Scale;

    #[test]
    fn weights_that_exceed_64_bits_are_refused_and_change_nothing() {
        let mut full = WeightedRatingTally::empty(WeightedRatings::new(Scale::ONE_TO_FIVE, 0).unwrap());
        full.record((Some(5), Decimal::from(u64::MAX))).unwrap();
        let before = full.clone();
        assert!(matches!(full.record((Some(1), Decimal::ONE)), Err(Error::Overflow { field: "weights", .. })));
        assert!(matches!(full.record_columns(&[1], &[1]), Err(Error::Overflow { .. })));
        assert!(matches!(full.record_columns(&[1, 1, 2], &[u64::MAX, u64::MAX, 0]), Err(Error::Overflow { .. })));
        assert!(matches!(full.merge(&before), Err(Error::Overflow { .. })));
        assert_eq!(full, before);
        assert_eq!(full.mean(), Ok(Decimal::from(5)));
        assert_eq!(full.effective_n().unwrap().to_bits(), 1.0_f64.to_bits());
        assert_eq!(WeightedRatingTally::decode(&full.encode()), Ok(full));
    }

    #[test]
    fn answers_without_weight_leave_every_figure_undefined() {
        let mut tally = WeightedRatingTally::default();
        assert_eq!(tally.csat().unwrap_err().to_string(), "CSAT is undefined: no question was answered");
        tally.record((Some(5), Decimal::ZERO)).unwrap();
        tally.record((None, Decimal::ONE)).unwrap();
        assert_eq!(tally.csat().unwrap_err().to_string(), "CSAT is undefined: nothing that counts has a weight above 0");
        assert_eq!(tally.mean().unwrap_err().to_string(), "mean rating is undefined: nothing that counts has a weight above 0");
        assert!(tally.mean_estimate(Confidence::P95).is_err() && tally.design_effect().is_err() && tally.finish().is_err());
        assert_eq!(tally.response_rate().unwrap().to_decimal(), Decimal::ZERO);
        tally.record((Some(4), Decimal::ONE)).unwrap();
        assert_eq!((tally.answers(), tally.weightless()), (1, 1));
        assert_eq!((tally.weight(), tally.mean()), (Decimal::ONE, Ok(Decimal::from(4))));
    }

    #[test]
    fn more_rows_of_weight_0_than_64_bits_are_refused_and_change_nothing() {
        let mut full = WeightedRatingTally { weightless: u64::MAX, ..WeightedRatingTally::default() };
        full.record((Some(4), Decimal::ONE)).unwrap();
        let before = full.clone();
        let mut other = WeightedRatingTally::default();
        other.record((Some(3), Decimal::TWO)).unwrap();
        other.record((None, Decimal::ZERO)).unwrap();
        assert!(matches!(full.record((Some(5), Decimal::ZERO)), Err(Error::Overflow { field: "rows of weight 0", .. })));
        assert!(full.record_columns(&[5, 5], &[1, 0]).is_err() && full.merge(&other).is_err());
        assert_eq!(full, before);
        assert_eq!(WeightedRatingTally::decode(&full.encode()), Ok(full));
    }
}
