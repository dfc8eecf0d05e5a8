//! The byte layout of every tally: a tag, a version, then integers in little-endian order.

use core::time::Duration;

use rust_decimal::Decimal;

use crate::error::{Error, Result};

/// The tag byte that says whose state it is. A number is never used for another tally.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    tag: u8,
    name: &'static str,
}

impl Kind {
    pub(crate) const RATING: Self = Self { tag: 1, name: "a rating tally" };
    pub(crate) const MONEY: Self = Self { tag: 2, name: "a money tally" };
    pub(crate) const EFFORT: Self = Self { tag: 3, name: "an effort tally" };
    pub(crate) const SERVICE_QUALITY: Self = Self { tag: 4, name: "a service quality tally" };
    pub(crate) const EXPECTATION: Self = Self { tag: 5, name: "an expectation tally" };
    pub(crate) const JOURNEY: Self = Self { tag: 6, name: "a journey tally" };
    pub(crate) const LOYALTY: Self = Self { tag: 7, name: "a loyalty tally" };
    pub(crate) const CHURN: Self = Self { tag: 8, name: "a churn tally" };
    pub(crate) const CHURN_REASON: Self = Self { tag: 9, name: "a churn reason tally" };
    pub(crate) const COMPLAINT: Self = Self { tag: 10, name: "a complaint tally" };
    pub(crate) const SATISFACTION_RETURN: Self = Self { tag: 11, name: "a satisfaction and return tally" };
    pub(crate) const ACSI: Self = Self { tag: 12, name: "an ACSI tally" };
    pub(crate) const CUSTOMER_BOOK: Self = Self { tag: 13, name: "a customer book" };
    pub(crate) const GROUPED_RATING: Self = Self { tag: 14, name: "a grouped rating tally" };
    pub(crate) const LIFE_TABLE: Self = Self { tag: 15, name: "a life table" };
    pub(crate) const COHORT: Self = Self { tag: 16, name: "a cohort tally" };
    pub(crate) const REVENUE: Self = Self { tag: 17, name: "a revenue tally" };
    pub(crate) const PURCHASE: Self = Self { tag: 18, name: "a purchase tally" };
    pub(crate) const WEIGHTED_RATING: Self = Self { tag: 19, name: "a weighted rating tally" };
    pub(crate) const MOMENTS: Self = Self { tag: 20, name: "a moments tally" };
    pub(crate) const RELIABILITY: Self = Self { tag: 21, name: "a reliability tally" };
    pub(crate) const RATING_PAIR: Self = Self { tag: 22, name: "a rating pair tally" };
    pub(crate) const RESOLUTION_TIME: Self = Self { tag: 23, name: "a resolution time tally" };
    pub(crate) const FIRST_CONTACT: Self = Self { tag: 24, name: "a first contact tally" };
    pub(crate) const TARGET: Self = Self { tag: 25, name: "a target tally" };
    pub(crate) const COMPLAINT_LIFE_TABLE: Self = Self { tag: 26, name: "a complaint life table" };
    pub(crate) const REVENUE_SERIES: Self = Self { tag: 27, name: "a revenue series" };
}

/// The version that every layout has so far.
const VERSION: u8 = 1;

/// The bytes of the tag and the version.
const HEADER: usize = 2;

/// Writes a state.
#[derive(Debug)]
pub(crate) struct Encoder(Vec<u8>);

impl Encoder {
    pub(crate) fn new(kind: Kind, encoded_len: usize) -> Self {
        let mut bytes = Vec::with_capacity(encoded_len);
        bytes.extend([kind.tag, VERSION]);
        Self(bytes)
    }

    pub(crate) fn u8(mut self, value: u8) -> Self {
        self.0.push(value);
        self
    }

    pub(crate) fn u64(mut self, value: u64) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    pub(crate) fn u64s<'a>(self, values: impl IntoIterator<Item = &'a u64>) -> Self {
        values.into_iter().fold(self, |encoder, &value| encoder.u64(value))
    }

    /// Seconds and nanoseconds.
    pub(crate) fn duration(self, value: Duration) -> Self {
        self.u64(value.as_secs()).u64(value.subsec_nanos().into())
    }

    pub(crate) fn i128(mut self, value: i128) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    pub(crate) fn u128(mut self, value: u128) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    pub(crate) fn decimal(mut self, value: Decimal) -> Self {
        let shortest = value.normalize();
        self.0.extend(shortest.mantissa().to_le_bytes());
        self.0.extend(shortest.scale().to_le_bytes());
        self
    }

    pub(crate) fn text(self, value: &str) -> Self {
        self.nested(value.as_bytes())
    }

    /// The state of another tally, with its length.
    pub(crate) fn nested(mut self, state: &[u8]) -> Self {
        self = self.u64(u64::try_from(state.len()).unwrap_or(u64::MAX));
        self.0.extend(state);
        self
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// How many bytes each part of a state takes.
pub(crate) mod len {
    pub(crate) const HEADER: usize = super::HEADER;
    pub(crate) const U8: usize = 1;
    pub(crate) const U64: usize = 8;
    pub(crate) const I128: usize = 16;
    pub(crate) const U128: usize = 16;
    pub(crate) const DECIMAL: usize = 20;

    /// A header and so many 64-bit integers.
    pub(crate) const fn with_u64s(count: usize) -> usize {
        HEADER.saturating_add(U64.saturating_mul(count))
    }
}

/// Reads a state, refusing every byte that does not belong.
#[derive(Debug)]
pub(crate) struct Decoder<'a> {
    kind: Kind,
    rest: &'a [u8],
}

impl<'a> Decoder<'a> {
    pub(crate) fn open(kind: Kind, bytes: &'a [u8]) -> Result<Self> {
        let mut decoder = Self { kind, rest: bytes };
        if decoder.u8()? != kind.tag {
            return Err(decoder.fault("the tag is that of something else"));
        }
        if decoder.u8()? != VERSION {
            return Err(decoder.fault("this version of the layout is not known"));
        }
        Ok(decoder)
    }

    pub(crate) fn fault(&self, because: &'static str) -> Error {
        Error::Decode { tally: self.kind.name, because }
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (bytes, rest) = self.rest.split_first_chunk::<N>().ok_or_else(|| self.fault("bytes are missing"))?;
        self.rest = rest;
        Ok(*bytes)
    }

    pub(crate) fn u8(&mut self) -> Result<u8> {
        self.take().map(u8::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64> {
        self.take().map(u64::from_le_bytes)
    }

    pub(crate) fn u64_array<const N: usize>(&mut self) -> Result<[u64; N]> {
        let mut values = [0; N];
        for value in &mut values {
            *value = self.u64()?;
        }
        Ok(values)
    }

    pub(crate) fn duration(&mut self) -> Result<Duration> {
        let seconds = self.u64()?;
        let nanos = u32::try_from(self.u64()?).ok().filter(|&nanos| nanos < 1_000_000_000);
        nanos.map(|nanos| Duration::new(seconds, nanos)).ok_or_else(|| self.fault("a second has a thousand million nanoseconds"))
    }

    pub(crate) fn i128(&mut self) -> Result<i128> {
        self.take().map(i128::from_le_bytes)
    }

    pub(crate) fn u128(&mut self) -> Result<u128> {
        self.take().map(u128::from_le_bytes)
    }

    pub(crate) fn decimal(&mut self) -> Result<Decimal> {
        let mantissa = self.i128()?;
        let scale = self.take().map(u32::from_le_bytes)?;
        let value = Decimal::try_from_i128_with_scale(mantissa, scale).map_err(|_| self.fault("a decimal is out of range"))?;
        if value.normalize().scale() == scale { Ok(value) } else { Err(self.fault("a decimal is not in its shortest form")) }
    }

    pub(crate) fn text(&mut self) -> Result<&'a str> {
        core::str::from_utf8(self.nested()?).map_err(|_| self.fault("a text is not UTF-8"))
    }

    pub(crate) fn nested(&mut self) -> Result<&'a [u8]> {
        let length = usize::try_from(self.u64()?).unwrap_or(usize::MAX);
        let (state, rest) = self.rest.split_at_checked(length).ok_or_else(|| self.fault("bytes are missing"))?;
        self.rest = rest;
        Ok(state)
    }

    /// Nothing may be left over.
    pub(crate) fn close(self) -> Result<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.fault("bytes are left over")) }
    }
}
