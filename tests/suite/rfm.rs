//! Scores of recency, frequency and money against their definition, and segments that share out all customers.

use customer_metrics::lifetime_value::CustomerBook;
use customer_metrics::repeat_buying::{RfmColumns, RfmRules, RfmScores, ScoreRule, SegmentRule, SegmentScheme, TieRule};
use customer_metrics::{Decimal, FixedColumn, MinorUnit, Proportion, Tally};
use proptest::prelude::*;

type Customer = (u32, u64, i64);

fn customers() -> impl Strategy<Value = Vec<Customer>> {
    // Many ties, some ties, none to speak of.
    prop_oneof![
        prop::collection::vec((0..4_u32, 1..4_u64, -2..3_i64), 0..40),
        prop::collection::vec((0..60_u32, 1..12_u64, 0..5_000_i64), 0..120),
        prop::collection::vec((any::<u32>(), 0..u64::MAX / 2, any::<i64>()), 0..60),
    ]
}

fn ties() -> impl Strategy<Value = TieRule> {
    prop_oneof![Just(TieRule::Lowest), Just(TieRule::Middle), Just(TieRule::Highest)]
}

fn score_rule() -> impl Strategy<Value = ScoreRule> {
    let cuts =
        prop::collection::btree_set(-3..40_i64, 1..9).prop_map(|cuts| ScoreRule::cuts(cuts.into_iter().collect::<Vec<_>>()).unwrap());
    prop_oneof![3 => (2..=9_u8, ties()).prop_map(|(bins, ties)| ScoreRule::quantiles(bins, ties).unwrap()), 1 => cuts]
}

fn scored(customers: &[Customer], rules: &RfmRules) -> RfmScores {
    let recency: Vec<u32> = customers.iter().map(|customer| customer.0).collect();
    let frequency: Vec<u64> = customers.iter().map(|customer| customer.1).collect();
    let money: Vec<i64> = customers.iter().map(|customer| customer.2).collect();
    RfmColumns::new(&recency, &frequency, FixedColumn::new(&money, MinorUnit::CENT)).unwrap().scores(rules).unwrap()
}

/// The definition, customer by customer.
fn by_definition(bins: u8, ties: TieRule, values: &[i64], is_worse: impl Fn(i64, i64) -> bool) -> Vec<u8> {
    let score = |&value: &i64| {
        let worse = values.iter().filter(|&&other| is_worse(other, value)).count();
        let equal = values.iter().filter(|&&other| other == value).count();
        let double_place = match ties {
            TieRule::Lowest => 2 * worse,
            TieRule::Middle => 2 * worse + equal - 1,
            _ => 2 * (worse + equal - 1),
        };
        1 + (usize::from(bins) * double_place / (2 * values.len())) as u8
    };
    values.iter().map(score).collect()
}

proptest! {
    #[test]
    fn scores_by_place_are_what_their_definition_says(customers in customers(), bins in 2..=9_u8, ties in ties()) {
        let rule = ScoreRule::quantiles(bins, ties).unwrap();
        let scores = scored(&customers, &RfmRules { recency: rule.clone(), frequency: rule.clone(), monetary: rule });
        let column = |of: fn(&Customer) -> i64| customers.iter().map(of).collect::<Vec<i64>>();
        prop_assert_eq!(scores.recency(), by_definition(bins, ties, &column(|customer| customer.0.into()), |a, b| a > b));
        prop_assert_eq!(scores.frequency(), by_definition(bins, ties, &column(|customer| customer.1.cast_signed()), |a, b| a < b));
        prop_assert_eq!(scores.monetary(), by_definition(bins, ties, &column(|customer| customer.2), |a, b| a < b));
    }

    #[test]
    fn a_better_value_never_has_a_worse_score_and_equal_ones_have_equal_scores(
        customers in customers(), recency in score_rule(), frequency in score_rule(), monetary in score_rule(),
    ) {
        let rules = RfmRules { recency, frequency, monetary };
        let scores = scored(&customers, &rules);
        prop_assert_eq!(scores.rows(), customers.len());
        for (a, left) in customers.iter().zip(scores.iter()) {
            for (value, best) in [(left.recency, rules.recency.bins()), (left.frequency, rules.frequency.bins()), (left.monetary, rules.monetary.bins())] {
                prop_assert!((1..=best).contains(&value));
            }
            for (b, right) in customers.iter().zip(scores.iter()) {
                prop_assert!(a.0 < b.0 || left.recency <= right.recency, "{a:?} {b:?}");
                prop_assert!(a.1 > b.1 || left.frequency <= right.frequency, "{a:?} {b:?}");
                prop_assert!(a.2 > b.2 || left.monetary <= right.monetary, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn the_order_of_customers_does_not_matter(customers in customers(), by in ties()) {
        let rules = RfmRules::quintiles(by);
        let scores = scored(&customers, &rules);
        let reversed: Vec<Customer> = customers.iter().rev().copied().collect();
        let back: Vec<_> = scored(&reversed, &rules).iter().collect::<Vec<_>>().into_iter().rev().collect();
        prop_assert_eq!(scores.iter().collect::<Vec<_>>(), back);
    }

    #[test]
    fn segments_share_out_all_customers_and_all_money(customers in customers(), by in ties()) {
        let scores = scored(&customers, &RfmRules::quintiles(by));
        let grid = SegmentScheme::recency_frequency_grid();
        let money: Vec<i64> = customers.iter().map(|customer| customer.2).collect();
        let segments = grid.segments(&scores).unwrap();
        for (score, &segment) in scores.iter().zip(&segments) {
            let holding = |rule: &SegmentRule| rule.recency().contains(&score.recency) && rule.frequency().contains(&score.frequency) && rule.monetary().contains(&score.monetary);
            prop_assert_eq!(grid.rules().iter().position(holding), Some(usize::from(segment)));
            prop_assert_eq!(grid.rules().iter().filter(|rule| holding(rule)).count(), 1);
        }
        let summary = grid.summary(&scores, FixedColumn::whole(&money));
        if customers.is_empty() {
            prop_assert!(summary.is_err());
            return Ok(());
        }
        let summary = summary.unwrap();
        prop_assert_eq!(summary.iter().map(|segment| segment.customers.part()).sum::<u64>(), customers.len() as u64);
        let mut all = summary[0].monetary.clone();
        for segment in &summary[1..] {
            all.merge(&segment.monetary).unwrap();
        }
        prop_assert_eq!(all.count(), customers.len() as u64);
        let total: i128 = money.iter().map(|&cents| i128::from(cents)).sum();
        prop_assert_eq!(all.total().unwrap().mantissa(), total);
        for (position, segment) in summary.iter().enumerate() {
            let count = segments.iter().filter(|&&other| usize::from(other) == position).count();
            prop_assert_eq!((segment.customers.part(), segment.name.as_str()), (count as u64, grid.rules()[position].name()));
        }
    }
}

/// The patterns that notebooks match pairs of scores with, one row of the grid for each recency.
#[test]
fn the_grid_is_that_of_the_notebooks() {
    let grid = [
        ["hibernating", "hibernating", "at risk", "at risk", "can't lose them"],
        ["hibernating", "hibernating", "at risk", "at risk", "can't lose them"],
        ["about to sleep", "about to sleep", "need attention", "loyal customers", "loyal customers"],
        ["promising", "potential loyalists", "potential loyalists", "loyal customers", "loyal customers"],
        ["new customers", "potential loyalists", "potential loyalists", "champions", "champions"],
    ];
    let scheme = SegmentScheme::recency_frequency_grid();
    for (recency, row) in (1_u8..).zip(grid) {
        for (frequency, expected) in (1_u8..).zip(row) {
            let holding = scheme.rules().iter().filter(|rule| rule.recency().contains(&recency) && rule.frequency().contains(&frequency));
            assert_eq!(holding.map(SegmentRule::name).collect::<Vec<_>>(), [expected]);
        }
    }
}

#[test]
fn scores_with_other_bins_have_no_segment_in_the_grid() {
    let quartiles = RfmRules { recency: ScoreRule::quantiles(4, TieRule::Lowest).unwrap(), ..RfmRules::default() };
    let scores = scored(&[(1, 1, 1)], &quartiles);
    let error = SegmentScheme::recency_frequency_grid().segments(&scores).unwrap_err();
    assert_eq!(error.to_string(), "bins differs: 555 and 455");
}

/// The scored money is the column that the concentration of a base is read from.
#[test]
fn the_top_fifth_by_score_brings_what_the_top_fifth_of_the_book_brings() {
    let money: Vec<i64> = (1..=50).map(|customer| customer * customer * 13 % 9_973).collect();
    let customers: Vec<Customer> = money.iter().map(|&cents| (0, 1, cents)).collect();
    let scores = scored(&customers, &RfmRules::quintiles(TieRule::Lowest));
    let top: i64 = scores.monetary().iter().zip(&money).filter(|(score, _)| **score == 5).map(|(_, cents)| cents).sum();
    let book = CustomerBook::from_minor_units(MinorUnit::CENT, money.as_slice());
    let fifth = Proportion::from_percent(20.into()).unwrap();
    let share = book.concentration().share_of_top(fifth).unwrap();
    assert_eq!((share * book.total().unwrap()).round_dp(10), Decimal::new(top, 2));
}

#[cfg(feature = "serde")]
#[test]
fn rules_and_schemes_survive_json_and_are_checked_on_the_way_in() {
    let rules = RfmRules { recency: ScoreRule::cuts([30, 90]).unwrap(), ..RfmRules::default() };
    let json = serde_json::to_string(&rules).unwrap();
    assert_eq!(serde_json::from_str::<RfmRules>(&json).unwrap(), rules);
    assert!(serde_json::from_str::<RfmRules>(&json.replace("[30,90]", "[90,30]")).is_err());
    let scheme = SegmentScheme::recency_frequency_grid();
    let json = serde_json::to_string(&scheme).unwrap();
    assert_eq!(serde_json::from_str::<SegmentScheme>(&json).unwrap(), scheme);
    assert!(serde_json::from_str::<SegmentScheme>(&json.replacen("\"end\":5", "\"end\":4", 1)).is_err());
}
