//! BG/BB: the likelihood, the fit and the predictions against mpmath, at edges and by properties.

use customer_metrics::repeat_buying::{
    BgBb, CountedHistory, FitStatus, Limit, Model, NextOpportunity, OpportunityHistory, OpportunityOutlook, OpportunityTable, PeriodRule,
    PurchaseTally, WholePeriods,
};
use customer_metrics::{Error, Tally};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_distr::{Beta, Distribution};

use crate::model_laws::{
    Known, check_collapsing, check_maximum, check_parameters, check_penalty, check_within_standard_errors, close, is_finite, json, number,
    numbers,
};

/// `data/donations_bgbb.csv`.
fn donations() -> OpportunityTable {
    let mut reader = csv::Reader::from_reader(include_str!("../data/donations_bgbb.csv").as_bytes());
    let mut columns = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.unwrap();
        let number = |field: usize| record[field].parse::<u32>().unwrap();
        columns.0.push(number(0));
        columns.1.push(number(1));
        columns.2.push(number(2));
        columns.3.push(u64::from(number(3)));
    }
    OpportunityTable::from_counted_columns(&columns.0, &columns.1, &columns.2, &columns.3).unwrap()
}

fn golden() -> serde_json::Value {
    json(include_str!("../data/bg_bb.json"))
}

fn history(x: u32, recency: u32, n: u32) -> OpportunityHistory {
    OpportunityHistory::new(x, recency, n).unwrap()
}

#[test]
fn the_likelihood_agrees_with_mpmath() {
    let table = donations();
    assert_eq!((table.customers(), table.rows()), (11_104, 22));
    for point in golden()["points"].as_array().unwrap() {
        let got = BgBb::from_parameters(numbers(&point["parameters"])).unwrap().log_likelihood_of(&table);
        assert!(close(got, number(&point["loglik"]), 1e-14), "{point}: {got}");
    }
}

#[test]
fn the_fit_finds_the_maximum_from_any_start() {
    check_maximum::<BgBb, 4>(&donations(), &Known::read(&golden()["maximum"]), 40);
}

#[test]
fn a_penalty_is_taken_off_the_maximised_likelihood() {
    check_penalty::<BgBb, 4>(&donations(), 11_104.0);
}

#[cfg(feature = "serde")]
#[test]
fn a_model_comes_back_from_json_through_its_checks() {
    crate::model_laws::check_json::<BgBb, 4>([1.204, 0.75, 0.657, 2.783]);
}

#[test]
fn predictions_agree_with_mpmath() {
    for row in golden()["customers"].as_array().unwrap() {
        let [x, recency, n] = ["x", "t_x", "n"].map(|field| u32::try_from(row[field].as_u64().unwrap()).unwrap());
        let model = BgBb::from_parameters(numbers(&row["parameters"])).unwrap();
        let history = history(x, recency, n);
        let outlook = model.outlook(&history);
        for (name, expected) in row.as_object().unwrap().iter().filter(|(name, _)| *name != "parameters" && expected_is_text(row, name)) {
            let expected = number(expected);
            let parts: Vec<&str> = name.split('_').collect();
            let count = |part: usize| parts[part].parse::<u32>().unwrap();
            let discounted = |next| outlook.discounted_purchases(parts[1].parse().unwrap(), next).unwrap();
            let got = match parts[0] {
                "loglik" => model.log_likelihood(&history),
                "alive" => outlook.probability_alive_after(count(1).into()),
                "expected" => outlook.expected_purchases(count(1).into()),
                "p" => outlook.probability_of_purchases(count(1), count(2)).unwrap(),
                "within" => {
                    let (rate, further) = (parts[2].parse().unwrap(), count(1).into());
                    let now = outlook.discounted_purchases_within(further, rate, NextOpportunity::Now).unwrap();
                    let after_one = outlook.discounted_purchases_within(further, rate, NextOpportunity::AfterOnePeriod).unwrap();
                    assert!(close(now, after_one * (1.0 + rate), 1e-14));
                    after_one
                }
                "now" => discounted(NextOpportunity::Now),
                "dert" => discounted(NextOpportunity::AfterOnePeriod),
                "undiscounted" => outlook.discounted_purchases(0.0, NextOpportunity::Now).unwrap(),
                _ => panic!("{name}"),
            };
            // The likelihood of a customer without an opportunity is 1, its logarithm 0.
            let floor = if name == "loglik" { 1e-2 } else { 0.0 };
            assert!((got - expected).abs() <= 1e-12 * expected.abs().max(floor), "{row}\n{name}: {got:e} is not {expected:e}");
        }
        let undiscounted = outlook.discounted_purchases(0.0, NextOpportunity::AfterOnePeriod);
        assert_eq!(undiscounted.is_err(), model.gamma() <= 1.0);
    }
}

fn expected_is_text(row: &serde_json::Value, name: &str) -> bool {
    row[name].is_string()
}

#[test]
fn a_column_of_predictions_is_what_each_customer_gets() {
    let model = BgBb::new(1.204, 0.750, 0.657, 2.783).unwrap();
    let histories: Vec<OpportunityHistory> = (0..3_000_u32)
        .map(|i| {
            let (n, x) = (1 + i % 11, (i * 7) % 5);
            let x = x.min(n);
            history(x, if x == 0 { 0 } else { x + (i * 13) % (n - x + 1) }, n)
        })
        .collect();
    let (alive, expected) = (model.probability_alive_column(&histories), model.expected_purchases_column(&histories, 5));
    for ((history, alive), expected) in histories.iter().zip(alive).zip(expected) {
        let outlook = model.outlook(history);
        assert_eq!(alive.to_bits(), outlook.probability_alive().to_bits());
        assert_eq!(expected.to_bits(), outlook.expected_purchases(5).to_bits());
    }
}

#[test]
fn histories_that_cannot_be_are_refused_by_name() {
    for (x, recency, n, field) in [
        (0, 0, 65_536, "opportunities"),
        (7, 6, 6, "frequency"),
        (0, 1, 6, "recency"),
        (2, 1, 6, "recency"),
        (2, 7, 6, "recency"),
        (2, 0, 6, "recency"),
    ] {
        assert_eq!(OpportunityHistory::new(x, recency, n).unwrap_err().field(), Some(field), "{x}, {recency}, {n}");
        assert_eq!(OpportunityTable::from_columns(&[0, x], &[0, recency], &[0, n]).unwrap_err().row(), Some(1));
    }
    assert!(OpportunityTable::from_columns(&[0], &[0, 1], &[6]).is_err());
    assert!(OpportunityTable::from_counted_columns(&[0], &[0], &[6], &[]).is_err());
    let too_many = OpportunityTable::from_counted_columns(&[0, 1], &[0, 1], &[6, 6], &[u64::MAX, 1]);
    assert!(matches!(too_many, Err(Error::Overflow { .. })));
    check_parameters::<BgBb, 4>();
    let outlook = BgBb::new(1.0, 1.0, 1.0, 1.0).unwrap().new_customer();
    assert!(outlook.probability_of_purchases(0, 65_536).is_err() && outlook.distribution_of_purchases(65_536).is_err());
    for rate in [-0.1, f64::NAN, f64::INFINITY] {
        assert_eq!(outlook.discounted_purchases(rate, NextOpportunity::Now).unwrap_err().field(), Some("discount rate"));
        assert_eq!(outlook.discounted_purchases_within(3, rate, NextOpportunity::Now).unwrap_err().field(), Some("discount rate"));
    }
}

#[test]
fn a_tally_of_whole_periods_is_a_table_of_opportunities() {
    let mut tally = PurchaseTally::empty(PeriodRule::Whole(WholePeriods::new(7, 0).unwrap()));
    tally.extend([(2, 4, 6), (0, 0, 9), (2, 4, 6)].map(|(x, t_x, n)| CountedHistory::new(x, t_x, n).unwrap())).unwrap();
    let table = OpportunityTable::from_counts([(history(0, 0, 9), 1), (history(2, 4, 6), 2)]).unwrap();
    assert_eq!(OpportunityTable::from_tally(&tally).unwrap(), table);
    assert_eq!(OpportunityTable::from_tally(&PurchaseTally::default()).unwrap_err().field(), Some("periods"));
    tally.record(CountedHistory::new(0, 0, 65_536).unwrap()).unwrap();
    assert_eq!(OpportunityTable::from_tally(&tally).unwrap_err().field(), Some("opportunities"));
}

/// Customers who decide at each opportunity.
fn simulated([alpha, beta, gamma, delta]: [f64; 4], customers: u32, seed: u64) -> OpportunityTable {
    let mut random = rand_pcg::Pcg64Mcg::seed_from_u64(seed);
    let (buying, leaving) = (Beta::new(alpha, beta).unwrap(), Beta::new(gamma, delta).unwrap());
    let customer = |number: u32| {
        let n = 5 + number % 10;
        let (buys, leaves): (f64, f64) = (buying.sample(&mut random), leaving.sample(&mut random));
        let (mut x, mut recency) = (0, 0);
        for opportunity in 1..=n {
            if random.random::<f64>() < leaves {
                break;
            }
            if random.random::<f64>() < buys {
                (x, recency) = (x + 1, opportunity);
            }
        }
        history(x, recency, n)
    };
    (0..customers).map(customer).collect()
}

fn within_standard_errors(table: &OpportunityTable, truth: [f64; 4]) {
    check_within_standard_errors(&BgBb::fit(table).unwrap(), truth);
}

#[test]
fn a_fit_recovers_the_model_that_customers_were_drawn_from() {
    within_standard_errors(&simulated([1.2, 0.75, 0.66, 2.8], 20_000, 1), [1.2, 0.75, 0.66, 2.8]);
    within_standard_errors(&simulated([2.0, 6.0, 1.5, 9.0], 60_000, 2), [2.0, 6.0, 1.5, 9.0]);
}

#[cfg(feature = "simulation")]
#[test]
fn simulated_customers_are_those_of_the_model() {
    let truth = [1.2, 0.75, 0.66, 2.8];
    let model = BgBb::from_parameters(truth).unwrap();
    let opportunities: Vec<u32> = (0..20_000).map(|customer| 4 + customer % 9).collect();
    let customers = model.simulate(&opportunities, 5).unwrap();
    assert_eq!(customers, model.simulate(&opportunities, 5).unwrap());
    assert_ne!(customers, model.simulate(&opportunities, 6).unwrap());
    within_standard_errors(&customers.into_iter().collect(), truth);
    assert_eq!(model.simulate(&[1, 65_536], 5).unwrap_err().row(), Some(1));
    for extreme in [[1e-100; 4], [1e100; 4], [1e100, 1e-100, 1.0, 1.0], [1e-100, 1e100, 1e100, 1e-100]] {
        // An error is an answer too.
        let _ = BgBb::from_parameters(extreme).unwrap().simulate(&[0, 1, 1_000], 1);
    }
}

/// Enough distinct histories, over so many opportunities, for a part of them to be fitted first.
#[cfg(feature = "simulation")]
#[test]
fn a_fit_over_many_opportunities_recovers_the_model() {
    let truth = [2.0, 8.0, 1.5, 60.0];
    let opportunities: Vec<u32> = (0..16_000).map(|customer| 100 + customer % 120).collect();
    let table: OpportunityTable = BgBb::from_parameters(truth).unwrap().simulate(&opportunities, 3).unwrap().into_iter().collect();
    assert!(table.rows() > 8_192, "{}", table.rows());
    within_standard_errors(&table, truth);
}

#[test]
fn a_fit_says_when_the_data_do_not_hold_the_model() {
    let fit = |histories: &[(u32, u32, u32)]| BgBb::fit(&histories.iter().map(|&(x, t, n)| history(x, t, n)).collect());
    assert!(matches!(fit(&[]), Err(Error::Undefined { .. })));
    assert!(matches!(fit(&[(0, 0, 0), (0, 0, 0)]), Err(Error::Undefined { .. })));
    let nobody_buys = fit(&[(0, 0, 6), (0, 0, 9)]).unwrap();
    // They never buy, or leave at once, or both: each parameter for itself makes no difference.
    assert!(matches!(nobody_buys.status(), FitStatus::AtBoundary(_) | FitStatus::NotIdentified(_)), "{nobody_buys:?}");
    assert!(nobody_buys.log_likelihood() <= 0.0 && nobody_buys.log_likelihood() > -1e-3);
    let everyone_always = fit(&[(6, 6, 6), (9, 9, 9)]).unwrap();
    let FitStatus::AtBoundary(limits) = everyone_always.status() else { panic!("{everyone_always:?}") };
    let limits: Vec<_> = limits.iter().map(|limit| (limit.quantity(), limit.limit())).collect();
    assert_eq!(limits, [("alpha / beta", Limit::Infinity), ("gamma / delta", Limit::Zero)]);
    assert!(everyone_always.standard_errors().is_none());
    let single = fit(&[(2, 3, 6)]).unwrap();
    assert!(!single.has_converged() && single.log_likelihood().is_finite());
}

fn is_sound(outlook: &OpportunityOutlook, what: &str) {
    let alive = outlook.probability_alive();
    assert!((0.0..=1.0).contains(&alive), "{what}: {alive}");
    let mut before = 0.0;
    for further in [0, 1, 1_001, 65_535, 65_536, u64::MAX] {
        let after = outlook.probability_alive_after(further);
        assert!((0.0..=alive).contains(&after), "{what}, {further}: {after}");
        let expected = outlook.expected_purchases(further);
        assert!(expected.is_finite() && expected >= before * (1.0 - 1e-9), "{what}, {further}: {expected} after {before}");
        before = expected;
    }
    for purchases in [0, 1, 2, 40, 400] {
        let probability = outlook.probability_of_purchases(purchases, 300).unwrap();
        assert!((0.0..=1.0).contains(&probability), "{what}, {purchases}: {probability}");
    }
    for d in [0.0, 1e-300, 1e-100, 0.1, 1e100] {
        for next in [NextOpportunity::AfterOnePeriod, NextOpportunity::Now] {
            let discounted = outlook.discounted_purchases(d, next);
            assert!(is_finite(discounted.clone()), "{what}, {d}: {discounted:?}");
            let mut before = 0.0;
            for further in [0, 1, 65_535, 65_536, u64::MAX] {
                let within = outlook.discounted_purchases_within(further, d, next).unwrap();
                assert!(within.is_finite() && within >= before * (1.0 - 1e-9), "{what}, {d}, {further}: {within} after {before}");
                before = within;
            }
        }
    }
}

#[test]
fn nothing_is_nan_at_any_extreme() {
    let sizes = [1e-100, 1e-3, 1.0, 1e100];
    let histories = [(0, 0, 0), (0, 0, 3_000), (1, 1, 3_000), (3_000, 3_000, 3_000), (1, 3_000, 3_000), (2, 3, 6)];
    for (index, [alpha, beta, gamma]) in
        sizes.iter().flat_map(|&alpha| sizes.iter().flat_map(move |&beta| sizes.map(move |gamma| [alpha, beta, gamma]))).enumerate()
    {
        let delta = sizes[(index * 3 + index / 16) % 4];
        let model = BgBb::new(alpha, beta, gamma, delta).unwrap();
        let (x, recency, n) = histories[index % histories.len()];
        let history = history(x, recency, n);
        let likelihood = model.log_likelihood(&history);
        assert!(likelihood.is_finite() && likelihood <= 1e-9 * f64::from(n), "{model:?}, {history:?}: {likelihood}");
        assert!(!model.log_likelihood_of(&[history].into_iter().collect()).is_nan());
        is_sound(&model.outlook(&history), &format!("{model:?}, {history:?}"));
    }
}

fn models() -> impl Strategy<Value = BgBb> {
    let parameter = || (-2.5..4.0_f64).prop_map(f64::exp);
    (parameter(), parameter(), parameter(), parameter()).prop_map(|(a, b, c, d)| BgBb::new(a, b, c, d).unwrap())
}

fn histories() -> impl Strategy<Value = OpportunityHistory> {
    // A recency of so many opportunities, and a frequency of so many up to it, both reduced to what there is.
    (1..40_u32, 0..40_u32, 0..40_u32).prop_map(|(n, recency, frequency)| {
        let recency = recency % (n + 1);
        history(if recency == 0 { 0 } else { 1 + frequency % recency }, recency, n)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn probabilities_of_purchases_sum_to_1_and_have_the_expected_mean(model in models(), history in histories(), further in 0..60_u32) {
        let outlook = model.outlook(&history);
        let distribution = outlook.distribution_of_purchases(further).unwrap();
        prop_assert_eq!(distribution.len() as u64, u64::from(further) + 1);
        prop_assert!((distribution.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let mean: f64 = distribution.iter().zip(0_u32..).map(|(probability, n)| probability * f64::from(n)).sum();
        prop_assert!((mean - outlook.expected_purchases(further.into())).abs() <= 1e-11 * mean.max(1e-6));
        prop_assert!(close(outlook.probability_of_purchases(further + 1, further).unwrap(), 0.0, 0.0));
    }

    #[test]
    fn likelihoods_of_all_histories_sum_to_1(model in models(), n in 1..14_u32) {
        // So many orders of x purchases have the last at t_x.
        let orders = |x: u32, recency: u32| if x == 0 { 1.0 } else {
            (1..x).fold(1.0, |product, i| product * f64::from(recency - i) / f64::from(i))
        };
        let all = (0..=n).flat_map(|x| (x..=n).map(move |recency| (x, recency))).filter(|&(x, recency)| (x == 0) == (recency == 0));
        let sum: f64 = all.map(|(x, recency)| orders(x, recency) * model.log_likelihood(&history(x, recency, n)).exp()).sum();
        prop_assert!((sum - 1.0).abs() < 1e-12, "{}", sum);
    }

    #[test]
    fn the_more_recent_are_more_likely_alive_and_all_leave_in_time(model in models(), n in 4..60_u32, x in 1..4_u32) {
        let alive: Vec<f64> = (x..=n).map(|recency| model.outlook(&history(x, recency, n)).probability_alive()).collect();
        prop_assert!(alive.windows(2).all(|pair| pair[0] <= pair[1] * (1.0 + 1e-12)), "{:?}", alive);
        prop_assert!(alive[0] < alive[alive.len() - 1]);
        prop_assert!(close(alive[alive.len() - 1], 1.0, 1e-15));
        let outlook = model.outlook(&history(x, n - 1, n));
        prop_assert!(outlook.probability_alive_after(7) < outlook.probability_alive_after(6));
    }

    #[test]
    fn discounted_purchases_are_the_sum_of_their_terms(model in models(), history in histories(), d in 0.03..2.0_f64) {
        let outlook = model.outlook(&history);
        let mean = (model.alpha() + f64::from(history.frequency())) / (model.alpha() + model.beta() + f64::from(history.opportunities()));
        // Independent of the sums inside: the probability to be there at each opportunity, times that to buy.
        let terms: f64 = (1..1_000_u32).map(|i| mean * outlook.probability_alive_after(i.into()) / (1.0 + d).powf(i.into())).sum();
        let discounted = outlook.discounted_purchases(d, NextOpportunity::AfterOnePeriod).unwrap();
        prop_assert!((discounted - terms).abs() <= 1e-11 * terms.max(1e-200), "{} is not {}", discounted, terms);
        let now = outlook.discounted_purchases(d, NextOpportunity::Now).unwrap();
        prop_assert!((now - discounted * (1.0 + d)).abs() <= 1e-14 * now);
    }

    #[test]
    fn a_long_horizon_meets_a_short_one(model in models(), gamma_near_1 in -1e-7..1e-7_f64) {
        for gamma in [model.gamma(), 1.0 + gamma_near_1, 1.0] {
            let outlook = BgBb::new(model.alpha(), model.beta(), gamma, model.delta()).unwrap().new_customer();
            let (added, one_more) = (outlook.expected_purchases(65_535), outlook.expected_purchases(65_536));
            let next = outlook.probability_alive_after(65_536) * model.alpha() / (model.alpha() + model.beta());
            prop_assert!((one_more - added - next).abs() <= 1e-10 * added, "{}: {} and {}", gamma, added, one_more);
        }
    }

    #[test]
    fn the_likelihood_does_not_depend_on_order_and_collapsing(model in models(), seed in any::<u64>(), doubled in any::<bool>()) {
        let table = simulated([1.2, 0.75, 0.66, 2.8], 80, seed);
        check_collapsing(&model, table.iter().flat_map(|(history, n)| (0..n).map(move |_| history)).collect(), doubled);
    }
}
