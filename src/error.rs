//! What can go wrong: one error type that names the field, the value and the bound.

use core::fmt;

use rust_decimal::Decimal;

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// Why a value was refused or a metric does not exist.
///
/// Every variant says which field is meant and, where there is one, the value that was given and the bound it broke. A failed call
/// leaves the value it was called on as it was.
///
/// ```
/// use customer_metrics::{Error, Share};
///
/// let error = Share::new(7, 5).unwrap_err();
/// assert_eq!(error.to_string(), "part is 7, but must be at most 5");
/// assert_eq!(error.field(), Some("part"));
/// assert!(matches!(Share::new(0, 0), Err(Error::Undefined { .. })));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value lies outside what its field allows.
    #[error("{field} is {value}, but must be {bound}")]
    OutOfBounds {
        /// The field that was given the value.
        field: &'static str,
        /// The value as it was given.
        value: Number,
        /// What the field allows.
        bound: Bound,
    },
    /// A metric that does not exist for these records, such as a share of nothing.
    #[error("{metric} is undefined: {because}")]
    Undefined {
        /// The metric that was asked for.
        metric: &'static str,
        /// What is missing.
        because: &'static str,
    },
    /// The result is larger than its type can hold.
    #[error("{field} overflows {capacity}")]
    Overflow {
        /// The field that would overflow.
        field: &'static str,
        /// What it would have to fit into.
        capacity: &'static str,
    },
    /// An amount that must stay exact has more digits than 28, the most that a [`Decimal`] can hold.
    #[error("{field} cannot be kept exact: it needs more than 28 digits")]
    Inexact {
        /// The field that would lose digits.
        field: &'static str,
    },
    /// Two values that belong together do not fit each other, such as tallies on different scales.
    #[error("{field} differs: {left} and {right}")]
    Mismatch {
        /// The field in which they differ.
        field: &'static str,
        /// The field in the value that the method was called on.
        left: String,
        /// The field in the other value.
        right: String,
    },
    /// A value that may be given once was given again.
    #[error("{field} {value} is given more than once")]
    Repeated {
        /// The field that was given the value.
        field: &'static str,
        /// The value that was repeated.
        value: String,
    },
    /// One of many is wrong: a row of a batch, or a contact of a journey. Nothing of the batch was recorded.
    #[error("{of} {row}: {source}")]
    Row {
        /// What is counted, such as `row`.
        of: &'static str,
        /// Its position, counted from 0.
        row: usize,
        /// What is wrong with it.
        source: Box<Error>,
    },
    /// A text that names none of the known values.
    #[error("{field} is {value:?}, but must be {expected}")]
    Unknown {
        /// The field that was given the text.
        field: &'static str,
        /// The text as it was given.
        value: String,
        /// What would have been accepted.
        expected: &'static str,
    },
    /// Bytes that are not the encoded state of this tally.
    #[error("cannot decode {tally}: {because}")]
    Decode {
        /// The tally that was to be decoded.
        tally: &'static str,
        /// What is wrong with the bytes.
        because: &'static str,
    },
}

impl Error {
    /// The field or metric that the error is about.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::OutOfBounds { field, .. }
            | Self::Overflow { field, .. }
            | Self::Inexact { field }
            | Self::Mismatch { field, .. }
            | Self::Repeated { field, .. }
            | Self::Unknown { field, .. } => Some(field),
            Self::Undefined { metric, .. } => Some(metric),
            Self::Row { source, .. } => source.field(),
            Self::Decode { .. } => None,
        }
    }

    /// The row of the batch that was wrong, counted from 0, where the error comes from a batch.
    #[must_use]
    pub fn row(&self) -> Option<usize> {
        match self {
            Self::Row { row, .. } => Some(*row),
            _ => None,
        }
    }

    /// The same error, as one of a row in a batch.
    #[must_use]
    pub fn at_row(self, row: usize) -> Self {
        self.at("row", row)
    }

    /// The same error, as one of something else that is counted, such as a contact.
    pub(crate) fn at(self, of: &'static str, row: usize) -> Self {
        Self::Row { of, row, source: Box::new(self) }
    }

    pub(crate) fn out_of_bounds(field: &'static str, value: impl Into<Number>, bound: Bound) -> Self {
        Self::OutOfBounds { field, value: value.into(), bound }
    }

    pub(crate) fn mismatch(field: &'static str, left: impl fmt::Display, right: impl fmt::Display) -> Self {
        Self::Mismatch { field, left: left.to_string(), right: right.to_string() }
    }

    /// Columns that are read side by side have the same number of rows; `field` says which one has not, such as `length of days`.
    pub(crate) fn check_length(field: &'static str, rows: usize, length: usize) -> Result<()> {
        if length == rows { Ok(()) } else { Err(Self::mismatch(field, rows, length)) }
    }

    pub(crate) fn count_overflow(field: &'static str) -> Self {
        Self::Overflow { field, capacity: "a 64-bit count" }
    }

    pub(crate) fn decimal_overflow(field: &'static str) -> Self {
        Self::Overflow { field, capacity: "a decimal of 28 digits" }
    }
}

/// A number in an error: exact (counts, ratings, money) or floating.
///
/// A floating one from 1e16 on, or below 1e-5, is printed with an exponent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A count, a rating or an amount.
    Exact(Decimal),
    /// A statistic.
    Floating(f64),
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(value) => fmt::Display::fmt(&value.normalize(), f),
            Self::Floating(value) if value.abs() >= 1e16 || (value.abs() > 0.0 && value.abs() < 1e-5) => fmt::LowerExp::fmt(value, f),
            Self::Floating(value) => fmt::Display::fmt(value, f),
        }
    }
}

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Self::Floating(value)
    }
}

macro_rules! exact_number {
    ($($from:ty),*) => {$(
        impl From<$from> for Number {
            fn from(value: $from) -> Self {
                Self::Exact(value.into())
            }
        }
    )*};
}

exact_number!(Decimal, u8, u32, u64, i64, usize);

/// What a field allows.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Bound {
    /// From the first to the second, both allowed.
    Within(Number, Number),
    /// Between the two, neither allowed.
    StrictlyBetween(Number, Number),
    /// This number or more.
    AtLeast(Number),
    /// More than this number.
    MoreThan(Number),
    /// This number or less.
    AtMost(Number),
    /// Less than this number.
    LessThan(Number),
    /// This number and no other.
    Exactly(Number),
    /// Below the first or above the second.
    Outside(Number, Number),
    /// No more than so many digits after the point.
    DecimalPlaces(u32),
    /// Neither infinite nor NaN.
    Finite,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Within(low, high) => write!(f, "within {low} to {high}"),
            Self::StrictlyBetween(low, high) => write!(f, "strictly between {low} and {high}"),
            Self::AtLeast(low) => write!(f, "at least {low}"),
            Self::MoreThan(low) => write!(f, "more than {low}"),
            Self::AtMost(high) => write!(f, "at most {high}"),
            Self::LessThan(high) => write!(f, "less than {high}"),
            Self::Exactly(value) => write!(f, "exactly {value}"),
            Self::Outside(low, high) => write!(f, "outside {low} to {high}"),
            Self::DecimalPlaces(1) => f.write_str("of at most 1 decimal place"),
            Self::DecimalPlaces(places) => write!(f, "of at most {places} decimal places"),
            Self::Finite => f.write_str("finite"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floating_numbers_with_many_digits_before_or_after_the_point_have_an_exponent() {
        let shown = |value: f64| Number::from(value).to_string();
        assert_eq!([0.0, -0.5, 9.5e15, 1e-5].map(shown), ["0", "-0.5", "9500000000000000", "0.00001"]);
        assert_eq!([1e16, -2.5e100, 9.9e-6, f64::MIN_POSITIVE].map(shown), ["1e16", "-2.5e100", "9.9e-6", "2.2250738585072014e-308"]);
        assert_eq!([f64::INFINITY, f64::NAN].map(shown), ["inf", "NaN"]);
        let error = Error::out_of_bounds("time", 1e200, Bound::Within(0_u8.into(), 1e100.into()));
        assert_eq!(error.to_string(), "time is 1e200, but must be within 0 to 1e100");
        assert_eq!(Number::from(u64::MAX).to_string(), "18446744073709551615");
    }
}
