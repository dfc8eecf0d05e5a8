//! How many customers leave, over which period, and why.
//!
//! A [`ChurnTally`] counts the customers of one period: those at the start, how many of them were lost, those who joined, and how many of
//! these were lost too. Its rates are read off under the published definitions, which a [`ChurnDefinition`] names, because vendors divide
//! by different numbers.
//!
//! **New customers never net against lost ones.** Ten lost and ten won is not a churn of 0: it is ten lost. So there is no net figure
//! here, and `(start - end) / start` is none of the definitions.
//!
//! Rates of different period lengths are converted by [`churn_over_periods`] and [`churn_over_fractional_periods`], both under the
//! assumption that the rate stays the same. [`expected_lifetime_at_constant_churn`] assumes that too, and says what is wrong with it.
//!
//! A [`CohortTally`] follows the customers who started together through later periods, under definitions that a [`RetentionDefinition`]
//! names.
//!
//! A [`RevenueTally`] does for money what a [`ChurnTally`] does for customers: what was new, came back, grew, shrank and left between two
//! periods, reconciled to the minor unit; a [`RevenueSeries`] over many periods. [`BillingPeriod`] brings prices to a month first.
//!
//! A [`RetentionProgramme`] compares retention with and without a programme: the customers and the money that it kept, with an interval.
//!
//! A [`ChurnReasonTally`] counts why customers left, by the seven reasons of doc-000 and one's own.

mod by_customer;
mod cohort;
mod lifetime;
mod period;
mod programme;
mod rate;
mod reason;
mod reason_tally;
mod revenue;
mod tally;
mod window;

pub use cohort::{
    CohortCell, CohortRow, CohortSettings, CohortStart, CohortTable, CohortTally, CustomerActivity, OffsetBracket, PooledRetention,
    RetentionDefinition,
};
pub use lifetime::expected_lifetime_at_constant_churn;
pub use period::{churn_estimate_over_periods, churn_over_fractional_periods, churn_over_periods};
pub use programme::{BusinessCase, ProgrammeDesign, RetentionProgramme};
pub use rate::{ChurnDefinition, churn_summed_over_days};
pub use reason::{ChurnReason, OwnReason};
pub use reason_tally::{ChurnReasonTally, ReasonShare};
pub use revenue::{
    BillingPeriod, CustomerPayment, CustomerPayments, CustomerRevenue, EarlierRevenue, MovedCustomers, Movement, NetRevenueDefinition,
    PeriodMovements, QuickRatioDefinition, ReactivationLimit, RemainderRule, RevenueAmounts, RevenueMovements, RevenueSeries,
    RevenueSeriesSettings, RevenueSettings, RevenueSummary, RevenueTally, YearLength, monthly_recurring_revenue,
};
pub use tally::{ChurnSummary, ChurnTally, Passage};
pub use window::PeriodWindow;
