//! Comma-separated values, by the crate `csv`.

mod read;
mod write;

pub use read::{FromCsv, from_csv, from_csv_reader};
pub use write::{ToCsv, to_csv};
