//! The Gamma-Gamma model of spend: the likelihood, the fit and the predictions against mpmath, at edges and by properties.

use customer_metrics::estimate::PearsonCorrelation;
use customer_metrics::repeat_buying::{GammaGamma, Model, SpendHistory, SpendTable, UnpaidRule};
use customer_metrics::{Confidence, Decimal, Error, MoneyTally, Tally};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Distribution, Gamma};

use crate::model_laws::{
    Known, cdnow_rows, check_collapsing, check_maximum, check_parameters, check_penalty, check_within_standard_errors, close, is_finite,
    json, number, numbers,
};

fn cdnow() -> (Vec<u64>, Vec<f64>) {
    cdnow_rows().into_iter().map(|(purchases, _, _, mean)| (purchases, mean)).unzip()
}

fn cdnow_table() -> SpendTable {
    let (purchases, means) = cdnow();
    SpendTable::from_columns(&purchases, &means, UnpaidRule::Refuse).unwrap()
}

fn golden() -> serde_json::Value {
    json(include_str!("../data/gamma_gamma.json"))
}

#[test]
fn the_likelihood_agrees_with_mpmath() {
    let table = cdnow_table();
    assert_eq!(table.customers(), 946);
    for point in golden()["points"].as_array().unwrap() {
        let got = GammaGamma::from_parameters(numbers(&point["parameters"])).unwrap().log_likelihood_of(&table);
        assert!(close(got, number(&point["loglik"]), 1e-14), "{point}: {got}");
    }
}

#[test]
fn the_fit_finds_the_maximum_from_any_start() {
    check_maximum::<GammaGamma, 3>(&cdnow_table(), &Known::read(&golden()["maximum"]), 40);
    let fit = GammaGamma::fit(&cdnow_table()).unwrap();
    assert!(close(fit.model().population_mean().unwrap(), 35.171_002_088_240_966, 1e-9));
}

#[test]
fn a_penalty_is_taken_off_the_maximised_likelihood() {
    check_penalty::<GammaGamma, 3>(&cdnow_table(), 946.0);
}

#[cfg(feature = "serde")]
#[test]
fn a_model_comes_back_from_json_through_its_checks() {
    crate::model_laws::check_json::<GammaGamma, 3>([6.25, 3.74, 15.44]);
}

#[test]
fn predictions_agree_with_mpmath() {
    for row in golden()["outlooks"].as_array().unwrap() {
        let history = SpendHistory::new(row["x"].as_u64().unwrap(), number(&row["zbar"])).unwrap();
        let model = GammaGamma::new(number(&row["p"]), number(&row["q"]), number(&row["v"])).unwrap();
        let (outlook, amount) = (model.outlook(&history), row["amount"].as_f64().unwrap());
        for (got, field) in [
            (Ok(model.log_likelihood(&history)), "loglik"),
            (outlook.expected_mean_spend(), "expected"),
            (outlook.mean_spend_standard_deviation(), "deviation"),
            (outlook.probability_of_mean_spend_up_to(amount), "mean_up_to"),
            (outlook.probability_of_mean_spend_above(amount), "mean_above"),
            (outlook.probability_of_amount_up_to(amount), "amount_up_to"),
            (outlook.probability_of_amount_above(amount), "amount_above"),
            (outlook.density_of_amount(amount), "density"),
            (outlook.density_of_mean_spend(amount), "mean_density"),
        ] {
            match row.get(field) {
                // A tail of 1e-44 has the digits of its point fifteen standard deviations out.
                Some(expected) => assert!(close(got.clone().unwrap(), number(expected), 1e-12), "{row}\n{field}: {got:?}"),
                None => assert!(matches!(got, Err(Error::Undefined { .. })) || field == "loglik", "{row}\n{field}: {got:?}"),
            }
        }
    }
}

#[test]
fn customers_of_cdnow_are_expected_to_spend_what_mpmath_says() {
    let maximum = golden()["maximum"].clone();
    let model = GammaGamma::from_parameters(numbers(&maximum["parameters"])).unwrap();
    let (purchases, means) = cdnow();
    let expected = model.expected_mean_spend_column(&purchases, &means).unwrap();
    for customer in golden()["customers"].as_array().unwrap() {
        let got = expected[customer["row"].as_u64().unwrap() as usize];
        assert!(close(got, number(&customer["expected"]), 1e-14), "{customer}: {got}");
    }
    assert_eq!(model.expected_mean_spend_column(&[1], &[]).unwrap_err().field(), Some("column length"));
    assert_eq!(model.expected_mean_spend_column(&[1, 1], &[2.0, 0.0]).unwrap_err().row(), Some(1));
}

#[test]
fn a_mean_that_does_not_exist_is_an_error_and_never_negative() {
    let model = GammaGamma::new(6.0, 0.9, 15.0).unwrap();
    assert!(matches!(model.population_mean(), Err(Error::Undefined { .. })));
    assert!(model.outlook(&SpendHistory::new(1, 20.0).unwrap()).expected_mean_spend().unwrap() > 0.0);
    assert!(model.new_customer().mean_spend_standard_deviation().is_err());
    // The median does exist.
    assert!(model.new_customer().mean_spend_quantile(0.5).unwrap() > 0.0);
    assert_eq!(model.expected_mean_spend_column(&[3, 0], &[2.0, 0.0]).unwrap_err().row(), Some(1));
    assert!(GammaGamma::new(1.0, 1.0, 1.0).unwrap().population_mean().is_err());
}

#[test]
fn rows_without_pay_are_refused_by_name_or_left_out_by_rule() {
    for (purchases, mean) in [(1, 0.0), (1, -3.0), (1, f64::NAN), (1, f64::INFINITY), (1, 1e101), (1, 1e-101), (0, 2.0), (0, -2.0)] {
        let error = SpendHistory::new(purchases, mean).unwrap_err();
        assert_eq!(error.field(), Some("mean spend"), "{purchases}, {mean}");
        let refused = SpendTable::from_columns(&[1, purchases], &[1.0, mean], UnpaidRule::Refuse).unwrap_err();
        assert_eq!(refused.row(), Some(1));
        match SpendTable::from_columns(&[1, purchases], &[1.0, mean], UnpaidRule::Drop) {
            Ok(table) => assert!(table.customers() == 1 && mean.is_finite() && (mean <= 0.0 || purchases == 0)),
            Err(error) => assert!(error.row() == Some(1) && (!mean.is_finite() || mean.abs() > 1e100 || mean > 0.0)),
        }
    }
    assert!(SpendTable::from_columns(&[1], &[1.0, 2.0], UnpaidRule::Refuse).is_err());
    assert!(SpendTable::from_counted_columns(&[1], &[1.0], &[1, 2], UnpaidRule::Refuse).is_err());
    let too_many = SpendTable::from_counted_columns(&[1, 2], &[1.0, 1.0], &[u64::MAX, 1], UnpaidRule::Refuse);
    assert!(matches!(too_many, Err(Error::Overflow { .. })));
    assert_eq!(SpendHistory::from_total(0, Decimal::ZERO).unwrap(), SpendHistory::NONE);
    assert!(SpendHistory::from_total(0, Decimal::ONE).is_err() && SpendHistory::from_total(3, Decimal::NEGATIVE_ONE).is_err());
    let mut tally = MoneyTally::default();
    assert_eq!(SpendHistory::from_tally(&tally).unwrap(), SpendHistory::NONE);
    tally.extend(["20.00", "-25.00"].map(|amount| amount.parse().unwrap())).unwrap();
    assert!(SpendHistory::from_tally(&tally).is_err());
}

#[test]
fn a_fit_without_variety_says_so() {
    let fit = |histories: &[(u64, f64)]| GammaGamma::fit(&histories.iter().map(|&(x, z)| SpendHistory::new(x, z).unwrap()).collect());
    assert!(matches!(fit(&[]), Err(Error::Undefined { .. })));
    assert!(matches!(fit(&[(3, 20.0)]), Err(Error::Undefined { .. })));
    assert!(matches!(fit(&[(3, 20.0), (1, 20.0), (7, 20.0)]), Err(Error::Undefined { .. })));
    // Means that scatter as purchases of one kind of customer do: no variety between customers.
    let alike: Vec<(u64, f64)> = (1..=40_u32).map(|i| (40, 20.0 + 0.05 * f64::from(i % 9))).collect();
    let fit = fit(&alike).unwrap();
    assert!(fit.log_likelihood().is_finite() && fit.model().parameters().iter().all(|parameter| parameter.is_finite()));
    assert_eq!(fit.has_converged(), fit.standard_errors().is_some());
}

#[test]
fn spend_and_frequency_of_cdnow_hardly_go_together() {
    let table = cdnow_table();
    let correlation = table.purchase_spend_correlation().unwrap();
    assert!(close(correlation.coefficient(), number(&golden()["correlation"]), 1e-13), "{correlation:?}");
    assert_eq!(correlation.n(), 946);
    let interval = correlation.estimate(Confidence::P95).unwrap().interval();
    assert!(interval.low() > 0.04 && interval.high() < 0.18, "{interval}");
    // Weights are repeated rows.
    let columns = [[1, 2, 3, 4], [3, 1, 2, 7]].map(|column: [u64; 4]| column.to_vec());
    let means = [10.0, 25.0, 12.5, 40.0];
    let weighted = SpendTable::from_counted_columns(&columns[0], &means, &columns[1], UnpaidRule::Refuse).unwrap();
    let (x, z): (Vec<f64>, Vec<f64>) = (0..4).flat_map(|row| vec![(columns[0][row] as f64, means[row]); columns[1][row] as usize]).unzip();
    let plain = PearsonCorrelation::from_columns(&x, &z).unwrap();
    assert!(close(weighted.purchase_spend_correlation().unwrap().coefficient(), plain.coefficient(), 1e-14));
    for (purchases, means) in [(vec![], vec![]), (vec![2, 2], vec![1.0, 3.0]), (vec![2, 3], vec![3.0, 3.0])] {
        assert!(SpendTable::from_columns(&purchases, &means, UnpaidRule::Refuse).unwrap().purchase_spend_correlation().is_err());
    }
}

/// Customers whose purchases are drawn one by one.
fn simulated([p, q, v]: [f64; 3], customers: u64, seed: u64) -> SpendTable {
    let mut random = rand_pcg::Pcg64Mcg::seed_from_u64(seed);
    let customer = |number: u64| {
        let rate = Gamma::new(q, 1.0 / v).unwrap().sample(&mut random);
        let amounts = Gamma::new(p, 1.0 / rate).unwrap();
        let purchases = 1 + number % 5;
        let total: f64 = (0..purchases).map(|_| amounts.sample(&mut random)).sum();
        SpendHistory::new(purchases, total / purchases as f64).unwrap()
    };
    (0..customers).map(customer).collect()
}

fn within_standard_errors(table: &SpendTable, truth: [f64; 3]) {
    check_within_standard_errors(&GammaGamma::fit(table).unwrap(), truth);
}

#[test]
fn a_fit_recovers_the_model_that_customers_were_drawn_from() {
    within_standard_errors(&simulated([6.25, 3.74, 15.44], 8_000, 1), [6.25, 3.74, 15.44]);
    within_standard_errors(&simulated([0.8, 1.2, 300.0], 8_000, 2), [0.8, 1.2, 300.0]);
    // Large enough for a part of it to be fitted first.
    within_standard_errors(&simulated([3.0, 2.5, 40.0], 60_000, 3), [3.0, 2.5, 40.0]);
}

#[cfg(feature = "simulation")]
#[test]
fn simulated_customers_are_those_of_the_model() {
    let model = GammaGamma::new(6.25, 3.74, 15.44).unwrap();
    let purchases: Vec<u64> = (0..20_000).map(|customer| customer % 6).collect();
    let customers = model.simulate(&purchases, 5).unwrap();
    assert_eq!(customers, model.simulate(&purchases, 5).unwrap());
    assert_ne!(customers, model.simulate(&purchases, 6).unwrap());
    assert!(customers.iter().zip(&purchases).all(|(history, &purchases)| history.purchases() == purchases));
    within_standard_errors(&customers.into_iter().collect(), [6.25, 3.74, 15.44]);
    for extreme in [[1e-100; 3], [1e100; 3], [1e100, 1e-100, 1.0], [1e-100, 1e100, 1e100]] {
        // An error is an answer too.
        let _ = GammaGamma::from_parameters(extreme).unwrap().simulate(&[0, 1, u64::MAX], 1);
    }
}

#[test]
fn parameters_that_cannot_be_are_refused_by_name() {
    check_parameters::<GammaGamma, 3>();
    let outlook = GammaGamma::new(1.0, 1.0, 1.0).unwrap().new_customer();
    for probability in [0.0, 1.0, -0.5, 1.5, f64::NAN] {
        assert!(outlook.mean_spend_quantile(probability).is_err() && outlook.amount_quantile(probability).is_err());
    }
    for amount in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(outlook.probability_of_amount_up_to(amount).is_err() && outlook.density_of_amount(amount).is_err());
        assert!(outlook.probability_of_mean_spend_up_to(amount).is_err() && outlook.probability_of_mean_spend_above(amount).is_err());
        assert!(outlook.probability_of_amount_above(amount).is_err() && outlook.density_of_mean_spend(amount).is_err());
    }
    assert!(outlook.density_of_amount(0.0).is_err() && outlook.density_of_mean_spend(0.0).is_err());
    assert_eq!((outlook.probability_of_amount_up_to(0.0), outlook.probability_of_amount_above(0.0)), (Ok(0.0), Ok(1.0)));
    assert_eq!(outlook.probability_of_mean_spend_up_to(0.0), Ok(0.0));
}

#[test]
fn nothing_is_nan_at_any_extreme() {
    let sizes = [1e-100, 1e-3, 1.0, 1e100];
    let histories = [(0, 0.0), (1, 1e-100), (1, 1e100), (u64::MAX, 3.0), (u64::MAX, 1e100), (7, 20.0)];
    for (p, q, v) in sizes.iter().flat_map(|&p| sizes.iter().flat_map(move |&q| sizes.map(move |v| (p, q, v)))) {
        let model = GammaGamma::new(p, q, v).unwrap();
        for (x, z) in histories {
            let history = SpendHistory::new(x, z).unwrap();
            let outlook = model.outlook(&history);
            let what = format!("{model:?}, {history:?}");
            assert!(!model.log_likelihood(&history).is_nan(), "{what}");
            assert!(is_finite(outlook.expected_mean_spend()) && is_finite(outlook.mean_spend_standard_deviation()), "{what}");
            for amount in [0.0, 1e-300, 1.0, 1e300] {
                let at_most = [
                    outlook.probability_of_amount_up_to(amount),
                    outlook.probability_of_amount_above(amount),
                    outlook.probability_of_mean_spend_up_to(amount),
                    outlook.probability_of_mean_spend_above(amount),
                ];
                assert!(at_most.iter().all(|p| (0.0..=1.0).contains(p.as_ref().unwrap())), "{what}, {amount}: {at_most:?}");
                assert!(amount <= 0.0 || is_finite(outlook.density_of_amount(amount)), "{what}, {amount}");
                assert!(amount <= 0.0 || is_finite(outlook.density_of_mean_spend(amount)), "{what}, {amount}");
            }
            for probability in [1e-300, 0.5, 1.0 - f64::EPSILON] {
                assert!(is_finite(outlook.amount_quantile(probability)), "{what}, {probability}");
                assert!(is_finite(outlook.mean_spend_quantile(probability)), "{what}, {probability}");
            }
            let _ = outlook.mean_spend_interval(Confidence::P95);
        }
    }
}

fn models() -> impl Strategy<Value = GammaGamma> {
    let parameter = || (-2.0..4.0_f64).prop_map(f64::exp);
    (parameter(), parameter(), parameter()).prop_map(|(p, q, v)| GammaGamma::new(p, q, v).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn quantiles_undo_probabilities(model in models(), x in 1..40_u64, z in 0.1..100.0_f64, tail in 0.001..0.999_f64) {
        let outlook = model.outlook(&SpendHistory::new(x, z).unwrap());
        if let Ok(amount) = outlook.amount_quantile(tail) {
            let back = outlook.probability_of_amount_up_to(amount).unwrap();
            // Where nearly nothing is spent, amounts are so small that they have no neighbours.
            prop_assert!(amount < 1e-290 || close(back, tail, 1e-11), "{}: {} and {}", amount, back, tail);
        }
        let mean = outlook.mean_spend_quantile(tail).unwrap();
        prop_assert!(close(outlook.probability_of_mean_spend_up_to(mean).unwrap(), tail, 1e-11));
        prop_assert!(close(outlook.probability_of_mean_spend_above(mean).unwrap(), 1.0 - tail, 1e-11));
        let interval = outlook.mean_spend_interval(Confidence::P90).unwrap();
        prop_assert!(close(interval.low(), outlook.mean_spend_quantile(0.05).unwrap(), 1e-12));
        prop_assert!(close(interval.high(), outlook.mean_spend_quantile(0.95).unwrap(), 1e-12));
    }

    #[test]
    fn the_expected_mean_lies_between_the_customers_own_and_that_of_all(model in models(), x in 1..40_u64, z in 0.1..100.0_f64) {
        if let Ok(all) = model.population_mean() {
            let expected = model.outlook(&SpendHistory::new(x, z).unwrap()).expected_mean_spend().unwrap();
            let more = model.outlook(&SpendHistory::new(2 * x, z).unwrap()).expected_mean_spend().unwrap();
            prop_assert!(expected >= all.min(z) * (1.0 - 1e-12) && expected <= all.max(z) * (1.0 + 1e-12));
            prop_assert!((more - z).abs() <= (expected - z).abs() * (1.0 + 1e-9) + 1e-12 * z);
        }
    }

    #[test]
    fn the_likelihood_does_not_depend_on_order_and_collapsing(model in models(), seed in any::<u64>(), doubled in any::<bool>()) {
        let rounded = |history: SpendHistory| SpendHistory::new(history.purchases(), history.mean_spend().ceil()).unwrap();
        let table = simulated([6.25, 3.74, 15.44], 60, seed);
        check_collapsing(&model, table.iter().map(|(history, _)| rounded(history)).collect(), doubled);
    }

    #[test]
    fn densities_are_the_slopes_of_probabilities(model in models(), x in 1..40_u64, z in 0.1..100.0_f64, part in 0.3..3.0_f64) {
        let outlook = model.outlook(&SpendHistory::new(x, z).unwrap());
        let amount = part * outlook.mean_spend_quantile(0.5).unwrap();
        let step = 1e-5 * amount;
        let slope = |of: &dyn Fn(f64) -> f64| (of(amount + step) - of(amount - step)) / (2.0 * step);
        let mean = slope(&|amount| outlook.probability_of_mean_spend_up_to(amount).unwrap());
        prop_assert!((outlook.density_of_mean_spend(amount).unwrap() - mean).abs() * amount < 1e-6 * (1.0 + mean * amount));
        let of_amount = slope(&|amount| outlook.probability_of_amount_up_to(amount).unwrap());
        prop_assert!((outlook.density_of_amount(amount).unwrap() - of_amount).abs() * amount < 1e-6 * (1.0 + of_amount * amount));
    }

    #[test]
    fn a_currency_does_not_matter(cents in 0.001..1_000.0_f64) {
        let table = simulated([6.25, 3.74, 15.44], 300, 9);
        let scaled = SpendTable::from_counts(table.iter().map(|(history, n)| {
            (SpendHistory::new(history.purchases(), history.mean_spend() * cents).unwrap(), n)
        })).unwrap();
        let (fit, of_scaled) = (GammaGamma::fit(&table).unwrap(), GammaGamma::fit(&scaled).unwrap());
        prop_assert!(close(of_scaled.model().p(), fit.model().p(), 1e-6) && close(of_scaled.model().q(), fit.model().q(), 1e-6));
        prop_assert!(close(of_scaled.model().v(), fit.model().v() * cents, 1e-6));
    }
}
