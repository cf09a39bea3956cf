//! A piece as text: `buffer(500)`, `map(..)`, `Note::stream(db)`.

use proc_macro2::{Delimiter, Ident, Spacing, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::visit_mut::VisitMut;
use syn::{Expr, ExprClosure};

use super::argument::{Argument, Arguments};
use super::ast::{Piece, PieceKind};
use super::policy::{Commit, Parallel, Policy, PolicyKind, Retry, Suffixes, When};

/// `piece` on one line, with the spaces of rustfmt, and `..` for closures and for the inside of braces.
pub(super) fn text(piece: &Piece) -> String {
    let clauses = clauses(&piece.suffixes).into_iter().map(|clause| format!(" {clause}"));
    head(piece) + &clauses.collect::<String>()
}

/// `piece` without its clauses.
pub(super) fn head(piece: &Piece) -> String {
    kind(&piece.kind)
}

/// The clauses of a piece: `named "parse"`, `on_error skip(10)`, `parallel(2)`.
pub(super) fn clauses(suffixes: &Suffixes) -> Vec<String> {
    let named = suffixes.named.iter().map(|named| format!("named {:?}", named.name.value()));
    let policies = suffixes.policies.iter();
    let policies =
        policies.map(|policy| format!("on_error {}{}", split_text(policy), policy_text(&policy.kind)));
    let mut clauses: Vec<_> = named.chain(policies).collect();
    if let Some(Parallel { workers, capacity, by, with, .. }) = &suffixes.parallel {
        let named = [("by", by), ("with", with), ("capacity", capacity)];
        let named = named.into_iter().filter_map(|(name, value)| {
            value.as_ref().map(|value| format!(", {name}: {}", expression(value)))
        });
        clauses.push(format!("parallel({}{})", expression(workers), named.collect::<String>()));
    }
    if let Some(When { condition, .. }) = &suffixes.when {
        clauses.push(format!("when({})", expression(condition)));
    }
    if let Some(Commit { every, .. }) = &suffixes.commit {
        let when = every.as_ref().map(|every| format!("every({})", expression(every)));
        clauses.push(format!("commit {}", when.as_deref().unwrap_or("once")));
    }
    clauses
}

fn split_text(policy: &Policy) -> &'static str {
    if policy.split.is_some() { "split " } else { "" }
}

fn policy_text(policy: &PolicyKind) -> String {
    match policy {
        PolicyKind::Fail => "fail".to_owned(),
        PolicyKind::Skip(limit) => format!("skip({})", expression(limit)),
        PolicyKind::Retry(retry) => {
            let Retry { times, backoff, cap, jitter, within, when } = &**retry;
            let named = |name: &str, value: &Option<Expr>| {
                value.as_ref().map(|value| format!("{name}: {}", expression(value)))
            };
            let arguments = [
                Some(expression(times)),
                Some(expression(backoff)),
                named("cap", cap),
                jitter.as_ref().map(Ident::to_string),
                named("within", within),
                named("if", when),
            ];
            format!("retry({})", arguments.into_iter().flatten().collect::<Vec<_>>().join(", "))
        }
        PolicyKind::DeadLetter(sink) => format!("dead_letter({})", expression(sink)),
        PolicyKind::With(policy) => format!("with({})", expression(policy)),
    }
}

fn kind(kind: &PieceKind) -> String {
    match kind {
        PieceKind::Operator(name, _, Arguments::Parsed(arguments)) if arguments.is_empty() => {
            name.to_string()
        }
        PieceKind::Operator(name, _, Arguments::Parsed(arguments)) => {
            let arguments: Vec<_> = arguments.iter().map(argument).collect();
            format!("{name}({})", arguments.join(", "))
        }
        PieceKind::Expression(value) => expression(value),
        // The compiler shows tokens that are not Rust.
        PieceKind::Operator(name, _, Arguments::Unparsed(..)) => format!("{name}(..)"),
        PieceKind::Unparsed(_) | PieceKind::Mistake => "..".to_owned(),
    }
}

fn argument(argument: &Argument) -> String {
    let value = expression(&argument.value);
    argument.name.as_ref().map_or(value.clone(), |name| format!("{name}: {value}"))
}

pub(super) fn expression(expression: &Expr) -> String {
    let mut expression = expression.clone();
    ShortenClosures.visit_expr_mut(&mut expression);
    tokens(expression.into_token_stream())
}

struct ShortenClosures;

impl VisitMut for ShortenClosures {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        match expression {
            Expr::Closure(ExprClosure { .. }) => *expression = Expr::Verbatim(quote!(..)),
            _ => syn::visit_mut::visit_expr_mut(self, expression),
        }
    }
}

/// The kind of the last token, as far as it determines the next space.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    /// The start, or a token without a space behind it: `(`, `::`, `.`, a prefix such as `&`, or the `<` of generics.
    Sticky,
    /// A token that a binary operator may follow: a name, a literal, a closing bracket.
    Operand,
    /// A keyword such as `mut` or `as`.
    Keyword,
    /// A binary operator, `,` or `;`.
    Operator,
}

fn tokens(tokens: TokenStream) -> String {
    let mut text = String::new();
    let mut last = Last::Sticky;
    let mut generics = 0_usize;
    let mut operator = String::new();
    for token in tokens {
        match token {
            TokenTree::Punct(punct) => {
                operator.push(punct.as_char());
                // `>>` closes two lists of generics.
                let closes = generics > 0 && punct.as_char() == '>';
                if punct.spacing() == Spacing::Alone || closes {
                    last = write_operator(&std::mem::take(&mut operator), last, &mut generics, &mut text);
                } else if punct.as_char() == '\'' {
                    space(last, &mut text);
                    text.push_str(&std::mem::take(&mut operator));
                    last = Last::Sticky;
                } else if operator == "&" && last != Last::Operand {
                    last = write_operator(&std::mem::take(&mut operator), last, &mut generics, &mut text);
                }
            }
            TokenTree::Group(group) => {
                let inside = self::tokens(group.stream());
                let (open, inside, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", inside, ")"),
                    Delimiter::Bracket => ("[", inside, "]"),
                    Delimiter::Brace if inside.is_empty() => (" {", inside, "}"),
                    Delimiter::Brace => (" { ", "..".to_owned(), " }"),
                    Delimiter::None => ("", inside, ""),
                };
                if matches!(last, Last::Keyword | Last::Operator) {
                    space(last, &mut text);
                }
                text.push_str(if last == Last::Operand { open } else { open.trim_start() });
                text.push_str(&inside);
                text.push_str(close);
                last = Last::Operand;
            }
            TokenTree::Ident(ident) => {
                space(last, &mut text);
                let ident = ident.to_string();
                text.push_str(&ident);
                last = match ident.as_str() {
                    "mut" | "as" | "move" | "return" | "match" | "if" | "else" | "in" | "dyn" | "impl" => {
                        Last::Keyword
                    }
                    _ => Last::Operand,
                };
            }
            TokenTree::Literal(literal) => {
                space(last, &mut text);
                text.push_str(&literal.to_string());
                last = Last::Operand;
            }
        }
    }
    text
}

fn space(last: Last, text: &mut String) {
    if last != Last::Sticky {
        text.push(' ');
    }
}

fn write_operator(operator: &str, last: Last, generics: &mut usize, text: &mut String) -> Last {
    let opens = operator == "<" && (text.ends_with("::") || last != Last::Operand || *generics > 0);
    match operator {
        "::" | "." => {
            if last != Last::Operand {
                space(last, text);
            }
            text.push_str(operator);
            Last::Sticky
        }
        "<" if opens => {
            if matches!(last, Last::Keyword | Last::Operator) {
                space(last, text);
            }
            *generics += 1;
            text.push('<');
            Last::Sticky
        }
        ">" if *generics > 0 => {
            *generics -= 1;
            text.push('>');
            Last::Operand
        }
        "?" => {
            text.push('?');
            Last::Operand
        }
        "," | ";" | ":" => {
            text.push_str(operator);
            Last::Operator
        }
        ".." | "..=" => {
            if matches!(last, Last::Keyword | Last::Operator) {
                space(last, text);
            }
            text.push_str(operator);
            Last::Sticky
        }
        "!" if last == Last::Operand => {
            text.push('!');
            Last::Sticky
        }
        _ if last != Last::Operand => {
            space(last, text);
            text.push_str(operator);
            Last::Sticky
        }
        _ => {
            text.push(' ');
            text.push_str(operator);
            Last::Operator
        }
    }
}

#[cfg(test)]
mod tests {
    use super::expression;
    use quote::quote;

    fn check(expr: proc_macro2::TokenStream, expected: &str) {
        assert_eq!(expression(&syn::parse2(expr).unwrap()), expected);
    }

    #[test]
    fn calls_and_paths_are_written_as_people_do() {
        check(quote!(Note::stream(db)), "Note::stream(db)");
        check(quote!(JsonLines::<File, Vec<u8>>::new(out, 5)), "JsonLines::<File, Vec<u8>>::new(out, 5)");
        check(quote!(<Load as Default>::default()), "<Load as Default>::default()");
        check(quote!(self::db.load(&mut store)?.rows[0]), "self::db.load(&mut store)?.rows[0]");
        check(quote!(::std::iter::empty::<u8>()), "::std::iter::empty::<u8>()");
    }

    #[test]
    fn operators_stand_between_spaces() {
        check(quote!(Window::new(2 * n - 1, -1, !x, &a && *b)), "Window::new(2 * n - 1, -1, !x, &a && *b)");
        check(quote!(from_iter(1..=10_u64)), "from_iter(1..=10_u64)");
        check(quote!(from_iter(0..)), "from_iter(0..)");
        check(quote!(a < b), "a < b");
        check(quote!(vec![1, 2]), "vec![1, 2]");
    }

    #[test]
    fn closures_and_blocks_are_left_out() {
        check(quote!(Keep::new(|n: &u64| n % 2 == 0, 5)), "Keep::new(.., 5)");
        check(quote!(Keep { limit: 5, ..rest }), "Keep { .. }");
        check(
            quote!(match x {
                1 => a,
                _ => b,
            }),
            "match x { .. }",
        );
    }
}
