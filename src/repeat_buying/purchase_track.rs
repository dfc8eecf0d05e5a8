//! When the customers of a base came, and when they bought again.

use std::collections::BTreeMap;

use super::history::check_same_day;
use super::{HistoryRules, PeriodRule, Transactions};
use crate::error::{Bound, Error, Result};

/// The customers who first bought in a calibration period by the day of that purchase, and their repeat purchases by day until the end of
/// the holdout.
///
/// It is what a model's expectations for the base are held against over time: [`tracking`](Self::tracking). Customers who came later are
/// not in it.
///
/// ```
/// use customer_metrics::FixedColumn;
/// use customer_metrics::repeat_buying::{BgNbd, HistoryRules, PeriodRule, ReturnRule, Transactions};
///
/// let amounts = FixedColumn::whole(&[20, 30, 15, 9]);
/// let transactions = Transactions::new(&[1_u64, 1, 1, 2], &[0, 7, 60, 61], amounts)?;
/// let calibration = HistoryRules::new(41, PeriodRule::default(), ReturnRule::Refuse)?;
/// let track = transactions.purchase_track(&calibration, 83)?;
/// assert_eq!((track.customers(), track.repeat_purchases()), (1, 2));
///
/// // Week by week.
/// let tracking = track.tracking(&BgNbd::new(0.243, 4.414, 0.793, 2.426)?, PeriodRule::default(), 7)?;
/// let end = tracking.points().last().unwrap();
/// assert_eq!((tracking.points().len(), end.time(), end.cumulative_actual()), (12, 12.0, 2));
/// assert_eq!(format!("{:.3}", end.cumulative_expected()), "0.497");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct PurchaseTrack {
    pub(super) periods: PeriodRule,
    /// By step, ascending.
    pub(super) starts: BTreeMap<u32, u64>,
    pub(super) repeats: BTreeMap<u32, u64>,
    pub(super) calibration_last_day: i32,
    pub(super) last_day: i32,
}

impl PurchaseTrack {
    /// Adds the customers of another track, none of whom may be in this one: split transactions by customer, not by time.
    ///
    /// # Errors
    /// [`Error::Mismatch`] unless both count time alike and have the same calibration and holdout; the track is left as it was.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        self.periods.check_same(other.periods)?;
        check_same_day("last day of the calibration", self.calibration_last_day, other.calibration_last_day)?;
        check_same_day("last day", self.last_day, other.last_day)?;
        for (counts, more) in [(&mut self.starts, &other.starts), (&mut self.repeats, &other.repeats)] {
            for (&step, &count) in more {
                let sum = counts.entry(step).or_default();
                // As many rows as fit into memory are fewer than 64 bits can count.
                *sum = sum.saturating_add(count);
            }
        }
        Ok(())
    }

    /// How many customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        total(&self.starts)
    }

    /// How many repeat purchases they made, in the calibration and the holdout.
    #[must_use]
    pub fn repeat_purchases(&self) -> u64 {
        total(&self.repeats)
    }

    /// How time is counted.
    #[must_use]
    pub fn periods(&self) -> PeriodRule {
        self.periods
    }
}

/// As many rows as fit into memory are fewer than 64 bits can count.
fn total(counts: &BTreeMap<u32, u64>) -> u64 {
    counts.values().fold(0, |sum, count| sum.saturating_add(*count))
}

impl Transactions<'_> {
    /// The track of the customers who first bought by the last day of the calibration, until the end of `last_day`: that of the holdout,
    /// or of the calibration if there is none.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if `last_day` is before the end of the calibration, or within a period where these are counted whole;
    /// [`Error::Row`] with the first negative amount if returns are refused.
    pub fn purchase_track(&self, calibration: &HistoryRules, last_day: i32) -> Result<PurchaseTrack> {
        if last_day < calibration.last_day() {
            let bound = Bound::AtLeast(i64::from(calibration.last_day()).into());
            return Err(Error::out_of_bounds("last day", i64::from(last_day), bound));
        }
        let periods = calibration.periods();
        periods.check_end("last day", last_day)?;
        let mut track = PurchaseTrack {
            periods,
            starts: BTreeMap::new(),
            repeats: BTreeMap::new(),
            calibration_last_day: calibration.last_day(),
            last_day,
        };
        let calibration_end = periods.step(calibration.last_day());
        let add = |counts: &mut BTreeMap<u32, u64>, step| {
            let count = counts.entry(step).or_default();
            *count = count.saturating_add(1);
        };
        self.each_customer(calibration, last_day, &mut |_, purchases| {
            if let Some((first, repeats)) = purchases.split_first()
                && first.step <= calibration_end
            {
                add(&mut track.starts, first.step);
                for purchase in repeats {
                    add(&mut track.repeats, purchase.step);
                }
            }
            Ok(())
        })?;
        Ok(track)
    }
}
