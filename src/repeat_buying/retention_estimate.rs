//! Survival and retention by a fitted shifted-beta-geometric model, each with its interval.

use super::outlook::listed;
use super::{Fit, Model, ShiftedBetaGeometric};
use crate::error::{Error, Result};
use crate::estimate::{Confidence, Estimate, Interval, Method};

const NOT_CONVERGED: Error = Error::Undefined { metric: "interval", because: "the fit has not converged" };

impl Fit<ShiftedBetaGeometric> {
    /// The share of customers who are still there after so many renewals, with an interval.
    ///
    /// ```text
    /// logit S -+ z s,  s^2 = g' C g,  g = derivatives of logit S in the logarithms of the parameters,  C = their covariance
    /// ```
    ///
    /// ```
    /// use customer_metrics::{Confidence, repeat_buying::{RenewalTable, ShiftedBetaGeometric}};
    ///
    /// let fit = ShiftedBetaGeometric::fit(&RenewalTable::from_active(&[1_000, 869, 743, 653, 593, 551, 517, 491])?)?;
    /// let after_12 = fit.survival(12, Confidence::P95)?;
    /// assert_eq!(format!("{after_12:.3}"), "0.378 (0.341 to 0.417, 95% Wald on the logit, n = 1000)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] unless the fit converged.
    pub fn survival(&self, renewals: u32, confidence: Confidence) -> Result<Estimate> {
        let model = self.model();
        let survival = model.survival(renewals);
        let lost = -super::shifted_beta_geometric::ln_survival(model.alpha(), model.beta(), renewals.into()).exp_m1();
        // The derivative of ln(S / (1 - S)) is that of ln S over 1 - S.
        let slopes = model.survival_slopes(renewals).map(|slope| slope / lost);
        self.on_the_logit(survival, survival.ln() - lost.ln(), slopes, confidence)
    }

    /// Survival after 0, 1, ... up to so many renewals, each with its interval. They hold one by one, not all together.
    ///
    /// # Errors
    /// As [`survival`](Self::survival); [`Error::OutOfBounds`] for more than 1,000,000 renewals.
    pub fn survival_curve(&self, renewals: u32, confidence: Confidence) -> Result<Vec<Estimate>> {
        (0..=listed("renewals", renewals)?).map(|renewals| self.survival(renewals, confidence)).collect()
    }

    /// The retention rate of a period, counted from 1, with an interval made in the same way.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for period 0; [`Error::Undefined`] unless the fit converged.
    pub fn retention_rate(&self, period: u32, confidence: Confidence) -> Result<Estimate> {
        let (model, rate) = (self.model(), self.model().retention_rate(period)?);
        let beta = model.beta() + f64::from(period.saturating_sub(1));
        self.on_the_logit(rate, (beta / model.alpha()).ln(), [-1.0, model.beta() / beta], confidence)
    }

    /// The retention rates of the first periods, from 1 up to this one, each with its interval.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for more than 1,000,000 periods; [`Error::Undefined`] unless the fit converged.
    pub fn retention_curve(&self, periods: u32, confidence: Confidence) -> Result<Vec<Estimate>> {
        (1..=listed("periods", periods)?).map(|period| self.retention_rate(period, confidence)).collect()
    }

    fn on_the_logit(&self, share: f64, logit: f64, slopes: [f64; 2], confidence: Confidence) -> Result<Estimate> {
        if !self.has_converged() {
            return Err(NOT_CONVERGED);
        }
        let of = |point: f64, low: f64, high: f64| {
            let interval = Interval::new(low, high)?;
            Ok(Estimate::holding(point, interval, confidence, Method::LogitWald, self.n()))
        };
        // All or none to the last digit: there is no logit, and nothing to be unsure of in a double.
        if !logit.is_finite() {
            return of(share, share, share);
        }
        let half = confidence.two_sided_z() * self.variance_along(slopes)?.sqrt();
        let share_of = |logit: f64| 1.0 / (1.0 + (-logit).exp());
        of(share, share_of(logit - half).min(share), share_of(logit + half).max(share))
    }
    /// The variance of what changes so with the logarithms of the parameters.
    pub(super) fn variance_along(&self, slopes: [f64; 2]) -> Result<f64> {
        let covariance = self.covariance().ok_or(NOT_CONVERGED)?;
        // The covariance of logarithms is that of the parameters over their product.
        let along = super::maximum::combine(&slopes, &self.model().parameters(), |slope, parameter| slope / parameter);
        let variance = super::eigen::dot(&along, &super::eigen::times(&covariance, &along));
        if variance.is_finite() { Ok(variance.max(0.0)) } else { Err(Error::Overflow { field: "interval", capacity: "a double" }) }
    }
}
