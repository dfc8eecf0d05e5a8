//! Loyalty as customers show it: what they do.

use super::{Repurchase, Wallet};
use rust_decimal::Decimal;

use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::money::MinorUnit;
use crate::proportion::Proportion;
use crate::share::Share;
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

/// What one customer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct LoyaltyRecord {
    /// Whether the customer bought again.
    pub repurchase: Repurchase,
    /// What the customer spent in the category and with us, where that is known.
    pub wallet: Option<Wallet>,
}

/// How many customers bought again, and how much of their money in the category they spent with us.
///
/// Customers whose category spend is not known count for the repeat rate only. Money is kept in whole minor units, so that merging in
/// any order gives the same cent; an amount with more decimal places than the unit is an error.
///
/// ```
/// use customer_metrics::Tally;
/// use customer_metrics::satisfaction::{LoyaltyRecord, LoyaltyTally, Repurchase, Wallet};
///
/// let wallet = Wallet::new("40".parse().unwrap(), "100".parse().unwrap())?;
/// let mut loyalty = LoyaltyTally::default();
/// loyalty.extend([
///     LoyaltyRecord { repurchase: Repurchase::BoughtAgain, wallet: Some(wallet) },
///     LoyaltyRecord { repurchase: Repurchase::Left, wallet: None },
/// ])?;
/// assert_eq!(loyalty.repeat_rate()?.to_string(), "1 of 2 (50.0%)");
/// assert_eq!(loyalty.share_of_wallet()?.to_string(), "40.0%");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "LoyaltyTallyState", into = "LoyaltyTallyState")
)]
pub struct LoyaltyTally {
    unit: MinorUnit,
    customers: u64,
    bought_again: u64,
    wallets: u64,
    own_units: i128,
    category_units: i128,
}

impl LoyaltyTally {
    /// How many customers were recorded.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Of how many of them the category spend is known.
    #[must_use]
    pub fn wallets(&self) -> u64 {
        self.wallets
    }

    /// Repeat rate: the share of customers that bought again.
    ///
    /// ```text
    /// repeat rate = customers who bought again / customers
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] without customers.
    pub fn repeat_rate(&self) -> Result<Share> {
        Share::of("repeat rate", "no customer was recorded", self.bought_again, self.customers)
    }

    /// What the customers whose category spend is known spent together, exact.
    ///
    /// # Errors
    /// [`Error::Overflow`] if a total has more digits than a [`Decimal`](crate::Decimal) can hold.
    pub fn wallet(&self) -> Result<Wallet> {
        Wallet::new(self.unit.amount("own spend", self.own_units)?, self.unit.amount("category spend", self.category_units)?)
    }

    /// Share of wallet: of the money that these customers spent in the category, the part that they spent with us, rounded half away
    /// from zero to 28 digits.
    ///
    /// ```text
    /// share of wallet = sum of own spend / sum of category spend
    /// ```
    ///
    /// A ratio of sums: large wallets weigh more, as they do in the till. It is not the mean of the customers' own shares. It has no interval:
    /// how it would vary depends on how unlike the wallets are, which sums do not say.
    ///
    /// # Errors
    /// [`Error::Undefined`] if nothing was spent in the category, or no category spend is known.
    pub fn share_of_wallet(&self) -> Result<Proportion> {
        let because = "nothing is known to have been spent in the category";
        decimal::ratio("share of wallet", because, self.own_units, self.category_units).map(Proportion::saturating)
    }

    fn checked(self) -> Result<Self> {
        for (field, part) in [("customers who bought again", self.bought_again), ("wallets", self.wallets)] {
            if part > self.customers {
                return Err(Error::out_of_bounds(field, part, Bound::AtMost(self.customers.into())));
            }
        }
        let most = if self.wallets == 0 { 0 } else { i128::MAX };
        for (field, units, most) in [("own spend", self.own_units, self.category_units), ("category spend", self.category_units, most)] {
            if units < 0 || units > most {
                let [units, most] = [units, most].map(|units| self.unit.amount(field, units).unwrap_or(Decimal::MAX));
                return Err(Error::out_of_bounds(field, units, Bound::Within(Decimal::ZERO.into(), most.into())));
            }
        }
        Ok(self)
    }
}

impl Tally for LoyaltyTally {
    type Settings = MinorUnit;
    type Record = LoyaltyRecord;
    type Summary = ObjectiveLoyalty;

    fn empty(unit: MinorUnit) -> Self {
        Self { unit, ..Self::default() }
    }

    fn settings(&self) -> MinorUnit {
        self.unit
    }

    fn record(&mut self, record: LoyaltyRecord) -> Result<()> {
        let mut one = Self { customers: 1, ..Self::empty(self.unit) };
        if record.repurchase == Repurchase::BoughtAgain {
            one.bought_again = 1;
        }
        if let Some(wallet) = record.wallet {
            one.wallets = 1;
            one.own_units = self.unit.units("own spend", wallet.own_spend())?;
            one.category_units = self.unit.units("category spend", wallet.category_spend())?;
        }
        self.merge(&one)
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.unit != other.unit {
            return Err(Error::mismatch("decimal places", self.unit.decimal_places(), other.unit.decimal_places()));
        }
        let count = |mine: u64, theirs: u64| mine.checked_add(theirs).ok_or_else(|| Error::count_overflow("customers"));
        let units = |field, mine: i128, theirs: i128| {
            mine.checked_add(theirs).ok_or(Error::Overflow { field, capacity: "128 bits of minor units" })
        };
        *self = Self {
            unit: self.unit,
            customers: count(self.customers, other.customers)?,
            bought_again: count(self.bought_again, other.bought_again)?,
            wallets: count(self.wallets, other.wallets)?,
            own_units: units("own spend", self.own_units, other.own_units)?,
            category_units: units("category spend", self.category_units, other.category_units)?,
        };
        Ok(())
    }

    fn finish(&self) -> Result<ObjectiveLoyalty> {
        let share_of_wallet = match self.share_of_wallet() {
            Ok(share) => Some(share),
            Err(Error::Undefined { .. }) => None,
            Err(error) => return Err(error),
        };
        Ok(ObjectiveLoyalty { repeat_rate: self.repeat_rate()?, share_of_wallet })
    }

    fn encode(&self) -> Vec<u8> {
        Encoder::new(Kind::LOYALTY, self.encoded_len())
            .u8(self.unit.into())
            .u64(self.customers)
            .u64(self.bought_again)
            .u64(self.wallets)
            .i128(self.own_units)
            .i128(self.category_units)
            .finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::LOYALTY, bytes)?;
        let tally = Self {
            unit: MinorUnit::new(decoder.u8()?)?,
            customers: decoder.u64()?,
            bought_again: decoder.u64()?,
            wallets: decoder.u64()?,
            own_units: decoder.i128()?,
            category_units: decoder.i128()?,
        };
        decoder.close()?;
        tally.checked()
    }

    fn encoded_len(&self) -> usize {
        const { len::with_u64s(3) + len::U8 + 2 * len::I128 }
    }
}

/// Objective loyalty: what customers do.
///
/// What they say they will do is the other half: [`SubjectiveLoyalty`](super::SubjectiveLoyalty). The two are kept apart. Source:
/// doc-001.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ObjectiveLoyalty {
    /// The share of customers that bought again.
    pub repeat_rate: Share,
    /// The part of their money in the category that customers spent with us; `None` if no category spend is known.
    pub share_of_wallet: Option<Proportion>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct LoyaltyTallyState {
    decimal_places: MinorUnit,
    customers: u64,
    bought_again: u64,
    wallets: u64,
    /// As text, like the next: not every format holds 128 bits.
    own_minor_units: String,
    category_minor_units: String,
}

#[cfg(feature = "serde")]
impl TryFrom<LoyaltyTallyState> for LoyaltyTally {
    type Error = Error;

    fn try_from(state: LoyaltyTallyState) -> Result<Self> {
        let units =
            |field, text: String| text.parse().map_err(|_| Error::Unknown { field, value: text, expected: "a whole number of 128 bits" });
        Self {
            unit: state.decimal_places,
            customers: state.customers,
            bought_again: state.bought_again,
            wallets: state.wallets,
            own_units: units("own minor units", state.own_minor_units)?,
            category_units: units("category minor units", state.category_minor_units)?,
        }
        .checked()
    }
}

#[cfg(feature = "serde")]
impl From<LoyaltyTally> for LoyaltyTallyState {
    fn from(tally: LoyaltyTally) -> Self {
        Self {
            decimal_places: tally.unit,
            customers: tally.customers,
            bought_again: tally.bought_again,
            wallets: tally.wallets,
            own_minor_units: tally.own_units.to_string(),
            category_minor_units: tally.category_units.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    fn record(own_cents: i64, category_cents: i64) -> LoyaltyRecord {
        let wallet = Wallet::new(Decimal::new(own_cents, 2), Decimal::new(category_cents, 2)).unwrap();
        LoyaltyRecord { repurchase: Repurchase::BoughtAgain, wallet: Some(wallet) }
    }

    #[test]
    fn customers_of_unknown_spend_count_for_the_repeat_rate_only() {
        let mut tally = LoyaltyTally::default();
        assert!(matches!(tally.finish(), Err(Error::Undefined { metric: "repeat rate", .. })));
        tally.record(LoyaltyRecord { repurchase: Repurchase::Left, wallet: None }).unwrap();
        let loyalty = tally.finish().unwrap();
        assert_eq!((loyalty.repeat_rate, loyalty.share_of_wallet), (Share::new(0, 1).unwrap(), None));
        tally.record(record(0, 0)).unwrap();
        assert!(matches!(tally.share_of_wallet(), Err(Error::Undefined { metric: "share of wallet", .. })));
        assert_eq!((tally.customers(), tally.wallets()), (2, 1));
    }

    #[test]
    fn large_wallets_weigh_more() {
        let mut tally = LoyaltyTally::default();
        tally.extend([record(100, 100), record(0, 900)]).unwrap();
        assert_eq!(tally.share_of_wallet().unwrap().to_decimal(), Decimal::new(1, 1));
        assert_eq!(tally.wallet().unwrap().to_string(), "1 of 10");
    }

    #[test]
    fn an_amount_finer_than_the_unit_is_refused() {
        let mut tally = LoyaltyTally::empty(MinorUnit::WHOLE);
        let error = tally.extend([record(100, 100), record(50, 100)]).unwrap_err();
        assert_eq!(error.to_string(), "row 1: own spend is 0.5, but must be of at most 0 decimal places");
        assert_eq!(tally, LoyaltyTally::empty(MinorUnit::WHOLE));
    }

    #[test]
    fn what_exceeds_its_type_is_an_error_and_changes_nothing() {
        let full = LoyaltyTally { customers: u64::MAX, ..LoyaltyTally::default() };
        let mut tally = full;
        assert!(matches!(tally.record(record(1, 1)), Err(Error::Overflow { field: "customers", .. })));
        assert_eq!(tally, full);
        let rich = LoyaltyTally { customers: 1, wallets: 1, category_units: i128::MAX, own_units: i128::MAX, ..LoyaltyTally::default() };
        let mut tally = rich;
        assert!(matches!(tally.merge(&rich), Err(Error::Overflow { field: "own spend", .. })));
        assert_eq!(tally, rich);
        assert!(matches!(tally.wallet(), Err(Error::Overflow { .. })));
        assert_eq!(tally.share_of_wallet(), Ok(Proportion::ONE));
        assert!(matches!(tally.merge(&LoyaltyTally::empty(MinorUnit::WHOLE)), Err(Error::Mismatch { .. })));
    }

    #[test]
    fn counts_and_sums_that_no_customers_can_have_are_refused() {
        let good = LoyaltyTally { customers: 2, bought_again: 1, wallets: 1, own_units: 5, category_units: 7, ..LoyaltyTally::default() };
        assert_eq!(good.checked(), Ok(good));
        for bad in [
            LoyaltyTally { bought_again: 3, ..good },
            LoyaltyTally { wallets: 3, ..good },
            LoyaltyTally { wallets: 0, ..good },
            LoyaltyTally { own_units: 8, ..good },
            LoyaltyTally { own_units: -1, ..good },
        ] {
            assert!(bad.checked().is_err(), "{bad:?}");
        }
    }
}
