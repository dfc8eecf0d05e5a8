//! Intervals for one share: a 60-digit reference, properties, and coverage by exact summation.

use customer_metrics::{Confidence, Share, ShareMethod};
use proptest::prelude::*;

fn is_jeffreys(method: ShareMethod) -> bool {
    matches!(method, ShareMethod::JeffreysEqualTailed | ShareMethod::JeffreysModified)
}

/// `data/share_intervals.json`: mpmath 1.4.1 at 60 digits; the origin stands in the file.
#[test]
fn every_method_agrees_with_mpmath() {
    let file: serde_json::Value = serde_json::from_str(include_str!("../data/share_intervals.json")).unwrap();
    let rows = file["rows"].as_array().unwrap();
    for (method, name) in [
        (ShareMethod::Wilson, "wilson"),
        (ShareMethod::WilsonCorrected, "wilson_corrected"),
        (ShareMethod::AgrestiCoull, "agresti_coull"),
        (ShareMethod::ClopperPearson, "clopper_pearson"),
        (ShareMethod::JeffreysEqualTailed, "jeffreys_equal_tailed"),
        (ShareMethod::JeffreysModified, "jeffreys_modified"),
        (ShareMethod::Wald, "wald"),
    ] {
        let mut checked = 0;
        for row in rows.iter().filter(|row| row.get(name).is_some()) {
            let number = |value: &serde_json::Value| value.as_str().unwrap().parse::<f64>().unwrap();
            let share = Share::new(row["k"].as_u64().unwrap(), row["n"].as_u64().unwrap()).unwrap();
            let confidence = Confidence::new(number(&row["confidence"])).unwrap();
            let interval = share.interval_with(confidence, method);
            let tolerance = if method == ShareMethod::Wilson { 1e-14 } else { 1e-13 };
            for (got, expected) in [(interval.low(), number(&row[name][0])), (interval.high(), number(&row[name][1]))] {
                assert!((got - expected).abs() <= tolerance * expected, "{share} at {confidence} by {method}: {got} is not {expected}");
            }
            checked += 1;
        }
        assert!(checked > 80, "{method}");
    }
}

/// Table I of Newcombe (1998): 81 of 263, 15 of 148, 0 of 20 and 1 of 29 at 95%, to four places.
#[test]
fn worked_examples_of_newcombe() {
    for (method, expected) in [
        (ShareMethod::Wald, ["0.2522 to 0.3638", "0.0527 to 0.1500", "0.0000 to 0.0000", "0.0000 to 0.1009"]),
        (ShareMethod::Wilson, ["0.2553 to 0.3662", "0.0624 to 0.1605", "0.0000 to 0.1611", "0.0061 to 0.1718"]),
        (ShareMethod::WilsonCorrected, ["0.2535 to 0.3682", "0.0598 to 0.1644", "0.0000 to 0.2005", "0.0018 to 0.1963"]),
        (ShareMethod::ClopperPearson, ["0.2527 to 0.3676", "0.0578 to 0.1617", "0.0000 to 0.1684", "0.0009 to 0.1776"]),
    ] {
        let shares = [(81, 263), (15, 148), (0, 20), (1, 29)].map(|(part, whole)| Share::new(part, whole).unwrap());
        assert_eq!(shares.map(|share| format!("{:.4}", share.interval_with(Confidence::P95, method))), expected, "{method}");
    }
}

fn methods() -> impl Strategy<Value = ShareMethod> {
    prop::sample::select(ShareMethod::ALL.to_vec())
}

fn shares() -> impl Strategy<Value = Share> {
    prop_oneof![1..100_u64, 1..1_000_000_000_u64, 1..=u64::MAX]
        .prop_flat_map(|whole| prop_oneof![0..=whole, 0..=whole.min(50)].prop_map(move |part| Share::new(part, whole).unwrap()))
}

proptest! {
    #[test]
    fn an_interval_holds_its_share_and_stays_within_0_and_1(share in shares(), method in methods(), level in 0.01..0.999_f64) {
        let confidence = Confidence::new(level).unwrap();
        let interval = share.interval_with(confidence, method);
        prop_assert!(0.0 <= interval.low() && interval.high() <= 1.0);
        prop_assert!(is_jeffreys(method) || interval.contains(share.to_f64()));
        let estimate = share.estimate_with(confidence, method);
        prop_assert!(estimate.interval().contains(estimate.point()));
        prop_assert!(estimate.interval().low() <= interval.low() && interval.high() <= estimate.interval().high());
        prop_assert!(method == ShareMethod::JeffreysEqualTailed || level < 0.3 || estimate.interval() == interval);
    }

    #[test]
    fn the_default_is_wilson(share in shares(), level in 0.01..0.999_f64) {
        let confidence = Confidence::new(level).unwrap();
        prop_assert_eq!(share.interval(confidence), share.interval_with(confidence, ShareMethod::default()));
        prop_assert_eq!(share.estimate(confidence), share.estimate_with(confidence, ShareMethod::Wilson));
    }

    #[test]
    fn intervals_mirror_and_nest(share in shares(), method in methods(), level in 0.01..0.99_f64, more in 0.001..0.009_f64) {
        let narrow = share.interval_with(Confidence::new(level).unwrap(), method);
        let wide = share.interval_with(Confidence::new(level + more).unwrap(), method);
        // Where the interval is as narrow as the spacing of doubles, the last digit may go either way.
        prop_assert!(wide.low() <= narrow.low() * (1.0 + 1e-13) && narrow.high() <= wide.high() * (1.0 + 1e-13));
        let mirrored = share.complement().interval_with(Confidence::new(level).unwrap(), method);
        prop_assert!((narrow.low() + mirrored.high() - 1.0).abs() < 1e-15);
        prop_assert!((narrow.high() + mirrored.low() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn more_of_the_same_is_surer(part in 0..1000_u64, rest in 0..1000_u64, factor in 2..1_000_000_u64, method in methods()) {
        prop_assume!(part + rest > 0);
        let once = Share::new(part, part + rest).unwrap().interval_with(Confidence::P90, method);
        let often = Share::new(part * factor, (part + rest) * factor).unwrap().interval_with(Confidence::P90, method);
        let no_width = method == ShareMethod::Wald && (part == 0 || rest == 0);
        prop_assert!(often.width() < once.width() || no_width && often.width() <= 0.0);
    }

    #[test]
    fn the_methods_keep_their_order(part in 0..2000_u64, rest in 0..2000_u64, level in 0.5..0.999_f64) {
        prop_assume!(part + rest > 0);
        let share = Share::new(part, part + rest).unwrap();
        let by = |method| share.interval_with(Confidence::new(level).unwrap(), method);
        let within = |inner: ShareMethod, outer: ShareMethod| {
            by(outer).low() <= by(inner).low() + 1e-15 && by(inner).high() <= by(outer).high() + 1e-15
        };
        prop_assert!(within(ShareMethod::Wilson, ShareMethod::AgrestiCoull));
        prop_assert!(within(ShareMethod::Wilson, ShareMethod::WilsonCorrected));
        prop_assert!(within(ShareMethod::JeffreysModified, ShareMethod::ClopperPearson));
    }
}

/// Coverage summed over all outcomes of `n` answers at `points` true shares up to 1/2, beyond which it mirrors: the least and the mean.
fn coverage(method: ShareMethod, n: u32, points: u32) -> (f64, f64) {
    let intervals: Vec<_> = (0..=n).map(|k| Share::new(k.into(), n.into()).unwrap().interval_with(Confidence::P95, method)).collect();
    let (mut least, mut sum) = (1.0_f64, 0.0);
    for point in 1..points {
        let p = f64::from(point) / f64::from(points) / 2.0;
        let mut probability = (f64::from(n) * (-p).ln_1p()).exp();
        let mut covered = 0.0;
        for (k, interval) in (0..=n).zip(&intervals) {
            if interval.contains(p) {
                covered += probability;
            }
            probability *= f64::from(n - k) / f64::from(k + 1) * p / (1.0 - p);
        }
        least = least.min(covered);
        sum += covered;
    }
    (least, sum / f64::from(points - 1))
}

/// What Brown, Cai and DasGupta (2001) found, by the same exact summation.
#[test]
fn coverage_is_near_nominal() {
    for n in [10, 20, 30, 50, 100, 200] {
        for &method in ShareMethod::ALL {
            let (least, mean) = coverage(method, n, 1009);
            let (least_allowed, mean_allowed) = match method {
                ShareMethod::ClopperPearson | ShareMethod::WilsonCorrected => (0.95 - 1e-12, 0.96..0.985),
                ShareMethod::AgrestiCoull => (0.92, 0.953..0.966),
                ShareMethod::Wilson => (0.83, 0.95..0.955),
                ShareMethod::JeffreysModified | ShareMethod::JeffreysEqualTailed => (0.86, 0.949..0.954),
                _ => (0.0, 0.76..0.94),
            };
            assert!(least >= least_allowed && mean_allowed.contains(&mean), "{method}, n = {n}: at least {least}, on average {mean}");
        }
    }
}
