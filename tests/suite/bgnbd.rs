//! BG/NBD and MBG/NBD: the likelihood, the fit and the predictions against mpmath, at edges and by properties.

use customer_metrics::repeat_buying::{BgNbd, FitOptions, FitStatus, MbgNbd, Model, PurchaseColumns, PurchaseHistory, PurchaseTable};

/// `data/cdnow_summary.csv`.
fn cdnow() -> PurchaseTable {
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

fn close(got: f64, expected: f64, relative: f64) -> bool {
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

fn file(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

fn number(value: &serde_json::Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

fn history(row: &serde_json::Value) -> PurchaseHistory {
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
                let error = (got - expected).abs() / expected.abs().max(f64::MIN_POSITIVE);
                if error > 1e-13 {
                    println!("{row}\n  {field}: {got:e} is not {expected:e}: {error:e}");
                }
            }
        }
    }
}
