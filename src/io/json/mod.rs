//! Sources and a sink for JSON lines: a text with one JSON value on each line.

mod read;
mod write;

pub use read::{FromJsonLines, FromJsonLinesResults, InvalidJson, from_json_lines, from_json_lines_results};
pub use write::{ToJsonLines, to_json_lines};
