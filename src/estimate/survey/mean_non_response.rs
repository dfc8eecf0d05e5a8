//! What a mean could be for all who were asked, when some did not answer.

use core::fmt;

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::range::Range;
use crate::share::Share;

const METRIC: &str = "mean of all who were asked";
const NOBODY: &str = "nobody answered";

/// A mean of those who answered on a bounded scale, such as a mean rating or a net score, and how many were asked and stayed silent.
///
/// It is for means what [`NonResponse`](super::NonResponse) is for shares, by the same reasoning and the same sources: an interval covers chance
/// alone, and without assuming anything the silent can all have given the lowest answer or the highest.
///
/// ```text
/// lowest = (sum + silent x low) / asked      highest = (sum + silent x high) / asked
/// with a gap: (sum + silent x (mean + gap)) / asked, the mean of the silent held within low..=high
/// ```
///
/// It is read off [`RatingTally::non_response`](crate::satisfaction::RatingTally::non_response) and
/// [`NetScore::non_response`](crate::satisfaction::NetScore::non_response).
///
/// ```
/// use customer_metrics::{Decimal, Range};
/// use customer_metrics::satisfaction::{NetScore, RatingTally, Scale};
///
/// let ratings = RatingTally::from_counts(Scale::ONE_TO_FIVE, &[2, 3, 5, 20, 10], 60)?;
/// let mean = ratings.non_response()?; // 60 were asked and did not answer
/// assert_eq!(mean.bounds().to_string(), "2.13 to 4.53");
/// let gap = Range::new(Decimal::new(-5, 1), Decimal::ZERO)?; // the silent rate up to half a point lower
/// assert_eq!(mean.with_gap(gap)?.to_string(), "3.525 to 3.825");
///
/// let nps = NetScore::new(30, 10, 10)?.non_response(50)?;
/// assert_eq!(nps.bounds().to_string(), "-0.3 to 0.7");
/// assert_eq!(nps.with_gap(Decimal::new(-2, 1))?.to_string(), "0.3");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct MeanNonResponse {
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    answered: Decimal,
    response_rate: Share,
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    lowest: Decimal,
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    highest: Decimal,
    scale: [i16; 2],
}

impl MeanNonResponse {
    /// Of answers with this sum, each within the scale.
    pub(crate) fn new(sum: i128, answers: u64, silent: u64, scale: [i16; 2]) -> Result<Self> {
        let asked = answers.checked_add(silent).ok_or_else(|| Error::count_overflow("asked"))?;
        let of_all = |sum| decimal::ratio(METRIC, NOBODY, sum, decimal::wide(asked));
        // Sums of 64 bits of answers on a scale of 16 fit into 128.
        let if_all_silent_gave = |answer: i16| of_all(sum.saturating_add(i128::from(answer).saturating_mul(decimal::wide(silent))));
        let [low, high] = scale;
        Ok(Self {
            answered: decimal::ratio(METRIC, NOBODY, sum, decimal::wide(answers))?,
            response_rate: Share::new(answers, asked)?,
            lowest: if_all_silent_gave(low)?,
            highest: if_all_silent_gave(high)?,
            scale,
        })
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

    /// The mean of those who answered, rounded half away from zero to 28 digits.
    #[must_use]
    pub fn answered(&self) -> Decimal {
        self.answered
    }

    /// The mean of all who were asked if all of the silent gave the lowest answer, rounded once, to 28 digits.
    #[must_use]
    pub fn lowest(&self) -> Decimal {
        self.lowest
    }

    /// The mean of all who were asked if all of the silent gave the highest answer, rounded once, to 28 digits.
    #[must_use]
    pub fn highest(&self) -> Decimal {
        self.highest
    }

    /// What the mean of all who were asked can be, whatever the silent think.
    #[must_use]
    pub fn bounds(&self) -> Range<Decimal> {
        Range::spanning(self.lowest, self.highest)
    }

    /// What the mean of all who were asked can be if that of the silent is so much higher (or lower, if negative) than that of those who
    /// answered; to 27 digits. A gap that would lead beyond the scale stops at its end.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if an end of the gap is more than the length of the scale.
    pub fn with_gap(&self, gap: impl Into<Range<Decimal>>) -> Result<Range<Decimal>> {
        let gap = gap.into();
        Range::new(self.at_gap(gap.low())?, self.at_gap(gap.high())?)
    }

    fn at_gap(&self, gap: Decimal) -> Result<Decimal> {
        let [low, high] = self.scale.map(Decimal::from);
        let length = decimal::sub(METRIC, high, low)?;
        if gap.abs() > length {
            let least = decimal::sub(METRIC, low, high)?;
            return Err(Error::out_of_bounds("gap", gap, Bound::Within(least.into(), length.into())));
        }
        let answered = self.answered;
        let of_silent = decimal::add(METRIC, answered, gap)?.clamp(low, high);
        let asked = Decimal::from(self.response_rate.whole());
        let silent_part = decimal::div(METRIC, NOBODY, Decimal::from(self.silent()), asked)?;
        // The mean is moved by the part of the gap that the silent make, so that no gap moves it by nothing.
        let moved = decimal::mul(METRIC, silent_part, decimal::sub(METRIC, of_silent, answered)?)?;
        Ok(decimal::add(METRIC, answered, moved)?.clamp(self.lowest, self.highest).normalize())
    }
}

/// Such as `mean of 40 of 100 (40.0%), 60 silent`.
impl fmt::Display for MeanNonResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mean of {}, {} silent", self.response_rate, self.silent())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_silent_leaves_nothing_open_and_a_gap_stops_at_the_bounds() {
        let alone = MeanNonResponse::new(12, 3, 0, [1, 5]).unwrap();
        assert_eq!(alone.bounds(), Range::single(Decimal::from(4)));
        assert_eq!(alone.with_gap(Decimal::ONE), Ok(alone.bounds()));
        let survey = MeanNonResponse::new(13, 3, 7, [1, 5]).unwrap();
        assert_eq!(Ok(survey.bounds()), Range::new(Decimal::TWO, Decimal::new(48, 1)));
        assert_eq!((survey.lowest(), survey.highest()), (Decimal::TWO, Decimal::new(48, 1)));
        assert_eq!(survey.with_gap(Range::new(Decimal::from(-4), Decimal::from(4)).unwrap()), Ok(survey.bounds()));
        assert_eq!(survey.with_gap(Decimal::from(5)).unwrap_err().to_string(), "gap is 5, but must be within -4 to 4");
        assert!(MeanNonResponse::new(0, 0, 5, [1, 5]).is_err() && MeanNonResponse::new(1, 1, u64::MAX, [1, 5]).is_err());
        let most = MeanNonResponse::new(1, 1, u64::MAX - 1, [0, 255]).unwrap();
        assert!(most.bounds().high() < Decimal::from(255) && most.with_gap(Decimal::ONE).is_ok());
    }
}
