//! Which purchases to come count, and how much less a later one is worth.

use core::fmt;

use super::outlook::time_ahead;
use super::{BetaGeometricOutlook, ContinuousRate, ParetoOutlook};
use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::lifetime_value::DiscountRate;

/// Which purchases of the future count, and how they are discounted to today.
///
/// ```text
/// within     integral of exp(-rate s) dE(s) over s from 0 to the time
/// unlimited  the same, to infinity
/// by period  sum over i = 1 ... periods of (E(i length) - E((i - 1) length)) / (1 + d)^i
///
/// E(s) = purchases to be expected within s,  rate = continuous rate,  d = discount rate of a period
/// ```
///
/// All times are in the unit of the model, so a horizon of any unit is stated in it: twelve months of a model in weeks are 12 periods of
/// [the length](super::PeriodLength::in_units_of) 4.348. The two ways to discount have types of their own, for they differ: a
/// [`ContinuousRate`] belongs to the unit of the model, a [`DiscountRate`] to the period. And continuous discounting takes a purchase at
/// its moment, while periods book all purchases at their end, as spreadsheets and the Python package lifetimes do (which takes months of
/// 4.345 weeks); that is worth less.
///
/// ```
/// use customer_metrics::lifetime_value::DiscountRate;
/// use customer_metrics::repeat_buying::{BgNbd, ContinuousRate, Horizon, PeriodLength, PurchaseHistory, TransactionModel};
///
/// let model = BgNbd::new(0.243, 4.414, 0.793, 2.426)?;
/// let regular = PurchaseHistory::new(2, 30.43, 38.86)?;
/// let purchases = |horizon| model.purchases_over(&regular, horizon);
///
/// let month = PeriodLength::MEAN_GREGORIAN_MONTH.in_units_of(PeriodLength::WEEK);
/// let monthly = DiscountRate::from_percent(1.into())?;
/// assert_eq!(format!("{:.3}", purchases(Horizon::by_period(12, month, monthly)?)?), "1.472");
///
/// // The same year and the same discount rate, each purchase from its moment.
/// let rate = ContinuousRate::from_rate_per(monthly, month)?;
/// assert_eq!(format!("{:.3}", purchases(Horizon::within(12.0 * month, rate)?)?), "1.480");
/// assert_eq!(format!("{:.3}", purchases(Horizon::unlimited(rate))?), "5.650");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// Source: P. S. Fader, B. G. S. Hardie and K. L. Lee, "RFM and CLV: Using Iso-Value Curves for Customer Base Analysis", Journal of
/// Marketing Research 42 (2005), 415-430, for continuous discounting without an end.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "HorizonState", into = "HorizonState"))]
pub struct Horizon {
    kind: HorizonKind,
    /// That of a period, where there are periods.
    discount_rate: DiscountRate,
}

/// What there is to calculate, in numbers that have been checked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum HorizonKind {
    Within { time: f64, discount_rate: f64 },
    Unlimited { discount_rate: f64 },
    Periods { periods: u32, length: f64, discount_rate: f64 },
}

/// The most periods that are added one by one.
const MOST_PERIODS: u32 = 10_000;

impl Horizon {
    /// The purchases within so long a time, each discounted from its moment.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the time is not within 0 to 1e100.
    pub fn within(time: f64, rate: ContinuousRate) -> Result<Self> {
        Ok(HorizonKind::Within { time: time_ahead("time", time)?, discount_rate: rate.per_unit() }.into())
    }

    /// All purchases to come, each discounted from its moment; without a discount the sum exists for some models only.
    #[must_use]
    pub fn unlimited(rate: ContinuousRate) -> Self {
        HorizonKind::Unlimited { discount_rate: rate.per_unit() }.into()
    }

    /// The purchases of so many periods of this length, in the unit of the model, each discounted from the end of its period.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for more than 10,000 periods, and if the length is not within 0 to 1e96.
    pub fn by_period(periods: u32, length: f64, discount_rate: DiscountRate) -> Result<Self> {
        if periods > MOST_PERIODS {
            return Err(Error::out_of_bounds("periods", periods, Bound::AtMost(MOST_PERIODS.into())));
        }
        if !(0.0..=1e96).contains(&length) {
            return Err(Error::out_of_bounds("length of a period", length, Bound::Within(0_u64.into(), 1e96.into())));
        }
        let kind = HorizonKind::Periods { periods, length, discount_rate: decimal::to_f64(discount_rate.rate()) };
        Ok(Self { kind, discount_rate })
    }

    /// How much time it spans, in the unit of the model; nothing where it has no end.
    #[must_use]
    pub fn time(self) -> Option<f64> {
        match self.kind {
            HorizonKind::Within { time, .. } => Some(time),
            HorizonKind::Unlimited { .. } => None,
            HorizonKind::Periods { periods, length, .. } => Some(f64::from(periods) * length),
        }
    }

    /// The continuous rate, where purchases are discounted from their moment.
    #[must_use]
    pub fn continuous_rate(self) -> Option<ContinuousRate> {
        match self.kind {
            HorizonKind::Within { discount_rate, .. } | HorizonKind::Unlimited { discount_rate } => {
                Some(ContinuousRate::checked(discount_rate))
            }
            HorizonKind::Periods { .. } => None,
        }
    }

    /// The discount rate of a period, where purchases are discounted from the end of their period.
    #[must_use]
    pub fn discount_rate(self) -> Option<DiscountRate> {
        matches!(self.kind, HorizonKind::Periods { .. }).then_some(self.discount_rate)
    }

    pub(super) fn kind(self) -> HorizonKind {
        self.kind
    }
}

impl From<HorizonKind> for Horizon {
    fn from(kind: HorizonKind) -> Self {
        Self { kind, discount_rate: DiscountRate::ZERO }
    }
}

/// Such as `52 units of time at a continuous rate of 0.0027`.
impl fmt::Display for Horizon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            HorizonKind::Within { time, discount_rate } => write!(f, "{time} units of time at a continuous rate of {discount_rate}"),
            HorizonKind::Unlimited { discount_rate } => write!(f, "all time at a continuous rate of {discount_rate}"),
            HorizonKind::Periods { periods, length, .. } => {
                write!(f, "{periods} periods of {length} units of time at {}", self.discount_rate)
            }
        }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum HorizonState {
    Within { time: f64, continuous_rate: ContinuousRate },
    Unlimited { continuous_rate: ContinuousRate },
    Periods { periods: u32, length: f64, discount_rate: DiscountRate },
}

#[cfg(feature = "serde")]
impl TryFrom<HorizonState> for Horizon {
    type Error = Error;

    fn try_from(state: HorizonState) -> Result<Self> {
        match state {
            HorizonState::Within { time, continuous_rate } => Self::within(time, continuous_rate),
            HorizonState::Unlimited { continuous_rate } => Ok(Self::unlimited(continuous_rate)),
            HorizonState::Periods { periods, length, discount_rate } => Self::by_period(periods, length, discount_rate),
        }
    }
}

#[cfg(feature = "serde")]
impl From<Horizon> for HorizonState {
    fn from(horizon: Horizon) -> Self {
        match horizon.kind {
            HorizonKind::Within { time, discount_rate } => Self::Within { time, continuous_rate: ContinuousRate::checked(discount_rate) },
            HorizonKind::Unlimited { discount_rate } => Self::Unlimited { continuous_rate: ContinuousRate::checked(discount_rate) },
            HorizonKind::Periods { periods, length, .. } => Self::Periods { periods, length, discount_rate: horizon.discount_rate },
        }
    }
}

impl BetaGeometricOutlook {
    /// The purchases to be expected within a horizon, discounted to today by its rule. Without an end they are the discounted expected
    /// residual transactions (DERT) of the field; times the margin of a purchase, they are the lifetime value that remains.
    ///
    /// Within 1e-11 relative. At a rate of 0 it is [`expected_purchases`](Self::expected_purchases).
    ///
    /// ```text
    /// unlimited, for rate 0: P(alive) x (a + b - 1) / (a - 1),  updated parameters
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] for a horizon without discount and end where `a` is 1 or less: some customers stay too long then for the
    /// expectation to exist; [`Error::Overflow`] if it exceeds the largest double.
    pub fn purchases_over(&self, horizon: Horizon) -> Result<f64> {
        match horizon.kind {
            HorizonKind::Within { time, discount_rate } => self.discounted_purchases_within(time, discount_rate),
            HorizonKind::Unlimited { discount_rate } => self.discounted_purchases(discount_rate),
            HorizonKind::Periods { periods, length, discount_rate } => {
                by_period(periods, length, discount_rate, |time| self.expected_purchases(time))
            }
        }
    }
}

impl ParetoOutlook {
    /// The purchases to be expected within a horizon, discounted to today by its rule. Without an end they are the discounted expected
    /// residual transactions (DERT) of the field; times the margin of a purchase, they are the lifetime value that remains.
    ///
    /// Within 1e-13 relative for continuous rates. At a rate of 0 it is [`expected_purchases`](Self::expected_purchases).
    ///
    /// ```text
    /// within:                P(alive) x r / alpha  integral of exp(-rate v) (beta / (beta + v))^s over v from 0 to the time
    /// unlimited:             P(alive) x r / alpha  beta^s rate^(s - 1) Psi(s, s; rate beta)
    /// unlimited, for rate 0: P(alive) x r / alpha  beta / (s - 1)
    /// updated parameters,    Psi the confluent hypergeometric function of the second kind
    /// ```
    ///
    /// ```
    /// use customer_metrics::repeat_buying::{ContinuousRate, Horizon, ParetoNbd, PurchaseHistory};
    ///
    /// let model = ParetoNbd::new(0.553, 10.578, 0.606, 11.669)?;
    /// let outlook = model.outlook(&PurchaseHistory::new(2, 30.43, 38.86)?);
    /// // A continuous rate of 15% a year, in weeks.
    /// let all = Horizon::unlimited(ContinuousRate::from_continuous(0.15 / 52.0)?);
    /// assert_eq!(format!("{:.2}", outlook.purchases_over(all)?), "6.23");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// Source: P. S. Fader, B. G. S. Hardie and K. L. Lee, "RFM and CLV: Using Iso-Value Curves for Customer Base Analysis", Journal of
    /// Marketing Research 42 (2005), 415-430, eq. 2.
    ///
    /// # Errors
    /// [`Error::Undefined`] for a horizon without discount and end where `s` is 1 or less: some customers stay too long then for the
    /// expectation to exist; [`Error::Overflow`] if it exceeds the largest double.
    pub fn purchases_over(&self, horizon: Horizon) -> Result<f64> {
        match horizon.kind {
            HorizonKind::Within { time, discount_rate } => self.discounted_purchases_within(time, discount_rate),
            HorizonKind::Unlimited { discount_rate } => self.discounted_purchases(discount_rate),
            HorizonKind::Periods { periods, length, discount_rate } => {
                by_period(periods, length, discount_rate, |time| self.expected_purchases(time))
            }
        }
    }
}

/// The purchases that are to be expected in so many periods, each discounted from the end of its period, where `expected` gives those up to
/// a time.
fn by_period(periods: u32, length: f64, discount_rate: f64, expected: impl Fn(f64) -> Result<f64>) -> Result<f64> {
    let (mut before, mut factor, mut sum) = (0.0, 1.0, 0.0);
    for period in 1..=periods {
        let until = expected(f64::from(period) * length)?;
        factor /= 1.0 + discount_rate;
        sum += (until - before) * factor;
        before = until;
    }
    Ok(sum)
}
