//! What customers spend in a category, and how much of it with us.

use core::fmt;

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::proportion::Proportion;

/// Money spent in a category over some period, and the part of it that was spent with us.
///
/// ```text
/// share of wallet = own spend / category spend,  0 <= own spend <= category spend
/// ```
///
/// Both amounts in the same currency, for one customer or for many together. Own spend counts in the category too.
///
/// ```
/// use customer_metrics::satisfaction::Wallet;
///
/// let wallet = Wallet::new("40".parse().unwrap(), "100".parse().unwrap())?;
/// assert_eq!(wallet.share_of_wallet()?.to_string(), "40.0%");
/// assert!(Wallet::new("101".parse().unwrap(), "100".parse().unwrap()).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "WalletState", into = "WalletState"))]
pub struct Wallet {
    own_spend: Decimal,
    category_spend: Decimal,
}

impl Wallet {
    /// So much with us, of so much in the category.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if an amount is negative, or `own_spend` is more than `category_spend`.
    pub fn new(own_spend: Decimal, category_spend: Decimal) -> Result<Self> {
        let own_spend = decimal::non_negative("own spend", own_spend)?;
        let category_spend = decimal::non_negative("category spend", category_spend)?;
        if own_spend > category_spend {
            return Err(Error::out_of_bounds("own spend", own_spend, Bound::AtMost(category_spend.into())));
        }
        Ok(Self { own_spend, category_spend })
    }

    /// What was spent with us.
    #[must_use]
    pub fn own_spend(&self) -> Decimal {
        self.own_spend
    }

    /// What was spent in the category, with us or with others.
    #[must_use]
    pub fn category_spend(&self) -> Decimal {
        self.category_spend
    }

    /// The share of wallet, rounded to 28 digits.
    ///
    /// # Errors
    /// [`Error::Undefined`] if nothing was spent in the category.
    pub fn share_of_wallet(&self) -> Result<Proportion> {
        decimal::div("share of wallet", "nothing was spent in the category", self.own_spend, self.category_spend)
            .map(Proportion::saturating)
    }
}

/// Such as `40 of 100`.
impl fmt::Display for Wallet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.own_spend, self.category_spend)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WalletState {
    #[serde(with = "crate::decimal::text")]
    own_spend: Decimal,
    #[serde(with = "crate::decimal::text")]
    category_spend: Decimal,
}

#[cfg(feature = "serde")]
impl TryFrom<WalletState> for Wallet {
    type Error = Error;

    fn try_from(state: WalletState) -> Result<Self> {
        Self::new(state.own_spend, state.category_spend)
    }
}

#[cfg(feature = "serde")]
impl From<Wallet> for WalletState {
    fn from(wallet: Wallet) -> Self {
        Self { own_spend: wallet.own_spend, category_spend: wallet.category_spend }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wallet_holds_no_more_of_us_than_there_is() {
        let error = Wallet::new(Decimal::new(501, 2), Decimal::new(5, 0)).unwrap_err();
        assert_eq!(error.to_string(), "own spend is 5.01, but must be at most 5");
        assert!(matches!(Wallet::new(Decimal::NEGATIVE_ONE, Decimal::ONE), Err(Error::OutOfBounds { field: "own spend", .. })));
        let error = Wallet::new(Decimal::ZERO, Decimal::NEGATIVE_ONE).unwrap_err();
        assert_eq!(error.field(), Some("category spend"));
    }

    #[test]
    fn all_and_nothing() {
        assert_eq!(Wallet::new(Decimal::MAX, Decimal::MAX).unwrap().share_of_wallet(), Ok(Proportion::ONE));
        assert_eq!(Wallet::new(Decimal::ZERO, Decimal::MAX).unwrap().share_of_wallet(), Ok(Proportion::ZERO));
        let empty = Wallet::new(Decimal::ZERO, Decimal::ZERO).unwrap();
        assert!(matches!(empty.share_of_wallet(), Err(Error::Undefined { metric: "share of wallet", .. })));
    }
}
