//! The five dimensions of service quality.

use core::fmt;

/// A dimension of service quality in SERVQUAL and SERVPERF.
///
/// Source: Parasuraman, Zeithaml and Berry, "SERVQUAL: A Multiple-Item Scale", Journal of Retailing 64, 1988; doc-001 and doc-004.
///
/// ```
/// use customer_metrics::satisfaction::Dimension;
///
/// assert_eq!(Dimension::ALL.map(|dimension| dimension.to_string()).join(", "),
///     "tangibles, reliability, responsiveness, assurance, empathy");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Dimension {
    /// The look of premises, equipment, staff and documents.
    Tangibles,
    /// Doing what was promised, dependably and right. Most customers give it the most weight.
    Reliability,
    /// Helping willingly and promptly.
    Responsiveness,
    /// Knowledge and courtesy that inspire trust.
    Assurance,
    /// Care and attention for the single customer.
    Empathy,
}

impl Dimension {
    /// The five, in the order of the questionnaire.
    pub const ALL: [Self; 5] = [Self::Tangibles, Self::Reliability, Self::Responsiveness, Self::Assurance, Self::Empathy];

    /// The value of this dimension among those of all five.
    pub(super) fn of<T>(self, [tangibles, reliability, responsiveness, assurance, empathy]: [T; 5]) -> T {
        match self {
            Self::Tangibles => tangibles,
            Self::Reliability => reliability,
            Self::Responsiveness => responsiveness,
            Self::Assurance => assurance,
            Self::Empathy => empathy,
        }
    }
}

/// The name in lower case.
impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.of(["tangibles", "reliability", "responsiveness", "assurance", "empathy"]))
    }
}
