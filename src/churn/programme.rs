//! What a retention programme kept: customers and money, with their uncertainty.

use core::fmt;

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::estimate::{Comparison, ComparisonPlan, Confidence, DifferenceMethod, Estimate, Interval, Method, NumberNeeded};
use crate::money::MinorUnit;
use crate::money_estimate::MoneyEstimate;
use crate::proportion::Proportion;
use crate::share::Share;

/// How the customers with and without the programme came to be in their groups: what the difference between them may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ProgrammeDesign {
    /// The customers of a time before the programme and those of a time after it began. **There is no control**, so the difference holds
    /// everything else that changed as well:
    ///
    /// - *Regression to the mean*: a programme that is begun after a bad month is followed by a better one, with or without it.
    /// - *Season*: December is not compared with November.
    /// - Prices, competitors, and which customers are in the base.
    BeforeAndAfter,
    /// Customers with the programme and others without it in the same time, not drawn by lot. Season and prices are the same for both, but
    /// those who were chosen, or chose, differ from the others in more than the programme.
    ComparisonGroup,
    /// A lot decided who got the programme: what differs beyond the interval is its effect.
    RandomControl,
}

impl ProgrammeDesign {
    /// What else the difference may be, for the line below a figure; `None` where a lot decided.
    #[must_use]
    pub fn warning(self) -> Option<&'static str> {
        match self {
            Self::BeforeAndAfter => Some("no control: regression to the mean, season and prices may be the difference"),
            Self::ComparisonGroup => Some("not drawn by lot: the groups may differ in more than the programme"),
            Self::RandomControl => None,
        }
    }
}

impl fmt::Display for ProgrammeDesign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BeforeAndAfter => "before and after",
            Self::ComparisonGroup => "comparison group",
            Self::RandomControl => "random control",
        })
    }
}

/// The customers retained with a programme and without it, over the same length of time.
///
/// The last step of handling complaints better is to see whether it kept anyone (doc-003). What it kept is the difference in retention, for
/// as many customers as there are; the interval is Newcombe's for the difference, carried through. The two groups must be of different
/// customers, or of the same ones in periods that are apart: a customer who is in both is taken for two.
///
/// ```text
/// customers kept       = customers x (retention with - retention without)
/// money kept           = customers kept x value of a customer
/// return on investment = (money kept - cost) / cost
/// ```
///
/// ```
/// use customer_metrics::churn::{ProgrammeDesign, RetentionProgramme};
/// use customer_metrics::{Confidence, MinorUnit, Share};
///
/// let design = ProgrammeDesign::RandomControl;
/// let programme = RetentionProgramme { design, without: Share::new(840, 1_000)?, with: Share::new(880, 1_000)? };
/// assert_eq!(format!("{:.3}", programme.effect(Confidence::P95)), "0.040 (0.010 to 0.070, 95% Newcombe, n = 1000 and 1000)");
/// assert_eq!(format!("{:.0}", programme.number_needed(Confidence::P95)), "NNTB 25 (NNTB 14 to 104, 95% Newcombe, n = 500 and 500)");
///
/// // 20,000 customers worth 150 each, for 60,000.
/// let kept = programme.customers_kept(20_000, Confidence::P95)?;
/// assert_eq!(format!("{kept:.0}"), "800 (192 to 1409, 95% Newcombe, n = 2000)");
/// let business_case = programme.business_case(20_000, 150.into(), 60_000.into(), MinorUnit::CENT, Confidence::P95)?;
/// assert_eq!(format!("{:.0}", business_case.net), "60000 (-31268 to 151317, 95% Newcombe, n = 2000)");
/// assert_eq!(format!("{:.2}", business_case.return_on_investment()?), "1.00 (-0.52 to 2.52, 95% Newcombe, n = 2000)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct RetentionProgramme {
    /// How the groups came about.
    pub design: ProgrammeDesign,
    /// The retained without the programme, or before it.
    pub without: Share,
    /// The retained with the programme.
    pub with: Share,
}

impl RetentionProgramme {
    /// The difference in retention, with less without, by Newcombe's interval.
    #[must_use]
    pub fn effect(&self, confidence: Confidence) -> Comparison<DifferenceMethod> {
        self.with.difference(&self.without, confidence)
    }

    /// How many customers the programme takes to keep one more.
    #[must_use]
    pub fn number_needed(&self, confidence: Confidence) -> NumberNeeded {
        self.effect(confidence).number_needed()
    }

    /// How many of so many customers the programme keeps, who would leave without it. Below 0 where it drives customers away.
    ///
    /// The uncertainty is that of the difference in retention; the number behind it is that of both groups together.
    ///
    /// # Errors
    /// None in practice: the difference of two shares fits 28 digits.
    pub fn customers_kept(&self, customers: u64, confidence: Confidence) -> Result<Estimate> {
        // Exact where both shares are; 0.88 - 0.84 in floating point is not 0.04.
        let difference = decimal::sub("difference in retention", self.with.to_decimal(), self.without.to_decimal())?;
        let difference = decimal::to_f64(difference);
        let interval = self.effect(confidence).interval();
        // Adding 0 leaves no negative 0.
        let times = |value: f64| value * decimal::count_to_f64(customers) + 0.0;
        let (low, high) = (interval.low().min(difference), interval.high().max(difference));
        let n = self.with.whole().saturating_add(self.without.whole());
        let interval = Interval::ordered(times(low), times(high));
        Ok(Estimate::holding(times(difference), interval, confidence, Method::NewcombeDifference, n))
    }

    /// What they are worth, at a value for each that is taken as known: what a customer brings over the time to come, not one payment.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the value is negative; [`Error::Overflow`] beyond 28 digits.
    pub fn money_kept(&self, customers: u64, value_of_each: Decimal, unit: MinorUnit, confidence: Confidence) -> Result<MoneyEstimate> {
        let value_of_each = decimal::non_negative("value of a customer", value_of_each)?;
        self.customers_kept(customers, confidence)?.in_money(value_of_each, unit)
    }

    /// The most that the programme may cost for each customer in it, whether kept or not, without a loss: what it keeps of the value of one
    /// on average.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the value is negative; [`Error::Overflow`] beyond 28 digits.
    pub fn break_even_cost_per_customer(&self, value_of_each: Decimal, unit: MinorUnit, confidence: Confidence) -> Result<MoneyEstimate> {
        self.money_kept(1, value_of_each, unit, confidence)
    }

    /// What the programme keeps and what it costs, all in all.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the value or the cost is negative; [`Error::Overflow`] beyond 28 digits.
    pub fn business_case(
        &self,
        customers: u64,
        value_of_each: Decimal,
        cost: Decimal,
        unit: MinorUnit,
        confidence: Confidence,
    ) -> Result<BusinessCase> {
        let cost = decimal::non_negative("cost of the programme", cost)?;
        let money_kept = self.money_kept(customers, value_of_each, unit, confidence)?;
        Ok(BusinessCase { money_kept, cost, net: money_kept.less("net", cost)? })
    }

    /// The two groups of a trial that would see a programme which just pays: retention as it is, and retention as much higher as the cost of
    /// the programme for one customer is of the value of a customer. For an effect of a given size, see
    /// [`ComparisonPlan::from_shares`]. Plan before the programme begins, and draw the groups by lot.
    ///
    /// ```text
    /// retention that pays = retention + cost for each customer in the programme / value of a customer
    /// ```
    ///
    /// ```
    /// use customer_metrics::churn::RetentionProgramme;
    /// use customer_metrics::{Confidence, Proportion};
    ///
    /// // 84% stay. At 3 a customer and a value of 150, two more of a hundred must.
    /// let retention = Proportion::from_percent(84.into())?;
    /// let plan = RetentionProgramme::break_even_plan(retention, 3.into(), 150.into(), Confidence::P95)?;
    /// assert_eq!(plan.sample_size(0.8)?, 5_003); // in each group
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the value or the cost is negative, or not even full retention would pay;
    /// [`Error::Undefined`] if customers are worth nothing, or the programme costs nothing and any effect pays.
    pub fn break_even_plan(
        retention: Proportion,
        cost_for_each: Decimal,
        value_of_each: Decimal,
        confidence: Confidence,
    ) -> Result<ComparisonPlan> {
        let cost = decimal::non_negative("cost for a customer", cost_for_each)?;
        let value = decimal::non_negative("value of a customer", value_of_each)?;
        let rise = decimal::div("retention that pays", "customers are worth nothing", cost, value)?;
        let paying = decimal::add("retention that pays", retention.to_decimal(), rise)?;
        if paying > Decimal::ONE {
            return Err(Error::out_of_bounds("retention that pays", paying, Bound::AtMost(Decimal::ONE.into())));
        }
        ComparisonPlan::from_shares(retention, Proportion::new(paying)?, confidence)
    }
}

/// What a programme keeps, what it costs, and what is left.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct BusinessCase {
    /// What the customers who were kept are worth.
    pub money_kept: MoneyEstimate,
    /// What the programme costs.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub cost: Decimal,
    /// The money kept less the cost.
    pub net: MoneyEstimate,
}

impl BusinessCase {
    /// What is left, in units of the cost: 1 where every unit spent comes back and brings another. Minus 1 is the whole cost lost.
    ///
    /// # Errors
    /// [`Error::Undefined`] if the programme costs nothing; [`Error::Overflow`] beyond 28 digits.
    pub fn return_on_investment(&self) -> Result<Estimate> {
        self.net.in_units_of("return on investment", "the programme costs nothing", self.cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programme(without: (u64, u64), with: (u64, u64)) -> RetentionProgramme {
        let share = |(part, whole)| Share::new(part, whole).unwrap();
        RetentionProgramme { design: ProgrammeDesign::BeforeAndAfter, without: share(without), with: share(with) }
    }

    #[test]
    fn the_ends_are_those_of_the_difference_and_hold_the_point() {
        for (without, with) in [((0, 1), (1, 1)), ((1, 1), (0, 1)), ((0, 5), (0, 5)), ((1, 3), (2, 7)), ((1, u64::MAX), (0, u64::MAX))] {
            let programme = programme(without, with);
            for level in [f64::MIN_POSITIVE, 0.5, 0.95, 1.0 - f64::EPSILON / 2.0] {
                let confidence = Confidence::new(level).unwrap();
                let kept = programme.customers_kept(1, confidence).unwrap();
                let (found, expected) = (kept.interval(), programme.effect(confidence).interval());
                assert!(found.contains(kept.point()), "{kept}");
                assert!((found.low() - expected.low()).abs() < 1e-15 && (found.high() - expected.high()).abs() < 1e-15, "{kept}");
            }
        }
    }

    #[test]
    fn a_programme_that_drives_customers_away_keeps_less_than_none() {
        let programme = programme((90, 100), (80, 100));
        let kept = programme.customers_kept(1_000, Confidence::P95).unwrap();
        assert_eq!((kept.point().to_string(), kept.n()), ("-100".to_owned(), 200));
        let money = programme.money_kept(1_000, Decimal::new(1_050, 2), MinorUnit::CENT, Confidence::P95).unwrap();
        assert_eq!(money.point(), Decimal::from(-1_050));
        assert!(money.interval().low() < money.point() && money.point() < money.interval().high());
        let most = programme.break_even_cost_per_customer(Decimal::from(20), MinorUnit::CENT, Confidence::P95).unwrap();
        assert_eq!(most.point(), Decimal::from(-2));
    }

    #[test]
    fn nothing_for_no_one_and_no_return_on_no_cost() {
        let programme = programme((80, 100), (90, 100));
        let kept = programme.customers_kept(0, Confidence::P95).unwrap();
        assert_eq!(format!("{kept:.1}"), "0.0 (0.0 to 0.0, 95% Newcombe, n = 200)");
        let case = |value, cost| programme.business_case(10, value, cost, MinorUnit::CENT, Confidence::P95);
        let free = case(Decimal::ONE, Decimal::ZERO).unwrap();
        assert_eq!(free.net, free.money_kept);
        assert!(matches!(free.return_on_investment(), Err(Error::Undefined { metric: "return on investment", .. })));
        assert_eq!(case(Decimal::NEGATIVE_ONE, Decimal::ONE).unwrap_err().field(), Some("value of a customer"));
        assert_eq!(case(Decimal::ONE, Decimal::NEGATIVE_ONE).unwrap_err().field(), Some("cost of the programme"));
        let huge = programme.money_kept(u64::MAX, Decimal::MAX, MinorUnit::CENT, Confidence::P95);
        assert!(matches!(huge, Err(Error::Overflow { .. })));
    }

    #[test]
    fn a_programme_that_can_not_pay_or_costs_nothing_has_no_plan() {
        let plan = |retention: i64, cost: i64, value: i64| {
            let retention = Proportion::from_percent(Decimal::from(retention)).unwrap();
            RetentionProgramme::break_even_plan(retention, cost.into(), value.into(), Confidence::P95)
        };
        assert_eq!(plan(90, 11, 100).unwrap_err().to_string(), "retention that pays is 1.01, but must be at most 1");
        assert!(plan(90, 10, 100).is_ok());
        assert!(matches!(plan(90, 0, 100), Err(Error::Undefined { .. })));
        assert!(matches!(plan(90, 1, 0), Err(Error::Undefined { metric: "retention that pays", .. })));
        assert_eq!(plan(90, -1, 10).unwrap_err().field(), Some("cost for a customer"));
        assert_eq!(plan(90, 1, -10).unwrap_err().field(), Some("value of a customer"));
    }

    #[test]
    fn only_a_lot_needs_no_warning() {
        assert!(ProgrammeDesign::BeforeAndAfter.warning().is_some_and(|warning| warning.contains("regression to the mean")));
        assert!(ProgrammeDesign::ComparisonGroup.warning().is_some());
        assert_eq!(ProgrammeDesign::RandomControl.warning(), None);
    }
}
