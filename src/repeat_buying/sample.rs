//! The rows of a purchase table as a likelihood runs over them: in batches whose sums are added in a fixed order.

use core::ops::Range;

use super::PurchaseTable;
use crate::decimal::{count_to_f64, wide_count_to_f64};

/// A batch holds about so many rows. The results depend on it in their last bits, and on nothing else.
const BATCH: usize = 4_096;

/// Rows by which starts can be ranked.
pub(super) const ROUGH: usize = 256;

/// What the customers of a table come to on average, from which a search starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Size {
    /// The mean age; 1 if no time has passed.
    pub(super) age: f64,
    /// How long a customer takes to buy again, were they all alike and nobody gone.
    pub(super) between: f64,
}

impl Size {
    pub(super) fn of(table: &PurchaseTable) -> Self {
        let customers = count_to_f64(table.customers());
        // Each age times its share, as the sum of many large ages might overflow.
        let age: f64 = table.iter().map(|(history, weight)| history.age() * (count_to_f64(weight) / customers)).sum();
        let age = if age > 0.0 { age } else { 1.0 };
        // Nobody has bought again: in all the time, it might have happened once.
        let purchases = wide_count_to_f64(table.repeat_purchases()).max(1.0);
        Self { age, between: age / (purchases / customers) }
    }
}

/// Rows of the same frequency.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Span {
    pub(super) frequency: u64,
    rows: Range<usize>,
}

/// Rows of a [`PurchaseTable`] in their order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    recencies: Vec<f64>,
    ages: Vec<f64>,
    weights: Vec<f64>,
    spans: Vec<Span>,
    /// Ranges of spans.
    batches: Vec<Range<usize>>,
}

/// The columns of the rows of a span.
#[derive(Debug, Clone, Copy)]
pub(super) struct SpanRows<'a> {
    pub(super) recencies: &'a [f64],
    pub(super) ages: &'a [f64],
    pub(super) weights: &'a [f64],
}

impl Sample {
    pub(super) fn new(table: &PurchaseTable) -> Self {
        Self::every(table, 1)
    }

    /// An even part of a table with more rows, of so many at most.
    pub(super) fn part(table: &PurchaseTable, rows: usize) -> Option<Self> {
        (table.rows() > rows).then(|| Self::every(table, table.rows().div_ceil(rows.max(1))))
    }

    fn every(table: &PurchaseTable, step: usize) -> Self {
        let mut sample = Self { recencies: Vec::new(), ages: Vec::new(), weights: Vec::new(), spans: Vec::new(), batches: Vec::new() };
        for (row, (history, weight)) in table.iter().step_by(step.max(1)).enumerate() {
            sample.recencies.push(history.recency());
            sample.ages.push(history.age());
            sample.weights.push(count_to_f64(weight));
            let end = row.saturating_add(1);
            match sample.spans.last_mut() {
                Some(span) if span.frequency == history.frequency() && span.rows.len() < BATCH => span.rows.end = end,
                _ => sample.spans.push(Span { frequency: history.frequency(), rows: row..end }),
            }
        }
        let mut rows = usize::MAX;
        for (index, span) in sample.spans.iter().enumerate() {
            let end = index.saturating_add(1);
            rows = rows.saturating_add(span.rows.len());
            match sample.batches.last_mut() {
                Some(batch) if rows <= BATCH => batch.end = end,
                _ => {
                    sample.batches.push(index..end);
                    rows = span.rows.len();
                }
            }
        }
        sample
    }

    /// The sum over all spans, added within batches and then batch by batch.
    pub(super) fn sum<S: Copy + Send + Sync>(
        &self,
        zero: S,
        of_span: impl Fn(&Span, SpanRows<'_>) -> S + Sync,
        add: impl Fn(S, S) -> S + Sync,
    ) -> S {
        let of_batch = |batch: &Range<usize>| {
            let spans = self.spans.get(batch.clone()).unwrap_or_default();
            spans.iter().map(|span| of_span(span, self.rows_of(span))).fold(zero, &add)
        };
        self.of_batches(of_batch).into_iter().fold(zero, &add)
    }

    #[cfg(not(feature = "rayon"))]
    fn of_batches<S: Send>(&self, of_batch: impl Fn(&Range<usize>) -> S + Sync) -> Vec<S> {
        self.batches.iter().map(of_batch).collect()
    }

    #[cfg(feature = "rayon")]
    fn of_batches<S: Send>(&self, of_batch: impl Fn(&Range<usize>) -> S + Sync) -> Vec<S> {
        use rayon::prelude::*;

        self.batches.par_iter().map(&of_batch).collect()
    }

    fn rows_of(&self, span: &Span) -> SpanRows<'_> {
        let rows = || span.rows.clone();
        SpanRows {
            recencies: self.recencies.get(rows()).unwrap_or_default(),
            ages: self.ages.get(rows()).unwrap_or_default(),
            weights: self.weights.get(rows()).unwrap_or_default(),
        }
    }
}
