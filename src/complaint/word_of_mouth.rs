//! Word of mouth: the people that satisfied and dissatisfied customers tell, and the customers won and lost by it.

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::Result;
use crate::published::{Figure, WOM_NEGATIVE, WOM_POSITIVE, WOM_REFERRALS, WOM_REFERRALS_B};
use crate::range::Range;

/// How many people a customer tells, and how many new customers the satisfied ones bring.
///
/// ```
/// use customer_metrics::{Decimal, complaint::WordOfMouth};
///
/// let reach = WordOfMouth::published().reach(100, 10)?;
/// assert_eq!(reach.told_for.to_string(), "100 to 500");
/// assert_eq!(reach.told_against.to_string(), "100 to 200");
/// assert_eq!(reach.referred.to_string(), "15 to 25");
/// assert_eq!(reach.net_customers(Decimal::from(20))?.to_string(), "-5 to 5");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "WordOfMouthState", into = "WordOfMouthState")
)]
pub struct WordOfMouth {
    told_per_satisfied: Range<Decimal>,
    told_per_dissatisfied: Range<Decimal>,
    referred_per_satisfied: Range<Decimal>,
}

impl WordOfMouth {
    /// From the people that one satisfied and one dissatisfied customer tells, and the new customers that one satisfied customer brings.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`](crate::Error::OutOfBounds) if one of them is negative.
    pub fn new(
        told_per_satisfied: impl Into<Range<Decimal>>,
        told_per_dissatisfied: impl Into<Range<Decimal>>,
        referred_per_satisfied: impl Into<Range<Decimal>>,
    ) -> Result<Self> {
        let (told_per_satisfied, told_per_dissatisfied) = (told_per_satisfied.into(), told_per_dissatisfied.into());
        let referred_per_satisfied = referred_per_satisfied.into();
        for (field, range) in [
            ("told per satisfied", told_per_satisfied),
            ("told per dissatisfied", told_per_dissatisfied),
            ("referred per satisfied", referred_per_satisfied),
        ] {
            let _ = decimal::non_negative(field, range.low())?;
        }
        Ok(Self { told_per_satisfied, told_per_dissatisfied, referred_per_satisfied })
    }

    /// The published figures: a satisfied customer tells 1 to 5 people (doc-000), a dissatisfied one 10 to 20 (doc-000, doc-004; doc-001
    /// and doc-003 print 20 and 16, which lie within), and a hundred satisfied customers bring 15 (doc-001) to 25 (doc-000) new ones.
    #[must_use]
    pub fn published() -> Self {
        let per_customer = |per_hundred: Figure| {
            let hundredth = Decimal::from_parts(1, 0, 0, false, 2);
            decimal::mul("referred per satisfied", per_hundred.span().low(), hundredth).unwrap_or_default().normalize()
        };
        Self {
            told_per_satisfied: WOM_POSITIVE.span(),
            told_per_dissatisfied: WOM_NEGATIVE.span(),
            referred_per_satisfied: Range::spanning(per_customer(WOM_REFERRALS_B), per_customer(WOM_REFERRALS)),
        }
    }

    /// Whom these customers reach.
    ///
    /// # Errors
    /// [`Error::Overflow`](crate::Error::Overflow) if a result would not fit 28 digits.
    pub fn reach(&self, satisfied: u64, dissatisfied: u64) -> Result<Reach> {
        let (satisfied, dissatisfied) = (Range::single(satisfied.into()), Range::single(dissatisfied.into()));
        Ok(Reach {
            told_for: satisfied.mul("told for", &self.told_per_satisfied)?,
            told_against: dissatisfied.mul("told against", &self.told_per_dissatisfied)?,
            referred: satisfied.mul("referred", &self.referred_per_satisfied)?,
        })
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WordOfMouthState {
    told_per_satisfied: Range<Decimal>,
    told_per_dissatisfied: Range<Decimal>,
    referred_per_satisfied: Range<Decimal>,
}

#[cfg(feature = "serde")]
impl TryFrom<WordOfMouthState> for WordOfMouth {
    type Error = crate::Error;

    fn try_from(state: WordOfMouthState) -> Result<Self> {
        Self::new(state.told_per_satisfied, state.told_per_dissatisfied, state.referred_per_satisfied)
    }
}

#[cfg(feature = "serde")]
impl From<WordOfMouth> for WordOfMouthState {
    fn from(word: WordOfMouth) -> Self {
        let WordOfMouth { told_per_satisfied, told_per_dissatisfied, referred_per_satisfied } = word;
        Self { told_per_satisfied, told_per_dissatisfied, referred_per_satisfied }
    }
}

/// The people whom word of mouth reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Reach {
    /// People who hear good of the company.
    pub told_for: Range<Decimal>,
    /// People who hear bad of it.
    pub told_against: Range<Decimal>,
    /// New customers who come by referral.
    pub referred: Range<Decimal>,
}

impl Reach {
    /// People who hear good less people who hear bad.
    ///
    /// # Errors
    /// [`Error::Overflow`](crate::Error::Overflow) if the result would not fit 28 digits.
    pub fn net_told(&self) -> Result<Range<Decimal>> {
        self.told_for.sub("net told", &self.told_against)
    }

    /// Customers won by referral less customers lost.
    ///
    /// # Errors
    /// [`Error::Overflow`](crate::Error::Overflow) if the result would not fit 28 digits.
    pub fn net_customers(&self, lost: impl Into<Range<Decimal>>) -> Result<Range<Decimal>> {
        self.referred.sub("net customers", &lost.into())
    }
}
