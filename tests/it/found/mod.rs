//! Faults that were found by use, and reports of the same trouble in other tools. Each input stands for a kind.

mod files;
mod streams;
