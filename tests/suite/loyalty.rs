//! Loyalty in words and in deeds, and the customers in whom the two differ.

use customer_metrics::estimate::{Method, combine_dependent};
use customer_metrics::satisfaction::{
    BrandRank, Intention, IntentionIndex, LoyaltyRecord, LoyaltyTally, ParadoxThresholds, RatingTally, Repurchase, SatisfactionReturnTally,
    Scale, SubjectiveLoyalty, Wallet,
};
use customer_metrics::{Confidence, Decimal, Error, MinorUnit, Proportion, Share, Tally};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::laws;
use crate::service_quality::t_quantile;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn percent(text: &str) -> Proportion {
    Proportion::from_percent(decimal(text)).unwrap()
}

fn repurchases() -> impl Strategy<Value = Repurchase> {
    prop_oneof![Just(Repurchase::BoughtAgain), Just(Repurchase::Left)]
}

/// Own and category spend in cents, up to where the squares of a hundred fill their sum.
fn cents() -> impl Strategy<Value = (i64, i64)> {
    prop_oneof![0..100_i64, 0..=(1_i64 << 60)].prop_flat_map(|category| (0..=category, Just(category)))
}

fn loyalty_records() -> impl Strategy<Value = Vec<LoyaltyRecord>> {
    let wallet = cents().prop_map(|(own, category)| Wallet::new(Decimal::new(own, 2), Decimal::new(category, 2)).unwrap());
    let record = (repurchases(), prop::option::of(wallet)).prop_map(|(repurchase, wallet)| LoyaltyRecord { repurchase, wallet });
    prop::collection::vec(record, 0..30)
}

fn customers() -> impl Strategy<Value = Vec<(u8, Repurchase)>> {
    prop::collection::vec((1..=5_u8, repurchases()), 0..40)
}

fn bought_again(count: u64) -> impl Iterator<Item = Repurchase> {
    (0..count).map(|_| Repurchase::BoughtAgain)
}

fn left(count: u64) -> impl Iterator<Item = Repurchase> {
    (0..count).map(|_| Repurchase::Left)
}

proptest! {
    #[test]
    fn the_laws_hold_for_loyalty(a in loyalty_records(), b in loyalty_records(), c in loyalty_records()) {
        let too_fine = Wallet::new(Decimal::new(1, 3), Decimal::ONE).unwrap();
        let wrong = LoyaltyRecord { repurchase: Repurchase::Left, wallet: Some(too_fine) };
        laws::check_refusal::<LoyaltyTally>(&MinorUnit::CENT, a.clone(), wrong);
        laws::check::<LoyaltyTally>(&MinorUnit::CENT, [a, b, c]);
    }

    #[test]
    fn loyalty_is_counted_and_its_money_conserved(records in loyalty_records()) {
        let mut tally = LoyaltyTally::default();
        tally.extend(records.iter().copied()).unwrap();
        let wallets: Vec<Wallet> = records.iter().filter_map(|record| record.wallet).collect();
        let own: Decimal = wallets.iter().map(Wallet::own_spend).sum();
        let category: Decimal = wallets.iter().map(Wallet::category_spend).sum();
        prop_assert_eq!(tally.wallet().unwrap(), Wallet::new(own, category).unwrap());
        prop_assert_eq!((tally.customers(), tally.wallets()), (records.len() as u64, wallets.len() as u64));

        let came_back = records.iter().filter(|record| record.repurchase == Repurchase::BoughtAgain).count() as u64;
        match tally.finish() {
            Ok(loyalty) => {
                prop_assert_eq!(loyalty.repeat_rate, Share::new(came_back, records.len() as u64).unwrap());
                prop_assert_eq!(loyalty.share_of_wallet.is_some(), category > Decimal::ZERO);
                if let Some(share) = loyalty.share_of_wallet {
                    prop_assert!((share.to_decimal() - own / category).abs() <= Decimal::new(1, 27));
                    prop_assert_eq!(tally.share_of_wallet().unwrap(), share);
                }
            }
            Err(error) => prop_assert!(records.is_empty(), "{}", error),
        }
    }

    /// Shares are compared in the unit of the whole, so that amounts of cents and of millions are alike.
    #[test]
    fn a_share_of_wallet_has_the_linearised_error_of_a_ratio(
        wallets in prop::collection::vec((0..=1000_i64, 0..=1000_i64), 2..40), factor in prop_oneof![Just(1), Just(1_000_003), Just(1_i64 << 50)]
    ) {
        let total: i64 = wallets.iter().map(|(own, elsewhere)| own + elsewhere).sum();
        prop_assume!(total > 0);
        let mut tally = LoyaltyTally::empty(MinorUnit::WHOLE);
        for &(own, elsewhere) in &wallets {
            let wallet = Wallet::new((own * factor).into(), ((own + elsewhere) * factor).into()).unwrap();
            tally.record(LoyaltyRecord { repurchase: Repurchase::Left, wallet: Some(wallet) }).unwrap();
        }
        let share = wallets.iter().map(|(own, _)| *own).sum::<i64>() as f64 / total as f64;
        let deviation = |&(own, elsewhere): &(i64, i64)| (own as f64 - share * (own + elsewhere) as f64).powi(2);
        let n = wallets.len() as f64;
        let error = (n / (n - 1.0) * wallets.iter().map(deviation).sum::<f64>()).sqrt() / total as f64;
        let reach = t_quantile(wallets.len() as u64, Confidence::P95) * error;
        let estimate = tally.share_of_wallet_estimate(Confidence::P95).unwrap();
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        prop_assert!(close(estimate.point(), share));
        prop_assert!(close(estimate.interval().low(), (share - reach).max(0.0)), "{estimate} {reach}");
        prop_assert!(close(estimate.interval().high(), (share + reach).min(1.0)), "{estimate} {reach}");
        prop_assert_eq!((estimate.n(), estimate.method()), (wallets.len() as u64, Method::Linearised));
        let bytes = tally.encode();
        prop_assert_eq!(LoyaltyTally::decode(&bytes).unwrap(), tally);
    }

    #[test]
    fn the_laws_hold_for_satisfaction_and_return(a in customers(), b in customers(), c in customers()) {
        laws::check_refusal::<SatisfactionReturnTally>(&Scale::ONE_TO_FIVE, a.clone(), (6, Repurchase::Left));
        laws::check_refusal::<SatisfactionReturnTally>(&Scale::ONE_TO_FIVE, a.clone(), (0, Repurchase::BoughtAgain));
        laws::check::<SatisfactionReturnTally>(&Scale::ONE_TO_FIVE, [a, b, c]);
    }

    #[test]
    fn the_cross_table_is_counted_cell_by_cell(customers in customers(), satisfied_from in 2..=5_u8) {
        let scale = Scale::new(1, 5, satisfied_from).unwrap();
        let mut tally = SatisfactionReturnTally::empty(scale);
        tally.extend(customers.iter().copied()).unwrap();
        let count = |test: &dyn Fn(bool, bool) -> bool| {
            let cells = customers.iter().map(|&(rating, repurchase)| (rating >= satisfied_from, repurchase == Repurchase::Left));
            cells.filter(|&(satisfied, left)| test(satisfied, left)).count() as u64
        };
        let all = customers.len() as u64;
        prop_assert_eq!(tally.customers(), all);
        prop_assert_eq!(tally.csat().ok(), Share::new(count(&|satisfied, _| satisfied), all).ok());
        prop_assert_eq!(tally.repeat_rate().ok(), Share::new(count(&|_, left| !left), all).ok());
        let (satisfied_left, satisfied) = (count(&|satisfied, left| satisfied && left), count(&|satisfied, _| satisfied));
        prop_assert_eq!(tally.satisfied_yet_leaving().ok(), Share::new(satisfied_left, satisfied).ok());
        let (stayed, dissatisfied) = (count(&|satisfied, left| !satisfied && !left), count(&|satisfied, _| !satisfied));
        prop_assert_eq!(tally.dissatisfied_yet_staying().ok(), Share::new(stayed, dissatisfied).ok());
        prop_assert_eq!(tally.satisfied(Repurchase::Left), satisfied_left);
        prop_assert_eq!(tally.satisfied(Repurchase::BoughtAgain), satisfied - satisfied_left);
        prop_assert_eq!(tally.dissatisfied(Repurchase::BoughtAgain), stayed);
        prop_assert_eq!(tally.dissatisfied(Repurchase::Left), dissatisfied - stayed);
        if let Ok(summary) = tally.finish() {
            prop_assert_eq!(summary.satisfied_yet_leaving, tally.satisfied_yet_leaving().ok());
            prop_assert_eq!(summary.dissatisfied_yet_staying, tally.dissatisfied_yet_staying().ok());
            prop_assert_eq!((summary.csat, summary.repeat_rate), (tally.csat().unwrap(), tally.repeat_rate().unwrap()));
        }
    }

    #[test]
    fn the_paradox_is_decided_in_whole_numbers(
        satisfied in [0..200_u64, 0..200_u64], dissatisfied in [0..30_u64, 0..30_u64],
        csat_above in 0..=100_u64, repeat_below in 0..=100_u64
    ) {
        let all = satisfied[0] + satisfied[1] + dissatisfied[0] + dissatisfied[1];
        prop_assume!(all > 0);
        let mut tally = SatisfactionReturnTally::default();
        tally.extend(bought_again(satisfied[0]).chain(left(satisfied[1])).map(|repurchase| (4, repurchase))).unwrap();
        tally.extend(bought_again(dissatisfied[0]).chain(left(dissatisfied[1])).map(|repurchase| (3, repurchase))).unwrap();
        let thresholds = ParadoxThresholds {
            csat_above: Proportion::from_percent(csat_above.into()).unwrap(),
            repeat_rate_below: Proportion::from_percent(repeat_below.into()).unwrap(),
        };
        let (content, loyal) = (satisfied[0] + satisfied[1], satisfied[0] + dissatisfied[0]);
        let expected = content * 100 > csat_above * all && loyal * 100 < repeat_below * all;
        prop_assert_eq!(tally.is_paradox(thresholds).unwrap(), expected);
    }

    #[test]
    fn a_share_against_a_target_agrees_with_wide_integers(
        part in 0..=1_000_000_000_u64, rest in 0..=1_000_000_000_u64, digits in 0..=9_u32
    ) {
        prop_assume!(part + rest > 0);
        let share = Share::new(part, part + rest).unwrap();
        // A target next to the share, so that both sides and equality occur.
        let near = share.to_decimal().trunc_with_scale(digits);
        for target in [near, (near + Decimal::new(1, digits)).min(Decimal::ONE)] {
            let target_units = (target * Decimal::from(10_u64.pow(digits))).trunc().mantissa();
            let expected = (i128::from(part) * 10_i128.pow(digits)).cmp(&(target_units * i128::from(part + rest)));
            prop_assert_eq!(share.compare_to(Proportion::new(target).unwrap()), expected);
        }
    }

    #[test]
    fn the_wallet_allocations_of_one_customer_add_up_to_1(ratings in prop::collection::vec(0..=10_u8, 1..12)) {
        let mut total = Decimal::ZERO;
        let mut ranks = Decimal::ZERO;
        for (position, &ours) in ratings.iter().enumerate() {
            let mut others = ratings.clone();
            others.remove(position);
            let rank = BrandRank::from_ratings(ours, &others).unwrap();
            total += rank.wallet_allocation().to_decimal();
            ranks += rank.rank();

            let count = |test: fn(&u8, &u8) -> bool| others.iter().filter(|other| test(other, &ours)).count();
            let (better, equal) = (count(u8::gt), count(u8::eq));
            prop_assert_eq!(rank.rank(), Decimal::from(1 + better) + Decimal::from(equal) / Decimal::TWO);
            let n = Decimal::from(ratings.len());
            let formula = (Decimal::ONE - rank.rank() / (n + Decimal::ONE)) * Decimal::TWO / n;
            prop_assert!((rank.wallet_allocation().to_decimal() - formula).abs() < Decimal::new(1, 26));
        }
        prop_assert!((total - Decimal::ONE).abs() < Decimal::new(1, 26));
        let n = ratings.len();
        prop_assert_eq!(ranks, Decimal::from(n * (n + 1) / 2));
    }

    #[test]
    fn the_intention_index_is_the_mean_of_the_positions(
        columns in prop::collection::vec(prop::collection::vec(0..=10_u8, 1..30), 1..5)
    ) {
        let mut expected = Decimal::ZERO;
        let mut intentions = Vec::new();
        for (number, ratings) in columns.iter().enumerate() {
            let mut tally = RatingTally::empty(Scale::ZERO_TO_TEN);
            tally.record_column(ratings).unwrap();
            tally.record_missing(3).unwrap();
            intentions.push(Intention::new(format!("intention {number}"), tally).unwrap());
            let sum: u64 = ratings.iter().map(|&rating| u64::from(rating)).sum();
            expected += Decimal::from(sum * 10) / Decimal::from(ratings.len());
        }
        expected /= Decimal::from(columns.len());
        let loyalty = SubjectiveLoyalty::new(intentions).unwrap();
        prop_assert!((loyalty.index().unwrap().to_decimal() - expected).abs() < Decimal::new(1, 22));
        let indices = loyalty.intentions().iter().map(|intention| intention.index().unwrap());
        // Each index is rounded at its 28th digit, so their mean can miss an end by that much.
        let (least, most) = (indices.clone().min().unwrap().to_decimal(), indices.max().unwrap().to_decimal());
        let (last_place, index) = (Decimal::new(1, 25), loyalty.index().unwrap().to_decimal());
        prop_assert!(least - last_place <= index && index <= most + last_place);
    }
}

/// CSAT over 90% beside a repeat rate under 30% (doc-002).
#[test]
fn satisfied_customers_who_do_not_come_back() {
    let mut tally = SatisfactionReturnTally::default();
    tally.extend(bought_again(25).chain(left(67)).map(|repurchase| (5, repurchase))).unwrap();
    tally.extend(bought_again(3).chain(left(5)).map(|repurchase| (2, repurchase))).unwrap();
    let summary = tally.finish().unwrap();
    assert_eq!(summary.csat.to_string(), "92 of 100 (92.0%)");
    assert_eq!(summary.repeat_rate.to_string(), "28 of 100 (28.0%)");
    assert_eq!(summary.satisfied_yet_leaving.unwrap().to_string(), "67 of 92 (72.8%)");
    assert_eq!(summary.dissatisfied_yet_staying.unwrap().to_string(), "3 of 8 (37.5%)");
    assert_eq!(tally.is_paradox(ParadoxThresholds::default()), Ok(true));
    let stricter = ParadoxThresholds { repeat_rate_below: percent("28"), ..ParadoxThresholds::default() };
    assert_eq!(tally.is_paradox(stricter), Ok(false));
}

/// (1 - rank / (n + 1)) x 2 / n: n = 1 gives 100%; n = 2 and rank 1 give 67% (Keiningham et al.).
#[test]
fn wallet_allocation_as_published() {
    let share = |rank, brands| BrandRank::new(rank, brands).unwrap().wallet_allocation().percent(0);
    assert_eq!(share(1, 1), decimal("100"));
    assert_eq!(share(1, 2), decimal("67"));
    assert_eq!(share(2, 2), decimal("33"));
    assert_eq!((share(1, 3), share(2, 3), share(3, 3)), (decimal("50"), decimal("33"), decimal("17")));
}

fn spending(wallets: impl IntoIterator<Item = (i64, i64)>) -> LoyaltyTally {
    let mut tally = LoyaltyTally::default();
    let record = |(own, category): (i64, i64)| LoyaltyRecord {
        repurchase: Repurchase::BoughtAgain,
        wallet: Some(Wallet::new(Decimal::new(own, 2), Decimal::new(category, 2)).unwrap()),
    };
    tally.extend(wallets.into_iter().map(record)).unwrap();
    tally
}

#[test]
fn customers_who_share_alike_leave_a_share_of_wallet_no_width() {
    let alike = spending([(1, 3), (7, 21), (1 << 59, 3 << 59), (0, 0)]).share_of_wallet_estimate(Confidence::P95).unwrap();
    assert_eq!(alike.interval().width(), 0.0);
    assert!(matches!(spending([]).share_of_wallet_estimate(Confidence::P95), Err(Error::Undefined { .. })));
    assert!(matches!(spending([(0, 0); 3]).share_of_wallet_estimate(Confidence::P95), Err(Error::Undefined { .. })));
    let error = spending([(1, 2)]).share_of_wallet_estimate(Confidence::P95).unwrap_err();
    assert_eq!(error.to_string(), "share of wallet is undefined: one wallet alone has no variance");
    let huge = Wallet::new(Decimal::MAX, Decimal::MAX).unwrap();
    let record = LoyaltyRecord { repurchase: Repurchase::Left, wallet: Some(huge) };
    let mut whole = LoyaltyTally::empty(MinorUnit::WHOLE);
    assert!(matches!(whole.record(record), Err(Error::Overflow { field: "sum of squares", .. })));
    assert_eq!(whole, LoyaltyTally::empty(MinorUnit::WHOLE));
}

/// Wallets from 20 to 220, larger ones spent with us for a smaller part: 95% intervals of 60 customers hold the true ratio 95% of the time.
#[test]
fn intervals_of_a_share_of_wallet_hold_the_truth_as_often_as_they_say() {
    const RUNS: u32 = 2000;
    let mut random = Pcg64Mcg::seed_from_u64(7_031);
    // Category spend is 20 + u, own spend a part of 20 + u / 4, u uniform on 0..=200: on average half of 45 of 120.
    let truth = 0.5 * 45.0 / 120.0;
    let mut held = 0;
    for _ in 0..RUNS {
        let wallets: Vec<(i64, i64)> = (0..60)
            .map(|_| {
                let u = 4 * random.random_range(0..=50_i64);
                (random.random_range(0..=20 + u / 4), 20 + u)
            })
            .collect();
        let estimate = spending(wallets).share_of_wallet_estimate(Confidence::P95).unwrap();
        held += u32::from(estimate.interval().contains(truth));
    }
    let coverage = f64::from(held) / f64::from(RUNS);
    assert!((0.935..=0.965).contains(&coverage), "{coverage}");
}

#[test]
fn an_index_of_intentions_is_as_unsure_as_all_of_them_together() {
    let answers = |counts: &[u64]| RatingTally::from_counts(Scale::ONE_TO_FIVE, counts, 0).unwrap();
    let intentions = [("to buy again", [2, 5, 13, 40, 40]), ("to recommend", [5, 10, 25, 35, 20]), ("to pay more", [30, 30, 20, 10, 5])]
        .map(|(name, counts)| Intention::new(name, answers(&counts)).unwrap());
    let parts = intentions.each_ref().map(|intention| (1.0 / 3.0, intention.estimate(Confidence::P95).unwrap()));
    let loyalty = SubjectiveLoyalty::new(intentions).unwrap();
    let estimate = loyalty.estimate(Confidence::P95).unwrap();
    assert_eq!(estimate, combine_dependent(&parts).unwrap());
    assert_eq!(estimate.n(), 95);
    let exact: f64 = loyalty.index().unwrap().to_decimal().to_string().parse().unwrap();
    assert!((estimate.point() - exact).abs() < 1e-12);
    let one_answer = Intention::new("to stay", answers(&[0, 0, 0, 1, 0])).unwrap();
    assert!(matches!(SubjectiveLoyalty::new([one_answer]).unwrap().estimate(Confidence::P95), Err(Error::Undefined { .. })));
}

/// 40 of 100 dollars on coffee are a share of wallet of 40% (Circana's dictionary).
#[test]
fn share_of_wallet_as_published() {
    let wallet = Wallet::new(decimal("40"), decimal("100")).unwrap();
    assert_eq!(wallet.share_of_wallet().unwrap(), percent("40"));
}

#[test]
fn tallies_in_different_settings_do_not_merge() {
    let mut cents = LoyaltyTally::default();
    assert!(matches!(cents.merge(&LoyaltyTally::empty(MinorUnit::WHOLE)), Err(Error::Mismatch { field: "decimal places", .. })));
    let mut five = SatisfactionReturnTally::default();
    let ten = SatisfactionReturnTally::empty(Scale::ZERO_TO_TEN);
    assert!(matches!(five.merge(&ten), Err(Error::Mismatch { field: "scale", .. })));
}

#[test]
fn words_for_a_reader() {
    assert_eq!(Repurchase::BoughtAgain.to_string(), "bought again");
    assert_eq!(Repurchase::Left.to_string(), "left");
    assert_eq!(BrandRank::tied(1, 2, 3).unwrap().to_string(), "rank 1.5 of 3");
    assert_eq!(IntentionIndex::new(decimal("66.6666")).unwrap().to_string(), "66.7 of 100");
    assert_eq!(Wallet::new(decimal("29.90"), decimal("100.00")).unwrap().to_string(), "29.9 of 100");
}

#[cfg(feature = "serde")]
mod hostile_input {
    use serde::{Serialize, de::DeserializeOwned};

    use super::*;

    fn comes_back<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) -> String {
        let json = serde_json::to_string(value).unwrap();
        assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), value, "{json}");
        json
    }

    fn refuses<T: DeserializeOwned + std::fmt::Debug>(good: &str, swaps: &[(&str, &str)]) {
        for (right, wrong) in swaps {
            assert!(good.contains(right), "{right} is not in {good}");
            let hostile = good.replace(right, wrong);
            assert!(serde_json::from_str::<T>(&hostile).is_err(), "{hostile}");
        }
    }

    #[test]
    fn loyalty_in_words() {
        let mut answers = RatingTally::default();
        answers.record_column(&[1, 5, 5]).unwrap();
        let intention = |name: &str| Intention::new(name, answers.clone()).unwrap();
        let loyalty = SubjectiveLoyalty::new([intention("to buy again"), intention("to recommend")]).unwrap();
        let json = comes_back(&loyalty);
        refuses::<SubjectiveLoyalty>(
            &json,
            &[
                ("to recommend", "to buy again"),
                ("to recommend", ""),
                ("[1,0,0,0,2]", "[1]"),
                ("{\"intentions\"", "{\"x\":1,\"intentions\""),
            ],
        );
        assert!(serde_json::from_str::<SubjectiveLoyalty>(r#"{"intentions":[]}"#).is_err());
        comes_back(&loyalty.index().unwrap());
        assert!(serde_json::from_str::<IntentionIndex>(r#""100.1""#).is_err());
        assert!(serde_json::from_str::<IntentionIndex>(r#""-1""#).is_err());
    }

    #[test]
    fn loyalty_in_deeds() {
        let wallet = Wallet::new(decimal("12.34"), decimal("56.78")).unwrap();
        refuses::<Wallet>(&comes_back(&wallet), &[("12.34", "56.79"), ("12.34", "-1"), (r#""12.34""#, "12.34"), ("own_spend", "own")]);
        let record = LoyaltyRecord { repurchase: Repurchase::BoughtAgain, wallet: Some(wallet) };
        refuses::<LoyaltyRecord>(&comes_back(&record), &[("bought_again", "came_back"), ("12.34", "99")]);
        let mut tally = LoyaltyTally::default();
        tally.extend([record, LoyaltyRecord { repurchase: Repurchase::Left, wallet: None }]).unwrap();
        refuses::<LoyaltyTally>(
            &comes_back(&tally),
            &[
                (r#""customers":2"#, r#""customers":0"#),
                (r#""bought_again":1"#, r#""bought_again":3"#),
                (r#""wallets":1"#, r#""wallets":0"#),
                ("1234", "9999"),
                ("1234", "-1"),
                ("1234", "many"),
                (r#""squared_own_minor_units":"1522756""#, r#""squared_own_minor_units":"1522757""#),
                (r#""own_times_elsewhere_minor_units":""#, r#""own_times_elsewhere_minor_units":"-"#),
                (r#""decimal_places":2"#, r#""decimal_places":13"#),
                (r#""wallets":1"#, r#""wallets":1,"more":1"#),
            ],
        );
        let rank = BrandRank::tied(2, 2, 4).unwrap();
        refuses::<BrandRank>(&comes_back(&rank), &[(r#""best":2"#, r#""best":0"#), (r#""tied":2"#, r#""tied":4"#), ("brands", "n")]);
    }

    #[test]
    fn satisfaction_and_return() {
        let mut tally = SatisfactionReturnTally::default();
        tally.extend([(5, Repurchase::Left), (5, Repurchase::BoughtAgain), (2, Repurchase::Left)]).unwrap();
        refuses::<SatisfactionReturnTally>(
            &comes_back(&tally),
            &[
                (r#"{"bought_again":0,"left":1}"#, r#"{"bought_again":18446744073709551615,"left":1}"#),
                (r#""left":1"#, r#""left":-1"#),
                (r#""left":1"#, r#""left":1,"more":1"#),
                (r#""low":1"#, r#""low":5"#),
            ],
        );
        let thresholds = comes_back(&ParadoxThresholds::default());
        refuses::<ParadoxThresholds>(&thresholds, &[(r#""0.9""#, r#""90""#), ("csat_above", "csat")]);
    }
}
