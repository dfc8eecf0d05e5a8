//! Predictions for columns of customers.

use super::beta_geometric::{BetaGeometric, ln_growth};
use super::interpolation::Interpolation;
use super::outlook::time_ahead;
use super::parallel;
use super::{BetaGeometricOutlook, PurchaseColumns, PurchaseHistory};
use crate::decimal::count_to_f64;
use crate::error::Result;

/// Customers with more purchases are few, and are looked at one by one.
pub(super) const MOST_GROUPED: u64 = 4_096;

/// Fewer customers of a frequency are looked at one by one too.
pub(super) const FEWEST_INTERPOLATED: usize = 100;

/// So many polynomials are evaluated side by side.
pub(super) const LANES: usize = 8;

impl BetaGeometric {
    pub(super) fn probability_alive_column(&self, columns: PurchaseColumns<'_>) -> Vec<f64> {
        parallel::map_rows(columns.rows(), |row| columns.get(row).map_or(0.0, |history| self.probability_alive(&history)))
    }

    pub(super) fn expected_purchases_column(&self, columns: PurchaseColumns<'_>, within: f64) -> Result<Vec<f64>> {
        let within = time_ahead("time", within)?;
        let mut expected = self.probability_alive_column(columns);
        for (frequency, rows) in (0_u64..).zip(by_frequency(columns)) {
            let of_frequency = if frequency < MOST_GROUPED && rows.len() >= FEWEST_INTERPOLATED {
                self.interpolated(columns, frequency, &rows, within)
            } else {
                None
            };
            if let Some(growth) = of_frequency {
                growth.multiply_into(&mut expected, &rows);
                continue;
            }
            // What overflows is an error, of which there is one in the end.
            let of = |row: usize| columns.get(row).map_or(Ok(0.0), |history| self.outlook(&history).expected_purchases(within));
            let of_rows = parallel::map(rows.len(), |at| rows.get(at).map_or(0.0, |&row| of(row).unwrap_or(f64::NAN)));
            for (&row, purchases) in rows.iter().zip(of_rows) {
                if let Some(slot) = expected.get_mut(row) {
                    *slot = if purchases.is_nan() { of(row).map_err(|error| error.at_row(row))? } else { purchases };
                }
            }
        }
        Ok(expected)
    }

    /// The purchases of customers who are alive depend on their frequency and age alone, and smoothly on the age.
    fn interpolated(&self, columns: PurchaseColumns<'_>, frequency: u64, rows: &[usize], within: f64) -> Option<Growths> {
        let growth = |at: usize| rows.get(at).map_or(0.0, |&row| ln_growth(within, self.alpha + columns.age(row)));
        let growths = parallel::map_rows(rows.len(), growth);
        let (low, high) = growths.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), &growth| (low.min(growth), high.max(growth)));
        if low <= 0.0 {
            return None;
        }
        let ahead = self.alive_after(frequency, 0.0).ahead(within);
        // Those who have grown so much are of this age: the growth is ln(1 + t / (alpha + T)).
        let interpolation = Interpolation::new(low, high, |growth| ahead.with_alpha(within / growth.exp_m1()).purchases() / growth)?;
        Some(Growths { growths, interpolation })
    }

    pub(super) fn probability_alive(&self, history: &PurchaseHistory) -> f64 {
        let left = self.ln_odds_left(history.frequency(), history.recency(), history.age());
        left.map_or(1.0, |ln_odds| 1.0 / (1.0 + ln_odds.exp()))
    }

    /// A customer of this frequency and age who is still there.
    pub(super) fn alive_after(&self, frequency: u64, age: f64) -> BetaGeometricOutlook {
        BetaGeometricOutlook {
            probability_alive: 1.0,
            r: self.r + count_to_f64(frequency),
            alpha: self.alpha + age,
            a: self.a,
            b: self.b + count_to_f64(self.first_chance.passed(frequency)),
        }
    }

    /// What is to be expected of a customer with this history.
    pub(super) fn outlook(&self, history: &PurchaseHistory) -> BetaGeometricOutlook {
        BetaGeometricOutlook { probability_alive: self.probability_alive(history), ..self.alive_after(history.frequency(), history.age()) }
    }
}

/// Rows by the growth of their time, with the purchases as a function of it.
struct Growths {
    growths: Vec<f64>,
    /// Of the purchases over the growth.
    interpolation: Interpolation,
}

impl Growths {
    fn multiply_into(&self, values: &mut [f64], rows: &[usize]) {
        let of_chunk = |chunk: usize| {
            let growths = self.growths.get(chunk.saturating_mul(LANES)..).unwrap_or_default();
            let mut lanes = [self.interpolation.low(); LANES];
            lanes.iter_mut().zip(growths).for_each(|(lane, growth)| *lane = *growth);
            let mut purchases = self.interpolation.at(lanes);
            purchases.iter_mut().zip(lanes).for_each(|(rate, growth)| *rate *= growth);
            purchases
        };
        let purchases = parallel::map_rows(rows.len().div_ceil(LANES), of_chunk).into_flattened();
        for (purchases, &row) in purchases.into_iter().zip(rows) {
            if let Some(value) = values.get_mut(row) {
                *value *= purchases;
            }
        }
    }
}

/// The rows of every frequency; the last group holds all that are more.
pub(super) fn by_frequency(columns: PurchaseColumns<'_>) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (row, frequency) in columns.frequencies().iter().enumerate() {
        // At most 4,096, which fits.
        let group = usize::try_from(*frequency.min(&MOST_GROUPED)).unwrap_or(0);
        if groups.len() <= group {
            groups.resize(group.saturating_add(1), Vec::new());
        }
        if let Some(rows) = groups.get_mut(group) {
            rows.push(row);
        }
    }
    groups
}
