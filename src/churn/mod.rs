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
//! A [`ChurnReasonTally`] counts why customers left, by the seven reasons of doc-000 and one's own.

mod lifetime;
mod period;
mod rate;
mod reason;
mod reason_tally;
mod tally;

pub use lifetime::expected_lifetime_at_constant_churn;
pub use period::{churn_estimate_over_periods, churn_over_fractional_periods, churn_over_periods};
pub use rate::{ChurnDefinition, churn_summed_over_days};
pub use reason::{ChurnReason, OwnReason};
pub use reason_tally::{ChurnReasonTally, ReasonShare};
pub use tally::{ChurnSummary, ChurnTally, Passage};
