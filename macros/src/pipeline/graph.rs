//! The declared graph: the body of `graph()`.
//!
//! A size is a number if it is a literal or a constant, and otherwise the text of its expression.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, quote};
use syn::ext::IdentExt as _;
use syn::visit::Visit;
use syn::{Expr, ExprCall, ExprPath, Lit};

use super::argument::{Argument, Arguments, bind, names};
use super::ast::{Declaration, Piece, PieceKind};
use super::operator::{Form, Holds, Kind, Operator, Shape};
use super::part::{is_function, part_and_arguments};
use super::policy::{Parallel, PolicyKind};
use super::text::{clauses, expression, head};
use crate::attributes::conditions;
use crate::root::Root;

/// The expression that creates the graph of `declaration`.
pub(super) fn graph(declaration: &Declaration) -> TokenStream {
    let Declaration { root, ident, pieces, .. } = declaration;
    let drawing = Drawing { root, bound: Bound::by(declaration) };
    let name = ident.unraw().to_string();
    let last = pieces.len().saturating_sub(1);
    let nodes = pieces.iter().enumerate().map(|(index, piece)| {
        let role = match index {
            _ if declaration.part.is_some() => "stage",
            0 => "source",
            _ if index == last => "sink",
            _ => "stage",
        };
        let (conditions, node) = (conditions(&piece.attributes), drawing.node(piece, role));
        quote!(#conditions #node)
    });
    quote!(#root::Graph::of(#name, [#(#nodes),*]))
}

struct Drawing<'a> {
    root: &'a Root,
    bound: Bound,
}

impl Drawing<'_> {
    fn node(&self, piece: &Piece, role: &str) -> TokenStream {
        let root = self.root;
        let text = head(piece);
        let mut node = match &piece.kind {
            PieceKind::Operator(_, operator, Arguments::Parsed(arguments))
                if role == "stage"
                    && let Some(form) = operator.form(&names(arguments)) =>
            {
                self.operator(operator, &text, form, arguments)
            }
            _ => {
                let role = Ident::new(role, proc_macro2::Span::call_site());
                quote!(#root::Node::#role(#text))
            }
        };
        for clause in clauses(&piece.suffixes) {
            node.extend(quote!(.clause(#clause)));
        }
        for policy in &piece.suffixes.policies {
            match &policy.kind {
                PolicyKind::Fail | PolicyKind::Skip(_) | PolicyKind::With(_) => {}
                PolicyKind::Retry(_) => node.extend(quote!(.keeping_a_copy())),
                PolicyKind::DeadLetter(sink) => {
                    let sink = expression(sink);
                    node.extend(quote!(.keeping_a_copy().branch("failed", #sink)));
                }
            }
        }
        if let Some(Parallel { workers, capacity, .. }) = &piece.suffixes.parallel {
            let workers = self.amount(workers);
            let otherwise =
                || quote!(<#root::Amount as ::core::convert::From<_>>::from(#root::__private::CAPACITY));
            let capacity = capacity.as_ref().map_or_else(otherwise, |capacity| self.amount(capacity));
            node.extend(quote!(.on_threads(&#workers, &#capacity)));
        }
        node
    }

    /// The node of an operator, with the sizes, sinks and parts in its arguments.
    fn operator(
        &self,
        operator: &Operator,
        text: &str,
        form: &'static Form,
        arguments: &[Argument],
    ) -> TokenStream {
        let root = self.root;
        let mut gathers = false;
        let mut more = match operator.shape {
            Shape::Plain => TokenStream::new(),
            Shape::TakesApart => quote!(.taking_apart()),
            Shape::Spreads => quote!(.spreading()),
        };
        for (parameter, argument) in bind(form, arguments) {
            let Some(Argument { value, .. }) = argument else { continue };
            match parameter.kind {
                Kind::Part if is_function(value) => {}
                Kind::Part => {
                    let (part, _) = part_and_arguments(value);
                    return quote!(#root::Node::part(#text, {
                        use #root::__private::{DrawsNothing as _, DrawsPart as _};
                        (&::core::marker::PhantomData::<#part>).drawn_or_empty()
                    }));
                }
                Kind::Size { holds, .. } => {
                    let amount = self.amount(value);
                    gathers |= matches!(holds, Holds::Chunk | Holds::Bytes);
                    more.extend(match holds {
                        Holds::Chunk => quote!(.up_to(#amount)),
                        Holds::Bytes => quote!(.up_to_bytes(#amount)),
                        Holds::AllButOne => quote!(.holding_all_but_one(#amount)),
                        Holds::Keys => {
                            let keys = format!("{} keys", expression(value));
                            quote!(.holding_in_words(#keys))
                        }
                        Holds::Items => quote!(.holding(#amount)),
                        Holds::Nothing => TokenStream::new(),
                    });
                }
                Kind::Source => more.extend(quote!(.holding_in_words("a chunk of the second source"))),
                Kind::Sink { branch } => {
                    let sink = expression(value);
                    more.extend(quote!(.branch(#branch, #sink)));
                }
                _ => {}
            }
        }
        let node = if gathers { quote!(gathering) } else { quote!(operator) };
        quote!(#root::Node::#node(#text) #more)
    }

    /// A size: a number if it is a literal or a constant, and otherwise its text.
    fn amount(&self, size: &Expr) -> TokenStream {
        let root = self.root;
        let text = expression(size);
        match size {
            Expr::Lit(literal)
                if let Lit::Int(number) = &literal.lit
                    && let Ok(number) = number.base10_parse::<u64>() =>
            {
                quote!(<#root::Amount as ::core::convert::From<_>>::from(#number))
            }
            // Without the parentheses, the reference would apply to the left operand.
            Expr::Binary(_) if self.bound.is_constant(size) => {
                quote!(#root::Amount::declared(#text, &(#size)))
            }
            _ if self.bound.is_constant(size) => quote!(#root::Amount::declared(#text, &#size)),
            _ => quote!(#root::Amount::unknown(#text)),
        }
    }
}

/// The names that have a value only during a run: arguments, and generic parameters.
struct Bound(Vec<String>);

impl Bound {
    fn by(declaration: &Declaration) -> Self {
        struct Names(Vec<String>);
        impl<'ast> Visit<'ast> for Names {
            fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
                self.0.push(pattern.ident.to_string());
                syn::visit::visit_pat_ident(self, pattern);
            }
        }
        let mut names = Names(Vec::new());
        declaration.arguments.iter().for_each(|argument| names.visit_pat(&argument.pat));
        let parameters = declaration.generics.params.iter().filter_map(|parameter| match parameter {
            syn::GenericParam::Type(parameter) => Some(parameter.ident.to_string()),
            syn::GenericParam::Const(parameter) => Some(parameter.ident.to_string()),
            syn::GenericParam::Lifetime(_) => None,
        });
        names.0.extend(parameters);
        Self(names.0)
    }

    /// True if `size` is the same for every run and cheap to evaluate.
    fn is_constant(&self, size: &Expr) -> bool {
        match size {
            Expr::Lit(_) => true,
            Expr::Path(ExprPath { path, qself: None, .. }) => {
                path.segments.first().is_some_and(|first| !self.0.contains(&first.ident.to_string()))
            }
            Expr::Binary(binary) => self.is_constant(&binary.left) && self.is_constant(&binary.right),
            Expr::Paren(inner) => self.is_constant(&inner.expr),
            // A const block cannot name an argument.
            Expr::Const(block) => self.names_no_parameter(block),
            Expr::Call(ExprCall { func, args, .. }) => {
                is_of_core(func) && args.iter().all(|argument| self.is_constant(argument))
            }
            _ => false,
        }
    }

    fn names_no_parameter(&self, block: &syn::ExprConst) -> bool {
        fn names(tokens: TokenStream, bound: &[String]) -> bool {
            tokens.into_iter().any(|token| match token {
                proc_macro2::TokenTree::Ident(ident) => bound.contains(&ident.to_string()),
                proc_macro2::TokenTree::Group(group) => names(group.stream(), bound),
                _ => false,
            })
        }
        !names(block.to_token_stream(), &self.0)
    }
}

/// True for the functions `size(..)` and `Duration::from_..(..)`.
fn is_of_core(function: &Expr) -> bool {
    let Expr::Path(ExprPath { path, .. }) = function else { return false };
    let mut segments = path.segments.iter().rev().map(|segment| segment.ident.to_string());
    match (segments.next().as_deref(), segments.next().as_deref()) {
        (Some("size"), _) => true,
        (Some(name), Some("Duration")) => name.starts_with("from_"),
        _ => false,
    }
}
