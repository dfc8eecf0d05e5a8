//! What becomes of customers with a problem: complaint outcomes, the complaint-retention curve, and what it is worth.
//!
//! ```text
//! cases ──► ComplaintTally ──► RetentionCurve ──► RecoveryModel ──► money kept per case moved to a better outcome
//! ```
//!
//! The curve says how many customers stay after each outcome of a problem: they kept silent, complained in vain, were helped, or were
//! helped quickly. The published curves ([`PublishedCurve`]) stand ready to compare with. They are folklore: stated intentions of
//! American consumers in the 1970s and 1980s, often quoted without their source. Measure your own.

mod case;
mod complaint_life_table;
mod complaint_tally;
mod first_contact;
mod iceberg;
mod outcome;
mod outcome_mix;
mod published_curve;
mod recovery;
mod resolution_time;
mod retention_curve;
mod target;
mod waits;
mod word_of_mouth;

pub use case::{Case, Fate, Problem, QuickLimit};
pub use complaint_life_table::{ComplaintLifeTable, FollowUp};
pub use complaint_tally::ComplaintTally;
pub use first_contact::{CaseState, FirstContactDefinition, FirstContactTally, HandledCase, Resolvable};
pub use iceberg::Iceberg;
pub use outcome::Outcome;
pub use outcome_mix::OutcomeMix;
pub use published_curve::PublishedCurve;
pub use recovery::{OutcomeLoss, Recovery, RecoveryInputs, RecoveryModel};
pub use resolution_time::{
    LogisticRetention, MonotoneRetention, ResolutionTime, ResolutionTimeTally, RetentionStep, SpeedGain, SuggestedQuickLimit, TimeScale,
};
pub use retention_curve::{Retention, RetentionCurve};
pub use target::{Target, TargetTally, Wait};
pub use waits::{WaitDistribution, WaitPercentile};
pub use word_of_mouth::{Reach, WordOfMouth};
