//! The laws that the models of repeat buying keep, stated once, and what their tests have in common.

use customer_metrics::lifetime_value::DiscountRate;
use customer_metrics::repeat_buying::{
    BetaGeometricOutlook, BgBb, BgNbd, ContinuousRate, Fit, FitOptions, FitStatus, GammaGamma, Horizon, MbgNbd, Model, OpportunityHistory,
    OpportunityTable, ParetoNbd, ParetoOutlook, Penalty, PurchaseColumns, PurchaseHistory, PurchaseTable, RenewalTable,
    ShiftedBetaGeometric, SpendHistory, SpendTable,
};
use customer_metrics::{Confidence, Decimal, Error};
use rand::{RngExt, SeedableRng};

pub(crate) fn close(got: f64, expected: f64, relative: f64) -> bool {
    (got - expected).abs() <= relative * expected.abs()
}

pub(crate) fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

/// Numbers are printed to more digits than a double has.
pub(crate) fn number(value: &serde_json::Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

pub(crate) fn numbers<const N: usize>(value: &serde_json::Value) -> [f64; N] {
    let numbers: Vec<f64> = value.as_array().unwrap().iter().map(number).collect();
    numbers.try_into().unwrap()
}

/// Frequency, recency, age and mean spend of `data/cdnow_summary.csv`.
pub(crate) fn cdnow_rows() -> Vec<(u64, f64, f64, f64)> {
    let mut reader = csv::Reader::from_reader(include_str!("../data/cdnow_summary.csv").as_bytes());
    let row = |record: csv::StringRecord| {
        let of = |field: usize| record[field].parse::<f64>().unwrap();
        (record[1].parse().unwrap(), of(2), of(3), of(4))
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

pub(crate) fn cdnow() -> PurchaseTable {
    cdnow_rows().into_iter().map(|(x, t_x, t, _)| PurchaseHistory::new(x, t_x, t).unwrap()).collect()
}

pub(crate) fn history(row: &serde_json::Value) -> PurchaseHistory {
    let frequency = row["x"].as_u64().unwrap_or_else(|| row["x"].as_str().unwrap().parse().unwrap());
    PurchaseHistory::new(frequency, number(&row["t_x"]), number(&row["T"])).unwrap()
}

/// Ages and recencies of every size, and frequencies that are common and rare.
pub(crate) fn base(customers: u32) -> (Vec<u64>, Vec<f64>, Vec<f64>) {
    let mut columns = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..customers {
        let spread = f64::from(i.wrapping_mul(2_654_435_761) >> 8) / f64::from(1 << 24);
        let frequency = u64::from(i % 4) * u64::from(i % 2) + if i % 500 == 7 { 4_500 } else { 0 };
        let age = 0.5 + 400.0 * spread * spread;
        columns.0.push(frequency);
        columns.1.push(if frequency == 0 { 0.0 } else { age * (0.1 + 0.9 * (spread * 97.0).fract()) });
        columns.2.push(age);
    }
    columns
}

/// A model that is fitted to a table.
pub(crate) trait Fitted: Model {
    type Table: Clone + PartialEq + std::fmt::Debug;

    fn fitted(table: &Self::Table, options: &FitOptions<Self>) -> Fit<Self>;
    fn of_table(&self, table: &Self::Table) -> f64;
}

/// One whose table counts customers by their history.
pub(crate) trait Counted: Fitted {
    type History: Copy + std::fmt::Debug;

    fn count(histories: Vec<(Self::History, u64)>) -> Self::Table;
    fn join(left: &Self::Table, right: &Self::Table) -> Self::Table;
    fn of_customer(&self, history: &Self::History) -> f64;
}

macro_rules! fitted {
    ($($model:ty: $table:ty),+) => {$(
        impl Fitted for $model {
            type Table = $table;

            fn fitted(table: &$table, options: &FitOptions<Self>) -> Fit<Self> {
                Self::fit_with(table, options).unwrap()
            }

            fn of_table(&self, table: &$table) -> f64 {
                self.log_likelihood_of(table)
            }
        }
    )+};
}

macro_rules! counted {
    ($($model:ty: $table:ty, $history:ty);+) => {
        fitted!($($model: $table),+);
        $(impl Counted for $model {
            type History = $history;

            fn count(histories: Vec<($history, u64)>) -> $table {
                <$table>::from_counts(histories).unwrap()
            }

            fn join(left: &$table, right: &$table) -> $table {
                let mut both = left.clone();
                both.merge(right).unwrap();
                both
            }

            fn of_customer(&self, history: &$history) -> f64 {
                self.log_likelihood(history)
            }
        })+
    };
}

counted!(
    BgNbd: PurchaseTable, PurchaseHistory;
    MbgNbd: PurchaseTable, PurchaseHistory;
    ParetoNbd: PurchaseTable, PurchaseHistory;
    BgBb: OpportunityTable, OpportunityHistory;
    GammaGamma: SpendTable, SpendHistory
);
fitted!(ShiftedBetaGeometric: RenewalTable);

/// Where a likelihood has its maximum, by an independent source.
pub(crate) struct Known<const N: usize> {
    pub(crate) parameters: [f64; N],
    pub(crate) log_standard_errors: [f64; N],
    pub(crate) log_likelihood: f64,
}

impl<const N: usize> Known<N> {
    pub(crate) fn read(maximum: &serde_json::Value) -> Self {
        Self {
            parameters: numbers(&maximum["parameters"]),
            log_standard_errors: numbers(&maximum["log_standard_errors"]),
            log_likelihood: number(&maximum["loglik"]),
        }
    }
}

/// The maximum is found from the data's own starts, and from so many others, up to a factor of 1,000 away from it.
pub(crate) fn check_maximum<M: Fitted + Model<Parameters = [f64; N]>, const N: usize>(table: &M::Table, known: &Known<N>, starts: u32) {
    let mut random = rand_pcg::Pcg64Mcg::seed_from_u64(11);
    let mut away = || known.parameters.map(|parameter| parameter * 1e3_f64.powf(random.random_range(-1.0..1.0)));
    let from = |start| FitOptions::default().with_start(M::from_parameters(start).unwrap());
    let options: Vec<FitOptions<M>> = (0..starts).map(|_| from(away())).collect();
    for options in options.into_iter().chain([FitOptions::default()]) {
        let fit = M::fitted(table, &options);
        assert_eq!(fit.status(), &FitStatus::Converged, "{options:?}");
        for ((got, expected), error) in fit.model().parameters().into_iter().zip(known.parameters).zip(known.log_standard_errors) {
            // What a step would still gain is less than 1e-18 at the end.
            assert!(close(got, expected, 1.5e-9 * error.max(0.5)), "{options:?}: {got} is not {expected}");
        }
        for (got, expected) in fit.log_standard_errors().unwrap().into_iter().zip(known.log_standard_errors) {
            assert!(close(got, expected, 1e-6), "{options:?}: {got} is not {expected}");
        }
        assert!(close(fit.log_likelihood(), known.log_likelihood, 1e-14), "{}", fit.log_likelihood());
        assert!(fit.gradient_norm() < 1e-5 && fit.iterations() < 200, "{fit:?}");
    }
}

/// A fit is as near to the truth as its standard errors say.
pub(crate) fn check_within_standard_errors<M: Model<Parameters = [f64; N]>, const N: usize>(fit: &Fit<M>, truth: [f64; N]) {
    assert_eq!(fit.status(), &FitStatus::Converged);
    for ((fitted, truth), error) in fit.model().parameters().into_iter().zip(truth).zip(fit.log_standard_errors().unwrap()) {
        assert!((fitted / truth).ln().abs() <= 3.5 * error && error < 0.5, "{fitted} is not {truth}, {error}");
    }
}

/// What is reported belongs together: standard errors only of a maximum, numbers that are finite, and a likelihood that is that of the model.
pub(crate) fn check_report<M: Fitted + Model<Parameters = [f64; N]>, const N: usize>(fit: &Fit<M>, table: &M::Table) {
    assert!(fit.model().parameters().iter().all(|parameter| parameter.is_finite() && *parameter > 0.0), "{fit:?}");
    let of_model = fit.model().of_table(table);
    assert!((fit.log_likelihood() - of_model).abs() <= 1e-9 * of_model.abs().max(1e-3), "{fit:?}: {of_model}");
    assert!(fit.gradient_norm().is_finite() && fit.aic().is_finite() && fit.bic().is_finite(), "{fit:?}");
    assert_eq!(fit.has_converged(), fit.standard_errors().is_some(), "{fit:?}");
    assert_eq!(fit.has_converged(), fit.covariance().is_some(), "{fit:?}");
    assert!(fit.has_converged() || fit.estimates(Confidence::P95).is_err(), "{fit:?}");
    for error in fit.log_standard_errors().into_iter().flatten() {
        assert!(error > 0.0 && error.is_finite(), "{fit:?}");
    }
}

/// A penalty moves the maximum to that of the likelihood less the penalty, and the likelihood is reported without it.
pub(crate) fn check_penalty<M: Fitted + Model<Parameters = [f64; N]>, const N: usize>(table: &M::Table, customers: f64) {
    let options = FitOptions::default().with_penalty(Penalty::SquaredParameters { coefficient: 0.01 }).unwrap();
    let fit = M::fitted(table, &options);
    assert!(fit.has_converged(), "{fit:?}");
    let penalised = |parameters: [f64; N]| {
        let squares: f64 = parameters.iter().map(|parameter| parameter * parameter).sum();
        M::from_parameters(parameters).unwrap().of_table(table) - customers * 0.01 * squares
    };
    let best = fit.model().parameters();
    for index in 0..N {
        for factor in [0.999, 1.001] {
            let mut moved = best;
            moved[index] *= factor;
            assert!(penalised(moved) < penalised(best), "{index}, {factor}");
        }
    }
    assert!(close(fit.log_likelihood(), fit.model().of_table(table), 1e-14));
    for coefficient in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(FitOptions::<M>::default().with_penalty(Penalty::SquaredParameters { coefficient }).is_err());
    }
}

/// A parameter that cannot be is refused by its name.
pub(crate) fn check_parameters<M: Model<Parameters = [f64; N]>, const N: usize>() {
    assert_eq!(M::PARAMETER_NAMES.len(), N);
    for value in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e101, 1e-101] {
        for (index, name) in M::PARAMETER_NAMES.iter().enumerate() {
            let mut parameters = [1.0; N];
            parameters[index] = value;
            assert_eq!(M::from_parameters(parameters).unwrap_err().field(), Some(*name));
        }
    }
    for value in [1e-100, 1e100] {
        assert!(M::from_parameters([value; N]).unwrap().parameters().iter().all(|parameter| close(*parameter, value, 0.0)));
    }
}

/// A model comes back from JSON under the names of its parameters, through the checks of its constructor.
#[cfg(feature = "serde")]
pub(crate) fn check_json<M, const N: usize>(parameters: [f64; N])
where
    M: Model<Parameters = [f64; N]> + serde::Serialize + serde::de::DeserializeOwned,
{
    let model = M::from_parameters(parameters).unwrap();
    let text = serde_json::to_string(&model).unwrap();
    let fields: Vec<String> = M::PARAMETER_NAMES.iter().zip(parameters).map(|(name, value)| format!("\"{name}\":{value}")).collect();
    assert_eq!(text, format!("{{{}}}", fields.join(",")));
    assert_eq!(serde_json::from_str::<M>(&text).unwrap(), model);
    let (first, value) = (M::PARAMETER_NAMES[0], parameters[0]);
    assert!(serde_json::from_str::<M>(&text.replace(&format!("{value}"), "-1")).is_err());
    assert!(serde_json::from_str::<M>(&text.replace(&format!("\"{first}\""), "\"other\"")).is_err());
}

/// A fit comes back from JSON as it was, and not if it was changed to what no fit can be.
#[cfg(feature = "serde")]
pub(crate) fn check_fit_json<M, const N: usize>(fit: &Fit<M>)
where
    M: Model<Parameters = [f64; N]> + serde::Serialize + serde::de::DeserializeOwned,
    M::Parameters: serde::Serialize + serde::de::DeserializeOwned,
    M::Covariance: serde::Serialize,
{
    let text = serde_json::to_string(fit).unwrap();
    let back: Fit<M> = serde_json::from_str(&text).unwrap();
    // serde_json may miss the last bit of a double.
    let numbers = |fit: &Fit<M>| {
        let covariance = fit.covariance();
        let entries = covariance.iter().flat_map(|rows| rows.as_ref().iter().flatten().copied());
        entries.chain(fit.model().parameters()).chain([fit.log_likelihood(), fit.gradient_norm()]).collect::<Vec<_>>()
    };
    let (sent, received) = (numbers(fit), numbers(&back));
    assert!(sent.len() == received.len() && sent.iter().zip(&received).all(|(sent, received)| close(*received, *sent, 1e-15)), "{text}");
    assert_eq!((back.status(), back.n(), back.penalty(), back.iterations()), (fit.status(), fit.n(), fit.penalty(), fit.iterations()));
    assert_eq!(back.to_string(), fit.to_string());
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let refuses = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut changed = value.clone();
        change(&mut changed);
        assert!(serde_json::from_value::<Fit<M>>(changed.clone()).is_err(), "{changed}");
    };
    refuses(&|fit| fit["n"] = 0.into());
    refuses(&|fit| fit["gradient_norm"] = (-1.0).into());
    refuses(&|fit| fit["other"] = 1.into());
    refuses(&|fit| fit["model"][M::PARAMETER_NAMES[0]] = 0.into());
    refuses(&|fit| fit["penalty"] = serde_json::json!({ "squared_parameters": { "coefficient": -1.0 } }));
    refuses(&|fit| fit["status"] = serde_json::json!({ "not_identified": ["nobody"] }));
    if fit.has_converged() {
        refuses(&|fit| fit["covariance"] = serde_json::Value::Null);
        refuses(&|fit| fit["status"] = "not_converged".into());
        refuses(&|fit| fit["covariance"][0][0] = (-1.0).into());
        refuses(&|fit| fit["covariance"][1][0] = 1e9.into());
        refuses(&|fit| fit["covariance"][0] = fit["covariance"][1].clone());
    }
}

/// Sums are added in the same order on any number of threads.
#[cfg(feature = "rayon")]
pub(crate) fn check_threads<M: Fitted + Model<Parameters = [f64; N]> + Send, const N: usize>(table: &M::Table)
where
    M::Table: Sync,
    M::Covariance: Send,
{
    let on = |threads| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| M::fitted(table, &FitOptions::default()))
    };
    let bits = |fit: &Fit<M>| {
        let covariance = fit.covariance().unwrap();
        let entries = covariance.as_ref().iter().flatten().copied().chain(fit.model().parameters()).chain([fit.log_likelihood()]);
        entries.map(f64::to_bits).collect::<Vec<_>>()
    };
    let one = on(1);
    assert!(one.has_converged());
    for threads in [2, 3, 8] {
        assert_eq!(bits(&one), bits(&on(threads)), "{threads}");
    }
}

/// The likelihood is that of the customers, in whatever order, collapsed and merged they come.
pub(crate) fn check_collapsing<M: Counted>(model: &M, mut histories: Vec<M::History>, doubled: bool) {
    let weighted = M::count(histories.iter().map(|&history| (history, 1 + u64::from(doubled))).collect());
    if doubled {
        histories.extend(histories.clone());
    }
    let third = histories.len() / 3;
    histories.rotate_left(third);
    let of = |histories: &[M::History]| M::count(histories.iter().map(|&history| (history, 1)).collect());
    let (left, right) = histories.split_at(third);
    let merged = M::join(&of(left), &of(right));
    assert_eq!(of(&histories), weighted);
    assert_eq!(merged, weighted);
    assert_eq!(model.of_table(&merged).to_bits(), model.of_table(&weighted).to_bits());
    let one_by_one: f64 = histories.iter().map(|history| model.of_customer(history)).sum();
    assert!(close(model.of_table(&weighted), one_by_one, 1e-11), "{one_by_one}");
}

/// Another unit of time leads to the same fit in that unit; `times` says which parameters are a time.
pub(crate) fn check_units<M: Fitted<Table = PurchaseTable> + Model<Parameters = [f64; N]>, const N: usize>(
    table: &PurchaseTable,
    times: [bool; N],
) {
    let fit = M::fitted(table, &FitOptions::default());
    for unit in [365.25, 1.0 / 7.0, 604_800.0, 1e-9, 1e30, 1e-60] {
        let history = |history: PurchaseHistory| PurchaseHistory::new(history.frequency(), history.recency() * unit, history.age() * unit);
        let scaled = table.iter().map(|(of_table, customers)| (history(of_table).unwrap(), customers));
        let in_unit = M::fitted(&PurchaseTable::from_counts(scaled).unwrap(), &FitOptions::default());
        assert_eq!(in_unit.status(), fit.status(), "{unit}");
        for ((got, expected), is_time) in in_unit.model().parameters().into_iter().zip(fit.model().parameters()).zip(times) {
            let expected = if is_time { expected * unit } else { expected };
            assert!(close(got, expected, 1e-9), "{unit}: {got} is not {expected}");
        }
        // Each purchase has a density in time, which is so much smaller in a smaller unit.
        let purchases: f64 = table.iter().map(|(history, customers)| history.frequency() as f64 * customers as f64).sum();
        let expected = fit.log_likelihood() - purchases * unit.ln();
        assert!(close(in_unit.log_likelihood(), expected, 1e-12), "{unit}: {} is not {expected}", in_unit.log_likelihood());
    }
}

/// Columns are predicted as their customers one by one are.
pub(crate) fn check_columns(
    all: impl Fn(PurchaseColumns<'_>, f64) -> Result<Vec<f64>, Error>,
    one: impl Fn(&PurchaseHistory, f64) -> f64,
    relative: f64,
) {
    let (x, t_x, t) = base(2_000);
    let columns = PurchaseColumns::new(&x, &t_x, &t).unwrap();
    for within in [0.0, 1e-6, 1.0, 39.0, 5_000.0] {
        for ((got, history), row) in all(columns, within).unwrap().into_iter().zip(columns.iter()).zip(0..) {
            let expected = one(&history, within);
            assert!(close(got, expected, relative), "row {row}, {history:?}, {within}: {got} is not {expected}");
        }
    }
    assert_eq!(all(columns, f64::NAN).unwrap_err().field(), Some("time"));
}

/// What is to be expected of a customer in continuous time.
pub(crate) trait Expectations {
    fn alive(&self) -> f64;
    fn alive_after(&self, time: f64) -> Result<f64, Error>;
    fn expected(&self, time: f64) -> Result<f64, Error>;
    fn probability(&self, purchases: u64, time: f64) -> Result<f64, Error>;
    fn distribution(&self, most: u32, time: f64) -> Result<Vec<f64>, Error>;
    fn discounted(&self, rate: f64) -> Result<f64, Error>;
    fn discounted_within(&self, time: f64, rate: f64) -> Result<f64, Error>;
    fn by_period(&self, periods: u32, length: f64, rate: f64) -> Result<f64, Error>;
}

macro_rules! expectations {
    ($($outlook:ty),+) => {$(
        impl Expectations for $outlook {
            fn alive(&self) -> f64 {
                self.probability_alive()
            }

            fn alive_after(&self, time: f64) -> Result<f64, Error> {
                self.probability_alive_after(time)
            }

            fn expected(&self, time: f64) -> Result<f64, Error> {
                self.expected_purchases(time)
            }

            fn probability(&self, purchases: u64, time: f64) -> Result<f64, Error> {
                self.probability_of_purchases(purchases, time)
            }

            fn distribution(&self, most: u32, time: f64) -> Result<Vec<f64>, Error> {
                self.distribution_of_purchases(most, time)
            }

            fn discounted(&self, rate: f64) -> Result<f64, Error> {
                self.purchases_over(Horizon::unlimited(ContinuousRate::from_continuous(rate)?))
            }

            fn discounted_within(&self, time: f64, rate: f64) -> Result<f64, Error> {
                self.purchases_over(Horizon::within(time, ContinuousRate::from_continuous(rate)?)?)
            }

            fn by_period(&self, periods: u32, length: f64, rate: f64) -> Result<f64, Error> {
                let rate = Decimal::try_from(rate).map_err(|_| Error::Overflow { field: "discount rate", capacity: "28 digits" })?;
                self.purchases_over(Horizon::by_period(periods, length, DiscountRate::new(rate)?)?)
            }
        }
    )+};
}

expectations!(BetaGeometricOutlook, ParetoOutlook);

/// A number that is not negative, or an error that says why there is none.
pub(crate) fn is_finite(purchases: Result<f64, Error>) -> bool {
    match purchases {
        Ok(purchases) => purchases >= 0.0 && purchases.is_finite(),
        Err(error) => matches!(error, Error::Overflow { .. } | Error::Undefined { .. }),
    }
}

/// Probabilities are within 0 to 1 and expectations finite, whatever the customer.
pub(crate) fn check_sound(outlook: &impl Expectations, time: f64, rates: &[f64], what: &str) {
    let (alive, after) = (outlook.alive(), outlook.alive_after(time).unwrap());
    assert!((0.0..=1.0).contains(&alive) && (0.0..=alive).contains(&after), "{what}: {alive}, {after}");
    for purchases in [0, 1, 2, 1_000, u64::MAX] {
        let probability = outlook.probability(purchases, time).unwrap();
        assert!((0.0..=1.0).contains(&probability), "{what}, {purchases}: {probability}");
    }
    assert!(is_finite(outlook.expected(time)), "{what}: {:?}", outlook.expected(time));
    for &rate in rates {
        assert!(is_finite(outlook.discounted_within(time, rate)), "{what}, {rate}: {:?}", outlook.discounted_within(time, rate));
        assert!(is_finite(outlook.discounted(rate)), "{what}, {rate}: {:?}", outlook.discounted(rate));
    }
}

/// Times and rates that cannot be are refused by name.
pub(crate) fn check_refusals(outlook: &impl Expectations) {
    for time in [-1.0, f64::NAN, f64::INFINITY, 1e101] {
        assert_eq!(outlook.expected(time).unwrap_err().field(), Some("time"));
        assert_eq!(outlook.alive_after(time).unwrap_err().field(), Some("time"));
        assert_eq!(outlook.probability(1, time).unwrap_err().field(), Some("time"));
        assert_eq!(outlook.distribution(1, time).unwrap_err().field(), Some("time"));
        assert_eq!(outlook.discounted(time).unwrap_err().field(), Some("discount rate"));
        assert_eq!(outlook.discounted_within(1.0, time).unwrap_err().field(), Some("discount rate"));
        assert_eq!(outlook.discounted_within(time, 0.1).unwrap_err().field(), Some("time"));
    }
    assert_eq!(outlook.by_period(10_001, 1.0, 0.1).unwrap_err().field(), Some("periods"));
}

/// The probabilities of purchases sum to 1, with the expectation as their mean.
pub(crate) fn check_distribution(outlook: &impl Expectations, most: u32, time: f64) {
    let expected = outlook.expected(time).unwrap();
    let distribution = outlook.distribution(most, time).unwrap();
    assert!(distribution.iter().all(|probability| (0.0..=1.0).contains(probability)));
    let sum: f64 = distribution.iter().sum();
    assert!((sum - 1.0).abs() < 1e-12, "{sum}");
    let mean: f64 = distribution.iter().zip(0_u32..).map(|(probability, n)| probability * f64::from(n)).sum();
    assert!((mean - expected).abs() <= 1e-10 * expected.max(1e-3), "{mean} and {expected}");
}

/// With time purchases rise, and fewer are still there; `relative` is what rounding may undo.
pub(crate) fn check_course(outlook: &impl Expectations, time: f64, relative: f64) {
    let (sooner, later) = (outlook.expected(time).unwrap(), outlook.expected(1.1 * time).unwrap());
    // Where nearly all have left, both are what there is ever to come.
    assert!(0.0 < sooner && sooner <= later * (1.0 + relative), "{sooner} and {later}");
    assert!(outlook.alive_after(1.1 * time).unwrap() < outlook.alive_after(time).unwrap());
    let none = |time| outlook.probability(0, time).unwrap();
    assert!(none(1.1 * time) <= none(time) * (1.0 + 4e-14) + 4e-16);
}

/// A discount takes off between nothing and that of all the time.
pub(crate) fn check_discount(outlook: &impl Expectations, time: f64, rate: f64, relative: f64) {
    let (all, discounted) = (outlook.expected(time).unwrap(), outlook.discounted_within(time, rate).unwrap());
    let least = all * (-rate * time).exp();
    assert!(discounted <= all * (1.0 + relative) && discounted >= least * (1.0 - relative), "{discounted} of {all}");
    let forever = outlook.discounted(rate).unwrap();
    assert!(discounted <= forever * (1.0 + relative), "{discounted} of {forever}");
    // Periods so short that it does not matter when in a period a purchase is made, but for half a period.
    let by_period = outlook.by_period(400, time / 400.0, (rate * time / 400.0).exp_m1()).unwrap();
    assert!(by_period <= discounted * (1.0 + 1e-12) && by_period >= discounted * (-rate * time / 400.0).exp() * (1.0 - 1e-12));
}
