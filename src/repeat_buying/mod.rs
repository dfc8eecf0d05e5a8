//! Customers who leave silently: how often they came back, and how long ago.

mod history;
mod history_holdout;
mod history_purchases;
mod history_rows;
mod history_rules;
mod history_tally;
mod period;
mod transactions;

pub use history::{LeftOut, PurchaseHistories, PurchaseHistory};
pub use history_holdout::{CalibrationHoldout, Newcomers};
pub use history_rules::{HistoryRules, ReturnRule};
pub use history_tally::{PurchaseTally, PurchaseTallySummary};
pub use period::{PeriodLength, PeriodRule, WholePeriods};
pub use transactions::{CustomerColumn, Transactions};
