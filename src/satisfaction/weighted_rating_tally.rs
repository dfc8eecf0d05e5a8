//! A tally of ratings that carry weights.

use core::fmt;

use rust_decimal::Decimal;

use super::{NetCuts, Scale, WeightedNetScore};
use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::estimate::{
    Confidence, Estimate, Interval, Method, WeightSums, WeightedShare, product, reduced_ratio, t_reach, with_replacement,
};
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

const NO_ANSWERS: &str = "no question was answered";

/// The scale that ratings are given on, and how many decimal places their weights have.
///
/// Weights are whole numbers of units of `10^-places`, so that their sums are exact and the same in any order. All weights of a tally
/// together must fit into 64 bits of units: with 6 places that is a population of 18 million million.
///
/// ```
/// use customer_metrics::satisfaction::{Scale, WeightedRatings};
///
/// let settings = WeightedRatings::new(Scale::ONE_TO_FIVE, 6)?;
/// assert_eq!(settings.units("1.25".parse().unwrap())?, 1_250_000);
/// assert!(settings.units("0.0000001".parse().unwrap()).is_err());
/// assert!(settings.units("-1".parse().unwrap()).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "SettingsState", into = "SettingsState"))]
pub struct WeightedRatings {
    scale: Scale,
    weight_places: u8,
}

impl WeightedRatings {
    /// The most decimal places of a weight.
    const MOST_PLACES: u8 = 12;

    /// Ratings on this scale with weights of so many decimal places, 12 at most.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] above 12.
    pub fn new(scale: Scale, weight_places: u8) -> Result<Self> {
        if weight_places > Self::MOST_PLACES {
            return Err(Error::out_of_bounds("weight places", weight_places, Bound::AtMost(Self::MOST_PLACES.into())));
        }
        Ok(Self { scale, weight_places })
    }

    /// The scale.
    #[must_use]
    pub fn scale(self) -> Scale {
        self.scale
    }

    /// How many decimal places a weight has.
    #[must_use]
    pub fn weight_places(self) -> u8 {
        self.weight_places
    }

    /// A weight in whole units, as columns of weights have them.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if it is negative or has more decimal places; [`Error::Overflow`] beyond 64 bits of units.
    pub fn units(self, weight: Decimal) -> Result<u64> {
        let weight = decimal::non_negative("weight", weight)?;
        let places = u32::from(self.weight_places);
        if weight.scale() > places {
            return Err(Error::out_of_bounds("weight", weight, Bound::DecimalPlaces(places)));
        }
        let units = decimal::minor_units(weight, places).and_then(|units| u64::try_from(units).ok());
        units.ok_or(Error::Overflow { field: "weight", capacity: "64 bits of weight units" })
    }
}

/// 1 to 5, with weights of 6 decimal places.
impl Default for WeightedRatings {
    fn default() -> Self {
        Self { scale: Scale::default(), weight_places: 6 }
    }
}

/// Such as `1 to 5, satisfied from 4, weights of 6 decimal places`.
impl fmt::Display for WeightedRatings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, weights of {} decimal places", self.scale, self.weight_places)
    }
}

/// How often each rating was given, with the exact sums of the weights and of the squares of the weights.
///
/// A weight says for how many customers an answer stands: the inverse of the chance of being asked, or a factor that makes the answers match
/// the customers by region or age. What is read off it is the weighted figure, and its uncertainty counts as many answers as the weights
/// [leave](WeightedShare::effective_n): never their sum. The weights are taken as given; that they were made to fit known totals is not
/// credited to the variance.
///
/// A weight of 0 is allowed: such an answer is counted, and moves no figure; but the linearised variances count it among the answers and so
/// come out smaller than they should. Leave such rows out where those are used. All weights times the same factor give the same figures and
/// intervals, and equal weights those of [`RatingTally`](super::RatingTally).
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
/// assert_eq!(format!("{:.2}", branches.effective_answers()?), "4.57");
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
        self.settings.scale.check_missing_code(missing)?;
        self.record_rows(ratings, weights, Some(missing))
    }

    fn record_rows(&mut self, ratings: &[u8], weights: &[u64], missing_code: Option<u8>) -> Result<()> {
        if ratings.len() != weights.len() {
            return Err(Error::mismatch("column length", ratings.len(), weights.len()));
        }
        let scale = self.settings.scale;
        let mut batch = Self::empty(self.settings);
        let mut unknown = 0_u64;
        for (byte, sums) in (0..=u8::MAX).zip(sums_by_byte(ratings, weights)) {
            if sums.answers == 0 {
                continue;
            }
            if missing_code == Some(byte) {
                batch.missing = sums.checked()?;
            } else if let Some(slot) = scale.position("rating", byte).ok().and_then(|position| batch.by_rating.get_mut(position)) {
                *slot = sums.checked()?;
            } else {
                unknown = unknown.saturating_add(sums.answers);
            }
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
        self.settings.scale
    }

    /// How many questions were answered, those with a weight of 0 among them.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.answered().answers
    }

    /// How many were left unanswered.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing.answers
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

    fn ratings(&self) -> impl DoubleEndedIterator<Item = (u8, &WeightSums)> + '_ {
        (self.scale().low()..=self.scale().high()).zip(&self.by_rating)
    }

    fn amount(&self, units: u64) -> Decimal {
        // 64 bits of units are fewer than 28 digits.
        decimal::from_minor_units(decimal::wide(units), self.settings.weight_places.into()).unwrap_or_default()
    }

    fn answered(&self) -> WeightSums {
        self.between(0, u8::MAX)
    }

    /// What lies from one rating to another, both included.
    fn between(&self, low: u8, high: u8) -> WeightSums {
        let within = self.ratings().filter(|&(rating, _)| low <= rating && rating <= high);
        within.fold(WeightSums::default(), |sum, (_, sums)| sum.and(sums))
    }

    fn share_from(&self, metric: &'static str, low: u8) -> Result<WeightedShare> {
        let below = low.checked_sub(1).map_or(WeightSums::default(), |below| self.between(0, below));
        WeightedShare::of(metric, NO_ANSWERS, self.between(low, u8::MAX), below)
    }

    /// Kish's effective number of answers: how many of equal weight would be as sure.
    ///
    /// # Errors
    /// [`Error::Undefined`] without weight.
    pub fn effective_answers(&self) -> Result<f64> {
        self.share_from("effective number of answers", 0).map(|all| all.effective_n())
    }

    /// Kish's design effect of weighting: how many times the variance is what it would be with equal weights.
    ///
    /// # Errors
    /// [`Error::Undefined`] without weight.
    pub fn design_effect(&self) -> Result<f64> {
        self.share_from("design effect", 0).map(|all| all.design_effect())
    }

    /// The weighted share of answers that count as satisfied on this scale.
    ///
    /// # Errors
    /// [`Error::Undefined`] without weight.
    pub fn csat(&self) -> Result<WeightedShare> {
        self.share_from("CSAT", self.scale().satisfied_from())
    }

    /// The weighted share of answers that are one of the two highest ratings, whatever the scale's threshold.
    ///
    /// # Errors
    /// [`Error::Undefined`] without weight.
    pub fn top_two_box(&self) -> Result<WeightedShare> {
        self.share_from("top-2-box", self.scale().high().saturating_sub(1))
    }

    /// The weighted share of answers that are the highest rating.
    ///
    /// # Errors
    /// [`Error::Undefined`] without weight.
    pub fn top_box(&self) -> Result<WeightedShare> {
        self.share_from("top-box", self.scale().high())
    }

    /// The weighted share of answers that are the lowest rating.
    ///
    /// # Errors
    /// [`Error::Undefined`] without weight.
    pub fn bottom_box(&self) -> Result<WeightedShare> {
        self.share_from("bottom-box", self.scale().low().saturating_add(1)).map(|above| above.complement())
    }

    /// The weight of the answered questions of the weight of all that were asked.
    ///
    /// # Errors
    /// [`Error::Undefined`] without weight.
    pub fn response_rate(&self) -> Result<WeightedShare> {
        WeightedShare::of("response rate", "no question was asked", self.answered(), self.missing)
    }

    /// The weighted mean rating, in scale points, rounded half away from zero to 28 digits.
    ///
    /// ```text
    /// mean = sum of w x / sum of w
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] without weight.
    pub fn mean(&self) -> Result<Decimal> {
        let _ = self.effective_answers().map_err(|error| renamed(error, "mean rating"))?;
        decimal::ratio("mean rating", NO_ANSWERS, self.weighted_sum(), decimal::wide(self.answered().sum))
    }

    /// The sum of w x: 72 bits.
    fn weighted_sum(&self) -> i128 {
        self.ratings().fold(0, |sum, (rating, sums)| i128::saturating_add(sum, decimal::wide(sums.sum).saturating_mul(rating.into())))
    }

    /// The standard error of the weighted mean as a ratio of two sums, linearised.
    ///
    /// ```text
    /// se^2 = n / (n - 1) x sum of w^2 (x - mean)^2 / (sum of w)^2
    /// ```
    ///
    /// Within 1e-14 relative; sources as for [`WeightedShare::standard_error`]. With equal weights it is that of the plain mean, `s / sqrt(n)`.
    ///
    /// # Errors
    /// [`Error::Undefined`] without weight or with fewer than two answers.
    pub fn mean_standard_error(&self) -> Result<f64> {
        let _ = self.effective_answers().map_err(|error| renamed(error, "standard error of a weighted mean"))?;
        let correction = with_replacement(self.answers(), "standard error of a weighted mean")?;
        let (sum, weighted) = (self.answered().sum, self.weighted_sum());
        let variance = self.ratings().fold(0.0, |variance, (rating, sums)| {
            // Exact: both products have 72 bits.
            let apart = decimal::wide(sum).saturating_mul(rating.into()).saturating_sub(weighted);
            let apart = reduced_ratio(apart.unsigned_abs(), sum.into());
            variance + reduced_ratio(sums.squares, product(sum, sum)) * apart * apart
        });
        Ok((correction * variance).sqrt())
    }

    /// The weighted mean with its interval: Student's t times the [standard error](Self::mean_standard_error), with one degree of freedom less
    /// than there are answers, held within the scale.
    ///
    /// # Errors
    /// [`Error::Undefined`] without weight or with fewer than two answers.
    pub fn mean_estimate(&self, confidence: Confidence) -> Result<Estimate> {
        let reach = t_reach(confidence, self.answers()) * self.mean_standard_error()?;
        let point = decimal::to_f64(self.mean()?);
        let [low, high] = [self.scale().low(), self.scale().high()].map(f64::from);
        let interval = Interval::holding(point, [point - reach, point + reach], [low, high]);
        Ok(Estimate::holding(point, interval, confidence, Method::Linearised, self.answers()))
    }

    /// Weighted NPS: the weight of promoters (9, 10) less that of detractors (0 to 6), of the weight of all answers. Only on 0-10.
    ///
    /// # Errors
    /// [`Error::Mismatch`] on any other scale; [`Error::Undefined`] without weight.
    pub fn nps(&self) -> Result<WeightedNetScore> {
        NetCuts::NPS.check_nps(self.scale())?;
        self.net_score("NPS", NetCuts::NPS)
    }

    /// Weighted net satisfaction, with cuts of one's own on any scale.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if a cut is not on the scale; [`Error::Undefined`] without weight.
    pub fn net_satisfaction(&self, cuts: NetCuts) -> Result<WeightedNetScore> {
        cuts.check(self.scale())?;
        self.net_score("net satisfaction", cuts)
    }

    fn net_score(&self, metric: &'static str, cuts: NetCuts) -> Result<WeightedNetScore> {
        let promoters = self.between(cuts.promoters_from(), u8::MAX);
        let detractors = self.between(0, cuts.detractors_to());
        let passives = self.between(cuts.detractors_to().saturating_add(1), cuts.promoters_from().saturating_sub(1));
        WeightedNetScore::of(metric, NO_ANSWERS, [promoters, passives, detractors])
    }

    fn checked(settings: WeightedRatings, by_rating: Vec<WeightSums>, missing: WeightSums) -> Result<Self> {
        if by_rating.len() != settings.scale.width() {
            return Err(Error::mismatch("number of ratings", settings.scale.width(), by_rating.len()));
        }
        let asked = total(&by_rating, &missing)?;
        Ok(Self { settings, by_rating, missing, asked })
    }

    fn fault(&self) -> Option<&'static str> {
        self.by_rating.iter().chain([&self.missing]).find_map(WeightSums::fault)
    }
}

fn renamed(error: Error, metric: &'static str) -> Error {
    match error {
        Error::Undefined { because, .. } => Error::Undefined { metric, because },
        other => other,
    }
}

fn total(by_rating: &[WeightSums], missing: &WeightSums) -> Result<WeightSums> {
    by_rating.iter().try_fold(*missing, |sum, sums| sum.plus(sums))
}

/// Sums over a column. The weights sum in 128 bits, which no column fills; the squares may wrap, but only where the weights do not fit.
#[derive(Clone, Copy, Default)]
struct ColumnSums {
    answers: u64,
    sum: u128,
    squares: u128,
}

impl ColumnSums {
    fn add(&mut self, answers: u64, sum: u64, squares: u128) {
        self.answers = self.answers.wrapping_add(answers);
        self.sum = self.sum.wrapping_add(sum.into());
        self.squares = self.squares.wrapping_add(squares);
    }

    fn checked(&self) -> Result<WeightSums> {
        let sum = u64::try_from(self.sum).map_err(|_| Error::Overflow { field: "weights", capacity: "64 bits of weight units" })?;
        Ok(WeightSums { answers: self.answers, sum, squares: self.squares })
    }
}

/// The sums over a block of rows, all of whose weights are below [`BELOW`].
#[derive(Clone, Copy, Default)]
struct BlockSums {
    answers: u64,
    sum: u64,
    squares: u64,
}

/// How many rows are summed up in 64 bits, and below which weight that is safe: 2^14 squares of less than 2^50 each.
const ROWS_AT_ONCE: usize = 1 << 14;
const BELOW: u64 = 1 << 25;

/// The sums for each value of a byte.
fn sums_by_byte(ratings: &[u8], weights: &[u64]) -> [ColumnSums; 256] {
    let mut table = [ColumnSums::default(); 256];
    for (ratings, weights) in ratings.chunks(ROWS_AT_ONCE).zip(weights.chunks(ROWS_AT_ONCE)) {
        if weights.iter().fold(0, |bits, &weight| bits | weight) < BELOW {
            for (sums, block) in table.iter_mut().zip(block_sums(ratings, weights)) {
                sums.add(block.answers, block.sum, block.squares.into());
            }
        } else {
            for (&rating, &weight) in ratings.iter().zip(weights) {
                // Every byte has its place: the check vanishes, here and below.
                if let Some(sums) = table.get_mut(usize::from(rating)) {
                    sums.add(1, weight, product(weight, weight));
                }
            }
        }
    }
    table
}

/// Two tables take turns, so that a row need not wait for the one before it where both have the same rating.
fn block_sums(ratings: &[u8], weights: &[u64]) -> [BlockSums; 256] {
    let (mut even, mut odd) = ([BlockSums::default(); 256], [BlockSums::default(); 256]);
    let (pairs, last) = ratings.as_chunks::<2>();
    let (weight_pairs, last_weight) = weights.as_chunks::<2>();
    for (&[first, second], &[first_weight, second_weight]) in pairs.iter().zip(weight_pairs) {
        add_row(&mut even, first, first_weight);
        add_row(&mut odd, second, second_weight);
    }
    for (&rating, &weight) in last.iter().zip(last_weight) {
        add_row(&mut even, rating, weight);
    }
    for (sums, more) in even.iter_mut().zip(&odd) {
        sums.answers = sums.answers.wrapping_add(more.answers);
        sums.sum = sums.sum.wrapping_add(more.sum);
        sums.squares = sums.squares.wrapping_add(more.squares);
    }
    even
}

fn add_row(table: &mut [BlockSums; 256], rating: u8, weight: u64) {
    if let Some(sums) = table.get_mut(usize::from(rating)) {
        sums.answers = sums.answers.wrapping_add(1);
        sums.sum = sums.sum.wrapping_add(weight);
        sums.squares = sums.squares.wrapping_add(weight.wrapping_mul(weight));
    }
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
        Self { settings, by_rating: vec![none; settings.scale.width()], missing: none, asked: none }
    }

    fn settings(&self) -> WeightedRatings {
        self.settings
    }

    fn record(&mut self, (rating, weight): (Option<u8>, Decimal)) -> Result<()> {
        let one = WeightSums::of_one(self.settings.units(weight)?);
        let position = rating.map(|rating| self.settings.scale.position("rating", rating)).transpose()?;
        let asked = self.asked.plus(&one)?;
        let slot = match position {
            Some(position) => self.by_rating.get_mut(position),
            None => Some(&mut self.missing),
        };
        if let Some(slot) = slot {
            *slot = slot.and(&one);
            self.asked = asked;
        }
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.settings != other.settings {
            return Err(Error::mismatch("weighted ratings", self.settings, other.settings));
        }
        self.asked = self.asked.plus(&other.asked)?;
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
            effective_answers: self.effective_answers()?,
            design_effect: self.design_effect()?,
            response_rate: self.response_rate()?,
        })
    }

    fn encode(&self) -> Vec<u8> {
        let start = Encoder::new(Kind::WEIGHTED_RATING, self.encoded_len())
            .u8(self.settings.scale.low())
            .u8(self.settings.scale.high())
            .u8(self.settings.scale.satisfied_from())
            .u8(self.settings.weight_places);
        let cells = [&self.missing].into_iter().chain(&self.by_rating);
        cells.fold(start, |encoder, sums| encoder.u64(sums.answers).u64(sums.sum).u128(sums.squares)).finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::WEIGHTED_RATING, bytes)?;
        let scale = Scale::new(decoder.u8()?, decoder.u8()?, decoder.u8()?)?;
        let settings = WeightedRatings::new(scale, decoder.u8()?)?;
        let mut cell = || Ok(WeightSums { answers: decoder.u64()?, sum: decoder.u64()?, squares: decoder.u128()? });
        let missing = cell()?;
        let by_rating = (0..scale.width()).map(|_| cell()).collect::<Result<Vec<WeightSums>>>()?;
        let tally = Self::checked(settings, by_rating, missing)?;
        match tally.fault() {
            Some(because) => Err(decoder.fault(because)),
            None => decoder.close().map(|()| tally),
        }
    }

    fn encoded_len(&self) -> usize {
        let cells = self.by_rating.len().saturating_add(1);
        const { len::HEADER + 4 * len::U8 }.saturating_add(cells.saturating_mul(const { 2 * len::U64 + len::U128 }))
    }
}

/// What most reports show of a weighted rating tally.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct WeightedRatingSummary {
    /// The weighted share that is satisfied.
    pub csat: WeightedShare,
    /// The weighted share of the highest rating.
    pub top_box: WeightedShare,
    /// The weighted share of the lowest rating.
    pub bottom_box: WeightedShare,
    /// The weighted mean rating.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub mean: Decimal,
    /// Kish's effective number of answers.
    pub effective_answers: f64,
    /// Kish's design effect of weighting.
    pub design_effect: f64,
    /// The weight of the answered questions of that of all.
    pub response_rate: WeightedShare,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsState {
    scale: Scale,
    weight_places: u8,
}

#[cfg(feature = "serde")]
impl TryFrom<SettingsState> for WeightedRatings {
    type Error = Error;

    fn try_from(state: SettingsState) -> Result<Self> {
        Self::new(state.scale, state.weight_places)
    }
}

#[cfg(feature = "serde")]
impl From<WeightedRatings> for SettingsState {
    fn from(settings: WeightedRatings) -> Self {
        Self { scale: settings.scale, weight_places: settings.weight_places }
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
}

#[cfg(feature = "serde")]
impl TryFrom<WeightedState> for WeightedRatingTally {
    type Error = Error;

    fn try_from(state: WeightedState) -> Result<Self> {
        let by_rating = state.by_rating.into_iter().map(SumsState::sums).collect::<Result<Vec<_>>>()?;
        Self::checked(state.settings, by_rating, state.missing.sums()?)
    }
}

#[cfg(feature = "serde")]
impl From<WeightedRatingTally> for WeightedState {
    fn from(tally: WeightedRatingTally) -> Self {
        let by_rating = tally.by_rating.iter().map(SumsState::of).collect();
        Self { settings: tally.settings, by_rating, missing: SumsState::of(&tally.missing) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(full.effective_answers().unwrap().to_bits(), 1.0_f64.to_bits());
        assert_eq!(WeightedRatingTally::decode(&full.encode()), Ok(full));
    }

    /// Columns are summed in blocks, in 64 or in 128 bits as their weights allow.
    #[test]
    fn long_columns_are_the_sum_of_their_rows() {
        let settings = WeightedRatings::new(Scale::ONE_TO_FIVE, 0).unwrap();
        let rows = 2 * ROWS_AT_ONCE + 7;
        let ratings: Vec<u8> = (0..rows).map(|row| (row * row % 5 + 1) as u8).collect();
        for most in [1, 1_000, BELOW, 1 << 40] {
            // The second block alone has a weight that needs 128 bits.
            let weight = |row: usize| if row == ROWS_AT_ONCE + 3 { most } else { (BELOW - 1) - (row as u64 % 97) };
            let weights: Vec<u64> = (0..rows).map(weight).collect();
            let mut by_column = WeightedRatingTally::empty(settings);
            by_column.record_columns(&ratings, &weights).unwrap();
            let mut by_row = WeightedRatingTally::empty(settings);
            by_row.extend(ratings.iter().zip(&weights).map(|(&rating, &weight)| (Some(rating), weight.into()))).unwrap();
            assert_eq!(by_column, by_row, "{most}");
        }
    }

    #[test]
    fn answers_without_weight_leave_every_figure_undefined() {
        let mut tally = WeightedRatingTally::default();
        assert_eq!(tally.csat().unwrap_err().to_string(), "CSAT is undefined: no question was answered");
        tally.record((Some(5), Decimal::ZERO)).unwrap();
        tally.record((None, Decimal::ONE)).unwrap();
        assert_eq!(tally.csat().unwrap_err().to_string(), "CSAT is undefined: every weight is 0");
        assert_eq!(tally.mean().unwrap_err().to_string(), "mean rating is undefined: every weight is 0");
        assert!(tally.mean_estimate(Confidence::P95).is_err() && tally.design_effect().is_err() && tally.finish().is_err());
        assert_eq!(tally.response_rate().unwrap().to_decimal(), Decimal::ZERO);
        tally.record((Some(4), Decimal::ONE)).unwrap();
        assert_eq!((tally.answers(), tally.weight(), tally.mean()), (2, Decimal::ONE, Ok(Decimal::from(4))));
    }
}
