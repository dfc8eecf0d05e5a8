//! Many tests at once: p-values adjusted for their number.

use core::fmt;

use crate::decimal::count_to_f64;
use crate::error::{Bound, Error, Result};

/// How p-values are adjusted for the number of tests.
///
/// Of a hundred groups without any difference five are significant at 95% by chance. An adjusted p-value can be compared with the level as
/// if it were the only one.
///
/// | method | holds |
/// |---|---|
/// | [`Holm`](Self::Holm) | how often there is any false finding, whatever the tests have to do with each other |
/// | [`BenjaminiHochberg`](Self::BenjaminiHochberg) | the part of the findings that are false, for independent or positively dependent tests |
/// | [`BenjaminiYekutieli`](Self::BenjaminiYekutieli) | the same whatever the tests have to do with each other |
/// | [`Bonferroni`](Self::Bonferroni) | as Holm, but finds less: to explain it in one line |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum PValueAdjustment {
    /// Step down, from the smallest p-value on. The default.
    ///
    /// ```text
    /// adjusted p_(i) = largest of (m - j + 1) p_(j) for j <= i,  at most 1;  p_(1) <= p_(2) <= ... <= p_(m)
    /// ```
    ///
    /// Source: S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6 (1979), 65-70.
    #[default]
    Holm,
    /// Step up, from the largest p-value on: the false discovery rate.
    ///
    /// ```text
    /// adjusted p_(i) = smallest of m / j p_(j) for j >= i,  at most 1
    /// ```
    ///
    /// Source: Y. Benjamini and Y. Hochberg, "Controlling the False Discovery Rate", Journal of the Royal Statistical Society B 57 (1995),
    /// 289-300.
    BenjaminiHochberg,
    /// The same times `1 + 1/2 + ... + 1/m`.
    ///
    /// Source: Y. Benjamini and D. Yekutieli, "The Control of the False Discovery Rate in Multiple Testing under Dependency", Annals of
    /// Statistics 29 (2001), 1165-1188.
    BenjaminiYekutieli,
    /// Each p-value times the number of tests, at most 1.
    Bonferroni,
}

impl fmt::Display for PValueAdjustment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Holm => "Holm",
            Self::BenjaminiHochberg => "Benjamini-Hochberg",
            Self::BenjaminiYekutieli => "Benjamini-Yekutieli",
            Self::Bonferroni => "Bonferroni",
        })
    }
}

/// The p-values adjusted for their number, in the order in which they were given.
///
/// Equal p-values stay equal, smaller ones do not become larger than others, and none becomes smaller or more than 1. Of no p-values there
/// are no adjusted ones.
///
/// ```
/// use customer_metrics::estimate::{PValueAdjustment, adjust_p_values};
///
/// let p_values = [0.01, 0.04, 0.03, 0.005];
/// assert_eq!(adjust_p_values(&p_values, PValueAdjustment::Holm)?, [0.03, 0.06, 0.06, 0.02]);
/// assert_eq!(adjust_p_values(&p_values, PValueAdjustment::BenjaminiHochberg)?, [0.02, 0.04, 0.04, 0.02]);
/// assert_eq!(adjust_p_values(&p_values, PValueAdjustment::Bonferroni)?, [0.04, 0.16, 0.12, 0.02]);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfBounds`] in [`Error::Row`] for a p-value that is NaN or not within 0 to 1.
pub fn adjust_p_values(p_values: &[f64], adjustment: PValueAdjustment) -> Result<Vec<f64>> {
    for (row, &p_value) in p_values.iter().enumerate() {
        if !(0.0..=1.0).contains(&p_value) {
            return Err(Error::out_of_bounds("p-value", p_value, Bound::Within(0_u64.into(), 1_u64.into())).at_row(row));
        }
    }
    let mut in_order: Vec<(f64, usize)> = p_values.iter().copied().zip(0..).collect();
    in_order.sort_unstable_by(|(left, _), (right, _)| left.total_cmp(right));
    let number = count_to_f64(u64::try_from(p_values.len()).unwrap_or(u64::MAX));
    match adjustment {
        PValueAdjustment::Holm => step_down(&mut in_order, number),
        PValueAdjustment::BenjaminiHochberg => step_up(&mut in_order, number, 1.0),
        PValueAdjustment::BenjaminiYekutieli => step_up(&mut in_order, number, harmonic(p_values.len())),
        PValueAdjustment::Bonferroni => in_order.iter_mut().for_each(|(p_value, _)| *p_value = (*p_value * number).min(1.0)),
    }
    let mut adjusted = vec![0.0; p_values.len()];
    for (p_value, position) in in_order {
        if let Some(slot) = adjusted.get_mut(position) {
            *slot = p_value;
        }
    }
    Ok(adjusted)
}

fn step_down(in_order: &mut [(f64, usize)], number: f64) {
    let (mut left, mut largest) = (number, 0.0);
    for (p_value, _) in in_order {
        largest = f64::max(largest, *p_value * left);
        *p_value = largest.min(1.0);
        left -= 1.0;
    }
}

fn step_up(in_order: &mut [(f64, usize)], number: f64, penalty: f64) {
    let (mut rank, mut smallest) = (number, 1.0);
    for (p_value, _) in in_order.iter_mut().rev() {
        // Rounding must not make it smaller than it was.
        smallest = f64::min(smallest, (*p_value * number / rank * penalty).max(*p_value));
        *p_value = smallest;
        rank -= 1.0;
    }
}

/// `1 + 1/2 + ... + 1/m`, from the smallest on.
fn harmonic(m: usize) -> f64 {
    (1..=u64::try_from(m).unwrap_or(u64::MAX)).rev().map(|k| 1.0 / count_to_f64(k)).sum()
}
