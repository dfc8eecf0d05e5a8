//! One customer's contacts in order of time, and what they add up to.

use core::fmt;

use rust_decimal::Decimal;

use super::{RecencyDecay, Scale};
use crate::decimal;
use crate::error::{Bound, Error, Result};

/// How a journey of several contacts is judged.
///
/// The four can disagree about the same contacts: that is why they stand side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Judgement {
    /// By the mean of all contacts: what most dashboards show.
    Mean,
    /// By the worst contact: "100 - 1 = 0", one bad contact undoes all the good ones. Source: doc-000.
    Worst,
    /// By the last contact: the impression that stays is the last one, not the average. Source: doc-003.
    Last,
    /// By the mean of all contacts with later ones weighing more: between [`Last`](Self::Last) and [`Mean`](Self::Mean).
    ///
    /// ```text
    /// score = sum of d^k x rating of the k-th contact before the last / sum of d^k,  k = 0, 1, 2, ...
    /// ```
    ///
    /// Each weight is the one before it times d, cut off after the 28th decimal place; nothing else is rounded before the end.
    Recency(RecencyDecay),
}

/// Such as `mean of all contacts`.
impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mean => f.write_str("mean of all contacts"),
            Self::Worst => f.write_str("worst contact"),
            Self::Last => f.write_str("last contact"),
            Self::Recency(decay) => write!(f, "contacts by recency, decay {decay}"),
        }
    }
}

/// The ratings of one customer's contacts, in order of time: at least one, each on the [`Scale`].
///
/// ```
/// use customer_metrics::satisfaction::{Journey, Judgement, RecencyDecay, Scale};
///
/// let journey = Journey::new(Scale::ONE_TO_FIVE, [5, 5, 5, 5, 1])?;
/// assert_eq!(journey.score(Judgement::Mean).to_string(), "4.2");
/// assert_eq!(journey.score(Judgement::Worst).to_string(), "1");
/// assert!(journey.is_satisfied(Judgement::Mean));
/// assert!(!journey.is_satisfied(Judgement::Last));
///
/// // (1 + 5/2 + 5/4 + 5/8 + 5/16) / (1 + 1/2 + 1/4 + 1/8 + 1/16)
/// let recency = Judgement::Recency(RecencyDecay::default());
/// assert_eq!(journey.score(recency).round_dp(4).to_string(), "2.9355");
///
/// let error = Journey::new(Scale::ONE_TO_FIVE, [5, 0]).unwrap_err();
/// assert_eq!(error.to_string(), "contact 1: rating is 0, but must be within 1 to 5");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "JourneyState", into = "JourneyState"))]
pub struct Journey {
    scale: Scale,
    contacts: Vec<u8>,
}

impl Journey {
    /// The most contacts that a journey can have: 2^24, so that no weighted sum leaves 128 bits.
    pub const MOST_CONTACTS: usize = 1 << 24;

    /// A journey of these contacts, the first one first.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] without contacts or with more than [`MOST_CONTACTS`](Self::MOST_CONTACTS); [`Error::Row`] with the
    /// position and value of the first contact that is not on the scale.
    pub fn new(scale: Scale, contacts: impl Into<Vec<u8>>) -> Result<Self> {
        let contacts = contacts.into();
        if contacts.is_empty() || contacts.len() > Self::MOST_CONTACTS {
            let bound = Bound::Within(1_usize.into(), Self::MOST_CONTACTS.into());
            return Err(Error::out_of_bounds("contacts", contacts.len(), bound));
        }
        for (position, &rating) in contacts.iter().enumerate() {
            let _ = scale.position("rating", rating).map_err(|error| error.at("contact", position))?;
        }
        Ok(Self { scale, contacts })
    }

    /// The scale of the ratings.
    #[must_use]
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// The ratings in order of time; never empty.
    #[must_use]
    pub fn contacts(&self) -> &[u8] {
        &self.contacts
    }

    /// The rating of the whole journey, in scale points, rounded half away from zero to 28 digits.
    ///
    /// It lies between the worst and the best contact. To hold it against the scale's threshold, use
    /// [`is_satisfied`](Self::is_satisfied), which does not round.
    #[must_use]
    pub fn score(&self, judgement: Judgement) -> Decimal {
        let (sum, weight) = self.weighted(judgement);
        // The capacity of a journey keeps both far below what could overflow.
        decimal::ratio("journey score", "no contact has weight", sum, weight).unwrap_or_else(|_| self.last().into())
    }

    /// Whether the journey as a whole reaches the scale's threshold, compared without rounding.
    ///
    /// By the worst contact that is a flawless journey: every single contact satisfied.
    #[must_use]
    pub fn is_satisfied(&self, judgement: Judgement) -> bool {
        let (sum, weight) = self.weighted(judgement);
        sum >= weight.saturating_mul(self.scale.satisfied_from().into())
    }

    /// The weighted sum of the ratings, and the sum of the weights.
    fn weighted(&self, judgement: Judgement) -> (i128, i128) {
        let latest_first = self.contacts.iter().rev().map(|&rating| i128::from(rating));
        let sum_up = |(sum, total): (i128, i128), (rating, weight): (i128, i128)| {
            (sum.saturating_add(rating.saturating_mul(weight)), total.saturating_add(weight))
        };
        match judgement {
            Judgement::Mean => latest_first.zip(core::iter::repeat(1)).fold((0, 0), sum_up),
            Judgement::Worst => (self.worst().into(), 1),
            Judgement::Last => (self.last().into(), 1),
            Judgement::Recency(decay) => latest_first.zip(decay.weights()).fold((0, 0), sum_up),
        }
    }

    pub(super) fn worst(&self) -> u8 {
        self.contacts.iter().copied().min().unwrap_or(self.scale.low())
    }

    pub(super) fn last(&self) -> u8 {
        self.contacts.last().copied().unwrap_or(self.scale.low())
    }
}

/// The contacts and the scale, such as `5, 4, 1 on 1 to 5, satisfied from 4`.
impl fmt::Display for Journey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, rating) in self.contacts.iter().enumerate() {
            write!(f, "{}{rating}", if position == 0 { "" } else { ", " })?;
        }
        write!(f, " on {}", self.scale)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct JourneyState {
    scale: Scale,
    contacts: Vec<u8>,
}

#[cfg(feature = "serde")]
impl TryFrom<JourneyState> for Journey {
    type Error = Error;

    fn try_from(state: JourneyState) -> Result<Self> {
        Self::new(state.scale, state.contacts)
    }
}

#[cfg(feature = "serde")]
impl From<Journey> for JourneyState {
    fn from(journey: Journey) -> Self {
        Self { scale: journey.scale, contacts: journey.contacts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journey(contacts: &[u8]) -> Journey {
        Journey::new(Scale::ONE_TO_FIVE, contacts).unwrap()
    }

    #[test]
    fn a_journey_needs_a_contact() {
        let error = Journey::new(Scale::ONE_TO_FIVE, []).unwrap_err();
        assert_eq!(error.to_string(), "contacts is 0, but must be within 1 to 16777216");
    }

    #[test]
    fn a_single_contact_is_judged_the_same_in_every_way() {
        for rating in 1..=5 {
            for judgement in [Judgement::Mean, Judgement::Worst, Judgement::Last, Judgement::Recency(RecencyDecay::default())] {
                assert_eq!(journey(&[rating]).score(judgement), Decimal::from(rating));
                assert_eq!(journey(&[rating]).is_satisfied(judgement), rating >= 4);
            }
        }
    }

    #[test]
    fn the_threshold_itself_satisfies_and_what_rounds_to_it_does_not() {
        assert!(journey(&[3, 5]).is_satisfied(Judgement::Mean));
        assert!(!journey(&[3, 4, 4, 5, 3, 5, 3]).is_satisfied(Judgement::Mean));
        // 255 - 1e-28: the digits of the score cannot tell it from 255.
        let nearly = Journey::new(Scale::new(0, 255, 255).unwrap(), [254, 255]).unwrap();
        let recency = Judgement::Recency(RecencyDecay::new(Decimal::new(1, 28)).unwrap());
        assert_eq!(nearly.score(recency), Decimal::from(255));
        assert!(!nearly.is_satisfied(recency));
    }

    #[test]
    fn the_longest_journey_on_the_highest_scale_does_not_overflow() {
        let scale = Scale::new(0, 255, 255).unwrap();
        let mut contacts = vec![255; Journey::MOST_CONTACTS];
        let journey = Journey::new(scale, contacts.clone()).unwrap();
        assert_eq!(journey.score(Judgement::Recency(RecencyDecay::NONE)), Decimal::from(255));
        assert!(journey.is_satisfied(Judgement::Recency(RecencyDecay::NONE)));
        contacts.push(255);
        assert!(matches!(Journey::new(scale, contacts), Err(Error::OutOfBounds { field: "contacts", .. })));
    }
}
