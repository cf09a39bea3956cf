//! Expansions of operators and of stages of the user.

use quote::quote;

use super::{body, expanded};

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
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
    pub(crate) struct Doubles;
    impl Doubles {
        /// Runs the pipeline like `run`, with `options` such as a cancel token and an observer.
        ///
        /// # Errors
        ///
        /// If the run fails or is cancelled.
        pub(crate) fn run_with(
            n: u64,
            options: ::syncline::RunOptions<'_>,
        ) -> ::core::result::Result<::syncline::Outcome<Vec<u64>>, ::syncline::Error> {
            use ::syncline::fit::methods::*;
            let source = { ::syncline::fit::IsSource::check }({ from_iter }(0..n))
                .source_or_unknown();
            let pipeline = { ::syncline::Pipeline::new }("Doubles", source);
            let call = ::syncline::__private::closure_of_item_ref(
                ::syncline::__private::items_of(&pipeline),
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
            let pipeline = pipeline.buffer(const { ::syncline::size(2) });
            let pipeline = ::syncline::__private::checked(pipeline).boxed_or_unknown();
            let pipeline = ::syncline::__private::fit_stage(
                pipeline,
                ::syncline::stage::Unbuffer::new(),
                |_, item_of_the_stage| ::syncline::fit::IsChunk::itself(item_of_the_stage),
            );
            let call_1 = ::syncline::__private::closure_of_item_ref(
                ::syncline::__private::items_of(&pipeline),
                |n| n / 10,
                |made_by_the_closure| ::syncline::fit::IsKey::itself(made_by_the_closure.0),
            );
            let pipeline = pipeline
                .buffer_by(
                    ::syncline::fit::IsSize::fit(size, ::syncline::fit::Joint),
                    call_1,
                );
            let pipeline = ::syncline::__private::checked(pipeline).boxed_or_unknown();
            let call = ::syncline::__private::closure_of_item(
                ::syncline::__private::items_of(&pipeline),
                |chunk| chunk,
                |made_by_the_closure| ::syncline::fit::IsMany::itself(made_by_the_closure.0),
            );
            let pipeline = pipeline.flat_map(call);
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
        pub(crate) const STAGES: &'static [&'static ::core::primitive::str] = &[
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
                        .up_to(<::syncline::Amount as ::core::convert::From<_>>::from(2u64)),
                    ::syncline::Node::operator("unbuffer").taking_apart(),
                    ::syncline::Node::gathering("buffer(size, by: ..)")
                        .up_to(::syncline::Amount::declared("size", &size)),
                    ::syncline::Node::operator("flat_map(..)").spreading(),
                    ::syncline::Node::sink("Collect::new()"),
                ],
            )
        }
        /// Runs the pipeline to its end on this thread. Parallel stages have their own threads.
        ///
        /// # Errors
        ///
        /// If the source, a stage or the sink fails. The sink is then not finished, and makes no more items durable.
        pub(crate) fn run(
            n: u64,
        ) -> ::core::result::Result<::syncline::Outcome<Vec<u64>>, ::syncline::Error> {
            Self::run_with(n, ::syncline::RunOptions::new())
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
                move |options: ::syncline::RunOptions<'_>| { Self::run_with(n, options) },
            )
        }
    }
    "#);
}

#[test]
fn functions_keys_and_stages_that_are_called() {
    insta::assert_snapshot!(body(quote! {
        Named(notes: Vec<Note>) {
            from_iter(notes)
                => filter(is_long)
                => keep(|note| note.is_long())
                => dedup(|note| &note.title)
                => Print
        }
    }), @r#"
    fn run_with() {
        use ::syncline::fit::methods::*;
        let source = { ::syncline::fit::IsSource::check }({ from_iter }(notes))
            .source_or_unknown();
        let pipeline = { ::syncline::Pipeline::new }("Named", source);
        let call = ::syncline::__private::closure_of_item_ref(
            ::syncline::__private::items_of(&pipeline),
            {
                let mut function = ::syncline::fit::IsFunction::itself(is_long);
                move |item_0| {
                    let passing = ::syncline::__private::functions::passing(
                        &function,
                        &item_0,
                    );
                    let item_0 = ::syncline::fit::Suits::fit(
                        (&&&&&&&passing).type_to_compare(),
                        item_0,
                        ::syncline::fit::Joint,
                    );
                    function(item_0)
                }
            },
            |made| ::syncline::fit::Decides::fit(made.0, ::syncline::fit::Joint),
        );
        let pipeline = pipeline.filter(call);
        let function_of_the_pipeline = &mut keep;
        (::syncline::fit::calls::called(
            ::syncline::__private::items_of(&pipeline),
            function_of_the_pipeline,
        ))
            .stage_of_1()
            .agree_or_not();
        let pipeline = {
            ::syncline::__private::fit_stage
        }(
            pipeline,
            {
                ::syncline::fit::IsStage::check
            }((*function_of_the_pipeline)(|note| note.is_long()))
                .stage_or_unknown(),
            |wanted, given| ::syncline::fit::Fits::fit(wanted, given, ::syncline::fit::Joint),
        );
        let call = ::syncline::__private::closure_of_item_ref(
            ::syncline::__private::items_of(&pipeline),
            |note| &note.title,
            |made_by_the_closure| ::syncline::fit::IsKey::itself(made_by_the_closure.0),
        );
        ::syncline::__private::keys::look_at(
            ::syncline::__private::items_of(&pipeline),
            |note| ::syncline::fit::OutlivesItem::check(
                &note.title,
                ::syncline::__private::keys::place(note).owner_behind(),
                ::syncline::fit::Joint,
            ),
        );
        let pipeline = pipeline.dedup(call);
        ::syncline::__private::with_output(
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
                |wanted, given| ::syncline::fit::GivesUndeclared::fit(
                    wanted,
                    given,
                    ::syncline::fit::Joint,
                ),
            )
            .run_or_unknown(options)
    }
    "#);
}

#[test]
fn several_sources_and_sinks() {
    insta::assert_snapshot!(body(quote! {
        Sorted(first: Vec<u64>, second: Vec<u64>) -> Vec<u64> {
            merge([from_iter(first), from_iter(second)], by: |n| *n)
                => tee(Log)
                => windows(2)
                => route([Collect::new(), Collect::new()], |pair| pair.len())
        }
    }), @r#"
    fn run_with() {
        use ::syncline::fit::methods::*;
        let sources_of_the_pipeline = [
            { ::syncline::fit::IsSource::check }({ from_iter }(first)).source_or_unknown(),
            ::syncline::fit::AlikeSources::fit(
                ::core::marker::PhantomData,
                { ::syncline::fit::IsSource::check }({ from_iter }(second))
                    .source_or_unknown(),
                ::syncline::fit::Joint,
            ),
        ];
        let key = ::syncline::__private::closure_of_item_ref(
            { ::syncline::fit::members::merged }(&sources_of_the_pipeline),
            |n| *n,
            |made_by_the_closure| ::syncline::fit::IsOrdered::itself(made_by_the_closure.0),
        );
        let source = {
            ::syncline::fit::IsSource::check
        }({ ::syncline::merge_by }(sources_of_the_pipeline, key))
            .source_or_unknown();
        let pipeline = { ::syncline::Pipeline::new }("Sorted", source);
        let sink = {
            ::syncline::__private::fitted_sink
        }(
            ::syncline::__private::items_of(&pipeline),
            { ::syncline::fit::IsOtherSink::check }(Log).sink_or_unknown(),
            |wanted, given| ::syncline::fit::FitsSink::fit(
                wanted,
                given,
                ::syncline::fit::Joint,
            ),
            |side_sink_of_the_pipeline, output| ::syncline::sink::SideSink::check(
                side_sink_of_the_pipeline,
                output,
            ),
        );
        let pipeline = ::syncline::__private::with_second_sink(
            pipeline,
            ::syncline::stage::Tee::new(
                sink,
                ::syncline::__private::by(|item| ::syncline::fit::IsTeed::copy(
                    ::syncline::fit::Copies,
                    item,
                )),
            ),
        );
        let pipeline = pipeline
            .pipe(
                ::syncline::stage::Windows::new(
                    const { ::syncline::size(2) },
                    ::syncline::__private::by(|item| ::syncline::fit::IsInWindows::copy(
                        ::syncline::fit::Copies,
                        item,
                    )),
                ),
            );
        let handed_on = ::syncline::__private::items_of(&pipeline);
        ::syncline::__private::with_output(
                {
                    ::syncline::__private::fit_sink
                }(
                    pipeline,
                    {
                        ::syncline::fit::IsSink::check
                    }(
                            match [
                                { ::syncline::fit::IsOtherSink::check }({ Collect::new }())
                                    .sink_or_unknown(),
                                ::syncline::fit::AlikeSinks::fit(
                                    ::core::marker::PhantomData,
                                    { ::syncline::fit::IsOtherSink::check }({ Collect::new }())
                                        .sink_or_unknown(),
                                    ::syncline::fit::Joint,
                                ),
                            ] {
                                sinks_of_the_pipeline => {
                                    let meeting = {
                                        ::syncline::fit::members::routed
                                    }(handed_on, &sinks_of_the_pipeline);
                                    meeting.agree_or_not();
                                    let routed = ::syncline::__private::closure_of_item_ref(
                                        ::syncline::fit::members::taken(meeting),
                                        |pair| pair.len(),
                                        |made| ::syncline::fit::Names::fit(
                                            made.0,
                                            ::syncline::fit::Joint,
                                        ),
                                    );
                                    let routed = {
                                        ::syncline::route
                                    }(sinks_of_the_pipeline, routed);
                                    routed
                                }
                            },
                        )
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
    "#);
}

#[test]
fn policies_and_threads() {
    insta::assert_snapshot!(body(quote! {
        Parsed(texts: Vec<String>) {
            from_iter(texts)
                => try_map(|text| Ok(text.parse::<u64>()?)) on_error skip(10) on_error with(policy)
                => map(|n| n * n) parallel(2)
                => lookup(|chunk| Ok(chunk.len()))
                => Table on_error dead_letter(Log) commit every(10)
        }
    }), @r#"
    fn run_with() {
        use ::syncline::fit::methods::*;
        let source = { ::syncline::fit::IsSource::check }({ from_iter }(texts))
            .source_or_unknown();
        let pipeline = { ::syncline::Pipeline::new }("Parsed", source);
        let call = ::syncline::__private::closure_of_item(
            ::syncline::__private::items_of(&pipeline),
            |text| Ok(text.parse::<u64>()?),
            |made| ::syncline::fit::Tries::fit(made.0, ::syncline::fit::Joint),
        );
        let pipeline = pipeline.try_map(call);
        let given = ::syncline::__private::given(&pipeline);
        let pipeline = pipeline
            .on_error((
                ::syncline::skip(10),
                { ::syncline::fit::IsPolicy::check }(given, policy).policy_or_unknown(),
            ));
        let stage = ::syncline::__private::map_parallel(
            &pipeline,
            const { ::syncline::size(2) },
            ::syncline::__private::CAPACITY,
            |n| n * n,
        );
        let (items, results, work) = ::syncline::__private::sent(&stage);
        let stage = ::syncline::fit::AreItems::allow(::syncline::fit::Threads, items, stage);
        let stage = ::syncline::fit::AreResults::allow(
            ::syncline::fit::Threads,
            results,
            stage,
        );
        let stage = ::syncline::fit::IsWork::allow(::syncline::fit::Threads, work, stage);
        let pipeline = ::syncline::__private::on_threads(pipeline, results, stage);
        let call = ::syncline::__private::closure_of_chunk(
            ::syncline::__private::items_as(
                ::syncline::__private::items_of(&pipeline),
                |_, item_of_the_stage| ::syncline::fit::IsLookedUp::itself(item_of_the_stage),
            ),
            |chunk| Ok(chunk.len()),
            |made| {
                ::syncline::fit::Asks::fit(made.0, ::syncline::fit::Joint)
                    .map(|answers_of_the_closure| ::syncline::fit::IsAnswered::itself(
                        answers_of_the_closure,
                    ))
            },
        );
        let pipeline = ::syncline::__private::fit_stage(
            pipeline,
            ::syncline::stage::Lookup::new(call),
            |_, item_of_the_stage| ::syncline::fit::IsLookedUp::itself(item_of_the_stage),
        );
        let pipeline = {
            ::syncline::__private::fit_sink
        }(
            pipeline,
            { ::syncline::fit::IsCommitting::check }(Table).committing_sink_or_unknown(),
            |wanted, given| ::syncline::fit::FitsSink::fit(
                wanted,
                given,
                ::syncline::fit::Joint,
            ),
        );
        let given = ::syncline::__private::taken(&pipeline).given_to_policy();
        let letters_0 = {
            ::syncline::__private::dead_letter
        }(
            given,
            { ::syncline::fit::IsOtherSink::check }(Log).sink_or_unknown(),
            |wanted, given| ::syncline::fit::FitsSink::fit(
                wanted,
                given,
                ::syncline::fit::Joint,
            ),
            |side_sink_of_the_pipeline, output| ::syncline::sink::SideSink::check(
                side_sink_of_the_pipeline,
                output,
            ),
            ::syncline::__private::by(|item| ::syncline::fit::IsKept::copy(
                ::syncline::fit::Copies,
                item,
            )),
        );
        let letters_0 = ::syncline::__private::away::put_away(&letters_0)
            .letters_committing(letters_0);
        ::syncline::__private::with_output(
                ::syncline::__private::taken(&pipeline)
                    .add_policy_of_sink(
                        pipeline,
                        letters_0,
                        ::syncline::__private::by(|item| ::syncline::fit::IsSplit::copy(
                            ::syncline::fit::Copies,
                            item,
                        )),
                    )
                    .commit_every(const { ::syncline::size(10) }),
                ::core::marker::PhantomData::<()>,
                |wanted, given| ::syncline::fit::GivesUndeclared::fit(
                    wanted,
                    given,
                    ::syncline::fit::Joint,
                ),
            )
            .run_or_unknown(options)
    }
    "#);
}

#[test]
fn new_stages_clauses_and_sinks_that_make_a_value() {
    insta::assert_snapshot!(body(quote! {
        Counts(n: u64, period: Duration, only_even: bool) -> BTreeMap<u64, u64> {
            from_iter(0..n) named "numbers"
                => throttle(2, per: period)
                => timeout(period)
                => distinct(last: 100, |n| *n)
                => filter(|n| n % 2 == 0) named "even" when(only_even)
                => fold(BTreeMap::new(), |counts, n| counted(counts, n))
        }
    }), @r#"
    fn run_with() {
        use ::syncline::fit::methods::*;
        let source = { ::syncline::fit::IsSource::check }({ from_iter }(0..n))
            .source_or_unknown();
        let pipeline = { ::syncline::Pipeline::new }("Counts", source);
        let pipeline = pipeline.named("numbers");
        let pipeline = pipeline
            .throttle(
                const { ::syncline::size(2) },
                ::syncline::fit::IsWait::fit(period, ::syncline::fit::Joint),
            );
        let pipeline = pipeline
            .timeout(::syncline::fit::IsWait::fit(period, ::syncline::fit::Joint));
        let call_1 = ::syncline::__private::closure_of_item_ref(
            ::syncline::__private::items_of(&pipeline),
            |n| *n,
            |made_by_the_closure| ::syncline::fit::IsRemembered::itself(
                made_by_the_closure.0,
            ),
        );
        let pipeline = pipeline.distinct_last(const { ::syncline::size(100) }, call_1);
        let call = ::syncline::__private::closure_of_item_ref(
            ::syncline::__private::items_of(&pipeline),
            |n| n % 2 == 0,
            |made| ::syncline::fit::Decides::fit(made.0, ::syncline::fit::Joint),
        );
        let pipeline = pipeline.filter(call);
        let pipeline = pipeline.named("even");
        let pipeline = ::syncline::__private::when(
            pipeline,
            ::syncline::fit::IsCondition::fit(only_even, ::syncline::fit::Joint),
            |wanted, item| ::syncline::fit::Passes::fit(wanted, item, ::syncline::fit::Joint),
        );
        let handed_on = ::syncline::__private::items_of(&pipeline);
        ::syncline::__private::with_output(
                {
                    ::syncline::__private::fit_sink
                }(
                    pipeline,
                    {
                        ::syncline::fit::IsSink::check
                    }(
                            {
                                ::syncline::fit::sinks::fold
                            }(
                                handed_on,
                                BTreeMap::new(),
                                |counts, n| counted(counts, n),
                                |wanted, made| ::syncline::fit::Folds::fit(
                                    wanted,
                                    made,
                                    ::syncline::fit::Joint,
                                ),
                            ),
                        )
                        .sink_or_unknown(),
                    |wanted, given| ::syncline::fit::FitsSink::fit(
                        wanted,
                        given,
                        ::syncline::fit::Joint,
                    ),
                ),
                ::core::marker::PhantomData::<BTreeMap<u64, u64>>,
                |wanted, given| ::syncline::fit::Gives::fit(
                    wanted,
                    given,
                    ::syncline::fit::Joint,
                ),
            )
            .run_or_unknown(options)
    }
    "#);
    insta::assert_snapshot!(body(quote! { Count(n: u64) -> u64 { from_iter(0..n) => count } }), @r#"
    fn run_with() {
        use ::syncline::fit::methods::*;
        let source = { ::syncline::fit::IsSource::check }({ from_iter }(0..n))
            .source_or_unknown();
        let pipeline = { ::syncline::Pipeline::new }("Count", source);
        let handed_on = ::syncline::__private::items_of(&pipeline);
        ::syncline::__private::with_output(
                {
                    ::syncline::__private::fit_sink
                }(
                    pipeline,
                    {
                        ::syncline::fit::IsSink::check
                    }({ ::syncline::fit::sinks::count }(handed_on))
                        .sink_or_unknown(),
                    |wanted, given| ::syncline::fit::FitsSink::fit(
                        wanted,
                        given,
                        ::syncline::fit::Joint,
                    ),
                ),
                ::core::marker::PhantomData::<u64>,
                |wanted, given| ::syncline::fit::Gives::fit(
                    wanted,
                    given,
                    ::syncline::fit::Joint,
                ),
            )
            .run_or_unknown(options)
    }
    "#);
}
