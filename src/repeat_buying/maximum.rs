//! The maximum of a log-likelihood in the logarithms of its parameters, by Newton's method in a trust region.
//!
//! Source: J. Nocedal and S. J. Wright, "Numerical Optimization", 2nd ed. (2006), chapter 4.

use super::eigen::{Eigen, Matrix, dot, times};

/// Parameters are sought from e^-50 to e^50 times the size that the unit of the data gives them.
const FARTHEST: f64 = 50.0;

/// So close to the end of the range there is no room for a step.
const NEAR_THE_END: f64 = 2.0;

/// This is the end itself, but for rounding.
const AT_THE_END: f64 = 1e-9;

/// More steps than any fit needs that comes to an end.
const MOST_STEPS: u32 = 200;

/// What a Newton step would still gain, at the end.
const NOTHING_TO_GAIN: f64 = 1e-18;

/// Information of a parameter's logarithm below which a sample does not tell its order of magnitude.
pub(super) const NO_INFORMATION: f64 = 1e-5;

/// A maximum is in sight where a Newton step would gain no more, and its end is no farther from it.
const IN_SIGHT: f64 = 0.02;

/// A function with its first and second derivatives at a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Curvature<const N: usize> {
    pub(super) value: f64,
    pub(super) gradient: [f64; N],
    pub(super) hessian: Matrix<N>,
}

impl<const N: usize> Curvature<N> {
    pub(super) const ZERO: Self = Self { value: 0.0, gradient: [0.0; N], hessian: [[0.0; N]; N] };

    fn is_finite(&self) -> bool {
        self.value.is_finite() && self.gradient.iter().chain(self.hessian.iter().flatten()).all(|number| number.is_finite())
    }
}

/// Entry by entry.
pub(super) fn combine<const N: usize>(left: &[f64; N], right: &[f64; N], of: impl Fn(f64, f64) -> f64) -> [f64; N] {
    let mut result = *left;
    for (entry, &right) in result.iter_mut().zip(right) {
        *entry = of(*entry, right);
    }
    result
}

/// A log-likelihood as a function of the logarithms of its parameters.
pub(super) trait Objective<const N: usize> {
    /// Value and derivatives; no NaN where parameters are sought.
    fn curvature(&self, logarithms: &[f64; N]) -> Curvature<N>;
}

/// Where a search ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Maximum<const N: usize> {
    pub(super) at: [f64; N],
    pub(super) curvature: Curvature<N>,
    pub(super) steps: u32,
    pub(super) ending: Ending<N>,
}

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Ending<const N: usize> {
    /// At a maximum; the inverse of the information there.
    Peak(Matrix<N>),
    /// On a ridge or a plain that leads on, or as far out as parameters are sought.
    Open,
    /// Not at an end.
    Stopped,
}

/// Where a function is sought, and how well its values are known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terrain<const N: usize> {
    /// The logarithms that the unit of the data gives the parameters.
    centre: [f64; N],
    /// What rounding makes of a value, besides its own size.
    roughness: f64,
}

impl<const N: usize> Terrain<N> {
    /// Of a sample of so much weight.
    pub(super) fn new(centre: [f64; N], weight: f64) -> Self {
        Self { centre, roughness: 1e-15 * weight }
    }

    /// A point, or the nearest to it where parameters are sought.
    pub(super) fn sought(&self, point: &[f64; N]) -> [f64; N] {
        combine(point, &self.centre, |logarithm, middle| logarithm.clamp(middle - FARTHEST, middle + FARTHEST))
    }

    /// How far a direction leads from a point before a parameter is as far out as it is sought.
    pub(super) fn reach(&self, at: &[f64; N], direction: &[f64; N]) -> f64 {
        let ends = combine(&self.centre, direction, |middle, along| middle + FARTHEST.copysign(along));
        let left = combine(&ends, at, |end, at| end - at);
        let lengths = combine(&left, direction, |left, along| if along.abs() > 1e-3 { left / along } else { f64::INFINITY });
        lengths.iter().copied().fold(f64::INFINITY, f64::min).max(0.0)
    }

    /// What rounding may make of a value.
    pub(super) fn noise(&self, value: f64) -> f64 {
        1e-13 * (1.0 + value.abs()) + self.roughness
    }

    /// Which parameters are as far out as they are sought, or nearly, while the function does not fall that way.
    pub(super) fn outward(&self, at: &[f64; N], gradient: &[f64; N]) -> [f64; N] {
        combine(&self.away_from_centre(at), gradient, |distance, slope| {
            let is_outward = distance.abs() >= FARTHEST - NEAR_THE_END && distance * slope >= 0.0;
            if is_outward { distance.signum() } else { 0.0 }
        })
    }

    /// How far the parameters are from what the unit of the data gives them, in logarithms.
    pub(super) fn away_from_centre(&self, at: &[f64; N]) -> [f64; N] {
        combine(at, &self.centre, |at, middle| at - middle)
    }

    /// Which parameters are at the end of where they are sought and would leave it by a step.
    fn held(&self, at: &[f64; N], step: &[f64; N]) -> [bool; N] {
        combine(
            &self.away_from_centre(at),
            step,
            |distance, step| {
                if distance.abs() >= FARTHEST - AT_THE_END && distance * step > 0.0 { 1.0 } else { 0.0 }
            },
        )
        .map(|held| held > 0.0)
    }

    /// Whether one maximum is the likelier place, or as likely and known for what it is.
    pub(super) fn is_better(&self, one: &Maximum<N>, other: &Maximum<N>) -> bool {
        let (value, other_value) = (one.curvature.value, other.curvature.value);
        if !(value.is_finite() && other_value.is_finite()) {
            return value.is_finite();
        }
        let (gain, noise) = (value - other_value, 10.0 * self.noise(value));
        gain > noise || (gain >= -noise && matches!(other.ending, Ending::Stopped))
    }
}

/// Climbs from one point.
#[cfg(test)]
pub(super) fn climb<const N: usize>(objective: &impl Objective<N>, start: [f64; N], terrain: &Terrain<N>) -> Maximum<N> {
    let (maximum, _) = climb_unless(objective, start, terrain, |_, _| false);
    maximum
}

/// Climbs from one point to a maximum that is not known yet: none if a known one is in sight.
pub(super) fn climb_to_another<const N: usize>(
    objective: &impl Objective<N>,
    start: [f64; N],
    terrain: &Terrain<N>,
    known: &[Maximum<N>],
) -> Option<Maximum<N>> {
    let leads_to_known = |place: &[f64; N], value: f64| {
        known.iter().any(|known| {
            let away = combine(place, &known.at, |place, known| place - known);
            let is_peak = matches!(known.ending, Ending::Peak(_));
            is_peak && (value - known.curvature.value).abs() <= IN_SIGHT && away.iter().all(|away| away.abs() <= IN_SIGHT)
        })
    };
    let (maximum, is_known) = climb_unless(objective, start, terrain, leads_to_known);
    (!is_known).then_some(maximum)
}

/// Climbs on unless where the next full step of Newton leads, and its expected value, is known already.
fn climb_unless<const N: usize>(
    objective: &impl Objective<N>,
    start: [f64; N],
    terrain: &Terrain<N>,
    is_known: impl Fn(&[f64; N], f64) -> bool,
) -> (Maximum<N>, bool) {
    let mut at = terrain.sought(&start);
    let mut here = objective.curvature(&at);
    let mut radius = 1.0_f64;
    for steps in 0..MOST_STEPS {
        let end = |ending: Ending<N>| (Maximum { at, curvature: here, steps, ending }, false);
        if !here.is_finite() {
            return end(Ending::Stopped);
        }
        let Planned { step, information, to_gain, is_held } = Planned::new(&here, &at, radius, terrain);
        let is_flat = is_held || information.least() <= NO_INFORMATION;
        if to_gain.is_some_and(|gain| gain <= NOTHING_TO_GAIN || (gain <= NO_INFORMATION / 10.0 && is_flat)) {
            return end(if is_flat { Ending::Open } else { peak(&information) });
        }
        if let Some(gain) = to_gain.filter(|&gain| gain <= IN_SIGHT && !is_flat) {
            let target = combine(&at, &step, |from, step| from + step);
            if is_known(&target, here.value + gain) {
                return (Maximum { at, curvature: here, steps, ending: Ending::Stopped }, true);
            }
        }
        // As far as there is room.
        let part = terrain.reach(&at, &step).min(1.0);
        let target = terrain.sought(&combine(&at, &step, |from, step| from + part * step));
        let step = combine(&target, &at, |to, from| to - from);
        let length = dot(&step, &step).sqrt();
        let there = objective.curvature(&target);
        let predicted = dot(&here.gradient, &step) + dot(&step, &times(&here.hessian, &step)) / 2.0;
        if predicted <= terrain.noise(here.value) {
            // Too little for the values to tell: let the derivatives decide.
            let left = there.is_finite().then(|| Planned::new(&there, &target, radius, terrain).to_gain).flatten();
            if left.zip(to_gain).is_some_and(|(left, before)| left < before) {
                (at, here) = (target, there);
                continue;
            }
            let is_outward = terrain.outward(&at, &here.gradient).iter().any(|along| along.abs() > 0.0);
            return end(match to_gain {
                _ if is_outward || is_flat => Ending::Open,
                Some(gain) if gain <= NO_INFORMATION => peak(&information),
                _ => Ending::Stopped,
            });
        }
        let ratio = if there.is_finite() { (there.value - here.value) / predicted } else { -1.0 };
        if ratio < 0.25 {
            radius = 0.25 * length;
        } else if ratio > 0.75 && length > 0.99 * radius {
            radius = (2.0 * radius).min(8.0);
        }
        if ratio > 1e-4 {
            (at, here) = (target, there);
        }
    }
    let is_outward = terrain.outward(&at, &here.gradient).iter().any(|along| along.abs() > 0.0);
    (Maximum { at, curvature: here, steps: MOST_STEPS, ending: if is_outward { Ending::Open } else { Ending::Stopped } }, false)
}

fn peak<const N: usize>(information: &Eigen<N>) -> Ending<N> {
    information.inverse().map_or(Ending::Stopped, Ending::Peak)
}

/// A step, and what is known where it begins.
struct Planned<const N: usize> {
    step: [f64; N],
    /// Of the parameters that are not held.
    information: Eigen<N>,
    /// What a full Newton step gains by the quadratic model, where it has a maximum.
    to_gain: Option<f64>,
    /// Whether a parameter is held at the end of where it is sought.
    is_held: bool,
}

impl<const N: usize> Planned<N> {
    /// The best step by the quadratic model; parameters that would leave where they are sought are held, and the others move.
    fn new(here: &Curvature<N>, at: &[f64; N], radius: f64, terrain: &Terrain<N>) -> Self {
        let mut held = [false; N];
        let mut planned = Self::of_free(here, radius, &held);
        for _ in 0..N {
            let now = terrain.held(at, &planned.step);
            if !now.iter().any(|&held| held) {
                break;
            }
            held.iter_mut().zip(now).for_each(|(held, now)| *held |= now);
            planned = Self::of_free(here, radius, &held);
        }
        planned
    }

    fn of_free(here: &Curvature<N>, radius: f64, held: &[bool; N]) -> Self {
        let mut gradient = here.gradient;
        let mut information = here.hessian.map(|row| row.map(|entry| -entry));
        for (row, (slope, &row_held)) in gradient.iter_mut().zip(held).enumerate() {
            if row_held {
                *slope = 0.0;
            }
            let entries = information.iter_mut().skip(row).take(1).flatten().zip(held).enumerate();
            for (column, (entry, &column_held)) in entries {
                if row_held || column_held {
                    *entry = if row == column { 1.0 } else { 0.0 };
                }
            }
        }
        let information = Eigen::of(&information);
        let components = information.components(&gradient);
        Self {
            step: step_within(&information, &components, radius),
            to_gain: gain_of_newton(&information, &components),
            information,
            is_held: held.iter().any(|&held| held),
        }
    }
}

/// What a full Newton step gains by the quadratic model, where it has a maximum.
fn gain_of_newton<const N: usize>(information: &Eigen<N>, components: &[f64; N]) -> Option<f64> {
    // A direction without slope is none to gain in, however flat it is.
    let gain = |(value, component): (&f64, &f64)| if component.abs() > 0.0 { component * component / value / 2.0 } else { 0.0 };
    let no_descent = information.values.iter().zip(components).all(|(value, component)| *value > 0.0 || component.abs() <= 1e-9);
    no_descent.then(|| information.values.iter().zip(components).filter(|(value, _)| **value > 0.0).map(gain).sum())
}

/// The best step by the quadratic model that is no longer than `radius`.
fn step_within<const N: usize>(information: &Eigen<N>, components: &[f64; N], radius: f64) -> [f64; N] {
    let along =
        |shift: f64| combine(components, &information.values, |slope, value| if slope.abs() > 0.0 { slope / (value + shift) } else { 0.0 });
    let length = |shift: f64| {
        let step = along(shift);
        dot(&step, &step).sqrt()
    };
    let least = information.least();
    let newton = least > 0.0 && length(0.0) <= radius;
    let shift = if newton {
        0.0
    } else {
        // The length falls with the shift; beyond the upper end it is within the radius.
        let steepest = dot(components, components).sqrt();
        let (mut low, mut high) = ((-least).max(0.0), (-least).max(0.0) + steepest / radius);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if length(middle) > radius { low = middle } else { high = middle }
        }
        high
    };
    information.combined(&along(shift))
}

#[cfg(test)]
impl<const N: usize> Curvature<N> {
    /// Second derivatives by central differences of the first, for functions that have only those.
    ///
    /// The error is some 1e-7 relative where the function is smooth on the scale of 1.
    pub(super) fn from_gradients(at: &[f64; N], gradient: impl Fn(&[f64; N]) -> (f64, [f64; N])) -> Self {
        const STEP: f64 = 1e-4;
        let (value, middle) = gradient(at);
        let moved = |row: usize, by: f64| {
            let mut point = *at;
            point.iter_mut().skip(row).take(1).for_each(|coordinate| *coordinate += by);
            gradient(&point).1
        };
        let differences: Matrix<N> = core::array::from_fn(|row| {
            let (above, below) = (moved(row, STEP), moved(row, -STEP));
            combine(&above, &below, |above, below| (above - below) / (2.0 * STEP))
        });
        let hessian = core::array::from_fn(|row| {
            let column: [f64; N] = differences.map(|differences| differences.get(row).copied().unwrap_or(0.0));
            combine(differences.get(row).unwrap_or(&column), &column, f64::midpoint)
        });
        Self { value, gradient: middle, hessian }
    }
}

/// Derivatives hold against differences of the value, and second ones against differences of the first.
#[cfg(test)]
pub(super) fn check_derivatives<const N: usize>(objective: &impl Objective<N>, parameters: [f64; N]) {
    let at = parameters.map(f64::ln);
    let exact = objective.curvature(&at);
    let differenced = Curvature::from_gradients(&at, |at| {
        let there = objective.curvature(at);
        (there.value, there.gradient)
    });
    for row in 0..N {
        let moved = |by: f64| {
            let mut point = at;
            point[row] += by;
            objective.curvature(&point).value
        };
        let slope = (moved(1e-4) - moved(-1e-4)) / 2e-4;
        let scale = exact.gradient[row].abs().max(1e-6 * exact.value.abs());
        assert!((slope - exact.gradient[row]).abs() <= 1e-5 * scale, "{parameters:?}, {row}: {slope} and {:?}", exact.gradient);
        for column in 0..N {
            let (got, expected) = (exact.hessian[row][column], differenced.hessian[row][column]);
            let scale = expected.abs().max(1e-3 * exact.gradient[row].abs()).max(1e-3);
            assert!((got - expected).abs() <= 1e-5 * scale, "{parameters:?}, {row}, {column}: {got} and {expected}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A function of two logarithms with derivatives by differences of its gradient.
    struct Of(fn(f64, f64) -> (f64, [f64; 2]));

    impl Objective<2> for Of {
        fn curvature(&self, logarithms: &[f64; 2]) -> Curvature<2> {
            Curvature::from_gradients(logarithms, |&[x, y]| self.0(x, y))
        }
    }

    #[test]
    fn a_curved_ridge_leads_to_its_peak() {
        // Rosenbrock's valley, turned over.
        let ridge = Of(|x, y| {
            let (along, across) = (1.0 - x, y - x * x);
            (-along * along - 100.0 * across * across, [2.0 * along + 400.0 * x * across, -200.0 * across])
        });
        let maximum = climb(&ridge, [-1.2, 1.0], &Terrain::new([0.0; 2], 1.0));
        let Ending::Peak(covariance) = maximum.ending else { panic!("{maximum:?}") };
        assert!(maximum.at.iter().all(|at| (at - 1.0).abs() < 1e-9), "{maximum:?}");
        // The inverse of [[802, -400], [-400, 200]].
        assert!((covariance[0][0] - 0.5).abs() < 1e-6 && (covariance[1][1] - 2.005).abs() < 1e-5, "{covariance:?}");
    }

    #[test]
    fn ridges_that_never_end_and_plains_are_told_apart() {
        let rising = Of(|x, y| (-1e3 * (-x).exp() - y * y, [1e3 * (-x).exp(), -2.0 * y]));
        let on_ridge = climb(&rising, [0.0, 3.0], &Terrain::new([0.0; 2], 1.0));
        assert!(on_ridge.ending == Ending::Open && on_ridge.at[0] > 10.0, "{on_ridge:?}");
        let flat = Of(|_, y| (-y * y, [0.0, -2.0 * y]));
        let on_plain = climb(&flat, [0.0, 3.0], &Terrain::new([0.0; 2], 1.0));
        assert!(on_plain.ending == Ending::Open && on_plain.at[1].abs() < 1e-9, "{on_plain:?}");
        let undefined = Of(|_, _| (f64::NAN, [0.0, 0.0]));
        assert_eq!(climb(&undefined, [0.0, 0.0], &Terrain::new([0.0; 2], 1.0)).ending, Ending::Stopped);
    }

    #[test]
    fn at_the_end_of_the_range_the_other_parameters_still_reach_theirs() {
        // One parameter rises without end, ever more slowly, and takes the other along.
        let slow = Of(|x, y| {
            let across = y - 0.1 * x;
            (1e3 * (1.0 - 1.0 / (80.0 + x)) - across * across, [1e3 / (80.0 + x).powi(2) + 0.2 * across, -2.0 * across])
        });
        let maximum = climb(&slow, [0.0, 3.0], &Terrain::new([0.0; 2], 1.0));
        assert_eq!(maximum.ending, Ending::Open);
        assert!((maximum.at[0] - FARTHEST).abs() < 1e-9 && (maximum.at[1] - 0.1 * FARTHEST).abs() < 1e-3, "{maximum:?}");
    }

    #[test]
    fn a_known_maximum_is_not_climbed_again() {
        let hill = Of(|x, y| (-x * x - y * y - x.powi(4), [-2.0 * x - 4.0 * x.powi(3), -2.0 * y]));
        let terrain = Terrain::new([0.0; 2], 1.0);
        let known = climb(&hill, [1.0, 2.0], &terrain);
        assert!(climb_to_another(&hill, [-3.0, 4.0], &terrain, &[known]).is_none());
        assert!(climb_to_another(&hill, [-3.0, 4.0], &terrain, &[]).is_some());
    }
}
