//! Checked decimal arithmetic: the only place that calculates with [`Decimal`].
//!
//! The operators of `Decimal` panic on overflow, and its `checked_*` methods round without saying so. The functions here return an
//! error instead. Those named `exact_*` refuse a result that would lose a digit; the others round to 28 decimal places or 28 digits,
//! whichever comes first.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::error::{Bound, Error, Result};

/// The largest mantissa of a `Decimal`: 96 bits.
const MAX_MANTISSA: i128 = Decimal::MAX.mantissa();

/// Below this, another digit can be appended to a mantissa, and that rounded up.
const ROOM_FOR_A_DIGIT: u128 = MAX_MANTISSA.unsigned_abs() / 10 - 1;

/// The most digits that a `Decimal` can have after the point.
const LARGEST_SCALE: i32 = 28;

/// `a + b`, rounded to 28 digits.
pub(crate) fn add(field: &'static str, a: Decimal, b: Decimal) -> Result<Decimal> {
    a.checked_add(b).ok_or_else(|| Error::decimal_overflow(field))
}

/// `a - b`, rounded to 28 digits.
pub(crate) fn sub(field: &'static str, a: Decimal, b: Decimal) -> Result<Decimal> {
    a.checked_sub(b).ok_or_else(|| Error::decimal_overflow(field))
}

/// `a x b`, rounded to 28 digits.
pub(crate) fn mul(field: &'static str, a: Decimal, b: Decimal) -> Result<Decimal> {
    a.checked_mul(b).ok_or_else(|| Error::decimal_overflow(field))
}

/// `a / b`, rounded as [`ratio`] is. `because` says what is missing where `b` is 0.
pub(crate) fn div(metric: &'static str, because: &'static str, a: Decimal, b: Decimal) -> Result<Decimal> {
    let places = [a, b].map(|value| i32::try_from(value.scale()).unwrap_or(LARGEST_SCALE));
    let [a_places, b_places] = places;
    quotient(metric, because, a.mantissa(), b.mantissa(), a_places.saturating_sub(b_places))
}

/// The sum, rounded to 28 digits.
pub(crate) fn sum(field: &'static str, terms: impl IntoIterator<Item = Decimal>) -> Result<Decimal> {
    terms.into_iter().try_fold(Decimal::ZERO, |total, term| add(field, total, term))
}

/// `base` to a whole power by repeated squaring, each step rounded to 28 digits.
pub(crate) fn power(field: &'static str, base: Decimal, mut exponent: u32) -> Result<Decimal> {
    let mut result = Decimal::ONE;
    let mut square = base;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = mul(field, result, square)?;
        }
        exponent >>= 1;
        if exponent > 0 {
            square = mul(field, square, square)?;
        }
    }
    Ok(result.normalize())
}

/// `a + b` with every digit kept.
pub(crate) fn exact_add(field: &'static str, a: Decimal, b: Decimal) -> Result<Decimal> {
    let (a, b) = (a.normalize(), b.normalize());
    let scale = a.scale().max(b.scale());
    let sum = minor_units(a, scale).zip(minor_units(b, scale)).and_then(|(a, b)| a.checked_add(b)).ok_or(Error::Inexact { field })?;
    from_minor_units(sum, scale).ok_or(Error::Inexact { field })
}

/// `a - b` with every digit kept.
pub(crate) fn exact_sub(field: &'static str, a: Decimal, b: Decimal) -> Result<Decimal> {
    exact_add(field, a, negate(b))
}

/// `a x b` with every digit kept.
pub(crate) fn exact_mul(field: &'static str, a: Decimal, b: Decimal) -> Result<Decimal> {
    let (a, b) = (a.normalize(), b.normalize());
    if a.is_zero() || b.is_zero() {
        return Ok(Decimal::ZERO);
    }
    let scale = a.scale().saturating_add(b.scale());
    let product = a.checked_mul(b).ok_or_else(|| Error::decimal_overflow(field))?;
    // `checked_mul` drops digits by lowering the scale. Where it does, the product may still be exact if it ends in zeros.
    if product.scale() == scale {
        return Ok(product.normalize());
    }
    let (mut left, mut right, mut scale) = (a.mantissa(), b.mantissa(), scale);
    while scale > 0 {
        // A factor 2 of one and a factor 5 of the other are a zero at the end of the product.
        (left, right) = match (left % 2, left % 5, right % 2, right % 5) {
            (0, _, _, 0) => (left / 2, right / 5),
            (_, 0, 0, _) => (left / 5, right / 2),
            _ => break,
        };
        scale = scale.saturating_sub(1);
    }
    left.checked_mul(right).and_then(|mantissa| from_minor_units(mantissa, scale)).ok_or(Error::Inexact { field })
}

/// The sum with every digit kept.
pub(crate) fn exact_sum(field: &'static str, terms: impl IntoIterator<Item = Decimal>) -> Result<Decimal> {
    terms.into_iter().try_fold(Decimal::ZERO, |total, term| exact_add(field, total, term))
}

/// `-value`.
pub(crate) fn negate(mut value: Decimal) -> Decimal {
    value.set_sign_positive(value.is_sign_negative() || value.is_zero());
    value
}

/// The whole number of units of `10^-places` that `value` is, if it is one.
pub(crate) fn minor_units(value: Decimal, places: u32) -> Option<i128> {
    let value = value.normalize();
    let factor = 10_i128.checked_pow(places.checked_sub(value.scale())?)?;
    value.mantissa().checked_mul(factor)
}

/// So many units of `10^-places`, if a `Decimal` can hold them.
pub(crate) fn from_minor_units(units: i128, places: u32) -> Option<Decimal> {
    Decimal::try_from_i128_with_scale(units, places).ok().map(|value| value.normalize())
}

/// `numerator / denominator`, rounded half away from zero to 28 decimal places or 28 digits, whichever comes first.
pub(crate) fn ratio(metric: &'static str, because: &'static str, numerator: i128, denominator: i128) -> Result<Decimal> {
    quotient(metric, because, numerator, denominator, 0)
}

/// `numerator / denominator x 10^-places`, rounded once, as [`ratio`] is: a mean of minor units as an amount.
pub(crate) fn quotient(metric: &'static str, because: &'static str, numerator: i128, denominator: i128, places: i32) -> Result<Decimal> {
    long_division(metric, because, (numerator, denominator), places, LARGEST_SCALE)
}

/// `numerator / denominator`, rounded once, half away from zero at this decimal place, or as [`ratio`] is if that comes first.
pub(crate) fn ratio_to(metric: &'static str, because: &'static str, numerator: i128, denominator: i128, most: u32) -> Result<Decimal> {
    let most = i32::try_from(most).map_or(LARGEST_SCALE, |most| most.min(LARGEST_SCALE));
    long_division(metric, because, (numerator, denominator), 0, most)
}

fn long_division(
    metric: &'static str,
    because: &'static str,
    (numerator, denominator): (i128, i128),
    places: i32,
    most_places: i32,
) -> Result<Decimal> {
    if denominator == 0 {
        return Err(Error::Undefined { metric, because });
    }
    let overflow = || Error::decimal_overflow(metric);
    let (dividend, divisor) = with_room_for_a_digit(numerator.unsigned_abs(), denominator.unsigned_abs());
    let (mut digits, mut rest) = dividend.checked_div(divisor).zip(dividend.checked_rem(divisor)).ok_or_else(overflow)?;
    let mut scale = places;
    // Long division, one digit at a time. Below the decimal point it may stop, above it must not.
    while scale < 0 || (rest != 0 && scale < most_places && digits < ROOM_FOR_A_DIGIT) {
        let dividend = rest.checked_mul(10).ok_or_else(overflow)?;
        let digit = dividend.checked_div(divisor).ok_or_else(overflow)?;
        digits = digits.checked_mul(10).and_then(|shifted| shifted.checked_add(digit)).ok_or_else(overflow)?;
        rest = dividend.checked_rem(divisor).ok_or_else(overflow)?;
        scale = scale.saturating_add(1);
    }
    if rest >= divisor.div_ceil(2) {
        digits = digits.checked_add(1).ok_or_else(overflow)?;
    }
    let magnitude = i128::try_from(digits).map_err(|_| overflow())?;
    let signed = if (numerator < 0) == (denominator < 0) { magnitude } else { magnitude.checked_neg().ok_or_else(overflow)? };
    from_minor_units(signed, scale.unsigned_abs()).ok_or_else(overflow)
}

/// Numbers so large that ten times the rest of a division would not fit are shortened together: by their last four bits of some 125,
/// which changes the quotient in the 36th digit.
fn with_room_for_a_digit(dividend: u128, divisor: u128) -> (u128, u128) {
    if divisor < u128::MAX / 16 { (dividend, divisor) } else { (dividend >> 4, divisor >> 4) }
}

/// `value` without trailing zeros, if it is not negative.
pub(crate) fn non_negative(field: &'static str, value: Decimal) -> Result<Decimal> {
    if value < Decimal::ZERO {
        return Err(Error::out_of_bounds(field, value, Bound::AtLeast(Decimal::ZERO.into())));
    }
    Ok(value.normalize())
}

/// A count as a signed number with room to multiply.
pub(crate) fn wide(count: u64) -> i128 {
    i128::from(count)
}

/// Rounded half away from zero, the commercial rule.
pub(crate) fn round(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero).normalize()
}

/// The nearest `f64`.
pub(crate) fn to_f64(value: Decimal) -> f64 {
    // The conversions of `Decimal` itself are off by an ulp or two; its text parses to the nearest double.
    value.to_string().parse().unwrap_or(f64::NAN)
}

/// The nearest `f64`, exact up to 2^53.
#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "the one border from counts to floating numbers")]
pub(crate) fn count_to_f64(count: u64) -> f64 {
    count as f64
}

/// The nearest `f64` of a product of two counts.
#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "the same border for products of counts")]
pub(crate) fn wide_count_to_f64(count: u128) -> f64 {
    count as f64
}

/// The nearest whole number, half away from zero, if it fits into 64 bits.
#[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "the same border the other way, for whole numbers in range")]
pub(crate) fn nearest_whole(value: f64) -> Option<i64> {
    /// 2^63.
    const END: f64 = 9_223_372_036_854_775_808.0;
    let nearest = value.round();
    (-END..END).contains(&nearest).then_some(nearest as i64)
}

/// The nearest count, half up, if the number is one of 64 bits.
#[expect(clippy::as_conversions, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the same border for counts in range")]
pub(crate) fn nearest_count(value: f64) -> Option<u64> {
    /// 2^64.
    const END: f64 = 18_446_744_073_709_551_616.0;
    let nearest = value.round();
    (0.0..END).contains(&nearest).then_some(nearest as u64)
}

/// A number in 0..=1 as a decimal of 12 places, rounded by `strategy`.
pub(crate) fn from_unit_f64(value: f64, strategy: RoundingStrategy) -> Decimal {
    // Twenty places show every double in this range to more digits than the 12 that are kept.
    Decimal::from_str_exact(&format!("{value:.20}")).map_or(Decimal::ZERO, |exact| exact.round_dp_with_strategy(12, strategy).normalize())
}

/// A finite number as a decimal of 28 digits.
pub(crate) fn from_f64(field: &'static str, value: f64) -> Result<Decimal> {
    // Unlike the other conversions of `Decimal` this one keeps what the double holds.
    Decimal::from_f64_retain(value).map(|value| value.normalize()).ok_or_else(|| Error::decimal_overflow(field))
}

/// A finite number as a decimal of so many significant digits, as far as 28 places hold them.
pub(crate) fn from_f64_to(field: &'static str, value: f64, digits: u32) -> Result<Decimal> {
    from_f64(field, value).map(|value| to_digits(value, digits))
}

/// `value` rounded half away from zero to so many significant digits.
pub(crate) fn to_digits(value: Decimal, digits: u32) -> Decimal {
    value.round_sf_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero).unwrap_or(value).normalize()
}

/// Decimals in serde: as text, whole or not at all.
///
/// The module that `rust_decimal` has for this rounds what has more than 28 digits.
#[cfg(feature = "serde")]
pub(crate) mod text {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&value.normalize())
    }

    #[expect(clippy::ref_option, reason = "the signature is serde's")]
    pub(crate) fn serialize_option<S: Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let text = String::deserialize(deserializer)?;
        Decimal::from_str_exact(&text).map_err(|error| de::Error::custom(format_args!("{text:?} is not an exact decimal: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::from_str_exact(text).unwrap()
    }

    #[test]
    fn exact_addition_refuses_what_checked_addition_rounds() {
        let largest = Decimal::MAX;
        let tenth = decimal("0.1");
        assert_eq!(largest.checked_add(tenth), Some(largest));
        assert_eq!(exact_add("total", largest, tenth), Err(Error::Inexact { field: "total" }));
        assert_eq!(exact_add("total", decimal("0.10"), decimal("-0.1")), Ok(Decimal::ZERO));
        assert_eq!(
            exact_sub("total", decimal("1"), decimal("0.9999999999999999999999999999")),
            Ok(decimal("0.0000000000000000000000000001"))
        );
    }

    #[test]
    fn exact_multiplication_refuses_lost_digits() {
        let tiny = decimal("0.0000000000000000000000000001");
        assert_eq!(tiny.checked_mul(tiny), Some(Decimal::ZERO));
        assert_eq!(exact_mul("value", tiny, tiny), Err(Error::Inexact { field: "value" }));
        assert_eq!(exact_mul("value", decimal("1.10"), decimal("0.50")), Ok(decimal("0.55")));
        assert!(exact_mul("value", Decimal::MAX, decimal("2")).is_err());
        assert_eq!(exact_mul("value", Decimal::ZERO, tiny), Ok(Decimal::ZERO));
        assert_eq!(exact_mul("value", decimal("14551.915228366851806640625"), decimal("0.1048576")), Ok(decimal("1525.87890625")));
        let large = decimal("50000000000000000000000000000");
        assert_eq!(exact_mul("value", large, decimal("0.2")), Ok(decimal("10000000000000000000000000000")));
    }

    #[test]
    fn a_ratio_rounds_half_away_from_zero_at_its_last_digit() {
        let ratio = |n, d| ratio("ratio", "nothing", n, d);
        assert_eq!(ratio(1, 3).unwrap().to_string(), "0.3333333333333333333333333333");
        assert_eq!(ratio(-2, 3).unwrap().to_string(), "-0.6666666666666666666666666667");
        assert_eq!(ratio(1, 8).unwrap().to_string(), "0.125");
        assert_eq!(ratio(6, -3).unwrap().to_string(), "-2");
        assert_eq!(ratio(0, 5).unwrap().to_string(), "0");
        assert_eq!(ratio(MAX_MANTISSA, 1).unwrap(), Decimal::MAX);
        assert_eq!(ratio(i128::MIN, i128::MIN).unwrap(), Decimal::ONE);
        assert!(ratio(i128::MAX, 1).is_err());
        assert!(ratio(1, 0).is_err());
        assert_eq!(ratio(u64::MAX.into(), i128::MAX).unwrap().to_string(), "0.0000000000000000001084202172");
        assert_eq!(ratio(i128::MAX / 7 * 3, i128::MAX / 7 * 5).unwrap().to_string(), "0.6");
        for (n, d) in [(1, 7), (22, 7), (355, 113), (10_i128.pow(27), 3), (1, 3 * 10_i128.pow(20))] {
            let by_division = Decimal::from_i128_with_scale(n, 0).checked_div(Decimal::from_i128_with_scale(d, 0)).unwrap();
            let difference = ratio(n, d).unwrap().checked_sub(by_division).unwrap().abs();
            assert!(
                difference
                    <= by_division
                        .checked_mul(decimal("0.0000000000000000000000000002"))
                        .unwrap()
                        .max(decimal("0.0000000000000000000000000001"))
            );
        }
    }

    #[test]
    fn division_rounds_a_tie_away_from_zero_and_knows_every_scale() {
        let div = |a: &str, b: &str| div("quotient", "nothing", decimal(a), decimal(b)).unwrap().to_string();
        // 1 / 2^29 has 29 decimal places, the last of which is a 5.
        assert_eq!(div("1", "536870912"), "0.0000000018626451492309570313");
        assert_eq!(div("-1", "536870912"), "-0.0000000018626451492309570313");
        assert_eq!(div("7", "0.002"), "3500");
        assert_eq!(div("0.002", "7"), "0.0002857142857142857142857143");
        assert_eq!(div("0.0000000000000000000000000001", "0.0000000000000000000000000003"), "0.3333333333333333333333333333");
        assert_eq!(div("0.0000000000000000000000000001", "2"), "0.0000000000000000000000000001");
        assert_eq!(div("79228162514264337593543950335", "1"), "79228162514264337593543950335");
        assert!(super::div("quotient", "nothing", Decimal::MAX, decimal("0.1")).is_err());
        assert!(super::div("quotient", "nothing", decimal("1"), Decimal::ZERO).is_err());
    }

    #[test]
    fn powers_are_products() {
        assert_eq!(power("power", decimal("1.1"), 3), Ok(decimal("1.331")));
        assert_eq!(power("power", decimal("0.5"), 0), Ok(Decimal::ONE));
        assert_eq!(power("power", Decimal::ZERO, 0), Ok(Decimal::ONE));
        assert_eq!(power("power", decimal("0.99"), u32::MAX), Ok(Decimal::ZERO));
        assert!(power("power", decimal("2"), 97).is_err());
    }

    #[test]
    fn rounding_is_commercial_and_conversion_is_to_the_nearest() {
        assert_eq!(round(decimal("2.345"), 2), decimal("2.35"));
        assert_eq!(round(decimal("-2.345"), 2), decimal("-2.35"));
        assert_eq!(to_f64(decimal("0.1")).to_bits(), 0.1_f64.to_bits());
        assert_eq!(to_f64(Decimal::MAX).to_bits(), 79_228_162_514_264_337_593_543_950_335_f64.to_bits());
        assert_eq!(negate(Decimal::ZERO).to_string(), "0");
        assert_eq!([2.5, -2.5, 0.499_999_999_999_999_94, -0.0].map(nearest_whole), [Some(3), Some(-3), Some(0), Some(0)]);
        let end = 2.0_f64.powi(63);
        assert_eq!([-end, end.next_down()].map(nearest_whole), [Some(i64::MIN), Some(i64::MAX - 1_023)]);
        assert_eq!([end, (-end).next_down(), f64::NAN, f64::INFINITY].map(nearest_whole), [None; 4]);
        assert_eq!([2.5, -0.4, 0.0, (2.0 * end).next_down()].map(nearest_count), [Some(3), Some(0), Some(0), Some(u64::MAX - 2_047)]);
        assert_eq!([2.0 * end, -1.0, f64::NAN, f64::INFINITY].map(nearest_count), [None; 4]);
    }
}
