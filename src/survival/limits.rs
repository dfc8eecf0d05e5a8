//! The limits of a survival curve at one of its points.

use core::f64::consts::FRAC_PI_2;
use core::fmt;

use crate::estimate::{Interval, Method};

/// On which scale the interval of a survival probability is symmetric.
///
/// ```text
/// S = survival, v = variance of ln S (Greenwood), se = sqrt(v), z = normal quantile
/// ```
///
/// All are clamped to 0..=1 and hold the curve. Where no one has left yet, S = 1 and v = 0, and each is 1 to 1 (as lifelines has it; R
/// gives NA for log-log and logit). Where everyone has left, S = 0 and v is infinite, and there is no interval (as in R; lifelines gives 0
/// to 0). Neither says that the truth is certain there: count who is at risk.
///
/// Sources: J. P. Klein and M. L. Moeschberger, Survival Analysis, 2nd edition (2003), section 4.3; O. Borgan and K. Liestøl, "A note on
/// confidence intervals and bands for the survival function based on transformations", Scandinavian Journal of Statistics 17 (1990), 35-41.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum LimitMethod {
    /// The default here and in lifelines, SAS and Stata. Never leaves 0..=1, and is good in small samples.
    ///
    /// ```text
    /// S^exp(-/+ z se / ln S)
    /// ```
    #[default]
    LogLog,
    /// The default of R's survfit.
    ///
    /// ```text
    /// S exp(-/+ z se)
    /// ```
    Log,
    /// The textbook interval, symmetric around the curve: poor in small samples and near 0 and 1.
    ///
    /// ```text
    /// S -/+ z S se
    /// ```
    Plain,
    /// Symmetric in ln(S / (1 - S)).
    ///
    /// ```text
    /// 1 / (1 + (1 - S)/S exp(+/- z se / (1 - S)))
    /// ```
    Logit,
    /// Symmetric in the arcsine of the square root, which levels the variance.
    ///
    /// ```text
    /// sin(asin(sqrt(S)) -/+ z se sqrt(S / (1 - S)) / 2)^2,  the angle clamped to 0..=pi/2
    /// ```
    Arcsine,
}

impl LimitMethod {
    /// All, in this order.
    pub const ALL: [Self; 5] = [Self::LogLog, Self::Log, Self::Plain, Self::Logit, Self::Arcsine];

    pub(super) fn of_estimate(self) -> Method {
        match self {
            Self::LogLog => Method::SurvivalLogLog,
            Self::Log => Method::SurvivalLog,
            Self::Plain => Method::SurvivalPlain,
            Self::Logit => Method::SurvivalLogit,
            Self::Arcsine => Method::SurvivalArcsine,
        }
    }

    /// The interval of `survival` whose logarithm has this variance; none where everyone has left.
    pub(super) fn interval(self, survival: f64, log_variance: f64, z: f64) -> Option<Interval> {
        if survival <= 0.0 {
            return None;
        }
        let reach = z * log_variance.sqrt();
        if survival >= 1.0 || reach <= 0.0 {
            return Some(Interval::ordered(survival, survival));
        }
        let rest = 1.0 - survival;
        let (low, high) = match self {
            Self::LogLog => {
                let log = survival.ln();
                let factor = (-reach / log).exp();
                ((log * factor).exp(), (log / factor).exp())
            }
            Self::Log => (survival * (-reach).exp(), survival * reach.exp()),
            Self::Plain => (survival - survival * reach, survival + survival * reach),
            Self::Logit => {
                let (odds_against, factor) = (rest / survival, (reach / rest).exp());
                (1.0 / (1.0 + odds_against * factor), 1.0 / (1.0 + odds_against / factor))
            }
            Self::Arcsine => {
                let (angle, swing) = (survival.sqrt().asin(), reach * (survival / rest).sqrt() / 2.0);
                let square_of_sine = |angle: f64| angle.sin() * angle.sin();
                (square_of_sine((angle - swing).max(0.0)), square_of_sine((angle + swing).min(FRAC_PI_2)))
            }
        };
        // An infinite factor, where the curve is close to 1 or the confidence extreme, ends at 0 and 1 as it must.
        Some(Interval::ordered(low.clamp(0.0, survival), high.clamp(survival, 1.0)))
    }
}

impl fmt::Display for LimitMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.of_estimate(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_holds_the_curve_at_any_variance() {
        let survivals = [f64::MIN_POSITIVE, 1e-17, 0.01, 0.5, 0.99, 1.0 - f64::EPSILON / 2.0];
        let variances = [0.0, f64::MIN_POSITIVE, 1e-20, 1e-3, 1.0, 1e6, 1e300];
        for method in LimitMethod::ALL {
            for (survival, variance, z) in
                survivals.iter().flat_map(|s| variances.iter().flat_map(move |v| [1e-9, 1.96, 8.3].map(|z| (*s, *v, z))))
            {
                let interval = method.interval(survival, variance, z).unwrap();
                assert!(
                    interval.low() >= 0.0 && interval.high() <= 1.0 && interval.contains(survival),
                    "{method}: {survival}, {variance}, {z}"
                );
            }
            assert_eq!(method.interval(1.0, 0.0, 1.96), Some(Interval::ordered(1.0, 1.0)));
            assert_eq!(method.interval(0.0, 0.5, 1.96), None);
        }
    }
}
