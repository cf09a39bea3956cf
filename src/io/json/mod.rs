//! JSON lines: a JSON value a line.

mod read;
mod write;

pub use read::{FromJsonLines, InvalidJson, from_json_lines};
pub use write::{ToJsonLines, to_json_lines};
