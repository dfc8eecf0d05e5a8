//! Lifetime values of customers and of a base: against mpmath, their intervals, and their properties.

use customer_metrics::lifetime_value::CustomerBook;
use customer_metrics::lifetime_value::DiscountRate;
use customer_metrics::repeat_buying::{
    BgBb, BgNbd, ContinuousRate, ContractValueModel, CustomerBase, Fit, FitOptions, GammaGamma, Horizon, MbgNbd, Model, NextOpportunity,
    OpportunityHistory, OpportunityTable, OpportunityValueModel, ParetoNbd, PeriodLength, PurchaseColumns, PurchaseHistory, PurchaseTable,
    PurchaseWorth, RankedCustomer, RenewalTable, ShiftedBetaGeometric, SpendBasis, SpendHistory, SpendTable, TransactionModel, UnpaidRule,
    ValueModel,
};
use customer_metrics::{Confidence, Decimal, Error, Method, MinorUnit, Proportion};
use proptest::prelude::*;
use serde_json::Value;

/// Customers in columns of their own.
#[derive(Debug, Clone, Default)]
struct Customers {
    frequency: Vec<u64>,
    recency: Vec<f64>,
    age: Vec<f64>,
    mean_spend: Vec<f64>,
}

impl Customers {
    fn push(&mut self, frequency: u64, recency: f64, age: f64, mean_spend: f64) {
        self.frequency.push(frequency);
        self.recency.push(recency);
        self.age.push(age);
        self.mean_spend.push(mean_spend);
    }

    /// `data/cdnow_summary.csv`.
    fn cdnow() -> Self {
        let mut reader = csv::Reader::from_reader(include_str!("../data/cdnow_summary.csv").as_bytes());
        let mut customers = Self::default();
        for record in reader.records() {
            let record = record.unwrap();
            let number = |at: usize| record[at].parse::<f64>().unwrap();
            customers.push(record[1].parse().unwrap(), number(2), number(3), number(4));
        }
        customers
    }

    /// Drawn from a model and a spend model.
    #[cfg(feature = "simulation")]
    fn drawn(purchases: &BgNbd, spend: &GammaGamma, ages: &[f64], seed: u64) -> Self {
        let mut customers = Self::default();
        let histories = purchases.simulate(ages, seed).unwrap();
        let frequencies: Vec<u64> = histories.iter().map(PurchaseHistory::frequency).collect();
        for (history, spend) in histories.iter().zip(spend.simulate(&frequencies, seed + 1).unwrap()) {
            customers.push(history.frequency(), history.recency(), history.age(), spend.mean_spend());
        }
        customers
    }

    fn columns(&self) -> PurchaseColumns<'_> {
        PurchaseColumns::new(&self.frequency, &self.recency, &self.age).unwrap()
    }

    fn base(&self) -> CustomerBase<'_> {
        CustomerBase::new(self.columns()).with_spend(&self.frequency, &self.mean_spend, UnpaidRule::Drop).unwrap()
    }

    fn fits(&self) -> (Fit<BgNbd>, Fit<GammaGamma>) {
        let spend = SpendTable::from_columns(&self.frequency, &self.mean_spend, UnpaidRule::Drop).unwrap();
        (BgNbd::fit(&PurchaseTable::from_columns(self.columns())).unwrap(), GammaGamma::fit(&spend).unwrap())
    }

    /// In another order.
    fn permuted(&self, by: usize) -> Self {
        let rows = self.age.len();
        let mut customers = Self::default();
        for row in (0..rows).map(|row| (row + by) % rows).rev() {
            customers.push(self.frequency[row], self.recency[row], self.age[row], self.mean_spend[row]);
        }
        customers
    }
}

/// Twelve months as the Python package lifetimes takes them.
fn year() -> Horizon {
    by_period(12, 4.345, "0.01")
}

fn by_period(periods: u32, length: f64, rate: &str) -> Horizon {
    Horizon::by_period(periods, length, DiscountRate::new(rate.parse().unwrap()).unwrap()).unwrap()
}

fn within(time: f64, rate: f64) -> Horizon {
    Horizon::within(time, ContinuousRate::from_continuous(rate).unwrap()).unwrap()
}

fn unlimited(rate: f64) -> Horizon {
    Horizon::unlimited(ContinuousRate::from_continuous(rate).unwrap())
}

fn close(got: f64, expected: f64, relative: f64) -> bool {
    (got - expected).abs() <= relative * expected.abs()
}

fn number(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

fn numbers<const N: usize>(value: &Value) -> [f64; N] {
    value.as_array().unwrap().iter().map(number).collect::<Vec<f64>>().try_into().unwrap()
}

fn percent(percent: i64) -> Proportion {
    Proportion::from_percent(percent.into()).unwrap()
}

fn finest() -> MinorUnit {
    MinorUnit::new(10).unwrap()
}

fn f64_of(decimal: Decimal) -> f64 {
    decimal.to_string().parse().unwrap()
}

fn horizon(value: &Value) -> Horizon {
    let discount_rate = number(&value["discount_rate"]);
    match value["kind"].as_str().unwrap() {
        "periods" => by_period(
            value["periods"].as_u64().unwrap().try_into().unwrap(),
            number(&value["length"]),
            value["discount_rate"].as_str().unwrap(),
        ),
        "within" => within(number(&value["time"]), discount_rate),
        _ => unlimited(discount_rate),
    }
}

/// `data/customer_value.json`.
fn golden() -> Value {
    serde_json::from_str(include_str!("../data/customer_value.json")).unwrap()
}

fn few(file: &Value) -> Customers {
    let mut customers = Customers::default();
    for row in file["few"].as_array().unwrap() {
        customers.push(row[0].as_u64().unwrap(), number(&row[1]), number(&row[2]), number(&row[3]));
    }
    customers
}

fn values_agree<M: TransactionModel>(expected: &Value, customers: &Customers) {
    let purchases = M::from_parameters(numbers(&expected["purchases"])).unwrap();
    let spend = GammaGamma::from_parameters(numbers(&expected["spend"])).unwrap();
    let worth = PurchaseWorth::from_spend(&spend, SpendBasis::Customer, Proportion::ONE);
    let model = ValueModel::new(purchases, worth, horizon(&expected["horizon"])).unwrap();
    let values = model.values(&customers.base()).unwrap();
    let name = format!("{} {} {}", expected["name"], expected["model"], expected["horizon"]);
    for (row, expected) in expected["values"].as_object().unwrap() {
        let row: usize = row.parse().unwrap();
        let got = values.get(row).unwrap();
        assert!(close(got, number(expected), 1e-11), "{name}, row {row}: {got} is not {expected}");
        let history = customers.columns().get(row).unwrap();
        let spend = SpendHistory::new(history.frequency(), customers.mean_spend[row]).unwrap();
        let alone = model.value(&history, &spend).unwrap();
        assert!(close(alone, number(expected), 1e-11), "{name}, row {row} alone: {alone} is not {expected}");
    }
    let total = f64_of(values.total(finest()).unwrap());
    assert!(close(total, number(&expected["total"]), 1e-11), "{name}: {total} is not {}", expected["total"]);
}

#[test]
fn values_agree_with_mpmath_for_every_model_and_horizon() {
    let (file, cdnow) = (golden(), Customers::cdnow());
    let few = few(&file);
    let bases = file["bases"].as_array().unwrap();
    assert!(bases.len() >= 17);
    for expected in bases {
        let customers = if expected["name"] == "cdnow" { &cdnow } else { &few };
        if expected["model"] == "bg" { values_agree::<BgNbd>(expected, customers) } else { values_agree::<MbgNbd>(expected, customers) }
    }
}

/// mpmath 1.4.1 at 50 digits: sum over twelve months of 4.345 weeks, at 1% a month.
#[test]
fn the_first_customer_of_cdnow_is_worth_what_an_independent_computation_says() {
    let purchases = BgNbd::new(0.242_592_907_204_465_9, 4.413_531_561_205_426, 0.792_886_148_098_768_6, 2.425_753_436_493_621_5).unwrap();
    let cdnow = Customers::cdnow();
    let (_, spend) = cdnow.fits();
    let worth = PurchaseWorth::from_fitted_spend(&spend, SpendBasis::Customer, Proportion::ONE);
    let value = ValueModel::new(purchases, worth, year()).unwrap().values(&cdnow.base()).unwrap().get(0).unwrap();
    assert!(close(value, 36.278_496_492_874_066_656, 1e-10), "{value}");
}

fn values_of_cdnow_agree<M: TransactionModel + Copy>(of_model: &Value, spend: &GammaGamma, cdnow: &Customers) {
    let purchases = M::from_parameters(numbers(&of_model["parameters"])).unwrap();
    let valued = |worth, horizon| ValueModel::new(purchases, worth, horizon).unwrap().values(&cdnow.base()).unwrap();
    let agree = |values: &[f64], expected: &Value| {
        let expected = expected.as_object().unwrap();
        assert_eq!(expected.len(), 15);
        for (row, expected) in expected {
            let got = values[row.parse::<usize>().unwrap()];
            assert!(close(got, number(expected), 1e-12), "{purchases:?}, row {row}: {got} is not {expected}");
        }
    };
    agree(valued(PurchaseWorth::from_spend(spend, SpendBasis::Customer, Proportion::ONE), year()).as_slice(), &of_model["values"]);
    if of_model["discounted"].is_object() {
        let horizon = unlimited(0.15 / 52.0);
        agree(valued(PurchaseWorth::fixed(1.into()), horizon).as_slice(), &of_model["discounted"]);
    }
}

/// `data/customer_value_cdnow.json`.
#[test]
fn values_of_cdnow_by_both_models_of_leaving_agree_with_mpmath() {
    let file: Value = serde_json::from_str(include_str!("../data/customer_value_cdnow.json")).unwrap();
    let spend = GammaGamma::from_parameters(numbers(&file["spend"])).unwrap();
    let cdnow = Customers::cdnow();
    values_of_cdnow_agree::<ParetoNbd>(&file["pareto_nbd"], &spend, &cdnow);
    values_of_cdnow_agree::<BgNbd>(&file["bg_nbd"], &spend, &cdnow);
}

/// Customers who leave on another scale of time than they buy are interpolated as well, or are not interpolated.
#[test]
fn a_base_valued_by_pareto_nbd_is_worth_what_its_customers_are_one_by_one() {
    let cdnow = Customers::cdnow();
    let columns = cdnow.columns();
    let horizons = [year(), within(39.0, 0.002), unlimited(0.003), within(52.0, 0.0)];
    for parameters in [[0.55, 10.6, 0.61, 11.7], [0.55, 1e-3, 0.61, 1e3], [2.0, 1e6, 1.0, 1e-3], [30.0, 12.0, 40.0, 12.0]] {
        let purchases = ParetoNbd::from_parameters(parameters).unwrap();
        for horizon in horizons {
            let model = ValueModel::new(purchases, PurchaseWorth::fixed(1.into()), horizon).unwrap();
            let values = model.values(&CustomerBase::new(columns)).unwrap();
            for (row, history) in columns.iter().enumerate() {
                let (got, alone) = (values.get(row).unwrap(), purchases.outlook(&history).purchases_over(horizon).unwrap());
                assert!(close(got, alone, 2e-12), "{parameters:?}, {horizon:?}, row {row}: {got} is not {alone}");
            }
        }
    }
    let endless = unlimited(0.0);
    let stay = ParetoNbd::new(0.55, 10.6, 1.0, 11.7).unwrap();
    assert!(matches!(ValueModel::new(stay, PurchaseWorth::fixed(1.into()), endless).unwrap_err(), Error::Undefined { .. }));
    let leave = ParetoNbd::new(0.55, 10.6, 1.5, 11.7).unwrap();
    let all = leave.purchases_over(&PurchaseHistory::one_time(0.0).unwrap(), endless).unwrap();
    assert!(close(all, 0.55 / 10.6 * 11.7 / 0.5, 1e-14), "{all}");
}

/// The derivatives anew, one customer at a time and from two points at another step.
#[test]
fn the_interval_of_a_base_by_pareto_nbd_is_that_of_its_derivatives() {
    let cdnow = Customers::cdnow();
    let (_, spend) = cdnow.fits();
    let fit = ParetoNbd::fit(&PurchaseTable::from_columns(cdnow.columns())).unwrap();
    let model = ValueModel::fitted(&fit, PurchaseWorth::fixed(10.into()), year()).unwrap();
    let estimate = model.total_estimate(&cdnow.base(), finest(), Confidence::P95).unwrap();
    let total = |parameters: [f64; 4]| {
        let purchases = ParetoNbd::from_parameters(parameters).unwrap();
        let of_customer = |history: PurchaseHistory| purchases.outlook(&history).purchases_over(year()).unwrap();
        10.0 * cdnow.columns().iter().map(of_customer).sum::<f64>()
    };
    let theta = fit.model().parameters();
    let slopes: [f64; 4] = std::array::from_fn(|parameter| {
        let moved = |by: f64| {
            let mut parameters = theta;
            parameters[parameter] *= by.exp();
            total(parameters).ln()
        };
        (moved(1e-4) - moved(-1e-4)) / 2e-4
    });
    let covariance = fit.covariance().unwrap();
    let mut variance = 0.0;
    for row in 0..4 {
        for column in 0..4 {
            variance += slopes[row] * slopes[column] * covariance[row][column] / theta[row] / theta[column];
        }
    }
    let (point, half) = (f64_of(estimate.point()), 1.959_963_984_540_054 * variance.sqrt());
    assert!(close(point, total(theta), 1e-9), "{point}");
    for got in [(f64_of(estimate.interval().high()) / point).ln(), (point / f64_of(estimate.interval().low())).ln()] {
        assert!(close(got, half, 1e-6), "{got} is not {half}");
    }
    // With a spend that was estimated too, it is wider.
    let worth = PurchaseWorth::from_fitted_spend(&spend, SpendBasis::Customer, Proportion::ONE);
    let wider = ValueModel::fitted(&fit, worth, year()).unwrap().total_estimate(&cdnow.base(), finest(), Confidence::P95).unwrap();
    assert!((f64_of(wider.interval().high()) / f64_of(wider.point())).ln() > half);
}

/// The derivatives by mpmath, the covariances of the two fits.
#[test]
fn the_interval_of_the_base_is_that_of_exact_derivatives() {
    let cdnow = Customers::cdnow();
    let (purchases, spend) = cdnow.fits();
    let worth = PurchaseWorth::from_fitted_spend(&spend, SpendBasis::Customer, Proportion::ONE);
    let model = ValueModel::fitted(&purchases, worth, year()).unwrap();
    let file = golden();
    let slopes: [f64; 7] = numbers(&file["bases"][0]["slopes"]);
    let total = number(&file["bases"][0]["total"]);
    let mut variance = 0.0;
    let (theta, phi) = (purchases.model().parameters(), spend.model().parameters());
    for row in 0..4 {
        for column in 0..4 {
            variance += slopes[row] * slopes[column] * purchases.covariance().unwrap()[row][column] / theta[row] / theta[column];
        }
    }
    for row in 0..3 {
        for column in 0..3 {
            variance += slopes[4 + row] * slopes[4 + column] * spend.covariance().unwrap()[row][column] / phi[row] / phi[column];
        }
    }
    let expected = 1.959_963_984_540_054 * variance.sqrt() / total;
    let estimate = model.total_estimate(&cdnow.base(), finest(), Confidence::P95).unwrap();
    assert!(close(f64_of(estimate.point()), total, 1e-9));
    for got in [
        (f64_of(estimate.interval().high()) / f64_of(estimate.point())).ln(),
        (f64_of(estimate.point()) / f64_of(estimate.interval().low())).ln(),
    ] {
        assert!(close(got, expected, 1e-8), "{got} is not {expected}");
    }
    assert_eq!((estimate.method(), estimate.n()), (Method::DeltaOnLogarithm, 2_357));
    // Of a base of one customer it is the interval of that customer, and the column has the same.
    let (history, own) = (PurchaseHistory::new(2, 30.43, 38.86).unwrap(), SpendHistory::new(2, 22.35).unwrap());
    let mut one = Customers::default();
    one.push(2, 30.43, 38.86, 22.35);
    let alone = model.customer_estimate(&history, &own, finest(), Confidence::P95).unwrap();
    assert_eq!(model.total_estimate(&one.base(), finest(), Confidence::P95).unwrap().to_string(), alone.to_string());
    let first = model.intervals(&cdnow.base(), Confidence::P95).unwrap()[0];
    assert!(close(first.low(), f64_of(alone.interval().low()), 1e-8) && close(first.high(), f64_of(alone.interval().high()), 1e-8));
}

#[test]
fn without_a_converged_fit_there_is_a_value_and_no_interval() {
    let cdnow = Customers::cdnow();
    let (purchases, spend) = cdnow.fits();
    let base = cdnow.base();
    let once = [PurchaseHistory::one_time(30.0).unwrap(); 5].into_iter().collect();
    let flat = BgNbd::fit(&once).unwrap();
    assert!(!flat.has_converged());
    let fitted = PurchaseWorth::from_fitted_spend(&spend, SpendBasis::Customer, percent(30));
    let given = PurchaseWorth::from_spend(spend.model(), SpendBasis::Customer, percent(30));
    for (model, because) in [
        (ValueModel::fitted(&flat, fitted, year()).unwrap(), "the fit of the model of purchases did not converge"),
        (ValueModel::new(*purchases.model(), fitted, year()).unwrap(), "the model of purchases was given, not fitted"),
        (ValueModel::fitted(&purchases, given, year()).unwrap(), "the spend model was given, not fitted"),
    ] {
        assert!(model.values(&base).is_ok());
        let expected = Err(Error::Undefined { metric: "interval of the value", because });
        assert_eq!(model.total_estimate(&base, MinorUnit::CENT, Confidence::P95), expected);
        assert!(model.intervals(&base, Confidence::P95).is_err());
    }
    // A fixed worth needs no spend model.
    let fixed = ValueModel::fitted(&purchases, PurchaseWorth::fixed(10.into()), year()).unwrap();
    assert!(fixed.total_estimate(&CustomerBase::new(cdnow.columns()), MinorUnit::CENT, Confidence::P95).is_ok());
}

#[test]
fn what_cannot_be_valued_is_refused_by_name() {
    let purchases = BgNbd::new(0.243, 4.414, 0.793, 2.426).unwrap();
    let worth = PurchaseWorth::fixed(1.into());
    for time in [-1.0, f64::NAN, 1e101] {
        assert_eq!(Horizon::within(time, ContinuousRate::ZERO).unwrap_err().field(), Some("time"));
        assert_eq!(ContinuousRate::from_continuous(time).unwrap_err().field(), Some("discount rate"));
        assert_eq!(Horizon::by_period(1, time, DiscountRate::ZERO).unwrap_err().field(), Some("length of a period"));
    }
    for length in [0.0, -1.0, f64::NAN, 1e101] {
        assert_eq!(ContinuousRate::from_rate_per(DiscountRate::ZERO, length).unwrap_err().field(), Some("length"));
    }
    assert_eq!(Horizon::by_period(10_001, 1.0, DiscountRate::ZERO).unwrap_err().field(), Some("periods"));
    assert!(matches!(ValueModel::new(purchases, worth, unlimited(0.0)), Err(Error::Undefined { .. })));

    let cdnow = Customers::cdnow();
    // q + p x is 1 or less for those without purchases alone.
    let spend = GammaGamma::new(6.25, 0.9, 15.44).unwrap();
    let of_spend = |basis| ValueModel::new(purchases, PurchaseWorth::from_spend(&spend, basis, Proportion::ONE), year()).unwrap();
    let error = of_spend(SpendBasis::Customer).values(&cdnow.base()).unwrap_err();
    assert_eq!(error.row(), cdnow.frequency.iter().position(|&frequency| frequency == 0));
    assert_eq!(of_spend(SpendBasis::Population).values(&cdnow.base()).unwrap_err().row(), Some(0));
    assert!(of_spend(SpendBasis::Customer).values(&CustomerBase::new(cdnow.columns())).is_err());

    let refused = CustomerBase::new(cdnow.columns()).with_spend(&cdnow.frequency, &cdnow.mean_spend[1..], UnpaidRule::Drop);
    assert!(matches!(refused, Err(Error::Mismatch { .. })));
    let (frequency, one) = ([1], PurchaseColumns::new(&[1], &[1.0], &[2.0]).unwrap());
    for unpaid in [UnpaidRule::Drop, UnpaidRule::Refuse] {
        assert_eq!(CustomerBase::new(one).with_spend(&frequency, &[f64::NAN], unpaid).unwrap_err().row(), Some(0));
    }
    assert!(CustomerBase::new(one).with_spend(&frequency, &[-5.0], UnpaidRule::Drop).is_ok());
    assert!(CustomerBase::new(one).with_spend(&frequency, &[-5.0], UnpaidRule::Refuse).is_err());
}

#[test]
fn nothing_is_worth_nothing_and_a_loss_turns_the_interval_round() {
    let cdnow = Customers::cdnow();
    let (purchases, _) = cdnow.fits();
    let base = CustomerBase::new(cdnow.columns());
    let estimate = |worth: Decimal, horizon| {
        ValueModel::fitted(&purchases, PurchaseWorth::fixed(worth), horizon).unwrap().total_estimate(
            &base,
            MinorUnit::CENT,
            Confidence::P95,
        )
    };
    let nothing = estimate(10.into(), within(0.0, 0.1)).unwrap();
    assert_eq!((nothing.point(), nothing.interval().low(), nothing.interval().high()), (0.into(), 0.into(), 0.into()));
    assert_eq!(estimate(0.into(), year()).unwrap().interval().high(), 0.into());
    let (gain, loss) = (estimate(10.into(), year()).unwrap(), estimate((-10).into(), year()).unwrap());
    assert_eq!(loss.interval().low().to_string(), format!("-{}", gain.interval().high()));
    assert!(loss.interval().contains(loss.point()));
    let empty = Customers::default();
    let model = ValueModel::fitted(&purchases, PurchaseWorth::fixed(10.into()), year()).unwrap();
    assert_eq!(model.values(&empty.base()).unwrap().total(MinorUnit::CENT), Ok(0.into()));
}

#[test]
fn four_times_the_customers_halve_the_interval_and_their_order_changes_no_cent() {
    let cdnow = Customers::cdnow();
    let mut four = Customers::default();
    for by in [0, 17, 400, 1_000] {
        let other = cdnow.permuted(by);
        for row in 0..other.age.len() {
            four.push(other.frequency[row], other.recency[row], other.age[row], other.mean_spend[row]);
        }
    }
    let relative_width = |customers: &Customers| {
        let (purchases, spend) = customers.fits();
        let worth = PurchaseWorth::from_fitted_spend(&spend, SpendBasis::Customer, Proportion::ONE);
        let model = ValueModel::fitted(&purchases, worth, year()).unwrap();
        let estimate = model.total_estimate(&customers.base(), MinorUnit::CENT, Confidence::P95).unwrap();
        assert!(estimate.interval().contains(estimate.point()));
        assert_eq!(model.total_estimate(&customers.permuted(29).base(), MinorUnit::CENT, Confidence::P95).unwrap(), estimate);
        (f64_of(estimate.interval().high()) / f64_of(estimate.interval().low())).ln()
    };
    let ratio = relative_width(&cdnow) / relative_width(&four);
    assert!((ratio - 2.0).abs() < 1e-5, "{ratio}");
}

#[test]
fn customers_of_whose_spend_nothing_is_known_have_that_of_the_population() {
    let cdnow = Customers::cdnow();
    let (purchases, spend) = cdnow.fits();
    let of = |basis| ValueModel::fitted(&purchases, PurchaseWorth::from_fitted_spend(&spend, basis, percent(30)), year()).unwrap();
    let (history, none) = (PurchaseHistory::one_time(30.0).unwrap(), SpendHistory::NONE);
    let estimate = |basis, own: &SpendHistory| of(basis).customer_estimate(&history, own, finest(), Confidence::P90).unwrap();
    let own = SpendHistory::new(4, 80.0).unwrap();
    assert_eq!(estimate(SpendBasis::Customer, &none), estimate(SpendBasis::Population, &own));
    assert!(estimate(SpendBasis::Customer, &own).point() > estimate(SpendBasis::Population, &own).point());
    // The expected spend of the population is known far better than how often so seldom a customer buys, yet not for nothing.
    let fixed = PurchaseWorth::fixed(MinorUnit::new(9).unwrap().round("10.55".parse().unwrap()));
    let fixed =
        ValueModel::fitted(&purchases, fixed, year()).unwrap().customer_estimate(&history, &none, finest(), Confidence::P90).unwrap();
    let width = |interval: customer_metrics::Range<Decimal>| (f64_of(interval.high()) / f64_of(interval.low())).ln();
    assert!(width(estimate(SpendBasis::Population, &own).interval()) > width(fixed.interval()));
    // A base without spend can be valued by the population.
    let base = CustomerBase::new(cdnow.columns());
    assert!(of(SpendBasis::Population).total_estimate(&base, MinorUnit::CENT, Confidence::P95).is_ok());
}

#[test]
fn the_best_customers_and_the_top_fifth_are_those_of_the_book() {
    let cdnow = Customers::cdnow();
    let (purchases, spend) = cdnow.fits();
    let worth = PurchaseWorth::from_fitted_spend(&spend, SpendBasis::Customer, Proportion::ONE);
    let values = ValueModel::fitted(&purchases, worth, year()).unwrap().values(&cdnow.base()).unwrap();
    let book = CustomerBook::from_predicted(MinorUnit::CENT, values.as_slice()).unwrap();
    let amounts = values.amounts(MinorUnit::CENT).unwrap();
    assert_eq!(book, CustomerBook::from_amounts(MinorUnit::CENT, &amounts).unwrap());
    let difference = f64_of(book.total().unwrap()) - f64_of(values.total(MinorUnit::CENT).unwrap());
    assert!(difference.abs() <= 0.005 * 2_358.0);
    let best = values.top(10);
    let mut sorted: Vec<f64> = values.as_slice().to_vec();
    sorted.sort_by(|left, right| right.total_cmp(left));
    assert!(best.iter().map(RankedCustomer::value).eq(sorted[..10].iter().copied()));
    assert!(best.iter().all(|customer| amounts[customer.row()] == customer.amount(MinorUnit::CENT).unwrap()));
    let share = f64_of(book.concentration().share_of_top(percent(20)).unwrap());
    let fifth = sorted[..472].iter().sum::<f64>() / sorted.iter().sum::<f64>();
    assert!((share - fifth).abs() < 1e-3, "{share} and {fifth}");
}

fn customers() -> impl Strategy<Value = Customers> {
    let customer = (0_u64..40, 0.01_f64..1.0, 0.5_f64..300.0, 0.5_f64..500.0);
    proptest::collection::vec(customer, 1..40).prop_map(|rows| {
        let mut customers = Customers::default();
        for (frequency, part, age, spend) in rows {
            let bought = frequency > 0;
            customers.push(frequency, if bought { part * age } else { 0.0 }, age, if bought { spend } else { 0.0 });
        }
        customers
    })
}

fn parameters() -> impl Strategy<Value = [f64; 4]> {
    (-2.0_f64..2.0, -1.0_f64..4.0, -2.0_f64..2.0, -1.0_f64..3.0).prop_map(|(r, alpha, a, b)| [r, alpha, a, b].map(f64::exp))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn value_rises_with_horizon_and_margin_and_falls_with_discount(
        customers in customers(), parameters in parameters(), time in 0.1_f64..200.0, rate in 1e-4_f64..0.1,
    ) {
        let purchases = BgNbd::from_parameters(parameters).unwrap();
        let spend = GammaGamma::new(6.25, 3.74, 15.44).unwrap();
        let base = customers.base();
        let values = |margin: i64, horizon| {
            let worth = PurchaseWorth::from_spend(&spend, SpendBasis::Customer, percent(margin));
            ValueModel::new(purchases, worth, horizon).unwrap().values(&base).unwrap()
        };
        let middle = values(30, within(time, rate));
        // What the quadrature leaves of the last digits.
        let below = |low: &[f64], high: &[f64]| low.iter().zip(high).all(|(low, high)| *low <= high * (1.0 + 1e-10));
        prop_assert!(middle.as_slice().iter().all(|value| *value >= 0.0));
        for (low, high) in [
            (&middle, &values(31, within(time, rate))),
            (&middle, &values(30, within(1.2 * time, rate))),
            (&values(30, within(time, 1.5 * rate)), &middle),
            (&middle, &values(30, within(time, 0.0))),
            (&middle, &values(30, unlimited(rate))),
        ] {
            prop_assert!(below(low.as_slice(), high.as_slice()), "{low:?} and {high:?}");
        }
        // By period is as from each moment, discounted by no more than a period further.
        let length = time / 8.0;
        let by_period = values(30, by_period(8, length, &format!("{:.20}", (rate * length).exp_m1())));
        prop_assert!(below(by_period.as_slice(), middle.as_slice()));
        let sooner: Vec<f64> = by_period.as_slice().iter().map(|value| value * (rate * length).exp()).collect();
        prop_assert!(below(middle.as_slice(), &sooner));
        let sum: f64 = middle.as_slice().iter().sum();
        let total = f64_of(middle.total(finest()).unwrap());
        prop_assert!((total - sum).abs() <= 1e-9 * (1.0 + sum.abs()), "{total} and {sum}");
    }

    #[test]
    fn a_permuted_base_has_permuted_values_and_the_same_total(customers in customers(), by in 0_usize..40) {
        let worth = PurchaseWorth::from_spend(&GammaGamma::new(6.25, 3.74, 15.44).unwrap(), SpendBasis::Customer, Proportion::ONE);
        let model = ValueModel::new(MbgNbd::new(0.5, 6.0, 0.8, 2.5).unwrap(), worth, year()).unwrap();
        let (values, permuted) = (model.values(&customers.base()).unwrap(), model.values(&customers.permuted(by).base()).unwrap());
        prop_assert_eq!(values.total(finest()).unwrap(), permuted.total(finest()).unwrap());
        let rows = values.customers();
        for row in 0..rows {
            prop_assert_eq!(values.get((row + by) % rows), permuted.get(rows - 1 - row));
        }
    }
}

#[test]
fn the_simple_formula_keeps_customers_for_ever() {
    let cdnow = Customers::cdnow();
    let (purchases, spend) = cdnow.fits();
    let base = cdnow.base();
    let of = |horizon| {
        let worth = PurchaseWorth::from_fitted_spend(&spend, SpendBasis::Customer, percent(30));
        ValueModel::fitted(&purchases, worth, horizon).unwrap()
    };
    let simple = of(year()).simple_formula(&base, MinorUnit::CENT).unwrap();
    let (mut paid, mut bought, mut watched) = (0.0, 0.0, 0.0);
    for row in 0..cdnow.age.len() {
        bought += cdnow.frequency[row] as f64;
        paid += cdnow.frequency[row] as f64 * cdnow.mean_spend[row];
        watched += cdnow.age[row];
    }
    assert!(close(f64_of(simple.order_value()), paid / bought, 1e-14));
    assert!(close(f64_of(simple.orders()), bought / watched, 1e-14));
    assert_eq!((simple.time().to_string(), simple.margin().to_string(), simple.customers()), ("52.14".into(), "0.3".into(), 2_357));
    // The total is rounded once, to the cent.
    assert!((f64_of(simple.total()) - paid / watched * 52.14 * 0.3 * 2_357.0).abs() <= 0.005_000_1);
    // A customer who bought three times and left is worth as much as ever by it.
    let by_row = of(year()).simple_values(&base).unwrap();
    let expected = 22.35 * 0.3 * (2.0 / 38.86) * 52.14;
    assert!(close(by_row.get(0).unwrap(), expected, 1e-12));
    let over = |weeks: f64| {
        let model = of(within(weeks, 0.0));
        let simple = model.simple_formula(&base, MinorUnit::CENT).unwrap().total();
        f64_of(simple) / f64_of(model.values(&base).unwrap().total(MinorUnit::CENT).unwrap())
    };
    assert!(over(520.0) > over(52.0) && over(52.0) > 1.0);
    let endless = of(unlimited(0.003));
    assert!(matches!(endless.simple_formula(&base, MinorUnit::CENT), Err(Error::Undefined { .. })));
    assert!(matches!(endless.simple_values(&base), Err(Error::Undefined { .. })));
}

#[test]
fn the_simple_formula_says_the_same_in_every_unit_of_time_and_money() {
    let frequency = [2, 0, 9, 1, 0];
    // From ten million years to a microsecond in place of a week.
    for unit in [1.0, 7.0, 604_800.0, 604_800e6, 1.0 / 5_217.75, 1.0 / 5.2e8] {
        let recency = [30.43, 0.0, 38.0, 1.71, 0.0].map(|weeks| weeks * unit);
        let ages = [40.0 * unit; 5];
        let base = CustomerBase::new(PurchaseColumns::new(&frequency, &recency, &ages).unwrap());
        let purchases = BgNbd::new(0.243, 4.414 * unit, 0.793, 2.426).unwrap();
        let model = ValueModel::new(purchases, PurchaseWorth::fixed(10.into()), within(104.0 * unit, 0.0)).unwrap();
        assert_eq!(model.simple_formula(&base, MinorUnit::CENT).unwrap().total(), 312.into(), "{unit}");
    }
    let frequency = [4; 1_000];
    let histories = PurchaseColumns::new(&frequency, &[30.0; 1_000], &[40.0; 1_000]).unwrap();
    for (scale, total) in [(1.0, "398632"), (0.01, "3986.32"), (1e-4, "39.86"), (1e-5, "3.99")] {
        let means = [38.33 * scale; 1_000];
        let base = CustomerBase::new(histories).with_spend(&frequency, &means, UnpaidRule::Refuse).unwrap();
        let spend = GammaGamma::new(6.25, 3.74, 15.44 * scale).unwrap();
        let worth = PurchaseWorth::from_spend(&spend, SpendBasis::Customer, Proportion::ONE);
        let model = ValueModel::new(BgNbd::new(0.243, 4.414, 0.793, 2.426).unwrap(), worth, within(104.0, 0.0)).unwrap();
        assert_eq!(model.simple_formula(&base, MinorUnit::CENT).unwrap().total().to_string(), total, "{scale}");
    }
}

/// 15% a year are 15% after a year, in days and in weeks, continuously and by period.
#[test]
fn a_yearly_discount_rate_is_one_of_a_year_in_every_unit_of_time() {
    let yearly = DiscountRate::from_percent(15.into()).unwrap();
    for unit in [PeriodLength::DAY, PeriodLength::WEEK, PeriodLength::MEAN_GREGORIAN_MONTH, PeriodLength::MEAN_GREGORIAN_YEAR] {
        let year = PeriodLength::MEAN_GREGORIAN_YEAR.in_units_of(unit);
        let rate = ContinuousRate::from_annual(yearly, unit);
        assert!(close((rate.per_unit() * year).exp(), 1.15, 1e-14), "{unit}");
        assert!(close(rate.per_unit(), ContinuousRate::from_rate_per(yearly, year).unwrap().per_unit(), 1e-14), "{unit}");
        // A year of purchases that are all at its end.
        let scale = year / 52.0;
        let model = BgNbd::new(0.243, 4.414 * scale, 0.793, 2.426).unwrap();
        let at_end = model.new_customer().purchases_over(Horizon::by_period(1, year, yearly).unwrap()).unwrap();
        assert!(close(at_end * 1.15, model.new_customer().expected_purchases(year).unwrap(), 1e-14), "{unit}");
    }
    assert!(close(PeriodLength::MEAN_GREGORIAN_MONTH.in_units_of(PeriodLength::DAY), 30.436_875, 1e-15));
}

#[cfg(feature = "serde")]
#[test]
fn horizons_are_read_back_through_their_checks() {
    let monthly = Horizon::by_period(12, 4.348_125, DiscountRate::from_percent(1.into()).unwrap()).unwrap();
    for horizon in [monthly, within(52.0, 0.002), unlimited(0.003)] {
        let text = serde_json::to_string(&horizon).unwrap();
        assert_eq!(serde_json::from_str::<Horizon>(&text).unwrap(), horizon, "{text}");
    }
    assert_eq!(serde_json::to_string(&monthly).unwrap(), r#"{"periods":{"periods":12,"length":4.348125,"discount_rate":"0.01"}}"#);
    for wrong in [
        r#"{"within":{"time":-1.0,"continuous_rate":0.1}}"#,
        r#"{"within":{"time":1.0,"continuous_rate":-0.1}}"#,
        r#"{"within":{"time":1.0,"discount_rate":0.1}}"#,
        r#"{"unlimited":{"continuous_rate":1e300}}"#,
        r#"{"periods":{"periods":10001,"length":1.0,"discount_rate":"0.1"}}"#,
        r#"{"periods":{"periods":1,"length":1.0,"discount_rate":"-0.1"}}"#,
    ] {
        assert!(serde_json::from_str::<Horizon>(wrong).is_err(), "{wrong}");
    }
    // What is not read back can be kept for the record.
    let spend = GammaGamma::new(6.25, 3.74, 15.44).unwrap();
    let worth = PurchaseWorth::from_spend(&spend, SpendBasis::Customer, percent(30));
    let model = ValueModel::new(BgNbd::new(0.243, 4.414, 0.793, 2.426).unwrap(), worth, monthly).unwrap();
    assert_eq!(
        serde_json::to_string(&model).unwrap(),
        concat!(
            r#"{"purchases":{"r":0.243,"alpha":4.414,"a":0.793,"b":2.426},"#,
            r#""worth":{"spend":{"model":{"p":6.25,"q":3.74,"v":15.44},"basis":"customer","margin":"0.3"}},"#,
            r#""horizon":{"periods":{"periods":12,"length":4.348125,"discount_rate":"0.01"}}}"#
        )
    );
}

fn width_of(estimate: &customer_metrics::MoneyEstimate) -> f64 {
    (f64_of(estimate.interval().high()) / f64_of(estimate.interval().low())).ln()
}

/// The standard error of a logarithm with these derivatives in the logarithms of the parameters.
fn standard_error<const N: usize>(covariance: [[f64; N]; N], parameters: [f64; N], slopes: [f64; N]) -> f64 {
    let along: Vec<f64> = slopes.iter().zip(parameters).map(|(slope, parameter)| slope / parameter).collect();
    let terms =
        covariance.iter().zip(&along).flat_map(|(row, first)| row.iter().zip(&along).map(move |(entry, other)| first * entry * other));
    terms.sum::<f64>().sqrt()
}

#[test]
fn a_contract_is_worth_its_margin_times_its_lifetime() {
    let fit = ShiftedBetaGeometric::fit(&RenewalTable::from_active(&[1_000, 869, 743, 653, 593, 551, 517, 491]).unwrap()).unwrap();
    let (renewals, rate) = (*fit.model(), DiscountRate::from_percent(10.into()).unwrap());
    let model = ContractValueModel::fitted(&fit, 50.into(), rate);
    let lifetime = |due: u32| match due {
        0 => renewals.discounted_expected_lifetime(0.1).unwrap(),
        due => renewals.discounted_expected_residual_lifetime(due, 0.1).unwrap(),
    };
    assert!(close(model.value(0).unwrap(), 50.0 * lifetime(0), 1e-15) && close(model.value(8).unwrap(), 50.0 * lifetime(8), 1e-15));
    let total = 50.0 * (491.0 * lifetime(8) + 200.0 * lifetime(0));
    let base = [(8, 491), (0, 200)];
    assert!(close(f64_of(model.total(&base, finest()).unwrap()), total, 1e-14));
    let estimate = model.total_estimate(&base, finest(), Confidence::P95).unwrap();
    assert_eq!((estimate.point(), estimate.n()), (model.total(&base, finest()).unwrap(), 1_000));
    assert_eq!(model.total(&[(0, 1), (0, 1)], finest()), model.total(&[(0, 2)], finest()));

    // Two periods: 1 + S(1) / (1 + d), whose derivatives are known.
    let two = model.within(2);
    let stays = renewals.beta() / (renewals.alpha() + renewals.beta());
    assert!(close(two.value(0).unwrap(), 50.0 * (1.0 + stays / 1.1), 1e-15));
    assert!(close(two.within(1).value(3).unwrap(), 50.0 * renewals.retention_rate(3).unwrap(), 1e-15));
    let along = stays * (1.0 - stays) / 1.1 / (1.0 + stays / 1.1);
    let error = standard_error(fit.covariance().unwrap(), renewals.parameters(), [-along, along]);
    let estimate = two.customer_estimate(0, finest(), Confidence::P95).unwrap();
    assert!(close(width_of(&estimate), 2.0 * 1.959_963_984_540_054 * error, 1e-7), "{estimate}");

    let nothing = model.within(0).customer_estimate(0, MinorUnit::CENT, Confidence::P95).unwrap();
    assert_eq!((nothing.point(), nothing.interval().high()), (0.into(), 0.into()));
    let endless = ContractValueModel::fitted(&fit, 50.into(), DiscountRate::ZERO);
    assert!(matches!(endless.value(0), Err(Error::Undefined { .. })));
    assert_eq!(endless.total(&[(0, 1)], MinorUnit::CENT).unwrap_err().row(), Some(0));
    assert!(endless.within(100).value(0).is_ok());
    let given = ContractValueModel::new(renewals, 50.into(), rate);
    assert_eq!(given.amount(4, MinorUnit::CENT), model.amount(4, MinorUnit::CENT));
    assert!(matches!(given.customer_estimate(4, MinorUnit::CENT, Confidence::P95), Err(Error::Undefined { .. })));
}

#[test]
fn opportunities_are_worth_their_purchases() {
    let table: Vec<(OpportunityHistory, u64)> =
        [(6, 6, 90), (4, 6, 60), (3, 4, 50), (2, 2, 80), (1, 1, 90), (1, 4, 40), (0, 0, 200), (2, 5, 70)]
            .map(|(x, t_x, customers)| (OpportunityHistory::new(x, t_x, 6).unwrap(), customers))
            .to_vec();
    let fit = BgBb::fit(&OpportunityTable::from_counts(table.clone()).unwrap()).unwrap();
    assert!(fit.has_converged());
    let (donors, rate, next) = (*fit.model(), DiscountRate::from_percent(10.into()).unwrap(), NextOpportunity::AfterOnePeriod);
    let spend = GammaGamma::new(6.25, 3.74, 15.44).unwrap();
    let worth = PurchaseWorth::from_spend(&spend, SpendBasis::Customer, percent(30));
    let base: Vec<_> =
        table.iter().map(|(history, _)| (*history, SpendHistory::new(u64::from(history.frequency()) + 1, 40.0).unwrap())).collect();
    let values = OpportunityValueModel::fitted(&fit, worth, rate, next).unwrap().values(&base).unwrap();
    for ((history, own), value) in base.iter().zip(values.as_slice()) {
        let expected = donors.outlook(history).discounted_purchases(0.1, next).unwrap() * worth.of_customer(own).unwrap();
        assert!(close(*value, expected, 1e-15), "{history:?}: {value} is not {expected}");
    }
    let fixed = OpportunityValueModel::fitted(&fit, PurchaseWorth::fixed(50.into()), rate, next).unwrap();
    let estimate = fixed.total_estimate(&base, finest(), Confidence::P95).unwrap();
    assert_eq!(estimate.point(), fixed.values(&base).unwrap().total(finest()).unwrap());
    let five = fixed.within(5).values(&base).unwrap();
    assert!(five.as_slice().iter().zip(fixed.values(&base).unwrap().as_slice()).all(|(some, all)| some < all));

    // One opportunity of a new customer: alpha / (alpha + beta) x delta / (gamma + delta) / (1 + d).
    let (new, none) = (OpportunityHistory::NEW, SpendHistory::NONE);
    let [alpha, beta, gamma, delta] = donors.parameters();
    let one = fixed.within(1);
    assert!(close(one.value(&new, &none).unwrap(), 50.0 / 1.1 * alpha / (alpha + beta) * delta / (gamma + delta), 1e-14));
    let (buying, leaving) = (beta / (alpha + beta), gamma / (gamma + delta));
    let error = standard_error(fit.covariance().unwrap(), donors.parameters(), [buying, -buying, -leaving, leaving]);
    let estimate = one.customer_estimate(&new, &none, finest(), Confidence::P95).unwrap();
    assert!(close(width_of(&estimate), 2.0 * 1.959_963_984_540_054 * error, 1e-7), "{estimate}");

    let stay = BgBb::new(1.204, 0.750, 0.657, 2.783).unwrap();
    assert!(matches!(OpportunityValueModel::new(stay, worth, DiscountRate::ZERO, next), Err(Error::Undefined { .. })));
    let given = OpportunityValueModel::new(stay, worth, rate, next).unwrap();
    assert!(matches!(given.total_estimate(&base, MinorUnit::CENT, Confidence::P95), Err(Error::Undefined { .. })));
}

#[test]
fn a_table_is_worth_what_its_customers_are() {
    let cdnow = Customers::cdnow();
    let (purchases, spend) = cdnow.fits();
    let table = PurchaseTable::from_columns(cdnow.columns());
    for worth in [PurchaseWorth::fixed(10.into()), PurchaseWorth::from_fitted_spend(&spend, SpendBasis::Population, percent(30))] {
        let model = ValueModel::fitted(&purchases, worth, year()).unwrap();
        let by_row = model.values(&cdnow.base()).unwrap().total(finest()).unwrap();
        assert!(close(f64_of(model.table_total(&table, finest()).unwrap()), f64_of(by_row), 1e-12));
        let (of_table, of_base) = (
            model.table_estimate(&table, finest(), Confidence::P95).unwrap(),
            model.total_estimate(&cdnow.base(), finest(), Confidence::P95).unwrap(),
        );
        assert!(close(f64_of(of_table.interval().low()), f64_of(of_base.interval().low()), 1e-9), "{of_table} is not {of_base}");
        assert!(close(f64_of(of_table.interval().high()), f64_of(of_base.interval().high()), 1e-9), "{of_table} is not {of_base}");
    }
    let own = PurchaseWorth::from_fitted_spend(&spend, SpendBasis::Customer, percent(30));
    let model = ValueModel::fitted(&purchases, own, year()).unwrap();
    assert!(matches!(model.table_total(&table, MinorUnit::CENT), Err(Error::Undefined { .. })));
    assert!(matches!(model.table_estimate(&table, MinorUnit::CENT, Confidence::P95), Err(Error::Undefined { .. })));
}

/// What generic code outside the crate sees of a model.
fn seen<M: TransactionModel>(model: &M, cdnow: &Customers) -> Vec<f64> {
    let (columns, table) = (cdnow.columns(), PurchaseTable::from_columns(cdnow.columns()));
    let fit: Fit<M> = M::fit(&table).unwrap();
    let again = M::fit_with(&table, &FitOptions::default().with_start(model.clone())).unwrap();
    assert!(close(fit.log_likelihood(), again.log_likelihood(), 1e-12));
    assert!(close(fit.model().log_likelihood_of(&table), fit.log_likelihood(), 1e-13));
    let alive = model.probability_alive_column(columns);
    let expected = model.expected_purchases_column(columns, 52.0).unwrap();
    let discounted = model.purchases_over_column(columns, year()).unwrap();
    for row in (0..columns.rows()).step_by(71) {
        let history = columns.get(row).unwrap();
        assert!(close(alive[row], model.probability_alive(&history), 1e-14));
        assert!(close(expected[row], model.expected_purchases(&history, 52.0).unwrap(), 1e-12));
        assert!(close(discounted[row], model.purchases_over(&history, year()).unwrap(), 1e-11));
        let distribution = model.distribution_of_purchases(&history, 300, 52.0).unwrap();
        let mean: f64 = (0_u32..).zip(&distribution).map(|(purchases, probability)| f64::from(purchases) * probability).sum();
        assert!(close(mean, expected[row], 1e-6), "{history:?}: {mean} is not {}", expected[row]);
    }
    let new = PurchaseHistory::one_time(0.0).unwrap();
    assert_eq!(model.new_customer_purchases(52.0), model.expected_purchases(&new, 52.0));
    assert_eq!(model.new_customer_distribution(3, 52.0), model.distribution_of_purchases(&new, 3, 52.0));
    assert!(matches!(model.expected_purchases(&new, -1.0), Err(Error::OutOfBounds { field: "time", .. })));
    #[cfg(feature = "simulation")]
    assert_eq!(model.simulate(&[39.0; 9], 7).unwrap().len(), 9);
    vec![fit.log_likelihood(), model.log_likelihood(&PurchaseHistory::new(2, 30.43, 38.86).unwrap()), alive[0], expected[0], discounted[0]]
}

#[test]
fn generic_code_fits_and_predicts_by_every_model_of_transactions() {
    let cdnow = Customers::cdnow();
    let (bg, pareto) = (BgNbd::new(0.243, 4.414, 0.793, 2.426).unwrap(), ParetoNbd::new(0.553, 10.578, 0.606, 11.669).unwrap());
    let (columns, regular) = (cdnow.columns(), PurchaseHistory::new(2, 30.43, 38.86).unwrap());
    let one = columns.get(0).unwrap();
    let of_bg = seen(&bg, &cdnow);
    assert!(close(of_bg[1], bg.log_likelihood(&regular), 1e-15) && close(of_bg[2], bg.outlook(&one).probability_alive(), 1e-15));
    assert!(close(of_bg[3], bg.outlook(&one).expected_purchases(52.0).unwrap(), 1e-12));
    let of_pareto = seen(&pareto, &cdnow);
    assert!(close(of_pareto[4], pareto.outlook(&one).purchases_over(year()).unwrap(), 1e-11));
    let modified = seen(&MbgNbd::new(0.525, 6.183, 0.891, 1.614).unwrap(), &cdnow);
    // Fader, Hardie and Lee (2005): -9582.4 and -9595.0.
    assert_eq!((of_bg[0].round(), of_pareto[0].round()), (-9_582.0, -9_595.0));
    assert!(modified.iter().all(|number| number.is_finite()));
}

#[cfg(feature = "simulation")]
#[test]
fn the_bootstrap_agrees_with_the_delta_method_and_with_itself() {
    let (purchases, spend) = (BgNbd::new(0.5, 6.0, 0.8, 2.5).unwrap(), GammaGamma::new(6.25, 3.74, 15.44).unwrap());
    let ages: Vec<f64> = (0..1_500_u32).map(|customer| f64::from(25 + customer % 15)).collect();
    let customers = Customers::drawn(&purchases, &spend, &ages, 11);
    let (purchases, spend) = customers.fits();
    let worth = PurchaseWorth::from_fitted_spend(&spend, SpendBasis::Customer, percent(30));
    let model = ValueModel::fitted(&purchases, worth, year()).unwrap();
    let bootstrap = |repetitions, seed| model.bootstrap_total(&customers.base(), repetitions, seed, MinorUnit::CENT, Confidence::P95);
    let drawn = bootstrap(399, 1).unwrap();
    assert!(drawn.converged().part() >= 395);
    let delta = model.total_estimate(&customers.base(), MinorUnit::CENT, Confidence::P95).unwrap();
    assert_eq!(drawn.estimate().point(), delta.point());
    assert_eq!(drawn.estimate().method(), Method::ParametricBootstrap);
    let width = |interval: &customer_metrics::Range<Decimal>| f64_of(interval.high()) - f64_of(interval.low());
    let ratio = width(&drawn.estimate().interval()) / width(&delta.interval());
    assert!((0.85..1.2).contains(&ratio), "{} and {}", drawn.estimate(), delta);

    // One customer, who has an interval of the expectation too.
    let (history, own) = (PurchaseHistory::new(2, 20.0, 30.0).unwrap(), SpendHistory::new(2, 31.5).unwrap());
    let alone = model.bootstrap_customer((&history, &own), &customers.base(), 399, 1, finest(), Confidence::P95).unwrap();
    let delta = model.customer_estimate(&history, &own, finest(), Confidence::P95).unwrap();
    assert_eq!((alone.estimate().point(), alone.converged()), (delta.point(), drawn.converged()));
    let ratio = width(&alone.estimate().interval()) / width(&delta.interval());
    assert!((0.85..1.2).contains(&ratio), "{} and {delta}", alone.estimate());

    assert_eq!(bootstrap(39, 7).unwrap(), bootstrap(39, 7).unwrap());
    assert_ne!(bootstrap(39, 7).unwrap(), bootstrap(39, 8).unwrap());
    assert_eq!(bootstrap(38, 7).unwrap_err().field(), Some("repetitions"));
    let others = Customers::cdnow();
    assert!(matches!(model.bootstrap_total(&others.base(), 39, 1, MinorUnit::CENT, Confidence::P95), Err(Error::Mismatch { .. })));
    let given = ValueModel::new(*purchases.model(), worth, year()).unwrap();
    assert!(matches!(given.bootstrap_total(&customers.base(), 39, 1, MinorUnit::CENT, Confidence::P95), Err(Error::Undefined { .. })));
}
