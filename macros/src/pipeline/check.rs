//! The rules of a declaration that can be checked by its tokens. The compiler checks the types of the expansion.

use syn::punctuated::Punctuated;
use syn::{Expr, Ident, Pat, PatType, ReturnType, Token, Type};

use super::argument::Arguments;
use super::ast::{Declaration, Piece, PieceKind};
use super::captured::captured;
use super::check_arguments::{can_be_called, check_arguments, check_second_sink, is_number, literal_size};
use super::check_chunks::check_chunks;
use super::check_expressions::{check_expressions, check_joints};
use super::operator::{Kind, Position};
use super::operators::parallel_operators;
use super::policy::{Commit, Named, Parallel, Policy, PolicyKind, When};
use crate::attributes::is_condition;
use crate::errors::Errors;
use crate::ungrouped::ungrouped_type;

/// Checks `declaration`, reports broken rules, and turns the pieces that break one into mistakes.
pub(super) fn check(declaration: &mut Declaration, errors: &mut Errors) {
    let is_part = declaration.part.is_some();
    check_joints(&mut declaration.pieces, errors);
    if !is_part {
        check_source(&mut declaration.pieces, errors);
        check_sink(&mut declaration.pieces, errors);
    }
    check_positions(&mut declaration.pieces, is_part, errors);
    check_output(declaration, errors);
    let values = declaration.values();
    check_expressions(&mut declaration.pieces, &values, is_part, errors);
    check_chunks(&mut declaration.pieces, errors);
    if !is_part {
        check_conditions(&mut declaration.pieces, errors);
    }
    let last = declaration.pieces.len().saturating_sub(1);
    let exclusive = exclusive(&declaration.arguments);
    let has_state =
        |piece: &Piece| piece.suffixes.parallel.as_ref().is_some_and(|parallel| parallel.with.is_some());
    for (index, piece) in declaration.pieces.iter_mut().enumerate() {
        // A clause in the wrong place is removed, so that it causes no other error.
        if !check_policy_position(piece, index == 0 && !is_part, errors) {
            piece.suffixes.policies.clear();
        }
        if !check_policy_arguments(&piece.suffixes.policies, errors) {
            piece.suffixes.policies.clear();
        }
        if !check_split(piece, index == last && !is_part, errors) {
            piece.suffixes.policies.clear();
        }
        if !check_parallel(piece, index == last && !is_part, errors)
            || !check_captures_of_parallel(piece, &exclusive, errors)
        {
            // With a state for each thread, the closure of the operator has one more parameter.
            if has_state(piece) {
                piece.kind = PieceKind::Mistake;
            }
            piece.suffixes.parallel = None;
        }
        check_named_and_when(piece, index == 0 && !is_part, index == last && !is_part, errors);
        if !check_commit(piece, index == last && index > 0 && !is_part, errors) {
            piece.suffixes.commit = None;
        }
    }
    for piece in &mut declaration.pieces {
        let has_state = has_state(piece);
        if let PieceKind::Operator(name, operator, arguments) = &piece.kind
            && !check_arguments(name, operator, arguments, has_state, errors)
        {
            piece.kind = PieceKind::Mistake;
        }
    }
}

/// Reports a condition of the source or the sink.
fn check_conditions(pieces: &mut [Piece], errors: &mut Errors) {
    let last = pieces.len().saturating_sub(1);
    for (index, Piece { attributes, .. }) in pieces.iter_mut().enumerate() {
        let which = match index {
            0 => "source",
            _ if index == last => "sink",
            _ => continue,
        };
        for condition in attributes.extract_if(.., |attribute| is_condition(attribute)) {
            errors.at(
                condition,
                format_args!("a pipeline always has its {which}: declare the pipeline twice, each with a `#[cfg(..)]` before its name, or choose in a function that returns the {which}"),
            );
        }
    }
}

/// Reports a policy behind a source, a part, or an operator that fails at no item.
fn check_policy_position(piece: &Piece, is_source: bool, errors: &mut Errors) -> bool {
    let Some(Policy { on_error, .. }) = piece.suffixes.policies.first() else { return true };
    match &piece.kind {
        _ if is_source => {
            errors.at(on_error, "`on_error` cannot follow a source: a policy decides about an item, and a source that fails has none");
        }
        PieceKind::Operator(_, operator, _) if operator.has(Kind::Part) => {
            errors.at(on_error, "`on_error` is declared in the part, behind the stage that may fail");
        }
        PieceKind::Operator(name, operator, _) if !operator.may_fail => {
            let instead = operator.fallible_as.map(|other| format!(": {other}")).unwrap_or_default();
            let message = format_args!(
                "`{name}` fails at no item, so there is nothing for `on_error` to decide{instead}"
            );
            errors.at(on_error, message);
        }
        _ => return true,
    }
    false
}

/// Reports the word `split` where it cannot apply: at a sink, and at a parallel stage.
fn check_split(piece: &Piece, is_sink: bool, errors: &mut Errors) -> bool {
    let Some(split) = piece.suffixes.split() else { return true };
    if is_sink {
        errors.at(split, "a sink that takes chunks always splits them: leave `split` out");
    } else if piece.suffixes.parallel.is_some() {
        errors.at(
            split,
            "a parallel stage does not split its chunks: `unbuffer` before it, or leave `split` out",
        );
    } else if let PieceKind::Operator(name, operator, _) = &piece.kind
        && operator.awaits()
    {
        errors.at(
            split,
            format_args!("`{name}` does not split its chunks: `unbuffer` before it, or leave `split` out"),
        );
    } else {
        return true;
    }
    false
}

/// Reports arguments of policies that are wrong, as far as the tokens show.
fn check_policy_arguments(policies: &[Policy], errors: &mut Errors) -> bool {
    let mut fine = true;
    for Policy { kind, .. } in policies {
        match kind {
            PolicyKind::Skip(limit) if !is_number(limit, "u64") => {
                errors.at(limit, Policy::SKIP);
                fine = false;
            }
            PolicyKind::Retry(retry)
                if !is_number(&retry.times, "u32")
                    || !retry.when.as_ref().is_none_or(|when| can_be_called(when, 1)) =>
            {
                errors.at(
                    retry.when.as_ref().filter(|_| is_number(&retry.times, "u32")).unwrap_or(&retry.times),
                    Policy::RETRY,
                );
                fine = false;
            }
            PolicyKind::DeadLetter(sink) => fine &= check_second_sink(sink, errors),
            _ => {}
        }
    }
    fine
}

/// The largest number of threads of a parallel stage, as for the methods.
const MAX_THREADS: usize = 1024;

fn check_parallel(piece: &Piece, is_sink: bool, errors: &mut Errors) -> bool {
    let Some(parallel) = &piece.suffixes.parallel else { return true };
    let is_map =
        matches!(&piece.kind, PieceKind::Operator(_, operator, _) if operator.parallel.is_some()) && !is_sink;
    if !is_map {
        let which = parallel_operators();
        let message = format_args!("only {which} can be parallel: `map(|item| ..) parallel(2)`");
        errors.at(&parallel.keyword, message);
    }
    let is_somebody = !is_zero(&parallel.workers);
    if !is_somebody {
        errors.at(&parallel.workers, "a parallel stage has at least one thread");
    }
    let numbers = [Some(&parallel.workers), parallel.capacity.as_ref()];
    let is_counted = numbers.into_iter().flatten().all(|number| is_number(number, "usize"));
    if !is_counted {
        errors.at(&parallel.keyword, Parallel::USAGE);
    }
    let is_few = literal_size(&parallel.workers)
        .is_none_or(|literal| literal.base10_parse::<usize>().is_ok_and(|threads| threads <= MAX_THREADS));
    if is_counted && !is_few {
        let message = format_args!("a parallel stage has at most {MAX_THREADS} threads");
        errors.at(&parallel.workers, message);
    }
    let closures = [(parallel.by.as_ref(), 1, Parallel::BY), (parallel.with.as_ref(), 0, Parallel::WITH)];
    let mut are_called = true;
    for (closure, count, usage) in closures {
        if let Some(closure) = closure.filter(|closure| !can_be_called(closure, count)) {
            errors.at(closure, usage);
            are_called = false;
        }
    }
    is_map && is_somebody && is_counted && is_few && are_called
}

/// The names of the parameters of type `&mut`.
fn exclusive(arguments: &Punctuated<PatType, Token![,]>) -> Vec<Ident> {
    let is_exclusive = |argument: &&PatType| matches!(&ungrouped_type(&argument.ty), Type::Reference(reference) if reference.mutability.is_some());
    let name = |argument: &PatType| match &*argument.pat {
        Pat::Ident(pattern) => Some(pattern.ident.clone()),
        _ => None,
    };
    arguments.iter().filter(is_exclusive).filter_map(name).collect()
}

/// Reports the use of a `&mut` parameter in the closure of a parallel stage. The compiler's message would talk of the
/// traits of closures.
fn check_captures_of_parallel(piece: &Piece, exclusive: &[Ident], errors: &mut Errors) -> bool {
    let (Some(parallel), PieceKind::Operator(_, _, Arguments::Parsed(arguments))) =
        (&piece.suffixes.parallel, &piece.kind)
    else {
        return true;
    };
    let values = arguments.iter().map(|argument| &argument.value).chain(&parallel.with);
    let closures = values.filter_map(|value| match value {
        Expr::Closure(closure) => Some(closure),
        _ => None,
    });
    let used: Vec<_> = closures
        .flat_map(|closure| exclusive.iter().filter_map(move |name| captured(closure, name)))
        .collect();
    for name in &used {
        let message = format!(
            "`parallel` calls this closure on several threads at once, so it cannot use `{name}`, which is `&mut`: pass a \
             `&Mutex<..>` or an atomic, or use `{name}` in a stage that is not parallel"
        );
        errors.at(name, message);
    }
    used.is_empty()
}

/// Reports the clauses `named` and `when` where they have no effect, and removes them.
fn check_named_and_when(piece: &mut Piece, is_source: bool, is_sink: bool, errors: &mut Errors) {
    let Piece { kind, suffixes, .. } = piece;
    let is_through = matches!(&*kind, PieceKind::Operator(_, operator, _) if operator.has(Kind::Part));
    if is_through && let Some(Named { keyword, .. }) = suffixes.named.take() {
        errors.at(&keyword, "`named` names one stage, and a part may have several: name them in the part");
    }
    if is_through && let Some(When { keyword, .. }) = suffixes.when.take() {
        errors.at(
            &keyword,
            "`when` switches one stage on or off, and a part may have several: declare it behind the stages in the part",
        );
    }
    if let PieceKind::Operator(name, operator, _) = &*kind
        && operator.awaits()
        && let Some(When { keyword, .. }) = suffixes.when.take()
    {
        errors.at(
            &keyword,
            format_args!("`when` cannot switch a `{name}` off: choose in the `async` block of its closure"),
        );
    }
    if (is_source || is_sink)
        && let Some(When { keyword, .. }) = suffixes.when.take()
    {
        let role = if is_source { "source" } else { "sink" };
        errors.at(
            &keyword,
            format_args!("`when` switches a stage on or off, and a pipeline always has its {role}"),
        );
    }
}

fn check_commit(piece: &Piece, is_sink: bool, errors: &mut Errors) -> bool {
    let Some(commit) = &piece.suffixes.commit else { return true };
    if !is_sink {
        errors.at(&commit.keyword, "`commit` goes after the sink, at the end of the pipeline");
    }
    let is_never = commit.every.as_ref().is_some_and(is_zero);
    if is_never {
        errors.at(
            &commit.every,
            "`commit every` takes a number of chunks that is more than zero: `commit every(10)`",
        );
    }
    let is_counted = commit.every.as_ref().is_none_or(|every| is_number(every, "usize"));
    if !is_counted {
        errors.at(&commit.keyword, Commit::USAGE);
    }
    is_sink && !is_never && is_counted
}

fn is_zero(number: &Expr) -> bool {
    literal_size(number).is_some_and(|literal| literal.base10_digits() == "0")
}

fn check_source(pieces: &mut [Piece], errors: &mut Errors) {
    if let Some(Piece { kind, .. }) = pieces.first_mut()
        && let PieceKind::Operator(name, operator, _) = &*kind
        && operator.position == Position::Stage
    {
        errors.at(
            name,
            format_args!("a pipeline begins with its source, and `{name}` takes its items from one"),
        );
        *kind = PieceKind::Mistake;
    }
}

/// Reports an operator that is a source or a sink and stands in another place.
fn check_positions(pieces: &mut [Piece], is_part: bool, errors: &mut Errors) {
    let last = pieces.len().saturating_sub(1);
    for (index, Piece { kind, .. }) in pieces.iter_mut().enumerate() {
        let PieceKind::Operator(name, operator, _) = &*kind else { continue };
        match operator.position {
            Position::Source if is_part || index > 0 => {
                errors.at(name, format_args!("a pipeline begins with a `{name}`: {}", operator.usage()));
            }
            Position::Sink if is_part || index == 0 || index < last => {
                errors.at(name, format_args!("a pipeline ends in a `{name}`: {}", operator.usage()));
            }
            _ => continue,
        }
        *kind = PieceKind::Mistake;
    }
}

/// Reports a sink that makes a value of the declared type, if the pipeline declares none.
fn check_output(declaration: &mut Declaration, errors: &mut Errors) {
    let Declaration { ident, output, pieces, .. } = declaration;
    if let (Some(Piece { kind, .. }), ReturnType::Default) = (pieces.last_mut(), output)
        && let PieceKind::Operator(name, operator, Arguments::Parsed(_)) = &*kind
        && operator.makes_declared
    {
        let example = if *name == "sum" { "u64" } else { "Vec<String>" };
        errors.at(
            name,
            format_args!("`{name}` makes a value of the type that the pipeline declares, and none is declared: `{ident}() -> {example} {{ .. }}`"),
        );
        *kind = PieceKind::Mistake;
    }
}

/// Reports an operator or a source at the end. An unparsed piece may still become a sink.
fn check_sink(pieces: &mut [Piece], errors: &mut Errors) {
    let only_a_source = pieces.len() == 1;
    let Some(last) = pieces.last_mut() else { return };
    match &last.kind {
        PieceKind::Expression(source) if only_a_source => {
            errors.at(source, "a pipeline ends in a sink, and this one has only its source");
        }
        PieceKind::Operator(name, operator, _) if only_a_source && operator.position == Position::Source => {
            errors.at(name, "a pipeline ends in a sink, and this one has only its source");
        }
        PieceKind::Operator(name, operator, Arguments::Parsed(_)) if operator.position == Position::Stage => {
            errors.at(name, format_args!("a pipeline ends in a sink, and `{name}` hands its items on"));
        }
        _ => {}
    }
}
