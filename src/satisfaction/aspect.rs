//! What is read off a pair of expectation and perception.

use super::{Experience, Scale};

/// Which side of an item is meant, or the gap between the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aspect {
    Gap,
    Perception,
    Expectation,
}

impl Aspect {
    pub(super) fn metric(self) -> &'static str {
        match self {
            Self::Gap => "SERVQUAL gap",
            Self::Perception => "SERVPERF score",
            Self::Expectation => "mean expectation",
        }
    }

    pub(super) fn nothing(self) -> &'static str {
        match self {
            Self::Gap => "nobody rated both expectation and perception of an item",
            Self::Perception => "nobody rated the perception of an item",
            Self::Expectation => "nobody rated the expectation of an item",
        }
    }

    /// The lowest value and the highest.
    pub(super) fn range(self, scale: Scale) -> [i16; 2] {
        let [low, high] = [scale.low(), scale.high()].map(i16::from);
        match self {
            Self::Gap => [low.saturating_sub(high), high.saturating_sub(low)],
            Self::Perception | Self::Expectation => [low, high],
        }
    }

    /// How far the highest value lies above the lowest.
    pub(super) fn most(self, scale: Scale) -> u64 {
        let [lowest, highest] = self.range(scale);
        highest.abs_diff(lowest).into()
    }

    /// The value, counted from the lowest; nothing if it was not answered.
    pub(super) fn above_lowest(self, experience: Experience, scale: Scale) -> Option<u16> {
        let [lowest, _] = self.range(scale);
        let value = match self {
            Self::Gap => experience.gap(),
            Self::Perception => experience.perceived.map(i16::from),
            Self::Expectation => experience.expected.map(i16::from),
        };
        value.map(|value| value.abs_diff(lowest))
    }
}
