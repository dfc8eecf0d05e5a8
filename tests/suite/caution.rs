//! When there are too few answers for the method.

use customer_metrics::estimate::Caution;
use customer_metrics::{Confidence, Share, ShareMethod};
use proptest::prelude::*;

#[test]
fn the_textbook_interval_asks_for_ten_of_each_kind() {
    for (part, whole, few) in [(10, 20, None), (9, 20, Some(9.0)), (11, 20, Some(9.0)), (0, 1, Some(0.0)), (999_991, 1_000_000, Some(9.0))]
    {
        let share = Share::new(part, whole).unwrap();
        let expected = few.map(|answers| Caution::FewOfAKind { answers });
        assert_eq!(share.caution(ShareMethod::Wald), expected);
        assert_eq!(share.estimate_with(Confidence::P95, ShareMethod::Wald).caution(), expected);
    }
}

#[test]
fn the_z_test_asks_for_five_expected_of_each_kind_in_each_group() {
    let caution = |k1, n1, k2, n2| Share::new(k1, n1).unwrap().test_caution(&Share::new(k2, n2).unwrap());
    // 10 of 40 altogether, a fourth of them expected in the first group.
    assert_eq!(caution(0, 10, 10, 30), Some(Caution::FewExpected { expected: 2.5 }));
    assert_eq!(caution(10, 20, 0, 20), None);
    assert_eq!(caution(9, 20, 0, 20), Some(Caution::FewExpected { expected: 4.5 }));
    assert_eq!(caution(30, 40, 40, 40).map(|caution| caution.to_string()), None);
    assert_eq!(caution(8, 8, 90, 92).unwrap().to_string(), "an expected count of 0.2 is below 5");
}

proptest! {
    #[test]
    fn a_caution_does_not_depend_on_which_answer_counts(part in 0..1_000_u64, rest in 1..1_000_u64, k in 0..50_u64, m in 1..50_u64) {
        let (one, other) = (Share::new(part, part + rest).unwrap(), Share::new(k, k + m).unwrap());
        let (against, mirrored) = (one.test_caution(&other), one.complement().test_caution(&other.complement()));
        prop_assert_eq!(against, mirrored);
        prop_assert_eq!(against, other.test_caution(&one));
        for &method in ShareMethod::ALL {
            prop_assert_eq!(one.caution(method), one.complement().caution(method));
            prop_assert_eq!(one.caution(method), one.estimate_with(Confidence::P95, method).caution());
            prop_assert!(method == ShareMethod::Wald || one.caution(method).is_none());
        }
    }
}
