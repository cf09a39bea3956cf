//! Reader and writer for JSON text in the form of Python's `json` module (morango.md §1.11).
//!
//! Morango compares records as text, so equal stores need equal text. Python's `json.dumps` decides that text: `", "`
//! and `": "` as separators, ASCII only, floats as `repr` prints them, and for repeated keys the last value at the
//! position of the first.
//!
//! No function here builds a tree. A text is read once, and its canonical form is appended to the output while it is
//! read. The members of an object are a list of positions in that output. The price: an object with repeated keys is
//! written twice. Only hand-written text has repeated keys.

mod error;
mod member;
mod merge;
mod number;
mod recode;
mod replace;
mod scan;
mod string;
mod values;

pub use error::{MergeError, SyntaxError};
pub use merge::Merger;
pub use number::{write_float, write_integer};
pub(crate) use recode::MAX_DEPTH;
pub use recode::{members, recode};
pub(crate) use scan::MAX_INTEGER_DIGITS;
pub(crate) use string::write_code_points;
pub use string::{quote_in_place, write_string};
pub use values::values;
