//! The complaint-retention curve: how many customers stay after each outcome of a problem.

use core::cmp::Ordering;

use rust_decimal::{Decimal, RoundingStrategy};

use super::{Outcome, OutcomeMix};
use crate::decimal;
use crate::error::{Error, Result};
use crate::estimate::{Comparison, Confidence, DifferenceMethod, Estimate, RatioMethod};
use crate::proportion::Proportion;
use crate::range::Range;
use crate::share::Share;

/// How many customers stay: counted, or assumed as a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Retention {
    /// So many stayed of those whose fate is known.
    Counted(Share),
    /// A figure without counts, such as a published one.
    Assumed(Range<Proportion>),
}

impl Retention {
    /// The lowest and the highest value; both the same where it was counted.
    #[must_use]
    pub fn range(&self) -> Range<Proportion> {
        match self {
            Self::Counted(share) => Range::single(share.to_proportion()),
            Self::Assumed(range) => *range,
        }
    }

    /// The counts, where there are any.
    #[must_use]
    pub fn share(&self) -> Option<Share> {
        match self {
            Self::Counted(share) => Some(*share),
            Self::Assumed(_) => None,
        }
    }
}

impl From<Share> for Retention {
    fn from(share: Share) -> Self {
        Self::Counted(share)
    }
}

impl From<Proportion> for Retention {
    fn from(proportion: Proportion) -> Self {
        Self::Assumed(Range::single(proportion))
    }
}

impl From<Range<Proportion>> for Retention {
    fn from(range: Range<Proportion>) -> Self {
        Self::Assumed(range)
    }
}

/// Retention by outcome of a problem. Steps may be missing.
///
/// ```
/// use customer_metrics::Share;
/// use customer_metrics::complaint::{Outcome, PublishedCurve, RetentionCurve};
///
/// let ours = RetentionCurve::new([
///     (Outcome::Unresolved, Share::new(19, 100)?.into()),
///     (Outcome::Resolved, Share::new(54, 100)?.into()),
///     (Outcome::ResolvedQuickly, Share::new(82, 100)?.into()),
/// ])?;
/// assert!(ours.rises());
/// assert_eq!(ours.lift(Outcome::Resolved, Outcome::ResolvedQuickly)?.to_string(), "0.28");
/// assert_eq!(ours.ratio(Outcome::Resolved, Outcome::ResolvedQuickly)?.round(3).to_string(), "1.519");
/// assert!(ours.retention(Outcome::Silent).is_err());
///
/// let published = PublishedCurve::MajorProblem.curve();
/// assert_eq!(published.ratio(Outcome::Silent, Outcome::Unresolved)?.round(3).to_string(), "2.111");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "CurveState", into = "CurveState"))]
pub struct RetentionCurve {
    steps: [Option<Retention>; 4],
}

impl RetentionCurve {
    /// The curve through these steps, in any order.
    ///
    /// # Errors
    /// [`Error::Undefined`] without any step; [`Error::Repeated`] if an outcome is given twice.
    pub fn new(steps: impl IntoIterator<Item = (Outcome, Retention)>) -> Result<Self> {
        let mut by_outcome = [None; 4];
        for (outcome, retention) in steps {
            let slot = by_outcome.iter_mut().zip(Outcome::ALL).find_map(|(slot, each)| (each == outcome).then_some(slot));
            if slot.and_then(|slot| slot.replace(retention)).is_some() {
                return Err(Error::Repeated { field: "outcome", value: outcome.to_string() });
            }
        }
        Self::from_steps(by_outcome)
    }

    pub(super) fn from_steps(steps: [Option<Retention>; 4]) -> Result<Self> {
        if steps.iter().all(Option::is_none) {
            return Err(Error::Undefined { metric: "retention curve", because: "for no outcome is it known who stayed" });
        }
        Ok(Self { steps })
    }

    /// A curve whose steps are written down in the crate.
    pub(super) const fn known(steps: [Option<Retention>; 4]) -> Self {
        Self { steps }
    }

    /// The steps that are known, from the worst outcome to the best.
    #[must_use]
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = (Outcome, Retention)> + '_ {
        Outcome::ALL.into_iter().zip(self.steps).filter_map(|(outcome, retention)| Some((outcome, retention?)))
    }

    /// How many stay after this outcome.
    ///
    /// # Errors
    /// [`Error::Undefined`] if the curve has no such step.
    pub fn retention(&self, outcome: Outcome) -> Result<Retention> {
        outcome.pick(self.steps).ok_or(Error::Undefined {
            metric: outcome.pick([
                "retention of the silent",
                "retention after no resolution",
                "retention after resolution",
                "retention after quick resolution",
            ]),
            because: "the curve has no such step",
        })
    }

    /// How many stay after this outcome, with an interval.
    ///
    /// # Errors
    /// [`Error::Undefined`] if the curve has no such step, or it was assumed and not counted.
    pub fn estimate(&self, outcome: Outcome, confidence: Confidence) -> Result<Estimate> {
        let share = self.retention(outcome)?.share();
        let share = share.ok_or(Error::Undefined { metric: "interval of a retention", because: "it was assumed, not counted" })?;
        Ok(share.estimate(confidence))
    }

    /// How much more of the customers stay after `to` than after `from`, in share points: the difference.
    ///
    /// # Errors
    /// [`Error::Undefined`] if a step is missing.
    pub fn lift(&self, from: Outcome, to: Outcome) -> Result<Range<Decimal>> {
        let (from, to) = (self.retention(from)?.range().to_decimal(), self.retention(to)?.range().to_decimal());
        to.sub("lift", &from)
    }

    /// How many times as many customers stay after `to` as after `from`: 82:54 is 1.5185….
    ///
    /// # Errors
    /// [`Error::Undefined`] if a step is missing, or none stay after `from`.
    pub fn ratio(&self, from: Outcome, to: Outcome) -> Result<Range<Decimal>> {
        let (from, to) = (self.retention(from)?, self.retention(to)?);
        let none = "no customer stays after the first outcome";
        if let (Retention::Counted(from), Retention::Counted(to)) = (from, to) {
            let cross = |part: u64, whole: u64| decimal::wide(part).checked_mul(decimal::wide(whole));
            if let (Some(above), Some(below)) = (cross(to.part(), from.whole()), cross(from.part(), to.whole())) {
                return Ok(Range::single(decimal::ratio("retention ratio", none, above, below)?));
            }
        }
        let (from, to) = (from.range().to_decimal(), to.range().to_decimal());
        let low = decimal::div("retention ratio", none, to.low(), from.high())?;
        let high = decimal::div("retention ratio", none, to.high(), from.low())?;
        Ok(Range::spanning(low, high))
    }

    /// The [lift](Self::lift) with an interval: the difference of two counted retentions, by Newcombe's method.
    ///
    /// ```
    /// use customer_metrics::complaint::{Outcome, RetentionCurve};
    /// use customer_metrics::{Confidence, Share};
    ///
    /// let curve = RetentionCurve::new([
    ///     (Outcome::Resolved, Share::new(54, 100)?.into()),
    ///     (Outcome::ResolvedQuickly, Share::new(82, 100)?.into()),
    /// ])?;
    /// let lift = curve.lift_estimate(Outcome::Resolved, Outcome::ResolvedQuickly, Confidence::P95)?;
    /// assert_eq!(format!("{lift:.2}"), "0.28 (0.15 to 0.40, 95% Newcombe, n = 100 and 100)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] if a step is missing or was assumed, or both are the same outcome.
    pub fn lift_estimate(&self, from: Outcome, to: Outcome, confidence: Confidence) -> Result<Comparison<DifferenceMethod>> {
        let (from, to) = self.counted(from, to)?;
        Ok(to.difference(&from, confidence))
    }

    /// The [ratio](Self::ratio) with an interval, by Koopman's method.
    ///
    /// # Errors
    /// [`Error::Undefined`] if a step is missing or was assumed, both are the same outcome, or none stay after `from`.
    pub fn ratio_estimate(&self, from: Outcome, to: Outcome, confidence: Confidence) -> Result<Comparison<RatioMethod>> {
        let (from, to) = self.counted(from, to)?;
        to.ratio(&from, confidence)
    }

    /// The counts after two different outcomes, whose customers are independent groups.
    fn counted(&self, from: Outcome, to: Outcome) -> Result<(Share, Share)> {
        let metric = "interval of a comparison of retentions";
        if from == to {
            return Err(Error::Undefined { metric, because: "an outcome is not compared with itself" });
        }
        let assumed = Error::Undefined { metric, because: "a retention was assumed, not counted" };
        self.retention(from)?.share().zip(self.retention(to)?.share()).ok_or(assumed)
    }

    /// Whether retention never falls from a worse outcome to the next better one that is known. With ranges: whether it cannot.
    ///
    /// It compares the values as they are. Whether a rise is more than chance is for the [intervals](Self::estimate) to say.
    #[must_use]
    pub fn rises(&self) -> bool {
        self.pairs().all(|(worse, better)| match (worse.1, better.1) {
            (Retention::Counted(worse), Retention::Counted(better)) => worse.compare(&better) != Ordering::Greater,
            (worse, better) => worse.range().high() <= better.range().low(),
        })
    }

    /// Where retention falls though the outcome is better: pairs of outcomes, the worse one first. With ranges: where it must.
    #[must_use]
    pub fn falls(&self) -> Vec<(Outcome, Outcome)> {
        let falls = |worse: Retention, better: Retention| match (worse, better) {
            (Retention::Counted(worse), Retention::Counted(better)) => worse.compare(&better) == Ordering::Greater,
            (worse, better) => worse.range().low() > better.range().high(),
        };
        self.pairs().filter(|(worse, better)| falls(worse.1, better.1)).map(|(worse, better)| (worse.0, better.0)).collect()
    }

    fn pairs(&self) -> impl Iterator<Item = ((Outcome, Retention), (Outcome, Retention))> + '_ {
        self.steps().zip(self.steps().skip(1))
    }

    /// How many customers with a problem stay in all, if their problems end in this mix of outcomes. With
    /// [`with_uncertainty`](Self::with_uncertainty) the range holds that of the counts.
    ///
    /// ```text
    /// retention = sum over outcomes of (share of the outcome x retention after it)
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] if the curve misses a step that the mix needs.
    pub fn under(&self, mix: &OutcomeMix) -> Result<Range<Proportion>> {
        let retained = self.retained_under(mix)?.map(|retention| retention.to_decimal());
        let range = mix.weigh("retention", retained)?;
        Ok(Range::spanning(Proportion::saturating(range.low()), Proportion::saturating(range.high())))
    }

    /// Retention by outcome, where 0 stands for a step that is missing and that the mix does not need.
    pub(super) fn retained_under(&self, mix: &OutcomeMix) -> Result<[Range<Proportion>; 4]> {
        let mut retained = [Range::single(Proportion::ZERO); 4];
        for (slot, outcome) in retained.iter_mut().zip(Outcome::ALL) {
            if mix.share(outcome).high() > Proportion::ZERO {
                *slot = self.retention(outcome)?.range();
            }
        }
        Ok(retained)
    }

    /// The same curve with each counted step as the range of its interval at this confidence, rounded outwards to 12 decimal places, so
    /// that the uncertainty of the counts comes through in what is computed from the curve.
    ///
    /// The ends are those of each step alone: that all four lie in their ranges at once is less certain than `confidence`.
    #[must_use]
    pub fn with_uncertainty(&self, confidence: Confidence) -> Self {
        Self {
            steps: self.steps.map(|step| match step {
                Some(Retention::Counted(share)) => Some(Retention::Assumed(interval_as_range(&share, confidence))),
                step => step,
            }),
        }
    }
}

/// The interval of a share as a range, rounded outwards to 12 decimal places.
pub(super) fn interval_as_range(share: &Share, confidence: Confidence) -> Range<Proportion> {
    let interval = share.interval(confidence);
    let low = Proportion::saturating(decimal::from_unit_f64(interval.low(), RoundingStrategy::ToZero));
    let high = Proportion::saturating(decimal::from_unit_f64(interval.high(), RoundingStrategy::AwayFromZero));
    Range::spanning(low, high)
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CurveState {
    silent: Option<Retention>,
    unresolved: Option<Retention>,
    resolved: Option<Retention>,
    resolved_quickly: Option<Retention>,
}

#[cfg(feature = "serde")]
impl TryFrom<CurveState> for RetentionCurve {
    type Error = Error;

    fn try_from(state: CurveState) -> Result<Self> {
        Self::from_steps([state.silent, state.unresolved, state.resolved, state.resolved_quickly])
    }
}

#[cfg(feature = "serde")]
impl From<RetentionCurve> for CurveState {
    fn from(curve: RetentionCurve) -> Self {
        let [silent, unresolved, resolved, resolved_quickly] = curve.steps;
        Self { silent, unresolved, resolved, resolved_quickly }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(part: u64, whole: u64) -> Retention {
        Share::new(part, whole).unwrap().into()
    }

    #[test]
    fn a_curve_that_falls_says_where() {
        let curve = RetentionCurve::new([
            (Outcome::ResolvedQuickly, share(1, 3)),
            (Outcome::Silent, share(1, 2)),
            (Outcome::Resolved, share(2, 4)),
        ])
        .unwrap();
        assert!(!curve.rises());
        assert_eq!(curve.falls(), [(Outcome::Resolved, Outcome::ResolvedQuickly)]);
        assert_eq!(curve.lift(Outcome::Silent, Outcome::Resolved), Ok(Range::single(Decimal::ZERO)));
        assert_eq!(curve.steps().count(), 3);
    }

    #[test]
    fn overlapping_ranges_neither_rise_nor_fall() {
        let percent = |low: i64, high: i64| {
            Range::new(Proportion::new(Decimal::new(low, 2)).unwrap(), Proportion::new(Decimal::new(high, 2)).unwrap()).unwrap()
        };
        let curve =
            RetentionCurve::new([(Outcome::Resolved, percent(50, 70).into()), (Outcome::ResolvedQuickly, percent(60, 90).into())]).unwrap();
        assert!(!curve.rises());
        assert!(curve.falls().is_empty());
        assert_eq!(curve.lift(Outcome::Resolved, Outcome::ResolvedQuickly).unwrap().to_string(), "-0.1 to 0.4");
    }

    #[test]
    fn steps_are_given_once_and_at_least_one() {
        assert!(matches!(RetentionCurve::new([]), Err(Error::Undefined { .. })));
        let twice = [(Outcome::Silent, share(1, 2)), (Outcome::Silent, share(1, 3))];
        assert!(matches!(RetentionCurve::new(twice), Err(Error::Repeated { field: "outcome", .. })));
    }

    #[test]
    fn nobody_staying_leaves_the_ratio_undefined() {
        let curve = RetentionCurve::new([(Outcome::Silent, share(0, 2)), (Outcome::Resolved, share(1, 2))]).unwrap();
        assert!(matches!(curve.ratio(Outcome::Silent, Outcome::Resolved), Err(Error::Undefined { .. })));
        assert_eq!(curve.ratio(Outcome::Resolved, Outcome::Silent), Ok(Range::single(Decimal::ZERO)));
        assert!(matches!(curve.estimate(Outcome::Unresolved, Confidence::P95), Err(Error::Undefined { .. })));
    }
}
