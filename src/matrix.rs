//! Small symmetric matrices, such as the covariances of some fifty groups: decomposed, for the statistics of tests.

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
/// is inverted is the matrix without it. For a vector that the matrix can reach, the quadratic form is that of any generalised inverse.
#[derive(Debug, Clone)]
pub(crate) struct Cholesky {
    lower: Vec<Vec<f64>>,
}

impl Cholesky {
    /// How many rows do not depend on those before them: the degrees of freedom of a quadratic form.
    pub(crate) fn rank(&self) -> usize {
        self.pivots().filter(|&pivot| pivot > 0.0).count()
    }

    /// `b' x` with `A x = b`, never negative: a chi-square statistic with [`rank`](Self::rank) degrees of freedom if `A` is the covariance
    /// of `b`.
    pub(crate) fn inverse_quadratic_form(&self, vector: &[f64]) -> f64 {
        self.forward(vector).iter().map(|value| value * value).sum()
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

    #[test]
    fn a_hand_worked_matrix_is_decomposed() {
        // L = [2; 6 1; -8 5 3], the determinant 36.
        let matrix = of(&[&[4.0], &[12.0, 37.0], &[-16.0, -43.0, 98.0]]);
        let cholesky = matrix.cholesky().unwrap();
        assert_eq!(cholesky.lower, [vec![2.0], vec![6.0, 1.0], vec![-8.0, 5.0, 3.0]]);
        assert_eq!(cholesky.rank(), 3);
        // The inverse is that of 1777, -488, 76; 136, -20; 4 over 36.
        for (vector, expected) in [
            ([1.0, 0.0, 0.0], 1777.0),
            ([0.0, 1.0, 0.0], 136.0),
            ([0.0, 0.0, 1.0], 4.0),
            ([1.0, 1.0, 0.0], 1777.0 + 136.0 - 2.0 * 488.0),
            ([1.0, -1.0, 2.0], 1777.0 + 136.0 + 16.0 + 2.0 * (488.0 + 2.0 * 76.0 + 2.0 * 20.0)),
        ] {
            assert!((cholesky.inverse_quadratic_form(&vector) * 36.0 - expected).abs() < 1e-9, "{vector:?}");
        }
        assert!((matrix.quadratic_form(&[1.0, 2.0, -1.0]) - (4.0 + 148.0 + 98.0 + 2.0 * (24.0 + 16.0 + 86.0))).abs() < 1e-12);
    }

    #[test]
    fn a_covariance_whose_rows_sum_to_0_loses_one_group() {
        // Multinomial: n (diag(p) - p p') with n = 10 and p = 1/2, 3/10, 1/5.
        let matrix = of(&[&[2.5], &[-1.5, 2.1], &[-1.0, -0.6, 1.6]]);
        let cholesky = matrix.cholesky().unwrap();
        assert_eq!(cholesky.rank(), 2);
        // The statistic is Pearson's: the sum of (observed - expected)^2 / expected.
        let off = [2.0, -1.5, -0.5];
        let pearson = 4.0 / 5.0 + 2.25 / 3.0 + 0.25 / 2.0;
        assert!((cholesky.inverse_quadratic_form(&off) - pearson).abs() < 1e-14);
        // Whichever group comes last.
        let turned = of(&[&[1.6], &[-0.6, 2.1], &[-1.0, -1.5, 2.5]]);
        assert!((turned.cholesky().unwrap().inverse_quadratic_form(&[-0.5, -1.5, 2.0]) - pearson).abs() < 1e-14);
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
            size in 1..20_usize, numbers in prop::collection::vec(-1.0..1.0_f64, 210), vector in prop::collection::vec(-9.0..9.0_f64, 20),
        ) {
            let factor = |row: usize, column: usize| if row == column { 1.0 + numbers[row].abs() } else { numbers[row * (row + 1) / 2 + column] / 4.0 };
            let matrix = SymmetricMatrix::from_fn(size, |row, column| (0..=column).map(|k| factor(row, k) * factor(column, k)).sum());
            let cholesky = matrix.cholesky().unwrap();
            prop_assert_eq!(cholesky.rank(), size);
            for (row, factors) in cholesky.lower.iter().enumerate() {
                for (column, got) in factors.iter().enumerate() {
                    prop_assert!((got - factor(row, column)).abs() < 1e-11);
                }
            }
            let vector = &vector[..size];
            // Of what the matrix makes of a vector, the form of the inverse is that of the matrix of the vector.
            let element = |row: usize, column: usize| (0..=row.min(column)).map(|k| factor(row, k) * factor(column, k)).sum::<f64>();
            let image: Vec<f64> = (0..size).map(|row| (0..size).map(|column| element(row, column) * vector[column]).sum()).collect();
            let (form, expected) = (matrix.quadratic_form(vector), dot(&image, vector));
            prop_assert!((form - expected).abs() <= 1e-10 * expected.max(1.0));
            prop_assert!((cholesky.inverse_quadratic_form(&image) - expected).abs() <= 1e-9 * expected.max(1.0));
        }
    }
}
