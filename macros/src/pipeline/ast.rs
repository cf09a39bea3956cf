//! The parser: a declaration as data, with its signature and the pieces between the `=>`.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Expr, FnArg, GenericParam, Generics, Ident, Pat, PatType, ReturnType, Token, Type, Visibility,
    WhereClause,
};

use super::argument::{Argument, Arguments};
use super::operator::{Operator, RESERVED, reserved};
use super::policy::Suffixes;
use super::split::{Split, split};
use crate::attributes::{is_condition, is_doc, is_level, leading};
use crate::errors::{Errors, closest};
use crate::root::Root;

/// A declared pipeline, or a part.
pub(super) struct Declaration {
    pub(super) root: Root,
    /// The attributes that pass through to the type.
    pub(super) attributes: Vec<Attribute>,
    /// True for `#[syncline(unmetered)]`: items are not counted, and stages are not timed.
    pub(super) is_unmetered: bool,
    pub(super) visibility: Visibility,
    pub(super) ident: Ident,
    pub(super) generics: Generics,
    pub(super) arguments: Punctuated<PatType, Token![,]>,
    pub(super) output: ReturnType,
    /// The items that a part accepts and emits. `None` for a pipeline with a source and a sink.
    pub(super) part: Option<Part>,
    /// The pieces, at least one. A missing piece is a mistake.
    pub(super) pieces: Vec<Piece>,
    /// The mistakes of the signature and of single pieces.
    pub(super) errors: Errors,
}

/// The type of a part: `: In -> Out`.
pub(super) struct Part {
    pub(super) takes: Type,
    pub(super) hands_on: Type,
}

/// A piece: the tokens between two `=>`.
pub(super) struct Piece {
    /// Its conditions, and levels of lints.
    pub(super) attributes: Vec<Attribute>,
    pub(super) tokens: TokenStream,
    pub(super) kind: PieceKind,
    /// The clauses behind the piece.
    pub(super) suffixes: Suffixes,
}

pub(super) enum PieceKind {
    /// An operator with its row and its arguments.
    Operator(Ident, &'static Operator, Arguments),
    /// An expression that makes a source, a stage or a sink.
    Expression(Expr),
    /// Tokens that are not Rust. They are expanded in place: the compiler's message for them is the best, and an editor
    /// finds a piece there that is still being typed.
    Unparsed(syn::Error),
    /// A mistake that is already reported.
    Mistake,
}

impl Parse for Declaration {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let root = Root::parse_inner(input)?;
        let mut attributes = Attribute::parse_outer(input)?;
        let visibility = input.parse()?;
        let mut errors = Errors::default();
        check_qualifiers(input, &mut errors)?;
        let ident: Ident = input
            .parse()
            .map_err(|error| syn::Error::new(error.span(), "expected the name of the pipeline's type"))?;
        let mut generics: Generics = input.parse()?;
        let own: Vec<_> =
            attributes.extract_if(.., |attribute| attribute.path().is_ident("syncline")).collect();
        for parameter in &mut generics.params {
            check_attributes(parameter, &mut errors);
        }
        let arguments = if input.peek(syn::token::Paren) {
            let list;
            syn::parenthesized!(list in input);
            parse_arguments(&list, &mut errors)?
        } else {
            let expected =
                format_args!("expected the parameters of a run: `{ident}()`, or `{ident}(out: File)`");
            errors.push(input.error(expected));
            Punctuated::new()
        };
        let part: Option<Part> = if input.peek(Token![:]) { Some(input.parse()?) } else { None };
        if part.is_some() {
            let conditions = arguments
                .iter()
                .flat_map(|argument| &argument.attrs)
                .filter(|attribute| is_condition(attribute));
            for condition in conditions {
                errors.at(condition, "a part is used with all its parameters, so none of them can have a condition: declare the part twice, each with a `#[cfg(..)]` before its name");
            }
        }
        let is_unmetered =
            own.iter().filter(|own| says_unmetered(own, part.is_some(), &mut errors)).count() > 0;
        let output = if part.is_some() { ReturnType::Default } else { input.parse()? };
        generics.where_clause = input.parse::<Option<WhereClause>>()?;
        if !input.peek(syn::token::Brace) {
            return Err(input.error("expected the stages of the pipeline: `{ source => stage => sink }`"));
        }
        let body;
        syn::braced!(body in input);
        let pieces = match part {
            None => parse_pieces(&ident, body.parse()?, &mut errors),
            Some(_) => parse_stages(&ident, body.parse()?, &mut errors),
        };
        let behind: TokenStream = input.parse()?;
        if !behind.is_empty() {
            errors.at(behind, "unexpected tokens behind the body of a pipeline");
        }
        Ok(Self {
            root,
            attributes,
            is_unmetered,
            visibility,
            ident,
            generics,
            arguments,
            output,
            part,
            pieces,
            errors,
        })
    }
}

/// The names that a pattern can bind.
fn names(pattern: &Pat) -> Vec<String> {
    fn collect(tokens: TokenStream, names: &mut Vec<String>) {
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => names.push(ident.to_string()),
                TokenTree::Group(group) => collect(group.stream(), names),
                _ => {}
            }
        }
    }
    let mut names = Vec::new();
    collect(pattern.to_token_stream(), &mut names);
    names
}

impl Declaration {
    /// The names of the parameters.
    pub(super) fn values(&self) -> Vec<String> {
        self.arguments.iter().flat_map(|argument| names(&argument.pat)).collect()
    }
}

/// Parses an attribute of the macro itself. Returns true for `unmetered`.
fn says_unmetered(attribute: &Attribute, is_part: bool, errors: &mut Errors) -> bool {
    let is_it = attribute.parse_args::<Ident>().is_ok_and(|word| word == "unmetered");
    if !is_it {
        errors.at(attribute, "expected `#[syncline(unmetered)]`, which counts and times nothing");
    } else if is_part {
        errors.at(attribute, "a part is metered the same way as the pipeline that uses it");
    }
    is_it && !is_part
}

impl Parse for Part {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let colon: Token![:] = input.parse()?;
        let usage = |_| {
            let usage = "a part says what it takes and what it hands on: `: String -> u64`";
            syn::Error::new(colon.span, usage)
        };
        let takes = input.parse().map_err(usage)?;
        input.parse::<Token![->]>().map_err(usage)?;
        Ok(Self { takes, hands_on: input.parse().map_err(usage)? })
    }
}

/// Reports `async` and `fn` before the name, and removes them.
fn check_qualifiers(input: ParseStream, errors: &mut Errors) -> syn::Result<()> {
    if let Some(word) = input.parse::<Option<Token![async]>>()? {
        errors.at(
            word,
            "a pipeline is not `async`: leave it out, and run the pipeline on a thread for blocking work, as in \
             `spawn_blocking(move || Numbers::run(..))`",
        );
        // One mistake is one error.
        input.parse::<Option<Token![fn]>>()?;
    } else if let Some(word) = input.parse::<Option<Token![fn]>>()? {
        errors.at(word, "a pipeline is declared without `fn`: `Numbers(n: u64) -> Vec<u64> { .. }`");
    }
    Ok(())
}

/// Reports a condition of a generic parameter, and removes its attributes.
fn check_attributes(parameter: &mut GenericParam, errors: &mut Errors) {
    let attributes = match parameter {
        GenericParam::Lifetime(parameter) => &mut parameter.attrs,
        GenericParam::Type(parameter) => &mut parameter.attrs,
        GenericParam::Const(parameter) => &mut parameter.attrs,
    };
    if let Some(condition) = attributes.iter().find(|attribute| is_condition(attribute)) {
        errors.at(
            condition,
            "a generic parameter cannot have a condition: declare the pipeline twice, each with a `#[cfg(..)]` before its name",
        );
    }
    attributes.clear();
}

fn parse_arguments(input: ParseStream, errors: &mut Errors) -> syn::Result<Punctuated<PatType, Token![,]>> {
    let mut arguments = Punctuated::new();
    for argument in Punctuated::<FnArg, Token![,]>::parse_terminated(input)? {
        match argument {
            FnArg::Typed(mut argument) => {
                // Rust has no documentation of parameters.
                argument.attrs.retain(|attribute| !is_doc(attribute));
                arguments.push(argument);
            }
            FnArg::Receiver(receiver) => {
                errors.at(receiver, "a pipeline has no `self`: declare a parameter with a name and a type");
            }
        }
    }
    Ok(arguments)
}

fn parse_pieces(ident: &Ident, body: TokenStream, errors: &mut Errors) -> Vec<Piece> {
    let splits = split(body);
    if let [Split { tokens, .. }] = splits.as_slice()
        && tokens.is_empty()
    {
        errors.at(ident, "a pipeline has a source and a sink: `{ source => sink }`");
        return vec![Piece::missing()];
    }
    let no_source = splits.first().is_some_and(|first| first.tokens.is_empty());
    let no_sink = splits.last().is_some_and(|last| last.tokens.is_empty());
    let mut pieces = Vec::new();
    let mut before = None;
    for Split { tokens, arrow } in splits {
        if tokens.is_empty() {
            missing(before.as_ref(), arrow.as_ref(), errors);
        } else {
            parse_piece(&tokens, &mut pieces, errors);
        }
        before = arrow;
    }
    // A placeholder takes the position of the missing piece, so that the checks of the other pieces find them in their
    // own positions.
    if no_source && !matches!(pieces.first(), Some(Piece { kind: PieceKind::Expression(_), .. })) {
        pieces.insert(0, Piece::missing());
    }
    if no_sink {
        pieces.push(Piece::missing());
    }
    pieces
}

/// Parses the body of a part, which has only stages.
fn parse_stages(ident: &Ident, body: TokenStream, errors: &mut Errors) -> Vec<Piece> {
    let splits = split(body);
    if let [Split { tokens, .. }] = splits.as_slice()
        && tokens.is_empty()
    {
        errors.at(ident, "a part has at least one stage: `{ map(|item| ..) }`");
        return vec![Piece::missing()];
    }
    let mut pieces = Vec::new();
    let mut before: Option<TokenStream> = None;
    for Split { tokens, arrow } in splits {
        if !tokens.is_empty() {
            parse_piece(&tokens, &mut pieces, errors);
        } else if let Some(arrow) = &arrow {
            errors.at(arrow, "a stage is missing before this `=>`");
        } else {
            errors.at(&before, "a stage is missing after this `=>`");
        }
        before = arrow;
    }
    if pieces.is_empty() { vec![Piece::missing()] } else { pieces }
}

impl Piece {
    fn new(tokens: TokenStream, kind: PieceKind) -> Self {
        Self { attributes: Vec::new(), tokens, kind, suffixes: Suffixes::default() }
    }

    fn missing() -> Self {
        Self::new(TokenStream::new(), PieceKind::Mistake)
    }
}

/// Reports that the piece between the arrows `before` and `behind` is missing.
fn missing(before: Option<&TokenStream>, behind: Option<&TokenStream>, errors: &mut Errors) {
    match (before, behind) {
        (None, behind) => {
            errors.at(behind, "a pipeline begins with its source, and none stands before this `=>`");
        }
        (Some(_), Some(behind)) => errors.at(behind, "a stage is missing before this `=>`"),
        (Some(before), None) => {
            errors.at(before, "a pipeline ends in a sink, and none stands after this `=>`");
        }
    }
}

/// Parses the `tokens` between two arrows: one piece, or several if an arrow is missing. Before the first one there may be
/// attributes.
fn parse_piece(tokens: &TokenStream, pieces: &mut Vec<Piece>, errors: &mut Errors) {
    let (mut attributes, tokens) = leading(tokens);
    for other in attributes.extract_if(.., |attribute| !is_condition(attribute) && !is_level(attribute)) {
        errors.at(
            other,
            "a stage takes `#[cfg(..)]` and levels of lints, such as `#[allow(..)]`, and no other attribute",
        );
    }
    let index = pieces.len();
    parse_bare_piece(tokens, pieces, errors);
    if let Some(piece) = pieces.get_mut(index) {
        piece.attributes = attributes;
    }
}

fn parse_bare_piece(tokens: TokenStream, pieces: &mut Vec<Piece>, errors: &mut Errors) {
    if let Some(TokenTree::Ident(word)) = tokens.clone().into_iter().next()
        && word == "let"
    {
        errors.at(
            word,
            "a pipeline is one chain of stages without `let`: pass the value as a parameter, or declare it inside of a closure",
        );
        return pieces.push(Piece::new(tokens, PieceKind::Mistake));
    }
    if let Some((kind, rest)) = parse_operator(&tokens, errors) {
        pieces.push(Piece::new(tokens, kind));
        return parse_rest(rest, pieces, errors);
    }
    let parser = |input: ParseStream| {
        let expression = input.parse::<Expr>()?;
        let rest = input.parse::<TokenStream>()?;
        Ok((expression, rest))
    };
    match parser.parse2(tokens.clone()) {
        Ok((Expr::Closure(closure), _)) => {
            errors.at(
                closure.inputs_begin,
                "a closure is not a stage by itself: `map`, `filter` and others take it, as in `map(|item| ..)`, and \
                 `for_each` makes a sink of it",
            );
            pieces.push(Piece::new(tokens, PieceKind::Mistake));
        }
        Ok((expression, rest)) => {
            let tokens = if rest.is_empty() { tokens } else { expression.to_token_stream() };
            pieces.push(Piece::new(tokens, PieceKind::Expression(expression)));
            parse_rest(rest, pieces, errors);
        }
        Err(error) => {
            let error = syn::Error::new_spanned(&tokens, error);
            pieces.push(Piece::new(tokens, PieceKind::Unparsed(error)));
        }
    }
}

/// Parses the clauses behind a complete piece. Reports tokens behind them, and parses these as another piece.
fn parse_rest(rest: TokenStream, pieces: &mut Vec<Piece>, errors: &mut Errors) {
    let (suffixes, rest) = match Suffixes::parse(rest) {
        Ok(parsed) => parsed,
        Err(error) => return errors.push(error),
    };
    if let Some(piece) = pieces.last_mut() {
        piece.suffixes.extend(suffixes);
    }
    let is_punct = |token: &TokenTree| matches!(token, TokenTree::Punct(_));
    let mut tokens = rest.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Punct(comma)), Some(TokenTree::Ident(word)))
            if comma.as_char() == ',' && reserved(&word).is_some() =>
        {
            errors.at(comma, "unexpected comma: clauses such as `parallel(2)` and `on_error skip(10)` follow a stage without commas");
            return parse_rest(rest.into_iter().skip(1).collect(), pieces, errors);
        }
        (Some(TokenTree::Ident(word)), behind) if is_policy(&word, behind.as_ref()) => {
            errors.at(&word, format_args!("`{word}` is a policy: write `on_error {word}`"));
            let on_error = TokenTree::Ident(Ident::new("on_error", word.span()));
            return parse_rest(std::iter::once(on_error).chain(rest).collect(), pieces, errors);
        }
        _ => {}
    }
    match rest.clone().into_iter().next() {
        None => return,
        Some(TokenTree::Ident(word)) if let Some(message) = reserved(&word) => {
            return errors.at(word, message);
        }
        Some(TokenTree::Ident(word)) if let Some(known) = closest(&word.to_string(), RESERVED) => {
            return errors.at(&word, format_args!("unknown word `{word}`; did you mean `{known}`?"));
        }
        Some(TokenTree::Punct(hash)) if hash.as_char() == '#' => {
            return errors.at(rest, "an attribute is written before its stage, behind the `=>`");
        }
        Some(first) if is_punct(&first) && rest.clone().into_iter().all(|token| is_punct(&token)) => {
            errors.at(first, "expected `=>`, which joins two stages");
        }
        Some(first) if is_punct(&first) => errors.at(first, "expected `=>`, which joins two stages"),
        Some(first) => errors.at(first, "a `=>` is missing before this"),
    }
    let rest: TokenStream = rest.into_iter().skip_while(is_punct).collect();
    if !rest.is_empty() {
        parse_piece(&rest, pieces, errors);
    }
}

/// True if `word` is the name of a policy without its `on_error`. A policy and an operator can have the same name, as
/// `skip(5)`; that is an operator.
fn is_policy(word: &Ident, behind: Option<&TokenTree>) -> bool {
    let has_parentheses =
        matches!(behind, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis);
    match word.to_string().as_str() {
        "retry" | "dead_letter" => has_parentheses,
        "fail" => !has_parentheses,
        _ => false,
    }
}

/// The operator at the start of `tokens`, if there is one, and the tokens behind it.
fn parse_operator(tokens: &TokenStream, errors: &mut Errors) -> Option<(PieceKind, TokenStream)> {
    let mut rest = tokens.clone().into_iter();
    let TokenTree::Ident(name) = rest.next()? else { return None };
    let mut after = rest.clone();
    let arguments = match after.next() {
        // `take while(..)`
        Some(TokenTree::Ident(second)) if let Some(operator) = Operator::in_two_words(&name, &second) => {
            errors.at(&second, format_args!("`{}` is one word", operator.name));
            return Some((PieceKind::Mistake, TokenStream::new()));
        }
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
            rest = after;
            Some(group)
        }
        // `map |item| ..`, `take 5`
        Some(token) if begins_an_argument(&token) && Operator::find(&name).is_some() => {
            let usage = Operator::find(&name).map(Operator::usage).unwrap_or_default();
            errors.at(&name, usage);
            return Some((PieceKind::Mistake, TokenStream::new()));
        }
        // `take` and `take parallel(2)` are operators; `take.apart()` and `take::Apart` are not.
        Some(TokenTree::Punct(_)) => return None,
        _ => None,
    };
    let operator = match (Operator::find(&name), reserved(&name)) {
        (Some(operator), _) => operator,
        (None, Some(message)) => {
            errors.at(&name, message);
            return Some((PieceKind::Mistake, TokenStream::new()));
        }
        (None, None) => return None,
    };
    let arguments = match arguments {
        Some(group) => match parse_group.parse2(group.to_token_stream()) {
            Ok(arguments) => Arguments::Parsed(arguments.into_iter().collect()),
            Err(error) => Arguments::Unparsed(group, error),
        },
        None => Arguments::Parsed(Vec::new()),
    };
    Some((PieceKind::Operator(name, operator, arguments), rest.collect()))
}

/// True if `token` starts an argument whose parentheses are missing.
fn begins_an_argument(token: &TokenTree) -> bool {
    match token {
        TokenTree::Punct(bar) => bar.as_char() == '|',
        TokenTree::Literal(_) => true,
        _ => false,
    }
}

/// Parses arguments with their parentheses, so that the compiler reports an unexpected end at the closing one.
fn parse_group(input: ParseStream) -> syn::Result<Punctuated<Argument, Token![,]>> {
    let arguments;
    syn::parenthesized!(arguments in input);
    arguments.parse_terminated(Argument::parse, Token![,])
}
