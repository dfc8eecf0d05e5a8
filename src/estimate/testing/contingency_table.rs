//! Whether many groups differ: tables of counts.

use crate::decimal::{count_to_f64, wide_count_to_f64};
use crate::error::{Error, Result};
use crate::estimate::{Caution, SignificanceTest, TestMethod};
use crate::share::Share;

/// Counts by group (row) and by answer (column), such as the ratings that each branch got.
///
/// ```text
/// expected   E = row total x column total / n
/// chi-square X^2 = sum of (O - E)^2 / E,  (rows - 1) (columns - 1) degrees of freedom
/// ```
///
/// Source: K. Pearson, Philosophical Magazine 50 (1900), 157-175; A. Agresti, "Categorical Data Analysis", 3rd edition (2013), chapter
/// 3.
///
/// ```
/// use customer_metrics::{Confidence, estimate::ContingencyTable};
///
/// // Dissatisfied, neutral and satisfied customers of three branches.
/// let table = ContingencyTable::new([[20, 30, 50], [15, 35, 50], [40, 30, 30]])?;
/// let test = table.test();
/// assert_eq!(format!("{test:.2}"), "chi-square(4) = 20.68, p = 3.66e-4 (Pearson's chi-square test)");
/// assert!(test.is_significant(Confidence::P99));
/// assert_eq!(format!("{:.3}", table.cramers_v()), "0.186");
///
/// // It is the third branch that differs: far more of its customers are dissatisfied.
/// let residuals: Vec<String> = (0..3).filter_map(|row| table.adjusted_residual(row, 0)).map(|r| format!("{r:.1}")).collect();
/// assert_eq!(residuals, ["-1.4", "-2.8", "4.2"]);
/// assert_eq!(test.caution(), None);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "TableState", into = "TableState"))]
pub struct ContingencyTable {
    counts: Vec<Vec<u64>>,
    row_totals: Vec<u64>,
    column_totals: Vec<u64>,
    total: u64,
}

impl ContingencyTable {
    /// The table of these rows.
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two rows or two columns, or for a row or a column that counts nobody: leave it out.
    /// [`Error::Mismatch`] for a row that is longer or shorter than the first; [`Error::Overflow`] beyond 64 bits. Where the error is in
    /// one row, it names it.
    pub fn new<R: AsRef<[u64]>>(rows: impl IntoIterator<Item = R>) -> Result<Self> {
        Self::of(rows.into_iter().map(|row| row.as_ref().to_vec()).collect())
    }

    /// The table of so many groups and two columns: those that count, and those that do not.
    ///
    /// ```
    /// use customer_metrics::{Share, estimate::ContingencyTable};
    ///
    /// let branches = [Share::new(54, 100)?, Share::new(61, 100)?, Share::new(40, 100)?];
    /// let test = ContingencyTable::from_shares(&branches)?.test();
    /// assert_eq!(format!("{test:.2}"), "chi-square(2) = 9.16, p = 0.0103 (Pearson's chi-square test)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two groups, or if none or all count in all of them; [`Error::Overflow`] beyond 64 bits.
    pub fn from_shares(groups: &[Share]) -> Result<Self> {
        Self::of(groups.iter().map(|share| vec![share.part(), share.complement().part()]).collect())
    }

    fn of(counts: Vec<Vec<u64>>) -> Result<Self> {
        let undefined = |because| Error::Undefined { metric: "contingency table", because };
        let columns = counts.first().map_or(0, Vec::len);
        if counts.len() < 2 || columns < 2 {
            return Err(undefined("there are fewer than two rows or two columns"));
        }
        let add = |sum: u64, count: u64| sum.checked_add(count).ok_or_else(|| Error::count_overflow("count"));
        let (mut row_totals, mut column_totals) = (Vec::with_capacity(counts.len()), vec![0_u64; columns]);
        for (position, row) in counts.iter().enumerate() {
            let checked = || {
                if row.len() != columns {
                    return Err(Error::mismatch("number of columns", columns, row.len()));
                }
                let total = row.iter().try_fold(0, |sum, &count| add(sum, count))?;
                if total == 0 {
                    return Err(undefined("a row counts nobody"));
                }
                Ok(total)
            };
            row_totals.push(checked().map_err(|error| error.at_row(position))?);
            for (total, &count) in column_totals.iter_mut().zip(row) {
                *total = add(*total, count).map_err(|error| error.at_row(position))?;
            }
        }
        let total = row_totals.iter().try_fold(0, |sum, &count| add(sum, count))?;
        if column_totals.contains(&0) {
            return Err(undefined("a column counts nobody"));
        }
        Ok(Self { counts, row_totals, column_totals, total })
    }

    /// How many were counted in all.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.total
    }

    /// The rows, a group each, with its counts in the order of the columns.
    #[must_use]
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &[u64]> + ExactSizeIterator {
        self.counts.iter().map(Vec::as_slice)
    }

    /// How many groups there are.
    #[must_use]
    pub fn row_count(&self) -> usize {
        self.row_totals.len()
    }

    /// How many answers there are to choose from.
    #[must_use]
    pub fn column_count(&self) -> usize {
        self.column_totals.len()
    }

    /// The count of a cell, its row and column counted from 0; `None` beyond the table.
    #[must_use]
    pub fn count(&self, row: usize, column: usize) -> Option<u64> {
        self.counts.get(row)?.get(column).copied()
    }

    /// How many would be in the cell if the groups did not differ.
    #[must_use]
    pub fn expected(&self, row: usize, column: usize) -> Option<f64> {
        self.cell(row, column).map(|cell| cell.expected())
    }

    /// How many standard errors the count lies from what is expected: standard normal in large groups that do not differ.
    ///
    /// ```text
    /// (O - E) / sqrt(E (1 - row total / n) (1 - column total / n))
    /// ```
    ///
    /// Beyond 2 or 3 it says which cells make the difference. A table has many cells: see [`adjust_p_values`](crate::estimate::adjust_p_values).
    ///
    /// Source: S. J. Haberman, "The Analysis of Residuals in Cross-Classified Tables", Biometrics 29 (1973), 205-220.
    #[must_use]
    pub fn adjusted_residual(&self, row: usize, column: usize) -> Option<f64> {
        self.cell(row, column).map(|cell| cell.adjusted_residual())
    }

    /// Pearson's chi-square test: of homogeneity of the groups or, which is the same sum, of independence of row and column. There is no
    /// continuity correction, so that for two shares it is the square of the pooled z test.
    ///
    /// The statistic is within 1e-14 relative of the exact value.
    #[must_use]
    pub fn test(&self) -> SignificanceTest {
        SignificanceTest::chi_square(self.chi_square(), self.degrees(), TestMethod::PearsonChiSquare).with_caution(self.caution())
    }

    /// How strongly the answers depend on the group, from 0, not at all, to 1, wholly.
    ///
    /// ```text
    /// V = sqrt(X^2 / (n (min(rows, columns) - 1)))
    /// ```
    ///
    /// Of small samples it is too large: it is not 0 where the groups do not differ. For that reason it has no interval here: one around it
    /// would not hold 0 where there is nothing to be found. Whether there is, says the [test](Self::test); for the difference of two shares
    /// that matter take [`Share::difference`].
    ///
    /// Source: H. Cramér, "Mathematical Methods of Statistics" (1946), chapter 21.
    #[must_use]
    pub fn cramers_v(&self) -> f64 {
        let least = small_to_f64(self.row_count().min(self.column_count())) - 1.0;
        (self.chi_square() / count_to_f64(self.total) / least).sqrt().min(1.0)
    }

    /// That expected counts are too small for the chi-square distribution to hold; `None` if they are not. The test carries it too.
    ///
    /// ```
    /// use customer_metrics::estimate::ContingencyTable;
    ///
    /// let few = ContingencyTable::new([[3, 1], [1, 3]])?;
    /// let caution = few.test().caution().expect("eight answers are few");
    /// assert_eq!(caution.to_string(), "4 of 4 expected counts are below 5, the smallest 2.0");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn caution(&self) -> Option<Caution> {
        Caution::of_table(self.cells().map(|cell| cell.expected()))
    }

    fn chi_square(&self) -> f64 {
        self.cells().map(|cell| cell.chi_square()).sum::<f64>().min(f64::MAX)
    }

    fn degrees(&self) -> f64 {
        (small_to_f64(self.row_count()) - 1.0) * (small_to_f64(self.column_count()) - 1.0)
    }

    fn cell(&self, row: usize, column: usize) -> Option<Cell> {
        let (count, row_total, column_total) =
            (self.count(row, column)?, self.row_totals.get(row).copied()?, self.column_totals.get(column).copied()?);
        Some(Cell { count, row_total, column_total, total: self.total })
    }

    fn cells(&self) -> impl Iterator<Item = Cell> + '_ {
        self.counts.iter().zip(&self.row_totals).flat_map(move |(row, &row_total)| {
            row.iter().zip(&self.column_totals).map(move |(&count, &column_total)| Cell {
                count,
                row_total,
                column_total,
                total: self.total,
            })
        })
    }
}

/// A size in memory, which is far below the largest count.
fn small_to_f64(size: usize) -> f64 {
    count_to_f64(u64::try_from(size).unwrap_or(u64::MAX))
}

struct Cell {
    count: u64,
    row_total: u64,
    column_total: u64,
    total: u64,
}

impl Cell {
    fn expected(&self) -> f64 {
        count_to_f64(self.row_total) / count_to_f64(self.total) * count_to_f64(self.column_total)
    }

    /// `n (O - E)`, from whole numbers, so that it keeps its digits where the two are close.
    fn lead(&self) -> f64 {
        let product = |a: u64, b: u64| u128::from(a).saturating_mul(u128::from(b));
        let (observed, expected) = (product(self.count, self.total), product(self.row_total, self.column_total));
        // One of the two is 0.
        wide_count_to_f64(observed.saturating_sub(expected)) - wide_count_to_f64(expected.saturating_sub(observed))
    }

    fn chi_square(&self) -> f64 {
        let [row, column, total] = [self.row_total, self.column_total, self.total].map(count_to_f64);
        let lead = self.lead();
        lead / row * (lead / column) / total
    }

    fn adjusted_residual(&self) -> f64 {
        let [row, column, total] = [self.row_total, self.column_total, self.total].map(count_to_f64);
        let [others, rest] = [self.row_total, self.column_total].map(|part| count_to_f64(self.total.saturating_sub(part)));
        self.lead() / (row * (others / total)).sqrt() / (column * rest).sqrt()
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct TableState {
    counts: Vec<Vec<u64>>,
}

#[cfg(feature = "serde")]
impl TryFrom<TableState> for ContingencyTable {
    type Error = Error;

    fn try_from(state: TableState) -> Result<Self> {
        Self::of(state.counts)
    }
}

#[cfg(feature = "serde")]
impl From<ContingencyTable> for TableState {
    fn from(table: ContingencyTable) -> Self {
        Self { counts: table.counts }
    }
}
