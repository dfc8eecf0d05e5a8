//! The exponential integral of one order as polynomials, where it is needed at thousands of points.

use super::interpolation::Interpolation;
use crate::special::LnExponentialIntegral;

/// From here on the continued fraction is as fast.
const HIGHEST: f64 = 40.0;

/// In logarithms of the point. The function is entire in them but for the zeros of the integral, which are no nearer than about 3.
const WIDTH: f64 = 2.5;

const MOST_PANELS: usize = 12;

/// Within 3e-15 of the logarithm of the integral and of its derivatives, or of 1 where they are smaller.
const TOLERANCE: f64 = 3e-15;

/// `ln(e^z E_nu(z))` and its derivatives for one `nu` and any `z` from a lowest on.
#[derive(Debug, Clone)]
pub(super) struct ExponentialTable {
    nu: f64,
    /// The logarithm of the lowest point, and of the first that is not in a panel.
    low: f64,
    high: f64,
    panels: Vec<[Interpolation; 3]>,
}

impl ExponentialTable {
    /// Nothing where a polynomial would not do, or hardly a point were in it.
    pub(super) fn new(nu: f64, lowest: f64) -> Option<Self> {
        if !(1e-9..HIGHEST).contains(&lowest) {
            return None;
        }
        let low = lowest.ln() - 1e-9;
        let mut table = Self { nu, low, high: low, panels: Vec::new() };
        while table.high < HIGHEST.ln() && table.panels.len() < MOST_PANELS {
            let next = table.high + WIDTH;
            let at = |ln_z: f64| {
                let LnExponentialIntegral { ln, in_ln_point, in_order } = LnExponentialIntegral::new(nu, ln_z.exp());
                [ln, in_ln_point, in_order]
            };
            table.panels.push(Interpolation::bounded(TOLERANCE, table.high, next, at)?);
            table.high = next;
        }
        Some(table)
    }

    /// At `z`, which may be anywhere.
    pub(super) fn at(&self, z: f64) -> LnExponentialIntegral {
        let ln_z = z.ln();
        let panel = (ln_z >= self.low && ln_z < self.high)
            .then(|| self.panels.iter().find(|panel| panel.iter().all(|function| ln_z <= function.high())));
        match panel.flatten() {
            Some(panel) => {
                let [ln, in_ln_point, in_order] = panel.each_ref().map(|function| {
                    let [value] = function.at([ln_z]);
                    value
                });
                LnExponentialIntegral { ln, in_ln_point, in_order }
            }
            None => LnExponentialIntegral::new(self.nu, z),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_integral_everywhere() {
        for nu in [1.01, 1.24, 2.0, 7.3, 60.0, 900.0] {
            for lowest in [1e-8, 1e-3, 0.08, 3.0, 39.0] {
                let table = ExponentialTable::new(nu, lowest).unwrap();
                for step in 0..400 {
                    let z = lowest * (f64::from(step) / 20.0).exp();
                    let (got, exact) = (table.at(z), LnExponentialIntegral::new(nu, z));
                    for (got, exact) in [(got.ln, exact.ln), (got.in_ln_point, exact.in_ln_point), (got.in_order, exact.in_order)] {
                        assert!((got - exact).abs() <= 5e-14 * exact.abs().max(1.0), "{nu}, {z}: {got} is not {exact}");
                    }
                }
            }
        }
        assert!(ExponentialTable::new(2.0, 50.0).is_none() && ExponentialTable::new(2.0, 0.0).is_none());
    }
}
