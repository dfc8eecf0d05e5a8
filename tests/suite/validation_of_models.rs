//! How good each model is said to be, for every model of transactions and for BG/BB, against slow recomputations.

use std::collections::{BTreeMap, BTreeSet};

use customer_metrics::repeat_buying::{
    BgBb, BgNbd, Candidate, ContinuousRate, FrequencyCell, FrequencyFit, HistoryRules, Horizon, InformationCriterion, MbgNbd,
    ModelComparison, NaiveRule, OpportunityHistory, OpportunityTable, ParameterOrigin, ParetoNbd, PeriodRule, PurchaseHistory,
    PurchaseTable, RankedModel, ReturnRule, TrackedPart, TransactionModel, WholePeriods,
};
use customer_metrics::{Confidence, Error};

use crate::cdnow::{CALIBRATION, END, Rows, close};

/// The days, or periods of so many days, of each customer's purchases until the end.
fn bought(rows: &Rows, end: i32, length: i32) -> BTreeMap<u32, BTreeSet<i32>> {
    let mut bought: BTreeMap<u32, BTreeSet<i32>> = BTreeMap::new();
    for (&customer, &day) in rows.customers.iter().zip(&rows.days).filter(|(_, day)| **day <= end) {
        bought.entry(customer).or_default().insert(day / length);
    }
    bought
}

fn rules(calibration: i32, periods: PeriodRule) -> HistoryRules {
    HistoryRules::new(calibration, periods, ReturnRule::Refuse).unwrap()
}

/// Tracking, frequencies, errors and deciles, each customer by customer.
fn everything_is_as_counted<M: TransactionModel>(model: &M, rows: &Rows) {
    let weekly = PeriodRule::default();
    let bought = bought(rows, END, 1);
    // Tracking.
    let tracking = rows.track(&rules(CALIBRATION, weekly), END).tracking(model, weekly, 28).unwrap();
    let (mut day, mut before) = (-1, 0.0);
    for point in tracking.points() {
        day += point.steps().cast_signed();
        let (mut actual, mut expected) = (0, 0.0);
        for days in bought.values() {
            let first = *days.first().unwrap();
            if first <= CALIBRATION && first <= day {
                actual += days.iter().filter(|&&bought| bought > first && bought <= day).count() as u64;
                expected += model.new_customer_purchases(f64::from(day - first) / 7.0).unwrap();
            }
        }
        assert_eq!(point.cumulative_actual(), actual);
        assert!(close(point.cumulative_expected(), expected, 1e-12), "{model:?}, day {day}: {point:?} is not {expected}");
        assert!((point.expected() - (expected - before)).abs() <= 1e-11 * expected);
        before = expected;
    }
    assert!(tracking.relative_error(TrackedPart::Calibration).unwrap().abs() < 0.1, "{model:?}");
    assert!(tracking.mean_absolute_percentage_error(TrackedPart::Holdout).unwrap() < 0.1, "{model:?}");

    // Frequencies.
    let split = rows.split(&rules(CALIBRATION, weekly), END);
    let table = split.calibration().table();
    let fit = FrequencyFit::new(model, &table, 7).unwrap();
    let mut chi_square = 0.0;
    for (cell, x) in fit.cells().iter().zip(0_u32..) {
        let of = |age: f64| model.new_customer_distribution(6, age).unwrap();
        let expected: f64 = table
            .iter()
            .map(|(history, customers)| {
                let distribution = of(history.age());
                let probability = distribution.get(x as usize).copied().unwrap_or_else(|| 1.0 - distribution.iter().sum::<f64>());
                customers as f64 * probability
            })
            .sum();
        let actual: u64 = table.iter().filter(|(history, _)| history.frequency().min(7) == u64::from(x)).map(|(_, n)| n).sum();
        assert_eq!(cell.actual(), actual);
        assert!((cell.expected() - expected).abs() <= 1e-13 * 2_357.0, "{model:?}, {x}: {} is not {expected}", cell.expected());
        chi_square += (actual as f64 - expected).powi(2) / expected;
    }
    let test = fit.test(ParameterOrigin::TheseCustomers).unwrap();
    assert!(close(test.statistic(), chi_square, 1e-9), "{model:?}: {test}");

    // Holdout.
    let holdout = split.predicted_by(model, split.calibration().periods()).unwrap();
    let (mut absolute, mut square, mut bias, mut pairs) = (0.0, 0.0, 0.0, Vec::new());
    let (calibration, mut actual) = (split.calibration(), split.holdout_frequency().iter());
    for history in calibration.iter() {
        let predicted = {
            let history = history.in_periods(weekly);
            let horizon = Horizon::within(f64::from(END - CALIBRATION) / 7.0, ContinuousRate::ZERO).unwrap();
            model.purchases_over(&history, horizon).unwrap()
        };
        let actual = *actual.next().unwrap() as f64;
        pairs.push((predicted, actual));
        absolute += (predicted - actual).abs();
        square += (predicted - actual).powi(2);
        bias += predicted - actual;
    }
    let (error, n) = (holdout.accuracy(), pairs.len() as f64);
    assert!(close(error.mean_absolute, absolute / n, 1e-10) && close(error.root_mean_square, (square / n).sqrt(), 1e-10));
    assert!((error.bias - bias / n).abs() <= 1e-10);
    for rule in NaiveRule::ALL {
        let naive = split.predicted_by_rule(rule).unwrap().accuracy();
        assert!(error.root_mean_square < naive.root_mean_square, "{model:?} is no better than {rule}");
    }

    // Deciles: customers with the same prediction are in the group of the middle one of them.
    let deciles = holdout.by_prediction(10).unwrap();
    let mut members: BTreeMap<usize, Vec<(f64, f64)>> = BTreeMap::new();
    for &(predicted, actual) in &pairs {
        let below = pairs.iter().filter(|pair| pair.0 < predicted * (1.0 - 1e-12)).count();
        let same = pairs.iter().filter(|pair| (pair.0 - predicted).abs() <= 1e-12 * predicted).count();
        members.entry(10 * (2 * below + same) / (2 * pairs.len())).or_default().push((predicted, actual));
    }
    assert_eq!(deciles.len(), members.len());
    for (decile, members) in deciles.iter().zip(members.values()) {
        let mean = |of: fn(&(f64, f64)) -> f64| members.iter().map(of).sum::<f64>() / members.len() as f64;
        assert_eq!(decile.customers(), members.len() as u64);
        assert!(close(decile.mean_predicted(), mean(|pair| pair.0), 1e-10) && (decile.mean_actual() - mean(|pair| pair.1)).abs() <= 1e-12);
    }
    // The best tenth buy as often as predicted, or nearly.
    let best = deciles.last().unwrap();
    assert!(best.actual_estimate(Confidence::P99).unwrap().interval().contains(best.mean_predicted()), "{model:?}: {best:?}");
}

#[test]
fn every_model_of_transactions_is_held_against_what_was_bought() {
    let rows = Rows::cdnow();
    let table = rows.split(&rules(CALIBRATION, PeriodRule::default()), END).calibration().table();
    everything_is_as_counted(BgNbd::fit(&table).unwrap().model(), &rows);
    everything_is_as_counted(MbgNbd::fit(&table).unwrap().model(), &rows);
    everything_is_as_counted(ParetoNbd::fit(&table).unwrap().model(), &rows);
}

/// Months of 30 days, from the first day on, as opportunities; the first purchase is none.
#[test]
fn bg_bb_is_held_against_what_was_bought_at_opportunities() {
    const MONTH: i32 = 30;
    let (calibration, end) = (9 * MONTH - 1, 18 * MONTH - 1);
    let monthly = PeriodRule::Whole(WholePeriods::new(MONTH.cast_unsigned(), 0).unwrap());
    let rows = Rows::cdnow();
    let split = rows.split(&rules(calibration, monthly), end);
    let histories: Vec<OpportunityHistory> =
        split.calibration().iter().map(|of| OpportunityHistory::new(of.frequency(), of.recency(), of.age()).unwrap()).collect();
    let table: OpportunityTable = histories.iter().copied().collect();
    let fit = BgBb::fit(&table).unwrap();
    assert!(fit.has_converged());
    let (model, bought) = (fit.model(), bought(&rows, end, MONTH));

    let tracking = rows.track(&rules(calibration, monthly), end).tracking_of_opportunities(model, 1).unwrap();
    assert_eq!(tracking.points().len(), 18);
    for (point, month) in tracking.points().iter().zip(0_i32..) {
        let (mut actual, mut expected) = (0, 0.0);
        for months in bought.values() {
            let first = *months.first().unwrap();
            if first < 9 && first <= month {
                actual += months.iter().filter(|&&bought| bought > first && bought <= month).count() as u64;
                let opportunities = (month - first).cast_unsigned();
                let distribution = model.new_customer().distribution_of_purchases(opportunities).unwrap();
                expected += distribution.iter().zip(0_u32..).map(|(probability, x)| probability * f64::from(x)).sum::<f64>();
            }
        }
        assert_eq!(point.cumulative_actual(), actual);
        assert!((point.cumulative_expected() - expected).abs() <= 1e-11 * expected, "month {month}: {point:?} is not {expected}");
    }
    assert!(tracking.relative_error(TrackedPart::Calibration).unwrap().abs() < 0.1);

    let frequencies = FrequencyFit::of_opportunities(model, &table, 5).unwrap();
    for (cell, x) in frequencies.cells().iter().zip(0_u32..) {
        let expected: f64 = histories
            .iter()
            .map(|history| {
                let distribution = model.new_customer().distribution_of_purchases(history.opportunities()).unwrap();
                if x < 5 { distribution.get(x as usize).copied().unwrap_or(0.0) } else { distribution.iter().skip(5).sum() }
            })
            .sum();
        let actual = histories.iter().filter(|history| history.frequency().min(5) == x).count() as u64;
        assert_eq!(cell.actual(), actual);
        assert!((cell.expected() - expected).abs() <= 1e-12 * histories.len() as f64, "{x}: {} is not {expected}", cell.expected());
    }
    assert!(frequencies.test(ParameterOrigin::TheseCustomers).is_ok());
    assert!(matches!(FrequencyFit::of_opportunities(model, &OpportunityTable::default(), 5), Err(Error::Undefined { .. })));
    assert!(matches!(FrequencyFit::of_opportunities(model, &table, 0), Err(Error::OutOfBounds { field: "last cell", .. })));

    let holdout = split.predicted_by_opportunities(model).unwrap();
    let predicted: f64 = histories.iter().map(|history| model.outlook(history).expected_purchases(9)).sum();
    assert!(close(holdout.total_predicted(), predicted, 1e-12));
    assert_eq!(holdout.total_actual(), split.holdout_frequency().iter().map(|&x| u128::from(x)).sum::<u128>());
    for rule in NaiveRule::ALL {
        let naive = split.predicted_by_rule(rule).unwrap().accuracy();
        assert!(holdout.accuracy().root_mean_square < naive.root_mean_square, "no better than {rule}");
    }

    // In days that pass there are no opportunities.
    let weekly = PeriodRule::default();
    assert!(matches!(rows.track(&rules(calibration, weekly), end).tracking_of_opportunities(model, 7), Err(Error::Undefined { .. })));
    assert!(matches!(rows.split(&rules(calibration, weekly), end).predicted_by_opportunities(model), Err(Error::Undefined { .. })));
}

#[test]
fn models_of_every_kind_are_ranked_beside_each_other() {
    let rows = Rows::cdnow();
    let table = rows.split(&rules(CALIBRATION, PeriodRule::default()), END).calibration().table();
    let (bg, mbg, pareto) = (BgNbd::fit(&table).unwrap(), MbgNbd::fit(&table).unwrap(), ParetoNbd::fit(&table).unwrap());
    let candidates = [Candidate::new("BG/NBD", &bg), Candidate::new("MBG/NBD", &mbg), Candidate::new("Pareto/NBD", &pareto)];
    for criterion in [InformationCriterion::Akaike, InformationCriterion::Bayesian] {
        let comparison = ModelComparison::new(candidates.clone(), criterion).unwrap();
        assert_eq!(comparison.models().len(), 3);
        let weights: f64 = comparison.models().iter().map(RankedModel::weight).sum();
        assert!(close(weights, 1.0, 1e-14));
        let of_parameter = if criterion == InformationCriterion::Akaike { 2.0 } else { 2_357_f64.ln() };
        for ranked in comparison.models() {
            let slow: f64 = match ranked.candidate().name() {
                "BG/NBD" => table.iter().map(|(history, n)| n as f64 * bg.model().log_likelihood(&history)).sum(),
                "MBG/NBD" => table.iter().map(|(history, n)| n as f64 * mbg.model().log_likelihood(&history)).sum(),
                _ => table.iter().map(|(history, n)| n as f64 * pareto.model().log_likelihood(&history)).sum(),
            };
            assert!(close(ranked.value(), 4.0 * of_parameter - 2.0 * slow, 1e-12), "{ranked:?}");
        }
    }
}

/// More ages than there are polynomials for, and fewer: the polynomial gives what the sum over customers gives.
#[test]
fn expected_frequencies_of_many_ages_are_those_of_each_age() {
    let ages: Vec<f64> = (0..6_000).map(|customer| 78.0 * f64::from(customer) / 6_000.0).collect();
    let table: PurchaseTable = ages.iter().map(|&age| PurchaseHistory::one_time(age).unwrap()).collect();
    let check = |fit: FrequencyFit, distribution: &dyn Fn(f64) -> Vec<f64>| {
        let mut expected = vec![0.0; 12];
        for &age in &ages {
            expected.iter_mut().zip(distribution(age)).for_each(|(sum, probability)| *sum += probability);
        }
        for (cell, expected) in fit.cells().iter().zip(expected) {
            assert!((cell.expected() - expected).abs() <= 1e-13 * 6_000.0, "{cell:?} is not {expected}");
        }
        let sum: f64 = fit.cells().iter().map(FrequencyCell::expected).sum();
        assert!(close(sum, 6_000.0, 1e-13));
    };
    for [r, alpha, a, b] in [[0.243, 4.414, 0.793, 2.426], [3.0, 0.2, 0.1, 9.0]] {
        let model = BgNbd::new(r, alpha, a, b).unwrap();
        check(FrequencyFit::new(&model, &table, 12).unwrap(), &|age| model.new_customer_distribution(11, age).unwrap());
        let model = MbgNbd::new(r, alpha, a, b).unwrap();
        check(FrequencyFit::new(&model, &table, 12).unwrap(), &|age| model.new_customer_distribution(11, age).unwrap());
    }
    for [r, alpha, s, beta] in [[0.553, 10.578, 0.606, 11.669], [0.553, 10.578, 0.606, 0.01]] {
        let model = ParetoNbd::new(r, alpha, s, beta).unwrap();
        check(FrequencyFit::new(&model, &table, 12).unwrap(), &|age| model.new_customer_distribution(11, age).unwrap());
    }
}
