//! Whether groups of customers leave alike: the log-rank test and its weighted kin.

use super::compensated::{Product, Sum};
use super::{EventWeighting, RiskTable};
use crate::error::{Bound, Error, Result};

/// How many left in each group, how many would have if all groups left alike, and how surely they do not.
///
/// ```text
/// at each time at which someone leaves, with weight w:
/// observed_j = sum of w d_j,  expected_j = sum of w d n_j / n
/// covariance_jl = sum of w^2 d (n_j / n) ([j = l] - n_l / n) (n - d) / (n - 1)
/// d, n = left, at risk in all groups; d_j, n_j = in group j
/// chi-square = U' V^- U,  U = observed - expected
/// ```
///
/// With strata each sum runs over the times of each stratum, so that only customers of the same stratum are compared; the curve that a
/// weighting uses is that of the stratum. A group in which no one was ever at risk while someone left has nothing to tell: it is left out
/// and takes no degree of freedom, as in R.
///
/// Results are within 1e-13 of the larger of observed and expected. With weighted customers, counts are taken for what they are: a weight
/// of 2 is two customers, and the factor (n - d) / (n - 1) with them; where less than one customer is at risk it is 0.
///
/// Sources: N. Mantel, "Evaluation of survival data and two new rank order statistics arising in its consideration", Cancer Chemotherapy
/// Reports 50 (1966), 163-170; D. P. Harrington and T. R. Fleming, "A class of rank test procedures for censored survival data",
/// Biometrika 69 (1982), 553-566.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct GroupComparison {
    weighting: EventWeighting,
    subjects: Vec<u64>,
    observed: Vec<f64>,
    expected: Vec<f64>,
    /// Row by row.
    covariance: Vec<f64>,
}

impl GroupComparison {
    /// Compares groups, each by its risk table.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for fewer than 2 groups or more than 1,000; [`Error::Undefined`] if no one left while customers of two groups
    /// were at risk.
    pub fn new(groups: &[RiskTable], weighting: EventWeighting) -> Result<Self> {
        Self::of_strata(core::iter::once(groups), weighting)
    }

    /// Compares groups within strata: for each stratum the tables of all groups, in the same order.
    ///
    /// # Errors
    /// As [`new`](Self::new); [`Error::Row`] with the first stratum that does not have as many groups as the one before it;
    /// [`Error::Undefined`] without strata.
    pub fn stratified(strata: &[Vec<RiskTable>], weighting: EventWeighting) -> Result<Self> {
        for (row, pair) in strata.windows(2).enumerate() {
            if let [before, stratum] = pair
                && before.len() != stratum.len()
            {
                return Err(Error::mismatch("number of groups", before.len(), stratum.len()).at("stratum", row.saturating_add(1)));
            }
        }
        Self::of_strata(strata.iter().map(Vec::as_slice), weighting)
    }

    fn of_strata<'a>(strata: impl Iterator<Item = &'a [RiskTable]>, weighting: EventWeighting) -> Result<Self> {
        const MOST_GROUPS: u32 = 1_000;
        let mut strata = strata.peekable();
        let groups = strata.peek().map_or(0, |groups| groups.len());
        if !(2..=1_000).contains(&groups) {
            return Err(Error::out_of_bounds("groups", groups, Bound::Within(2_u32.into(), MOST_GROUPS.into())));
        }
        let mut sums = Sums::new(groups);
        let mut subjects = vec![0_u64; groups];
        for tables in strata {
            sums.add_stratum(tables, weighting);
            for (subjects, table) in subjects.iter_mut().zip(tables) {
                *subjects = subjects.checked_add(table.subjects()).ok_or_else(|| Error::count_overflow("subjects"))?;
            }
        }
        let [observed, expected] = [sums.observed, sums.expected].map(|sums| sums.into_iter().map(Sum::value).collect::<Vec<_>>());
        let mut covariance = vec![0.0; groups.saturating_mul(groups)];
        for (index, value) in sums.lower_triangle.into_iter().enumerate() {
            let (row, column) = triangle_place(index);
            for place in [row.saturating_mul(groups).saturating_add(column), column.saturating_mul(groups).saturating_add(row)] {
                if let Some(slot) = covariance.get_mut(place) {
                    *slot = value.value();
                }
            }
        }
        if observed.iter().chain(&expected).chain(&covariance).any(|value| !value.is_finite()) {
            return Err(Error::Overflow { field: "comparison of groups", capacity: "a double" });
        }
        let comparison = Self { weighting, subjects, observed, expected, covariance };
        if (0..groups).all(|group| comparison.covariance(group, group) <= 0.0) {
            return Err(Error::Undefined {
                metric: "comparison of groups",
                because: "no one left while customers of two groups were at risk",
            });
        }
        Ok(comparison)
    }

    /// How each time was weighted.
    #[must_use]
    pub fn weighting(&self) -> EventWeighting {
        self.weighting
    }

    /// How many groups there are.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.observed.len()
    }

    /// How many customers each group has.
    #[must_use]
    pub fn subjects(&self) -> &[u64] {
        &self.subjects
    }

    /// How many left in each group, weighted by time.
    #[must_use]
    pub fn observed(&self) -> &[f64] {
        &self.observed
    }

    /// How many would have left in each group if all left alike, weighted by time.
    #[must_use]
    pub fn expected(&self) -> &[f64] {
        &self.expected
    }

    /// The covariance of what two groups have in excess of the expected; 0 for a group that does not exist.
    #[must_use]
    pub fn covariance(&self, group: usize, other: usize) -> f64 {
        let groups = self.groups();
        if other >= groups {
            return 0.0;
        }
        self.covariance.get(group.saturating_mul(groups).saturating_add(other)).copied().unwrap_or(0.0)
    }
}

/// The place in a matrix of an entry of its lower triangle, counted row by row.
fn triangle_place(index: usize) -> (usize, usize) {
    let (mut row, mut rest) = (0_usize, index);
    while rest > row {
        rest = rest.saturating_sub(row).saturating_sub(1);
        row = row.saturating_add(1);
    }
    (row, rest)
}

struct Sums {
    observed: Vec<Sum>,
    expected: Vec<Sum>,
    lower_triangle: Vec<Sum>,
}

impl Sums {
    fn new(groups: usize) -> Self {
        let zeros = |length| vec![Sum::ZERO; length];
        let entries = groups.saturating_mul(groups.saturating_add(1)) / 2;
        Self { observed: zeros(groups), expected: zeros(groups), lower_triangle: zeros(entries) }
    }

    fn add_stratum(&mut self, tables: &[RiskTable], weighting: EventWeighting) {
        let mut merged = Merged::new(tables);
        let (mut curve, mut peto_curve) = (Product::ONE, Product::ONE);
        while merged.next() {
            let (n, d) = (merged.at_risk.iter().sum::<f64>(), merged.left.iter().sum::<f64>());
            if d <= 0.0 {
                continue;
            }
            let weight = match weighting {
                EventWeighting::LogRank => 1.0,
                EventWeighting::Gehan => n,
                EventWeighting::TaroneWare => n.sqrt(),
                EventWeighting::PetoPeto | EventWeighting::ModifiedPetoPeto => {
                    peto_curve = peto_curve.times(n + 1.0 - d, n + 1.0);
                    let modification = if weighting == EventWeighting::PetoPeto { 1.0 } else { n / (n + 1.0) };
                    peto_curve.value() * modification
                }
                EventWeighting::HarringtonFleming(powers) => {
                    let just_before = curve.value();
                    curve = curve.times(n - d, n);
                    powers.of(just_before)
                }
            };
            self.add(&merged, n, d, weight);
        }
    }

    fn add(&mut self, merged: &Merged<'_>, n: f64, d: f64, weight: f64) {
        let groups = merged.at_risk.iter().zip(&merged.left);
        for ((observed, expected), (&at_risk, &left)) in self.observed.iter_mut().zip(&mut self.expected).zip(groups) {
            if left > 0.0 {
                *observed = observed.plus(weight * left);
            }
            *expected = expected.plus(weight * (d * at_risk / n));
        }
        // Of whole counts never more than 1. Weights that are none would make a pole where little more than 1 is at risk.
        let ties = if n > 1.0 { ((n - d) / (n - 1.0)).min(1.0) } else { 0.0 };
        if ties <= 0.0 {
            return;
        }
        let scale = weight * weight * d * ties;
        let mut entries = self.lower_triangle.iter_mut();
        for (row, &row_at_risk) in merged.at_risk.iter().enumerate() {
            let share = row_at_risk / n;
            // The entries come second, so that none is taken where the groups have ended.
            for (&at_risk, entry) in merged.at_risk.iter().take(row).zip(entries.by_ref()) {
                *entry = entry.plus(-(scale * share * (at_risk / n)));
            }
            if let Some(diagonal) = entries.next() {
                *diagonal = diagonal.plus(scale * share * ((n - row_at_risk) / n));
            }
        }
    }
}

/// The tables of several groups, read together from the first time to the last.
struct Merged<'a> {
    tables: &'a [RiskTable],
    positions: Vec<usize>,
    /// Of each group at the current time.
    at_risk: Vec<f64>,
    left: Vec<f64>,
}

impl<'a> Merged<'a> {
    fn new(tables: &'a [RiskTable]) -> Self {
        let zeros = || vec![0.0; tables.len()];
        Self { tables, positions: vec![0; tables.len()], at_risk: zeros(), left: zeros() }
    }

    /// Goes on to the next distinct time of any group, if there is one.
    fn next(&mut self) -> bool {
        let upcoming = |(table, &position): (&'a RiskTable, &usize)| table.rows().get(position).map(super::RiskRow::time);
        let Some(time) = self.tables.iter().zip(&self.positions).filter_map(upcoming).reduce(f64::min) else {
            return false;
        };
        let groups = self.at_risk.iter_mut().zip(&mut self.left);
        for ((table, position), (at_risk, left)) in self.tables.iter().zip(&mut self.positions).zip(groups) {
            match table.rows().get(*position) {
                Some(row) if row.time() <= time => {
                    (*at_risk, *left) = (row.at_risk(), row.left());
                    *position = position.saturating_add(1);
                }
                Some(row) => (*at_risk, *left) = (table.at_risk_before(time, row), 0.0),
                None => (*at_risk, *left) = (0.0, 0.0),
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_triangle_is_counted_row_by_row() {
        let places: Vec<_> = (0..7).map(triangle_place).collect();
        assert_eq!(places, [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2), (3, 0)]);
    }
}
