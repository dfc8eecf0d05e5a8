//! Mean ratings of many groups, shrunk towards all of them.

use super::GroupedRatingTally;
use super::rating_inference::{measure, moments};
use crate::decimal::count_to_f64;
use crate::error::{Error, Result};
use crate::estimate::{Caution, Confidence, MeanShrinkage, MemberMean, Moments, ShrunkenMean};
use crate::special::student_t_quantile;

/// The groups that have answers, and what one answer varies by within a group.
struct Groups {
    members: Vec<(u32, Moments)>,
    variance: f64,
    /// How many degrees of freedom that has, and how many answers it comes from.
    degrees: u64,
    values: u64,
}

impl Groups {
    fn of(tally: &GroupedRatingTally) -> Result<Self> {
        let lowest = i128::from(tally.scale().low());
        let mut members = Vec::new();
        let (mut squares, mut degrees, mut values) = (0.0, 0_u64, 0_u64);
        for (group, counts) in (0_u32..).zip(tally.group_counts()) {
            let moments = moments((lowest..).zip(counts.iter().copied()))?;
            if moments.n() > 1 {
                // All groups together have 64 bits of answers.
                let own = moments.n().saturating_sub(1);
                squares += moments.variance() * count_to_f64(own);
                degrees = degrees.saturating_add(own);
                values = values.saturating_add(moments.n());
            }
            if moments.n() > 0 {
                members.push((group, moments));
            }
        }
        if degrees == 0 {
            return Err(Error::Undefined { metric: "pooled variance", because: "no group has two answers" });
        }
        Ok(Self { members, variance: squares / count_to_f64(degrees), degrees, values })
    }

    /// How many times as far an interval reaches for the variance being estimated.
    fn farther(&self, confidence: Confidence) -> f64 {
        let (known, estimated) = (confidence.two_sided_z(), student_t_quantile(confidence.tail(), count_to_f64(self.degrees)));
        if known > 0.0 { (estimated / known).clamp(1.0, FARTHEST) } else { 1.0 }
    }

    fn means(&self) -> Result<Vec<MemberMean>> {
        if self.variance <= 0.0 {
            return Err(Error::Undefined { metric: "spread of the team", because: "the answers of every group are all equal" });
        }
        let mean_of =
            |moments: &Moments| MemberMean { mean: moments.mean(), standard_error: (self.variance / count_to_f64(moments.n())).sqrt() };
        Ok(self.members.iter().map(|(_, moments)| mean_of(moments)).collect())
    }
}

/// Beyond any scale, and small enough for products with it.
const FARTHEST: f64 = 1e100;

impl GroupedRatingTally {
    /// The variance of answers about the mean of their group, pooled over the groups: the mean square within of a one-way layout.
    ///
    /// ```text
    /// s^2 = sum over groups of sum (x - mean of the group)^2 / (answers - groups that have answers)
    /// ```
    ///
    /// Within 1e-13 relative. Source: S. R. Searle, G. Casella and C. E. McCulloch, "Variance Components" (1992).
    ///
    /// # Errors
    /// [`Error::Undefined`] if no group has two answers.
    pub fn pooled_variance(&self) -> Result<f64> {
        Groups::of(self).map(|groups| groups.variance)
    }

    /// How far apart the true mean ratings of the groups lie, those without answers left out: [`MeanShrinkage::fit`], with the same variance
    /// of one answer in every group.
    ///
    /// ```text
    /// standard error of a group's mean = s / sqrt(n),  s^2 = pooled variance,  n = answers of the group
    /// ```
    ///
    /// Pooling makes a few answers useful that happen to be all equal: by themselves they have a standard error of 0, as if they were proof. It
    /// takes the groups to vary alike; where one is known not to, as when nearly all give the highest rating, the
    /// [share](Self::csat_by_group) that is satisfied is the better figure.
    ///
    /// Source: as [`MeanShrinkage`]; with standard errors that are taken as known R. E. Fay and R. A. Herriot, "Estimates of income for small
    /// places: an application of James-Stein procedures to census data", JASA 74 (1979), 269-277.
    ///
    /// # Errors
    /// [`Error::Undefined`] if no group has two answers, or if the answers of every group are all equal.
    pub fn mean_shrinkage(&self) -> Result<MeanShrinkage> {
        MeanShrinkage::fit(&Groups::of(self)?.means()?)
    }

    /// The mean rating of each group that has answers, with its number, shrunk towards that of all by [`mean_shrinkage`](Self::mean_shrinkage).
    /// Intervals are held within the scale.
    ///
    /// The pooled variance is itself estimated. The ends therefore lie farther from the shrunken mean than by
    /// [`MeanShrinkage::shrink`], in the proportion of Student's t with its degrees of freedom, answers less groups, to the normal quantile:
    /// this crate's own rule. With fewer than 15 answers in groups that have two or more, a [caution](crate::Estimate::caution) remains.
    /// Coverage of 95% in 1,000 simulated teams each, on a scale from 1 to 5 (rounded normal answers with a standard deviation of 1, about
    /// levels with one of 0.5):
    ///
    /// | groups | answers of each | covered | were the variance taken as known |
    /// |---|---|---|---|
    /// | 2 | 2 | 99.2% | 87.0% |
    /// | 3 | 2 | 97.3% | 89.0% |
    /// | 2 | 3 | 95.3% | 89.1% |
    /// | 5 | 2 | 96.7% | 92.2% |
    /// | 10 | 3 | 95.2% | 93.6% |
    /// | 5 | 10 | 93.4% | 92.5% |
    ///
    /// ```
    /// use customer_metrics::{Confidence, Tally};
    /// use customer_metrics::satisfaction::{GroupedRatingTally, RatingGroups, Scale};
    ///
    /// let mut agents = GroupedRatingTally::empty(RatingGroups::new(Scale::ONE_TO_FIVE, 4)?);
    /// agents.record_columns(&[0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3], &[5, 5, 4, 5, 3, 4, 5, 2, 3, 1, 4, 2, 3, 4, 3, 5, 4])?;
    /// let means = agents.shrunken_means_by_group(Confidence::P95)?;
    /// // Two answers of 5 have a standard error of 0 by themselves; here they are worth as much as any two.
    /// assert_eq!(format!("{:.2} and {:.2}", means[0].1.estimate().point(), means[1].1.estimate().point()), "4.64 and 4.15");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`mean_shrinkage`](Self::mean_shrinkage).
    pub fn shrunken_means_by_group(&self, confidence: Confidence) -> Result<Vec<(u32, ShrunkenMean)>> {
        let groups = Groups::of(self)?;
        let means = groups.means()?;
        let shrunken = MeanShrinkage::fit(&means)?.shrink_all(&means, confidence)?;
        let range = measure(self.scale()).range;
        let (farther, caution) = (groups.farther(confidence), Caution::values(groups.values, Caution::LEAST_FOR_T));
        let members = groups.members.iter().zip(shrunken);
        Ok(members
            .map(|((group, moments), shrunken)| (*group, shrunken.of_answers(moments.n(), range, farther).with_caution(caution)))
            .collect())
    }
}
