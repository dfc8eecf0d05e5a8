//! The complaint-retention curves that are quoted everywhere, to set one's own beside.

use core::fmt;

use rust_decimal::Decimal;

use super::{Outcome, Retention, RetentionCurve};
use crate::proportion::Proportion;
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
    pub const ALL: [Self; 4] = [Self::MajorProblem, Self::MinorProblem, Self::SecondFamily, Self::FairSolution];

    /// The curve.
    #[must_use]
    pub fn curve(self) -> RetentionCurve {
        let one = |percent: i64| Some((percent, percent));
        let percents = match self {
            Self::MajorProblem => [one(9), one(19), one(54), one(82)],
            Self::MinorProblem => [one(37), one(46), one(70), one(95)],
            Self::SecondFamily => [None, None, one(60), Some((90, 95))],
            Self::FairSolution => [None, None, one(98), None],
        };
        let proportion = |percent: i64| Proportion::saturating(Decimal::try_new(percent, 2).unwrap_or_default());
        RetentionCurve::known(
            percents.map(|step| step.map(|(low, high)| Retention::Assumed(Range::spanning(proportion(low), proportion(high))))),
        )
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
