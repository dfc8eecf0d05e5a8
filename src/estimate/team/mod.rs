//! Many members of a team: shrinkage and league tables.

mod beta_binomial_fit;
mod league_table;
mod mean_shrinkage;
mod member_mean;
mod shrinkage;
mod team_prior;

pub use league_table::{LeagueRow, LeagueSettings, LeagueTable, Standing};
pub use mean_shrinkage::{MeanShrinkage, MeanShrinkageMethod, ShrunkenMean};
pub use member_mean::MemberMean;
pub use shrinkage::{Shrinkage, ShrinkageErrors, ShrinkageMethod, ShrunkenShare, TeamSpread};
