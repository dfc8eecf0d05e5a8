//! The counts of one cohort, from which every definition of retention is read.

use super::{CohortSettings, CohortStart, OffsetBracket, RetentionDefinition};
use crate::error::{Error, Result};

/// The customers of one cohort, counted by what they did so many periods after their start.
///
/// Each customer adds to the size once, to `exact` for every active period, to `last` and `run` once, and to `within` for every bracket with
/// activity. So the counts of two sets of customers add up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub(super) struct CohortCounts {
    pub(super) size: u64,
    /// Active in this period.
    pub(super) exact: Vec<u64>,
    /// Last active in this period.
    pub(super) last: Vec<u64>,
    /// Active in every period from 1 to this one, and not in the next; in 0 those who were not active in period 1.
    pub(super) run: Vec<u64>,
    /// Active in this bracket.
    pub(super) within: Vec<u64>,
}

impl CohortCounts {
    /// No customers, observed for so many periods.
    pub(super) fn empty(observed: usize, brackets: usize) -> Self {
        let none = || vec![0; observed];
        Self { size: 0, exact: none(), last: none(), run: none(), within: vec![0; brackets] }
    }

    /// Adds a customer who was active so many periods after the start, in ascending order without repetition. There must be room for one.
    pub(super) fn add(&mut self, offsets: impl Iterator<Item = usize>, bracket_of: &[Option<usize>]) {
        let (mut last, mut run, mut bracket) = (None, 0_usize, None);
        for offset in offsets {
            increment(&mut self.exact, offset);
            if offset == run.wrapping_add(1) {
                run = offset;
            }
            last = Some(offset);
            let reached = bracket_of.get(offset).copied().flatten();
            if let Some(reached) = reached.filter(|&reached| Some(reached) != bracket) {
                increment(&mut self.within, reached);
                bracket = Some(reached);
            }
        }
        if let Some(last) = last {
            increment(&mut self.last, last);
        }
        increment(&mut self.run, run);
        self.size = self.size.saturating_add(1);
    }

    /// Adds other customers of the same cohort. There must be room for them.
    pub(super) fn merge(&mut self, other: &Self) {
        self.size = self.size.saturating_add(other.size);
        for (ours, theirs) in
            [(&mut self.exact, &other.exact), (&mut self.last, &other.last), (&mut self.run, &other.run), (&mut self.within, &other.within)]
        {
            for (count, more) in ours.iter_mut().zip(theirs) {
                *count = count.saturating_add(*more);
            }
        }
    }

    /// How many are retained under a definition, for each number of periods or each bracket.
    pub(super) fn retained(&self, definition: RetentionDefinition) -> Vec<u64> {
        match definition {
            RetentionDefinition::Exact => self.exact.clone(),
            RetentionDefinition::Unbounded => from_here_on(&self.last),
            RetentionDefinition::WithinBracket => self.within.clone(),
            RetentionDefinition::EveryPeriod => {
                let mut every = from_here_on(&self.run);
                if let Some((of_start, active)) = every.first_mut().zip(self.exact.first()) {
                    *of_start = *active;
                }
                every
            }
        }
    }

    /// Whether customers can come to these counts, as far as sums can tell.
    pub(super) fn check(&self, observed: usize, settings: &CohortSettings) -> Result<()> {
        let wrong =
            |field, count: u64| Err(Error::mismatch(field, format_args!("{count} customers"), format_args!("a cohort of {}", self.size)));
        for (field, length, expected) in [
            ("periods of the active", self.exact.len(), observed),
            ("periods of the last active", self.last.len(), observed),
            ("periods of the unbroken runs", self.run.len(), observed),
            ("brackets", self.within.len(), settings.brackets().len()),
        ] {
            if length != expected {
                return Err(Error::mismatch(field, expected, length));
            }
        }
        let sum = |counts: &[u64]| counts.iter().try_fold(0, |sum: u64, &count| sum.checked_add(count));
        let (ever_active, runs) = (sum(&self.last).unwrap_or(u64::MAX), sum(&self.run).unwrap_or(u64::MAX));
        if runs != self.size || sum(&self.run).is_none() {
            return wrong("unbroken runs", runs);
        }
        if ever_active > self.size || sum(&self.last).is_none() {
            return wrong("last active", ever_active);
        }
        if settings.start() == CohortStart::FirstActivity && self.exact.first() != Some(&self.size) {
            return wrong("active at the start", self.exact.first().copied().unwrap_or(0));
        }
        let (or_later, every) = (from_here_on(&self.last), from_here_on(&self.run));
        let periods = self.exact.iter().zip(&self.last).zip(or_later.iter().zip(&every)).enumerate();
        for (offset, ((&exact, &last), (&or_later, &every))) in periods {
            if exact > or_later || exact < last || (offset > 0 && exact < every) {
                return wrong("active", exact);
            }
        }
        for (bracket, &within) in settings.brackets().iter().zip(&self.within) {
            let active = || self.exact.get(offsets(*bracket)).or_else(|| self.exact.get(position(bracket.from())..)).unwrap_or_default();
            let most = active().iter().fold(0_u64, |sum, &count| sum.saturating_add(count)).min(self.size);
            if within < active().iter().copied().max().unwrap_or(0) || within > most {
                return wrong("active within the bracket", within);
            }
        }
        Ok(())
    }
}

fn offsets(bracket: OffsetBracket) -> core::ops::RangeInclusive<usize> {
    position(bracket.from())..=position(bracket.to())
}

fn position(offset: u32) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

fn increment(counts: &mut [u64], position: usize) {
    if let Some(count) = counts.get_mut(position) {
        *count = count.wrapping_add(1);
    }
}

/// For each position, the sum of the counts from there to the end.
fn from_here_on(counts: &[u64]) -> Vec<u64> {
    let mut sums = counts.to_vec();
    let mut sum = 0_u64;
    for count in sums.iter_mut().rev() {
        sum = sum.saturating_add(*count);
        *count = sum;
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::churn::PeriodWindow;

    fn settings() -> CohortSettings {
        let brackets = [OffsetBracket::new(1, 2).unwrap(), OffsetBracket::new(4, 5).unwrap()];
        CohortSettings::new(PeriodWindow::new(0, 5).unwrap()).with_brackets(&brackets).unwrap()
    }

    fn counts() -> CohortCounts {
        let mut counts = CohortCounts::empty(6, 2);
        for offsets in [vec![0], vec![0, 1, 2, 5], vec![0, 2, 4, 5]] {
            counts.add(offsets.into_iter(), &settings().bracket_of_offsets());
        }
        counts
    }

    #[test]
    fn every_definition_is_read_off_the_same_counts() {
        let counts = counts();
        assert_eq!(counts.retained(RetentionDefinition::Exact), [3, 1, 2, 0, 1, 2]);
        assert_eq!(counts.retained(RetentionDefinition::Unbounded), [3, 2, 2, 2, 2, 2]);
        assert_eq!(counts.retained(RetentionDefinition::EveryPeriod), [3, 1, 1, 0, 0, 0]);
        assert_eq!(counts.retained(RetentionDefinition::WithinBracket), [2, 2]);
    }

    #[test]
    fn counts_that_no_customers_come_to_are_refused() {
        let good = counts();
        assert_eq!(good.check(6, &settings()), Ok(()));
        assert!(good.check(5, &settings()).is_err());
        for damage in [
            |counts: &mut CohortCounts| counts.size += 1,
            |counts: &mut CohortCounts| counts.exact[0] = 2,
            |counts: &mut CohortCounts| counts.exact[1] = 0,
            |counts: &mut CohortCounts| counts.exact[3] = 3,
            |counts: &mut CohortCounts| counts.last[0] = u64::MAX,
            |counts: &mut CohortCounts| counts.last[3] = 1,
            |counts: &mut CohortCounts| counts.run[0] = u64::MAX,
            |counts: &mut CohortCounts| counts.run[5] = 1,
            |counts: &mut CohortCounts| counts.within[0] = 1,
            |counts: &mut CohortCounts| counts.within[1] = 4,
            |counts: &mut CohortCounts| counts.within.clear(),
        ] {
            let mut damaged = good.clone();
            damage(&mut damaged);
            assert!(damaged.check(6, &settings()).is_err(), "{damaged:?}");
        }
    }
}
