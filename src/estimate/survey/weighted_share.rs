//! A share of weighted answers.

use core::fmt;

use rust_decimal::Decimal;

use super::weight_sums::{WeightSums, product, reduced_ratio};
use crate::decimal::{self, count_to_f64};
use crate::error::{Error, Result};
use crate::estimate::share::RealShare;
use crate::estimate::{Caution, Confidence, Estimate, Interval, Method, ShareMethod};
use crate::special::student_t_quantile;

/// How the interval of a weighted share is made.
///
/// | method | choose it |
/// |---|---|
/// | [`EffectiveSize`](Self::EffectiveSize) with Wilson | by default: it has a width for unanimous answers, and with equal weights it is the plain interval |
/// | [`KornGraubard`](Self::KornGraubard) | to stay above the nominal coverage, at the price of width |
/// | [`Linearised`](Self::Linearised) | to compare with survey packages, for many answers and shares far from 0 and 1 |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum WeightedShareMethod {
    /// A method for counts, at Kish's effective number of answers.
    ///
    /// ```text
    /// n* = (sum of w)^2 / sum of w^2,  k* = p n*
    /// ```
    ///
    /// It takes the weights as unrelated to the answers; where they are not, as when those with heavy weights also answer more alike, the
    /// linearised variance knows. Source for the size: L. Kish, "Weighting for Unequal Pi", Journal of Official Statistics 8 (1992), No. 2.
    EffectiveSize(ShareMethod),
    /// Clopper and Pearson's interval at the effective number of answers that the [linearised](WeightedShare::standard_error) variance has,
    /// but at no more than Kish's; at Kish's where that variance is 0.
    ///
    /// ```text
    /// n* = min(p (1 - p) / variance, (sum of w)^2 / sum of w^2),  k* = p n*
    /// ```
    ///
    /// The variance of a few answers with unlike weights is now and then next to nothing: five answers of which one with a weight of 100 counts
    /// and four of 1 do not would pass for 17. Official health surveys therefore put the number of answers for any `n*` that exceeds it. The
    /// stricter limit is this crate's own: answers that come out apart by weight do not make up for weights that are uneven. With it, 95% held
    /// 97.9% or more in an exact enumeration of all answers of 5 to 12 customers with eight sets of weights, from equal to 100 against four of 1,
    /// at shares of 0.1, 0.3 and 0.5; limited to the number of answers it held 70.2% at worst, without limit 6.2%.
    ///
    /// Source: E. L. Korn and B. I. Graubard, "Confidence intervals for proportions with small expected number of positive counts estimated
    /// from survey data", Survey Methodology 24 (1998), 193-201; for the limit to the number of answers J. D. Parker and others, "National Center
    /// for Health Statistics Data Presentation Standards for Proportions", Vital and Health Statistics series 2, number 175 (2017).
    KornGraubard,
    /// The share and Student's t times the [linearised standard error](WeightedShare::standard_error), with one degree of freedom less than
    /// [Kish's effective number](WeightedShare::effective_n) of answers; cut off at 0 and 1. No width where all answers are alike.
    ///
    /// Survey packages count one degree less than there are answers. A few heavy weights leave fewer: the squares of a few answers make the
    /// variance then, and not those of all.
    Linearised,
}

/// Wilson's interval at Kish's effective number of answers.
impl Default for WeightedShareMethod {
    fn default() -> Self {
        Self::EffectiveSize(ShareMethod::Wilson)
    }
}

impl From<WeightedShareMethod> for Method {
    fn from(method: WeightedShareMethod) -> Self {
        match method {
            WeightedShareMethod::EffectiveSize(method) => Self::AtEffectiveSize(method),
            WeightedShareMethod::KornGraubard => Self::KornGraubard,
            WeightedShareMethod::Linearised => Self::Linearised,
        }
    }
}

impl fmt::Display for WeightedShareMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Method::from(*self).fmt(f)
    }
}

/// The weight of those answers that count, of the weight of all.
///
/// ```text
/// share = sum of w over those that count / sum of w
/// ```
///
/// It is read off a tally of weighted answers, such as [`WeightedRatingTally`](crate::satisfaction::WeightedRatingTally), and keeps what its
/// uncertainty needs: the number of answers and the sums of their weights and of the squares of those. The sum of the weights is never taken
/// for a number of answers.
///
/// ```
/// use customer_metrics::{Confidence, Decimal, Tally};
/// use customer_metrics::satisfaction::{Scale, WeightedRatings, WeightedRatingTally};
///
/// let mut survey = WeightedRatingTally::empty(WeightedRatings::new(Scale::ONE_TO_FIVE, 1)?);
/// let tenths = |tenths| Decimal::new(tenths, 1);
/// survey.extend([(Some(5), tenths(5)), (Some(4), tenths(5)), (Some(2), tenths(20)), (Some(5), tenths(10))])?;
///
/// let csat = survey.csat()?;
/// assert_eq!(csat.to_decimal().to_string(), "0.5");
/// assert_eq!(format!("{:.2} of {}", csat.effective_n(), csat.answers()), "2.91 of 4");
/// let estimate = csat.estimate(Confidence::P95);
/// assert_eq!(format!("{estimate:.2}"), "0.50 (0.12 to 0.88, 95% Wilson at effective n, n = 4)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WeightedShare {
    part: WeightSums,
    rest: WeightSums,
    whole: WeightSums,
}

impl WeightedShare {
    /// Of sums that fit together.
    pub(crate) fn of(metric: &'static str, because: &'static str, part: WeightSums, rest: WeightSums) -> Result<Self> {
        let whole = part.and(&rest);
        if whole.sum == 0 {
            return Err(Error::Undefined { metric, because });
        }
        Ok(Self { part, rest, whole })
    }

    /// How many answers have a weight above 0.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.whole.answers
    }

    /// The share of those that do not count.
    #[must_use]
    pub fn complement(&self) -> Self {
        Self { part: self.rest, rest: self.part, whole: self.whole }
    }

    /// The value in 0..=1, rounded half away from zero at the 28th decimal place.
    #[must_use]
    pub fn to_decimal(&self) -> Decimal {
        decimal::ratio("share", "the weights are 0", decimal::wide(self.part.sum), decimal::wide(self.whole.sum)).unwrap_or(Decimal::ZERO)
    }

    /// How many answers of equal weight would be as sure, if the weights have nothing to do with the answers.
    ///
    /// ```text
    /// n* = (sum of w)^2 / sum of w^2,  n* <= n
    /// ```
    ///
    /// Within 2 units in the last place. Source: Kish (1992).
    #[must_use]
    pub fn effective_n(&self) -> f64 {
        self.whole.effective_n()
    }

    /// How many times the variance is what it would be with equal weights: `n / n*`, at least 1. Also called Kish's design effect of weighting.
    #[must_use]
    pub fn design_effect(&self) -> f64 {
        count_to_f64(self.answers()) / self.effective_n()
    }

    /// The standard error of the share as a ratio of two sums, linearised: also called the Taylor or sandwich estimate.
    ///
    /// ```text
    /// se^2 = n / (n - 1) x sum of w^2 (x - p)^2 / (sum of w)^2,  x = 1 for those that count and 0 for the others
    /// ```
    ///
    /// n is the number of answers with a weight above 0. 0 where all of them are alike. Within 1e-14 relative. Source: D. A. Binder, "On the variances of asymptotically normal
    /// estimators from complex surveys", International Statistical Review 51 (1983), 279-292; it is what R's `survey::svymean` gives for a
    /// design with weights alone.
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two answers.
    pub fn standard_error(&self) -> Result<f64> {
        self.linearised_variance().map(f64::sqrt)
    }

    pub(super) fn linearised_variance(&self) -> Result<f64> {
        let correction = with_replacement(self.answers(), "standard error of a weighted share")?;
        let (p, q) =
            (reduced_ratio(self.part.sum.into(), self.whole.sum.into()), reduced_ratio(self.rest.sum.into(), self.whole.sum.into()));
        let square_of_sum = product(self.whole.sum, self.whole.sum);
        let (part, rest) = (reduced_ratio(self.part.squares, square_of_sum), reduced_ratio(self.rest.squares, square_of_sum));
        Ok(correction * (part * q * q + rest * p * p))
    }

    /// The share with its interval: Wilson's at Kish's effective number of answers, the default of [`WeightedShareMethod`].
    ///
    /// The default is not the linearised variance, because that is 0 where all answer alike, and its symmetric interval covers too seldom near 0
    /// and 1 or with few answers. With equal weights the default is the interval of [`Share`](crate::Share), bit for bit up to 2^53 answers; so
    /// it is for weights of any unit.
    #[must_use]
    pub fn estimate(&self, confidence: Confidence) -> Estimate {
        self.at_effective_size(ShareMethod::Wilson, confidence)
    }

    /// The share with the interval of this method.
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two answers, by the methods that use the linearised variance.
    pub fn estimate_with(&self, confidence: Confidence, method: WeightedShareMethod) -> Result<Estimate> {
        let effective = self.effective();
        let (interval, caution) = match method {
            WeightedShareMethod::EffectiveSize(method) => return Ok(self.at_effective_size(method, confidence)),
            WeightedShareMethod::KornGraubard => {
                let size = self.size_by_variance()?;
                (effective.at_size(size).interval_with_point(ShareMethod::ClopperPearson, confidence), Caution::effective(size))
            }
            WeightedShareMethod::Linearised => {
                let reach = t_reach_at(confidence, self.effective_n()) * self.standard_error()?;
                let point = effective.point();
                (Interval::holding(point, [point - reach, point + reach], [0.0, 1.0]), self.linearised_caution()?)
            }
        };
        Ok(Estimate::holding(effective.point(), interval, confidence, method.into(), self.answers()).with_caution(caution))
    }

    /// What is to be said against the linearised interval.
    pub(super) fn linearised_caution(&self) -> Result<Option<Caution>> {
        let size = self.size_by_variance()?;
        Ok(Caution::of_a_kind(self.effective().at_size(size).rarer()).or_else(|| Caution::effective(size)))
    }

    /// The weights of those that count, and of all.
    pub(super) fn sums(&self) -> [u128; 2] {
        [self.part.sum, self.whole.sum].map(u128::from)
    }

    /// The effective number of answers that the linearised variance has, if it is below Kish's.
    fn size_by_variance(&self) -> Result<f64> {
        let variance = self.linearised_variance()?;
        let effective = self.effective();
        let between = effective.point() * effective.complement().point();
        Ok(if variance > 0.0 { self.effective_n().min(between / variance) } else { self.effective_n() })
    }

    fn at_effective_size(&self, method: ShareMethod, confidence: Confidence) -> Estimate {
        let effective = self.effective();
        let interval = effective.interval_with_point(method, confidence);
        let caution = match method {
            ShareMethod::Wald => Caution::of_a_kind(effective.rarer()),
            _ => None,
        };
        Estimate::holding(effective.point(), interval, confidence, Method::AtEffectiveSize(method), self.answers()).with_caution(caution)
    }

    /// The counts that the effective number of answers would have.
    pub(super) fn effective(&self) -> RealShare {
        let counts = |part: u64| reduced_ratio(product(part, self.whole.sum), self.whole.squares);
        RealShare::new(counts(self.part.sum), counts(self.rest.sum), counts(self.whole.sum))
    }
}

/// `n / (n - 1)`, which makes a variance about an estimated mean one about the true mean.
pub(crate) fn with_replacement(answers: u64, metric: &'static str) -> Result<f64> {
    if answers < 2 {
        return Err(Error::Undefined { metric, because: "there are fewer than two answers" });
    }
    Ok(count_to_f64(answers) / count_to_f64(answers.saturating_sub(1)))
}

/// How many linearised standard errors the interval of so many answers reaches; there are two or more.
pub(crate) fn t_reach(confidence: Confidence, answers: u64) -> f64 {
    student_t_quantile(confidence.tail(), count_to_f64(answers.saturating_sub(1)))
}

/// The same of answers that count for so many: next to 1, where one weight is all there is, the interval is as wide as it can be.
pub(crate) fn t_reach_at(confidence: Confidence, effective_n: f64) -> f64 {
    student_t_quantile(confidence.tail(), degrees_at(effective_n))
}

/// One less than answers count for, but more than 0.
pub(crate) fn degrees_at(effective_n: f64) -> f64 {
    (effective_n - 1.0).max(LEAST_DEGREES)
}

/// Where Student's t at any usual confidence is beyond the largest double.
const LEAST_DEGREES: f64 = 1e-3;

/// The value and what is behind it, such as `0.5 (4 answers, effectively 2.91)`.
impl fmt::Display for WeightedShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = decimal::round(self.to_decimal(), 4);
        f.pad(&format!("{value} ({} answers, effectively {:.2})", self.answers(), self.effective_n()))
    }
}

/// What is read off it, which is not read back.
#[cfg(feature = "serde")]
impl serde::Serialize for WeightedShare {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut fields = serializer.serialize_struct("WeightedShare", 3)?;
        fields.serialize_field("share", &self.to_decimal().normalize().to_string())?;
        fields.serialize_field("answers", &self.answers())?;
        fields.serialize_field("effective_n", &self.effective_n())?;
        fields.end()
    }
}
