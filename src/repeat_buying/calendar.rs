//! From calendar dates to numbers that can be counted with.

use jiff::civil::Date;

use crate::error::{Bound, Error, Result};

const EPOCH: Date = jiff::civil::date(1970, 1, 1);
const MONTHS: i32 = 12;

/// The days from 1 January 1970 to a date.
///
/// ```
/// use customer_metrics::repeat_buying::day_number;
///
/// assert_eq!(day_number(jiff::civil::date(1970, 1, 1)), 0);
/// assert_eq!(day_number(jiff::civil::date(1997, 9, 30)), 10_134);
/// ```
#[must_use]
pub fn day_number(date: Date) -> i32 {
    // Some 3.7 million days before and 2.9 million after.
    i32::try_from(date.duration_since(EPOCH).as_hours() / 24).unwrap_or(i32::MAX)
}

/// The date so many days after 1 January 1970: what a [`day_number`] was made of.
///
/// ```
/// use customer_metrics::repeat_buying::date_of_day;
///
/// assert_eq!(date_of_day(10_134)?, jiff::civil::date(1997, 9, 30));
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfBounds`] outside the years -9999 to 9999.
pub fn date_of_day(day: i32) -> Result<Date> {
    jiff::Span::new().try_days(day).and_then(|days| EPOCH.checked_add(days)).map_err(|_| {
        let bound = Bound::Within(i64::from(day_number(Date::MIN)).into(), i64::from(day_number(Date::MAX)).into());
        Error::out_of_bounds("day", i64::from(day), bound)
    })
}

/// The calendar months from January 1970 to that of a date.
///
/// To count purchases by calendar month, pass these numbers as the days of the transactions, count
/// [`WholePeriods::ONE_DAY_EACH`](super::WholePeriods::ONE_DAY_EACH), and end the observation with the last month that is over.
///
/// ```
/// use customer_metrics::repeat_buying::month_number;
///
/// assert_eq!(month_number(jiff::civil::date(1970, 1, 31)), 0);
/// assert_eq!(month_number(jiff::civil::date(1970, 2, 1)), 1);
/// assert_eq!(month_number(jiff::civil::date(1969, 12, 31)), -1);
/// ```
#[must_use]
pub fn month_number(date: Date) -> i32 {
    year_number(date).saturating_sub(EPOCH.year().into()).saturating_mul(MONTHS).saturating_add(i32::from(date.month())).saturating_sub(1)
}

/// The first day of a month, so many months after January 1970: what a [`month_number`] stands for.
///
/// ```
/// use customer_metrics::repeat_buying::first_of_month;
///
/// assert_eq!(first_of_month(-1)?, jiff::civil::date(1969, 12, 1));
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfBounds`] outside the years -9999 to 9999.
pub fn first_of_month(month: i32) -> Result<Date> {
    jiff::Span::new().try_months(month).and_then(|months| EPOCH.checked_add(months)).map_err(|_| {
        let bound = Bound::Within(i64::from(month_number(Date::MIN)).into(), i64::from(month_number(Date::MAX)).into());
        Error::out_of_bounds("month", i64::from(month), bound)
    })
}

/// The calendar year of a date, such as 1997: a yearly opportunity to buy or to give.
#[must_use]
pub fn year_number(date: Date) -> i32 {
    date.year().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_come_back_from_their_numbers_and_others_are_refused() {
        let mut date = Date::MIN;
        while let Ok(next) = date.checked_add(jiff::Span::new().days(997)) {
            assert_eq!(date_of_day(day_number(date)), Ok(date));
            assert_eq!(first_of_month(month_number(date)), Ok(date.first_of_month()));
            date = next;
        }
        assert_eq!(date_of_day(day_number(Date::MAX)), Ok(Date::MAX));
        assert_eq!(first_of_month(month_number(Date::MAX)), Ok(Date::MAX.first_of_month()));
        let refused = [i32::MIN, day_number(Date::MIN) - 1, day_number(Date::MAX) + 1, i32::MAX];
        assert!(refused.into_iter().all(|day| date_of_day(day).unwrap_err().field() == Some("day")));
        let refused = [i32::MIN, month_number(Date::MIN) - 1, month_number(Date::MAX) + 1, i32::MAX];
        assert!(refused.into_iter().all(|month| first_of_month(month).unwrap_err().field() == Some("month")));
        let error = date_of_day(i32::MAX).unwrap_err();
        assert_eq!(error.to_string(), "day is 2147483647, but must be within -4371587 to 2932896");
    }

    #[test]
    fn numbers_rise_by_one_from_the_first_date_to_the_last() {
        assert_eq!((day_number(Date::MIN), day_number(Date::MAX)), (-4_371_587, 2_932_896));
        let mut date = jiff::civil::date(1895, 12, 30);
        for _ in 0..60_000 {
            let next = date.tomorrow().unwrap();
            assert_eq!(day_number(next), day_number(date) + 1);
            assert_eq!(month_number(next) - month_number(date), i32::from(next.day() == 1));
            assert_eq!(year_number(next) - year_number(date), i32::from(next.day() == 1 && next.month() == 1));
            date = next;
        }
    }
}
