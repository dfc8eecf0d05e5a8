//! How retention falls with the time to resolution: the tally, two curves through it, and what they say about speed.

mod logistic_retention;
mod monotone_retention;
mod resolution_time_tally;
mod suggested_quick_limit;

pub use logistic_retention::{LogisticRetention, SpeedGain, TimeScale};
pub use monotone_retention::{MonotoneRetention, RetentionStep};
pub use resolution_time_tally::{ResolutionTime, ResolutionTimeTally};
pub use suggested_quick_limit::SuggestedQuickLimit;
