//! The closures and functions that operators call.
//!
//! A function, or a closure with a typed parameter, accepts one type. If the items are of another type, the compiler's
//! message talks of bounds, and each later stage has an error as well. So a closure that accepts items of any type is
//! put around it. An error in the body of a closure does not change its type.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Expr, ExprBlock, ExprClosure, ExprField, ExprPath, ExprReference, Pat, PatType, Stmt};

use super::span_range::ends;
use crate::root::Root;

/// The tokens that call `function` with items of any type.
pub(super) fn callable(root: &Root, function: &Expr) -> TokenStream {
    match function {
        Expr::Closure(closure) => wrapped_closure(root, closure),
        Expr::Paren(inner) => callable(root, &inner.expr),
        Expr::Path(path) => wrapped_function(root, path),
        other => other.to_token_stream(),
    }
}

/// A closure that checks the result of `function` by `rule`, which returns the required type. `then` is a call on the
/// result of the rule.
///
/// Its tokens reach from the first token of the result of `function` to the last, so that the compiler marks all of it.
pub(super) fn result_rule(root: &Root, rule: &str, function: &Expr, then: &TokenStream) -> TokenStream {
    let (first, last) = ends(&result_tokens(function));
    let (zero, joint) = (index(last), joint(root, first, last));
    let root = root.at(first);
    let (rule, fit, made) = (Ident::new(rule, first), Ident::new("fit", last), binding("made", first));
    closure(
        &made.to_token_stream(),
        &quote_spanned!(first=> #root::fit::#rule::#fit(#made.#zero, #joint) #then),
    )
}

/// Like [`result_rule`], for a rule that a type has a trait.
pub(super) fn result_trait_rule(root: &Root, rule: &str, function: &Expr) -> TokenStream {
    let (first, last) = ends(&result_tokens(function));
    let root = root.at(first);
    let (rule, itself, zero) = (Ident::new(rule, first), Ident::new("itself", last), index(last));
    // The compiler reports a broken rule at this variable, so it has the span of the closure.
    let made = Ident::new("made_by_the_closure", first);
    closure(&made.to_token_stream(), &quote_spanned!(first=> #root::fit::#rule::#itself(#made.#zero)))
}

/// A closure that checks the result of `function` by `rule`, which compares it with another type.
pub(super) fn result_type_rule(root: &Root, rule: &str, function: &Expr) -> TokenStream {
    let (first, last) = ends(&result_tokens(function));
    let joint = joint(root, first, last);
    let root = root.at(first);
    let (rule, fit) = (Ident::new(rule, first), Ident::new("fit", last));
    closure(
        &quote_spanned!(first=> wanted, made),
        &quote_spanned!(first=> #root::fit::#rule::#fit(wanted, made, #joint)),
    )
}

/// The path of `Joint`, the implementor of rules that compare two types.
pub(super) fn joint(root: &Root, first: Span, last: Span) -> TokenStream {
    let (root, joint) = (root.at(first), Ident::new("Joint", last));
    quote_spanned!(first=> #root::fit::#joint)
}

/// A closure that finds the owner of a key, if the key is a borrowed field, as in `|note| &note.title`. `None` for
/// another key.
pub(super) fn key_owner_rule(root: &Root, function: &Expr) -> Option<TokenStream> {
    let mut function = function;
    while let Expr::Paren(inner) = function {
        function = &inner.expr;
    }
    let Expr::Closure(ExprClosure { inputs, body, .. }) = function else { return None };
    let Expr::Reference(ExprReference { mutability: None, expr: field, .. }) = &**body else { return None };
    let parameter = match inputs.first()? {
        Pat::Type(typed) => &*typed.pat,
        pattern => pattern,
    };
    let Pat::Ident(item) = parameter else { return None };
    let mut places = Vec::new();
    let mut place = &**field;
    while let Expr::Field(ExprField { base, .. }) = place {
        places.push(base.to_token_stream());
        place = base;
    }
    let is_of_the_item = matches!(place, Expr::Path(path) if path.path.is_ident(&item.ident));
    // The parameter of the closure is a reference to the item.
    let mut places = places.into_iter().rev().map(Some).collect::<Vec<_>>();
    if !is_of_the_item || places.is_empty() {
        return None;
    }
    places[0] = None;
    let (first, last) = ends(&body.to_token_stream());
    let (joint, root, check) = (joint(root, first, last), root.at(first), Ident::new("check", last));
    let rule = quote_spanned!(first=> #root::fit::OutlivesItem::#check);
    let item = &item.ident;
    let behind = places.iter().map(|place| {
        let place = place.as_ref().map_or_else(|| quote!(#item), |place| quote!(&#place));
        quote!(#root::__private::keys::place(#place).owner_behind())
    });
    let behind = behind.reduce(|all, behind| quote!(#all.or(#behind)));
    Some(quote_spanned! {Span::mixed_site().located_at(first)=>
        |#inputs| #rule(#body, #behind, #joint)
    })
}

fn index(span: Span) -> Literal {
    let mut zero = Literal::usize_unsuffixed(0);
    zero.set_span(span);
    zero
}

/// The tokens of the result of a function: the last expression in the body of a closure, or the function itself.
fn result_tokens(function: &Expr) -> TokenStream {
    match function {
        Expr::Paren(inner) => result_tokens(&inner.expr),
        Expr::Closure(ExprClosure { body, .. }) => result_tokens(body),
        Expr::Block(block) => match block.block.stmts.last() {
            Some(Stmt::Expr(last, None)) => result_tokens(last),
            Some(last) => last.to_token_stream(),
            None => block.to_token_stream(),
        },
        other => other.to_token_stream(),
    }
}

/// A closure that calls the function at `path` directly, since only such a call coerces its argument, for example `&String` to
/// `&str`.
fn wrapped_function(root: &Root, path: &ExprPath) -> TokenStream {
    let (first, last) = ends(&path.to_token_stream());
    let (function, passing, item) = (binding("function", first), binding("passing", first), item(0, first));
    let (joint, root) = (joint(root, first, last), root.at(first));
    let (fit, itself) = (Ident::new("fit", last), Ident::new("itself", last));
    let suits = quote_spanned!(first=> #root::fit::Suits::#fit);
    let named = quote_spanned!(first=> #root::fit::IsFunction::#itself(#path));
    quote_spanned! {Span::mixed_site().located_at(first)=>
        {
            let mut #function = #named;
            move |#item| {
                let #passing = #root::__private::functions::passing(&#function, &#item);
                let #item = #suits((&&&&&&&#passing).type_to_compare(), #item, #joint);
                #function(#item)
            }
        }
    }
}

/// The closure without the types of its parameters. Each typed parameter becomes a variable in the body instead.
fn wrapped_closure(root: &Root, closure: &ExprClosure) -> TokenStream {
    let mut closure = closure.clone();
    let mut variables = TokenStream::new();
    for (index, parameter) in closure.inputs.iter_mut().enumerate() {
        let Pat::Type(PatType { attrs, pat, ty, .. }) = parameter else { continue };
        let (first, last) = ends(&ty.to_token_stream());
        let (item, joint, root) = (item(index, first), joint(root, first, last), root.at(first));
        let fit = Ident::new("fit", last);
        let accepts = quote_spanned!(first=> #root::fit::Accepts::#fit);
        variables.extend(quote_spanned! {Span::mixed_site().located_at(first)=>
            #(#attrs)* let #pat: #ty = #accepts(
                ::core::marker::PhantomData::<#ty>,
                #item,
                #joint,
            );
        });
        *parameter = Pat::Verbatim(item.to_token_stream());
    }
    if !variables.is_empty() {
        let body = statements(&closure.body);
        *closure.body = Expr::Verbatim(quote!({ #variables #body }));
    }
    closure.to_token_stream()
}

/// The body of a closure without its braces, if it has any. Inside of other braces they would be unused.
fn statements(body: &Expr) -> TokenStream {
    match body {
        Expr::Block(ExprBlock { attrs, label: None, block }) if attrs.is_empty() => {
            block.stmts.iter().map(ToTokens::to_token_stream).collect()
        }
        body => body.to_token_stream(),
    }
}

/// The name of a variable at `span` that the user's expressions cannot name.
fn item(index: usize, span: Span) -> Ident {
    binding(&format!("item_{index}"), span)
}

/// The name of a variable at `span`. It is hygienic, and the user's lints do not apply to it.
pub(super) fn binding(name: &str, span: Span) -> Ident {
    Ident::new(name, Span::mixed_site().located_at(span))
}

/// The closure `|parameters| call`. Its bars are at the macro's span, so that no lint calls the closure redundant.
pub(super) fn closure(parameters: &TokenStream, call: &TokenStream) -> TokenStream {
    quote!(|#parameters| #call)
}

/// The variable for the closure that is the argument at `index`.
pub(super) fn call_variable(index: usize) -> Ident {
    match index {
        0 => Ident::new("call", Span::mixed_site()),
        _ => format_ident!("call_{index}", span = Span::mixed_site()),
    }
}
