//! Retention of cohorts: of the customers who started together, how many are still there so many periods later.

mod columns;
mod counts;
mod definition;
mod settings;
mod table;
mod tally;

pub use definition::{CohortStart, OffsetBracket, RetentionDefinition};
pub use settings::CohortSettings;
pub use table::{CohortCell, CohortRow, CohortTable, PooledRetention};
pub use tally::{CohortTally, CustomerActivity};
