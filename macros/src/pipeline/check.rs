//! The rules of a pipeline that its tokens show. Whether two stages fit is the compiler's to find.

use quote::ToTokens as _;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprCall, ExprLit, Ident, Lit, Pat, PatType, Token, Type, UnOp};

use super::ast::{Argument, Arguments, Declaration, Kind, Piece};
use super::mention::mention;
use super::operator::{CLOSED_BY, Operator, Stands, Takes};
use super::policy::{Commit, Parallel, Policy, PolicyKind};
use crate::errors::Errors;

/// Checks `declaration`, and marks as mistakes the pieces that break a rule.
pub(super) fn check(declaration: &mut Declaration, errors: &mut Errors) {
    let is_part = declaration.part.is_some();
    if !is_part {
        begins_with_a_source(&mut declaration.pieces, errors);
        ends_in_a_sink(&mut declaration.pieces, errors);
    }
    stands_where_it_may(&mut declaration.pieces, is_part, errors);
    let last = declaration.pieces.len().saturating_sub(1);
    let exclusive = exclusive(&declaration.arguments);
    for (index, piece) in declaration.pieces.iter_mut().enumerate() {
        // What is declared where it means nothing is left out, so that nothing else goes wrong because of it.
        if !policies_have_something_to_decide(piece, index == 0 && !is_part, errors) {
            piece.suffixes.policies.clear();
        }
        if !policies_can_be_kept_to(&piece.suffixes.policies, errors) {
            piece.suffixes.policies.clear();
        }
        if !parallel_is_of_a_map(piece, index == last && !is_part, errors)
            || !parallel_uses_what_is_shared(piece, &exclusive, errors)
        {
            piece.suffixes.parallel = None;
        }
        if !commit_is_of_the_sink(piece, index == last && index > 0 && !is_part, errors) {
            piece.suffixes.commit = None;
        }
    }
    for piece in &mut declaration.pieces {
        if let Kind::Operator(name, operator, arguments) = &piece.kind
            && !arguments_are_taken(name, *operator, arguments, errors)
        {
            piece.kind = Kind::Mistake;
        }
    }
}

/// A policy behind what never fails would be read as if it could.
fn policies_have_something_to_decide(piece: &Piece, is_source: bool, errors: &mut Errors) -> bool {
    let Some(Policy { on_error, .. }) = piece.suffixes.policies.first() else { return true };
    match &piece.kind {
        _ if is_source => {
            errors.at(on_error, "a source has no `on_error`: where it fails there is no item yet");
        }
        Kind::Operator(_, operator, _) if operator.takes == Takes::Part => {
            errors.at(on_error, "`on_error` is declared in the part, behind the stage that may fail");
        }
        Kind::Operator(name, _, _) if name == "map" => {
            let message = "`map` never fails, so there is nothing for `on_error` to decide: `try_map` takes a \
                           closure that may";
            errors.at(on_error, message);
        }
        Kind::Operator(name, operator, _) if !operator.can_fail() => {
            errors.at(
                on_error,
                format_args!("`{name}` never fails, so there is nothing for `on_error` to decide"),
            );
        }
        _ => return true,
    }
    false
}

/// What is written in the parentheses of policies.
fn policies_can_be_kept_to(policies: &[Policy], errors: &mut Errors) -> bool {
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
            PolicyKind::DeadLetter(sink) => fine &= sink_is_one(sink, errors),
            _ => {}
        }
    }
    fine
}

fn parallel_is_of_a_map(piece: &Piece, is_sink: bool, errors: &mut Errors) -> bool {
    let Some(parallel) = &piece.suffixes.parallel else { return true };
    let is_map =
        matches!(&piece.kind, Kind::Operator(_, operator, _) if operator.on_threads().is_some()) && !is_sink;
    if !is_map {
        let message = "only a `map` or a `try_map` can be parallel: `map(|item| ..) parallel(2)`";
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
    is_map && is_somebody && is_counted
}

/// The arguments that are declared as `&mut`.
fn exclusive(arguments: &Punctuated<PatType, Token![,]>) -> Vec<Ident> {
    let is_exclusive = |argument: &&PatType| matches!(&*argument.ty, Type::Reference(reference) if reference.mutability.is_some());
    let name = |argument: &PatType| match &*argument.pat {
        Pat::Ident(pattern) => Some(pattern.ident.clone()),
        _ => None,
    };
    arguments.iter().filter(is_exclusive).filter_map(name).collect()
}

/// The compiler would find that a closure which several threads call cannot change what it captures, and speak of the traits of
/// closures.
fn parallel_uses_what_is_shared(piece: &Piece, exclusive: &[Ident], errors: &mut Errors) -> bool {
    let (Some(_), Kind::Operator(_, _, Arguments::Parsed(arguments))) =
        (&piece.suffixes.parallel, &piece.kind)
    else {
        return true;
    };
    let closures = arguments.iter().filter_map(|argument| match &argument.value {
        Expr::Closure(closure) => Some(closure),
        _ => None,
    });
    let used: Vec<_> = closures
        .flat_map(|closure| exclusive.iter().filter_map(move |name| mention(closure, name)))
        .collect();
    for name in &used {
        let message = format!(
            "`parallel` calls this closure on several threads at once, and `{name}` is `&mut`, for one at a time: share what \
             may be used by several, as `&AtomicU64` and `&Mutex<..>` may, or use it in a stage that is not parallel"
        );
        errors.at(name, message);
    }
    used.is_empty()
}

fn commit_is_of_the_sink(piece: &Piece, is_sink: bool, errors: &mut Errors) -> bool {
    let Some(commit) = &piece.suffixes.commit else { return true };
    if !is_sink {
        errors.at(&commit.keyword, "`commit` goes after the sink, at the end of the pipeline");
    }
    let is_never = commit.every.as_ref().is_some_and(is_zero);
    if is_never {
        errors.at(&commit.every, "between two commits there is at least one chunk");
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

fn begins_with_a_source(pieces: &mut [Piece], errors: &mut Errors) {
    if let Some(Piece { kind, .. }) = pieces.first_mut()
        && let Kind::Operator(name, operator, _) = &*kind
        && operator.stands() == Stands::Between
    {
        errors.at(
            name,
            format_args!("a pipeline begins with its source, and `{name}` takes its items from one"),
        );
        *kind = Kind::Mistake;
    }
}

/// `merge` is a source, and `route` is a sink.
fn stands_where_it_may(pieces: &mut [Piece], is_part: bool, errors: &mut Errors) {
    let last = pieces.len().saturating_sub(1);
    for (index, Piece { kind, .. }) in pieces.iter_mut().enumerate() {
        let Kind::Operator(name, operator, _) = &*kind else { continue };
        match operator.stands() {
            Stands::First if is_part || index > 0 => {
                errors.at(name, format_args!("a pipeline begins with a `{name}`: {}", operator.usage()));
            }
            Stands::Last if is_part || index == 0 || index < last => {
                errors.at(name, format_args!("a pipeline ends in a `{name}`: {}", operator.usage()));
            }
            _ => continue,
        }
        *kind = Kind::Mistake;
    }
}

/// What is still being typed may become one.
fn ends_in_a_sink(pieces: &mut [Piece], errors: &mut Errors) {
    let only_a_source = pieces.len() == 1;
    let Some(last) = pieces.last_mut() else { return };
    match &last.kind {
        Kind::Expression(source) if only_a_source => {
            errors.at(source, "a pipeline ends in a sink, and this one has only its source");
        }
        Kind::Operator(name, operator, _) if only_a_source && operator.stands() == Stands::First => {
            errors.at(name, "a pipeline ends in a sink, and this one has only its source");
        }
        Kind::Operator(name, operator, Arguments::Parsed(_)) if operator.stands() == Stands::Between => {
            errors.at(name, format_args!("a pipeline ends in a sink, and `{name}` hands its items on"));
        }
        _ => {}
    }
}

/// Whether `operator` takes `arguments`.
fn arguments_are_taken(name: &Ident, operator: Operator, arguments: &Arguments, errors: &mut Errors) -> bool {
    let arguments = match arguments {
        Arguments::Parsed(arguments) => arguments,
        // `name: value` is not the compiler's to explain.
        Arguments::Unparsed(_, error) if operator.takes == Takes::Size => {
            errors.push(error.clone());
            return false;
        }
        Arguments::Unparsed(..) => return true,
    };
    let (named, plain): (Vec<_>, Vec<_>) = arguments.iter().partition(|argument| argument.name.is_some());
    let mut fine = true;
    for (index, argument) in named.iter().enumerate() {
        fine &= name_is_known(operator, argument, &named[..index], errors);
    }
    if !fine {
        return false;
    }
    let given: Vec<_> =
        named.iter().filter_map(|argument| argument.name.as_ref()).map(Ident::to_string).collect();
    let (least, most) = operator.plain(&given);
    if let Some(extra) = plain.get(most) {
        errors.at(&extra.value, operator.usage());
        fine = false;
    } else if plain.len() < least {
        errors.at(name, operator.usage());
        fine = false;
    }
    if fine {
        fine = closures_can_be_called(operator, arguments, errors)
            && tee_has_a_sink(operator, arguments, errors)
            && sinks_are_no_closure(operator, arguments, errors)
            && count_is_a_number(operator, arguments, errors);
    }
    if operator.takes == Takes::Part && fine && !plain.first().is_some_and(|part| is_part(&part.value)) {
        errors.at(plain.first().map(|part| &part.value), operator.usage());
        fine = false;
    }
    if operator.takes == Takes::Size {
        fine &= one_thing_closes(name, &given, errors);
        let bytes = named.iter().find(|argument| argument.name.as_ref().is_some_and(|name| name == "bytes"));
        for size in plain.first().into_iter().chain(bytes) {
            if is_number(&size.value, "usize") {
                fine &= size_is_not_zero(&size.value, errors);
            } else {
                let message = "a size is a number that is more than zero, a `usize`: `buffer(500)`";
                errors.at(&size.value, message);
                fine = false;
            }
        }
    }
    fine
}

/// What the compiler says of a number where a closure is taken, or of a closure of too much, is of calls that the user did
/// not write.
fn closures_can_be_called(operator: Operator, arguments: &[Argument], errors: &mut Errors) -> bool {
    let mut fine = true;
    for (index, Argument { name, value }) in arguments.iter().enumerate() {
        let takes = match (operator.takes, name) {
            (Takes::Closure | Takes::ClosureToMany | Takes::Query, None) => 1,
            (Takes::StateAndClosure, None) if index == 1 => 2,
            (Takes::Sinks, None) if index == 1 => 1,
            (Takes::Size | Takes::Sources, Some(name)) if name == "by" || name == "of" => 1,
            _ => continue,
        };
        if !can_be_called(value, takes) {
            errors.at(value, operator.call(name.as_ref().map(Ident::to_string).as_deref()));
            fine = false;
        }
    }
    fine
}

/// Whether `value` may be a function that `takes` so many arguments.
fn can_be_called(value: &Expr, takes: usize) -> bool {
    match value {
        Expr::Paren(inner) => can_be_called(&inner.expr, takes),
        Expr::Unary(unary) => can_be_called(&unary.expr, takes),
        Expr::Closure(closure) => closure.inputs.len() == takes,
        Expr::Lit(_)
        | Expr::Array(_)
        | Expr::Binary(_)
        | Expr::Cast(_)
        | Expr::Range(_)
        | Expr::Repeat(_)
        | Expr::Tuple(_) => false,
        _ => true,
    }
}

/// What a `tee` is given.
fn tee_has_a_sink(operator: Operator, arguments: &[Argument], errors: &mut Errors) -> bool {
    match arguments {
        [Argument { value, .. }] if operator.takes == Takes::Sink => sink_is_one(value, errors),
        _ => true,
    }
}

/// Whether `sink` may be one that is given to an operator or a policy: no closure, and no `route` of anything else than sinks.
fn sink_is_one(sink: &Expr, errors: &mut Errors) -> bool {
    match sink {
        Expr::Closure(closure) => {
            errors.at(closure, CLOSURE_AS_A_SINK);
            false
        }
        Expr::Call(ExprCall { func, args, .. })
            if let Expr::Path(function) = &**func
                && let Some(name) = function.path.get_ident()
                && let Some(operator) = Operator::find(name)
                && operator.stands() == Stands::Last =>
        {
            let arguments = args.iter().map(|value| Argument { name: None, value: value.clone() });
            arguments_are_taken(name, operator, &Arguments::Parsed(arguments.collect()), errors)
        }
        _ => true,
    }
}

/// What stands the other way around, or is a single source.
fn sinks_are_no_closure(operator: Operator, arguments: &[Argument], errors: &mut Errors) -> bool {
    let is_several = matches!(operator.takes, Takes::Sinks | Takes::Sources);
    match arguments.first() {
        Some(Argument { value: value @ (Expr::Closure(_) | Expr::Lit(_)), .. }) if is_several => {
            errors.at(value, operator.usage());
            false
        }
        _ => true,
    }
}

fn count_is_a_number(operator: Operator, arguments: &[Argument], errors: &mut Errors) -> bool {
    match arguments {
        [Argument { value, .. }] if operator.takes == Takes::Count && !is_number(value, "usize") => {
            errors
                .at(value, format_args!("`{0}` takes a number of items, a `usize`: `{0}(5)`", operator.name));
            false
        }
        _ => true,
    }
}

const CLOSURE_AS_A_SINK: &str =
    "a closure is not a sink by itself: `for_each` makes one of it, as in `for_each(|item| ..)`";

/// Whether `number` may be one of type `ty`: not if it is written as something else, or as less than nothing.
fn is_number(number: &Expr, ty: &str) -> bool {
    match number {
        Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) => ["", ty].contains(&literal.suffix()),
        Expr::Lit(_) => false,
        Expr::Unary(negative) => {
            !(matches!(negative.op, UnOp::Neg(_)) && matches!(*negative.expr, Expr::Lit(_)))
        }
        _ => true,
    }
}

/// Whether `part` is written as one: `Tidy`, or `Tidy(5)`. Its types are inferred.
fn is_part(part: &Expr) -> bool {
    let path = match part {
        Expr::Call(call) => &*call.func,
        part => part,
    };
    let Expr::Path(syn::ExprPath { path, qself: None, .. }) = path else { return false };
    path.segments.iter().all(|segment| segment.arguments.is_none())
}

/// A chunk is closed by one thing besides its size, and that is declared whole.
fn one_thing_closes(operator: &Ident, names: &[String], errors: &mut Errors) -> bool {
    let is_whole =
        |whole: &&[&str]| whole.len() == names.len() && names.iter().all(|name| whole.contains(&&**name));
    if CLOSED_BY.iter().any(is_whole) {
        return true;
    }
    let has = |name: &str| names.iter().any(|given| given == name);
    let message = match (has("bytes"), has("of"), names.len()) {
        (true, false, 1) => {
            "`bytes` needs to know how many an item has: `buffer(bytes: 65536, of: |item| ..)`"
        }
        (false, true, 1) => {
            "`of` says how many bytes an item has, and how many close a chunk is missing: `bytes: 65536`"
        }
        _ => "a chunk is closed by one thing besides its size: `by`, `bytes` with `of`, or `within`",
    };
    errors.at(operator, message);
    false
}

fn name_is_known(operator: Operator, argument: &Argument, before: &[&Argument], errors: &mut Errors) -> bool {
    let Some(name) = &argument.name else { return true };
    let is_known = operator.names().iter().any(|known| name == known);
    if !is_known {
        errors.at(name, format_args!("unknown argument `{name}`; {}", operator.usage()));
        return false;
    }
    if before.iter().any(|before| before.name.as_ref() == Some(name)) {
        errors.at(name, format_args!("`{name}` is given twice"));
        return false;
    }
    true
}

/// A buffer of nothing would never be full. Of a size that is not a literal the type says as much, `NonZeroUsize`.
fn size_is_not_zero(size: &Expr, errors: &mut Errors) -> bool {
    let Some(literal) = literal_size(size) else { return true };
    let is_zero = literal.base10_digits() == "0";
    if is_zero {
        errors.at(literal.to_token_stream(), "a chunk holds at least one item");
    }
    !is_zero
}

pub(super) fn literal_size(size: &Expr) -> Option<&syn::LitInt> {
    match size {
        Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) => Some(literal),
        _ => None,
    }
}
