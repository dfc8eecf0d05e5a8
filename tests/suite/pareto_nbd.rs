//! Pareto/NBD: the likelihood, the fit and the predictions against mpmath, at edges and by properties.

use customer_metrics::repeat_buying::{FitStatus, Limit, Model, ParetoNbd, ParetoOutlook, PurchaseColumns, PurchaseHistory, PurchaseTable};
use customer_metrics::{Confidence, Error};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Exp, Gamma};

use crate::model_laws::{
    self, Expectations, Known, cdnow, check_collapsing, check_columns, check_course, check_discount, check_distribution, check_maximum,
    check_parameters, check_penalty, check_refusals, check_sound, check_units, check_within_standard_errors, close, history, json, number,
    numbers,
};

fn model(parameters: [f64; 4]) -> ParetoNbd {
    ParetoNbd::from_parameters(parameters).unwrap()
}

/// mpmath 1.4.1 at 36 digits, from the closed form with its two hypergeometric functions.
#[test]
fn the_likelihood_agrees_with_mpmath() {
    let table = cdnow();
    for (parameters, expected) in [
        ([0.553, 10.578, 0.606, 11.669], -9_594.974_010_040_976_643_6),
        ([1.0, 1.0, 1.0, 1.0], -12_032.163_265_236_143_971_5),
        ([0.01, 0.1, 0.01, 0.1], -11_586.381_213_116_920_885),
        ([0.5, 10.0, 0.5, 10.0], -9_596.565_548_364_745_252_2),
        ([2.0, 2.0, 0.05, 50.0], -18_236.021_189_097_898_062_3),
        ([0.553, 11.669, 0.606, 11.669_000_001], -9_598.220_895_790_545_62),
        ([0.001, 0.001, 0.001, 0.002], -13_687.265_504_015_581_147_6),
        ([0.553, 10.578, 1.0, 11.669], -9_648.989_213_011_431_745_8),
        ([0.553, 1_000.0, 0.606, 0.01], -19_893.231_021_092_477_582_3),
        ([0.3, 6.0, 1.2, 30.0], -9_642.529_086_232_625_658_6),
    ] {
        let got = model(parameters).log_likelihood_of(&table);
        assert!(close(got, expected, 2e-15), "{parameters:?}: {got} is not {expected}");
    }
}

/// mpmath 1.4.1 at 36 digits, by Newton's method to 17 digits; the standard errors of the logarithms from differences.
const MAXIMUM: Known<4> = Known {
    parameters: [0.553_275_508_689_519_312, 10.577_612_238_681_708_585, 0.606_213_568_674_084_476, 11.667_911_237_920_227_149],
    log_standard_errors: [0.086_085_068, 0.079_670_529, 0.308_933_19, 0.532_317_07],
    log_likelihood: -9_594.973_929_826_863_634_4,
};

#[test]
fn the_fit_finds_the_maximum_from_any_start() {
    check_maximum::<ParetoNbd, 4>(&cdnow(), &MAXIMUM, 12);
}

/// `data/pareto_nbd_cdnow.json`.
#[test]
fn predictions_for_cdnow_agree_with_mpmath() {
    let file = json(include_str!("../data/pareto_nbd_cdnow.json"));
    let model = model(numbers(&file["parameters"]));
    for (time, expected) in file["new_customer"].as_object().unwrap() {
        let got = model.new_customer().expected_purchases(time.parse().unwrap()).unwrap();
        assert!(close(got, number(expected), 1e-14), "{time}: {got} is not {expected}");
    }
    for row in file["rows"].as_array().unwrap() {
        let history = history(row);
        let outlook = model.outlook(&history);
        let purchases = |time| outlook.expected_purchases(time).unwrap();
        for (got, field) in [
            (model.log_likelihood(&history), "loglik"),
            (outlook.probability_alive(), "p_alive"),
            (purchases(1.0), "expected_1"),
            (purchases(39.0), "expected_39"),
            (purchases(1_000.0), "expected_1000"),
            (outlook.discounted(0.15 / 52.0).unwrap(), "discounted"),
            (outlook.by_period(12, 4.345, 0.01).unwrap(), "by_month"),
        ] {
            let Some(expected) = row[field].as_str().map(|text| text.parse().unwrap()) else { continue };
            assert!(close(got, expected, 2e-14), "{history:?}, {field}: {got} is not {expected}");
        }
    }
}

/// `data/pareto_nbd.json`.
#[test]
fn predictions_agree_with_mpmath_at_singularities_and_extremes() {
    let file = json(include_str!("../data/pareto_nbd.json"));
    let rows = file["rows"].as_array().unwrap();
    assert!(rows.len() >= 35);
    let mut failures = Vec::new();
    for row in rows {
        let model = model(numbers(&row["parameters"]));
        let (history, time) = (history(row), number(&row["t"]));
        let outlook = model.outlook(&history);
        let probability = |purchases| outlook.probability_of_purchases(purchases, time).unwrap();
        for (got, field) in [
            (model.log_likelihood(&history), "loglik"),
            (outlook.probability_alive(), "alive"),
            (outlook.probability_alive_after(time).unwrap(), "alive_after"),
            (outlook.expected_purchases(time).unwrap(), "expected"),
            (probability(0), "p0"),
            (probability(1), "p1"),
            (probability(3), "p3"),
            (probability(40), "p40"),
            (outlook.discounted(0.003).unwrap(), "discounted"),
            (outlook.discounted_within(time, 0.003).unwrap(), "discounted_within"),
        ] {
            if let Some(expected) = row.get(field) {
                let expected = number(expected);
                // The likelihood of a customer without an age is 1, its logarithm 0; those who have left are what is missing to 1.
                let (tolerance, floor) = match field {
                    "loglik" => (4e-15, 1.0),
                    "p0" => (2e-14, 1e-2),
                    _ => (5e-14, 0.0),
                };
                let error = (got - expected).abs() / expected.abs().max(floor);
                if error > tolerance {
                    failures.push(format!("{row}\n{field}: {got:e} is not {expected:e}, by {error:.1e}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// `data/pareto_nbd.json`.
#[test]
fn probabilities_of_very_many_purchases_agree_with_mpmath() {
    for row in json(include_str!("../data/pareto_nbd.json"))["many"].as_array().unwrap() {
        let (outlook, time) = (model(numbers(&row["parameters"])).outlook(&history(row)), number(&row["t"]));
        for (purchases, expected) in row["probabilities"].as_object().unwrap() {
            let got = outlook.probability_of_purchases(purchases.parse().unwrap(), time).unwrap();
            // Below the normal doubles there are fewer digits.
            assert!(
                close(got, number(expected), 1e-12) || (number(expected) < 1e-290 && got < 1e-290),
                "{row}\n{purchases}: {got:e} is not {expected}"
            );
        }
    }
}

#[test]
fn a_column_of_predictions_is_what_each_customer_gets() {
    let (x, t_x, t) = model_laws::base(2_000);
    let columns = PurchaseColumns::new(&x, &t_x, &t).unwrap();
    for parameters in [[0.553, 10.578, 0.606, 11.669], [1.5, 0.05, 1.0, 0.3], [20.0, 10.0, 20.0, 500.0], [0.3, 900.0, 1e-3, 40.0]] {
        let model = model(parameters);
        let one = |history: &PurchaseHistory, within| model.outlook(history).expected_purchases(within).unwrap();
        check_columns(|columns, within| model.expected_purchases_column(columns, within), one, 1e-12);
        for (alive, history) in model.probability_alive_column(columns).into_iter().zip(columns.iter()) {
            assert_eq!(alive.to_bits(), model.outlook(&history).probability_alive().to_bits());
        }
    }
    let error = model([1e100, 1e-100, 1.0, 1.0]).expected_purchases_column(PurchaseColumns::new(&[0], &[0.0], &[0.0]).unwrap(), 1e100);
    assert!(error.is_ok() || error.unwrap_err().row() == Some(0));
    let endless = ParetoNbd::new(1e100, 1e-100, 1e-9, 1e100).unwrap().expected_purchases_column(columns, 1e100);
    assert!(endless.is_ok() || endless.unwrap_err().row().is_some());
}

/// Customers who buy and leave as the model says; ages from 20 to 60.
fn simulated(parameters: [f64; 4], customers: u32, seed: u64) -> PurchaseTable {
    let mut random = rand_pcg::Pcg64Mcg::seed_from_u64(seed);
    let [r, alpha, s, beta] = parameters;
    let (buying, leaving) = (Gamma::new(r, 1.0 / alpha).unwrap(), Gamma::new(s, 1.0 / beta).unwrap());
    let mut customer = |number: u32| {
        let age = 20.0 + 40.0 * f64::from(number) / f64::from(customers);
        let (rate, leaves): (f64, f64) = (buying.sample(&mut random), leaving.sample(&mut random));
        let there = f64::min(age, -(1.0 - random.random::<f64>()).ln() / leaves);
        let (mut x, mut t_x) = (0, 0.0);
        loop {
            let next = t_x + Exp::new(rate).unwrap().sample(&mut random);
            if next > there {
                return PurchaseHistory::new(x, t_x, age).unwrap();
            }
            (x, t_x) = (x + 1, next);
        }
    };
    (0..customers).map(&mut customer).collect()
}

#[test]
fn a_fit_recovers_the_model_that_customers_were_drawn_from() {
    let truth = [0.9, 6.0, 0.8, 15.0];
    check_within_standard_errors(&ParetoNbd::fit(&simulated(truth, 8_000, 1)).unwrap(), truth);
    // Large enough for a part of it to be fitted first.
    let fit = ParetoNbd::fit(&simulated(truth, 45_000, 3)).unwrap();
    check_within_standard_errors(&fit, truth);
    assert!(fit.iterations() <= 20, "{}", fit.iterations());
}

#[cfg(feature = "rayon")]
#[test]
fn the_number_of_threads_does_not_change_a_bit() {
    model_laws::check_threads::<ParetoNbd, 4>(&simulated([0.9, 6.0, 0.8, 15.0], 45_000, 9));
}

#[cfg(feature = "simulation")]
#[test]
fn simulated_customers_are_those_of_the_model() {
    let ages: Vec<f64> = (0..20_000).map(|customer| 20.0 + f64::from(customer) / 500.0).collect();
    let truth = [0.9, 6.0, 0.8, 15.0];
    let model = model(truth);
    let customers = model.simulate(&ages, 5).unwrap();
    assert_eq!(customers, model.simulate(&ages, 5).unwrap());
    assert_ne!(customers, model.simulate(&ages, 6).unwrap());
    check_within_standard_errors(&ParetoNbd::fit(&customers.into_iter().collect()).unwrap(), truth);
    assert_eq!(model.simulate(&[1.0, -1.0], 5).unwrap_err().row(), Some(1));
    for extreme in [[1e-100; 4], [1e100; 4], [1e100, 1e-100, 1.0, 1.0], [1e-100, 1e100, 1e100, 1e-100]] {
        // An error is an answer too.
        let _ = ParetoNbd::from_parameters(extreme).unwrap().simulate(&[0.0, 1.0, 1e100], 1);
    }
}

#[test]
fn a_fit_says_when_the_data_do_not_hold_the_model() {
    let one_time: PurchaseTable = (1..40_u32).map(|age| PurchaseHistory::one_time(f64::from(age)).unwrap()).collect();
    let fit = ParetoNbd::fit(&one_time).unwrap();
    assert!(matches!(fit.status(), FitStatus::AtBoundary(_)), "{fit:?}");
    assert!(fit.standard_errors().is_none() && fit.covariance().is_none() && fit.estimates(Confidence::default()).is_err());
    assert!(fit.log_likelihood() <= 0.0 && fit.log_likelihood() > -1e-3, "{fit:?}");

    // Everyone buys at the same pace and stays: no variety in rates, nobody leaves.
    let alike: PurchaseTable = (10..60_u32).map(|x| PurchaseHistory::new(x.into(), f64::from(x), f64::from(x)).unwrap()).collect();
    let fit = ParetoNbd::fit(&alike).unwrap();
    let FitStatus::AtBoundary(limits) = fit.status() else { panic!("{fit:?}") };
    assert!(limits.iter().all(|limit| limit.limit() == Limit::Zero || limit.quantity() != "s"), "{fit:?}");

    let single = PurchaseHistory::new(3, 5.0, 9.0).unwrap();
    for table in [[single].into_iter().collect::<PurchaseTable>(), PurchaseTable::from_counts([(single, u64::MAX)]).unwrap()] {
        let fit = ParetoNbd::fit(&table).unwrap();
        assert!(!fit.has_converged() && fit.log_likelihood().is_finite(), "{fit:?}");
    }
    let error = ParetoNbd::fit(&PurchaseTable::default()).unwrap_err();
    assert_eq!(error.to_string(), "Pareto/NBD fit is undefined: there are no customers");
}

#[test]
fn a_penalty_is_taken_off_the_maximised_likelihood() {
    check_penalty::<ParetoNbd, 4>(&cdnow(), 2_357.0);
}

#[test]
fn the_unit_of_time_scales_both_times_and_nothing_else() {
    check_units::<ParetoNbd, 4>(&cdnow(), [false, true, false, true]);
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    check_parameters::<ParetoNbd, 4>();
    let outlook = model([1.0; 4]).new_customer();
    check_refusals(&outlook);
    assert!(matches!(outlook.discounted(0.0), Err(Error::Undefined { metric: "discounted purchases", .. })));
    assert!(close(ParetoNbd::new(2.0, 5.0, 3.0, 8.0).unwrap().new_customer().discounted(0.0).unwrap(), 1.6, 1e-15));
}

#[cfg(feature = "serde")]
#[test]
fn a_model_comes_back_from_json_through_its_checks() {
    model_laws::check_json::<ParetoNbd, 4>([0.553, 10.578, 0.606, 11.669]);
}

#[test]
fn nothing_is_nan_at_any_extreme() {
    let sizes = [1e-100, 1e-3, 1.0, 1e100];
    let histories = [(0, 0.0, 0.0), (0, 0.0, 1e100), (1, 1e-300, 1e100), (2_000, 1e8, 1e8), (u64::MAX, 1.0, 1.0), (3, 30.0, 40.0)];
    let histories = histories.map(|(x, t_x, t)| PurchaseHistory::new(x, t_x, t).unwrap());
    for (index, parameters) in
        sizes.iter().flat_map(|&r| sizes.iter().flat_map(move |&alpha| sizes.map(move |s| [r, alpha, s]))).enumerate()
    {
        let [r, alpha, s] = parameters;
        for (turn, beta) in sizes.into_iter().enumerate() {
            let model = ParetoNbd::new(r, alpha, s, beta).unwrap();
            let history = &histories[(index + turn) % histories.len()];
            assert!(!model.log_likelihood(history).is_nan(), "{model:?}, {history:?}");
            for time in [0.0, 1e-300, 10.0, 1e100] {
                check_sound(&model.outlook(history), time, &[0.0, 1e-300, 1e-100, 0.01, 1e100], &format!("{model:?}, {history:?}, {time}"));
            }
        }
    }
}

/// A customer whose shapes are very large is one of known rates: purchases are Poisson until a time of leaving that is exponential.
#[test]
fn customers_who_are_all_alike_buy_and_leave_at_constant_rates() {
    let (rate, leaving) = (0.3, 0.02);
    for size in [1e8, 1e12, 1e20] {
        let model = ParetoNbd::new(rate * size, size, leaving * size, size).unwrap();
        let (x, t_x, t) = (4.0, 12.0, 30.0);
        let silence = -(rate + leaving) * (t - t_x);
        let odds = leaving / (rate + leaving) * (-silence).exp_m1();
        let expected = x * f64::ln(rate) - (rate + leaving) * t + f64::ln_1p(odds);
        let history = PurchaseHistory::new(4, t_x, t).unwrap();
        let tolerance = 1e-14 + 100.0 / size;
        assert!(
            (model.log_likelihood(&history) - expected).abs() < 1e-13 + 1e4 / size,
            "{size}: {} is not {expected}",
            model.log_likelihood(&history)
        );
        let outlook = model.outlook(&history);
        assert!(close(outlook.probability_alive(), 1.0 / (1.0 + odds), 1e-13 + 1e4 / size));
        let there = -f64::exp_m1(-leaving * 39.0) / leaving;
        let purchases = model.new_customer().expected_purchases(39.0).unwrap();
        assert!(close(purchases, rate * there, tolerance), "{size}: {purchases}");
        let discounted = model.new_customer().discounted(0.01).unwrap();
        assert!(close(discounted, rate / (leaving + 0.01), 1e-13 + 1e4 / size), "{size}: {discounted}");
    }
}

fn outlooks() -> impl Strategy<Value = ParetoOutlook> {
    let parameter = || (-3.0..4.0_f64).prop_map(f64::exp);
    (parameter(), parameter(), parameter(), parameter(), 0..30_u64, 0.01..1.0_f64, 0.0..100.0_f64).prop_map(
        |(r, alpha, s, beta, x, part, age)| {
            let history = if x == 0 || age <= 0.0 { PurchaseHistory::one_time(age) } else { PurchaseHistory::new(x, part * age, age) };
            ParetoNbd::new(r, alpha, s, beta).unwrap().outlook(&history.unwrap())
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn probabilities_of_purchases_sum_to_1_and_have_the_expected_mean(outlook in outlooks(), time in 0.0..20.0_f64) {
        prop_assume!(outlook.expected_purchases(time).unwrap() < 10.0);
        check_distribution(&outlook, 1_500, time);
    }

    #[test]
    fn with_time_purchases_rise_and_fewer_are_still_there(outlook in outlooks(), time in 0.01..100.0_f64) {
        check_course(&outlook, time, 1e-15);
    }

    #[test]
    fn a_discount_takes_off_between_nothing_and_all_of_the_time(outlook in outlooks(), time in 0.01..100.0_f64, rate in 1e-6..0.5_f64) {
        check_discount(&outlook, time, rate, 1e-13);
    }

    /// Whoever is watched longer without a purchase is likelier to have left, by Bayes' rule from what was expected of them.
    #[test]
    fn silence_updates_the_probability_to_be_alive(
        r in 0.05..20.0_f64, alpha in 0.1..50.0_f64, s in 0.05..5.0_f64, beta in 0.1..50.0_f64, x in 1..40_u64, at in 0.05..1.0_f64, more in 0.1..30.0_f64,
    ) {
        let model = ParetoNbd::new(r, alpha, s, beta).unwrap();
        let age = 20.0;
        let now = model.outlook(&PurchaseHistory::new(x, at * age, age).unwrap());
        let later = model.outlook(&PurchaseHistory::new(x, at * age, age + more).unwrap());
        prop_assert!(later.probability_alive() < now.probability_alive());
        let x = f64::from(u32::try_from(x).unwrap());
        let silent_and_there = now.probability_alive_after(more).unwrap() * ((alpha + age) / (alpha + age + more)).powf(r + x);
        let expected = silent_and_there / now.probability_of_purchases(0, more).unwrap();
        prop_assert!((later.probability_alive() - expected).abs() <= 1e-12 * expected, "{} is not {}", later.probability_alive(), expected);
    }

    #[test]
    fn of_two_customers_who_bought_as_often_the_more_recent_is_more_likely_alive(x in 1..60_u64, age in 1.0..99.0_f64, at in 0.05..0.9_f64) {
        let model = model([0.553, 10.578, 0.606, 11.669]);
        let [earlier, later] = [at, at + 0.1].map(|at| model.outlook(&PurchaseHistory::new(x, at * age, age).unwrap()));
        prop_assert!(earlier.probability_alive() < later.probability_alive());
    }

    #[test]
    fn the_likelihood_does_not_depend_on_order_and_collapsing(seed in any::<u64>(), doubled in any::<bool>()) {
        let table = simulated([0.9, 6.0, 0.8, 15.0], 60, seed);
        let whole = |history: PurchaseHistory| PurchaseHistory::new(history.frequency(), history.recency().ceil(), history.age().ceil()).unwrap();
        let histories: Vec<_> = table.iter().map(|(history, _)| whole(history)).collect();
        check_collapsing(&model([0.5, 3.0, 1.0, 2.0]), histories, doubled);
    }

    /// The scales may change places without a jump.
    #[test]
    fn nothing_is_special_about_equal_scales(scale in 0.1..50.0_f64, r in 0.05..5.0_f64, s in 0.05..5.0_f64, x in 1..40_u64, at in 0.05..1.0_f64) {
        let history = PurchaseHistory::new(x, at * 30.0, 30.0).unwrap();
        let of = |beta: f64| ParetoNbd::new(r, scale, s, beta).unwrap().log_likelihood(&history);
        let [below, equal, above] = [scale * (1.0 - 1e-6), scale, scale * (1.0 + 1e-6)].map(of);
        prop_assert!((below + above - 2.0 * equal).abs() <= 1e-10 * equal.abs().max(1.0), "{} {} {}", below, equal, above);
    }
}
