//! Two measures of the same customers: golden values, a slow recomputation, properties; and the reliability of several items.

use std::cmp::Ordering;

use customer_metrics::estimate::{
    CronbachAlpha, KendallCorrelation, KendallMethod, OrderedTable, PearsonCorrelation, SpearmanCorrelation, SpearmanMethod,
};
use customer_metrics::satisfaction::{ItemSet, RatingPairTally, ReliabilityTally, Repurchase, SatisfactionReturnTally, Scale};
use customer_metrics::{Confidence, Error, Tally, published};
use proptest::prelude::*;
use serde_json::Value;

use crate::laws;

const SPEARMAN: [(SpearmanMethod, &str); 3] = [
    (SpearmanMethod::BonettWright, "bonett_wright"),
    (SpearmanMethod::FiellerHartleyPearson, "fieller_hartley_pearson"),
    (SpearmanMethod::FisherZ, "fisher_z"),
];

fn reference() -> Value {
    serde_json::from_str(include_str!("../data/means_and_association.json")).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

fn close(got: f64, expected: f64, tolerance: f64) -> bool {
    (got - expected).abs() <= tolerance * expected.abs().max(1.0)
}

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn confidence(level: &str) -> Confidence {
    Confidence::new(level.parse().unwrap()).unwrap()
}

type Three = (PearsonCorrelation, SpearmanCorrelation, KendallCorrelation);

fn of_columns(x: &[f64], y: &[f64]) -> Three {
    (
        PearsonCorrelation::from_columns(x, y).unwrap(),
        SpearmanCorrelation::from_columns(x, y).unwrap(),
        KendallCorrelation::from_columns(x, y).unwrap(),
    )
}

fn of_table(table: &OrderedTable) -> Three {
    (table.pearson().unwrap(), table.spearman().unwrap(), table.kendall().unwrap())
}

fn table_of(row: &Value) -> OrderedTable {
    let counts: Vec<u64> = row["counts"].as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).collect();
    OrderedTable::from_counts(row["columns"].as_u64().unwrap() as usize, &counts).unwrap()
}

/// The customers of a table, one by one.
fn columns_of(table: &OrderedTable) -> (Vec<f64>, Vec<f64>) {
    let cells = table.rows().enumerate().flat_map(|(x, row)| row.iter().enumerate().map(move |(y, &count)| (x, y, count)));
    cells.flat_map(|(x, y, count)| (0..count).map(move |_| (x as f64, y as f64))).unzip()
}

fn check_correlations(row: &Value, (pearson, spearman, kendall): &Three) {
    assert_eq!(pearson.n(), row["n"].as_u64().unwrap());
    assert!(close(pearson.coefficient(), number(&row["pearson"]["r"]), 1e-15), "{row}");
    assert!(close(spearman.coefficient(), number(&row["spearman"]["rho"]), 1e-15), "{row}");
    assert!(close(kendall.coefficient(), number(&row["kendall"]["tau"]), 1e-15), "{row}");
    let check_ends = |interval: customer_metrics::Interval, ends: &Value| {
        assert!(close(interval.low(), number(&ends[0]), 1e-14), "{interval} in {row}");
        assert!(close(interval.high(), number(&ends[1]), 1e-14), "{interval} in {row}");
    };
    for (level, ends) in row["pearson"]["intervals"].as_object().unwrap() {
        check_ends(pearson.estimate(confidence(level)).unwrap().interval(), ends);
    }
    for (method, name) in SPEARMAN {
        for (level, ends) in row["spearman"][name].as_object().unwrap() {
            check_ends(spearman.estimate_with(confidence(level), method).unwrap().interval(), ends);
        }
    }
    for (level, ends) in row["kendall"]["fieller_hartley_pearson"].as_object().unwrap() {
        check_ends(kendall.estimate(confidence(level)).unwrap().interval(), ends);
    }
    let both = |test: customer_metrics::SignificanceTest, statistic: &Value, p: &Value| {
        assert!((test.statistic() / number(statistic) - 1.0).abs() < 1e-12, "{test} in {row}");
        assert!((test.p_value() / number(p) - 1.0).abs() < 1e-10, "{test} in {row}");
    };
    both(pearson.test().unwrap(), &row["pearson"]["test"]["t"], &row["pearson"]["test"]["p"]);
    both(spearman.test().unwrap(), &row["spearman"]["test"]["t"], &row["spearman"]["test"]["p"]);
    both(kendall.test().unwrap(), &row["kendall"]["z"], &row["kendall"]["p"]);
    assert_eq!(kendall.concordant(), u128::from(row["kendall"]["concordant"].as_u64().unwrap()));
    assert_eq!(kendall.discordant(), u128::from(row["kendall"]["discordant"].as_u64().unwrap()));
}

#[test]
fn correlations_agree_with_scipy_and_mpmath() {
    let file = reference();
    let rows = file["associations"].as_array().unwrap();
    assert_eq!(rows.len(), 8);
    for row in rows {
        if row["counts"].is_array() {
            let table = table_of(row);
            check_correlations(row, &of_table(&table));
            let (x, y) = columns_of(&table);
            check_correlations(row, &of_columns(&x, &y));
            let estimate = table.kendall().unwrap().estimate_with(Confidence::P95, KendallMethod::Asymptotic).unwrap();
            let error = number(&row["kendall"]["asymptotic_error"]);
            let reach = 1.959_963_984_540_054 * error;
            assert!(close(estimate.interval().high() - estimate.point(), reach.min(1.0 - estimate.point()), 1e-14), "{estimate} in {row}");
        } else {
            let (x, y) = (floats(&row["x"]), floats(&row["y"]));
            let columns = of_columns(&x, &y);
            check_correlations(row, &columns);
            let error = columns.2.estimate_with(Confidence::P95, KendallMethod::Asymptotic).unwrap_err();
            assert!(matches!(error, Error::Undefined { .. }));
            let asked_for = KendallCorrelation::from_columns_with_asymptotic_error(&x, &y).unwrap();
            let estimate = asked_for.estimate_with(Confidence::P95, KendallMethod::Asymptotic).unwrap();
            let reach = 1.959_963_984_540_054 * number(&row["kendall"]["asymptotic_error"]);
            assert!(close(estimate.interval().high() - estimate.point(), reach.min(1.0 - estimate.point()), 1e-14), "{estimate} in {row}");
        }
    }
}

/// A. Agresti, "Categorical Data Analysis", job satisfaction by income: tau-b 0.152, as R's DescTools and SAS print it, its error 0.073.
#[test]
fn job_satisfaction_and_income_as_published() {
    let table = OrderedTable::from_counts(4, &[1, 3, 10, 6, 2, 3, 10, 7, 1, 6, 14, 12, 0, 1, 9, 11]).unwrap();
    let kendall = table.kendall().unwrap();
    assert_eq!((kendall.concordant(), kendall.discordant()), (1331, 849));
    let estimate = kendall.estimate_with(Confidence::P95, KendallMethod::Asymptotic).unwrap();
    assert_eq!(format!("{:.4}", kendall.coefficient()), "0.1524");
    let error = estimate.interval().width() / 2.0 / 1.959_963_984_540_054;
    assert!((0.06..0.09).contains(&error), "{error}");
}

#[test]
fn differences_of_correlations_agree_with_the_formulas_of_their_papers() {
    let file = reference();
    let of = |position: &Value| {
        let row = &file["associations"][position.as_u64().unwrap() as usize];
        if row["counts"].is_array() { table_of(row).pearson().unwrap() } else { of_columns(&floats(&row["x"]), &floats(&row["y"])).0 }
    };
    let rows = file["zou"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    for row in rows {
        let (first, second) = (of(&row["first"]), of(&row["second"]));
        let interval = first.difference(&second, Confidence::P95).unwrap().interval();
        assert!(close(interval.low(), number(&row["low"]), 1e-14) && close(interval.high(), number(&row["high"]), 1e-14), "{row}");
        let test = first.test_difference(&second).unwrap();
        assert!(close(test.statistic(), number(&row["z"]), 1e-13) && close(test.p_value(), number(&row["p"]), 1e-13), "{row}");
    }
}

#[test]
fn what_is_undefined_says_so() {
    let (x, y) = ([1.0, 2.0, 3.0, 4.0], [2.0, 4.0, 6.0, 8.0]);
    let perfect = of_columns(&x, &y);
    for estimate in [perfect.0.estimate(Confidence::P95).unwrap(), perfect.1.estimate(Confidence::P95).unwrap()] {
        assert_eq!((estimate.point(), estimate.interval().low(), estimate.interval().high()), (1.0, 1.0, 1.0));
    }
    assert!(matches!(perfect.0.test(), Err(Error::Undefined { .. })));
    assert!(matches!(perfect.0.test_difference(&perfect.0), Err(Error::Undefined { .. })));
    assert!(matches!(perfect.2.estimate(Confidence::P95), Err(Error::Undefined { .. })));
    assert!(perfect.2.test().unwrap().p_value() < 0.05);
    let few = of_columns(&x[..2], &[5.0, 3.0]);
    assert_eq!(few.1.coefficient(), -1.0);
    assert!(few.0.estimate(Confidence::P95).is_err() && few.1.test().is_err());
    let constant = KendallCorrelation::from_columns(&x, &[7.0; 4]).unwrap_err();
    assert_eq!(constant.to_string(), "Kendall correlation is undefined: the second of the two is constant");
    assert!(matches!(SpearmanCorrelation::from_columns(&[], &[]), Err(Error::Undefined { metric: "Spearman correlation", .. })));
    assert!(matches!(PearsonCorrelation::from_columns(&x, &y[..3]), Err(Error::Mismatch { field: "column length", .. })));
    for wrong in [f64::NAN, f64::INFINITY] {
        let errors = [
            PearsonCorrelation::from_columns(&x, &[1.0, 2.0, wrong, 3.0]).unwrap_err(),
            SpearmanCorrelation::from_columns(&x, &[1.0, 2.0, wrong, 3.0]).unwrap_err(),
            KendallCorrelation::from_columns(&x, &[1.0, 2.0, wrong, 3.0]).unwrap_err(),
        ];
        assert!(errors.iter().all(|error| (error.row(), error.field()) == (Some(2), Some("second"))));
    }
}

/// The published correlation of satisfaction and loyalty is 0.13 (doc-002). Four counts of 1,000 customers whose phi it is, and what a
/// sample of that size says about it.
#[test]
fn an_estimate_beside_the_published_correlation_of_satisfaction_and_loyalty() {
    let published: f64 = published::SATISFACTION_LOYALTY_CORRELATION.range().unwrap().low().to_string().parse().unwrap();
    let mut customers = SatisfactionReturnTally::default();
    for (rating, repurchase, count) in
        [(5, Repurchase::BoughtAgain, 494), (5, Repurchase::Left, 256), (1, Repurchase::BoughtAgain, 126), (1, Repurchase::Left, 124)]
    {
        customers.extend(vec![(rating, repurchase); count]).unwrap();
    }
    let table = customers.table();
    let phi = table.pearson().unwrap();
    let estimate = phi.estimate(Confidence::P95).unwrap();
    assert!((phi.coefficient() - published).abs() < 0.02, "{estimate}");
    assert!(estimate.interval().contains(published) && !estimate.interval().contains(0.0), "{estimate}");
    assert!((table.kendall().unwrap().coefficient() - phi.coefficient()).abs() < 1e-15);
    assert!((table.spearman().unwrap().coefficient() - phi.coefficient()).abs() < 1e-15);
}

fn set(items: usize) -> ItemSet {
    ItemSet::new(Scale::ONE_TO_SEVEN, items as u8).unwrap()
}

#[test]
fn alpha_agrees_with_pingouin_and_mpmath() {
    let file = reference();
    let rows = file["alphas"].as_array().unwrap();
    assert_eq!(rows.len(), 4);
    for row in rows {
        let columns: Vec<Vec<f64>> = row["items"].as_array().unwrap().iter().map(floats).collect();
        let ratings: Vec<Vec<u8>> =
            columns.iter().map(|column| column.iter().map(|rating| rating.to_string().parse().unwrap()).collect()).collect();
        let mut tally = ReliabilityTally::empty(set(columns.len()));
        tally.record_columns(&ratings.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
        let by_columns = CronbachAlpha::from_columns(&columns.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
        for alpha in [tally.alpha().unwrap(), by_columns] {
            assert!(close(alpha.coefficient(), number(&row["alpha"]), 2e-15), "{row}");
            for (level, ends) in row["intervals"].as_object().unwrap() {
                let interval = alpha.estimate(confidence(level)).interval();
                assert!(
                    close(interval.low(), number(&ends[0]), 1e-13) && close(interval.high(), number(&ends[1]), 1e-13),
                    "{interval} in {row}"
                );
            }
        }
        assert!(close(tally.standardised_alpha().unwrap(), number(&row["standardized"]), 1e-14), "{row}");
        for item in 0..columns.len() {
            assert!(close(tally.item_rest_correlation(item).unwrap().coefficient(), number(&row["item_rest"][item]), 1e-14), "{row}");
            if columns.len() > 2 {
                assert!(close(tally.alpha_without(item).unwrap().coefficient(), number(&row["without"][item]), 1e-14), "{row}");
            }
        }
    }
}

#[test]
fn the_mean_of_the_items_is_that_of_each_respondents_mean() {
    let mut tally = ReliabilityTally::empty(set(2));
    tally.record_columns(&[&[1, 7, 4], &[3, 6, 4]]).unwrap();
    let estimate = tally.mean_estimate(Confidence::P95).unwrap();
    // 2, 6.5 and 4: scipy.stats.t.interval(0.95, 2, mean, sem).
    assert!((estimate.point() - 12.5 / 3.0).abs() < 1e-15);
    let reach = 4.302_652_729_911_275
        * (((2.0_f64 - 12.5 / 3.0).powi(2) + (6.5_f64 - 12.5 / 3.0).powi(2) + (4.0_f64 - 12.5 / 3.0).powi(2)) / 6.0).sqrt();
    assert_eq!(estimate.interval().high(), 7.0_f64.min(estimate.point() + reach));
    let narrow = tally.mean_estimate(Confidence::new(0.5).unwrap()).unwrap().interval();
    assert!((narrow.width() / 2.0 / reach - 0.816_496_580_927_726 / 4.302_652_729_911_275).abs() < 1e-14);
}

fn columns() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    let value = prop_oneof![(-4..5_i8).prop_map(f64::from), -1e3..1e3_f64];
    prop::collection::vec((value.clone(), value), 5..40)
        .prop_map(|pairs| pairs.into_iter().unzip())
        .prop_filter("neither is constant", |(x, y): &(Vec<f64>, Vec<f64>)| {
            [x, y].iter().all(|column| column.iter().any(|value| (value - column[0]).abs() > 0.0))
        })
}

fn tables() -> impl Strategy<Value = OrderedTable> {
    prop::collection::vec(0..12_u64, 12).prop_map(|counts| OrderedTable::from_counts(4, &counts).unwrap()).prop_filter(
        "neither is constant",
        |table| {
            [table.row_totals(), table.column_totals()].iter().all(|totals| totals.iter().filter(|&&total| total > 0).count() > 1)
                && table.n() > 4
        },
    )
}

fn pairs_of_ratings() -> impl Strategy<Value = Vec<[Option<u8>; 2]>> {
    prop::collection::vec((1..=5_u8, 1..=5_u8).prop_map(|(first, second)| [Some(first), Some(second)]), 5..40)
}

fn answers() -> impl Strategy<Value = Vec<Vec<Option<u8>>>> {
    prop::collection::vec(prop::collection::vec(prop_oneof![9 => (1..=7_u8).prop_map(Some), 1 => Just(None)], 3), 0..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn reliability_tallies_keep_the_laws(a in answers(), b in answers(), c in answers()) {
        laws::check::<ReliabilityTally>(&set(3), [a.clone(), b, c]);
        laws::check_refusal::<ReliabilityTally>(&set(3), a, vec![Some(1), None, Some(8)]);
    }

    #[test]
    fn columns_of_items_are_recorded_as_respondents_are(rows in prop::collection::vec(prop::collection::vec(1..=7_u8, 4), 0..50)) {
        let mut one_by_one = ReliabilityTally::empty(set(4));
        one_by_one.extend(rows.iter().map(|row| row.iter().copied().map(Some).collect())).unwrap();
        let columns: Vec<Vec<u8>> = (0..4).map(|item| rows.iter().map(|row| row[item]).collect()).collect();
        let mut by_columns = ReliabilityTally::empty(set(4));
        by_columns.record_columns(&columns.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
        prop_assert_eq!(one_by_one, by_columns);
    }

    #[test]
    fn alpha_does_not_depend_on_order_offset_or_unit(rows in prop::collection::vec(prop::collection::vec(-3..4_i8, 4), 3..30)) {
        let columns = |rows: &[Vec<i8>], map: fn(f64) -> f64| -> Vec<Vec<f64>> {
            (0..4).map(|item| rows.iter().map(|row| map(f64::from(row[item]))).collect()).collect()
        };
        let alpha = |columns: &[Vec<f64>]| CronbachAlpha::from_columns(&columns.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let plain = columns(&rows, |value| value);
        let Ok(expected) = alpha(&plain) else { return Ok(()) };
        let tolerance = 1e-11 * (1.0 + expected.coefficient().abs());
        let mut reversed_rows = rows.clone();
        reversed_rows.reverse();
        let mut reversed = columns(&reversed_rows, |value| value * 8.0 + 100.0);
        reversed.reverse();
        prop_assert!((alpha(&reversed).unwrap().coefficient() - expected.coefficient()).abs() < tolerance);
        prop_assert!(expected.coefficient() <= 1.0);
        let (narrow, wide) = (expected.estimate(Confidence::P90).interval(), expected.estimate(Confidence::P99).interval());
        prop_assert!(narrow.contains(expected.coefficient()) && wide.low() <= narrow.low() && narrow.high() <= wide.high());
    }

    #[test]
    fn kendall_counts_pairs_as_one_by_one((x, y) in columns()) {
        let kendall = KendallCorrelation::from_columns(&x, &y).unwrap();
        let order = |a: f64, b: f64| a.partial_cmp(&b).unwrap() as i8;
        let signs: Vec<i8> = (0..x.len()).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| order(x[i], x[j]) * order(y[i], y[j])).collect();
        prop_assert_eq!(kendall.concordant(), signs.iter().filter(|&&sign| sign > 0).count() as u128);
        prop_assert_eq!(kendall.discordant(), signs.iter().filter(|&&sign| sign < 0).count() as u128);
    }

    #[test]
    fn spearman_is_pearson_of_the_ranks((x, y) in columns()) {
        let ranks = |column: &[f64]| -> Vec<f64> {
            let count = |value: f64, order: Ordering| column.iter().filter(|other| other.partial_cmp(&&value) == Some(order)).count() as f64;
            column.iter().map(|&value| count(value, Ordering::Less) + count(value, Ordering::Equal) / 2.0).collect()
        };
        let expected = PearsonCorrelation::from_columns(&ranks(&x), &ranks(&y)).unwrap().coefficient();
        prop_assert!((SpearmanCorrelation::from_columns(&x, &y).unwrap().coefficient() - expected).abs() < 1e-14);
    }

    #[test]
    fn correlations_are_symmetric_and_turn_with_a_side((x, y) in columns()) {
        let (pearson, spearman, kendall) = of_columns(&x, &y);
        let swapped = of_columns(&y, &x);
        let turned = of_columns(&x, &y.iter().map(|value| -value).collect::<Vec<_>>());
        let [mut permuted_x, mut permuted_y] = [x, y];
        permuted_x.rotate_left(3);
        permuted_y.rotate_left(3);
        let permuted = of_columns(&permuted_x, &permuted_y);
        prop_assert!((pearson.coefficient() - swapped.0.coefficient()).abs() < 1e-15);
        prop_assert!((pearson.coefficient() - permuted.0.coefficient()).abs() < 1e-12);
        prop_assert!((pearson.coefficient() + turned.0.coefficient()).abs() < 1e-15);
        prop_assert_eq!(spearman, permuted.1);
        prop_assert_eq!(kendall, permuted.2);
        prop_assert!((spearman.coefficient() - swapped.1.coefficient()).abs() < 1e-15);
        prop_assert!(spearman.coefficient() + turned.1.coefficient() == 0.0);
        prop_assert!((kendall.coefficient() - swapped.2.coefficient()).abs() < 1e-15);
        prop_assert!(kendall.coefficient() + turned.2.coefficient() == 0.0);
        for coefficient in [pearson.coefficient(), spearman.coefficient(), kendall.coefficient()] {
            prop_assert!((-1.0..=1.0).contains(&coefficient));
        }
    }

    #[test]
    fn orders_do_not_see_a_monotone_transformation((x, y) in columns()) {
        let stretched: Vec<f64> = x.iter().map(|value| value.powi(3) + value * 1e3).collect();
        let plain = of_columns(&x, &y);
        prop_assert_eq!(SpearmanCorrelation::from_columns(&stretched, &y).unwrap(), plain.1);
        prop_assert_eq!(KendallCorrelation::from_columns(&stretched, &y).unwrap(), plain.2);
    }

    #[test]
    fn tables_agree_with_their_customers_and_turn(table in tables()) {
        let (x, y) = columns_of(&table);
        let (by_table, by_columns, turned) = (of_table(&table), of_columns(&x, &y), of_table(&table.transposed()));
        prop_assert!((by_table.0.coefficient() - by_columns.0.coefficient()).abs() < 1e-14);
        prop_assert_eq!(by_table.1, by_columns.1);
        prop_assert_eq!(by_table.2.coefficient(), by_columns.2.coefficient());
        let asymptotic = |kendall: KendallCorrelation| kendall.estimate_with(Confidence::P95, KendallMethod::Asymptotic).unwrap().interval();
        let (by_table_error, by_columns_error) =
            (asymptotic(by_table.2), asymptotic(KendallCorrelation::from_columns_with_asymptotic_error(&x, &y).unwrap()));
        prop_assert!((by_table_error.low() - by_columns_error.low()).abs() < 1e-14);
        prop_assert!((by_table_error.high() - by_columns_error.high()).abs() < 1e-14);
        prop_assert_eq!((by_table.2.concordant(), by_table.2.discordant()), (by_columns.2.concordant(), by_columns.2.discordant()));
        prop_assert!((by_table.0.coefficient() - turned.0.coefficient()).abs() < 1e-15);
        prop_assert!((by_table.1.coefficient() - turned.1.coefficient()).abs() < 1e-15);
        prop_assert!((by_table.2.coefficient() - turned.2.coefficient()).abs() < 1e-15);
        prop_assert_eq!(table.transposed().transposed(), table);
    }

    #[test]
    fn intervals_of_correlations_hold_the_point_nest_and_narrow(table in tables(), level in 0.01..0.99_f64) {
        let (narrow, wide) = (Confidence::new(level).unwrap(), Confidence::new(level + 0.009).unwrap());
        let doubled = of_table(&OrderedTable::from_counts(4, &table.rows().flatten().map(|count| count * 2).collect::<Vec<_>>()).unwrap());
        let of = |(pearson, spearman, kendall): &Three, confidence| {
            let mut all = vec![pearson.estimate(confidence).unwrap(), kendall.estimate(confidence).unwrap()];
            all.push(kendall.estimate_with(confidence, KendallMethod::Asymptotic).unwrap());
            all.extend(SPEARMAN.map(|(method, _)| spearman.estimate_with(confidence, method).unwrap()));
            all
        };
        let three = of_table(&table);
        for ((estimate, wider), more) in of(&three, narrow).into_iter().zip(of(&three, wide)).zip(of(&doubled, narrow)) {
            let interval = estimate.interval();
            prop_assert!(interval.contains(estimate.point()) && interval.low() >= -1.0 && interval.high() <= 1.0, "{estimate}");
            prop_assert!(wider.interval().low() <= interval.low() && interval.high() <= wider.interval().high());
            prop_assert!((more.point() - estimate.point()).abs() < 1e-14);
            prop_assert!(more.interval().width() <= interval.width() + 1e-14);
        }
        let r = three.0;
        let difference = r.difference(&doubled.0, narrow).unwrap();
        prop_assert!(difference.interval().contains(difference.point()));
        prop_assert!((difference.interval().low() + doubled.0.difference(&r, narrow).unwrap().interval().high()).abs() < 1e-15);
    }

    #[test]
    fn merged_pairs_correlate_as_the_whole(first in pairs_of_ratings(), second in pairs_of_ratings()) {
        let tally = |records: &[[Option<u8>; 2]]| {
            let mut tally = RatingPairTally::default();
            tally.extend(records.iter().copied()).unwrap();
            tally
        };
        let mut merged = tally(&first);
        merged.merge(&tally(&second)).unwrap();
        let all = [first, second].concat();
        let (x, y): (Vec<f64>, Vec<f64>) = all.iter().map(|pair| (f64::from(pair[0].unwrap()), f64::from(pair[1].unwrap()))).unzip();
        let Ok(summary) = merged.finish() else { return Ok(()) };
        let (pearson, spearman, kendall) = of_columns(&x, &y);
        prop_assert!((summary.pearson - pearson.coefficient()).abs() < 1e-14);
        prop_assert_eq!((summary.spearman, summary.kendall), (spearman.coefficient(), kendall.coefficient()));
    }
}

#[test]
fn a_value_that_is_no_number_is_named_by_its_row_and_item() {
    let error = CronbachAlpha::from_columns(&[&[1.0, 2.0], &[2.0, 1.0], &[3.0, f64::NAN]]).unwrap_err();
    assert_eq!((error.to_string().as_str(), error.row()), ("row 1: item 2: value is NaN, but must be finite", Some(1)));
    let error = CronbachAlpha::from_columns(&[&[1.0, 2.0], &[2.0]]).unwrap_err();
    assert_eq!(error.to_string(), "item 1: column length differs: 2 and 1");
}
