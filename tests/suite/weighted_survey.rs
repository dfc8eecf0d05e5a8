//! Weighted answers: the laws of a tally, rows recomputed one by one, and what weights must not change.

use customer_metrics::estimate::{WeightedShare, WeightedShareMethod};
use customer_metrics::satisfaction::{
    NetCuts, NetScoreMethod, RatingTally, Scale, WeightedNetScoreMethod, WeightedRatingTally, WeightedRatings,
};
use customer_metrics::{Confidence, Decimal, Error, Interval, ShareMethod, Tally};
use proptest::prelude::*;
use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use crate::laws;

fn thousandths(scale: Scale) -> WeightedRatings {
    WeightedRatings::new(scale, 3).unwrap()
}

fn tally(scale: Scale, rows: &[(u8, u64)]) -> WeightedRatingTally {
    let mut tally = WeightedRatingTally::empty(thousandths(scale));
    let (ratings, weights): (Vec<u8>, Vec<u64>) = rows.iter().copied().unzip();
    tally.record_columns(&ratings, &weights).unwrap();
    tally
}

fn float(value: Decimal) -> f64 {
    value.to_string().parse().unwrap()
}

/// Where nothing varies the plain recomputation is off by the rounding of its mean, some 1e-15 of a scale of ten.
fn close(got: f64, expected: f64) -> bool {
    (got - expected).abs() <= 1e-12 * expected.abs().max(1e-2)
}

/// Student's t at 97.5%, from the printed tables.
const T_AT_95: [(usize, f64); 3] = [(4, 2.776_445), (9, 2.262_157), (30, 2.042_272)];

#[test]
fn the_laws_of_a_tally_hold() {
    let record = |rating, weight| (rating, Decimal::new(weight, 3));
    laws::check::<WeightedRatingTally>(
        &thousandths(Scale::ONE_TO_FIVE),
        [
            vec![record(Some(5), 1_500), record(Some(1), 1), record(None, 700), record(Some(5), 0)],
            vec![record(Some(3), 123_456_789)],
            vec![record(Some(5), 2), record(Some(4), 10), record(None, 0)],
        ],
    );
    for wrong in [record(Some(6), 1), record(Some(5), -1), (Some(5), "0.0001".parse().unwrap()), (Some(5), Decimal::MAX)] {
        laws::check_refusal::<WeightedRatingTally>(&thousandths(Scale::ONE_TO_FIVE), vec![record(Some(5), 3), record(None, 1)], wrong);
    }
    let mut left = WeightedRatingTally::empty(thousandths(Scale::ONE_TO_FIVE));
    assert!(matches!(left.merge(&WeightedRatingTally::default()), Err(Error::Mismatch { field: "weighted ratings", .. })));
}

#[test]
fn columns_are_checked_as_a_whole() {
    let mut tally = WeightedRatingTally::empty(thousandths(Scale::ONE_TO_FIVE));
    assert!(matches!(tally.record_columns(&[1, 2], &[1]), Err(Error::Mismatch { field: "column length", .. })));
    let error = tally.record_columns(&[5, 5, 5, 0, 6], &[1; 5]).unwrap_err();
    assert_eq!(error.to_string(), "row 3: rating is 0, but must be within 1 to 5");
    assert_eq!(tally.record_columns_with_missing(&[5, 0, 5, 0, 6], &[1; 5], 0).unwrap_err().row(), Some(4));
    assert!(matches!(tally.record_columns_with_missing(&[5], &[1], 5), Err(Error::OutOfBounds { field: "missing", .. })));
    assert_eq!(tally, WeightedRatingTally::empty(thousandths(Scale::ONE_TO_FIVE)));
    tally.record_columns_with_missing(&[5, 0, 3], &[2_000, 1_000, 1_000], 0).unwrap();
    assert_eq!((tally.answers(), tally.missing(), tally.weight()), (2, 1, Decimal::from(3)));
    assert_eq!(tally.response_rate().unwrap().to_decimal(), Decimal::new(75, 2));
    assert_eq!(tally.distribution().filter(|row| row.1 > 0).collect::<Vec<_>>(), [(3, 1, Decimal::ONE), (5, 1, Decimal::TWO)]);
}

#[cfg(feature = "serde")]
#[test]
fn sums_that_no_weights_have_are_not_read() {
    let text = |squares: &str| {
        let cell = r#"{"answers":0,"weight_units":0,"squares":"0"}"#;
        let five = format!(r#"{{"answers":2,"weight_units":5,"squares":"{squares}"}}"#);
        format!(
            r#"{{"settings":{{"scale":{{"low":1,"high":5,"satisfied_from":4}},"weight_places":0}},"by_rating":[{cell},{cell},{cell},{cell},{five}],"missing":{cell},"weightless":4}}"#
        )
    };
    assert_eq!(serde_json::from_str::<WeightedRatingTally>(&text("13")).unwrap().weightless(), 4);
    assert!(serde_json::from_str::<WeightedRatingTally>(&text("17")).is_ok());
    for wrong in ["11", "12", "14", "25", "27", "-1", ""] {
        assert!(serde_json::from_str::<WeightedRatingTally>(&text(wrong)).is_err(), "{wrong}");
    }
    let summary = serde_json::to_value(tally(Scale::ONE_TO_FIVE, &[(5, 1), (4, 3)]).finish().unwrap()).unwrap();
    assert_eq!((&summary["csat"]["answers"], &summary["effective_n"]), (&2.into(), &1.6.into()));
}

/// Every row written out, in floating point, as a survey package does.
struct Rows {
    w: Vec<f64>,
    x: Vec<f64>,
}

impl Rows {
    /// Those that stand for nobody are left out.
    fn of(rows: &[(u8, u64)], value: impl Fn(u8) -> f64) -> Self {
        let (w, x) = rows.iter().filter(|row| row.1 > 0).map(|row| (row.1 as f64 / 1e3, value(row.0))).unzip();
        Self { w, x }
    }

    fn sum(&self, term: impl Fn(f64, f64) -> f64) -> f64 {
        self.w.iter().zip(&self.x).map(|(&w, &x)| term(w, x)).sum()
    }

    fn mean(&self) -> f64 {
        self.sum(|w, x| w * x) / self.sum(|w, _| w)
    }

    /// The spread of the linearised values, each a cluster of its own.
    fn standard_error(&self) -> f64 {
        let (n, total, mean) = (self.w.len() as f64, self.sum(|w, _| w), self.mean());
        (n / (n - 1.0) * self.sum(|w, x| (w * (x - mean) / total).powi(2))).sqrt()
    }

    fn effective_n(&self) -> f64 {
        self.sum(|w, _| w).powi(2) / self.sum(|w, _| w * w)
    }
}

fn rows_on(scale: Scale) -> impl Strategy<Value = Vec<(u8, u64)>> {
    prop::collection::vec((scale.low()..=scale.high(), prop_oneof![1..5_000_u64, Just(0), Just(1_000)]), 2..60)
        .prop_filter("two with a weight", |rows| rows.iter().filter(|row| row.1 > 0).count() > 1)
}

fn all_methods() -> Vec<WeightedShareMethod> {
    let counts = ShareMethod::ALL.iter().map(|&method| WeightedShareMethod::EffectiveSize(method));
    counts.chain([WeightedShareMethod::KornGraubard, WeightedShareMethod::Linearised]).collect()
}

fn shares(tally: &WeightedRatingTally) -> [WeightedShare; 4] {
    [tally.csat(), tally.top_box(), tally.top_two_box(), tally.bottom_box()].map(Result::unwrap)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn figures_are_those_of_the_rows(rows in rows_on(Scale::ZERO_TO_TEN)) {
        let tally = tally(Scale::ZERO_TO_TEN, &rows);
        let ratings = Rows::of(&rows, f64::from);
        prop_assert!(close(float(tally.mean().unwrap()), ratings.mean()));
        prop_assert!(close(tally.mean_standard_error().unwrap(), ratings.standard_error()));
        prop_assert!(close(tally.effective_n().unwrap(), ratings.effective_n()));
        prop_assert!(close(tally.design_effect().unwrap(), ratings.w.len() as f64 / ratings.effective_n()));
        let csat = Rows::of(&rows, |rating| f64::from(u8::from(rating >= 9)));
        let share = tally.csat().unwrap();
        prop_assert!(close(float(share.to_decimal()), csat.mean()));
        prop_assert!(close(share.standard_error().unwrap(), csat.standard_error()));
        prop_assert!(close(float(share.to_decimal()) + float(share.complement().to_decimal()), 1.0));
        let net = Rows::of(&rows, |rating| if rating >= 9 { 1.0 } else if rating <= 6 { -1.0 } else { 0.0 });
        let nps = tally.nps().unwrap();
        prop_assert!((float(nps.value()) - net.mean()).abs() < 1e-12);
        prop_assert!(close(nps.standard_error().unwrap(), net.standard_error()));
        prop_assert_eq!(tally.net_satisfaction(NetCuts::NPS).unwrap(), nps);
        prop_assert!(close(float(nps.points()), 100.0 * float(nps.value())));
    }

    #[test]
    fn equal_weights_change_not_a_bit(ratings in prop::collection::vec(0..=10_u8, 1..80), weight in 1..1_000_000_u64, level in 0.01..0.99_f64) {
        let confidence = Confidence::new(level).unwrap();
        let weighted = tally(Scale::ZERO_TO_TEN, &ratings.iter().map(|&rating| (rating, weight)).collect::<Vec<_>>());
        let mut plain = RatingTally::empty(Scale::ZERO_TO_TEN);
        plain.record_column(&ratings).unwrap();
        for (weighted, plain) in shares(&weighted).iter().zip([plain.csat(), plain.top_box(), plain.top_two_box(), plain.bottom_box()].map(Result::unwrap)) {
            for &method in ShareMethod::ALL {
                let (weighted, plain) = (weighted.estimate_with(confidence, WeightedShareMethod::EffectiveSize(method)).unwrap(), plain.estimate_with(confidence, method));
                prop_assert_eq!((weighted.point(), weighted.interval(), weighted.n()), (plain.point(), plain.interval(), plain.n()));
            }
            prop_assert_eq!(weighted.estimate(confidence).interval(), plain.interval(confidence));
        }
        for method in [NetScoreMethod::AdjustedWald, NetScoreMethod::Wald] {
            let plain = plain.nps().unwrap().estimate_with(confidence, method);
            let weighted = weighted.nps().unwrap().estimate_with(confidence, WeightedNetScoreMethod::EffectiveSize(method)).unwrap();
            prop_assert_eq!((weighted.point(), weighted.interval()), (plain.point(), plain.interval()));
        }
        prop_assert_eq!(weighted.mean().unwrap(), plain.mean().unwrap());
        prop_assert_eq!(weighted.design_effect().unwrap(), 1.0);
        if ratings.len() > 1 {
            let variance: f64 = float(plain.variance().unwrap());
            prop_assert!(close(weighted.mean_standard_error().unwrap(), (variance / ratings.len() as f64).sqrt()));
        }
    }

    #[test]
    fn the_unit_of_the_weights_changes_not_a_bit(rows in rows_on(Scale::ZERO_TO_TEN), factor in 2..1_000_000_000_u64, level in 0.01..0.99_f64) {
        let confidence = Confidence::new(level).unwrap();
        let scaled: Vec<(u8, u64)> = rows.iter().map(|&(rating, weight)| (rating, weight * factor)).collect();
        let (once, often) = (tally(Scale::ZERO_TO_TEN, &rows), tally(Scale::ZERO_TO_TEN, &scaled));
        for (once, often) in shares(&once).iter().zip(shares(&often)) {
            for method in all_methods() {
                prop_assert_eq!(once.estimate_with(confidence, method), often.estimate_with(confidence, method));
            }
        }
        prop_assert_eq!(once.mean_estimate(confidence), often.mean_estimate(confidence));
        prop_assert_eq!(once.nps().unwrap().estimate(confidence), often.nps().unwrap().estimate(confidence));
        prop_assert_eq!(once.effective_n(), often.effective_n());
    }

    #[test]
    fn answers_of_weight_0_change_nothing(rows in rows_on(Scale::ZERO_TO_TEN), ratings in prop::collection::vec(0..=10_u8, 1..30), level in 0.01..0.99_f64) {
        let confidence = Confidence::new(level).unwrap();
        let without = tally(Scale::ZERO_TO_TEN, &rows.iter().copied().filter(|row| row.1 > 0).collect::<Vec<_>>());
        let mut with = without.clone();
        with.record_columns(&ratings, &vec![0; ratings.len()]).unwrap();
        with.record((None, Decimal::ZERO)).unwrap();
        prop_assert_eq!((with.weightless(), without.weightless()), (ratings.len() as u64 + 1, 0));
        prop_assert_eq!((with.answers(), with.missing(), with.weight()), (without.answers(), without.missing(), without.weight()));
        prop_assert_eq!(with.finish(), without.finish());
        prop_assert!(with.distribution().eq(without.distribution()));
        for (with, without) in shares(&with).iter().zip(shares(&without)) {
            for method in all_methods() {
                prop_assert_eq!(with.estimate_with(confidence, method), without.estimate_with(confidence, method));
            }
        }
        prop_assert_eq!(with.mean_estimate(confidence), without.mean_estimate(confidence));
        for method in [WeightedNetScoreMethod::default(), WeightedNetScoreMethod::Linearised] {
            prop_assert_eq!(with.nps().unwrap().estimate_with(confidence, method), without.nps().unwrap().estimate_with(confidence, method));
        }
    }

    #[test]
    fn order_and_splits_change_nothing(rows in rows_on(Scale::ONE_TO_FIVE), cut in 0..60_usize, seed in 0..1000_u64) {
        let whole = tally(Scale::ONE_TO_FIVE, &rows);
        let (left, right) = rows.split_at(cut.min(rows.len()));
        let mut merged = tally(Scale::ONE_TO_FIVE, left);
        merged.merge(&tally(Scale::ONE_TO_FIVE, right)).unwrap();
        prop_assert_eq!(&merged, &whole);
        let mut shuffled = rows.clone();
        let mut random = Pcg64Mcg::new(seed.into());
        for position in (1..shuffled.len()).rev() {
            shuffled.swap(position, random.random_range(0..=position));
        }
        prop_assert_eq!(&tally(Scale::ONE_TO_FIVE, &shuffled), &whole);
        prop_assert_eq!(merged.csat().unwrap().estimate(Confidence::P95), whole.csat().unwrap().estimate(Confidence::P95));
        let mut by_record = WeightedRatingTally::empty(thousandths(Scale::ONE_TO_FIVE));
        by_record.extend(rows.iter().map(|&(rating, weight)| (Some(rating), Decimal::new(weight.cast_signed(), 3)))).unwrap();
        prop_assert_eq!(by_record, whole);
    }

    #[test]
    fn intervals_hold_nest_mirror_and_stay_in_range(rows in rows_on(Scale::ONE_TO_FIVE), level in 0.3..0.98_f64) {
        let tally = tally(Scale::ONE_TO_FIVE, &rows);
        let (narrow, wide) = (Confidence::new(level).unwrap(), Confidence::new(level + 0.01).unwrap());
        let within = |inner: Interval, outer: Interval| outer.low() <= inner.low() + 1e-15 && inner.high() <= outer.high() + 1e-15;
        for share in shares(&tally) {
            prop_assert!(share.effective_n() <= share.answers() as f64 * (1.0 + 1e-15) && share.effective_n() >= 1.0);
            for method in all_methods() {
                let estimate = share.estimate_with(narrow, method).unwrap();
                prop_assert!(estimate.interval().contains(estimate.point()));
                prop_assert!(0.0 <= estimate.interval().low() && estimate.interval().high() <= 1.0);
                prop_assert!(within(estimate.interval(), share.estimate_with(wide, method).unwrap().interval()), "{}", method);
                let mirrored = share.complement().estimate_with(narrow, method).unwrap().interval();
                prop_assert!((estimate.interval().low() + mirrored.high() - 1.0).abs() < 1e-12, "{}", method);
            }
        }
        let mean = tally.mean_estimate(narrow).unwrap();
        prop_assert!(mean.interval().contains(mean.point()) && mean.interval().low() >= 1.0 && mean.interval().high() <= 5.0);
        prop_assert!(within(mean.interval(), tally.mean_estimate(wide).unwrap().interval()));
    }
}

#[test]
fn the_linearised_interval_is_t_times_the_standard_error() {
    for (degrees, t) in T_AT_95 {
        let rows: Vec<(u8, u64)> = (0..=degrees).map(|row| (5 + u8::from(row % 2 == 0), 1_000)).collect();
        let tally = tally(Scale::ZERO_TO_TEN, &rows);
        let mean = tally.mean_estimate(Confidence::P95).unwrap();
        let reach = mean.interval().high() - mean.point();
        assert!((reach / tally.mean_standard_error().unwrap() - t).abs() < 1e-6, "{degrees}: {mean}");
        assert_eq!(format!("{mean:.1}").split(", ").nth(1), Some("95% linearised t"));
        let share = tally.net_satisfaction(NetCuts::new(5, 6).unwrap()).unwrap();
        let estimate = share.estimate_with(Confidence::P95, WeightedNetScoreMethod::Linearised).unwrap();
        assert!(
            (estimate.interval().width() / 2.0 / share.standard_error().unwrap() - t).abs() < 1e-6 || estimate.interval().high() == 1.0
        );
    }
}

#[test]
fn one_answer_has_an_interval_by_size_and_none_by_variance() {
    let one = tally(Scale::ZERO_TO_TEN, &[(10, 5)]);
    let csat = one.csat().unwrap();
    assert!(csat.estimate(Confidence::P95).interval().low() < 0.3);
    for method in [WeightedShareMethod::KornGraubard, WeightedShareMethod::Linearised] {
        let error = csat.estimate_with(Confidence::P95, method).unwrap_err();
        assert_eq!(error.to_string(), "standard error of a weighted share is undefined: there are fewer than two answers");
    }
    assert!(one.mean_estimate(Confidence::P95).is_err());
    assert!(one.nps().unwrap().estimate_with(Confidence::P95, WeightedNetScoreMethod::Linearised).is_err());
    // Unanimous answers have a width by all but the linearised variance, which is 0.
    let all = tally(Scale::ZERO_TO_TEN, &[(10, 5), (9, 5), (9, 7)]).csat().unwrap();
    for method in all_methods() {
        let width = all.estimate_with(Confidence::P95, method).unwrap().interval().width();
        let none = [WeightedShareMethod::Linearised, WeightedShareMethod::EffectiveSize(ShareMethod::Wald)].contains(&method);
        assert_eq!(width <= 0.0, none, "{method}");
    }
}

/// A tiny weight must not make an interval wide, nor a huge one go unnoticed.
#[test]
fn sums_of_weights_are_never_a_number_of_answers() {
    let heavy = tally(Scale::ONE_TO_FIVE, &[(5, 1_000_000_000), (1, 1), (5, 1), (1, 1)]);
    assert!((heavy.effective_n().unwrap() - 1.0).abs() < 1e-8);
    assert!(heavy.csat().unwrap().estimate(Confidence::P95).interval().low() < 0.3);
    let light = tally(Scale::ONE_TO_FIVE, &[(5, 1); 400]);
    assert!((light.effective_n().unwrap() - 400.0).abs() < 1e-9);
}

/// Weights drawn apart from the answers: about as many of the intervals hold the truth as are meant to.
#[test]
fn coverage_of_weighted_intervals_is_near_its_promise() {
    let mut random = Pcg64Mcg::new(20_260);
    let simulations = 2_000;
    for (answers, truth) in [(25, 0.5), (60, 0.85), (200, 0.1)] {
        let mut covered = [0; 3];
        let methods = [WeightedShareMethod::default(), WeightedShareMethod::KornGraubard, WeightedShareMethod::Linearised];
        for _ in 0..simulations {
            let rows: Vec<(u8, u64)> =
                (0..answers).map(|_| (if random.random_bool(truth) { 5 } else { 1 }, 200 + random.random_range(0..4_u64) * 600)).collect();
            let csat = tally(Scale::ONE_TO_FIVE, &rows).csat().unwrap();
            for (covered, method) in covered.iter_mut().zip(methods) {
                *covered += u32::from(csat.estimate_with(Confidence::P95, method).unwrap().interval().contains(truth));
            }
        }
        let [wilson, korn_graubard, linearised] = covered.map(|covered| f64::from(covered) / f64::from(simulations));
        assert!((0.925..0.975).contains(&wilson), "{wilson} at {answers} and {truth}");
        assert!(korn_graubard > 0.94 && korn_graubard >= linearised, "{korn_graubard} at {answers} and {truth}");
        assert!((0.87..0.975).contains(&linearised), "{linearised} at {answers} and {truth}");
    }
}
