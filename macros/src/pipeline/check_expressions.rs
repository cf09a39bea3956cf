//! The rules of a piece that is an expression, as far as the tokens show: names and forms of other libraries, for which the
//! compiler's message would not say what to write.

use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::{BinOp, Block, Expr, ExprMethodCall, ExprPath, Ident, Stmt};

use super::ast::{Piece, PieceKind};
use super::operator::{Operator, Position};
use super::operators::OPERATORS;
use super::text::expression;
use crate::errors::{Errors, closest};

/// Names of other libraries that are no operators, and what is written instead.
const INSTEAD: [(&str, &str); 3] = [
    ("enumerate", "count with `scan`: `scan(0, |next, item| { *next += 1; (*next - 1, item) })`"),
    ("for_each", "it takes a closure, as the sink: `for_each(|item| ..)`"),
    ("from_iter", "it takes an iterator, as the source: `from_iter(items)`"),
];

/// Reports the expressions that cannot be pieces, and turns them into mistakes. `values` are the names of the parameters.
pub(super) fn check_expressions(pieces: &mut [Piece], values: &[String], is_part: bool, errors: &mut Errors) {
    let last = pieces.len().saturating_sub(1);
    if last == 0 && !is_part {
        return;
    }
    for (index, Piece { kind, .. }) in pieces.iter_mut().enumerate() {
        let PieceKind::Expression(value) = &*kind else { continue };
        let position = match index {
            _ if is_part => Position::Stage,
            0 => Position::Source,
            _ if index == last => Position::Sink,
            _ => Position::Stage,
        };
        if !check_name(value, position, values, errors)
            || !check_branches(value, errors)
            || !check_methods(value, errors)
            || !check_result(value, errors)
        {
            *kind = PieceKind::Mistake;
        }
    }
}

/// Reports the name of a function in the place of a source, a stage or a sink. A name with a capital is that of a type or a
/// constant.
fn check_name(value: &Expr, position: Position, values: &[String], errors: &mut Errors) -> bool {
    let Expr::Path(path @ ExprPath { qself: None, path: names, .. }) = value else { return true };
    let Some(last) = names.segments.last() else { return true };
    let name = last.ident.unraw().to_string();
    let is_a_value = names.get_ident().is_some_and(|name| values.contains(&name.to_string()));
    let is_a_keyword = ["self", "super", "crate"].contains(&name.as_str());
    if is_a_value || is_a_keyword || !name.starts_with(char::is_lowercase) {
        return true;
    }
    let written = expression(value);
    let known = names.get_ident().and_then(|_| instead(&name));
    let message = known.unwrap_or_else(|| match position {
        Position::Source => {
            format!("`{written}` is not a source; a function that returns one is called: `{written}()`")
        }
        Position::Sink => format!(
            "`{written}` is not a sink: a function of an item is written `for_each({written})`, and a function that returns a \
             sink is called: `{written}()`"
        ),
        Position::Stage => format!(
            "`{written}` is not an operator: a function of an item is written `map({written})`, and the documentation of \
             `pipeline!` lists the operators"
        ),
    });
    errors.at(path, message);
    false
}

/// The advice for `name`, if it is a name of another library or nearly that of an operator.
fn instead(name: &str) -> Option<String> {
    if let Some((_, instead)) = INSTEAD.iter().find(|(known, _)| *known == name) {
        return Some(format!("no operator `{name}`: {instead}"));
    }
    let renamed = OPERATORS.iter().find(|operator| operator.also_known_as.contains(&name));
    if let Some(operator) = renamed {
        return Some(format!("no operator `{name}`: here {}", operator.usage()));
    }
    let known = closest(name, OPERATORS.iter().map(|operator| operator.name))?;
    Some(format!(
        "no operator `{name}`: did you mean `{known}`? A function of an item is written `map({name})`"
    ))
}

/// Reports an operator in a branch of an `if` or a `match`.
fn check_branches(value: &Expr, errors: &mut Errors) -> bool {
    let (keyword, operator) = match value {
        Expr::If(choice) => ("if", operator_in(value, &choice.if_token.to_token_stream())),
        Expr::Match(choice) => ("match", operator_in(value, &choice.match_token.to_token_stream())),
        _ => return true,
    };
    let Some((at, operator)) = operator else { return true };
    let example = operator.forms.first().map_or(operator.name, |form| form.example);
    errors.at(
        at,
        format_args!(
            "a stage cannot be in a branch: write `{example} when(condition)`, or put the `{keyword}` into its closure"
        ),
    );
    false
}

/// The operator that a branch of `value` ends with, and the tokens `at`.
fn operator_in<T: Clone>(value: &Expr, at: &T) -> Option<(T, &'static Operator)> {
    let of_block = |block: &Block| match block.stmts.last() {
        Some(Stmt::Expr(last, None)) => operator_in(last, at),
        _ => None,
    };
    match value {
        Expr::If(choice) => {
            let otherwise = choice.else_branch.as_ref();
            of_block(&choice.then_branch).or_else(|| operator_in(&otherwise?.1, at))
        }
        Expr::Match(choice) => choice.arms.iter().find_map(|arm| operator_in(&arm.body, at)),
        Expr::Block(block) => of_block(&block.block),
        Expr::Paren(inner) => operator_in(&inner.expr, at),
        Expr::Call(call) => operator_in(&call.func, at),
        Expr::Path(path) => Some((at.clone(), Operator::find(path.path.get_ident()?)?)),
        _ => None,
    }
}

/// Reports an operator that is called as a method of a source: `from_iter(items).map(f)`.
fn check_methods(value: &Expr, errors: &mut Errors) -> bool {
    let Some((method, source)) = first_method(value) else { return true };
    if Operator::find(method).is_none() && instead(&method.to_string()).is_none() {
        return true;
    }
    errors.at(
        method,
        format_args!(
            "a stage is written behind `=>`: `{source}(items) => {method}(..)`; the iterator itself is changed inside the \
             parentheses: `{source}(items.{method}(..))`"
        ),
    );
    false
}

/// The first method that is called on a `from_iter(..)` or a `from_results(..)`, and the name of that function.
fn first_method(value: &Expr) -> Option<(&Ident, &Ident)> {
    let Expr::MethodCall(ExprMethodCall { receiver, method, .. }) = value else { return None };
    match &**receiver {
        Expr::Call(call) => {
            let Expr::Path(function) = &*call.func else { return None };
            let source = &function.path.segments.last()?.ident;
            (source == "from_iter" || source == "from_results").then_some((method, source))
        }
        receiver => first_method(receiver),
    }
}

/// Reports operators that are joined as in a shell, `from_iter(items) | map(f)`, and turns them into mistakes.
pub(super) fn check_joints(pieces: &mut [Piece], errors: &mut Errors) {
    for Piece { kind, .. } in pieces {
        if let PieceKind::Expression(value) = &*kind
            && let Some(joint) = joint_of_operators(value)
        {
            errors.at(joint, "stages are joined by `=>`: `from_iter(items) => map(..) => Collect::new()`");
            *kind = PieceKind::Mistake;
        }
    }
}

/// The first `|` or `>>` in a chain of them, if an operator stands behind one.
fn joint_of_operators(value: &Expr) -> Option<&BinOp> {
    let Expr::Binary(joint) = value else { return None };
    if !matches!(joint.op, BinOp::BitOr(_) | BinOp::Shr(_)) {
        return None;
    }
    joint_of_operators(&joint.left).or_else(|| operator_in(&joint.right, &()).map(|_| &joint.op))
}

/// Reports a closure of `for_each` that returns nothing, as far as its tokens show.
fn check_result(value: &Expr, errors: &mut Errors) -> bool {
    let Expr::Call(call) = value else { return true };
    let Expr::Path(function) = &*call.func else { return true };
    let is_for_each = function.path.segments.last().is_some_and(|last| last.ident == "for_each");
    let Some(Expr::Closure(closure)) = call.args.first().filter(|_| is_for_each && call.args.len() == 1)
    else {
        return true;
    };
    let Some(last) = last_of(&closure.body).filter(|last| is_nothing(last)) else { return true };
    errors.at(
        last,
        "the closure of a `for_each` returns a `Result`: end it with `Ok(())`, as in `for_each(|item| { ..; Ok(()) })`",
    );
    false
}

/// The expression at the end of a closure, whose value is dropped or returned.
fn last_of(body: &Expr) -> Option<&Expr> {
    match body {
        Expr::Block(block) => match block.block.stmts.last()? {
            Stmt::Expr(last, _) => Some(last),
            _ => None,
        },
        body => Some(body),
    }
}

/// Returns `true` for an expression whose value is `()`, whatever its parts are.
fn is_nothing(value: &Expr) -> bool {
    match value {
        Expr::Assign(_) => true,
        Expr::Binary(value) => matches!(
            value.op,
            BinOp::AddAssign(_)
                | BinOp::SubAssign(_)
                | BinOp::MulAssign(_)
                | BinOp::DivAssign(_)
                | BinOp::RemAssign(_)
                | BinOp::BitAndAssign(_)
                | BinOp::BitOrAssign(_)
                | BinOp::BitXorAssign(_)
                | BinOp::ShlAssign(_)
                | BinOp::ShrAssign(_)
        ),
        Expr::Macro(call) => {
            ["print", "println", "eprint", "eprintln"].iter().any(|name| call.mac.path.is_ident(name))
        }
        _ => false,
    }
}
