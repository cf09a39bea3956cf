//! Tokens and types without the invisible groups that a `macro_rules!` puts around its arguments.
//!
//! The group keeps `$a * $b` right if `$a` is `1 + 2`. Around a name, a literal or a call it has no effect on Rust, but hides
//! an operator or a literal from the macros.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Type};

/// `tokens` without the groups that have no effect.
pub(crate) fn ungrouped(tokens: TokenStream) -> TokenStream {
    if !has_groups(&tokens) {
        return tokens;
    }
    let ungroup = |token| match token {
        TokenTree::Group(group) if is_invisible(&group) => {
            let inside = ungrouped(group.stream());
            match is_atom(&inside) {
                true => inside,
                false if is_operation(&inside) => in_parentheses(&group, inside).into(),
                false => regrouped(&group, inside).into(),
            }
        }
        TokenTree::Group(group) if has_groups(&group.stream()) => {
            let inside = ungrouped(group.stream());
            regrouped(&group, inside).into()
        }
        token => token.into(),
    };
    tokens.into_iter().flat_map(ungroup).collect()
}

/// `tokens` without any invisible group, for a place without operators.
pub(crate) fn flat(tokens: TokenStream) -> TokenStream {
    let flatten = |token| match token {
        TokenTree::Group(group) if is_invisible(&group) => flat(group.stream()),
        token => token.into(),
    };
    tokens.into_iter().flat_map(flatten).collect()
}

/// `ty` without the groups around it and around the types in it.
pub(crate) fn ungrouped_type(ty: &Type) -> Type {
    struct Ungroup;
    impl VisitMut for Ungroup {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            while let Type::Group(group) = ty
                && !matches!(*group.elem, Type::TraitObject(_) | Type::ImplTrait(_))
            {
                *ty = (*group.elem).clone();
            }
            visit_mut::visit_type_mut(self, ty);
        }
    }
    let mut ty = ty.clone();
    Ungroup.visit_type_mut(&mut ty);
    ty
}

fn is_invisible(group: &Group) -> bool {
    group.delimiter() == Delimiter::None
}

fn has_groups(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Group(group) => is_invisible(&group) || has_groups(&group.stream()),
        _ => false,
    })
}

/// A group like `group` with other tokens inside.
fn regrouped(group: &Group, inside: TokenStream) -> TokenTree {
    let mut other = Group::new(group.delimiter(), inside);
    other.set_span(group.span());
    other.into()
}

/// `inside` in parentheses: the compiler ignores an invisible group that a procedural macro hands back. They are at the macro's
/// span, so that no lint calls them unused.
fn in_parentheses(group: &Group, inside: TokenStream) -> TokenTree {
    let mut other = Group::new(Delimiter::Parenthesis, inside);
    other.set_span(Span::mixed_site().located_at(group.span()));
    other.into()
}

/// True if the operators around `tokens` could bind more tightly than those inside.
fn is_operation(tokens: &TokenStream) -> bool {
    syn::parse2(tokens.clone()).is_ok_and(|value| {
        matches!(
            value,
            Expr::Binary(_) | Expr::Unary(_) | Expr::Cast(_) | Expr::Range(_) | Expr::Reference(_)
        )
    })
}

/// True if the meaning of `tokens` does not depend on the tokens around them.
fn is_atom(tokens: &TokenStream) -> bool {
    let is_a_token = tokens.clone().into_iter().count() == 1;
    let is_closed = |value: Expr| {
        matches!(
            value,
            Expr::Path(_)
                | Expr::Lit(_)
                | Expr::Call(_)
                | Expr::MethodCall(_)
                | Expr::Field(_)
                | Expr::Index(_)
                | Expr::Paren(_)
                | Expr::Array(_)
                | Expr::Tuple(_)
                | Expr::Macro(_)
        )
    };
    is_a_token || syn::parse2(tokens.clone()).is_ok_and(is_closed)
}

#[cfg(test)]
mod tests {
    use proc_macro2::{Delimiter, Group, TokenStream};
    use quote::quote;

    use super::ungrouped;

    fn argument(tokens: TokenStream) -> Group {
        Group::new(Delimiter::None, tokens)
    }

    #[track_caller]
    fn check(written: TokenStream, expected: &TokenStream) {
        assert_eq!(format!("{:?}", ungrouped(written)), format!("{expected:?}"));
    }

    #[test]
    fn a_group_without_effect_is_removed() {
        let call = argument(quote!(map(|n| n + 1)));
        let size = argument(quote!(5));
        check(quote!(a => #call => buffer(#size)), &quote!(a => map(|n| n + 1) => buffer(5)));
    }

    #[test]
    fn a_group_around_an_operation_becomes_parentheses() {
        let sum = argument(quote!(1 + 2));
        check(quote!(#sum * 3), &quote!((1 + 2) * 3));
    }
}
