//! The weighted index and all that is built on it: ACSI, service quality, the scorecard. Laws, properties and worked examples.

use customer_metrics::satisfaction::{
    AcsiAnswers, AcsiTally, Contribution, Criterion, DefectRate, Dimension, DimensionScores, Experience, Questionnaire, Scale, Scorecard,
    ServiceQualityTally, Weights,
};
use customer_metrics::{Decimal, Tally};
use proptest::prelude::*;

use crate::laws;

fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

fn close(a: Decimal, b: Decimal) -> bool {
    (a - b).abs() < Decimal::new(1, 18)
}

/// Whole weights that add up to 100, as many as `count`: the pieces between random cuts.
fn hundred_points(count: usize) -> impl Strategy<Value = Vec<Decimal>> {
    prop::collection::vec(0..=100_u32, count - 1).prop_map(|mut cuts| {
        cuts.push(100);
        cuts.sort_unstable();
        let mut before = 0;
        cuts.into_iter().map(|cut| Decimal::from(cut - std::mem::replace(&mut before, cut))).collect()
    })
}

fn hundredths(count: usize) -> impl Strategy<Value = Vec<Decimal>> {
    prop::collection::vec((0..=10_000_i64).prop_map(|hundredths| Decimal::new(hundredths, 2)), count)
}

fn acsi_answers() -> impl Strategy<Value = Vec<AcsiAnswers>> {
    let answer = || prop::option::weighted(0.8, 1..=10_u8);
    let one = (answer(), answer(), answer()).prop_map(|(overall_satisfaction, expectancy_disconfirmation, comparison_to_ideal)| {
        AcsiAnswers { overall_satisfaction, expectancy_disconfirmation, comparison_to_ideal }
    });
    prop::collection::vec(one, 0..30)
}

fn questionnaires() -> impl Strategy<Value = Questionnaire> {
    (0..=9_u8, 1..=10_u8, prop::array::uniform5(1..=3_u8))
        .prop_map(|(low, width, items)| Questionnaire::new(Scale::new(low, low + width, low + 1).unwrap(), items).unwrap())
}

/// One respondent's answers; `answered` is the chance that a question is.
fn respondent(questionnaire: Questionnaire, answered: f64) -> impl Strategy<Value = Vec<Experience>> {
    let scale = questionnaire.scale();
    let rating = move || prop::option::weighted(answered, scale.low()..=scale.high());
    let item = (rating(), rating()).prop_map(|(expected, perceived)| Experience { expected, perceived });
    prop::collection::vec(item, questionnaire.items())
}

fn respondents(answered: f64, at_least: usize) -> impl Strategy<Value = (Questionnaire, Vec<Vec<Experience>>)> {
    questionnaires()
        .prop_flat_map(move |questionnaire| (Just(questionnaire), prop::collection::vec(respondent(questionnaire, answered), at_least..20)))
}

/// Dimension means by the definition, one item and one respondent at a time; `None` if an item has nothing.
fn slow_means(
    questionnaire: Questionnaire,
    respondents: &[Vec<Experience>],
    value: impl Fn(Experience) -> Option<i64>,
) -> Option<Vec<Decimal>> {
    let mut item = 0;
    let mut dimensions = Vec::new();
    for dimension in Dimension::ALL {
        let mut means = Vec::new();
        for _ in 0..questionnaire.items_of(dimension) {
            let values: Vec<i64> = respondents.iter().filter_map(|answers| value(answers[item])).collect();
            if values.is_empty() {
                return None;
            }
            means.push(Decimal::from(values.iter().sum::<i64>()) / Decimal::from(values.len()));
            item += 1;
        }
        dimensions.push(means.iter().sum::<Decimal>() / Decimal::from(means.len()));
    }
    Some(dimensions)
}

proptest! {
    #[test]
    fn an_index_is_the_weighted_mean_and_lies_within_its_values(
        (points, values) in (1..12_usize).prop_flat_map(|count| (hundred_points(count), hundredths(count)))
    ) {
        let weights = Weights::points(points.iter().copied()).unwrap();
        let index = weights.index(&values).unwrap();
        let by_hand: Decimal = points.iter().zip(&values).map(|(weight, value)| weight * value).sum();
        prop_assert_eq!(index, by_hand / Decimal::ONE_HUNDRED);
        prop_assert!(values.iter().min().unwrap() <= &index && &index <= values.iter().max().unwrap());
        let shares = Weights::shares(points.iter().map(|weight| weight / Decimal::ONE_HUNDRED)).unwrap();
        prop_assert_eq!(shares.index(&values).unwrap(), index);
    }

    #[test]
    fn equal_weights_give_the_unweighted_mean(count in 1..12_u16, weight in 1..1000_i64, seed in hundredths(12)) {
        let values = &seed[..usize::from(count)];
        let weight = Decimal::new(weight, 3);
        let equal = Weights::new(weight * Decimal::from(count), vec![weight; usize::from(count)]).unwrap();
        let index = equal.index(values).unwrap();
        prop_assert_eq!(Weights::equal(count).unwrap().index(values).unwrap(), index);
        prop_assert!(close(index, values.iter().sum::<Decimal>() / Decimal::from(count)));
    }

    #[test]
    fn contributions_add_up_exactly_whatever_the_weights(
        (weights, values) in (1..12_usize).prop_flat_map(|count| (prop::collection::vec(1..1_000_000_i64, count), hundredths(count)))
    ) {
        let total = Decimal::from(weights.iter().sum::<i64>());
        let index = Weights::new(total, weights.iter().copied().map(Decimal::from)).unwrap();
        let contributions = index.contributions(&values).unwrap();
        prop_assert_eq!(contributions.iter().sum::<Decimal>(), index.index(&values).unwrap());
        for ((contribution, weight), value) in contributions.iter().zip(weights).zip(&values) {
            prop_assert!(close(*contribution, Decimal::from(weight) * value / total));
        }
    }

    #[test]
    fn a_scorecard_adds_up_and_finds_what_costs_most(
        (points, scores) in (1..12_usize).prop_flat_map(|count| (hundred_points(count), hundredths(count)))
    ) {
        let criteria = points.iter().zip(&scores).enumerate().map(|(at, (&weight, &score))| Criterion::new(at.to_string(), weight, score));
        let scorecard = Scorecard::new(Decimal::ONE_HUNDRED, criteria.map(Result::unwrap)).unwrap();
        let contributions = scorecard.contributions();
        prop_assert_eq!(contributions.iter().map(Contribution::points).sum::<Decimal>(), scorecard.total());
        prop_assert_eq!(contributions.iter().map(Contribution::lost).sum::<Decimal>(), Decimal::ONE_HUNDRED - scorecard.total());
        let costs: Vec<Decimal> = points.iter().zip(&scores).map(|(weight, score)| weight * (Decimal::ONE_HUNDRED - score)).collect();
        let most = *costs.iter().max().unwrap();
        let first = costs.iter().position(|&cost| cost == most).unwrap().to_string();
        let expected = (most > Decimal::ZERO).then_some(first.as_str());
        prop_assert_eq!(scorecard.costliest().map(|one| one.criterion().name()), expected);
    }

    #[test]
    fn the_laws_hold_for_acsi(a in acsi_answers(), b in acsi_answers(), c in acsi_answers()) {
        laws::check_refusal::<AcsiTally>(&(), a.clone(), AcsiAnswers::new(1, 10, 11));
        laws::check::<AcsiTally>(&(), [a, b, c]);
    }

    #[test]
    fn acsi_agrees_with_its_formula(answers in acsi_answers(), points in hundred_points(3)) {
        let mut tally = AcsiTally::default();
        tally.extend(answers.iter().copied()).unwrap();
        let mean = |answer: fn(&AcsiAnswers) -> Option<u8>| {
            let given: Vec<Decimal> = answers.iter().filter_map(answer).map(Decimal::from).collect();
            given.iter().sum::<Decimal>().checked_div(Decimal::from(given.len()))
        };
        let means = [
            mean(|answers| answers.overall_satisfaction),
            mean(|answers| answers.expectancy_disconfirmation),
            mean(|answers| answers.comparison_to_ideal),
        ];
        let weights = Weights::points(points.iter().copied()).unwrap();
        if let [Some(x1), Some(x2), Some(x3)] = means {
            let equal = (x1 + x2 + x3 - Decimal::from(3)) / Decimal::from(27) * Decimal::ONE_HUNDRED;
            prop_assert!(close(tally.equal_weights_index().unwrap(), equal));
            let weighted = points.iter().zip([x1, x2, x3])
                .map(|(weight, mean)| weight / Decimal::ONE_HUNDRED * (mean - Decimal::ONE)).sum::<Decimal>();
            let index = tally.index(&weights).unwrap();
            prop_assert!(close(index, weighted / Decimal::from(9) * Decimal::ONE_HUNDRED));
            prop_assert!(Decimal::ZERO <= index && index <= Decimal::ONE_HUNDRED);
        } else {
            prop_assert!(tally.index(&weights).is_err());
        }
        prop_assert_eq!(tally.respondents(), answers.len() as u64);
    }

    #[test]
    fn the_laws_hold_for_service_quality((questionnaire, all) in respondents(0.8, 3)) {
        let third = all.len() / 3;
        let mut wrong = vec![Experience::default(); questionnaire.items()];
        wrong.last_mut().unwrap().perceived = Some(255);
        laws::check_refusal::<ServiceQualityTally>(&questionnaire, all.clone(), wrong);
        laws::check_refusal::<ServiceQualityTally>(&questionnaire, all.clone(), Vec::new());
        let batches = [all[..third].to_vec(), all[third..2 * third].to_vec(), all[2 * third..].to_vec()];
        laws::check::<ServiceQualityTally>(&questionnaire, batches);
    }

    #[test]
    fn service_quality_agrees_with_its_definition((questionnaire, all) in respondents(0.7, 1), points in hundred_points(5)) {
        let mut tally = ServiceQualityTally::empty(questionnaire);
        tally.extend(all.iter().cloned()).unwrap();
        let weights = Weights::points(points.iter().copied()).unwrap();
        let slow = [
            slow_means(questionnaire, &all, |one| one.gap().map(i64::from)),
            slow_means(questionnaire, &all, |one| one.perceived.map(i64::from)),
            slow_means(questionnaire, &all, |one| one.expected.map(i64::from)),
        ];
        for (fast, slow) in [tally.servqual(), tally.servperf(), tally.expectations()].into_iter().zip(slow) {
            let Some(slow) = slow else {
                prop_assert!(fast.is_err());
                continue;
            };
            let fast = fast.unwrap();
            for ((_, score), expected) in fast.iter().zip(&slow) {
                prop_assert!(close(score, *expected));
            }
            prop_assert!(close(fast.unweighted(), slow.iter().sum::<Decimal>() / Decimal::from(5)));
            let weighted = slow.iter().zip(&points).map(|(score, points)| score * points / Decimal::ONE_HUNDRED).sum();
            prop_assert!(close(fast.weighted(&weights).unwrap(), weighted));
        }
    }

    #[test]
    fn on_complete_data_perception_less_expectation_is_the_gap((questionnaire, all) in respondents(0.8, 1)) {
        let filled = |rating: Option<u8>| rating.or(Some(questionnaire.scale().high()));
        let fill = |one: Experience| Experience { expected: filled(one.expected), perceived: filled(one.perceived) };
        let all = all.into_iter().map(|answers| answers.into_iter().map(fill).collect());
        let mut tally = ServiceQualityTally::empty(questionnaire);
        tally.extend(all).unwrap();
        prop_assert_eq!(tally.complete_pairs().unwrap().complement().part(), 0);
        let (gaps, perceived, expected) = (tally.servqual().unwrap(), tally.servperf().unwrap(), tally.expectations().unwrap());
        for dimension in Dimension::ALL {
            prop_assert!(close(perceived.get(dimension) - expected.get(dimension), gaps.get(dimension)));
        }
        prop_assert!(close(perceived.unweighted() - expected.unweighted(), gaps.unweighted()));
    }
}

/// Weights of the State of Ohio: .3885, .3190 and .2925 (Verint, "ACSI Score & Its Calculation"); by hand for means of 8, 7 and 6:
/// (7 x .3885 + 6 x .3190 + 5 x .2925) / 9 x 100 = 6.096 / 9 x 100.
#[test]
fn acsi_with_the_weights_of_ohio() {
    let ohio = Weights::shares(["0.3885", "0.3190", "0.2925"].map(decimal)).unwrap();
    assert_eq!(ohio.total(), Decimal::ONE);
    let mut tally = AcsiTally::default();
    tally.extend([AcsiAnswers::new(9, 7, 5), AcsiAnswers::new(7, 7, 7)]).unwrap();
    assert_eq!(tally.index(&ohio), Ok(decimal("67.73333333333333333333")));
    // (8 + 7 + 6 - 3) / 27 x 100.
    assert_eq!(tally.equal_weights_index(), Ok(decimal("66.66666666666666666667")));
}

/// Twelve respondents whose sums are 94, 94 and 91: no mean ends, the index is 75 and not a hair less.
#[test]
fn an_acsi_index_that_ends_is_not_missed_by_a_rounding() {
    let mut tally = AcsiTally::default();
    tally.extend([AcsiAnswers::new(8, 8, 8); 7]).unwrap();
    tally.extend([AcsiAnswers::new(8, 8, 7); 3]).unwrap();
    tally.extend([AcsiAnswers::new(7, 7, 7); 2]).unwrap();
    assert_eq!(tally.equal_weights_index(), Ok(Decimal::from(75)));
}

/// Gaps of -0.65, -1.10, -0.83, -0.70 and -1.01: unweighted -4.29 / 5 = -0.86 (12manage, "Weighted and Unweighted Average SERVQUAL
/// Scores?").
#[test]
fn unweighted_servqual_of_12manage() {
    let gaps = DimensionScores::new(["-0.65", "-1.10", "-0.83", "-0.70", "-1.01"].map(decimal)).unwrap();
    assert_eq!(gaps.unweighted(), decimal("-0.858"));
    assert_eq!(gaps.unweighted().round_dp(2), decimal("-0.86"));
}

/// The weights already add up to the whole: where every dimension has the same gap, so has the weighted score. One course text divides
/// the weighted sum by five again and would give a fifth of it.
#[test]
fn a_weighted_servqual_score_is_not_divided_by_five_again() {
    let points = Weights::points([11, 32, 22, 19, 16].map(Decimal::from)).unwrap();
    let mut tally = ServiceQualityTally::default();
    tally.extend([vec![Experience::expected(6).perceived(4); 22], vec![Experience::expected(7).perceived(5); 22]]).unwrap();
    assert_eq!(tally.servqual().unwrap().weighted(&points), Ok(Decimal::from(-2)));
    assert_eq!(tally.servperf().unwrap().weighted(&points), Ok(decimal("4.5")));
}

/// 22 items, 4, 5, 4, 4 and 5 to a dimension (definitions of SERVQUAL; doc-001 and doc-004 name the five).
#[test]
fn the_standard_questionnaire_has_22_items() {
    assert_eq!(Questionnaire::default().items(), 22);
    let items = Dimension::ALL.map(|dimension| Questionnaire::STANDARD.items_of(dimension));
    assert_eq!(items, [4, 5, 4, 4, 5]);
}

/// 50 errors on 1,000 widgets of 10 characteristics: 5,000 per million (My Six Sigma Trainer's glossary); 87 defects on 500 purchase
/// orders of 6 opportunities: 29,000 (XNM Technologies).
#[test]
fn worked_examples_of_defects_per_million() {
    assert_eq!(DefectRate::new(50, 1_000 * 10).unwrap().per_million(), Decimal::from(5_000));
    assert_eq!(DefectRate::new(87, 500 * 6).unwrap().per_million(), Decimal::from(29_000));
}

#[cfg(feature = "serde")]
#[test]
fn hostile_input_is_refused_and_good_input_comes_back() {
    use std::fmt::Debug;

    /// `good` comes back from JSON; each replacement in it is refused.
    fn check<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + Debug>(good: &T, replacements: &[(&str, &str)]) {
        let json = serde_json::to_string(good).unwrap();
        assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), good);
        for (from, to) in replacements {
            assert!(json.contains(from), "{from} is not in {json}");
            assert!(serde_json::from_str::<T>(&json.replacen(from, to, 1)).is_err(), "{to}");
        }
    }

    check(
        &Weights::shares(["0.25", "0.75"].map(decimal)).unwrap(),
        &[("0.75", "0.7"), ("0.75", "-0.75"), (r#""total":"1""#, r#""total":"0""#), (r#""0.25""#, "0.25"), ("{", r#"{"x":1,"#)],
    );
    let supplier = [Criterion::new("quality", 60.into(), 91.into()), Criterion::new("cost", 40.into(), 70.into())];
    check(
        &Scorecard::new(Decimal::ONE_HUNDRED, supplier.map(Result::unwrap)).unwrap(),
        &[("91", "101"), (r#""60""#, r#""61""#), (r#""total_weight":"100""#, r#""total_weight":"1""#), ("name", "nom")],
    );
    check(&DefectRate::new(1, 2).unwrap(), &[(r#""part":1"#, r#""part":3"#), (r#""whole":2"#, r#""whole":0"#)]);
    check(&Dimension::Reliability, &[("reliability", "Reliability")]);
    check(&Questionnaire::STANDARD, &[("[4,5", "[0,5"), ("[4,5", "[5"), ("[4,5", "[256,5"), (r#""low":1"#, r#""low":7"#)]);
    check(&DimensionScores::new([1, 2, 3, 4, 5].map(Decimal::from)).unwrap(), &[("empathy", "apathy"), (r#""5""#, "5")]);

    let mut acsi = AcsiTally::default();
    acsi.record(AcsiAnswers::new(1, 2, 3)).unwrap();
    check(
        &acsi,
        &[(r#""missing":0"#, r#""missing":1"#), (r#""satisfied_from":9"#, r#""satisfied_from":8"#), (r#""high":10"#, r#""high":9"#)],
    );

    let mut service = ServiceQualityTally::default();
    service.record(vec![Experience::expected(7).perceived(3); 22]).unwrap();
    check(
        &service,
        &[
            (r#""gaps":[[1,2,2,4]"#, r#""gaps":[[2,2,2,4]"#),
            (r#""gaps":[[1,2,2,4],[1,2,2,4]"#, r#""gaps":[[1,2,2,4],[0,2,2,4]"#),
            (r#""perceptions":[[1,2,2,4]"#, r#""perceptions":[[1,7,7,49]"#),
            (r#""expectations":[[1,6,6,36]"#, r#""expectations":[[1,6,6,35]"#),
            (r#""respondents":1"#, r#""respondents":0"#),
            (r#""respondents":1"#, r#""respondents":1099511627777"#),
            ("[4,5,4,4,5]", "[4,5,4,4,6]"),
        ],
    );
}
