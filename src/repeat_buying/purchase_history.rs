//! What one customer has done so far, in the three numbers that are enough.

use crate::error::{Bound, Error, Result};

/// How often a customer bought again, when they last did, and how long they have been watched.
///
/// ```text
/// frequency x    repeat purchases: the first one does not count
/// recency   t_x  time from the first purchase to the last, 0 if there was no other
/// age       T    time from the first purchase to the end of the watch
///
/// 0 <= t_x <= T,  t_x = 0 if and only if x = 0
/// ```
///
/// The three are enough for every model of this room: when the purchases in between took place tells nothing more. Purchases in the same
/// unit of time, such as a day, are one purchase, so a repeat purchase at recency 0 does not exist.
///
/// ```
/// use customer_metrics::repeat_buying::PurchaseHistory;
///
/// // Two more purchases, the last one 30.43 weeks after the first, watched for 38.86 weeks.
/// let regular = PurchaseHistory::new(2, 30.43, 38.86)?;
/// assert_eq!(regular.frequency(), 2);
/// let one_time = PurchaseHistory::one_time(38.86)?;
/// assert_eq!(one_time, PurchaseHistory::new(0, 0.0, 38.86)?);
///
/// let error = PurchaseHistory::new(2, 40.0, 38.86).unwrap_err();
/// assert_eq!(error.to_string(), "recency is 40, but must be at most 38.86");
/// assert!(PurchaseHistory::new(1, 0.0, 38.86).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "PurchaseHistoryState", into = "PurchaseHistoryState")
)]
pub struct PurchaseHistory {
    frequency: u64,
    recency: f64,
    age: f64,
}

/// As far as the models look ahead.
const MOST_TIME: f64 = 1e100;

impl PurchaseHistory {
    /// A customer at their first purchase.
    pub(super) const NEW: Self = Self { frequency: 0, recency: 0.0, age: 0.0 };

    /// So many repeat purchases, the last one at `recency`, watched up to `age`.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if a time is not within 0 to 1e100, if `recency` is more than `age`, and unless both `frequency` and
    /// `recency` are 0 or neither is.
    pub fn new(frequency: u64, recency: f64, age: f64) -> Result<Self> {
        for (field, time) in [("age", age), ("recency", recency)] {
            if !time.is_finite() {
                return Err(Error::out_of_bounds(field, time, Bound::Finite));
            }
            if !(0.0..=MOST_TIME).contains(&time) {
                return Err(Error::out_of_bounds(field, time, Bound::Within(0_u64.into(), MOST_TIME.into())));
            }
        }
        if recency > age {
            return Err(Error::out_of_bounds("recency", recency, Bound::AtMost(age.into())));
        }
        match (frequency > 0, recency > 0.0) {
            (true, false) => Err(Error::out_of_bounds("recency", recency, Bound::MoreThan(0_u64.into()))),
            (false, true) => Err(Error::out_of_bounds("recency", recency, Bound::Exactly(0_u64.into()))),
            // Adding 0 turns -0 into 0.
            _ => Ok(Self { frequency, recency: recency + 0.0, age: age + 0.0 }),
        }
    }

    /// A customer who has not bought again.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if `age` is not within 0 to 1e100.
    pub fn one_time(age: f64) -> Result<Self> {
        Self::new(0, 0.0, age)
    }

    /// A history that has been checked before.
    pub(super) fn checked(frequency: u64, recency: f64, age: f64) -> Self {
        debug_assert!(Self::new(frequency, recency, age).is_ok(), "{frequency}, {recency}, {age}");
        Self { frequency, recency, age }
    }

    /// The repeat purchases.
    #[must_use]
    pub fn frequency(&self) -> u64 {
        self.frequency
    }

    /// The time from the first purchase to the last; 0 if there was no other.
    #[must_use]
    pub fn recency(&self) -> f64 {
        self.recency
    }

    /// The time from the first purchase to the end of the watch.
    #[must_use]
    pub fn age(&self) -> f64 {
        self.age
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PurchaseHistoryState {
    frequency: u64,
    recency: f64,
    age: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<PurchaseHistoryState> for PurchaseHistory {
    type Error = Error;

    fn try_from(state: PurchaseHistoryState) -> Result<Self> {
        Self::new(state.frequency, state.recency, state.age)
    }
}

#[cfg(feature = "serde")]
impl From<PurchaseHistory> for PurchaseHistoryState {
    fn from(history: PurchaseHistory) -> Self {
        Self { frequency: history.frequency, recency: history.recency, age: history.age }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_cannot_be_are_refused_by_name() {
        for (frequency, recency, age, field) in [
            (0, 0.0, -1.0, "age"),
            (0, 0.0, f64::NAN, "age"),
            (0, 0.0, f64::INFINITY, "age"),
            (1, f64::NAN, 1.0, "recency"),
            (1, -1.0, 1.0, "recency"),
            (1, f64::INFINITY, 1.0, "recency"),
            (1, 2.0, 1.0, "recency"),
            (1, 0.0, 1.0, "recency"),
            (0, 0.5, 1.0, "recency"),
        ] {
            let error = PurchaseHistory::new(frequency, recency, age).unwrap_err();
            assert_eq!(error.field(), Some(field), "{frequency}, {recency}, {age}");
        }
        assert!(PurchaseHistory::new(u64::MAX, f64::MIN_POSITIVE, 1e100).is_ok());
        let error = PurchaseHistory::one_time(f64::MAX).unwrap_err();
        assert_eq!(error.to_string(), "age is 1.7976931348623157e308, but must be within 0 to 1e100");
        assert!(PurchaseHistory::new(1, 5.0, 5.0).is_ok());
    }

    #[test]
    fn there_is_one_zero() {
        let history = PurchaseHistory::new(0, -0.0, -0.0).unwrap();
        assert_eq!((history.recency().to_bits(), history.age().to_bits()), (0, 0));
    }
}
