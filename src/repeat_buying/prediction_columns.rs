//! Predictions for columns of customers.

use super::beta_geometric::{BetaGeometric, ln_growth};
use super::outlook::{PowerSeries, time_ahead};
use super::{PurchaseColumns, PurchaseHistory};
use crate::error::{Error, Result};

/// Customers with more purchases are few, and are looked at one by one.
const MOST_GROUPED: usize = 4_096;

/// So many polynomials are evaluated side by side.
const LANES: usize = 8;

impl BetaGeometric {
    pub(super) fn probabilities_alive(&self, columns: PurchaseColumns<'_>) -> Vec<f64> {
        columns.iter().map(|history| self.outlook(&history).probability_alive()).collect()
    }

    pub(super) fn expected_purchases(&self, columns: PurchaseColumns<'_>, within: f64) -> Result<Vec<f64>> {
        let within = time_ahead("time", within)?;
        let mut expected = self.probabilities_alive(columns);
        for (frequency, rows) in by_frequency(columns).into_iter().enumerate() {
            let Some(youngest) = rows.iter().filter_map(|&row| columns.get(row)).min_by(|left, right| left.age().total_cmp(&right.age()))
            else {
                continue;
            };
            debug_assert!(usize::try_from(youngest.frequency()).is_ok_and(|of_row| of_row == frequency || of_row >= MOST_GROUPED));
            // The youngest have most purchases ahead relative to those behind, and need most terms.
            match self.outlook(&youngest).ahead(within).power_series() {
                Some(series) if frequency < MOST_GROUPED && rows.len() >= LANES => {
                    for eight in rows.chunks(LANES) {
                        self.by_polynomial(columns, &series, within, eight, &mut expected);
                    }
                }
                _ => {
                    for &row in &rows {
                        if let (Some(history), Some(slot)) = (columns.get(row), expected.get_mut(row)) {
                            *slot = self.outlook(&history).expected_purchases(within).map_err(|error| error.at_row(row))?;
                        }
                    }
                }
            }
        }
        match expected.iter().position(|purchases| !purchases.is_finite()) {
            Some(row) => Err(Error::Overflow { field: "expected purchases", capacity: "a double" }.at_row(row)),
            None => Ok(expected),
        }
    }

    /// Multiplies the probabilities to be alive with the purchases of those who are.
    fn by_polynomial(&self, columns: PurchaseColumns<'_>, series: &PowerSeries, within: f64, rows: &[usize], alive: &mut [f64]) {
        let mut ages = [0.0; LANES];
        for (slot, &row) in ages.iter_mut().zip(rows) {
            *slot = columns.get(row).as_ref().map_or(0.0, PurchaseHistory::age);
        }
        let purchases =
            series.at(ages.map(|age| within / (self.alpha + age + within)), ages.map(|age| ln_growth(within, self.alpha + age)));
        for (purchases, &row) in purchases.into_iter().zip(rows) {
            if let Some(alive) = alive.get_mut(row) {
                *alive *= purchases;
            }
        }
    }
}

/// The rows of every frequency; the last holds all that are more.
fn by_frequency(columns: PurchaseColumns<'_>) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (row, history) in columns.iter().enumerate() {
        let group = usize::try_from(history.frequency()).map_or(MOST_GROUPED, |frequency| frequency.min(MOST_GROUPED));
        if groups.len() <= group {
            groups.resize(group.saturating_add(1), Vec::new());
        }
        if let Some(rows) = groups.get_mut(group) {
            rows.push(row);
        }
    }
    groups
}
