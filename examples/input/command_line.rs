//! Options with values, as the help of an example lists them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::Fault;

/// The options that were given, each at most once.
#[derive(Debug)]
pub struct CommandLine {
    known: Vec<&'static str>,
    values: BTreeMap<&'static str, OsString>,
}

/// Prints what an example returns, or its help; or else what is wrong, in one line and with exit code 2.
///
/// The options are those that begin a line of the help.
pub fn run(help: &'static str, example: impl FnOnce(&CommandLine) -> Result<String, Fault>) -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let text = if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        Ok(format!("{help}\n"))
    } else {
        CommandLine::read(help, arguments).and_then(|line| example(&line))
    };
    match text.and_then(|text| print(&text)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            let _ = writeln!(std::io::stderr(), "{fault}");
            ExitCode::from(2)
        }
    }
}

fn print(text: &str) -> Result<(), Fault> {
    let mut out = std::io::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // A reader that has seen enough and closed the pipe is no fault of ours.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Fault::new(format_args!("the output: {error}"))),
        _ => Ok(()),
    }
}

impl CommandLine {
    fn read(help: &'static str, arguments: Vec<OsString>) -> Result<Self, Fault> {
        let known = help.lines().filter_map(|line| line.split_whitespace().next()).filter(|word| word.starts_with("--"));
        let mut line = Self { known: known.collect(), values: BTreeMap::new() };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            // `--option value` or `--option=value`.
            let text = argument.to_string_lossy();
            let (name, attached) = match argument.to_str().and_then(|text| text.split_once('=')) {
                Some((name, value)) => (name, Some(value.into())),
                None => (&*text, None),
            };
            let Some(option) = line.known.iter().copied().find(|known| *known == name) else {
                return Err(Fault::new(format_args!("{text} is not an option; --help lists them")));
            };
            let value = attached.or_else(|| arguments.next()).filter(|value| !value.is_empty());
            let Some(value) = value.filter(|value| !value.to_string_lossy().starts_with("--")) else {
                return Err(Fault::new(format_args!("{option} needs a value; --help says which")));
            };
            if line.values.insert(option, value).is_some() {
                return Err(Fault::new(format_args!("{option} is given twice")));
            }
        }
        Ok(line)
    }

    /// The value of an option that is a path.
    pub fn path(&self, option: &str) -> Option<PathBuf> {
        debug_assert!(self.known.contains(&option), "the help does not list {option}");
        self.values.get(option).map(PathBuf::from)
    }

    /// The value of an option as what it is to be.
    pub fn value<T>(&self, option: &str, expected: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Fault> {
        debug_assert!(self.known.contains(&option), "the help does not list {option}");
        let Some(text) = self.values.get(option).map(|value| value.to_string_lossy()) else { return Ok(None) };
        parse(&text).map(Some).ok_or_else(|| Fault::new(format_args!("{option}: {text:?} is not {expected}")))
    }
}

/// A path without its folders.
pub fn file_name(path: &Path) -> Cow<'_, str> {
    path.file_name().map_or("the file".into(), |name| name.to_string_lossy())
}
