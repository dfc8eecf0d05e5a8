//! First contact resolution and targets: the laws of their tallies, and the definitions beside a plain recount.

use std::time::Duration;

use customer_metrics::Tally;
use customer_metrics::complaint::{
    CaseState, FirstContactDefinition, FirstContactTally, HandledCase, Resolvable, Target, TargetTally, Wait,
};
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
