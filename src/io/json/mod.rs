//! Sources and a sink for JSON lines: a text with one JSON value on each line.

mod finite;
mod invalid;
mod read;
mod write;

pub use invalid::InvalidJson;
pub use read::{FromJsonLines, FromJsonLinesResults, from_json_lines, from_json_lines_results};
pub use write::{ToJsonLines, to_json_lines};
