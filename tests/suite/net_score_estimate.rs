//! Net scores with their uncertainty: properties, and values against mpmath.

use customer_metrics::satisfaction::{NetScore, NetScoreMethod, RatingTally, Scale};
use customer_metrics::{Confidence, Tally};
use proptest::prelude::*;
use serde_json::Value;

const METHODS: [(NetScoreMethod, &str); 2] = [(NetScoreMethod::Wald, "wald"), (NetScoreMethod::AdjustedWald, "adjusted_wald")];

fn number(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

fn close(got: f64, expected: f64) -> bool {
    (got - expected).abs() <= 1e-14 * expected.abs()
}

fn reference() -> Value {
    serde_json::from_str(include_str!("../data/net_scores.json")).unwrap()
}

fn score(row: &Value) -> NetScore {
    let count = |field: &str| row[field].as_u64().unwrap();
    NetScore::new(count("promoters"), count("passives"), count("detractors")).unwrap()
}

/// `data/net_scores.json`; the origin stands in the file. Its ends are not clamped.
#[test]
fn scores_agree_with_mpmath_to_1e_14() {
    let file = reference();
    let rows = file["rows"].as_array().unwrap();
    assert!(rows.len() > 5);
    for row in rows {
        let score = score(row);
        assert!(close(score.standard_error(), number(&row["se"])), "{row}");
        for (method, column) in METHODS {
            for (level, ends) in row[column].as_object().unwrap() {
                let estimate = score.estimate_with(Confidence::new(level.parse().unwrap()).unwrap(), method);
                let point = number(&row["nps"]);
                assert!(close(estimate.point(), point), "{row}");
                assert!(close(estimate.interval().low(), number(&ends[0]).clamp(-1.0, point)), "{estimate} in {row}");
                assert!(close(estimate.interval().high(), number(&ends[1]).clamp(point, 1.0)), "{estimate} in {row}");
            }
        }
    }
}

#[test]
fn differences_agree_with_mpmath_to_1e_14() {
    let file = reference();
    for row in file["differences"].as_array().unwrap() {
        let named = |name: &Value| file["rows"].as_array().unwrap().iter().find(|row| row["name"] == *name).map(score).unwrap();
        let (a, b) = (named(&row["a"]), named(&row["b"]));
        for (method, column) in METHODS {
            let difference = a.difference_with(&b, Confidence::P95, method);
            assert!(close(difference.point(), number(&row["diff"])), "{row}");
            let (low, high) = (number(&row[column][0]), number(&row[column][1]));
            assert!(close(difference.interval().low(), low.clamp(-2.0, difference.point())), "{difference} in {row}");
            assert!(close(difference.interval().high(), high.clamp(difference.point(), 2.0)), "{difference} in {row}");
        }
    }
}

/// R's package NPS: 0, 7, 7, 9, 9, 9 have a standard error of .304.
#[test]
fn standard_error_of_the_tests_of_the_r_package() {
    assert_eq!(format!("{:.3}", NetScore::new(3, 2, 1).unwrap().standard_error()), "0.304");
}

fn small_scores() -> impl Strategy<Value = NetScore> {
    (0..100_u64, 0..100_u64, 0..100_u64)
        .prop_filter("someone answered", |(p, s, d)| p + s + d > 0)
        .prop_map(|(promoters, passives, detractors)| NetScore::new(promoters, passives, detractors).unwrap())
}

fn mirrored(score: NetScore) -> NetScore {
    NetScore::new(score.detractors().part(), score.passives().part(), score.promoters().part()).unwrap()
}

proptest! {
    #[test]
    fn estimates_hold_mirror_nest_and_stay_in_range(score in small_scores(), level in 0.01..0.99_f64) {
        let (narrow, wide) = (Confidence::new(level).unwrap(), Confidence::new(level + 0.009).unwrap());
        for (method, _) in METHODS {
            let estimate = score.estimate_with(narrow, method);
            let (interval, wider) = (estimate.interval(), score.estimate_with(wide, method).interval());
            prop_assert!(interval.contains(estimate.point()) && -1.0 <= interval.low() && interval.high() <= 1.0);
            prop_assert!(wider.low() <= interval.low() && interval.high() <= wider.high());
            let mirror = mirrored(score).estimate_with(narrow, method);
            prop_assert!(estimate.point() + mirror.point() == 0.0);
            prop_assert!((interval.low() + mirror.interval().high()).abs() < 1e-15);
            prop_assert_eq!(estimate.n(), score.answers());
        }
        prop_assert!(score.estimate(narrow).interval().width() > 0.0);
    }

    #[test]
    fn differences_are_antisymmetric_and_hold_the_point(a in small_scores(), b in small_scores(), level in 0.01..0.99_f64) {
        let (narrow, wide) = (Confidence::new(level).unwrap(), Confidence::new(level + 0.009).unwrap());
        for (method, _) in METHODS {
            let (there, back) = (a.difference_with(&b, narrow, method), b.difference_with(&a, narrow, method));
            let (interval, wider) = (there.interval(), a.difference_with(&b, wide, method).interval());
            prop_assert!(there.point() + back.point() == 0.0);
            prop_assert!((interval.low() + back.interval().high()).abs() < 1e-15);
            prop_assert!(interval.contains(there.point()) && -2.0 <= interval.low() && interval.high() <= 2.0);
            prop_assert!(wider.low() <= interval.low() && interval.high() <= wider.high());
        }
    }

    #[test]
    fn more_answers_narrow_and_the_methods_agree_in_the_end(score in small_scores(), factor in 2..50_u64) {
        let times = |score: NetScore, factor: u64| {
            NetScore::new(score.promoters().part() * factor, score.passives().part() * factor, score.detractors().part() * factor).unwrap()
        };
        let variance: f64 = score.variance().unwrap().to_string().parse().unwrap();
        prop_assert!((score.standard_error().powi(2) * score.answers() as f64 - variance).abs() < 1e-15);
        let width = |score: NetScore, method| score.estimate_with(Confidence::P95, method).interval().width();
        if variance > 0.0 {
            prop_assert!(times(score, factor).standard_error() < score.standard_error());
        }
        let many = times(score, 1_000_000);
        prop_assert!(width(many, NetScoreMethod::AdjustedWald) < 0.01);
        prop_assert!((width(many, NetScoreMethod::AdjustedWald) - width(many, NetScoreMethod::Wald)).abs() < 1e-4);
    }

    #[test]
    fn merging_first_estimates_the_merged(left in prop::collection::vec(0..=10_u8, 1..40), right in prop::collection::vec(0..=10_u8, 1..40)) {
        let tally = |answers: &[u8]| {
            let mut tally = RatingTally::empty(Scale::ZERO_TO_TEN);
            tally.record_column(answers).unwrap();
            tally
        };
        let mut merged = tally(&left);
        merged.merge(&tally(&right)).unwrap();
        let together = tally(&[left, right].concat());
        prop_assert_eq!(merged.nps().unwrap().estimate(Confidence::P95), together.nps().unwrap().estimate(Confidence::P95));
    }

    #[test]
    fn silence_is_bounded_by_every_way_to_break_it(score in small_scores(), promoters in 0..50_u64, passives in 0..50_u64, detractors in 0..50_u64) {
        let silent = promoters + passives + detractors;
        let survey = score.non_response(silent).unwrap();
        let broken = NetScore::new(promoters, passives, detractors).map_or(score, |silent| score.merge(&silent).unwrap());
        prop_assert!(survey.bounds().contains(broken.value()));
        prop_assert_eq!(survey.answered(), score.value());
        let ends = [(0, silent), (silent, 0)].map(|(up, down)| NetScore::new(up, 0, down).map_or(score, |all| score.merge(&all).unwrap()).value());
        prop_assert_eq!([survey.lowest(), survey.highest()], ends);
        prop_assert!(score.non_response(u64::MAX).is_err());
    }
}

/// Of all outcomes of `n` answers, weighted by their chance, the share whose interval holds the truth: least and mean over a grid of true
/// shares of promoters and detractors.
fn coverage(n: u64, method: NetScoreMethod, confidence: Confidence) -> (f64, f64) {
    let ln_factorial: Vec<f64> = (0..=n)
        .scan(0.0, |sum, k| {
            *sum += if k > 0 { (k as f64).ln() } else { 0.0 };
            Some(*sum)
        })
        .collect();
    let outcomes: Vec<_> = (0..=n).flat_map(|p| (0..=n - p).map(move |d| (p, n - p - d, d))).collect();
    let intervals: Vec<_> =
        outcomes.iter().map(|&(p, s, d)| NetScore::new(p, s, d).unwrap().estimate_with(confidence, method).interval()).collect();
    let (mut least, mut sum, mut truths) = (1.0_f64, 0.0, 0);
    for (p, d) in (1..10).flat_map(|p| (1..10 - p).map(move |d| (f64::from(p) / 10.0, f64::from(d) / 10.0))) {
        let truth = p - d;
        let covered: f64 = outcomes
            .iter()
            .zip(&intervals)
            .filter(|(_, interval)| interval.contains(truth))
            .map(|(&(k, s, m), _)| {
                let ways = ln_factorial[n as usize] - ln_factorial[k as usize] - ln_factorial[s as usize] - ln_factorial[m as usize];
                (ways + k as f64 * p.ln() + s as f64 * (1.0 - p - d).ln() + m as f64 * d.ln()).exp()
            })
            .sum();
        (least, sum, truths) = (least.min(covered), sum + covered, truths + 1);
    }
    (least, sum / f64::from(truths))
}

#[test]
fn coverage_is_near_its_promise() {
    for n in [10, 20, 50, 100] {
        for confidence in [Confidence::P90, Confidence::P95] {
            let (level, rest) = (confidence.level(), 1.0 - confidence.level());
            let (least, mean) = coverage(n, NetScoreMethod::AdjustedWald, confidence);
            assert!(
                (level - 0.15 * rest..level + 0.3 * rest).contains(&mean) && least > level - 0.8 * rest,
                "n = {n} at {confidence}: {least}, {mean}"
            );
            let (textbook_least, textbook_mean) = coverage(n, NetScoreMethod::Wald, confidence);
            assert!(textbook_least < least && textbook_mean < mean, "n = {n} at {confidence}: {textbook_least}, {textbook_mean}");
        }
    }
}
