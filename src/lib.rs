//! Customer-service metrics: from a service team's own records to how satisfied customers are, how many stay, what they are worth, and
//! how much money handling complaints better and faster would keep.
//!
//! ```
//! use customer_metrics::{Confidence, Tally};
//! use customer_metrics::satisfaction::{RatingTally, Scale};
//!
//! let mut survey = RatingTally::empty(Scale::ONE_TO_FIVE);
//! survey.record_column(&[5, 4, 4, 2, 5, 3, 4, 5, 1, 4])?;
//! let mut branch = RatingTally::empty(Scale::ONE_TO_FIVE);
//! branch.extend([Some(5), Some(5), None])?;
//! survey.merge(&branch)?;
//!
//! let csat = survey.csat()?;
//! assert_eq!(csat.to_string(), "9 of 12 (75.0%)");
//! assert_eq!(format!("{:.2}", csat.estimate(Confidence::P95)), "0.75 (0.47 to 0.91, 95% Wilson, n = 12)");
//! assert_eq!(survey.missing(), 1);
//! # Ok::<(), customer_metrics::Error>(())
//! ```
//!
//! # How it works
//!
//! ```text
//! records ──► tally ──► metric ──► estimate ──► model / decision
//!  (yours)    counts     exact      with its      curves, lifetime value,
//!             mergeable  value      uncertainty    money kept
//! ```
//!
//! 1. **Record** into a [`Tally`]: one, many or a whole column. Tallies hold counts or exact sums only, so they can be built on any number
//!    of threads or machines and [merged](Tally::merge) in any order.
//! 2. **Read** a metric off it. Shares keep their counts ([`Share`]); money is [`Decimal`] and exact. What is undefined is an error, never
//!    0 and never NaN.
//! 3. **Estimate**: [`Share::estimate`] gives the point with its interval, [`Share::difference`] says how far two groups lie apart,
//!    [`Share::test_difference`] whether that can be chance.
//! 4. **Decide**: what a better outcome is worth ([`complaint::RecoveryModel`]), what an hour of faster resolution is
//!    ([`complaint::LogisticRetention`]), how long customers stay ([`survival`]), who will buy again ([`repeat_buying`]).
//!
//! # Map
//!
//! | module | answers |
//! |---|---|
//! | [`satisfaction`] | how satisfied they are: CSAT, NPS, effort, ACSI, SERVQUAL, journeys, loyalty, scorecards; weighted surveys |
//! | [`lifetime_value`] | what they are worth: order value x orders per year x years, growth, discounting, acquisition, concentration |
//! | [`churn`] | how many leave, over which period, and why; cohorts; revenue movements; what a retention programme kept |
//! | [`survival`] | how long they stay: retention curves with intervals, medians, restricted means, groups compared, the value of a curve |
//! | [`complaint`] | what becomes of customers with a problem: the complaint-retention curve, retention against the time to resolution, waits and targets, the iceberg, the value of recovery |
//! | [`repeat_buying`] | who of the silent is still there, how often they will buy again and what they are worth: purchase histories, BG/NBD and its kin, RFM |
//! | [`estimate`] | how sure that is: intervals, tests, many groups, league tables, means, association, sample size, strata, non-response |
//! | [`published`] | the figures that everyone quotes, with their sources, misprints and contradictions |
//! | the root | what they share: [`Share`], [`Proportion`], [`Range`], [`MinorUnit`], [`MoneyTally`], [`MomentsTally`], [`FixedColumn`], [`OwnedFixedColumn`], [`Confidence`], [`Estimate`], [`MoneyEstimate`], [`SignificanceTest`], [`Error`] |
//!
//! Money and rates are [`Decimal`]: `"49.90".parse()` with `str::parse`, or `Decimal::new(4_990, 2)` for 4,990 hundredths. The sources
//! named doc-000 to doc-004 are explained in [`published`].
//!
//! # What returns errors
//!
//! Nothing in this crate panics on any input, and nothing returns NaN or infinity. A call that fails changes nothing. Values that cannot
//! be represented, as in an overflow, are the only ones that an error does not show.
//!
//! | what | on | error |
//! |---|---|---|
//! | constructors, deserialising | a value that its type does not allow | [`Error::OutOfBounds`], [`Error::Mismatch`], [`Error::Unknown`], [`Error::Repeated`] |
//! | `record`, `extend`, `record_column` | a wrong record; a batch names its row, counted from 0 | [`Error::OutOfBounds`] in [`Error::Row`] |
//! | metrics | nothing to compute them from | [`Error::Undefined`] |
//! | `merge` | tallies with different settings | [`Error::Mismatch`] |
//! | counts and money | more than 64 bits of counts, 28 digits of money | [`Error::Overflow`] |
//! | exact products and sums | a digit would be lost | [`Error::Inexact`] |
//! | `decode` | bytes that are not a state of that tally | [`Error::Decode`] |
//!
//! # Accuracy
//!
//! - Counts are `u64`. Shares compare without rounding.
//! - Lifetime values, their growth by factor, and totals of money are exact, or an error. Quotients and means are rounded once, half away
//!   from zero, at the 28th decimal place or digit, whichever comes first. What is multiplied with a rate (margins, discounting, recovery)
//!   is rounded to 28 digits at each step.
//! - Intervals of shares are within 1e-13 relative of a 60-digit reference by every method, Wilson's within 1e-14. Ratios, odds ratios and
//!   their intervals are within 1e-13; differences of shares and net scores within 1e-14 of the larger of the terms that they are made of.
//!   t intervals, correlations and confidence sequences are within 1e-13.
//! - Statistics of tests are within 2e-15 for two shares and 1e-12 for survival curves; p-values within 2e-14 of the tail at their
//!   statistic, exact ones within 1e-12 up to 10^8 answers. The logarithm of a p-value is there where the p-value itself is no double.
//! - Survival curves are within 1 unit in the last place, their intervals within 1e-13.
//! - Likelihoods of repeat buying are within 1e-14 (BG/NBD and MBG/NBD 2e-15, Pareto/NBD 4e-15), fitted parameters within 1e-9,
//!   predictions within 1e-12; discounted purchases and values within 1e-11, survival of contracts over more than 1,000 renewals within
//!   1e-10 where parameters are in the thousands.
//! - Anything that is `f64` says so in its name or its type, and states its accuracy.
//!
//! # What is not here, and why
//!
//! - **I/O, clocks, threads, global state.** The caller passes everything in; the examples read CSV files.
//! - **Definitions hidden behind defaults.** Where vendors differ, the choice is an enum or a function with its own name and source.
//! - **Published figures as truths.** They are there to be compared with. Nothing is computed from them unless its name says so.
//! - **Regression with covariates** (Cox, logistic with many variables). Groups and strata are compared; for more, use a statistics package.
//!
//! # Features
//!
//! - `serde` (on by default): `Serialize` for what is measured, estimated and assumed, and `Deserialize` for what one puts in: tallies,
//!   shares, assumptions, models and their fits. Deserialising goes through the same checks as the constructors. Decimals travel as text and
//!   are taken whole or not at all; JSON numbers are refused. What is only read off, such as an estimate or a summary, is not read back.
//! - `jiff`: calendar dates of jiff to the numbers of days, months and years that histories are counted in.
//! - `rayon`: fits and columns of predictions on several threads, with the same bits whatever their number.
//! - `simulation`: customers drawn from a model, and the bootstrap; the same seed gives the same customers.

#![cfg_attr(docsrs, feature(doc_cfg))]
// These are for the library alone: the examples print and calculate, and their modules are their own.
#![deny(unreachable_pub, clippy::print_stdout, clippy::print_stderr, clippy::arithmetic_side_effects)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "a test that panics has failed as it should"
    )
)]

/// The programs of the README compile and run as doc tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

// From the lowest room to the highest; none imports one below itself in this list.
mod error;

mod decimal;
mod matrix;
mod special;
mod wide;

mod proportion;
mod range;
mod share;
mod tally;

pub mod estimate;
mod fixed_column;
mod moments_tally;
mod money;
mod money_estimate;
pub mod published;

pub mod churn;
pub mod lifetime_value;
pub mod satisfaction;

pub mod survival;

pub mod complaint;
pub mod repeat_buying;

pub use error::{Bound, Error, Number, Result};
pub use estimate::{Alternative, Confidence, Estimate, Interval, Method, ShareMethod, SignificanceTest};
pub use fixed_column::{FixedColumn, OwnedFixedColumn};
pub use moments_tally::{MomentsSummary, MomentsTally};
pub use money::{MinorUnit, MoneyTally};
pub use money_estimate::MoneyEstimate;
pub use proportion::Proportion;
pub use range::{Range, RangeEnd};
pub use rust_decimal::Decimal;
pub use share::Share;
pub use tally::Tally;
