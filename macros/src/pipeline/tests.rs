//! What users get. The same declarations are compiled and run in `tests/it/expansions.rs` of the face crate.

#![expect(clippy::too_many_lines, reason = "what is expanded is shown whole")]

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

fn expanded(input: TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(super::pipeline(input)).unwrap())
}

#[test]
fn operators_and_stages() {
    insta::assert_snapshot!(expanded(quote! {
        /// Even numbers, twice over.
        pub(crate) Doubles(n: u64) -> Vec<u64> {
            from_iter(0..n)
                => filter(|n| n % 2 == 0)
                => Double
                => buffer(2)
                => unbuffer
                => buffer(size, by: |n| n / 10)
                => flat_map(|chunk| chunk)
                => Collect::new()
        }
    }), @r#"
    /// Even numbers, twice over.
    #[derive(Debug, Clone, Copy)]
    pub(crate) struct Doubles;
    #[allow(dead_code)]
    impl Doubles {
        /// As `run`, heeding `options`: what may cancel it, and who is told how far it is.
        ///
        /// # Errors
        ///
        /// As for `run`, and when it is cancelled.
        pub(crate) fn run_with(
            options: ::syncline::RunOptions<'_>,
            n: u64,
        ) -> ::core::result::Result<::syncline::Outcome<Vec<u64>>, ::syncline::Error> {
            let pipeline = ::syncline::Pipeline::new(
                "Doubles",
                ::syncline::fit::IsSource::itself(from_iter(0..n)),
            );
            let call = ::syncline::__private::of_item_ref(
                ::syncline::__private::handed_on(&pipeline),
                |n| n % 2 == 0,
                |made| ::syncline::fit::Decides::fit(made.0, ::syncline::fit::Joint),
            );
            let pipeline = pipeline.filter(call);
            let pipeline = ::syncline::__private::fit_stage(
                pipeline,
                ::syncline::fit::IsStage::itself(Double),
                |takes, item| ::syncline::fit::Fits::fit(takes, item, ::syncline::fit::Joint),
            );
            let pipeline = pipeline.buffer(const { ::syncline::size(2) });
            let pipeline = ::syncline::__private::fit_stage(
                pipeline,
                ::syncline::__private::unbuffer(),
                |_, chunk| ::syncline::fit::IsChunk::itself(chunk),
            );
            let call = ::syncline::__private::of_item_ref(
                ::syncline::__private::handed_on(&pipeline),
                |n| n / 10,
                |made| ::syncline::fit::IsKey::itself(made.0),
            );
            let pipeline = pipeline
                .buffer_by(::syncline::fit::IsSize::fit(size, ::syncline::fit::Joint), call);
            let pipeline = ::syncline::__private::flat_map(
                pipeline,
                |chunk| chunk,
                |items| ::syncline::fit::IsMany::itself(items),
            );
            ::syncline::__private::give(
                ::core::marker::PhantomData::<Vec<u64>>,
                ::syncline::__private::fit_sink(
                        pipeline,
                        ::syncline::fit::IsSink::itself(Collect::new()),
                        |takes, item| ::syncline::fit::FitsSink::fit(
                            takes,
                            item,
                            ::syncline::fit::Joint,
                        ),
                    )
                    .run_with(options),
                |declared, output| ::syncline::fit::Gives::fit(
                    declared,
                    output,
                    ::syncline::fit::Joint,
                ),
            )
        }
        /// The source, the stages and the sink, as they are declared.
        pub(crate) const STAGES: &'static [&'static str] = &[
            "from_iter(0..n)",
            "filter(..)",
            "Double",
            "buffer(2)",
            "unbuffer",
            "buffer(size, by: ..)",
            "flat_map(..)",
            "Collect::new()",
        ];
        /// The pipeline as it is declared, to be shown: it is not run.
        #[must_use]
        pub(crate) fn graph() -> ::syncline::Graph {
            ::syncline::Graph::of(
                "Doubles",
                [
                    ::syncline::Node::source("from_iter(0..n)"),
                    ::syncline::Node::operator("filter", "filter(..)"),
                    ::syncline::Node::stage("Double"),
                    ::syncline::Node::gathering("buffer(2)")
                        .up_to(::syncline::Amount::from(2u64)),
                    ::syncline::Node::operator("unbuffer", "unbuffer"),
                    ::syncline::Node::gathering("buffer(size, by: ..)")
                        .up_to(::syncline::Amount::declared("size", &size)),
                    ::syncline::Node::operator("flat_map", "flat_map(..)"),
                    ::syncline::Node::sink("Collect::new()"),
                ],
            )
        }
        /// Runs the pipeline to its end, on this thread but for what is declared to be parallel.
        ///
        /// # Errors
        ///
        /// When the source, a stage or the sink fails. What the sink took is then not made durable.
        pub(crate) fn run(
            n: u64,
        ) -> ::core::result::Result<::syncline::Outcome<Vec<u64>>, ::syncline::Error> {
            Self::run_with(::syncline::RunOptions::new(), n)
        }
        /// The pipeline with what it is given, as a value: to be kept, and run later.
        pub(crate) fn prepare(
            n: u64,
        ) -> ::syncline::Prepared<
            impl ::core::ops::FnOnce(
                ::syncline::RunOptions<'_>,
            ) -> ::core::result::Result<::syncline::Outcome<Vec<u64>>, ::syncline::Error>,
        > {
            ::syncline::Prepared::new(
                "Doubles",
                Self::graph(),
                move |options: ::syncline::RunOptions<'_>| { Self::run_with(options, n) },
            )
        }
    }
    "#);
}

#[test]
fn generics_and_another_root() {
    insta::assert_snapshot!(expanded(quote! {
        #![syncline(crate = ::syncline_core)]
        Printed<T>(items: &[T]) where T: Display {
            from_iter(items) => Print
        }
    }), @r#"
    #[derive(Debug, Clone, Copy)]
    struct Printed;
    #[allow(dead_code)]
    impl Printed {
        /// As `run`, heeding `options`: what may cancel it, and who is told how far it is.
        ///
        /// # Errors
        ///
        /// As for `run`, and when it is cancelled.
        fn run_with<T>(
            options: ::syncline_core::RunOptions<'_>,
            items: &[T],
        ) -> ::core::result::Result<::syncline_core::Outcome<()>, ::syncline_core::Error>
        where
            T: Display,
        {
            let pipeline = ::syncline_core::Pipeline::new(
                "Printed",
                ::syncline_core::fit::IsSource::itself(from_iter(items)),
            );
            ::syncline_core::__private::give(
                ::core::marker::PhantomData::<()>,
                ::syncline_core::__private::fit_sink(
                        pipeline,
                        ::syncline_core::fit::IsSink::itself(Print),
                        |takes, item| ::syncline_core::fit::FitsSink::fit(
                            takes,
                            item,
                            ::syncline_core::fit::Joint,
                        ),
                    )
                    .run_with(options),
                |declared, output| ::syncline_core::fit::Gives::fit(
                    declared,
                    output,
                    ::syncline_core::fit::Joint,
                ),
            )
        }
        /// The source, the stages and the sink, as they are declared.
        const STAGES: &'static [&'static str] = &["from_iter(items)", "Print"];
        /// The pipeline as it is declared, to be shown: it is not run.
        #[must_use]
        fn graph() -> ::syncline_core::Graph {
            ::syncline_core::Graph::of(
                "Printed",
                [
                    ::syncline_core::Node::source("from_iter(items)"),
                    ::syncline_core::Node::sink("Print"),
                ],
            )
        }
        /// Runs the pipeline to its end, on this thread but for what is declared to be parallel.
        ///
        /// # Errors
        ///
        /// When the source, a stage or the sink fails. What the sink took is then not made durable.
        fn run<T>(
            items: &[T],
        ) -> ::core::result::Result<::syncline_core::Outcome<()>, ::syncline_core::Error>
        where
            T: Display,
        {
            Self::run_with::<T>(::syncline_core::RunOptions::new(), items)
        }
        /// The pipeline with what it is given, as a value: to be kept, and run later.
        fn prepare<T>(
            items: &[T],
        ) -> ::syncline_core::Prepared<
            impl ::core::ops::FnOnce(
                ::syncline_core::RunOptions<'_>,
            ) -> ::core::result::Result<::syncline_core::Outcome<()>, ::syncline_core::Error>,
        >
        where
            T: Display,
        {
            ::syncline_core::Prepared::new(
                "Printed",
                Self::graph(),
                move |options: ::syncline_core::RunOptions<'_>| {
                    Self::run_with::<T>(options, items)
                },
            )
        }
    }
    "#);
}

#[test]
fn a_mistake_keeps_the_shape() {
    insta::assert_snapshot!(expanded(quote! {
        Numbers() -> Vec<u64> {
            from_iter(0..10) => map => buffer(0) => unbuffer => Collect::new()
        }
    }), @r#"
    #[derive(Debug, Clone, Copy)]
    struct Numbers;
    #[allow(dead_code)]
    impl Numbers {
        /// As `run`, heeding `options`: what may cancel it, and who is told how far it is.
        ///
        /// # Errors
        ///
        /// As for `run`, and when it is cancelled.
        fn run_with(
            options: ::syncline::RunOptions<'_>,
        ) -> ::core::result::Result<::syncline::Outcome<Vec<u64>>, ::syncline::Error> {
            let pipeline = ::syncline::Pipeline::new(
                "Numbers",
                ::syncline::fit::IsSource::itself(from_iter(0..10)),
            );
            let pipeline = ::core::compile_error! {
                "`map` takes one closure: `map(|item| ..)`"
            };
            let pipeline = ::core::compile_error! {
                "a chunk holds at least one item"
            };
            let pipeline = ::syncline::__private::fit_stage(
                pipeline,
                ::syncline::__private::unbuffer(),
                |_, chunk| ::syncline::fit::IsChunk::itself(chunk),
            );
            ::syncline::__private::give(
                ::core::marker::PhantomData::<Vec<u64>>,
                ::syncline::__private::fit_sink(
                        pipeline,
                        ::syncline::fit::IsSink::itself(Collect::new()),
                        |takes, item| ::syncline::fit::FitsSink::fit(
                            takes,
                            item,
                            ::syncline::fit::Joint,
                        ),
                    )
                    .run_with(options),
                |declared, output| ::syncline::fit::Gives::fit(
                    declared,
                    output,
                    ::syncline::fit::Joint,
                ),
            )
        }
        /// The source, the stages and the sink, as they are declared.
        const STAGES: &'static [&'static str] = &[
            "from_iter(0..10)",
            "..",
            "..",
            "unbuffer",
            "Collect::new()",
        ];
        /// The pipeline as it is declared, to be shown: it is not run.
        #[must_use]
        fn graph() -> ::syncline::Graph {
            ::syncline::Graph::of(
                "Numbers",
                [
                    ::syncline::Node::source("from_iter(0..10)"),
                    ::syncline::Node::stage(".."),
                    ::syncline::Node::stage(".."),
                    ::syncline::Node::operator("unbuffer", "unbuffer"),
                    ::syncline::Node::sink("Collect::new()"),
                ],
            )
        }
        /// Runs the pipeline to its end, on this thread but for what is declared to be parallel.
        ///
        /// # Errors
        ///
        /// When the source, a stage or the sink fails. What the sink took is then not made durable.
        fn run() -> ::core::result::Result<
            ::syncline::Outcome<Vec<u64>>,
            ::syncline::Error,
        > {
            Self::run_with(::syncline::RunOptions::new())
        }
        /// The pipeline with what it is given, as a value: to be kept, and run later.
        fn prepare() -> ::syncline::Prepared<
            impl ::core::ops::FnOnce(
                ::syncline::RunOptions<'_>,
            ) -> ::core::result::Result<::syncline::Outcome<Vec<u64>>, ::syncline::Error>,
        > {
            ::syncline::Prepared::new(
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
    let tokens = super::pipeline(quote! {
        Numbers() -> Vec<u64> {
            from_iter(0..10) => map(|n| n.) => Collect::new()
        }
    });
    assert!(tokens.to_string().contains("pipeline . map (| n | n .) ;"), "{tokens}");
}

#[test]
fn a_part_and_its_use() {
    insta::assert_snapshot!(expanded(quote! {
        /// Without space.
        pub(super) Tidy<T: AsRef<str>>(comment: char): T -> String where T: Clone {
            map(|text| text.as_ref().trim().to_owned()) => buffer(5) => unbuffer
        }
    }), @r#"
    /// Without space.
    #[derive(Debug, Clone, Copy)]
    pub(super) struct Tidy;
    #[allow(dead_code)]
    impl Tidy {
        /// As `extend`, where `fit` takes what leaves `pipeline` into what the part takes.
        #[doc(hidden)]
        pub(super) fn part_of_a_pipeline_1<T: AsRef<str>, __Given, __Fit, __Chain, __Meter>(
            pipeline: ::syncline::Pipeline<__Given, __Chain, __Meter>,
            fit: __Fit,
            comment: char,
        ) -> ::syncline::Pipeline<String, impl ::syncline::Chain<Item = String>, __Meter>
        where
            T: Clone,
            __Fit: ::core::ops::FnMut(::core::marker::PhantomData<T>, __Given) -> T,
            __Chain: ::syncline::Chain<Item = __Given>,
            __Meter: ::syncline::Meter,
        {
            let pipeline = ::syncline::__private::fit_items(
                pipeline,
                ::core::marker::PhantomData::<T>,
                fit,
            );
            let pipeline = pipeline.map(|text| text.as_ref().trim().to_owned());
            let pipeline = pipeline.gather(const { ::syncline::size(5) });
            let pipeline = ::syncline::__private::fit_stage(
                pipeline,
                ::syncline::__private::unbuffer(),
                |_, chunk| ::syncline::fit::IsChunk::itself(chunk),
            );
            ::syncline::__private::fit_items(
                pipeline,
                ::core::marker::PhantomData::<String>,
                |declared, item| ::syncline::fit::HandsOn::fit(
                    declared,
                    item,
                    ::syncline::fit::Joint,
                ),
            )
        }
        /// The stages, as they are declared.
        pub(super) const STAGES: &'static [&'static str] = &[
            "map(..)",
            "buffer(5)",
            "unbuffer",
        ];
        /// The part as it is declared, to be shown.
        #[must_use]
        pub(super) fn graph() -> ::syncline::Graph {
            ::syncline::Graph::of(
                "Tidy",
                [
                    ::syncline::Node::operator("map", "map(..)"),
                    ::syncline::Node::gathering("buffer(5)")
                        .up_to(::syncline::Amount::from(5u64)),
                    ::syncline::Node::operator("unbuffer", "unbuffer"),
                ],
            )
        }
        /// `pipeline`, and behind it the stages of the part.
        pub(super) fn extend<T: AsRef<str>, __Chain, __Meter>(
            pipeline: ::syncline::Pipeline<T, __Chain, __Meter>,
            comment: char,
        ) -> ::syncline::Pipeline<String, impl ::syncline::Chain<Item = String>, __Meter>
        where
            T: Clone,
            __Chain: ::syncline::Chain<Item = T>,
            __Meter: ::syncline::Meter,
        {
            Self::part_of_a_pipeline_1(pipeline, |_, item| item, comment)
        }
    }
    impl ::syncline::__private::Part for Tidy {
        const TAKES: usize = 1usize;
        fn drawn() -> ::syncline::Graph {
            Self::graph()
        }
    }
    "#);
    insta::assert_snapshot!(expanded(quote! {
        All(lines: Vec<String>) -> Vec<String> { from_iter(lines) => through(Tidy('#')) => Collect::new() }
    }), @r#"
    #[derive(Debug, Clone, Copy)]
    struct All;
    #[allow(dead_code)]
    impl All {
        /// As `run`, heeding `options`: what may cancel it, and who is told how far it is.
        ///
        /// # Errors
        ///
        /// As for `run`, and when it is cancelled.
        fn run_with(
            options: ::syncline::RunOptions<'_>,
            lines: Vec<String>,
        ) -> ::core::result::Result<::syncline::Outcome<Vec<String>>, ::syncline::Error> {
            let pipeline = ::syncline::Pipeline::new(
                "All",
                ::syncline::fit::IsSource::itself(from_iter(lines)),
            );
            let pipeline = {
                #[allow(unused_imports)]
                use ::syncline::__private::NoPart1 as _;
                <Tidy as ::syncline::fit::IsPart>::check();
                <::syncline::fit::Joint as ::syncline::fit::IsGiven<
                    { <Tidy as ::syncline::fit::IsPart>::TAKES },
                    1usize,
                >>::check();
                Tidy::part_of_a_pipeline_1(
                    pipeline,
                    |takes, item| ::syncline::fit::FitsPart::fit(
                        takes,
                        item,
                        ::syncline::fit::Joint,
                    ),
                    '#',
                )
            };
            ::syncline::__private::give(
                ::core::marker::PhantomData::<Vec<String>>,
                ::syncline::__private::fit_sink(
                        pipeline,
                        ::syncline::fit::IsSink::itself(Collect::new()),
                        |takes, item| ::syncline::fit::FitsSink::fit(
                            takes,
                            item,
                            ::syncline::fit::Joint,
                        ),
                    )
                    .run_with(options),
                |declared, output| ::syncline::fit::Gives::fit(
                    declared,
                    output,
                    ::syncline::fit::Joint,
                ),
            )
        }
        /// The source, the stages and the sink, as they are declared.
        const STAGES: &'static [&'static str] = &[
            "from_iter(lines)",
            "through(Tidy('#'))",
            "Collect::new()",
        ];
        /// The pipeline as it is declared, to be shown: it is not run.
        #[must_use]
        fn graph() -> ::syncline::Graph {
            ::syncline::Graph::of(
                "All",
                [
                    ::syncline::Node::source("from_iter(lines)"),
                    ::syncline::Node::part(
                        "through(Tidy('#'))",
                        {
                            #[allow(unused_imports)]
                            use ::syncline::__private::{DrawsNothing as _, DrawsPart as _};
                            (&::core::marker::PhantomData::<Tidy>).draw_part()
                        },
                    ),
                    ::syncline::Node::sink("Collect::new()"),
                ],
            )
        }
        /// Runs the pipeline to its end, on this thread but for what is declared to be parallel.
        ///
        /// # Errors
        ///
        /// When the source, a stage or the sink fails. What the sink took is then not made durable.
        fn run(
            lines: Vec<String>,
        ) -> ::core::result::Result<::syncline::Outcome<Vec<String>>, ::syncline::Error> {
            Self::run_with(::syncline::RunOptions::new(), lines)
        }
        /// The pipeline with what it is given, as a value: to be kept, and run later.
        fn prepare(
            lines: Vec<String>,
        ) -> ::syncline::Prepared<
            impl ::core::ops::FnOnce(
                ::syncline::RunOptions<'_>,
            ) -> ::core::result::Result<::syncline::Outcome<Vec<String>>, ::syncline::Error>,
        > {
            ::syncline::Prepared::new(
                "All",
                Self::graph(),
                move |options: ::syncline::RunOptions<'_>| { Self::run_with(options, lines) },
            )
        }
    }
    "#);
}

#[test]
fn functions_keys_and_stages_that_are_called() {
    insta::assert_snapshot!(expanded(quote! {
        Named(notes: Vec<Note>) {
            from_iter(notes)
                => filter(is_long)
                => keep(|note| note.is_long())
                => dedup(|note| &note.title)
                => Print
        }
    }), @r#"
    #[derive(Debug, Clone, Copy)]
    struct Named;
    #[allow(dead_code)]
    impl Named {
        /// As `run`, heeding `options`: what may cancel it, and who is told how far it is.
        ///
        /// # Errors
        ///
        /// As for `run`, and when it is cancelled.
        fn run_with(
            options: ::syncline::RunOptions<'_>,
            notes: Vec<Note>,
        ) -> ::core::result::Result<::syncline::Outcome<()>, ::syncline::Error> {
            let pipeline = ::syncline::Pipeline::new(
                "Named",
                ::syncline::fit::IsSource::itself(from_iter(notes)),
            );
            let call = ::syncline::__private::of_item_ref(
                ::syncline::__private::handed_on(&pipeline),
                {
                    use ::syncline::__private::functions::Against as _;
                    #[allow(unused_mut)]
                    let mut function = ::syncline::fit::IsFunction::itself(is_long);
                    move |item_0| {
                        let passing = ::syncline::__private::functions::passing(
                            &function,
                            &item_0,
                        );
                        let item_0 = ::syncline::fit::Suits::fit(
                            (&&&&&&&passing).against(),
                            item_0,
                            ::syncline::fit::Joint,
                        );
                        function(item_0)
                    }
                },
                |made| ::syncline::fit::Decides::fit(made.0, ::syncline::fit::Joint),
            );
            let pipeline = pipeline.filter(call);
            let function = &mut keep;
            {
                #[allow(unused_imports)]
                use ::syncline::__private::{
                    Disagree as _, MakesNothing as _, MakesStage1 as _,
                };
                let meeting = (&::syncline::__private::called(
                    ::syncline::__private::handed_on(&pipeline),
                    function,
                ))
                    .with_1();
                (&meeting).agree();
            }
            let pipeline = ::syncline::__private::fit_stage(
                pipeline,
                ::syncline::fit::IsStage::itself(function(|note| note.is_long())),
                |takes, item| ::syncline::fit::Fits::fit(takes, item, ::syncline::fit::Joint),
            );
            let call = ::syncline::__private::of_item_ref(
                ::syncline::__private::handed_on(&pipeline),
                |note| &note.title,
                |made| ::syncline::fit::IsKey::itself(made.0),
            );
            ::syncline::__private::keys::look_at(
                ::syncline::__private::handed_on(&pipeline),
                |note| {
                    #[allow(unused_imports)]
                    use ::syncline::__private::keys::{IsLong as _, IsShort as _};
                    ::syncline::fit::OutlivesItem::check(
                        &note.title,
                        (&::syncline::__private::keys::place(note)).behind(),
                        ::syncline::fit::Joint,
                    )
                },
            );
            let pipeline = pipeline.dedup(call);
            ::syncline::__private::give(
                ::core::marker::PhantomData::<()>,
                ::syncline::__private::fit_sink(
                        pipeline,
                        ::syncline::fit::IsSink::itself(Print),
                        |takes, item| ::syncline::fit::FitsSink::fit(
                            takes,
                            item,
                            ::syncline::fit::Joint,
                        ),
                    )
                    .run_with(options),
                |declared, output| ::syncline::fit::Gives::fit(
                    declared,
                    output,
                    ::syncline::fit::Joint,
                ),
            )
        }
        /// The source, the stages and the sink, as they are declared.
        const STAGES: &'static [&'static str] = &[
            "from_iter(notes)",
            "filter(is_long)",
            "keep(..)",
            "dedup(..)",
            "Print",
        ];
        /// The pipeline as it is declared, to be shown: it is not run.
        #[must_use]
        fn graph() -> ::syncline::Graph {
            ::syncline::Graph::of(
                "Named",
                [
                    ::syncline::Node::source("from_iter(notes)"),
                    ::syncline::Node::operator("filter", "filter(is_long)"),
                    ::syncline::Node::stage("keep(..)"),
                    ::syncline::Node::operator("dedup", "dedup(..)"),
                    ::syncline::Node::sink("Print"),
                ],
            )
        }
        /// Runs the pipeline to its end, on this thread but for what is declared to be parallel.
        ///
        /// # Errors
        ///
        /// When the source, a stage or the sink fails. What the sink took is then not made durable.
        fn run(
            notes: Vec<Note>,
        ) -> ::core::result::Result<::syncline::Outcome<()>, ::syncline::Error> {
            Self::run_with(::syncline::RunOptions::new(), notes)
        }
        /// The pipeline with what it is given, as a value: to be kept, and run later.
        fn prepare(
            notes: Vec<Note>,
        ) -> ::syncline::Prepared<
            impl ::core::ops::FnOnce(
                ::syncline::RunOptions<'_>,
            ) -> ::core::result::Result<::syncline::Outcome<()>, ::syncline::Error>,
        > {
            ::syncline::Prepared::new(
                "Named",
                Self::graph(),
                move |options: ::syncline::RunOptions<'_>| { Self::run_with(options, notes) },
            )
        }
    }
    "#);
}

/// An editor looks for what is being typed at the same place in the expansion of half a word and of a whole one.
#[test]
fn what_is_half_written_stands_where_the_whole_would() {
    #[track_caller]
    fn check(half: TokenStream, whole: TokenStream, before_the_cursor: &str) {
        let [half, whole] = [half, whole].map(|declaration| super::pipeline(declaration).to_string());
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
        "Load (s .",
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
        quote!(Titles(): Note -> String { filter(|note| note.is_long()) => map(|page| page.) }),
        quote!(Titles(): Note -> String { filter(|note| note.is_long()) => map(|page| page.t) }),
        "| page | page .",
    );
}
