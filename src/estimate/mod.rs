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

mod association;
mod caution;
mod combination;
mod comparison;
mod confidence;
mod interval;
mod means;
mod share;
mod survey;
mod team;
mod testing;

pub use association::{
    CorrelationDifferenceMethod, CronbachAlpha, KendallCorrelation, KendallMethod, OrderedTable, PearsonCorrelation, SpearmanCorrelation,
    SpearmanMethod,
};
pub use caution::Caution;
pub use combination::{combine_dependent, combine_independent};
pub use comparison::Comparison;
pub use confidence::Confidence;
pub use interval::{Estimate, Interval, Method};
pub use means::{ContinuityCorrection, MannWhitney, MeanDifferenceMethod, SuperiorityMethod};
pub(crate) use means::{Measure, Moments};
pub use share::{
    ConfidenceSequence, DifferenceMethod, NumberNeeded, NumberNeededInterval, NumberNeededPoint, OddsRatioMethod, RatioMethod, ShareMethod,
    goodman_intervals,
};
pub use survey::{
    ComparisonPlan, NonResponse, PopulationCorrection, StrataSampling, Stratified, StratifiedDesign, StratifiedShareMethod, SurveyPlan,
    WeightedShare, WeightedShareMethod, neyman_allocation, proportional_allocation,
};
pub(crate) use survey::{WeightSums, product, reduced_ratio, share_of_variance, t_reach, with_replacement};
pub use team::{
    LeagueRow, LeagueSettings, LeagueTable, MeanShrinkage, MeanShrinkageMethod, Shrinkage, ShrinkageErrors, ShrinkageMethod, ShrunkenMean,
    ShrunkenShare, Standing, TeamSpread,
};
pub use testing::{
    Alternative, ContingencyTable, NullDistribution, PValueAdjustment, ShareTestMethod, ShareTrend, SignificanceTest, TestMethod,
    adjust_p_values,
};
