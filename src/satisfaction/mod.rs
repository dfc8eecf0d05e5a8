//! How satisfied customers are: ratings on a scale, and the scores that the field reads off them.

mod flawless;
mod grouped;
mod histogram;
mod intention;
mod journey;
mod journey_tally;
mod loyalty;
mod rating_tally;
mod recency;
mod repurchase;
mod satisfaction_return;
mod scale;
mod wallet;
mod wallet_allocation;

pub use flawless::{flawless_chance, longest_flawless_journey, required_contact_chance};
pub use grouped::GroupedRatings;
pub use intention::{Intention, IntentionIndex, SubjectiveLoyalty};
pub use journey::{Journey, Judgement};
pub use journey_tally::{JourneySettings, JourneySummary, JourneyTally};
pub use loyalty::{LoyaltyRecord, LoyaltyTally, ObjectiveLoyalty};
pub use rating_tally::{RatingSummary, RatingTally};
pub use recency::RecencyDecay;
pub use repurchase::Repurchase;
pub use satisfaction_return::{ParadoxThresholds, SatisfactionReturn, SatisfactionReturnTally};
pub use scale::Scale;
pub use wallet::Wallet;
pub use wallet_allocation::BrandRank;
