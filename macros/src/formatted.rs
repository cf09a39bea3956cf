//! Expansions as formatted text, for snapshots.

use proc_macro2::TokenStream;

/// Formats the items of an expansion. Panics if they are no valid Rust.
#[track_caller]
pub(crate) fn formatted(expansion: TokenStream) -> String {
    let text = expansion.to_string();
    prettyplease::unparse(&syn::parse2(expansion).unwrap_or_else(|error| panic!("{error}: {text}")))
}
