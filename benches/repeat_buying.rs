//! Throughput of the repeat-buying models: collapsing customers, fitting, and predictions for columns.
//!
//! `cargo bench --features simulation --bench repeat_buying`, with `rayon` besides for several threads.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "criterion's macro makes a function; a benchmark may stop"
)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use customer_metrics::repeat_buying::{
    BgNbd, ContinuousRate, FrequencyFit, HoldoutColumns, HoldoutPrediction, Horizon, MbgNbd, ParetoNbd, PurchaseColumns, PurchaseHistory,
    PurchaseTable,
};

/// Columns that own their numbers.
struct Base {
    frequencies: Vec<u64>,
    recencies: Vec<f64>,
    ages: Vec<f64>,
}

impl Base {
    fn of(histories: impl Iterator<Item = PurchaseHistory>) -> Self {
        let mut base = Self { frequencies: Vec::new(), recencies: Vec::new(), ages: Vec::new() };
        for history in histories {
            base.frequencies.push(history.frequency());
            base.recencies.push(history.recency());
            base.ages.push(history.age());
        }
        base
    }

    fn columns(&self) -> PurchaseColumns<'_> {
        PurchaseColumns::new(&self.frequencies, &self.recencies, &self.ages).unwrap()
    }
}

/// Customers who came evenly over a year of days.
fn ages(customers: u32) -> Vec<f64> {
    (0..customers).map(|customer| 365.0 * f64::from(customer + 1) / f64::from(customers)).collect()
}

/// CDNOW's model over days; times to the nanosecond, in which no two are alike.
fn exact_base(customers: u32) -> Base {
    let model = BgNbd::new(0.243, 30.9, 0.793, 2.426).unwrap();
    Base::of(model.simulate(&ages(customers), 1).unwrap().into_iter())
}

/// The same in whole days.
fn daily_base(exact: &Base) -> Base {
    let whole = |history: PurchaseHistory| PurchaseHistory::new(history.frequency(), history.recency().ceil(), history.age().ceil());
    Base::of(exact.columns().iter().map(|history| whole(history).unwrap()))
}

fn cdnow() -> Base {
    let text = include_str!("../tests/data/cdnow_summary.csv");
    let rows = text.lines().skip(1).map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        PurchaseHistory::new(fields[1].parse().unwrap(), fields[2].parse().unwrap(), fields[3].parse().unwrap()).unwrap()
    });
    Base::of(rows)
}

fn bases() -> Vec<(&'static str, Base)> {
    let exact = exact_base(1_000_000);
    vec![("CDNOW", cdnow()), ("a million in days", daily_base(&exact)), ("a million, no two alike", exact)]
}

fn collapse(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("collapse");
    for (name, base) in bases() {
        group.throughput(Throughput::Elements(base.ages.len() as u64)).sample_size(10);
        group.bench_function(BenchmarkId::new("purchase table", name), |bencher| {
            bencher.iter(|| PurchaseTable::from_columns(black_box(&base).columns()));
        });
    }
    group.finish();
}

fn fit(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fit");
    for (name, base) in bases() {
        let table = PurchaseTable::from_columns(base.columns());
        group.throughput(Throughput::Elements(table.customers())).sample_size(10);
        group.bench_function(BenchmarkId::new("BG/NBD likelihood", name), |bencher| {
            let model = BgNbd::new(0.243, 30.9, 0.793, 2.426).unwrap();
            bencher.iter(|| model.log_likelihood_of(black_box(&table)));
        });
        group.bench_function(BenchmarkId::new("BG/NBD", name), |bencher| {
            bencher.iter(|| BgNbd::fit(black_box(&table)).unwrap());
        });
        group.bench_function(BenchmarkId::new("MBG/NBD", name), |bencher| {
            bencher.iter(|| MbgNbd::fit(black_box(&table)).unwrap());
        });
        group.bench_function(BenchmarkId::new("BG/NBD from columns", name), |bencher| {
            bencher.iter(|| BgNbd::fit(&PurchaseTable::from_columns(black_box(&base).columns())).unwrap());
        });
    }
    group.finish();
}

fn predictions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("predictions");
    let model = BgNbd::new(0.243, 30.9, 0.793, 2.426).unwrap();
    for (name, base) in bases() {
        let columns = base.columns();
        group.throughput(Throughput::Elements(columns.rows() as u64)).sample_size(10);
        group.bench_function(BenchmarkId::new("probability alive", name), |bencher| {
            bencher.iter(|| model.probability_alive_column(black_box(columns)));
        });
        group.bench_function(BenchmarkId::new("expected purchases", name), |bencher| {
            bencher.iter(|| model.expected_purchases_column(black_box(columns), 90.0).unwrap());
        });
    }
    let outlook = model.outlook(&PurchaseHistory::new(2, 213.0, 272.0).unwrap());
    group.throughput(Throughput::Elements(1));
    group.bench_function("one customer, expected purchases", |bencher| bencher.iter(|| black_box(&outlook).expected_purchases(90.0)));
    let all = Horizon::unlimited(ContinuousRate::from_continuous(3e-4).unwrap());
    group.bench_function("one customer, all discounted purchases", |bencher| {
        bencher.iter(|| black_box(&outlook).purchases_over(all));
    });
    group.finish();
}

/// Expected frequencies, which depend on the distinct ages alone, and a million predictions held against what was bought, beside a plain
/// loop for the sum of the absolute errors.
fn validation(criterion: &mut Criterion) {
    let exact = exact_base(1_000_000);
    let daily = daily_base(&exact);
    let model = BgNbd::new(0.243, 30.9, 0.793, 2.426).unwrap();
    let table = PurchaseTable::from_columns(daily.columns());
    let predicted = model.expected_purchases_column(daily.columns(), 273.0).unwrap();
    let actual: Vec<f64> = daily.columns().iter().map(|history| f64::from(u32::try_from(history.frequency()).unwrap())).collect();
    let mut group = criterion.benchmark_group("validation");
    group.throughput(Throughput::Elements(table.customers()));
    group.bench_function("frequency fit", |bencher| bencher.iter(|| FrequencyFit::new(&model, black_box(&table), 7).unwrap()));
    let exact_table = PurchaseTable::from_columns(exact.columns());
    group.bench_function("frequency fit, no two ages alike", |bencher| {
        bencher.iter(|| FrequencyFit::new(&model, black_box(&exact_table), 7).unwrap());
    });
    let pareto = ParetoNbd::new(0.553, 74.0, 0.606, 81.7).unwrap();
    group.bench_function("frequency fit by Pareto/NBD, no two ages alike", |bencher| {
        bencher.iter(|| FrequencyFit::new(&pareto, black_box(&exact_table), 7).unwrap());
    });
    group.bench_function("deciles and errors", |bencher| {
        bencher.iter(|| {
            let holdout = HoldoutPrediction::new(HoldoutColumns {
                calibration_frequencies: &daily.frequencies,
                predicted: black_box(&predicted),
                actual: &daily.frequencies,
            })
            .unwrap();
            (holdout.accuracy(), holdout.by_prediction(10).unwrap())
        });
    });
    group.bench_function("plain sum of absolute errors", |bencher| {
        bencher.iter(|| {
            let rows = black_box(&predicted).iter().zip(&actual);
            rows.map(|(predicted, actual)| (predicted - actual).abs()).sum::<f64>()
        });
    });
    group.finish();
}

/// CDNOW's model over days.
fn pareto_model() -> ParetoNbd {
    ParetoNbd::new(0.553, 74.0, 0.606, 81.7).unwrap()
}

fn pareto_bases() -> Vec<(&'static str, Base)> {
    let exact = |customers| Base::of(pareto_model().simulate(&ages(customers), 1).unwrap().into_iter());
    let million = exact(1_000_000);
    vec![
        ("CDNOW", cdnow()),
        ("a hundred thousand, no two alike", exact(100_000)),
        ("a million in days", daily_base(&million)),
        ("a million, no two alike", million),
    ]
}

fn pareto(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("Pareto/NBD");
    let model = pareto_model();
    for (name, base) in pareto_bases() {
        let columns = base.columns();
        let table = PurchaseTable::from_columns(columns);
        group.throughput(Throughput::Elements(table.customers())).sample_size(10);
        group.bench_function(BenchmarkId::new("likelihood", name), |bencher| {
            bencher.iter(|| model.log_likelihood_of(black_box(&table)));
        });
        group.bench_function(BenchmarkId::new("fit", name), |bencher| bencher.iter(|| ParetoNbd::fit(black_box(&table)).unwrap()));
        group.bench_function(BenchmarkId::new("probability alive", name), |bencher| {
            bencher.iter(|| model.probability_alive_column(black_box(columns)));
        });
        group.bench_function(BenchmarkId::new("expected purchases", name), |bencher| {
            bencher.iter(|| model.expected_purchases_column(black_box(columns), 90.0).unwrap());
        });
    }
    let outlook = model.outlook(&PurchaseHistory::new(2, 213.0, 272.0).unwrap());
    group.throughput(Throughput::Elements(1));
    group.bench_function("one customer, probability of 3 purchases", |bencher| {
        bencher.iter(|| black_box(&outlook).probability_of_purchases(3, 90.0));
    });
    let all = Horizon::unlimited(ContinuousRate::from_continuous(3e-4).unwrap());
    group.bench_function("one customer, all discounted purchases", |bencher| {
        bencher.iter(|| black_box(&outlook).purchases_over(all));
    });
    group.finish();
}

criterion_group!(benches, collapse, fit, predictions, pareto, validation);
criterion_main!(benches);
