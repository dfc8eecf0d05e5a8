//! The odds ratio of two shares.

use core::fmt;

use crate::decimal::count_to_f64;
use crate::error::{Error, Result};
use crate::estimate::{Comparison, Confidence, Interval};
use crate::share::Share;

/// How an odds ratio and its interval were made; the counts decide which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum OddsRatioMethod {
    /// The logarithm of the odds ratio as normal, where no count is 0. Source: B. Woolf, Annals of Human Genetics 19 (1955), 251-253.
    Woolf,
    /// The same after 1/2 was added to each of the four counts, because one of them is 0. Point and interval are those of the added
    /// halves. Source: J. B. S. Haldane, Annals of Human Genetics 20 (1956), 309-311; F. J. Anscombe, Biometrika 43 (1956), 461-464.
    HaldaneAnscombe,
}

impl fmt::Display for OddsRatioMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Woolf => "Woolf",
            Self::HaldaneAnscombe => "Haldane-Anscombe",
        })
    }
}

impl Share {
    /// The odds of this share over those of the other, of independent groups: 1 if they are equal.
    ///
    /// ```text
    /// odds ratio = k1 (n2 - k2) / (k2 (n1 - k1))
    /// low, high  = odds ratio x exp(-/+ z sqrt(1 / k1 + 1 / (n1 - k1) + 1 / k2 + 1 / (n2 - k2)))
    /// ```
    ///
    /// If one of the four counts is 0, 1/2 is added to each, and the [method](OddsRatioMethod) says so. The point is within 1e-15
    /// relative, the ends are within 1e-13, for counts up to 2^53.
    ///
    /// ```
    /// use customer_metrics::{Confidence, Share};
    ///
    /// let (quick, slow) = (Share::new(82, 100)?, Share::new(54, 100)?);
    /// let odds = quick.odds_ratio(&slow, Confidence::P95)?;
    /// assert_eq!(format!("{odds:.2}"), "3.88 (2.04 to 7.39, 95% Woolf, n = 100 and 100)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] if none counts in both groups, or all do in both: such counts do not bear on the odds ratio.
    pub fn odds_ratio(&self, other: &Self, confidence: Confidence) -> Result<Comparison<OddsRatioMethod>> {
        let counts = [self.part(), self.complement().part(), other.part(), other.complement().part()];
        let undefined = |because| Err(Error::Undefined { metric: "odds ratio", because });
        match counts {
            [0, _, 0, _] => return undefined("none counts in either group"),
            [_, 0, _, 0] => return undefined("all count in both groups"),
            _ => {}
        }
        let (method, added) = if counts.contains(&0) { (OddsRatioMethod::HaldaneAnscombe, 0.5) } else { (OddsRatioMethod::Woolf, 0.0) };
        let [k1, f1, k2, f2] = counts.map(|count| count_to_f64(count) + added);
        let point = k1 * f2 / (f1 * k2);
        let reach = confidence.two_sided_z() * (1.0 / k1 + 1.0 / f1 + 1.0 / k2 + 1.0 / f2).sqrt();
        let interval = Interval::ordered(point * (-reach).exp(), point * reach.exp());
        Ok(Comparison::computed(point, interval, confidence, method, [self.whole(), other.whole()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn odds_ratio(first: (u64, u64), second: (u64, u64)) -> Result<Comparison<OddsRatioMethod>> {
        Share::new(first.0, first.1).unwrap().odds_ratio(&Share::new(second.0, second.1).unwrap(), Confidence::P95)
    }

    #[test]
    fn a_zero_count_adds_halves_and_is_named() {
        let odds = odds_ratio((0, 10), (5, 10)).unwrap();
        assert_eq!(odds.method(), OddsRatioMethod::HaldaneAnscombe);
        assert!((odds.point() - 0.5 / 10.5).abs() < 1e-15);
        assert_eq!(odds_ratio((1, 10), (5, 10)).unwrap().method(), OddsRatioMethod::Woolf);
        assert!(odds_ratio((30, 30), (5, 10)).unwrap().interval().low() > 1.0);
    }

    #[test]
    fn none_or_all_in_both_groups_say_nothing() {
        assert_eq!(odds_ratio((0, 10), (0, 3)).unwrap_err().to_string(), "odds ratio is undefined: none counts in either group");
        assert_eq!(odds_ratio((10, 10), (3, 3)).unwrap_err().to_string(), "odds ratio is undefined: all count in both groups");
        assert!(odds_ratio((0, 10), (3, 3)).is_ok());
    }

    #[test]
    fn extreme_confidence_and_counts_stay_finite() {
        let (most, none) = (Share::new(u64::MAX, u64::MAX).unwrap(), Share::new(0, u64::MAX).unwrap());
        for level in [f64::MIN_POSITIVE, 1.0 - f64::EPSILON / 2.0] {
            for (first, second) in [(most, none), (none, most)] {
                let odds = first.odds_ratio(&second, Confidence::new(level).unwrap()).unwrap();
                assert!(odds.interval().high().is_finite() && odds.interval().contains(odds.point()), "{odds}");
            }
        }
    }
}
