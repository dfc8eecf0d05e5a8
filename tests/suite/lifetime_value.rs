//! Lifetime value of a customer: properties, the worked examples of the field and their misprints.

use customer_metrics::lifetime_value::{
    AcquisitionCost, CostRatio, DiscountRate, GrossMargin, Growth, LifetimeValue, PaymentTiming, PercentagePoints, Replacement,
    RetentionModel, Scenario, margin_multiple, value_from_churn,
};
use customer_metrics::{Decimal, Error, Proportion};
use proptest::prelude::*;

const TIMINGS: [PaymentTiming; 3] = [PaymentTiming::ImmediateFirst, PaymentTiming::FirstExcluded, PaymentTiming::PeriodEnd];

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn percent(percent: i64) -> Proportion {
    Proportion::from_percent(percent.into()).unwrap()
}

fn value(order_value: i64, orders_per_year: i64, years: i64) -> LifetimeValue {
    LifetimeValue::new(order_value.into(), orders_per_year.into(), years.into()).unwrap()
}

fn close(a: Decimal, b: Decimal, relative: Decimal) -> bool {
    (a - b).abs() <= relative * a.abs().max(b.abs()).max(Decimal::ONE)
}

/// A factor in whole units of some decimal place.
fn factors() -> impl Strategy<Value = (i64, u32)> {
    (0..1_000_000_i64, 0..3_u32)
}

fn values() -> impl Strategy<Value = LifetimeValue> {
    [factors(), factors(), factors()]
        .prop_map(|factors| factors.map(|(units, places)| Decimal::new(units, places)))
        .prop_map(|[order_value, orders, years]| LifetimeValue::new(order_value, orders, years).unwrap())
}

fn models() -> impl Strategy<Value = RetentionModel> {
    (-1_000_000..1_000_000_i64, 0..=1_000_i64, 0..500_i64, prop::sample::select(&TIMINGS)).prop_map(|(margin, retention, rate, timing)| {
        let retention = Proportion::new(Decimal::new(retention, 3)).unwrap();
        RetentionModel::new(Decimal::new(margin, 2), retention, DiscountRate::new(Decimal::new(rate, 3)).unwrap(), timing)
    })
}

proptest! {
    #[test]
    fn the_total_is_the_product_of_the_units([a, b, c] in [factors(), factors(), factors()]) {
        let [order_value, orders, years] = [a, b, c].map(|(units, places)| Decimal::new(units, places));
        let value = LifetimeValue::new(order_value, orders, years).unwrap();
        let product = i128::from(a.0) * i128::from(b.0) * i128::from(c.0);
        prop_assert_eq!(value.total(), Decimal::from_i128_with_scale(product, a.1 + b.1 + c.1));
        prop_assert_eq!(value.annual() * value.years(), value.total());
    }

    #[test]
    fn the_parts_sum_to_the_gain_to_the_last_digit(before in values(), after in values()) {
        let growth = Growth::between(before, after).unwrap();
        prop_assert_eq!(growth.gain(), after.total() - before.total());
        let parts = growth.parts();
        prop_assert_eq!(parts.sum().unwrap(), growth.gain());

        // Each factor alone is the gain of the customer in whom only that factor changes, and a pair the rest of a pair's gain.
        let total = |order_value, orders, years| LifetimeValue::new(order_value, orders, years).unwrap().total();
        let (a, b, c) = (before.order_value(), before.orders_per_year(), before.years());
        let (a2, b2, c2) = (after.order_value(), after.orders_per_year(), after.years());
        prop_assert_eq!(parts.order_value, total(a2, b, c) - before.total());
        prop_assert_eq!(parts.orders_per_year, total(a, b2, c) - before.total());
        prop_assert_eq!(parts.years, total(a, b, c2) - before.total());
        let pair = parts.order_value + parts.orders_per_year + parts.order_value_and_orders_per_year;
        prop_assert_eq!(pair, total(a2, b2, c) - before.total());
        let pair = parts.order_value + parts.years + parts.order_value_and_years;
        prop_assert_eq!(pair, total(a2, b, c2) - before.total());
        let pair = parts.orders_per_year + parts.years + parts.orders_per_year_and_years;
        prop_assert_eq!(pair, total(a, b2, c2) - before.total());
    }

    #[test]
    fn there_and_back_again_gains_nothing(before in values(), after in values()) {
        let (there, back) = (Growth::between(before, after).unwrap(), Growth::between(after, before).unwrap());
        prop_assert_eq!(there.gain() + back.gain(), Decimal::ZERO);
        prop_assert_eq!(there.parts().all_three + back.parts().all_three, Decimal::ZERO);
    }

    #[test]
    fn a_scenario_multiplies_the_value_by_its_three_factors(before in values(), changes in [-100..300_i64, -100..300_i64, -100..300_i64]) {
        let [a, b, c] = changes.map(Decimal::from);
        let scenario = Scenario::from_percent_changes(a, b, c).unwrap();
        let after = scenario.apply(&before).unwrap();
        let factor = changes.map(|change| i128::from(100 + change)).iter().product();
        prop_assert_eq!(after.total(), before.total() * Decimal::from_i128_with_scale(factor, 6));
    }

    #[test]
    fn a_horizon_is_the_sum_of_its_payments(model in models(), periods in 0..60_u32) {
        let growth_factor = Decimal::ONE + model.discount_rate().rate();
        let retention = model.retention().to_decimal();
        let mut expected = Decimal::ZERO;
        let mut payment = match model.timing() {
            PaymentTiming::FirstExcluded => model.margin_per_period() * retention / growth_factor,
            PaymentTiming::PeriodEnd => model.margin_per_period() / growth_factor,
            _ => model.margin_per_period(),
        };
        for _ in 0..periods {
            expected += payment;
            payment = payment * retention / growth_factor;
        }
        let value = model.value_over(periods).unwrap();
        prop_assert!(close(value, expected, decimal("0.00000000000000000001")), "{} over {}: {}", model, periods, value);
    }

    #[test]
    fn a_long_horizon_comes_to_the_value_without_an_end(model in models()) {
        prop_assume!(model.retention().to_decimal() < Decimal::ONE + model.discount_rate().rate());
        // Each model here loses a thousandth a period at least, so 100,000 periods leave 1e-43.
        let (whole, long) = (model.value().unwrap(), model.value_over(100_000).unwrap());
        prop_assert!(close(whole, long, decimal("0.0000000000000000001")), "{}: {} and {}", model, whole, long);
        let (short, longer) = (model.value_over(3).unwrap(), model.value_over(4).unwrap());
        prop_assert!(short.abs() <= longer.abs() && longer.abs() <= whole.abs() + decimal("0.0000000000000000001"));
    }

    #[test]
    fn the_three_timings_differ_by_one_payment_and_one_discount(model in models()) {
        prop_assume!(model.retention().to_decimal() < Decimal::ONE + model.discount_rate().rate());
        let with = |timing| {
            RetentionModel::new(model.margin_per_period(), model.retention(), model.discount_rate(), timing).value().unwrap()
        };
        let [first, excluded, end] = TIMINGS.map(with);
        let tolerance = decimal("0.0000000000000000001");
        prop_assert!(close(first - model.margin_per_period(), excluded, tolerance));
        prop_assert!(close(end * (Decimal::ONE + model.discount_rate().rate()), first, tolerance));
    }

    #[test]
    fn without_interest_the_value_is_that_of_the_churn_rate(revenue in 0..1_000_000_i64, margin in 0..=100_i64, churn in 1..=100_i64) {
        let (revenue, margin) = (Decimal::new(revenue, 2), GrossMargin::from(percent(margin)));
        let from_churn = value_from_churn(revenue, margin, percent(churn)).unwrap();
        let retention = percent(churn).complement();
        let model = RetentionModel::new(margin.of(revenue).unwrap(), retention, DiscountRate::ZERO, PaymentTiming::ImmediateFirst);
        prop_assert_eq!(from_churn, model.value().unwrap());
    }

    #[test]
    fn a_margin_gives_back_the_profit(revenue in 1..1_000_000_000_i64, cost in 0..1_000_000_000_i64) {
        let (revenue, cost) = (Decimal::new(revenue, 2), Decimal::new(cost, 2));
        let margin = GrossMargin::from_revenue_and_cost(revenue, cost).unwrap();
        prop_assert!(close(margin.of(revenue).unwrap(), revenue - cost, decimal("0.00000000000000000001")));
        prop_assert_eq!(margin.rate() < Decimal::ZERO, cost > revenue);
    }

    #[test]
    fn after_the_payback_the_customer_has_earned_the_cost(spend in 0..1_000_000_000_i64, won in 1..10_000_u64, revenue in 1..1_000_000_i64) {
        let cost = AcquisitionCost::from_spend(Decimal::new(spend, 2), won).unwrap();
        prop_assert!(close(cost.amount() * Decimal::from(won), Decimal::new(spend, 2), decimal("0.00000000000000000001")));
        let (revenue, margin) = (Decimal::new(revenue, 2), GrossMargin::from(percent(40)));
        let periods = cost.payback_periods(revenue, margin).unwrap();
        let earned = periods * margin.of(revenue).unwrap();
        prop_assert!(close(earned, cost.amount(), decimal("0.0000000000000000001")));
        prop_assert!(close(cost.value_to_cost(earned).unwrap_or(Decimal::ONE), Decimal::ONE, decimal("0.0000000000000001")));
    }

    #[test]
    fn points_of_retention_add_to_the_retention_and_raise_the_value(model in models(), points in -100..=100_i64) {
        let change = PercentagePoints::new(points.into()).unwrap();
        let after = model.retention().to_decimal() + Decimal::new(points, 2);
        let undefined = |retention: Decimal| retention >= Decimal::ONE + model.discount_rate().rate();
        match model.effect_of_points(change) {
            Err(Error::OutOfBounds { field, .. }) => {
                prop_assert_eq!(field, "new retention");
                prop_assert!(after < Decimal::ZERO || after > Decimal::ONE);
            }
            Err(Error::Undefined { .. }) => prop_assert!(undefined(after) || undefined(model.retention().to_decimal())),
            Err(error) => prop_assert!(false, "{}", error),
            Ok(effect) => {
                prop_assert_eq!(effect.retention_after().to_decimal(), after);
                prop_assert_eq!(effect.value_after(), model.with_retention(effect.retention_after()).value().unwrap());
                let earns = model.margin_per_period() * Decimal::from(points);
                prop_assert!(effect.gain() * earns >= Decimal::ZERO);
            }
        }
    }
}

/// doc-003: 10 a time x 10 a year x 1 year = 100; ten years make it 1,000, which is 900% more.
#[test]
fn doc_003_ten_years_of_loyalty() {
    let growth = Growth::between(value(10, 10, 1), value(10, 10, 10)).unwrap();
    assert_eq!((growth.before().total(), growth.after().total()), (Decimal::from(100), Decimal::from(1_000)));
    assert_eq!(growth.growth(), Ok(Decimal::from(9)));
    assert_eq!(growth.parts().years, growth.gain());
    assert_eq!(growth.to_string(), "from 100 to 1000: +900 (+900.0%)");
}

/// doc-003: each factor 10% up gives 11 x 11 x 11 = 1,331. Over the first case that is 1,231% more. The print says 1,331%: it gives the
/// multiple, 13.31 times, for the growth.
#[test]
fn doc_003_ten_percent_on_each_factor_and_its_misprint() {
    let ten = Decimal::TEN;
    let after = Scenario::from_percent_changes(ten, ten, ten).unwrap().apply(&value(10, 10, 10)).unwrap();
    assert_eq!(after, value(11, 11, 11));
    assert_eq!(after.total(), Decimal::from(1_331));
    let over_the_first = Growth::between(value(10, 10, 1), after).unwrap();
    assert_eq!(over_the_first.growth(), Ok(decimal("12.31")));
    assert_eq!(over_the_first.multiple(), Ok(decimal("13.31")));

    let over_the_second = Growth::between(value(10, 10, 10), after).unwrap();
    assert_eq!(over_the_second.growth(), Ok(decimal("0.331")));
    let parts = over_the_second.parts();
    for alone in [parts.order_value, parts.orders_per_year, parts.years] {
        assert_eq!(alone, Decimal::from(100));
    }
    for pair in [parts.order_value_and_orders_per_year, parts.order_value_and_years, parts.orders_per_year_and_years] {
        assert_eq!(pair, Decimal::from(10));
    }
    assert_eq!(parts.all_three, Decimal::ONE);
}

/// doc-003: 100 a week x 52 weeks x 40 years = 208,000. The page goes on with a loss of 2,000,000, which its own factors do not give.
#[test]
fn doc_003_the_supermarket_and_its_misprint() {
    let shopper = value(100, 52, 40);
    assert_eq!(shopper.total(), Decimal::from(208_000));
    assert_ne!(shopper.total(), Decimal::from(2_000_000));
}

/// Gupta and Lehmann: r/(1+i-r) with r = .8 and i = .1 gives 2.67.
#[test]
fn the_published_margin_multiple() {
    let multiple = margin_multiple(percent(80), DiscountRate::from_percent(Decimal::TEN).unwrap()).unwrap();
    assert_eq!(multiple.round_dp(2), decimal("2.67"));
    assert_eq!(multiple, decimal("2.6666666666666666666666666667"));
}

/// The formulas of Fader and Hardie's note 024 with m = 100, r = .75, d = .125, where each is a short number: 300, 200, 266 2/3.
#[test]
fn the_three_formulas_of_note_024() {
    let discount = DiscountRate::new(decimal("0.125")).unwrap();
    let with = |timing| RetentionModel::new(Decimal::from(100), percent(75), discount, timing).value().unwrap();
    assert_eq!(with(PaymentTiming::ImmediateFirst), Decimal::from(300));
    assert_eq!(with(PaymentTiming::FirstExcluded), Decimal::from(200));
    assert_eq!(with(PaymentTiming::PeriodEnd).round_dp(4), decimal("266.6667"));
}

/// Reichheld and Sasser report 25% to 85% more profit for 5 points of defection less (doc-001 prints the same). Without interest that is
/// what the formula gives for retentions from 75% to some 89%; doc-000's "doubles" needs 90%.
#[test]
fn five_points_of_retention_give_the_reported_range_for_high_retentions() {
    let five = PercentagePoints::new(Decimal::from(5)).unwrap();
    let growth = |retention: &str| {
        let retention = Proportion::new(decimal(retention)).unwrap();
        let model = RetentionModel::new(Decimal::from(100), retention, DiscountRate::ZERO, PaymentTiming::ImmediateFirst);
        model.effect_of_points(five).unwrap().growth().unwrap()
    };
    assert_eq!(growth("0.75"), decimal("0.25"));
    assert_eq!(growth("0.85"), decimal("0.5"));
    assert!(growth("0.89") < decimal("0.85") && decimal("0.85") < growth("0.892"));
    assert_eq!(growth("0.9"), Decimal::ONE);
    // Five percent of the retention is not five points: from 80%, 4 points.
    let four = PercentagePoints::new(Decimal::from(4)).unwrap();
    let model = RetentionModel::new(Decimal::from(100), percent(80), DiscountRate::ZERO, PaymentTiming::ImmediateFirst);
    let (by_percent, by_points) = (model.effect_of_points(four).unwrap(), model.effect_of_points(five).unwrap());
    assert_eq!((by_percent.growth(), by_points.growth()), (Ok(decimal("0.25")), Ok(decimal("0.3333333333333333333333333333"))));
}

/// doc-000: winning a customer costs 10,000 yuan, and ten new ones make good the loss of an old one (doc-001 too).
#[test]
fn ten_new_customers_for_an_old_one() {
    let cost = AcquisitionCost::new(Decimal::from(10_000)).unwrap();
    let replacement = Replacement::one_for_one(cost).with_new_for_one_lost(Replacement::TEN_FOR_ONE).unwrap();
    assert_eq!(replacement.cost_per_loss().unwrap().to_string(), "100000");
    assert_eq!(replacement.cost_of_losses(18).unwrap().to_string(), "1800000");
}

/// doc-000: 5 to 6 times (printed 56); doc-001: 5 to 7; doc-004: 6; doc-003: 15. The last shares no value with the others.
#[test]
fn the_published_cost_ratios_and_their_conflict() {
    let printed = CostRatio::ALL.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(printed, ["5 to 6 times (doc-000)", "5 to 7 times (doc-001)", "6 times (doc-004)", "15 times (doc-003)"]);
    for ratio in [CostRatio::FiveToSix, CostRatio::FiveToSeven, CostRatio::Six] {
        assert!(!ratio.range().overlaps(&CostRatio::Fifteen.range()));
        assert!(ratio.range().overlaps(&CostRatio::Six.range()));
    }
}

#[cfg(feature = "serde")]
mod json {
    use super::*;
    use customer_metrics::lifetime_value::RetentionEffect;
    use serde::{Serialize, de::DeserializeOwned};

    fn comes_back<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
        let json = serde_json::to_string(value).unwrap();
        assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), value, "{json}");
    }

    fn refused<T: DeserializeOwned>(hostile: &[&str]) {
        for json in hostile {
            assert!(serde_json::from_str::<T>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn good_input_comes_back() {
        let growth = Growth::between(value(10, 10, 1), value(11, 11, 11)).unwrap();
        let model = RetentionModel::new(decimal("12.50"), percent(80), DiscountRate::new(decimal("0.1")).unwrap(), TIMINGS[2]);
        comes_back(&value(10, 10, 10));
        comes_back(&growth);
        comes_back(&growth.parts());
        comes_back(&Scenario::from_factors(decimal("1.1"), Decimal::ZERO, Decimal::ONE).unwrap());
        comes_back(&GrossMargin::new(decimal("-0.5")).unwrap());
        comes_back(&TIMINGS);
        comes_back(&model);
        comes_back(&model.effect_of_points(PercentagePoints::ONE).unwrap());
        comes_back(&AcquisitionCost::new(decimal("99.95")).unwrap());
        comes_back(&CostRatio::ALL.to_vec());
        comes_back(&Replacement::from_keeping_cost(Decimal::TEN, CostRatio::FiveToSix.range()).unwrap());
    }

    #[test]
    fn hostile_input_is_refused() {
        refused::<LifetimeValue>(&[
            r#"{"order_value":"-1","orders_per_year":"1","years":"1"}"#,
            r#"{"order_value":"1","orders_per_year":"1","years":"1","total":"1000000"}"#,
            r#"{"order_value":"1","orders_per_year":"1"}"#,
            r#"{"order_value":1.5,"orders_per_year":"1","years":"1"}"#,
            r#"{"order_value":"79228162514264337593543950335","orders_per_year":"2","years":"1"}"#,
        ]);
        refused::<Scenario>(&[r#"{"order_value":"-0.1","orders_per_year":"1","years":"1"}"#]);
        refused::<Growth>(&[r#"{"before":{"order_value":"1","orders_per_year":"1","years":"-1"},"after":{}}"#]);
        refused::<GrossMargin>(&[r#""1.01""#, "0.5"]);
        refused::<DiscountRate>(&[r#""-0.01""#]);
        refused::<AcquisitionCost>(&[r#""-1""#]);
        refused::<PercentagePoints>(&[r#""100.1""#, r#""-100.1""#]);
        let model = r#"{"margin_per_period":"1","retention":"0.99","discount_rate":"0.1","timing":"period_end"}"#;
        assert!(serde_json::from_str::<RetentionModel>(model).is_ok());
        refused::<RetentionModel>(&[
            &model.replace("0.99", "1.01"),
            &model.replace("0.1\"", "-0.1\""),
            &model.replace("period_end", "sometime"),
            &model.replace('}', ",\"x\":1}"),
        ]);
        refused::<RetentionEffect>(&[&format!(r#"{{"before":{model},"points":"2"}}"#)]);
        let replacement = r#"{"cost_of_winning":{"low":"5","high":"6"},"new_for_one_lost":{"low":"1","high":"1"}}"#;
        assert!(serde_json::from_str::<Replacement>(replacement).is_ok());
        refused::<Replacement>(&[&replacement.replace("\"5\"", "\"-5\""), &replacement.replace("\"low\":\"1\"", "\"low\":\"0\"")]);
    }
}
