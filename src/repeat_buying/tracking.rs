//! The purchases of a whole base over time, expected against actual.

use std::collections::HashMap;

use super::{BgBb, PeriodRule, PurchaseTrack, TransactionModel};
use crate::decimal::count_to_f64;
use crate::error::{Bound, Error, Result};

/// On which side of the end of the calibration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum TrackedPart {
    /// Where the model was fitted.
    Calibration,
    /// What came after.
    Holdout,
}

/// One stretch of time: what was bought again in it, and until its end.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct TrackingPoint {
    part: TrackedPart,
    steps: u32,
    time: f64,
    actual: u64,
    expected: f64,
    cumulative_actual: u64,
    cumulative_expected: f64,
}

impl TrackingPoint {
    /// Whether it lies in the calibration or the holdout.
    #[must_use]
    pub fn part(&self) -> TrackedPart {
        self.part
    }

    /// How many days (or whole periods) it has: the first and the last may have fewer than the others.
    #[must_use]
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// Its end, in periods since the beginning of the day on which the first customer came.
    #[must_use]
    pub fn time(&self) -> f64 {
        self.time
    }

    /// Repeat purchases in it.
    #[must_use]
    pub fn actual(&self) -> u64 {
        self.actual
    }

    /// Repeat purchases in it that the model expects.
    #[must_use]
    pub fn expected(&self) -> f64 {
        self.expected
    }

    /// Repeat purchases from the first customer on until its end.
    #[must_use]
    pub fn cumulative_actual(&self) -> u64 {
        self.cumulative_actual
    }

    /// Repeat purchases until its end that the model expects; never falls.
    #[must_use]
    pub fn cumulative_expected(&self) -> f64 {
        self.cumulative_expected
    }
}

/// The repeat purchases of a whole base over time, cumulative and incremental, actual against expected.
///
/// ```text
/// expected until t = sum over customers of E[X(t - their first purchase)],  X the repeat purchases of a new customer
/// ```
///
/// The model knows of each customer only when they came, so this says whether it gets the base right, not the customers:
/// [`HoldoutPrediction`](super::HoldoutPrediction) does.
///
/// Comes from [`PurchaseTrack::tracking`]. Source: P. S. Fader, B. G. S. Hardie and K. L. Lee, "Counting Your Customers the Easy Way: An
/// Alternative to the Pareto/NBD Model", Marketing Science 24 (2005), 275-284, whose tracking plots they are.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Tracking {
    points: Vec<TrackingPoint>,
}

/// More points would not be looked at.
const MOST_POINTS: u32 = 10_000;

/// Ages of 179 years in days.
const MOST_REMEMBERED: usize = 65_536;

impl PurchaseTrack {
    /// Holds the expectations of a model against what was bought, in stretches of so many days (or whole periods).
    ///
    /// A stretch ends with the calibration; the first and the last may be shorter for it. `model_periods` is how time was counted in the
    /// histories that the model was fitted to. The model is asked once for every age that the customers of a day have at the end of a
    /// stretch: at most the number of stretches x the number of days on which customers came, with a memory for 65,536 different ages.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the model counts time otherwise than the track; [`Error::Undefined`] if there is no customer; [`Error::OutOfBounds`] if the length is 0, or so short that there would be more than
    /// 10,000 stretches; [`Error::Overflow`] if an expectation exceeds the largest double.
    pub fn tracking<M: TransactionModel>(&self, model: &M, model_periods: PeriodRule, steps: u32) -> Result<Tracking> {
        self.periods.check_same(model_periods)?;
        self.tracked(steps, |age| model.new_customer_purchases(self.periods.periods(age)))
    }

    /// The same for a model of opportunities, of which each whole period after the first purchase is one.
    ///
    /// ```
    /// use customer_metrics::FixedColumn;
    /// use customer_metrics::repeat_buying::{BgBb, HistoryRules, PeriodRule, ReturnRule, Transactions, WholePeriods};
    ///
    /// let amounts = FixedColumn::whole(&[20, 30, 15, 9]);
    /// let transactions = Transactions::new(&[1_u64, 1, 1, 2], &[0, 7, 60, 61], amounts)?;
    /// let weeks = PeriodRule::Whole(WholePeriods::new(7, 0)?);
    /// let track = transactions.purchase_track(&HistoryRules::new(62, weeks, ReturnRule::Refuse)?, 83)?;
    /// let tracking = track.tracking_of_opportunities(&BgBb::new(1.2, 0.75, 0.66, 2.78)?, 1)?;
    /// assert_eq!((tracking.points().len(), tracking.points()[1].cumulative_actual()), (12, 1));
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`tracking`](Self::tracking); [`Error::Undefined`] unless periods are counted whole.
    pub fn tracking_of_opportunities(&self, model: &BgBb, steps: u32) -> Result<Tracking> {
        if matches!(self.periods, PeriodRule::Elapsed(_)) {
            return Err(Error::Undefined { metric: "tracking", because: "only whole periods are opportunities" });
        }
        let new = model.new_customer();
        self.tracked(steps, |age| Ok(new.expected_purchases(age.into())))
    }

    /// `expected` gives the purchases of a customer who came so many days (or whole periods) ago.
    fn tracked(&self, steps: u32, expected: impl Fn(u32) -> Result<f64>) -> Result<Tracking> {
        let Some((&first, _)) = self.starts.first_key_value() else {
            return Err(Error::Undefined { metric: "tracking", because: "there are no customers" });
        };
        let step = |day: i32| i64::from(self.periods.step(day));
        // From the day before the first, which may be before all days there are: 64 bits.
        let (before, length) = (i64::from(first).saturating_sub(1), i64::from(steps));
        let (calibration, end) = (step(self.calibration_last_day), step(self.last_day));
        let least = end.saturating_sub(before).unsigned_abs().div_ceil(u64::from(MOST_POINTS)).max(1);
        if u64::from(steps) < least {
            return Err(Error::out_of_bounds("steps", steps, Bound::AtLeast(least.into())));
        }
        let mut expected_of_age: HashMap<u32, f64> = HashMap::new();
        let mut expected_until = |day: u32| -> Result<f64> {
            let mut sum = 0.0;
            for (&start, &customers) in self.starts.range(..=day) {
                let age = day.saturating_sub(start);
                let purchases = if let Some(&known) = expected_of_age.get(&age) {
                    known
                } else {
                    let purchases = expected(age)?;
                    if expected_of_age.len() < MOST_REMEMBERED {
                        expected_of_age.insert(age, purchases);
                    }
                    purchases
                };
                sum += count_to_f64(customers) * purchases;
            }
            if sum.is_finite() { Ok(sum) } else { Err(Error::Overflow { field: "expected purchases", capacity: "a double" }) }
        };
        let mut points: Vec<TrackingPoint> = Vec::new();
        let (mut from, mut cumulative_actual, mut cumulative_expected) = (before, 0_u64, 0.0_f64);
        while from < end {
            // The end of the calibration and every so many days before and after it.
            let past = from.saturating_sub(calibration).checked_rem_euclid(length).unwrap_or(0);
            let to = from.saturating_sub(past).saturating_add(length).min(end);
            let (first_day, last_day) = (narrow(from.saturating_add(1)), narrow(to));
            let actual = self.repeats.range(first_day..=last_day).fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
            // The last digits of two expectations may be in the wrong order.
            let until = expected_until(last_day)?.max(cumulative_expected);
            cumulative_actual = cumulative_actual.saturating_add(actual);
            points.push(TrackingPoint {
                part: if to <= calibration { TrackedPart::Calibration } else { TrackedPart::Holdout },
                steps: narrow(to.saturating_sub(from)),
                time: self.periods.periods(narrow(to.saturating_sub(before))),
                actual,
                expected: until - cumulative_expected,
                cumulative_actual,
                cumulative_expected: until,
            });
            (from, cumulative_expected) = (to, until);
        }
        Ok(Tracking { points })
    }
}

/// Days are 32 bits.
fn narrow(days: i64) -> u32 {
    u32::try_from(days.max(0)).unwrap_or(u32::MAX)
}

impl Tracking {
    /// The stretches in order of time; at least one.
    #[must_use]
    pub fn points(&self) -> &[TrackingPoint] {
        &self.points
    }

    /// By how much the purchases that the model expects in one part exceed those that were made, as a part of these: -0.04 if it expects
    /// 4% too few. It describes what happened once and has no interval, like the
    /// [percentage error](Self::mean_absolute_percentage_error).
    ///
    /// # Errors
    /// [`Error::Undefined`] if nothing was bought again in this part.
    pub fn relative_error(&self, part: TrackedPart) -> Result<f64> {
        let points = || self.points.iter().filter(|point| point.part == part);
        let actual = points().fold(0_u64, |sum, point| sum.saturating_add(point.actual));
        if actual == 0 {
            return Err(Error::Undefined { metric: "relative error", because: "nothing was bought again" });
        }
        let actual = count_to_f64(actual);
        Ok((points().map(|point| point.expected).sum::<f64>() - actual) / actual)
    }

    /// The mean absolute percentage error of the cumulative purchases over the stretches of one part, as a proportion.
    ///
    /// ```text
    /// mean of |expected - actual| / actual, both cumulative, where the actual ones are more than 0
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] if nothing was bought again until the end of this part.
    pub fn mean_absolute_percentage_error(&self, part: TrackedPart) -> Result<f64> {
        let (mut sum, mut count) = (0.0, 0.0);
        for point in self.points.iter().filter(|point| point.part == part && point.cumulative_actual > 0) {
            let actual = count_to_f64(point.cumulative_actual);
            sum += (point.cumulative_expected - actual).abs() / actual;
            count += 1.0;
        }
        if count > 0.0 {
            Ok(sum / count)
        } else {
            Err(Error::Undefined { metric: "mean absolute percentage error", because: "nothing was bought again" })
        }
    }
}
