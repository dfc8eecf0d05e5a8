//! What few answers, heavy weights and unanimous ones can not show: coverage by enumeration and simulation, and the cautions that remain.

use customer_metrics::estimate::{
    Caution, KendallCorrelation, KendallMethod, MeanShrinkage, MemberMean, PearsonCorrelation, PopulationCorrection, SpearmanCorrelation,
    SpearmanMethod, StrataSampling, Stratified, StratifiedDesign, StratifiedShareMethod, WeightedShareMethod,
};
use customer_metrics::satisfaction::{
    GroupedRatingTally, LoyaltyRecord, LoyaltyTally, NetCuts, RatingGroups, RatingTally, Repurchase, Scale, StratifiedMeanMethod, Wallet,
    WeightedNetScoreMethod, WeightedRatingTally, WeightedRatings,
};
use customer_metrics::{Confidence, MomentsTally, Share, Tally};
use rand::RngExt;
use rand_distr::{Distribution, LogNormal, Normal};
use rand_pcg::Pcg64Mcg;

fn weighted(rows: impl IntoIterator<Item = (u8, u64)>) -> WeightedRatingTally {
    let mut tally = WeightedRatingTally::empty(WeightedRatings::new(Scale::ONE_TO_FIVE, 0).unwrap());
    let (ratings, weights): (Vec<u8>, Vec<u64>) = rows.into_iter().unzip();
    tally.record_columns(&ratings, &weights).unwrap();
    tally
}

/// How often the interval of a weighted share holds this truth, over all answers that there can be.
fn exact_coverage(weights: &[u64], truth: f64, method: WeightedShareMethod) -> f64 {
    (0..1_u32 << weights.len())
        .filter_map(|answers| {
            let counts = |position: usize| answers >> position & 1 == 1;
            let rows = weights.iter().enumerate().map(|(position, &weight)| (if counts(position) { 5 } else { 1 }, weight));
            let estimate = weighted(rows).csat().unwrap().estimate_with(Confidence::P95, method).unwrap();
            let count = answers.count_ones();
            let rest = weights.len() as u32 - count;
            estimate.interval().contains(truth).then(|| truth.powf(f64::from(count)) * (1.0 - truth).powf(f64::from(rest)))
        })
        .sum()
}

/// The enumeration that the documentation of the method quotes.
#[test]
fn korn_and_graubards_interval_stays_above_95_percent_whatever_the_weights() {
    let sets: [&[u64]; 8] = [
        &[100, 1, 1, 1, 1],
        &[12, 1, 1, 1, 1, 1, 1, 1],
        &[10, 1, 1, 1, 1, 1],
        &[1, 1, 2, 2, 3, 3, 4, 6],
        &[20, 5, 3, 2, 1, 1, 1, 1, 1, 1],
        &[5, 1, 1, 1, 1, 1, 1, 1, 1, 1],
        &[5, 5, 5, 1, 1, 1, 1, 1, 1, 1, 1, 1],
        &[1; 10],
    ];
    let coverages = || sets.into_iter().flat_map(|weights| [0.1, 0.3, 0.5].map(|truth| (weights, truth)));
    let least = coverages().map(|(weights, truth)| exact_coverage(weights, truth, WeightedShareMethod::KornGraubard)).fold(1.0, f64::min);
    assert!((0.978..0.98).contains(&least), "{least}");
}

#[test]
fn a_few_answers_never_pass_for_more_than_their_weights_leave() {
    // One of 100 counts and four of 1 do not: the variance alone would take them for 17 answers.
    for heavy in [100, 1_000, 4_000_000_000_000_000_000] {
        for rating in [5, 1] {
            let rows = core::iter::once((rating, heavy)).chain([(6 - rating, 1); 4]);
            let share = weighted(rows).csat().unwrap();
            let estimate = share.estimate_with(Confidence::P95, WeightedShareMethod::KornGraubard).unwrap();
            assert!(estimate.interval().width() > 0.95, "{heavy}: {estimate}");
            let Some(Caution::FewEffective { answers }) = estimate.caution() else { panic!("{estimate}") };
            assert!(answers <= share.effective_n(), "{answers}");
            let linearised = share.estimate_with(Confidence::P95, WeightedShareMethod::Linearised).unwrap();
            assert!(matches!(linearised.caution(), Some(Caution::FewOfAKind { answers }) if answers < 1.0), "{linearised}");
            assert!(linearised.interval().width() > 0.95, "{linearised}");
        }
    }
}

#[test]
fn a_handful_of_answers_in_unlike_strata_is_cautioned_of() {
    let ignored = StratifiedDesign::new(StrataSampling::Stratified, PopulationCorrection::Ignored);
    let unlike = |answers: u64| {
        let strata = [(Share::new(answers - 1, answers).unwrap(), 1_000), (Share::new(1, answers).unwrap(), 1_000)];
        Stratified::from_shares(ignored, strata).unwrap()
    };
    // 1 / 4 over a variance of 0.05 x 0.95 / 19 / 2 would be 200 answers, not 40; and 57 of 24.
    let caution = |answers, method| unlike(answers).estimate_with(Confidence::P95, method).unwrap().caution();
    for method in [StratifiedShareMethod::Normal, StratifiedShareMethod::YanSu] {
        assert_eq!((caution(20, method), caution(15, method)), (None, None), "{method}");
        assert_eq!(caution(12, method), Some(Caution::FewEffective { answers: 24.0 }), "{method}");
    }
    let few = caution(9, StratifiedShareMethod::Normal);
    assert!(matches!(few, Some(Caution::FewOfAKind { answers }) if (answers - 9.0).abs() < 1e-12), "{few:?}");
}

/// True means of a rounded normal distribution, held on the scale.
fn rounded_normal(centre: f64, random: &mut Pcg64Mcg) -> u8 {
    let drawn: f64 = Normal::new(centre, 1.0).unwrap().sample(random);
    (1..=4_u8).find(|&rating| drawn < f64::from(rating) + 0.5).unwrap_or(5)
}

fn mean_of_rounded(centre: f64) -> f64 {
    // 1 and the chances of being above 1.5, 2.5, 3.5 and 4.5, by Simpson's rule.
    let density = |x: f64| (-x * x / 2.0).exp() / (2.0 * core::f64::consts::PI).sqrt();
    let above = |edge: f64| {
        let (from, steps) = (edge - centre, 400_u32);
        let step = (9.0 - from) / f64::from(steps);
        (0..=steps)
            .map(|position| {
                let factor = if position == 0 || position == steps { 1.0 } else { f64::from(2 + position % 2 * 2) };
                factor * density(from + step * f64::from(position))
            })
            .sum::<f64>()
            * step
            / 3.0
    };
    1.0 + [1.5, 2.5, 3.5, 4.5].map(above).iter().sum::<f64>()
}

/// Of shrunken means, by the tally and with the pooled variance taken as known.
fn coverage_of_teams(groups: u32, answers: u32, teams: u32) -> [f64; 2] {
    let mut random = Pcg64Mcg::new(3_030);
    let (mut covered, mut of) = ([0_u32; 2], 0_u32);
    for _ in 0..teams {
        let centres: Vec<f64> = (0..groups).map(|_| Normal::new(3.5, 0.5).unwrap().sample(&mut random)).collect();
        let rows: Vec<(u32, u8)> = (0..groups)
            .zip(&centres)
            .flat_map(|(group, &centre)| (0..answers).map(move |_| (group, centre)))
            .map(|(group, centre)| (group, rounded_normal(centre, &mut random)))
            .collect();
        let (numbers, ratings): (Vec<u32>, Vec<u8>) = rows.into_iter().unzip();
        let mut tally = GroupedRatingTally::empty(RatingGroups::new(Scale::ONE_TO_FIVE, groups).unwrap());
        tally.record_columns(&numbers, &ratings).unwrap();
        // All alike in every group: there is no interval, and no promise.
        let Ok(means) = tally.shrunken_means_by_group(Confidence::P95) else { continue };
        let error = (tally.pooled_variance().unwrap() / f64::from(answers)).sqrt();
        let own = tally.tallies().map(|one| one.mean().unwrap().to_string().parse().unwrap());
        let own: Vec<MemberMean> = own.map(|mean| MemberMean { mean, standard_error: error }).collect();
        let known = MeanShrinkage::fit(&own).unwrap().shrink_all(&own, Confidence::P95).unwrap();
        for (((_, mean), known), &centre) in means.iter().zip(&known).zip(&centres) {
            let truth = mean_of_rounded(centre);
            covered[0] += u32::from(mean.estimate().interval().contains(truth));
            covered[1] += u32::from(known.estimate().interval().contains(truth));
            of += 1;
        }
    }
    covered.map(|covered| f64::from(covered) / f64::from(of))
}

/// The simulation that the documentation of shrunken means quotes.
#[test]
fn shrunken_means_of_a_few_answers_hold_the_truth() {
    for (groups, answers, at_least, known_at_most) in
        [(2, 2, 0.98, 0.88), (3, 2, 0.96, 0.9), (2, 3, 0.94, 0.9), (5, 2, 0.95, 0.93), (10, 3, 0.93, 0.96), (5, 10, 0.925, 0.93)]
    {
        let [covered, known] = coverage_of_teams(groups, answers, 1_000);
        assert!(covered >= at_least && known <= known_at_most && covered > known, "{groups} x {answers}: {covered}, {known}");
    }
}

#[test]
fn shrunken_means_widen_with_the_degrees_of_their_variance() {
    let of = |groups: &[&[u8]]| {
        let mut tally = GroupedRatingTally::empty(RatingGroups::new(Scale::ZERO_TO_TEN, groups.len() as u32).unwrap());
        for (group, ratings) in (0..).zip(groups) {
            ratings.iter().for_each(|&rating| tally.record_columns(&[group], &[rating]).unwrap());
        }
        tally
    };
    let one = of(&[&[3, 4, 5, 6, 7]]);
    let shrunken = one.shrunken_means_by_group(Confidence::P95).unwrap()[0].1.estimate();
    // Alone there is nothing to shrink towards: the t interval, with 4 degrees.
    let alone = one.tallies().next().unwrap().mean_estimate(Confidence::P95).unwrap().interval();
    assert!(
        (shrunken.interval().low() - alone.low()).abs() < 1e-4 && (shrunken.interval().high() - alone.high()).abs() < 1e-4,
        "{shrunken}"
    );
    assert_eq!(shrunken.caution(), Some(Caution::FewValues { values: 5, least: 15 }));
    // Groups of one answer say nothing of the variance.
    let lone: &[&[u8]] = &[&[1], &[2], &[3], &[4], &[5], &[6], &[7], &[8], &[9], &[1], &[2], &[3], &[4], &[5], &[6, 8]];
    let caution = of(lone).shrunken_means_by_group(Confidence::P95).unwrap()[3].1.estimate().caution();
    assert_eq!(caution, Some(Caution::FewValues { values: 2, least: 15 }));
    let enough = of(&[&[1, 2, 3, 4, 5], &[2, 4, 6, 8, 10], &[3, 4, 3, 4, 5]]);
    assert!(enough.shrunken_means_by_group(Confidence::P95).unwrap().iter().all(|(_, mean)| mean.estimate().caution().is_none()));
}

#[test]
fn the_degrees_of_weighted_means_are_those_of_the_effective_number() {
    // (8 + 4)^2 / (8 + 16) = 6 answers; Student's t with 5 degrees, from the printed tables.
    let rows = [(5, 4), (4, 1), (4, 1), (4, 1), (4, 1), (3, 1), (3, 1), (3, 1), (4, 1)];
    let tally = weighted(rows);
    let (mean, t) = (tally.mean_estimate(Confidence::P90).unwrap(), 2.015_048);
    let reach = mean.point() - mean.interval().low();
    assert!((reach / tally.mean_standard_error().unwrap() - t).abs() < 1e-6, "{mean}");
    let share = tally.csat().unwrap();
    let estimate = share.estimate_with(Confidence::P90, WeightedShareMethod::Linearised).unwrap();
    assert!(((estimate.point() - estimate.interval().low()) / share.standard_error().unwrap() - t).abs() < 1e-6, "{estimate}");
    let score = tally.net_satisfaction(NetCuts::new(3, 5).unwrap()).unwrap();
    let estimate = score.estimate_with(Confidence::P90, WeightedNetScoreMethod::Linearised).unwrap();
    let reach = (estimate.interval().high() - estimate.point()).min(estimate.point() - estimate.interval().low());
    assert!(estimate.interval().width() >= 2.0 || (reach / score.standard_error().unwrap() - t).abs() < 1e-6, "{estimate}");
    // One weight beside which the others are nothing is one answer, of which nothing follows.
    let one = weighted([(4, 9_000_000_000_000_000_000), (1, 1), (5, 1)]).mean_estimate(Confidence::P95).unwrap();
    assert!(one.interval().low() >= 1.0 && one.interval().high() <= 5.0 && one.caution().is_some(), "{one}");
}

/// A weight as whole units.
fn millionths(weight: f64) -> u64 {
    format!("{:.0}", weight * 1e6).parse().unwrap()
}

/// Three rows of the table that the documentation of the mean quotes.
#[test]
fn weighted_means_cover_as_documented() {
    let mut random = Pcg64Mcg::new(4_040);
    for (answers, sigma, documented) in [(10, 1.0, 0.918), (30, 1.0, 0.923), (200, 1.5, 0.929)] {
        let (simulations, weight) = (3_000_u32, LogNormal::new(0.0, sigma).unwrap());
        let covered = (0..simulations)
            .filter(|_| {
                let rows = (0..answers).map(|_| (random.random_range(1..=5_u8), millionths(weight.sample(&mut random))));
                weighted(rows.collect::<Vec<_>>()).mean_estimate(Confidence::P95).unwrap().interval().contains(3.0)
            })
            .count();
        let covered = covered as f64 / f64::from(simulations);
        assert!((covered - documented).abs() < 0.017, "{answers} {sigma}: {covered}");
    }
}

#[test]
fn intervals_without_width_are_cautioned_of() {
    let none = Some(Caution::NoSpread);
    let ratings = |count| RatingTally::from_counts(Scale::ONE_TO_FIVE, &[0, 0, 0, 0, count], 0).unwrap();
    let mean = ratings(20).mean_estimate(Confidence::P95).unwrap();
    assert_eq!((mean.interval().width(), mean.caution()), (0.0, none));
    assert_eq!(mean.caution().unwrap().to_string(), "the answers do not vary, so that the interval has no width");
    assert_eq!(ratings(14).mean_estimate(Confidence::P95).unwrap().caution(), Some(Caution::FewValues { values: 14, least: 15 }));
    assert_eq!(ratings(9).mean_difference(&ratings(8), Confidence::P95).unwrap().caution(), none);
    let varied = RatingTally::from_counts(Scale::ONE_TO_FIVE, &[1, 0, 0, 0, 19], 0).unwrap();
    assert_eq!(varied.mean_estimate(Confidence::P95).unwrap().caution(), None);
    assert_eq!(varied.mean_difference(&ratings(8), Confidence::P95).unwrap().caution(), None);
    assert_eq!(weighted([(5, 3); 20]).mean_estimate(Confidence::P95).unwrap().caution(), none);
    let mut amounts = MomentsTally::default();
    amounts.extend([7.into(); 15]).unwrap();
    assert_eq!(amounts.mean_estimate(Confidence::P95).unwrap().caution(), none);

    let mut loyalty = LoyaltyTally::default();
    for _ in 0..20 {
        loyalty
            .record(LoyaltyRecord { repurchase: Repurchase::BoughtAgain, wallet: Some(Wallet::new(0.into(), 10.into()).unwrap()) })
            .unwrap();
    }
    let share = loyalty.share_of_wallet_estimate(Confidence::P95).unwrap();
    assert_eq!((share.point(), share.interval().width(), share.caution()), (0.0, 0.0, none));

    let strata = |population, correction| {
        let design = StratifiedDesign::new(StrataSampling::Stratified, correction);
        Stratified::from_ratings(design, [(ratings(10), population), (ratings(10), population)]).unwrap()
    };
    let caution = |strata: Stratified<RatingTally>, method| strata.mean_estimate_with(Confidence::P95, method).unwrap().caution();
    for method in [StratifiedMeanMethod::PartlyPooled, StratifiedMeanMethod::Satterthwaite] {
        assert_eq!(caution(strata(50, PopulationCorrection::Finite), method), none);
        // All were asked: there is nothing to be unsure of.
        assert_eq!(caution(strata(10, PopulationCorrection::Finite), method), None);
        assert_eq!(caution(strata(10, PopulationCorrection::Ignored), method), none);
    }
}

#[test]
fn correlations_of_few_or_perfect_pairs_are_refused_or_cautioned_of() {
    let column = |n: u32| (1..=n).map(f64::from).collect::<Vec<_>>();
    let kendall = |first: &[f64], second: &[f64]| {
        let correlation = KendallCorrelation::from_columns_with_asymptotic_error(first, second).unwrap();
        correlation.estimate_with(Confidence::P95, KendallMethod::Asymptotic)
    };
    for n in 2..=4 {
        let error = kendall(&column(n), &column(n)).unwrap_err();
        assert_eq!(error.to_string(), "interval of a Kendall correlation is undefined: there are fewer than five customers");
    }
    let none = Some(Caution::NoSpread);
    for n in [5, 6, 7, 11, 40] {
        let reverse: Vec<f64> = column(n).into_iter().rev().collect();
        for (other, ends) in [(column(n), 1.0), (reverse, -1.0)] {
            let pearson = PearsonCorrelation::from_columns(&column(n), &other).unwrap();
            let spearman = SpearmanCorrelation::from_columns(&column(n), &other).unwrap();
            let fieller = KendallCorrelation::from_columns(&column(n), &other).unwrap();
            let estimates = [
                kendall(&column(n), &other).unwrap(),
                fieller.estimate(Confidence::P95).unwrap(),
                pearson.estimate(Confidence::P95).unwrap(),
                spearman.estimate_with(Confidence::P95, SpearmanMethod::BonettWright).unwrap(),
            ];
            for estimate in estimates {
                assert_eq!((estimate.interval().low(), estimate.interval().high(), estimate.caution()), (ends, ends, none), "{estimate}");
            }
            assert_eq!(pearson.difference(&pearson, Confidence::P95).unwrap().caution(), none);
        }
    }
    let mut swapped = column(19);
    swapped.swap(2, 6);
    assert_eq!(kendall(&column(19), &swapped).unwrap().caution(), Some(Caution::FewValues { values: 19, least: 20 }));
    let mut swapped = column(20);
    swapped.swap(2, 6);
    assert_eq!(kendall(&column(20), &swapped).unwrap().caution(), None);
}

/// A stratum next to nothing beside the other: `1 - sum of W^2 / m` is 0 in floating point, and its terms are not.
#[test]
fn two_strata_of_one_answer_each_are_two_answers_however_unlike_their_sizes() {
    let rating = |rating: usize| {
        let mut counts = [0; 5];
        counts[rating - 1] = 1;
        RatingTally::from_counts(Scale::ONE_TO_FIVE, &counts, 0).unwrap()
    };
    let design = StratifiedDesign::new(StrataSampling::Stratified, PopulationCorrection::Ignored);
    let half = Confidence::new(0.5).unwrap();
    for (small, large) in [(1, 1_000_000_000), (1, 20_000_000_000_000_000), (3, u64::MAX - 3)] {
        for strata in [[(rating(4), small), (rating(5), large)], [(rating(5), large), (rating(4), small)]] {
            let estimate = Stratified::from_ratings(design, strata).unwrap().mean_estimate(half).unwrap();
            // The variance of one answer is (5 - 4)^2 / 2, with one degree, whose t is 1 at 50%.
            assert!((estimate.point() - estimate.interval().low() - 0.5_f64.sqrt()).abs() < 1e-8, "{small} {large}: {estimate}");
            assert!(matches!(estimate.caution(), Some(Caution::LoneAnswers { strata: 2 })));
        }
        let shares = [(Share::new(1, 1).unwrap(), small), (Share::new(0, 1).unwrap(), large)];
        assert!(Stratified::from_shares(design, shares).unwrap().estimate(half).interval().width() > 0.1);
    }
    let one = Stratified::from_ratings(design, [(rating(4), 20_000_000_000_000_000)]).unwrap().mean_estimate(half);
    assert!(one.unwrap_err().to_string().contains("only one answered"));
}
