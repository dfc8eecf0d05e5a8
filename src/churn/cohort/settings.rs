//! What a cohort table is made with.

use core::fmt;

use super::{CohortStart, OffsetBracket};
use crate::churn::PeriodWindow;
use crate::error::{Bound, Error, Result};

/// The periods, the start and the brackets of a [`CohortTally`](super::CohortTally).
///
/// ```
/// use customer_metrics::churn::{CohortSettings, CohortStart, OffsetBracket, PeriodWindow};
///
/// let brackets = [OffsetBracket::new(1, 3)?, OffsetBracket::new(4, 6)?];
/// let settings = CohortSettings::new(PeriodWindow::new(0, 11)?).with_brackets(&brackets)?.with_start(CohortStart::Given);
/// assert_eq!(settings.to_string(), "periods 0 to 11, start by a given period, brackets 1-3, 4-6, no look-ahead");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "SettingsState", into = "SettingsState"))]
pub struct CohortSettings {
    window: PeriodWindow,
    start: CohortStart,
    brackets: Vec<OffsetBracket>,
    look_ahead: Option<u32>,
}

impl CohortSettings {
    /// Cohorts by first activity in this window, without brackets and without a look-ahead. The last period of the window must be
    /// complete.
    #[must_use]
    pub fn new(window: PeriodWindow) -> Self {
        Self { window, start: CohortStart::FirstActivity, brackets: Vec::new(), look_ahead: None }
    }

    /// The same, with customers starting like this.
    #[must_use]
    pub fn with_start(self, start: CohortStart) -> Self {
        Self { start, ..self }
    }

    /// The same, with the brackets of [`WithinBracket`](super::RetentionDefinition::WithinBracket). There may be gaps between them, but
    /// no overlaps.
    ///
    /// # Errors
    /// [`Error::Row`] with the position of the first bracket that begins before the one before it has ended, or that no cohort can reach
    /// in the window.
    pub fn with_brackets(self, brackets: &[OffsetBracket]) -> Result<Self> {
        let mut free_from = 0_u64;
        for (row, bracket) in brackets.iter().enumerate() {
            let most = self.window.len().saturating_sub(1);
            if u64::from(bracket.from()) < free_from {
                return Err(Error::out_of_bounds("start of bracket", bracket.from(), Bound::AtLeast(free_from.into())).at_row(row));
            }
            if bracket.to() > most {
                return Err(Error::out_of_bounds("end of bracket", bracket.to(), Bound::AtMost(most.into())).at_row(row));
            }
            free_from = u64::from(bracket.to()).saturating_add(1);
        }
        Ok(Self { brackets: brackets.to_vec(), ..self })
    }

    /// The same, with a cell of [`Unbounded`](super::RetentionDefinition::Unbounded) retention mature only when so many more periods have
    /// been observed after its own.
    ///
    /// It is a decision of the analyst, and so has no default: whoever was not active in period N nor in so many after it is given up for
    /// lost. **Customers who pause longer and come back still raise a mature cell**, so choose it as long as customers usually pause. With
    /// 0 the youngest cells hold no "or later" at all. Without a look-ahead no unbounded cell is ever mature, as more may always come back.
    #[must_use]
    pub fn with_look_ahead(self, periods: u32) -> Self {
        Self { look_ahead: Some(periods), ..self }
    }

    /// The periods.
    #[must_use]
    pub fn window(&self) -> PeriodWindow {
        self.window
    }

    /// When customers start.
    #[must_use]
    pub fn start(&self) -> CohortStart {
        self.start
    }

    /// The brackets.
    #[must_use]
    pub fn brackets(&self) -> &[OffsetBracket] {
        &self.brackets
    }

    /// How many periods after its own an unbounded cell waits for, if that was decided.
    #[must_use]
    pub fn look_ahead(&self) -> Option<u32> {
        self.look_ahead
    }

    /// For every number of periods after the start, which bracket it is in.
    pub(super) fn bracket_of_offsets(&self) -> Vec<Option<usize>> {
        (0..self.window.len()).map(|offset| self.brackets.iter().position(|bracket| bracket.contains(offset))).collect()
    }
}

/// One period, numbered 0.
impl Default for CohortSettings {
    fn default() -> Self {
        Self::new(PeriodWindow::default())
    }
}

impl fmt::Display for CohortSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "periods {}, start by {}, ", self.window, self.start)?;
        if !self.brackets.is_empty() {
            f.write_str("brackets ")?;
            for bracket in &self.brackets {
                write!(f, "{bracket}, ")?;
            }
        }
        match self.look_ahead {
            Some(periods) => write!(f, "look-ahead {periods}"),
            None => f.write_str("no look-ahead"),
        }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsState {
    window: PeriodWindow,
    start: CohortStart,
    brackets: Vec<OffsetBracket>,
    look_ahead: Option<u32>,
}

#[cfg(feature = "serde")]
impl TryFrom<SettingsState> for CohortSettings {
    type Error = Error;

    fn try_from(state: SettingsState) -> Result<Self> {
        let SettingsState { window, start, brackets, look_ahead } = state;
        Self { look_ahead, ..Self::new(window) }.with_start(start).with_brackets(&brackets)
    }
}

#[cfg(feature = "serde")]
impl From<CohortSettings> for SettingsState {
    fn from(settings: CohortSettings) -> Self {
        let CohortSettings { window, start, brackets, look_ahead } = settings;
        Self { window, start, brackets, look_ahead }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_must_follow_each_other_within_the_window() {
        let settings = || CohortSettings::new(PeriodWindow::new(0, 11).unwrap());
        let bracket = |from, to| OffsetBracket::new(from, to).unwrap();
        assert!(settings().with_brackets(&[bracket(0, 0), bracket(1, 3), bracket(8, 11)]).is_ok());
        let error = settings().with_brackets(&[bracket(1, 3), bracket(3, 4)]).unwrap_err();
        assert_eq!(error.to_string(), "row 1: start of bracket is 3, but must be at least 4");
        let error = settings().with_brackets(&[bracket(1, 12)]).unwrap_err();
        assert_eq!(error.to_string(), "row 0: end of bracket is 12, but must be at most 11");
    }
}
