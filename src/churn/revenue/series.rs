//! Revenue movements over many periods, from rows of customers, periods and amounts.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;

use super::movement::{EarlierRevenue, movement};
use super::movements::{RevenueMovements, RevenueUnits};
use super::tally::{MovedCustomers, RevenueSettings, RevenueTally, count};
use crate::churn::PeriodWindow;
use crate::churn::by_customer::for_each_customer;
use crate::error::{Bound, Error, Result};
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

const NET: &str = "revenue of the customer in the period";

/// One [`RevenueTally`] for every period of a window but the first: from the period before it to that period.
///
/// The closing of each is the opening of the next, to the minor unit. Revenue before the window is not known: whoever comes back to
/// the window from before it counts as new, so let the window begin early and read the later periods.
///
/// All rows of a customer must be in one series. Series of different customers merge.
///
/// ```
/// use customer_metrics::churn::{PeriodWindow, RevenueSeries, RevenueSettings};
///
/// // Customer 7 pays 30.00 a month, misses the third and is back in the fourth; customer 8 has two subscriptions from the second on.
/// let customers = [7_u64, 7, 7, 8, 8, 8, 8, 8, 8];
/// let months = [1_u32, 2, 4, 2, 2, 3, 3, 4, 4];
/// let cents = [30_00, 30_00, 30_00, 10_00, 5_00, 10_00, 5_00, 10_00, 2_50];
/// let series = RevenueSeries::from_columns(RevenueSettings::default(), PeriodWindow::new(1, 4)?, &customers, &months, &cents)?;
///
/// let movements: Vec<String> = series.tallies().map(|(month, tally)| format!("{month}: {}", tally.movements())).collect();
/// assert_eq!(movements, [
///     "2: 30 + 15 new + 0 reactivation + 0 expansion - 0 contraction - 0 churned = 45",
///     "3: 45 + 0 new + 0 reactivation + 0 expansion - 0 contraction - 30 churned = 15",
///     "4: 15 + 0 new + 30 reactivation + 0 expansion - 2.5 contraction - 0 churned = 42.5",
/// ]);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "RevenueSeriesState", into = "RevenueSeriesState")
)]
pub struct RevenueSeries {
    window: PeriodWindow,
    settings: RevenueSettings,
    tallies: Vec<RevenueTally>,
}

impl RevenueSeries {
    /// The movements in these rows, which may come in any order: whose revenue, in which period, and how much in minor units. The amounts of
    /// a customer in the same period add up, refunds and credits as negative ones; no row is nothing.
    ///
    /// It takes a time in proportion to the rows (times the logarithm of those of a part), and 16 bytes of memory for each.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::Row`] with the first row whose period is not in the window or, if
    /// there is none, with the first of a customer and a period whose amounts come to less than 0 together.
    pub fn from_columns<C, P>(
        settings: RevenueSettings,
        window: PeriodWindow,
        customers: &[C],
        periods: &[P],
        amounts: &[i64],
    ) -> Result<Self>
    where
        C: Copy + Into<u64>,
        P: Copy + Into<u32>,
    {
        for (column, length) in [("periods", periods.len()), ("amounts", amounts.len())] {
            if length != customers.len() {
                let customers = customers.len();
                return Err(Error::mismatch("column length", format_args!("{customers} customers"), format_args!("{length} {column}")));
            }
        }
        window.check_column("period", periods)?;
        let mut pairs = vec![Pair::default(); window.periods().saturating_sub(1)];
        let rows = customers.iter().zip(periods).zip(amounts);
        let rows = rows.map(|((&customer, &period), &units)| (customer.into(), period.into().saturating_sub(window.first()), units));
        let mut is_negative = false;
        // The sums cannot overflow: they are of fewer than 2^64 numbers of 63 bits.
        for_each_customer(rows, |rows| {
            let revenue = rows.chunk_by(|a, b| a.rank() == b.rank()).filter_map(|of_period| {
                let units = of_period.iter().fold(0_i128, |sum, row| sum.saturating_add(row.value.into()));
                is_negative |= units < 0;
                of_period.first().filter(|_| units > 0).map(|row| (row.rank(), units))
            });
            move_customer(&mut pairs, settings, revenue);
        });
        if is_negative {
            first_negative(settings, customers, periods, amounts)?;
        }
        Ok(Self::counted(window, settings, pairs))
    }

    fn counted(window: PeriodWindow, settings: RevenueSettings, pairs: Vec<Pair>) -> Self {
        let tallies = pairs.into_iter().map(|(units, customers)| RevenueTally::counted(settings, units, customers)).collect();
        Self { window, settings, tallies }
    }

    /// The periods.
    #[must_use]
    pub fn window(&self) -> PeriodWindow {
        self.window
    }

    /// Every closing period with its tally, in order: one fewer than there are periods.
    #[must_use]
    pub fn tallies(&self) -> impl ExactSizeIterator<Item = (u32, &RevenueTally)> + DoubleEndedIterator {
        self.tallies.iter().enumerate().map(|(pair, tally)| {
            let after_first = u32::try_from(pair).unwrap_or(u32::MAX).saturating_add(1);
            (self.window.first().saturating_add(after_first), tally)
        })
    }

    /// The tally from the period before this one to this one.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the period is not in the window, or the first of it: nothing is known before it.
    pub fn closing_in(&self, period: u32) -> Result<&RevenueTally> {
        let position = period.checked_sub(self.window.first()).and_then(|position| usize::try_from(position).ok());
        position.and_then(|position| self.tallies.get(position.checked_sub(1)?)).ok_or_else(|| {
            let second = u64::from(self.window.first()).saturating_add(1);
            Error::out_of_bounds("closing period", period, Bound::Within(second.into(), self.window.last().into()))
        })
    }

    /// Records these rows as [`from_columns`](Self::from_columns) does, all or none. Their customers must not have been recorded before.
    ///
    /// # Errors
    /// Those of [`from_columns`](Self::from_columns), and [`Error::Overflow`] if a count or a sum would.
    pub fn record_columns<C, P>(&mut self, customers: &[C], periods: &[P], amounts: &[i64]) -> Result<()>
    where
        C: Copy + Into<u64>,
        P: Copy + Into<u32>,
    {
        self.merge(&Self::from_columns(self.settings, self.window, customers, periods, amounts)?)
    }

    /// What leaves one period comes to the next, and nothing is known before the window.
    fn checked(window: PeriodWindow, settings: RevenueSettings, tallies: Vec<RevenueTally>) -> Result<Self> {
        if tallies.len() != window.periods().saturating_sub(1) {
            return Err(Error::mismatch("number of pairs of periods", window.periods().saturating_sub(1), tallies.len()));
        }
        if let Some(other) = tallies.iter().find(|tally| tally.settings() != settings) {
            return Err(Error::mismatch("revenue settings", settings, other.settings()));
        }
        if let Some(first) = tallies.first().filter(|first| first.customers().reactivated > 0) {
            return Err(Error::out_of_bounds("reactivated at first", first.customers().reactivated, Bound::AtMost(0_u64.into())));
        }
        for (before, after) in tallies.iter().zip(tallies.iter().skip(1)) {
            let (closing, opening) = (before.customers().at_closing(), after.customers().at_opening());
            if closing != opening {
                return Err(Error::mismatch("customers of a period", closing, opening));
            }
            let (closing, opening) = (before.closing_units(), after.opening_units());
            if closing != opening {
                return Err(Error::mismatch("minor units of a period", closing, opening));
            }
        }
        Ok(Self { window, settings, tallies })
    }
}

/// What a [`RevenueSeries`] is counted with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct RevenueSeriesSettings {
    /// The periods.
    pub window: PeriodWindow,
    /// How the money is counted, and who counts as reactivated.
    pub revenue: RevenueSettings,
}

/// All that one customer paid within the window of a [`RevenueSeries`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct CustomerPayments {
    /// In any order; those of the same period add up.
    pub payments: Vec<CustomerPayment>,
}

/// What a customer paid at one time, or was given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct CustomerPayment {
    /// The period it belongs to.
    pub period: u32,
    /// How much; a refund is negative.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub amount: Decimal,
}

/// What became of the revenue from one period of a [`RevenueSeries`] to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PeriodMovements {
    /// The period at the closing.
    pub closing_in: u32,
    /// The money of every movement.
    pub movements: RevenueMovements,
    /// The customers of every movement.
    pub customers: MovedCustomers,
}

impl Tally for RevenueSeries {
    type Settings = RevenueSeriesSettings;
    type Record = CustomerPayments;
    type Summary = Vec<PeriodMovements>;

    fn empty(settings: RevenueSeriesSettings) -> Self {
        let RevenueSeriesSettings { window, revenue } = settings;
        Self { window, settings: revenue, tallies: vec![RevenueTally::empty(revenue); window.periods().saturating_sub(1)] }
    }

    fn settings(&self) -> RevenueSeriesSettings {
        RevenueSeriesSettings { window: self.window, revenue: self.settings }
    }

    /// Adds a customer who was not recorded before.
    fn record(&mut self, customer: CustomerPayments) -> Result<()> {
        let mut by_period: BTreeMap<u32, i128> = BTreeMap::new();
        for CustomerPayment { period, amount } in customer.payments {
            let sum = by_period.entry(self.window.position("period", period)?).or_default();
            let units = self.settings.unit.units("revenue", amount)?;
            *sum = sum.checked_add(units).ok_or(Error::Overflow { field: "revenue", capacity: "128 bits of minor units" })?;
        }
        if let Some(&units) = by_period.values().find(|&&units| units < 0) {
            return Err(negative(self.settings, units)?);
        }
        let mut pairs = vec![Pair::default(); self.tallies.len()];
        move_customer(&mut pairs, self.settings, by_period.into_iter().filter(|&(_, units)| units > 0));
        self.merge(&Self::counted(self.window, self.settings, pairs))
    }

    /// Adds the movements of other customers in the same periods.
    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.window != other.window {
            return Err(Error::mismatch("periods", self.window, other.window));
        }
        if self.settings != other.settings {
            return Err(Error::mismatch("revenue settings", self.settings, other.settings));
        }
        let mut merged = self.tallies.clone();
        for (tally, theirs) in merged.iter_mut().zip(&other.tallies) {
            tally.merge(theirs)?;
        }
        self.tallies = merged;
        Ok(())
    }

    /// The movements of every period but the first.
    fn finish(&self) -> Result<Vec<PeriodMovements>> {
        let movements = self.tallies().map(|(closing_in, tally)| PeriodMovements {
            closing_in,
            movements: tally.movements(),
            customers: tally.customers(),
        });
        Ok(movements.collect())
    }

    fn encode(&self) -> Vec<u8> {
        // The settings once more, for a window of one period has no tallies.
        let head = Encoder::new(Kind::REVENUE_SERIES, self.encoded_len())
            .u64(self.window.first().into())
            .u64(self.window.last().into())
            .nested(&RevenueTally::empty(self.settings).encode());
        self.tallies.iter().fold(head, |encoder, tally| encoder.nested(&tally.encode())).finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::REVENUE_SERIES, bytes)?;
        let [first, last] = decoder.u64_array()?;
        let period = |period| u32::try_from(period).map_err(|_| decoder.fault("a period is out of range"));
        let window = PeriodWindow::new(period(first)?, period(last)?)?;
        let settings = RevenueTally::decode(decoder.nested()?)?;
        if settings != RevenueTally::empty(settings.settings()) {
            return Err(decoder.fault("the settings are not those of an empty tally"));
        }
        let tallies = (1..window.periods()).map(|_| RevenueTally::decode(decoder.nested()?)).collect::<Result<Vec<_>>>()?;
        decoder.close()?;
        Self::checked(window, settings.settings(), tallies)
    }

    fn encoded_len(&self) -> usize {
        let tally = RevenueTally::empty(self.settings).encoded_len().saturating_add(len::U64);
        len::with_u64s(2).saturating_add(tally.saturating_mul(self.tallies.len().saturating_add(1)))
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RevenueSeriesState {
    window: PeriodWindow,
    settings: RevenueSettings,
    tallies: Vec<RevenueTally>,
}

#[cfg(feature = "serde")]
impl TryFrom<RevenueSeriesState> for RevenueSeries {
    type Error = Error;

    fn try_from(state: RevenueSeriesState) -> Result<Self> {
        Self::checked(state.window, state.settings, state.tallies)
    }
}

#[cfg(feature = "serde")]
impl From<RevenueSeries> for RevenueSeriesState {
    fn from(series: RevenueSeries) -> Self {
        Self { window: series.window, settings: series.settings, tallies: series.tallies }
    }
}

/// The money and the customers that moved between two periods.
type Pair = (RevenueUnits, MovedCustomers);

/// Adds one customer to sums that have room for it: the positions in the window that have revenue, in order, with how much.
fn move_customer(pairs: &mut [Pair], settings: RevenueSettings, revenue: impl Iterator<Item = (u32, i128)>) {
    let mut move_to = |closing_at: u32, opening: i128, closing: i128, earlier: EarlierRevenue| {
        let pair = usize::try_from(closing_at).unwrap_or(usize::MAX).checked_sub(1);
        if let Some((units, customers)) = pair.and_then(|pair| pairs.get_mut(pair)) {
            count(units, customers, movement(&opening, &closing, &0, earlier, settings.reactivation), opening, closing);
        }
    };
    let mut last: Option<(u32, i128)> = None;
    for (period, units) in revenue {
        match last {
            Some((before, opening)) if period == before.saturating_add(1) => move_to(period, opening, units, EarlierRevenue::Never),
            Some((before, opening)) => {
                move_to(before.saturating_add(1), opening, 0, EarlierRevenue::Never);
                let empty = period.saturating_sub(before).saturating_sub(1);
                move_to(period, 0, units, EarlierRevenue::from_code(empty));
            }
            None => move_to(period, 0, units, EarlierRevenue::Never),
        }
        last = Some((period, units));
    }
    if let Some((before, opening)) = last {
        move_to(before.saturating_add(1), opening, 0, EarlierRevenue::Never);
    }
}

fn negative(settings: RevenueSettings, units: i128) -> Result<Error> {
    let amount = settings.unit.amount(NET, units)?;
    Ok(Error::out_of_bounds(NET, amount, Bound::AtLeast(Decimal::ZERO.into())))
}

/// Whose amounts, in which period, come to less than 0 together: the first row of them.
fn first_negative<C: Copy + Into<u64>, P: Copy + Into<u32>>(
    settings: RevenueSettings,
    customers: &[C],
    periods: &[P],
    amounts: &[i64],
) -> Result<()> {
    let mut sums: HashMap<(u64, u32), (usize, i128)> = HashMap::new();
    for (row, ((&customer, &period), &units)) in customers.iter().zip(periods).zip(amounts).enumerate() {
        let (_, sum) = sums.entry((customer.into(), period.into())).or_insert((row, 0));
        *sum = sum.saturating_add(units.into());
    }
    let Some((row, units)) = sums.into_values().filter(|&(_, units)| units < 0).min() else { return Ok(()) };
    Err(negative(settings, units)?.at_row(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(customers: &[u32], periods: &[u32], amounts: &[i64]) -> Result<RevenueSeries> {
        RevenueSeries::from_columns(RevenueSettings::default(), PeriodWindow::new(5, 8).unwrap(), customers, periods, amounts)
    }

    #[test]
    fn wrong_rows_are_named() {
        let error = series(&[1, 1], &[5, 9], &[1, -1]).unwrap_err();
        assert_eq!(error.to_string(), "row 1: period is 9, but must be within 5 to 8");
        let error = series(&[1, 1], &[5, 8], &[1, -1]).unwrap_err();
        assert_eq!(error.to_string(), "row 1: revenue of the customer in the period is -0.01, but must be at least 0");
        assert_eq!(series(&[1], &[5, 6], &[1]).unwrap_err().to_string(), "column length differs: 1 customers and 2 periods");
        assert_eq!(series(&[1], &[5], &[]).unwrap_err().to_string(), "column length differs: 1 customers and 0 amounts");
    }

    #[test]
    fn a_refund_is_netted_within_its_period_and_not_beyond_it() {
        let netted = series(&[1, 2, 1, 1], &[5, 6, 5, 6], &[3_000, 700, -500, 2_500]).unwrap();
        assert_eq!(netted, series(&[1, 2, 1], &[5, 6, 6], &[2_500, 700, 2_500]).unwrap());
        // Before the payment it belongs to, too.
        assert_eq!(series(&[1, 1], &[5, 5], &[-500, 3_000]).unwrap(), series(&[1], &[5], &[2_500]).unwrap());
        assert_eq!(series(&[1, 1], &[5, 5], &[-500, 500]).unwrap(), series(&[], &[], &[]).unwrap());
        let error = series(&[1, 2, 1, 2, 1], &[5, 5, 6, 5, 6], &[1_000, 200, 400, 0, -500]).unwrap_err();
        assert_eq!(error.to_string(), "row 2: revenue of the customer in the period is -1, but must be at least 0");
    }

    #[test]
    fn nothing_moves_where_there_is_nothing() {
        let empty = series(&[], &[], &[]).unwrap();
        assert_eq!(empty.tallies().len(), 3);
        assert!(empty.tallies().all(|(_, tally)| *tally == RevenueTally::default()));
        // A row of no revenue is no customer.
        assert_eq!(series(&[1], &[6], &[0]).unwrap(), empty);
        assert!(empty.closing_in(5).is_err() && empty.closing_in(9).is_err() && empty.closing_in(8).is_ok());
        let single = PeriodWindow::new(5, 5).unwrap();
        let single = RevenueSeries::from_columns(RevenueSettings::default(), single, &[1_u32], &[5_u32], &[1]).unwrap();
        assert_eq!(single.tallies().len(), 0);
    }

    #[test]
    fn who_leaves_after_the_last_period_is_not_yet_lost() {
        let all = series(&[1, 1], &[7, 8], &[100, 100]).unwrap();
        assert_eq!(all.closing_in(7).unwrap().customers().new, 1);
        assert_eq!(all.closing_in(8).unwrap().customers().unchanged, 1);
        assert_eq!(all.tallies().map(|(_, tally)| tally.customers().churned).sum::<u64>(), 0);
    }
}
