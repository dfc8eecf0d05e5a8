//! Significance tests: values against references of 20 digits, published examples, properties, and how often they reject under the null.

use customer_metrics::estimate::{
    Alternative, ComparisonPlan, ContingencyTable, ExpectedNetScore, NullDistribution, PValueAdjustment, ShareTestMethod, ShareTrend,
    SignificanceTest, adjust_p_values,
};
use customer_metrics::satisfaction::{NetScore, NetScoreMethod};
use customer_metrics::{Confidence, Error, Proportion, Share};
use proptest::prelude::*;
use rand::RngExt;
use rand_distr::{Binomial, Distribution};
use serde_json::Value;

const SIDES: [(Alternative, &str); 3] =
    [(Alternative::TwoSided, "two_sided"), (Alternative::Greater, "greater"), (Alternative::Less, "less")];
const METHODS: [(ShareTestMethod, &str); 3] =
    [(ShareTestMethod::Pooled, "pooled"), (ShareTestMethod::PooledCorrected, "pooled_corrected"), (ShareTestMethod::Unpooled, "unpooled")];

fn file(text: &str, table: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).unwrap();
    file[table].as_array().unwrap().clone()
}

fn number(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

fn count(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

fn proportion(value: &Value) -> Proportion {
    Proportion::new(value.as_str().unwrap().parse().unwrap()).unwrap()
}

fn net(promoters: Proportion, detractors: Proportion) -> ExpectedNetScore {
    ExpectedNetScore { promoters, detractors }
}

fn assert_close(got: f64, expected: f64, tolerance: f64, row: &Value) {
    assert!((got - expected).abs() <= tolerance * expected.abs(), "{got:e} is not {expected:e} in {row}");
}

/// The statistic, the p-value of a side and the logarithm of the two-sided one.
fn assert_normal(test: &SignificanceTest, expected: &Value, column: &str) {
    assert_close(test.statistic(), number(&expected["z"]), 2e-15, expected);
    let p_value = number(&expected[column]);
    // The last digit of z moves a tail by z^2 times as much.
    let tolerance = 1e-15 * (4.0 + test.statistic() * test.statistic());
    assert!(p_value < 1e-300 || (test.p_value() - p_value).abs() <= tolerance * p_value, "{test} in {expected}");
    if column == "two_sided" {
        let ln_p_value = number(&expected["ln_two_sided"]);
        assert!((test.ln_p_value() - ln_p_value).abs() <= 1e-14 * ln_p_value.abs().max(0.1), "{test} in {expected}");
    }
}

/// `data/share_tests.json`; the origin stands in the file.
#[test]
fn tests_of_two_shares_agree_with_mpmath_and_enumeration() {
    let rows = file(include_str!("../data/share_tests.json"), "pairs");
    assert!(rows.len() > 15);
    for row in rows {
        let share = |part: &str, whole: &str| Share::new(count(&row[part]), count(&row[whole])).unwrap();
        let (first, second) = (share("k1", "n1"), share("k2", "n2"));
        for (side, column) in SIDES {
            for (method, name) in METHODS {
                let test = first.test_difference_with(&second, method, side);
                match row.get(name) {
                    Some(expected) => assert_normal(&test.unwrap(), expected, column),
                    None => assert!(matches!(test, Err(Error::Undefined { .. }))),
                }
            }
            if let Some(expected) = row.get("fisher") {
                let test = first.test_difference_exact_with(&second, side).unwrap();
                assert_close(test.p_value(), number(&expected[column]), 1e-12, &row);
                assert_eq!(test.distribution(), NullDistribution::Hypergeometric);
            }
        }
    }
}

#[test]
fn tests_against_an_assumed_share_agree_with_mpmath_and_enumeration() {
    let rows = file(include_str!("../data/share_tests.json"), "against");
    assert!(rows.len() > 10);
    for row in rows {
        let (share, assumed) = (Share::new(count(&row["k"]), count(&row["n"])).unwrap(), proportion(&row["p"]));
        for (side, column) in SIDES {
            assert_normal(&share.test_against_with(assumed, side).unwrap(), &row["score"], column);
            if let Some(expected) = row.get("binomial") {
                assert_close(share.test_against_exact_with(assumed, side).unwrap().p_value(), number(&expected[column]), 1e-12, &row);
            }
        }
    }
}

#[test]
fn tests_of_net_scores_agree_with_mpmath() {
    for row in file(include_str!("../data/share_tests.json"), "net_scores") {
        let score = |name: &str| NetScore::new(count(&row[name][0]), count(&row[name][1]), count(&row[name][2])).unwrap();
        for (side, column) in SIDES {
            assert_normal(&score("first").test_difference_with(&score("second"), side).unwrap(), &row, column);
        }
    }
    let alike = NetScore::new(5, 0, 0).unwrap();
    assert!(matches!(alike.test_difference(&NetScore::new(0, 0, 3).unwrap()), Err(Error::Undefined { .. })));
}

/// `data/contingency_tables.json`; the origin stands in the file.
#[test]
fn tables_and_trends_agree_with_mpmath() {
    for row in file(include_str!("../data/contingency_tables.json"), "tables") {
        let counts: Vec<Vec<u64>> = serde_json::from_value(row["counts"].clone()).unwrap();
        let table = ContingencyTable::new(&counts).unwrap();
        let test = table.test();
        assert_close(test.statistic(), number(&row["chi_square"]), 1e-14, &row);
        assert_eq!(test.degrees_of_freedom(), Some(count(&row["degrees"]) as f64));
        assert_close(test.p_value(), number(&row["p"]), 1e-13, &row);
        assert_close(table.cramers_v(), number(&row["v"]), 1e-14, &row);
        let mut smallest = f64::INFINITY;
        for (i, residuals) in row["residuals"].as_array().unwrap().iter().enumerate() {
            for (j, residual) in residuals.as_array().unwrap().iter().enumerate() {
                assert_close(table.adjusted_residual(i, j).unwrap(), number(residual), 2e-15, &row);
                smallest = smallest.min(table.expected(i, j).unwrap());
                assert_eq!(table.count(i, j), Some(counts[i][j]));
            }
        }
        assert_close(smallest, number(&row["smallest"]), 1e-15, &row);
    }
    for row in file(include_str!("../data/contingency_tables.json"), "trends") {
        let groups: Vec<Share> =
            row["groups"].as_array().unwrap().iter().map(|group| Share::new(count(&group[0]), count(&group[1])).unwrap()).collect();
        let scores: Option<Vec<f64>> = serde_json::from_value(row["scores"].clone()).unwrap();
        for (side, column) in SIDES {
            let trend =
                scores.as_ref().map_or_else(|| ShareTrend::from_shares(&groups), |scores| ShareTrend::from_scored_shares(&groups, scores));
            let trend = trend.unwrap();
            assert_close(trend.slope(), number(&row["slope"]), 1e-12, &row);
            assert_close(trend.test_with(side).statistic(), number(&row["z"]), 1e-12, &row);
            assert_close(trend.test_with(side).p_value(), number(&row[column]), 1e-11, &row);
        }
    }
}

/// `data/comparison_plans.json`; the origin stands in the file.
#[test]
fn sample_sizes_and_powers_agree_with_mpmath() {
    let rows = file(include_str!("../data/comparison_plans.json"), "shares");
    assert!(rows.len() > 7);
    for row in rows {
        let confidence = Confidence::new(number(&row["confidence"])).unwrap();
        for (method, name) in METHODS {
            let plan = ComparisonPlan::from_shares_with(proportion(&row["p1"]), proportion(&row["p2"]), confidence, method).unwrap();
            assert_eq!(plan.sample_size(number(&row["power"])), Ok(count(&row[name])), "{method} in {row}");
        }
        let plan = ComparisonPlan::from_shares(proportion(&row["p1"]), proportion(&row["p2"]), confidence).unwrap();
        assert_close(plan.power(137).unwrap(), number(&row["power_of_137"]), 1e-13, &row);
    }
    for row in file(include_str!("../data/comparison_plans.json"), "net_scores") {
        let expected = |name: &str| net(proportion(&row[name][0]), proportion(&row[name][1]));
        let plan =
            ComparisonPlan::from_net_scores(expected("first"), expected("second"), Confidence::new(number(&row["confidence"])).unwrap())
                .unwrap();
        assert_eq!(plan.sample_size(number(&row["power"])), Ok(count(&row["n"])), "{row}");
    }
}

/// The documented examples of R: `prop.test`, `prop.trend.test`, `chisq.test`, `binom.test`, `fisher.test`, `power.prop.test`, `p.adjust`.
#[test]
fn the_documented_examples_of_r_come_out() {
    let smokers = [(83, 86), (90, 93), (129, 136), (70, 82)].map(|(part, whole)| Share::new(part, whole).unwrap());
    let test = ContingencyTable::from_shares(&smokers).unwrap().test();
    assert_eq!(format!("{test:.4}"), "chi-square(3) = 12.6004, p = 0.00559 (Pearson's chi-square test)");
    let trend = ShareTrend::from_shares(&smokers).unwrap().test();
    assert_eq!(format!("{:.4} {:.6}", trend.statistic().powi(2), trend.p_value()), "8.2249 0.004132");
    let party = ContingencyTable::new([[762, 327, 468], [484, 239, 477]]).unwrap();
    assert_eq!(format!("{:.2} {:.3e}", party.test().statistic(), party.test().p_value()), "30.07 2.954e-7");
    let tea = Share::new(3, 4).unwrap().test_difference_exact_with(&Share::new(1, 4).unwrap(), Alternative::Greater).unwrap();
    assert_eq!(format!("{:.4}", tea.p_value()), "0.2429");
    let twins = Share::new(2, 17).unwrap().test_difference_exact_with(&Share::new(10, 13).unwrap(), Alternative::Less).unwrap();
    assert_eq!(format!("{:.7}", twins.p_value()), "0.0004652");
    let half = Proportion::new("0.5".parse().unwrap()).unwrap();
    let three_quarters = Proportion::new("0.75".parse().unwrap()).unwrap();
    let plan = ComparisonPlan::from_shares(half, three_quarters, Confidence::P95).unwrap();
    assert_eq!(format!("{:.7}", plan.power(50).unwrap()), "0.7401659");
    assert_eq!(plan.sample_size(0.9), Ok(77));
    let corrected = Share::new(15, 25).unwrap().test_difference_with(
        &Share::new(5, 25).unwrap(),
        ShareTestMethod::PooledCorrected,
        Alternative::TwoSided,
    );
    // By hand: (|15 x 25 - 5 x 25| - 25)^2 x 50 / (25 x 25 x 20 x 30).
    assert!((corrected.unwrap().statistic().powi(2) - 6.75).abs() < 1e-14);
}

/// Adjusted by the definition, each from all the others.
fn adjusted_slowly(p_values: &[f64], adjustment: PValueAdjustment) -> Vec<f64> {
    let m = p_values.len() as f64;
    let at_most = |p: f64| p_values.iter().filter(|&&other| other <= p).count() as f64;
    let below = |p: f64| p_values.iter().filter(|&&other| other < p).count() as f64;
    let penalty: f64 =
        if adjustment == PValueAdjustment::BenjaminiYekutieli { (1..=p_values.len()).map(|k| 1.0 / k as f64).sum() } else { 1.0 };
    p_values
        .iter()
        .map(|&p| match adjustment {
            PValueAdjustment::Holm => {
                p_values.iter().filter(|&&other| other <= p).map(|&other| other * (m - below(other))).fold(0.0, f64::max).min(1.0)
            }
            PValueAdjustment::Bonferroni => (p * m).min(1.0),
            _ => p_values.iter().filter(|&&other| other >= p).map(|&other| other * m / at_most(other) * penalty).fold(1.0, f64::min),
        })
        .collect()
}

const ADJUSTMENTS: [PValueAdjustment; 4] =
    [PValueAdjustment::Holm, PValueAdjustment::BenjaminiHochberg, PValueAdjustment::BenjaminiYekutieli, PValueAdjustment::Bonferroni];

/// Table 1 of Benjamini and Hochberg (1995): at 5%, Bonferroni rejects 3 of the 15 hypotheses, the false discovery rate 4.
#[test]
fn the_worked_example_of_benjamini_and_hochberg() {
    let p_values = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0];
    let rejected = |adjustment| adjust_p_values(&p_values, adjustment).unwrap().iter().filter(|&&p| p <= 0.05).count();
    assert_eq!(ADJUSTMENTS.map(rejected), [3, 4, 3, 3]);
}

#[test]
fn p_values_that_are_none_are_refused_with_their_row() {
    for wrong in [f64::NAN, -0.1, 1.000_1, f64::INFINITY] {
        for adjustment in ADJUSTMENTS {
            let error = adjust_p_values(&[0.5, 0.2, wrong, 0.1], adjustment).unwrap_err();
            assert_eq!((error.row(), error.field()), (Some(2), Some("p-value")));
        }
    }
    assert_eq!(adjust_p_values(&[], PValueAdjustment::Holm), Ok(vec![]));
    assert_eq!(adjust_p_values(&[0.3], PValueAdjustment::BenjaminiYekutieli), Ok(vec![0.3]));
}

#[test]
fn tables_that_are_none_are_refused() {
    let refused = |rows: &[&[u64]]| ContingencyTable::new(rows).unwrap_err();
    assert!(matches!(refused(&[]), Error::Undefined { .. }));
    assert!(matches!(refused(&[&[1, 2]]), Error::Undefined { .. }));
    assert!(matches!(refused(&[&[1], &[2]]), Error::Undefined { .. }));
    assert!(matches!(refused(&[&[1, 0], &[2, 0]]), Error::Undefined { .. }));
    assert_eq!(refused(&[&[1, 2], &[3, 4], &[0, 0]]).row(), Some(2));
    assert_eq!(refused(&[&[1, 2], &[3, 4, 5]]).row(), Some(1));
    assert!(matches!(refused(&[&[1, u64::MAX], &[3, 4]]), Error::Row { row: 0, .. }));
    assert!(matches!(refused(&[&[1, 1 << 63], &[1 << 63, 4]]), Error::Overflow { .. }));
    assert!(ContingencyTable::from_shares(&[Share::new(2, 2).unwrap(), Share::new(3, 3).unwrap()]).is_err());
    assert_eq!(ContingencyTable::new([[1, 2], [3, 4]]).unwrap().adjusted_residual(2, 0), None);
}

/// `scipy.stats.nct` 1.17.1: the smallest number in each group whose power by the noncentral t distribution is as wanted.
#[test]
fn sample_sizes_for_two_means_are_within_one_of_the_exact_ones() {
    let expected = [
        (0.5, 1.0, 0.95, 0.8, 64),
        (0.2, 1.0, 0.95, 0.8, 394),
        (1.0, 1.0, 0.95, 0.9, 23),
        (0.3, 1.1, 0.9, 0.8, 167),
        (0.25, 1.2, 0.99, 0.9, 688),
        (2.0, 1.0, 0.95, 0.8, 6),
        (1.5, 1.0, 0.99, 0.9, 15),
        (-0.1, 1.1, 0.95, 0.8, 1901),
    ];
    for (difference, deviation, level, power, expected) in expected {
        let plan = ComparisonPlan::from_means(difference, [deviation; 2], Confidence::new(level).unwrap()).unwrap();
        let size = plan.sample_size(power).unwrap();
        assert!(size.abs_diff(expected) <= 1, "{plan}: {size} is not {expected}");
        assert!(plan.power(size).unwrap() >= power && plan.power(size - 1).unwrap() < power, "{plan}");
    }
    let plan = ComparisonPlan::from_means(0.5, [1.0, 1.0], Confidence::P95).unwrap();
    assert!((plan.power(20).unwrap() - 0.337_708_365_563_459_46).abs() < 0.005);
    for wrong in [ComparisonPlan::from_means(0.0, [1.0; 2], Confidence::P95), ComparisonPlan::from_means(1.0, [0.0, 1.0], Confidence::P95)]
    {
        assert!(wrong.is_err());
    }
    assert!(ComparisonPlan::from_means(f64::NAN, [1.0; 2], Confidence::P95).is_err());
    assert!(ComparisonPlan::from_means(1.0, [f64::NAN, 1.0], Confidence::P95).is_err());
}

proptest! {
    /// The slope is the weighted sum of the shares, and of two groups their difference.
    #[test]
    fn the_interval_of_a_slope_holds_it_and_is_newcombes_for_two_groups(
        groups in prop::collection::vec((0..50_u64, 1..50_u64), 2..6), step in 0.1..10.0_f64, level in 0.05..0.99_f64
    ) {
        let confidence = Confidence::new(level).unwrap();
        let shares: Vec<Share> = groups.iter().map(|&(part, rest)| Share::new(part, part + rest).unwrap()).collect();
        prop_assume!(shares.iter().any(|share| share.part() > 0));
        let scores: Vec<f64> = (0..shares.len()).map(|position| step * position as f64).collect();
        let trend = ShareTrend::from_scored_shares(&shares, &scores).unwrap();
        let estimate = trend.estimate(confidence).unwrap();
        prop_assert!((estimate.point() - trend.slope()).abs() < 1e-13 / step);
        prop_assert!(estimate.interval().contains(estimate.point()));
        if let [first, second] = shares[..] {
            let difference = second.difference(&first, confidence).interval();
            prop_assert!((estimate.interval().low().max(-1.0 / step) * step - difference.low()).abs() < 1e-13);
            prop_assert!((estimate.interval().high().min(1.0 / step) * step - difference.high()).abs() < 1e-13);
        }
    }
}

#[test]
fn trends_that_are_none_are_refused() {
    let (some, other) = (Share::new(3, 10).unwrap(), Share::new(5, 10).unwrap());
    let none = Share::new(0, 10).unwrap();
    assert!(matches!(ShareTrend::from_shares(&[some]), Err(Error::Undefined { .. })));
    assert!(matches!(ShareTrend::from_shares(&[]), Err(Error::Undefined { .. })));
    assert!(matches!(ShareTrend::from_shares(&[none, none]), Err(Error::Undefined { .. })));
    assert!(matches!(ShareTrend::from_scored_shares(&[some, other], &[1.0, 1.0]), Err(Error::Undefined { .. })));
    assert!(matches!(ShareTrend::from_scored_shares(&[some, other], &[1.0]), Err(Error::Mismatch { .. })));
    for wrong in [f64::NAN, f64::INFINITY, 1e200] {
        assert_eq!(ShareTrend::from_scored_shares(&[some, other], &[1.0, wrong]).unwrap_err().row(), Some(1));
    }
    for extreme in [[-1e150, 1e150], [0.0, 1e-300], [1.0, 1.0 + f64::EPSILON]] {
        let trend = ShareTrend::from_scored_shares(&[some, other], &extreme).unwrap();
        assert!((trend.test().statistic() - other.test_difference(&some).unwrap().statistic()).abs() < 1e-14, "{trend}");
    }
    let huge = Share::new(1, u64::MAX).unwrap();
    assert!(matches!(ShareTrend::from_shares(&[huge, huge]), Err(Error::Overflow { .. })));
}

#[test]
fn plans_that_are_none_are_refused() {
    let (half, all) = (Proportion::new("0.5".parse().unwrap()).unwrap(), Proportion::ONE);
    assert!(matches!(ComparisonPlan::from_shares(half, half, Confidence::P95), Err(Error::Undefined { .. })));
    assert!(matches!(ComparisonPlan::from_net_scores(net(half, half), net(half, half), Confidence::P95), Err(Error::Undefined { .. })));
    assert!(matches!(ComparisonPlan::from_net_scores(net(all, half), net(half, half), Confidence::P95), Err(Error::OutOfBounds { .. })));
    let plan = ComparisonPlan::from_shares(Proportion::ZERO, all, Confidence::P95).unwrap();
    for wrong in [0.0, 1.0, -1.0, 80.0, f64::NAN] {
        assert!(matches!(plan.sample_size(wrong), Err(Error::OutOfBounds { field: "power", .. })));
        assert!(ComparisonPlan::detectable_rise(half, 10, wrong, Confidence::P95).is_err());
    }
    assert!(plan.power(0).is_err());
    assert_eq!((plan.power(1), plan.power(2)), (Ok(0.0), Ok(1.0)));
    assert_eq!(plan.sample_size(0.8), Ok(2));
    assert!(matches!(ComparisonPlan::detectable_rise(half, 3, 0.9, Confidence::P99), Err(Error::Undefined { .. })));
    assert!(matches!(ComparisonPlan::detectable_rise(all, 1000, 0.9, Confidence::P99), Err(Error::Undefined { .. })));
    let tiny = Proportion::new("0.5000000000000000000000000001".parse().unwrap()).unwrap();
    let plan = ComparisonPlan::from_shares(half, tiny, Confidence::P95).unwrap();
    assert!(matches!(plan.sample_size(0.8), Err(Error::Overflow { .. })));
}

fn small_shares() -> impl Strategy<Value = Share> {
    (1..300_u64).prop_flat_map(|whole| (0..=whole).prop_map(move |part| Share::new(part, whole).unwrap()))
}

fn shares() -> impl Strategy<Value = Share> {
    let any = (1..=u64::MAX / 4).prop_flat_map(|whole| (0..=whole).prop_map(move |part| Share::new(part, whole).unwrap()));
    prop_oneof![3 => small_shares(), 1 => any]
}

fn times(share: Share, factor: u64) -> Share {
    Share::new(share.part() * factor, share.whole() * factor).unwrap()
}

proptest! {
    #[test]
    fn swapping_the_groups_mirrors_the_statistic_and_keeps_the_p_value(a in shares(), b in shares()) {
        for (method, _) in METHODS {
            for (side, _) in SIDES {
                let there = a.test_difference_with(&b, method, side);
                let back = b.test_difference_with(&a, method, side.reversed());
                prop_assert_eq!(there.is_ok(), back.is_ok());
                if let (Ok(there), Ok(back)) = (there, back) {
                    prop_assert!((there.statistic() + back.statistic()).abs() <= 1e-15 * there.statistic().abs());
                    prop_assert!((there.ln_p_value() - back.ln_p_value()).abs() <= 1e-13 * there.ln_p_value().abs().max(1e-3));
                    prop_assert!((0.0..=1.0).contains(&there.p_value()) && there.ln_p_value() <= 0.0 && there.ln_p_value().is_finite());
                    prop_assert!(there.p_value() > 0.0 || there.ln_p_value() < -700.0);
                    // Counting what does not count turns the sign.
                    let complements = a.complement().test_difference_with(&b.complement(), method, side.reversed()).unwrap();
                    prop_assert!((there.statistic() + complements.statistic()).abs() <= 1e-14 * there.statistic().abs());
                }
            }
        }
    }

    #[test]
    fn more_of_the_same_moves_the_statistic_with_the_root(a in small_shares(), b in small_shares(), factor in 2..1000_u64) {
        for method in [ShareTestMethod::Pooled, ShareTestMethod::Unpooled] {
            if let Ok(few) = a.test_difference_with(&b, method, Alternative::TwoSided) {
                let many = times(a, factor).test_difference_with(&times(b, factor), method, Alternative::TwoSided).unwrap();
                let root = (factor as f64).sqrt();
                prop_assert!((many.statistic() - root * few.statistic()).abs() <= 1e-14 * many.statistic().abs());
            }
        }
        if let Ok(corrected) = a.test_difference_with(&b, ShareTestMethod::PooledCorrected, Alternative::TwoSided) {
            prop_assert!(corrected.p_value() >= a.test_difference(&b).unwrap().p_value());
        }
    }

    /// Pearson's statistic of a two-by-two table, the homogeneity of two groups and the trend over two are one test.
    #[test]
    fn the_tests_of_two_groups_are_one(a in small_shares(), b in small_shares()) {
        if let Ok(test) = a.test_difference(&b) {
            let square = test.statistic() * test.statistic();
            let table = ContingencyTable::from_shares(&[a, b]).unwrap();
            prop_assert!((table.test().statistic() - square).abs() <= 1e-13 * square);
            prop_assert!((table.test().p_value() - test.p_value()).abs() <= 1e-11 * test.p_value());
            prop_assert!((table.adjusted_residual(0, 0).unwrap() - test.statistic()).abs() <= 1e-14 * test.statistic().abs());
            prop_assert!(table.cramers_v() <= 1.0);
            let trend = ShareTrend::from_shares(&[b, a]).unwrap();
            prop_assert!((trend.test().statistic() - test.statistic()).abs() <= 1e-12 * test.statistic().abs());
            prop_assert!((trend.slope() - (a.to_f64() - b.to_f64())).abs() <= 1e-14);
        }
    }

    #[test]
    fn a_table_does_not_mind_the_order_of_its_groups(groups in prop::collection::vec(small_shares(), 2..7), turn in 0..7_usize) {
        let mut turned = groups.clone();
        turned.rotate_left(turn % groups.len());
        if let Ok(table) = ContingencyTable::from_shares(&groups) {
            let (test, other) = (table.test(), ContingencyTable::from_shares(&turned).unwrap().test());
            prop_assert!((test.statistic() - other.statistic()).abs() <= 1e-13 * test.statistic());
            // Transposed, it is the same.
            let transposed = ContingencyTable::new([0, 1].map(|column| (0..groups.len()).map(|row| table.count(row, column).unwrap()).collect::<Vec<_>>())).unwrap();
            prop_assert!((test.statistic() - transposed.test().statistic()).abs() <= 1e-13 * test.statistic());
            prop_assert_eq!(test.degrees_of_freedom(), transposed.test().degrees_of_freedom());
            // The trend is a part of the differences.
            let trend = ShareTrend::from_shares(&groups).unwrap();
            prop_assert!(trend.test().statistic().powi(2) <= test.statistic() * (1.0 + 1e-12) + 1e-20);
            let mut backwards = groups.clone();
            backwards.reverse();
            let back = ShareTrend::from_shares(&backwards).unwrap();
            prop_assert!((trend.slope() + back.slope()).abs() <= 1e-13);
            prop_assert!((trend.test_with(Alternative::Greater).p_value() - back.test_with(Alternative::Less).p_value()).abs() <= 1e-12);
        }
    }

    /// Wilson's interval holds the assumed share exactly where the score test does not reject it, and Clopper and Pearson's where neither
    /// side of the exact test does.
    #[test]
    fn tests_agree_with_the_intervals_that_invert_them(share in small_shares(), permille in 1..1000_u32, level in 0.5..0.999_f64) {
        let assumed = Proportion::from_percent(customer_metrics::Decimal::new(permille.into(), 1)).unwrap();
        let confidence = Confidence::new(level).unwrap();
        let at = assumed.to_f64();
        let near = |interval: customer_metrics::Interval| (interval.low() - at).abs() < 1e-9 || (interval.high() - at).abs() < 1e-9;
        let wilson = share.interval(confidence);
        let score = share.test_against(assumed).unwrap();
        prop_assert!(near(wilson) || wilson.contains(at) != score.is_significant(confidence));
        let exact = share.interval_with(confidence, customer_metrics::ShareMethod::ClopperPearson);
        let tail = [Alternative::Greater, Alternative::Less].map(|side| share.test_against_exact_with(assumed, side).unwrap().p_value());
        prop_assert!(near(exact) || exact.contains(at) == (tail[0].min(tail[1]) > (1.0 - level) / 2.0));
    }

    #[test]
    fn exact_tests_mirror(a in small_shares(), b in small_shares(), percent in 1..100_u32) {
        let assumed = Proportion::from_percent(percent.into()).unwrap();
        for (side, _) in SIDES {
            let test = a.test_against_exact_with(assumed, side).unwrap();
            let mirrored = a.complement().test_against_exact_with(assumed.complement(), side.reversed()).unwrap();
            prop_assert!((test.p_value() - mirrored.p_value()).abs() <= 1e-12 * test.p_value());
            prop_assert!((0.0..=1.0).contains(&test.p_value()) && test.ln_p_value().is_finite());
            prop_assert!((test.ln_p_value() - mirrored.ln_p_value()).abs() <= 1e-12 * test.ln_p_value().abs().max(1e-2));
            let fisher = a.test_difference_exact_with(&b, side).unwrap().p_value();
            prop_assert!(fisher > 0.0 && fisher <= 1.0);
            for other in [b.test_difference_exact_with(&a, side.reversed()), a.complement().test_difference_exact_with(&b.complement(), side.reversed())] {
                prop_assert!((other.unwrap().p_value() - fisher).abs() <= 1e-11 * fisher);
            }
        }
    }

    #[test]
    fn net_scores_differ_where_the_textbook_interval_leaves_out_0(
        a in prop::array::uniform3(0..200_u64), b in prop::array::uniform3(0..200_u64), level in 0.5..0.999_f64,
    ) {
        prop_assume!(a.iter().sum::<u64>() > 0 && b.iter().sum::<u64>() > 0);
        let score = |[promoters, passives, detractors]: [u64; 3]| NetScore::new(promoters, passives, detractors).unwrap();
        let (a, b) = (score(a), score(b));
        let confidence = Confidence::new(level).unwrap();
        if let Ok(test) = a.test_difference(&b) {
            let interval = a.difference_with(&b, confidence, NetScoreMethod::Wald).interval();
            let near = interval.low().abs() < 1e-9 || interval.high().abs() < 1e-9;
            prop_assert!(near || test.is_significant(confidence) != interval.contains(0.0));
            let back = b.test_difference_with(&a, Alternative::Less).unwrap();
            prop_assert!((test.statistic() + back.statistic()).abs() <= 1e-14 * test.statistic().abs());
            // Without passives a net score is a share at twice the size.
            if a.passives().part() == 0 && b.passives().part() == 0 {
                let shares = a.promoters().test_difference_with(&b.promoters(), ShareTestMethod::Unpooled, Alternative::TwoSided).unwrap();
                prop_assert!((shares.statistic() - test.statistic()).abs() <= 1e-12 * test.statistic().abs());
            }
        }
    }

    #[test]
    fn adjusted_p_values_are_those_of_the_definition(steps in prop::collection::vec(0..50_u32, 0..40)) {
        // Few distinct values, so that there are ties.
        let p_values: Vec<f64> = steps.iter().map(|&step| (f64::from(step) / 50.0).powi(4)).collect();
        for adjustment in ADJUSTMENTS {
            let adjusted = adjust_p_values(&p_values, adjustment).unwrap();
            let expected = adjusted_slowly(&p_values, adjustment);
            for (at, (&got, expected)) in adjusted.iter().zip(expected).enumerate() {
                prop_assert!((got - expected).abs() <= 1e-14 * expected, "{adjustment}: {got} is not {expected}");
                prop_assert!(got >= p_values[at] && got <= 1.0);
                for (&other, &other_p) in adjusted.iter().zip(&p_values) {
                    prop_assert!(p_values[at] > other_p || got <= other);
                }
            }
        }
        let [holm, hochberg, yekutieli, bonferroni] = ADJUSTMENTS.map(|adjustment| adjust_p_values(&p_values, adjustment).unwrap());
        for at in 0..p_values.len() {
            prop_assert!(hochberg[at] <= holm[at] * (1.0 + 1e-14) && holm[at] <= bonferroni[at] && hochberg[at] <= yekutieli[at]);
        }
    }

    #[test]
    fn sample_size_inverts_power(p1 in 1..100_u32, p2 in 1..100_u32, level in 0.8..0.999_f64, power in 0.5..0.99_f64, at in 0..3_usize) {
        prop_assume!(p1 != p2);
        let [first, second] = [p1, p2].map(|percent| Proportion::from_percent(percent.into()).unwrap());
        let confidence = Confidence::new(level).unwrap();
        let plan = ComparisonPlan::from_shares_with(first, second, confidence, METHODS[at].0).unwrap();
        let size = plan.sample_size(power).unwrap();
        prop_assert!(plan.power(size).unwrap() >= power * (1.0 - 1e-12));
        prop_assert!(size == 1 || plan.power(size - 1).unwrap() <= power * (1.0 + 1e-12));
        let swapped = ComparisonPlan::from_shares_with(second, first, confidence, METHODS[at].0).unwrap();
        prop_assert_eq!(swapped.sample_size(power), Ok(size));
        if at == 0 && p1 < p2 {
            let rise = ComparisonPlan::detectable_rise(first, size, power, confidence).unwrap();
            prop_assert!(rise <= f64::from(p2 - p1) / 100.0 * (1.0 + 1e-9));
        }
        let score = ComparisonPlan::from_net_scores(net(first, Proportion::ZERO), net(second, Proportion::ZERO), confidence).unwrap();
        let share = ComparisonPlan::from_shares_with(first, second, confidence, ShareTestMethod::Unpooled).unwrap();
        prop_assert_eq!(score.sample_size(power), share.sample_size(power));
    }
}

/// How often each test rejects at 95% where there is no difference, and how often where the plan says 80%.
#[test]
fn rejections_come_as_often_as_promised() {
    let mut random = rand_pcg::Pcg64Mcg::new(20_240_229);
    let rounds = 4_000_u32;
    let half = Binomial::new(400, 0.3).unwrap();
    let mut rejected = [0_u32; 7];
    for _ in 0..rounds {
        let groups: Vec<Share> = (0..4).map(|_| Share::new(half.sample(&mut random), 400).unwrap()).collect();
        let assumed = Proportion::new("0.3".parse().unwrap()).unwrap();
        let outcomes = [
            groups[0].test_difference(&groups[1]).unwrap(),
            groups[0].test_difference_with(&groups[1], ShareTestMethod::Unpooled, Alternative::Greater).unwrap(),
            groups[0].test_difference_with(&groups[1], ShareTestMethod::PooledCorrected, Alternative::TwoSided).unwrap(),
            groups[0].test_against(assumed).unwrap(),
            ContingencyTable::from_shares(&groups).unwrap().test(),
            ShareTrend::from_shares(&groups).unwrap().test(),
            groups[0].test_difference_exact(&groups[1]).unwrap(),
        ];
        for (count, outcome) in rejected.iter_mut().zip(outcomes) {
            *count += u32::from(outcome.is_significant(Confidence::P95));
        }
    }
    let rates = rejected.map(|count| f64::from(count) / f64::from(rounds));
    // Three standard errors of 5% in 4000 rounds are 1%. Of one share the counts are coarse: by summation the rate is 5.6%.
    for at in [0, 1, 4, 5] {
        assert!((0.04..0.06).contains(&rates[at]), "{rates:?}");
    }
    assert!((0.043..0.065).contains(&rates[3]), "{rates:?}");
    for cautious in [2, 6] {
        assert!((0.025..0.05).contains(&rates[cautious]), "{rates:?}");
    }

    let plan = ComparisonPlan::from_shares(
        Proportion::new("0.3".parse().unwrap()).unwrap(),
        Proportion::new("0.38".parse().unwrap()).unwrap(),
        Confidence::P95,
    );
    let size = plan.unwrap().sample_size(0.8).unwrap();
    let found = (0..rounds)
        .filter(|_| {
            let [a, b] = [0.3, 0.38].map(|p| Share::new(Binomial::new(size, p).unwrap().sample(&mut random), size).unwrap());
            a.test_difference(&b).unwrap().is_significant(Confidence::P95)
        })
        .count();
    assert!((0.78..0.82).contains(&(found as f64 / f64::from(rounds))), "{found}");

    // Net scores of 45% promoters and 25% detractors.
    let false_alarms = (0..rounds)
        .filter(|_| {
            let [a, b] = [(), ()].map(|()| {
                let mut counts = [0_u64; 3];
                for _ in 0..200 {
                    let u: f64 = random.random();
                    counts[if u < 0.45 {
                        0
                    } else if u < 0.75 {
                        1
                    } else {
                        2
                    }] += 1;
                }
                NetScore::new(counts[0], counts[1], counts[2]).unwrap()
            });
            a.test_difference(&b).unwrap().is_significant(Confidence::P95)
        })
        .count();
    assert!((0.04..0.06).contains(&(false_alarms as f64 / f64::from(rounds))), "{false_alarms}");
}

#[cfg(feature = "serde")]
#[test]
fn outcomes_serialise_and_what_one_puts_in_comes_back_checked() {
    let table = ContingencyTable::new([[20, 30], [15, 35]]).unwrap();
    let json = serde_json::to_value(table.test()).unwrap();
    assert_eq!((&json["method"], &json["alternative"]), (&"pearson_chi_square".into(), &"two_sided".into()));
    assert_eq!(json["distribution"], serde_json::json!({ "chi_square": { "degrees": 1.0 } }));
    assert!(json["p_value"].is_number() && json["ln_p_value"].is_number());
    assert_eq!(table.test().method(), customer_metrics::estimate::TestMethod::PearsonChiSquare);

    let json = serde_json::to_string(&table).unwrap();
    assert_eq!(json, r#"{"counts":[[20,30],[15,35]]}"#);
    assert_eq!(serde_json::from_str::<ContingencyTable>(&json).unwrap(), table);
    for hostile in [r#"{"counts":[[0,0],[15,35]]}"#, r#"{"counts":[[1,2],[15]]}"#, r#"{"counts":[[1,2],[3,4]],"total":9}"#] {
        assert!(serde_json::from_str::<ContingencyTable>(hostile).is_err(), "{hostile}");
    }
    let percent = |percent: u32| Proportion::from_percent(percent.into()).unwrap();
    for plan in [
        ComparisonPlan::from_shares(percent(80), percent(85), Confidence::P95).unwrap(),
        ComparisonPlan::from_net_scores(net(percent(50), percent(20)), net(percent(50), percent(10)), Confidence::P90).unwrap(),
    ] {
        let json = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<ComparisonPlan>(&json).unwrap(), plan);
        for (from, to) in [("0.8\"", "0.85\""), ("0.2\"", "0.6\""), ("\"confidence\"", "\"x\":1,\"confidence\"")] {
            if json.contains(from) {
                assert!(serde_json::from_str::<ComparisonPlan>(&json.replace(from, to)).is_err(), "{to}");
            }
        }
    }
    for (adjustment, text) in ADJUSTMENTS.iter().zip(["holm", "benjamini_hochberg", "benjamini_yekutieli", "bonferroni"]) {
        assert_eq!(serde_json::to_value(adjustment).unwrap(), text);
    }
}

/// The plain test is the two-sided one, and its p-value twice that of the alternative that the data favour.
#[test]
fn every_plain_test_is_two_sided_and_with_names_the_side() {
    use customer_metrics::estimate::{ContinuityCorrection, KendallCorrelation, MannWhitney, PearsonCorrelation, SpearmanCorrelation};
    use customer_metrics::satisfaction::{RatingPairTally, RatingTally, Scale};
    use customer_metrics::{MinorUnit, MomentsTally, Tally};

    type OneTest<'a> = (SignificanceTest, Box<dyn Fn(Alternative) -> SignificanceTest + 'a>);
    let (some, other) = (Share::new(56, 70).unwrap(), Share::new(48, 80).unwrap());
    let assumed = Proportion::from_percent(60_u64.into()).unwrap();
    let trend = ShareTrend::from_shares(&[other, some]).unwrap();
    let (x, y) = ([1.0, 3.0, 2.0, 9.0, 30.0, 4.0, 4.0, 12.0], [1.0, 4.0, 5.0, 2.0, 7.0, 4.0, 3.0, 6.0]);
    let pearson = PearsonCorrelation::from_columns(&x, &y).unwrap();
    let less = PearsonCorrelation::from_columns(&x, &[5.0, 4.0, 5.0, 2.0, 1.0, 4.0, 3.0, 3.0]).unwrap();
    let spearman = SpearmanCorrelation::from_columns(&x, &y).unwrap();
    let kendall = KendallCorrelation::from_columns(&x, &y).unwrap();
    let groups = MannWhitney::from_counts(&[2, 5, 13, 40, 40], &[10, 12, 22, 31, 25]).unwrap();
    let ratings = |counts: &[u64]| RatingTally::from_counts(Scale::ONE_TO_FIVE, counts, 0).unwrap();
    let (chat, phone) = (ratings(&[2, 5, 13, 40, 40]), ratings(&[10, 12, 22, 31, 25]));
    let mut pairs = RatingPairTally::empty([Scale::ONE_TO_FIVE; 2]);
    pairs.extend([[5, 4], [4, 4], [3, 1], [5, 2], [2, 3]].map(|pair| pair.map(Some))).unwrap();
    let amounts = |column: &[i64]| {
        let mut tally = MomentsTally::empty(MinorUnit::CENT);
        tally.record_column(column).unwrap();
        tally
    };
    let (more, fewer) = (amounts(&[900, 1_100, 1_350, 780]), amounts(&[500, 820, 610, 700]));
    let tests: Vec<OneTest<'_>> = vec![
        (some.test_against(assumed).unwrap(), Box::new(|side| some.test_against_with(assumed, side).unwrap())),
        (trend.test(), Box::new(|side| trend.test_with(side))),
        (pearson.test().unwrap(), Box::new(|side| pearson.test_with(side).unwrap())),
        (pearson.test_difference(&less).unwrap(), Box::new(|side| pearson.test_difference_with(&less, side).unwrap())),
        (spearman.test().unwrap(), Box::new(|side| spearman.test_with(side).unwrap())),
        (kendall.test().unwrap(), Box::new(|side| kendall.test_with(side).unwrap())),
        (groups.test().unwrap(), Box::new(|side| groups.test_with(ContinuityCorrection::OneHalf, side).unwrap())),
        (groups.test_brunner_munzel().unwrap(), Box::new(|side| groups.test_brunner_munzel_with(side).unwrap())),
        (chat.test_mean_difference(&phone).unwrap(), Box::new(|side| chat.test_mean_difference_with(&phone, side).unwrap())),
        (pairs.test_mean_difference().unwrap(), Box::new(|side| pairs.test_mean_difference_with(side).unwrap())),
        (more.test_mean_difference(&fewer).unwrap(), Box::new(|side| more.test_mean_difference_with(&fewer, side).unwrap())),
    ];
    for (plain, with) in tests {
        assert_eq!(plain, with(Alternative::TwoSided));
        let [greater, less] = [with(Alternative::Greater), with(Alternative::Less)].map(|test| test.p_value());
        assert!((plain.p_value() - 2.0 * greater).abs() <= 1e-14 && greater < less, "{plain}: {greater} {less}");
    }
    let exact = some.test_difference_exact(&other).unwrap();
    assert_eq!(exact, some.test_difference_exact_with(&other, Alternative::TwoSided).unwrap());
    assert!(some.test_difference_exact_with(&other, Alternative::Greater).unwrap().p_value() < exact.p_value());
    let exact = some.test_against_exact(assumed).unwrap();
    assert_eq!(exact, some.test_against_exact_with(assumed, Alternative::TwoSided).unwrap());
    assert!(some.test_against_exact_with(assumed, Alternative::Greater).unwrap().p_value() < exact.p_value());
}
