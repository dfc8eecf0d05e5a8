//! League tables: order, ties, standings and where they come from.

use std::collections::BTreeMap;

use customer_metrics::estimate::{
    LeagueRow, LeagueSettings, LeagueTable, PValueAdjustment, Shrinkage, Standing, TestMethod, adjust_p_values,
};
use customer_metrics::satisfaction::{GroupedRatingTally, RatingGroups, Scale};
use customer_metrics::{Confidence, Error, Share, ShareMethod, Tally};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_distr::{Binomial, Distribution};
use rand_pcg::Pcg64Mcg;

fn share(part: u64, whole: u64) -> Share {
    Share::new(part, whole).unwrap()
}

fn table(counts: &[(u64, u64)]) -> LeagueTable<usize> {
    let (parts, wholes): (Vec<u64>, Vec<u64>) = counts.iter().copied().unzip();
    LeagueTable::from_columns(&parts, &wholes, Confidence::P95).unwrap()
}

fn positions<K>(table: &LeagueTable<K>) -> Vec<usize> {
    table.rows().iter().map(LeagueRow::given_at).collect()
}

#[test]
fn many_good_answers_come_before_a_few_perfect_ones() {
    let table = table(&[(3, 3), (180, 200), (0, 2), (45, 60)]);
    assert_eq!(positions(&table), [1, 3, 0, 2]);
    assert_eq!(table.ranks(), [3, 1, 4, 2]);
    assert_eq!(table.team(), share(228, 265));
    assert_eq!(table.settings(), LeagueSettings::default());
}

#[test]
fn the_same_low_end_is_the_same_rank_and_the_ranks_after_it_are_left_out() {
    let table = table(&[(0, 9), (8, 10), (0, 4), (8, 10), (9, 10), (0, 4), (1, 10)]);
    assert_eq!(table.ranks(), [5, 2, 5, 2, 1, 5, 4]);
    // Of those at 0, the one with most answers first, then as given.
    assert_eq!(positions(&table), [4, 1, 3, 6, 0, 2, 5]);
}

#[test]
fn each_member_is_tested_against_all_the_others() {
    let counts = [(150, 200), (180, 200), (160, 200), (100, 200), (2, 3)];
    let table = table(&counts);
    for row in table.rows() {
        let rest = share(592 - row.share().part(), 803 - row.share().whole());
        let test = row.test().unwrap();
        assert_eq!(test.method(), TestMethod::FisherExact);
        assert_eq!(test, row.share().test_difference_exact(&rest).unwrap());
        assert_eq!(test.caution(), None);
    }
    let standings: BTreeMap<usize, Standing> = table.rows().iter().map(|row| (row.given_at(), row.standing())).collect();
    // Alone the third would be told from the others, with p = 0.02, but it is one of five.
    let third = table.rows().iter().find(|row| row.given_at() == 2).unwrap();
    assert!(third.test().unwrap().is_significant(Confidence::P95));
    assert_eq!(
        standings.into_values().collect::<Vec<_>>(),
        [Standing::Alike, Standing::Above, Standing::Alike, Standing::Below, Standing::Alike]
    );
}

/// Holm by hand: the smallest p-value times the number of members, the next times one fewer, never falling.
#[test]
fn p_values_are_adjusted_by_holm() {
    let table = table(&[(150, 200), (180, 200), (160, 200), (100, 200), (152, 200), (148, 201)]);
    let mut p_values: Vec<(f64, f64)> = table.rows().iter().map(|row| (row.test().unwrap().p_value(), row.adjusted_p_value())).collect();
    p_values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut last = 0.0_f64;
    for (place, (p_value, adjusted)) in p_values.into_iter().enumerate() {
        last = last.max(((6 - place) as f64 * p_value).min(1.0));
        assert!((adjusted - last).abs() <= 1e-15, "{adjusted} is not {last}");
    }
}

#[test]
fn a_team_of_equals_is_seldom_told_apart_however_many_they_are() {
    let mut random = Pcg64Mcg::seed_from_u64(3);
    let (mut wrong, mut unadjusted) = (0, 0);
    for _ in 0..100 {
        let counts: Vec<(u64, u64)> = (0..60)
            .map(|_| {
                let whole = random.random_range(3..80_u64);
                ((0..whole).filter(|_| random.random_bool(0.8)).count() as u64, whole)
            })
            .collect();
        let table = table(&counts);
        wrong += u32::from(table.rows().iter().any(|row| row.standing() != Standing::Alike));
        let alone = |row: &LeagueRow<usize>| row.test().is_some_and(|test| test.is_significant(Confidence::P95));
        unadjusted += u32::from(table.rows().iter().any(alone));
    }
    // Five of a hundred teams at most are promised; 4 standard errors of the simulation are allowed for.
    assert!(f64::from(wrong) <= 100.0 * (0.05 + 4.0 * (0.05_f64 * 0.95 / 100.0).sqrt()), "{wrong}");
    assert!(unadjusted > 50, "{unadjusted}");
}

/// The adjusted level lies so far out in the tail that a normal approximation is wrong there, though more than five of each kind are expected.
#[test]
fn a_large_team_of_lopsided_equals_is_seldom_told_apart() {
    let mut random = Pcg64Mcg::seed_from_u64(8);
    for (members, answers, truth, teams) in [(20, 60, 0.9, 60), (1_000, 30, 0.8, 20), (1_000, 110, 0.95, 40), (10_000, 110, 0.95, 6)] {
        let binomial = Binomial::new(answers, truth).unwrap();
        for adjustment in [PValueAdjustment::Holm, PValueAdjustment::BenjaminiHochberg] {
            let settings = LeagueSettings { adjustment, ..LeagueSettings::default() };
            let wrong = (0..teams)
                .filter(|_| {
                    let team: Vec<Share> = (0..members).map(|_| share(binomial.sample(&mut random), answers)).collect();
                    let table = LeagueTable::from_shares_with(team.into_iter().enumerate(), settings).unwrap();
                    table.rows().iter().any(|row| row.standing() != Standing::Alike)
                })
                .count();
            // Among equals every discovery is a false one, so that both adjustments promise the same.
            let (wrong, teams) = (wrong as f64, f64::from(teams));
            assert!(wrong <= 0.05 * teams + 3.0 * (teams * 0.05 * 0.95).sqrt(), "{members} x {answers}, {adjustment}: {wrong} of {teams}");
        }
    }
}

/// Where a tenth are truly worse, those who are not are called so no more often than promised.
#[test]
fn the_good_ones_of_an_unequal_team_are_seldom_told_apart() {
    let mut random = Pcg64Mcg::seed_from_u64(9);
    let [good, poor] = [0.95, 0.7].map(|truth| Binomial::new(110, truth).unwrap());
    // The share of all is 0.925: nobody is like the rest, and the good ones may be called above, but never below.
    let (teams, mut wrong, mut found) = (40, 0, 0);
    for _ in 0..teams {
        let team = (0..500).map(|member| (member, share(if member < 50 { &poor } else { &good }.sample(&mut random), 110)));
        let table = LeagueTable::from_shares(team, Confidence::P95).unwrap();
        let below = || table.rows().iter().filter(|row| row.standing() == Standing::Below);
        wrong += u32::from(below().any(|row| *row.member() >= 50));
        found += below().count();
    }
    assert!(wrong <= 6, "{wrong}");
    assert!(found > teams * 25, "{found}");
}

#[test]
fn one_member_and_teams_without_a_difference_have_nothing_to_test() {
    for counts in [&[(7, 9)][..], &[(5, 5), (9, 9)], &[(0, 5), (0, 9), (0, 1)]] {
        for row in table(counts).rows() {
            assert_eq!((row.standing(), row.adjusted_p_value()), (Standing::Alike, 1.0), "{counts:?}");
            assert!(row.test().is_none_or(|test| test.p_value() >= 1.0));
        }
    }
}

#[test]
fn what_is_no_team_is_an_error() {
    let from = |parts: &[u64], wholes: &[u64]| LeagueTable::from_columns(parts, wholes, Confidence::P95).unwrap_err();
    assert!(matches!(from(&[], &[]), Error::Undefined { .. }));
    assert!(matches!(from(&[1], &[1, 1]), Error::Mismatch { .. }));
    assert!(matches!(from(&[1, 1], &[u64::MAX, 2]), Error::Overflow { .. }));
    assert_eq!(from(&[1, 0, 3], &[2, 0, 2]).row(), Some(1));
    assert_eq!(from(&[1, 3], &[2, 2]).to_string(), "row 1: part is 3, but must be at most 2");
}

#[test]
fn members_with_one_answer_each_are_ranked_and_not_shrunk() {
    let table = table(&[(1, 1), (0, 1), (1, 1)]);
    assert_eq!(table.ranks(), [1, 3, 1]);
    assert!(table.shrinkage().is_none());
    for row in table.rows() {
        assert_eq!((row.shrunken(), row.standing(), row.estimate()), (None, Standing::Alike, row.share().estimate(Confidence::P95)));
    }
}

#[test]
fn grouped_ratings_make_a_table_of_the_groups_with_answers() {
    let mut agents = GroupedRatingTally::empty(RatingGroups::new(Scale::ONE_TO_FIVE, 4).unwrap());
    agents.record_columns_with_missing(&[0, 3, 0, 3, 3, 3, 1, 0], &[5, 4, 4, 5, 5, 2, 0, 1], 0).unwrap();
    assert_eq!(agents.csat_by_group(), [(0, share(2, 3)), (3, share(3, 4))]);
    let table = LeagueTable::from_shares(agents.csat_by_group(), Confidence::P90).unwrap();
    assert_eq!(table.rows().iter().map(|row| (row.rank(), *row.member())).collect::<Vec<_>>(), [(1, 3), (2, 0)]);
}

#[cfg(feature = "serde")]
#[test]
fn a_table_is_read_off_as_json() {
    let json = serde_json::to_value(table(&[(3, 4), (1, 5)])).unwrap();
    assert_eq!(json["rows"][0]["member"], 0);
    assert_eq!(json["rows"][0]["standing"], "alike");
    assert_eq!(json["rows"][0]["given_at"], 0);
    assert_eq!(json["rows"][0]["estimate"]["n"], 4);
    assert_eq!(json["rows"][0]["test"]["method"], "fisher_exact");
    assert!(json["rows"][0]["adjusted_p_value"].as_f64().unwrap() > 0.05);
    assert!(json["rows"][0]["shrunken"]["kept"].is_number());
    assert!(json["rows"][0].get("figures").is_none());
    assert_eq!(json["team"]["whole"], 9);
}

fn teams() -> impl Strategy<Value = Vec<(u64, u64)>> {
    let counts = prop_oneof![1..8_u64, 1..300_u64, 1..1_000_000_u64].prop_flat_map(|whole| (0..=whole, Just(whole)));
    prop::collection::vec(counts, 1..20).prop_filter("more than one answer", |team| team.iter().any(|&(_, whole)| whole > 1))
}

fn methods() -> impl Strategy<Value = ShareMethod> {
    prop::sample::select(ShareMethod::ALL.to_vec())
}

fn adjustments() -> impl Strategy<Value = PValueAdjustment> {
    prop::sample::select(vec![PValueAdjustment::Holm, PValueAdjustment::BenjaminiHochberg, PValueAdjustment::Bonferroni])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn rows_are_ordered_by_their_low_ends_and_say_what_the_members_say(
        counts in teams(), method in methods(), level in 0.3..0.999_f64, adjustment in adjustments(),
    ) {
        let confidence = Confidence::new(level).unwrap();
        let members: Vec<Share> = counts.iter().map(|&(part, whole)| share(part, whole)).collect();
        let table = LeagueTable::from_shares_with(members.iter().copied().enumerate(), LeagueSettings { method, adjustment, confidence }).unwrap();
        let fit = Shrinkage::fit(&members).unwrap();
        prop_assert_eq!((table.shrinkage(), table.settings()), (Some(&fit), LeagueSettings { method, adjustment, confidence }));
        let alone: Vec<f64> = table.rows().iter().map(|row| row.test().map_or(1.0, |test| test.p_value())).collect();
        let adjusted: Vec<f64> = table.rows().iter().map(LeagueRow::adjusted_p_value).collect();
        prop_assert_eq!(adjust_p_values(&alone, adjustment).unwrap(), adjusted);
        prop_assert_eq!(table.rows().len(), members.len());
        for row in table.rows() {
            let member = members[row.given_at()];
            prop_assert_eq!((*row.member(), row.share()), (row.given_at(), member));
            prop_assert_eq!(row.estimate(), member.estimate_with(confidence, method));
            prop_assert_eq!(row.shrunken(), Some(fit.shrink(&member, confidence)));
            let low = |row: &LeagueRow<usize>| row.estimate().interval().low();
            let better = table.rows().iter().filter(|other| low(other) > low(row)).count();
            prop_assert_eq!(row.rank(), better + 1);
            prop_assert_eq!(table.ranks()[row.given_at()], row.rank());
            prop_assert_eq!(row.standing() != Standing::Alike, row.adjusted_p_value() <= 1.0 - level);
            prop_assert!(row.test().is_none_or(|test| test.p_value() <= row.adjusted_p_value() + 1e-15));
        }
    }

    #[test]
    fn permuting_members_permutes_rows(counts in teams(), seed: u64) {
        let mut order: Vec<usize> = (0..counts.len()).collect();
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        for place in (1..order.len()).rev() {
            order.swap(place, random.random_range(0..=place));
        }
        let straight = table(&counts);
        let shuffled = table(&order.iter().map(|&position| counts[position]).collect::<Vec<_>>());
        prop_assert_eq!(shuffled.shrinkage(), straight.shrinkage());
        let ranks = straight.ranks();
        prop_assert_eq!(shuffled.ranks(), order.iter().map(|&position| ranks[position]).collect::<Vec<_>>());
        for (one, other) in straight.rows().iter().zip(shuffled.rows()) {
            prop_assert_eq!((one.share(), one.estimate(), one.shrunken()), (other.share(), other.estimate(), other.shrunken()));
            prop_assert_eq!((one.standing(), one.adjusted_p_value()), (other.standing(), other.adjusted_p_value()));
        }
    }

    #[test]
    fn what_counts_and_what_does_not_mirror(counts in teams()) {
        let straight = table(&counts);
        let mirrored = table(&counts.iter().map(|&(part, whole)| (whole - part, whole)).collect::<Vec<_>>());
        let by_position = |table: &LeagueTable<usize>| -> BTreeMap<usize, (Standing, f64)> {
            table.rows().iter().map(|row| (row.given_at(), (row.standing(), row.adjusted_p_value()))).collect()
        };
        for ((standing, p_value), (other, other_p_value)) in by_position(&straight).into_values().zip(by_position(&mirrored).into_values()) {
            prop_assert!((p_value - other_p_value).abs() <= 1e-9 * p_value);
            let expected = match standing {
                Standing::Above => Standing::Below,
                Standing::Alike => Standing::Alike,
                Standing::Below => Standing::Above,
            };
            prop_assert!(other == expected || (p_value - 0.05).abs() < 1e-9);
        }
    }
}

#[cfg(feature = "serde")]
#[test]
fn settings_that_are_left_out_are_the_defaults() {
    let settings: LeagueSettings = serde_json::from_str(r#"{"confidence":0.9}"#).unwrap();
    assert_eq!(settings, LeagueSettings { confidence: Confidence::P90, ..LeagueSettings::default() });
    assert_eq!(serde_json::from_str::<LeagueSettings>("{}").unwrap(), LeagueSettings::default());
    assert!(serde_json::from_str::<LeagueSettings>(r#"{"confidance":0.9}"#).is_err());
}
