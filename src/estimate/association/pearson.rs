//! Pearson's correlation: how well a line fits.

use core::fmt;

use super::columns::{blockwise, check_pair, is_constant, scale_factor};
use super::fisher;
use crate::decimal::count_to_f64;
use crate::error::{Error, Result};
use crate::estimate::{Alternative, Comparison, Confidence, Estimate, Interval, Method, SignificanceTest, TestMethod, write_number};

const METRIC: &str = "Pearson correlation";

/// Pearson's product-moment correlation of two measures.
///
/// ```text
/// r = sum of (x - mean x) (y - mean y) / sqrt(sum of (x - mean x)^2 x sum of (y - mean y)^2)
/// ```
///
/// 1 and -1 if all pairs lie on a rising or a falling line, 0 if no line does better than a level one. It says nothing about cause, and
/// one far point can make it. From columns within 1e-14 for ordinary data; from a table of counts, within 3 units in the last place. Ratings that
/// are counted together have it by [`RatingPairTally::pearson`](crate::satisfaction::RatingPairTally::pearson).
///
/// ```
/// use customer_metrics::Confidence;
/// use customer_metrics::estimate::PearsonCorrelation;
/// use customer_metrics::published;
///
/// let satisfaction = [5.0, 4.0, 4.0, 2.0, 5.0, 3.0, 1.0, 4.0, 5.0, 3.0, 4.0, 2.0];
/// let orders_next_year = [3.0, 6.0, 2.0, 4.0, 1.0, 5.0, 2.0, 7.0, 4.0, 1.0, 3.0, 3.0];
/// let correlation = PearsonCorrelation::from_columns(&satisfaction, &orders_next_year)?;
/// let estimate = correlation.estimate(Confidence::P95)?;
/// assert_eq!(format!("{estimate:.2}"), "0.09 (-0.51 to 0.63, 95% Fisher z, n = 12)");
///
/// // The published correlation of satisfaction and loyalty is as small; a dozen customers could not tell it from none.
/// let published = published::SATISFACTION_LOYALTY_CORRELATION.range()?;
/// assert_eq!(published.to_string(), "0.13");
/// assert!(estimate.interval().contains(0.13) && estimate.interval().contains(0.0));
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct PearsonCorrelation {
    r: f64,
    n: u64,
}

/// How the interval for the difference of two correlations is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum CorrelationDifferenceMethod {
    /// The limits of each correlation by Fisher's transformation, squared and added.
    ///
    /// ```text
    /// low  = r1 - r2 - sqrt((r1 - l1)^2 + (u2 - r2)^2)
    /// high = r1 - r2 + sqrt((u1 - r1)^2 + (r2 - l2)^2)
    /// ```
    ///
    /// Source: G. Y. Zou, "Toward using confidence intervals to compare correlations", Psychological Methods 12 (2007), 399-413.
    #[default]
    Zou,
}

impl fmt::Display for CorrelationDifferenceMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zou => "Zou",
        })
    }
}

impl PearsonCorrelation {
    /// The correlation of two columns, row by row.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::Row`] with the position of the first value that is infinite or NaN;
    /// [`Error::Undefined`] with fewer than two rows, or if a column is constant.
    pub fn from_columns(first: &[f64], second: &[f64]) -> Result<Self> {
        check_pair(first, second)?;
        let n = u64::try_from(first.len()).unwrap_or(u64::MAX);
        if n < 2 {
            return Err(Error::Undefined { metric: METRIC, because: "there are fewer than two pairs" });
        }
        let (first, second) = (Centred::of(first), Centred::of(second));
        let products = blockwise(first.deviations().zip(second.deviations()).map(|(x, y)| x * y));
        Self::from_sums(METRIC, products, [first.squares(), second.squares()], n)
    }

    /// The correlation of these sums of products and squares of deviations.
    pub(crate) fn from_sums(metric: &'static str, products: f64, [first, second]: [f64; 2], n: u64) -> Result<Self> {
        Ok(Self { r: ratio(metric, products, [first, second])?, n })
    }

    /// r, in -1..=1.
    #[must_use]
    pub fn coefficient(&self) -> f64 {
        self.r
    }

    /// How many pairs there are.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// r with the interval of Fisher's transformation.
    ///
    /// ```text
    /// low, high = tanh(atanh(r) -/+ z / sqrt(n - 3))
    /// ```
    ///
    /// For a correlation of -1 or 1 both ends are the point, with a [caution](Estimate::caution): pairs that lie on a line do not show how far
    /// others would stray from it.
    /// Right for pairs from a bivariate normal distribution, and near it for many others.
    ///
    /// Source: R. A. Fisher, "On the 'probable error' of a coefficient of correlation deduced from a small sample", Metron 1 (1921), 3-32.
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than four pairs.
    pub fn estimate(&self, confidence: Confidence) -> Result<Estimate> {
        let interval = self.interval("interval of a Pearson correlation", confidence)?;
        Ok(Estimate::holding(self.r, interval, confidence, Method::FisherZ, self.n).with_caution(fisher::caution(self.r)))
    }

    fn interval(&self, metric: &'static str, confidence: Confidence) -> Result<Interval> {
        Ok(fisher::interval(self.r, confidence.two_sided_z() * self.fisher_variance(metric)?.sqrt()))
    }

    fn fisher_variance(&self, metric: &'static str) -> Result<f64> {
        beyond(metric, self.n, 3, "there are fewer than four pairs").map(|degrees| 1.0 / degrees)
    }

    /// Whether there is a correlation: the two-sided t test with n - 2 degrees.
    ///
    /// ```text
    /// t = r sqrt((n - 2) / (1 - r^2))
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than three pairs, or if r is -1 or 1, where t is infinite.
    pub fn test(&self) -> Result<SignificanceTest> {
        self.test_with(Alternative::default())
    }

    /// The same against a named alternative; [`Greater`](Alternative::Greater) is that both rise together.
    ///
    /// # Errors
    /// As [`test`](Self::test).
    pub fn test_with(&self, alternative: Alternative) -> Result<SignificanceTest> {
        student_t(TestMethod::PearsonT, self.r, self.n, alternative)
    }

    /// This correlation less the other, of independent groups of customers, in -2..=2: [`CorrelationDifferenceMethod::Zou`].
    ///
    /// # Errors
    /// [`Error::Undefined`] if either has fewer than four pairs.
    pub fn difference(&self, other: &Self, confidence: Confidence) -> Result<Comparison<CorrelationDifferenceMethod>> {
        let metric = "difference of correlations";
        let (mine, theirs) = (self.interval(metric, confidence)?, other.interval(metric, confidence)?);
        let point = self.r - other.r;
        let down = (self.r - mine.low()).hypot(theirs.high() - other.r);
        let up = (mine.high() - self.r).hypot(other.r - theirs.low());
        let interval = Interval::holding(point, [point - down, point + up], [-2.0, 2.0]);
        let comparison = Comparison::computed(point, interval, confidence, CorrelationDifferenceMethod::Zou, [self.n, other.n]);
        Ok(comparison.with_caution(fisher::caution(self.r).or_else(|| fisher::caution(other.r))))
    }

    /// Whether the correlations of two independent groups differ: the two-sided test by Fisher's transformation.
    ///
    /// ```text
    /// z = (atanh(r1) - atanh(r2)) / sqrt(1 / (n1 - 3) + 1 / (n2 - 3))
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] if either has fewer than four pairs, or is -1 or 1, where its transformation is infinite.
    pub fn test_difference(&self, other: &Self) -> Result<SignificanceTest> {
        self.test_difference_with(other, Alternative::default())
    }

    /// The same against a named alternative; [`Greater`](Alternative::Greater) is that this correlation is greater.
    ///
    /// # Errors
    /// As [`test_difference`](Self::test_difference).
    pub fn test_difference_with(&self, other: &Self, alternative: Alternative) -> Result<SignificanceTest> {
        let metric = "test of two correlations";
        let variance = self.fisher_variance(metric)? + other.fisher_variance(metric)?;
        if self.r.abs() >= 1.0 || other.r.abs() >= 1.0 {
            return Err(Error::Undefined { metric, because: "a correlation is -1 or 1" });
        }
        SignificanceTest::from_normal((self.r.atanh() - other.r.atanh()) / variance.sqrt(), alternative, TestMethod::FisherZ)
    }
}

/// Coefficient and number; a precision such as `{:.2}` applies to the coefficient, and six digits are shown without one.
impl fmt::Display for PearsonCorrelation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("r = ")?;
        write_number(self.r, f)?;
        write!(f, " (n = {})", self.n)
    }
}

/// A sum of products over the root of two sums of squares.
pub(super) fn ratio(metric: &'static str, products: f64, [first, second]: [f64; 2]) -> Result<f64> {
    for (squares, because) in [(first, "the first of the two is constant"), (second, "the second of the two is constant")] {
        if squares <= 0.0 {
            return Err(Error::Undefined { metric, because });
        }
    }
    // The root of the product gives back that of equal sums, where it is a double.
    let product = first * second;
    let root = if product.is_normal() { product.sqrt() } else { first.sqrt() * second.sqrt() };
    Ok((products / root).clamp(-1.0, 1.0))
}

/// n less so many, if that is above 0.
pub(super) fn beyond(metric: &'static str, n: u64, less: u64, because: &'static str) -> Result<f64> {
    match n.checked_sub(less) {
        None | Some(0) => Err(Error::Undefined { metric, because }),
        Some(rest) => Ok(count_to_f64(rest)),
    }
}

/// The t test of a correlation with n - 2 degrees.
pub(super) fn student_t(method: TestMethod, r: f64, n: u64, alternative: Alternative) -> Result<SignificanceTest> {
    let metric = "test of a correlation";
    let degrees = beyond(metric, n, 2, "there are fewer than three pairs")?;
    if r.abs() >= 1.0 {
        return Err(Error::Undefined { metric, because: "the correlation is -1 or 1" });
    }
    SignificanceTest::from_student_t(r * (degrees / ((1.0 - r) * (1.0 + r))).sqrt(), degrees, alternative, method)
}

/// A column about its mean, brought to a size whose squares neither overflow nor vanish.
struct Centred<'a> {
    column: &'a [f64],
    factor: f64,
    mean: f64,
    /// What rounding took from the mean: with it, a column far from 0 keeps its digits.
    rest: f64,
}

impl<'a> Centred<'a> {
    fn of(column: &'a [f64]) -> Self {
        let largest = column.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        let factor = scale_factor(largest);
        let n = count_to_f64(u64::try_from(column.len()).unwrap_or(u64::MAX));
        let mean = blockwise(column.iter().map(|value| value * factor)) / n;
        let rest = blockwise(column.iter().map(|value| value * factor - mean)) / n;
        Self { column, factor, mean, rest }
    }

    fn deviations(&self) -> impl Iterator<Item = f64> + '_ {
        self.column.iter().map(|value| (value * self.factor - self.mean) - self.rest)
    }

    fn squares(&self) -> f64 {
        if is_constant(self.column) { 0.0 } else { blockwise(self.deviations().map(|deviation| deviation * deviation)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn r(first: &[f64], second: &[f64]) -> f64 {
        PearsonCorrelation::from_columns(first, second).unwrap().coefficient()
    }

    #[test]
    fn size_and_offset_do_not_matter() {
        let (x, y) = ([1.0, 2.0, 4.0, 7.0, 3.0], [2.0, 1.0, 5.0, 6.0, 6.0]);
        let plain = r(&x, &y);
        for factor in [1e-320, 1e-250, 1e-61, 1e-59, 1e59, 1e61, 1e307] {
            let scaled = x.map(|value| value * factor);
            let tolerance = if factor < 1e-300 { 1e-3 } else { 1e-15 };
            assert!((r(&scaled, &y) - plain).abs() < tolerance, "{factor:e}");
            assert!((r(&scaled, &scaled) - 1.0).abs() < 1e-15, "{factor:e}");
        }
        let shifted = x.map(|value| value + 1e12);
        assert!((r(&shifted, &y) - plain).abs() < 1e-14);
        assert!((r(&[f64::MAX, f64::MIN, 0.0], &[1.0, 0.0, 0.5]) - 1.0).abs() < 1e-15);
    }

    #[test]
    fn a_constant_column_is_named() {
        let error = PearsonCorrelation::from_columns(&[0.1; 7], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]).unwrap_err();
        assert_eq!(error.to_string(), "Pearson correlation is undefined: the first of the two is constant");
        let error = PearsonCorrelation::from_columns(&[1.0, 2.0, 3.0], &[1e16; 3]).unwrap_err();
        assert_eq!(error.to_string(), "Pearson correlation is undefined: the second of the two is constant");
    }
}
