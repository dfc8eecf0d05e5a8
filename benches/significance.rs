//! Throughput of the significance tests, beside a plain loop over the same columns.
#![allow(missing_docs, clippy::as_conversions, clippy::cast_precision_loss, reason = "criterion's macro makes a function")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use customer_metrics::Share;
use customer_metrics::estimate::{Alternative, PValueAdjustment, adjust_p_values};

/// The same pseudo-random numbers in every run.
fn numbers(seed: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(seed), |&state| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407)))
        .map(|state| state >> 33)
}

const PAIRS: usize = 1_000_000;

fn pairs() -> Vec<(Share, Share)> {
    let share = |whole: u64, part: u64| Share::new(part % (whole % 1_000 + 100), whole % 1_000 + 100).ok();
    let mut numbers = numbers(7);
    let mut next = move || numbers.next().unwrap_or(0);
    std::iter::repeat_with(|| share(next(), next()).zip(share(next(), next()))).flatten().take(PAIRS).collect()
}

/// The textbook's formula without its tail: what the test adds is the p-value, its logarithm, and the exact difference.
fn textbook_z((first, second): &(Share, Share)) -> f64 {
    let (n1, n2) = (first.whole() as f64, second.whole() as f64);
    let p = (first.part() + second.part()) as f64 / (n1 + n2);
    (first.to_f64() - second.to_f64()) / (p * (1.0 - p) * (1.0 / n1 + 1.0 / n2)).sqrt()
}

fn tests_of_two_shares(criterion: &mut Criterion) {
    let pairs = pairs();
    let mut group = criterion.benchmark_group("tests of two shares");
    group.throughput(Throughput::Elements(PAIRS as u64)).sample_size(10);
    group.bench_function("textbook z, without a p-value", |bencher| {
        bencher.iter(|| black_box(&pairs).iter().map(textbook_z).sum::<f64>());
    });
    group.bench_function("pooled z test", |bencher| {
        bencher.iter(|| black_box(&pairs).iter().filter_map(|(a, b)| a.test_difference(b).ok()).map(|test| test.p_value()).sum::<f64>());
    });
    group.finish();

    let few = pairs.get(..10_000).unwrap_or(&pairs);
    let mut group = criterion.benchmark_group("exact tests of two shares");
    group.throughput(Throughput::Elements(few.len() as u64)).sample_size(10);
    group.bench_function("Fisher, some 600 in each", |bencher| {
        bencher.iter(|| {
            let tests = black_box(few).iter().filter_map(|(a, b)| a.fisher_exact_test(b, Alternative::TwoSided).ok());
            tests.map(|test| test.p_value()).sum::<f64>()
        });
    });
    group.finish();
}

fn many_p_values(criterion: &mut Criterion) {
    let p_values: Vec<f64> = numbers(11).map(|number| (number % 1_000_003) as f64 / 1_000_003.0).take(PAIRS).collect();
    let mut group = criterion.benchmark_group("adjusted p-values");
    group.throughput(Throughput::Elements(PAIRS as u64)).sample_size(10);
    group.bench_function("sort alone", |bencher| {
        bencher.iter(|| {
            let mut sorted = black_box(&p_values).clone();
            sorted.sort_unstable_by(f64::total_cmp);
            sorted
        });
    });
    group.bench_function("Benjamini-Hochberg", |bencher| {
        bencher.iter(|| adjust_p_values(black_box(&p_values), PValueAdjustment::BenjaminiHochberg));
    });
    group.finish();
}

criterion_group!(benches, tests_of_two_shares, many_p_values);
criterion_main!(benches);
