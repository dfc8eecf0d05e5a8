//! Whether responses and resolutions come within the time that was promised.

use core::fmt;
use core::time::Duration;

use crate::error::{Bound, Error, Result};
use crate::proportion::Proportion;
use crate::range::Range;
use crate::share::Share;
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

/// How long a customer has waited for a first response or a resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Wait {
    /// It came after so long.
    Over(Duration),
    /// It has not come yet; so long has the customer waited so far.
    SoFar(Duration),
}

/// The time within which a response or a resolution was promised, that time included: the target of a service level agreement.
///
/// ```
/// use core::time::Duration;
/// use customer_metrics::complaint::Target;
///
/// assert!(Target::new(Duration::ZERO).is_err());
/// let target = Target::new(Duration::from_secs(4 * 3600))?;
/// assert_eq!((target.duration().as_secs(), target.to_string()), (14_400, "within 4 hours".to_owned()));
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "Duration", into = "Duration"))]
pub struct Target(Duration);

impl Target {
    /// 24 hours.
    pub const ONE_DAY: Self = Self(Duration::from_secs(24 * 60 * 60));

    /// A target of so long.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if it is 0.
    pub fn new(target: Duration) -> Result<Self> {
        if target.is_zero() {
            return Err(Error::out_of_bounds("target", 0_u64, Bound::MoreThan(0_u64.into())));
        }
        Ok(Self(target))
    }

    /// The time promised.
    #[must_use]
    pub fn duration(self) -> Duration {
        self.0
    }
}

/// Such as `within 1 day` or `within 90 minutes`, in the largest unit that it is a whole number of.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let units = [("day", 24 * 60 * 60), ("hour", 60 * 60), ("minute", 60), ("second", 1)];
        let whole = |&(_, unit): &(&str, u64)| self.0.subsec_nanos() == 0 && seconds.is_multiple_of(unit);
        match units.into_iter().find(whole).map(|(name, unit)| (name, seconds.checked_div(unit).unwrap_or(seconds))) {
            Some((name, 1)) => write!(f, "within 1 {name}"),
            Some((name, count)) => write!(f, "within {count} {name}s"),
            None => write!(f, "within {:?}", self.0),
        }
    }
}

/// One day.
impl Default for Target {
    fn default() -> Self {
        Self::ONE_DAY
    }
}

impl TryFrom<Duration> for Target {
    type Error = Error;

    fn try_from(target: Duration) -> Result<Self> {
        Self::new(target)
    }
}

impl From<Target> for Duration {
    fn from(target: Target) -> Self {
        target.0
    }
}

/// Cases counted by whether the target was met.
///
/// A case that is still waiting has breached its target once the target has passed, and is pending before that. Leaving the waiting cases
/// out would reward a team for never answering the old ones.
///
/// ```
/// use core::time::Duration;
/// use customer_metrics::Tally;
/// use customer_metrics::complaint::{Target, TargetTally, Wait};
///
/// let hours = |hours: u64| Duration::from_secs(hours * 3600);
/// let mut tally = TargetTally::empty(Target::new(hours(4))?);
/// tally.extend([Wait::Over(hours(1)), Wait::Over(hours(4)), Wait::Over(hours(5)), Wait::SoFar(hours(9)), Wait::SoFar(hours(2))])?;
/// assert_eq!(tally.attainment()?.to_string(), "2 of 4 (50.0%)");
/// assert_eq!(tally.attainment_bounds()?.to_string(), "40.0% to 60.0%"); // the pending one breaches, or is met
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "TargetState", into = "TargetState"))]
pub struct TargetTally {
    target: Target,
    met: u64,
    breached: u64,
    pending: u64,
}

impl TargetTally {
    /// A tally of such counts.
    ///
    /// # Errors
    /// [`Error::Overflow`] if they exceed 64 bits together.
    pub fn from_counts(target: Target, met: u64, breached: u64, pending: u64) -> Result<Self> {
        let all = met.checked_add(breached).and_then(|sum| sum.checked_add(pending));
        all.map(|_| Self { target, met, breached, pending }).ok_or_else(|| Error::count_overflow("cases"))
    }

    /// Cases that met the target.
    #[must_use]
    pub fn met(&self) -> u64 {
        self.met
    }

    /// Cases that did not, those still waiting beyond it included.
    #[must_use]
    pub fn breached(&self) -> u64 {
        self.breached
    }

    /// Cases that wait and may still meet it.
    #[must_use]
    pub fn pending(&self) -> u64 {
        self.pending
    }

    /// The share of cases that met the target, of those decided: SLA attainment.
    ///
    /// ```text
    /// attainment = met / (met + breached)
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] if none is decided.
    pub fn attainment(&self) -> Result<Share> {
        Share::of("attainment of the target", "no case is decided", self.met, self.met.saturating_add(self.breached))
    }

    /// What the share of all cases can come to: the low end if every pending case breaches, the high end if every one meets the target.
    ///
    /// # Errors
    /// [`Error::Undefined`] if no case was recorded.
    pub fn attainment_bounds(&self) -> Result<Range<Proportion>> {
        let decided = self.met.saturating_add(self.breached);
        let bound = |met| Share::of("attainment of the target", "no case was recorded", met, decided.saturating_add(self.pending));
        Range::new(bound(self.met)?.to_proportion(), bound(self.met.saturating_add(self.pending))?.to_proportion())
    }
}

impl Tally for TargetTally {
    type Settings = Target;
    type Record = Wait;
    type Summary = Share;

    fn empty(target: Target) -> Self {
        Self { target, ..Self::default() }
    }

    fn settings(&self) -> Target {
        self.target
    }

    fn record(&mut self, wait: Wait) -> Result<()> {
        let Target(target) = self.target;
        let [met, breached, pending] = match wait {
            Wait::Over(time) if time <= target => [1, 0, 0],
            Wait::SoFar(time) if time <= target => [0, 0, 1],
            Wait::Over(_) | Wait::SoFar(_) => [0, 1, 0],
        };
        self.merge(&Self { target: self.target, met, breached, pending })
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.target != other.target {
            return Err(Error::mismatch("target", self.target, other.target));
        }
        let sum = |mine: u64, theirs: u64| mine.checked_add(theirs).ok_or_else(|| Error::count_overflow("cases"));
        let sums = [sum(self.met, other.met)?, sum(self.breached, other.breached)?, sum(self.pending, other.pending)?];
        let [met, breached, pending] = sums;
        *self = Self::from_counts(self.target, met, breached, pending)?;
        Ok(())
    }

    /// The [attainment](Self::attainment).
    fn finish(&self) -> Result<Share> {
        self.attainment()
    }

    fn encode(&self) -> Vec<u8> {
        let target = self.target.duration();
        Encoder::new(Kind::TARGET, self.encoded_len()).duration(target).u64s(&[self.met, self.breached, self.pending]).finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::TARGET, bytes)?;
        let target = Target::new(decoder.duration()?)?;
        let [met, breached, pending] = decoder.u64_array()?;
        decoder.close()?;
        Self::from_counts(target, met, breached, pending)
    }

    fn encoded_len(&self) -> usize {
        len::with_u64s(5)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetState {
    target: Target,
    met: u64,
    breached: u64,
    pending: u64,
}

#[cfg(feature = "serde")]
impl TryFrom<TargetState> for TargetTally {
    type Error = Error;

    fn try_from(TargetState { target, met, breached, pending }: TargetState) -> Result<Self> {
        Self::from_counts(target, met, breached, pending)
    }
}

#[cfg(feature = "serde")]
impl From<TargetTally> for TargetState {
    fn from(TargetTally { target, met, breached, pending }: TargetTally) -> Self {
        Self { target, met, breached, pending }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_named_in_its_largest_whole_unit() {
        let shown = |duration| Target::new(duration).unwrap().to_string();
        assert_eq!(Target::ONE_DAY.to_string(), "within 1 day");
        assert_eq!(shown(Duration::from_secs(36 * 3600)), "within 36 hours");
        assert_eq!(shown(Duration::from_secs(90 * 60)), "within 90 minutes");
        assert_eq!(shown(Duration::from_secs(1)), "within 1 second");
        assert_eq!(shown(Duration::from_millis(1_500)), "within 1.5s");
    }

    #[test]
    fn what_waits_beyond_the_target_has_breached_it() {
        let mut tally = TargetTally::default();
        assert!(matches!(tally.attainment(), Err(Error::Undefined { .. })));
        assert!(matches!(tally.attainment_bounds(), Err(Error::Undefined { .. })));
        let day = Target::ONE_DAY.duration();
        let later = day + Duration::from_nanos(1);
        tally.extend([Wait::Over(day), Wait::Over(later), Wait::SoFar(day), Wait::SoFar(later), Wait::Over(Duration::ZERO)]).unwrap();
        assert_eq!([tally.met(), tally.breached(), tally.pending()], [2, 2, 1]);
        let hour = TargetTally::empty(Target::new(Duration::from_secs(3600)).unwrap());
        assert!(matches!(tally.merge(&hour), Err(Error::Mismatch { field: "target", .. })));
        assert!(TargetTally::from_counts(Target::ONE_DAY, u64::MAX, 1, 0).is_err());
    }
}
