//! How often customers left for each reason.

use std::collections::BTreeMap;

use super::{ChurnReason, OwnReason};
use crate::error::{Error, Result};
use crate::estimate::{Confidence, Estimate, goodman_estimates};
use crate::proportion::Proportion;
use crate::share::Share;
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

const NO_ONE_LEFT: &str = "no lost customer was recorded";

/// How many customers were lost for each [`ChurnReason`].
///
/// Every lost customer is counted under one reason. It holds one count per distinct reason, so own reasons should be a list of choices
/// and not free text.
///
/// ```
/// use customer_metrics::churn::{ChurnReason, ChurnReasonTally};
///
/// // doc-000: why 100 customers left.
/// let counts = ChurnReason::NAMED.into_iter().zip([1, 3, 4, 5, 9, 10, 68]);
/// let tally = ChurnReasonTally::from_counts(counts)?;
///
/// let pareto = tally.pareto()?;
/// assert_eq!(pareto[0].reason, ChurnReason::Indifference);
/// assert_eq!(pareto[1].cumulative.to_string(), "78 of 100 (78.0%)");
/// assert_eq!(tally.preventable(&ChurnReason::PREVENTABLE_BY_SERVICE)?.to_string(), "68 of 100 (68.0%)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "ReasonState", into = "ReasonState"))]
pub struct ChurnReasonTally {
    /// Without zeros, so that equal tallies are equal maps.
    counts: BTreeMap<ChurnReason, u64>,
    lost: u64,
    /// What the own reasons take in the encoded state, kept along because summing it up takes longer the more there are.
    own_len: usize,
}

impl ChurnReasonTally {
    /// A tally of (reason, count) pairs; the counts of the same reason add up.
    ///
    /// # Errors
    /// [`Error::Row`] with the position of the pair with which all together exceed 64 bits.
    pub fn from_counts(counts: impl IntoIterator<Item = (ChurnReason, u64)>) -> Result<Self> {
        let mut tally = Self::default();
        for (row, (reason, count)) in counts.into_iter().enumerate() {
            tally.add(reason, count).map_err(|error| error.at_row(row))?;
        }
        Ok(tally)
    }

    fn add(&mut self, reason: ChurnReason, count: u64) -> Result<()> {
        self.lost = self.lost.checked_add(count).ok_or_else(|| Error::count_overflow("lost customers"))?;
        if count > 0 {
            let reason_len = own_reason_len(&reason);
            let mut is_new = false;
            let slot = self.counts.entry(reason).or_insert_with(|| {
                is_new = true;
                0
            });
            // The count of one reason is at most that of all, which has just been found to fit.
            *slot = slot.saturating_add(count);
            if is_new {
                self.own_len = self.own_len.saturating_add(reason_len);
            }
        }
        Ok(())
    }

    /// How many lost customers were recorded.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// How many were lost for this reason.
    #[must_use]
    pub fn count(&self, reason: &ChurnReason) -> u64 {
        self.counts.get(reason).copied().unwrap_or(0)
    }

    /// The reasons that occurred with their counts, in the order of the reasons.
    pub fn counts(&self) -> impl Iterator<Item = (&ChurnReason, u64)> {
        self.counts.iter().map(|(reason, &count)| (reason, count))
    }

    /// The share of the lost customers that left for this reason.
    ///
    /// # Errors
    /// [`Error::Undefined`] if no lost customer was recorded.
    pub fn share(&self, reason: &ChurnReason) -> Result<Share> {
        self.share_of_lost("share of a churn reason", self.count(reason))
    }

    /// The share of every reason with an interval, all of which hold at once with this confidence: [`goodman_estimates`] over the seven named
    /// reasons, whether they occurred or not, and the own reasons that did.
    ///
    /// ```
    /// use customer_metrics::Confidence;
    /// use customer_metrics::churn::{ChurnReason, ChurnReasonTally};
    ///
    /// let tally = ChurnReasonTally::from_counts(ChurnReason::NAMED.into_iter().zip([1, 3, 4, 5, 9, 10, 68]))?;
    /// let estimates = tally.estimates(Confidence::P95)?;
    /// let (reason, estimate) = &estimates[6];
    /// assert_eq!(format!("{reason}: {estimate:.2}"), "indifference: 0.68 (0.55 to 0.79, 95% Goodman, n = 100)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] if no lost customer was recorded.
    pub fn estimates(&self, confidence: Confidence) -> Result<Vec<(ChurnReason, Estimate)>> {
        let own = self.counts.keys().filter(|reason| matches!(reason, ChurnReason::Other(_))).cloned();
        let reasons: Vec<ChurnReason> = ChurnReason::NAMED.into_iter().chain(own).collect();
        let counts: Vec<u64> = reasons.iter().map(|reason| self.count(reason)).collect();
        if self.lost == 0 {
            return Err(Error::Undefined { metric: "shares of churn reasons", because: NO_ONE_LEFT });
        }
        Ok(reasons.into_iter().zip(goodman_estimates(&counts, confidence)?).collect())
    }

    /// The reasons that occurred with their counts, the most frequent first; equally frequent ones in the order of the reasons.
    #[must_use]
    pub fn ranked(&self) -> Vec<(&ChurnReason, u64)> {
        let mut ranked: Vec<_> = self.counts().collect();
        // The sort is stable and the map in order, which decides between equal counts.
        ranked.sort_by_key(|&(_, count)| core::cmp::Reverse(count));
        ranked
    }

    /// The [ranked](Self::ranked) reasons, each with its share and with the share of all down to it: the table of a Pareto chart.
    ///
    /// # Errors
    /// [`Error::Undefined`] if no lost customer was recorded.
    pub fn pareto(&self) -> Result<Vec<ReasonShare>> {
        let mut down_to_here = 0_u64;
        let rows = self.ranked().into_iter().map(|(reason, count)| {
            down_to_here = down_to_here.saturating_add(count);
            Ok(ReasonShare {
                reason: reason.clone(),
                share: self.share_of_lost("Pareto of churn reasons", count)?,
                cumulative: self.share_of_lost("Pareto of churn reasons", down_to_here)?,
            })
        });
        let rows = rows.collect::<Result<Vec<_>>>()?;
        if rows.is_empty() {
            return Err(Error::Undefined { metric: "Pareto of churn reasons", because: NO_ONE_LEFT });
        }
        Ok(rows)
    }

    /// The fewest reasons that together explain at least this proportion of the lost customers, the most frequent first.
    ///
    /// They are the first rows of the [Pareto table](Self::pareto); none are needed to explain nothing. The comparison is exact.
    ///
    /// # Errors
    /// [`Error::Undefined`] if no lost customer was recorded.
    pub fn fewest_explaining(&self, at_least: Proportion) -> Result<Vec<ReasonShare>> {
        let mut rows = self.pareto()?;
        let missing = rows.iter().take_while(|row| row.cumulative.compare_to(at_least).is_lt()).count();
        let needed = if at_least == Proportion::ZERO { 0 } else { missing.saturating_add(1) };
        rows.truncate(needed);
        Ok(rows)
    }

    /// The share of the lost customers that service could have kept: those who left for one of these reasons.
    ///
    /// Which reasons those are is the caller's judgement. [`ChurnReason::PREVENTABLE_BY_SERVICE`] is the narrow choice, and doc-000's
    /// 68%. A reason that is listed twice counts once.
    ///
    /// # Errors
    /// [`Error::Undefined`] if no lost customer was recorded.
    pub fn preventable(&self, reasons: &[ChurnReason]) -> Result<Share> {
        let could_have_stayed =
            self.counts().filter(|(reason, _)| reasons.contains(reason)).fold(0_u64, |sum, (_, count)| sum.saturating_add(count));
        self.share_of_lost("preventable churn", could_have_stayed)
    }

    fn share_of_lost(&self, metric: &'static str, part: u64) -> Result<Share> {
        Share::of(metric, NO_ONE_LEFT, part, self.lost)
    }

    fn own_counts(&self) -> impl Iterator<Item = (&str, u64)> {
        self.counts().filter_map(|(reason, count)| match reason {
            ChurnReason::Other(own) => Some((own.as_str(), count)),
            _ => None,
        })
    }
}

/// What a reason adds to the encoded state: nothing if it is named, because those have their place.
fn own_reason_len(reason: &ChurnReason) -> usize {
    match reason {
        ChurnReason::Other(own) => own.as_str().len().saturating_add(const { 2 * len::U64 }),
        _ => 0,
    }
}

impl Tally for ChurnReasonTally {
    type Settings = ();
    type Record = ChurnReason;
    type Summary = Vec<ReasonShare>;

    fn empty((): ()) -> Self {
        Self::default()
    }

    fn settings(&self) {}

    fn record(&mut self, reason: ChurnReason) -> Result<()> {
        self.add(reason, 1)
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        let _ = self.lost.checked_add(other.lost).ok_or_else(|| Error::count_overflow("lost customers"))?;
        other.counts().try_for_each(|(reason, count)| self.add(reason.clone(), count))
    }

    /// The [Pareto table](ChurnReasonTally::pareto).
    fn finish(&self) -> Result<Vec<ReasonShare>> {
        self.pareto()
    }

    fn encode(&self) -> Vec<u8> {
        let named = ChurnReason::NAMED.each_ref().map(|reason| self.count(reason));
        let own = u64::try_from(self.own_counts().count()).unwrap_or(u64::MAX);
        let head = Encoder::new(Kind::CHURN_REASON, self.encoded_len()).u64s(&named).u64(own);
        self.own_counts().fold(head, |encoder, (text, count)| encoder.text(text).u64(count)).finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::CHURN_REASON, bytes)?;
        let named: [u64; 7] = decoder.u64_array()?;
        let mut tally = Self::default();
        for (reason, count) in ChurnReason::NAMED.into_iter().zip(named) {
            tally.add(reason, count)?;
        }
        let mut last = "";
        for _ in 0..decoder.u64()? {
            let (text, count) = (decoder.text()?, decoder.u64()?);
            let own = OwnReason::new(text)?;
            // One tally has one encoding, so that equal bytes mean equal tallies and the other way round.
            if own.as_str() != text || text <= last || count == 0 {
                return Err(decoder.fault("the own reasons are not as they were encoded"));
            }
            tally.add(ChurnReason::Other(own), count)?;
            last = text;
        }
        decoder.close().map(|()| tally)
    }

    fn encoded_len(&self) -> usize {
        len::with_u64s(8).saturating_add(self.own_len)
    }
}

/// One row of a [Pareto table](ChurnReasonTally::pareto).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ReasonShare {
    /// The reason.
    pub reason: ChurnReason,
    /// The lost customers who left for it, of all lost ones.
    pub share: Share,
    /// The lost customers who left for it or for a more frequent one, of all lost ones.
    pub cumulative: Share,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ReasonState {
    counts: Vec<ReasonCountState>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ReasonCountState {
    reason: ChurnReason,
    lost: u64,
}

#[cfg(feature = "serde")]
impl TryFrom<ReasonState> for ChurnReasonTally {
    type Error = Error;

    fn try_from(state: ReasonState) -> Result<Self> {
        Self::from_counts(state.counts.into_iter().map(|row| (row.reason, row.lost)))
    }
}

#[cfg(feature = "serde")]
impl From<ChurnReasonTally> for ReasonState {
    fn from(tally: ChurnReasonTally) -> Self {
        Self { counts: tally.counts.into_iter().map(|(reason, lost)| ReasonCountState { reason, lost }).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(text: &str) -> ChurnReason {
        ChurnReason::Other(OwnReason::new(text).unwrap())
    }

    fn proportion(text: &str) -> Proportion {
        Proportion::new(text.parse().unwrap()).unwrap()
    }

    #[test]
    fn without_lost_customers_nothing_is_defined() {
        let empty = ChurnReasonTally::from_counts([(ChurnReason::Died, 0), (own("x"), 0)]).unwrap();
        assert_eq!(empty, ChurnReasonTally::default());
        assert!(empty.ranked().is_empty());
        assert!(matches!(empty.pareto(), Err(Error::Undefined { .. })));
        assert!(matches!(empty.share(&ChurnReason::Died), Err(Error::Undefined { .. })));
        assert!(matches!(empty.preventable(&ChurnReason::NAMED), Err(Error::Undefined { metric: "preventable churn", .. })));
        assert!(matches!(empty.fewest_explaining(Proportion::ZERO), Err(Error::Undefined { .. })));
    }

    #[test]
    fn ties_go_by_the_order_of_the_reasons() {
        let tally = ChurnReasonTally::from_counts([(own("b"), 2), (own("a"), 2), (ChurnReason::Product, 2), (ChurnReason::Died, 1)]);
        let tally = tally.unwrap();
        let ranked: Vec<_> = tally.ranked().into_iter().map(|(reason, count)| (reason.as_str(), count)).collect();
        assert_eq!(ranked, [("product", 2), ("a", 2), ("b", 2), ("died", 1)]);
    }

    #[test]
    fn the_fewest_reasons_are_found_without_rounding() {
        let tally = ChurnReasonTally::from_counts([(ChurnReason::Product, 2), (ChurnReason::Died, 1)]).unwrap();
        let needed = |text| tally.fewest_explaining(proportion(text)).unwrap().len();
        assert_eq!(needed("0"), 0);
        assert_eq!(needed("0.0000000000000000000000000001"), 1);
        // 2/3 lies between these two.
        assert_eq!(needed("0.6666666666666666666666666666"), 1);
        assert_eq!(needed("0.6666666666666666666666666667"), 2);
        assert_eq!(needed("1"), 2);
        let huge = ChurnReasonTally::from_counts([(ChurnReason::Product, u64::MAX - 1), (ChurnReason::Died, 1)]).unwrap();
        assert_eq!(huge.fewest_explaining(proportion("0.9999999999999999999")).unwrap().len(), 1);
        assert_eq!(huge.fewest_explaining(proportion("0.99999999999999999999")).unwrap().len(), 2);
    }

    #[test]
    fn a_reason_listed_twice_counts_once_and_one_that_did_not_occur_not_at_all() {
        let tally = ChurnReasonTally::from_counts([(ChurnReason::Product, 3), (own("price"), 1)]).unwrap();
        let reasons = [ChurnReason::Product, ChurnReason::Product, ChurnReason::Died];
        assert_eq!(tally.preventable(&reasons), Share::new(3, 4));
        assert_eq!(tally.preventable(&[]), Share::new(0, 4));
    }

    #[test]
    fn counts_beyond_64_bits_are_refused_and_change_nothing() {
        let mut full = ChurnReasonTally::from_counts([(own("x"), u64::MAX)]).unwrap();
        let before = full.clone();
        assert!(matches!(full.record(own("y")), Err(Error::Overflow { field: "lost customers", .. })));
        let one = ChurnReasonTally::from_counts([(ChurnReason::Died, 1)]).unwrap();
        assert!(matches!(full.merge(&one), Err(Error::Overflow { .. })));
        assert_eq!(full.extend([ChurnReason::Died]).unwrap_err().row(), Some(0));
        assert_eq!(full, before);
        let error = ChurnReasonTally::from_counts([(own("x"), u64::MAX), (own("x"), 1)]).unwrap_err();
        assert_eq!(error.row(), Some(1));
    }

    #[test]
    fn bytes_in_another_order_or_with_another_spelling_are_refused() {
        let head = || Encoder::new(Kind::CHURN_REASON, 0).u64s(&[0; 7]);
        let good = head().u64(2).text("a").u64(1).text("b").u64(1).finish();
        assert_eq!(ChurnReasonTally::decode(&good).unwrap().encode(), good);
        for wrong in [
            head().u64(2).text("b").u64(1).text("a").u64(1),
            head().u64(2).text("a").u64(1).text("a").u64(1),
            head().u64(1).text("a ").u64(1),
            head().u64(1).text("a").u64(0),
            head().u64(1).text("").u64(1),
            head().u64(1).text("Died").u64(1),
            head().u64(u64::MAX),
            head().u64(2).text("a").u64(u64::MAX).text("b").u64(1),
        ] {
            assert!(ChurnReasonTally::decode(&wrong.finish()).is_err());
        }
    }
}
