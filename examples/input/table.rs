//! Reading a CSV file by the names of its columns, with a fault that names file, row, column and value.

use std::fmt;
use std::path::{Path, PathBuf};

use super::Fault;

/// A file of the samples.
pub fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data").join(name)
}

/// A CSV file in memory.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    header: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

impl Table {
    pub fn read(path: &Path) -> Result<Self, Fault> {
        let fault = |error: csv::Error| Fault::in_file(path, explained(&error));
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(fault)?;
        let header: Vec<String> =
            reader.headers().map_err(fault)?.iter().map(|name| name.trim_start_matches('\u{feff}').to_ascii_lowercase()).collect();
        if header.is_empty() {
            return Err(Fault::in_file(path, "is empty"));
        }
        if header.len() == 1 && header.iter().any(|name| name.contains([';', '\t'])) {
            return Err(Fault::in_file(path, "has one column only; columns must be separated by commas"));
        }
        let rows = reader.records().collect::<Result<Vec<_>, _>>().map_err(fault)?;
        if rows.is_empty() {
            return Err(Fault::in_file(path, "has no rows below its header"));
        }
        Ok(Self { path: path.to_owned(), header, rows })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn has(&self, column: &str) -> bool {
        self.header.iter().any(|name| name == column)
    }

    /// The cells of a column that must be there once, under one of these names.
    pub fn column(&self, names: &[&'static str]) -> Result<Column<'_>, Fault> {
        for &name in names {
            let mut places = self.header.iter().enumerate().filter(|(_, found)| *found == name).map(|(position, _)| position);
            if let Some(position) = places.next() {
                if places.next().is_some() {
                    return Err(Fault::in_file(&self.path, format_args!("has more than one column {name}")));
                }
                return Ok(Column { table: self, name, position });
            }
        }
        let found: Vec<String> = self.header.iter().map(|name| shortened(name)).collect();
        Err(Fault::in_file(&self.path, format_args!("has no column {}, only {}", names.join(" or "), found.join(", "))))
    }

    /// How often each row counts: the number in an optional column, otherwise 1.
    pub fn counts(&self, name: &'static str) -> Result<Vec<u64>, Fault> {
        if !self.has(name) {
            return Ok(vec![1; self.rows.len()]);
        }
        // Small enough that no file of them exceeds 64 bits.
        self.column(&[name])?.parse("a whole number below 10^12", |text| text.parse().ok().filter(|&count| count < 1_000_000_000_000))
    }

    /// What is wrong with a row that is right cell by cell.
    pub fn fault_in_row(&self, row: usize, message: impl fmt::Display) -> Fault {
        let line = self.rows.get(row).and_then(|row| row.position()).map_or(0, csv::Position::line);
        Fault::in_file(&self.path, format_args!("row {line}: {message}"))
    }
}

fn explained(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            format!("row {line}: the number of columns is {len}, but in the header it is {expected_len}")
        }
        csv::ErrorKind::Utf8 { pos, .. } => format!("row {}: is not UTF-8 text", pos.as_ref().map_or(1, csv::Position::line)),
        csv::ErrorKind::Io(error) => error.to_string(),
        _ => error.to_string(),
    }
}

/// One column of a table.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    table: &'a Table,
    name: &'static str,
    position: usize,
}

impl<'a> Column<'a> {
    fn cells(&self) -> impl Iterator<Item = &'a str> {
        let position = self.position;
        self.table.rows.iter().map(move |row| row.get(position).unwrap_or(""))
    }

    /// Every cell as what it should be; the first that is not is the fault.
    pub fn parse<T>(&self, expected: &str, parse: impl Fn(&'a str) -> Option<T>) -> Result<Vec<T>, Fault> {
        self.cells().enumerate().map(|(row, cell)| parse(cell).ok_or_else(|| self.fault(row, cell, expected))).collect()
    }

    /// The cells as they are; none may be empty or break the line.
    pub fn names(&self) -> Result<Vec<&'a str>, Fault> {
        self.parse("a name", |text| (!text.is_empty() && !text.contains(char::is_control)).then_some(text))
    }

    fn fault(&self, row: usize, cell: &str, expected: &str) -> Fault {
        let line = self.table.rows.get(row).and_then(|row| row.position()).map_or(0, csv::Position::line);
        Fault::in_file(&self.table.path, format_args!("row {line}, column {}: {:?} is not {expected}", self.name, shortened(cell)))
    }
}

/// A cell as far as a line can show it.
fn shortened(cell: &str) -> String {
    const MOST: usize = 60;
    if cell.chars().count() <= MOST { cell.to_owned() } else { cell.chars().take(MOST).chain(['…']).collect() }
}
