//! How much less a purchase is worth the later it comes, at every moment.

use super::PeriodLength;
use super::outlook::time_ahead;
use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::lifetime_value::DiscountRate;

/// The continuous discount rate of a unit of time of a model.
///
/// ```text
/// a purchase after a time s is worth exp(-rate s) of one now
/// rate = ln(1 + d) / length,  d = discount rate of so long a time
/// ```
///
/// A discount rate is one of a year, mostly, and a model is in days or weeks: so one is made of a [`DiscountRate`] *and* the time that it
/// is for. 15% a year are 15% after a year, whatever the unit of the model.
///
/// ```
/// use customer_metrics::lifetime_value::DiscountRate;
/// use customer_metrics::repeat_buying::{ContinuousRate, PeriodLength};
///
/// let yearly = DiscountRate::from_percent(15.into())?;
/// // A model in weeks, and one in days.
/// let weekly = ContinuousRate::from_annual(yearly, PeriodLength::WEEK);
/// let daily = ContinuousRate::from_annual(yearly, PeriodLength::DAY);
/// assert_eq!(format!("{:.6} {:.6}", weekly.per_unit(), daily.per_unit()), "0.002679 0.000383");
/// // A year of 52 weeks.
/// assert_eq!(format!("{:.6}", ContinuousRate::from_rate_per(yearly, 52.0)?.per_unit()), "0.002688");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "f64", into = "f64"))]
pub struct ContinuousRate(f64);

impl ContinuousRate {
    /// A later purchase is worth as much.
    pub const ZERO: Self = Self(0.0);

    /// The rate by which so much is lost in a mean Gregorian year (365.2425 days), in a model whose unit of time is this.
    #[must_use]
    pub fn from_annual(discount_rate: DiscountRate, unit: PeriodLength) -> Self {
        Self(ln_growth_of(discount_rate) / PeriodLength::MEAN_GREGORIAN_YEAR.in_units_of(unit))
    }

    /// The rate by which so much is lost in a time of this length, in the unit of the model: `ln(1 + d) / length`.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the length is not within 1e-90 to 1e100.
    pub fn from_rate_per(discount_rate: DiscountRate, length: f64) -> Result<Self> {
        if !(1e-90..=1e100).contains(&length) {
            return Err(Error::out_of_bounds("length", length, Bound::Within(1e-90.into(), 1e100.into())));
        }
        Ok(Self(ln_growth_of(discount_rate) / length))
    }

    /// A rate that is continuous already, and in the unit of the model.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if it is not within 0 to 1e100.
    pub fn from_continuous(per_unit: f64) -> Result<Self> {
        time_ahead("discount rate", per_unit).map(Self)
    }

    pub(super) fn checked(per_unit: f64) -> Self {
        Self(per_unit)
    }

    /// The rate of a unit of time of the model.
    #[must_use]
    pub fn per_unit(self) -> f64 {
        self.0
    }
}

fn ln_growth_of(discount_rate: DiscountRate) -> f64 {
    decimal::to_f64(discount_rate.rate()).ln_1p()
}

impl TryFrom<f64> for ContinuousRate {
    type Error = Error;

    fn try_from(per_unit: f64) -> Result<Self> {
        Self::from_continuous(per_unit)
    }
}

impl From<ContinuousRate> for f64 {
    fn from(rate: ContinuousRate) -> Self {
        rate.0
    }
}
