//! Customers counted by whole periods: a tally that merges.

use core::ops::RangeInclusive;

use super::curve::CurveEstimator;
use super::risk_table::Entered;
use super::{Ending, RiskRow, RiskTable, SurvivalCurve};
use crate::decimal::count_to_f64;
use crate::error::{Bound, Error, Result};
use crate::share::Share;
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

/// How many whole periods a customer was observed, and how that ended.
///
/// ```
/// use customer_metrics::survival::{Ending, Tenure};
///
/// let joined_before_the_records = Tenure::new(30, Ending::Left).entered_at(24)?;
/// assert_eq!(joined_before_the_records.entered(), 24);
/// assert!(Tenure::new(24, Ending::Left).entered_at(24).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "TenureState", into = "TenureState"))]
pub struct Tenure {
    periods: u16,
    ending: Ending,
    entered: u16,
}

impl Tenure {
    /// So many periods, under observation from the start.
    #[must_use]
    pub fn new(periods: u16, ending: Ending) -> Self {
        Self { periods, ending, entered: 0 }
    }

    /// The same, under observation only after this period; 0 is from the start.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless 0 or before the last period.
    pub fn entered_at(self, period: u16) -> Result<Self> {
        if period > 0 && period >= self.periods {
            return Err(Error::out_of_bounds("entered", u32::from(period), Bound::LessThan(u32::from(self.periods).into())));
        }
        Ok(Self { entered: period, ..self })
    }

    /// How many periods.
    #[must_use]
    pub fn periods(&self) -> u16 {
        self.periods
    }

    /// How it ended.
    #[must_use]
    pub fn ending(&self) -> Ending {
        self.ending
    }

    /// After which period the observation began; 0 is from the start.
    #[must_use]
    pub fn entered(&self) -> u16 {
        self.entered
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct TenureState {
    periods: u16,
    ending: Ending,
    entered: u16,
}

#[cfg(feature = "serde")]
impl TryFrom<TenureState> for Tenure {
    type Error = Error;

    fn try_from(state: TenureState) -> Result<Self> {
        Self::new(state.periods, state.ending).entered_at(state.entered)
    }
}

#[cfg(feature = "serde")]
impl From<Tenure> for TenureState {
    fn from(tenure: Tenure) -> Self {
        Self { periods: tenure.periods, ending: tenure.ending, entered: tenure.entered }
    }
}

/// Those whose observation ended in one period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Exits {
    left: u64,
    censored: u64,
}

impl Exits {
    /// Within the total of all customers, which fits.
    fn both(self) -> u64 {
        self.left.saturating_add(self.censored)
    }

    fn slot(&mut self, ending: Ending) -> &mut u64 {
        match ending {
            Ending::Left => &mut self.left,
            Ending::Censored => &mut self.censored,
        }
    }
}

/// How many customers left, were censored and entered in each whole period: the form for a hundred million of them.
///
/// Everything that [`Observations`](super::Observations) give can be read off it, to the last bit, through
/// [`risk_table`](Self::risk_table). The conventions are theirs: who was censored in a period was at risk in it; who entered after period
/// t is at risk from t + 1.
///
/// Periods are counted from 0 and at most 65,535, so that a table is at most a megabyte and a half: 179 years of days.
///
/// ```
/// use customer_metrics::Tally;
/// use customer_metrics::survival::{Ending::{Censored, Left}, LifeTable};
///
/// let mut north = LifeTable::default();
/// north.record_column(&[1_u16, 3, 3, 12], &[Left, Left, Censored, Censored])?;
/// let mut south = LifeTable::default();
/// south.record_column(&[2_u8, 12], &[Left, Left])?;
/// north.merge(&LifeTable::decode(&south.encode())?)?;
///
/// assert_eq!(north.customers(), 6);
/// assert_eq!(north.hazard(3)?.to_string(), "1 of 4 (25.0%)");
/// assert_eq!(north.finish()?.survival_at(3.0)?, 0.5);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "LifeTableState", into = "LifeTableState"))]
pub struct LifeTable {
    /// By period, up to the last in which anyone's observation ended.
    exits: Vec<Exits>,
    /// By period after which they entered, up to the last in which anyone did. None in period 0: who is there from the start did not enter.
    entered: Vec<u64>,
    /// All customers: as long as it fits into 64 bits, so does every sum of some of them.
    customers: u64,
}

impl LifeTable {
    /// The last period that is counted.
    pub const LAST_PERIOD: u16 = u16::MAX;

    /// Records a column of whole periods and one of how each ended, all or none, at the speed of memory.
    ///
    /// The periods may be `u8`, `u16` or `u32`.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::Row`] with the first row that has more than 65,535 periods;
    /// [`Error::Overflow`] if all customers together exceed 64 bits.
    pub fn record_column<P: Copy + Into<u32>>(&mut self, periods: &[P], endings: &[Ending]) -> Result<()> {
        if periods.len() != endings.len() {
            return Err(Error::mismatch("column length", periods.len(), endings.len()));
        }
        let most = periods.iter().fold(0, |most, &period| most.max(period.into()));
        if most > u32::from(Self::LAST_PERIOD) {
            let wrong = periods.iter().position(|&period| period.into() > u32::from(Self::LAST_PERIOD)).unwrap_or(0);
            let found = periods.get(wrong).map_or(most, |&period| period.into());
            return Err(Error::out_of_bounds("periods", found, Bound::AtMost(u32::from(Self::LAST_PERIOD).into())).at_row(wrong));
        }
        let rows = u64::try_from(periods.len()).unwrap_or(u64::MAX);
        let customers = self.customers.checked_add(rows).ok_or_else(|| Error::count_overflow("customers"))?;
        if rows == 0 {
            return Ok(());
        }
        let counted = count(periods, endings, position(most));
        if self.exits.len() < counted.len() {
            self.exits.resize(counted.len(), Exits::default());
        }
        for (exits, more) in self.exits.iter_mut().zip(counted) {
            exits.left = exits.left.saturating_add(more.left);
            exits.censored = exits.censored.saturating_add(more.censored);
        }
        self.customers = customers;
        Ok(())
    }

    /// Records so many customers with the same tenure.
    ///
    /// # Errors
    /// [`Error::Overflow`] if all customers together exceed 64 bits.
    pub fn record_count(&mut self, tenure: Tenure, count: u64) -> Result<()> {
        let customers = self.customers.checked_add(count).ok_or_else(|| Error::count_overflow("customers"))?;
        if count == 0 {
            return Ok(());
        }
        let (last, entered) = (usize::from(tenure.periods), usize::from(tenure.entered));
        if self.exits.len() <= last {
            self.exits.resize(last.saturating_add(1), Exits::default());
        }
        if let Some(exits) = self.exits.get_mut(last) {
            let slot = exits.slot(tenure.ending);
            *slot = slot.saturating_add(count);
        }
        if entered > 0 {
            if self.entered.len() <= entered {
                self.entered.resize(entered.saturating_add(1), 0);
            }
            if let Some(slot) = self.entered.get_mut(entered) {
                *slot = slot.saturating_add(count);
            }
        }
        self.customers = customers;
        Ok(())
    }

    /// How many customers were recorded.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// How many left in this period.
    #[must_use]
    pub fn left(&self, period: u16) -> u64 {
        self.exits.get(usize::from(period)).map_or(0, |exits| exits.left)
    }

    /// How many were censored in this period.
    #[must_use]
    pub fn censored(&self, period: u16) -> u64 {
        self.exits.get(usize::from(period)).map_or(0, |exits| exits.censored)
    }

    /// How many came under observation after this period; 0 for period 0, since who is there from the start did not come later.
    #[must_use]
    pub fn entered(&self, period: u16) -> u64 {
        self.entered.get(usize::from(period)).copied().unwrap_or(0)
    }

    /// How many were at risk in this period: observed until then or longer, and entered before.
    #[must_use]
    pub fn at_risk(&self, period: u16) -> u64 {
        let from = usize::from(period);
        let still_there = self.exits.iter().skip(from).fold(0_u64, |sum, exits| sum.saturating_add(exits.both()));
        let yet_to_come = self.entered.iter().skip(from).fold(0_u64, |sum, &count| sum.saturating_add(count));
        still_there.saturating_sub(yet_to_come)
    }

    /// The hazard of a period: the share of those at risk in it who left in it.
    ///
    /// A share keeps its counts: its interval is [`Share::estimate`], and over a year it is
    /// [`churn_over_periods`](crate::churn::churn_over_periods) of its proportion.
    ///
    /// # Errors
    /// [`Error::Undefined`] if no one was at risk.
    pub fn hazard(&self, period: u16) -> Result<Share> {
        Share::of("hazard", NO_ONE_AT_RISK, self.left(period), self.at_risk(period))
    }

    /// The hazard of each period in which anyone was at risk, in order.
    #[must_use]
    pub fn hazards(&self) -> Vec<(u16, Share)> {
        self.periods()
            .filter_map(|(period, at_risk, exits)| {
                Some((u16::try_from(period).ok()?, Share::of("hazard", NO_ONE_AT_RISK, exits.left, at_risk).ok()?))
            })
            .collect()
    }

    /// The one rate of leaving that fits these periods best if it is the same in all of them: all who left, of all customer-periods at
    /// risk.
    ///
    /// ```text
    /// sum of left / sum of at risk,  over the periods
    /// ```
    ///
    /// [`expected_lifetime_at_constant_churn`](crate::churn::expected_lifetime_at_constant_churn) turns it into 1/churn. Compare that with
    /// what the curve says ([`SurvivalCurve::remaining_mean`]): where the hazard falls with tenure, 1/churn of a young base is too short
    /// for those who have stayed.
    ///
    /// # Errors
    /// [`Error::Undefined`] if no one was at risk; [`Error::Overflow`] if the customer-periods exceed 64 bits.
    pub fn pooled_hazard(&self, periods: RangeInclusive<u16>) -> Result<Share> {
        let wanted = usize::from(*periods.start())..=usize::from(*periods.end());
        let (mut left, mut at_risk) = (0_u64, 0_u64);
        for (_, risk, exits) in self.periods().filter(|(period, ..)| wanted.contains(period)) {
            left = left.saturating_add(exits.left);
            at_risk = at_risk.checked_add(risk).ok_or_else(|| Error::count_overflow("customer-periods"))?;
        }
        Share::of("hazard", NO_ONE_AT_RISK, left, at_risk)
    }

    /// Who was at risk, who left and who was censored: the same table as from columns of the same whole periods.
    #[must_use]
    pub fn risk_table(&self) -> RiskTable {
        let exits = self.periods().filter(|(_, _, exits)| exits.both() > 0);
        let rows =
            exits.map(|(period, at_risk, exits)| RiskRow::new(time(period), [at_risk, exits.left, exits.censored].map(count_to_f64)));
        let entries = self.entered.iter().enumerate().scan(0_u64, |so_far, (period, &count)| {
            *so_far = so_far.saturating_add(count);
            Some((count > 0).then(|| Entered { time: time(period), so_far: count_to_f64(*so_far) }))
        });
        RiskTable::of_rows(rows.collect(), entries.flatten().collect(), self.customers)
    }

    /// The actuarial estimate of survival, which takes the censored of a period for at risk during half of it.
    ///
    /// ```text
    /// S(t) = product over periods up to t of (1 - d / (n - c/2)),  c = censored in the period
    /// ```
    ///
    /// For records that say only in which period someone dropped out of sight. Kaplan and Meier's, which counts them for the whole period,
    /// lies above it. The variance is Greenwood's with n - c/2 for n.
    ///
    /// Source: S. J. Cutler and F. Ederer, "Maximum utilization of the life table method in analyzing survival", Journal of Chronic
    /// Diseases 8 (1958), 699-712.
    ///
    /// # Errors
    /// [`Error::Undefined`] if no one was recorded.
    pub fn actuarial(&self) -> Result<SurvivalCurve> {
        let table = self.risk_table();
        let rows = table.rows().iter().map(|row| (row.time(), row.at_risk() - row.censored() / 2.0, row.left()));
        SurvivalCurve::product_limit(CurveEstimator::Actuarial, rows, table.last_time(), self.customers)
    }

    /// Each period up to the last with how many were at risk in it and how it ended for whom.
    fn periods(&self) -> impl Iterator<Item = (usize, u64, Exits)> + '_ {
        let entered: u64 = self.entered.iter().fold(0, |sum, &count| sum.saturating_add(count));
        let mut at_risk = self.customers.saturating_sub(entered);
        self.exits.iter().enumerate().map(move |(period, &exits)| {
            // Who entered after the period before is at risk from this one on.
            let come = period.checked_sub(1).and_then(|before| self.entered.get(before)).copied().unwrap_or(0);
            let now = at_risk.saturating_add(come);
            at_risk = now.saturating_sub(exits.both());
            (period, now, exits)
        })
    }

    /// A table of these counts, without zeros at the end.
    fn checked(mut exits: Vec<Exits>, mut entered: Vec<u64>) -> Result<Self> {
        while exits.last().is_some_and(|last| last.both() == 0) {
            exits.pop();
        }
        while entered.last() == Some(&0) {
            entered.pop();
        }
        for (field, length) in [("periods", exits.len()), ("periods of entry", entered.len())] {
            if length > MOST_PERIODS {
                return Err(Error::out_of_bounds(field, length, Bound::AtMost(MOST_PERIODS.into())));
            }
        }
        let overflow = || Error::count_overflow("customers");
        let both = |exits: &Exits| exits.left.checked_add(exits.censored);
        let customers = exits.iter().try_fold(0_u64, |sum, exits| sum.checked_add(both(exits)?)).ok_or_else(overflow)?;
        if let Some(&at_start) = entered.first().filter(|&&count| count > 0) {
            return Err(Error::out_of_bounds("entered in period 0", at_start, Bound::Exactly(0_u64.into())));
        }
        // Whoever entered after a period must end in a later one: as many or more do for each period, counted from the end.
        let (mut come, mut gone) = (0_u64, 0_u64);
        for period in (0..entered.len().max(exits.len())).rev() {
            come = come.checked_add(entered.get(period).copied().unwrap_or(0)).ok_or_else(overflow)?;
            if come > gone {
                return Err(Error::out_of_bounds("entered", come, Bound::AtMost(gone.into())));
            }
            gone = gone.saturating_add(exits.get(period).map_or(0, |exits| exits.both()));
        }
        Ok(Self { exits, entered, customers })
    }
}

const NO_ONE_AT_RISK: &str = "no one was at risk";
const MOST_PERIODS: usize = 1 << 16;

fn position(period: u32) -> usize {
    usize::try_from(period).unwrap_or(usize::MAX)
}

fn time(period: usize) -> f64 {
    f64::from(u32::try_from(period).unwrap_or(u32::MAX))
}

/// Counts a column by period and ending; no period is more than `most`.
fn count<P: Copy + Into<u32>>(periods: &[P], endings: &[Ending], most: usize) -> Vec<Exits> {
    let slots = most.saturating_add(1).saturating_mul(2);
    // Four counters a slot, so that equal neighbours do not wait for each other's store.
    let mut counters = vec![[0_u64; 4]; slots];
    let slot = |period: P, ending: Ending| position(period.into()).wrapping_mul(2).wrapping_add(usize::from(ending == Ending::Left));
    let (fours, rest) = periods.as_chunks::<4>();
    let (four_endings, rest_endings) = endings.as_chunks::<4>();
    for (&[p, q, r, s], &[a, b, c, d]) in fours.iter().zip(four_endings) {
        if let Some([first, ..]) = counters.get_mut(slot(p, a)) {
            *first = first.wrapping_add(1);
        }
        if let Some([_, second, ..]) = counters.get_mut(slot(q, b)) {
            *second = second.wrapping_add(1);
        }
        if let Some([.., third, _]) = counters.get_mut(slot(r, c)) {
            *third = third.wrapping_add(1);
        }
        if let Some([.., fourth]) = counters.get_mut(slot(s, d)) {
            *fourth = fourth.wrapping_add(1);
        }
    }
    for (&period, &ending) in rest.iter().zip(rest_endings) {
        if let Some([first, ..]) = counters.get_mut(slot(period, ending)) {
            *first = first.wrapping_add(1);
        }
    }
    let sum = |four: &[u64; 4]| four.iter().fold(0_u64, |sum, &count| sum.wrapping_add(count));
    let (pairs, _) = counters.as_chunks::<2>();
    pairs.iter().map(|[censored, left]| Exits { left: sum(left), censored: sum(censored) }).collect()
}

impl Tally for LifeTable {
    type Settings = ();
    type Record = Tenure;
    /// The estimate of Kaplan and Meier.
    type Summary = SurvivalCurve;

    fn empty((): ()) -> Self {
        Self::default()
    }

    fn settings(&self) {}

    fn record(&mut self, tenure: Tenure) -> Result<()> {
        self.record_count(tenure, 1)
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        let customers = self.customers.checked_add(other.customers).ok_or_else(|| Error::count_overflow("customers"))?;
        if self.exits.len() < other.exits.len() {
            self.exits.resize(other.exits.len(), Exits::default());
        }
        for (exits, more) in self.exits.iter_mut().zip(&other.exits) {
            exits.left = exits.left.saturating_add(more.left);
            exits.censored = exits.censored.saturating_add(more.censored);
        }
        if self.entered.len() < other.entered.len() {
            self.entered.resize(other.entered.len(), 0);
        }
        for (count, more) in self.entered.iter_mut().zip(&other.entered) {
            *count = count.saturating_add(*more);
        }
        self.customers = customers;
        Ok(())
    }

    fn finish(&self) -> Result<SurvivalCurve> {
        self.risk_table().kaplan_meier()
    }

    fn encode(&self) -> Vec<u8> {
        let length = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        let encoder = Encoder::new(Kind::LIFE_TABLE, self.encoded_len()).u64(length(self.exits.len())).u64(length(self.entered.len()));
        self.exits.iter().fold(encoder, |encoder, exits| encoder.u64(exits.left).u64(exits.censored)).u64s(&self.entered).finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::LIFE_TABLE, bytes)?;
        let [exits_len, entered_len] = decoder.u64_array::<2>()?.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
        if exits_len.max(entered_len) > MOST_PERIODS {
            return Err(decoder.fault("there are too many periods"));
        }
        let exits =
            (0..exits_len).map(|_| decoder.u64_array().map(|[left, censored]| Exits { left, censored })).collect::<Result<Vec<_>>>()?;
        let entered = (0..entered_len).map(|_| decoder.u64()).collect::<Result<Vec<_>>>()?;
        if exits.last().is_some_and(|last| last.both() == 0) || entered.last() == Some(&0) {
            return Err(decoder.fault("the last period is empty"));
        }
        decoder.close()?;
        Self::checked(exits, entered)
    }

    fn encoded_len(&self) -> usize {
        len::with_u64s(self.exits.len().saturating_mul(2).saturating_add(self.entered.len()).saturating_add(2))
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct LifeTableState {
    left: Vec<u64>,
    censored: Vec<u64>,
    entered: Vec<u64>,
}

#[cfg(feature = "serde")]
impl TryFrom<LifeTableState> for LifeTable {
    type Error = Error;

    fn try_from(state: LifeTableState) -> Result<Self> {
        let LifeTableState { left, censored, entered } = state;
        if left.len() != censored.len() {
            return Err(Error::mismatch("periods of left and censored", left.len(), censored.len()));
        }
        Self::checked(left.into_iter().zip(censored).map(|(left, censored)| Exits { left, censored }).collect(), entered)
    }
}

#[cfg(feature = "serde")]
impl From<LifeTable> for LifeTableState {
    fn from(table: LifeTable) -> Self {
        let (left, censored) = table.exits.iter().map(|exits| (exits.left, exits.censored)).unzip();
        Self { left, censored, entered: table.entered }
    }
}

#[cfg(test)]
mod tests {
    use super::Ending::{Censored, Left};
    use super::*;

    #[test]
    fn counting_agrees_with_recording_one_by_one_at_every_length() {
        let periods: Vec<u32> = (0..1_003_u64).map(|i| (i.wrapping_mul(6_364_136_223_846_793_005) >> 57) as u32).collect();
        let endings: Vec<Ending> = periods.iter().map(|period| Ending::left_if(period % 3 == 1)).collect();
        for length in [0, 1, 3, 4, 5, 1_000, 1_003] {
            let mut columns = LifeTable::default();
            columns.record_column(&periods[..length], &endings[..length]).unwrap();
            let mut single = LifeTable::default();
            single.extend(periods[..length].iter().zip(&endings).map(|(&period, &ending)| Tenure::new(period as u16, ending))).unwrap();
            assert_eq!(columns, single, "{length}");
        }
    }

    #[test]
    fn a_period_too_many_is_named_and_changes_nothing() {
        let mut table = LifeTable::default();
        let error = table.record_column(&[1_u32, 65_535, 65_536, 70_000], &[Left; 4]).unwrap_err();
        assert_eq!(error.to_string(), "row 2: periods is 65536, but must be at most 65535");
        assert!(table.record_column(&[1_u8], &[]).is_err());
        assert_eq!(table, LifeTable::default());
        table.record_column(&[u16::MAX], &[Left]).unwrap();
        assert_eq!(table.encoded_len(), 2 + 8 * (2 + 2 * 65_536));
    }

    #[test]
    fn counts_that_exceed_64_bits_change_nothing() {
        let mut table = LifeTable::default();
        table.record_count(Tenure::new(1, Left), u64::MAX).unwrap();
        let full = table.clone();
        assert!(matches!(table.record(Tenure::new(0, Censored)), Err(Error::Overflow { .. })));
        assert!(matches!(table.record_column(&[0_u8], &[Left]), Err(Error::Overflow { .. })));
        assert!(matches!(table.merge(&full), Err(Error::Overflow { .. })));
        assert_eq!(table, full);
        assert_eq!(table.hazard(0).unwrap().part(), 0);
        assert!(matches!(table.pooled_hazard(0..=1), Err(Error::Overflow { .. })));
        assert_eq!(table.finish().unwrap().survival_at(1.0), Ok(0.0));
        assert!(LifeTable::default().finish().is_err());
        assert!(LifeTable::default().hazard(0).is_err());
    }

    #[test]
    fn counts_that_no_customers_can_have_are_refused() {
        let exits = |left| Exits { left, censored: 0 };
        assert!(LifeTable::checked(vec![exits(0), exits(0), exits(2)], vec![0, 2]).is_ok());
        for (gone, entered) in [
            (vec![exits(0), exits(2)], vec![0, 1]),
            (vec![exits(2)], vec![1]),
            (vec![exits(0), exits(0), exits(2)], vec![0, 3]),
            (vec![exits(9), exits(0), exits(1)], vec![0, 1, 1]),
            (vec![], vec![0, 1]),
            (vec![exits(u64::MAX), exits(1)], vec![]),
        ] {
            assert!(LifeTable::checked(gone.clone(), entered.clone()).is_err(), "{gone:?} {entered:?}");
        }
        let hostile = Encoder::new(Kind::LIFE_TABLE, 0).u64(u64::MAX).u64(0).finish();
        assert!(matches!(LifeTable::decode(&hostile), Err(Error::Decode { because: "there are too many periods", .. })));
        let trailing = Encoder::new(Kind::LIFE_TABLE, 0).u64(1).u64(0).u64(0).u64(0).finish();
        assert!(matches!(LifeTable::decode(&trailing), Err(Error::Decode { because: "the last period is empty", .. })));
    }

    #[test]
    fn the_censored_of_a_period_count_half_in_the_actuarial_estimate() {
        let mut table = LifeTable::default();
        table.record_column(&[1_u8, 1, 1, 1, 2], &[Left, Left, Censored, Censored, Left]).unwrap();
        assert_eq!(table.actuarial().unwrap().survival_at(1.0), Ok(0.5));
        assert_eq!(table.finish().unwrap().survival_at(1.0), Ok(0.6));
    }
}
