//! Strata: the textbook's formulas recomputed, what one stratum must give, coverage by simulation, and allocations.

use customer_metrics::estimate::{
    PopulationCorrection, StrataSampling, Stratified, StratifiedDesign, StratifiedShareMethod, neyman_allocation, proportional_allocation,
};
use customer_metrics::satisfaction::{NetCuts, NetScore, RatingTally, Scale};
use customer_metrics::{Confidence, Decimal, Error, Share};
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn the_textbook_interval_is_cochrans(strata in strata()) {
        for design in designs() {
            let stratified = Stratified::<Share>::new(design, strata.clone()).unwrap();
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
    fn means_have_cochrans_variance_and_satterthwaites_degrees(strata in tallies()) {
        for design in designs() {
            let survey = Stratified::<RatingTally>::new(design, strata.clone()).unwrap();
            let rows: Vec<(u64, u64, f64)> =
                strata.iter().map(|(tally, size)| (tally.answers(), *size, float(tally.variance().unwrap()))).collect();
            let whole = variance(design, &rows);
            let estimate = survey.mean_estimate(Confidence::P95).unwrap();
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
            let stratified = Stratified::<Share>::new(design, [(plain, population)]).unwrap().estimate(confidence);
            prop_assert!((stratified.point() - plain.to_f64()).abs() < 1e-15);
            prop_assert!((stratified.interval().low() - plain.interval(confidence).low()).abs() < 1e-14);
            prop_assert!((stratified.interval().high() - plain.interval(confidence).high()).abs() < 1e-14);
            if let Ok(yan_su) = Stratified::<Share>::new(design, [(plain, population)]).unwrap().estimate_with(confidence, StratifiedShareMethod::YanSu) {
                prop_assert!((yan_su.interval().low() - plain.interval(confidence).low()).abs() < 1e-14);
                prop_assert!((yan_su.interval().high() - plain.interval(confidence).high()).abs() < 1e-14);
            }
            let score = NetScore::new(part, third, rest).unwrap();
            let (one, plain) = (Stratified::<NetScore>::new(design, [(score, population)]).unwrap().estimate(confidence), score.estimate(confidence));
            prop_assert!((one.point() - plain.point()).abs() < 1e-15);
            prop_assert!((one.interval().low() - plain.interval().low()).abs() < 1e-14);
            prop_assert!((one.interval().high() - plain.interval().high()).abs() < 1e-14);
        }
    }

    #[test]
    fn intervals_hold_nest_mirror_and_do_not_mind_the_order(strata in strata(), level in 0.05..0.98_f64) {
        let (narrow, wide) = (Confidence::new(level).unwrap(), Confidence::new(level + 0.01).unwrap());
        for design in designs() {
            let stratified = Stratified::<Share>::new(design, strata.clone()).unwrap();
            let turned = Stratified::<Share>::new(design, strata.iter().rev().copied()).unwrap();
            let mirrored = Stratified::<Share>::new(design, strata.iter().map(|(share, size)| (share.complement(), *size))).unwrap();
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
            Stratified::<Share>::new(design, strata.clone()).unwrap().estimate(Confidence::P95).interval().width()
        };
        for sampling in SAMPLINGS {
            prop_assert!(width(sampling, PopulationCorrection::Finite) < width(sampling, PopulationCorrection::Ignored));
        }
        // Where each stratum has the part of the answers that it has of the base, chance has less to add.
        let n: u64 = strata.iter().map(|row| row.0.whole()).sum();
        let even: Vec<(Share, u64)> = strata.iter().map(|(share, _)| (*share, share.whole() * 1_000)).collect();
        let of = |sampling| Stratified::<Share>::new(StratifiedDesign::new(sampling, PopulationCorrection::Ignored), even.clone()).unwrap();
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
            customer_metrics::Tally::merge(&mut merged, &RatingTally::from_counts(Scale::ONE_TO_FIVE, &second, 0).unwrap()).unwrap();
            (merged, *size)
        });
        let design = StratifiedDesign::default();
        let (whole, merged) = (Stratified::<RatingTally>::new(design, strata.clone()).unwrap(), Stratified::<RatingTally>::new(design, halves).unwrap());
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
    let of = |other: (RatingTally, u64)| Stratified::<RatingTally>::new(design, [good.clone(), other]).unwrap_err().to_string();
    let tally = |counts: &[u64]| RatingTally::from_counts(Scale::ONE_TO_FIVE, counts, 0).unwrap();
    assert_eq!(of((tally(&[0; 5]), 10)), "stratum 1: stratified estimate is undefined: nobody in it answered");
    assert_eq!(of((tally(&[2, 0, 0, 0, 2]), 3)), "stratum 1: population is 3, but must be at least 4");
    assert!(of((RatingTally::from_counts(Scale::ZERO_TO_TEN, &[1; 11], 0).unwrap(), 30)).starts_with("stratum 1: scale differs"));
    let survey = Stratified::<RatingTally>::new(design, [good.clone(), (tally(&[1, 0, 0, 0, 0]), 5)]).unwrap();
    let error = survey.mean_estimate(Confidence::P95).unwrap_err();
    assert_eq!(error.row(), Some(1));
    assert!(error.to_string().starts_with("stratum 1: stratified mean is undefined: only one in it answered"), "{error}");
    let shares = survey.csat().unwrap();
    assert_eq!(shares.estimate_with(Confidence::P95, StratifiedShareMethod::Normal).unwrap_err().row(), Some(1));
    assert!(shares.estimate(Confidence::P95).interval().width() > 0.0);
    assert!(matches!(survey.nps(), Err(Error::Row { of: "stratum", row: 0, .. })));
    // A stratum of one customer who answered leaves nothing open.
    assert!(
        Stratified::<RatingTally>::new(design, [good.clone(), (tally(&[1, 0, 0, 0, 0]), 1)])
            .unwrap()
            .mean_estimate(Confidence::P95)
            .is_ok()
    );
    assert!(matches!(Stratified::<Share>::new(design, []), Err(Error::Undefined { metric: "stratified estimate", .. })));
    let overflow = Stratified::<Share>::new(design, [(share(1, 2), u64::MAX), (share(1, 2), 2)]).unwrap_err();
    assert!(matches!(overflow, Error::Row { of: "stratum", row: 1, .. }), "{overflow}");
    let all_alike = Stratified::<Share>::new(design, [(share(2, 2), 20), (share(0, 3), 30)]).unwrap();
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
                wilson += u32::from(Stratified::<Share>::new(design, shares).unwrap().estimate(Confidence::P95).interval().contains(truth));
                let net = drawn
                    .iter()
                    .zip(&sizes)
                    .map(|(&(part, passive), &size)| (NetScore::new(part, passive, answers - part - passive).unwrap(), size));
                let net_truth = truth - (1.0 - truth) / 2.0;
                scores +=
                    u32::from(Stratified::<NetScore>::new(design, net).unwrap().estimate(Confidence::P95).interval().contains(net_truth));
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
            Stratified::<Share>::new(design, strata).unwrap().estimate_with(Confidence::P95, StratifiedShareMethod::Normal).unwrap();
        sum += estimate.point();
        squares += estimate.point().powi(2);
        variances += (estimate.interval().width() / 2.0 / Z).powi(2);
    }
    let count = f64::from(simulations);
    let (mean, spread) = (sum / count, squares / count - (sum / count).powi(2));
    assert!((mean - 0.47).abs() < 0.002, "{mean}");
    assert!((variances / count / spread - 1.0).abs() < 0.04, "{} is not {spread}", variances / count);
}
