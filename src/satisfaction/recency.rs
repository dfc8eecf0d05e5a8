//! How fast the memory of earlier contacts fades.

use core::fmt;
use core::iter::successors;

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::proportion::Proportion;

/// How much a contact weighs beside the one after it, in 0..=1.
///
/// ```text
/// weights, going back from the last contact: 1, d, d^2, d^3, ...
/// ```
///
/// With d = 0 the last contact alone counts (0^0 = 1), with d = 1 all count the same. No source gives a number: it is an assumption
/// to state beside the result. The default is 1/2.
///
/// ```
/// use customer_metrics::satisfaction::RecencyDecay;
///
/// assert_eq!(RecencyDecay::new("0.5".parse().unwrap())?, RecencyDecay::default());
/// assert!(RecencyDecay::new("1.5".parse().unwrap()).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct RecencyDecay(Proportion);

impl RecencyDecay {
    /// d = 0: only the last contact counts.
    pub const LAST_ONLY: Self = Self(Proportion::ZERO);
    /// d = 1: nothing fades, all contacts count the same.
    pub const NONE: Self = Self(Proportion::ONE);

    /// A decay such as 0.5.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] outside 0..=1.
    pub fn new(decay: Decimal) -> Result<Self> {
        let bound = Bound::Within(Decimal::ZERO.into(), Decimal::ONE.into());
        Proportion::new(decay).map(Self).map_err(|_| Error::out_of_bounds("recency decay", decay, bound))
    }

    /// The decay as a proportion.
    #[must_use]
    pub fn to_proportion(self) -> Proportion {
        self.0
    }

    /// The weights back from the last contact, in units of 10^-28, up to where they are cut off to 0.
    ///
    /// Cut off and not rounded, so that they fall all the way: rounded, 4 units x 0.9 would stay 4 for ever.
    pub(super) fn weights(self) -> impl Iterator<Item = i128> {
        let decay = decimal::minor_units(self.0.to_decimal(), Decimal::MAX_SCALE).unwrap_or(0);
        successors(Some(ONE), move |&weight| Some(product(weight, decay))).take_while(|&weight| weight > 0)
    }
}

/// 1 in units of 10^-28.
const ONE: i128 = HALF_OF_THE_DIGITS * HALF_OF_THE_DIGITS;
const HALF_OF_THE_DIGITS: i128 = 10_i128.pow(Decimal::MAX_SCALE / 2);

/// The product of two numbers in 0..=1 in units of 10^-28, cut off. It has 56 digits, so it is taken apart into halves of 14.
fn product(a: i128, b: i128) -> i128 {
    let halves = |value: i128| (value / HALF_OF_THE_DIGITS, value % HALF_OF_THE_DIGITS);
    let ((a_high, a_low), (b_high, b_low)) = (halves(a), halves(b));
    let low = a_low.saturating_mul(b_low) / HALF_OF_THE_DIGITS;
    let middle = a_high.saturating_mul(b_low).saturating_add(a_low.saturating_mul(b_high)).saturating_add(low) / HALF_OF_THE_DIGITS;
    a_high.saturating_mul(b_high).saturating_add(middle)
}

/// 1/2: each contact weighs half as much as the one after it.
impl Default for RecencyDecay {
    fn default() -> Self {
        Self(Proportion::saturating(Decimal::new(5, 1)))
    }
}

impl From<Proportion> for RecencyDecay {
    fn from(proportion: Proportion) -> Self {
        Self(proportion)
    }
}

/// The plain number, such as `0.5`.
impl fmt::Display for RecencyDecay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.to_decimal(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(decay: &str, most: usize) -> Vec<i128> {
        RecencyDecay::new(decay.parse().unwrap()).unwrap().weights().take(most).collect()
    }

    #[test]
    fn weights_are_the_powers_of_the_decay() {
        assert_eq!(weights("0.5", 4), [ONE, ONE / 2, ONE / 4, ONE / 8]);
        assert_eq!(weights("0", 4), [ONE]);
        assert_eq!(weights("1", 4), [ONE; 4]);
        assert_eq!(weights("0.0000000000000000000000000001", 4), [ONE, 1]);
    }

    #[test]
    fn weights_fall_until_nothing_is_left() {
        for decay in ["0.9", "0.3333333333333333333333333333", "0.51"] {
            let weights = weights(decay, 10_000);
            assert!(weights.len() < 1_000, "{decay}");
            assert!(weights.windows(2).all(|pair| pair[1] < pair[0]), "{decay}");
        }
        assert_eq!(weights("0.9999999999999999999999999999", 4), [ONE, ONE - 1, ONE - 2, ONE - 3]);
    }

    #[test]
    fn products_are_cut_off_after_28_places() {
        // (1 - 1e-28)^2 = 1 - 2e-28 + 1e-56, and 0.3333... squared is 0.1111..., 28 times each.
        assert_eq!(product(ONE - 1, ONE - 1), ONE - 2);
        assert_eq!(product(ONE / 3, ONE / 3), ONE / 9 - 1);
        assert_eq!(product(ONE / 3, ONE), ONE / 3);
        assert_eq!(product(ONE, ONE), ONE);
        assert_eq!(product(1, ONE - 1), 0);
    }

    #[test]
    fn an_error_names_the_decay() {
        let error = RecencyDecay::new(Decimal::TWO).unwrap_err();
        assert_eq!(error.to_string(), "recency decay is 2, but must be within 0 to 1");
    }
}
