//! An interval, and a metric that carries one.

use core::fmt;

use super::{Caution, Confidence, write_number};
use crate::error::{Bound, Error, Result};

/// From a low to a high value, both included and finite.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "IntervalState", into = "IntervalState"))]
pub struct Interval {
    low: f64,
    high: f64,
}

impl Interval {
    /// From `low` to `high`.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if an end is infinite or NaN, or `low` is more than `high`.
    pub fn new(low: f64, high: f64) -> Result<Self> {
        for (field, end) in [("low", low), ("high", high)] {
            if !end.is_finite() {
                return Err(Error::out_of_bounds(field, end, Bound::Finite));
            }
        }
        if low > high {
            return Err(Error::out_of_bounds("low", low, Bound::AtMost(high.into())));
        }
        if !(high - low).is_finite() {
            return Err(Error::out_of_bounds("width", high - low, Bound::Finite));
        }
        Ok(Self { low, high })
    }

    /// The interval of a computation that cannot give anything else. If it did, its ends would change places, and one that is no number would
    /// be as far out as there is.
    pub(crate) fn ordered(low: f64, high: f64) -> Self {
        debug_assert!(low <= high && low.is_finite() && high.is_finite(), "{low} to {high}");
        Self { low: low.min(high).max(f64::MIN / 2.0), high: high.max(low).min(f64::MAX / 2.0) }
    }

    /// The interval between two ends, held within a range and moved out to a point of that range.
    pub(crate) fn holding(point: f64, [low, high]: [f64; 2], [lowest, highest]: [f64; 2]) -> Self {
        Self::ordered(low.max(lowest).min(point), high.min(highest).max(point))
    }

    /// The low end.
    #[must_use]
    pub fn low(&self) -> f64 {
        self.low
    }

    /// The high end.
    #[must_use]
    pub fn high(&self) -> f64 {
        self.high
    }

    /// The distance between the ends.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.high - self.low
    }

    /// Whether `value` lies in the interval, its ends included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// Both ends; a precision such as `{:.3}` applies to each, and six digits are shown without one.
impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_number(self.low, f)?;
        f.write_str(" to ")?;
        write_number(self.high, f)
    }
}

/// How an interval was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Method {
    /// [`ShareMethod::Wilson`](super::ShareMethod::Wilson).
    Wilson,
    /// [`ShareMethod::WilsonCorrected`](super::ShareMethod::WilsonCorrected).
    WilsonCorrected,
    /// [`ShareMethod::AgrestiCoull`](super::ShareMethod::AgrestiCoull).
    AgrestiCoull,
    /// [`ShareMethod::ClopperPearson`](super::ShareMethod::ClopperPearson).
    ClopperPearson,
    /// [`ShareMethod::JeffreysEqualTailed`](super::ShareMethod::JeffreysEqualTailed).
    JeffreysEqualTailed,
    /// [`ShareMethod::JeffreysModified`](super::ShareMethod::JeffreysModified).
    JeffreysModified,
    /// [`ShareMethod::Wald`](super::ShareMethod::Wald), for teaching only.
    Wald,
    /// The normal interval of a net score after adding 3/4 promoter, 3/2 passives and 3/4 detractor (Rocks 2016).
    NetScoreAdjustedWald,
    /// The textbook interval of a net score from its multinomial variance.
    NetScoreWald,
    /// [`ConfidenceSequence`](super::ConfidenceSequence): valid however often it is read.
    ConfidenceSequence,
    /// The equal-tailed interval of a share after shrinkage towards its team: [`Shrinkage`](super::Shrinkage).
    ShrunkenShare,
    /// The equal-tailed interval of a mean after shrinkage towards its team: [`MeanShrinkage`](super::MeanShrinkage).
    ShrunkenMean,
    /// A method for one share, at the effective number of answers of a [`WeightedShare`](super::WeightedShare).
    AtEffectiveSize(super::ShareMethod),
    /// [`NetScoreAdjustedWald`](Self::NetScoreAdjustedWald), at the effective number of weighted answers.
    NetScoreAdjustedWaldAtEffectiveSize,
    /// [`NetScoreWald`](Self::NetScoreWald), at the effective number of weighted answers.
    NetScoreWaldAtEffectiveSize,
    /// [`WeightedShareMethod::KornGraubard`](super::WeightedShareMethod::KornGraubard).
    KornGraubard,
    /// Student's t times the linearised standard error of a weighted figure, of a ratio of sums or of a mean of means.
    Linearised,
    /// The intervals of independent parts, weighted, squared and added: [`combine_independent`](super::combine_independent).
    SquareAndAdd,
    /// The intervals of parts that may hang together, weighted and added: [`combine_dependent`](super::combine_dependent).
    SumOfDistances,
    /// Wilson's interval at the confidence that many shares need to hold together: [`goodman_estimates`](super::goodman_estimates).
    Goodman,
    /// [`StratifiedShareMethod::Wilson`](super::StratifiedShareMethod::Wilson).
    StratifiedWilson,
    /// [`StratifiedShareMethod::YanSu`](super::StratifiedShareMethod::YanSu).
    YanSu,
    /// [`StratifiedShareMethod::Normal`](super::StratifiedShareMethod::Normal).
    StratifiedNormal,
    /// [`StratifiedMeanMethod::PartlyPooled`](crate::satisfaction::StratifiedMeanMethod::PartlyPooled).
    StratifiedT,
    /// [`StratifiedMeanMethod::Satterthwaite`](crate::satisfaction::StratifiedMeanMethod::Satterthwaite).
    StratifiedSatterthwaite,
    /// [`NetScoreAdjustedWald`](Self::NetScoreAdjustedWald), with what it adds spread over strata.
    StratifiedAdjustedWald,
    /// Clopper-Pearson limits of the nearest complaints on either side, for a curve that never rises:
    /// [`MonotoneRetention::estimate`](crate::complaint::MonotoneRetention::estimate).
    MonotoneWindows,
    /// A normal interval of the logit, taken back to a share.
    LogitWald,
    /// A normal interval whose variance is that of the parameters behind it, by their derivatives (the delta method).
    Delta,
    /// [`Delta`](Self::Delta) in the logarithm of a value that is not 0, taken back.
    DeltaOnLogarithm,
    /// The middle of what was estimated from data that were drawn again from the fitted model.
    ParametricBootstrap,
    /// [`LimitMethod::LogLog`](crate::survival::LimitMethod::LogLog).
    SurvivalLogLog,
    /// [`LimitMethod::Log`](crate::survival::LimitMethod::Log).
    SurvivalLog,
    /// [`LimitMethod::Plain`](crate::survival::LimitMethod::Plain).
    SurvivalPlain,
    /// [`LimitMethod::Logit`](crate::survival::LimitMethod::Logit).
    SurvivalLogit,
    /// [`LimitMethod::Arcsine`](crate::survival::LimitMethod::Arcsine).
    SurvivalArcsine,
    /// [`RiskTable::estimate_at`](crate::survival::RiskTable::estimate_at).
    BetaProduct,
    /// The interval of a cumulative hazard that is symmetric in its logarithm.
    HazardLog,
    /// The normal interval of a [restricted mean](crate::survival::RestrictedMean).
    RestrictedMean,
    /// The normal interval of [discounted payments](crate::survival::SurvivalCurve::discounted_payments).
    DiscountedPayments,
    /// [`DifferenceMethod::Newcombe`](super::DifferenceMethod::Newcombe) of two shares, times a known number.
    NewcombeDifference,
    /// From one rating to another between which the middle answer lies: those whose position in order is a quantile of the binomial distribution
    /// with 1/2.
    OrderStatistics,
    /// The interval of a mean by Student's t distribution with n - 1 degrees, held within the range that a mean can have.
    StudentT,
    /// Fisher's transformation of a correlation, with the variance 1 / (n - 3).
    FisherZ,
    /// [`SpearmanMethod::BonettWright`](super::SpearmanMethod::BonettWright).
    BonettWright,
    /// [`SpearmanMethod::FiellerHartleyPearson`](super::SpearmanMethod::FiellerHartleyPearson), and Kendall's of the same name.
    FiellerHartleyPearson,
    /// [`KendallMethod::Asymptotic`](super::KendallMethod::Asymptotic).
    Asymptotic,
    /// The interval of Cronbach's alpha by the F distribution (Feldt 1965).
    Feldt,
    /// Elsewhere, as the caller of [`Estimate::new`] knows.
    Given,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AtEffectiveSize(method) => return write!(f, "{method} at effective n"),
            Self::NetScoreAdjustedWaldAtEffectiveSize => "adjusted Wald at effective n",
            Self::NetScoreWaldAtEffectiveSize => "Wald at effective n",
            Self::KornGraubard => "Korn-Graubard",
            Self::Linearised => "linearised t",
            Self::SquareAndAdd => "square-and-add",
            Self::SumOfDistances => "sum of distances",
            Self::Goodman => "Goodman",
            Self::StratifiedWilson => "stratified Wilson",
            Self::YanSu => "Yan-Su",
            Self::StratifiedNormal => "stratified normal",
            Self::StratifiedT => "stratified t",
            Self::StratifiedSatterthwaite => "Satterthwaite t",
            Self::StratifiedAdjustedWald => "stratified adjusted Wald",
            Self::Wilson => "Wilson",
            Self::WilsonCorrected => "Wilson with continuity correction",
            Self::AgrestiCoull => "Agresti-Coull",
            Self::ClopperPearson => "Clopper-Pearson",
            Self::JeffreysEqualTailed => "Jeffreys equal-tailed",
            Self::JeffreysModified => "Jeffreys",
            Self::Wald => "Wald (for teaching only)",
            Self::NetScoreAdjustedWald => "adjusted Wald",
            Self::NetScoreWald => "Wald",
            Self::ConfidenceSequence => "confidence sequence",
            Self::ShrunkenShare | Self::ShrunkenMean => "shrunken towards the team",
            Self::MonotoneWindows => "monotone windows",
            Self::LogitWald => "Wald on the logit",
            Self::Delta => "delta method",
            Self::DeltaOnLogarithm => "delta method on the logarithm",
            Self::ParametricBootstrap => "parametric bootstrap",
            Self::SurvivalLogLog => "log-log",
            Self::SurvivalLog | Self::HazardLog => "log",
            Self::SurvivalPlain => "plain",
            Self::BetaProduct => "beta product",
            Self::SurvivalLogit => "logit",
            Self::SurvivalArcsine => "arcsine",
            Self::RestrictedMean | Self::DiscountedPayments => "normal",
            Self::NewcombeDifference => "Newcombe",
            Self::OrderStatistics => "order statistics",
            Self::StudentT => "t",
            Self::FisherZ => "Fisher z",
            Self::BonettWright => "Bonett-Wright",
            Self::FiellerHartleyPearson => "Fieller-Hartley-Pearson",
            Self::Asymptotic => "asymptotic",
            Self::Feldt => "Feldt",
            Self::Given => "given",
        })
    }
}

/// A metric with its uncertainty.
///
/// It is read off counts: it is written with its method and its caution, and not read back, as what was written may have been changed. Store
/// the counts or the tally; take in an estimate of another program by [`new`](Self::new), which says that it was given.
///
/// ```
/// use customer_metrics::{Confidence, Share};
///
/// let estimate = Share::new(24, 30)?.estimate(Confidence::P95);
/// assert_eq!(format!("{estimate:.3}"), "0.800 (0.627 to 0.905, 95% Wilson, n = 30)");
/// assert_eq!(estimate.to_string(), "0.8 (0.626943 to 0.904949, 95% Wilson, n = 30)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Estimate {
    point: f64,
    interval: Interval,
    confidence: Confidence,
    method: Method,
    n: u64,
    caution: Option<Caution>,
}

impl Estimate {
    /// An estimate that was made elsewhere, such as by another program, so that it can be [combined](super::combine_independent) or put
    /// [in money](Self::in_money) like those of this crate: by [`Method::Given`].
    ///
    /// ```
    /// use customer_metrics::estimate::combine_independent;
    /// use customer_metrics::{Confidence, Estimate, Interval, Share};
    ///
    /// let modelled = Estimate::new(0.62, Interval::new(0.55, 0.68)?, Confidence::P95, 410)?;
    /// let counted = Share::new(180, 200)?.estimate(Confidence::P95);
    /// let both = combine_independent(&[(0.5, modelled), (0.5, counted)])?;
    /// assert_eq!(format!("{both:.3}"), "0.760 (0.717 to 0.795, 95% square-and-add, n = 610)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the point lies outside the interval, or is NaN.
    pub fn new(point: f64, interval: Interval, confidence: Confidence, n: u64) -> Result<Self> {
        if !interval.contains(point) {
            return Err(Error::out_of_bounds("point", point, Bound::Within(interval.low.into(), interval.high.into())));
        }
        Ok(Self { point, interval, confidence, method: Method::Given, n, caution: None })
    }

    /// The estimate of a computation whose interval holds the point. If it did not, it would be moved out to it.
    pub(crate) fn holding(point: f64, interval: Interval, confidence: Confidence, method: Method, n: u64) -> Self {
        debug_assert!(interval.contains(point), "{interval} does not hold {point}");
        let interval = Interval { low: interval.low.min(point), high: interval.high.max(point) };
        Self { point, interval, confidence, method, n, caution: None }
    }

    pub(crate) fn with_caution(self, caution: Option<Caution>) -> Self {
        Self { caution, ..self }
    }

    /// The estimate of something that never falls where the estimated metric rises: its ends are those of the metric, and it holds the truth
    /// exactly as often.
    pub(crate) fn rising(&self, function: impl Fn(f64) -> f64) -> Self {
        let (point, low, high) = (function(self.point), function(self.interval.low), function(self.interval.high));
        Self { point, interval: Interval::ordered(low.min(point), high.max(point)), ..*self }
    }

    /// The estimate of something that never rises where the estimated metric does.
    pub(crate) fn falling(&self, function: impl Fn(f64) -> f64) -> Self {
        let (point, low, high) = (function(self.point), function(self.interval.high), function(self.interval.low));
        Self { point, interval: Interval::ordered(low.min(point), high.max(point)), ..*self }
    }

    /// The same in hundredths: a share in percent, a net score in points.
    ///
    /// ```
    /// use customer_metrics::{Confidence, satisfaction::NetScore};
    ///
    /// let nps = NetScore::new(100, 56, 44)?.estimate(Confidence::P95);
    /// assert_eq!(format!("{nps:.2}"), "0.28 (0.17 to 0.39, 95% adjusted Wald, n = 200)");
    /// assert_eq!(format!("{:.0}", nps.in_percent()), "28 (17 to 39, 95% adjusted Wald, n = 200)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn in_percent(&self) -> Self {
        let most = f64::MAX / 4.0;
        self.rising(|value| (100.0 * value).clamp(-most, most))
    }

    /// The metric itself.
    #[must_use]
    pub fn point(&self) -> f64 {
        self.point
    }

    /// Where the true value may lie; it holds the point.
    #[must_use]
    pub fn interval(&self) -> Interval {
        self.interval
    }

    /// The confidence of the interval.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// How the interval was made.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// How many answers or customers are behind it.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// What is to be said against its method at this number of answers, if anything: see [`Caution`].
    #[must_use]
    pub fn caution(&self) -> Option<Caution> {
        self.caution
    }
}

/// Everything in one line; a precision such as `{:.3}` applies to point and ends, and six digits are shown without one.
impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_number(self.point, f)?;
        f.write_str(" (")?;
        fmt::Display::fmt(&self.interval, f)?;
        write!(f, ", {} {}, n = {})", self.confidence, self.method, self.n)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct IntervalState {
    low: f64,
    high: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<IntervalState> for Interval {
    type Error = Error;

    fn try_from(state: IntervalState) -> Result<Self> {
        Self::new(state.low, state.high)
    }
}

#[cfg(feature = "serde")]
impl From<Interval> for IntervalState {
    fn from(interval: Interval) -> Self {
        Self { low: interval.low, high: interval.high }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_held_within_its_range_and_moved_out_to_its_point() {
        let interval = |ends| {
            let interval = Interval::holding(0.25, ends, [0.0, 1.0]);
            [interval.low, interval.high].map(f64::to_bits)
        };
        for (ends, expected) in [
            ([0.1, 0.5], [0.1, 0.5]),
            ([-3.0, 7.0], [0.0, 1.0]),
            ([0.3, 0.5], [0.25, 0.5]),
            ([0.1, 0.2], [0.1, 0.25]),
            ([f64::NEG_INFINITY, f64::INFINITY], [0.0, 1.0]),
            // What is no number says nothing.
            ([f64::NAN, f64::NAN], [0.0, 1.0]),
        ] {
            assert_eq!(interval(ends), expected.map(f64::to_bits), "{ends:?}");
        }
    }

    /// With the checks of a debug build it panics; without them it must still be an interval.
    #[cfg(not(debug_assertions))]
    #[test]
    fn what_a_computation_must_not_give_is_still_an_interval() {
        for (low, high) in [(2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::NAN), (f64::NAN, f64::NAN), (f64::NEG_INFINITY, f64::INFINITY)] {
            let interval = Interval::ordered(low, high);
            assert!(interval.low <= interval.high && interval.width().is_finite(), "{low} {high}: {interval}");
        }
        let moved = Estimate::holding(3.0, Interval::ordered(1.0, 2.0), Confidence::P95, Method::Given, 1);
        assert!(moved.interval.contains(3.0) && moved.interval.contains(1.0), "{moved}");
    }
}
