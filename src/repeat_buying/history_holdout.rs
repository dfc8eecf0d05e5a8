//! What came after: the same customers in a holdout period, to hold predictions against.

use super::history::{check_same_day, interleaved, spend_of, units};
use super::{HistoryRules, PurchaseHistories, Transactions};
use crate::error::{Bound, Error, Result};
use crate::money::MoneyTally;
use crate::tally::Tally as _;

/// The histories of a calibration period, and what these customers did in the holdout period after it.
///
/// A model is fitted to the calibration and its prediction held against the holdout. Customers who first bought in the holdout are not
/// in the columns, since no model of the calibration could know them; they are counted.
///
/// ```
/// use customer_metrics::{FixedColumn, MinorUnit};
/// use customer_metrics::repeat_buying::{HistoryRules, PeriodLength, PeriodRule, ReturnRule, Transactions};
///
/// let amounts = FixedColumn::new(&[20_00, 30_00, 15_00, 9_00], MinorUnit::CENT);
/// let transactions = Transactions::new(&[1_u64, 1, 1, 2], &[0, 7, 60, 61], amounts)?;
/// let calibration = HistoryRules::new(41, PeriodRule::Elapsed(PeriodLength::WEEK), ReturnRule::Refuse)?;
///
/// let split = transactions.calibration_and_holdout(&calibration, 83)?;
/// assert_eq!(split.calibration().frequency(), [1]);
/// assert_eq!((split.holdout_frequency(), split.holdout_spend()), (&[1_u64][..], &[15_00_i64][..]));
/// assert_eq!(split.holdout_periods(), 6.0);
/// assert_eq!((split.newcomers().customers, split.newcomers().purchases.total()?.to_string()), (1, "9".to_owned()));
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct CalibrationHoldout {
    calibration: PurchaseHistories,
    holdout_frequency: Vec<u64>,
    holdout_spend: Vec<i64>,
    holdout_last_day: i32,
    newcomers: Newcomers,
}

/// Customers who first bought in the holdout.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Newcomers {
    /// How many customers.
    pub customers: u64,
    /// How many purchases they made, and for how much in all.
    pub purchases: MoneyTally,
}

impl CalibrationHoldout {
    /// The histories at the end of the calibration, one customer a row. What they [left out](PurchaseHistories::left_out) is what is in
    /// neither period: returns of both, and what came after the holdout.
    #[must_use]
    pub fn calibration(&self) -> &PurchaseHistories {
        &self.calibration
    }

    /// Purchases of each of these customers in the holdout.
    #[must_use]
    pub fn holdout_frequency(&self) -> &[u64] {
        &self.holdout_frequency
    }

    /// What each of these customers spent in the holdout, in minor units.
    #[must_use]
    pub fn holdout_spend(&self) -> &[i64] {
        &self.holdout_spend
    }

    /// The length of the holdout in periods.
    #[must_use]
    pub fn holdout_periods(&self) -> f64 {
        self.calibration.periods().periods(self.holdout_steps())
    }

    /// The same in days, or in whole periods.
    pub(super) fn holdout_steps(&self) -> u32 {
        let step = |day| self.calibration.periods().step(day);
        step(self.holdout_last_day).saturating_sub(step(self.calibration.last_day()))
    }

    /// The last day of the holdout.
    #[must_use]
    pub fn holdout_last_day(&self) -> i32 {
        self.holdout_last_day
    }

    /// Adds the customers of another split, none of whom may be in this one: split transactions by customer, not by time.
    ///
    /// # Errors
    /// As [`PurchaseHistories::merge`]; [`Error::Mismatch`] too if the holdouts end on different days. The split is left as it was.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        check_same_day("last day of the holdout", self.holdout_last_day, other.holdout_last_day)?;
        let mut purchases = self.newcomers.purchases.clone();
        purchases.merge(&other.newcomers.purchases)?;
        let (calibration, from_other) = self.calibration.merged(&other.calibration)?;
        *self = Self {
            calibration,
            holdout_frequency: interleaved(&self.holdout_frequency, &other.holdout_frequency, &from_other),
            holdout_spend: interleaved(&self.holdout_spend, &other.holdout_spend, &from_other),
            holdout_last_day: self.holdout_last_day,
            // As many customers as fit into memory are fewer than 64 bits can count.
            newcomers: Newcomers { customers: self.newcomers.customers.saturating_add(other.newcomers.customers), purchases },
        };
        Ok(())
    }

    /// Who came too late for the calibration.
    #[must_use]
    pub fn newcomers(&self) -> &Newcomers {
        &self.newcomers
    }
}

impl Transactions<'_> {
    /// Calibration until the last day of the rules, holdout from the next day to the end of `holdout_last_day`.
    ///
    /// A purchase counts in the period that it was made in; the first one after the calibration is a purchase like any other.
    ///
    /// ```text
    /// frequency in the calibration + frequency in the holdout = frequency until the end of the holdout
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the holdout has no day, or ends within a period where these are counted whole; otherwise those of
    /// [`histories`](Self::histories).
    pub fn calibration_and_holdout(&self, calibration: &HistoryRules, holdout_last_day: i32) -> Result<CalibrationHoldout> {
        if holdout_last_day <= calibration.last_day() {
            let bound = Bound::MoreThan(i64::from(calibration.last_day()).into());
            return Err(Error::out_of_bounds("last day of the holdout", i64::from(holdout_last_day), bound));
        }
        let periods = calibration.periods();
        periods.check_end("last day of the holdout", holdout_last_day)?;
        let end = periods.step(calibration.last_day());
        let unit = self.amounts().unit();
        let mut split = CalibrationHoldout {
            calibration: PurchaseHistories::none(calibration, unit),
            holdout_frequency: Vec::new(),
            holdout_spend: Vec::new(),
            holdout_last_day,
            newcomers: Newcomers { customers: 0, purchases: MoneyTally::empty(unit) },
        };
        let left_out = self.each_customer(calibration, holdout_last_day, &mut |customer, purchases| {
            let middle = purchases.partition_point(|purchase| purchase.step <= end);
            let (before, after) = purchases.split_at_checked(middle).unwrap_or((purchases, &[]));
            let count = u64::try_from(after.len()).unwrap_or(u64::MAX);
            if before.is_empty() {
                split.newcomers.customers = split.newcomers.customers.saturating_add(1);
                return split.newcomers.purchases.merge(&MoneyTally::from_minor_units(unit, count, spend_of(after))?);
            }
            let spend = units("holdout spend", spend_of(after))?;
            split.calibration.push(customer, before, end)?;
            split.holdout_frequency.push(count);
            split.holdout_spend.push(spend);
            Ok(())
        })?;
        split.calibration.leave_out(left_out);
        Ok(split)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FixedColumn;
    use crate::repeat_buying::{PeriodRule, ReturnRule, WholePeriods};

    #[test]
    fn a_holdout_begins_after_the_calibration_and_ends_with_a_period() {
        let none = Transactions::new(&[0_u64; 0], &[], FixedColumn::whole(&[])).unwrap();
        let weeks = PeriodRule::Whole(WholePeriods::new(7, 0).unwrap());
        let rules = HistoryRules::new(13, weeks, ReturnRule::Drop).unwrap();
        let refused = |day| none.calibration_and_holdout(&rules, day).unwrap_err().to_string();
        assert_eq!(refused(13), "last day of the holdout is 13, but must be more than 13");
        assert_eq!(refused(i32::MIN), "last day of the holdout is -2147483648, but must be more than 13");
        assert_eq!(refused(14), "last day of the holdout is 14, but must be exactly 20");
        let empty = none.calibration_and_holdout(&rules, 34).unwrap();
        assert_eq!((empty.calibration().customers(), empty.holdout_periods().to_bits()), (0, 3.0_f64.to_bits()));
    }
}
