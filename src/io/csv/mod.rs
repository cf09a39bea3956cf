//! CSV sources and sinks, which use the crates `csv-core` and `serde`.

mod deserialize;
mod fields;
mod format;
mod invalid;
mod quotes;
mod read;
mod records;
mod serialize;
mod write;

pub use format::CsvFormat;
pub use invalid::InvalidCsv;
pub use read::{FromCsv, FromCsvResults, from_csv, from_csv_results};
pub use write::{ToCsv, to_csv};
