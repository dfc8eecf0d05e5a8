//! The gamma distribution: how much of it lies below and above a point.

use super::beta::LEAST_TAIL;
use super::gamma::{ln_1p_remainder, stirling_remainder};
use super::gamma_expansion;
use super::ln_gamma::{ln_gamma, ln_gamma_1p};

/// No sum or fraction takes more terms than this; where they are used, they take fewer than 300.
const MOST_TERMS: u32 = 10_000;

/// With a shape at least this large, the asymptotic expansion holds to the last digits near the mean.
const EXPANSION_FROM: f64 = 100.0;

/// Near is five standard deviations; beyond, the continued fractions take 40 terms whatever the shape.
const EXPANSION_WITHIN: f64 = 12.5;

/// Terms of the fraction of the upper tail for shapes below 1.
const STIELTJES_TERMS: u32 = 96;

/// The exponential of more than this leaves the doubles.
const LARGEST_EXPONENT: f64 = 700.0;

/// The probability that a gamma variable with this shape, above 0, and scale 1 lies below `x`: the regularised incomplete gamma function
/// `P(shape, x)`.
pub(crate) fn gamma_lower_tail(shape: f64, x: f64) -> f64 {
    Point { a: shape, x }.tails().lower
}

/// The probability that it lies above `x`: `Q(shape, x)`.
pub(crate) fn gamma_upper_tail(shape: f64, x: f64) -> f64 {
    Point { a: shape, x }.tails().upper
}

/// The logarithm of [`gamma_upper_tail`], which may be far below the smallest double.
pub(crate) fn ln_gamma_upper_tail(shape: f64, x: f64) -> f64 {
    Point { a: shape, x }.ln_tail(true)
}

/// The density in the logarithm of `x`: `x^shape e^-x / gamma(shape)`, for `x` above 0.
pub(crate) fn gamma_density(shape: f64, x: f64) -> f64 {
    if x <= 0.0 { 0.0 } else { Point { a: shape, x }.density() }
}

/// A point and the shape of the distribution it belongs to.
///
/// Source: W. Gautschi, "A Computational Procedure for Incomplete Gamma Functions", ACM TOMS 5 (1979), 466-481, for the series, the fraction
/// and where each is at home; the fraction of the lower tail is the limit of that of the [beta distribution](super::beta).
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub(super) a: f64,
    pub(super) x: f64,
}

struct Tails {
    lower: f64,
    upper: f64,
}

impl Tails {
    fn of_lower(lower: f64) -> Self {
        Self { lower: lower.clamp(0.0, 1.0), upper: (1.0 - lower).clamp(0.0, 1.0) }
    }

    fn of_upper(upper: f64) -> Self {
        Self { lower: (1.0 - upper).clamp(0.0, 1.0), upper: upper.clamp(0.0, 1.0) }
    }
}

impl Point {
    fn tails(self) -> Tails {
        let Self { a, x } = self;
        if x <= 0.0 {
            return Tails::of_lower(0.0);
        }
        if x.is_infinite() {
            return Tails::of_upper(0.0);
        }
        let above = x > a;
        if a >= EXPANSION_FROM {
            let exponent = self.exponent();
            if exponent <= EXPANSION_WITHIN {
                let tail = gamma_expansion::tail(a, exponent, above);
                return if above { Tails::of_upper(tail) } else { Tails::of_lower(tail) };
            }
        }
        let density = self.density();
        if a < 1.0 && x < 1.0 {
            return Tails { lower: (density * self.lower_series()).min(1.0), upper: self.small_upper().clamp(0.0, 1.0) };
        }
        if above { Tails::of_upper(density * self.upper_fraction()) } else { Tails::of_lower(density * self.scaled_lower()) }
    }

    /// The logarithm of the upper tail, or of the lower one.
    pub(super) fn ln_tail(self, upper: bool) -> f64 {
        let tails = self.tails();
        let (tail, other) = if upper { (tails.upper, tails.lower) } else { (tails.lower, tails.upper) };
        if tail > 0.5 {
            return (-other).ln_1p();
        }
        if tail > LEAST_TAIL {
            return tail.ln();
        }
        if upper {
            if self.x.is_infinite() {
                return f64::MIN;
            }
            (self.ln_density() + self.upper_fraction().ln()).max(f64::MIN)
        } else {
            if self.x <= 0.0 {
                return f64::MIN;
            }
            (self.ln_density() + self.scaled_lower().ln()).max(f64::MIN)
        }
    }

    /// The density in the logarithm of `x`: `x^a e^-x / gamma(a)`.
    fn density(self) -> f64 {
        let Self { a, x } = self;
        if a < EXPANSION_FROM {
            if x >= LARGEST_EXPONENT {
                return self.ln_density().exp();
            }
            // Powers of what is exact are exact to the last digit.
            if a < 10.0 {
                return x.powf(a) / libm::tgamma(1.0 + a) * (-x).exp() * a;
            }
            let lead = x.powf(a) / a.powf(a) * ((-x).exp() / (-a).exp());
            return lead * (a / core::f64::consts::TAU).sqrt() * (-stirling_remainder(a)).exp();
        }
        (a / core::f64::consts::TAU).sqrt() * (-self.exponent() - stirling_remainder(a)).exp()
    }

    /// Its logarithm.
    pub(super) fn ln_density(self) -> f64 {
        let Self { a, x } = self;
        if a < 1.0 {
            return a * x.ln() - x + a.ln() - ln_gamma_1p(a);
        }
        if a < EXPANSION_FROM {
            return a * x.ln() - x - ln_gamma(a);
        }
        (a.ln() - core::f64::consts::TAU.ln()) / 2.0 - self.exponent() - stirling_remainder(a)
    }

    /// How far the logarithm of `x^a e^-x` lies below its maximum at `a`.
    fn exponent(self) -> f64 {
        let Self { a, x } = self;
        a * ln_1p_remainder((x - a) / a, x / a)
    }

    /// The lower tail over the density, for points below the shape.
    fn scaled_lower(self) -> f64 {
        if self.a < EXPANSION_FROM { self.lower_series() } else { self.lower_fraction() }
    }

    /// `1 / a + x / (a (a + 1)) + ...`: positive terms.
    fn lower_series(self) -> f64 {
        let Self { a, x } = self;
        let (mut sum, mut term) = (1.0, 1.0);
        for n in 1..MOST_TERMS {
            term *= x / (a + f64::from(n));
            sum += term;
            if term <= f64::EPSILON / 4.0 * sum {
                break;
            }
        }
        sum / a
    }

    fn lower_fraction(self) -> f64 {
        let Self { a, x } = self;
        let offset = a - x;
        continued_fraction((1.0 + offset) / (1.0 + 1.0 / a), |n| {
            let even = a + 2.0 * n;
            let numerator = (a + n - 1.0) / (even - 1.0) * (x / (even - 1.0)) * (n * x);
            (numerator, n + n * x / (even - 1.0) + (a + n) / (even + 1.0) * (offset + 1.0 + 2.0 * n))
        })
    }

    /// The upper tail over the density: Legendre's fraction.
    fn upper_fraction(self) -> f64 {
        let Self { a, x } = self;
        if a < 1.0 {
            // The fraction of which Legendre's is the even part has positive terms only. From x = 1 on so many reach the last digit.
            return 1.0 / (1..=STIELTJES_TERMS).rev().map(f64::from).fold(x, |below, n| x + (n - a) / (1.0 + n / below));
        }
        let offset = x - a;
        continued_fraction(1.0 + offset, |n| (n * (a - n), offset + 1.0 + 2.0 * n))
    }

    /// The upper tail for shape and point below 1, where it may be much smaller than the lower one.
    ///
    /// ```text
    /// 1 - x^a / gamma(1 + a) (1 - a x / (1! (a + 1)) + a x^2 / (2! (a + 2)) - ...)
    /// ```
    fn small_upper(self) -> f64 {
        let Self { a, x } = self;
        let ln_lead = a * x.ln() - ln_gamma_1p(a);
        let (mut sum, mut power) = (0.0, 1.0);
        for n in 1..MOST_TERMS {
            let n = f64::from(n);
            power *= -x / n;
            let term = power / (a + n);
            sum += term;
            if term.abs() <= f64::EPSILON / 4.0 * f64::abs(sum) {
                break;
            }
        }
        -ln_lead.exp_m1() - ln_lead.exp() * a * sum
    }
}

/// `1 / (first + numerator(1) / (denominator(1) + numerator(2) / (denominator(2) + ...)))`, but for the first numerator of a contraction.
fn continued_fraction(first: f64, term: impl Fn(f64) -> (f64, f64)) -> f64 {
    // Numerators and denominators of the last two convergents, divided by the last denominator.
    let (mut above_before, mut below_before, mut above) = (0.0, 1.0 / first, 1.0 / first);
    for n in 1..MOST_TERMS {
        let (numerator, denominator) = term(f64::from(n));
        let next_above = numerator * above_before + denominator * above;
        let next_below = numerator * below_before + denominator;
        (above_before, below_before) = (above / next_below, 1.0 / next_below);
        let next = next_above / next_below;
        let settled = (next - above).abs() <= f64::EPSILON * next.abs();
        above = next;
        if settled {
            break;
        }
    }
    above
}
