//! Several questions on one scale.

use core::fmt;

use super::Scale;
use crate::error::{Bound, Error, Result};

/// How many items a scale of several has, and the ratings that all are answered with.
///
/// ```
/// use customer_metrics::satisfaction::{ItemSet, Scale};
///
/// let acsi = ItemSet::new(Scale::ONE_TO_TEN, 3)?;
/// assert_eq!(acsi.to_string(), "3 items on 1 to 10, satisfied from 9");
/// assert!(ItemSet::new(Scale::ONE_TO_TEN, 1).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "ItemSetState", into = "ItemSetState"))]
pub struct ItemSet {
    scale: Scale,
    items: u8,
}

impl ItemSet {
    /// So many items on this scale.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] with fewer than two items: one alone says nothing of its agreement with others.
    pub fn new(scale: Scale, items: u8) -> Result<Self> {
        if items < 2 {
            return Err(Error::out_of_bounds("items", items, Bound::AtLeast(2_u8.into())));
        }
        Ok(Self { scale, items })
    }

    /// The scale.
    #[must_use]
    pub fn scale(self) -> Scale {
        self.scale
    }

    /// The number of items.
    #[must_use]
    pub fn items(self) -> u8 {
        self.items
    }
}

/// Five items on 1-5.
impl Default for ItemSet {
    fn default() -> Self {
        Self { scale: Scale::ONE_TO_FIVE, items: 5 }
    }
}

/// Such as `3 items on 1 to 10, satisfied from 9`.
impl fmt::Display for ItemSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} items on {}", self.items, self.scale)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemSetState {
    scale: Scale,
    items: u8,
}

#[cfg(feature = "serde")]
impl TryFrom<ItemSetState> for ItemSet {
    type Error = Error;

    fn try_from(state: ItemSetState) -> Result<Self> {
        Self::new(state.scale, state.items)
    }
}

#[cfg(feature = "serde")]
impl From<ItemSet> for ItemSetState {
    fn from(set: ItemSet) -> Self {
        Self { scale: set.scale, items: set.items }
    }
}
