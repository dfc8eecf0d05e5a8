//! Shrinkage towards the team: a 50-digit reference, outcomes without a beta distribution, and properties.

use customer_metrics::estimate::{Shrinkage, ShrinkageMethod, ShrunkenShare, TeamSpread};
use customer_metrics::{Confidence, Error, Method, Share};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_distr::Distribution;
use rand_pcg::Pcg64Mcg;

fn team(counts: &[(u64, u64)]) -> Vec<Share> {
    counts.iter().map(|&(part, whole)| Share::new(part, whole).unwrap()).collect()
}

fn shapes(fit: &Shrinkage) -> [f64; 2] {
    match fit.spread() {
        TeamSpread::Beta { alpha, beta } => [alpha, beta],
        end => panic!("{end:?}"),
    }
}

fn near(got: f64, expected: f64, tolerance: f64) -> bool {
    (got - expected).abs() <= tolerance * expected.abs()
}

/// `data/shrinkage.json`; the origin stands in the file.
#[test]
fn the_most_likely_distribution_agrees_with_mpmath() {
    let file: serde_json::Value = serde_json::from_str(include_str!("../data/shrinkage.json")).unwrap();
    let teams = file["teams"].as_array().unwrap();
    assert!(teams.len() > 10);
    for row in teams {
        let name = row["team"].as_str().unwrap();
        let number = |value: &serde_json::Value| value.as_str().unwrap().parse::<f64>().unwrap();
        let counts: Vec<(u64, u64)> = serde_json::from_value(row["counts"].clone()).unwrap();
        let members = team(&counts);
        let fit = Shrinkage::fit(&members).unwrap();
        assert!(fit.has_converged() && (1..=12).contains(&fit.iterations()), "{name}: {} steps", fit.iterations());
        let [alpha, beta] = shapes(&fit);
        let errors = fit.standard_errors().unwrap();
        for (what, got, expected, tolerance) in [
            ("alpha", alpha, &row["alpha"], 1e-13),
            ("beta", beta, &row["beta"], 1e-13),
            ("mean", fit.mean(), &row["mean"], 1e-14),
            ("correlation", fit.correlation(), &row["correlation"], 1e-13),
            ("log-likelihood", fit.log_likelihood().unwrap(), &row["log_likelihood"], 1e-13),
            ("error of the mean", errors.mean, &row["errors"]["mean"], 1e-12),
            ("error of the correlation", errors.correlation, &row["errors"]["correlation"], 1e-12),
            ("error of alpha", errors.alpha, &row["errors"]["alpha"], 1e-12),
            ("error of beta", errors.beta, &row["errors"]["beta"], 1e-12),
        ] {
            let expected = number(expected);
            assert!(near(got, expected, tolerance), "{name}, {what}: {got:e} is not {expected:e}");
        }
    }
}

/// Efron and Morris (1975): 45 times at bat in April and May 1970, 18 players. Clemente hit 18 of 45.
#[test]
fn batting_averages_are_pulled_most_of_the_way_to_the_mean() {
    let hits = [18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7];
    let players = team(&hits.map(|hits| (hits, 45)));
    let fit = Shrinkage::fit(&players).unwrap();
    assert!(near(fit.mean(), 0.2654, 1e-3));
    let clemente = fit.shrink(&players[0], Confidence::P95);
    // Their estimate by the arcsine transform was 0.290; over the season he hit 0.346 of 367.
    assert!((0.27..0.30).contains(&clemente.estimate().point()), "{}", clemente.estimate());
    assert_eq!(clemente.estimate().method(), Method::ShrunkenShare);
}

#[test]
fn moments_are_those_of_kleinman() {
    let members = team(&[(4, 4), (180, 200), (33, 60), (70, 90), (41, 44), (150, 250), (25, 30)]);
    let fit = Shrinkage::fit_with(&members, ShrinkageMethod::Moments).unwrap();
    let (k, n) = (503.0, 678.0);
    let mean = k / n;
    let scatter: f64 = members.iter().map(|member| member.whole() as f64 * (member.to_f64() - mean).powi(2)).sum();
    let squares: f64 = members.iter().map(|member| (member.whole() as f64).powi(2)).sum();
    let pq = mean * (1.0 - mean);
    let correlation = (scatter - pq * 6.0) / (pq * (n - squares / n - 6.0));
    assert!(near(fit.mean(), mean, 1e-15) && near(fit.correlation(), correlation, 1e-13));
    assert_eq!(fit.method(), ShrinkageMethod::Moments);
    assert!(fit.standard_errors().is_none());
    assert!(fit.log_likelihood().unwrap() < Shrinkage::fit(&members).unwrap().log_likelihood().unwrap());
}

#[test]
fn counts_no_farther_apart_than_chance_show_no_spread() {
    for counts in [
        &[(8, 10), (8, 10), (8, 10)][..],
        &[(80, 100), (81, 100), (79, 100), (8, 10)],
        &[(7, 9)],
        &[(0, 5), (0, 9), (0, 1)],
        &[(5, 5), (9, 9)],
        &[(1_000_000_000, 2_000_000_000), (500_000_010, 1_000_000_000)],
        &[(u64::MAX / 4, u64::MAX / 2), (u64::MAX / 8, u64::MAX / 4)],
    ] {
        let members = team(counts);
        let pooled = members.iter().skip(1).fold(members[0], |sum, member| sum.merge(member).unwrap()).to_f64();
        for method in [ShrinkageMethod::MaximumLikelihood, ShrinkageMethod::Moments] {
            let fit = Shrinkage::fit_with(&members, method).unwrap();
            assert_eq!(fit.spread(), TeamSpread::None, "{counts:?}: {fit}");
            assert!(fit.has_converged() && fit.correlation() == 0.0 && near(fit.mean(), pooled, 1e-15));
            for member in fit.shrink_all(&members, Confidence::P95) {
                assert_eq!((member.estimate().point(), member.kept()), (fit.mean(), 0.0));
                assert!(member.estimate().interval().width() > 0.0, "{counts:?}: {member}");
                assert!((member.below_mean() + member.above_mean() - 1.0).abs() < 1e-9);
            }
        }
    }
    // The binomial probabilities of 4 of 5 and 1 of 5 at 1/2.
    let none = Shrinkage::fit(&team(&[(3, 5), (2, 5)])).unwrap();
    assert!(near(none.log_likelihood().unwrap(), 2.0 * (10.0_f64 / 32.0).ln(), 1e-14));
}

#[test]
fn members_that_are_all_or_nothing_are_not_shrunk() {
    let members = team(&[(5, 5), (9, 9), (0, 4), (1, 1), (0, 1)]);
    let fit = Shrinkage::fit(&members).unwrap();
    assert_eq!((fit.spread(), fit.correlation(), fit.mean()), (TeamSpread::Total, 1.0, 0.6));
    assert!(near(fit.log_likelihood().unwrap(), 3.0 * 0.6_f64.ln() + 2.0 * 0.4_f64.ln(), 1e-14));
    for (member, shrunken) in members.iter().zip(fit.shrink_all(&members, Confidence::P95)) {
        assert_eq!((shrunken.estimate().point(), shrunken.kept()), (member.to_f64(), 1.0));
        assert!(shrunken.estimate().interval().width() > 0.05);
        assert_eq!(shrunken.above_mean() > 0.5, member.part() > 0);
    }
    // One that is neither has no prior to go by.
    let mixed = fit.shrink(&Share::new(1, 4).unwrap(), Confidence::P95).estimate();
    assert!(near(mixed.point(), 0.25, 1e-15) && mixed.interval().width() > 0.5);

    let by_moments = Shrinkage::fit_with(&team(&[(9, 10), (1, 10)]), ShrinkageMethod::Moments).unwrap();
    assert_eq!((by_moments.spread(), by_moments.log_likelihood()), (TeamSpread::Total, None));
}

#[test]
fn what_says_nothing_of_a_spread_is_an_error() {
    assert!(matches!(Shrinkage::fit(&[]), Err(Error::Undefined { metric: "spread of the team", .. })));
    assert!(matches!(Shrinkage::fit(&team(&[(1, 1), (0, 1), (1, 1)])), Err(Error::Undefined { .. })));
    assert!(matches!(Shrinkage::fit(&team(&[(1, u64::MAX), (1, 2)])), Err(Error::Overflow { .. })));
}

/// A likelihood with two tops: one where the many pairs that look alike rule, one where the two with a thousand answers do.
#[test]
fn the_highest_top_is_found() {
    let mut counts = vec![(1, 2); 3_000];
    counts.extend([(1_000, 1_000), (0, 1_000)]);
    let fit = Shrinkage::fit(&team(&counts)).unwrap();
    let height = fit.log_likelihood().unwrap();
    let ln_beta = |a: f64, b: f64| libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    for step in -40..80 {
        let half = 2.0_f64.powf(f64::from(step) / 4.0);
        let pair = ln_beta(half + 1.0, half + 1.0) - ln_beta(half, half) + 2.0_f64.ln();
        let extreme = ln_beta(half + 1_000.0, half) - ln_beta(half, half);
        assert!(3_000.0 * pair + 2.0 * extreme <= height + 1e-6, "{half}: {} over {height}", 3_000.0 * pair + 2.0 * extreme);
    }
}

#[test]
fn intervals_hold_the_true_shares_as_often_as_promised_over_the_team() {
    let mut random = Pcg64Mcg::seed_from_u64(7);
    let spread = rand_distr::Beta::new(24.0, 6.0).unwrap();
    let truths: Vec<f64> = (0..2_000).map(|_| spread.sample(&mut random)).collect();
    let members: Vec<Share> = truths
        .iter()
        .map(|&truth| {
            let whole = random.random_range(5..200_u64);
            Share::new((0..whole).filter(|_| random.random_bool(truth)).count() as u64, whole).unwrap()
        })
        .collect();
    let fit = Shrinkage::fit(&members).unwrap();
    let errors = fit.standard_errors().unwrap();
    assert!((fit.mean() - 0.8).abs() < 4.0 * errors.mean);
    assert!((fit.correlation() - 1.0 / 31.0).abs() < 4.0 * errors.correlation);
    let shrunken = fit.shrink_all(&members, Confidence::P90);
    let held = truths.iter().zip(&shrunken).filter(|&(&truth, member)| member.estimate().interval().contains(truth)).count();
    assert!((1_740..=1_860).contains(&held), "{held}");
    // Nearer to the truth than the raw shares, and the probabilities mean what they say.
    let loss = |score: &dyn Fn(usize) -> f64| (0..2_000).map(|i| (score(i) - truths[i]).powi(2)).sum::<f64>();
    assert!(loss(&|i| shrunken[i].estimate().point()) < 0.7 * loss(&|i| members[i].to_f64()));
    let expected: f64 = shrunken.iter().map(ShrunkenShare::above_mean).sum();
    let above = truths.iter().filter(|&&truth| truth > fit.mean()).count() as f64;
    assert!((expected - above).abs() < 4.0 * 2_000.0_f64.sqrt() / 2.0);
}

/// How often the intervals of simulated teams of so many members hold the true shares, which lie evenly within `half` of 0.75.
fn coverage(members: usize, wholes: [u64; 2], half: f64, teams: u32) -> f64 {
    let mut random = Pcg64Mcg::seed_from_u64(11);
    let (mut held, mut all) = (0.0, 0.0);
    for _ in 0..teams {
        let truths: Vec<f64> = (0..members).map(|_| 0.75 + half * (2.0 * random.random::<f64>() - 1.0)).collect();
        let counted: Vec<Share> = truths
            .iter()
            .map(|&truth| {
                let whole = random.random_range(wholes[0]..=wholes[1]);
                Share::new((0..whole).filter(|_| random.random_bool(truth)).count() as u64, whole).unwrap()
            })
            .collect();
        let shrunken = Shrinkage::fit(&counted).unwrap().shrink_all(&counted, Confidence::P95);
        held += truths.iter().zip(&shrunken).filter(|&(&truth, member)| member.estimate().interval().contains(truth)).count() as f64;
        all += members as f64;
    }
    held / all
}

/// With the most likely distribution taken as known it would be 59% of five and 84% of twenty where the shares lie within 0.13.
#[test]
fn intervals_hold_the_true_shares_in_teams_of_any_size_and_spread() {
    for (members, wholes, teams) in [(5, [30, 50], 300), (5, [3, 40], 300), (10, [30, 50], 150), (20, [30, 30], 80), (50, [30, 50], 40)] {
        let found = [0.0, 0.05, 0.13, 0.24].map(|half| coverage(members, wholes, half, teams));
        println!("{members} members, {wholes:?}: {found:?}");
        assert!(found.iter().sum::<f64>() / 4.0 >= 0.94, "{members}: {found:?}");
        assert!(found.iter().all(|&held| held >= 0.92), "{members}: {found:?}");
    }
}

/// `data/shrinkage_posterior.json`; the origin stands in the file. Members with all or none among them.
#[test]
fn intervals_and_probabilities_agree_with_the_integral_over_mean_and_correlation() {
    let file: serde_json::Value = serde_json::from_str(include_str!("../data/shrinkage_posterior.json")).unwrap();
    let teams = file["teams"].as_array().unwrap();
    assert!(teams.len() > 10);
    let mut worst = [0.0_f64; 3];
    for row in teams {
        let name = row["team"].as_str().unwrap();
        let counts: Vec<(u64, u64)> = serde_json::from_value(row["counts"].clone()).unwrap();
        let fit = Shrinkage::fit(&team(&counts)).unwrap();
        for member in row["members"].as_array().unwrap() {
            let number = |field: &str| member[field].as_f64().unwrap();
            let [part, whole] = ["part", "whole"].map(|field| member[field].as_u64().unwrap());
            let shrunken = fit.shrink(&Share::new(part, whole).unwrap(), Confidence::P95);
            let (point, interval) = (shrunken.estimate().point(), shrunken.estimate().interval());
            let end = |field: &str| 1.0 / (1.0 + (-number(field)).exp());
            // An end is moved to the point where it would not hold it.
            let [low, high] = [end("low_logit").min(point), end("high_logit").max(point)];
            let misses = [(interval.low() - low) / (high - low), (interval.high() - high) / (high - low)];
            let below = shrunken.below_mean() - number("below_mean");
            let [at_low, at_high] = misses;
            println!("{name}, {part} of {whole}: {at_low:.1e} {at_high:.1e} {below:.1e}");
            for (worst, miss) in worst.iter_mut().zip([at_low, at_high, below]) {
                *worst = worst.max(miss.abs());
            }
        }
    }
    // Ends relative to the width. Where the team says nearly all, as six hundred do, one distribution stands for the mixture.
    assert!(worst[0] < 1e-3 && worst[1] < 1e-3 && worst[2] < 2e-4, "{worst:?}");
}

/// The same integral by plain sums over a fine grid of mean and correlation.
#[test]
fn ends_are_those_of_the_mixture_over_mean_and_correlation() {
    let ln_beta = |a: f64, b: f64| libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    let many: Vec<(u64, u64)> = (0..600_u64).map(|member| (10 + (member * 7) % 19, 30 + member % 5)).collect();
    for counts in [&[(4, 5), (18, 20), (9, 15), (3, 3)][..], &[(1, 1), (1, 3)], &[(80, 100), (81, 100), (79, 100)], &many] {
        let members = team(counts);
        let fit = Shrinkage::fit(&members).unwrap();
        let steps = 300;
        let mut grid = Vec::new();
        for i in 0..steps {
            for j in 0..steps {
                // Finer towards a correlation of 0.
                let (mean, root) = ((f64::from(i) + 0.5) / f64::from(steps), (f64::from(j) + 0.5) / f64::from(steps));
                let sum = 1.0 / (root * root) - 1.0;
                grid.push((mean * sum, (1.0 - mean) * sum, root));
            }
        }
        let mut known: Vec<((u64, u64), f64)> = Vec::new();
        for &pair in counts {
            match known.iter_mut().find(|(other, _)| *other == pair) {
                Some((_, times)) => *times += 1.0,
                None => known.push((pair, 1.0)),
            }
        }
        let heights: Vec<f64> = grid
            .iter()
            .map(|&(a, b, root)| {
                known.iter().map(|&((k, n), times)| times * (ln_beta(a + k as f64, b + (n - k) as f64) - ln_beta(a, b))).sum::<f64>()
                    + root.ln()
            })
            .collect();
        let top = heights.iter().copied().fold(f64::MIN, f64::max);
        let weights: Vec<f64> = heights.iter().map(|height| (height - top).exp()).collect();
        let total: f64 = weights.iter().sum();
        // At an end of 0 or 1 plain sums do not converge; the values above hold those members.
        for (member, &(k, n)) in members.iter().zip(counts).filter(|&(_, &(k, n))| k > 0 && k < n).take(3) {
            let interval = fit.shrink(member, Confidence::P95).estimate().interval();
            // How much lies outside, by the posterior of the member on its own axis.
            let points = 400;
            let (mut below, mut above) = (0.0, 0.0);
            for (&(a, b, _), weight) in grid.iter().zip(&weights).filter(|(_, weight)| **weight > 1e-7) {
                let (a, b) = (a + k as f64, b + (n - k) as f64);
                let ln_scale = ln_beta(a, b);
                let part = |low: f64, high: f64| {
                    let width = (high - low) / f64::from(points);
                    (0..points)
                        .map(|point| {
                            let x = low + width * (f64::from(point) + 0.5);
                            width * ((a - 1.0) * x.ln() + (b - 1.0) * (1.0 - x).ln() - ln_scale).exp()
                        })
                        .sum::<f64>()
                };
                let (low, high) = (interval.low(), interval.high());
                // The nearer end of each tail holds all but nothing of it.
                below += weight / total * part((low - 0.5).max(0.0), low);
                above += weight / total * part(high, 1.0);
            }
            let tolerance = if counts.len() < 5 { 0.002 } else { 0.001 };
            println!("{k} of {n}: {below} {above}");
            let moved = |end: f64| (end - fit.shrink(member, Confidence::P95).estimate().point()).abs() < 1e-12;
            assert!((below - 0.025).abs() < tolerance || moved(interval.low()), "{k} of {n}: {below}");
            assert!((above - 0.025).abs() < tolerance || moved(interval.high()), "{k} of {n}: {above}");
        }
    }
}

fn members() -> impl Strategy<Value = Vec<Share>> {
    let share = prop_oneof![1..30_u64, 1..1_000_u64, 1..1_000_000_000_u64]
        .prop_flat_map(|whole| (0..=whole).prop_map(move |part| Share::new(part, whole).unwrap()));
    prop::collection::vec(share, 1..12).prop_filter("more than one answer", |members| members.iter().any(|member| member.whole() > 1))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_shrunken_share_lies_between_the_share_and_the_mean(members in members(), level in 0.01..0.999_f64, by_moments: bool) {
        let method = if by_moments { ShrinkageMethod::Moments } else { ShrinkageMethod::MaximumLikelihood };
        let fit = Shrinkage::fit_with(&members, method).unwrap();
        prop_assert!(fit.has_converged());
        prop_assert!((0.0..=1.0).contains(&fit.mean()) && (0.0..=1.0).contains(&fit.correlation()));
        prop_assert!(fit.log_likelihood().is_none_or(f64::is_finite));
        let confidence = Confidence::new(level).unwrap();
        let wider = Confidence::new(level + (1.0 - level) / 2.0).unwrap();
        for member in &members {
            let shrunken = fit.shrink(member, confidence);
            let (own, point) = (member.to_f64(), shrunken.estimate().point());
            prop_assert!(own.min(fit.mean()) - 1e-15 <= point && point <= own.max(fit.mean()) + 1e-15, "{own} {point} {fit}");
            let (narrow, wide) = (shrunken.estimate().interval(), fit.shrink(member, wider).estimate().interval());
            prop_assert!(0.0 <= narrow.low() && narrow.contains(point) && narrow.high() <= 1.0);
            prop_assert!(wide.low() <= narrow.low() * (1.0 + 1e-9) && narrow.high() <= wide.high() * (1.0 + 1e-9));
            let certain = shrunken.below_mean() + shrunken.above_mean();
            prop_assert!((certain - 1.0).abs() < 1e-12);
            prop_assert!(narrow.width() > 0.0 && (0.0..=1.0).contains(&shrunken.kept()));
            let kept = shrunken.kept();
            prop_assert!((fit.mean() + kept * (own - fit.mean()) - point).abs() < 1e-12);
        }
    }

    #[test]
    fn more_answers_shrink_less(members in members(), part in 0..20_u64, rest in 0..20_u64, times in 2..1_000_u64) {
        prop_assume!(part + rest > 0);
        let fit = Shrinkage::fit(&members).unwrap();
        let shrunken = |times: u64| {
            let member = Share::new(part * times, (part + rest) * times).unwrap();
            (fit.shrink(&member, Confidence::P95).estimate().point() - member.to_f64()).abs()
        };
        prop_assert!(shrunken(times) <= shrunken(1) + 1e-15);
    }

    #[test]
    fn the_order_of_members_does_not_matter_and_all_mirrors(members in members()) {
        let fit = Shrinkage::fit(&members).unwrap();
        let reversed: Vec<Share> = members.iter().rev().copied().collect();
        prop_assert_eq!(&Shrinkage::fit(&reversed).unwrap(), &fit);
        let complements: Vec<Share> = members.iter().map(Share::complement).collect();
        let mirrored = Shrinkage::fit(&complements).unwrap();
        prop_assert_eq!(mirrored.iterations(), fit.iterations());
        prop_assert!((mirrored.mean() - (1.0 - fit.mean())).abs() < 1e-11);
        prop_assert!(near(mirrored.correlation(), fit.correlation(), 1e-9));
        for (member, complement) in members.iter().zip(&complements) {
            let (one, other) = (fit.shrink(member, Confidence::P95), mirrored.shrink(complement, Confidence::P95));
            prop_assert!((one.estimate().interval().low() - (1.0 - other.estimate().interval().high())).abs() < 1e-5);
            prop_assert!((one.above_mean() - other.below_mean()).abs() < 1e-5);
        }
    }

    #[test]
    fn columns_are_shrunk_as_one_by_one(members in members()) {
        let fit = Shrinkage::fit(&members).unwrap();
        let one_by_one: Vec<ShrunkenShare> = members.iter().map(|member| fit.shrink(member, Confidence::P90)).collect();
        prop_assert_eq!(fit.shrink_all(&members, Confidence::P90), one_by_one);
    }

    #[test]
    fn the_likelihood_is_highest_where_the_fit_is(members in members(), by in 0.5..2.0_f64, shift in 0.5..2.0_f64) {
        // The plain sum that it is compared with loses its digits where there are many answers.
        let members: Vec<Share> = members.into_iter().filter(|member| member.whole() < 1_000).collect();
        prop_assume!(members.iter().any(|member| member.whole() > 1));
        let fit = Shrinkage::fit(&members).unwrap();
        let TeamSpread::Beta { alpha, beta } = fit.spread() else { return Ok(()) };
        let ln_beta = |a: f64, b: f64| libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
        let height = |a: f64, b: f64| -> f64 {
            members.iter().map(|member| {
                let (k, m) = (member.part() as f64, member.complement().part() as f64);
                ln_beta(a + k, b + m) - ln_beta(a, b)
            }).sum()
        };
        prop_assert!(height(alpha * by, beta * by * shift) <= height(alpha, beta) + 1e-7);
    }
}
