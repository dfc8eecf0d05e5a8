//! The value of a figure: one number, a range, or two numbers that belong together.

use core::fmt;

use rust_decimal::Decimal;

/// What a figure says in numbers, in the figure's unit; shares are parts of 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum FigureValue {
    /// One number.
    Single(#[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))] Decimal),
    /// A range, both ends included.
    Range {
        /// The low end.
        #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
        low: Decimal,
        /// The high end.
        #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
        high: Decimal,
    },
    /// Two numbers that belong together and are not the ends of a range.
    Pair {
        /// The number that the statement names first.
        #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
        first: Decimal,
        /// The number that comes second.
        #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
        second: Decimal,
    },
}

impl fmt::Display for FigureValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Single(value) => write!(f, "{value}"),
            Self::Range { low, high } => write!(f, "{low} to {high}"),
            Self::Pair { first, second } => write!(f, "{first} and {second}"),
        }
    }
}

/// `mantissa x 10^-scale`
pub(super) const fn single(mantissa: i32, scale: u32) -> FigureValue {
    FigureValue::Single(decimal(mantissa, scale))
}

/// `low x 10^-scale` to `high x 10^-scale`
pub(super) const fn range(low: i32, high: i32, scale: u32) -> FigureValue {
    FigureValue::Range { low: decimal(low, scale), high: decimal(high, scale) }
}

/// `first x 10^-scale` and `second x 10^-scale`
pub(super) const fn pair(first: i32, second: i32, scale: u32) -> FigureValue {
    FigureValue::Pair { first: decimal(first, scale), second: decimal(second, scale) }
}

/// Without zeros at the end: equal values also print the same.
const fn decimal(mantissa: i32, scale: u32) -> Decimal {
    let (mut digits, mut places) = (mantissa.unsigned_abs(), scale);
    while places > 0 && digits.is_multiple_of(10) {
        digits /= 10;
        places = places.saturating_sub(1);
    }
    Decimal::from_parts(digits, 0, 0, mantissa < 0, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_the_numbers_they_are_written_as() {
        assert_eq!(decimal(-2, 2), Decimal::new(-2, 2));
        assert_eq!(decimal(208_000, 0).to_string(), "208000");
        assert_eq!(decimal(60, 2).to_string(), "0.6");
        assert_eq!(decimal(0, 2).to_string(), "0");
        assert_eq!(decimal(i32::MIN, 0), Decimal::from(i32::MIN));
        assert_eq!(range(90, 95, 2).to_string(), "0.9 to 0.95");
        assert_eq!(pair(90, 30, 2).to_string(), "0.9 and 0.3");
    }
}
