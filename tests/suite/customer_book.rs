//! A whole base: laws of the book, its concentration against slow recomputation, and columns against wide integers.

use customer_metrics::lifetime_value::{CustomerBook, FixedColumn, LifetimeValueColumns, WhalePoint};
use customer_metrics::{Decimal, Error, MinorUnit, Proportion, Tally};
use proptest::prelude::*;

use crate::laws;

fn amounts() -> impl Strategy<Value = Vec<Decimal>> {
    prop::collection::vec((-100_000_i64..1_000_000).prop_map(|cents| Decimal::new(cents, 2)), 0..40)
}

/// Some bases with losses, some without, some with many equal values.
fn cents() -> impl Strategy<Value = Vec<i64>> {
    prop_oneof![
        prop::collection::vec(0..1_000_000_i64, 1..40),
        prop::collection::vec(-100_000..1_000_000_i64, 1..40),
        prop::collection::vec(-1..4_i64, 1..40),
        prop::collection::vec(any::<i64>(), 1..40),
    ]
}

fn proportions() -> impl Strategy<Value = Proportion> {
    prop_oneof![0..=1_000_i64, Just(200), Just(333)].prop_map(|milles| Proportion::new(Decimal::new(milles, 3)).unwrap())
}

fn book(cents: &[i64]) -> CustomerBook {
    CustomerBook::from_minor_units(MinorUnit::CENT, cents)
}

/// The values from the highest, their total, and what the best 0, 1, 2, … bring.
fn slow(cents: &[i64]) -> (Vec<i64>, i128, Vec<i128>) {
    let mut descending = cents.to_vec();
    descending.sort_by_key(|&value| std::cmp::Reverse(value));
    let mut sums = vec![0_i128];
    for &value in &descending {
        sums.push(sums.last().unwrap() + i128::from(value));
    }
    (descending, *sums.last().unwrap(), sums)
}

fn quotient(numerator: i128, denominator: i128) -> f64 {
    numerator as f64 / denominator as f64
}

fn float(value: Decimal) -> f64 {
    value.to_string().parse().unwrap()
}

fn is_close(got: Decimal, expected: f64) -> bool {
    (float(got) - expected).abs() <= 1e-9 * expected.abs().max(1.0)
}

proptest! {
    #[test]
    fn the_laws_hold(a in amounts(), b in amounts(), c in amounts()) {
        laws::check_refusal::<CustomerBook>(&MinorUnit::CENT, a.clone(), Decimal::new(1, 3));
        laws::check_refusal::<CustomerBook>(&MinorUnit::CENT, a.clone(), Decimal::MAX);
        laws::check::<CustomerBook>(&MinorUnit::CENT, [a, b, c]);
    }

    #[test]
    fn columns_and_amounts_give_the_same_book(cents in cents()) {
        let amounts: Vec<Decimal> = cents.iter().map(|&cents| Decimal::new(cents, 2)).collect();
        let from_amounts = CustomerBook::from_amounts(MinorUnit::CENT, &amounts).unwrap();
        prop_assert_eq!(&from_amounts, &book(&cents));
        let summary = from_amounts.finish().unwrap();
        let (descending, total, _) = slow(&cents);
        let n = cents.len();
        prop_assert_eq!(summary.customers, n as u64);
        prop_assert_eq!(summary.total, Decimal::from_i128_with_scale(total, 2));
        prop_assert!(is_close(summary.mean, quotient(total, 100 * n as i128)));
        let middle = i128::from(descending[(n - 1) / 2]) + i128::from(descending[n / 2]);
        prop_assert_eq!(summary.median, Decimal::from_i128_with_scale(middle * 5, 3));
    }

    #[test]
    fn the_top_customers_are_the_fewest_that_make_the_proportion(cents in cents(), proportion in proportions()) {
        let book = book(&cents);
        let concentration = book.concentration();
        let k = concentration.customers_at_top(proportion).unwrap().part();
        let wanted = proportion.to_decimal() * Decimal::from(cents.len());
        prop_assert!(Decimal::from(k) >= wanted);
        prop_assert!(k == 0 || Decimal::from(k - 1) < wanted);

        let (_, total, sums) = slow(&cents);
        match concentration.share_of_top(proportion) {
            Ok(share) => prop_assert!(is_close(share, quotient(sums[k as usize], total))),
            Err(error) => {
                let undefined = matches!(error, Error::Undefined { .. });
                prop_assert!(undefined && total <= 0);
            }
        }
    }

    #[test]
    fn no_fewer_customers_bring_the_share(cents in cents(), milles in 0..=1_000_i64) {
        let (_, total, sums) = slow(&cents);
        prop_assume!(total > 0);
        let share = Proportion::new(Decimal::new(milles, 3)).unwrap();
        let k = book(&cents).concentration().customers_for_share(share).unwrap().part() as usize;
        let brings_enough = |sum: &i128| sum * 1_000 >= total * i128::from(milles);
        prop_assert_eq!(sums.iter().position(brings_enough), Some(k));
    }

    #[test]
    fn the_whale_curve_ends_at_exactly_one(cents in cents(), steps in 1..60_u32) {
        let (_, total, sums) = slow(&cents);
        let (book, n) = (book(&cents), cents.len());
        let concentration = book.concentration();
        if total <= 0 {
            let undefined = matches!(concentration.whale_curve(steps), Err(Error::Undefined { .. }));
            prop_assert!(undefined);
            return Ok(());
        }
        let curve = concentration.whale_curve(steps).unwrap();
        prop_assert_eq!(curve.len(), n.min(steps as usize) + 1);
        prop_assert_eq!((curve[0].customers.part(), curve[0].share_of_total), (0, Decimal::ZERO));
        let WhalePoint { customers, share_of_total, .. } = *curve.last().unwrap();
        prop_assert_eq!((customers.part(), share_of_total), (n as u64, Decimal::ONE));
        for point in &curve {
            prop_assert_eq!(point.customers.whole(), n as u64);
            prop_assert!(is_close(point.share_of_total, quotient(sums[point.customers.part() as usize], total)));
        }
        let peak = concentration.peak().unwrap();
        prop_assert!(curve.iter().all(|point| point.share_of_total <= peak.share_of_total));
        prop_assert!(is_close(peak.share_of_total, quotient(*sums.iter().max().unwrap(), total)));
        let rises = curve.windows(2).all(|pair| pair[0].share_of_total <= pair[1].share_of_total);
        prop_assert!(rises || cents.iter().any(|&value| value < 0));
    }

    #[test]
    fn gini_is_half_the_relative_mean_difference(cents in prop::collection::vec(0..1_000_000_i64, 1..40), factor in 1..1_000_i64) {
        let (_, total, _) = slow(&cents);
        prop_assume!(total > 0);
        let n = cents.len() as i128;
        let differences: i128 = cents.iter().flat_map(|a| cents.iter().map(move |b| i128::from((a - b).abs()))).sum();
        let book_of = book(&cents);
        let gini = book_of.concentration().gini().unwrap();
        prop_assert!(is_close(gini, quotient(differences, 2 * n * total)));
        prop_assert!(Decimal::ZERO <= gini && gini < Decimal::ONE);
        if n > 1 {
            let corrected = book_of.concentration().gini_sample_corrected().unwrap();
            prop_assert!(is_close(corrected, quotient(differences, 2 * (n - 1) * total)));
            prop_assert!(corrected <= Decimal::ONE);
        }
        let scaled: Vec<i64> = cents.iter().map(|cents| cents * factor).collect();
        prop_assert_eq!(book(&scaled).concentration().gini().unwrap(), gini);
        let twice = [cents.clone(), cents].concat();
        prop_assert_eq!(book(&twice).concentration().gini().unwrap(), gini);
    }
}

/// A row of three factors; each column is narrow, or as wide as it can be.
fn rows() -> impl Strategy<Value = Vec<(i64, i64, i64)>> {
    let factor = || prop_oneof![8 => 0..100_000_i64, 1 => 0..=i64::from(u32::MAX)];
    let row = (factor(), 0..100_000_i64, prop_oneof![8 => 0..1_000_i64, 1 => 0..=i64::from(u32::MAX)]);
    prop_oneof![prop::collection::vec(row.clone(), 0..40), prop::collection::vec(row, 1_000..2_600)]
}

fn unzip(rows: &[(i64, i64, i64)]) -> [Vec<i64>; 3] {
    [rows.iter().map(|row| row.0).collect(), rows.iter().map(|row| row.1).collect(), rows.iter().map(|row| row.2).collect()]
}

fn side_by_side(columns: &[Vec<i64>; 3]) -> LifetimeValueColumns<'_> {
    let [order_value, orders, years] = columns;
    LifetimeValueColumns::new(
        FixedColumn::new(order_value, MinorUnit::CENT),
        FixedColumn::new(orders, MinorUnit::MILLE),
        FixedColumn::whole(years),
    )
    .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_total_of_columns_is_that_of_wide_integers(rows in rows(), at in any::<prop::sample::Index>()) {
        let product = |&(a, b, c): &(i64, i64, i64)| i128::from(a) * i128::from(b) * i128::from(c);
        let columns = unzip(&rows);
        let whole = side_by_side(&columns).total().unwrap();
        let expected: i128 = rows.iter().map(product).sum();
        prop_assert_eq!(whole.total().unwrap(), Decimal::from_i128_with_scale(expected, 5));
        prop_assert_eq!(whole.count(), rows.len() as u64);

        let (left, right) = rows.split_at(if rows.is_empty() { 0 } else { at.index(rows.len()) });
        let [left, right] = [left, right].map(|part| side_by_side(&unzip(part)).total().unwrap());
        for (first, second) in [(&left, &right), (&right, &left)] {
            let mut merged = first.clone();
            merged.merge(second).unwrap();
            prop_assert_eq!(&merged, &whole);
        }

        let values = side_by_side(&columns).values();
        let expected: Result<Vec<i64>, usize> =
            rows.iter().enumerate().map(|(row, factors)| i64::try_from(product(factors)).map_err(|_| row)).collect();
        match (values, expected) {
            (Ok(values), Ok(expected)) => {
                prop_assert_eq!(&values, &expected);
                let unit = side_by_side(&columns).unit();
                prop_assert_eq!(CustomerBook::from_minor_units(unit, values).total().unwrap(), whole.total().unwrap());
            }
            (Err(error), Err(row)) => prop_assert_eq!((error.row(), error.field()), (Some(row), Some("lifetime value"))),
            (values, expected) => prop_assert!(false, "{:?} is not {:?}", values, expected),
        }
    }

    #[test]
    fn the_first_negative_number_is_named(rows in rows(), at in any::<prop::sample::Index>(), column in 0..3_usize, wrong in i64::MIN..0) {
        prop_assume!(!rows.is_empty());
        let row = at.index(rows.len());
        let mut columns = unzip(&rows);
        columns[column][row] = wrong;
        let error = side_by_side(&columns).total().unwrap_err();
        prop_assert_eq!((error.row(), error.field()), (Some(row), Some(["order value", "orders per year", "years"][column])));
    }
}

/// A fault seen in peers: a table engine rounds 1.01 x 1.01 to 1.02.
#[test]
fn a_product_of_decimals_keeps_its_digits() {
    let ones = [1_i64; 1_000].map(|one| one + 100);
    let columns = LifetimeValueColumns::new(
        FixedColumn::new(&ones, MinorUnit::CENT),
        FixedColumn::new(&ones, MinorUnit::CENT),
        FixedColumn::whole(&[1; 1_000]),
    );
    assert_eq!(columns.unwrap().total().unwrap().total(), Ok(Decimal::new(10_201, 1)));
}

/// doc-003's two cases side by side: 10 x 10 x 10 and 11 x 11 x 11, and its supermarket.
#[test]
fn the_cases_of_doc_003_as_columns() {
    let columns = [vec![1_000, 1_100, 10_000], vec![10_000, 11_000, 52_000], vec![10, 11, 40]];
    let values = side_by_side(&columns).values().unwrap();
    assert_eq!(values, [100_000_000, 133_100_000, 20_800_000_000]);
    assert_eq!(side_by_side(&columns).total().unwrap().total(), Ok(Decimal::from(210_331)));
}

/// doc-001: Dell buys 75% from 30 suppliers and 20% from 20 more. With 50 small ones for the rest.
#[test]
fn the_suppliers_of_doc_001() {
    let spend = [vec![250; 30], vec![100; 20], vec![10; 50]].concat();
    let suppliers = CustomerBook::from_minor_units(MinorUnit::WHOLE, spend);
    let concentration = suppliers.concentration();
    for (percent, count) in [(75, 30), (95, 50), (100, 100)] {
        let share = Proportion::from_percent(Decimal::from(percent)).unwrap();
        assert_eq!(concentration.customers_for_share(share).unwrap().part(), count);
    }
    let thirty = Proportion::from_percent(Decimal::from(30)).unwrap();
    assert_eq!(concentration.share_of_top(thirty), Ok(Decimal::new(75, 2)));
}

/// The examples of R's `phylotools` (.3076923, after `ineq`) and of npm's `gini-ss` (1, with the small-sample correction), and the incomes
/// on the help page of R's `acid`, for which the formula gives .46209113 in double precision.
#[test]
fn published_gini_coefficients() {
    let book = |values: &[i64]| CustomerBook::from_minor_units(MinorUnit::WHOLE, values);
    assert_eq!(book(&[1, 3, 2, 1, 1, 1, 4]).concentration().gini().unwrap().round_dp(7), Decimal::new(3_076_923, 7));
    assert_eq!(book(&[0, 0, 0, 0, 1]).concentration().gini_sample_corrected(), Ok(Decimal::ONE));
    let incomes = book(&[541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261]);
    assert_eq!(incomes.concentration().gini().unwrap().round_dp(8), Decimal::new(46_209_113, 8));
}

/// doc-003: 20% of the customers bring 80%.
#[test]
fn twenty_eighty() {
    let base = [vec![16; 20], vec![1; 80]].concat();
    let base = CustomerBook::from_minor_units(MinorUnit::WHOLE, base);
    let [fifth, most] = [20, 80].map(|percent| Proportion::from_percent(Decimal::from(percent)).unwrap());
    assert_eq!(base.concentration().share_of_top(fifth), Ok(Decimal::new(8, 1)));
    assert_eq!(base.concentration().customers_for_share(most).unwrap().part(), 20);
}

/// Recording a hundred thousand customers one by one would take minutes if each put the book in order.
#[test]
fn recording_one_by_one_in_the_worst_order() {
    let mut one_by_one = CustomerBook::empty(MinorUnit::CENT);
    for cents in (0..100_000_i64).rev() {
        one_by_one.record(Decimal::new(cents, 2)).unwrap();
    }
    assert_eq!(one_by_one, book(&(0..100_000).collect::<Vec<_>>()));
}

#[cfg(feature = "serde")]
#[test]
fn hostile_input_is_refused() {
    for hostile in [
        r#"{"decimal_places":13,"minor_units":[]}"#,
        r#"{"decimal_places":2,"minor_units":[1.5]}"#,
        r#"{"decimal_places":2,"minor_units":[9223372036854775808]}"#,
        r#"{"decimal_places":2,"minor_units":[1],"total":"5"}"#,
        r#"{"decimal_places":2}"#,
    ] {
        assert!(serde_json::from_str::<CustomerBook>(hostile).is_err(), "{hostile}");
    }
    let point = book(&[1, 2]).concentration().whale_curve(1).unwrap()[1];
    assert_eq!(serde_json::to_value(point).unwrap()["share_of_total"], point.share_of_total.to_string());
    let summary = book(&[1, 2]).finish().unwrap();
    assert_eq!(serde_json::to_string(&summary).unwrap(), r#"{"customers":2,"total":"0.03","mean":"0.015","median":"0.015"}"#);
}
