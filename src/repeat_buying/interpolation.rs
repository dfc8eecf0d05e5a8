//! Smooth functions by polynomials, where they are needed often.

use super::parallel;

/// The polynomial agrees with the function to so much of its smallest value, or there is none.
const TOLERANCE: f64 = 2e-14;

/// The degrees that are tried.
const POINTS: [usize; 3] = [16, 32, 64];

/// What goes along with the first of several functions may be left out to so many times as much.
const LOOSER: f64 = 100.0;

/// A polynomial in the basis of Chebyshev, through a function at the roots of the next one.
///
/// Source: L. N. Trefethen, "Approximation Theory and Approximation Practice" (2013), chapters 2 to 4.
#[derive(Debug, Clone)]
pub(super) struct Interpolation {
    low: f64,
    high: f64,
    coefficients: Vec<f64>,
}

/// What a polynomial must agree to.
#[derive(Debug, Clone, Copy)]
enum Aim {
    /// So much of the smallest value.
    OfLeast(f64),
    /// So much of the largest value, or of another number if that is more.
    OfLargest(f64, f64),
    /// So much, whatever the values.
    Absolute(f64),
}

impl Interpolation {
    /// A positive function from `low` to `high`, both included, if it is smooth enough there.
    pub(super) fn new(low: f64, high: f64, function: impl Fn(f64) -> f64 + Sync) -> Option<Self> {
        let [only] = Self::within(TOLERANCE, low, high, |at| [function(at)])?;
        Some(only)
    }

    /// A positive function that is itself known to so much of its smallest value, and what goes along with it: that is met to a hundred
    /// times as much of the smallest value, or of its own largest one.
    pub(super) fn within<const N: usize>(
        tolerance: f64,
        low: f64,
        high: f64,
        functions: impl Fn(f64) -> [f64; N] + Sync,
    ) -> Option<[Self; N]> {
        POINTS.into_iter().find_map(|points| {
            let values = Roots::new(points).values(low, high, &functions);
            Self::certified(
                &values,
                low,
                high,
                |function, least| if function == 0 { Aim::OfLeast(tolerance) } else { along(tolerance, least) },
            )
        })
    }

    /// Functions to so much of their largest values, or of 1 where those are smaller.
    pub(super) fn bounded<const N: usize>(
        tolerance: f64,
        low: f64,
        high: f64,
        functions: impl Fn(f64) -> [f64; N] + Sync,
    ) -> Option<[Self; N]> {
        POINTS.into_iter().find_map(|points| {
            let values = Roots::new(points).values(low, high, &functions);
            Self::certified(&values, low, high, |_, _| Aim::OfLargest(tolerance, 1.0))
        })
    }

    /// As many functions as the columns have rows, each to so much.
    pub(super) fn absolute(
        tolerance: f64,
        low: f64,
        high: f64,
        points: usize,
        functions: impl Fn(f64) -> Option<Vec<f64>> + Sync,
    ) -> Option<Vec<Self>> {
        let roots = Roots::new(points);
        let columns: Vec<Vec<f64>> =
            parallel::map(points, |root| functions(roots.at(root, low, high))).into_iter().collect::<Option<_>>()?;
        let rows = columns.first().map_or(0, Vec::len);
        let of_row = |row: usize| {
            let values: Vec<f64> = columns.iter().map(|column| column.get(row).copied().unwrap_or(f64::NAN)).collect();
            Self::certain(roots.coefficients(&values), low, high, 0.0, Aim::Absolute(tolerance))
        };
        parallel::map(rows, of_row).into_iter().collect()
    }

    fn certified<const N: usize>(values: &[[f64; N]], low: f64, high: f64, aim: impl Fn(usize, f64) -> Aim) -> Option<[Self; N]> {
        let roots = Roots::new(values.len());
        let least = values.iter().filter_map(|values| values.first()).fold(f64::INFINITY, |least, value| least.min(*value));
        let mut interpolations: [Option<Self>; N] = core::array::from_fn(|_| None);
        for (function, slot) in interpolations.iter_mut().enumerate() {
            let values: Vec<f64> = values.iter().map(|values| values.get(function).copied().unwrap_or(f64::NAN)).collect();
            *slot = Some(Self::certain(roots.coefficients(&values), low, high, least, aim(function, least))?);
        }
        // All are there.
        let none = Self { low, high, coefficients: Vec::new() };
        Some(interpolations.map(|interpolation| interpolation.unwrap_or_else(|| none.clone())))
    }

    fn certain(mut coefficients: Vec<f64>, low: f64, high: f64, least: f64, aim: Aim) -> Option<Self> {
        let largest = coefficients.iter().fold(0.0, |largest: f64, coefficient| largest.max(coefficient.abs()));
        let allowed = match aim {
            Aim::OfLeast(tolerance) => tolerance * least,
            Aim::OfLargest(tolerance, at_least) => tolerance * largest.max(at_least),
            Aim::Absolute(tolerance) => tolerance,
        };
        // They fall geometrically: what is left out is about as large as the last of them.
        let left_out = coefficients.iter().rev().take(3).map(|coefficient| coefficient.abs()).fold(0.0, f64::max);
        let is_smooth = left_out <= allowed && coefficients.iter().all(|coefficient| coefficient.is_finite());
        if !is_smooth {
            return None;
        }
        while coefficients.len() > 1 && coefficients.last().is_some_and(|last| last.abs() < 5e-4 * allowed) {
            coefficients.pop();
        }
        Some(Self { low, high, coefficients })
    }

    pub(super) fn low(&self) -> f64 {
        self.low
    }

    pub(super) fn high(&self) -> f64 {
        self.high
    }

    /// The values at several points, side by side.
    pub(super) fn at<const LANES: usize>(&self, points: [f64; LANES]) -> [f64; LANES] {
        let scale = if self.high > self.low { 4.0 / (self.high - self.low) } else { 0.0 };
        let middle = f64::midpoint(self.low, self.high);
        let twice = points.map(|point| (point - middle) * scale);
        // Clenshaw's recurrence.
        let (mut next, mut after_next) = ([0.0; LANES], [0.0; LANES]);
        for coefficient in self.coefficients.iter().skip(1).rev() {
            for ((next, after_next), twice) in next.iter_mut().zip(&mut after_next).zip(twice) {
                (*next, *after_next) = (coefficient + twice * *next - *after_next, *next);
            }
        }
        let constant = self.coefficients.first().copied().unwrap_or(0.0);
        let mut values = [0.0; LANES];
        for (((value, next), after_next), twice) in values.iter_mut().zip(next).zip(after_next).zip(twice) {
            *value = constant + twice / 2.0 * next - after_next;
        }
        values
    }

    /// The sum of the values over points, given the [moments](chebyshev_moments) of these.
    pub(super) fn sum(&self, moments: &[f64]) -> f64 {
        self.coefficients.iter().zip(moments).map(|(coefficient, moment)| coefficient * moment).sum()
    }
}

fn along(tolerance: f64, least: f64) -> Aim {
    // Derivatives may be 0 all over, or far larger than what they are of.
    Aim::OfLargest(LOOSER * tolerance, least)
}

/// The sums of the first polynomials of Chebyshev over weighted points from `low` to `high`, in batches that do not depend on the number
/// of threads.
pub(super) fn chebyshev_moments(count: usize, low: f64, high: f64, points: &[(f64, f64)]) -> Vec<f64> {
    const BATCH: usize = 4_096;
    const LANES: usize = 8;
    let scale = if high > low { 2.0 / (high - low) } else { 0.0 };
    let middle = f64::midpoint(low, high);
    let of_batch = |batch: usize| {
        let start = batch.saturating_mul(BATCH);
        let points = points.get(start..start.saturating_add(BATCH).min(points.len())).unwrap_or_default();
        let mut moments = vec![0.0; count];
        for points in points.chunks(LANES) {
            let (mut at, mut here, mut next) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
            for (((at, here), next), (point, weight)) in at.iter_mut().zip(&mut here).zip(&mut next).zip(points) {
                *at = (point - middle) * scale;
                (*here, *next) = (*weight, weight * *at);
            }
            for moment in &mut moments {
                *moment += here.iter().sum::<f64>();
                for ((at, here), next) in at.iter().zip(&mut here).zip(&mut next) {
                    (*here, *next) = (*next, 2.0 * at * *next - *here);
                }
            }
        }
        moments
    };
    let mut sums = vec![0.0; count];
    for moments in parallel::map(points.len().div_ceil(BATCH), of_batch) {
        sums.iter_mut().zip(moments).for_each(|(sum, moment)| *sum += moment);
    }
    sums
}

/// The roots of a polynomial of Chebyshev.
struct Roots {
    points: usize,
    count: f64,
}

impl Roots {
    fn new(points: usize) -> Self {
        Self { points, count: (0..points).fold(0.0, |count, _| count + 1.0) }
    }

    /// The polynomial of degree j at the root i is the cosine of j (2 i + 1) quarter turns over the number of points.
    fn cosine(&self, quarters: f64) -> f64 {
        (core::f64::consts::FRAC_PI_2 * (quarters % (4.0 * self.count) / self.count)).cos()
    }

    /// The root of this number, from 0 on, between two ends.
    fn at(&self, root: usize, low: f64, high: f64) -> f64 {
        let odd = (0..root).fold(1.0, |odd, _| odd + 2.0);
        f64::midpoint(low, high) + self.cosine(odd) * (high - low) / 2.0
    }

    fn values<T: Send>(&self, low: f64, high: f64, function: impl Fn(f64) -> T + Sync) -> Vec<T> {
        parallel::map(self.points, |root| function(self.at(root, low, high)))
    }

    fn coefficients(&self, values: &[f64]) -> Vec<f64> {
        let mut coefficients = vec![0.0; self.points];
        let mut odd = 1.0;
        for value in values {
            let mut quarters = 0.0;
            for coefficient in &mut coefficients {
                *coefficient += value * self.cosine(quarters) * 2.0 / self.count;
                quarters += odd;
            }
            odd += 2.0;
        }
        if let Some(constant) = coefficients.first_mut() {
            *constant /= 2.0;
        }
        coefficients
    }
}

/// Functions of two variables by a polynomial in both.
#[derive(Debug, Clone)]
pub(super) struct Surface<const N: usize> {
    /// Along the first variable.
    low: f64,
    high: f64,
    /// For each degree in the first variable, the polynomials in the second.
    rows: Vec<[Interpolation; N]>,
}

impl<const N: usize> Surface<N> {
    /// Positive functions, of which the second and later ones are looser, as [`Interpolation::within`] has them. `functions` gives the
    /// functions of the second variable for a value of the first.
    pub(super) fn within<F: Fn(f64) -> [f64; N] + Sync>(
        tolerance: f64,
        [low, high]: [f64; 2],
        [second_low, second_high]: [f64; 2],
        functions: impl Fn(f64) -> F + Sync,
    ) -> Option<Self> {
        // More would be slower than what they are to replace.
        POINTS.into_iter().take(2).find_map(|points| {
            let roots = Roots::new(points);
            let values: Vec<Vec<[f64; N]>> = roots.values(low, high, |first| {
                let of_second = functions(first);
                (0..points).map(|root| of_second(roots.at(root, second_low, second_high))).collect()
            });
            let least = values.iter().flatten().filter_map(|values| values.first()).fold(f64::INFINITY, |least, value| least.min(*value));
            // Degree by degree in the first variable, then the polynomials in the second.
            let mut rows: Vec<[Vec<f64>; N]> = (0..points).map(|_| core::array::from_fn(|_| Vec::new())).collect();
            for function in 0..N {
                for second in 0..points {
                    let column: Vec<f64> = values
                        .iter()
                        .map(|of_first| of_first.get(second).and_then(|values| values.get(function)).copied().unwrap_or(f64::NAN))
                        .collect();
                    for (row, coefficient) in rows.iter_mut().zip(roots.coefficients(&column)) {
                        row.iter_mut().skip(function).take(1).for_each(|values| values.push(coefficient));
                    }
                }
            }
            let mut smooth = Vec::with_capacity(points);
            for (degree, row) in rows.into_iter().enumerate() {
                let mut interpolations: Vec<Interpolation> = Vec::with_capacity(N);
                for (function, coefficients) in row.iter().enumerate() {
                    let of_function = values.iter().flatten().filter_map(|values| values.get(function));
                    let largest = of_function.fold(0.0, |largest: f64, value| largest.max(value.abs()));
                    let allowed = if function == 0 { tolerance * least } else { LOOSER * tolerance * least.max(largest) };
                    let interpolation =
                        Interpolation::certain(roots.coefficients(coefficients), second_low, second_high, least, Aim::Absolute(allowed))?;
                    let largest: f64 = interpolation.coefficients.iter().map(|coefficient| coefficient.abs()).sum();
                    // The last of them are what is left out.
                    if degree.saturating_add(3) >= points && (largest.is_nan() || largest > allowed) {
                        return None;
                    }
                    interpolations.push(interpolation);
                }
                smooth.push(<[Interpolation; N]>::try_from(interpolations).ok()?);
            }
            Some(Self { low, high, rows: smooth })
        })
    }

    pub(super) fn at(&self, first: f64, second: f64) -> [f64; N] {
        let scale = if self.high > self.low { 2.0 / (self.high - self.low) } else { 0.0 };
        let at = (first - f64::midpoint(self.low, self.high)) * scale;
        let (mut here, mut next) = (1.0, at);
        let mut values = [0.0; N];
        for row in &self.rows {
            for (value, interpolation) in values.iter_mut().zip(row) {
                let [coefficient] = interpolation.at([second]);
                *value += here * coefficient;
            }
            (here, next) = (next, 2.0 * at * next - here);
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smooth_functions_are_met_to_the_last_digits() {
        let functions: [fn(f64) -> f64; 3] = [f64::exp, |x| 1.0 / x, |x| (1.0 + x).ln()];
        for function in functions {
            let interpolation = Interpolation::new(0.5, 3.0, function).unwrap();
            for step in 0..=1_000 {
                let x = 0.5 + 2.5 * f64::from(step) / 1_000.0;
                let [got] = interpolation.at([x]);
                assert!((got - function(x)).abs() <= 1e-13 * function(x), "{x}: {got} is not {}", function(x));
            }
        }
    }

    #[test]
    fn a_single_point_is_a_range_and_a_kink_is_not_smooth() {
        let point = Interpolation::new(2.0, 2.0, f64::sqrt).unwrap();
        assert!((point.at([2.0])[0] - 2.0_f64.sqrt()).abs() < 1e-14);
        assert!(Interpolation::new(1.0, 3.0, |x| 1.0 + (x - 2.0).abs()).is_none());
        assert!(Interpolation::new(1.0, 3.0, |_| f64::NAN).is_none());
        // A kink in what goes along is seen too.
        assert!(Interpolation::within(1e-12, 1.0, 3.0, |x| [x, (x - 2.0).abs()]).is_none());
        assert!(Interpolation::within(1e-12, 1.0, 3.0, |x| [x, 1.0 / x - 0.5]).is_some());
    }

    #[test]
    fn sums_over_many_points_are_those_of_the_values() {
        let points: Vec<(f64, f64)> = (0..10_000).map(|i| (0.5 + f64::from(i * 7_919 % 10_000) / 4_000.0, f64::from(i % 3))).collect();
        let interpolations = Interpolation::absolute(1e-14, 0.5, 3.0, 64, |x| Some(vec![x.exp(), 1.0 / x])).unwrap();
        let moments = chebyshev_moments(64, 0.5, 3.0, &points);
        for (interpolation, function) in interpolations.iter().zip([f64::exp as fn(f64) -> f64, |x| 1.0 / x]) {
            let plain: f64 = points.iter().map(|(x, weight)| weight * function(*x)).sum();
            assert!((interpolation.sum(&moments) - plain).abs() <= 1e-12 * plain, "{} is not {plain}", interpolation.sum(&moments));
        }
    }

    #[test]
    fn smooth_surfaces_are_met_too() {
        let of = |x: f64| move |y: f64| [(x * y).exp() / (x + y), (x - y).sin(), 0.0];
        let surface = Surface::within(1e-13, [1.0, 2.0], [0.0, 1.5], of).unwrap();
        for (x, y) in [(1.0, 0.0), (1.3, 0.7), (2.0, 1.5), (1.9, 0.01)] {
            for (got, exact) in surface.at(x, y).into_iter().zip(of(x)(y)) {
                assert!((got - exact).abs() <= 1e-12, "{x}, {y}: {got} is not {exact}");
            }
        }
        assert!(Surface::within(1e-13, [1.0, 2.0], [0.0, 1.5], |x: f64| move |y: f64| [1.0 + (x - y).abs()]).is_none());
        assert!(Surface::within(1e-13, [1.0, 2.0], [0.0, 1.5], |x: f64| move |y: f64| [1.0 + (x - 1.51).abs() + y]).is_none());
    }
}
