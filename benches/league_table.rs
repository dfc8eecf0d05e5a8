//! League tables of ten thousand agents, step by step, beside the plain sort of raw shares; limits of confidence sequences.
//!
//! `cargo bench --bench league_table`
#![allow(missing_docs, clippy::as_conversions, reason = "criterion's macro makes a function, and lengths are counted in u64")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use customer_metrics::estimate::{ConfidenceSequence, LeagueTable, Shrinkage, ShrinkageMethod};
use customer_metrics::satisfaction::{GroupedRatingTally, RatingGroups, Scale};
use customer_metrics::{Confidence, Share, Tally};
use rand::{RngExt, SeedableRng};
use rand_distr::{Beta, Distribution};
use rand_pcg::Pcg64Mcg;

const AGENTS: u32 = 10_000;

/// Agents of a spread that service teams have, with 5 to 500 answers each.
fn agents() -> Vec<Share> {
    let mut random = Pcg64Mcg::seed_from_u64(1);
    let Ok(spread) = Beta::new(24.0, 6.0) else { return Vec::new() };
    let shares = (0..AGENTS).map(|_| {
        let (truth, whole) = (spread.sample(&mut random), random.random_range(5..=500_u64));
        let part = (0..whole).filter(|_| random.random_bool(truth)).count();
        Share::new(part as u64, whole)
    });
    shares.collect::<Result<_, _>>().unwrap_or_default()
}

fn league_table(criterion: &mut Criterion) {
    let agents = agents();
    let [parts, wholes] = [Share::part, Share::whole].map(|count| agents.iter().map(count).collect::<Vec<u64>>());
    let mut group = criterion.benchmark_group("league table of 10 k agents");
    group.throughput(Throughput::Elements(AGENTS.into())).sample_size(20);
    group.bench_function("raw shares sorted", |bencher| {
        bencher.iter(|| {
            let mut sorted: Vec<f64> = black_box(&agents).iter().map(Share::to_f64).collect();
            sorted.sort_by(|a, b| b.total_cmp(a));
            sorted
        });
    });
    group.bench_function("Wilson's intervals", |bencher| {
        bencher.iter(|| black_box(&agents).iter().map(|share| share.interval(Confidence::P95)).collect::<Vec<_>>());
    });
    for (name, method) in
        [("spread by maximum likelihood", ShrinkageMethod::MaximumLikelihood), ("spread by moments", ShrinkageMethod::Moments)]
    {
        group.bench_function(name, |bencher| bencher.iter(|| Shrinkage::fit_with(black_box(&agents), method)));
    }
    if let Ok(team) = Shrinkage::fit(&agents) {
        group.bench_function("shrunken shares with intervals", |bencher| {
            bencher.iter(|| team.shrink_all(black_box(&agents), Confidence::P95));
        });
    }
    group.bench_function("whole table", |bencher| {
        bencher.iter(|| LeagueTable::from_columns(black_box(&parts), black_box(&wholes), Confidence::P95));
    });
    let mut grouped = GroupedRatingTally::empty(RatingGroups::new(Scale::ONE_TO_FIVE, AGENTS).unwrap_or_default());
    for (agent, share) in (0_u32..).zip(&agents) {
        let answers = (0..share.whole()).map(|answer| (agent, Some(if answer < share.part() { 5 } else { 2 })));
        drop(answers.into_iter().try_for_each(|record| grouped.record(record)));
    }
    group.bench_function("whole table from grouped ratings", |bencher| {
        bencher.iter(|| LeagueTable::from_shares(black_box(&grouped).csat_by_group(), Confidence::P95));
    });
    group.finish();
}

fn confidence_sequence(criterion: &mut Criterion) {
    let agents = agents();
    let mut group = criterion.benchmark_group("confidence sequence");
    group.throughput(Throughput::Elements(AGENTS.into()));
    let daily = ConfidenceSequence::new(Confidence::P95);
    group.bench_function("intervals", |bencher| {
        bencher.iter(|| black_box(&agents).iter().map(|share| daily.interval(share)).collect::<Vec<_>>());
    });
    group.bench_function("Wilson's intervals", |bencher| {
        bencher.iter(|| black_box(&agents).iter().map(|share| share.interval(Confidence::P95)).collect::<Vec<_>>());
    });
    group.finish();
}

criterion_group!(benches, league_table, confidence_sequence);
criterion_main!(benches);
