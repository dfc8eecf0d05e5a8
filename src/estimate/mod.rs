//! How sure a metric is, and how two groups compare: confidence, intervals and estimates.
//!
//! An estimate is a metric with its uncertainty: point, interval, confidence, method and the number of answers behind it. Shares get
//! the score interval of Wilson, which keeps its promise at small counts and near 0 and 1, where the textbook interval has width 0.
//!
//! - One share: [`Share::interval`], [`Share::estimate`]; by a named [`ShareMethod`]: [`Share::interval_by`], [`Share::estimate_by`].
//! - Two shares: [`Share::difference`], [`Share::ratio`], [`Share::odds_ratio`], each a [`Comparison`]; [`NumberNeeded`] is read off a
//!   difference.
//! - Whether they differ, each a [`SignificanceTest`]: two shares by [`Share::test_difference`] or [`Share::fisher_exact_test`], one from an
//!   assumed share by [`Share::test_against`] or [`Share::exact_test_against`], many groups by [`ContingencyTable`], ordered groups by
//!   [`ShareTrend`]; [`adjust_p_values`] for many tests at once.
//! - Surveys: [`SurveyPlan`] for the number of answers, [`ComparisonPlan`] for that in each of two groups, [`NonResponse`] for those who did
//!   not answer.
//!
//! Net scores such as NPS have theirs in [`satisfaction`](crate::satisfaction): [`NetScore::estimate`] and [`NetScore::difference`].
//!
//! [`Share::interval`]: crate::Share::interval
//! [`Share::estimate`]: crate::Share::estimate
//! [`Share::interval_by`]: crate::Share::interval_by
//! [`Share::estimate_by`]: crate::Share::estimate_by
//! [`Share::difference`]: crate::Share::difference
//! [`Share::ratio`]: crate::Share::ratio
//! [`Share::odds_ratio`]: crate::Share::odds_ratio
//! [`Share::test_difference`]: crate::Share::test_difference
//! [`Share::fisher_exact_test`]: crate::Share::fisher_exact_test
//! [`Share::test_against`]: crate::Share::test_against
//! [`Share::exact_test_against`]: crate::Share::exact_test_against
//! [`NetScore::estimate`]: crate::satisfaction::NetScore::estimate
//! [`NetScore::difference`]: crate::satisfaction::NetScore::difference

mod comparison;
mod comparison_plan;
mod confidence;
mod contingency_table;
mod difference;
mod exact_test;
mod interval;
mod multiple_tests;
mod non_response;
mod number_needed;
mod odds_ratio;
mod ratio;
mod share_interval;
mod share_method;
mod share_test;
mod share_trend;
mod significance;
mod survey_plan;

pub use comparison::Comparison;
pub use comparison_plan::ComparisonPlan;
pub use confidence::Confidence;
pub use contingency_table::{ContingencyTable, SmallExpectedCounts};
pub use difference::DifferenceMethod;
pub use interval::{Estimate, Interval, Method};
pub use multiple_tests::{PValueAdjustment, adjust_p_values};
pub use non_response::NonResponse;
pub use number_needed::{NumberNeeded, NumberNeededInterval, NumberNeededPoint};
pub use odds_ratio::OddsRatioMethod;
pub use ratio::RatioMethod;
pub use share_method::ShareMethod;
pub use share_test::ShareTestMethod;
pub use share_trend::ShareTrend;
pub use significance::{Alternative, NullDistribution, SignificanceTest, TestMethod};
pub use survey_plan::SurveyPlan;
