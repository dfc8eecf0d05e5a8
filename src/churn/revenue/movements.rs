//! The revenue movements between two periods, which reconcile to the minor unit.

use core::fmt;

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::money::MinorUnit;

const TOO_WIDE: Error = Error::Overflow { field: "revenue", capacity: "128 bits of minor units" };

/// The revenue at the opening and what moved it to the closing, as amounts: what [`RevenueMovements`] is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct RevenueAmounts {
    /// All revenue of the opening period.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub opening: Decimal,
    /// What new customers brought.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub new: Decimal,
    /// What returning customers brought.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub reactivation: Decimal,
    /// What customers of the opening brought more.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub expansion: Decimal,
    /// What customers who stayed brought less.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub contraction: Decimal,
    /// What customers who left had brought.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub churned: Decimal,
}

/// What became of the revenue of one period in the next, exact to the minor unit.
///
/// ```text
/// closing = opening + new + reactivation + expansion - contraction - churned
/// ```
///
/// The closing is not stored: it is that sum, so it always reconciles. All amounts are of one currency; keep a set of movements for each,
/// because adding up converted ones shows exchange rates as expansion and contraction.
///
/// Movements, and the rates and the ratio read off them, are of the books: all customers and no sample, to the cent. They have no interval. That
/// of the customers behind them is a [`Share`](crate::Share): [`RevenueTally::customer_churn`](super::RevenueTally::customer_churn).
///
/// ```
/// use customer_metrics::MinorUnit;
/// use customer_metrics::churn::{NetRevenueDefinition, RevenueAmounts, RevenueMovements};
///
/// // ChartMogul's example: of $100, 10 churned, 10 lost to contraction and 10 won by expansion.
/// let amounts = RevenueAmounts { opening: 100.into(), churned: 10.into(), contraction: 10.into(), expansion: 10.into(), ..Default::default() };
/// let movements = RevenueMovements::new(MinorUnit::CENT, amounts)?;
/// assert_eq!(movements.gross_revenue_churn()?.to_string(), "0.2");
/// assert_eq!(movements.net_revenue_churn(NetRevenueDefinition::WithoutReactivation)?.to_string(), "0.1");
/// assert_eq!(movements.to_string(), "100 + 0 new + 0 reactivation + 10 expansion - 10 contraction - 10 churned = 90");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "MovementsState", into = "MovementsState"))]
pub struct RevenueMovements {
    unit: MinorUnit,
    units: RevenueUnits,
}

/// The same amounts in whole minor units. None is negative, and all that comes in fits into 128 bits together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct RevenueUnits {
    pub(super) opening: i128,
    pub(super) new: i128,
    pub(super) reactivation: i128,
    pub(super) expansion: i128,
    pub(super) contraction: i128,
    pub(super) churned: i128,
}

impl RevenueMovements {
    /// These amounts, counted in this minor unit.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if an amount is negative or has more decimal places than the unit, or more is lost than there was at the
    /// opening; [`Error::Overflow`] if the amounts do not fit into 128 bits of minor units.
    pub fn new(unit: MinorUnit, amounts: RevenueAmounts) -> Result<Self> {
        let units = |field, amount| unit.units(field, decimal::non_negative(field, amount)?);
        let units = RevenueUnits {
            opening: units("opening revenue", amounts.opening)?,
            new: units("new revenue", amounts.new)?,
            reactivation: units("reactivation", amounts.reactivation)?,
            expansion: units("expansion", amounts.expansion)?,
            contraction: units("contraction", amounts.contraction)?,
            churned: units("churned revenue", amounts.churned)?,
        };
        let lost = units.lost_checked()?;
        if lost > units.opening {
            let lost = unit.amount("lost revenue", lost)?;
            return Err(Error::out_of_bounds("lost revenue", lost, Bound::AtMost(amounts.opening.into())));
        }
        units.checked().map(|units| Self { unit, units })
    }

    /// Amounts that a tally has counted.
    pub(super) fn counted(unit: MinorUnit, units: RevenueUnits) -> Self {
        Self { unit, units }
    }

    pub(super) fn units(&self) -> &RevenueUnits {
        &self.units
    }

    /// The decimal places that the money is counted in.
    #[must_use]
    pub fn unit(&self) -> MinorUnit {
        self.unit
    }

    /// All amounts, as they were put in or counted.
    ///
    /// # Errors
    /// [`Error::Overflow`] if one has more digits than a [`Decimal`] can hold.
    pub fn amounts(&self) -> Result<RevenueAmounts> {
        Ok(RevenueAmounts {
            opening: self.unit.amount("opening revenue", self.units.opening)?,
            new: self.unit.amount("new revenue", self.units.new)?,
            reactivation: self.unit.amount("reactivation", self.units.reactivation)?,
            expansion: self.unit.amount("expansion", self.units.expansion)?,
            contraction: self.unit.amount("contraction", self.units.contraction)?,
            churned: self.unit.amount("churned revenue", self.units.churned)?,
        })
    }

    /// The revenue of the closing period.
    ///
    /// # Errors
    /// [`Error::Overflow`] if it has more digits than a [`Decimal`] can hold.
    pub fn closing(&self) -> Result<Decimal> {
        self.unit.amount("closing revenue", self.units.closing())
    }

    /// By how much the closing differs from the opening, up or down.
    ///
    /// # Errors
    /// [`Error::Overflow`] if it has more digits than a [`Decimal`] can hold.
    pub fn change(&self) -> Result<Decimal> {
        self.unit.amount("change of revenue", self.units.closing().saturating_sub(self.units.opening))
    }
}

impl RevenueUnits {
    /// What comes in fits into 128 bits. What goes out is a part of the opening, so every other sum fits as well.
    pub(super) fn checked(self) -> Result<Self> {
        let coming = [self.new, self.reactivation, self.expansion];
        let _ = coming.into_iter().try_fold(self.opening, i128::checked_add).ok_or(TOO_WIDE)?;
        Ok(self)
    }

    pub(super) fn plus(&self, other: &Self) -> Result<Self> {
        let add = |a: i128, b: i128| a.checked_add(b).ok_or(TOO_WIDE);
        let sum = Self {
            opening: add(self.opening, other.opening)?,
            new: add(self.new, other.new)?,
            reactivation: add(self.reactivation, other.reactivation)?,
            expansion: add(self.expansion, other.expansion)?,
            contraction: add(self.contraction, other.contraction)?,
            churned: add(self.churned, other.churned)?,
        };
        sum.checked()
    }

    /// What was lost of the opening, where it is not yet known to be a part of it.
    pub(super) fn lost_checked(&self) -> Result<i128> {
        self.contraction.checked_add(self.churned).ok_or(TOO_WIDE)
    }

    /// What was lost of the opening.
    pub(super) fn lost(&self) -> i128 {
        self.contraction.saturating_add(self.churned)
    }

    /// What was kept of the opening.
    pub(super) fn kept(&self) -> i128 {
        self.opening.saturating_sub(self.lost())
    }

    pub(super) fn closing(&self) -> i128 {
        self.kept().saturating_add(self.new).saturating_add(self.reactivation).saturating_add(self.expansion)
    }
}

/// The whole sum in one line; amounts too large for a decimal are counted in minor units.
impl fmt::Display for RevenueMovements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown =
            |units: i128| self.unit.amount("revenue", units).map_or_else(|_| format!("{units} minor units"), |amount| amount.to_string());
        let RevenueUnits { opening, new, reactivation, expansion, contraction, churned } = self.units;
        write!(f, "{} + {} new + {} reactivation", shown(opening), shown(new), shown(reactivation))?;
        write!(f, " + {} expansion - {} contraction - {} churned", shown(expansion), shown(contraction), shown(churned))?;
        write!(f, " = {}", shown(self.units.closing()))
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct MovementsState {
    decimal_places: MinorUnit,
    minor_units: UnitsState,
}

#[cfg(feature = "serde")]
impl TryFrom<MovementsState> for RevenueMovements {
    type Error = Error;

    fn try_from(state: MovementsState) -> Result<Self> {
        let units = RevenueUnits::try_from(state.minor_units)?.checked()?;
        let lost = units.lost_checked()?;
        if lost > units.opening {
            return Err(Error::mismatch("revenue of the opening and what was lost of it", units.opening, lost));
        }
        Ok(Self { unit: state.decimal_places, units })
    }
}

#[cfg(feature = "serde")]
impl From<RevenueMovements> for MovementsState {
    fn from(movements: RevenueMovements) -> Self {
        Self { decimal_places: movements.unit, minor_units: movements.units.into() }
    }
}

/// Whole minor units as text: not every format holds 128 bits.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnitsState {
    opening: String,
    new: String,
    reactivation: String,
    expansion: String,
    contraction: String,
    churned: String,
}

#[cfg(feature = "serde")]
impl TryFrom<UnitsState> for RevenueUnits {
    type Error = Error;

    fn try_from(state: UnitsState) -> Result<Self> {
        let units = |text: String| match text.parse() {
            Ok(units) if units >= 0_i128 => Ok(units),
            _ => Err(Error::Unknown { field: "minor units", value: text, expected: "a whole number of 128 bits that is not negative" }),
        };
        Ok(Self {
            opening: units(state.opening)?,
            new: units(state.new)?,
            reactivation: units(state.reactivation)?,
            expansion: units(state.expansion)?,
            contraction: units(state.contraction)?,
            churned: units(state.churned)?,
        })
    }
}

#[cfg(feature = "serde")]
impl From<RevenueUnits> for UnitsState {
    fn from(units: RevenueUnits) -> Self {
        let RevenueUnits { opening, new, reactivation, expansion, contraction, churned } = units;
        let [opening, new, reactivation, expansion, contraction, churned] =
            [opening, new, reactivation, expansion, contraction, churned].map(|units| units.to_string());
        Self { opening, new, reactivation, expansion, contraction, churned }
    }
}
