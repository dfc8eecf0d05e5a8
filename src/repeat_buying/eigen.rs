//! Small symmetric matrices by their eigenvalues.

/// Rows of a square matrix.
pub(super) type Matrix<const N: usize> = [[f64; N]; N];

pub(super) fn dot<const N: usize>(left: &[f64; N], right: &[f64; N]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

pub(super) fn times<const N: usize>(matrix: &Matrix<N>, vector: &[f64; N]) -> [f64; N] {
    matrix.map(|row| dot(&row, vector))
}

/// The eigenvalues of a symmetric matrix, each with its eigenvector of length 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Eigen<const N: usize> {
    pub(super) values: [f64; N],
    pub(super) vectors: Matrix<N>,
}

impl<const N: usize> Eigen<N> {
    /// By Jacobi's rotations, until what is off the diagonal is 0 to the last digits. The upper triangle is read.
    ///
    /// Source: G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th ed. (2013), section 8.5.
    pub(super) fn of(matrix: &Matrix<N>) -> Self {
        let mut diagonalised = Square(*matrix);
        let mut vectors = Square(core::array::from_fn(|row| core::array::from_fn(|column| if row == column { 1.0 } else { 0.0 })));
        // Convergence is quadratic: six sweeps do for four rows.
        for _ in 0..30 {
            let mut rotated = false;
            for (p, q) in (0..N).flat_map(|q| (0..q).map(move |p| (p, q))) {
                let (off, low, high) = (diagonalised.at(p, q), diagonalised.at(p, p), diagonalised.at(q, q));
                if off.abs() <= 1e-17 * (low.abs() * high.abs()).sqrt() || off.abs() < f64::MIN_POSITIVE {
                    continue;
                }
                rotated = true;
                let tau = (high - low) / (2.0 * off);
                let tangent = if tau >= 0.0 { 1.0 / (tau + tau.hypot(1.0)) } else { 1.0 / (tau - tau.hypot(1.0)) };
                let cosine = 1.0 / tangent.hypot(1.0);
                let rotation = (cosine, tangent * cosine);
                diagonalised.rotate_columns(p, q, rotation);
                diagonalised.rotate_rows(p, q, rotation);
                vectors.rotate_rows(p, q, rotation);
            }
            if !rotated {
                break;
            }
        }
        Self { values: core::array::from_fn(|row| diagonalised.at(row, row)), vectors: vectors.0 }
    }

    /// The least eigenvalue.
    pub(super) fn least(&self) -> f64 {
        self.values.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// A vector in the coordinates of the eigenvectors.
    pub(super) fn components(&self, vector: &[f64; N]) -> [f64; N] {
        times(&self.vectors, vector)
    }

    /// The vector with these coordinates.
    pub(super) fn combined(&self, components: &[f64; N]) -> [f64; N] {
        let mut sum = [0.0; N];
        for (component, vector) in components.iter().zip(&self.vectors) {
            for (entry, along) in sum.iter_mut().zip(vector) {
                *entry += component * along;
            }
        }
        sum
    }

    /// The inverse, if all eigenvalues are above 0.
    pub(super) fn inverse(&self) -> Option<Matrix<N>> {
        (self.least() > 0.0).then(|| {
            core::array::from_fn(|row| {
                let mut coordinates = [0.0; N];
                for (entry, (vector, value)) in coordinates.iter_mut().zip(self.vectors.iter().zip(&self.values)) {
                    *entry = vector.get(row).copied().unwrap_or(0.0) / value;
                }
                self.combined(&coordinates)
            })
        })
    }
}

struct Square<const N: usize>(Matrix<N>);

impl<const N: usize> Square<N> {
    fn at(&self, row: usize, column: usize) -> f64 {
        self.0.get(row).and_then(|row| row.get(column)).copied().unwrap_or(0.0)
    }

    fn set(&mut self, row: usize, column: usize, value: f64) {
        if let Some(entry) = self.0.get_mut(row).and_then(|row| row.get_mut(column)) {
            *entry = value;
        }
    }

    fn rotate_rows(&mut self, p: usize, q: usize, (cosine, sine): (f64, f64)) {
        for column in 0..N {
            let (upper, lower) = (self.at(p, column), self.at(q, column));
            self.set(p, column, cosine * upper - sine * lower);
            self.set(q, column, sine * upper + cosine * lower);
        }
    }

    fn rotate_columns(&mut self, p: usize, q: usize, (cosine, sine): (f64, f64)) {
        for row in 0..N {
            let (left, right) = (self.at(row, p), self.at(row, q));
            self.set(row, p, cosine * left - sine * right);
            self.set(row, q, sine * left + cosine * right);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MATRIX: Matrix<4> = [[4.0, 1.0, -2.0, 0.5], [1.0, 3.0, 0.25, -1.0], [-2.0, 0.25, 6.0, 1.5], [0.5, -1.0, 1.5, 1e-3]];

    #[test]
    fn eigenvectors_are_what_the_matrix_only_stretches() {
        let eigen = Eigen::of(&MATRIX);
        for (value, vector) in eigen.values.iter().zip(&eigen.vectors) {
            let image = times(&MATRIX, vector);
            assert!(image.iter().zip(vector).all(|(image, entry)| (image - value * entry).abs() < 1e-14), "{value}: {vector:?}");
            assert!((dot(vector, vector) - 1.0).abs() < 1e-14);
        }
        assert!(eigen.inverse().is_none(), "{:?}", eigen.values);
    }

    #[test]
    fn the_inverse_undoes_the_matrix() {
        let mut matrix = MATRIX;
        matrix[3][3] = 9.0;
        let inverse = Eigen::of(&matrix).inverse().unwrap();
        for row in 0..4 {
            let unit: [f64; 4] = std::array::from_fn(|column| if row == column { 1.0 } else { 0.0 });
            let back = times(&inverse, &times(&matrix, &unit));
            assert!(back.iter().zip(unit).all(|(got, expected)| (got - expected).abs() < 1e-14), "{back:?}");
        }
        assert!(Eigen::of(&[[0.0; 3]; 3]).inverse().is_none());
    }
}
