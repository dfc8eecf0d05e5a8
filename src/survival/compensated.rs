//! Sums and products that are rounded once, however many terms they have.
//!
//! A curve of ten million customers is a product of millions of factors. With the rounding of each step the last digits would be lost; here
//! what each step rounds off is computed and kept aside, so that the result is the double nearest to the true value, or its neighbour. The
//! steps do not wait for what is kept aside, and so are hardly slower.

/// A sum whose rounding errors are added up beside it.
///
/// Source: T. Ogita, S. M. Rump and S. Oishi, "Accurate sum and dot product", SIAM Journal on Scientific Computing 26 (2005), 1955-1988.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sum {
    rounded: f64,
    rest: f64,
}

impl Sum {
    pub(super) const ZERO: Self = Self { rounded: 0.0, rest: 0.0 };

    pub(super) fn value(self) -> f64 {
        self.rounded + self.rest
    }

    pub(super) fn plus(self, term: f64) -> Self {
        let rounded = self.rounded + term;
        let of_term = rounded - self.rounded;
        let rest = (self.rounded - (rounded - of_term)) + (term - of_term);
        Self { rounded, rest: self.rest + rest }
    }
}

/// A product of positive fractions whose relative rounding errors are added up beside it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Product {
    rounded: f64,
    relative_rest: f64,
}

impl Product {
    pub(super) const ONE: Self = Self { rounded: 1.0, relative_rest: 0.0 };

    pub(super) fn value(self) -> f64 {
        self.rounded + self.rounded * self.relative_rest
    }

    /// Times a fraction that need not be a double.
    pub(super) fn times(self, numerator: f64, denominator: f64) -> Self {
        let quotient = numerator / denominator;
        let rounded = self.rounded * quotient;
        if rounded <= 0.0 {
            return Self { rounded: 0.0, relative_rest: 0.0 };
        }
        let back = quotient * denominator;
        let of_quotient = ((numerator - back) - product_rest(quotient, denominator, back)) / numerator;
        let of_product = product_rest(self.rounded, quotient, rounded) / rounded;
        Self { rounded, relative_rest: self.relative_rest + (of_quotient + of_product) }
    }
}

/// What the rounded product of two numbers is short of the true one: exact where nothing underflows.
///
/// Source: T. J. Dekker, "A floating-point technique for extending the available precision", Numerische Mathematik 18 (1971), 224-242.
fn product_rest(a: f64, b: f64, product: f64) -> f64 {
    let ([a_high, a_low], [b_high, b_low]) = (halves(a), halves(b));
    ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
}

/// Two numbers of 26 bits whose sum it is.
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
        let mut product = Product::ONE;
        let n = 1_000_000_u32;
        for left in (1..n).rev() {
            product = product.times(f64::from(left), f64::from(left + 1));
            assert_eq!(product.value().to_bits(), (f64::from(left) / f64::from(n)).to_bits(), "{left}");
        }
        assert_eq!(product.times(0.0, 7.0).times(1.0, 2.0).value().to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn a_million_terms_add_up_to_the_nearest_double() {
        let sum = (0..1_000_000).fold(Sum::ZERO, |sum, _| sum.plus(0.1));
        // A million times the double nearest to 0.1, which is 0.1000000000000000055511151231257827.
        assert_eq!(sum.value().to_bits(), 100_000.000_000_000_005_551_f64.to_bits());
    }

    #[test]
    fn a_product_that_underflows_is_0_and_no_nan() {
        let product = (0..400).fold(Product::ONE, |product, _| product.times(1.0, 1e3));
        assert_eq!(product.value().to_bits(), 0.0_f64.to_bits());
    }
}
