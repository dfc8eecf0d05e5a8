//! Throughput of the Gamma-Gamma, shifted-beta-geometric and BG/BB models: collapsing customers, fitting, and predictions for columns.
//!
//! `cargo bench --features simulation --bench repeat_buying_models`, with `rayon` besides for several threads.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "criterion's macro makes a function; a benchmark may stop"
)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use customer_metrics::repeat_buying::{
    BgBb, GammaGamma, NextOpportunity, OpportunityHistory, OpportunityTable, RenewalTable, ShiftedBetaGeometric, SpendHistory, SpendTable,
    UnpaidRule,
};

fn cdnow() -> (Vec<u64>, Vec<f64>) {
    let text = include_str!("../tests/data/cdnow_summary.csv");
    let row = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        (fields[1].parse::<u64>().unwrap(), fields[4].parse::<f64>().unwrap())
    };
    text.lines().skip(1).map(row).unzip()
}

/// A million customers of one to eight purchases, no two of whom spend the same.
fn million() -> (Vec<u64>, Vec<f64>) {
    let purchases: Vec<u64> = (0..1_000_000).map(|customer| 1 + customer % 8).collect();
    let histories = GammaGamma::new(6.25, 3.74, 15.44).unwrap().simulate(&purchases, 1).unwrap();
    (purchases, histories.iter().map(SpendHistory::mean_spend).collect())
}

fn spend(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("spend");
    let model = GammaGamma::new(6.25, 3.74, 15.44).unwrap();
    for (name, (purchases, means)) in [("CDNOW", cdnow()), ("a million", million())] {
        let table = SpendTable::from_columns(&purchases, &means, UnpaidRule::Drop).unwrap();
        group.throughput(Throughput::Elements(purchases.len() as u64)).sample_size(10);
        group.bench_function(BenchmarkId::new("table", name), |bencher| {
            bencher.iter(|| SpendTable::from_columns(black_box(&purchases), &means, UnpaidRule::Drop).unwrap());
        });
        group.bench_function(BenchmarkId::new("likelihood", name), |bencher| bencher.iter(|| model.log_likelihood_of(black_box(&table))));
        group.bench_function(BenchmarkId::new("fit", name), |bencher| bencher.iter(|| GammaGamma::fit(black_box(&table)).unwrap()));
        group.bench_function(BenchmarkId::new("expected mean spends", name), |bencher| {
            bencher.iter(|| model.expected_mean_spend_column(black_box(&purchases), &means).unwrap());
        });
        // The bound: the same quotient in a plain loop without any check.
        group.bench_function(BenchmarkId::new("a plain loop of them", name), |bencher| {
            bencher.iter(|| {
                let of = |(&x, &z): (&u64, &f64)| 6.25 * (15.44 + x as f64 * z) / (3.74 + 6.25 * x as f64 - 1.0);
                black_box(&purchases).iter().zip(&means).map(of).collect::<Vec<f64>>()
            });
        });
    }
    group.finish();
}

fn renewals(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("renewals");
    let model = ShiftedBetaGeometric::new(0.668, 3.806).unwrap();
    let one = RenewalTable::from_active(&[1_000, 869, 743, 653, 593, 551, 517, 491]).unwrap();
    let months = model.simulate(1_000_000_000, 120, 1).unwrap();
    for (name, table) in [("a cohort of 1,000 over 7 years", one), ("a billion over 120 months", months)] {
        group.throughput(Throughput::Elements(table.customers()));
        group.bench_function(BenchmarkId::new("fit", name), |bencher| {
            bencher.iter(|| ShiftedBetaGeometric::fit(black_box(&table)).unwrap());
        });
    }
    group.throughput(Throughput::Elements(1));
    group.bench_function("discounted expected residual lifetime", |bencher| {
        bencher.iter(|| black_box(&model).discounted_expected_residual_lifetime(8, 0.1).unwrap());
    });
    group.finish();
}

fn opportunities(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("opportunities");
    let text = include_str!("../tests/data/donations_bgbb.csv");
    let rows = text.lines().skip(1).map(|line| {
        let fields: Vec<u32> = line.split(',').map(|field| field.parse().unwrap()).collect();
        (OpportunityHistory::new(fields[0], fields[1], fields[2]).unwrap(), u64::from(fields[3]))
    });
    let donations = OpportunityTable::from_counts(rows).unwrap();
    let model = BgBb::new(1.204, 0.750, 0.657, 2.783).unwrap();
    let weeks: Vec<u32> = (0..1_000_000).map(|customer| 1 + customer % 52).collect();
    let customers = model.simulate(&weeks, 1).unwrap();
    let year: OpportunityTable = customers.iter().copied().collect();
    for (name, table) in [("11,104 donors", &donations), ("a million over 52 weeks", &year)] {
        group.throughput(Throughput::Elements(table.customers())).sample_size(10);
        group.bench_function(BenchmarkId::new("likelihood", name), |bencher| bencher.iter(|| model.log_likelihood_of(black_box(table))));
        group.bench_function(BenchmarkId::new("fit", name), |bencher| bencher.iter(|| BgBb::fit(black_box(table)).unwrap()));
    }
    group.bench_function("table, a million over 52 weeks", |bencher| {
        bencher.iter(|| black_box(&customers).iter().copied().collect::<OpportunityTable>());
    });
    group
        .bench_function("probabilities alive, a million", |bencher| bencher.iter(|| model.probability_alive_column(black_box(&customers))));
    group.bench_function("expected purchases, a million", |bencher| {
        bencher.iter(|| model.expected_purchases_column(black_box(&customers), 13));
    });
    let outlook = model.outlook(&OpportunityHistory::new(3, 5, 6).unwrap());
    group.throughput(Throughput::Elements(1));
    group.bench_function("one customer, all discounted purchases", |bencher| {
        bencher.iter(|| black_box(&outlook).discounted_purchases(0.1, NextOpportunity::AfterOnePeriod).unwrap());
    });
    group.finish();
}

criterion_group!(benches, spend, renewals, opportunities);
criterion_main!(benches);
