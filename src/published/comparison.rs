//! One's own figure beside the printed one.

use core::fmt;

use rust_decimal::Decimal;

use super::Figure;
use crate::decimal;
use crate::error::Result;

/// Where one's own figure lies, seen from the printed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Comparison {
    /// Below the low end.
    Below {
        /// By how much, in the unit of the figure; more than 0.
        #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
        by: Decimal,
    },
    /// In the range, its ends included.
    Within,
    /// Above the high end.
    Above {
        /// By how much, in the unit of the figure; more than 0.
        #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
        by: Decimal,
    },
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Below { by } => write!(f, "{by} below"),
            Self::Within => f.write_str("within"),
            Self::Above { by } => write!(f, "{by} above"),
        }
    }
}

impl Figure {
    /// Whether one's own figure lies below, within or above the printed one, and how far. Both are in the [unit](Self::unit) of the
    /// figure, shares as parts of 1; the distance is rounded to 28 digits.
    ///
    /// A misprint that is only suspected does not count: the figure keeps the value that was printed.
    ///
    /// # Errors
    /// [`Error::Undefined`](crate::Error::Undefined) if the figure is a pair; [`Error::Overflow`](crate::Error::Overflow) if the distance
    /// has more digits than a [`Decimal`] can hold.
    pub fn compare(&self, own: Decimal) -> Result<Comparison> {
        let range = self.range()?;
        let distance = |high, low| decimal::sub("distance", high, low).map(|by| by.normalize());
        if own < range.low() {
            Ok(Comparison::Below { by: distance(range.low(), own)? })
        } else if own > range.high() {
            Ok(Comparison::Above { by: distance(own, range.high())? })
        } else {
            Ok(Comparison::Within)
        }
    }
}
