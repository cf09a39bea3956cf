//! CSV sources and sinks, which use the crate `csv`.

mod invalid;
mod read;
mod write;

pub use invalid::InvalidCsv;
pub use read::{FromCsv, FromCsvResults, from_csv, from_csv_reader, from_csv_results};
pub use write::{ToCsv, to_csv};
