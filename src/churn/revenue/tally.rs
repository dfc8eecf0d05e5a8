//! Revenue movements counted customer by customer.

use core::fmt;

use rust_decimal::Decimal;

use super::movement::{self, CustomerRevenue, EarlierRevenue, Movement, ReactivationLimit};
use super::movements::{RevenueMovements, RevenueUnits};
use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::money::MinorUnit;
use crate::share::Share;
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

/// So many rows at a time fit into the fastest cache.
const CHUNK: usize = 1024;

/// So many amounts below this add up to less than 2^64.
const NARROW: i64 = 1 << 53;

const NO_ONE_AT_OPENING: &str = "no customer brought revenue at the opening";

/// How the money of a [`RevenueTally`] is counted, and who counts as reactivated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct RevenueSettings {
    /// The decimal places of the currency.
    pub unit: MinorUnit,
    /// How long a customer may have been away to count as reactivated.
    pub reactivation: ReactivationLimit,
}

/// Such as `2 decimal places, reactivated however long away`.
impl fmt::Display for RevenueSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} decimal places, reactivated {}", self.unit.decimal_places(), self.reactivation)
    }
}

/// How many customers moved in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct MovedCustomers {
    /// New at the closing.
    pub new: u64,
    /// Back at the closing.
    pub reactivated: u64,
    /// Bring more than at the opening.
    pub expanded: u64,
    /// Bring less than at the opening, but something.
    pub contracted: u64,
    /// Bring nothing any more.
    pub churned: u64,
    /// Bring the same.
    pub unchanged: u64,
}

impl MovedCustomers {
    fn all(&self) -> [u64; 6] {
        [self.new, self.reactivated, self.expanded, self.contracted, self.churned, self.unchanged]
    }

    /// Every sum of some of them fits into 64 bits if the sum of all does.
    fn checked(self) -> Result<Self> {
        let all = self.all().into_iter().try_fold(0, u64::checked_add);
        all.map(|_| self).ok_or_else(|| Error::count_overflow("customers"))
    }

    fn plus(&self, other: &Self) -> Result<Self> {
        let add = |a: u64, b: u64| a.checked_add(b).ok_or_else(|| Error::count_overflow("customers"));
        let sum = Self {
            new: add(self.new, other.new)?,
            reactivated: add(self.reactivated, other.reactivated)?,
            expanded: add(self.expanded, other.expanded)?,
            contracted: add(self.contracted, other.contracted)?,
            churned: add(self.churned, other.churned)?,
            unchanged: add(self.unchanged, other.unchanged)?,
        };
        sum.checked()
    }

    /// Those of the opening who are still there.
    fn stayed(&self) -> u64 {
        self.expanded.saturating_add(self.contracted).saturating_add(self.unchanged)
    }

    /// The customers of the opening period.
    #[must_use]
    pub fn at_opening(&self) -> u64 {
        self.stayed().saturating_add(self.churned)
    }

    /// The customers of the closing period.
    #[must_use]
    pub fn at_closing(&self) -> u64 {
        self.stayed().saturating_add(self.new).saturating_add(self.reactivated)
    }
}

/// What became of every customer's revenue between two periods: the money and the customers of each [`Movement`].
///
/// Record each customer once; one who brings nothing in either period leaves no trace. A tally holds one currency and one pair of periods:
/// merging pools segments such as regions, and the tallies of two pairs of periods must not be merged. Prices that are billed by the week
/// or the year come to a common period first, by [`BillingPeriod`](super::BillingPeriod).
///
/// ```
/// use customer_metrics::Tally;
/// use customer_metrics::churn::{RevenueSettings, RevenueTally};
///
/// let mut may_to_june = RevenueTally::empty(RevenueSettings::default());
/// // One new, one back after 2 empty months, one more, one less, one gone, one the same; in cents.
/// let (may, june) = ([0, 0, 30_00, 50_00, 20_00, 10_00], [25_00, 40_00, 45_50, 20_00, 0, 10_00]);
/// may_to_june.record_columns(&may, &june, &[0, 2, 0, 0, 0, 0])?;
///
/// let movements = may_to_june.movements();
/// assert_eq!(movements.to_string(), "110 + 25 new + 40 reactivation + 15.5 expansion - 30 contraction - 20 churned = 140.5");
/// assert_eq!(movements.gross_revenue_retention()?.round_dp(3).to_string(), "0.545");
/// assert_eq!(may_to_june.customer_churn()?.to_string(), "1 of 4 (25.0%)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "RevenueTallyState", into = "RevenueTallyState")
)]
pub struct RevenueTally {
    settings: RevenueSettings,
    units: RevenueUnits,
    customers: MovedCustomers,
}

impl RevenueTally {
    /// Records a column of revenues at the opening and one at the closing, in minor units, all or none. `empty_periods` says how many
    /// periods without revenue lie behind a customer who had some before, the opening period among them; 0 stands for a customer who never
    /// had. It only matters in rows that go from nothing to something.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::Row`] with the first row in which an amount is negative;
    /// [`Error::Overflow`] if a count or a sum would.
    pub fn record_columns(&mut self, opening: &[i64], closing: &[i64], empty_periods: &[u32]) -> Result<()> {
        for (column, length) in [("closing revenues", closing.len()), ("empty periods", empty_periods.len())] {
            if length != opening.len() {
                let opening = opening.len();
                return Err(Error::mismatch(
                    "column length",
                    format_args!("{opening} opening revenues"),
                    format_args!("{length} {column}"),
                ));
            }
        }
        let mut counted = Self::empty(self.settings);
        let chunks = opening.chunks(CHUNK).zip(closing.chunks(CHUNK)).zip(empty_periods.chunks(CHUNK));
        for (chunk, ((opening, closing), empty_periods)) in chunks.enumerate() {
            let bits = opening.iter().chain(closing).fold(0, |bits, &units| bits | units);
            if (0..NARROW).contains(&bits) {
                counted.merge(&Self::of_narrow(self.settings, opening, closing, empty_periods))?;
            } else if let Err((row, error)) = counted.count_rows(opening, closing, empty_periods) {
                return Err(error.at_row(chunk.saturating_mul(CHUNK).saturating_add(row)));
            }
        }
        self.merge(&counted)
    }

    /// Counts rows of any amounts. The sums have room: they are of fewer than 2^64 numbers of 63 bits.
    fn count_rows(&mut self, opening: &[i64], closing: &[i64], empty_periods: &[u32]) -> Result<(), (usize, Error)> {
        for (row, ((&opening, &closing), &empty)) in opening.iter().zip(closing).zip(empty_periods).enumerate() {
            if opening < 0 || closing < 0 {
                return Err((row, self.negative(opening, closing)));
            }
            let moved = movement::movement(&opening, &closing, &0, EarlierRevenue::from_code(empty), self.settings.reactivation);
            count(&mut self.units, &mut self.customers, moved, opening.into(), closing.into());
        }
        Ok(())
    }

    /// The tally of one chunk of small amounts, by adding 0 or 1 times each number to each sum: what customers do next cannot be guessed, and a
    /// branch that is guessed wrong costs more than all of it.
    fn of_narrow(settings: RevenueSettings, opening: &[i64], closing: &[i64], empty_periods: &[u32]) -> Self {
        // A customer who never had revenue has 0 empty periods, which wraps around and is not below any limit.
        let limit = match settings.reactivation {
            ReactivationLimit::Unlimited => u32::MAX,
            ReactivationLimit::EmptyPeriods(most) => most.get(),
        };
        let (mut units, mut customers) = ([0_u64; 6], [0_u64; 6]);
        for ((&opening, &closing), &empty) in opening.iter().zip(closing).zip(empty_periods) {
            let (opening, closing) = (opening.cast_unsigned(), closing.cast_unsigned());
            let (was, is) = (u64::from(opening > 0), u64::from(closing > 0));
            let (stayed, came) = (was & is, is & !was);
            let back = came & u64::from(empty.wrapping_sub(1) < limit);
            let (more, less) = (closing.saturating_sub(opening), opening.saturating_sub(closing));
            let new = came ^ back;
            let left = was ^ stayed;
            let moves = [
                (more.wrapping_mul(new), new),
                (more.wrapping_mul(back), back),
                (more.wrapping_mul(stayed), stayed & u64::from(more > 0)),
                (less.wrapping_mul(stayed), stayed & u64::from(less > 0)),
                (less.wrapping_mul(left), left),
                (opening, stayed & u64::from(opening == closing)),
            ];
            for ((units, customers), (money, one)) in units.iter_mut().zip(&mut customers).zip(moves) {
                *units = units.wrapping_add(money);
                *customers = customers.wrapping_add(one);
            }
        }
        let [new, reactivation, expansion, contraction, churned, opening] = units.map(decimal::wide);
        let units = RevenueUnits { opening, new, reactivation, expansion, contraction, churned };
        let [new, reactivated, expanded, contracted, churned, unchanged] = customers;
        let customers = MovedCustomers { new, reactivated, expanded, contracted, churned, unchanged };
        Self::counted(settings, units, customers)
    }

    fn negative(&self, opening: i64, closing: i64) -> Error {
        let (field, units) = if opening < 0 { ("opening revenue", opening) } else { ("closing revenue", closing) };
        let amount = self.settings.unit.amount(field, units.into());
        amount.map_or_else(|error| error, |amount| Error::out_of_bounds(field, amount, Bound::AtLeast(Decimal::ZERO.into())))
    }

    /// The money of every movement, from which the revenue rates are read.
    #[must_use]
    pub fn movements(&self) -> RevenueMovements {
        RevenueMovements::counted(self.settings.unit, self.units)
    }

    /// The customers of every movement.
    #[must_use]
    pub fn customers(&self) -> MovedCustomers {
        self.customers
    }

    /// The share of the customers at the opening who bring nothing at the closing: logo churn, whatever they paid.
    ///
    /// # Errors
    /// [`Error::Undefined`] without customers at the opening.
    pub fn customer_churn(&self) -> Result<Share> {
        Share::of("customer churn", NO_ONE_AT_OPENING, self.customers.churned, self.customers.at_opening())
    }

    /// The mean revenue of a customer of the closing period, rounded once to 28 digits. It is that of all of them and has no interval; that of a
    /// sample is the [mean](crate::MomentsTally::mean_estimate) of a [`MomentsTally`](crate::MomentsTally).
    ///
    /// # Errors
    /// [`Error::Undefined`] without customers at the closing.
    pub fn revenue_per_customer(&self) -> Result<Decimal> {
        let customers = decimal::wide(self.customers.at_closing());
        self.settings.unit.amount_of_each(
            "revenue per customer",
            "no customer brings revenue at the closing",
            self.units.closing(),
            customers,
        )
    }

    pub(super) fn opening_units(&self) -> i128 {
        self.units.opening
    }

    pub(super) fn closing_units(&self) -> i128 {
        self.units.closing()
    }

    /// A tally of sums that were counted by [`count`].
    pub(super) fn counted(settings: RevenueSettings, units: RevenueUnits, customers: MovedCustomers) -> Self {
        Self { settings, units, customers }
    }

    /// Every sum must be one that customers can come to: each who moved, moved by one minor unit at least.
    fn checked(settings: RevenueSettings, units: RevenueUnits, customers: MovedCustomers) -> Result<Self> {
        let (units, customers) = (units.checked()?, customers.checked()?);
        for (field, units, count) in [
            ("new revenue", units.new, customers.new),
            ("reactivation", units.reactivation, customers.reactivated),
            ("expansion", units.expansion, customers.expanded),
            ("contraction", units.contraction, customers.contracted),
            ("churned revenue", units.churned, customers.churned),
            // What is left of the opening is that of those who stayed.
            ("revenue kept", units.opening.checked_sub(units.lost_checked()?).unwrap_or(-1), customers.stayed()),
        ] {
            let fits = if count == 0 { units == 0 } else { units >= decimal::wide(count) };
            if !fits {
                return Err(Error::mismatch(field, format_args!("{units} minor units"), format_args!("{count} customers")));
            }
        }
        Ok(Self { settings, units, customers })
    }
}

/// Adds one customer to sums that have room for it.
pub(super) fn count(units: &mut RevenueUnits, customers: &mut MovedCustomers, moved: Movement, opening: i128, closing: i128) {
    let (money, count, by) = match moved {
        Movement::New => (&mut units.new, &mut customers.new, closing),
        Movement::Reactivation => (&mut units.reactivation, &mut customers.reactivated, closing),
        Movement::Expansion => (&mut units.expansion, &mut customers.expanded, closing.saturating_sub(opening)),
        Movement::Contraction => (&mut units.contraction, &mut customers.contracted, opening.saturating_sub(closing)),
        Movement::Churned => (&mut units.churned, &mut customers.churned, opening),
        Movement::Unchanged => {
            units.opening = units.opening.saturating_add(opening);
            customers.unchanged = customers.unchanged.saturating_add(1);
            return;
        }
        Movement::Absent => return,
    };
    *money = money.saturating_add(by);
    *count = count.saturating_add(1);
    units.opening = units.opening.saturating_add(opening);
}

impl Tally for RevenueTally {
    type Settings = RevenueSettings;
    type Record = CustomerRevenue;
    type Summary = RevenueSummary;

    fn empty(settings: RevenueSettings) -> Self {
        Self { settings, units: RevenueUnits::default(), customers: MovedCustomers::default() }
    }

    fn settings(&self) -> RevenueSettings {
        self.settings
    }

    fn record(&mut self, revenue: CustomerRevenue) -> Result<()> {
        let opening = self.settings.unit.units("opening revenue", revenue.opening())?;
        let closing = self.settings.unit.units("closing revenue", revenue.closing())?;
        let mut one = Self::empty(self.settings);
        count(&mut one.units, &mut one.customers, revenue.movement(self.settings.reactivation), opening, closing);
        self.merge(&one)
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.settings != other.settings {
            return Err(Error::mismatch("revenue settings", self.settings, other.settings));
        }
        let customers = self.customers.plus(&other.customers)?;
        self.units = self.units.plus(&other.units)?;
        self.customers = customers;
        Ok(())
    }

    fn finish(&self) -> Result<RevenueSummary> {
        let movements = self.movements();
        Ok(RevenueSummary {
            movements,
            customers: self.customers,
            customer_churn: self.customer_churn()?,
            gross_revenue_retention: movements.gross_revenue_retention()?,
            net_revenue_retention: movements.net_revenue_retention(super::NetRevenueDefinition::default())?,
        })
    }

    fn encode(&self) -> Vec<u8> {
        let RevenueUnits { opening, new, reactivation, expansion, contraction, churned } = self.units;
        let head = Encoder::new(Kind::REVENUE, self.encoded_len())
            .u8(self.settings.unit.into())
            .u64(self.settings.reactivation.code().into())
            .u64s(&self.customers.all());
        [opening, new, reactivation, expansion, contraction, churned].into_iter().fold(head, Encoder::i128).finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::REVENUE, bytes)?;
        let unit = MinorUnit::new(decoder.u8()?)?;
        let limit = u32::try_from(decoder.u64()?).map_err(|_| decoder.fault("the limit of reactivation is out of range"))?;
        let [new, reactivated, expanded, contracted, churned, unchanged] = decoder.u64_array()?;
        let customers = MovedCustomers { new, reactivated, expanded, contracted, churned, unchanged };
        let mut units = || match decoder.i128()? {
            units if units >= 0 => Ok(units),
            _ => Err(decoder.fault("an amount is negative")),
        };
        let units = RevenueUnits {
            opening: units()?,
            new: units()?,
            reactivation: units()?,
            expansion: units()?,
            contraction: units()?,
            churned: units()?,
        };
        decoder.close()?;
        Self::checked(RevenueSettings { unit, reactivation: ReactivationLimit::from_code(limit) }, units, customers)
    }

    fn encoded_len(&self) -> usize {
        const { len::with_u64s(7) + len::U8 + 6 * len::I128 }
    }
}

/// What most reports show of a revenue tally.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct RevenueSummary {
    /// The money of every movement.
    pub movements: RevenueMovements,
    /// The customers of every movement.
    pub customers: MovedCustomers,
    /// The share of the customers at the opening who left.
    pub customer_churn: Share,
    /// The revenue of the opening that was kept, at most 1.
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub gross_revenue_retention: Decimal,
    /// The same with expansion: the default [`NetRevenueDefinition`](super::NetRevenueDefinition).
    #[cfg_attr(feature = "serde", serde(with = "crate::decimal::text"))]
    pub net_revenue_retention: Decimal,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RevenueTallyState {
    settings: RevenueSettings,
    customers: MovedCustomers,
    minor_units: super::movements::UnitsState,
}

#[cfg(feature = "serde")]
impl TryFrom<RevenueTallyState> for RevenueTally {
    type Error = Error;

    fn try_from(state: RevenueTallyState) -> Result<Self> {
        Self::checked(state.settings, state.minor_units.try_into()?, state.customers)
    }
}

#[cfg(feature = "serde")]
impl From<RevenueTally> for RevenueTallyState {
    fn from(tally: RevenueTally) -> Self {
        Self { settings: tally.settings, customers: tally.customers, minor_units: tally.units.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(opening: &[i64], closing: &[i64], empty: &[u32]) -> RevenueTally {
        let mut tally = RevenueTally::default();
        tally.record_columns(opening, closing, empty).unwrap();
        tally
    }

    #[test]
    fn a_negative_amount_is_named_with_its_row_and_changes_nothing() {
        let mut all = tally(&[5], &[6], &[0]);
        let before = all.clone();
        let error = all.record_columns(&[1, 1], &[1, -150], &[0, 0]).unwrap_err();
        assert_eq!(error.to_string(), "row 1: closing revenue is -1.5, but must be at least 0");
        assert!(matches!(all.record_columns(&[1], &[1], &[]), Err(Error::Mismatch { field: "column length", .. })));
        assert!(matches!(all.record_columns(&[1], &[], &[1]), Err(Error::Mismatch { field: "column length", .. })));
        assert_eq!(all, before);
    }

    #[test]
    fn the_largest_amounts_add_up() {
        let rows = 1_000;
        let all = tally(&vec![i64::MAX; rows], &vec![0; rows], &vec![0; rows]);
        assert_eq!(all.units.churned, i128::from(i64::MAX) * 1_000);
        assert_eq!(all.units.closing(), 0);
    }

    #[test]
    fn states_that_no_customers_come_to_are_refused() {
        let good = tally(&[0, 0, 3, 5, 2, 1], &[2, 4, 4, 2, 0, 1], &[0, 2, 0, 0, 0, 0]);
        assert_eq!(RevenueTally::checked(good.settings, good.units, good.customers), Ok(good.clone()));
        for damage in [
            |units: &mut RevenueUnits, _: &mut MovedCustomers| units.new = 0,
            |units: &mut RevenueUnits, _: &mut MovedCustomers| units.opening -= 4,
            |units: &mut RevenueUnits, _: &mut MovedCustomers| units.churned = i128::MAX,
            |units: &mut RevenueUnits, _: &mut MovedCustomers| units.expansion = i128::MAX,
            |_: &mut RevenueUnits, customers: &mut MovedCustomers| customers.churned = 0,
            |_: &mut RevenueUnits, customers: &mut MovedCustomers| customers.unchanged = 50,
            |_: &mut RevenueUnits, customers: &mut MovedCustomers| customers.unchanged = u64::MAX,
        ] {
            let mut damaged = good.clone();
            damage(&mut damaged.units, &mut damaged.customers);
            assert!(RevenueTally::checked(damaged.settings, damaged.units, damaged.customers).is_err(), "{damaged:?}");
            assert!(RevenueTally::decode(&damaged.encode()).is_err(), "{damaged:?}");
        }
    }

    #[test]
    fn what_would_overflow_is_refused_and_changes_nothing() {
        let huge = RevenueUnits { new: i128::MAX, ..Default::default() };
        let mut full = RevenueTally::checked(RevenueSettings::default(), huge, MovedCustomers { new: 1, ..Default::default() }).unwrap();
        let before = full.clone();
        assert!(matches!(full.record_columns(&[1], &[1], &[0]), Err(Error::Overflow { field: "revenue", .. })));
        assert!(matches!(full.merge(&before), Err(Error::Overflow { .. })));
        assert!(full.movements().closing().is_err());
        assert!(full.movements().to_string().ends_with("minor units"));
        assert_eq!(full, before);
    }
}
