//! Where a search that has no maximum leads on to.

use super::eigen::{Eigen, Matrix, dot, times};
use super::maximum::{Maximum, NO_INFORMATION, Objective, Terrain, combine};

/// A loss of log-likelihood that no sample can tell from none.
const NO_LOSS: f64 = 1e-2;

/// So much of a direction lies within those that the data say nothing of.
const WITHIN: f64 = 0.98;

/// So much of a direction is something.
const PART: f64 = 0.1;

/// As a parameter is sought ever farther out, one that goes with its logarithm moves so little.
const FOLLOWS: f64 = 0.01;

/// So far from where it began a parameter is on its way to a limit.
const ON_ITS_WAY: f64 = 2.0;

/// Directions in the logarithms of the parameters.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Openings<const N: usize> {
    /// Along these nothing is lost, out to 0 or infinity, while there is in the opposite direction.
    pub(super) limits: Vec<[f64; N]>,
    /// Along these nothing is lost either way, or only orders of magnitude away.
    pub(super) flat: Vec<[f64; N]>,
}

impl<const N: usize> Openings<N> {
    /// Those of a place that is no maximum.
    pub(super) fn of(objective: &impl Objective<N>, terrain: &Terrain<N>, place: &Maximum<N>) -> Self {
        let information = place.curvature.hessian.map(|row| row.map(|entry| -entry));
        // What rises so little at the end of the range that it may be level is looked at with the rest.
        let rises = place.curvature.gradient.map(|slope| if slope.abs() > NO_INFORMATION { 1.0 } else { 0.0 });
        let outward = combine(&terrain.outward(&place.at, &place.curvature.gradient), &rises, |along, rises| along * rises);
        if outward.iter().any(|along| along.abs() > 0.0) {
            return Self { limits: vec![with_followers(&information, outward)], flat: Vec::new() };
        }
        let information = Eigen::of(&information);
        let unknown = information.values.iter().zip(&information.vectors).filter(|(value, _)| **value <= NO_INFORMATION);
        let mut plain = Plain(unknown.map(|(_, vector)| *vector).collect());
        let mut openings = Self { limits: Vec::new(), flat: Vec::new() };
        // The simplest first: one parameter alone, then two together, then whatever is left.
        for direction in singles().chain(pairs()) {
            if plain.part_within(&direction) > WITHIN {
                openings.add(objective, terrain, place, direction);
                plain.take_out(&direction);
            }
        }
        plain.0.iter().for_each(|direction| openings.add(objective, terrain, place, *direction));
        openings
    }

    fn add(&mut self, objective: &impl Objective<N>, terrain: &Terrain<N>, place: &Maximum<N>, direction: [f64; N]) {
        let back = direction.map(|entry| -entry);
        match [direction, back].map(|direction| stays_level(objective, terrain, place, &direction)) {
            [true, false] => self.limits.push(direction),
            [false, true] => self.limits.push(back),
            [true, true] | [false, false] => self.flat.push(direction),
        }
    }

    /// The place moved along its limits until each parameter is on its way to where it is said to run, if nothing is lost by it.
    pub(super) fn on_the_way(&self, objective: &impl Objective<N>, terrain: &Terrain<N>, place: Maximum<N>) -> Maximum<N> {
        let mut place = place;
        for direction in &self.limits {
            let distance = terrain.away_from_centre(&place.at);
            let missing = combine(&distance, direction, |distance, along| {
                if along.abs() > PART { (ON_ITS_WAY - distance * along.signum()) / along.abs() } else { 0.0 }
            });
            let by = missing.iter().copied().fold(0.0, f64::max);
            if by > 0.0 && by <= terrain.reach(&place.at, direction) {
                let at = combine(&place.at, direction, |from, along| from + by * along);
                let there = objective.curvature(&at);
                if there.value >= place.curvature.value - terrain.noise(place.curvature.value).max(1e-6) {
                    place = Maximum { at, curvature: there, ..place };
                }
            }
        }
        place
    }
}

/// The parameters that take part in a direction, by their place and sign.
pub(super) fn taking_part<const N: usize>(direction: &[f64; N]) -> impl Iterator<Item = (usize, f64)> {
    direction.iter().copied().enumerate().filter(|(_, along)| along.abs() > PART)
}

/// Directions of which the data say nothing, at right angles.
struct Plain<const N: usize>(Vec<[f64; N]>);

impl<const N: usize> Plain<N> {
    fn part_within(&self, direction: &[f64; N]) -> f64 {
        self.0.iter().map(|of_plain| dot(of_plain, direction).powi(2)).sum()
    }

    /// The directions that are left when this one is known.
    fn take_out(&mut self, direction: &[f64; N]) {
        let mut left: Vec<[f64; N]> = Vec::new();
        for of_plain in &self.0 {
            let mut rest = *of_plain;
            for known in left.iter().chain([direction]) {
                let along = dot(&rest, known);
                rest = combine(&rest, known, |entry, known| entry - along * known);
            }
            let length = dot(&rest, &rest).sqrt();
            if length > PART {
                left.push(rest.map(|entry| entry / length));
            }
        }
        self.0 = left;
    }
}

fn single<const N: usize>(place: usize) -> [f64; N] {
    core::array::from_fn(|row| if row == place { 1.0 } else { 0.0 })
}

fn singles<const N: usize>() -> impl Iterator<Item = [f64; N]> {
    (0..N).map(single)
}

/// Two parameters together or against each other.
fn pairs<const N: usize>() -> impl Iterator<Item = [f64; N]> {
    let both = |first: usize, second: usize, sign: f64| {
        combine(&single::<N>(first), &single(second), |first, second| (first + sign * second) * core::f64::consts::FRAC_1_SQRT_2)
    };
    (0..N).flat_map(move |second| (0..second).flat_map(move |first| [1.0, -1.0].map(|sign| both(first, second, sign))))
}

/// A direction in which parameters run out, with those that follow them to stay where the function is highest.
fn with_followers<const N: usize>(information: &Matrix<N>, outward: [f64; N]) -> [f64; N] {
    let runs = outward.map(|along| along.abs() > 0.0);
    let pull = times(information, &outward);
    let mut of_others = *information;
    for (row, (entries, &row_runs)) in of_others.iter_mut().zip(&runs).enumerate() {
        for (column, (entry, &column_runs)) in entries.iter_mut().zip(&runs).enumerate() {
            if row_runs || column_runs {
                *entry = if row == column { 1.0 } else { 0.0 };
            }
        }
    }
    let Some(inverse) = Eigen::of(&of_others).inverse() else { return outward };
    let pull = combine(&pull, &outward, |pull, along| if along.abs() > 0.0 { 0.0 } else { pull });
    let follow = times(&inverse, &pull);
    combine(&outward, &follow, |along, follow| {
        if along.abs() > 0.0 {
            along
        } else if follow.abs() > FOLLOWS {
            -follow.signum()
        } else {
            0.0
        }
    })
}

/// Whether nothing is lost along a direction, out to where parameters are no longer sought.
fn stays_level<const N: usize>(objective: &impl Objective<N>, terrain: &Terrain<N>, place: &Maximum<N>, direction: &[f64; N]) -> bool {
    let (at, value) = (&place.at, place.curvature.value);
    let (reach, least) = (terrain.reach(at, direction), value - NO_LOSS.max(terrain.noise(value)));
    [2.0, 5.0, 10.0, 20.0, 40.0].into_iter().all(|distance| {
        let point = terrain.sought(&combine(at, direction, |from, step| from + reach.min(distance) * step));
        // A comparison with NaN is false.
        objective.curvature(&point).value >= least
    })
}

#[cfg(test)]
mod tests {
    use super::super::maximum::{Curvature, climb};
    use super::*;

    /// A function of three logarithms with derivatives by differences of its gradient.
    struct Of(fn([f64; 3]) -> (f64, [f64; 3]));

    impl Objective<3> for Of {
        fn curvature(&self, logarithms: &[f64; 3]) -> Curvature<3> {
            Curvature::from_gradients(logarithms, |at| self.0(*at))
        }
    }

    fn openings(of: fn([f64; 3]) -> (f64, [f64; 3]), start: [f64; 3]) -> Openings<3> {
        let terrain = Terrain::new([0.0; 3], 1.0);
        Openings::of(&Of(of), &terrain, &climb(&Of(of), start, &terrain))
    }

    #[test]
    fn plains_are_taken_apart_into_single_parameters() {
        let constant = openings(|_| (0.0, [0.0; 3]), [1.0, 2.0, 3.0]);
        assert!(constant.limits.is_empty() && constant.flat == [single(0), single(1), single(2)], "{constant:?}");
        // One falls to 0 alone, one is known, one is not.
        let mixed = openings(|[x, _, z]| (-x.exp() - z * z, [-x.exp(), 0.0, -2.0 * z]), [0.0, 1.0, 2.0]);
        assert_eq!(mixed, Openings { limits: vec![[-1.0, 0.0, 0.0]], flat: vec![single(1)] });
    }

    #[test]
    fn parameters_that_run_away_together_are_told_from_those_that_run_alone() {
        // The sum of the first two falls, their difference is known, and the third rises.
        let both = openings(
            |[x, y, z]| {
                let (fall, across, rise) = ((x + y).exp(), x - y, (-z).exp());
                (-fall - across * across - rise, [-fall - 2.0 * across, -fall + 2.0 * across, rise])
            },
            [0.5, 0.0, 0.0],
        );
        let [alone, together] = &both.limits[..] else { panic!("{both:?}") };
        assert!(alone[2] > 0.99 && together[0] < -0.7 && together[1] < -0.7, "{both:?}");
    }
}
