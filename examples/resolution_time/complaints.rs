//! Complaints from a file of one's own, or made up.

use std::iter::repeat_n;
use std::time::Duration;

use customer_metrics::complaint::{ComplaintLifeTable, Fate, FollowUp, Outcome, QuickLimit, ResolutionTimeTally, Wait};
use customer_metrics::survival::{Ending, Tenure};
use customer_metrics::{Result, Tally as _};

use crate::DAY;
use crate::input::{Fault, Table, days, fate, yes_or_no};

#[derive(Debug, Default)]
pub struct Complaints {
    /// Those that are resolved.
    pub resolved: ResolutionTimeTally,
    /// Of all of them.
    pub waits: Vec<Wait>,
    /// Of the customers whose months after the complaint are known, by what became of it.
    pub months: ComplaintLifeTable,
}

/// One row of a file.
#[derive(Debug, Clone, Copy)]
struct Complaint {
    wait: Wait,
    fate: Fate,
    /// How many after the complaint the customer stayed.
    months: Option<u16>,
}

impl Complaints {
    pub fn read(table: &Table, quick: QuickLimit) -> std::result::Result<Self, Fault> {
        let times = table.column(&["days"])?.parse("a number of days from 0 to below a million", days)?;
        let fates = table.column(&["stayed"])?.parse("yes, no or unknown", fate)?;
        let open = if table.has("open") {
            table.column(&["open"])?.parse("yes, no or empty", |text| if text.is_empty() { Some(false) } else { yes_or_no(text) })?
        } else {
            vec![false; times.len()]
        };
        let months = if table.has("months") {
            let months =
                |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().filter(|&months| months <= 1_200).map(Some) };
            table.column(&["months"])?.parse("a whole number of months up to 1200, or empty", months)?
        } else {
            vec![None; times.len()]
        };
        let mut complaints = Self::default();
        for (row, (((time, fate), open), months)) in times.into_iter().zip(fates).zip(open).zip(months).enumerate() {
            let wait = if open { Wait::SoFar(time) } else { Wait::Over(time) };
            complaints.record(Complaint { wait, fate, months }, quick).map_err(|error| table.fault_in_row(row, error))?;
        }
        Ok(complaints)
    }

    fn record(&mut self, complaint: Complaint, quick: QuickLimit) -> Result<()> {
        self.waits.push(complaint.wait);
        if let Wait::Over(time) = complaint.wait {
            self.resolved.record((time, complaint.fate))?;
        }
        if let Some(months) = complaint.months {
            let ending = if complaint.fate == Fate::Left { Ending::Left } else { Ending::Censored };
            self.months.record(FollowUp { outcome: complaint.outcome(quick), tenure: Tenure::new(months, ending) })?;
        }
        Ok(())
    }

    /// Whole hours up to twelve days. The fates follow the rule as closely as whole customers can; who leaves does so in one of the twelve
    /// months after. To fifteen that are resolved there is one that is open, and has waited for twice as long.
    pub fn made_up(quick: QuickLimit) -> Result<Self> {
        let mut complaints = Self::default();
        let (mut months, mut since_open) = ((1..=12).cycle(), 0);
        for hour in 1..=288_u32 {
            let time = Duration::from_secs(3600) * hour;
            // Many quick ones, few slow ones.
            let resolved = 4_000 * (289 - hour) / 41_616;
            let percent = if hour <= 72 { 85 } else { 60 };
            let turn = u32::try_from(u64::from(hour) * 2_654_435_761 % 100).unwrap_or(0);
            let stayed = ((resolved * percent + turn) / 100).min(resolved);
            let fates = repeat_n(Fate::Stayed, usize::try_from(stayed).unwrap_or(0));
            for fate in fates.chain(repeat_n(Fate::Left, usize::try_from(resolved - stayed).unwrap_or(0))) {
                let months = if fate == Fate::Stayed { Some(12) } else { months.next() };
                complaints.record(Complaint { wait: Wait::Over(time), fate, months }, quick)?;
                since_open += 1;
                if since_open == 15 {
                    complaints.record(Complaint { wait: Wait::SoFar(2 * time), fate: Fate::Unknown, months: None }, quick)?;
                    since_open = 0;
                }
            }
        }
        Ok(complaints)
    }
}

impl Complaint {
    /// Who left before the complaint could be resolved counts with the unresolved: a resolution that came too late kept no one.
    fn outcome(&self, quick: QuickLimit) -> Outcome {
        const MONTH: f64 = 365.25 / 12.0;
        match (self.wait, self.months) {
            (Wait::SoFar(_), _) => Outcome::Unresolved,
            (Wait::Over(time), Some(months)) if self.fate == Fate::Left && DAY.mul_f64(MONTH * f64::from(months)) < time => {
                Outcome::Unresolved
            }
            (Wait::Over(time), _) if time <= quick.duration() => Outcome::ResolvedQuickly,
            (Wait::Over(_), _) => Outcome::Resolved,
        }
    }
}
