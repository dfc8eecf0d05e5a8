//! The maximum of a log-likelihood in the logarithms of its parameters, by Newton's method in a trust region.
//!
//! Source: J. Nocedal and S. J. Wright, "Numerical Optimization", 2nd ed. (2006), chapter 4.

use super::eigen::{Eigen, Matrix, dot, times};

/// Parameters are sought from e^-50 to e^50 times the size that the unit of the data gives them.
const FARTHEST: f64 = 50.0;

/// So close to the end of the range there is no room for a step.
const NEAR_THE_END: f64 = 2.0;

/// More steps than any fit needs that comes to an end.
const MOST_STEPS: u32 = 200;

/// What a Newton step would still gain, at the end.
const NOTHING_TO_GAIN: f64 = 1e-18;

/// Information of a parameter's logarithm below which a sample does not tell its order of magnitude.
const NO_INFORMATION: f64 = 1e-5;

/// A loss of log-likelihood that no sample can tell from none.
const NO_LOSS: f64 = 1e-2;

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

    /// Second derivatives by central differences of the first, for functions that have only those.
    ///
    /// The error is some 1e-7 relative where the function is smooth on the scale of 1.
    #[cfg_attr(not(test), expect(dead_code, reason = "for models without second derivatives of their own"))]
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
#[derive(Debug, Clone)]
pub(super) struct Maximum<const N: usize> {
    pub(super) at: [f64; N],
    pub(super) curvature: Curvature<N>,
    pub(super) steps: u32,
    pub(super) ending: Ending<N>,
}

/// How a search ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ending<const N: usize> {
    /// At a maximum; the inverse of the information there.
    Peak(Matrix<N>),
    /// On a ridge that does not fall in this direction, out to 0 or infinity, while it does in the opposite one.
    Rising([f64; N]),
    /// On a plain that does not fall either way along this direction.
    Flat([f64; N]),
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
    fn sought(&self, point: &[f64; N]) -> [f64; N] {
        combine(point, &self.centre, |logarithm, middle| logarithm.clamp(middle - FARTHEST, middle + FARTHEST))
    }

    /// How far a direction leads from a point before a parameter is as far out as it is sought.
    fn reach(&self, at: &[f64; N], direction: &[f64; N]) -> f64 {
        let ends = combine(&self.centre, direction, |middle, along| middle + FARTHEST.copysign(along));
        let left = combine(&ends, at, |end, at| end - at);
        let lengths = combine(&left, direction, |left, along| if along.abs() > 1e-3 { left / along } else { f64::INFINITY });
        lengths.iter().copied().fold(f64::INFINITY, f64::min).max(0.0)
    }

    /// What rounding may make of a value.
    fn noise(&self, value: f64) -> f64 {
        1e-13 * (1.0 + value.abs()) + self.roughness
    }

    /// The parameters that are as far out as they are sought, while the function still rises that way.
    fn outward(&self, at: &[f64; N], gradient: &[f64; N]) -> Option<[f64; N]> {
        let distance = combine(at, &self.centre, |at, middle| at - middle);
        let direction = combine(&distance, gradient, |distance, slope| {
            let is_outward = distance.abs() >= FARTHEST - NEAR_THE_END && distance * slope > 0.0;
            if is_outward { distance.signum() } else { 0.0 }
        });
        direction.iter().any(|along| along.abs() > 0.0).then_some(direction)
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
pub(super) fn climb<const N: usize>(objective: &impl Objective<N>, start: [f64; N], terrain: &Terrain<N>) -> Maximum<N> {
    let mut at = terrain.sought(&start);
    let mut here = objective.curvature(&at);
    let mut radius = 1.0_f64;
    for steps in 0..MOST_STEPS {
        if !here.is_finite() {
            return Maximum { at, curvature: here, steps, ending: Ending::Stopped };
        }
        let information = Eigen::of(&here.hessian.map(|row| row.map(|entry| -entry)));
        let components = information.components(&here.gradient);
        let to_gain = gain_of_newton(&information, &components);
        if to_gain.is_some_and(|gain| gain <= NOTHING_TO_GAIN || (gain <= NO_INFORMATION / 10.0 && information.least() <= NO_INFORMATION)) {
            let ending = ending(objective, terrain, &at, &here, &information);
            return Maximum { at, curvature: here, steps, ending };
        }
        let step = step_within(&information, &components, radius);
        let target = terrain.sought(&combine(&at, &step, |from, step| from + step));
        let step = combine(&target, &at, |to, from| to - from);
        let length = dot(&step, &step).sqrt();
        let there = objective.curvature(&target);
        let predicted = dot(&here.gradient, &step) + dot(&step, &times(&here.hessian, &step)) / 2.0;
        if predicted <= terrain.noise(here.value) {
            // Too little for the values to tell: let the derivatives decide.
            let after = Eigen::of(&there.hessian.map(|row| row.map(|entry| -entry)));
            let left = gain_of_newton(&after, &after.components(&there.gradient));
            let closer = there.is_finite() && left.zip(to_gain).is_some_and(|(left, before)| left < before);
            if closer {
                (at, here) = (target, there);
                continue;
            }
            let ending = match terrain.outward(&at, &here.gradient) {
                Some(direction) => Ending::Rising(direction),
                None if to_gain.is_none_or(|gain| gain > NO_INFORMATION) && information.least() > NO_INFORMATION => Ending::Stopped,
                None => ending(objective, terrain, &at, &here, &information),
            };
            return Maximum { at, curvature: here, steps, ending };
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
    let ending = terrain.outward(&at, &here.gradient).map_or(Ending::Stopped, Ending::Rising);
    Maximum { at, curvature: here, steps: MOST_STEPS, ending }
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

/// What kind of place this is where the slope has come to an end.
fn ending<const N: usize>(
    objective: &impl Objective<N>,
    terrain: &Terrain<N>,
    at: &[f64; N],
    here: &Curvature<N>,
    information: &Eigen<N>,
) -> Ending<N> {
    let mut flat = None;
    for (&value, direction) in information.values.iter().zip(&information.vectors) {
        if value > NO_INFORMATION {
            continue;
        }
        let level = |sign: f64| stays_level(objective, terrain, at, here.value, &direction.map(|entry| sign * entry));
        match (level(1.0), level(-1.0)) {
            (true, false) => return Ending::Rising(*direction),
            (false, true) => return Ending::Rising(direction.map(|entry| -entry)),
            // If something is lost both ways, then only orders of magnitude away.
            (true, true) | (false, false) => flat = Some(*direction),
        }
    }
    if let Some(direction) = flat {
        return Ending::Flat(direction);
    }
    match information.inverse() {
        Some(covariance) => Ending::Peak(covariance),
        None => Ending::Stopped,
    }
}

/// Whether nothing is lost along a direction, out to where parameters are no longer sought.
fn stays_level<const N: usize>(
    objective: &impl Objective<N>,
    terrain: &Terrain<N>,
    at: &[f64; N],
    value: f64,
    direction: &[f64; N],
) -> bool {
    let (reach, least) = (terrain.reach(at, direction), value - NO_LOSS.max(terrain.noise(value)));
    [2.0, 5.0, 10.0, 20.0, 40.0].into_iter().all(|distance| {
        let point = terrain.sought(&combine(at, direction, |from, step| from + reach.min(distance) * step));
        // A comparison with NaN is false.
        objective.curvature(&point).value >= least
    })
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
        let Ending::Rising(direction) = climb(&rising, [0.0, 3.0], &Terrain::new([0.0; 2], 1.0)).ending else { panic!("not rising") };
        assert!(direction[0] > 0.99 && direction[1].abs() < 0.01, "{direction:?}");
        let flat = Of(|_, y| (-y * y, [0.0, -2.0 * y]));
        let Ending::Flat(direction) = climb(&flat, [0.0, 3.0], &Terrain::new([0.0; 2], 1.0)).ending else { panic!("not flat") };
        assert!(direction[0].abs() > 0.99, "{direction:?}");
        let undefined = Of(|_, _| (f64::NAN, [0.0, 0.0]));
        assert_eq!(climb(&undefined, [0.0, 0.0], &Terrain::new([0.0; 2], 1.0)).ending, Ending::Stopped);
    }
}
