//! Metrics that are made of counted shares, with their intervals: what they must agree with, and coverage.

use customer_metrics::churn::{
    ChurnDefinition, ChurnReason, ChurnReasonTally, ChurnTally, churn_estimate_over_periods, churn_over_fractional_periods,
};
use customer_metrics::complaint::{Case, ComplaintTally, Fate, Outcome, Problem, QuickLimit, RetentionCurve};
use customer_metrics::estimate::{combine_dependent, combine_independent, goodman_estimates};
use customer_metrics::satisfaction::{DefectRate, Weights, flawless_chance_estimate};
use customer_metrics::{Confidence, Decimal, Error, Estimate, Method, Proportion, Range, Share, Tally};
use proptest::prelude::*;
use rand_distr::{Binomial, Distribution};
use rand_pcg::Pcg64Mcg;

fn share(part: u64, whole: u64) -> Share {
    Share::new(part, whole).unwrap()
}

fn shares() -> impl Strategy<Value = Share> {
    (1..2_000_u64).prop_flat_map(|whole| (0..=whole).prop_map(move |part| share(part, whole)))
}

fn close(got: f64, expected: f64) -> bool {
    (got - expected).abs() <= 1e-13 * expected.abs().max(1e-3)
}

/// SciPy 1.16 and the formula of the paper: Wilson at 1 - 0.05 / 7.
#[test]
fn goodmans_intervals_are_those_of_another_program() {
    let estimates = goodman_estimates(&[56, 72, 73, 59, 62, 87, 58], Confidence::P95).unwrap();
    assert!((estimates[0].interval().low() - 0.085_167_239_138_746_84).abs() < 1e-13);
    assert!((estimates[0].interval().high() - 0.166_261_408_130_465_41).abs() < 1e-13);
    let reasons = ChurnReasonTally::from_counts(ChurnReason::NAMED.into_iter().zip([1, 3, 4, 5, 9, 10, 68])).unwrap();
    let (reason, estimate) = &reasons.estimates(Confidence::P95).unwrap()[6];
    assert_eq!(
        (reason, estimate.method(), estimate.confidence(), estimate.n()),
        (&ChurnReason::Indifference, Method::Goodman, Confidence::P95, 100)
    );
    assert!((estimate.interval().low() - 0.546_066_617_372_201_9).abs() < 1e-13);
    assert!((estimate.interval().high() - 0.789_639_382_558_414_8).abs() < 1e-13);
    assert!(matches!(ChurnReasonTally::default().estimates(Confidence::P95), Err(Error::Undefined { .. })));
    assert!(goodman_estimates(&[], Confidence::P95).is_err() && goodman_estimates(&[0, 0], Confidence::P95).is_err());
    assert!(matches!(goodman_estimates(&[u64::MAX, 1], Confidence::P95), Err(Error::Overflow { .. })));
}

/// All shares of a multinomial at once.
#[test]
fn goodmans_intervals_hold_all_shares_together() {
    let mut random = Pcg64Mcg::new(3);
    for (truths, n) in [(vec![0.25; 4], 100_u64), (vec![0.5, 0.3, 0.1, 0.06, 0.04], 150)] {
        let (simulations, mut together, mut alone) = (4_000, 0, 0);
        for _ in 0..simulations {
            let (mut left, mut rest) = (n, 1.0_f64);
            let counts: Vec<u64> = truths
                .iter()
                .map(|&p| {
                    let count = Binomial::new(left, (p / rest).min(1.0)).unwrap().sample(&mut random);
                    (left, rest) = (left - count, rest - p);
                    count
                })
                .collect();
            let n = counts.iter().sum();
            let estimates = goodman_estimates(&counts, Confidence::P95).unwrap();
            together += u32::from(estimates.iter().zip(&truths).all(|(estimate, &p)| estimate.interval().contains(p)));
            alone += u32::from(counts.iter().zip(&truths).all(|(&count, &p)| share(count, n).interval(Confidence::P95).contains(p)));
        }
        let [together, alone] = [together, alone].map(|held| f64::from(held) / f64::from(simulations));
        assert!((0.94..0.98).contains(&together) && alone < 0.9, "{together}, one by one {alone}");
    }
}

proptest! {
    #[test]
    fn differences_of_two_are_newcombes(a in shares(), b in shares(), level in 0.01..0.99_f64) {
        let confidence = Confidence::new(level).unwrap();
        let (first, second) = (a.estimate(confidence), b.estimate(confidence));
        let combined = combine_independent(&[(1.0, first), (-1.0, second)]).unwrap();
        let newcombe = a.difference(&b, confidence);
        prop_assert!((combined.point() - newcombe.point()).abs() < 1e-15);
        prop_assert!((combined.interval().low().max(-1.0) - newcombe.interval().low()).abs() < 1e-14);
        prop_assert!((combined.interval().high().min(1.0) - newcombe.interval().high()).abs() < 1e-14);
        prop_assert_eq!(combined.n(), a.whole() + b.whole());
    }

    #[test]
    fn one_part_is_itself_and_dependence_is_never_narrower(parts in prop::collection::vec((shares(), -2.0..2.0_f64), 1..6), level in 0.01..0.99_f64) {
        let confidence = Confidence::new(level).unwrap();
        let parts: Vec<(f64, Estimate)> = parts.iter().map(|(share, weight)| (*weight, share.estimate(confidence))).collect();
        let (independent, dependent) = (combine_independent(&parts).unwrap(), combine_dependent(&parts).unwrap());
        prop_assert_eq!(independent.point(), dependent.point());
        prop_assert!(dependent.interval().low() <= independent.interval().low() + 1e-14);
        prop_assert!(independent.interval().high() <= dependent.interval().high() + 1e-14);
        prop_assert_eq!(dependent.n(), parts.iter().map(|part| part.1.n()).min().unwrap());
        let ends: Vec<[f64; 2]> = parts.iter().map(|(weight, part)| [weight * part.interval().low(), weight * part.interval().high()]).collect();
        prop_assert!((dependent.interval().low() - ends.iter().map(|[a, b]| a.min(*b)).sum::<f64>()).abs() < 1e-13);
        prop_assert!((dependent.interval().high() - ends.iter().map(|[a, b]| a.max(*b)).sum::<f64>()).abs() < 1e-13);
        let turned: Vec<(f64, Estimate)> = parts.iter().rev().copied().collect();
        prop_assert!((combine_independent(&turned).unwrap().interval().low() - independent.interval().low()).abs() < 1e-13);
        let (_, alone) = parts[0];
        for one in [combine_independent(&[(1.0, alone)]).unwrap(), combine_dependent(&[(1.0, alone)]).unwrap()] {
            prop_assert!(close(one.interval().low(), alone.interval().low()) && close(one.interval().high(), alone.interval().high()));
        }
    }

    #[test]
    fn converted_churn_has_the_converted_ends(churn in shares(), periods in 0.0..60.0_f64, level in 0.01..0.99_f64) {
        let confidence = Confidence::new(level).unwrap();
        let (one, many) = (churn.estimate(confidence), churn_estimate_over_periods(&churn, periods, confidence).unwrap());
        let convert = |value| churn_over_fractional_periods(value, periods).unwrap();
        prop_assert_eq!(many.point(), convert(one.point()));
        prop_assert_eq!((many.interval().low(), many.interval().high()), (convert(one.interval().low()), convert(one.interval().high())));
        prop_assert_eq!((many.method(), many.n()), (Method::Wilson, churn.whole()));
        let once = churn_estimate_over_periods(&churn, 1.0, confidence).unwrap();
        prop_assert!(close(once.interval().low(), one.interval().low()) && close(once.interval().high(), one.interval().high()));
    }

    #[test]
    fn every_churn_has_an_interval_about_its_rate(start in 0..2_000_u64, lost in 0..2_000_u64, joined in 0..2_000_u64, more in 0..2_000_u64, level in 0.01..0.99_f64) {
        let (lost, more) = (lost.min(start), more.min(joined));
        let (tally, confidence) = (ChurnTally::from_counts(start, lost, joined, more).unwrap(), Confidence::new(level).unwrap());
        for definition in [ChurnDefinition::StartCohort, ChurnDefinition::LostOverStart, ChurnDefinition::LostOverAll, ChurnDefinition::LostOverMean] {
            let (rate, estimate) = (tally.churn(definition), tally.churn_estimate(definition, confidence));
            let Ok(rate) = rate else {
                prop_assert_eq!(rate.unwrap_err(), estimate.unwrap_err());
                continue;
            };
            let (rate, estimate): (f64, _) = (rate.to_string().parse().unwrap(), estimate.unwrap());
            prop_assert!(close(estimate.point(), rate), "{}: {} is not {}", definition, estimate, rate);
            prop_assert!(estimate.interval().low() >= -1e-15 && estimate.interval().width() > 0.0);
            if joined == 0 && definition == ChurnDefinition::LostOverStart {
                let cohort = tally.start_cohort_churn().unwrap().interval(confidence);
                prop_assert!((estimate.interval().low() - cohort.low()).abs() < 1e-14 && (estimate.interval().high() - cohort.high()).abs() < 1e-14);
            }
        }
        match tally.expected_lifetime_estimate_at_constant_churn(confidence) {
            Ok(lifetime) => {
                let churn = tally.start_cohort_churn().unwrap().interval(confidence);
                prop_assert!(close(lifetime.interval().low(), 1.0 / churn.high()) && close(lifetime.interval().high(), 1.0 / churn.low()));
            }
            Err(error) => prop_assert_eq!(error, tally.expected_lifetime_at_constant_churn().unwrap_err()),
        }
    }

    #[test]
    fn flawless_journeys_and_defects_have_the_ends_of_their_share(counted in shares(), contacts in 1..40_i32, level in 0.01..0.99_f64) {
        let confidence = Confidence::new(level).unwrap();
        let one = counted.interval(confidence);
        let whole = flawless_chance_estimate(&counted, contacts.unsigned_abs(), confidence).unwrap();
        prop_assert!(close(whole.point(), counted.to_f64().powi(contacts)));
        prop_assert!(close(whole.interval().low(), one.low().powi(contacts)) && close(whole.interval().high(), one.high().powi(contacts)));
        let defects = DefectRate::new(counted.part(), counted.whole()).unwrap().estimate(confidence);
        prop_assert!(close(defects.interval().low(), 1e6 * one.low()) && close(defects.interval().high(), 1e6 * one.high()));
    }
}

#[test]
fn wrong_parts_are_named() {
    let (good, other) = (share(1, 2).estimate(Confidence::P95), share(1, 2).estimate(Confidence::P90));
    for combine in [combine_independent, combine_dependent] {
        assert!(matches!(combine(&[]), Err(Error::Undefined { metric: "combined estimate", .. })));
        assert_eq!(combine(&[(1.0, good), (1.0, other)]).unwrap_err().to_string(), "part 1: confidence differs: 95% and 90%");
        assert_eq!(combine(&[(1.0, good), (f64::NAN, good)]).unwrap_err().to_string(), "part 1: weight is NaN, but must be finite");
        assert!(matches!(combine(&[(f64::MAX, good), (f64::MAX, good), (f64::MAX, good)]), Err(Error::Overflow { .. })));
    }
    let weights = Weights::equal(3).unwrap();
    assert!(matches!(weights.index_estimate(&[good, good]), Err(Error::Mismatch { field: "number of weights", .. })));
    assert_eq!(weights.index_estimate(&[good, good, good]).unwrap().point(), 0.5);
    assert!(flawless_chance_estimate(&share(1, 2), 0, Confidence::P95).is_err());
    assert!(churn_estimate_over_periods(&share(1, 2), f64::NAN, Confidence::P95).is_err());
}

#[test]
fn lifts_are_differences_of_counted_steps_only() {
    let curve = RetentionCurve::new([
        (Outcome::Silent, Proportion::from_percent(Decimal::TEN).unwrap().into()),
        (Outcome::Resolved, share(54, 100).into()),
        (Outcome::ResolvedQuickly, share(82, 100).into()),
    ])
    .unwrap();
    let (from, to) = (Outcome::Resolved, Outcome::ResolvedQuickly);
    assert_eq!(curve.lift_estimate(from, to, Confidence::P95).unwrap(), share(82, 100).difference(&share(54, 100), Confidence::P95));
    assert_eq!(curve.ratio_estimate(from, to, Confidence::P95), share(82, 100).ratio(&share(54, 100), Confidence::P95));
    for (from, to) in [(Outcome::Silent, to), (Outcome::Unresolved, to), (to, to)] {
        assert!(matches!(curve.lift_estimate(from, to, Confidence::P95), Err(Error::Undefined { .. })), "{from} to {to}");
        assert!(matches!(curve.ratio_estimate(from, to, Confidence::P95), Err(Error::Undefined { .. })), "{from} to {to}");
    }
}

#[test]
fn a_mix_with_uncertainty_holds_the_mix() {
    let mut tally = ComplaintTally::empty(QuickLimit::ONE_DAY);
    assert!(tally.mix_with_uncertainty(Confidence::P95).is_err());
    tally.extend(vec![Case::new(Problem::Silent, Fate::Left); 30]).unwrap();
    let silent = tally.mix_with_uncertainty(Confidence::P95).unwrap();
    assert_eq!(silent.resolution_rate(), Range::single(Proportion::ZERO));
    assert!(!silent.complaint_rate().is_single());
    tally.extend(vec![Case::new(Problem::Unresolved, Fate::Left); 20]).unwrap();
    tally.extend(vec![Case::new(Problem::ResolvedAfter(core::time::Duration::ZERO), Fate::Stayed); 10]).unwrap();
    let (mix, uncertain) = (tally.mix().unwrap(), tally.mix_with_uncertainty(Confidence::P95).unwrap());
    for outcome in Outcome::ALL {
        assert!(uncertain.share(outcome).contains(mix.share(outcome).low()), "{outcome}");
    }
    let (curve, uncertain_curve) = (tally.curve().unwrap(), tally.curve().unwrap().with_uncertainty(Confidence::P95));
    // No resolution was slow, so that nothing is known of who stays after one; the uncertain mix needs it.
    assert!(uncertain_curve.under(&uncertain).is_err());
    assert!(uncertain_curve.under(&mix).unwrap().contains(curve.under(&mix).unwrap().low()));
}

/// The churn that adds the losses of two groups, simulated.
#[test]
fn coverage_of_churn_over_the_start_is_near_its_promise() {
    let mut random = Pcg64Mcg::new(5);
    for (start, p1, joined, p2) in [(200, 0.05, 100, 0.1), (1_000, 0.02, 50, 0.3), (50, 0.2, 200, 0.05)] {
        let truth = p1 + joined as f64 / start as f64 * p2;
        let (simulations, mut held) = (4_000, 0);
        for _ in 0..simulations {
            let lost = Binomial::new(start, p1).unwrap().sample(&mut random);
            let lost_of_joined = Binomial::new(joined, p2).unwrap().sample(&mut random);
            let tally = ChurnTally::from_counts(start, lost, joined, lost_of_joined).unwrap();
            held += u32::from(tally.churn_estimate(ChurnDefinition::LostOverStart, Confidence::P95).unwrap().interval().contains(truth));
        }
        let held = f64::from(held) / f64::from(simulations);
        assert!((0.93..0.975).contains(&held), "{held} at {start} and {joined}");
    }
}

#[test]
fn an_estimate_from_elsewhere_holds_its_point_and_says_that_it_was_given() {
    use customer_metrics::{Interval, MinorUnit};

    let interval = Interval::new(0.55, 0.68).unwrap();
    let given = Estimate::new(0.62, interval, Confidence::P95, 410).unwrap();
    assert_eq!(given.method(), Method::Given);
    assert_eq!(given.to_string(), "0.62 (0.55 to 0.68, 95% given, n = 410)");
    assert_eq!(given.in_money(Decimal::ONE_HUNDRED, MinorUnit::CENT).unwrap().to_string(), "62.00 (55.00 to 68.00, 95% given, n = 410)");
    assert!((combine_independent(&[(1.0, given)]).unwrap().point() - 0.62).abs() < 1e-15);
    for outside in [0.5, 0.69, f64::NAN, f64::INFINITY] {
        assert!(matches!(Estimate::new(outside, interval, Confidence::P95, 410), Err(Error::OutOfBounds { field: "point", .. })));
    }
}

#[cfg(feature = "serde")]
#[test]
fn an_estimate_is_read_off_as_json_with_its_method_and_its_caution() {
    use customer_metrics::{Interval, MinorUnit, ShareMethod};

    let counted = Share::new(24, 30).unwrap().estimate(Confidence::P95);
    let json = serde_json::to_value(counted).unwrap();
    assert_eq!((json["method"].as_str(), json["n"].as_u64(), json["caution"].is_null()), (Some("wilson"), Some(30), true));
    // What is put in is checked on the way: the interval, from which another program's estimate is made.
    let interval = serde_json::from_value::<Interval>(json["interval"].clone()).unwrap();
    assert_eq!(interval, counted.interval());
    let few = Share::new(4, 90).unwrap().estimate_with(Confidence::P95, ShareMethod::Wald);
    for json in [serde_json::to_value(few).unwrap(), serde_json::to_value(few.in_money(Decimal::TEN, MinorUnit::CENT).unwrap()).unwrap()] {
        assert_eq!(json["caution"]["few_of_a_kind"]["answers"], 4.0);
    }
}

#[test]
fn what_is_read_off_prints_six_digits_unless_told_otherwise() {
    use customer_metrics::estimate::{ConfidenceSequence, ContinuityCorrection, NullDistribution, PopulationCorrection, StrataSampling};
    use customer_metrics::estimate::{
        KendallCorrelation, MannWhitney, MeanShrinkage, MemberMean, PearsonCorrelation, Shrinkage, SpearmanCorrelation,
    };

    let (a, b) = (Share::new(56, 70).unwrap(), Share::new(45, 81).unwrap());
    assert_eq!(b.estimate(Confidence::P95).to_string(), "0.555556 (0.447276 to 0.658804, 95% Wilson, n = 81)");
    assert_eq!(a.difference(&b, Confidence::P95).point().to_string().len(), 19);
    assert!(a.difference(&b, Confidence::P95).to_string().starts_with("0.244444 ("));
    assert!(a.test_difference(&b).unwrap().to_string().starts_with("z = 3.18"));
    let columns = ([1.0, 3.0, 2.0, 9.0, 30.0, 4.0], [5.0, 4.0, 5.0, 2.0, 1.0, 4.0]);
    let pearson = PearsonCorrelation::from_columns(&columns.0, &columns.1).unwrap();
    let spearman = SpearmanCorrelation::from_columns(&columns.0, &columns.1).unwrap();
    let kendall = KendallCorrelation::from_columns(&columns.0, &columns.1).unwrap();
    for (text, name, coefficient) in [
        (pearson.to_string(), "r", pearson.coefficient()),
        (spearman.to_string(), "rho", spearman.coefficient()),
        (kendall.to_string(), "tau-b", kendall.coefficient()),
    ] {
        assert_eq!(text, format!("{name} = {coefficient:.6} (n = 6)"));
    }
    assert_eq!(format!("{kendall:.2}"), format!("tau-b = {:.2} (n = 6)", kendall.coefficient()));
    let needed = a.difference(&b, Confidence::P95).number_needed();
    assert_eq!(needed.point().to_string(), "NNTB 4.09091");
    assert!(
        needed.to_string().starts_with("NNTB 4.09091 (NNTB ") && needed.to_string().ends_with(", 95% Newcombe, n = 70 and 81)"),
        "{needed}"
    );
    let team = Shrinkage::fit(&[(1, 3), (20, 30), (5, 30), (7, 9)].map(|(part, whole)| Share::new(part, whole).unwrap())).unwrap();
    let means = MeanShrinkage::fit(
        &[(3.1, 0.1), (4.0, 0.3), (2.2, 0.2), (4.9, 0.1)].map(|(mean, standard_error)| MemberMean { mean, standard_error }),
    )
    .unwrap();
    for text in [team.to_string(), means.to_string()] {
        assert!(text.split([' ', ',']).all(|word| word.parse::<f64>().is_err() || word.len() <= 9), "{text}");
    }
    let groups = MannWhitney::from_counts(&[0, 1, 2], &[1, 1, 1]).unwrap();
    assert_eq!(format!("{groups:.2}"), "superiority = 0.72, U = 6.5 (n = 3 and 3)");
    assert_eq!(ConfidenceSequence::new(Confidence::P90).to_string(), "90% confidence sequence, prior 0.5 and 0.5");
    assert_eq!(NullDistribution::StudentT { degrees: 7.25 }.to_string(), "t(7.25)");
    assert_eq!(ContinuityCorrection::default().to_string(), "with continuity correction");
    assert_eq!(format!("{}, {}", StrataSampling::PostStratified, PopulationCorrection::Finite), "post-stratified, finite population");
}
