//! What fitted models expect, with intervals: against derivatives by differences, against drawing the data again, and on many threads.

use customer_metrics::lifetime_value::DiscountRate;
use customer_metrics::repeat_buying::{
    BgNbd, ContinuousRate, Fit, GammaGamma, Horizon, MbgNbd, Model, ParetoNbd, PurchaseColumns, PurchaseHistory, PurchaseTable,
    SpendHistory, SpendTable, TransactionModel, UnpaidRule,
};
#[cfg(feature = "simulation")]
use customer_metrics::repeat_buying::{CustomerBase, PurchaseWorth, ValueModel};
use customer_metrics::{Confidence, Error, Estimate, Method};

fn continuous(rate: f64) -> ContinuousRate {
    ContinuousRate::from_continuous(rate).unwrap()
}

fn horizons() -> [Horizon; 4] {
    [
        Horizon::unlimited(continuous(0.15 / 52.0)),
        Horizon::within(52.0, continuous(0.002)).unwrap(),
        Horizon::within(39.0, ContinuousRate::ZERO).unwrap(),
        Horizon::by_period(12, 4.345, DiscountRate::from_percent(1.into()).unwrap()).unwrap(),
    ]
}

const Z: f64 = 1.959_963_984_540_054;

fn close(got: f64, expected: f64, relative: f64) -> bool {
    (got - expected).abs() <= relative * expected.abs()
}

struct Customers {
    frequency: Vec<u64>,
    recency: Vec<f64>,
    age: Vec<f64>,
    mean_spend: Vec<f64>,
}

impl Customers {
    /// `data/cdnow_summary.csv`.
    fn cdnow() -> Self {
        let mut reader = csv::Reader::from_reader(include_str!("../data/cdnow_summary.csv").as_bytes());
        let mut customers = Self { frequency: vec![], recency: vec![], age: vec![], mean_spend: vec![] };
        for record in reader.records() {
            let record = record.unwrap();
            let number = |at: usize| record[at].parse::<f64>().unwrap();
            customers.frequency.push(record[1].parse().unwrap());
            customers.recency.push(number(2));
            customers.age.push(number(3));
            customers.mean_spend.push(number(4));
        }
        customers
    }

    /// Every so manieth customer.
    fn thinned(&self, step: usize) -> Self {
        Self {
            frequency: self.frequency.iter().step_by(step).copied().collect(),
            recency: self.recency.iter().step_by(step).copied().collect(),
            age: self.age.iter().step_by(step).copied().collect(),
            mean_spend: self.mean_spend.iter().step_by(step).copied().collect(),
        }
    }

    fn columns(&self) -> PurchaseColumns<'_> {
        PurchaseColumns::new(&self.frequency, &self.recency, &self.age).unwrap()
    }

    fn table(&self) -> PurchaseTable {
        PurchaseTable::from_columns(self.columns())
    }

    fn spend(&self) -> Fit<GammaGamma> {
        GammaGamma::fit(&SpendTable::from_columns(&self.frequency, &self.mean_spend, UnpaidRule::Drop).unwrap()).unwrap()
    }
}

/// The standard error of a function of the parameters of which two points of another step give the derivatives.
fn standard_error<const N: usize, M>(fit: &Fit<M>, of: impl Fn(&M) -> f64) -> f64
where
    M: Model<Parameters = [f64; N], Covariance = [[f64; N]; N]>,
{
    let (theta, covariance) = (fit.model().parameters(), fit.covariance().unwrap());
    let slopes: [f64; N] = std::array::from_fn(|parameter| {
        let moved = |by: f64| {
            let mut parameters = theta;
            parameters[parameter] *= 1.0 + by;
            of(&M::from_parameters(parameters).unwrap())
        };
        (moved(1e-4) - moved(-1e-4)) / (2e-4 * theta[parameter])
    });
    let mut variance = 0.0;
    for row in 0..N {
        for column in 0..N {
            variance += slopes[row] * slopes[column] * covariance[row][column];
        }
    }
    variance.sqrt()
}

fn is_the_delta_interval(estimate: &Estimate, point: f64, error: f64, what: &str) {
    assert!(close(estimate.point(), point, 1e-11), "{what}: {} is not {point}", estimate.point());
    let half = Z * error / point;
    for got in [(estimate.interval().high() / point).ln(), (point / estimate.interval().low()).ln()] {
        assert!(close(got, half, 1e-6), "{what}: {got} is not {half}");
    }
    assert_eq!(estimate.method(), Method::DeltaOnLogarithm);
}

fn intervals_are_those_of_differences<M: TransactionModel>(fit: &Fit<M>, customers: &Customers) {
    assert!(fit.has_converged());
    // Few, as each is looked at nine times.
    let few = customers.thinned(79);
    let base = few.columns();
    for (frequency, recency, age) in [(2, 30.43, 38.86), (0, 0.0, 38.86), (0, 0.0, 0.0), (26, 30.0, 31.0), (1, 2.0, 35.0)] {
        let history = PurchaseHistory::new(frequency, recency, age).unwrap();
        for horizon in horizons() {
            let of = |model: &M| model.purchases_over(&history, horizon).unwrap();
            let estimate = fit.purchases_over(&history, horizon, Confidence::P95).unwrap();
            is_the_delta_interval(
                &estimate,
                of(fit.model()),
                standard_error(fit, of),
                &format!("{:?}, {history:?}, {horizon:?}", fit.model()),
            );
        }
        let next = fit.expected_purchases(&history, 39.0, Confidence::P95).unwrap();
        assert_eq!(next, fit.purchases_over(&history, horizons()[2], Confidence::P95).unwrap());
        assert_eq!(next.n(), 2_357);
    }
    for horizon in horizons() {
        let of = |model: &M| base.iter().map(|history| model.purchases_over(&history, horizon).unwrap()).sum();
        let total = fit.total_purchases_over(base, horizon, Confidence::P95).unwrap();
        is_the_delta_interval(&total, of(fit.model()), standard_error(fit, of), &format!("{:?}, {horizon:?}", fit.model()));
    }
    assert_eq!(
        fit.total_expected_purchases(base, 39.0, Confidence::P95).unwrap(),
        fit.total_purchases_over(base, horizons()[2], Confidence::P95).unwrap()
    );
}

#[test]
fn intervals_of_purchases_are_those_of_derivatives_by_differences() {
    let cdnow = Customers::cdnow();
    let table = cdnow.table();
    intervals_are_those_of_differences(&BgNbd::fit(&table).unwrap(), &cdnow);
    intervals_are_those_of_differences(&MbgNbd::fit(&table).unwrap(), &cdnow);
    intervals_are_those_of_differences(&ParetoNbd::fit(&table).unwrap(), &cdnow);
}

#[test]
fn the_probability_alive_has_an_interval_in_the_logit() {
    let cdnow = Customers::cdnow();
    let table = cdnow.table();
    let pareto = ParetoNbd::fit(&table).unwrap();
    let modified = MbgNbd::fit(&table).unwrap();
    for (frequency, recency, age) in [(2, 30.43, 38.86), (0, 0.0, 38.86), (26, 5.0, 31.0), (1, 2.0, 35.0)] {
        let history = PurchaseHistory::new(frequency, recency, age).unwrap();
        for (alive, point, error) in [
            (
                pareto.probability_alive(&history, Confidence::P95).unwrap(),
                pareto.model().outlook(&history).probability_alive(),
                standard_error(&pareto, |model| model.outlook(&history).probability_alive()),
            ),
            (
                modified.probability_alive(&history, Confidence::P95).unwrap(),
                modified.model().outlook(&history).probability_alive(),
                standard_error(&modified, |model| model.outlook(&history).probability_alive()),
            ),
        ] {
            assert!(close(alive.point(), point, 1e-14) && alive.method() == Method::LogitWald);
            let logit = |share: f64| (share / (1.0 - share)).ln();
            let half = Z * error / (point * (1.0 - point));
            for got in [logit(alive.interval().high()) - logit(point), logit(point) - logit(alive.interval().low())] {
                assert!(close(got, half, 1e-6), "{history:?}: {got} is not {half}");
            }
        }
    }
    // Who has had no chance to leave is there for sure.
    let once = PurchaseHistory::one_time(38.86).unwrap();
    let sure = BgNbd::fit(&table).unwrap().probability_alive(&once, Confidence::P95).unwrap();
    assert_eq!((sure.point(), sure.interval().low(), sure.interval().high()), (1.0, 1.0, 1.0));
}

#[test]
fn the_mean_spend_of_the_population_and_of_a_customer_have_intervals() {
    let fit = Customers::cdnow().spend();
    let of = |model: &GammaGamma| model.population_mean().unwrap();
    let mean = fit.population_mean(Confidence::P95).unwrap();
    is_the_delta_interval(&mean, of(fit.model()), standard_error(&fit, of), "population");
    assert_eq!(mean.n(), 946);
    let own = SpendHistory::new(2, 22.35).unwrap();
    let of = |model: &GammaGamma| model.outlook(&own).expected_mean_spend().unwrap();
    let customer = fit.expected_mean_spend(&own, Confidence::P95).unwrap();
    is_the_delta_interval(&customer, of(fit.model()), standard_error(&fit, of), "customer");
    // Their own purchases tell more of them than those of all do.
    assert!(customer.interval().width() < mean.interval().width());
}

#[test]
fn without_a_converged_fit_there_is_no_interval() {
    let once = [PurchaseHistory::one_time(30.0).unwrap(); 5];
    let (frequency, time) = ([0; 5], [30.0; 5]);
    let columns = PurchaseColumns::new(&frequency, &[0.0; 5], &time).unwrap();
    let flat = BgNbd::fit(&once.into_iter().collect()).unwrap();
    assert!(!flat.has_converged());
    let refused = [
        flat.probability_alive(&once[0], Confidence::P95),
        flat.expected_purchases(&once[0], 39.0, Confidence::P95),
        flat.purchases_over(&once[0], horizons()[0], Confidence::P95),
        flat.total_expected_purchases(columns, 39.0, Confidence::P95),
    ];
    for refused in refused {
        assert!(matches!(refused, Err(Error::Undefined { because: "the fit did not converge", .. })), "{refused:?}");
    }
    let fit = BgNbd::fit(&Customers::cdnow().table()).unwrap();
    assert!(matches!(fit.expected_purchases(&once[0], -1.0, Confidence::P95), Err(Error::OutOfBounds { field: "time", .. })));
    // Some customers never leave.
    let endless = Horizon::unlimited(ContinuousRate::ZERO);
    assert!(matches!(fit.purchases_over(&once[0], endless, Confidence::P95), Err(Error::Undefined { .. })));
    let nothing = fit.expected_purchases(&once[0], 0.0, Confidence::P95).unwrap();
    assert_eq!((nothing.point(), nothing.interval().width()), (0.0, 0.0));
    let nobody = PurchaseColumns::new(&[], &[], &[]).unwrap();
    assert_eq!(fit.total_expected_purchases(nobody, 39.0, Confidence::P95).unwrap().point(), 0.0);
}

/// A base whose customers are alike in nothing, some of them with very many purchases: 20,000 of them.
#[cfg(feature = "simulation")]
fn crowd() -> Customers {
    let ages: Vec<f64> = (0..20_000).map(|customer| 52.0 * (f64::from(customer) + 1.0) / 20_000.0).collect();
    let drawn = BgNbd::new(0.243, 4.414, 0.5, 2.426).unwrap().simulate(&ages, 5).unwrap();
    let frequency: Vec<u64> = drawn.iter().map(PurchaseHistory::frequency).collect();
    let spend = GammaGamma::new(6.25, 3.74, 15.44).unwrap().simulate(&frequency, 6).unwrap();
    Customers {
        frequency,
        recency: drawn.iter().map(PurchaseHistory::recency).collect(),
        age: ages,
        mean_spend: spend.iter().map(SpendHistory::mean_spend).collect(),
    }
}

/// Polynomials stand in for most of the column, for rare frequencies those in two variables.
#[cfg(feature = "simulation")]
fn a_column_is_its_customers<M: TransactionModel>(fit: &Fit<M>, crowd: &Customers) {
    let columns = crowd.columns();
    for horizon in [horizons()[0], horizons()[3]] {
        let intervals = fit.purchases_over_intervals(columns, horizon, Confidence::P95).unwrap();
        let model = ValueModel::fitted(fit, PurchaseWorth::fixed(1.into()), horizon).unwrap();
        let values = model.values(&CustomerBase::new(columns)).unwrap();
        let rare = (0..crowd.age.len()).filter(|&row| crowd.frequency[row] > 20);
        for row in (0..crowd.age.len()).step_by(997).chain(rare.step_by(61)) {
            let history = columns.get(row).unwrap();
            let alone = fit.purchases_over(&history, horizon, Confidence::P95).unwrap();
            let what = format!("{:?}, {horizon:?}, {history:?}: {} is not {alone}", fit.model(), intervals[row]);
            assert!(close(values.get(row).unwrap(), alone.point(), 3e-12), "{what}");
            let tolerance = 1e-10 * alone.point() + 1e-8 * alone.interval().width();
            assert!((intervals[row].low() - alone.interval().low()).abs() <= tolerance, "{what}");
            assert!((intervals[row].high() - alone.interval().high()).abs() <= tolerance, "{what}");
        }
    }
}

#[cfg(feature = "simulation")]
#[test]
fn intervals_of_a_large_column_are_those_of_its_customers() {
    let crowd = crowd();
    assert!(crowd.frequency.iter().max() > Some(&40));
    let table = crowd.table();
    a_column_is_its_customers(&BgNbd::fit(&table).unwrap(), &crowd);
    a_column_is_its_customers(&MbgNbd::fit(&table).unwrap(), &crowd);
    a_column_is_its_customers(&ParetoNbd::fit(&table).unwrap(), &crowd);
}

#[cfg(feature = "simulation")]
#[test]
fn the_order_of_a_large_base_changes_no_bit_of_its_total() {
    let crowd = crowd();
    let fit = BgNbd::fit(&crowd.table()).unwrap();
    let reversed = Customers {
        frequency: crowd.frequency.iter().rev().copied().collect(),
        recency: crowd.recency.iter().rev().copied().collect(),
        age: crowd.age.iter().rev().copied().collect(),
        mean_spend: vec![],
    };
    for horizon in horizons() {
        let of = |customers: &Customers| fit.total_purchases_over(customers.columns(), horizon, Confidence::P95).unwrap();
        assert_eq!(of(&crowd), of(&reversed));
    }
}

/// The spread of what is expected over data drawn from the fitted model and fitted again, against the standard error of the delta method.
#[cfg(feature = "simulation")]
fn spread_is_the_standard_error(estimates: &[Estimate], values: &[Vec<f64>]) {
    for (at, estimate) in estimates.iter().enumerate() {
        let logarithms: Vec<f64> = values.iter().map(|values| values[at].ln()).collect();
        let n = logarithms.len() as f64;
        let mean = logarithms.iter().sum::<f64>() / n;
        let deviation = (logarithms.iter().map(|ln| (ln - mean) * (ln - mean)).sum::<f64>() / (n - 1.0)).sqrt();
        let expected = (estimate.interval().high() / estimate.point()).ln() / Z;
        // Of 120 repetitions, the deviation is known to 6.5%.
        assert!((deviation / expected - 1.0).abs() < 0.25, "{at}: {deviation} is not {expected}, {estimate}");
    }
}

#[cfg(feature = "simulation")]
#[test]
fn the_bootstrap_agrees_for_purchases_and_for_spend() {
    let ages: Vec<f64> = (0..3_000).map(|customer| 26.0 + f64::from(customer % 26)).collect();
    let history = PurchaseHistory::new(3, 20.0, 39.0).unwrap();
    let drawn: PurchaseTable = MbgNbd::new(0.6, 3.0, 0.9, 2.5).unwrap().simulate(&ages, 1).unwrap().into_iter().collect();
    let fit = MbgNbd::fit(&drawn).unwrap();
    let estimates = [
        fit.purchases_over(&history, horizons()[0], Confidence::P95).unwrap(),
        fit.expected_purchases(&history, 39.0, Confidence::P95).unwrap(),
    ];
    let again = |seed: u64| {
        let model = *MbgNbd::fit(&fit.model().simulate(&ages, seed).unwrap().into_iter().collect()).unwrap().model();
        horizons().into_iter().step_by(2).map(|horizon| model.purchases_over(&history, horizon).unwrap()).collect()
    };
    spread_is_the_standard_error(&estimates, &(100..220).map(again).collect::<Vec<_>>());

    let purchases: Vec<u64> = (0..1_500).map(|customer| customer % 5 + 1).collect();
    let own = SpendHistory::new(2, 22.35).unwrap();
    let drawn: SpendTable = GammaGamma::new(6.25, 3.74, 15.44).unwrap().simulate(&purchases, 1).unwrap().into_iter().collect();
    let fit = GammaGamma::fit(&drawn).unwrap();
    let estimates = [fit.population_mean(Confidence::P95).unwrap(), fit.expected_mean_spend(&own, Confidence::P95).unwrap()];
    let again = |seed: u64| {
        let model = *GammaGamma::fit(&fit.model().simulate(&purchases, seed).unwrap().into_iter().collect()).unwrap().model();
        vec![model.population_mean().unwrap(), model.outlook(&own).expected_mean_spend().unwrap()]
    };
    spread_is_the_standard_error(&estimates, &(100..220).map(again).collect::<Vec<_>>());
}

#[cfg(all(feature = "rayon", feature = "simulation"))]
fn all_scores<M: TransactionModel>(fit: &Fit<M>, spend: &Fit<GammaGamma>, crowd: &Customers) -> Vec<u64> {
    use customer_metrics::repeat_buying::SpendBasis;
    use customer_metrics::{MinorUnit, Proportion};

    let columns = crowd.columns();
    let base = CustomerBase::new(columns).with_spend(&crowd.frequency, &crowd.mean_spend, UnpaidRule::Drop).unwrap();
    let worth = PurchaseWorth::from_fitted_spend(spend, SpendBasis::Customer, Proportion::ONE);
    let mut bits: Vec<u64> = fit.model().expected_purchases_column(columns, 39.0).unwrap().into_iter().map(f64::to_bits).collect();
    for horizon in horizons() {
        let model = ValueModel::fitted(fit, worth, horizon).unwrap();
        bits.extend(model.values(&base).unwrap().as_slice().iter().map(|value| value.to_bits()));
        bits.extend(
            model
                .intervals(&base, Confidence::P95)
                .unwrap()
                .iter()
                .flat_map(|interval| [interval.low().to_bits(), interval.high().to_bits()]),
        );
        let total = fit.total_purchases_over(columns, horizon, Confidence::P95).unwrap();
        bits.extend([total.point(), total.interval().low(), total.interval().high()].map(f64::to_bits));
        let money = model.total_estimate(&base, MinorUnit::new(10).unwrap(), Confidence::P95).unwrap().to_string();
        bits.extend(money.bytes().map(u64::from));
    }
    bits
}

#[cfg(all(feature = "rayon", feature = "simulation"))]
#[test]
fn the_number_of_threads_changes_no_bit_of_any_score() {
    use customer_metrics::repeat_buying::FrequencyFit;

    let crowd = crowd();
    let (table, spend) = (crowd.table(), crowd.spend());
    let (bg, mbg, pareto) = (BgNbd::fit(&table).unwrap(), MbgNbd::fit(&table).unwrap(), ParetoNbd::fit(&table).unwrap());
    let on = |threads| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| {
            let mut bits = all_scores(&bg, &spend, &crowd);
            bits.extend(all_scores(&mbg, &spend, &crowd));
            bits.extend(all_scores(&pareto, &spend, &crowd));
            bits.extend(bg.model().probability_alive_column(crowd.columns()).into_iter().map(f64::to_bits));
            bits.extend(pareto.model().probability_alive_column(crowd.columns()).into_iter().map(f64::to_bits));
            for fit in [FrequencyFit::new(bg.model(), &table, 9).unwrap(), FrequencyFit::new(pareto.model(), &table, 9).unwrap()] {
                bits.extend(fit.cells().iter().map(|cell| cell.expected().to_bits()));
            }
            bits
        })
    };
    let one = on(1);
    assert!(one.len() > 20_000 * 40);
    for threads in [2, 3] {
        assert!(on(threads) == one, "{threads} threads");
    }
}
