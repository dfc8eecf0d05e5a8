//! What a retention programme kept, against the difference of its shares.

use customer_metrics::churn::{ProgrammeDesign, RetentionProgramme};
use customer_metrics::{Confidence, Decimal, MinorUnit, Share};
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
        let programme = RetentionProgramme { design: ProgrammeDesign::ComparisonGroup, without, with };
        let difference = with.difference(&without, Confidence::P90);
        prop_assert_eq!(programme.effect(Confidence::P90), difference);
        prop_assert_eq!(programme.number_needed(Confidence::P90), difference.number_needed());

        let kept = programme.customers_kept(customers, Confidence::P90).unwrap();
        let [k1, n1, k0, n0, all] = [with.part(), with.whole(), without.part(), without.whole(), customers].map(i128::from);
        // Multiplied out: kept = customers x (k1 n0 - k0 n1) / (n1 n0).
        let exact = (all * (k1 * n0 - k0 * n1)) as f64 / (n1 * n0) as f64;
        prop_assert!((kept.point() - exact).abs() <= 1e-15 * customers as f64 + 4.0 * f64::EPSILON * exact.abs());
        prop_assert_eq!(kept.n(), with.whole() + without.whole());
        let (n, interval) = (customers as f64, difference.interval());
        prop_assert!(kept.interval().contains(kept.point()));
        for (end, expected) in [(kept.interval().low(), interval.low()), (kept.interval().high(), interval.high())] {
            prop_assert!((end - n * expected).abs() <= n * 1e-15, "{end} and {}", n * expected);
        }

        let value = Decimal::new(cents, 2);
        let cost = Decimal::new(cost, 2);
        let case = programme.business_case(customers, value, cost, MinorUnit::CENT, Confidence::P90).unwrap();
        let money = programme.money_kept(customers, value, MinorUnit::CENT, Confidence::P90).unwrap();
        prop_assert_eq!(case.money_kept, money);
        prop_assert!((float(money.point()) - kept.point() * float(value)).abs() <= 0.005 + 1e-14 * n * float(value));
        prop_assert_eq!(case.net.point(), money.point() - cost);
        prop_assert_eq!(case.net.interval().low(), money.interval().low() - cost);
        prop_assert_eq!(case.net.interval().high(), money.interval().high() - cost);
        let returned = case.return_on_investment();
        prop_assert_eq!(returned.is_err(), cost.is_zero());
        if let Ok(returned) = returned {
            let expected = float(case.net.point()) / float(cost);
            prop_assert!((returned.point() - expected).abs() <= 1e-14 * expected.abs());
        }
    }
}

#[cfg(feature = "serde")]
#[test]
fn a_programme_survives_json_and_its_shares_are_checked() {
    let (without, with) = (Share::new(1, 2).unwrap(), Share::new(2, 3).unwrap());
    let programme = RetentionProgramme { design: ProgrammeDesign::BeforeAndAfter, without, with };
    let json = serde_json::to_string(&programme).unwrap();
    assert_eq!(json, r#"{"design":"before_and_after","without":{"part":1,"whole":2},"with":{"part":2,"whole":3}}"#);
    assert_eq!(serde_json::from_str::<RetentionProgramme>(&json).unwrap(), programme);
    assert!(serde_json::from_str::<RetentionProgramme>(&json.replace("\"part\":2", "\"part\":4")).is_err());
}
