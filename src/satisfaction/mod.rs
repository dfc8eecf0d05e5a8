//! How satisfied customers are: ratings on a scale, and the scores that the field reads off them.

mod grouped;
mod histogram;
mod rating_tally;
mod scale;

pub use grouped::GroupedRatings;
pub use rating_tally::{RatingSummary, RatingTally};
pub use scale::Scale;
