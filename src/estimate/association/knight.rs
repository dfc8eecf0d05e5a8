//! Pairs of rows in the opposite order, counted while sorting.

/// Runs of this length are sorted by insertion.
const RUN: usize = 16;

/// How many pairs of the column stand in falling order; the column is sorted.
///
/// A merge sort: where a value of the right half goes before the rest of the left, it was out of order with all of them. Source: W. R.
/// Knight, "A computer method for calculating Kendall's tau with ungrouped data", Journal of the American Statistical Association 61
/// (1966), 436-439.
pub(super) fn inversions(column: &mut [u32]) -> u64 {
    let mut count = column.chunks_mut(RUN).map(sort_by_insertion).fold(0_u64, u64::saturating_add);
    let mut merged = vec![0_u32; column.len()];
    let mut width = RUN;
    while width < column.len() {
        let step = width.saturating_mul(2);
        for (pair, target) in column.chunks(step).zip(merged.chunks_mut(step)) {
            let (left, right) = pair.split_at(width.min(pair.len()));
            count = count.saturating_add(merge(left, right, target));
        }
        column.copy_from_slice(&merged);
        width = step;
    }
    count
}

fn merge(mut left: &[u32], mut right: &[u32], target: &mut [u32]) -> u64 {
    let mut count = 0_u64;
    for slot in target {
        match (left.split_first(), right.split_first()) {
            (Some((&a, rest)), Some((&b, _))) if a <= b => (*slot, left) = (a, rest),
            (_, Some((&b, rest))) => {
                count = count.saturating_add(u64::try_from(left.len()).unwrap_or(u64::MAX));
                (*slot, right) = (b, rest);
            }
            (Some((&a, rest)), None) => (*slot, left) = (a, rest),
            (None, None) => {}
        }
    }
    count
}

fn sort_by_insertion(run: &mut [u32]) -> u64 {
    let mut count = 0_u64;
    for end in 1..run.len() {
        let Some((&mut last, sorted)) = run.get_mut(..=end).and_then(|run| run.split_last_mut()) else { continue };
        let place = sorted.partition_point(|&value| value <= last);
        count = count.saturating_add(u64::try_from(end.saturating_sub(place)).unwrap_or(u64::MAX));
        if let Some(moved) = run.get_mut(place..=end) {
            moved.rotate_right(1);
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_looking_at_every_pair() {
        let mut state = 7_u32;
        for length in (0..70).chain([1000]) {
            for values in [2, 10, 1_000_000] {
                let column: Vec<u32> = (0..length)
                    .map(|_| {
                        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        (state >> 8) % values
                    })
                    .collect();
                let expected: usize =
                    (0..column.len()).map(|row| column[..row].iter().filter(|&&before| before > column[row]).count()).sum();
                let mut sorted = column.clone();
                assert_eq!(inversions(&mut sorted), expected as u64);
                assert!(sorted.is_sorted());
            }
        }
    }
}
