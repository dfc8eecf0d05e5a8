//! What the examples that read files share: the command line, CSV files by the names of their columns, and faults of one line.

#![allow(dead_code, unused_imports, reason = "each example takes what it needs")]

mod cells;
mod command_line;
mod fault;
mod orders;
mod ratings;
mod table;

pub use cells::{days, fate, money, percent, yes_or_no};
pub use command_line::{CommandLine, file_name, run};
pub use fault::Fault;
pub use orders::OrderRows;
pub use ratings::{ratings_by, scale};
pub use table::{Table, sample};
