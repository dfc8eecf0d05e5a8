//! What one customer is to be expected to spend.

use crate::error::{Bound, Error, Result};
use crate::estimate::{Confidence, Interval};
use crate::special::{Beta, Parts, gamma_density, gamma_lower_quantile, gamma_lower_tail, gamma_upper_quantile, gamma_upper_tail};

const EXPECTED: &str = "expected mean spend";

/// What a customer, new or with a history, is to be expected to spend on a purchase, by [`GammaGamma`](super::GammaGamma).
///
/// Given their history, what a customer spends follows from three numbers:
///
/// ```text
/// rate nu ~ Gamma(shape q + p x, rate v + x zbar)
/// mean spend over all time   M = p / nu                   inverse gamma: shape q + p x, scale p (v + x zbar)
/// amount of a next purchase  Z ~ Gamma(shape p, rate nu)  beta prime:    shapes p and q + p x, scale v + x zbar
/// ```
///
/// Both have the mean `p (v + x zbar) / (q + p x - 1)`: between the customer's own mean and that of all, the closer to their own the more
/// they have bought.
///
/// ```
/// use customer_metrics::repeat_buying::{GammaGamma, SpendHistory};
///
/// let outlook = GammaGamma::new(6.25, 3.74, 15.44)?.outlook(&SpendHistory::new(2, 22.35)?);
/// assert_eq!(format!("{:.3}", outlook.probability_of_mean_spend_up_to(30.0)?), "0.821");
/// assert_eq!(format!("{:.2}", outlook.mean_spend_quantile(0.5)?), "23.63");
/// assert_eq!(format!("{:.3}", outlook.probability_of_amount_up_to(30.0)?), "0.734");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SpendOutlook {
    /// Of the amounts of one customer.
    p: f64,
    /// Of the rate, given the history.
    shape: f64,
    rate: f64,
}

/// Strictly between 0 and 1, and no nearer to 0 than doubles are precise.
fn probability(field: &'static str, value: f64) -> Result<f64> {
    if (f64::MIN_POSITIVE..1.0).contains(&value) {
        Ok(value)
    } else {
        Err(Error::out_of_bounds(field, value, Bound::StrictlyBetween(0_u64.into(), 1_u64.into())))
    }
}

/// An amount that can be asked for: 0 or more.
fn amount(value: f64) -> Result<f64> {
    if !value.is_finite() {
        return Err(Error::out_of_bounds("amount", value, Bound::Finite));
    }
    if value < 0.0 {
        return Err(Error::out_of_bounds("amount", value, Bound::AtLeast(0_u64.into())));
    }
    Ok(value)
}

fn amount_above_0(value: f64) -> Result<f64> {
    if amount(value)? > 0.0 { Ok(value) } else { Err(Error::out_of_bounds("amount", value, Bound::MoreThan(0_u64.into()))) }
}

fn finite(field: &'static str, value: f64) -> Result<f64> {
    if value.is_finite() { Ok(value) } else { Err(Error::Overflow { field, capacity: "a double" }) }
}

impl SpendOutlook {
    pub(super) fn new(p: f64, shape: f64, rate: f64) -> Self {
        Self { p, shape, rate }
    }

    /// What the customer is to be expected to spend on a purchase.
    ///
    /// ```text
    /// p (v + x zbar) / (q + p x - 1)
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] if `q + p x` is 1 or less: the expectation is infinite; [`Error::Overflow`] if it exceeds the largest double.
    pub fn expected_mean_spend(&self) -> Result<f64> {
        if self.shape <= 1.0 {
            return Err(Error::Undefined { metric: EXPECTED, because: "it is not finite where q + p x is 1 or less" });
        }
        finite(EXPECTED, self.p * self.rate / (self.shape - 1.0))
    }

    /// The standard deviation of the mean spend: how little is known of it yet.
    ///
    /// ```text
    /// expected mean spend / square root of (q + p x - 2)
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] if `q + p x` is 2 or less; [`Error::Overflow`] if it exceeds the largest double.
    pub fn mean_spend_standard_deviation(&self) -> Result<f64> {
        const METRIC: &str = "standard deviation of the mean spend";
        if self.shape <= 2.0 {
            return Err(Error::Undefined { metric: METRIC, because: "it is not finite where q + p x is 2 or less" });
        }
        finite(METRIC, self.expected_mean_spend()? / (self.shape - 2.0).sqrt())
    }

    /// The probability that the mean spend over all time is at most so much.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the amount is negative, infinite or NaN.
    pub fn probability_of_mean_spend_up_to(&self, amount: f64) -> Result<f64> {
        let rate = self.p * (self.rate / self::amount(amount)?);
        // At an amount of 0 the rate is infinite, and nothing lies above it.
        Ok(if rate.is_finite() { gamma_upper_tail(self.shape, rate).clamp(0.0, 1.0) } else { 0.0 })
    }

    /// The probability that the mean spend over all time is more than so much, without losing the digits of a small one.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the amount is negative, infinite or NaN.
    pub fn probability_of_mean_spend_above(&self, amount: f64) -> Result<f64> {
        let rate = self.p * (self.rate / self::amount(amount)?);
        Ok(if rate.is_finite() { gamma_lower_tail(self.shape, rate).clamp(0.0, 1.0) } else { 1.0 })
    }

    /// The density of the mean spend over all time, for each unit of the currency.
    ///
    /// ```text
    /// u^s e^-u / gamma(s) / amount,  s = q + p x,  u = p (v + x zbar) / amount
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless the amount is finite and above 0; [`Error::Overflow`] if the density exceeds the largest double.
    pub fn density_of_mean_spend(&self, amount: f64) -> Result<f64> {
        let amount = amount_above_0(amount)?;
        let rate = self.p * (self.rate / amount);
        // The rate of the gamma distribution falls as fast as the amount rises, in logarithms.
        let of_logarithm = if rate.is_finite() { gamma_density(self.shape, rate) } else { 0.0 };
        finite("density of the mean spend", of_logarithm / amount)
    }

    /// The amount that the mean spend over all time is below with this probability, strictly between 0 and 1; at 0.5 the median.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the probability is not; [`Error::Overflow`] if the amount exceeds the largest double.
    pub fn mean_spend_quantile(&self, probability: f64) -> Result<f64> {
        let rate = gamma_upper_quantile(self.shape, self::probability("probability", probability)?);
        self.of_rate("quantile of the mean spend", rate)
    }

    /// Where the mean spend over all time lies, given the history, with half of what is missing to this confidence on either side.
    ///
    /// # Errors
    /// [`Error::Overflow`] if an end exceeds the largest double.
    pub fn mean_spend_interval(&self, confidence: Confidence) -> Result<Interval> {
        const FIELD: &str = "interval of the mean spend";
        let tail = confidence.tail();
        let low = self.of_rate(FIELD, gamma_upper_quantile(self.shape, tail))?;
        let high = self.of_rate(FIELD, gamma_lower_quantile(self.shape, tail))?;
        Interval::new(low, high)
    }

    /// The probability that the amount of a next purchase is at most so much.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the amount is negative, infinite or NaN.
    pub fn probability_of_amount_up_to(&self, amount: f64) -> Result<f64> {
        Ok(Beta::new(self.p, self.shape).lower_tail(self.part(self::amount(amount)?)))
    }

    /// The probability that the amount of a next purchase is more than so much, without losing the digits of a small one.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the amount is negative, infinite or NaN.
    pub fn probability_of_amount_above(&self, amount: f64) -> Result<f64> {
        Ok(Beta::new(self.shape, self.p).lower_tail(self.part(self::amount(amount)?).mirrored()))
    }

    /// The density of the amount of a next purchase, for each unit of the currency.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless the amount is finite and above 0; [`Error::Overflow`] if the density exceeds the largest double.
    pub fn density_of_amount(&self, amount: f64) -> Result<f64> {
        let amount = amount_above_0(amount)?;
        // The derivative of the logit of z / (z + scale) in z is 1 / z.
        let (_, of_logit) = Beta::new(self.p, self.shape).lower_tail_and_density(self.part(amount));
        finite("density of the amount", of_logit / amount)
    }

    /// The amount that a next purchase is below with this probability, strictly between 0 and 1.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the probability is not; [`Error::Overflow`] if the amount exceeds the largest double.
    pub fn amount_quantile(&self, probability: f64) -> Result<f64> {
        let at = Beta::new(self.p, self.shape).quantile(self::probability("probability", probability)?);
        finite("quantile of the amount", at.x / at.y * self.rate)
    }

    /// The mean spend of a customer with this rate in units of the scale.
    fn of_rate(&self, field: &'static str, rate: f64) -> Result<f64> {
        finite(field, self.p * (self.rate / rate))
    }

    /// The amount as a part of itself and the scale.
    fn part(&self, amount: f64) -> Parts {
        // Half of each, since their sum may overflow.
        let whole = amount / 2.0 + self.rate / 2.0;
        Parts { x: amount / 2.0 / whole, y: self.rate / 2.0 / whole }
    }
}
