//! Shares: properties, and Wilson intervals against a 60-digit reference.

use customer_metrics::{Confidence, Proportion, Share};
use proptest::prelude::*;

/// `data/wilson_intervals.json`: mpmath 1.4.1 at 60 digits, printed to 30; the origin stands in the file.
#[test]
fn wilson_intervals_agree_with_mpmath_to_1e_14() {
    let file: serde_json::Value = serde_json::from_str(include_str!("../data/wilson_intervals.json")).unwrap();
    let rows = file["rows"].as_array().unwrap();
    assert!(rows.len() > 50);
    for row in rows {
        let number = |value: &serde_json::Value| value.as_str().unwrap().parse::<f64>().unwrap();
        let share = Share::new(row["k"].as_u64().unwrap(), row["n"].as_u64().unwrap()).unwrap();
        let confidence = Confidence::new(number(&row["confidence"])).unwrap();
        let interval = share.interval(confidence);
        for (got, expected) in [(interval.low(), number(&row["wilson"][0])), (interval.high(), number(&row["wilson"][1]))] {
            assert!((got - expected).abs() <= 1e-14 * expected.abs(), "{share} at {confidence}: {got} is not {expected}");
        }
    }
}

fn shares() -> impl Strategy<Value = Share> {
    prop_oneof![1..100_u64, 1..=u64::MAX].prop_flat_map(|whole| (0..=whole).prop_map(move |part| Share::new(part, whole).unwrap()))
}

proptest! {
    #[test]
    fn an_interval_holds_its_share_and_stays_within_0_and_1(share in shares(), level in 0.01..0.999_f64) {
        let interval = share.interval(Confidence::new(level).unwrap());
        prop_assert!(0.0 <= interval.low() && interval.high() <= 1.0);
        prop_assert!(interval.contains(share.to_f64()));
        prop_assert_eq!(share.estimate(Confidence::new(level).unwrap()).interval(), interval);
    }

    #[test]
    fn intervals_mirror_nest_and_shrink(part in 0..1000_u64, rest in 0..1000_u64, factor in 2..50_u64) {
        prop_assume!(part + rest > 0);
        let share = Share::new(part, part + rest).unwrap();
        let (narrow, wide) = (share.interval(Confidence::P90), share.interval(Confidence::P99));
        prop_assert!(wide.low() <= narrow.low() && narrow.high() <= wide.high());
        let mirrored = share.complement().interval(Confidence::P90);
        prop_assert!((narrow.low() + mirrored.high() - 1.0).abs() < 1e-14);
        let more = Share::new(part * factor, (part + rest) * factor).unwrap().interval(Confidence::P90);
        prop_assert!(more.width() < narrow.width());
    }

    #[test]
    fn comparing_agrees_with_wide_integers_and_merging_lies_between(a in shares(), b in shares()) {
        let cross = (u128::from(a.part()) * u128::from(b.whole())).cmp(&(u128::from(b.part()) * u128::from(a.whole())));
        prop_assert_eq!(a.compare(&b), cross);
        prop_assert_eq!(b.compare(&a), cross.reverse());
        if let Ok(both) = a.merge(&b) {
            prop_assert_eq!(b.merge(&a), Ok(both));
            let (low, high) = if cross.is_le() { (a, b) } else { (b, a) };
            prop_assert!(low.compare(&both).is_le() && both.compare(&high).is_le());
        }
    }

    #[test]
    fn values_agree_with_each_other(share in shares()) {
        let proportion = share.to_proportion();
        prop_assert_eq!(proportion.to_decimal(), share.to_decimal());
        prop_assert!((proportion.to_f64() - share.to_f64()).abs() < 1e-15);
        let back = proportion.complement().to_decimal() + proportion.to_decimal();
        prop_assert_eq!(back, Proportion::ONE.to_decimal());
    }
}

/// Complaints per 1,000 policies: 1 of 1,138, 138 of 911,505, 158 of 40,235, 274 of 332,213, in all 0.44 (Scottish Friendly's report).
#[test]
fn worked_example_of_scottish_friendly() {
    let shares = [(1, 1_138), (138, 911_505), (158, 40_235), (274, 332_213)].map(|(part, whole)| Share::new(part, whole).unwrap());
    assert_eq!(shares.map(|share| share.per(1_000, 2).to_string()), ["0.88", "0.15", "3.93", "0.82"]);
    let all = shares.into_iter().reduce(|all, share| all.merge(&share).unwrap()).unwrap();
    assert_eq!(all.per(1_000, 2).to_string(), "0.44");
}

#[cfg(feature = "serde")]
#[test]
fn hostile_input_is_refused_and_good_input_comes_back() {
    use customer_metrics::{Interval, Range};
    let share = Share::new(54, 100).unwrap();
    assert_eq!(serde_json::from_str::<Share>(&serde_json::to_string(&share).unwrap()).unwrap(), share);
    for hostile in [r#"{"part":2,"whole":1}"#, r#"{"part":0,"whole":0}"#, r#"{"part":-1,"whole":1}"#, r#"{"part":1,"whole":1,"x":1}"#] {
        assert!(serde_json::from_str::<Share>(hostile).is_err(), "{hostile}");
    }
    assert!(serde_json::from_str::<Proportion>(r#""1.01""#).is_err());
    assert_eq!(serde_json::from_str::<Proportion>(r#""0.5""#).unwrap().to_string(), "50.0%");
    assert!(serde_json::from_str::<Confidence>("1.0").is_err());
    assert!(serde_json::from_str::<Interval>(r#"{"low":1.0,"high":0.0}"#).is_err());
    assert!(serde_json::from_str::<Range<Proportion>>(r#"{"low":"0.9","high":"0.1"}"#).is_err());
    let json = serde_json::to_value(share.estimate(Confidence::P99)).unwrap();
    assert_eq!((&json["point"], &json["method"], &json["n"]), (&0.54.into(), &"wilson".into(), &100.into()));
    // What a decimal cannot hold exactly is not rounded.
    assert!(serde_json::from_str::<Proportion>(r#""1.00000000000000000000000000001""#).is_err());
    assert!(serde_json::from_str::<Proportion>("0.5").is_err());
}
