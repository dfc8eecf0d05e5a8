//! The shifted-beta-geometric model of renewals: the likelihood, the fit and the predictions against mpmath, at edges and by properties.

use customer_metrics::repeat_buying::{Fit, FitStatus, Limit, RenewalCounts, RenewalTable, ShiftedBetaGeometric};
use customer_metrics::survival::{Ending, LifeTable, Tenure};
use customer_metrics::{Confidence, Error, Estimate};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_distr::{Beta, Distribution};

use crate::model_laws::{
    Known, check_maximum, check_parameters, check_penalty, check_within_standard_errors, close, is_finite, json, number, numbers,
};

const REGULAR: [u64; 8] = [1_000, 631, 468, 382, 326, 289, 262, 241];
const HIGH_END: [u64; 8] = [1_000, 869, 743, 653, 593, 551, 517, 491];

fn golden() -> serde_json::Value {
    json(include_str!("../data/shifted_beta_geometric.json"))
}

fn model(alpha: f64, beta: f64) -> ShiftedBetaGeometric {
    ShiftedBetaGeometric::new(alpha, beta).unwrap()
}

fn table_of(set: &serde_json::Value) -> RenewalTable {
    let cohorts: Vec<Vec<u64>> = serde_json::from_value(set["cohorts"].clone()).unwrap();
    RenewalTable::from_cohorts(cohorts.iter().map(Vec::as_slice)).unwrap()
}

#[test]
fn likelihoods_and_fits_agree_with_mpmath() {
    for set in golden()["sets"].as_array().unwrap() {
        let table = table_of(set);
        for point in set["points"].as_array().unwrap() {
            let [alpha, beta] = numbers(&point["parameters"]);
            let got = model(alpha, beta).log_likelihood_of(&table);
            assert!(close(got, number(&point["loglik"]), 1e-14), "{}: {point}: {got}", set["name"]);
        }
        check_maximum::<ShiftedBetaGeometric, 2>(&table, &Known::read(&set["maximum"]), 40);
        assert_eq!(ShiftedBetaGeometric::fit(&table).unwrap().n(), table.customers());
    }
    check_penalty::<ShiftedBetaGeometric, 2>(&RenewalTable::from_active(&REGULAR).unwrap(), 1_000.0);
}

#[cfg(feature = "serde")]
#[test]
fn a_model_comes_back_from_json_through_its_checks() {
    crate::model_laws::check_json::<ShiftedBetaGeometric, 2>([0.668, 3.806]);
}

/// The regular cohort has its maximum here; the value .688 that circulates for its alpha does not.
#[test]
fn the_regular_cohort_has_the_parameters_of_its_maximum() {
    let fit = ShiftedBetaGeometric::fit(&RenewalTable::from_active(&REGULAR).unwrap()).unwrap();
    assert_eq!(format!("{:.6} {:.6}", fit.model().alpha(), fit.model().beta()), "0.704077 1.182043");
}

#[test]
fn predictions_agree_with_mpmath() {
    for row in golden()["predictions"].as_array().unwrap() {
        let (model, d) = (model(number(&row["alpha"]), number(&row["beta"])), number(&row["d"]));
        let (mut lifetimes, mut leaving) = (0, 0);
        for (name, expected) in row.as_object().unwrap() {
            let n: u32 = name.rsplit('_').next().unwrap().parse().unwrap_or(0);
            // Beyond a thousand periods and a parameter of hundreds, digits of the logarithm are lost.
            let (got, tolerance) = match name.split('_').next().unwrap() {
                "del" if name.contains("within") => (model.discounted_expected_lifetime_within(n, d).unwrap(), 1e-12),
                "derl" if name.contains("within") => (model.discounted_expected_residual_lifetime_within(8, n, d).unwrap(), 1e-12),
                "del" => (model.discounted_expected_lifetime(d).unwrap(), 2e-12),
                "derl" => (model.discounted_expected_residual_lifetime(n, d).unwrap(), 2e-12),
                "survival" => (model.survival(n), if n > 1_000 && model.alpha() > 100.0 { 1e-10 } else { 2e-13 }),
                "leaving" => (model.probability_of_leaving_in(n).unwrap(), if n > 1_000 && model.alpha() > 100.0 { 1e-10 } else { 2e-13 }),
                _ => continue,
            };
            lifetimes += u32::from(name.starts_with("de") && !name.contains("within"));
            leaving += u32::from(name.starts_with("leaving"));
            // What is below the smallest double is 0.
            assert!(close(got, number(expected), tolerance) || number(expected) < 1e-300, "{row}\n{name}: {got:e}");
        }
        assert!(if d > 0.0 || model.alpha() > 1.0 { lifetimes == 6 } else { leaving > 0 });
        let undefined = |result: Result<f64, Error>| matches!(result, Err(Error::Undefined { .. }));
        if model.alpha() <= 1.0 {
            assert!(undefined(model.discounted_expected_lifetime(0.0)) && undefined(model.discounted_expected_residual_lifetime(3, 0.0)));
            assert!(undefined(model.expected_lifetime()) && undefined(model.expected_residual_lifetime(3)));
        }
    }
}

#[test]
fn an_expected_lifetime_exists_where_alpha_is_above_1() {
    let model = model(3.0, 4.0);
    assert!(close(model.expected_lifetime().unwrap(), 3.0, 1e-15));
    assert!(close(model.expected_residual_lifetime(5).unwrap(), 4.0, 1e-15));
    // A discount of nearly nothing is nearly none.
    for (d, tolerance) in [(1e-9, 1e-8), (1e-12, 1e-11), (1e-100, 1e-12)] {
        assert!(close(model.discounted_expected_lifetime(d).unwrap(), 3.0, tolerance), "{d}");
        assert!(close(model.discounted_expected_residual_lifetime(5, d).unwrap(), 4.0, tolerance), "{d}");
    }
}

#[test]
fn a_fit_says_when_the_data_do_not_hold_the_model() {
    let status = |active: &[u64]| ShiftedBetaGeometric::fit(&RenewalTable::from_active(active).unwrap()).unwrap();
    let limits = |fit: &Fit<ShiftedBetaGeometric>| match fit.status() {
        FitStatus::AtBoundary(limits) => limits.iter().map(|limit| (limit.quantity(), limit.limit())).collect(),
        status => panic!("{status}"),
    };
    let nobody_lost: Vec<_> = limits(&status(&[1_000, 1_000, 1_000, 1_000]));
    assert_eq!(nobody_lost, [("alpha / beta", Limit::Zero)]);
    let all_at_once = limits(&status(&[1_000, 0]));
    assert_eq!(all_at_once, [("alpha / beta", Limit::Infinity)]);
    // A constant rate, and one that falls: all customers are alike.
    for active in [&[1_000, 500, 250, 125][..], &[1_000, 900, 700, 300]] {
        let alike = limits(&status(active));
        assert!(alike.contains(&("alpha", Limit::Infinity)) && alike.contains(&("beta", Limit::Infinity)), "{alike:?}");
        assert!(status(active).survival(3, Confidence::P95).is_err() && status(active).retention_rate(3, Confidence::P95).is_err());
    }
    let one_period = status(&[1_000, 700]);
    assert_eq!(one_period.status(), &FitStatus::NotIdentified(vec!["alpha", "beta"]));
    assert!(close(one_period.model().retention_rate(1).unwrap(), 0.7, 1e-6));
    for nothing in [&[][..], &[1_000], &[0, 0, 0]] {
        assert!(matches!(ShiftedBetaGeometric::fit(&RenewalTable::from_active(nothing).unwrap()), Err(Error::Undefined { .. })));
    }
}

#[test]
fn counts_that_cannot_be_are_refused_by_row() {
    let error = RenewalTable::from_active(&[10, 8, 9]).unwrap_err();
    assert_eq!(error.to_string(), "row 2: active customers is 9, but must be at most 8");
    let error = RenewalTable::from_lost(10, &[8, 3]).unwrap_err();
    assert_eq!(error.to_string(), "row 1: lost customers is 3, but must be at most 2");
    assert_eq!(
        RenewalTable::from_cohorts([&[3, 2][..], &[3, 4]]).unwrap_err().to_string(),
        "cohort 1: row 1: active customers is 4, but must be at most 3"
    );
    let error = RenewalTable::from_periods(10, [RenewalCounts { lost: 3, kept: 8 }]).unwrap_err();
    assert_eq!(error.to_string(), "row 0: customers of a period is 11, but must be at most 10");
    assert!(RenewalTable::from_periods(u64::MAX, [RenewalCounts { lost: 3, kept: u64::MAX }]).is_err());
    let mut table = RenewalTable::from_active(&[u64::MAX, 5]).unwrap();
    let before = table.clone();
    assert!(matches!(table.merge(&RenewalTable::from_active(&[1]).unwrap()), Err(Error::Overflow { .. })));
    assert_eq!(table, before);
    check_parameters::<ShiftedBetaGeometric, 2>();
    let model = model(1.0, 1.0);
    assert!(model.retention_rate(0).is_err() && model.probability_of_leaving_in(0).is_err());
    assert_eq!(model.discounted_expected_residual_lifetime(0, 0.1).unwrap_err().field(), Some("renewal"));
    assert_eq!(model.discounted_expected_residual_lifetime_within(0, 3, 0.1).unwrap_err().field(), Some("renewal"));
    for rate in [-0.1, f64::NAN, f64::INFINITY] {
        assert_eq!(model.discounted_expected_lifetime(rate).unwrap_err().field(), Some("discount rate"));
        assert_eq!(model.discounted_expected_lifetime_within(3, rate).unwrap_err().field(), Some("discount rate"));
        assert_eq!(model.discounted_expected_residual_lifetime_within(1, 3, rate).unwrap_err().field(), Some("discount rate"));
    }
}

#[test]
fn a_life_table_is_a_table_of_renewals() {
    let mut life_table = LifeTable::default();
    for (period, pair) in (1..).zip(HIGH_END.windows(2)) {
        life_table.record_count(Tenure::new(period, Ending::Left), pair[0] - pair[1]).unwrap();
    }
    life_table.record_count(Tenure::new(7, Ending::Censored), HIGH_END[7]).unwrap();
    assert_eq!(RenewalTable::from_life_table(&life_table).unwrap(), RenewalTable::from_active(&HIGH_END).unwrap());

    // A younger cohort is censored earlier; one that was taken over in its third year counts from its fourth on.
    life_table.record_count(Tenure::new(2, Ending::Censored), 300).unwrap();
    life_table.record_count(Tenure::new(4, Ending::Left).entered_at(3).unwrap(), 20).unwrap();
    let table = RenewalTable::from_life_table(&life_table).unwrap();
    let counts: Vec<_> = table.iter().map(|(period, counts)| (period, counts.kept)).take(3).collect();
    assert_eq!(counts, [(1, 869 + 300), (2, 743 + 300), (3, 653)]);
    assert_eq!((table.get(4), table.customers()), (Some(RenewalCounts { lost: 60 + 20, kept: 593 }), 1_320));
    assert_eq!((table.get(0), table.get(table.periods() + 1), table.get(u32::MAX)), (None, None, None));

    life_table.record_count(Tenure::new(0, Ending::Left), 1).unwrap();
    assert_eq!(RenewalTable::from_life_table(&life_table).unwrap_err().field(), Some("left in period 0"));
}

/// Customers who decide at each renewal, one by one.
fn simulated(alpha: f64, beta: f64, customers: u32, periods: usize, seed: u64) -> RenewalTable {
    let mut random = rand_pcg::Pcg64Mcg::seed_from_u64(seed);
    let leaving = Beta::new(alpha, beta).unwrap();
    let mut lost = vec![0; periods];
    for _ in 0..customers {
        let theta = leaving.sample(&mut random);
        if let Some(period) = (0..periods).find(|_| random.random::<f64>() < theta) {
            lost[period] += 1;
        }
    }
    RenewalTable::from_lost(customers.into(), &lost).unwrap()
}

fn within_standard_errors(table: &RenewalTable, truth: [f64; 2]) {
    check_within_standard_errors(&ShiftedBetaGeometric::fit(table).unwrap(), truth);
}

#[test]
fn a_fit_recovers_the_model_that_customers_were_drawn_from() {
    within_standard_errors(&simulated(0.7, 1.2, 20_000, 8, 1), [0.7, 1.2]);
    let mut cohorts = simulated(3.0, 12.0, 10_000, 12, 2);
    for (periods, seed) in [(9, 3), (6, 4), (3, 5), (1, 6)] {
        cohorts.merge(&simulated(3.0, 12.0, 10_000, periods, seed)).unwrap();
    }
    within_standard_errors(&cohorts, [3.0, 12.0]);
}

#[test]
fn intervals_hold_the_truth_about_as_often_as_they_say() {
    let (mut survived, mut retained, mut lived) = (0, 0, 0);
    for seed in 0..200 {
        let fit = ShiftedBetaGeometric::fit(&simulated(0.7, 1.2, 1_500, 7, seed)).unwrap();
        let truth = model(0.7, 1.2);
        survived += u32::from(fit.survival(12, Confidence::P90).unwrap().interval().contains(truth.survival(12)));
        let lifetime = fit.discounted_expected_residual_lifetime(4, 0.1, Confidence::P90).unwrap();
        lived += u32::from(lifetime.interval().contains(truth.discounted_expected_residual_lifetime(4, 0.1).unwrap()));
        retained += u32::from(fit.retention_rate(9, Confidence::P90).unwrap().interval().contains(truth.retention_rate(9).unwrap()));
    }
    // Four standard errors of a binomial share around 180.
    assert!((163..=197).contains(&survived) && (163..=197).contains(&retained), "{survived}, {retained}");
    assert!((163..=197).contains(&lived), "{lived}");
    let fit = ShiftedBetaGeometric::fit(&RenewalTable::from_active(&REGULAR).unwrap()).unwrap();
    let curve = fit.survival_curve(12, Confidence::P95).unwrap();
    assert_eq!(curve.len(), 13);
    assert!(close(curve[0].point(), 1.0, 0.0) && close(curve[0].interval().width(), 0.0, 0.0));
    assert!(curve.windows(2).all(|pair| pair[0].interval().low() > pair[1].interval().low()));
    assert_eq!(fit.retention_curve(12, Confidence::P95).unwrap().len(), 12);
}

/// The variance of a discounted lifetime from the derivatives of its terms, written out.
fn variance_of_terms(fit: &Fit<ShiftedBetaGeometric>, from: u32, periods: u32, d: f64) -> (f64, f64) {
    let (alpha, beta) = (fit.model().alpha(), fit.model().beta() + f64::from(from));
    let (mut sum, mut slopes, mut term, mut of_term) = (0.0, [0.0, 0.0], 1.0, [0.0, 0.0]);
    for t in (0..periods).map(f64::from) {
        sum += term;
        slopes = [slopes[0] + term * of_term[0], slopes[1] + term * of_term[1]];
        term *= (beta + t) / (alpha + beta + t) / (1.0 + d);
        of_term = [of_term[0] - 1.0 / (alpha + beta + t), of_term[1] + 1.0 / (beta + t) - 1.0 / (alpha + beta + t)];
    }
    let [[aa, ab], [_, bb]] = fit.covariance().unwrap();
    let [a, b] = slopes.map(|slope| slope / sum);
    (sum, a * a * aa + 2.0 * a * b * ab + b * b * bb)
}

#[test]
fn expected_lifetimes_have_intervals_by_the_delta_method() {
    let fit = ShiftedBetaGeometric::fit(&RenewalTable::from_active(&HIGH_END).unwrap()).unwrap();
    let z = 1.959_963_984_540_054;
    let is_that_of = |estimate: Estimate, (sum, variance): (f64, f64)| {
        let half = z * variance.sqrt();
        close(estimate.point(), sum, 1e-11)
            && close(estimate.interval().low(), sum * (-half).exp(), 1e-7)
            && close(estimate.interval().high(), sum * half.exp(), 1e-7)
    };
    for d in [0.02, 0.1, 1.0] {
        assert!(is_that_of(fit.discounted_expected_lifetime(d, Confidence::P95).unwrap(), variance_of_terms(&fit, 0, 4_000, d)), "{d}");
        let within = fit.discounted_expected_lifetime_within(12, d, Confidence::P95).unwrap();
        assert!(is_that_of(within, variance_of_terms(&fit, 0, 12, d)), "{d}: {within}");
        // What is left is what there will be from the first period on, less the one that is already paid for.
        let (all, residual) =
            (fit.model().discounted_expected_lifetime(d).unwrap(), fit.model().discounted_expected_residual_lifetime(1, d).unwrap());
        assert!(close((all - 1.0) * (1.0 + d), residual, 1e-10));
        let estimate = fit.discounted_expected_residual_lifetime(1, d, Confidence::P95).unwrap();
        let half = (estimate.interval().high() / residual).ln();
        let of_all = (fit.discounted_expected_lifetime(d, Confidence::P95).unwrap().interval().high() / all).ln();
        assert!(close(half, of_all * all / (all - 1.0), 1e-6), "{half}, {of_all}");
    }
    let none = fit.discounted_expected_lifetime_within(0, 0.1, Confidence::P95).unwrap();
    assert!(none.point().abs() <= 0.0 && none.interval().width().abs() <= 0.0);
    // Without a discount there is no mean here, and one where alpha is above 1, with the derivatives of its formula.
    assert!(matches!(fit.expected_lifetime(Confidence::P95), Err(Error::Undefined { .. })));
    let patient = ShiftedBetaGeometric::fit(&simulated(3.0, 12.0, 20_000, 12, 8)).unwrap();
    let [discounted, plain] =
        [patient.discounted_expected_lifetime(1e-9, Confidence::P95), patient.expected_lifetime(Confidence::P95)].map(Result::unwrap);
    assert!(close(discounted.interval().low(), plain.interval().low(), 1e-5) && close(discounted.point(), plain.point(), 1e-6));
    let [discounted, plain] =
        [patient.discounted_expected_residual_lifetime(5, 1e-9, Confidence::P95), patient.expected_residual_lifetime(5, Confidence::P95)]
            .map(Result::unwrap);
    assert!(close(discounted.interval().high(), plain.interval().high(), 1e-5) && close(discounted.point(), plain.point(), 1e-6));
    assert_eq!(fit.discounted_expected_residual_lifetime(0, 0.1, Confidence::P95).unwrap_err().field(), Some("renewal"));
}

#[test]
fn lists_that_would_not_fit_into_memory_are_refused() {
    let model = model(0.7, 1.2);
    assert_eq!(model.survival_curve(u32::MAX).unwrap_err().to_string(), "renewals is 4294967295, but must be at most 1000000");
    assert_eq!(model.retention_curve(1_000_001).unwrap_err().field(), Some("periods"));
    assert_eq!(model.survival_curve(1_000).unwrap().len(), 1_001);
    let fit = ShiftedBetaGeometric::fit(&RenewalTable::from_active(&REGULAR).unwrap()).unwrap();
    assert_eq!(fit.survival_curve(u32::MAX, Confidence::P95).unwrap_err().field(), Some("renewals"));
    assert_eq!(fit.retention_curve(u32::MAX, Confidence::P95).unwrap_err().field(), Some("periods"));
}

#[cfg(feature = "simulation")]
#[test]
fn simulated_cohorts_are_those_of_the_model() {
    let cohort = model(0.7, 1.2).simulate(20_000, 8, 5).unwrap();
    assert_eq!(cohort, model(0.7, 1.2).simulate(20_000, 8, 5).unwrap());
    assert_ne!(cohort, model(0.7, 1.2).simulate(20_000, 8, 6).unwrap());
    within_standard_errors(&cohort, [0.7, 1.2]);
    assert!(model(1.0, 1.0).simulate(u64::MAX, 1, 1).is_err());
    for (alpha, beta) in [(1e-100, 1e100), (1e100, 1e-100), (1e100, 1e100), (1e-100, 1e-100)] {
        assert_eq!(model(alpha, beta).simulate(1_000_000_000_000_000, 30, 1).unwrap().customers(), 1_000_000_000_000_000);
    }
}

#[test]
fn nothing_is_nan_at_any_extreme() {
    let sizes = [1e-100, 1e-3, 1.0, 1.5, 1e9, 1e100];
    let table = RenewalTable::from_cohorts([&[1_000, 600, 0][..], &[u64::MAX / 2, 5]]).unwrap();
    for (alpha, beta) in sizes.iter().flat_map(|&alpha| sizes.map(move |beta| (alpha, beta))) {
        let model = model(alpha, beta);
        assert!(model.log_likelihood_of(&table) <= 0.0, "{model:?}");
        for n in [1, 2, 1_000, 1_001, u32::MAX] {
            let shares = [
                model.survival(n),
                model.survival_from(n, n),
                model.retention_rate(n).unwrap(),
                model.probability_of_leaving_in(n).unwrap(),
            ];
            assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)), "{model:?}, {n}: {shares:?}");
            for d in [0.0, 1e-300, 1e-100, 0.1, 1e100] {
                for lifetime in [
                    model.discounted_expected_lifetime(d),
                    model.discounted_expected_residual_lifetime(n, d),
                    model.discounted_expected_lifetime_within(n, d),
                    model.discounted_expected_residual_lifetime_within(n, n, d),
                ] {
                    assert!(is_finite(lifetime.clone()), "{model:?}, {n}, {d}: {lifetime:?}");
                }
            }
        }
    }
}

fn models() -> impl Strategy<Value = ShiftedBetaGeometric> {
    let parameter = || (-3.0..4.0_f64).prop_map(f64::exp);
    (parameter(), parameter()).prop_map(|(alpha, beta)| model(alpha, beta))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn retention_rises_and_those_who_leave_are_all_in_the_end(model in models(), periods in 2..200_u32) {
        let retention = model.retention_curve(periods).unwrap();
        prop_assert!(retention.windows(2).all(|pair| pair[0] < pair[1]));
        let survival = model.survival_curve(periods).unwrap();
        for (pair, rate) in survival.windows(2).zip(&retention) {
            prop_assert!(close(pair[1] / pair[0], *rate, 1e-12));
        }
        let left: f64 = (1..=periods).map(|period| model.probability_of_leaving_in(period).unwrap()).sum();
        prop_assert!((left + survival[survival.len() - 1] - 1.0).abs() < 1e-12);
        prop_assert!(close(model.survival_from(3, 9) * model.survival(3), model.survival(12), 1e-12));
    }

    #[test]
    fn a_discounted_lifetime_is_the_sum_of_its_terms(model in models(), d in 0.03..2.0_f64, n in 1..40_u32) {
        let terms = |from: u32| (0..2_000_u32).map(|t| model.survival_from(from, t) / (1.0 + d).powf(t.into())).sum::<f64>();
        prop_assert!(close(model.discounted_expected_lifetime(d).unwrap(), terms(0), 1e-11));
        let residual = model.discounted_expected_residual_lifetime(n, d).unwrap();
        prop_assert!(close(residual, model.retention_rate(n).unwrap() * terms(n), 1e-11));
        // The next renewal is due now: one period more of it is what remains after it.
        let before = model.survival_from(n - 1, 1) + model.survival_from(n - 1, 1) / (1.0 + d) * model.discounted_expected_residual_lifetime(n + 1, d).unwrap();
        prop_assert!(close(residual, before, 1e-11));
    }

    #[test]
    fn the_likelihood_does_not_depend_on_how_cohorts_are_added(model in models(), seed in any::<u64>()) {
        let (old, young) = (simulated(0.7, 1.2, 60, 9, seed), simulated(0.7, 1.2, 40, 4, seed ^ 1));
        let (mut left, mut right) = (old.clone(), young.clone());
        left.merge(&young).unwrap();
        right.merge(&old).unwrap();
        prop_assert_eq!(&left, &right);
        let sum = model.log_likelihood_of(&old) + model.log_likelihood_of(&young);
        prop_assert!(close(model.log_likelihood_of(&left), sum, 1e-12));
        let mut twice = left.clone();
        twice.merge(&left).unwrap();
        prop_assert!(close(model.log_likelihood_of(&twice), 2.0 * sum, 1e-12));
        prop_assert_eq!(RenewalTable::from_periods(left.customers(), left.iter().map(|(_, counts)| counts)).unwrap(), left);
    }
}
