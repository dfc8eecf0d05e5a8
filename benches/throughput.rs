//! Throughput of the counting paths, each beside the bound or the plain loop that it is measured against.
//!
//! `cargo bench`, or one group: `cargo bench -- "rating tally"`.
#![allow(missing_docs, clippy::as_conversions, reason = "criterion's macro makes a function, and lengths are counted in u64")]

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use customer_metrics::complaint::{Case, ComplaintTally, Fate, Problem, QuickLimit};
use customer_metrics::estimate::DifferenceMethod;
use customer_metrics::lifetime_value::{CustomerBook, FixedColumn, LifetimeValueColumns};
use customer_metrics::satisfaction::{GroupedRatingTally, NetScore, RatingGroups, RatingTally, Scale};
use customer_metrics::{Confidence, Decimal, Error, MinorUnit, Proportion, Share, ShareMethod, Tally};

#[expect(dead_code, reason = "the example also prints")]
#[path = "../examples/scorecard/complaints.rs"]
mod complaints;
#[path = "../examples/input/mod.rs"]
mod input;
#[expect(dead_code, reason = "the example also prints")]
#[path = "../examples/scorecard/money.rs"]
mod money;
#[expect(dead_code, reason = "the example also prints")]
#[path = "../examples/scorecard/orders.rs"]
mod orders;

/// The same pseudo-random numbers in every run.
fn numbers(seed: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(seed), |&state| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407)))
        .map(|state| state >> 33)
}

fn column(scale: Scale, length: usize) -> Vec<u8> {
    let width = u64::from(scale.high() - scale.low()) + 1;
    numbers(1).map(|number| scale.low() + u8::try_from(number % width).unwrap_or(0)).take(length).collect()
}

/// The bound: reading every byte once and adding it up.
fn sum_of_bytes(column: &[u8]) -> u64 {
    column.iter().map(|&byte| u64::from(byte)).sum()
}

/// The same sum, written so that the compiler adds in narrow lanes: as fast as the memory.
fn sum_of_bytes_in_lanes(column: &[u8]) -> u64 {
    column.chunks(256).map(|chunk| u64::from(chunk.iter().map(|&byte| u32::from(byte)).sum::<u32>())).sum()
}

fn rating_tally(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("rating tally");
    for length in [1_000, 1_000_000, 100_000_000] {
        group.throughput(Throughput::Bytes(length as u64)).sample_size(if length > 1_000_000 { 20 } else { 100 });
        let answers = column(Scale::ONE_TO_FIVE, length);
        group.bench_with_input(BenchmarkId::new("sum of the bytes", length), &answers, |bencher, answers| {
            bencher.iter(|| sum_of_bytes(black_box(answers)));
        });
        group.bench_with_input(BenchmarkId::new("sum of the bytes in lanes", length), &answers, |bencher, answers| {
            bencher.iter(|| sum_of_bytes_in_lanes(black_box(answers)));
        });
        for (name, scale) in [("1 to 5", Scale::ONE_TO_FIVE), ("1 to 7", Scale::ONE_TO_SEVEN), ("0 to 10", Scale::ZERO_TO_TEN)] {
            let answers = column(scale, length);
            group.bench_with_input(BenchmarkId::new(name, length), &answers, |bencher, answers| {
                bencher.iter(|| {
                    let mut tally = RatingTally::empty(scale);
                    tally.record_column(black_box(answers)).map(|()| tally)
                });
            });
        }
    }
    group.finish();
}

fn grouped_ratings(criterion: &mut Criterion) {
    let (agents, rows) = (10_000, 10_000_000);
    let groups: Vec<u32> = numbers(2).map(|number| u32::try_from(number % agents).unwrap_or(0)).take(rows).collect();
    let answers = column(Scale::ONE_TO_FIVE, rows);
    let mut group = criterion.benchmark_group("grouped tally");
    group.throughput(Throughput::Elements(rows as u64)).sample_size(20);
    group.bench_function("CSAT of 10 k agents over 10 M answers", |bencher| {
        bencher.iter(|| {
            let mut grouped = GroupedRatingTally::empty(RatingGroups::new(Scale::ONE_TO_FIVE, 10_000)?);
            grouped.record_columns(black_box(&groups), black_box(&answers))?;
            grouped.tallies().map(|tally| tally.csat()).collect::<Result<Vec<_>, _>>()
        });
    });
    group.finish();
}

fn lifetime_value(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("lifetime value");
    for rows in [1_000_000, 10_000_000] {
        let cents: Vec<i64> = numbers(3).map(|number| i64::try_from(number % 50_000).unwrap_or(0)).take(rows).collect();
        let orders: Vec<i64> = numbers(4).map(|number| i64::try_from(number % 1_000).unwrap_or(0)).take(rows).collect();
        let years: Vec<i64> = numbers(5).map(|number| i64::try_from(number % 100).unwrap_or(0)).take(rows).collect();
        group.throughput(Throughput::Elements(rows as u64)).sample_size(30);
        group.bench_function(BenchmarkId::new("unchecked int64", rows), |bencher| {
            bencher.iter(|| {
                let rows = black_box(&cents).iter().zip(black_box(&orders)).zip(black_box(&years));
                rows.map(|((&value, &orders), &years)| value.wrapping_mul(orders).wrapping_mul(years)).fold(0, i64::wrapping_add)
            });
        });
        group.bench_function(BenchmarkId::new("exact total of three columns", rows), |bencher| {
            bencher.iter(|| {
                let order_value = FixedColumn::new(black_box(&cents), MinorUnit::CENT);
                let orders_per_year = FixedColumn::new(black_box(&orders), MinorUnit::CENT);
                LifetimeValueColumns::new(order_value, orders_per_year, FixedColumn::whole(black_box(&years)))?.total()
            });
        });
    }
    let values: Vec<Decimal> =
        numbers(6).map(|number| Decimal::new(i64::try_from(number % 1_000_000).unwrap_or(0), 2)).take(1_000_000).collect();
    group.throughput(Throughput::Elements(values.len() as u64));
    group.bench_function("book of 1 M customers: total, top 20%, Gini", |bencher| {
        bencher.iter(|| {
            let book = CustomerBook::from_amounts(MinorUnit::CENT, black_box(&values))?;
            let concentration = book.concentration();
            Ok::<_, Error>((book.total()?, concentration.share_of_top(percent(20))?, concentration.gini()?))
        });
    });
    group.finish();
}

fn complaint_tally(criterion: &mut Criterion) {
    let cases: Vec<Case> = numbers(7)
        .map(|number| {
            let problem = match number % 5 {
                0 => Problem::None,
                1 => Problem::Silent,
                2 => Problem::Open,
                3 => Problem::Unresolved,
                _ => Problem::ResolvedAfter(Duration::from_secs(number % 200_000)),
            };
            let fate = match number / 5 % 3 {
                0 => Fate::Stayed,
                1 => Fate::Left,
                _ => Fate::Unknown,
            };
            Case::new(problem, fate)
        })
        .take(1_000_000)
        .collect();
    let mut group = criterion.benchmark_group("complaint tally");
    group.throughput(Throughput::Elements(cases.len() as u64));
    group.bench_function("curve of 1 M cases", |bencher| {
        bencher.iter(|| {
            let mut tally = ComplaintTally::empty(QuickLimit::ONE_DAY);
            tally.extend(black_box(&cases).iter().copied()).and_then(|()| tally.curve())
        });
    });
    group.finish();
}

/// A million shares, from an agent's 20 answers to a survey of a million.
fn intervals(criterion: &mut Criterion) {
    let shares: Vec<Share> = numbers(8)
        .zip(numbers(9))
        .map(|(whole, part)| {
            let whole = match whole % 4 {
                0 => 20 + whole / 4 % 80,
                1 => 100 + whole / 4 % 900,
                2 => 1_000 + whole / 4 % 9_000,
                _ => 10_000 + whole / 4 % 990_000,
            };
            Share::new(part % (whole + 1), whole)
        })
        .filter_map(Result::ok)
        .take(1_000_000)
        .collect();
    let mut group = criterion.benchmark_group("intervals");
    group.throughput(Throughput::Elements(shares.len() as u64)).sample_size(10);
    for &method in ShareMethod::ALL {
        group.bench_function(method.to_string(), |bencher| {
            bencher.iter(|| black_box(&shares).iter().map(|share| share.interval_with(Confidence::P95, method).width()).sum::<f64>());
        });
    }
    group.finish();
}

/// A million pairs of shares, and as many net scores.
fn comparisons(criterion: &mut Criterion) {
    let shares = |seed| {
        numbers(seed).zip(numbers(seed + 1)).filter_map(|(whole, part)| {
            let whole = 20 + whole % 10_000;
            Share::new(1 + part % (whole - 1), whole).ok()
        })
    };
    let pairs: Vec<(Share, Share)> = shares(20).zip(shares(30)).take(1_000_000).collect();
    let mut group = criterion.benchmark_group("comparisons");
    group.throughput(Throughput::Elements(pairs.len() as u64)).sample_size(10);
    for method in [DifferenceMethod::Newcombe, DifferenceMethod::NewcombeCorrected, DifferenceMethod::AgrestiCaffo] {
        group.bench_function(method.to_string(), |bencher| {
            let width = |(a, b): &(Share, Share)| a.difference_with(b, Confidence::P95, method).interval().width();
            bencher.iter(|| black_box(&pairs).iter().map(width).sum::<f64>());
        });
    }
    group.bench_function("ratio", |bencher| {
        let width = |(a, b): &(Share, Share)| a.ratio(b, Confidence::P95).map_or(0.0, |ratio| ratio.interval().width());
        bencher.iter(|| black_box(&pairs).iter().map(width).sum::<f64>());
    });
    group.bench_function("odds ratio", |bencher| {
        let width = |(a, b): &(Share, Share)| a.odds_ratio(b, Confidence::P95).map_or(0.0, |ratio| ratio.interval().width());
        bencher.iter(|| black_box(&pairs).iter().map(width).sum::<f64>());
    });
    group.bench_function("z test", |bencher| {
        let ln_p = |(a, b): &(Share, Share)| a.test_difference(b).map_or(0.0, |test| test.ln_p_value());
        bencher.iter(|| black_box(&pairs).iter().map(ln_p).sum::<f64>());
    });
    let scores: Vec<NetScore> = pairs
        .iter()
        .filter_map(|(share, _)| NetScore::new(share.part() / 2, share.whole() - share.part(), share.part().div_ceil(2)).ok())
        .collect();
    group.bench_function("net score", |bencher| {
        bencher.iter(|| black_box(&scores).iter().map(|score| score.estimate(Confidence::P95).interval().width()).sum::<f64>());
    });
    group.finish();
}

/// The whole scorecard on its sample files, from the text of the CSV to every figure, without printing.
fn scorecard(criterion: &mut Criterion) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data");
    let assumed = money::Assumed { margin: percent(30), problem_rate: percent(32) };
    let mut group = criterion.benchmark_group("scorecard");
    let bytes = ["airline_ratings.csv", "cfpb_outcomes.csv", "cdnow_sample.csv"]
        .map(|file| std::fs::metadata(data.join(file)).map_or(0, |file| file.len()));
    group.throughput(Throughput::Bytes(bytes.iter().sum()));
    group.bench_function("from three files to money kept", |bencher| {
        bencher.iter(|| {
            let ratings = input::ratings_by(&input::Table::read(&data.join("airline_ratings.csv"))?, &["item"], Scale::ONE_TO_FIVE)?;
            let complaints = complaints::tally(&input::Table::read(&data.join("cfpb_outcomes.csv"))?, None)?;
            let orders = orders::base(&input::Table::read(&data.join("cdnow_sample.csv"))?, Decimal::from(3))?;
            let worth = money::worth(&complaints, &orders, assumed)?;
            Ok::<_, input::Fault>((ratings, worth))
        });
    });
    group.finish();
}

fn percent(value: i64) -> Proportion {
    Proportion::from_percent(Decimal::from(value)).unwrap_or(Proportion::ZERO)
}

criterion_group!(benches, rating_tally, grouped_ratings, lifetime_value, complaint_tally, intervals, comparisons, scorecard);
criterion_main!(benches);
