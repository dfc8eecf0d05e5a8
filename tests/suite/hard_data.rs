//! Data in which a model has no maximum, or one that is hard to find: every fit says what it has found.

use customer_metrics::repeat_buying::{BgNbd, Fit, FitOptions, FitStatus, MbgNbd, Model, ParetoNbd, PurchaseHistory, PurchaseTable};
use proptest::prelude::*;

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
        let from = |start: [f64; 4]| MbgNbd::fitted(&table, &FitOptions::default().start(MbgNbd::from_parameters(start).unwrap()));
        let others = [[2.0, 30.0, 0.8, 0.35], [0.23, 8.0, 10.0, 31.0], [0.1, 3.0, 0.3, 3.0], [5.0, 60.0, 0.2, 0.1]].map(from);
        for other in &others {
            assert!(other.log_likelihood() <= best.log_likelihood() + 2e-2, "{seed}: {other:?} is better than {best:?}");
        }
        let peaks: Vec<f64> = others.iter().filter(|other| other.has_converged()).map(Fit::log_likelihood).collect();
        with_two += u32::from(peaks.iter().any(|one| peaks.iter().any(|other| (one - other).abs() > 1e-3)));
    }
    assert!(with_two > 0);
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
            let other = M::fitted(table, &FitOptions::default().start(M::from_parameters(parameters).unwrap()));
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
