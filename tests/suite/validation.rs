//! How good a model of repeat buying is: tracking, frequencies, holdout, naive rules and the choice between models.

use customer_metrics::repeat_buying::{
    BgNbd, Candidate, FrequencyCell, FrequencyFit, GammaGamma, HistoryRules, HoldoutColumns, HoldoutPrediction, InformationCriterion,
    MbgNbd, ModelComparison, NaiveRule, ParameterOrigin, ParetoNbd, PeriodLength, PeriodRule, PredictionGroup, PurchaseColumns,
    PurchaseHistory, PurchaseTable, ReturnRule, TrackedPart, TrackingPoint, TransactionModel, UnpaidRule, WholePeriods,
};
use customer_metrics::{Confidence, Error};
use proptest::prelude::*;

use crate::cdnow::{CALIBRATION, END, Rows, close};

fn prediction(frequencies: &[u64], predicted: &[f64], actual: &[u64]) -> customer_metrics::Result<HoldoutPrediction> {
    HoldoutPrediction::new(HoldoutColumns { calibration_frequencies: frequencies, predicted, actual })
}

fn rules() -> HistoryRules {
    HistoryRules::new(CALIBRATION, PeriodRule::default(), ReturnRule::Refuse).unwrap()
}

/// The parameters as they were published.
fn published() -> BgNbd {
    BgNbd::new(0.243, 4.414, 0.793, 2.426).unwrap()
}

/// Fader, Hardie and Lee 2005: chi-square of 4.82 with 3 degrees, p = 0.19. The expected numbers from `data/repeat_buying_validation.py`.
#[test]
fn the_frequencies_of_cdnow_are_those_that_were_published() {
    let rows = Rows::cdnow();
    let fit = FrequencyFit::new(&published(), &rows.split(&rules(), END).calibration().table(), 7).unwrap();
    let actual = [1_411, 439, 214, 100, 62, 38, 29, 64];
    let expected = [
        1_406.499_792_702_153_8,
        460.807_576_435_755_18,
        192.709_434_194_135_06,
        101.306_729_372_429_87,
        59.936_084_827_189_868,
        38.178_569_640_659_969,
        25.589_687_429_608_473,
        71.972_125_398_067_777,
    ];
    assert_eq!(fit.cells().len(), 8);
    for ((cell, (actual, expected)), x) in fit.cells().iter().zip(actual.into_iter().zip(expected)).zip(0..) {
        assert_eq!((cell.from(), cell.actual()), (x, actual));
        assert_eq!(cell.to(), (x < 7).then_some(x));
        assert!(close(cell.expected(), expected, 1e-13), "{x}: {} is not {expected}", cell.expected());
    }
    let test = fit.test(ParameterOrigin::TheseCustomers).unwrap();
    assert!(close(test.statistic(), 4.824_918_404_962_121_9, 1e-11), "{}", test.statistic());
    assert_eq!(format!("{test:.2}"), "chi-square(3) = 4.82, p = 0.185 (chi-square test of fit)");
    let elsewhere = fit.test(ParameterOrigin::Elsewhere).unwrap();
    assert!(elsewhere.p_value() > test.p_value() && close(elsewhere.statistic(), test.statistic(), 0.0));
}

/// The model expects 4% too few purchases by week 78, as published; the numbers from `data/repeat_buying_validation.py`.
#[test]
fn the_tracking_of_cdnow_is_that_which_was_published() {
    let tracking = Rows::cdnow().track(&rules(), END).tracking(&published(), PeriodRule::default(), 7).unwrap();
    assert_eq!(tracking.points().len(), 78);
    for (week, actual, expected) in [
        (1, 0, 3.213_843_130_886_420_5),
        (12, 733, 612.691_528_347_503_7),
        (39, 2_457, 2_497.563_529_487_305_8),
        (40, 2_507, 2_550.297_020_107_508_9),
        (78, 4_339, 4_166.372_720_385_743_3),
    ] {
        let point = tracking.points()[week - 1];
        assert_eq!((point.time(), point.cumulative_actual(), point.steps()), (week as f64, actual, 7));
        assert_eq!(point.part(), if week <= 39 { TrackedPart::Calibration } else { TrackedPart::Holdout });
        assert!(close(point.cumulative_expected(), expected, 1e-13), "{week}: {} is not {expected}", point.cumulative_expected());
    }
    let errors = [TrackedPart::Calibration, TrackedPart::Holdout].map(|part| tracking.relative_error(part).unwrap());
    assert_eq!(errors.map(|error| format!("{error:.3}")), ["0.017", "-0.113"]);
    let last = tracking.points()[77];
    assert_eq!(format!("{:.2}", last.cumulative_expected() / last.cumulative_actual() as f64), "0.96");
    let errors: Vec<f64> =
        tracking.points()[39..].iter().map(|p| (p.cumulative_expected() / p.cumulative_actual() as f64 - 1.0).abs()).collect();
    let mean = errors.iter().sum::<f64>() / 39.0;
    assert!(close(tracking.mean_absolute_percentage_error(TrackedPart::Holdout).unwrap(), mean, 1e-12));
}

/// `data/repeat_buying_validation.py`.
#[test]
fn the_holdout_of_cdnow_is_predicted_better_than_by_any_rule_of_thumb() {
    let split = Rows::cdnow().split(&rules(), END);
    let model = split.predicted_by(&published(), PeriodRule::default()).unwrap();
    assert_eq!((model.customers(), model.total_actual()), (2_357, 1_882));
    assert!(close(model.total_predicted(), 1_653.941_259_313_349_2, 1e-12));
    let rule = |rule| split.predicted_by_rule(rule).unwrap().accuracy();
    for (error, expected) in [
        (model.accuracy(), [0.785_609_147_978_489_36, 1.607_977_664_682_989_3, -0.096_758_057_143_254_457]),
        (rule(NaiveRule::SameRate), [1.023_669_163_267_386_8, 2.211_918_088_604_625_3, 0.444_675_912_481_855_11]),
        (rule(NaiveRule::NobodyBuysAgain), [0.798_472_634_705_133_64, 2.206_366_381_462_753_7, -0.798_472_634_705_133_64]),
        (rule(NaiveRule::MeanOfAll), [1.382_076_835_491_897_4, 2.104_232_688_076_222_9, 0.444_185_934_820_542_6]),
    ] {
        for (got, expected) in [error.mean_absolute, error.root_mean_square, error.bias].into_iter().zip(expected) {
            assert!(close(got, expected, 1e-11), "{got} is not {expected}");
        }
        assert!(error.mean_absolute >= model.accuracy().mean_absolute && error.root_mean_square >= model.accuracy().root_mean_square);
    }
    let groups = model.by_frequency(7).unwrap();
    let expected = [
        (1_411, 334, 0.225_450_879_156_771_07),
        (439, 306, 0.523_176_131_644_427_11),
        (214, 298, 1.044_169_720_170_233_7),
        (100, 156, 1.520_292_679_812_216_1),
        (62, 157, 2.163_874_733_154_739_5),
        (38, 112, 2.653_831_669_090_138_2),
        (29, 112, 3.503_990_654_437_734_7),
        (64, 407, 6.157_071_766_779_323_8),
    ];
    assert_eq!(groups.len(), 8);
    for (group, (customers, bought, predicted)) in groups.iter().zip(expected) {
        assert_eq!(group.customers(), customers);
        assert!(close(group.mean_actual(), f64::from(bought) / customers as f64, 1e-15));
        assert!(close(group.mean_predicted(), predicted, 1e-12), "{} is not {predicted}", group.mean_predicted());
        assert!(group.actual_estimate(Confidence::P95).unwrap().interval().contains(group.mean_actual()));
    }
    let deciles = model.by_prediction(10).unwrap();
    assert_eq!(deciles.len(), 10);
    assert_eq!(deciles.iter().map(PredictionGroup::customers).sum::<u64>(), 2_357);
    assert!(deciles.iter().all(|decile| (200..=270).contains(&decile.customers())), "{deciles:?}");
    assert!(deciles.is_sorted_by(|a, b| a.predictions().1 < b.predictions().0 && a.mean_predicted() < b.mean_predicted()));
}

#[test]
fn the_order_of_the_rows_changes_nothing() {
    let (rows, reversed) = (Rows::cdnow(), Rows::cdnow().reversed());
    assert_eq!(rows.track(&rules(), END), reversed.track(&rules(), END));
    let model = published();
    assert_eq!(
        rows.split(&rules(), END).predicted_by(&model, PeriodRule::default()).unwrap(),
        reversed.split(&rules(), END).predicted_by(&model, PeriodRule::default()).unwrap()
    );
    let (frequencies, predicted, actual) = ([3, 0, 1, 0, 7], [0.3, 0.1, 0.3, 0.1, 1e9], [1, 0, 5, 2, 8]);
    let backwards = |column: &[u64]| column.iter().rev().copied().collect::<Vec<u64>>();
    let forwards = prediction(&frequencies, &predicted, &actual).unwrap();
    let predicted: Vec<f64> = predicted.into_iter().rev().collect();
    let reversed = prediction(&backwards(&frequencies), &predicted, &backwards(&actual)).unwrap();
    assert_eq!(forwards, reversed);
    assert_eq!(forwards.accuracy(), reversed.accuracy());
    assert_eq!(forwards.by_prediction(3).unwrap(), reversed.by_prediction(3).unwrap());
}

/// Day by day and customer by customer.
fn slow_tracking<M: TransactionModel>(rows: &Rows, model: &M, calibration: i32, end: i32, day: i32) -> (u64, f64) {
    let mut bought: std::collections::BTreeMap<u32, std::collections::BTreeSet<i32>> = std::collections::BTreeMap::new();
    for (&customer, &day) in rows.customers.iter().zip(&rows.days).filter(|(_, day)| **day <= end) {
        bought.entry(customer).or_default().insert(day);
    }
    let (mut actual, mut expected) = (0, 0.0);
    for days in bought.values() {
        let first = *days.first().unwrap();
        if first <= calibration && first <= day {
            actual += days.iter().filter(|&&bought| bought > first && bought <= day).count() as u64;
            expected += model.new_customer_purchases(f64::from(day - first) / 7.0).unwrap();
        }
    }
    (actual, expected)
}

fn rows() -> impl Strategy<Value = Rows> {
    prop::collection::vec((0_u32..12, 0_i32..60), 1..60).prop_map(|rows| Rows {
        cents: vec![100; rows.len()],
        customers: rows.iter().map(|row| row.0).collect(),
        days: rows.iter().map(|row| row.1).collect(),
    })
}

fn predictions() -> impl Strategy<Value = Vec<(u64, f64, u64)>> {
    let predicted = prop_oneof![Just(0.0), Just(0.5), 0.0..20.0_f64];
    prop::collection::vec((0_u64..9, predicted, 0_u64..20), 1..50)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn tracking_is_what_counting_customer_by_customer_gives(rows in rows(), calibration in 0_i32..60, more in 0_i32..30, steps in 1_u32..30) {
        let end = calibration + more;
        let rules = HistoryRules::new(calibration, PeriodRule::default(), ReturnRule::Refuse).unwrap();
        let track = rows.transactions().purchase_track(&rules, end).unwrap();
        let model = MbgNbd::new(0.5, 3.0, 1.0, 2.0).unwrap();
        let first = rows.days.iter().copied().filter(|day| *day <= calibration).min();
        let Some(first) = first else {
            prop_assert_eq!(track.customers(), 0);
            let is_undefined = matches!(track.tracking(&model, PeriodRule::default(), steps), Err(Error::Undefined { .. }));
            prop_assert!(is_undefined);
            return Ok(());
        };
        let tracking = track.tracking(&model, PeriodRule::default(), steps).unwrap();
        let (mut day, mut before, mut expected_before) = (first - 1, 0, 0.0);
        let mut calibration_ends = false;
        for point in tracking.points() {
            day += point.steps().cast_signed();
            prop_assert!((1..=steps).contains(&point.steps()));
            prop_assert_eq!(point.time(), f64::from(day - first + 1) / 7.0);
            prop_assert_eq!(point.part() == TrackedPart::Calibration, day <= calibration);
            calibration_ends |= day == calibration;
            let (actual, expected) = slow_tracking(&rows, &model, calibration, end, day);
            prop_assert_eq!(point.cumulative_actual(), actual);
            prop_assert!((point.cumulative_expected() - expected).abs() <= 1e-13 * expected);
            prop_assert_eq!(point.actual(), actual - before);
            prop_assert!(point.expected() >= 0.0 && point.cumulative_expected() >= expected_before);
            (before, expected_before) = (actual, point.cumulative_expected());
        }
        prop_assert!(calibration_ends);
        prop_assert_eq!(day, end);
        prop_assert_eq!(before, track.repeat_purchases());
    }

    #[test]
    fn expected_frequencies_are_sums_over_customers_and_sum_to_them(
        ages in prop::collection::vec((0.0..200.0_f64, 1_u64..50), 1..20), last in 1_u32..12, least in 0.0..60.0_f64
    ) {
        let weighted = ages.iter().map(|&(age, customers)| (PurchaseHistory::one_time(age).unwrap(), customers));
        let table = PurchaseTable::from_counts(weighted).unwrap();
        let model = BgNbd::new(0.243, 4.414, 0.793, 2.426).unwrap();
        let fit = FrequencyFit::new(&model, &table, last).unwrap();
        let customers = table.customers() as f64;
        for (cell, x) in fit.cells()[..last as usize].iter().zip(0..) {
            let probability = |age| model.new_customer().probability_of_purchases(x, age).unwrap();
            let expected: f64 = ages.iter().map(|&(age, n)| n as f64 * probability(age)).sum();
            prop_assert!((cell.expected() - expected).abs() <= 1e-12 * customers);
            prop_assert_eq!(cell.actual(), if x == 0 { table.customers() } else { 0 });
        }
        let pooled = fit.pooled(least).unwrap();
        for fit in [&fit, &pooled] {
            let expected: f64 = fit.cells().iter().map(FrequencyCell::expected).sum();
            prop_assert!(close(expected, customers, 1e-12));
            prop_assert_eq!(fit.cells().iter().map(FrequencyCell::actual).sum::<u64>(), table.customers());
            prop_assert_eq!((fit.cells()[0].from(), fit.cells().last().unwrap().to()), (0, None));
            prop_assert!(fit.cells().windows(2).all(|pair| pair[0].to() == Some(pair[1].from() - 1)));
        }
        prop_assert!(pooled.cells().len() == 1 || pooled.cells().iter().all(|cell| cell.expected() >= least));
        prop_assert_eq!(&pooled.pooled(least).unwrap(), &pooled);
    }

    #[test]
    fn groups_part_the_customers_and_errors_are_means_over_them(rows in predictions(), groups in 1_u32..12, last in 0_u32..9) {
        let frequencies: Vec<u64> = rows.iter().map(|row| row.0).collect();
        let predicted: Vec<f64> = rows.iter().map(|row| row.1).collect();
        let actual: Vec<u64> = rows.iter().map(|row| row.2).collect();
        let holdout = prediction(&frequencies, &predicted, &actual).unwrap();
        let n = rows.len() as f64;
        let errors: Vec<f64> = rows.iter().map(|row| row.1 - row.2 as f64).collect();
        let error = holdout.accuracy();
        prop_assert!((error.mean_absolute - errors.iter().map(|e| e.abs()).sum::<f64>() / n).abs() <= 1e-12);
        prop_assert!((error.root_mean_square - (errors.iter().map(|e| e * e).sum::<f64>() / n).sqrt()).abs() <= 1e-12);
        prop_assert!((error.bias - errors.iter().sum::<f64>() / n).abs() <= 1e-12);
        prop_assert!(error.bias.abs() <= error.mean_absolute + 1e-12 && error.mean_absolute <= error.root_mean_square + 1e-12);
        for parts in [holdout.by_prediction(groups).unwrap(), holdout.by_frequency(last).unwrap()] {
            prop_assert_eq!(parts.iter().map(PredictionGroup::customers).sum::<u64>(), rows.len() as u64);
            let bought: f64 = parts.iter().map(|part| part.mean_actual() * part.customers() as f64).sum();
            prop_assert!(close(bought, holdout.total_actual() as f64, 1e-12));
            let expected: f64 = parts.iter().map(|part| part.mean_predicted() * part.customers() as f64).sum();
            prop_assert!((expected - holdout.total_predicted()).abs() <= 1e-10);
        }
        let deciles = holdout.by_prediction(groups).unwrap();
        prop_assert!(deciles.is_sorted_by(|a, b| a.predictions().1 < b.predictions().0));
        for group in holdout.by_frequency(last).unwrap() {
            let (from, to) = group.frequencies();
            let members = rows.iter().filter(|row| (from..=to).contains(&row.0)).count() as u64;
            prop_assert_eq!(group.customers(), members);
            prop_assert!(from == to || from >= u64::from(last));
        }
    }
}

#[test]
fn whole_periods_are_tracked_by_the_period() {
    let rows = Rows { customers: vec![1, 1, 1, 2, 2], days: vec![0, 8, 30, 15, 16], cents: vec![5; 5] };
    let weeks = PeriodRule::Whole(WholePeriods::new(7, 0).unwrap());
    let rules = HistoryRules::new(20, weeks, ReturnRule::Refuse).unwrap();
    let track = rows.transactions().purchase_track(&rules, 34).unwrap();
    // Days 15 and 16 are one purchase.
    assert_eq!((track.customers(), track.repeat_purchases()), (2, 2));
    let tracking = track.tracking(&published(), weeks, 1).unwrap();
    let actual: Vec<u64> = tracking.points().iter().map(TrackingPoint::actual).collect();
    assert_eq!(actual, [0, 1, 0, 0, 1]);
    assert!(close(tracking.points()[0].cumulative_expected(), 0.0, 0.0));
    assert!(rows.transactions().purchase_track(&rules, 35).is_err());
    assert!(rows.transactions().purchase_track(&rules, 13).is_err());
}

#[test]
fn what_cannot_be_is_an_error() {
    let model = published();
    let extremes = Rows { customers: vec![1, 1], days: vec![i32::MIN, i32::MAX], cents: vec![5; 2] };
    let rules = HistoryRules::new(i32::MAX, PeriodRule::default(), ReturnRule::Refuse).unwrap();
    let track = extremes.transactions().purchase_track(&rules, i32::MAX).unwrap();
    assert!(matches!(track.tracking(&model, PeriodRule::default(), 0), Err(Error::OutOfBounds { field: "steps", .. })));
    let error = track.tracking(&model, PeriodRule::default(), 1_000).unwrap_err();
    assert_eq!(error.to_string(), "steps is 1000, but must be at least 429497");
    let tracking = track.tracking(&model, PeriodRule::default(), u32::MAX).unwrap();
    assert_eq!(tracking.points().iter().map(TrackingPoint::actual).sum::<u64>(), 1);
    assert!(matches!(tracking.relative_error(TrackedPart::Holdout), Err(Error::Undefined { .. })));
    assert!(matches!(tracking.mean_absolute_percentage_error(TrackedPart::Holdout), Err(Error::Undefined { .. })));

    let table: PurchaseTable = [PurchaseHistory::new(u64::MAX, 1.0, 1.0).unwrap()].into_iter().collect();
    assert!(matches!(FrequencyFit::new(&model, &PurchaseTable::default(), 7), Err(Error::Undefined { .. })));
    for last in [0, 10_001] {
        assert!(matches!(FrequencyFit::new(&model, &table, last), Err(Error::OutOfBounds { field: "last cell", .. })));
    }
    let fit = FrequencyFit::new(&model, &table, 3).unwrap();
    assert_eq!(fit.cells()[3].actual(), 1);
    assert!(matches!(fit.test(ParameterOrigin::TheseCustomers), Err(Error::Undefined { .. })));
    assert!(fit.test(ParameterOrigin::Elsewhere).is_ok());
    assert!(fit.pooled(f64::NAN).is_err() && fit.pooled(-1.0).is_err());
    assert_eq!(fit.pooled(1e9).unwrap().cells().len(), 1);
    // A customer who has just come cannot have bought again.
    let new = FrequencyFit::new(&model, &[PurchaseHistory::one_time(0.0).unwrap()].into_iter().collect(), 2).unwrap();
    assert!(matches!(new.test(ParameterOrigin::Elsewhere), Err(Error::Undefined { .. })));

    assert!(matches!(prediction(&[], &[], &[]), Err(Error::Undefined { .. })));
    assert!(matches!(prediction(&[1], &[], &[1]), Err(Error::Mismatch { .. })));
    for predicted in [f64::NAN, -1.0, f64::INFINITY, 1e101] {
        assert_eq!(prediction(&[1, 1], &[0.0, predicted], &[1, 1]).unwrap_err().row(), Some(1));
    }
    let huge = prediction(&[1, 1], &[1e100, 0.0], &[u64::MAX, u64::MAX]).unwrap();
    assert!(huge.accuracy().root_mean_square.is_finite());
    assert!(matches!(huge.by_prediction(1), Err(Error::Overflow { .. })));
    assert!(huge.by_prediction(0).is_err() && huge.by_frequency(10_001).is_err());

    let columns = PurchaseColumns::new(&[1, 0], &[f64::MIN_POSITIVE, 0.0], &[f64::MIN_POSITIVE, 0.0]).unwrap();
    assert_eq!(NaiveRule::SameRate.predictions(columns, 1e100).unwrap_err().row(), Some(0));
    assert_eq!(NaiveRule::SameRate.predictions(columns, 0.0).unwrap(), [0.0, 0.0]);
    assert!(NaiveRule::NobodyBuysAgain.predictions(columns, -1.0).is_err());
    let new = PurchaseColumns::new(&[0], &[0.0], &[0.0]).unwrap();
    assert!(matches!(NaiveRule::MeanOfAll.predictions(new, 1.0), Err(Error::Undefined { .. })));
}

/// Burnham and Anderson 2002, section 2.9: a difference of 2 ln 2 halves the weight.
#[test]
fn models_are_ranked_by_their_criterion() {
    let table = Rows::cdnow().split(&rules(), END).calibration().table();
    let candidates = || [Candidate::new("BG/NBD", &BgNbd::fit(&table).unwrap()), Candidate::new("MBG/NBD", &MbgNbd::fit(&table).unwrap())];
    for criterion in [InformationCriterion::Akaike, InformationCriterion::Bayesian] {
        let comparison = ModelComparison::new(candidates(), criterion).unwrap();
        let reversed = ModelComparison::new(candidates().into_iter().rev(), criterion).unwrap();
        assert_eq!(comparison, reversed);
        let [best, other] = comparison.models() else { panic!("two models") };
        assert_eq!(best.difference(), 0.0);
        assert!(close(best.weight() + other.weight(), 1.0, 1e-15));
        // Of two models with as many parameters, the likelihood decides.
        let gained = best.candidate().log_likelihood() - other.candidate().log_likelihood();
        assert!(gained > 0.0 && close(other.difference(), 2.0 * gained, 1e-9));
        assert!(close(other.weight() / best.weight(), (-gained).exp(), 1e-9));
    }
    let aic = ModelComparison::new(candidates(), InformationCriterion::Akaike).unwrap();
    let bic = ModelComparison::new(candidates(), InformationCriterion::Bayesian).unwrap();
    let asked = bic.models()[0].value() - aic.models()[0].value();
    assert!(close(asked, 4.0 * 2_357_f64.ln() - 8.0, 1e-10));

    assert!(matches!(ModelComparison::new([], InformationCriterion::Akaike), Err(Error::Undefined { .. })));
    let [first, _] = candidates();
    let twice = ModelComparison::new([first.clone(), first.clone()], InformationCriterion::Akaike).unwrap_err();
    assert_eq!(twice.to_string(), "model BG/NBD is given more than once");
    let few = PurchaseTable::from_counts([(PurchaseHistory::new(2, 3.0, 9.0).unwrap(), 5)]).unwrap();
    let other = Candidate::new("of others", &MbgNbd::fit(&few).unwrap());
    assert!(matches!(ModelComparison::new([first, other], InformationCriterion::Akaike), Err(Error::Mismatch { .. })));
}

/// In a model's time of days, a holdout of weeks would be predicted as one of days.
#[test]
fn a_model_of_another_unit_of_time_is_refused() {
    let rows = Rows::cdnow();
    let days = PeriodRule::Elapsed(PeriodLength::DAY);
    for error in [
        rows.split(&rules(), END).predicted_by(&published(), days).unwrap_err(),
        rows.track(&rules(), END).tracking(&published(), days, 7).unwrap_err(),
    ] {
        assert_eq!(error.to_string(), "periods differs: elapsed time in periods of 7 days and elapsed time in periods of 1 day");
    }
}

/// A seventh of the customers each, merged in another order.
#[test]
fn splits_and_tracks_of_parts_by_customer_merge_to_the_whole() {
    let rows = Rows::cdnow();
    let part = |remainder: u32| {
        let here: Vec<usize> = (0..rows.days.len()).filter(|&row| rows.customers[row] % 7 == remainder).collect();
        Rows {
            customers: here.iter().map(|&row| rows.customers[row]).collect(),
            days: here.iter().map(|&row| rows.days[row]).collect(),
            cents: here.iter().map(|&row| rows.cents[row]).collect(),
        }
    };
    let early = HistoryRules::new(20, PeriodRule::default(), ReturnRule::Refuse).unwrap();
    let split = |rows: &Rows| rows.transactions().calibration_and_holdout(&early, 400).unwrap();
    let (mut merged_split, mut merged_track) = (split(&part(3)), part(3).track(&rules(), END));
    for remainder in [6, 0, 5, 1, 4, 2] {
        merged_split.merge(&split(&part(remainder))).unwrap();
        merged_track.merge(&part(remainder).track(&rules(), END)).unwrap();
    }
    assert_eq!(merged_split, split(&rows));
    assert!(merged_split.newcomers().customers > 0 && merged_split.calibration().left_out().after_last_day.count() > 0);
    assert_eq!(merged_track, rows.track(&rules(), END));

    let before = merged_split.clone();
    let twice = merged_split.merge(&split(&part(2))).unwrap_err();
    assert!(matches!(&twice, Error::Repeated { field: "customer", .. }), "{twice}");
    let later = rows.transactions().calibration_and_holdout(&early, 401).unwrap();
    assert_eq!(merged_split.merge(&later).unwrap_err().to_string(), "last day of the holdout differs: 400 and 401");
    assert_eq!(merged_split, before);
    let late = rows.transactions().purchase_track(&rules(), END - 1).unwrap();
    assert_eq!(merged_track.merge(&late).unwrap_err().to_string(), "last day differs: 545 and 544");
    assert_eq!(merged_track, rows.track(&rules(), END));
}

/// Purchases and mean spend multiplied by hand, against what was paid in the holdout.
#[test]
fn the_holdout_of_cdnow_is_predicted_in_money() {
    let split = Rows::cdnow().split(&rules(), END);
    let columns = split.calibration().columns(UnpaidRule::Drop).unwrap();
    let spend = GammaGamma::fit(&columns.spend_table()).unwrap();
    let purchases = published().expected_purchases_column(columns.purchases(), split.holdout_periods()).unwrap();
    let spends = columns.customer_base();
    assert_eq!(spends.customers(), 2_357);
    let means: Vec<u64> =
        columns.mean_spends().iter().zip(split.calibration().frequency()).map(|(mean, x)| if *mean > 0.0 { *x } else { 0 }).collect();
    let means = spend.model().expected_mean_spend_column(&means, columns.mean_spends()).unwrap();
    let predicted: Vec<f64> = purchases.iter().zip(&means).map(|(purchases, mean)| purchases * mean).collect();
    let accuracy = split.spend_accuracy(&predicted).unwrap();

    let errors: Vec<f64> =
        predicted.iter().zip(split.holdout_spend()).map(|(predicted, &cents)| predicted - cents as f64 / 100.0).collect();
    let mean = |of: &dyn Fn(f64) -> f64| errors.iter().map(|&error| of(error)).sum::<f64>() / 2_357.0;
    assert!(close(accuracy.mean_absolute, mean(&f64::abs), 1e-12));
    assert!(close(accuracy.root_mean_square, mean(&|error| error * error).sqrt(), 1e-12));
    assert!(close(accuracy.bias, mean(&|error| error), 1e-9));
    assert_eq!(accuracy.customers, 2_357);
    // Better than to predict nothing, and than what a customer spends on average.
    let nothing = split.spend_accuracy(&vec![0.0; 2_357]).unwrap();
    let average = split.spend_accuracy(&vec![-nothing.bias; 2_357]).unwrap();
    assert!(accuracy.root_mean_square < average.root_mean_square && average.root_mean_square < nothing.root_mean_square);

    assert!(matches!(split.spend_accuracy(&[]), Err(Error::Mismatch { .. })));
    let mut wrong = predicted;
    wrong[7] = f64::NAN;
    assert_eq!(split.spend_accuracy(&wrong).unwrap_err().row(), Some(7));
}

/// More ages than are remembered.
#[test]
fn a_track_of_very_many_ages_is_that_of_its_customers() {
    // Its expectations are quick to have.
    let model = ParetoNbd::new(0.55, 10.58, 0.61, 11.67).unwrap();
    let customers: Vec<u32> = (0..80).collect();
    let days: Vec<i32> = (0..80).map(|customer| customer * customer * 31_013 % 999_983).collect();
    let rows = Rows { cents: vec![1; 80], customers, days };
    let rules = HistoryRules::new(999_999, PeriodRule::default(), ReturnRule::Refuse).unwrap();
    let tracking = rows.transactions().purchase_track(&rules, 1_999_999).unwrap().tracking(&model, PeriodRule::default(), 1_499).unwrap();
    // 80 customers at 666 ends of stretches, and half of that before.
    assert!(tracking.points().len() >= 1_334);
    for (point, day) in [
        (*tracking.points().iter().rfind(|point| point.part() == TrackedPart::Calibration).unwrap(), 999_999),
        (tracking.points()[tracking.points().len() - 1], 1_999_999),
    ] {
        let expected = rows.days.iter().filter(|&&first| first <= day);
        let expected: f64 = expected.map(|&first| model.new_customer_purchases(f64::from(day - first) / 7.0).unwrap()).sum();
        assert!(close(point.cumulative_expected(), expected, 1e-12), "{} is not {expected}", point.cumulative_expected());
    }
}
