//! Shares: properties, worked examples, hostile input.

use customer_metrics::{Proportion, Share};
use proptest::prelude::*;

fn shares() -> impl Strategy<Value = Share> {
    prop_oneof![1..100_u64, 1..=u64::MAX].prop_flat_map(|whole| (0..=whole).prop_map(move |part| Share::new(part, whole).unwrap()))
}

proptest! {
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
    use customer_metrics::{Confidence, Interval, Method, Range, ShareMethod};
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
    for &method in ShareMethod::ALL {
        let json = serde_json::to_string(&method).unwrap();
        assert_eq!(serde_json::from_str::<ShareMethod>(&json).unwrap(), method);
        assert_eq!(serde_json::from_str::<Method>(&json).unwrap(), Method::from(method));
    }
    // What a decimal cannot hold exactly is not rounded.
    assert!(serde_json::from_str::<Proportion>(r#""1.00000000000000000000000000001""#).is_err());
    assert!(serde_json::from_str::<Proportion>("0.5").is_err());
}
