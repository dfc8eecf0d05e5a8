//! An assumed proportion: a share that comes without counts.

use core::fmt;

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::{Bound, Error, Result};

/// A number in 0..=1 that is assumed or published, not counted.
///
/// Where the counts are known, use [`Share`](crate::Share): it can be pooled and given an interval.
///
/// ```
/// use customer_metrics::Proportion;
///
/// let complaining = Proportion::from_percent("5".parse().unwrap())?;
/// assert_eq!(complaining.to_decimal().to_string(), "0.05");
/// assert_eq!(complaining.complement().to_decimal().to_string(), "0.95");
/// assert!(Proportion::from_percent("105".parse().unwrap()).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "ProportionState", into = "ProportionState"))]
pub struct Proportion(Decimal);

const ONE_HUNDREDTH: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

impl Proportion {
    /// None.
    pub const ZERO: Self = Self(Decimal::ZERO);
    /// All.
    pub const ONE: Self = Self(Decimal::ONE);

    /// `value` itself, such as 0.05.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] outside 0..=1.
    pub fn new(value: Decimal) -> Result<Self> {
        if value < Decimal::ZERO || value > Decimal::ONE {
            return Err(Error::out_of_bounds("proportion", value, Bound::Within(Decimal::ZERO.into(), Decimal::ONE.into())));
        }
        Ok(Self(value.normalize()))
    }

    /// So many of a hundred, such as 5 for 0.05.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] outside 0..=100; [`Error::Inexact`] if it has more than 26 decimal places.
    pub fn from_percent(percent: Decimal) -> Result<Self> {
        if percent < Decimal::ZERO || percent > Decimal::ONE_HUNDRED {
            return Err(Error::out_of_bounds("percent", percent, Bound::Within(Decimal::ZERO.into(), Decimal::ONE_HUNDRED.into())));
        }
        Self::new(decimal::exact_mul("percent", percent, ONE_HUNDREDTH)?)
    }

    /// The nearest proportion, for results that lie in 0..=1 but for rounding.
    pub(crate) fn saturating(value: Decimal) -> Self {
        Self(value.clamp(Decimal::ZERO, Decimal::ONE).normalize())
    }

    /// The value in 0..=1.
    #[must_use]
    pub fn to_decimal(&self) -> Decimal {
        self.0
    }

    /// The nearest `f64`.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        decimal::to_f64(self.0)
    }

    /// The value in 0..=100, rounded half away from zero to `places` decimal places.
    #[must_use]
    pub fn percent(&self, places: u32) -> Decimal {
        decimal::mul("percent", self.0, Decimal::ONE_HUNDRED).map_or(Decimal::ZERO, |percent| decimal::round(percent, places))
    }

    /// All the others.
    #[must_use]
    pub fn complement(&self) -> Self {
        Self::saturating(decimal::sub("proportion", Decimal::ONE, self.0).unwrap_or(Decimal::ZERO))
    }

    /// This proportion of that one: the product, rounded to 28 decimal places.
    #[must_use]
    pub fn of(&self, other: Self) -> Self {
        Self::saturating(decimal::mul("proportion", self.0, other.0).unwrap_or(Decimal::ZERO))
    }

    /// This proportion to a whole power, each step rounded to 28 decimal places.
    pub(crate) fn power(&self, exponent: u32) -> Result<Self> {
        decimal::power("proportion", self.0, exponent).map(Self::saturating)
    }
}

/// The percentage with one decimal place, such as `5.0%`, or with as many as the precision asks for.
impl fmt::Display for Proportion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = f.precision().unwrap_or(1);
        let percent = self.percent(u32::try_from(places).unwrap_or(u32::MAX));
        // Of the padding methods the one that does not take the precision for a length to cut at.
        f.pad_integral(true, "", &format!("{percent:.places$}%"))
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct ProportionState(#[serde(with = "crate::decimal::text")] Decimal);

#[cfg(feature = "serde")]
impl TryFrom<ProportionState> for Proportion {
    type Error = Error;

    fn try_from(state: ProportionState) -> Result<Self> {
        Self::new(state.0)
    }
}

#[cfg(feature = "serde")]
impl From<Proportion> for ProportionState {
    fn from(proportion: Proportion) -> Self {
        Self(proportion.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edges_are_in_and_beyond_them_is_an_error_with_the_bound() {
        assert_eq!(Proportion::new(Decimal::ONE), Ok(Proportion::ONE));
        assert_eq!(Proportion::new(Decimal::ZERO).unwrap().complement(), Proportion::ONE);
        let error = Proportion::new(Decimal::TWO).unwrap_err();
        assert_eq!(error.to_string(), "proportion is 2, but must be within 0 to 1");
        assert!(Proportion::new(Decimal::NEGATIVE_ONE).is_err());
    }

    #[test]
    fn a_proportion_of_a_proportion_is_their_product() {
        let half = Proportion::new(Decimal::new(5, 1)).unwrap();
        assert_eq!(half.of(half).to_decimal(), Decimal::new(25, 2));
        assert_eq!(half.power(2), Ok(half.of(half)));
    }
}
