//! The expected lifetime by a fitted shifted-beta-geometric model, discounted or not, with its interval.

use super::{Fit, Model, ShiftedBetaGeometric};
use crate::error::{Error, Result};
use crate::estimate::{Confidence, Estimate, Interval, Method};

/// How far the logarithms of the parameters are moved for a difference.
const STEP: f64 = 1e-2;

impl Fit<ShiftedBetaGeometric> {
    /// The [discounted expected lifetime](ShiftedBetaGeometric::discounted_expected_lifetime) of a new customer, with an interval by the
    /// delta method.
    ///
    /// ```text
    /// L exp(-+ z s),  s^2 = g' C g,  g = derivatives of ln L in the logarithms of the parameters,  C = their covariance
    /// ```
    ///
    /// The derivatives are differences of the fourth order, within 1e-7 or so.
    ///
    /// ```
    /// use customer_metrics::{Confidence, repeat_buying::{RenewalTable, ShiftedBetaGeometric}};
    ///
    /// let fit = ShiftedBetaGeometric::fit(&RenewalTable::from_active(&[1_000, 869, 743, 653, 593, 551, 517, 491])?)?;
    /// let lifetime = fit.discounted_expected_lifetime(0.1, Confidence::P95)?;
    /// assert_eq!(format!("{lifetime:.2}"), "5.92 (5.64 to 6.22, 95% delta method on the logarithm, n = 1000)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// As the model's; [`Error::Undefined`] unless the fit converged; [`Error::Overflow`] if an end of the interval exceeds the largest
    /// double.
    pub fn discounted_expected_lifetime(&self, discount_rate: f64, confidence: Confidence) -> Result<Estimate> {
        // Without a discount the formula has a derivative of its own, also where a step would lead to where it does not exist.
        if discount_rate <= 0.0 {
            return self.expected_lifetime_at(discount_rate, confidence);
        }
        self.differenced([1.0, f64::MAX], confidence, |model| model.discounted_expected_lifetime(discount_rate))
    }

    /// The [discounted expected residual lifetime](ShiftedBetaGeometric::discounted_expected_residual_lifetime) of a customer whose n-th
    /// renewal is due now, with an interval made in the same way.
    ///
    /// # Errors
    /// As [`discounted_expected_lifetime`](Self::discounted_expected_lifetime).
    pub fn discounted_expected_residual_lifetime(&self, renewal: u32, discount_rate: f64, confidence: Confidence) -> Result<Estimate> {
        if discount_rate <= 0.0 {
            return self.expected_residual_lifetime_at(renewal, discount_rate, confidence);
        }
        self.differenced([0.0, f64::MAX], confidence, |model| model.discounted_expected_residual_lifetime(renewal, discount_rate))
    }

    /// The [discounted expected lifetime within so many periods](ShiftedBetaGeometric::discounted_expected_lifetime_within), with an
    /// interval made in the same way.
    ///
    /// # Errors
    /// As [`discounted_expected_lifetime`](Self::discounted_expected_lifetime).
    pub fn discounted_expected_lifetime_within(&self, periods: u32, discount_rate: f64, confidence: Confidence) -> Result<Estimate> {
        // The first period is certain.
        let least = f64::from(periods.min(1));
        self.differenced([least, periods.into()], confidence, |model| model.discounted_expected_lifetime_within(periods, discount_rate))
    }

    /// The
    /// [discounted expected residual lifetime within so many periods](ShiftedBetaGeometric::discounted_expected_residual_lifetime_within),
    /// with an interval made in the same way.
    ///
    /// # Errors
    /// As [`discounted_expected_lifetime`](Self::discounted_expected_lifetime).
    pub fn discounted_expected_residual_lifetime_within(
        &self,
        renewal: u32,
        periods: u32,
        discount_rate: f64,
        confidence: Confidence,
    ) -> Result<Estimate> {
        self.differenced([0.0, periods.into()], confidence, |model| {
            model.discounted_expected_residual_lifetime_within(renewal, periods, discount_rate)
        })
    }

    /// The [expected lifetime](ShiftedBetaGeometric::expected_lifetime) of a new customer, with an interval made in the same way.
    ///
    /// # Errors
    /// As [`discounted_expected_lifetime`](Self::discounted_expected_lifetime).
    pub fn expected_lifetime(&self, confidence: Confidence) -> Result<Estimate> {
        self.expected_lifetime_at(0.0, confidence)
    }

    /// The [expected number of periods still to come](ShiftedBetaGeometric::expected_residual_lifetime) of a customer whose n-th renewal is
    /// due now, with an interval made in the same way.
    ///
    /// # Errors
    /// As [`discounted_expected_lifetime`](Self::discounted_expected_lifetime).
    pub fn expected_residual_lifetime(&self, renewal: u32, confidence: Confidence) -> Result<Estimate> {
        self.expected_residual_lifetime_at(renewal, 0.0, confidence)
    }

    fn expected_lifetime_at(&self, discount_rate: f64, confidence: Confidence) -> Result<Estimate> {
        let [alpha, beta] = self.model().parameters();
        let lifetime = self.model().discounted_expected_lifetime(discount_rate)?;
        let all = alpha + beta - 1.0;
        self.with_slopes(lifetime, [alpha / all - alpha / (alpha - 1.0), beta / all], [1.0, f64::MAX], confidence)
    }

    fn expected_residual_lifetime_at(&self, renewal: u32, discount_rate: f64, confidence: Confidence) -> Result<Estimate> {
        let [alpha, beta] = self.model().parameters();
        let lifetime = self.model().discounted_expected_residual_lifetime(renewal, discount_rate)?;
        let others = beta + f64::from(renewal.saturating_sub(1));
        self.with_slopes(lifetime, [-alpha / (alpha - 1.0), beta / others], [0.0, f64::MAX], confidence)
    }

    /// With derivatives of the logarithm by differences.
    fn differenced(
        &self,
        range: [f64; 2],
        confidence: Confidence,
        lifetime: impl Fn(&ShiftedBetaGeometric) -> Result<f64>,
    ) -> Result<Estimate> {
        let point = lifetime(self.model())?;
        // Within no period, or after a renewal that nobody makes, there is nothing to be unsure of.
        if point <= 0.0 {
            return self.with_slopes(point, [0.0; 2], range, confidence);
        }
        let [alpha, beta] = self.model().parameters();
        let moved = |by: [f64; 2]| {
            let [along_alpha, along_beta] = by.map(f64::exp);
            Ok::<f64, Error>(lifetime(&ShiftedBetaGeometric::new(alpha * along_alpha, beta * along_beta)?)?.ln())
        };
        let slope = |along: fn(f64) -> [f64; 2]| {
            let difference = |by: f64| Ok::<f64, Error>(moved(along(by))? - moved(along(-by))?);
            Ok::<f64, Error>((8.0 * difference(STEP)? - difference(2.0 * STEP)?) / (12.0 * STEP))
        };
        self.with_slopes(point, [slope(|by| [by, 0.0])?, slope(|by| [0.0, by])?], range, confidence)
    }

    fn with_slopes(&self, point: f64, slopes: [f64; 2], range: [f64; 2], confidence: Confidence) -> Result<Estimate> {
        let half = confidence.two_sided_z() * self.variance_along(slopes)?.sqrt();
        let [low, high] = [point * (-half).exp(), point * half.exp()];
        if !high.is_finite() {
            return Err(Error::Overflow { field: "interval", capacity: "a double" });
        }
        let interval = Interval::holding(point, [low, high], range);
        Ok(Estimate::holding(point, interval, confidence, Method::DeltaOnLogarithm, self.n()))
    }
}
