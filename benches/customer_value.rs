//! Throughput of lifetime values: each customer's, the best ones, the total with its interval.
//!
//! `cargo bench --features simulation --bench customer_value`
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "criterion's macro makes a function; a benchmark may stop"
)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use customer_metrics::lifetime_value::DiscountRate;
use customer_metrics::repeat_buying::{
    BgNbd, ContinuousRate, CustomerBase, GammaGamma, Horizon, ParetoNbd, PurchaseColumns, PurchaseHistory, PurchaseTable, PurchaseWorth,
    SpendBasis, SpendHistory, SpendTable, UnpaidRule, ValueModel,
};
use customer_metrics::{Confidence, MinorUnit, Proportion};

struct Customers {
    frequencies: Vec<u64>,
    recencies: Vec<f64>,
    ages: Vec<f64>,
    mean_spends: Vec<f64>,
}

impl Customers {
    /// CDNOW's models over days, customers who came evenly over a year; no two are alike, or times are in whole days.
    fn drawn(customers: u32, times: fn(f64) -> f64) -> Self {
        let model = BgNbd::new(0.243, 30.9, 0.793, 2.426).unwrap();
        let ages: Vec<f64> = (0..customers).map(|customer| 365.0 * f64::from(customer + 1) / f64::from(customers)).collect();
        let drawn = model.simulate(&ages, 1).unwrap();
        let frequencies: Vec<u64> = drawn.iter().map(PurchaseHistory::frequency).collect();
        let spends = GammaGamma::new(6.25, 3.74, 15.44).unwrap().simulate(&frequencies, 2).unwrap();
        Self {
            recencies: drawn.iter().map(|history| times(history.recency())).collect(),
            ages: ages.into_iter().map(times).collect(),
            mean_spends: spends.iter().map(SpendHistory::mean_spend).collect(),
            frequencies,
        }
    }

    fn base(&self) -> CustomerBase<'_> {
        let histories = PurchaseColumns::new(&self.frequencies, &self.recencies, &self.ages).unwrap();
        CustomerBase::new(histories).with_spend(&self.frequencies, &self.mean_spends, UnpaidRule::Refuse).unwrap()
    }

    fn model(&self, horizon: Horizon) -> ValueModel<BgNbd> {
        let purchases = BgNbd::fit(&PurchaseTable::from_columns(self.base().histories())).unwrap();
        ValueModel::fitted(&purchases, self.worth(), horizon).unwrap()
    }

    fn worth(&self) -> PurchaseWorth {
        let spend = GammaGamma::fit(&SpendTable::from_columns(&self.frequencies, &self.mean_spends, UnpaidRule::Drop).unwrap()).unwrap();
        PurchaseWorth::from_fitted_spend(&spend, SpendBasis::Customer, Proportion::ONE)
    }
}

fn values(criterion: &mut Criterion) {
    let horizons = [
        ("12 months", Horizon::by_period(12, 30.436_875, DiscountRate::from_percent(1.into()).unwrap()).unwrap()),
        ("unlimited", Horizon::unlimited(ContinuousRate::from_continuous(4e-4).unwrap())),
    ];
    for (name, base) in [
        ("two thousand in days", Customers::drawn(2_357, f64::ceil)),
        ("a million in days", Customers::drawn(1_000_000, f64::ceil)),
        ("a million, no two alike", Customers::drawn(1_000_000, |time| time)),
    ] {
        let mut group = criterion.benchmark_group(format!("lifetime value, {name}"));
        group.throughput(Throughput::Elements(base.ages.len() as u64)).sample_size(10);
        for (over, horizon) in horizons {
            let model = base.model(horizon);
            group.bench_function(BenchmarkId::new("each customer", over), |bencher| {
                bencher.iter(|| black_box(&model).values(&black_box(&base).base()).unwrap());
            });
            group.bench_function(BenchmarkId::new("total with its interval", over), |bencher| {
                bencher.iter(|| black_box(&model).total_estimate(&base.base(), MinorUnit::CENT, Confidence::P95).unwrap());
            });
            group.bench_function(BenchmarkId::new("each customer with an interval", over), |bencher| {
                bencher.iter(|| black_box(&model).intervals(&base.base(), Confidence::P95).unwrap());
            });
        }
        let model = base.model(horizons[0].1);
        let values = model.values(&base.base()).unwrap();
        group.bench_function("the ten best", |bencher| bencher.iter(|| black_box(&values).top(10)));
        group.bench_function("total", |bencher| bencher.iter(|| black_box(&values).total(MinorUnit::CENT).unwrap()));
        if base.ages.len() < 10_000 {
            // The plain loop.
            let spends = base.frequencies.iter().zip(&base.mean_spends);
            let spends: Vec<SpendHistory> = spends.map(|(&purchases, &mean)| SpendHistory::new(purchases, mean).unwrap()).collect();
            group.bench_function(BenchmarkId::new("one by one", "12 months"), |bencher| {
                let rows = || base.base().histories().iter().zip(&spends);
                bencher.iter(|| rows().map(|(history, spend)| model.value(&history, spend).unwrap()).sum::<f64>());
            });
            group.bench_function(BenchmarkId::new("39 bootstrap repetitions", "12 months"), |bencher| {
                bencher.iter(|| model.bootstrap_total(&base.base(), 39, 1, MinorUnit::CENT, Confidence::P95).unwrap());
            });
        }
        group.finish();
    }
}

/// The probability of being alive takes an integral a customer.
fn values_by_pareto_nbd(criterion: &mut Criterion) {
    let base = Customers::drawn(100_000, |time| time);
    let purchases = ParetoNbd::fit(&PurchaseTable::from_columns(base.base().histories())).unwrap();
    let mut group = criterion.benchmark_group("lifetime value by Pareto/NBD, 100,000, no two alike");
    group.throughput(Throughput::Elements(base.ages.len() as u64)).sample_size(10);
    let model = ValueModel::fitted(&purchases, base.worth(), Horizon::unlimited(ContinuousRate::from_continuous(4e-4).unwrap())).unwrap();
    group.bench_function("each customer", |bencher| bencher.iter(|| black_box(&model).values(&base.base()).unwrap()));
    group.bench_function("total with its interval", |bencher| {
        bencher.iter(|| black_box(&model).total_estimate(&base.base(), MinorUnit::CENT, Confidence::P95).unwrap());
    });
    group.finish();
}

criterion_group!(benches, values, values_by_pareto_nbd);
criterion_main!(benches);
