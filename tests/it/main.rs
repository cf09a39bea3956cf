//! Whole-system tests of syncline, in one binary.

mod examples;
mod expansions;
mod records;
mod ui;
