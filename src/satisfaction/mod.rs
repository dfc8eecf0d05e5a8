//! How satisfied customers are: ratings on a scale, and the scores that the field reads off them.

mod acsi;
mod defect_rate;
mod dimension;
mod dimension_scores;
mod effort;
mod expectation;
mod experience;
mod grouped;
mod histogram;
mod item_sums;
mod net_score;
mod questionnaire;
mod rating_tally;
mod scale;
mod scorecard;
mod service_quality;
mod weighted_index;

pub use acsi::{AcsiAnswers, AcsiSummary, AcsiTally};
pub use defect_rate::DefectRate;
pub use dimension::Dimension;
pub use dimension_scores::DimensionScores;
pub use effort::{EffortSummary, EffortTally, EffortV1, EffortV2, EffortVersion};
pub use expectation::{ExpectationSummary, ExpectationTally};
pub use experience::Experience;
pub use grouped::GroupedRatings;
pub use net_score::{NetCuts, NetScore};
pub use questionnaire::Questionnaire;
pub use rating_tally::{RatingSummary, RatingTally};
pub use scale::Scale;
pub use scorecard::{Contribution, Criterion, Scorecard};
pub use service_quality::{ServiceQualitySummary, ServiceQualityTally};
pub use weighted_index::Weights;
