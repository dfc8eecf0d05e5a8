//! Why a customer left.

use core::fmt;
use core::str::FromStr;

use crate::error::{Error, Result};

/// Why a customer left: one of the seven reasons of doc-000, or one's own.
///
/// Reading a text gives the named reason whose text it is, whatever the case of its letters; any other text is an own reason. So a named
/// reason is never counted under two names.
///
/// Reasons are ordered as doc-000 lists them, one's own after them by their text.
///
/// ```
/// use customer_metrics::churn::ChurnReason;
///
/// assert_eq!(" Moved away".parse(), Ok(ChurnReason::MovedAway));
/// let own: ChurnReason = "payment failed".parse()?;
/// assert!(matches!(own, ChurnReason::Other(_)));
/// assert_eq!(own.to_string(), "payment failed");
/// assert!("  ".parse::<ChurnReason>().is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "String", into = "String"))]
#[non_exhaustive]
pub enum ChurnReason {
    /// Died.
    Died,
    /// Moved away.
    MovedAway,
    /// Tastes changed naturally.
    Preference,
    /// Changed company on friends' advice.
    FriendsAdvice,
    /// Went to the competition (doc-000) or found it cheaper elsewhere (doc-004).
    Competition,
    /// Was dissatisfied with the product.
    Product,
    /// Met with indifference from the people who served them.
    Indifference,
    /// Another reason, in one's own words.
    Other(OwnReason),
}

impl ChurnReason {
    /// The seven reasons of doc-000, in its order.
    pub const NAMED: [Self; 7] =
        [Self::Died, Self::MovedAway, Self::Preference, Self::FriendsAdvice, Self::Competition, Self::Product, Self::Indifference];

    /// The reasons that service can prevent in the narrow sense: indifference of the people who served them, and nothing else.
    ///
    /// Death, moving and taste are beyond anyone's reach; competition, product and friends' advice may hide a failure of service, but
    /// the reason alone does not say so. Whoever thinks otherwise passes a list of their own to
    /// [`ChurnReasonTally::preventable`](super::ChurnReasonTally::preventable).
    pub const PREVENTABLE_BY_SERVICE: [Self; 1] = [Self::Indifference];

    /// The reason in words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Died => "died",
            Self::MovedAway => "moved away",
            Self::Preference => "preference",
            Self::FriendsAdvice => "friends' advice",
            Self::Competition => "competition",
            Self::Product => "product",
            Self::Indifference => "indifference",
            Self::Other(own) => own.as_str(),
        }
    }

    fn named(text: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|reason| reason.as_str().eq_ignore_ascii_case(text))
    }
}

impl fmt::Display for ChurnReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ChurnReason {
    type Err = Error;

    /// # Errors
    /// [`Error::Unknown`] if there is nothing in the text but space.
    fn from_str(text: &str) -> Result<Self> {
        match Self::named(text.trim()) {
            Some(named) => Ok(named),
            None => OwnReason::new(text).map(Self::Other),
        }
    }
}

impl TryFrom<String> for ChurnReason {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<ChurnReason> for String {
    fn from(reason: ChurnReason) -> Self {
        match reason {
            ChurnReason::Other(OwnReason(text)) => text,
            named => named.as_str().to_owned(),
        }
    }
}

/// A reason in one's own words: not empty, without space around it, and not the text of a named reason.
///
/// Own reasons that differ in a letter or its case are different reasons.
///
/// ```
/// use customer_metrics::churn::OwnReason;
///
/// assert_eq!(OwnReason::new(" price ")?.as_str(), "price");
/// assert!(OwnReason::new("Competition").is_err());
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "String", into = "String"))]
pub struct OwnReason(String);

impl OwnReason {
    /// The text without the space around it.
    ///
    /// # Errors
    /// [`Error::Unknown`] if nothing is left, or it is the text of a named [`ChurnReason`]: count under that one.
    pub fn new(text: &str) -> Result<Self> {
        let trimmed = text.trim();
        let expected = if trimmed.is_empty() {
            "a text that is not empty"
        } else if ChurnReason::named(trimmed).is_some() {
            "a text that is not that of a named reason"
        } else {
            return Ok(Self(trimmed.to_owned()));
        };
        Err(Error::Unknown { field: "own reason", value: text.to_owned(), expected })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OwnReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for OwnReason {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::new(&text)
    }
}

impl From<OwnReason> for String {
    fn from(own: OwnReason) -> Self {
        own.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_reason_is_read_back_from_its_text_and_is_no_own_reason() {
        for reason in ChurnReason::NAMED {
            assert_eq!(reason.to_string().parse(), Ok(reason.clone()));
            assert_eq!(reason.to_string().to_uppercase().parse(), Ok(reason.clone()));
            assert!(OwnReason::new(reason.as_str()).is_err(), "{reason}");
            assert_eq!(String::from(reason.clone()).parse(), Ok(reason));
        }
    }

    #[test]
    fn an_own_reason_is_trimmed_and_keeps_its_case() {
        assert_eq!(OwnReason::new("\t Price\n").unwrap().as_str(), "Price");
        assert_ne!(OwnReason::new("Price"), OwnReason::new("price"));
        let error = OwnReason::new(" \n").unwrap_err();
        assert_eq!(error.to_string(), r#"own reason is " \n", but must be a text that is not empty"#);
    }

    #[test]
    fn the_order_is_that_of_doc_000_and_own_reasons_follow() {
        let mut reasons: Vec<ChurnReason> = ["zeal", "Indifference", "apathy", "died"].map(|text| text.parse().unwrap()).into();
        reasons.sort();
        assert_eq!(reasons.iter().map(ChurnReason::as_str).collect::<Vec<_>>(), ["died", "indifference", "apathy", "zeal"]);
        assert!(ChurnReason::NAMED.is_sorted());
    }
}
