//! Retention against the time to resolution: the tally, both curves and the suggested limit, on data whose truth is known.

use std::time::Duration;

use customer_metrics::complaint::{Fate, ResolutionTime, ResolutionTimeTally, TimeScale};
use customer_metrics::{Confidence, Decimal, Error, MinorUnit, Proportion, Share, Tally};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::laws;

fn hours(hours: f64) -> Duration {
    Duration::from_secs_f64(hours * 3600.0)
}

fn row(time: f64, stayed: u64, left: u64) -> ResolutionTime {
    ResolutionTime { time: hours(time), stayed, left, unknown: 0 }
}

fn tally(rows: &[(f64, u64, u64)]) -> ResolutionTimeTally {
    ResolutionTimeTally::from_rows(rows.iter().map(|&(time, stayed, left)| row(time, stayed, left))).unwrap()
}

/// Complaints with times up to a week, who stay with the chance of their time.
fn simulated(seed: u64, complaints: usize, whole_days: bool, stays: impl Fn(f64) -> f64) -> ResolutionTimeTally {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let mut tally = ResolutionTimeTally::default();
    for _ in 0..complaints {
        let time: f64 = random.random::<f64>() * 168.0;
        let time = if whole_days { (time / 24.0).ceil() * 24.0 } else { time };
        let fate = if random.random::<f64>() < stays(time) { Fate::Stayed } else { Fate::Left };
        tally.record((hours(time), fate)).unwrap();
    }
    tally
}

fn fates() -> impl Strategy<Value = Vec<(Duration, Fate)>> {
    let fate = prop_oneof![Just(Fate::Stayed), Just(Fate::Left), Just(Fate::Unknown)];
    prop::collection::vec(((0_u64..30).prop_map(Duration::from_secs), fate), 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_tally_keeps_the_laws(a in fates(), b in fates(), c in fates()) {
        laws::check::<ResolutionTimeTally>(&(), [a, b, c]);
    }

    #[test]
    fn the_monotone_curve_is_the_min_of_max_of_means(records in fates()) {
        let mut tally = ResolutionTimeTally::default();
        tally.extend(records).unwrap();
        let rows: Vec<ResolutionTime> = tally.rows().filter(|row| row.stayed + row.left > 0).collect();
        prop_assume!(!rows.is_empty());
        let curve = tally.monotone().unwrap();
        for at in 0..rows.len() {
            let mean = |s: usize, u: usize| {
                let (stayed, known) = rows[s..=u].iter().fold((0, 0), |(k, n), row| (k + row.stayed, n + row.stayed + row.left));
                stayed as f64 / known as f64
            };
            let expected = (0..=at)
                .map(|s| (at..rows.len()).map(|u| mean(s, u)).fold(f64::NEG_INFINITY, f64::max))
                .fold(f64::INFINITY, f64::min);
            prop_assert!((curve.retention(rows[at].time).to_f64() - expected).abs() < 1e-12);
        }
        let shares: Vec<Share> = curve.steps().iter().map(|step| step.retention).collect();
        prop_assert!(shares.windows(2).all(|pair| pair[0].compare(&pair[1]).is_gt()));
        let (stayed, known) = shares.iter().fold((0, 0), |(k, n), share| (k + share.part(), n + share.whole()));
        prop_assert_eq!(Share::new(stayed, known).unwrap(), tally.retention().unwrap());
        for time in 0..30 {
            let time = Duration::from_secs(time);
            let [narrow, wide] = [0.8, 0.99].map(|level| curve.estimate(time, Confidence::new(level).unwrap()).interval());
            prop_assert!(wide.low() <= narrow.low() && narrow.high() <= wide.high());
            prop_assert!((0.0..=1.0).contains(&wide.low()) && (0.0..=1.0).contains(&wide.high()));
        }
        prop_assert!(curve.customers_kept(Duration::from_secs(5)).unwrap() >= Decimal::ZERO);
        prop_assert_eq!(curve.customers_kept(Duration::ZERO).unwrap(), Decimal::ZERO);
    }

    #[test]
    fn every_curve_exists_or_says_why(records in fates()) {
        let mut tally = ResolutionTimeTally::default();
        tally.extend(records).unwrap();
        for scale in [TimeScale::Hours, TimeScale::LogHours] {
            match tally.logistic(scale) {
                Ok(curve) => {
                    prop_assert!(curve.slope().is_finite() && curve.intercept().is_finite() && curve.log_likelihood() <= 0.0);
                    prop_assert!(curve.standard_errors().iter().all(|error| error.is_finite() && *error > 0.0));
                    prop_assert!((0.0..=1.0).contains(&curve.test_slope().unwrap().p_value()));
                    // At the optimum, as many are expected to stay as stayed.
                    let known = tally.rows().map(|row| (row.stayed + row.left) as f64 * curve.estimate(row.time, Confidence::P95).point());
                    prop_assert!((known.sum::<f64>() - tally.retention().unwrap().part() as f64).abs() < 1e-6);
                }
                Err(error) => assert!(matches!(error, Error::Undefined { .. }), "{error}"),
            }
        }
        match tally.suggested_quick_limit(Confidence::P95) {
            Ok(suggested) => {
                prop_assert!(suggested.earliest() <= suggested.limit().duration() && suggested.limit().duration() < suggested.before());
                prop_assert!(suggested.quick().compare(&suggested.slow()).is_gt());
                prop_assert!((0.0..=1.0).contains(&suggested.test().p_value()));
            }
            Err(error) => assert!(matches!(error, Error::Undefined { .. }), "{error}"),
        }
    }
}

#[test]
fn nothing_known_and_everything_alike_are_errors_that_say_so() {
    let undefined = |result: Result<_, Error>| matches!(result, Err(Error::Undefined { .. }));
    let empty = ResolutionTimeTally::default();
    assert!(undefined(empty.monotone().map(drop)) && undefined(empty.logistic(TimeScale::Hours).map(drop)));
    let unknown = ResolutionTimeTally::from_rows([ResolutionTime { time: hours(1.0), stayed: 0, left: 0, unknown: 9 }]).unwrap();
    assert_eq!(unknown.resolved(), 9);
    assert!(undefined(unknown.retention().map(drop)) && undefined(unknown.suggested_quick_limit(Confidence::P95).map(drop)));

    let separated = tally(&[(1.0, 10, 0), (2.0, 7, 0), (3.0, 0, 5)]);
    assert!(separated.logistic(TimeScale::Hours).unwrap_err().to_string().contains("separates"));
    let touching = tally(&[(1.0, 10, 0), (2.0, 7, 3), (3.0, 0, 5)]);
    assert!(touching.logistic(TimeScale::Hours).unwrap_err().to_string().contains("separates"));
    let one_time = tally(&[(1.0, 10, 3)]);
    assert!(one_time.logistic(TimeScale::Hours).unwrap_err().to_string().contains("equally long"));
    assert!(tally(&[(1.0, 10, 0), (2.0, 5, 0)]).logistic(TimeScale::Hours).unwrap_err().to_string().contains("all stayed"));
    assert!(separated.monotone().is_ok() && separated.suggested_quick_limit(Confidence::P95).is_ok());
}

/// Maximum likelihood with mpmath at 40 digits: `tests/data/logistic_retention.py`.
#[test]
fn the_logistic_curve_agrees_with_many_digits() {
    let file: serde_json::Value = serde_json::from_str(include_str!("../data/logistic_retention.json")).unwrap();
    let number = |value: &serde_json::Value| value.as_str().unwrap().parse::<f64>().unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert!(cases.len() >= 6);
    for case in cases {
        let rows: Vec<(f64, u64, u64)> = serde_json::from_value(case["rows"].clone()).unwrap();
        let scale = if case["scale"] == "hours" { TimeScale::Hours } else { TimeScale::LogHours };
        let curve = tally(&rows).logistic(scale).unwrap();
        let close = |name: &str, got: f64, tolerance: f64| {
            let expected = number(&case[name]);
            assert!((got - expected).abs() <= tolerance * expected.abs(), "{name} of {}: {got:e} is not {expected:e}", case["name"]);
        };
        close("intercept", curve.intercept(), 1e-10);
        close("slope", curve.slope(), 1e-10);
        close("se_intercept", curve.standard_errors()[0], 1e-9);
        close("se_slope", curve.standard_errors()[1], 1e-9);
        close("log_likelihood", curve.log_likelihood(), 1e-12);
        close("likelihood_ratio", curve.test_slope().unwrap().statistic(), 1e-7);
        close("at_24_low", curve.estimate(hours(24.0), Confidence::P95).interval().low(), 1e-9);
        close("at_24_high", curve.estimate(hours(24.0), Confidence::P95).interval().high(), 1e-9);
        let kept = curve.money_kept(hours(6.0), Decimal::ONE, MinorUnit::CENT, Confidence::P95).unwrap().customers;
        close("kept_6", kept.point(), 1e-8);
        close("kept_6_se", kept.interval().width() / 2.0 / 1.959_963_984_540_054, 1e-7);
        let hour = curve.money_per_hour(hours(24.0), Decimal::ONE, MinorUnit::CENT, Confidence::P95).unwrap().customers;
        close("per_hour_24", hour.point(), 1e-8);
        close("per_hour_24_se", hour.interval().width() / 2.0 / 1.959_963_984_540_054, 1e-7);
        if case["hosmer_lemeshow"].is_string() {
            close("hosmer_lemeshow", curve.test_fit().unwrap().statistic(), 1e-8);
        }
    }
}

#[test]
fn the_monotone_interval_covers_any_falling_curve() {
    let curves: [fn(f64) -> f64; 3] = [|t| 0.9 - 0.7 * t / 168.0, |t| if t <= 48.0 { 0.85 } else { 0.4 }, |_| 0.7];
    for (number, stays) in curves.into_iter().enumerate() {
        for whole_days in [false, true] {
            let (mut covered, mut asked) = (0_u32, 0_u32);
            for seed in 0..120 {
                let curve = simulated(seed * 7 + number as u64, 400, whole_days, stays).monotone().unwrap();
                for time in [24.0, 48.0, 96.0, 144.0] {
                    covered += u32::from(curve.estimate(hours(time), Confidence::P90).interval().contains(stays(time)));
                    asked += 1;
                }
            }
            let coverage = f64::from(covered) / f64::from(asked);
            assert!(coverage >= 0.885, "curve {number}, whole days {whole_days}: {coverage}");
        }
    }
}

#[test]
fn the_monotone_interval_narrows_with_more_complaints() {
    let width = |complaints| {
        let curve = simulated(3, complaints, false, |t| 0.9 - 0.7 * t / 168.0).monotone().unwrap();
        curve.estimate(hours(84.0), Confidence::P95).interval().width()
    };
    let [few, some, many] = [100, 2_000, 40_000].map(width);
    assert!(few > some && some > many && many < 0.1, "{few} {some} {many}");
}

#[test]
fn the_logistic_interval_covers_the_truth_and_the_test_fit_knows_the_form() {
    let truth = |t: f64| 1.0 / (1.0 + (-(2.0 - 0.02 * t)).exp());
    let (mut covered, mut slopes, mut misfits) = (0, 0, 0);
    let rounds = 400;
    for seed in 0..rounds {
        let curve = simulated(seed, 400, false, truth).logistic(TimeScale::Hours).unwrap();
        covered += usize::from(curve.estimate(hours(60.0), Confidence::P95).interval().contains(truth(60.0)));
        slopes += usize::from((curve.slope() + 0.02).abs() <= 1.96 * curve.standard_errors()[1]);
        misfits += usize::from(curve.test_fit().unwrap().p_value() < 0.05);
    }
    let rate = |count: usize| count as f64 / rounds as f64;
    assert!((0.92..=0.98).contains(&rate(covered)) && (0.92..=0.98).contains(&rate(slopes)), "{covered} {slopes}");
    assert!(rate(misfits) < 0.09, "{misfits}");
    // A hump is no logistic curve.
    let humped = simulated(1, 4_000, false, |t| if (60.0..110.0).contains(&t) { 0.9 } else { 0.5 }).logistic(TimeScale::Hours).unwrap();
    assert!(humped.test_fit().unwrap().p_value() < 1e-6);
}

#[test]
fn a_true_limit_is_found_and_covered_and_none_is_not_invented() {
    let rounds = 200;
    let rate = |count: u32| f64::from(count) / f64::from(rounds);
    // A gentle fall, a steep one, and whole days, where a limit of 60 hours lies between two recorded times.
    for (whole_days, quick, slow) in [(false, 0.85, 0.55), (false, 0.95, 0.05), (true, 0.9, 0.5)] {
        let (mut covered, mut near) = (0, 0);
        for seed in 0..rounds {
            let step = simulated(seed.into(), 400, whole_days, |t| if t <= 60.0 { quick } else { slow });
            let suggested = step.suggested_quick_limit(Confidence::P95).unwrap();
            covered += u32::from(suggested.earliest() <= hours(60.0) && hours(60.0) < suggested.before());
            near += u32::from((suggested.limit().duration().as_secs_f64() / 3600.0 - 60.0).abs() <= 12.0);
            assert!(suggested.test().p_value() < 1e-2, "{seed}: {}", suggested.test());
        }
        assert!(rate(covered) >= 0.94, "{whole_days} {quick}: {covered}");
        assert!(rate(near) >= 0.8, "{whole_days} {quick}: {near}");
    }
    let alarm = |seed: u32| {
        let nothing = simulated(u64::from(seed) + 1_000, 400, false, |_| 0.7).suggested_quick_limit(Confidence::P95);
        nothing.is_ok_and(|of_nothing| of_nothing.test().p_value() < 0.05)
    };
    let false_alarms = (0..rounds).map(|seed| u32::from(alarm(seed))).sum();
    assert!(rate(false_alarms) <= 0.06, "{false_alarms}");
}

#[test]
fn what_is_resolved_at_once_can_be_all_that_is_quick() {
    let at_once = tally(&[(0.0, 900, 100), (24.0, 40, 40), (48.0, 30, 40), (72.0, 20, 40)]);
    let suggested = at_once.suggested_quick_limit(Confidence::P95).unwrap();
    assert_eq!(suggested.limit().duration(), hours(12.0));
    assert_eq!((suggested.earliest(), suggested.before()), (Duration::ZERO, hours(24.0)));
    assert_eq!(suggested.quick().to_string(), "900 of 1000 (90.0%)");
}

#[test]
fn many_equal_times_leave_the_test_fit_its_level() {
    let truth = |t: f64| 1.0 / (1.0 + (-(1.5 - 0.01 * t)).exp());
    let rounds = 400;
    let mut rejected = 0;
    for seed in 0..rounds {
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let mut tally = ResolutionTimeTally::default();
        for number in 0..1_000 {
            let time = if number < 500 { 1.0 } else { 1.0 + 160.0 * random.random::<f64>() };
            let fate = if random.random::<f64>() < truth(time) { Fate::Stayed } else { Fate::Left };
            tally.record((hours(time), fate)).unwrap();
        }
        let test = tally.logistic(TimeScale::Hours).unwrap().test_fit().unwrap();
        assert!(test.degrees_of_freedom().is_some_and(|degrees| degrees <= 4.0));
        rejected += u32::from(test.p_value() < 0.05);
    }
    assert!(f64::from(rejected) / 400.0 < 0.09, "{rejected}");
}

#[test]
fn money_is_value_times_customers_rounded_once() {
    let tally = tally(&[(1.0, 45, 5), (8.0, 40, 10), (24.0, 42, 8), (72.0, 20, 30)]);
    let curve = tally.logistic(TimeScale::Hours).unwrap();
    let value = Decimal::from(1_000_000);
    let gain = curve.money_kept(hours(12.0), value, MinorUnit::CENT, Confidence::P95).unwrap();
    assert_eq!(gain.money.point(), MinorUnit::CENT.round(gain.money.point()));
    assert!((gain.money.point().to_string().parse::<f64>().unwrap() - gain.customers.point() * 1e6).abs() <= 0.006);
    assert!(gain.money.interval().low() <= gain.money.point() && gain.money.point() <= gain.money.interval().high());
    assert_eq!(curve.money_kept(Duration::ZERO, value, MinorUnit::CENT, Confidence::P95).unwrap().money.point(), Decimal::ZERO);
    let refused = curve.money_kept(hours(1.0), Decimal::from(-5), MinorUnit::CENT, Confidence::P95).unwrap_err();
    assert_eq!(refused.to_string(), "customer value is -5, but must be at least 0");
    assert!(curve.money_kept(hours(1.0), Decimal::MAX, MinorUnit::CENT, Confidence::P95).is_err());
    // Resolved at once, everybody stays at the rate of the first step.
    let free = tally.monotone().unwrap().customers_kept(Duration::MAX).unwrap();
    assert_eq!(free, "33".parse().unwrap()); // 0 + 50 (0.9 - 0.82) + 50 (0.9 - 0.82) + 50 (0.9 - 0.4)
    assert!(Proportion::new(free / Decimal::from(200)).is_ok());
}
