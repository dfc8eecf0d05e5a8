//! What each customer of a base is worth, exact to the minor unit.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::Concentration;
use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::money::MinorUnit;
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

pub(super) const NO_CUSTOMERS: &str = "the book has no customers";

/// The values of many customers: lifetime values, or the profit that each brought.
///
/// Each value is kept in whole minor units, so that totals are exact and merging in any order gives the same book. A value may be
/// negative, for a customer who costs more than they bring. Two books are equal if they hold the same values, in whatever order these
/// came. Recording appends and costs the same for the first and the millionth customer; what needs the values in order puts them in order
/// on each call, so read several such things off one [`concentration`](Self::concentration). What it says of the book has no interval: it holds
/// all customers, and not a sample of them.
///
/// ```
/// use customer_metrics::{Decimal, MinorUnit, Proportion, Tally, lifetime_value::CustomerBook};
///
/// let mut book = CustomerBook::empty(MinorUnit::CENT);
/// book.extend(["500.00", "20.50", "9.50", "80.00", "-10.00"].map(|value| value.parse().unwrap()))?;
/// book.merge(&CustomerBook::from_minor_units(MinorUnit::CENT, [15_000]))?;
///
/// assert_eq!((book.count(), book.total()?), (6, Decimal::from(750)));
/// assert_eq!((book.mean()?, book.median()?), (Decimal::from(125), "50.25".parse().unwrap()));
///
/// let concentration = book.concentration();
/// let top_fifth = Proportion::from_percent(Decimal::from(20))?;
/// assert_eq!(concentration.customers_at_top(top_fifth)?.to_string(), "2 of 6 (33.3%)");
/// assert_eq!(concentration.share_of_top(top_fifth)?.round_dp(3).to_string(), "0.867");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(from = "CustomerBookState", into = "CustomerBookState"))]
pub struct CustomerBook {
    unit: MinorUnit,
    /// In minor units, in the order in which they came: keeping them sorted would make recording one by one quadratic.
    values: Vec<i64>,
}

impl CustomerBook {
    /// The book of these values in minor units: the fast path for large bases. A slice is copied, a `Vec` is taken as it is.
    #[must_use]
    pub fn from_minor_units(unit: MinorUnit, values: impl Into<Vec<i64>>) -> Self {
        Self { unit, values: values.into() }
    }

    /// The book of these amounts.
    ///
    /// # Errors
    /// [`Error::Row`] with the position of the first amount that has more decimal places than the unit, or exceeds 64 bits of minor units.
    pub fn from_amounts(unit: MinorUnit, amounts: &[Decimal]) -> Result<Self> {
        let mut book = Self::empty(unit);
        book.extend(amounts.iter().copied())?;
        Ok(book)
    }

    /// The book of values that are no ledger's but a model's, such as predicted ones: each is rounded to the nearest minor unit, half
    /// away from zero.
    ///
    /// ```
    /// use customer_metrics::{MinorUnit, Proportion, lifetime_value::CustomerBook};
    ///
    /// let book = CustomerBook::from_predicted(MinorUnit::CENT, &[71.238, 9.5, 8.0, 6.25, 5.0])?;
    /// assert_eq!(book.total()?.to_string(), "99.99");
    /// let top_fifth = book.concentration().share_of_top(Proportion::from_percent(20.into())?)?;
    /// assert_eq!(top_fifth.round_dp(3).to_string(), "0.712");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Row`] with the position of the first value that is infinite or NaN, or exceeds 64 bits of minor units.
    pub fn from_predicted(unit: MinorUnit, values: &[f64]) -> Result<Self> {
        let units_in_one = decimal::count_to_f64(10_u64.saturating_pow(unit.decimal_places()));
        let units = |(row, &value): (usize, &f64)| {
            if !value.is_finite() {
                return Err(Error::out_of_bounds("customer value", value, Bound::Finite).at_row(row));
            }
            decimal::nearest_whole(value * units_in_one).ok_or_else(|| TOO_WIDE.at_row(row))
        };
        Ok(Self { unit, values: values.iter().enumerate().map(units).collect::<Result<_>>()? })
    }

    /// How many customers.
    #[must_use]
    pub fn count(&self) -> u64 {
        u64::try_from(self.values.len()).unwrap_or(u64::MAX)
    }

    /// What all customers together are worth, exact.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the total has more digits than a [`Decimal`] can hold.
    pub fn total(&self) -> Result<Decimal> {
        self.unit.amount("total", self.total_units())
    }

    /// The mean value of a customer, rounded half away from zero to 28 digits.
    ///
    /// # Errors
    /// [`Error::Undefined`] without customers.
    pub fn mean(&self) -> Result<Decimal> {
        self.unit.amount_of_each("mean value", NO_CUSTOMERS, self.total_units(), decimal::wide(self.count()))
    }

    /// The median value of a customer: the middle one, or halfway between the middle two.
    ///
    /// # Errors
    /// [`Error::Undefined`] without customers.
    pub fn median(&self) -> Result<Decimal> {
        let values = self.ascending();
        let at = |position: usize| values.get(position).copied().map(i128::from);
        let (lower, upper) = (at(values.len().saturating_sub(1) / 2), at(values.len() / 2));
        let (lower, upper) = lower.zip(upper).ok_or(Error::Undefined { metric: "median value", because: NO_CUSTOMERS })?;
        self.unit.amount_of_each("median value", NO_CUSTOMERS, lower.saturating_add(upper), 2)
    }

    /// How unequally the customers share the total: the values put in order once, to read everything from that needs it.
    #[must_use]
    pub fn concentration(&self) -> Concentration<'_> {
        Concentration::of(self.unit, self.ascending())
    }

    /// The sum of the values in minor units. It cannot overflow: no memory holds 2^64 values.
    fn total_units(&self) -> i128 {
        self.values.iter().fold(0, |total, &value| total.saturating_add(i128::from(value)))
    }

    fn ascending(&self) -> Cow<'_, [i64]> {
        if self.values.is_sorted() {
            return Cow::Borrowed(&self.values);
        }
        let mut values = self.values.clone();
        values.sort_unstable();
        Cow::Owned(values)
    }

    fn units(&self, value: Decimal) -> Result<i64> {
        let units = self.unit.units("customer value", value)?;
        i64::try_from(units).map_err(|_| TOO_WIDE)
    }
}

const TOO_WIDE: Error = Error::Overflow { field: "customer value", capacity: "64 bits of minor units" };

/// Equal if the unit and the values are the same, in whatever order these came.
impl PartialEq for CustomerBook {
    fn eq(&self, other: &Self) -> bool {
        self.unit == other.unit && self.values.len() == other.values.len() && self.ascending() == other.ascending()
    }
}

impl Eq for CustomerBook {}

impl Tally for CustomerBook {
    type Settings = MinorUnit;
    /// What a customer is worth.
    type Record = Decimal;
    type Summary = CustomerBookSummary;

    fn empty(unit: MinorUnit) -> Self {
        Self { unit, values: Vec::new() }
    }

    fn settings(&self) -> MinorUnit {
        self.unit
    }

    fn record(&mut self, value: Decimal) -> Result<()> {
        let units = self.units(value)?;
        self.values.push(units);
        Ok(())
    }

    fn extend(&mut self, values: impl IntoIterator<Item = Decimal>) -> Result<()> {
        let before = self.values.len();
        for (row, value) in values.into_iter().enumerate() {
            if let Err(error) = self.record(value) {
                self.values.truncate(before);
                return Err(error.at_row(row));
            }
        }
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.unit != other.unit {
            return Err(Error::mismatch("decimal places", self.unit.decimal_places(), other.unit.decimal_places()));
        }
        self.values.extend_from_slice(&other.values);
        Ok(())
    }

    fn finish(&self) -> Result<CustomerBookSummary> {
        Ok(CustomerBookSummary { customers: self.count(), total: self.total()?, mean: self.mean()?, median: self.median()? })
    }

    /// The values stand in ascending order, so equal books have equal bytes.
    fn encode(&self) -> Vec<u8> {
        let encoder = Encoder::new(Kind::CUSTOMER_BOOK, self.encoded_len()).u8(self.unit.into()).u64(self.count());
        self.ascending().iter().fold(encoder, |encoder, &value| encoder.u64(value.cast_unsigned())).finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::CUSTOMER_BOOK, bytes)?;
        let unit = MinorUnit::new(decoder.u8()?)?;
        let customers = decoder.u64()?;
        let values = (0..customers).map(|_| decoder.u64().map(u64::cast_signed)).collect::<Result<Vec<i64>>>()?;
        if !values.is_sorted() {
            return Err(decoder.fault("the values are not in order"));
        }
        decoder.close().map(|()| Self { unit, values })
    }

    fn encoded_len(&self) -> usize {
        len::with_u64s(self.values.len()).saturating_add(const { len::U8 + len::U64 })
    }
}

/// What most reports show of a customer book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct CustomerBookSummary {
    /// How many customers.
    pub customers: u64,
    /// What they are worth together.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub total: Decimal,
    /// The mean value of a customer.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub mean: Decimal,
    /// The median value of a customer.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub median: Decimal,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CustomerBookState {
    decimal_places: MinorUnit,
    minor_units: Vec<i64>,
}

#[cfg(feature = "serde")]
impl From<CustomerBookState> for CustomerBook {
    fn from(state: CustomerBookState) -> Self {
        Self { unit: state.decimal_places, values: state.minor_units }
    }
}

#[cfg(feature = "serde")]
impl From<CustomerBook> for CustomerBookState {
    fn from(mut book: CustomerBook) -> Self {
        book.values.sort_unstable();
        Self { decimal_places: book.unit, minor_units: book.values }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cents(values: &[i64]) -> CustomerBook {
        CustomerBook::from_minor_units(MinorUnit::CENT, values)
    }

    #[test]
    fn the_order_in_which_customers_come_does_not_matter() {
        assert_eq!(cents(&[3, -1, 3, 2]), cents(&[2, 3, 3, -1]));
        assert_eq!(cents(&[3, -1, 3, 2]).encode(), cents(&[2, 3, 3, -1]).encode());
        assert_ne!(cents(&[3, 3, 2]), cents(&[3, 2, 2]));
        assert_ne!(cents(&[3]), cents(&[3, 3]));
        assert_ne!(cents(&[3]), CustomerBook::from_minor_units(MinorUnit::WHOLE, [3]));
    }

    #[test]
    fn nothing_in_the_book_has_a_total_but_no_mean() {
        let empty = CustomerBook::default();
        assert_eq!(empty.total(), Ok(Decimal::ZERO));
        assert!(matches!(empty.mean(), Err(Error::Undefined { metric: "mean value", .. })));
        assert!(matches!(empty.median(), Err(Error::Undefined { metric: "median value", .. })));
        assert!(matches!(empty.finish(), Err(Error::Undefined { .. })));
    }

    #[test]
    fn the_extremes_stay_exact() {
        let extremes = cents(&[i64::MAX, i64::MIN, i64::MAX]);
        assert_eq!(extremes.total(), Ok(Decimal::from_i128_with_scale(i128::from(i64::MAX) - 1, 2)));
        assert_eq!(extremes.median(), Ok(Decimal::new(i64::MAX, 2)));
        assert_eq!(cents(&[i64::MAX, i64::MAX]).median(), Ok(Decimal::new(i64::MAX, 2)));
        assert_eq!(cents(&[i64::MIN, i64::MIN]).median(), Ok(Decimal::new(i64::MIN, 2)));
    }

    #[test]
    fn a_value_that_does_not_fit_is_refused_by_its_row_and_records_nothing() {
        let mut book = cents(&[7]);
        let error = book.extend([Decimal::ONE, Decimal::MAX]).unwrap_err();
        assert_eq!((error.row(), error.field()), (Some(1), Some("customer value")));
        let error = CustomerBook::from_amounts(MinorUnit::CENT, &[Decimal::new(1, 3)]).unwrap_err();
        assert_eq!(error.to_string(), "row 0: customer value is 0.001, but must be of at most 2 decimal places");
        assert!(matches!(book.merge(&CustomerBook::from_minor_units(MinorUnit::WHOLE, [7])), Err(Error::Mismatch { .. })));
        assert_eq!(book, cents(&[7]));
    }

    #[test]
    fn predicted_values_are_rounded_to_the_unit_or_refused_by_their_row() {
        let of = |unit, values: &[f64]| CustomerBook::from_predicted(unit, values);
        assert_eq!(of(MinorUnit::CENT, &[0.125, -0.125, 1e16, -0.0]), Ok(cents(&[13, -13, 1_000_000_000_000_000_000, 0])));
        assert_eq!(of(MinorUnit::WHOLE, &[]), Ok(CustomerBook::empty(MinorUnit::WHOLE)));
        let finest = MinorUnit::new(12).unwrap();
        assert_eq!(of(finest, &[1e-12, 1.0]), Ok(CustomerBook::from_minor_units(finest, [1, 1_000_000_000_000])));
        for wrong in [f64::NAN, f64::NEG_INFINITY] {
            let error = of(MinorUnit::CENT, &[1.0, wrong]).unwrap_err();
            assert_eq!((error.row(), error.field()), (Some(1), Some("customer value")));
        }
        for wide in [1e17, -1e17, f64::MAX] {
            assert_eq!(of(MinorUnit::CENT, &[wide]), Err(TOO_WIDE.at_row(0)));
        }
    }

    #[test]
    fn bytes_out_of_order_are_not_a_book() {
        let mut bytes = cents(&[1, 2]).encode();
        let values = bytes.split_off(bytes.len() - 16);
        bytes.extend(values.iter().skip(8).chain(&values[..8]));
        assert!(matches!(CustomerBook::decode(&bytes), Err(Error::Decode { .. })));
    }
}
