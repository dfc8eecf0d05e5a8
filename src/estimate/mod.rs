//! How sure a metric is, and how two groups compare: confidence, intervals and estimates.
//!
//! An estimate is a metric with its uncertainty: point, interval, confidence, method and the number of answers behind it. Shares get
//! the score interval of Wilson, which keeps its promise at small counts and near 0 and 1, where the textbook interval has width 0.
//!
//! - One share: [`Share::interval`], [`Share::estimate`]; by a named [`ShareMethod`]: [`Share::interval_with`], [`Share::estimate_with`].
//! - Two shares: [`Share::difference`], [`Share::ratio`], [`Share::odds_ratio`], each a [`Comparison`]; [`NumberNeeded`] is read off a
//!   difference.
//! - Whether they differ, each a [`SignificanceTest`]: two shares by [`Share::test_difference`] or [`Share::test_difference_exact`], one from an
//!   assumed share by [`Share::test_against`] or [`Share::test_against_exact`], many groups by [`ContingencyTable`], ordered groups by
//!   [`ShareTrend`]; [`adjust_p_values`] for many tests at once.
//!   Each takes the default alternative, two-sided; its `_with` names method and alternative.
//! - Many members of a team: [`LeagueTable`], [`Shrinkage`] of shares, [`MeanShrinkage`] of means.
//! - A share that is read every day: [`ConfidenceSequence`]. Too few answers for a method: [`Caution`], which
//!   estimates, comparisons and tests carry.
//! - Means: the t interval of a [`MomentsTally`](crate::MomentsTally) or of ratings ([`RatingTally::mean_estimate`]), and two of them
//!   compared by [`MeanDifferenceMethod`].
//! - Two groups by order alone: [`MannWhitney`], the probability that one beats the other.
//! - Two measures of the same customers: [`PearsonCorrelation`], [`SpearmanCorrelation`], [`KendallCorrelation`], from columns or from an
//!   [`OrderedTable`].
//! - Several items of one scale: [`CronbachAlpha`].
//! - Surveys: [`SurveyPlan`] for the number of answers, [`ComparisonPlan`] for that in each of two groups, [`NonResponse`] and
//!   [`MeanNonResponse`] for those who did not answer.
//! - Weighted answers: [`WeightedShare`], read off a [`WeightedRatingTally`].
//! - Strata: [`Stratified`] shares, means and net scores; [`proportional_allocation`] and [`neyman_allocation`] of a sample.
//! - Several metrics: [`goodman_estimates`] for all parts of a whole at once; [`combine_independent`] and [`combine_dependent`] for a weighted sum.
//!
//! Net scores such as NPS have theirs in [`satisfaction`](crate::satisfaction): [`NetScore::estimate`] and [`NetScore::difference`].
//!
//! # Accuracy
//!
//! Intervals and p-values are made of special functions of this crate's own. Their largest relative error against mpmath at 60 to 360 digits, as
//! its tests measure it:
//!
//! | function | where | error |
//! |---|---|---|
//! | normal quantile | p from 1e-300 to 1/2 | 2e-15 |
//! | normal tail | z from -37.5 to 37.5 | 1e-15 |
//! | tail of a beta distribution (F, binomial) | shapes from 1/2 to 1e12, tails from 1e-17 | 2e-14 |
//! | | shapes from 1e-3, tails from 1e-283 | 5e-13 |
//! | quantile of a beta distribution | shapes from 1/2 to 1e12, points from 1e-17 | 4e-14 |
//! | | shapes from 1e-3, points from 1e-280 | 5e-12 |
//! | tail of a gamma distribution (chi-square) | shapes from 1e-3 to 1e18, tails from 1e-17 | 2e-14 |
//! | | tails from 1e-300 | 3e-13 |
//! | quantile of a gamma distribution | shapes from 1/2 to 1e18, tails from 1e-300 | 1e-14 |
//! | tail of Student's t | degrees from 0.01 to 1e18, tails from 1e-17 | 2e-14 |
//! | | tails from 1e-300 | 5e-13 |
//! | quantile of Student's t | degrees from 1, tails up to 0.499 | 2e-14 |
//! | logarithms of these tails | as far as they are doubles | 2e-14 |
//! | binomial and hypergeometric probabilities, their logarithms | counts to 1e12 and to 1e9 | 2e-15, 1e-14 |
//!
//! Logarithms are relative to the value, or to 1 where it is smaller. What intervals, statistics and p-values are within stands at each, and in
//! short on the [first page](crate#accuracy).
//!
//! [`Share::interval`]: crate::Share::interval
//! [`Share::estimate`]: crate::Share::estimate
//! [`Share::interval_with`]: crate::Share::interval_with
//! [`Share::estimate_with`]: crate::Share::estimate_with
//! [`Share::difference`]: crate::Share::difference
//! [`Share::ratio`]: crate::Share::ratio
//! [`Share::odds_ratio`]: crate::Share::odds_ratio
//! [`Share::test_difference`]: crate::Share::test_difference
//! [`Share::test_difference_exact`]: crate::Share::test_difference_exact
//! [`Share::test_against`]: crate::Share::test_against
//! [`Share::test_against_exact`]: crate::Share::test_against_exact
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
mod printed;
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
pub(crate) use means::{Measure, Moments, Spread};
pub(crate) use printed::write_number;
pub use share::{
    ConfidenceSequence, DifferenceMethod, NumberNeeded, NumberNeededInterval, NumberNeededPoint, OddsRatioMethod, RatioMethod, ShareMethod,
    goodman_estimates,
};
pub use survey::{
    ComparisonPlan, ExpectedNetScore, MeanNonResponse, NonResponse, PopulationCorrection, StrataSampling, Stratified, StratifiedDesign,
    StratifiedDifferenceMethod, StratifiedShareMethod, SurveyPlan, WeightedDifferenceMethod, WeightedShare, WeightedShareMethod,
    neyman_allocation, proportional_allocation,
};
pub(crate) use survey::{WeightSums, degrees_at, product, reduced_ratio, share_of_variance, t_reach, t_reach_at, with_replacement, z_test};
pub use team::{
    LeagueRow, LeagueSettings, LeagueTable, MeanShrinkage, MeanShrinkageMethod, MemberMean, Shrinkage, ShrinkageErrors, ShrinkageMethod,
    ShrunkenMean, ShrunkenShare, Standing, TeamSpread,
};
pub use testing::{
    Alternative, ContingencyTable, NullDistribution, PValueAdjustment, ShareTestMethod, ShareTrend, SignificanceTest, TestMethod,
    adjust_p_values,
};
