//! Where a figure stands, what it is about, and what it is measured in.

use core::fmt;

/// A text of the collection, known by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Document {
    /// doc-000.
    #[cfg_attr(feature = "serde", serde(rename = "doc-000"))]
    Doc000,
    /// doc-001.
    #[cfg_attr(feature = "serde", serde(rename = "doc-001"))]
    Doc001,
    /// doc-002.
    #[cfg_attr(feature = "serde", serde(rename = "doc-002"))]
    Doc002,
    /// doc-003.
    #[cfg_attr(feature = "serde", serde(rename = "doc-003"))]
    Doc003,
    /// doc-004.
    #[cfg_attr(feature = "serde", serde(rename = "doc-004"))]
    Doc004,
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Doc000 => "doc-000",
            Self::Doc001 => "doc-001",
            Self::Doc002 => "doc-002",
            Self::Doc003 => "doc-003",
            Self::Doc004 => "doc-004",
        })
    }
}

/// What a figure is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Topic {
    /// Who buys again, by what became of the complaint.
    ComplaintOutcome,
    /// How many dissatisfied customers stand behind a complaint.
    ComplaintIceberg,
    /// How many people hear of it.
    WordOfMouth,
    /// What winning and keeping customers costs and brings.
    RetentionEconomics,
    /// How companies with good and with poor service grow.
    ServiceAndGrowth,
    /// Why customers leave.
    ChurnReasons,
    /// What it takes to make good.
    ServiceRecovery,
    /// How satisfaction is measured and how little it may mean.
    Satisfaction,
    /// What customers look for.
    Expectations,
    /// How few customers or suppliers make up most of the business.
    Segmentation,
    /// What a customer is worth.
    LifetimeValue,
    /// How much of what is said gets through.
    Communication,
}

impl Topic {
    /// Every topic, in the order of the collection.
    pub const ALL: &'static [Self] = &[
        Self::ComplaintOutcome,
        Self::ComplaintIceberg,
        Self::WordOfMouth,
        Self::RetentionEconomics,
        Self::ServiceAndGrowth,
        Self::ChurnReasons,
        Self::ServiceRecovery,
        Self::Satisfaction,
        Self::Expectations,
        Self::Segmentation,
        Self::LifetimeValue,
        Self::Communication,
    ];

    /// The topic in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ComplaintOutcome => "complaint outcome",
            Self::ComplaintIceberg => "complaint iceberg",
            Self::WordOfMouth => "word of mouth",
            Self::RetentionEconomics => "retention economics",
            Self::ServiceAndGrowth => "service and growth",
            Self::ChurnReasons => "churn reasons",
            Self::ServiceRecovery => "service recovery",
            Self::Satisfaction => "satisfaction",
            Self::Expectations => "expectations",
            Self::Segmentation => "segmentation",
            Self::LifetimeValue => "lifetime value",
            Self::Communication => "communication",
        }
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a figure is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Unit {
    /// A part of a whole, or a change by such a part, which may be negative or exceed 1.
    Share,
    /// Two shares that belong together.
    SharePair,
    /// A growth rate per year, as a part of the whole.
    SharePerYear,
    /// How many times as much.
    Ratio,
    /// Customers.
    Customers,
    /// New customers per hundred old ones.
    CustomersPerHundred,
    /// People who are told.
    People,
    /// Impressions.
    Impressions,
    /// Concepts taken in at once.
    Concepts,
    /// Points of a rating scale.
    Score,
    /// A correlation coefficient.
    PearsonR,
    /// Chinese yuan.
    Yuan,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Share => "share",
            Self::SharePair => "share;share",
            Self::SharePerYear => "share per year",
            Self::Ratio => "ratio",
            Self::Customers => "customers",
            Self::CustomersPerHundred => "customers per 100",
            Self::People => "people",
            Self::Impressions => "impressions",
            Self::Concepts => "concepts",
            Self::Score => "score",
            Self::PearsonR => "Pearson r",
            Self::Yuan => "CNY",
        })
    }
}
