//! Revenue retention, revenue churn and the quick ratio, under the definitions that the field has published.

use core::fmt;

use rust_decimal::Decimal;

use super::RevenueMovements;
use crate::decimal;
use crate::error::Result;

const NOTHING_AT_OPENING: &str = "there was no revenue at the opening";

/// Which movements a net revenue retention or churn takes in.
///
/// New customers are in none of them. Compare figures of the same definition only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum NetRevenueDefinition {
    /// Only what became of the revenue of the opening: the most common definition.
    ///
    /// ```text
    /// retention = (opening + expansion - contraction - churned) / opening
    /// ```
    #[default]
    WithoutReactivation,
    /// Returning customers count as if they had been there: ChartMogul's net churn subtracts reactivation.
    ///
    /// ```text
    /// retention = (opening + expansion + reactivation - contraction - churned) / opening
    /// ```
    WithReactivation,
    /// As Baremetrics prints it, leaving out contraction. Never lower than [`WithoutReactivation`](Self::WithoutReactivation), and blind
    /// to customers who pay less: only to compare with figures that were made so.
    ///
    /// ```text
    /// retention = (opening + expansion - churned) / opening
    /// ```
    WithoutContraction,
}

impl fmt::Display for NetRevenueDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WithoutReactivation => "without reactivation",
            Self::WithReactivation => "with reactivation",
            Self::WithoutContraction => "without contraction and reactivation",
        })
    }
}

/// Whether the quick ratio counts returning customers as a gain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum QuickRatioDefinition {
    /// The most common definition.
    ///
    /// ```text
    /// (new + expansion) / (churned + contraction)
    /// ```
    #[default]
    WithoutReactivation,
    /// Everything that came in.
    ///
    /// ```text
    /// (new + expansion + reactivation) / (churned + contraction)
    /// ```
    WithReactivation,
}

impl fmt::Display for QuickRatioDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WithoutReactivation => "without reactivation",
            Self::WithReactivation => "with reactivation",
        })
    }
}

impl RevenueMovements {
    /// The revenue of the opening that was kept: gross revenue retention, rounded once to 28 digits.
    ///
    /// ```text
    /// (opening - contraction - churned) / opening
    /// ```
    ///
    /// Within 0 to 1: no gain counts, so that it cannot exceed 100%.
    ///
    /// # Errors
    /// [`Error::Undefined`](crate::Error::Undefined) without revenue at the opening.
    pub fn gross_revenue_retention(&self) -> Result<Decimal> {
        decimal::ratio("gross revenue retention", NOTHING_AT_OPENING, self.units().kept(), self.units().opening)
    }

    /// The revenue of the opening that was lost: gross revenue churn, the rest of
    /// [`gross_revenue_retention`](Self::gross_revenue_retention).
    ///
    /// ```text
    /// (contraction + churned) / opening
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`](crate::Error::Undefined) without revenue at the opening.
    pub fn gross_revenue_churn(&self) -> Result<Decimal> {
        decimal::ratio("gross revenue churn", NOTHING_AT_OPENING, self.units().lost(), self.units().opening)
    }

    /// What the customers of the opening bring at the closing, over what they brought at the opening: net revenue retention, rounded once
    /// to 28 digits. Above 1 where they bring more.
    ///
    /// ```
    /// use customer_metrics::MinorUnit;
    /// use customer_metrics::churn::{NetRevenueDefinition, RevenueAmounts, RevenueMovements};
    ///
    /// // ChurnZero's example: from 27,000 to 35,000 by selling more, and 5,000 churned.
    /// let amounts = RevenueAmounts { opening: 27_000.into(), expansion: 8_000.into(), churned: 5_000.into(), ..Default::default() };
    /// let retention = RevenueMovements::new(MinorUnit::CENT, amounts)?.net_revenue_retention(NetRevenueDefinition::default())?;
    /// assert_eq!(retention.round_dp(2).to_string(), "1.11");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`](crate::Error::Undefined) without revenue at the opening.
    pub fn net_revenue_retention(&self, definition: NetRevenueDefinition) -> Result<Decimal> {
        let kept = self.units().opening.saturating_sub(self.net_loss(definition));
        decimal::ratio("net revenue retention", NOTHING_AT_OPENING, kept, self.units().opening)
    }

    /// The rest of [`net_revenue_retention`](Self::net_revenue_retention): net revenue churn. Below 0 where the customers bring more
    /// than was lost.
    ///
    /// # Errors
    /// [`Error::Undefined`](crate::Error::Undefined) without revenue at the opening.
    pub fn net_revenue_churn(&self, definition: NetRevenueDefinition) -> Result<Decimal> {
        decimal::ratio("net revenue churn", NOTHING_AT_OPENING, self.net_loss(definition), self.units().opening)
    }

    /// How much revenue comes in for each unit that is lost: the quick ratio of growth, rounded once to 28 digits.
    ///
    /// # Errors
    /// [`Error::Undefined`](crate::Error::Undefined) if nothing was lost: then no number is large enough.
    pub fn quick_ratio(&self, definition: QuickRatioDefinition) -> Result<Decimal> {
        let units = self.units();
        let reactivation = match definition {
            QuickRatioDefinition::WithoutReactivation => 0,
            QuickRatioDefinition::WithReactivation => units.reactivation,
        };
        let gained = units.new.saturating_add(units.expansion).saturating_add(reactivation);
        decimal::ratio("quick ratio", "no revenue was lost", gained, units.lost())
    }

    fn net_loss(&self, definition: NetRevenueDefinition) -> i128 {
        let units = self.units();
        match definition {
            NetRevenueDefinition::WithoutReactivation => units.lost().saturating_sub(units.expansion),
            NetRevenueDefinition::WithReactivation => units.lost().saturating_sub(units.expansion).saturating_sub(units.reactivation),
            NetRevenueDefinition::WithoutContraction => units.churned.saturating_sub(units.expansion),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::RevenueAmounts;
    use super::*;
    use crate::error::Error;
    use crate::money::MinorUnit;

    fn movements(opening: i64, new: i64, reactivation: i64, expansion: i64, contraction: i64, churned: i64) -> RevenueMovements {
        let [opening, new, reactivation, expansion, contraction, churned] =
            [opening, new, reactivation, expansion, contraction, churned].map(Decimal::from);
        let amounts = RevenueAmounts { opening, new, reactivation, expansion, contraction, churned };
        RevenueMovements::new(MinorUnit::CENT, amounts).unwrap()
    }

    #[test]
    fn each_definition_is_its_formula() {
        let all = movements(1_000, 300, 50, 200, 80, 120);
        let net = |definition| all.net_revenue_retention(definition).unwrap().to_string();
        assert_eq!(net(NetRevenueDefinition::WithoutReactivation), "1");
        assert_eq!(net(NetRevenueDefinition::WithReactivation), "1.05");
        assert_eq!(net(NetRevenueDefinition::WithoutContraction), "1.08");
        assert_eq!(all.net_revenue_churn(NetRevenueDefinition::WithReactivation).unwrap().to_string(), "-0.05");
        assert_eq!(all.gross_revenue_retention().unwrap().to_string(), "0.8");
        assert_eq!(all.quick_ratio(QuickRatioDefinition::WithoutReactivation).unwrap().to_string(), "2.5");
        assert_eq!(all.quick_ratio(QuickRatioDefinition::WithReactivation).unwrap().to_string(), "2.75");
        assert_eq!((all.closing().unwrap(), all.change().unwrap()), (Decimal::from(1_350), Decimal::from(350)));
    }

    #[test]
    fn nothing_to_divide_by_is_undefined_and_never_0() {
        let first_month = movements(0, 300, 0, 0, 0, 0);
        assert!(matches!(first_month.gross_revenue_retention(), Err(Error::Undefined { .. })));
        assert!(matches!(first_month.gross_revenue_churn(), Err(Error::Undefined { .. })));
        assert!(matches!(first_month.net_revenue_retention(NetRevenueDefinition::default()), Err(Error::Undefined { .. })));
        assert!(matches!(first_month.net_revenue_churn(NetRevenueDefinition::default()), Err(Error::Undefined { .. })));
        assert!(matches!(first_month.quick_ratio(QuickRatioDefinition::default()), Err(Error::Undefined { metric: "quick ratio", .. })));
        let nothing_gained = movements(10, 0, 0, 0, 0, 10);
        assert_eq!(nothing_gained.quick_ratio(QuickRatioDefinition::default()), Ok(Decimal::ZERO));
        assert_eq!(nothing_gained.gross_revenue_retention(), Ok(Decimal::ZERO));
        assert_eq!(nothing_gained.gross_revenue_churn(), Ok(Decimal::ONE));
    }

    #[test]
    fn more_lost_than_there_was_is_refused_with_both_numbers() {
        let amounts = RevenueAmounts { opening: 10.into(), churned: 8.into(), contraction: 3.into(), ..Default::default() };
        let error = RevenueMovements::new(MinorUnit::CENT, amounts).unwrap_err();
        assert_eq!(error.to_string(), "lost revenue is 11, but must be at most 10");
        let negative = RevenueAmounts { new: Decimal::NEGATIVE_ONE, ..Default::default() };
        assert_eq!(RevenueMovements::new(MinorUnit::CENT, negative).unwrap_err().field(), Some("new revenue"));
        let too_fine = RevenueAmounts { expansion: Decimal::new(1, 3), ..Default::default() };
        assert_eq!(RevenueMovements::new(MinorUnit::CENT, too_fine).unwrap_err().field(), Some("expansion"));
    }
}
