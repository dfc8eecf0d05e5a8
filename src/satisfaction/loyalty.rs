//! Loyalty as customers show it: what they do.

use super::{Repurchase, Wallet};
use rust_decimal::Decimal;

use crate::decimal::{self, count_to_f64};
use crate::error::{Bound, Error, Result};
use crate::estimate::{Caution, Confidence, Estimate, Interval, Method, Moments, t_reach};
use crate::money::MinorUnit;
use crate::proportion::Proportion;
use crate::share::Share;
use crate::tally::{Decoder, Encoder, Kind, Tally, len};
use crate::wide::{SignedSum, Wide, signed_to_f64};

const SQUARES_OVERFLOW: Error = Error::Overflow { field: "sum of squares", capacity: "128 bits of squared minor units" };

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
/// any order gives the same cent; an amount with more decimal places than the unit is an error. With the money are kept its squares, which say
/// how unlike the wallets are: an amount of more than some 10^19 minor units is too large for them.
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
    squares: WalletSquares,
}

/// The squares of what each customer spent with us and elsewhere, and the products of the two: sums in squared minor units, none negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
struct WalletSquares {
    own: i128,
    elsewhere: i128,
    products: i128,
}

impl WalletSquares {
    fn of(own: i128, elsewhere: i128) -> Option<Self> {
        Some(Self { own: own.checked_mul(own)?, elsewhere: elsewhere.checked_mul(elsewhere)?, products: own.checked_mul(elsewhere)? })
    }

    fn checked_add(&self, other: &Self) -> Option<Self> {
        Some(Self {
            own: self.own.checked_add(other.own)?,
            elsewhere: self.elsewhere.checked_add(other.elsewhere)?,
            products: self.products.checked_add(other.products)?,
        })
    }

    /// Whether so many wallets can have these, whose own spend and spend elsewhere sum to so much.
    fn are_possible(&self, wallets: u64, own: i128, elsewhere: i128) -> bool {
        let moments = |sum: i128, squares: i128| {
            // No amount is negative, so that their squares sum to no more than the square of their sum.
            let squares = u128::try_from(squares).ok()?;
            let of_one = Wide::product(sum.unsigned_abs(), sum.unsigned_abs());
            Moments::new(wallets, sum, squares).filter(|_| Wide::from(squares) <= of_one)
        };
        let (Some(own_moments), Some(elsewhere_moments)) = (moments(own, self.own), moments(elsewhere, self.elsewhere)) else {
            return false;
        };
        // By Cauchy and Schwarz, of the amounts and of their deviations; the latter, of up to 300 bits, are compared as quotients.
        let products = self.products.unsigned_abs();
        let amounts = Wide::product(products, products) <= Wide::product(self.own.unsigned_abs(), self.elsewhere.unsigned_abs())
            && Wide::from(products) <= Wide::product(own.unsigned_abs(), elsewhere.unsigned_abs());
        let deviations = SignedSum::default().plus(self.products, 1, wallets).and_then(|sum| sum.plus(own.saturating_neg(), elsewhere, 1));
        let (n, below) = (count_to_f64(wallets), count_to_f64(wallets.saturating_sub(1)));
        let within = wallets < 2
            || deviations.is_some_and(|deviations| {
                let bound = own_moments.variance().sqrt() * elsewhere_moments.variance().sqrt();
                deviations.to_f64().abs() / n / below <= bound * (1.0 + 1e-12)
            });
        self.products >= 0 && amounts && within
    }
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
    /// A ratio of sums: large wallets weigh more, as they do in the till. It is not the mean of the customers' own shares.
    ///
    /// # Errors
    /// [`Error::Undefined`] if nothing was spent in the category, or no category spend is known.
    pub fn share_of_wallet(&self) -> Result<Proportion> {
        let because = "nothing is known to have been spent in the category";
        decimal::ratio("share of wallet", because, self.own_units, self.category_units).map(Proportion::saturating)
    }

    /// The share of wallet with its t interval, held within 0 to 1: how far it may be off because these customers are a sample.
    ///
    /// ```text
    /// se^2      = n / (n - 1) x sum of (own - share x category)^2 / (sum of category)^2,  n = customers whose category spend is known
    /// low, high = share -/+ t se,  t = quantile of the t distribution with n - 1 degrees at (1 + confidence) / 2
    /// ```
    ///
    /// The customer is the unit, not the coin: a few large wallets that are unlike the others make it wide. The standard error is that of the
    /// linearised ratio, within 1e-14 relative, and too small while a few customers hold most of the money: as a working rule there should be
    /// more than 30, and the standard errors of both mean spends below a tenth of the means. Source: W. G. Cochran, "Sampling Techniques",
    /// 3rd edition (1977), sections 2.11 and 6.3. No width where all customers spend the same share of their wallet, as where none of it is
    /// spent here: a [caution](Estimate::caution) says so.
    ///
    /// ```
    /// use customer_metrics::satisfaction::{LoyaltyRecord, LoyaltyTally, Repurchase, Wallet};
    /// use customer_metrics::{Confidence, Tally};
    ///
    /// let mut loyalty = LoyaltyTally::default();
    /// for (own, category) in [(40, 100), (10, 80), (55, 60), (0, 45), (30, 90), (20, 25), (80, 200), (15, 50)] {
    ///     let wallet = Wallet::new(own.into(), category.into())?;
    ///     loyalty.record(LoyaltyRecord { repurchase: Repurchase::BoughtAgain, wallet: Some(wallet) })?;
    /// }
    /// let share = loyalty.share_of_wallet_estimate(Confidence::P95)?.in_percent();
    /// assert_eq!(format!("{share:.0}"), "38 (21 to 55, 95% linearised t, n = 8)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] as [`share_of_wallet`](Self::share_of_wallet), and if the category spend of one customer only is known.
    pub fn share_of_wallet_estimate(&self, confidence: Confidence) -> Result<Estimate> {
        let point = self.share_of_wallet()?.to_f64();
        let n = self.wallets;
        if n < 2 {
            return Err(Error::Undefined { metric: "share of wallet", because: "one wallet alone has no variance" });
        }
        let n_to_one_less = count_to_f64(n) / count_to_f64(n.saturating_sub(1));
        let reach = t_reach(confidence, n) * self.wallet_deviation() * n_to_one_less.sqrt();
        let interval = Interval::holding(point, [point - reach, point + reach], [0.0, 1.0]);
        let estimate = Estimate::holding(point, interval, confidence, Method::Linearised, n);
        Ok(estimate.with_caution(Caution::of_mean(n, reach)))
    }

    /// The root of the sum of squared deviations from the share of wallet, over the category spend.
    ///
    /// With y spent with us, w elsewhere and Y, W their totals, a deviation is `(W y - Y w) / (Y + W)`.
    fn wallet_deviation(&self) -> f64 {
        let WalletSquares { own, elsewhere, products } = self.squares;
        let (own_total, elsewhere_total) = (self.own_units, self.elsewhere_units());
        // Totals of more than 63 bits lose what a share of wallet does not show, so that their squares times sums of squares have 256.
        let too_long = 65_u32.saturating_sub(own_total.max(elsewhere_total).leading_zeros());
        let shortened = |total: i128| u64::try_from(total.checked_shr(too_long).unwrap_or(0)).unwrap_or(0);
        let (short_own, short_elsewhere) = (shortened(own_total), shortened(elsewhere_total));
        let (y, w) = (i128::from(short_own), i128::from(short_elsewhere));
        let squares = SignedSum::default()
            .plus(own, w, short_elsewhere)
            .and_then(|sum| sum.plus(elsewhere, y, short_own))
            .and_then(|sum| sum.plus(products.saturating_neg(), w, short_own))
            .and_then(|sum| sum.plus(products.saturating_neg(), w, short_own));
        let squares = squares.map_or(0.0, SignedSum::to_f64).max(0.0);
        squares.sqrt() / signed_to_f64(y.saturating_add(w)) / signed_to_f64(self.category_units)
    }

    fn elsewhere_units(&self) -> i128 {
        self.category_units.saturating_sub(self.own_units)
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
        if !self.squares.are_possible(self.wallets, self.own_units, self.elsewhere_units()) {
            let value = format!("{}, {} and {}", self.squares.own, self.squares.elsewhere, self.squares.products);
            return Err(Error::Unknown { field: "squared minor units", value, expected: "sums that so many wallets of this total have" });
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
            one.squares = WalletSquares::of(one.own_units, one.elsewhere_units()).ok_or(SQUARES_OVERFLOW)?;
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
            squares: self.squares.checked_add(&other.squares).ok_or(SQUARES_OVERFLOW)?,
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
            .i128(self.squares.own)
            .i128(self.squares.elsewhere)
            .i128(self.squares.products)
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
            squares: WalletSquares { own: decoder.i128()?, elsewhere: decoder.i128()?, products: decoder.i128()? },
        };
        decoder.close()?;
        tally.checked()
    }

    fn encoded_len(&self) -> usize {
        const { len::with_u64s(3) + len::U8 + 5 * len::I128 }
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
    squared_own_minor_units: String,
    squared_elsewhere_minor_units: String,
    own_times_elsewhere_minor_units: String,
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
            squares: WalletSquares {
                own: units("squared own minor units", state.squared_own_minor_units)?,
                elsewhere: units("squared elsewhere minor units", state.squared_elsewhere_minor_units)?,
                products: units("own times elsewhere minor units", state.own_times_elsewhere_minor_units)?,
            },
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
            squared_own_minor_units: tally.squares.own.to_string(),
            squared_elsewhere_minor_units: tally.squares.elsewhere.to_string(),
            own_times_elsewhere_minor_units: tally.squares.products.to_string(),
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
        let squares = WalletSquares { own: 25, elsewhere: 4, products: 10 };
        let good =
            LoyaltyTally { customers: 2, bought_again: 1, wallets: 1, own_units: 5, category_units: 7, squares, ..LoyaltyTally::default() };
        assert_eq!(good.checked(), Ok(good));
        for bad in [
            LoyaltyTally { bought_again: 3, ..good },
            LoyaltyTally { wallets: 3, ..good },
            LoyaltyTally { wallets: 0, ..good },
            LoyaltyTally { own_units: 8, ..good },
            LoyaltyTally { own_units: -1, ..good },
            LoyaltyTally { squares: WalletSquares { own: 26, ..squares }, ..good },
            LoyaltyTally { squares: WalletSquares { own: -25, ..squares }, ..good },
            LoyaltyTally { squares: WalletSquares { elsewhere: 3, ..squares }, ..good },
            LoyaltyTally { squares: WalletSquares { products: 11, ..squares }, ..good },
            LoyaltyTally { squares: WalletSquares { products: -10, ..squares }, ..good },
            // Both spent 1 elsewhere, so that the products sum to 5.
            LoyaltyTally { wallets: 2, squares: WalletSquares { own: 13, elsewhere: 2, products: 4 }, ..good },
        ] {
            assert!(bad.checked().is_err(), "{bad:?}");
        }
    }
}
