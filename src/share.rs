//! A share that keeps its counts: so many of so many.

use core::cmp::Ordering;
use core::fmt;

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::proportion::Proportion;

/// So many of so many: a part of a whole, both counted.
///
/// ```text
/// share = part / whole,  0 <= part <= whole,  whole >= 1
/// ```
///
/// Because the counts are kept, shares can be pooled, compared without rounding and given an interval. A share of nothing does not
/// exist: it is an error, never 0 and never NaN. Two shares are equal if both counts are; [`compare`](Self::compare) orders them by value.
///
/// ```
/// use customer_metrics::{Confidence, Share};
///
/// let resolved = Share::new(54, 100)?;
/// assert_eq!(resolved.to_decimal().to_string(), "0.54");
/// assert_eq!(resolved.complement(), Share::new(46, 100)?);
/// assert!(resolved.compare(&Share::new(1, 2)?).is_gt());
///
/// let interval = resolved.interval(Confidence::P95);
/// assert!(interval.low() < 0.54 && 0.54 < interval.high());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "ShareState", into = "ShareState"))]
pub struct Share {
    part: u64,
    whole: u64,
}

impl Share {
    /// `part` of `whole`.
    ///
    /// # Errors
    /// [`Error::Undefined`] if `whole` is 0; [`Error::OutOfBounds`] if `part` is more than `whole`.
    pub fn new(part: u64, whole: u64) -> Result<Self> {
        Self::of("share", "the whole is 0", part, whole)
    }

    /// A share under the name of its metric, for the error where it does not exist.
    pub(crate) fn of(metric: &'static str, because: &'static str, part: u64, whole: u64) -> Result<Self> {
        if whole == 0 && part == 0 {
            return Err(Error::Undefined { metric, because });
        }
        if part > whole {
            return Err(Error::out_of_bounds("part", part, Bound::AtMost(whole.into())));
        }
        Ok(Self { part, whole })
    }

    /// How many count.
    #[must_use]
    pub fn part(&self) -> u64 {
        self.part
    }

    /// Of how many; never 0.
    #[must_use]
    pub fn whole(&self) -> u64 {
        self.whole
    }

    /// The share of those that do not count: the rest of the same whole.
    #[must_use]
    pub fn complement(&self) -> Self {
        Self { part: self.whole.saturating_sub(self.part), whole: self.whole }
    }

    /// The value in 0..=1, rounded half away from zero at the 28th decimal place.
    #[must_use]
    pub fn to_decimal(&self) -> Decimal {
        decimal::ratio("share", "the whole is 0", decimal::wide(self.part), decimal::wide(self.whole)).unwrap_or(Decimal::ZERO)
    }

    /// The value in 0..=1, within 2 units in the last place.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        decimal::count_to_f64(self.part) / decimal::count_to_f64(self.whole)
    }

    /// The value in 0..=100, rounded half away from zero from the exact ratio to `places` decimal places (28 at most).
    ///
    /// A rounded figure is for reading: compare with [`compare`](Self::compare).
    #[must_use]
    pub fn percent(&self, places: u32) -> Decimal {
        self.per(100, places)
    }

    /// How many there would be of so many, such as complaints per 1,000 customers; rounded as in [`percent`](Self::percent).
    ///
    /// ```
    /// use customer_metrics::Share;
    ///
    /// let complaints = Share::new(158, 40_235)?;
    /// assert_eq!(complaints.per(1_000, 2).to_string(), "3.93");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn per(&self, base: u32, places: u32) -> Decimal {
        // At most 96 bits, which a decimal holds.
        let of_base = decimal::wide(self.part).saturating_mul(base.into());
        decimal::ratio_to("share", "the whole is 0", of_base, decimal::wide(self.whole), places).unwrap_or(Decimal::ZERO)
    }

    /// The same value without its counts.
    #[must_use]
    pub fn to_proportion(&self) -> Proportion {
        Proportion::saturating(self.to_decimal())
    }

    /// Orders two shares by value, without rounding: 1 of 2 and 2 of 4 are equal.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        let cross = |part: u64, whole: u64| u128::from(part).saturating_mul(u128::from(whole));
        cross(self.part, other.whole).cmp(&cross(other.part, self.whole))
    }

    /// Orders this share against an assumed one, such as a target, without rounding.
    ///
    /// ```
    /// use customer_metrics::{Proportion, Share};
    ///
    /// let target = Proportion::from_percent("90".parse().unwrap())?;
    /// assert!(Share::new(90, 100)?.compare_to(target).is_eq());
    /// assert!(Share::new(9_000_000_001, 10_000_000_000)?.compare_to(target).is_gt());
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn compare_to(&self, target: Proportion) -> Ordering {
        let (target, whole) = (target.to_decimal(), u128::from(self.whole));
        let divide = |dividend: u128| (dividend.checked_div(whole).unwrap_or(0), dividend.checked_rem(whole).unwrap_or(0));
        // Multiplied out, the two sides need 158 bits; as many digits of the quotient as the target has fit into 128.
        let (mut digits, mut rest) = divide(u128::from(self.part));
        for _ in 0..target.scale() {
            let (digit, next) = divide(rest.saturating_mul(10));
            (digits, rest) = (digits.saturating_mul(10).saturating_add(digit), next);
        }
        digits.cmp(&target.mantissa().unsigned_abs()).then(rest.cmp(&0))
    }

    /// The share of both groups together, as if they had been counted as one.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the counts exceed 64 bits.
    pub fn merge(&self, other: &Self) -> Result<Self> {
        let whole = self.whole.checked_add(other.whole).ok_or_else(|| Error::count_overflow("whole"))?;
        let part = self.part.checked_add(other.part).ok_or_else(|| Error::count_overflow("part"))?;
        Self::new(part, whole)
    }
}

/// The counts and the rounded percentage, such as `54 of 100 (54.0%)`.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad_integral(true, "", &format!("{} of {} ({:.1}%)", self.part, self.whole, self.percent(1)))
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ShareState {
    part: u64,
    whole: u64,
}

#[cfg(feature = "serde")]
impl TryFrom<ShareState> for Share {
    type Error = Error;

    fn try_from(state: ShareState) -> Result<Self> {
        Self::new(state.part, state.whole)
    }
}

#[cfg(feature = "serde")]
impl From<Share> for ShareState {
    fn from(share: Share) -> Self {
        Self { part: share.part, whole: share.whole }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_nothing_does_not_exist() {
        assert!(matches!(Share::new(0, 0), Err(Error::Undefined { .. })));
        assert!(matches!(Share::new(1, 0), Err(Error::OutOfBounds { field: "part", .. })));
        assert!(Share::new(u64::MAX, u64::MAX).is_ok());
    }

    #[test]
    fn values_are_exact_at_the_edges() {
        let all = Share::new(u64::MAX, u64::MAX).unwrap();
        assert_eq!(all.to_decimal(), Decimal::ONE);
        assert_eq!(all.percent(2).to_string(), "100");
        assert_eq!(all.complement().to_decimal(), Decimal::ZERO);
        assert_eq!(Share::new(1, 8).unwrap().percent(1).to_string(), "12.5");
        assert_eq!(Share::new(1, 8).unwrap().percent(0).to_string(), "13");
        // 87.058055894999999…: rounded at the 28th place first it would end in 90.
        let close = Share::new(14_388_073_336_973_781_727, 16_526_986_720_593_804_419).unwrap();
        assert_eq!(close.percent(8).to_string(), "87.05805589");
    }

    #[test]
    fn comparison_does_not_round() {
        let close = Share::new(u64::MAX - 1, u64::MAX).unwrap();
        let closer = Share::new(u64::MAX - 2, u64::MAX - 1).unwrap();
        assert_eq!(close.compare(&closer), Ordering::Greater);
        assert_eq!(Share::new(1, 2).unwrap().compare(&Share::new(2, 4).unwrap()), Ordering::Equal);
    }

    #[test]
    fn comparison_with_a_target_sees_what_28_digits_do_not() {
        let target = |text: &str| Proportion::new(Decimal::from_str_exact(text).unwrap()).unwrap();
        let third = target("0.3333333333333333333333333333");
        assert_eq!(Share::new(1, 3).unwrap().to_proportion(), third);
        assert_eq!(Share::new(1, 3).unwrap().compare_to(third), Ordering::Greater);
        let two_thirds = target("0.6666666666666666666666666667");
        assert_eq!(Share::new(2, 3).unwrap().to_proportion(), two_thirds);
        assert_eq!(Share::new(2, 3).unwrap().compare_to(two_thirds), Ordering::Less);
        let most = Share::new(u64::MAX - 1, u64::MAX).unwrap();
        assert_eq!(most.compare_to(Proportion::ONE), Ordering::Less);
        assert_eq!(Share::new(u64::MAX, u64::MAX).unwrap().compare_to(Proportion::ONE), Ordering::Equal);
        assert_eq!(Share::new(0, u64::MAX).unwrap().compare_to(Proportion::ZERO), Ordering::Equal);
        assert_eq!(Share::new(1, u64::MAX).unwrap().compare_to(Proportion::ZERO), Ordering::Greater);
    }

    #[test]
    fn pooling_overflows_as_an_error() {
        let huge = Share::new(1, u64::MAX).unwrap();
        assert!(matches!(huge.merge(&huge), Err(Error::Overflow { field: "whole", .. })));
    }
}
