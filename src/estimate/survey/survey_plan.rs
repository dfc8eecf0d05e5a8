//! How many answers a survey needs, and how sure so many answers are.

use core::fmt;

use rust_decimal::Decimal;

use super::ExpectedNetScore;
use crate::decimal::{count_to_f64, nearest_count};
use crate::error::{Bound, Error, Result};
use crate::estimate::{Caution, Confidence};
use crate::proportion::Proportion;
use crate::special::student_t_quantile;

/// What a survey is to measure and how surely: the sample size for a margin of error, and the margin of a sample size.
///
/// ```text
/// n0     = z^2 variance / margin^2           margin = z sqrt(variance / n) sqrt((N - n) / (N - 1))
/// n      = n0 / (1 + (n0 - 1) / N)           N = population; without one, n = n0 and the last root is 1
/// ```
///
/// The variance is that of one answer: p (1 - p) for a share, p + d - (p - d)^2 for a net score such as NPS. The margin is half the width
/// of the interval, as a share (0.05 for 5 percentage points, or for 5 points of NPS). It is the textbook one: near 0% and 100%, and for
/// few answers, it promises too much: see [`caution`](Self::caution). That of a mean is half the t interval of answers which vary as expected:
///
/// ```text
/// margin = t s sqrt(1 / n - 1 / N),  t = quantile of the t distribution with n - 1 degrees at (1 + confidence) / 2
/// ```
///
/// and its sample size is the smallest number whose margin is no larger, found by bisection and not by a formula. It says nothing about those who do not answer: see [`NonResponse`](crate::estimate::NonResponse).
///
/// Source: W. G. Cochran, Sampling Techniques, 3rd edition (1977), sections 2.6, 4.4 and 4.6.
///
/// ```
/// use customer_metrics::{Confidence, estimate::SurveyPlan};
///
/// let plan = SurveyPlan::from_worst_case_share(Confidence::P95);
/// assert_eq!(plan.sample_size(0.05)?, 385);
/// assert_eq!(plan.with_population(500)?.sample_size(0.05)?, 218);
/// assert_eq!(format!("{:.3}", plan.margin(100)?), "0.098");
///
/// // Net scores vary up to four times as much as shares.
/// assert_eq!(SurveyPlan::from_worst_case_net_score(Confidence::P95).sample_size(0.05)?, 1537);
///
/// // A mean rating to a tenth of a point, where ratings have a standard deviation of 1.1.
/// assert_eq!(SurveyPlan::from_mean(1.1, Confidence::P95)?.sample_size(0.1)?, 468);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "SurveyPlanState", into = "SurveyPlanState"))]
pub struct SurveyPlan {
    measure: Measure,
    confidence: Confidence,
    population: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case", deny_unknown_fields))]
enum Measure {
    Share { expected: Proportion },
    NetScore(ExpectedNetScore),
    Mean { standard_deviation: f64 },
}

impl SurveyPlan {
    /// A share of which nothing is known: one half, where answers vary most. The custom.
    #[must_use]
    pub fn from_worst_case_share(confidence: Confidence) -> Self {
        Self { measure: Measure::Share { expected: half() }, confidence, population: None }
    }

    /// A share that is expected to be about so large.
    ///
    /// # Errors
    /// [`Error::Undefined`] if none or all are expected to count: such answers would not vary, and one would do.
    pub fn from_share(expected: Proportion, confidence: Confidence) -> Result<Self> {
        Self::checked(Measure::Share { expected }, confidence, None)
    }

    /// A net score, such as NPS, of which nothing is known: half promoters and half detractors, where answers vary most.
    #[must_use]
    pub fn from_worst_case_net_score(confidence: Confidence) -> Self {
        Self { measure: Measure::NetScore(ExpectedNetScore { promoters: half(), detractors: half() }), confidence, population: None }
    }

    /// A net score, such as NPS, that is expected to come from about so many promoters and detractors.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if together they are more than all; [`Error::Undefined`] if all are expected to answer alike.
    pub fn from_net_score(expected: ExpectedNetScore, confidence: Confidence) -> Result<Self> {
        Self::checked(Measure::NetScore(expected), confidence, None)
    }

    /// A mean, such as a mean rating, of answers that are expected to have this standard deviation, in units of the mean. On a scale from `low` to
    /// `high` it is at most half the distance between the two.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless the standard deviation is more than 0 and at most 1e150.
    pub fn from_mean(standard_deviation: f64, confidence: Confidence) -> Result<Self> {
        Self::checked(Measure::Mean { standard_deviation }, confidence, None)
    }

    /// The same plan for a population of so many, all of whom could be asked: fewer answers are needed.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the population is 0.
    pub fn with_population(self, population: u64) -> Result<Self> {
        Self::checked(self.measure, self.confidence, Some(population))
    }

    fn checked(measure: Measure, confidence: Confidence, population: Option<u64>) -> Result<Self> {
        if let Measure::NetScore(expected) = measure {
            expected.check()?;
        }
        if let Measure::Mean { standard_deviation } = measure {
            let _ = check_standard_deviation(standard_deviation)?;
        } else if measure.variance() <= 0.0 {
            return Err(Error::Undefined { metric: "survey plan", because: "all are expected to answer alike" });
        }
        if population == Some(0) {
            return Err(Error::out_of_bounds("population", 0_u64, Bound::AtLeast(1_u64.into())));
        }
        Ok(Self { measure, confidence, population })
    }

    /// How many answers give this margin, rounded up; at least 1 and at most the population.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless the margin is more than 0 and less than 1 (2 for a net score): 5 percentage points are 0.05. For a mean
    /// it is in units of the mean, and must be finite. [`Error::Overflow`] if it takes more than 64 bits of answers.
    pub fn sample_size(&self, margin: f64) -> Result<u64> {
        if let Measure::Mean { .. } = self.measure {
            return self.sample_size_of_mean(margin);
        }
        let widest = self.measure.widest_margin();
        if !(margin > 0.0 && margin < widest) {
            return Err(Error::out_of_bounds("margin", margin, Bound::StrictlyBetween(0_u64.into(), widest.into())));
        }
        let reach = self.confidence.two_sided_z() / margin;
        let unlimited = (reach * reach * self.measure.variance()).max(1.0);
        match self.population {
            None => nearest_count(unlimited.ceil()).ok_or_else(|| Error::count_overflow("sample size")),
            Some(_) if unlimited <= 1.0 => Ok(1),
            Some(population) => {
                let all = count_to_f64(population);
                let size = all / (count_to_f64(population.saturating_sub(1)) / unlimited + 1.0);
                Ok(nearest_count(size.ceil()).map_or(population, |size| size.min(population)))
            }
        }
    }

    /// The smallest number with no larger margin: more answers never widen it.
    fn sample_size_of_mean(&self, margin: f64) -> Result<u64> {
        if !(margin > 0.0 && margin.is_finite()) {
            let bound = if margin.is_finite() { Bound::MoreThan(Decimal::ZERO.into()) } else { Bound::Finite };
            return Err(Error::out_of_bounds("margin", margin, bound));
        }
        let most = self.population.unwrap_or(u64::MAX);
        if most == 1 {
            return Ok(1);
        }
        if self.margin(most)? > margin {
            return Err(Error::count_overflow("sample size"));
        }
        // The margin of one answer alone is not known.
        let (mut too_few, mut enough) = (1, most);
        while enough.saturating_sub(too_few) > 1 {
            let middle = u64::midpoint(too_few, enough);
            if self.margin(middle)? <= margin { enough = middle } else { too_few = middle }
        }
        Ok(enough)
    }

    /// What is to be said against the margin of so many answers, if anything: for a share and a net score, the rules for their textbook
    /// intervals at the expected counts; for a mean, that for its t interval.
    ///
    /// ```
    /// use customer_metrics::{Confidence, Proportion, estimate::SurveyPlan};
    ///
    /// let resolved = SurveyPlan::from_share(Proportion::from_percent("90".parse().unwrap())?, Confidence::P95)?;
    /// assert_eq!(resolved.caution(100), None);
    /// let caution = resolved.caution(50).map(|caution| caution.to_string());
    /// assert_eq!(caution.as_deref(), Some("5 answers of the rarer kind are fewer than 10"));
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn caution(&self, answers: u64) -> Option<Caution> {
        let n = count_to_f64(answers);
        match self.measure {
            Measure::Share { expected } => Caution::of_a_kind(n * expected.min(expected.complement()).to_f64()),
            Measure::NetScore(_) if answers == 0 => Caution::of_a_kind(0.0),
            Measure::NetScore(ExpectedNetScore { promoters, detractors }) => {
                let (p, d) = (promoters.to_f64(), detractors.to_f64());
                Caution::of_net_score([n * p, n * (1.0 - p - d).max(0.0), n * d])
            }
            Measure::Mean { .. } => Caution::values(answers, Caution::LEAST_FOR_T),
        }
    }

    /// The margin that so many answers give; 0 if the whole population answers.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if there are no answers, or more than the population; for a mean, if there is only one and the population is
    /// larger.
    pub fn margin(&self, answers: u64) -> Result<f64> {
        if answers == 0 {
            return Err(Error::out_of_bounds("answers", answers, Bound::AtLeast(1_u64.into())));
        }
        let sampled = match self.population {
            Some(population) if answers > population => {
                return Err(Error::out_of_bounds("answers", answers, Bound::AtMost(population.into())));
            }
            Some(population) if answers == population => return Ok(0.0),
            Some(population) => count_to_f64(population.saturating_sub(answers)) / count_to_f64(population.saturating_sub(1)),
            None => 1.0,
        };
        if let Measure::Mean { standard_deviation } = self.measure {
            if answers == 1 {
                return Err(Error::out_of_bounds("answers", answers, Bound::AtLeast(2_u64.into())));
            }
            let n = count_to_f64(answers);
            let missing = self.population.map_or(1.0, |all| count_to_f64(all.saturating_sub(answers)) / count_to_f64(all));
            let quantile = student_t_quantile(self.confidence.tail(), count_to_f64(answers.saturating_sub(1)));
            return Ok((quantile * standard_deviation * (missing / n).sqrt()).min(f64::MAX));
        }
        Ok(self.confidence.two_sided_z() * (self.measure.variance() / count_to_f64(answers) * sampled).sqrt())
    }

    /// The confidence of the plan.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// How many could be asked, if that is limited.
    #[must_use]
    pub fn population(&self) -> Option<u64> {
        self.population
    }
}

impl Measure {
    /// The variance of one answer, from positive terms only.
    fn variance(&self) -> f64 {
        let spread = |proportion: &Proportion| proportion.to_f64() * proportion.complement().to_f64();
        match self {
            Self::Share { expected } => spread(expected),
            Self::NetScore(expected) => expected.variance(),
            Self::Mean { standard_deviation } => standard_deviation * standard_deviation,
        }
    }

    /// The distance between the lowest and the highest value.
    fn widest_margin(&self) -> f64 {
        match self {
            Self::Share { .. } => 1.0,
            Self::NetScore(_) => 2.0,
            Self::Mean { .. } => f64::MAX,
        }
    }
}

/// Beyond it squares would overflow.
const LARGEST_DEVIATION: f64 = 1e150;

pub(super) fn check_standard_deviation(value: f64) -> Result<f64> {
    if value > 0.0 && value <= LARGEST_DEVIATION {
        Ok(value)
    } else {
        let bound = if value <= 0.0 { Bound::MoreThan(Decimal::ZERO.into()) } else { Bound::AtMost(LARGEST_DEVIATION.into()) };
        Err(Error::out_of_bounds("standard deviation", value, bound))
    }
}

fn half() -> Proportion {
    Proportion::saturating(Decimal::new(5, 1))
}

/// Such as `share of about 50.0% at 95%, population 500`.
impl fmt::Display for SurveyPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.measure {
            Measure::Share { expected } => write!(f, "share of about {expected}")?,
            Measure::NetScore(ExpectedNetScore { promoters, detractors }) => {
                write!(f, "net score of about {promoters} promoters and {detractors} detractors")?;
            }
            Measure::Mean { standard_deviation } => write!(f, "mean of standard deviation {standard_deviation}")?,
        }
        write!(f, " at {}", self.confidence)?;
        self.population.map_or(Ok(()), |population| write!(f, ", population {population}"))
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SurveyPlanState {
    measure: Measure,
    confidence: Confidence,
    population: Option<u64>,
}

#[cfg(feature = "serde")]
impl TryFrom<SurveyPlanState> for SurveyPlan {
    type Error = Error;

    fn try_from(state: SurveyPlanState) -> Result<Self> {
        Self::checked(state.measure, state.confidence, state.population)
    }
}

#[cfg(feature = "serde")]
impl From<SurveyPlan> for SurveyPlanState {
    fn from(plan: SurveyPlan) -> Self {
        let SurveyPlan { measure, confidence, population } = plan;
        Self { measure, confidence, population }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_do_not_vary_need_no_survey() {
        for expected in [Proportion::ZERO, Proportion::ONE] {
            assert!(matches!(SurveyPlan::from_share(expected, Confidence::P95), Err(Error::Undefined { .. })));
            assert!(
                SurveyPlan::from_net_score(ExpectedNetScore { promoters: expected, detractors: Proportion::ZERO }, Confidence::P95)
                    .is_err()
            );
        }
        let error =
            SurveyPlan::from_net_score(ExpectedNetScore { promoters: Proportion::ONE, detractors: half() }, Confidence::P95).unwrap_err();
        assert_eq!(error.to_string(), "promoters and detractors is 1.5, but must be at most 1");
    }

    #[test]
    fn a_margin_in_percent_is_refused() {
        let plan = SurveyPlan::from_worst_case_share(Confidence::P95);
        for margin in [5.0, 1.0, 0.0, -0.05, f64::NAN, f64::INFINITY] {
            assert!(matches!(plan.sample_size(margin), Err(Error::OutOfBounds { field: "margin", .. })), "{margin}");
        }
        assert!(SurveyPlan::from_worst_case_net_score(Confidence::P95).sample_size(1.5).is_ok());
    }

    #[test]
    fn sample_sizes_end_at_one_and_at_the_population() {
        let plan = SurveyPlan::from_worst_case_share(Confidence::P99);
        assert!(matches!(plan.sample_size(f64::MIN_POSITIVE), Err(Error::Overflow { .. })));
        assert!(matches!(plan.sample_size(1e-10), Err(Error::Overflow { field: "sample size", .. })));
        for population in [1, 2, 1000, u64::MAX] {
            let plan = plan.with_population(population).unwrap();
            assert_eq!(plan.sample_size(f64::MIN_POSITIVE), Ok(population));
            assert_eq!(plan.margin(population), Ok(0.0));
            assert!((1..=population).contains(&plan.sample_size(0.999).unwrap()));
            assert!(plan.margin(0).is_err());
        }
        assert!(plan.with_population(0).is_err());
        assert!(plan.with_population(5).unwrap().margin(6).is_err());
        let certain_of_nothing = SurveyPlan::from_worst_case_share(Confidence::new(f64::MIN_POSITIVE).unwrap());
        assert_eq!(certain_of_nothing.sample_size(f64::MIN_POSITIVE), Ok(1));
    }
}
