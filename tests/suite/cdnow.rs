//! The orders of CDNOW's customers, and others in the same columns.

use customer_metrics::repeat_buying::{CalibrationHoldout, HistoryRules, PurchaseTrack, Transactions};
use customer_metrics::{FixedColumn, MinorUnit};

/// 30 September 1997 and 30 June 1998, from 1 January 1997 on.
pub(super) const CALIBRATION: i32 = 272;
pub(super) const END: i32 = 545;

pub(super) fn close(got: f64, expected: f64, relative: f64) -> bool {
    (got - expected).abs() <= relative * expected.abs()
}

#[derive(Debug)]
pub(super) struct Rows {
    pub(super) customers: Vec<u32>,
    pub(super) days: Vec<i32>,
    pub(super) cents: Vec<i64>,
}

impl Rows {
    pub(super) fn cdnow() -> Self {
        let mut reader = csv::Reader::from_path("examples/data/cdnow_sample.csv").unwrap();
        let first = "1997-01-01".parse::<jiff::civil::Date>().unwrap();
        let mut rows = Self { customers: Vec::new(), days: Vec::new(), cents: Vec::new() };
        for record in reader.records() {
            let record = record.unwrap();
            rows.customers.push(record[1].parse().unwrap());
            rows.days.push((record[2].parse::<jiff::civil::Date>().unwrap() - first).get_days());
            rows.cents.push((record[4].parse::<f64>().unwrap() * 100.0).round() as i64);
        }
        rows
    }

    pub(super) fn transactions(&self) -> Transactions<'_> {
        Transactions::new(&self.customers, &self.days, FixedColumn::new(&self.cents, MinorUnit::CENT)).unwrap()
    }

    pub(super) fn reversed(&self) -> Self {
        let mut reversed = Self { customers: self.customers.clone(), days: self.days.clone(), cents: self.cents.clone() };
        reversed.customers.reverse();
        reversed.days.reverse();
        reversed.cents.reverse();
        reversed
    }

    pub(super) fn split(&self, rules: &HistoryRules, end: i32) -> CalibrationHoldout {
        self.transactions().calibration_and_holdout(rules, end).unwrap()
    }

    pub(super) fn track(&self, rules: &HistoryRules, end: i32) -> PurchaseTrack {
        self.transactions().purchase_track(rules, end).unwrap()
    }
}
