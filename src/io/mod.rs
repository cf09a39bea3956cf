//! Sources and sinks for files and database tables.
//!
//! | | source | sink | feature |
//! |---|---|---|---|
//! | lines of text | [`lines`], [`lines_results`] | | |
//! | JSON lines | `from_json_lines`, `from_json_lines_results` | `to_json_lines` | `json` |
//! | CSV | `from_csv`, `from_csv_results` | `to_csv` | `csv` |
//! | a query and a statement of SQLite | [`from_rows`] | [`to_statement`] | |
//!
//! All of them use constant memory: one record, which has a bound, and the buffer of the reader or writer. Their errors
//! contain the number of the line or row. Text is UTF-8, with or without a byte order mark; `decode` converts other
//! encodings, with the feature `encoding_rs`. A file that is something else is an error with its format ([`NotText`]).
//!
//! A value that is written is read as the same value, or is an error when it is written. `to_csv` and
//! `to_json_lines` document the exceptions.
//!
//! [`open_counted`] opens a file and counts the bytes that are read, for the progress of a run: `Bar::over` shows them.
//!
//! If a run fails, a *file* keeps the records that were written before. They are whole records, unless the write itself
//! failed, and may be fewer than the sink consumed. If that matters, write to a new file and rename it after the run. A
//! *table* is unchanged after a failed run. All of these sinks implement [`Commit`](syncline_core::Commit) for `commit
//! every(n)`.

mod bad_record;
mod counted;
#[cfg(feature = "csv")]
mod csv;
#[cfg(feature = "encoding_rs")]
mod decode;
#[cfg(feature = "json")]
mod json;
mod lines;
mod not_text;
mod numbered;
#[cfg(feature = "sqlite")]
mod sqlite;
mod too_long;
mod watched;
#[cfg(any(feature = "json", feature = "csv"))]
mod writer;

#[cfg(feature = "csv")]
pub use self::csv::{
    CsvFormat, FromCsv, FromCsvResults, InvalidCsv, ToCsv, from_csv, from_csv_results, to_csv,
};
pub use bad_record::BadRecord;
pub use counted::{BytesRead, Counted, counted, open_counted};
#[cfg(feature = "encoding_rs")]
pub use decode::{Decode, decode};
#[cfg(feature = "json")]
pub use json::{
    FromJsonLines, FromJsonLinesResults, InvalidJson, ToJsonLines, from_json_lines, from_json_lines_results,
    to_json_lines,
};
pub use lines::{Lines, LinesResults, lines, lines_results};
pub use not_text::NotText;
#[cfg(feature = "sqlite")]
pub use sqlite::{FromRows, ToStatement, TransactionIsOver, from_rows, to_statement};
pub use too_long::{RECORD_LIMIT, RecordTooLong};
