//! What the special functions are held to: high-precision values, and the table of accuracies in the docs of the room.

use super::beta::Parts;
use super::normal::normal_upper_tail;

/// One row of `tests/data/special_beta.json`.
#[derive(Debug)]
pub(super) struct BetaRow {
    pub(super) a: f64,
    pub(super) b: f64,
    pub(super) at: Parts,
    pub(super) lower: f64,
    pub(super) upper: f64,
}

impl BetaRow {
    pub(super) fn mirrored(&self) -> Parts {
        Parts { x: self.at.y, y: self.at.x }
    }

    /// The accuracy that the table of the room promises for a value of this size.
    pub(super) fn tolerance(&self, value: f64) -> f64 {
        if value < 1e-17 || self.a.min(self.b) < 0.5 { 5e-13 } else { 2e-14 }
    }
}

pub(super) fn beta_rows() -> Vec<BetaRow> {
    let rows = rows(include_str!("../../tests/data/special_beta.json"), ["a", "b", "x", "y", "lower", "upper"]);
    assert!(rows.len() > 200);
    rows.into_iter().map(|[a, b, x, y, lower, upper]| BetaRow { a, b, at: Parts { x, y }, lower, upper }).collect()
}

/// The named numbers of every row.
fn rows<const N: usize>(text: &str, names: [&str; N]) -> Vec<[f64; N]> {
    let file: serde_json::Value = serde_json::from_str(text).unwrap();
    let number = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap().parse().unwrap();
    file["rows"].as_array().unwrap().iter().map(|row| names.map(|name| number(row, name))).collect()
}

pub(super) fn relative_error(got: f64, expected: f64) -> f64 {
    (got - expected).abs() / expected
}

#[test]
fn normal_tails_agree_with_mpmath() {
    for [z, upper] in rows(include_str!("../../tests/data/special_normal.json"), ["z", "upper"]) {
        let got = normal_upper_tail(z);
        assert!(relative_error(got, upper) <= 1e-15, "z = {z}: {got:e} is not {upper:e}");
    }
}
