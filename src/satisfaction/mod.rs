//! How satisfied customers are: ratings on a scale, and the scores that the field reads off them.

mod flawless;
mod grouped;
mod histogram;
mod journey;
mod journey_tally;
mod rating_tally;
mod recency;
mod scale;

pub use flawless::{flawless_chance, longest_flawless_journey, required_contact_chance};
pub use grouped::GroupedRatings;
pub use journey::{Journey, Judgement};
pub use journey_tally::{JourneySettings, JourneySummary, JourneyTally};
pub use rating_tally::{RatingSummary, RatingTally};
pub use recency::RecencyDecay;
pub use scale::Scale;
