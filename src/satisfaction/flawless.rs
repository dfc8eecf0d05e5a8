//! The chance that a whole journey goes well.

use crate::decimal::count_to_f64;
use crate::error::{Bound, Error, Result};
use crate::estimate::{Confidence, Estimate};
use crate::proportion::Proportion;
use crate::share::Share;

/// The chance that every one of so many contacts succeeds.
///
/// ```text
/// chance = p^n
/// p = chance that one contact succeeds, n = number of contacts
/// ```
///
/// Assumes that each contact succeeds with the same chance, whatever happened at the others. Where good and bad contacts come in
/// clusters (one poor agent, one poor branch), more journeys are flawless than this says: see
/// [`JourneyTally`](super::JourneyTally) for the share that was.
///
/// Each multiplication rounds to 28 decimal places: the chance is exact where p^n has no more of them, and within n x 10^-28 otherwise.
///
/// ```
/// use customer_metrics::Proportion;
/// use customer_metrics::satisfaction::flawless_chance;
///
/// let contact = Proportion::from_percent("95".parse().unwrap())?;
/// assert_eq!(flawless_chance(contact, 10)?.to_string(), "59.9%");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfBounds`] without contacts.
pub fn flawless_chance(contact: Proportion, contacts: u32) -> Result<Proportion> {
    at_least_one(contacts)?;
    contact.power(contacts)
}

/// The chance that every one of so many contacts succeeds, from contacts that were counted, with its interval: the ends of Wilson's for one
/// contact, to the power of their number.
///
/// It rises with the chance of one contact, so it holds the truth exactly as often as Wilson's interval does, under the assumption of
/// [`flawless_chance`].
///
/// ```
/// use customer_metrics::satisfaction::flawless_chance_estimate;
/// use customer_metrics::{Confidence, Share};
///
/// let estimate = flawless_chance_estimate(&Share::new(190, 200)?, 10, Confidence::P95)?;
/// assert_eq!(format!("{estimate:.2}"), "0.60 (0.39 to 0.76, 95% Wilson, n = 200)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfBounds`] without contacts.
pub fn flawless_chance_estimate(contact: &Share, contacts: u32, confidence: Confidence) -> Result<Estimate> {
    at_least_one(contacts)?;
    Ok(contact.estimate(confidence).rising(|chance| chance.powf(count_to_f64(contacts.into()))))
}

/// The chance with which each contact must succeed so that a journey of so many contacts is flawless with the chance `flawless`.
///
/// ```text
/// p = q^(1/n)
/// q = chance that the whole journey is flawless, n = number of contacts
/// ```
///
/// The inverse of [`flawless_chance`], under the same assumption. A root is not a decimal number, so this is an `f64`, within 1e-14
/// relative of the exact value.
///
/// ```
/// use customer_metrics::Proportion;
/// use customer_metrics::satisfaction::required_contact_chance;
///
/// let nine_in_ten = Proportion::from_percent("90".parse().unwrap())?;
/// let contact = required_contact_chance(nine_in_ten, 10)?;
/// assert!((contact - 0.989_519_258_206_214_6).abs() < 1e-15);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfBounds`] without contacts.
pub fn required_contact_chance(flawless: Proportion, contacts: u32) -> Result<f64> {
    at_least_one(contacts)?;
    Ok(flawless.to_f64().powf(1.0 / count_to_f64(contacts.into())))
}

/// How many contacts a journey can have and still be flawless with a chance of at least `flawless`; 0 if not even one contact is
/// that good.
///
/// ```text
/// the largest n with p^n >= q
/// ```
///
/// The inverse of [`flawless_chance`] in n: that function gives at least `flawless` for this many contacts, and less for one more. Like
/// that function it rounds to 28 decimal places, which shows where `flawless` is below some 10^-10.
///
/// ```
/// use customer_metrics::Proportion;
/// use customer_metrics::satisfaction::longest_flawless_journey;
///
/// let percent = |text: &str| Proportion::from_percent(text.parse().unwrap());
/// assert_eq!(longest_flawless_journey(percent("99")?, percent("90")?)?, 10);
/// assert_eq!(longest_flawless_journey(percent("80")?, percent("90")?)?, 0);
/// assert!(longest_flawless_journey(percent("100")?, percent("90")?).is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// # Errors
/// [`Error::Undefined`] if there is no longest one, because contacts never fail or `flawless` is 0; [`Error::Overflow`] beyond some
/// 4 thousand million contacts.
pub fn longest_flawless_journey(contact: Proportion, flawless: Proportion) -> Result<u32> {
    let undefined = |because| Err(Error::Undefined { metric: "longest flawless journey", because });
    if contact == Proportion::ONE {
        return undefined("contacts never fail, so no journey is too long");
    }
    if flawless == Proportion::ZERO {
        return undefined("every journey is flawless with a chance of at least 0");
    }
    if contact.power(u32::MAX)? >= flawless {
        return Err(Error::Overflow { field: "longest flawless journey", capacity: "a 32-bit count" });
    }
    // Always long enough and too long: no contact at all is flawless, and the largest number was just refused.
    let (mut longest, mut too_long) = (0_u32, u32::MAX);
    while too_long.saturating_sub(longest) > 1 {
        let middle = longest.midpoint(too_long);
        if contact.power(middle)? >= flawless { longest = middle } else { too_long = middle }
    }
    Ok(longest)
}

fn at_least_one(contacts: u32) -> Result<()> {
    if contacts == 0 { Err(Error::out_of_bounds("contacts", contacts, Bound::AtLeast(1_u32.into()))) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    fn proportion(text: &str) -> Proportion {
        Proportion::new(text.parse().unwrap()).unwrap()
    }

    #[test]
    fn certain_and_impossible_contacts() {
        assert_eq!(flawless_chance(Proportion::ONE, u32::MAX), Ok(Proportion::ONE));
        assert_eq!(flawless_chance(Proportion::ZERO, 1), Ok(Proportion::ZERO));
        assert!(matches!(flawless_chance(Proportion::ONE, 0), Err(Error::OutOfBounds { field: "contacts", .. })));
        assert!(matches!(required_contact_chance(Proportion::ONE, 0), Err(Error::OutOfBounds { .. })));
        assert_eq!(required_contact_chance(Proportion::ONE, u32::MAX).unwrap().to_bits(), 1.0_f64.to_bits());
        assert_eq!(required_contact_chance(Proportion::ZERO, 3).unwrap().to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn the_longest_journey_is_exact_at_a_tie() {
        assert_eq!(longest_flawless_journey(proportion("0.5"), proportion("0.0625")), Ok(4));
        assert_eq!(longest_flawless_journey(proportion("0.5"), proportion("0.0625000000000000000000000001")), Ok(3));
        assert_eq!(longest_flawless_journey(proportion("0.9"), proportion("0.9")), Ok(1));
        assert_eq!(longest_flawless_journey(Proportion::ZERO, proportion("0.5")), Ok(0));
        assert_eq!(longest_flawless_journey(proportion("0.5"), Proportion::ONE), Ok(0));
    }

    #[test]
    fn contacts_that_almost_never_fail_end_quickly() {
        let contact = Proportion::new(Decimal::ONE - Decimal::new(1, 28)).unwrap();
        assert!(matches!(longest_flawless_journey(contact, proportion("0.5")), Err(Error::Overflow { .. })));
        assert_eq!(longest_flawless_journey(contact, contact), Ok(1));
        // Ln 0.5 / ln(1 - 1e-9) = 693147180.2.
        assert_eq!(longest_flawless_journey(proportion("0.999999999"), proportion("0.5")), Ok(693_147_180));
    }

    #[test]
    fn without_a_limit_there_is_no_longest_journey() {
        assert!(matches!(longest_flawless_journey(Proportion::ONE, proportion("0.5")), Err(Error::Undefined { .. })));
        assert!(matches!(longest_flawless_journey(proportion("0.5"), Proportion::ZERO), Err(Error::Undefined { .. })));
    }
}
