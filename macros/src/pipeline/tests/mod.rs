//! Snapshots of expansions. `tests/it/expansions.rs` of the face crate compiles and runs the same declarations.

#![expect(clippy::too_many_lines, reason = "what is expanded is shown whole")]

mod mistakes;
mod parts;
mod signatures;
mod stages;
mod table;

use proc_macro2::TokenStream;

fn expanded(input: TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(super::pipeline(input)).unwrap())
}
