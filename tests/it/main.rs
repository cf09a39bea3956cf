//! Whole-system tests of syncline, in one binary.

mod expansions;
mod ui;
