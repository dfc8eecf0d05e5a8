//! Counting a column of bytes by value, as fast as adding them up.

/// Counts how often each of the values `low`, `low + 1`, … occurs, one count per slot of `counts`, and ignores all others.
///
/// A table of counters is limited by its loads and stores to some 3 bytes a nanosecond. Comparing whole vectors with one value at a time
/// keeps the counters in registers instead; this is written so that the compiler does just that. Too many values at once spill the
/// registers, so wide scales take several passes over a block that stays in the cache, and very wide ones the table after all.
pub(super) fn count_values(column: &[u8], low: u8, counts: &mut [u64]) {
    if counts.len() > WIDEST_BY_COMPARISON {
        count_by_table(column, low, counts);
        return;
    }
    // Passes of about equal width: one over four values and one over three are faster than one over five and one over two.
    let passes = counts.len().div_ceil(VALUES_AT_ONCE).max(1);
    let values_at_once = counts.len().div_ceil(passes).max(1);
    for block in column.chunks(BLOCK) {
        let mut value = low;
        for group in counts.chunks_mut(values_at_once) {
            match group {
                [a, b, c, d, e] => count_in_block::<5, 32>([a, b, c, d, e], block, value),
                [a, b, c, d] => count_in_block::<4, 32>([a, b, c, d], block, value),
                [a, b, c] => count_in_block::<3, 32>([a, b, c], block, value),
                [a, b] => count_in_block::<2, 32>([a, b], block, value),
                [a] => count_in_block::<1, 64>([a], block, value),
                _ => {}
            }
            value = value.saturating_add(u8::try_from(group.len()).unwrap_or(u8::MAX));
        }
    }
}

const VALUES_AT_ONCE: usize = 5;
const WIDEST_BY_COMPARISON: usize = 24;
/// A lane counts in one byte, so it must be emptied after 255 vectors of 32 lanes, the fewest that are used.
const BLOCK: usize = 32 * 255;

fn count_in_block<const K: usize, const LANES: usize>(counts: [&mut u64; K], block: &[u8], low: u8) {
    let values: [u8; K] = core::array::from_fn(|offset| low.wrapping_add(u8::try_from(offset).unwrap_or(0)));
    let (vectors, rest) = block.as_chunks::<LANES>();
    let mut lanes = [[0_u8; LANES]; K];
    for vector in vectors {
        for (lane, value) in lanes.iter_mut().zip(values) {
            for (count, &byte) in lane.iter_mut().zip(vector) {
                *count = count.wrapping_add(u8::from(byte == value));
            }
        }
    }
    for ((count, lane), value) in counts.into_iter().zip(lanes).zip(values) {
        let in_vectors: u64 = lane.iter().map(|&count| u64::from(count)).sum();
        let in_rest: u64 = rest.iter().map(|&byte| u64::from(byte == value)).sum();
        *count = count.saturating_add(in_vectors).saturating_add(in_rest);
    }
}

fn count_by_table(column: &[u8], low: u8, counts: &mut [u64]) {
    let mut tables = [[0_u64; 256]; 4];
    for quad in column.chunks(4) {
        // Four tables, so that equal neighbours do not wait for each other's store.
        for (table, &byte) in tables.iter_mut().zip(quad) {
            if let Some(count) = table.get_mut(usize::from(byte)) {
                *count = count.saturating_add(1);
            }
        }
    }
    for table in tables {
        for (count, &found) in counts.iter_mut().zip(table.iter().skip(usize::from(low))) {
            *count = count.saturating_add(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_counting_one_by_one_at_every_width_and_length() {
        let column: Vec<u8> = (0..3 * BLOCK as u64 + 77).map(|i| (i.wrapping_mul(6_364_136_223_846_793_005) >> 56) as u8).collect();
        for width in (1..=30).chain([255, 256]) {
            for low in [0, 1, 200] {
                for length in [0, 1, 31, 32, 33, BLOCK - 1, BLOCK, BLOCK + 1, column.len()] {
                    let mut counts = vec![0; width];
                    count_values(&column[..length], low, &mut counts);
                    for (offset, &count) in counts.iter().enumerate() {
                        let value = usize::from(low) + offset;
                        let expected = column[..length].iter().filter(|&&byte| usize::from(byte) == value).count();
                        if value < 256 {
                            assert_eq!(count, expected as u64, "value {value}, width {width}, length {length}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_column_of_one_value_fills_every_lane() {
        let mut counts = [0; 5];
        count_values(&vec![3; 10 * BLOCK], 1, &mut counts);
        assert_eq!(counts, [0, 0, 10 * BLOCK as u64, 0, 0]);
    }
}
