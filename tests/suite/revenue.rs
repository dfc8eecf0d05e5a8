//! Revenue movements: laws, reconciliation, a slow recomputation, published examples, and prices brought to a month.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use customer_metrics::churn::{
    BillingPeriod, CustomerPayment, CustomerPayments, CustomerRevenue, EarlierRevenue, Movement, NetRevenueDefinition, PeriodWindow,
    QuickRatioDefinition, ReactivationLimit, RemainderRule, RevenueMovements, RevenueSeries, RevenueSeriesSettings, RevenueSettings,
    RevenueTally, YearLength, monthly_recurring_revenue,
};
use customer_metrics::{Decimal, Error, MinorUnit, Tally};
use proptest::prelude::*;

use crate::laws;

fn earlier(empty_periods: u32) -> EarlierRevenue {
    NonZeroU32::new(empty_periods).map_or(EarlierRevenue::Never, EarlierRevenue::BeforeEmptyPeriods)
}

fn limit(most: u32) -> ReactivationLimit {
    NonZeroU32::new(most).map_or(ReactivationLimit::Unlimited, ReactivationLimit::EmptyPeriods)
}

fn settings(most: u32) -> RevenueSettings {
    RevenueSettings { unit: MinorUnit::CENT, reactivation: limit(most) }
}

/// Opening and closing in cents, often 0 and often equal, and the empty periods.
fn rows() -> impl Strategy<Value = Vec<(i64, i64, u32)>> {
    let small = || prop_oneof![2 => Just(0_i64), 2 => 1..4_i64, 2 => 0..1_000_000_i64];
    let large = || prop_oneof![3 => small(), 1 => Just(i64::MAX), 1 => Just((1 << 53) - 1), 1 => Just(1 << 53)];
    let empty = || prop_oneof![4 => 0..6_u32, 1 => Just(u32::MAX)];
    prop_oneof![prop::collection::vec((small(), small(), empty()), 0..40), prop::collection::vec((large(), large(), empty()), 0..40)]
}

fn records(rows: &[(i64, i64, u32)]) -> Vec<CustomerRevenue> {
    let record = |&(opening, closing, empty)| CustomerRevenue::new(Decimal::new(opening, 2), Decimal::new(closing, 2), earlier(empty));
    rows.iter().map(record).collect::<Result<_, _>>().unwrap()
}

fn by_columns(settings: RevenueSettings, rows: &[(i64, i64, u32)]) -> RevenueTally {
    let mut tally = RevenueTally::empty(settings);
    let opening: Vec<_> = rows.iter().map(|row| row.0).collect();
    let closing: Vec<_> = rows.iter().map(|row| row.1).collect();
    let empty: Vec<_> = rows.iter().map(|row| row.2).collect();
    tally.record_columns(&opening, &closing, &empty).unwrap();
    tally
}

/// Customer, period from 1 to 8, cents.
fn payments() -> impl Strategy<Value = Vec<(u64, u32, i64)>> {
    let customer = prop_oneof![0..6_u64, Just(u64::MAX), any::<u64>()];
    let cents = prop_oneof![Just(0_i64), 1..5_i64, 0..100_000_i64];
    prop::collection::vec((customer, 1..=8_u32, cents), 0..80)
}

fn series(settings: RevenueSettings, rows: &[(u64, u32, i64)]) -> RevenueSeries {
    let customers: Vec<_> = rows.iter().map(|row| row.0).collect();
    let periods: Vec<_> = rows.iter().map(|row| row.1).collect();
    let amounts: Vec<_> = rows.iter().map(|row| row.2).collect();
    RevenueSeries::from_columns(settings, PeriodWindow::new(1, 8).unwrap(), &customers, &periods, &amounts).unwrap()
}

fn by_customer(rows: &[(u64, u32, i64)]) -> Vec<CustomerPayments> {
    let mut customers: BTreeMap<u64, CustomerPayments> = BTreeMap::new();
    for &(customer, period, cents) in rows {
        customers.entry(customer).or_default().payments.push(CustomerPayment { period, amount: Decimal::new(cents, 2) });
    }
    customers.into_values().collect()
}

/// Period by period and customer by customer, from a map.
fn slow_series(settings: RevenueSettings, rows: &[(u64, u32, i64)]) -> Vec<RevenueTally> {
    let mut revenue: BTreeMap<u64, BTreeMap<u32, i64>> = BTreeMap::new();
    for &(customer, period, cents) in rows {
        *revenue.entry(customer).or_default().entry(period).or_default() += cents;
    }
    let tally = |closing: u32| {
        let mut tally = RevenueTally::empty(settings);
        for by_period in revenue.values() {
            let cents = |period: u32| by_period.get(&period).copied().unwrap_or(0);
            let last = (1..closing).rev().find(|&period| cents(period) > 0);
            let empty = last.map_or(0, |last| closing - last - 1);
            let (opening, closing) = (Decimal::new(cents(closing - 1), 2), Decimal::new(cents(closing), 2));
            tally.record(CustomerRevenue::new(opening, closing, earlier(empty)).unwrap()).unwrap();
        }
        tally
    };
    (2..=8).map(tally).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_laws_hold(a in rows(), b in rows(), c in rows(), most in 0..5_u32) {
        laws::check::<RevenueTally>(&settings(most), [records(&a), records(&b), records(&c)]);
    }

    #[test]
    fn the_laws_hold_for_a_series(a in payments(), b in payments(), c in payments(), most in 0..5_u32) {
        let settings = RevenueSeriesSettings { window: PeriodWindow::new(1, 8).unwrap(), revenue: settings(most) };
        laws::check::<RevenueSeries>(&settings, [by_customer(&a), by_customer(&b), by_customer(&c)]);
        let refund = CustomerPayments { payments: [500, -501].map(|cents| CustomerPayment { period: 3, amount: Decimal::new(cents, 2) }).to_vec() };
        laws::check_refusal::<RevenueSeries>(&settings, by_customer(&a), refund);
    }

    #[test]
    fn a_series_of_customers_is_that_of_their_rows(rows in payments(), most in 0..5_u32) {
        let settings = RevenueSeriesSettings { window: PeriodWindow::new(1, 8).unwrap(), revenue: settings(most) };
        let mut one_by_one = RevenueSeries::empty(settings);
        one_by_one.extend(by_customer(&rows)).unwrap();
        prop_assert_eq!(&one_by_one, &series(settings.revenue, &rows));
        let shown = one_by_one.finish().unwrap();
        prop_assert_eq!(shown.iter().map(|pair| pair.closing_in).collect::<Vec<_>>(), (2..=8).collect::<Vec<_>>());
    }

    #[test]
    fn the_changes_of_all_customers_are_the_movements(rows in rows(), most in 0..5_u32) {
        let change: Decimal = records(&rows).iter().map(|record| record.change().unwrap()).sum();
        prop_assert_eq!(change, by_columns(settings(most), &rows).movements().change().unwrap());
    }

    #[test]
    fn an_amount_finer_than_the_unit_is_refused(good in rows(), cents in 0..100_i64) {
        let wrong = CustomerRevenue::new(Decimal::new(cents * 10 + 5, 3), Decimal::ONE, EarlierRevenue::Never).unwrap();
        laws::check_refusal::<RevenueTally>(&settings(0), records(&good), wrong);
    }

    #[test]
    fn opening_and_movements_are_the_closing_to_the_cent(rows in rows(), most in 0..5_u32) {
        let tally = by_columns(settings(most), &rows);
        let movements = tally.movements();
        let amounts = movements.amounts().unwrap();
        let cents = |side: fn(&(i64, i64, u32)) -> i64| Decimal::from_i128_with_scale(rows.iter().map(|row| i128::from(side(row))).sum(), 2);
        prop_assert_eq!(amounts.opening, cents(|row| row.0));
        prop_assert_eq!(movements.closing().unwrap(), cents(|row| row.1));
        let moved = amounts.new + amounts.reactivation + amounts.expansion - amounts.contraction - amounts.churned;
        prop_assert_eq!(amounts.opening + moved, movements.closing().unwrap());
        prop_assert_eq!(movements.change().unwrap(), moved);
        // Put in as amounts they are the same.
        prop_assert_eq!(RevenueMovements::new(MinorUnit::CENT, amounts).unwrap(), movements);
        let customers = tally.customers();
        prop_assert_eq!(customers.at_opening(), rows.iter().filter(|row| row.0 > 0).count() as u64);
        prop_assert_eq!(customers.at_closing(), rows.iter().filter(|row| row.1 > 0).count() as u64);
    }

    #[test]
    fn columns_and_records_agree(rows in rows(), most in 0..5_u32) {
        let mut by_records = RevenueTally::empty(settings(most));
        by_records.extend(records(&rows)).unwrap();
        prop_assert_eq!(by_columns(settings(most), &rows), by_records);
    }

    #[test]
    fn the_rates_are_what_their_definitions_say(rows in rows()) {
        let movements = by_columns(settings(0), &rows).movements();
        let amounts = movements.amounts().unwrap();
        let close = |rate: Decimal, numerator: Decimal, denominator: Decimal| {
            // Rates are rounded to 28 digits: a large one has fewer of them behind the point.
            (rate * denominator - numerator).abs() <= (denominator + numerator.abs()) * Decimal::new(1, 24)
        };
        let small = rows.iter().all(|row| row.0 < i64::MAX && row.1 < i64::MAX);
        if amounts.opening > Decimal::ZERO && small {
            let gross = movements.gross_revenue_retention().unwrap();
            prop_assert!(gross >= Decimal::ZERO && gross <= Decimal::ONE);
            prop_assert!(close(gross, amounts.opening - amounts.contraction - amounts.churned, amounts.opening));
            prop_assert!(close(movements.gross_revenue_churn().unwrap() + gross, amounts.opening, amounts.opening));
            let [plain, with, without] = [
                NetRevenueDefinition::WithoutReactivation,
                NetRevenueDefinition::WithReactivation,
                NetRevenueDefinition::WithoutContraction,
            ].map(|definition| (movements.net_revenue_retention(definition).unwrap(), movements.net_revenue_churn(definition).unwrap()));
            for (retention, churn) in [plain, with, without] {
                prop_assert!(close(retention + churn, amounts.opening, amounts.opening));
            }
            prop_assert!(gross <= plain.0 && plain.0 <= with.0 && plain.0 <= without.0);
            prop_assert!(close(plain.0, amounts.opening + amounts.expansion - amounts.contraction - amounts.churned, amounts.opening));
            let lost = amounts.contraction + amounts.churned;
            let quick = movements.quick_ratio(QuickRatioDefinition::WithReactivation);
            prop_assert_eq!(quick.is_err(), lost.is_zero());
            if let Ok(quick) = quick {
                let gained = amounts.new + amounts.expansion + amounts.reactivation;
                prop_assert!((quick * lost - gained).abs() <= (gained + lost) * Decimal::new(1, 20), "{quick}");
            }
        }
    }

    #[test]
    fn a_series_agrees_with_a_slow_recomputation(rows in payments(), most in 0..4_u32) {
        let fast = series(settings(most), &rows);
        let tallies: Vec<RevenueTally> = fast.tallies().map(|(_, tally)| tally.clone()).collect();
        prop_assert_eq!(&tallies, &slow_series(settings(most), &rows));
        for pair in tallies.windows(2) {
            prop_assert_eq!(pair[0].movements().closing().unwrap(), pair[1].movements().amounts().unwrap().opening);
            prop_assert_eq!(pair[0].customers().at_closing(), pair[1].customers().at_opening());
        }
    }

    #[test]
    fn customers_apart_merge_to_the_whole_in_any_order(mut rows in payments(), most in 0..4_u32, parts in 1..4_u64) {
        let whole = series(settings(most), &rows);
        let mut merged = series(settings(most), &[]);
        for part in 0..parts {
            let rows: Vec<_> = rows.iter().copied().filter(|row| row.0 % parts == part).collect();
            merged.merge(&series(settings(most), &rows)).unwrap();
        }
        prop_assert_eq!(&merged, &whole);
        rows.reverse();
        prop_assert_eq!(series(settings(most), &rows), whole);
        prop_assert!(merged.merge(&series(settings(most + 1), &[])).is_err());
    }

    #[test]
    fn the_months_of_a_cycle_are_its_payments_to_the_cent(
        cents in 0..10_000_000_i64, kind in 0..3_u32, every in 1..60_u32, rule in prop::sample::select(&[RemainderRule::Cumulative, RemainderRule::FirstMonths]),
    ) {
        let period = match kind {
            0 => BillingPeriod::days(every, YearLength::Common),
            1 => BillingPeriod::weeks(every),
            _ => BillingPeriod::months(every),
        }.unwrap();
        let price = Decimal::new(cents, 2);
        let (payments, months) = period.payments_in_months();
        let parts: Vec<Decimal> =
            (0..u64::from(months)).map(|month| period.month_of_cycle(price, MinorUnit::CENT, rule, month).unwrap()).collect();
        prop_assert_eq!(parts.iter().sum::<Decimal>(), price * Decimal::from(payments));
        let exact = period.monthly_price(price).unwrap();
        for &part in &parts {
            prop_assert!((part - exact).abs() < Decimal::new(1, 2));
        }
        prop_assert_eq!(period.month_of_cycle(price, MinorUnit::CENT, rule, u64::from(months)).unwrap(), parts[0]);
        if rule == RemainderRule::FirstMonths {
            prop_assert!(parts.windows(2).all(|pair| pair[0] >= pair[1]));
        } else {
            let mut sum = Decimal::ZERO;
            for (month, part) in (1..).zip(&parts) {
                sum += part;
                let up_to_here = price * Decimal::from(payments) * Decimal::from(month) / Decimal::from(months);
                prop_assert!((sum - up_to_here).abs() <= Decimal::new(500_001, 8));
            }
        }
    }
}

/// Several chunks of rows, among them one with an amount that is too large to be counted with the others.
#[test]
fn long_columns_are_counted_like_short_ones() {
    let opening: Vec<i64> = (0..5_000).map(|row| row * row % 7 * 100).collect();
    let mut closing: Vec<i64> = (0..5_000).map(|row| row * 31 % 5 * 150).collect();
    closing[2_500] = i64::MAX;
    let empty: Vec<u32> = (0..5_000).map(|row| row % 6).collect();
    let rows: Vec<_> = opening.iter().zip(&closing).zip(&empty).map(|((&opening, &closing), &empty)| (opening, closing, empty)).collect();
    for most in [0, 1, 3, u32::MAX] {
        let mut by_records = RevenueTally::empty(settings(most));
        by_records.extend(records(&rows)).unwrap();
        assert_eq!(by_columns(settings(most), &rows), by_records);
    }
    closing[4_321] = -7;
    closing[4_999] = -1;
    let mut tally = RevenueTally::empty(settings(3));
    let error = tally.record_columns(&opening, &closing, &empty).unwrap_err();
    assert_eq!(error.to_string(), "row 4321: closing revenue is -0.07, but must be at least 0");
    assert_eq!(tally, RevenueTally::empty(settings(3)));
}

#[test]
fn every_movement_is_told_apart() {
    let revenue = |opening: i64, closing: i64, empty| CustomerRevenue::new(opening.into(), closing.into(), earlier(empty)).unwrap();
    for (record, expected) in [
        (revenue(0, 0, 3), Movement::Absent),
        (revenue(0, 1, 0), Movement::New),
        (revenue(0, 1, 3), Movement::Reactivation),
        (revenue(0, 1, 4), Movement::New),
        (revenue(2, 3, 1), Movement::Expansion),
        (revenue(3, 2, 1), Movement::Contraction),
        (revenue(3, 0, 1), Movement::Churned),
        (revenue(3, 3, 1), Movement::Unchanged),
    ] {
        assert_eq!(record.movement(limit(3)), expected, "{record:?}");
    }
    assert!(matches!(CustomerRevenue::new(Decimal::NEGATIVE_ONE, Decimal::ONE, EarlierRevenue::Never), Err(Error::OutOfBounds { .. })));
}

#[test]
fn tallies_with_other_settings_do_not_merge() {
    let mut tally = RevenueTally::empty(settings(3));
    let error = tally.merge(&RevenueTally::empty(settings(0))).unwrap_err();
    let said = "revenue settings differs: 2 decimal places, reactivated at most 3 periods away and 2 decimal places, reactivated however long away";
    assert_eq!(error.to_string(), said);
    let yen = RevenueSettings { unit: MinorUnit::WHOLE, reactivation: limit(3) };
    assert!(matches!(tally.merge(&RevenueTally::empty(yen)), Err(Error::Mismatch { .. })));
    assert!(matches!(tally.finish(), Err(Error::Undefined { metric: "customer churn", .. })));
    assert!(matches!(tally.revenue_per_customer(), Err(Error::Undefined { .. })));
}

#[test]
fn a_yearly_price_keeps_its_cents() {
    // 100.00 a year is 8.333… a month: floored twelve times it would be 99.96.
    let price = "100.00".parse().unwrap();
    for rule in [RemainderRule::Cumulative, RemainderRule::FirstMonths] {
        let months = (0..12).map(|month| BillingPeriod::YEARLY.month_of_cycle(price, MinorUnit::CENT, rule, month).unwrap());
        assert_eq!(months.sum::<Decimal>(), price);
    }
    // A thousand customers at 9.99 a year: the sum is rounded, not each.
    let all = (0..1_000).map(|_| ("9.99".parse().unwrap(), BillingPeriod::YEARLY));
    assert_eq!(monthly_recurring_revenue(all).unwrap(), "832.5".parse().unwrap());
    let mixed = [("10".parse().unwrap(), BillingPeriod::WEEKLY), ("10".parse().unwrap(), BillingPeriod::QUARTERLY)];
    // 130/3 + 10/3.
    assert_eq!(monthly_recurring_revenue(mixed).unwrap().round_dp(20), "46.66666666666666666667".parse().unwrap());
}

#[cfg(feature = "serde")]
#[test]
fn what_goes_in_survives_json_and_is_checked_on_the_way() {
    let json = r#"{"opening":"1.5","closing":"0","earlier":{"before_empty_periods":2}}"#;
    let revenue: CustomerRevenue = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&revenue).unwrap(), json);
    assert!(serde_json::from_str::<CustomerRevenue>(&json.replace("1.5", "-1.5")).is_err());

    let movements = by_columns(settings(0), &[(100, 250, 0), (300, 0, 0)]).movements();
    let json = serde_json::to_string(&movements).unwrap();
    assert_eq!(serde_json::from_str::<RevenueMovements>(&json).unwrap(), movements);
    assert!(serde_json::from_str::<RevenueMovements>(&json.replace(r#""opening":"400""#, r#""opening":"200""#)).is_err());
    assert!(serde_json::from_str::<RevenueMovements>(&json.replace("400", "-400")).is_err());

    for period in [BillingPeriod::WEEKLY, BillingPeriod::YEARLY, BillingPeriod::days(30, YearLength::Banking).unwrap()] {
        let json = serde_json::to_string(&period).unwrap();
        assert_eq!(serde_json::from_str::<BillingPeriod>(&json).unwrap(), period, "{json}");
    }
    assert!(serde_json::from_str::<BillingPeriod>(r#"{"every":0,"unit":"weeks"}"#).is_err());
    let window = PeriodWindow::new(3, 5).unwrap();
    assert_eq!(serde_json::from_str::<PeriodWindow>(&serde_json::to_string(&window).unwrap()).unwrap(), window);
    assert!(serde_json::from_str::<PeriodWindow>(r#"{"first":5,"last":3}"#).is_err());
}
