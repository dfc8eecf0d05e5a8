//! One test target for everything that goes through the public interface: laws and properties, golden values, worked examples.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::float_cmp,
    clippy::missing_errors_doc,
    reason = "a test that panics has failed as it should"
)]

mod laws;

mod bgnbd;
mod churn;
mod cohort;
mod comparison;
mod complaint;
mod customer_book;
mod handling;
mod journey;
mod lifetime_value;
mod loyalty;
mod money;
mod net_score_estimate;
mod opportunities;
mod programme;
mod published;
mod renewals;
mod resolution_time;
mod revenue;
mod satisfaction;
mod scores;
mod share;
mod share_intervals;
mod significance;
mod spend;
mod survey;
mod survival;
mod weighted_scores;
