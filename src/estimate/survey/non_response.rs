//! What a share could be for all who were asked, when some did not answer.

use core::fmt;

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::proportion::Proportion;
use crate::range::Range;
use crate::share::Share;

const METRIC: &str = "share of all who were asked";

/// A share of those who answered, and how many were asked and stayed silent.
///
/// An interval such as Wilson's covers chance alone. If the silent think otherwise than those who answered, no number of answers corrects
/// it. What can be said without assuming anything is the range from all silent ones against to all in favour; it is exact.
///
/// ```text
/// lowest = part / asked      highest = (part + silent) / asked      asked = whole + silent
/// with a gap: (part + silent x (share + gap)) / asked, the share of the silent held within 0..=1
/// ```
///
/// It is read off [`Share::non_response`].
///
/// Source: C. F. Manski, "Anatomy of the Selection Problem", Journal of Human Resources 24 (1989), 343-360; the gap is the bias term of
/// Cochran, Sampling Techniques, 3rd edition (1977), section 13.2.
///
/// ```
/// use customer_metrics::{Decimal, Range};
/// use customer_metrics::satisfaction::{RatingTally, Scale};
///
/// let survey = RatingTally::from_counts(Scale::ONE_TO_FIVE, &[2, 3, 5, 20, 10], 60)?;
/// let satisfied = survey.csat()?.non_response(survey.missing())?; // 60 were asked and did not answer
/// assert_eq!(satisfied.to_string(), "30 of 40 (75.0%), 60 silent");
/// assert_eq!(satisfied.bounds().to_string(), "30.0% to 90.0%");
///
/// // If at most 20 points fewer of the silent are satisfied, and at most as many:
/// let gap = Range::new(Decimal::new(-20, 2), Decimal::ZERO)?;
/// assert_eq!(satisfied.with_gap(gap)?.to_string(), "63.0% to 75.0%");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "NonResponseState", into = "NonResponseState")
)]
pub struct NonResponse {
    answered: Share,
    response_rate: Share,
    lowest: Share,
    highest: Share,
}

impl Share {
    /// This share of those who answered and how many did not, for what the share of all can be: [`NonResponse::bounds`] whatever the silent
    /// think, and [`NonResponse::with_gap`] given an assumed gap between them and those who answered.
    ///
    /// # Errors
    /// [`Error::Overflow`] if all together exceed 64 bits.
    pub fn non_response(&self, silent: u64) -> Result<NonResponse> {
        NonResponse::new(*self, silent)
    }
}

impl NonResponse {
    fn new(answered: Share, silent: u64) -> Result<Self> {
        let overflow = || Error::count_overflow("asked");
        let asked = answered.whole().checked_add(silent).ok_or_else(overflow)?;
        let in_favour = answered.part().checked_add(silent).ok_or_else(overflow)?;
        Ok(Self {
            answered,
            response_rate: Share::new(answered.whole(), asked)?,
            lowest: Share::new(answered.part(), asked)?,
            highest: Share::new(in_favour, asked)?,
        })
    }

    /// The share of those who answered.
    #[must_use]
    pub fn answered(&self) -> Share {
        self.answered
    }

    /// How many were asked and did not answer.
    #[must_use]
    pub fn silent(&self) -> u64 {
        self.response_rate.complement().part()
    }

    /// How many of those who were asked have answered.
    #[must_use]
    pub fn response_rate(&self) -> Share {
        self.response_rate
    }

    /// The share of all who were asked if none of the silent count.
    #[must_use]
    pub fn lowest(&self) -> Share {
        self.lowest
    }

    /// The share of all who were asked if all of the silent count.
    #[must_use]
    pub fn highest(&self) -> Share {
        self.highest
    }

    /// What the share of all who were asked can be, whatever the silent think.
    #[must_use]
    pub fn bounds(&self) -> Range<Proportion> {
        Range::spanning(self.lowest.to_proportion(), self.highest.to_proportion())
    }

    /// What the share of all who were asked can be if that of the silent is so much higher (or lower, if negative) than that of those who
    /// answered; to 28 digits. A gap that would lead out of 0..=1 stops there.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if an end of the gap is not within -1..=1: 20 percentage points are 0.20.
    pub fn with_gap(&self, gap: impl Into<Range<Decimal>>) -> Result<Range<Proportion>> {
        let gap = gap.into();
        Ok(Range::spanning(self.at_gap(gap.low())?, self.at_gap(gap.high())?))
    }

    fn at_gap(&self, gap: Decimal) -> Result<Proportion> {
        if gap < Decimal::NEGATIVE_ONE || gap > Decimal::ONE {
            let bound = Bound::Within(Decimal::NEGATIVE_ONE.into(), Decimal::ONE.into());
            return Err(Error::out_of_bounds("gap", gap, bound));
        }
        let silent_share = Proportion::saturating(decimal::add(METRIC, self.answered.to_decimal(), gap)?);
        let silent = decimal::mul(METRIC, Decimal::from(self.silent()), silent_share.to_decimal())?;
        let counting = decimal::add(METRIC, Decimal::from(self.answered.part()), silent)?;
        let asked = Decimal::from(self.response_rate.whole());
        let share = Proportion::saturating(decimal::div(METRIC, "nobody was asked", counting, asked)?);
        let bounds = self.bounds();
        Ok(share.clamp(bounds.low(), bounds.high()))
    }
}

/// Such as `30 of 40 (75.0%), 60 silent`.
impl fmt::Display for NonResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} silent", self.answered, self.silent())
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct NonResponseState {
    answered: Share,
    silent: u64,
}

#[cfg(feature = "serde")]
impl TryFrom<NonResponseState> for NonResponse {
    type Error = Error;

    fn try_from(state: NonResponseState) -> Result<Self> {
        Self::new(state.answered, state.silent)
    }
}

#[cfg(feature = "serde")]
impl From<NonResponse> for NonResponseState {
    fn from(survey: NonResponse) -> Self {
        Self { answered: survey.answered, silent: survey.silent() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_silent_leaves_nothing_open() {
        let answered = Share::new(3, 8).unwrap();
        let survey = NonResponse::new(answered, 0).unwrap();
        assert_eq!(survey.bounds(), Range::single(answered.to_proportion()));
        assert_eq!(survey.with_gap(Decimal::ONE), Ok(survey.bounds()));
        assert_eq!(survey.response_rate().complement().part(), 0);
    }

    #[test]
    fn a_gap_stops_at_the_bounds() {
        let survey = NonResponse::new(Share::new(2, 3).unwrap(), 7).unwrap();
        assert_eq!((survey.lowest(), survey.highest()), (Share::new(2, 10).unwrap(), Share::new(9, 10).unwrap()));
        assert_eq!(survey.with_gap(Range::new(Decimal::NEGATIVE_ONE, Decimal::ONE).unwrap()), Ok(survey.bounds()));
        let error = survey.with_gap(Decimal::from(-20)).unwrap_err();
        assert_eq!(error.to_string(), "gap is -20, but must be within -1 to 1");
    }

    #[test]
    fn the_largest_counts_are_bounded_or_refused() {
        let one = Share::new(1, 1).unwrap();
        assert!(matches!(NonResponse::new(one, u64::MAX), Err(Error::Overflow { field: "asked", .. })));
        let survey = NonResponse::new(one, u64::MAX - 1).unwrap();
        assert_eq!(survey.bounds().high(), Proportion::ONE);
        assert!(survey.with_gap(Decimal::NEGATIVE_ONE).unwrap().is_single());
    }
}
