//! Where the print is wrong.

use core::fmt;

use super::{FigureValue, Unit};

/// What was printed, and what is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Misprint {
    /// The number that is meant, where it is not the figure itself.
    pub of: Option<&'static str>,
    /// What the source prints, if that is known.
    pub printed: Option<FigureValue>,
    /// What is right.
    pub right: FigureValue,
    /// What both are measured in.
    pub unit: Unit,
    /// How it came about.
    pub cause: MisprintCause,
    /// How sure that is.
    pub certainty: Certainty,
}

/// Such as `growth over case 1: 13.31 is printed, 12.31 is right`.
impl fmt::Display for Misprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(of) = self.of {
            write!(f, "{of}: ")?;
        }
        match self.printed {
            Some(printed) => write!(f, "{printed} is printed, ")?,
            None => write!(f, "misprinted ({}), ", self.cause)?,
        }
        match self.certainty {
            Certainty::Certain => write!(f, "{} is right", self.right),
            Certainty::Suspected => write!(f, "{} may be meant", self.right),
        }
    }
}

/// How a misprint came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum MisprintCause {
    /// The tilde of a range was lost: `5~6` became `56`.
    LostTilde,
    /// The source calculated wrongly.
    WrongResult,
    /// The number cannot be read.
    Garbled,
}

impl fmt::Display for MisprintCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::LostTilde => "lost tilde",
            Self::WrongResult => "wrong result",
            Self::Garbled => "garbled",
        })
    }
}

/// How sure it is that the print is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Certainty {
    /// The source or its arithmetic shows it.
    Certain,
    /// Other misprints of the same source suggest it; the figure keeps the value that was printed.
    Suspected,
}

impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Certain => "certain",
            Self::Suspected => "suspected",
        })
    }
}

/// A range that was printed without its tilde.
pub(super) const fn lost_tilde(printed: Option<FigureValue>, right: FigureValue, unit: Unit) -> Misprint {
    Misprint { of: None, printed, right, unit, cause: MisprintCause::LostTilde, certainty: Certainty::Certain }
}

/// A number that may be such a range.
pub(super) const fn suspected_lost_tilde(printed: FigureValue, right: FigureValue, unit: Unit) -> Misprint {
    Misprint { of: None, printed: Some(printed), right, unit, cause: MisprintCause::LostTilde, certainty: Certainty::Suspected }
}

/// A number beside the figure that does not follow from it.
pub(super) const fn wrong_result(of: &'static str, printed: FigureValue, right: FigureValue, unit: Unit) -> Misprint {
    Misprint { of: Some(of), printed: Some(printed), right, unit, cause: MisprintCause::WrongResult, certainty: Certainty::Certain }
}

/// A number beside the figure that cannot be read.
pub(super) const fn garbled(of: &'static str, right: FigureValue, unit: Unit) -> Misprint {
    Misprint { of: Some(of), printed: None, right, unit, cause: MisprintCause::Garbled, certainty: Certainty::Certain }
}
