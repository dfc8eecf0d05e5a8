//! Data in which a model has no maximum, or one that is hard to find: every fit says what it has found.

use customer_metrics::repeat_buying::{BgNbd, Fit, FitOptions, FitStatus, Limit, MbgNbd, Model, ParetoNbd, PurchaseHistory, PurchaseTable};
use proptest::prelude::*;

#[cfg(feature = "serde")]
use crate::model_laws::check_fit_json;
use crate::model_laws::{Fitted, cdnow, check_report, close};

fn history(frequency: u64, recency: f64, age: f64) -> PurchaseHistory {
    PurchaseHistory::new(frequency, recency, age).unwrap()
}

fn fit<M: Fitted<Table = PurchaseTable> + Model<Parameters = [f64; 4]>>(table: &PurchaseTable) -> Fit<M> {
    let fit = M::fitted(table, &FitOptions::default());
    check_report(&fit, table);
    fit
}

/// The status of each of the three models.
fn statuses(table: &PurchaseTable) -> [FitStatus; 3] {
    [fit::<BgNbd>(table).status().clone(), fit::<MbgNbd>(table).status().clone(), fit::<ParetoNbd>(table).status().clone()]
}

fn is_without_maximum(status: &FitStatus) -> bool {
    matches!(status, FitStatus::AtBoundary(_) | FitStatus::NotIdentified(_))
}

#[test]
fn data_of_a_simpler_model_are_at_a_boundary_or_not_identified() {
    let tables = [
        ("one-time buyers", (1..40_u32).map(|age| history(0, 0.0, age.into())).collect()),
        ("one-time buyers of one age", PurchaseTable::from_counts([(history(0, 0.0, 30.0), 1_000)]).unwrap()),
        ("very many of them", PurchaseTable::from_counts([(history(0, 0.0, 30.0), 1_000_000_000_000_000_000)]).unwrap()),
        ("no time", PurchaseTable::from_counts([(history(0, 0.0, 0.0), 10)]).unwrap()),
        ("a single one-time buyer", [history(0, 0.0, 9.0)].into_iter().collect()),
        ("a single buyer", [history(1, 3.0, 9.0)].into_iter().collect()),
        ("a single regular", [history(3, 5.0, 9.0)].into_iter().collect()),
        ("a single regular who has just bought", [history(3, 9.0, 9.0)].into_iter().collect()),
        ("a single customer of thousands of purchases", [history(5_000, 8.0, 9.0)].into_iter().collect()),
        ("more than can be counted", [history(u64::MAX, 8.0, 9.0)].into_iter().collect()),
        ("all equal", PurchaseTable::from_counts([(history(3, 5.0, 9.0), 1_000)]).unwrap()),
        ("a billion equal ones", PurchaseTable::from_counts([(history(3, 9.0, 9.0), 1_000_000_000)]).unwrap()),
        ("the same pace and nobody left", (10..60_u32).map(|x| history(x.into(), x.into(), x.into())).collect()),
    ];
    for (name, table) in tables {
        for status in statuses(&table) {
            assert!(is_without_maximum(&status), "{name}: {status}");
        }
    }
}

#[test]
fn very_many_purchases_and_huge_times_are_fitted_like_any_other() {
    // Frequencies in the thousands, and a customer who bought on the last day of a watch without end.
    let thousands: PurchaseTable = (10..200_u32)
        .map(|i| {
            let age = f64::from(i) + 50.0;
            history(u64::from(i * i % 4_001 + 1), age * (0.4 + 0.6 * f64::from(i * 7 % 13) / 13.0), age)
        })
        .collect();
    let huge: PurchaseTable = cdnow().iter().map(|(of_table, _)| of_table).chain([history(7, 1e12, 1e12)]).collect();
    // Times of every size in one table.
    let mixed: PurchaseTable =
        [history(0, 0.0, 1e-5), history(1, 3e-6, 1e-5), history(4, 8e5, 9e5), history(2, 1.0, 9.0), history(7, 100.0, 9e8)]
            .into_iter()
            .collect();
    for table in [thousands, huge, mixed] {
        for status in statuses(&table) {
            assert_ne!(status, FitStatus::NotConverged);
        }
    }
}

#[test]
fn a_billion_times_as_many_customers_have_the_same_maximum() {
    let (one, many) = (cdnow(), PurchaseTable::from_counts(cdnow().iter().map(|(history, n)| (history, n * 1_000_000_000))).unwrap());
    let (single, billion) = (fit::<BgNbd>(&one), fit::<BgNbd>(&many));
    assert!(single.has_converged() && billion.has_converged());
    for (got, expected) in billion.model().parameters().into_iter().zip(single.model().parameters()) {
        assert!(close(got, expected, 1e-9), "{got} is not {expected}");
    }
    for (got, expected) in billion.standard_errors().unwrap().into_iter().zip(single.standard_errors().unwrap()) {
        assert!(close(got, expected / 1e9_f64.sqrt(), 1e-6), "{got} is not {expected}");
    }
    // A crowd of one-time buyers moves the maximum far out, and it is found there.
    let crowd = one.iter().chain([(history(0, 0.0, 30.0), 1_000_000_000_000)]);
    let fit = fit::<MbgNbd>(&PurchaseTable::from_counts(crowd).unwrap());
    assert!(fit.has_converged() && fit.model().r() < 1e-8, "{fit:?}");
}

/// The likelihood of these two hundred customers has two summits; the lower one is nearer to what the data suggest.
#[cfg(feature = "simulation")]
#[test]
fn the_higher_of_two_maxima_is_found() {
    let ages: Vec<f64> = (0..200_u32).map(|customer| 5.0 + 55.0 * f64::from(customer * 77 % 200) / 200.0).collect();
    let mut with_two = 0;
    for seed in 0..12 {
        let table: PurchaseTable = MbgNbd::new(0.472, 11.907, 3.002, 4.041).unwrap().simulate(&ages, seed).unwrap().into_iter().collect();
        let best = fit::<MbgNbd>(&table);
        let from = |start: [f64; 4]| MbgNbd::fitted(&table, &FitOptions::default().with_start(MbgNbd::from_parameters(start).unwrap()));
        let others = [[2.0, 30.0, 0.8, 0.35], [0.23, 8.0, 10.0, 31.0], [0.1, 3.0, 0.3, 3.0], [5.0, 60.0, 0.2, 0.1]].map(from);
        for other in &others {
            assert!(other.log_likelihood() <= best.log_likelihood() + 2e-2, "{seed}: {other:?} is better than {best:?}");
        }
        let peaks: Vec<f64> = others.iter().filter(|other| other.has_converged()).map(Fit::log_likelihood).collect();
        with_two += u32::from(peaks.iter().any(|one| peaks.iter().any(|other| (one - other).abs() > 1e-3)));
    }
    assert!(with_two > 0);
}

fn limits<M: Model>(fit: &Fit<M>) -> Vec<(&'static str, Limit)> {
    match fit.status() {
        FitStatus::AtBoundary(limits) => limits.iter().map(|limit| (limit.quantity(), limit.limit())).collect(),
        status => panic!("{status}"),
    }
}

#[test]
fn where_nobody_leaves_it_is_the_ratio_that_runs_to_0() {
    let table = PurchaseTable::from_counts((1..20).map(|x| (history(x, 30.0, 30.0), 3))).unwrap();
    let (bg, mbg, pareto) = (fit::<BgNbd>(&table), fit::<MbgNbd>(&table), fit::<ParetoNbd>(&table));
    assert_eq!((limits(&bg), limits(&mbg)), (vec![("a / b", Limit::Zero)], vec![("a / b", Limit::Zero)]));
    assert_eq!(limits(&pareto), [("s / beta", Limit::Zero)]);
    // And the parameters agree: nobody leaves.
    assert!(bg.model().a() / bg.model().b() < 1e-6 && mbg.model().a() / mbg.model().b() < 1e-6, "{bg:?}, {mbg:?}");
    assert!(pareto.model().s() / pareto.model().beta() < 1e-6, "{pareto:?}");
}

#[test]
fn where_no_time_has_passed_no_parameter_is_identified() {
    let table = PurchaseTable::from_counts([(history(0, 0.0, 0.0), 50)]).unwrap();
    let all = ["r", "alpha", "a", "b"].to_vec();
    assert_eq!(fit::<BgNbd>(&table).status(), &FitStatus::NotIdentified(all.clone()));
    assert_eq!(fit::<MbgNbd>(&table).status(), &FitStatus::NotIdentified(all));
    assert_eq!(fit::<ParetoNbd>(&table).status(), &FitStatus::NotIdentified(["r", "alpha", "s", "beta"].to_vec()));
}

/// Half of the customers leave with their first purchase, and half never do.
#[cfg(feature = "simulation")]
#[test]
fn customers_who_leave_at_once_or_never_are_at_the_boundary_from_any_start() {
    let ages: Vec<f64> = (0..1_000_u32).map(|customer| 27.0 + 12.0 * f64::from(customer) / 1_000.0).collect();
    let table: PurchaseTable = MbgNbd::new(2.0, 10.0, 1e-6, 1e-6).unwrap().simulate(&ages, 1).unwrap().into_iter().collect();
    let at_once = [("a", Limit::Zero), ("b", Limit::Zero)];
    assert_eq!(limits(&fit::<MbgNbd>(&table)), at_once);
    let default = fit::<ParetoNbd>(&table);
    let start = ParetoNbd::new(2.0, 10.0, 0.05, 0.05).unwrap();
    let given = ParetoNbd::fit_with(&table, &FitOptions::default().with_start(start)).unwrap();
    for fit in [&default, &given] {
        assert_eq!(limits(fit), [("s", Limit::Zero), ("beta", Limit::Zero)]);
        assert!(fit.model().s() < 0.05 && fit.model().beta() < 1e-15, "{fit:?}");
    }
}

#[cfg(feature = "simulation")]
mod of_known_truth {
    use customer_metrics::repeat_buying::{BgBb, GammaGamma, RenewalTable, ShiftedBetaGeometric};
    use rand::{RngExt, SeedableRng};

    use super::*;

    struct Plausible(rand_pcg::Pcg64Mcg);

    impl Plausible {
        /// Evenly in the logarithm.
        fn between(&mut self, low: f64, high: f64) -> f64 {
            self.0.random_range(low.ln()..high.ln()).exp()
        }

        fn customers(&mut self) -> u32 {
            self.0.random_range(60..400)
        }

        fn ages(&mut self) -> Vec<f64> {
            let (youngest, spread) = (self.between(5.0, 60.0), self.between(1.0, 60.0));
            (0..self.customers()).map(|_| youngest + spread * self.0.random::<f64>()).collect()
        }

        /// Of a rate at which customers buy 0.3 to 12 times while they are watched.
        fn buying(&mut self, ages: &[f64]) -> [f64; 2] {
            let (purchases, r) = (self.between(0.3, 12.0), self.between(0.2, 6.0));
            [r, r * ages[0] / purchases]
        }
    }

    fn check<M: Fitted + Model<Parameters = [f64; N]>, const N: usize>(seed: u64, truth: [f64; N], table: &M::Table) {
        let start = M::from_parameters(truth).unwrap();
        let (default, given) = (M::fitted(table, &FitOptions::default()), M::fitted(table, &FitOptions::default().with_start(start)));
        check_report(&default, table);
        assert_ne!(default.status(), &FitStatus::NotConverged, "{seed}, {truth:?}: {default:?}");
        // Two ends at the same boundary are short of it by different distances.
        let short = if default.has_converged() && given.has_converged() { 1e-6 } else { 0.05 };
        assert!(given.log_likelihood() <= default.log_likelihood() + short, "{seed}, {truth:?}: {given:?} is better than {default:?}");
    }

    #[test]
    fn a_default_fit_is_at_least_as_likely_as_one_from_the_truth() {
        for seed in 0..40 {
            let mut random = Plausible(rand_pcg::Pcg64Mcg::seed_from_u64(seed));
            let ages = random.ages();
            let [r, alpha] = random.buying(&ages);
            let truth = [r, alpha, random.between(0.1, 5.0), random.between(0.1, 10.0)];
            check::<BgNbd, 4>(seed, truth, &BgNbd::from_parameters(truth).unwrap().simulate(&ages, seed).unwrap().into_iter().collect());
            check::<MbgNbd, 4>(seed, truth, &MbgNbd::from_parameters(truth).unwrap().simulate(&ages, seed).unwrap().into_iter().collect());
            if seed % 4 == 0 {
                let truth = [r, alpha, random.between(0.1, 4.0), random.between(0.05, 3.0) * ages[0]];
                let pareto = ParetoNbd::from_parameters(truth).unwrap();
                check::<ParetoNbd, 4>(seed, truth, &pareto.simulate(&ages, seed).unwrap().into_iter().collect());
            }
            let truth = [random.between(0.2, 6.0), random.between(0.2, 6.0), random.between(0.1, 3.0), random.between(0.1, 8.0)];
            let opportunities = vec![random.0.random_range(2..20); ages.len()];
            let donors = BgBb::from_parameters(truth).unwrap().simulate(&opportunities, seed).unwrap();
            check::<BgBb, 4>(seed, truth, &donors.into_iter().collect());
            let (customers, truth) = (random.customers(), [random.between(0.1, 5.0), random.between(0.1, 10.0)]);
            let contracts: RenewalTable = ShiftedBetaGeometric::from_parameters(truth)
                .unwrap()
                .simulate(customers.into(), random.0.random_range(2..15), seed)
                .unwrap();
            check::<ShiftedBetaGeometric, 2>(seed, truth, &contracts);
            let purchases: Vec<u64> = (0..customers).map(|_| random.0.random_range(1..12)).collect();
            let truth = [random.between(0.3, 30.0), random.between(0.8, 20.0), random.between(1.0, 100.0)];
            let spends = GammaGamma::from_parameters(truth).unwrap().simulate(&purchases, seed).unwrap();
            check::<GammaGamma, 3>(seed, truth, &spends.into_iter().collect());
        }
    }

    /// Data whose lower summit is nearer to where an average customer would suggest to start.
    #[test]
    fn the_higher_summit_is_found_where_most_leave_soon() {
        let ages: Vec<f64> = (0..5_000_u32).map(|customer| 27.0 + 12.0 * (f64::from(customer) + 0.5) / 5_000.0).collect();
        let truth = [5.0, 60.0, 0.5, 0.3];
        let table: PurchaseTable = MbgNbd::from_parameters(truth).unwrap().simulate(&ages, 4).unwrap().into_iter().collect();
        check::<MbgNbd, 4>(4, truth, &table);
        for (seed, opportunities, customers, truth) in
            [(165, 6, 300, [0.8, 0.8, 0.3, 2.0]), (1, 3, 3_000, [5.42, 0.1, 1.08, 1.67]), (783, 17, 71, [1.635, 2.848, 2.953, 1.147])]
        {
            let donors = BgBb::from_parameters(truth).unwrap().simulate(&vec![opportunities; customers], seed).unwrap();
            check::<BgBb, 4>(seed, truth, &donors.into_iter().collect());
        }
        let ages: Vec<f64> = (0..1_000_u32).map(|customer| 27.0 + 12.0 * (f64::from(customer) + 0.5) / 1_000.0).collect();
        for seed in 1..20 {
            let truth = [3.0, 60.0, 0.4, 0.4];
            let table = MbgNbd::from_parameters(truth).unwrap().simulate(&ages, seed).unwrap().into_iter().collect();
            check::<MbgNbd, 4>(seed, truth, &table);
        }
    }
}

#[cfg(feature = "serde")]
#[test]
fn fits_come_back_from_json_through_their_checks() {
    use customer_metrics::repeat_buying::Penalty;

    let tables = [
        cdnow(),
        PurchaseTable::from_counts((1..20).map(|x| (history(x, 30.0, 30.0), 3))).unwrap(),
        PurchaseTable::from_counts([(history(0, 0.0, 0.0), 50)]).unwrap(),
    ];
    for table in &tables {
        check_fit_json(&fit::<BgNbd>(table));
        check_fit_json(&fit::<ParetoNbd>(table));
    }
    let options = FitOptions::default().with_penalty(Penalty::SquaredParameters { coefficient: 0.01 }).unwrap();
    let penalised = MbgNbd::fit_with(&tables[0], &options).unwrap();
    assert_eq!(penalised.penalty(), options.penalty());
    check_fit_json(&penalised);
    assert_eq!(serde_json::to_string(&options).unwrap(), r#"{"start":null,"penalty":{"squared_parameters":{"coefficient":0.01}}}"#);
}

#[test]
fn a_fit_prints_as_a_table() {
    let printed = format!("{:.3}", fit::<BgNbd>(&cdnow()));
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[0], "converged, n = 2357");
    assert_eq!(lines[1], "parameter  estimate  standard error  95% interval");
    assert_eq!(lines[2], "r          0.243     0.013           0.219 to 0.268");
    assert!(lines[6].starts_with("log-likelihood -9582.426, AIC 19172.851, BIC "), "{printed}");
    // Without a maximum there are the parameters alone.
    let printed = fit::<BgNbd>(&[history(3, 5.0, 9.0)].into_iter().collect()).to_string();
    assert!(printed.starts_with("at a boundary: ") && printed.lines().count() == 7, "{printed}");
}

fn tables() -> impl Strategy<Value = PurchaseTable> {
    let customer = (0..5_u64, 0..40_u64, 0.05..1.0_f64, 1.0..60.0_f64, 1..5_u64).prop_map(|(few, many, part, age, weight)| {
        let frequency = if few < 3 { few } else { many };
        (if frequency == 0 { history(0, 0.0, age) } else { history(frequency, part * age, age) }, weight)
    });
    prop::collection::vec(customer, 1..40).prop_map(|rows| PurchaseTable::from_counts(rows).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the data, a fit comes to an end, says which, and no other start leads to a likelier place.
    #[test]
    fn no_start_leads_higher_than_those_of_the_data(table in tables(), start in prop::array::uniform4(-4.0..4.0_f64)) {
        fn check<M: Fitted<Table = PurchaseTable> + Model<Parameters = [f64; 4]>>(table: &PurchaseTable, start: [f64; 4], times: [f64; 4]) {
            let best = fit::<M>(table);
            assert_ne!(best.status(), &FitStatus::NotConverged, "{best:?}");
            let mut parameters = start.map(f64::exp);
            parameters.iter_mut().zip(times).for_each(|(parameter, time)| *parameter *= time);
            let other = M::fitted(table, &FitOptions::default().with_start(M::from_parameters(parameters).unwrap()));
            check_report(&other, table);
            // Short of a boundary by so much at most.
            let short = if best.has_converged() && other.has_converged() { 1e-6 } else { 0.05 };
            assert!(other.log_likelihood() <= best.log_likelihood() + short, "{other:?} is better than {best:?}");
        }
        check::<BgNbd>(&table, start, [1.0, 20.0, 1.0, 1.0]);
        check::<MbgNbd>(&table, start, [1.0, 20.0, 1.0, 1.0]);
        check::<ParetoNbd>(&table, start, [1.0, 20.0, 1.0, 20.0]);
    }
}
