//! Defects per million.

use core::fmt;

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::estimate::{Confidence, Estimate};
use crate::share::Share;

/// So many defects among so many opportunities for one: parts delivered, orders handled, or fields filled in.
///
/// ```text
/// defects per million = defects / opportunities x 1,000,000
/// ```
///
/// If a unit can have several defects, its opportunities are all of them (DPMO); if it is counted once, as good or bad, they are the
/// units (parts per million). Dell rates its suppliers by it (doc-001); six sigma stands for 3.4.
///
/// ```
/// use customer_metrics::satisfaction::DefectRate;
///
/// let rate = DefectRate::new(17, 5_000_000)?;
/// assert_eq!(rate.per_million().to_string(), "3.4");
/// assert_eq!(rate.to_string(), "17 of 5000000 (3.4 per million)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct DefectRate(Share);

impl DefectRate {
    /// `defects` among `opportunities`.
    ///
    /// # Errors
    /// [`Error::Undefined`] without opportunities; [`Error::OutOfBounds`] if there
    /// are more defects than opportunities.
    pub fn new(defects: u64, opportunities: u64) -> Result<Self> {
        Share::of("defect rate", "there were no opportunities for a defect", defects, opportunities).map(Self)
    }

    /// Defects of opportunities as a share, which has an interval.
    #[must_use]
    pub fn share(&self) -> Share {
        self.0
    }

    /// Defects per million opportunities, rounded half away from zero to 28 digits.
    #[must_use]
    pub fn per_million(&self) -> Decimal {
        self.0.per(1_000_000, 28)
    }

    /// Defects per million opportunities with their interval: a million times Wilson's for the share.
    ///
    /// Without a single defect the high end still says how many there may be.
    ///
    /// ```
    /// use customer_metrics::Confidence;
    /// use customer_metrics::satisfaction::DefectRate;
    ///
    /// let rate = DefectRate::new(17, 5_000_000)?;
    /// assert_eq!(format!("{:.1}", rate.estimate(Confidence::P95)), "3.4 (2.1 to 5.4, 95% Wilson, n = 5000000)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn estimate(&self, confidence: Confidence) -> Estimate {
        self.0.estimate(confidence).rising(|share| share * 1e6)
    }

    /// The rate as a score for a [`Criterion`](super::Criterion): 100 without defects, falling in a straight line to 0 at `worst_per_million`,
    /// and 0 beyond. Rounded to 28 digits.
    ///
    /// ```
    /// use customer_metrics::Decimal;
    /// use customer_metrics::satisfaction::{Criterion, DefectRate, Scorecard};
    ///
    /// let defects = DefectRate::new(50, 1_000_000)?.score(Decimal::from(200))?;
    /// let supplier = Scorecard::new(Decimal::ONE_HUNDRED, [
    ///     Criterion::new("defects per million", Decimal::from(60), defects)?,
    ///     Criterion::new("delivery on time", Decimal::from(40), Decimal::from(90))?,
    /// ])?;
    /// assert_eq!(supplier.total().to_string(), "81");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless `worst_per_million` lies above 0 and at most at a million.
    pub fn score(&self, worst_per_million: Decimal) -> Result<Decimal> {
        let worst = checked_worst(worst_per_million)?;
        let left = decimal::sub("defect score", worst, self.per_million())?.max(Decimal::ZERO);
        let hundredfold = decimal::mul("defect score", left, Decimal::ONE_HUNDRED)?;
        decimal::div("defect score", "the worst is 0", hundredfold, worst)
    }

    /// The score with its interval: that of the [rate](Self::estimate), scored at its ends.
    ///
    /// ```
    /// use customer_metrics::{Confidence, Decimal};
    /// use customer_metrics::satisfaction::DefectRate;
    ///
    /// let score = DefectRate::new(50, 1_000_000)?.score_estimate(Decimal::from(200), Confidence::P95)?;
    /// assert_eq!(format!("{score:.1}"), "75.0 (67.0 to 81.0, 95% Wilson, n = 1000000)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`score`](Self::score).
    pub fn score_estimate(&self, worst_per_million: Decimal, confidence: Confidence) -> Result<Estimate> {
        let worst = decimal::to_f64(checked_worst(worst_per_million)?);
        Ok(self.estimate(confidence).falling(|rate| 100.0 * (1.0 - rate / worst).max(0.0)))
    }

    /// The rate of both lots together.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the counts exceed 64 bits.
    pub fn merge(&self, other: &Self) -> Result<Self> {
        self.0.merge(&other.0).map(Self)
    }
}

fn checked_worst(worst_per_million: Decimal) -> Result<Decimal> {
    let million = Decimal::from(1_000_000_u32);
    if worst_per_million <= Decimal::ZERO {
        return Err(Error::out_of_bounds("worst per million", worst_per_million, Bound::MoreThan(Decimal::ZERO.into())));
    }
    if worst_per_million > million {
        return Err(Error::out_of_bounds("worst per million", worst_per_million, Bound::AtMost(million.into())));
    }
    Ok(worst_per_million)
}

/// The counts and the rounded rate, such as `17 of 5000000 (3.4 per million)`.
impl fmt::Display for DefectRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} ({:.1} per million)", self.0.part(), self.0.whole(), decimal::round(self.per_million(), 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_falls_from_100_to_0_at_the_worst_and_stays_there() {
        let score = |defects, worst: i64| DefectRate::new(defects, 1_000_000).unwrap().score(Decimal::from(worst));
        assert_eq!(score(0, 10), Ok(Decimal::ONE_HUNDRED));
        assert_eq!(score(5, 10), Ok(Decimal::from(50)));
        assert_eq!(score(10, 10), Ok(Decimal::ZERO));
        assert_eq!(score(1_000_000, 10), Ok(Decimal::ZERO));
        assert_eq!(score(1_000_000, 1_000_000), Ok(Decimal::ZERO));
        assert!(score(1, 0).is_err() && score(1, 1_000_001).is_err());
    }

    #[test]
    fn the_interval_of_a_score_is_that_of_the_rate_turned_over() {
        let rate = DefectRate::new(50, 1_000_000).unwrap();
        let of_rate = rate.estimate(Confidence::P95);
        let of_score = rate.score_estimate(Decimal::from(60), Confidence::P95).unwrap();
        assert!((of_score.point() - 100.0 / 6.0).abs() < 1e-12);
        // More defects than the worst are 0 points.
        assert!(of_rate.interval().high() > 60.0 && of_score.interval().low().abs() < f64::MIN_POSITIVE);
        assert!((of_score.interval().high() - 100.0 * (1.0 - of_rate.interval().low() / 60.0)).abs() < 1e-12);
        assert!(rate.score_estimate(Decimal::ZERO, Confidence::P95).is_err());
    }

    #[test]
    fn none_all_and_the_largest_counts() {
        assert_eq!(DefectRate::new(0, 7).unwrap().per_million(), Decimal::ZERO);
        assert_eq!(DefectRate::new(u64::MAX, u64::MAX).unwrap().per_million(), Decimal::from(1_000_000));
        assert!(matches!(DefectRate::new(0, 0), Err(Error::Undefined { metric: "defect rate", .. })));
        assert!(matches!(DefectRate::new(2, 1), Err(Error::OutOfBounds { .. })));
        let one_of_three = DefectRate::new(1, 3).unwrap();
        assert_eq!(one_of_three.merge(&DefectRate::new(0, 1).unwrap()).unwrap().per_million(), Decimal::from(250_000));
        assert!(one_of_three.merge(&DefectRate::new(0, u64::MAX).unwrap()).is_err());
    }
}
