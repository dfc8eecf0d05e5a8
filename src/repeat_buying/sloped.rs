//! A number with its derivatives in the logarithms of the parameters of a model of purchases.

use super::Horizon;
use super::horizon::HorizonKind;
use super::maximum::combine;
use crate::error::Result;

/// A number and its derivatives in the logarithms of four parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sloped {
    pub(super) value: f64,
    pub(super) slopes: [f64; 4],
}

impl Sloped {
    pub(super) const ZERO: Self = Self { value: 0.0, slopes: [0.0; 4] };

    /// A number of whose logarithm the derivatives are known.
    pub(super) fn of_logarithm(value: f64, ln_slopes: [f64; 4]) -> Self {
        Self { value, slopes: ln_slopes.map(|slope| slope * value) }
    }

    pub(super) fn plus(self, other: Self, times: f64) -> Self {
        Self { value: self.value + times * other.value, slopes: combine(&self.slopes, &other.slopes, |slope, other| slope + times * other) }
    }

    pub(super) fn times(self, other: Self) -> Self {
        Self {
            value: self.value * other.value,
            slopes: combine(&self.slopes, &other.slopes, |slope, other_slope| slope * other.value + self.value * other_slope),
        }
    }

    /// The derivatives in other logarithms, each of which moves one of these by so much.
    pub(super) fn chained(self, factors: [f64; 4]) -> Self {
        Self { value: self.value, slopes: combine(&self.slopes, &factors, |slope, factor| slope * factor) }
    }

    /// The five numbers as one list.
    pub(super) fn numbers(self) -> [f64; 5] {
        let [first, second, third, fourth] = self.slopes;
        [self.value, first, second, third, fourth]
    }

    pub(super) fn from_numbers([value, first, second, third, fourth]: [f64; 5]) -> Self {
        Self { value, slopes: [first, second, third, fourth] }
    }

    pub(super) fn is_finite(&self) -> bool {
        self.value.is_finite() && self.slopes.iter().all(|slope| slope.is_finite())
    }

    /// By differences of the fourth order, for parameters that are so extreme that the derivatives are not computed on their own.
    pub(super) fn by_differences(value: f64, moved: impl Fn([f64; 4]) -> Result<f64>) -> Result<Self> {
        Ok(Self { value, slopes: slopes_by_differences(moved)? })
    }
}

/// The derivatives, in the logarithms of the parameters, of what `moved` gives where each parameter is a multiple of itself.
pub(super) fn slopes_by_differences<const N: usize>(moved: impl Fn([f64; N]) -> Result<f64>) -> Result<[f64; N]> {
    let mut slopes = [0.0; N];
    for (parameter, slope) in slopes.iter_mut().enumerate() {
        for (by, factor) in STENCIL {
            let mut factors = [1.0; N];
            factors.iter_mut().skip(parameter).take(1).for_each(|factor| *factor = f64::exp(by));
            *slope += factor * moved(factors)?;
        }
    }
    Ok(slopes)
}

/// The step of the differences: what they leave out is some 1e-13, and the digits that they lose are three of fourteen.
const STEP: f64 = 1e-3;

/// The first derivative by four points, of the fourth order: where each is, and its factor.
const STENCIL: [(f64, f64); 4] =
    [(-2.0 * STEP, 1.0 / (12.0 * STEP)), (-STEP, -8.0 / (12.0 * STEP)), (STEP, 8.0 / (12.0 * STEP)), (2.0 * STEP, -1.0 / (12.0 * STEP))];

/// The purchases of some periods, each discounted from the end of its period, where `expected` gives those up to a time. The horizon has
/// been checked.
pub(super) fn over_periods(periods: u32, length: f64, rate: f64, expected: impl Fn(f64) -> Result<Sloped>) -> Result<Sloped> {
    let (mut before, mut factor, mut sum) = (Sloped::ZERO, 1.0, Sloped::ZERO);
    for period in 1..=periods {
        let until = expected(f64::from(period) * length)?;
        factor /= 1.0 + rate;
        sum = sum.plus(until, factor).plus(before, -factor);
        before = until;
    }
    Ok(sum)
}

/// What a horizon without discount and end, or within a time, comes to.
pub(super) fn horizon_is_plain(horizon: Horizon) -> Option<f64> {
    match horizon.kind() {
        HorizonKind::Within { time, discount_rate } if discount_rate <= 0.0 || time <= 0.0 => Some(time),
        _ => None,
    }
}
