//! A time and an ending in 64 bits, and the sorting of long columns of them.

use super::Ending;

/// A time that is not negative, as bits that sort as times do, and below them the ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TimeKey(u64);

impl TimeKey {
    /// A time that is not negative has no sign bit, so that there is room for the ending.
    pub(super) fn new(time: f64, ending: Ending) -> Self {
        // Adding 0 makes 0 of -0.
        Self(((time + 0.0).to_bits() << 1) | u64::from(ending == Ending::Left))
    }

    pub(super) fn time(self) -> f64 {
        f64::from_bits(self.0 >> 1)
    }

    /// 1 for who left, 0 for who was censored.
    pub(super) fn left(self) -> u64 {
        self.0 & 1
    }

    pub(super) fn same_time(self, other: Self) -> bool {
        self.0 >> 1 == other.0 >> 1
    }
}

/// Below this a column fits into the cache, and the sort of the library is as fast as any.
const WORTH_SPREADING: usize = 16_384;
/// So many that each gets what fits into the first cache, and few enough that the processor finds their ends.
const MOST_BUCKETS: u32 = 2_048;

/// Sorts by key; items with equal keys come in no particular order.
///
/// One pass spreads a long column over buckets of equal width in time, in order; each is then sorted within the cache. Where all times fall
/// into few buckets, it is the sort of the library and one pass more.
pub(super) fn sort_by_key<T: Copy>(items: Vec<T>, key: impl Fn(&T) -> TimeKey) -> Vec<T> {
    let mut items = items;
    if items.len() < WORTH_SPREADING {
        items.sort_unstable_by_key(key);
        return items;
    }
    let (low, high) = items.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), item| {
        let time = key(item).time();
        (low.min(time), high.max(time))
    });
    let scale = f64::from(MOST_BUCKETS - 1) / (high - low);
    if !scale.is_finite() {
        items.sort_unstable_by_key(key);
        return items;
    }
    let bucket = |item: &T| rounded((key(item).time() - low) * scale);
    let mut ends = vec![0_usize; usize::try_from(MOST_BUCKETS).unwrap_or(0)];
    for item in &items {
        if let Some(count) = ends.get_mut(bucket(item)) {
            *count = count.wrapping_add(1);
        }
    }
    let mut start = 0_usize;
    for end in &mut ends {
        let next = start.wrapping_add(*end);
        *end = start;
        start = next;
    }
    let mut sorted = items.clone();
    for item in &items {
        if let Some(end) = ends.get_mut(bucket(item)) {
            if let Some(place) = sorted.get_mut(*end) {
                *place = *item;
            }
            *end = end.wrapping_add(1);
        }
    }
    let mut rest = sorted.as_mut_slice();
    let mut taken = 0_usize;
    for end in ends {
        let (bucket, later) = rest.split_at_mut(end.saturating_sub(taken).min(rest.len()));
        bucket.sort_unstable_by_key(&key);
        (rest, taken) = (later, end);
    }
    sorted
}

/// The nearest whole number, of one from 0 to 2^32.
fn rounded(value: f64) -> usize {
    /// 2^52: from here on doubles are whole, and their last bits are the number.
    const WHOLE: f64 = 4_503_599_627_370_496.0;
    let bits = (value + WHOLE).to_bits() ^ WHOLE.to_bits();
    usize::try_from(bits).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_library_at_every_kind_of_time() {
        let numbers: Vec<u64> =
            std::iter::successors(Some(7_u64), |x| Some(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1))).take(40_000).collect();
        let unit = |x: u64| f64::from((x >> 32) as u32) / 4_294_967_296.0;
        let shapes: [fn(f64) -> f64; 7] = [
            |u| u * 72.0,
            |u| (u * 72.0).floor(),
            |_| 3.5,
            |u| 1e15 * u.powi(40),
            |u| 1.0 / (u + 1e-9),
            |u| u * 1e-300,
            |u| {
                if u < 0.5 { 0.0 } else { 1e15 }
            },
        ];
        for (index, shape) in shapes.into_iter().enumerate() {
            for length in [0, 1, 2, WORTH_SPREADING - 1, WORTH_SPREADING, 40_000] {
                let keys: Vec<TimeKey> =
                    numbers.iter().take(length).map(|&x| TimeKey::new(shape(unit(x)), Ending::left_if(x >> 3 & 1 == 1))).collect();
                let mut expected = keys.clone();
                expected.sort_unstable();
                assert_eq!(sort_by_key(keys.clone(), |&key| key), expected, "{index} {length}");
                let pairs: Vec<(TimeKey, u64)> = keys.iter().map(|&key| (key, key.0 ^ 7)).collect();
                assert!(sort_by_key(pairs, |pair| pair.0).iter().zip(expected).all(|(pair, key)| *pair == (key, key.0 ^ 7)));
            }
        }
    }

    #[test]
    fn a_time_comes_back_and_minus_0_is_0() {
        for time in [0.0, f64::MIN_POSITIVE, 1.0, 1e15] {
            let key = TimeKey::new(time, Ending::Left);
            assert_eq!((key.time().to_bits(), key.left()), (time.to_bits(), 1));
        }
        assert_eq!(TimeKey::new(-0.0, Ending::Censored), TimeKey::new(0.0, Ending::Censored));
        assert!(TimeKey::new(1.0, Ending::Left) < TimeKey::new(1.5, Ending::Censored));
        assert!(TimeKey::new(1.0, Ending::Left).same_time(TimeKey::new(1.0, Ending::Censored)));
    }
}
