//! The likelihood of counts whose share is itself drawn from a beta distribution, without the difference of large logarithms.

use super::beta::{Parts, exponent, offset};
use super::gamma::{STIRLING_FROM, ln_1p_remainder, stirling_remainder, stirling_remainder_change, stirling_remainder_derivatives};

/// Newton's method takes fewer than ten steps; the bracket halves where a step would leave it.
const MOST_STEPS: u32 = 200;

/// The logit of the smallest positive double.
const FARTHEST_LOGIT: f64 = 744.0;

/// How far the likelihood of `part` and `rest` under a beta distribution of the share lies below the largest that any one share gives
/// them, as a logarithm: never negative.
///
/// ```text
/// k ln(k/n) + m ln(m/n) - ln(B(a + k, b + m) / B(a, b)),  n = k + m
///   = n KL(k/n, x) + s KL(a/s, x) - separable(a, k) - separable(b, m) + separable(s, n),  s = a + b, x = (a + k) / (s + n)
/// ```
///
/// The two divergences are positive, and what else there is is small. Relative error about 1e-15 of the sum of the terms.
pub(crate) fn beta_binomial_shortfall([a, b]: [f64; 2], [part, rest]: [f64; 2]) -> f64 {
    let between = BetweenShapesAndCounts::new([a, b], [part, rest]);
    (between.divergence() - separable(a, part) - separable(b, rest) + separable(a + b, part + rest)).max(0.0)
}

/// How far the likelihood of `part` and `rest` at a share lies below the largest that any share gives them, as a logarithm.
pub(crate) fn binomial_shortfall([part, rest]: [f64; 2], share: Parts) -> f64 {
    let below = offset(part, rest, share);
    one_side(part, share.x, part + rest, -below) + one_side(rest, share.y, part + rest, below)
}

/// The share below `part / (part + rest)` whose likelihood is smaller by the factor `exp(-distance)`; `distance` is positive. The end 0
/// where `part` is 0.
///
/// Newton's method over the logit, where the logarithm of the likelihood is concave, from the score interval.
pub(crate) fn likelihood_limit([part, rest]: [f64; 2], distance: f64) -> Parts {
    if part <= 0.0 {
        return Parts { x: 0.0, y: 1.0 };
    }
    let whole = part + rest;
    if rest <= 0.0 {
        let logarithm = -distance / whole;
        return Parts { x: logarithm.exp(), y: -logarithm.exp_m1() };
    }
    let root = (2.0 * distance * (part / whole * rest + distance / 2.0)).sqrt();
    let start = [part / whole * part / (part + distance + root), (rest + distance + root) / (whole + 2.0 * distance)];
    let (mut low, mut high) = (-FARTHEST_LOGIT, (part / rest).ln());
    let [value, missing] = start;
    let mut logit = (value / missing).ln().clamp(low, high);
    for _ in 0..MOST_STEPS {
        let at = Parts::from_logit(logit);
        let above = offset(part, rest, at);
        let miss = exponent(part, rest, at, above) - distance;
        if miss > 0.0 {
            low = logit;
        } else {
            high = logit;
        }
        let step = miss / above;
        let next = logit + step;
        if step.abs() <= f64::EPSILON * logit.abs().max(1.0) {
            break;
        }
        logit = if next > low && next < high { next } else { f64::midpoint(low, high) };
        if high - low <= f64::EPSILON * logit.abs() {
            break;
        }
    }
    Parts::from_logit(logit)
}

/// The part of the logarithm of the likelihood that depends on one shape and one count alone: what `ln gamma` leaves over beside
/// `z ln z - z`, at `shape + count` less at `shape`.
pub(crate) fn separable(shape: f64, count: f64) -> f64 {
    let change = if shape < STIRLING_FROM {
        stirling_remainder(shape + count) - stirling_remainder(shape)
    } else {
        stirling_remainder_change(shape, count)
    };
    change - (count / shape).ln_1p() / 2.0
}

/// Its first two derivatives in the shape.
pub(crate) fn separable_derivatives(shape: f64, count: f64) -> [f64; 2] {
    let sum = shape + count;
    let [below, above] = [shape, sum].map(stirling_remainder_derivatives);
    let ([slope, curvature], [slope_above, curvature_above]) = (below, above);
    let ratio = count / sum;
    [slope_above - slope + ratio / (2.0 * shape), curvature_above - curvature - ratio * ((shape / sum + 1.0) / shape) / (2.0 * shape)]
}

/// The largest logarithm of the probability of such counts that a binomial distribution gives.
pub(crate) fn ln_largest_binomial(part: f64, rest: f64) -> f64 {
    if part <= 0.0 || rest <= 0.0 {
        return 0.0;
    }
    let whole = part + rest;
    stirling_remainder(whole)
        - stirling_remainder(part)
        - stirling_remainder(rest)
        - (core::f64::consts::TAU * (part / whole) * rest).ln() / 2.0
}

/// Counts and shapes, and the share of both together, which lies between theirs.
pub(crate) struct BetweenShapesAndCounts {
    shapes: [f64; 2],
    counts: [f64; 2],
    at: Parts,
    /// How far the counted part lies above what the mean of the shapes makes expect.
    excess: f64,
}

/// What the divergences contribute to the derivatives of the log-likelihood: in the mean at a given sum of the shapes, and in that sum at
/// a given mean.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct BetaBinomialSlopes {
    pub(crate) mean: f64,
    pub(crate) sum: f64,
    pub(crate) mean_mean: f64,
    pub(crate) mean_sum: f64,
    pub(crate) sum_sum: f64,
}

impl BetweenShapesAndCounts {
    pub(crate) fn new(shapes: [f64; 2], counts: [f64; 2]) -> Self {
        let ([a, b], [part, rest]) = (shapes, counts);
        let (sum, whole) = (a + b, part + rest);
        let total = sum + whole;
        let at = Parts { x: (a + part) / total, y: (b + rest) / total };
        let excess = offset(part, rest, Parts { x: a / sum, y: b / sum });
        Self { shapes, counts, at, excess }
    }

    /// `n KL(k/n, x) + s KL(a/s, x)`.
    pub(crate) fn divergence(&self) -> f64 {
        let [part, rest] = self.counts;
        let [counted, expected] = self.offsets();
        one_side(part, self.at.x, part + rest, -counted) + one_side(rest, self.at.y, part + rest, counted) + self.of_shapes(expected)
    }

    /// How far the shared point lies below the counts and below the shapes, each in its own scale.
    fn offsets(&self) -> [f64; 2] {
        let ([a, b], [part, rest]) = (self.shapes, self.counts);
        let (sum, whole) = (a + b, part + rest);
        let unit = sum / (sum + whole) * self.excess;
        [unit, -unit]
    }

    fn of_shapes(&self, expected: f64) -> f64 {
        let [a, b] = self.shapes;
        one_side(a, self.at.x, a + b, -expected) + one_side(b, self.at.y, a + b, expected)
    }

    /// The derivatives of minus the divergence.
    pub(crate) fn slopes(&self) -> BetaBinomialSlopes {
        let ([a, b], [part, rest]) = (self.shapes, self.counts);
        let Parts { x, y } = self.at;
        let (sum, whole) = (a + b, part + rest);
        let total = sum + whole;
        let [_, expected] = self.offsets();
        let shift = self.excess / total;
        let ln_ratio = |shift: f64, mean: f64, at: f64| {
            let relative = shift / mean;
            if relative.abs() < 0.5 { relative.ln_1p() } else { (at / mean).ln() }
        };
        let ln_odds = ln_ratio(shift, a / sum, x) - ln_ratio(-shift, b / sum, y);
        BetaBinomialSlopes {
            mean: sum * ln_odds,
            sum: -self.of_shapes(expected) / sum,
            mean_mean: -(sum * sum) * (part / (a * (a + part)) + rest / (b * (b + rest))),
            mean_sum: ln_odds - sum * (shift / (total * x * y)),
            sum_sum: shift * shift / (total * x * y),
        }
    }
}

/// `weight` times what the logarithm of `at x sum / weight` leaves over, where that is `1 + above / weight`.
fn one_side(weight: f64, at: f64, sum: f64, above: f64) -> f64 {
    if weight <= 0.0 { above } else { weight * ln_1p_remainder(above / weight, at * (sum / weight)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::accuracy::relative_error;

    // Mpmath 1.3.0 at 80 digits: shapes, counts, shortfall.
    const SHORTFALLS: [([f64; 2], [f64; 2], f64); 8] = [
        ([0.5, 0.5], [0.0, 1.0], core::f64::consts::LN_2),
        ([0.5, 0.5], [240.0, 60.0], 3.078_828_411_775_877_010_44),
        ([1.0, 1.0], [0.0, 1_000.0], 6.908_754_779_315_220_585_22),
        ([1e12, 1e12], [7.0, 3.0], 0.822_828_785_049_018_463_916),
        ([1e-3, 3.0], [1.0, 999.0], 5.916_240_719_317_801_648_23),
        ([32.0, 8.0], [333_333_333.0, 666_666_667.0], 27.075_593_720_320_855_427_8),
        ([250_000.0, 750_000.0], [1.0, 999_999.0], 191_192.385_368_946_623_778),
        ([0.5, 0.5], [1e15, 3e15], 18.188_326_730_660_015_448_3),
    ];

    #[test]
    fn shortfalls_agree_with_mpmath_and_mirror() {
        for ([a, b], [part, rest], expected) in SHORTFALLS {
            let got = beta_binomial_shortfall([a, b], [part, rest]);
            assert!(relative_error(got, expected) <= 2e-15, "{a}, {b}, {part}, {rest}: {got} is not {expected}");
            let mirrored = beta_binomial_shortfall([b, a], [rest, part]);
            assert!(relative_error(mirrored, expected) <= 2e-15, "{mirrored} is not {expected}");
        }
    }

    #[test]
    fn the_most_likely_binomial_agrees_with_mpmath() {
        for (part, rest, expected) in [
            (1.0, 1.0, -core::f64::consts::LN_2),
            (3.0, 2.0, -1.062_473_242_052_236_495_97),
            (240.0, 60.0, -2.855_997_359_034_832_206_55),
            (1e9, 1.0, -0.999_999_999_500_000_000_333),
        ] {
            assert!(relative_error(ln_largest_binomial(part, rest), expected) <= 4e-15, "{part}, {rest}");
        }
        assert!(ln_largest_binomial(0.0, 5.0) >= 0.0);
    }

    #[test]
    fn a_limit_has_the_likelihood_that_was_asked_for() {
        for counts in [[1.0, 1.0], [1.0, 1e9], [1e9, 1.0], [240.0, 60.0], [3.0, 1e19], [1e18, 3e18]] {
            for distance in [1e-4, 0.1, 3.0, 50.0, 600.0] {
                let at = likelihood_limit(counts, distance);
                let got = binomial_shortfall(counts, at);
                // Where the limit is closer to the share than doubles are dense, it is the share.
                let near = relative_error(got, distance) <= 1e-12;
                let [part, rest] = counts;
                assert!(near || relative_error(at.x, part / (part + rest)) < 1e-7, "{counts:?}, {distance}: {got}");
            }
        }
    }

    #[test]
    fn slopes_are_those_of_the_divergence() {
        for (mean, sum, counts) in [(0.3, 4.0, [3.0, 9.0]), (0.3, 400.0, [0.0, 9.0]), (0.05, 20.0, [5.0, 0.0]), (0.5, 1e3, [70.0, 20.0])] {
            let height = |mean: f64, sum: f64| -BetweenShapesAndCounts::new([mean * sum, (1.0 - mean) * sum], counts).divergence();
            let (h, k) = (mean * 1e-4, sum * 1e-4);
            let slopes = BetweenShapesAndCounts::new([mean * sum, (1.0 - mean) * sum], counts).slopes();
            let by_mean = (height(mean + h, sum) - height(mean - h, sum)) / (2.0 * h);
            let by_sum = (height(mean, sum + k) - height(mean, sum - k)) / (2.0 * k);
            let twice = |above: f64, at: f64, below: f64, step: f64| (above - 2.0 * at + below) / (step * step);
            let at = height(mean, sum);
            let both = height(mean + h, sum + k) - height(mean + h, sum - k) - height(mean - h, sum + k) + height(mean - h, sum - k);
            for (got, expected) in [
                (slopes.mean, by_mean),
                (slopes.sum, by_sum),
                (slopes.mean_mean, twice(height(mean + h, sum), at, height(mean - h, sum), h)),
                (slopes.sum_sum, twice(height(mean, sum + k), at, height(mean, sum - k), k)),
                (slopes.mean_sum, both / (4.0 * h * k)),
            ] {
                assert!((got - expected).abs() <= 1e-5 * expected.abs() + 1e-6, "{mean}, {sum}, {counts:?}: {got} is not {expected}");
            }
        }
    }
}
