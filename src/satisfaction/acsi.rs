//! The index of the American Customer Satisfaction Index model: three questions, one number in 0..=100.

use rust_decimal::Decimal;

use super::{RatingTally, Scale, Weights};
use crate::decimal;
use crate::error::{Error, Result};
use crate::estimate::{Confidence, Estimate, combine_dependent};
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

const SCALE: Scale = Scale::ONE_TO_TEN;

/// One respondent's answers to the three questions, each 1 to 10 or unanswered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct AcsiAnswers {
    /// Overall satisfaction: 1 very dissatisfied, 10 very satisfied.
    pub overall_satisfaction: Option<u8>,
    /// Expectancy disconfirmation: 1 falls short of expectations, 10 exceeds them.
    pub expectancy_disconfirmation: Option<u8>,
    /// Comparison to an ideal: 1 not very close to it, 10 very close.
    pub comparison_to_ideal: Option<u8>,
}

impl AcsiAnswers {
    /// Answers to all three questions.
    #[must_use]
    pub fn new(overall_satisfaction: u8, expectancy_disconfirmation: u8, comparison_to_ideal: u8) -> Self {
        Self {
            overall_satisfaction: Some(overall_satisfaction),
            expectancy_disconfirmation: Some(expectancy_disconfirmation),
            comparison_to_ideal: Some(comparison_to_ideal),
        }
    }
}

/// The answers of many respondents to the three ACSI questions, each from 1 to 10.
///
/// ```text
/// index = sum of w_i (mean_i - 1) / 9 x 100,  sum of w_i = 1
/// equal weights: (mean_1 + mean_2 + mean_3 - 3) / 27 x 100
/// ```
///
/// A question that was left out is missing from its own mean only. The weights that the ACSI publishes its scores with come from its
/// structural model and are proprietary; equal weights are the usual approximation. Source: Fornell et al., "The American Customer
/// Satisfaction Index", Journal of Marketing 60, 1996; Verint.
///
/// ```
/// use customer_metrics::{Decimal, Tally};
/// use customer_metrics::satisfaction::{AcsiAnswers, AcsiTally, Weights};
///
/// let mut tally = AcsiTally::default();
/// tally.extend([AcsiAnswers::new(10, 8, 7), AcsiAnswers::new(8, 6, 6)])?;
/// assert_eq!(tally.equal_weights_index()?.to_string(), "72.22222222222222222222");
///
/// let weights = Weights::shares(["0.3885", "0.3190", "0.2925"].map(|weight| weight.parse().unwrap()))?;
/// assert_eq!(tally.index(&weights)?.round_dp(2).to_string(), "73.68");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "AcsiState", into = "AcsiState"))]
pub struct AcsiTally {
    overall_satisfaction: RatingTally,
    expectancy_disconfirmation: RatingTally,
    comparison_to_ideal: RatingTally,
}

impl AcsiTally {
    /// A tally of one rating tally per question.
    ///
    /// # Errors
    /// [`Error::Mismatch`] unless each is on [`Scale::ONE_TO_TEN`] and all have as many respondents, answered or not.
    pub fn from_items(
        overall_satisfaction: RatingTally,
        expectancy_disconfirmation: RatingTally,
        comparison_to_ideal: RatingTally,
    ) -> Result<Self> {
        let tally = Self { overall_satisfaction, expectancy_disconfirmation, comparison_to_ideal };
        for item in tally.items() {
            if item.scale() != SCALE {
                return Err(Error::mismatch("scale", SCALE, item.scale()));
            }
            if respondents(item) != tally.respondents() {
                return Err(Error::mismatch("respondents", tally.respondents(), respondents(item)));
            }
        }
        Ok(tally)
    }

    fn items(&self) -> [&RatingTally; 3] {
        [&self.overall_satisfaction, &self.expectancy_disconfirmation, &self.comparison_to_ideal]
    }

    /// The answers on overall satisfaction.
    #[must_use]
    pub fn overall_satisfaction(&self) -> &RatingTally {
        &self.overall_satisfaction
    }

    /// The answers on expectancy disconfirmation.
    #[must_use]
    pub fn expectancy_disconfirmation(&self) -> &RatingTally {
        &self.expectancy_disconfirmation
    }

    /// The answers on the comparison to an ideal.
    #[must_use]
    pub fn comparison_to_ideal(&self) -> &RatingTally {
        &self.comparison_to_ideal
    }

    /// How many were asked, whether they answered every question or not.
    #[must_use]
    pub fn respondents(&self) -> u64 {
        respondents(&self.overall_satisfaction)
    }

    /// The index in 0..=100 with these weights, in the order of the questions, rounded half away from zero to 20 decimal places.
    ///
    /// Its interval is [`index_estimate`](Self::index_estimate).
    ///
    /// # Errors
    /// [`Error::Mismatch`] if there are not three weights; [`Error::Undefined`] if a question has no answers.
    pub fn index(&self, weights: &Weights) -> Result<Decimal> {
        let mut values = Vec::with_capacity(3);
        for item in self.items() {
            let above_lowest = decimal::sub("ACSI index", item.mean()?, SCALE.low().into())?;
            let hundredfold = decimal::mul("ACSI index", above_lowest, Decimal::ONE_HUNDRED)?;
            let width = SCALE.high().saturating_sub(SCALE.low());
            values.push(decimal::div("ACSI index", "the scale has one rating", hundredfold, width.into())?);
        }
        weights.index(&values)
    }

    /// The index with an interval that holds however the three answers of a respondent hang together, which the counts of each question do not
    /// say: [`combine_dependent`] of the t intervals of the three means.
    ///
    /// It is wider than needed unless all three move together. A [`ReliabilityTally`](super::ReliabilityTally) of the same answers keeps their
    /// covariances and, for equal weights, gives the narrower interval by
    /// [`ReliabilityTally::mean_estimate`](super::ReliabilityTally::mean_estimate).
    ///
    /// ```
    /// use customer_metrics::{Confidence, Tally};
    /// use customer_metrics::satisfaction::{AcsiAnswers, AcsiTally, Weights};
    ///
    /// let mut tally = AcsiTally::default();
    /// tally.extend([AcsiAnswers::new(9, 8, 9), AcsiAnswers::new(7, 7, 6), AcsiAnswers::new(8, 6, 7), AcsiAnswers::new(10, 9, 8)])?;
    /// let index = tally.index_estimate(&Weights::equal(3)?, Confidence::P95)?;
    /// assert_eq!(format!("{index:.1}"), "75.9 (53.1 to 96.7, 95% sum of distances, n = 4)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Mismatch`] if there are not three weights; [`Error::Undefined`] if a question has fewer than two answers.
    pub fn index_estimate(&self, weights: &Weights, confidence: Confidence) -> Result<Estimate> {
        if weights.as_slice().len() != 3 {
            return Err(Error::mismatch("number of weights", weights.as_slice().len(), 3));
        }
        let [low, high] = [SCALE.low(), SCALE.high()].map(f64::from);
        let parts = self.items().into_iter().zip(weights.as_slice()).map(|(item, weight)| {
            let part = decimal::div("ACSI index", "the weights are 0", *weight, weights.total())?;
            let value = item.mean_estimate(confidence)?.rising(|mean| (mean - low) / (high - low) * 100.0);
            Ok((decimal::to_f64(part), value))
        });
        combine_dependent(&parts.collect::<Result<Vec<_>>>()?)
    }

    /// The index in 0..=100 with the same weight for each question.
    ///
    /// # Errors
    /// [`Error::Undefined`] if a question has no answers.
    pub fn equal_weights_index(&self) -> Result<Decimal> {
        self.index(&Weights::equal(3)?)
    }
}

/// How many were asked, answered or not; it cannot exceed 64 bits.
fn respondents(item: &RatingTally) -> u64 {
    item.answers().saturating_add(item.missing())
}

/// A tally of nothing.
impl Default for AcsiTally {
    fn default() -> Self {
        let item = || RatingTally::empty(SCALE);
        Self { overall_satisfaction: item(), expectancy_disconfirmation: item(), comparison_to_ideal: item() }
    }
}

impl Tally for AcsiTally {
    type Settings = ();
    type Record = AcsiAnswers;
    type Summary = AcsiSummary;

    fn empty((): ()) -> Self {
        Self::default()
    }

    fn settings(&self) {}

    fn record(&mut self, answers: AcsiAnswers) -> Result<()> {
        let named = [
            ("overall satisfaction", answers.overall_satisfaction),
            ("expectancy disconfirmation", answers.expectancy_disconfirmation),
            ("comparison to ideal", answers.comparison_to_ideal),
        ];
        for (field, answer) in named {
            let _ = answer.map(|answer| SCALE.position(field, answer)).transpose()?;
        }
        // All three questions have as many respondents: if the first has room, so have the others.
        self.overall_satisfaction.record(answers.overall_satisfaction)?;
        self.expectancy_disconfirmation.record(answers.expectancy_disconfirmation)?;
        self.comparison_to_ideal.record(answers.comparison_to_ideal)
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        // As in `record`.
        self.overall_satisfaction.merge(&other.overall_satisfaction)?;
        self.expectancy_disconfirmation.merge(&other.expectancy_disconfirmation)?;
        self.comparison_to_ideal.merge(&other.comparison_to_ideal)
    }

    fn finish(&self) -> Result<AcsiSummary> {
        Ok(AcsiSummary {
            equal_weights_index: self.equal_weights_index()?,
            overall_satisfaction: self.overall_satisfaction.mean()?,
            expectancy_disconfirmation: self.expectancy_disconfirmation.mean()?,
            comparison_to_ideal: self.comparison_to_ideal.mean()?,
            respondents: self.respondents(),
        })
    }

    fn encode(&self) -> Vec<u8> {
        let encoder = Encoder::new(Kind::ACSI, self.encoded_len());
        let with_items = self.items().into_iter().fold(encoder, |encoder, item| {
            let counts: Vec<u64> = item.distribution().map(|(_, count)| count).collect();
            encoder.u64(item.missing()).u64s(&counts)
        });
        with_items.finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::ACSI, bytes)?;
        let mut item = || -> Result<RatingTally> {
            let missing = decoder.u64()?;
            RatingTally::from_counts(SCALE, &decoder.u64_array::<10>()?, missing)
        };
        let (overall, expectancy, ideal) = (item()?, item()?, item()?);
        decoder.close()?;
        Self::from_items(overall, expectancy, ideal)
    }

    fn encoded_len(&self) -> usize {
        const { len::with_u64s(33) }
    }
}

/// The index and what it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct AcsiSummary {
    /// The index in 0..=100 with equal weights.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub equal_weights_index: Decimal,
    /// The mean answer on overall satisfaction.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub overall_satisfaction: Decimal,
    /// The mean answer on expectancy disconfirmation.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub expectancy_disconfirmation: Decimal,
    /// The mean answer on the comparison to an ideal.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub comparison_to_ideal: Decimal,
    /// How many were asked.
    pub respondents: u64,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct AcsiState {
    overall_satisfaction: RatingTally,
    expectancy_disconfirmation: RatingTally,
    comparison_to_ideal: RatingTally,
}

#[cfg(feature = "serde")]
impl TryFrom<AcsiState> for AcsiTally {
    type Error = Error;

    fn try_from(state: AcsiState) -> Result<Self> {
        Self::from_items(state.overall_satisfaction, state.expectancy_disconfirmation, state.comparison_to_ideal)
    }
}

#[cfg(feature = "serde")]
impl From<AcsiTally> for AcsiState {
    fn from(tally: AcsiTally) -> Self {
        Self {
            overall_satisfaction: tally.overall_satisfaction,
            expectancy_disconfirmation: tally.expectancy_disconfirmation,
            comparison_to_ideal: tally.comparison_to_ideal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_the_scale_are_the_ends_of_the_index() {
        for (answer, index) in [(1, 0), (10, 100)] {
            let mut tally = AcsiTally::default();
            tally.extend([AcsiAnswers::new(answer, answer, answer); 7]).unwrap();
            assert_eq!(tally.equal_weights_index(), Ok(Decimal::from(index)));
        }
    }

    #[test]
    fn an_unanswered_question_is_missing_from_its_own_mean_only() {
        let mut tally = AcsiTally::default();
        tally.record(AcsiAnswers { overall_satisfaction: None, ..AcsiAnswers::new(1, 10, 10) }).unwrap();
        assert!(matches!(tally.equal_weights_index(), Err(Error::Undefined { .. })));
        assert!(tally.finish().is_err());
        tally.record(AcsiAnswers::new(10, 10, 10)).unwrap();
        assert_eq!(tally.equal_weights_index(), Ok(Decimal::ONE_HUNDRED));
        assert_eq!((tally.respondents(), tally.overall_satisfaction().missing()), (2, 1));
    }

    #[test]
    fn a_wrong_answer_is_named_by_its_question_and_leaves_the_others_unrecorded() {
        let mut tally = AcsiTally::default();
        let error = tally.record(AcsiAnswers::new(10, 10, 0)).unwrap_err();
        assert_eq!(error.to_string(), "comparison to ideal is 0, but must be within 1 to 10");
        assert_eq!(tally, AcsiTally::default());
    }

    #[test]
    fn a_full_tally_takes_no_more() {
        let full = RatingTally::from_counts(SCALE, &[0; 10], u64::MAX).unwrap();
        let mut tally = AcsiTally::from_items(full.clone(), full.clone(), full).unwrap();
        let before = tally.clone();
        assert!(matches!(tally.record(AcsiAnswers::new(1, 2, 3)), Err(Error::Overflow { .. })));
        let mut one = AcsiTally::default();
        one.record(AcsiAnswers::new(1, 2, 3)).unwrap();
        assert!(matches!(tally.merge(&one), Err(Error::Overflow { .. })));
        assert_eq!(tally, before);
    }

    #[test]
    fn items_of_different_surveys_are_refused() {
        let empty = || RatingTally::empty(SCALE);
        let mut longer = empty();
        longer.record_missing(1).unwrap();
        assert!(matches!(AcsiTally::from_items(empty(), longer, empty()), Err(Error::Mismatch { field: "respondents", .. })));
        assert!(matches!(AcsiTally::from_items(empty(), empty(), RatingTally::default()), Err(Error::Mismatch { field: "scale", .. })));
        assert!(matches!(AcsiTally::default().index(&Weights::equal(2).unwrap()), Err(Error::Undefined { .. })));
    }
}
