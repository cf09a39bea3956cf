//! The result of a successful run.

use crate::report::Report;

/// The result of a successful run.
#[derive(Debug)]
pub struct Outcome<T> {
    /// The sink's output.
    pub output: T,
    /// The report of the run.
    pub report: Report,
}
