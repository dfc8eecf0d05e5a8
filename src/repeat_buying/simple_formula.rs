//! What order value x frequency x time would have said.

use core::fmt;

use rust_decimal::Decimal;

use super::{CustomerBase, CustomerValues, TransactionModel, ValueModel};
use crate::decimal::{self, count_to_f64};
use crate::error::{Error, Result};
use crate::money::MinorUnit;

/// The simple formula over the horizon of a [`ValueModel`], with the mean customer of a base: nobody leaves, nothing is discounted.
///
/// ```text
/// order value = all that was spent / purchases with an amount,    a fixed worth of a purchase: that
/// orders      = repeat purchases of all customers / time that they were watched, of one customer in a unit of time
/// total       = order value x orders x time x margin x customers
/// ```
///
/// It is the formula of [`LifetimeValue`](crate::lifetime_value::LifetimeValue), with the unit of time of the model for the year. Beside the
/// total of [`ValueModel::values`] it shows what is overlooked by it: that customers leave, which counts for more the longer the horizon.
///
/// ```
/// use customer_metrics::lifetime_value::LifetimeValue;
/// use customer_metrics::repeat_buying::{BgNbd, ContinuousRate, CustomerBase, Horizon, PurchaseColumns, PurchaseWorth, ValueModel};
/// use customer_metrics::{Decimal, MinorUnit};
///
/// let histories = PurchaseColumns::new(&[2, 0, 9, 1, 0], &[30.43, 0.0, 38.0, 1.71, 0.0], &[40.0; 5])?;
/// let base = CustomerBase::new(histories);
/// let horizon = Horizon::within(104.0, ContinuousRate::ZERO)?;
/// let model = ValueModel::new(BgNbd::new(0.243, 4.414, 0.793, 2.426)?, PurchaseWorth::fixed(10.into()), horizon)?;
///
/// let simple = model.simple_formula(&base, MinorUnit::CENT)?;
/// assert_eq!(simple.to_string(), "10 an order x 0.06 orders x 104 x 5 customers = 312");
/// let one = LifetimeValue::new(simple.order_value(), simple.orders(), simple.time())?;
/// assert_eq!(one.total(), Decimal::new(624, 1));
/// assert!(model.values(&base)?.total(MinorUnit::CENT)? < simple.total());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SimpleFormula {
    #[cfg_attr(feature = "serde", serde(serialize_with = "decimal::text::serialize"))]
    order_value: Decimal,
    #[cfg_attr(feature = "serde", serde(serialize_with = "decimal::text::serialize"))]
    orders: Decimal,
    #[cfg_attr(feature = "serde", serde(serialize_with = "decimal::text::serialize"))]
    time: Decimal,
    #[cfg_attr(feature = "serde", serde(serialize_with = "decimal::text::serialize"))]
    margin: Decimal,
    customers: u64,
    #[cfg_attr(feature = "serde", serde(serialize_with = "decimal::text::serialize"))]
    total: Decimal,
}

impl SimpleFormula {
    /// The mean of all orders, to 15 digits; where the worth of an order is fixed, that.
    #[must_use]
    pub fn order_value(&self) -> Decimal {
        self.order_value
    }

    /// How many orders a customer makes in a unit of time, to 15 digits.
    #[must_use]
    pub fn orders(&self) -> Decimal {
        self.orders
    }

    /// For how long, in the unit of the model, to 15 digits.
    #[must_use]
    pub fn time(&self) -> Decimal {
        self.time
    }

    /// The share of an order that is margin; 1 where the worth of an order is a margin already.
    #[must_use]
    pub fn margin(&self) -> Decimal {
        self.margin
    }

    /// Of how many customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// The product of the five, none of them rounded before, rounded once to the minor unit.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.total
    }
}

/// The factors, to 6 digits, and their product; the margin where it is not all.
impl fmt::Display for SimpleFormula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { order_value, orders, time, margin, customers, total } = self;
        let [order_value, orders, time, shown_margin] = [order_value, orders, time, margin].map(|factor| decimal::to_digits(*factor, 6));
        write!(f, "{order_value} an order x {orders} orders x {time} x ")?;
        if *margin != Decimal::ONE {
            write!(f, "margin {shown_margin} x ")?;
        }
        write!(f, "{customers} customers = {total}")
    }
}

const METRIC: &str = "simple formula";

/// Of a factor: those of a double.
const DIGITS: u32 = 15;

impl<M: TransactionModel> ValueModel<M> {
    /// What order value x frequency x time would have said of the base.
    ///
    /// # Errors
    /// [`Error::Undefined`] if the horizon has no end, nobody was watched for any time, or no purchase has an amount where one is needed;
    /// [`Error::Overflow`] if a number does not fit 28 digits.
    pub fn simple_formula(&self, base: &CustomerBase<'_>, unit: MinorUnit) -> Result<SimpleFormula> {
        self.worth().check(base)?;
        let fixed = self.worth().fixed_margin();
        let order = fixed.map_or_else(|| order_value(base), |worth| Ok(decimal::to_f64(worth)))?;
        let margin = self.worth().margin().normalize();
        let (mut bought, mut watched) = (0.0, 0.0);
        for history in base.histories().iter() {
            bought += count_to_f64(history.frequency());
            watched += history.age();
        }
        if watched <= 0.0 {
            return Err(Error::Undefined { metric: METRIC, because: "no customer was watched for any time" });
        }
        let (orders, time) = (bought / watched, self.span()?);
        let customers = base.customers();
        let total = order * orders * time * decimal::to_f64(margin) * count_to_f64(customers);
        let digits = |value: f64| decimal::from_f64_to(METRIC, value, DIGITS);
        Ok(SimpleFormula {
            order_value: fixed.map_or_else(|| digits(order), |worth| Ok(worth.normalize()))?,
            orders: digits(orders)?,
            time: digits(time)?,
            margin,
            customers,
            total: unit.round(decimal::from_f64(METRIC, total)?),
        })
    }

    /// What mean spend x frequency x time would have said of each customer by themselves, in the order of the rows.
    ///
    /// ```text
    /// mean spend x margin x repeat purchases / age x time,  a fixed worth of a purchase for spend and margin
    /// ```
    ///
    /// Those without repeat purchases are worth nothing by it, and those who left long ago as much as ever.
    ///
    /// # Errors
    /// [`Error::Undefined`] if the horizon has no end, or the worth is that of spend and the base has none; [`Error::Row`] with the first
    /// row whose value overflows.
    pub fn simple_values(&self, base: &CustomerBase<'_>) -> Result<CustomerValues> {
        self.worth().check(base)?;
        let (time, fixed) = (self.span()?, self.worth().fixed_margin().map(decimal::to_f64));
        let margin = decimal::to_f64(self.worth().margin());
        let of_row = |(row, (history, spend)): (usize, (super::PurchaseHistory, super::SpendHistory))| {
            if history.frequency() == 0 {
                return Ok(0.0);
            }
            let worth = fixed.unwrap_or(margin * spend.mean_spend());
            super::value_model::finite(worth * (count_to_f64(history.frequency()) / history.age()) * time)
                .map_err(|error| error.at_row(row))
        };
        Ok(CustomerValues::new(base.iter().enumerate().map(of_row).collect::<Result<_>>()?))
    }

    fn span(&self) -> Result<f64> {
        self.horizon().time().ok_or(Error::Undefined { metric: METRIC, because: "the horizon has no end, and the formula needs one" })
    }
}

fn order_value(base: &CustomerBase<'_>) -> Result<f64> {
    let (mut spent, mut purchases) = (0.0, 0.0);
    for spend in base.spends() {
        spent += spend.total();
        purchases += count_to_f64(spend.purchases());
    }
    if purchases > 0.0 { Ok(spent / purchases) } else { Err(Error::Undefined { metric: METRIC, because: "no purchase has an amount" }) }
}
