//! How often intervals hold the truth, where the suites of their own figures do not ask it: summed over all outcomes where these can be
//! listed, else in seeded simulations.
//!
//! Shares, their differences, ratios and odds ratios are summed in `share_intervals` and `comparison`, single net scores in `net_score_estimate`,
//! confidence sequences in `confidence_sequence`; strata, weights, shrinkage, parts of a whole and churn are simulated in their suites.

use customer_metrics::estimate::{
    CronbachAlpha, KendallCorrelation, KendallMethod, MannWhitney, PearsonCorrelation, SpearmanCorrelation, SpearmanMethod,
};
use customer_metrics::satisfaction::{NetScore, NetScoreMethod, RatingPairTally, RatingTally, Scale};
use customer_metrics::{Confidence, Interval, MinorUnit, MomentsTally, Tally};
use rand::SeedableRng;
use rand::distr::weighted::WeightedIndex;
use rand_distr::{Distribution, Normal};
use rand_pcg::Pcg64Mcg;

/// Of so many simulations, the share whose interval holds the truth.
fn coverage(simulations: u32, seed: u64, mut holds: impl FnMut(&mut Pcg64Mcg) -> bool) -> f64 {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let held = (0..simulations).filter(|_| holds(&mut random)).count();
    held as f64 / f64::from(simulations)
}

/// Four standard errors of a share of 95% in so many simulations: what chance alone explains but once in 16,000.
fn chance(simulations: u32) -> f64 {
    4.0 * (0.95 * 0.05 / f64::from(simulations)).sqrt()
}

/// An interval whose confidence is exact for these data.
fn assert_exact(held: f64, simulations: u32, of: &str) {
    println!("{of}: {held:.4}");
    assert!((held - 0.95).abs() <= chance(simulations), "{of}: {held}");
}

/// An approximate interval: within one percentage point of its confidence, beyond chance.
fn assert_near(held: f64, simulations: u32, of: &str) {
    println!("{of}: {held:.4}");
    assert!((held - 0.95).abs() <= 0.01 + chance(simulations), "{of}: {held}");
}

fn standard() -> Normal<f64> {
    Normal::new(0.0, 1.0).unwrap()
}

/// So many customers with two normal measures of this correlation.
fn columns(random: &mut Pcg64Mcg, n: usize, r: f64) -> [Vec<f64>; 2] {
    let normal = standard();
    let pairs = (0..n).map(|_| {
        let (common, own) = (normal.sample(random), normal.sample(random));
        (common, r * common + (1.0 - r * r).sqrt() * own)
    });
    let (first, second) = pairs.unzip();
    [first, second]
}

/// Of all outcomes of two small groups, weighted by their chance, the share whose interval holds the difference: least and mean over true
/// shares of promoters and detractors of 10% to 80% in each.
fn coverage_of_net_score_differences(n: u64, method: NetScoreMethod) -> (f64, f64) {
    let factorial = |n: u64| (1..=n).map(|k| k as f64).product::<f64>();
    let outcomes: Vec<[u64; 3]> = (0..=n).flat_map(|p| (0..=n - p).map(move |d| [p, n - p - d, d])).collect();
    let scores: Vec<NetScore> = outcomes.iter().map(|&[p, s, d]| NetScore::new(p, s, d).unwrap()).collect();
    let intervals: Vec<Interval> =
        scores.iter().flat_map(|a| scores.iter().map(move |b| a.difference_with(b, Confidence::P95, method).interval())).collect();
    let truths: Vec<[f64; 3]> = [1, 2, 4, 6, 8]
        .into_iter()
        .flat_map(|p| [1, 2, 4, 6, 8].map(|d| (p, d)))
        .filter(|(p, d)| p + d < 10)
        .map(|(p, d)| [f64::from(p) / 10.0, f64::from(10 - p - d) / 10.0, f64::from(d) / 10.0])
        .collect();
    let chances: Vec<Vec<f64>> = truths
        .iter()
        .map(|shares| {
            let of = |counts: &[u64; 3]| {
                counts.iter().zip(shares).map(|(&count, share)| share.powi(count as i32) / factorial(count)).product::<f64>() * factorial(n)
            };
            outcomes.iter().map(of).collect()
        })
        .collect();
    let (mut least, mut sum) = (1.0_f64, 0.0);
    for (a, first) in truths.iter().zip(&chances) {
        for (b, second) in truths.iter().zip(&chances) {
            let truth = (a[0] - a[2]) - (b[0] - b[2]);
            let both = first.iter().flat_map(|one| second.iter().map(move |other| one * other));
            // Where an end is the truth itself, rounding must not decide.
            let holds = |interval: &Interval| interval.low() - 1e-12 <= truth && truth <= interval.high() + 1e-12;
            let held: f64 = both.zip(&intervals).filter(|(_, interval)| holds(interval)).map(|(chance, _)| chance).sum();
            (least, sum) = (least.min(held), sum + held);
        }
    }
    (least, sum / (truths.len() * truths.len()) as f64)
}

/// The bounds are those that the single score is held to: the least from 20 answers on, as what is added weighs more with fewer.
#[test]
fn differences_of_net_scores_hold_theirs() {
    for n in [8, 12, 20] {
        let (least, mean) = coverage_of_net_score_differences(n, NetScoreMethod::AdjustedWald);
        let (textbook_least, textbook_mean) = coverage_of_net_score_differences(n, NetScoreMethod::Wald);
        println!("net scores of {n} each: {least:.4}, {mean:.4}; textbook {textbook_least:.4}, {textbook_mean:.4}");
        assert!((0.9425..0.965).contains(&mean) && (least > 0.91 || n < 20), "{n}: {least}, {mean}");
        assert!(textbook_least < least && textbook_mean < mean, "{n}: {textbook_least}, {textbook_mean}");
    }
}

#[test]
fn t_intervals_of_normal_amounts_hold_the_mean_exactly_and_welchs_nearly() {
    let simulations = 8_000;
    let amounts = |random: &mut Pcg64Mcg, n: usize, deviation: f64| -> Vec<i64> {
        let normal = Normal::new(5e8, deviation).unwrap();
        (0..n).map(|_| normal.sample(random).round() as i64).collect()
    };
    let tally = |amounts: &[i64]| {
        let mut tally = MomentsTally::empty(MinorUnit::CENT);
        tally.record_column(amounts).unwrap();
        tally
    };
    for n in [2, 5, 30] {
        let held = coverage(simulations, n as u64, |random| {
            tally(&amounts(random, n, 1e7)).mean_estimate(Confidence::P95).unwrap().interval().contains(5e6)
        });
        assert_exact(held, simulations, &format!("t of {n}"));
    }
    for (n1, n2, ratio) in [(6, 20, 1.0), (6, 20, 3.0), (20, 6, 3.0), (40, 40, 2.0)] {
        let held = coverage(simulations, 7, |random| {
            let (first, second) = (tally(&amounts(random, n1, 1e7)), tally(&amounts(random, n2, 1e7 * ratio)));
            first.mean_difference(&second, Confidence::P95).unwrap().interval().contains(0.0)
        });
        assert_near(held, simulations, &format!("Welch of {n1} and {n2}, deviations 1 and {ratio}"));
    }
}

/// The same customers asked twice, on scales wide enough to be nearly normal.
#[test]
fn paired_t_intervals_hold_the_difference() {
    let simulations = 6_000;
    let scale = Scale::new(0, 200, 100).unwrap();
    for n in [6, 25] {
        let held = coverage(simulations, n as u64, |random| {
            let [first, second] = columns(random, n, 0.6);
            let rounded = |value: f64| (0..=200_u8).find(|&rating| f64::from(rating) >= value - 0.5).unwrap_or(200);
            let ratings = |column: &[f64], mean: f64| column.iter().map(|value| rounded(mean + 15.0 * value)).collect::<Vec<u8>>();
            let mut pairs = RatingPairTally::empty([scale; 2]);
            pairs.record_columns(&ratings(&first, 110.0), &ratings(&second, 95.0)).unwrap();
            pairs.mean_difference(Confidence::P95).unwrap().interval().contains(15.0)
        });
        assert_exact(held, simulations, &format!("paired t of {n}"));
    }
}

#[test]
fn means_of_ratings_hold_theirs_and_their_differences() {
    let simulations = 6_000;
    let shares = [[5, 10, 20, 40, 25], [15, 20, 25, 25, 15]];
    let means = shares.map(|shares| shares.iter().zip(1..).map(|(&share, rating)| f64::from(share * rating)).sum::<f64>() / 100.0);
    let groups = shares.map(|shares| WeightedIndex::new(shares).unwrap());
    let tally = |random: &mut Pcg64Mcg, group: usize, n: usize| {
        let column: Vec<u8> = (0..n).map(|_| groups[group].sample(random) as u8 + 1).collect();
        let mut tally = RatingTally::default();
        tally.record_column(&column).unwrap();
        tally
    };
    // From the number on where there is no caution any more.
    for n in [15, 40, 200] {
        let held =
            coverage(simulations, 31, |random| tally(random, 0, n).mean_estimate(Confidence::P95).unwrap().interval().contains(means[0]));
        assert_near(held, simulations, &format!("mean of {n} ratings"));
        let held = coverage(simulations, 32, |random| {
            let (first, second) = (tally(random, 0, n), tally(random, 1, 2 * n));
            first.mean_difference(&second, Confidence::P95).unwrap().interval().contains(means[0] - means[1])
        });
        assert_near(held, simulations, &format!("means of {n} and {} ratings", 2 * n));
    }
}

/// Of normal measures, whose correlations of ranks are known: rho = 6 / pi asin(r / 2), tau = 2 / pi asin(r).
#[test]
fn intervals_of_correlations_hold_theirs() {
    let simulations = 4_000;
    for n in [15, 60] {
        for (r, seed) in [(0.0_f64, 0), (0.5, 5), (0.8, 8)] {
            let (rho, tau) = ((r / 2.0).asin() * 6.0 / core::f64::consts::PI, r.asin() * 2.0 / core::f64::consts::PI);
            let seed = n as u64 * 100 + seed;
            let at = format!("of {n}, r = {r}");
            let held = coverage(simulations, seed, |random| {
                let [x, y] = columns(random, n, r);
                PearsonCorrelation::from_columns(&x, &y).unwrap().estimate(Confidence::P95).unwrap().interval().contains(r)
            });
            assert_near(held, simulations, &format!("Pearson {at}"));
            let held = coverage(simulations, seed, |random| {
                let [x, y] = columns(random, n, r);
                let spearman = SpearmanCorrelation::from_columns(&x, &y).unwrap();
                spearman.estimate_with(Confidence::P95, SpearmanMethod::BonettWright).unwrap().interval().contains(rho)
            });
            assert_near(held, simulations, &format!("Spearman {at}"));
            let held = coverage(simulations, seed, |random| {
                let [x, y] = columns(random, n, r);
                let kendall = KendallCorrelation::from_columns(&x, &y).unwrap();
                kendall.estimate_with(Confidence::P95, KendallMethod::FiellerHartleyPearson).unwrap().interval().contains(tau)
            });
            assert_near(held, simulations, &format!("Kendall {at}"));
        }
    }
}

/// Ratings from 1 to 5, as in the table of `SuperiorityMethod`.
#[test]
fn intervals_of_superiority_hold_it_on_ratings() {
    let simulations = 3_000;
    let (even, low) = ([5, 10, 20, 40, 25], [15, 20, 25, 25, 15]);
    let (good, better) = ([2, 3, 5, 20, 70], [1, 1, 3, 15, 80]);
    let (best, narrow, wide) = ([1, 1, 2, 6, 190], [0, 5, 90, 5, 0], [30, 15, 10, 15, 30]);
    for (first, second, sizes) in [
        (even, even, [10, 10]),
        (even, low, [10, 30]),
        (better, good, [30, 30]),
        (narrow, wide, [30, 30]),
        (narrow, wide, [100, 100]),
        (best, good, [30, 100]),
        (best, best, [10, 10]),
        (best, best, [30, 100]),
    ] {
        let total = |weights: [i32; 5]| f64::from(weights.iter().sum::<i32>());
        let beats = |a: usize, b: usize| f64::from(1 + i32::from(a > b) - i32::from(a < b)) / 2.0;
        let truth = (0..5)
            .flat_map(|a| (0..5).map(move |b| (a, b)))
            .map(|(a, b)| f64::from(first[a]) / total(first) * (f64::from(second[b]) / total(second)) * beats(a, b))
            .sum::<f64>();
        let groups = [first, second].map(|weights| WeightedIndex::new(weights).unwrap());
        let held = coverage(simulations, 4, |random| {
            let counts = [0, 1].map(|group: usize| {
                let mut counts = [0_u64; 5];
                (0..sizes[group]).for_each(|_| counts[groups[group].sample(random)] += 1);
                counts
            });
            MannWhitney::from_counts(&counts[0], &counts[1]).unwrap().superiority(Confidence::P95).interval().contains(truth)
        });
        let at = format!("superiority of {first:?} over {second:?}, {sizes:?}");
        // Where a group is often unanimous, the interval that stands in is wide.
        if first == best {
            println!("{at}: {held:.4}");
            assert!(held >= 0.95 - chance(simulations), "{at}: {held}");
        } else {
            assert_near(held, simulations, &at);
        }
    }
}

#[test]
fn differences_of_correlations_hold_theirs() {
    let simulations = 4_000;
    for (n1, n2, r1, r2) in [(20, 40, 0.3, 0.3), (20, 40, 0.8, 0.2), (60, 60, 0.7, 0.5)] {
        let held = coverage(simulations, 9, |random| {
            let [first, second] = [(n1, r1), (n2, r2)].map(|(n, r)| {
                let [x, y] = columns(random, n, r);
                PearsonCorrelation::from_columns(&x, &y).unwrap()
            });
            first.difference(&second, Confidence::P95).unwrap().interval().contains(r1 - r2)
        });
        assert_near(held, simulations, &format!("Zou of {n1} and {n2}, r = {r1} and {r2}"));
    }
}

/// Feldt's interval is exact for normal items that are equally correlated: alpha = k r / (1 + (k - 1) r).
#[test]
fn intervals_of_alpha_hold_it() {
    let simulations = 6_000;
    let normal = standard();
    for (k, n, r) in [(3, 10, 0.2_f64), (5, 30, 0.5), (10, 20, 0.4)] {
        let alpha = f64::from(k) * r / (1.0 + f64::from(k - 1) * r);
        let held = coverage(simulations, 77, |random| {
            let common: Vec<f64> = (0..n).map(|_| normal.sample(random)).collect();
            let items: Vec<Vec<f64>> = (0..k)
                .map(|_| common.iter().map(|common| r.sqrt() * common + (1.0 - r).sqrt() * normal.sample(random)).collect())
                .collect();
            let items: Vec<&[f64]> = items.iter().map(Vec::as_slice).collect();
            CronbachAlpha::from_columns(&items).unwrap().estimate(Confidence::P95).interval().contains(alpha)
        });
        assert_exact(held, simulations, &format!("alpha of {k} items, {n} respondents"));
    }
}
