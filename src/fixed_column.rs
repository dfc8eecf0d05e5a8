//! A column of decimal numbers, as a table holds it.

use rust_decimal::Decimal;

use crate::decimal;
use crate::money::MinorUnit;

/// A column of decimal numbers as they lie in a table: whole numbers that share their number of decimal places.
///
/// ```
/// use customer_metrics::{FixedColumn, MinorUnit};
///
/// let order_values = FixedColumn::new(&[19_99, 5_00], MinorUnit::CENT);
/// assert_eq!(order_values.get(0).unwrap().to_string(), "19.99");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FixedColumn<'a> {
    values: &'a [i64],
    unit: MinorUnit,
}

impl<'a> FixedColumn<'a> {
    /// These whole numbers, each counting units of the last decimal place.
    #[must_use]
    pub fn new(values: &'a [i64], unit: MinorUnit) -> Self {
        Self { values, unit }
    }

    /// Whole numbers without decimal places.
    #[must_use]
    pub fn whole(values: &'a [i64]) -> Self {
        Self::new(values, MinorUnit::WHOLE)
    }

    /// The whole numbers.
    #[must_use]
    pub fn values(&self) -> &'a [i64] {
        self.values
    }

    /// The decimal places that they count.
    #[must_use]
    pub fn unit(&self) -> MinorUnit {
        self.unit
    }

    /// The number in this row, counted from 0, if there is one.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<Decimal> {
        let &value = self.values.get(row)?;
        decimal::from_minor_units(value.into(), self.unit.decimal_places())
    }
}
