//! The number needed to treat: how many cases it takes for one more to count.

use core::fmt;

use crate::estimate::{Caution, Comparison, Confidence, DifferenceMethod, Interval, write_number};

/// How many cases must be handled as in the first group and not as in the second, for one more of them to count: how many complaints must
/// be resolved to keep one more customer.
///
/// ```text
/// number needed = 1 / (share of the first group - share of the second)
/// ```
///
/// Medicine calls it the number needed to treat. Read it off a difference with [`number_needed`](Comparison::number_needed). It is only as
/// good as the groups are alike in all but their handling.
///
/// Source: D. G. Altman, "Confidence intervals for the number needed to treat", BMJ 317 (1998), 1309-1312, with Newcombe's interval for
/// the difference as R. Bender recommends, Controlled Clinical Trials 22 (2001), 102-110.
///
/// ```
/// use customer_metrics::{Confidence, Share};
///
/// let (resolved, unresolved) = (Share::new(54, 100)?, Share::new(19, 100)?);
/// let needed = resolved.difference(&unresolved, Confidence::P95).number_needed();
/// assert_eq!(format!("{needed:.1}"), "NNTB 2.9 (NNTB 2.2 to 4.6, 95% Newcombe, n = 100 and 100)");
///
/// // Where the groups may not differ, the number goes through infinity to harm.
/// let few = Share::new(6, 10)?.difference(&Share::new(5, 10)?, Confidence::P95).number_needed();
/// assert_eq!(format!("{few:.1}"), "NNTB 10.0 (NNTB 2.2 to infinity to NNTH 3.5, 95% Newcombe, n = 10 and 10)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct NumberNeeded {
    point: NumberNeededPoint,
    interval: NumberNeededInterval,
    confidence: Confidence,
    method: DifferenceMethod,
    n: [u64; 2],
    caution: Option<Caution>,
}

impl NumberNeeded {
    /// The number by what was observed.
    #[must_use]
    pub fn point(&self) -> NumberNeededPoint {
        self.point
    }

    /// Which numbers are compatible with it.
    #[must_use]
    pub fn interval(&self) -> NumberNeededInterval {
        self.interval
    }

    /// The confidence of the interval.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// How the interval of the difference was made.
    #[must_use]
    pub fn method(&self) -> DifferenceMethod {
        self.method
    }

    /// How many are in the first group and in the second.
    #[must_use]
    pub fn n(&self) -> [u64; 2] {
        self.n
    }

    /// What is to be said against the difference at these numbers, if anything: see [`Caution`].
    #[must_use]
    pub fn caution(&self) -> Option<Caution> {
        self.caution
    }
}

/// How many cases it takes for one more, or one fewer, to count.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum NumberNeededPoint {
    /// So many for one more to count (NNTB); 1 or more.
    ToBenefit(f64),
    /// So many for one fewer to count (NNTH); 1 or more.
    ToHarm(f64),
    /// The groups do not differ: no number of cases is enough.
    NoDifference,
}

/// Which numbers of cases are compatible with what was observed.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum NumberNeededInterval {
    /// The first group is better: from so many to so many for one more to count.
    ToBenefit(Interval),
    /// The first group is worse: from so many to so many for one fewer to count.
    ToHarm(Interval),
    /// The groups may not differ: the number may be any large one, in either direction. The values in between, and only those, are ruled
    /// out.
    ThroughInfinity {
        /// It takes at least so many for one more to count; `None` if it cannot be a benefit.
        benefit_from: Option<f64>,
        /// It takes at least so many for one fewer to count; `None` if it cannot be a harm.
        harm_from: Option<f64>,
    },
}

impl Comparison<DifferenceMethod> {
    /// How many cases it takes for one more of them to count, with the interval of this difference.
    ///
    /// By [`DifferenceMethod::AgrestiCaffo`], whose interval can lie beside the difference where one group is unanimous, point and interval
    /// may name different directions.
    #[must_use]
    pub fn number_needed(&self) -> NumberNeeded {
        let point = if self.point() > 0.0 {
            NumberNeededPoint::ToBenefit(reciprocal(self.point()))
        } else if self.point() < 0.0 {
            NumberNeededPoint::ToHarm(reciprocal(-self.point()))
        } else {
            NumberNeededPoint::NoDifference
        };
        let (low, high) = (self.interval().low(), self.interval().high());
        let interval = if low > 0.0 {
            NumberNeededInterval::ToBenefit(Interval::ordered(reciprocal(high), reciprocal(low)))
        } else if high < 0.0 {
            NumberNeededInterval::ToHarm(Interval::ordered(reciprocal(-low), reciprocal(-high)))
        } else {
            NumberNeededInterval::ThroughInfinity {
                benefit_from: (high > 0.0).then(|| reciprocal(high)),
                harm_from: (low < 0.0).then(|| reciprocal(-low)),
            }
        };
        let (confidence, method, n, caution) = (self.confidence(), self.method(), self.n(), self.caution());
        NumberNeeded { point, interval, confidence, method, n, caution }
    }
}

/// Of a positive number; the largest number where it would be infinite, as at a confidence of almost nothing.
fn reciprocal(value: f64) -> f64 {
    (1.0 / value).min(f64::MAX)
}

/// Such as `NNTB 2.9 (NNTB 2.2 to 4.6, 95% Newcombe, n = 100 and 100)`: B for benefit, H for harm. A precision such as `{:.1}` applies to each
/// number, and six digits are shown without one.
impl fmt::Display for NumberNeeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.point, f)?;
        f.write_str(" (")?;
        fmt::Display::fmt(&self.interval, f)?;
        let [first, second] = self.n;
        write!(f, ", {} {}, n = {first} and {second})", self.confidence, self.method)
    }
}

impl fmt::Display for NumberNeededPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ToBenefit(number) => number_of(f, "NNTB ", *number),
            Self::ToHarm(number) => number_of(f, "NNTH ", *number),
            Self::NoDifference => f.write_str("infinity"),
        }
    }
}

impl fmt::Display for NumberNeededInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ToBenefit(interval) => interval_of(f, "NNTB ", interval),
            Self::ToHarm(interval) => interval_of(f, "NNTH ", interval),
            Self::ThroughInfinity { benefit_from, harm_from } => {
                if let Some(number) = benefit_from {
                    number_of(f, "NNTB ", *number)?;
                    f.write_str(" to ")?;
                }
                f.write_str("infinity")?;
                if let Some(number) = harm_from {
                    number_of(f, " to NNTH ", *number)?;
                }
                Ok(())
            }
        }
    }
}

fn number_of(f: &mut fmt::Formatter<'_>, label: &str, number: f64) -> fmt::Result {
    f.write_str(label)?;
    write_number(number, f)
}

fn interval_of(f: &mut fmt::Formatter<'_>, label: &str, interval: &Interval) -> fmt::Result {
    f.write_str(label)?;
    fmt::Display::fmt(interval, f)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::Confidence;
    use crate::share::Share;

    fn needed(point: f64, low: f64, high: f64) -> String {
        let interval = Interval::new(low, high).unwrap();
        let difference = Comparison::computed(point, interval, Confidence::P95, DifferenceMethod::Newcombe, [100, 100]);
        let needed = difference.number_needed();
        format!("{:.0} ({:.0})", needed.point(), needed.interval())
    }

    /// Altman (1998): a reduction of 10%, from -5% to 25%, is a number needed of 10, from 4 through infinity to 20 for harm.
    #[test]
    fn altmans_example_goes_through_infinity() {
        assert_eq!(needed(0.10, -0.05, 0.25), "NNTB 10 (NNTB 4 to infinity to NNTH 20)");
    }

    #[test]
    fn each_side_of_zero_has_its_form() {
        assert_eq!(needed(0.2, 0.1, 0.5), "NNTB 5 (NNTB 2 to 10)");
        assert_eq!(needed(-0.2, -0.5, -0.1), "NNTH 5 (NNTH 2 to 10)");
        assert_eq!(needed(0.2, 0.0, 0.5), "NNTB 5 (NNTB 2 to infinity)");
        assert_eq!(needed(-0.2, -0.5, 0.0), "NNTH 5 (infinity to NNTH 2)");
        assert_eq!(needed(0.0, -0.5, 0.5), "infinity (NNTB 2 to infinity to NNTH 2)");
        assert_eq!(needed(0.0, 0.0, 0.0), "infinity (infinity)");
    }

    #[test]
    fn the_smallest_differences_stay_finite() {
        let (one, none) = (Share::new(1, u64::MAX).unwrap(), Share::new(0, u64::MAX).unwrap());
        for level in [f64::MIN_POSITIVE, 1e-300, 1e-15, 0.5] {
            let confidence = Confidence::new(level).unwrap();
            for difference in [one.difference(&none, confidence), none.difference(&one, confidence), none.difference(&none, confidence)] {
                let text = difference.number_needed().to_string();
                assert!(!text.replace("infinity", "").contains("inf") && !text.contains("NaN"), "{text}");
            }
        }
    }
}
