//! The generalised exponential integral, scaled.

/// No fraction takes more steps.
const MOST_STEPS: u32 = 2_000;

/// From here on the continued fraction takes a few dozen steps, and rounds little.
const FRACTION_FROM: f64 = 2.0;

/// `e^z E_nu(z)`, the integral of `e^(-z t) (1 + t)^-nu` over `t` from 0 to infinity, for `z` above 0 and `nu` above 1.
///
/// ```text
/// e^z E_nu(z) = 1/(z+ nu/(1+ 1/(z+ (nu+1)/(1+ 2/(z+ ...
/// ```
///
/// Within 2e-14 relative. Source: NIST Digital Library of Mathematical Functions, 8.19.17; contracted to its even part, by the method of
/// Lentz.
pub(crate) fn scaled_exponential_integral(nu: f64, z: f64) -> f64 {
    if z + nu >= 40.0 || z >= FRACTION_FROM { fraction(nu, z) } else { quadrature(nu, z) }
}

fn fraction(nu: f64, z: f64) -> f64 {
    settled_fraction(nu, z).0
}

/// The fraction, and after how many steps it no longer changes.
fn settled_fraction(nu: f64, z: f64) -> (f64, u32) {
    let mut below = z + nu;
    let (mut c, mut d) = (1e300, 1.0 / below);
    let (mut value, mut steps) = (d, 0);
    for count in 1..MOST_STEPS {
        let step = f64::from(count);
        let above = -step * (nu + step - 1.0);
        below += 2.0;
        d = 1.0 / (above * d + below);
        c = below + above / c;
        value *= c * d;
        steps = count;
        if (c * d - 1.0).abs() <= f64::EPSILON / 2.0 {
            break;
        }
    }
    (value, steps)
}

/// The logarithm of `e^z E_nu(z)` with its derivatives.
///
/// The logarithm is within 2e-14 of the value, relative, the derivatives within 1e-12 of themselves or of 1e-3 where they are smaller.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LnExponentialIntegral {
    pub(crate) ln: f64,
    /// In the logarithm of the point: from -1 to 0.
    pub(crate) in_ln_point: f64,
    /// In the order: below 0.
    pub(crate) in_order: f64,
}

impl LnExponentialIntegral {
    /// For `z` above 0 and `nu` above 1.
    pub(crate) fn new(nu: f64, z: f64) -> Self {
        if z + nu >= 40.0 || z >= FRACTION_FROM { Self::by_fraction(nu, z) } else { Self::by_quadrature(nu, z) }
    }

    /// The fraction from its end on.
    ///
    /// ```text
    /// e^z E_nu(z) = 1 / (z + nu - rest),  z d ln / dz = z + nu - 1 - (z + nu - rest) = rest - 1
    /// ```
    fn by_fraction(nu: f64, z: f64) -> Self {
        // The derivatives settle a little later.
        let mut step = f64::from(settled_fraction(nu, z).1) * 1.25 + 8.0;
        step = step.floor();
        let (mut below, mut slope) = (z + nu + 2.0 * step, 1.0);
        let mut rest = 0.0;
        while step > 0.0 {
            rest = step * (nu + step - 1.0) / below;
            let rest_slope = (step - rest * slope) / below;
            step -= 1.0;
            (below, slope) = (z + nu + 2.0 * step - rest, 1.0 - rest_slope);
        }
        Self { ln: -below.ln(), in_ln_point: rest - 1.0, in_order: -slope / below }
    }

    fn by_quadrature(nu: f64, z: f64) -> Self {
        let (mut sum, mut mean_point, mut mean_ln) = (0.0, 0.0, 0.0);
        for_each_term(nu, z, |t, growth, term| {
            sum += term;
            mean_point += term * t;
            mean_ln += term * growth;
        });
        Self { ln: (sum * STEP).ln(), in_ln_point: -z * (mean_point / sum), in_order: -mean_ln / sum }
    }
}

/// The width of the trapezoids.
const STEP: f64 = 0.125;

/// The integral with `t = exp(s - e^-s)`, by the trapezoidal rule, which converges exponentially.
fn quadrature(nu: f64, z: f64) -> f64 {
    let mut sum = 0.0;
    for_each_term(nu, z, |_, _, term| sum += term);
    sum * STEP
}

/// Hands over `t`, `ln(1 + t)` and the term of each point.
fn for_each_term(nu: f64, z: f64, mut visit: impl FnMut(f64, f64, f64)) {
    // To the right the terms fall at least as exp(-z t) or t^(1 - nu) do, whichever is first.
    let end = ((800.0 / z).ln()).min(45.0 / (nu - 1.0).max(1e-3)) + 1.0;
    let mut s = -4.0;
    while s <= end {
        let bend = (-s).exp();
        let t = (s - bend).exp();
        let growth = t.ln_1p();
        visit(t, growth, (s - bend + bend.ln_1p() - z * t - nu * growth).exp());
        s += STEP;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::accuracy::{relative_error, rows};

    #[test]
    fn it_agrees_with_mpmath() {
        let rows = rows(include_str!("../../tests/data/special_exponential_integral.json"), ["nu", "z", "value"]);
        assert!(rows.len() >= 70);
        for [nu, z, expected] in rows {
            let got = scaled_exponential_integral(nu, z);
            assert!(
                relative_error(got, expected) <= 2e-14,
                "nu = {nu}, z = {z}: {got:e} is not {expected:e}, {:e}",
                relative_error(got, expected)
            );
        }
    }

    #[test]
    fn fraction_and_quadrature_meet() {
        for nu in [1.01, 1.5, 4.0, 12.5, 39.0] {
            for z in [1.0, 2.0, 5.0] {
                assert!(relative_error(fraction(nu, z), quadrature(nu, z)) <= 2e-14, "{nu}, {z}");
            }
        }
    }

    #[test]
    fn derivatives_agree_with_differences() {
        for nu in [1.01, 1.5, 4.0, 12.5, 39.0, 300.0] {
            for z in [1e-6, 1e-2, 0.3, 1.9, 2.1, 9.0, 45.0, 1e4] {
                let got = LnExponentialIntegral::new(nu, z);
                assert!((got.ln - scaled_exponential_integral(nu, z).ln()).abs() <= 2e-14 * got.ln.abs().max(1.0), "{nu}, {z}: {got:?}");
                let step = 1e-3_f64;
                let ln = |nu: f64, ln_z: f64| scaled_exponential_integral(nu, ln_z.exp()).ln();
                let slope = |of: &dyn Fn(f64) -> f64| (of(-2.0) - of(2.0) + 8.0 * (of(1.0) - of(-1.0))) / (12.0 * step);
                let in_ln_point = slope(&|steps| ln(nu, z.ln() + steps * step));
                let in_order = slope(&|steps| ln(nu + steps * step, z.ln()));
                assert!((got.in_ln_point - in_ln_point).abs() <= 1e-9, "{nu}, {z}: {got:?}, {in_ln_point}");
                assert!((got.in_order - in_order).abs() <= 1e-9 * in_order.abs().max(1.0), "{nu}, {z}: {got:?}, {in_order}");
            }
        }
    }

    #[test]
    fn derivatives_by_fraction_and_quadrature_meet() {
        for nu in [1.01, 1.5, 4.0, 12.5, 39.0] {
            for z in [1.0, 2.0, 5.0] {
                let (first, second) = (LnExponentialIntegral::by_fraction(nu, z), LnExponentialIntegral::by_quadrature(nu, z));
                assert!((first.in_ln_point - second.in_ln_point).abs() <= 1e-13, "{nu}, {z}: {first:?}, {second:?}");
                assert!((first.in_order - second.in_order).abs() <= 1e-13, "{nu}, {z}: {first:?}, {second:?}");
            }
        }
    }
}
