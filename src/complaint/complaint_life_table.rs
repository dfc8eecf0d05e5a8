//! Retention in time after a complaint, by what became of it.

use rust_decimal::Decimal;

use super::Outcome;
use crate::error::{Error, Result};
use crate::estimate::{Comparison, Confidence, Estimate, Method};
use crate::money::MinorUnit;
use crate::money_estimate::MoneyEstimate;
use crate::survival::{
    EventWeighting, GroupComparison, LifeTable, RestrictedMean, RestrictedMeanDifferenceMethod, SurvivalCurve, SurvivalDifferenceMethod,
    Tenure,
};
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

/// One customer with a problem, followed from it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FollowUp {
    /// What became of the problem.
    pub outcome: Outcome,
    /// For how many whole periods the customer stayed after it, and whether they then left or are still there.
    pub tenure: Tenure,
}

/// Life tables from the complaint on, one for each outcome: does resolving, and resolving quickly, keep customers, how many, for how long, and
/// worth how much?
///
/// Periods are whole and the caller's: days, weeks or months since the complaint. Start the clock of all four at the complaint and not at its
/// resolution: who is followed from the resolution on has already stayed until then, and slow resolution looks better than it is. Customers
/// who left before their complaint could be resolved count as unresolved for the same reason (S. Suissa, "Immortal time bias in
/// pharmacoepidemiology", American Journal of Epidemiology 167 (2008), 492-499).
///
/// ```
/// use customer_metrics::{Confidence, Decimal, MinorUnit, Tally};
/// use customer_metrics::complaint::{ComplaintLifeTable, FollowUp, Outcome};
/// use customer_metrics::survival::{Ending, EventWeighting, Tenure};
///
/// let mut tables = ComplaintLifeTable::default();
/// for months in 1..=12 {
///     let left = |outcome| FollowUp { outcome, tenure: Tenure::new(months, Ending::Left) };
///     tables.record_count(left(Outcome::Unresolved), 30)?;
///     tables.record_count(left(Outcome::ResolvedQuickly), 8)?;
/// }
/// let stays = |outcome| FollowUp { outcome, tenure: Tenure::new(12, Ending::Censored) };
/// tables.record_count(stays(Outcome::Unresolved), 140)?;
/// tables.record_count(stays(Outcome::ResolvedQuickly), 404)?;
///
/// let kept = tables.kept_at(12, Outcome::Unresolved, Outcome::ResolvedQuickly, Confidence::P95)?;
/// assert_eq!(format!("{kept:.3}"), "0.528 (0.472 to 0.579, 95% square-and-add beta product, n = 500 and 500)");
/// let months = tables.kept_longer(12, Outcome::Unresolved, Outcome::ResolvedQuickly, Confidence::P95)?;
/// assert_eq!(format!("{months:.2}"), "2.90 (2.50 to 3.31, 95% normal, n = 500 and 500)");
/// let money = tables.money_kept(12, Outcome::Unresolved, Outcome::ResolvedQuickly, Decimal::from(20), MinorUnit::CENT, Confidence::P95)?;
/// assert_eq!(money.point().to_string(), "58.08"); // a customer, in the first year, at a margin of 20 a month
/// assert!(tables.compare(EventWeighting::LogRank)?.test()?.p_value() < 1e-30);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "ComplaintLifeTableState", into = "ComplaintLifeTableState")
)]
pub struct ComplaintLifeTable {
    /// In the order of [`Outcome::ALL`].
    tables: [LifeTable; 4],
}

impl ComplaintLifeTable {
    /// Records `count` customers alike.
    ///
    /// # Errors
    /// As [`LifeTable::record_count`].
    pub fn record_count(&mut self, follow_up: FollowUp, count: u64) -> Result<()> {
        let [silent, unresolved, resolved, resolved_quickly] = &mut self.tables;
        let table = match follow_up.outcome {
            Outcome::Silent => silent,
            Outcome::Unresolved => unresolved,
            Outcome::Resolved => resolved,
            Outcome::ResolvedQuickly => resolved_quickly,
        };
        table.record_count(follow_up.tenure, count)
    }

    /// The life table after this outcome.
    #[must_use]
    pub fn table(&self, outcome: Outcome) -> &LifeTable {
        outcome.pick(self.tables.each_ref())
    }

    /// How many of the customers are still there, period by period, after this outcome: the Kaplan-Meier curve.
    ///
    /// # Errors
    /// [`Error::Undefined`] if no customer with this outcome was recorded.
    pub fn curve(&self, outcome: Outcome) -> Result<SurvivalCurve> {
        self.table(outcome).risk_table().kaplan_meier()
    }

    /// The outcomes that customers were recorded for, from the worst to the best: the groups of [`compare`](Self::compare).
    pub fn outcomes(&self) -> impl Iterator<Item = Outcome> {
        Outcome::ALL.into_iter().zip(&self.tables).filter(|(_, table)| table.customers() > 0).map(|(outcome, _)| outcome)
    }

    /// All recorded outcomes compared over the whole time, as by the log-rank test. Its trend test asks whether retention rises with every
    /// better outcome.
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two outcomes, or if no one has left.
    pub fn compare(&self, weighting: EventWeighting) -> Result<GroupComparison> {
        let groups: Vec<_> = self.tables.iter().filter(|table| table.customers() > 0).map(LifeTable::risk_table).collect();
        GroupComparison::new(&groups, weighting)
    }

    /// How much more of the customers are still there after so many periods when the outcome is the second rather than the first, as a share.
    ///
    /// # Errors
    /// [`Error::Undefined`] if no customer has one of the outcomes; [`Error::OutOfBounds`] if the period lies beyond the records of one while
    /// someone is still there.
    pub fn kept_at(&self, period: u16, from: Outcome, to: Outcome, confidence: Confidence) -> Result<Comparison<SurvivalDifferenceMethod>> {
        self.table(to).risk_table().difference_at(period.into(), &self.table(from).risk_table(), confidence)
    }

    /// How many periods longer customers stay within the first `horizon` of them when the outcome is the second rather than the first: the
    /// difference of the restricted means.
    ///
    /// # Errors
    /// As [`kept_at`](Self::kept_at): what lies beyond the records is not guessed.
    pub fn kept_longer(
        &self,
        horizon: u16,
        from: Outcome,
        to: Outcome,
        confidence: Confidence,
    ) -> Result<Comparison<RestrictedMeanDifferenceMethod>> {
        self.mean(horizon, to)?.difference(&self.mean(horizon, from)?, confidence)
    }

    /// What that is worth for one customer: the periods times the margin of one, undiscounted.
    ///
    /// # Errors
    /// As [`kept_longer`](Self::kept_longer); [`Error::Overflow`] if the money does not fit 28 digits.
    pub fn money_kept(
        &self,
        horizon: u16,
        from: Outcome,
        to: Outcome,
        margin_per_period: Decimal,
        unit: MinorUnit,
        confidence: Confidence,
    ) -> Result<MoneyEstimate> {
        let longer = self.kept_longer(horizon, from, to, confidence)?;
        let [n, m] = longer.n();
        let n = n.checked_add(m).ok_or_else(|| Error::count_overflow("customers"))?;
        Estimate::holding(longer.point(), longer.interval(), confidence, Method::RestrictedMean, n).in_money(margin_per_period, unit)
    }

    fn mean(&self, horizon: u16, outcome: Outcome) -> Result<RestrictedMean> {
        self.curve(outcome)?.restricted_mean(horizon.into())
    }
}

impl Tally for ComplaintLifeTable {
    type Settings = ();
    type Record = FollowUp;
    type Summary = GroupComparison;

    fn empty((): ()) -> Self {
        Self::default()
    }

    fn settings(&self) {}

    fn record(&mut self, follow_up: FollowUp) -> Result<()> {
        self.record_count(follow_up, 1)
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        let mut merged = self.clone();
        for (mine, theirs) in merged.tables.iter_mut().zip(&other.tables) {
            mine.merge(theirs)?;
        }
        *self = merged;
        Ok(())
    }

    /// The outcomes compared by the [log-rank test](EventWeighting::LogRank).
    fn finish(&self) -> Result<GroupComparison> {
        self.compare(EventWeighting::LogRank)
    }

    fn encode(&self) -> Vec<u8> {
        let header = Encoder::new(Kind::COMPLAINT_LIFE_TABLE, self.encoded_len());
        self.tables.iter().fold(header, |encoder, table| encoder.nested(&table.encode())).finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::COMPLAINT_LIFE_TABLE, bytes)?;
        let mut tables = <[LifeTable; 4]>::default();
        for table in &mut tables {
            *table = LifeTable::decode(decoder.nested()?)?;
        }
        decoder.close()?;
        Ok(Self { tables })
    }

    fn encoded_len(&self) -> usize {
        let nested = |table: &LifeTable| len::U64.saturating_add(table.encoded_len());
        self.tables.iter().fold(len::HEADER, |sum, table| sum.saturating_add(nested(table)))
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ComplaintLifeTableState {
    silent: LifeTable,
    unresolved: LifeTable,
    resolved: LifeTable,
    resolved_quickly: LifeTable,
}

#[cfg(feature = "serde")]
impl From<ComplaintLifeTableState> for ComplaintLifeTable {
    fn from(state: ComplaintLifeTableState) -> Self {
        let ComplaintLifeTableState { silent, unresolved, resolved, resolved_quickly } = state;
        Self { tables: [silent, unresolved, resolved, resolved_quickly] }
    }
}

#[cfg(feature = "serde")]
impl From<ComplaintLifeTable> for ComplaintLifeTableState {
    fn from(ComplaintLifeTable { tables: [silent, unresolved, resolved, resolved_quickly] }: ComplaintLifeTable) -> Self {
        Self { silent, unresolved, resolved, resolved_quickly }
    }
}
