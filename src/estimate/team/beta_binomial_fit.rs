//! The beta distribution under which the counts of a team's members are most likely.

use super::team_prior::{Node, nodes};
use crate::decimal::{count_to_f64, wide_count_to_f64};
use crate::error::{Error, Result};
use crate::estimate::{ShrinkageErrors, ShrinkageMethod, TeamSpread};
use crate::share::Share;
use crate::special::{
    BetaBinomialSlopes, BetweenShapesAndCounts, Parts, binomial_shortfall, ln_largest_binomial, separable, separable_derivatives,
};

/// Newton's method takes fewer than ten steps; where it leaves its bracket, that halves.
const MOST_STEPS: u32 = 200;

/// The step on the grid of sums of the shapes: by a factor of 8.
const GRID_STEP: f64 = 3.0 * core::f64::consts::LN_2;

/// A grid has fewer points than this for any counts of 64 bits.
const MOST_GRID_STEPS: u32 = 100;

/// Convergence is quadratic: the step after one as small as this no longer changes the last digits.
const LAST_STEP: f64 = 1e-8;

/// What was found.
pub(super) struct Fit {
    pub(super) mean: Parts,
    pub(super) spread: TeamSpread,
    pub(super) errors: Option<ShrinkageErrors>,
    /// `None` where such a distribution cannot give the counts.
    pub(super) log_likelihood: Option<f64>,
    pub(super) iterations: u32,
    pub(super) converged: bool,
    /// What the distribution may be, weighed by how well it explains the counts.
    pub(super) nodes: Vec<Node>,
}

impl Fit {
    fn of(mean: Parts, spread: TeamSpread, log_likelihood: Option<f64>) -> Self {
        Self { mean, spread, errors: None, log_likelihood, iterations: 0, converged: true, nodes: Vec::new() }
    }

    fn mirrored(self) -> Self {
        let spread = match self.spread {
            TeamSpread::Beta { alpha, beta } => TeamSpread::Beta { alpha: beta, beta: alpha },
            end => end,
        };
        let errors = self.errors.map(|errors| ShrinkageErrors { alpha: errors.beta, beta: errors.alpha, ..errors });
        let nodes = self.nodes.iter().map(Node::mirrored).collect();
        Self { mean: self.mean.mirrored(), spread, errors, nodes, ..self }
    }
}

pub(super) fn fit(method: ShrinkageMethod, members: &[Share]) -> Result<Fit> {
    const METRIC: &str = "spread of the team";
    let first = members.first().ok_or(Error::Undefined { metric: METRIC, because: "there are no members" })?;
    let total = members.iter().skip(1).try_fold(*first, |sum, member| sum.merge(member))?;
    if members.iter().all(|member| member.whole() == 1) {
        return Err(Error::Undefined { metric: METRIC, because: "no member has more than one answer" });
    }
    // The mean is the smaller part of 1, so that neither loses its digits, and a mirrored team has mirrored shapes to the last of them.
    if total.part() > total.complement().part() {
        let mirrored: Vec<Share> = members.iter().map(Share::complement).collect();
        return Ok(Team::of(&mirrored, total.complement()).fit(method).mirrored());
    }
    Ok(Team::of(members, total).fit(method))
}

/// The values that occur, in their order, and how often.
fn collapsed<T: Ord>(mut values: Vec<T>) -> Vec<(T, f64)> {
    values.sort_unstable();
    let mut known: Vec<(T, f64)> = Vec::new();
    for value in values {
        match known.last_mut() {
            Some((last, weight)) if *last == value => *weight += 1.0,
            _ => known.push((value, 1.0)),
        }
    }
    known
}

/// Counts that occur, and in how many members.
struct Team {
    members: f64,
    total: Share,
    pairs: Vec<([f64; 2], f64)>,
    parts: Vec<(f64, f64)>,
    rests: Vec<(f64, f64)>,
    wholes: Vec<(f64, f64)>,
    /// The logarithm of the likelihood if each member had its own share.
    largest: f64,
    /// The sum of `(k - n p)^2 / (p q)` with the share of all answers: at most that of `n` if the members do not differ.
    squares: f64,
}

impl Team {
    fn of(members: &[Share], total: Share) -> Self {
        let column = |count: &dyn Fn(&Share) -> u64| {
            let known = collapsed(members.iter().map(count).collect());
            known.into_iter().map(|(count, weight)| (count_to_f64(count), weight)).collect()
        };
        let known = collapsed(members.iter().map(|member| (member.part(), member.complement().part())).collect());
        let pairs: Vec<([f64; 2], f64)> = known.iter().map(|&((part, rest), weight)| ([part, rest].map(count_to_f64), weight)).collect();
        let largest = pairs.iter().map(|&([part, rest], weight)| weight * ln_largest_binomial(part, rest)).sum();
        let [k, n] = [total.part(), total.whole()].map(u128::from);
        let squares: f64 = known
            .iter()
            .map(|&((part, rest), weight)| {
                // As whole numbers, so that close shares keep their digits; k n fits into 128 bits.
                let whole = u128::from(part).saturating_add(u128::from(rest));
                let (own, expected) = (u128::from(part).saturating_mul(n), whole.saturating_mul(k));
                let excess = wide_count_to_f64(own.abs_diff(expected)) / wide_count_to_f64(n);
                weight * excess * excess
            })
            .sum();
        let variance = total.to_f64() * total.complement().to_f64();
        Self {
            members: pairs.iter().map(|&(_, weight)| weight).sum(),
            total,
            parts: column(&Share::part),
            rests: column(&|member| member.complement().part()),
            wholes: column(&Share::whole),
            pairs,
            largest,
            squares: if variance > 0.0 { squares / variance } else { 0.0 },
        }
    }

    fn fit(&self, method: ShrinkageMethod) -> Fit {
        Fit { nodes: self.nodes(), ..self.point_fit(method) }
    }

    /// What the distribution may be. The likelihood is looked for where it is highest, on the grid, with the prior.
    fn nodes(&self) -> Vec<Node> {
        let [part, rest] = [self.total.part(), self.total.complement().part()].map(count_to_f64);
        // Never at an end, whatever the counts.
        let start = ((part + 1.0) / (rest + 1.0)).ln();
        let mean = (part + 1.0) / (part + rest + 2.0);
        let shapes = |mean: f64, rest: f64, ln_sum: f64| [mean * ln_sum.exp(), rest * ln_sum.exp()];
        let coarse = (0..MOST_GRID_STEPS).map(|step| -(100.0 * self.members).ln() + f64::from(step) * GRID_STEP);
        let coarse: Vec<f64> = coarse.take_while(|&ln_sum| ln_sum <= self.grid_end()).collect();
        let height = |at: Parts, ln_sum: f64| self.log_likelihood(shapes(at.x, at.y, ln_sum));
        let slopes = |at: Parts, ln_sum: f64| self.slopes(at.x, ln_sum.exp());
        nodes(&coarse, Parts { x: mean, y: (rest + 1.0) / (part + rest + 2.0) }, start, height, slopes)
    }

    fn point_fit(&self, method: ShrinkageMethod) -> Fit {
        if self.total.part() == 0 || self.members < 2.0 {
            return self.without_spread();
        }
        match method {
            ShrinkageMethod::MaximumLikelihood => self.by_likelihood(),
            ShrinkageMethod::Moments => self.by_moments(),
        }
    }

    fn pooled(&self) -> Parts {
        Parts { x: self.total.to_f64(), y: self.total.complement().to_f64() }
    }

    fn without_spread(&self) -> Fit {
        let mean = self.pooled();
        let shortfall: f64 = self.pairs.iter().map(|&(counts, weight)| weight * binomial_shortfall(counts, mean)).sum();
        Fit::of(mean, TeamSpread::None, Some(self.largest - shortfall))
    }

    /// The limit where every member is at 0 or at 1, at this mean.
    fn with_total_spread(&self, mean: Parts) -> Fit {
        let all = self.all();
        let log_likelihood = all * mean.x.ln() + (self.members - all) * mean.y.ln();
        Fit::of(mean, TeamSpread::Total, self.is_all_or_nothing().then_some(log_likelihood))
    }

    fn by_moments(&self) -> Fit {
        let answers = count_to_f64(self.total.whole());
        let mean = self.pooled();
        // The sum of n (k/n - p)^2 / (p q).
        let scatter: f64 = self
            .pairs
            .iter()
            .map(|&([part, rest], weight)| {
                let excess = part * mean.y - rest * mean.x;
                weight * (excess / (part + rest)) * (excess / (mean.x * mean.y))
            })
            .sum();
        // The sum of (n - 1) (1 - n / N), which is above 0 with two members of whom one has two answers.
        let room: f64 = self.wholes.iter().map(|&(whole, weight)| weight * (whole - 1.0) * (1.0 - whole / answers)).sum();
        let correlation = (scatter - (self.members - 1.0)) / room;
        if correlation >= 1.0 {
            self.with_total_spread(mean)
        } else if correlation > 0.0 {
            self.beta(mean, (1.0 - correlation) / correlation, None)
        } else {
            self.without_spread()
        }
    }

    /// How many members are at 1.
    fn all(&self) -> f64 {
        self.pairs.iter().filter(|&&([_, rest], _)| rest <= 0.0).map(|&(_, weight)| weight).sum()
    }

    fn is_all_or_nothing(&self) -> bool {
        self.pairs.iter().all(|&([part, rest], _)| part <= 0.0 || rest <= 0.0)
    }

    fn by_likelihood(&self) -> Fit {
        if self.is_all_or_nothing() {
            let all = self.all();
            return self.with_total_spread(Parts { x: all / self.members, y: (self.members - all) / self.members });
        }
        let without = self.without_spread();
        let Some(found) = self.top() else { return without };
        if found.log_likelihood > without.log_likelihood { found } else { without }
    }

    /// The highest point of the likelihood at a finite sum of the shapes, if there is one.
    fn top(&self) -> Option<Fit> {
        let best = self.best_of_grid();
        let mut here = self.profile(best, self.pooled().x);
        // Uphill until the slope turns.
        let uphill = if here.slope > 0.0 { GRID_STEP } else { -GRID_STEP };
        let mut there = here;
        for _ in 0..MOST_GRID_STEPS {
            there = self.profile(here.ln_sum + uphill, here.mean);
            if there.slope * uphill <= 0.0 {
                break;
            }
            here = there;
            // If the squares show no spread, the likelihood may rise for ever.
            if uphill > 0.0 && self.squares <= count_to_f64(self.total.whole()) && here.ln_sum > self.grid_end() {
                return None;
            }
        }
        if there.slope * uphill > 0.0 {
            return None;
        }
        let (mut low, mut high) = if uphill > 0.0 { (here.ln_sum, there.ln_sum) } else { (there.ln_sum, here.ln_sum) };
        for iteration in 1..=MOST_STEPS {
            if here.slope > 0.0 {
                low = here.ln_sum;
            } else {
                high = here.ln_sum;
            }
            let step = if here.curvature < 0.0 { -here.slope / here.curvature } else { f64::INFINITY };
            let next = here.ln_sum + step;
            let settled = step.abs() <= LAST_STEP || high - low <= 4.0 * f64::EPSILON * here.ln_sum.abs();
            here = self.profile(if next >= low && next <= high { next } else { f64::midpoint(low, high) }, here.mean);
            if settled {
                return Some(self.at(&here, iteration, true));
            }
        }
        Some(self.at(&here, MOST_STEPS, false))
    }

    /// Beyond this logarithm of the sum of the shapes, a spread could hardly be seen.
    fn grid_end(&self) -> f64 {
        let most = self.wholes.iter().map(|&(whole, _)| whole).fold(1.0, f64::max);
        (100.0 * most).ln()
    }

    /// The logarithm of the sum of the shapes with the highest likelihood, at the share of all answers.
    fn best_of_grid(&self) -> f64 {
        let start = -(100.0 * self.members).ln();
        let Parts { x, y } = self.pooled();
        let mut best = (start, f64::NEG_INFINITY);
        for step in 0..MOST_GRID_STEPS {
            let ln_sum = start + f64::from(step) * GRID_STEP;
            if ln_sum > self.grid_end() {
                break;
            }
            let sum = ln_sum.exp();
            let value = self.log_likelihood([x * sum, y * sum]);
            if value > best.1 {
                best = (ln_sum, value);
            }
        }
        best.0
    }

    fn log_likelihood(&self, shapes: [f64; 2]) -> f64 {
        let [alpha, beta] = shapes;
        let divergences: f64 =
            self.pairs.iter().map(|&(counts, weight)| weight * BetweenShapesAndCounts::new(shapes, counts).divergence()).sum();
        let of =
            |column: &[(f64, f64)], shape: f64| -> f64 { column.iter().map(|&(count, weight)| weight * separable(shape, count)).sum() };
        self.largest - divergences + of(&self.parts, alpha) + of(&self.rests, beta) - of(&self.wholes, alpha + beta)
    }

    /// The derivatives of the log-likelihood in the mean and in the sum of the shapes.
    fn slopes(&self, mean: f64, sum: f64) -> BetaBinomialSlopes {
        let rest = 1.0 - mean;
        let shapes = [mean * sum, rest * sum];
        let mut total = BetaBinomialSlopes::default();
        for &(counts, weight) in &self.pairs {
            let own = BetweenShapesAndCounts::new(shapes, counts).slopes();
            total.mean += weight * own.mean;
            total.sum += weight * own.sum;
            total.mean_mean += weight * own.mean_mean;
            total.mean_sum += weight * own.mean_sum;
            total.sum_sum += weight * own.sum_sum;
        }
        let of = |column: &[(f64, f64)], shape: f64| {
            column.iter().fold([0.0; 2], |[first, second], &(count, weight)| {
                let [slope, curvature] = separable_derivatives(shape, count);
                [first + weight * slope, second + weight * curvature]
            })
        };
        let [alpha, beta] = shapes;
        let ([a, a2], [b, b2], [s, s2]) = (of(&self.parts, alpha), of(&self.rests, beta), of(&self.wholes, sum));
        total.mean += sum * (a - b);
        total.sum += mean * a + rest * b - s;
        total.mean_mean += sum * sum * (a2 + b2);
        total.mean_sum += a - b + sum * (mean * a2 - rest * b2);
        total.sum_sum += mean * mean * a2 + rest * rest * b2 - s2;
        total
    }

    /// The highest point in the mean at a given sum of the shapes, where the log-likelihood is concave in the mean, and how the height
    /// changes with the logarithm of the sum.
    fn profile(&self, ln_sum: f64, start: f64) -> Profile {
        let sum = ln_sum.exp();
        let (mut low, mut high) = (0.0, 1.0);
        let mut mean = start;
        let mut slopes = self.slopes(mean, sum);
        for _ in 0..MOST_STEPS {
            let step = -slopes.mean / slopes.mean_mean;
            if step.abs() <= LAST_STEP * mean.min(1.0 - mean) {
                break;
            }
            if step > 0.0 {
                low = mean;
            } else {
                high = mean;
            }
            mean = if mean + step > low && mean + step < high { mean + step } else { f64::midpoint(low, high) };
            slopes = self.slopes(mean, sum);
        }
        let BetaBinomialSlopes { mean: by_mean, sum: by_sum, mean_mean, mean_sum, sum_sum } = slopes;
        // What is left of the slope in the mean is followed to its end.
        let slope = sum * (by_sum - mean_sum * by_mean / mean_mean);
        let curvature = sum * sum * (sum_sum - mean_sum * mean_sum / mean_mean) + slope;
        Profile { ln_sum, mean: mean - by_mean / mean_mean, slope, curvature }
    }

    fn at(&self, top: &Profile, iterations: u32, converged: bool) -> Fit {
        let sum = top.ln_sum.exp();
        let mean = Parts { x: top.mean, y: 1.0 - top.mean };
        let fit = self.beta(mean, sum, errors(sum, top.mean, &self.slopes(top.mean, sum)));
        Fit { iterations, converged, ..fit }
    }

    fn beta(&self, mean: Parts, sum: f64, errors: Option<ShrinkageErrors>) -> Fit {
        let shapes = [mean.x * sum, mean.y * sum];
        let [alpha, beta] = shapes;
        Fit { errors, ..Fit::of(mean, TeamSpread::Beta { alpha, beta }, Some(self.log_likelihood(shapes))) }
    }
}

/// The top in the mean at one sum of the shapes.
#[derive(Clone, Copy)]
struct Profile {
    ln_sum: f64,
    mean: f64,
    slope: f64,
    curvature: f64,
}

/// From the inverse of the observed information in the mean and the logarithm of the sum at the top, by linear propagation, which is exact
/// there.
fn errors(sum: f64, mean: f64, slopes: &BetaBinomialSlopes) -> Option<ShrinkageErrors> {
    let &BetaBinomialSlopes { mean_mean, mean_sum, sum_sum, .. } = slopes;
    let curvature = sum * sum * (sum_sum - mean_sum * mean_sum / mean_mean);
    if mean_mean >= 0.0 || curvature >= 0.0 {
        return None;
    }
    let of_sum = -1.0 / curvature;
    // How the top in the mean moves with the logarithm of the sum.
    let drift = -mean_sum * sum / mean_mean;
    let of_mean = -1.0 / mean_mean + drift * drift * of_sum;
    let both = drift * of_sum;
    let of_shape = |part: f64, both: f64| sum * (of_mean + part * (2.0 * both + part * of_sum)).max(0.0).sqrt();
    let correlation = 1.0 / (sum + 1.0);
    Some(ShrinkageErrors {
        mean: of_mean.sqrt(),
        correlation: correlation * (1.0 - correlation) * of_sum.sqrt(),
        alpha: of_shape(mean, both),
        beta: of_shape(1.0 - mean, -both),
    })
}
