//! Journeys: laws, properties, every judgement against a slow recomputation, and the documents' sayings.

use customer_metrics::satisfaction::{
    Journey, JourneySettings, JourneyTally, Judgement, RecencyDecay, Scale, flawless_chance, longest_flawless_journey,
    required_contact_chance,
};
use customer_metrics::{Decimal, Error, Proportion, Share, Tally};
use proptest::prelude::*;

use crate::laws;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn proportion(text: &str) -> Proportion {
    Proportion::new(decimal(text)).unwrap()
}

fn journey(contacts: &[u8]) -> Journey {
    Journey::new(Scale::ONE_TO_FIVE, contacts).unwrap()
}

fn scales() -> impl Strategy<Value = Scale> {
    prop_oneof![
        Just(Scale::ONE_TO_FIVE),
        Just(Scale::ZERO_TO_TEN),
        Just(Scale::new(0, 255, 200).unwrap()),
        Just(Scale::new(3, 4, 4).unwrap())
    ]
}

fn decays() -> impl Strategy<Value = RecencyDecay> {
    let any = (0..=10_000_000_000_000_000_000_000_000_000_i128)
        .prop_map(|units| RecencyDecay::new(Decimal::from_i128_with_scale(units, 28)).unwrap());
    prop_oneof![Just(RecencyDecay::LAST_ONLY), Just(RecencyDecay::NONE), Just(RecencyDecay::default()), any]
}

fn contacts(scale: Scale, most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(scale.low()..=scale.high(), 1..=most)
}

fn journeys() -> impl Strategy<Value = Journey> {
    scales().prop_flat_map(|scale| contacts(scale, 12).prop_map(move |contacts| Journey::new(scale, contacts).unwrap()))
}

fn settings_and_batches() -> impl Strategy<Value = (JourneySettings, [Vec<Vec<u8>>; 3])> {
    (scales(), decays()).prop_flat_map(|(scale, decay)| {
        let batch = || prop::collection::vec(contacts(scale, 8), 0..12);
        (Just(JourneySettings { scale, decay }), [batch(), batch(), batch()])
    })
}

proptest! {
    #[test]
    fn the_laws_hold((settings, batches) in settings_and_batches()) {
        laws::check_refusal::<JourneyTally>(&settings, batches[0].clone(), vec![]);
        if !settings.scale.contains(2) {
            laws::check_refusal::<JourneyTally>(&settings, batches[0].clone(), vec![settings.scale.high(), 2]);
        }
        laws::check::<JourneyTally>(&settings, batches);
    }

    #[test]
    fn a_tally_counts_what_its_journeys_say((settings, [records, ..]) in settings_and_batches()) {
        prop_assume!(!records.is_empty());
        let mut tally = JourneyTally::empty(settings);
        tally.extend(records.clone()).unwrap();
        let journeys: Vec<Journey> = records.iter().map(|record| Journey::new(settings.scale, record.as_slice()).unwrap()).collect();
        let share = |judgement| {
            let satisfied = journeys.iter().filter(|journey| journey.is_satisfied(judgement)).count();
            Share::new(satisfied as u64, journeys.len() as u64).unwrap()
        };
        let summary = tally.finish().unwrap();
        prop_assert_eq!(summary.by_mean, share(Judgement::Mean));
        prop_assert_eq!(summary.by_worst, share(Judgement::Worst));
        prop_assert_eq!(summary.by_last, share(Judgement::Last));
        prop_assert_eq!(summary.by_recency, share(Judgement::Recency(settings.decay)));

        let flawless = records.iter().filter(|record| record.iter().all(|&rating| settings.scale.is_satisfied(rating))).count();
        prop_assert_eq!(summary.by_worst.part(), flawless as u64);
        let all = records.concat();
        let satisfied = all.iter().filter(|&&rating| settings.scale.is_satisfied(rating)).count();
        prop_assert_eq!(summary.by_contact, Share::new(satisfied as u64, all.len() as u64).unwrap());
        prop_assert_eq!(tally.journeys(), records.len() as u64);
        for rating in settings.scale.low()..=settings.scale.high() {
            let count = |ratings: &mut dyn Iterator<Item = u8>| ratings.filter(|&given| given == rating).count() as u64;
            prop_assert_eq!(tally.contacts().count(rating), count(&mut all.iter().copied()));
            prop_assert_eq!(tally.last_contacts().count(rating), count(&mut records.iter().map(|record| *record.last().unwrap())));
            prop_assert_eq!(tally.worst_contacts().count(rating), count(&mut records.iter().map(|record| *record.iter().min().unwrap())));
        }
    }

    #[test]
    fn scores_agree_with_the_sums_written_out(journey in journeys(), decay in decays()) {
        let ratings: Vec<Decimal> = journey.contacts().iter().map(|&rating| Decimal::from(rating)).collect();
        let mean = ratings.iter().sum::<Decimal>() / Decimal::from(ratings.len());
        let close = |a: Decimal, b: Decimal| (a - b).abs() < Decimal::new(1, 23);
        prop_assert!(close(journey.score(Judgement::Mean), mean));
        prop_assert_eq!(Some(&journey.score(Judgement::Worst)), ratings.iter().min());
        prop_assert_eq!(Some(&journey.score(Judgement::Last)), ratings.last());

        let (mut sum, mut total, mut weight) = (Decimal::ZERO, Decimal::ZERO, Decimal::ONE);
        for rating in ratings.iter().rev() {
            (sum, total) = (sum + weight * rating, total + weight);
            weight *= decay.to_proportion().to_decimal();
        }
        prop_assert!(close(journey.score(Judgement::Recency(decay)), sum / total));
    }

    #[test]
    fn satisfaction_is_decided_in_whole_numbers(journey in journeys(), tenths in 0..=10_i128) {
        let threshold = i128::from(journey.scale().satisfied_from());
        let sum: i128 = journey.contacts().iter().map(|&rating| i128::from(rating) - threshold).sum();
        prop_assert_eq!(journey.is_satisfied(Judgement::Mean), sum >= 0);

        // (tenths / 10)^k, times 10^12 for at most 12 contacts.
        let latest_first = (0_u32..).zip(journey.contacts().iter().rev());
        let weighted: i128 =
            latest_first.map(|(k, &rating)| tenths.pow(k) * 10_i128.pow(12 - k) * (i128::from(rating) - threshold)).sum();
        let decay = RecencyDecay::new(Decimal::from_i128_with_scale(tenths, 1)).unwrap();
        prop_assert_eq!(journey.is_satisfied(Judgement::Recency(decay)), weighted >= 0);
    }

    #[test]
    fn no_decay_is_the_mean_and_full_decay_the_last_contact(journey in journeys()) {
        for (decay, judgement) in [(RecencyDecay::NONE, Judgement::Mean), (RecencyDecay::LAST_ONLY, Judgement::Last)] {
            prop_assert_eq!(journey.score(Judgement::Recency(decay)), journey.score(judgement));
            prop_assert_eq!(journey.is_satisfied(Judgement::Recency(decay)), journey.is_satisfied(judgement));
        }
    }

    #[test]
    fn every_score_lies_between_the_worst_and_the_best_contact(journey in journeys(), decay in decays()) {
        let worst = journey.score(Judgement::Worst);
        let best = Decimal::from(*journey.contacts().iter().max().unwrap());
        for judgement in [Judgement::Mean, Judgement::Last, Judgement::Recency(decay)] {
            prop_assert!(worst <= journey.score(judgement) && journey.score(judgement) <= best);
            prop_assert!(journey.is_satisfied(judgement) || !journey.is_satisfied(Judgement::Worst), "a flawless journey satisfies");
        }
    }

    #[test]
    fn only_recency_and_the_last_contact_see_the_order(journey in journeys(), decay in decays()) {
        let mut rising = journey.contacts().to_vec();
        rising.sort_unstable();
        let falling: Vec<u8> = rising.iter().rev().copied().collect();
        let (rising, falling) = (Journey::new(journey.scale(), rising).unwrap(), Journey::new(journey.scale(), falling).unwrap());
        for judgement in [Judgement::Mean, Judgement::Worst] {
            prop_assert_eq!(rising.score(judgement), journey.score(judgement));
            prop_assert_eq!(falling.score(judgement), journey.score(judgement));
        }
        for judgement in [Judgement::Last, Judgement::Recency(decay)] {
            prop_assert!(falling.score(judgement) <= journey.score(judgement) && journey.score(judgement) <= rising.score(judgement));
        }
    }

    #[test]
    fn a_flawless_journey_is_as_likely_as_the_product_says(percent in 0..=100_i128, contacts in 1..=14_u32) {
        // At most 28 digits: exact.
        let contact = Proportion::new(Decimal::from_i128_with_scale(percent, 2)).unwrap();
        let exact = Decimal::from_i128_with_scale(percent.pow(contacts), 2 * contacts);
        prop_assert_eq!(flawless_chance(contact, contacts).unwrap().to_decimal(), exact);
    }

    #[test]
    fn a_longer_journey_is_less_likely_flawless_and_certain_contacts_change_nothing(
        units in 1..10_000_000_000_000_000_000_000_000_000_i128, contacts in 1..500_u32
    ) {
        let contact = Proportion::new(Decimal::from_i128_with_scale(units, 28)).unwrap();
        let (chance, longer) = (flawless_chance(contact, contacts).unwrap(), flawless_chance(contact, contacts + 1).unwrap());
        let rounding = Decimal::from_i128_with_scale(2 * i128::from(contacts), 28);
        prop_assert!(longer.to_decimal() <= chance.to_decimal() + rounding);
        prop_assert!((longer.to_decimal() - chance.to_decimal() * contact.to_decimal()).abs() <= rounding);
        prop_assert_eq!(flawless_chance(Proportion::ONE, contacts).unwrap(), Proportion::ONE);
    }

    #[test]
    fn the_longest_flawless_journey_is_long_enough_and_one_more_is_too_long(
        tail in 1..=28_u32, units in 1..1000_i128, flawless in 1..=9999_i64
    ) {
        // Contacts from 0.000... to 1 - 10^-28.
        let failure = Decimal::from_i128_with_scale(units.min(10_i128.pow(tail)), tail);
        let contact = Proportion::new(Decimal::ONE - failure).unwrap();
        let flawless = Proportion::new(Decimal::new(flawless, 4)).unwrap();
        match longest_flawless_journey(contact, flawless) {
            Ok(longest) => {
                prop_assert!(longest == 0 || flawless_chance(contact, longest).unwrap() >= flawless);
                prop_assert!(flawless_chance(contact, longest + 1).unwrap() < flawless);
            }
            Err(Error::Overflow { .. }) => prop_assert!(flawless_chance(contact, u32::MAX).unwrap() >= flawless),
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn the_required_chance_undoes_the_flawless_one(tenths in 1..=1000_i64, contacts in 1..100_u32) {
        let flawless = Proportion::new(Decimal::new(tenths, 3)).unwrap();
        let contact = required_contact_chance(flawless, contacts).unwrap();
        let back = contact.powi(contacts.try_into().unwrap());
        prop_assert!((back - flawless.to_f64()).abs() <= 1e-14 * f64::from(contacts) * flawless.to_f64());
    }
}

/// "100 - 1 = 0": one bad contact undoes ninety-nine good ones (doc-000), where the mean does not even notice.
#[test]
fn one_bad_contact_in_a_hundred_is_nothing_left() {
    let mut contacts = [5; 100];
    contacts[41] = 1;
    let journey = journey(&contacts);
    assert_eq!(journey.score(Judgement::Mean), decimal("4.96"));
    assert!(journey.is_satisfied(Judgement::Mean));
    assert_eq!(journey.score(Judgement::Worst), Decimal::ONE);
    assert!(!journey.is_satisfied(Judgement::Worst));
}

/// The impression is the last contact, not the average (doc-003).
#[test]
fn the_same_contacts_in_another_order_leave_another_impression() {
    let (ends_badly, ends_well) = (journey(&[5, 5, 1]), journey(&[1, 5, 5]));
    assert_eq!(ends_badly.score(Judgement::Mean), ends_well.score(Judgement::Mean));
    assert!(!ends_badly.is_satisfied(Judgement::Last) && ends_well.is_satisfied(Judgement::Last));
    // (1 + 5/2 + 5/4) / (1 + 1/2 + 1/4) = 19/7 and (5 + 5/2 + 1/4) / (7/4) = 31/7.
    let recency = Judgement::Recency(RecencyDecay::default());
    assert_eq!(ends_badly.score(recency).round_dp(20), (Decimal::from(19) / Decimal::from(7)).round_dp(20));
    assert_eq!(ends_well.score(recency).round_dp(20), (Decimal::from(31) / Decimal::from(7)).round_dp(20));
}

#[test]
fn judgements_and_journeys_read_as_they_are() {
    assert_eq!(Judgement::Mean.to_string(), "mean of all contacts");
    assert_eq!(Judgement::Worst.to_string(), "worst contact");
    assert_eq!(Judgement::Last.to_string(), "last contact");
    assert_eq!(Judgement::Recency(RecencyDecay::default()).to_string(), "contacts by recency, decay 0.5");
    assert_eq!(journey(&[5, 4, 1]).to_string(), "5, 4, 1 on 1 to 5, satisfied from 4");
}

#[test]
fn a_contact_off_the_scale_is_named_by_its_position() {
    let error = Journey::new(Scale::ZERO_TO_TEN, [10, 0, 11]).unwrap_err();
    assert_eq!((error.row(), error.field()), (Some(2), Some("rating")));
}

/// Python's `decimal` at 60 digits.
#[test]
fn required_chances_agree_with_60_digits_to_1e_14() {
    for (flawless, contacts, expected) in REQUIRED {
        let contact = required_contact_chance(proportion(flawless), contacts).unwrap();
        assert!((contact - expected).abs() <= 1e-14 * expected, "{flawless} over {contacts}: {contact} is not {expected}");
    }
}

const REQUIRED: [(&str, u32, f64); 8] = [
    ("0.9", 10, 0.989_519_258_206_214_392_646_230_2),
    ("0.0000000000000000000000000001", 3, 4.641_588_833_612_778_892_410_076e-10),
    ("0.0000000000000000000000000007", 7, 0.000_132_046_924_775_612_379_180_932_7),
    ("0.5", 4_294_967_295, 0.999_999_999_838_614_095_778_810_1),
    ("0.95", 7, 0.992_699_168_020_985_298_866_641_5),
    ("0.01", 5, 0.398_107_170_553_497_250_770_252_3),
    ("0.3333333333333333333333333333", 1, 0.333_333_333_333_333_333_333_333_3),
    ("0.123456789", 1000, 0.997_910_322_352_034_743_131_266_3),
];

/// Python's `decimal` at 60 digits.
#[test]
fn flawless_chances_stay_within_n_units_of_the_28th_place() {
    for (contact, contacts, expected) in FLAWLESS {
        let chance = flawless_chance(proportion(contact), contacts).unwrap().to_decimal();
        let tolerance = Decimal::from_i128_with_scale(i128::from(contacts), 28);
        assert!((chance - decimal(expected)).abs() <= tolerance, "{contact}^{contacts}: {chance} is not {expected}");
    }
}

const FLAWLESS: [(&str, u32, &str); 4] = [
    ("0.95", 10, "0.59873693923837890625"),
    ("0.999", 100, "0.9047921471137090420322146062"),
    ("0.999999", 1_000_000, "0.3678792572316450942857981253"),
    ("0.9999999999", 4_294_967_295, "0.6508365591413783936978349217"),
];

#[cfg(feature = "serde")]
#[test]
fn hostile_input_is_refused_and_good_input_comes_back() {
    fn comes_back<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
        let json = serde_json::to_string(value).unwrap();
        assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), value, "{json}");
    }
    comes_back(&journey(&[1, 5, 3]));
    for judgement in [Judgement::Mean, Judgement::Worst, Judgement::Last, Judgement::Recency(RecencyDecay::default())] {
        comes_back(&judgement);
    }
    let mut tally = JourneyTally::default();
    tally.extend([vec![1, 5, 3], vec![4]]).unwrap();
    comes_back(&tally);

    let scale = r#"{"low":1,"high":5,"satisfied_from":4}"#;
    for contacts in ["[]", "[0]", "[6]", "[256]", "[-1]", "[1.5]"] {
        let hostile = format!(r#"{{"scale":{scale},"contacts":{contacts}}}"#);
        assert!(serde_json::from_str::<Journey>(&hostile).is_err(), "{hostile}");
    }
    assert!(serde_json::from_str::<RecencyDecay>(r#""1.01""#).is_err());
    assert!(serde_json::from_str::<RecencyDecay>(r#""-0.01""#).is_err());
    let good = serde_json::to_string(&tally).unwrap();
    for (right, wrong) in [
        (r#""by_mean":1"#, r#""by_mean":0"#),
        (r#""by_mean":1"#, r#""by_mean":3"#),
        (r#""by_recency":1"#, r#""by_recency":9"#),
        (r#""worst":[1,0,0,1,0]"#, r#""worst":[0,0,0,1,0]"#),
        (r#""worst":[1,0,0,1,0]"#, r#""worst":[0,0,0,1,1]"#),
        (r#""last":[0,0,1,1,0]"#, r#""last":[0,0,1,1]"#),
        (r#""decay":"0.5""#, r#""decay":"2""#),
        (r#""high":5"#, r#""high":6"#),
        (r#""by_mean":1"#, r#""by_mean":1,"more":1"#),
    ] {
        assert!(good.contains(right), "{good}");
        assert!(serde_json::from_str::<JourneyTally>(&good.replace(right, wrong)).is_err(), "{wrong}");
    }
}
