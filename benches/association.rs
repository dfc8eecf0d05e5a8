//! Throughput of the estimates that read many rows or many groups, each beside sorting or a plain loop.
//!
//! `cargo bench --bench association`, or one group: `cargo bench --bench association -- "rank correlation"`.
#![allow(
    missing_docs,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "criterion's macro makes a function, and rows are counted in u64"
)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use customer_metrics::estimate::{KendallCorrelation, MannWhitney, PearsonCorrelation, SpearmanCorrelation};
use customer_metrics::satisfaction::{GroupedRatingTally, ItemSet, RatingGroups, RatingPairTally, RatingTally, ReliabilityTally, Scale};
use customer_metrics::{Confidence, Error, Tally};

const ROWS: usize = 1_000_000;

/// The same pseudo-random numbers in every run.
fn numbers(seed: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(seed), |&state| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407)))
        .map(|state| state >> 33)
}

fn real_numbers(seed: u64) -> Vec<f64> {
    numbers(seed).map(|number| number as f64 / 1e3).take(ROWS).collect()
}

fn ratings(seed: u64) -> Vec<u8> {
    numbers(seed).map(|number| u8::try_from(number % 5).unwrap_or(0) + 1).take(ROWS).collect()
}

fn correlations(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("rank correlation");
    group.throughput(Throughput::Elements(ROWS as u64)).sample_size(10);
    let as_numbers = |column: Vec<u8>| column.into_iter().map(f64::from).collect::<Vec<f64>>();
    for (name, x, y) in [("distinct", real_numbers(1), real_numbers(2)), ("ratings", as_numbers(ratings(1)), as_numbers(ratings(2)))] {
        group.bench_function(BenchmarkId::new("sort both columns", name), |bencher| {
            bencher.iter(|| {
                let (mut x, mut y) = (x.clone(), y.clone());
                x.sort_unstable_by(f64::total_cmp);
                y.sort_unstable_by(f64::total_cmp);
                (x, y)
            });
        });
        group.bench_function(BenchmarkId::new("Pearson", name), |bencher| {
            bencher.iter(|| PearsonCorrelation::from_columns(black_box(&x), black_box(&y)));
        });
        group.bench_function(BenchmarkId::new("Spearman", name), |bencher| {
            bencher.iter(|| SpearmanCorrelation::from_columns(black_box(&x), black_box(&y)));
        });
        group.bench_function(BenchmarkId::new("Kendall", name), |bencher| {
            bencher.iter(|| KendallCorrelation::from_columns(black_box(&x), black_box(&y)));
        });
    }
    let (first, second) = (ratings(1), ratings(2));
    group.bench_function("pairs of ratings counted, then all three", |bencher| {
        bencher.iter(|| {
            let mut pairs = RatingPairTally::default();
            pairs.record_columns(black_box(&first), black_box(&second))?;
            pairs.finish()
        });
    });
    group.finish();
}

fn mann_whitney(criterion: &mut Criterion) -> Result<(), Error> {
    let mut group = criterion.benchmark_group("Mann-Whitney");
    let first = RatingTally::from_counts(Scale::ZERO_TO_TEN, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map(|count| count * 1_000_000), 0)?;
    let second = RatingTally::from_counts(Scale::ZERO_TO_TEN, &[2, 2, 3, 4, 6, 6, 7, 8, 9, 10, 12].map(|count| count * 1_000_000), 0)?;
    group.bench_function("135 M ratings from their counts", |bencher| {
        bencher.iter(|| {
            let groups = black_box(&first).mann_whitney(black_box(&second))?;
            Ok::<_, Error>((groups.superiority(Confidence::P95), groups.test()?))
        });
    });
    let (x, y) = (real_numbers(1), real_numbers(2));
    group.throughput(Throughput::Elements(2 * ROWS as u64)).sample_size(10);
    group.bench_function("two columns", |bencher| bencher.iter(|| MannWhitney::from_columns(black_box(&x), black_box(&y))));
    group.finish();
    Ok(())
}

fn means(criterion: &mut Criterion) -> Result<(), Error> {
    let mut group = criterion.benchmark_group("t intervals");
    group.throughput(Throughput::Elements(ROWS as u64)).sample_size(10);
    let mut agents = GroupedRatingTally::empty(RatingGroups::new(Scale::ONE_TO_FIVE, u32::try_from(ROWS).unwrap_or(0))?);
    let whose: Vec<u32> = numbers(3).map(|number| u32::try_from(number % ROWS as u64).unwrap_or(0)).take(20 * ROWS).collect();
    let given: Vec<u8> = numbers(4).map(|number| u8::try_from(number % 5).unwrap_or(0) + 1).take(20 * ROWS).collect();
    agents.record_columns(&whose, &given)?;
    group
        .bench_function("a million groups at once", |bencher| bencher.iter(|| black_box(&agents).mean_estimates_by_group(Confidence::P95)));
    group.bench_function("a million groups one by one", |bencher| {
        bencher.iter(|| agents.tallies().map(|tally| tally.mean_estimate(Confidence::P95)).collect::<Vec<_>>());
    });
    group.finish();
    Ok(())
}

fn reliability(criterion: &mut Criterion) -> Result<(), Error> {
    let mut group = criterion.benchmark_group("Cronbach's alpha");
    let items: Vec<Vec<u8>> = (0..22).map(ratings).collect();
    let columns: Vec<&[u8]> = items.iter().map(Vec::as_slice).collect();
    let set = ItemSet::new(Scale::ONE_TO_FIVE, 22)?;
    group.throughput(Throughput::Elements(ROWS as u64)).sample_size(10);
    group.bench_function("22 items", |bencher| {
        bencher.iter(|| {
            let mut tally = ReliabilityTally::empty(set);
            tally.record_columns(black_box(&columns))?;
            tally.alpha()
        });
    });
    group.finish();
    Ok(())
}

fn benchmarks(criterion: &mut Criterion) {
    correlations(criterion);
    for result in [mann_whitney(criterion), means(criterion), reliability(criterion)] {
        if let Err(error) = result {
            eprintln!("not measured: {error}");
        }
    }
}

criterion_group!(all, benchmarks);
criterion_main!(all);
