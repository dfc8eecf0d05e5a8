//! Discounted purchases of whole columns of customers.

use super::beta_geometric::ln_growth;
use super::interpolation::{Interpolation, Surface};
use super::parallel;
use super::prediction_columns::{FEWEST_INTERPOLATED, LANES, MOST_GROUPED, by_frequency};
use super::sloped::Sloped;
use super::transaction_model::sealed::CHECKED;
use super::{Horizon, PurchaseColumns, PurchaseHistory, TransactionModel};
use crate::decimal::count_to_f64;
use crate::error::{Error, Result};

/// Discounted purchases that are integrals are themselves known to little more.
const TOLERANCE: f64 = 1e-12;

/// Fewer customers of several frequencies are looked at one by one: a polynomial in two variables takes as long as they do.
const FEWEST_ON_SURFACE: usize = 300;

/// How much is asked for of a prediction: its value, or its derivatives in the logarithms of the parameters too.
pub(super) trait Detail: Copy + Send + Sync {
    fn alive<M: TransactionModel>(model: &M, history: &PurchaseHistory) -> Self;

    /// The purchases of a customer who is still there, not interpolated.
    fn exact<M: TransactionModel>(model: &M, frequency: u64, age: f64, horizon: Horizon) -> Result<Self>;

    fn on_curve(curve: &[Interpolation; 5], lanes: [f64; LANES]) -> [Self; LANES];

    fn of(sloped: Sloped) -> Self;

    fn times(self, other: Self) -> Self;
}

impl Detail for f64 {
    fn alive<M: TransactionModel>(model: &M, history: &PurchaseHistory) -> Self {
        model.probability_alive(history)
    }

    fn exact<M: TransactionModel>(model: &M, frequency: u64, age: f64, horizon: Horizon) -> Result<Self> {
        model.purchases_of_alive(frequency, age, horizon, CHECKED)
    }

    fn on_curve([value, ..]: &[Interpolation; 5], lanes: [f64; LANES]) -> [Self; LANES] {
        value.at(lanes)
    }

    fn of(sloped: Sloped) -> Self {
        sloped.value
    }

    fn times(self, other: Self) -> Self {
        self * other
    }
}

impl Detail for Sloped {
    fn alive<M: TransactionModel>(model: &M, history: &PurchaseHistory) -> Self {
        model.sloped_alive(history, CHECKED)
    }

    fn exact<M: TransactionModel>(model: &M, frequency: u64, age: f64, horizon: Horizon) -> Result<Self> {
        let value = model.purchases_of_alive(frequency, age, horizon, CHECKED)?;
        let sloped = model.purchases_by_age(count_to_f64(frequency), age, 1, horizon, CHECKED)(age)?;
        Ok(Self { value, ..sloped })
    }

    fn on_curve(curve: &[Interpolation; 5], lanes: [f64; LANES]) -> [Self; LANES] {
        let mut sloped = [[0.0; 5]; LANES];
        for (number, polynomial) in curve.iter().enumerate() {
            for (sloped, value) in sloped.iter_mut().zip(polynomial.at(lanes)) {
                sloped.iter_mut().skip(number).take(1).for_each(|slot| *slot = value);
            }
        }
        sloped.map(Self::from_numbers)
    }

    fn of(sloped: Sloped) -> Self {
        sloped
    }

    fn times(self, other: Self) -> Self {
        Self::times(self, other)
    }
}

/// The discounted purchases of each customer, in the order of the rows. The horizon has been checked.
///
/// Those of customers who are still there depend on frequency and age alone, and smoothly: a polynomial in the age for each frequency that
/// is often, and one in both for those that are rare, stand in for most of them, to 1e-12 relative.
pub(super) fn discounted_purchases<M: TransactionModel, D: Detail>(
    model: &M,
    columns: PurchaseColumns<'_>,
    horizon: Horizon,
) -> Result<Vec<D>> {
    let over = Prediction { model, columns, horizon };
    let mut discounted = parallel::map_rows(columns.rows(), |row| D::alive(model, &columns.get(row).unwrap_or(PurchaseHistory::NEW)));
    let mut first_error: Option<(usize, Error)> = None;
    for group in over.groups() {
        let purchases = match over.by_polynomial(&group) {
            Some(purchases) => Ok(purchases),
            None => over.one_by_one(&group.rows),
        };
        match purchases {
            Ok(purchases) => {
                for (purchases, &row) in purchases.into_iter().zip(&group.rows) {
                    if let Some(slot) = discounted.get_mut(row) {
                        *slot = D::times(*slot, purchases);
                    }
                }
            }
            Err((row, error)) => {
                if first_error.as_ref().is_none_or(|(first, _)| row < *first) {
                    first_error = Some((row, error));
                }
            }
        }
    }
    match first_error {
        Some((row, error)) => Err(error.at_row(row)),
        None => Ok(discounted),
    }
}

/// Rows whose purchases are one smooth function.
struct Group {
    /// The least and the greatest frequency.
    frequencies: (u64, u64),
    rows: Vec<usize>,
}

#[derive(Clone, Copy)]
struct Prediction<'a, M> {
    model: &'a M,
    columns: PurchaseColumns<'a>,
    horizon: Horizon,
}

impl<M: TransactionModel> Prediction<'_, M> {
    /// One group for each frequency that is often, and one for those next to each other that are rare.
    fn groups(&self) -> Vec<Group> {
        if self.model.multiple(0, CHECKED).is_some() {
            return vec![Group { frequencies: (0, 0), rows: (0..self.columns.rows()).collect() }];
        }
        let mut groups: Vec<Group> = Vec::new();
        let mut rare: Option<Group> = None;
        for (frequency, rows) in (0_u64..).zip(by_frequency(self.columns)).filter(|(_, rows)| !rows.is_empty()) {
            if frequency >= MOST_GROUPED || rows.len() >= FEWEST_INTERPOLATED {
                groups.push(Group { frequencies: (frequency, frequency), rows });
                continue;
            }
            match &mut rare {
                // Polynomials do for so wide a range.
                Some(group) if frequency <= group.frequencies.0.saturating_mul(4) => {
                    group.frequencies.1 = frequency;
                    group.rows.extend(rows);
                }
                _ => groups.extend(rare.replace(Group { frequencies: (frequency, frequency), rows })),
            }
        }
        groups.extend(rare);
        groups
    }

    /// The purchases of the customers of a group who are still there, if there are enough of them and they are smooth enough.
    fn by_polynomial<D: Detail>(&self, group: &Group) -> Option<Vec<D>> {
        let (lowest, highest) = group.frequencies;
        let fewest = if lowest < highest { FEWEST_ON_SURFACE } else { FEWEST_INTERPOLATED };
        if group.rows.len() < fewest || lowest >= MOST_GROUPED {
            return None;
        }
        let scale = self.model.scale(CHECKED);
        let growth = |row: usize| ln_growth(self.columns.age(row), scale);
        let ages = group.rows.iter().map(|&row| self.columns.age(row));
        let (youngest, oldest) = ages.fold((f64::INFINITY, 0.0_f64), |(low, high), age| (low.min(age), high.max(age)));
        let (low, high) = (ln_growth(youngest, scale), ln_growth(oldest, scale));
        // The inverse of the growth may round to below the youngest.
        let age_of = |growth: f64| (scale * growth.exp_m1()).max(0.0);
        let numbers = |sloped: Result<Sloped>| sloped.map_or([f64::NAN; 5], Sloped::numbers);
        let by_age = |frequency: f64, ages: usize| self.model.purchases_by_age(frequency, youngest, ages, self.horizon, CHECKED);
        if lowest < highest {
            let of_frequency = |ln_frequency: f64| {
                let by_age = by_age(ln_frequency.exp_m1().max(0.0), FEWEST_INTERPOLATED);
                move |growth: f64| numbers(by_age(age_of(growth)))
            };
            let range = [lowest, highest].map(|frequency| count_to_f64(frequency).ln_1p());
            let surface = Surface::within(TOLERANCE, range, [low, high], of_frequency)?;
            let of_row = |&row: &usize| {
                let frequency = self.columns.get(row).map_or(0, |history| history.frequency());
                D::of(Sloped::from_numbers(surface.at(count_to_f64(frequency).ln_1p(), growth(row))))
            };
            return Some(group.rows.iter().map(of_row).collect());
        }
        let of_age = by_age(count_to_f64(lowest), FEWEST_INTERPOLATED);
        let curve = Interpolation::within(TOLERANCE, low, high, |growth| numbers(of_age(age_of(growth))))?;
        let of_rows = |chunk: usize| {
            let start = chunk.saturating_mul(LANES);
            let rows = group.rows.get(start..).unwrap_or_default();
            let mut lanes = [low; LANES];
            lanes.iter_mut().zip(rows).for_each(|(lane, &row)| *lane = growth(row));
            let mut purchases = D::on_curve(&curve, lanes);
            for (purchases, &row) in purchases.iter_mut().zip(rows) {
                let frequency = self.columns.get(row).map_or(0, |history| history.frequency());
                if let Some(multiple) = self.model.multiple(frequency, CHECKED) {
                    *purchases = D::times(*purchases, D::of(multiple));
                }
            }
            purchases
        };
        let mut purchases = parallel::map_rows(group.rows.len().div_ceil(LANES), of_rows).into_flattened();
        purchases.truncate(group.rows.len());
        Some(purchases)
    }

    /// The purchases of customers who are still there, those of the same frequency and age at the cost of one; or the first row with an
    /// error.
    fn one_by_one<D: Detail>(&self, rows: &[usize]) -> core::result::Result<Vec<D>, (usize, Error)> {
        let key = |&(_, row): &(usize, usize)| self.columns.get(row).map(|history| (history.frequency(), history.age().to_bits()));
        let mut sorted: Vec<(usize, usize)> = rows.iter().copied().enumerate().collect();
        sorted.sort_unstable_by_key(|place| (key(place), place.1));
        let distinct: Vec<_> = sorted.chunk_by(|one, other| key(one) == key(other)).collect();
        let of = |index: usize| {
            let history = distinct.get(index).and_then(|same| same.first()).and_then(|&(_, row)| self.columns.get(row));
            let history = history.unwrap_or(PurchaseHistory::NEW);
            D::exact(self.model, history.frequency(), history.age(), self.horizon)
        };
        let mut purchases = vec![None; rows.len()];
        let mut first_error: Option<(usize, Error)> = None;
        for (same, of_distinct) in distinct.iter().zip(parallel::map(distinct.len(), of)) {
            match of_distinct {
                Ok(value) => {
                    for &(at, _) in *same {
                        purchases.iter_mut().skip(at).take(1).for_each(|slot| *slot = Some(value));
                    }
                }
                Err(error) => {
                    let row = same.first().map_or(0, |&(_, row)| row);
                    if first_error.as_ref().is_none_or(|(first, _)| row < *first) {
                        first_error = Some((row, error));
                    }
                }
            }
        }
        // Where there is no error, every row has its purchases.
        first_error.map_or_else(|| Ok(purchases.into_iter().flatten().collect()), Err)
    }
}
