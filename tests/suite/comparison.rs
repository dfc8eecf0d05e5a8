//! Comparisons of two shares: properties, and values against references of 25 digits or more.

use customer_metrics::estimate::{DifferenceMethod, NumberNeededInterval, NumberNeededPoint, OddsRatioMethod};
use customer_metrics::{Confidence, Interval, Share};
use proptest::prelude::*;
use serde_json::Value;

const METHODS: [DifferenceMethod; 3] = [DifferenceMethod::Newcombe, DifferenceMethod::NewcombeCorrected, DifferenceMethod::AgrestiCaffo];

fn number(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

fn groups(row: &Value) -> (Share, Share, Confidence) {
    let share = |part: &str, whole: &str| Share::new(row[part].as_u64().unwrap(), row[whole].as_u64().unwrap()).unwrap();
    (share("k1", "n1"), share("k2", "n2"), Confidence::new(number(&row["confidence"])).unwrap())
}

fn assert_close(got: f64, expected: f64, tolerance: f64, row: &Value) {
    assert!((got - expected).abs() <= tolerance * expected.abs(), "{got} is not {expected} in {row}");
}

/// `data/share_differences.json`; the origin stands in the file.
#[test]
fn differences_agree_with_mpmath_to_1e_13() {
    let file: Value = serde_json::from_str(include_str!("../data/share_differences.json")).unwrap();
    let rows = file["rows"].as_array().unwrap();
    assert!(rows.len() > 20);
    for row in rows {
        let (first, second, confidence) = groups(row);
        for (method, column) in METHODS.into_iter().zip(["newcombe_wilson", "newcombe_wilson_cc", "agresti_caffo_unclipped"]) {
            let difference = first.difference_with(&second, confidence, method);
            assert_close(difference.point(), number(&row["diff"]), 1e-15, row);
            assert_close(difference.interval().low(), number(&row[column][0]).max(-1.0), 1e-13, row);
            assert_close(difference.interval().high(), number(&row[column][1]).min(1.0), 1e-13, row);
        }
    }
}

/// `data/ratio_intervals.json`; the origin stands in the file.
#[test]
fn ratios_agree_with_mpmath_to_1e_13() {
    let file: Value = serde_json::from_str(include_str!("../data/ratio_intervals.json")).unwrap();
    let rows = file["rows"].as_array().unwrap();
    assert!(rows.len() > 40);
    for row in rows {
        let (first, second, confidence) = groups(row);
        let ratio = first.ratio(&second, confidence).map(|ratio| (ratio.point(), ratio.interval()));
        let odds_ratio = first.odds_ratio(&second, confidence).map(|odds| (odds.point(), odds.interval()));
        for (got, column) in [(ratio, "ratio"), (odds_ratio, "odds_ratio")] {
            let Some(expected) = row.get(column) else {
                assert!(got.is_err(), "{row}");
                continue;
            };
            let (point, interval) = got.unwrap();
            assert_close(point, number(&expected[0]), 1e-15, row);
            assert_close(interval.low(), number(&expected[1]), 1e-13, row);
            assert_close(interval.high(), number(&expected[2]), 1e-13, row);
        }
    }
}

fn small_shares() -> impl Strategy<Value = Share> {
    (1..200_u64).prop_flat_map(|whole| (0..=whole).prop_map(move |part| Share::new(part, whole).unwrap()))
}

fn shares() -> impl Strategy<Value = Share> {
    let any = (1..=u64::MAX).prop_flat_map(|whole| (0..=whole).prop_map(move |part| Share::new(part, whole).unwrap()));
    prop_oneof![3 => small_shares(), 1 => any]
}

fn within(inner: Interval, outer: Interval) -> bool {
    outer.low() <= inner.low() && inner.high() <= outer.high()
}

fn times(share: Share, factor: u64) -> Share {
    Share::new(share.part() * factor, share.whole() * factor).unwrap()
}

proptest! {
    #[test]
    fn differences_are_antisymmetric_nest_and_stay_in_range(a in shares(), b in shares(), level in 0.01..0.99_f64) {
        let (narrow, wide) = (Confidence::new(level).unwrap(), Confidence::new(level + 0.009).unwrap());
        for method in METHODS {
            let (there, back) = (a.difference_with(&b, narrow, method), b.difference_with(&a, narrow, method));
            prop_assert!(there.point() + back.point() == 0.0);
            prop_assert!((there.interval().low() + back.interval().high()).abs() < 1e-15);
            prop_assert!((there.interval().high() + back.interval().low()).abs() < 1e-15);
            prop_assert!(-1.0 <= there.interval().low() && there.interval().high() <= 1.0);
            prop_assert!(there.interval().contains(there.point()) || method == DifferenceMethod::AgrestiCaffo);
            prop_assert!(within(there.interval(), a.difference_with(&b, wide, method).interval()));
            prop_assert_eq!(there.n(), [a.whole(), b.whole()]);
        }
        prop_assert_eq!(a.difference(&b, narrow), a.difference_with(&b, narrow, DifferenceMethod::Newcombe));
    }

    #[test]
    fn more_answers_narrow_every_comparison(a in small_shares(), b in small_shares(), factor in 2..50_u64) {
        let (more_a, more_b) = (times(a, factor), times(b, factor));
        for method in METHODS {
            let few = a.difference_with(&b, Confidence::P90, method).interval();
            // Agresti-Caffo is clamped, and its centre moves outwards: not always narrower from a handful of answers.
            if method != DifferenceMethod::AgrestiCaffo {
                prop_assert!(more_a.difference_with(&more_b, Confidence::P90, method).interval().width() < few.width());
            }
            prop_assert!(few.width() > 0.0);
        }
        if let Ok(few) = a.ratio(&b, Confidence::P90) {
            prop_assert!(within(more_a.ratio(&more_b, Confidence::P90).unwrap().interval(), few.interval()));
        }
    }

    #[test]
    fn corrected_differences_hold_the_others(a in small_shares(), b in small_shares()) {
        let corrected = a.difference_with(&b, Confidence::P95, DifferenceMethod::NewcombeCorrected);
        prop_assert!(within(a.difference(&b, Confidence::P95).interval(), corrected.interval()));
    }

    #[test]
    fn swapped_groups_have_reciprocal_ratios(a in shares(), b in shares(), level in 0.01..0.99_f64) {
        let (narrow, wide) = (Confidence::new(level).unwrap(), Confidence::new(level + 0.009).unwrap());
        if let (Ok(there), Ok(back)) = (a.ratio(&b, narrow), b.ratio(&a, narrow)) {
            prop_assert!((there.point() * back.point() - 1.0).abs() < 1e-15);
            prop_assert!((there.interval().low() * back.interval().high() - 1.0).abs() < 1e-12, "{} {}", there, back);
            prop_assert!((there.interval().high() * back.interval().low() - 1.0).abs() < 1e-12, "{} {}", there, back);
        }
        if let Ok(ratio) = a.ratio(&b, narrow) {
            prop_assert!(ratio.interval().contains(ratio.point()) && ratio.interval().low() >= 0.0);
            prop_assert!(within(ratio.interval(), a.ratio(&b, wide).unwrap().interval()));
        }
        prop_assert_eq!(a.ratio(&b, narrow).is_err(), b.part() == 0);
        if let (Ok(there), Ok(back)) = (a.odds_ratio(&b, narrow), a.complement().odds_ratio(&b.complement(), narrow)) {
            prop_assert!((there.point() * back.point() - 1.0).abs() < 1e-14);
            prop_assert!((there.interval().low() * back.interval().high() - 1.0).abs() < 1e-12);
            prop_assert!(within(there.interval(), a.odds_ratio(&b, wide).unwrap().interval()));
            let zero = [a, b, a.complement(), b.complement()].iter().any(|share| share.part() == 0);
            prop_assert_eq!(there.method() == OddsRatioMethod::HaldaneAnscombe, zero);
        }
    }

    /// The ratio's end is where the score test is at its limit, so a ratio of 1 is refused exactly if Pearson's chi-square is too large.
    #[test]
    fn the_ratio_agrees_with_pearsons_chi_square(a in small_shares(), b in small_shares()) {
        prop_assume!(b.part() > 0);
        let [k1, n1, k2, n2] = [a.part(), a.whole(), b.part(), b.whole()].map(|count| count as f64);
        let pooled = (k1 + k2) / (n1 + n2);
        prop_assume!(pooled < 1.0);
        let chi_square = (k1 / n1 - k2 / n2).powi(2) / (pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2));
        let limit = 1.959_963_984_540_054_f64.powi(2);
        prop_assume!((chi_square - limit).abs() > 1e-9);
        prop_assert_eq!(a.ratio(&b, Confidence::P95).unwrap().interval().contains(1.0), chi_square < limit);
    }

    #[test]
    fn the_number_needed_is_the_reciprocal(a in shares(), b in shares()) {
        let difference = a.difference(&b, Confidence::P95);
        let (needed, interval) = (difference.number_needed(), difference.interval());
        match needed.point() {
            NumberNeededPoint::ToBenefit(number) => prop_assert!(number >= 1.0 && number == 1.0 / difference.point()),
            NumberNeededPoint::ToHarm(number) => prop_assert!(number >= 1.0 && number == -1.0 / difference.point()),
            NumberNeededPoint::NoDifference => prop_assert_eq!(a.compare(&b), core::cmp::Ordering::Equal),
        }
        match needed.interval() {
            NumberNeededInterval::ToBenefit(number) => prop_assert!(interval.low() > 0.0 && number.contains(1.0 / difference.point())),
            NumberNeededInterval::ToHarm(number) => prop_assert!(interval.high() < 0.0 && number.contains(-1.0 / difference.point())),
            NumberNeededInterval::ThroughInfinity { benefit_from, harm_from } => {
                prop_assert!(interval.contains(0.0));
                prop_assert!(benefit_from.into_iter().chain(harm_from).all(|number| number >= 1.0 && number.is_finite()));
            }
        }
    }

    #[test]
    fn pooling_first_is_comparing_the_pooled(a in small_shares(), b in small_shares(), c in small_shares()) {
        let pooled = a.merge(&b).unwrap();
        let counted = Share::new(a.part() + b.part(), a.whole() + b.whole()).unwrap();
        prop_assert_eq!(pooled.difference(&c, Confidence::P95), counted.difference(&c, Confidence::P95));
    }
}

/// Of all outcomes of two small groups, weighted by their chance, the share whose interval holds the truth: least and mean over 81 pairs of
/// true shares. A ratio that does not exist holds everything.
fn coverage(n1: u64, n2: u64, confidence: Confidence) -> [(f64, f64); 5] {
    let chances = |n: u64, p: f64| {
        let mut chance = (1.0 - p).powi(n as i32);
        (0..=n).map(move |k| {
            let this = chance;
            chance *= (n - k) as f64 / (k + 1) as f64 * p / (1.0 - p);
            this
        })
    };
    let outcomes: Vec<(u64, u64)> = (0..=n1).flat_map(|k1| (0..=n2).map(move |k2| (k1, k2))).collect();
    let intervals: Vec<[Option<Interval>; 5]> = outcomes
        .iter()
        .map(|&(k1, k2)| {
            let (a, b) = (Share::new(k1, n1).unwrap(), Share::new(k2, n2).unwrap());
            let [newcombe, corrected, agresti_caffo] = METHODS.map(|method| Some(a.difference_with(&b, confidence, method).interval()));
            let ratio = a.ratio(&b, confidence).ok().map(|ratio| ratio.interval());
            let odds = a.odds_ratio(&b, confidence).ok().map(|odds| odds.interval());
            [newcombe, corrected, agresti_caffo, ratio, odds]
        })
        .collect();
    let grid: Vec<f64> = (1..10).map(|step| f64::from(step) / 10.0).collect();
    let mut found = [(1.0_f64, 0.0); 5];
    for (p1, p2) in grid.iter().flat_map(|p1| grid.iter().map(move |p2| (*p1, *p2))) {
        let odds = p1 / (1.0 - p1) / (p2 / (1.0 - p2));
        let truths = [p1 - p2, p1 - p2, p1 - p2, p1 / p2, odds];
        let mut covered = [0.0; 5];
        let weights = chances(n1, p1).flat_map(|first| chances(n2, p2).map(move |second| first * second));
        for (weight, intervals) in weights.zip(&intervals) {
            for ((covered, interval), truth) in covered.iter_mut().zip(intervals).zip(truths) {
                *covered += if interval.is_none_or(|interval| interval.contains(truth)) { weight } else { 0.0 };
            }
        }
        for ((least, mean), covered) in found.iter_mut().zip(covered) {
            *least = least.min(covered);
            *mean += covered / 81.0;
        }
    }
    found
}

#[test]
fn coverage_is_near_its_promise() {
    for (n1, n2) in [(10, 10), (20, 15), (30, 12), (50, 50)] {
        for confidence in [Confidence::P90, Confidence::P95, Confidence::P99] {
            let found = coverage(n1, n2, confidence);
            let (level, rest) = (confidence.level(), 1.0 - confidence.level());
            let at = format!("{n1} and {n2} at {confidence}: {found:?}");
            let [newcombe, corrected, agresti_caffo, koopman, odds] = found;
            for (least, mean) in [newcombe, agresti_caffo, koopman] {
                assert!((level - 0.3 * rest..level + 0.5 * rest).contains(&mean), "{at}");
                assert!(least > level - 0.04 - 0.7 * rest, "{at}");
            }
            assert!(corrected.1 > level + 0.15 * rest && corrected.0 > level - 0.025, "{at}");
            // Woolf's and Haldane's are wide at small counts.
            assert!((level..level + 0.8 * rest).contains(&odds.1) && odds.0 > level - 0.03, "{at}");
        }
    }
}

#[cfg(feature = "serde")]
#[test]
fn comparisons_serialise_with_method_and_both_sizes() {
    let difference = Share::new(3, 4).unwrap().difference(&Share::new(1, 2).unwrap(), Confidence::P95);
    let json = serde_json::to_value(difference).unwrap();
    assert_eq!((&json["method"], &json["n"], &json["point"]), (&"newcombe".into(), &serde_json::json!([4, 2]), &0.25.into()));
    let needed = serde_json::to_value(difference.number_needed()).unwrap();
    assert_eq!(needed["point"], serde_json::json!({ "to_benefit": 4.0 }));
    assert!(needed["interval"]["through_infinity"]["benefit_from"].is_number());
    assert_eq!(serde_json::from_str::<DifferenceMethod>(r#""agresti_caffo""#).unwrap(), DifferenceMethod::AgrestiCaffo);
    assert!(serde_json::from_str::<DifferenceMethod>(r#""koopman""#).is_err());
}

#[test]
fn a_number_needed_has_the_confidence_and_numbers_of_its_difference_and_a_ratio_its_default_method() {
    use customer_metrics::estimate::RatioMethod;

    let (a, b) = (Share::new(54, 100).unwrap(), Share::new(19, 90).unwrap());
    let difference = a.difference(&b, Confidence::P90);
    let needed = difference.number_needed();
    assert_eq!((needed.confidence(), needed.method(), needed.n()), (Confidence::P90, difference.method(), [100, 90]));
    assert_eq!(needed.caution(), difference.caution());
    assert_eq!(a.ratio(&b, Confidence::P90), a.ratio_with(&b, Confidence::P90, RatioMethod::Koopman));
}
