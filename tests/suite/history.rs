//! From transactions to histories: CDNOW row by row, laws, and a slow recomputation with maps.

use std::collections::BTreeMap;

use customer_metrics::repeat_buying::{
    BgBb, CountedHistory, CustomerNumbers, HistoryRules, LeftOut, Model, OpportunityHistory, OpportunityTable, PeriodLength, PeriodRule,
    PurchaseColumns, PurchaseHistories, PurchaseTable, PurchaseTally, ReturnRule, Transactions, UnpaidRule, WholePeriods,
};
use customer_metrics::{Decimal, FixedColumn, MinorUnit, OwnedFixedColumn, Tally};
use proptest::prelude::*;

use crate::laws;

#[derive(Debug, Clone, Default)]
struct Rows {
    customers: Vec<u64>,
    days: Vec<i32>,
    cents: Vec<i64>,
}

impl Rows {
    fn of(rows: &[(u64, i32, i64)]) -> Self {
        Self {
            customers: rows.iter().map(|row| row.0).collect(),
            days: rows.iter().map(|row| row.1).collect(),
            cents: rows.iter().map(|row| row.2).collect(),
        }
    }

    fn transactions(&self) -> Transactions<'_> {
        Transactions::new(&self.customers, &self.days, FixedColumn::new(&self.cents, MinorUnit::CENT)).unwrap()
    }

    fn histories(&self, rules: &HistoryRules) -> PurchaseHistories {
        self.transactions().histories(rules).unwrap()
    }
}

fn rules() -> impl Strategy<Value = HistoryRules> {
    let returns = prop_oneof![Just(ReturnRule::Drop), Just(ReturnRule::Net), Just(ReturnRule::Keep)];
    let elapsed = (1..40_u32, 1..9_u32).prop_map(|(days, periods)| PeriodRule::Elapsed(PeriodLength::new(days, periods).unwrap()));
    let whole = (1..9_u32, -30..30_i32).prop_map(|(days, first)| PeriodRule::Whole(WholePeriods::new(days, first).unwrap()));
    (prop_oneof![elapsed, whole], returns, -5..60_i32).prop_map(|(periods, returns, day)| {
        // The end of the period that the day lies in, where that matters.
        let mut ends = (0..10).map(|more| HistoryRules::new(day + more, periods, returns));
        ends.find_map(Result::ok).unwrap()
    })
}

/// Few customers with many rows, many with few, and numbers near and far.
fn rows() -> impl Strategy<Value = Vec<(u64, i32, i64)>> {
    let customer = prop_oneof![4 => 0..12_u64, 2 => (0..300_u64).prop_map(|id| id * 0x0023_4567_89ab_cdef), 1 => any::<u64>()];
    let cents = prop_oneof![6 => 0..20_000_i64, 2 => -5_000..0_i64, 1 => Just(0)];
    prop_oneof![3 => prop::collection::vec((customer.clone(), -10..80_i32, cents.clone()), 0..60), 1 => prop::collection::vec((customer, -10..80_i32, cents), 200..600)]
}

/// The step a day is in, and the money spent in it, by the plainest means there is.
fn step(rules: &HistoryRules, day: i32) -> i64 {
    match rules.periods() {
        PeriodRule::Elapsed(_) => day.into(),
        PeriodRule::Whole(whole) => {
            let mut number = 0;
            let mut start = i64::from(whole.first_day());
            while start > day.into() {
                start -= i64::from(whole.days());
                number -= 1;
            }
            while start + i64::from(whole.days()) <= day.into() {
                start += i64::from(whole.days());
                number += 1;
            }
            number
        }
    }
}

/// Customer to step to money, and the rows and money that are left out: returns, then after the last day.
type Slow = (BTreeMap<u64, BTreeMap<i64, i64>>, [(u64, i64); 2]);

fn slow(rows: &[(u64, i32, i64)], rules: &HistoryRules, last_day: i32) -> Slow {
    let mut left_out = [(0, 0); 2];
    let mut leave = |which: usize, cents: i64| {
        let (count, sum): &mut (u64, i64) = &mut left_out[which];
        *count += 1;
        *sum += cents;
    };
    let mut kept: BTreeMap<u64, BTreeMap<i64, Vec<i64>>> = BTreeMap::new();
    for &(customer, day, cents) in rows {
        if day > last_day {
            leave(1, cents);
        } else if cents < 0 && rules.returns() == ReturnRule::Drop {
            leave(0, cents);
        } else {
            kept.entry(customer).or_default().entry(step(rules, day)).or_default().push(cents);
        }
    }
    let mut purchases: BTreeMap<u64, BTreeMap<i64, i64>> = BTreeMap::new();
    for (customer, steps) in kept {
        for (step, cents) in steps {
            let sum: i64 = cents.iter().sum();
            if rules.returns() == ReturnRule::Net && cents.iter().any(|&cents| cents < 0) && sum <= 0 {
                for cents in cents {
                    leave(0, cents);
                }
            } else {
                purchases.entry(customer).or_default().insert(step, sum);
            }
        }
    }
    (purchases, left_out)
}

fn check_left_out(left_out: &LeftOut, expected: [(u64, i64); 2]) {
    for (tally, (count, cents)) in [&left_out.returns, &left_out.after_last_day].into_iter().zip(expected) {
        assert_eq!((tally.count(), tally.total().unwrap()), (count, Decimal::new(cents, 2)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn histories_are_what_maps_give(rows in rows(), rules in rules()) {
        let histories = Rows::of(&rows).histories(&rules);
        let (expected, left_out) = slow(&rows, &rules, rules.last_day());
        let end = step(&rules, rules.last_day());
        prop_assert_eq!(histories.customer_numbers(), expected.keys().copied().collect::<Vec<u64>>());
        for (row, purchases) in expected.values().enumerate() {
            let (first, spent) = purchases.first_key_value().unwrap();
            let (last, _) = purchases.last_key_value().unwrap();
            let repeat: i64 = purchases.values().sum::<i64>() - spent;
            prop_assert_eq!(histories.frequency()[row] as usize, purchases.len() - 1);
            prop_assert_eq!(i64::from(histories.recency()[row]), last - first);
            prop_assert_eq!(i64::from(histories.age()[row]), end - first);
            prop_assert_eq!((histories.first_spend()[row], histories.repeat_spend()[row]), (*spent, repeat));
            let periods = |steps: i64| match rules.periods() {
                PeriodRule::Elapsed(length) => steps as f64 * f64::from(length.period_count()) / f64::from(length.days()),
                PeriodRule::Whole(_) => steps as f64,
            };
            prop_assert_eq!(histories.recency_in_periods()[row].to_bits(), periods(last - first).to_bits());
            prop_assert_eq!(histories.age_in_periods()[row].to_bits(), periods(end - first).to_bits());
            prop_assert_eq!(i64::from(histories.steps_since_last()[row]), end - last);
            if let Ok(mean) = histories.mean_repeat_spend(row) {
                let back = (mean * Decimal::from(purchases.len() - 1) * Decimal::from(100)).round_dp(10);
                prop_assert_eq!(back, Decimal::from(repeat));
            } else {
                prop_assert_eq!(purchases.len(), 1);
            }
        }
        check_left_out(histories.left_out(), left_out);
        // Every row as a record is a valid history.
        for history in histories.iter() {
            prop_assert_eq!(CountedHistory::new(history.frequency(), history.recency(), history.age()).unwrap(), history);
        }
    }

    #[test]
    fn the_columns_for_models_are_of_the_same_rows_as_the_histories(rows in rows(), rules in rules()) {
        let histories = Rows::of(&rows).histories(&rules);
        let columns = histories.columns(UnpaidRule::Drop).unwrap();
        prop_assert_eq!(columns.purchase_table(), histories.table());
        prop_assert_eq!((columns.rows() as u64, columns.customer_base().customers()), (histories.customers(), histories.customers()));
        let pays = |row: usize| histories.frequency()[row] > 0 && histories.repeat_spend()[row] > 0;
        prop_assert_eq!(columns.spend_table().customers(), (0..columns.rows()).filter(|&row| pays(row)).count() as u64);
        for (row, mean) in columns.mean_spends().iter().enumerate() {
            let exact = histories.mean_repeat_spend(row).map_or(0.0, |mean| mean.to_string().parse().unwrap());
            prop_assert!((mean - exact).abs() <= 4e-16 * exact.abs(), "{row}: {} and {}", mean, exact);
            let history = columns.purchases().get(row).unwrap();
            prop_assert_eq!((history.frequency(), history.age()), (histories.frequency()[row], histories.age_in_periods()[row]));
        }
        let unpaid = (0..columns.rows()).find(|&row| histories.frequency()[row] > 0 && histories.repeat_spend()[row] <= 0);
        prop_assert_eq!(histories.columns(UnpaidRule::Refuse).err().map(|error| error.row()), unpaid.map(Some));
    }

    #[test]
    fn no_cent_is_lost(rows in rows(), rules in rules()) {
        let histories = Rows::of(&rows).histories(&rules);
        let all: i64 = rows.iter().map(|row| row.2).sum();
        let first: i64 = histories.first_spend().iter().sum();
        let repeat: i64 = histories.repeat_spend().iter().sum();
        let LeftOut { returns, after_last_day, .. } = histories.left_out();
        let left_out = returns.total().unwrap() + after_last_day.total().unwrap();
        prop_assert_eq!(Decimal::new(all, 2), Decimal::new(first + repeat, 2) + left_out);
        prop_assert_eq!(histories.total_spend().unwrap().iter().sum::<i64>(), first + repeat);
    }

    #[test]
    fn the_order_of_the_rows_and_the_width_of_their_numbers_do_not_matter(rows in rows(), rules in rules(), seed in any::<u64>()) {
        let whole = Rows::of(&rows);
        let mut shuffled = rows.clone();
        shuffled.sort_by_key(|&(customer, day, cents)| (customer ^ u64::from(day.cast_unsigned()) ^ cents.cast_unsigned()).wrapping_mul(seed | 1));
        prop_assert_eq!(Rows::of(&shuffled).histories(&rules), whole.histories(&rules));

        let narrow: Vec<u32> = rows.iter().map(|row| row.0 as u32).collect();
        let wide: Vec<u64> = narrow.iter().map(|&customer| customer.into()).collect();
        let amounts = FixedColumn::new(&whole.cents, MinorUnit::CENT);
        let of_narrow = Transactions::new(&narrow, &whole.days, amounts).unwrap().histories(&rules).unwrap();
        prop_assert_eq!(of_narrow, Transactions::new(&wide, &whole.days, amounts).unwrap().histories(&rules).unwrap());
    }

    #[test]
    fn calibration_and_holdout_are_the_whole(rows in rows(), rules in rules(), periods in 1..9_i32) {
        let length = match rules.periods() {
            PeriodRule::Elapsed(_) => 1,
            PeriodRule::Whole(whole) => whole.days().cast_signed(),
        };
        let holdout_end = rules.last_day() + periods * length;
        let split = Rows::of(&rows).transactions().calibration_and_holdout(&rules, holdout_end).unwrap();
        let calibration = split.calibration();
        let whole = Rows::of(&rows).histories(&HistoryRules::new(holdout_end, rules.periods(), rules.returns()).unwrap());
        let (expected, left_out) = slow(&rows, &rules, holdout_end);
        check_left_out(calibration.left_out(), left_out);
        prop_assert_eq!(split.holdout_periods().to_bits(), rules.periods().periods(periods.unsigned_abs()).to_bits());

        let row_in_whole = |customer: &u64| whole.customer_numbers().binary_search(customer).unwrap();
        for (row, customer) in calibration.customer_numbers().iter().enumerate() {
            let other = row_in_whole(customer);
            prop_assert_eq!(calibration.frequency()[row] + split.holdout_frequency()[row], whole.frequency()[other]);
            prop_assert_eq!(calibration.repeat_spend()[row] + split.holdout_spend()[row], whole.repeat_spend()[other]);
            prop_assert_eq!(calibration.first_spend()[row], whole.first_spend()[other]);
            prop_assert!(calibration.age()[row] < whole.age()[other]);
        }
        let end = step(&rules, rules.last_day());
        let newcomers: Vec<_> = expected.values().filter(|purchases| *purchases.first_key_value().unwrap().0 > end).collect();
        prop_assert_eq!(split.newcomers().customers, newcomers.len() as u64);
        prop_assert_eq!(split.newcomers().customers + calibration.customers(), whole.customers());
        prop_assert_eq!(split.newcomers().purchases.count(), newcomers.iter().map(|purchases| purchases.len() as u64).sum::<u64>());
        let spent: i64 = newcomers.iter().flat_map(|purchases| purchases.values()).sum();
        prop_assert_eq!(split.newcomers().purchases.total().unwrap(), Decimal::new(spent, 2));

        // The calibration alone gives the same histories; only what was left out differs.
        let alone = Rows::of(&rows).histories(&rules);
        prop_assert_eq!((alone.customer_numbers(), alone.frequency(), alone.recency()), (calibration.customer_numbers(), calibration.frequency(), calibration.recency()));
        prop_assert_eq!((alone.age(), alone.first_spend(), alone.repeat_spend()), (calibration.age(), calibration.first_spend(), calibration.repeat_spend()));
    }

    #[test]
    fn tallies_of_parts_by_customer_merge_to_the_whole(rows in rows(), rules in rules()) {
        let whole = PurchaseTally::from_histories(&Rows::of(&rows).histories(&rules));
        let part = |remainder: u64| {
            let part: Vec<_> = rows.iter().copied().filter(|row| row.0 % 3 == remainder).collect();
            Rows::of(&part).histories(&rules)
        };
        let mut merged = PurchaseTally::empty(rules.periods());
        for remainder in [2, 0, 1] {
            merged.merge(&PurchaseTally::from_histories(&part(remainder))).unwrap();
        }
        prop_assert_eq!(&merged, &whole);
        let mut histories = part(1);
        histories.merge(&part(2)).unwrap();
        let mut merged_histories = part(0);
        merged_histories.merge(&histories).unwrap();
        prop_assert_eq!(&merged_histories, &Rows::of(&rows).histories(&rules));
        if histories.customers() > 0 {
            let repeated = merged_histories.merge(&histories).unwrap_err();
            prop_assert_eq!(repeated.to_string(), format!("customer {} is given more than once", histories.customer_numbers()[0]));
            prop_assert_eq!(&merged_histories, &Rows::of(&rows).histories(&rules));
        }
        let mut one_by_one = PurchaseTally::empty(rules.periods());
        one_by_one.extend(Rows::of(&rows).histories(&rules).iter()).unwrap();
        prop_assert_eq!(&one_by_one, &whole);
        prop_assert_eq!(whole.customers(), Rows::of(&rows).histories(&rules).customers());
        prop_assert_eq!(whole.counts().map(|(_, customers)| customers).sum::<u64>(), whole.customers());
        prop_assert!(whole.counts().map(|(history, _)| history).is_sorted_by(|a, b| a < b));
        // The same table to the last bit, collapsed before or after the conversion to periods.
        let histories = Rows::of(&rows).histories(&rules);
        let (recency, age) = (histories.recency_in_periods(), histories.age_in_periods());
        let columns = PurchaseColumns::new(histories.frequency(), &recency, &age).unwrap();
        prop_assert_eq!(whole.finish().unwrap(), PurchaseTable::from_columns(columns));
        prop_assert_eq!(whole.finish().unwrap(), histories.table());
        prop_assert_eq!(whole.finish().unwrap().customers(), whole.customers());
        let [a, b, c] = [0, 1, 2].map(|remainder| part(remainder).iter().collect::<Vec<_>>());
        laws::check::<PurchaseTally>(&rules.periods(), [a, b, c]);
    }

    #[test]
    fn the_first_return_is_named_where_returns_are_refused(rows in rows(), rules in rules()) {
        let rules = HistoryRules::new(rules.last_day(), rules.periods(), ReturnRule::Refuse).unwrap();
        let result = Rows::of(&rows).transactions().histories(&rules);
        if let Some(row) = rows.iter().position(|row| row.2 < 0) {
            let error = result.unwrap_err();
            prop_assert_eq!((error.row(), error.field()), (Some(row), Some("amount")));
        } else {
            let kept = HistoryRules::new(rules.last_day(), rules.periods(), ReturnRule::Keep).unwrap();
            prop_assert_eq!(result.unwrap(), Rows::of(&rows).histories(&kept));
        }
    }
}

/// Days since 1 January 1970 of a date such as 19970118.
fn day_number(date: i32) -> i32 {
    let date = jiff::civil::date((date / 10_000) as i16, (date / 100 % 100) as i8, (date % 100) as i8);
    i32::try_from(date.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() / 24).unwrap()
}

fn cdnow() -> Rows {
    let mut reader = csv::Reader::from_path("examples/data/cdnow_sample.csv").unwrap();
    let mut rows = Rows::default();
    for record in reader.records() {
        let record = record.unwrap();
        rows.customers.push(record[1].parse().unwrap());
        rows.days.push(day_number(record[2].parse().unwrap()));
        let amount: Decimal = record[4].parse().unwrap();
        rows.cents
            .push(i64::try_from((amount * Decimal::from(100)).mantissa() / 10_i128.pow((amount * Decimal::from(100)).scale())).unwrap());
    }
    rows
}

/// CDNOW as Fader and Hardie summarised it: 39 weeks of calibration from 1 January 1997, printed to two decimal places.
#[test]
fn cdnow_is_summarised_as_its_authors_did() {
    let rows = cdnow();
    let weeks = PeriodRule::Elapsed(PeriodLength::WEEK);
    let rules = HistoryRules::new(day_number(19_970_930), weeks, ReturnRule::Refuse).unwrap();
    let split = rows.transactions().calibration_and_holdout(&rules, day_number(19_980_630)).unwrap();
    let histories = split.calibration();
    assert_eq!((histories.customers(), split.newcomers().customers), (2_357, 0));
    let mut reader = csv::Reader::from_path("tests/data/cdnow_summary.csv").unwrap();
    let mut compared = 0;
    for (row, record) in reader.records().enumerate() {
        let record = record.unwrap();
        let id: u64 = record[0].parse().unwrap();
        assert_eq!(histories.customer_numbers()[row], id);
        assert_eq!(histories.frequency()[row], record[1].parse::<u64>().unwrap(), "{id}");
        assert_eq!(format!("{:.2}", histories.recency_in_periods()[row]), record[2], "{id}");
        assert_eq!(format!("{:.2}", histories.age_in_periods()[row]), record[3], "{id}");
        let printed: Decimal = record[4].parse().unwrap();
        let mean = histories.mean_repeat_spend(row).unwrap_or_default();
        assert!((mean - printed).abs() <= Decimal::new(5, 3), "{id}: {mean} and {printed}");
        compared += 1;
    }
    assert_eq!(compared, 2_357);
    assert_eq!(histories.frequency().iter().sum::<u64>(), 2_457);
    assert_eq!(split.holdout_periods().to_bits(), 39.0_f64.to_bits());
}

fn golden() -> serde_json::Value {
    serde_json::from_str(&std::fs::read_to_string("tests/data/purchase_histories.json").unwrap()).unwrap()
}

fn integers(value: &serde_json::Value) -> Vec<i64> {
    value.as_array().unwrap().iter().map(|value| value.as_i64().unwrap()).collect()
}

fn floats(value: &serde_json::Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

fn golden_rows(golden: &serde_json::Value) -> Rows {
    let [customers, days, cents] = ["customers", "days", "cents"].map(|column| integers(&golden["transactions"][column]));
    let rows: Vec<_> =
        customers.iter().zip(&days).zip(cents).map(|((&customer, &day), cents)| (customer.cast_unsigned(), day as i32, cents)).collect();
    Rows::of(&rows)
}

fn check_against_lifetimes(histories: &PurchaseHistories, golden: &serde_json::Value, suffix: &str) {
    let of = |column: &str| floats(&golden[format!("{column}{suffix}")]);
    let customers: Vec<i64> = histories.customer_numbers().iter().map(|customer| customer.cast_signed()).collect();
    assert_eq!(customers, integers(&golden["customers"]));
    assert_eq!(histories.frequency().iter().map(|&x| x as f64).collect::<Vec<f64>>(), of("frequency"));
    assert_eq!(histories.recency_in_periods(), of("recency"));
    assert_eq!(histories.age_in_periods(), of("T"));
    for (row, expected) in of("monetary_value").into_iter().enumerate() {
        // A customer without a repeat purchase spends 0 on one by lifetimes; here there is no mean.
        let mean = histories.mean_repeat_spend(row).map_or(0.0, |mean| mean.to_string().parse().unwrap());
        assert!((mean - expected).abs() < 1e-9, "{row}: {mean} and {expected}");
    }
}

/// lifetimes 0.11.3 keeps negative amounts as purchases, as `ReturnRule::Keep` does.
#[test]
fn random_transactions_are_summarised_as_by_lifetimes() {
    let golden = golden();
    let rows = golden_rows(&golden);
    let [first_monday, last_day, holdout_end] =
        ["first_monday", "last_day", "holdout_last_day"].map(|name| i32::try_from(golden[name].as_i64().unwrap()).unwrap());
    let days = PeriodRule::Elapsed(PeriodLength::DAY);
    let rules = |periods| HistoryRules::new(last_day, periods, ReturnRule::Keep).unwrap();
    check_against_lifetimes(&rows.histories(&rules(days)), &golden["days"], "");
    let weeks = PeriodRule::Whole(WholePeriods::new(7, first_monday).unwrap());
    check_against_lifetimes(&rows.histories(&rules(weeks)), &golden["weeks"], "");

    let split = rows.transactions().calibration_and_holdout(&rules(days), holdout_end).unwrap();
    let holdout = &golden["holdout"];
    check_against_lifetimes(split.calibration(), holdout, "_cal");
    let [frequency, mean, duration] =
        ["frequency_holdout", "monetary_value_holdout", "duration_holdout"].map(|name| floats(&holdout[name]));
    for row in 0..frequency.len() {
        assert_eq!(split.holdout_frequency()[row] as f64, frequency[row]);
        assert_eq!(split.holdout_periods(), duration[row]);
        // lifetimes counts days in the frequency of the holdout, but takes its mean over rows, of which a day may have two.
        let customer = split.calibration().customer_numbers()[row];
        let in_holdout = |(other, day): &(&u64, &i32)| **other == customer && (last_day + 1..=holdout_end).contains(*day);
        let holdout_rows = rows.customers.iter().zip(&rows.days).filter(in_holdout).count();
        let spend = split.holdout_spend()[row] as f64 / 100.0;
        assert!((spend - mean[row] * holdout_rows as f64).abs() < 1e-9, "{row}: {spend} and {} x {holdout_rows}", mean[row]);
    }
}

/// The 1995 donors of Fader, Hardie and Shang: transactions that have their histories, summarised in years, give their table.
#[test]
fn yearly_donations_become_the_rows_of_the_discrete_model() {
    let mut rows = Vec::new();
    let mut expected = Vec::new();
    let mut donor = 0_u64;
    for record in csv::Reader::from_path("tests/data/donations_bgbb.csv").unwrap().records() {
        let record = record.unwrap();
        let [frequency, recency, periods, donors] = [0, 1, 2, 3].map(|column| record[column].parse::<i32>().unwrap());
        assert_eq!(periods, 6);
        expected
            .push((CountedHistory::new(frequency.unsigned_abs(), recency.unsigned_abs(), 6).unwrap(), u64::from(donors.unsigned_abs())));
        for _ in 0..donors {
            let years = (0..frequency).map(|gift| if gift + 1 == frequency { recency } else { gift + 1 });
            rows.extend(std::iter::once(0).chain(years).map(|year| (donor, 1995 + year, 25_00)));
            donor += 1;
        }
    }
    let years = PeriodRule::Whole(WholePeriods::ONE_DAY_EACH);
    let histories = Rows::of(&rows).histories(&HistoryRules::new(2001, years, ReturnRule::Refuse).unwrap());
    let tally = PurchaseTally::from_histories(&histories);
    expected.sort_unstable();
    assert_eq!(tally.counts().collect::<Vec<_>>(), expected);
    assert_eq!((tally.customers(), tally.distinct()), (11_104, 22));
    let opportunities = histories.opportunity_table().unwrap();
    assert_eq!(opportunities, OpportunityTable::from_tally(&tally).unwrap());
    let published = expected
        .iter()
        .map(|(history, donors)| (OpportunityHistory::new(history.frequency(), history.recency(), history.age()).unwrap(), *donors));
    assert_eq!(opportunities, OpportunityTable::from_counts(published).unwrap());
    // Fader, Hardie and Shang 2010, table 3.
    let [alpha, beta, gamma, delta] = BgBb::fit(&opportunities).unwrap().model().parameters();
    let printed = [alpha, beta, gamma, delta].map(|parameter| format!("{parameter:.2}"));
    assert_eq!(printed, ["1.20", "0.75", "0.66", "2.78"]);
    assert_eq!(
        histories.table().repeat_purchases(),
        expected.iter().map(|(history, donors)| u128::from(history.frequency()) * u128::from(*donors)).sum()
    );
}

#[test]
fn only_whole_periods_are_opportunities_and_no_more_than_65_535() {
    let rows = Rows::of(&[(1, 0, 5), (2, 65_530, 5)]);
    let histories = |last_day, periods| rows.histories(&HistoryRules::new(last_day, periods, ReturnRule::Refuse).unwrap());
    let elapsed = histories(65_535, PeriodRule::default());
    for error in
        [elapsed.opportunity_table().unwrap_err(), OpportunityTable::from_tally(&PurchaseTally::from_histories(&elapsed)).unwrap_err()]
    {
        let expected = "periods differs: elapsed time in periods of 7 days and whole periods, which opportunities are";
        assert_eq!(error.to_string(), expected);
    }
    let whole = PeriodRule::Whole(WholePeriods::ONE_DAY_EACH);
    assert_eq!(histories(65_535, whole).opportunity_table().unwrap().customers(), 2);
    let error = histories(65_536, whole).opportunity_table().unwrap_err();
    assert_eq!(error.to_string(), "row 0: opportunities is 65536, but must be at most 65535");
    assert!(OpportunityTable::from_tally(&PurchaseTally::from_histories(&histories(65_536, whole))).is_err());
}

#[test]
fn money_that_overflows_names_the_first_row_of_the_customer() {
    let rows = Rows::of(&[(4, 0, 1), (9, 0, 1), (4, 3, 2), (9, 1, i64::MAX), (9, 2, i64::MAX)]);
    let rules = HistoryRules::new(5, PeriodRule::default(), ReturnRule::Refuse).unwrap();
    let error = rows.transactions().histories(&rules).unwrap_err();
    assert_eq!(error.to_string(), "row 1: repeat spend overflows 64 bits of minor units");
    let early = HistoryRules::new(0, PeriodRule::default(), ReturnRule::Refuse).unwrap();
    let error = rows.transactions().calibration_and_holdout(&early, 5).unwrap_err();
    assert_eq!(error.to_string(), "row 1: holdout spend overflows 64 bits of minor units");
}

/// Calendar months are numbered, and the observation ends with a whole one.
#[cfg(feature = "jiff")]
#[test]
fn purchases_of_one_calendar_month_are_one() {
    use customer_metrics::repeat_buying::month_number;
    use jiff::civil::date;

    let dates = [date(2024, 1, 31), date(2024, 2, 1), date(2024, 2, 29), date(2024, 12, 1)];
    let rows: Vec<_> = dates.into_iter().map(|date| (1, month_number(date), 10)).collect();
    let months = PeriodRule::Whole(WholePeriods::ONE_DAY_EACH);
    let rules = HistoryRules::new(month_number(date(2025, 1, 31)), months, ReturnRule::Refuse).unwrap();
    let histories = Rows::of(&rows).histories(&rules);
    assert_eq!((histories.frequency(), histories.recency(), histories.age()), (&[2][..], &[11][..], &[12][..]));
}

/// Texts and decimals in, the same histories as from numbers and cents.
#[test]
fn texts_and_decimals_lead_to_the_same_histories() {
    let rows = cdnow();
    // Texts of different lengths are in another order than numbers.
    let ids: Vec<String> = rows.customers.iter().map(|customer| format!("customer {customer}")).collect();
    let amounts: Vec<Decimal> = rows.cents.iter().map(|&cents| Decimal::new(cents, 2)).collect();
    let customers = CustomerNumbers::from_ids(&ids).unwrap();
    let amounts = OwnedFixedColumn::from_amounts(MinorUnit::CENT, amounts).unwrap();
    assert_eq!(amounts.values(), rows.cents);
    let rules = HistoryRules::new(day_number(19_980_630), PeriodRule::default(), ReturnRule::Refuse).unwrap();
    let of_texts = Transactions::new(customers.numbers(), &rows.days, &amounts).unwrap().histories(&rules).unwrap();
    let of_numbers = rows.histories(&rules);
    assert_eq!(of_texts.table(), of_numbers.table());
    for (row, &number) in of_texts.customer_numbers().iter().enumerate() {
        let id: u64 = customers.id(number).unwrap().trim_start_matches("customer ").parse().unwrap();
        let other = of_numbers.customer_numbers().binary_search(&id).unwrap();
        assert_eq!(of_texts.repeat_spend()[row], of_numbers.repeat_spend()[other]);
    }
}

#[cfg(feature = "serde")]
#[test]
fn columns_of_amounts_survive_json_and_rules_go_by_their_names() {
    let amounts = OwnedFixedColumn::from_minor_units(MinorUnit::CENT, [1_999, -5]);
    let json = serde_json::to_string(&amounts).unwrap();
    assert_eq!(json, r#"{"values":[1999,-5],"unit":2}"#);
    assert_eq!(serde_json::from_str::<OwnedFixedColumn>(&json).unwrap(), amounts);
    assert!(serde_json::from_str::<OwnedFixedColumn>(&json.replace(":2}", ":13}")).is_err());
    assert_eq!(serde_json::to_string(&[UnpaidRule::Refuse, UnpaidRule::Drop]).unwrap(), r#"["refuse","drop"]"#);
}
