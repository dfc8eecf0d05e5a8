//! Cohorts counted customer by customer.

use super::counts::CohortCounts;
use super::{CohortSettings, CohortStart, CohortTable, OffsetBracket, RetentionDefinition};
use crate::churn::PeriodWindow;
use crate::error::{Bound, Error, Result};
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

/// The customers of every cohort, and how many of them were active how long after their start.
///
/// A cohort is the customers who started in the same period. Retention is read off by a named [`RetentionDefinition`]: a
/// [`table`](Self::table) with a row for each cohort, and a [`curve`](Self::curve) of all cohorts together. Cells that are not yet fully
/// observed are marked and never averaged in.
///
/// It keeps counts and no customers, so **all periods of a customer must come in one record, or in one call of
/// [`record_events`](Self::record_events)**: in two they would count as two customers. Split the work by customer, and the parts merge to
/// the same counts. The counts take 12 bytes for every pair of periods, whatever the number of customers: 0.8 MB for five years of weeks.
///
/// ```
/// use customer_metrics::churn::{CohortSettings, CohortTally, PeriodWindow, RetentionDefinition};
/// use customer_metrics::{Confidence, Tally};
///
/// let mut tally = CohortTally::empty(CohortSettings::new(PeriodWindow::new(1, 4)?));
/// // Customer 7 comes in months 1, 2 and 4; 8 in 1 and 3; 9 in 2 and 3.
/// tally.record_events(&[7_u64, 7, 7, 8, 8, 9, 9, 9], &[1_u32, 2, 4, 1, 3, 2, 3, 3])?;
///
/// let shown = |definition| -> Vec<String> {
///     let table = tally.table(definition);
///     table.rows.iter().map(|row| row.cells.iter().map(|cell| format!("{cell:.0}")).collect::<Vec<_>>().join(" | ")).collect()
/// };
/// assert_eq!(shown(RetentionDefinition::Exact), ["100% | 50% | 50% | 50%", "100% | 100% | 0% | "]);
/// assert_eq!(shown(RetentionDefinition::Unbounded), ["(100%) | (100%) | (100%) | (50%)", "(100%) | (100%) | (0%) | "]); // they may come back
///
/// let after_one_month = &tally.curve(RetentionDefinition::Exact)[1].retained;
/// assert_eq!(format!("{:.2}", after_one_month.estimate(Confidence::P95)), "0.67 (0.21 to 0.94, 95% Wilson, n = 3)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "CohortState", into = "CohortState"))]
pub struct CohortTally {
    pub(super) settings: CohortSettings,
    /// For every number of periods after the start, which bracket of the settings it is in.
    pub(super) bracket_of: Vec<Option<usize>>,
    /// One for every period of the window.
    pub(super) cohorts: Vec<CohortCounts>,
    /// All of them together: as long as it fits into 64 bits, so does every count.
    pub(super) customers: u64,
}

/// One customer: the periods with activity, and the start where it is given.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct CustomerActivity {
    /// The period of the start with [`CohortStart::Given`], otherwise `None`.
    pub start: Option<u32>,
    /// All periods with activity, in any order; repetitions count once.
    pub periods: Vec<u32>,
}

impl CohortTally {
    /// How many customers were recorded.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Every cohort that has customers, with their number, in order.
    pub fn sizes(&self) -> impl Iterator<Item = (u32, u64)> {
        let periods = (0..self.settings.window().len()).map(|position| self.settings.window().first().saturating_add(position));
        periods.zip(&self.cohorts).filter(|(_, cohort)| cohort.size > 0).map(|(period, cohort)| (period, cohort.size))
    }

    /// Adds a customer of the cohort at this position, as [`CohortCounts::add`] does.
    pub(super) fn add(&mut self, start: usize, offsets: impl Iterator<Item = usize>) {
        if let Some(cohort) = self.cohorts.get_mut(start) {
            cohort.add(offsets, &self.bracket_of);
            self.customers = self.customers.saturating_add(1);
        }
    }

    /// The start and the other periods of a customer as positions in the window, in order and without repetition.
    fn positions(&self, activity: &CustomerActivity) -> Result<(u32, Vec<u32>)> {
        let window = self.settings.window();
        let mut periods = activity.periods.iter().map(|&period| window.position("period", period)).collect::<Result<Vec<_>>>()?;
        periods.sort_unstable();
        periods.dedup();
        let expected = self.settings.start();
        let start = match (expected, activity.start) {
            (CohortStart::FirstActivity, None) => {
                let none = || Error::out_of_bounds("active periods", 0_u32, Bound::AtLeast(1_u32.into()));
                periods.first().copied().ok_or_else(none)?
            }
            (CohortStart::Given, Some(start)) => {
                let first = window.position("start", start)?;
                if let Some(early) = periods.first().filter(|&&early| early < first) {
                    let early = window.first().saturating_add(*early);
                    return Err(Error::out_of_bounds("period", early, Bound::AtLeast(start.into())));
                }
                first
            }
            (_, given) => return Err(wrong_start(expected, given.is_some())),
        };
        Ok((start, periods))
    }

    fn checked(settings: CohortSettings, cohorts: Vec<CohortCounts>) -> Result<Self> {
        if cohorts.len() != settings.window().periods() {
            return Err(Error::mismatch("number of cohorts", settings.window().len(), cohorts.len()));
        }
        let mut customers = 0_u64;
        for (cohort, observed) in cohorts.iter().zip((1..=settings.window().periods()).rev()) {
            cohort.check(observed, &settings)?;
            customers = customers.checked_add(cohort.size).ok_or_else(|| Error::count_overflow("customers"))?;
        }
        let bracket_of = settings.bracket_of_offsets();
        Ok(Self { settings, bracket_of, cohorts, customers })
    }
}

/// What is wrong where a start is given and should not be, or the other way round.
pub(super) fn wrong_start(expected: CohortStart, is_given: bool) -> Error {
    let found = if is_given { CohortStart::Given } else { CohortStart::FirstActivity };
    Error::mismatch("cohort start", expected, found)
}

impl Default for CohortTally {
    fn default() -> Self {
        Self::empty(CohortSettings::default())
    }
}

impl Tally for CohortTally {
    type Settings = CohortSettings;
    type Record = CustomerActivity;
    type Summary = CohortTable;

    fn empty(settings: CohortSettings) -> Self {
        let brackets = settings.brackets().len();
        let cohorts = (1..=settings.window().periods()).rev().map(|observed| CohortCounts::empty(observed, brackets)).collect();
        let bracket_of = settings.bracket_of_offsets();
        Self { settings, bracket_of, cohorts, customers: 0 }
    }

    fn settings(&self) -> CohortSettings {
        self.settings.clone()
    }

    fn record(&mut self, activity: CustomerActivity) -> Result<()> {
        let (start, periods) = self.positions(&activity)?;
        let _ = self.customers.checked_add(1).ok_or_else(|| Error::count_overflow("customers"))?;
        let offset = |period: u32| usize::try_from(period.saturating_sub(start)).unwrap_or(usize::MAX);
        self.add(usize::try_from(start).unwrap_or(usize::MAX), periods.into_iter().map(offset));
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.settings != other.settings {
            return Err(Error::mismatch("cohort settings", &self.settings, &other.settings));
        }
        self.customers = self.customers.checked_add(other.customers).ok_or_else(|| Error::count_overflow("customers"))?;
        for (cohort, theirs) in self.cohorts.iter_mut().zip(&other.cohorts) {
            cohort.merge(theirs);
        }
        Ok(())
    }

    /// The [table](Self::table) by the default definition.
    fn finish(&self) -> Result<CohortTable> {
        if self.customers == 0 {
            return Err(Error::Undefined { metric: "cohort retention", because: "no customer was recorded" });
        }
        Ok(self.table(RetentionDefinition::default()))
    }

    fn encode(&self) -> Vec<u8> {
        let (window, start) = (self.settings.window(), self.settings.start());
        let head = Encoder::new(Kind::COHORT, self.encoded_len())
            .u64(window.first().into())
            .u64(window.last().into())
            .u8(u8::from(start == CohortStart::Given))
            .u64(self.settings.look_ahead().map_or(0, |periods| u64::from(periods).saturating_add(1)))
            .u64(u64::try_from(self.settings.brackets().len()).unwrap_or(u64::MAX));
        let head = self.settings.brackets().iter().fold(head, |head, bracket| head.u64(bracket.from().into()).u64(bracket.to().into()));
        let encoded = self.cohorts.iter().fold(head, |encoder, cohort| {
            encoder.u64(cohort.size).u64s(&cohort.exact).u64s(&cohort.last).u64s(&cohort.run).u64s(&cohort.within)
        });
        encoded.finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::COHORT, bytes)?;
        let window = PeriodWindow::new(small(&mut decoder)?, small(&mut decoder)?)?;
        let start = match decoder.u8()? {
            0 => CohortStart::FirstActivity,
            1 => CohortStart::Given,
            _ => return Err(decoder.fault("the start of the cohorts is not known")),
        };
        let look_ahead = decoder.u64()?.checked_sub(1).map(u32::try_from).transpose();
        let look_ahead = look_ahead.map_err(|_| decoder.fault("a number of periods is out of range"))?;
        let brackets = (0..decoder.u64()?).map(|_| OffsetBracket::new(small(&mut decoder)?, small(&mut decoder)?));
        let brackets = brackets.collect::<Result<Vec<_>>>()?;
        let settings = CohortSettings::new(window).with_start(start).with_brackets(&brackets)?;
        let settings = look_ahead.into_iter().fold(settings, CohortSettings::with_look_ahead);
        let mut cohorts = Vec::new();
        for observed in (1..=window.periods()).rev() {
            let size = decoder.u64()?;
            let mut counts = |length: usize| (0..length).map(|_| decoder.u64()).collect::<Result<Vec<_>>>();
            let (exact, last, run, within) = (counts(observed)?, counts(observed)?, counts(observed)?, counts(brackets.len())?);
            cohorts.push(CohortCounts { size, exact, last, run, within });
        }
        decoder.close()?;
        Self::checked(settings, cohorts)
    }

    fn encoded_len(&self) -> usize {
        let (periods, brackets) = (self.settings.window().periods(), self.settings.brackets().len());
        // Every cohort has its size and its brackets, and three counts for each period from its own to the last.
        let pairs = periods.saturating_mul(periods.saturating_add(1)) / 2;
        let counts = pairs.saturating_mul(3).saturating_add(periods.saturating_mul(brackets.saturating_add(1)));
        len::with_u64s(counts.saturating_add(brackets.saturating_mul(2)).saturating_add(4)).saturating_add(len::U8)
    }
}

/// A number of 32 bits that is kept in 64.
fn small(decoder: &mut Decoder<'_>) -> Result<u32> {
    u32::try_from(decoder.u64()?).map_err(|_| decoder.fault("a number of periods is out of range"))
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CohortState {
    settings: CohortSettings,
    cohorts: Vec<CohortCounts>,
}

#[cfg(feature = "serde")]
impl TryFrom<CohortState> for CohortTally {
    type Error = Error;

    fn try_from(state: CohortState) -> Result<Self> {
        Self::checked(state.settings, state.cohorts)
    }
}

#[cfg(feature = "serde")]
impl From<CohortTally> for CohortState {
    fn from(tally: CohortTally) -> Self {
        Self { settings: tally.settings, cohorts: tally.cohorts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn activity(periods: &[u32]) -> CustomerActivity {
        CustomerActivity { start: None, periods: periods.to_vec() }
    }

    #[test]
    fn a_customer_who_was_never_active_has_no_cohort_of_first_activity() {
        let mut tally = CohortTally::empty(CohortSettings::new(PeriodWindow::new(3, 5).unwrap()));
        let error = tally.record(activity(&[])).unwrap_err();
        assert_eq!(error.to_string(), "active periods is 0, but must be at least 1");
        assert_eq!(tally.record(activity(&[4, 6])).unwrap_err().to_string(), "period is 6, but must be within 3 to 5");
        let given = CustomerActivity { start: Some(3), periods: vec![3] };
        assert_eq!(tally.record(given).unwrap_err().to_string(), "cohort start differs: first activity and a given period");
        assert!(matches!(tally.finish(), Err(Error::Undefined { .. })));
    }

    #[test]
    fn a_given_start_comes_before_every_period() {
        let settings = CohortSettings::new(PeriodWindow::new(3, 5).unwrap()).with_start(CohortStart::Given);
        let mut tally = CohortTally::empty(settings);
        tally.record(CustomerActivity { start: Some(4), periods: vec![] }).unwrap();
        tally.record(CustomerActivity { start: Some(4), periods: vec![5, 5] }).unwrap();
        let error = tally.record(CustomerActivity { start: Some(4), periods: vec![5, 3] }).unwrap_err();
        assert_eq!(error.to_string(), "period is 3, but must be at least 4");
        assert!(tally.record(activity(&[4])).is_err());
        assert_eq!((tally.customers(), tally.sizes().collect::<Vec<_>>()), (2, vec![(4, 2)]));
    }

    #[test]
    fn a_full_tally_refuses_one_more() {
        let settings = CohortSettings::default();
        let full = CohortCounts { size: u64::MAX, exact: vec![u64::MAX], last: vec![u64::MAX], run: vec![u64::MAX], within: vec![] };
        let mut full = CohortTally::checked(settings, vec![full]).unwrap();
        let before = full.clone();
        assert!(matches!(full.record(activity(&[0])), Err(Error::Overflow { field: "customers", .. })));
        assert!(matches!(full.record_events(&[1_u32], &[0_u32]), Err(Error::Overflow { field: "customers", .. })));
        assert!(matches!(full.merge(&before), Err(Error::Overflow { .. })));
        assert_eq!(full, before);
    }

    #[test]
    fn the_longest_window_decodes() {
        let mut tally = CohortTally::empty(CohortSettings::new(PeriodWindow::new(0, 1023).unwrap()));
        tally.record(activity(&[0, 1023])).unwrap();
        let bytes = tally.encode();
        assert_eq!(bytes.len(), tally.encoded_len());
        assert_eq!(CohortTally::decode(&bytes), Ok(tally));
    }
}
