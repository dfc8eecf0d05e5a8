//! The table of cohorts, and the curve of all of them together.

use core::fmt;

use super::{CohortTally, OffsetBracket, RetentionDefinition};
use crate::error::{Bound, Error, Result};
use crate::share::Share;

/// How many of a cohort are retained, and whether enough was observed to say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum CohortCell {
    /// Fully observed, and so averaged in. What that means hangs on the definition:
    ///
    /// - [`Exact`](RetentionDefinition::Exact), [`WithinBracket`](RetentionDefinition::WithinBracket) and
    ///   [`EveryPeriod`](RetentionDefinition::EveryPeriod): all periods that the cell depends on have been observed. It can no longer change.
    /// - [`Unbounded`](RetentionDefinition::Unbounded): "or later" never ends, so the cell is mature only by decision, once as many periods
    ///   after its own were observed as the [look-ahead](super::CohortSettings::with_look_ahead) asks for. A customer who was away for
    ///   longer and comes back in a longer window still raises it.
    Mature(Share),
    /// Some of its periods have been observed: more customers may yet count. Not to be compared with mature cells, nor averaged with them.
    /// Without a look-ahead, every unbounded cell that has begun.
    Immature(Share),
    /// None of its periods has been observed.
    NotObserved,
}

impl CohortCell {
    /// The share, if the cell is mature.
    #[must_use]
    pub fn mature(&self) -> Option<Share> {
        match self {
            Self::Mature(share) => Some(*share),
            _ => None,
        }
    }
}

/// The percentage, in brackets where the cell is immature, and nothing where nothing was observed. A precision such as `{:.1}` gives the
/// decimal places; a width pads the whole.
impl fmt::Display for CohortCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = f.precision().unwrap_or(1);
        let percent = |share: &Share| format!("{:.places$}%", share.percent(u32::try_from(places).unwrap_or(u32::MAX)));
        let text = match self {
            Self::Mature(share) => percent(share),
            Self::Immature(share) => format!("({})", percent(share)),
            Self::NotObserved => String::new(),
        };
        // Padding by hand: `pad` would cut the text to the precision.
        let missing = f.width().unwrap_or(0).saturating_sub(text.len());
        write!(f, "{:missing$}{text}", "")
    }
}

/// Retention by cohort and time since the start, under one definition.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct CohortTable {
    /// What it means to be retained.
    pub definition: RetentionDefinition,
    /// What each column shows: one period after the start, or a bracket of them.
    pub columns: Vec<OffsetBracket>,
    /// The cohorts that have customers, in order.
    pub rows: Vec<CohortRow>,
}

/// One cohort of a [`CohortTable`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct CohortRow {
    /// The period in which they started.
    pub cohort: u32,
    /// How many started.
    pub size: u64,
    /// How many of them are retained, for each column.
    pub cells: Vec<CohortCell>,
}

/// How many are retained of all cohorts that are mature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PooledRetention {
    /// The period after the start, or the bracket of them.
    pub column: OffsetBracket,
    /// The retained of all cohorts over the customers of all cohorts: their mean, weighted by size. Read an interval off it with
    /// [`estimate`](Share::estimate).
    pub retained: Share,
    /// How many cohorts that are.
    pub cohorts: u64,
}

impl CohortTally {
    /// The columns of a definition: every number of periods from 0 to the longest that the window allows, or the brackets.
    #[must_use]
    pub fn columns(&self, definition: RetentionDefinition) -> Vec<OffsetBracket> {
        match definition {
            RetentionDefinition::WithinBracket => self.settings.brackets().to_vec(),
            _ => (0..self.settings.window().len()).map(OffsetBracket::single).collect(),
        }
    }

    /// The retention of every cohort that has customers.
    #[must_use]
    pub fn table(&self, definition: RetentionDefinition) -> CohortTable {
        let columns = self.columns(definition);
        let first = self.settings.window().first();
        let rows = (0..self.settings.window().len()).zip(&self.cohorts).filter(|(_, cohort)| cohort.size > 0);
        let rows = rows.map(|(position, cohort)| {
            let retained = cohort.retained(definition);
            let mut retained = retained.into_iter();
            let cells = columns.iter().map(|column| {
                let count = retained.next().unwrap_or(0);
                self.cell_of(definition, position, *column, count, cohort.size)
            });
            CohortRow { cohort: first.saturating_add(position), size: cohort.size, cells: cells.collect() }
        });
        let rows = rows.collect();
        CohortTable { definition, columns, rows }
    }

    fn cell_of(&self, definition: RetentionDefinition, cohort: u32, column: OffsetBracket, retained: u64, size: u64) -> CohortCell {
        let age = self.settings.window().len().saturating_sub(1).saturating_sub(cohort);
        let needed = match definition {
            RetentionDefinition::Unbounded => self.settings.look_ahead().map(|periods| column.to().saturating_add(periods)),
            _ => Some(column.to()),
        };
        match Share::new(retained, size) {
            Ok(share) if needed.is_some_and(|needed| needed <= age) => CohortCell::Mature(share),
            Ok(share) if column.from() <= age => CohortCell::Immature(share),
            _ => CohortCell::NotObserved,
        }
    }

    /// The retention of one cohort in one column, counted from 0.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the window has no such period, or the definition no such column; [`Error::Undefined`] if the cohort has no
    /// customers.
    pub fn cell(&self, definition: RetentionDefinition, cohort: u32, column: usize) -> Result<CohortCell> {
        let position = self.settings.window().position("cohort", cohort)?;
        let columns = self.columns(definition);
        let outside = || Error::out_of_bounds("column", column, Bound::LessThan(columns.len().into()));
        let bracket = *columns.get(column).ok_or_else(outside)?;
        let counts = usize::try_from(position).ok().and_then(|position| self.cohorts.get(position)).filter(|cohort| cohort.size > 0);
        let counts = counts.ok_or(Error::Undefined { metric: "cohort retention", because: "the cohort has no customers" })?;
        let retained = counts.retained(definition).get(column).copied().unwrap_or(0);
        Ok(self.cell_of(definition, position, bracket, retained, counts.size))
    }

    /// The retention of all cohorts together, for every column that at least one cohort with customers is mature for.
    ///
    /// ```text
    /// sum over mature cohorts of the retained / sum over the same cohorts of their customers
    /// ```
    ///
    /// It is empty for unbounded retention without a [look-ahead](super::CohortSettings::with_look_ahead).
    ///
    /// Counts are pooled, so each cohort weighs as many customers as it has. The cohorts behind one column are not those behind the
    /// next: later columns rest on the older cohorts only, and the curve may rise where these were better. Customers are taken to stay or
    /// leave independently of each other; where a whole cohort shares a fate, the truth is less sure than the interval.
    #[must_use]
    pub fn curve(&self, definition: RetentionDefinition) -> Vec<PooledRetention> {
        let table = self.table(definition);
        let pooled = table.columns.iter().enumerate().map(|(position, &column)| {
            let cells = table.rows.iter().filter_map(|row| row.cells.get(position)?.mature());
            let (retained, size, cohorts) = cells.fold((0_u64, 0_u64, 0_u64), |(retained, size, cohorts), cell| {
                // All customers together fit into 64 bits.
                (retained.saturating_add(cell.part()), size.saturating_add(cell.whole()), cohorts.saturating_add(1))
            });
            Share::new(retained, size).map(|retained| PooledRetention { column, retained, cohorts })
        });
        pooled.filter_map(Result::ok).collect()
    }
}
