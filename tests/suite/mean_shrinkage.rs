//! Means shrunk towards the team: published meta-analyses by hand, edges and properties.

use customer_metrics::estimate::{Caution, MeanShrinkage, MeanShrinkageMethod, MemberMean};
use customer_metrics::satisfaction::{GroupedRatingTally, RatingGroups, Scale};
use customer_metrics::{Confidence, Error, Method, Tally};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Distribution, Normal};
use rand_pcg::Pcg64Mcg;

const METHODS: [MeanShrinkageMethod; 2] = [MeanShrinkageMethod::PauleMandel, MeanShrinkageMethod::DerSimonianLaird];

fn member(mean: f64, standard_error: f64) -> MemberMean {
    MemberMean { mean, standard_error }
}

fn members(means: &[f64], errors: &[f64]) -> Vec<MemberMean> {
    means.iter().zip(errors).map(|(&mean, &error)| member(mean, error)).collect()
}

/// The eight schools of Rubin (1981): the spread is no larger than chance, whichever way.
#[test]
fn eight_schools_show_no_spread() {
    let (means, errors) = ([28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0], [15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0]);
    for method in METHODS {
        let team = MeanShrinkage::fit_with(&members(&means, &errors), method).unwrap();
        assert_eq!((team.variance(), team.members(), team.method()), (0.0, 8, method));
        // The published pooled effect is 7.7 with a standard error of 4.1.
        assert!((team.mean() - 7.69).abs() < 0.01 && (team.standard_error() - 4.07).abs() < 0.01, "{team}");
        let first = team.shrink(member(28.0, 15.0), Confidence::P95).unwrap();
        assert_eq!((first.estimate().point(), first.kept()), (team.mean(), 0.0));
        // Gelman et al., Bayesian Data Analysis, table 5.3, with a prior uniform in the standard deviation: -2 to 31.
        let interval = first.estimate().interval();
        assert!((-5.0..0.0).contains(&interval.low()) && (24.0..33.0).contains(&interval.high()), "{first}");
    }
}

#[test]
fn the_variances_solve_their_equations() {
    let (means, errors) = ([4.8, 4.3, 4.1, 3.6, 4.4], [0.35, 0.06, 0.05, 0.09, 0.08]);
    let weighted = |variance: f64| {
        let weights = errors.map(|error: f64| 1.0 / (error * error + variance));
        let total: f64 = weights.iter().sum();
        let mean = weights.iter().zip(means).map(|(w, y)| w * y).sum::<f64>() / total;
        let squares: f64 = weights.iter().zip(means).map(|(w, y)| w * (y - mean) * (y - mean)).sum();
        (total, weights.iter().map(|w| w * w).sum::<f64>(), mean, squares)
    };
    let paule_mandel = MeanShrinkage::fit(&members(&means, &errors)).unwrap();
    let (total, _, mean, squares) = weighted(paule_mandel.variance());
    assert!((squares - 4.0).abs() < 1e-12 && (mean - paule_mandel.mean()).abs() < 1e-14, "{squares}");
    assert!((paule_mandel.standard_error() - 1.0 / total.sqrt()).abs() < 1e-15);
    let dersimonian_laird = MeanShrinkage::fit_with(&members(&means, &errors), MeanShrinkageMethod::DerSimonianLaird).unwrap();
    let (total, of_squares, _, squares) = weighted(0.0);
    assert!((dersimonian_laird.variance() - (squares - 4.0) / (total - of_squares / total)).abs() < 1e-14);
}

/// With equal standard errors both are the variance of the means less that of chance.
#[test]
fn with_equal_errors_both_are_the_excess_variance() {
    let means = [3.0, 4.0, 4.5, 2.5, 3.5];
    for method in METHODS {
        let team = MeanShrinkage::fit_with(&members(&means, &[0.5; 5]), method).unwrap();
        // The sum of squares around 3.5 is 2.5.
        assert!((team.variance() - (2.5 / 4.0 - 0.25)).abs() < 1e-14 && (team.mean() - 3.5).abs() < 1e-15, "{team}");
        let shrunken = team.shrink(member(4.5, 0.5), Confidence::P95).unwrap();
        assert!((shrunken.kept() - 0.6).abs() < 1e-14 && (shrunken.estimate().point() - 4.1).abs() < 1e-14);
    }
}

#[test]
fn intervals_hold_the_true_means_as_often_as_promised() {
    let mut random = Pcg64Mcg::seed_from_u64(5);
    let spread = Normal::new(4.0, 0.3).unwrap();
    let truths: Vec<f64> = (0..2_000).map(|_| spread.sample(&mut random)).collect();
    let errors: Vec<f64> = (0..2_000).map(|member| 0.05 + f64::from(member % 20) / 20.0).collect();
    let means: Vec<f64> =
        truths.iter().zip(&errors).map(|(&truth, &error)| Normal::new(truth, error).unwrap().sample(&mut random)).collect();
    for method in METHODS {
        let team = MeanShrinkage::fit_with(&members(&means, &errors), method).unwrap();
        assert!((team.mean() - 4.0).abs() < 0.05 && (team.variance().sqrt() - 0.3).abs() < 0.05, "{team}");
        let shrunken: Vec<_> =
            means.iter().zip(&errors).map(|(&mean, &error)| team.shrink(member(mean, error), Confidence::P90).unwrap()).collect();
        let held = truths.iter().zip(&shrunken).filter(|(truth, member)| member.estimate().interval().contains(**truth)).count();
        assert!((1_740..=1_860).contains(&held), "{held}");
    }
}

/// The same integral by plain sums over a fine grid of variances, with the tails by `libm::erfc`.
#[test]
fn ends_are_those_of_the_mixture_over_the_variance() {
    let teams: [(&[f64], &[f64]); 5] = [
        (&[28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0], &[15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0]),
        (&[4.8, 4.3, 4.1, 3.6, 4.4], &[0.35, 0.06, 0.05, 0.09, 0.08]),
        (&[4.0, 4.1], &[0.1, 0.3]),
        (&[3.0, 3.0, 3.0], &[0.2, 0.2, 0.2]),
        (&[1e6, 2e6, 5e6, 0.0], &[1.0, 2.0, 1.0, 1e3]),
    ];
    for (means, errors) in teams {
        let team = MeanShrinkage::fit(&members(means, errors)).unwrap();
        let squares: Vec<f64> = errors.iter().map(|error| error * error).collect();
        let typical = means.len() as f64 / squares.iter().map(|square| 1.0 / square).sum::<f64>();
        // The variance, the mean of the team then and its variance, and the logarithm of the density in the logarithm of the variance.
        let grid: Vec<[f64; 4]> = (-20_000..=20_000)
            .map(|step| {
                let at = f64::from(step) / 500.0;
                let variance = typical * at.exp();
                let weights: Vec<f64> = squares.iter().map(|square| 1.0 / (square + variance)).collect();
                let weight: f64 = weights.iter().sum();
                let mean = weights.iter().zip(means).map(|(w, y)| w * y).sum::<f64>() / weight;
                let own: f64 = weights.iter().zip(means).map(|(w, y)| (w.ln() - w * (y - mean) * (y - mean)) / 2.0).sum();
                [variance, mean, 1.0 / weight, own - weight.ln() / 2.0 + at - 2.0 * (typical + variance).ln()]
            })
            .collect();
        let top = grid.iter().map(|node| node[3]).fold(f64::MIN, f64::max);
        let total: f64 = grid.iter().map(|node| (node[3] - top).exp()).sum();
        for (&mean, &error) in means.iter().zip(errors) {
            let shrunken = team.shrink(member(mean, error), Confidence::P95).unwrap().estimate();
            let tail = |end: f64, side: f64| -> f64 {
                let outside = grid.iter().map(|&[variance, own, square, height]| {
                    let kept = variance / (variance + error * error);
                    let point = own + kept * (mean - own);
                    let deviation = (kept * error * error + (1.0 - kept) * (1.0 - kept) * square).sqrt();
                    (height - top).exp() / total * libm::erfc(side * (end - point) / deviation / 2.0_f64.sqrt()) / 2.0
                });
                outside.sum()
            };
            let interval = shrunken.interval();
            let [below, above] = [tail(interval.low(), -1.0), tail(interval.high(), 1.0)];
            println!("{mean} by {error}: {below} {above}");
            // An end that was moved to the point leaves more outside.
            for (end, outside) in [(interval.low(), below), (interval.high(), above)] {
                assert!((outside - 0.025).abs() < 2e-6 || end == shrunken.point(), "{mean} by {error}: {outside} beyond {end}");
            }
        }
    }
}

#[test]
fn intervals_hold_the_true_means_in_teams_of_any_size_and_spread() {
    for (size, teams) in [(5, 800), (10, 400), (20, 200)] {
        let found = [0.0, 0.5, 1.0, 2.0, 5.0].map(|deviation: f64| {
            let mut random = Pcg64Mcg::seed_from_u64(13);
            let mut normal = |mean: f64, deviation: f64| mean + deviation * Normal::new(0.0, 1.0).unwrap().sample(&mut random);
            let (mut held, mut all) = (0.0, 0.0);
            for _ in 0..teams {
                let truths: Vec<f64> = (0..size).map(|_| normal(4.0, deviation)).collect();
                let errors: Vec<f64> = (0..size).map(|member| 0.6 + 0.2 * f64::from(member % 5)).collect();
                let means: Vec<f64> = truths.iter().zip(&errors).map(|(&truth, &error)| normal(truth, error)).collect();
                let team = MeanShrinkage::fit(&members(&means, &errors)).unwrap();
                let shrunken = team.shrink_all(&members(&means, &errors), Confidence::P95).unwrap();
                held +=
                    truths.iter().zip(&shrunken).filter(|(truth, member)| member.estimate().interval().contains(**truth)).count() as f64;
                all += f64::from(size);
            }
            held / all
        });
        println!("{size} members: {found:?}");
        assert!(found.iter().sum::<f64>() / 5.0 >= 0.94 && found.iter().all(|&held| held >= 0.91), "{size}: {found:?}");
    }
}

#[test]
fn what_is_no_mean_or_no_error_is_refused() {
    assert!(matches!(MeanShrinkage::fit(&[]), Err(Error::Undefined { .. })));
    for wrong in [f64::NAN, f64::INFINITY, -1e41] {
        assert_eq!(MeanShrinkage::fit(&members(&[1.0, wrong], &[1.0, 1.0])).unwrap_err().row(), Some(1));
    }
    for wrong in [f64::NAN, f64::INFINITY, 0.0, -1.0, 1e-41] {
        let error = MeanShrinkage::fit(&members(&[1.0, 1.0], &[1.0, wrong])).unwrap_err();
        assert_eq!((error.row(), error.field()), (Some(1), Some("standard error")));
    }
    let one = MeanShrinkage::fit(&members(&[3.0], &[0.5])).unwrap();
    assert_eq!((one.mean(), one.standard_error(), one.variance()), (3.0, 0.5, 0.0));
    assert!(one.shrink(member(3.0, 0.0), Confidence::P95).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_shrunken_mean_lies_between_its_own_and_that_of_the_team(
        team in prop::collection::vec((-1e3..1e3_f64, prop_oneof![1e-3..10.0_f64, 1e-20..1e20_f64]), 1..20),
        by_paule_mandel: bool,
        level in 0.01..0.999_f64,
    ) {
        let (means, errors): (Vec<f64>, Vec<f64>) = team.iter().copied().unzip();
        let method = METHODS[usize::from(!by_paule_mandel)];
        let team = MeanShrinkage::fit_with(&members(&means, &errors), method).unwrap();
        prop_assert!(team.variance() >= 0.0 && team.variance().is_finite() && team.standard_error() > 0.0);
        for (&mean, &error) in means.iter().zip(&errors) {
            let shrunken = team.shrink(member(mean, error), Confidence::new(level).unwrap()).unwrap();
            let (low, high) = (mean.min(team.mean()), mean.max(team.mean()));
            prop_assert!(low - 1e-12 <= shrunken.estimate().point() && shrunken.estimate().point() <= high + 1e-12);
            prop_assert!(shrunken.estimate().interval().contains(shrunken.estimate().point()) && (0.0..=1.0).contains(&shrunken.kept()));
            let surer = team.shrink(member(mean, error / 2.0), Confidence::new(level).unwrap()).unwrap();
            prop_assert!(surer.kept() >= shrunken.kept());
        }
    }

    #[test]
    fn shifting_and_stretching_all_means_shifts_and_stretches_the_team(
        team in prop::collection::vec((-5.0..5.0_f64, 0.1..2.0_f64), 2..12), shift in -100.0..100.0_f64, stretch in 0.01..100.0_f64,
    ) {
        let (means, errors): (Vec<f64>, Vec<f64>) = team.iter().copied().unzip();
        for method in METHODS {
            let team = MeanShrinkage::fit_with(&members(&means, &errors), method).unwrap();
            let moved: Vec<f64> = means.iter().map(|mean| shift + stretch * mean).collect();
            let wide: Vec<f64> = errors.iter().map(|error| stretch * error).collect();
            let other = MeanShrinkage::fit_with(&members(&moved, &wide), method).unwrap();
            prop_assert!((other.mean() - (shift + stretch * team.mean())).abs() < 1e-9 * (1.0 + stretch));
            prop_assert!((other.variance() - stretch * stretch * team.variance()).abs() < 1e-7 * stretch * stretch);
        }
    }
}

fn agents(groups: u32, rows: &[(u32, u8)]) -> GroupedRatingTally {
    let (numbers, ratings): (Vec<u32>, Vec<u8>) = rows.iter().copied().unzip();
    let mut tally = GroupedRatingTally::empty(RatingGroups::new(Scale::ONE_TO_FIVE, groups).unwrap());
    tally.record_columns(&numbers, &ratings).unwrap();
    tally
}

/// Four agents of whom one has no answers, and one two that are equal.
#[test]
fn ratings_share_the_variance_of_one_answer() {
    let tally = agents(4, &[(0, 5), (0, 5), (2, 1), (2, 4), (2, 4), (3, 2), (3, 4)]);
    // The squares about 5, 3 and 3 are 0, 4 + 1 + 1 and 1 + 1, with 7 answers of 3 agents.
    assert!((tally.pooled_variance().unwrap() - 2.0).abs() < 1e-15);
    let errors = [1.0, (2.0_f64 / 3.0).sqrt(), 1.0];
    let means = [5.0, 3.0, 3.0];
    let by_hand = MeanShrinkage::fit(&members(&means, &errors)).unwrap();
    assert_eq!(tally.mean_shrinkage().unwrap(), by_hand);
    let shrunken = tally.shrunken_means_by_group(Confidence::P90).unwrap();
    assert_eq!(shrunken.iter().map(|(group, _)| *group).collect::<Vec<_>>(), [0, 2, 3]);
    for ((_, got), ((mean, error), answers)) in shrunken.iter().zip(means.into_iter().zip(errors).zip([2, 3, 2])) {
        let expected = by_hand.shrink(member(mean, error), Confidence::P90).unwrap();
        assert_eq!((got.estimate().point(), got.kept()), (expected.estimate().point(), expected.kept()));
        // Student's t with 4 degrees over the normal quantile at 95%, from the printed tables.
        let farther = |end: f64| (got.estimate().point() + 2.131_846_8 / 1.644_853_6 * (end - got.estimate().point())).clamp(1.0, 5.0);
        assert!((got.estimate().interval().high() - farther(expected.estimate().interval().high())).abs() < 1e-6);
        assert!((got.estimate().interval().low() - farther(expected.estimate().interval().low())).abs() < 1e-6);
        assert_eq!(got.estimate().caution(), Some(Caution::FewValues { values: 7, least: 15 }));
        assert_eq!((got.estimate().n(), got.estimate().method()), (answers, Method::ShrunkenMean));
    }
}

#[test]
fn ratings_that_say_nothing_of_their_variance_are_an_error() {
    for rows in [&[][..], &[(0, 3)], &[(0, 3), (1, 5)]] {
        let tally = agents(2, rows);
        for error in [tally.pooled_variance().unwrap_err(), tally.mean_shrinkage().unwrap_err()] {
            assert_eq!(error.to_string(), "pooled variance is undefined: no group has two answers");
        }
    }
    let equal = agents(2, &[(0, 3), (0, 3), (1, 5), (1, 5)]);
    assert_eq!(equal.pooled_variance(), Ok(0.0));
    let error = equal.shrunken_means_by_group(Confidence::P95).unwrap_err();
    assert_eq!(error.to_string(), "spread of the team is undefined: the answers of every group are all equal");
}

/// Agents with 3 to 60 answers each, of whom many have answers that are all equal.
#[test]
fn shrunken_means_of_ratings_hold_the_true_means_and_are_nearer_to_them() {
    let mut random = Pcg64Mcg::seed_from_u64(29);
    let standard = Normal::new(0.0, 1.0).unwrap();
    let (teams, members) = (60, 40_u32);
    let (mut held, mut unanimous, mut shrunken_squares, mut plain_squares) = (0_u32, 0_u32, 0.0, 0.0);
    for _ in 0..teams {
        // A rating is where satisfaction falls between the steps of the scale.
        let rating = |satisfaction: f64| 1 + [-1.8, -1.0, -0.2, 0.6].iter().filter(|&&step| satisfaction > step).count() as u8;
        let levels: Vec<f64> = (0..members).map(|_| 0.3 * standard.sample(&mut random)).collect();
        let truths: Vec<f64> = levels
            .iter()
            .map(|level| {
                1.0 + [-1.8, -1.0, -0.2, 0.6].map(|step: f64| libm::erfc((step - level) / 2.0_f64.sqrt()) / 2.0).iter().sum::<f64>()
            })
            .collect();
        let mut rows = Vec::new();
        for (member, level) in (0..members).zip(&levels) {
            let answers = if member % 2 == 0 { 3 } else { 60 };
            rows.extend((0..answers).map(|_| (member, rating(level + standard.sample(&mut random)))));
        }
        let tally = agents(members, &rows);
        for ((member, shrunken), own) in tally.shrunken_means_by_group(Confidence::P95).unwrap().iter().zip(tally.tallies()) {
            let truth = truths[*member as usize];
            let mean: f64 = own.mean().unwrap().to_string().parse().unwrap();
            held += u32::from(shrunken.estimate().interval().contains(truth));
            unanimous += u32::from(own.mean_standard_error().unwrap() == 0.0);
            shrunken_squares += (shrunken.estimate().point() - truth).powi(2);
            plain_squares += (mean - truth).powi(2);
        }
    }
    let all = teams * members;
    println!("{held} of {all}, {unanimous} unanimous, squares {shrunken_squares} and {plain_squares}");
    // Of 2,400 members in 60 teams; four standard errors are 1.8 points.
    assert!((f64::from(held) / f64::from(all) - 0.95).abs() < 0.018, "{held}");
    assert!(unanimous > 50 && shrunken_squares < 0.5 * plain_squares, "{unanimous}: {shrunken_squares} and {plain_squares}");
}
