//! What the same respondents answered to several items: sums over every two of them, from which means and their covariances are read off.

use super::squares::squares_between;
use crate::decimal::count_to_f64;
use crate::error::{Bound, Error, Result};
use crate::wide::{SignedSum, Wide};

/// With no more respondents than this, no sum of products exceeds 64 bits.
pub(super) const MOST_RESPONDENTS: u64 = 1 << 40;

/// Over the respondents who answered both of two items: how many they are, the sum of their answers to the first and to the second, and the
/// sum of the products of the two.
type PairSums = [u64; 4];

/// The answers of one aspect to all items, each counted from the lowest that there is.
///
/// A respondent's answer to an item is the pair of 1 and its value, or of two zeros if it is missing. The sums are those of the products of
/// every two such pairs: they say who answered what together with what, and that is all that the variance of a mean of means asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ItemProducts {
    items: usize,
    /// Of every item with itself and each later one.
    pairs: Vec<PairSums>,
}

/// The sums of one item: how many answered it, the sum of their answers and that of the squares.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ItemSums {
    pub(super) answers: u64,
    pub(super) sum: u64,
    squares: u64,
}

impl ItemProducts {
    pub(super) fn empty(items: usize) -> Self {
        Self { items, pairs: vec![[0; 4]; pairs_of(items)] }
    }

    pub(super) fn from_pairs(items: usize, pairs: Vec<PairSums>) -> Result<Self> {
        if pairs.len() == pairs_of(items) {
            Ok(Self { items, pairs })
        } else {
            Err(Error::mismatch("number of pairs of items", pairs_of(items), pairs.len()))
        }
    }

    pub(super) fn pairs(&self) -> &[PairSums] {
        &self.pairs
    }

    /// Adds one respondent; nothing overflows while there are no more than [`MOST_RESPONDENTS`].
    pub(super) fn add_respondent(&mut self, answers: &[Option<u16>]) {
        // Narrow factors, which the compiler multiplies several at once.
        let answers: Vec<[u32; 2]> = answers.iter().map(|answer| answer.map_or([0, 0], |value| [1, value.into()])).collect();
        let mut rest = self.pairs.as_mut_slice();
        for (item, &[answered, value]) in answers.iter().enumerate() {
            let later = answers.get(item..).unwrap_or_default();
            let Some((row, after)) = core::mem::take(&mut rest).split_at_mut_checked(later.len()) else { break };
            rest = after;
            if answered > 0 {
                for (sums, &[other_answered, other]) in row.iter_mut().zip(later) {
                    let more = [other_answered, value.wrapping_mul(other_answered), other, value.wrapping_mul(other)];
                    for (sum, more) in sums.iter_mut().zip(more) {
                        *sum = sum.wrapping_add(more.into());
                    }
                }
            }
        }
    }

    /// Adds what others answered; nothing overflows while there are no more than [`MOST_RESPONDENTS`].
    pub(super) fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.pairs.as_flattened_mut().iter_mut().zip(other.pairs.as_flattened()) {
            *mine = mine.wrapping_add(*theirs);
        }
    }

    /// Every item with itself and each later one, in the order of the sums.
    fn positions(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let items = self.items;
        (0..items).flat_map(move |first| (first..items).map(move |second| (first, second)))
    }

    /// The sums of each item, in order.
    pub(super) fn items(&self) -> Vec<ItemSums> {
        let own = self.positions().zip(&self.pairs).filter(|((first, second), _)| first == second);
        own.map(|(_, &[answers, sum, _, squares])| ItemSums { answers, sum, squares }).collect()
    }

    /// The covariance of the means of every two items, each over its own answers, to the first order. Every item must have an answer.
    ///
    /// ```text
    /// sum over those who answered both of (x - mean x) (y - mean y) / (answers to x  answers to y)
    /// ```
    pub(super) fn covariances_of_means(&self) -> impl Iterator<Item = ((usize, usize), f64)> + '_ {
        let items = self.items();
        self.positions().zip(&self.pairs).map(move |((first, second), pair)| {
            let of_item = |item: usize| items.get(item).copied().unwrap_or_default();
            let (first_sums, second_sums) = (of_item(first), of_item(second));
            let answers = count_to_f64(first_sums.answers) * count_to_f64(second_sums.answers);
            ((first, second), scaled_covariance(pair, first_sums, second_sums) / answers / answers)
        })
    }

    /// Refuses sums that so many respondents could not have given with answers from 0 to `most`.
    pub(super) fn check(&self, most: u64, respondents: u64) -> Result<()> {
        let items = self.items();
        for item in &items {
            item.check(most, respondents)?;
        }
        let of_item = |item: usize| items.get(item).copied().unwrap_or_default();
        for ((first, second), pair) in self.positions().zip(&self.pairs) {
            if first == second {
                let &[_, sum, again, _] = pair;
                within("sum of ratings", again, [sum, sum])?;
            } else {
                check_pair(pair, of_item(first), of_item(second), most, respondents)?;
            }
        }
        Ok(())
    }
}

fn pairs_of(items: usize) -> usize {
    items.saturating_mul(items.saturating_add(1)) / 2
}

impl ItemSums {
    fn check(&self, most: u64, respondents: u64) -> Result<()> {
        let Self { answers, sum, squares } = *self;
        within("answers to an item", answers, [0, respondents])?;
        within("sum of ratings", sum, [0, answers.saturating_mul(most)])?;
        let [least, greatest] = squares_between(answers, sum, most);
        // A square is odd where its root is.
        let possible = (least..=greatest).contains(&squares.into()) && (sum ^ squares) & 1 == 0;
        if possible { Ok(()) } else { Err(impossible("sum of squared ratings", squares)) }
    }

    /// The sum over those who did not answer the other item as well, within what they can have given.
    fn check_part(&self, both: u64, sum: u64, most: u64) -> Result<()> {
        let (highest, others) = (both.saturating_mul(most), self.answers.saturating_sub(both).saturating_mul(most));
        within("sum of ratings", sum, [self.sum.saturating_sub(others), highest.min(self.sum)])
    }
}

/// The sums over those who answered two different items.
fn check_pair(pair: &PairSums, first: ItemSums, second: ItemSums, most: u64, respondents: u64) -> Result<()> {
    let &[both, first_sum, second_sum, products] = pair;
    // No more than 2^41.
    let at_least = first.answers.saturating_add(second.answers).saturating_sub(respondents);
    within("answers to two items", both, [at_least, first.answers.min(second.answers)])?;
    first.check_part(both, first_sum, most)?;
    second.check_part(both, second_sum, most)?;
    // (most - x) (most - y) is not negative, nor is x (most - y).
    let both_highest = both.saturating_mul(most).saturating_mul(most);
    let lowest = first_sum.saturating_add(second_sum).saturating_mul(most).saturating_sub(both_highest);
    within("sum of products", products, [lowest, first_sum.min(second_sum).saturating_mul(most)])?;
    // By Cauchy and Schwarz, of the values and of their deviations; the latter, of up to 300 bits, are compared as quotients.
    let squares = Wide::product(first.squares.into(), second.squares.into());
    let [own, other] = [first, second].map(|item| scaled_covariance(&[item.answers, item.sum, item.sum, item.squares], item, item));
    let bound = own.max(0.0).sqrt() * other.max(0.0).sqrt() * (1.0 + 1e-12);
    if Wide::product(products.into(), products.into()) > squares || scaled_covariance(pair, first, second).abs() > bound {
        return Err(impossible("sum of products", products));
    }
    Ok(())
}

/// The sum over those who answered both of the products of deviations, times the answers to either: rounded once.
fn scaled_covariance(pair: &PairSums, first: ItemSums, second: ItemSums) -> f64 {
    let &[both, first_sum, second_sum, products] = pair;
    let wide = i128::from;
    let negative = |value: u64| i128::from(value).saturating_neg();
    let sum = SignedSum::default()
        .plus(wide(products), wide(first.answers), second.answers)
        .and_then(|sum| sum.plus(negative(first_sum), wide(second.sum), first.answers))
        .and_then(|sum| sum.plus(negative(second_sum), wide(first.sum), second.answers))
        .and_then(|sum| sum.plus(wide(first.sum), wide(second.sum), both));
    // Four products of 192 bits always fit.
    sum.map_or(0.0, SignedSum::to_f64)
}

pub(super) fn within(field: &'static str, value: u64, [least, most]: [u64; 2]) -> Result<()> {
    if (least..=most).contains(&value) { Ok(()) } else { Err(Error::out_of_bounds(field, value, Bound::Within(least.into(), most.into()))) }
}

fn impossible(field: &'static str, value: u64) -> Error {
    Error::Unknown { field, value: value.to_string(), expected: "one that ratings of these sums have" }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two items rated 0 to 4 by five respondents, the last of whom left the second out.
    fn two_items() -> ItemProducts {
        let mut products = ItemProducts::empty(2);
        for (first, second) in [(3, Some(4)), (0, Some(1)), (4, Some(4)), (2, Some(1)), (1, None)] {
            products.add_respondent(&[Some(first), second]);
        }
        products
    }

    #[test]
    fn sums_are_those_of_the_respondents() {
        let products = two_items();
        assert_eq!(products.pairs(), [[5, 10, 10, 30], [4, 9, 10, 30], [4, 10, 10, 34]]);
        // By hand: deviations of 1, -2, 2, 0 and -1 from 2, of 3/2, -3/2, 3/2 and -3/2 from 5/2.
        let expected = [10.0 / 25.0, 7.5 / 20.0, 9.0 / 16.0];
        for ((_, covariance), expected) in products.covariances_of_means().zip(expected) {
            assert!((covariance - expected).abs() < 1e-15, "{covariance} {expected}");
        }
        assert_eq!(products.check(4, 5), Ok(()));
    }

    #[test]
    fn sums_that_no_respondents_could_give_are_refused() {
        let fair = two_items();
        assert!(fair.check(4, 4).is_err() && fair.check(3, 5).is_err());
        for (pair, sum, value) in [
            // Answers, sums and squares of an item.
            (0, 0, 6),
            (0, 0, 2),
            (0, 1, 9),
            (0, 3, 29),
            (0, 3, 18),
            (0, 3, 42),
            (2, 0, 3),
            (2, 3, 35),
            // Answers of two items: of four and five of five, at least four and at most four.
            (1, 0, 3),
            (1, 0, 5),
            // What four of five can have given of 10, and all four of theirs.
            (1, 1, 5),
            (1, 1, 11),
            (1, 2, 9),
            (1, 2, 11),
            // Products: at least 4 x 19 - 64, at most 4 x 9, and less where deviations cannot be so large.
            (1, 3, 11),
            (1, 3, 37),
            (1, 3, 33),
            (1, 3, 13),
        ] {
            let mut pairs = fair.pairs().to_vec();
            pairs[pair][sum] = value;
            let wrong = ItemProducts::from_pairs(2, pairs).unwrap();
            assert!(wrong.check(4, 5).is_err(), "{pair} {sum} {value}");
        }
        assert!(matches!(ItemProducts::from_pairs(3, fair.pairs().to_vec()), Err(Error::Mismatch { .. })));
    }
}
