//! Money tallies: laws and exactness.

use customer_metrics::{Decimal, MinorUnit, MoneyTally, Tally};
use proptest::prelude::*;

use crate::laws;

fn amounts() -> impl Strategy<Value = Vec<Decimal>> {
    prop::collection::vec((-1_000_000_000_000_i64..1_000_000_000_000).prop_map(|cents| Decimal::new(cents, 2)), 0..40)
}

proptest! {
    #[test]
    fn the_laws_hold(a in amounts(), b in amounts(), c in amounts()) {
        laws::check::<MoneyTally>(&MinorUnit::CENT, [a.clone(), b, c]);
        laws::check_refusal::<MoneyTally>(&MinorUnit::CENT, a, Decimal::new(1, 3));
    }

    #[test]
    fn the_total_is_the_sum_of_the_cents(cents in prop::collection::vec(any::<i64>(), 0..40)) {
        let mut tally = MoneyTally::default();
        tally.extend(cents.iter().map(|&cents| Decimal::new(cents, 2))).unwrap();
        let expected: i128 = cents.iter().map(|&cents| i128::from(cents)).sum();
        prop_assert_eq!(tally.total().unwrap(), Decimal::from_i128_with_scale(expected, 2));
        prop_assert_eq!(tally.count(), cents.len() as u64);
    }
}

#[test]
fn near_29_digits_decimal_addition_depends_on_the_order_and_the_tally_does_not() {
    let large = Decimal::from_i128_with_scale(7_000_000_000_000_000_000_000_000_000, 0);
    let amounts = [large, Decimal::new(4, 1), Decimal::new(4, 1), -large, Decimal::new(4, 1)];
    let mut forwards = MoneyTally::empty(MinorUnit::new(1).unwrap());
    let mut backwards = forwards.clone();
    forwards.extend(amounts).unwrap();
    backwards.extend(amounts.into_iter().rev()).unwrap();
    assert_eq!(forwards, backwards);
    assert_eq!(forwards.total(), Ok(Decimal::new(12, 1)));
}
