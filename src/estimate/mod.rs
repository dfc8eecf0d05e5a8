//! How sure a metric is, and how two groups compare: confidence, intervals and estimates.
//!
//! An estimate is a metric with its uncertainty: point, interval, confidence, method and the number of answers behind it. Shares get
//! the score interval of Wilson, which keeps its promise at small counts and near 0 and 1, where the textbook interval has width 0.
//!
//! - One share: [`Share::interval`], [`Share::estimate`]; by a named [`ShareMethod`]: [`Share::interval_with`], [`Share::estimate_with`].
//! - Two shares: [`Share::difference`], [`Share::ratio`], [`Share::odds_ratio`], each a [`Comparison`]; [`NumberNeeded`] is read off a
//!   difference.
//! - Whether they differ, each a [`SignificanceTest`]: two shares by [`Share::test_difference`] or [`Share::fisher_exact_test`], one from an
//!   assumed share by [`Share::test_against`] or [`Share::exact_test_against`], many groups by [`ContingencyTable`], ordered groups by
//!   [`ShareTrend`]; [`adjust_p_values`] for many tests at once.
//! - Many members of a team: [`LeagueTable`], [`Shrinkage`] of shares, [`MeanShrinkage`] of means.
//! - A share that is read every day: [`ConfidenceSequence`]. Too few answers for a method: [`Caution`].
//! - Means: the t interval of a [`MomentsTally`](crate::MomentsTally) or of ratings ([`RatingTally::mean_estimate`]), and two of them
//!   compared by [`MeanDifferenceMethod`].
//! - Two groups by order alone: [`MannWhitney`], the probability that one beats the other.
//! - Two measures of the same customers: [`PearsonCorrelation`], [`SpearmanCorrelation`], [`KendallCorrelation`], from columns or from an
//!   [`OrderedTable`].
//! - Several items of one scale: [`CronbachAlpha`].
//! - Surveys: [`SurveyPlan`] for the number of answers, [`ComparisonPlan`] for that in each of two groups, [`NonResponse`] for those who did
//!   not answer.
//! - Weighted answers: [`WeightedShare`], read off a [`WeightedRatingTally`].
//! - Strata: [`Stratified`] shares, means and net scores; [`proportional_allocation`] and [`neyman_allocation`] of a sample.
//! - Several metrics: [`goodman_intervals`] for all parts of a whole at once; [`combine_independent`] and [`combine_dependent`] for a weighted sum.
//!
//! Net scores such as NPS have theirs in [`satisfaction`](crate::satisfaction): [`NetScore::estimate`] and [`NetScore::difference`].
//!
//! [`Share::interval`]: crate::Share::interval
//! [`Share::estimate`]: crate::Share::estimate
//! [`Share::interval_with`]: crate::Share::interval_with
//! [`Share::estimate_with`]: crate::Share::estimate_with
//! [`Share::difference`]: crate::Share::difference
//! [`Share::ratio`]: crate::Share::ratio
//! [`Share::odds_ratio`]: crate::Share::odds_ratio
//! [`Share::test_difference`]: crate::Share::test_difference
//! [`Share::fisher_exact_test`]: crate::Share::fisher_exact_test
//! [`Share::test_against`]: crate::Share::test_against
//! [`Share::exact_test_against`]: crate::Share::exact_test_against
//! [`RatingTally::mean_estimate`]: crate::satisfaction::RatingTally::mean_estimate
//! [`NetScore::estimate`]: crate::satisfaction::NetScore::estimate
//! [`NetScore::difference`]: crate::satisfaction::NetScore::difference
//! [`WeightedRatingTally`]: crate::satisfaction::WeightedRatingTally

mod allocation;
mod association;
mod beta_binomial_fit;
mod caution;
mod combination;
mod comparison;
mod comparison_plan;
mod confidence;
mod confidence_sequence;
mod contingency_table;
mod difference;
mod exact_test;
mod interval;
mod league_table;
mod mean;
mod mean_shrinkage;
mod moments;
mod multiple_tests;
mod non_response;
mod number_needed;
mod odds_ratio;
mod ratio;
mod real_share;
mod reliability;
mod share_interval;
mod share_method;
mod share_test;
mod share_trend;
mod shrinkage;
mod significance;
mod simultaneous;
mod stratified;
mod superiority;
mod superiority_method;
mod survey_plan;
mod weight_sums;
mod weighted_share;

pub use allocation::{neyman_allocation, proportional_allocation};
pub use association::{
    CorrelationDifferenceMethod, KendallCorrelation, KendallMethod, OrderedTable, PearsonCorrelation, SpearmanCorrelation, SpearmanMethod,
};
pub use caution::Caution;
pub use combination::{combine_dependent, combine_independent};
pub use comparison::Comparison;
pub use comparison_plan::ComparisonPlan;
pub use confidence::Confidence;
pub use confidence_sequence::ConfidenceSequence;
pub use contingency_table::{ContingencyTable, SmallExpectedCounts};
pub use difference::DifferenceMethod;
pub use interval::{Estimate, Interval, Method};
pub use league_table::{LeagueRow, LeagueSettings, LeagueTable, Standing};
pub use mean::MeanDifferenceMethod;
pub use mean_shrinkage::{MeanShrinkage, MeanShrinkageMethod, ShrunkenMean};
pub use multiple_tests::{PValueAdjustment, adjust_p_values};
pub use non_response::NonResponse;
pub use number_needed::{NumberNeeded, NumberNeededInterval, NumberNeededPoint};
pub use odds_ratio::OddsRatioMethod;
pub use ratio::RatioMethod;
pub use reliability::CronbachAlpha;
pub use share_method::ShareMethod;
pub use share_test::ShareTestMethod;
pub use share_trend::ShareTrend;
pub use shrinkage::{Shrinkage, ShrinkageErrors, ShrinkageMethod, ShrunkenShare, TeamSpread};
pub use significance::{Alternative, NullDistribution, SignificanceTest, TestMethod};
pub use simultaneous::goodman_intervals;
pub use stratified::{PopulationCorrection, StrataSampling, Stratified, StratifiedDesign, StratifiedShareMethod};
pub use superiority::MannWhitney;
pub use superiority_method::{ContinuityCorrection, SuperiorityMethod};
pub use survey_plan::SurveyPlan;
pub use weighted_share::{WeightedShare, WeightedShareMethod};

pub(crate) use mean::Measure;
pub(crate) use moments::Moments;
pub(crate) use stratified::share_of_variance;
pub(crate) use weight_sums::{WeightSums, product, reduced_ratio};
pub(crate) use weighted_share::{t_reach, with_replacement};
