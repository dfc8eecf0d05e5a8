//! The lifetime value of a whole base from three columns of whole numbers, exact and at the speed of multiplying them.

use crate::decimal;
use crate::error::{Error, Result};
use crate::fixed_column::FixedColumn;
use crate::money::{MinorUnit, MoneyTally};

/// Three columns of the same length: order value, orders per year and years of every customer.
///
/// ```text
/// total = sum over customers of order value x orders per year x years
/// ```
///
/// The columns may have different decimal places; a product has those of all three together. Nothing is rounded: 1.01 x 1.01 is 1.0201,
/// where a table engine that multiplies at the larger of the two scales gives 1.02. A part of a base can be computed anywhere: the totals
/// merge to the same cent in any order.
///
/// ```
/// use customer_metrics::{MinorUnit, Tally};
/// use customer_metrics::lifetime_value::{FixedColumn, LifetimeValueColumns};
///
/// let columns = LifetimeValueColumns::new(
///     FixedColumn::new(&[1_01, 25_00], MinorUnit::CENT),
///     FixedColumn::new(&[1_01, 4_00], MinorUnit::CENT),
///     FixedColumn::whole(&[1, 3]),
/// )?;
/// let total = columns.total()?;
/// assert_eq!(total.total()?.to_string(), "301.0201");
/// assert_eq!(total.count(), 2);
/// assert_eq!(columns.values()?, [1_0201, 300_0000]);
///
/// let negative = LifetimeValueColumns::new(FixedColumn::whole(&[5, -5]), FixedColumn::whole(&[1, 1]), FixedColumn::whole(&[1, 1]))?;
/// assert_eq!(negative.total().unwrap_err().to_string(), "row 1: order value is -5, but must be at least 0");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LifetimeValueColumns<'a> {
    order_value: FixedColumn<'a>,
    orders_per_year: FixedColumn<'a>,
    years: FixedColumn<'a>,
    unit: MinorUnit,
}

impl<'a> LifetimeValueColumns<'a> {
    /// Puts the columns side by side. Their numbers are looked at when they are multiplied.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::OutOfBounds`] if they have more than 12 decimal places together.
    pub fn new(order_value: FixedColumn<'a>, orders_per_year: FixedColumn<'a>, years: FixedColumn<'a>) -> Result<Self> {
        let rows = order_value.values().len();
        for column in [orders_per_year, years] {
            if column.values().len() != rows {
                return Err(Error::mismatch("column length", rows, column.values().len()));
            }
        }
        // At most 36, which a byte holds.
        let places = [order_value, orders_per_year, years].iter().fold(0_u8, |sum, column| sum.saturating_add(column.unit().into()));
        Ok(Self { order_value, orders_per_year, years, unit: MinorUnit::new(places)? })
    }

    /// How many customers.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.order_value.values().len()
    }

    /// The decimal places of a product.
    #[must_use]
    pub fn unit(&self) -> MinorUnit {
        self.unit
    }

    /// The lifetime values of all customers: how many and how much in all.
    ///
    /// # Errors
    /// [`Error::Row`] with the first row in which a number is negative; [`Error::Overflow`] if the total exceeds 128 bits.
    pub fn total(&self) -> Result<MoneyTally> {
        let mut total = 0_i128;
        for (chunk, rows) in self.chunks().enumerate() {
            let (sum, width) = rows.sum_and_width();
            let sum = if width.fits_sum_in(u64::BITS, rows.len()) {
                i128::from(sum)
            } else {
                if let Some(row) = rows.iter().position(|(a, b, c)| (a | b | c) < 0) {
                    self.refuse_negatives(row_in(chunk, row))?;
                }
                rows.wide_sum()?
            };
            total = total.checked_add(sum).ok_or(TOO_WIDE)?;
        }
        let count = u64::try_from(self.rows()).map_err(|_| Error::count_overflow("customers"))?;
        MoneyTally::from_minor_units(self.unit, count, total)
    }

    /// The lifetime value of each customer, in minor units of [`unit`](Self::unit): ready for a
    /// [`CustomerBook`](super::CustomerBook).
    ///
    /// # Errors
    /// [`Error::Row`] with the first row in which a number is negative or the product exceeds 64 bits.
    pub fn values(&self) -> Result<Vec<i64>> {
        let mut values = vec![0; self.rows()];
        for (chunk, (rows, out)) in self.chunks().zip(values.chunks_mut(CHUNK)).enumerate() {
            let width = rows.products(out);
            // A negative number has the top bit, so it is never narrow enough.
            if !width.fits_product_in(i64::BITS.saturating_sub(1))
                && let Err(row) = rows.checked_products(out)
            {
                let row = row_in(chunk, row);
                self.refuse_negatives(row)?;
                return Err(PRODUCT_TOO_WIDE.at_row(row));
            }
        }
        Ok(values)
    }

    fn chunks(&self) -> impl Iterator<Item = Rows<'a>> {
        let chunks = |column: FixedColumn<'a>| column.values().chunks(CHUNK);
        let pairs = chunks(self.order_value).zip(chunks(self.orders_per_year));
        pairs.zip(chunks(self.years)).map(|((a, b), c)| Rows { a, b, c })
    }

    /// What is wrong with a row that holds a negative number.
    fn refuse_negatives(&self, row: usize) -> Result<()> {
        let columns = [("order value", self.order_value), ("orders per year", self.orders_per_year), ("years", self.years)];
        for (field, column) in columns {
            if let Some(value) = column.get(row) {
                let _ = decimal::non_negative(field, value).map_err(|error| error.at_row(row))?;
            }
        }
        Ok(())
    }
}

/// Three columns of this many rows fit into the fastest cache.
const CHUNK: usize = 1024;

const TOO_WIDE: Error = Error::Overflow { field: "total lifetime value", capacity: "128 bits of minor units" };
const PRODUCT_TOO_WIDE: Error = Error::Overflow { field: "lifetime value", capacity: "64 bits of minor units" };

fn row_in(chunk: usize, row: usize) -> usize {
    chunk.saturating_mul(CHUNK).saturating_add(row)
}

/// The same rows of the three columns.
struct Rows<'a> {
    a: &'a [i64],
    b: &'a [i64],
    c: &'a [i64],
}

/// How many bits the numbers of three columns need: 64 where one is negative.
#[derive(Default)]
struct Width {
    a: u64,
    b: u64,
    c: u64,
}

impl Width {
    fn add(&mut self, a: u64, b: u64, c: u64) {
        self.a |= a;
        self.b |= b;
        self.c |= c;
    }

    /// The product of three numbers is below 2 to this power.
    fn of_product(&self) -> u32 {
        [self.a, self.b, self.c].iter().fold(0, |bits, &all| bits.saturating_add(u64::BITS.saturating_sub(all.leading_zeros())))
    }

    fn is_negative_free(&self) -> bool {
        (self.a | self.b | self.c).leading_zeros() > 0
    }

    fn fits_product_in(&self, bits: u32) -> bool {
        self.is_negative_free() && self.of_product() <= bits
    }

    /// `rows` is at most the size of a chunk, so the sum needs as many bits more as that has.
    fn fits_sum_in(&self, bits: u32, rows: usize) -> bool {
        let more = usize::BITS.saturating_sub(rows.leading_zeros());
        self.is_negative_free() && self.of_product().saturating_add(more) <= bits
    }
}

impl Rows<'_> {
    fn len(&self) -> usize {
        self.a.len()
    }

    fn iter(&self) -> impl Iterator<Item = (i64, i64, i64)> {
        self.a.iter().zip(self.b).zip(self.c).map(|((&a, &b), &c)| (a, b, c))
    }

    /// The sum of the products modulo 2^64, and how wide the factors are: if the widths say that the sum fits, it is the sum itself.
    ///
    /// One pass without a branch, since whether anything wraps is only looked at afterwards.
    fn sum_and_width(&self) -> (u64, Width) {
        let (mut sum, mut width) = (0_u64, Width::default());
        for (a, b, c) in self.iter() {
            let (a, b, c) = (a.cast_unsigned(), b.cast_unsigned(), c.cast_unsigned());
            width.add(a, b, c);
            sum = sum.wrapping_add(a.wrapping_mul(b).wrapping_mul(c));
        }
        (sum, width)
    }

    /// The sum of the products of numbers that are not negative, whatever their size.
    fn wide_sum(&self) -> Result<i128> {
        self.iter()
            .try_fold(0_i128, |sum, (a, b, c)| {
                // Two numbers of 63 bits cannot overflow 128.
                i128::from(a).checked_mul(b.into())?.checked_mul(c.into()).and_then(|product| sum.checked_add(product))
            })
            .ok_or(TOO_WIDE)
    }

    /// Writes the products modulo 2^64, and says how wide the factors are.
    fn products(&self, out: &mut [i64]) -> Width {
        let mut width = Width::default();
        for ((a, b, c), out) in self.iter().zip(out) {
            width.add(a.cast_unsigned(), b.cast_unsigned(), c.cast_unsigned());
            *out = a.wrapping_mul(b).wrapping_mul(c);
        }
        width
    }

    /// Writes the products, or gives the first row that holds a negative number or whose product does not fit.
    fn checked_products(&self, out: &mut [i64]) -> Result<(), usize> {
        for (row, ((a, b, c), out)) in self.iter().zip(out).enumerate() {
            let product = i128::from(a).checked_mul(b.into()).and_then(|product| product.checked_mul(c.into()));
            let product = product.and_then(|product| i64::try_from(product).ok()).filter(|_| (a | b | c) >= 0);
            *out = product.ok_or(row)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::tally::Tally as _;

    fn whole<'a>(a: &'a [i64], b: &'a [i64], c: &'a [i64]) -> LifetimeValueColumns<'a> {
        LifetimeValueColumns::new(FixedColumn::whole(a), FixedColumn::whole(b), FixedColumn::whole(c)).unwrap()
    }

    #[test]
    fn no_customers_are_worth_nothing() {
        let nothing = whole(&[], &[], &[]);
        assert_eq!(nothing.total().unwrap(), MoneyTally::empty(MinorUnit::WHOLE));
        assert_eq!(nothing.values().unwrap(), Vec::<i64>::new());
    }

    #[test]
    fn products_and_sums_that_pass_64_bits_stay_exact() {
        let (large, ones) = (vec![1_i64 << 31; 3_000], vec![1; 3_000]);
        let columns = whole(&large, &large, &ones);
        assert_eq!(columns.total().unwrap().total(), Ok(Decimal::from_i128_with_scale(3_000 << 62, 0)));
        assert!(columns.values().unwrap().iter().all(|&value| value == 1 << 62));
        let widest = whole(&[i64::MAX], &[1 << 32], &[1]);
        assert_eq!(widest.total().unwrap().total(), Ok(Decimal::from_i128_with_scale(i128::from(i64::MAX) << 32, 0)));
        assert_eq!(widest.values(), Err(PRODUCT_TOO_WIDE.at_row(0)));
        assert_eq!(whole(&[i64::MAX], &[1], &[1]).values(), Ok(vec![i64::MAX]));
        assert_eq!(whole(&[i64::MAX], &[i64::MAX], &[0]).values(), Ok(vec![0]));
    }

    #[test]
    fn beyond_128_bits_is_an_error() {
        assert_eq!(whole(&[i64::MAX], &[i64::MAX], &[i64::MAX]).total(), Err(TOO_WIDE));
        let (largest, two) = ([i64::MAX; 3], [2; 3]);
        assert_eq!(whole(&largest, &largest, &two).total(), Err(TOO_WIDE));
    }

    #[test]
    fn a_negative_number_is_found_wherever_it_hides() {
        for at in [0, 1, CHUNK - 1, CHUNK, 2 * CHUNK + 5] {
            let ones = vec![1; 2 * CHUNK + 6];
            let mut wrong = ones.clone();
            // Two negatives would make a positive product.
            wrong[at] = -1;
            for (columns, field) in [
                (whole(&wrong, &wrong, &ones), "order value"),
                (whole(&ones, &wrong, &wrong), "orders per year"),
                (whole(&ones, &ones, &wrong), "years"),
            ] {
                for error in [columns.total().unwrap_err(), columns.values().unwrap_err()] {
                    assert_eq!((error.row(), error.field()), (Some(at), Some(field)));
                }
            }
        }
        let lowest = whole(&[i64::MIN], &[0], &[0]);
        assert_eq!(lowest.total().unwrap_err().to_string(), "row 0: order value is -9223372036854775808, but must be at least 0");
    }

    #[test]
    fn columns_must_fit_each_other() {
        let two = FixedColumn::whole(&[1, 2]);
        let uneven = LifetimeValueColumns::new(two, two, FixedColumn::whole(&[1]));
        assert!(matches!(uneven, Err(Error::Mismatch { field: "column length", .. })));
        let fine = FixedColumn::new(&[1, 2], MinorUnit::new(5).unwrap());
        assert_eq!(
            LifetimeValueColumns::new(fine, fine, FixedColumn::new(&[1, 2], MinorUnit::CENT)).unwrap().unit(),
            MinorUnit::new(12).unwrap()
        );
        let error = LifetimeValueColumns::new(fine, fine, fine).unwrap_err();
        assert_eq!(error.to_string(), "decimal places is 15, but must be at most 12");
    }
}
