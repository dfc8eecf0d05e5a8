//! The mean rating of a whole base from strata, with its interval.

use core::fmt;

use super::RatingTally;
use crate::decimal;
use crate::error::{Error, Result};
use crate::estimate::{Caution, Confidence, Estimate, Interval, Method, Stratified, share_of_variance};
use crate::special::student_t_quantile;

const METRIC: &str = "stratified mean";

/// How the interval of the mean of a stratified survey is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum StratifiedMeanMethod {
    /// Student's t, where what the mean of a stratum is itself off by is taken from the answers of the whole base. The default: it exists for
    /// one answer a stratum.
    ///
    /// ```text
    /// variance = sum of g_h v_h,  g_h as the design has it for s_h^2
    /// v_h      = d_h^2 + d^2 / (number of answers of the stratum),  d_h^2 = mean of (x - mean_h)^2 in the stratum
    /// d^2      = (sum of W_h d_h^2 + B) / (1 - sum of W_h^2 / n_h),  B = sum of W_h (mean_h - mean)^2
    /// degrees  = variance^2 / sum of (each independent term of it)^2 / (its degrees)
    /// ```
    ///
    /// The terms are those of each `d_h^2`, with n_h - 1 degrees, and of B, with as many less than the strata as their sizes differ: one less if
    /// they are alike.
    ///
    /// In simulations of 2 to 20 strata of all sizes with mean ratings of 1.8 to 4.2 on 1-5, alike and unlike, its 95% covered:
    ///
    /// | answers | on average | at worst | textbook's |
    /// |---|---|---|---|
    /// | 1 a stratum | 90% | 59% | none |
    /// | 2 a stratum | 96% | 88% | 94%, 67% |
    /// | 5 a stratum | 94% | 87% | 93%, 85% |
    /// | effectively 15 in all | 95% | 87% | 94%, 85% |
    ///
    /// The worst are two strata of one answer each. Where nearly all customers answer alike, it covers far less often until there are many, as
    /// does every t interval: the [caution](Estimate::caution) of fifteen values is to be heeded.
    ///
    /// One stratum alone has the t interval of [`RatingTally::mean_estimate`]. The combination is this crate's own; the degrees are those of
    /// F. E. Satterthwaite, Biometrics 2 (1946), 110-114.
    #[default]
    PartlyPooled,
    /// The textbook's: the variance of each stratum from its own answers, and Student's t with Satterthwaite's degrees of freedom. No width where
    /// in no stratum the answers vary.
    ///
    /// ```text
    /// variance = sum of g_h s_h^2,  g_h as the design has it
    /// degrees  = variance^2 / sum of (g_h s_h^2)^2 / (n_h - 1)
    /// ```
    ///
    /// Source: W. G. Cochran, "Sampling Techniques", 3rd edition (1977), formula (5.16).
    Satterthwaite,
}

impl From<StratifiedMeanMethod> for Method {
    fn from(method: StratifiedMeanMethod) -> Self {
        match method {
            StratifiedMeanMethod::PartlyPooled => Self::StratifiedT,
            StratifiedMeanMethod::Satterthwaite => Self::StratifiedSatterthwaite,
        }
    }
}

impl fmt::Display for StratifiedMeanMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Method::from(*self).fmt(f)
    }
}

impl Stratified<RatingTally> {
    /// The mean rating of the whole base with its interval: [`StratifiedMeanMethod::PartlyPooled`].
    ///
    /// # Errors
    /// [`Error::Undefined`] if only one customer answered, of more; [`Error::Overflow`] beyond some 10^19 answers.
    pub fn mean_estimate(&self, confidence: Confidence) -> Result<Estimate> {
        self.mean_estimate_with(confidence, StratifiedMeanMethod::default())
    }

    /// The mean rating of the whole base with the interval of this method, held within the scale. No width where the answers do not vary.
    ///
    /// # Errors
    /// As for [`mean_estimate`](Self::mean_estimate); by [`StratifiedMeanMethod::Satterthwaite`], [`Error::Row`] with the position of the first
    /// stratum that has one answer, but not one customer.
    pub fn mean_estimate_with(&self, confidence: Confidence, method: StratifiedMeanMethod) -> Result<Estimate> {
        let sums = match method {
            StratifiedMeanMethod::PartlyPooled => self.partly_pooled()?,
            StratifiedMeanMethod::Satterthwaite => self.by_stratum()?,
        };
        let (point, reach) = (decimal::to_f64(self.mean()?), sums.reach(confidence));
        let scale = self.strata().next().map_or_else(Default::default, |(tally, _)| tally.scale());
        let [low, high] = [scale.low(), scale.high()].map(f64::from);
        let interval = Interval::holding(point, [point - reach, point + reach], [low, high]);
        let effective = self.effective_n(RatingTally::answers);
        let no_spread = || if effective.is_finite() { Caution::no_spread(reach) } else { None };
        let caution = self.lone_answers(RatingTally::answers).or_else(|| Caution::effective_values(effective)).or_else(no_spread);
        Ok(Estimate::holding(point, interval, confidence, method.into(), self.answers()).with_caution(caution))
    }

    fn by_stratum(&self) -> Result<VarianceSums> {
        let mut sums = VarianceSums::default();
        for (row, (tally, part)) in self.parts(RatingTally::answers).enumerate() {
            let term = share_of_variance(row, &part, tally.answers(), variance_in(row, tally)?, METRIC)?;
            sums.add(term, part.answers - 1.0);
        }
        Ok(sums)
    }

    fn partly_pooled(&self) -> Result<VarianceSums> {
        let mean = decimal::to_f64(self.mean()?);
        let shown = self.variance_about_mean(RatingTally::answers);
        let (mut lent, mut between, mut freedom) = (0.0, 0.0, Freedom::default());
        for (row, (tally, part)) in self.parts(RatingTally::answers).enumerate() {
            let apart = decimal::to_f64(tally.mean().map_err(|error| error.at("stratum", row))?) - mean;
            between += part.weight * apart * apart;
            lent += part.share_of_variance(1.0) / part.answers;
            freedom.add(part.weight, part.others, part.answers);
        }
        if shown <= 0.0 {
            // One answer alone; if it is not that of the only customer, nothing is known of the others.
            return if lent > 0.0 { Err(Error::Undefined { metric: METRIC, because: ONE_ANSWER }) } else { Ok(VarianceSums::default()) };
        }
        let lent = lent / shown;
        let mut sums = VarianceSums::default();
        for (row, (tally, part)) in self.parts(RatingTally::answers).enumerate() {
            sums.add((part.share_of_variance(1.0) + lent * part.weight) * variance_in(row, tally)?, part.answers - 1.0);
        }
        sums.add(lent * between, freedom.degrees());
        Ok(sums)
    }
}

const ONE_ANSWER: &str = "only one answered, which says nothing of how answers vary";

fn variance_in(row: usize, tally: &RatingTally) -> Result<f64> {
    Ok(decimal::to_f64(tally.population_variance().map_err(|error| error.at("stratum", row))?))
}

/// Independent variances to be added, each with the degrees of freedom that it was estimated with.
#[derive(Default)]
struct VarianceSums {
    variance: f64,
    squares_by_degrees: f64,
}

impl VarianceSums {
    fn add(&mut self, variance: f64, degrees: f64) {
        if variance > 0.0 {
            self.variance += variance;
            self.squares_by_degrees += variance * variance / degrees;
        }
    }

    /// How far the interval reaches, with Satterthwaite's degrees.
    fn reach(&self, confidence: Confidence) -> f64 {
        if self.variance <= 0.0 {
            return 0.0;
        }
        let degrees = self.variance / self.squares_by_degrees * self.variance;
        student_t_quantile(confidence.tail(), degrees) * self.variance.sqrt()
    }
}

/// The degrees of freedom of the squares between strata, `sum of W_h (mean_h - mean)^2`, where all answers vary alike.
///
/// With the matrix A of that quadratic form and S of the variances `1 / n_h` of the means, they are `(trace of A S)^2 / trace of (A S)^2`: of
/// positive terms only, one less than the strata where those are alike.
#[derive(Default)]
struct Freedom {
    trace: f64,
    of_square: f64,
    so_far: f64,
}

impl Freedom {
    fn add(&mut self, weight: f64, others: f64, answers: f64) {
        let (own, with_others) = (weight * others / answers, weight * weight / answers);
        self.trace += own;
        self.of_square += own * own + 2.0 * with_others * self.so_far;
        self.so_far += with_others;
    }

    fn degrees(&self) -> f64 {
        self.trace / self.of_square * self.trace
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strata_alike_have_one_degree_less_than_there_are() {
        for (strata, answers) in [(2_u32, 1.0), (3, 1.0), (5, 4.0), (20, 2.0)] {
            let mut freedom = Freedom::default();
            (0..strata).for_each(|_| freedom.add(1.0 / f64::from(strata), 1.0 - 1.0 / f64::from(strata), answers));
            assert!((freedom.degrees() - f64::from(strata - 1)).abs() < 1e-12 * f64::from(strata));
        }
        // Two have one however much they differ: there is one difference.
        for weight in [0.5, 0.9, 1.0 - 1e-9] {
            let mut freedom = Freedom::default();
            freedom.add(weight, 1.0 - weight, 1.0);
            freedom.add(1.0 - weight, weight, 3.0);
            assert!((freedom.degrees() - 1.0).abs() < 1e-12, "{weight}: {}", freedom.degrees());
        }
    }
}
