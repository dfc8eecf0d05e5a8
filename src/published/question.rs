//! The questions that several sources answer, and whether they agree.

use core::fmt;

use super::{FIGURES, Figure};

/// A question that more than one figure answers.
///
/// Two figures share a question only if they speak of the same people: the 9% of the dissatisfied who come back in silence and the 20% of
/// the satisfied who come back without a complaint do not contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Question {
    /// How many of those whose complaint was resolved stay? 54%, 60%, or 98%.
    BuyAgainAfterResolution,
    /// How many of those whose complaint was resolved quickly stay? 82% or 90-95%.
    BuyAgainAfterQuickResolution,
    /// How many dissatisfied customers stand behind one complaint? 25 or 20.
    DissatisfiedPerComplaint,
    /// How many people does one dissatisfied customer tell? 10-20, up to 16, or 20.
    PeopleToldOfTheBad,
    /// How many new customers do 100 satisfied ones bring? 25 or 15.
    CustomersBroughtByOthers,
    /// How many times the cost of keeping a customer is that of winning one? 5-6, 5-7, 6, or 15.
    CostOfWinningOverKeeping,
}

impl Question {
    /// Every question.
    pub const ALL: &'static [Self] = &[
        Self::BuyAgainAfterResolution,
        Self::BuyAgainAfterQuickResolution,
        Self::DissatisfiedPerComplaint,
        Self::PeopleToldOfTheBad,
        Self::CustomersBroughtByOthers,
        Self::CostOfWinningOverKeeping,
    ];

    /// All figures that answer it, in the order of the collection.
    pub fn figures(self) -> impl Iterator<Item = &'static Figure> {
        FIGURES.iter().filter(move |figure| figure.question() == Some(self))
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::BuyAgainAfterResolution => "how many stay whose complaint was resolved",
            Self::BuyAgainAfterQuickResolution => "how many stay whose complaint was resolved quickly",
            Self::DissatisfiedPerComplaint => "how many dissatisfied customers stand behind one complaint",
            Self::PeopleToldOfTheBad => "how many people one dissatisfied customer tells",
            Self::CustomersBroughtByOthers => "how many new customers 100 satisfied ones bring",
            Self::CostOfWinningOverKeeping => "how many times the cost of keeping a customer is that of winning one",
        })
    }
}

impl Figure {
    /// The other figures that answer the same [`Question`], whether or not they agree with this one.
    pub fn same_question(&self) -> impl Iterator<Item = &'static Figure> + use<> {
        let id = self.id();
        self.question().into_iter().flat_map(Question::figures).filter(move |other| other.id() != id)
    }

    /// The other figures on the same question that have a value in common with this one.
    pub fn agreements(&self) -> impl Iterator<Item = &'static Figure> + use<> {
        let span = self.span();
        self.same_question().filter(move |other| other.span().overlaps(&span))
    }

    /// The other figures on the same question that have no value in common with this one: the sources contradict each other.
    pub fn conflicts(&self) -> impl Iterator<Item = &'static Figure> + use<> {
        let span = self.span();
        self.same_question().filter(move |other| !other.span().overlaps(&span))
    }
}
