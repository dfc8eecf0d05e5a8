//! Customers as life tables: all of them, and each group.

use customer_metrics::Tally as _;
use customer_metrics::survival::{Ending, LifeTable};

use crate::input::{Fault, Table, yes_or_no};

/// More would not be told apart in the picture.
const MOST_GROUPS: usize = 8;

#[derive(Debug)]
pub struct Customers {
    pub all: LifeTable,
    /// By name, in the order of the names; none if the file has no groups.
    pub groups: Vec<(String, LifeTable)>,
}

impl Customers {
    pub fn of(table: &Table) -> Result<Self, Fault> {
        let tenures: Vec<u16> =
            table.column(&["tenure", "months", "periods"])?.parse("a whole number of periods up to 65535", |text| text.parse().ok())?;
        let endings = table
            .column(&["churned", "churn", "left"])?
            .parse("yes or no", |text| Some(if yes_or_no(text)? { Ending::Left } else { Ending::Censored }))?;
        let mut all = LifeTable::default();
        all.record_column(&tenures, &endings)?;
        let mut groups = Vec::new();
        if table.has("contract") || table.has("group") {
            let column = table.column(&["contract", "group"])?.names()?;
            let mut names = column.clone();
            names.sort_unstable();
            names.dedup();
            if names.len() > MOST_GROUPS {
                return Err(Fault::in_file(
                    table.path(),
                    format_args!("has {} groups, but at most {MOST_GROUPS} are compared", names.len()),
                ));
            }
            for name in names {
                let members = || tenures.iter().zip(&endings).zip(&column).filter(|(_, group)| **group == name).map(|(row, _)| row);
                let (tenures, endings): (Vec<u16>, Vec<Ending>) = members().map(|(&tenure, &ending)| (tenure, ending)).unzip();
                let mut group = LifeTable::default();
                group.record_column(&tenures, &endings)?;
                groups.push((name.to_owned(), group));
            }
        }
        // The groups together are everyone.
        debug_assert!(
            groups.is_empty() || {
                let mut sum = LifeTable::default();
                groups.iter().all(|(_, group)| sum.merge(group).is_ok()) && sum == all
            }
        );
        Ok(Self { all, groups })
    }
}
