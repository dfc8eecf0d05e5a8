//! Satisfied customers who leave all the same.

use rust_decimal::Decimal;

use super::{Repurchase, Scale};
use crate::error::{Error, Result};
use crate::estimate::OrderedTable;
use crate::proportion::Proportion;
use crate::share::Share;
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

const NO_CUSTOMERS: &str = "no customer was recorded";

/// Satisfied or not, crossed with bought again or left: four counts of the same customers.
///
/// ```text
///                  bought again            left
/// satisfied        loyal                   satisfied yet leaving
/// dissatisfied     dissatisfied yet staying
/// ```
///
/// Satisfied is who reaches the scale's threshold; everyone else counts as dissatisfied here, the neutral included.
///
/// ```
/// use customer_metrics::Tally;
/// use customer_metrics::satisfaction::{ParadoxThresholds, Repurchase, SatisfactionReturnTally};
///
/// let mut customers = SatisfactionReturnTally::default();
/// customers.extend([(5, Repurchase::Left), (4, Repurchase::BoughtAgain), (5, Repurchase::Left), (2, Repurchase::BoughtAgain)])?;
///
/// assert_eq!(customers.csat()?.to_string(), "3 of 4 (75.0%)");
/// assert_eq!(customers.repeat_rate()?.to_string(), "2 of 4 (50.0%)");
/// assert_eq!(customers.satisfied_yet_leaving()?.to_string(), "2 of 3 (66.7%)");
/// assert!(!customers.is_paradox(ParadoxThresholds::default())?);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "SatisfactionReturnState", into = "SatisfactionReturnState")
)]
pub struct SatisfactionReturnTally {
    scale: Scale,
    satisfied: Row,
    dissatisfied: Row,
}

/// One row of the cross table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
struct Row {
    bought_again: u64,
    left: u64,
}

impl Row {
    fn of(repurchase: Repurchase) -> Self {
        match repurchase {
            Repurchase::BoughtAgain => Self { bought_again: 1, left: 0 },
            Repurchase::Left => Self { bought_again: 0, left: 1 },
        }
    }

    fn count(self, repurchase: Repurchase) -> u64 {
        match repurchase {
            Repurchase::BoughtAgain => self.bought_again,
            Repurchase::Left => self.left,
        }
    }

    fn customers(self) -> u64 {
        self.bought_again.saturating_add(self.left)
    }

    fn add(self, other: Self) -> Self {
        Self { bought_again: self.bought_again.saturating_add(other.bought_again), left: self.left.saturating_add(other.left) }
    }
}

impl SatisfactionReturnTally {
    /// How many customers were recorded.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.satisfied.customers().saturating_add(self.dissatisfied.customers())
    }

    /// How many satisfied customers did this.
    #[must_use]
    pub fn satisfied(&self, repurchase: Repurchase) -> u64 {
        self.satisfied.count(repurchase)
    }

    /// How many dissatisfied customers did this, the neutral included.
    #[must_use]
    pub fn dissatisfied(&self, repurchase: Repurchase) -> u64 {
        self.dissatisfied.count(repurchase)
    }

    /// CSAT: the share of customers that is satisfied.
    ///
    /// # Errors
    /// [`Error::Undefined`] without customers.
    pub fn csat(&self) -> Result<Share> {
        Share::of("CSAT", NO_CUSTOMERS, self.satisfied.customers(), self.customers())
    }

    /// Repeat rate: the share of customers that bought again.
    ///
    /// # Errors
    /// [`Error::Undefined`] without customers.
    pub fn repeat_rate(&self) -> Result<Share> {
        Share::of("repeat rate", NO_CUSTOMERS, self.satisfied.add(self.dissatisfied).bought_again, self.customers())
    }

    /// Satisfied yet leaving: of the satisfied customers, the share that left. Source: doc-002.
    ///
    /// # Errors
    /// [`Error::Undefined`] if no customer was satisfied.
    pub fn satisfied_yet_leaving(&self) -> Result<Share> {
        Share::of("satisfied yet leaving", "no customer was satisfied", self.satisfied.left, self.satisfied.customers())
    }

    /// Dissatisfied yet staying: of the dissatisfied customers, the share that bought again, for want of a choice or out of habit.
    ///
    /// # Errors
    /// [`Error::Undefined`] if no customer was dissatisfied.
    pub fn dissatisfied_yet_staying(&self) -> Result<Share> {
        let metric = "dissatisfied yet staying";
        Share::of(metric, "no customer was dissatisfied", self.dissatisfied.bought_again, self.dissatisfied.customers())
    }

    /// The four counts as a table, dissatisfied before satisfied and left before bought again: how satisfaction and loyalty go together.
    ///
    /// Its Pearson correlation is the phi coefficient, and so is its Kendall correlation.
    ///
    /// ```
    /// use customer_metrics::{Confidence, Tally, published};
    /// use customer_metrics::satisfaction::{Repurchase, SatisfactionReturnTally};
    ///
    /// let mut customers = SatisfactionReturnTally::default();
    /// let groups = [(5, Repurchase::BoughtAgain, 260), (4, Repurchase::Left, 140), (2, Repurchase::BoughtAgain, 50), (1, Repurchase::Left, 50)];
    /// for (rating, repurchase, count) in groups {
    ///     customers.extend([(rating, repurchase)].repeat(count))?;
    /// }
    /// let phi = customers.table().pearson()?.estimate(Confidence::P95)?;
    /// assert_eq!(format!("{phi:.2}"), "0.12 (0.04 to 0.21, 95% Fisher z, n = 500)");
    /// assert_eq!(published::SATISFACTION_LOYALTY_CORRELATION.printed_as(), "0.13");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn table(&self) -> OrderedTable {
        let row = |row: Row| [row.left, row.bought_again];
        OrderedTable::of(2, [row(self.dissatisfied), row(self.satisfied)].concat(), self.customers())
    }

    /// Whether customers say they are satisfied and do not come back: CSAT above the one threshold while the repeat rate is below the
    /// other, both compared without rounding.
    ///
    /// # Errors
    /// [`Error::Undefined`] without customers.
    pub fn is_paradox(&self, thresholds: ParadoxThresholds) -> Result<bool> {
        let csat_is_high = self.csat()?.compare_to(thresholds.csat_above).is_gt();
        let repeat_rate_is_low = self.repeat_rate()?.compare_to(thresholds.repeat_rate_below).is_lt();
        Ok(csat_is_high && repeat_rate_is_low)
    }

    fn checked(self) -> Result<Self> {
        let Self { satisfied, dissatisfied, .. } = self;
        [satisfied.bought_again, satisfied.left, dissatisfied.bought_again, dissatisfied.left]
            .into_iter()
            .try_fold(0_u64, u64::checked_add)
            .map(|_| self)
            .ok_or_else(|| Error::count_overflow("customers"))
    }
}

/// From where on satisfaction and loyalty contradict each other.
///
/// ```
/// use customer_metrics::satisfaction::ParadoxThresholds;
///
/// let thresholds = ParadoxThresholds::default();
/// assert_eq!(thresholds.csat_above.to_string(), "90.0%");
/// assert_eq!(thresholds.repeat_rate_below.to_string(), "30.0%");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct ParadoxThresholds {
    /// CSAT is high if it is more than this.
    pub csat_above: Proportion,
    /// The repeat rate is low if it is less than this.
    pub repeat_rate_below: Proportion,
}

/// CSAT above 90% beside a repeat rate below 30%. Source: doc-002.
impl Default for ParadoxThresholds {
    fn default() -> Self {
        Self { csat_above: Proportion::saturating(Decimal::new(9, 1)), repeat_rate_below: Proportion::saturating(Decimal::new(3, 1)) }
    }
}

/// An empty tally on 1-5.
impl Default for SatisfactionReturnTally {
    fn default() -> Self {
        Self::empty(Scale::default())
    }
}

impl Tally for SatisfactionReturnTally {
    type Settings = Scale;
    /// A customer's rating, and what they did.
    type Record = (u8, Repurchase);
    type Summary = SatisfactionReturn;

    fn empty(scale: Scale) -> Self {
        Self { scale, satisfied: Row::default(), dissatisfied: Row::default() }
    }

    fn settings(&self) -> Scale {
        self.scale
    }

    fn record(&mut self, (rating, repurchase): (u8, Repurchase)) -> Result<()> {
        let _ = self.scale.position("rating", rating)?;
        let mut one = Self::empty(self.scale);
        let row = if self.scale.is_satisfied(rating) { &mut one.satisfied } else { &mut one.dissatisfied };
        *row = Row::of(repurchase);
        self.merge(&one)
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.scale != other.scale {
            return Err(Error::mismatch("scale", self.scale, other.scale));
        }
        let _ = self.customers().checked_add(other.customers()).ok_or_else(|| Error::count_overflow("customers"))?;
        self.satisfied = self.satisfied.add(other.satisfied);
        self.dissatisfied = self.dissatisfied.add(other.dissatisfied);
        Ok(())
    }

    fn finish(&self) -> Result<SatisfactionReturn> {
        Ok(SatisfactionReturn {
            csat: self.csat()?,
            repeat_rate: self.repeat_rate()?,
            satisfied_yet_leaving: self.satisfied_yet_leaving().ok(),
            dissatisfied_yet_staying: self.dissatisfied_yet_staying().ok(),
        })
    }

    fn encode(&self) -> Vec<u8> {
        Encoder::new(Kind::SATISFACTION_RETURN, self.encoded_len())
            .u8(self.scale.low())
            .u8(self.scale.high())
            .u8(self.scale.satisfied_from())
            .u64(self.satisfied.bought_again)
            .u64(self.satisfied.left)
            .u64(self.dissatisfied.bought_again)
            .u64(self.dissatisfied.left)
            .finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::SATISFACTION_RETURN, bytes)?;
        let scale = Scale::new(decoder.u8()?, decoder.u8()?, decoder.u8()?)?;
        let satisfied = Row { bought_again: decoder.u64()?, left: decoder.u64()? };
        let dissatisfied = Row { bought_again: decoder.u64()?, left: decoder.u64()? };
        decoder.close()?;
        Self { scale, satisfied, dissatisfied }.checked()
    }

    fn encoded_len(&self) -> usize {
        const { len::with_u64s(4) + 3 * len::U8 }
    }
}

/// What customers said beside what they did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SatisfactionReturn {
    /// The share that is satisfied.
    pub csat: Share,
    /// The share that bought again.
    pub repeat_rate: Share,
    /// Of the satisfied, the share that left; `None` if no one was satisfied.
    pub satisfied_yet_leaving: Option<Share>,
    /// Of the dissatisfied, the share that bought again; `None` if no one was dissatisfied.
    pub dissatisfied_yet_staying: Option<Share>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SatisfactionReturnState {
    scale: Scale,
    satisfied: Row,
    dissatisfied: Row,
}

#[cfg(feature = "serde")]
impl TryFrom<SatisfactionReturnState> for SatisfactionReturnTally {
    type Error = Error;

    fn try_from(state: SatisfactionReturnState) -> Result<Self> {
        Self { scale: state.scale, satisfied: state.satisfied, dissatisfied: state.dissatisfied }.checked()
    }
}

#[cfg(feature = "serde")]
impl From<SatisfactionReturnTally> for SatisfactionReturnState {
    fn from(tally: SatisfactionReturnTally) -> Self {
        Self { scale: tally.scale, satisfied: tally.satisfied, dissatisfied: tally.dissatisfied }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(satisfied: [u64; 2], dissatisfied: [u64; 2]) -> SatisfactionReturnTally {
        let row = |[bought_again, left]: [u64; 2]| Row { bought_again, left };
        SatisfactionReturnTally { scale: Scale::default(), satisfied: row(satisfied), dissatisfied: row(dissatisfied) }
    }

    #[test]
    fn a_group_without_customers_leaves_its_share_undefined() {
        let satisfied = tally([3, 1], [0, 0]);
        assert!(matches!(satisfied.dissatisfied_yet_staying(), Err(Error::Undefined { .. })));
        assert_eq!(satisfied.finish().unwrap().dissatisfied_yet_staying, None);
        assert_eq!(satisfied.finish().unwrap().satisfied_yet_leaving, Some(Share::new(1, 4).unwrap()));
        let nobody = SatisfactionReturnTally::default();
        assert!(matches!(nobody.finish(), Err(Error::Undefined { metric: "CSAT", .. })));
        assert!(matches!(nobody.is_paradox(ParadoxThresholds::default()), Err(Error::Undefined { .. })));
    }

    #[test]
    fn the_thresholds_themselves_are_no_paradox() {
        let paradox = |satisfied, dissatisfied| tally(satisfied, dissatisfied).is_paradox(ParadoxThresholds::default()).unwrap();
        assert!(paradox([29, 62], [0, 9]));
        assert!(!paradox([29, 61], [0, 10]), "CSAT is 90%");
        assert!(!paradox([30, 61], [0, 9]), "the repeat rate is 30%");
        assert!(paradox([299_999_999, 600_000_002], [0, 99_999_999]), "both differ from the thresholds by 1e-9");
    }

    #[test]
    fn counts_that_exceed_64_bits_are_refused_and_change_nothing() {
        let full = tally([u64::MAX - 1, 0], [0, 1]);
        let mut recorded = full;
        assert!(matches!(recorded.record((5, Repurchase::Left)), Err(Error::Overflow { field: "customers", .. })));
        assert_eq!(recorded, full);
        assert_eq!(full.repeat_rate(), Share::new(u64::MAX - 1, u64::MAX));
        assert!(tally([u64::MAX, 0], [0, 1]).checked().is_err());
    }
}
