//! Recency, frequency, monetary value: customers scored by when they bought last, how often, and for how much.

use core::fmt;

use super::{PurchaseHistories, ScoreRule, TieRule};
use crate::error::{Bound, Error, Result};
use crate::fixed_column::FixedColumn;

/// Three columns of the same length: steps since the last purchase, purchases, and money of every customer.
///
/// Recency is here the time from the last purchase to the day of the analysis, so that a low one is good, and not the recency of
/// [`CountedHistory`](super::CountedHistory). Frequency counts all purchases, the first one among them. Money is what was spent in all
/// or on average, or any other value of a customer, such as a predicted one: it may be negative.
///
/// The scores are those of A. M. Hughes, "Strategic Database Marketing" (1994), in which 5 is the best of five; some software counts the
/// other way round.
///
/// ```
/// use customer_metrics::{FixedColumn, MinorUnit};
/// use customer_metrics::repeat_buying::{HistoryRules, PeriodLength, PeriodRule, ReturnRule, RfmColumns, RfmRules, TieRule, Transactions};
///
/// let amounts = FixedColumn::new(&[10_00, 20_00, 30_00, 5_00, 7_00, 90_00, 1_00], MinorUnit::CENT);
/// let transactions = Transactions::new(&[1_u64, 1, 1, 2, 3, 4, 5], &[0, 50, 99, 10, 95, 60, 30], amounts)?;
/// let until_day_100 = HistoryRules::new(100, PeriodRule::Elapsed(PeriodLength::DAY), ReturnRule::Drop)?;
/// let histories = transactions.histories(&until_day_100)?;
///
/// let (recency, purchases, spend) = (histories.steps_since_last(), histories.purchases(), histories.total_spend()?);
/// assert_eq!(recency, [1, 90, 5, 40, 70]);
/// let columns = RfmColumns::new(&recency, &purchases, FixedColumn::new(&spend, histories.unit()))?;
/// let scores = columns.scores(&RfmRules::quintiles(TieRule::Lowest))?;
/// assert_eq!(scores.get(0).unwrap().to_string(), "554");
/// assert_eq!(scores.recency(), [5, 1, 4, 3, 2]);
/// assert_eq!(scores, histories.rfm_scores(&RfmRules::quintiles(TieRule::Lowest))?);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RfmColumns<'a> {
    steps_since_last: &'a [u32],
    purchases: &'a [u64],
    monetary: FixedColumn<'a>,
}

/// How each of the three is scored.
///
/// ```
/// use customer_metrics::repeat_buying::{RfmRules, ScoreRule, TieRule};
///
/// let by_cuts = RfmRules {
///     recency: ScoreRule::cuts([30, 90, 180, 365])?,
///     frequency: ScoreRule::cuts([2, 4, 8, 16])?,
///     monetary: ScoreRule::quintiles(TieRule::Lowest),
/// };
/// assert_ne!(by_cuts, RfmRules::default());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct RfmRules {
    /// For the steps since the last purchase: few are good.
    pub recency: ScoreRule,
    /// For the number of purchases: many are good.
    pub frequency: ScoreRule,
    /// For the money: much is good.
    pub monetary: ScoreRule,
}

impl RfmRules {
    /// Five bins of equally many customers in each dimension.
    #[must_use]
    pub fn quintiles(ties: TieRule) -> Self {
        let [recency, frequency, monetary] = [ties; 3].map(ScoreRule::quintiles);
        Self { recency, frequency, monetary }
    }
}

impl<'a> RfmColumns<'a> {
    /// Puts the columns side by side. They are not the [`recency`](super::PurchaseHistories::recency) and
    /// [`frequency`](super::PurchaseHistories::frequency) of histories, but their [`steps_since_last`](super::PurchaseHistories::steps_since_last),
    /// [`purchases`](super::PurchaseHistories::purchases) and [`total_spend`](super::PurchaseHistories::total_spend), which
    /// [`rfm_scores`](super::PurchaseHistories::rfm_scores) takes by itself.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length.
    pub fn new(steps_since_last: &'a [u32], purchases: &'a [u64], monetary: FixedColumn<'a>) -> Result<Self> {
        Error::check_length("length of purchases", steps_since_last.len(), purchases.len())?;
        Error::check_length("length of monetary values", steps_since_last.len(), monetary.values().len())?;
        Ok(Self { steps_since_last, purchases, monetary })
    }

    /// The scores of every customer.
    ///
    /// # Errors
    /// [`Error::Row`] with the first row whose purchases are more than 2^63 - 1.
    pub fn scores(&self, rules: &RfmRules) -> Result<RfmScores> {
        let recency: Vec<i64> = self.steps_since_last.iter().map(|&steps| steps.into()).collect();
        let signed = |(row, &purchases): (usize, &u64)| {
            let most = Bound::AtMost(i64::MAX.into());
            i64::try_from(purchases).map_err(|_| Error::out_of_bounds("purchases", purchases, most).at_row(row))
        };
        let frequency = self.purchases.iter().enumerate().map(signed).collect::<Result<Vec<i64>>>()?;
        Ok(RfmScores {
            bins: RfmScore { recency: rules.recency.bins(), frequency: rules.frequency.bins(), monetary: rules.monetary.bins() },
            recency: rules.recency.scores_of_low(&recency),
            frequency: rules.frequency.scores_of_high(&frequency),
            monetary: rules.monetary.scores_of_high(self.monetary.values()),
        })
    }
}

impl PurchaseHistories {
    /// The scores of every customer at the end of the observation: of the steps since the last purchase, of all purchases, and of all that
    /// was spent.
    ///
    /// # Errors
    /// Those of [`total_spend`](Self::total_spend).
    pub fn rfm_scores(&self, rules: &RfmRules) -> Result<RfmScores> {
        let (since, purchases, spend) = (self.steps_since_last(), self.purchases(), self.total_spend()?);
        RfmColumns::new(&since, &purchases, FixedColumn::new(&spend, self.unit()))?.scores(rules)
    }
}

/// The three scores of a customer, each from 1, the worst, to the number of bins.
///
/// They print one after the other, as in `555`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct RfmScore {
    /// How recent the last purchase is.
    pub recency: u8,
    /// How many purchases there were.
    pub frequency: u8,
    /// How much money.
    pub monetary: u8,
}

impl RfmScore {
    /// The three added up: 15 for the best of five bins each. It weighs the three alike, which nothing says they are.
    #[must_use]
    pub fn total(self) -> u16 {
        [self.recency, self.frequency, self.monetary].iter().fold(0, |sum, &score| sum.saturating_add(score.into()))
    }
}

impl fmt::Display for RfmScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.recency, self.frequency, self.monetary)
    }
}

/// The scores of many customers, in columns, in the order of the values that were scored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct RfmScores {
    bins: RfmScore,
    recency: Vec<u8>,
    frequency: Vec<u8>,
    monetary: Vec<u8>,
}

impl RfmScores {
    /// How many customers.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.recency.len()
    }

    /// The best score of each dimension.
    #[must_use]
    pub fn bins(&self) -> RfmScore {
        self.bins
    }

    /// How recent the last purchase of each customer is.
    #[must_use]
    pub fn recency(&self) -> &[u8] {
        &self.recency
    }

    /// How many purchases there were, as a score.
    #[must_use]
    pub fn frequency(&self) -> &[u8] {
        &self.frequency
    }

    /// How much money, as a score.
    #[must_use]
    pub fn monetary(&self) -> &[u8] {
        &self.monetary
    }

    /// The scores in this row, counted from 0, if there is one.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<RfmScore> {
        let (&recency, (&frequency, &monetary)) = self.recency.get(row).zip(self.frequency.get(row).zip(self.monetary.get(row)))?;
        Some(RfmScore { recency, frequency, monetary })
    }

    /// The scores of all customers, row by row.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = RfmScore> + '_ {
        let columns = self.recency.iter().zip(&self.frequency).zip(&self.monetary);
        columns.map(|((&recency, &frequency), &monetary)| RfmScore { recency, frequency, monetary })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_must_fit_each_other_and_64_bits() {
        let spend = FixedColumn::whole(&[1, 2]);
        assert!(matches!(RfmColumns::new(&[1], &[1], spend), Err(Error::Mismatch { field: "length of monetary values", .. })));
        assert!(matches!(RfmColumns::new(&[1, 2], &[1], spend), Err(Error::Mismatch { field: "length of purchases", .. })));
        let too_many = RfmColumns::new(&[1, 2], &[1, u64::MAX], spend).unwrap();
        let error = too_many.scores(&RfmRules::default()).unwrap_err();
        assert_eq!((error.row(), error.field()), (Some(1), Some("purchases")));
    }

    #[test]
    fn scores_print_one_after_the_other_and_add_up() {
        let score = RfmScore { recency: 5, frequency: 1, monetary: 3 };
        assert_eq!((score.to_string().as_str(), score.total()), ("513", 9));
    }
}
