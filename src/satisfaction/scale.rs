//! The scale that ratings are given on.

use core::fmt;

use crate::error::{Bound, Error, Result};

/// The whole numbers from the lowest to the highest rating, and the lowest one that counts as satisfied.
///
/// A rating is a byte, 0 to 255: count a scale with negative numbers from 0. A higher rating is a better one. The ready-made scales count the two highest ratings as satisfied (top-2-box), which is what most of
/// the field means by CSAT on a 1-5 scale. Some differ: 9 and 10 on 1-10 (CustomerGauge), 3 and 4 on 1-4 (SimpleSat), so the threshold
/// is part of the scale.
///
/// ```
/// use customer_metrics::satisfaction::Scale;
///
/// assert_eq!(Scale::ONE_TO_FIVE.satisfied_from(), 4);
/// let simplesat = Scale::new(1, 4, 3)?;
/// assert!(simplesat.is_satisfied(3) && !simplesat.is_satisfied(2));
/// assert!(Scale::new(1, 5, 6).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "ScaleState", into = "ScaleState"))]
pub struct Scale {
    low: u8,
    high: u8,
    satisfied_from: u8,
}

impl Scale {
    /// 1 to 5, satisfied from 4: the usual scale of CSAT.
    pub const ONE_TO_FIVE: Self = Self { low: 1, high: 5, satisfied_from: 4 };
    /// 0 to 10, satisfied from 9: the scale of NPS.
    pub const ZERO_TO_TEN: Self = Self { low: 0, high: 10, satisfied_from: 9 };
    /// 1 to 7, satisfied from 6: the scale of SERVQUAL and CES 2.0.
    pub const ONE_TO_SEVEN: Self = Self { low: 1, high: 7, satisfied_from: 6 };
    /// 1 to 10, satisfied from 9: the scale of the ACSI items.
    pub const ONE_TO_TEN: Self = Self { low: 1, high: 10, satisfied_from: 9 };

    /// From `low` to `high`, satisfied from `satisfied_from` on.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless `low < satisfied_from <= high`: on a scale where everyone or no one can be satisfied, nothing is
    /// measured.
    pub fn new(low: u8, high: u8, satisfied_from: u8) -> Result<Self> {
        if low >= high {
            return Err(Error::out_of_bounds("highest rating", high, Bound::MoreThan(low.into())));
        }
        if satisfied_from <= low {
            return Err(Error::out_of_bounds("satisfied from", satisfied_from, Bound::MoreThan(low.into())));
        }
        if satisfied_from > high {
            return Err(Error::out_of_bounds("satisfied from", satisfied_from, Bound::AtMost(high.into())));
        }
        Ok(Self { low, high, satisfied_from })
    }

    /// The lowest rating.
    #[must_use]
    pub fn low(self) -> u8 {
        self.low
    }

    /// The highest rating.
    #[must_use]
    pub fn high(self) -> u8 {
        self.high
    }

    /// The lowest rating that counts as satisfied.
    #[must_use]
    pub fn satisfied_from(self) -> u8 {
        self.satisfied_from
    }

    /// Whether this rating counts as satisfied; nothing off the scale does.
    #[must_use]
    pub fn is_satisfied(self, rating: u8) -> bool {
        self.satisfied_from <= rating && rating <= self.high
    }

    /// Whether the rating lies on the scale.
    #[must_use]
    pub fn contains(self, rating: u8) -> bool {
        self.low <= rating && rating <= self.high
    }

    /// How many ratings the scale has.
    pub(crate) fn width(self) -> usize {
        usize::from(self.high.saturating_sub(self.low)).saturating_add(1)
    }

    /// The position of a rating on the scale, from 0.
    pub(crate) fn position(self, field: &'static str, rating: u8) -> Result<usize> {
        match rating.checked_sub(self.low) {
            Some(position) if rating <= self.high => Ok(usize::from(position)),
            _ => Err(Error::out_of_bounds(field, rating, self.bound())),
        }
    }

    /// A code for missing answers must not be a rating.
    pub(crate) fn check_missing_code(self, missing: u8) -> Result<()> {
        if self.contains(missing) {
            let bound = Bound::Outside(self.low.into(), self.high.into());
            return Err(Error::out_of_bounds("missing", missing, bound));
        }
        Ok(())
    }

    pub(crate) fn bound(self) -> Bound {
        Bound::Within(self.low.into(), self.high.into())
    }
}

/// 1 to 5.
impl Default for Scale {
    fn default() -> Self {
        Self::ONE_TO_FIVE
    }
}

/// Such as `1 to 5, satisfied from 4`.
impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}, satisfied from {}", self.low, self.high, self.satisfied_from)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ScaleState {
    low: u8,
    high: u8,
    satisfied_from: u8,
}

#[cfg(feature = "serde")]
impl TryFrom<ScaleState> for Scale {
    type Error = Error;

    fn try_from(state: ScaleState) -> Result<Self> {
        Self::new(state.low, state.high, state.satisfied_from)
    }
}

#[cfg(feature = "serde")]
impl From<Scale> for ScaleState {
    fn from(scale: Scale) -> Self {
        Self { low: scale.low, high: scale.high, satisfied_from: scale.satisfied_from }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_needs_both_sides_of_its_threshold() {
        assert!(Scale::new(0, 255, 255).is_ok());
        assert!(Scale::new(0, 1, 1).is_ok());
        for (low, high, satisfied_from) in [(3, 3, 3), (5, 1, 4), (1, 5, 1), (1, 5, 0), (1, 5, 6)] {
            assert!(matches!(Scale::new(low, high, satisfied_from), Err(Error::OutOfBounds { .. })), "{low} {high} {satisfied_from}");
        }
    }
}
