//! Expansions of declarations with mistakes, and of incomplete ones.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::expanded;
use crate::pipeline::pipeline;

#[test]
fn a_mistake_keeps_the_shape() {
    insta::assert_snapshot!(expanded(quote! {
        Numbers() -> Vec<u64> {
            from_iter(0..10) => map => buffer(0) => unbuffer => Collect::new()
        }
    }), @r#"
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
    struct Numbers;
    impl Numbers {
        /// Runs the pipeline like `run`, with `options` such as a cancel token and an observer.
        ///
        /// # Errors
        ///
        /// If the run fails or is cancelled.
        fn run_with(
            options: ::syncline::RunOptions<'_>,
        ) -> ::core::result::Result<::syncline::Outcome<Vec<u64>>, ::syncline::Error> {
            use ::syncline::fit::methods::*;
            let source = { ::syncline::fit::IsSource::check }({ from_iter }(0..10))
                .source_or_unknown();
            let pipeline = { ::syncline::Pipeline::new }("Numbers", source);
            let pipeline = ::core::compile_error! {
                "`map` takes one closure: `map(|item| ..)`"
            };
            let pipeline = ::core::compile_error! {
                "a chunk holds at least one item"
            };
            let pipeline = ::syncline::__private::fit_stage(
                pipeline,
                ::syncline::stage::Unbuffer::new(),
                |_, item_of_the_stage| ::syncline::fit::IsChunk::itself(item_of_the_stage),
            );
            ::syncline::__private::with_output(
                    {
                        ::syncline::__private::fit_sink
                    }(
                        pipeline,
                        { ::syncline::fit::IsSink::check }({ Collect::new }())
                            .sink_or_unknown(),
                        |wanted, given| ::syncline::fit::FitsSink::fit(
                            wanted,
                            given,
                            ::syncline::fit::Joint,
                        ),
                    ),
                    ::core::marker::PhantomData::<Vec<u64>>,
                    |wanted, given| ::syncline::fit::Gives::fit(
                        wanted,
                        given,
                        ::syncline::fit::Joint,
                    ),
                )
                .run_or_unknown(options)
        }
        /// The source, the stages and the sink, as declared.
        const STAGES: &'static [&'static ::core::primitive::str] = &[
            "from_iter(0..10)",
            "..",
            "..",
            "unbuffer",
            "Collect::new()",
        ];
        /// The graph of the pipeline, as declared. The pipeline is not run.
        #[must_use]
        fn graph() -> ::syncline::Graph {
            ::syncline::Graph::of(
                "Numbers",
                [
                    ::syncline::Node::source("from_iter(0..10)"),
                    ::syncline::Node::stage(".."),
                    ::syncline::Node::stage(".."),
                    ::syncline::Node::operator("unbuffer").taking_apart(),
                    ::syncline::Node::sink("Collect::new()"),
                ],
            )
        }
        /// Runs the pipeline to its end on this thread. Parallel stages have their own threads.
        ///
        /// # Errors
        ///
        /// If the source, a stage or the sink fails. The sink is then not finished, and makes no more items durable.
        fn run() -> ::core::result::Result<
            ::syncline::Outcome<Vec<u64>>,
            ::syncline::Error,
        > {
            Self::run_with(::syncline::RunOptions::new())
        }
        /// Returns the pipeline with its arguments as a value that can be kept and run later.
        fn prepare() -> ::syncline::Job<
            impl ::core::ops::FnOnce(
                ::syncline::RunOptions<'_>,
            ) -> ::core::result::Result<::syncline::Outcome<Vec<u64>>, ::syncline::Error>,
        > {
            ::syncline::Job::new(
                "Numbers",
                Self::graph(),
                move |options: ::syncline::RunOptions<'_>| { Self::run_with(options) },
            )
        }
    }
    "#);
}

#[test]
fn what_is_no_rust_stays_in_its_place() {
    let tokens = pipeline(quote! {
        Numbers() -> Vec<u64> {
            from_iter(0..10) => map(|n| n.) => Collect::new()
        }
    });
    assert!(tokens.to_string().contains("pipeline . map (| n | n .) ;"), "{tokens}");
}

/// An editor looks for the piece that is being typed at the same place in the expansions of half a word and of the
/// whole word.
#[test]
fn what_is_half_written_stands_where_the_whole_would() {
    #[track_caller]
    fn check(half: TokenStream, whole: TokenStream, before_the_cursor: &str) {
        let [half, whole] = [half, whole].map(|declaration| pipeline(declaration).to_string());
        let up_to_the_cursor = |text: &str| {
            let at = text.find(before_the_cursor).expect("what the user wrote is there");
            text[..at].to_owned()
        };
        assert_eq!(up_to_the_cursor(&half), up_to_the_cursor(&whole));
        assert!(!half.contains("compile_error"), "{half}");
    }
    check(
        quote!(Titles(notes: Vec<Note>) -> Vec<String> { from_iter(notes) => map(|note| note.) => Collect::new() }),
        quote!(Titles(notes: Vec<Note>) -> Vec<String> { from_iter(notes) => map(|note| note.t) => Collect::new() }),
        "| note | note .",
    );
    check(
        quote!(Titles(notes: Vec<Note>, s: Settings) { from_iter(notes) => buffer(500) => Load(s.) => Print }),
        quote!(Titles(notes: Vec<Note>, s: Settings) { from_iter(notes) => buffer(500) => Load(s.t) => Print }),
        "(s .",
    );
    for operator in
        ["try_map", "filter", "filter_map", "take_while", "dedup", "flat_map", "lookup", "inspect", "keep"]
    {
        let operator = Ident::new(operator, Span::call_site());
        check(
            quote!(Titles(notes: Vec<Note>) { from_iter(notes) => #operator(|note| note.) => Print }),
            quote!(Titles(notes: Vec<Note>) { from_iter(notes) => #operator(|note| note.t) => Print }),
            "| note | note .",
        );
    }
    check(
        quote!(Titles(notes: Vec<Note>) { from_iter(notes) => route([first, second], |note| note.) }),
        quote!(Titles(notes: Vec<Note>) { from_iter(notes) => route([first, second], |note| note.t) }),
        "| note | note .",
    );
    check(
        quote!(Titles(notes: Vec<Note>) { merge([a, b], by: |note| note.) => Print }),
        quote!(Titles(notes: Vec<Note>) { merge([a, b], by: |note| note.t) => Print }),
        "| note | note .",
    );
    check(
        quote!(Titles(): Note -> String { filter(|note| note.is_long()) => map(|page| page.) }),
        quote!(Titles(): Note -> String { filter(|note| note.is_long()) => map(|page| page.t) }),
        "| page | page .",
    );
    check(
        quote!(Titles(notes: Vec<Note>) { from_iter(notes) => chunk_while(most::<u8, u16>(), |a, b| a.) => Print }),
        quote!(Titles(notes: Vec<Note>) { from_iter(notes) => chunk_while(most::<u8, u16>(), |a, b| a.t) => Print }),
        "| a , b | a .",
    );
}
