//! Values that were computed apart from this crate: every column that it gives as well, and the largest error of each.

use std::collections::BTreeMap;

use customer_metrics::estimate::{Alternative, DifferenceMethod, ShareTestMethod, SurveyPlan};
use customer_metrics::satisfaction::{NetScoreMethod, RatingTally, Scale};
use customer_metrics::{Confidence, Error, Interval, Proportion, Share, ShareMethod};
use serde_json::Value;

/// The largest error of every column, relative to the value, and absolute where that is 0.
#[derive(Default)]
struct Errors(BTreeMap<String, f64>);

impl Errors {
    fn note(&mut self, column: &str, got: f64, expected: f64) {
        let scale = if expected == 0.0 { 1.0 } else { expected.abs() };
        let error = (got - expected).abs() / scale;
        assert!(!error.is_nan(), "{column}: {got} is not {expected}");
        let worst = self.0.entry(column.to_owned()).or_default();
        *worst = worst.max(error);
    }

    fn note_interval(&mut self, column: &str, got: Interval, expected: &Value, [lowest, highest]: [f64; 2]) {
        self.note(column, got.low(), number(&expected[0]).max(lowest));
        self.note(column, got.high(), number(&expected[1]).min(highest));
    }

    fn assert_all_below(&self, tolerance: f64) {
        for (column, error) in &self.0 {
            println!("{column}: {error:.1e}");
        }
        assert!(self.0.values().all(|&error| error <= tolerance), "{:?}", self.0);
    }
}

fn number(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

fn count(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

fn confidence(value: &Value) -> Confidence {
    Confidence::new(number(value)).unwrap()
}

fn file() -> Value {
    serde_json::from_str(include_str!("../data/independent_values.json")).unwrap()
}

fn rows<'a>(file: &'a Value, part: &str) -> &'a [Value] {
    file[part].as_array().unwrap()
}

/// The columns of closed forms, and those that take the incomplete beta function.
fn share_errors(rows: &[Value]) -> [Errors; 2] {
    let [mut closed, mut by_beta] = [Errors::default(), Errors::default()];
    for row in rows {
        let (share, confidence) = (Share::new(count(&row["k"]), count(&row["n"])).unwrap(), confidence(&row["confidence"]));
        closed.note("p", share.to_f64(), number(&row["p"]));
        for (method, column) in [
            (ShareMethod::Wald, "wald_unclipped"),
            (ShareMethod::Wilson, "wilson"),
            (ShareMethod::WilsonCorrected, "wilson_cc"),
            (ShareMethod::AgrestiCoull, "agresti_coull_unclipped"),
            (ShareMethod::AgrestiCoull, "agresti_coull_clipped"),
        ] {
            closed.note_interval(column, share.interval_with(confidence, method), &row[column], [0.0, 1.0]);
        }
        for (method, column) in [
            (ShareMethod::ClopperPearson, "clopper_pearson"),
            (ShareMethod::JeffreysEqualTailed, "jeffreys_equal_tailed"),
            (ShareMethod::JeffreysModified, "jeffreys_modified"),
        ] {
            if let Some(expected) = row.get(column) {
                by_beta.note_interval(column, share.interval_with(confidence, method), expected, [0.0, 1.0]);
            }
        }
    }
    [closed, by_beta]
}

fn pair_errors(rows: &[Value]) -> Errors {
    let mut errors = Errors::default();
    for row in rows {
        let share = |part: &str, whole: &str| Share::new(count(&row[part]), count(&row[whole])).unwrap();
        let (first, second, confidence) = (share("k1", "n1"), share("k2", "n2"), confidence(&row["confidence"]));
        errors.note("diff", first.difference(&second, confidence).point(), number(&row["diff"]));
        for (method, column) in [
            (DifferenceMethod::Newcombe, "newcombe_wilson"),
            (DifferenceMethod::NewcombeCorrected, "newcombe_wilson_cc"),
            (DifferenceMethod::AgrestiCaffo, "agresti_caffo_unclipped"),
        ] {
            errors.note_interval(column, first.difference_with(&second, confidence, method).interval(), &row[column], [-1.0, 1.0]);
        }
        for (method, column) in [(ShareTestMethod::Pooled, "z_pooled"), (ShareTestMethod::Unpooled, "z_unpooled")] {
            let Some(expected) = row.get(column) else { continue };
            for (side, name) in [(Alternative::TwoSided, "p_two_sided"), (Alternative::Greater, "p_greater"), (Alternative::Less, "p_less")]
            {
                let test = first.test_difference_with(&second, method, side);
                if expected.is_null() {
                    assert!(matches!(test, Err(Error::Undefined { .. })), "{row}");
                } else {
                    let test = test.unwrap();
                    errors.note(column, test.statistic(), number(&expected["z"]));
                    errors.note(&format!("{column} {name}"), test.p_value(), number(&expected[name]));
                }
            }
        }
    }
    errors
}

/// Sizes must be exact; the errors are those of margins.
fn size_errors(sizes: &[Value], margins: &[Value]) -> Errors {
    let plan = |row: &Value| {
        let expected = Proportion::new(row["p"].as_str().unwrap().parse().unwrap()).unwrap();
        SurveyPlan::from_share(expected, confidence(&row["confidence"])).unwrap()
    };
    for row in sizes {
        let margin = number(&row["margin"]);
        assert_eq!(plan(row).sample_size(margin), Ok(count(&row["n0_ceil"])), "{row}");
        for (population, expected) in row["finite"].as_object().unwrap() {
            let of_population = plan(row).with_population(population.parse().unwrap()).unwrap();
            assert_eq!(of_population.sample_size(margin), Ok(count(&expected["capped"])), "{population} in {row}");
        }
    }
    let mut errors = Errors::default();
    for row in margins {
        let plan = row["N"].as_u64().map_or(plan(row), |population| plan(row).with_population(population).unwrap());
        errors.note("margin", plan.margin(count(&row["n"])).unwrap(), number(&row["margin"]));
    }
    errors
}

fn net_score_errors(scores: &[Value], pairs: &[Value]) -> Errors {
    let mut errors = Errors::default();
    let tally = |row: &Value| {
        let counts: Vec<u64> = row["counts_0_to_10"].as_array().unwrap().iter().map(count).collect();
        RatingTally::from_counts(Scale::ZERO_TO_TEN, &counts, 0).unwrap().nps().unwrap()
    };
    let decimal = |value: customer_metrics::Decimal| value.to_string().parse::<f64>().unwrap();
    for row in scores {
        let score = tally(row);
        assert_eq!(
            [score.detractors().part(), score.passives().part(), score.promoters().part(), score.answers()],
            ["detractors", "passives", "promoters", "n"].map(|column| count(&row[column]))
        );
        errors.note("nps", decimal(score.value()), number(&row["nps"]));
        errors.note("nps_x100", decimal(score.points()), number(&row["nps_x100"]));
        errors.note("variance", decimal(score.variance().unwrap()), number(&row["variance"]));
        errors.note("se", score.standard_error(), number(&row["se"]));
        for (level, ends) in row["ci"].as_object().unwrap() {
            let confidence = Confidence::new(level.parse().unwrap()).unwrap();
            errors.note_interval("ci", score.estimate_with(confidence, NetScoreMethod::Wald).interval(), ends, [-1.0, 1.0]);
        }
    }
    for row in pairs {
        let named = |name: &Value| scores.iter().find(|score| score["name"] == *name).map(tally);
        let (Some(first), Some(second)) = (named(&row["a"]), named(&row["b"])) else { continue };
        let (test, difference) =
            (first.test_difference(&second).unwrap(), first.difference_with(&second, Confidence::P95, NetScoreMethod::Wald));
        errors.note("diff", difference.point(), number(&row["diff"]));
        errors.note("se of diff", first.standard_error().hypot(second.standard_error()), number(&row["se"]));
        errors.note("z", test.statistic(), number(&row["z"]));
        errors.note_interval("ci95", difference.interval(), &row["ci95"], [-2.0, 2.0]);
        errors.note("p_two_sided", test.p_value(), number(&row["p_two_sided"]));
    }
    errors
}

#[test]
fn intervals_of_shares_agree_with_values_computed_apart() {
    let file = file();
    let [closed, by_beta] = share_errors(rows(&file, "shares"));
    assert_eq!((closed.0.len(), by_beta.0.len()), (6, 3));
    closed.assert_all_below(1e-12);
    by_beta.assert_all_below(1e-10);
}

#[test]
fn comparisons_of_two_shares_agree_with_values_computed_apart() {
    let file = file();
    let errors = pair_errors(rows(&file, "pairs"));
    assert_eq!(errors.0.len(), 12);
    errors.assert_all_below(1e-12);
}

#[test]
fn sample_sizes_agree_with_values_computed_apart() {
    let file = file();
    size_errors(rows(&file, "sizes"), rows(&file, "margins")).assert_all_below(1e-12);
}

#[test]
fn net_scores_agree_with_values_computed_apart() {
    let file = file();
    let errors = net_score_errors(rows(&file, "net_scores"), rows(&file, "net_score_pairs"));
    assert_eq!(errors.0.len(), 10);
    errors.assert_all_below(1e-12);
}
