//! Rating tallies: laws, and every statistic against the sorted list of answers.

use customer_metrics::satisfaction::{GroupedRatingTally, RatingGroups, RatingTally, Scale};
use customer_metrics::{Decimal, Share, Tally};
use proptest::prelude::*;

use crate::laws;

fn scales() -> impl Strategy<Value = Scale> {
    (0..=250_u8, 1..=40_u8).prop_flat_map(|(low, width)| {
        let high = low.saturating_add(width).max(low + 1);
        (low + 1..=high).prop_map(move |satisfied_from| Scale::new(low, high, satisfied_from).unwrap())
    })
}

fn on(scale: Scale, most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(scale.low()..=scale.high(), 0..most)
}

fn scale_and_batches() -> impl Strategy<Value = (Scale, [Vec<Option<u8>>; 3])> {
    scales().prop_flat_map(|scale| {
        let batch = || prop::collection::vec(prop::option::of(scale.low()..=scale.high()), 0..40);
        (Just(scale), [batch(), batch(), batch()])
    })
}

fn scale_and_ratings() -> impl Strategy<Value = (Scale, Vec<u8>)> {
    scales().prop_flat_map(|scale| (Just(scale), on(scale, 200)))
}

proptest! {
    #[test]
    fn the_laws_hold((scale, batches) in scale_and_batches()) {
        if let Some(wrong) = (0..=255).find(|&rating| !scale.contains(rating)) {
            laws::check_refusal::<RatingTally>(&scale, batches[0].clone(), Some(wrong));
        }
        laws::check::<RatingTally>(&scale, batches);
    }

    #[test]
    fn the_laws_hold_for_groups(batches in prop::array::uniform3(prop::collection::vec((0..3_u32, prop::option::of(1..=7_u8)), 0..20))) {
        let groups = RatingGroups::new(Scale::ONE_TO_SEVEN, 3).unwrap();
        laws::check_refusal::<GroupedRatingTally>(&groups, batches[0].clone(), (3, Some(1)));
        laws::check_refusal::<GroupedRatingTally>(&groups, batches[1].clone(), (2, Some(8)));
        laws::check::<GroupedRatingTally>(&groups, batches);
    }

    #[test]
    fn a_column_a_list_and_pairs_give_the_same((scale, ratings) in scale_and_ratings()) {
        let mut column = RatingTally::empty(scale);
        column.record_column(&ratings).unwrap();
        let mut list = RatingTally::empty(scale);
        list.extend(ratings.iter().copied().map(Some)).unwrap();
        let mut pairs = RatingTally::empty(scale);
        pairs.record_counts(ratings.iter().map(|&rating| (rating, 1))).unwrap();
        prop_assert_eq!(&column, &list);
        prop_assert_eq!(&column, &pairs);
        let counts: Vec<u64> = column.distribution().map(|(_, count)| count).collect();
        prop_assert_eq!(RatingTally::from_counts(scale, &counts, 0).unwrap(), column);
    }

    #[test]
    fn every_statistic_agrees_with_the_sorted_answers((scale, mut ratings) in scale_and_ratings()) {
        prop_assume!(ratings.len() > 1);
        let mut tally = RatingTally::empty(scale);
        tally.record_column(&ratings).unwrap();
        ratings.sort_unstable();
        let n = ratings.len();
        let share = |part: usize| Share::new(part as u64, n as u64).unwrap();
        let count = |test: &dyn Fn(u8) -> bool| ratings.iter().filter(|&&rating| test(rating)).count();
        prop_assert_eq!(tally.csat().unwrap(), share(count(&|rating| rating >= scale.satisfied_from())));
        prop_assert_eq!(tally.top_box().unwrap(), share(count(&|rating| rating == scale.high())));
        prop_assert_eq!(tally.top_two_box().unwrap(), share(count(&|rating| rating >= scale.high() - 1)));
        prop_assert_eq!(tally.bottom_box().unwrap(), share(count(&|rating| rating == scale.low())));

        let decimals: Vec<Decimal> = ratings.iter().map(|&rating| Decimal::from(rating)).collect();
        let mean = decimals.iter().sum::<Decimal>() / Decimal::from(n);
        let close = |a: Decimal, b: Decimal| (a - b).abs() < Decimal::new(1, 20);
        prop_assert!(close(tally.mean().unwrap(), mean));
        let squares: Decimal = decimals.iter().map(|rating| (rating - mean) * (rating - mean)).sum();
        prop_assert!(close(tally.variance().unwrap(), squares / Decimal::from(n - 1)));
        prop_assert!(close(tally.population_variance().unwrap(), squares / Decimal::from(n)));
        prop_assert_eq!(tally.median().unwrap(), (decimals[(n - 1) / 2] + decimals[n / 2]) / Decimal::TWO);
        let most = (scale.low()..=scale.high()).map(|rating| count(&|given| given == rating)).max().unwrap();
        for mode in tally.modes().unwrap() {
            prop_assert_eq!(count(&|given| given == mode), most);
        }
    }

    #[test]
    fn a_wrong_rating_anywhere_in_a_column_is_found((scale, mut ratings) in scale_and_ratings(), at in any::<prop::sample::Index>()) {
        prop_assume!(!ratings.is_empty());
        let Some(wrong) = (0..=255).find(|&rating| !scale.contains(rating)) else { return Ok(()) };
        let row = at.index(ratings.len());
        ratings[row] = wrong;
        let mut tally = RatingTally::empty(scale);
        let error = tally.record_column(&ratings).unwrap_err();
        prop_assert_eq!(error.row(), Some(row));
        let names_the_value = error.to_string().contains(&format!("rating is {wrong},"));
        prop_assert!(names_the_value);
        prop_assert_eq!(tally, RatingTally::empty(scale));
    }

    #[test]
    fn grouped_tallies_are_the_tallies_of_the_groups(rows in prop::collection::vec((0..5_u32, 0..=5_u8), 0..200)) {
        let (groups, ratings): (Vec<u32>, Vec<u8>) = rows.iter().copied().unzip();
        let mut grouped = GroupedRatingTally::empty(RatingGroups::new(Scale::ONE_TO_FIVE, 5).unwrap());
        let unanswered = ratings.iter().position(|&rating| rating == 0);
        let strict = grouped.clone().record_columns(&groups, &ratings);
        prop_assert_eq!(strict.err().and_then(|error| error.row()), unanswered);
        grouped.record_columns_with_missing(&groups, &ratings, 0).unwrap();
        for (group, tally) in (0..5).zip(grouped.tallies()) {
            let mut alone = RatingTally::empty(Scale::ONE_TO_FIVE);
            alone.extend(rows.iter().filter(|row| row.0 == group).map(|row| (row.1 > 0).then_some(row.1))).unwrap();
            prop_assert_eq!(tally, alone);
        }
    }
}

/// 10 fives, 20 fours, 10 threes, 5 twos, 5 ones: CSAT 60%, mean 3.5 (Intercom's page on customer metrics).
#[test]
fn worked_example_of_intercom() {
    let mut tally = RatingTally::empty(Scale::ONE_TO_FIVE);
    tally.record_counts([(5, 10), (4, 20), (3, 10), (2, 5), (1, 5)]).unwrap();
    assert_eq!(tally.csat().unwrap().percent(0), Decimal::from(60));
    assert_eq!(tally.mean().unwrap(), Decimal::new(35, 1));
}

#[cfg(feature = "serde")]
#[test]
fn hostile_input_is_refused() {
    let mut grouped = GroupedRatingTally::empty(RatingGroups::new(Scale::ONE_TO_FIVE, 2).unwrap());
    grouped.record_columns_with_missing(&[0, 1, 1], &[5, 2, 0], 0).unwrap();
    let json = serde_json::to_string(&grouped).unwrap();
    assert_eq!(serde_json::from_str::<GroupedRatingTally>(&json).unwrap(), grouped);
    assert!(serde_json::from_str::<GroupedRatingTally>(&json.replace(r#""groups":2"#, r#""groups":3"#)).is_err());
    for hostile in [
        r#"{"scale":{"low":1,"high":5,"satisfied_from":4},"counts":[1,2,3],"missing":0}"#,
        r#"{"scale":{"low":5,"high":1,"satisfied_from":4},"counts":[],"missing":0}"#,
        r#"{"scale":{"low":1,"high":5,"satisfied_from":1},"counts":[0,0,0,0,0],"missing":0}"#,
        r#"{"scale":{"low":1,"high":2,"satisfied_from":2},"counts":[18446744073709551615,1],"missing":0}"#,
        r#"{"scale":{"low":1,"high":2,"satisfied_from":2},"counts":[0,0],"missing":-1}"#,
    ] {
        assert!(serde_json::from_str::<RatingTally>(hostile).is_err(), "{hostile}");
    }
}
