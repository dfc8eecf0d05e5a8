//! What is wrong, in one line.

use std::fmt;
use std::path::Path;

/// Why a file or an option cannot be used, in one line.
#[derive(Debug)]
pub struct Fault(String);

impl Fault {
    pub fn new(message: impl fmt::Display) -> Self {
        // A name of a file or an option can hold anything.
        Self(message.to_string().chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect())
    }

    pub fn in_file(path: &Path, message: impl fmt::Display) -> Self {
        Self::new(format_args!("{}: {message}", path.display()))
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

impl From<fmt::Error> for Fault {
    fn from(error: fmt::Error) -> Self {
        Self::new(error)
    }
}
