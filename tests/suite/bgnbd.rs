//! BG/NBD and MBG/NBD: the likelihood, the fit and the predictions against mpmath, at edges and by properties.

use customer_metrics::repeat_buying::{
    BgNbd, FitOptions, FitStatus, Limit, MbgNbd, Model, Outlook, Penalty, PurchaseColumns, PurchaseHistory, PurchaseTable,
};
use customer_metrics::{Confidence, Error};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_distr::{Beta, Distribution, Exp, Gamma};

/// `data/cdnow_summary.csv`.
pub(crate) fn cdnow() -> PurchaseTable {
    let mut reader = csv::Reader::from_reader(include_str!("../data/cdnow_summary.csv").as_bytes());
    let rows: Vec<(u64, f64, f64)> = reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            (record[1].parse().unwrap(), record[2].parse().unwrap(), record[3].parse().unwrap())
        })
        .collect();
    let (x, times): (Vec<u64>, Vec<(f64, f64)>) = rows.into_iter().map(|(x, t_x, t)| (x, (t_x, t))).unzip();
    let (t_x, t): (Vec<f64>, Vec<f64>) = times.into_iter().unzip();
    PurchaseTable::from_columns(PurchaseColumns::new(&x, &t_x, &t).unwrap())
}

pub(crate) fn close(got: f64, expected: f64, relative: f64) -> bool {
    (got - expected).abs() <= relative * expected.abs()
}

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
#[test]
fn the_fit_finds_the_maximum_from_any_start() {
    let table = cdnow();
    let starts = [[1e-3, 1e-3, 1e-3, 1e-3], [100.0, 1e-2, 30.0, 0.1], [1.0, 1.0, 1.0, 1.0], [0.01, 1e4, 20.0, 20.0]];
    let from = |start| FitOptions::default().start(BgNbd::from_parameters(start).unwrap());
    for options in starts.map(from).into_iter().chain([FitOptions::default()]) {
        let fit = BgNbd::fit_with(&table, &options).unwrap();
        assert_eq!(fit.status(), &FitStatus::Converged);
        let expected = [0.242_592_907_204_465_893, 4.413_531_561_205_426_287, 0.792_886_148_098_768_565, 2.425_753_436_493_621_464];
        for (got, expected) in fit.model().parameters().into_iter().zip(expected) {
            assert!(close(got, expected, 1e-10), "{got} is not {expected}");
        }
        for (got, expected) in fit.log_standard_errors().unwrap().into_iter().zip([0.051_762_93, 0.085_695_867, 0.234_231_79, 0.290_773_89])
        {
            assert!(close(got, expected, 1e-6), "{got} is not {expected}");
        }
        assert!(close(fit.log_likelihood(), -9_582.425_560_567_362_545, 2e-15));
        assert!(fit.gradient_norm() < 1e-5);
    }
}

pub(crate) fn file(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

pub(crate) fn number(value: &serde_json::Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

pub(crate) fn history(row: &serde_json::Value) -> PurchaseHistory {
    let frequency = row["x"].as_u64().unwrap_or_else(|| row["x"].as_str().unwrap().parse().unwrap());
    PurchaseHistory::new(frequency, number(&row["t_x"]), number(&row["T"])).unwrap()
}

/// `data/bg_nbd_cdnow.json`.
#[test]
fn predictions_for_cdnow_agree_with_mpmath() {
    let file = file(include_str!("../data/bg_nbd_cdnow.json"));
    let parameters: Vec<f64> = file["parameters"].as_array().unwrap().iter().map(number).collect();
    let model = BgNbd::from_parameters(parameters.try_into().unwrap()).unwrap();
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
    let file = file(include_str!("../data/beta_geometric.json"));
    let rows = file["rows"].as_array().unwrap();
    assert!(rows.len() >= 50);
    for row in rows {
        let parameters: Vec<f64> = row["parameters"].as_array().unwrap().iter().map(number).collect();
        let parameters: [f64; 4] = parameters.try_into().unwrap();
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
            (outlook.discounted_purchases(0.003).unwrap(), "discounted"),
            (outlook.discounted_purchases_within(time, 0.003).unwrap(), "discounted_within"),
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

/// Ages and recencies of every size, and frequencies that are common and rare.
pub(crate) fn base(customers: u32) -> (Vec<u64>, Vec<f64>, Vec<f64>) {
    let mut columns = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..customers {
        let spread = f64::from(i.wrapping_mul(2_654_435_761) >> 8) / f64::from(1 << 24);
        let frequency = u64::from(i % 4) * u64::from(i % 2) + if i % 500 == 7 { 4_500 } else { 0 };
        let age = 0.5 + 400.0 * spread * spread;
        columns.0.push(frequency);
        columns.1.push(if frequency == 0 { 0.0 } else { age * (0.1 + 0.9 * (spread * 97.0).fract()) });
        columns.2.push(age);
    }
    columns
}

#[test]
fn a_column_of_predictions_is_what_each_customer_gets() {
    let (x, t_x, t) = base(2_000);
    let columns = PurchaseColumns::new(&x, &t_x, &t).unwrap();
    for parameters in [[0.243, 4.414, 0.793, 2.426], [1.5, 0.05, 1.0, 0.3], [20.0, 10.0, 20.0, 500.0], [0.3, 900.0, 1e-3, 40.0]] {
        let (bg, mbg) = (BgNbd::from_parameters(parameters).unwrap(), MbgNbd::from_parameters(parameters).unwrap());
        for within in [0.0, 1e-6, 1.0, 39.0, 5_000.0] {
            let all = [bg.expected_purchases(columns, within).unwrap(), mbg.expected_purchases(columns, within).unwrap()];
            for (row, history) in columns.iter().enumerate() {
                let expected = [bg.outlook(&history), mbg.outlook(&history)].map(|outlook| outlook.expected_purchases(within).unwrap());
                for (got, expected) in all.iter().map(|column| column[row]).zip(expected) {
                    assert!(close(got, expected, 1e-12), "{parameters:?}, {history:?}, {within}: {got} is not {expected}");
                }
            }
        }
        assert_eq!(bg.probabilities_alive(columns)[17].to_bits(), bg.outlook(&columns.get(17).unwrap()).probability_alive().to_bits());
    }
    assert!(BgNbd::new(1.0, 1.0, 1.0, 1.0).unwrap().expected_purchases(columns, f64::NAN).is_err());
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

pub(crate) fn within_standard_errors<M: Model<Parameters = [f64; 4]>>(fit: &customer_metrics::repeat_buying::Fit<M>, truth: [f64; 4]) {
    assert_eq!(fit.status(), &FitStatus::Converged);
    let errors = fit.log_standard_errors().unwrap();
    for ((fitted, truth), error) in fit.model().parameters().into_iter().zip(truth).zip(errors) {
        assert!((fitted / truth).ln().abs() <= 3.5 * error && error < 0.5, "{fitted} is not {truth}, {error}");
    }
}

#[test]
fn a_fit_recovers_the_model_that_customers_were_drawn_from() {
    let truth = [0.6, 3.0, 0.9, 2.5];
    within_standard_errors(&BgNbd::fit(&simulated(truth, false, 8_000, 1)).unwrap(), truth);
    within_standard_errors(&MbgNbd::fit(&simulated(truth, true, 8_000, 2)).unwrap(), truth);
    // Large enough for a part of it to be fitted first.
    let fit = BgNbd::fit(&simulated(truth, false, 60_000, 3)).unwrap();
    within_standard_errors(&fit, truth);
    assert!(fit.iterations() <= 6, "{}", fit.iterations());
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
    within_standard_errors(&BgNbd::fit(&customers.into_iter().collect()).unwrap(), truth);
    within_standard_errors(&MbgNbd::fit(&mbg.simulate(&ages, 5).unwrap().into_iter().collect()).unwrap(), truth);
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
    assert!(
        limits.iter().any(|limit| (limit.parameter(), limit.limit()) == ("r", Limit::Zero))
            || limits.iter().any(|limit| limit.parameter() == "alpha")
    );
    assert!(fit.standard_errors().is_none() && fit.covariance().is_none() && fit.intervals(Confidence::default()).is_none());
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
    let table = cdnow();
    let options = FitOptions::default().penalty(Penalty::SquaredParameters { coefficient: 0.01 }).unwrap();
    let fit = BgNbd::fit_with(&table, &options).unwrap();
    assert!(fit.has_converged());
    let penalised = |parameters: [f64; 4]| {
        let squares: f64 = parameters.iter().map(|parameter| parameter * parameter).sum();
        BgNbd::from_parameters(parameters).unwrap().log_likelihood_of(&table) - 2_357.0 * 0.01 * squares
    };
    let best = fit.model().parameters();
    for index in 0..4 {
        for factor in [0.999, 1.001] {
            let mut moved = best;
            moved[index] *= factor;
            assert!(penalised(moved) < penalised(best), "{index}, {factor}");
        }
    }
    assert!(close(fit.log_likelihood(), fit.model().log_likelihood_of(&table), 1e-15));
    for coefficient in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(FitOptions::<BgNbd>::default().penalty(Penalty::SquaredParameters { coefficient }).is_err());
    }
}

#[cfg(feature = "rayon")]
#[test]
fn the_number_of_threads_does_not_change_a_bit() {
    let table = simulated([0.6, 3.0, 0.9, 2.5], false, 50_000, 9);
    let on = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| BgNbd::fit(&table).unwrap());
    let one = on(1);
    for threads in [2, 3, 8] {
        let other = on(threads);
        assert_eq!(one.model().parameters().map(f64::to_bits), other.model().parameters().map(f64::to_bits));
        assert_eq!(one.log_likelihood().to_bits(), other.log_likelihood().to_bits());
    }
}

#[test]
fn the_unit_of_time_scales_alpha_and_nothing_else() {
    let (weeks, expected) =
        (cdnow(), [0.242_592_907_204_465_893, 4.413_531_561_205_426_287, 0.792_886_148_098_768_565, 2.425_753_436_493_621_464]);
    for unit in [604_800.0, 1e-9] {
        let in_unit = weeks.iter().map(|(history, customers)| {
            (PurchaseHistory::new(history.frequency(), history.recency() * unit, history.age() * unit).unwrap(), customers)
        });
        let fit = BgNbd::fit(&PurchaseTable::from_counts(in_unit).unwrap()).unwrap();
        let [r, alpha, a, b] = fit.model().parameters();
        for (got, expected) in [r, alpha / unit, a, b].into_iter().zip(expected) {
            assert!(close(got, expected, 1e-8), "{unit}: {got} is not {expected}");
        }
    }
}

#[test]
fn parameters_that_cannot_be_are_refused_by_name() {
    for value in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e101, 1e-101] {
        for (index, name) in BgNbd::PARAMETER_NAMES.iter().enumerate() {
            let mut parameters = [1.0; 4];
            parameters[index] = value;
            assert_eq!(BgNbd::from_parameters(parameters).unwrap_err().field(), Some(*name));
            assert_eq!(MbgNbd::from_parameters(parameters).unwrap_err().field(), Some(*name));
        }
    }
}

fn is_sound(outlook: &Outlook, time: f64, what: &str) {
    let alive = outlook.probability_alive();
    let after = outlook.probability_alive_after(time).unwrap();
    assert!((0.0..=1.0).contains(&alive) && (0.0..=alive).contains(&after), "{what}: {alive}, {after}");
    for purchases in [0, 1, 2, 1_000, u64::MAX] {
        let probability = outlook.probability_of_purchases(purchases, time).unwrap();
        assert!((0.0..=1.0).contains(&probability), "{what}, {purchases}: {probability}");
    }
    let finite = |purchases: Result<f64, Error>| match purchases {
        Ok(purchases) => purchases >= 0.0 && purchases.is_finite(),
        Err(error) => matches!(error, Error::Overflow { .. } | Error::Undefined { .. }),
    };
    assert!(finite(outlook.expected_purchases(time)), "{what}: {:?}", outlook.expected_purchases(time));
    assert!(finite(outlook.discounted_purchases_within(time, 0.01)), "{what}: {:?}", outlook.discounted_purchases_within(time, 0.01));
    assert!(finite(outlook.discounted_purchases(0.01)), "{what}: {:?}", outlook.discounted_purchases(0.01));
    assert!(finite(outlook.discounted_purchases(0.0)), "{what}");
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
            is_sound(&bg.outlook(history), time, &format!("{bg:?}, {history:?}, {time}"));
            is_sound(&mbg.outlook(history), time, &format!("{mbg:?}, {history:?}, {time}"));
        }
    }
}

fn outlooks() -> impl Strategy<Value = Outlook> {
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
        let expected = outlook.expected_purchases(time).unwrap();
        prop_assume!(expected < 30.0);
        let distribution = outlook.distribution_of_purchases(3_000, time).unwrap();
        prop_assert!(distribution.iter().all(|probability| (0.0..=1.0).contains(probability)));
        let sum: f64 = distribution.iter().sum();
        prop_assert!((sum - 1.0).abs() < 1e-12, "{}", sum);
        let mean: f64 = distribution.iter().zip(0_u32..).map(|(probability, n)| probability * f64::from(n)).sum();
        prop_assert!((mean - expected).abs() <= 1e-10 * expected.max(1e-3), "{} and {}", mean, expected);
    }

    #[test]
    fn with_time_purchases_rise_and_fewer_are_still_there(outlook in outlooks(), time in 0.01..100.0_f64) {
        let (sooner, later) = (outlook.expected_purchases(time).unwrap(), outlook.expected_purchases(1.1 * time).unwrap());
        // Where nearly all have left, both are what there is ever to come.
        prop_assert!(0.0 < sooner && sooner <= later * (1.0 + 1e-12), "{} and {}", sooner, later);
        prop_assert!(outlook.probability_alive_after(1.1 * time).unwrap() < outlook.probability_alive_after(time).unwrap());
        prop_assert!(outlook.probability_of_purchases(0, 1.1 * time).unwrap() <= outlook.probability_of_purchases(0, time).unwrap());
    }

    #[test]
    fn a_discount_takes_off_between_nothing_and_all_of_the_time(outlook in outlooks(), time in 0.01..100.0_f64, rate in 1e-6..0.5_f64) {
        let (all, discounted) = (outlook.expected_purchases(time).unwrap(), outlook.discounted_purchases_within(time, rate).unwrap());
        prop_assert!(discounted <= all * (1.0 + 1e-12) && discounted >= all * (-rate * time).exp() * (1.0 - 1e-12), "{} of {}", discounted, all);
        let forever = outlook.discounted_purchases(rate).unwrap();
        prop_assert!(discounted <= forever * (1.0 + 1e-12), "{} of {}", discounted, forever);
        // Periods so short that it does not matter when in a period a purchase is made, but for half a period.
        let by_period = outlook.discounted_purchases_by_period(400, time / 400.0, (rate * time / 400.0).exp_m1()).unwrap();
        prop_assert!(by_period <= discounted * (1.0 + 1e-12) && by_period >= discounted * (-rate * time / 400.0).exp() * (1.0 - 1e-12));
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
        let mut histories: Vec<_> = table.iter().map(|(history, _)| whole(history)).collect();
        let weighted = PurchaseTable::from_counts(histories.iter().map(|&history| (history, 1 + u64::from(doubled)))).unwrap();
        if doubled {
            histories.extend(histories.clone());
        }
        let third = histories.len() / 3;
        histories.rotate_left(third);
        let plain: PurchaseTable = histories.into_iter().collect();
        prop_assert_eq!(&plain, &weighted);
        let (bg, mbg) = (BgNbd::new(0.5, 3.0, 1.0, 2.0).unwrap(), MbgNbd::new(0.5, 3.0, 1.0, 2.0).unwrap());
        prop_assert_eq!(bg.log_likelihood_of(&plain).to_bits(), bg.log_likelihood_of(&weighted).to_bits());
        prop_assert_eq!(mbg.log_likelihood_of(&plain).to_bits(), mbg.log_likelihood_of(&weighted).to_bits());
    }
}
