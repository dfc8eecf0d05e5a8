//! Throughput of cohorts and revenue movements from columns, each beside a bound or the plain loop that it is measured against.
//!
//! `cargo bench --bench cohorts`, or one group: `cargo bench --bench cohorts -- "cohort table"`.
#![allow(missing_docs, clippy::as_conversions, reason = "criterion's macro makes a function, and lengths are counted in u64")]

use std::collections::{BTreeSet, HashMap};
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use customer_metrics::churn::{
    CohortSettings, CohortTally, OffsetBracket, PeriodWindow, RetentionDefinition, RevenueSeries, RevenueSettings, RevenueTally,
};
use customer_metrics::{Error, Tally};

const MONTHS: u32 = 24;

/// The same pseudo-random numbers in every run.
fn numbers(seed: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(seed), |&state| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407)))
        .map(|state| state >> 33)
}

/// Ten events for each customer, in no order.
fn events(rows: usize) -> (Vec<u64>, Vec<u32>) {
    let customers = (rows as u64 / 10).max(1);
    let months = numbers(2).map(|number| u32::try_from(number % u64::from(MONTHS)).unwrap_or(0));
    (numbers(1).map(|number| number % customers).take(rows).collect(), months.take(rows).collect())
}

fn settings() -> Result<CohortSettings, Error> {
    let brackets = [OffsetBracket::new(1, 3)?, OffsetBracket::new(4, 6)?, OffsetBracket::new(7, 12)?];
    CohortSettings::new(PeriodWindow::new(0, MONTHS - 1)?).with_brackets(&brackets)
}

fn table(customers: &[u64], months: &[u32]) -> Result<usize, Error> {
    let mut tally = CohortTally::empty(settings()?);
    tally.record_events(customers, months)?;
    Ok(tally.table(RetentionDefinition::Exact).rows.len() + tally.curve(RetentionDefinition::Unbounded).len())
}

/// What one would write: a map of customers to their months, then a table of exact retention alone.
fn plain_loop(customers: &[u64], months: &[u32]) -> Vec<Vec<u64>> {
    let mut active: HashMap<u64, BTreeSet<u32>> = HashMap::new();
    for (&customer, &month) in customers.iter().zip(months) {
        let _ = active.entry(customer).or_default().insert(month);
    }
    let mut table = vec![vec![0; MONTHS as usize]; MONTHS as usize];
    for months in active.values() {
        for &month in months {
            let start = months.first().copied().unwrap_or(month);
            if let Some(count) = table.get_mut(start as usize).and_then(|row| row.get_mut((month - start) as usize)) {
                *count += 1;
            }
        }
    }
    table
}

fn cohort_table(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("cohort table");
    for rows in [1_000_000, 10_000_000] {
        group.throughput(Throughput::Elements(rows as u64)).sample_size(10);
        let (close, months) = events(rows);
        let any: Vec<u64> = close.iter().map(|customer| customer.wrapping_mul(0xd134_2543_de82_ef95)).collect();
        group.bench_function(BenchmarkId::new("reading both columns", rows), |bencher| {
            bencher.iter(|| {
                black_box(&close).iter().zip(black_box(&months)).fold(0_u64, |sum, (customer, &month)| sum ^ customer ^ u64::from(month))
            });
        });
        group.bench_function(BenchmarkId::new("customers numbered from 0", rows), |bencher| {
            bencher.iter(|| table(black_box(&close), black_box(&months)));
        });
        group.bench_function(BenchmarkId::new("any numbers", rows), |bencher| {
            bencher.iter(|| table(black_box(&any), black_box(&months)));
        });
        if rows == 1_000_000 {
            group.bench_function(BenchmarkId::new("plain loop over a map", rows), |bencher| {
                bencher.iter(|| plain_loop(black_box(&any), black_box(&months)));
            });
        }
    }
    group.finish();
}

fn revenue(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("revenue movements");
    let rows = 1_000_000;
    let amount = |number: u64| if number.is_multiple_of(4) { 0 } else { i64::try_from(number % 20_000).unwrap_or(0) };
    let opening: Vec<i64> = numbers(3).map(amount).take(rows).collect();
    let closing: Vec<i64> =
        numbers(4).zip(&opening).map(|(number, &opening)| if number.is_multiple_of(3) { amount(number) } else { opening }).collect();
    let empty: Vec<u32> = numbers(5).map(|number| u32::try_from(number % 5).unwrap_or(0)).take(rows).collect();
    group.throughput(Throughput::Elements(rows as u64)).sample_size(20);
    group.bench_function("sum of both columns, 1 M customers", |bencher| {
        bencher.iter(|| black_box(&opening).iter().sum::<i64>() + black_box(&closing).iter().sum::<i64>());
    });
    group.bench_function("one pair of periods, 1 M customers", |bencher| {
        bencher.iter(|| {
            let mut tally = RevenueTally::empty(RevenueSettings::default());
            tally.record_columns(black_box(&opening), black_box(&closing), black_box(&empty))?;
            tally.movements().closing()
        });
    });
    // Twelve months of 1 M customers, in no order.
    let rows = 12_000_000;
    let customers: Vec<u64> = numbers(6).map(|number| number % 1_000_000).take(rows).collect();
    let months: Vec<u32> = numbers(7).map(|number| u32::try_from(number % 12).unwrap_or(0)).take(rows).collect();
    let amounts: Vec<i64> = numbers(8).map(amount).take(rows).collect();
    group.throughput(Throughput::Elements(rows as u64)).sample_size(10);
    group.bench_function("series of 12 months, 1 M customers in 12 M rows", |bencher| {
        bencher.iter(|| {
            let window = PeriodWindow::new(0, 11)?;
            RevenueSeries::from_columns(RevenueSettings::default(), window, black_box(&customers), black_box(&months), black_box(&amounts))
        });
    });
    group.finish();
}

criterion_group!(benches, cohort_table, revenue);
criterion_main!(benches);
