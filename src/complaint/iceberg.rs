//! The iceberg: from the complaints that arrive to all customers who are dissatisfied.

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::Result;
use crate::proportion::Proportion;
use crate::published::{
    ICEBERG_DISSATISFIED_PER_COMPLAINT_B, ICEBERG_REPORT_RATE, ICEBERG_SERIOUS_SILENT_PER_COMPLAINT, ICEBERG_SILENT_PER_COMPLAINT,
};
use crate::range::Range;

/// The dissatisfied customers behind the complaints that were received.
///
/// ```text
/// dissatisfied = complaints / complaint rate = complaints x (1 + silent per complaint)
/// ```
///
/// The published ratios disagree: 24 silent customers behind one complaint, 6 of them with a serious problem (doc-000, doc-004), or 20
/// (doc-001). Where fewer than half complain (doc-003), there are more than twice as many dissatisfied customers as complaints, and no
/// upper limit is known.
///
/// ```
/// use customer_metrics::{Proportion, Range};
/// use customer_metrics::complaint::Iceberg;
///
/// let published = Iceberg::from_published_ratios(40)?;
/// assert_eq!(published.dissatisfied_at_least().to_string(), "840");
/// assert_eq!(published.dissatisfied_at_most().unwrap().to_string(), "1000");
///
/// let fewer_than_half = Iceberg::from_published_report_rate(40)?;
/// assert_eq!(fewer_than_half.dissatisfied_at_least().to_string(), "80");
/// assert_eq!(fewer_than_half.dissatisfied_at_most(), None);
///
/// let ours = Range::new(Proportion::from_percent(8.into())?, Proportion::from_percent(10.into())?)?;
/// assert_eq!(Iceberg::from_complaint_rate(40, ours)?.dissatisfied_at_most().unwrap().to_string(), "500");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Iceberg {
    complaints: u64,
    #[cfg_attr(feature = "serde", serde(with = "decimal::text"))]
    at_least: Decimal,
    #[cfg_attr(feature = "serde", serde(serialize_with = "decimal::text::serialize_option"))]
    at_most: Option<Decimal>,
}

impl Iceberg {
    /// From the complaints and the share of dissatisfied customers who complain.
    ///
    /// A rate that was counted brings its uncertainty along as the range that
    /// [`mix_with_uncertainty`](super::ComplaintTally::mix_with_uncertainty) gives it.
    ///
    /// # Errors
    /// [`Error::Undefined`](crate::Error::Undefined) if the rate can only be 0; [`Error::Overflow`](crate::Error::Overflow) if the result would not fit 28 digits.
    pub fn from_complaint_rate(complaints: u64, complaint_rate: impl Into<Range<Proportion>>) -> Result<Self> {
        let rate = complaint_rate.into().to_decimal();
        let behind = |rate| decimal::div("dissatisfied customers", "no one complains", complaints.into(), rate);
        let at_least = behind(rate.high())?;
        let at_most = if rate.low().is_zero() { None } else { Some(behind(rate.low())?) };
        Ok(Self { complaints, at_least, at_most })
    }

    /// From the complaints and the number of silent customers behind each.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`](crate::Error::OutOfBounds) if the ratio is negative; [`Error::Overflow`](crate::Error::Overflow) if the result would not fit 28 digits.
    pub fn from_silent_per_complaint(complaints: u64, silent_per_complaint: impl Into<Range<Decimal>>) -> Result<Self> {
        let silent = silent_per_complaint.into();
        let _ = decimal::non_negative("silent per complaint", silent.low())?;
        let all = silent
            .add("dissatisfied customers", &Range::single(Decimal::ONE))?
            .mul("dissatisfied customers", &Range::single(complaints.into()))?;
        Ok(Self { complaints, at_least: all.low(), at_most: Some(all.high()) })
    }

    /// From the complaints and the published ratios, 20 to 24 silent customers behind each.
    ///
    /// # Errors
    /// [`Error::Overflow`](crate::Error::Overflow) if the result would not fit 28 digits.
    pub fn from_published_ratios(complaints: u64) -> Result<Self> {
        let (fewest, most) = (ICEBERG_DISSATISFIED_PER_COMPLAINT_B.span(), ICEBERG_SILENT_PER_COMPLAINT.span());
        Self::from_silent_per_complaint(complaints, Range::new(fewest.low(), most.high())?)
    }

    /// From the complaints and the published "fewer than half": more than twice as many dissatisfied customers, without an upper limit.
    ///
    /// # Errors
    /// [`Error::Overflow`](crate::Error::Overflow) if the result would not fit 28 digits.
    pub fn from_published_report_rate(complaints: u64) -> Result<Self> {
        Self::from_complaint_rate(complaints, ICEBERG_REPORT_RATE.known_proportions())
    }

    /// The complaints that were received.
    #[must_use]
    pub fn complaints(&self) -> u64 {
        self.complaints
    }

    /// The dissatisfied customers there are at least, those who complained included.
    #[must_use]
    pub fn dissatisfied_at_least(&self) -> Decimal {
        self.at_least
    }

    /// The dissatisfied customers there are at most; `None` if there is no upper limit.
    #[must_use]
    pub fn dissatisfied_at_most(&self) -> Option<Decimal> {
        self.at_most
    }

    /// The silent ones with a serious problem, by the published 6 per complaint.
    ///
    /// # Errors
    /// [`Error::Overflow`](crate::Error::Overflow) if the result would not fit 28 digits.
    pub fn serious_by_published_ratio(&self) -> Result<Decimal> {
        decimal::mul("serious problems", self.complaints.into(), ICEBERG_SERIOUS_SILENT_PER_COMPLAINT.span().low())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn a_rate_and_its_ratio_agree() {
        let one_in_25 = Proportion::from_percent(Decimal::from(4)).unwrap();
        assert_eq!(Iceberg::from_complaint_rate(40, one_in_25), Iceberg::from_silent_per_complaint(40, Decimal::from(24)));
        assert_eq!(Iceberg::from_published_ratios(40).unwrap().serious_by_published_ratio(), Ok(Decimal::from(240)));
    }

    #[test]
    fn nobody_complaining_says_nothing_and_everybody_everything() {
        assert!(matches!(Iceberg::from_complaint_rate(5, Proportion::ZERO), Err(Error::Undefined { .. })));
        let all = Iceberg::from_complaint_rate(5, Proportion::ONE).unwrap();
        assert_eq!((all.dissatisfied_at_least(), all.dissatisfied_at_most()), (Decimal::from(5), Some(Decimal::from(5))));
        assert!(Iceberg::from_silent_per_complaint(5, Decimal::NEGATIVE_ONE).is_err());
        assert_eq!(Iceberg::from_published_ratios(0).unwrap().dissatisfied_at_most(), Some(Decimal::ZERO));
    }
}
