//! What a customer did, as against what they said.

use core::fmt;

/// Whether a customer bought again within the period that is looked at.
///
/// The caller sets the period, long enough for a loyal customer to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Repurchase {
    /// The customer bought again.
    BoughtAgain,
    /// The customer did not come back.
    Left,
}

/// `bought again` or `left`.
impl fmt::Display for Repurchase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BoughtAgain => "bought again",
            Self::Left => "left",
        })
    }
}
