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
mod model_laws;

mod association;
mod bgnbd;
mod caution;
mod cdnow;
mod churn;
mod cohort;
mod comparison;
mod complaint;
mod confidence_sequence;
mod coverage;
mod customer_book;
mod customer_value;
mod estimates;
mod handling;
mod hard_data;
mod history;
mod independent_values;
mod interval_laws;
mod journey;
mod league_table;
mod lifetime_value;
mod loyalty;
mod mean_shrinkage;
mod means;
mod money;
mod net_score_estimate;
mod opportunities;
mod pareto_nbd;
mod programme;
mod published;
mod purchase_estimates;
mod renewals;
mod resolution_time;
mod revenue;
mod rfm;
mod satisfaction;
mod scores;
mod service_quality;
mod share;
mod share_intervals;
mod shrinkage;
mod significance;
mod small_samples;
mod spend;
mod strata;
mod survey;
mod survival;
mod validation;
mod validation_of_models;
mod weighted_differences;
mod weighted_scores;
mod weighted_survey;
