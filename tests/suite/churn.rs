//! Churn: laws, rates against a list of customers, period conversion, reasons, and the published examples.

use std::collections::HashMap;

use customer_metrics::churn::{
    ChurnDefinition, ChurnReason, ChurnReasonTally, ChurnTally, OwnReason, Passage, churn_over_fractional_periods, churn_over_periods,
    churn_summed_over_days, expected_lifetime_at_constant_churn,
};
use customer_metrics::published::{self, Topic};
use customer_metrics::{Decimal, Error, Proportion, Share, Tally};
use proptest::prelude::*;

use crate::laws;

const PASSAGES: [Passage; 4] = [Passage::Stayed, Passage::Lost, Passage::JoinedAndStayed, Passage::JoinedAndLost];

fn passages() -> impl Strategy<Value = Vec<Passage>> {
    prop::collection::vec(prop::sample::select(&PASSAGES), 0..60)
}

fn reasons() -> impl Strategy<Value = Vec<ChurnReason>> {
    let own = prop::sample::select(&["price", "Price", "geschäft zu", "价格", "a"]).prop_map(|text| text.parse().unwrap());
    let reason = prop_oneof![3 => prop::sample::select(&ChurnReason::NAMED), 1 => own];
    prop::collection::vec(reason, 0..40)
}

fn tally_of(passages: &[Passage]) -> ChurnTally {
    let mut tally = ChurnTally::default();
    tally.extend(passages.iter().copied()).unwrap();
    tally
}

fn reason_tally_of(reasons: &[ChurnReason]) -> ChurnReasonTally {
    let mut tally = ChurnReasonTally::default();
    tally.extend(reasons.iter().cloned()).unwrap();
    tally
}

fn close(a: Decimal, b: Decimal) -> bool {
    (a - b).abs() <= Decimal::new(1, 26) * b.abs().max(Decimal::ONE)
}

fn percent(value: &str) -> Proportion {
    Proportion::from_percent(value.parse().unwrap()).unwrap()
}

proptest! {
    #[test]
    fn the_laws_hold(a in passages(), b in passages(), c in passages()) {
        laws::check::<ChurnTally>(&(), [a, b, c]);
    }

    #[test]
    fn the_laws_hold_for_reasons(a in reasons(), b in reasons(), c in reasons()) {
        laws::check::<ChurnReasonTally>(&(), [a, b, c]);
    }

    /// Every passage and every reason that can be written down is valid, so that only a full tally refuses.
    #[test]
    fn a_batch_that_would_overflow_changes_nothing(before in passages(), room in 0..3_u64, passage in prop::sample::select(&PASSAGES)) {
        let mut tally = tally_of(&before);
        tally.merge(&ChurnTally::from_counts(u64::MAX - room - before.len() as u64, 0, 0, 0).unwrap()).unwrap();
        let unchanged = tally;
        let error = tally.extend(vec![passage; room as usize + 1]).unwrap_err();
        prop_assert_eq!((error.row(), error.field()), (Some(room as usize), Some("customers")));
        prop_assert_eq!(tally, unchanged);

        let mut reasons = ChurnReasonTally::from_counts([(ChurnReason::Died, u64::MAX - room)]).unwrap();
        let unchanged = reasons.clone();
        let own = ChurnReason::Other(OwnReason::new("price").unwrap());
        let error = reasons.extend(vec![own; room as usize + 1]).unwrap_err();
        prop_assert_eq!((error.row(), error.field()), (Some(room as usize), Some("lost customers")));
        prop_assert_eq!(reasons, unchanged);
    }

    #[test]
    fn every_rate_agrees_with_counting_the_customers(passages in passages()) {
        let tally = tally_of(&passages);
        let count = |wanted: &[Passage]| passages.iter().filter(|passage| wanted.contains(passage)).count() as u64;
        let start = count(&[Passage::Stayed, Passage::Lost]);
        let lost = count(&[Passage::Lost, Passage::JoinedAndLost]);
        let end = count(&[Passage::Stayed, Passage::JoinedAndStayed]);
        let all = passages.len() as u64;
        prop_assert_eq!((tally.at_start(), tally.lost(), tally.at_end(), tally.all_customers()), (start, lost, end, all));
        prop_assert_eq!(
            ChurnTally::from_counts(start, tally.lost_of_start(), tally.joined(), tally.lost_of_joined()).unwrap(),
            tally
        );

        let rate = |part: u64, whole: Decimal| (!whole.is_zero()).then(|| Decimal::from(part) / whole);
        let expected = [
            (ChurnDefinition::StartCohort, rate(count(&[Passage::Lost]), Decimal::from(start))),
            (ChurnDefinition::LostOverStart, rate(lost, Decimal::from(start))),
            (ChurnDefinition::LostOverAll, rate(lost, Decimal::from(all))),
            (ChurnDefinition::LostOverMean, rate(lost, Decimal::from(start + end) / Decimal::TWO)),
        ];
        for (definition, expected) in expected {
            match (tally.churn(definition), expected) {
                (Ok(churn), Some(expected)) => prop_assert!(close(churn, expected), "{definition}: {churn} is not {expected}"),
                (Err(Error::Undefined { .. }), None) => {}
                (churn, expected) => prop_assert!(false, "{definition}: {churn:?} where {expected:?}"),
            }
        }
        if let Ok(retention) = tally.retention() {
            prop_assert_eq!(retention.complement(), tally.start_cohort_churn().unwrap());
            prop_assert_eq!(tally.finish().unwrap().retention, retention);
        } else {
            prop_assert!(tally.finish().is_err());
        }
    }

    #[test]
    fn the_definitions_agree_where_no_one_joins_but_for_the_mean(start in 1..1_000_u64, lost in 0..1_000_u64) {
        prop_assume!(lost <= start);
        let tally = ChurnTally::from_counts(start, lost, 0, 0).unwrap();
        let churn = tally.churn(ChurnDefinition::StartCohort).unwrap();
        prop_assert_eq!(tally.churn(ChurnDefinition::LostOverStart).unwrap(), churn);
        prop_assert_eq!(tally.churn(ChurnDefinition::LostOverAll).unwrap(), churn);
        prop_assert!(tally.churn(ChurnDefinition::LostOverMean).unwrap() >= churn);
        prop_assert_eq!(churn_summed_over_days(&[tally]).unwrap(), churn);
    }

    #[test]
    fn customers_who_join_and_stay_change_no_rate_over_the_start(passages in passages(), joined in 0..100_usize) {
        let mut grown = passages.clone();
        grown.extend(vec![Passage::JoinedAndStayed; joined]);
        for definition in [ChurnDefinition::StartCohort, ChurnDefinition::LostOverStart] {
            prop_assert_eq!(tally_of(&grown).churn(definition), tally_of(&passages).churn(definition));
        }
    }

    #[test]
    fn whole_periods_compound_one_by_one(per_mille in 0..=1_000_u32, periods in 0..60_u32) {
        let churn = Proportion::new(Decimal::new(i64::from(per_mille), 3)).unwrap();
        let retention = Decimal::ONE - churn.to_decimal();
        let left = (0..periods).fold(Decimal::ONE, |left, _| left * retention);
        let difference = (churn_over_periods(churn, periods).to_decimal() - (Decimal::ONE - left)).abs();
        prop_assert!(difference <= Decimal::new(1, 28) * Decimal::from(2 * periods.max(1)));
    }

    #[test]
    fn few_digits_compound_without_any_rounding(percent in 0..=100_u32, periods in 0..=14_u32) {
        let left = u128::from(100 - percent).pow(periods);
        let exact = Decimal::from_i128_with_scale(i128::try_from(100_u128.pow(periods) - left).unwrap(), 2 * periods);
        let churn = Proportion::new(Decimal::new(i64::from(percent), 2)).unwrap();
        prop_assert_eq!(churn_over_periods(churn, periods).to_decimal(), exact);
    }

    #[test]
    fn fractional_periods_agree_with_whole_ones(per_mille in 0..=1_000_u32, periods in 0..60_u32) {
        let churn = Proportion::new(Decimal::new(i64::from(per_mille), 3)).unwrap();
        let floating = churn_over_fractional_periods(churn.to_f64(), f64::from(periods)).unwrap();
        let exact = churn_over_periods(churn, periods).to_f64();
        prop_assert!((floating - exact).abs() <= 1e-15 * exact, "{floating} is not {exact}");
    }

    #[test]
    fn there_and_back_is_the_same_rate_and_nothing_leaves_0_to_1(churn in 0.0..0.9_f64, periods in 0.001..30.0_f64) {
        let longer = churn_over_fractional_periods(churn, periods).unwrap();
        prop_assert!((0.0..=1.0).contains(&longer));
        prop_assume!(longer < 0.999);
        let back = churn_over_fractional_periods(longer, 1.0 / periods).unwrap();
        prop_assert!((back - churn).abs() < 1e-12, "{back} is not {churn}");
    }

    #[test]
    fn any_two_doubles_give_a_rate_or_an_error(churn in any::<f64>(), periods in any::<f64>(), inside in 0.0..=1.0_f64) {
        for churn in [churn, inside] {
            match churn_over_fractional_periods(churn, periods) {
                Ok(rate) => prop_assert!((0.0..=1.0).contains(&rate)),
                Err(error) => {
                    let out_of_bounds = matches!(error, Error::OutOfBounds { .. });
                    prop_assert!(out_of_bounds);
                }
            }
        }
    }

    #[test]
    fn the_lifetime_is_the_sum_of_those_who_are_left(percent in 20..=100_u32) {
        let churn = Proportion::new(Decimal::new(i64::from(percent), 2)).unwrap();
        let retention = Decimal::ONE - churn.to_decimal();
        let (mut left, mut sum) = (Decimal::ONE, Decimal::ZERO);
        for _ in 0..400 {
            sum += left;
            left *= retention;
        }
        let lifetime = expected_lifetime_at_constant_churn(churn).unwrap();
        prop_assert!((lifetime - sum).abs() < Decimal::new(1, 20));
    }

    #[test]
    fn the_pareto_table_agrees_with_a_sorted_list(reasons in reasons()) {
        let tally = reason_tally_of(&reasons);
        let mut counts: HashMap<ChurnReason, u64> = HashMap::new();
        for reason in &reasons {
            *counts.entry(reason.clone()).or_default() += 1;
        }
        let mut expected: Vec<(ChurnReason, u64)> = counts.into_iter().collect();
        expected.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let ranked: Vec<_> = tally.ranked().into_iter().map(|(reason, count)| (reason.clone(), count)).collect();
        prop_assert_eq!(&ranked, &expected);

        prop_assert_eq!(tally.pareto().is_err(), reasons.is_empty());
        let mut so_far = 0;
        for (row, (reason, count)) in tally.pareto().unwrap_or_default().into_iter().zip(expected) {
            so_far += count;
            prop_assert_eq!(row.share, Share::new(count, reasons.len() as u64).unwrap());
            prop_assert_eq!(row.cumulative, Share::new(so_far, reasons.len() as u64).unwrap());
            prop_assert_eq!(tally.share(&reason).unwrap(), row.share);
            prop_assert_eq!(row.reason, reason);
        }
        prop_assert_eq!(so_far, tally.lost());
    }

    #[test]
    fn no_smaller_set_of_reasons_explains_as_much(reasons in reasons(), per_mille in 0..=1_000_u64) {
        prop_assume!(!reasons.is_empty());
        let tally = reason_tally_of(&reasons);
        let at_least = Proportion::new(Decimal::from(per_mille) / Decimal::ONE_THOUSAND).unwrap();
        let needed = tally.fewest_explaining(at_least).unwrap();

        let counts: Vec<u64> = tally.counts().map(|(_, count)| count).collect();
        let enough = |subset: u32| {
            let kept = counts.iter().enumerate().filter(|(position, _)| subset >> position & 1 == 1);
            kept.map(|(_, count)| count).sum::<u64>() * 1_000 >= per_mille * reasons.len() as u64
        };
        let fewest = (0..1_u32 << counts.len()).filter(|&subset| enough(subset)).map(u32::count_ones).min().unwrap();
        prop_assert_eq!(needed.len(), fewest as usize);
        if let Some(last) = needed.last() {
            prop_assert!(last.cumulative.part() * 1_000 >= per_mille * reasons.len() as u64);
        }
    }

    #[test]
    fn any_text_is_a_reason_or_empty_and_reads_back(text in ".{0,12}") {
        match text.parse::<ChurnReason>() {
            Ok(reason) => {
                prop_assert_eq!(reason.to_string().parse::<ChurnReason>().unwrap(), reason.clone());
                laws::check::<ChurnReasonTally>(&(), [vec![reason.clone()], vec![], vec![reason]]);
            }
            Err(_) => prop_assert!(text.trim().is_empty()),
        }
    }
}

/// 1,000 at the start, 5% leave, 500 join, 12 of them leave: 6.2% (Recurly's "Butter of the Month"); the start cohort alone 5.0%
/// (ChartMogul's standard formula); by Stripe's formula 62 of 1,500.
#[test]
fn worked_example_of_recurly() {
    let july = ChurnTally::from_counts(1_000, 50, 500, 12).unwrap();
    let percent = |definition| (july.churn(definition).unwrap() * Decimal::ONE_HUNDRED).round_dp(2).normalize().to_string();
    assert_eq!(percent(ChurnDefinition::default()), "6.2");
    assert_eq!(percent(ChurnDefinition::LostOverStart), "6.2");
    assert_eq!(percent(ChurnDefinition::StartCohort), "5");
    assert_eq!(percent(ChurnDefinition::LostOverAll), "4.13");
    // 62 over the mean of 1,000 and 1,438.
    assert_eq!(percent(ChurnDefinition::LostOverMean), "5.09");
    assert_eq!(july.expected_lifetime_at_constant_churn().unwrap(), Decimal::from(20));
}

/// Monthly 1, 3, 5, 10% is 11.36, 30.62, 45.96, 71.76% a year (toption.org, "Convert Monthly To Annual Churn").
#[test]
fn worked_example_of_yearly_churn() {
    for (monthly, yearly) in [("1", "11.36"), ("3", "30.62"), ("5", "45.96"), ("10", "71.76")] {
        assert_eq!(churn_over_periods(percent(monthly), 12).percent(2).to_string(), yearly);
        let back = churn_over_fractional_periods(percent(yearly).to_f64(), 1.0 / 12.0).unwrap();
        assert!((back - percent(monthly).to_f64()).abs() < 1e-5, "{yearly}% a year is {back} a month");
    }
}

/// mpmath 1.3.0 at 400 digits, from the doubles as they stand here.
#[test]
fn fractional_periods_agree_with_mpmath_to_1e_15() {
    let rows = [
        (0.05, 12.0, 0.459_639_912_337_363_07),
        (0.4596, 1.0 / 12.0, 0.049_994_152_751_439_54),
        (1e-12, 1.0 / 12.0, 8.333_333_333_337_152e-14),
        (1e-300, 12.0, 1.2e-299),
        (0.1, 30.0 / 28.0, 0.106_747_753_203_327_48),
        (0.999_999, 1.0 / 365.0, 0.037_143_328_679_169_11),
        (0.5, 1e-9, 6.931_471_803_197_188e-10),
        (0.3, 1000.0, 1.0),
        (0.999_999_999_999_999_9, 2.0, 1.0),
        (1e-9, 1e9, 0.632_120_559_012_497_4),
    ];
    for (churn, periods, expected) in rows {
        let got = churn_over_fractional_periods(churn, periods).unwrap();
        assert!((got - expected).abs() <= 1e-15 * expected, "{churn} over {periods}: {got} is not {expected}");
    }
}

/// ChartMogul's "Shopify" formula: each day over its own base, then summed.
#[test]
fn a_growing_base_dilutes_the_daily_rates_but_not_the_rate_over_the_start() {
    let days = [(100, 1, 50, 0), (149, 1, 50, 1), (197, 2, 50, 0)].map(|(at_start, lost, joined, joined_lost)| {
        let day = ChurnTally::from_counts(at_start, lost, joined, joined_lost).unwrap();
        (day, Decimal::from(day.lost()) / Decimal::from(at_start))
    });
    let summed = churn_summed_over_days(&days.map(|(day, _)| day)).unwrap();
    assert!(close(summed, days.iter().map(|(_, rate)| rate).sum()));
    // 5 lost over 100 at the start of the first day.
    assert!(summed < Decimal::new(5, 2));
}

/// doc-000: why 100 customers left. The tally gives the published shares back; 68 of them service could have kept.
#[test]
fn the_seven_reasons_of_doc_000() {
    let published: Vec<_> = published::by_topic(Topic::ChurnReasons).map(|figure| figure.range().unwrap().low()).collect();
    let counts: Vec<u64> = published.iter().map(|share| u64::try_from(share * Decimal::ONE_HUNDRED).unwrap()).collect();
    let tally = ChurnReasonTally::from_counts(ChurnReason::NAMED.into_iter().zip(counts)).unwrap();
    assert_eq!(tally.lost(), 100);
    for (reason, share) in ChurnReason::NAMED.iter().zip(published) {
        assert_eq!(tally.share(reason).unwrap().to_decimal(), share, "{reason}");
    }
    assert_eq!(tally.preventable(&ChurnReason::PREVENTABLE_BY_SERVICE), Share::new(68, 100));
    let with_product = [ChurnReason::Indifference, ChurnReason::Product];
    assert_eq!(tally.preventable(&with_product), Share::new(78, 100));
    let most: Vec<_> = tally.fewest_explaining(percent("80")).unwrap().into_iter().map(|row| row.reason).collect();
    assert_eq!(most, [ChurnReason::Indifference, ChurnReason::Product, ChurnReason::Competition]);
}

#[cfg(feature = "serde")]
#[test]
fn hostile_input_is_refused_and_good_input_comes_back() {
    for hostile in [
        r#"{"at_start":1,"lost_of_start":2,"joined":0,"lost_of_joined":0}"#,
        r#"{"at_start":1,"lost_of_start":0,"joined":1,"lost_of_joined":2}"#,
        r#"{"at_start":18446744073709551615,"lost_of_start":0,"joined":1,"lost_of_joined":0}"#,
        r#"{"at_start":-1,"lost_of_start":0,"joined":1,"lost_of_joined":0}"#,
        r#"{"at_start":1,"lost_of_start":0,"joined":1}"#,
        r#"{"at_start":1,"lost_of_start":0,"joined":1,"lost_of_joined":0,"net":0}"#,
    ] {
        assert!(serde_json::from_str::<ChurnTally>(hostile).is_err(), "{hostile}");
    }
    for hostile in [
        r#"{"counts":[{"reason":" ","lost":1}]}"#,
        r#"{"counts":[{"reason":"price","lost":18446744073709551615},{"reason":"died","lost":1}]}"#,
        r#"{"counts":[{"reason":"price","lost":1,"won":1}]}"#,
        r#"{"counts":{"price":1}}"#,
    ] {
        assert!(serde_json::from_str::<ChurnReasonTally>(hostile).is_err(), "{hostile}");
    }
    assert_eq!(serde_json::from_str::<ChurnReason>(r#""Friends' Advice""#).unwrap(), ChurnReason::FriendsAdvice);
    assert_eq!(serde_json::to_string(&ChurnReason::MovedAway).unwrap(), r#""moved away""#);
    assert!(serde_json::from_str::<OwnReason>(r#""product""#).is_err());
    assert_eq!(serde_json::from_str::<Passage>(r#""joined_and_lost""#).unwrap(), Passage::JoinedAndLost);
    assert_eq!(serde_json::from_str::<ChurnDefinition>(r#""lost_over_all""#).unwrap(), ChurnDefinition::LostOverAll);
    let summary = ChurnTally::from_counts(3, 1, 0, 0).unwrap().finish().unwrap();
    let json = serde_json::to_string(&summary).unwrap();
    assert!(json.contains(r#""churn":"0.3333333333333333333333333333""#), "{json}");
    let fields: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(fields["retention"], serde_json::to_value(summary.retention).unwrap());
}
