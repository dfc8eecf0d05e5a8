//! Mixtures of beta distributions: how much lies below a point, and the points below which a given part lies.

use super::beta::{Beta, Parts};

/// Newton's method takes a few steps; the bracket halves where one would leave it.
const MOST_STEPS: u32 = 200;

/// The logit of the smallest positive double.
const FARTHEST_LOGIT: f64 = 744.0;

/// The step after one as small as this no longer changes the last digits.
const LAST_STEP: f64 = 1e-8;

/// Up to these relative variances of the parts' variances, and of the product of that with the variance of their means relative to the
/// whole, a single beta distribution with the mean and the variance of the mixture has its quantiles within 0.002 standard deviations.
const ALIKE: [f64; 2] = [1e-3, 1e-6];

/// Beta distributions, each with its weight; the weights add up to 1.
#[derive(Debug, Clone)]
pub(crate) struct BetaMixture {
    parts: Vec<(f64, Beta)>,
    /// The shapes of the beta distribution with the same mean and variance.
    matched: [f64; 2],
    alike: bool,
}

impl BetaMixture {
    /// Of parts given by their weights and shapes.
    pub(crate) fn new(parts: &[(f64, [f64; 2])]) -> Self {
        let spread = |[a, b]: [f64; 2]| a / (a + b) * (b / (a + b)) / (a + b + 1.0);
        let sum = |of: &dyn Fn([f64; 2]) -> f64| parts.iter().map(|&(weight, shapes)| weight * of(shapes)).sum::<f64>();
        let [x, y, within] = [sum(&|[a, b]| a / (a + b)), sum(&|[a, b]| b / (a + b)), sum(&spread)];
        let between = sum(&|[a, b]| if a < b { a / (a + b) - x } else { y - b / (a + b) }.powi(2));
        let relative = sum(&|shapes| (spread(shapes) / within - 1.0).powi(2));
        let both = (x * y / (within + between) - 1.0).max(f64::MIN_POSITIVE);
        let [most, most_product] = ALIKE;
        Self {
            parts: parts.iter().map(|&(weight, [a, b])| (weight, Beta::new(a, b))).collect(),
            matched: [x * both, y * both],
            alike: relative <= most && relative * (between / (within + between)) <= most_product,
        }
    }

    /// The probability of at most the point, and the density in its logit.
    fn lower_tail_and_density(&self, at: Parts) -> (f64, f64) {
        self.parts.iter().fold((0.0, 0.0), |(lower, density), (weight, beta)| {
            let own = beta.lower_tail_and_density(at);
            (lower + weight * own.0, density + weight * own.1)
        })
    }

    /// The point below which the probability is `tail`, at most a half.
    pub(crate) fn quantile(&self, tail: f64) -> Parts {
        let [a, b] = self.matched;
        let start = Beta::new(a, b).quantile(tail);
        if self.alike {
            return start;
        }
        let (mut low, mut high) = (-FARTHEST_LOGIT, FARTHEST_LOGIT);
        let mut logit = (start.x / start.y).ln().clamp(low, high);
        for _ in 0..MOST_STEPS {
            let (lower, density) = self.lower_tail_and_density(Parts::from_logit(logit));
            let miss = (lower / tail).ln();
            if miss < 0.0 {
                low = logit;
            } else {
                high = logit;
            }
            let step = miss * lower / density;
            let next = logit - step;
            let inside = next > low && next < high;
            logit = if inside { next } else { f64::midpoint(low, high) };
            if (inside && step.abs() <= LAST_STEP) || high - low <= 4.0 * f64::EPSILON * logit.abs().max(1.0) {
                break;
            }
        }
        Parts::from_logit(logit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_has_the_tail_that_was_asked_for() {
        let mixture = BetaMixture::new(&[(0.5, [0.3, 40.0]), (0.3, [80.0, 20.0]), (0.2, [1e9, 1e9])]);
        for tail in [1e-9, 1e-3, 0.025, 0.3, 0.5] {
            let at = mixture.quantile(tail);
            assert!((mixture.lower_tail_and_density(at).0 / tail - 1.0).abs() < 1e-7, "{tail}: {at:?}");
        }
    }

    #[test]
    fn where_the_parts_are_alike_one_distribution_stands_for_them() {
        let parts: Vec<(f64, [f64; 2])> = (0..9_u32)
            .map(|part| {
                let (mean, sum) = (0.8 + 0.001 * f64::from(part % 3), 60.0 + 0.5 * f64::from(part / 3));
                (1.0 / 9.0, [mean * sum, (1.0 - mean) * sum])
            })
            .collect();
        let mixture = BetaMixture::new(&parts);
        assert!(mixture.alike);
        let exact = BetaMixture { alike: false, ..mixture.clone() };
        for tail in [0.001, 0.025, 0.3] {
            let [one, all] = [mixture.quantile(tail).x, exact.quantile(tail).x];
            assert!((one - all).abs() < 1e-4, "{tail}: {one} is not {all}");
        }
    }
}
