//! What the customers will bring, beside what order value x frequency x years would have said.

use std::fmt::Write;

use customer_metrics::lifetime_value::CustomerBook;
use customer_metrics::repeat_buying::{
    BgNbd, CalibrationHoldout, ContinuousRate, CustomerBase, CustomerValues, GammaGamma, HistoryColumns, Horizon, MbgNbd, ParetoNbd,
    PeriodLength, PurchaseHistories, PurchaseTable, PurchaseWorth, SpendBasis, SpendHistory, TransactionModel, UnpaidRule, ValueModel,
};
use customer_metrics::{Confidence, Decimal, Error, MinorUnit, Proportion};

use crate::Request;
use crate::input::Fault;
use crate::models::{Kind, Models};
use crate::orders::Orders;
use crate::report;

const CENT: MinorUnit = MinorUnit::CENT;

/// By the model that is best for the calibration.
pub fn print(out: &mut String, orders: &Orders, split: &CalibrationHoldout, models: &Models, request: &Request) -> Result<(), Fault> {
    let Some(kind) = models.checked.first().map(|best| best.kind) else { return Ok(()) };
    // Where no one bought twice, or everyone spends the same, there is nothing to learn of what customers spend.
    let unknown = |histories: &PurchaseHistories| -> customer_metrics::Result<Option<Error>> {
        let fit = GammaGamma::fit(&columns(histories)?.spend_table());
        Ok(fit.err().filter(|error| matches!(error, Error::Undefined { .. })))
    };
    if let Some(undefined) = unknown(&orders.histories()?)? {
        writeln!(out, "\nVALUE\n\n  Not known: {undefined}.")?;
        return Ok(());
    }
    let in_calibration = unknown(split.calibration())?;
    if let Some(undefined) = &in_calibration {
        writeln!(out, "\nSALES IN THE HOLDOUT\n\n  Not foretold from the calibration: {undefined}.")?;
    }
    let split = in_calibration.is_none().then_some(split);
    match kind {
        Kind::BetaGeometric => with::<BgNbd>(out, orders, split, request, kind),
        Kind::ModifiedBetaGeometric => with::<MbgNbd>(out, orders, split, request, kind),
        Kind::Pareto => with::<ParetoNbd>(out, orders, split, request, kind),
    }
}

/// Customers whose returns came to what they bought are customers without a known spend.
fn columns(histories: &PurchaseHistories) -> customer_metrics::Result<HistoryColumns> {
    histories.columns(UnpaidRule::Drop)
}

fn with<M: TransactionModel>(
    out: &mut String,
    orders: &Orders,
    split: Option<&CalibrationHoldout>,
    request: &Request,
    kind: Kind,
) -> Result<(), Fault> {
    if let Some(split) = split {
        held_against_sales::<M>(out, split, kind)?;
    }
    let histories = orders.histories()?;
    let columns = columns(&histories)?;
    let (base, spends) = (columns.customer_base(), columns.spend_table());
    let spend = GammaGamma::fit(&spends)?;
    let purchases = M::fit(&columns.purchase_table())?;
    let worth = PurchaseWorth::from_fitted_spend(&spend, SpendBasis::Customer, request.margin);
    let weeks = f64::from(request.weeks);
    let horizon = Horizon::within(weeks, ContinuousRate::from_annual(request.discount, PeriodLength::WEEK))?;
    let model = ValueModel::fitted(&purchases, worth, horizon)?;
    let values = model.values(&base)?;

    writeln!(out, "\nVALUE ({} weeks after {}, {} and Gamma-Gamma fitted to everything until then)\n", request.weeks, orders.end, kind)?;
    let line = |out: &mut String, what: &str, value: String| writeln!(out, "  {what:<44} {value:>10}");
    line(out, "customers", histories.customers().to_string())?;
    let percent = |share: Decimal| format!("{}%", share.saturating_mul(Decimal::ONE_HUNDRED).normalize());
    line(out, "margin (assumed, --margin)", percent(request.margin.to_decimal()))?;
    line(out, "discount a year (assumed, --discount)", percent(request.discount.rate()))?;
    line(out, "mean spend of all customers", shown(spend.model().population_mean().map(|mean| format!("{mean:.2}"))))?;
    let correlation = spends.purchase_spend_correlation();
    line(
        out,
        "correlation of purchases and mean spend",
        shown(correlation.map(|correlation| format!("{:.2}", correlation.coefficient()))),
    )?;
    line(out, "value of the base", format!("{:.2}", values.total(CENT)?))?;
    match model.total_estimate(&base, CENT, Confidence::P95) {
        Ok(estimate) => {
            let interval = estimate.interval();
            line(out, "  95% interval, of its parameters alone", format!("{:.2} to {:.2}", interval.low(), interval.high()))?;
        }
        Err(undefined) => writeln!(out, "  no interval: {undefined}")?,
    }
    writeln!(out, "  The interval takes the model for true. How far it was off in the holdout is told above, and is not in it.")?;
    for other in Kind::ALL.into_iter().filter(|other| *other != kind) {
        let total = total(other, &histories.table(), &base, worth, horizon)?;
        line(out, &format!("  by {other} it would be"), format!("{total:.2}"))?;
    }
    let book = CustomerBook::from_predicted(CENT, values.as_slice())?;
    let fifth = book.concentration().share_of_top(Proportion::from_percent(Decimal::from(20))?);
    line(
        out,
        "of which by the best fifth",
        shown(fifth.map(|share| format!("{}%", share.saturating_mul(Decimal::ONE_HUNDRED).round_dp(1)))),
    )?;
    let simple = model.simple_formula(&base, CENT)?;
    line(out, "order value x frequency x time says", format!("{:.2}", simple.total()))?;
    writeln!(
        out,
        "\n  {} an order x {} orders a week x {} weeks x margin {} x {} customers = {:.2}",
        simple.order_value().round_dp(2),
        simple.orders().round_dp(6),
        request.weeks,
        percent(simple.margin()),
        simple.customers(),
        simple.total()
    )?;
    best(out, orders, (&histories, &columns), &model)
}

/// What a kind of model says of the base.
fn total(
    kind: Kind,
    table: &PurchaseTable,
    base: &CustomerBase<'_>,
    worth: PurchaseWorth,
    horizon: Horizon,
) -> customer_metrics::Result<Decimal> {
    match kind {
        Kind::BetaGeometric => total_by::<BgNbd>(table, base, worth, horizon),
        Kind::ModifiedBetaGeometric => total_by::<MbgNbd>(table, base, worth, horizon),
        Kind::Pareto => total_by::<ParetoNbd>(table, base, worth, horizon),
    }
}

fn total_by<M: TransactionModel>(
    table: &PurchaseTable,
    base: &CustomerBase<'_>,
    worth: PurchaseWorth,
    horizon: Horizon,
) -> customer_metrics::Result<Decimal> {
    ValueModel::fitted(&M::fit(table)?, worth, horizon)?.values(base)?.total(CENT)
}

/// So many are shown.
const BEST: usize = 10;

fn best<M: TransactionModel>(
    out: &mut String,
    orders: &Orders,
    (histories, columns): (&PurchaseHistories, &HistoryColumns),
    model: &ValueModel<M>,
) -> Result<(), Fault> {
    let base = columns.customer_base();
    let values = model.values(&base)?;
    let alive = model.purchases().probability_alive_column(columns.purchases());
    let simple = model.simple_values(&base)?;
    let since = histories.steps_since_last();
    let top = values.top(BEST);
    writeln!(out, "\n  The {} best customers, and what mean spend x frequency x time says of each\n", top.len())?;
    writeln!(
        out,
        "  {:<10} {:>9} {:>12} {:>9} {:>10} {:>9} {:>20} {:>10}",
        "customer", "purchases", "weeks silent", "P(there)", "mean spend", "value", "95% interval", "simple"
    )?;
    for ranked in top {
        let row = ranked.row();
        let customer = histories.customer_numbers().get(row).copied().unwrap_or_default();
        let frequency = histories.frequency().get(row).copied().unwrap_or_default();
        let silent = histories.periods().periods(since.get(row).copied().unwrap_or_default());
        let estimate = columns.purchases().get(row).map(|history| {
            let spend = SpendHistory::new(frequency, columns.mean_spends().get(row).copied().unwrap_or(0.0))?;
            model.customer_estimate(&history, &spend, CENT, Confidence::P95)
        });
        let interval = estimate.and_then(customer_metrics::Result::ok).map(|estimate| estimate.interval());
        let interval = interval.map_or("-".to_owned(), |interval| format!("{:.2} to {:.2}", interval.low(), interval.high()));
        let (alive, spend) = (alive.get(row).copied().unwrap_or(0.0), columns.mean_spends().get(row).copied().unwrap_or(0.0));
        writeln!(
            out,
            "  {:<10} {:>9} {silent:>12.1} {alive:>9.2} {spend:>10.2} {:>9.2} {interval:>20} {:>10.2}",
            report::name(orders, customer),
            frequency.saturating_add(1),
            ranked.amount(CENT)?,
            simple.get(row).unwrap_or(0.0)
        )?;
    }
    writeln!(out, "\n  An interval is that of the mean of such customers: what one of them will bring varies far more.")?;
    overlooked(out, orders, histories, &values, &simple, &alive)
}

/// Whom the simple formula is most wrong about.
fn overlooked(
    out: &mut String,
    orders: &Orders,
    histories: &PurchaseHistories,
    values: &CustomerValues,
    simple: &CustomerValues,
    alive: &[f64],
) -> Result<(), Fault> {
    let Some(first) = simple.top(1).first().copied() else { return Ok(()) };
    let row = first.row();
    let customer = histories.customer_numbers().get(row).copied().unwrap_or_default();
    let (value, alive) = (values.get(row).unwrap_or(0.0), alive.get(row).copied().unwrap_or(0.0));
    let simple = first.amount(CENT)?;
    let name = report::name(orders, customer);
    writeln!(out, "  The simple formula's best customer is {name}, at {simple:.2}; the model says {value:.2}, and P(there) {alive:.2}.")?;
    Ok(())
}

/// The holdout in money: predicted from the calibration, by both, and as it was.
fn held_against_sales<M: TransactionModel>(out: &mut String, split: &CalibrationHoldout, kind: Kind) -> Result<(), Fault> {
    let columns = columns(split.calibration())?;
    let (base, spend) = (columns.customer_base(), GammaGamma::fit(&columns.spend_table())?);
    let purchases = M::fit(&columns.purchase_table())?;
    let worth = PurchaseWorth::from_fitted_spend(&spend, SpendBasis::Customer, Proportion::ONE);
    let model = ValueModel::fitted(&purchases, worth, Horizon::within(split.holdout_periods(), ContinuousRate::ZERO)?)?;
    let actual: i64 = split.holdout_spend().iter().fold(0, |sum, spend| sum.saturating_add(*spend));
    writeln!(out, "\nSALES IN THE HOLDOUT (to the customers of the calibration; neither margin nor discount)\n")?;
    let said = format!("{kind} and Gamma-Gamma said");
    for (what, amount) in [
        ("actual", Decimal::new(actual, 2)),
        (said.as_str(), model.values(&base)?.total(CENT)?),
        ("order value x frequency x time said", model.simple_formula(&base, CENT)?.total()),
    ] {
        writeln!(out, "  {what:<44} {amount:>10.2}")?;
    }
    Ok(())
}

/// A figure that may not exist for these customers.
fn shown(figure: customer_metrics::Result<String>) -> String {
    figure.unwrap_or_else(|_| "-".to_owned())
}
