//! Spearman's correlation: how well the ranks agree.

use core::fmt;

use super::columns::{DenseRanks, check_pair};
use super::pearson::{beyond, ratio, student_t};
use super::{fisher, ordered_table};
use crate::error::{Error, Result};
use crate::estimate::{Alternative, Caution, Confidence, Estimate, Method, SignificanceTest, TestMethod, write_number};
use crate::wide::SignedSum;

const METRIC: &str = "Spearman correlation";

/// How the interval of a Spearman correlation is made: by Fisher's transformation, with one of the variances that were proposed for it.
///
/// ```text
/// low, high = tanh(atanh(rho) -/+ z sqrt(variance))
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum SpearmanMethod {
    /// `(1 + rho^2 / 2) / (n - 3)`, which holds for strong correlations too. The default.
    ///
    /// Source: D. G. Bonett and T. A. Wright, "Sample size requirements for estimating Pearson, Kendall and Spearman correlations",
    /// Psychometrika 65 (2000), 23-28.
    #[default]
    BonettWright,
    /// `1.06 / (n - 3)`, for correlations up to some 0.8.
    ///
    /// Source: E. C. Fieller, H. O. Hartley and E. S. Pearson, "Tests for rank correlation coefficients. I", Biometrika 44 (1957), 470-481.
    FiellerHartleyPearson,
    /// `1 / (n - 3)`, the variance of Pearson's correlation: too small for ranks, but what many programs use.
    FisherZ,
}

impl SpearmanMethod {
    fn variance(self, rho: f64, degrees: f64) -> f64 {
        let numerator = match self {
            Self::BonettWright => 1.0 + rho * rho / 2.0,
            Self::FiellerHartleyPearson => 1.06,
            Self::FisherZ => 1.0,
        };
        numerator / degrees
    }
}

impl From<SpearmanMethod> for Method {
    fn from(method: SpearmanMethod) -> Self {
        match method {
            SpearmanMethod::BonettWright => Self::BonettWright,
            SpearmanMethod::FiellerHartleyPearson => Self::FiellerHartleyPearson,
            SpearmanMethod::FisherZ => Self::FisherZ,
        }
    }
}

impl fmt::Display for SpearmanMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Method::from(*self).fmt(f)
    }
}

/// Spearman's rank correlation of two measures: Pearson's correlation of the ranks, where equal values share the mean of theirs.
///
/// 1 if the orders agree, -1 if one is the reverse of the other. The ranks are whole or half numbers, and their sums are exact: the
/// coefficient is within 3 units in the last place.
///
/// Source: C. Spearman, "The proof and measurement of association between two things", American Journal of Psychology 15 (1904), 72-101.
///
/// ```
/// use customer_metrics::Confidence;
/// use customer_metrics::estimate::SpearmanCorrelation;
///
/// let days_to_resolve = [1.0, 3.0, 2.0, 9.0, 30.0, 4.0, 4.0, 12.0];
/// let satisfaction = [5.0, 4.0, 5.0, 2.0, 1.0, 4.0, 3.0, 3.0];
/// let correlation = SpearmanCorrelation::from_columns(&days_to_resolve, &satisfaction)?;
/// assert_eq!(format!("{:.2}", correlation.estimate(Confidence::P95)?), "-0.93 (-0.99 to -0.53, 95% Bonett-Wright, n = 8)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SpearmanCorrelation {
    rho: f64,
    n: u64,
}

impl SpearmanCorrelation {
    /// The correlation of two columns, row by row. Takes as long as sorting both.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::Row`] with the position of the first value that is infinite or NaN;
    /// [`Error::OutOfBounds`] with more than 2^32 - 1 rows; [`Error::Undefined`] with fewer than two, or if a column is constant.
    pub fn from_columns(first: &[f64], second: &[f64]) -> Result<Self> {
        check_pair(first, second)?;
        let n = u64::try_from(first.len()).unwrap_or(u64::MAX);
        let (first, second) = (DenseRanks::of(first)?, DenseRanks::of(second)?);
        // A lead has 33 bits, and there are 2^32 rows: the sum has no more than 98.
        let narrow = |leads: Vec<i128>| leads.into_iter().map(|lead| i64::try_from(lead).unwrap_or(0)).collect::<Vec<i64>>();
        let [first_leads, second_leads] = [&first, &second].map(|ranks| narrow(ordered_table::leads(&ranks.ties, n)));
        let lead = |leads: &[i64], rank: u32| i128::from(usize::try_from(rank).ok().and_then(|rank| leads.get(rank)).copied().unwrap_or(0));
        let products = first
            .of_row
            .iter()
            .zip(&second.of_row)
            .fold(0_i128, |sum, (&x, &y)| sum.saturating_add(lead(&first_leads, x).saturating_mul(lead(&second_leads, y))));
        let products = SignedSum::default().plus(products, 1, 1).unwrap_or_default();
        Self::from_sums(products, [&first.ties, &second.ties], n)
    }

    /// The correlation from the sum of products of leads, each twice a rank less n + 1, and the ties of either side.
    pub(super) fn from_sums(products: SignedSum, ties: [&[u64]; 2], n: u64) -> Result<Self> {
        if n < 2 {
            return Err(Error::Undefined { metric: METRIC, because: "there are fewer than two pairs" });
        }
        let mut squares = [0.0; 2];
        for (squares, ties) in squares.iter_mut().zip(ties) {
            let sum = ordered_table::leads(ties, n)
                .iter()
                .zip(ties)
                .try_fold(SignedSum::default(), |sum, (&lead, &count)| sum.plus(lead, lead, count));
            *squares = sum.ok_or_else(|| Error::count_overflow("pairs"))?.to_f64();
        }
        Ok(Self { rho: ratio(METRIC, products.to_f64(), squares)?, n })
    }

    /// rho, in -1..=1.
    #[must_use]
    pub fn coefficient(&self) -> f64 {
        self.rho
    }

    /// How many pairs there are.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// rho with its interval: [`SpearmanMethod::BonettWright`].
    ///
    /// For a correlation of -1 or 1 both ends are the point, as Fisher's transformation has it.
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than four pairs.
    pub fn estimate(&self, confidence: Confidence) -> Result<Estimate> {
        self.estimate_with(confidence, SpearmanMethod::default())
    }

    /// rho with the interval of this method.
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than four pairs.
    pub fn estimate_with(&self, confidence: Confidence, method: SpearmanMethod) -> Result<Estimate> {
        let degrees = beyond("interval of a Spearman correlation", self.n, 3, "there are fewer than four pairs")?;
        let reach = confidence.two_sided_z() * method.variance(self.rho, degrees).sqrt();
        let interval = fisher::interval(self.rho, reach);
        Ok(Estimate::holding(self.rho, interval, confidence, method.into(), self.n).with_caution(fisher::caution(self.rho)))
    }

    /// Whether there is a correlation: the two-sided t test with n - 2 degrees, which is near enough from ten pairs: with fewer it has a
    /// [caution](SignificanceTest::caution).
    ///
    /// ```text
    /// t = rho sqrt((n - 2) / (1 - rho^2))
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than three pairs, or if rho is -1 or 1, where t is infinite.
    pub fn test(&self) -> Result<SignificanceTest> {
        self.test_with(Alternative::default())
    }

    /// The same against a named alternative; [`Greater`](Alternative::Greater) is that both rise together.
    ///
    /// # Errors
    /// As [`test`](Self::test).
    pub fn test_with(&self, alternative: Alternative) -> Result<SignificanceTest> {
        let test = student_t(TestMethod::SpearmanT, self.rho, self.n, alternative)?;
        Ok(test.with_caution(Caution::values(self.n, Caution::LEAST_FOR_SPEARMAN)))
    }
}

/// Coefficient and number; a precision such as `{:.2}` applies to the coefficient, and six digits are shown without one.
impl fmt::Display for SpearmanCorrelation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rho = ")?;
        write_number(self.rho, f)?;
        write!(f, " (n = {})", self.n)
    }
}
