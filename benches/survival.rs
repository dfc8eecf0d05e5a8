//! Throughput of survival curves and comparisons, each beside the bound or the plain loop that it is measured against.
//!
//! `cargo bench --bench survival`, or one group: `cargo bench --bench survival -- "life table"`.
#![allow(missing_docs, clippy::as_conversions, reason = "criterion's macro makes a function, and lengths are counted in u64")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use customer_metrics::survival::{Ending, EventWeighting, GroupComparison, LifeTable, LimitMethod, Observations};
use customer_metrics::{Confidence, Error, Tally};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

const LENGTHS: [usize; 2] = [1_000_000, 10_000_000];

/// Customers who leave at a rate of 5% a month, observed for up to six years: about three in five are seen to leave.
struct Customers {
    times: Vec<f64>,
    months: Vec<u16>,
    endings: Vec<Ending>,
    groups: Vec<u32>,
}

fn customers(length: usize) -> Customers {
    let mut random = Pcg64Mcg::seed_from_u64(1);
    let mut customers = Customers { times: Vec::new(), months: Vec::new(), endings: Vec::new(), groups: Vec::new() };
    for _ in 0..length {
        let leaves = -(1.0 - random.random::<f64>()).ln() / 0.05;
        let observed = random.random::<f64>() * 72.0;
        let time = leaves.min(observed);
        customers.times.push(time);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 72")]
        customers.months.push(time as u16);
        customers.endings.push(Ending::left_if(leaves <= observed));
        customers.groups.push(random.random_range(0..4));
    }
    customers
}

fn kaplan_meier_of_real_times(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("Kaplan-Meier with intervals, real times");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    for length in LENGTHS {
        let customers = customers(length);
        group.throughput(Throughput::Elements(length as u64));
        group.bench_with_input(BenchmarkId::new("sorting the times alone, standard library", length), &customers, |bencher, customers| {
            bencher.iter(|| {
                let mut times = black_box(&customers.times).clone();
                times.sort_unstable_by(f64::total_cmp);
                times
            });
        });
        group.bench_with_input(BenchmarkId::new("risk table", length), &customers, |bencher, customers| {
            bencher.iter(|| Observations::new(black_box(&customers.times), &customers.endings).map(|rows| rows.risk_table()));
        });
        group.bench_with_input(BenchmarkId::new("curve and intervals", length), &customers, |bencher, customers| {
            bencher.iter(|| {
                let curve = Observations::new(black_box(&customers.times), &customers.endings)?.risk_table().kaplan_meier()?;
                let intervals = curve.intervals(Confidence::P95, LimitMethod::LogLog);
                Ok::<_, Error>((curve, intervals))
            });
        });
    }
    group.finish();
}

fn kaplan_meier_of_whole_periods(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("Kaplan-Meier with intervals, life table");
    group.sample_size(20);
    for length in LENGTHS {
        let customers = customers(length);
        group.throughput(Throughput::Elements(length as u64));
        group.bench_with_input(BenchmarkId::new("plain loop over a table of counters", length), &customers, |bencher, customers| {
            bencher.iter(|| {
                let mut counts = vec![[0_u64; 2]; 1 << 16];
                for (&month, &ending) in black_box(&customers.months).iter().zip(&customers.endings) {
                    if let Some([censored, left]) = counts.get_mut(usize::from(month)) {
                        *(if ending == Ending::Left { left } else { censored }) += 1;
                    }
                }
                counts
            });
        });
        group.bench_with_input(BenchmarkId::new("curve and intervals", length), &customers, |bencher, customers| {
            bencher.iter(|| {
                let mut table = LifeTable::default();
                table.record_column(black_box(&customers.months), &customers.endings)?;
                let curve = table.finish()?;
                let intervals = curve.intervals(Confidence::P95, LimitMethod::LogLog);
                Ok::<_, Error>((curve, intervals))
            });
        });
    }
    group.finish();
}

fn log_rank(criterion: &mut Criterion) {
    let length = 1_000_000;
    let customers = customers(length);
    let mut group = criterion.benchmark_group("log-rank test of 1 M");
    group.throughput(Throughput::Elements(length as u64)).sample_size(20);
    for count in [2_u32, 4] {
        let groups: Vec<u32> = customers.groups.iter().map(|group| group % count).collect();
        group.bench_with_input(BenchmarkId::new("real times, groups", count), &count, |bencher, &count| {
            bencher.iter(|| {
                let tables = Observations::new(black_box(&customers.times), &customers.endings)?.by_group(&groups, count)?;
                GroupComparison::new(&tables, EventWeighting::LogRank)?.test()
            });
        });
        let columns: Vec<(Vec<u16>, Vec<Ending>)> = (0..count)
            .map(|wanted| {
                let rows = customers.months.iter().zip(&customers.endings).zip(&groups);
                rows.filter(|&(_, &group)| group == wanted).map(|((&month, &ending), _)| (month, ending)).unzip()
            })
            .collect();
        group.bench_with_input(BenchmarkId::new("life tables, groups", count), &columns, |bencher, columns| {
            bencher.iter(|| {
                let mut tables = Vec::new();
                for (months, endings) in black_box(columns) {
                    let mut table = LifeTable::default();
                    table.record_column(months, endings)?;
                    tables.push(table.risk_table());
                }
                GroupComparison::new(&tables, EventWeighting::LogRank)?.test()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, kaplan_meier_of_real_times, kaplan_meier_of_whole_periods, log_rank);
criterion_main!(benches);
