//! Complaint retention: laws, the published curves, and the value of recovery against a plain recomputation.

use std::time::Duration;

use customer_metrics::complaint::{
    Case, ComplaintTally, Fate, Iceberg, Outcome, OutcomeMix, Problem, PublishedCurve, QuickLimit, RecoveryInputs, RecoveryModel,
    Retention, RetentionCurve, WordOfMouth,
};
use customer_metrics::{Confidence, Decimal, Error, Proportion, Range, Share, Tally, published};
use proptest::prelude::*;

use crate::laws;

fn cases() -> impl Strategy<Value = Vec<Case>> {
    let problem = prop_oneof![
        Just(Problem::None),
        Just(Problem::Silent),
        Just(Problem::Open),
        Just(Problem::Unresolved),
        (0..200_000_u64).prop_map(|seconds| Problem::ResolvedAfter(Duration::from_secs(seconds))),
    ];
    let fate = prop_oneof![Just(Fate::Stayed), Just(Fate::Left), Just(Fate::Unknown)];
    prop::collection::vec((problem, fate).prop_map(|(problem, fate)| Case::new(problem, fate)), 0..60)
}

fn proportion() -> impl Strategy<Value = Proportion> {
    (0..=10_000_i64).prop_map(|value| Proportion::new(Decimal::new(value, 4)).unwrap())
}

fn range() -> impl Strategy<Value = Range<Proportion>> {
    (proportion(), proportion()).prop_map(|(a, b)| Range::new(a.min(b), a.max(b)).unwrap())
}

fn curve() -> impl Strategy<Value = RetentionCurve> {
    [range(), range(), range(), range()]
        .prop_map(|ranges| RetentionCurve::new(Outcome::ALL.into_iter().zip(ranges.map(Retention::from))).unwrap())
}

fn inputs() -> impl Strategy<Value = RecoveryInputs> {
    let money =
        (0..1_000_000_i64, 0..1_000_000_i64).prop_map(|(a, b)| Range::new(Decimal::new(a.min(b), 2), Decimal::new(a.max(b), 2)).unwrap());
    (0..1_000_000_u64, range(), [range(), range(), range()], curve(), money, range()).prop_map(
        |(customers, problem_rate, [complaint, resolution, quick], curve, lifetime_value, margin)| RecoveryInputs {
            customers,
            problem_rate,
            mix: OutcomeMix::new(complaint, resolution, quick),
            curve,
            lifetime_value,
            margin,
        },
    )
}

/// A value between the ends of a range, a tenth of the way for every step.
fn between(range: Range<Decimal>, tenths: i64) -> Decimal {
    range.low() + (range.high() - range.low()) * Decimal::new(tenths, 1)
}

fn close(a: Decimal, b: Decimal) -> bool {
    (a - b).abs() <= Decimal::new(1, 12)
}

proptest! {
    #[test]
    fn the_laws_hold(a in cases(), b in cases(), c in cases(), seconds in 1..100_000_u64) {
        laws::check::<ComplaintTally>(&QuickLimit::new(Duration::from_secs(seconds)).unwrap(), [a, b, c]);
    }

    #[test]
    fn the_curve_is_what_counting_by_hand_gives(cases in cases(), hours in 1..48_u64) {
        let limit = QuickLimit::new(Duration::from_secs(hours * 3600)).unwrap();
        let mut tally = ComplaintTally::empty(limit);
        tally.extend(cases.iter().copied()).unwrap();
        let outcome = |case: &Case| match case.problem() {
            Problem::None => None,
            Problem::Silent => Some(Outcome::Silent),
            Problem::Open | Problem::Unresolved => Some(Outcome::Unresolved),
            Problem::ResolvedAfter(time) => Some(if time.as_secs() <= hours * 3600 { Outcome::ResolvedQuickly } else { Outcome::Resolved }),
        };
        for each in Outcome::ALL {
            let with = |fate: Fate| cases.iter().filter(|case| outcome(case) == Some(each) && case.fate() == fate).count() as u64;
            let (stayed, left, unknown) = (with(Fate::Stayed), with(Fate::Left), with(Fate::Unknown));
            let share = tally.curve().and_then(|curve| curve.retention(each)).ok().and_then(|retention| retention.share());
            prop_assert_eq!(share, Share::new(stayed, stayed + left).ok());
            prop_assert_eq!(tally.unknown(each), unknown);
            if let (Some(share), Ok(bounds)) = (share, tally.retention_bounds(each)) {
                prop_assert!(bounds.contains(share.to_proportion()));
            }
        }
        let problems = cases.iter().filter(|case| case.problem() != Problem::None).count() as u64;
        let silent = cases.iter().filter(|case| case.problem() == Problem::Silent).count() as u64;
        prop_assert_eq!(tally.problem_rate().ok(), Share::new(problems, cases.len() as u64).ok());
        prop_assert_eq!(tally.complaint_rate().ok(), Share::new(problems - silent, problems).ok());
        // Retention over all problems is the retention under the tally's own mix, where every fate is known.
        if let (Ok(mix), Ok(curve)) = (tally.mix(), tally.curve())
            && Outcome::ALL.iter().all(|&each| tally.unknown(each) == 0)
        {
            let stayed = cases.iter().filter(|case| case.problem() != Problem::None && case.fate() == Fate::Stayed).count() as u64;
            let under = curve.under(&mix).unwrap();
            prop_assert!(close(under.low().to_decimal(), Share::new(stayed, problems).unwrap().to_decimal()));
        }
    }

    #[test]
    fn the_shares_of_a_mix_sum_to_one(rates in [proportion(), proportion(), proportion()]) {
        let [complaint, resolution, quick] = rates;
        let mix = OutcomeMix::new(complaint, resolution, quick);
        let sum: Decimal = Outcome::ALL.iter().map(|&outcome| mix.share(outcome).low().to_decimal()).sum();
        prop_assert_eq!(sum, Decimal::ONE);
    }

    #[test]
    fn retention_under_a_mix_lies_between_the_worst_and_the_best_step(curve in curve(), rates in [range(), range(), range()]) {
        let [complaint, resolution, quick] = rates;
        let under = curve.under(&OutcomeMix::new(complaint, resolution, quick)).unwrap();
        let low = curve.steps().map(|(_, retention)| retention.range().low()).min().unwrap();
        let high = curve.steps().map(|(_, retention)| retention.range().high()).max().unwrap();
        prop_assert!(low.to_decimal() - Decimal::new(1, 20) <= under.low().to_decimal());
        prop_assert!(under.high().to_decimal() <= high.to_decimal() + Decimal::new(1, 20));
    }

    /// Any single value within the ranges of the inputs gives a result within the range of the result, computed by plain operators.
    #[test]
    fn ranges_come_through_from_ranges(inputs in inputs(), at in prop::array::uniform10(0..=10_i64)) {
        let model = RecoveryModel::new(inputs).unwrap();
        let RecoveryInputs { customers, problem_rate, mix, curve, lifetime_value, margin } = inputs;
        let pick = |range: Range<Proportion>, index: usize| between(range.to_decimal(), at[index]);
        let retention: Vec<Decimal> =
            Outcome::ALL.iter().enumerate().map(|(index, &outcome)| pick(curve.retention(outcome).unwrap().range(), index)).collect();
        let (complaint, resolution, quick) = (pick(mix.complaint_rate(), 4), pick(mix.resolution_rate(), 5), pick(mix.quick_rate(), 6));
        let problems = Decimal::from(customers) * pick(problem_rate, 7);
        let value = between(lifetime_value, at[8]) * pick(margin, 9);
        let one = Decimal::ONE;
        let shares = [one - complaint, complaint * (one - resolution), complaint * resolution * (one - quick), complaint * resolution * quick];
        let lost: Decimal = shares.iter().zip(&retention).map(|(share, retention)| problems * share * (one - retention)).sum();
        let slack = Decimal::new(1, 9);
        let holds = |range: Range<Decimal>, value: Decimal| range.low() - slack <= value && value <= range.high() + slack;

        prop_assert!(holds(model.lost().unwrap(), lost));
        prop_assert!(holds(model.money_at_risk().unwrap(), lost * value));
        for (index, outcome) in Outcome::ALL.into_iter().enumerate() {
            let loss = model.loss(outcome).unwrap();
            prop_assert!(holds(loss.customers, problems * shares[index]));
            prop_assert!(holds(loss.lost, problems * shares[index] * (one - retention[index])));
            prop_assert!(holds(loss.money, problems * shares[index] * (one - retention[index]) * value));
        }
        let share = Decimal::new(3, 1);
        let moved = Proportion::new(share).unwrap();
        for (from, worse) in Outcome::ALL.into_iter().enumerate() {
            for (to, better) in Outcome::ALL.into_iter().enumerate().skip(from + 1) {
                let recovery = model.moving(worse, better, moved).unwrap();
                let kept = problems * shares[from] * share * (retention[to] - retention[from]);
                prop_assert!(holds(recovery.customers_kept, kept));
                prop_assert!(holds(recovery.money_kept, kept * value));
                prop_assert!(holds(recovery.most_per_case, (retention[to] - retention[from]) * value));
                let net = kept * value - problems * shares[from] * share * Decimal::from(7);
                prop_assert!(holds(recovery.net(Decimal::from(7)).unwrap(), net));
                prop_assert!(holds(recovery.replacement_cost(Decimal::from(50)).unwrap(), kept * Decimal::from(50)));
            }
        }
        let after_resolution = (one - quick) * retention[2] + quick * retention[3];
        let after_complaint = (one - resolution) * retention[1] + resolution * after_resolution;
        let heard = model.hearing_more(moved).unwrap().customers_kept;
        prop_assert!(holds(heard, problems * shares[0] * share * (after_complaint - retention[0])));
        let resolved = model.resolving_more(moved).unwrap().customers_kept;
        prop_assert!(holds(resolved, problems * shares[1] * share * (after_resolution - retention[1])));
    }

    /// The reach of the extremes: somewhere in the ranges of the inputs the ends of the result are attained.
    #[test]
    fn single_values_give_single_results_that_conserve_customers_and_money(inputs in inputs()) {
        let single = |range: Range<Proportion>| Range::single(range.low());
        let inputs = RecoveryInputs {
            problem_rate: single(inputs.problem_rate),
            mix: OutcomeMix::new(single(inputs.mix.complaint_rate()), single(inputs.mix.resolution_rate()), single(inputs.mix.quick_rate())),
            curve: RetentionCurve::new(inputs.curve.steps().map(|(outcome, retention)| (outcome, single(retention.range()).into()))).unwrap(),
            lifetime_value: Range::single(inputs.lifetime_value.low()),
            margin: single(inputs.margin),
            ..inputs
        };
        let model = RecoveryModel::new(inputs).unwrap();
        let losses = Outcome::ALL.map(|outcome| model.loss(outcome).unwrap());
        prop_assert!(model.lost().unwrap().is_single());
        let sum = |of: &dyn Fn(usize) -> Decimal| (0..4).map(of).sum::<Decimal>();
        prop_assert!(close(sum(&|index| losses[index].customers.low()), model.problems().low()));
        prop_assert!(close(sum(&|index| losses[index].lost.low()), model.lost().unwrap().low()));
        prop_assert!((sum(&|index| losses[index].money.low()) - model.money_at_risk().unwrap().low()).abs() < Decimal::new(1, 6));
        // What is kept by a move is no longer lost after it.
        let (complaint, resolution, quick) = (inputs.mix.complaint_rate(), inputs.mix.resolution_rate(), inputs.mix.quick_rate());
        let half = Proportion::new(Decimal::new(5, 1)).unwrap();
        let faster = Proportion::new(Decimal::ONE - quick.low().complement().of(half).to_decimal()).unwrap();
        let after = RecoveryModel::new(RecoveryInputs { mix: OutcomeMix::new(complaint, resolution, faster), ..inputs }).unwrap();
        let kept = model.resolving_faster(half).unwrap().customers_kept.low();
        prop_assert!((model.lost().unwrap().low() - after.lost().unwrap().low() - kept).abs() < Decimal::new(1, 9));
        let baseline = model.lost_beyond(Proportion::ZERO).unwrap().low();
        prop_assert!(close(model.lost().unwrap().low() - model.problems().low(), baseline));
    }

    #[test]
    fn uncertainty_of_the_counts_widens_each_step_to_its_interval(part in 0..=200_u64, rest in 0..=200_u64) {
        prop_assume!(part + rest > 0);
        let share = Share::new(part, part + rest).unwrap();
        let curve = RetentionCurve::new([(Outcome::Resolved, share.into())]).unwrap();
        let widened = curve.with_uncertainty(Confidence::P95).retention(Outcome::Resolved).unwrap().range();
        let interval = curve.estimate(Outcome::Resolved, Confidence::P95).unwrap().interval();
        prop_assert!(widened.contains(share.to_proportion()));
        prop_assert!(widened.low().to_f64() <= interval.low() && interval.low() - widened.low().to_f64() < 1.1e-12);
        prop_assert!(widened.high().to_f64() >= interval.high() && widened.high().to_f64() - interval.high() < 1.1e-12);
    }
}

fn percent(value: i64) -> Proportion {
    Proportion::from_percent(value.into()).unwrap()
}

/// The lifts and ratios that doc-000 prints: willingness "doubles" from 9 to 19 percent (19/9 = 2.111), and 82:54 = 1.5185.
#[test]
fn published_lifts_and_ratios() {
    let curve = PublishedCurve::MajorProblem.curve();
    let ratio = |from, to| curve.ratio(from, to).unwrap().round(4).to_string();
    assert_eq!(ratio(Outcome::Silent, Outcome::Unresolved), "2.1111");
    assert_eq!(ratio(Outcome::Resolved, Outcome::ResolvedQuickly), "1.5185");
    assert_eq!(curve.lift(Outcome::Resolved, Outcome::ResolvedQuickly).unwrap().to_string(), "0.28");
    let second = PublishedCurve::SecondFamily.curve();
    assert_eq!(second.lift(Outcome::Resolved, Outcome::ResolvedQuickly).unwrap().to_string(), "0.3 to 0.35");
    assert_eq!(second.ratio(Outcome::Resolved, Outcome::ResolvedQuickly).unwrap().round(4).to_string(), "1.5 to 1.5833");
}

/// TARP's eight cells: 9/19/54/82 after major problems, 37/46/70/95 after minor ones; doc-000's 60 and 90-95; doc-001's 98.
#[test]
fn published_curves_are_printed_as_published() {
    let printed = |curve: PublishedCurve| curve.curve().steps().map(|(_, retention)| retention.range().to_string()).collect::<Vec<_>>();
    assert_eq!(printed(PublishedCurve::MajorProblem), ["9.0%", "19.0%", "54.0%", "82.0%"]);
    assert_eq!(printed(PublishedCurve::MinorProblem), ["37.0%", "46.0%", "70.0%", "95.0%"]);
    assert_eq!(printed(PublishedCurve::SecondFamily), ["60.0%", "90.0% to 95.0%"]);
    assert_eq!(printed(PublishedCurve::FairSolution), ["98.0%"]);
    assert_eq!(PublishedCurve::FairSolution.retention(Outcome::Silent), None);
}

/// Doc-000's sayings: behind one complaint stand 25 dissatisfied customers, 24 of them silent and 6 of those serious; doc-001 says 20 others.
#[test]
fn published_icebergs() {
    let one = Iceberg::from_silent_per_complaint(1, published::ICEBERG_SILENT_PER_COMPLAINT.range().unwrap()).unwrap();
    assert_eq!(one.dissatisfied_at_most(), Some(Decimal::from(25)));
    assert_eq!(one.serious_by_published_ratio(), Ok(Decimal::from(6)));
    assert_eq!(Iceberg::from_published_ratios(1).unwrap().dissatisfied_at_least(), Decimal::from(21));
    let third = Iceberg::from_complaint_rate(1, percent(3)).unwrap().dissatisfied_at_least();
    assert_eq!(third.round_dp(10).to_string(), "33.3333333333");
}

#[test]
fn word_of_mouth_counts_people_for_and_against() {
    let word = WordOfMouth::new(Decimal::from(5), Decimal::from(10), Decimal::new(25, 2)).unwrap();
    let reach = word.reach(100, 50).unwrap();
    assert_eq!(reach.net_told(), Ok(Range::single(Decimal::ZERO)));
    assert_eq!(reach.net_customers(Decimal::from(30)), Ok(Range::single(Decimal::from(-5))));
    assert!(matches!(
        WordOfMouth::new(Decimal::NEGATIVE_ONE, Decimal::ONE, Decimal::ONE),
        Err(Error::OutOfBounds { field: "told per satisfied", .. })
    ));
}

#[test]
fn moving_to_a_worse_outcome_or_along_a_missing_step_is_refused() {
    let model = RecoveryModel::new(RecoveryInputs {
        customers: 100,
        problem_rate: percent(10).into(),
        mix: OutcomeMix::new(Proportion::ONE, Proportion::ONE, percent(50)),
        curve: PublishedCurve::SecondFamily.curve(),
        lifetime_value: Range::single(Decimal::from(100)),
        margin: Proportion::ONE.into(),
    })
    .unwrap();
    assert!(matches!(model.moving(Outcome::Resolved, Outcome::Unresolved, percent(10)), Err(Error::Unknown { field: "outcome", .. })));
    assert!(matches!(model.moving(Outcome::Resolved, Outcome::Resolved, percent(10)), Err(Error::Unknown { .. })));
    assert!(matches!(model.resolving_more(percent(10)), Err(Error::Undefined { .. })));
    // 10 problems, 5 slow: .6 stay; 5 quick: .9 to .95 stay.
    assert_eq!(model.lost().unwrap().to_string(), "2.25 to 2.5");
    let needs_more = RecoveryInputs { mix: OutcomeMix::new(percent(50), percent(50), percent(50)), ..*model.inputs() };
    assert!(matches!(RecoveryModel::new(needs_more), Err(Error::Undefined { .. })));
    let negative = RecoveryInputs { lifetime_value: Range::single(Decimal::NEGATIVE_ONE), ..*model.inputs() };
    assert!(matches!(RecoveryModel::new(negative), Err(Error::OutOfBounds { field: "lifetime value", .. })));
}

#[test]
fn a_base_too_large_for_its_money_is_an_error() {
    let model = RecoveryModel::new(RecoveryInputs {
        customers: u64::MAX,
        problem_rate: Proportion::ONE.into(),
        mix: OutcomeMix::new(Proportion::ZERO, Proportion::ZERO, Proportion::ZERO),
        curve: PublishedCurve::MajorProblem.curve(),
        lifetime_value: Range::single(Decimal::MAX),
        margin: Proportion::ONE.into(),
    })
    .unwrap();
    assert!(matches!(model.money_at_risk(), Err(Error::Overflow { field: "money at risk", .. })));
}

#[cfg(feature = "serde")]
#[test]
fn json_round_trips_and_hostile_input_is_refused() {
    let model = RecoveryModel::new(RecoveryInputs {
        customers: 1000,
        problem_rate: Range::new(percent(10), percent(20)).unwrap(),
        mix: OutcomeMix::from_counts([50, 20, 20, 10]).unwrap(),
        curve: RetentionCurve::new(Outcome::ALL.map(|outcome| (outcome, Share::new(1, 3).unwrap().into()))).unwrap(),
        lifetime_value: Range::single(Decimal::new(12345, 2)),
        margin: percent(30).into(),
    })
    .unwrap();
    let json = serde_json::to_string(&model).unwrap();
    assert_eq!(serde_json::from_str::<RecoveryModel>(&json).unwrap(), model);
    assert!(serde_json::from_str::<RecoveryModel>(&json.replace("123.45", "-123.45")).is_err());
    assert!(serde_json::from_str::<RecoveryModel>(&json.replace(r#""low":"0.1""#, r#""low":"0.3""#)).is_err());
    let word = WordOfMouth::published();
    assert_eq!(serde_json::from_str::<WordOfMouth>(&serde_json::to_string(&word).unwrap()).unwrap(), word);
    for hostile in [
        "null",
        "{}",
        r#"{"silent":{"counted":{"part":3,"whole":2}}}"#,
        r#"{"silent":null,"unresolved":null,"resolved":null,"resolved_quickly":null}"#,
    ] {
        assert!(serde_json::from_str::<RetentionCurve>(hostile).is_err(), "{hostile}");
    }
    assert!(serde_json::from_str::<QuickLimit>(r#"{"secs":0,"nanos":0}"#).is_err());
    let tally = serde_json::to_string(&ComplaintTally::default()).unwrap();
    let full = tally.replace("\"stayed\":0", "\"stayed\":18446744073709551615");
    assert!(serde_json::from_str::<ComplaintTally>(&full).is_err());
}
