//! Means, and ordered categories compared.

mod mean;
mod moments;
mod spread;
mod superiority;
mod superiority_method;

pub use mean::MeanDifferenceMethod;
pub(crate) use mean::Measure;
pub(crate) use moments::Moments;
pub(crate) use spread::Spread;
pub use superiority::MannWhitney;
pub use superiority_method::{ContinuityCorrection, SuperiorityMethod};
