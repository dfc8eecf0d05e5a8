//! Weighted and stratified figures compared: what weights of 1 and one stratum must give, slow recomputation, coverage and rejections by
//! simulation.

use customer_metrics::estimate::{
    Alternative, DifferenceMethod, PopulationCorrection, StrataSampling, Stratified, StratifiedDesign, StratifiedDifferenceMethod,
    WeightedDifferenceMethod,
};
use customer_metrics::satisfaction::{
    NetScore, NetScoreMethod, RatingTally, Scale, StratifiedMeanMethod, WeightedNetScoreMethod, WeightedRatingTally, WeightedRatings,
};
use customer_metrics::{Confidence, Interval, Share, Tally};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

const SHARE_METHODS: [DifferenceMethod; 3] =
    [DifferenceMethod::Newcombe, DifferenceMethod::NewcombeCorrected, DifferenceMethod::AgrestiCaffo];

fn weighted(rows: &[(u8, u64)]) -> WeightedRatingTally {
    let mut tally = WeightedRatingTally::empty(WeightedRatings::new(Scale::ZERO_TO_TEN, 3).unwrap());
    let (ratings, weights): (Vec<u8>, Vec<u64>) = rows.iter().copied().unzip();
    tally.record_columns(&ratings, &weights).unwrap();
    tally
}

fn plain(ratings: &[u8]) -> RatingTally {
    let mut tally = RatingTally::empty(Scale::ZERO_TO_TEN);
    tally.record_column(ratings).unwrap();
    tally
}

fn ignored() -> StratifiedDesign {
    StratifiedDesign::new(StrataSampling::Stratified, PopulationCorrection::Ignored)
}

fn near(got: f64, expected: f64) -> bool {
    (got - expected).abs() <= 1e-12 * expected.abs().max(1.0)
}

fn same(got: Interval, expected: Interval) -> bool {
    near(got.low(), expected.low()) && near(got.high(), expected.high())
}

/// Value, squared linearised standard error and what Kish leaves of the answers, one row at a time.
fn slow(rows: &[(u8, u64)], value: impl Fn(u8) -> f64) -> (f64, f64, f64) {
    let (n, total) = (rows.len() as f64, rows.iter().map(|row| row.1 as f64).sum::<f64>());
    let mean = rows.iter().map(|row| row.1 as f64 * value(row.0)).sum::<f64>() / total;
    let squares: f64 = rows.iter().map(|row| (row.1 as f64 * (value(row.0) - mean) / total).powi(2)).sum();
    (mean, n / (n - 1.0) * squares, total * total / rows.iter().map(|row| (row.1 as f64).powi(2)).sum::<f64>())
}

/// t and its degrees as Welch and Satterthwaite have them.
fn welch((a, v, n): (f64, f64, f64), (b, w, m): (f64, f64, f64)) -> (f64, f64) {
    ((a - b) / (v + w).sqrt(), (v + w).powi(2) / (v * v / (n - 1.0) + w * w / (m - 1.0)))
}

fn satisfied(rating: u8) -> f64 {
    f64::from(rating >= Scale::ZERO_TO_TEN.satisfied_from())
}

fn net(rating: u8) -> f64 {
    f64::from(rating >= 9) - f64::from(rating <= 6)
}

fn rows() -> impl Strategy<Value = Vec<(u8, u64)>> {
    prop::collection::vec((0..=10_u8, 1..4_000_u64), 2..50)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn weights_of_one_change_nothing(a in prop::collection::vec(0..=10_u8, 2..60), b in prop::collection::vec(0..=10_u8, 2..60)) {
        let of = |ratings: &[u8]| weighted(&ratings.iter().map(|&rating| (rating, 1_000)).collect::<Vec<_>>());
        let (first, second, a, b) = (of(&a), of(&b), plain(&a), plain(&b));
        for method in SHARE_METHODS {
            let of_weights = first.csat().unwrap().difference_with(&second.csat().unwrap(), Confidence::P95, WeightedDifferenceMethod::EffectiveSize(method)).unwrap();
            let of_counts = a.csat().unwrap().difference_with(&b.csat().unwrap(), Confidence::P95, method);
            prop_assert!(same(of_weights.interval(), of_counts.interval()) && near(of_weights.point(), of_counts.point()));
        }
        for method in [NetScoreMethod::AdjustedWald, NetScoreMethod::Wald] {
            let of_weights = first.nps().unwrap().difference_with(&second.nps().unwrap(), Confidence::P90, WeightedNetScoreMethod::EffectiveSize(method)).unwrap();
            let of_counts = a.nps().unwrap().difference_with(&b.nps().unwrap(), Confidence::P90, method);
            prop_assert!(same(of_weights.interval(), of_counts.interval()) && near(of_weights.point(), of_counts.point()));
        }
        let (of_weights, of_counts) = (first.mean_difference(&second, Confidence::P99).unwrap(), a.mean_difference(&b, Confidence::P99).unwrap());
        prop_assert!(same(of_weights.interval(), of_counts.interval()), "{of_weights} {of_counts}");
        if let (Ok(of_weights), Ok(of_counts)) = (first.test_mean_difference(&second), a.test_mean_difference(&b)) {
            prop_assert!((of_weights.p_value() - of_counts.p_value()).abs() < 1e-10);
        }
    }

    #[test]
    fn tests_are_those_of_the_rows_and_agree_with_their_intervals(a in rows(), b in rows()) {
        let (first, second) = (weighted(&a), weighted(&b));
        let shares = (first.csat().unwrap(), second.csat().unwrap());
        let scores = (first.nps().unwrap(), second.nps().unwrap());
        let share_interval = shares.0.difference_with(&shares.1, Confidence::P95, WeightedDifferenceMethod::Linearised).unwrap().interval();
        let score_interval = scores.0.difference_with(&scores.1, Confidence::P95, WeightedNetScoreMethod::Linearised).unwrap().interval();
        let mean_interval = first.mean_difference(&second, Confidence::P95).unwrap().interval();
        for (test, back, value, interval) in [
            (shares.0.test_difference(&shares.1), shares.1.test_difference_with(&shares.0, Alternative::Less), satisfied as fn(u8) -> f64, share_interval),
            (scores.0.test_difference(&scores.1), scores.1.test_difference_with(&scores.0, Alternative::Less), net, score_interval),
            (first.test_mean_difference(&second), second.test_mean_difference_with(&first, Alternative::Less), f64::from, mean_interval),
        ] {
            let (mine, theirs) = (slow(&a, value), slow(&b, value));
            // Rounding alone where nothing varies.
            if mine.1 + theirs.1 < 1e-20 {
                prop_assert!(test.is_err());
                continue;
            }
            let (test, (t, degrees)) = (test.unwrap(), welch(mine, theirs));
            prop_assert!((test.statistic() - t).abs() < 1e-9 * t.abs().max(1.0), "{test} {t}");
            let distribution = test.distribution();
            prop_assert!(matches!(distribution, customer_metrics::estimate::NullDistribution::StudentT { degrees: got } if (got / degrees - 1.0).abs() < 1e-9), "{distribution} {degrees}");
            if (test.p_value() - 0.05).abs() > 1e-9 {
                prop_assert_eq!(test.p_value() < 0.05, !interval.contains(0.0), "{} {}", test, interval);
            }
            if t > 0.0 {
                prop_assert!((back.unwrap().p_value() - test.p_value() / 2.0).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn one_stratum_is_a_plain_group(a in prop::collection::vec(0..=10_u8, 2..60), b in prop::collection::vec(0..=10_u8, 2..60)) {
        let (a, b) = (plain(&a), plain(&b));
        let of = |tally: &RatingTally| Stratified::from_ratings(ignored(), [(tally.clone(), 9_000)]).unwrap();
        let (first, second) = (of(&a), of(&b));
        let shares = first.csat().unwrap().difference(&second.csat().unwrap(), Confidence::P95);
        prop_assert!(same(shares.interval(), a.csat().unwrap().difference(&b.csat().unwrap(), Confidence::P95).interval()));
        let scores = first.nps().unwrap().difference(&second.nps().unwrap(), Confidence::P95);
        prop_assert!(same(scores.interval(), a.nps().unwrap().difference(&b.nps().unwrap(), Confidence::P95).interval()));
        for method in [StratifiedMeanMethod::PartlyPooled, StratifiedMeanMethod::Satterthwaite] {
            let means = first.mean_difference_with(&second, Confidence::P95, method).unwrap();
            prop_assert!(same(means.interval(), a.mean_difference(&b, Confidence::P95).unwrap().interval()), "{means}");
        }
    }

    #[test]
    fn stratified_tests_are_cochrans(counts in prop::collection::vec((2..30_u64, 0..30_u64, 1..9_000_u64), 4)) {
        let strata: Vec<(Share, u64)> = counts.iter().map(|&(n, k, size)| (Share::new(k.min(n), n).unwrap(), size)).collect();
        let (mine, theirs) = strata.split_at(2);
        let of = |strata: &[(Share, u64)]| Stratified::from_shares(ignored(), strata.iter().copied()).unwrap();
        let slow = |strata: &[(Share, u64)]| {
            let all: f64 = strata.iter().map(|row| row.1 as f64).sum();
            strata.iter().fold((0.0, 0.0), |(point, variance), (share, size)| {
                let (w, n, p) = (*size as f64 / all, share.whole() as f64, share.part() as f64 / share.whole() as f64);
                (point + w * p, variance + w * w * p * (1.0 - p) / (n - 1.0))
            })
        };
        let ((p, v), (q, w)) = (slow(mine), slow(theirs));
        let (first, second) = (of(mine), of(theirs));
        let test = first.test_difference(&second);
        if v + w > 0.0 {
            let z = (p - q) / (v + w).sqrt();
            prop_assert!((test.unwrap().statistic() - z).abs() < 1e-11 * z.abs().max(1.0));
            let normal = first.difference_with(&second, Confidence::P95, StratifiedDifferenceMethod::Normal).unwrap();
            let reach = 1.959_963_984_540_054 * (v + w).sqrt();
            prop_assert!(near(normal.interval().high(), (p - q + reach).min(1.0)) && near(normal.interval().low(), (p - q - reach).max(-1.0)));
        } else {
            prop_assert!(test.is_err());
        }
        // Shares alone are net scores without detractors, up to the factor of two.
        let scores = |strata: &[(Share, u64)]| {
            let score = |share: &Share| NetScore::new(share.part(), 0, share.whole() - share.part()).unwrap();
            Stratified::from_net_scores(ignored(), strata.iter().map(|(share, size)| (score(share), *size))).unwrap()
        };
        if let Ok(of_scores) = scores(mine).test_difference(&scores(theirs)) {
            prop_assert!(near(of_scores.statistic(), first.test_difference(&second).unwrap().statistic()));
        }
    }
}

/// Groups of 60 with weights of 1, 2 and 4 that have nothing to do with the answers, and two strata of 20 and 30 in each.
#[test]
fn intervals_hold_the_true_difference_and_tests_reject_as_often_as_they_say() {
    let mut random = Pcg64Mcg::seed_from_u64(11);
    let rounds = 3_000;
    // Promoters, then passives; the rest are detractors.
    for (first, second) in [([0.5, 0.3], [0.5, 0.3]), ([0.6, 0.2], [0.35, 0.3])] {
        let mut draw = |[p, q]: [f64; 2]| {
            let at: f64 = random.random();
            if at < p {
                10_u8
            } else if at < p + q {
                8
            } else {
                3
            }
        };
        let value = |[p, q]: [f64; 2], of: fn(u8) -> f64| p * of(10) + q * of(8) + (1.0 - p - q) * of(3);
        let truth = |of: fn(u8) -> f64| value(first, of) - value(second, of);
        let mut held = [0_u32; 6];
        let mut rejected = [0_u32; 6];
        for _ in 0..rounds {
            let mut group = |chances| (0..60).map(|row| (draw(chances), [1_000, 2_000, 4_000][row % 3])).collect::<Vec<_>>();
            let (a, b) = (weighted(&group(first)), weighted(&group(second)));
            let mut strata = |chances| {
                let mut of = |n| plain(&(0..n).map(|_| draw(chances)).collect::<Vec<_>>());
                Stratified::from_ratings(ignored(), [(of(20), 3_000), (of(30), 9_000)]).unwrap()
            };
            let (c, d) = (strata(first), strata(second));
            let (shares, scores) = ((a.csat().unwrap(), b.csat().unwrap()), (a.nps().unwrap(), b.nps().unwrap()));
            let (of_strata, nets) = ((c.csat().unwrap(), d.csat().unwrap()), (c.nps().unwrap(), d.nps().unwrap()));
            let confidence = Confidence::P95;
            let intervals = [
                (shares.0.difference(&shares.1, confidence).interval(), truth(satisfied)),
                (scores.0.difference(&scores.1, confidence).interval(), truth(net)),
                (a.mean_difference(&b, confidence).unwrap().interval(), truth(f64::from)),
                (of_strata.0.difference(&of_strata.1, confidence).interval(), truth(satisfied)),
                (nets.0.difference(&nets.1, confidence).interval(), truth(net)),
                (c.mean_difference(&d, confidence).unwrap().interval(), truth(f64::from)),
            ];
            let tests = [
                shares.0.test_difference(&shares.1),
                scores.0.test_difference(&scores.1),
                a.test_mean_difference(&b),
                of_strata.0.test_difference(&of_strata.1),
                nets.0.test_difference(&nets.1),
                c.test_mean_difference(&d),
            ];
            for (held, (interval, truth)) in held.iter_mut().zip(intervals) {
                *held += u32::from(interval.contains(truth));
            }
            for (rejected, test) in rejected.iter_mut().zip(tests) {
                *rejected += u32::from(test.unwrap().is_significant(confidence));
            }
        }
        let rates = [held, rejected].map(|counts| counts.map(|count| f64::from(count) / f64::from(rounds)));
        println!("{rates:?}");
        // Four standard errors are 1.6 points.
        assert!(rates[0].iter().all(|rate| (0.93..0.975).contains(rate)), "{rates:?}");
        if first == second {
            assert!(rates[1].iter().all(|rate| (0.03..0.07).contains(rate)), "{rates:?}");
        } else {
            assert!(rates[1].iter().all(|rate| *rate > 0.4), "{rates:?}");
        }
    }
}
