//! Recurring revenue: what it becomes from one period to the next, and prices brought to a month.

mod billing;
mod movement;
mod movements;
mod rates;
mod series;
mod tally;

pub use billing::{BillingPeriod, RemainderRule, YearLength, monthly_recurring_revenue};
pub use movement::{CustomerRevenue, EarlierRevenue, Movement, ReactivationLimit};
pub use movements::{RevenueAmounts, RevenueMovements};
pub use rates::{NetRevenueDefinition, QuickRatioDefinition};
pub use series::{CustomerPayment, CustomerPayments, PeriodMovements, RevenueSeries, RevenueSeriesSettings};
pub use tally::{MovedCustomers, RevenueSettings, RevenueSummary, RevenueTally};
