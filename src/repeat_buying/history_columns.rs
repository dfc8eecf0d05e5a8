//! From histories to the columns that models and values take.

use super::{CustomerBase, PurchaseColumns, PurchaseHistories, PurchaseTable, SpendHistory, SpendTable, UnpaidRule};
use crate::decimal::count_to_f64;
use crate::error::Result;

/// The customers of [`PurchaseHistories`] as the models take them, one a row: frequency, recency and age in periods, and the mean of their
/// repeat spend as an amount.
///
/// All that is read off it is of the same rows, under the same [`UnpaidRule`]: fit the models to [`purchase_table`](Self::purchase_table)
/// and [`spend_table`](Self::spend_table), predict for [`purchases`](Self::purchases), and value the
/// [`customer_base`](Self::customer_base).
///
/// ```
/// use customer_metrics::{Decimal, MinorUnit, OwnedFixedColumn};
/// use customer_metrics::repeat_buying::{HistoryRules, PeriodRule, ReturnRule, Transactions, UnpaidRule};
///
/// let amounts: [Decimal; 5] = ["29.33", "11.00", "29.73", "5.00", "12.50"].map(|amount| amount.parse().unwrap());
/// let amounts = OwnedFixedColumn::from_amounts(MinorUnit::CENT, &amounts)?;
/// let transactions = Transactions::new(&[17_u64, 4, 17, 17, 4], &[0, 3, 14, 28, 3], &amounts)?;
/// let histories = transactions.histories(&HistoryRules::new(28, PeriodRule::default(), ReturnRule::Refuse)?)?;
///
/// let columns = histories.columns(UnpaidRule::Refuse)?;
/// assert_eq!(columns.mean_spends(), [0.0, 17.365]);
/// assert_eq!(columns.purchases().get(1).map(|customer| customer.recency()), Some(4.0));
/// assert_eq!((columns.customer_base().customers(), columns.purchase_table().customers(), columns.spend_table().customers()), (2, 2, 1));
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// Comes from [`PurchaseHistories::columns`].
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct HistoryColumns {
    frequencies: Vec<u64>,
    recencies: Vec<f64>,
    ages: Vec<f64>,
    mean_spends: Vec<f64>,
    unpaid: UnpaidRule,
}

impl HistoryColumns {
    /// How many customers.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.frequencies.len()
    }

    /// What was done with customers whose repeat purchases came to nothing.
    #[must_use]
    pub fn unpaid(&self) -> UnpaidRule {
        self.unpaid
    }

    /// Frequency, recency and age, such as predictions are made for.
    #[must_use]
    pub fn purchases(&self) -> PurchaseColumns<'_> {
        PurchaseColumns::checked(&self.frequencies, &self.recencies, &self.ages)
    }

    /// The [mean repeat spend](PurchaseHistories::mean_repeat_spends) of each customer, as an amount.
    #[must_use]
    pub fn mean_spends(&self) -> &[f64] {
        &self.mean_spends
    }

    /// The customers with what they have spent, such as are valued. Of the spend of those whom the [`UnpaidRule`] drops, and of those
    /// without a repeat purchase, nothing is known.
    #[must_use]
    pub fn customer_base(&self) -> CustomerBase<'_> {
        CustomerBase::new(self.purchases()).with_checked_spend(&self.frequencies, &self.mean_spends)
    }

    /// The table that models of purchases are fitted to: equal histories as one row.
    #[must_use]
    pub fn purchase_table(&self) -> PurchaseTable {
        PurchaseTable::from_columns(self.purchases())
    }

    /// The table that models of spend are fitted to: the repeat purchases of those who made any that were paid.
    #[must_use]
    pub fn spend_table(&self) -> SpendTable {
        self.customer_base().spends().collect()
    }
}

impl PurchaseHistories {
    /// What each customer spent on a repeat purchase on average, as an amount; 0 without one.
    ///
    /// It is within 1.5 units in the last place for spends below 2^53 minor units; exact is [`mean_repeat_spend`](Self::mean_repeat_spend).
    #[must_use]
    pub fn mean_repeat_spends(&self) -> Vec<f64> {
        let unit = count_to_f64(10_u64.saturating_pow(self.unit().decimal_places()));
        let rows = self.frequency().iter().zip(self.repeat_spend());
        rows.map(|(&frequency, &spend)| {
            if frequency == 0 || spend == 0 {
                return 0.0;
            }
            let magnitude = count_to_f64(spend.unsigned_abs()) / (count_to_f64(frequency) * unit);
            if spend < 0 { -magnitude } else { magnitude }
        })
        .collect()
    }

    /// The columns that models and values take. The rule says what becomes of customers whose repeat purchases came to nothing or less.
    ///
    /// # Errors
    /// [`Error::Row`](crate::Error::Row) with the first such customer, if they are refused.
    pub fn columns(&self, unpaid: UnpaidRule) -> Result<HistoryColumns> {
        let mean_spends = self.mean_repeat_spends();
        if unpaid == UnpaidRule::Refuse {
            for (row, (&purchases, &mean_spend)) in self.frequency().iter().zip(&mean_spends).enumerate() {
                SpendHistory::new(purchases, mean_spend).map_err(|error| error.at_row(row))?;
            }
        }
        Ok(HistoryColumns {
            frequencies: self.frequency().to_vec(),
            recencies: self.recency_in_periods(),
            ages: self.age_in_periods(),
            mean_spends,
            unpaid,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repeat_buying::{HistoryRules, PeriodRule, ReturnRule, Transactions};
    use crate::{FixedColumn, MinorUnit};

    #[test]
    fn customers_who_paid_nothing_again_are_refused_or_dropped_from_the_spend_alone() {
        let amounts = FixedColumn::new(&[9_99, 1_00, 2_00, 5_00, -7_00, 3_00], MinorUnit::CENT);
        let transactions = Transactions::new(&[1_u32, 1, 1, 2, 2, 3], &[0, 1, 2, 0, 3, 3], amounts).unwrap();
        let rules = HistoryRules::new(3, PeriodRule::default(), ReturnRule::Keep).unwrap();
        let histories = transactions.histories(&rules).unwrap();
        assert_eq!(histories.mean_repeat_spends(), [1.5, -7.0, 0.0]);
        let error = histories.columns(UnpaidRule::Refuse).unwrap_err();
        assert_eq!(error.to_string(), "row 1: mean spend is -7, but must be more than 0");

        let columns = histories.columns(UnpaidRule::Drop).unwrap();
        assert_eq!((columns.rows(), columns.mean_spends()), (3, &[1.5, -7.0, 0.0][..]));
        assert_eq!(columns.purchase_table(), histories.table());
        assert_eq!(columns.spend_table(), [SpendHistory::new(2, 1.5).unwrap()].into_iter().collect());
        assert_eq!(
            columns.customer_base(),
            CustomerBase::new(columns.purchases()).with_spend(histories.frequency(), columns.mean_spends(), UnpaidRule::Drop).unwrap()
        );
        let of_columns = SpendTable::from_columns(histories.frequency(), columns.mean_spends(), UnpaidRule::Drop).unwrap();
        assert_eq!(columns.spend_table(), of_columns);
    }
}
