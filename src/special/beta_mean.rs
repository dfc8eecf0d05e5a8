//! The mean of a function under a beta distribution, by the trapezoidal rule in the logit of the point.

use super::beta::{Beta, Parts};

/// Beyond, the logarithm of the density is a straight line, and the parts of a point are kept where they are.
const FARTHEST_LOGIT: f64 = 600.0;

/// What lies so far below the maximum, in logarithms, does not count.
const DEPTH: f64 = 42.0;

/// Two sums that agree so well agree with the integral to the last digits: each doubling squares the error.
const AGREEMENT: f64 = 1e-11;

/// Shapes beyond are taken as these, the smallest next to a larger one as that part of it: the logit and the quotient of the two stay among
/// the doubles, and the bends of the density within the farthest logit.
const SMALLEST_SHAPE: f64 = 1e-300;
const LARGEST_SHAPE: f64 = 1e240;

/// With both shapes at least this large, the deviation is so small that the digits of a point tell less of its density than a normal one does.
const POINT_FROM: f64 = 1e16;

/// The ranges of shapes between those are not as wide as so many points.
const MOST_POINTS: u32 = 1_000;

const FEWEST_STEPS: u32 = 48;
const MOST_DOUBLINGS: u32 = 8;

/// The logarithm of the mean of `f(p)`, where `p` has a beta distribution with shapes `a` and `b`.
///
/// `ln_f` gives the logarithm of `f`, which must be positive, change by no more than powers of `p` and `1 - p` do towards 0 and 1, and
/// be smooth in the logit, and constant below `e^-600`: then the trapezoidal rule converges exponentially, whatever the parameters. With shapes below 1 the logit runs
/// along an exponential, so that long tails are short.
///
/// A shape that underflows has all mass at its end, two of them half of it each. Two shapes from 1e16 on have it at their mean, unless `f`
/// is so steep that it moves the mass.
///
/// Source: H. Takahasi and M. Mori, "Double Exponential Formulas for Numerical Integration", Publ. RIMS 9 (1974), 721-741.
pub(crate) fn ln_beta_mean(a: f64, b: f64, ln_f: impl Fn(Parts) -> f64) -> f64 {
    if let Some(ln_mean) = ln_point_mean(a, b, &ln_f) {
        return ln_mean;
    }
    let mass = Mass::new(a, b, &ln_f);
    // Where heights are so large that they round by more than 1, it is finite all the same.
    let [sum] = mass.sums(|logit, speed| [mass.of(logit, speed, ln_f(near(logit)))]);
    mass.top + sum.ln()
}

/// The logarithm of the mean of `f(p)` as [`ln_beta_mean`] gives it, and means over the beta distribution times `f`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BetaMean {
    pub(crate) ln: f64,
    /// Of two quantities that come with `f`.
    pub(crate) means: [f64; 2],
    /// Of `ln p` and `ln(1 - p)`.
    pub(crate) ln_x: f64,
    pub(crate) ln_y: f64,
}

/// The same with the means of two quantities, which must change no faster than logarithms do towards 0 and 1. `with` gives the logarithm of `f` and them.
///
/// For shapes from 1e-6 to 1e7; within 1e-12 of the largest of what the mean is taken of.
pub(crate) fn beta_mean_with(a: f64, b: f64, ln_f: impl Fn(Parts) -> f64, with: impl Fn(Parts) -> (f64, [f64; 2])) -> BetaMean {
    let mass = Mass::new(a, b, &ln_f);
    let sums = mass.sums(|logit, speed| {
        let at = near(logit);
        let (ln_f, [first, second]) = with(at);
        let (ln_x, ln_y) = if logit < 0.0 {
            let ln_y = (-at.x).ln_1p();
            (logit + ln_y, ln_y)
        } else {
            let ln_x = (-at.y).ln_1p();
            (ln_x, ln_x - logit)
        };
        let term = mass.of(logit, speed, ln_f);
        [term, term * first, term * second, term * ln_x, term * ln_y]
    });
    let [sum, first, second, ln_x, ln_y] = sums;
    BetaMean { ln: mass.top + sum.ln(), means: [first / sum, second / sum], ln_x: ln_x / sum, ln_y: ln_y / sum }
}

fn near(logit: f64) -> Parts {
    Parts::from_logit(logit.clamp(-FARTHEST_LOGIT, FARTHEST_LOGIT))
}

/// Where the mass of a beta distribution times a function is.
struct Mass {
    beta: Beta,
    path: Path,
    low: f64,
    high: f64,
    /// The logarithm of about its greatest density.
    top: f64,
}

impl Mass {
    fn new(a: f64, b: f64, ln_f: &impl Fn(Parts) -> f64) -> Self {
        let smallest = SMALLEST_SHAPE * a.max(b).clamp(1.0, LARGEST_SHAPE);
        let [a, b] = [a, b].map(|shape| shape.max(smallest).min(LARGEST_SHAPE));
        let path = Path { stretched_left: a < 1.0, stretched_right: b < 1.0 };
        let beta = Beta::new(a, b);
        let height = |s: f64| {
            let (logit, speed) = path.at(s);
            beta.ln_logit_density(logit) + ln_f(near(logit)) + speed.ln()
        };
        let (low, high) = path.range(a, b);
        let grid = path.grid(low, high).into_iter().map(|s| (s, height(s))).collect::<Vec<_>>();
        let (summit, width) = summit(&grid, &height);
        let top = height(summit);
        // There may be a second summit, at the other end, when both shapes are small.
        let (first, last) = ends_above(&grid, top - DEPTH, summit);
        let (low, high) = (foot(&height, (first, low), width, top), foot(&height, (last, high), width, top));
        Self { beta, path, low, high, top }
    }

    /// The density there, against its top.
    fn of(&self, logit: f64, speed: f64, ln_f: f64) -> f64 {
        (self.beta.ln_logit_density(logit) + ln_f + speed.ln() - self.top).min(DEPTH).exp()
    }

    /// Integrals of some functions of the logit and its speed, the first of which decides how many points are needed.
    fn sums<const N: usize>(&self, term: impl Fn(f64, f64) -> [f64; N]) -> [f64; N] {
        let add = |sums: &mut [f64; N], s: f64| {
            let (logit, speed) = self.path.at(s);
            sums.iter_mut().zip(term(logit, speed)).for_each(|(sum, term)| *sum += term);
        };
        let mut steps = FEWEST_STEPS;
        let mut width = (self.high - self.low) / f64::from(steps);
        let mut sums = [0.0; N];
        (0..=steps).for_each(|step| add(&mut sums, self.low + width * f64::from(step)));
        for _ in 0..MOST_DOUBLINGS {
            let mut between = [0.0; N];
            (0..steps).for_each(|step| add(&mut between, self.low + width * (f64::from(step) + 0.5)));
            let settled = between.first().zip(sums.first()).is_none_or(|(between, sum)| (between - sum).abs() <= AGREEMENT * sum);
            sums.iter_mut().zip(between).for_each(|(sum, between)| *sum += between);
            (steps, width) = (steps.saturating_mul(2), width / 2.0);
            if settled {
                break;
            }
        }
        sums.map(|sum| sum * width)
    }
}

/// The mean of a function over a distribution that is next to a point, in whose logit it is normal and the logarithm of `f` straight.
fn ln_point_mean(a: f64, b: f64, ln_f: &impl Fn(Parts) -> f64) -> Option<f64> {
    if !(a >= POINT_FROM && b >= POINT_FROM) {
        return None;
    }
    let logit = a.ln() - b.ln();
    let deviation = (1.0 / a + 1.0 / b).sqrt();
    // The slope, by points that doubles tell apart.
    let step = deviation.max(1e-6);
    let at = |logit: f64| ln_f(near(logit));
    let rise = (at(logit + step) - at(logit - step)) / (2.0 * step) * deviation;
    let mean = ln_f(Parts { x: 1.0 / (1.0 + b / a), y: 1.0 / (1.0 + a / b) });
    (rise.abs() < 1.0).then_some(mean + rise * rise / 2.0)
}

impl Beta {
    /// The logarithm of the density in the logit of the point, `x^a y^b / B(a, b)`, at any logit.
    pub(crate) fn ln_logit_density(&self, logit: f64) -> f64 {
        let near = logit.clamp(-FARTHEST_LOGIT, FARTHEST_LOGIT);
        let at = Parts::from_logit(near);
        let (small, large) = (self.a.min(self.b), self.a.max(self.b));
        let scale = (small * (large / (small + large)) / core::f64::consts::TAU).ln() / 2.0;
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
        let (mut grid, mut last) = (vec![low], low);
        for _ in 0..MOST_POINTS {
            if last >= high {
                break;
            }
            last = (last + width(if last < 0.0 { self.stretched_left } else { self.stretched_right })).min(high);
            grid.push(last);
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

    /// `(1 - 3 p / 4)^-3`: from 1 to 64.
    fn rising(p: Parts) -> f64 {
        -3.0 * (p.y + p.x * 0.25).ln()
    }

    #[test]
    fn shapes_that_underflow_have_their_mass_at_an_end() {
        let (nothing, all) = (0.0, 64.0_f64.ln());
        for tiny in [0.0, 1e-320, 1e-300, 1e-280] {
            for other in [1e-200, 1e-9, 0.5, 1.0, 30.0, 1e7, 1e12, 1e30, 1e100, 1e300] {
                for (a, b, expected) in [(tiny, other, nothing), (other, tiny, all)] {
                    let (one, got) = (ln_beta_mean(a, b, |_| 0.0), ln_beta_mean(a, b, rising));
                    assert!(one.abs() <= 2e-13 && (got - expected).abs() <= 2e-13, "{a:e}, {b:e}: {one:e}, {got} is not {expected}");
                }
            }
        }
        for (a, b) in [(0.0, 0.0), (0.0, 1e-320), (1e-320, 1e-320), (1e-300, 0.0), (1e-280, 1e-280)] {
            let got = ln_beta_mean(a, b, rising);
            assert!((got - 32.5_f64.ln()).abs() <= 2e-13, "{a:e}, {b:e}: {got}");
        }
    }

    #[test]
    fn shapes_that_are_huge_have_their_mass_at_the_mean() {
        for (a, b, x) in [(1e300, 1e300, 0.5), (1e300, 3e300, 0.25), (f64::MAX, f64::MAX, 0.5), (1e60, 1e60, 0.5), (1e24, 3e24, 0.25)] {
            let (got, expected) = (ln_beta_mean(a, b, rising), rising(Parts { x, y: 1.0 - x }));
            assert!((got - expected).abs() <= 1e-14, "{a:e}, {b:e}: {got} is not {expected}");
        }
        for other in [1.0, 2.0, 400.0, 1e7, 1e20, 1e200, 1e280] {
            let ends = [ln_beta_mean(other, 1e300, rising), ln_beta_mean(1e300, other, rising)];
            assert!(ends[0].abs() <= 1e-11 && (ends[1] - 64.0_f64.ln()).abs() <= 1e-11, "{other:e}: {ends:?}");
        }
        // Either way at the border.
        for size in [0.99e16, 1.01e16] {
            let got = ln_beta_mean(size, size, rising);
            assert!((got + 3.0 * 0.625_f64.ln()).abs() <= 2e-9, "{size:e}: {got}");
        }
    }

    #[test]
    fn a_function_that_is_steep_enough_moves_the_mass() {
        // The largest of a ln x + a ln y - a ln(1 - x / 2), at x = 2 - sqrt(2), above that of the first two at 1 / 2.
        let x = 2.0 - core::f64::consts::SQRT_2;
        let expected = x.ln() + (1.0 - x).ln() - (1.0 - x / 2.0).ln() + 4.0_f64.ln();
        for size in [1e20, 1e23, 1e30, 1e60, 1e100] {
            let got = ln_beta_mean(size, size, |p| -size * (p.y + p.x * 0.5).ln()) / size;
            assert!((got - expected).abs() <= 1e-10, "{size:e}: {got} is not {expected}");
        }
        // At a tenth of a deviation's slope, the mean is that of a normal distribution: r^2 / 2 above.
        let got = ln_beta_mean(2e24, 2e24, |p| 1e11 * (p.x - 0.5));
        let rise: f64 = 1e11 / 4.0 * 1e-12;
        assert!((got - rise * rise / 2.0).abs() <= 1e-9, "{got}");
    }

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

    #[test]
    fn means_beside_a_mean_are_derivatives_of_its_logarithm() {
        // Of p^c: ln B(a + c, b) - ln B(a, b), whose derivative in c is the mean of ln p, and in b that of ln(1 - p) above the plain one.
        for (a, b) in [(0.05, 0.3), (0.8, 2.4), (3.5, 20.0), (400.0, 7.0), (1e-4, 5.0), (30.0, 1e6)] {
            let c = 1.25;
            let power = |c: f64| move |p: Parts| c * p.x.ln();
            let got = beta_mean_with(a, b, power(c), |p| (c * p.x.ln(), [1.0, p.x]));
            let plain = beta_mean_with(a, b, |_| 0.0, |p| (0.0, [p.x, p.y]));
            let mean = a / (a + b);
            assert!((plain.means[0] - mean).abs() <= 1e-13 && (plain.means[1] + mean - 1.0).abs() <= 1e-13, "{a}, {b}: {plain:?}");
            assert!((got.means[0] - 1.0).abs() <= 1e-15 && (got.means[1] - (a + c) / (a + b + c)).abs() <= 1e-13, "{a}, {b}: {got:?}");
            assert!((got.ln - ln_beta_mean(a, b, power(c))).abs() <= 1e-14 * got.ln.abs().max(1.0), "{a}, {b}: {got:?}");
            let (digamma, digamma_of_all) = (ln_gamma_slope(a + c), ln_gamma_slope(a + b + c));
            assert!((got.ln_x - (digamma - digamma_of_all)).abs() <= 1e-12 * got.ln_x.abs().max(1.0), "{a}, {b}: {got:?}");
            let ln_y = ln_gamma_slope(b) - digamma_of_all;
            assert!((got.ln_y - ln_y).abs() <= 1e-12 * ln_y.abs().max(1.0), "{a}, {b}: {got:?}");
            let ln_x = ln_gamma_slope(a) - ln_gamma_slope(a + b);
            assert!((plain.ln_x - ln_x).abs() <= 1e-12 * ln_x.abs().max(1.0), "{a}, {b}: {plain:?} is not {ln_x}");
        }
    }

    fn ln_gamma_slope(a: f64) -> f64 {
        crate::special::digamma_remainder(a) + a.ln()
    }
}
