//! Streams: errors of any kind, and errors that `main` prints.

mod errors;
