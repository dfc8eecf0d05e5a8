//! Figures of a whole base from strata: parts of it that were sampled one by one, or told apart afterwards.

use core::fmt;

use rust_decimal::Decimal;

use crate::decimal::{self, count_to_f64};
use crate::error::{Bound, Error, Result};
use crate::estimate::Caution;

/// When the strata were told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum StrataSampling {
    /// Before asking: how many answers each stratum has was decided, and not left to chance.
    #[default]
    Stratified,
    /// After asking, from one sample of the whole base: how many answers each stratum has was left to chance, which adds to the variance.
    PostStratified,
}

impl fmt::Display for StrataSampling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stratified => "stratified",
            Self::PostStratified => "post-stratified",
        })
    }
}

/// Whether the variance falls as the answers come close to being the whole base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum PopulationCorrection {
    /// By `1 - n/N`: the figure is about these very customers, and is certain once all have answered.
    #[default]
    Finite,
    /// Not at all: these customers stand for all that there could be, as where two years are compared. The sizes of the strata are weights.
    Ignored,
}

impl fmt::Display for PopulationCorrection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Finite => "finite population",
            Self::Ignored => "population ignored",
        })
    }
}

/// How a stratified sample was drawn and is judged.
///
/// ```text
/// W_h = N_h / N                      the part of the base that stratum h is
/// s_h^2 = variance of one answer     in stratum h, with n_h - 1
///
/// stratified:       variance = sum of W_h^2 s_h^2 / n_h (1 - n_h / N_h)
/// post-stratified:  variance = sum of W_h s_h^2 / n (1 - n / N) + sum of (1 - W_h) s_h^2 / n^2
/// ```
///
/// Without the correction for a finite population the factors in brackets with `n` in them are 1. If the whole base answered, the corrected
/// variance is 0. Source: W. G. Cochran, "Sampling Techniques", 3rd edition (1977), sections 5.3 and 5A.9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct StratifiedDesign {
    /// When the strata were told apart.
    pub sampling: StrataSampling,
    /// Whether the variance falls as the answers come close to being the whole base.
    pub correction: PopulationCorrection,
}

impl StratifiedDesign {
    /// Of both choices.
    #[must_use]
    pub fn new(sampling: StrataSampling, correction: PopulationCorrection) -> Self {
        Self { sampling, correction }
    }
}

/// What was counted in each stratum of a base, and how many customers the stratum has.
///
/// Answers of strata that were asked more than others, or answered more, do not count for more: each stratum counts as its customers do.
///
/// `T` is what was counted: a [`Share`](crate::Share), a [`NetScore`](crate::satisfaction::NetScore), or a
/// [`RatingTally`](crate::satisfaction::RatingTally), off which the other two are read. Errors name the stratum by its position.
///
/// ```
/// use customer_metrics::estimate::{Stratified, StratifiedDesign};
/// use customer_metrics::{Confidence, Share};
///
/// // 30 of 40 business customers are satisfied and 45 of 90 others; there are 400 of the former and 3,600 of the latter.
/// let strata = [(Share::new(30, 40)?, 400), (Share::new(45, 90)?, 3_600)];
/// let satisfied = Stratified::from_shares(StratifiedDesign::default(), strata)?;
/// assert_eq!(satisfied.value()?.to_string(), "0.525");
/// let estimate = satisfied.estimate(Confidence::P95);
/// assert_eq!(format!("{estimate:.3}"), "0.525 (0.434 to 0.616, 95% stratified Wilson, n = 130)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Stratified<T> {
    design: StratifiedDesign,
    strata: Vec<(T, u64)>,
    /// All strata together.
    answers: u64,
    population: u64,
}

/// What a stratum weighs, how many answers it has, and how many answers of a plain random sample would be as sure: no number is enough for one
/// that was asked as a whole.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StratumPart {
    pub(crate) weight: f64,
    /// What all other strata weigh.
    pub(crate) others: f64,
    pub(crate) answers: f64,
    pub(crate) effective_n: f64,
}

impl StratumPart {
    /// What the mean of the stratum is off by beyond what its method allows for, where an answer of the whole base varies by so much.
    pub(crate) fn variance_of_mean(&self, of_all: f64) -> f64 {
        self.others * of_all / self.answers
    }

    /// Whether it has an answer that shows nothing of how others vary, and others.
    fn is_lone(&self) -> bool {
        self.answers < 2.0 && self.effective_n.is_finite()
    }

    /// What a variance of one answer adds to that of the whole.
    pub(crate) fn share_of_variance(&self, variance: f64) -> f64 {
        if self.effective_n.is_finite() { self.weight * self.weight * variance / self.effective_n } else { 0.0 }
    }
}

impl<T> Stratified<T> {
    pub(crate) fn checked(
        design: StratifiedDesign,
        strata: impl IntoIterator<Item = (T, u64)>,
        answers_of: impl Fn(&T) -> u64,
    ) -> Result<Self> {
        let mut all = Self { design, strata: Vec::new(), answers: 0, population: 0 };
        for (row, (sample, population)) in strata.into_iter().enumerate() {
            let answers = answers_of(&sample);
            all.check(answers, population).map_err(|error| error.at("stratum", row))?;
            let overflow = |field| Error::count_overflow(field).at("stratum", row);
            all.answers = all.answers.checked_add(answers).ok_or_else(|| overflow("answers"))?;
            all.population = all.population.checked_add(population).ok_or_else(|| overflow("population"))?;
            all.strata.push((sample, population));
        }
        if all.strata.is_empty() {
            return Err(Error::Undefined { metric: "stratified estimate", because: "there are no strata" });
        }
        Ok(all)
    }

    fn check(&self, answers: u64, population: u64) -> Result<()> {
        if answers == 0 {
            return Err(Error::Undefined { metric: "stratified estimate", because: "nobody in it answered" });
        }
        let least = match self.design.correction {
            PopulationCorrection::Finite => answers,
            PopulationCorrection::Ignored => 1,
        };
        if population < least {
            return Err(Error::out_of_bounds("population", population, Bound::AtLeast(least.into())));
        }
        Ok(())
    }

    /// The strata with the number of their customers, in order.
    #[must_use]
    pub fn strata(&self) -> impl ExactSizeIterator<Item = (&T, u64)> {
        self.strata.iter().map(|(sample, population)| (sample, *population))
    }

    /// How the sample was drawn and is judged.
    #[must_use]
    pub fn design(&self) -> StratifiedDesign {
        self.design
    }

    /// How many answered, in all strata together.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.answers
    }

    /// How many customers there are, in all strata together.
    #[must_use]
    pub fn population(&self) -> u64 {
        self.population
    }

    /// The same strata with something that is read off each of them.
    pub(crate) fn map<U>(&self, read: impl Fn(&T) -> Result<U>) -> Result<Stratified<U>> {
        let strata = self.strata().enumerate().map(|(row, (sample, population))| {
            let metric = read(sample).map_err(|error| error.at("stratum", row))?;
            Ok((metric, population))
        });
        let strata = strata.collect::<Result<Vec<_>>>()?;
        Ok(Stratified { design: self.design, strata, answers: self.answers, population: self.population })
    }

    /// The mean of a figure of each stratum, weighted with its customers; rounded to 28 digits at each step.
    pub(crate) fn weighted_mean(&self, metric: &'static str, figure: impl Fn(&T) -> Result<Decimal>) -> Result<Decimal> {
        let terms = self.strata().map(|(sample, population)| decimal::mul(metric, figure(sample)?, population.into()));
        let sum = decimal::sum(metric, terms.collect::<Result<Vec<_>>>()?)?;
        decimal::div(metric, "there are no customers", sum, self.population.into())
    }

    /// Weight and effective number of answers of each stratum.
    ///
    /// Both variances of the design are sums of `s_h^2` times something that does not depend on the answers; as `W_h^2 / n*`, that gives the
    /// `n*` with which any method for a plain sample applies.
    pub(crate) fn parts(&self, answers_of: impl Fn(&T) -> u64) -> impl Iterator<Item = (&T, StratumPart)> {
        let left = move |answers: u64, population: u64| match self.design.correction {
            PopulationCorrection::Finite => count_to_f64(population.saturating_sub(answers)) / count_to_f64(population),
            PopulationCorrection::Ignored => 1.0,
        };
        self.strata().map(move |(sample, population)| {
            let answers = answers_of(sample);
            let weight = count_to_f64(population) / count_to_f64(self.population);
            let others = count_to_f64(self.population.saturating_sub(population)) / count_to_f64(self.population);
            let effective_n = match self.design.sampling {
                StrataSampling::Stratified => count_to_f64(answers) / left(answers, population),
                StrataSampling::PostStratified if left(self.answers, self.population) <= 0.0 => f64::INFINITY,
                StrataSampling::PostStratified => {
                    let n = count_to_f64(self.answers);
                    weight * n / (left(self.answers, self.population) + others / (weight * n))
                }
            };
            (sample, StratumPart { weight, others, answers: count_to_f64(answers), effective_n })
        })
    }

    /// That there are strata of one answer.
    pub(crate) fn lone_answers(&self, answers_of: impl Fn(&T) -> u64) -> Option<Caution> {
        let lone = self.parts(answers_of).filter(|(_, part)| part.is_lone());
        Caution::lone_answers(u64::try_from(lone.count()).unwrap_or(u64::MAX))
    }

    /// What answers vary by about the mean of them, if they vary by 1 about the true mean: `1 - sum of W_h^2 / m_h`, as positive terms, so that
    /// a stratum next to nothing does not vanish. 0 for one answer alone, and only then.
    pub(crate) fn variance_about_mean(&self, answers_of: impl Fn(&T) -> u64) -> f64 {
        let term = |part: StratumPart| part.weight * (part.others + part.weight * ((part.answers - 1.0) / part.answers));
        self.parts(answers_of).map(|(_, part)| term(part)).sum()
    }

    /// How many answers would be as sure if they varied in each stratum as in all: no number is enough if all were asked.
    pub(crate) fn effective_n(&self, answers_of: impl Fn(&T) -> u64) -> f64 {
        1.0 / self.parts(answers_of).map(|(_, part)| part.share_of_variance(1.0)).sum::<f64>()
    }
}

/// What a stratum adds to the variance, from the variance of its answers with n and not n - 1.
pub(crate) fn share_of_variance(
    row: usize,
    part: &StratumPart,
    answers: u64,
    population_variance: f64,
    metric: &'static str,
) -> Result<f64> {
    if !part.effective_n.is_finite() {
        return Ok(0.0);
    }
    if answers < 2 {
        return Err(
            Error::Undefined { metric, because: "only one in it answered, which says nothing of how answers vary" }.at("stratum", row)
        );
    }
    Ok(part.share_of_variance(population_variance * count_to_f64(answers) / count_to_f64(answers.saturating_sub(1))))
}
