//! Net scores, effort and expectation: laws, properties and worked examples.

use customer_metrics::satisfaction::{
    EffortTally, EffortV1, EffortV2, EffortVersion, ExpectationTally, Experience, NetCuts, NetScore, RatingTally, Scale,
};
use customer_metrics::{Decimal, Share, Tally};
use proptest::prelude::*;

use crate::laws;

fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

fn close(a: Decimal, b: Decimal) -> bool {
    (a - b).abs() < Decimal::new(1, 20)
}

fn net_scores() -> impl Strategy<Value = NetScore> {
    (0..1000_u64, 0..1000_u64, 0..1000_u64)
        .prop_filter_map("somebody answered", |(promoters, passives, detractors)| NetScore::new(promoters, passives, detractors).ok())
}

/// A custom scale, cuts on it, and answers.
fn scale_cuts_and_ratings() -> impl Strategy<Value = (Scale, NetCuts, Vec<u8>)> {
    (0..=200_u8, 1..=40_u8).prop_flat_map(|(low, width)| {
        let high = low + width;
        let cuts = (low..high).prop_flat_map(move |to| (to + 1..=high).prop_map(move |from| NetCuts::new(to, from).unwrap()));
        (Just(Scale::new(low, high, high).unwrap()), cuts, prop::collection::vec(low..=high, 1..200))
    })
}

fn answers(scale: Scale) -> impl Strategy<Value = Vec<Option<u8>>> {
    prop::collection::vec(prop::option::of(scale.low()..=scale.high()), 0..40)
}

fn experiences(scale: Scale) -> impl Strategy<Value = Vec<Experience>> {
    let rating = || prop::option::weighted(0.8, scale.low()..=scale.high());
    prop::collection::vec((rating(), rating()).prop_map(|(expected, perceived)| Experience { expected, perceived }), 0..40)
}

fn effort_laws<V: EffortVersion>(batches: [Vec<Option<u8>>; 3])
where
    EffortTally<V>: laws::Lawful + Tally<Settings = (), Record = Option<u8>>,
{
    laws::check_refusal::<EffortTally<V>>(&(), batches[0].clone(), Some(0));
    laws::check::<EffortTally<V>>(&(), batches);
}

proptest! {
    #[test]
    fn net_satisfaction_agrees_with_counting((scale, cuts, ratings) in scale_cuts_and_ratings()) {
        let mut tally = RatingTally::empty(scale);
        tally.record_column(&ratings).unwrap();
        let score = tally.net_satisfaction(cuts).unwrap();
        let count = |test: &dyn Fn(u8) -> bool| ratings.iter().filter(|&&rating| test(rating)).count() as u64;
        let promoters = count(&|rating| rating >= cuts.promoters_from());
        let detractors = count(&|rating| rating <= cuts.detractors_to());
        let n = ratings.len() as u64;
        prop_assert_eq!(score.promoters(), Share::new(promoters, n).unwrap());
        prop_assert_eq!(score.detractors(), Share::new(detractors, n).unwrap());
        prop_assert_eq!(score.passives(), Share::new(n - promoters - detractors, n).unwrap());
        let net = Decimal::from(promoters) - Decimal::from(detractors);
        prop_assert!(close(score.value(), net / Decimal::from(n)));

        // The definition of a variance, answer by answer.
        let mean = net / Decimal::from(n);
        let squares: Decimal = ratings.iter().map(|&rating| {
            let sign = i64::from(rating >= cuts.promoters_from()) - i64::from(rating <= cuts.detractors_to());
            (Decimal::from(sign) - mean) * (Decimal::from(sign) - mean)
        }).sum();
        prop_assert!(close(score.variance().unwrap(), squares / Decimal::from(n)));
    }

    #[test]
    fn a_net_score_is_bounded_and_mirrored(score in net_scores()) {
        prop_assert!(score.points().abs() <= Decimal::ONE_HUNDRED && score.value().abs() <= Decimal::ONE);
        let mirrored = NetScore::new(score.detractors().part(), score.passives().part(), score.promoters().part()).unwrap();
        prop_assert_eq!(mirrored.points(), -score.points());
        prop_assert_eq!(mirrored.value(), -score.value());
        prop_assert_eq!(mirrored.variance(), score.variance());
        let variance = score.variance().unwrap();
        prop_assert!(Decimal::ZERO <= variance && variance <= Decimal::ONE);
    }

    #[test]
    fn net_scores_compare_by_value_and_pool_to_between_them(a in net_scores(), b in net_scores()) {
        // Up to 3,000 answers two different scores are further apart than 28 digits.
        prop_assert_eq!(a.compare(&b), a.value().cmp(&b.value()));
        let both = a.merge(&b).unwrap();
        prop_assert_eq!(both, b.merge(&a).unwrap());
        prop_assert_eq!(both.answers(), a.answers() + b.answers());
        let (low, high) = if a.compare(&b).is_le() { (a, b) } else { (b, a) };
        prop_assert!(low.compare(&both).is_le() && both.compare(&high).is_le());
    }

    #[test]
    fn the_laws_hold_for_both_versions_of_effort(
        a in answers(Scale::ONE_TO_FIVE), b in answers(Scale::ONE_TO_FIVE), c in answers(Scale::ONE_TO_FIVE),
        d in answers(Scale::ONE_TO_SEVEN),
    ) {
        effort_laws::<EffortV2>([a.clone(), b.clone(), d]);
        effort_laws::<EffortV1>([a, b, c]);
    }

    #[test]
    fn effort_turned_round_is_read_the_same(
        mine in prop::collection::vec(1..=5_u8, 1..100), theirs in prop::collection::vec(1..=5_u8, 1..100),
    ) {
        // 1-5 turned round and moved into the middle of 1-7 keeps every comparison.
        let turned = |answers: &[u8]| answers.iter().map(|answer| 7 - answer).collect::<Vec<u8>>();
        let mut old = [EffortTally::<EffortV1>::default(), EffortTally::<EffortV1>::default()];
        let mut new = [EffortTally::<EffortV2>::default(), EffortTally::<EffortV2>::default()];
        for (index, answers) in [&mine, &theirs].into_iter().enumerate() {
            old[index].record_column(answers).unwrap();
            new[index].record_column(&turned(answers)).unwrap();
        }
        prop_assert_eq!(old[0].is_easier_than(&old[1]), new[0].is_easier_than(&new[1]));
        prop_assert_eq!(old[0].easy(), new[0].easy());
        prop_assert_eq!(old[0].mean().unwrap() < old[1].mean().unwrap(), old[0].is_easier_than(&old[1]).unwrap());
        prop_assert!(close(old[0].mean().unwrap() + new[0].mean().unwrap(), Decimal::from(7)));
    }

    #[test]
    fn the_laws_hold_for_expectation(
        a in experiences(Scale::ONE_TO_TEN), b in experiences(Scale::ONE_TO_TEN), c in experiences(Scale::ONE_TO_TEN),
        wrong in 11..=255_u8,
    ) {
        laws::check_refusal::<ExpectationTally>(&Scale::ONE_TO_TEN, a.clone(), Experience { expected: None, perceived: Some(wrong) });
        laws::check::<ExpectationTally>(&Scale::ONE_TO_TEN, [a, b, c]);
    }

    #[test]
    fn expectation_agrees_with_counting(experiences in experiences(Scale::ZERO_TO_TEN)) {
        let mut tally = ExpectationTally::empty(Scale::ZERO_TO_TEN);
        tally.extend(experiences.iter().copied()).unwrap();
        let gaps: Vec<i64> = experiences.iter()
            .filter_map(|both| Some(i64::from(both.perceived?) - i64::from(both.expected?)))
            .collect();
        prop_assert_eq!(tally.complete(), gaps.len() as u64);
        prop_assert_eq!(tally.incomplete(), (experiences.len() - gaps.len()) as u64);
        prop_assume!(!gaps.is_empty());
        let share = |test: &dyn Fn(i64) -> bool| Share::new(gaps.iter().filter(|&&gap| test(gap)).count() as u64, gaps.len() as u64);
        let summary = tally.finish().unwrap();
        prop_assert_eq!(summary.exceeded, share(&|gap| gap > 0).unwrap());
        prop_assert_eq!(summary.met, share(&|gap| gap == 0).unwrap());
        prop_assert_eq!(summary.missed, share(&|gap| gap < 0).unwrap());
        prop_assert!(close(summary.mean_gap, Decimal::from(gaps.iter().sum::<i64>()) / Decimal::from(gaps.len())));
    }
}

/// Scores 0-10 once each: -45.4545; 100, 30, 80 of each kind: 9.52; 0, 7, 7, 9, 9, 9: 1/3 with variance 5/9 (tests of the R package
/// NPS).
#[test]
fn worked_examples_of_the_r_package_nps() {
    let once_each = RatingTally::from_counts(Scale::ZERO_TO_TEN, &[1; 11], 0).unwrap();
    assert_eq!(once_each.nps().unwrap().points().round_dp(4), decimal("-45.4545"));
    assert_eq!(NetScore::new(100, 30, 80).unwrap().points().round_dp(2), decimal("9.52"));
    let mut six = RatingTally::empty(Scale::ZERO_TO_TEN);
    six.record_column(&[0, 7, 7, 9, 9, 9]).unwrap();
    let score = six.nps().unwrap();
    assert_eq!(score.value() * Decimal::from(3), decimal("0.9999999999999999999999999999"));
    assert_eq!(score.variance().unwrap(), decimal("0.5555555555555555555555555556"));
}

/// NPS and its variance at 60 digits (mpmath 1.4.1), for counts of 0 to 10.
#[test]
fn nps_agrees_with_mpmath() {
    let rows = [
        ([5; 11], "-45.454545454545454545454545455", "0.6115702479338842975206611570"),
        ([10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "-100", "0"),
        ([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0], "100", "0"),
        ([12, 3, 5, 9, 7, 21, 30, 88, 170, 210, 445], "56.8", "0.419376"),
        ([0, 0, 0, 0, 0, 0, 50, 0, 0, 50, 0], "0", "1"),
        ([0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 0], "0", "0.6666666666666666666666666667"),
    ];
    for (counts, points, variance) in rows {
        let score = RatingTally::from_counts(Scale::ZERO_TO_TEN, &counts, 0).unwrap().nps().unwrap();
        assert_eq!((score.points(), score.variance().unwrap()), (decimal(points), decimal(variance)), "{counts:?}");
    }
}

/// 80, 210, 140, 110, 160, 180 and 120 answers of 1 to 7: a mean of 4.08 (CYS, "Customer Effort Score 7-point scale to average").
#[test]
fn worked_example_of_cys() {
    let tally = EffortTally::<EffortV2>::from_counts(&[80, 210, 140, 110, 160, 180, 120], 0).unwrap();
    assert_eq!(tally.mean(), Ok(decimal("4.08")));
    // By CustomerGauge's 5 to 7: 160 + 180 + 120.
    assert_eq!(tally.easy(), Share::new(460, 1000));
}

#[cfg(feature = "serde")]
#[test]
fn hostile_input_is_refused_and_good_input_comes_back() {
    let score = NetScore::new(3, 2, 1).unwrap();
    assert_eq!(serde_json::from_str::<NetScore>(&serde_json::to_string(&score).unwrap()).unwrap(), score);
    for hostile in [
        r#"{"promoters":0,"passives":0,"detractors":0}"#,
        r#"{"promoters":18446744073709551615,"passives":1,"detractors":0}"#,
        r#"{"promoters":-1,"passives":1,"detractors":0}"#,
        r#"{"promoters":1,"passives":1,"detractors":0,"answers":9}"#,
    ] {
        assert!(serde_json::from_str::<NetScore>(hostile).is_err(), "{hostile}");
    }
    assert_eq!(serde_json::from_str::<NetCuts>(r#"{"detractors_to":6,"promoters_from":9}"#).unwrap(), NetCuts::NPS);
    assert!(serde_json::from_str::<NetCuts>(r#"{"detractors_to":9,"promoters_from":6}"#).is_err());

    let effort = EffortTally::<EffortV1>::from_counts(&[1, 2, 3, 4, 5], 6).unwrap();
    let json = serde_json::to_string(&effort).unwrap();
    assert!(serde_json::from_str::<EffortTally<EffortV1>>(&json.replace("\"version\":1", "\"version\":2")).is_err());
    assert!(serde_json::from_str::<EffortTally<EffortV2>>(&json).is_err());
    assert!(serde_json::from_str::<EffortTally<EffortV1>>(&json.replace("[1,", "[")).is_err());
    assert!(serde_json::to_string(&effort.finish().unwrap()).unwrap().starts_with(r#"{"version":1,"mean":"3.6666"#));

    let mut expectation = ExpectationTally::default();
    expectation.extend([Experience::expected(1).perceived(4), Experience::expected(5).perceived(4)]).unwrap();
    let json = serde_json::to_string(&expectation).unwrap();
    for (good, hostile) in [
        ("\"surplus\":3", "\"surplus\":5"),
        ("\"surplus\":3", "\"surplus\":0"),
        ("\"shortfall\":1", "\"shortfall\":0"),
        ("\"met\":0", "\"met\":18446744073709551615"),
        ("\"low\":1", "\"low\":6"),
    ] {
        assert!(json.contains(good), "{json}");
        assert!(serde_json::from_str::<ExpectationTally>(&json.replace(good, hostile)).is_err(), "{hostile}");
    }
    assert!(serde_json::from_str::<Experience>(r#"{"expected":1,"perceived":2,"felt":3}"#).is_err());
}
