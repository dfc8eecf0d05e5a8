//! How time is counted: in elapsed days divided by the length of a period, or in whole periods.

use core::fmt;

use crate::decimal;
use crate::error::{Bound, Error, Result};

/// How long a period is: so many days are so many periods.
///
/// It only divides: 272 days are 38.857… weeks. A calendar month has no length in days. What is offered in its place are the mean month
/// and year of the Gregorian calendar, whose 400 years are 146,097 days, 4,800 months (30.436875 days each) and nothing else: not the 30
/// days that some software takes for a month, by which a year has 12.17 of them. To count calendar months as such, number them and use
/// [`WholePeriods`].
///
/// ```
/// use customer_metrics::repeat_buying::PeriodLength;
///
/// assert_eq!(PeriodLength::WEEK.periods(273), 39.0);
/// assert_eq!(PeriodLength::MEAN_GREGORIAN_MONTH.periods(146_097), 4_800.0);
/// assert_eq!(PeriodLength::of_days(28)?.periods(42), 1.5);
/// assert!(PeriodLength::of_days(0).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "LengthState", into = "LengthState"))]
pub struct PeriodLength {
    /// In lowest terms, so that equal lengths are equal values.
    days: u32,
    periods: u32,
}

impl PeriodLength {
    /// A day.
    pub const DAY: Self = Self { days: 1, periods: 1 };
    /// Seven days.
    pub const WEEK: Self = Self { days: 7, periods: 1 };
    /// The mean month of the Gregorian calendar: 30.436875 days.
    pub const MEAN_GREGORIAN_MONTH: Self = Self { days: 48_699, periods: 1_600 };
    /// The mean year of the Gregorian calendar: 365.2425 days.
    pub const MEAN_GREGORIAN_YEAR: Self = Self { days: 146_097, periods: 400 };

    /// So many days in a period.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] without days.
    pub fn of_days(days: u32) -> Result<Self> {
        Self::new(days, 1)
    }

    /// So many days that are so many periods together, such as 91 days for 3.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] without days or without periods.
    pub fn new(days: u32, periods: u32) -> Result<Self> {
        for (field, value) in [("days", days), ("periods", periods)] {
            if value == 0 {
                return Err(Error::out_of_bounds(field, value, AT_LEAST_ONE));
            }
        }
        let common = greatest_common_divisor(days, periods);
        let lowest = days.checked_div(common).zip(periods.checked_div(common));
        Ok(lowest.map_or(Self { days, periods }, |(days, periods)| Self { days, periods }))
    }

    /// How many days [`period_count`](Self::period_count) periods are together: the least whole number of both.
    #[must_use]
    pub fn days(self) -> u32 {
        self.days
    }

    /// How many periods [`days`](Self::days) days are.
    #[must_use]
    pub fn period_count(self) -> u32 {
        self.periods
    }

    /// So many days in periods, to the nearest `f64`.
    #[must_use]
    pub fn periods(self, days: u32) -> f64 {
        // Both are whole numbers; the product of two of 32 bits may pass 53, where it is rounded once before the division.
        let periods = u64::from(days).saturating_mul(self.periods.into());
        decimal::count_to_f64(periods) / f64::from(self.days)
    }

    /// How many of another length it is: what a model in that unit takes for it.
    ///
    /// ```
    /// use customer_metrics::repeat_buying::PeriodLength;
    ///
    /// assert_eq!(PeriodLength::MEAN_GREGORIAN_MONTH.in_units_of(PeriodLength::WEEK), 4.348125);
    /// assert_eq!(PeriodLength::MEAN_GREGORIAN_YEAR.in_units_of(PeriodLength::MEAN_GREGORIAN_MONTH), 12.0);
    /// ```
    #[must_use]
    pub fn in_units_of(self, unit: Self) -> f64 {
        let product = |days: u32, periods: u32| u64::from(days).saturating_mul(periods.into());
        decimal::count_to_f64(product(self.days, unit.periods)) / decimal::count_to_f64(product(unit.days, self.periods))
    }
}

/// A week, the period of most published examples.
impl Default for PeriodLength {
    fn default() -> Self {
        Self::WEEK
    }
}

/// Such as `7 days` or `146097 days for 400 periods`.
impl fmt::Display for PeriodLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Days(self.days))?;
        if self.periods == 1 { Ok(()) } else { write!(f, " for {} periods", self.periods) }
    }
}

/// Periods that are counted whole: each begins where the one before it ends, so many days after a first day.
///
/// Purchases of the same period are one purchase. This is what the discrete models need (an opportunity to buy is taken or not), and
/// how software with a frequency of "W" or "M" counts. Calendar months and years have no fixed number of days: number them
/// (year x 12 + month), pass these numbers as the days, and take [`ONE_DAY_EACH`](Self::ONE_DAY_EACH).
///
/// ```
/// use customer_metrics::repeat_buying::WholePeriods;
///
/// // Weeks that begin on day 3.
/// let weeks = WholePeriods::new(7, 3)?;
/// assert_eq!([2, 3, 9, 10].map(|day| weeks.number(day)), [-1, 0, 0, 1]);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "WholeState", into = "WholeState"))]
pub struct WholePeriods {
    days: u32,
    first_day: i32,
}

impl WholePeriods {
    /// Every day is a period, or every number that stands for a month or a year.
    pub const ONE_DAY_EACH: Self = Self { days: 1, first_day: 0 };

    /// Periods of so many days, one of which begins on `first_day`.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] without days.
    pub fn new(days: u32, first_day: i32) -> Result<Self> {
        if days == 0 {
            return Err(Error::out_of_bounds("days", days, AT_LEAST_ONE));
        }
        Ok(Self { days, first_day })
    }

    /// How many days a period has.
    #[must_use]
    pub fn days(self) -> u32 {
        self.days
    }

    /// A day on which a period begins.
    #[must_use]
    pub fn first_day(self) -> i32 {
        self.first_day
    }

    /// The period that a day lies in; that of the first day is 0.
    #[must_use]
    pub fn number(self, day: i32) -> i64 {
        let since = i64::from(day).saturating_sub(self.first_day.into());
        // There is at least one day, so it can be divided by.
        since.checked_div_euclid(self.days.into()).unwrap_or(since)
    }

    /// The last day of the period that a day lies in.
    fn last_day(self, day: i32) -> i64 {
        let days = i64::from(self.days);
        let next = self.number(day).saturating_add(1).saturating_mul(days);
        next.saturating_add(self.first_day.into()).saturating_sub(1)
    }
}

/// How recency and age are counted, and which purchases are one.
///
/// ```
/// use customer_metrics::repeat_buying::{PeriodLength, PeriodRule, WholePeriods};
///
/// // Bought on days 0 and 10, seen until day 34.
/// let elapsed = PeriodRule::Elapsed(PeriodLength::WEEK);
/// assert_eq!((elapsed.periods(10), elapsed.periods(34)), (10.0 / 7.0, 34.0 / 7.0));
/// let whole = WholePeriods::new(7, 0)?;
/// assert_eq!((whole.number(10), whole.number(34)), (1, 4));
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum PeriodRule {
    /// Purchases of the same day are one; recency and age are the days that have passed, divided by the length of a period. The models in
    /// continuous time take them so (P. S. Fader, B. G. S. Hardie and K. L. Lee, "Counting Your Customers the Easy Way", Marketing Science
    /// 24 (2005), 275-284, with CDNOW in weeks and sevenths of one).
    Elapsed(PeriodLength),
    /// Purchases of the same period are one; recency and age are whole numbers of periods. The models in discrete time take them so (P. S.
    /// Fader, B. G. S. Hardie and J. Shang, "Customer-Base Analysis in a Discrete-Time Noncontractual Setting", Marketing Science 29
    /// (2010), 1086-1108): frequency is then the number of periods with a purchase after the first, recency the last of them, and age the
    /// number of opportunities.
    Whole(WholePeriods),
}

impl PeriodRule {
    /// So many days, or so many whole periods if these are counted, as a number of periods.
    #[must_use]
    pub fn periods(self, steps: u32) -> f64 {
        match self {
            Self::Elapsed(length) => length.periods(steps),
            Self::Whole(_) => f64::from(steps),
        }
    }

    /// The day, or the period it lies in, counted from the earliest day there is.
    pub(super) fn step(self, day: i32) -> u32 {
        match self {
            Self::Elapsed(_) => day.wrapping_sub(i32::MIN).cast_unsigned(),
            // Periods have a day or more, so there are no more of them than days.
            Self::Whole(whole) => u32::try_from(whole.number(day).saturating_sub(whole.number(i32::MIN))).unwrap_or(u32::MAX),
        }
    }

    /// Numbers of one unit of time must not meet those of another.
    pub(super) fn check_same(self, other: Self) -> Result<()> {
        if self == other { Ok(()) } else { Err(Error::mismatch("periods", self, other)) }
    }

    /// An observation must not end within a whole period: who has not bought in it yet may still do so.
    pub(super) fn check_end(self, field: &'static str, day: i32) -> Result<()> {
        match self {
            Self::Whole(whole) if whole.last_day(day) != i64::from(day) => {
                Err(Error::out_of_bounds(field, i64::from(day), Bound::Exactly(whole.last_day(day).into())))
            }
            _ => Ok(()),
        }
    }
}

/// Elapsed time in weeks.
impl Default for PeriodRule {
    fn default() -> Self {
        Self::Elapsed(PeriodLength::WEEK)
    }
}

/// Such as `elapsed time in periods of 7 days` or `whole periods of 7 days from day 3`.
impl fmt::Display for PeriodRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elapsed(length) => write!(f, "elapsed time in periods of {length}"),
            Self::Whole(whole) => write!(f, "whole periods of {} from day {}", Days(whole.days), whole.first_day),
        }
    }
}

/// `1 day`, `2 days`.
struct Days(u32);

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, if self.0 == 1 { "day" } else { "days" })
    }
}

const AT_LEAST_ONE: Bound = Bound::AtLeast(crate::error::Number::Exact(rust_decimal::Decimal::ONE));

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    let (mut a, mut b) = (a, b);
    while let Some(rest) = a.checked_rem(b) {
        (a, b) = (b, rest);
    }
    a
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct LengthState {
    days: u32,
    periods: u32,
}

#[cfg(feature = "serde")]
impl TryFrom<LengthState> for PeriodLength {
    type Error = Error;

    fn try_from(state: LengthState) -> Result<Self> {
        Self::new(state.days, state.periods)
    }
}

#[cfg(feature = "serde")]
impl From<PeriodLength> for LengthState {
    fn from(length: PeriodLength) -> Self {
        Self { days: length.days, periods: length.periods }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WholeState {
    days: u32,
    first_day: i32,
}

#[cfg(feature = "serde")]
impl TryFrom<WholeState> for WholePeriods {
    type Error = Error;

    fn try_from(state: WholeState) -> Result<Self> {
        Self::new(state.days, state.first_day)
    }
}

#[cfg(feature = "serde")]
impl From<WholePeriods> for WholeState {
    fn from(whole: WholePeriods) -> Self {
        Self { days: whole.days, first_day: whole.first_day }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_lengths_are_equal_values() {
        assert_eq!(PeriodLength::new(14, 2), Ok(PeriodLength::WEEK));
        assert_eq!(PeriodLength::new(146_097, 4_800), Ok(PeriodLength::MEAN_GREGORIAN_MONTH));
        assert_eq!(PeriodLength::new(1_460_970, 4_000), Ok(PeriodLength::MEAN_GREGORIAN_YEAR));
        assert_eq!(PeriodLength::new(u32::MAX, u32::MAX), Ok(PeriodLength::DAY));
        assert!(matches!(PeriodLength::new(1, 0), Err(Error::OutOfBounds { field: "periods", .. })));
        assert!(matches!(PeriodLength::new(0, 1), Err(Error::OutOfBounds { field: "days", .. })));
    }

    #[test]
    fn one_day_is_no_days() {
        let lengths = [PeriodLength::DAY, PeriodLength::WEEK, PeriodLength::MEAN_GREGORIAN_YEAR, PeriodLength::new(1, 7).unwrap()];
        assert_eq!(lengths.map(|length| length.to_string()), ["1 day", "7 days", "146097 days for 400 periods", "1 day for 7 periods"]);
        assert_eq!(PeriodRule::Whole(WholePeriods::ONE_DAY_EACH).to_string(), "whole periods of 1 day from day 0");
        assert_eq!(PeriodRule::Whole(WholePeriods::new(7, 3).unwrap()).to_string(), "whole periods of 7 days from day 3");
    }

    #[test]
    fn steps_keep_the_order_of_days_to_both_ends() {
        let week = WholePeriods::new(7, -2).unwrap();
        for rule in [PeriodRule::default(), PeriodRule::Whole(WholePeriods::ONE_DAY_EACH)] {
            assert_eq!([i32::MIN, -1, 0, i32::MAX].map(|day| rule.step(day)), [0, (1 << 31) - 1, 1 << 31, u32::MAX]);
        }
        let first = PeriodRule::Whole(week).step(i32::MIN);
        assert_eq!(first, 0);
        assert_eq!(u64::from(PeriodRule::Whole(week).step(i32::MAX)), (1_u64 << 32) / 7);
        let longest = WholePeriods::new(u32::MAX, i32::MAX).unwrap();
        assert_eq!([i32::MIN, i32::MAX].map(|day| longest.number(day)), [-1, 0]);
    }

    #[test]
    fn whole_periods_end_before_the_next_begins() {
        let rule = PeriodRule::Whole(WholePeriods::new(7, 3).unwrap());
        assert_eq!(rule.check_end("last day", 9), Ok(()));
        assert_eq!(rule.check_end("last day", 2), Ok(()));
        let error = rule.check_end("last day", 4).unwrap_err();
        assert_eq!(error.to_string(), "last day is 4, but must be exactly 9");
        let beyond = PeriodRule::Whole(WholePeriods::new(u32::MAX, i32::MAX).unwrap());
        assert!(beyond.check_end("last day", i32::MAX).is_err());
        assert_eq!(PeriodRule::default().check_end("last day", i32::MAX), Ok(()));
    }
}
