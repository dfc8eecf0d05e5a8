//! What weighted ratings are given on: a scale, and weights of so many decimal places.

use core::fmt;

use rust_decimal::Decimal;

use super::Scale;
use crate::decimal;
use crate::error::{Bound, Error, Result};

/// The scale that ratings are given on, and how many decimal places their weights have.
///
/// Weights are whole numbers of units of `10^-places`, so that their sums are exact and the same in any order. All weights of a tally
/// together must fit into 64 bits of units: with 6 places that is a population of 18 million million.
///
/// ```
/// use customer_metrics::satisfaction::{Scale, WeightedRatings};
///
/// let settings = WeightedRatings::new(Scale::ONE_TO_FIVE, 6)?;
/// assert_eq!(settings.units("1.25".parse().unwrap())?, 1_250_000);
/// assert!(settings.units("0.0000001".parse().unwrap()).is_err());
/// assert!(settings.units("-1".parse().unwrap()).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "SettingsState", into = "SettingsState"))]
pub struct WeightedRatings {
    scale: Scale,
    weight_places: u8,
}

impl WeightedRatings {
    /// The most decimal places of a weight.
    const MOST_PLACES: u8 = 12;

    /// Ratings on this scale with weights of so many decimal places, 12 at most.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] above 12.
    pub fn new(scale: Scale, weight_places: u8) -> Result<Self> {
        if weight_places > Self::MOST_PLACES {
            return Err(Error::out_of_bounds("weight places", weight_places, Bound::AtMost(Self::MOST_PLACES.into())));
        }
        Ok(Self { scale, weight_places })
    }

    /// The scale.
    #[must_use]
    pub fn scale(self) -> Scale {
        self.scale
    }

    /// How many decimal places a weight has.
    #[must_use]
    pub fn weight_places(self) -> u8 {
        self.weight_places
    }

    /// A weight in whole units, as columns of weights have them.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if it is negative or has more decimal places; [`Error::Overflow`] beyond 64 bits of units.
    pub fn units(self, weight: Decimal) -> Result<u64> {
        let weight = decimal::non_negative("weight", weight)?;
        let places = u32::from(self.weight_places);
        if weight.scale() > places {
            return Err(Error::out_of_bounds("weight", weight, Bound::DecimalPlaces(places)));
        }
        let units = decimal::minor_units(weight, places).and_then(|units| u64::try_from(units).ok());
        units.ok_or(Error::Overflow { field: "weight", capacity: "64 bits of weight units" })
    }
}

/// 1 to 5, with weights of 6 decimal places.
impl Default for WeightedRatings {
    fn default() -> Self {
        Self { scale: Scale::default(), weight_places: 6 }
    }
}

/// Such as `1 to 5, satisfied from 4, weights of 6 decimal places`.
impl fmt::Display for WeightedRatings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, weights of {} decimal places", self.scale, self.weight_places)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsState {
    scale: Scale,
    weight_places: u8,
}

#[cfg(feature = "serde")]
impl TryFrom<SettingsState> for WeightedRatings {
    type Error = Error;

    fn try_from(state: SettingsState) -> Result<Self> {
        Self::new(state.scale, state.weight_places)
    }
}

#[cfg(feature = "serde")]
impl From<WeightedRatings> for SettingsState {
    fn from(settings: WeightedRatings) -> Self {
        Self { scale: settings.scale, weight_places: settings.weight_places }
    }
}
