//! The laws that every tally keeps, stated once.

use std::fmt::Debug;

use customer_metrics::Tally;

/// A tally that the laws can be checked on: with the `serde` feature it must also survive JSON.
#[cfg(feature = "serde")]
pub(crate) trait Lawful: Tally + serde::Serialize + serde::de::DeserializeOwned {}
#[cfg(feature = "serde")]
impl<T: Tally + serde::Serialize + serde::de::DeserializeOwned> Lawful for T {}

#[cfg(not(feature = "serde"))]
pub(crate) trait Lawful: Tally {}
#[cfg(not(feature = "serde"))]
impl<T: Tally> Lawful for T {}

/// Checks every law of [`Tally`] on three batches of valid records.
pub(crate) fn check<T: Lawful>(settings: &T::Settings, batches: [Vec<T::Record>; 3])
where
    T::Record: Clone + Debug,
{
    let of = |records: &[T::Record]| {
        let mut tally = T::empty(settings.clone());
        tally.extend(records.iter().cloned()).unwrap();
        tally
    };
    let merged = |left: &T, right: &T| {
        let mut sum = left.clone();
        sum.merge(right).unwrap();
        sum
    };
    let [a, b, c] = batches.each_ref().map(|batch| of(batch));
    let empty = T::empty(settings.clone());

    assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)), "merging is associative");
    assert_eq!(merged(&a, &b), merged(&b, &a), "merging is commutative");
    assert_eq!(merged(&a, &empty), a, "an empty tally changes nothing");
    assert_eq!(merged(&empty, &a), a, "an empty tally changes nothing");

    let all: Vec<T::Record> = batches.into_iter().flatten().collect();
    let whole = of(&all);
    assert_eq!(merged(&merged(&a, &b), &c), whole, "merging the parts gives the whole");
    let reversed: Vec<T::Record> = all.iter().rev().cloned().collect();
    assert_eq!(of(&reversed), whole, "the order of the records does not matter");
    let mut one_by_one = empty.clone();
    for record in all {
        one_by_one.record(record).unwrap();
    }
    assert_eq!(one_by_one, whole, "one by one is the same as all at once");

    assert_eq!(&whole.settings(), settings);
    let bytes = whole.encode();
    assert_eq!(bytes.len(), whole.encoded_len());
    assert_eq!(T::decode(&bytes).unwrap(), whole, "decoding undoes encoding");
    for length in 0..bytes.len() {
        assert!(T::decode(&bytes[..length]).is_err(), "{length} of {} bytes are not a state", bytes.len());
    }
    assert!(T::decode(&[bytes.as_slice(), &[0]].concat()).is_err(), "a byte too many is refused");
    for position in 0..bytes.len().min(64) {
        for flip in [0x01, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[position] ^= flip;
            // Damage may give another valid state; it must never panic.
            drop(T::decode(&damaged));
        }
    }

    #[cfg(feature = "serde")]
    {
        let json = serde_json::to_string(&whole).unwrap();
        assert_eq!(serde_json::from_str::<T>(&json).unwrap(), whole, "{json}");
    }
}

/// Checks that a batch with one wrong record is refused by its position, and changes nothing.
pub(crate) fn check_refusal<T: Lawful>(settings: &T::Settings, mut good: Vec<T::Record>, wrong: T::Record)
where
    T::Record: Clone + Debug,
{
    let mut tally = T::empty(settings.clone());
    tally.extend(good.iter().cloned()).unwrap();
    let before = tally.clone();
    let row = good.len();
    good.push(wrong.clone());
    assert_eq!(tally.extend(good).unwrap_err().row(), Some(row));
    assert_eq!(tally, before);
    assert!(tally.record(wrong).is_err());
    assert_eq!(tally, before);
}
