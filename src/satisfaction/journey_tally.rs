//! Many journeys, judged in every way from the same contacts.

use super::{Journey, Judgement, RatingTally, RecencyDecay, Scale};
use crate::error::{Bound, Error, Result};
use crate::proportion::Proportion;
use crate::share::Share;
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

const NO_JOURNEYS: &str = "no journey was recorded";

/// What journeys are judged by: the scale of their contacts, and how fast earlier ones fade.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct JourneySettings {
    /// The scale of every contact's rating.
    pub scale: Scale,
    /// The decay that [`Judgement::Recency`] uses.
    pub decay: RecencyDecay,
}

/// How many journeys were satisfactory by the mean, the worst and the last contact and by recency, and the contacts behind them.
///
/// A record is one customer's contacts in order of time. The order of the contacts matters, the order of the journeys does not.
///
/// ```
/// use customer_metrics::Tally;
/// use customer_metrics::satisfaction::{JourneySettings, JourneyTally};
///
/// let mut journeys = JourneyTally::empty(JourneySettings::default());
/// journeys.extend([vec![5, 5, 5, 5, 1], vec![1, 5, 5, 5, 5], vec![4, 4]])?;
///
/// let summary = journeys.finish()?;
/// assert_eq!(summary.by_mean.to_string(), "3 of 3 (100.0%)");
/// assert_eq!(summary.by_worst.to_string(), "1 of 3 (33.3%)");
/// assert_eq!(summary.by_last.to_string(), "2 of 3 (66.7%)");
/// assert_eq!(summary.by_recency.to_string(), "2 of 3 (66.7%)");
/// assert_eq!(summary.by_contact.to_string(), "10 of 12 (83.3%)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "JourneyTallyState", into = "JourneyTallyState")
)]
pub struct JourneyTally {
    decay: RecencyDecay,
    contacts: RatingTally,
    worst: RatingTally,
    last: RatingTally,
    by_mean: u64,
    by_recency: u64,
}

impl JourneyTally {
    /// How many journeys were recorded.
    #[must_use]
    pub fn journeys(&self) -> u64 {
        self.last.answers()
    }

    /// The ratings of all contacts of all journeys.
    #[must_use]
    pub fn contacts(&self) -> &RatingTally {
        &self.contacts
    }

    /// The rating of each journey's worst contact.
    #[must_use]
    pub fn worst_contacts(&self) -> &RatingTally {
        &self.worst
    }

    /// The rating of each journey's last contact.
    #[must_use]
    pub fn last_contacts(&self) -> &RatingTally {
        &self.last
    }

    /// The share of journeys that are satisfactory by the [mean](Judgement::Mean) of their contacts.
    ///
    /// # Errors
    /// [`Error::Undefined`] without journeys.
    pub fn satisfied_by_mean(&self) -> Result<Share> {
        self.share("journeys satisfied by their mean", self.by_mean)
    }

    /// The share of journeys that are satisfactory by their [worst](Judgement::Worst) contact: the flawless journeys, in which every
    /// contact is satisfied.
    ///
    /// # Errors
    /// [`Error::Undefined`] without journeys.
    #[doc(alias = "flawless")]
    pub fn satisfied_by_worst(&self) -> Result<Share> {
        self.share("journeys satisfied by their worst contact", satisfied(&self.worst))
    }

    /// The share of journeys that are satisfactory by their [last](Judgement::Last) contact.
    ///
    /// # Errors
    /// [`Error::Undefined`] without journeys.
    pub fn satisfied_by_last(&self) -> Result<Share> {
        self.share("journeys satisfied by their last contact", satisfied(&self.last))
    }

    /// The share of journeys that are satisfactory by [recency](Judgement::Recency), with the decay of the settings.
    ///
    /// # Errors
    /// [`Error::Undefined`] without journeys.
    pub fn satisfied_by_recency(&self) -> Result<Share> {
        self.share("journeys satisfied by recency", self.by_recency)
    }

    fn share(&self, metric: &'static str, part: u64) -> Result<Share> {
        Share::of(metric, NO_JOURNEYS, part, self.journeys())
    }

    /// Refuses counts that no journeys can have.
    fn checked(self) -> Result<Self> {
        let (journeys, flawless) = (self.journeys(), satisfied(&self.worst));
        if self.worst.answers() != journeys {
            return Err(Error::mismatch("journeys by worst and by last contact", self.worst.answers(), journeys));
        }
        if journeys == 0 && self.contacts.answers() > 0 {
            return Err(Error::out_of_bounds("contacts", self.contacts.answers(), Bound::AtMost(0_u64.into())));
        }
        let high = self.settings().scale.high();
        for (rating, count) in self.contacts.distribution() {
            let (worst, last) = (self.worst.count(rating), self.last.count(rating));
            if count < worst.max(last) {
                return Err(Error::out_of_bounds("contacts", count, Bound::AtLeast(worst.max(last).into())));
            }
            let (worst, last) = (self.worst.between(rating, high), self.last.between(rating, high));
            if worst > last {
                return Err(Error::out_of_bounds("worst contacts", worst, Bound::AtMost(last.into())));
            }
        }
        let most = journeys.min(satisfied(&self.contacts));
        for (field, count) in [("journeys satisfied by their mean", self.by_mean), ("journeys satisfied by recency", self.by_recency)] {
            if count < flawless || count > most {
                return Err(Error::out_of_bounds(field, count, Bound::Within(flawless.into(), most.into())));
            }
        }
        for (decay, count) in [(RecencyDecay::LAST_ONLY, satisfied(&self.last)), (RecencyDecay::NONE, self.by_mean)] {
            if self.decay == decay && self.by_recency != count {
                return Err(Error::out_of_bounds("journeys satisfied by recency", self.by_recency, Bound::Exactly(count.into())));
            }
        }
        Ok(self)
    }
}

/// How many of these ratings count as satisfied.
fn satisfied(ratings: &RatingTally) -> u64 {
    ratings.between(ratings.scale().satisfied_from(), ratings.scale().high())
}

/// An empty tally on 1-5, with a decay of 1/2.
impl Default for JourneyTally {
    fn default() -> Self {
        Self::empty(JourneySettings::default())
    }
}

impl Tally for JourneyTally {
    type Settings = JourneySettings;
    /// One customer's contacts, the first one first.
    type Record = Vec<u8>;
    type Summary = JourneySummary;

    fn empty(settings: JourneySettings) -> Self {
        let none = RatingTally::empty(settings.scale);
        Self { decay: settings.decay, contacts: none.clone(), worst: none.clone(), last: none, by_mean: 0, by_recency: 0 }
    }

    fn settings(&self) -> JourneySettings {
        JourneySettings { scale: self.contacts.scale(), decay: self.decay }
    }

    fn record(&mut self, contacts: Vec<u8>) -> Result<()> {
        let journey = Journey::new(self.contacts.scale(), contacts)?;
        // Contacts first: there is at least one a journey, so where they fit, every other count does too.
        self.contacts.record_column(journey.contacts())?;
        self.worst.record_count(journey.worst(), 1)?;
        self.last.record_count(journey.last(), 1)?;
        let count = |judgement| u64::from(journey.is_satisfied(judgement));
        self.by_mean = self.by_mean.saturating_add(count(Judgement::Mean));
        self.by_recency = self.by_recency.saturating_add(count(Judgement::Recency(self.decay)));
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.decay != other.decay {
            return Err(Error::mismatch("recency decay", self.decay, other.decay));
        }
        // Contacts first, as in `record`.
        self.contacts.merge(&other.contacts)?;
        self.worst.merge(&other.worst)?;
        self.last.merge(&other.last)?;
        self.by_mean = self.by_mean.saturating_add(other.by_mean);
        self.by_recency = self.by_recency.saturating_add(other.by_recency);
        Ok(())
    }

    fn finish(&self) -> Result<JourneySummary> {
        Ok(JourneySummary {
            by_mean: self.satisfied_by_mean()?,
            by_worst: self.satisfied_by_worst()?,
            by_last: self.satisfied_by_last()?,
            by_recency: self.satisfied_by_recency()?,
            by_contact: self.contacts.csat()?,
        })
    }

    fn encode(&self) -> Vec<u8> {
        let scale = self.contacts.scale();
        let encoder = Encoder::new(Kind::JOURNEY, self.encoded_len())
            .u8(scale.low())
            .u8(scale.high())
            .u8(scale.satisfied_from())
            .decimal(self.decay.to_proportion().to_decimal())
            .u64(self.by_mean)
            .u64(self.by_recency);
        [&self.contacts, &self.worst, &self.last]
            .into_iter()
            .flat_map(RatingTally::distribution)
            .fold(encoder, |encoder, (_, count)| encoder.u64(count))
            .finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::JOURNEY, bytes)?;
        let scale = Scale::new(decoder.u8()?, decoder.u8()?, decoder.u8()?)?;
        let decay = RecencyDecay::from(Proportion::new(decoder.decimal()?)?);
        let (by_mean, by_recency) = (decoder.u64()?, decoder.u64()?);
        let mut ratings = || {
            let counts = (0..scale.width()).map(|_| decoder.u64()).collect::<Result<Vec<u64>>>()?;
            RatingTally::from_counts(scale, &counts, 0)
        };
        let (contacts, worst, last) = (ratings()?, ratings()?, ratings()?);
        decoder.close()?;
        Self { decay, contacts, worst, last, by_mean, by_recency }.checked()
    }

    fn encoded_len(&self) -> usize {
        let tables = self.contacts.scale().width().saturating_mul(3);
        len::with_u64s(tables).saturating_add(const { 3 * len::U8 + len::DECIMAL + 2 * len::U64 })
    }
}

/// The same contacts judged in every way, side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct JourneySummary {
    /// Journeys that are satisfactory by the mean of their contacts.
    pub by_mean: Share,
    /// Journeys that are satisfactory by their worst contact: the flawless ones.
    pub by_worst: Share,
    /// Journeys that are satisfactory by their last contact.
    pub by_last: Share,
    /// Journeys that are satisfactory by recency.
    pub by_recency: Share,
    /// Contacts that are satisfactory, whatever journey they belong to: CSAT as a transactional survey reports it.
    pub by_contact: Share,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct JourneyTallyState {
    settings: JourneySettings,
    contacts: Vec<u64>,
    worst: Vec<u64>,
    last: Vec<u64>,
    by_mean: u64,
    by_recency: u64,
}

#[cfg(feature = "serde")]
impl TryFrom<JourneyTallyState> for JourneyTally {
    type Error = Error;

    fn try_from(state: JourneyTallyState) -> Result<Self> {
        let ratings = |counts: &[u64]| RatingTally::from_counts(state.settings.scale, counts, 0);
        Self {
            decay: state.settings.decay,
            contacts: ratings(&state.contacts)?,
            worst: ratings(&state.worst)?,
            last: ratings(&state.last)?,
            by_mean: state.by_mean,
            by_recency: state.by_recency,
        }
        .checked()
    }
}

#[cfg(feature = "serde")]
impl From<JourneyTally> for JourneyTallyState {
    fn from(tally: JourneyTally) -> Self {
        let counts = |ratings: &RatingTally| ratings.distribution().map(|(_, count)| count).collect();
        Self {
            settings: tally.settings(),
            contacts: counts(&tally.contacts),
            worst: counts(&tally.worst),
            last: counts(&tally.last),
            by_mean: tally.by_mean,
            by_recency: tally.by_recency,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_recorded_leaves_every_judgement_undefined() {
        let empty = JourneyTally::default();
        assert!(matches!(empty.satisfied_by_mean(), Err(Error::Undefined { .. })));
        assert!(matches!(empty.satisfied_by_worst(), Err(Error::Undefined { .. })));
        assert!(matches!(empty.satisfied_by_last(), Err(Error::Undefined { .. })));
        assert!(matches!(empty.satisfied_by_recency(), Err(Error::Undefined { .. })));
        assert!(matches!(empty.finish(), Err(Error::Undefined { .. })));
    }

    #[test]
    fn a_wrong_journey_is_named_with_its_contact() {
        let mut tally = JourneyTally::default();
        let error = tally.extend([vec![5], vec![4, 4, 6]]).unwrap_err();
        assert_eq!(error.to_string(), "row 1: contact 2: rating is 6, but must be within 1 to 5");
        let error = tally.extend([vec![5], vec![]]).unwrap_err();
        assert_eq!(error.to_string(), "row 1: contacts is 0, but must be within 1 to 16777216");
        assert_eq!(tally, JourneyTally::default());
    }

    #[test]
    fn tallies_under_different_settings_do_not_merge() {
        let mut tally = JourneyTally::default();
        let faded = JourneySettings { decay: RecencyDecay::NONE, ..JourneySettings::default() };
        assert!(matches!(tally.merge(&JourneyTally::empty(faded)), Err(Error::Mismatch { field: "recency decay", .. })));
        let wider = JourneySettings { scale: Scale::ZERO_TO_TEN, ..JourneySettings::default() };
        assert!(matches!(tally.merge(&JourneyTally::empty(wider)), Err(Error::Mismatch { field: "scale", .. })));
    }

    #[test]
    fn counts_that_exceed_64_bits_change_nothing() {
        let one = |count| RatingTally::from_counts(Scale::ONE_TO_FIVE, &[0, 0, 0, 0, count], 0).unwrap();
        let full = JourneyTally {
            contacts: one(u64::MAX),
            worst: one(u64::MAX),
            last: one(u64::MAX),
            by_mean: u64::MAX,
            by_recency: u64::MAX,
            ..JourneyTally::default()
        };
        let mut tally = full.clone().checked().unwrap();
        assert!(matches!(tally.record(vec![1]), Err(Error::Overflow { .. })));
        assert!(matches!(tally.merge(&full), Err(Error::Overflow { .. })));
        assert_eq!(tally, full);
        assert_eq!(tally.satisfied_by_recency(), Share::new(u64::MAX, u64::MAX));
    }

    #[test]
    fn counts_that_no_journeys_can_have_are_refused() {
        let mut good = JourneyTally::default();
        good.extend([vec![5, 2, 4], vec![1, 5]]).unwrap();
        assert_eq!(good.clone().checked().as_ref(), Ok(&good));
        let rating = |rating, count| {
            let mut tally = RatingTally::default();
            tally.record_count(rating, count).unwrap();
            tally
        };
        let fives = rating(5, 2);
        for bad in [
            JourneyTally { worst: rating(1, 1), ..good.clone() },
            JourneyTally { contacts: rating(5, 9), ..good.clone() },
            JourneyTally { worst: good.last.clone(), last: good.worst.clone(), ..good.clone() },
            JourneyTally { by_mean: 3, ..good.clone() },
            JourneyTally { by_recency: 3, ..good.clone() },
            JourneyTally { decay: RecencyDecay::LAST_ONLY, by_recency: 1, ..good.clone() },
            JourneyTally { decay: RecencyDecay::NONE, by_recency: 1, ..good.clone() },
            JourneyTally { contacts: fives.clone(), worst: fives.clone(), last: fives.clone(), by_mean: 1, by_recency: 2, ..good.clone() },
            JourneyTally { contacts: fives, ..JourneyTally::default() },
        ] {
            assert!(bad.clone().checked().is_err(), "{bad:?}");
        }
    }
}
