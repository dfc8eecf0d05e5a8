//! Cases counted by what became of the problem and whether the customer stayed.

use super::retention_curve::interval_as_range;
use super::{Case, Fate, Outcome, OutcomeMix, Problem, QuickLimit, Retention, RetentionCurve};
use crate::error::{Error, Result};
use crate::estimate::Confidence;
use crate::proportion::Proportion;
use crate::range::Range;
use crate::share::Share;
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

/// How many customers had which problem, and how many of them stayed, left, or may do either.
///
/// Complaints that are still open are kept apart: [`curve`](Self::curve) counts them as unresolved, for so they are to the customer;
/// [`curve_of_closed`](Self::curve_of_closed) leaves them out. Customers whose fate is not yet known are in no retention.
///
/// ```
/// use core::time::Duration;
/// use customer_metrics::Tally;
/// use customer_metrics::complaint::{Case, ComplaintTally, Problem, Fate, Outcome, QuickLimit};
///
/// let hours = |hours: u64| Problem::ResolvedAfter(Duration::from_secs(hours * 3600));
/// let mut tally = ComplaintTally::empty(QuickLimit::ONE_DAY);
/// tally.extend([
///     Case::new(Problem::None, Fate::Stayed),
///     Case::new(Problem::Silent, Fate::Left),
///     Case::new(hours(3), Fate::Stayed),
///     Case::new(hours(80), Fate::Stayed),
///     Case::new(hours(90), Fate::Left),
///     Case::new(Problem::Open, Fate::Unknown),
/// ])?;
///
/// assert_eq!(tally.problem_rate()?.to_string(), "5 of 6 (83.3%)");
/// assert_eq!(tally.complaint_rate()?.to_string(), "4 of 5 (80.0%)");
/// assert_eq!(tally.quick_rate()?.to_string(), "1 of 3 (33.3%)");
/// let curve = tally.curve()?;
/// assert_eq!(curve.retention(Outcome::Resolved)?.share().unwrap().to_string(), "1 of 2 (50.0%)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "ComplaintState", into = "ComplaintState"))]
pub struct ComplaintTally {
    limit: QuickLimit,
    /// By what became of the problem, in the order of [`row`].
    rows: [Fates; 6],
    /// The sum of all counts, kept so that recording one case need not add them up.
    customers: u64,
}

/// The place of a problem among the rows: none, silent, open, unresolved, resolved, resolved quickly.
fn row(problem: Problem, limit: QuickLimit) -> usize {
    match problem {
        Problem::None => 0,
        Problem::Silent => 1,
        Problem::Open => 2,
        Problem::Unresolved => 3,
        Problem::ResolvedAfter(time) => 4_usize.saturating_add(usize::from(limit.is_quick(time))),
    }
}

/// Customers by fate: stayed, left, unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Fates([u64; 3]);

impl Fates {
    /// All of them; the tally keeps the sum of everything within 64 bits.
    fn all(self) -> u64 {
        self.known().saturating_add(self.unknown())
    }

    fn known(self) -> u64 {
        let Self([stayed, left, _]) = self;
        stayed.saturating_add(left)
    }

    fn stayed(self) -> u64 {
        let Self([stayed, ..]) = self;
        stayed
    }

    fn unknown(self) -> u64 {
        let Self([.., unknown]) = self;
        unknown
    }

    fn plus(self, Self([stayed, left, unknown]): Self) -> Self {
        let Self([s, l, u]) = self;
        Self([s.saturating_add(stayed), l.saturating_add(left), u.saturating_add(unknown)])
    }

    fn retention(self) -> Option<Retention> {
        Share::new(self.stayed(), self.known()).ok().map(Retention::Counted)
    }
}

impl ComplaintTally {
    /// Records `count` customers with the same case.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the customers exceed 64 bits.
    pub fn record_count(&mut self, case: Case, count: u64) -> Result<()> {
        let customers = self.customers.checked_add(count).ok_or_else(|| Error::count_overflow("cases"))?;
        let fate: usize = match case.fate() {
            Fate::Stayed => 0,
            Fate::Left => 1,
            Fate::Unknown => 2,
        };
        // Looked up and not matched arm by arm: the outcomes of real cases are too mixed for branches to be predicted.
        if let Some(slot) = self.rows.get_mut(row(case.problem(), self.limit)).and_then(|Fates(fates)| fates.get_mut(fate)) {
            *slot = slot.saturating_add(count);
            self.customers = customers;
        }
        Ok(())
    }

    /// Up to which time a resolution counts as quick.
    #[must_use]
    pub fn quick_limit(&self) -> QuickLimit {
        self.limit
    }

    /// All customers, with and without a problem.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Customers with a problem.
    #[must_use]
    pub fn problems(&self) -> u64 {
        self.complaints().saturating_add(self.closed(Outcome::Silent).all())
    }

    /// Customers who complained.
    #[must_use]
    pub fn complaints(&self) -> u64 {
        self.fates(Outcome::Unresolved).all().saturating_add(self.resolutions())
    }

    /// Complaints that are still open.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.open_fates().all()
    }

    fn resolutions(&self) -> u64 {
        self.closed(Outcome::Resolved).all().saturating_add(self.closed(Outcome::ResolvedQuickly).all())
    }

    /// The share of customers who had a problem. It needs those without one recorded too.
    ///
    /// # Errors
    /// [`Error::Undefined`] if nothing was recorded.
    pub fn problem_rate(&self) -> Result<Share> {
        Share::of("problem rate", "no customer was recorded", self.problems(), self.customers())
    }

    /// The share of customers with a problem who complained. It needs the silent ones recorded too.
    ///
    /// # Errors
    /// [`Error::Undefined`] without problems.
    pub fn complaint_rate(&self) -> Result<Share> {
        Share::of("complaint rate", "no customer had a problem", self.complaints(), self.problems())
    }

    /// The share of complaints that were resolved; those still open are not.
    ///
    /// # Errors
    /// [`Error::Undefined`] without complaints.
    pub fn resolution_rate(&self) -> Result<Share> {
        Share::of("resolution rate", "no customer complained", self.resolutions(), self.complaints())
    }

    /// The share of resolutions that were quick.
    ///
    /// # Errors
    /// [`Error::Undefined`] if nothing was resolved.
    pub fn quick_rate(&self) -> Result<Share> {
        Share::of("quick rate", "no complaint was resolved", self.closed(Outcome::ResolvedQuickly).all(), self.resolutions())
    }

    /// How the problems ended; open complaints count as unresolved.
    ///
    /// # Errors
    /// [`Error::Undefined`] without problems.
    pub fn mix(&self) -> Result<OutcomeMix> {
        OutcomeMix::from_counts(Outcome::ALL.map(|outcome| self.fates(outcome).all()))
    }

    /// How the problems ended whose outcome is known; open complaints are left out.
    ///
    /// # Errors
    /// [`Error::Undefined`] if no outcome is known.
    pub fn mix_of_closed(&self) -> Result<OutcomeMix> {
        OutcomeMix::from_counts(Outcome::ALL.map(|outcome| self.closed(outcome).all()))
    }

    /// The [mix](Self::mix) with each of its three rates as the range of its interval at this confidence, rounded outwards to 12 decimal
    /// places: with [`RetentionCurve::with_uncertainty`] the uncertainty of the counts comes through in what a
    /// [`RecoveryModel`](super::RecoveryModel) says of money.
    ///
    /// The rates are of those who had a problem, who complained and whose complaint was resolved, so that each is independent of the one before. The
    /// ends are those of each rate alone: that all lie in their ranges at once is less certain than `confidence`, but what is computed from
    /// all at their worst is more certain than that. A rate of nothing (no one complained, nothing was resolved) is taken as 0, as in the mix.
    ///
    /// ```
    /// use customer_metrics::complaint::{Case, ComplaintTally, Fate, Outcome, Problem, QuickLimit};
    /// use customer_metrics::{Confidence, Tally};
    ///
    /// let mut tally = ComplaintTally::empty(QuickLimit::ONE_DAY);
    /// tally.extend(vec![Case::new(Problem::Silent, Fate::Left); 120])?;
    /// tally.extend(vec![Case::new(Problem::Unresolved, Fate::Stayed); 80])?;
    /// let mix = tally.mix_with_uncertainty(Confidence::P95)?;
    /// assert_eq!(mix.share(Outcome::Silent).to_decimal().round(3).to_string(), "0.531 to 0.665");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] without problems.
    pub fn mix_with_uncertainty(&self, confidence: Confidence) -> Result<OutcomeMix> {
        let _ = self.mix()?;
        let rate = |share: Result<Share>| match share {
            Ok(share) => interval_as_range(&share, confidence),
            Err(_) => Range::single(Proportion::ZERO),
        };
        Ok(OutcomeMix::new(rate(self.complaint_rate()), rate(self.resolution_rate()), rate(self.quick_rate())))
    }

    /// Retention by outcome; customers with an open complaint count as unresolved.
    ///
    /// # Errors
    /// [`Error::Undefined`] if for no outcome it is known who stayed.
    pub fn curve(&self) -> Result<RetentionCurve> {
        RetentionCurve::from_steps(Outcome::ALL.map(|outcome| self.fates(outcome).retention()))
    }

    /// Retention by outcome, of those whose complaint is closed.
    ///
    /// Leaving open cases out flatters quick resolution: a case is known to be quick sooner than it is known to be slow.
    ///
    /// # Errors
    /// [`Error::Undefined`] if for no outcome it is known who stayed.
    pub fn curve_of_closed(&self) -> Result<RetentionCurve> {
        RetentionCurve::from_steps(Outcome::ALL.map(|outcome| self.closed(outcome).retention()))
    }

    /// Retention of the customers who had no problem: what even perfect handling is measured against.
    ///
    /// # Errors
    /// [`Error::Undefined`] if of none of them it is known who stayed.
    pub fn retention_without_problem(&self) -> Result<Share> {
        let [fates, ..] = self.rows;
        Share::of("retention without a problem", "it is not known of anyone without a problem", fates.stayed(), fates.known())
    }

    /// What the retention after this outcome can turn out to be: the low end if all whose fate is unknown leave, the high end if they stay.
    ///
    /// # Errors
    /// [`Error::Undefined`] if no customer had this outcome.
    pub fn retention_bounds(&self, outcome: Outcome) -> Result<Range<Proportion>> {
        let fates = self.fates(outcome);
        let bound = |stayed| Share::of("retention", "no problem had this outcome", stayed, fates.all());
        let (low, high) = (bound(fates.stayed())?, bound(fates.stayed().saturating_add(fates.unknown()))?);
        Range::new(low.to_proportion(), high.to_proportion())
    }

    /// The number of customers with this outcome whose fate is not yet known.
    #[must_use]
    pub fn unknown(&self, outcome: Outcome) -> u64 {
        self.fates(outcome).unknown()
    }

    fn open_fates(&self) -> Fates {
        let [_, _, open, ..] = self.rows;
        open
    }

    fn closed(&self, outcome: Outcome) -> Fates {
        let [_, silent, _, unresolved, resolved, resolved_quickly] = self.rows;
        outcome.pick([silent, unresolved, resolved, resolved_quickly])
    }

    fn fates(&self, outcome: Outcome) -> Fates {
        let closed = self.closed(outcome);
        if outcome == Outcome::Unresolved { closed.plus(self.open_fates()) } else { closed }
    }

    fn from_rows(limit: QuickLimit, rows: [Fates; 6]) -> Result<Self> {
        let counts = rows.iter().flat_map(|Fates(fates)| fates);
        let customers = counts.into_iter().try_fold(0_u64, |sum, &count| sum.checked_add(count));
        Ok(Self { limit, rows, customers: customers.ok_or_else(|| Error::count_overflow("cases"))? })
    }
}

impl Tally for ComplaintTally {
    type Settings = QuickLimit;
    type Record = Case;
    type Summary = RetentionCurve;

    fn empty(limit: QuickLimit) -> Self {
        Self { limit, ..Self::default() }
    }

    fn settings(&self) -> QuickLimit {
        self.limit
    }

    fn record(&mut self, case: Case) -> Result<()> {
        self.record_count(case, 1)
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.limit != other.limit {
            let [mine, theirs] = [self.limit, other.limit].map(QuickLimit::duration);
            return Err(Error::mismatch("quick limit", format_args!("{mine:?}"), format_args!("{theirs:?}")));
        }
        let customers = self.customers.checked_add(other.customers).ok_or_else(|| Error::count_overflow("cases"))?;
        for (mine, theirs) in self.rows.iter_mut().zip(other.rows) {
            *mine = mine.plus(theirs);
        }
        self.customers = customers;
        Ok(())
    }

    /// The [curve](Self::curve).
    fn finish(&self) -> Result<RetentionCurve> {
        self.curve()
    }

    fn encode(&self) -> Vec<u8> {
        let header = Encoder::new(Kind::COMPLAINT, self.encoded_len()).duration(self.limit.duration());
        self.rows.iter().fold(header, |encoder, Fates(fates)| encoder.u64s(fates)).finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::COMPLAINT, bytes)?;
        let limit = QuickLimit::new(decoder.duration()?)?;
        let mut rows = [Fates::default(); 6];
        for fates in &mut rows {
            *fates = Fates(decoder.u64_array()?);
        }
        decoder.close()?;
        Self::from_rows(limit, rows)
    }

    fn encoded_len(&self) -> usize {
        len::with_u64s(20)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ComplaintState {
    quick_limit: QuickLimit,
    no_problem: FatesState,
    silent: FatesState,
    open: FatesState,
    unresolved: FatesState,
    resolved: FatesState,
    resolved_quickly: FatesState,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct FatesState {
    stayed: u64,
    left: u64,
    unknown: u64,
}

#[cfg(feature = "serde")]
impl TryFrom<ComplaintState> for ComplaintTally {
    type Error = Error;

    fn try_from(state: ComplaintState) -> Result<Self> {
        let ComplaintState { quick_limit, no_problem, silent, open, unresolved, resolved, resolved_quickly } = state;
        let rows = [no_problem, silent, open, unresolved, resolved, resolved_quickly];
        Self::from_rows(quick_limit, rows.map(|fates| Fates([fates.stayed, fates.left, fates.unknown])))
    }
}

#[cfg(feature = "serde")]
impl From<ComplaintTally> for ComplaintState {
    fn from(tally: ComplaintTally) -> Self {
        let rows = tally.rows.map(|Fates([stayed, left, unknown])| FatesState { stayed, left, unknown });
        let [no_problem, silent, open, unresolved, resolved, resolved_quickly] = rows;
        Self { quick_limit: tally.limit, no_problem, silent, open, unresolved, resolved, resolved_quickly }
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;

    #[test]
    fn nothing_recorded_leaves_every_rate_undefined() {
        let empty = ComplaintTally::default();
        for rate in [empty.problem_rate(), empty.complaint_rate(), empty.resolution_rate(), empty.quick_rate()] {
            assert!(matches!(rate, Err(Error::Undefined { .. })));
        }
        assert!(matches!(empty.curve(), Err(Error::Undefined { .. })));
        assert!(matches!(empty.mix(), Err(Error::Undefined { .. })));
        assert!(matches!(empty.retention_bounds(Outcome::Silent), Err(Error::Undefined { .. })));
        assert!(matches!(empty.retention_without_problem(), Err(Error::Undefined { .. })));
    }

    #[test]
    fn an_unknown_fate_is_in_no_retention_but_in_its_bounds() {
        let mut tally = ComplaintTally::default();
        tally.record_count(Case::new(Problem::Unresolved, Fate::Stayed), 1).unwrap();
        tally.record_count(Case::new(Problem::Unresolved, Fate::Left), 1).unwrap();
        tally.record_count(Case::new(Problem::Unresolved, Fate::Unknown), 2).unwrap();
        let curve = tally.curve().unwrap();
        assert_eq!(curve.retention(Outcome::Unresolved).unwrap().share(), Share::new(1, 2).ok());
        assert_eq!(tally.retention_bounds(Outcome::Unresolved).unwrap().to_string(), "25.0% to 75.0%");
        assert_eq!(tally.unknown(Outcome::Unresolved), 2);
    }

    #[test]
    fn open_cases_are_unresolved_unless_left_out() {
        let mut tally = ComplaintTally::default();
        tally.record(Case::new(Problem::Open, Fate::Left)).unwrap();
        assert_eq!(tally.curve().unwrap().retention(Outcome::Unresolved).unwrap().share(), Share::new(0, 1).ok());
        assert!(tally.curve_of_closed().is_err());
        assert!(tally.mix_of_closed().is_err());
        assert_eq!(tally.mix().unwrap().share(Outcome::Unresolved), Range::single(Proportion::ONE));
    }

    #[test]
    fn limits_that_differ_do_not_merge_and_counts_do_not_wrap() {
        let mut day = ComplaintTally::default();
        let week = ComplaintTally::empty(QuickLimit::new(Duration::from_secs(7 * 86_400)).unwrap());
        assert!(matches!(day.merge(&week), Err(Error::Mismatch { field: "quick limit", .. })));
        let case = Case::new(Problem::Silent, Fate::Left);
        day.record_count(case, u64::MAX).unwrap();
        assert!(matches!(day.record(Case::new(Problem::None, Fate::Stayed)), Err(Error::Overflow { .. })));
        assert!(matches!(day.clone().merge(&day), Err(Error::Overflow { .. })));
        assert_eq!(day.customers(), u64::MAX);
    }
}
