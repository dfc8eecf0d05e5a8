//! Discounted purchases of whole columns of customers.

use super::beta_geometric::ln_growth;
use super::interpolation::Interpolation;
use super::prediction_columns::{FEWEST_INTERPOLATED, LANES, MOST_GROUPED, by_frequency};
use super::{Horizon, PurchaseColumns, TransactionModel};
use crate::error::Result;

/// Discounted purchases that are integrals are themselves known to little more.
const TOLERANCE: f64 = 1e-12;

/// The discounted purchases of each customer, in the order of the rows.
///
/// Those of customers who are still there depend on frequency and age alone and smoothly on the age: a polynomial for each frequency
/// stands in for most of them, to 1e-12 relative.
pub(super) fn discounted_purchases<M: TransactionModel>(model: &M, columns: PurchaseColumns<'_>, horizon: Horizon) -> Result<Vec<f64>> {
    let mut discounted: Vec<f64> = columns.iter().map(|history| model.probability_alive(&history)).collect();
    for (frequency, rows) in (0_u64..).zip(by_frequency(columns)) {
        let enough = frequency < MOST_GROUPED && rows.len() >= FEWEST_INTERPOLATED;
        if !(enough && interpolated(model, columns, frequency, &rows, horizon, &mut discounted)) {
            one_by_one(model, columns, &rows, horizon, &mut discounted)?;
        }
    }
    Ok(discounted)
}

/// Multiplies rows of one frequency, unless their purchases are not smooth enough in the age.
fn interpolated<M: TransactionModel>(
    model: &M,
    columns: PurchaseColumns<'_>,
    frequency: u64,
    rows: &[usize],
    horizon: Horizon,
    discounted: &mut [f64],
) -> bool {
    let scale = model.scale();
    let growth = |row: usize| ln_growth(columns.age(row), scale);
    let (low, high) = rows.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), &row| (low.min(growth(row)), high.max(growth(row))));
    let of_growth = |growth: f64| model.purchases_of_alive(frequency, scale * growth.exp_m1(), horizon).unwrap_or(f64::NAN);
    let Some(interpolation) = Interpolation::within(TOLERANCE, low, high, of_growth) else {
        return false;
    };
    for rows in rows.chunks(LANES) {
        let mut lanes = [low; LANES];
        lanes.iter_mut().zip(rows).for_each(|(lane, &row)| *lane = growth(row));
        for (purchases, &row) in interpolation.at(lanes).into_iter().zip(rows) {
            if let Some(value) = discounted.get_mut(row) {
                *value *= purchases;
            }
        }
    }
    true
}

/// Multiplies rows, those of the same frequency and age at the cost of one.
fn one_by_one<M: TransactionModel>(
    model: &M,
    columns: PurchaseColumns<'_>,
    rows: &[usize],
    horizon: Horizon,
    discounted: &mut [f64],
) -> Result<()> {
    let key = |row: usize| columns.get(row).map(|history| (history.frequency(), history.age().to_bits()));
    let mut rows = rows.to_vec();
    rows.sort_unstable_by_key(|&row| (key(row), row));
    let mut known = (None, 0.0);
    for row in rows {
        let (Some(history), Some(value)) = (columns.get(row), discounted.get_mut(row)) else {
            continue;
        };
        if known.0 != key(row) {
            let purchases = model.purchases_of_alive(history.frequency(), history.age(), horizon);
            known = (key(row), purchases.map_err(|error| error.at_row(row))?);
        }
        *value *= known.1;
    }
    Ok(())
}
