//! The intervals of service quality: against a slow recomputation from the rows, against other tallies of the same answers, by simulation.

use customer_metrics::estimate::{Caution, Method};
use customer_metrics::satisfaction::{
    Dimension, DimensionEstimates, ExpectationTally, Experience, Questionnaire, RatingPairTally, RatingTally, Scale, ServiceQualityTally,
    Weights,
};
use customer_metrics::{Confidence, Decimal, Error, Estimate, MinorUnit, MomentsTally, Tally};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// The quantile of the t distribution with n - 1 degrees, from the interval of a mean of n other numbers.
pub(crate) fn t_quantile(n: u64, confidence: Confidence) -> f64 {
    let mut numbers = MomentsTally::empty(MinorUnit::WHOLE);
    numbers.record_column(&(0..i64::try_from(n).unwrap()).map(|number| number % 2).collect::<Vec<_>>()).unwrap();
    numbers.mean_estimate(confidence).unwrap().interval().width() / 2.0 / numbers.mean_standard_error().unwrap()
}

fn tally_of(questionnaire: Questionnaire, rows: &[Vec<Experience>]) -> ServiceQualityTally {
    let mut tally = ServiceQualityTally::empty(questionnaire);
    tally.extend(rows.iter().cloned()).unwrap();
    tally
}

/// The dimension of every item.
fn dimensions(questionnaire: Questionnaire) -> Vec<usize> {
    let sizes = Dimension::ALL.map(|dimension| usize::from(questionnaire.items_of(dimension)));
    sizes.into_iter().enumerate().flat_map(|(dimension, size)| vec![dimension; size]).collect()
}

/// Score, standard error and n of a sum of dimensions with these weights, from the rows: the linearised value of every respondent.
fn slow(
    questionnaire: Questionnaire,
    rows: &[Vec<Experience>],
    value: impl Fn(Experience) -> Option<i64>,
    weights: [f64; 5],
) -> Option<(f64, f64, u64)> {
    let dimensions = dimensions(questionnaire);
    let sizes = Dimension::ALL.map(|dimension| f64::from(questionnaire.items_of(dimension)));
    let (mut score, mut least) = (0.0, u64::MAX);
    let mut linearised = vec![0.0; rows.len()];
    for (item, dimension) in dimensions.into_iter().enumerate() {
        let values: Vec<Option<f64>> = rows.iter().map(|row| value(row[item]).map(|value| value as f64)).collect();
        let given = values.iter().flatten().count() as u64;
        if given < 2 {
            return None;
        }
        let mean = values.iter().flatten().sum::<f64>() / given as f64;
        let weight = weights[dimension] / sizes[dimension];
        score += weight * mean;
        if weight != 0.0 {
            least = least.min(given);
        }
        for (z, value) in linearised.iter_mut().zip(values) {
            *z += value.map_or(0.0, |value| weight * (value - mean) / given as f64);
        }
    }
    let n = least as f64;
    let squares: f64 = linearised.iter().map(|z| z * z).sum();
    Some((score, (n / (n - 1.0) * squares).sqrt(), least))
}

fn agrees(estimate: Estimate, (score, error, n): (f64, f64, u64), range: [f64; 2]) -> bool {
    let reach = t_quantile(n, estimate.confidence()) * error;
    let close = |a: f64, b: f64| (a - b).abs() < 1e-12 * (1.0 + reach);
    let [low, high] = [(score - reach).max(range[0]), (score + reach).min(range[1])];
    estimate.n() == n
        && estimate.method() == Method::Linearised
        && close(estimate.point(), score)
        && close(estimate.interval().low(), low)
        && close(estimate.interval().high(), high)
}

fn questionnaires() -> impl Strategy<Value = Questionnaire> {
    (0..=9_u8, 1..=10_u8, prop::array::uniform5(1..=3_u8))
        .prop_map(|(low, width, items)| Questionnaire::new(Scale::new(low, low + width, low + 1).unwrap(), items).unwrap())
}

/// Respondents of whose answers so many in a hundred are there.
fn rows(answered: u8) -> impl Strategy<Value = (Questionnaire, Vec<Vec<Experience>>)> {
    let rows = move |questionnaire: Questionnaire| {
        let (low, high) = (questionnaire.scale().low(), questionnaire.scale().high());
        let rating = move || (0..100_u8, low..=high).prop_map(move |(chance, rating)| (chance < answered).then_some(rating));
        let item = (rating(), rating()).prop_map(|(expected, perceived)| Experience { expected, perceived });
        prop::collection::vec(prop::collection::vec(item, questionnaire.items()), 2..25)
    };
    questionnaires().prop_flat_map(move |questionnaire| (Just(questionnaire), rows(questionnaire)))
}

type Value = fn(Experience) -> Option<i64>;
type Read = fn(&ServiceQualityTally, Confidence) -> customer_metrics::Result<DimensionEstimates>;

const ASPECTS: [(Value, Read); 3] = [
    (|one| one.gap().map(i64::from), ServiceQualityTally::servqual_estimate),
    (|one| one.perceived.map(i64::from), ServiceQualityTally::servperf_estimate),
    (|one| one.expected.map(i64::from), ServiceQualityTally::expectations_estimate),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn estimates_are_those_of_each_respondents_linearised_score(
        (questionnaire, rows) in rows(80), points in prop::array::uniform5(0..=50_u32)
    ) {
        let tally = tally_of(questionnaire, &rows);
        let [low, high] = [questionnaire.scale().low(), questionnaire.scale().high()].map(f64::from);
        let total: u32 = points.iter().sum();
        for (aspect, (value, read)) in ASPECTS.into_iter().enumerate() {
            let Some(_) = slow(questionnaire, &rows, value, [1.0; 5]) else {
                let undefined = matches!(read(&tally, Confidence::P95), Err(Error::Undefined { .. }));
                prop_assert!(undefined);
                continue;
            };
            let range = if aspect == 0 { [low - high, high - low] } else { [low, high] };
            for confidence in [Confidence::P90, Confidence::P95] {
                let estimates = read(&tally, confidence).unwrap();
                for (position, (dimension, estimate)) in estimates.iter().enumerate() {
                    let mut weights = [0.0; 5];
                    weights[position] = 1.0;
                    prop_assert!(agrees(estimate, slow(questionnaire, &rows, value, weights).unwrap(), range), "{dimension} {estimate}");
                    prop_assert_eq!(estimates.get(dimension), estimate);
                    let few = estimate.n() < Caution::LEAST_FOR_T;
                    prop_assert_eq!(estimate.caution().is_some(), few || estimate.interval().width() <= 0.0);
                }
                prop_assert!(agrees(estimates.unweighted(), slow(questionnaire, &rows, value, [0.2; 5]).unwrap(), range));
                if total > 0 {
                    let weights = Weights::new(total.into(), points.map(Decimal::from)).unwrap();
                    let parts = points.map(|point| f64::from(point) / f64::from(total));
                    prop_assert!(agrees(estimates.weighted(&weights).unwrap(), slow(questionnaire, &rows, value, parts).unwrap(), range));
                }
                let difference = estimates.difference_of_dimensions(Dimension::Empathy, Dimension::Tangibles);
                let (score, error, n) = slow(questionnaire, &rows, value, [-1.0, 0.0, 0.0, 0.0, 1.0]).unwrap();
                let most = (score + t_quantile(n, confidence) * error).min(range[1] - range[0]);
                prop_assert!((difference.point() - score).abs() < 1e-12);
                prop_assert!((difference.interval().high() - most).abs() < 1e-11 * (1.0 + most.abs()));
                prop_assert_eq!(difference.n(), [n, n]);
            }
        }
    }

    /// Sums of each respondent's answers, in sixths of a dimension and thirtieths of the whole, make the same interval as any numbers do.
    #[test]
    fn of_complete_answers_it_is_the_t_interval_of_the_respondents_own_scores((questionnaire, rows) in rows(100)) {
        let tally = tally_of(questionnaire, &rows);
        let dimensions = dimensions(questionnaire);
        for (value, read) in ASPECTS {
            let estimates = read(&tally, Confidence::P90).unwrap();
            let sixths = |row: &Vec<Experience>, dimension: usize| -> i64 {
                let items = dimensions.iter().zip(row).filter(|(of_item, _)| **of_item == dimension);
                let sum: i64 = items.clone().map(|(_, &one)| value(one).unwrap()).sum();
                sum * 6 / i64::try_from(items.count()).unwrap()
            };
            let check = |estimate: Estimate, scores: Vec<i64>, units: f64| {
                let mut numbers = MomentsTally::empty(MinorUnit::WHOLE);
                numbers.record_column(&scores).unwrap();
                let reach = t_quantile(rows.len() as u64, Confidence::P90) * numbers.mean_standard_error().unwrap() / units;
                let plain = numbers.mean_estimate(Confidence::P90).unwrap();
                let inside = estimate.interval();
                assert!((estimate.point() - plain.point() / units).abs() < 1e-13);
                assert!(inside.high() <= estimate.point() + reach + 1e-12 && inside.low() >= estimate.point() - reach - 1e-12);
                // Unless it was held within the scale, it is the same.
                let cut = (estimate.point() + reach - inside.high()).abs().min((estimate.point() - reach - inside.low()).abs());
                let at_an_end = [inside.low(), inside.high()].iter().all(|end| (end - end.round()).abs() < 1e-9);
                assert!(cut < 1e-12 || at_an_end, "{estimate} {reach}");
                assert_eq!(estimate.n(), rows.len() as u64);
            };
            for (position, (_, estimate)) in estimates.iter().enumerate() {
                check(estimate, rows.iter().map(|row| sixths(row, position)).collect(), 6.0);
            }
            check(estimates.unweighted(), rows.iter().map(|row| (0..5).map(|dimension| sixths(row, dimension)).sum()).collect(), 30.0);
        }
    }

    #[test]
    fn an_item_alone_has_the_interval_of_its_own_tally(
        ratings in prop::collection::vec((prop::option::weighted(0.8, 1..=7_u8), prop::option::weighted(0.8, 1..=7_u8)), 8..40)
    ) {
        let one_item_each = Questionnaire::new(Scale::ONE_TO_SEVEN, [1; 5]).unwrap();
        let experiences: Vec<Experience> = ratings.iter().map(|&(expected, perceived)| Experience { expected, perceived }).collect();
        let rows: Vec<Vec<Experience>> = experiences.iter().map(|&one| [Experience::expected(4).perceived(5), one].repeat(3)[..5].to_vec()).collect();
        let tally = tally_of(one_item_each, &rows);
        let mut gaps = ExpectationTally::empty(Scale::ONE_TO_SEVEN);
        gaps.extend(experiences.iter().copied()).unwrap();
        let mut perceptions = RatingTally::empty(Scale::ONE_TO_SEVEN);
        perceptions.extend(experiences.iter().map(|one| one.perceived)).unwrap();
        prop_assume!(gaps.complete() > 1);

        let same = |estimate: Estimate, other: Estimate| {
            let close = |a: f64, b: f64| (a - b).abs() < 1e-12 * (1.0 + b.abs());
            estimate.n() == other.n() && close(estimate.point(), other.point())
                && close(estimate.interval().low(), other.interval().low()) && close(estimate.interval().high(), other.interval().high())
        };
        let of_gaps = tally.servqual_estimate(Confidence::P99).unwrap();
        prop_assert!(same(of_gaps.get(Dimension::Reliability), gaps.mean_gap_estimate(Confidence::P99).unwrap()));
        let of_perceptions = tally.servperf_estimate(Confidence::P99).unwrap();
        prop_assert!(same(of_perceptions.get(Dimension::Assurance), perceptions.mean_estimate(Confidence::P99).unwrap()));
        // Everyone gave the other items the same.
        prop_assert_eq!(of_gaps.get(Dimension::Tangibles).interval().width(), 0.0);
    }

    #[test]
    fn a_mean_gap_has_the_interval_and_the_test_of_the_pairs(pairs in prop::collection::vec((0..=10_u8, 0..=10_u8), 2..40)) {
        let mut gaps = ExpectationTally::empty(Scale::ZERO_TO_TEN);
        gaps.extend(pairs.iter().map(|&(expected, perceived)| Experience::expected(expected).perceived(perceived))).unwrap();
        let mut both = RatingPairTally::empty([Scale::ZERO_TO_TEN; 2]);
        both.extend(pairs.iter().map(|&(expected, perceived)| [Some(perceived), Some(expected)])).unwrap();
        let (estimate, difference) = (gaps.mean_gap_estimate(Confidence::P95).unwrap(), both.mean_difference(Confidence::P95).unwrap());
        prop_assert_eq!(estimate.point(), difference.point());
        prop_assert_eq!(estimate.interval(), difference.interval());
        prop_assert_eq!([estimate.n(); 2], difference.n());
        prop_assert_eq!(gaps.test_mean_gap(), both.test_mean_difference().map_err(|error| match error {
            Error::Undefined { because, .. } => Error::Undefined { metric: "mean gap", because },
            other => other,
        }));
    }

    #[test]
    fn intervals_nest_and_mirror((questionnaire, rows) in rows(90)) {
        let tally = tally_of(questionnaire, &rows);
        prop_assume!(tally.servqual_estimate(Confidence::P90).is_ok());
        let [low, high] = [questionnaire.scale().low(), questionnaire.scale().high()];
        let turned = |rating: Option<u8>| rating.map(|rating| low + (high - rating));
        let turn = |one: &Experience| Experience { expected: turned(one.expected), perceived: turned(one.perceived) };
        let mirrored: Vec<Vec<Experience>> = rows.iter().map(|row| row.iter().map(turn).collect()).collect();
        let mirrored = tally_of(questionnaire, &mirrored);
        let [narrow, wide] = [Confidence::P90, Confidence::P99].map(|confidence| tally.servqual_estimate(confidence).unwrap().unweighted());
        prop_assert!(wide.interval().low() <= narrow.interval().low() && narrow.interval().high() <= wide.interval().high());
        prop_assert!(narrow.interval().contains(narrow.point()));
        let other = mirrored.servqual_estimate(Confidence::P90).unwrap().unweighted();
        prop_assert!((other.point() + narrow.point()).abs() < 1e-12);
        prop_assert!((other.interval().low() + narrow.interval().high()).abs() < 1e-11);
    }
}

#[test]
fn one_respondent_to_an_item_is_too_few() {
    let one_item_each = Questionnaire::new(Scale::ONE_TO_SEVEN, [1; 5]).unwrap();
    let mut tally = ServiceQualityTally::empty(one_item_each);
    assert!(matches!(tally.servqual_estimate(Confidence::P95), Err(Error::Undefined { metric: "SERVQUAL gap", .. })));
    tally.record(vec![Experience::expected(5).perceived(4); 5]).unwrap();
    assert!(tally.servqual().is_ok());
    let error = tally.servqual_estimate(Confidence::P95).unwrap_err();
    assert_eq!(error.to_string(), "SERVQUAL gap is undefined: one respondent to an item alone has no variance");
    tally.record(vec![Experience { expected: None, perceived: Some(4) }; 5]).unwrap();
    assert!(tally.servqual_estimate(Confidence::P95).is_err());
    let perceived = tally.servperf_estimate(Confidence::P95).unwrap();
    assert_eq!(perceived.unweighted().to_string(), "4 (4 to 4, 95% linearised t, n = 2)");
    assert_eq!(
        perceived.difference_of_dimensions(Dimension::Empathy, Dimension::Empathy).to_string(),
        "0 (0 to 0, 95% paired t, n = 2 and 2)"
    );
    assert!(matches!(perceived.weighted(&Weights::equal(4).unwrap()), Err(Error::Mismatch { .. })));
    assert_eq!(perceived.scores(), &tally.servperf().unwrap());
    let shown = format!("{perceived:.0}");
    assert!(shown.starts_with("tangibles 4 (4 to 4, 95% linearised t, n = 2), reliability 4"), "{shown}");
    assert!(shown.ends_with("unweighted 4 (4 to 4, 95% linearised t, n = 2)"), "{shown}");
}

/// Nine respondents by formula, some answers missing: score and ends at 95% of the five dimensions, unweighted and weighted, from the rows at 40
/// digits (mpmath 1.3).
#[test]
fn estimates_agree_with_mpmath() {
    let row = |r: u32| -> Vec<Experience> {
        let cell = |i: u32| {
            let perceived = (1 + (r * r * 3 + i * 5 + r * i) % 7, (r * 5 + i * 3) % 11);
            let expected = (1 + (r * 2 + i * i + 3 * r * i) % 7, (r * 7 + i * 2) % 13);
            let [perceived, expected] = [perceived, expected].map(|(rating, left_out)| (left_out > 0).then_some(rating as u8));
            Experience { expected, perceived }
        };
        (0..22).map(cell).collect()
    };
    let tally = tally_of(Questionnaire::STANDARD, &(0..9).map(row).collect::<Vec<_>>());
    let gaps = tally.servqual_estimate(Confidence::P95).unwrap();
    let weighted = gaps.weighted(&Weights::points([11, 32, 22, 19, 16].map(Decimal::from)).unwrap()).unwrap();
    let expected = [
        [-0.232_142_857_142_857_14, -1.837_005_799_579_986_86, 1.372_720_085_294_272_58],
        [0.852_777_777_777_777_77, -0.030_698_102_676_627_09, 1.736_253_658_232_182_64],
        [0.299_107_142_857_142_85, -0.273_017_469_734_760_35, 0.871_231_755_449_046_06],
        [0.464_285_714_285_714_28, -0.382_177_071_884_498_32, 1.310_748_500_455_926_89],
        [0.798_809_523_809_523_80, 0.062_038_842_047_921_85, 1.535_580_205_571_125_76],
        [0.436_567_460_317_460_31, -0.089_157_885_691_464_27, 0.962_292_806_326_384_90],
        [0.529_180_555_555_555_55, 0.066_211_568_164_420_02, 0.992_149_542_946_691_08],
    ];
    let estimates = gaps.iter().map(|(_, estimate)| estimate).chain([gaps.unweighted(), weighted]);
    for (estimate, expected) in estimates.zip(expected) {
        let got = [estimate.point(), estimate.interval().low(), estimate.interval().high()];
        for (got, expected) in got.into_iter().zip(expected) {
            assert!((got - expected).abs() < 2e-15, "{estimate} {expected}");
        }
        assert_eq!(estimate.n(), 7);
    }
}

/// Two kinds of respondents, half of each, who are two points apart on every item: however many they are, the standard error of each score is
/// 1 / sqrt(n - 1).
#[test]
fn a_million_million_respondents_keep_their_standard_error() {
    let mut tally = ServiceQualityTally::default();
    tally.extend([vec![Experience::expected(7).perceived(3); 22], vec![Experience::expected(7).perceived(5); 22]]).unwrap();
    for _ in 0..39 {
        let half = tally.clone();
        tally.merge(&half).unwrap();
    }
    assert_eq!(tally.respondents(), 1 << 40);
    let half = tally.clone();
    assert!(matches!(tally.merge(&half), Err(Error::Overflow { field: "respondents", .. })));
    let gaps = tally.servqual_estimate(Confidence::P95).unwrap();
    let expected = 2.0 * 1.959_963_984_540_054 / ((1_u64 << 40) as f64 - 1.0).sqrt();
    for (_, estimate) in gaps.iter().chain([(Dimension::Empathy, gaps.unweighted())]) {
        assert_eq!((estimate.point(), estimate.n()), (-3.0, 1 << 40));
        assert!((estimate.interval().width() / expected - 1.0).abs() < 1e-9, "{}", estimate.interval().width());
    }
    // The same answers to all dimensions leave nothing between them.
    assert_eq!(gaps.difference_of_dimensions(Dimension::Empathy, Dimension::Tangibles).interval().width(), 0.0);
}

/// Items are as their respondent is, up to chance, and one answer in six is missing: 95% intervals hold the truth 95% of the time. By items taken
/// as independent answers it would be far less.
#[test]
fn intervals_hold_the_true_score_as_often_as_they_say() {
    const RUNS: u32 = 1500;
    let questionnaire = Questionnaire::new(Scale::ONE_TO_SEVEN, [2, 3, 1, 2, 2]).unwrap();
    let truth: [i16; 10] = [4, 5, 3, 4, 3, 4, 5, 4, 3, 5];
    let dimensions = dimensions(questionnaire);
    let sizes = Dimension::ALL.map(|dimension| f64::from(questionnaire.items_of(dimension)));
    let mut expected = [0.0; 5];
    for (value, &dimension) in truth.iter().zip(&dimensions) {
        expected[dimension] += f64::from(*value) / sizes[dimension];
    }
    let overall = expected.iter().sum::<f64>() / 5.0;
    let points = Weights::points([11, 32, 22, 19, 16].map(Decimal::from)).unwrap();
    let weighted: f64 = expected.iter().zip([0.11, 0.32, 0.22, 0.19, 0.16]).map(|(score, weight)| score * weight).sum();
    let mut random = Pcg64Mcg::seed_from_u64(20_240_601);
    let (mut of_dimension, mut of_all, mut of_weighted, mut of_difference) = (0_u32, 0_u32, 0_u32, 0_u32);
    for _ in 0..RUNS {
        let mut tally = ServiceQualityTally::empty(questionnaire);
        for _ in 0..25 {
            let mood: i16 = random.random_range(-1..=1);
            let row = truth.map(|item| {
                let rating = u8::try_from(item + mood + random.random_range(-1..=1_i16)).unwrap();
                Experience { expected: None, perceived: (random.random_range(0..6) > 0).then_some(rating) }
            });
            tally.record(row.to_vec()).unwrap();
        }
        let estimates = tally.servperf_estimate(Confidence::P95).unwrap();
        of_dimension += u32::from(estimates.get(Dimension::Reliability).interval().contains(expected[1]));
        of_all += u32::from(estimates.unweighted().interval().contains(overall));
        of_weighted += u32::from(estimates.weighted(&points).unwrap().interval().contains(weighted));
        of_difference += u32::from(
            estimates.difference_of_dimensions(Dimension::Reliability, Dimension::Empathy).interval().contains(expected[1] - expected[4]),
        );
    }
    for hits in [of_dimension, of_all, of_weighted, of_difference] {
        let coverage = f64::from(hits) / f64::from(RUNS);
        assert!((0.935..=0.97).contains(&coverage), "{coverage}");
    }
}

#[cfg(feature = "serde")]
#[test]
fn estimates_are_written_by_name_and_hostile_sums_are_refused() {
    let one_item_each = Questionnaire::new(Scale::ONE_TO_FIVE, [1; 5]).unwrap();
    let mut tally = ServiceQualityTally::empty(one_item_each);
    tally.extend([vec![Experience::expected(5).perceived(4); 5], vec![Experience::expected(3).perceived(4); 5]]).unwrap();
    let estimates = tally.servqual_estimate(Confidence::P95).unwrap();
    let json: serde_json::Value = serde_json::to_value(&estimates).unwrap();
    assert_eq!(json["empathy"]["n"], 2);
    assert_eq!(json["unweighted"], serde_json::to_value(estimates.unweighted()).unwrap());

    let good = serde_json::to_string(&tally).unwrap();
    assert_eq!(serde_json::from_str::<ServiceQualityTally>(&good).unwrap(), tally);
    // Gaps of -1 and 1 on 1-5, counted from -4; perceptions of 4 from 1; expectations of 5 and 3.
    assert!(good.contains("[2,8,8,34]") && good.contains("[2,6,6,18]") && good.contains("[2,6,6,20]"), "{good}");
    for (from, to) in [
        ("[2,8,8,34]", "[3,8,8,34]"),
        ("[2,8,8,34]", "[2,8,7,34]"),
        ("[2,8,8,34]", "[2,8,8,35]"),
        ("[2,8,8,34]", "[2,8,8,30]"),
        ("[2,8,8,34]", "[2,17,17,145]"),
        ("[2,8,8,34]", "[2,8,8]"),
        ("[2,6,6,18]", "[1,6,6,18]"),
        ("[2,6,6,18]", "[2,9,9,41]"),
        ("[2,6,6,20]", "[2,6,6,22]"),
        (r#""respondents":2"#, r#""respondents":1"#),
        (r#""respondents":2"#, r#""respondents":1099511627777"#),
        (r#""gaps":[["#, r#""gaps":[[0,0,0,0],["#),
    ] {
        assert!(good.contains(from), "{from}");
        assert!(serde_json::from_str::<ServiceQualityTally>(&good.replacen(from, to, 1)).is_err(), "{from} {to}");
    }
}
