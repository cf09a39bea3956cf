//! The rule that a closure behind a `buffer` does not calculate with the chunk as if it were an item.
//!
//! The compiler's message would be "cannot add `{integer}` to `Vec<u64>`". Right behind an operator that makes chunks the items
//! are known to be a `Vec`, for which no arithmetic is defined.

use syn::visit::{self, Visit};
use syn::{BinOp, Expr, ExprBinary, ExprClosure, Ident, Pat, PatIdent, UnOp};

use super::argument::Arguments;
use super::ast::{Piece, PieceKind};
use crate::errors::Errors;

/// The operators that make chunks.
const MAKES: [&str; 3] = ["buffer", "chunk_while", "windows"];

/// The operators that emit the items that they receive.
const KEEPS: [&str; 7] = ["dedup", "filter", "inspect", "skip", "take", "take_while", "tee"];

/// Reports each closure that calculates with a chunk, and turns its piece into a mistake.
pub(super) fn check_chunks(pieces: &mut [Piece], errors: &mut Errors) {
    let mut chunks_of: Option<String> = None;
    for piece in pieces {
        let PieceKind::Operator(name, _, Arguments::Parsed(arguments)) = &piece.kind else {
            chunks_of = None;
            continue;
        };
        let mut closures = arguments.iter().filter_map(|argument| match &argument.value {
            Expr::Closure(closure) => Some(closure),
            _ => None,
        });
        let calculated = chunks_of.as_ref().and_then(|by| Some((by.clone(), closures.find_map(calculated)?)));
        // A stage with a condition may be absent.
        let name = name.to_string();
        if !piece.attributes.is_empty() {
            chunks_of = None;
        } else if MAKES.contains(&name.as_str()) {
            chunks_of = Some(name);
        } else if !KEEPS.contains(&name.as_str()) {
            chunks_of = None;
        }
        if let Some((by, chunk)) = calculated {
            errors.at(
                &chunk,
                format_args!(
                    "`{chunk}` is a chunk here, a `Vec` that `{by}` made: put `unbuffer` before this stage to get single items"
                ),
            );
            piece.kind = PieceKind::Mistake;
        }
    }
}

/// The parameter of `closure` where the closure calculates with it.
fn calculated(closure: &ExprClosure) -> Option<Ident> {
    let mut inputs = closure.inputs.iter();
    let (Some(Pat::Ident(PatIdent { ident, .. })), None) = (inputs.next(), inputs.next()) else {
        return None;
    };
    let mut search = Search { name: ident, found: None, is_another: false };
    search.visit_expr(&closure.body);
    search.found.filter(|_| !search.is_another)
}

struct Search<'a> {
    name: &'a Ident,
    found: Option<Ident>,
    is_another: bool,
}

impl Search<'_> {
    /// `value`, if it is the parameter, or the parameter behind a `*`.
    fn named(&self, value: &Expr) -> Option<Ident> {
        match value {
            Expr::Paren(inner) => self.named(&inner.expr),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => self.named(&unary.expr),
            Expr::Path(path) => path.path.get_ident().filter(|ident| *ident == self.name).cloned(),
            _ => None,
        }
    }
}

impl<'e> Visit<'e> for Search<'_> {
    fn visit_expr_binary(&mut self, binary: &'e ExprBinary) {
        let (left, right) = (self.named(&binary.left), self.named(&binary.right));
        let is_compared = matches!(
            binary.op,
            BinOp::Eq(_) | BinOp::Ne(_) | BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_)
        );
        let has_a_literal = [&binary.left, &binary.right].iter().any(|side| matches!(***side, Expr::Lit(_)));
        let is_logical = matches!(binary.op, BinOp::And(_) | BinOp::Or(_));
        if !is_logical && (!is_compared || has_a_literal) {
            self.found = self.found.take().or(left).or(right);
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_pat_ident(&mut self, pattern: &'e PatIdent) {
        self.is_another |= pattern.ident == *self.name;
        visit::visit_pat_ident(self, pattern);
    }
}

#[cfg(test)]
mod tests {
    use super::calculated;

    #[track_caller]
    fn check(closure: &str, expected: bool) {
        assert_eq!(calculated(&syn::parse_str(closure).unwrap()).is_some(), expected, "{closure}");
    }

    #[test]
    fn arithmetic_of_the_parameter_is_found() {
        check("|n| n + 1", true);
        check("|n| { let m = 2 * n; m }", true);
        check("|n| *n > 1", true);
        check("|n| n % 2 == 0", true);
    }

    #[test]
    fn what_a_chunk_can_do_is_not() {
        check("|n| n.len() + 1", false);
        check("|n| n == other", false);
        check("|n| n.iter().map(|n| n + 1)", false);
        check("|n| n[0] + 1", false);
        check("|n: u64| n + 1", false);
        check("|n| f(n) && n.is_empty()", false);
    }
}
