//! Search for the use of a variable in a closure.

use proc_macro2::Ident;
use syn::visit::Visit;
use syn::{ExprClosure, ExprPath, PatIdent};

/// The first use of the variable `name` in `closure`. `None` if there is none, or the closure declares a variable of
/// that name. The arguments of macros are not searched.
pub(super) fn captured(closure: &ExprClosure, name: &Ident) -> Option<Ident> {
    let mut found = Found { name, first: None, is_another: false };
    found.visit_expr_closure(closure);
    found.first.filter(|_| !found.is_another)
}

struct Found<'a> {
    name: &'a Ident,
    first: Option<Ident>,
    is_another: bool,
}

impl<'e> Visit<'e> for Found<'_> {
    fn visit_expr_path(&mut self, path: &'e ExprPath) {
        if let Some(ident) = path.path.get_ident().filter(|ident| *ident == self.name) {
            self.first.get_or_insert_with(|| ident.clone());
        }
    }

    fn visit_pat_ident(&mut self, pattern: &'e PatIdent) {
        self.is_another |= pattern.ident == *self.name;
        syn::visit::visit_pat_ident(self, pattern);
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::{Ident, Span};

    use super::captured;

    #[track_caller]
    fn check(closure: &str, expected: bool) {
        let closure = syn::parse_str(closure).unwrap();
        let found = captured(&closure, &Ident::new("seen", Span::call_site()));
        assert_eq!(found.is_some(), expected);
    }

    #[test]
    fn what_is_used_is_found_wherever_it_stands() {
        check("|n| { *seen += 1; n }", true);
        check("|n| seen.push(n)", true);
        check("|n| f(&mut seen, n)", true);
        check("|n| (0..seen).len()", true);
        check("|n| n.iter().map(|m| seen[0] + m)", true);
        check("|n| Item { seen, n }", true);
    }

    #[test]
    fn what_is_only_named_alike_is_not() {
        check("|n| n.seen + n.seen()", false);
        check("|n| Item { seen: n }", false);
        check("|n| seen::of(n)", false);
        check("|seen| seen + 1", false);
        check("|n| { let (m, mut seen) = n; seen }", false);
        check("|n| n.iter().fold(0, |n, (seen, _)| seen + n)", false);
        check("|n| match n { Some(seen) => seen, None => 0 }", false);
    }
}
