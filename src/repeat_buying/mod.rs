//! How many customers are still there and how often they will buy again, where nobody says goodbye.
//!
//! A customer of a shop does not resign: whether a silent one has left or only pauses must be inferred. The models here do so from three
//! numbers a customer, their [`PurchaseHistory`]: how often they bought again, when they last did, and how long they have been watched.
//!
//! - The data: [`PurchaseHistory`], columns of them as [`PurchaseColumns`], and the collapsed [`PurchaseTable`] that models are fitted to.
//!
//! Time has no unit here. Recency, age and horizons are in the same one, days or weeks, and the parameters come out in it.

mod beta_geometric;
mod bg_nbd;
mod discounting;
mod eigen;
mod fit;
mod interpolation;
mod maximum;
mod mbg_nbd;
mod outlook;
mod prediction_columns;
mod purchase_columns;
mod purchase_history;
mod purchase_table;
mod sample;
#[cfg(feature = "simulation")]
mod simulation;

pub use bg_nbd::BgNbd;
pub use fit::{Fit, FitOptions, FitStatus, Limit, Model, ParameterLimit, Penalty};
pub use mbg_nbd::MbgNbd;
pub use outlook::Outlook;
pub use purchase_columns::PurchaseColumns;
pub use purchase_history::PurchaseHistory;
pub use purchase_table::PurchaseTable;
