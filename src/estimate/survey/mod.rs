//! Surveys: how many answers are needed, weights, strata, and those who did not answer.

mod allocation;
mod comparison_plan;
mod expected_net_score;
mod mean_non_response;
mod non_response;
mod stratified;
mod stratified_difference;
mod stratified_share;
mod survey_plan;
mod weight_sums;
mod weighted_difference;
mod weighted_share;

pub use allocation::{neyman_allocation, proportional_allocation};
pub use comparison_plan::ComparisonPlan;
pub use expected_net_score::ExpectedNetScore;
pub use mean_non_response::MeanNonResponse;
pub use non_response::NonResponse;
pub(crate) use stratified::share_of_variance;
pub use stratified::{PopulationCorrection, StrataSampling, Stratified, StratifiedDesign};
pub use stratified_difference::StratifiedDifferenceMethod;
pub(crate) use stratified_difference::z_test;
pub use stratified_share::StratifiedShareMethod;
pub use survey_plan::SurveyPlan;
pub(crate) use weight_sums::{WeightSums, product, reduced_ratio};
pub use weighted_difference::WeightedDifferenceMethod;
pub use weighted_share::{WeightedShare, WeightedShareMethod};
pub(crate) use weighted_share::{degrees_at, t_reach, t_reach_at, with_replacement};
