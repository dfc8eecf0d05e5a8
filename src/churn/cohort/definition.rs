//! What it means to be retained, and when a customer starts.

use core::fmt;

use crate::error::{Bound, Error, Result};

/// When a customer counts as retained N periods after the start.
///
/// For the same customers `EveryPeriod` is never above `Exact`, and `Exact` never above `Unbounded`. From one N to the next, `Unbounded`
/// never rises, nor does `EveryPeriod` from N = 1 on; the others may. Compare figures of the same definition only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum RetentionDefinition {
    /// Active in period N itself, whatever came before and after: N-day, N-week or N-month retention, classic retention.
    #[default]
    Exact,
    /// Active in period N or in a later one: unbounded or rolling retention, the complement of churn as far as it is known.
    ///
    /// A customer who pauses is seen to be retained only when he is back, so the last periods always look too bad, and the more so the
    /// younger the cohort; no cell is ever final. A cell counts as mature only after a [look-ahead](super::CohortSettings::with_look_ahead)
    /// that you decide on, and never without one. Beside the others it flatters: one visit after a year counts for the whole of it.
    Unbounded,
    /// Active at least once within a bracket of periods, such as 4 to 6: bracket or range retention. Its columns are the
    /// [brackets](super::CohortSettings::with_brackets).
    WithinBracket,
    /// Active in every one of the periods 1 to N: full retention, the strictest. For N = 0, active in period 0.
    EveryPeriod,
}

impl fmt::Display for RetentionDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exact => "active in the period",
            Self::Unbounded => "active in the period or later",
            Self::WithinBracket => "active within the bracket",
            Self::EveryPeriod => "active in every period",
        })
    }
}

/// Which period a customer starts in, and so which cohort he belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum CohortStart {
    /// The first period with activity. All of the cohort are active in period 0.
    ///
    /// Activity before the window is not known, so customers from before it seem to start in it: let the window begin where the records do,
    /// and distrust its first cohorts if the business is older.
    #[default]
    FirstActivity,
    /// A period that is given for each customer, such as that of the contract or the registration. Customers who were never active count.
    Given,
}

impl fmt::Display for CohortStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FirstActivity => "first activity",
            Self::Given => "a given period",
        })
    }
}

/// From so many to so many periods after the start, both included; period 0 is that of the start.
///
/// ```
/// use customer_metrics::churn::OffsetBracket;
///
/// assert_eq!(OffsetBracket::new(4, 6)?.to_string(), "4-6");
/// assert_eq!(OffsetBracket::single(4).to_string(), "4");
/// assert!(OffsetBracket::new(6, 4).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "BracketState", into = "BracketState"))]
pub struct OffsetBracket {
    from: u32,
    to: u32,
}

impl OffsetBracket {
    /// From `from` to `to`.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if `to` is less than `from`.
    pub fn new(from: u32, to: u32) -> Result<Self> {
        if to < from { Err(Error::out_of_bounds("end of bracket", to, Bound::AtLeast(from.into()))) } else { Ok(Self { from, to }) }
    }

    /// One period.
    #[must_use]
    pub fn single(offset: u32) -> Self {
        Self { from: offset, to: offset }
    }

    /// The first of its periods.
    #[must_use]
    pub fn from(&self) -> u32 {
        self.from
    }

    /// The last of its periods.
    #[must_use]
    pub fn to(&self) -> u32 {
        self.to
    }

    /// Whether this many periods after the start is in it.
    #[must_use]
    pub fn contains(&self, offset: u32) -> bool {
        self.from <= offset && offset <= self.to
    }
}

impl fmt::Display for OffsetBracket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from == self.to { f.pad(&self.from.to_string()) } else { f.pad(&format!("{}-{}", self.from, self.to)) }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct BracketState {
    from: u32,
    to: u32,
}

#[cfg(feature = "serde")]
impl TryFrom<BracketState> for OffsetBracket {
    type Error = Error;

    fn try_from(state: BracketState) -> Result<Self> {
        Self::new(state.from, state.to)
    }
}

#[cfg(feature = "serde")]
impl From<OffsetBracket> for BracketState {
    fn from(bracket: OffsetBracket) -> Self {
        Self { from: bracket.from, to: bracket.to }
    }
}
