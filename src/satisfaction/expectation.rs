//! Whether customers got what they expected: exceeded, met or missed.

use rust_decimal::Decimal;

use super::squares::squares_between;
use super::{Experience, Scale};
use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::estimate::{Alternative, Confidence, Estimate, Measure, Moments, SignificanceTest};
use crate::share::Share;
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

const NO_PAIRS: &str = "nobody rated both expectation and perception";

/// How many customers found their expectation exceeded, met or missed, by how much in all, and how unlike they were in that.
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
/// tally.extend([Experience::expected(3).perceived(5), Experience::expected(4).perceived(4), Experience::expected(5).perceived(4), Experience::expected(5).perceived(2)])?;
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
    /// The squares of those points, of either kind, in all.
    squares: u64,
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
            squares: self.squares.checked_add(other.squares)?,
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
    /// A mean of 0 does not say that all are content: those who got more hide those who got less.
    ///
    /// # Errors
    /// [`Error::Undefined`] if nobody rated both.
    pub fn mean_gap(&self) -> Result<Decimal> {
        decimal::ratio("mean gap", NO_PAIRS, self.points(), decimal::wide(self.complete()))
    }

    /// The mean gap with its t interval, held within what the scale allows. Each customer counts once, with perception less expectation, as in
    /// the paired t test.
    ///
    /// ```text
    /// low, high = mean gap -/+ t s / sqrt(n),  s = standard deviation of the gaps,  t with n - 1 degrees,  n = customers who rated both
    /// ```
    ///
    /// Point and ends are within 1e-14. The correlation of both sides needs the pairs themselves: see
    /// [`RatingPairTally`](super::RatingPairTally).
    ///
    /// ```
    /// use customer_metrics::{Confidence, Tally};
    /// use customer_metrics::satisfaction::{ExpectationTally, Experience, Scale};
    ///
    /// let mut tally = ExpectationTally::empty(Scale::ONE_TO_SEVEN);
    /// tally.extend([(7, 6), (6, 4), (5, 5), (7, 7), (6, 3), (6, 5)].map(|(expected, perceived)| Experience::expected(expected).perceived(perceived)))?;
    /// assert_eq!(format!("{:.2}", tally.mean_gap_estimate(Confidence::P95)?), "-1.17 (-2.39 to 0.06, 95% t, n = 6)");
    /// assert_eq!(format!("{:.2}", tally.test_mean_gap()?), "t(5.00) = -2.44, p = 0.0583 (two-sided paired t test)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] if fewer than two rated both.
    pub fn mean_gap_estimate(&self, confidence: Confidence) -> Result<Estimate> {
        self.measure().estimate(&self.moments(), confidence)
    }

    /// Whether the mean gap is other than 0: the paired t test, two-sided.
    ///
    /// # Errors
    /// [`Error::Undefined`] if fewer than two rated both, or if all gaps are equal.
    pub fn test_mean_gap(&self) -> Result<SignificanceTest> {
        self.test_mean_gap_with(Alternative::default())
    }

    /// The same against a named alternative; [`Greater`](Alternative::Greater) is that customers get more than they expect.
    ///
    /// # Errors
    /// As [`test_mean_gap`](Self::test_mean_gap).
    pub fn test_mean_gap_with(&self, alternative: Alternative) -> Result<SignificanceTest> {
        self.measure().test_paired(&self.moments(), alternative)
    }

    /// Perception less expectation, in scale points of all together.
    fn points(&self) -> i128 {
        decimal::wide(self.counts.surplus).saturating_sub(decimal::wide(self.counts.shortfall))
    }

    fn moments(&self) -> Moments {
        // The sums are those of gaps, so there are moments.
        Moments::new(self.complete(), self.points(), self.counts.squares.into()).unwrap_or_default()
    }

    fn measure(&self) -> Measure {
        let widest = f64::from(widest_gap(self.scale));
        Measure { metric: "mean gap", nothing: NO_PAIRS, units: 1.0, range: [-widest, widest] }
    }

    /// Refuses sums that no customers on this scale could have given.
    fn checked(scale: Scale, counts: Counts) -> Result<Self> {
        let _ = counts.customers().ok_or_else(|| Error::count_overflow("customers"))?;
        let widest = u64::from(widest_gap(scale));
        for (field, customers, points) in [("surplus", counts.exceeded, counts.surplus), ("shortfall", counts.missed, counts.shortfall)] {
            let most = customers.saturating_mul(widest);
            if points < customers || points > most {
                return Err(Error::out_of_bounds(field, points, Bound::Within(customers.into(), most.into())));
            }
        }
        let [above, below] = [(counts.exceeded, counts.surplus), (counts.missed, counts.shortfall)].map(|(customers, points)| {
            // Every gap on a side has a point; (1 + rest)^2 = 1 + 2 rest + rest^2.
            let rest = points.saturating_sub(customers);
            let level = u128::from(points).saturating_add(rest.into());
            squares_between(customers, rest, widest.saturating_sub(1)).map(|squares| squares.saturating_add(level))
        });
        let ([least, most], [least_below, most_below]) = (above, below);
        let (least, most) = (least.saturating_add(least_below), most.saturating_add(most_below));
        let squares = u128::from(counts.squares);
        // A square is odd where its root is.
        let as_odd = (counts.squares ^ counts.surplus ^ counts.shortfall) & 1 == 0;
        if squares < least || squares > most || !as_odd {
            let value = counts.squares.to_string();
            return Err(Error::Unknown { field: "squares", value, expected: "a sum of squares that gaps of these sums have" });
        }
        Ok(Self { scale, counts })
    }
}

/// How many points perception and expectation can lie apart.
fn widest_gap(scale: Scale) -> u8 {
    scale.high().saturating_sub(scale.low())
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
        let points = u64::from(experience.gap().unwrap_or(0).unsigned_abs());
        let none = Counts { squares: points.saturating_mul(points), ..Counts::default() };
        let counts = match experience.gap() {
            None => Counts { incomplete: 1, ..none },
            Some(0) => Counts { met: 1, ..none },
            Some(gap) if gap > 0 => Counts { exceeded: 1, surplus: points, ..none },
            Some(_) => Counts { missed: 1, shortfall: points, ..none },
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
        let Counts { exceeded, met, missed, incomplete, surplus, shortfall, squares } = self.counts;
        Encoder::new(Kind::EXPECTATION, self.encoded_len())
            .u8(self.scale.low())
            .u8(self.scale.high())
            .u8(self.scale.satisfied_from())
            .u64s(&[exceeded, met, missed, incomplete, surplus, shortfall, squares])
            .finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::EXPECTATION, bytes)?;
        let scale = Scale::new(decoder.u8()?, decoder.u8()?, decoder.u8()?)?;
        let [exceeded, met, missed, incomplete, surplus, shortfall, squares] = decoder.u64_array()?;
        decoder.close()?;
        Self::checked(scale, Counts { exceeded, met, missed, incomplete, surplus, shortfall, squares })
    }

    fn encoded_len(&self) -> usize {
        const { len::with_u64s(7) + 3 * len::U8 }
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
        tally.record(Experience::expected(2).perceived(2)).unwrap();
        assert_eq!((tally.met(), tally.incomplete()), (Share::new(1, 1), 3));
    }

    #[test]
    fn a_wrong_rating_is_named_even_where_the_other_is_missing() {
        let mut tally = ExpectationTally::default();
        let error = tally.record(Experience { expected: None, perceived: Some(6) }).unwrap_err();
        assert_eq!(error.to_string(), "perception is 6, but must be within 1 to 5");
        assert_eq!(tally.record(Experience::expected(0).perceived(5)).unwrap_err().field(), Some("expectation"));
    }

    #[test]
    fn sums_that_no_customers_could_give_are_refused() {
        let counts = |exceeded, surplus| Counts { exceeded, surplus, ..Counts::default() };
        for (customers, points) in [(1, 0), (1, 5), (0, 1)] {
            assert!(matches!(ExpectationTally::checked(Scale::ONE_TO_FIVE, counts(customers, points)), Err(Error::OutOfBounds { .. })));
        }
        assert!(ExpectationTally::checked(Scale::ONE_TO_FIVE, Counts { squares: 32, ..counts(2, 8) }).is_ok());
        let many = Counts { met: u64::MAX, incomplete: 1, ..Counts::default() };
        assert!(matches!(ExpectationTally::checked(Scale::ONE_TO_FIVE, many), Err(Error::Overflow { .. })));
    }

    #[test]
    fn squares_that_no_gaps_have_are_refused() {
        // 1, 1 and 4 points above, 2 and 2 below: 1 + 1 + 16 + 4 + 4.
        let fair = Counts { exceeded: 3, missed: 2, surplus: 6, shortfall: 4, squares: 26, ..Counts::default() };
        assert!(ExpectationTally::checked(Scale::ONE_TO_FIVE, fair).is_ok());
        for squares in [25, 18, 30, 0] {
            let error = ExpectationTally::checked(Scale::ONE_TO_FIVE, Counts { squares, ..fair }).unwrap_err();
            assert_eq!(error.field(), Some("squares"), "{squares}");
        }
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
