//! Sources and sinks for files and database tables.
//!
//! | | source | sink | feature |
//! |---|---|---|---|
//! | lines of text | [`lines`] | | |
//! | JSON lines | `from_json_lines`, `from_json_lines_results` | `to_json_lines` | `json` |
//! | CSV | `from_csv`, `from_csv_results` | `to_csv` | `csv` |
//! | a query and a statement of SQLite | [`from_rows`] | [`to_statement`] | |
//!
//! All of them use constant memory: one record and the buffer of the reader or writer. Their errors contain the number
//! of the line or row.
//!
//! If a run fails, a *file* keeps the records that were written before. They are whole records, unless the write itself
//! failed, and may be fewer than the sink consumed. If that matters, write to a new file and rename it after the run. A
//! *table* is unchanged after a failed run. All of these sinks implement [`Commit`](syncline_core::Commit) for `commit
//! every(n)`.

#[cfg(any(feature = "json", feature = "csv"))]
mod bad_record;
#[cfg(feature = "csv")]
mod csv;
#[cfg(feature = "json")]
mod json;
mod lines;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "json", feature = "csv"))]
mod writer;

#[cfg(feature = "csv")]
pub use self::csv::{
    FromCsv, FromCsvResults, InvalidCsv, ToCsv, from_csv, from_csv_reader, from_csv_results, to_csv,
};
#[cfg(any(feature = "json", feature = "csv"))]
pub use bad_record::BadRecord;
#[cfg(feature = "json")]
pub use json::{
    FromJsonLines, FromJsonLinesResults, InvalidJson, ToJsonLines, from_json_lines, from_json_lines_results,
    to_json_lines,
};
pub use lines::{Lines, lines};
#[cfg(feature = "sqlite")]
pub use sqlite::{FromRows, ToStatement, TransactionIsOver, from_rows, to_statement};

/// The number of records that a source reads in one call of `advance`.
const CHUNK: usize = 256;
