//! What a retention programme kept: customers and money, with their uncertainty.

use core::fmt;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::estimate::{Comparison, ComparisonPlan, Confidence, DifferenceMethod, NumberNeeded};
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
/// as many customers as there are; the interval is Newcombe's for the difference, carried through.
///
/// ```text
/// customers kept = customers x (retention with - retention without)
/// money kept     = customers kept x value of a customer
/// return on cost = (money kept - cost) / cost
/// ```
///
/// ```
/// use customer_metrics::churn::{ProgrammeDesign, RetentionProgramme};
/// use customer_metrics::{Confidence, Share};
///
/// let (without, with) = (Share::new(840, 1_000)?, Share::new(880, 1_000)?);
/// let programme = RetentionProgramme::new(ProgrammeDesign::RandomControl, without, with);
/// assert_eq!(format!("{:.3}", programme.effect(Confidence::P95)), "0.040 (0.010 to 0.070, 95% Newcombe, n = 1000 and 1000)");
/// assert_eq!(format!("{:.0}", programme.number_needed(Confidence::P95)), "NNTB 25 (NNTB 14 to 104)");
///
/// // 20,000 customers worth 150 each, for 60,000.
/// let kept = programme.customers_kept(20_000, Confidence::P95)?;
/// assert_eq!(format!("{kept:.0}"), "800 (192 to 1409, 95%)");
/// let business = programme.business(20_000, 150.into(), 60_000.into(), Confidence::P95)?;
/// assert_eq!(format!("{:.0}", business.net), "60000 (-31268 to 151317, 95%)");
/// assert_eq!(format!("{:.2}", business.return_on_cost()?), "1.00 (-0.52 to 2.52, 95%)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct RetentionProgramme {
    design: ProgrammeDesign,
    without: Share,
    with: Share,
}

impl RetentionProgramme {
    /// The retained without the programme, or before it, and the retained with it. The two must be of different customers, or of the same
    /// ones in periods that are apart: a customer who is in both is taken for two.
    #[must_use]
    pub fn new(design: ProgrammeDesign, without: Share, with: Share) -> Self {
        Self { design, without, with }
    }

    /// How the groups came about.
    #[must_use]
    pub fn design(&self) -> ProgrammeDesign {
        self.design
    }

    /// The retained without the programme.
    #[must_use]
    pub fn without(&self) -> Share {
        self.without
    }

    /// The retained with the programme.
    #[must_use]
    pub fn with(&self) -> Share {
        self.with
    }

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
    /// # Errors
    /// [`Error::Overflow`] beyond 28 digits.
    pub fn customers_kept(&self, customers: u64, confidence: Confidence) -> Result<ProgrammeGain> {
        self.gain_of_each(confidence)?.times("customers kept", customers.into())
    }

    /// What they are worth, at a value for each: what a customer brings over the time to come, not one payment.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the value is negative; [`Error::Overflow`] beyond 28 digits.
    pub fn money_kept(&self, customers: u64, value_of_each: Decimal, confidence: Confidence) -> Result<ProgrammeGain> {
        let value_of_each = decimal::non_negative("value of a customer", value_of_each)?;
        self.customers_kept(customers, confidence)?.times("money kept", value_of_each)
    }

    /// The most that the programme may cost for each customer in it, whether kept or not: what it keeps of the value of one on average.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the value is negative; [`Error::Overflow`] beyond 28 digits.
    pub fn most_per_customer(&self, value_of_each: Decimal, confidence: Confidence) -> Result<ProgrammeGain> {
        let value_of_each = decimal::non_negative("value of a customer", value_of_each)?;
        self.gain_of_each(confidence)?.times("most per customer", value_of_each)
    }

    /// What the programme keeps and what it costs, all in all.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the value or the cost is negative; [`Error::Overflow`] beyond 28 digits.
    pub fn business(&self, customers: u64, value_of_each: Decimal, cost: Decimal, confidence: Confidence) -> Result<ProgrammeBusiness> {
        let cost = decimal::non_negative("cost of the programme", cost)?;
        let money_kept = self.money_kept(customers, value_of_each, confidence)?;
        let net = money_kept.map(|money| decimal::sub("net", money, cost))?;
        Ok(ProgrammeBusiness { money_kept, cost, net })
    }

    /// The two groups of a trial that would see a programme which just pays: retention as it is, and retention as much higher as the cost of
    /// the programme for one customer is of the value of a customer. For an effect of a given size, see
    /// [`ComparisonPlan::of_shares`]. Plan before the programme begins, and draw the groups by lot.
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
        ComparisonPlan::of_shares(retention, Proportion::new(paying)?, confidence)
    }

    /// The difference in retention in the world of decimals.
    fn gain_of_each(&self, confidence: Confidence) -> Result<ProgrammeGain> {
        let point = decimal::sub("difference in retention", self.with.to_decimal(), self.without.to_decimal())?;
        let interval = self.effect(confidence).interval();
        // Rounded outwards, and never inside the point, which the floating one may miss by its last digit.
        Ok(ProgrammeGain {
            point: point.normalize(),
            low: rounded_down(interval.low()).min(point).normalize(),
            high: decimal::negate(rounded_down(-interval.high())).max(point).normalize(),
            confidence,
        })
    }
}

/// A number within -1..=1 as a decimal of 12 places that is not above it.
fn rounded_down(value: f64) -> Decimal {
    if value < 0.0 {
        decimal::negate(decimal::from_unit_f64(-value, RoundingStrategy::AwayFromZero))
    } else {
        decimal::from_unit_f64(value, RoundingStrategy::ToZero)
    }
}

/// What a programme brings, with its uncertainty: customers, money or a return.
///
/// Its ends are those of the difference in retention, rounded outwards at the 12th decimal place, times numbers that are taken as known: the
/// uncertainty of the value of a customer is not in it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ProgrammeGain {
    /// By what was observed.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub point: Decimal,
    /// The low end of the interval.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub low: Decimal,
    /// The high end of the interval.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub high: Decimal,
    /// The confidence of the interval.
    pub confidence: Confidence,
}

impl ProgrammeGain {
    /// The same for so many times as much, which is not negative.
    fn times(&self, field: &'static str, factor: Decimal) -> Result<Self> {
        self.map(|value| decimal::mul(field, value, factor))
    }

    fn map(&self, change: impl Fn(Decimal) -> Result<Decimal>) -> Result<Self> {
        let change = |value| change(value).map(|value| value.normalize());
        Ok(Self { point: change(self.point)?, low: change(self.low)?, high: change(self.high)?, confidence: self.confidence })
    }
}

/// Such as `800 (192 to 1409, 95%)`; a precision rounds each number half away from zero.
impl fmt::Display for ProgrammeGain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: Decimal| match f.precision() {
            // The precision of a decimal's own `Display` cuts off instead of rounding.
            Some(places) => format!("{:.places$}", decimal::round(value, u32::try_from(places).unwrap_or(u32::MAX))),
            None => value.to_string(),
        };
        write!(f, "{} ({} to {}, {})", shown(self.point), shown(self.low), shown(self.high), self.confidence)
    }
}

/// What a programme keeps, what it costs, and what is left.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ProgrammeBusiness {
    /// What the customers who were kept are worth.
    pub money_kept: ProgrammeGain,
    /// What the programme costs.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub cost: Decimal,
    /// The money kept less the cost.
    pub net: ProgrammeGain,
}

impl ProgrammeBusiness {
    /// What is left, in units of the cost: 1 where every unit spent comes back and brings another. Each number is rounded to 28 digits.
    ///
    /// # Errors
    /// [`Error::Undefined`] if the programme costs nothing.
    pub fn return_on_cost(&self) -> Result<ProgrammeGain> {
        self.net.map(|net| decimal::div("return on cost", "the programme costs nothing", net, self.cost))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programme(without: (u64, u64), with: (u64, u64)) -> RetentionProgramme {
        let share = |(part, whole)| Share::new(part, whole).unwrap();
        RetentionProgramme::new(ProgrammeDesign::BeforeAndAfter, share(without), share(with))
    }

    #[test]
    fn the_ends_lie_outside_those_of_the_difference_and_hold_the_point() {
        let tenth = Decimal::new(1, 12);
        for (without, with) in [((0, 1), (1, 1)), ((1, 1), (0, 1)), ((0, 5), (0, 5)), ((1, 3), (2, 7)), ((1, u64::MAX), (0, u64::MAX))] {
            let programme = programme(without, with);
            for level in [f64::MIN_POSITIVE, 0.5, 0.95, 1.0 - f64::EPSILON / 2.0] {
                let confidence = Confidence::new(level).unwrap();
                let gain = programme.customers_kept(1, confidence).unwrap();
                assert!(gain.low <= gain.point && gain.point <= gain.high, "{gain}");
                let interval = programme.effect(confidence).interval();
                assert!(decimal::to_f64(gain.low) <= interval.low() && decimal::to_f64(gain.high) >= interval.high(), "{gain}");
                let width = gain.high.checked_sub(gain.low).unwrap();
                assert!(decimal::to_f64(width) <= interval.width() + 2.0 * decimal::to_f64(tenth), "{gain}");
            }
        }
    }

    #[test]
    fn a_programme_that_drives_customers_away_keeps_less_than_none() {
        let programme = programme((90, 100), (80, 100));
        let kept = programme.customers_kept(1_000, Confidence::P95).unwrap();
        assert_eq!(kept.point, Decimal::from(-100));
        let money = programme.money_kept(1_000, Decimal::new(1_050, 2), Confidence::P95).unwrap();
        assert_eq!(money.point, Decimal::from(-1_050));
        assert!(money.low < money.point && money.point < money.high);
        let most = programme.most_per_customer(Decimal::from(20), Confidence::P95).unwrap();
        assert_eq!(most.point, Decimal::from(-2));
    }

    #[test]
    fn nothing_for_no_one_and_no_return_on_no_cost() {
        let programme = programme((80, 100), (90, 100));
        let kept = programme.customers_kept(0, Confidence::P95).unwrap();
        assert_eq!((kept.low, kept.point, kept.high), (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO));
        let free = programme.business(10, Decimal::ONE, Decimal::ZERO, Confidence::P95).unwrap();
        assert_eq!(free.net, free.money_kept);
        assert!(matches!(free.return_on_cost(), Err(Error::Undefined { metric: "return on cost", .. })));
        let error = |value, cost| programme.business(10, value, cost, Confidence::P95).unwrap_err();
        assert_eq!(error(Decimal::NEGATIVE_ONE, Decimal::ONE).field(), Some("value of a customer"));
        assert_eq!(error(Decimal::ONE, Decimal::NEGATIVE_ONE).field(), Some("cost of the programme"));
        assert!(matches!(programme.money_kept(u64::MAX, Decimal::MAX, Confidence::P95), Err(Error::Overflow { .. })));
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
