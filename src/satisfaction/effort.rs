//! Customer effort in both versions of its score, with the direction in the type.

use core::cmp::Ordering;
use core::fmt;
use core::hash::Hash;
use core::marker::PhantomData;

use rust_decimal::Decimal;

use super::{RatingTally, Scale};
use crate::error::{Error, Result};
use crate::share::Share;
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

/// The two versions of the customer effort score. They run in opposite directions, so their scores are different types.
pub trait EffortVersion: sealed::Direction + Copy + Default + Ord + Hash + fmt::Debug {
    /// The number of the version, 1 or 2.
    const NUMBER: u8;
    /// The lowest answer that counts as easy.
    const EASY_FROM: u8;
    /// The highest answer that counts as easy.
    const EASY_TO: u8;
}

mod sealed {
    use core::cmp::Ordering;

    use super::Scale;

    /// Keeps the versions to the two that exist.
    pub trait Direction {
        /// The answers there are; which of them are good is not the scale's to say here.
        const SCALE: Scale;

        /// How easy one is beside another, from how their mean answers compare.
        fn ease(by_mean: Ordering) -> Ordering;
    }
}

/// CES 1.0: "How much effort did you personally have to put forth to handle your request?", 1 (very low) to 5 (very high).
///
/// Low is good. 1 and 2 count as easy: the two answers on the easy side of the middle, the mirror of how version 2 is read, since no
/// source for a share of version 1 is agreed on. Source: Dixon, Freeman and Toman, "Stop Trying to Delight Your Customers", Harvard
/// Business Review, July 2010.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffortV1;

/// CES 2.0: "The company made it easy for me to handle my issue", 1 (strongly disagree) to 7 (strongly agree).
///
/// High is good. 5, 6 and 7 count as easy (CustomerGauge). Source: Dixon, Toman and DeLisi, "The Effortless Experience", 2013.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffortV2;

impl EffortVersion for EffortV1 {
    const NUMBER: u8 = 1;
    const EASY_FROM: u8 = 1;
    const EASY_TO: u8 = 2;
}

impl sealed::Direction for EffortV1 {
    const SCALE: Scale = Scale::ONE_TO_FIVE;

    fn ease(by_mean: Ordering) -> Ordering {
        by_mean.reverse()
    }
}

impl EffortVersion for EffortV2 {
    const NUMBER: u8 = 2;
    const EASY_FROM: u8 = 5;
    const EASY_TO: u8 = 7;
}

impl sealed::Direction for EffortV2 {
    const SCALE: Scale = Scale::ONE_TO_SEVEN;

    fn ease(by_mean: Ordering) -> Ordering {
        by_mean
    }
}

/// The answers to one version of the effort question.
///
/// Vendors report the mean (Nicereply) or the share that found it easy (CustomerGauge reports either): both are here.
///
/// ```
/// use customer_metrics::Tally;
/// use customer_metrics::satisfaction::{EffortTally, EffortV1, EffortV2};
///
/// let mut phone = EffortTally::<EffortV2>::default();
/// phone.extend([Some(7), Some(6), Some(2), None])?;
/// assert_eq!(phone.mean()?.to_string(), "5");
/// assert_eq!(phone.easy()?.to_string(), "2 of 3 (66.7%)");
///
/// // In version 1 the lower mean is the easier.
/// let mut shop = EffortTally::<EffortV1>::default();
/// shop.extend([Some(1), Some(2)])?;
/// let mut web = EffortTally::<EffortV1>::default();
/// web.extend([Some(4), Some(2)])?;
/// assert!(shop.is_easier_than(&web)?);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// The two versions cannot be compared or merged by mistake; this does not compile:
///
/// ```compile_fail,E0308
/// use customer_metrics::satisfaction::{EffortTally, EffortV1, EffortV2};
///
/// let old = EffortTally::<EffortV1>::default();
/// let new = EffortTally::<EffortV2>::default();
/// let _ = new.is_easier_than(&old);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "EffortState", into = "EffortState", bound = "V: EffortVersion")
)]
pub struct EffortTally<V> {
    ratings: RatingTally,
    version: PhantomData<V>,
}

impl<V: EffortVersion> EffortTally<V> {
    /// A tally of these counts, one per answer from the lowest to the highest, and of the missing answers.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if there is not one count per answer of the scale; [`Error::Overflow`] if all together exceed 64 bits.
    pub fn from_counts(counts: &[u64], missing: u64) -> Result<Self> {
        Ok(Self { ratings: RatingTally::from_counts(V::SCALE, counts, missing)?, version: PhantomData })
    }

    /// Records a column of answers, all or none: the fast path for large surveys.
    ///
    /// # Errors
    /// [`Error::Row`] with the position and value of the first answer that is not on the scale.
    pub fn record_column(&mut self, answers: &[u8]) -> Result<()> {
        self.ratings.record_column(answers)
    }

    /// How many answered.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.ratings.answers()
    }

    /// How many left the question unanswered.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.ratings.missing()
    }

    /// Every answer of the scale with its count, from the lowest to the highest.
    #[must_use]
    pub fn distribution(&self) -> impl DoubleEndedIterator<Item = (u8, u64)> + '_ {
        self.ratings.distribution()
    }

    /// The mean answer, in points of the version's scale, rounded half away from zero to 28 digits.
    ///
    /// # Errors
    /// [`Error::Undefined`] without answers.
    pub fn mean(&self) -> Result<Decimal> {
        self.ratings.mean()
    }

    /// The share that found it easy: from [`EASY_FROM`](EffortVersion::EASY_FROM) to [`EASY_TO`](EffortVersion::EASY_TO).
    ///
    /// # Errors
    /// [`Error::Undefined`] without answers.
    pub fn easy(&self) -> Result<Share> {
        self.ratings.share_between("share that found it easy", V::EASY_FROM, V::EASY_TO)
    }

    /// Answered questions of all that were asked.
    ///
    /// # Errors
    /// [`Error::Undefined`] if none was asked.
    pub fn response_rate(&self) -> Result<Share> {
        self.ratings.response_rate()
    }

    /// Whether it took less effort here than there, by the mean answer, in the direction of the version and without rounding.
    ///
    /// # Errors
    /// [`Error::Undefined`] if either has no answers.
    pub fn is_easier_than(&self, other: &Self) -> Result<bool> {
        let by_mean = self.exact_mean()?.compare(&other.exact_mean()?);
        Ok(V::ease(by_mean).is_gt())
    }

    /// The answers as ratings.
    pub(super) fn ratings(&self) -> &RatingTally {
        &self.ratings
    }

    fn exact_mean(&self) -> Result<MixedMean> {
        let sum = self.distribution().fold(0_u128, |sum, (answer, count)| {
            // At most 7 x 2^64.
            sum.saturating_add(u128::from(answer).saturating_mul(u128::from(count)))
        });
        let answers = u128::from(self.answers());
        let (Some(whole), Some(rest)) = (sum.checked_div(answers), sum.checked_rem(answers)) else {
            return Err(Error::Undefined { metric: "mean effort", because: "no question was answered" });
        };
        Ok(MixedMean { whole, rest, answers })
    }
}

/// A mean as whole + rest / answers, so that two can be compared in 128 bits.
struct MixedMean {
    whole: u128,
    rest: u128,
    answers: u128,
}

impl MixedMean {
    fn compare(&self, other: &Self) -> Ordering {
        let rests = || self.rest.saturating_mul(other.answers).cmp(&other.rest.saturating_mul(self.answers));
        self.whole.cmp(&other.whole).then_with(rests)
    }
}

/// A tally of nothing.
impl<V: EffortVersion> Default for EffortTally<V> {
    fn default() -> Self {
        Self { ratings: RatingTally::empty(V::SCALE), version: PhantomData }
    }
}

impl<V: EffortVersion> Tally for EffortTally<V> {
    type Settings = ();
    /// An answer, or `None` for an unanswered question.
    type Record = Option<u8>;
    type Summary = EffortSummary<V>;

    fn empty((): ()) -> Self {
        Self::default()
    }

    fn settings(&self) {}

    fn record(&mut self, answer: Option<u8>) -> Result<()> {
        self.ratings.record(answer)
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        self.ratings.merge(&other.ratings)
    }

    fn finish(&self) -> Result<EffortSummary<V>> {
        Ok(EffortSummary { mean: self.mean()?, easy: self.easy()?, response_rate: self.response_rate()?, version: PhantomData })
    }

    fn encode(&self) -> Vec<u8> {
        let counts: Vec<u64> = self.distribution().map(|(_, count)| count).collect();
        Encoder::new(Kind::EFFORT, self.encoded_len()).u8(V::NUMBER).u64(self.missing()).u64s(&counts).finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::EFFORT, bytes)?;
        if decoder.u8()? != V::NUMBER {
            return Err(decoder.fault("it is of the other version of the effort score"));
        }
        let missing = decoder.u64()?;
        let counts = (0..V::SCALE.width()).map(|_| decoder.u64()).collect::<Result<Vec<u64>>>()?;
        decoder.close()?;
        Self::from_counts(&counts, missing)
    }

    fn encoded_len(&self) -> usize {
        len::with_u64s(V::SCALE.width()).saturating_add(const { len::U8 + len::U64 })
    }
}

/// What most reports show of an effort tally.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(into = "EffortSummaryState", bound = "V: EffortVersion"))]
#[non_exhaustive]
pub struct EffortSummary<V> {
    /// The mean answer.
    pub mean: Decimal,
    /// The share that found it easy.
    pub easy: Share,
    /// Answered of all that were asked.
    pub response_rate: Share,
    version: PhantomData<V>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize)]
struct EffortSummaryState {
    version: u8,
    #[serde(with = "crate::decimal::text")]
    mean: Decimal,
    easy: Share,
    response_rate: Share,
}

#[cfg(feature = "serde")]
impl<V: EffortVersion> From<EffortSummary<V>> for EffortSummaryState {
    fn from(summary: EffortSummary<V>) -> Self {
        Self { version: V::NUMBER, mean: summary.mean, easy: summary.easy, response_rate: summary.response_rate }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct EffortState {
    version: u8,
    counts: Vec<u64>,
    missing: u64,
}

#[cfg(feature = "serde")]
impl<V: EffortVersion> TryFrom<EffortState> for EffortTally<V> {
    type Error = Error;

    fn try_from(state: EffortState) -> Result<Self> {
        if state.version != V::NUMBER {
            return Err(Error::mismatch("version of the effort score", V::NUMBER, state.version));
        }
        Self::from_counts(&state.counts, state.missing)
    }
}

#[cfg(feature = "serde")]
impl<V: EffortVersion> From<EffortTally<V>> for EffortState {
    fn from(tally: EffortTally<V>) -> Self {
        let counts = tally.distribution().map(|(_, count)| count).collect();
        Self { version: V::NUMBER, counts, missing: tally.missing() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_has_its_own_scale_and_easy_end() {
        let old = EffortTally::<EffortV1>::from_counts(&[1, 2, 4, 8, 16], 0).unwrap();
        assert_eq!(old.easy(), Share::new(3, 31));
        let new = EffortTally::<EffortV2>::from_counts(&[1, 2, 4, 8, 16, 32, 64], 0).unwrap();
        assert_eq!(new.easy(), Share::new(112, 127));
        assert!(EffortTally::<EffortV1>::default().record(Some(6)).is_err());
        assert!(EffortTally::<EffortV2>::default().record_column(&[1, 7, 8]).is_err());
        assert!(EffortTally::<EffortV2>::from_counts(&[0; 5], 0).is_err());
    }

    #[test]
    fn equal_effort_is_not_easier_and_nothing_answered_is_undefined() {
        let mixed = EffortTally::<EffortV1>::from_counts(&[1, 0, 1, 0, 0], 0).unwrap();
        let same = EffortTally::<EffortV1>::from_counts(&[0, 3, 0, 0, 0], 0).unwrap();
        assert_eq!((mixed.is_easier_than(&same), same.is_easier_than(&mixed)), (Ok(false), Ok(false)));
        let none = EffortTally::<EffortV1>::from_counts(&[0; 5], 9).unwrap();
        assert!(matches!(mixed.is_easier_than(&none), Err(Error::Undefined { metric: "mean effort", .. })));
        assert!(matches!(none.is_easier_than(&mixed), Err(Error::Undefined { .. })));
        assert!(matches!(none.easy(), Err(Error::Undefined { .. })));
        assert!(none.finish().is_err());
        assert_eq!(none.response_rate(), Share::new(0, 9));
    }

    #[test]
    fn means_that_differ_past_28_digits_are_still_told_apart() {
        let more = EffortTally::<EffortV2>::from_counts(&[0, 0, 0, 0, 0, 1, u64::MAX - 1], 0).unwrap();
        let fewer = EffortTally::<EffortV2>::from_counts(&[0, 0, 0, 0, 0, 1, u64::MAX - 2], 0).unwrap();
        assert_eq!(more.mean(), fewer.mean());
        assert_eq!((more.is_easier_than(&fewer), fewer.is_easier_than(&more)), (Ok(true), Ok(false)));
    }

    #[test]
    fn a_state_of_the_other_version_is_refused() {
        let bytes = EffortTally::<EffortV1>::default().encode();
        let error = EffortTally::<EffortV2>::decode(&bytes).unwrap_err();
        assert_eq!(error.to_string(), "cannot decode an effort tally: it is of the other version of the effort score");
    }
}
