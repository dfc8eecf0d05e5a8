//! Money that is exact to the minor unit and adds up to the same total in any order.

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

/// How many decimal places a currency is counted in: 2 for the euro and the yuan, 0 for the yen, 3 for the Kuwaiti dinar.
///
/// ```
/// use customer_metrics::MinorUnit;
///
/// assert_eq!(MinorUnit::CENT.round("2.345".parse().unwrap()).to_string(), "2.35");
/// assert!(MinorUnit::new(13).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "u8", into = "u8"))]
pub struct MinorUnit(u8);

impl MinorUnit {
    /// No decimal places, as in Japan.
    pub const WHOLE: Self = Self(0);
    /// Two decimal places.
    pub const CENT: Self = Self(2);
    /// Three decimal places, as in Kuwait.
    pub const MILLE: Self = Self(3);

    const MOST: u8 = 12;

    /// So many decimal places, 12 at most.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] above 12.
    pub fn new(decimal_places: u8) -> Result<Self> {
        if decimal_places > Self::MOST {
            return Err(Error::out_of_bounds("decimal places", decimal_places, Bound::AtMost(Self::MOST.into())));
        }
        Ok(Self(decimal_places))
    }

    /// The number of decimal places.
    #[must_use]
    pub fn decimal_places(self) -> u32 {
        u32::from(self.0)
    }

    /// `amount` rounded half away from zero, as a ledger does.
    #[must_use]
    pub fn round(self, amount: Decimal) -> Decimal {
        decimal::round(amount, self.decimal_places())
    }

    /// `amount` as a whole number of minor units: the way of exact money into a column.
    ///
    /// ```
    /// use customer_metrics::MinorUnit;
    ///
    /// let cents = MinorUnit::CENT.minor_units_of("19.99".parse().unwrap())?;
    /// assert_eq!((cents, MinorUnit::CENT.amount_of(cents).to_string()), (1999, "19.99".to_owned()));
    /// let error = MinorUnit::CENT.minor_units_of("0.005".parse().unwrap()).unwrap_err();
    /// assert_eq!(error.to_string(), "amount is 0.005, but must be of at most 2 decimal places");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the amount has more decimal places than the unit: it is never rounded in silence. [`Error::Overflow`] if
    /// it exceeds 64 bits of minor units.
    pub fn minor_units_of(self, amount: Decimal) -> Result<i64> {
        const TOO_WIDE: Error = Error::Overflow { field: "amount", capacity: "64 bits of minor units" };
        match self.units("amount", amount) {
            Ok(units) => i64::try_from(units).map_err(|_| TOO_WIDE),
            Err(Error::Overflow { .. }) => Err(TOO_WIDE),
            Err(error) => Err(error),
        }
    }

    /// The amount that so many minor units are, exact.
    #[must_use]
    pub fn amount_of(self, minor_units: i64) -> Decimal {
        // 64 bits and 12 decimal places fit into the 96 bits of a decimal.
        decimal::from_minor_units(minor_units.into(), self.decimal_places()).unwrap_or_default()
    }

    /// `amount` in whole minor units.
    pub(crate) fn units(self, field: &'static str, amount: Decimal) -> Result<i128> {
        if amount.normalize().scale() > self.decimal_places() {
            return Err(Error::out_of_bounds(field, amount, Bound::DecimalPlaces(self.decimal_places())));
        }
        decimal::minor_units(amount, self.decimal_places()).ok_or_else(|| Error::decimal_overflow(field))
    }

    /// So many minor units shared out evenly, as an amount rounded half away from zero to 28 digits.
    pub(crate) fn amount_of_each(self, metric: &'static str, because: &'static str, units: i128, count: i128) -> Result<Decimal> {
        decimal::quotient(metric, because, units, count, i32::from(self.0))
    }

    /// The amount that so many minor units are.
    pub(crate) fn amount(self, field: &'static str, units: i128) -> Result<Decimal> {
        decimal::from_minor_units(units, self.decimal_places()).ok_or_else(|| Error::decimal_overflow(field))
    }
}

/// Cents.
impl Default for MinorUnit {
    fn default() -> Self {
        Self::CENT
    }
}

impl TryFrom<u8> for MinorUnit {
    type Error = Error;

    fn try_from(decimal_places: u8) -> Result<Self> {
        Self::new(decimal_places)
    }
}

impl From<MinorUnit> for u8 {
    fn from(unit: MinorUnit) -> Self {
        unit.0
    }
}

/// How many amounts and how much in all.
///
/// The total is kept in whole minor units, so that merging in any order gives the same cent (a [`Decimal`] sum does not: near 29 digits
/// it rounds). Refunds count as negative amounts. An amount with more decimal places than the unit is an error, never rounded in
/// silence: round it first, with [`MinorUnit::round`], if that is what is meant.
///
/// ```
/// use customer_metrics::{MinorUnit, MoneyTally, Tally};
///
/// let mut orders = MoneyTally::empty(MinorUnit::CENT);
/// orders.extend(["29.33", "29.73", "-14.96"].map(|amount| amount.parse().unwrap()))?;
/// assert_eq!(orders.total()?.to_string(), "44.1");
/// assert_eq!(orders.count(), 3);
/// assert_eq!(orders.mean()?.to_string(), "14.7");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "MoneyState", into = "MoneyState"))]
pub struct MoneyTally {
    unit: MinorUnit,
    count: u64,
    units: i128,
}

impl MoneyTally {
    /// How many amounts were recorded.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// All amounts together, exact.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the total has more digits than a [`Decimal`] can hold.
    pub fn total(&self) -> Result<Decimal> {
        self.unit.amount("total", self.units)
    }

    /// The mean amount, rounded half away from zero to 28 digits.
    ///
    /// # Errors
    /// [`Error::Undefined`] without amounts; [`Error::Overflow`] if the mean has more digits than a [`Decimal`] can hold.
    pub fn mean(&self) -> Result<Decimal> {
        self.unit.amount_of_each("mean amount", "nothing was recorded", self.units, decimal::wide(self.count))
    }

    /// So many amounts that come to so many minor units.
    pub(crate) fn from_minor_units(unit: MinorUnit, count: u64, units: i128) -> Result<Self> {
        if count == 0 && units != 0 {
            return Err(Error::out_of_bounds("count", count, Bound::AtLeast(1_u64.into())));
        }
        Ok(Self { unit, count, units })
    }
}

impl Tally for MoneyTally {
    type Settings = MinorUnit;
    type Record = Decimal;
    type Summary = Decimal;

    fn empty(unit: MinorUnit) -> Self {
        Self { unit, count: 0, units: 0 }
    }

    fn settings(&self) -> MinorUnit {
        self.unit
    }

    fn record(&mut self, amount: Decimal) -> Result<()> {
        let units = self.unit.units("amount", amount)?;
        self.merge(&Self { unit: self.unit, count: 1, units })
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.unit != other.unit {
            return Err(Error::mismatch("decimal places", self.unit.0, other.unit.0));
        }
        let count = self.count.checked_add(other.count).ok_or_else(|| Error::count_overflow("count"))?;
        let units = self.units.checked_add(other.units).ok_or(Error::Overflow { field: "total", capacity: "128 bits of minor units" })?;
        (self.count, self.units) = (count, units);
        Ok(())
    }

    /// The total; 0 if nothing was recorded.
    fn finish(&self) -> Result<Decimal> {
        self.total()
    }

    fn encode(&self) -> Vec<u8> {
        Encoder::new(Kind::MONEY, self.encoded_len()).u8(self.unit.0).u64(self.count).i128(self.units).finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::MONEY, bytes)?;
        let tally = Self::from_minor_units(MinorUnit::new(decoder.u8()?)?, decoder.u64()?, decoder.i128()?)?;
        decoder.close().map(|()| tally)
    }

    fn encoded_len(&self) -> usize {
        const { len::HEADER + len::U8 + len::U64 + len::I128 }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct MoneyState {
    decimal_places: MinorUnit,
    count: u64,
    /// As text: not every format holds 128 bits.
    minor_units: String,
}

#[cfg(feature = "serde")]
impl TryFrom<MoneyState> for MoneyTally {
    type Error = Error;

    fn try_from(state: MoneyState) -> Result<Self> {
        let units = state.minor_units.parse().map_err(|_| Error::Unknown {
            field: "minor units",
            value: state.minor_units.clone(),
            expected: "a whole number of 128 bits",
        })?;
        Self::from_minor_units(state.decimal_places, state.count, units)
    }
}

#[cfg(feature = "serde")]
impl From<MoneyTally> for MoneyState {
    fn from(tally: MoneyTally) -> Self {
        Self { decimal_places: tally.unit, count: tally.count, minor_units: tally.units.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_finer_than_the_unit_is_refused_not_rounded() {
        let mut tally = MoneyTally::empty(MinorUnit::CENT);
        let error = tally.extend([Decimal::ONE, Decimal::new(1005, 3)]).unwrap_err();
        assert_eq!(error.to_string(), "row 1: amount is 1.005, but must be of at most 2 decimal places");
        assert_eq!(tally, MoneyTally::empty(MinorUnit::CENT));
        tally.record(Decimal::new(1_000, 3)).unwrap();
        assert_eq!(tally.total(), Ok(Decimal::ONE));
    }

    #[test]
    fn amounts_become_minor_units_and_back_to_the_ends_of_64_bits() {
        for unit in [MinorUnit::WHOLE, MinorUnit::CENT, MinorUnit(12)] {
            for units in [i64::MIN, -1, 0, 7, i64::MAX] {
                let amount = unit.amount_of(units);
                assert_eq!((amount.mantissa(), unit.minor_units_of(amount)), (units.into(), Ok(units)));
            }
            for amount in [Decimal::MAX, Decimal::MIN] {
                let error = unit.minor_units_of(amount).unwrap_err();
                assert_eq!(error.to_string(), "amount overflows 64 bits of minor units");
            }
        }
    }

    #[test]
    fn a_total_beyond_29_digits_is_an_error_until_a_refund_brings_it_back() {
        let mut tally = MoneyTally::empty(MinorUnit::WHOLE);
        tally.extend([Decimal::MAX, Decimal::ONE]).unwrap();
        assert!(matches!(tally.total(), Err(Error::Overflow { field: "total", .. })));
        tally.record(Decimal::MIN).unwrap();
        assert_eq!(tally.total(), Ok(Decimal::ONE));
    }

    #[test]
    fn tallies_in_different_units_do_not_merge() {
        let mut cents = MoneyTally::default();
        assert!(matches!(cents.merge(&MoneyTally::empty(MinorUnit::WHOLE)), Err(Error::Mismatch { .. })));
        assert!(matches!(cents.mean(), Err(Error::Undefined { .. })));
    }
}
