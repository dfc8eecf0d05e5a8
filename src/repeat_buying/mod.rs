//! How many customers are still there and how often they will buy again, where nobody says goodbye.
//!
//! A customer of a shop does not resign: whether a silent one has left or only pauses must be inferred. The models here do so from three
//! numbers a customer, their [`PurchaseHistory`]: how often they bought again, when they last did, and how long they have been watched.
//!
//! - From transactions: [`Transactions`] under [`HistoryRules`] become [`PurchaseHistories`], or a [`CalibrationHoldout`]; a
//!   [`PurchaseTally`] counts equal ones and merges.
//! - The data: [`PurchaseHistory`], columns of them as [`PurchaseColumns`], and the collapsed [`PurchaseTable`] that models are fitted to.
//!
//! Time has no unit here. Recency, age and horizons are in the same one, days or weeks, and the parameters come out in it.

mod history;
mod history_holdout;
mod history_purchases;
mod history_rows;
mod history_rules;
mod history_tally;
mod period;
mod purchase_columns;
mod purchase_history;
mod purchase_table;
mod transactions;

pub use history::{CountedHistory, LeftOut, PurchaseHistories};
pub use history_holdout::{CalibrationHoldout, Newcomers};
pub use history_rules::{HistoryRules, ReturnRule};
pub use history_tally::PurchaseTally;
pub use period::{PeriodLength, PeriodRule, WholePeriods};
pub use purchase_columns::PurchaseColumns;
pub use purchase_history::PurchaseHistory;
pub use purchase_table::PurchaseTable;
pub use transactions::{CustomerColumn, Transactions};
