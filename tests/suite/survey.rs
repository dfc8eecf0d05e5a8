//! Surveys: sample sizes against mpmath, and what silence leaves open.

use customer_metrics::estimate::{ExpectedNetScore, SurveyPlan};
use customer_metrics::{Confidence, Decimal, Proportion, Range, Share};
use proptest::prelude::*;
use serde_json::Value;

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap()
}

fn plan(row: &Value) -> SurveyPlan {
    let confidence = Confidence::new(text(row, "confidence").parse().unwrap()).unwrap();
    SurveyPlan::from_share(Proportion::new(text(row, "p").parse().unwrap()).unwrap(), confidence).unwrap()
}

/// `data/sample_sizes.json`; the origin stands in the file.
#[test]
fn sample_sizes_and_margins_agree_with_mpmath() {
    let file: Value = serde_json::from_str(include_str!("../data/sample_sizes.json")).unwrap();
    let rows = file["sample_size"].as_array().unwrap();
    assert!(rows.len() > 20);
    for row in rows {
        let margin = text(row, "margin").parse().unwrap();
        assert_eq!(plan(row).sample_size(margin), Ok(row["n"].as_u64().unwrap()), "{row}");
        for (population, expected) in row["of_population"].as_object().unwrap() {
            let plan = plan(row).with_population(population.parse().unwrap()).unwrap();
            assert_eq!(plan.sample_size(margin), Ok(expected.as_u64().unwrap()), "population {population} in {row}");
        }
    }
    for row in file["margin"].as_array().unwrap() {
        let plan = row["N"].as_u64().map_or(plan(row), |population| plan(row).with_population(population).unwrap());
        let (got, expected) = (plan.margin(row["n"].as_u64().unwrap()).unwrap(), text(row, "margin").parse::<f64>().unwrap());
        assert!((got - expected).abs() <= 1e-15 * expected, "{got} in {row}");
    }
}

/// `scipy.stats.t` 1.17.1, one number after the other.
#[test]
fn sample_sizes_for_a_mean_are_the_smallest_that_keep_the_margin() {
    let expected = [
        (0.95, 1.1, 0.1, None, 468),
        (0.95, 1.1, 0.1, Some(1_000), 319),
        (0.9, 2.5, 0.25, None, 273),
        (0.99, 1.0, 0.05, Some(5_000), 1_737),
        (0.95, 1.0, 1.0, None, 7),
        (0.95, 1.0, 20.0, None, 2),
        (0.8, 0.5, 0.01, None, 4_108),
        (0.95, 1.0, 0.5, Some(12), 8),
    ];
    for (level, deviation, margin, population, expected) in expected {
        let plan = SurveyPlan::from_mean(deviation, Confidence::new(level).unwrap()).unwrap();
        let plan = population.map_or(plan, |population| plan.with_population(population).unwrap());
        assert_eq!(plan.sample_size(margin), Ok(expected), "{plan}");
    }
    let plan = SurveyPlan::from_mean(1.1, Confidence::P95).unwrap();
    assert!((plan.margin(30).unwrap() / 0.410_746_750_433_909_9 - 1.0).abs() < 1e-13);
    assert!(plan.margin(1).is_err() && plan.sample_size(0.0).is_err() && plan.sample_size(f64::INFINITY).is_err());
    assert!(matches!(plan.sample_size(1e-300), Err(customer_metrics::Error::Overflow { .. })));
    assert_eq!(plan.with_population(1).unwrap().sample_size(1e-300), Ok(1));
    for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(SurveyPlan::from_mean(wrong, Confidence::P95).is_err());
    }
}

/// The tables of every textbook: 5 points at 95% take 385 answers, 3 points 1068, 1 point 9604.
#[test]
fn the_customary_sample_sizes() {
    let plan = SurveyPlan::from_worst_case_share(Confidence::P95);
    assert_eq!([0.05, 0.03, 0.01].map(|margin| plan.sample_size(margin).unwrap()), [385, 1068, 9604]);
}

proptest! {
    #[test]
    fn sample_size_inverts_margin(
        level in 0.5..0.999_f64, margin in 0.001..0.5_f64, percent in 1..100_u32, population in prop::option::of(1..1_000_000_u64), net: bool,
    ) {
        let (confidence, expected) = (Confidence::new(level).unwrap(), Proportion::from_percent(percent.into()).unwrap());
        let plan = if net {
            SurveyPlan::from_net_score(ExpectedNetScore { promoters: expected, detractors: expected.complement() }, confidence).unwrap()
        } else {
            SurveyPlan::from_share(expected, confidence).unwrap()
        };
        let plan = population.map_or(plan, |population| plan.with_population(population).unwrap());
        let size = plan.sample_size(margin).unwrap();
        prop_assert!(size >= 1 && population.is_none_or(|population| size <= population));
        prop_assert!(plan.margin(size).unwrap() <= margin * (1.0 + 1e-14));
        if size > 1 {
            prop_assert!(plan.margin(size - 1).unwrap() > margin * (1.0 - 1e-14));
        }
    }

    #[test]
    fn what_is_known_never_takes_more_answers(margin in 0.01..0.3_f64, promoters in 1..99_u32, population in 1..10_000_u64) {
        let confidence = Confidence::P95;
        let share = Proportion::from_percent(promoters.into()).unwrap();
        let (worst, known) = (SurveyPlan::from_worst_case_share(confidence), SurveyPlan::from_share(share, confidence).unwrap());
        prop_assert!(known.sample_size(margin).unwrap() <= worst.sample_size(margin).unwrap());
        prop_assert!(worst.with_population(population).unwrap().sample_size(margin).unwrap() <= worst.sample_size(margin).unwrap());
        // With no passives, a net score is a share at twice the size.
        let net = SurveyPlan::from_net_score(ExpectedNetScore { promoters: share, detractors: share.complement() }, confidence).unwrap();
        prop_assert!((net.margin(100).unwrap() - 2.0 * known.margin(100).unwrap()).abs() < 1e-15);
        prop_assert!(net.sample_size(margin).unwrap() <= SurveyPlan::from_worst_case_net_score(confidence).sample_size(margin).unwrap());
    }

    #[test]
    fn silence_is_bounded_by_every_way_to_break_it(part in 0..200_u64, others in 0..200_u64, for_it in 0..200_u64, against in 0..200_u64) {
        prop_assume!(part + others > 0);
        let answered = Share::new(part, part + others).unwrap();
        let survey = answered.non_response(for_it + against).unwrap();
        let truth = Share::new(part + for_it, part + others + for_it + against).unwrap();
        prop_assert!(survey.bounds().contains(truth.to_proportion()));
        prop_assert!(!survey.lowest().compare(&truth).is_gt() && !survey.highest().compare(&truth).is_lt());
        prop_assert_eq!(survey.silent(), for_it + against);

        // The gap that there is gives the truth back.
        if let Ok(silent) = Share::new(for_it, for_it + against) {
            let gap = silent.to_decimal() - answered.to_decimal();
            let got = survey.with_gap(gap).unwrap();
            prop_assert!(got.is_single() && (got.low().to_decimal() - truth.to_decimal()).abs() < Decimal::new(1, 26));
        }
        prop_assert_eq!(survey.with_gap(Range::new(Decimal::NEGATIVE_ONE, Decimal::ONE).unwrap()).unwrap(), survey.bounds());
    }
}

#[cfg(feature = "serde")]
#[test]
fn hostile_plans_are_refused_and_good_ones_come_back() {
    use customer_metrics::estimate::NonResponse;

    let plan = SurveyPlan::from_worst_case_net_score(Confidence::P99).with_population(70).unwrap();
    let json = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<SurveyPlan>(&json).unwrap(), plan);
    for (from, to) in
        [("70", "0"), (r#""promoters":"0.5""#, r#""promoters":"0.6""#), ("0.99", "1.0"), (r#""measure""#, r#""x":0,"measure""#)]
    {
        assert!(json.contains(from), "{json}");
        assert!(serde_json::from_str::<SurveyPlan>(&json.replace(from, to)).is_err(), "{to}");
    }
    let survey = Share::new(3, 4).unwrap().non_response(5).unwrap();
    let json = serde_json::to_string(&survey).unwrap();
    assert_eq!(serde_json::from_str::<NonResponse>(&json).unwrap(), survey);
    assert!(serde_json::from_str::<NonResponse>(&json.replace("\"silent\":5", "\"silent\":18446744073709551615")).is_err());
}
