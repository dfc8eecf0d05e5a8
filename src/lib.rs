//! Customer-service metrics.

#![cfg_attr(docsrs, feature(doc_cfg))]
// These are for the library alone: the examples print, and their modules are their own.
#![deny(unreachable_pub, clippy::print_stdout, clippy::print_stderr)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "a test that panics has failed as it should"
    )
)]

pub mod churn;
pub mod complaint;

mod decimal;
mod error;
mod estimate;
pub mod lifetime_value;
mod money;
mod proportion;
pub mod published;
mod range;
pub mod satisfaction;
mod share;
mod special;
mod tally;

pub use error::{Bound, Error, Number, Result};
pub use estimate::{Confidence, Estimate, Interval, Method};
pub use money::{MinorUnit, MoneyTally};
pub use proportion::Proportion;
pub use range::{Range, RangeEnd};
pub use rust_decimal::Decimal;
pub use share::Share;
pub use tally::Tally;
