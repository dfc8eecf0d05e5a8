//! Whether customers got what they expected: exceeded, met or missed.

use rust_decimal::Decimal;

use super::{Experience, Scale};
use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::share::Share;
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

const NO_PAIRS: &str = "nobody rated both expectation and perception";

/// How many customers found their expectation exceeded, met or missed, and by how much in all.
///
/// ```text
/// gap = perception - expectation;  exceeded: gap > 0,  met: gap = 0,  missed: gap < 0
/// ```
///
/// Every customer is judged by their own expectation. Those who left either question unanswered are counted apart. Source: doc-004; Oliver,
/// "A Cognitive Model of the Antecedents and Consequences of Satisfaction Decisions", Journal of Marketing Research 17, 1980.
///
/// ```
/// use customer_metrics::Tally;
/// use customer_metrics::satisfaction::{ExpectationTally, Experience, Scale};
///
/// let mut tally = ExpectationTally::empty(Scale::ONE_TO_FIVE);
/// tally.extend([Experience::new(3, 5), Experience::new(4, 4), Experience::new(5, 4), Experience::new(5, 2)])?;
/// assert_eq!(tally.exceeded()?.to_string(), "1 of 4 (25.0%)");
/// assert_eq!(tally.missed()?.to_string(), "2 of 4 (50.0%)");
/// assert_eq!(tally.mean_gap()?.to_string(), "-0.5");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "ExpectationState", into = "ExpectationState")
)]
pub struct ExpectationTally {
    scale: Scale,
    counts: Counts,
}

/// The sums of a state, in the order of their encoding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
struct Counts {
    exceeded: u64,
    met: u64,
    missed: u64,
    incomplete: u64,
    /// By how many points in all expectations were exceeded.
    surplus: u64,
    /// By how many points in all they were missed.
    shortfall: u64,
}

impl Counts {
    fn customers(&self) -> Option<u64> {
        self.exceeded.checked_add(self.met)?.checked_add(self.missed)?.checked_add(self.incomplete)
    }

    fn checked_add(&self, other: &Self) -> Option<Self> {
        let sum = Self {
            exceeded: self.exceeded.checked_add(other.exceeded)?,
            met: self.met.checked_add(other.met)?,
            missed: self.missed.checked_add(other.missed)?,
            incomplete: self.incomplete.checked_add(other.incomplete)?,
            surplus: self.surplus.checked_add(other.surplus)?,
            shortfall: self.shortfall.checked_add(other.shortfall)?,
        };
        sum.customers().map(|_| sum)
    }
}

impl ExpectationTally {
    /// How many customers rated both expectation and perception.
    #[must_use]
    pub fn complete(&self) -> u64 {
        self.counts.exceeded.saturating_add(self.counts.met).saturating_add(self.counts.missed)
    }

    /// How many left one of the two unanswered, or both.
    #[must_use]
    pub fn incomplete(&self) -> u64 {
        self.counts.incomplete
    }

    /// The share of customers who got more than they expected.
    ///
    /// # Errors
    /// [`Error::Undefined`] if nobody rated both.
    pub fn exceeded(&self) -> Result<Share> {
        Share::of("share exceeded", NO_PAIRS, self.counts.exceeded, self.complete())
    }

    /// The share of customers who got just what they expected.
    ///
    /// # Errors
    /// [`Error::Undefined`] if nobody rated both.
    pub fn met(&self) -> Result<Share> {
        Share::of("share met", NO_PAIRS, self.counts.met, self.complete())
    }

    /// The share of customers who got less than they expected.
    ///
    /// # Errors
    /// [`Error::Undefined`] if nobody rated both.
    pub fn missed(&self) -> Result<Share> {
        Share::of("share missed", NO_PAIRS, self.counts.missed, self.complete())
    }

    /// The mean of perception less expectation, in scale points, rounded half away from zero to 28 digits.
    ///
    /// A mean of 0 does not say that all are content: those who got more hide those who got less. It has no interval here, where the squares
    /// of the gaps are not kept: a [`RatingPairTally`](super::RatingPairTally) of the same answers gives it with its t interval, by
    /// [`RatingPairTally::mean_difference`](super::RatingPairTally::mean_difference).
    ///
    /// # Errors
    /// [`Error::Undefined`] if nobody rated both.
    pub fn mean_gap(&self) -> Result<Decimal> {
        let gap = decimal::wide(self.counts.surplus).saturating_sub(decimal::wide(self.counts.shortfall));
        decimal::ratio("mean gap", NO_PAIRS, gap, decimal::wide(self.complete()))
    }

    /// Refuses sums that no customers on this scale could have given.
    fn checked(scale: Scale, counts: Counts) -> Result<Self> {
        let _ = counts.customers().ok_or_else(|| Error::count_overflow("customers"))?;
        let widest = u64::from(scale.high().saturating_sub(scale.low()));
        for (field, customers, points) in [("surplus", counts.exceeded, counts.surplus), ("shortfall", counts.missed, counts.shortfall)] {
            let most = customers.saturating_mul(widest);
            if points < customers || points > most {
                return Err(Error::out_of_bounds(field, points, Bound::Within(customers.into(), most.into())));
            }
        }
        Ok(Self { scale, counts })
    }
}

impl Tally for ExpectationTally {
    type Settings = Scale;
    type Record = Experience;
    type Summary = ExpectationSummary;

    fn empty(scale: Scale) -> Self {
        Self { scale, counts: Counts::default() }
    }

    fn settings(&self) -> Scale {
        self.scale
    }

    fn record(&mut self, experience: Experience) -> Result<()> {
        for (field, rating) in [("expectation", experience.expected), ("perception", experience.perceived)] {
            let _ = rating.map(|rating| self.scale.position(field, rating)).transpose()?;
        }
        let points = |gap: i16| u64::from(gap.unsigned_abs());
        let counts = match experience.gap() {
            None => Counts { incomplete: 1, ..Counts::default() },
            Some(0) => Counts { met: 1, ..Counts::default() },
            Some(gap) if gap > 0 => Counts { exceeded: 1, surplus: points(gap), ..Counts::default() },
            Some(gap) => Counts { missed: 1, shortfall: points(gap), ..Counts::default() },
        };
        self.merge(&Self { scale: self.scale, counts })
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.scale != other.scale {
            return Err(Error::mismatch("scale", self.scale, other.scale));
        }
        self.counts = self.counts.checked_add(&other.counts).ok_or_else(|| Error::count_overflow("customers"))?;
        Ok(())
    }

    fn finish(&self) -> Result<ExpectationSummary> {
        Ok(ExpectationSummary { exceeded: self.exceeded()?, met: self.met()?, missed: self.missed()?, mean_gap: self.mean_gap()? })
    }

    fn encode(&self) -> Vec<u8> {
        let Counts { exceeded, met, missed, incomplete, surplus, shortfall } = self.counts;
        Encoder::new(Kind::EXPECTATION, self.encoded_len())
            .u8(self.scale.low())
            .u8(self.scale.high())
            .u8(self.scale.satisfied_from())
            .u64s(&[exceeded, met, missed, incomplete, surplus, shortfall])
            .finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::EXPECTATION, bytes)?;
        let scale = Scale::new(decoder.u8()?, decoder.u8()?, decoder.u8()?)?;
        let [exceeded, met, missed, incomplete, surplus, shortfall] = decoder.u64_array()?;
        decoder.close()?;
        Self::checked(scale, Counts { exceeded, met, missed, incomplete, surplus, shortfall })
    }

    fn encoded_len(&self) -> usize {
        const { len::with_u64s(6) + 3 * len::U8 }
    }
}

/// The three shares and the mean gap.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ExpectationSummary {
    /// The share who got more than they expected.
    pub exceeded: Share,
    /// The share who got just that.
    pub met: Share,
    /// The share who got less.
    pub missed: Share,
    /// The mean of perception less expectation, in scale points.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub mean_gap: Decimal,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectationState {
    scale: Scale,
    counts: Counts,
}

#[cfg(feature = "serde")]
impl TryFrom<ExpectationState> for ExpectationTally {
    type Error = Error;

    fn try_from(state: ExpectationState) -> Result<Self> {
        Self::checked(state.scale, state.counts)
    }
}

#[cfg(feature = "serde")]
impl From<ExpectationTally> for ExpectationState {
    fn from(tally: ExpectationTally) -> Self {
        Self { scale: tally.scale, counts: tally.counts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_left_a_question_out_are_in_no_share() {
        let mut tally = ExpectationTally::default();
        tally
            .extend([
                Experience { expected: Some(5), perceived: None },
                Experience { expected: None, perceived: Some(1) },
                Experience::default(),
            ])
            .unwrap();
        assert!(matches!(tally.exceeded(), Err(Error::Undefined { metric: "share exceeded", .. })));
        assert!(matches!(tally.mean_gap(), Err(Error::Undefined { metric: "mean gap", .. })));
        assert!(tally.finish().is_err());
        tally.record(Experience::new(2, 2)).unwrap();
        assert_eq!((tally.met(), tally.incomplete()), (Share::new(1, 1), 3));
    }

    #[test]
    fn a_wrong_rating_is_named_even_where_the_other_is_missing() {
        let mut tally = ExpectationTally::default();
        let error = tally.record(Experience { expected: None, perceived: Some(6) }).unwrap_err();
        assert_eq!(error.to_string(), "perception is 6, but must be within 1 to 5");
        assert_eq!(tally.record(Experience::new(0, 5)).unwrap_err().field(), Some("expectation"));
    }

    #[test]
    fn sums_that_no_customers_could_give_are_refused() {
        let counts = |exceeded, surplus| Counts { exceeded, surplus, ..Counts::default() };
        for (customers, points) in [(1, 0), (1, 5), (0, 1)] {
            assert!(matches!(ExpectationTally::checked(Scale::ONE_TO_FIVE, counts(customers, points)), Err(Error::OutOfBounds { .. })));
        }
        assert!(ExpectationTally::checked(Scale::ONE_TO_FIVE, counts(2, 8)).is_ok());
        let many = Counts { exceeded: 0, met: u64::MAX, missed: 0, incomplete: 1, surplus: 0, shortfall: 0 };
        assert!(matches!(ExpectationTally::checked(Scale::ONE_TO_FIVE, many), Err(Error::Overflow { .. })));
    }

    #[test]
    fn a_full_tally_takes_no_more() {
        let counts = Counts { met: u64::MAX, ..Counts::default() };
        let mut full = ExpectationTally { scale: Scale::ONE_TO_FIVE, counts };
        let before = full.clone();
        assert!(matches!(full.record(Experience::default()), Err(Error::Overflow { .. })));
        assert_eq!(full, before);
        assert!(matches!(full.merge(&ExpectationTally::empty(Scale::ONE_TO_TEN)), Err(Error::Mismatch { field: "scale", .. })));
    }
}
