//! Whole-system tests of syncline, in one binary.

mod commits;
mod documents;
mod examples;
mod expansions;
mod field_types;
mod found;
mod graph;
mod import_circles;
mod operators;
mod parts;
mod records;
mod splitting;
mod ui;
mod without_sqlite;
