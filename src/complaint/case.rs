//! One customer's case: what became of the problem and whether the customer stayed.

use core::time::Duration;

use super::Outcome;
use crate::error::{Bound, Error, Result};

/// What became of a customer's problem, from none at all to a resolved complaint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Problem {
    /// There was no problem.
    None,
    /// There was a problem, and the customer did not complain.
    Silent,
    /// The customer complained, and the complaint is still open.
    Open,
    /// The customer complained, and the complaint was closed without resolving the problem.
    Unresolved,
    /// The customer complained, and the problem was resolved so long after the complaint.
    ResolvedAfter(Duration),
}

impl Problem {
    /// The outcome of the problem, where there was one and its outcome is known.
    #[must_use]
    pub fn outcome(self, limit: QuickLimit) -> Option<Outcome> {
        match self {
            Self::None | Self::Open => None,
            Self::Silent => Some(Outcome::Silent),
            Self::Unresolved => Some(Outcome::Unresolved),
            Self::ResolvedAfter(time) if limit.is_quick(time) => Some(Outcome::ResolvedQuickly),
            Self::ResolvedAfter(_) => Some(Outcome::Resolved),
        }
    }
}

/// Whether the customer stayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Fate {
    /// The customer bought again, renewed or is still there.
    Stayed,
    /// The customer left.
    Left,
    /// It is not yet known. Never counted as either.
    Unknown,
}

/// One customer's case.
///
/// ```
/// use core::time::Duration;
/// use customer_metrics::complaint::{Case, Problem, Fate};
///
/// let case = Case::new(Problem::ResolvedAfter(Duration::from_secs(7200)), Fate::Stayed);
/// assert_eq!(case.fate(), Fate::Stayed);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct Case {
    problem: Problem,
    fate: Fate,
}

impl Case {
    /// What became of the problem, and whether the customer stayed.
    #[must_use]
    pub fn new(problem: Problem, fate: Fate) -> Self {
        Self { problem, fate }
    }

    /// What became of the problem.
    #[must_use]
    pub fn problem(self) -> Problem {
        self.problem
    }

    /// Whether the customer stayed.
    #[must_use]
    pub fn fate(self) -> Fate {
        self.fate
    }
}

/// Up to which time a resolution counts as quick, that time included.
///
/// There is no standard: regulators ask for three days (FCA), the next working day (Ofgem) or 15 days (CFPB), the published curves do not
/// say what they meant. Set your own; the default is one day.
///
/// ```
/// use core::time::Duration;
/// use customer_metrics::complaint::QuickLimit;
///
/// let limit = QuickLimit::new(Duration::from_secs(3 * 24 * 3600))?;
/// assert!(limit.is_quick(Duration::from_secs(3600)));
/// assert!(QuickLimit::new(Duration::ZERO).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "Duration", into = "Duration"))]
pub struct QuickLimit(Duration);

impl QuickLimit {
    /// 24 hours.
    pub const ONE_DAY: Self = Self(Duration::from_secs(24 * 60 * 60));

    /// Quick means resolved within `limit`.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the limit is 0.
    pub fn new(limit: Duration) -> Result<Self> {
        if limit.is_zero() {
            return Err(Error::out_of_bounds("quick limit", 0_u64, Bound::MoreThan(0_u64.into())));
        }
        Ok(Self(limit))
    }

    /// The limit.
    #[must_use]
    pub fn duration(self) -> Duration {
        self.0
    }

    /// Whether a resolution after this time is quick.
    #[must_use]
    pub fn is_quick(self, time_to_resolution: Duration) -> bool {
        time_to_resolution <= self.0
    }
}

/// One day.
impl Default for QuickLimit {
    fn default() -> Self {
        Self::ONE_DAY
    }
}

impl TryFrom<Duration> for QuickLimit {
    type Error = Error;

    fn try_from(limit: Duration) -> Result<Self> {
        Self::new(limit)
    }
}

impl From<QuickLimit> for Duration {
    fn from(limit: QuickLimit) -> Self {
        limit.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_itself_is_quick_and_a_nanosecond_more_is_not() {
        let limit = QuickLimit::ONE_DAY;
        let resolved = |time| Problem::ResolvedAfter(time).outcome(limit);
        assert_eq!(resolved(limit.duration()), Some(Outcome::ResolvedQuickly));
        assert_eq!(resolved(limit.duration() + Duration::from_nanos(1)), Some(Outcome::Resolved));
        assert_eq!(resolved(Duration::ZERO), Some(Outcome::ResolvedQuickly));
        assert_eq!(resolved(Duration::MAX), Some(Outcome::Resolved));
        assert_eq!(Problem::Open.outcome(limit), None);
    }
}
