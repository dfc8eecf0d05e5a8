//! The likelihood of Pareto/NBD, through the odds that a silent customer has left.

use super::PurchaseTable;
use super::beta_geometric::{ln_growth, softplus};
use super::eigen::Matrix;
use super::maximum::{Curvature, Objective, combine};
use super::sample::{Sample, Size, Span, SpanRows};
use super::sloped::Sloped;
use crate::decimal::count_to_f64;
use crate::special::{Quadrature, Rising, ln_integral};

/// Parameters in their order: `r` and `alpha` of the rate of buying, `s` and `beta` of the rate of leaving.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ParetoGamma {
    pub(super) r: f64,
    pub(super) alpha: f64,
    pub(super) s: f64,
    pub(super) beta: f64,
}

impl ParetoGamma {
    pub(super) fn new([r, alpha, s, beta]: [f64; 4]) -> Self {
        Self { r, alpha, s, beta }
    }

    /// The logarithm of the odds that a customer has left: none if there was no time to.
    pub(super) fn ln_odds_left(&self, frequency: u64, recency: f64, age: f64) -> Option<f64> {
        Some(self.silence(count_to_f64(frequency), recency, age)?.ln_odds())
    }

    /// The probability that a customer is still there, with its derivatives in the logarithms of the parameters.
    pub(super) fn alive(&self, frequency: u64, recency: f64, age: f64) -> Sloped {
        let Some(silence) = self.silence(count_to_f64(frequency), recency, age) else {
            return Sloped { value: 1.0, slopes: [0.0; 4] };
        };
        let (ln_odds, slopes) = silence.sloped_ln_odds(self);
        let (_, gone) = softplus(ln_odds);
        Sloped::of_logarithm(1.0 / (1.0 + ln_odds.exp()), slopes.map(|slope| -gone * slope))
    }

    /// The log-likelihood of one customer.
    ///
    /// ```text
    /// L = gamma(r + x) / gamma(r)  alpha^r  (alpha + T)^-(r + x)  (beta / (beta + T))^s  (1 + odds that they have left)
    /// ```
    pub(super) fn ln_likelihood(&self, frequency: u64, recency: f64, age: f64) -> f64 {
        let x = count_to_f64(frequency);
        let buying = Rising::new(self.r, frequency).ln - (self.r + x) * ln_growth(age, self.alpha) - x * self.alpha.ln();
        let staying = -self.s * ln_growth(age, self.beta);
        buying + staying + self.ln_odds_left(frequency, recency, age).map_or(0.0, |odds| softplus(odds).0)
    }

    /// The log-likelihood of all customers of a table.
    pub(super) fn ln_likelihood_of(&self, table: &PurchaseTable) -> f64 {
        Sample::new(table).sum(0.0, |span, rows| self.of_span(span, rows).value, |sum, term| sum + term)
    }

    /// The time since the last purchase of a customer with so many.
    fn silence(&self, frequency: f64, from: f64, until: f64) -> Option<Silence> {
        Silence::new(&Self { r: self.r + frequency, ..*self }, from, until)
    }

    /// Value and derivatives, in the logarithms of the parameters, summed over the rows of one span.
    fn of_span(&self, span: &Span, rows: SpanRows<'_>) -> Curvature<4> {
        let &Self { r, alpha, s, beta } = self;
        let x = count_to_f64(span.frequency);
        let rx = r + x;
        let (mut n, mut growth, mut fading) = (0.0, Growth::default(), Growth::default());
        let mut left = Curvature::ZERO;
        for ((&recency, &age), &weight) in rows.recencies.iter().zip(rows.ages).zip(rows.weights) {
            n += weight;
            growth.add(age, alpha, weight);
            fading.add(age, beta, weight);
            if let Some(silence) = self.silence(x, recency, age) {
                silence.add_curvature(self, weight, &mut left);
            }
        }
        let rising = Rising::new(r, span.frequency);
        let gradient = [r * (n * rising.first - growth.ln), rx * growth.time - x * n, -s * fading.ln, s * fading.time];
        let value = n * (rising.ln - x * alpha.ln()) - rx * growth.ln - s * fading.ln;
        let [d_r, _, d_s, _] = gradient;
        let (r_alpha, s_beta) = (r * growth.time, s * fading.time);
        let stays = Curvature {
            value,
            gradient,
            hessian: [
                [d_r + r * r * n * rising.second, r_alpha, 0.0, 0.0],
                [r_alpha, -rx * growth.bend, 0.0, 0.0],
                [0.0, 0.0, d_s, s_beta],
                [0.0, 0.0, s_beta, -s * fading.bend],
            ],
        };
        sum(stays, left)
    }
}

fn sum(mut sum: Curvature<4>, term: Curvature<4>) -> Curvature<4> {
    sum.value += term.value;
    let sums = sum.gradient.iter_mut().chain(sum.hessian.iter_mut().flatten());
    let terms = term.gradient.iter().chain(term.hessian.iter().flatten());
    sums.zip(terms).for_each(|(sum, term)| *sum += term);
    sum
}

/// Sums over customers of what a scale, `alpha` or `beta`, grows by in the time `T` that they are watched.
#[derive(Default)]
struct Growth {
    /// Of `ln((alpha + T) / alpha)`.
    ln: f64,
    /// Of `P = T / (alpha + T)`, and of `P (1 - P)`.
    time: f64,
    bend: f64,
}

impl Growth {
    fn add(&mut self, age: f64, scale: f64, weight: f64) {
        let time = age / (scale + age);
        self.ln += weight * ln_growth(age, scale);
        self.time += weight * time;
        self.bend += weight * time * (1.0 - time);
    }
}

/// A growth, in logarithms, that is so large may be computed by the faster functions: what they lose on its way is lost at its end anyway.
const SHORT: f64 = 0.1;

/// Beyond, exponentials and quotients come near to the largest double.
const FARTHEST: f64 = 600.0;
const LARGEST: f64 = 1e300;

/// A time without a purchase, at the end of which the customer may have left.
///
/// ```text
/// odds = integral of ((alpha + T) / (alpha + v))^(r + x)  ((beta + T) / (beta + v))^s  s / (beta + v) over v from t_x to T
/// ```
///
/// All of it is positive: it is the difference of the two hypergeometric functions in the likelihood of Schmittlein, Morrison and Colombo
/// (1987) before it was taken apart. It is integrated in `u = ln((near + v) / (near + t_x))`, where `near` is the smaller of the two scales
/// `alpha` and `beta`, and `far` the larger. There the logarithm of the integrand is concave, and falls steeply from 0 on if at all:
///
/// ```text
/// start - straight u - bent M(u),  M = ln((far + v) / (far + t_x)),  dM / du = (near + v) / (far + v)
/// ```
#[derive(Debug, Clone, Copy)]
struct Silence {
    buying_is_nearer: bool,
    near: f64,
    far: f64,
    /// The scales with the time of the last purchase.
    near_start: f64,
    far_start: f64,
    /// The time from the last purchase to the end.
    time: f64,
    /// `r + x`.
    buying: f64,
    straight: f64,
    bent: f64,
    start: f64,
    /// How far `u` and `M` go.
    length: f64,
    far_length: f64,
}

impl Silence {
    /// With `r` including the purchases. None if it takes no time.
    fn new(customer: &ParetoGamma, from: f64, until: f64) -> Option<Self> {
        let &ParetoGamma { r, alpha, s, beta } = customer;
        let buying_is_nearer = alpha <= beta;
        let (near, far) = (alpha.min(beta), alpha.max(beta));
        let (near_start, far_start, time) = (near + from, far + from, until - from);
        let (length, far_length) = (ln_growth(time, near_start), ln_growth(time, far_start));
        let (straight, bent) = if buying_is_nearer { (r - 1.0, s + 1.0) } else { (s, r) };
        // With u in place of v, s / (beta + v) becomes s (near + v) / (beta + v).
        let share = if buying_is_nearer { ((near + until) / (far + until)).ln() } else { 0.0 };
        let start = s.ln() + share + straight * length + bent * far_length;
        let silence =
            Self { buying_is_nearer, near, far, near_start, far_start, time, buying: r, straight, bent, start, length, far_length };
        (length > 0.0).then_some(silence)
    }

    /// The logarithm of the odds that the customer has left, against being there still.
    fn ln_odds(&self) -> f64 {
        self.start + ln_integral(0.0, self.length, |u| self.fall(u))
    }

    /// The same with its derivatives in the logarithms of the parameters.
    fn sloped_ln_odds(&self, model: &ParetoGamma) -> (f64, [f64; 4]) {
        let &ParetoGamma { r, s, .. } = model;
        let quadrature = Quadrature::new(0.0, self.length, |u| self.fall(u));
        let (mut total, mut sums) = (0.0, [0.0; 4]);
        quadrature.for_each(|u, width| {
            let moment = self.moment(u);
            let mass = width * quadrature.mass(-self.straight * u - self.bent * moment.far_growth);
            total += mass;
            sums.iter_mut().zip(self.ahead(u, &moment)).for_each(|(sum, quantity)| *sum += mass * quantity);
        });
        let [growth, fall, fading, decline] = sums.map(|sum| sum / total);
        let [_, beta_share] = self.shares();
        let slopes = [r * growth, -self.buying * fall, s * fading + 1.0, -(s + 1.0) * decline - beta_share];
        (self.start + quadrature.top + total.ln(), slopes)
    }

    /// What `alpha` and `beta` are of themselves at the end of the silence.
    fn shares(&self) -> [f64; 2] {
        let (near, far) = (self.near / (self.near_start + self.time), self.far / (self.far_start + self.time));
        if self.buying_is_nearer { [near, far] } else { [far, near] }
    }

    /// The logarithm of the integrand against its start, and its slope.
    fn fall(&self, u: f64) -> (f64, f64) {
        let Moment { since, far_growth } = self.moment(u);
        let share = (self.near_start + since) / (self.far_start + since);
        (-self.straight * u - self.bent * far_growth, -self.straight - self.bent * share)
    }

    fn moment(&self, u: f64) -> Moment {
        let since = if u > FARTHEST {
            // The exponential may be beyond the largest double.
            let half = (u / 2.0).exp();
            self.near_start * half * half
        } else if self.length > SHORT {
            self.near_start * (u.exp() - 1.0)
        } else {
            self.near_start * u.exp_m1()
        };
        let growth = since / self.far_start;
        let far_growth = if self.far_length > SHORT && growth < LARGEST { (1.0 + growth).ln() } else { ln_growth(since, self.far_start) };
        Moment { since, far_growth }
    }

    /// What a customer's two scales, `alpha` and `beta`, still grow by in logarithms from a moment to the end, and by how much that falls as
    /// the logarithm of the scale grows.
    fn ahead(&self, u: f64, moment: &Moment) -> [f64; 4] {
        let ahead = (self.time - moment.since).max(0.0);
        let fall = |scale: f64, start: f64| scale / (start + moment.since) * (ahead / (start + self.time));
        let near = [self.length - u, fall(self.near, self.near_start)];
        let far = [self.far_length - moment.far_growth, fall(self.far, self.far_start)];
        let ([growth, fall], [fading, decline]) = if self.buying_is_nearer { (near, far) } else { (far, near) };
        [growth, fall, fading, decline]
    }

    /// Adds what the odds contribute to the log-likelihood of so many customers.
    fn add_curvature(&self, model: &ParetoGamma, weight: f64, sums: &mut Curvature<4>) {
        let &ParetoGamma { r, s, .. } = model;
        let quadrature = Quadrature::new(0.0, self.length, |u| self.fall(u));
        let mut moments = Moments::default();
        quadrature.for_each(|u, width| {
            let moment = self.moment(u);
            let mass = quadrature.mass(-self.straight * u - self.bent * moment.far_growth);
            moments.add(width * mass, self.ahead(u, &moment));
        });
        let (total, means, covariance) = moments.finish();
        let (ln, gone) = softplus(self.start + quadrature.top + total.ln());
        let either = gone * (1.0 - gone);
        let [alpha_share, beta_share] = self.shares();

        // The logarithm of the integrand changes with those of the parameters by these multiples of the four, and constants.
        let rx = self.buying;
        let factors = [r, -rx, s, -(s + 1.0)];
        let slopes = combine(&combine(&factors, &means, |factor, mean| factor * mean), &[0.0, 0.0, 1.0, -beta_share], |a, b| a + b);
        let [growth, fall, fading, decline] = means;
        let [[..], [_, fall_variance, ..], [..], [.., decline_variance]] = covariance;
        let alpha_bend = -rx * ((1.0 - 2.0 * alpha_share - fall) * fall - fall_variance);
        let beta_bend = -(s + 1.0) * ((1.0 - 2.0 * beta_share - decline) * decline - decline_variance) - beta_share * (1.0 - beta_share);
        let bends = [
            [r * growth, -r * fall, 0.0, 0.0],
            [-r * fall, alpha_bend, 0.0, 0.0],
            [0.0, 0.0, s * fading, -s * decline],
            [0.0, 0.0, -s * decline, beta_bend],
        ];
        sums.value += weight * ln;
        let rows = sums.gradient.iter_mut().zip(&mut sums.hessian).zip(slopes.iter().zip(&factors)).zip(covariance.iter().zip(&bends));
        for (((gradient, hessian), (slope, factor)), (covariance, bends)) in rows {
            *gradient += weight * gone * slope;
            let columns = slopes.iter().zip(&factors).zip(covariance.iter().zip(bends));
            for (entry, ((other_slope, other_factor), (covariance, bend))) in hessian.iter_mut().zip(columns) {
                *entry += weight * (gone * (factor * other_factor * covariance + bend) + either * slope * other_slope);
            }
        }
    }
}

/// A moment within a silence.
struct Moment {
    /// The time from the last purchase.
    since: f64,
    /// `M`, what the farther scale has grown by in logarithms.
    far_growth: f64,
}

/// Sums of products of four quantities under a density.
#[derive(Default)]
struct Moments {
    total: f64,
    first: [f64; 4],
    second: Matrix<4>,
}

impl Moments {
    fn add(&mut self, mass: f64, quantities: [f64; 4]) {
        self.total += mass;
        for ((first, second), quantity) in self.first.iter_mut().zip(&mut self.second).zip(quantities) {
            let weighted = mass * quantity;
            *first += weighted;
            for (second, other) in second.iter_mut().zip(quantities) {
                *second += weighted * other;
            }
        }
    }

    /// The total, the means and the covariances.
    fn finish(&self) -> (f64, [f64; 4], Matrix<4>) {
        let means = self.first.map(|first| first / self.total);
        let mut covariance = self.second;
        for (row, mean) in covariance.iter_mut().zip(means) {
            *row = combine(row, &means, |second, other| second / self.total - mean * other);
        }
        (self.total, means, covariance)
    }
}

/// The log-likelihood of a sample.
#[derive(Debug)]
pub(super) struct ParetoLikelihood {
    pub(super) sample: Sample,
}

impl Objective<4> for ParetoLikelihood {
    fn curvature(&self, logarithms: &[f64; 4]) -> Curvature<4> {
        let model = ParetoGamma::new(logarithms.map(f64::exp));
        self.sample.sum(Curvature::ZERO, |span, rows| model.of_span(span, rows), sum)
    }
}

/// Starts for a fit: customers of different variety who buy as often as the sample does, or twice as often while there; in groups of those
/// who leave soon, late, all alike, at once or never, nearly all very soon, or, with a pace that differs little, at once or never.
pub(super) fn starts(size: &Size) -> Vec<Vec<[f64; 4]>> {
    let group = |varieties: &[f64], (s, part): (f64, f64)| {
        let buying = varieties.iter().flat_map(|&r| [1.0, 0.5].map(|part| [r, r * part * size.between]));
        buying.map(|[r, alpha]| [r, alpha, s, part * size.age]).collect::<Vec<_>>()
    };
    let leaving = [(0.6, 0.4), (0.3, 3.0), (3.0, 3.0), (0.2, 0.01), (1.0, 0.05)];
    leaving.map(|leaving| group(&[0.25, 1.0, 5.0], leaving)).into_iter().chain([group(&[5.0, 40.0], (0.2, 0.01))]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repeat_buying::PurchaseHistory;

    fn likelihood() -> ParetoLikelihood {
        let histories =
            [(0, 0.0, 30.0), (0, 0.0, 0.0), (1, 2.0, 39.0), (1, 39.0, 39.0), (3, 20.0, 27.5), (30, 38.0, 38.5), (4_000, 100.0, 120.0)];
        let table = histories.map(|(x, t_x, age)| (PurchaseHistory::new(x, t_x, age).unwrap(), 1 + x % 3));
        ParetoLikelihood { sample: Sample::new(&PurchaseTable::from_counts(table).unwrap()) }
    }

    const PLACES: [[f64; 4]; 6] = [
        [0.55, 10.6, 0.61, 11.7],
        [0.55, 11.7, 0.61, 11.7],
        [2.0, 30.0, 0.05, 0.8],
        [0.01, 0.3, 4.0, 900.0],
        [40.0, 60.0, 500.0, 3e4],
        [0.3, 1e-3, 1e-3, 1e3],
    ];

    #[test]
    fn gradient_and_curvature_agree_with_differences() {
        let objective = likelihood();
        for place in PLACES {
            let at = place.map(f64::ln);
            let here = objective.curvature(&at);
            for row in 0..4 {
                let moved = |by: f64| {
                    let mut point = at;
                    point[row] += by;
                    objective.curvature(&point)
                };
                let step = 1e-4;
                let (above, below) = (moved(step), moved(-step));
                let slope = (above.value - below.value) / (2.0 * step);
                let size = here.gradient[row].abs().max(here.value.abs() * 1e-3);
                assert!((slope - here.gradient[row]).abs() <= 1e-6 * size, "{place:?}, {row}: {slope} and {}", here.gradient[row]);
                for column in 0..4 {
                    let bend = (above.gradient[column] - below.gradient[column]) / (2.0 * step);
                    let got = here.hessian[row][column];
                    let size = here.hessian[row][row].abs().max(here.hessian[column][column].abs()).max(1.0);
                    assert!((bend - got).abs() <= 1e-6 * size, "{place:?}, {row}, {column}: {bend} and {got}");
                }
            }
        }
    }

    #[test]
    fn the_value_is_the_sum_of_the_likelihoods_of_the_customers() {
        let objective = likelihood();
        for place in PLACES {
            let model = ParetoGamma::new(place.map(|parameter| parameter.ln().exp()));
            let histories = [(0, 0.0, 30.0), (0, 0.0, 0.0), (3, 20.0, 27.5), (30, 38.0, 38.5)];
            let rest = [(1, 2.0, 39.0), (1, 39.0, 39.0), (4_000, 100.0, 120.0)];
            let ln = |(x, t_x, age): (u64, f64, f64)| model.ln_likelihood(x, t_x, age);
            let sum = histories.map(ln).iter().sum::<f64>() + rest.map(ln).iter().sum::<f64>() * 2.0;
            let got = objective.curvature(&place.map(f64::ln)).value;
            assert!((got - sum).abs() <= 1e-14 * sum.abs(), "{place:?}: {got} is not {sum}");
        }
    }

    #[test]
    fn nothing_is_nan_where_parameters_are_sought() {
        let ends = [-50.0, -20.0, 0.0, 20.0, 50.0];
        let objective = likelihood();
        for (r, alpha) in ends.iter().flat_map(|&r| ends.map(|alpha| (r, alpha))) {
            for (s, beta) in ends.iter().flat_map(|&s| ends.map(|beta| (s, beta))) {
                let Curvature { value, gradient, hessian } = objective.curvature(&[r, alpha, s, beta]);
                let finite = value.is_finite() && gradient.iter().chain(hessian.iter().flatten()).all(|number| number.is_finite());
                assert!(finite, "{r}, {alpha}, {s}, {beta}: {value}, {gradient:?}, {hessian:?}");
            }
        }
    }

    #[test]
    fn the_probability_alive_has_the_derivatives_of_its_differences() {
        for place in PLACES {
            for (x, t_x, t) in [(0, 0.0, 30.0), (0, 0.0, 0.0), (1, 2.0, 39.0), (1, 39.0, 39.0), (30, 38.0, 38.5), (4_000, 100.0, 120.0)] {
                let history = PurchaseHistory::new(x, t_x, t).unwrap();
                let model = ParetoGamma::new(place);
                let differenced = Sloped::by_differences(model.probability_alive(&history), |factors| {
                    Ok(ParetoGamma::new(combine(&place, &factors, |place, factor| place * factor)).probability_alive(&history))
                })
                .unwrap();
                let got = model.alive(x, t_x, t);
                assert!((got.value - differenced.value).abs() <= 1e-14, "{place:?}: {got:?} is not {differenced:?}");
                for (slope, expected) in got.slopes.iter().zip(differenced.slopes) {
                    assert!((slope - expected).abs() <= 1e-9, "{place:?}, {x}, {t_x}, {t}: {got:?} is not {differenced:?}");
                }
            }
        }
    }
}
