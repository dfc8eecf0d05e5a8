//! Prices of any billing period brought to a month, with nothing lost.

use core::fmt;
use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::money::MinorUnit;

const METRIC: &str = "monthly recurring revenue";

/// How long a year is where prices are billed by the day: the field has no one rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum YearLength {
    /// 365 days: a month is 365/12 of them. The default.
    #[default]
    Common,
    /// 365.25 days, the mean of the Julian calendar.
    Julian,
    /// 360 days: every month is 30 of them.
    Banking,
}

/// How often a price is paid.
///
/// ```text
/// monthly price = price x payments per month
/// payments per month: 1/n for every n months, (52/12)/n for every n weeks, (365/12)/n for every n days
/// ```
///
/// Two bugs are known from the field: a weekly price times 4 leaves out four weeks of the year, and a yearly price divided by 12 and
/// rounded down loses up to 11 cents a year per customer. Here the factor is a fraction, and rounding comes once and last.
///
/// ```
/// use customer_metrics::churn::{BillingPeriod, YearLength, monthly_recurring_revenue};
///
/// assert_eq!(BillingPeriod::WEEKLY.monthly_price("30.00".parse().unwrap())?.to_string(), "130");
/// assert_eq!(BillingPeriod::days(1, YearLength::Common)?.monthly_price(12.into())?.to_string(), "365");
///
/// // Stripe's example: 100 customers at $100 a month and 50 at $600 a year.
/// let monthly = (0..100).map(|_| (100.into(), BillingPeriod::MONTHLY));
/// let yearly = (0..50).map(|_| (600.into(), BillingPeriod::YEARLY));
/// assert_eq!(monthly_recurring_revenue(monthly.chain(yearly))?.to_string(), "12500");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "BillingState", into = "BillingState"))]
pub struct BillingPeriod {
    unit: BillingUnit,
    every: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
enum BillingUnit {
    Days(YearLength),
    Weeks,
    Months,
}

impl BillingUnit {
    /// A hundred years.
    fn most(self) -> u32 {
        match self {
            Self::Days(_) => 36_600,
            Self::Weeks => 5_200,
            Self::Months => 1_200,
        }
    }
}

impl BillingPeriod {
    /// Every week: 52 times a year.
    pub const WEEKLY: Self = Self { unit: BillingUnit::Weeks, every: 1 };
    /// Every month.
    pub const MONTHLY: Self = Self { unit: BillingUnit::Months, every: 1 };
    /// Every 3 months.
    pub const QUARTERLY: Self = Self { unit: BillingUnit::Months, every: 3 };
    /// Every 6 months.
    pub const HALF_YEARLY: Self = Self { unit: BillingUnit::Months, every: 6 };
    /// Every 12 months.
    pub const YEARLY: Self = Self { unit: BillingUnit::Months, every: 12 };

    /// Every so many days, in years of this length.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless from 1 to 36,600.
    pub fn days(every: u32, year: YearLength) -> Result<Self> {
        Self::new(BillingUnit::Days(year), every)
    }

    /// Every so many weeks, 52 of which are a year. Where the day or two more matter, say it in [days](Self::days).
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless from 1 to 5,200.
    pub fn weeks(every: u32) -> Result<Self> {
        Self::new(BillingUnit::Weeks, every)
    }

    /// Every so many months.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless from 1 to 1,200.
    pub fn months(every: u32) -> Result<Self> {
        Self::new(BillingUnit::Months, every)
    }

    fn new(unit: BillingUnit, every: u32) -> Result<Self> {
        if every == 0 || every > unit.most() {
            return Err(Error::out_of_bounds("billing period", every, Bound::Within(1_u32.into(), unit.most().into())));
        }
        Ok(Self { unit, every })
    }

    /// The payments per month as a fraction in lowest terms: so many payments in so many months.
    ///
    /// After these months the payments come out even: 13 weekly ones in 3 months.
    #[must_use]
    pub fn payments_in_months(&self) -> (u32, u32) {
        let (payments, months): (u32, u32) = match self.unit {
            BillingUnit::Days(YearLength::Common) => (365, 12),
            BillingUnit::Days(YearLength::Julian) => (1461, 48),
            BillingUnit::Days(YearLength::Banking) => (30, 1),
            BillingUnit::Weeks => (52, 12),
            BillingUnit::Months => (1, 1),
        };
        // At most 48 x 36,600.
        let months = self.every.saturating_mul(months);
        let common = u32::try_from(greatest_common_divisor(payments.into(), months.into())).unwrap_or(1);
        (payments.checked_div(common).unwrap_or(payments), months.checked_div(common).unwrap_or(months))
    }

    /// What the price comes to in a month, rounded once, half away from zero to 28 digits.
    ///
    /// Twelve of them, rounded to cents, need not be the yearly price: see [`month_of_cycle`](Self::month_of_cycle) for parts that are.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the price is negative; [`Error::Overflow`] beyond 28 digits.
    pub fn monthly_price(&self, price: Decimal) -> Result<Decimal> {
        monthly_recurring_revenue([(price, *self)]).map_err(without_row)
    }

    /// What falls into one month of a cycle, counted from 0, so that the months of a cycle together are its payments to the minor unit. A
    /// cycle is as many months as it takes for the payments to [come out even](Self::payments_in_months): 12 for a yearly price. The next
    /// cycle is like the first.
    ///
    /// Every month gets its exact part rounded up or down to a whole minor unit; the [`RemainderRule`] says which months get more.
    ///
    /// ```
    /// use customer_metrics::MinorUnit;
    /// use customer_metrics::churn::{BillingPeriod, RemainderRule};
    ///
    /// let months = |rule| -> Result<Vec<String>, customer_metrics::Error> {
    ///     let part = |month| BillingPeriod::QUARTERLY.month_of_cycle("100.00".parse().unwrap(), MinorUnit::CENT, rule, month);
    ///     (0..3).map(|month| part(month).map(|part| part.to_string())).collect()
    /// };
    /// assert_eq!(months(RemainderRule::Cumulative)?, ["33.33", "33.34", "33.33"]);
    /// assert_eq!(months(RemainderRule::FirstMonths)?, ["33.34", "33.33", "33.33"]);
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the price is negative or has more decimal places than the unit; [`Error::Overflow`] beyond 28 digits.
    pub fn month_of_cycle(&self, price: Decimal, unit: MinorUnit, rule: RemainderRule, month: u64) -> Result<Decimal> {
        const TOO_WIDE: Error = Error::Overflow { field: "price", capacity: "128 bits of minor units" };
        let (payments, months) = self.payments_in_months();
        let (payments, months) = (i128::from(payments), i128::from(months));
        let month = decimal::wide(month).checked_rem(months).unwrap_or(0);
        let cycle = unit.units("price", decimal::non_negative("price", price)?)?.checked_mul(payments).ok_or(TOO_WIDE)?;
        let units = match rule {
            RemainderRule::Cumulative => {
                // The half of a month more makes the division round half up.
                let up_to = |month: i128| {
                    let doubled = cycle.checked_mul(month.checked_mul(2)?)?.checked_add(months)?;
                    doubled.checked_div(months.checked_mul(2)?)
                };
                let (before, after) = up_to(month).zip(up_to(month.saturating_add(1))).ok_or(TOO_WIDE)?;
                after.saturating_sub(before)
            }
            RemainderRule::FirstMonths => {
                let (all, rest) = (cycle.checked_div(months).unwrap_or(0), cycle.checked_rem(months).unwrap_or(0));
                all.saturating_add(i128::from(month < rest))
            }
        };
        unit.amount("monthly price", units)
    }
}

/// Which months of a cycle get the minor units that are left over when its price does not divide evenly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum RemainderRule {
    /// Spread over the cycle: what has come in up to any month is its exact value, rounded half up.
    ///
    /// ```text
    /// month = round(exact up to its end) - round(exact up to its start)
    /// ```
    #[default]
    Cumulative,
    /// One each for the first months, as many as are left over: the method of largest remainders, where all remainders are the same and
    /// the earlier month goes first.
    FirstMonths,
}

/// What prices of any billing periods come to in a month, all together: monthly recurring revenue, rounded once, half away from zero to
/// 28 digits.
///
/// The prices of each billing period are added up exactly before anything is divided, so no cent is lost on the way.
///
/// # Errors
/// [`Error::Row`] with the position of the first price that is negative, or with which the sum has more than 28 digits;
/// [`Error::Overflow`] if all together cannot be held.
pub fn monthly_recurring_revenue(prices: impl IntoIterator<Item = (Decimal, BillingPeriod)>) -> Result<Decimal> {
    let mut by_period: BTreeMap<BillingPeriod, Decimal> = BTreeMap::new();
    for (row, (price, period)) in prices.into_iter().enumerate() {
        let sum = by_period.entry(period).or_default();
        let added = decimal::non_negative("price", price).and_then(|price| decimal::exact_add("price", *sum, price));
        *sum = added.map_err(|error| error.at_row(row))?;
    }
    let too_wide = || Error::decimal_overflow(METRIC);
    let places = by_period.values().map(Decimal::scale).max().unwrap_or(0);
    // All parts over one denominator.
    let (mut months, mut units) = (1_i128, 0_i128);
    for (period, &sum) in &by_period {
        let (payments, of_months) = period.payments_in_months();
        let of_months = i128::from(of_months);
        let common = greatest_common_divisor(months, of_months);
        let widen = of_months.checked_div(common).ok_or_else(too_wide)?;
        let part = decimal::minor_units(sum, places).and_then(|part| part.checked_mul(payments.into()));
        let part = part.and_then(|part| part.checked_mul(months.checked_div(common)?)).ok_or_else(too_wide)?;
        months = months.checked_mul(widen).ok_or_else(too_wide)?;
        units = units.checked_mul(widen).and_then(|units| units.checked_add(part)).ok_or_else(too_wide)?;
    }
    decimal::quotient(METRIC, "a billing period has no months", units, months, i32::try_from(places).unwrap_or(0))
}

fn without_row(error: Error) -> Error {
    match error {
        Error::Row { source, .. } => *source,
        other => other,
    }
}

/// By Euclid.
fn greatest_common_divisor(mut a: i128, mut b: i128) -> i128 {
    while let Some(rest) = a.checked_rem(b) {
        (a, b) = (b, rest);
    }
    a
}

/// Such as `every 3 months`.
impl fmt::Display for BillingPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            BillingUnit::Days(_) => "day",
            BillingUnit::Weeks => "week",
            BillingUnit::Months => "month",
        };
        match self.every {
            1 => write!(f, "every {unit}"),
            every => write!(f, "every {every} {unit}s"),
        }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct BillingState {
    every: u32,
    unit: BillingUnit,
}

#[cfg(feature = "serde")]
impl TryFrom<BillingState> for BillingPeriod {
    type Error = Error;

    fn try_from(state: BillingState) -> Result<Self> {
        Self::new(state.unit, state.every)
    }
}

#[cfg(feature = "serde")]
impl From<BillingPeriod> for BillingState {
    fn from(period: BillingPeriod) -> Self {
        Self { every: period.every, unit: period.unit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payments_per_month_are_in_lowest_terms() {
        let payments = |period: Result<BillingPeriod>| period.unwrap().payments_in_months();
        assert_eq!(BillingPeriod::WEEKLY.payments_in_months(), (13, 3));
        assert_eq!(BillingPeriod::YEARLY.payments_in_months(), (1, 12));
        assert_eq!(payments(BillingPeriod::weeks(2)), (13, 6));
        assert_eq!(payments(BillingPeriod::weeks(52)), (1, 12));
        assert_eq!(payments(BillingPeriod::weeks(26)), (1, 6));
        assert_eq!(payments(BillingPeriod::days(1, YearLength::Common)), (365, 12));
        assert_eq!(payments(BillingPeriod::days(365, YearLength::Common)), (1, 12));
        assert_eq!(payments(BillingPeriod::days(1, YearLength::Julian)), (487, 16));
        assert_eq!(payments(BillingPeriod::days(30, YearLength::Banking)), (1, 1));
    }

    #[test]
    fn a_period_of_nothing_or_of_centuries_is_refused() {
        assert!(BillingPeriod::months(0).is_err() && BillingPeriod::months(1_201).is_err() && BillingPeriod::months(1_200).is_ok());
        assert!(BillingPeriod::weeks(0).is_err() && BillingPeriod::weeks(5_201).is_err());
        assert!(BillingPeriod::days(0, YearLength::Common).is_err() && BillingPeriod::days(36_601, YearLength::Common).is_err());
    }

    #[test]
    fn no_prices_are_no_revenue_and_a_wrong_one_is_named() {
        assert_eq!(monthly_recurring_revenue([]), Ok(Decimal::ZERO));
        let error = monthly_recurring_revenue([(Decimal::ONE, BillingPeriod::WEEKLY), (Decimal::NEGATIVE_ONE, BillingPeriod::WEEKLY)]);
        assert_eq!(error.unwrap_err().to_string(), "row 1: price is -1, but must be at least 0");
        let error = BillingPeriod::WEEKLY.monthly_price(Decimal::NEGATIVE_ONE).unwrap_err();
        assert_eq!(error.to_string(), "price is -1, but must be at least 0");
        assert!(matches!(BillingPeriod::WEEKLY.monthly_price(Decimal::MAX), Err(Error::Overflow { .. })));
        let twice = [(Decimal::MAX, BillingPeriod::YEARLY), (Decimal::MAX, BillingPeriod::YEARLY)];
        assert_eq!(monthly_recurring_revenue(twice).unwrap_err().row(), Some(1));
    }

    #[test]
    fn thousands_of_different_periods_overflow_as_an_error() {
        let all = (1..=36_600).map(|days| (Decimal::ONE, BillingPeriod::days(days, YearLength::Common).unwrap()));
        assert!(matches!(monthly_recurring_revenue(all), Err(Error::Overflow { .. })));
    }
}
