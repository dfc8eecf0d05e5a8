//! How the observation of one customer ended.

use core::fmt;

/// How the observation of one customer ended: with the customer leaving, or before that.
///
/// Who is still a customer when the records end is censored, and so is who drops out of sight for a reason that has nothing to do with
/// leaving. To count them as stayers for good would flatter the curve; to leave them out would slander it.
///
/// ```
/// use customer_metrics::survival::Ending;
///
/// let churned = [true, false];
/// assert_eq!(churned.map(Ending::left_if), [Ending::Left, Ending::Censored]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Ending {
    /// Still a customer at the end of the observation: all that is known is that leaving, if ever, comes later.
    Censored,
    /// Left at that time.
    Left,
}

impl Ending {
    /// [`Ending::Left`] where a column of flags says so, [`Ending::Censored`] otherwise.
    #[must_use]
    pub fn left_if(left: bool) -> Self {
        if left { Self::Left } else { Self::Censored }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Censored => "censored",
            Self::Left => "left",
        })
    }
}
