//! BG/NBD and MBG/NBD: the likelihood, the fit and the predictions against mpmath, at edges and by properties.

use customer_metrics::repeat_buying::{BgNbd, FitOptions, FitStatus, Model, PurchaseColumns, PurchaseTable};

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
