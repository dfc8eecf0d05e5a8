//! The four outcomes of a problem, from the worst to the best for the customer.

use core::fmt;

/// What became of a customer's problem.
///
/// The order is the one in which retention should rise.
///
/// ```
/// use customer_metrics::complaint::Outcome;
///
/// assert!(Outcome::Silent < Outcome::Unresolved && Outcome::Resolved < Outcome::ResolvedQuickly);
/// assert_eq!(Outcome::ALL.map(|outcome| outcome.to_string()), ["silent", "unresolved", "resolved", "resolved quickly"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Outcome {
    /// The customer did not complain.
    Silent,
    /// The customer complained and the problem was not resolved.
    Unresolved,
    /// The customer complained and the problem was resolved, but not quickly.
    Resolved,
    /// The customer complained and the problem was resolved quickly.
    ResolvedQuickly,
}

impl Outcome {
    /// All four, from the worst to the best.
    pub const ALL: [Self; 4] = [Self::Silent, Self::Unresolved, Self::Resolved, Self::ResolvedQuickly];

    /// The entry that belongs to this outcome, of four in the order of [`ALL`](Self::ALL).
    pub(crate) fn pick<T: Copy>(self, [silent, unresolved, resolved, resolved_quickly]: [T; 4]) -> T {
        match self {
            Self::Silent => silent,
            Self::Unresolved => unresolved,
            Self::Resolved => resolved,
            Self::ResolvedQuickly => resolved_quickly,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.pick(["silent", "unresolved", "resolved", "resolved quickly"]))
    }
}
