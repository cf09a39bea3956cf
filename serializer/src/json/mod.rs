//! JSON text as Python's `json` module with Django's encoder writes it (morango.md §1.11).

mod write;

pub use write::{write_float, write_integer, write_string};
