//! Retention over time: how many customers stay beyond each time, when some of them are still customers.
//!
//! A rate of churn lumps all customers together; a survival curve follows them by their age. Who is still a customer counts for as long as
//! they have been one and no longer.
//!
//! ```text
//! columns ──► Observations ─┐
//!                           ├─► RiskTable ──► SurvivalCurve, CumulativeHazard, GroupComparison
//! tenures ──► LifeTable ────┘
//! ```
//!
//! - Records: [`Observations`] are columns of times and endings, with late entry and weights; [`LifeTable`] counts whole periods, merges,
//!   and takes a hundred million customers. From the same customers both give the same results to the last bit.
//! - Curves: [`RiskTable::kaplan_meier`], with [intervals](LimitMethod), [quantiles](SurvivalCurve::quantile), [restricted
//!   means](SurvivalCurve::restricted_mean) and [conditional survival](SurvivalCurve::conditional_survival);
//!   [`RiskTable::cumulative_hazard`] and the curve that follows from it.
//! - Churn: [`LifeTable::hazards`] by period and [pooled](LifeTable::pooled_hazard), what is [lost at each
//!   renewal](SurvivalCurve::renewals), the [remaining lifetime](SurvivalCurve::remaining_mean), and the [discounted lifetime
//!   value](SurvivalCurve::discounted_value) of a curve with its interval.
//! - Groups: [`GroupComparison`], by the [log-rank test and its kin](EventWeighting), with strata, a trend and the hazard ratio.
//!
//! # Where R and lifelines disagree
//!
//! | what | R survival | lifelines | here |
//! |---|---|---|---|
//! | nearly equal times | merged within 1.5e-8, absolute or relative | kept apart | kept apart |
//! | default interval of the curve | log | log-log | log-log, the choice is an argument |
//! | log-log interval where no one has left | NA | 1 to 1 | 1 to 1 |
//! | interval where everyone has left | NA | 0 to 0 | none |
//! | quantile where the curve is level at it | the middle of the level stretch | its start | the middle |
//! | ties in the cumulative hazard | together (`ctype = 1`) | one by one | an argument |
//! | standard error of the restricted mean | of the mean | of single lifetimes | of the mean |
//! | who enters when another leaves | not yet at risk | at risk | not yet at risk |
//! | who leaves at time 0 | counts | fails in places | counts |
//! | weights in the Fleming-Harrington curve | counted | ignored | counted |

mod beta_product;
mod comparison;
mod compensated;
mod curve;
mod ending;
mod group_test;
mod hazard;
mod life_table;
mod limits;
mod observations;
mod quantile;
mod renewal;
mod restricted_mean;
mod risk_table;
mod time_key;
mod value;
mod weighting;

pub use beta_product::SurvivalDifferenceMethod;
pub use comparison::GroupComparison;
pub use curve::{CurveEstimator, SurvivalCurve, SurvivalStep};
pub use ending::Ending;
pub use group_test::HazardRatioMethod;
pub use hazard::{CumulativeHazard, HazardEstimator, HazardStep};
pub use life_table::{LifeTable, Tenure};
pub use limits::LimitMethod;
pub use observations::Observations;
pub use quantile::TimeQuantile;
pub use renewal::Renewal;
pub use restricted_mean::{RestrictedMean, RestrictedMeanDifferenceMethod, RestrictedMeanRatioMethod};
pub use risk_table::{RiskRow, RiskTable};
pub use value::PaymentStream;
pub use weighting::{CurvePowers, EventWeighting};
