//! The chi-square distribution: gamma with half the degrees of freedom as its shape, at half the point.

use super::gamma_tail::{gamma_upper_tail, ln_gamma_upper_tail};

/// The probability that a chi-square variable with so many degrees of freedom, more than 0, lies above `x`.
pub(crate) fn chi_square_upper_tail(x: f64, degrees: f64) -> f64 {
    gamma_upper_tail(degrees / 2.0, x / 2.0)
}

/// Its logarithm, far below the smallest double.
pub(crate) fn ln_chi_square_upper_tail(x: f64, degrees: f64) -> f64 {
    ln_gamma_upper_tail(degrees / 2.0, x / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::accuracy::relative_error;

    /// Mpmath 1.4.1 at 36 digits.
    #[test]
    fn tails_are_those_of_the_tables() {
        for (x, degrees, expected) in [
            (3.841_458_820_694_124, 1.0, 0.050_000_000_000_000_058_397),
            (5.99, 2.0, 0.050_036_627_086_586_287_849),
            (40.0, 5.0, 1.493_367_900_050_395_183_9e-7),
            (10.0, 10.0, 0.440_493_285_065_212_411_44),
        ] {
            assert!(relative_error(chi_square_upper_tail(x, degrees), expected) <= 1e-15, "{x} {degrees}");
            assert!((ln_chi_square_upper_tail(x, degrees) - expected.ln()).abs() <= 2e-15 * expected.ln().abs());
        }
    }

    #[test]
    fn a_statistic_far_beyond_the_smallest_double_has_its_logarithm() {
        // With two degrees the tail is exp(-x / 2).
        for x in [2352.87, 1e6, 1e150, 1e300] {
            assert!(chi_square_upper_tail(x, 2.0) <= 0.0);
            assert!(relative_error(-ln_chi_square_upper_tail(x, 2.0), x / 2.0) <= 1e-15);
        }
    }
}
