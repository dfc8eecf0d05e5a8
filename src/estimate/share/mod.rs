//! One share, and two compared: intervals by method, difference, ratio, odds ratio, the number needed.

mod confidence_sequence;
mod difference;
mod number_needed;
mod odds_ratio;
mod ratio;
mod real_share;
mod share_interval;
mod share_method;
mod simultaneous;

pub use confidence_sequence::ConfidenceSequence;
pub use difference::DifferenceMethod;
pub(super) use difference::{interval_of_difference, quotient_difference};
pub use number_needed::{NumberNeeded, NumberNeededInterval, NumberNeededPoint};
pub use odds_ratio::OddsRatioMethod;
pub use ratio::RatioMethod;
pub use share_method::ShareMethod;
pub use simultaneous::goodman_estimates;

pub(super) use real_share::RealShare;
