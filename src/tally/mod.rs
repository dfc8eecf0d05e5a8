//! The one way in which this crate counts.

mod bytes;

pub(crate) use bytes::{Decoder, Encoder, Kind, len};

use core::fmt;

use crate::error::Result;

/// Counts or exact sums that can be built anywhere and merged in any order.
///
/// Every domain of the crate has its tallies, and each follows this trait, so that an aggregate function of a query engine is a thin
/// shell over it: start empty, [`record`](Self::record) one or [`extend`](Self::extend) many, [`merge`](Self::merge) partial results,
/// [`finish`](Self::finish); between machines the state travels as the bytes of [`encode`](Self::encode).
///
/// The laws, which the tests of the crate hold every tally to:
/// - merging is associative and commutative, and an empty tally with the same settings changes nothing;
/// - merging the tallies of two parts gives the tally of the whole, whatever the split;
/// - `decode(encode(t)) == t`, `encode(t).len() == t.encoded_len()`, and no byte string makes `decode` panic;
/// - a call that returns an error leaves the tally as it was.
///
/// ```
/// use customer_metrics::Tally;
/// use customer_metrics::satisfaction::{RatingTally, Scale};
///
/// let mut monday = RatingTally::empty(Scale::ONE_TO_FIVE);
/// monday.extend([Some(5), Some(4), None])?;
/// let mut tuesday = RatingTally::empty(Scale::ONE_TO_FIVE);
/// tuesday.record(Some(2))?;
///
/// monday.merge(&RatingTally::decode(&tuesday.encode())?)?;
/// assert_eq!(monday.csat()?.to_string(), "2 of 3 (66.7%)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
pub trait Tally: Clone + Default + PartialEq + fmt::Debug {
    /// What must be the same for two tallies to be merged, such as the rating scale.
    type Settings: Clone + PartialEq + fmt::Debug;
    /// What is recorded.
    type Record;
    /// The metrics that are read off at the end.
    type Summary;

    /// A tally of nothing. `Default` is the one with the settings that most of the field uses.
    #[must_use]
    fn empty(settings: Self::Settings) -> Self;

    /// What the tally was started with.
    #[must_use]
    fn settings(&self) -> Self::Settings;

    /// Records one.
    ///
    /// # Errors
    /// If the record is not valid under the settings, or a count or sum would overflow.
    fn record(&mut self, record: Self::Record) -> Result<()>;

    /// Records many, all or none.
    ///
    /// # Errors
    /// [`Error::Row`](crate::Error::Row) with the position of the first wrong record; none of them is recorded then.
    fn extend(&mut self, records: impl IntoIterator<Item = Self::Record>) -> Result<()> {
        let mut extended = self.clone();
        for (row, record) in records.into_iter().enumerate() {
            extended.record(record).map_err(|error| error.at_row(row))?;
        }
        *self = extended;
        Ok(())
    }

    /// Adds what another tally has recorded.
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) if the settings differ; [`Error::Overflow`](crate::Error::Overflow) if a count or
    /// sum would.
    fn merge(&mut self, other: &Self) -> Result<()>;

    /// The metrics of what was recorded.
    ///
    /// # Errors
    /// [`Error::Undefined`](crate::Error::Undefined) if nothing was recorded that they could be computed from.
    fn finish(&self) -> Result<Self::Summary>;

    /// The state as bytes: a tag that names the tally, a version, then integers in little-endian order. The layout of a version
    /// never changes.
    #[must_use]
    fn encode(&self) -> Vec<u8>;

    /// The tally that was encoded.
    ///
    /// # Errors
    /// [`Error::Decode`](crate::Error::Decode) if the bytes are not a whole state of this tally in a version that this crate knows, or
    /// the error of the constructor that refuses the values in them.
    fn decode(bytes: &[u8]) -> Result<Self>;

    /// How many bytes [`encode`](Self::encode) gives, without encoding.
    #[must_use]
    fn encoded_len(&self) -> usize;
}
