//! Amounts and times of which the mean is wanted with its interval.

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::{Error, Result};
use crate::estimate::{Alternative, Comparison, Confidence, Estimate, MeanDifferenceMethod, Measure, Moments, SignificanceTest};
use crate::money::MinorUnit;
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

const NOTHING: &str = "nothing was recorded";

/// How many numbers, their sum and the sum of their squares: order values, handling times, anything of which the mean is compared.
///
/// Numbers are kept in whole minor units, so that merging in any order gives the same mean and variance to the last digit. A number with
/// more decimal places than the unit is an error. Where only the total matters, [`MoneyTally`](crate::MoneyTally) is smaller.
///
/// ```
/// use customer_metrics::{Confidence, MinorUnit, MomentsTally, Tally};
///
/// // Seconds to handle a call.
/// let mut before = MomentsTally::empty(MinorUnit::WHOLE);
/// before.record_column(&[412, 300, 655, 190, 240, 508, 377, 420])?;
/// let mut after = MomentsTally::empty(MinorUnit::WHOLE);
/// after.record_column(&[280, 310, 250, 198, 405, 222, 260])?;
///
/// assert_eq!(before.mean()?.to_string(), "387.75");
/// assert_eq!(format!("{:.0}", before.mean_estimate(Confidence::P95)?), "388 (263 to 513, 95% t, n = 8)");
/// let saved = before.mean_difference(&after, Confidence::P95)?;
/// assert_eq!(format!("{saved:.0}"), "113 (-18 to 244, 95% Welch t, n = 8 and 7)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "MomentsTallyState", into = "MomentsTallyState")
)]
pub struct MomentsTally {
    unit: MinorUnit,
    moments: Moments,
}

impl MomentsTally {
    /// Records a column of numbers in whole minor units, such as cents or seconds, all or none.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the sum of squares exceeds 128 bits.
    pub fn record_column(&mut self, minor_units: &[i64]) -> Result<()> {
        let mut sum = 0_i128;
        let mut squares = 0_u128;
        for &units in minor_units {
            let magnitude = u128::from(units.unsigned_abs());
            // 2^64 numbers of 64 bits fit into 128.
            sum = sum.saturating_add(units.into());
            squares = squares.checked_add(magnitude.saturating_mul(magnitude)).ok_or_else(overflow)?;
        }
        let n = u64::try_from(minor_units.len()).unwrap_or(u64::MAX);
        let column = Moments::new(n, sum, squares).ok_or_else(overflow)?;
        self.moments = self.moments.checked_add(&column).ok_or_else(overflow)?;
        Ok(())
    }

    /// How many numbers were recorded.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.moments.n()
    }

    /// All together, exact.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the total has more digits than a [`Decimal`] can hold.
    pub fn total(&self) -> Result<Decimal> {
        self.unit.amount("total", self.moments.sum())
    }

    /// The mean, rounded half away from zero to 28 digits.
    ///
    /// # Errors
    /// [`Error::Undefined`] if nothing was recorded; [`Error::Overflow`] if the mean has more digits than a [`Decimal`] can hold.
    pub fn mean(&self) -> Result<Decimal> {
        self.unit.amount_of_each("mean", NOTHING, self.moments.sum(), decimal::wide(self.count()))
    }

    /// The sample variance, in the square of the unit, rounded half away from zero to 28 digits.
    ///
    /// ```text
    /// s^2 = (n * sum of x^2 - (sum of x)^2) / (n (n - 1))
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two numbers; [`Error::Overflow`] where n times the sum of squares exceeds 127 bits.
    pub fn variance(&self) -> Result<Decimal> {
        let overflow = || Error::decimal_overflow("variance");
        let (n, sum) = (decimal::wide(self.count()), self.moments.sum());
        let of_squares = i128::try_from(self.moments.squares()).ok().and_then(|squares| squares.checked_mul(n)).ok_or_else(overflow)?;
        let numerator = sum.checked_mul(sum).and_then(|square| of_squares.checked_sub(square)).ok_or_else(overflow)?;
        let denominator = n.saturating_mul(n.saturating_sub(1).max(0));
        let places = i32::try_from(self.unit.decimal_places().saturating_mul(2)).unwrap_or(i32::MAX);
        decimal::quotient("variance", "fewer than two numbers were recorded", numerator, denominator, places)
    }

    /// The mean with its t interval.
    ///
    /// ```text
    /// low, high = mean -/+ t s / sqrt(n),  t = quantile of the t distribution with n - 1 degrees at (1 + confidence) / 2
    /// ```
    ///
    /// Right for numbers that vary normally, and near it for a mean of many that do not; a few very large ones want care. Numbers that are
    /// all equal give an interval of width 0, which is no proof that the next is the same. Point and ends are within 1e-14 of the larger of
    /// the two terms.
    ///
    /// Source: Student, "The probable error of a mean", Biometrika 6 (1908), 1-25.
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two numbers.
    pub fn mean_estimate(&self, confidence: Confidence) -> Result<Estimate> {
        self.measure().estimate(&self.moments, confidence)
    }

    /// The standard error of the mean, `s / sqrt(n)`, within 1e-14 relative.
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two numbers.
    pub fn mean_standard_error(&self) -> Result<f64> {
        self.measure().standard_error(&self.moments)
    }

    /// This mean less the other, of independent groups, with the interval of Welch: [`MeanDifferenceMethod::Welch`].
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the units differ; [`Error::Undefined`] if either has fewer than two numbers.
    pub fn mean_difference(&self, other: &Self, confidence: Confidence) -> Result<Comparison<MeanDifferenceMethod>> {
        self.check_unit(other)?;
        self.measure().welch(&self.moments, &other.moments, confidence)
    }

    /// Whether the means of two independent groups differ: Welch's t test.
    ///
    /// # Errors
    /// As [`mean_difference`](Self::mean_difference), and [`Error::Undefined`] if the numbers of either group are all equal.
    pub fn test_mean_difference(&self, other: &Self, alternative: Alternative) -> Result<SignificanceTest> {
        self.check_unit(other)?;
        self.measure().test_welch(&self.moments, &other.moments, alternative)
    }

    fn measure(&self) -> Measure {
        // At most 10^12, which a double holds.
        let units = 10.0_f64.powi(i32::try_from(self.unit.decimal_places()).unwrap_or(0));
        Measure { metric: "mean", nothing: NOTHING, units, range: Measure::ANYWHERE }
    }

    fn check_unit(&self, other: &Self) -> Result<()> {
        if self.unit == other.unit {
            Ok(())
        } else {
            Err(Error::mismatch("decimal places", self.unit.decimal_places(), other.unit.decimal_places()))
        }
    }

    fn checked(unit: MinorUnit, n: u64, sum: i128, squares: u128) -> Option<Self> {
        Moments::new(n, sum, squares).map(|moments| Self { unit, moments })
    }
}

fn overflow() -> Error {
    Error::Overflow { field: "sum of squares", capacity: "128 bits of squared minor units" }
}

impl Tally for MomentsTally {
    type Settings = MinorUnit;
    type Record = Decimal;
    type Summary = MomentsSummary;

    fn empty(unit: MinorUnit) -> Self {
        Self { unit, moments: Moments::default() }
    }

    fn settings(&self) -> MinorUnit {
        self.unit
    }

    fn record(&mut self, number: Decimal) -> Result<()> {
        let one = Moments::of(self.unit.units("number", number)?).ok_or_else(overflow)?;
        self.moments = self.moments.checked_add(&one).ok_or_else(overflow)?;
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        self.check_unit(other)?;
        self.moments = self.moments.checked_add(&other.moments).ok_or_else(overflow)?;
        Ok(())
    }

    fn finish(&self) -> Result<MomentsSummary> {
        let variance = if self.count() < 2 { None } else { Some(self.variance()?) };
        Ok(MomentsSummary { count: self.count(), total: self.total()?, mean: self.mean()?, variance })
    }

    fn encode(&self) -> Vec<u8> {
        Encoder::new(Kind::MOMENTS, self.encoded_len())
            .u8(self.unit.into())
            .u64(self.count())
            .i128(self.moments.sum())
            .u128(self.moments.squares())
            .finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::MOMENTS, bytes)?;
        let unit = MinorUnit::new(decoder.u8()?)?;
        let tally = Self::checked(unit, decoder.u64()?, decoder.i128()?, decoder.u128()?);
        let tally = tally.ok_or_else(|| decoder.fault("no numbers have these sums"))?;
        decoder.close().map(|()| tally)
    }

    fn encoded_len(&self) -> usize {
        const { len::HEADER + len::U8 + len::U64 + len::I128 + len::U128 }
    }
}

/// The number, the total, the mean and the variance.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MomentsSummary {
    /// How many numbers were recorded.
    pub count: u64,
    /// All together.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub total: Decimal,
    /// The mean.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub mean: Decimal,
    /// The sample variance; `None` for one number.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::decimal::text::serialize_option"))]
    pub variance: Option<Decimal>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct MomentsTallyState {
    decimal_places: MinorUnit,
    count: u64,
    /// As text, like the next: not every format holds 128 bits.
    minor_units: String,
    squared_minor_units: String,
}

#[cfg(feature = "serde")]
impl TryFrom<MomentsTallyState> for MomentsTally {
    type Error = Error;

    fn try_from(state: MomentsTallyState) -> Result<Self> {
        let wrong = |field, value: &str, expected| Error::Unknown { field, value: value.to_owned(), expected };
        let whole = "a whole number of 128 bits";
        let sum = state.minor_units.parse().map_err(|_| wrong("minor units", &state.minor_units, whole))?;
        let squares = state.squared_minor_units.parse().map_err(|_| wrong("squared minor units", &state.squared_minor_units, whole))?;
        Self::checked(state.decimal_places, state.count, sum, squares).ok_or_else(|| {
            wrong("squared minor units", &state.squared_minor_units, "a sum of squares that so many numbers of this sum have")
        })
    }
}

#[cfg(feature = "serde")]
impl From<MomentsTally> for MomentsTallyState {
    fn from(tally: MomentsTally) -> Self {
        Self {
            decimal_places: tally.unit,
            count: tally.count(),
            minor_units: tally.moments.sum().to_string(),
            squared_minor_units: tally.moments.squares().to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_numbers_and_full_tallies_change_nothing() {
        let mut tally = MomentsTally::empty(MinorUnit::CENT);
        let error = tally.extend([Decimal::ONE, Decimal::new(1005, 3)]).unwrap_err();
        assert_eq!(error.to_string(), "row 1: number is 1.005, but must be of at most 2 decimal places");
        assert!(matches!(tally.record(Decimal::new(i64::MAX, 0)), Err(Error::Overflow { field: "sum of squares", .. })));
        assert!(matches!(tally.record_column(&[i64::MIN; 5]), Err(Error::Overflow { field: "sum of squares", .. })));
        assert!(matches!(tally.merge(&MomentsTally::empty(MinorUnit::WHOLE)), Err(Error::Mismatch { .. })));
        assert_eq!(tally, MomentsTally::empty(MinorUnit::CENT));
        assert!(matches!(tally.finish(), Err(Error::Undefined { metric: "mean", .. })));
    }

    #[test]
    fn a_variance_is_exact_in_the_square_of_the_unit() {
        let mut tally = MomentsTally::empty(MinorUnit::CENT);
        tally.record_column(&[100_000_000_001, 100_000_000_002, 100_000_000_003]).unwrap();
        assert_eq!(tally.variance(), Ok(Decimal::new(1, 4)));
        assert_eq!(tally.mean().unwrap().to_string(), "1000000000.02");
    }
}
