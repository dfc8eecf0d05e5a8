//! The published figures of the field with their sources, to set one's own beside.
//!
//! **These are folklore to compare with, not laws.** They come from five training texts, here called doc-000 to doc-004, which hand on
//! what others have printed, mostly without a source, sometimes with a misprint, and often in contradiction with one another. Nothing in
//! this crate computes with them unless the caller puts them in. Measure your own.
//!
//! Each figure is a constant with its statement, value, unit and sources, what was printed, and the misprint where there is one.
//! [`FIGURES`] lists all in the order of the collection; [`by_id`], [`by_topic`] and [`search`] find some. [`Figure::compare`] sets one's
//! own figure beside it, [`Figure::conflicts`] lists what other sources say against it.
//!
//! ```
//! use customer_metrics::published::{self, Comparison};
//!
//! let mine = "0.48".parse().unwrap();
//! let printed = published::RETENTION_RESOLVED;
//! assert_eq!(printed.compare(mine)?, Comparison::Below { by: "0.06".parse().unwrap() });
//!
//! let against: Vec<_> = printed.conflicts().map(|other| other.printed_as()).collect();
//! assert_eq!(against, ["60%", "98%"]);
//! # Ok::<(), customer_metrics::Error>(())
//! ```
//!
//! # What the evidence is worth
//! - **Buying again by outcome, 9, 19, 54 and 82%.** These are the surveys of TARP (J. Goodman) on problems worth more than $100. They
//!   asked what people intended to do, not what they did. doc-000 credits McKinsey, who did not do them. The twin for small problems is
//!   37, 46, 70 and 95%, and the ranges that circulate, 54-70% and 82-95%, mix the two.
//! - **The recovery paradox.** That a customer whose problem was solved is more loyal than one who never had any is not what the
//!   meta-analysis found: satisfaction rises after a recovery, buying again and word of mouth do not (C. A. de Matos, J. L. Henrique and
//!   C. A. V. Rossi, "Service Recovery Paradox: A Meta-Analysis", Journal of Service Research 10 (2007), 60-77).
//! - **Words 7%, tone 38%, body 55%.** A. Mehrabian's experiments of 1967 were on feelings that contradict the words, mostly single
//!   words. They say nothing of communication in general.
//! - **Profit from 5 points of retention.** F. F. Reichheld and W. E. Sasser (1990) calculated what would happen if 5 *points* fewer
//!   customers left, not 5 percent; B. Sharp calls it a thought experiment.
//! - **Reasons for leaving, 68% indifference.** It is repeated without a study behind it; other prints give 14% to dissatisfaction with
//!   the product, where this one has 4% for taste and 10% for the product.
//! - **Cost of winning over keeping, how many are told, how many are silent.** The sources contradict each other: see
//!   [`Figure::conflicts`].

mod comparison;
mod figure;
mod lookup;
mod misprint;
mod question;
mod table;
mod value;
mod vocabulary;

pub use comparison::Comparison;
pub use figure::Figure;
pub use lookup::{by_id, by_topic, search};
pub use misprint::{Certainty, Misprint, MisprintCause};
pub use question::Question;
pub use table::*;
pub use value::FigureValue;
pub use vocabulary::{Document, Topic, Unit};
