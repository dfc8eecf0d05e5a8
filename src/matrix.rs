//! Small symmetric matrices, such as the covariances of some fifty groups or parameters: decomposed, solved and inverted.

#![allow(dead_code, unused_imports, reason = "the rooms above take them into use one by one")]

/// Below this part of its diagonal a pivot is nothing but rounding: the row is a combination of those before it.
const LEAST_PIVOT: f64 = 1e-12;

/// The lower triangle of a symmetric matrix, row by row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SymmetricMatrix {
    rows: Vec<Vec<f64>>,
}

impl SymmetricMatrix {
    /// The matrix whose element in a row and a column, the column not beyond the row, is `element(row, column)`.
    pub(crate) fn from_fn(size: usize, mut element: impl FnMut(usize, usize) -> f64) -> Self {
        Self { rows: (0..size).map(|row| (0..=row).map(|column| element(row, column)).collect()).collect() }
    }

    /// How many rows it has.
    pub(crate) fn size(&self) -> usize {
        self.rows.len()
    }

    /// The element of a row and a column; `None` beyond the size.
    pub(crate) fn get(&self, row: usize, column: usize) -> Option<f64> {
        self.rows.get(row.max(column))?.get(row.min(column)).copied()
    }

    /// The elements on the diagonal.
    pub(crate) fn diagonal(&self) -> impl Iterator<Item = f64> + '_ {
        self.rows.iter().filter_map(|row| row.last().copied())
    }

    /// `v' A v`.
    pub(crate) fn quadratic_form(&self, vector: &[f64]) -> f64 {
        let row_sum = |(row, &own): (&Vec<f64>, &f64)| {
            let before: f64 = row.iter().zip(vector).map(|(element, other)| element * other).sum();
            // Every element but the one on the diagonal stands for two.
            let diagonal = row.last().copied().unwrap_or(0.0) * own;
            own * (2.0 * before - diagonal)
        };
        self.rows.iter().zip(vector).map(row_sum).sum()
    }

    /// Its Cholesky decomposition; `None` if an element is infinite or NaN, or the matrix has a negative direction.
    pub(crate) fn cholesky(&self) -> Option<Cholesky> {
        let mut lower: Vec<Vec<f64>> = Vec::with_capacity(self.size());
        for row in &self.rows {
            let mut factors: Vec<f64> = Vec::with_capacity(row.len());
            for (element, above) in row.iter().zip(&lower) {
                let pivot = above.last().copied().unwrap_or(0.0);
                let rest = element - dot(above, &factors);
                factors.push(if pivot > 0.0 { rest / pivot } else { 0.0 });
            }
            let diagonal = row.last().copied()?;
            let rest = diagonal - dot(&factors, &factors);
            if !rest.is_finite() || diagonal < 0.0 || rest < -diagonal * LEAST_PIVOT.sqrt() {
                return None;
            }
            factors.push(if rest > diagonal * LEAST_PIVOT { rest.sqrt() } else { 0.0 });
            lower.push(factors);
        }
        Some(Cholesky { lower })
    }
}

/// `A = L L'` with a lower triangle `L`, of a matrix without negative directions.
///
/// A row that depends on those before it, such as the last group of a covariance whose rows sum to 0, is dropped: its pivot is 0, and what
/// is solved is the system without it, with a 0 in its place. For a right side that the matrix can reach, that is a solution, and its
/// quadratic form is that of any generalised inverse.
#[derive(Debug, Clone)]
pub(crate) struct Cholesky {
    lower: Vec<Vec<f64>>,
}

impl Cholesky {
    /// How many rows do not depend on those before them: the degrees of freedom of a quadratic form.
    pub(crate) fn rank(&self) -> usize {
        self.pivots().filter(|&pivot| pivot > 0.0).count()
    }

    /// Whether no row was dropped.
    pub(crate) fn is_regular(&self) -> bool {
        self.pivots().all(|pivot| pivot > 0.0)
    }

    /// The logarithm of the determinant; `None` if it is 0.
    pub(crate) fn ln_determinant(&self) -> Option<f64> {
        self.is_regular().then(|| 2.0 * self.pivots().map(f64::ln).sum::<f64>())
    }

    /// `x` with `A x = b`.
    pub(crate) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let mut rest = self.forward(right);
        let mut solution = Vec::with_capacity(rest.len());
        for row in self.lower.iter().rev() {
            let (Some(own), Some(&pivot)) = (rest.pop(), row.last()) else { break };
            let value = if pivot > 0.0 { own / pivot } else { 0.0 };
            for (earlier, factor) in rest.iter_mut().zip(row) {
                *earlier -= value * factor;
            }
            solution.push(value);
        }
        solution.reverse();
        solution
    }

    /// `b' x` with `A x = b`, never negative: a chi-square statistic with [`rank`](Self::rank) degrees of freedom if `A` is the covariance
    /// of `b`.
    pub(crate) fn inverse_quadratic_form(&self, vector: &[f64]) -> f64 {
        self.forward(vector).iter().map(|value| value * value).sum()
    }

    /// The inverse of `A`, with 0 in the rows and columns that were dropped.
    pub(crate) fn inverse(&self) -> SymmetricMatrix {
        let size = self.lower.len();
        let unit = |own: usize| (0..size).map(|at| if at == own { 1.0 } else { 0.0 }).collect::<Vec<_>>();
        let is_kept: Vec<bool> = self.pivots().map(|pivot| pivot > 0.0).collect();
        let columns = (0..size).map(|own| {
            let mut column = if is_kept.get(own) == Some(&true) { self.solve(&unit(own)) } else { vec![0.0; size] };
            column.truncate(own.saturating_add(1));
            column
        });
        SymmetricMatrix { rows: columns.collect() }
    }

    /// `y` with `L y = b`.
    fn forward(&self, right: &[f64]) -> Vec<f64> {
        let mut solved: Vec<f64> = Vec::with_capacity(self.lower.len());
        for (row, value) in self.lower.iter().zip(right) {
            let pivot = row.last().copied().unwrap_or(0.0);
            let rest = value - dot(row, &solved);
            solved.push(if pivot > 0.0 { rest / pivot } else { 0.0 });
        }
        solved
    }

    fn pivots(&self) -> impl Iterator<Item = f64> + '_ {
        self.lower.iter().map(|row| row.last().copied().unwrap_or(0.0))
    }
}

/// The sum of products, as far as the shorter goes.
fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(rows: &[&[f64]]) -> SymmetricMatrix {
        SymmetricMatrix::from_fn(rows.len(), |row, column| rows[row][column])
    }

    fn times(matrix: &SymmetricMatrix, vector: &[f64]) -> Vec<f64> {
        (0..matrix.size()).map(|row| vector.iter().enumerate().map(|(column, v)| matrix.get(row, column).unwrap() * v).sum()).collect()
    }

    #[test]
    fn a_hand_worked_matrix_is_solved_and_inverted() {
        // L = [2; 6 1; -8 5 3], the determinant 36.
        let matrix = of(&[&[4.0], &[12.0, 37.0], &[-16.0, -43.0, 98.0]]);
        let cholesky = matrix.cholesky().unwrap();
        assert_eq!(cholesky.lower, [vec![2.0], vec![6.0, 1.0], vec![-8.0, 5.0, 3.0]]);
        assert_eq!((cholesky.rank(), cholesky.is_regular()), (3, true));
        assert!((cholesky.ln_determinant().unwrap() - 36.0_f64.ln()).abs() < 1e-15);
        assert_eq!(cholesky.solve(&[0.0, 6.0, 39.0]), [1.0, 1.0, 1.0]);
        let inverse = cholesky.inverse();
        for (row, expected) in [[1777.0, -488.0, 76.0], [-488.0, 136.0, -20.0], [76.0, -20.0, 4.0]].iter().enumerate() {
            for (column, expected) in expected.iter().enumerate() {
                assert!((inverse.get(row, column).unwrap() * 36.0 - expected).abs() < 1e-9, "{inverse:?}");
            }
        }
        assert!((matrix.quadratic_form(&[1.0, 2.0, -1.0]) - (4.0 + 148.0 + 98.0 + 2.0 * (24.0 + 16.0 + 86.0))).abs() < 1e-12);
    }

    #[test]
    fn a_covariance_whose_rows_sum_to_0_loses_one_group() {
        // Multinomial: n (diag(p) - p p') with n = 10 and p = 1/2, 3/10, 1/5.
        let matrix = of(&[&[2.5], &[-1.5, 2.1], &[-1.0, -0.6, 1.6]]);
        let cholesky = matrix.cholesky().unwrap();
        assert_eq!((cholesky.rank(), cholesky.is_regular(), cholesky.ln_determinant()), (2, false, None));
        // The statistic is Pearson's: the sum of (observed - expected)^2 / expected.
        let off = [2.0, -1.5, -0.5];
        let pearson = 4.0 / 5.0 + 2.25 / 3.0 + 0.25 / 2.0;
        assert!((cholesky.inverse_quadratic_form(&off) - pearson).abs() < 1e-14);
        let back = times(&matrix, &cholesky.solve(&off));
        assert!(back.iter().zip(off).all(|(got, expected)| (got - expected).abs() < 1e-14), "{back:?}");
        // Whichever group comes last.
        let turned = SymmetricMatrix::from_fn(3, |row, column| matrix.get(2 - row, 2 - column).unwrap());
        assert!((turned.cholesky().unwrap().inverse_quadratic_form(&[-0.5, -1.5, 2.0]) - pearson).abs() < 1e-14);
        assert!((cholesky.inverse().quadratic_form(&off) - pearson).abs() < 1e-14);
    }

    #[test]
    fn groups_that_do_not_vary_are_dropped_anywhere() {
        let matrix = of(&[&[0.0], &[0.0, 2.0], &[0.0, 0.0, 0.0], &[0.0, 1.0, 0.0, 3.0]]);
        let cholesky = matrix.cholesky().unwrap();
        assert_eq!(cholesky.rank(), 2);
        assert!((cholesky.inverse_quadratic_form(&[0.0, 1.0, 0.0, 1.0]) - 3.0 / 5.0).abs() < 1e-15);
    }

    #[test]
    fn what_is_no_covariance_is_refused() {
        assert!(of(&[&[1.0], &[2.0, 1.0]]).cholesky().is_none());
        assert!(of(&[&[-1.0]]).cholesky().is_none());
        assert!(of(&[&[f64::NAN]]).cholesky().is_none());
        assert!(of(&[&[1.0], &[f64::INFINITY, 1.0]]).cholesky().is_none());
        assert_eq!(of(&[]).cholesky().unwrap().rank(), 0);
    }

    proptest! {
        #[test]
        fn a_product_of_triangles_is_taken_apart_again(
            size in 1..20_usize, numbers in prop::collection::vec(-1.0..1.0_f64, 210), right in prop::collection::vec(-9.0..9.0_f64, 20),
        ) {
            let factor = |row: usize, column: usize| if row == column { 1.0 + numbers[row].abs() } else { numbers[row * (row + 1) / 2 + column] / 4.0 };
            let matrix = SymmetricMatrix::from_fn(size, |row, column| (0..=column).map(|k| factor(row, k) * factor(column, k)).sum());
            let cholesky = matrix.cholesky().unwrap();
            prop_assert!(cholesky.is_regular());
            for (row, factors) in cholesky.lower.iter().enumerate() {
                for (column, got) in factors.iter().enumerate() {
                    prop_assert!((got - factor(row, column)).abs() < 1e-11);
                }
            }
            let right = &right[..size];
            let solution = cholesky.solve(right);
            let residual = times(&matrix, &solution).iter().zip(right).map(|(got, expected)| (got - expected).abs()).fold(0.0, f64::max);
            prop_assert!(residual < 1e-10 * (1.0 + solution.iter().map(|x| x.abs()).sum::<f64>()));
            let form = cholesky.inverse_quadratic_form(right);
            prop_assert!((form - dot(right, &solution)).abs() <= 1e-10 * form);
            prop_assert!((cholesky.inverse().quadratic_form(right) - form).abs() <= 1e-9 * form);
            prop_assert!((matrix.quadratic_form(&solution) - form).abs() <= 1e-9 * form);
        }
    }
}
