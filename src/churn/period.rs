//! The same churn over periods of another length.

use crate::error::{Bound, Error, Result};
use crate::estimate::{Confidence, Estimate};
use crate::proportion::Proportion;
use crate::share::Share;

/// The churn over so many whole periods, if each of them loses the same proportion of those who are left.
///
/// ```text
/// 1 - (1 - churn)^periods
/// ```
///
/// It compounds: 5% a month is 45.96% a year, not 60%. The assumption is a constant rate; where the rate of a cohort falls with time, as
/// it mostly does, the result is too high. Over 0 periods no one leaves. Within `periods` x 10^-28 of the exact value.
///
/// The way back, from yearly to monthly, needs a root: see [`churn_over_fractional_periods`].
///
/// ```
/// use customer_metrics::Proportion;
/// use customer_metrics::churn::churn_over_periods;
///
/// let monthly = Proportion::from_percent("5".parse().unwrap())?;
/// assert_eq!(churn_over_periods(monthly, 12).percent(2).to_string(), "45.96");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[must_use]
pub fn churn_over_periods(churn: Proportion, periods: u32) -> Proportion {
    // A product of proportions is a proportion: the power cannot fail.
    churn.complement().power(periods).unwrap_or(Proportion::ZERO).complement()
}

/// The churn over any number of periods, whole or not, in floating point: 12 takes a monthly rate to a yearly one, 1/12 takes a yearly
/// rate to a monthly one, 30.0/28.0 takes one of 28 days to one of 30.
///
/// ```text
/// 1 - (1 - churn)^periods
/// ```
///
/// It takes the ends of an [`Interval`](crate::Interval) as well as its point. The assumption is that of [`churn_over_periods`]. A churn
/// of 0 stays exactly 0; a churn of 1 stays exactly 1 over any time, and is 0 over none. Small rates lose no digits: the relative error is
/// at most 1e-15 for the numbers as given, on platforms whose logarithm and exponential are good to the last digit.
///
/// ```
/// use customer_metrics::churn::churn_over_fractional_periods;
///
/// let monthly = churn_over_fractional_periods(0.4596, 1.0 / 12.0)?;
/// assert_eq!(format!("{monthly:.4}"), "0.0500");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfBounds`] if `churn` is not within 0 to 1, or `periods` is negative, infinite or NaN.
pub fn churn_over_fractional_periods(churn: f64, periods: f64) -> Result<f64> {
    if !(0.0..=1.0).contains(&churn) {
        return Err(Error::out_of_bounds("churn", churn, Bound::Within(0.0.into(), 1.0.into())));
    }
    if !periods.is_finite() {
        return Err(Error::out_of_bounds("periods", periods, Bound::Finite));
    }
    if periods < 0.0 {
        return Err(Error::out_of_bounds("periods", periods, Bound::AtLeast(0.0.into())));
    }
    if periods == 0.0 {
        // Infinite hazard over no time would be NaN.
        return Ok(0.0);
    }
    let log_retention = (-churn).ln_1p() * periods;
    // The exponential minus 1 is negative or a zero of either sign; the magnitude is the churn.
    Ok(log_retention.exp_m1().abs())
}

/// A counted churn over any number of periods, with its interval: the ends of Wilson's for one period, converted as
/// [`churn_over_fractional_periods`] does.
///
/// It rises with the churn of one period, so it holds the truth exactly as often, under the assumption of a constant rate.
///
/// ```
/// use customer_metrics::churn::{ChurnTally, churn_estimate_over_periods};
/// use customer_metrics::Confidence;
///
/// let july = ChurnTally::from_counts(1_000, 50, 500, 12)?;
/// let yearly = churn_estimate_over_periods(&july.start_cohort_churn()?, 12.0, Confidence::P95)?;
/// assert_eq!(format!("{yearly:.3}"), "0.460 (0.373 to 0.555, 95% Wilson, n = 1000)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfBounds`] if `periods` is negative, infinite or NaN.
pub fn churn_estimate_over_periods(churn: &Share, periods: f64, confidence: Confidence) -> Result<Estimate> {
    let _ = churn_over_fractional_periods(0.0, periods)?;
    // The share and its ends lie within 0 to 1, so that nothing is refused.
    Ok(churn.estimate(confidence).rising(|churn| churn_over_fractional_periods(churn, periods).unwrap_or(churn)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::Decimal;

    #[test]
    fn nothing_and_everything_stay_what_they_are() {
        for periods in [1, 2, 12, u32::MAX] {
            assert_eq!(churn_over_periods(Proportion::ZERO, periods), Proportion::ZERO);
            assert_eq!(churn_over_periods(Proportion::ONE, periods), Proportion::ONE);
        }
        for churn in [Proportion::ZERO, Proportion::ONE, Proportion::new(Decimal::new(3, 1)).unwrap()] {
            assert_eq!(churn_over_periods(churn, 0), Proportion::ZERO);
            assert_eq!(churn_over_periods(churn, 1), churn);
        }
    }

    #[test]
    fn the_edges_are_exact_and_never_nan() {
        for periods in [f64::MIN_POSITIVE, 1e-9, 1.0, 12.0, f64::MAX] {
            for zero in [0.0, -0.0] {
                assert_eq!(churn_over_fractional_periods(zero, periods).unwrap().to_bits(), 0.0_f64.to_bits());
            }
            assert_eq!(churn_over_fractional_periods(1.0, periods).unwrap().to_bits(), 1.0_f64.to_bits());
        }
        for churn in [0.0, f64::MIN_POSITIVE, 0.5, 1.0 - f64::EPSILON, 1.0] {
            for none in [0.0, -0.0] {
                assert_eq!(churn_over_fractional_periods(churn, none).unwrap().to_bits(), 0.0_f64.to_bits());
            }
        }
    }

    #[test]
    fn what_is_no_churn_or_no_time_is_refused() {
        for churn in [-f64::MIN_POSITIVE, 1.0 + f64::EPSILON, f64::NAN, f64::INFINITY] {
            assert!(matches!(churn_over_fractional_periods(churn, 1.0), Err(Error::OutOfBounds { field: "churn", .. })), "{churn}");
        }
        for periods in [-1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(matches!(churn_over_fractional_periods(0.1, periods), Err(Error::OutOfBounds { field: "periods", .. })), "{periods}");
        }
    }
}
