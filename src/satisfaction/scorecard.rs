//! A scorecard of weighted criteria, as a buyer keeps of a supplier.

use core::fmt;

use rust_decimal::Decimal;

use super::Weights;
use crate::decimal;
use crate::error::{Bound, Error, Result};

/// One line of a scorecard: what is judged, how much it counts, and its score in 0..=100.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "CriterionState", into = "CriterionState"))]
pub struct Criterion {
    name: String,
    weight: Decimal,
    score: Decimal,
}

impl Criterion {
    /// A criterion with its weight, in the unit of the scorecard's total weight, and its score.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the weight is negative or the score not in 0..=100.
    pub fn new(name: impl Into<String>, weight: Decimal, score: Decimal) -> Result<Self> {
        if score < Decimal::ZERO || score > Decimal::ONE_HUNDRED {
            return Err(Error::out_of_bounds("score", score, Bound::Within(Decimal::ZERO.into(), Decimal::ONE_HUNDRED.into())));
        }
        Ok(Self { name: name.into(), weight: decimal::non_negative("weight", weight)?, score: score.normalize() })
    }

    /// What is judged.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How much it counts.
    #[must_use]
    pub fn weight(&self) -> Decimal {
        self.weight
    }

    /// The score in 0..=100.
    #[must_use]
    pub fn score(&self) -> Decimal {
        self.score
    }
}

/// Such as `quality: 92 of 100, weight 40`.
impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} of 100, weight {}", self.name, self.score, self.weight)
    }
}

/// Weighted criteria and the total score that they make, in 0..=100.
///
/// ```text
/// total           = sum of weight_i x score_i / sum of weights
/// contribution_i  = weight_i x score_i / sum of weights
/// lost_i          = weight_i x (100 - score_i) / sum of weights
/// ```
///
/// The contributions add up to the total exactly. With weights that add up to 1 or 100, none is rounded unless it has more than 20
/// decimal places. Dell keeps such a scorecard of each supplier (doc-001).
///
/// ```
/// use customer_metrics::Decimal;
/// use customer_metrics::satisfaction::{Criterion, Scorecard};
///
/// let supplier = Scorecard::new(Decimal::ONE_HUNDRED, [
///     Criterion::new("quality", 40.into(), 95.into())?,
///     Criterion::new("delivery", 30.into(), 80.into())?,
///     Criterion::new("cost", 30.into(), 90.into())?,
/// ])?;
/// assert_eq!(supplier.total(), Decimal::from(89));
/// let costliest = supplier.costliest().unwrap();
/// assert_eq!((costliest.criterion().name(), costliest.lost()), ("delivery", Decimal::from(6)));
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "ScorecardState", into = "ScorecardState"))]
pub struct Scorecard {
    weights: Weights,
    total: Decimal,
    contributions: Vec<Contribution>,
}

impl Scorecard {
    /// A scorecard of these criteria, whose weights add up to `total_weight`, usually 100 or 1.
    ///
    /// # Errors
    /// Those of [`Weights::new`].
    pub fn new(total_weight: Decimal, criteria: impl IntoIterator<Item = Criterion>) -> Result<Self> {
        let criteria: Vec<Criterion> = criteria.into_iter().collect();
        let weights = Weights::new(total_weight, criteria.iter().map(Criterion::weight))?;
        let scores: Vec<Decimal> = criteria.iter().map(Criterion::score).collect();
        let to_full = criteria
            .iter()
            .map(|criterion| decimal::sub("lost points", Decimal::ONE_HUNDRED, criterion.score))
            .collect::<Result<Vec<Decimal>>>()?;
        let total = weights.index(&scores)?;
        let points = weights.contributions(&scores)?;
        let lost = weights.single_contributions(&to_full)?;
        let contributions = criteria
            .into_iter()
            .zip(points)
            .zip(lost)
            .map(|((criterion, points), lost)| Contribution { criterion, points, lost })
            .collect();
        Ok(Self { weights, total, contributions })
    }

    /// The total score in 0..=100, rounded half away from zero to 20 decimal places.
    ///
    /// Scores are given and not counted, so it has no interval. Where the scores were estimated, see
    /// [`Weights::index_estimate`](super::Weights::index_estimate).
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.total
    }

    /// What the weights add up to.
    #[must_use]
    pub fn total_weight(&self) -> Decimal {
        self.weights.total()
    }

    /// Each criterion with what it contributes to the total, in the order given.
    #[must_use]
    pub fn contributions(&self) -> &[Contribution] {
        &self.contributions
    }

    /// The criterion that costs the most points, where improving pays most; the first of several that cost the same, and `None` if
    /// nothing is lost.
    #[must_use]
    pub fn costliest(&self) -> Option<&Contribution> {
        let losing = self.contributions.iter().filter(|contribution| contribution.lost > Decimal::ZERO);
        losing.reduce(|most, next| if next.lost > most.lost { next } else { most })
    }
}

/// Such as `89.0 of 100 points from 3 criteria`.
impl fmt::Display for Scorecard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} of 100 points from {} criteria", decimal::round(self.total, 1), self.contributions.len())
    }
}

/// What a criterion contributes to the total of its scorecard.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Contribution {
    criterion: Criterion,
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    points: Decimal,
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    lost: Decimal,
}

impl Contribution {
    /// The criterion.
    #[must_use]
    pub fn criterion(&self) -> &Criterion {
        &self.criterion
    }

    /// The points that it adds to the total.
    #[must_use]
    pub fn points(&self) -> Decimal {
        self.points
    }

    /// The points that it would add on top with a score of 100.
    #[must_use]
    pub fn lost(&self) -> Decimal {
        self.lost
    }
}

/// Such as `delivery: 24.0 points, 6.0 lost`.
impl fmt::Display for Contribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [points, lost] = [self.points, self.lost].map(|points| decimal::round(points, 1));
        write!(f, "{}: {points:.1} points, {lost:.1} lost", self.criterion.name)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CriterionState {
    name: String,
    #[serde(with = "crate::decimal::text")]
    weight: Decimal,
    #[serde(with = "crate::decimal::text")]
    score: Decimal,
}

#[cfg(feature = "serde")]
impl TryFrom<CriterionState> for Criterion {
    type Error = Error;

    fn try_from(state: CriterionState) -> Result<Self> {
        Self::new(state.name, state.weight, state.score)
    }
}

#[cfg(feature = "serde")]
impl From<Criterion> for CriterionState {
    fn from(criterion: Criterion) -> Self {
        Self { name: criterion.name, weight: criterion.weight, score: criterion.score }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ScorecardState {
    #[serde(with = "crate::decimal::text")]
    total_weight: Decimal,
    criteria: Vec<Criterion>,
}

#[cfg(feature = "serde")]
impl TryFrom<ScorecardState> for Scorecard {
    type Error = Error;

    fn try_from(state: ScorecardState) -> Result<Self> {
        Self::new(state.total_weight, state.criteria)
    }
}

#[cfg(feature = "serde")]
impl From<Scorecard> for ScorecardState {
    fn from(scorecard: Scorecard) -> Self {
        let total_weight = scorecard.total_weight();
        Self { total_weight, criteria: scorecard.contributions.into_iter().map(|contribution| contribution.criterion).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn criterion(name: &str, weight: i64, score: i64) -> Criterion {
        Criterion::new(name, weight.into(), score.into()).unwrap()
    }

    #[test]
    fn scores_and_weights_keep_their_bounds() {
        let above = Criterion::new("cost", Decimal::ONE, Decimal::from(101)).unwrap_err();
        assert_eq!(above.to_string(), "score is 101, but must be within 0 to 100");
        assert!(Criterion::new("cost", Decimal::ONE, Decimal::NEGATIVE_ONE).is_err());
        assert_eq!(Criterion::new("cost", Decimal::NEGATIVE_ONE, Decimal::ONE).unwrap_err().field(), Some("weight"));
        let short = Scorecard::new(Decimal::ONE_HUNDRED, [criterion("cost", 99, 50)]).unwrap_err();
        assert_eq!(short.to_string(), "sum of weights is 99, but must be exactly 100");
        assert!(Scorecard::new(Decimal::ONE_HUNDRED, []).is_err());
    }

    #[test]
    fn what_costs_most_is_weighed_and_the_first_of_equals() {
        let scorecard = Scorecard::new(Decimal::from(10), [criterion("a", 1, 0), criterion("b", 4, 70), criterion("c", 5, 76)]).unwrap();
        assert_eq!(scorecard.costliest().unwrap().criterion().name(), "b");
        assert_eq!(scorecard.costliest().unwrap().lost(), Decimal::from(12));
        let full = Scorecard::new(Decimal::from(3), [criterion("a", 1, 100), criterion("b", 2, 100)]).unwrap();
        assert_eq!((full.total(), full.costliest()), (Decimal::ONE_HUNDRED, None));
        let thirds = Scorecard::new(Decimal::from(3), [criterion("a", 1, 50), criterion("b", 1, 50), criterion("c", 1, 50)]).unwrap();
        assert_eq!(thirds.costliest().unwrap().criterion().name(), "a");
        let weightless = Scorecard::new(Decimal::ONE, [criterion("a", 1, 100), criterion("b", 0, 0)]).unwrap();
        assert_eq!(weightless.costliest(), None);
    }

    #[test]
    fn every_type_reads_well() {
        let scorecard = Scorecard::new(Decimal::ONE_HUNDRED, [criterion("delivery", 30, 80), criterion("cost", 70, 90)]).unwrap();
        assert_eq!(scorecard.to_string(), "87.0 of 100 points from 2 criteria");
        assert_eq!(scorecard.contributions()[0].to_string(), "delivery: 24.0 points, 6.0 lost");
        assert_eq!(scorecard.contributions()[0].criterion().to_string(), "delivery: 80 of 100, weight 30");
    }
}
