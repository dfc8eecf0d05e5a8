//! What it costs to keep the sums over every two items of a service quality survey, beside a plain loop that keeps the sums of each item only,
//! from which no interval can be had.
//!
//! `cargo bench --bench service_quality`.
#![allow(missing_docs, clippy::as_conversions, reason = "criterion's macro makes a function, and lengths are converted")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use customer_metrics::satisfaction::{Experience, Questionnaire, ServiceQualityTally};
use customer_metrics::{Confidence, Tally};

const RESPONDENTS: usize = 10_000;

/// The same pseudo-random numbers in every run.
fn numbers(seed: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(seed), |&state| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407)))
        .map(|state| state >> 33)
}

/// So many of a hundred answers are missing.
fn survey(missing: u64) -> Vec<Vec<Experience>> {
    let mut random = numbers(1);
    let mut rating = || random.next().filter(|number| number % 100 >= missing).and_then(|number| u8::try_from(number / 100 % 7 + 1).ok());
    (0..RESPONDENTS)
        .map(|_| (0..Questionnaire::STANDARD.items()).map(|_| Experience { expected: rating(), perceived: rating() }).collect())
        .collect()
}

/// The loop that one writes by hand for the means.
fn sums_of_items(rows: &[Vec<Experience>]) -> Vec<[u64; 6]> {
    let mut sums = vec![[0; 6]; Questionnaire::STANDARD.items()];
    for row in rows {
        for (sums, one) in sums.iter_mut().zip(row) {
            let sides = [one.expected, one.perceived].map(|rating| rating.map_or([0, 0], |rating| [1, u64::from(rating)]));
            let both = if let [Some(expected), Some(perceived)] = [one.expected, one.perceived] {
                [1, u64::from(perceived) + 6 - u64::from(expected)]
            } else {
                [0, 0]
            };
            for (sum, more) in sums.iter_mut().zip(sides.into_iter().chain([both]).flatten()) {
                *sum += more;
            }
        }
    }
    sums
}

fn recording(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("service quality of 22 items");
    group.throughput(Throughput::Elements(RESPONDENTS as u64)).sample_size(20);
    for missing in [0, 10] {
        let rows = survey(missing);
        group.bench_function(BenchmarkId::new("sums of each item", missing), |bencher| {
            bencher.iter(|| sums_of_items(black_box(&rows)));
        });
        group.bench_function(BenchmarkId::new("extend", missing), |bencher| {
            bencher.iter(|| {
                let mut tally = ServiceQualityTally::default();
                let recorded = tally.extend(black_box(&rows).iter().cloned());
                recorded.map(|()| tally)
            });
        });
    }
    group.finish();
}

fn reading(criterion: &mut Criterion) {
    let mut tally = ServiceQualityTally::default();
    let recorded = tally.extend(survey(10));
    assert!(recorded.is_ok(), "{recorded:?}");
    let bytes = tally.encode();
    let mut group = criterion.benchmark_group("service quality state");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("merge", |bencher| {
        bencher.iter(|| {
            let mut sum = ServiceQualityTally::default();
            sum.merge(black_box(&tally)).map(|()| sum)
        });
    });
    group.bench_function("decode", |bencher| bencher.iter(|| ServiceQualityTally::decode(black_box(&bytes))));
    group.bench_function("servqual_estimate", |bencher| {
        bencher.iter(|| black_box(&tally).servqual_estimate(Confidence::P95).map(|estimates| estimates.unweighted()));
    });
    group.finish();
}

criterion_group!(benches, recording, reading);
criterion_main!(benches);
