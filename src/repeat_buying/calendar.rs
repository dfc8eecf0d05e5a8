//! From calendar dates to numbers that can be counted with.

use jiff::civil::Date;

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

/// The calendar year of a date, such as 1997: a yearly opportunity to buy or to give.
#[must_use]
pub fn year_number(date: Date) -> i32 {
    date.year().into()
}

#[cfg(test)]
mod tests {
    use super::*;

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
