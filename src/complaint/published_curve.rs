//! The complaint-retention curves that are quoted everywhere, to set one's own beside.

use core::fmt;

use rust_decimal::Decimal;

use super::{Outcome, Retention, RetentionCurve};
use crate::proportion::Proportion;
use crate::published::{
    Figure, RETENTION_RESOLVED, RETENTION_RESOLVED_B, RETENTION_RESOLVED_FAIRLY_C, RETENTION_RESOLVED_QUICKLY,
    RETENTION_RESOLVED_QUICKLY_B, RETENTION_SILENT, RETENTION_UNRESOLVED,
};
use crate::range::Range;

/// A published complaint-retention curve.
///
/// All of them are quoted at second hand. They go back to surveys of stated intentions, not to records of who stayed: compare with them,
/// do not plan with them.
///
/// ```
/// use customer_metrics::complaint::{Outcome, PublishedCurve};
///
/// let major = PublishedCurve::MajorProblem.curve();
/// let printed: Vec<String> = major.steps().map(|(outcome, retention)| format!("{outcome} {}", retention.range())).collect();
/// assert_eq!(printed, ["silent 9.0%", "unresolved 19.0%", "resolved 54.0%", "resolved quickly 82.0%"]);
/// assert!(PublishedCurve::ALL.iter().all(|published| published.curve().rises()));
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum PublishedCurve {
    /// 9, 19, 54, 82 percent after a major problem (a loss of over 100 dollars). Doc-000 and doc-003; TARP (Goodman).
    MajorProblem,
    /// 37, 46, 70, 95 percent after a minor problem (a loss of a few dollars): the twin of the major one. TARP (Goodman), seen at second
    /// hand only (Huba 2003).
    MinorProblem,
    /// 60 percent when resolved, 90 to 95 percent when resolved quickly. Doc-000 and doc-004, printed beside the first family.
    SecondFamily,
    /// 98 percent of complainers who were given a fair solution. Doc-001.
    FairSolution,
}

impl PublishedCurve {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::MajorProblem, Self::MinorProblem, Self::SecondFamily, Self::FairSolution];

    /// The curve.
    #[must_use]
    pub fn curve(self) -> RetentionCurve {
        let percent = |percent: u32| Some(Range::single(Proportion::saturating(Decimal::from_parts(percent, 0, 0, false, 2))));
        let figure = |figure: Figure| Some(figure.known_proportions());
        let steps = match self {
            Self::MajorProblem => [RETENTION_SILENT, RETENTION_UNRESOLVED, RETENTION_RESOLVED, RETENTION_RESOLVED_QUICKLY].map(figure),
            Self::MinorProblem => [37, 46, 70, 95].map(percent),
            Self::SecondFamily => [None, None, figure(RETENTION_RESOLVED_B), figure(RETENTION_RESOLVED_QUICKLY_B)],
            Self::FairSolution => [None, None, figure(RETENTION_RESOLVED_FAIRLY_C), None],
        };
        RetentionCurve::known(steps.map(|step| step.map(Retention::Assumed)))
    }

    /// Where it is printed.
    #[must_use]
    pub fn source(self) -> &'static str {
        match self {
            Self::MajorProblem => "doc-000, doc-003; TARP (Goodman), problems over 100 dollars",
            Self::MinorProblem => "TARP (Goodman), problems of a few dollars, quoted by Huba 2003",
            Self::SecondFamily => "doc-000, doc-004",
            Self::FairSolution => "doc-001",
        }
    }

    /// The retention after this outcome, if the curve has it.
    #[must_use]
    pub fn retention(self, outcome: Outcome) -> Option<Range<Proportion>> {
        self.curve().retention(outcome).ok().map(|retention| retention.range())
    }
}

/// The name that a table can head a column with.
impl fmt::Display for PublishedCurve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::MajorProblem => "published, major problem",
            Self::MinorProblem => "published, minor problem",
            Self::SecondFamily => "published, second family",
            Self::FairSolution => "published, fair solution",
        })
    }
}
