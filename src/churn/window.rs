//! Which periods are looked at.

use core::fmt;

use crate::error::{Bound, Error, Result};

/// From a first to a last whole period, both included; at most 1,024 of them, such as nearly three years of days.
///
/// Periods are numbers that the caller gives them, one after the other without gaps: a month is best numbered as `12 x year + month - 1`,
/// a week or a day as the number of weeks or days since some day. What belongs to a month or a week, and in which time zone, is decided
/// there and not here. The last period must be complete: customers who have not come yet in a running month are not lost.
///
/// ```
/// use customer_metrics::churn::PeriodWindow;
///
/// let months = PeriodWindow::new(12 * 1997, 12 * 1998 + 5)?;
/// assert_eq!((months.len(), months.contains(23_980)), (18, true));
/// assert!(PeriodWindow::new(2, 1).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "WindowState", into = "WindowState"))]
pub struct PeriodWindow {
    first: u32,
    last: u32,
}

impl PeriodWindow {
    /// The most periods of a window.
    pub const MOST: u32 = 1024;

    /// From `first` to `last`.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if `last` is before `first`, or there are more than 1,024 periods.
    pub fn new(first: u32, last: u32) -> Result<Self> {
        let Some(after_first) = last.checked_sub(first) else {
            return Err(Error::out_of_bounds("last period", last, Bound::AtLeast(first.into())));
        };
        if after_first >= Self::MOST {
            return Err(Error::out_of_bounds("periods", u64::from(after_first).saturating_add(1), Bound::AtMost(Self::MOST.into())));
        }
        Ok(Self { first, last })
    }

    /// The first period.
    #[must_use]
    pub fn first(&self) -> u32 {
        self.first
    }

    /// The last period.
    #[must_use]
    pub fn last(&self) -> u32 {
        self.last
    }

    /// How many periods; never 0.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a window is never empty")]
    pub fn len(&self) -> u32 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }

    /// Whether this period is in the window.
    #[must_use]
    pub fn contains(&self, period: u32) -> bool {
        self.first <= period && period <= self.last
    }

    pub(super) fn periods(self) -> usize {
        usize::try_from(self.len()).unwrap_or(usize::MAX)
    }

    /// The position of a period, counted from 0.
    pub(super) fn position(self, field: &'static str, period: u32) -> Result<u32> {
        if self.contains(period) {
            Ok(period.saturating_sub(self.first))
        } else {
            Err(Error::out_of_bounds(field, period, Bound::Within(self.first.into(), self.last.into())))
        }
    }

    /// The first row of a column whose period is not in the window is the error.
    pub(super) fn check_column<P: Copy + Into<u32>>(self, field: &'static str, periods: &[P]) -> Result<()> {
        // The extremes are found without looking for a row, so that the compiler compares many at once.
        let extremes =
            periods.iter().fold((u32::MAX, 0), |(low, high): (u32, u32), &period| (low.min(period.into()), high.max(period.into())));
        if periods.is_empty() || (self.contains(extremes.0) && self.contains(extremes.1)) {
            return Ok(());
        }
        let wrong = periods.iter().enumerate().find_map(|(row, &period)| Some((row, self.position(field, period.into()).err()?)));
        wrong.map_or(Ok(()), |(row, error)| Err(error.at_row(row)))
    }
}

/// Such as `23964 to 23981`.
impl fmt::Display for PeriodWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.first, self.last)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WindowState {
    first: u32,
    last: u32,
}

#[cfg(feature = "serde")]
impl TryFrom<WindowState> for PeriodWindow {
    type Error = Error;

    fn try_from(state: WindowState) -> Result<Self> {
        Self::new(state.first, state.last)
    }
}

#[cfg(feature = "serde")]
impl From<PeriodWindow> for WindowState {
    fn from(window: PeriodWindow) -> Self {
        Self { first: window.first, last: window.last }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_1_to_1024_periods() {
        assert_eq!(PeriodWindow::new(7, 7).unwrap().len(), 1);
        assert_eq!(PeriodWindow::new(u32::MAX - 1023, u32::MAX).unwrap().len(), 1024);
        assert_eq!(PeriodWindow::new(0, 1024).unwrap_err().to_string(), "periods is 1025, but must be at most 1024");
        assert_eq!(PeriodWindow::new(0, u32::MAX).unwrap_err().to_string(), "periods is 4294967296, but must be at most 1024");
        assert_eq!(PeriodWindow::new(5, 4).unwrap_err().to_string(), "last period is 4, but must be at least 5");
    }

    #[test]
    fn the_first_row_outside_is_named() {
        let window = PeriodWindow::new(10, 20).unwrap();
        assert_eq!(window.check_column("period", &[10_u32, 20, 15]), Ok(()));
        assert_eq!(window.check_column::<u32>("period", &[]), Ok(()));
        let error = window.check_column("period", &[10_u16, 21, 9]).unwrap_err();
        assert_eq!(error.to_string(), "row 1: period is 21, but must be within 10 to 20");
    }
}
