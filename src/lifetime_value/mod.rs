//! What a customer is worth: order value x orders per year x years, exact, and what follows from it.
//!
//! - One customer, or the mean of many: [`LifetimeValue`], what a [`Scenario`] makes of it, and the [`Growth`] between two of them.
//! - With margin, churn and interest: [`GrossMargin`], [`value_from_churn`], [`RetentionModel`] with its three published timings.
//! - What winning, losing and keeping customers costs and brings: [`AcquisitionCost`], [`Replacement`], [`RetentionEffect`].
//! - A whole base: [`LifetimeValueColumns`] from three columns, [`CustomerBook`] of customer values, and their [`Concentration`].

mod acquisition;
mod book;
mod columns;
mod concentration;
mod discount_rate;
mod growth;
mod margin;
mod replacement;
mod retention_model;
mod retention_profit;
mod scenario;
mod value;

pub use acquisition::AcquisitionCost;
pub use book::{CustomerBook, CustomerBookSummary};
pub use columns::LifetimeValueColumns;
pub use concentration::{Concentration, WhalePoint};
pub use discount_rate::DiscountRate;
pub use growth::{Growth, GrowthParts};
pub use margin::{GrossMargin, value_from_churn};
pub use replacement::{CostRatio, Replacement};
pub use retention_model::{PaymentTiming, RetentionModel, margin_multiple};
pub use retention_profit::{PercentagePoints, RetentionEffect};
pub use scenario::Scenario;
pub use value::LifetimeValue;

pub use crate::fixed_column::FixedColumn;
