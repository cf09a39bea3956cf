//! Expansions of operators and of stages of the user.

use quote::quote;

use super::expanded;

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
    #[allow(dead_code, clippy::too_many_arguments)]
    impl Doubles {
        /// Runs the pipeline as `run` does, with `options`: who may cancel it, and who observes it.
        ///
        /// # Errors
        ///
        /// When the run fails or is cancelled.
        pub(crate) fn run_with(
            options: ::syncline::RunOptions<'_>,
            n: u64,
        ) -> ::core::result::Result<::syncline::Outcome<Vec<u64>>, ::syncline::Error> {
            #[allow(unused_imports)]
            use ::syncline::fit::methods::*;
            let pipeline = ::syncline::Pipeline::new(
                "Doubles",
                { ::syncline::fit::IsSource::check }({ from_iter }(0..n)).source_or_unknown(),
            );
            let call = ::syncline::__private::of_item_ref(
                ::syncline::__private::handed_on(&pipeline),
                |n| n % 2 == 0,
                |made| ::syncline::fit::Decides::fit(made.0, ::syncline::fit::Joint),
            );
            let pipeline = pipeline.filter(call);
            let pipeline = {
                ::syncline::__private::fit_stage
            }(
                pipeline,
                { ::syncline::fit::IsStage::check }(Double).stage_or_unknown(),
                |wanted, given| ::syncline::fit::Fits::fit(
                    wanted,
                    given,
                    ::syncline::fit::Joint,
                ),
            );
            let pipeline = pipeline
                .pipe(::syncline::stage::Buffer::new(const { ::syncline::size(2) }));
            let pipeline = ::syncline::__private::checked(pipeline).boxed_or_unknown();
            let pipeline = ::syncline::__private::fit_stage(
                pipeline,
                ::syncline::stage::Unbuffer::new(),
                |_, item| ::syncline::fit::IsChunk::itself(item),
            );
            let call_1 = ::syncline::__private::of_item_ref(
                ::syncline::__private::handed_on(&pipeline),
                |n| n / 10,
                |made| ::syncline::fit::IsKey::itself(made.0),
            );
            let pipeline = pipeline
                .pipe(
                    ::syncline::stage::BufferBy::new(
                        ::syncline::fit::IsSize::fit(size, ::syncline::fit::Joint),
                        call_1,
                    ),
                );
            let pipeline = ::syncline::__private::checked(pipeline).boxed_or_unknown();
            let call = ::syncline::__private::of_item(
                ::syncline::__private::handed_on(&pipeline),
                |chunk| chunk,
                |made| ::syncline::fit::IsMany::itself(made.0),
            );
            let pipeline = pipeline.flat_map(call);
            ::syncline::__private::gives(
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
        /// The graph of the pipeline, as declared. The pipeline is not run.
        #[must_use]
        pub(crate) fn graph() -> ::syncline::Graph {
            ::syncline::Graph::of(
                "Doubles",
                [
                    ::syncline::Node::source("from_iter(0..n)"),
                    ::syncline::Node::operator("filter(..)"),
                    ::syncline::Node::stage("Double"),
                    ::syncline::Node::gathering("buffer(2)")
                        .up_to(::syncline::Amount::from(2u64)),
                    ::syncline::Node::operator("unbuffer").taking_apart(),
                    ::syncline::Node::gathering("buffer(size, by: ..)")
                        .up_to(::syncline::Amount::declared("size", &size)),
                    ::syncline::Node::operator("flat_map(..)").spreading(),
                    ::syncline::Node::sink("Collect::new()"),
                ],
            )
        }
        /// Runs the pipeline to its end on this thread; parallel stages have threads of their own.
        ///
        /// # Errors
        ///
        /// When the source, a stage or the sink fails. The sink is then not finished, and what it took is not made durable.
        pub(crate) fn run(
            n: u64,
        ) -> ::core::result::Result<::syncline::Outcome<Vec<u64>>, ::syncline::Error> {
            Self::run_with(::syncline::RunOptions::new(), n)
        }
        /// Returns the pipeline with its arguments as a value that can be kept and run later.
        pub(crate) fn prepare(
            n: u64,
        ) -> ::syncline::Job<
            impl ::core::ops::FnOnce(
                ::syncline::RunOptions<'_>,
            ) -> ::core::result::Result<::syncline::Outcome<Vec<u64>>, ::syncline::Error>,
        > {
            ::syncline::Job::new(
                "Doubles",
                Self::graph(),
                move |options: ::syncline::RunOptions<'_>| { Self::run_with(options, n) },
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
    #[allow(dead_code, clippy::too_many_arguments)]
    impl Named {
        /// Runs the pipeline as `run` does, with `options`: who may cancel it, and who observes it.
        ///
        /// # Errors
        ///
        /// When the run fails or is cancelled.
        fn run_with(
            options: ::syncline::RunOptions<'_>,
            notes: Vec<Note>,
        ) -> ::core::result::Result<::syncline::Outcome<()>, ::syncline::Error> {
            #[allow(unused_imports)]
            use ::syncline::fit::methods::*;
            let pipeline = ::syncline::Pipeline::new(
                "Named",
                { ::syncline::fit::IsSource::check }({ from_iter }(notes))
                    .source_or_unknown(),
            );
            let call = ::syncline::__private::of_item_ref(
                ::syncline::__private::handed_on(&pipeline),
                {
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
            let __function = &mut keep;
            (::syncline::fit::calls::called(
                ::syncline::__private::handed_on(&pipeline),
                __function,
            ))
                .stage_of_1()
                .agree();
            let pipeline = {
                ::syncline::__private::fit_stage
            }(
                pipeline,
                { ::syncline::fit::IsStage::check }((*__function)(|note| note.is_long()))
                    .stage_or_unknown(),
                |wanted, given| ::syncline::fit::Fits::fit(
                    wanted,
                    given,
                    ::syncline::fit::Joint,
                ),
            );
            let call = ::syncline::__private::of_item_ref(
                ::syncline::__private::handed_on(&pipeline),
                |note| &note.title,
                |made| ::syncline::fit::IsKey::itself(made.0),
            );
            ::syncline::__private::keys::look_at(
                ::syncline::__private::handed_on(&pipeline),
                |note| ::syncline::fit::OutlivesItem::check(
                    &note.title,
                    ::syncline::__private::keys::place(note).behind(),
                    ::syncline::fit::Joint,
                ),
            );
            let pipeline = pipeline.dedup(call);
            ::syncline::__private::gives(
                    {
                        ::syncline::__private::fit_sink
                    }(
                        pipeline,
                        { ::syncline::fit::IsSink::check }(Print).sink_or_unknown(),
                        |wanted, given| ::syncline::fit::FitsSink::fit(
                            wanted,
                            given,
                            ::syncline::fit::Joint,
                        ),
                    ),
                    ::core::marker::PhantomData::<()>,
                    |wanted, given| ::syncline::fit::Gives::fit(
                        wanted,
                        given,
                        ::syncline::fit::Joint,
                    ),
                )
                .run_or_unknown(options)
        }
        /// The source, the stages and the sink, as declared.
        const STAGES: &'static [&'static str] = &[
            "from_iter(notes)",
            "filter(is_long)",
            "keep(..)",
            "dedup(..)",
            "Print",
        ];
        /// The graph of the pipeline, as declared. The pipeline is not run.
        #[must_use]
        fn graph() -> ::syncline::Graph {
            ::syncline::Graph::of(
                "Named",
                [
                    ::syncline::Node::source("from_iter(notes)"),
                    ::syncline::Node::operator("filter(is_long)"),
                    ::syncline::Node::stage("keep(..)"),
                    ::syncline::Node::operator("dedup(..)"),
                    ::syncline::Node::sink("Print"),
                ],
            )
        }
        /// Runs the pipeline to its end on this thread; parallel stages have threads of their own.
        ///
        /// # Errors
        ///
        /// When the source, a stage or the sink fails. The sink is then not finished, and what it took is not made durable.
        fn run(
            notes: Vec<Note>,
        ) -> ::core::result::Result<::syncline::Outcome<()>, ::syncline::Error> {
            Self::run_with(::syncline::RunOptions::new(), notes)
        }
        /// Returns the pipeline with its arguments as a value that can be kept and run later.
        fn prepare(
            notes: Vec<Note>,
        ) -> ::syncline::Job<
            impl ::core::ops::FnOnce(
                ::syncline::RunOptions<'_>,
            ) -> ::core::result::Result<::syncline::Outcome<()>, ::syncline::Error>,
        > {
            ::syncline::Job::new(
                "Named",
                Self::graph(),
                move |options: ::syncline::RunOptions<'_>| { Self::run_with(options, notes) },
            )
        }
    }
    "#);
}
