//! The mean of a function under a beta distribution, by the trapezoidal rule in the logit of the point.

use super::beta::{Beta, Parts};

/// Beyond, the logarithm of the density is a straight line, and the parts of a point are kept where they are.
const FARTHEST_LOGIT: f64 = 600.0;

/// What lies so far below the maximum, in logarithms, does not count.
const DEPTH: f64 = 42.0;

/// Two sums that agree so well agree with the integral to the last digits: each doubling squares the error.
const AGREEMENT: f64 = 1e-11;

const FEWEST_STEPS: u32 = 48;
const MOST_DOUBLINGS: u32 = 8;

/// The logarithm of the mean of `f(p)`, where `p` has a beta distribution with shapes `a` and `b`.
///
/// `ln_f` gives the logarithm of `f`, which must be positive, change by no more than powers of `p` and `1 - p` do towards 0 and 1, and
/// be smooth in the logit, and constant below `e^-600`: then the trapezoidal rule converges exponentially, whatever the parameters. With shapes below 1 the logit runs
/// along an exponential, so that long tails are short.
///
/// Source: H. Takahasi and M. Mori, "Double Exponential Formulas for Numerical Integration", Publ. RIMS 9 (1974), 721-741.
pub(crate) fn ln_beta_mean(a: f64, b: f64, ln_f: impl Fn(Parts) -> f64) -> f64 {
    let path = Path { stretched_left: a < 1.0, stretched_right: b < 1.0 };
    let beta = Beta::new(a, b);
    let height = |s: f64| {
        let (logit, speed) = path.at(s);
        beta.ln_logit_density(logit) + ln_f(Parts::from_logit(logit.clamp(-FARTHEST_LOGIT, FARTHEST_LOGIT))) + speed.ln()
    };
    let (low, high) = path.range(a, b);
    let grid = path.grid(low, high).into_iter().map(|s| (s, height(s))).collect::<Vec<_>>();
    let (summit, width) = summit(&grid, &height);
    let top = height(summit);
    // There may be a second summit, at the other end, when both shapes are small.
    let (first, last) = ends_above(&grid, top - DEPTH, summit);
    let (low, high) = (foot(&height, (first, low), width, top), foot(&height, (last, high), width, top));
    let term = |s: f64| (height(s) - top).exp();
    let mut steps = FEWEST_STEPS;
    let mut width = (high - low) / f64::from(steps);
    let mut sum = (0..=steps).map(|step| term(low + width * f64::from(step))).sum::<f64>();
    for _ in 0..MOST_DOUBLINGS {
        let between = (0..steps).map(|step| term(low + width * (f64::from(step) + 0.5))).sum::<f64>();
        let settled = (between - sum).abs() <= AGREEMENT * sum;
        sum += between;
        (steps, width) = (steps.saturating_mul(2), width / 2.0);
        if settled {
            break;
        }
    }
    top + (width * sum).ln()
}

impl Beta {
    /// The logarithm of the density in the logit of the point, `x^a y^b / B(a, b)`, at any logit.
    pub(crate) fn ln_logit_density(&self, logit: f64) -> f64 {
        let near = logit.clamp(-FARTHEST_LOGIT, FARTHEST_LOGIT);
        let at = Parts::from_logit(near);
        let scale = (self.a / (self.a + self.b) * self.b / core::f64::consts::TAU).ln() / 2.0;
        let beyond = if logit < near { self.a * (near - logit) } else { self.b * (logit - near) };
        scale - self.exponent(at, self.offset(at)) - self.correction - beyond
    }
}

/// The logit as a function of what is stepped through evenly.
struct Path {
    stretched_left: bool,
    stretched_right: bool,
}

impl Path {
    /// The logit and its derivative.
    fn at(&self, s: f64) -> (f64, f64) {
        let left = if self.stretched_left { (-s).exp() } else { 0.0 };
        let right = if self.stretched_right { s.exp() } else { 0.0 };
        (s - left + right, 1.0 + left + right)
    }

    /// Points to look for summits at: a stretched end may hold one of its own, which takes a finer grid to see.
    fn grid(&self, low: f64, high: f64) -> Vec<f64> {
        let width = |stretched: bool| if stretched { 1.5 } else { 25.0 };
        let mut grid = vec![low];
        while let Some(&last) = grid.last()
            && last < high
        {
            grid.push((last + width(if last < 0.0 { self.stretched_left } else { self.stretched_right })).min(high));
        }
        grid
    }

    /// Where nothing is missed: the density falls with a slope of the shape there, after all that `f` may do before.
    fn range(&self, a: f64, b: f64) -> (f64, f64) {
        let end = |stretched: bool, shape: f64| if stretched { (800.0 / shape).ln() } else { 800.0 };
        (-end(self.stretched_left, a), end(self.stretched_right, b))
    }
}

/// The highest point, and about how sure that is: between the neighbours of the highest of the grid, by golden section.
fn summit(grid: &[(f64, f64)], height: &impl Fn(f64) -> f64) -> (f64, f64) {
    let best = grid.iter().enumerate().reduce(|best, point| if point.1.1 > best.1.1 { point } else { best }).map_or(0, |(index, _)| index);
    let at = |index: Option<usize>| index.and_then(|index| grid.get(index)).or(grid.get(best)).map_or(0.0, |point| point.0);
    let (mut low, mut high) = (at(best.checked_sub(1)), at(best.checked_add(1)));
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut left, mut right) = (high - golden * (high - low), low + golden * (high - low));
    let (mut at_left, mut at_right) = (height(left), height(right));
    let mut level = 0_u32;
    for _ in 0..70 {
        // So flat, three times in a row, that it is the summit.
        level = if (at_left - at_right).abs() < 1e-2 { level.saturating_add(1) } else { 0 };
        if level >= 3 {
            break;
        }
        if at_left < at_right {
            (low, left, at_left) = (left, right, at_right);
            right = low + golden * (high - low);
            at_right = height(right);
        } else {
            (high, right, at_right) = (right, left, at_left);
            left = high - golden * (high - low);
            at_left = height(left);
        }
    }
    (f64::midpoint(low, high), high - low)
}

/// The first and the last point of the grid that are higher, or the summit.
fn ends_above(grid: &[(f64, f64)], level: f64, summit: f64) -> (f64, f64) {
    let above = || grid.iter().filter(|(_, height)| *height > level).map(|(s, _)| *s);
    (above().fold(summit, f64::min), above().fold(summit, f64::max))
}

/// Where, on the way from here to `end`, the height has fallen so far below the top that nothing beyond counts.
fn foot(height: &impl Fn(f64) -> f64, (from, end): (f64, f64), first: f64, top: f64) -> f64 {
    let direction = (end - from).signum();
    let deep = |distance: f64| height(from + direction * distance) < top - DEPTH;
    let farthest = (end - from).abs();
    let (mut near, mut far) = (0.0, first.max(1e-12));
    while far < farthest && !deep(far) {
        (near, far) = (far, 2.0 * far);
    }
    far = far.min(farthest);
    for _ in 0..6 {
        let middle = f64::midpoint(near, far);
        if deep(middle) { far = middle } else { near = middle }
    }
    from + direction * far
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_of_powers_are_those_of_the_beta_distribution() {
        for a in [1e-100, 1e-9, 0.05, 0.5, 1.0, 3.5, 400.0, 1e7] {
            for b in [1e-100, 1e-9, 0.3, 1.0, 20.0, 5e4, 1e7] {
                let ln_one = ln_beta_mean(a, b, |_| 0.0);
                let ln_x = ln_beta_mean(a, b, |p| p.x.ln());
                let ln_y_squared = ln_beta_mean(a, b, |p| 2.0 * p.y.ln());
                let expected = (b / (a + b)).ln() + ((b + 1.0) / (a + b + 1.0)).ln();
                assert!(ln_one.abs() <= 1e-13, "{a}, {b}: {ln_one:e}");
                assert!((ln_x - (a / (a + b)).ln()).abs() <= 1e-13 * ln_x.abs().max(1.0), "{a}, {b}: {ln_x}");
                assert!((ln_y_squared - expected).abs() <= 1e-13 * expected.abs().max(1.0), "{a}, {b}: {ln_y_squared} is not {expected}");
            }
        }
    }
}
