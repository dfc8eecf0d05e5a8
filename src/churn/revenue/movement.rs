//! What one customer's revenue did between two periods.

use core::fmt;
use core::num::NonZeroU32;

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::Result;

/// What the revenue from one customer did from the opening to the closing period.
///
/// ```text
/// closing = opening + new + reactivation + expansion - contraction - churned
/// ```
///
/// Each customer is in one of them, so the sum holds for every customer and for all together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Movement {
    /// Nothing at the opening and never before, or too long ago for the [`ReactivationLimit`]; something at the closing.
    New,
    /// Nothing at the opening, but something before it; something again at the closing.
    Reactivation,
    /// More at the closing than at the opening.
    Expansion,
    /// Less at the closing than at the opening, but not nothing.
    Contraction,
    /// Something at the opening, nothing at the closing.
    Churned,
    /// The same at both.
    Unchanged,
    /// Nothing at either.
    Absent,
}

impl fmt::Display for Movement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::New => "new",
            Self::Reactivation => "reactivation",
            Self::Expansion => "expansion",
            Self::Contraction => "contraction",
            Self::Churned => "churned",
            Self::Unchanged => "unchanged",
            Self::Absent => "absent",
        })
    }
}

/// How long a customer may have been away to count as reactivated and not as new.
///
/// The field differs: some vendors count every return as a reactivation, others only one within 90 days or 3 months. Whatever a
/// reactivation loses by the limit, new revenue gains; the closing is the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum ReactivationLimit {
    /// However long.
    #[default]
    Unlimited,
    /// At most so many periods without revenue: with months, 3 for the usual limit of 3 months.
    EmptyPeriods(NonZeroU32),
}

impl ReactivationLimit {
    fn allows(self, empty_periods: NonZeroU32) -> bool {
        match self {
            Self::Unlimited => true,
            Self::EmptyPeriods(most) => empty_periods <= most,
        }
    }

    /// As one number, 0 for no limit.
    pub(super) fn code(self) -> u32 {
        match self {
            Self::Unlimited => 0,
            Self::EmptyPeriods(most) => most.get(),
        }
    }

    pub(super) fn from_code(code: u32) -> Self {
        NonZeroU32::new(code).map_or(Self::Unlimited, Self::EmptyPeriods)
    }
}

impl fmt::Display for ReactivationLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlimited => f.write_str("however long away"),
            Self::EmptyPeriods(most) => write!(f, "at most {most} periods away"),
        }
    }
}

/// Whether a customer brought revenue before the opening period.
///
/// It only matters where there is nothing at the opening and something at the closing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum EarlierRevenue {
    /// Never.
    #[default]
    Never,
    /// Yes, and since then there have been so many periods without revenue, the opening period among them: revenue in March, none in
    /// April and May, revenue in June are 2.
    BeforeEmptyPeriods(NonZeroU32),
}

impl EarlierRevenue {
    /// From a column in which 0 stands for never.
    pub(super) fn from_code(code: u32) -> Self {
        NonZeroU32::new(code).map_or(Self::Never, Self::BeforeEmptyPeriods)
    }
}

/// One customer's revenue in two periods, neither of them negative.
///
/// ```
/// use customer_metrics::Decimal;
/// use customer_metrics::churn::{CustomerRevenue, EarlierRevenue, Movement, ReactivationLimit};
///
/// let away_for = |periods: u32| EarlierRevenue::BeforeEmptyPeriods(periods.try_into().unwrap());
/// let three_months = ReactivationLimit::EmptyPeriods(3.try_into().unwrap());
/// let back = CustomerRevenue::new(Decimal::ZERO, Decimal::from(30), away_for(5))?;
/// assert_eq!(back.movement(ReactivationLimit::Unlimited), Movement::Reactivation);
/// assert_eq!(back.movement(three_months), Movement::New);
/// assert_eq!(back.change()?, Decimal::from(30));
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "CustomerRevenueState", into = "CustomerRevenueState")
)]
pub struct CustomerRevenue {
    opening: Decimal,
    closing: Decimal,
    earlier: EarlierRevenue,
}

impl CustomerRevenue {
    /// So much in the opening period, so much in the closing period.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`](crate::Error::OutOfBounds) if an amount is negative.
    pub fn new(opening: Decimal, closing: Decimal, earlier: EarlierRevenue) -> Result<Self> {
        let opening = decimal::non_negative("opening revenue", opening)?;
        let closing = decimal::non_negative("closing revenue", closing)?;
        Ok(Self { opening, closing, earlier })
    }

    /// The revenue in the opening period.
    #[must_use]
    pub fn opening(&self) -> Decimal {
        self.opening
    }

    /// The revenue in the closing period.
    #[must_use]
    pub fn closing(&self) -> Decimal {
        self.closing
    }

    /// Whether there was revenue before the opening period.
    #[must_use]
    pub fn earlier(&self) -> EarlierRevenue {
        self.earlier
    }

    /// By how much the customer's revenue changed: what the movement adds to the total, or takes from it. Opening and change are the closing
    /// to the last digit.
    ///
    /// # Errors
    /// [`Error::Overflow`](crate::Error::Overflow) if the difference of the two has more than 28 digits.
    pub fn change(&self) -> Result<Decimal> {
        decimal::exact_sub("change in revenue", self.closing, self.opening)
    }

    /// What the revenue did.
    #[must_use]
    pub fn movement(&self, limit: ReactivationLimit) -> Movement {
        movement(&self.opening, &self.closing, &Decimal::ZERO, self.earlier, limit)
    }
}

/// What revenue did that went from `opening` to `closing`, neither below `nothing`.
pub(super) fn movement<T: Ord>(opening: &T, closing: &T, nothing: &T, earlier: EarlierRevenue, limit: ReactivationLimit) -> Movement {
    match (opening > nothing, closing > nothing) {
        (false, false) => Movement::Absent,
        (true, false) => Movement::Churned,
        (false, true) => match earlier {
            EarlierRevenue::BeforeEmptyPeriods(empty) if limit.allows(empty) => Movement::Reactivation,
            _ => Movement::New,
        },
        (true, true) if closing > opening => Movement::Expansion,
        (true, true) if closing < opening => Movement::Contraction,
        (true, true) => Movement::Unchanged,
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CustomerRevenueState {
    #[serde(with = "crate::decimal::text")]
    opening: Decimal,
    #[serde(with = "crate::decimal::text")]
    closing: Decimal,
    earlier: EarlierRevenue,
}

#[cfg(feature = "serde")]
impl TryFrom<CustomerRevenueState> for CustomerRevenue {
    type Error = crate::error::Error;

    fn try_from(state: CustomerRevenueState) -> Result<Self> {
        Self::new(state.opening, state.closing, state.earlier)
    }
}

#[cfg(feature = "serde")]
impl From<CustomerRevenue> for CustomerRevenueState {
    fn from(revenue: CustomerRevenue) -> Self {
        let CustomerRevenue { opening, closing, earlier } = revenue;
        Self { opening, closing, earlier }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_itself_still_counts_as_a_reactivation() {
        let three = ReactivationLimit::EmptyPeriods(NonZeroU32::new(3).unwrap());
        for (empty, expected) in [(0, Movement::New), (1, Movement::Reactivation), (3, Movement::Reactivation), (4, Movement::New)] {
            assert_eq!(movement(&0, &1, &0, EarlierRevenue::from_code(empty), three), expected, "{empty}");
        }
        assert_eq!(movement(&0, &1, &0, EarlierRevenue::from_code(u32::MAX), ReactivationLimit::Unlimited), Movement::Reactivation);
        for code in [0, 1, u32::MAX] {
            assert_eq!(ReactivationLimit::from_code(code).code(), code);
        }
    }

    #[test]
    fn what_was_before_only_matters_to_those_who_come() {
        let back = EarlierRevenue::from_code(1);
        for (opening, closing, expected) in [
            (0, 0, Movement::Absent),
            (5, 0, Movement::Churned),
            (5, 6, Movement::Expansion),
            (5, 4, Movement::Contraction),
            (5, 5, Movement::Unchanged),
        ] {
            for earlier in [EarlierRevenue::Never, back] {
                assert_eq!(movement(&opening, &closing, &0, earlier, ReactivationLimit::Unlimited), expected);
            }
        }
    }
}
