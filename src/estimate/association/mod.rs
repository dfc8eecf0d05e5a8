//! How closely two measures of the same customers go together: Pearson's, Spearman's and Kendall's correlation.
//!
//! Each is made from two columns of numbers, or from an [`OrderedTable`] of counts, and then answers with its
//! coefficient, its interval and its test. The three answer different questions: Pearson's how well a line fits, the other two how well
//! the orders agree, whatever the spacing.

mod columns;
mod fisher;
mod inversions;
mod kendall;
mod ordered_table;
mod pearson;
mod spearman;

pub use kendall::{KendallCorrelation, KendallMethod};
pub use ordered_table::OrderedTable;
pub use pearson::{CorrelationDifferenceMethod, PearsonCorrelation};
pub use spearman::{SpearmanCorrelation, SpearmanMethod};

pub(super) use columns::{blockwise, check, checked_keys, is_constant, scale_factor};

mod reliability;

pub use reliability::CronbachAlpha;
