//! Pairs of rows in falling order, counted as the rows come.

use crate::decimal::wide;

/// The bits of a digit of a rank.
const BITS: u32 = 6;

/// The counters of a node, one per digit: added to all at once, they take a few vector instructions.
const WIDTH: usize = 1 << BITS;

/// How many pairs of the column stand in falling order, for ranks below `ranks`.
///
/// The ranks so far are counted in a tree: a node for every rank less its last digit, one for every rank less its last two, and so on. Each
/// counter says how many in its node have a lower digit, on the lowest level a lower digit or the same, so that a sum over the levels is the
/// number of rows so far with the same rank or a lower one. The others stand in falling order with the row that comes.
///
/// In n log n, as by the merge sort of W. R. Knight, "A computer method for calculating Kendall's tau with ungrouped data", Journal of the
/// American Statistical Association 61 (1966), 436-439; with a tree in place of it: D. Christensen, "Fast algorithms for the calculation of
/// Kendall's tau", Computational Statistics 20 (2005), 51-62.
pub(super) fn inversions(column: impl IntoIterator<Item = u32>, ranks: usize) -> u64 {
    let mut levels: Vec<Vec<[u32; WIDTH]>> = Vec::new();
    let mut nodes = ranks;
    while nodes > 1 || levels.is_empty() {
        nodes = nodes.div_ceil(WIDTH).max(1);
        levels.push(vec![[0; WIDTH]; nodes]);
    }
    let (mut count, mut seen) = (0_u64, 0_u64);
    for rank in column {
        let (mut at_most, mut rest, mut first_above) = (0_u32, rank, 0);
        for level in &mut levels {
            let digit = rest % (1 << BITS);
            rest >>= BITS;
            if let Some(node) = usize::try_from(rest).ok().and_then(|node| level.get_mut(node)) {
                // Rows have 32 bits, and no counter exceeds them.
                at_most = at_most.wrapping_add(usize::try_from(digit).ok().and_then(|digit| node.get(digit)).copied().unwrap_or(0));
                for (counter, position) in node.iter_mut().zip(0_u32..) {
                    *counter = counter.wrapping_add(u32::from(position >= digit.wrapping_add(first_above)));
                }
            }
            first_above = 1;
        }
        count = count.saturating_add(seen.saturating_sub(at_most.into()));
        seen = seen.saturating_add(1);
    }
    count
}

/// How often each rank came so far: a binary indexed tree, whose node i counts as many ranks up to the i-th as its lowest bit is worth.
///
/// Source: P. M. Fenwick, "A new data structure for cumulative frequency tables", Software: Practice and Experience 24 (1994), 327-336.
pub(super) struct CountsByRank {
    nodes: Vec<u64>,
    all: u64,
}

impl CountsByRank {
    /// None of so many ranks yet.
    pub(super) fn new(ranks: usize) -> Self {
        Self { nodes: vec![0; ranks.saturating_add(1)], all: 0 }
    }

    pub(super) fn add(&mut self, rank: u32, count: u64) {
        let mut node = usize::try_from(rank).unwrap_or(usize::MAX).saturating_add(1);
        while let Some(sum) = self.nodes.get_mut(node) {
            *sum = sum.saturating_add(count);
            node = node.saturating_add(node & node.wrapping_neg());
        }
        self.all = self.all.saturating_add(count);
    }

    /// How many lower ranks came less how many higher ones.
    pub(super) fn lead(&self, rank: u32) -> i128 {
        let rank = usize::try_from(rank).unwrap_or(usize::MAX);
        let higher = self.all.saturating_sub(self.first(rank.saturating_add(1)));
        wide(self.first(rank)).saturating_sub(wide(higher))
    }

    /// How many of so many lowest ranks came.
    fn first(&self, ranks: usize) -> u64 {
        let (mut node, mut sum) = (ranks, 0_u64);
        while node > 0 {
            sum = sum.saturating_add(self.nodes.get(node).copied().unwrap_or(0));
            node &= node.wrapping_sub(1);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leads_agree_with_looking_at_every_rank() {
        for ranks in [1, 2, 3, 64, 100] {
            let (mut counts, mut came) = (CountsByRank::new(ranks), Vec::new());
            for step in 0..300_u32 {
                let rank = step * step % u32::try_from(ranks).unwrap();
                let expected =
                    came.iter().map(|&(other, count): &(u32, i128)| count * (i128::from(other < rank) - i128::from(other > rank))).sum();
                assert_eq!(counts.lead(rank), expected);
                counts.add(rank, u64::from(step % 3));
                came.push((rank, i128::from(step % 3)));
            }
        }
    }

    #[test]
    fn agrees_with_looking_at_every_pair() {
        let mut state = 7_u32;
        for length in (0..70).chain([1000]) {
            for ranks in [1, 2, 10, 64, 65, 4_096, 4_097, 300_000] {
                let column: Vec<u32> = (0..length)
                    .map(|_| {
                        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        (state >> 8) % ranks
                    })
                    .collect();
                let expected: usize =
                    (0..column.len()).map(|row| column[..row].iter().filter(|&&before| before > column[row]).count()).sum();
                assert_eq!(inversions(column, ranks as usize), expected as u64);
            }
        }
    }
}
