//! The questionnaire of a service quality survey: its scale and how many items each dimension has.

use core::fmt;

use super::{Dimension, Scale};
use crate::error::{Bound, Error, Result};

/// As many as a respondent will not answer.
const MOST_ITEMS: usize = 255;

/// How many items each dimension of service quality is asked with, and the scale they are rated on.
///
/// ```
/// use customer_metrics::satisfaction::{Dimension, Questionnaire, Scale};
///
/// assert_eq!(Questionnaire::STANDARD.items(), 22);
/// let short = Questionnaire::new(Scale::ONE_TO_FIVE, [1, 2, 1, 1, 1])?;
/// assert_eq!(short.items_of(Dimension::Reliability), 2);
/// assert!(Questionnaire::new(Scale::ONE_TO_FIVE, [0, 2, 1, 1, 1]).is_err());
/// assert!(Questionnaire::new(Scale::ONE_TO_FIVE, [52, 51, 51, 51, 51]).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "QuestionnaireState", into = "QuestionnaireState")
)]
pub struct Questionnaire {
    scale: Scale,
    items: [u8; 5],
}

impl Questionnaire {
    /// The 22 items of SERVQUAL, on 1 to 7: 4 of tangibles, 5 of reliability, 4 of responsiveness, 4 of assurance,
    /// 5 of empathy.
    pub const STANDARD: Self = Self { scale: Scale::ONE_TO_SEVEN, items: [4, 5, 4, 4, 5] };

    /// So many items of each dimension, in the order of [`Dimension::ALL`].
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if a dimension has no item: its mean would not exist; if there are more than 255 in all, for a tally keeps
    /// sums over every two.
    pub fn new(scale: Scale, items: [u8; 5]) -> Result<Self> {
        if items.contains(&0) {
            return Err(Error::out_of_bounds("items of a dimension", 0_u8, Bound::AtLeast(1_u8.into())));
        }
        let questionnaire = Self { scale, items };
        if questionnaire.items() > MOST_ITEMS {
            return Err(Error::out_of_bounds("items", questionnaire.items(), Bound::AtMost(MOST_ITEMS.into())));
        }
        Ok(questionnaire)
    }

    /// The scale of every item.
    #[must_use]
    pub fn scale(self) -> Scale {
        self.scale
    }

    /// How many items there are in all.
    #[must_use]
    pub fn items(self) -> usize {
        self.items.iter().fold(0, |sum, &items| sum.saturating_add(usize::from(items)))
    }

    /// How many items a dimension has.
    #[must_use]
    pub fn items_of(self, dimension: Dimension) -> u8 {
        dimension.of(self.items)
    }

    /// How many items each dimension has, in the order of [`Dimension::ALL`].
    pub(super) fn items_by_dimension(self) -> [u8; 5] {
        self.items
    }
}

/// The standard 22 items.
impl Default for Questionnaire {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// Such as `4 + 5 + 4 + 4 + 5 items on 1 to 7, satisfied from 6`.
impl fmt::Display for Questionnaire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [tangibles, reliability, responsiveness, assurance, empathy] = self.items;
        write!(f, "{tangibles} + {reliability} + {responsiveness} + {assurance} + {empathy} items on {}", self.scale)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionnaireState {
    scale: Scale,
    items: [u8; 5],
}

#[cfg(feature = "serde")]
impl TryFrom<QuestionnaireState> for Questionnaire {
    type Error = Error;

    fn try_from(state: QuestionnaireState) -> Result<Self> {
        Self::new(state.scale, state.items)
    }
}

#[cfg(feature = "serde")]
impl From<Questionnaire> for QuestionnaireState {
    fn from(questionnaire: Questionnaire) -> Self {
        Self { scale: questionnaire.scale, items: questionnaire.items }
    }
}
