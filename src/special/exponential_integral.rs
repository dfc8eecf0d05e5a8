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
    let mut below = z + nu;
    let (mut c, mut d) = (1e300, 1.0 / below);
    let mut value = d;
    for step in 1..MOST_STEPS {
        let step = f64::from(step);
        let above = -step * (nu + step - 1.0);
        below += 2.0;
        d = 1.0 / (above * d + below);
        c = below + above / c;
        value *= c * d;
        if (c * d - 1.0).abs() <= f64::EPSILON / 2.0 {
            break;
        }
    }
    value
}

/// The integral with `t = exp(s - e^-s)`, by the trapezoidal rule, which converges exponentially.
fn quadrature(nu: f64, z: f64) -> f64 {
    const STEP: f64 = 0.125;
    let ln_term = |s: f64| {
        let bend = (-s).exp();
        let t = (s - bend).exp();
        s - bend + bend.ln_1p() - z * t - nu * t.ln_1p()
    };
    // To the right the terms fall at least as exp(-z t) or t^(1 - nu) do, whichever is first.
    let end = ((800.0 / z).ln()).min(45.0 / (nu - 1.0).max(1e-3)) + 1.0;
    let mut sum = 0.0;
    let mut s = -4.0;
    while s <= end {
        sum += ln_term(s).exp();
        s += STEP;
    }
    sum * STEP
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
}
