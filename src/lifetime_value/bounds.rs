//! The bounds that the numbers of this module share.

use rust_decimal::Decimal;

use crate::error::{Bound, Error, Result};

/// `value` without trailing zeros, if it is not negative.
pub(super) fn non_negative(field: &'static str, value: Decimal) -> Result<Decimal> {
    if value < Decimal::ZERO {
        return Err(Error::out_of_bounds(field, value, Bound::AtLeast(Decimal::ZERO.into())));
    }
    Ok(value.normalize())
}
