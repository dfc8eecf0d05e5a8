//! Cohorts: laws, properties, and a slow recomputation of every cell from the events themselves.

use std::collections::{BTreeMap, BTreeSet};

use customer_metrics::churn::{
    CohortCell, CohortSettings, CohortStart, CohortTally, CustomerActivity, OffsetBracket, PeriodWindow, RetentionDefinition,
};
use customer_metrics::{Confidence, Error, Share, Tally};
use proptest::prelude::*;

use crate::laws;

const FIRST: u32 = 100;

const DEFINITIONS: [RetentionDefinition; 4] =
    [RetentionDefinition::Exact, RetentionDefinition::Unbounded, RetentionDefinition::WithinBracket, RetentionDefinition::EveryPeriod];

fn settings(periods: u32, look_ahead: u32) -> CohortSettings {
    let most = periods - 1;
    let brackets = [(0, 0), (1, 2), (4, 6), (7, 7)].into_iter().filter(|&(_, to)| to <= most);
    let brackets: Vec<_> = brackets.map(|(from, to)| OffsetBracket::new(from, to).unwrap()).collect();
    let window = PeriodWindow::new(FIRST, FIRST + most).unwrap();
    CohortSettings::new(window).with_brackets(&brackets).unwrap().with_look_ahead(look_ahead)
}

/// Customers with close and far numbers, periods from the first on.
fn events(periods: u32) -> impl Strategy<Value = Vec<(u64, u32)>> {
    let customer = prop_oneof![4 => 0..8_u64, 1 => Just(u64::MAX), 1 => any::<u64>()];
    prop::collection::vec((customer, FIRST..FIRST + periods), 0..80)
}

/// Few enough periods and close enough numbers for the fast path, or not.
fn cases() -> impl Strategy<Value = (u32, Vec<(u64, u32)>)> {
    prop_oneof![Just(1_u32), Just(9), Just(64), Just(65), Just(1024)].prop_flat_map(|periods| {
        let close = prop::collection::vec((0..8_u64, FIRST..FIRST + periods.min(12)), 0..80);
        (Just(periods), prop_oneof![events(periods), events(periods.min(10)), close])
    })
}

fn of_events(settings: CohortSettings, events: &[(u64, u32)]) -> CohortTally {
    let (customers, periods): (Vec<u64>, Vec<u32>) = events.iter().copied().unzip();
    let mut tally = CohortTally::empty(settings);
    tally.record_events(&customers, &periods).unwrap();
    tally
}

fn by_customer(events: &[(u64, u32)]) -> BTreeMap<u64, BTreeSet<u32>> {
    let mut periods: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
    for &(customer, period) in events {
        periods.entry(customer).or_default().insert(period);
    }
    periods
}

/// The cell by asking every customer of the cohort.
fn slow_cell(
    settings: &CohortSettings,
    cohort: u32,
    customers: &[(u32, BTreeSet<u32>)],
    definition: RetentionDefinition,
    column: OffsetBracket,
) -> CohortCell {
    let last = settings.window().last();
    let members = || customers.iter().filter(|(start, _)| *start == cohort);
    let active = |periods: &BTreeSet<u32>, offset: u32| periods.contains(&(cohort + offset));
    let is_retained = |periods: &BTreeSet<u32>| match definition {
        RetentionDefinition::Exact => active(periods, column.from()),
        RetentionDefinition::Unbounded => periods.iter().any(|&period| period >= cohort + column.from()),
        RetentionDefinition::WithinBracket => (column.from()..=column.to()).any(|offset| active(periods, offset)),
        RetentionDefinition::EveryPeriod if column.from() == 0 => active(periods, 0),
        _ => (1..=column.from()).all(|offset| active(periods, offset)),
    };
    let retained = members().filter(|(_, periods)| is_retained(periods)).count();
    let share = Share::new(retained as u64, members().count() as u64).unwrap();
    let wait = if definition == RetentionDefinition::Unbounded { settings.look_ahead().unwrap() } else { 0 };
    if cohort + column.to() + wait <= last {
        CohortCell::Mature(share)
    } else if cohort + column.from() <= last {
        CohortCell::Immature(share)
    } else {
        CohortCell::NotObserved
    }
}

fn check_every_cell(tally: &CohortTally, customers: &[(u32, BTreeSet<u32>)]) {
    let settings = tally.settings();
    let cohorts: BTreeSet<u32> = customers.iter().map(|(start, _)| *start).collect();
    assert_eq!(tally.customers(), customers.len() as u64);
    assert_eq!(tally.sizes().map(|(cohort, _)| cohort).collect::<BTreeSet<_>>(), cohorts);
    for definition in DEFINITIONS {
        let table = tally.table(definition);
        assert_eq!(table.rows.iter().map(|row| row.cohort).collect::<BTreeSet<_>>(), cohorts);
        // The longest windows are checked where the interesting cells are.
        let columns = || table.columns.iter().enumerate().take(80);
        for row in &table.rows {
            for (position, &column) in columns() {
                let expected = slow_cell(&settings, row.cohort, customers, definition, column);
                assert_eq!(row.cells[position], expected, "{definition}, cohort {}, column {column}", row.cohort);
            }
        }
        let curve = tally.curve(definition);
        for (position, &column) in columns() {
            let mature: Vec<Share> = table.rows.iter().filter_map(|row| row.cells[position].mature()).collect();
            let pooled = curve.iter().find(|point| point.column == column);
            assert_eq!(pooled.map(|point| point.cohorts), (!mature.is_empty()).then_some(mature.len() as u64));
            let all = mature.into_iter().reduce(|sum, share| sum.merge(&share).unwrap());
            assert_eq!(pooled.map(|point| point.retained), all);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_laws_hold(a in events(9), b in events(9), c in events(9), look_ahead in 0..3_u32) {
        let records = |events: &[(u64, u32)]| -> Vec<CustomerActivity> {
            by_customer(events).into_values().map(|periods| CustomerActivity { start: None, periods: periods.into_iter().collect() }).collect()
        };
        laws::check::<CohortTally>(&settings(9, look_ahead), [records(&a), records(&b), records(&c)]);
        let wrong = CustomerActivity { start: None, periods: vec![FIRST, FIRST + 9] };
        laws::check_refusal::<CohortTally>(&settings(9, look_ahead), records(&a), wrong);
    }

    #[test]
    fn every_cell_agrees_with_a_slow_recomputation((periods, events) in cases(), look_ahead in 0..3_u32) {
        let tally = of_events(settings(periods, look_ahead), &events);
        let customers: Vec<_> = by_customer(&events).into_values().map(|periods| (*periods.first().unwrap(), periods)).collect();
        check_every_cell(&tally, &customers);
    }

    #[test]
    fn given_starts_agree_with_a_slow_recomputation((periods, events) in cases(), idle in 0..4_u64, earlier in 0..5_u32) {
        let by_customer = by_customer(&events);
        // Some start before their first activity, some are never active.
        let mut customers: Vec<(u64, u32, BTreeSet<u32>)> = by_customer.into_iter().map(|(customer, active)| {
            let start = active.first().unwrap().saturating_sub(earlier).max(FIRST);
            (customer, start, active)
        }).collect();
        customers.extend((0..idle).map(|number| (1_000_000 + number, FIRST, BTreeSet::new())));
        let (starting, starts): (Vec<u64>, Vec<u32>) = customers.iter().rev().map(|&(customer, start, _)| (customer, start)).unzip();
        let (active, at): (Vec<u64>, Vec<u32>) = events.iter().copied().unzip();
        let settings = settings(periods, 1).with_start(CohortStart::Given);
        let mut tally = CohortTally::empty(settings.clone());
        tally.record_events_with_starts(&starting, &starts, &active, &at).unwrap();
        let mut by_records = CohortTally::empty(settings);
        by_records.extend(customers.iter().map(|(_, start, active)| {
            CustomerActivity { start: Some(*start), periods: active.iter().copied().collect() }
        })).unwrap();
        prop_assert_eq!(&tally, &by_records);
        prop_assert_eq!(&CohortTally::decode(&tally.encode()).unwrap(), &tally);
        let customers: Vec<_> = customers.into_iter().map(|(_, start, active)| (start, active)).collect();
        check_every_cell(&tally, &customers);
    }

    #[test]
    fn definitions_are_ordered_and_two_of_them_never_rise((periods, events) in cases()) {
        let tally = of_events(settings(periods, 1), &events);
        let parts = |definition| -> Vec<Vec<Option<u64>>> {
            let part = |cell: &CohortCell| match cell {
                CohortCell::Mature(share) | CohortCell::Immature(share) => Some(share.part()),
                CohortCell::NotObserved => None,
            };
            tally.table(definition).rows.iter().map(|row| row.cells.iter().map(part).collect()).collect()
        };
        let [exact, unbounded, every] =
            [RetentionDefinition::Exact, RetentionDefinition::Unbounded, RetentionDefinition::EveryPeriod].map(parts);
        for ((exact, unbounded), every) in exact.iter().zip(&unbounded).zip(&every) {
            for ((exact, unbounded), every) in exact.iter().zip(unbounded).zip(every) {
                prop_assert!(every <= exact && exact <= unbounded);
            }
            prop_assert!(unbounded.windows(2).all(|pair| pair[1] <= pair[0]));
            prop_assert!(every.windows(2).all(|pair| pair[1] <= pair[0]));
        }
    }

    #[test]
    fn customers_apart_merge_to_the_whole_in_any_order((periods, mut events) in cases(), parts in 1..4_u64) {
        let whole = of_events(settings(periods, 1), &events);
        let mut merged = CohortTally::empty(settings(periods, 1));
        for part in 0..parts {
            let events: Vec<_> = events.iter().copied().filter(|event| event.0 % parts == part).collect();
            merged.merge(&of_events(settings(periods, 1), &events)).unwrap();
        }
        prop_assert_eq!(&merged, &whole);
        events.reverse();
        events.extend_from_within(..events.len() / 2);
        prop_assert_eq!(&of_events(settings(periods, 1), &events), &whole);
        // Other numbers for the same customers take the other path.
        let far: Vec<_> = events.iter().map(|&(customer, period)| (customer.rotate_left(29) ^ (1 << 62), period)).collect();
        prop_assert_eq!(of_events(settings(periods, 1), &far), whole);
    }
}

#[test]
fn wrong_rows_are_named_and_change_nothing() {
    let mut tally = CohortTally::empty(settings(9, 1));
    let error = tally.record_events(&[1_u32, 1, 2], &[FIRST, FIRST + 9, 0]).unwrap_err();
    assert_eq!(error.to_string(), "row 1: period is 109, but must be within 100 to 108");
    assert!(matches!(tally.record_events(&[1_u32], &[FIRST, FIRST]), Err(Error::Mismatch { field: "column length", .. })));
    assert!(matches!(tally.record_events_with_starts(&[1_u32], &[FIRST], &[], &[]), Err(Error::Mismatch { field: "cohort start", .. })));
    assert_eq!(tally, CohortTally::empty(settings(9, 1)));

    let mut given = CohortTally::empty(settings(9, 1).with_start(CohortStart::Given));
    let before = given.clone();
    let mut refused = |starting: &[u32], starts: &[u32], customers: &[u32], periods: &[u32]| {
        let error = given.record_events_with_starts(starting, starts, customers, periods).unwrap_err();
        assert_eq!(given, before);
        error.to_string()
    };
    assert_eq!(refused(&[1, 2], &[100, 99], &[], &[]), "start 1: start is 99, but must be within 100 to 108");
    assert_eq!(refused(&[1, 2, 1], &[100, 101, 102], &[], &[]), "start 2: customer 1 is given more than once");
    assert_eq!(refused(&[1, 2, 1], &[100, 101, 100], &[], &[]), "start 2: customer 1 is given more than once");
    assert_eq!(refused(&[1], &[103], &[1, 1], &[104, 102]), "row 1: period is 102, but must be at least 103");
    let said = "row 1: customer is \"7\", but must be a customer whose start is given";
    assert_eq!(refused(&[1], &[103], &[1, 7], &[104, 104]), said);
    assert_eq!(refused(&[1], &[103], &[1], &[109]), "row 0: period is 109, but must be within 100 to 108");
    assert_eq!(refused(&[1, 2], &[103], &[1], &[104]), "column length differs: 2 starting customers and 1 starts");
    assert_eq!(refused(&[1], &[103], &[1], &[]), "column length differs: 1 customers and 0 periods");
    assert!(matches!(given.record_events(&[1_u32], &[FIRST]), Err(Error::Mismatch { field: "cohort start", .. })));
}

#[test]
fn without_customers_there_is_no_retention() {
    let mut tally = CohortTally::empty(settings(9, 1));
    tally.record_events::<u64, u16>(&[], &[]).unwrap();
    assert!(matches!(tally.finish(), Err(Error::Undefined { metric: "cohort retention", .. })));
    for definition in DEFINITIONS {
        assert!(tally.table(definition).rows.is_empty() && tally.curve(definition).is_empty());
        assert!(matches!(tally.cell(definition, FIRST, 0), Err(Error::Undefined { .. })));
        assert!(matches!(tally.cell(definition, FIRST + 9, 0), Err(Error::OutOfBounds { field: "cohort", .. })));
        assert!(matches!(tally.cell(definition, FIRST, 9), Err(Error::OutOfBounds { field: "column", .. })));
    }
    let mut other = CohortTally::empty(settings(9, 2));
    assert!(matches!(other.merge(&tally), Err(Error::Mismatch { field: "cohort settings", .. })));
}

/// Customers who are away from the first period to the fifth: without a decision on how long to wait for them, no cell is final.
#[test]
fn an_unbounded_cell_is_mature_only_after_a_look_ahead_that_was_asked_for() {
    let window = |last| CohortSettings::new(PeriodWindow::new(0, last).unwrap());
    let of = |settings: CohortSettings, periods: &[u32]| {
        let mut tally = CohortTally::empty(settings);
        for customer in 0..10_u64 {
            tally.record_events(&vec![customer; periods.len()], periods).unwrap();
        }
        tally
    };
    let cell = |tally: &CohortTally| tally.cell(RetentionDefinition::Unbounded, 0, 2).unwrap();
    let [none, all] = [0, 10].map(|part| Share::new(part, 10).unwrap());
    for (last, share) in [(3, none), (6, all)] {
        let tally = of(window(last), if last == 3 { &[0] } else { &[0, 5] });
        assert_eq!(cell(&tally), CohortCell::Immature(share));
        assert_eq!(tally.curve(RetentionDefinition::Unbounded), []);
        assert!(tally.table(RetentionDefinition::Unbounded).rows[0].cells.iter().all(|cell| cell.mature().is_none()));
        assert_eq!(CohortTally::decode(&tally.encode()), Ok(tally));
    }
    assert_eq!(cell(&of(window(3).with_look_ahead(1), &[0])), CohortCell::Mature(none));
    assert_eq!(cell(&of(window(3).with_look_ahead(3), &[0])), CohortCell::Immature(none));
    assert_eq!(cell(&of(window(6).with_look_ahead(3), &[0, 5])), CohortCell::Mature(all));
}

/// A young cohort whose customers all pause: the unbounded cell would say that half have left for good, which no one knows yet.
#[test]
fn young_cohorts_are_marked_and_not_averaged() {
    let mut tally = CohortTally::empty(CohortSettings::new(PeriodWindow::new(1, 4).unwrap()).with_look_ahead(1));
    // Two old customers, always active; two young ones, of whom one has paused since the start.
    tally.record_events(&[1_u32, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4], &[1_u32, 2, 3, 4, 1, 2, 3, 4, 3, 4, 3]).unwrap();
    let cell = |cohort, column| tally.cell(RetentionDefinition::Unbounded, cohort, column).unwrap();
    assert_eq!(cell(3, 1), CohortCell::Immature(Share::new(1, 2).unwrap()));
    assert_eq!(cell(3, 0), CohortCell::Mature(Share::new(2, 2).unwrap()));
    assert_eq!(cell(3, 2), CohortCell::NotObserved);
    let curve = tally.curve(RetentionDefinition::Unbounded);
    let points: Vec<_> = curve.iter().map(|point| (point.column.from(), point.retained.to_string(), point.cohorts)).collect();
    let expected = [(0, "4 of 4 (100.0%)", 2), (1, "2 of 2 (100.0%)", 1), (2, "2 of 2 (100.0%)", 1)];
    assert_eq!(points, expected.map(|(offset, retained, cohorts)| (offset, retained.to_owned(), cohorts)));
    // By the exact definition period 4 has been observed, so the cell is as good as any.
    assert_eq!(tally.cell(RetentionDefinition::Exact, 3, 1), Ok(CohortCell::Mature(Share::new(1, 2).unwrap())));
    let pooled = tally.curve(RetentionDefinition::Exact)[1].retained;
    assert_eq!(pooled, Share::new(3, 4).unwrap());
    assert!(pooled.estimate(Confidence::P95).interval().contains(0.75));
}
