//! Survival: the published data sets against mpmath and R, variants against mpmath, properties, and the laws of the life table.

use customer_metrics::estimate::{Alternative, NullDistribution};
use customer_metrics::survival::{
    Ending, EventWeighting, GroupComparison, HazardEstimator, HazardRatioMethod, LifeTable, LimitMethod, Observations, RiskRow, RiskTable,
    SurvivalCurve, Tenure,
};
use customer_metrics::{Confidence, Error, Proportion, Tally};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde_json::Value;

use crate::laws;

const P95: Confidence = Confidence::P95;
const SETS: [&str; 4] = ["leukemia", "waltons", "lung", "rossi"];

fn golden() -> Value {
    serde_json::from_str(include_str!("../data/survival.json")).unwrap()
}

fn variants() -> Value {
    serde_json::from_str(include_str!("../data/survival_variants.json")).unwrap()
}

/// A number, or the text of one.
fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

struct Columns {
    times: Vec<f64>,
    endings: Vec<Ending>,
    groups: Vec<u32>,
}

impl Columns {
    fn of(set: &Value) -> Self {
        let endings = set["left"].as_array().unwrap().iter().map(|left| Ending::left_if(left.as_u64() == Some(1))).collect();
        let groups = set["group"].as_array().unwrap().iter().map(|group| group.as_u64().unwrap() as u32).collect();
        Self { times: numbers(&set["time"]), endings, groups }
    }

    fn observations(&self) -> Observations<'_> {
        Observations::new(&self.times, &self.endings).unwrap()
    }
}

#[track_caller]
fn assert_close(got: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((got - expected).abs() <= tolerance * expected.abs(), "{what}: {got} is not {expected}");
}

fn optional(value: &Value) -> Option<f64> {
    (!value.is_null()).then(|| number(value))
}

/// Every distinct time, not only those at which the curve drops.
#[test]
fn tables_curves_and_hazards_of_the_published_sets_agree_with_mpmath() {
    let golden = golden();
    for name in SETS {
        let set = &golden["sets"][name];
        let (columns, expected) = (Columns::of(set), &set["table"]);
        let table = columns.observations().risk_table();
        let of = |field: fn(&RiskRow) -> f64| table.rows().iter().map(field).collect::<Vec<_>>();
        assert_eq!(of(RiskRow::time), numbers(&expected["time"]), "{name}");
        assert_eq!(of(RiskRow::at_risk), numbers(&expected["n_risk"]), "{name}");
        assert_eq!(of(RiskRow::left), numbers(&expected["n_event"]), "{name}");
        assert_eq!(of(RiskRow::censored), numbers(&expected["n_censor"]), "{name}");

        let curve = table.kaplan_meier().unwrap();
        let [together, one_by_one] =
            [HazardEstimator::NelsonAalen, HazardEstimator::FlemingHarrington].map(|estimator| table.cumulative_hazard(estimator).unwrap());
        for (row, time) in numbers(&expected["time"]).into_iter().enumerate() {
            let survival = curve.survival_at(time).unwrap();
            assert_close(survival, number(&expected["surv"][row]), 1e-15, name);
            let step = curve.steps().iter().rfind(|step| step.time() <= time);
            if let Some(step) = step {
                assert_close(step.variance(), number(&expected["var_surv_greenwood"][row]), 1e-14, name);
            }
            assert_close(together.hazard_at(time).unwrap(), number(&expected["nelson_aalen"][row]), 1e-15, name);
            let step = together.steps().iter().rfind(|step| step.time() <= time);
            if let Some(step) = step {
                assert_close(step.variance(), number(&expected["nelson_aalen_var_aalen"][row]), 1e-14, name);
                assert_close(step.standard_error(), number(&set["r_nelson_aalen_se"][row]), 1e-13, name);
            }
            assert_close(one_by_one.hazard_at(time).unwrap(), number(&expected["fleming_harrington_cumhaz"][row]), 1e-14, name);
            let smooth = one_by_one.survival().survival_at(time).unwrap();
            assert_close(smooth, (-number(&expected["fleming_harrington_cumhaz"][row])).exp(), 1e-14, name);

            for (method, key) in
                [(LimitMethod::Plain, "plain_clipped"), (LimitMethod::Log, "log_clipped"), (LimitMethod::LogLog, "log-log")]
            {
                let limits = &set["ci95"][key];
                match (optional(&limits["lower"][row]), optional(&limits["upper"][row])) {
                    (Some(low), Some(high)) => {
                        let interval = curve.estimate_at(time, P95, method).unwrap().interval();
                        assert!(
                            (interval.low() - low).abs() <= 1e-14 && (interval.high() - high).abs() <= 1e-14,
                            "{name} {method} at {time}"
                        );
                    }
                    _ if survival == 0.0 => assert!(curve.estimate_at(time, P95, method).is_err()),
                    _ => assert_eq!(survival, 1.0),
                }
            }
        }
    }
}

#[test]
fn quantiles_with_their_intervals_agree_with_r() {
    let golden = golden();
    for name in SETS {
        let set = &golden["sets"][name];
        let columns = Columns::of(set);
        let curve = columns.observations().risk_table().kaplan_meier().unwrap();
        for (method, key) in [(LimitMethod::Plain, "plain"), (LimitMethod::Log, "log"), (LimitMethod::LogLog, "log-log")] {
            for (left, quantile) in [("0.25", "q25"), ("0.5", "median"), ("0.75", "q75")] {
                let expected = set["r_quantiles"][key][quantile].as_array().unwrap();
                let got = curve.quantile(Proportion::new(left.parse().unwrap()).unwrap(), P95, method).unwrap();
                let expected: Vec<Option<f64>> = expected.iter().map(optional).collect();
                assert_eq!([got.time(), got.low(), got.high()].to_vec(), expected, "{name} {method} {quantile}");
            }
        }
        for (table, expected) in
            columns.observations().by_group(&columns.groups, 2).unwrap().iter().zip(set["r_group_medians"].as_array().unwrap())
        {
            let got = table.kaplan_meier().unwrap().median(P95, LimitMethod::LogLog);
            let expected: Vec<Option<f64>> = expected.as_array().unwrap().iter().map(optional).collect();
            assert_eq!([got.time(), got.low(), got.high()].to_vec(), expected, "{name}");
        }
    }
}

#[test]
fn restricted_means_and_their_standard_errors_agree_with_mpmath() {
    let golden = golden();
    for name in SETS {
        let set = &golden["sets"][name];
        let curve = Columns::of(set).observations().risk_table().kaplan_meier().unwrap();
        for (expected, horizon) in [(&set["rmst"], "tau"), (&set["rmst_to_last"], "upper")] {
            let mean = curve.restricted_mean(number(&expected[horizon])).unwrap();
            assert_close(mean.mean(), number(&expected["value"]), 1e-14, name);
            assert_close(mean.standard_error(), number(&expected["se"]), 1e-13, name);
        }
    }
}

fn weighting(name: &str) -> EventWeighting {
    let harrington_fleming = |p, q| EventWeighting::harrington_fleming(p, q).unwrap();
    match name {
        "logrank" | "log_rank" => EventWeighting::LogRank,
        "gehan_wilcoxon" | "gehan" => EventWeighting::Gehan,
        "tarone_ware" => EventWeighting::TaroneWare,
        "peto_peto" => EventWeighting::PetoPeto,
        "peto_peto_modified" | "modified_peto_peto" => EventWeighting::ModifiedPetoPeto,
        "fh_1_0_leftcont" | "prentice_R_rho1_km_leftcont" | "harrington_fleming_1_0" => harrington_fleming(1.0, 0.0),
        "fh_0_1_leftcont" => harrington_fleming(0.0, 1.0),
        "fh_1_1_leftcont" => harrington_fleming(1.0, 1.0),
        "fh_0.5_0.5_leftcont" => harrington_fleming(0.5, 0.5),
        "harrington_fleming_0.5_2" => harrington_fleming(0.5, 2.0),
        _ => panic!("{name} is not known"),
    }
}

#[test]
fn comparisons_of_two_groups_agree_with_mpmath() {
    let golden = golden();
    for name in SETS {
        let set = &golden["sets"][name];
        let columns = Columns::of(set);
        let groups = columns.observations().by_group(&columns.groups, 2).unwrap();
        for (key, expected) in set["tests"].as_object().unwrap() {
            let comparison = GroupComparison::new(&groups, weighting(key)).unwrap();
            for group in 0..2 {
                assert_close(comparison.expected()[group], number(&expected["expected_weighted"][group]), 1e-13, key);
                let excess = comparison.observed()[group] - comparison.expected()[group];
                assert!((excess - number(&expected["U"][group])).abs() <= 1e-13 * comparison.expected()[group], "{name} {key}");
            }
            let z = (comparison.observed()[0] - comparison.expected()[0]) / comparison.covariance(0, 0).sqrt();
            assert_close(z, number(&expected["z_two_group"]), 1e-12, key);
            let test = comparison.test().unwrap();
            assert_close(test.statistic(), number(&expected["chisq"]), 1e-12, key);
            assert_eq!(test.distribution(), NullDistribution::ChiSquare { degrees: 1.0 });
            assert_close(test.p_value(), number(&expected["p"]), 1e-11, key);
            assert_close(test.ln_p_value(), number(&expected["ln_p"]), 1e-12, key);
        }
        let log_rank = GroupComparison::new(&groups, EventWeighting::LogRank).unwrap();
        assert_eq!(log_rank.observed(), numbers(&set["observed"]));
        assert_close(log_rank.covariance(0, 1), number(&set["r_logrank_var"][1]), 1e-12, name);
    }
}

#[test]
fn late_entries_and_weights_agree_with_mpmath_customer_by_customer() {
    let (golden, variants) = (golden(), variants());
    for case in variants["cases"].as_array().unwrap() {
        let columns = Columns::of(&golden["sets"][case["set"].as_str().unwrap()]);
        let what = format!("{} {}", case["set"], case["variant"]);
        let entries = case["entry"].is_array().then(|| numbers(&case["entry"]));
        let weights = case["weight"].is_array().then(|| numbers(&case["weight"]));
        let mut observations = columns.observations();
        if let Some(entries) = &entries {
            observations = observations.with_entries(entries).unwrap();
        }
        if let Some(weights) = &weights {
            observations = observations.with_weights(weights).unwrap();
        }
        let table = observations.risk_table();
        let curve = table.kaplan_meier().unwrap();
        for step in case["steps"].as_array().unwrap() {
            let time = number(&step["time"]);
            let at = curve.steps().iter().find(|step| step.time() == time).unwrap();
            assert_close(at.survival(), number(&step["survival"]), 2e-15, &what);
            assert_close(at.variance(), number(&step["variance"]), 1e-13, &what);
            for (method, key) in LimitMethod::ALL.into_iter().zip(["log_log", "log", "plain", "logit", "arcsine"]) {
                let (interval, expected) = (curve.estimate_at(time, P95, method).unwrap().interval(), numbers(&step["limits"][key]));
                assert!((interval.low() - expected[0]).abs() < 1e-13 && (interval.high() - expected[1]).abs() < 1e-13, "{what} {method}");
            }
        }
        for mean in case["means"].as_array().unwrap() {
            let got = curve.remaining_mean_carried_forward(number(&mean[0]), number(&mean[1])).unwrap();
            assert_close(got.mean(), number(&mean[2]), 1e-14, &what);
            assert_close(got.standard_error(), number(&mean[3]), 1e-12, &what);
        }
        let conditional = &case["conditional"];
        let got = curve.conditional_survival(number(&conditional[0]), number(&conditional[1]), P95, LimitMethod::LogLog).unwrap();
        assert_close(got.point(), number(&conditional[2]), 1e-14, &what);
        assert_close(got.interval().low(), number(&conditional[3][0]), 1e-12, &what);
        assert_close(got.interval().high(), number(&conditional[3][1]), 1e-12, &what);
        let hazard = table.cumulative_hazard(HazardEstimator::FlemingHarrington).unwrap();
        for expected in case["one_by_one"].as_array().unwrap() {
            let step = hazard.steps().iter().find(|step| step.time() == number(&expected[0])).unwrap();
            assert_close(step.hazard(), number(&expected[1]), 1e-14, &what);
            assert_close(step.variance(), number(&expected[2]), 1e-13, &what);
        }

        let count = case["groups"].as_u64().unwrap() as u32;
        let groups: Vec<u32> = (0..columns.times.len() as u32).map(|row| row % count).collect();
        for test in case["tests"].as_array().unwrap() {
            let weighting = weighting(test["weighting"].as_str().unwrap());
            let comparison = if test["stratified"].as_bool().unwrap() {
                let strata = observations.by_stratum_and_group(&columns.groups, 2, &groups, count).unwrap();
                GroupComparison::stratified(&strata, weighting).unwrap()
            } else {
                GroupComparison::new(&observations.by_group(&groups, count).unwrap(), weighting).unwrap()
            };
            let what = format!("{what} {weighting}");
            let scale = comparison.covariance(0, 0);
            for group in 0..count as usize {
                assert_close(comparison.observed()[group], number(&test["observed"][group]), 1e-13, &what);
                assert_close(comparison.expected()[group], number(&test["expected"][group]), 1e-13, &what);
                let covariance = number(&test["first_row"][group]);
                assert!((comparison.covariance(0, group) - covariance).abs() <= 1e-12 * scale, "{what}");
                assert_eq!(comparison.covariance(0, group), comparison.covariance(group, 0));
            }
            let outcome = comparison.test().unwrap();
            assert_close(outcome.statistic(), number(&test["chi_square"]), 1e-11, &what);
            assert_eq!(outcome.distribution(), NullDistribution::ChiSquare { degrees: number(&test["degrees"]) });
            assert_close(outcome.ln_p_value(), number(&test["ln_p"]), 1e-11, &what);
            let scores: Vec<f64> = (1..=count).map(f64::from).collect();
            let trend = comparison.trend(&scores, Alternative::TwoSided).unwrap();
            assert!((trend.statistic() - number(&test["trend_z"])).abs() < 1e-11, "{what}");
        }
    }
}

/// Whole periods, so that ties are common; some entered late.
fn tenures() -> impl Strategy<Value = Vec<Tenure>> {
    let tenure = (0..12_u16, any::<bool>(), 0..12_u16).prop_map(|(periods, left, entered)| {
        let tenure = Tenure::new(periods, Ending::left_if(left));
        tenure.entered_at(entered).unwrap_or(tenure)
    });
    prop::collection::vec(tenure, 0..40)
}

struct Rows {
    times: Vec<f64>,
    endings: Vec<Ending>,
    entries: Vec<f64>,
}

impl Rows {
    fn of(tenures: &[Tenure]) -> Self {
        Self {
            times: tenures.iter().map(|tenure| f64::from(tenure.periods())).collect(),
            endings: tenures.iter().map(Tenure::ending).collect(),
            entries: tenures.iter().map(|tenure| f64::from(tenure.entered())).collect(),
        }
    }

    fn observations(&self) -> Observations<'_> {
        Observations::new(&self.times, &self.endings).unwrap().with_entries(&self.entries).unwrap()
    }
}

fn life_table(tenures: &[Tenure]) -> LifeTable {
    let mut table = LifeTable::default();
    table.extend(tenures.iter().copied()).unwrap();
    table
}

fn curve_of(table: &RiskTable) -> SurvivalCurve {
    table.kaplan_meier().unwrap()
}

const WEIGHTINGS: [EventWeighting; 5] = [
    EventWeighting::LogRank,
    EventWeighting::Gehan,
    EventWeighting::TaroneWare,
    EventWeighting::PetoPeto,
    EventWeighting::ModifiedPetoPeto,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_laws_hold(a in tenures(), b in tenures(), c in tenures()) {
        laws::check::<LifeTable>(&(), [a, b, c]);
    }

    #[test]
    fn a_life_table_gives_what_columns_give_to_the_last_bit(tenures in tenures()) {
        let rows = Rows::of(&tenures);
        let (from_columns, from_counts) = (rows.observations().risk_table(), life_table(&tenures).risk_table());
        prop_assert_eq!(&from_columns, &from_counts);
        for period in 0..14_u16 {
            let at_risk = from_columns.numbers_at_risk(&[f64::from(period)]).unwrap()[0];
            prop_assert_eq!(at_risk, life_table(&tenures).at_risk(period) as f64);
            let slow = tenures.iter().filter(|t| t.periods() >= period && (t.entered() == 0 || t.entered() < period)).count();
            prop_assert_eq!(at_risk, slow as f64);
        }
    }

    #[test]
    fn curves_never_rise_and_stay_in_range_and_intervals_hold_them(tenures in tenures(), level in 0.01..0.999_f64) {
        prop_assume!(!tenures.is_empty());
        let curve = curve_of(&Rows::of(&tenures).observations().risk_table());
        let mut before = 1.0;
        for step in curve.steps() {
            prop_assert!((0.0..=before).contains(&step.survival()));
            before = step.survival();
        }
        for method in LimitMethod::ALL {
            for (step, interval) in curve.steps().iter().zip(curve.intervals(Confidence::new(level).unwrap(), method)) {
                prop_assert_eq!(interval.is_none(), step.survival() == 0.0);
                if let Some(interval) = interval {
                    prop_assert!(interval.contains(step.survival()) && interval.low() >= 0.0 && interval.high() <= 1.0);
                }
            }
            let median = curve.median(P95, method);
            if let (Some(low), Some(time)) = (median.low(), median.time()) {
                prop_assert!(low <= time);
            }
            if let (Some(time), Some(high)) = (median.time(), median.high()) {
                prop_assert!(time <= high);
            }
        }
        let mean = curve.restricted_mean(curve.last_time()).unwrap();
        prop_assert!(mean.estimate(P95).interval().contains(mean.mean()) && mean.mean() <= curve.last_time());
    }

    #[test]
    fn the_order_of_the_rows_changes_no_bit(
        rows in prop::collection::vec((0.0..20.0_f64, any::<bool>(), 0.0..1.0_f64, 0.001..3.0_f64), 1..60),
        seed in any::<u64>(),
    ) {
        let table = |rows: &[(f64, bool, f64, f64)]| {
            let times: Vec<f64> = rows.iter().map(|row| (row.0 * 4.0).round() / 4.0).collect();
            let endings: Vec<Ending> = rows.iter().map(|row| Ending::left_if(row.1)).collect();
            let entries: Vec<f64> = rows.iter().zip(&times).map(|(row, time)| (row.2 * time * 0.9).floor()).collect();
            let weights: Vec<f64> = rows.iter().map(|row| row.3).collect();
            let observations = Observations::new(&times, &endings).unwrap().with_weights(&weights).unwrap();
            let late = observations.with_entries(&entries).unwrap();
            (observations.risk_table(), late.risk_table(), late.risk_table().kaplan_meier().unwrap())
        };
        let mut shuffled = rows.clone();
        shuffled.sort_by_key(|row| row.0.to_bits().wrapping_mul(seed | 1));
        prop_assert_eq!(table(&rows), table(&shuffled));
    }

    #[test]
    fn a_weight_of_two_is_two_customers(tenures in tenures()) {
        let rows = Rows::of(&tenures);
        let twos = vec![2.0; tenures.len()];
        let weighted = rows.observations().with_weights(&twos).unwrap().risk_table();
        let doubled = Rows::of(&[tenures.clone(), tenures.clone()].concat());
        prop_assert_eq!(&weighted, &doubled.observations().risk_table());
        let zeros = vec![0.0; tenures.len()];
        prop_assert_eq!(rows.observations().with_weights(&zeros).unwrap().risk_table(), RiskTable::default());
        let ones = vec![1.0; tenures.len()];
        prop_assert_eq!(rows.observations().with_weights(&ones).unwrap().risk_table(), rows.observations().risk_table());
    }

    #[test]
    fn without_censoring_the_curve_is_the_share_of_those_who_stay_longer(times in prop::collection::vec(0..50_u32, 1..200)) {
        let columns: Vec<f64> = times.iter().map(|&time| f64::from(time) / 8.0).collect();
        let curve = curve_of(&Observations::new(&columns, &vec![Ending::Left; times.len()]).unwrap().risk_table());
        for time in 0..51_u32 {
            let longer = times.iter().filter(|&&each| each > time).count();
            prop_assert_eq!(curve.survival_at(f64::from(time) / 8.0).unwrap(), longer as f64 / times.len() as f64);
        }
        let mean = columns.iter().sum::<f64>() / columns.len() as f64;
        let restricted = curve.restricted_mean(curve.last_time()).unwrap();
        prop_assert!((restricted.mean() - mean).abs() < 1e-12);
        // Without censoring the variance of the mean is that of the lifetimes over their number.
        let variance = columns.iter().map(|time| (time - mean) * (time - mean)).sum::<f64>() / (columns.len() as f64).powi(2);
        prop_assert!((restricted.standard_error() - variance.sqrt()).abs() < 1e-11);
    }

    #[test]
    fn an_entry_at_0_changes_nothing(tenures in tenures()) {
        let rows = Rows::of(&tenures);
        let plain = Observations::new(&rows.times, &rows.endings).unwrap();
        let zeros = vec![0.0; tenures.len()];
        prop_assert_eq!(plain.with_entries(&zeros).unwrap().risk_table(), plain.risk_table());
    }

    #[test]
    fn swapping_two_groups_mirrors_the_comparison(tenures in tenures(), split in 0..12_usize) {
        let groups: Vec<u32> = (0..tenures.len()).map(|row| u32::from(row % 12 < split)).collect();
        let swapped: Vec<u32> = groups.iter().map(|group| 1 - group).collect();
        let rows = Rows::of(&tenures);
        for weighting in WEIGHTINGS {
            let compare = |groups: &[u32]| GroupComparison::new(&rows.observations().by_group(groups, 2).unwrap(), weighting);
            match (compare(&groups), compare(&swapped)) {
                (Ok(one), Ok(other)) => {
                    prop_assert!((one.covariance(0, 0) - other.covariance(1, 1)).abs() < 1e-14 * one.covariance(0, 0));
                    prop_assert!((one.observed()[0] - other.observed()[1]).abs() < 1e-12);
                    prop_assert!((one.expected()[0] - other.expected()[1]).abs() < 1e-12 * one.expected()[0].max(1.0));
                    // What one group has too many, the other has too few.
                    let excess: f64 = (0..2).map(|group| one.observed()[group] - one.expected()[group]).sum();
                    prop_assert!(excess.abs() < 1e-11 * one.observed().iter().sum::<f64>().max(1.0));
                    prop_assert!((one.covariance(0, 0) + one.covariance(0, 1)).abs() < 1e-12 * one.covariance(0, 0));
                }
                (Err(Error::Undefined { .. }), Err(Error::Undefined { .. })) => {}
                (one, other) => prop_assert!(false, "{one:?} {other:?}"),
            }
        }
    }

    #[test]
    fn one_stratum_is_none(tenures in tenures()) {
        let rows = Rows::of(&tenures);
        let groups: Vec<u32> = (0..tenures.len() as u32).map(|row| row % 3).collect();
        let strata = vec![0; tenures.len()];
        for weighting in WEIGHTINGS {
            let plain = GroupComparison::new(&rows.observations().by_group(&groups, 3).unwrap(), weighting);
            let stratified = GroupComparison::stratified(&rows.observations().by_stratum_and_group(&strata, 1, &groups, 3).unwrap(), weighting);
            prop_assert_eq!(plain, stratified);
        }
    }
}

/// Each step is the nearest double to the share that stays, and Greenwood's sum is the binomial variance.
#[test]
fn a_long_curve_without_censoring_loses_no_digit() {
    let n = 200_000_u32;
    let times: Vec<f64> = (0..n).map(|row| f64::from(row.wrapping_mul(2_654_435_761)) / 7.0).collect();
    let curve = curve_of(&Observations::new(&times, &vec![Ending::Left; times.len()]).unwrap().risk_table());
    assert_eq!(curve.steps().len(), n as usize);
    for (step, left) in curve.steps().iter().zip(1..) {
        let (staying, all) = (f64::from(n - left), f64::from(n));
        assert_eq!(step.survival(), staying / all);
        // The binomial variance.
        let binomial = staying / all * (f64::from(left) / all) / all;
        assert!((step.variance() - binomial).abs() <= 2e-15 * binomial, "{left}");
    }
}

#[test]
fn groups_that_leave_at_very_different_times_have_a_p_value_as_a_logarithm() {
    let times: Vec<f64> = (0..4_000).map(|row| if row % 2 == 0 { f64::from(row) } else { 10_000.0 + f64::from(row) }).collect();
    let groups: Vec<u32> = (0..4_000).map(|row| row % 2).collect();
    let endings = vec![Ending::Left; times.len()];
    let tables = Observations::new(&times, &endings).unwrap().by_group(&groups, 2).unwrap();
    let test = GroupComparison::new(&tables, EventWeighting::LogRank).unwrap().test().unwrap();
    assert_eq!(test.p_value(), 0.0);
    assert!(test.ln_p_value() < -1_000.0 && test.ln_p_value().is_finite());
}

#[cfg(feature = "serde")]
#[test]
fn hostile_input_is_refused_and_good_input_comes_back() {
    use customer_metrics::lifetime_value::{DiscountRate, PaymentTiming};
    use customer_metrics::survival::PaymentStream;

    for hostile in [
        r#"{"left":[0,1],"censored":[0],"entered":[]}"#,
        r#"{"left":[0,1],"censored":[0,0],"entered":[1]}"#,
        r#"{"left":[0,1],"censored":[0,0],"entered":[0,1]}"#,
        r#"{"left":[18446744073709551615],"censored":[1],"entered":[]}"#,
        r#"{"left":[1],"censored":[0],"entered":[],"customers":1}"#,
    ] {
        assert!(serde_json::from_str::<LifeTable>(hostile).is_err(), "{hostile}");
    }
    let trailing = serde_json::from_str::<LifeTable>(r#"{"left":[1,0],"censored":[0,0],"entered":[0]}"#).unwrap();
    assert_eq!(trailing, life_table(&[Tenure::new(0, Ending::Left)]));
    assert!(serde_json::from_str::<Tenure>(r#"{"periods":3,"ending":"left","entered":3}"#).is_err());
    let tenure = Tenure::new(3, Ending::Censored).entered_at(2).unwrap();
    assert_eq!(serde_json::from_str::<Tenure>(&serde_json::to_string(&tenure).unwrap()).unwrap(), tenure);
    let stream = PaymentStream::new("9.90".parse().unwrap(), DiscountRate::ZERO, PaymentTiming::PeriodEnd, 12).unwrap();
    let json = serde_json::to_string(&stream).unwrap();
    assert_eq!(json, r#"{"margin_per_period":"9.9","discount_rate":"0","timing":"period_end","payments":12}"#);
    assert_eq!(serde_json::from_str::<PaymentStream>(&json).unwrap(), stream);
    assert!(serde_json::from_str::<PaymentStream>(&json.replace("12}", "100001}")).is_err());
    let weighting = EventWeighting::harrington_fleming(0.5, 2.0).unwrap();
    let json = serde_json::to_string(&weighting).unwrap();
    assert_eq!(serde_json::from_str::<EventWeighting>(&json).unwrap(), weighting);
    assert!(serde_json::from_str::<EventWeighting>(&json.replace("0.5", "-0.5")).is_err());
    let curve = life_table(&[Tenure::new(2, Ending::Left), Tenure::new(3, Ending::Left)]).finish().unwrap();
    let fields: Value = serde_json::to_value(&curve).unwrap();
    assert_eq!((fields["steps"][0]["survival"].as_f64(), fields["last_time"].as_f64()), (Some(0.5), Some(3.0)));
}

/// Coverage of the beta product limits under censoring, where the other intervals have no width or fall short.
#[test]
fn beta_product_limits_hold_the_truth_from_the_first_customer_to_the_last() {
    let rounds = 400;
    for (customers, rate) in [(8_u32, 0.05), (20, 0.1), (60, 0.02)] {
        let mut random = Pcg64Mcg::seed_from_u64(11);
        let (mut held, mut asked) = (0, 0);
        for _ in 0..rounds {
            let (times, endings): (Vec<f64>, Vec<Ending>) = (0..customers)
                .map(|_| {
                    let [leaves, censored] = [rate, 0.04].map(|rate| -(1.0 - random.random::<f64>()).ln() / rate);
                    (leaves.min(censored), Ending::left_if(leaves <= censored))
                })
                .unzip();
            let table = Observations::new(&times, &endings).unwrap().risk_table();
            for time in [1.0, 5.0, 12.0] {
                if let Ok(estimate) = table.estimate_at(time, Confidence::P95) {
                    held += u32::from(estimate.interval().contains((-rate * time).exp()));
                    asked += 1;
                }
            }
        }
        assert!(asked > 800, "{asked}");
        assert!(f64::from(held) / f64::from(asked) >= 0.945, "{customers} at {rate}: {held} of {asked}");
    }
}

#[test]
fn beyond_the_records_nothing_is_said_unless_no_one_is_left() {
    let curve = |endings: &[Ending]| Observations::new(&[12.0, 24.0, 36.0, 36.0], endings).unwrap().risk_table().kaplan_meier().unwrap();
    let open = curve(&[Ending::Left, Ending::Left, Ending::Censored, Ending::Censored]);
    let refused = |error: Error, field| assert_eq!(error.field(), Some(field), "{error}");
    refused(open.survival_at(36.5).unwrap_err(), "time");
    refused(open.conditional_survival(36.0, 12.0, Confidence::P95, LimitMethod::LogLog).unwrap_err(), "further");
    refused(open.restricted_mean(120.0).unwrap_err(), "horizon");
    refused(open.remaining_mean(24.0, 24.0).unwrap_err(), "horizon");
    assert_eq!(open.restricted_mean_carried_forward(48.0).unwrap().mean(), (12.0 + 24.0 + 48.0 + 48.0) / 4.0);
    let closed = curve(&[Ending::Left; 4]);
    assert_eq!(closed.survival_at(1e9), Ok(0.0));
    assert_eq!(closed.restricted_mean(120.0).unwrap().mean(), (12.0 + 24.0 + 36.0 + 36.0) / 4.0);
}

/// Miller (1997), as printed by R: `survdiff(Surv(time, status) ~ x, data = aml)` gives chi-square 3.4 on 1 degree, p = 0.07.
#[test]
fn maintained_chemotherapy_is_that_of_the_textbook() {
    let maintained = [9.0, 13.0, 13.0, 18.0, 23.0, 28.0, 31.0, 34.0, 45.0, 48.0, 161.0];
    let maintained_left = [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0];
    let not = [5.0, 5.0, 8.0, 8.0, 12.0, 16.0, 23.0, 27.0, 30.0, 33.0, 43.0, 45.0];
    let not_left = [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1];
    let table = |times: &[f64], left: &[u8]| {
        let endings: Vec<Ending> = left.iter().map(|&left| Ending::left_if(left == 1)).collect();
        Observations::new(times, &endings).unwrap().risk_table()
    };
    let groups = [table(&maintained, &maintained_left), table(&not, &not_left)];
    let comparison = GroupComparison::new(&groups, EventWeighting::LogRank).unwrap();
    let test = comparison.test().unwrap();
    assert_eq!(format!("{test:.1}"), "chi-square(1) = 3.4, p = 0.0653 (log-rank test)");
    assert_eq!(comparison.observed(), [7.0, 11.0]);
    let expected: Vec<String> = comparison.expected().iter().map(|expected| format!("{expected:.2}")).collect();
    assert_eq!(expected, ["10.69", "7.31"]);
    let median = |table: &RiskTable| table.kaplan_meier().unwrap().median(Confidence::P95, LimitMethod::Log).time();
    assert_eq!([median(&groups[0]), median(&groups[1])], [Some(31.0), Some(23.0)]);
    let at = |table: &RiskTable, time| format!("{:.4}", table.kaplan_meier().unwrap().survival_at(time).unwrap());
    assert_eq!([at(&groups[0], 34.0), at(&groups[1], 30.0)], ["0.3682", "0.2917"]);
}

/// The hazard ratios, by their formulas from the observed and expected counts, by hand.
#[test]
fn hazard_ratios_are_what_their_formulas_give() {
    let all = [Ending::Left; 4];
    let groups = [[1.0, 3.0, 5.0, 7.0], [2.0, 4.0, 6.0, 8.0]].map(|times| Observations::new(&times, &all).unwrap().risk_table());
    let comparison = GroupComparison::new(&groups, EventWeighting::LogRank).unwrap();
    // At risk of the first group, of all: 4/8, 3/7, 3/6, 2/5, 2/4, 1/3, 1/2, 0/1.
    let shares = [4.0 / 8.0, 3.0 / 7.0, 3.0 / 6.0, 2.0 / 5.0, 2.0 / 4.0, 1.0 / 3.0, 1.0 / 2.0, 0.0_f64];
    let expected: f64 = shares.iter().sum();
    let variance: f64 = shares.iter().map(|share| share * (1.0 - share)).sum();
    assert!((comparison.expected()[0] - expected).abs() < 1e-14 && (comparison.covariance(0, 0) - variance).abs() < 1e-14);
    let z = 1.959_963_984_540_054;
    let peto = comparison.hazard_ratio(Confidence::P95, HazardRatioMethod::Peto).unwrap();
    let log = (4.0 - expected) / variance;
    assert!((peto.point() - log.exp()).abs() < 1e-13);
    assert!((peto.interval().low() - (log - z / variance.sqrt()).exp()).abs() < 1e-12);
    let ratio = comparison.hazard_ratio(Confidence::P95, HazardRatioMethod::ObservedOverExpected).unwrap();
    let log: f64 = (4.0 / expected / (4.0 / (8.0 - expected))).ln();
    assert!((ratio.point() - log.exp()).abs() < 1e-13);
    let error = (1.0 / expected + 1.0 / (8.0 - expected)).sqrt();
    assert!((ratio.interval().high() - (log + z * error).exp()).abs() < 1e-11, "{ratio}");
}

#[test]
fn restricted_means_compare_as_their_errors_say() {
    let all = [Ending::Left, Ending::Left, Ending::Left, Ending::Censored];
    let [first, second] = [[2.0, 4.0, 6.0, 12.0], [1.0, 2.0, 3.0, 12.0]]
        .map(|times| Observations::new(&times, &all).unwrap().risk_table().kaplan_meier().unwrap().restricted_mean(12.0).unwrap());
    // Of uncensored lifetimes cut at 12 the mean is the plain one, its variance that of n, not n - 1.
    let by_hand = |times: [f64; 4]| {
        let mean = times.iter().sum::<f64>() / 4.0;
        (mean, times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / 16.0)
    };
    let ((m1, v1), (m2, v2)) = (by_hand([2.0, 4.0, 6.0, 12.0]), by_hand([1.0, 2.0, 3.0, 12.0]));
    let z = 1.959_963_984_540_054;
    let difference = first.difference(&second, Confidence::P95).unwrap();
    assert!((difference.point() - (m1 - m2)).abs() < 1e-14);
    assert!((difference.interval().width() / 2.0 - z * (v1 + v2).sqrt()).abs() < 1e-12);
    let ratio = first.ratio(&second, Confidence::P95).unwrap();
    assert!((ratio.point() - m1 / m2).abs() < 1e-14);
    let log_error = (v1 / (m1 * m1) + v2 / (m2 * m2)).sqrt();
    assert!((ratio.interval().high() - m1 / m2 * (z * log_error).exp()).abs() < 1e-11);
    let test = first.test_difference(&second, Alternative::TwoSided).unwrap();
    assert!((test.statistic() - (m1 - m2) / (v1 + v2).sqrt()).abs() < 1e-13);
}
