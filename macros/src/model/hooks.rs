//! The functions of the app that are called when a record is received.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::Path;
use syn::spanned::Spanned as _;

use crate::attribute::{Entry, Given};
use crate::errors::Errors;
use crate::root::Root;

/// The functions that a model names.
pub(super) struct Hooks {
    /// Changes the JSON object before its fields are read.
    received: Given<Path>,
    /// Checks and completes the row before it is written.
    saving: Given<Path>,
    /// Is called before the row is deleted.
    deleting: Given<Path>,
}

impl Default for Hooks {
    fn default() -> Self {
        Self { received: Given::Absent, saving: Given::Absent, deleting: Given::Absent }
    }
}

impl Hooks {
    /// Takes the function that `entry` names. Returns `false` if it is another key.
    pub(super) fn fill(&mut self, entry: &Entry, errors: &mut Errors) -> bool {
        let (hook, example) = match entry.key.to_string().as_str() {
            "received_with" => (&mut self.received, "Self::received"),
            "save_with" => (&mut self.saving, "Self::save"),
            "deleted_with" => (&mut self.deleting, "Self::deleted"),
            _ => return false,
        };
        hook.fill(entry, errors, |entry| entry.path(example));
        true
    }

    /// The methods that call the functions.
    pub(super) fn expand(&self, root: &Root) -> TokenStream {
        let received = self.received.as_option().map(|path| {
            let call = call(path, &quote!(object, context));
            quote! {
                fn received(
                    object: &mut #root::__private::JsonObject<'_>,
                    context: &#root::__private::ReceiveContext<'_>,
                ) -> ::core::result::Result<(), #root::__private::Failure> {
                    #call
                }
            }
        });
        let saving = self.saving.as_option().map(|path| {
            let call = call(path, &quote!(row, app, effects));
            quote! {
                const HAS_RULE_AT_SAVE: ::core::primitive::bool = true;

                fn saving(
                    row: &mut #root::__private::ReceivedRow,
                    app: &dyn #root::__private::AppTables,
                    effects: &mut #root::__private::Effects,
                ) -> ::core::result::Result<(), #root::__private::Failure> {
                    #call
                }
            }
        });
        let deleting = self.deleting.as_option().map(|path| {
            let call = call(path, &quote!(id, app, effects));
            quote! {
                fn deleting(
                    id: &#root::RecordId,
                    app: &dyn #root::__private::AppTables,
                    effects: &mut #root::__private::Effects,
                ) -> ::core::result::Result<(), #root::__private::Failure> {
                    #call
                }
            }
        });
        quote!(#received #saving #deleting)
    }
}

/// The call, with the span of the path: the compiler reports a function of another shape there.
fn call(path: &Path, arguments: &TokenStream) -> TokenStream {
    let span = Span::call_site().located_at(path.span());
    let path = path.to_token_stream();
    quote_spanned!(span=> #path(#arguments))
}
