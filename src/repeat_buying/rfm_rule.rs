//! How a value becomes a score: by its place among all, or by fixed cuts.

use crate::error::{Bound, Error, Result};

/// Which score customers with equal values share, where their places among all would give different ones.
///
/// Equal values always have equal scores. Sorting the customers and cutting the list into five equal parts, as is often done by hand,
/// scores equal customers differently by chance of their order; it is not offered.
///
/// ```text
/// of n customers, w are worse and e equal (the customer is one of them); the place is
///   Lowest    w
///   Middle    w + (e - 1) / 2
///   Highest   w + e - 1
/// score = 1 + floor(bins x place / n)
/// ```
///
/// Without ties all three are the same, and the bins have equal numbers of customers, as far as these can be divided.
///
/// ```
/// use customer_metrics::{FixedColumn, repeat_buying::{RfmColumns, RfmRules, TieRule}};
///
/// // Six of ten customers bought once.
/// let (recency, purchases, spend) = ([5; 10], [1, 1, 1, 1, 1, 1, 2, 3, 4, 5], [7; 10]);
/// let columns = RfmColumns::new(&recency, &purchases, FixedColumn::whole(&spend))?;
/// let once = |ties| columns.scores(&RfmRules::quintiles(ties)).map(|scores| scores.frequency()[0]);
/// assert_eq!([once(TieRule::Lowest)?, once(TieRule::Middle)?, once(TieRule::Highest)?], [1, 2, 3]);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum TieRule {
    /// The score of the lowest place among them: nobody is scored better than their value deserves.
    #[default]
    Lowest,
    /// The score of their middle place.
    Middle,
    /// The score of the highest place among them.
    Highest,
}

/// How the values of one dimension become scores from 1 (worst) to the number of bins (best).
///
/// ```
/// use customer_metrics::repeat_buying::{ScoreRule, TieRule};
///
/// assert_eq!(ScoreRule::quantiles(4, TieRule::Lowest)?.bins(), 4);
/// assert_eq!(ScoreRule::cuts([30, 90, 180, 365])?.bins(), 5);
/// assert!(ScoreRule::cuts([90, 30]).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "RuleState", into = "RuleState"))]
pub struct ScoreRule(Rule);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Rule {
    Quantiles { bins: u8, ties: TieRule },
    Cuts(Vec<i64>),
}

impl ScoreRule {
    /// The fewest bins that tell anything, and the most whose scores are one digit.
    const FEWEST_BINS: u8 = 2;
    const MOST_BINS: u8 = 9;

    /// Bins of equally many customers, as far as equal values allow.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for fewer than 2 or more than 9 bins.
    pub fn quantiles(bins: u8, ties: TieRule) -> Result<Self> {
        Self::check_bins(bins)?;
        Ok(Self(Rule::Quantiles { bins, ties }))
    }

    /// Five bins of equally many customers, as far as equal values allow.
    #[must_use]
    pub fn quintiles(ties: TieRule) -> Self {
        Self(Rule::Quantiles { bins: 5, ties })
    }

    /// Fixed cuts, in the unit of the values: steps since the last purchase, purchases, or minor units. A value on a cut has the better
    /// score: at cuts of 30 and 90 days, 30 days is the best of three bins, and at cuts of 2 and 5 purchases, 5 is.
    ///
    /// Scores by fixed cuts stay the same when other customers change, and can be compared from month to month.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for no cut or more than 8, or if they do not ascend.
    pub fn cuts(cuts: impl Into<Vec<i64>>) -> Result<Self> {
        let cuts = cuts.into();
        Self::check_bins(u8::try_from(cuts.len()).unwrap_or(u8::MAX).saturating_add(1))?;
        for (before, cut) in cuts.iter().zip(cuts.iter().skip(1)) {
            if cut <= before {
                return Err(Error::out_of_bounds("cut", *cut, Bound::MoreThan((*before).into())));
            }
        }
        Ok(Self(Rule::Cuts(cuts)))
    }

    fn check_bins(bins: u8) -> Result<()> {
        if (Self::FEWEST_BINS..=Self::MOST_BINS).contains(&bins) {
            return Ok(());
        }
        Err(Error::out_of_bounds("bins", bins, Bound::Within(Self::FEWEST_BINS.into(), Self::MOST_BINS.into())))
    }

    /// How many bins: the best score.
    #[must_use]
    pub fn bins(&self) -> u8 {
        match &self.0 {
            Rule::Quantiles { bins, .. } => *bins,
            Rule::Cuts(cuts) => u8::try_from(cuts.len()).unwrap_or(u8::MAX).saturating_add(1),
        }
    }

    /// The scores of values of which high ones are good.
    pub(super) fn scores_of_high(&self, values: &[i64]) -> Vec<u8> {
        match &self.0 {
            Rule::Quantiles { bins, ties } => scores(values, &quantile_thresholds(values, *bins, *ties)),
            Rule::Cuts(cuts) => scores(values, cuts),
        }
    }

    /// The scores of values of which low ones are good.
    pub(super) fn scores_of_low(&self, values: &[i64]) -> Vec<u8> {
        // Turning over all bits turns the order round, and no number is without its opposite.
        let turned: Vec<i64> = values.iter().map(|&value| !value).collect();
        match &self.0 {
            Rule::Quantiles { .. } => self.scores_of_high(&turned),
            Rule::Cuts(cuts) => scores(&turned, &cuts.iter().rev().map(|&cut| !cut).collect::<Vec<i64>>()),
        }
    }
}

/// Five bins by place, ties at the lowest.
impl Default for ScoreRule {
    fn default() -> Self {
        Self::quintiles(TieRule::default())
    }
}

/// 1 and one more for every threshold that is reached.
fn scores(values: &[i64], thresholds: &[i64]) -> Vec<u8> {
    let mut scores = vec![1_u8; values.len()];
    for &threshold in thresholds {
        for (score, &value) in scores.iter_mut().zip(values) {
            // There are at most eight thresholds.
            *score = score.wrapping_add(u8::from(value >= threshold));
        }
    }
    scores
}

/// For every score but the first, the lowest value that has it or a better one; nothing for those that no value reaches.
fn quantile_thresholds(values: &[i64], bins: u8, ties: TieRule) -> Vec<i64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    // Twice the place, so that the middle of two is a whole number.
    let double_place = |value: i64| -> u128 {
        let worse = wide(sorted.partition_point(|&other| other < value));
        let last = wide(sorted.partition_point(|&other| other <= value)).saturating_sub(1);
        match ties {
            TieRule::Lowest => worse.saturating_mul(2),
            TieRule::Middle => worse.saturating_add(last),
            TieRule::Highest => last.saturating_mul(2),
        }
    };
    let threshold = |score: u8| -> Option<i64> {
        // bins x place / n >= score, that is 2 x place >= 2 x score x n / bins.
        let wanted = u128::from(score).saturating_mul(wide(sorted.len())).saturating_mul(2).div_ceil(u128::from(bins));
        let candidate = *sorted.get(usize::try_from(wanted / 2).unwrap_or(usize::MAX))?;
        // No lower value can have it: all its places are before this one. If this one has not, the next higher value has.
        let is_reached = double_place(candidate) >= wanted;
        if is_reached { Some(candidate) } else { sorted.get(sorted.partition_point(|&other| other <= candidate)).copied() }
    };
    (1..bins).filter_map(threshold).collect()
}

fn wide(count: usize) -> u128 {
    u128::try_from(count).unwrap_or(u128::MAX)
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum RuleState {
    Quantiles { bins: u8, ties: TieRule },
    Cuts(Vec<i64>),
}

#[cfg(feature = "serde")]
impl TryFrom<RuleState> for ScoreRule {
    type Error = Error;

    fn try_from(state: RuleState) -> Result<Self> {
        match state {
            RuleState::Quantiles { bins, ties } => Self::quantiles(bins, ties),
            RuleState::Cuts(cuts) => Self::cuts(cuts),
        }
    }
}

#[cfg(feature = "serde")]
impl From<ScoreRule> for RuleState {
    fn from(rule: ScoreRule) -> Self {
        match rule.0 {
            Rule::Quantiles { bins, ties } => Self::Quantiles { bins, ties },
            Rule::Cuts(cuts) => Self::Cuts(cuts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_on_a_cut_has_the_better_score() {
        let rule = ScoreRule::cuts([30, 90]).unwrap();
        assert_eq!(rule.scores_of_low(&[0, 30, 31, 90, 91, i64::MAX]), [3, 3, 2, 2, 1, 1]);
        assert_eq!(rule.scores_of_high(&[i64::MIN, 29, 30, 89, 90, i64::MAX]), [1, 1, 2, 2, 3, 3]);
        let widest = ScoreRule::cuts([i64::MIN, i64::MAX]).unwrap();
        assert_eq!(widest.scores_of_high(&[i64::MIN, 0, i64::MAX]), [2, 2, 3]);
        assert_eq!(widest.scores_of_low(&[i64::MIN, 0, i64::MAX]), [3, 2, 2]);
    }

    #[test]
    fn without_ties_the_bins_are_equal_and_the_rules_agree() {
        let values: Vec<i64> = (0..10).map(|value| value * 7 % 10).collect();
        for ties in [TieRule::Lowest, TieRule::Middle, TieRule::Highest] {
            let rule = ScoreRule::quintiles(ties);
            let expected: Vec<u8> = values.iter().map(|&value| 1 + u8::try_from(value / 2).unwrap()).collect();
            assert_eq!(rule.scores_of_high(&values), expected);
            assert_eq!(rule.scores_of_low(&values), expected.iter().map(|score| 6 - score).collect::<Vec<u8>>());
        }
    }

    #[test]
    fn few_customers_and_equal_ones_have_scores_too() {
        for ties in [TieRule::Lowest, TieRule::Middle, TieRule::Highest] {
            let rule = ScoreRule::quintiles(ties);
            assert_eq!(rule.scores_of_high(&[]), Vec::<u8>::new());
            assert_eq!(rule.scores_of_high(&[9]), [1]);
            assert_eq!(rule.scores_of_high(&[9, 8]), [3, 1]);
        }
        let all_equal = |ties| ScoreRule::quintiles(ties).scores_of_high(&[4; 10]);
        assert_eq!(all_equal(TieRule::Lowest), [1; 10]);
        assert_eq!(all_equal(TieRule::Middle), [3; 10]);
        assert_eq!(all_equal(TieRule::Highest), [5; 10]);
    }

    #[test]
    fn bins_and_cuts_have_bounds() {
        for bins in [0, 1, 10, u8::MAX] {
            assert!(matches!(ScoreRule::quantiles(bins, TieRule::Lowest), Err(Error::OutOfBounds { field: "bins", .. })));
        }
        for cuts in [vec![], (0..9).collect(), (0..300).collect()] {
            assert!(matches!(ScoreRule::cuts(cuts), Err(Error::OutOfBounds { field: "bins", .. })));
        }
        assert_eq!(ScoreRule::cuts([2, 2]).unwrap_err().to_string(), "cut is 2, but must be more than 2");
        assert_eq!(ScoreRule::default().bins(), 5);
    }
}
