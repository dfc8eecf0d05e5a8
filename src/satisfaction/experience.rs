//! What a customer expected and what it was like.

/// What one customer expected of something and how it was perceived to be, as ratings on the same scale; either may be unanswered.
///
/// ```
/// use customer_metrics::satisfaction::Experience;
///
/// assert_eq!(Experience::expected(6).perceived(4).gap(), Some(-2));
/// assert_eq!(Experience::default().perceived(4).gap(), None);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct Experience {
    /// What was expected.
    pub expected: Option<u8>,
    /// What was perceived, also called performance.
    pub perceived: Option<u8>,
}

impl Experience {
    /// What was expected, of something whose perception is not answered, or not yet [given](Self::perceived).
    #[must_use]
    pub fn expected(expected: u8) -> Self {
        Self { expected: Some(expected), perceived: None }
    }

    /// The same with what was perceived. Of someone who was not asked for expectations it is `Experience::default().perceived(rating)`.
    #[must_use]
    pub fn perceived(self, perceived: u8) -> Self {
        Self { perceived: Some(perceived), ..self }
    }

    /// Perception less expectation, if both were answered: below 0 if the customer was let down.
    #[must_use]
    pub fn gap(self) -> Option<i16> {
        Some(i16::from(self.perceived?).saturating_sub(i16::from(self.expected?)))
    }
}
