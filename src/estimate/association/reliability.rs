//! Cronbach's alpha: how far several items measure the same.

use core::fmt;

use super::{blockwise, check, is_constant, scale_factor};
use crate::decimal::count_to_f64;
use crate::error::{Error, Result};
use crate::estimate::{Confidence, Estimate, Interval, Method, write_number};
use crate::special::Beta;

const METRIC: &str = "Cronbach's alpha";

/// Cronbach's alpha of a scale that is made of several items, such as those of SERVQUAL or the three of the ACSI.
///
/// ```text
/// alpha = k / (k - 1) (1 - sum of the items' variances / variance of their sum),  k = number of items
/// ```
///
/// 1 if the items rise and fall together, 0 if they do not at all; below 0, without a bound, if they run against each other, which mostly
/// means that an item was coded the wrong way round. It rises with the number of items, and does not show that they measure one thing.
///
/// Source: L. J. Cronbach, "Coefficient alpha and the internal structure of tests", Psychometrika 16 (1951), 297-334.
///
/// ```
/// use customer_metrics::Confidence;
/// use customer_metrics::estimate::CronbachAlpha;
///
/// let items: [&[f64]; 3] = [&[5.0, 4.0, 2.0, 5.0, 3.0], &[4.0, 4.0, 1.0, 5.0, 2.0], &[5.0, 3.0, 2.0, 4.0, 4.0]];
/// let alpha = CronbachAlpha::from_columns(&items)?;
/// assert_eq!(format!("{:.2}", alpha.estimate(Confidence::P95)), "0.90 (0.51 to 0.99, 95% Feldt, n = 5)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct CronbachAlpha {
    alpha: f64,
    items: u64,
    n: u64,
}

impl CronbachAlpha {
    /// Alpha of items given as columns, one number per respondent in each. Within 1e-14 for ordinary data.
    ///
    /// # Errors
    /// [`Error::Row`] with the position of the first item whose length differs from that of the first, or with the row and within it the item of
    /// the first value that is infinite or NaN; [`Error::Undefined`] with fewer than two items or respondents, or if the sums of the items do not vary beyond what
    /// the rounding of the columns makes of equal ones.
    pub fn from_columns(items: &[&[f64]]) -> Result<Self> {
        let length = items.first().map_or(0, |first| first.len());
        for (position, item) in items.iter().enumerate() {
            if item.len() != length {
                return Err(Error::mismatch("column length", length, item.len()).at("item", position));
            }
            check("value", item).map_err(|error| match error {
                Error::Row { of, row, source } => source.at("item", position).at(of, row),
                other => other,
            })?;
        }
        let largest = items.iter().flat_map(|item| item.iter()).fold(0.0_f64, |largest, value| largest.max(value.abs()));
        let factor = scale_factor(largest);
        let n = count_to_f64(u64::try_from(length).unwrap_or(u64::MAX)).max(1.0);
        let mut totals = vec![0.0; length];
        let mut of_items = 0.0;
        for item in items {
            if is_constant(item) {
                continue;
            }
            let mean = blockwise(item.iter().map(|value| value * factor)) / n;
            let rest = blockwise(item.iter().map(|value| value * factor - mean)) / n;
            let deviation = |value: &f64| (value * factor - mean) - rest;
            for (total, value) in totals.iter_mut().zip(item.iter()) {
                *total += deviation(value);
            }
            of_items += blockwise(item.iter().map(|value| deviation(value) * deviation(value)));
        }
        let of_totals = blockwise(totals.iter().map(|total| total * total));
        // What half a unit in the last place of every value, and the rounding of every deviation, make of totals that do not vary.
        let parts = count_to_f64(u64::try_from(items.len()).unwrap_or(u64::MAX));
        let (of_values, of_deviations) = (f64::EPSILON / 2.0 * largest * factor, 4.0 * f64::EPSILON);
        if of_totals > 0.0 && of_totals <= parts * (n * of_values * of_values + of_items * of_deviations * of_deviations) {
            return Err(Error::Undefined { metric: METRIC, because: "the sum of the items does not vary beyond rounding" });
        }
        let [items, n] = [items.len(), length].map(|number| u64::try_from(number).unwrap_or(u64::MAX));
        Self::from_variances(of_totals - of_items, of_totals, items, n)
    }

    /// Alpha from the sum of all covariances of two different items, each counted twice, and the variance of the total, in the same unit.
    pub(crate) fn from_variances(covariances: f64, of_total: f64, items: u64, n: u64) -> Result<Self> {
        let undefined = |because| Err(Error::Undefined { metric: METRIC, because });
        if items < 2 {
            return undefined("there are fewer than two items");
        }
        if n < 2 {
            return undefined("there are fewer than two respondents");
        }
        if of_total <= 0.0 {
            return undefined("the sum of the items does not vary");
        }
        let alpha = count_to_f64(items) / count_to_f64(items.saturating_sub(1)) * (covariances / of_total);
        if !alpha.is_finite() {
            return undefined("the sum of the items hardly varies");
        }
        Ok(Self { alpha: alpha.min(1.0), items, n })
    }

    /// Alpha: 1 at most, and below 0 where the items run against each other.
    #[must_use]
    pub fn coefficient(&self) -> f64 {
        self.alpha
    }

    /// How many items there are.
    #[must_use]
    pub fn items(&self) -> u64 {
        self.items
    }

    /// How many respondents answered all of them.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Alpha with Feldt's interval.
    ///
    /// ```text
    /// low  = 1 - (1 - alpha) F at (1 + confidence) / 2
    /// high = 1 - (1 - alpha) F at (1 - confidence) / 2
    /// F    = quantile of the F distribution with n - 1 and (n - 1) (k - 1) degrees
    /// ```
    ///
    /// For an alpha of 1 both ends are the point. At small confidence the interval can end short of alpha: it is moved out to it.
    ///
    /// Source: L. S. Feldt, "The approximate sampling distribution of Kuder-Richardson reliability coefficient twenty", Psychometrika 30
    /// (1965), 357-370.
    #[must_use]
    pub fn estimate(&self, confidence: Confidence) -> Estimate {
        let first = count_to_f64(self.n.saturating_sub(1));
        let second = first * count_to_f64(self.items.saturating_sub(1));
        let (a, b) = (first / 2.0, second / 2.0);
        let tail = confidence.tail();
        let lower = Beta::new(a, b).quantile(tail);
        let upper = Beta::new(b, a).quantile(tail);
        let ratio = second / first;
        let error = 1.0 - self.alpha;
        // Few degrees and much confidence put the low end beyond every number.
        let low = (1.0 - error * (ratio * upper.y / upper.x.max(f64::MIN_POSITIVE))).max(f64::MIN / 4.0);
        let high = 1.0 - error * (ratio * lower.x / lower.y.max(f64::MIN_POSITIVE));
        let interval = Interval::ordered(low.min(self.alpha), high.clamp(self.alpha, 1.0));
        Estimate::holding(self.alpha, interval, confidence, Method::Feldt, self.n)
    }
}

/// Alpha, the number of items and of respondents; a precision such as `{:.2}` applies to alpha, and six digits are shown without one.
impl fmt::Display for CronbachAlpha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("alpha = ")?;
        write_number(self.alpha, f)?;
        write!(f, " ({} items, n = {})", self.items, self.n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_that_vary_by_rounding_alone_have_no_alpha() {
        // The two sum to 1 in every row, but not as doubles.
        let (first, second) = ([0.1, 0.2, 0.3, 0.7], [0.9, 0.8, 0.7, 0.3]);
        let error = CronbachAlpha::from_columns(&[&first, &second]).unwrap_err();
        assert!(matches!(error, Error::Undefined { metric: METRIC, .. }), "{error}");
        // Against each other, but not wholly.
        let alpha = CronbachAlpha::from_columns(&[&first, &[0.9, 0.8, 0.7, 0.300_001]]).unwrap();
        assert!(alpha.coefficient() < -1e9, "{alpha}");
        // Far from 0, but in step.
        let far = CronbachAlpha::from_columns(&[&[1e15, 1e15 + 1.0, 1e15 + 2.0], &[1e15, 1e15 + 1.0, 1e15 + 3.0]]).unwrap();
        assert!(far.coefficient() > 0.9, "{far}");
        assert_eq!(format!("{far:.2}"), "alpha = 0.95 (2 items, n = 3)");
    }
}
