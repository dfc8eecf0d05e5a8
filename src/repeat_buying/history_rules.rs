//! What must be said before transactions become histories.

use core::fmt;

use super::PeriodRule;
use crate::error::Result;

/// What a negative amount is.
///
/// Sources count purchases and do not speak of returns; software differs. Whatever is left out is counted and summed, see
/// [`LeftOut`](super::LeftOut).
///
/// ```
/// use customer_metrics::FixedColumn;
/// use customer_metrics::repeat_buying::{HistoryRules, PeriodRule, ReturnRule, Transactions};
///
/// // Bought for 50, bought for 30 and gave that back on the same day, gave back 20 later.
/// let amounts = FixedColumn::whole(&[50, 30, -30, -20]);
/// let transactions = Transactions::new(&[1_u64; 4], &[0, 7, 7, 9], amounts)?;
/// let repeat_purchases = |rule| {
///     let rules = HistoryRules::new(14, PeriodRule::default(), rule)?;
///     transactions.histories(&rules).map(|histories| (histories.frequency()[0], histories.repeat_spend()[0]))
/// };
/// assert_eq!(repeat_purchases(ReturnRule::Drop)?, (1, 30));
/// assert_eq!(repeat_purchases(ReturnRule::Net)?, (0, 0));
/// assert_eq!(repeat_purchases(ReturnRule::Keep)?, (2, -20));
/// assert_eq!(repeat_purchases(ReturnRule::Refuse).unwrap_err().to_string(), "row 2: amount is -30, but must be at least 0");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ReturnRule {
    /// A negative amount is an error that names its row. For records that hold none; hides nothing, so it is the default.
    #[default]
    Refuse,
    /// Rows with a negative amount are left out; the purchase that was returned stays one.
    Drop,
    /// The amounts of a day (of a period, where these are counted whole) are added up first. If a return is among them and the sum is not
    /// positive, there was no purchase on that day, and its rows are left out; otherwise there was one, for the sum.
    Net,
    /// A row with a negative amount is a purchase with negative spend, as in software that does not look at the sign.
    Keep,
}

/// Such as `returns dropped`.
impl fmt::Display for ReturnRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Refuse => "returns refused",
            Self::Drop => "returns dropped",
            Self::Net => "returns netted",
            Self::Keep => "returns kept as purchases",
        })
    }
}

/// Until when customers are observed, how time is counted, and what returns are.
///
/// ```
/// use customer_metrics::repeat_buying::{HistoryRules, PeriodLength, PeriodRule, ReturnRule, WholePeriods};
///
/// let weeks = HistoryRules::new(272, PeriodRule::Elapsed(PeriodLength::WEEK), ReturnRule::Drop)?;
/// assert_eq!(weeks.to_string(), "until day 272, elapsed time in periods of 7 days, returns dropped");
///
/// // Whole periods must be over when the observation ends.
/// let whole = PeriodRule::Whole(WholePeriods::new(7, 0)?);
/// let error = HistoryRules::new(270, whole, ReturnRule::Drop).unwrap_err();
/// assert_eq!(error.to_string(), "last day is 270, but must be exactly 272");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "RulesState", into = "RulesState"))]
pub struct HistoryRules {
    last_day: i32,
    periods: PeriodRule,
    returns: ReturnRule,
}

impl HistoryRules {
    /// Observation until the end of `last_day`. Later rows are left out and counted.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`](crate::Error::OutOfBounds) if periods are counted whole and `last_day` is not the last day of one: a period
    /// that is not over would count as one without a purchase.
    pub fn new(last_day: i32, periods: PeriodRule, returns: ReturnRule) -> Result<Self> {
        periods.check_end("last day", last_day)?;
        Ok(Self { last_day, periods, returns })
    }

    /// The last day of the observation.
    #[must_use]
    pub fn last_day(&self) -> i32 {
        self.last_day
    }

    /// How time is counted.
    #[must_use]
    pub fn periods(&self) -> PeriodRule {
        self.periods
    }

    /// What a negative amount is.
    #[must_use]
    pub fn returns(&self) -> ReturnRule {
        self.returns
    }
}

/// Such as `until day 272, elapsed time in periods of 7 days, returns netted`.
impl fmt::Display for HistoryRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "until day {}, {}, {}", self.last_day, self.periods, self.returns)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesState {
    last_day: i32,
    periods: PeriodRule,
    returns: ReturnRule,
}

#[cfg(feature = "serde")]
impl TryFrom<RulesState> for HistoryRules {
    type Error = crate::error::Error;

    fn try_from(state: RulesState) -> Result<Self> {
        Self::new(state.last_day, state.periods, state.returns)
    }
}

#[cfg(feature = "serde")]
impl From<HistoryRules> for RulesState {
    fn from(rules: HistoryRules) -> Self {
        Self { last_day: rules.last_day, periods: rules.periods, returns: rules.returns }
    }
}
