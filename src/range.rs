//! A range of values: the low and the high end of what is assumed.

use core::fmt;

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::proportion::Proportion;

/// From a low to a high value, both included: how a figure is given that nobody knows better.
///
/// It is an assumption carried along, not a confidence interval: see [`Interval`](crate::Interval) for that.
///
/// ```
/// use customer_metrics::{Proportion, Range};
///
/// let quick = Range::new(Proportion::from_percent("90".parse().unwrap())?, Proportion::from_percent("95".parse().unwrap())?)?;
/// assert_eq!(quick.to_string(), "90.0% to 95.0%");
/// assert!(!quick.is_single());
/// assert_eq!(Range::single(Proportion::ONE).to_string(), "100.0%");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "RangeState", into = "RangeState", bound(serialize = "T: RangeEnd", deserialize = "T: RangeEnd"))
)]
pub struct Range<T> {
    low: T,
    high: T,
}

/// What can be an end of a [`Range`]: a [`Decimal`] or a [`Proportion`].
pub trait RangeEnd: Copy + Ord + sealed::Sealed {
    /// The end as a plain number.
    fn into_decimal(self) -> Decimal;

    /// The end that has this value.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if there is none.
    fn from_decimal(value: Decimal) -> Result<Self>;
}

mod sealed {
    use rust_decimal::Decimal;

    use crate::decimal;
    use crate::proportion::Proportion;

    pub trait Sealed {
        /// As it is shown with so many decimal places.
        fn rounded(&self, places: usize) -> String;
    }

    impl Sealed for Decimal {
        fn rounded(&self, places: usize) -> String {
            // The precision of a decimal's own `Display` cuts off instead of rounding.
            let value = decimal::round(*self, u32::try_from(places).unwrap_or(u32::MAX));
            format!("{value:.places$}")
        }
    }

    impl Sealed for Proportion {
        fn rounded(&self, places: usize) -> String {
            format!("{self:.places$}")
        }
    }
}

impl RangeEnd for Decimal {
    fn into_decimal(self) -> Decimal {
        self
    }

    fn from_decimal(value: Decimal) -> Result<Self> {
        Ok(value)
    }
}

impl RangeEnd for Proportion {
    fn into_decimal(self) -> Decimal {
        self.to_decimal()
    }

    fn from_decimal(value: Decimal) -> Result<Self> {
        Self::new(value)
    }
}

impl<T: RangeEnd> Range<T> {
    /// From `low` to `high`.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if `low` is more than `high`.
    pub fn new(low: T, high: T) -> Result<Self> {
        if low > high {
            return Err(Error::out_of_bounds("low", low.into_decimal(), Bound::AtMost(high.into_decimal().into())));
        }
        Ok(Self { low, high })
    }

    /// One value that is taken as known.
    #[must_use]
    pub fn single(value: T) -> Self {
        Self { low: value, high: value }
    }

    /// The range that two values span, whichever is the lower.
    pub(crate) fn spanning(a: T, b: T) -> Self {
        Self { low: a.min(b), high: a.max(b) }
    }

    /// The low end.
    #[must_use]
    pub fn low(&self) -> T {
        self.low
    }

    /// The high end.
    #[must_use]
    pub fn high(&self) -> T {
        self.high
    }

    /// Whether both ends are the same.
    #[must_use]
    pub fn is_single(&self) -> bool {
        self.low == self.high
    }

    /// Whether `value` lies in the range, its ends included.
    #[must_use]
    pub fn contains(&self, value: T) -> bool {
        self.low <= value && value <= self.high
    }

    /// Whether the two ranges have a value in common.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.low <= other.high && other.low <= self.high
    }
}

impl Range<Proportion> {
    /// The range of the others: its ends change places.
    #[must_use]
    pub fn complement(&self) -> Self {
        Self { low: self.high.complement(), high: self.low.complement() }
    }

    /// The same range as plain numbers.
    #[must_use]
    pub fn to_decimal(&self) -> Range<Decimal> {
        Range { low: self.low.to_decimal(), high: self.high.to_decimal() }
    }
}

impl Range<Decimal> {
    /// `self + other`, end by end, rounded to 28 digits.
    pub(crate) fn add(&self, field: &'static str, other: &Self) -> Result<Self> {
        Ok(Self { low: decimal::add(field, self.low, other.low)?, high: decimal::add(field, self.high, other.high)? })
    }

    /// Every difference of a value of each, rounded to 28 digits.
    pub(crate) fn sub(&self, field: &'static str, other: &Self) -> Result<Self> {
        let (low, high) = (decimal::sub(field, self.low, other.high)?, decimal::sub(field, self.high, other.low)?);
        Ok(Self { low: low.normalize(), high: high.normalize() })
    }

    /// Every product of a value of each, rounded to 28 digits.
    pub(crate) fn mul(&self, field: &'static str, other: &Self) -> Result<Self> {
        let corners = [
            decimal::mul(field, self.low, other.low)?,
            decimal::mul(field, self.low, other.high)?,
            decimal::mul(field, self.high, other.low)?,
            decimal::mul(field, self.high, other.high)?,
        ];
        let [first, ..] = corners;
        let (low, high) = corners.into_iter().fold((first, first), |(low, high), corner| (low.min(corner), high.max(corner)));
        Ok(Self { low: low.normalize(), high: high.normalize() })
    }

    /// Both ends rounded half away from zero to `places` decimal places.
    #[must_use]
    pub fn round(&self, places: u32) -> Self {
        Self { low: decimal::round(self.low, places), high: decimal::round(self.high, places) }
    }
}

impl<T: RangeEnd> From<T> for Range<T> {
    fn from(value: T) -> Self {
        Self::single(value)
    }
}

/// One value where both ends look the same, otherwise `low to high`. With a precision such as `{:.2}` each end is
/// rounded half away from zero; a width applies to the whole.
impl<T: RangeEnd + fmt::Display> fmt::Display for Range<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |value: T| match f.precision() {
            Some(places) => value.rounded(places),
            None => value.to_string(),
        };
        let (low, high) = (end(self.low), end(self.high));
        let text = if low == high { low } else { format!("{low} to {high}") };
        // Of the padding methods the one that does not take the precision for a length to cut at.
        f.pad_integral(true, "", &text)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RangeState {
    #[serde(with = "crate::decimal::text")]
    low: Decimal,
    #[serde(with = "crate::decimal::text")]
    high: Decimal,
}

#[cfg(feature = "serde")]
impl<T: RangeEnd> TryFrom<RangeState> for Range<T> {
    type Error = Error;

    fn try_from(state: RangeState) -> Result<Self> {
        Self::new(T::from_decimal(state.low)?, T::from_decimal(state.high)?)
    }
}

#[cfg(feature = "serde")]
impl<T: RangeEnd> From<Range<T>> for RangeState {
    fn from(range: Range<T>) -> Self {
        Self { low: range.low.into_decimal(), high: range.high.into_decimal() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_in_the_wrong_order_are_refused_with_both_values() {
        let error = Range::new(Decimal::TWO, Decimal::ONE).unwrap_err();
        assert_eq!(error.to_string(), "low is 2, but must be at most 1");
    }

    #[test]
    fn a_shown_range_is_rounded_and_padded() {
        let range = Range::new(Decimal::new(1_239, 3), Decimal::new(2_999, 3)).unwrap();
        assert_eq!(format!("{range:.2}|{range:.0}|{range:>16}"), "1.24 to 3.00|1 to 3|  1.239 to 2.999");
        let third = Range::single(Proportion::new(Decimal::new(33_35, 4)).unwrap());
        assert_eq!(format!("{third}|{third:.2}|{third:.0}"), "33.4%|33.35%|33%");
    }

    #[test]
    fn a_product_of_ranges_holds_every_product() {
        let minus_one_to_two = Range::new(Decimal::NEGATIVE_ONE, Decimal::TWO).unwrap();
        let product = minus_one_to_two.mul("product", &minus_one_to_two).unwrap();
        assert_eq!((product.low(), product.high()), (Decimal::NEGATIVE_ONE * Decimal::TWO, Decimal::from(4)));
    }
}
