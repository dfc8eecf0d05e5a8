//! The tail of a beta distribution with large shapes.

use core::f64::consts::{FRAC_2_SQRT_PI, SQRT_2};

use super::normal::normal_upper_tail;

/// Terms after the first.
const TERMS: usize = 20;

/// At as many standard deviations as the expansion is used for, a coefficient counts if it is not smaller than this.
const NEGLIGIBLE: f64 = 1e-18;
const FARTHEST: f64 = 5.0;

/// The uniform asymptotic expansion of a tail around that of the normal distribution: its coefficients, which depend on the shapes alone.
///
/// Source: A. R. DiDonato and A. H. Morris, "Algorithm 708", ACM TOMS 18 (1992), 360-373 (there `BASYM`), after N. M. Temme.
#[derive(Debug, Clone)]
pub(super) struct Expansion {
    /// For n = 1, 2, ..., of the tail at the end that the smaller shape belongs to; for the other tail the odd ones change their signs.
    coefficients: [f64; TERMS],
}

impl Expansion {
    pub(super) fn new(a: f64, b: f64) -> Self {
        let (small, large) = (a.min(b), a.max(b));
        let h = small / large;
        let spread = 1.0 / (small * (1.0 + h)).sqrt();
        // The exponent as a series in the distance t: t^2 (1 + s(1) t + s(2) t^2 + ...).
        let mut exponent = [0.0; TERMS];
        let mut power = -h;
        for (slot, j) in exponent.iter_mut().zip(1_u32..) {
            power *= -h;
            *slot = 2.0 / (f64::from(j) + 2.0) * (1.0 - power) / (1.0 + h);
        }
        // Its square root inverted (Lagrange), and the reciprocal of what that gives.
        let mut inverse = [0.0; TERMS];
        let mut coefficients = [0.0; TERMS];
        let (mut scale, mut reach) = (1.0, 1.0);
        let mut reciprocal = [0.0; TERMS];
        for (order, n) in (0..TERMS).zip(1_u32..) {
            let c = power_coefficient(&exponent, -(f64::from(n) + 1.0) / 2.0, order) / (f64::from(n) + 1.0);
            let mixed: f64 = reciprocal.iter().take(order).rev().zip(&inverse).map(|(d, c)| d * c).sum();
            scale *= spread;
            reach *= spread * FARTHEST;
            let d = -(c + mixed);
            for (series, value) in [(&mut inverse, c), (&mut reciprocal, d), (&mut coefficients, d * scale)] {
                if let Some(slot) = series.get_mut(order) {
                    *slot = value;
                }
            }
            if reach < NEGLIGIBLE {
                break;
            }
        }
        Self { coefficients }
    }

    /// The tail at the end of the smaller shape, or at the other one, for a point whose exponent is `exponent`, up to the factor
    /// `exp(-exponent - correction)` that the caller knows.
    pub(super) fn scaled_tail(&self, smaller: bool, exponent: f64) -> f64 {
        let z = (2.0 * exponent).sqrt();
        let first = normal_upper_tail(z) * exponent.exp();
        let side = if smaller { 1.0 } else { -1.0 };
        // Moments of the normal tail: J(n) = z^(n-1) / (2 sqrt 2) + (n - 1) J(n-2).
        let (mut before_last, mut last) = (0.0, first / FRAC_2_SQRT_PI);
        let (mut sum, mut power, mut sign) = (last, 1.0 / (2.0 * SQRT_2), side);
        let mut earlier = f64::INFINITY;
        for (coefficient, n) in self.coefficients.iter().zip(0_u32..) {
            let moment = power + f64::from(n) * before_last;
            (before_last, last) = (last, moment);
            let term = sign * coefficient * moment;
            sum += term;
            if term.abs() + earlier <= f64::EPSILON / 8.0 * sum {
                break;
            }
            (earlier, power, sign) = (term.abs(), power * z, sign * side);
        }
        FRAC_2_SQRT_PI * sum
    }
}

/// The coefficient of `t^(order + 1)` in `(1 + s(1) t + s(2) t^2 + ...)^exponent`, by Euler's recurrence.
fn power_coefficient(series: &[f64; TERMS], exponent: f64, order: usize) -> f64 {
    let mut powers = [0.0; TERMS];
    let mut latest = 0.0;
    for (done, m) in (0..=order).zip(1_u32..) {
        let m = f64::from(m);
        let earlier = powers.iter().take(done).rev();
        let mixed: f64 = series.iter().zip(1_u32..).zip(earlier).map(|((s, j), p)| (f64::from(j) * (exponent + 1.0) - m) * s * p).sum();
        latest = exponent * series.get(done).unwrap_or(&0.0) + mixed / m;
        if let Some(slot) = powers.get_mut(done) {
            *slot = latest;
        }
    }
    latest
}
