//! What handling complaints better is worth: customers lost, money at risk, and the money kept by moving cases to a better outcome.

use rust_decimal::Decimal;

use super::{Outcome, OutcomeMix, RetentionCurve};
use crate::decimal;
use crate::error::{Error, Result};
use crate::proportion::Proportion;
use crate::range::Range;

/// What the value of recovery is computed from. Every figure but the number of customers may be a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct RecoveryInputs {
    /// The customers of the base.
    pub customers: u64,
    /// The share of them who have a problem in the period.
    pub problem_rate: Range<Proportion>,
    /// How the problems end.
    pub mix: OutcomeMix,
    /// How many customers stay after each outcome.
    pub curve: RetentionCurve,
    /// What a customer who stays will still buy, in money.
    pub lifetime_value: Range<Decimal>,
    /// The share of it that is profit.
    pub margin: Range<Proportion>,
}

/// The customers and the money that problems cost, and what moving cases to a better outcome keeps.
///
/// ```text
/// problems       = customers x problem rate
/// lost           = problems x sum over outcomes of (share x (1 - retention))
/// money at risk  = lost x lifetime value x margin
/// customers kept = cases moved x (retention after the better outcome - retention after the worse)
/// ```
///
/// Every result is the range that the ranges of the inputs allow: the inputs are taken to vary independently of each other, and because
/// each result is linear in each input its extremes lie at their ends. Retention is taken to be caused by the outcome. Customers who
/// complain may differ from those who do not, so what moving the silent keeps is the least certain.
///
/// Source: the market damage model of TARP; doc-000, doc-003.
///
/// ```
/// use customer_metrics::{Decimal, Proportion, Range};
/// use customer_metrics::complaint::{Outcome, OutcomeMix, PublishedCurve, RecoveryInputs, RecoveryModel};
///
/// let percent = |value: i64| Proportion::from_percent(value.into());
/// let model = RecoveryModel::new(RecoveryInputs {
///     customers: 10_000,
///     problem_rate: percent(20)?.into(),
///     mix: OutcomeMix::new(percent(40)?, percent(50)?, percent(25)?),
///     curve: PublishedCurve::MajorProblem.curve(),
///     lifetime_value: Range::single(Decimal::from(1_000)),
///     margin: percent(30)?.into(),
/// })?;
///
/// // 2,000 problems, of which 300 resolved slowly; half of those made quick: 150 x (82% - 54%) = 42 customers of 300 each.
/// let faster = model.resolving_faster(percent(50)?)?;
/// assert_eq!(faster.customers_kept.to_string(), "42");
/// assert_eq!(faster.money_kept.to_string(), "12600");
/// assert_eq!(faster.most_per_case.to_string(), "84");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "RecoveryInputs", into = "RecoveryInputs"))]
pub struct RecoveryModel {
    inputs: RecoveryInputs,
    problems: Range<Decimal>,
    /// Lifetime value x margin.
    customer_value: Range<Decimal>,
    retained: [Range<Decimal>; 4],
}

impl RecoveryModel {
    /// The model of these inputs.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the lifetime value is negative; [`Error::Undefined`] if the curve misses a step that the mix needs;
    /// [`Error::Overflow`] if the result would not fit 28 digits.
    pub fn new(inputs: RecoveryInputs) -> Result<Self> {
        let _ = decimal::non_negative("lifetime value", inputs.lifetime_value.low())?;
        let customers = Range::single(Decimal::from(inputs.customers));
        Ok(Self {
            inputs,
            problems: customers.mul("problems", &inputs.problem_rate.to_decimal())?,
            customer_value: inputs.lifetime_value.mul("customer value", &inputs.margin.to_decimal())?,
            retained: inputs.curve.retained_under(&inputs.mix)?.map(|retention| retention.to_decimal()),
        })
    }

    /// What the model was made from.
    #[must_use]
    pub fn inputs(&self) -> &RecoveryInputs {
        &self.inputs
    }

    /// The customers who have a problem.
    #[must_use]
    pub fn problems(&self) -> Range<Decimal> {
        self.problems
    }

    /// What one customer who stays is worth: lifetime value x margin.
    #[must_use]
    pub fn customer_value(&self) -> Range<Decimal> {
        self.customer_value
    }

    /// The customers who have a problem that ends like this, how many of them leave, and the money that leaves with them.
    ///
    /// # Errors
    /// [`Error::Overflow`] if a result would not fit 28 digits.
    pub fn loss(&self, outcome: Outcome) -> Result<OutcomeLoss> {
        let customers = self.problems.mul("customers", &self.inputs.mix.share(outcome).to_decimal())?;
        let lost = customers.mul("lost", &leaving(outcome.pick(self.retained))?)?;
        Ok(OutcomeLoss { outcome, customers, lost, money: lost.mul("money at risk", &self.customer_value)? })
    }

    /// All customers with a problem who leave.
    ///
    /// Some of them would have left without one: see [`lost_beyond`](Self::lost_beyond).
    ///
    /// # Errors
    /// [`Error::Overflow`] if the result would not fit 28 digits.
    pub fn lost(&self) -> Result<Range<Decimal>> {
        self.lost_beyond(Proportion::ONE)
    }

    /// The customers who leave beyond those who would have left without a problem, given how many of the others stay.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the result would not fit 28 digits.
    pub fn lost_beyond(&self, retention_without_problem: impl Into<Range<Proportion>>) -> Result<Range<Decimal>> {
        let without_problem = retention_without_problem.into().to_decimal();
        let mut lost = self.retained;
        for retention in &mut lost {
            *retention = without_problem.sub("lost", retention)?;
        }
        self.inputs.mix.weigh("lost", lost)?.mul("lost", &self.problems)
    }

    /// The money that leaves with all customers who leave after a problem.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the result would not fit 28 digits.
    pub fn money_at_risk(&self) -> Result<Range<Decimal>> {
        self.lost()?.mul("money at risk", &self.customer_value)
    }

    /// What it keeps if a share of the problems that end in one outcome ends in a better one instead.
    ///
    /// # Errors
    /// [`Error::Unknown`] if `to` is not better than `from`; [`Error::Undefined`] if the curve misses one of the two; [`Error::Overflow`]
    /// if a result would not fit 28 digits.
    pub fn moving(&self, from: Outcome, to: Outcome, share: impl Into<Range<Proportion>>) -> Result<Recovery> {
        if to <= from {
            let expected = "better than the outcome that the cases are moved from";
            return Err(Error::Unknown { field: "outcome", value: to.to_string(), expected });
        }
        let after = self.inputs.curve.retention(to)?.range().to_decimal();
        self.recovery(from, &after, share.into())
    }

    /// What it keeps if a share of the silent customers complains instead, and their complaints end as complaints do now.
    ///
    /// # Errors
    /// [`Error::Undefined`] if the curve misses a step that this needs; [`Error::Overflow`] if a result would not fit 28 digits.
    pub fn hearing_more(&self, share_of_silent: impl Into<Range<Proportion>>) -> Result<Recovery> {
        let mix = self.inputs.mix;
        let heard = OutcomeMix::new(Proportion::ONE, mix.resolution_rate(), mix.quick_rate());
        self.recovery(Outcome::Silent, &self.inputs.curve.under(&heard)?.to_decimal(), share_of_silent.into())
    }

    /// What it keeps if a share of the unresolved complaints is resolved instead, as quickly as complaints are now.
    ///
    /// # Errors
    /// [`Error::Undefined`] if the curve misses a step that this needs; [`Error::Overflow`] if a result would not fit 28 digits.
    pub fn resolving_more(&self, share_of_unresolved: impl Into<Range<Proportion>>) -> Result<Recovery> {
        let resolved = OutcomeMix::new(Proportion::ONE, Proportion::ONE, self.inputs.mix.quick_rate());
        self.recovery(Outcome::Unresolved, &self.inputs.curve.under(&resolved)?.to_decimal(), share_of_unresolved.into())
    }

    /// What it keeps if a share of the slow resolutions is made quick.
    ///
    /// # Errors
    /// [`Error::Undefined`] if the curve misses one of the two steps; [`Error::Overflow`] if a result would not fit 28 digits.
    pub fn resolving_faster(&self, share_of_slow: impl Into<Range<Proportion>>) -> Result<Recovery> {
        self.moving(Outcome::Resolved, Outcome::ResolvedQuickly, share_of_slow)
    }

    fn recovery(&self, from: Outcome, after: &Range<Decimal>, share: Range<Proportion>) -> Result<Recovery> {
        let before = self.inputs.curve.retention(from)?.range().to_decimal();
        let kept_per_case = after.sub("customers kept", &before)?;
        let at_hand = self.problems.mul("cases", &self.inputs.mix.share(from).to_decimal())?;
        let cases = at_hand.mul("cases", &share.to_decimal())?;
        let customers_kept = cases.mul("customers kept", &kept_per_case)?;
        Ok(Recovery {
            cases,
            customers_kept,
            money_kept: customers_kept.mul("money kept", &self.customer_value)?,
            most_per_case: kept_per_case.mul("most per case", &self.customer_value)?,
        })
    }
}

fn leaving(retained: Range<Decimal>) -> Result<Range<Decimal>> {
    Range::single(Decimal::ONE).sub("lost", &retained)
}

impl TryFrom<RecoveryInputs> for RecoveryModel {
    type Error = Error;

    fn try_from(inputs: RecoveryInputs) -> Result<Self> {
        Self::new(inputs)
    }
}

impl From<RecoveryModel> for RecoveryInputs {
    fn from(model: RecoveryModel) -> Self {
        model.inputs
    }
}

/// What one outcome costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct OutcomeLoss {
    /// The outcome.
    pub outcome: Outcome,
    /// The customers whose problem ends like this.
    pub customers: Range<Decimal>,
    /// Those of them who leave.
    pub lost: Range<Decimal>,
    /// The money that leaves with them.
    pub money: Range<Decimal>,
}

/// What moving cases to a better outcome keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Recovery {
    /// The cases that are moved.
    pub cases: Range<Decimal>,
    /// The customers who stay because of it. Below 0 where the ranges allow the better outcome to keep fewer.
    pub customers_kept: Range<Decimal>,
    /// The money that they bring.
    pub money_kept: Range<Decimal>,
    /// The most that one may spend on moving one case: what it keeps on average.
    pub most_per_case: Range<Decimal>,
}

impl Recovery {
    /// The money kept less what moving the cases costs.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the result would not fit 28 digits.
    pub fn net(&self, cost_per_case: impl Into<Range<Decimal>>) -> Result<Range<Decimal>> {
        self.most_per_case.sub("net", &cost_per_case.into())?.mul("net", &self.cases)
    }

    /// What it would cost to win as many new customers as are kept: at the cost of one, or of all that it takes to make good the loss of one
    /// ([`Replacement::cost_per_loss`](crate::lifetime_value::Replacement::cost_per_loss)).
    ///
    /// # Errors
    /// [`Error::Overflow`] if the result would not fit 28 digits.
    pub fn replacement_cost(&self, cost_per_new_customer: impl Into<Range<Decimal>>) -> Result<Range<Decimal>> {
        self.customers_kept.mul("replacement cost", &cost_per_new_customer.into())
    }
}
