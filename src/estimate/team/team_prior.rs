//! What the beta distribution of a team may be: its mean and its spread integrated over, on a grid that follows the likelihood.

use crate::special::{BetaBinomialSlopes, Parts};

/// What lies so far below the top, in logarithms, does not count.
const DEPTH: f64 = 14.0;

/// The step of the trapezoidal rule in standard deviations. A normal density would need no more than 1.25; those that are mixed may be
/// narrower than it.
const STEP: f64 = 0.8;

/// With standard deviations of the logit of the mean and of the logarithm of the sum as small as this, the likelihood is that of a normal
/// distribution, and three points in each direction integrate it.
const NARROW: f64 = 0.1;

/// Newton's method only has to find the middle of the grid, to a tenth of a standard deviation.
const MOST_STEPS: u32 = 60;

/// A side of the grid has fewer points than this: beyond the top the density falls exponentially.
const MOST_POINTS: u32 = 100;

/// One distribution that the team may have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Node {
    pub(super) weight: f64,
    pub(super) mean: Parts,
    pub(super) sum: f64,
}

impl Node {
    pub(super) fn mirrored(&self) -> Self {
        Self { mean: self.mean.mirrored(), ..*self }
    }
}

/// The top in the logit of the mean at one logarithm of the sum, prior included, and how the height changes with the latter.
#[derive(Clone, Copy)]
struct Column {
    ln_sum: f64,
    logit: f64,
    deviation: f64,
    /// How the top moves with the logarithm of the sum.
    drift: f64,
    slope: f64,
    curvature: f64,
}

/// The density of the logarithm of the sum where the correlation is uniform, as a logarithm, and its first two derivatives.
fn prior(ln_sum: f64) -> [f64; 3] {
    let Parts { x, y } = Parts::from_logit(ln_sum);
    [x.ln() + y.ln(), y - x, -2.0 * x * y]
}

/// The distributions and their weights. `height` is the log-likelihood, `slopes` its derivatives in the mean and the sum.
pub(super) fn nodes(
    coarse: &[f64],
    pooled: Parts,
    logit: f64,
    height: impl Fn(Parts, f64) -> f64,
    slopes: impl Fn(Parts, f64) -> BetaBinomialSlopes,
) -> Vec<Node> {
    let [first, last] = [coarse.first(), coarse.last()].map(|end| end.copied().unwrap_or(0.0));
    let heights: Vec<(f64, f64)> = coarse.iter().map(|&ln_sum| (ln_sum, height(pooled, ln_sum) + prior(ln_sum)[0])).collect();
    let best = heights.iter().fold((0.0, f64::NEG_INFINITY), |best, &next| if next.1 > best.1 { next } else { best });
    let (mut low, mut high) = (first - 3.0 * DEPTH, last + 3.0 * DEPTH);
    let mut middle = column(best.0, logit, &slopes);
    for _ in 0..MOST_STEPS {
        if middle.slope > 0.0 {
            low = middle.ln_sum;
        } else {
            high = middle.ln_sum;
        }
        let step = if middle.curvature < 0.0 { (-middle.slope / middle.curvature).clamp(-2.0, 2.0) } else { 2.0 * middle.slope.signum() };
        if step.abs() <= 0.1 / (-middle.curvature).max(f64::MIN_POSITIVE).sqrt().max(1.0) {
            break;
        }
        let next = middle.ln_sum + step;
        middle = column(if next > low && next < high { next } else { f64::midpoint(low, high) }, middle.logit, &slopes);
    }
    let deviation = if middle.curvature < 0.0 { (1.0 / -middle.curvature).sqrt().min(1.0) } else { 1.0 };
    let grid = if deviation <= NARROW && middle.deviation <= NARROW {
        normal(&middle, deviation)
    } else {
        let wide: Vec<f64> = heights.iter().filter(|(_, height)| *height > best.1 - DEPTH).map(|&(ln_sum, _)| ln_sum).collect();
        adaptive(&middle, STEP * deviation, &wide, &height, &slopes)
    };
    let total: f64 = grid.iter().map(|node| node.weight).sum();
    grid.into_iter().map(|node| Node { weight: node.weight / total, ..node }).collect()
}

/// The middle of the mean at this logarithm of the sum.
fn column(ln_sum: f64, start: f64, slopes: &impl Fn(Parts, f64) -> BetaBinomialSlopes) -> Column {
    let sum = ln_sum.exp();
    let mut logit = start;
    let (mut low, mut high) = (start - 200.0, start + 200.0);
    for _ in 0..MOST_STEPS {
        let (at, own) = (Parts::from_logit(logit), slopes(Parts::from_logit(logit), ln_sum));
        let speed = at.x * at.y;
        let slope = own.mean * speed + at.y - at.x;
        let curvature = own.mean_mean * speed * speed + own.mean * speed * (at.y - at.x) - 2.0 * speed;
        if slope > 0.0 {
            low = logit;
        } else {
            high = logit;
        }
        let step = if curvature < 0.0 { (-slope / curvature).clamp(-2.0, 2.0) } else { slope.signum() };
        let deviation = if curvature < 0.0 { (1.0 / -curvature).sqrt() } else { 1.0 };
        if step.abs() <= 0.1 * deviation || high - low <= f64::EPSILON * logit.abs() {
            let across = own.mean_sum * speed * sum;
            let [_, prior_slope, prior_curvature] = prior(ln_sum);
            let drift = if curvature < 0.0 { -across / curvature } else { 0.0 };
            let by_sum = sum * own.sum;
            let down = sum * sum * own.sum_sum + by_sum + across * drift + prior_curvature;
            // What is left of the way to the top is taken here.
            let slope = by_sum + prior_slope + across * step;
            return Column { ln_sum, logit: logit + step, deviation, drift, slope, curvature: down };
        }
        let next = logit + step;
        logit = if next > low && next < high { next } else { f64::midpoint(low, high) };
    }
    let [_, slope, curvature] = prior(ln_sum);
    Column { ln_sum, logit, deviation: 1.0, drift: 0.0, slope, curvature }
}

/// The rule of Gauss and Hermite with three points in each direction.
fn normal(middle: &Column, deviation: f64) -> Vec<Node> {
    let points = [(-(3.0_f64.sqrt()), 1.0 / 6.0), (0.0, 2.0 / 3.0), (3.0_f64.sqrt(), 1.0 / 6.0)];
    let in_column = |(by_sum, weight): (f64, f64)| {
        points.into_iter().map(move |(by_mean, own)| {
            let logit = middle.logit + middle.drift * deviation * by_sum + middle.deviation * by_mean;
            Node { weight: weight * own, mean: Parts::from_logit(logit), sum: (middle.ln_sum + deviation * by_sum).exp() }
        })
    };
    points.into_iter().flat_map(in_column).collect()
}

/// The trapezoidal rule, from the middle as far as anything counts.
fn adaptive(
    middle: &Column,
    step: f64,
    wide: &[f64],
    height: &impl Fn(Parts, f64) -> f64,
    slopes: &impl Fn(Parts, f64) -> BetaBinomialSlopes,
) -> Vec<Node> {
    let mut found: Vec<(f64, Node)> = Vec::new();
    let mut top = f64::NEG_INFINITY;
    for (direction, from) in [(-1.0, 0), (1.0, 1)] {
        let mut last = *middle;
        for point in from..MOST_POINTS {
            let ln_sum = middle.ln_sum + direction * step * f64::from(point);
            last = column(ln_sum, last.logit, slopes);
            let best = add_column(&mut found, &last, height);
            top = top.max(best);
            let further = wide.iter().any(|&other| (other - ln_sum) * direction > 0.0);
            if best < top - DEPTH && !further {
                break;
            }
        }
    }
    found.retain(|(height, _)| *height > top - DEPTH);
    found.into_iter().map(|(height, node)| Node { weight: (height - top).exp(), ..node }).collect()
}

/// The points at one logarithm of the sum, with the logarithms of their weights, of which the highest is returned.
fn add_column(found: &mut Vec<(f64, Node)>, column: &Column, height: &impl Fn(Parts, f64) -> f64) -> f64 {
    let step = STEP * column.deviation.min(1.0);
    let [prior, ..] = prior(column.ln_sum);
    let mut top = f64::NEG_INFINITY;
    for (direction, from) in [(-1.0, 0), (1.0, 1)] {
        for point in from..MOST_POINTS {
            let mean = Parts::from_logit(column.logit + direction * step * f64::from(point));
            // The mean is uniform, so that its logit has the density x y.
            let own = height(mean, column.ln_sum) + mean.x.ln() + mean.y.ln() + step.ln() + prior;
            top = top.max(own);
            found.push((own, Node { weight: 0.0, mean, sum: column.ln_sum.exp() }));
            if own < top - DEPTH {
                break;
            }
        }
    }
    top
}
