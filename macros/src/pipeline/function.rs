//! What an operator is to call for each item.
//!
//! A closure that names the type of what it takes has that type whatever comes before, and so has a function: where it
//! does not fit, the compiler would speak of bounds, and find fault with all that follows. So a closure around it takes
//! what comes, and a body that is wrong does not change the type of a closure.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Expr, ExprClosure, Pat, PatType};

use super::expand::first_span;
use crate::root::Root;

/// `function`, to be called with whatever comes before it.
pub(super) fn of_any_item(root: &Root, function: &Expr) -> TokenStream {
    match function {
        Expr::Closure(closure) => closure_of_any_item(root, closure),
        Expr::Paren(inner) => of_any_item(root, &inner.expr),
        Expr::Path(_) | Expr::Lit(_) => {
            let span = function.span();
            let (name, item) = (Ident::new("function", Span::mixed_site().located_at(span)), item(0, span));
            quote_spanned! {Span::mixed_site().located_at(span)=>
                {
                    #[allow(unused_mut)]
                    let mut #name = #function;
                    move |#item| #name(#item)
                }
            }
        }
        other => other.to_token_stream(),
    }
}

/// As [`of_any_item`], where what is made of an item is checked to keep to `rule`.
///
/// It is checked inside: what the closure is given is known there, and nowhere before.
pub(super) fn keeping_to(root: &Root, rule: &str, function: &Expr) -> TokenStream {
    let mut function = function;
    while let Expr::Paren(inner) = function {
        function = &inner.expr;
    }
    let checked = |made: &dyn ToTokens, span: Span| {
        let (root, rule) = (root.at(span), Ident::new(rule, span));
        quote_spanned!(span=> #root::fit::#rule::itself(#made))
    };
    match function {
        Expr::Closure(closure) => {
            let mut closure = closure.clone();
            let span = first_span(&closure.body.to_token_stream());
            *closure.body = Expr::Verbatim(checked(&closure.body, span));
            closure_of_any_item(root, &closure)
        }
        Expr::Path(_) | Expr::Lit(_) => {
            let span = function.span();
            let (name, item) = (Ident::new("function", Span::mixed_site().located_at(span)), item(0, span));
            let made = checked(&quote_spanned!(span=> #name(#item)), span);
            quote_spanned! {Span::mixed_site().located_at(span)=>
                {
                    #[allow(unused_mut)]
                    let mut #name = #function;
                    move |#item| #made
                }
            }
        }
        other => other.to_token_stream(),
    }
}

/// The types move from the parameters into the body, where each is that of a variable.
fn closure_of_any_item(root: &Root, closure: &ExprClosure) -> TokenStream {
    let mut closure = closure.clone();
    let mut variables = TokenStream::new();
    for (index, parameter) in closure.inputs.iter_mut().enumerate() {
        let Pat::Type(PatType { attrs, pat, ty, .. }) = parameter else { continue };
        let (item, root) = (item(index, ty.span()), root.at(ty.span()));
        // In two steps: in one the compiler would propose to convert what it calls the value, which is a type here.
        variables.extend(quote_spanned! {Span::mixed_site().located_at(ty.span())=>
            let #item = #root::__private::Item(#item);
            #(#attrs)* let #root::__private::Item(#pat): #root::__private::Item<#ty> = #item;
        });
        *parameter = Pat::Verbatim(item.to_token_stream());
    }
    if !variables.is_empty() {
        let body = &closure.body;
        *closure.body = Expr::Verbatim(quote!({ #variables #body }));
    }
    closure.to_token_stream()
}

/// A name that the user's own expressions cannot see, at `span`.
fn item(index: usize, span: Span) -> Ident {
    Ident::new(&format!("item_{index}"), Span::mixed_site().located_at(span))
}
