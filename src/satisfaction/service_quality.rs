//! Service quality by its five dimensions: SERVQUAL and SERVPERF.

use rust_decimal::Decimal;

use super::item_sums::{ItemSums, MOST_RESPONDENTS};
use super::{DimensionScores, Experience, Questionnaire, Scale};
use crate::decimal;
use crate::error::{Error, Result};
use crate::share::Share;
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

/// The decimal places of a dimension's mean: fewer than those of its items and more than those of an index, so that at each step a
/// mean that ends comes out as itself.
const MEAN_PLACES: u32 = 24;

/// What respondents expected of a service and perceived it to be, item by item.
///
/// ```text
/// SERVQUAL: gap of an item = mean of (perception - expectation) over those who rated both
/// SERVPERF: score of an item = mean of perception over those who rated it
/// both: score of a dimension = mean of its items, then the mean of the five, unweighted or weighted
/// ```
///
/// The mean of each dimension is taken first, so that a dimension with more items does not count for more. A record holds one
/// respondent's answers to all items, dimension by dimension in the order of [`Dimension::ALL`](super::Dimension::ALL); any of them may be missing. Source:
/// Parasuraman, Zeithaml and Berry, Journal of Retailing 64, 1988 (SERVQUAL); Cronin and Taylor, Journal of Marketing 56, 1992
/// (SERVPERF).
///
/// ```
/// use customer_metrics::Tally;
/// use customer_metrics::satisfaction::{Dimension, Experience, Questionnaire, Scale, ServiceQualityTally};
///
/// let one_item_each = Questionnaire::new(Scale::ONE_TO_SEVEN, [1; 5])?;
/// let mut tally = ServiceQualityTally::empty(one_item_each);
/// let [tangibles, assurance] = [Experience::new(5, 6), Experience::new(6, 6)];
/// let [reliability, responsiveness, empathy] = [Experience::new(7, 4), Experience::new(6, 5), Experience::new(6, 4)];
/// tally.record(vec![tangibles, reliability, responsiveness, assurance, empathy])?;
///
/// let gaps = tally.servqual()?;
/// assert_eq!(gaps.get(Dimension::Reliability).to_string(), "-3");
/// assert_eq!(gaps.unweighted().to_string(), "-1");
/// assert_eq!(tally.servperf()?.unweighted().to_string(), "5");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "ServiceQualityState", into = "ServiceQualityState")
)]
pub struct ServiceQualityTally {
    questionnaire: Questionnaire,
    respondents: u64,
    items: Vec<ItemSums>,
}

impl ServiceQualityTally {
    /// How many were asked, whether they rated every item or not.
    #[must_use]
    pub fn respondents(&self) -> u64 {
        self.respondents
    }

    /// The share of items, over all respondents, of which both expectation and perception were rated.
    ///
    /// # Errors
    /// [`Error::Undefined`] without respondents; [`Error::Overflow`] if items and respondents together exceed 64 bits.
    pub fn complete_pairs(&self) -> Result<Share> {
        let overflow = || Error::count_overflow("pairs");
        let pairs = self.items.iter().try_fold(0_u64, |sum, item| sum.checked_add(item.pairs)).ok_or_else(overflow)?;
        let items = u64::try_from(self.items.len()).ok().and_then(|items| items.checked_mul(self.respondents));
        Share::of("share of complete pairs", "nobody was asked", pairs, items.ok_or_else(overflow)?)
    }

    /// SERVQUAL: the mean gap of each dimension, perception less expectation over the complete pairs; below 0 where the service falls
    /// short. On 1-7 a gap lies in -6..=6.
    ///
    /// # Errors
    /// [`Error::Undefined`] if nobody rated both sides of an item.
    pub fn servqual(&self) -> Result<DimensionScores> {
        self.dimension_means(ItemSums::mean_gap)
    }

    /// SERVPERF: the mean perception of each dimension, whether the expectation was rated or not.
    ///
    /// # Errors
    /// [`Error::Undefined`] if nobody rated the perception of an item.
    pub fn servperf(&self) -> Result<DimensionScores> {
        self.dimension_means(ItemSums::mean_perceived)
    }

    /// The mean expectation of each dimension, whether the perception was rated or not.
    ///
    /// # Errors
    /// [`Error::Undefined`] if nobody rated the expectation of an item.
    pub fn expectations(&self) -> Result<DimensionScores> {
        self.dimension_means(ItemSums::mean_expected)
    }

    fn dimension_means(&self, mean_of_item: impl Fn(&ItemSums) -> Result<Decimal>) -> Result<DimensionScores> {
        let mut items = self.items.iter();
        let mut scores = [Decimal::ZERO; 5];
        for (score, count) in scores.iter_mut().zip(self.questionnaire.items_by_dimension()) {
            let means = items.by_ref().take(count.into()).map(&mean_of_item).collect::<Result<Vec<Decimal>>>()?;
            let sum = decimal::sum("mean of a dimension", means)?;
            let mean = decimal::div("mean of a dimension", "the dimension has no items", sum, count.into())?;
            *score = decimal::round(mean, MEAN_PLACES);
        }
        DimensionScores::new(scores)
    }

    fn with_more(&self, respondents: u64) -> Result<u64> {
        let sum = self.respondents.checked_add(respondents).filter(|&sum| sum <= MOST_RESPONDENTS);
        sum.ok_or_else(|| Error::count_overflow("sum of ratings"))
    }

    fn checked(questionnaire: Questionnaire, respondents: u64, items: Vec<ItemSums>) -> Result<Self> {
        if items.len() != questionnaire.items() {
            return Err(Error::mismatch("number of items", questionnaire.items(), items.len()));
        }
        let _ = Self::empty(questionnaire).with_more(respondents)?;
        items.iter().try_for_each(|item| item.check(questionnaire.scale(), respondents))?;
        Ok(Self { questionnaire, respondents, items })
    }
}

/// A tally of nothing, with the standard 22 items on 1-7.
impl Default for ServiceQualityTally {
    fn default() -> Self {
        Self::empty(Questionnaire::default())
    }
}

impl Tally for ServiceQualityTally {
    type Settings = Questionnaire;
    /// One respondent's answers, an item each, dimension by dimension.
    type Record = Vec<Experience>;
    type Summary = ServiceQualitySummary;

    fn empty(questionnaire: Questionnaire) -> Self {
        Self { questionnaire, respondents: 0, items: vec![ItemSums::default(); questionnaire.items()] }
    }

    fn settings(&self) -> Questionnaire {
        self.questionnaire
    }

    fn record(&mut self, answers: Vec<Experience>) -> Result<()> {
        if answers.len() != self.items.len() {
            return Err(Error::mismatch("number of items", self.items.len(), answers.len()));
        }
        let scale = self.questionnaire.scale();
        for answer in &answers {
            for (field, rating) in [("expectation", answer.expected), ("perception", answer.perceived)] {
                let _ = rating.map(|rating| scale.position(field, rating)).transpose()?;
            }
        }
        self.respondents = self.with_more(1)?;
        for (item, answer) in self.items.iter_mut().zip(answers) {
            item.add(ItemSums::of(answer));
        }
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.questionnaire != other.questionnaire {
            return Err(Error::mismatch("questionnaire", self.questionnaire, other.questionnaire));
        }
        self.respondents = self.with_more(other.respondents)?;
        for (mine, theirs) in self.items.iter_mut().zip(&other.items) {
            mine.add(*theirs);
        }
        Ok(())
    }

    /// Only the perceptions must be there; a survey that asks for no expectations has no gaps.
    fn finish(&self) -> Result<ServiceQualitySummary> {
        let servqual = match self.servqual() {
            Err(Error::Undefined { .. }) => None,
            gaps => Some(gaps?),
        };
        Ok(ServiceQualitySummary { respondents: self.respondents, servperf: self.servperf()?, servqual })
    }

    fn encode(&self) -> Vec<u8> {
        let scale = self.questionnaire.scale();
        let head = Encoder::new(Kind::SERVICE_QUALITY, self.encoded_len()).u8(scale.low()).u8(scale.high()).u8(scale.satisfied_from());
        let settings = self.questionnaire.items_by_dimension().into_iter().fold(head, Encoder::u8);
        self.items.iter().fold(settings.u64(self.respondents), |encoder, item| encoder.u64s(&item.to_array())).finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::SERVICE_QUALITY, bytes)?;
        let scale = Scale::new(decoder.u8()?, decoder.u8()?, decoder.u8()?)?;
        let items = [decoder.u8()?, decoder.u8()?, decoder.u8()?, decoder.u8()?, decoder.u8()?];
        let questionnaire = Questionnaire::new(scale, items)?;
        let respondents = decoder.u64()?;
        let items = (0..questionnaire.items()).map(|_| decoder.u64_array().map(ItemSums::from_array)).collect::<Result<Vec<_>>>()?;
        decoder.close()?;
        Self::checked(questionnaire, respondents, items)
    }

    fn encoded_len(&self) -> usize {
        len::with_u64s(self.items.len().saturating_mul(ItemSums::LEN)).saturating_add(const { 8 * len::U8 + len::U64 })
    }
}

/// What most reports show of a service quality survey.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ServiceQualitySummary {
    /// How many were asked.
    pub respondents: u64,
    /// The mean perception by dimension.
    pub servperf: DimensionScores,
    /// The mean gap by dimension; absent if an item has no complete pair, as in a survey of perceptions only.
    pub servqual: Option<DimensionScores>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceQualityState {
    questionnaire: Questionnaire,
    respondents: u64,
    items: Vec<ItemSums>,
}

#[cfg(feature = "serde")]
impl TryFrom<ServiceQualityState> for ServiceQualityTally {
    type Error = Error;

    fn try_from(state: ServiceQualityState) -> Result<Self> {
        Self::checked(state.questionnaire, state.respondents, state.items)
    }
}

#[cfg(feature = "serde")]
impl From<ServiceQualityTally> for ServiceQualityState {
    fn from(tally: ServiceQualityTally) -> Self {
        Self { questionnaire: tally.questionnaire, respondents: tally.respondents, items: tally.items }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Dimension;
    use super::*;

    fn one_item_each() -> Questionnaire {
        Questionnaire::new(Scale::ONE_TO_SEVEN, [1; 5]).unwrap()
    }

    #[test]
    fn a_dimension_with_more_items_does_not_count_for_more() {
        let questionnaire = Questionnaire::new(Scale::ONE_TO_SEVEN, [1, 4, 1, 1, 1]).unwrap();
        let mut tally = ServiceQualityTally::empty(questionnaire);
        let mut answers = vec![Experience::new(4, 4); 8];
        answers[1..5].fill(Experience::new(7, 2));
        tally.record(answers).unwrap();
        let gaps = tally.servqual().unwrap();
        assert_eq!(gaps.get(Dimension::Reliability), Decimal::from(-5));
        assert_eq!(gaps.unweighted(), Decimal::NEGATIVE_ONE);
    }

    #[test]
    fn a_mean_that_ends_comes_out_as_itself_though_those_of_its_items_do_not() {
        let questionnaire = Questionnaire::new(Scale::ONE_TO_SEVEN, [4, 1, 1, 1, 1]).unwrap();
        let mut tally = ServiceQualityTally::empty(questionnaire);
        for perceived in [1, 1, 2] {
            let mut answers = vec![Experience::new(1, 1); 8];
            answers[..3].fill(Experience::new(1, perceived));
            tally.record(answers).unwrap();
        }
        assert_eq!(tally.servqual().unwrap().get(Dimension::Tangibles), Decimal::new(25, 2));
        assert_eq!(tally.servqual().unwrap().unweighted(), Decimal::new(5, 2));
    }

    #[test]
    fn perceptions_alone_give_servperf_but_no_gaps() {
        let mut tally = ServiceQualityTally::empty(one_item_each());
        assert!(matches!(tally.complete_pairs(), Err(Error::Undefined { .. })));
        assert!(tally.finish().is_err());
        tally.record(vec![Experience { expected: None, perceived: Some(6) }; 5]).unwrap();
        assert!(matches!(tally.servqual(), Err(Error::Undefined { metric: "SERVQUAL gap", .. })));
        assert!(matches!(tally.expectations(), Err(Error::Undefined { metric: "mean expectation", .. })));
        let summary = tally.finish().unwrap();
        assert_eq!((summary.servqual, summary.servperf.unweighted()), (None, Decimal::from(6)));
        assert_eq!(tally.complete_pairs(), Share::new(0, 5));
    }

    #[test]
    fn a_gap_comes_from_complete_pairs_and_a_perception_from_all() {
        let mut tally = ServiceQualityTally::empty(one_item_each());
        tally.record(vec![Experience::new(5, 4); 5]).unwrap();
        tally.record(vec![Experience { expected: None, perceived: Some(2) }; 5]).unwrap();
        tally.record(vec![Experience { expected: Some(7), perceived: None }; 5]).unwrap();
        assert_eq!(tally.servqual().unwrap().unweighted(), Decimal::NEGATIVE_ONE);
        assert_eq!(tally.servperf().unwrap().unweighted(), Decimal::from(3));
        assert_eq!(tally.expectations().unwrap().unweighted(), Decimal::from(6));
        assert_eq!(tally.complete_pairs(), Share::new(5, 15));
    }

    #[test]
    fn wrong_records_and_full_tallies_change_nothing() {
        let mut tally = ServiceQualityTally::default();
        assert!(matches!(tally.record(vec![Experience::new(1, 1); 21]), Err(Error::Mismatch { field: "number of items", .. })));
        let mut last_wrong = vec![Experience::new(1, 1); 22];
        last_wrong[21].perceived = Some(8);
        assert_eq!(tally.record(last_wrong).unwrap_err().to_string(), "perception is 8, but must be within 1 to 7");
        assert_eq!(tally, ServiceQualityTally::default());
        let none = vec![ItemSums::default(); 22];
        assert!(ServiceQualityTally::checked(Questionnaire::STANDARD, MOST_RESPONDENTS + 1, none.clone()).is_err());
        let mut full = ServiceQualityTally::checked(Questionnaire::STANDARD, MOST_RESPONDENTS, none).unwrap();
        let before = full.clone();
        assert!(matches!(full.record(vec![Experience::new(1, 1); 22]), Err(Error::Overflow { .. })));
        assert!(matches!(full.merge(&ServiceQualityTally::empty(one_item_each())), Err(Error::Mismatch { .. })));
        assert_eq!(full, before);
    }
}
