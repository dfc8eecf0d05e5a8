//! Predictions for each customer, held against what they did.

use super::{BgBb, CalibrationHoldout, NaiveRule, OpportunityHistory, PeriodRule, PurchaseColumns, TransactionModel};
use crate::decimal::{self, count_to_f64};
use crate::error::{Bound, Error, Result};
use crate::estimate::{Confidence, Estimate, Measure, Moments};

/// How far predictions lie from what came, for one customer: in purchases, or in money where this was predicted.
///
/// ```text
/// mean absolute error      mean of |predicted - actual|
/// root mean square error   square root of the mean of (predicted - actual)^2
/// bias                     mean of predicted - actual
/// ```
///
/// The absolute error is least for predictions of the median, which is 0 where most customers do not come back: by it alone, to predict
/// nothing looks good. The square error is least for predictions of the mean, which is what is to be predicted if purchases are added up.
///
/// They describe these customers and have no interval. Whether predictions are off by more than chance, groups of customers show:
/// [`PredictionGroup::actual_estimate`] beside [`PredictionGroup::mean_predicted`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PredictionAccuracy {
    /// How many customers.
    pub customers: u64,
    /// The mean absolute error.
    pub mean_absolute: f64,
    /// The root of the mean square error.
    pub root_mean_square: f64,
    /// Above 0 if too much was predicted.
    pub bias: f64,
}

impl PredictionAccuracy {
    /// The same to the last bit only if the distances come in the same order; there is at least one.
    fn of(distances: impl Iterator<Item = f64>) -> Self {
        let (mut customers, mut absolute, mut square, mut bias) = (0_u64, 0.0, 0.0, 0.0);
        for distance in distances {
            customers = customers.saturating_add(1);
            absolute += distance.abs();
            square += distance * distance;
            bias += distance;
        }
        let n = count_to_f64(customers);
        Self { customers, mean_absolute: absolute / n, root_mean_square: (square / n).sqrt(), bias: bias / n }
    }
}

/// Predictions beyond this could not be squared and added up.
fn check_predicted(row: usize, predicted: f64) -> Result<()> {
    if (0.0..=1e100).contains(&predicted) {
        return Ok(());
    }
    Err(Error::out_of_bounds("predicted", predicted, Bound::Within(0_u64.into(), 1e100.into())).at_row(row))
}

/// Customers of similar frequency or prediction, actual against predicted.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(into = "GroupState"))]
pub struct PredictionGroup {
    moments: Moments,
    mean_predicted: f64,
    frequencies: (u64, u64),
    predictions: (f64, f64),
}

impl PredictionGroup {
    /// How many customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.moments.n()
    }

    /// The mean of what was predicted.
    #[must_use]
    pub fn mean_predicted(&self) -> f64 {
        self.mean_predicted
    }

    /// The mean of what was bought.
    #[must_use]
    pub fn mean_actual(&self) -> f64 {
        self.moments.mean()
    }

    /// The mean of what was bought, with an interval by Student's t: rough where customers are few or a few buy most.
    ///
    /// # Errors
    /// [`Error::Undefined`] for one customer.
    pub fn actual_estimate(&self, confidence: Confidence) -> Result<Estimate> {
        PURCHASES.estimate(&self.moments, confidence)
    }

    /// The least and the greatest frequency in the calibration.
    #[must_use]
    pub fn frequencies(&self) -> (u64, u64) {
        self.frequencies
    }

    /// The least and the greatest prediction.
    #[must_use]
    pub fn predictions(&self) -> (f64, f64) {
        self.predictions
    }

    /// Rows in ascending order of prediction; nothing of none.
    fn of(rows: &[&Row]) -> Result<Option<Self>> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(None) };
        let moments = Moments::of_counts(rows.iter().map(|row| (i128::from(row.actual), 1)));
        let moments = moments.ok_or(Error::Overflow { field: "squared purchases", capacity: "128 bits" })?;
        let frequencies = rows.iter().map(|row| row.frequency);
        Ok(Some(Self {
            mean_predicted: rows.iter().map(|row| row.predicted).sum::<f64>() / count_to_f64(moments.n()),
            moments,
            frequencies: (frequencies.clone().min().unwrap_or(0), frequencies.max().unwrap_or(0)),
            predictions: (first.predicted, last.predicted),
        }))
    }
}

const PURCHASES: Measure =
    Measure { metric: "purchases", nothing: "there are no customers", units: 1.0, range: [0.0, Measure::ANYWHERE[1]] };

/// One customer.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
struct Row {
    predicted: f64,
    frequency: u64,
    actual: u64,
}

/// What was predicted of each customer for the holdout, and what they bought in it.
///
/// ```
/// use customer_metrics::repeat_buying::{HoldoutColumns, HoldoutPrediction};
///
/// let holdout = HoldoutPrediction::new(HoldoutColumns {
///     calibration_frequencies: &[0, 0, 1, 3],
///     predicted: &[0.1, 0.3, 0.5, 2.1],
///     actual: &[0, 1, 0, 3],
/// })?;
/// let accuracy = holdout.accuracy();
/// assert_eq!(format!("{:.3} {:.3} {:.3}", accuracy.mean_absolute, accuracy.root_mean_square, accuracy.bias), "0.550 0.624 -0.250");
///
/// let [never, again] = &holdout.by_frequency(1)?[..] else { panic!("there are two groups") };
/// assert_eq!((never.customers(), again.customers()), (2, 2));
/// assert_eq!(format!("{:.2} {:.2}", again.mean_predicted(), again.mean_actual()), "1.30 1.50");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// The order of the customers does not matter, to the last bit.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct HoldoutPrediction {
    /// In ascending order of prediction, then frequency, then what was bought.
    rows: Vec<Row>,
}

/// Three columns of the same length, one customer a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HoldoutColumns<'a> {
    /// Repeat purchases until the end of the calibration.
    pub calibration_frequencies: &'a [u64],
    /// Purchases that were predicted for the holdout.
    pub predicted: &'a [f64],
    /// Purchases in the holdout.
    pub actual: &'a [u64],
}

/// More groups would not be looked at.
const MOST_GROUPS: u32 = 10_000;

impl HoldoutPrediction {
    /// What was predicted of each customer, held against what they bought.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::Undefined`] if there is no customer; [`Error::Row`] with the first
    /// prediction that is not within 0 to 1e100.
    pub fn new(columns: HoldoutColumns<'_>) -> Result<Self> {
        let HoldoutColumns { calibration_frequencies: frequencies, predicted, actual } = columns;
        Error::check_length("length of predicted", frequencies.len(), predicted.len())?;
        Error::check_length("length of actual", frequencies.len(), actual.len())?;
        if frequencies.is_empty() {
            return Err(Error::Undefined { metric: "holdout prediction", because: "there are no customers" });
        }
        for (row, &predicted) in predicted.iter().enumerate() {
            check_predicted(row, predicted)?;
        }
        let columns = frequencies.iter().zip(predicted).zip(actual);
        // Adding 0 turns -0 into 0.
        let mut rows: Vec<Row> =
            columns.map(|((&frequency, &predicted), &actual)| Row { predicted: predicted + 0.0, frequency, actual }).collect();
        let numbers = |row: &Row| (row.frequency, row.actual);
        rows.sort_unstable_by(|a, b| a.predicted.total_cmp(&b.predicted).then_with(|| numbers(a).cmp(&numbers(b))));
        Ok(Self { rows })
    }

    /// How many customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        u64::try_from(self.rows.len()).unwrap_or(u64::MAX)
    }

    /// What was predicted of all together.
    #[must_use]
    pub fn total_predicted(&self) -> f64 {
        self.rows.iter().map(|row| row.predicted).sum()
    }

    /// What all together bought.
    #[must_use]
    pub fn total_actual(&self) -> u128 {
        self.rows.iter().fold(0, |sum, row| sum.saturating_add(row.actual.into()))
    }

    /// How far the predictions lie from what was bought.
    #[must_use]
    pub fn accuracy(&self) -> PredictionAccuracy {
        PredictionAccuracy::of(self.rows.iter().map(|row| row.predicted - count_to_f64(row.actual)))
    }

    /// Customers by their frequency in the calibration: 0, 1, ... and in a last group those with `last` or more. Groups of nobody are left
    /// out.
    ///
    /// It is the plot of conditional expectations (Fader, Hardie and Lee 2005, figure 4): whether a model knows that those who have bought
    /// often will not go on quite as they did.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if `last` is more than 10,000; [`Error::Overflow`] if the squares of what a group bought exceed 128 bits.
    pub fn by_frequency(&self, last: u32) -> Result<Vec<PredictionGroup>> {
        if last > MOST_GROUPS {
            return Err(Error::out_of_bounds("last group", last, Bound::AtMost(MOST_GROUPS.into())));
        }
        self.grouped(last.saturating_add(1), |row, _, _| usize::try_from(row.frequency.min(last.into())).unwrap_or(usize::MAX))
    }

    /// Customers by what was predicted of them, from the least on, in so many groups of about the same size: 10 for deciles.
    ///
    /// Customers with the same prediction are all in the group in which the middle one of them belongs, so that groups can differ in size;
    /// those of nobody are left out.
    ///
    /// ```text
    /// group = floor(groups x (customers below + half of those with the same prediction) / customers)
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if `groups` is not within 1 to 10,000; [`Error::Overflow`] if the squares of what a group bought exceed 128
    /// bits.
    pub fn by_prediction(&self, groups: u32) -> Result<Vec<PredictionGroup>> {
        if !(1..=MOST_GROUPS).contains(&groups) {
            return Err(Error::out_of_bounds("groups", groups, Bound::Within(1_u32.into(), MOST_GROUPS.into())));
        }
        let twice = u128::from(self.customers()).saturating_mul(2);
        self.grouped(groups, |_, below, up_to| {
            let middle = u128::from(below).saturating_add(up_to.into()).saturating_mul(groups.into());
            middle.checked_div(twice).and_then(|group| usize::try_from(group).ok()).unwrap_or(usize::MAX)
        })
    }

    /// `group_of` takes a row, how many have a lower prediction, and how many one that is at most the same.
    fn grouped(&self, groups: u32, group_of: impl Fn(&Row, u64, u64) -> usize) -> Result<Vec<PredictionGroup>> {
        let mut members: Vec<Vec<&Row>> = (0..groups).map(|_| Vec::new()).collect();
        let mut below = 0_u64;
        for same in self.rows.chunk_by(|a, b| a.predicted.to_bits() == b.predicted.to_bits()) {
            let up_to = below.saturating_add(u64::try_from(same.len()).unwrap_or(u64::MAX));
            for row in same {
                if let Some(group) = members.get_mut(group_of(row, below, up_to)) {
                    group.push(row);
                }
            }
            below = up_to;
        }
        members.iter().map(|rows| PredictionGroup::of(rows)).filter_map(Result::transpose).collect()
    }
}

impl CalibrationHoldout {
    /// What a model predicts of each customer for the holdout, with what they bought in it.
    ///
    /// The parameters of a model are in the unit of time of the histories it was fitted to, but do not say which it was: say it here, so
    /// that a model of days does not predict for weeks.
    ///
    /// ```
    /// use customer_metrics::FixedColumn;
    /// use customer_metrics::repeat_buying::{BgNbd, HistoryRules, PeriodLength, PeriodRule, ReturnRule, Transactions};
    ///
    /// let amounts = FixedColumn::whole(&[20, 30, 15, 9]);
    /// let transactions = Transactions::new(&[1_u64, 1, 1, 2], &[0, 7, 60, 30], amounts)?;
    /// let weeks = PeriodRule::Elapsed(PeriodLength::WEEK);
    /// let split = transactions.calibration_and_holdout(&HistoryRules::new(41, weeks, ReturnRule::Refuse)?, 83)?;
    ///
    /// let model = BgNbd::new(0.243, 4.414, 0.793, 2.426)?;
    /// assert_eq!(split.predicted_by(&model, weeks)?.total_actual(), 1);
    /// let error = split.predicted_by(&model, PeriodRule::Elapsed(PeriodLength::DAY)).unwrap_err();
    /// assert!(error.to_string().starts_with("periods differs: elapsed time in periods of 7 days and"));
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the model counts time otherwise than the calibration; those of the model's predictions;
    /// [`Error::Undefined`] if there is no customer.
    pub fn predicted_by<M: TransactionModel>(&self, model: &M, model_periods: PeriodRule) -> Result<HoldoutPrediction> {
        self.calibration().periods().check_same(model_periods)?;
        self.predicted(|columns, within| model.expected_purchases_column(columns, within))
    }

    /// What a model of opportunities predicts of each customer for the holdout, with what they bought in it; each whole period is an
    /// opportunity.
    ///
    /// # Errors
    /// [`Error::Undefined`] unless periods are counted whole, or if there is no customer; [`Error::Row`] with the first customer who has had
    /// more than 65,535 opportunities.
    pub fn predicted_by_opportunities(&self, model: &BgBb) -> Result<HoldoutPrediction> {
        let calibration = self.calibration();
        if matches!(calibration.periods(), PeriodRule::Elapsed(_)) {
            return Err(Error::Undefined { metric: "holdout prediction", because: "only whole periods are opportunities" });
        }
        let frequencies: Vec<u32> = calibration.iter().map(|history| history.frequency()).collect();
        let histories = OpportunityHistory::from_columns(&frequencies, calibration.recency(), calibration.age())?;
        let predicted = model.expected_purchases_column(&histories, self.holdout_steps().into());
        HoldoutPrediction::new(HoldoutColumns {
            calibration_frequencies: calibration.frequency(),
            predicted: &predicted,
            actual: self.holdout_frequency(),
        })
    }

    /// What a rule of thumb predicts of each customer for the holdout, with what they bought in it.
    ///
    /// # Errors
    /// Those of [`NaiveRule::predictions`]; [`Error::Undefined`] if there is no customer.
    pub fn predicted_by_rule(&self, rule: NaiveRule) -> Result<HoldoutPrediction> {
        self.predicted(|columns, within| rule.predictions(columns, within))
    }

    /// How far predictions of what each customer would spend in the holdout lie from what they spent, in money.
    ///
    /// A prediction is the expected purchases of the holdout times the expected mean spend: the value by a
    /// [`ValueModel`](super::ValueModel) that keeps the whole spend and discounts nothing, over the
    /// [holdout](Self::holdout_periods). The actual spend is what was paid, returns taken off where they are
    /// [netted](super::ReturnRule::Net), each to the nearest double.
    ///
    /// ```
    /// use customer_metrics::{FixedColumn, MinorUnit};
    /// use customer_metrics::repeat_buying::{HistoryRules, PeriodRule, ReturnRule, Transactions};
    ///
    /// let amounts = FixedColumn::new(&[20_00, 30_00, 15_50, 9_00], MinorUnit::CENT);
    /// let transactions = Transactions::new(&[1_u64, 1, 1, 2], &[0, 7, 60, 30], amounts)?;
    /// let calibration = HistoryRules::new(41, PeriodRule::default(), ReturnRule::Refuse)?;
    /// let split = transactions.calibration_and_holdout(&calibration, 83)?;
    ///
    /// let accuracy = split.spend_accuracy(&[18.0, 1.5])?;
    /// assert_eq!((accuracy.mean_absolute, accuracy.bias), (2.0, 2.0));
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Mismatch`] if there is not one prediction a customer; [`Error::Undefined`] if there is no customer; [`Error::Row`] with the
    /// first prediction that is not within 0 to 1e100.
    pub fn spend_accuracy(&self, predicted: &[f64]) -> Result<PredictionAccuracy> {
        Error::check_length("length of predicted", self.holdout_spend().len(), predicted.len())?;
        if predicted.is_empty() {
            return Err(Error::Undefined { metric: "accuracy of spend", because: "there are no customers" });
        }
        predicted.iter().enumerate().try_for_each(|(row, &predicted)| check_predicted(row, predicted))?;
        let unit = self.calibration().unit();
        let actual = self.holdout_spend().iter().map(|&units| decimal::to_f64(unit.amount_of(units)));
        Ok(PredictionAccuracy::of(predicted.iter().zip(actual).map(|(predicted, actual)| predicted - actual)))
    }

    fn predicted(&self, predictions: impl Fn(PurchaseColumns<'_>, f64) -> Result<Vec<f64>>) -> Result<HoldoutPrediction> {
        let calibration = self.calibration();
        let (recencies, ages) = (calibration.recency_in_periods(), calibration.age_in_periods());
        let columns = PurchaseColumns::new(calibration.frequency(), &recencies, &ages)?;
        HoldoutPrediction::new(HoldoutColumns {
            calibration_frequencies: calibration.frequency(),
            predicted: &predictions(columns, self.holdout_periods())?,
            actual: self.holdout_frequency(),
        })
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize)]
struct GroupState {
    customers: u64,
    mean_predicted: f64,
    mean_actual: f64,
    frequencies: (u64, u64),
    predictions: (f64, f64),
}

#[cfg(feature = "serde")]
impl From<PredictionGroup> for GroupState {
    fn from(group: PredictionGroup) -> Self {
        Self {
            customers: group.customers(),
            mean_predicted: group.mean_predicted,
            mean_actual: group.mean_actual(),
            frequencies: group.frequencies,
            predictions: group.predictions,
        }
    }
}
