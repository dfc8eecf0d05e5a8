//! The likelihood that BG/NBD and MBG/NBD share.

use super::PurchaseTable;
use super::maximum::{Curvature, Objective};
use super::sample::{Sample, Size, Span, SpanRows};
use crate::decimal::count_to_f64;
use crate::special::Rising;

/// When a customer may leave for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FirstChance {
    /// After the first repeat purchase: BG/NBD.
    AfterRepeatPurchase,
    /// After the very first purchase: MBG/NBD.
    AtOnce,
}

impl FirstChance {
    /// How many chances to leave a customer has let pass who is still there.
    pub(super) fn passed(self, frequency: u64) -> u64 {
        match self {
            Self::AfterRepeatPurchase => frequency,
            Self::AtOnce => frequency.saturating_add(1),
        }
    }
}

/// Parameters in their order: `r` and `alpha` of the rate of buying, `a` and `b` of the probability to leave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BetaGeometric {
    pub(super) r: f64,
    pub(super) alpha: f64,
    pub(super) a: f64,
    pub(super) b: f64,
    pub(super) first_chance: FirstChance,
}

/// `ln(1 + part / whole)`, also where the quotient overflows.
pub(super) fn ln_growth(part: f64, whole: f64) -> f64 {
    let ratio = part / whole;
    if ratio <= 0.5 {
        ratio.ln_1p()
    } else if ratio < 1e300 {
        (1.0 + ratio).ln()
    } else {
        part.ln() - whole.ln()
    }
}

/// `ln(1 + e^z)` and its derivative.
pub(super) fn softplus(z: f64) -> (f64, f64) {
    let small = (-z.abs()).exp();
    let derivative = if z > 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) };
    let ln = if small <= 0.5 { small.ln_1p() } else { (1.0 + small).ln() };
    (z.max(0.0) + ln, derivative)
}

impl BetaGeometric {
    pub(super) fn new([r, alpha, a, b]: [f64; 4], first_chance: FirstChance) -> Self {
        Self { r, alpha, a, b, first_chance }
    }

    /// The logarithm of the odds that a customer has left: 0 chances to leave, and nobody has.
    pub(super) fn ln_odds_left(&self, frequency: u64, recency: f64, age: f64) -> Option<f64> {
        let before = self.first_chance.passed(frequency).checked_sub(1)?;
        let silence = ln_growth(age - recency, self.alpha + recency);
        Some((self.a / (self.b + count_to_f64(before))).ln() + (self.r + count_to_f64(frequency)) * silence)
    }

    /// The log-likelihood of one customer.
    ///
    /// ```text
    /// L = gamma(r + x) / gamma(r)  alpha^r  (alpha + T)^-(r + x)  B(a, b + k) / B(a, b)  (1 + odds that they have left)
    /// odds = a / (b + k - 1)  ((alpha + T) / (alpha + t_x))^(r + x),  k = chances to leave that they have let pass
    /// ```
    pub(super) fn ln_likelihood(&self, frequency: u64, recency: f64, age: f64) -> f64 {
        let (x, passed) = (count_to_f64(frequency), self.first_chance.passed(frequency));
        let staying = Rising::new(self.b, passed).ln - Rising::new(self.a + self.b, passed).ln;
        let buying = Rising::new(self.r, frequency).ln - (self.r + x) * ln_growth(age, self.alpha) - x * self.alpha.ln();
        buying + staying + self.ln_odds_left(frequency, recency, age).map_or(0.0, |odds| softplus(odds).0)
    }

    /// The log-likelihood of all customers of a table.
    pub(super) fn ln_likelihood_of(&self, table: &PurchaseTable) -> f64 {
        Sample::new(table).sum(0.0, |span, rows| self.of_span(span, rows).value, |sum, term| sum + term)
    }

    /// Value and derivatives, in the logarithms of the parameters, summed over the rows of one span.
    fn of_span(&self, span: &Span, rows: SpanRows<'_>) -> Curvature<4> {
        let passed = self.first_chance.passed(span.frequency);
        let x = count_to_f64(span.frequency);
        let &Self { r, alpha, a, b, .. } = self;
        let sums = match passed.checked_sub(1) {
            None => Sums::without_chance_to_leave(self, rows),
            Some(before) => Sums::new(self, x, (a / (b + count_to_f64(before))).ln(), rows),
        };
        // Factors of B(a, b + k) / B(a, b) and of gamma(r + x) / gamma(r), with their derivatives.
        let [buying, staying, whole] = [(r, span.frequency), (b, passed), (a + b, passed)].map(|(from, by)| Rising::new(from, by));
        let n = sums.customers;
        let rx = r + x;
        // How much of the odds depends on b: the derivative of ln(b + k - 1).
        let share = passed.checked_sub(1).map_or(0.0, |before| b / (b + count_to_f64(before)));
        let left = sums.left;
        let value = n * (buying.ln - x * alpha.ln() + staying.ln - whole.ln) - rx * sums.growth + sums.softplus;
        let gradient = [
            r * (n * buying.first - sums.growth + left.silence),
            rx * sums.time - x * n - rx * left.recency,
            -a * n * whole.first + left.weight,
            b * n * (staying.first - whole.first) - share * left.weight,
        ];
        let [d_r, _, d_a, d_b] = gradient;
        let either = sums.either;
        let r_alpha = r * (sums.time - left.recency) - r * rx * either.silence_recency;
        let (r_a, r_b) = (r * either.silence, -share * r * either.silence);
        let (alpha_a, alpha_b) = (-rx * either.recency, share * rx * either.recency);
        let a_b = -a * b * n * whole.second - share * either.weight;
        let hessian = [
            [d_r + r * r * (n * buying.second + either.silence_squared), r_alpha, r_a, r_b],
            [r_alpha, rx * (left.bend - sums.time_bend) + rx * rx * either.recency_squared, alpha_a, alpha_b],
            [r_a, alpha_a, d_a - left.weight - a * a * n * whole.second + either.weight, a_b],
            [r_b, alpha_b, a_b, d_b + b * b * n * (staying.second - whole.second) + share * share * (left.weight + either.weight)],
        ];
        Curvature { value, gradient, hessian }
    }
}

/// Sums over the rows of a span, each row times its customers.
#[derive(Default)]
struct Sums {
    customers: f64,
    /// Of `ln((alpha + T) / alpha)`.
    growth: f64,
    /// Of `P = T / (alpha + T)`, and of `P (1 - P)`.
    time: f64,
    time_bend: f64,
    /// Of the logarithm of `1 + odds`.
    softplus: f64,
    left: Left,
    either: Either,
}

/// Sums weighted with the probability that the customer has left.
#[derive(Default)]
struct Left {
    weight: f64,
    /// Of `L = ln((alpha + T) / (alpha + t_x))`.
    silence: f64,
    /// Of `D = alpha (T - t_x) / ((alpha + T) (alpha + t_x))`, by which `L` falls as `ln alpha` grows.
    recency: f64,
    /// Of the second derivative of `L`.
    bend: f64,
}

/// Sums weighted with the product of the probabilities that the customer has left and has not.
#[derive(Default)]
struct Either {
    weight: f64,
    silence: f64,
    recency: f64,
    silence_squared: f64,
    silence_recency: f64,
    recency_squared: f64,
}

impl Sums {
    fn without_chance_to_leave(model: &BetaGeometric, rows: SpanRows<'_>) -> Self {
        let mut sums = Self::default();
        for (&age, &weight) in rows.ages.iter().zip(rows.weights) {
            sums.add_time(model, age, weight);
        }
        sums
    }

    fn new(model: &BetaGeometric, x: f64, ln_odds: f64, rows: SpanRows<'_>) -> Self {
        let (alpha, rx) = (model.alpha, model.r + x);
        let mut sums = Self::default();
        for ((&recency, &age), &weight) in rows.recencies.iter().zip(rows.ages).zip(rows.weights) {
            let time = sums.add_time(model, age, weight);
            let until_last = recency / (alpha + recency);
            let silence = ln_growth(age - recency, alpha + recency);
            let fall = alpha / (alpha + recency) * ((age - recency) / (alpha + age));
            let (ln, gone) = softplus(ln_odds + rx * silence);
            let (left, either) = (weight * gone, weight * gone * (1.0 - gone));
            sums.softplus += weight * ln;
            sums.left.weight += left;
            sums.left.silence += left * silence;
            sums.left.recency += left * fall;
            sums.left.bend += left * (time * (1.0 - time) - until_last * (1.0 - until_last));
            sums.either.weight += either;
            sums.either.silence += either * silence;
            sums.either.recency += either * fall;
            sums.either.silence_squared += either * silence * silence;
            sums.either.silence_recency += either * silence * fall;
            sums.either.recency_squared += either * fall * fall;
        }
        sums
    }

    fn add_time(&mut self, model: &BetaGeometric, age: f64, weight: f64) -> f64 {
        let time = age / (model.alpha + age);
        self.customers += weight;
        self.growth += weight * ln_growth(age, model.alpha);
        self.time += weight * time;
        self.time_bend += weight * time * (1.0 - time);
        time
    }
}

/// The log-likelihood of a sample.
#[derive(Debug)]
pub(super) struct BetaGeometricLikelihood {
    pub(super) sample: Sample,
    pub(super) first_chance: FirstChance,
}

impl Objective<4> for BetaGeometricLikelihood {
    fn curvature(&self, logarithms: &[f64; 4]) -> Curvature<4> {
        let model = BetaGeometric::new(logarithms.map(f64::exp), self.first_chance);
        self.sample.sum(
            Curvature::ZERO,
            |span, rows| model.of_span(span, rows),
            |mut sum, term| {
                sum.value += term.value;
                let sums = sum.gradient.iter_mut().chain(sum.hessian.iter_mut().flatten());
                let terms = term.gradient.iter().chain(term.hessian.iter().flatten());
                sums.zip(terms).for_each(|(sum, term)| *sum += term);
                sum
            },
        )
    }
}

/// Starts for a fit: customers who buy as often as the sample does, or more often while they are there; in groups of those who leave seldom,
/// middling, mostly or nearly always, all alike, or at once or never, and whose pace differs much or little.
pub(super) fn starts(size: &Size) -> Vec<Vec<[f64; 4]>> {
    let leaving = [(0.3, 3.0), (0.8, 2.5), (3.0, 6.0), (0.5, 0.4), (0.05, 0.05), (2.0, 0.6), (9.0, 1.0)];
    let group = |varieties: [f64; 2], (a, b): (f64, f64)| {
        varieties.into_iter().flat_map(|r| [1.0, 0.5, 0.2].map(|part| [r, r * part * size.between, a, b])).collect()
    };
    leaving.into_iter().flat_map(|leaving| [[0.25, 1.0], [5.0, 40.0]].map(|varieties| group(varieties, leaving))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repeat_buying::PurchaseHistory;
    use crate::repeat_buying::maximum::check_derivatives;

    fn likelihood(first_chance: FirstChance) -> BetaGeometricLikelihood {
        let histories =
            [(0, 0.0, 30.0), (0, 0.0, 0.0), (1, 2.0, 39.0), (1, 39.0, 39.0), (3, 20.0, 27.5), (30, 38.0, 38.5), (4_000, 100.0, 120.0)];
        let weighted = histories.map(|(x, t_x, t)| (PurchaseHistory::new(x, t_x, t).unwrap(), x % 5 + 1));
        BetaGeometricLikelihood { sample: Sample::new(&PurchaseTable::from_counts(weighted).unwrap()), first_chance }
    }

    #[test]
    fn derivatives_agree_with_differences() {
        for first_chance in [FirstChance::AfterRepeatPurchase, FirstChance::AtOnce] {
            let likelihood = likelihood(first_chance);
            for parameters in [[0.243_f64, 4.414, 0.793, 2.426], [3.0, 0.01, 20.0, 0.5], [0.01, 700.0, 1e-3, 50.0]] {
                check_derivatives(&likelihood, parameters);
            }
        }
    }

    #[test]
    fn a_customer_has_the_likelihood_of_a_table_of_one() {
        for first_chance in [FirstChance::AfterRepeatPurchase, FirstChance::AtOnce] {
            let model = BetaGeometric::new([0.243, 4.414, 0.793, 2.426], first_chance);
            for (x, t_x, t) in [(0, 0.0, 30.0), (7, 20.0, 27.5), (4_000, 100.0, 120.0)] {
                let of_table = model.ln_likelihood_of(&[PurchaseHistory::new(x, t_x, t).unwrap()].into_iter().collect());
                let of_customer = model.ln_likelihood(x, t_x, t);
                assert!((of_table - of_customer).abs() <= 1e-14 * of_table.abs(), "{of_table} and {of_customer}");
            }
        }
    }
}
