//! The macros of syncline: `derive(Syncable)`, `profile!` and `pipeline!`.

mod errors;
mod model;
mod pipeline;
mod profile;
mod root;

use proc_macro::TokenStream;

/// Makes a struct a model.
#[proc_macro_derive(Syncable, attributes(syncable))]
pub fn derive_syncable(input: TokenStream) -> TokenStream {
    model::derive(input.into()).into()
}

/// Declares a profile.
#[proc_macro]
pub fn profile(input: TokenStream) -> TokenStream {
    profile::profile(input.into()).into()
}

/// Declares a pipeline.
#[proc_macro]
pub fn pipeline(input: TokenStream) -> TokenStream {
    pipeline::pipeline(input.into()).into()
}
