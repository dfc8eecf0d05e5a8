//! Promoters less detractors: NPS and net satisfaction.

use core::cmp::Ordering;
use core::fmt;

use rust_decimal::Decimal;

use super::{RatingTally, Scale};
use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::share::Share;

/// How many promoters, passives and detractors there are, and the score that they make.
///
/// ```text
/// net score = promoters / answers - detractors / answers,  -1 <= net score <= 1
/// ```
///
/// It comes from [`RatingTally::nps`] or [`RatingTally::net_satisfaction`], or from known counts. The counts are kept, so that scores
/// can be pooled and compared without rounding. Net Promoter and NPS are registered trademarks of Bain & Company, Inc., NICE Systems,
/// Inc. (Satmetrix Systems) and Fred Reichheld.
///
/// ```
/// use customer_metrics::satisfaction::NetScore;
///
/// let score = NetScore::new(100, 30, 80)?;
/// assert_eq!(score.to_string(), "9.5 points (promoters 100, passives 30, detractors 80)");
/// assert_eq!(score.promoters().to_string(), "100 of 210 (47.6%)");
/// assert!(score.compare(&NetScore::new(1, 0, 0)?).is_lt());
/// assert!(NetScore::new(0, 0, 0).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "NetScoreState", into = "NetScoreState"))]
pub struct NetScore {
    promoters: Share,
    passives: Share,
    detractors: Share,
}

impl NetScore {
    /// The score of these counts.
    ///
    /// # Errors
    /// [`Error::Undefined`] if all are 0; [`Error::Overflow`] if together they exceed 64 bits.
    pub fn new(promoters: u64, passives: u64, detractors: u64) -> Result<Self> {
        Self::of("net score", promoters, passives, detractors)
    }

    /// The score under the name of its metric, for the error where it does not exist.
    fn of(metric: &'static str, promoters: u64, passives: u64, detractors: u64) -> Result<Self> {
        let answers = promoters.checked_add(passives).and_then(|sum| sum.checked_add(detractors));
        let answers = answers.ok_or_else(|| Error::count_overflow("answers"))?;
        let share = |part| Share::of(metric, "no question was answered", part, answers);
        Ok(Self { promoters: share(promoters)?, passives: share(passives)?, detractors: share(detractors)? })
    }

    /// The share of promoters.
    #[must_use]
    pub fn promoters(&self) -> Share {
        self.promoters
    }

    /// The share of passives: neither promoters nor detractors.
    #[must_use]
    pub fn passives(&self) -> Share {
        self.passives
    }

    /// The share of detractors.
    #[must_use]
    pub fn detractors(&self) -> Share {
        self.detractors
    }

    /// How many answered; never 0.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.promoters.whole()
    }

    /// Promoters less detractors.
    pub(super) fn net(&self) -> i128 {
        decimal::wide(self.promoters.part()).saturating_sub(decimal::wide(self.detractors.part()))
    }

    /// The score in -1..=1, rounded half away from zero at the 28th decimal place.
    #[must_use]
    pub fn value(&self) -> Decimal {
        self.scaled(1)
    }

    /// The score in points, -100..=100, rounded half away from zero to 28 digits.
    ///
    /// For a report, round it as late as possible: the difference of two rounded scores can be off by a point.
    #[must_use]
    pub fn points(&self) -> Decimal {
        self.scaled(100)
    }

    fn scaled(&self, factor: i128) -> Decimal {
        let net = self.net().saturating_mul(factor);
        decimal::ratio("net score", "nobody answered", net, decimal::wide(self.answers())).unwrap_or(Decimal::ZERO)
    }

    /// The variance of one answer, taken as +1, 0 or -1, divided by n and not n - 1; rounded half away from zero to 28 digits.
    ///
    /// ```text
    /// variance = p + d - (p - d)^2,  p = promoters / answers,  d = detractors / answers
    /// ```
    ///
    /// Promoters and detractors are not independent: their covariance is -p d, which this holds. It is 0 if all answer alike and at most
    /// 1. It has no interval of its own; it is what the [score's](Self::estimate) is made of. Source: CYBAEA; the tests of the R package NPS.
    ///
    /// # Errors
    /// [`Error::Overflow`] beyond some 5 x 10^18 answers.
    pub fn variance(&self) -> Result<Decimal> {
        let overflow = || Error::decimal_overflow("net score variance");
        let n = decimal::wide(self.answers());
        let decided = decimal::wide(self.promoters.part()).saturating_add(decimal::wide(self.detractors.part()));
        let squares = decided.checked_mul(n).ok_or_else(overflow)?;
        let square = self.net().checked_mul(self.net()).ok_or_else(overflow)?;
        let numerator = squares.checked_sub(square).ok_or_else(overflow)?;
        decimal::ratio("net score variance", "nobody answered", numerator, n.checked_mul(n).ok_or_else(overflow)?)
    }

    /// Orders two scores by value, without rounding.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        let (mine, theirs) = (self.net(), other.net());
        let cross = |net: i128, answers: u64| net.unsigned_abs().saturating_mul(u128::from(answers));
        mine.signum().cmp(&theirs.signum()).then_with(|| {
            let by_size = cross(mine, other.answers()).cmp(&cross(theirs, self.answers()));
            if mine < 0 { by_size.reverse() } else { by_size }
        })
    }

    /// The score of both groups together, as if they had been asked as one.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the counts exceed 64 bits.
    pub fn merge(&self, other: &Self) -> Result<Self> {
        let add = |mine: Share, theirs: Share| mine.part().checked_add(theirs.part()).ok_or_else(|| Error::count_overflow("answers"));
        Self::new(add(self.promoters, other.promoters)?, add(self.passives, other.passives)?, add(self.detractors, other.detractors)?)
    }
}

/// The rounded points and the counts, such as `9.5 points (promoters 100, passives 30, detractors 80)`.
impl fmt::Display for NetScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let points = decimal::round(self.points(), 1);
        let [promoters, passives, detractors] = [self.promoters, self.passives, self.detractors].map(|share| share.part());
        write!(f, "{points:.1} points (promoters {promoters}, passives {passives}, detractors {detractors})")
    }
}

/// Where detractors end and promoters begin; the ratings between the two are passive.
///
/// ```
/// use customer_metrics::Tally;
/// use customer_metrics::satisfaction::{NetCuts, RatingTally, Scale};
///
/// let mut tally = RatingTally::empty(Scale::ONE_TO_FIVE);
/// tally.record_column(&[5, 5, 4, 3, 1])?;
/// let net = tally.net_satisfaction(NetCuts::new(2, 5)?)?;
/// assert_eq!(net.points().to_string(), "20");
///
/// // A 1-5 scale has no rating 9, and NPS is not read off it.
/// assert!(tally.net_satisfaction(NetCuts::NPS).is_err());
/// assert!(tally.nps().is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "NetCutsState", into = "NetCutsState"))]
pub struct NetCuts {
    detractors_to: u8,
    promoters_from: u8,
}

impl NetCuts {
    /// Detractors up to 6, promoters from 9: the cuts of NPS on 0-10.
    pub const NPS: Self = Self { detractors_to: 6, promoters_from: 9 };

    /// Detractors up to the first rating, promoters from the second, both included.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless promoters begin above where detractors end.
    pub fn new(detractors_to: u8, promoters_from: u8) -> Result<Self> {
        if promoters_from <= detractors_to {
            return Err(Error::out_of_bounds("promoters from", promoters_from, Bound::MoreThan(detractors_to.into())));
        }
        Ok(Self { detractors_to, promoters_from })
    }

    /// The highest rating of a detractor.
    #[must_use]
    pub fn detractors_to(self) -> u8 {
        self.detractors_to
    }

    /// The lowest rating of a promoter.
    #[must_use]
    pub fn promoters_from(self) -> u8 {
        self.promoters_from
    }

    /// Both cuts must lie on the scale.
    pub(super) fn check(self, scale: Scale) -> Result<()> {
        let _ = scale.position("detractors to", self.detractors_to)?;
        scale.position("promoters from", self.promoters_from).map(|_| ())
    }

    /// NPS is read off 0-10 and no other scale.
    pub(super) fn check_nps(self, scale: Scale) -> Result<()> {
        if (scale.low(), scale.high()) != (Scale::ZERO_TO_TEN.low(), Scale::ZERO_TO_TEN.high()) {
            return Err(Error::mismatch("scale", scale, "0 to 10, the scale of NPS"));
        }
        self.check(scale)
    }
}

/// Such as `detractors to 6, promoters from 9`.
impl fmt::Display for NetCuts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "detractors to {}, promoters from {}", self.detractors_to, self.promoters_from)
    }
}

impl RatingTally {
    /// NPS: promoters (9, 10) less detractors (0 to 6) of all answers; 7 and 8 are passive.
    ///
    /// ```text
    /// NPS = promoters / answers - detractors / answers
    /// ```
    ///
    /// Only on 0-10: on 1-10 the same cuts give another measure. Missing answers are in no denominator. Net Promoter and NPS are
    /// registered trademarks of Bain & Company, Inc., NICE Systems, Inc. (Satmetrix Systems) and Fred Reichheld. Source: Reichheld,
    /// "The One Number You Need to Grow", Harvard Business Review, December 2003.
    ///
    /// ```
    /// use customer_metrics::Tally;
    /// use customer_metrics::satisfaction::{RatingTally, Scale};
    ///
    /// let mut recommend = RatingTally::empty(Scale::ZERO_TO_TEN);
    /// recommend.record_column(&[0, 7, 7, 9, 9, 9])?;
    /// assert_eq!(recommend.nps()?.to_string(), "33.3 points (promoters 3, passives 2, detractors 1)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Mismatch`] on any other scale than 0-10; [`Error::Undefined`] without answers.
    pub fn nps(&self) -> Result<NetScore> {
        NetCuts::NPS.check_nps(self.scale())?;
        self.net_score("NPS", NetCuts::NPS)
    }

    /// Net satisfaction: promoters less detractors of all answers, with cuts of one's own on any scale (as in Qualtrics).
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if a cut is not on the scale; [`Error::Undefined`] without answers.
    pub fn net_satisfaction(&self, cuts: NetCuts) -> Result<NetScore> {
        cuts.check(self.scale())?;
        self.net_score("net satisfaction", cuts)
    }

    fn net_score(&self, metric: &'static str, cuts: NetCuts) -> Result<NetScore> {
        let promoters = self.between(cuts.promoters_from, self.scale().high());
        let detractors = self.between(self.scale().low(), cuts.detractors_to);
        let passives = self.answers().saturating_sub(promoters).saturating_sub(detractors);
        NetScore::of(metric, promoters, passives, detractors)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct NetScoreState {
    promoters: u64,
    passives: u64,
    detractors: u64,
}

#[cfg(feature = "serde")]
impl TryFrom<NetScoreState> for NetScore {
    type Error = Error;

    fn try_from(state: NetScoreState) -> Result<Self> {
        Self::new(state.promoters, state.passives, state.detractors)
    }
}

#[cfg(feature = "serde")]
impl From<NetScore> for NetScoreState {
    fn from(score: NetScore) -> Self {
        Self { promoters: score.promoters.part(), passives: score.passives.part(), detractors: score.detractors.part() }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct NetCutsState {
    detractors_to: u8,
    promoters_from: u8,
}

#[cfg(feature = "serde")]
impl TryFrom<NetCutsState> for NetCuts {
    type Error = Error;

    fn try_from(state: NetCutsState) -> Result<Self> {
        Self::new(state.detractors_to, state.promoters_from)
    }
}

#[cfg(feature = "serde")]
impl From<NetCuts> for NetCutsState {
    fn from(cuts: NetCuts) -> Self {
        Self { detractors_to: cuts.detractors_to, promoters_from: cuts.promoters_from }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Tally as _;

    #[test]
    fn nps_is_read_off_0_to_10_only_whatever_its_threshold() {
        for (low, high) in [(1, 10), (0, 9), (0, 11), (1, 5)] {
            let tally = RatingTally::empty(Scale::new(low, high, high).unwrap());
            assert!(matches!(tally.nps(), Err(Error::Mismatch { field: "scale", .. })), "{low} to {high}");
        }
        let mut other_threshold = RatingTally::empty(Scale::new(0, 10, 7).unwrap());
        assert!(matches!(other_threshold.nps(), Err(Error::Undefined { metric: "NPS", .. })));
        other_threshold.record_column(&[6, 7, 8, 9]).unwrap();
        other_threshold.record_missing(5).unwrap();
        assert_eq!(other_threshold.nps(), NetScore::new(1, 2, 1));
    }

    #[test]
    fn cuts_lie_apart_and_on_the_scale() {
        assert!(matches!(NetCuts::new(3, 3), Err(Error::OutOfBounds { field: "promoters from", .. })));
        assert!(NetCuts::new(9, 6).is_err());
        let tally = RatingTally::from_counts(Scale::ONE_TO_FIVE, &[1, 1, 1, 1, 1], 0).unwrap();
        let below = tally.net_satisfaction(NetCuts::new(0, 4).unwrap()).unwrap_err();
        assert_eq!(below.to_string(), "detractors to is 0, but must be within 1 to 5");
        let above = tally.net_satisfaction(NetCuts::new(3, 6).unwrap()).unwrap_err();
        assert_eq!(above.to_string(), "promoters from is 6, but must be within 1 to 5");
        assert_eq!(tally.net_satisfaction(NetCuts::new(3, 4).unwrap()), NetScore::new(2, 0, 3));
    }

    #[test]
    fn unanimous_answers_reach_the_ends_and_have_no_variance() {
        for (score, points) in [(NetScore::new(7, 0, 0), 100), (NetScore::new(0, 7, 0), 0), (NetScore::new(0, 0, 7), -100)] {
            assert_eq!(score.clone().unwrap().points(), Decimal::from(points));
            assert_eq!(score.unwrap().variance(), Ok(Decimal::ZERO));
        }
        assert_eq!(NetScore::new(1, 0, 1).unwrap().variance(), Ok(Decimal::ONE));
    }

    #[test]
    fn the_largest_counts_keep_their_value_and_order() {
        let most = NetScore::new(u64::MAX, 0, 0).unwrap();
        assert_eq!(most.value(), Decimal::ONE);
        assert!(matches!(most.variance(), Err(Error::Overflow { .. })));
        assert!(matches!(most.merge(&most), Err(Error::Overflow { .. })));
        assert!(NetScore::new(u64::MAX, 0, 1).is_err());
        let nearly = NetScore::new(u64::MAX - 1, 1, 0).unwrap();
        assert!(nearly.compare(&most).is_lt() && most.compare(&nearly).is_gt());
        let (worst, less_bad) = (NetScore::new(0, 0, u64::MAX).unwrap(), NetScore::new(0, 1, u64::MAX - 1).unwrap());
        assert!(worst.compare(&less_bad).is_lt() && worst.compare(&most).is_lt() && nearly.compare(&less_bad).is_gt());
        assert!(NetScore::new(1, 1, 0).unwrap().compare(&NetScore::new(2, 2, 0).unwrap()).is_eq());
        assert_eq!(NetScore::new(5_000_000_000_000_000_000, 0, 0).unwrap().variance(), Ok(Decimal::ZERO));
    }
}
