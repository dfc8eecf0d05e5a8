//! Means with their intervals, and two groups compared by mean and by order: golden values, properties, coverage.

use customer_metrics::estimate::{Alternative, ContinuityCorrection, MannWhitney, SuperiorityMethod};
use customer_metrics::satisfaction::{EffortTally, EffortV2, GroupedRatingTally, RatingGroups, RatingPairTally, RatingTally, Scale};
use customer_metrics::{Confidence, Decimal, Error, MinorUnit, MomentsTally, Tally};
use proptest::prelude::*;
use rand::distr::weighted::WeightedIndex;
use rand::prelude::*;
use rand_distr::Normal;
use rand_pcg::Pcg64Mcg;
use serde_json::Value;

use crate::laws;

pub(crate) const SUPERIORITY_METHODS: [SuperiorityMethod; 3] =
    [SuperiorityMethod::Newcombe, SuperiorityMethod::DeLongLogit, SuperiorityMethod::BrunnerMunzel];

fn reference() -> Value {
    serde_json::from_str(include_str!("../data/means_and_association.json")).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

fn close(got: f64, expected: f64, tolerance: f64) -> bool {
    (got - expected).abs() <= tolerance * expected.abs().max(1.0)
}

fn counts(value: &Value) -> Vec<u64> {
    value.as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).collect()
}

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn rating_tally(counts: &[u64]) -> RatingTally {
    RatingTally::from_counts(Scale::ONE_TO_FIVE, counts, 0).unwrap()
}

fn confidence(level: &str) -> Confidence {
    Confidence::new(level.parse().unwrap()).unwrap()
}

#[test]
fn t_intervals_and_welch_agree_with_scipy_and_mpmath() {
    let file = reference();
    let rows = file["means"].as_array().unwrap();
    assert_eq!(rows.len(), 6);
    for row in rows {
        let (first, second) = (rating_tally(&counts(&row["first"])), rating_tally(&counts(&row["second"])));
        for (level, ends) in row["estimates"].as_object().unwrap() {
            let estimate = first.mean_estimate(confidence(level)).unwrap();
            assert!(close(estimate.point(), number(&row["mean"]), 1e-15), "{row}");
            assert!(close(estimate.interval().low(), number(&ends[0]).max(1.0), 1e-13), "{estimate} in {row}");
            assert!(close(estimate.interval().high(), number(&ends[1]).min(5.0), 1e-13), "{estimate} in {row}");
        }
        for (level, ends) in row["welch"].as_object().unwrap() {
            let difference = first.mean_difference(&second, confidence(level)).unwrap();
            assert!(close(difference.point(), number(&row["difference"]), 1e-15), "{row}");
            assert!(close(difference.interval().low(), number(&ends[0]).max(-4.0), 1e-13), "{difference} in {row}");
            assert!(close(difference.interval().high(), number(&ends[1]).min(4.0), 1e-13), "{difference} in {row}");
        }
        let test = first.test_mean_difference(&second).unwrap();
        assert!(close(test.statistic(), number(&row["t"]), 1e-13), "{row}");
        assert!(close(test.degrees_of_freedom().unwrap(), number(&row["degrees"]), 1e-13), "{row}");
        assert!((test.p_value() / number(&row["p"]) - 1.0).abs() < 1e-11, "{} in {row}", test.p_value());
    }
}

#[test]
fn the_paired_difference_agrees_with_scipy_and_mpmath() {
    let row = &reference()["paired"];
    let ratings = |side: &str| counts(&row[side]).into_iter().map(|rating| rating as u8).collect::<Vec<u8>>();
    let mut pairs = RatingPairTally::empty([Scale::ONE_TO_SEVEN, Scale::ONE_TO_SEVEN]);
    pairs.record_columns(&ratings("first"), &ratings("second")).unwrap();
    let difference = pairs.mean_difference(Confidence::P95).unwrap();
    assert!(close(difference.point(), number(&row["mean"]), 1e-15));
    assert!(close(difference.interval().low(), number(&row["low"]), 1e-14), "{difference}");
    assert!(close(difference.interval().high(), number(&row["high"]), 1e-14), "{difference}");
    let test = pairs.test_mean_difference().unwrap();
    assert!(close(test.statistic(), number(&row["t"]), 1e-14));
    assert!(close(test.p_value(), number(&row["p"]), 1e-13));
}

/// Student's sleep data as Welch's test of R's `t.test(extra ~ group)` prints it: t = -1.8608, df = 17.776, p = 0.07939, -3.3654832 to
/// 0.2054832.
#[test]
fn students_sleep_data_as_r_prints_them() {
    let tally = |tenths: &[i64]| {
        let mut tally = MomentsTally::empty(MinorUnit::new(1).unwrap());
        tally.record_column(tenths).unwrap();
        tally
    };
    let first = tally(&[7, -16, -2, -12, -1, 34, 37, 8, 0, 20]);
    let second = tally(&[19, 8, 11, 1, -1, 44, 55, 16, 46, 34]);
    let test = first.test_mean_difference(&second).unwrap();
    assert_eq!(
        format!("{:.4} {:.3} {:.5}", test.statistic(), test.degrees_of_freedom().unwrap(), test.p_value()),
        "-1.8608 17.776 0.07939"
    );
    let interval = first.mean_difference(&second, Confidence::P95).unwrap().interval();
    assert_eq!(format!("{interval:.7}"), "-3.3654832 to 0.2054832");
}

#[test]
fn mann_whitney_agrees_with_scipy_and_mpmath() {
    let file = reference();
    let rows = file["superiorities"].as_array().unwrap();
    assert_eq!(rows.len(), 10);
    for row in rows {
        let groups = if row["counts"].is_array() {
            rating_tally(&counts(&row["counts"][0])).mann_whitney(&rating_tally(&counts(&row["counts"][1]))).unwrap()
        } else {
            MannWhitney::from_columns(&floats(&row["columns"][0]), &floats(&row["columns"][1])).unwrap()
        };
        assert!(groups.u() == number(&row["u"]), "{row}");
        for (level, ends) in row["newcombe"].as_object().unwrap() {
            let superiority = groups.superiority_with(confidence(level), SuperiorityMethod::Newcombe).unwrap();
            assert!(close(superiority.point(), number(&row["p"]), 1e-15), "{row}");
            assert!(close(superiority.interval().low(), number(&ends[0]), 1e-14), "{superiority} in {row}");
            assert!(close(superiority.interval().high(), number(&ends[1]), 1e-14), "{superiority} in {row}");
        }
        for (correction, name) in [(ContinuityCorrection::OneHalf, "corrected"), (ContinuityCorrection::None, "uncorrected")] {
            let test = groups.test_with(correction, Alternative::TwoSided).unwrap();
            assert!(close(test.statistic(), number(&row[name]["z"]), 1e-14), "{row}");
            assert!((test.p_value() / number(&row[name]["p"]) - 1.0).abs() < 1e-12, "{row}");
        }
        let Some(expected) = row.get("brunner_munzel") else {
            assert!(matches!(groups.test_brunner_munzel(), Err(Error::Undefined { .. })));
            continue;
        };
        let test = groups.test_brunner_munzel().unwrap();
        assert!(close(test.statistic(), number(&expected["t"]), 1e-13), "{row}");
        assert!(close(test.degrees_of_freedom().unwrap(), number(&expected["degrees"]), 1e-13), "{row}");
        assert!((test.p_value() / number(&expected["p"]) - 1.0).abs() < 1e-11, "{row}");
        for (method, all) in [(SuperiorityMethod::BrunnerMunzel, &expected["interval"]), (SuperiorityMethod::DeLongLogit, &row["logit"])] {
            for (level, ends) in all.as_object().unwrap() {
                let interval = groups.superiority_with(confidence(level), method).unwrap().interval();
                assert!(close(interval.low(), number(&ends[0]).max(0.0), 1e-13), "{interval} in {row}");
                assert!(close(interval.high(), number(&ends[1]).min(1.0), 1e-13), "{interval} in {row}");
            }
        }
    }
}

#[test]
fn groups_that_do_not_overlap_have_a_width_by_newcombe_only() {
    let apart = MannWhitney::from_counts(&[0, 0, 7, 3], &[4, 8, 0, 0]).unwrap();
    let superiority = apart.superiority(Confidence::P95);
    assert_eq!((superiority.point(), superiority.interval().high()), (1.0, 1.0));
    assert!(superiority.interval().low() > 0.5 && superiority.interval().low() < 0.9, "{superiority}");
    for method in [SuperiorityMethod::DeLongLogit, SuperiorityMethod::BrunnerMunzel] {
        assert!(matches!(apart.superiority_with(Confidence::P95, method), Err(Error::Undefined { .. })));
    }
    assert!(apart.test().unwrap().p_value() < 1e-3);
    let equal = MannWhitney::from_counts(&[0, 5], &[0, 4]).unwrap();
    assert!(matches!(
        equal.test_with(ContinuityCorrection::None, Alternative::TwoSided),
        Err(Error::Undefined { metric: "Mann-Whitney test", .. })
    ));
    assert!(equal.superiority(Confidence::P95).interval().contains(0.5));
}

#[test]
fn the_default_takes_the_placements_where_those_of_each_group_vary() {
    for (first, second, method) in [
        ([2, 5, 13], [10, 12, 22], SuperiorityMethod::DeLongLogit),
        // Unanimous, but not proof.
        ([0, 0, 20], [1, 2, 30], SuperiorityMethod::Newcombe),
        ([1, 2, 30], [0, 0, 20], SuperiorityMethod::Newcombe),
        ([1, 0, 0], [1, 2, 30], SuperiorityMethod::Newcombe),
        ([0, 0, 9], [0, 0, 4], SuperiorityMethod::Newcombe),
        ([0, 7, 9], [4, 0, 0], SuperiorityMethod::Newcombe),
    ] {
        let groups = MannWhitney::from_counts(&first, &second).unwrap();
        let superiority = groups.superiority(Confidence::P95);
        assert_eq!(superiority.method(), method, "{superiority}");
        assert_eq!(groups.superiority_with(Confidence::P95, method).unwrap(), superiority);
        assert!(superiority.interval().width() > 0.0);
    }
}

#[test]
fn what_has_no_interval_is_an_error_that_says_why() {
    let [none, one, two] = [[0; 5], [0, 0, 1, 0, 0], [0, 0, 2, 0, 0]].map(|counts| rating_tally(&counts));
    let error = none.mean_estimate(Confidence::P95).unwrap_err();
    assert_eq!(error.to_string(), "mean rating is undefined: no question was answered");
    let error = one.mean_estimate(Confidence::P95).unwrap_err();
    assert_eq!(error.to_string(), "mean rating is undefined: one value alone has no variance");
    assert_eq!(two.mean_estimate(Confidence::P95).unwrap().interval().width(), 0.0);
    assert_eq!(two.mean_difference(&two, Confidence::P95).unwrap().interval().width(), 0.0);
    assert!(matches!(two.test_mean_difference(&two), Err(Error::Undefined { .. })));
    assert!(matches!(MannWhitney::from_counts(&[1], &[0]), Err(Error::Undefined { .. })));
    assert!(matches!(MannWhitney::from_counts(&[1], &[0, 1]), Err(Error::Mismatch { .. })));
    assert!(matches!(MannWhitney::from_counts(&[u64::MAX], &[1]), Err(Error::Overflow { .. })));
    let error = MannWhitney::from_columns(&[1.0], &[2.0, f64::NAN]).unwrap_err();
    assert_eq!((error.row(), error.field()), (Some(1), Some("second")));
}

#[test]
fn extreme_counts_and_confidence_stay_finite_and_hold_the_point() {
    let shapes =
        [[1, 0, 0, 0, 1], [0, 0, 1, 1, 0], [u64::MAX / 4, 0, 0, 0, u64::MAX / 4], [u64::MAX / 4, 1, 0, 0, 0], [1, 0, 0, 0, u64::MAX / 4]];
    for level in [f64::MIN_POSITIVE, 1e-9, 0.5, 1.0 - f64::EPSILON / 2.0] {
        let confidence = Confidence::new(level).unwrap();
        for first in &shapes {
            let estimate = rating_tally(first).mean_estimate(confidence).unwrap();
            assert!(estimate.interval().low() >= 1.0 && estimate.interval().high() <= 5.0, "{estimate}");
            for second in &shapes {
                let difference = rating_tally(first).mean_difference(&rating_tally(second), confidence).unwrap();
                assert!(difference.interval().contains(difference.point()), "{difference}");
                let groups = MannWhitney::from_counts(first, second).unwrap();
                for method in SUPERIORITY_METHODS {
                    if let Ok(superiority) = groups.superiority_with(confidence, method) {
                        let interval = superiority.interval();
                        assert!(interval.contains(superiority.point()) && interval.low() >= 0.0 && interval.high() <= 1.0, "{superiority}");
                    }
                }
            }
        }
    }
    let mut tally = MomentsTally::empty(MinorUnit::WHOLE);
    tally.record_column(&[i64::MAX, i64::MIN]).unwrap();
    let estimate = tally.mean_estimate(Confidence::new(1.0 - f64::EPSILON / 2.0).unwrap()).unwrap();
    assert!(estimate.interval().width().is_finite(), "{estimate}");
}

/// Of so many samples, how many intervals hold the truth, in percent.
fn coverage(samples: u32, mut holds: impl FnMut(&mut Pcg64Mcg) -> bool) -> f64 {
    let mut random = Pcg64Mcg::seed_from_u64(20);
    let held = (0..samples).filter(|_| holds(&mut random)).count();
    held as f64 / f64::from(samples) * 100.0
}

/// 4,000 samples: a standard error of 0.35 points.
#[test]
fn t_intervals_hold_the_mean_about_as_often_as_they_say() {
    let normal = Normal::new(30_000.0, 8_000.0).unwrap();
    let of_amounts = coverage(4_000, |random| {
        let mut tally = MomentsTally::empty(MinorUnit::CENT);
        let amounts: Vec<i64> = normal.sample_iter(random).take(6).map(|amount: f64| amount.round() as i64).collect();
        tally.record_column(&amounts).unwrap();
        tally.mean_estimate(Confidence::P95).unwrap().interval().contains(300.0)
    });
    assert!((93.8..96.2).contains(&of_amounts), "{of_amounts}");

    let weights = [5, 10, 20, 40, 25];
    let mean = weights.iter().zip(1..).map(|(&weight, rating)| f64::from(weight * rating)).sum::<f64>() / 100.0;
    let ratings = WeightedIndex::new(weights).unwrap();
    let of_ratings = coverage(4_000, |random| {
        let column: Vec<u8> = ratings.clone().sample_iter(random).take(40).map(|position| position as u8 + 1).collect();
        let mut tally = RatingTally::default();
        tally.record_column(&column).unwrap();
        tally.mean_estimate(Confidence::P95).unwrap().interval().contains(mean)
    });
    assert!((93.8..96.2).contains(&of_ratings), "{of_ratings}");
}

#[test]
fn intervals_of_superiority_hold_it_about_as_often_as_they_say() {
    let weights = [[5, 10, 20, 40, 25], [15, 20, 25, 25, 15]];
    let truth: f64 = (0..5)
        .flat_map(|a| (0..5).map(move |b| (a, b)))
        .map(|(a, b)| f64::from(weights[0][a] * weights[1][b] * (1 + i32::from(a > b) - i32::from(a < b))) / 2e4)
        .sum();
    let groups = weights.map(|weights| WeightedIndex::new(weights).unwrap());
    for (method, range) in SUPERIORITY_METHODS.into_iter().zip([94.5..98.5, 93.5..96.5, 93.5..96.5]) {
        let held = coverage(3_000, |random| {
            let counts = [0, 1].map(|group: usize| {
                let mut counts = [0_u64; 5];
                groups[group].clone().sample_iter(&mut *random).take(30 + 20 * group).for_each(|rating| counts[rating] += 1);
                counts
            });
            MannWhitney::from_counts(&counts[0], &counts[1])
                .unwrap()
                .superiority_with(Confidence::P95, method)
                .unwrap()
                .interval()
                .contains(truth)
        });
        assert!(range.contains(&held), "{method}: {held}");
    }
    // Without ties: standard normal values, one apart by 1, so that the truth is the normal distribution at 1 / sqrt(2).
    let standard = Normal::new(0.0, 1.0).unwrap();
    for method in SUPERIORITY_METHODS {
        let held = coverage(3_000, |random| {
            let first: Vec<f64> = standard.sample_iter(&mut *random).take(20).map(|value: f64| value + 1.0).collect();
            let second: Vec<f64> = standard.sample_iter(&mut *random).take(25).collect();
            MannWhitney::from_columns(&first, &second)
                .unwrap()
                .superiority_with(Confidence::P95, method)
                .unwrap()
                .interval()
                .contains(0.760_249_938_906_524)
        });
        assert!((92.5..97.5).contains(&held), "{method}: {held}");
    }
}

#[test]
fn effort_and_groups_have_the_estimates_of_their_ratings() {
    let counts = [1, 0, 2, 3, 5, 8, 13];
    let ratings = RatingTally::from_counts(Scale::ONE_TO_SEVEN, &counts, 0).unwrap();
    let effort = EffortTally::<EffortV2>::from_counts(&counts, 4).unwrap();
    assert_eq!(effort.mean_estimate(Confidence::P99), ratings.mean_estimate(Confidence::P99));
    assert_eq!(effort.mean_difference(&effort, Confidence::P99), ratings.mean_difference(&ratings, Confidence::P99));
    let mut grouped = GroupedRatingTally::empty(RatingGroups::new(Scale::ONE_TO_SEVEN, 1).unwrap());
    for (rating, count) in ratings.distribution() {
        for _ in 0..count {
            grouped.record((0, Some(rating))).unwrap();
        }
    }
    assert_eq!(grouped.mean_estimates_by_group(Confidence::P99), [(0, ratings.mean_estimate(Confidence::P99))]);
}

fn distributions() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(0..40_u64, 5).prop_filter("two answers", |counts| counts.iter().sum::<u64>() > 1)
}

fn amounts() -> impl Strategy<Value = Vec<Decimal>> {
    prop::collection::vec((-1_000_000_000..1_000_000_000_i64).prop_map(|cents| Decimal::new(cents, 2)), 0..20)
}

fn pairs_of_ratings() -> impl Strategy<Value = Vec<[Option<u8>; 2]>> {
    prop::collection::vec((prop::option::of(1..=5_u8), prop::option::of(0..=10_u8)).prop_map(|(first, second)| [first, second]), 0..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// By the binomial distribution and the answers in order.
    #[test]
    fn a_median_lies_between_order_statistics(counts in prop::collection::vec(0..12_u64, 5), level in prop_oneof![Just(0.9), Just(0.95), Just(0.99)]) {
        let tally = rating_tally(&counts);
        let n = counts.iter().sum::<u64>() as usize;
        if n == 0 {
            prop_assert!(tally.median_estimate(Confidence::P95).is_err());
            return Ok(());
        }
        let ordered: Vec<f64> = (1..=5_u8).zip(&counts).flat_map(|(rating, &count)| vec![f64::from(rating); count as usize]).collect();
        // The largest position below which a fair coin leaves no more than the tail.
        let (mut position, mut chance, mut below) = (0, 0.5_f64.powf(n as f64), 0.0);
        while position < n && below + chance <= (1.0 - level) / 2.0 {
            below += chance;
            chance *= (n - position) as f64 / (position + 1) as f64;
            position += 1;
        }
        let expected = if position == 0 { (1.0, 5.0) } else { (ordered[position - 1], ordered[n - position]) };
        let estimate = tally.median_estimate(Confidence::new(level).unwrap()).unwrap();
        prop_assert_eq!((estimate.interval().low(), estimate.interval().high()), expected);
        prop_assert_eq!(estimate.point(), f64::midpoint(ordered[(n - 1) / 2], ordered[n / 2]));
        prop_assert_eq!(estimate.n(), n as u64);
    }

    #[test]
    fn moments_tallies_keep_the_laws(a in amounts(), b in amounts(), c in amounts()) {
        laws::check::<MomentsTally>(&MinorUnit::CENT, [a.clone(), b, c]);
        laws::check_refusal::<MomentsTally>(&MinorUnit::CENT, a, Decimal::new(1, 3));
    }

    #[test]
    fn rating_pair_tallies_keep_the_laws(a in pairs_of_ratings(), b in pairs_of_ratings(), c in pairs_of_ratings()) {
        let scales = [Scale::ONE_TO_FIVE, Scale::ZERO_TO_TEN];
        laws::check::<RatingPairTally>(&scales, [a.clone(), b, c]);
        laws::check_refusal::<RatingPairTally>(&scales, a, [None, Some(11)]);
    }

    #[test]
    fn a_column_of_minor_units_is_recorded_as_its_amounts_are(cents in prop::collection::vec(any::<i32>(), 0..50)) {
        let mut one_by_one = MomentsTally::default();
        one_by_one.extend(cents.iter().map(|&cents| Decimal::new(cents.into(), 2))).unwrap();
        let mut column = MomentsTally::default();
        column.record_column(&cents.iter().copied().map(i64::from).collect::<Vec<_>>()).unwrap();
        prop_assert_eq!(one_by_one, column);
    }

    #[test]
    fn mean_estimates_hold_the_point_nest_and_narrow(counts in distributions(), level in 0.01..0.99_f64) {
        let (narrow, wide) = (Confidence::new(level).unwrap(), Confidence::new(level + 0.009).unwrap());
        let tally = rating_tally(&counts);
        let (estimate, wider) = (tally.mean_estimate(narrow).unwrap(), tally.mean_estimate(wide).unwrap().interval());
        let interval = estimate.interval();
        prop_assert!(interval.contains(estimate.point()) && interval.low() >= 1.0 && interval.high() <= 5.0);
        prop_assert!(wider.low() <= interval.low() && interval.high() <= wider.high());
        let doubled = rating_tally(&counts.iter().map(|count| count * 2).collect::<Vec<_>>()).mean_estimate(narrow).unwrap();
        prop_assert!(doubled.interval().width() <= interval.width());
        prop_assert_eq!(doubled.point(), estimate.point());
        let mirrored = rating_tally(&counts.iter().rev().copied().collect::<Vec<_>>()).mean_estimate(narrow).unwrap();
        prop_assert!((estimate.point() + mirrored.point() - 6.0).abs() < 1e-14);
        prop_assert!((interval.low() + mirrored.interval().high() - 6.0).abs() < 1e-13);
    }

    #[test]
    fn differences_of_means_are_antisymmetric_and_nest(a in distributions(), b in distributions(), level in 0.01..0.99_f64) {
        let (narrow, wide) = (Confidence::new(level).unwrap(), Confidence::new(level + 0.009).unwrap());
        let (a, b) = (rating_tally(&a), rating_tally(&b));
        let (there, back) = (a.mean_difference(&b, narrow).unwrap(), b.mean_difference(&a, narrow).unwrap());
        prop_assert!(there.point() + back.point() == 0.0);
        prop_assert!((there.interval().low() + back.interval().high()).abs() < 1e-13);
        let wider = a.mean_difference(&b, wide).unwrap().interval();
        prop_assert!(wider.low() <= there.interval().low() && there.interval().high() <= wider.high());
        prop_assert!(there.interval().contains(there.point()));
    }

    #[test]
    fn the_test_rejects_where_the_interval_excludes_0(a in distributions(), b in distributions()) {
        let (a, b) = (rating_tally(&a), rating_tally(&b));
        if let Ok(test) = a.test_mean_difference(&b) && (test.p_value() - 0.05).abs() > 1e-9 {
            let interval = a.mean_difference(&b, Confidence::P95).unwrap().interval();
            prop_assert_eq!(test.p_value() < 0.05, !interval.contains(0.0));
        }
    }

    #[test]
    fn pairs_are_counted_as_one_by_one(first in prop::collection::vec(-3..4_i8, 1..40), second in prop::collection::vec(-3..4_i8, 1..40)) {
        let columns = [&first, &second].map(|column| column.iter().map(|&value| f64::from(value) / 3.0).collect::<Vec<f64>>());
        let groups = MannWhitney::from_columns(&columns[0], &columns[1]).unwrap();
        let pairs = || first.iter().flat_map(|a| second.iter().map(move |b| a.cmp(b)));
        prop_assert_eq!(groups.pairs_won(), pairs().filter(|order| order.is_gt()).count() as u128);
        prop_assert_eq!(groups.pairs_tied(), pairs().filter(|order| order.is_eq()).count() as u128);
        prop_assert_eq!(groups.pairs_lost(), pairs().filter(|order| order.is_lt()).count() as u128);
        let counted = [&first, &second].map(|column| (-3..4_i8).map(|value| column.iter().filter(|&&other| other == value).count() as u64).collect::<Vec<_>>());
        prop_assert_eq!(MannWhitney::from_counts(&counted[0], &counted[1]).unwrap(), groups);
        let transformed = columns.map(|column| column.iter().rev().map(|value| value.exp() - 100.0).collect::<Vec<f64>>());
        prop_assert_eq!(MannWhitney::from_columns(&transformed[0], &transformed[1]).unwrap(), groups);
    }

    #[test]
    fn superiority_is_antisymmetric_nests_and_narrows(a in distributions(), b in distributions(), level in 0.01..0.99_f64) {
        let (narrow, wide) = (Confidence::new(level).unwrap(), Confidence::new(level + 0.009).unwrap());
        let (there, back) = (MannWhitney::from_counts(&a, &b).unwrap(), MannWhitney::from_counts(&b, &a).unwrap());
        let doubled = [&a, &b].map(|counts| counts.iter().map(|count| count * 2).collect::<Vec<_>>());
        let doubled = MannWhitney::from_counts(&doubled[0], &doubled[1]).unwrap();
        prop_assert_eq!(there.u() + back.u(), (there.n()[0] * there.n()[1]) as f64);
        for method in SUPERIORITY_METHODS {
            let (Ok(one), Ok(other), Ok(wider)) = (there.superiority_with(narrow, method), back.superiority_with(narrow, method), there.superiority_with(wide, method)) else {
                prop_assert!(method != SuperiorityMethod::Newcombe);
                continue;
            };
            let interval = one.interval();
            prop_assert!((one.point() + other.point() - 1.0).abs() < 1e-15);
            prop_assert!((interval.low() + other.interval().high() - 1.0).abs() < 1e-13);
            prop_assert!(interval.contains(one.point()) && interval.low() >= 0.0 && interval.high() <= 1.0);
            prop_assert!(wider.interval().low() <= interval.low() && interval.high() <= wider.interval().high());
            prop_assert!(doubled.superiority_with(narrow, method).unwrap().interval().width() <= interval.width() + 1e-15);
            let delta = there.cliffs_delta_with(narrow, method).unwrap();
            prop_assert!((delta.point() - (2.0 * one.point() - 1.0)).abs() < 1e-15);
            prop_assert!((delta.interval().width() - 2.0 * interval.width()).abs() < 1e-15);
        }
        prop_assert!(there.superiority(narrow).interval().width() > 0.0);
        if let (Ok(test), Ok(reversed)) = (there.test(), back.test()) {
            prop_assert!(test.statistic() + reversed.statistic() == 0.0);
            prop_assert!(test.p_value() >= there.test_with(ContinuityCorrection::None, Alternative::TwoSided).unwrap().p_value());
        }
    }
}
