//! How satisfied customers are: ratings on a scale, and the scores that the field reads off them.
//!
//! - Ratings: [`RatingTally`] on a [`Scale`], [`GroupedRatingTally`] for many groups at once; CSAT, mean, median and the rest are read off them.
//! - Weighted ratings: [`WeightedRatingTally`], off which the same scores are read; strata are [`Stratified`](crate::estimate::Stratified) tallies.
//! - Scores: [`NetScore`] (NPS, with its uncertainty), [`EffortTally`] (CES), [`AcsiTally`], [`ServiceQualityTally`] (SERVQUAL, SERVPERF;
//!   its scores with their intervals are [`DimensionEstimates`]), [`ExpectationTally`].
//! - Journeys: a [`Journey`] of several contacts judged by its mean, its worst and its last; [`flawless_chance`].
//! - Loyalty: [`SubjectiveLoyalty`] of intentions, [`ObjectiveLoyalty`] of deeds, and who is satisfied and leaves ([`SatisfactionReturnTally`]).
//! - Association: two ratings of the same customers ([`RatingPairTally`]), and how far several items measure the same
//!   ([`ReliabilityTally`]).
//! - Scorecards: [`Scorecard`] of weighted criteria, [`DefectRate`].

mod acsi;
mod aspect;
mod defect_rate;
mod dimension;
mod dimension_estimates;
mod dimension_scores;
mod effort;
mod expectation;
mod experience;
mod flawless;
mod grouped_rating_tally;
mod histogram;
mod intention;
mod item_products;
mod item_set;
mod journey;
mod journey_tally;
mod loyalty;
mod net_score;
mod net_score_estimate;
mod questionnaire;
mod rating_inference;
mod rating_pair_tally;
mod rating_shrinkage;
mod rating_tally;
mod recency;
mod reliability_tally;
mod repurchase;
mod satisfaction_return;
mod scale;
mod scorecard;
mod service_quality;
mod squares;
mod stratified_mean;
mod stratified_ratings;
mod wallet;
mod wallet_allocation;
mod weighted_columns;
mod weighted_index;
mod weighted_net_score;
mod weighted_rating_scores;
mod weighted_rating_tally;
mod weighted_ratings;

pub use acsi::{AcsiAnswers, AcsiSummary, AcsiTally};
pub use defect_rate::DefectRate;
pub use dimension::Dimension;
pub use dimension_estimates::DimensionEstimates;
pub use dimension_scores::DimensionScores;
pub use effort::{EffortSummary, EffortTally, EffortV1, EffortV2, EffortVersion};
pub use expectation::{ExpectationSummary, ExpectationTally};
pub use experience::Experience;
pub use flawless::{flawless_chance, flawless_chance_estimate, longest_flawless_journey, required_contact_chance};
pub use grouped_rating_tally::{GroupedRatingTally, RatingGroups};
pub use intention::{Intention, IntentionIndex, SubjectiveLoyalty};
pub use item_set::ItemSet;
pub use journey::{Journey, Judgement};
pub use journey_tally::{JourneySettings, JourneySummary, JourneyTally};
pub use loyalty::{LoyaltyRecord, LoyaltyTally, ObjectiveLoyalty};
pub use net_score::{NetCuts, NetScore};
pub use net_score_estimate::NetScoreMethod;
pub use questionnaire::Questionnaire;
pub use rating_pair_tally::{RatingPairSummary, RatingPairTally};
pub use rating_tally::{RatingSummary, RatingTally};
pub use recency::RecencyDecay;
pub use reliability_tally::{ReliabilitySummary, ReliabilityTally};
pub use repurchase::Repurchase;
pub use satisfaction_return::{ParadoxThresholds, SatisfactionReturn, SatisfactionReturnTally};
pub use scale::Scale;
pub use scorecard::{Contribution, Criterion, Scorecard};
pub use service_quality::{ServiceQualitySummary, ServiceQualityTally};
pub use stratified_mean::StratifiedMeanMethod;
pub use wallet::Wallet;
pub use wallet_allocation::BrandRank;
pub use weighted_index::Weights;
pub use weighted_net_score::{WeightedNetScore, WeightedNetScoreMethod};
pub use weighted_rating_scores::WeightedRatingSummary;
pub use weighted_rating_tally::WeightedRatingTally;
pub use weighted_ratings::WeightedRatings;
