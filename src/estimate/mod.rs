//! How sure a metric is: confidence, intervals and estimates.
//!
//! An estimate is a metric with its uncertainty: point, interval, confidence, method and the number of answers behind it. Shares get
//! the score interval of Wilson, which keeps its promise at small counts and near 0 and 1, where the textbook interval has width 0.

mod confidence;
mod interval;
mod wilson;

pub use confidence::Confidence;
pub use interval::{Estimate, Interval, Method};
