//! What the special functions are held to: high-precision values, and the table of accuracies in the docs of the room.

use super::beta::Parts;
use super::chi_square::chi_square_upper_tail;
use super::digamma::{digamma, trigamma};
use super::gamma_tail::{Point, gamma_lower_tail, gamma_upper_tail, ln_gamma_upper_tail};
use super::ln_gamma::{ln_beta, ln_gamma, ln_rising};
use super::normal::{ln_normal_upper_tail, normal_quantile, normal_upper_tail};
use super::student_t::student_t_quantile;

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

/// One row of `tests/data/special_gamma.json`.
#[derive(Debug)]
pub(super) struct GammaRow {
    pub(super) a: f64,
    pub(super) x: f64,
    pub(super) lower: f64,
    pub(super) upper: f64,
    ln_lower: f64,
    ln_upper: f64,
}

/// The accuracy that the table of the room promises for a tail of this size of a gamma distribution.
pub(super) fn gamma_tolerance(tail: f64) -> f64 {
    if tail < 1e-17 { 3e-13 } else { 2e-14 }
}

pub(super) fn gamma_rows() -> Vec<GammaRow> {
    let rows = rows(include_str!("../../tests/data/special_gamma.json"), ["a", "x", "lower", "upper", "ln_lower", "ln_upper"]);
    assert!(rows.len() > 200);
    rows.into_iter().map(|[a, x, lower, upper, ln_lower, ln_upper]| GammaRow { a, x, lower, upper, ln_lower, ln_upper }).collect()
}

/// One row of `tests/data/special_student_t.json`.
#[derive(Debug)]
pub(super) struct StudentTRow {
    pub(super) degrees: f64,
    pub(super) t: f64,
    pub(super) upper: f64,
    pub(super) ln_upper: f64,
}

impl StudentTRow {
    pub(super) fn tolerance(&self) -> f64 {
        if self.upper < 1e-17 { 5e-13 } else { 2e-14 }
    }
}

pub(super) fn student_t_rows() -> Vec<StudentTRow> {
    let rows = rows(include_str!("../../tests/data/special_student_t.json"), ["degrees", "t", "upper", "ln_upper"]);
    assert!(rows.len() > 100);
    rows.into_iter().map(|[degrees, t, upper, ln_upper]| StudentTRow { degrees, t, upper, ln_upper }).collect()
}

/// The named numbers of every row.
pub(super) fn rows<const N: usize>(text: &str, names: [&str; N]) -> Vec<[f64; N]> {
    rows_of(text, "rows", names)
}

/// The named numbers of every row of one part of a file.
fn rows_of<const N: usize>(text: &str, part: &str, names: [&str; N]) -> Vec<[f64; N]> {
    let file: serde_json::Value = serde_json::from_str(text).unwrap();
    let number = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap().parse().unwrap();
    file[part].as_array().unwrap().iter().map(|row| names.map(|name| number(row, name))).collect()
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

#[test]
fn logarithms_of_normal_tails_agree_with_mpmath() {
    for [z, expected] in rows(include_str!("../../tests/data/special_far_normal.json"), ["z", "ln_upper"]) {
        let got = ln_normal_upper_tail(z);
        assert!(relative_error(got, expected).abs() <= 1e-15, "z = {z}: {got:e} is not {expected:e}");
    }
}

#[test]
fn quantiles_and_tails_agree_with_values_computed_apart() {
    let text = include_str!("../../tests/data/special_quantiles.json");
    let mut worst = [0.0_f64; 3];
    for [tail, z] in rows_of(text, "normal", ["tail", "z"]) {
        worst[0] = worst[0].max((-normal_quantile(tail) - z).abs() / z.max(f64::MIN_POSITIVE));
    }
    for [degrees, tail, t] in rows_of(text, "student_t", ["degrees", "tail", "t"]) {
        worst[1] = worst[1].max(relative_error(student_t_quantile(tail, degrees), t));
    }
    for [x, degrees, upper] in rows_of(text, "chi_square", ["x", "degrees", "upper"]) {
        worst[2] = worst[2].max(relative_error(chi_square_upper_tail(x, degrees), upper));
    }
    assert!(worst[0] <= 2e-15 && worst[1] <= 2e-14 && worst[2] <= 2e-14, "{worst:?}");
}

#[test]
fn gamma_tails_agree_with_mpmath() {
    for row in gamma_rows() {
        let GammaRow { a, x, .. } = row;
        for (got, expected) in [(gamma_lower_tail(a, x), row.lower), (gamma_upper_tail(a, x), row.upper)] {
            assert!(
                expected < 1e-300 || relative_error(got, expected) <= gamma_tolerance(expected),
                "{row:?}: {got:e} is not {expected:e}"
            );
        }
        for (got, expected) in [(Point { a, x }.ln_tail(false), row.ln_lower), (ln_gamma_upper_tail(a, x), row.ln_upper)] {
            // The logarithm of a tail next to 1 is as accurate as the other tail.
            let tolerance = if expected > -1e-17 { 3e-13 } else { 2e-14 };
            assert!(expected > -1e-300 || (got - expected).abs() <= tolerance * expected.abs(), "{row:?}: {got:e} is not {expected:e}");
        }
    }
}

#[test]
fn ln_gamma_and_its_derivatives_agree_with_mpmath() {
    for [a, expected, first, second] in
        rows(include_str!("../../tests/data/special_ln_gamma.json"), ["a", "ln_gamma", "digamma", "trigamma"])
    {
        for (got, expected) in [(ln_gamma(a), expected), (digamma(a), first), (trigamma(a), second)] {
            assert!((got - expected).abs() <= 2e-15 * expected.abs(), "a = {a}: {got:e} is not {expected:e}");
        }
    }
}

#[test]
fn ln_rising_and_ln_beta_agree_with_mpmath() {
    for [a, k, rising, beta] in rows(include_str!("../../tests/data/special_ln_rising.json"), ["a", "k", "ln_rising", "ln_beta"]) {
        let got = ln_rising(a, k);
        assert!((got - rising).abs() <= 4e-15 * rising.abs().max(k.min(1.0)), "a = {a}, k = {k}: {got:e} is not {rising:e}");
        let got = ln_beta(a, k);
        assert!((got - beta).abs() <= 4e-15 * beta.abs().max(1.0), "a = {a}, k = {k}: {got:e} is not {beta:e}");
    }
}
