//! BG/NBD and MBG/NBD: the likelihood, the fit and the predictions against mpmath, at edges and by properties.

use customer_metrics::repeat_buying::{
    BetaGeometricOutlook, BgNbd, FitStatus, Limit, MbgNbd, Model, PurchaseColumns, PurchaseHistory, PurchaseTable,
};
use customer_metrics::{Confidence, Error};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_distr::{Beta, Distribution, Exp, Gamma};

use crate::model_laws::{
    self, Expectations, Known, cdnow, check_collapsing, check_columns, check_course, check_discount, check_distribution, check_maximum,
    check_parameters, check_penalty, check_refusals, check_sound, check_units, check_within_standard_errors, close, history, json, number,
    numbers,
};

/// mpmath 1.4.1 at 50 digits, from the closed form.
#[test]
fn the_likelihood_agrees_with_mpmath() {
    let table = cdnow();
    assert_eq!(table.customers(), 2_357);
    for (parameters, expected) in [
        ([0.243, 4.414, 0.793, 2.426], -9_582.426_831_182_364_698_8),
        ([1.0, 1.0, 1.0, 1.0], -13_887.694_644_463_424_359_2),
        ([5.0, 50.0, 2.0, 3.0], -11_785.069_132_544_376_149_6),
        ([0.1, 2.0, 3.0, 0.2], -11_050.992_833_333_197_067),
        ([0.243, 4.414, 1.0, 2.426], -9_587.343_767_310_351_291_7),
        ([0.001, 0.001, 0.001, 0.001], -13_535.938_188_004_263_807_7),
        ([0.3, 5.0, 0.8, 0.01], -11_426.335_686_618_151_733_8),
        ([3.0, 0.5, 1.0, 2.0], -31_665.911_102_772_302_477),
        ([0.243, 4.414, 0.0001, 2.426], -9_845.656_425_430_835_666_7),
        ([0.2, 3.0, 0.6, 2.0], -9_595.697_054_864_418_919_8),
    ] {
        let got = BgNbd::from_parameters(parameters).unwrap().log_likelihood_of(&table);
        assert!(close(got, expected, 2e-15), "{parameters:?}: {got} is not {expected}");
    }
}

/// mpmath 1.4.1 at 50 digits, by Newton's method to 17 digits; the standard errors of the logarithms from differences.
const MAXIMUM: Known<4> = Known {
    parameters: [0.242_592_907_204_465_893, 4.413_531_561_205_426_287, 0.792_886_148_098_768_565, 2.425_753_436_493_621_464],
    log_standard_errors: [0.051_762_93, 0.085_695_867, 0.234_231_79, 0.290_773_89],
    log_likelihood: -9_582.425_560_567_362_545,
};

#[test]
fn the_fit_finds_the_maximum_from_any_start() {
    check_maximum::<BgNbd, 4>(&cdnow(), &MAXIMUM, 40);
}

/// `data/bg_nbd_cdnow.json`.
#[test]
fn predictions_for_cdnow_agree_with_mpmath() {
    let file = json(include_str!("../data/bg_nbd_cdnow.json"));
    let model = BgNbd::from_parameters(numbers(&file["parameters"])).unwrap();
    for (time, expected) in file["new_customer"].as_object().unwrap() {
        let got = model.new_customer().expected_purchases(time.parse().unwrap()).unwrap();
        assert!(close(got, number(expected), 1e-13), "{time}: {got} is not {expected}");
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
        ] {
            assert!(close(got, number(&row[field]), 1e-13), "{history:?}, {field}: {got} is not {}", row[field]);
        }
    }
}

/// `data/beta_geometric.json`.
#[test]
fn predictions_agree_with_mpmath_at_singularities_and_extremes() {
    let file = json(include_str!("../data/beta_geometric.json"));
    let rows = file["rows"].as_array().unwrap();
    assert!(rows.len() >= 50);
    for row in rows {
        let parameters = numbers(&row["parameters"]);
        let (history, time) = (history(row), number(&row["t"]));
        let (outlook, log_likelihood) = if row["model"] == "bg" {
            let model = BgNbd::from_parameters(parameters).unwrap();
            (model.outlook(&history), model.log_likelihood(&history))
        } else {
            let model = MbgNbd::from_parameters(parameters).unwrap();
            (model.outlook(&history), model.log_likelihood(&history))
        };
        let probability = |purchases| outlook.probability_of_purchases(purchases, time).unwrap();
        for (got, field) in [
            (log_likelihood, "loglik"),
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
                // The likelihood of a customer without an age is 1, its logarithm 0.
                let floor = if field == "loglik" { 1e-2 } else { 0.0 };
                assert!((got - expected).abs() <= 1e-13 * expected.abs().max(floor), "{row}\n{field}: {got:e} is not {expected:e}");
            }
        }
    }
}

/// `data/beta_geometric.json`.
#[test]
fn probabilities_of_very_many_purchases_agree_with_mpmath() {
    for row in json(include_str!("../data/beta_geometric.json"))["many"].as_array().unwrap() {
        let parameters = numbers(&row["parameters"]);
        let (history, time) = (history(row), number(&row["t"]));
        let outlook = if row["model"] == "bg" {
            BgNbd::from_parameters(parameters).unwrap().outlook(&history)
        } else {
            MbgNbd::from_parameters(parameters).unwrap().outlook(&history)
        };
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
    for parameters in [[0.243, 4.414, 0.793, 2.426], [1.5, 0.05, 1.0, 0.3], [20.0, 10.0, 20.0, 500.0], [0.3, 900.0, 1e-3, 40.0]] {
        let (bg, mbg) = (BgNbd::from_parameters(parameters).unwrap(), MbgNbd::from_parameters(parameters).unwrap());
        let one = |outlook: BetaGeometricOutlook, within| outlook.expected_purchases(within).unwrap();
        check_columns(
            |columns, within| bg.expected_purchases_column(columns, within),
            |history, within| one(bg.outlook(history), within),
            1e-12,
        );
        check_columns(
            |columns, within| mbg.expected_purchases_column(columns, within),
            |history, within| one(mbg.outlook(history), within),
            1e-12,
        );
        let (x, t_x, t) = model_laws::base(100);
        let columns = PurchaseColumns::new(&x, &t_x, &t).unwrap();
        assert_eq!(bg.probability_alive_column(columns)[17].to_bits(), bg.outlook(&columns.get(17).unwrap()).probability_alive().to_bits());
    }
}

/// Customers who buy and leave step by step, as the models say; ages from 20 to 60.
fn simulated(parameters: [f64; 4], leave_at_once: bool, customers: u32, seed: u64) -> PurchaseTable {
    let mut random = rand_pcg::Pcg64Mcg::seed_from_u64(seed);
    let [r, alpha, a, b] = parameters;
    let (rates, leaving) = (Gamma::new(r, 1.0 / alpha).unwrap(), Beta::new(a, b).unwrap());
    let mut customer = |number: u32| {
        let age = 20.0 + 40.0 * f64::from(number) / f64::from(customers);
        let (rate, leaves): (f64, f64) = (rates.sample(&mut random), leaving.sample(&mut random));
        let (mut x, mut t_x) = (0, 0.0);
        let mut gone = leave_at_once && random.random::<f64>() < leaves;
        while !gone {
            let next = t_x + Exp::new(rate).unwrap().sample(&mut random);
            if next > age {
                break;
            }
            (x, t_x) = (x + 1, next);
            gone = random.random::<f64>() < leaves;
        }
        PurchaseHistory::new(x, t_x, age).unwrap()
    };
    (0..customers).map(&mut customer).collect()
}

#[test]
fn a_fit_recovers_the_model_that_customers_were_drawn_from() {
    let truth = [0.6, 3.0, 0.9, 2.5];
    check_within_standard_errors(&BgNbd::fit(&simulated(truth, false, 8_000, 1)).unwrap(), truth);
    check_within_standard_errors(&MbgNbd::fit(&simulated(truth, true, 8_000, 2)).unwrap(), truth);
    // Large enough for a part of it to be fitted first.
    let fit = BgNbd::fit(&simulated(truth, false, 60_000, 3)).unwrap();
    check_within_standard_errors(&fit, truth);
    assert!(fit.iterations() <= 20, "{}", fit.iterations());
}

#[cfg(feature = "simulation")]
#[test]
fn simulated_customers_are_those_of_the_model() {
    let ages: Vec<f64> = (0..20_000).map(|customer| 20.0 + f64::from(customer) / 500.0).collect();
    let truth = [0.6, 3.0, 0.9, 2.5];
    let (bg, mbg) = (BgNbd::from_parameters(truth).unwrap(), MbgNbd::from_parameters(truth).unwrap());
    let customers = bg.simulate(&ages, 5).unwrap();
    assert_eq!(customers, bg.simulate(&ages, 5).unwrap());
    assert_ne!(customers, bg.simulate(&ages, 6).unwrap());
    check_within_standard_errors(&BgNbd::fit(&customers.into_iter().collect()).unwrap(), truth);
    check_within_standard_errors(&MbgNbd::fit(&mbg.simulate(&ages, 5).unwrap().into_iter().collect()).unwrap(), truth);
    assert_eq!(bg.simulate(&[1.0, -1.0], 5).unwrap_err().row(), Some(1));
    for extreme in [[1e-100; 4], [1e100; 4], [1e100, 1e-100, 1.0, 1.0], [1e-100, 1e100, 1e100, 1e-100]] {
        // An error is an answer too.
        let _ = BgNbd::from_parameters(extreme).unwrap().simulate(&[0.0, 1.0, 1e100], 1);
        let _ = MbgNbd::from_parameters(extreme).unwrap().simulate(&[0.0, 1.0, 1e100], 1);
    }
}

#[test]
fn a_fit_says_when_the_data_do_not_hold_the_model() {
    let one_time: PurchaseTable = (1..40_u32).map(|age| PurchaseHistory::one_time(f64::from(age)).unwrap()).collect();
    let fit = BgNbd::fit(&one_time).unwrap();
    let FitStatus::AtBoundary(limits) = fit.status() else { panic!("{fit:?}") };
    assert_eq!(limits.iter().map(|limit| (limit.quantity(), limit.limit())).collect::<Vec<_>>(), [("r / alpha", Limit::Zero)]);
    assert!(fit.standard_errors().is_none() && fit.covariance().is_none() && fit.estimates(Confidence::default()).is_err());
    assert!(fit.log_likelihood() <= 0.0 && fit.log_likelihood() > -1e-3, "{fit:?}");

    // Everyone buys at the same pace and stays: no variety in rates, nobody leaves.
    let alike: PurchaseTable = (10..60_u32).map(|x| PurchaseHistory::new(x.into(), f64::from(x), f64::from(x)).unwrap()).collect();
    for (fit, name) in
        [(format!("{}", BgNbd::fit(&alike).unwrap().status()), "BG"), (format!("{}", MbgNbd::fit(&alike).unwrap().status()), "MBG")]
    {
        assert!(fit.starts_with("at a boundary"), "{name}: {fit}");
    }
    let single = PurchaseHistory::new(3, 5.0, 9.0).unwrap();
    for table in [[single].into_iter().collect::<PurchaseTable>(), PurchaseTable::from_counts([(single, u64::MAX)]).unwrap()] {
        for (converged, likelihood) in [
            (BgNbd::fit(&table).unwrap().has_converged(), BgNbd::fit(&table).unwrap().log_likelihood()),
            (MbgNbd::fit(&table).unwrap().has_converged(), MbgNbd::fit(&table).unwrap().log_likelihood()),
        ] {
            assert!(!converged && likelihood.is_finite());
        }
    }
    assert!(matches!(BgNbd::fit(&PurchaseTable::default()), Err(Error::Undefined { .. })));
    assert!(matches!(MbgNbd::fit(&PurchaseTable::default()), Err(Error::Undefined { .. })));
}

#[test]
fn a_penalty_is_taken_off_the_maximised_likelihood() {
    check_penalty::<BgNbd, 4>(&cdnow(), 2_357.0);
    check_penalty::<MbgNbd, 4>(&cdnow(), 2_357.0);
}

#[cfg(feature = "rayon")]
#[test]
fn the_number_of_threads_does_not_change_a_bit() {
    model_laws::check_threads::<BgNbd, 4>(&simulated([0.6, 3.0, 0.9, 2.5], false, 50_000, 9));
}

#[test]
fn the_unit_of_time_scales_alpha_and_nothing_else() {
    check_units::<BgNbd, 4>(&cdnow(), [false, true, false, false]);
    check_units::<MbgNbd, 4>(&cdnow(), [false, true, false, false]);
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    check_parameters::<BgNbd, 4>();
    check_parameters::<MbgNbd, 4>();
    check_refusals(&BgNbd::new(1.0, 1.0, 1.0, 1.0).unwrap().new_customer());
}

#[cfg(feature = "serde")]
#[test]
fn a_model_comes_back_from_json_through_its_checks() {
    model_laws::check_json::<BgNbd, 4>([0.243, 4.414, 0.793, 2.426]);
    model_laws::check_json::<MbgNbd, 4>([0.243, 4.414, 0.793, 2.426]);
}

#[test]
fn nothing_is_nan_at_any_extreme() {
    let sizes = [1e-100, 1e-3, 1.0, 1e100];
    let histories = [(0, 0.0, 0.0), (0, 0.0, 1e100), (1, 1e-300, 1e100), (2_000, 1e8, 1e8), (u64::MAX, 1.0, 1.0), (3, 30.0, 40.0)];
    let histories = histories.map(|(x, t_x, t)| PurchaseHistory::new(x, t_x, t).unwrap());
    for (index, parameters) in
        sizes.iter().flat_map(|&r| sizes.iter().flat_map(move |&alpha| sizes.map(move |a| [r, alpha, a]))).enumerate()
    {
        let [r, alpha, a] = parameters;
        let b = sizes[(index * 3 + index / 16) % 4];
        let (bg, mbg) = (BgNbd::new(r, alpha, a, b).unwrap(), MbgNbd::new(r, alpha, a, b).unwrap());
        let history = &histories[index % histories.len()];
        for likelihood in [bg.log_likelihood(history), mbg.log_likelihood(history)] {
            assert!(!likelihood.is_nan(), "{bg:?}, {history:?}");
        }
        for time in [0.0, 10.0, 1e100] {
            check_sound(&bg.outlook(history), time, &[0.0, 0.01], &format!("{bg:?}, {history:?}, {time}"));
            check_sound(&mbg.outlook(history), time, &[0.0, 0.01], &format!("{mbg:?}, {history:?}, {time}"));
        }
    }
}

fn outlooks() -> impl Strategy<Value = BetaGeometricOutlook> {
    let parameter = || (-3.0..4.0_f64).prop_map(f64::exp);
    (parameter(), parameter(), parameter(), parameter(), 0..30_u64, 0.01..1.0_f64, 0.0..100.0_f64, any::<bool>()).prop_map(
        |(r, alpha, a, b, x, part, age, at_once)| {
            let history = if x == 0 || age <= 0.0 { PurchaseHistory::one_time(age) } else { PurchaseHistory::new(x, part * age, age) };
            let history = history.unwrap();
            if at_once {
                MbgNbd::new(r, alpha, a, b).unwrap().outlook(&history)
            } else {
                BgNbd::new(r, alpha, a, b).unwrap().outlook(&history)
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn probabilities_of_purchases_sum_to_1_and_have_the_expected_mean(outlook in outlooks(), time in 0.0..20.0_f64) {
        prop_assume!(outlook.expected_purchases(time).unwrap() < 30.0);
        check_distribution(&outlook, 3_000, time);
    }

    #[test]
    fn with_time_purchases_rise_and_fewer_are_still_there(outlook in outlooks(), time in 0.01..100.0_f64) {
        check_course(&outlook, time, 1e-12);
    }

    #[test]
    fn a_discount_takes_off_between_nothing_and_all_of_the_time(outlook in outlooks(), time in 0.01..100.0_f64, rate in 1e-6..0.5_f64) {
        check_discount(&outlook, time, rate, 1e-12);
    }

    #[test]
    fn of_two_customers_who_bought_as_often_the_more_recent_is_more_likely_alive(x in 1..60_u64, age in 1.0..99.0_f64, at in 0.05..0.9_f64) {
        let (bg, mbg) = (BgNbd::new(0.243, 4.414, 0.793, 2.426).unwrap(), MbgNbd::new(0.243, 4.414, 0.793, 2.426).unwrap());
        let [earlier, later] = [at, at + 0.1].map(|at| PurchaseHistory::new(x, at * age, age).unwrap());
        prop_assert!(bg.outlook(&earlier).probability_alive() < bg.outlook(&later).probability_alive());
        prop_assert!(mbg.outlook(&earlier).probability_alive() < mbg.outlook(&later).probability_alive());
    }

    #[test]
    fn the_likelihood_does_not_depend_on_order_and_collapsing(seed in any::<u64>(), doubled in any::<bool>()) {
        let table = simulated([0.6, 3.0, 0.9, 2.5], false, 60, seed);
        let whole = |history: PurchaseHistory| PurchaseHistory::new(history.frequency(), history.recency().ceil(), history.age().ceil()).unwrap();
        let histories: Vec<_> = table.iter().map(|(history, _)| whole(history)).collect();
        check_collapsing(&BgNbd::new(0.5, 3.0, 1.0, 2.0).unwrap(), histories.clone(), doubled);
        check_collapsing(&MbgNbd::new(0.5, 3.0, 1.0, 2.0).unwrap(), histories, doubled);
    }
}
