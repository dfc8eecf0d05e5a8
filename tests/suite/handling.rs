//! How complaints are handled: first contact resolution, targets, waits, and retention in time by outcome.

use std::time::Duration;

use customer_metrics::complaint::{
    CaseState, ComplaintLifeTable, FirstContactDefinition, FirstContactTally, FollowUp, HandledCase, Outcome, Resolvable, Target,
    TargetTally, Wait, WaitDistribution,
};
use customer_metrics::estimate::Alternative;
use customer_metrics::survival::{Ending, EventWeighting, Tenure};
use customer_metrics::{Confidence, Decimal, MinorUnit, Proportion, Tally};
use proptest::prelude::*;

use crate::laws;

fn cases() -> impl Strategy<Value = Vec<HandledCase>> {
    let case = (any::<bool>(), any::<bool>(), 0_u32..4, 0_u32..3, 0_u32..3).prop_map(
        |(solved, at_first, agent_replies, further_messages, reopens)| {
            let state = if solved { CaseState::Solved } else { CaseState::Open };
            let resolvable = if at_first { Resolvable::AtFirstContact } else { Resolvable::Later };
            HandledCase { state, resolvable, agent_replies, further_messages, reopens }
        },
    );
    prop::collection::vec(case, 0..40)
}

fn waits() -> impl Strategy<Value = Vec<Wait>> {
    let wait = (any::<bool>(), 0_u64..200_000).prop_map(|(over, seconds)| {
        let time = Duration::from_secs(seconds);
        if over { Wait::Over(time) } else { Wait::SoFar(time) }
    });
    prop::collection::vec(wait, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn first_contact_tallies_keep_the_laws(a in cases(), b in cases(), c in cases()) {
        laws::check::<FirstContactTally>(&(), [a, b, c]);
    }

    #[test]
    fn target_tallies_keep_the_laws(a in waits(), b in waits(), c in waits()) {
        laws::check::<TargetTally>(&Target::new(Duration::from_secs(100_000)).unwrap(), [a, b, c]);
    }

    #[test]
    fn definitions_count_what_they_say(records in cases()) {
        let mut tally = FirstContactTally::default();
        tally.extend(records.clone()).unwrap();
        let solved = |case: &HandledCase| case.state == CaseState::Solved;
        let first = |case: &HandledCase| solved(case) && case.further_messages == 0 && case.reopens == 0;
        let resolvable = |case: &HandledCase| case.resolvable == Resolvable::AtFirstContact;
        let count = |wanted: &dyn Fn(&HandledCase) -> bool| records.iter().filter(|case| wanted(case)).count() as u64;
        for (definition, part, whole) in [
            (FirstContactDefinition::Gross, count(&first), count(&|_| true)),
            (FirstContactDefinition::Net, count(&|case| first(case) && resolvable(case)), count(&resolvable)),
            (FirstContactDefinition::NoFurtherContact, count(&|case| solved(case) && case.further_messages == 0), count(&solved)),
            (FirstContactDefinition::OneTouch, count(&|case| solved(case) && case.agent_replies <= 1), count(&solved)),
        ] {
            let rate = tally.rate(definition).ok().map(|rate| (rate.part(), rate.whole()));
            prop_assert_eq!(rate, (whole > 0).then_some((part, whole)));
        }
    }

    #[test]
    fn attainment_lies_within_its_bounds(records in waits()) {
        let mut tally = TargetTally::default();
        tally.extend(records).unwrap();
        if let (Ok(attainment), Ok(bounds)) = (tally.attainment(), tally.attainment_bounds()) {
            prop_assert!(bounds.low() <= attainment.to_proportion() && attainment.to_proportion() <= bounds.high());
        }
    }
}

fn follow_ups() -> impl Strategy<Value = Vec<FollowUp>> {
    let follow_up = (0_usize..4, 0_u16..20, any::<bool>()).prop_map(|(outcome, periods, left)| FollowUp {
        outcome: Outcome::ALL[outcome],
        tenure: Tenure::new(periods, Ending::left_if(left)),
    });
    prop::collection::vec(follow_up, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn complaint_life_tables_keep_the_laws(a in follow_ups(), b in follow_ups(), c in follow_ups()) {
        laws::check::<ComplaintLifeTable>(&(), [a, b, c]);
    }

    #[test]
    fn without_open_cases_percentiles_are_those_of_the_waits(mut seconds in prop::collection::vec(0_u64..1_000, 1..60), tenth in 1_u8..10) {
        let waits = WaitDistribution::new(seconds.iter().map(|&time| Wait::Over(Duration::from_secs(time)))).unwrap();
        seconds.sort_unstable();
        let answered = Proportion::from_percent(Decimal::from(10 * tenth)).unwrap();
        let percentile = waits.percentile(answered, Confidence::P95).unwrap();
        // The smallest time by which at least so many are answered; where exactly so many are, halfway to the next.
        let needed = (seconds.len() * usize::from(tenth)).div_ceil(10);
        let last = seconds[needed - 1];
        let exactly = seconds.iter().filter(|&&time| time <= last).count() * 10 == seconds.len() * usize::from(tenth);
        let expected = if exactly { (last + seconds[needed]) as f64 / 2.0 } else { last as f64 };
        let point = percentile.point().unwrap();
        prop_assert!((point.as_secs_f64() - expected).abs() < 1e-9);
        prop_assert!(percentile.low().is_none_or(|low| low <= point) && percentile.high().is_none_or(|high| point <= high));
    }

    #[test]
    fn a_case_that_waits_can_only_slow_the_team(seconds in prop::collection::vec(1_u64..1_000, 2..40), open in 1_usize..10) {
        let mut waits: Vec<Wait> = seconds.iter().map(|&time| Wait::Over(Duration::from_secs(time))).collect();
        let closed = WaitDistribution::new(waits.iter().copied()).unwrap();
        waits.extend((0..open).map(|_| Wait::SoFar(Duration::from_secs(500))));
        let all = WaitDistribution::new(waits).unwrap();
        prop_assert_eq!(all.cases(), closed.cases() + open as u64);
        for time in [1.0, 100.0, 499.0, 700.0] {
            // Beyond the longest wait of those still waiting nothing is known.
            if let Ok(still) = all.still_waiting().survival_at(time) {
                prop_assert!(still >= closed.still_waiting().survival_at(time).unwrap() - 1e-12);
            }
        }
    }
}

#[test]
fn outcomes_are_compared_as_the_groups_that_they_are() {
    let mut tables = ComplaintLifeTable::default();
    assert!(tables.compare(EventWeighting::LogRank).is_err() && tables.curve(Outcome::Silent).is_err());
    for (outcome, leaving) in [(Outcome::Unresolved, 9), (Outcome::Resolved, 5), (Outcome::ResolvedQuickly, 2)] {
        for period in 1..=12 {
            tables.record_count(FollowUp { outcome, tenure: Tenure::new(period, Ending::Left) }, leaving).unwrap();
        }
        tables.record_count(FollowUp { outcome, tenure: Tenure::new(12, Ending::Censored) }, 200).unwrap();
    }
    assert_eq!(tables.outcomes().collect::<Vec<_>>(), Outcome::ALL[1..]);
    let comparison = tables.finish().unwrap();
    assert_eq!(comparison.groups(), 3);
    assert!(comparison.test().unwrap().p_value() < 1e-6);
    // The trend is towards fewer who leave with every better outcome.
    assert!(comparison.trend(&[0.0, 1.0, 2.0], Alternative::TwoSided).unwrap().statistic() < -5.0);
    let confidence = Confidence::P95;
    let forth = tables.kept_longer(12, Outcome::Unresolved, Outcome::Resolved, confidence).unwrap();
    let back = tables.kept_longer(12, Outcome::Resolved, Outcome::Unresolved, confidence).unwrap();
    assert_eq!(forth.point(), -back.point());
    // By hand: of 308 and 260 customers, 9 and 5 leave at the end of each month.
    let mean = |leaving: f64| (0..12).map(|month| 1.0 - leaving * f64::from(month) / (200.0 + 12.0 * leaving)).sum::<f64>();
    assert!((forth.point() - (mean(5.0) - mean(9.0))).abs() < 1e-12);
    let at_end = tables.kept_at(12, Outcome::Unresolved, Outcome::ResolvedQuickly, confidence).unwrap();
    assert!((at_end.point() - (200.0 / 224.0 - 200.0 / 308.0)).abs() < 1e-12);
    let money = |margin| tables.money_kept(12, Outcome::Unresolved, Outcome::Resolved, margin, MinorUnit::CENT, confidence).unwrap();
    assert_eq!(money(Decimal::from(10)).point(), MinorUnit::CENT.round(money(Decimal::from(10)).point()));
    assert!(tables.kept_longer(12, Outcome::Silent, Outcome::Resolved, confidence).is_err());
}

#[test]
fn no_wait_is_no_distribution() {
    assert!(WaitDistribution::new([]).is_err());
    let only_waiting = WaitDistribution::new([Wait::SoFar(Duration::from_secs(60))]).unwrap();
    assert_eq!(only_waiting.median(Confidence::P95).point(), None);
}
