//! The customers to be valued, in columns.

use super::{PurchaseColumns, PurchaseHistory, SpendHistory, UnpaidRule};
use crate::error::{Error, Result};

/// The purchase histories of many customers and, in the same order, what they have spent.
///
/// ```
/// use customer_metrics::repeat_buying::{CustomerBase, PurchaseColumns, UnpaidRule};
///
/// let frequency = [2, 0];
/// let histories = PurchaseColumns::new(&frequency, &[30.43, 0.0], &[38.86, 38.86])?;
/// let base = CustomerBase::new(histories).with_spend(&frequency, &[22.35, 0.0], UnpaidRule::Refuse)?;
/// assert_eq!(base.customers(), 2);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CustomerBase<'a> {
    histories: PurchaseColumns<'a>,
    spend: Option<(&'a [u64], &'a [f64])>,
}

impl<'a> CustomerBase<'a> {
    /// Customers of whose spend nothing is known.
    #[must_use]
    pub fn new(histories: PurchaseColumns<'a>) -> Self {
        Self { histories, spend: None }
    }

    /// The same customers with how many of their purchases have an amount, and the mean of these amounts.
    ///
    /// Use the purchases that the spend model was fitted to: mostly the repeat purchases, which are the frequency.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::Row`] with the first row that is wrong, as in
    /// [`SpendTable::from_columns`](super::SpendTable::from_columns). Where unpaid rows are left out of the spend, their customers stay in
    /// the base, as ones of whose spend nothing is known.
    pub fn with_spend(self, purchases: &'a [u64], mean_spends: &'a [f64], unpaid: UnpaidRule) -> Result<Self> {
        Error::check_length("length of purchases", self.rows(), purchases.len())?;
        Error::check_length("length of mean spends", self.rows(), mean_spends.len())?;
        for (row, (&purchases, &mean_spend)) in purchases.iter().zip(mean_spends).enumerate() {
            if unpaid == UnpaidRule::Refuse || pays(purchases, mean_spend) {
                SpendHistory::new(purchases, mean_spend).map_err(|error| error.at_row(row))?;
            }
        }
        Ok(Self { spend: Some((purchases, mean_spends)), ..self })
    }

    /// The same customers with spends that have been checked before.
    pub(super) fn with_checked_spend(self, purchases: &'a [u64], mean_spends: &'a [f64]) -> Self {
        debug_assert!(self.with_spend(purchases, mean_spends, UnpaidRule::Drop).is_ok(), "checked before");
        Self { spend: Some((purchases, mean_spends)), ..self }
    }

    /// How many customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        u64::try_from(self.rows()).unwrap_or(u64::MAX)
    }

    /// How many rows: as many as customers.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.histories.rows()
    }

    /// Their purchase histories.
    #[must_use]
    pub fn histories(&self) -> PurchaseColumns<'a> {
        self.histories
    }

    pub(super) fn has_spend(&self) -> bool {
        self.spend.is_some()
    }

    /// What each customer has spent; nothing is known of those without purchases and of the unpaid.
    pub(super) fn spends(&self) -> impl Iterator<Item = SpendHistory> + use<'a> {
        let (purchases, mean_spends) = self.spend.unwrap_or_default();
        let known = purchases.iter().zip(mean_spends).map(|(&purchases, &mean_spend)| {
            if pays(purchases, mean_spend) { SpendHistory::checked(purchases, mean_spend) } else { SpendHistory::NONE }
        });
        known.chain(core::iter::repeat(SpendHistory::NONE)).take(self.histories.rows())
    }

    /// The customers with what they have spent, in the order of the rows.
    pub(super) fn iter(&self) -> impl Iterator<Item = (PurchaseHistory, SpendHistory)> + use<'a> {
        self.histories.iter().zip(self.spends())
    }
}

/// A row that says something of spend, if only that it is wrong.
fn pays(purchases: u64, mean_spend: f64) -> bool {
    !mean_spend.is_finite() || (purchases > 0 && mean_spend > 0.0)
}
