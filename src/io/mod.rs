//! Files and tables as sources and sinks.
//!
//! | | source | sink | feature |
//! |---|---|---|---|
//! | lines of text | [`lines`] | | |
//! | JSON lines | `from_json_lines`, `from_json_lines_results` | `to_json_lines` | `json` |
//! | CSV | `from_csv`, `from_csv_results` | `to_csv` | `csv` |
//! | a query and a statement of SQLite | [`from_rows`] | [`to_statement`] | |
//!
//! All of them read and write in constant memory: a record, and a buffer of the reader or the writer. Their errors name
//! the line or the row.
//!
//! What is written to a *file* stays there when a run fails, as far as it had been written: whole records, unless writing
//! itself failed, and perhaps fewer than the sink took. Write to a new file and rename it where that matters. A *table* is
//! as it was before. All of these sinks can [commit](syncline_core::Commit) on their way, for `commit every(n)`.

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

/// How many records are read before whoever drives the pipeline is asked again.
const CHUNK: usize = 256;
