//! Service quality by its five dimensions: SERVQUAL and SERVPERF.

use rust_decimal::Decimal;

use super::aspect::Aspect;
use super::item_products::{ItemProducts, ItemSums, MOST_RESPONDENTS, within};
use super::{DimensionEstimates, DimensionScores, Experience, Questionnaire, Scale};
use crate::decimal;
use crate::error::{Error, Result};
use crate::estimate::Confidence;
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
/// respondent's answers to all items, dimension by dimension in the order of [`Dimension::ALL`](super::Dimension::ALL); any of them may be
/// missing. Source: Parasuraman, Zeithaml and Berry, Journal of Retailing 64, 1988 (SERVQUAL); Cronin and Taylor, Journal of Marketing 56, 1992
/// (SERVPERF).
///
/// What one respondent says of one item hangs together with what they say of another. For the [intervals](Self::servqual_estimate) the tally
/// keeps the sums over every two items of gaps, perceptions and expectations: whole numbers, 24 kB for the standard 22 items.
///
/// ```
/// use customer_metrics::Tally;
/// use customer_metrics::satisfaction::{Dimension, Experience, Questionnaire, Scale, ServiceQualityTally};
///
/// let one_item_each = Questionnaire::new(Scale::ONE_TO_SEVEN, [1; 5])?;
/// let mut tally = ServiceQualityTally::empty(one_item_each);
/// let [tangibles, assurance] = [Experience::expected(5).perceived(6), Experience::expected(6).perceived(6)];
/// let [reliability, responsiveness, empathy] = [Experience::expected(7).perceived(4), Experience::expected(6).perceived(5), Experience::expected(6).perceived(4)];
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
    gaps: ItemProducts,
    perceptions: ItemProducts,
    expectations: ItemProducts,
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
    /// [`Error::Undefined`] without respondents.
    pub fn complete_pairs(&self) -> Result<Share> {
        // At most 255 items of 2^40 respondents.
        let pairs = self.gaps.items().iter().fold(0_u64, |sum, item| sum.saturating_add(item.answers));
        let items = u64::try_from(self.questionnaire.items()).unwrap_or(u64::MAX).saturating_mul(self.respondents);
        Share::of("share of complete pairs", "nobody was asked", pairs, items)
    }

    /// SERVQUAL: the mean gap of each dimension, perception less expectation over the complete pairs; below 0 where the service falls
    /// short. On 1-7 a gap lies in -6..=6.
    ///
    /// # Errors
    /// [`Error::Undefined`] if nobody rated both sides of an item.
    pub fn servqual(&self) -> Result<DimensionScores> {
        self.dimension_means(Aspect::Gap)
    }

    /// SERVPERF: the mean perception of each dimension, whether the expectation was rated or not.
    ///
    /// # Errors
    /// [`Error::Undefined`] if nobody rated the perception of an item.
    pub fn servperf(&self) -> Result<DimensionScores> {
        self.dimension_means(Aspect::Perception)
    }

    /// The mean expectation of each dimension, whether the perception was rated or not.
    ///
    /// # Errors
    /// [`Error::Undefined`] if nobody rated the expectation of an item.
    pub fn expectations(&self) -> Result<DimensionScores> {
        self.dimension_means(Aspect::Expectation)
    }

    /// The gaps of [`servqual`](Self::servqual), of each dimension and overall, each with its t interval: how, is said at
    /// [`DimensionEstimates`].
    ///
    /// ```
    /// use customer_metrics::satisfaction::{Dimension, Experience, Questionnaire, Scale, ServiceQualityTally, Weights};
    /// use customer_metrics::{Confidence, Tally};
    ///
    /// let mut tally = ServiceQualityTally::empty(Questionnaire::new(Scale::ONE_TO_SEVEN, [1; 5])?);
    /// for [tangibles, reliability, empathy] in [[0, -3, -2], [1, -2, -1], [0, -1, 0], [-1, -3, -2], [1, -2, -3], [0, -1, -1]] {
    ///     let gaps = [tangibles, reliability, 0, 0, empathy];
    ///     tally.record(gaps.map(|gap: i8| Experience::expected(5).perceived(5_u8.saturating_add_signed(gap))).to_vec())?;
    /// }
    /// let gaps = tally.servqual_estimate(Confidence::P95)?;
    /// assert_eq!(format!("{:.2}", gaps.get(Dimension::Reliability)), "-2.00 (-2.94 to -1.06, 95% linearised t, n = 6)");
    /// assert_eq!(format!("{:.2}", gaps.unweighted()), "-0.67 (-1.08 to -0.25, 95% linearised t, n = 6)");
    /// let points = Weights::points([11, 32, 22, 19, 16].map(Into::into))?;
    /// assert_eq!(format!("{:.2}", gaps.weighted(&points)?), "-0.86 (-1.32 to -0.41, 95% linearised t, n = 6)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] if fewer than two rated both sides of an item.
    pub fn servqual_estimate(&self, confidence: Confidence) -> Result<DimensionEstimates> {
        self.dimension_estimates(Aspect::Gap, confidence)
    }

    /// The perceptions of [`servperf`](Self::servperf), each with its t interval, as in
    /// [`servqual_estimate`](Self::servqual_estimate).
    ///
    /// # Errors
    /// [`Error::Undefined`] if fewer than two rated the perception of an item.
    pub fn servperf_estimate(&self, confidence: Confidence) -> Result<DimensionEstimates> {
        self.dimension_estimates(Aspect::Perception, confidence)
    }

    /// The expectations of [`expectations`](Self::expectations), each with its t interval, as in
    /// [`servqual_estimate`](Self::servqual_estimate).
    ///
    /// # Errors
    /// [`Error::Undefined`] if fewer than two rated the expectation of an item.
    pub fn expectations_estimate(&self, confidence: Confidence) -> Result<DimensionEstimates> {
        self.dimension_estimates(Aspect::Expectation, confidence)
    }

    fn dimension_means(&self, aspect: Aspect) -> Result<DimensionScores> {
        let [lowest, _] = aspect.range(self.questionnaire.scale()).map(i128::from);
        let mean_of_item = |item: ItemSums| {
            let answers = decimal::wide(item.answers);
            let sum = answers.saturating_mul(lowest).saturating_add(decimal::wide(item.sum));
            decimal::ratio(aspect.metric(), aspect.nothing(), sum, answers)
        };
        let mut items = self.products(aspect).items().into_iter();
        let mut scores = [Decimal::ZERO; 5];
        for (score, count) in scores.iter_mut().zip(self.questionnaire.items_by_dimension()) {
            let means = items.by_ref().take(count.into()).map(mean_of_item).collect::<Result<Vec<Decimal>>>()?;
            let sum = decimal::sum("mean of a dimension", means)?;
            let mean = decimal::div("mean of a dimension", "the dimension has no items", sum, count.into())?;
            *score = decimal::round(mean, MEAN_PLACES);
        }
        DimensionScores::new(scores)
    }

    fn dimension_estimates(&self, aspect: Aspect, confidence: Confidence) -> Result<DimensionEstimates> {
        let scores = self.dimension_means(aspect)?;
        let range = aspect.range(self.questionnaire.scale()).map(f64::from);
        DimensionEstimates::of(aspect.metric(), scores, range, self.products(aspect), self.questionnaire, confidence)
    }

    fn products(&self, aspect: Aspect) -> &ItemProducts {
        match aspect {
            Aspect::Gap => &self.gaps,
            Aspect::Perception => &self.perceptions,
            Aspect::Expectation => &self.expectations,
        }
    }

    fn with_more(&self, respondents: u64) -> Result<u64> {
        let sum = self.respondents.checked_add(respondents).filter(|&sum| sum <= MOST_RESPONDENTS);
        sum.ok_or(Error::Overflow { field: "respondents", capacity: "a count of 40 bits" })
    }

    fn checked(questionnaire: Questionnaire, respondents: u64, pairs: [Vec<[u64; 4]>; 3]) -> Result<Self> {
        let items = questionnaire.items();
        let [gaps, perceptions, expectations] = pairs.map(|pairs| ItemProducts::from_pairs(items, pairs));
        let tally = Self { questionnaire, respondents: 0, gaps: gaps?, perceptions: perceptions?, expectations: expectations? };
        let tally = Self { respondents: tally.with_more(respondents)?, ..tally };
        for aspect in [Aspect::Gap, Aspect::Perception, Aspect::Expectation] {
            tally.products(aspect).check(aspect.most(questionnaire.scale()), respondents)?;
        }
        tally.check_sides()?;
        Ok(tally)
    }

    /// Refuses gaps that these perceptions and expectations could not have given.
    fn check_sides(&self) -> Result<()> {
        let width = Aspect::Perception.most(self.questionnaire.scale());
        let sides = self.perceptions.items().into_iter().zip(self.expectations.items());
        for (gaps, (perceived, expected)) in self.gaps.items().into_iter().zip(sides) {
            let either = perceived.answers.saturating_add(expected.answers);
            let fewer = perceived.answers.min(expected.answers);
            within("pairs", gaps.answers, [either.saturating_sub(self.respondents), fewer])?;
            // What those who rated both can have given to either side; 2^40 ratings of 8 bits.
            let of_pairs = |side: ItemSums| {
                let alone = side.answers.saturating_sub(gaps.answers).saturating_mul(width);
                [side.sum.saturating_sub(alone), side.sum.min(gaps.answers.saturating_mul(width))]
            };
            let ([least, most], [least_expected, most_expected]) = (of_pairs(perceived), of_pairs(expected));
            // A gap is counted from the lowest, which is the width below 0.
            let level = gaps.answers.saturating_mul(width);
            let (low, high) = (least.saturating_add(level), most.saturating_add(level));
            within("sum of gaps", gaps.sum, [low.saturating_sub(most_expected), high.saturating_sub(least_expected)])?;
        }
        Ok(())
    }

    /// How many bytes a state of this questionnaire has.
    fn length(questionnaire: Questionnaire) -> usize {
        let items = questionnaire.items();
        // An item with itself and each later one, four sums each, of three aspects.
        let sums = items.saturating_mul(items.saturating_add(1)).saturating_mul(const { 4 * 3 / 2 });
        len::with_u64s(sums).saturating_add(const { 8 * len::U8 + len::U64 })
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
        let none = ItemProducts::empty(questionnaire.items());
        Self { questionnaire, respondents: 0, gaps: none.clone(), perceptions: none.clone(), expectations: none }
    }

    fn settings(&self) -> Questionnaire {
        self.questionnaire
    }

    fn record(&mut self, answers: Vec<Experience>) -> Result<()> {
        if answers.len() != self.questionnaire.items() {
            return Err(Error::mismatch("number of items", self.questionnaire.items(), answers.len()));
        }
        let scale = self.questionnaire.scale();
        for (item, answer) in answers.iter().enumerate() {
            for (field, rating) in [("expectation", answer.expected), ("perception", answer.perceived)] {
                let position = rating.map(|rating| scale.position(field, rating)).transpose();
                let _ = position.map_err(|error| error.at("item", item))?;
            }
        }
        self.respondents = self.with_more(1)?;
        for (aspect, products) in
            [(Aspect::Gap, &mut self.gaps), (Aspect::Perception, &mut self.perceptions), (Aspect::Expectation, &mut self.expectations)]
        {
            let values: Vec<Option<u16>> = answers.iter().map(|&answer| aspect.above_lowest(answer, scale)).collect();
            products.add_respondent(&values);
        }
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.questionnaire != other.questionnaire {
            return Err(Error::mismatch("questionnaire", self.questionnaire, other.questionnaire));
        }
        self.respondents = self.with_more(other.respondents)?;
        self.gaps.add(&other.gaps);
        self.perceptions.add(&other.perceptions);
        self.expectations.add(&other.expectations);
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
        [&self.gaps, &self.perceptions, &self.expectations]
            .into_iter()
            .fold(settings.u64(self.respondents), |encoder, products| encoder.u64s(products.pairs().as_flattened()))
            .finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::SERVICE_QUALITY, bytes)?;
        let scale = Scale::new(decoder.u8()?, decoder.u8()?, decoder.u8()?)?;
        let items = [decoder.u8()?, decoder.u8()?, decoder.u8()?, decoder.u8()?, decoder.u8()?];
        let questionnaire = Questionnaire::new(scale, items)?;
        if bytes.len() != Self::length(questionnaire) {
            return Err(decoder.fault("the length is not that of the questionnaire"));
        }
        let respondents = decoder.u64()?;
        let pairs = ItemProducts::empty(questionnaire.items()).pairs().len();
        let mut products = || (0..pairs).map(|_| decoder.u64_array()).collect::<Result<Vec<_>>>();
        let pairs = [products()?, products()?, products()?];
        decoder.close()?;
        Self::checked(questionnaire, respondents, pairs)
    }

    fn encoded_len(&self) -> usize {
        Self::length(self.questionnaire)
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
    gaps: Vec<[u64; 4]>,
    perceptions: Vec<[u64; 4]>,
    expectations: Vec<[u64; 4]>,
}

#[cfg(feature = "serde")]
impl TryFrom<ServiceQualityState> for ServiceQualityTally {
    type Error = Error;

    fn try_from(state: ServiceQualityState) -> Result<Self> {
        Self::checked(state.questionnaire, state.respondents, [state.gaps, state.perceptions, state.expectations])
    }
}

#[cfg(feature = "serde")]
impl From<ServiceQualityTally> for ServiceQualityState {
    fn from(tally: ServiceQualityTally) -> Self {
        let [gaps, perceptions, expectations] =
            [&tally.gaps, &tally.perceptions, &tally.expectations].map(|products| products.pairs().to_vec());
        Self { questionnaire: tally.questionnaire, respondents: tally.respondents, gaps, perceptions, expectations }
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
        let mut answers = vec![Experience::expected(4).perceived(4); 8];
        answers[1..5].fill(Experience::expected(7).perceived(2));
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
            let mut answers = vec![Experience::expected(1).perceived(1); 8];
            answers[..3].fill(Experience::expected(1).perceived(perceived));
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
        tally.record(vec![Experience::expected(5).perceived(4); 5]).unwrap();
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
        assert!(matches!(
            tally.record(vec![Experience::expected(1).perceived(1); 21]),
            Err(Error::Mismatch { field: "number of items", .. })
        ));
        let mut last_wrong = vec![Experience::expected(1).perceived(1); 22];
        last_wrong[21].perceived = Some(8);
        assert_eq!(tally.record(last_wrong).unwrap_err().to_string(), "item 21: perception is 8, but must be within 1 to 7");
        assert_eq!(tally, ServiceQualityTally::default());
        let none = || [0; 3].map(|_| vec![[0; 4]; 253]);
        assert!(ServiceQualityTally::checked(Questionnaire::STANDARD, MOST_RESPONDENTS + 1, none()).is_err());
        let mut full = ServiceQualityTally::checked(Questionnaire::STANDARD, MOST_RESPONDENTS, none()).unwrap();
        let before = full.clone();
        assert!(matches!(full.record(vec![Experience::expected(1).perceived(1); 22]), Err(Error::Overflow { .. })));
        assert!(matches!(full.merge(&ServiceQualityTally::empty(one_item_each())), Err(Error::Mismatch { .. })));
        assert_eq!(full, before);
    }
}
