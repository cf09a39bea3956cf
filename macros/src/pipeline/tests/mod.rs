//! Snapshots of expansions. `tests/it/expansions.rs` of the face crate compiles and runs the same declarations.

#![expect(clippy::too_many_lines, reason = "a snapshot is as long as what it shows")]

mod futures;
mod mistakes;
mod parts;
mod second_sources;
mod signatures;
mod stages;
mod table;

use proc_macro2::TokenStream;

use crate::formatted::formatted;

fn expanded(input: TokenStream) -> String {
    formatted(super::pipeline(input))
}

/// The body of `run_with`: a line or two for each piece of the declaration.
fn body(input: TokenStream) -> String {
    let file: syn::File = syn::parse2(super::pipeline(input)).unwrap();
    let run_with = file.items.into_iter().find_map(|item| match item {
        syn::Item::Impl(item) => item.items.into_iter().find_map(|item| match item {
            syn::ImplItem::Fn(function) if function.sig.ident == "run_with" => Some(function.block),
            _ => None,
        }),
        _ => None,
    });
    let body = run_with.expect("a pipeline has the function `run_with`");
    prettyplease::unparse(&syn::parse_quote!(fn run_with() #body))
}
