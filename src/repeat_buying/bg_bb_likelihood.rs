//! The likelihood of the BG/BB model as a sum of positive terms, by recurrence.

use super::eigen::Matrix;
use super::maximum::{Curvature, Objective};
use super::{OpportunityHistory, OpportunityTable};
use crate::decimal::count_to_f64;
use crate::special::Rising;

/// So many rows are summed together. The results depend on it in their last bits, and on nothing else.
const CHUNK: usize = 128;

/// From this many rows on, a part of them is fitted first.
const LARGE: usize = 8_192;

/// The part has about so many rows.
const PART: usize = 1_024;

/// What is left of a sum whose terms are this much smaller changes neither it nor its derivatives.
const NOTHING: f64 = 1e-26;

/// Parameters in their order: `alpha` and `beta` of the probability to buy, `gamma` and `delta` of that to leave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BetaBinomial {
    pub(super) alpha: f64,
    pub(super) beta: f64,
    pub(super) gamma: f64,
    pub(super) delta: f64,
}

/// What is summed over the opportunities after the last purchase, relative to the probability of everything up to it.
///
/// ```text
/// R(i) = product over j < i of (beta + t_x - x + j) / (alpha + beta + t_x + j)  (delta + t_x + j) / (gamma + delta + t_x + j)
/// sum  = sum over i < n - t_x of R(i) gamma / (gamma + delta + t_x + i) + R(n - t_x)
/// ```
///
/// The terms are the customer's leaving before opportunity `t_x + i + 1`, and their being there at the last. They are probabilities, the
/// first of them no smaller than the chance to leave at once, so that nothing overflows or vanishes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Silence {
    /// The sum.
    pub(super) sum: f64,
    /// Its last term.
    pub(super) alive: f64,
}

impl BetaBinomial {
    pub(super) fn new([alpha, beta, gamma, delta]: [f64; 4]) -> Self {
        Self { alpha, beta, gamma, delta }
    }

    pub(super) fn silence(&self, history: &OpportunityHistory) -> Silence {
        let &Self { alpha, beta, gamma, delta } = self;
        let x = f64::from(history.frequency());
        let (mut left, mut alive) = (0.0, 1.0);
        for before in history.recency()..history.opportunities() {
            let c = f64::from(before);
            let leaving = gamma + delta + c;
            left += alive * (gamma / leaving);
            alive *= (beta + (c - x)) / (alpha + beta + c) * ((delta + c) / leaving);
        }
        Silence { sum: left + alive, alive }
    }

    /// The log-likelihood of one customer.
    pub(super) fn ln_likelihood(&self, history: &OpportunityHistory) -> f64 {
        let [x, recency] = [history.frequency(), history.recency()].map(u64::from);
        let &Self { alpha, beta, gamma, delta } = self;
        let buying = Rising::new(alpha, x).ln + Rising::new(beta, recency.saturating_sub(x)).ln - Rising::new(alpha + beta, recency).ln;
        let staying = Rising::new(delta, recency).ln - Rising::new(gamma + delta, recency).ln;
        buying + staying + self.silence(history).sum.ln()
    }
}

/// The sum over a silence while it grows, with derivatives in the logarithms of the parameters.
///
/// `slopes` and the six `bends` are those of the logarithm of `R(i)`; of the second derivatives, those between the probability to buy
/// and that to leave are 0.
#[derive(Debug, Clone, Copy)]
struct Growing {
    /// Opportunities so far.
    until: u32,
    alive: f64,
    slopes: [f64; 4],
    bends: Bends,
    /// Sums over those who have left.
    left: Moments,
}

#[derive(Debug, Clone, Copy, Default)]
struct Bends {
    alpha_alpha: f64,
    alpha_beta: f64,
    beta_beta: f64,
    gamma_gamma: f64,
    gamma_delta: f64,
    delta_delta: f64,
}

/// Sums of terms, times their slopes, and times the products of slopes and the bends.
#[derive(Debug, Clone, Copy)]
struct Moments {
    sum: f64,
    first: [f64; 4],
    second: Matrix<4>,
}

impl Moments {
    const ZERO: Self = Self { sum: 0.0, first: [0.0; 4], second: [[0.0; 4]; 4] };

    fn add(&mut self, term: f64, slopes: &[f64; 4], bends: &Bends) {
        self.sum += term;
        for ((first, row), &slope) in self.first.iter_mut().zip(&mut self.second).zip(slopes) {
            *first += term * slope;
            row.iter_mut().zip(slopes).for_each(|(entry, other)| *entry += term * slope * other);
        }
        let &Bends { alpha_alpha, alpha_beta, beta_beta, gamma_gamma, gamma_delta, delta_delta } = bends;
        let [[aa, ab, ..], [ba, bb, ..], [.., gg, gd], [.., dg, dd]] = &mut self.second;
        for (entry, bend) in [
            (aa, alpha_alpha),
            (ab, alpha_beta),
            (ba, alpha_beta),
            (bb, beta_beta),
            (gg, gamma_gamma),
            (gd, gamma_delta),
            (dg, gamma_delta),
            (dd, delta_delta),
        ] {
            *entry += term * bend;
        }
    }

    /// The logarithm of the sum and its derivatives.
    fn curvature(&self) -> Curvature<4> {
        let gradient = self.first.map(|first| first / self.sum);
        let mut hessian = self.second.map(|row| row.map(|entry| entry / self.sum));
        for (row, slope) in hessian.iter_mut().zip(gradient) {
            row.iter_mut().zip(gradient).for_each(|(entry, other)| *entry -= slope * other);
        }
        Curvature { value: self.sum.ln(), gradient, hessian }
    }
}

impl Growing {
    fn from(recency: u32) -> Self {
        Self { until: recency, alive: 1.0, slopes: [0.0; 4], bends: Bends::default(), left: Moments::ZERO }
    }

    /// Goes on to so many opportunities.
    fn until(&mut self, model: &BetaBinomial, x: f64, opportunities: u32) {
        let &BetaBinomial { alpha, beta, gamma, delta } = model;
        for before in self.until..opportunities {
            if self.alive <= NOTHING * self.left.sum {
                // What is still there is too little to see, and what will be even less.
                self.alive = 0.0;
                break;
            }
            let c = f64::from(before);
            // Of the next opportunity: chances to leave before it and to pass it over.
            let (whole, stay) = (gamma + delta + c, delta + c);
            let (buying, pass) = (alpha + beta + c, beta + (c - x));
            let [of_alpha, of_beta, of_gamma, of_delta] = self.slopes;
            let Bends { gamma_gamma, gamma_delta, delta_delta, .. } = self.bends;
            let (gamma_part, delta_part) = (gamma / whole, delta / whole);
            let (bend_gamma, bend_both) = (-gamma_part * (stay / whole), gamma_part * delta_part);
            let leaving = Bends {
                gamma_gamma: gamma_gamma + bend_gamma,
                gamma_delta: gamma_delta + bend_both,
                delta_delta: delta_delta - delta_part * ((gamma + c) / whole),
                ..self.bends
            };
            self.left.add(self.alive * gamma_part, &[of_alpha, of_beta, of_gamma + stay / whole, of_delta - delta_part], &leaving);
            // Differences of 1 / pass and 1 / buying, and of 1 / stay and 1 / whole.
            let (passing, staying) = (beta / pass * ((alpha + x) / buying), delta / stay * gamma_part);
            self.slopes = [of_alpha - alpha / buying, of_beta + passing, of_gamma - gamma_part, of_delta + staying];
            self.bends.alpha_alpha -= alpha / buying * ((beta + c) / buying);
            self.bends.alpha_beta += alpha / buying * (beta / buying);
            self.bends.beta_beta += passing * (1.0 - beta / pass - beta / buying);
            self.bends.gamma_gamma += bend_gamma;
            self.bends.gamma_delta += bend_both;
            self.bends.delta_delta += staying * (1.0 - delta / stay - delta_part);
            self.alive *= pass / buying * (stay / whole);
        }
        self.until = opportunities;
    }

    fn curvature(&self) -> Curvature<4> {
        let mut whole = self.left;
        whole.add(self.alive, &self.slopes, &self.bends);
        whole.curvature()
    }
}

/// A row, with the places of its numbers among the distinct ones.
#[derive(Debug)]
struct Row {
    history: OpportunityHistory,
    weight: f64,
    frequency: usize,
    passed: usize,
    recency: usize,
}

/// Rows of an [`OpportunityTable`] in their order.
#[derive(Debug)]
pub(super) struct OpportunitySample {
    rows: Vec<Row>,
    /// Distinct frequencies, opportunities passed over before the last purchase, and recencies.
    frequencies: Vec<u32>,
    passed: Vec<u32>,
    recencies: Vec<u32>,
}

fn passed_over(history: &OpportunityHistory) -> u32 {
    history.recency().saturating_sub(history.frequency())
}

impl OpportunitySample {
    pub(super) fn new(table: &OpportunityTable) -> Self {
        Self::every(table, 1)
    }

    /// An even part of a large table.
    pub(super) fn part(table: &OpportunityTable) -> Option<Self> {
        (table.rows() >= LARGE).then(|| Self::every(table, table.rows().div_ceil(PART)))
    }

    fn every(table: &OpportunityTable, step: usize) -> Self {
        let taken = || table.iter().step_by(step.max(1));
        let distinct = |of: fn(&OpportunityHistory) -> u32| {
            let mut values: Vec<u32> = taken().map(|(history, _)| of(&history)).collect();
            values.sort_unstable();
            values.dedup();
            values
        };
        let [frequencies, passed, recencies] = [OpportunityHistory::frequency, passed_over, OpportunityHistory::recency]
            .map(|of: fn(&OpportunityHistory) -> u32| distinct(of));
        let place = |values: &[u32], value: u32| values.binary_search(&value).unwrap_or(0);
        let rows = taken().map(|(history, weight)| Row {
            history,
            weight: count_to_f64(weight),
            frequency: place(&frequencies, history.frequency()),
            passed: place(&passed, passed_over(&history)),
            recency: place(&recencies, history.recency()),
        });
        Self { rows: rows.collect(), frequencies, passed, recencies }
    }

    fn curvature_of(&self, model: &BetaBinomial) -> Curvature<4> {
        let &BetaBinomial { alpha, beta, gamma, delta } = model;
        let risings = |from: f64, values: &[u32]| values.iter().map(|&by| Rising::new(from, by.into())).collect();
        let known = Known {
            alpha: risings(alpha, &self.frequencies),
            beta: risings(beta, &self.passed),
            buying: risings(alpha + beta, &self.recencies),
            delta: risings(delta, &self.recencies),
            staying: risings(gamma + delta, &self.recencies),
        };
        let of_chunk = |rows: &[Row]| {
            let mut sum = Curvature::ZERO;
            let mut growing: Option<(u32, u32, Growing)> = None;
            for row in rows {
                let (frequency, recency) = (row.history.frequency(), row.history.recency());
                // The same history watched for longer goes on where the shorter one ended.
                let mut state = match growing {
                    Some((x, t, state)) if (x, t) == (frequency, recency) => state,
                    _ => Growing::from(recency),
                };
                state.until(model, f64::from(frequency), row.history.opportunities());
                add(&mut sum, row.weight, &state.curvature());
                add(&mut sum, row.weight, &known.until_last_purchase(model, row));
                growing = Some((frequency, recency, state));
            }
            sum
        };
        let mut sum = Curvature::ZERO;
        for term in self.of_chunks(of_chunk) {
            add(&mut sum, 1.0, &term);
        }
        sum
    }

    #[cfg(not(feature = "rayon"))]
    fn of_chunks<S: Send>(&self, of_chunk: impl Fn(&[Row]) -> S + Sync) -> Vec<S> {
        self.rows.chunks(CHUNK).map(of_chunk).collect()
    }

    #[cfg(feature = "rayon")]
    fn of_chunks<S: Send>(&self, of_chunk: impl Fn(&[Row]) -> S + Sync) -> Vec<S> {
        use rayon::prelude::*;

        self.rows.par_chunks(CHUNK).map(&of_chunk).collect()
    }
}

fn add(sum: &mut Curvature<4>, weight: f64, term: &Curvature<4>) {
    sum.value += weight * term.value;
    let sums = sum.gradient.iter_mut().chain(sum.hessian.iter_mut().flatten());
    let terms = term.gradient.iter().chain(term.hessian.iter().flatten());
    sums.zip(terms).for_each(|(sum, term)| *sum += weight * term);
}

/// Rising factorials at the distinct numbers of a sample.
struct Known {
    alpha: Vec<Rising>,
    beta: Vec<Rising>,
    buying: Vec<Rising>,
    delta: Vec<Rising>,
    staying: Vec<Rising>,
}

impl Known {
    /// The logarithm of the probability of everything up to the last purchase.
    ///
    /// ```text
    /// B(alpha + x, beta + t_x - x) / B(alpha, beta)  B(gamma, delta + t_x) / B(gamma, delta)
    /// ```
    fn until_last_purchase(&self, model: &BetaBinomial, row: &Row) -> Curvature<4> {
        let none = Rising { ln: 0.0, first: 0.0, second: 0.0 };
        let at = |risings: &[Rising], place: usize| risings.get(place).copied().unwrap_or(none);
        let (took, passed, bought) = (at(&self.alpha, row.frequency), at(&self.beta, row.passed), at(&self.buying, row.recency));
        let (stayed, whole) = (at(&self.delta, row.recency), at(&self.staying, row.recency));
        let &BetaBinomial { alpha, beta, gamma, delta } = model;
        let gradient = [
            alpha * (took.first - bought.first),
            beta * (passed.first - bought.first),
            -gamma * whole.first,
            delta * (stayed.first - whole.first),
        ];
        let [of_alpha, of_beta, of_gamma, of_delta] = gradient;
        let (alpha_beta, gamma_delta) = (-alpha * (beta * bought.second), -gamma * (delta * whole.second));
        let hessian = [
            [of_alpha + alpha * (alpha * (took.second - bought.second)), alpha_beta, 0.0, 0.0],
            [alpha_beta, of_beta + beta * (beta * (passed.second - bought.second)), 0.0, 0.0],
            [0.0, 0.0, of_gamma - gamma * (gamma * whole.second), gamma_delta],
            [0.0, 0.0, gamma_delta, of_delta + delta * (delta * (stayed.second - whole.second))],
        ];
        Curvature { value: took.ln + passed.ln - bought.ln + stayed.ln - whole.ln, gradient, hessian }
    }
}

impl Objective<4> for OpportunitySample {
    fn curvature(&self, logarithms: &[f64; 4]) -> Curvature<4> {
        self.curvature_of(&BetaBinomial::new(logarithms.map(f64::exp)))
    }
}

/// The log-likelihood of all customers of a table.
pub(super) fn ln_likelihood_of(model: &BetaBinomial, table: &OpportunityTable) -> f64 {
    OpportunitySample::new(table).curvature_of(model).value
}

/// Starts for a fit: customers who take the opportunities as often as the sample does, or more often while there; in groups of those who
/// leave seldom, middling, mostly, all alike, or at once or never, and whose liking differs much or little.
pub(super) fn starts(table: &OpportunityTable) -> Vec<Vec<[f64; 4]>> {
    let (mut taken, mut all) = (0.5, 1.0);
    for (history, weight) in table.iter() {
        taken += count_to_f64(weight) * f64::from(history.frequency());
        all += count_to_f64(weight) * f64::from(history.opportunities());
    }
    let share: f64 = taken / all;
    let leaving = [(0.5, 2.5), (1.0, 20.0), (3.0, 6.0), (0.3, 0.2), (0.05, 0.05), (2.0, 0.6)];
    let group = |sizes: [f64; 2], (gamma, delta): (f64, f64)| {
        let buying = [share, share.sqrt()].into_iter().flat_map(|p| sizes.map(|size| [size * p, (size * (1.0 - p)).max(1e-3)]));
        buying.map(|[alpha, beta]| [alpha, beta, gamma, delta]).collect()
    };
    leaving.into_iter().flat_map(|leaving| [[0.5, 1.5], [8.0, 60.0]].map(|sizes| group(sizes, leaving))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repeat_buying::maximum::check_derivatives;

    fn table() -> OpportunityTable {
        let histories =
            [(0, 0, 0), (0, 0, 6), (1, 1, 6), (1, 1, 9), (1, 6, 6), (3, 5, 40), (40, 40, 40), (2, 3, 3_000), (900, 1_000, 1_100)];
        let weighted = histories.map(|(x, t, n)| (OpportunityHistory::new(x, t, n).unwrap(), u64::from(x % 5 + 1)));
        OpportunityTable::from_counts(weighted).unwrap()
    }

    #[test]
    fn derivatives_agree_with_differences() {
        let sample = OpportunitySample::new(&table());
        for parameters in [[1.2035_f64, 0.7497, 0.6567, 2.7834], [30.0, 0.2, 0.01, 400.0], [0.05, 5.0, 20.0, 0.3]] {
            check_derivatives(&sample, parameters);
        }
    }

    #[test]
    fn a_customer_has_the_likelihood_of_a_table_of_one() {
        let model = BetaBinomial::new([1.2035, 0.7497, 0.6567, 2.7834]);
        let mut sum = 0.0;
        for (history, weight) in table().iter() {
            let of_table = ln_likelihood_of(&model, &[history].into_iter().collect());
            let of_customer = model.ln_likelihood(&history);
            assert!((of_table - of_customer).abs() <= 1e-13 * of_table.abs(), "{of_table} and {of_customer}");
            sum += count_to_f64(weight) * of_customer;
        }
        let of_all = ln_likelihood_of(&model, &table());
        assert!((of_all - sum).abs() <= 1e-13 * sum.abs(), "{of_all} and {sum}");
    }
}
