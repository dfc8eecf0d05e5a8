//! How many customers a curve loses from one renewal to the next.

use super::risk_table::check_time;
use super::{LimitMethod, SurvivalCurve};
use crate::error::{Bound, Error, Result};
use crate::estimate::{Confidence, Interval};

/// What has become of customers by a renewal.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Renewal {
    number: u32,
    time: f64,
    survival: f64,
    kept: f64,
    kept_interval: Option<Interval>,
}

impl Renewal {
    /// Which renewal it is: 1 for the first.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// When it is.
    #[must_use]
    pub fn time(&self) -> f64 {
        self.time
    }

    /// Of all customers, the share who stay beyond it.
    #[must_use]
    pub fn survival(&self) -> f64 {
        self.survival
    }

    /// Of those who stayed beyond the renewal before, the share who stay beyond this one. The rest is the drop.
    #[must_use]
    pub fn kept(&self) -> f64 {
        self.kept
    }

    /// The interval of [`kept`](Self::kept); none where no one or everyone has left since the renewal before, for the variance is then 0.
    #[must_use]
    pub fn kept_interval(&self) -> Option<Interval> {
        self.kept_interval
    }

    /// Of those who stayed beyond the renewal before, the share who left up to and with this one.
    #[must_use]
    pub fn dropped(&self) -> f64 {
        1.0 - self.kept
    }
}

impl SurvivalCurve {
    /// The renewals of a contract that runs for `term`, up to the last time of the records: where customers are lost.
    ///
    /// Who leaves at the very time of a renewal is lost at that one. The list ends early once everyone has left.
    ///
    /// ```
    /// use customer_metrics::Confidence;
    /// use customer_metrics::survival::{Ending::{Censored, Left}, LimitMethod, Observations};
    ///
    /// let months = [5.0, 12.0, 12.0, 24.0, 30.0, 36.0];
    /// let curve = Observations::new(&months, &[Left, Left, Left, Left, Censored, Censored])?.risk_table().kaplan_meier()?;
    /// let dropped: Vec<String> =
    ///     curve.renewals(12.0, Confidence::P95, LimitMethod::LogLog)?.iter().map(|renewal| format!("{:.2}", renewal.dropped())).collect();
    /// assert_eq!(dropped, ["0.50", "0.33", "0.00"]);
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless `term` is finite and more than 0, and there are at most 10,000 renewals.
    pub fn renewals(&self, term: f64, confidence: Confidence, method: LimitMethod) -> Result<Vec<Renewal>> {
        const MOST: u32 = 10_000;
        check_time("term", term)?;
        if term <= 0.0 {
            return Err(Error::out_of_bounds("term", term, Bound::MoreThan(0_u64.into())));
        }
        if self.last_time() / term >= f64::from(MOST) + 1.0 {
            return Err(Error::out_of_bounds("term", term, Bound::AtLeast((self.last_time() / f64::from(MOST)).into())));
        }
        let z = confidence.two_sided_z();
        let mut before = self.at(0.0)?;
        let mut renewals = Vec::new();
        for number in 1..=MOST {
            let time = term * f64::from(number);
            if time > self.last_time() || before.survival() <= 0.0 {
                break;
            }
            let now = self.at(time)?;
            let kept = (now.survival() / before.survival()).min(1.0);
            let variance = (now.log_variance() - before.log_variance()).max(0.0);
            let kept_interval = method.interval(kept, variance, z).filter(|_| variance > 0.0);
            renewals.push(Renewal { number, time, survival: now.survival(), kept, kept_interval });
            before = now;
        }
        Ok(renewals)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Ending::{Censored, Left};
    use super::super::Observations;
    use super::*;

    #[test]
    fn the_list_ends_with_the_records_or_the_customers() {
        let times = [1.0, 2.0, 3.0];
        let all_leave = Observations::new(&times, &[Left; 3]).unwrap().risk_table().kaplan_meier().unwrap();
        let renewals = all_leave.renewals(1.0, Confidence::P95, LimitMethod::Log).unwrap();
        assert_eq!(renewals.len(), 3);
        assert_eq!(renewals.last().unwrap().kept_interval(), None);
        let stays = Observations::new(&[7.9], &[Censored]).unwrap().risk_table().kaplan_meier().unwrap();
        assert_eq!(stays.renewals(2.0, Confidence::P95, LimitMethod::Log).unwrap().len(), 3);
        assert_eq!(stays.renewals(8.0, Confidence::P95, LimitMethod::Log).unwrap().len(), 0);
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE] {
            assert!(stays.renewals(wrong, Confidence::P95, LimitMethod::Log).is_err(), "{wrong}");
        }
    }
}
