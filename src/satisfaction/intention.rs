//! Loyalty as customers state it: what they intend to do.

use core::fmt;

use rust_decimal::Decimal;

use super::RatingTally;
use crate::decimal::{self, count_to_f64};
use crate::error::{Bound, Error, Result};
use crate::estimate::{Confidence, Estimate, combine_dependent};

/// One intention that customers were asked about, such as to buy again, to recommend or to pay more, and their answers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "IntentionState", into = "IntentionState"))]
pub struct Intention {
    name: String,
    answers: RatingTally,
}

impl Intention {
    /// An intention with its answers, on whatever scale; a higher rating is a firmer intention.
    ///
    /// # Errors
    /// [`Error::Unknown`] if the name is empty.
    pub fn new(name: impl Into<String>, answers: RatingTally) -> Result<Self> {
        let name = name.into();
        if name.trim().is_empty() {
            return Err(Error::Unknown { field: "intention", value: name, expected: "a name" });
        }
        Ok(Self { name, answers })
    }

    /// What customers were asked about.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Their answers.
    #[must_use]
    pub fn answers(&self) -> &RatingTally {
        &self.answers
    }

    /// The mean answer as a position on its scale, rounded half away from zero to 28 digits.
    ///
    /// ```text
    /// index = (mean - low) / (high - low) x 100
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] without answers.
    pub fn index(&self) -> Result<IntentionIndex> {
        let (low, high) = (self.answers.scale().low(), self.answers.scale().high());
        let above_low = self.answers.distribution().fold(0_i128, |sum, (rating, count)| {
            sum.saturating_add(i128::from(rating.saturating_sub(low)).saturating_mul(decimal::wide(count)))
        });
        let most = i128::from(high.saturating_sub(low)).saturating_mul(decimal::wide(self.answers.answers()));
        decimal::ratio("intention index", "no question was answered", above_low.saturating_mul(100), most).and_then(IntentionIndex::new)
    }

    /// The index with the t interval of the mean answer: [`RatingTally::mean_estimate`] as a position on its scale.
    ///
    /// ```
    /// use customer_metrics::Confidence;
    /// use customer_metrics::satisfaction::{Intention, RatingTally, Scale};
    ///
    /// let answers = RatingTally::from_counts(Scale::ONE_TO_FIVE, &[2, 5, 13, 40, 40], 0)?;
    /// let buy_again = Intention::new("buy again", answers)?;
    /// assert_eq!(format!("{:.2}", buy_again.estimate(Confidence::P95)?), "77.75 (73.03 to 82.47, 95% t, n = 100)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two answers.
    pub fn estimate(&self, confidence: Confidence) -> Result<Estimate> {
        let [low, high] = [self.answers.scale().low(), self.answers.scale().high()].map(f64::from);
        Ok(self.answers.mean_estimate(confidence)?.rising(|mean| (mean - low) / (high - low) * 100.0))
    }
}

/// How firm customers' intentions are, from 0 (every answer the lowest) to 100 (every answer the highest).
///
/// It is an index of words, not a share of customers. It has a type of its own, so that it can be neither added to nor averaged with
/// what customers did: see [`ObjectiveLoyalty`](super::ObjectiveLoyalty).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "IntentionIndexState", into = "IntentionIndexState")
)]
pub struct IntentionIndex(Decimal);

impl IntentionIndex {
    /// An index such as 72.5.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] outside 0..=100.
    pub fn new(points: Decimal) -> Result<Self> {
        if points < Decimal::ZERO || points > Decimal::ONE_HUNDRED {
            let bound = Bound::Within(Decimal::ZERO.into(), Decimal::ONE_HUNDRED.into());
            return Err(Error::out_of_bounds("intention index", points, bound));
        }
        Ok(Self(points.normalize()))
    }

    /// The points in 0..=100.
    #[must_use]
    pub fn to_decimal(&self) -> Decimal {
        self.0
    }
}

/// The points with one decimal, such as `72.5 of 100`.
impl fmt::Display for IntentionIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} of 100", decimal::round(self.0, 1))
    }
}

/// Subjective loyalty: the intentions that customers state. At least one, each with a name of its own.
///
/// What they do is the other half: [`ObjectiveLoyalty`](super::ObjectiveLoyalty). The two are kept apart. Source: doc-001.
///
/// ```
/// use customer_metrics::Tally;
/// use customer_metrics::satisfaction::{Intention, RatingTally, Scale, SubjectiveLoyalty};
///
/// let mut buy_again = RatingTally::empty(Scale::ONE_TO_FIVE);
/// buy_again.record_column(&[5, 4, 3])?;
/// let mut recommend = RatingTally::empty(Scale::ZERO_TO_TEN);
/// recommend.record_column(&[9, 7, 2])?;
///
/// let loyalty = SubjectiveLoyalty::new([Intention::new("to buy again", buy_again)?, Intention::new("to recommend", recommend)?])?;
/// assert_eq!(loyalty.intentions()[0].index()?.to_string(), "75.0 of 100");
/// assert_eq!(loyalty.intentions()[1].index()?.to_string(), "60.0 of 100");
/// assert_eq!(loyalty.index()?.to_string(), "67.5 of 100");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "SubjectiveLoyaltyState", into = "SubjectiveLoyaltyState")
)]
pub struct SubjectiveLoyalty {
    intentions: Vec<Intention>,
}

impl SubjectiveLoyalty {
    /// Loyalty by these intentions.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] without an intention; [`Error::Row`] with the position of the first whose name an earlier one has.
    pub fn new(intentions: impl Into<Vec<Intention>>) -> Result<Self> {
        let intentions = intentions.into();
        if intentions.is_empty() {
            return Err(Error::out_of_bounds("intentions", 0_usize, Bound::AtLeast(1_usize.into())));
        }
        for (row, intention) in intentions.iter().enumerate() {
            if intentions.iter().take(row).any(|earlier| earlier.name == intention.name) {
                let value = intention.name.clone();
                return Err(Error::Unknown { field: "intention", value, expected: "a name that no other has" }.at_row(row));
            }
        }
        Ok(Self { intentions })
    }

    /// The intentions in the order given; never empty.
    #[must_use]
    pub fn intentions(&self) -> &[Intention] {
        &self.intentions
    }

    /// The index of all intentions: the plain mean of their indices, however many answered each, rounded to 28 digits.
    ///
    /// ```text
    /// index = mean over the intentions of (mean - low) / (high - low) x 100
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] if an intention has no answers.
    pub fn index(&self) -> Result<IntentionIndex> {
        let metric = "intention index";
        let indices = self.intentions.iter().map(|intention| intention.index().map(|index| index.0)).collect::<Result<Vec<_>>>()?;
        let count = Decimal::from(indices.len());
        decimal::div(metric, "there is no intention", decimal::sum(metric, indices)?, count).and_then(IntentionIndex::new)
    }

    /// The index of all intentions with an interval that holds however the answers of a customer hang together, which the counts of each
    /// intention do not say: [`combine_dependent`] of each [`Intention::estimate`], with equal weights.
    ///
    /// It is wider than needed unless all move together. Where all are asked on one scale, a [`ReliabilityTally`](super::ReliabilityTally) of the
    /// same answers gives the narrower interval of their mean, by
    /// [`ReliabilityTally::mean_estimate`](super::ReliabilityTally::mean_estimate).
    ///
    /// ```
    /// use customer_metrics::Confidence;
    /// use customer_metrics::satisfaction::{Intention, RatingTally, Scale, SubjectiveLoyalty};
    ///
    /// let buy_again = RatingTally::from_counts(Scale::ONE_TO_FIVE, &[2, 5, 13, 40, 40], 0)?;
    /// let recommend = RatingTally::from_counts(Scale::ONE_TO_FIVE, &[5, 10, 25, 35, 20], 5)?;
    /// let loyalty = SubjectiveLoyalty::new([Intention::new("to buy again", buy_again)?, Intention::new("to recommend", recommend)?])?;
    /// assert_eq!(format!("{:.1}", loyalty.estimate(Confidence::P95)?), "71.1 (66.0 to 76.3, 95% sum of distances, n = 95)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] if an intention has fewer than two answers.
    pub fn estimate(&self, confidence: Confidence) -> Result<Estimate> {
        let weight = 1.0 / count_to_f64(u64::try_from(self.intentions.len()).unwrap_or(u64::MAX));
        let parts = self.intentions.iter().map(|intention| Ok((weight, intention.estimate(confidence)?)));
        combine_dependent(&parts.collect::<Result<Vec<_>>>()?)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct IntentionState {
    name: String,
    answers: RatingTally,
}

#[cfg(feature = "serde")]
impl TryFrom<IntentionState> for Intention {
    type Error = Error;

    fn try_from(state: IntentionState) -> Result<Self> {
        Self::new(state.name, state.answers)
    }
}

#[cfg(feature = "serde")]
impl From<Intention> for IntentionState {
    fn from(intention: Intention) -> Self {
        Self { name: intention.name, answers: intention.answers }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct IntentionIndexState(#[serde(with = "crate::decimal::text")] Decimal);

#[cfg(feature = "serde")]
impl TryFrom<IntentionIndexState> for IntentionIndex {
    type Error = Error;

    fn try_from(state: IntentionIndexState) -> Result<Self> {
        Self::new(state.0)
    }
}

#[cfg(feature = "serde")]
impl From<IntentionIndex> for IntentionIndexState {
    fn from(index: IntentionIndex) -> Self {
        Self(index.0)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SubjectiveLoyaltyState {
    intentions: Vec<Intention>,
}

#[cfg(feature = "serde")]
impl TryFrom<SubjectiveLoyaltyState> for SubjectiveLoyalty {
    type Error = Error;

    fn try_from(state: SubjectiveLoyaltyState) -> Result<Self> {
        Self::new(state.intentions)
    }
}

#[cfg(feature = "serde")]
impl From<SubjectiveLoyalty> for SubjectiveLoyaltyState {
    fn from(loyalty: SubjectiveLoyalty) -> Self {
        Self { intentions: loyalty.intentions }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Scale;
    use super::*;

    fn intention(name: &str, counts: &[u64]) -> Intention {
        Intention::new(name, RatingTally::from_counts(Scale::ONE_TO_FIVE, counts, 0).unwrap()).unwrap()
    }

    #[test]
    fn the_ends_of_the_scale_are_0_and_100() {
        let index = |counts: &[u64]| intention("to buy again", counts).index().unwrap().to_decimal();
        assert_eq!(index(&[7, 0, 0, 0, 0]), Decimal::ZERO);
        assert_eq!(index(&[0, 0, 0, 0, u64::MAX]), Decimal::ONE_HUNDRED);
        assert_eq!(index(&[1, 0, 0, 0, 1]), Decimal::new(50, 0));
    }

    #[test]
    fn an_intention_without_answers_leaves_the_index_undefined() {
        let items = [intention("to buy again", &[0, 0, 0, 0, 1]), intention("to pay more", &[0; 5])];
        let loyalty = SubjectiveLoyalty::new(items).unwrap();
        assert!(matches!(loyalty.index(), Err(Error::Undefined { metric: "intention index", .. })));
    }

    #[test]
    fn names_are_there_and_differ() {
        assert!(matches!(Intention::new(" ", RatingTally::default()), Err(Error::Unknown { field: "intention", .. })));
        assert!(matches!(SubjectiveLoyalty::new([]), Err(Error::OutOfBounds { field: "intentions", .. })));
        let error = SubjectiveLoyalty::new([intention("a", &[0; 5]), intention("b", &[0; 5]), intention("a", &[1; 5])]).unwrap_err();
        assert_eq!(error.to_string(), r#"row 2: intention is "a", but must be a name that no other has"#);
    }

    #[test]
    fn an_index_lies_within_0_and_100() {
        assert!(IntentionIndex::new(Decimal::NEGATIVE_ONE).is_err());
        assert!(IntentionIndex::new(Decimal::new(1001, 1)).is_err());
        assert_eq!(IntentionIndex::new(Decimal::new(7250, 2)).unwrap().to_string(), "72.5 of 100");
    }
}
