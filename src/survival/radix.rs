//! Sorting a long column by 64-bit keys in time proportional to its length.

const DIGIT_BITS: u32 = 8;
const DIGITS: usize = 8;
const VALUES: usize = 1 << DIGIT_BITS;
/// Below this the library's sort is as fast and needs no second column.
const WORTH_COUNTING: usize = 4_096;

/// `items` in order of their keys; items with equal keys come in no particular order.
///
/// Radix sort from the last digit to the first: one pass over the keys counts every digit, then one pass a digit moves the items. A digit
/// that all keys share, as the leading ones of times mostly are, costs nothing.
pub(super) fn sort_by_key<T: Copy>(mut items: Vec<T>, key: impl Fn(&T) -> u64) -> Vec<T> {
    if items.len() < WORTH_COUNTING {
        items.sort_unstable_by_key(key);
        return items;
    }
    let mut counts = [[0_usize; VALUES]; DIGITS];
    for item in &items {
        let bytes = key(item).to_le_bytes();
        for (count, byte) in counts.iter_mut().zip(bytes) {
            if let Some(slot) = count.get_mut(usize::from(byte)) {
                *slot = slot.wrapping_add(1);
            }
        }
    }
    let mut sorted = items.clone();
    let mut shift = 0;
    for mut count in counts {
        if !count.contains(&items.len()) {
            let mut start = 0_usize;
            for slot in &mut count {
                let next = start.wrapping_add(*slot);
                *slot = start;
                start = next;
            }
            for item in &items {
                let [digit, ..] = (key(item) >> shift).to_le_bytes();
                if let Some(slot) = count.get_mut(usize::from(digit)) {
                    if let Some(place) = sorted.get_mut(*slot) {
                        *place = *item;
                    }
                    *slot = slot.wrapping_add(1);
                }
            }
            core::mem::swap(&mut items, &mut sorted);
        }
        shift = DIGIT_BITS.saturating_add(shift);
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_library_at_every_kind_of_key() {
        let numbers: Vec<u64> =
            std::iter::successors(Some(7_u64), |x| Some(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1))).take(9_000).collect();
        for length in [0, 1, 2, WORTH_COUNTING - 1, WORTH_COUNTING, 9_000] {
            for (shift, mask) in [(0, u64::MAX), (32, 0xff), (8, 0xff_ff00), (0, 0), (1, 1 << 62)] {
                let keys: Vec<u64> = numbers.iter().take(length).map(|x| (x >> shift) & mask).collect();
                let mut expected = keys.clone();
                expected.sort_unstable();
                assert_eq!(sort_by_key(keys.clone(), |&key| key), expected);
                let pairs: Vec<(u64, u32)> = keys.iter().map(|&key| (key, (key % 97) as u32)).collect();
                assert!(sort_by_key(pairs, |pair| pair.0).iter().zip(expected).all(|(pair, key)| *pair == (key, (key % 97) as u32)));
            }
        }
    }
}
