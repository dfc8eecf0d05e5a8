//! Confidence sequences: a 60-digit reference, properties, and how often whole paths are missed.

use customer_metrics::estimate::ConfidenceSequence;
use customer_metrics::{Confidence, Error, Interval, Method, Share};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

fn number(value: &serde_json::Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

fn sequence(prior: [f64; 2], level: f64) -> ConfidenceSequence {
    ConfidenceSequence::new(Confidence::new(level).unwrap()).with_prior(prior[0], prior[1]).unwrap()
}

/// `data/confidence_sequences.json`; the origin stands in the file.
#[test]
fn limits_agree_with_mpmath() {
    let file: serde_json::Value = serde_json::from_str(include_str!("../data/confidence_sequences.json")).unwrap();
    let rows = file["rows"].as_array().unwrap();
    assert!(rows.len() > 150);
    for row in rows {
        let share = Share::new(row["k"].as_u64().unwrap(), row["n"].as_u64().unwrap()).unwrap();
        let prior = [number(&row["prior"][0]), number(&row["prior"][1])];
        let level = number(&row["confidence"]);
        let interval = sequence(prior, level).interval(&share);
        let mirrored = sequence([prior[1], prior[0]], level).interval(&share.complement());
        for (got, expected) in [
            (interval.low(), number(&row["limits"][0])),
            (interval.high(), number(&row["limits"][1])),
            (mirrored.low(), number(&row["above_high"])),
        ] {
            let tolerance = if expected < 1e-100 { 1e-12 } else { 1e-13 };
            assert!((got - expected).abs() <= tolerance * expected, "{row}: {got:e} is not {expected:e}");
        }
    }
}

/// The part that is held after every number of answers, as the smallest and the largest count whose interval holds the true share.
fn held(interval: impl Fn(&Share) -> Interval, truth: f64, answers: u64) -> Vec<(u64, u64)> {
    let (mut low, mut high) = (0, 0);
    (1..=answers)
        .map(|n| {
            let at = |k| interval(&Share::new(k, n).unwrap());
            // Both rise by one at most with every answer.
            high = (high + 1).min(n);
            while at(high).low() > truth {
                high -= 1;
            }
            while at(low).high() < truth {
                low += 1;
            }
            (low, high)
        })
        .collect()
}

/// The exact probability that at least one of so many readings misses, by adding up the paths that are still held.
fn ever_missed(held: &[(u64, u64)], truth: f64) -> f64 {
    let mut paths = vec![0.0; held.len() + 1];
    paths[0] = 1.0;
    for (answers, &(low, high)) in held.iter().enumerate() {
        for k in (0..=answers + 1).rev() {
            let from_below = if k > 0 { paths[k - 1] * truth } else { 0.0 };
            paths[k] = paths[k] * (1.0 - truth) + from_below;
            if !(low..=high).contains(&(k as u64)) {
                paths[k] = 0.0;
            }
        }
    }
    1.0 - paths.iter().sum::<f64>()
}

#[test]
fn read_after_every_answer_it_misses_as_seldom_as_promised_and_wilson_does_not() {
    for (prior, level) in [([0.5, 0.5], 0.95), ([0.5, 0.5], 0.8), ([32.0, 8.0], 0.95), ([1.0, 1.0], 0.9)] {
        let daily = sequence(prior, level);
        for truth in [0.01, 0.3, 0.5, 0.8, 0.97] {
            let missed = ever_missed(&held(|share| daily.interval(share), truth, 2_000), truth);
            assert!(missed <= 1.0 - level, "{prior:?} at {level}, {truth}: {missed}");
            assert!(missed > 0.0);
        }
    }
    for truth in [0.3, 0.5, 0.8] {
        let missed = ever_missed(&held(|share| share.interval(Confidence::P95), truth, 2_000), truth);
        assert!(missed > 0.4, "Wilson at {truth}: {missed}");
    }
}

#[test]
fn simulated_paths_are_missed_as_often_as_the_recursion_says() {
    let (truth, paths, answers) = (0.8, 2_000, 2_000);
    let daily = ConfidenceSequence::new(Confidence::P95);
    let [sequence, wilson] =
        [held(|share| daily.interval(share), truth, answers), held(|share| share.interval(Confidence::P95), truth, answers)];
    let mut random = Pcg64Mcg::seed_from_u64(20_261_124);
    let mut missed = [0_u32; 2];
    for _ in 0..paths {
        let mut k = 0;
        let mut outside = [false; 2];
        for (in_sequence, in_wilson) in sequence.iter().zip(&wilson) {
            k += u64::from(random.random_bool(truth));
            for (is_outside, (low, high)) in outside.iter_mut().zip([in_sequence, in_wilson]) {
                *is_outside |= !(*low..=*high).contains(&k);
            }
        }
        missed.iter_mut().zip(outside).for_each(|(count, is_outside)| *count += u32::from(is_outside));
    }
    for (count, held) in missed.into_iter().zip([&sequence, &wilson]) {
        let (expected, got) = (ever_missed(held, truth), f64::from(count) / f64::from(paths));
        let spread = (expected * (1.0 - expected) / f64::from(paths)).sqrt();
        assert!((got - expected).abs() < 4.0 * spread, "{got} is not {expected}");
    }
    assert!(f64::from(missed[0]) <= 0.05 * f64::from(paths));
    assert!(f64::from(missed[1]) > 0.4 * f64::from(paths));
}

#[test]
fn what_it_says_of_itself_and_what_it_refuses() {
    let daily = ConfidenceSequence::default();
    assert_eq!((daily.confidence(), daily.prior()), (Confidence::P95, [0.5, 0.5]));
    assert_eq!(daily.estimate(&Share::new(1, 3).unwrap()).method(), Method::ConfidenceSequence);
    for wrong in [0.0, -1.0, 1e13, f64::NAN, f64::INFINITY] {
        assert!(matches!(daily.with_prior(wrong, 1.0), Err(Error::OutOfBounds { field: "counting", .. })), "{wrong}");
        assert!(matches!(daily.with_prior(1.0, wrong), Err(Error::OutOfBounds { field: "others", .. })), "{wrong}");
    }
}

#[cfg(feature = "serde")]
#[test]
fn it_is_read_back_through_its_checks() {
    let daily = sequence([32.0, 8.0], 0.9);
    let json = serde_json::to_string(&daily).unwrap();
    assert_eq!(json, r#"{"confidence":0.9,"counting":32.0,"others":8.0}"#);
    assert_eq!(serde_json::from_str::<ConfidenceSequence>(&json).unwrap(), daily);
    assert!(serde_json::from_str::<ConfidenceSequence>(&json.replace("32.0", "0")).is_err());
    assert!(serde_json::from_str::<ConfidenceSequence>(&json.replace('}', r#","more":1}"#)).is_err());
}

fn shares() -> impl Strategy<Value = Share> {
    prop_oneof![1..100_u64, 1..1_000_000_000_u64, 1..=u64::MAX]
        .prop_flat_map(|whole| prop_oneof![0..=whole, 0..=whole.min(50)].prop_map(move |part| Share::new(part, whole).unwrap()))
}

fn priors() -> impl Strategy<Value = [f64; 2]> {
    let shape = || prop_oneof![0.001..1.0_f64, 1.0..100.0_f64, 1.0..1e12_f64];
    [shape(), shape()]
}

proptest! {
    #[test]
    fn it_holds_the_share_nests_in_confidence_and_mirrors(share in shares(), prior in priors(), level in 1e-6..0.999_999_f64) {
        let interval = sequence(prior, level).interval(&share);
        prop_assert!(0.0 <= interval.low() && interval.high() <= 1.0 && interval.contains(share.to_f64()));
        let wider = sequence(prior, level + (1.0 - level) / 2.0).interval(&share);
        prop_assert!(wider.low() <= interval.low() * (1.0 + 1e-13) && interval.high() <= wider.high() * (1.0 + 1e-13));
        let mirrored = sequence([prior[1], prior[0]], level).interval(&share.complement());
        prop_assert!((interval.low() - (1.0 - mirrored.high())).abs() <= 1e-13);
        prop_assert!((interval.high() - (1.0 - mirrored.low())).abs() <= 1e-13);
    }

    #[test]
    fn it_is_wider_than_wilson_by_jeffreys_prior(part in 0..1_000_000_u64, rest in 5..1_000_000_u64) {
        let share = Share::new(part, part + rest).unwrap();
        let (daily, once) = (ConfidenceSequence::default().interval(&share), share.interval(Confidence::P95));
        prop_assert!(daily.width() > once.width());
    }
}
