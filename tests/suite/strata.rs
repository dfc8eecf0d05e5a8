//! Strata: the textbook's formulas recomputed, what one stratum must give, coverage by simulation, and allocations.

use customer_metrics::estimate::{
    Caution, PopulationCorrection, StrataSampling, Stratified, StratifiedDesign, StratifiedShareMethod, SurveyPlan, neyman_allocation,
    proportional_allocation,
};
use customer_metrics::satisfaction::{NetCuts, NetScore, RatingTally, Scale, StratifiedMeanMethod};
use customer_metrics::{Confidence, Decimal, Error, Share, Tally};
use proptest::prelude::*;
use rand::RngExt;
use rand_distr::{Binomial, Distribution};
use rand_pcg::Pcg64Mcg;

const SAMPLINGS: [StrataSampling; 2] = [StrataSampling::Stratified, StrataSampling::PostStratified];
const CORRECTIONS: [PopulationCorrection; 2] = [PopulationCorrection::Finite, PopulationCorrection::Ignored];
const Z: f64 = 1.959_963_984_540_054;

fn designs() -> impl Iterator<Item = StratifiedDesign> {
    SAMPLINGS.into_iter().flat_map(|sampling| CORRECTIONS.map(|correction| StratifiedDesign::new(sampling, correction)))
}

fn share(part: u64, whole: u64) -> Share {
    Share::new(part, whole).unwrap()
}

fn float(value: Decimal) -> f64 {
    value.to_string().parse().unwrap()
}

/// Cochran's variances as they are printed, from `(W_h, n_h, N_h, s_h^2)`.
fn variance(design: StratifiedDesign, strata: &[(u64, u64, f64)]) -> f64 {
    let n: f64 = strata.iter().map(|row| row.0 as f64).sum();
    let population: f64 = strata.iter().map(|row| row.1 as f64).sum();
    let finite = design.correction == PopulationCorrection::Finite;
    let f = |n: f64, population: f64| if finite { n / population } else { 0.0 };
    let sum = |term: &dyn Fn(f64, f64, f64, f64) -> f64| -> f64 {
        strata.iter().map(|&(n, size, s2)| term(size as f64 / population, n as f64, size as f64, s2)).sum()
    };
    match design.sampling {
        StrataSampling::Stratified => sum(&|w, n, size, s2| w * w * s2 / n * (1.0 - f(n, size))),
        StrataSampling::PostStratified => {
            (1.0 - f(n, population)) / n * sum(&|w, _, _, s2| w * s2) + sum(&|w, _, _, s2| (1.0 - w) * s2) / (n * n)
        }
        other => panic!("{other:?}"),
    }
}

fn strata() -> impl Strategy<Value = Vec<(Share, u64)>> {
    let stratum = (2..60_u64).prop_flat_map(|whole| (0..=whole, Just(whole), 1..5_000_u64));
    prop::collection::vec(stratum.prop_map(|(part, whole, more)| (share(part, whole), whole + more)), 1..8)
}

fn tallies() -> impl Strategy<Value = Vec<(RatingTally, u64)>> {
    let stratum = (prop::collection::vec(1..=5_u8, 2..30), 1..5_000_u64);
    let stratum = stratum.prop_map(|(ratings, more)| {
        let mut tally = RatingTally::from_counts(Scale::ONE_TO_FIVE, &[0; 5], 0).unwrap();
        tally.record_column(&ratings).unwrap();
        (tally, ratings.len() as u64 + more)
    });
    prop::collection::vec(stratum, 1..6)
}

/// The centre moves inwards here faster than the reach grows: alone, they would give a higher low end at the greater confidence.
#[test]
fn intervals_nest_where_a_small_stratum_alone_answered_otherwise() {
    let cases: [&[(u64, u64, u64)]; 4] = [
        &[(1, 1, 4), (0, 1, 1_225), (0, 1, 788)],
        &[(0, 4, 9_490), (4, 4, 1_327), (1, 2, 504), (0, 1, 88_679)],
        &[(3, 4, 948), (0, 2, 41_865), (2, 3, 2_329), (0, 1, 54_858)],
        &[(0, 1, 1_306), (0, 1, 18_730), (0, 1, 11_879), (0, 1, 53_036), (0, 1, 6_295), (0, 1, 4_604), (1, 1, 1_483), (1, 1, 2_668)],
    ];
    for counts in cases {
        for design in designs() {
            let of = |turned: bool| {
                let strata = counts.iter().map(|&(part, whole, size)| (share(if turned { whole - part } else { part }, whole), size));
                Stratified::from_shares(design, strata).unwrap()
            };
            let (plain, mirrored) = (of(false), of(true));
            let mut narrower: Option<customer_metrics::Interval> = None;
            for step in 1..1_000 {
                let confidence = Confidence::new(f64::from(step) / 1_000.0).unwrap();
                let interval = plain.estimate(confidence).interval();
                if let Some(narrower) = narrower {
                    assert!(interval.low() <= narrower.low() + 1e-14, "{design:?} {confidence}: {interval} in {narrower}");
                    assert!(interval.high() >= narrower.high() - 1e-14, "{design:?} {confidence}: {interval} in {narrower}");
                }
                let other = mirrored.estimate(confidence).interval();
                assert!((interval.low() + other.high() - 1.0).abs() < 1e-13 && (interval.high() + other.low() - 1.0).abs() < 1e-13);
                narrower = Some(interval);
            }
        }
    }
}

/// Strata of 1 to 4 answers, two or more.
fn few_ratings() -> impl Strategy<Value = Vec<(Vec<u8>, u64)>> {
    prop::collection::vec((prop::collection::vec(1..=5_u8, 1..5), 4..5_000_u64), 2..9)
}

fn average(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn squares_about_mean(values: &[f64]) -> f64 {
    let mean = average(values);
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64
}

/// Student's t at 97.5% and whole degrees: what the mean of one value more reaches.
fn t_at_95(degrees: u64) -> f64 {
    let n = degrees + 1;
    SurveyPlan::from_mean(1.0, Confidence::P95).unwrap().margin(n).unwrap() * (n as f64).sqrt()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn the_textbook_interval_is_cochrans(strata in strata()) {
        for design in designs() {
            let stratified = Stratified::from_shares(design, strata.clone()).unwrap();
            let population: f64 = strata.iter().map(|row| row.1 as f64).sum();
            let point: f64 = strata.iter().map(|(share, size)| *size as f64 / population * share.to_f64()).sum();
            let rows: Vec<(u64, u64, f64)> = strata.iter().map(|(share, size)| {
                let (n, p) = (share.whole() as f64, share.to_f64());
                (share.whole(), *size, n / (n - 1.0) * p * (1.0 - p))
            }).collect();
            let reach = Z * variance(design, &rows).sqrt();
            let estimate = stratified.estimate_with(Confidence::P95, StratifiedShareMethod::Normal).unwrap();
            prop_assert!((estimate.point() - point).abs() < 1e-14 && (float(stratified.value().unwrap()) - point).abs() < 1e-14);
            prop_assert!((estimate.interval().low() - (point - reach).max(0.0)).abs() < 1e-13, "{:?}: {}", design, estimate);
            prop_assert!((estimate.interval().high() - (point + reach).min(1.0)).abs() < 1e-13, "{:?}: {}", design, estimate);
            prop_assert_eq!(estimate.n(), strata.iter().map(|row| row.0.whole()).sum::<u64>());
        }
    }

    #[test]
    fn the_textbook_mean_has_cochrans_variance_and_satterthwaites_degrees(strata in tallies()) {
        for design in designs() {
            let survey = Stratified::from_ratings(design, strata.clone()).unwrap();
            let rows: Vec<(u64, u64, f64)> =
                strata.iter().map(|(tally, size)| (tally.answers(), *size, float(tally.variance().unwrap()))).collect();
            let whole = variance(design, &rows);
            let estimate = survey.mean_estimate_with(Confidence::P95, StratifiedMeanMethod::Satterthwaite).unwrap();
            let population: f64 = rows.iter().map(|row| row.1 as f64).sum();
            let point: f64 = strata.iter().map(|(tally, size)| *size as f64 / population * float(tally.mean().unwrap())).sum();
            prop_assert!((estimate.point() - point).abs() < 1e-13);
            let reach = (estimate.interval().high() - estimate.point()).max(estimate.point() - estimate.interval().low());
            if whole <= 0.0 {
                prop_assert!(reach <= 0.0);
                continue;
            }
            // The degrees lie between those of the smallest stratum and of all together: so does the quantile.
            let least = rows.iter().map(|row| row.0).min().unwrap();
            let wider = |degrees: u64| if degrees < 2 { 12.8 } else { 1.96 + 2.8 / (degrees as f64 - 0.9) + 3.2 / (degrees as f64).powi(2) };
            let clamped = estimate.interval().low() <= 1.0 && estimate.interval().high() >= 5.0;
            prop_assert!(reach <= wider(least - 1) * whole.sqrt() && (clamped || reach >= Z * whole.sqrt() * (1.0 - 1e-12)), "{}", estimate);
        }
    }

    #[test]
    fn one_stratum_is_the_plain_estimate(part in 0..200_u64, rest in 0..200_u64, third in 0..200_u64, population in 600..10_000_u64, level in 0.01..0.99_f64) {
        prop_assume!(part + rest > 0);
        let confidence = Confidence::new(level).unwrap();
        for sampling in SAMPLINGS {
            let design = StratifiedDesign::new(sampling, PopulationCorrection::Ignored);
            let plain = share(part, part + rest);
            let stratified = Stratified::from_shares(design, [(plain, population)]).unwrap().estimate(confidence);
            prop_assert!((stratified.point() - plain.to_f64()).abs() < 1e-15);
            prop_assert!((stratified.interval().low() - plain.interval(confidence).low()).abs() < 1e-14);
            prop_assert!((stratified.interval().high() - plain.interval(confidence).high()).abs() < 1e-14);
            if let Ok(yan_su) = Stratified::from_shares(design, [(plain, population)]).unwrap().estimate_with(confidence, StratifiedShareMethod::YanSu) {
                prop_assert!((yan_su.interval().low() - plain.interval(confidence).low()).abs() < 1e-14);
                prop_assert!((yan_su.interval().high() - plain.interval(confidence).high()).abs() < 1e-14);
            }
            let score = NetScore::new(part, third, rest).unwrap();
            let (one, plain) = (Stratified::from_net_scores(design, [(score, population)]).unwrap().estimate(confidence), score.estimate(confidence));
            prop_assert!((one.point() - plain.point()).abs() < 1e-15);
            prop_assert!((one.interval().low() - plain.interval().low()).abs() < 1e-14);
            prop_assert!((one.interval().high() - plain.interval().high()).abs() < 1e-14);
        }
    }

    #[test]
    fn one_stratum_has_the_plain_mean(ratings in prop::collection::vec(1..=5_u8, 2..30), level in 0.01..0.99_f64) {
        let (confidence, mut tally) = (Confidence::new(level).unwrap(), RatingTally::empty(Scale::ONE_TO_FIVE));
        tally.record_column(&ratings).unwrap();
        let plain = tally.mean_estimate(confidence).unwrap();
        for sampling in SAMPLINGS {
            let design = StratifiedDesign::new(sampling, PopulationCorrection::Ignored);
            let survey = Stratified::from_ratings(design, [(tally.clone(), 77)]).unwrap();
            for method in [StratifiedMeanMethod::PartlyPooled, StratifiedMeanMethod::Satterthwaite] {
                let one = survey.mean_estimate_with(confidence, method).unwrap();
                prop_assert!((one.point() - plain.point()).abs() < 1e-14);
                prop_assert!((one.interval().low() - plain.interval().low()).abs() < 1e-12, "{}: {} and {}", method, one, plain);
                prop_assert!((one.interval().high() - plain.interval().high()).abs() < 1e-12);
                prop_assert_eq!(one.caution(), plain.caution());
            }
        }
    }

    /// The defaults, answer by answer and as they are printed.
    #[test]
    fn what_a_stratum_does_not_show_is_taken_from_the_whole_base(strata in few_ratings()) {
        let design = StratifiedDesign::new(StrataSampling::Stratified, PopulationCorrection::Ignored);
        let of = |value: &dyn Fn(u8) -> f64| -> Vec<(f64, Vec<f64>)> {
            let all: f64 = strata.iter().map(|row| row.1 as f64).sum();
            strata.iter().map(|(ratings, size)| (*size as f64 / all, ratings.iter().map(|&rating| value(rating)).collect())).collect()
        };
        let survey = Stratified::from_ratings(design, strata.iter().map(|(ratings, size)| {
            let mut tally = RatingTally::empty(Scale::ONE_TO_FIVE);
            tally.record_column(ratings).unwrap();
            (tally, *size)
        })).unwrap();
        let of_mean: f64 = of(&f64::from).iter().map(|(w, x)| w * w / x.len() as f64).sum();
        let near = |got: customer_metrics::Interval, low: f64, high: f64| (got.low() - low).abs() < 1e-12 && (got.high() - high).abs() < 1e-12;

        let rows = of(&|rating| f64::from(u8::from(rating >= 4)));
        let p: f64 = rows.iter().map(|(w, x)| w * average(x)).sum();
        let (mut centre, mut spread) = (0.0, 0.0);
        for (w, x) in &rows {
            let (n, c) = (x.len() as f64, Z * Z * w);
            let v = squares_about_mean(x) + (1.0 - w) * p * (1.0 - p) / (1.0 - of_mean) / n;
            centre += w * (average(x) * n + c / 2.0) / (n + c);
            spread += w * w * (n * v + c / 4.0) / (n + c).powi(2);
        }
        let reach = Z * spread.sqrt();
        let share = survey.csat().unwrap().estimate(Confidence::P95);
        prop_assert!(near(share.interval(), (centre - reach).max(0.0).min(p), (centre + reach).min(1.0).max(p)), "{}", share);

        // Answers are added one after the other: of 3 W_h a fourth are promoters, as many detractors.
        let rows = of(&|rating| if rating >= 5 { 1.0 } else if rating <= 2 { -1.0 } else { 0.0 });
        let all: f64 = rows.iter().map(|(w, x)| w * average(x)).sum();
        let of_all: f64 = rows.iter().map(|(w, x)| w * x.iter().map(|x| (x - all).powi(2)).sum::<f64>() / x.len() as f64).sum();
        let (mut centre, mut spread) = (0.0, 0.0);
        for (w, x) in &rows {
            let (n, added) = (x.len() as f64, 3.0 * w);
            let score = n * average(x) / (n + added);
            let about: f64 = x.iter().map(|x| (x - score).powi(2)).sum::<f64>()
                + added * ((1.0 - score).powi(2) / 4.0 + score * score / 2.0 + (1.0 + score).powi(2) / 4.0);
            centre += w * score;
            spread += w * w * (about + (1.0 - w) * of_all / (1.0 - of_mean)) / (n + added).powi(2);
        }
        let reach = Z * spread.sqrt();
        let net = survey.net_satisfaction(NetCuts::new(2, 5).unwrap()).unwrap().estimate(Confidence::P95);
        prop_assert!(near(net.interval(), (centre - reach).max(-1.0).min(all), (centre + reach).min(1.0).max(all)), "{}", net);

        let rows = of(&|rating| f64::from(rating));
        let all: f64 = rows.iter().map(|(w, x)| w * average(x)).sum();
        let of_all: f64 = rows.iter().map(|(w, x)| w * x.iter().map(|x| (x - all).powi(2)).sum::<f64>() / x.len() as f64).sum::<f64>() / (1.0 - of_mean);
        let whole: f64 = rows.iter().map(|(w, x)| w * w / x.len() as f64 * (squares_about_mean(x) + of_all / x.len() as f64)).sum();
        let mean = survey.mean_estimate(Confidence::P95).unwrap();
        prop_assert!((mean.point() - all).abs() < 1e-13);
        if of_all <= 0.0 {
            prop_assert!(mean.interval().width() <= 0.0);
        } else if mean.interval().low() > 1.0 && mean.interval().high() < 5.0 {
            // The degrees are never more than of all answers together, nor fewer than 1.
            let quantile = mean.interval().width() / 2.0 / whole.sqrt();
            let n: usize = rows.iter().map(|row| row.1.len()).sum();
            prop_assert!(t_at_95(n as u64 - 1) - 1e-9 <= quantile && quantile <= t_at_95(1) + 1e-9, "{} of {}", quantile, n);
            if rows.iter().all(|row| row.1.len() == 1) && rows.len() == 2 {
                prop_assert!((quantile - t_at_95(1)).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn intervals_of_a_few_answers_hold_nest_and_mirror(strata in few_ratings(), level in 0.3..0.98_f64) {
        let (narrow, wide) = (Confidence::new(level).unwrap(), Confidence::new(level + 0.01).unwrap());
        for design in designs() {
            let survey = |of: &dyn Fn(u8) -> u8| Stratified::from_ratings(design, strata.iter().map(|(ratings, size)| {
                let mut tally = RatingTally::empty(Scale::ONE_TO_FIVE);
                tally.record_column(&ratings.iter().map(|&rating| of(rating)).collect::<Vec<_>>()).unwrap();
                (tally, *size)
            })).unwrap();
            let estimates = |survey: &Stratified<RatingTally>, confidence| {
                let net = survey.net_satisfaction(NetCuts::new(2, 4).unwrap()).unwrap().estimate(confidence);
                [survey.top_two_box().unwrap().estimate(confidence), net, survey.mean_estimate(confidence).unwrap()]
            };
            let (plain, turned) = (survey(&|rating| rating), survey(&|rating| 6 - rating));
            let others = plain.top_two_box().unwrap();
            let others = Stratified::from_shares(design, others.strata().map(|(share, size)| (share.complement(), size))).unwrap();
            let ranges = [(0.0, 1.0, 1.0), (-1.0, 1.0, 0.0), (1.0, 5.0, 6.0)];
            for (index, (estimate, (low, high, sum))) in estimates(&plain, narrow).iter().zip(ranges).enumerate() {
                let (interval, wider) = (estimate.interval(), estimates(&plain, wide)[index].interval());
                prop_assert!(interval.contains(estimate.point()) && low <= interval.low() && interval.high() <= high, "{}", estimate);
                prop_assert!(wider.low() <= interval.low() + 1e-13 && interval.high() <= wider.high() + 1e-13, "{}", estimate);
                let mirrored = if index == 0 { others.estimate(narrow) } else { estimates(&turned, narrow)[index] }.interval();
                prop_assert!((interval.low() + mirrored.high() - sum).abs() < 1e-12 && (interval.high() + mirrored.low() - sum).abs() < 1e-12, "{}", estimate);
            }
        }
    }

    #[test]
    fn strata_alike_of_one_answer_are_a_plain_sample(part in 0..15_u64, rest in 0..15_u64, level in 0.01..0.99_f64) {
        prop_assume!(part + rest > 0);
        let (confidence, plain) = (Confidence::new(level).unwrap(), share(part, part + rest));
        let strata = (0..part + rest).map(|row| (share(u64::from(row < part), 1), 50));
        let design = StratifiedDesign::new(StrataSampling::Stratified, PopulationCorrection::Ignored);
        let estimate = Stratified::from_shares(design, strata).unwrap().estimate(confidence);
        prop_assert!((estimate.interval().low() - plain.interval(confidence).low()).abs() < 1e-13, "{} and {}", estimate, plain);
        prop_assert!((estimate.interval().high() - plain.interval(confidence).high()).abs() < 1e-13);
        prop_assert_eq!(estimate.caution(), Some(Caution::LoneAnswers { strata: part + rest }));
    }

    #[test]
    fn intervals_hold_nest_mirror_and_do_not_mind_the_order(strata in strata(), level in 0.05..0.98_f64) {
        let (narrow, wide) = (Confidence::new(level).unwrap(), Confidence::new(level + 0.01).unwrap());
        for design in designs() {
            let stratified = Stratified::from_shares(design, strata.clone()).unwrap();
            let turned = Stratified::from_shares(design, strata.iter().rev().copied()).unwrap();
            let mirrored = Stratified::from_shares(design, strata.iter().map(|(share, size)| (share.complement(), *size))).unwrap();
            for method in [StratifiedShareMethod::Wilson, StratifiedShareMethod::YanSu, StratifiedShareMethod::Normal] {
                let Ok(estimate) = stratified.estimate_with(narrow, method) else {
                    prop_assert!(method == StratifiedShareMethod::YanSu && strata.iter().all(|(share, _)| share.part() == 0 || share.part() == share.whole()));
                    continue;
                };
                let (interval, wider) = (estimate.interval(), stratified.estimate_with(wide, method).unwrap().interval());
                prop_assert!(interval.contains(estimate.point()) && 0.0 <= interval.low() && interval.high() <= 1.0);
                prop_assert!(wider.low() <= interval.low() + 1e-15 && interval.high() <= wider.high() + 1e-15);
                let other = mirrored.estimate_with(narrow, method).unwrap().interval();
                prop_assert!((interval.low() + other.high() - 1.0).abs() < 1e-13 && (interval.high() + other.low() - 1.0).abs() < 1e-13);
                let other = turned.estimate_with(narrow, method).unwrap().interval();
                prop_assert!((interval.low() - other.low()).abs() < 1e-13 && (interval.high() - other.high()).abs() < 1e-13);
            }
            prop_assert!(stratified.estimate(narrow).interval().width() > 0.0);
        }
    }

    #[test]
    fn the_corrected_interval_is_narrower_and_the_post_stratified_one_wider(strata in strata()) {
        let width = |sampling, correction| {
            let design = StratifiedDesign::new(sampling, correction);
            Stratified::from_shares(design, strata.clone()).unwrap().estimate(Confidence::P95).interval().width()
        };
        for sampling in SAMPLINGS {
            prop_assert!(width(sampling, PopulationCorrection::Finite) < width(sampling, PopulationCorrection::Ignored));
        }
        // Where each stratum has the part of the answers that it has of the base, chance has less to add.
        let n: u64 = strata.iter().map(|row| row.0.whole()).sum();
        let even: Vec<(Share, u64)> = strata.iter().map(|(share, _)| (*share, share.whole() * 1_000)).collect();
        let of = |sampling| Stratified::from_shares(StratifiedDesign::new(sampling, PopulationCorrection::Ignored), even.clone()).unwrap();
        let [fixed, chance] = SAMPLINGS.map(|sampling| of(sampling).estimate(Confidence::P95).interval().width());
        prop_assert!(fixed <= chance * (1.0 + 1e-12) && chance <= fixed * (1.0 + 2.0 * strata.len() as f64 / n as f64 * 4.0).sqrt() * 1.2);
    }

    #[test]
    fn merging_before_is_estimating_the_merged(strata in tallies(), cut in 1..10_usize) {
        let halves = strata.iter().map(|(tally, size)| {
            let counts: Vec<u64> = tally.distribution().map(|(_, count)| count).collect();
            let first: Vec<u64> = counts.iter().map(|count| count / (cut as u64 + 1)).collect();
            let second: Vec<u64> = counts.iter().zip(&first).map(|(all, first)| all - first).collect();
            let mut merged = RatingTally::from_counts(Scale::ONE_TO_FIVE, &first, 0).unwrap();
            merged.merge(&RatingTally::from_counts(Scale::ONE_TO_FIVE, &second, 0).unwrap()).unwrap();
            (merged, *size)
        });
        let design = StratifiedDesign::default();
        let (whole, merged) = (Stratified::from_ratings(design, strata.clone()).unwrap(), Stratified::from_ratings(design, halves).unwrap());
        prop_assert_eq!(&whole, &merged);
        prop_assert_eq!(whole.csat().unwrap().estimate(Confidence::P95), merged.csat().unwrap().estimate(Confidence::P95));
        prop_assert_eq!(whole.mean_estimate(Confidence::P95), merged.mean_estimate(Confidence::P95));
        let cuts = NetCuts::new(2, 5).unwrap();
        prop_assert_eq!(whole.net_satisfaction(cuts).unwrap().estimate(Confidence::P95), merged.net_satisfaction(cuts).unwrap().estimate(Confidence::P95));
    }

    #[test]
    fn proportional_allocation_sums_and_is_near_its_quota(populations in prop::collection::vec(0..10_000_u64, 1..12), percent in 0..=100_u64) {
        let population: u64 = populations.iter().sum();
        let sample = population * percent / 100;
        let sizes = proportional_allocation(sample, &populations).unwrap();
        prop_assert_eq!(sizes.iter().sum::<u64>(), sample);
        for (size, stratum) in sizes.iter().zip(&populations) {
            prop_assert!(size <= stratum);
            let quota = u128::from(sample) * u128::from(*stratum);
            prop_assert!(u128::from(*size) * u128::from(population) + u128::from(population) > quota);
            prop_assert!(u128::from(*size) * u128::from(population) < quota + u128::from(population.max(1)));
        }
    }

    #[test]
    fn neyman_allocation_sums_and_beats_its_neighbours(strata in prop::collection::vec((50..2_000_u64, 0.05..2.0_f64), 2..7), percent in 5..90_u64) {
        let sample = strata.iter().map(|row| row.0).sum::<u64>() * percent / 100;
        let sizes = neyman_allocation(sample, &strata).unwrap();
        prop_assert_eq!(sizes.iter().sum::<u64>(), sample);
        prop_assert!(sizes.iter().zip(&strata).all(|(size, stratum)| *size <= stratum.0));
        let variance = |sizes: &[u64]| -> f64 {
            sizes.iter().zip(&strata).map(|(&n, &(size, sd))| {
                let size = size as f64;
                (size * sd).powi(2) / n as f64 - size * sd * sd
            }).sum()
        };
        prop_assume!(sizes.iter().all(|&size| size > 3));
        // Moving two answers from any stratum to any other is not better; one may be, because of the rounding.
        for from in 0..sizes.len() {
            for to in (0..sizes.len()).filter(|&to| to != from && sizes[to] + 2 <= strata[to].0) {
                let mut moved = sizes.clone();
                moved[from] -= 2;
                moved[to] += 2;
                prop_assert!(variance(&sizes) <= variance(&moved) * (1.0 + 1e-12), "{:?} to {:?}", sizes, moved);
            }
        }
    }
}

#[test]
fn wrong_strata_are_named() {
    let design = StratifiedDesign::default();
    let good = (RatingTally::from_counts(Scale::ONE_TO_FIVE, &[1, 0, 0, 0, 3], 0).unwrap(), 10);
    let of = |other: (RatingTally, u64)| Stratified::from_ratings(design, [good.clone(), other]).unwrap_err().to_string();
    let tally = |counts: &[u64]| RatingTally::from_counts(Scale::ONE_TO_FIVE, counts, 0).unwrap();
    assert_eq!(of((tally(&[0; 5]), 10)), "stratum 1: stratified estimate is undefined: nobody in it answered");
    assert_eq!(of((tally(&[2, 0, 0, 0, 2]), 3)), "stratum 1: population is 3, but must be at least 4");
    assert!(of((RatingTally::from_counts(Scale::ZERO_TO_TEN, &[1; 11], 0).unwrap(), 30)).starts_with("stratum 1: scale differs"));
    let survey = Stratified::from_ratings(design, [good.clone(), (tally(&[1, 0, 0, 0, 0]), 5)]).unwrap();
    assert_eq!(survey.mean_estimate(Confidence::P95).unwrap().caution(), Some(Caution::LoneAnswers { strata: 1 }));
    let error = survey.mean_estimate_with(Confidence::P95, StratifiedMeanMethod::Satterthwaite).unwrap_err();
    assert_eq!(error.row(), Some(1));
    assert!(error.to_string().starts_with("stratum 1: stratified mean is undefined: only one in it answered"), "{error}");
    let shares = survey.csat().unwrap();
    assert_eq!(shares.estimate_with(Confidence::P95, StratifiedShareMethod::Normal).unwrap_err().row(), Some(1));
    assert!(shares.estimate(Confidence::P95).interval().width() > 0.0);
    assert!(matches!(survey.nps(), Err(Error::Row { of: "stratum", row: 0, .. })));
    // A stratum of one customer who answered leaves nothing open.
    let asked = Stratified::from_ratings(design, [good.clone(), (tally(&[1, 0, 0, 0, 0]), 1)]).unwrap();
    for method in [StratifiedMeanMethod::PartlyPooled, StratifiedMeanMethod::Satterthwaite] {
        let caution = asked.mean_estimate_with(Confidence::P95, method).unwrap().caution();
        assert!(matches!(caution, Some(Caution::FewValues { .. })), "{caution:?}");
    }
    // One answer alone says nothing of others, if there are any.
    let alone = |population| Stratified::from_ratings(design, [(tally(&[0, 1, 0, 0, 0]), population)]).unwrap();
    let error = alone(2).mean_estimate(Confidence::P95).unwrap_err();
    assert!(error.to_string().starts_with("stratified mean is undefined: only one answered"), "{error}");
    assert!(alone(1).mean_estimate(Confidence::P95).unwrap().interval().width() <= 0.0);
    assert!(matches!(Stratified::from_shares(design, []), Err(Error::Undefined { metric: "stratified estimate", .. })));
    let overflow = Stratified::from_shares(design, [(share(1, 2), u64::MAX), (share(1, 2), 2)]).unwrap_err();
    assert!(matches!(overflow, Error::Row { of: "stratum", row: 1, .. }), "{overflow}");
    let all_alike = Stratified::from_shares(design, [(share(2, 2), 20), (share(0, 3), 30)]).unwrap();
    assert!(all_alike.estimate_with(Confidence::P95, StratifiedShareMethod::YanSu).is_err());
    assert_eq!(all_alike.value(), Ok(Decimal::new(4, 1)));
}

#[test]
fn wrong_allocations_are_refused() {
    assert!(matches!(proportional_allocation(11, &[5, 5]), Err(Error::OutOfBounds { field: "sample", .. })));
    assert!(matches!(proportional_allocation(1, &[u64::MAX, 1]), Err(Error::Overflow { field: "population", .. })));
    assert_eq!(proportional_allocation(0, &[]), Ok(vec![]));
    assert_eq!(proportional_allocation(u64::MAX, &[u64::MAX - 1, 1]), Ok(vec![u64::MAX - 1, 1]));
    assert_eq!(proportional_allocation(1, &[1, 1, 1]), Ok(vec![1, 0, 0]));
    for wrong in [-1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(neyman_allocation(1, &[(5, 1.0), (5, wrong)]).unwrap_err().row(), Some(1), "{wrong}");
    }
    assert!(matches!(neyman_allocation(1, &[(5, 0.0)]), Err(Error::Undefined { metric: "Neyman allocation", .. })));
    assert!(matches!(neyman_allocation(6, &[(5, 1.0)]), Err(Error::OutOfBounds { .. })));
    // Those who vary are asked as a whole before anyone of those who do not.
    assert_eq!(neyman_allocation(12, &[(5, 0.0), (5, 1e300), (5, 1e290)]), Ok(vec![2, 5, 5]));
    assert_eq!(neyman_allocation(4, &[(5, 0.0), (5, 1.0)]), Ok(vec![0, 4]));
}

/// Strata of 5 to 30 answers, weighted unlike their answers, with shares alike and unlike: how often the intervals hold the truth.
#[test]
fn coverage_of_stratified_intervals_is_near_its_promise() {
    let mut random = Pcg64Mcg::new(7);
    let simulations = 1_000;
    let mut of_all = [0.0, 0.0];
    let mut bases = 0;
    for (strata, answers) in [(2, 20), (5, 10), (10, 10), (4, 30)] {
        for truths in [vec![0.5; strata], vec![0.9; strata], (0..strata).map(|h| 0.1 + 0.8 * h as f64 / (strata - 1) as f64).collect()] {
            let sizes: Vec<u64> = (1..=strata as u64).map(|h| h * 1_000).collect();
            let truth = truths.iter().zip(&sizes).map(|(p, &size)| p * size as f64).sum::<f64>() / sizes.iter().sum::<u64>() as f64;
            let design = StratifiedDesign::new(StrataSampling::Stratified, PopulationCorrection::Ignored);
            let (mut wilson, mut scores) = (0, 0);
            for _ in 0..simulations {
                let drawn: Vec<(u64, u64)> = truths
                    .iter()
                    .map(|&p| {
                        let promoters = Binomial::new(answers, p).unwrap().sample(&mut random);
                        let passives = Binomial::new(answers - promoters, 0.5).unwrap().sample(&mut random);
                        (promoters, passives)
                    })
                    .collect();
                let shares = drawn.iter().zip(&sizes).map(|(&(part, _), &size)| (share(part, answers), size));
                wilson += u32::from(Stratified::from_shares(design, shares).unwrap().estimate(Confidence::P95).interval().contains(truth));
                let net = drawn
                    .iter()
                    .zip(&sizes)
                    .map(|(&(part, passive), &size)| (NetScore::new(part, passive, answers - part - passive).unwrap(), size));
                let net_truth = truth - (1.0 - truth) / 2.0;
                scores +=
                    u32::from(Stratified::from_net_scores(design, net).unwrap().estimate(Confidence::P95).interval().contains(net_truth));
            }
            let rates = [wilson, scores].map(|covered| f64::from(covered) / f64::from(simulations));
            assert!(rates.iter().all(|rate| *rate > 0.915), "{rates:?} of {strata} strata of {answers} at {truths:?}");
            bases += 1;
            of_all = [of_all[0] + rates[0], of_all[1] + rates[1]];
        }
    }
    for rate in of_all.map(|sum| sum / f64::from(bases)) {
        assert!((0.94..0.97).contains(&rate), "{rate}");
    }
}

/// One to five answers a stratum: how often the intervals of a share, a net score and a mean hold the truth, at worst and on average.
#[test]
fn strata_of_a_few_answers_are_covered_as_promised() {
    let mut random = Pcg64Mcg::new(2_026);
    let design = StratifiedDesign::new(StrataSampling::Stratified, PopulationCorrection::Ignored);
    let simulations = 400;
    // How many bases, what of their simulations was covered at least and in sum: of shares, scores and means.
    let mut of_all = [(0, 1.0_f64, 0.0); 3];
    for (strata, answers) in [(2, 1..=2), (3, 2..=2), (5, 1..=1), (5, 1..=5), (10, 1..=1), (10, 2..=2), (20, 1..=1), (20, 1..=3)] {
        let answers: Vec<u64> = answers.cycle().take(strata).collect();
        for sizes in [vec![1_000; strata], (1..=strata as u64).map(|h| h * 1_000).collect::<Vec<_>>()] {
            let unlike = (0..strata).map(|h| 0.1 + 0.8 * h as f64 / (strata - 1) as f64).collect::<Vec<_>>();
            for truths in [vec![0.05; strata], vec![0.2; strata], vec![0.5; strata], vec![0.8; strata], vec![0.95; strata], unlike] {
                let truth = truths.iter().zip(&sizes).map(|(p, &size)| p * size as f64).sum::<f64>() / sizes.iter().sum::<u64>() as f64;
                // Who does not give a 5 gives a 3 or a 1.
                let expected = [truth, truth - (1.0 - truth) / 2.0, 5.0 * truth + 2.0 * (1.0 - truth)];
                let mut covered = [0; 3];
                for _ in 0..simulations {
                    let drawn = truths.iter().zip(&answers).zip(&sizes).map(|((&p, &answers), &size)| {
                        let top = Binomial::new(answers, p).unwrap().sample(&mut random);
                        let middle = Binomial::new(answers - top, 0.5).unwrap().sample(&mut random);
                        let counts = [answers - top - middle, 0, middle, 0, top];
                        (RatingTally::from_counts(Scale::ONE_TO_FIVE, &counts, 0).unwrap(), size)
                    });
                    let survey = Stratified::from_ratings(design, drawn).unwrap();
                    let net = survey.net_satisfaction(NetCuts::new(2, 5).unwrap()).unwrap();
                    let estimates = [
                        survey.csat().unwrap().estimate(Confidence::P95),
                        net.estimate(Confidence::P95),
                        survey.mean_estimate(Confidence::P95).unwrap(),
                    ];
                    for ((covered, estimate), expected) in covered.iter_mut().zip(estimates).zip(expected) {
                        let interval = estimate.interval();
                        *covered += u32::from(interval.low() <= expected + 1e-12 && expected - 1e-12 <= interval.high());
                    }
                }
                // A t interval is for fifteen values, and not for such as are nearly all alike.
                let all = sizes.iter().sum::<u64>() as f64;
                let effective = 1.0 / sizes.iter().zip(&answers).map(|(&size, &n)| (size as f64 / all).powi(2) / n as f64).sum::<f64>();
                let counts = [true, true, effective >= 15.0 && (0.2..=0.8).contains(&truth)];
                for (((bases, least, sum), covered), _) in of_all.iter_mut().zip(covered).zip(counts).filter(|(_, counts)| *counts) {
                    let rate = f64::from(covered) / f64::from(simulations);
                    (*bases, *least, *sum) = (*bases + 1, least.min(rate), *sum + rate);
                }
            }
        }
    }
    let [shares, scores, means] = of_all.map(|(bases, least, sum)| (bases, least, sum / f64::from(bases)));
    assert!(shares.0 == 96 && shares.1 > 0.88 && (0.95..0.97).contains(&shares.2), "{shares:?}");
    assert!(scores.0 == 96 && scores.1 > 0.83 && (0.95..0.975).contains(&scores.2), "{scores:?}");
    assert!(means.0 > 10 && means.1 > 0.86 && (0.92..0.98).contains(&means.2), "{means:?}");
}

/// One sample of the whole base, its strata told apart afterwards, against the variance that says so.
#[test]
fn the_post_stratified_variance_is_that_of_simulated_samples() {
    let mut random = Pcg64Mcg::new(11);
    let (sizes, truths, n) = ([3_000_u64, 5_000, 2_000], [0.2, 0.5, 0.8], 120);
    let design = StratifiedDesign::new(StrataSampling::PostStratified, PopulationCorrection::Ignored);
    let (mut sum, mut squares, mut variances, simulations) = (0.0, 0.0, 0.0, 20_000);
    for _ in 0..simulations {
        let mut counts = [(0, 0); 3];
        for _ in 0..n {
            let drawn: f64 = random.random();
            let stratum = if drawn < 0.3 {
                0
            } else if drawn < 0.8 {
                1
            } else {
                2
            };
            counts[stratum].0 += u64::from(random.random_bool(truths[stratum]));
            counts[stratum].1 += 1;
        }
        let strata = counts.iter().zip(sizes).map(|(&(part, whole), size)| (share(part, whole), size));
        let estimate =
            Stratified::from_shares(design, strata).unwrap().estimate_with(Confidence::P95, StratifiedShareMethod::Normal).unwrap();
        sum += estimate.point();
        squares += estimate.point().powi(2);
        variances += (estimate.interval().width() / 2.0 / Z).powi(2);
    }
    let count = f64::from(simulations);
    let (mean, spread) = (sum / count, squares / count - (sum / count).powi(2));
    assert!((mean - 0.47).abs() < 0.002, "{mean}");
    assert!((variances / count / spread - 1.0).abs() < 0.04, "{} is not {spread}", variances / count);
}

/// Neyman's allocation as it is defined: again and again, whatever would get more than it has is asked as a whole.
fn neyman_by_rounds(sample: u64, strata: &[(u64, f64)]) -> Vec<f64> {
    let mut full = vec![false; strata.len()];
    loop {
        let taken: f64 = strata.iter().zip(&full).filter(|(_, full)| **full).map(|((population, _), _)| *population as f64).sum();
        let sum: f64 = strata.iter().zip(&full).filter(|(_, full)| !**full).map(|((population, sd), _)| *population as f64 * sd).sum();
        let quota = |(population, sd): &(u64, f64)| (sample as f64 - taken) * (*population as f64 * sd) / sum;
        let quotas: Vec<f64> = strata.iter().zip(&full).map(|(s, full)| if *full { s.0 as f64 } else { quota(s) }).collect();
        let next: Vec<bool> = strata.iter().zip(&quotas).map(|((population, _), quota)| *quota >= *population as f64).collect();
        if next == full || sum <= 0.0 {
            return quotas;
        }
        full = next;
    }
}

proptest! {
    #[test]
    fn neyman_allocation_is_within_one_of_its_definition(
        strata in prop::collection::vec((1..500_u64, (1..50_u32).prop_map(f64::from)), 1..30), part in 1..100_u64,
    ) {
        let sample = strata.iter().map(|(population, _)| population).sum::<u64>() * part / 100;
        let sizes = neyman_allocation(sample, &strata).unwrap();
        prop_assert_eq!(sizes.iter().sum::<u64>(), sample);
        for (size, quota) in sizes.iter().zip(neyman_by_rounds(sample, &strata)) {
            prop_assert!((*size as f64 - quota).abs() < 1.0 + 1e-9, "{} {}", size, quota);
        }
    }
}

#[test]
fn a_hundred_thousand_strata_that_fill_one_by_one_are_spread() {
    let strata: Vec<(u64, f64)> = (1..=100_000_u32).map(|row| (3, 1.0 / f64::from(row))).collect();
    let sizes = neyman_allocation(150_000, &strata).unwrap();
    assert_eq!(sizes.iter().sum::<u64>(), 150_000);
    assert!(sizes.is_sorted_by(|a, b| a >= b) && sizes.first() == Some(&3));
}
