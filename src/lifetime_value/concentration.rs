//! How unequally the customers of a base share its value.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::book::NO_CUSTOMERS;
use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::money::MinorUnit;
use crate::proportion::Proportion;
use crate::share::Share;

/// The values of a [`CustomerBook`](super::CustomerBook) in order, to read shares of the total off.
///
/// A share of the total is a plain number: where some customers lose money, the best ones bring more than all together, so it may pass 1.
/// It exists only where the total is positive.
///
/// ```
/// use customer_metrics::{Decimal, MinorUnit, Proportion, lifetime_value::CustomerBook};
///
/// // Ten customers: two bring 40 each, eight bring 2.50 each.
/// let book = CustomerBook::from_minor_units(MinorUnit::CENT, [&[40_00; 2][..], &[2_50; 8]].concat());
/// let concentration = book.concentration();
/// let [fifth, four_fifths] = [20, 80].map(|percent| Proportion::from_percent(Decimal::from(percent)).unwrap());
///
/// assert_eq!(concentration.share_of_top(fifth)?.to_string(), "0.8");
/// assert_eq!(concentration.customers_for_share(four_fifths)?.to_string(), "2 of 10 (20.0%)");
/// assert_eq!(concentration.gini()?.to_string(), "0.6");
/// assert_eq!(concentration.whale_curve(5)?[1].share_of_total.to_string(), "0.8");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concentration<'a> {
    unit: MinorUnit,
    /// In minor units.
    ascending: Cow<'a, [i64]>,
    total: i128,
}

/// A point of a whale curve: what the best so many customers bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct WhalePoint {
    /// The best so many of all customers.
    pub customers: Share,
    /// Their part of the total; it may pass 1. Rounded to 28 digits.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub share_of_total: Decimal,
}

impl<'a> Concentration<'a> {
    pub(super) fn of(unit: MinorUnit, ascending: Cow<'a, [i64]>) -> Self {
        // No memory holds enough values for the sum to overflow, so it never saturates.
        let total = ascending.iter().fold(0_i128, |total, &value| total.saturating_add(i128::from(value)));
        Self { unit, ascending, total }
    }

    /// How many customers.
    #[must_use]
    pub fn count(&self) -> u64 {
        u64::try_from(self.ascending.len()).unwrap_or(u64::MAX)
    }

    /// How many customers the best `proportion` of them are: the smallest whole number that is at least that proportion, so that the top
    /// 20% of 6 are 2.
    ///
    /// # Errors
    /// [`Error::Undefined`] without customers.
    pub fn customers_at_top(&self, proportion: Proportion) -> Result<Share> {
        let count = ceiling_of(self.count().into(), proportion).and_then(|count| u64::try_from(count).ok());
        let count = count.ok_or_else(|| Error::count_overflow("customers at the top"))?;
        Share::of("customers at the top", NO_CUSTOMERS, count, self.count())
    }

    /// The part of the total that the best `customers` bring, such as 0.8 from the top 20%. Rounded to 28 digits.
    ///
    /// ```text
    /// share = sum of the k highest values / total,  k = ceiling(proportion x customers)
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] if the total is not positive.
    pub fn share_of_top(&self, customers: Proportion) -> Result<Decimal> {
        let metric = "share of the top customers";
        let total = self.positive_total(metric)?;
        let count = self.customers_at_top(customers)?.part();
        let best = self.ascending.iter().rev().take(usize::try_from(count).unwrap_or(usize::MAX));
        let sum = best.fold(0_i128, |sum, &value| sum.saturating_add(i128::from(value)));
        decimal::ratio(metric, NOT_POSITIVE, sum, total)
    }

    /// The fewest customers that bring at least so much of the total: the 20 of "80% of sales come from 20% of customers".
    ///
    /// # Errors
    /// [`Error::Undefined`] if the total is not positive.
    pub fn customers_for_share(&self, share_of_total: Proportion) -> Result<Share> {
        let metric = "customers for a share of the total";
        let wanted = ceiling_of(self.positive_total(metric)?.unsigned_abs(), share_of_total);
        let wanted = wanted.and_then(|units| i128::try_from(units).ok()).ok_or_else(|| Error::decimal_overflow(metric))?;
        let (mut sum, mut count) = (0_i128, 0_u64);
        for &value in self.ascending.iter().rev() {
            if sum >= wanted {
                break;
            }
            sum = sum.saturating_add(i128::from(value));
            count = count.saturating_add(1);
        }
        Share::of(metric, NO_CUSTOMERS, count, self.count())
    }

    /// The whale curve: the part of the total that the best customers bring, from none of them to all.
    ///
    /// At most `steps` steps of the same number of customers, rounded up, and never more than one per customer. The first point is (0, 0)
    /// and the last exactly (1, 1). Where some customers lose money the curve rises above 1 before it falls back: the hump is what they
    /// cost. Also called the cumulative profit curve (R. Cooper and R. S. Kaplan, "Profit Priorities from Activity-Based Costing", Harvard
    /// Business Review 69 (1991), 130-135).
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] without steps; [`Error::Undefined`] if the total is not positive.
    pub fn whale_curve(&self, steps: u32) -> Result<Vec<WhalePoint>> {
        if steps == 0 {
            return Err(Error::out_of_bounds("steps", steps, Bound::AtLeast(1_u64.into())));
        }
        let total = self.positive_total("whale curve")?;
        let customers = self.count();
        let steps = u64::from(steps).min(customers);
        let mut descending = self.ascending.iter().rev();
        let (mut counted, mut sum) = (0_u64, 0_i128);
        let mut curve = Vec::new();
        for step in 0..=steps {
            let count = u128::from(step).saturating_mul(customers.into()).div_ceil(steps.into());
            let count = u64::try_from(count).map_err(|_| Error::count_overflow("customers"))?;
            let more = usize::try_from(count.saturating_sub(counted)).unwrap_or(usize::MAX);
            sum = descending.by_ref().take(more).fold(sum, |sum, &value| sum.saturating_add(i128::from(value)));
            counted = count;
            curve.push(WhalePoint {
                customers: Share::new(count, customers)?,
                share_of_total: decimal::ratio("whale curve", NOT_POSITIVE, sum, total)?,
            });
        }
        Ok(curve)
    }

    /// The highest point of the whale curve: all customers who bring something, and what they bring.
    ///
    /// # Errors
    /// [`Error::Undefined`] if the total is not positive.
    pub fn peak(&self) -> Result<WhalePoint> {
        let total = self.positive_total("peak of the whale curve")?;
        let winners = self.ascending.iter().rev().take_while(|&&value| value > 0);
        let (count, sum) =
            winners.fold((0_u64, 0_i128), |(count, sum), &value| (count.saturating_add(1), sum.saturating_add(i128::from(value))));
        Ok(WhalePoint {
            customers: Share::new(count, self.count())?,
            share_of_total: decimal::ratio("peak of the whale curve", NOT_POSITIVE, sum, total)?,
        })
    }

    /// The Gini coefficient: 0 if all customers bring the same, `(n - 1) / n` if one brings everything. Rounded to 28 digits.
    ///
    /// ```text
    /// G = sum of (2 i - n - 1) x_i / (n x sum of x_i),  x_1 <= ... <= x_n
    /// ```
    ///
    /// The coefficient of these customers as they are, which is what `ineq` and `reldist` in R give;
    /// [`gini_sample_corrected`](Self::gini_sample_corrected) takes them for a sample of more.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if a customer loses money: the coefficient has no meaning there; [`Error::Undefined`] if the total is 0;
    /// [`Error::Overflow`] if customers x total exceeds some 10^37 minor units.
    pub fn gini(&self) -> Result<Decimal> {
        self.mean_difference("Gini coefficient", NO_CUSTOMERS, self.count())
    }

    /// The Gini coefficient corrected for small samples: 1 if one of n customers brings everything. Rounded to 28 digits.
    ///
    /// ```text
    /// G n / (n - 1)
    /// ```
    ///
    /// Source: G. Deltas, "The Small-Sample Bias of the Gini Coefficient", Review of Economics and Statistics 85 (2003), 226-234.
    ///
    /// # Errors
    /// [`Error::Undefined`] for fewer than two customers; otherwise those of [`gini`](Self::gini).
    pub fn gini_sample_corrected(&self) -> Result<Decimal> {
        self.mean_difference("corrected Gini coefficient", "the book has fewer than two customers", self.count().saturating_sub(1))
    }

    /// `sum of (2 i - n - 1) x_i / (count x total)`.
    fn mean_difference(&self, metric: &'static str, because: &'static str, count: u64) -> Result<Decimal> {
        if count == 0 {
            return Err(Error::Undefined { metric, because });
        }
        if let Some(&lowest) = self.ascending.first() {
            let _ = decimal::non_negative("customer value", self.unit.amount("customer value", lowest.into())?)?;
        }
        let overflow = || Error::decimal_overflow(metric);
        let first_weight = 1_i128.checked_sub(decimal::wide(self.count())).ok_or_else(overflow)?;
        let weighted = self.ascending.iter().try_fold((first_weight, 0_i128), |(weight, sum), &value| {
            Some((weight.checked_add(2)?, weight.checked_mul(value.into()).and_then(|term| sum.checked_add(term))?))
        });
        let (_, numerator) = weighted.ok_or_else(overflow)?;
        let denominator = decimal::wide(count).checked_mul(self.positive_total(metric)?).ok_or_else(overflow)?;
        decimal::ratio(metric, NOT_POSITIVE, numerator, denominator)
    }

    fn positive_total(&self, metric: &'static str) -> Result<i128> {
        if self.total > 0 { Ok(self.total) } else { Err(Error::Undefined { metric, because: NOT_POSITIVE }) }
    }
}

const NOT_POSITIVE: &str = "the total of all customers is not positive";

/// The smallest whole number that is at least this proportion of `whole`.
///
/// Digit by digit from the last, since the product of a count and 28 digits fits into no integer.
fn ceiling_of(whole: u128, proportion: Proportion) -> Option<u128> {
    let proportion = proportion.to_decimal().normalize();
    let mut digits = proportion.mantissa().unsigned_abs();
    let (mut product, mut is_whole) = (0_u128, true);
    for _ in 0..proportion.scale() {
        let tenfold = (digits % 10).checked_mul(whole)?.checked_add(product)?;
        is_whole &= tenfold % 10 == 0;
        product = tenfold / 10;
        digits /= 10;
    }
    let floor = digits.checked_mul(whole)?.checked_add(product)?;
    if is_whole { Some(floor) } else { floor.checked_add(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[i64]) -> Concentration<'_> {
        let mut values = values.to_vec();
        values.sort_unstable();
        Concentration::of(MinorUnit::WHOLE, Cow::Owned(values))
    }

    fn proportion(text: &str) -> Proportion {
        Proportion::new(text.parse().unwrap()).unwrap()
    }

    #[test]
    fn the_ceiling_is_exact_for_every_digit() {
        assert_eq!(ceiling_of(5, proportion("0.2")), Some(1));
        assert_eq!(ceiling_of(6, proportion("0.2")), Some(2));
        assert_eq!(ceiling_of(10, proportion("0.2000000000000000000000000001")), Some(3));
        assert_eq!(ceiling_of(10, proportion("0.1999999999999999999999999999")), Some(2));
        assert_eq!(ceiling_of(10_u128.pow(28), proportion("0.0000000000000000000000000001")), Some(1));
        assert_eq!(ceiling_of(10_u128.pow(28) + 1, proportion("0.0000000000000000000000000001")), Some(2));
        assert_eq!(ceiling_of(u128::MAX, Proportion::ONE), Some(u128::MAX));
        assert_eq!(ceiling_of(u128::MAX, proportion("0.5")), None);
        assert_eq!(ceiling_of(7, Proportion::ZERO), Some(0));
    }

    #[test]
    fn where_some_lose_money_the_best_bring_more_than_all() {
        let mixed = of(&[60, 60, -20, 0]);
        assert_eq!(mixed.share_of_top(proportion("0.5")), Ok(Decimal::new(12, 1)));
        let curve = mixed.whale_curve(4).unwrap();
        let shares: Vec<String> = curve.iter().map(|point| point.share_of_total.to_string()).collect();
        assert_eq!(shares, ["0", "0.6", "1.2", "1.2", "1"]);
        let peak = mixed.peak().unwrap();
        assert_eq!((peak.customers, peak.share_of_total), (Share::new(2, 4).unwrap(), Decimal::new(12, 1)));
        assert_eq!(mixed.gini().unwrap_err().to_string(), "customer value is -20, but must be at least 0");
        assert_eq!(mixed.customers_for_share(Proportion::ONE), Share::new(2, 4));
    }

    #[test]
    fn without_a_positive_total_there_are_no_shares() {
        for values in [&[][..], &[0, 0], &[5, -5], &[-1]] {
            let nothing = of(values);
            assert!(matches!(nothing.share_of_top(Proportion::ONE), Err(Error::Undefined { .. })), "{values:?}");
            assert!(matches!(nothing.whale_curve(3), Err(Error::Undefined { .. })), "{values:?}");
            assert!(matches!(nothing.peak(), Err(Error::Undefined { .. })), "{values:?}");
            assert!(matches!(nothing.customers_for_share(Proportion::ONE), Err(Error::Undefined { .. })), "{values:?}");
        }
        assert!(matches!(of(&[]).gini(), Err(Error::Undefined { because: NO_CUSTOMERS, .. })));
        assert!(matches!(of(&[0, 0]).gini(), Err(Error::Undefined { because: NOT_POSITIVE, .. })));
        assert!(matches!(of(&[]).customers_at_top(Proportion::ONE), Err(Error::Undefined { .. })));
    }

    #[test]
    fn gini_goes_from_equal_to_one_who_brings_all() {
        assert_eq!(of(&[3, 3, 3]).gini(), Ok(Decimal::ZERO));
        assert_eq!(of(&[0, 0, 0, 0, 1]).gini(), Ok(Decimal::new(8, 1)));
        assert_eq!(of(&[0, 0, 0, 0, 1]).gini_sample_corrected(), Ok(Decimal::ONE));
        assert_eq!(of(&[7]).gini(), Ok(Decimal::ZERO));
        assert!(matches!(of(&[7]).gini_sample_corrected(), Err(Error::Undefined { .. })));
        assert_eq!(of(&[i64::MAX, i64::MAX]).gini(), Ok(Decimal::ZERO));
    }

    #[test]
    fn a_curve_has_no_more_points_than_customers_and_needs_a_step() {
        let curve = of(&[1, 2, 3]).whale_curve(u32::MAX).unwrap();
        let counts: Vec<u64> = curve.iter().map(|point| point.customers.part()).collect();
        assert_eq!(counts, [0, 1, 2, 3]);
        assert!(matches!(of(&[1]).whale_curve(0), Err(Error::OutOfBounds { field: "steps", .. })));
        let thinned: Vec<u64> = of(&[1; 7]).whale_curve(3).unwrap().iter().map(|point| point.customers.part()).collect();
        assert_eq!(thinned, [0, 3, 5, 7]);
    }
}
