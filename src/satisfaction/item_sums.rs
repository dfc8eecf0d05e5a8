//! The answers to one item of a service quality survey, added up.

use rust_decimal::Decimal;

use super::{Experience, Scale};
use crate::decimal;
use crate::error::{Bound, Error, Result};

/// With no more respondents than this, no sum of ratings exceeds 64 bits.
pub(super) const MOST_RESPONDENTS: u64 = u64::MAX / 255;

/// The answers to one item: those who rated both sides apart from those who rated one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub(super) struct ItemSums {
    pub(super) pairs: u64,
    pairs_expected: u64,
    pairs_perceived: u64,
    only_expected: u64,
    only_expected_sum: u64,
    only_perceived: u64,
    only_perceived_sum: u64,
}

impl ItemSums {
    pub(super) const LEN: usize = 7;

    pub(super) fn of(experience: Experience) -> Self {
        match (experience.expected.map(u64::from), experience.perceived.map(u64::from)) {
            (Some(expected), Some(perceived)) => Self { pairs: 1, pairs_expected: expected, pairs_perceived: perceived, ..Self::default() },
            (Some(expected), None) => Self { only_expected: 1, only_expected_sum: expected, ..Self::default() },
            (None, Some(perceived)) => Self { only_perceived: 1, only_perceived_sum: perceived, ..Self::default() },
            (None, None) => Self::default(),
        }
    }

    pub(super) fn from_array(sums: [u64; Self::LEN]) -> Self {
        let [pairs, pairs_expected, pairs_perceived, only_expected, only_expected_sum, only_perceived, only_perceived_sum] = sums;
        Self { pairs, pairs_expected, pairs_perceived, only_expected, only_expected_sum, only_perceived, only_perceived_sum }
    }

    pub(super) fn to_array(self) -> [u64; Self::LEN] {
        [
            self.pairs,
            self.pairs_expected,
            self.pairs_perceived,
            self.only_expected,
            self.only_expected_sum,
            self.only_perceived,
            self.only_perceived_sum,
        ]
    }

    /// Nothing overflows while there are no more than [`MOST_RESPONDENTS`].
    pub(super) fn add(&mut self, other: Self) {
        let mut sums = self.to_array();
        for (mine, theirs) in sums.iter_mut().zip(other.to_array()) {
            *mine = mine.saturating_add(theirs);
        }
        *self = Self::from_array(sums);
    }

    /// Refuses sums that so many respondents could not have given on this scale.
    pub(super) fn check(&self, scale: Scale, respondents: u64) -> Result<()> {
        let answered = self.pairs.checked_add(self.only_expected).and_then(|sum| sum.checked_add(self.only_perceived));
        let answered = answered.ok_or_else(|| Error::count_overflow("answers to an item"))?;
        if answered > respondents {
            return Err(Error::out_of_bounds("answers to an item", answered, Bound::AtMost(respondents.into())));
        }
        for (count, sum) in [
            (self.pairs, self.pairs_expected),
            (self.pairs, self.pairs_perceived),
            (self.only_expected, self.only_expected_sum),
            (self.only_perceived, self.only_perceived_sum),
        ] {
            let (least, most) = (count.saturating_mul(scale.low().into()), count.saturating_mul(scale.high().into()));
            if sum < least || sum > most {
                return Err(Error::out_of_bounds("sum of ratings", sum, Bound::Within(least.into(), most.into())));
            }
        }
        Ok(())
    }

    pub(super) fn mean_gap(&self) -> Result<Decimal> {
        let gap = decimal::wide(self.pairs_perceived).saturating_sub(decimal::wide(self.pairs_expected));
        decimal::ratio("SERVQUAL gap", "nobody rated both expectation and perception of an item", gap, decimal::wide(self.pairs))
    }

    pub(super) fn mean_perceived(&self) -> Result<Decimal> {
        let sum = decimal::wide(self.pairs_perceived).saturating_add(decimal::wide(self.only_perceived_sum));
        let count = decimal::wide(self.pairs).saturating_add(decimal::wide(self.only_perceived));
        decimal::ratio("SERVPERF score", "nobody rated the perception of an item", sum, count)
    }

    pub(super) fn mean_expected(&self) -> Result<Decimal> {
        let sum = decimal::wide(self.pairs_expected).saturating_add(decimal::wide(self.only_expected_sum));
        let count = decimal::wide(self.pairs).saturating_add(decimal::wide(self.only_expected));
        decimal::ratio("mean expectation", "nobody rated the expectation of an item", sum, count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_that_no_respondents_could_give_are_refused() {
        let scale = Scale::ONE_TO_SEVEN;
        let fair = ItemSums::from_array([2, 14, 2, 1, 7, 1, 1]);
        assert_eq!(fair.check(scale, 4), Ok(()));
        assert!(matches!(fair.check(scale, 3), Err(Error::OutOfBounds { field: "answers to an item", .. })));
        for (position, wrong) in [(1, 15), (1, 1), (2, 1), (2, 15), (4, 0), (4, 8), (6, 0), (6, 8)] {
            let mut sums = fair.to_array();
            sums[position] = wrong;
            assert!(matches!(ItemSums::from_array(sums).check(scale, 4), Err(Error::OutOfBounds { field: "sum of ratings", .. })));
        }
        assert!(matches!(ItemSums::from_array([u64::MAX; 7]).check(scale, 4), Err(Error::Overflow { .. })));
    }
}
