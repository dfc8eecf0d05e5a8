//! How often each customer came back, when last, and how long they have been known.

use rust_decimal::Decimal;

use super::history_purchases::Purchase;
use super::{HistoryRules, PeriodRule, PurchaseHistory, PurchaseTable, Transactions};
use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::money::{MinorUnit, MoneyTally};
use crate::tally::Tally as _;

/// One customer of [`PurchaseHistories`], in whole steps: repeat purchases, recency and age.
///
/// A [`PurchaseTally`](super::PurchaseTally) counts equal ones. A model takes it [in periods](Self::in_periods), as a [`PurchaseHistory`].
///
/// Recency and age are whole steps: days, or periods where these are counted whole ([`PeriodRule`]). The first purchase is not counted
/// in the frequency, and recency is the age at the last purchase, not the time since it: 0 without a repeat purchase.
///
/// ```text
/// frequency <= recency <= age,  frequency = 0 exactly if recency = 0
/// ```
///
/// ```
/// use customer_metrics::repeat_buying::CountedHistory;
///
/// let customer = CountedHistory::new(2, 213, 272)?;
/// assert_eq!(customer.steps_since_last(), 59);
/// assert!(CountedHistory::new(0, 1, 272).is_err());
/// assert!(CountedHistory::new(1, 273, 272).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "HistoryState", into = "HistoryState"))]
pub struct CountedHistory {
    frequency: u32,
    recency: u32,
    age: u32,
}

impl CountedHistory {
    /// So many repeat purchases, the last of them so many steps after the first purchase, observed for so many.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if recency is more than age, if there are more repeat purchases than steps to make them in, or if only one
    /// of frequency and recency is 0.
    pub fn new(frequency: u32, recency: u32, age: u32) -> Result<Self> {
        if recency > age {
            return Err(Error::out_of_bounds("recency", recency, Bound::AtMost(age.into())));
        }
        if frequency > recency {
            return Err(Error::out_of_bounds("frequency", frequency, Bound::AtMost(recency.into())));
        }
        if frequency == 0 && recency > 0 {
            return Err(Error::out_of_bounds("recency", recency, Bound::Exactly(0_u32.into())));
        }
        Ok(Self { frequency, recency, age })
    }

    /// Repeat purchases: all but the first.
    #[must_use]
    pub fn frequency(&self) -> u32 {
        self.frequency
    }

    /// Steps from the first purchase to the last.
    #[must_use]
    pub fn recency(&self) -> u32 {
        self.recency
    }

    /// Steps from the first purchase to the end of the observation.
    #[must_use]
    pub fn age(&self) -> u32 {
        self.age
    }

    /// Steps from the last purchase to the end of the observation: the recency of RFM.
    #[must_use]
    pub fn steps_since_last(&self) -> u32 {
        self.age.saturating_sub(self.recency)
    }

    /// The same history in periods, as models in continuous time take it.
    #[must_use]
    pub fn in_periods(&self, rule: PeriodRule) -> PurchaseHistory {
        PurchaseHistory::checked(self.frequency.into(), rule.periods(self.recency), rule.periods(self.age))
    }
}

/// The histories of many customers, in columns; customers are in ascending order of their numbers.
///
/// Frequency, recency and age are those of [`CountedHistory`]; money is exact, in whole minor units. The mean repeat spend leaves out the
/// first purchase, which is larger or smaller than later ones for reasons of its own (P. S. Fader and B. G. S. Hardie, "RFM and CLV: Using
/// Iso-Value Curves for Customer Base Analysis", Journal of Marketing Research 42 (2005), 415-430). The order of the transactions
/// does not matter.
///
/// ```text
/// sum of all rows = first spend + repeat spend + what was left out
/// ```
///
/// Comes from [`Transactions::histories`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct PurchaseHistories {
    periods: PeriodRule,
    last_day: i32,
    decimal_places: MinorUnit,
    customer_numbers: Vec<u64>,
    frequency: Vec<u64>,
    recency: Vec<u32>,
    age: Vec<u32>,
    first_spend: Vec<i64>,
    repeat_spend: Vec<i64>,
    left_out: LeftOut,
}

/// Rows that are in no history: how many, and what they sum to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct LeftOut {
    /// Left out by the [`ReturnRule`](super::ReturnRule).
    pub returns: MoneyTally,
    /// After the last day of the observation.
    pub after_last_day: MoneyTally,
}

impl PurchaseHistories {
    /// How many customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        u64::try_from(self.customer_numbers.len()).unwrap_or(u64::MAX)
    }

    /// How time is counted.
    #[must_use]
    pub fn periods(&self) -> PeriodRule {
        self.periods
    }

    /// The last day of the observation.
    #[must_use]
    pub fn last_day(&self) -> i32 {
        self.last_day
    }

    /// The minor unit of the spend.
    #[must_use]
    pub fn unit(&self) -> MinorUnit {
        self.decimal_places
    }

    /// The numbers of the customers, ascending.
    #[must_use]
    pub fn customer_numbers(&self) -> &[u64] {
        &self.customer_numbers
    }

    /// Repeat purchases of each customer.
    #[must_use]
    pub fn frequency(&self) -> &[u64] {
        &self.frequency
    }

    /// Steps from the first purchase to the last: days, or whole periods.
    #[must_use]
    pub fn recency(&self) -> &[u32] {
        &self.recency
    }

    /// Steps from the first purchase to the end of the observation: days, or whole periods.
    #[must_use]
    pub fn age(&self) -> &[u32] {
        &self.age
    }

    /// What each customer spent on the first purchase, in minor units.
    #[must_use]
    pub fn first_spend(&self) -> &[i64] {
        &self.first_spend
    }

    /// What each customer spent on all repeat purchases, in minor units.
    #[must_use]
    pub fn repeat_spend(&self) -> &[i64] {
        &self.repeat_spend
    }

    /// The rows that are in no history.
    #[must_use]
    pub fn left_out(&self) -> &LeftOut {
        &self.left_out
    }

    /// Recency in periods, each to the nearest `f64`.
    #[must_use]
    pub fn recency_in_periods(&self) -> Vec<f64> {
        self.recency.iter().map(|&steps| self.periods.periods(steps)).collect()
    }

    /// Age in periods, each to the nearest `f64`.
    #[must_use]
    pub fn age_in_periods(&self) -> Vec<f64> {
        self.age.iter().map(|&steps| self.periods.periods(steps)).collect()
    }

    /// Frequency, recency and age of each customer.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = CountedHistory> + '_ {
        let columns = self.frequency.iter().zip(&self.recency).zip(&self.age);
        // Purchases differ in their step, so there are no more of them than steps.
        let narrow = |frequency| u32::try_from(frequency).unwrap_or(u32::MAX);
        columns.map(move |((&frequency, &recency), &age)| CountedHistory { frequency: narrow(frequency), recency, age })
    }

    /// The table that models are fitted to: equal histories as one row.
    #[must_use]
    pub fn table(&self) -> PurchaseTable {
        self.iter().map(|history| history.in_periods(self.periods)).collect()
    }

    /// What the customer in this row spent on a repeat purchase on average, rounded half away from zero to 28 digits.
    ///
    /// ```text
    /// mean repeat spend = repeat spend / frequency
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] without a repeat purchase; [`Error::OutOfBounds`] if there is no such row.
    pub fn mean_repeat_spend(&self, row: usize) -> Result<Decimal> {
        let found = self.frequency.get(row).zip(self.repeat_spend.get(row));
        let (&frequency, &spend) = found.ok_or_else(|| Error::out_of_bounds("row", row, Bound::LessThan(self.customers().into())))?;
        self.decimal_places.amount_of_each("mean repeat spend", "there was no repeat purchase", spend.into(), decimal::wide(frequency))
    }

    /// Steps from each customer's last purchase to the end of the observation: the recency of RFM.
    #[must_use]
    pub fn steps_since_last(&self) -> Vec<u32> {
        self.iter().map(|customer| customer.steps_since_last()).collect()
    }

    /// Purchases of each customer, the first one among them: the frequency of RFM.
    #[must_use]
    pub fn purchases(&self) -> Vec<u64> {
        self.frequency.iter().map(|&frequency| frequency.saturating_add(1)).collect()
    }

    /// What each customer spent in all, in minor units: the monetary value of RFM, ready for a `CustomerBook`.
    ///
    /// # Errors
    /// [`Error::Row`] with the first customer whose total exceeds 64 bits.
    pub fn total_spend(&self) -> Result<Vec<i64>> {
        let rows = self.first_spend.iter().zip(&self.repeat_spend).enumerate();
        rows.map(|(row, (&first, &repeat))| first.checked_add(repeat).ok_or_else(|| spend_overflow("total spend").at_row(row))).collect()
    }

    /// Adds the customers of other histories, none of whom may be in these: split transactions by customer, not by time.
    ///
    /// ```
    /// use customer_metrics::FixedColumn;
    /// use customer_metrics::repeat_buying::{HistoryRules, PeriodRule, ReturnRule, Transactions};
    ///
    /// let rules = HistoryRules::new(27, PeriodRule::default(), ReturnRule::Refuse)?;
    /// let mut north = Transactions::new(&[4_u64, 9, 4], &[0, 3, 14], FixedColumn::whole(&[5, 7, 4]))?.histories(&rules)?;
    /// let south = Transactions::new(&[6_u64], &[20], FixedColumn::whole(&[8]))?.histories(&rules)?;
    /// north.merge(&south)?;
    /// assert_eq!((north.customer_numbers(), north.frequency()), (&[4, 6, 9][..], &[1, 0, 0][..]));
    /// assert_eq!(north.merge(&south).unwrap_err().to_string(), "customer 6 is given more than once");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Mismatch`] unless both count time and money alike, until the same day; [`Error::Repeated`] with the first customer who is
    /// in both; [`Error::Overflow`] if the money that was left out exceeds 128 bits. The histories are left as they were.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        (*self, _) = self.merged(other)?;
        Ok(())
    }

    /// Both, in the order of the customers, with what each row is from: the other or this.
    pub(super) fn merged(&self, other: &Self) -> Result<(Self, Vec<bool>)> {
        self.periods.check_same(other.periods)?;
        check_same_day("last day", self.last_day, other.last_day)?;
        let mut left_out = self.left_out.clone();
        left_out.returns.merge(&other.left_out.returns)?;
        left_out.after_last_day.merge(&other.left_out.after_last_day)?;
        let (mut these, mut others) = (self.customer_numbers.iter().peekable(), other.customer_numbers.iter().peekable());
        let mut from_other = Vec::with_capacity(these.len().saturating_add(others.len()));
        loop {
            let is_other = match (these.peek(), others.peek()) {
                (None, None) => break,
                (Some(this), Some(other)) if this == other => {
                    return Err(Error::Repeated { field: "customer", value: this.to_string() });
                }
                (Some(this), Some(other)) => other < this,
                (this, _) => this.is_none(),
            };
            let _ = if is_other { others.next() } else { these.next() };
            from_other.push(is_other);
        }
        let merged = Self {
            periods: self.periods,
            last_day: self.last_day,
            decimal_places: self.decimal_places,
            customer_numbers: interleaved(&self.customer_numbers, &other.customer_numbers, &from_other),
            frequency: interleaved(&self.frequency, &other.frequency, &from_other),
            recency: interleaved(&self.recency, &other.recency, &from_other),
            age: interleaved(&self.age, &other.age, &from_other),
            first_spend: interleaved(&self.first_spend, &other.first_spend, &from_other),
            repeat_spend: interleaved(&self.repeat_spend, &other.repeat_spend, &from_other),
            left_out,
        };
        Ok((merged, from_other))
    }

    /// No histories of customers who are observed until this day, counted by these rules.
    pub(super) fn none(rules: &HistoryRules, decimal_places: MinorUnit) -> Self {
        Self {
            periods: rules.periods(),
            last_day: rules.last_day(),
            decimal_places,
            customer_numbers: Vec::new(),
            frequency: Vec::new(),
            recency: Vec::new(),
            age: Vec::new(),
            first_spend: Vec::new(),
            repeat_spend: Vec::new(),
            left_out: LeftOut { returns: MoneyTally::empty(decimal_places), after_last_day: MoneyTally::empty(decimal_places) },
        }
    }

    /// Adds a customer with these purchases, in order of time and none of them after `end`.
    pub(super) fn push(&mut self, customer: u64, purchases: &[Purchase], end: u32) -> Result<()> {
        let Some((first, repeats)) = purchases.split_first() else { return Ok(()) };
        let last = repeats.last().unwrap_or(first);
        let (first_spend, repeat_spend) = (units("first spend", first.amount)?, units("repeat spend", spend_of(repeats))?);
        self.customer_numbers.push(customer);
        self.frequency.push(u64::try_from(repeats.len()).unwrap_or(u64::MAX));
        self.recency.push(last.step.saturating_sub(first.step));
        self.age.push(end.saturating_sub(first.step));
        self.first_spend.push(first_spend);
        self.repeat_spend.push(repeat_spend);
        Ok(())
    }

    pub(super) fn leave_out(&mut self, left_out: LeftOut) {
        self.left_out = left_out;
    }
}

impl Transactions<'_> {
    /// The history of every customer who bought by the last day.
    ///
    /// Costs a few passes over the columns, whatever the order of the rows and the numbers of the customers.
    ///
    /// # Errors
    /// [`Error::Row`] with the first negative amount if returns are refused; also with the
    /// first row of a customer whose spend exceeds 64 bits of minor units.
    pub fn histories(&self, rules: &HistoryRules) -> Result<PurchaseHistories> {
        let mut histories = PurchaseHistories::none(rules, self.amounts().unit());
        let end = rules.periods().step(rules.last_day());
        let left_out = self.each_customer(rules, rules.last_day(), &mut |customer, purchases| histories.push(customer, purchases, end))?;
        histories.leave_out(left_out);
        Ok(histories)
    }
}

/// The next of `others` where it says so, and the next of `these` elsewhere.
pub(super) fn interleaved<T: Copy>(these: &[T], others: &[T], from_other: &[bool]) -> Vec<T> {
    let (mut these, mut others) = (these.iter(), others.iter());
    from_other.iter().filter_map(|&is_other| if is_other { others.next() } else { these.next() }).copied().collect()
}

pub(super) fn check_same_day(field: &'static str, day: i32, other: i32) -> Result<()> {
    if day == other { Ok(()) } else { Err(Error::mismatch(field, day, other)) }
}

/// The sum, which no memory holds enough purchases to overflow.
pub(super) fn spend_of(purchases: &[Purchase]) -> i128 {
    purchases.iter().fold(0, |sum, purchase| sum.saturating_add(purchase.amount))
}

/// Money of one customer, in 64 bits.
pub(super) fn units(field: &'static str, spend: i128) -> Result<i64> {
    i64::try_from(spend).map_err(|_| spend_overflow(field))
}

fn spend_overflow(field: &'static str) -> Error {
    Error::Overflow { field, capacity: "64 bits of minor units" }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct HistoryState {
    frequency: u32,
    recency: u32,
    age: u32,
}

#[cfg(feature = "serde")]
impl TryFrom<HistoryState> for CountedHistory {
    type Error = Error;

    fn try_from(state: HistoryState) -> Result<Self> {
        Self::new(state.frequency, state.recency, state.age)
    }
}

#[cfg(feature = "serde")]
impl From<CountedHistory> for HistoryState {
    fn from(history: CountedHistory) -> Self {
        Self { frequency: history.frequency, recency: history.recency, age: history.age }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FixedColumn;
    use crate::repeat_buying::ReturnRule;

    fn rules(last_day: i32, returns: ReturnRule) -> HistoryRules {
        HistoryRules::new(last_day, PeriodRule::default(), returns).unwrap()
    }

    #[test]
    fn a_history_is_refused_if_its_parts_contradict_each_other() {
        assert!(CountedHistory::new(0, 0, 0).is_ok());
        assert!(CountedHistory::new(u32::MAX, u32::MAX, u32::MAX).is_ok());
        for (frequency, recency, age, field) in [(0, 1, 1, "recency"), (1, 0, 1, "frequency"), (3, 2, 9, "frequency"), (1, 3, 2, "recency")]
        {
            assert_eq!(CountedHistory::new(frequency, recency, age).unwrap_err().field(), Some(field));
        }
    }

    #[test]
    fn nothing_at_all_is_no_customer() {
        let none = Transactions::new(&[0_u64; 0], &[], FixedColumn::whole(&[])).unwrap();
        assert_eq!(none.histories(&rules(0, ReturnRule::Refuse)).unwrap().customers(), 0);
        let late = Transactions::new(&[5_u32], &[1], FixedColumn::whole(&[7])).unwrap().histories(&rules(0, ReturnRule::Refuse)).unwrap();
        assert_eq!((late.customers(), late.left_out().after_last_day.total()), (0, Ok(Decimal::from(7))));
    }

    #[test]
    fn the_first_and_the_last_day_there_is_are_days_like_others() {
        let days = [i32::MIN, i32::MAX, i32::MIN];
        let extremes = Transactions::new(&[u64::MAX, u64::MAX, 0], &days, FixedColumn::whole(&[1, 2, 3])).unwrap();
        let histories = extremes.histories(&rules(i32::MAX, ReturnRule::Refuse)).unwrap();
        assert_eq!(
            (histories.customer_numbers(), histories.recency(), histories.age()),
            (&[0, u64::MAX][..], &[0, u32::MAX][..], &[u32::MAX; 2][..])
        );
        assert_eq!(histories.steps_since_last(), [u32::MAX, 0]);
    }

    #[test]
    fn spend_beyond_64_bits_is_an_error_and_a_refund_can_avert_it() {
        let of = |amounts: &[i64]| {
            let days: Vec<i32> = (0..).take(amounts.len()).collect();
            Transactions::new(&vec![1_u64; amounts.len()], &days, FixedColumn::whole(amounts))
                .unwrap()
                .histories(&rules(9, ReturnRule::Keep))
        };
        let most = of(&[i64::MAX, i64::MAX]).unwrap();
        assert_eq!(most.total_spend().unwrap_err(), spend_overflow("total spend").at_row(0));
        assert_eq!(of(&[0, i64::MAX, 1]).unwrap_err(), spend_overflow("repeat spend").at_row(0));
        assert_eq!(of(&[0, i64::MAX, 1, -1]).unwrap().repeat_spend(), [i64::MAX]);
        assert_eq!(of(&[i64::MIN]).unwrap().first_spend(), [i64::MIN]);
    }

    #[test]
    fn the_mean_repeat_spend_leaves_out_the_first_purchase() {
        let amounts = FixedColumn::new(&[9_99, 1_00, 2_00, 5_00, -7_00], MinorUnit::CENT);
        let transactions = Transactions::new(&[1_u32, 1, 1, 2, 2], &[0, 1, 2, 0, 3], amounts).unwrap();
        let histories = transactions.histories(&rules(3, ReturnRule::Keep)).unwrap();
        assert_eq!(histories.mean_repeat_spend(0), Ok(Decimal::new(15, 1)));
        assert!(matches!(histories.mean_repeat_spend(2), Err(Error::OutOfBounds { field: "row", .. })));
        let once = Transactions::new(&[1_u32], &[0], FixedColumn::whole(&[4])).unwrap().histories(&rules(3, ReturnRule::Keep)).unwrap();
        assert!(matches!(once.mean_repeat_spend(0), Err(Error::Undefined { metric: "mean repeat spend", .. })));
    }
}
