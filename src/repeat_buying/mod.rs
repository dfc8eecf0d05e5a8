//! How many customers are still there and how often they will buy again, where nobody says goodbye.
//!
//! A customer of a shop does not resign: whether a silent one has left or only pauses must be inferred. The models here do so from three
//! numbers a customer, their [`PurchaseHistory`]: how often they bought again, when they last did, and how long they have been watched.
//!
//! - From transactions: [`Transactions`] under [`HistoryRules`] become [`PurchaseHistories`], or a [`CalibrationHoldout`]; a
//!   [`PurchaseTally`] counts equal ones and merges.
//! - Without a model: [`RfmColumns`] scored by recency, frequency and money, and [`SegmentScheme`] for the names of scores.
//! - The data: [`PurchaseHistory`], columns of them as [`PurchaseColumns`], and the collapsed [`PurchaseTable`] that models are fitted to.
//!
//! Time has no unit here. Recency, age and horizons are in the same one, days or weeks, and the parameters come out in it.

#[cfg(feature = "jiff")]
mod calendar;
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
mod rfm;
mod rfm_rule;
mod segment;
mod transactions;

#[cfg(feature = "jiff")]
pub use calendar::{day_number, month_number, year_number};
pub use history::{CountedHistory, LeftOut, PurchaseHistories};
pub use history_holdout::{CalibrationHoldout, Newcomers};
pub use history_rules::{HistoryRules, ReturnRule};
pub use history_tally::PurchaseTally;
pub use period::{PeriodLength, PeriodRule, WholePeriods};
pub use purchase_columns::PurchaseColumns;
pub use purchase_history::PurchaseHistory;
pub use purchase_table::PurchaseTable;
pub use rfm::{RfmColumns, RfmRules, RfmScore, RfmScores};
pub use rfm_rule::{ScoreRule, TieRule};
pub use segment::{SegmentRule, SegmentScheme, SegmentSummary};
pub use transactions::{CustomerColumn, Transactions};
