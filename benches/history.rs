//! Throughput of the way from transactions to histories, beside the plain ways to do it.
//!
//! `cargo bench --bench history`, or one group: `cargo bench --bench history -- "RFM"`.
#![allow(
    missing_docs,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "criterion's macro makes a function, and the data is made here"
)]

use std::collections::HashMap;
use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use customer_metrics::repeat_buying::{
    HistoryRules, PeriodRule, PurchaseTally, ReturnRule, RfmColumns, RfmRules, SegmentScheme, TieRule, Transactions,
};
use customer_metrics::{Error, FixedColumn, MinorUnit};
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng as _, SeedableRng as _};

/// Transactions in no order: ten a customer on average, over two years.
struct Rows {
    dense: Vec<u32>,
    arbitrary: Vec<u64>,
    days: Vec<i32>,
    cents: Vec<i64>,
}

impl Rows {
    fn random(rows: usize) -> Self {
        let mut random = Pcg64Mcg::seed_from_u64(7);
        let customers = (rows / 10) as u64;
        let dense: Vec<u32> = (0..rows).map(|_| (random.next_u64() % customers) as u32).collect();
        Self {
            // An odd factor gives every customer a number of 64 bits of their own.
            arbitrary: dense.iter().map(|&customer| u64::from(customer).wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect(),
            dense,
            days: (0..rows).map(|_| (random.next_u32() % 730).cast_signed()).collect(),
            cents: (0..rows).map(|_| i64::from(random.next_u32() % 20_000)).collect(),
        }
    }

    fn amounts(&self) -> FixedColumn<'_> {
        FixedColumn::new(&self.cents, MinorUnit::CENT)
    }
}

/// The plain way: a hash map from customer to the days of purchases, sorted at the end.
fn plain(rows: &Rows) -> (u64, i64) {
    let mut purchases: HashMap<u64, Vec<(i32, i64)>> = HashMap::new();
    for ((&customer, &day), &cents) in rows.arbitrary.iter().zip(&rows.days).zip(&rows.cents) {
        purchases.entry(customer).or_default().push((day, cents));
    }
    let (mut repeats, mut spend) = (0, 0);
    for days in purchases.values_mut() {
        days.sort_unstable_by_key(|&(day, _)| day);
        let first = days.first().map(|&(day, _)| day);
        repeats += days.chunk_by(|a, b| a.0 == b.0).count() as u64 - 1;
        spend += days.iter().filter(|(day, _)| Some(*day) != first).map(|(_, cents)| cents).sum::<i64>();
    }
    (repeats, spend)
}

fn histories(criterion: &mut Criterion) -> Result<(), Error> {
    let mut group = criterion.benchmark_group("histories");
    let rules = HistoryRules::new(729, PeriodRule::default(), ReturnRule::Refuse)?;
    for length in [1_000_000, 10_000_000] {
        group.throughput(Throughput::Elements(length as u64)).sample_size(10).measurement_time(Duration::from_secs(5));
        let rows = Rows::random(length);
        group.bench_with_input(BenchmarkId::new("dense numbers", length), &rows, |bencher, rows| {
            let transactions = Transactions::new(&rows.dense, &rows.days, rows.amounts());
            bencher.iter(|| black_box(&transactions).as_ref().map(|rows| rows.histories(&rules)));
        });
        group.bench_with_input(BenchmarkId::new("any numbers", length), &rows, |bencher, rows| {
            let transactions = Transactions::new(&rows.arbitrary, &rows.days, rows.amounts());
            bencher.iter(|| black_box(&transactions).as_ref().map(|rows| rows.histories(&rules)));
        });
        group.bench_with_input(BenchmarkId::new("any numbers, to the tally of equal histories", length), &rows, |bencher, rows| {
            let transactions = Transactions::new(&rows.arbitrary, &rows.days, rows.amounts());
            bencher.iter(|| {
                black_box(&transactions)
                    .as_ref()
                    .map(|rows| rows.histories(&rules).map(|histories| PurchaseTally::from_histories(&histories)))
            });
        });
        if length == 1_000_000 {
            group.bench_with_input(BenchmarkId::new("a hash map of vectors", length), &rows, |bencher, rows| {
                bencher.iter(|| plain(black_box(rows)));
            });
        }
    }
    group.finish();
    Ok(())
}

fn rfm(criterion: &mut Criterion) -> Result<(), Error> {
    let mut group = criterion.benchmark_group("RFM");
    let rows = Rows::random(10_000_000);
    let rules = HistoryRules::new(729, PeriodRule::default(), ReturnRule::Refuse)?;
    let histories = Transactions::new(&rows.dense, &rows.days, rows.amounts())?.histories(&rules)?;
    let (recency, purchases, spend) = (histories.steps_since_last(), histories.purchases(), histories.total_spend()?);
    let money = FixedColumn::new(&spend, histories.unit());
    let columns = RfmColumns::new(&recency, &purchases, money)?;
    let quintiles = RfmRules::quintiles(TieRule::Lowest);
    let grid = SegmentScheme::recency_frequency_grid();
    let customers = recency.len();
    group.throughput(Throughput::Elements(customers as u64)).sample_size(10);
    group.bench_function(BenchmarkId::new("three quintiles", customers), |bencher| {
        bencher.iter(|| black_box(columns).scores(&quintiles));
    });
    let scores = columns.scores(&quintiles)?;
    group.bench_function(BenchmarkId::new("segments, with their money", customers), |bencher| {
        bencher.iter(|| grid.summary(black_box(&scores), money));
    });
    group.finish();
    Ok(())
}

fn all(criterion: &mut Criterion) {
    for result in [histories(criterion), rfm(criterion)] {
        assert_eq!(result, Ok(()));
    }
}

criterion_group!(benches, all);
criterion_main!(benches);
