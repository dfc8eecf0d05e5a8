//! How long a customer stays, if the churn rate never changes.

use rust_decimal::Decimal;

use super::ChurnTally;
use crate::decimal;
use crate::error::Result;
use crate::estimate::{Confidence, Estimate};
use crate::proportion::Proportion;

const NO_ONE_LEAVES: &str = "at a churn of 0 no one ever leaves";

/// The mean number of periods until a customer is lost, if every period loses the same proportion of those who are left; rounded to 28
/// digits, in periods of the rate.
///
/// ```text
/// 1 / churn
/// ```
///
/// The period in which the customer is lost counts as one; those who count whole periods only have one less.
///
/// The assumption is seldom true. In a cohort of unlike customers those who are likely to leave do so first, so the retention of the
/// others rises, and a single rate values them too low (P. S. Fader and B. G. S. Hardie, "Customer-Base Valuation in a Contractual
/// Setting: The Perils of Ignoring Heterogeneity", Marketing Science 29 (2010), 85-93). Read it as an order of magnitude.
///
/// ```
/// use customer_metrics::Proportion;
/// use customer_metrics::churn::expected_lifetime_at_constant_churn;
///
/// let monthly = Proportion::from_percent("5".parse().unwrap())?;
/// assert_eq!(expected_lifetime_at_constant_churn(monthly)?.to_string(), "20");
/// assert!(expected_lifetime_at_constant_churn(Proportion::ZERO).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// # Errors
/// [`Error::Undefined`](crate::Error::Undefined) at a churn of 0.
pub fn expected_lifetime_at_constant_churn(churn: Proportion) -> Result<Decimal> {
    decimal::div("expected lifetime", NO_ONE_LEAVES, Decimal::ONE, churn.to_decimal())
}

impl ChurnTally {
    /// [`expected_lifetime_at_constant_churn`] at the churn of the [start cohort](ChurnTally::start_cohort_churn), from the counts, in
    /// periods of the tally.
    ///
    /// ```text
    /// start / lost of start
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`](crate::Error::Undefined) without customers at the start, or if none of them was lost.
    pub fn expected_lifetime_at_constant_churn(&self) -> Result<Decimal> {
        let churn = self.start_cohort_churn()?;
        decimal::ratio("expected lifetime", NO_ONE_LEAVES, decimal::wide(churn.whole()), decimal::wide(churn.part()))
    }

    /// The [expected lifetime](Self::expected_lifetime_at_constant_churn) with its interval: the reciprocals of the ends of Wilson's for the
    /// churn of the start cohort, under the same assumption.
    ///
    /// If no one was lost, there is no lifetime to hold: that it is at least the reciprocal of the high end of the
    /// [churn](ChurnTally::start_cohort_churn) is all that can be said.
    ///
    /// ```
    /// use customer_metrics::Confidence;
    /// use customer_metrics::churn::ChurnTally;
    ///
    /// let july = ChurnTally::from_counts(1_000, 50, 500, 12)?;
    /// let periods = july.expected_lifetime_estimate_at_constant_churn(Confidence::P95)?;
    /// assert_eq!(format!("{periods:.1}"), "20.0 (15.3 to 26.2, 95% Wilson, n = 1000)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`](crate::Error::Undefined) without customers at the start, or if none of them was lost.
    pub fn expected_lifetime_estimate_at_constant_churn(&self, confidence: Confidence) -> Result<Estimate> {
        let _ = self.expected_lifetime_at_constant_churn()?;
        // As soon as one was lost the low end is above 0, if only just at a confidence close to 1.
        Ok(self.start_cohort_churn()?.estimate(confidence).falling(|churn| (1.0 / churn).min(f64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn the_lifetime_is_the_inverse_and_does_not_exist_at_0() {
        assert_eq!(expected_lifetime_at_constant_churn(Proportion::ONE), Ok(Decimal::ONE));
        let tiniest = Proportion::new(Decimal::new(1, 28)).unwrap();
        assert_eq!(expected_lifetime_at_constant_churn(tiniest).unwrap().to_string(), format!("1{}", "0".repeat(28)));
        let error = expected_lifetime_at_constant_churn(Proportion::ZERO).unwrap_err();
        assert_eq!(error.to_string(), "expected lifetime is undefined: at a churn of 0 no one ever leaves");
    }

    #[test]
    fn a_tally_gives_it_from_its_counts() {
        let of = |at_start, lost| ChurnTally::from_counts(at_start, lost, 9, 9).unwrap().expected_lifetime_at_constant_churn();
        assert_eq!(of(30, 3), Ok(Decimal::TEN));
        assert_eq!(of(3, 3), Ok(Decimal::ONE));
        assert_eq!(of(u64::MAX - 9, 1), Ok(Decimal::from(u64::MAX - 9)));
        assert!(matches!(of(3, 0), Err(Error::Undefined { metric: "expected lifetime", .. })));
        assert!(matches!(of(0, 0), Err(Error::Undefined { metric: "churn", .. })));
    }
}
