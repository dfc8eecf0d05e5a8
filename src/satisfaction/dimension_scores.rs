//! A score for each of the five dimensions, and the one that they make.

use core::fmt;

use rust_decimal::Decimal;

use super::{Dimension, Weights};
use crate::decimal;
use crate::error::Result;

/// A score for each dimension of service quality, and their mean.
///
/// ```text
/// unweighted = (sum of the five scores) / 5
/// weighted   = sum of (points x score) / 100,  points of the five together 100
/// ```
///
/// The weighted score is not divided by five again, as one course text has it: the weights already add up to the whole.
///
/// Scores that were made elsewhere have no interval; those of a [`ServiceQualityTally`](super::ServiceQualityTally) have theirs as
/// [`DimensionEstimates`](super::DimensionEstimates).
///
/// ```
/// use customer_metrics::Decimal;
/// use customer_metrics::satisfaction::{Dimension, DimensionScores, Weights};
///
/// let gaps = DimensionScores::new(["-0.65", "-1.10", "-0.83", "-0.70", "-1.01"].map(|gap| gap.parse().unwrap()))?;
/// assert_eq!(gaps.get(Dimension::Reliability).to_string(), "-1.1");
/// assert_eq!(gaps.unweighted().to_string(), "-0.858");
/// let points = Weights::points([11, 32, 22, 19, 16].map(Decimal::from))?;
/// assert_eq!(gaps.weighted(&points)?.to_string(), "-0.9007");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "DimensionScoresState", into = "DimensionScoresState")
)]
pub struct DimensionScores {
    scores: [Decimal; 5],
    unweighted: Decimal,
}

impl DimensionScores {
    /// These scores, in the order of [`Dimension::ALL`].
    ///
    /// # Errors
    /// [`Error::Overflow`](crate::Error::Overflow) if their mean has more than 28 digits before the point.
    pub fn new(scores: [Decimal; 5]) -> Result<Self> {
        let scores = scores.map(|score| score.normalize());
        Ok(Self { scores, unweighted: Weights::equal(5)?.index(&scores)? })
    }

    /// The score of one dimension.
    #[must_use]
    pub fn get(&self, dimension: Dimension) -> Decimal {
        dimension.of(self.scores)
    }

    /// Every dimension with its score, in the order of [`Dimension::ALL`].
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Dimension, Decimal)> {
        Dimension::ALL.into_iter().zip(self.scores)
    }

    /// The mean of the five, rounded half away from zero to 20 decimal places.
    #[must_use]
    pub fn unweighted(&self) -> Decimal {
        self.unweighted
    }

    /// The weighted mean of the five, usually with [`Weights::points`] in the order of [`Dimension::ALL`], rounded half away from zero
    /// to 20 decimal places.
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) if there are not five weights; [`Error::Overflow`](crate::Error::Overflow) if the
    /// result has more than 28 digits before the point.
    pub fn weighted(&self, weights: &Weights) -> Result<Decimal> {
        weights.index(&self.scores)
    }
}

/// The five scores and their mean to two decimal places.
impl fmt::Display for DimensionScores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (dimension, score) in self.iter() {
            write!(f, "{dimension} {:.2}, ", decimal::round(score, 2))?;
        }
        write!(f, "unweighted {:.2}", decimal::round(self.unweighted, 2))
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct DimensionScoresState {
    #[serde(with = "crate::decimal::text")]
    tangibles: Decimal,
    #[serde(with = "crate::decimal::text")]
    reliability: Decimal,
    #[serde(with = "crate::decimal::text")]
    responsiveness: Decimal,
    #[serde(with = "crate::decimal::text")]
    assurance: Decimal,
    #[serde(with = "crate::decimal::text")]
    empathy: Decimal,
}

#[cfg(feature = "serde")]
impl TryFrom<DimensionScoresState> for DimensionScores {
    type Error = crate::Error;

    fn try_from(state: DimensionScoresState) -> Result<Self> {
        Self::new([state.tangibles, state.reliability, state.responsiveness, state.assurance, state.empathy])
    }
}

#[cfg(feature = "serde")]
impl From<DimensionScores> for DimensionScoresState {
    fn from(scores: DimensionScores) -> Self {
        let [tangibles, reliability, responsiveness, assurance, empathy] = scores.scores;
        Self { tangibles, reliability, responsiveness, assurance, empathy }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn a_dimension_finds_its_own_score_and_weight() {
        let scores = DimensionScores::new([1, 2, 3, 4, 5].map(Decimal::from)).unwrap();
        let got: Vec<Decimal> = Dimension::ALL.iter().map(|&dimension| scores.get(dimension)).collect();
        assert_eq!(got, [1, 2, 3, 4, 5].map(Decimal::from));
        let all_on_assurance = Weights::points([0, 0, 0, 100, 0].map(Decimal::from)).unwrap();
        assert_eq!(scores.weighted(&all_on_assurance), Ok(Decimal::from(4)));
        assert!(matches!(scores.weighted(&Weights::equal(4).unwrap()), Err(Error::Mismatch { .. })));
        assert_eq!(
            scores.to_string(),
            "tangibles 1.00, reliability 2.00, responsiveness 3.00, assurance 4.00, empathy 5.00, unweighted 3.00"
        );
    }
}
