//! The difference of two figures with its standard error, and what Student's t makes of it.

use crate::error::{Error, Result};
use crate::estimate::{Alternative, Confidence, SignificanceTest, TestMethod};
use crate::special::student_t_quantile;

/// A difference with its standard error.
pub(crate) struct Spread {
    pub(crate) difference: f64,
    pub(crate) error: f64,
    /// NaN where there is no error.
    pub(crate) degrees: f64,
}

impl Spread {
    /// Of two independent figures, with the variance of each and the degrees of freedom that it was estimated with: Welch and Satterthwaite's.
    pub(crate) fn of_independent(difference: f64, variances: [f64; 2], degrees: [f64; 2]) -> Self {
        let together = variances.iter().sum::<f64>();
        // As shares of the whole, so that the squares neither overflow nor vanish; what has no variance has no degrees.
        let terms = variances.into_iter().zip(degrees).filter(|(variance, _)| *variance > 0.0);
        let inverse: f64 = terms.map(|(variance, degrees)| (variance / together) * (variance / together) / degrees).sum();
        Self { difference, error: together.sqrt(), degrees: 1.0 / inverse }
    }

    /// How far the interval reaches.
    pub(crate) fn reach(&self, confidence: Confidence) -> f64 {
        if self.error > 0.0 { student_t_quantile(confidence.tail(), self.degrees) * self.error } else { 0.0 }
    }

    /// Whether the difference is other than 0; the metric is for the error where nothing varies.
    pub(crate) fn test(&self, metric: &'static str, alternative: Alternative, method: TestMethod) -> Result<SignificanceTest> {
        if self.error > 0.0 {
            SignificanceTest::from_student_t(self.difference / self.error, self.degrees, alternative, method)
        } else {
            let because = "all answers of a group are equal, so that nothing is known of their variance";
            Err(Error::Undefined { metric, because })
        }
    }
}
