//! Retention and churn of one period, under the definitions that the field has published.

use core::fmt;

use rust_decimal::Decimal;

use super::ChurnTally;
use crate::decimal::{self, count_to_f64};
use crate::error::{Error, Result};
use crate::estimate::{Confidence, Estimate, combine_independent};
use crate::share::Share;

const NO_ONE_AT_START: &str = "there were no customers at the start";
const NO_ONE: &str = "there were no customers";

/// Whom a churn rate counts as lost, and what it divides by.
///
/// The first three agree where no one joins; the last divides by the mean of start and end and so is higher as soon as anyone leaves. The
/// more customers join, the further apart they are: 1,000 customers of whom 50 leave, and
/// 500 more of whom 12 leave, are 5.0%, 6.2%, 4.1% or 5.1%. Compare rates of the same definition only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ChurnDefinition {
    /// Of the customers at the start, those who were lost.
    ///
    /// ```text
    /// lost of start / start
    /// ```
    ///
    /// A true share and the complement of retention. ChartMogul's standard formula: its help page leaves out of the lost those who also
    /// joined in the period.
    StartCohort,
    /// All who were lost in the period, over the customers at the start.
    ///
    /// ```text
    /// (lost of start + lost of joined) / start
    /// ```
    ///
    /// The most common definition, and Recurly's basic formula. Not a share: a growing business can lose more customers than it started
    /// with, and then the rate exceeds 1.
    #[default]
    LostOverStart,
    /// All who were lost in the period, of all who were customers in it.
    ///
    /// ```text
    /// (lost of start + lost of joined) / (start + joined)
    /// ```
    ///
    /// A true share. Stripe's formula, over the past 30 days. It looks better in a month with many new customers, who have had less time
    /// to leave.
    LostOverAll,
    /// All who were lost in the period, over the mean of the customers at the start and at the end.
    ///
    /// ```text
    /// (lost of start + lost of joined) / ((start + end) / 2)
    /// ```
    ///
    /// Recurly's guide to churn lists it as one of the ways in which companies count. Not a share: it is 2 where everyone at the start
    /// is lost and no one joins.
    LostOverMean,
}

impl fmt::Display for ChurnDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StartCohort => "lost of the customers at the start",
            Self::LostOverStart => "all lost over the customers at the start",
            Self::LostOverAll => "all lost of all customers",
            Self::LostOverMean => "all lost over the mean of start and end",
        })
    }
}

impl ChurnTally {
    /// The share of the customers at the start who stayed.
    ///
    /// ```text
    /// (start - lost of start) / start
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] without customers at the start.
    pub fn retention(&self) -> Result<Share> {
        Share::of("retention", NO_ONE_AT_START, self.at_start().saturating_sub(self.lost_of_start()), self.at_start())
    }

    /// The churn rate under the given definition, rounded to 28 digits.
    ///
    /// # Errors
    /// [`Error::Undefined`] where the definition divides by 0 customers.
    pub fn churn(&self, definition: ChurnDefinition) -> Result<Decimal> {
        let lost = decimal::wide(self.lost());
        let start = decimal::wide(self.at_start());
        match definition {
            ChurnDefinition::StartCohort => self.start_cohort_churn().map(|share| share.to_decimal()),
            ChurnDefinition::LostOverStart => decimal::ratio("churn", NO_ONE_AT_START, lost, start),
            ChurnDefinition::LostOverAll => self.all_customers_churn().map(|share| share.to_decimal()),
            ChurnDefinition::LostOverMean => {
                let twice_the_mean = start.saturating_add(decimal::wide(self.at_end()));
                decimal::ratio("churn", "there were no customers at the start and at the end", lost.saturating_mul(2), twice_the_mean)
            }
        }
    }

    /// The churn rate under the given definition with its interval.
    ///
    /// Where the rate is a share, that is Wilson's. [`LostOverStart`](ChurnDefinition::LostOverStart) adds the losses of two groups, of the
    /// customers at the start and of those who joined; how many these are is taken as given, and the Wilson limits of both are
    /// [squared and added](crate::estimate::combine_independent):
    ///
    /// ```text
    /// rate = p1 + (joined / start) p2,  p1 = lost of start / start,  p2 = lost of joined / joined
    /// ```
    ///
    /// [`LostOverMean`](ChurnDefinition::LostOverMean) rises with the number of all lost, so its ends are those of that number.
    ///
    /// ```
    /// use customer_metrics::Confidence;
    /// use customer_metrics::churn::{ChurnDefinition, ChurnTally};
    ///
    /// let july = ChurnTally::from_counts(1_000, 50, 500, 12)?;
    /// let churn = july.churn_estimate(ChurnDefinition::LostOverStart, Confidence::P95)?;
    /// assert_eq!(format!("{churn:.3}"), "0.062 (0.049 to 0.080, 95% square-and-add, n = 1500)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] where the definition divides by 0 customers.
    pub fn churn_estimate(&self, definition: ChurnDefinition, confidence: Confidence) -> Result<Estimate> {
        match definition {
            ChurnDefinition::StartCohort => self.start_cohort_churn().map(|share| share.estimate(confidence)),
            ChurnDefinition::LostOverAll => self.all_customers_churn().map(|share| share.estimate(confidence)),
            ChurnDefinition::LostOverStart | ChurnDefinition::LostOverMean => {
                let _ = self.churn(definition)?;
                let groups = [(self.lost_of_start(), self.at_start()), (self.lost_of_joined(), self.joined())];
                let parts = groups.into_iter().filter(|&(_, whole)| whole > 0);
                let parts = parts.map(|(lost, whole)| Ok((count_to_f64(whole), Share::new(lost, whole)?.estimate(confidence))));
                let lost = combine_independent(&parts.collect::<Result<Vec<_>>>()?)?;
                let (start, all) = (count_to_f64(self.at_start()), count_to_f64(self.all_customers()));
                Ok(lost.rising(|lost| match definition {
                    ChurnDefinition::LostOverMean => (2.0 * lost / (start + (all - lost))).min(f64::MAX),
                    _ => lost / start,
                }))
            }
        }
    }

    /// [`ChurnDefinition::StartCohort`] with its counts, so that it can be given an interval.
    ///
    /// # Errors
    /// [`Error::Undefined`] without customers at the start.
    pub fn start_cohort_churn(&self) -> Result<Share> {
        Share::of("churn", NO_ONE_AT_START, self.lost_of_start(), self.at_start())
    }

    /// [`ChurnDefinition::LostOverAll`] with its counts, so that it can be given an interval.
    ///
    /// # Errors
    /// [`Error::Undefined`] without customers.
    pub fn all_customers_churn(&self) -> Result<Share> {
        Share::of("churn", NO_ONE, self.lost(), self.all_customers())
    }
}

/// The churn of a longer period as the sum of the rates of its days, each over the customers at the start of that day.
///
/// ```text
/// sum over days of (lost on the day / customers at the start of the day)
/// ```
///
/// ChartMogul's "Shopify" formula, which it recommends where many customers join every month: each day divides by a base that is up to
/// date. It is a sum and not a share, does not compound, and exceeds 1 where more than the whole base is lost over the days. Each rate is
/// rounded to 28 digits. It has no interval here: the days share their customers, and how losses follow each other the counts do not say.
///
/// ```
/// use customer_metrics::churn::{ChurnTally, churn_summed_over_days};
///
/// let monday = ChurnTally::from_counts(100, 1, 100, 0)?;
/// let tuesday = ChurnTally::from_counts(199, 2, 1, 0)?;
/// assert_eq!(churn_summed_over_days(&[monday, tuesday])?.round_dp(4).to_string(), "0.0201");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// # Errors
/// [`Error::Undefined`] without days; [`Error::Row`] with the position of the first day that had no customers at its start.
pub fn churn_summed_over_days(days: &[ChurnTally]) -> Result<Decimal> {
    if days.is_empty() {
        return Err(Error::Undefined { metric: "churn summed over days", because: "there are no days" });
    }
    days.iter().enumerate().try_fold(Decimal::ZERO, |sum, (row, day)| {
        let rate = day.churn(ChurnDefinition::LostOverStart).map_err(|error| error.at_row(row))?;
        decimal::add("churn summed over days", sum, rate)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [ChurnDefinition; 4] =
        [ChurnDefinition::StartCohort, ChurnDefinition::LostOverStart, ChurnDefinition::LostOverAll, ChurnDefinition::LostOverMean];

    fn tally(at_start: u64, lost_of_start: u64, joined: u64, lost_of_joined: u64) -> ChurnTally {
        ChurnTally::from_counts(at_start, lost_of_start, joined, lost_of_joined).unwrap()
    }

    #[test]
    fn without_customers_nothing_is_defined() {
        let empty = ChurnTally::default();
        for definition in ALL {
            assert!(matches!(empty.churn(definition), Err(Error::Undefined { metric: "churn", .. })), "{definition}");
        }
        assert!(matches!(empty.retention(), Err(Error::Undefined { metric: "retention", .. })));
    }

    #[test]
    fn a_business_that_starts_with_no_one_has_only_the_rates_that_do_not_divide_by_the_start() {
        let first_month = tally(0, 0, 10, 4);
        assert!(first_month.churn(ChurnDefinition::StartCohort).is_err());
        assert!(first_month.churn(ChurnDefinition::LostOverStart).is_err());
        assert_eq!(first_month.churn(ChurnDefinition::LostOverAll), Ok(Decimal::new(4, 1)));
        assert_eq!(first_month.churn(ChurnDefinition::LostOverMean).unwrap().round_dp(4), Decimal::new(13_333, 4));
        assert!(tally(0, 0, 10, 10).churn(ChurnDefinition::LostOverMean).is_err());
    }

    #[test]
    fn new_customers_who_stay_hide_no_loss() {
        let shrinking = tally(100, 10, 0, 0);
        let replaced = tally(100, 10, 10, 0);
        assert_eq!(replaced.at_end(), replaced.at_start());
        for definition in [ChurnDefinition::StartCohort, ChurnDefinition::LostOverStart] {
            assert_eq!(shrinking.churn(definition), replaced.churn(definition), "{definition}");
            assert_eq!(replaced.churn(definition), Ok(Decimal::new(1, 1)), "{definition}");
        }
    }

    #[test]
    fn rates_that_are_not_shares_may_exceed_1() {
        let revolving = tally(1, 1, u64::MAX - 1, u64::MAX - 1);
        assert_eq!(revolving.churn(ChurnDefinition::LostOverStart), Ok(Decimal::from(u64::MAX)));
        assert_eq!(revolving.churn(ChurnDefinition::LostOverMean), Ok(Decimal::from(u128::from(u64::MAX) * 2)));
        assert_eq!(revolving.churn(ChurnDefinition::LostOverAll), Ok(Decimal::ONE));
        assert_eq!(tally(4, 4, 0, 0).churn(ChurnDefinition::LostOverMean), Ok(Decimal::TWO));
    }

    #[test]
    fn a_day_without_customers_at_its_start_is_named() {
        let error = churn_summed_over_days(&[tally(10, 1, 0, 0), tally(0, 0, 5, 0)]).unwrap_err();
        assert_eq!(error.to_string(), "row 1: churn is undefined: there were no customers at the start");
        assert!(matches!(churn_summed_over_days(&[]), Err(Error::Undefined { .. })));
    }
}
