//! A column of decimal numbers, as a table holds it.

use core::borrow::Borrow;

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::Result;
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

/// A column of exact amounts that owns its whole numbers: what amounts that lie as [`Decimal`]s become.
///
/// ```
/// use customer_metrics::{Decimal, MinorUnit, OwnedFixedColumn};
///
/// let amounts: [Decimal; 3] = ["19.99", "5", "-2.50"].map(|amount| amount.parse().unwrap());
/// let column = OwnedFixedColumn::from_amounts(MinorUnit::CENT, &amounts)?;
/// assert_eq!(column.values(), [1_999, 500, -250]);
/// assert_eq!(column.as_column().get(0), Some(amounts[0]));
///
/// let finer = [Decimal::ONE, "0.125".parse().unwrap()];
/// let error = OwnedFixedColumn::from_amounts(MinorUnit::CENT, finer).unwrap_err();
/// assert_eq!(error.to_string(), "row 1: amount is 0.125, but must be of at most 2 decimal places");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct OwnedFixedColumn {
    values: Vec<i64>,
    unit: MinorUnit,
}

impl OwnedFixedColumn {
    /// These amounts, each a whole number of minor units.
    ///
    /// # Errors
    /// [`Error::Row`](crate::Error::Row) with the first amount that has more decimal places than the unit, or exceeds 64 bits of minor
    /// units. No amount is rounded: round them first, with [`MinorUnit::round`], if that is what is meant.
    pub fn from_amounts(unit: MinorUnit, amounts: impl IntoIterator<Item: Borrow<Decimal>>) -> Result<Self> {
        let units = |(row, amount): (usize, _)| {
            let amount: Decimal = *Borrow::<Decimal>::borrow(&amount);
            unit.minor_units_of(amount).map_err(|error| error.at_row(row))
        };
        Ok(Self { values: amounts.into_iter().enumerate().map(units).collect::<Result<_>>()?, unit })
    }

    /// These whole numbers, each counting units of the last decimal place. A slice is copied, a `Vec` is taken as it is.
    #[must_use]
    pub fn from_minor_units(unit: MinorUnit, values: impl Into<Vec<i64>>) -> Self {
        Self { values: values.into(), unit }
    }

    /// The column as others take it.
    #[must_use]
    pub fn as_column(&self) -> FixedColumn<'_> {
        FixedColumn::new(&self.values, self.unit)
    }

    /// The whole numbers.
    #[must_use]
    pub fn values(&self) -> &[i64] {
        &self.values
    }

    /// The decimal places that they count.
    #[must_use]
    pub fn unit(&self) -> MinorUnit {
        self.unit
    }
}

impl<'a> From<&'a OwnedFixedColumn> for FixedColumn<'a> {
    fn from(column: &'a OwnedFixedColumn) -> Self {
        column.as_column()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn amounts_go_in_by_value_and_by_reference_and_the_first_wrong_one_is_named() {
        let amounts = vec![Decimal::new(1, 2), Decimal::new(-30, 1)];
        let column = OwnedFixedColumn::from_amounts(MinorUnit::CENT, &amounts).unwrap();
        assert_eq!(column, OwnedFixedColumn::from_amounts(MinorUnit::CENT, amounts).unwrap());
        assert_eq!(column, OwnedFixedColumn::from_minor_units(MinorUnit::CENT, [1, -300]));
        assert_eq!(FixedColumn::from(&column), FixedColumn::new(&[1, -300], MinorUnit::CENT));
        let wide = [Decimal::ZERO, Decimal::ONE, Decimal::MAX, Decimal::new(1, 3)];
        let error = OwnedFixedColumn::from_amounts(MinorUnit::WHOLE, wide).unwrap_err();
        assert_eq!(error, Error::Overflow { field: "amount", capacity: "64 bits of minor units" }.at_row(2));
    }
}
