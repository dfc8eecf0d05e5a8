//! Two ordered categories crossed, and the correlations that are read off their counts.

use super::kendall::Cell;
use super::{KendallCorrelation, PearsonCorrelation, SpearmanCorrelation};
use crate::decimal::wide;
use crate::error::{Bound, Error, Result};
use crate::wide::{SignedSum, Wide};

/// More categories than this on one side are no longer categories.
const MOST_CATEGORIES: usize = 65_536;

/// How often each category of one measure occurs together with each of another, both in ascending order: a contingency table.
///
/// A million customers who gave two ratings are 25 counts. The correlations read off them are those of the customers, and the sums that
/// they are made of are exact.
///
/// ```
/// use customer_metrics::Confidence;
/// use customer_metrics::estimate::OrderedTable;
///
/// // Satisfaction low, middle, high, down; left, stayed, across.
/// let table = OrderedTable::from_counts(2, &[30, 70, 25, 115, 20, 240])?;
/// assert_eq!(format!("{:.2}", table.kendall()?.estimate(Confidence::P95)?), "0.23 (0.17 to 0.28, 95% Fieller-Hartley-Pearson, n = 500)");
/// assert_eq!(format!("{:.2}", table.pearson()?.estimate(Confidence::P95)?), "0.24 (0.16 to 0.32, 95% Fisher z, n = 500)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "OrderedTableState", into = "OrderedTableState")
)]
pub struct OrderedTable {
    columns: usize,
    counts: Vec<u64>,
    n: u64,
}

impl OrderedTable {
    /// A table of so many columns, row by row, both from the lowest category to the highest.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] without columns or rows, or with more than 65,536 of either; [`Error::Mismatch`] if the last row is not
    /// full; [`Error::Overflow`] if all counts together exceed 64 bits.
    pub fn from_counts(columns: usize, counts: &[u64]) -> Result<Self> {
        let rows = counts.len().checked_div(columns).unwrap_or(0);
        for (field, number) in [("columns", columns), ("rows", rows)] {
            if !(1..=MOST_CATEGORIES).contains(&number) {
                return Err(Error::out_of_bounds(field, number, Bound::Within(1_usize.into(), MOST_CATEGORIES.into())));
            }
        }
        if rows.checked_mul(columns) != Some(counts.len()) {
            return Err(Error::mismatch("number of counts", rows.saturating_mul(columns), counts.len()));
        }
        let n = counts.iter().try_fold(0_u64, |sum, &count| sum.checked_add(count)).ok_or_else(|| Error::count_overflow("counts"))?;
        Ok(Self { columns, counts: counts.to_vec(), n })
    }

    /// A table whose counts are known to be whole rows that come to `n`.
    pub(crate) fn of(columns: usize, counts: Vec<u64>, n: u64) -> Self {
        debug_assert!(columns > 0 && counts.len().is_multiple_of(columns), "{columns} columns of {} counts", counts.len());
        Self { columns, counts, n }
    }

    /// How many there are in all.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The rows, from the lowest category to the highest; each has its counts in the order of the columns.
    #[must_use]
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &[u64]> + ExactSizeIterator {
        self.counts.chunks_exact(self.columns)
    }

    /// How many categories the first measure has.
    #[must_use]
    pub fn row_count(&self) -> usize {
        self.rows().len()
    }

    /// How many categories the second measure has.
    #[must_use]
    pub fn column_count(&self) -> usize {
        self.columns
    }

    /// How many there are in each row.
    #[must_use]
    pub fn row_totals(&self) -> Vec<u64> {
        // No sum of counts exceeds that of all.
        self.rows().map(|row| row.iter().fold(0_u64, |sum, count| sum.saturating_add(*count))).collect()
    }

    /// How many there are in each column.
    #[must_use]
    pub fn column_totals(&self) -> Vec<u64> {
        let mut totals = vec![0_u64; self.columns];
        for row in self.rows() {
            for (total, count) in totals.iter_mut().zip(row) {
                *total = total.saturating_add(*count);
            }
        }
        totals
    }

    /// The table with rows and columns exchanged.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let columns = self.row_count();
        let counts = (0..self.columns).flat_map(|column| self.rows().filter_map(move |row| row.get(column).copied())).collect();
        Self { columns, counts, n: self.n }
    }

    /// Pearson's correlation with the categories numbered 1, 2, 3 …: it takes them to be equally far apart. For two rows and two columns
    /// it is the phi coefficient.
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two, or if all are in one row or in one column.
    pub fn pearson(&self) -> Result<PearsonCorrelation> {
        let metric = "Pearson correlation";
        if self.n < 2 {
            return Err(Error::Undefined { metric, because: "there are fewer than two pairs" });
        }
        let squared_deviations = |totals: &[u64]| {
            let (sum, squares) = (0_u128..).zip(totals).fold((0_u128, 0_u128), |(sum, squares), (score, &count)| {
                // Scores have 16 bits.
                let term = score.saturating_mul(count.into());
                (sum.saturating_add(term), squares.saturating_add(score.saturating_mul(term)))
            });
            (sum, Wide::product(self.n.into(), squares).minus(Wide::product(sum, sum)))
        };
        let (row_sum, row_squares) = squared_deviations(&self.row_totals());
        let (column_sum, column_squares) = squared_deviations(&self.column_totals());
        let products = (0_u128..).zip(self.rows()).fold(0_u128, |sum, (row_score, row)| {
            let of_row = (0_u128..).zip(row).fold(0_u128, |sum, (score, &count)| sum.saturating_add(score.saturating_mul(count.into())));
            sum.saturating_add(row_score.saturating_mul(of_row))
        });
        let products = Wide::product(self.n.into(), products).minus(Wide::product(row_sum, column_sum));
        PearsonCorrelation::from_sums(metric, products, [row_squares, column_squares], self.n)
    }

    /// Spearman's rank correlation.
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two, or if all are in one row or in one column.
    pub fn spearman(&self) -> Result<SpearmanCorrelation> {
        let (rows, columns) = (self.row_totals(), self.column_totals());
        let (row_leads, column_leads) = (leads(&rows, self.n), leads(&columns, self.n));
        let mut products = SignedSum::default();
        for (row, &row_lead) in self.rows().zip(&row_leads) {
            for (&count, &column_lead) in row.iter().zip(&column_leads) {
                products = products.plus(row_lead, column_lead, count).ok_or_else(|| Error::count_overflow("counts"))?;
            }
        }
        SpearmanCorrelation::from_sums(products, [&rows, &columns], self.n)
    }

    /// Kendall's tau-b, with the [asymptotic](super::KendallMethod::Asymptotic) error that a table gives.
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two, or if all are in one row or in one column.
    pub fn kendall(&self) -> Result<KendallCorrelation> {
        let (rows, columns) = (self.row_totals(), self.column_totals());
        let agreement = self.agreement();
        let total = |pick: fn(&Agreement) -> u64| {
            // Each pair is counted from both of its ends: no more than n^2 in all.
            let terms = agreement.iter().zip(&self.counts).map(|(cell, &count)| u128::from(pick(cell)).saturating_mul(count.into()));
            terms.fold(0_u128, u128::saturating_add) / 2
        };
        let counted = [total(|cell| cell.with), total(|cell| cell.against)];
        let correlation = KendallCorrelation::from_pairs(counted, [&rows, &columns], self.n)?;
        let ties = rows.iter().flat_map(|&row| columns.iter().map(move |&column| [row, column]));
        let cells = ties.zip(agreement.iter().zip(&self.counts)).map(|(ties, (cell, &count))| Cell { ties, count, lead: cell.lead() });
        Ok(correlation.with_asymptotic_error([&rows, &columns], cells))
    }

    /// Of each cell, how many customers are in the same order to it on both sides, and how many in opposite order.
    fn agreement(&self) -> Vec<Agreement> {
        let one_way = |rows: &mut dyn Iterator<Item = &[u64]>| {
            // Of the rows so far, how many are in a column or one before it.
            let mut up_to = vec![0_u64; self.columns];
            let mut cells = Vec::with_capacity(self.counts.len());
            for row in rows {
                let all = up_to.last().copied().unwrap_or(0);
                for column in 0..self.columns {
                    let before = column.checked_sub(1).and_then(|before| up_to.get(before)).copied().unwrap_or(0);
                    let after = all.saturating_sub(up_to.get(column).copied().unwrap_or(0));
                    cells.push((before, after));
                }
                let mut sum = 0_u64;
                for (slot, count) in up_to.iter_mut().zip(row) {
                    sum = sum.saturating_add(*count);
                    *slot = slot.saturating_add(sum);
                }
            }
            cells
        };
        let from_above = one_way(&mut self.rows());
        let mut from_below = one_way(&mut self.rows().rev());
        // From below, the rows come in reverse, and those after in the order of the columns agree.
        let mut below = Vec::with_capacity(from_below.len());
        for row in from_below.chunks_exact_mut(self.columns).rev() {
            below.extend_from_slice(row);
        }
        from_above
            .into_iter()
            .zip(below)
            .map(|((above_before, above_after), (below_before, below_after))| Agreement {
                with: above_before.saturating_add(below_after),
                against: above_after.saturating_add(below_before),
            })
            .collect()
    }
}

/// How many customers agree in order with those of a cell, and how many do not.
#[derive(Debug, Clone, Copy)]
struct Agreement {
    with: u64,
    against: u64,
}

impl Agreement {
    fn lead(self) -> i128 {
        wide(self.with).saturating_sub(wide(self.against))
    }
}

/// Of each tie, from the lowest: how many are below it less how many are above, which is twice its mean rank less n + 1.
pub(super) fn leads(ties: &[u64], n: u64) -> Vec<i128> {
    let mut below = 0_u64;
    ties.iter()
        .map(|&tied| {
            let above = n.saturating_sub(below).saturating_sub(tied);
            let lead = wide(below).saturating_sub(wide(above));
            below = below.saturating_add(tied);
            lead
        })
        .collect()
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct OrderedTableState {
    columns: usize,
    counts: Vec<u64>,
}

#[cfg(feature = "serde")]
impl TryFrom<OrderedTableState> for OrderedTable {
    type Error = Error;

    fn try_from(state: OrderedTableState) -> Result<Self> {
        Self::from_counts(state.columns, &state.counts)
    }
}

#[cfg(feature = "serde")]
impl From<OrderedTable> for OrderedTableState {
    fn from(table: OrderedTable) -> Self {
        Self { columns: table.columns, counts: table.counts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_that_are_no_table_are_refused() {
        assert!(matches!(OrderedTable::from_counts(0, &[1, 2]), Err(Error::OutOfBounds { field: "columns", .. })));
        assert!(matches!(OrderedTable::from_counts(3, &[1, 2]), Err(Error::OutOfBounds { field: "rows", .. })));
        assert!(matches!(OrderedTable::from_counts(2, &[1, 2, 3]), Err(Error::Mismatch { .. })));
        assert!(matches!(OrderedTable::from_counts(2, &[u64::MAX, 1]), Err(Error::Overflow { .. })));
    }

    #[test]
    fn a_table_as_full_as_can_be_has_correlations() {
        let half = u64::MAX / 2;
        let agreeing = OrderedTable::from_counts(2, &[half, 0, 0, half]).unwrap();
        let opposed = OrderedTable::from_counts(2, &[0, half, half, 0]).unwrap();
        for (table, expected) in [(agreeing, 1.0), (opposed, -1.0)] {
            let got =
                [table.pearson().unwrap().coefficient(), table.spearman().unwrap().coefficient(), table.kendall().unwrap().coefficient()];
            assert!(got.iter().all(|&r| (r - expected).abs() < 1e-15), "{got:?}");
        }
        let skewed = OrderedTable::from_counts(2, &[u64::MAX - 2, 1, 0, 1]).unwrap();
        let r = skewed.pearson().unwrap().coefficient();
        assert!((r - 0.5_f64.sqrt()).abs() < 1e-15, "{r}");
        assert!((skewed.kendall().unwrap().coefficient() - r).abs() < 1e-15);
        assert!((skewed.spearman().unwrap().coefficient() - r).abs() < 1e-15);
    }

    #[test]
    fn all_in_one_row_or_column_is_undefined_by_name() {
        let row = OrderedTable::from_counts(2, &[3, 4, 0, 0]).unwrap();
        for table in [&row, &row.transposed()] {
            assert!(matches!(table.pearson(), Err(Error::Undefined { metric: "Pearson correlation", .. })));
            assert!(matches!(table.spearman(), Err(Error::Undefined { metric: "Spearman correlation", .. })));
            assert!(matches!(table.kendall(), Err(Error::Undefined { metric: "Kendall correlation", .. })));
        }
    }
}
