//! What it costs to make good the loss of a customer.

use core::fmt;

use rust_decimal::Decimal;

use super::AcquisitionCost;
use crate::decimal::non_negative;
use crate::error::{Bound, Error, Result};
use crate::published::{ACQUISITION_COST_RATIO_A, ACQUISITION_COST_RATIO_B, ACQUISITION_COST_RATIO_C, ACQUISITION_COST_RATIO_D, Figure};
use crate::range::Range;

/// How many times the cost of keeping a customer it takes to win one, as published.
///
/// The sources contradict each other, and none says how it was measured: figures to compare with, not laws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum CostRatio {
    /// 5 to 6 times. Source: doc-000 (printed "56 times": the dash is lost).
    FiveToSix,
    /// 5 to 7 times. Source: doc-001.
    FiveToSeven,
    /// 6 times. Source: doc-004.
    Six,
    /// 15 times. Source: doc-003. That print loses dashes elsewhere: 1 to 5 may be meant.
    Fifteen,
}

impl CostRatio {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::FiveToSix, Self::FiveToSeven, Self::Six, Self::Fifteen];

    /// The ratio as a range of numbers.
    #[must_use]
    pub fn range(self) -> Range<Decimal> {
        self.figure().span()
    }

    /// The published figure, with its source and what is wrong with its print.
    #[must_use]
    pub fn figure(self) -> Figure {
        match self {
            Self::FiveToSix => ACQUISITION_COST_RATIO_A,
            Self::FiveToSeven => ACQUISITION_COST_RATIO_B,
            Self::Six => ACQUISITION_COST_RATIO_C,
            Self::Fifteen => ACQUISITION_COST_RATIO_D,
        }
    }
}

/// Such as `5 to 6 times (doc-000)`.
impl fmt::Display for CostRatio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sources = self.figure().sources().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        write!(f, "{} times ({sources})", self.range())
    }
}

/// How many new customers it takes to make good the loss of an old one, and what winning each costs.
///
/// ```text
/// cost of a loss = cost of winning one x new customers for one lost
/// ```
///
/// ```
/// use customer_metrics::{Decimal, lifetime_value::{AcquisitionCost, CostRatio, Replacement}};
///
/// // If keeping a customer costs 100, winning one in their place costs 500 to 600.
/// let replacement = Replacement::from_keeping_cost(Decimal::from(100), CostRatio::FiveToSix.range())?;
/// assert_eq!(replacement.cost_per_loss()?.to_string(), "500 to 600");
///
/// // With 10,000 to win one, and ten new ones for one old.
/// let cost = AcquisitionCost::new(Decimal::from(10_000))?;
/// let replacement = Replacement::one_for_one(cost).with_new_for_one_lost(Replacement::TEN_FOR_ONE)?;
/// assert_eq!(replacement.cost_of_losses(3)?.to_string(), "300000");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "ReplacementState", into = "ReplacementState")
)]
pub struct Replacement {
    cost_of_winning: Range<Decimal>,
    new_for_one_lost: Range<Decimal>,
}

const COST: &str = "cost of replacement";

impl Replacement {
    /// Ten new customers make good the loss of an old one. Source: doc-000, doc-001.
    pub const TEN_FOR_ONE: Decimal = Decimal::TEN;

    /// One new customer for each one lost, at the cost of winning them.
    #[must_use]
    pub fn one_for_one(cost_of_winning: AcquisitionCost) -> Self {
        Self { cost_of_winning: Range::single(cost_of_winning.amount()), new_for_one_lost: Range::single(Decimal::ONE) }
    }

    /// One new customer for each one lost, where winning one costs `ratio` times what keeping one does: a [`CostRatio::range`], or one's
    /// own. The ends of the range are rounded to 28 digits.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the cost or the ratio is negative; [`Error::Overflow`] if the product does not fit.
    pub fn from_keeping_cost(cost_of_keeping: Decimal, ratio: Range<Decimal>) -> Result<Self> {
        let cost_of_keeping = non_negative("cost of keeping", cost_of_keeping)?;
        let _ = non_negative("cost ratio", ratio.low())?;
        let cost_of_winning = Range::single(cost_of_keeping).mul("cost of winning", &ratio)?;
        Ok(Self { cost_of_winning, new_for_one_lost: Range::single(Decimal::ONE) })
    }

    /// The same cost of winning, with so many new customers for one lost: a number or a range.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless more than 0.
    pub fn with_new_for_one_lost(self, new_for_one_lost: impl Into<Range<Decimal>>) -> Result<Self> {
        let new_for_one_lost = new_for_one_lost.into();
        if new_for_one_lost.low() <= Decimal::ZERO {
            return Err(Error::out_of_bounds("new for one lost", new_for_one_lost.low(), Bound::MoreThan(Decimal::ZERO.into())));
        }
        Ok(Self { new_for_one_lost, ..self })
    }

    /// The cost of winning one new customer.
    #[must_use]
    pub fn cost_of_winning(&self) -> Range<Decimal> {
        self.cost_of_winning
    }

    /// How many new customers make good the loss of one.
    #[must_use]
    pub fn new_for_one_lost(&self) -> Range<Decimal> {
        self.new_for_one_lost
    }

    /// The cost of making good the loss of one customer, rounded to 28 digits.
    ///
    /// # Errors
    /// [`Error::Overflow`] if it does not fit.
    pub fn cost_per_loss(&self) -> Result<Range<Decimal>> {
        self.cost_of_winning.mul(COST, &self.new_for_one_lost)
    }

    /// The cost of making good the loss of so many customers, rounded to 28 digits.
    ///
    /// # Errors
    /// [`Error::Overflow`] if it does not fit.
    pub fn cost_of_losses(&self, lost: u64) -> Result<Range<Decimal>> {
        self.cost_per_loss()?.mul(COST, &Range::single(lost.into()))
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplacementState {
    cost_of_winning: Range<Decimal>,
    new_for_one_lost: Range<Decimal>,
}

#[cfg(feature = "serde")]
impl TryFrom<ReplacementState> for Replacement {
    type Error = Error;

    fn try_from(state: ReplacementState) -> Result<Self> {
        let _ = non_negative("cost of winning", state.cost_of_winning.low())?;
        Self::from_keeping_cost(Decimal::ONE, state.cost_of_winning)?.with_new_for_one_lost(state.new_for_one_lost)
    }
}

#[cfg(feature = "serde")]
impl From<Replacement> for ReplacementState {
    fn from(replacement: Replacement) -> Self {
        let Replacement { cost_of_winning, new_for_one_lost } = replacement;
        Self { cost_of_winning, new_for_one_lost }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_ratio_comes_through_as_its_range() {
        let cost = |ratio: &CostRatio| Replacement::from_keeping_cost(Decimal::TEN, ratio.range()).unwrap().cost_per_loss().unwrap();
        let costs: Vec<String> = CostRatio::ALL.iter().map(|ratio| cost(ratio).to_string()).collect();
        assert_eq!(costs, ["50 to 60", "50 to 70", "60", "150"]);
        assert_eq!(CostRatio::FiveToSeven.to_string(), "5 to 7 times (doc-001)");
        assert_eq!(CostRatio::Six.to_string(), "6 times (doc-004)");
    }

    #[test]
    fn ranges_multiply_end_by_end() {
        let replacement = Replacement::from_keeping_cost(Decimal::TEN, CostRatio::FiveToSix.range())
            .and_then(|one| one.with_new_for_one_lost(Range::new(Decimal::TWO, Decimal::TEN).unwrap()))
            .unwrap();
        assert_eq!(replacement.cost_of_losses(2).unwrap().to_string(), "200 to 1200");
        assert_eq!(replacement.cost_of_losses(0).unwrap().to_string(), "0");
    }

    #[test]
    fn negative_costs_and_ratios_are_refused() {
        let six = CostRatio::Six.range();
        assert!(matches!(Replacement::from_keeping_cost(Decimal::NEGATIVE_ONE, six), Err(Error::OutOfBounds { .. })));
        let negative = Range::new(Decimal::NEGATIVE_ONE, Decimal::ONE).unwrap();
        assert!(matches!(Replacement::from_keeping_cost(Decimal::ONE, negative), Err(Error::OutOfBounds { field: "cost ratio", .. })));
        let one = Replacement::from_keeping_cost(Decimal::ONE, six).unwrap();
        assert!(matches!(one.with_new_for_one_lost(Decimal::ZERO), Err(Error::OutOfBounds { field: "new for one lost", .. })));
        assert!(Replacement::from_keeping_cost(Decimal::MAX, six).is_err());
    }
}
