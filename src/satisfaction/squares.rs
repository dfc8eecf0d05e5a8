//! Which squares whole numbers of a given sum can have.

/// The least and the greatest sum of squares of so many whole numbers from 0 to `most` that have this sum: as equal and as unequal as can be.
pub(super) fn squares_between(count: u64, sum: u64, most: u64) -> [u128; 2] {
    let divided = |by: u64| (u128::from(sum.checked_div(by).unwrap_or(0)), u128::from(sum.checked_rem(by).unwrap_or(0)));
    let square = |value: u128| value.saturating_mul(value);
    let (each, with_one_more) = divided(count);
    let others = u128::from(count).saturating_sub(with_one_more);
    let least = others.saturating_mul(square(each)).saturating_add(with_one_more.saturating_mul(square(each.saturating_add(1))));
    let (greatest, rest) = divided(most);
    [least, greatest.saturating_mul(square(most.into())).saturating_add(square(rest))]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Up to five numbers from 0 to 4, each case in all its orders.
    #[test]
    fn squares_lie_between_those_of_equal_and_of_unequal_numbers() {
        let mut found: BTreeMap<(u64, u64), Vec<u128>> = BTreeMap::new();
        for count in 0..=5_u32 {
            for case in 0..5_u64.pow(count) {
                let numbers = (0..count).map(|digit| case / 5_u64.pow(digit) % 5);
                let squares = numbers.clone().map(|number| u128::from(number * number)).sum();
                found.entry((count.into(), numbers.sum())).or_default().push(squares);
            }
        }
        assert_eq!(found.len(), 66);
        for ((count, sum), squares) in found {
            let [least, most] = squares_between(count, sum, 4);
            assert_eq!((Some(&least), Some(&most)), (squares.iter().min(), squares.iter().max()), "{count} {sum}");
        }
        assert_eq!(squares_between(7, 0, 0), [0, 0]);
        assert_eq!(squares_between(u64::MAX, u64::MAX, 1), [u64::MAX.into(), u64::MAX.into()]);
    }
}
