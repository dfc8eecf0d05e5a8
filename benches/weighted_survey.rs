//! Throughput of a weighted survey, beside the plain loop with a table of floating sums that its tally is measured against.
//!
//! `cargo bench --bench weighted_survey`.
#![allow(
    missing_docs,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "criterion's macro makes a function, and the plain loop converts"
)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use customer_metrics::estimate::{Stratified, StratifiedDesign};
use customer_metrics::satisfaction::{Scale, WeightedRatingTally, WeightedRatings};
use customer_metrics::{Confidence, Share, Tally};

/// The same pseudo-random numbers in every run.
fn numbers(seed: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(seed), |&state| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407)))
        .map(|state| state >> 33)
}

/// Ratings 1 to 5, and weights of 0.2 to 5 in millionths.
fn survey(length: usize) -> (Vec<u8>, Vec<u64>) {
    let ratings = numbers(1).map(|number| u8::try_from(number % 5 + 1).unwrap_or(1)).take(length).collect();
    (ratings, numbers(2).map(|number| 200_000 + number % 4_800_000).take(length).collect())
}

/// The loop that one writes by hand: count, weight and squared weight by rating, in floating point and unchecked.
fn floating_sums(ratings: &[u8], weights: &[u64]) -> [[f64; 3]; 8] {
    let mut table = [[0.0; 3]; 8];
    for (&rating, &weight) in ratings.iter().zip(weights) {
        let weight = weight as f64;
        if let Some([answers, sum, squares]) = table.get_mut(usize::from(rating)) {
            (*answers, *sum, *squares) = (*answers + 1.0, *sum + weight, *squares + weight * weight);
        }
    }
    table
}

/// The bound: reading both columns once.
fn sum_of_both(ratings: &[u8], weights: &[u64]) -> u64 {
    let ratings: u64 = ratings.chunks(256).map(|chunk| u64::from(chunk.iter().map(|&rating| u32::from(rating)).sum::<u32>())).sum();
    weights.iter().fold(ratings, |sum, weight| sum.wrapping_add(*weight))
}

fn columns(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("weighted rating tally");
    for length in [1_000_000, 10_000_000] {
        group.throughput(Throughput::Elements(length as u64)).sample_size(20);
        let (ratings, weights) = survey(length);
        group.bench_function(BenchmarkId::new("reading both columns", length), |bencher| {
            bencher.iter(|| sum_of_both(black_box(&ratings), black_box(&weights)));
        });
        group.bench_function(BenchmarkId::new("table of floating sums", length), |bencher| {
            bencher.iter(|| floating_sums(black_box(&ratings), black_box(&weights)));
        });
        group.bench_function(BenchmarkId::new("record_columns", length), |bencher| {
            bencher.iter(|| {
                let mut tally = WeightedRatingTally::empty(WeightedRatings::default());
                tally.record_columns(black_box(&ratings), black_box(&weights)).map(|()| tally)
            });
        });
    }
    group.finish();
}

fn reading(criterion: &mut Criterion) {
    let (ratings, weights) = survey(1_000_000);
    let mut tally = WeightedRatingTally::empty(WeightedRatings::new(Scale::ONE_TO_FIVE, 6).unwrap_or_default());
    let recorded = tally.record_columns(&ratings, &weights);
    debug_assert!(recorded.is_ok());
    criterion.bench_function("weighted CSAT with its interval", |bencher| {
        bencher.iter(|| black_box(&tally).csat().map(|csat| csat.estimate(Confidence::P95)));
    });
    let strata: Vec<(Share, u64)> =
        (1..=100).filter_map(|stratum: u64| Share::new(stratum, 10 + stratum).ok().map(|share| (share, 1_000 * stratum))).collect();
    criterion.bench_function("share of 100 strata with its interval", |bencher| {
        bencher.iter(|| {
            let stratified = Stratified::from_shares(StratifiedDesign::default(), black_box(&strata).iter().copied());
            stratified.map(|share| share.estimate(Confidence::P95))
        });
    });
}

criterion_group!(benches, columns, reading);
criterion_main!(benches);
