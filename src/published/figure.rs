//! One published figure.

use core::fmt;

use rust_decimal::Decimal;

use super::misprint::lost_tilde;
use super::{Document, FigureValue, Misprint, Question, Topic, Unit};
use crate::error::{Error, Result};
use crate::proportion::Proportion;
use crate::range::Range;

/// A figure as it was published, with what is known about it.
///
/// ```
/// use customer_metrics::published;
///
/// let told = published::WOM_NEGATIVE;
/// assert_eq!(told.to_string(), "people told by one dissatisfied customer: 10-20 (doc-000, doc-004)");
/// assert_eq!(told.range()?.to_string(), "10 to 20");
/// assert!(published::RETENTION_SILENT.proportions()?.is_single());
///
/// let times = published::ACQUISITION_COST_RATIO_D;
/// assert_eq!(times.misprint().unwrap().to_string(), "15 is printed, 1 to 5 may be meant");
/// assert_eq!(times.conflicts().count(), 3);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Figure {
    id: &'static str,
    topic: Topic,
    statement: &'static str,
    value: FigureValue,
    unit: Unit,
    sources: &'static [Document],
    printed_as: &'static str,
    note: Option<&'static str>,
    question: Option<Question>,
    misprint: Option<Misprint>,
}

impl Figure {
    pub(super) const fn of(topic: Topic, value: FigureValue, unit: Unit, sources: &'static [Document], printed_as: &'static str) -> Self {
        Self { id: "", topic, statement: "", value, unit, sources, printed_as, note: None, question: None, misprint: None }
    }

    pub(super) const fn named(self, id: &'static str, statement: &'static str) -> Self {
        Self { id, statement, ..self }
    }

    pub(super) const fn noted(self, note: &'static str) -> Self {
        Self { note: Some(note), ..self }
    }

    pub(super) const fn on(self, question: Question) -> Self {
        Self { question: Some(question), ..self }
    }

    pub(super) const fn misprinted(self, misprint: Misprint) -> Self {
        Self { misprint: Some(misprint), ..self }
    }

    pub(super) const fn tilde_lost(self, printed: Option<FigureValue>) -> Self {
        self.misprinted(lost_tilde(printed, self.value, self.unit))
    }

    /// Its name in the collection, such as `retention.silent`.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// What it is about.
    #[must_use]
    pub const fn topic(&self) -> Topic {
        self.topic
    }

    /// What the number is of.
    #[must_use]
    pub const fn statement(&self) -> &'static str {
        self.statement
    }

    /// The number or numbers, with a certain misprint put right.
    #[must_use]
    pub const fn value(&self) -> FigureValue {
        self.value
    }

    /// What the value is measured in.
    #[must_use]
    pub const fn unit(&self) -> Unit {
        self.unit
    }

    /// The texts that print it.
    #[must_use]
    pub const fn sources(&self) -> &'static [Document] {
        self.sources
    }

    /// How it is printed there.
    #[must_use]
    pub const fn printed_as(&self) -> &'static str {
        self.printed_as
    }

    /// What else the collection says about it.
    #[must_use]
    pub const fn note(&self) -> Option<&'static str> {
        self.note
    }

    /// The question that it shares with other figures, if there are others.
    #[must_use]
    pub const fn question(&self) -> Option<Question> {
        self.question
    }

    /// Where the print is wrong, or may be.
    #[must_use]
    pub const fn misprint(&self) -> Option<&Misprint> {
        self.misprint.as_ref()
    }

    /// The value as a range, of which both ends are the same for a single number.
    ///
    /// # Errors
    /// [`Error::Undefined`] if the figure is a pair: its numbers are not the ends of a range.
    pub fn range(&self) -> Result<Range<Decimal>> {
        match self.value {
            FigureValue::Pair { .. } => {
                Err(Error::Undefined { metric: "range of a figure", because: "its two numbers are not the ends of one" })
            }
            FigureValue::Single(_) | FigureValue::Range { .. } => Ok(self.span()),
        }
    }

    /// The value as a range of proportions, ready to calculate with.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the unit is not [`Unit::Share`]; [`Error::OutOfBounds`] if it is a change that is not within 0 to 1;
    /// [`Error::Undefined`] if the figure is a pair.
    pub fn proportions(&self) -> Result<Range<Proportion>> {
        if self.unit != Unit::Share {
            return Err(Error::mismatch("unit", Unit::Share, self.unit));
        }
        let range = self.range()?;
        for end in [range.low(), range.high()] {
            let _ = Proportion::new(end)?;
        }
        Ok(self.known_proportions())
    }

    /// [`proportions`](Self::proportions) without a failing path, for constants that are known to have them.
    pub(crate) fn known_proportions(&self) -> Range<Proportion> {
        let span = self.span();
        Range::spanning(Proportion::saturating(span.low()), Proportion::saturating(span.high()))
    }

    /// From the lower to the higher number of the value.
    pub(crate) fn span(&self) -> Range<Decimal> {
        match self.value {
            FigureValue::Single(value) => Range::single(value),
            FigureValue::Range { low: a, high: b } | FigureValue::Pair { first: a, second: b } => Range::spanning(a, b),
        }
    }
}

/// Statement, print and sources.
impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (", self.statement, self.printed_as)?;
        for (position, source) in self.sources.iter().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            write!(f, "{separator}{source}")?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published;

    #[test]
    fn only_shares_within_0_and_1_are_proportions() {
        assert!(matches!(published::WOM_NEGATIVE.proportions(), Err(Error::Mismatch { field: "unit", .. })));
        assert!(matches!(published::GROWTH_HIGH_SERVICE_SALES.proportions(), Err(Error::Mismatch { .. })));
        assert!(matches!(published::GROWTH_LOW_SERVICE_SHARE.proportions(), Err(Error::OutOfBounds { .. })));
        assert!(matches!(published::SUPPLIER_CONCENTRATION.proportions(), Err(Error::Undefined { .. })));
        assert_eq!(published::RETENTION_SILENT.proportions().unwrap().to_string(), "9.0%");
        assert_eq!(published::RETENTION_RESOLVED_QUICKLY_B.proportions().unwrap().to_string(), "90.0% to 95.0%");
    }

    #[test]
    fn a_pair_has_no_range_and_nothing_is_compared_with_it() {
        assert!(matches!(published::SATISFACTION_PARADOX.range(), Err(Error::Undefined { .. })));
        assert!(matches!(published::SATISFACTION_PARADOX.compare(Decimal::ONE), Err(Error::Undefined { .. })));
    }
}
