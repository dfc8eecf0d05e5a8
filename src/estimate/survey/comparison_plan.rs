//! How many answers it takes to see that two groups differ.

use core::fmt;

use super::ExpectedNetScore;
use super::survey_plan::check_standard_deviation;
use crate::decimal::{self, count_to_f64, nearest_count};
use crate::error::{Bound, Error, Result};
use crate::estimate::{Confidence, ShareTestMethod};
use crate::proportion::Proportion;
use crate::special::{normal_quantile, normal_upper_tail};

/// Two groups of equal size that are expected to differ, and the two-sided test that is to see it: the sample size for a power, and the
/// power of a sample size.
///
/// ```text
/// n     = ((a se0 + b se1) / d)^2 in each group          power = probability of a normal variable below (d sqrt(n) - a se0) / se1
/// a, b  = normal quantiles of (1 + confidence) / 2 and of the power
/// d     = the expected difference
/// se1^2 = p1 (1 - p1) + p2 (1 - p2);  of net scores v1 + v2, v = p + d - (p - d)^2
/// se0^2 = 2 p (1 - p), p = (p1 + p2) / 2, for the pooled test;  se1^2 for the unpooled one and for net scores
/// ```
///
/// The power is how often the test finds the difference if it is as large as expected; 0.8 is the custom. The chance of finding one in the
/// wrong direction is left out, as in R's `power.prop.test`, which gives the same for the pooled test. For the corrected test the sample is
/// made larger by Casagrande, Pike and Smith's factor:
///
/// ```text
/// n' = n / 4 (1 + sqrt(1 + 4 / (n d)))^2
/// ```
///
/// For two means se0^2 = se1^2 = s1^2 + s2^2, and what Welch's t test takes more than a z test is added to n (taken off it for the power):
///
/// ```text
/// n' = n + a^2 (s1^4 + s2^4) / (2 (s1^2 + s2^2)^2), which is a^2 / 4 for equal deviations
/// ```
///
/// That is within one answer a group of what the noncentral t distribution gives, at 90% to 99% and 6 answers or more.
///
/// Source: J. L. Fleiss, B. Levin and M. C. Paik, "Statistical Methods for Rates and Proportions", 3rd edition (2003), chapter 4;
/// J. T. Casagrande, M. C. Pike and P. G. Smith, "An Improved Approximate Formula for Calculating Sample Sizes for Comparing Two Binomial
/// Distributions", Biometrics 34 (1978), 483-486; for means W. C. Guenther, "Sample Size Formulas for Normal Theory T Tests", The American
/// Statistician 35 (1981), 243-244, and H. J. A. Schouten, Statistics in Medicine 18 (1999), 87-91.
///
/// ```
/// use customer_metrics::estimate::{ComparisonPlan, ExpectedNetScore};
/// use customer_metrics::{Confidence, Proportion};
///
/// let percent = |text: &str| Proportion::from_percent(text.parse().unwrap());
/// // Retention is 80%. To see a rise to 85%:
/// let plan = ComparisonPlan::from_shares(percent("80")?, percent("85")?, Confidence::P95)?;
/// assert_eq!(plan.sample_size(0.8)?, 906); // in each group
/// assert_eq!(format!("{:.2}", plan.power(400)?), "0.46");
///
/// // NPS from 50% promoters and 20% detractors to 55% and 18%.
/// let before = ExpectedNetScore { promoters: percent("50")?, detractors: percent("20")? };
/// let after = ExpectedNetScore { promoters: percent("55")?, detractors: percent("18")? };
/// let plan = ComparisonPlan::from_net_scores(before, after, Confidence::P95)?;
/// assert_eq!(plan.sample_size(0.8)?, 1928);
///
/// // A mean rating a fifth of a point higher, where ratings have a standard deviation of 1 before and after.
/// let plan = ComparisonPlan::from_means(0.2, [1.0, 1.0], Confidence::P95)?;
/// assert_eq!(plan.sample_size(0.8)?, 394);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "PlanState", into = "PlanState"))]
pub struct ComparisonPlan {
    groups: Groups,
    confidence: Confidence,
}

#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case", deny_unknown_fields))]
enum Groups {
    Shares { first: Proportion, second: Proportion, method: ShareTestMethod },
    NetScores { first: ExpectedNetScore, second: ExpectedNetScore },
    Means { difference: f64, standard_deviations: [f64; 2] },
}

impl ComparisonPlan {
    /// Two shares of about these sizes, compared by [`ShareTestMethod::Pooled`].
    ///
    /// # Errors
    /// [`Error::Undefined`] if the two are equal: no sample shows a difference that is not there.
    pub fn from_shares(first: Proportion, second: Proportion, confidence: Confidence) -> Result<Self> {
        Self::checked(Groups::Shares { first, second, method: ShareTestMethod::default() }, confidence)
    }

    /// Two shares of about these sizes, compared by a named test.
    ///
    /// # Errors
    /// As [`from_shares`](Self::from_shares).
    pub fn from_shares_with(first: Proportion, second: Proportion, confidence: Confidence, method: ShareTestMethod) -> Result<Self> {
        Self::checked(Groups::Shares { first, second, method }, confidence)
    }

    /// Two net scores, such as NPS, each from about so many promoters and detractors, compared by
    /// [`NetScore::test_difference`](crate::satisfaction::NetScore::test_difference).
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if promoters and detractors of a group are together more than all; [`Error::Undefined`] if the two scores are
    /// equal.
    pub fn from_net_scores(first: ExpectedNetScore, second: ExpectedNetScore, confidence: Confidence) -> Result<Self> {
        Self::checked(Groups::NetScores { first, second }, confidence)
    }

    /// Two means, such as mean ratings, that are expected to differ by so much, from answers with these standard deviations, compared by Welch's
    /// t test ([`RatingTally::test_mean_difference`](crate::satisfaction::RatingTally::test_mean_difference)).
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless the difference is finite, and each standard deviation more than 0 and at most 1e150;
    /// [`Error::Undefined`] if the difference is 0.
    pub fn from_means(difference: f64, standard_deviations: [f64; 2], confidence: Confidence) -> Result<Self> {
        Self::checked(Groups::Means { difference, standard_deviations }, confidence)
    }

    fn checked(groups: Groups, confidence: Confidence) -> Result<Self> {
        if let Groups::NetScores { first, second } = groups {
            first.check()?;
            second.check()?;
        }
        if let Groups::Means { difference, standard_deviations } = groups {
            if !difference.is_finite() {
                return Err(Error::out_of_bounds("difference", difference, Bound::Finite));
            }
            for deviation in standard_deviations {
                let _ = check_standard_deviation(deviation)?;
            }
        }
        if groups.difference()? <= 0.0 {
            return Err(Error::Undefined { metric: "comparison plan", because: "the two groups are expected to be equal" });
        }
        Ok(Self { groups, confidence })
    }

    /// How many answers are needed in each group to find the difference this often, rounded up; at least 1, and for means 2.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless the power is strictly between 0 and 1; [`Error::Overflow`] if it takes more than 64 bits of answers.
    pub fn sample_size(&self, power: f64) -> Result<u64> {
        let size = self.groups.gap()?.sample_size(self.confidence.two_sided_z(), power_quantile(power)?);
        nearest_count(size.max(self.groups.least()).ceil()).ok_or_else(|| Error::count_overflow("sample size"))
    }

    /// How often so many answers in each group find the difference.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if there are no answers.
    pub fn power(&self, answers: u64) -> Result<f64> {
        let gap = self.groups.gap()?;
        Ok(normal_upper_tail(-gap.reach(self.confidence.two_sided_z(), check_answers(answers)?)))
    }

    /// The smallest rise above a share of about this size that so many answers in each group find this often, compared by
    /// [`ShareTestMethod::Pooled`]; the smallest fall below it is that of the complement.
    ///
    /// ```
    /// use customer_metrics::{Confidence, Proportion, estimate::ComparisonPlan};
    ///
    /// let retention = Proportion::from_percent("80".parse().unwrap())?;
    /// let rise = ComparisonPlan::detectable_rise(retention, 906, 0.8, Confidence::P95)?;
    /// assert_eq!(format!("{rise:.4}"), "0.0500");
    /// let fall = ComparisonPlan::detectable_rise(retention.complement(), 906, 0.8, Confidence::P95)?;
    /// assert_eq!(format!("{fall:.4}"), "0.0552");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if there are no answers, or unless the power is strictly between 0 and 1; [`Error::Undefined`] if not even a
    /// rise to all would be found so often.
    pub fn detectable_rise(baseline: Proportion, answers: u64, power: f64, confidence: Confidence) -> Result<f64> {
        let (n, wanted, z) = (check_answers(answers)?, power_quantile(power)?, confidence.two_sided_z());
        let (p, q) = (baseline.to_f64(), baseline.complement().to_f64());
        let is_found = |rise: f64| Gap::of_shares([p, q], [p + rise, q - rise], rise, ShareTestMethod::Pooled).reach(z, n) >= wanted;
        if q <= 0.0 || !is_found(q) {
            return Err(Error::Undefined { metric: "detectable rise", because: "so few answers do not find even a rise to all" });
        }
        let (mut missed, mut found) = (0.0, q);
        for _ in 0..MOST_STEPS {
            let middle = f64::midpoint(missed, found);
            if middle <= missed || middle >= found {
                break;
            }
            if is_found(middle) { found = middle } else { missed = middle }
        }
        Ok(found)
    }

    /// The smallest difference of two net scores, in -1..=1 each, that so many answers in each group find this often, where both vary as
    /// one of so many promoters and detractors does.
    ///
    /// ```text
    /// d = (a + b) sqrt(2 v / n)
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if there are no answers, unless the power is strictly between 0 and 1, or if promoters and detractors are
    /// together more than all; [`Error::Undefined`] if all are expected to answer alike, or if the difference would be larger than any.
    pub fn detectable_net_score_difference(expected: ExpectedNetScore, answers: u64, power: f64, confidence: Confidence) -> Result<f64> {
        expected.check()?;
        let (n, wanted, z) = (check_answers(answers)?, power_quantile(power)?, confidence.two_sided_z());
        let variance = expected.variance();
        if variance <= 0.0 {
            return Err(Error::Undefined { metric: "detectable difference", because: "all are expected to answer alike" });
        }
        let difference = (z + wanted).max(0.0) * (2.0 * variance / n).sqrt();
        if difference <= 2.0 {
            Ok(difference)
        } else {
            Err(Error::Undefined { metric: "detectable difference", because: "so few answers do not find even the largest difference" })
        }
    }

    /// The confidence of the test.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        self.confidence
    }
}

/// Doubles are halved to their last bit in fewer.
const MOST_STEPS: u32 = 1_100;

fn power_quantile(power: f64) -> Result<f64> {
    if power > 0.0 && power < 1.0 {
        Ok(normal_quantile(power))
    } else {
        Err(Error::out_of_bounds("power", power, Bound::StrictlyBetween(0_u64.into(), 1_u64.into())))
    }
}

fn check_answers(answers: u64) -> Result<f64> {
    if answers == 0 {
        return Err(Error::out_of_bounds("answers", answers, Bound::AtLeast(1_u64.into())));
    }
    Ok(count_to_f64(answers))
}

impl Groups {
    /// How many answers it takes in each for the test to be defined.
    fn least(&self) -> f64 {
        if let Self::Means { .. } = self { 2.0 } else { 1.0 }
    }

    /// How far the two groups lie apart.
    fn difference(&self) -> Result<f64> {
        let apart = match self {
            Self::Shares { first, second, .. } => decimal::sub("difference", first.to_decimal(), second.to_decimal())?,
            Self::NetScores { first, second } => decimal::sub("difference", first.score()?, second.score()?)?,
            Self::Means { difference, .. } => return Ok(difference.abs()),
        };
        Ok(decimal::to_f64(apart.abs()))
    }

    fn gap(&self) -> Result<Gap> {
        let difference = self.difference()?;
        Ok(match self {
            Self::Shares { first, second, method } => {
                let parts = |share: &Proportion| [share.to_f64(), share.complement().to_f64()];
                Gap::of_shares(parts(first), parts(second), difference, *method)
            }
            Self::NetScores { first, second } => {
                let variance = first.variance() + second.variance();
                Gap { difference, without: variance.sqrt(), with: variance.sqrt(), is_corrected: false, excess: 0.0 }
            }
            Self::Means { standard_deviations: [s1, s2], .. } => {
                let both = s1.hypot(*s2);
                let part = (s1 / both) * (s1 / both);
                let excess = f64::midpoint(part * part, (1.0 - part) * (1.0 - part));
                Gap { difference, without: both, with: both, is_corrected: false, excess }
            }
        })
    }
}

/// A difference, and the standard errors of that of two single answers.
struct Gap {
    difference: f64,
    /// Where the groups do not differ, as the test takes it.
    without: f64,
    /// Where they do.
    with: f64,
    /// By the continuity correction.
    is_corrected: bool,
    /// How many more answers a t test takes than a z test, as a multiple of the square of the quantile.
    excess: f64,
}

impl Gap {
    fn of_shares([p1, q1]: [f64; 2], [p2, q2]: [f64; 2], difference: f64, method: ShareTestMethod) -> Self {
        let with = (p1 * q1 + p2 * q2).max(0.0).sqrt();
        let pooled = (2.0 * f64::midpoint(p1, p2) * f64::midpoint(q1, q2)).sqrt();
        Self {
            difference,
            without: if method == ShareTestMethod::Unpooled { with } else { pooled },
            with,
            is_corrected: method == ShareTestMethod::PooledCorrected,
            excess: 0.0,
        }
    }

    fn sample_size(&self, z: f64, wanted: f64) -> f64 {
        let root = ((z * self.without + wanted * self.with) / self.difference).max(0.0);
        if self.is_corrected {
            // The formula of Casagrande, Pike and Smith for the root of n.
            let corrected = f64::midpoint(root, (root * root + 4.0 / self.difference).sqrt());
            return corrected * corrected;
        }
        root * root + z * z * self.excess
    }

    /// Up to which quantile the difference is found.
    fn reach(&self, z: f64, n: f64) -> f64 {
        let root = (n - z * z * self.excess).max(0.0).sqrt();
        let root = if self.is_corrected { root - 1.0 / (self.difference * root) } else { root };
        let lead = self.difference * root - z * self.without;
        if self.with > 0.0 {
            (lead / self.with).clamp(-FARTHEST, FARTHEST)
        } else {
            // Groups without variation differ in every sample, or in none that is so small.
            FARTHEST.copysign(lead)
        }
    }
}

/// Beyond it the normal distribution has no probability left.
const FARTHEST: f64 = 40.0;

/// Such as `share of about 80.0% against 85.0% at 95%`.
impl fmt::Display for ComparisonPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.groups {
            Groups::Shares { first, second, .. } => write!(f, "share of about {first} against {second}")?,
            Groups::NetScores { first, second } => {
                write!(f, "net score of about {} promoters and {} detractors", first.promoters, first.detractors)?;
                write!(f, " against {} and {}", second.promoters, second.detractors)?;
            }
            Groups::Means { difference, standard_deviations: [s1, s2] } => {
                write!(f, "difference of means of about {difference} at standard deviations of {s1} and {s2}")?;
            }
        }
        write!(f, " at {}", self.confidence)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanState {
    groups: Groups,
    confidence: Confidence,
}

#[cfg(feature = "serde")]
impl TryFrom<PlanState> for ComparisonPlan {
    type Error = Error;

    fn try_from(state: PlanState) -> Result<Self> {
        Self::checked(state.groups, state.confidence)
    }
}

#[cfg(feature = "serde")]
impl From<ComparisonPlan> for PlanState {
    fn from(plan: ComparisonPlan) -> Self {
        let ComparisonPlan { groups, confidence } = plan;
        Self { groups, confidence }
    }
}
