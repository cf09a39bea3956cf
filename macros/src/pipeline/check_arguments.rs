//! The rules of an operator's arguments, by the kinds of its parameters.

use proc_macro2::Ident;
use quote::ToTokens as _;
use syn::{Expr, ExprCall, ExprLit, Lit, Token, UnOp};

use super::argument::{Argument, Arguments, bind, names};
use super::operator::{Form, Kind, Operator, Parameter, Position, Returns};
use crate::errors::Errors;

/// `true` if the feature `futures` of the crate `syncline` is on. Snapshots have it on.
const HAS_FUTURES: bool = cfg!(any(test, feature = "futures"));

/// The end of the message about an operator that awaits futures.
const NEEDS_FUTURES: &str = "needs the feature `futures` of the crate `syncline`, and it is off: \
                             `cargo add syncline --features futures`";

/// Reports every argument that `operator` does not accept. Returns false if there is one. If `with_state`, its closure
/// has the state of a thread as an additional parameter.
pub(super) fn check_arguments(
    name: &Ident,
    operator: &Operator,
    arguments: &Arguments,
    with_state: bool,
    errors: &mut Errors,
) -> bool {
    if !HAS_FUTURES && operator.awaits() {
        errors.at(name, format_args!("`{name}` {NEEDS_FUTURES}"));
        return false;
    }
    let arguments = match arguments {
        Arguments::Parsed(arguments) => arguments,
        // The compiler cannot explain `name: value`.
        Arguments::Unparsed(_, error)
            if operator.position == Position::Stage && operator.named().count() > 0 =>
        {
            errors.push(error.clone());
            return false;
        }
        Arguments::Unparsed(..) => return true,
    };
    let mut fine = true;
    for (index, argument) in arguments.iter().enumerate() {
        if let Some(attribute) = argument.attributes.first() {
            errors.at(
                attribute,
                format_args!("an argument of `{name}` takes no attribute: write it before the stage, and for two cases write two stages"),
            );
            fine = false;
        }
        fine &= check_name(operator, argument, &arguments[..index], errors);
    }
    if !fine {
        return false;
    }
    let names = names(arguments);
    let Some(form) = operator.form(&names) else {
        errors.at(name, no_form(operator, &names));
        return false;
    };
    if !check_count(name, operator, form, arguments, errors) {
        return false;
    }
    let bound = bind(form, arguments);
    let (closures, others): (Vec<_>, Vec<_>) =
        bound.into_iter().partition(|(parameter, _)| matches!(parameter.kind, Kind::Closure(..)));
    // If the arguments are in the wrong order, one error is enough.
    for group in [closures, others] {
        for (parameter, argument) in group {
            let parameter = if with_state { parameter.with_state() } else { *parameter };
            fine &= argument
                .is_none_or(|argument| check_argument(operator, form, &parameter, &argument.value, errors));
        }
        if !fine {
            return false;
        }
    }
    true
}

/// Reports a name that `operator` does not have, or that is given twice. `before` are the arguments before this one.
fn check_name(operator: &Operator, argument: &Argument, before: &[Argument], errors: &mut Errors) -> bool {
    let Some(name) = &argument.name else { return true };
    if !operator.named().any(|known| known.name.is_some_and(|known| name == known)) {
        errors.at(name, format_args!("unknown argument `{name}`; {}", operator.usage()));
        return false;
    }
    if before.iter().any(|before| before.name.as_ref() == Some(name)) {
        errors.at(name, format_args!("`{name}` is given twice"));
        return false;
    }
    true
}

/// The message for named arguments that match no form of `operator`.
pub(super) fn no_form(operator: &Operator, names: &[String]) -> &'static str {
    let alone = match names {
        [only] => operator.named().find(|known| known.name == Some(only)).map(|known| known.alone),
        _ => None,
    };
    alone.filter(|alone| !alone.is_empty()).unwrap_or(operator.one_form)
}

fn check_count(
    name: &Ident,
    operator: &Operator,
    form: &Form,
    arguments: &[Argument],
    errors: &mut Errors,
) -> bool {
    let plain = form.parameters.iter().filter(|parameter| parameter.name.is_none());
    let required = plain.clone().filter(|parameter| parameter.default.is_none()).count();
    let given: Vec<_> = arguments.iter().filter(|argument| argument.name.is_none()).collect();
    if let Some(extra) = given.get(plain.count()) {
        errors.at(&extra.value, operator.usage());
        return false;
    }
    if given.len() < required {
        errors.at(name, operator.usage());
        return false;
    }
    true
}

/// Reports `value` if it cannot be an argument for `parameter`, as far as the tokens show.
fn check_argument(
    operator: &Operator,
    form: &Form,
    parameter: &Parameter,
    value: &Expr,
    errors: &mut Errors,
) -> bool {
    let message = match parameter.kind {
        Kind::Value | Kind::Duration => return true,
        Kind::Sink { .. } => return check_second_sink(value, errors),
        Kind::Count if is_number(value, "usize") => return true,
        Kind::Count => {
            format!("`{}` takes a number of items, a `usize`: `{}`", operator.name, form.example)
        }
        Kind::Size { of, .. } if is_number(value, "usize") => {
            return check_size(value, of, errors);
        }
        Kind::Size { .. } => {
            let Form { example, .. } = operator.forms[0];
            format!("a size is a number that is more than zero, a `usize`: `{example}`")
        }
        Kind::Closure(_, returns)
            if !matches!(returns, Returns::Future(_))
                && let Some(word) = async_word(value) =>
        {
            errors.at(
                word,
                format_args!("`{}` does not wait for a future: `map_async(8, |item| async move {{ .. }})` does, behind the feature `futures`", operator.name),
            );
            return false;
        }
        Kind::Closure(calls, _) if can_be_called(value, calls.count()) => return true,
        Kind::Closure(calls, _) => operator.call(parameter, calls),
        Kind::Part if is_part(value) => return true,
        // The order of the arguments is wrong, or there is only one member.
        Kind::Source | Kind::Sources | Kind::Sinks if !matches!(value, Expr::Closure(_) | Expr::Lit(_)) => {
            return true;
        }
        Kind::Part | Kind::Source | Kind::Sources | Kind::Sinks => operator.usage(),
    };
    errors.at(value, message);
    false
}

/// True if `value` may be a function with `count` parameters. For a number in this place, the compiler would report
/// calls that the user did not write.
pub(super) fn can_be_called(value: &Expr, count: usize) -> bool {
    match value {
        Expr::Paren(inner) => can_be_called(&inner.expr, count),
        Expr::Unary(unary) => can_be_called(&unary.expr, count),
        Expr::Closure(closure) => closure.inputs.len() == count,
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

/// The `async` of a closure that returns a future.
fn async_word(value: &Expr) -> Option<Token![async]> {
    match value {
        Expr::Paren(inner) => async_word(&inner.expr),
        Expr::Closure(closure) => match (&closure.asyncness, &*closure.body) {
            (Some(word), _) => Some(*word),
            (None, Expr::Async(block)) => Some(block.async_token),
            _ => None,
        },
        _ => None,
    }
}

/// Reports `sink` if it cannot be the sink of an operator or a policy: a closure, or an operator with wrong arguments.
pub(super) fn check_second_sink(sink: &Expr, errors: &mut Errors) -> bool {
    match sink {
        Expr::Closure(closure) => {
            errors.at(
                closure,
                "a closure is not a sink by itself: `for_each` makes one of it, as in `for_each(|item| ..)`",
            );
            false
        }
        Expr::Call(ExprCall { func, args, .. })
            if let Expr::Path(function) = &**func
                && let Some(name) = function.path.get_ident()
                && let Some(operator) = Operator::find(name)
                && operator.has(Kind::Sinks) =>
        {
            let arguments = args.iter().cloned().map(Argument::from);
            check_arguments(name, operator, &Arguments::Parsed(arguments.collect()), false, errors)
        }
        _ => true,
    }
}

/// True if `number` may be of type `ty`. A negative literal, or a literal of another type, is not.
pub(super) fn is_number(number: &Expr, ty: &str) -> bool {
    match number {
        Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) => ["", ty].contains(&literal.suffix()),
        Expr::Lit(_) => false,
        Expr::Unary(negative) => {
            !(matches!(negative.op, UnOp::Neg(_)) && matches!(*negative.expr, Expr::Lit(_)))
        }
        _ => true,
    }
}

/// True if `part` has the form of a part or a function: `Tidy`, or `Tidy(5)`, without types, or a closure of a pipeline.
fn is_part(part: &Expr) -> bool {
    let path = match part {
        Expr::Closure(closure) => return closure.inputs.len() == 1,
        Expr::Call(call) => &*call.func,
        part => part,
    };
    let Expr::Path(syn::ExprPath { path, qself: None, .. }) = path else { return false };
    path.segments.iter().all(|segment| segment.arguments.is_none())
}

/// Reports a literal zero. Any other size must be a `NonZeroUsize`.
fn check_size(size: &Expr, of: &str, errors: &mut Errors) -> bool {
    let Some(literal) = literal_size(size) else { return true };
    let is_zero = literal.base10_digits() == "0";
    if is_zero {
        errors.at(literal.to_token_stream(), format_args!("{of} holds at least one item"));
    }
    !is_zero
}

/// The literal, if `size` is one.
pub(super) fn literal_size(size: &Expr) -> Option<&syn::LitInt> {
    match size {
        Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) => Some(literal),
        _ => None,
    }
}
