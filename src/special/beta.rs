//! The beta distribution: how much of it lies below a point.

use super::beta_expansion::Expansion;
use super::gamma::{ln_1p_remainder, stirling_remainder};
use super::ln_gamma::ln_beta_corrected;

/// No sum or fraction takes more terms than this; where they are used, they take fewer than 300.
const MOST_TERMS: u32 = 10_000;

/// With both shapes at least this large, the asymptotic expansion holds to the last digits near the mean.
const EXPANSION_FROM: f64 = 400.0;

/// Near is five standard deviations; beyond, the continued fraction takes 25 terms whatever the shapes.
const EXPANSION_WITHIN: f64 = 12.5;

/// Below it a tail is left to its logarithm: it would lose digits, and then vanish.
pub(super) const LEAST_TAIL: f64 = 1e-290;

/// A point of 0..=1 together with what is missing to 1, so that neither loses its digits near an end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Parts {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

impl Parts {
    /// The point seen from the other end.
    pub(crate) fn mirrored(self) -> Self {
        Self { x: self.y, y: self.x }
    }

    /// The point with `ln(x / y) = logit`.
    pub(crate) fn from_logit(logit: f64) -> Self {
        let small = 1.0 / (1.0 + logit.abs().exp());
        let large = 1.0 / (1.0 + (-logit.abs()).exp());
        if logit < 0.0 { Self { x: small, y: large } } else { Self { x: large, y: small } }
    }
}

/// The beta distribution with shapes `a` and `b`, both above 0.
///
/// ```text
/// density(x) = x^(a-1) (1-x)^(b-1) / B(a, b),  0 < x < 1
/// ```
///
/// Source: A. R. DiDonato and A. H. Morris, "Algorithm 708: Significant Digit Computation of the Incomplete Beta Function Ratios", ACM
/// TOMS 18 (1992), 360-373: the continued fraction, the expansion and the form of the leading factor.
#[derive(Debug, Clone)]
pub(crate) struct Beta {
    pub(super) a: f64,
    pub(super) b: f64,
    /// `stirling_remainder(a) + stirling_remainder(b) - stirling_remainder(a + b)`.
    pub(super) correction: f64,
    expansion: Option<Expansion>,
}

impl Beta {
    pub(crate) fn new(a: f64, b: f64) -> Self {
        let correction = stirling_remainder(a) + stirling_remainder(b) - stirling_remainder(a + b);
        let expansion = (a.min(b) >= EXPANSION_FROM).then(|| Expansion::new(a, b));
        Self { a, b, correction, expansion }
    }

    /// The logarithm of `B(a, b)`.
    pub(super) fn ln_function(&self) -> f64 {
        ln_beta_corrected(self.a, self.b, self.correction)
    }

    /// The probability of at most `x`.
    pub(crate) fn lower_tail(&self, at: Parts) -> f64 {
        self.lower_tail_and_density(at).0
    }

    /// The probability of at most `x`, which is the regularised incomplete beta function `I_x(a, b)`, and the density in the logit of `x`,
    /// `x^a y^b / B(a, b)`. The table of [the room](super) says how accurate they are.
    pub(crate) fn lower_tail_and_density(&self, at: Parts) -> (f64, f64) {
        if at.x <= 0.0 {
            return (0.0, 0.0);
        }
        if at.y <= 0.0 {
            return (1.0, 0.0);
        }
        let offset = self.offset(at);
        let exponent = self.exponent(at, offset);
        let sum = self.a + self.b;
        let scale = (self.a / sum * self.b / core::f64::consts::TAU).sqrt();
        let density = scale * (-exponent - self.correction).exp();
        let lower = if offset >= 0.0 {
            Near { a: self.a, b: self.b, at, offset }.tail(density, exponent, self)
        } else {
            let mirrored = Near { a: self.b, b: self.a, at: Parts { x: at.y, y: at.x }, offset: -offset };
            1.0 - mirrored.tail(density, exponent, self)
        };
        (lower.clamp(0.0, 1.0), density)
    }

    /// The logarithm of the probability of at most `x`, which may be far below the smallest double.
    pub(crate) fn ln_lower_tail(&self, at: Parts) -> f64 {
        let lower = self.lower_tail(at);
        if lower > LEAST_TAIL {
            return lower.ln();
        }
        if at.x <= 0.0 {
            return f64::MIN;
        }
        let (sum, offset) = (self.a + self.b, self.offset(at));
        let near = Near { a: self.a, b: self.b, at, offset };
        let scaled = if near.is_summed() { series(self.a, self.b, at.x) } else { near.fraction() };
        let scale = self.a / sum * self.b / core::f64::consts::TAU;
        scale.ln() / 2.0 - self.exponent(at, offset) - self.correction + scaled.ln()
    }

    pub(super) fn offset(&self, at: Parts) -> f64 {
        offset(self.a, self.b, at)
    }

    pub(super) fn exponent(&self, at: Parts, offset: f64) -> f64 {
        exponent(self.a, self.b, at, offset)
    }
}

/// How far the point lies below the mean, in the scale of the shapes: `a - (a + b) x`, rounded once.
pub(super) fn offset(a: f64, b: f64, at: Parts) -> f64 {
    let (small, large) = (a.min(b), a.max(b));
    let sum = large + small;
    let lost = small - (sum - large);
    if at.x <= at.y { sum.mul_add(-at.x, a) - lost * at.x } else { sum.mul_add(at.y, -b) + lost * at.y }
}

/// How far the logarithm of `x^a y^b` lies below its maximum at the mean.
pub(super) fn exponent(a: f64, b: f64, at: Parts, offset: f64) -> f64 {
    let sum = a + b;
    a * ln_1p_remainder(-offset / a, at.x * (sum / a)) + b * ln_1p_remainder(offset / b, at.y * (sum / b))
}

/// A point that lies below the mean or on it.
struct Near {
    a: f64,
    b: f64,
    at: Parts,
    offset: f64,
}

impl Near {
    /// What lies below the point.
    fn tail(&self, density: f64, exponent: f64, whole: &Beta) -> f64 {
        let &Self { a, b, at: Parts { x, y }, .. } = self;
        if let Some(expansion) = &whole.expansion
            && exponent <= EXPANSION_WITHIN
        {
            return expansion.scaled_tail(a < b, exponent) * (-exponent - whole.correction).exp();
        }
        if self.is_summed() {
            return density * series(a, b, x);
        }
        // So near 1 that the fraction would crawl; what lies above is no small part.
        if b < 1.0 && a * y <= 1.0 {
            return 1.0 - density * series(b, a, y);
        }
        density * self.fraction()
    }

    /// Whether the series takes few terms.
    fn is_summed(&self) -> bool {
        self.at.x <= 0.7 && self.b.min(self.b * self.at.x) <= 1.0
    }

    /// `B(a, b) / (x^a y^b)` times the tail: the continued fraction (eq. 9) of DiDonato and Morris.
    fn fraction(&self) -> f64 {
        let &Self { a, b, at: Parts { x, y }, offset } = self;
        let first = (1.0 + offset) / (1.0 + 1.0 / a);
        // Numerators and denominators of the last two convergents, divided by the last denominator.
        let (mut above_before, mut below_before, mut above) = (0.0, 1.0 / first, 1.0 / first);
        for n in 1..MOST_TERMS {
            let n = f64::from(n);
            let even = a + 2.0 * n;
            let w = n * (b - n) * x;
            let ratio = 1.0 / (even - 1.0);
            let alpha = (a + n - 1.0) * ratio * ((a + b + n - 1.0) * ratio) * (w * x);
            let beta = n + w * ratio + (a + n) / (even + 1.0) * (offset + 1.0 + n * (1.0 + y));
            let next_above = alpha * above_before + beta * above;
            let next_below = alpha * below_before + beta;
            (above_before, below_before) = (above / next_below, 1.0 / next_below);
            let next = next_above / next_below;
            let settled = (next - above).abs() <= f64::EPSILON * next;
            above = next;
            if settled {
                break;
            }
        }
        above
    }
}

/// `B(a, b) / (x^a y^b)` times the tail below `x`, as a sum of positive terms.
fn series(a: f64, b: f64, x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for n in 0..MOST_TERMS {
        let n = f64::from(n);
        term *= x * ((a + b + n) / (a + 1.0 + n));
        sum += term;
        if term <= f64::EPSILON / 4.0 * sum {
            break;
        }
    }
    sum / a
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::accuracy::{beta_rows, relative_error};

    #[test]
    fn both_tails_agree_with_mpmath() {
        for row in beta_rows() {
            let (lower, upper) = (
                Beta::new(row.a, row.b).lower_tail_and_density(row.at).0,
                Beta::new(row.b, row.a).lower_tail_and_density(row.mirrored()).0,
            );
            for (got, expected) in [(lower, row.lower), (upper, row.upper)] {
                assert!(relative_error(got, expected) <= row.tolerance(expected), "{row:?}: {got:e} is not {expected:e}");
            }
        }
    }

    #[test]
    fn the_ends_hold_nothing_and_everything() {
        for (a, b) in [(0.5, 0.5), (1e-3, 1e9), (1e9, 1e-3), (1e18, 1e18)] {
            let beta = Beta::new(a, b);
            assert!(beta.lower_tail_and_density(Parts { x: 0.0, y: 1.0 }).0 <= 0.0);
            assert!(beta.lower_tail_and_density(Parts { x: 1.0, y: 0.0 }).0 >= 1.0);
            let mut last = 0.0;
            for step in -7000..7000_i32 {
                let lower = beta.lower_tail_and_density(Parts::from_logit(f64::from(step) / 10.0)).0;
                assert!((last * (1.0 - 1e-12)..=1.0).contains(&lower), "{a}, {b}, {step}: {lower} after {last}");
                last = lower;
            }
        }
    }

    #[test]
    fn fraction_and_expansion_meet() {
        for (a, b) in [(400.0, 400.0), (400.0, 1e9), (1e3, 5e4), (1e6, 1e6)] {
            for standard_deviations in [0.1, 1.0, 2.0, 4.9] {
                let beta = Beta::new(a, b);
                let spread = (1.0 / a + 1.0 / b).sqrt();
                let at = Parts::from_logit((a / b).ln() - standard_deviations * spread);
                let (expanded, density) = beta.lower_tail_and_density(at);
                let fraction = Near { a, b, at, offset: beta.offset(at) }.fraction() * density;
                assert!(relative_error(expanded, fraction) <= 1e-14, "{a}, {b}, {standard_deviations}: {expanded:e} and {fraction:e}");
            }
        }
    }
}
