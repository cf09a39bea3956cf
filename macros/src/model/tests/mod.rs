//! Snapshots of expansions. The same declarations are compiled and run in `tests/it/expansions.rs` of the face crate.

#![expect(clippy::too_many_lines, reason = "a snapshot is as long as what it shows")]

mod fields;
mod identity;
mod mistakes;
mod references;
mod root;
mod rules;
mod tables;

use proc_macro2::TokenStream;

use crate::formatted::formatted;

fn expanded(input: TokenStream) -> String {
    formatted(super::derive(input))
}

/// The constant `MODEL` of an expansion.
fn definition_of(input: TokenStream) -> String {
    let expansion = expanded(input);
    let (_, rest) = expansion.split_once("    const MODEL").unwrap();
    let (definition, _) = rest.split_once("    fn read").unwrap();
    format!("const MODEL{definition}")
}
