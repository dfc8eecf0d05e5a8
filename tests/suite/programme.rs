//! What a retention programme kept, against the difference of its shares.

use customer_metrics::churn::{ProgrammeDesign, RetentionProgramme};
use customer_metrics::{Confidence, Decimal, Share};
use proptest::prelude::*;

fn shares() -> impl Strategy<Value = Share> {
    (1..100_000_u64).prop_flat_map(|whole| (0..=whole, Just(whole))).prop_map(|(part, whole)| Share::new(part, whole).unwrap())
}

fn float(value: Decimal) -> f64 {
    value.to_string().parse().unwrap()
}

proptest! {
    #[test]
    fn customers_and_money_are_the_difference_carried_through(
        without in shares(), with in shares(), customers in 0..10_000_000_u64, cents in 0..1_000_000_i64, cost in 0..1_000_000_000_i64,
    ) {
        let programme = RetentionProgramme::new(ProgrammeDesign::ComparisonGroup, without, with);
        let difference = with.difference(&without, Confidence::P90);
        prop_assert_eq!(programme.effect(Confidence::P90), difference);
        prop_assert_eq!(programme.number_needed(Confidence::P90), difference.number_needed());

        let kept = programme.customers_kept(customers, Confidence::P90).unwrap();
        let [k1, n1, k0, n0, all] = [with.part(), with.whole(), without.part(), without.whole(), customers].map(i128::from);
        // Multiplied out: kept x n1 x n0 = customers x (k1 n0 - k0 n1).
        let exact = Decimal::from_i128_with_scale(all * (k1 * n0 - k0 * n1), 0);
        let scale = Decimal::from_i128_with_scale(n1 * n0, 0);
        prop_assert!((kept.point * scale - exact).abs() <= Decimal::new(1, 6));
        let (n, interval) = (customers as f64, difference.interval());
        prop_assert!(kept.low <= kept.point && kept.point <= kept.high);
        for (end, expected) in [(kept.low, interval.low()), (kept.high, interval.high())] {
            prop_assert!((float(end) - n * expected).abs() <= n * 1.001e-12 + 1e-9, "{end} and {}", n * expected);
        }

        let value = Decimal::new(cents, 2);
        let cost = Decimal::new(cost, 2);
        let business = programme.business(customers, value, cost, Confidence::P90).unwrap();
        prop_assert_eq!(business.money_kept, programme.money_kept(customers, value, Confidence::P90).unwrap());
        for (net, kept) in [(business.net.low, kept.low), (business.net.point, kept.point), (business.net.high, kept.high)] {
            prop_assert!((net - (kept * value - cost)).abs() <= Decimal::new(1, 12));
        }
        prop_assert_eq!(business.return_on_cost().is_err(), cost.is_zero());
        if let Ok(returned) = business.return_on_cost() {
            prop_assert!((returned.point * cost - business.net.point).abs() <= Decimal::new(1, 6));
        }
    }
}

#[cfg(feature = "serde")]
#[test]
fn a_programme_survives_json_and_its_shares_are_checked() {
    let programme = RetentionProgramme::new(ProgrammeDesign::BeforeAndAfter, Share::new(1, 2).unwrap(), Share::new(2, 3).unwrap());
    let json = serde_json::to_string(&programme).unwrap();
    assert_eq!(json, r#"{"design":"before_and_after","without":{"part":1,"whole":2},"with":{"part":2,"whole":3}}"#);
    assert_eq!(serde_json::from_str::<RetentionProgramme>(&json).unwrap(), programme);
    assert!(serde_json::from_str::<RetentionProgramme>(&json.replace("\"part\":2", "\"part\":4")).is_err());
}
