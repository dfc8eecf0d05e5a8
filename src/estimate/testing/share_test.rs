//! Whether two shares differ, or one from an assumed share: z tests.

use core::fmt;

use crate::decimal::{self, count_to_f64, wide_count_to_f64};
use crate::error::{Error, Result};
use crate::estimate::{Alternative, Caution, SignificanceTest, TestMethod};
use crate::proportion::Proportion;
use crate::share::Share;

/// How the standard error of the difference of two shares is made for a test.
///
/// ```text
/// z = (p1 - p2) / se,  p = k / n
/// ```
///
/// ```
/// use customer_metrics::{Share, estimate::{Alternative, ShareTestMethod}};
///
/// let (a, b) = (Share::new(9, 10)?, Share::new(3, 10)?);
/// let z = |method| a.test_difference_with(&b, method, Alternative::TwoSided).map(|test| (test.statistic() * 1e3).round() / 1e3);
/// assert_eq!(z(ShareTestMethod::Pooled)?, 2.739);
/// assert_eq!(z(ShareTestMethod::PooledCorrected)?, 2.282);
/// assert_eq!(z(ShareTestMethod::Unpooled)?, 3.464);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ShareTestMethod {
    /// From the share of both groups together, as the hypothesis of no difference says. The default; `z^2` is Pearson's chi-square of the
    /// two-by-two table.
    ///
    /// ```text
    /// p = (k1 + k2) / (n1 + n2),  se = sqrt(p (1 - p) (1 / n1 + 1 / n2))
    /// ```
    ///
    /// Source: J. L. Fleiss, B. Levin and M. C. Paik, "Statistical Methods for Rates and Proportions", 3rd edition (2003), chapter 3.
    #[default]
    Pooled,
    /// The same with Yates' continuity correction: the difference is moved towards 0 by `(1 / n1 + 1 / n2) / 2`, and to 0 where it is
    /// smaller than that.
    ///
    /// It is cautious: it rejects less often than its level says. R's `prop.test` gives the same for two groups: it makes the correction
    /// smaller where the difference is, so that the statistic is 0 there as well.
    ///
    /// Source: F. Yates, "Contingency tables involving small numbers and the chi-square test", Supplement to the Journal of the Royal
    /// Statistical Society 1 (1934), 217-235.
    PooledCorrected,
    /// From each group's own share. With small counts it rejects more often than its level says.
    ///
    /// ```text
    /// se = sqrt(p1 (1 - p1) / n1 + p2 (1 - p2) / n2)
    /// ```
    Unpooled,
}

impl From<ShareTestMethod> for TestMethod {
    fn from(method: ShareTestMethod) -> Self {
        match method {
            ShareTestMethod::Pooled => Self::PooledZ,
            ShareTestMethod::PooledCorrected => Self::PooledCorrectedZ,
            ShareTestMethod::Unpooled => Self::UnpooledZ,
        }
    }
}

impl fmt::Display for ShareTestMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        TestMethod::from(*self).fmt(f)
    }
}

impl Share {
    /// Whether this share differs from the other, of independent groups: the two-sided z test by [`ShareTestMethod::Pooled`].
    ///
    /// ```text
    /// z = (p1 - p2) / sqrt(p (1 - p) (1 / n1 + 1 / n2)),  p = (k1 + k2) / (n1 + n2)
    /// ```
    ///
    /// The interval that goes with it is [`difference`](Self::difference). The two are made differently: at the edge the interval of Newcombe
    /// can hold 0 where the test is significant, and the other way round. Neither is wrong there; report both.
    ///
    /// The statistic is within 1e-15 relative of the exact value, for counts up to 2^53. Source: J. L. Fleiss, B. Levin and M. C. Paik,
    /// "Statistical Methods for Rates and Proportions", 3rd edition (2003), chapter 3.
    ///
    /// ```
    /// use customer_metrics::Share;
    ///
    /// let (resolved, unresolved) = (Share::new(54, 100)?, Share::new(19, 100)?);
    /// let test = resolved.test_difference(&unresolved)?;
    /// assert_eq!(format!("{test:.2}"), "z = 5.14, p = 2.74e-7 (two-sided pooled z test)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] if none or all count in both groups.
    pub fn test_difference(&self, other: &Self) -> Result<SignificanceTest> {
        self.test_difference_with(other, ShareTestMethod::default(), Alternative::default())
    }

    /// The same by a named method against a named alternative; [`Greater`](Alternative::Greater) is that this share is greater.
    ///
    /// # Errors
    /// [`Error::Undefined`] if the standard error is 0: where none or all count in both groups, or, unpooled, in each.
    pub fn test_difference_with(&self, other: &Self, method: ShareTestMethod, alternative: Alternative) -> Result<SignificanceTest> {
        let test = SignificanceTest::from_normal(z_of_difference(self, other, method)?, alternative, method.into())?;
        Ok(test.with_caution(self.test_caution(other)))
    }

    /// Whether the true share differs from an assumed one, such as a target: the score z test, two-sided, which the interval of Wilson
    /// inverts: the assumed share lies outside [`Share::interval`] exactly where the test is significant at the same confidence.
    ///
    /// ```text
    /// z = (k - n p) / sqrt(n p (1 - p)),  p = the assumed share
    /// ```
    ///
    /// For a handful of answers, [`test_against_exact`](Self::test_against_exact) is right where this is an approximation. The statistic
    /// is within 1e-15 relative of the exact value, for counts up to 2^53.
    ///
    /// Source: A. Agresti, "Categorical Data Analysis", 3rd edition (2013), chapter 1.
    ///
    /// ```
    /// use customer_metrics::{Proportion, Share, estimate::Alternative};
    ///
    /// let target = Proportion::from_percent("90".parse().unwrap())?;
    /// let resolved = Share::new(871, 1000)?;
    /// assert_eq!(format!("{:.2}", resolved.test_against(target)?), "z = -3.06, p = 0.00224 (two-sided score z test)");
    /// let test = resolved.test_against_with(target, Alternative::Less)?;
    /// assert_eq!(format!("{test:.2}"), "z = -3.06, p = 0.00112 (one-sided, less score z test)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] for an assumed share of none or all, which a single answer refutes.
    pub fn test_against(&self, assumed: Proportion) -> Result<SignificanceTest> {
        self.test_against_with(assumed, Alternative::default())
    }

    /// The same against a named alternative; [`Greater`](Alternative::Greater) is that the true share is greater than the assumed one.
    ///
    /// # Errors
    /// As [`test_against`](Self::test_against).
    pub fn test_against_with(&self, assumed: Proportion, alternative: Alternative) -> Result<SignificanceTest> {
        let n = count_to_f64(self.whole());
        let scale = n * assumed.to_f64() * assumed.complement().to_f64();
        if scale <= 0.0 {
            return Err(Error::Undefined { metric: "test against an assumed share", because: "the assumed share is none or all" });
        }
        // 28 digits are left of the difference before it is rounded to a double.
        let expected = decimal::mul("expected count", self.whole().into(), assumed.to_decimal())?;
        let lead = decimal::sub("difference of counts", self.part().into(), expected)?;
        let caution = Caution::expected(n * assumed.min(assumed.complement()).to_f64(), Caution::LEAST_OF_A_KIND);
        Ok(SignificanceTest::from_normal(decimal::to_f64(lead) / scale.sqrt(), alternative, TestMethod::ScoreZ)?.with_caution(caution))
    }
}

fn z_of_difference(first: &Share, second: &Share, method: ShareTestMethod) -> Result<f64> {
    let [k1, n1, k2, n2] = [first.part(), first.whole(), second.part(), second.whole()].map(u128::from);
    let together = n1.saturating_add(n2);
    let (mine, theirs) = (k1.saturating_mul(n2), k2.saturating_mul(n1));
    let sign = if mine < theirs { -1.0 } else { 1.0 };
    // N1 n2 times the difference, exact before it is rounded once.
    let cross = mine.abs_diff(theirs);
    let lead = match method {
        // Beyond 127 bits the correction is less than the last digit.
        ShareTestMethod::PooledCorrected => {
            cross.checked_mul(2).map_or_else(|| wide_count_to_f64(cross), |twice| wide_count_to_f64(twice.saturating_sub(together)) / 2.0)
        }
        ShareTestMethod::Pooled | ShareTestMethod::Unpooled => wide_count_to_f64(cross),
    };
    let both = wide_count_to_f64(n1) * wide_count_to_f64(n2);
    // The variance of the lead.
    let scale = match method {
        ShareTestMethod::Pooled | ShareTestMethod::PooledCorrected => {
            let part = k1.saturating_add(k2);
            let [part, rest, whole] = [part, together.saturating_sub(part), together].map(wide_count_to_f64);
            both * (part / whole * rest)
        }
        ShareTestMethod::Unpooled => (variance(first) + variance(second)) * both * both,
    };
    if scale > 0.0 {
        Ok(sign * lead / scale.sqrt())
    } else {
        Err(Error::Undefined { metric: "test of two shares", because: "the answers of each group are all alike" })
    }
}

/// Of one share: p (1 - p) / n.
fn variance(share: &Share) -> f64 {
    let [part, rest, whole] = [share.part(), share.complement().part(), share.whole()].map(count_to_f64);
    part / whole * (rest / whole) / whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_without_variation_cannot_be_tested() {
        let (none, all, half) = (Share::new(0, 10).unwrap(), Share::new(20, 20).unwrap(), Share::new(1, 2).unwrap());
        let test = |a: &Share, b: &Share, method| a.test_difference_with(b, method, Alternative::TwoSided);
        for method in [ShareTestMethod::Pooled, ShareTestMethod::PooledCorrected, ShareTestMethod::Unpooled] {
            assert!(matches!(test(&none, &none, method), Err(Error::Undefined { .. })));
            assert!(matches!(test(&all, &all, method), Err(Error::Undefined { .. })));
            assert!(test(&none, &half, method).is_ok());
            assert_eq!(test(&none, &all, method).is_ok(), method != ShareTestMethod::Unpooled);
        }
    }

    #[test]
    fn a_difference_smaller_than_its_correction_is_0() {
        let (a, b) = (Share::new(50, 100).unwrap(), Share::new(51, 100).unwrap());
        let test = a.test_difference_with(&b, ShareTestMethod::PooledCorrected, Alternative::TwoSided).unwrap();
        assert!(test.statistic().abs() <= 0.0 && test.p_value() >= 1.0, "{test}");
        assert!(a.test_difference(&b).unwrap().statistic() < -0.14);
    }

    #[test]
    fn the_largest_counts_give_finite_statistics() {
        let shares = [(0, 1), (1, 1), (1, u64::MAX), (0, u64::MAX), (u64::MAX, u64::MAX), (u64::MAX / 2, u64::MAX)];
        for (first, second) in shares.iter().flat_map(|first| shares.iter().map(move |second| (first, second))) {
            let (first, second) = (Share::new(first.0, first.1).unwrap(), Share::new(second.0, second.1).unwrap());
            for method in [ShareTestMethod::Pooled, ShareTestMethod::PooledCorrected, ShareTestMethod::Unpooled] {
                if let Ok(test) = first.test_difference_with(&second, method, Alternative::Greater) {
                    assert!(test.statistic().is_finite() && test.ln_p_value().is_finite(), "{test}");
                }
            }
        }
    }
}
