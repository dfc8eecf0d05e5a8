//! Reading a CSV file by the names of its columns, with a fault that names file, row, column and value.

use std::fmt;
use std::path::{Path, PathBuf};

/// Why a file cannot be used, in one line.
#[derive(Debug)]
pub struct Fault(String);

impl Fault {
    pub fn new(message: impl fmt::Display) -> Self {
        Self(message.to_string())
    }

    pub fn in_file(path: &Path, message: impl fmt::Display) -> Self {
        Self(format!("{}: {message}", path.display()))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<customer_metrics::Error> for Fault {
    fn from(error: customer_metrics::Error) -> Self {
        Self::new(error)
    }
}

/// A CSV file in memory.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    header: csv::StringRecord,
    rows: Vec<csv::StringRecord>,
}

impl Table {
    pub fn read(path: &Path) -> Result<Self, Fault> {
        let fault = |error: csv::Error| Fault::in_file(path, error);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(fault)?;
        let header = reader.headers().map_err(fault)?.clone();
        let rows = reader.records().collect::<Result<Vec<_>, _>>().map_err(fault)?;
        if rows.is_empty() {
            return Err(Fault::in_file(path, "has no rows below its header"));
        }
        Ok(Self { path: path.to_owned(), header, rows })
    }

    pub fn has(&self, column: &str) -> bool {
        self.position(column).is_some()
    }

    fn position(&self, column: &str) -> Option<usize> {
        self.header.iter().position(|name| name.trim_start_matches('\u{feff}').eq_ignore_ascii_case(column))
    }

    /// The cells of a column that must be there under one of these names.
    pub fn column(&self, names: &[&'static str]) -> Result<Column<'_>, Fault> {
        let found = names.iter().find_map(|&name| Some((name, self.position(name)?)));
        let (name, position) = found.ok_or_else(|| Fault::in_file(&self.path, format_args!("has no column {}", names.join(" or "))))?;
        Ok(Column { table: self, name, position })
    }

    /// How often each row counts: the number in an optional column, otherwise 1.
    pub fn counts(&self, name: &'static str) -> Result<Vec<u64>, Fault> {
        if !self.has(name) {
            return Ok(vec![1; self.rows.len()]);
        }
        self.column(&[name])?.parse("a whole number", |text| text.parse().ok())
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
    pub fn cells(&self) -> impl Iterator<Item = &'a str> {
        let position = self.position;
        self.table.rows.iter().map(move |row| row.get(position).unwrap_or(""))
    }

    /// Every cell as what it should be; the first that is not is the fault.
    pub fn parse<T>(&self, expected: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, Fault> {
        self.cells().enumerate().map(|(row, cell)| parse(cell).ok_or_else(|| self.fault(row, cell, expected))).collect()
    }

    fn fault(&self, row: usize, cell: &str, expected: &str) -> Fault {
        let line = self.table.rows.get(row).and_then(|row| row.position()).map_or(0, csv::Position::line);
        Fault::in_file(&self.table.path, format_args!("row {line}, column {}: {cell:?} is not {expected}", self.name))
    }
}
