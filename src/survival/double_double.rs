//! Sums and products that are rounded once, however many terms they have.

/// An unevaluated sum of two doubles: some 31 digits.
///
/// A curve of ten million customers is a product of millions of factors. With 16 digits at each step the last ones are lost; with 31 the
/// result is the double nearest to the true value, or its neighbour.
///
/// Algorithms: T. J. Dekker, "A floating-point technique for extending the available precision", Numerische Mathematik 18 (1971), 224-242.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct DoubleDouble {
    high: f64,
    low: f64,
}

impl DoubleDouble {
    pub(super) const ZERO: Self = Self { high: 0.0, low: 0.0 };
    pub(super) const ONE: Self = Self { high: 1.0, low: 0.0 };

    /// The double nearest to it.
    pub(super) fn value(self) -> f64 {
        self.high
    }

    pub(super) fn plus(self, term: f64) -> Self {
        let sum = self.high + term;
        let of_term = sum - self.high;
        let rest = (self.high - (sum - of_term)) + (term - of_term);
        Self::normalised(sum, rest + self.low)
    }

    /// Times a fraction, which is not rounded in between.
    pub(super) fn times(self, numerator: f64, denominator: f64) -> Self {
        let product = self.high * numerator;
        let rest = product_rest(self.high, numerator, product);
        let multiplied = Self::normalised(product, self.low * numerator + rest);
        let quotient = multiplied.high / denominator;
        let back = quotient * denominator;
        let remainder = (multiplied.high - back) - product_rest(quotient, denominator, back) + multiplied.low;
        Self::normalised(quotient, remainder / denominator)
    }

    fn normalised(high: f64, low: f64) -> Self {
        let sum = high + low;
        Self { high: sum, low: low - (sum - high) }
    }
}

/// What the rounded product of two numbers is short of the true one: exact where nothing underflows.
fn product_rest(a: f64, b: f64, product: f64) -> f64 {
    let ([a_high, a_low], [b_high, b_low]) = (halves(a), halves(b));
    ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
}

/// Two numbers of 26 digits whose sum it is.
fn halves(a: f64) -> [f64; 2] {
    /// 2^27 + 1.
    const SPLITTER: f64 = 134_217_729.0;
    let scaled = SPLITTER * a;
    let high = scaled - (scaled - a);
    [high, a - high]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_factors_telescope_to_the_nearest_double() {
        let mut product = DoubleDouble::ONE;
        let n = 1_000_000_u32;
        for left in (1..n).rev() {
            product = product.times(f64::from(left), f64::from(left + 1));
            assert_eq!(product.value().to_bits(), (f64::from(left) / f64::from(n)).to_bits(), "{left}");
        }
    }

    #[test]
    fn a_million_terms_add_up_to_the_nearest_double() {
        let mut sum = DoubleDouble::ZERO;
        for _ in 0..1_000_000 {
            sum = sum.plus(0.1);
        }
        // A million times the double nearest to 0.1, which is 0.1000000000000000055511151231257827.
        assert_eq!(sum.value().to_bits(), 100_000.000_000_000_005_551_f64.to_bits());
    }
}
