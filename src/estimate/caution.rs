//! When there are too few answers for the method.

use core::fmt;

use super::{Estimate, Method, ShareMethod};
use crate::decimal::count_to_f64;
use crate::share::Share;

/// That there are too few answers for a method that takes counts for normally distributed.
///
/// It is read off and printed by the caller, or not: the figures are the same with it. Nothing is said against Wilson's interval at any
/// number of answers, nor against the exact and the Bayesian ones, nor against Newcombe's difference.
///
/// ```
/// use customer_metrics::{Confidence, Share, ShareMethod};
///
/// let share = Share::new(4, 90)?;
/// assert_eq!(share.caution(ShareMethod::Wilson), None);
/// let caution = share.estimate_with(Confidence::P95, ShareMethod::Wald).caution();
/// assert_eq!(caution.map(|caution| caution.to_string()).as_deref(), Some("4 answers of the rarer kind are fewer than 10"));
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Caution {
    /// Fewer than [10](Self::LEAST_OF_A_KIND) answers of the rarer kind, for the textbook interval of a share.
    ///
    /// Source: the rule `n p >= 10` and `n (1 - p) >= 10` in the form that textbooks give it; L. D. Brown, T. T. Cai and A. DasGupta,
    /// "Interval Estimation for a Binomial Proportion", Statistical Science 16 (2001), section 2, show that it does not suffice either.
    FewOfAKind {
        /// How many answers of the rarer kind there are.
        answers: f64,
    },
    /// An expected count below [5](Self::LEAST_EXPECTED), for the z test of two shares.
    ///
    /// ```text
    /// smallest expected count = min(n1, n2) x min(k1 + k2, others) / (n1 + n2)
    /// ```
    ///
    /// Source: W. G. Cochran, "Some methods for strengthening the common chi-square tests", Biometrics 10 (1954), 417-451.
    FewExpected {
        /// The smallest of the four expected counts.
        expected: f64,
    },
}

impl Caution {
    /// The fewest answers of the rarer kind for the textbook interval of a share.
    pub const LEAST_OF_A_KIND: u64 = 10;
    /// The smallest expected count for the z test of two shares.
    pub const LEAST_EXPECTED: u64 = 5;

    fn of_a_kind(answers: f64) -> Option<Self> {
        (answers < count_to_f64(Self::LEAST_OF_A_KIND)).then_some(Self::FewOfAKind { answers })
    }
}

impl Share {
    /// What is to be said against this method at these counts, if anything.
    #[must_use]
    pub fn caution(&self, method: ShareMethod) -> Option<Caution> {
        match method {
            ShareMethod::Wald => Caution::of_a_kind(count_to_f64(self.part().min(self.complement().part()))),
            _ => None,
        }
    }

    /// What is to be said against a z test of this share and another, if anything.
    #[must_use]
    pub fn test_caution(&self, other: &Self) -> Option<Caution> {
        let [k1, n1, k2, n2] = [self.part(), self.whole(), other.part(), other.whole()].map(count_to_f64);
        let others = count_to_f64(self.complement().part()) + count_to_f64(other.complement().part());
        let expected = n1.min(n2) / (n1 + n2) * (k1 + k2).min(others);
        (expected < count_to_f64(Caution::LEAST_EXPECTED)).then_some(Caution::FewExpected { expected })
    }
}

impl Estimate {
    /// What is to be said against its method at this number of answers, if anything. There are rules for the textbook interval of a share;
    /// for other methods it says nothing.
    #[must_use]
    pub fn caution(&self) -> Option<Caution> {
        match self.method() {
            // The point is the share; its count is the nearest whole number.
            Method::Wald => Caution::of_a_kind((self.point().min(1.0 - self.point()) * count_to_f64(self.n())).round()),
            _ => None,
        }
    }
}

/// Such as `4 answers of the rarer kind are fewer than 10`.
impl fmt::Display for Caution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FewOfAKind { answers } => write!(f, "{answers} answers of the rarer kind are fewer than {}", Self::LEAST_OF_A_KIND),
            Self::FewExpected { expected } => write!(f, "an expected count of {expected:.1} is below {}", Self::LEAST_EXPECTED),
        }
    }
}
