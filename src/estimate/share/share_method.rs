//! The ways to make an interval for one share.

use core::fmt;

use crate::estimate::Method;

/// How to make an interval for one share.
///
/// In the formulas `k` of `n` count, `p = k / n`, `q = 1 - p`, and `z` is the normal quantile of (1 + confidence) / 2. Every method mirrors:
/// the interval of `n - k` is that of `k`, subtracted from 1. All comparisons of coverage are those of L. D. Brown, T. T. Cai and
/// A. DasGupta, "Interval Estimation for a Binomial Proportion", Statistical Science 16 (2001), 101-133.
///
/// | method | choose it |
/// |---|---|
/// | [`Wilson`](Self::Wilson) | by default: near the nominal coverage on average, from n = 1 on |
/// | [`WilsonCorrected`](Self::WilsonCorrected) | to stay close to the nominal coverage or above it, with a formula |
/// | [`AgrestiCoull`](Self::AgrestiCoull) | to explain it on one line; never narrower than Wilson |
/// | [`ClopperPearson`](Self::ClopperPearson) | where coverage below the nominal one is not allowed, as in audits and regulation |
/// | [`JeffreysModified`](Self::JeffreysModified) | for a Bayesian reading; as short as Wilson |
/// | [`JeffreysEqualTailed`](Self::JeffreysEqualTailed) | where the posterior itself is wanted; it leaves out the share at k = 0 and k = n |
/// | [`Wald`](Self::Wald) | never, but to show what is wrong with it |
///
/// ```
/// use customer_metrics::{Confidence, Share, ShareMethod};
///
/// let share = Share::new(0, 30)?;
/// let high = |method| (share.interval_with(Confidence::P95, method).high() * 1e3).round() / 1e3;
/// assert_eq!([ShareMethod::Wilson, ShareMethod::ClopperPearson, ShareMethod::Wald].map(high), [0.114, 0.116, 0.0]);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ShareMethod {
    /// The score interval of Wilson, without continuity correction.
    ///
    /// ```text
    /// low, high = (k + z^2/2 -/+ z sqrt(n p q + z^2/4)) / (n + z^2)
    /// ```
    ///
    /// Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927), 209-212.
    #[default]
    Wilson,
    /// The score interval with continuity correction: Wilson's for half an answer less at the low end and half an answer more at the high
    /// end; 0 at k = 0 and 1 at k = n.
    ///
    /// ```text
    /// low  = (2 k + z^2 - 1 - z sqrt(z^2 - 2 - 1/n + 4 p (n q + 1))) / (2 (n + z^2))
    /// high = (2 k + z^2 + 1 + z sqrt(z^2 + 2 - 1/n + 4 p (n q - 1))) / (2 (n + z^2))
    /// ```
    ///
    /// Source: method 4 of R. G. Newcombe, "Two-sided confidence intervals for the single proportion: comparison of seven methods",
    /// Statistics in Medicine 17 (1998), 857-872.
    WilsonCorrected,
    /// Wald's interval after adding `z^2/2` answers of each kind (about two at 95%), cut off at 0 and 1.
    ///
    /// ```text
    /// n~ = n + z^2,  p~ = (k + z^2/2) / n~,  low, high = p~ -/+ z sqrt(p~ (1 - p~) / n~)
    /// ```
    ///
    /// Source: A. Agresti and B. A. Coull, "Approximate is better than 'exact' for interval estimation of binomial proportions",
    /// The American Statistician 52 (1998), 119-126.
    AgrestiCoull,
    /// The interval of all shares that neither tail of the binomial distribution rejects: covers at least as often as it says, and mostly
    /// more often. Also called exact.
    ///
    /// ```text
    /// low  = quantile of Beta(k, n - k + 1) at (1 - confidence) / 2,  0 at k = 0
    /// high = quantile of Beta(k + 1, n - k) at (1 + confidence) / 2,  1 at k = n
    /// ```
    ///
    /// Source: C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
    /// Biometrika 26 (1934), 404-413.
    ClopperPearson,
    /// The middle of the posterior distribution under Jeffreys' prior, as it is: above 0 even at k = 0, below 1 even at k = n.
    ///
    /// ```text
    /// low, high = quantiles of Beta(k + 1/2, n - k + 1/2) at (1 -/+ confidence) / 2
    /// ```
    ///
    /// Source: H. Jeffreys, "Theory of Probability" (1939) for the prior; Brown, Cai and DasGupta (2001), section 3.1.3.
    JeffreysEqualTailed,
    /// The same, but 0 at the low end for k = 0 and 1 at the high end for k = n, so that coverage does not vanish near 0 and 1.
    ///
    /// Source: Brown, Cai and DasGupta (2001), section 3.1.3.
    JeffreysModified,
    /// For teaching only. The textbook interval, cut off at 0 and 1: it has no width at k = 0 and k = n, and covers far less often than it
    /// says for small n or p near 0 or 1.
    ///
    /// ```text
    /// low, high = p -/+ z sqrt(p q / n)
    /// ```
    Wald,
}

impl ShareMethod {
    /// Every method, from the default to the one for teaching.
    pub const ALL: &'static [Self] = &[
        Self::Wilson,
        Self::WilsonCorrected,
        Self::AgrestiCoull,
        Self::ClopperPearson,
        Self::JeffreysModified,
        Self::JeffreysEqualTailed,
        Self::Wald,
    ];
}

impl fmt::Display for ShareMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Method::from(*self).fmt(f)
    }
}

impl From<ShareMethod> for Method {
    fn from(method: ShareMethod) -> Self {
        match method {
            ShareMethod::Wilson => Self::Wilson,
            ShareMethod::WilsonCorrected => Self::WilsonCorrected,
            ShareMethod::AgrestiCoull => Self::AgrestiCoull,
            ShareMethod::ClopperPearson => Self::ClopperPearson,
            ShareMethod::JeffreysEqualTailed => Self::JeffreysEqualTailed,
            ShareMethod::JeffreysModified => Self::JeffreysModified,
            ShareMethod::Wald => Self::Wald,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_is_listed_once_and_named() {
        let names: std::collections::BTreeSet<String> = ShareMethod::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), ShareMethod::ALL.len());
        assert_eq!(ShareMethod::default().to_string(), "Wilson");
        assert_eq!(ShareMethod::Wald.to_string(), "Wald (for teaching only)");
    }
}
