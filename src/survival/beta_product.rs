//! Limits of a survival probability that mean something where no one, or everyone, has left.

use core::fmt;

use super::RiskTable;
use super::risk_table::check_time;
use crate::error::Result;
use crate::estimate::{Comparison, Confidence, Estimate, Interval, Method};
use crate::special::{Beta, Parts};

/// How the interval for the difference of two curves at one time is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum SurvivalDifferenceMethod {
    /// The beta product limits of each group, squared and added: [`RiskTable::difference_at`].
    #[default]
    SquareAndAdd,
}

impl fmt::Display for SurvivalDifferenceMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SquareAndAdd => "square-and-add beta product",
        })
    }
}

/// The beta distribution that has the first two moments of a product of independent ones.
#[derive(Clone, Copy)]
struct Moments {
    mean: f64,
    /// What the second moment is over the square of the mean, less 1.
    spread: f64,
}

impl Moments {
    const ONE: Self = Self { mean: 1.0, spread: 0.0 };

    /// Times a beta variable with these shapes.
    fn times(self, a: f64, b: f64) -> Self {
        let sum = a + b;
        // (a + 1) (a + b) / (a (a + b + 1)) - 1
        let spread = b / (a * (sum + 1.0));
        Self { mean: self.mean * (a / sum), spread: self.spread + spread + self.spread * spread }
    }

    /// The point below which so much of the matched distribution lies.
    fn quantile(self, tail: f64) -> f64 {
        if self.spread <= 0.0 || self.mean <= 0.0 {
            return self.mean;
        }
        // Of a beta distribution the variance is mean (1 - mean) / (a + b + 1).
        let sum = ((1.0 - self.mean) / (self.mean * self.spread) - 1.0).max(f64::MIN_POSITIVE);
        let (a, b) = (self.mean * sum, (1.0 - self.mean) * sum);
        let Parts { x, .. } = Beta::new(a.max(f64::MIN_POSITIVE), b.max(f64::MIN_POSITIVE)).quantile(tail);
        x
    }
}

impl RiskTable {
    /// The share of customers who stay beyond this time, with an interval that has a width where no one has left yet and where everyone has.
    ///
    /// The five [`LimitMethod`](super::LimitMethod)s of a curve end at 1 to 1 and at nothing there. This one comes from the numbers at risk: without
    /// censoring it is the interval of Clopper and Pearson, and like that it holds the truth at least as often as it says, in all cases tried.
    ///
    /// ```text
    /// high = quantile at (1 + confidence) / 2 of the product of Beta(n - d + 1, d) over the times up to this one
    /// low  = quantile at (1 - confidence) / 2 of the same product times Beta(n', 1);  n' = still there just after this time
    /// n = at risk, d = who left;  each product is taken for the beta distribution with its first two moments
    /// ```
    ///
    /// Source: M. P. Fay, E. H. Brittain and M. A. Proschan, "Pointwise confidence intervals for a survival distribution with small samples or
    /// heavy censoring", Biostatistics 14 (2013), 723-736: the beta product confidence procedure by the method of moments.
    ///
    /// ```
    /// use customer_metrics::{Confidence, Share, ShareMethod};
    /// use customer_metrics::survival::{Ending::{Censored, Left}, Observations};
    ///
    /// let table = Observations::new(&[3.0, 8.0, 12.0, 12.0], &[Left, Left, Censored, Censored])?.risk_table();
    /// let none_left = table.estimate_at(2.0, Confidence::P95)?;
    /// assert_eq!(format!("{none_left:.3}"), "1.000 (0.398 to 1.000, 95% beta product, n = 4)");
    /// let exact = Share::new(4, 4)?.interval_with(Confidence::P95, ShareMethod::ClopperPearson);
    /// assert!((none_left.interval().low() - exact.low()).abs() < 1e-12);
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`](crate::Error::OutOfBounds) for a time that is negative, infinite or NaN, or that lies beyond the records while someone is still there;
    /// [`Error::Undefined`](crate::Error::Undefined) without customers.
    pub fn estimate_at(&self, time: f64, confidence: Confidence) -> Result<Estimate> {
        check_time("time", time)?;
        let survival = self.kaplan_meier()?.survival_at(time)?;
        let mut product = Moments::ONE;
        let upto = self.rows().partition_point(|row| row.time() <= time);
        for row in self.rows().iter().take(upto).filter(|row| row.left() > 0.0) {
            product = product.times((row.at_risk() - row.left()).max(0.0) + 1.0, row.left());
        }
        // Who is censored at this very time is known to have stayed beyond it.
        let still = match self.rows().get(upto.wrapping_sub(1)) {
            Some(row) if row.time() >= time => row.at_risk() - row.left(),
            _ => self.rows().get(upto).map_or(0.0, |next| self.at_risk_before(time, next)),
        };
        let low = if still > 0.0 { product.times(still, 1.0).quantile(confidence.tail()) } else { 0.0 };
        // From above: the quantile of what is left over to 1 would lose its digits no less.
        let high = if product.spread > 0.0 { product.quantile(1.0 - confidence.tail()) } else { 1.0 };
        let interval = Interval::ordered(low.clamp(0.0, survival), high.clamp(survival, 1.0));
        Ok(Estimate::holding(survival, interval, confidence, Method::BetaProduct, self.subjects()))
    }

    /// How much more customers are still there at a time than in another, independent group, as a share.
    ///
    /// ```text
    /// low  = S1 - S2 - sqrt((S1 - l1)^2 + (u2 - S2)^2)
    /// high = S1 - S2 + sqrt((u1 - S1)^2 + (S2 - l2)^2)
    /// l, u = limits of each group by estimate_at
    /// ```
    ///
    /// ```
    /// use customer_metrics::Confidence;
    /// use customer_metrics::survival::{Ending::{Censored, Left}, Observations};
    ///
    /// let table = |times: &[f64]| Ok::<_, customer_metrics::Error>(Observations::new(times, &[Left, Left, Censored, Left, Censored])?.risk_table());
    /// let (helped, not) = (table(&[3.0, 8.0, 9.0, 11.0, 12.0])?, table(&[1.0, 2.0, 9.0, 11.0, 12.0])?);
    /// let kept = helped.difference_at(5.0, &not, Confidence::P95)?;
    /// assert_eq!(format!("{kept:.2}"), "0.20 (-0.42 to 0.69, 95% square-and-add beta product, n = 5 and 5)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// Source: G. Y. Zou and A. Donner, "Construction of confidence limits about effect measures: a general approach", Statistics in Medicine 27
    /// (2008), 1693-1702, for the combination.
    ///
    /// # Errors
    /// As [`estimate_at`](Self::estimate_at).
    pub fn difference_at(&self, time: f64, other: &Self, confidence: Confidence) -> Result<Comparison<SurvivalDifferenceMethod>> {
        let [first, second] = [self.estimate_at(time, confidence)?, other.estimate_at(time, confidence)?];
        let point = first.point() - second.point();
        let down = (first.point() - first.interval().low()).hypot(second.interval().high() - second.point());
        let up = (first.interval().high() - first.point()).hypot(second.point() - second.interval().low());
        let interval = Interval::ordered((point - down).clamp(-1.0, point), (point + up).clamp(point, 1.0));
        Ok(Comparison::computed(point, interval, confidence, SurvivalDifferenceMethod::SquareAndAdd, [first.n(), second.n()]))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Ending, Observations};
    use crate::share::Share;
    use crate::{Confidence, ShareMethod};

    #[test]
    fn without_censoring_it_is_the_exact_interval_of_a_share() {
        let times: Vec<f64> = (1..=20_u32).map(f64::from).collect();
        let table = Observations::new(&times, &[Ending::Left; 20]).unwrap().risk_table();
        for (time, still) in [(0.5, 20), (1.0, 19), (7.5, 13), (19.0, 1), (20.0, 0), (25.0, 0)] {
            for confidence in [Confidence::P90, Confidence::P95, Confidence::P99] {
                let got = table.estimate_at(time, confidence).unwrap();
                let exact = Share::new(still, 20).unwrap().estimate_with(confidence, ShareMethod::ClopperPearson);
                assert!((got.point() - exact.point()).abs() < 1e-14, "{time}: {got} {exact}");
                assert!((got.interval().low() - exact.interval().low()).abs() < 1e-12, "{time}: {got} {exact}");
                assert!((got.interval().high() - exact.interval().high()).abs() < 1e-12, "{time}: {got} {exact}");
            }
        }
    }

    #[test]
    fn ties_and_weights_are_counted_together() {
        let tied = Observations::new(&[3.0; 5], &[Ending::Left; 5]).unwrap().risk_table();
        assert!(tied.estimate_at(3.0, Confidence::P95).unwrap().interval().low() <= 0.0);
        let high = tied.estimate_at(3.0, Confidence::P95).unwrap().interval().high();
        assert!((high - Share::new(0, 5).unwrap().interval_with(Confidence::P95, ShareMethod::ClopperPearson).high()).abs() < 1e-12);
        assert!(tied.estimate_at(4.0, Confidence::P95).is_ok());
        let waiting = Observations::new(&[3.0; 5], &[Ending::Censored; 5]).unwrap().risk_table();
        assert!(waiting.estimate_at(3.0, Confidence::P95).unwrap().interval().low() > 0.4);
        assert!(waiting.estimate_at(3.5, Confidence::P95).is_err());
        assert!(waiting.estimate_at(f64::NAN, Confidence::P95).is_err());
    }
}
