//! A smooth positive function by a polynomial, where it is needed often.

/// The polynomial agrees with the function to so much of its smallest value, or there is none.
const TOLERANCE: f64 = 2e-14;

/// The degrees that are tried.
const POINTS: [usize; 3] = [16, 32, 64];

/// A polynomial in the basis of Chebyshev, through a function at the roots of the next one.
///
/// Source: L. N. Trefethen, "Approximation Theory and Approximation Practice" (2013), chapters 2 to 4.
#[derive(Debug, Clone)]
pub(super) struct Interpolation {
    low: f64,
    high: f64,
    coefficients: Vec<f64>,
}

impl Interpolation {
    /// From `low` to `high`, both included, if the function is smooth enough there.
    pub(super) fn new(low: f64, high: f64, function: impl Fn(f64) -> f64) -> Option<Self> {
        Self::within(TOLERANCE, low, high, function)
    }

    /// The same for a function that is itself known to so much of its smallest value.
    pub(super) fn within(tolerance: f64, low: f64, high: f64, function: impl Fn(f64) -> f64) -> Option<Self> {
        POINTS.into_iter().find_map(|points| Self::through(points, tolerance, low, high, &function))
    }

    fn through(points: usize, tolerance: f64, low: f64, high: f64, function: &impl Fn(f64) -> f64) -> Option<Self> {
        let mut coefficients = vec![0.0; points];
        let count = coefficients.iter().fold(0.0, |count, _| count + 1.0);
        // The polynomial of degree j at the root i is the cosine of j (2 i + 1) quarter turns over the number of points.
        let cosine = |quarters: f64| (core::f64::consts::FRAC_PI_2 * (quarters % (4.0 * count) / count)).cos();
        let (mut least, mut odd) = (f64::INFINITY, 1.0);
        for _ in 0..points {
            let value = function(f64::midpoint(low, high) + cosine(odd) * (high - low) / 2.0);
            least = least.min(value);
            let mut quarters = 0.0;
            for coefficient in &mut coefficients {
                *coefficient += value * cosine(quarters) * 2.0 / count;
                quarters += odd;
            }
            odd += 2.0;
        }
        if let Some(constant) = coefficients.first_mut() {
            *constant /= 2.0;
        }
        // They fall geometrically: what is left out is about as large as the last of them.
        let left_out = coefficients.iter().rev().take(3).map(|coefficient| coefficient.abs()).fold(0.0, f64::max);
        let is_smooth = left_out <= tolerance * least && coefficients.iter().all(|coefficient| coefficient.is_finite());
        if !is_smooth {
            return None;
        }
        while coefficients.len() > 1 && coefficients.last().is_some_and(|last| last.abs() < 1e-17 * least) {
            coefficients.pop();
        }
        Some(Self { low, high, coefficients })
    }

    pub(super) fn low(&self) -> f64 {
        self.low
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
    }
}
