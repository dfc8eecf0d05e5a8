//! Significance tests: what they return, and those of shares and tables of counts.

mod contingency_table;
mod exact_test;
mod multiple_tests;
mod share_test;
mod share_trend;
mod significance;

pub use contingency_table::ContingencyTable;
pub use multiple_tests::{PValueAdjustment, adjust_p_values};
pub use share_test::ShareTestMethod;
pub use share_trend::ShareTrend;
pub use significance::{Alternative, NullDistribution, SignificanceTest, TestMethod};
