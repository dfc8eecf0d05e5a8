//! Names for groups of scores, such as champions and customers at risk.

use core::ops::RangeInclusive;

use super::{RfmScore, RfmScores};
use crate::error::{Bound, Error, Result};
use crate::fixed_column::FixedColumn;
use crate::money::MoneyTally;
use crate::share::Share;

/// A segment: a name for all scores within these ranges.
///
/// ```
/// use customer_metrics::repeat_buying::SegmentRule;
///
/// let best = SegmentRule::new("champions", 4..=5, 4..=5, 4..=5);
/// assert_eq!(best.name(), "champions");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct SegmentRule {
    name: String,
    recency: RangeInclusive<u8>,
    frequency: RangeInclusive<u8>,
    monetary: RangeInclusive<u8>,
}

impl SegmentRule {
    /// A name for the scores in these ranges. Whether they exist is checked when the rule becomes part of a [`SegmentScheme`].
    #[must_use]
    pub fn new(name: impl Into<String>, recency: RangeInclusive<u8>, frequency: RangeInclusive<u8>, monetary: RangeInclusive<u8>) -> Self {
        Self { name: name.into(), recency, frequency, monetary }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Scores of recency.
    #[must_use]
    pub fn recency(&self) -> &RangeInclusive<u8> {
        &self.recency
    }

    /// Scores of frequency.
    #[must_use]
    pub fn frequency(&self) -> &RangeInclusive<u8> {
        &self.frequency
    }

    /// Scores of monetary value.
    #[must_use]
    pub fn monetary(&self) -> &RangeInclusive<u8> {
        &self.monetary
    }

    fn holds(&self, score: RfmScore) -> bool {
        self.recency.contains(&score.recency) && self.frequency.contains(&score.frequency) && self.monetary.contains(&score.monetary)
    }

    fn check(&self, bins: RfmScore) -> Result<()> {
        let ranges = [
            ("recency score", &self.recency, bins.recency),
            ("frequency score", &self.frequency, bins.frequency),
            ("monetary score", &self.monetary, bins.monetary),
        ];
        for (field, range, best) in ranges {
            for end in [range.start(), range.end()] {
                if !(1..=best).contains(end) {
                    return Err(Error::out_of_bounds(field, *end, Bound::Within(1_u8.into(), best.into())));
                }
            }
            if range.is_empty() {
                return Err(Error::out_of_bounds(field, *range.end(), Bound::AtLeast((*range.start()).into())));
            }
        }
        Ok(())
    }
}

/// Segments that hold every score exactly once.
///
/// Published tables of segments often overlap, so that the order of the rules decides, or leave scores out. A scheme is refused unless
/// each score lies in one segment and no more.
///
/// ```
/// use customer_metrics::FixedColumn;
/// use customer_metrics::repeat_buying::{RfmColumns, RfmRules, SegmentRule, SegmentScheme, TieRule};
///
/// let (recency, purchases, spend) = ([1, 5, 40, 70, 90], [9, 4, 3, 2, 1], [900, 80, 70, 60, 5]);
/// let columns = RfmColumns::new(&recency, &purchases, FixedColumn::whole(&spend))?;
/// let scores = columns.scores(&RfmRules::quintiles(TieRule::Lowest))?;
/// let grid = SegmentScheme::recency_frequency_grid();
/// let segments = grid.segments(&scores)?;
/// let names: Vec<&str> = segments.iter().map(|&segment| grid.rules()[usize::from(segment)].name()).collect();
/// assert_eq!(names, ["champions", "loyal customers", "need attention", "hibernating", "hibernating"]);
///
/// let sizes = grid.summary(&scores, FixedColumn::whole(&spend))?;
/// assert_eq!((sizes[0].name.as_str(), sizes[0].customers.to_string().as_str()), ("champions", "1 of 5 (20.0%)"));
/// assert_eq!(sizes[0].monetary.total()?.to_string(), "900");
///
/// let gap = SegmentScheme::new([5, 5, 5], [SegmentRule::new("recent", 2..=5, 1..=5, 1..=5)]).unwrap_err();
/// assert_eq!(gap.to_string(), "score is \"111\", but must be in one of the segments");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "SchemeState", into = "SchemeState"))]
pub struct SegmentScheme {
    bins: RfmScore,
    rules: Vec<SegmentRule>,
    /// The position of the rule for every score: recency changes slowest, monetary value fastest.
    cells: Vec<u8>,
}

impl SegmentScheme {
    /// These segments, for scores of so many bins in recency, frequency and monetary value.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for no bins, more than 9, or more than 255 segments, and as one of a segment, counted from 0, for a range
    /// that is empty or reaches beyond the bins; [`Error::Repeated`] with the first score that is in two segments; [`Error::Unknown`] with
    /// the first that is in none.
    pub fn new(bins: [u8; 3], rules: impl Into<Vec<SegmentRule>>) -> Result<Self> {
        let rules = rules.into();
        let [recency, frequency, monetary] = bins;
        for (field, bins) in [("recency bins", recency), ("frequency bins", frequency), ("monetary bins", monetary)] {
            if !(1..=9).contains(&bins) {
                return Err(Error::out_of_bounds(field, bins, Bound::Within(1_u8.into(), 9_u8.into())));
            }
        }
        if rules.len() > usize::from(u8::MAX) {
            return Err(Error::out_of_bounds("segments", rules.len(), Bound::AtMost(u8::MAX.into())));
        }
        let bins = RfmScore { recency, frequency, monetary };
        for (position, rule) in rules.iter().enumerate() {
            rule.check(bins).map_err(|error| error.at("segment", position))?;
        }
        let cells = all_scores(bins).map(|score| {
            let mut holding = (0..=u8::MAX).zip(&rules).filter(|(_, rule)| rule.holds(score));
            let (position, _) = holding.next().ok_or_else(|| Error::Unknown {
                field: "score",
                value: score.to_string(),
                expected: "in one of the segments",
            })?;
            match holding.next() {
                Some(_) => Err(Error::Repeated { field: "score", value: score.to_string() }),
                None => Ok(position),
            }
        });
        let cells = cells.collect::<Result<Vec<u8>>>()?;
        Ok(Self { bins, rules, cells })
    }

    /// Ten segments on the grid of recency and frequency, five bins each, whatever the money.
    ///
    /// ```text
    /// frequency 5 | can't lose them  can't lose them  loyal customers  loyal customers      champions
    ///           4 | at risk          at risk          loyal customers  loyal customers      champions
    ///           3 | at risk          at risk          need attention   potential loyalists  potential loyalists
    ///           2 | hibernating      hibernating      about to sleep   potential loyalists  potential loyalists
    ///           1 | hibernating      hibernating      about to sleep   promising            new customers
    ///             +---------------------------------------------------------------------------------------------
    ///   recency     1                2                3                4                    5
    /// ```
    ///
    /// The names became common with the RFM report of Putler (<https://www.putler.com/rfm-analysis>), whose own ranges, like those of the
    /// R package rfm (`rfm_segment`), overlap. This grid, which does not, is the one of the many notebooks that match pairs of scores
    /// with patterns such as `[1-2][3-4]`. The names are labels of boxes: who is "at risk" by them is not a prediction.
    #[must_use]
    pub fn recency_frequency_grid() -> Self {
        let bins = RfmScore { recency: 5, frequency: 5, monetary: 5 };
        let rules: Vec<SegmentRule> = [
            SegmentRule::new("champions", 5..=5, 4..=5, 1..=5),
            SegmentRule::new("loyal customers", 3..=4, 4..=5, 1..=5),
            SegmentRule::new("potential loyalists", 4..=5, 2..=3, 1..=5),
            SegmentRule::new("new customers", 5..=5, 1..=1, 1..=5),
            SegmentRule::new("promising", 4..=4, 1..=1, 1..=5),
            SegmentRule::new("need attention", 3..=3, 3..=3, 1..=5),
            SegmentRule::new("about to sleep", 3..=3, 1..=2, 1..=5),
            SegmentRule::new("can't lose them", 1..=2, 5..=5, 1..=5),
            SegmentRule::new("at risk", 1..=2, 3..=4, 1..=5),
            SegmentRule::new("hibernating", 1..=2, 1..=2, 1..=5),
        ]
        .into();
        let first_holding = |score| (0..=u8::MAX).zip(&rules).find_map(|(position, rule)| rule.holds(score).then_some(position));
        let cells = all_scores(bins).filter_map(first_holding).collect();
        Self { bins, rules, cells }
    }

    /// The best score of each dimension that the scheme is made for.
    #[must_use]
    pub fn bins(&self) -> RfmScore {
        self.bins
    }

    /// The segments.
    #[must_use]
    pub fn rules(&self) -> &[SegmentRule] {
        &self.rules
    }

    /// The segment of each customer, as the position of its rule in [`rules`](Self::rules).
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the scores have other bins.
    pub fn segments(&self, scores: &RfmScores) -> Result<Vec<u8>> {
        if self.bins != scores.bins() {
            return Err(Error::mismatch("bins", self.bins, scores.bins()));
        }
        // Scores begin at 1 and do not pass the bins, so each has its cell.
        Ok(scores.iter().map(|score| self.cells.get(self.cell_of(score)).copied().unwrap_or(0)).collect())
    }

    /// How many customers each segment has, and the money they bring, in the order of [`rules`](Self::rules).
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the scores have other bins or the money another length; [`Error::Undefined`] without customers.
    pub fn summary(&self, scores: &RfmScores, monetary: FixedColumn<'_>) -> Result<Vec<SegmentSummary>> {
        Error::check_length("length of monetary values", scores.rows(), monetary.values().len())?;
        let mut sums = vec![(0_u64, 0_i128); self.rules.len()];
        for (segment, &units) in self.segments(scores)?.into_iter().zip(monetary.values()) {
            if let Some((customers, sum)) = sums.get_mut(usize::from(segment)) {
                // No memory holds enough customers for either to overflow.
                (*customers, *sum) = (customers.saturating_add(1), sum.saturating_add(units.into()));
            }
        }
        let all = u64::try_from(scores.rows()).unwrap_or(u64::MAX);
        let summary = |(rule, (customers, units)): (&SegmentRule, (u64, i128))| {
            Ok(SegmentSummary {
                name: rule.name.clone(),
                customers: Share::of("share of a segment", "there are no customers", customers, all)?,
                monetary: MoneyTally::from_minor_units(monetary.unit(), customers, units)?,
            })
        };
        self.rules.iter().zip(sums).map(summary).collect()
    }

    fn cell_of(&self, score: RfmScore) -> usize {
        let before = |score: u8| usize::from(score.saturating_sub(1));
        let pair = before(score.recency).saturating_mul(self.bins.frequency.into()).saturating_add(before(score.frequency));
        pair.saturating_mul(self.bins.monetary.into()).saturating_add(before(score.monetary))
    }
}

/// The size of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SegmentSummary {
    /// Its name.
    pub name: String,
    /// How many of all customers are in it.
    pub customers: Share,
    /// The money they bring.
    pub monetary: MoneyTally,
}

/// Every score there is, recency slowest and monetary value fastest.
fn all_scores(bins: RfmScore) -> impl Iterator<Item = RfmScore> {
    (1..=bins.recency).flat_map(move |recency| {
        (1..=bins.frequency).flat_map(move |frequency| (1..=bins.monetary).map(move |monetary| RfmScore { recency, frequency, monetary }))
    })
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SchemeState {
    /// Of recency, frequency and monetary value.
    bins: [u8; 3],
    segments: Vec<SegmentRule>,
}

#[cfg(feature = "serde")]
impl TryFrom<SchemeState> for SegmentScheme {
    type Error = Error;

    fn try_from(state: SchemeState) -> Result<Self> {
        Self::new(state.bins, state.segments)
    }
}

#[cfg(feature = "serde")]
impl From<SegmentScheme> for SchemeState {
    fn from(scheme: SegmentScheme) -> Self {
        let RfmScore { recency, frequency, monetary } = scheme.bins;
        Self { bins: [recency, frequency, monetary], segments: scheme.rules }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_holds_every_score_exactly_once() {
        let grid = SegmentScheme::recency_frequency_grid();
        assert_eq!(SegmentScheme::new([5, 5, 5], grid.rules()), Ok(grid.clone()));
        assert_eq!(grid.cells.len(), 125);
        for (position, score) in all_scores(grid.bins()).enumerate() {
            assert_eq!(grid.cell_of(score), position);
        }
    }

    #[test]
    fn a_scheme_with_an_overlap_a_gap_or_a_wrong_range_is_refused() {
        let all = || SegmentRule::new("all", 1..=2, 1..=2, 1..=2);
        assert!(SegmentScheme::new([2, 2, 2], [all()]).is_ok());
        let refused = |rules: Vec<SegmentRule>| SegmentScheme::new([2, 2, 2], rules).unwrap_err().to_string();
        assert_eq!(refused(vec![all(), SegmentRule::new("again", 2..=2, 1..=1, 2..=2)]), "score 212 is given more than once");
        assert_eq!(refused(vec![SegmentRule::new("most", 1..=2, 1..=2, 1..=1)]), "score is \"112\", but must be in one of the segments");
        assert_eq!(refused(Vec::new()), "score is \"111\", but must be in one of the segments");
        let wide = vec![all(), SegmentRule::new("wide", 1..=3, 1..=2, 1..=2)];
        assert_eq!(refused(wide), "segment 1: recency score is 3, but must be within 1 to 2");
        #[expect(clippy::reversed_empty_ranges, reason = "what is to be refused")]
        let empty = vec![SegmentRule::new("empty", 1..=2, 2..=1, 1..=2)];
        assert_eq!(refused(empty), "segment 0: frequency score is 1, but must be at least 2");
        assert!(matches!(SegmentScheme::new([5, 0, 5], []), Err(Error::OutOfBounds { field: "frequency bins", .. })));
        assert!(matches!(SegmentScheme::new([5, 5, 10], []), Err(Error::OutOfBounds { field: "monetary bins", .. })));
        assert!(matches!(SegmentScheme::new([2, 2, 2], vec![all(); 256]), Err(Error::OutOfBounds { field: "segments", .. })));
    }
}
