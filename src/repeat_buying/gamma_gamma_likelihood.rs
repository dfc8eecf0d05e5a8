//! The likelihood of the Gamma-Gamma model, written so that nothing is lost where its parameters run far out together.

use core::ops::Range;

use super::SpendTable;
use super::maximum::{Curvature, Objective};
use crate::decimal::count_to_f64;
use crate::special::{digamma_remainder, ln_1p_remainder, stirling_remainder, trigamma_remainder};

/// A span holds no more rows. The results depend on it in their last bits, and on nothing else.
const LONGEST: usize = 4_096;

/// From this many rows on, a part of them is fitted first.
const LARGE: usize = 8_192;

/// The part has about so many rows.
const PART: usize = 2_048;

/// Rows of a [`SpendTable`] in their order.
#[derive(Debug)]
pub(super) struct SpendSample {
    totals: Vec<f64>,
    mean_spends: Vec<f64>,
    weights: Vec<f64>,
    /// Rows with the same number of purchases.
    spans: Vec<(f64, Range<usize>)>,
}

impl SpendSample {
    pub(super) fn new(table: &SpendTable) -> Self {
        Self::every(table, 1)
    }

    /// An even part of a large table.
    pub(super) fn part(table: &SpendTable) -> Option<Self> {
        (table.rows() >= LARGE).then(|| Self::every(table, table.rows().div_ceil(PART)))
    }

    fn every(table: &SpendTable, step: usize) -> Self {
        let mut sample = Self { totals: Vec::new(), mean_spends: Vec::new(), weights: Vec::new(), spans: Vec::new() };
        let mut purchases = 0;
        for (row, (history, weight)) in table.iter().step_by(step.max(1)).enumerate() {
            sample.totals.push(history.total());
            sample.mean_spends.push(history.mean_spend());
            sample.weights.push(count_to_f64(weight));
            let end = row.saturating_add(1);
            match sample.spans.last_mut() {
                Some((_, rows)) if purchases == history.purchases() && rows.len() < LONGEST => rows.end = end,
                _ => sample.spans.push((count_to_f64(history.purchases()), row..end)),
            }
            purchases = history.purchases();
        }
        sample
    }

    #[cfg(not(feature = "rayon"))]
    fn of_spans<S: Send>(&self, of_span: impl Fn(&(f64, Range<usize>)) -> S + Sync) -> Vec<S> {
        self.spans.iter().map(of_span).collect()
    }

    #[cfg(feature = "rayon")]
    fn of_spans<S: Send>(&self, of_span: impl Fn(&(f64, Range<usize>)) -> S + Sync) -> Vec<S> {
        use rayon::prelude::*;

        self.spans.par_iter().map(&of_span).collect()
    }

    fn sums(&self, rows: &Range<usize>, a: f64, q: f64, v: f64) -> Sums {
        let of = |column: &[f64], row: usize| column.get(row).copied().unwrap_or(0.0);
        let mut sums = Sums::default();
        for row in rows.clone() {
            sums.add(a, q, v, (of(&self.totals, row), of(&self.mean_spends, row)), of(&self.weights, row));
        }
        sums
    }
}

/// Sums over rows of the same number of purchases `x`, with `a = p x`, each row times its customers.
///
/// ```text
/// w = x zbar / (x zbar + v),  y = 1 - w,  o = a - (a + q) w
/// ```
#[derive(Debug, Default)]
struct Sums {
    customers: f64,
    ln_mean: f64,
    /// Of `o`.
    offset: f64,
    /// Of `e - ln(1 + e)` for `1 + e = w (a + q) / a`, and for `1 + e = y (a + q) / q`.
    first_remainder: f64,
    second_remainder: f64,
    /// Of `w`, `y` and `w y`.
    w: f64,
    y: f64,
    wy: f64,
}

impl Sums {
    fn add(&mut self, a: f64, q: f64, v: f64, (total, mean): (f64, f64), weight: f64) {
        let (sum, whole) = (a + q, total + v);
        let (w, y) = (total / whole, v / whole);
        let (small, large) = (a.min(q), a.max(q));
        // What the sum of the shapes was rounded by.
        let lost = small - (sum - large);
        let offset = if w <= y { sum.mul_add(-w, a) - lost * w } else { sum.mul_add(y, -q) + lost * y };
        self.customers += weight;
        self.ln_mean += weight * mean.ln();
        self.offset += weight * offset;
        self.first_remainder += weight * ln_1p_remainder(-offset / a, w * (sum / a));
        self.second_remainder += weight * ln_1p_remainder(offset / q, y * (sum / q));
        self.w += weight * w;
        self.y += weight * y;
        self.wy += weight * w * y;
    }

    /// Value and derivatives in the logarithms of `p`, `q` and `v`.
    ///
    /// ```text
    /// ln L = ln(a q / (2 pi (a + q))) / 2 - c - a r1 - q r2 - ln zbar
    /// c = what Stirling's formula leaves of ln B(a, q),  r1, r2 = the two remainders
    /// ```
    fn curvature(&self, a: f64, q: f64) -> Curvature<3> {
        let (n, sum) = (self.customers, a + q);
        let correction = stirling_remainder(a) + stirling_remainder(q) - stirling_remainder(sum);
        let scale = (a / sum * q / core::f64::consts::TAU).ln() / 2.0;
        let value = n * (scale - correction) - a * self.first_remainder - q * self.second_remainder - self.ln_mean;
        let [of_a, of_q, of_sum] = [a, q, sum].map(|shape| (digamma_remainder(shape), trigamma_remainder(shape)));
        // The sum of the first e is - offset / a, that of the second offset / q.
        let d_p = -self.offset - a * self.first_remainder + n * a * (of_sum.0 - of_a.0);
        let d_q = self.offset - q * self.second_remainder + n * q * (of_sum.0 - of_q.0);
        let shared = a / sum * q;
        let p_p = d_p - n * shared + n * (a * a * (of_sum.1 - of_a.1));
        let q_q = d_q - n * shared + n * (q * q * (of_sum.1 - of_q.1));
        let p_q = n * (shared + a * q * of_sum.1);
        let (p_v, q_v, v_v) = (-a * self.y, q * self.w, -sum * self.wy);
        Curvature { value, gradient: [d_p, d_q, -self.offset], hessian: [[p_p, p_q, p_v], [p_q, q_q, q_v], [p_v, q_v, v_v]] }
    }
}

/// The log-likelihood of customers by the model with these parameters.
pub(super) fn ln_likelihood(parameters: [f64; 3], sample: &SpendSample) -> f64 {
    curvature(parameters, sample).value
}

fn curvature([p, q, v]: [f64; 3], sample: &SpendSample) -> Curvature<3> {
    let of_span = |(purchases, rows): &(f64, Range<usize>)| {
        let a = p * purchases;
        sample.sums(rows, a, q, v).curvature(a, q)
    };
    let mut sum = Curvature::ZERO;
    for term in sample.of_spans(of_span) {
        sum.value += term.value;
        let sums = sum.gradient.iter_mut().chain(sum.hessian.iter_mut().flatten());
        let terms = term.gradient.iter().chain(term.hessian.iter().flatten());
        sums.zip(terms).for_each(|(sum, term)| *sum += term);
    }
    sum
}

impl Objective<3> for SpendSample {
    fn curvature(&self, logarithms: &[f64; 3]) -> Curvature<3> {
        curvature(logarithms.map(f64::exp), self)
    }
}

/// What customers spend on average, each of them once.
pub(super) fn mean_spend(table: &SpendTable) -> f64 {
    let n = count_to_f64(table.customers());
    table.iter().map(|(history, customers)| history.mean_spend() * (count_to_f64(customers) / n)).sum()
}

/// Starts for a fit: purchases that vary much, middling or little; in groups of customers who do.
pub(super) fn starts(mean: f64) -> Vec<Vec<[f64; 3]>> {
    let shapes = [1.5, 4.0, 30.0];
    // The mean of all customers is p v / (q - 1).
    shapes.into_iter().map(|q| [0.7, 5.0, 50.0].map(|p| [p, q, mean * (q - 1.0) / p]).to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repeat_buying::SpendHistory;
    use crate::repeat_buying::maximum::check_derivatives;
    use crate::special::ln_gamma;

    fn sample() -> SpendSample {
        let histories = [(1, 20.0), (1, 31.5), (2, 7.25), (3, 90.0), (29, 26.26), (400, 33.0)];
        let weighted = histories.map(|(x, z)| (SpendHistory::new(x, z).unwrap(), x % 3 + 1));
        SpendSample::new(&SpendTable::from_counts(weighted).unwrap())
    }

    #[test]
    fn derivatives_agree_with_differences() {
        let sample = sample();
        for parameters in [[6.25_f64, 3.74, 15.44], [0.05, 0.3, 700.0], [300.0, 40.0, 0.02], [1.0, 1.0, 1.0]] {
            check_derivatives(&sample, parameters);
        }
    }

    #[test]
    fn the_likelihood_is_that_of_the_paper() {
        for [p, q, v] in [[6.25, 3.74, 15.44], [0.05, 0.3, 700.0], [2.0, 30.0, 1e-3]] {
            for (x, z) in [(1.0, 20.0), (7.0, 1e-3), (29.0, 400.0)] {
                let px: f64 = p * x;
                let table = [SpendHistory::new(x.to_string().parse().unwrap(), z).unwrap()].into_iter().collect();
                let got = ln_likelihood([p, q, v], &SpendSample::new(&table));
                let expected = ln_gamma(px + q) - ln_gamma(px) - ln_gamma(q) + q * v.ln() + (px - 1.0) * z.ln() + px * f64::ln(x)
                    - (px + q) * (x * z + v).ln();
                assert!((got - expected).abs() <= 1e-12 * expected.abs().max(10.0), "{p}, {q}, {v}, {x}, {z}: {got} is not {expected}");
            }
        }
    }

    #[test]
    fn nothing_is_lost_far_out() {
        // As p and q grow together the amounts of a customer become equal, and what is left is half a logarithm a customer.
        let sample = sample();
        for far in [[1e9_f64, 1e9, 1.0], [1e20, 3.0, 1e-18], [3.0, 1e20, 1e20], [5e21, 5e21, 5e21], [2e-22, 2e-22, 2e-22]] {
            let Curvature { value, gradient, hessian } = sample.curvature(&far.map(f64::ln));
            assert!(value.is_finite() && gradient.iter().chain(hessian.iter().flatten()).all(|entry| entry.is_finite()), "{far:?}");
        }
        // The limit of p to infinity with p v held: mean spends are inverse gamma.
        let near = |p: f64| ln_likelihood([p, 3.74, 96.5 / p], &sample);
        assert!((near(1e14) - near(1e18)).abs() < 1e-9 * near(1e14).abs(), "{} and {}", near(1e14), near(1e18));
    }
}
