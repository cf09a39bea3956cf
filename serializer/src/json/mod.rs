//! JSON text as Python's `json` module writes it (morango.md §1.11).
//!
//! Morango compares nothing but stores everything as text, so equal stores need equal text, and that text is what
//! Python happens to make: `", "` and `": "` between things, ASCII only, floats as `repr` shows them, the last of
//! several equal keys at the place of the first.
//!
//! Nothing here builds a tree. A text is read once, and its canonical form is appended to the output as it is read;
//! what has to be known about an object (where its keys and values went) is a list of positions in that output. The
//! price is that an object with repeated keys is written twice, which only a hand-made text ever asks for.

mod error;
mod member;
mod merge;
mod number;
mod recode;
mod replace;
mod scan;
mod string;

pub use error::{MergeError, SyntaxError};
pub use merge::Merger;
pub use number::{write_float, write_integer};
pub use recode::{members, recode};
pub use string::{quote_in_place, write_string};
