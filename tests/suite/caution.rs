//! When there are too few answers for the method.

use customer_metrics::estimate::{
    Alternative, Caution, ContingencyTable, ExpectedNetScore, KendallCorrelation, MannWhitney, PopulationCorrection, ShareTestMethod,
    ShareTrend, StrataSampling, Stratified, StratifiedDesign, StratifiedShareMethod, SurveyPlan, WeightedShareMethod, combine_independent,
};
use customer_metrics::satisfaction::{
    NetScore, NetScoreMethod, RatingTally, Scale, WeightedNetScoreMethod, WeightedRatingTally, WeightedRatings,
};
use customer_metrics::{Confidence, Decimal, Proportion, Share, ShareMethod, Tally};
use proptest::prelude::*;

#[test]
fn the_textbook_interval_asks_for_ten_of_each_kind() {
    for (part, whole, few) in [(10, 20, None), (9, 20, Some(9.0)), (11, 20, Some(9.0)), (0, 1, Some(0.0)), (999_991, 1_000_000, Some(9.0))]
    {
        let share = Share::new(part, whole).unwrap();
        let expected = few.map(|answers| Caution::FewOfAKind { answers });
        assert_eq!(share.caution(ShareMethod::Wald), expected);
        assert_eq!(share.estimate_with(Confidence::P95, ShareMethod::Wald).caution(), expected);
    }
}

#[test]
fn the_z_test_asks_for_five_expected_of_each_kind_in_each_group() {
    let caution = |k1, n1, k2, n2| Share::new(k1, n1).unwrap().test_caution(&Share::new(k2, n2).unwrap());
    // 10 of 40 altogether, a fourth of them expected in the first group.
    assert_eq!(caution(0, 10, 10, 30), Some(Caution::FewExpected { expected: 2.5, least: 5 }));
    assert_eq!(caution(10, 20, 0, 20), None);
    assert_eq!(caution(9, 20, 0, 20), Some(Caution::FewExpected { expected: 4.5, least: 5 }));
    assert_eq!(caution(30, 40, 40, 40).map(|caution| caution.to_string()), None);
    assert_eq!(caution(8, 8, 90, 92).unwrap().to_string(), "an expected count of 0.2 is below 5");
}

#[test]
fn tests_of_shares_carry_what_is_said_beforehand() {
    let (some, other) = (Share::new(2, 20).unwrap(), Share::new(6, 22).unwrap());
    for method in [ShareTestMethod::Pooled, ShareTestMethod::PooledCorrected, ShareTestMethod::Unpooled] {
        let test = some.test_difference_with(&other, method, Alternative::TwoSided).unwrap();
        assert!(test.caution().is_some() && test.caution() == some.test_caution(&other), "{method}");
    }
    assert_eq!(some.test_difference_exact(&other).unwrap().caution(), None);
    let against = |n, percent| {
        let assumed = Proportion::from_percent(Decimal::from(percent)).unwrap();
        Share::new(n / 2, n).unwrap().test_against_with(assumed, Alternative::Less).unwrap().caution()
    };
    assert_eq!(against(100, 90), None);
    assert_eq!(against(80, 90), Some(Caution::FewExpected { expected: 8.0, least: 10 }));
    assert_eq!(against(80, 10), Some(Caution::FewExpected { expected: 8.0, least: 10 }));
}

/// Cochran's rule at its edges: all at 5, a fifth below, more than a fifth, one below 1.
#[test]
fn tables_and_trends_ask_for_expected_counts_of_five_in_most_cells() {
    let caution = |rows: &[&[u64]]| {
        let table = ContingencyTable::new(rows).unwrap();
        assert_eq!(table.caution(), table.test().caution());
        table.caution()
    };
    assert_eq!(caution(&[&[5, 5], &[5, 5]]), None);
    // Of ten expected counts two are 4.
    assert_eq!(caution(&[&[4, 9, 9, 9, 9], &[4, 9, 9, 9, 9]]), None);
    let few = caution(&[&[4, 4, 9, 9, 9], &[4, 4, 9, 9, 9]]);
    assert_eq!(few, Some(Caution::SparseTable { smallest: 4.0, below_five: 4, cells: 10 }));
    let tiny = caution(&[&[1, 90, 90, 90, 90, 90], &[0, 90, 90, 90, 90, 90]]).unwrap();
    assert!(matches!(tiny, Caution::SparseTable { smallest, below_five: 2, cells: 12 } if smallest < 1.0));
    for groups in [[(2, 9), (3, 9), (5, 9)], [(20, 90), (30, 90), (50, 90)]] {
        let shares = groups.map(|(part, whole)| Share::new(part, whole).unwrap());
        let trend = ShareTrend::from_shares(&shares).unwrap().test().caution();
        let table = ContingencyTable::from_shares(&shares).unwrap().caution();
        assert_eq!(trend.is_some(), groups[0].1 == 9);
        assert_eq!(trend.map(|caution| caution.to_string()), table.map(|caution| caution.to_string()));
    }
}

#[test]
fn means_ask_for_fifteen_values_and_ranks_for_eight() {
    let ratings = |count: u64| RatingTally::from_counts(Scale::ONE_TO_FIVE, &[0, 0, 0, count - count / 2, count / 2], 0).unwrap();
    let (few, enough) = (ratings(14), ratings(15));
    let caution = Caution::FewValues { values: 14, least: 15 };
    let expected = Some(caution);
    assert_eq!(few.mean_estimate(Confidence::P95).unwrap().caution(), expected);
    assert_eq!(enough.mean_estimate(Confidence::P95).unwrap().caution(), None);
    // Two groups count together.
    assert_eq!(ratings(7).mean_difference(&ratings(7), Confidence::P95).unwrap().caution(), expected);
    assert_eq!(ratings(7).test_mean_difference(&ratings(7)).unwrap().caution(), expected);
    assert_eq!(ratings(7).mean_difference(&ratings(8), Confidence::P95).unwrap().caution(), None);
    assert_eq!(caution.to_string(), "14 values are fewer than 15");
    let mann_whitney = |m: u64, n: u64| {
        let groups = MannWhitney::from_counts(&[m - 2, 2], &[n - 3, 3]).unwrap();
        groups.test().unwrap().caution()
    };
    assert_eq!(mann_whitney(8, 8), None);
    assert_eq!(mann_whitney(7, 800), Some(Caution::FewValues { values: 7, least: 8 }));
    let kendall = |n: u32| {
        let column: Vec<f64> = (0..n).map(f64::from).collect();
        KendallCorrelation::from_columns(&column, &column).unwrap().test().unwrap().caution()
    };
    assert_eq!((kendall(9), kendall(10)), (Some(Caution::FewValues { values: 9, least: 10 }), None));
    let sum = combine_independent(&[
        (1.0, Share::new(1, 2).unwrap().estimate(Confidence::P95)),
        (1.0, few.mean_estimate(Confidence::P95).unwrap()),
    ]);
    assert_eq!(sum.unwrap().caution(), expected);
}

/// The skewness of two kinds of answers with shares p and q is (q - p) / sqrt(p q).
#[test]
fn net_scores_by_the_textbook_ask_for_more_the_more_lopsided_they_are() {
    let caution = |promoters, passives, detractors| {
        let score = NetScore::new(promoters, passives, detractors).unwrap();
        assert_eq!(score.estimate(Confidence::P95).caution(), None);
        let caution = score.estimate_with(Confidence::P95, NetScoreMethod::Wald).caution();
        assert_eq!(score.difference_with(&NetScore::new(50, 50, 50).unwrap(), Confidence::P95, NetScoreMethod::Wald).caution(), caution);
        caution
    };
    let mirrored = NetScore::new(10, 0, 90).unwrap().estimate_with(Confidence::P95, NetScoreMethod::Wald).caution();
    for skewed in [caution(90, 0, 10), mirrored] {
        let Some(Caution::Skewed { answers, enough }) = skewed else { panic!("{skewed:?}") };
        assert!(answers == 100.0 && (enough - 25.0 * 0.64 / 0.09).abs() < 1e-10, "{enough}");
    }
    assert_eq!(caution(900, 0, 100), None);
    assert_eq!(caution(7, 0, 7), Some(Caution::FewValues { values: 14, least: 15 }));
    assert_eq!(caution(8, 0, 8), None);
    assert_eq!(caution(40, 0, 0), Some(Caution::Unanimous { answers: 40.0 }));
    assert_eq!(Caution::Unanimous { answers: 40.0 }.to_string(), "all 40 answers are alike");
    assert_eq!(Caution::Unanimous { answers: 12.25 }.to_string(), "all 12.2 effective answers are alike");
    assert_eq!(Caution::Unanimous { answers: 1.0 }.to_string(), "there is a single answer");
}

#[test]
fn weighted_answers_are_cautioned_of_at_their_effective_number() {
    let mut tally = WeightedRatingTally::default();
    for rating in [5, 5, 5, 1, 1] {
        tally.record_columns(&[rating; 3], &[1, 1, 4]).unwrap();
    }
    let share = tally.csat().unwrap();
    assert_eq!(share.estimate(Confidence::P95).caution(), None);
    let by_wald = share.estimate_with(Confidence::P95, WeightedShareMethod::EffectiveSize(ShareMethod::Wald)).unwrap();
    // Six of fifteen answers are of the rarer kind, and all count as 30^2 / 90 = 10, of which 2 / 5 are.
    assert!(matches!(by_wald.caution(), Some(Caution::FewOfAKind { answers }) if (answers - 4.0).abs() < 1e-12), "{:?}", by_wald.caution());
    // The linearised variance is 15 / 14 x 0.024, with which 0.24 is that of 28 / 3 answers.
    let by = |method| share.estimate_with(Confidence::P95, method).unwrap().caution();
    let few = by(WeightedShareMethod::KornGraubard);
    assert!(matches!(few, Some(Caution::FewEffective { answers }) if (answers - 28.0 / 3.0).abs() < 1e-12), "{few:?}");
    assert_eq!(few.unwrap().to_string(), "9.3 effective answers are fewer than 30");
    let few = by(WeightedShareMethod::Linearised);
    assert!(matches!(few, Some(Caution::FewOfAKind { answers }) if (answers - 0.4 * 28.0 / 3.0).abs() < 1e-12), "{few:?}");
    assert_eq!(tally.mean_estimate(Confidence::P95).unwrap().caution(), Some(Caution::FewValues { values: 10, least: 15 }));

    // Equal weights, 0 and 10 by turns: no caution from 30 answers on for shares, from 15 on for means and scores.
    let even = |answers: u8| {
        let mut tally = WeightedRatingTally::empty(WeightedRatings::new(Scale::ZERO_TO_TEN, 0).unwrap());
        (0..answers).for_each(|row| tally.record((Some(row % 2 * 10), Decimal::TEN)).unwrap());
        tally
    };
    let share = |answers, method| even(answers).csat().unwrap().estimate_with(Confidence::P95, method).unwrap().caution();
    for (method, enough) in [(WeightedShareMethod::KornGraubard, 32), (WeightedShareMethod::Linearised, 32)] {
        assert!(matches!(share(enough - 3, method), Some(Caution::FewEffective { .. })) && share(enough, method).is_none(), "{method}");
    }
    let score =
        |answers| even(answers).nps().unwrap().estimate_with(Confidence::P95, WeightedNetScoreMethod::Linearised).unwrap().caution();
    let mean = |answers| even(answers).mean_estimate(Confidence::P95).unwrap().caution();
    let few = Some(Caution::FewValues { values: 14, least: 15 });
    assert_eq!(([score(14), mean(14)], [score(15), mean(15)]), ([few; 2], [None; 2]));
}

#[test]
fn strata_are_cautioned_of_where_the_variance_is_unsure_or_unknown() {
    let shares = |strata: &[(u64, u64)], design| {
        let strata = strata.iter().map(|&(part, whole)| (Share::new(part, whole).unwrap(), 30));
        Stratified::from_shares(design, strata).unwrap()
    };
    let ignored = StratifiedDesign::new(StrataSampling::Stratified, PopulationCorrection::Ignored);
    let caution = |strata: &[(u64, u64)], method| shares(strata, ignored).estimate_with(Confidence::P95, method).unwrap().caution();
    let (few, more, enough) = ([(6, 10), (4, 10)], [(7, 13), (6, 13)], [(12, 20), (8, 20)]);
    // p q = 1 / 4, over a variance of 1 / 2 x 0.24 / 9.
    let of_a_kind = caution(&few, StratifiedShareMethod::Normal);
    assert!(matches!(of_a_kind, Some(Caution::FewOfAKind { answers }) if (answers - 9.375).abs() < 1e-12), "{of_a_kind:?}");
    let effective = caution(&more, StratifiedShareMethod::Normal);
    assert!(matches!(effective, Some(Caution::FewEffective { answers }) if (answers - 12.0 * 169.0 / 84.0).abs() < 1e-9), "{effective:?}");
    assert!(matches!(caution(&more, StratifiedShareMethod::YanSu), Some(Caution::FewEffective { .. })));
    for method in [StratifiedShareMethod::Normal, StratifiedShareMethod::YanSu, StratifiedShareMethod::Wilson] {
        assert_eq!(caution(&enough, method), None);
    }
    assert_eq!(caution(&few, StratifiedShareMethod::Wilson), None);
    // All of 30 customers asked: there is nothing to be unsure of.
    let asked = shares(&[(10, 30), (20, 30)], StratifiedDesign::default());
    assert_eq!(asked.estimate_with(Confidence::P95, StratifiedShareMethod::Normal).unwrap().caution(), None);

    let one = Caution::LoneAnswers { strata: 1 };
    assert_eq!(one.to_string(), "1 stratum has a single answer");
    let lone = Some(one);
    assert_eq!(caution(&[(1, 1), (6, 13)], StratifiedShareMethod::Wilson), lone);
    assert_eq!(caution(&[(1, 1), (6, 13)], StratifiedShareMethod::YanSu), lone);
    let two = caution(&[(1, 1), (0, 1), (1, 2)], StratifiedShareMethod::Wilson);
    assert_eq!(two.unwrap().to_string(), "2 strata have a single answer each");
    let score = |promoters, detractors| (NetScore::new(promoters, 0, detractors).unwrap(), 30);
    let scores = |strata| Stratified::from_net_scores(ignored, strata).unwrap().estimate(Confidence::P95).caution();
    assert_eq!((scores([score(1, 0), score(3, 4)]), scores([score(1, 1), score(3, 4)])), (lone, None));
    let ratings = |counts: &[u64]| (RatingTally::from_counts(Scale::ONE_TO_FIVE, counts, 0).unwrap(), 30);
    let mean = |strata| Stratified::from_ratings(ignored, strata).unwrap().mean_estimate(Confidence::P95).unwrap().caution();
    assert_eq!(mean([ratings(&[0, 1, 0, 0, 0]), ratings(&[2, 2, 9, 9, 8])]), lone);
    assert_eq!(mean([ratings(&[2, 1, 1, 1, 2]), ratings(&[2, 1, 1, 1, 2])]), Some(Caution::FewValues { values: 14, least: 15 }));
    assert_eq!(mean([ratings(&[2, 1, 2, 1, 2]), ratings(&[2, 1, 2, 1, 2])]), None);
}

#[test]
fn plans_are_cautioned_of_by_the_rules_of_their_intervals() {
    let percent = |percent: i64| Proportion::from_percent(percent.into()).unwrap();
    let plan = SurveyPlan::from_worst_case_share(Confidence::P95);
    assert_eq!((plan.caution(20), plan.caution(18)), (None, Some(Caution::FewOfAKind { answers: 9.0 })));
    let plan = SurveyPlan::from_net_score(ExpectedNetScore { promoters: percent(90), detractors: percent(10) }, Confidence::P95).unwrap();
    assert!(matches!(plan.caution(100), Some(Caution::Skewed { .. })) && plan.caution(200).is_none());
    assert_eq!(plan.caution(0), Some(Caution::FewOfAKind { answers: 0.0 }));
    let plan = SurveyPlan::from_mean(1.5, Confidence::P95).unwrap();
    assert_eq!((plan.caution(14), plan.caution(15)), (Some(Caution::FewValues { values: 14, least: 15 }), None));
}

proptest! {
    #[test]
    fn a_caution_does_not_depend_on_which_answer_counts(part in 0..1_000_u64, rest in 1..1_000_u64, k in 0..50_u64, m in 1..50_u64) {
        let (one, other) = (Share::new(part, part + rest).unwrap(), Share::new(k, k + m).unwrap());
        let (against, mirrored) = (one.test_caution(&other), one.complement().test_caution(&other.complement()));
        prop_assert_eq!(against, mirrored);
        prop_assert_eq!(against, other.test_caution(&one));
        for &method in ShareMethod::ALL {
            prop_assert_eq!(one.caution(method), one.complement().caution(method));
            prop_assert_eq!(one.caution(method), one.estimate_with(Confidence::P95, method).caution());
            prop_assert!(method == ShareMethod::Wald || one.caution(method).is_none());
        }
    }
}

#[test]
fn rank_methods_say_when_there_are_too_few_values_for_their_approximation() {
    use customer_metrics::estimate::{MannWhitney, SpearmanCorrelation, SuperiorityMethod};

    for n in [4_u32, 9, 10, 40] {
        let first: Vec<f64> = (0..n).map(f64::from).collect();
        let second: Vec<f64> = (0..n).map(|row| f64::from(row * 7 % 5 + row / 2)).collect();
        let few = (n < 10).then_some(Caution::FewValues { values: n.into(), least: 10 });
        assert_eq!(SpearmanCorrelation::from_columns(&first, &second).unwrap().test().unwrap().caution(), few, "{n}");
        let groups = MannWhitney::from_columns(&first, &second).unwrap();
        assert_eq!(groups.test_brunner_munzel().unwrap().caution(), few, "{n}");
        let superiority = |method| groups.superiority_with(Confidence::P95, method).unwrap().caution();
        assert_eq!((superiority(SuperiorityMethod::BrunnerMunzel), superiority(SuperiorityMethod::DeLongLogit)), (few, None), "{n}");
        assert_eq!(groups.cliffs_delta_with(Confidence::P95, SuperiorityMethod::BrunnerMunzel).unwrap().caution(), few);
    }
}
