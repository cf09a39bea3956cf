//! Expansions with generics, and with another path to syncline than `::syncline`.

use quote::quote;

use super::expanded;

#[test]
fn generics_and_another_root() {
    insta::assert_snapshot!(expanded(quote! {
        #![syncline(crate = ::syncline_core)]
        Printed<T>(items: &[T]) where T: Display {
            from_iter(items) => Print
        }
    }), @r#"
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
    struct Printed;
    impl Printed {
        /// Runs the pipeline like `run`, with `options` such as a cancel token and an observer.
        ///
        /// # Errors
        ///
        /// If the run fails or is cancelled.
        fn run_with<T>(
            items: &[T],
            options: ::syncline_core::RunOptions<'_>,
        ) -> ::core::result::Result<::syncline_core::Outcome<()>, ::syncline_core::Error>
        where
            T: Display,
        {
            use ::syncline_core::fit::methods::*;
            let source = { ::syncline_core::fit::IsSource::check }({ from_iter }(items))
                .source_or_unknown();
            let pipeline = { ::syncline_core::Pipeline::new }("Printed", source);
            ::syncline_core::__private::with_output(
                    {
                        ::syncline_core::__private::fit_sink
                    }(
                        pipeline,
                        { ::syncline_core::fit::IsSink::check }(Print).sink_or_unknown(),
                        |wanted, given| ::syncline_core::fit::FitsSink::fit(
                            wanted,
                            given,
                            ::syncline_core::fit::Joint,
                        ),
                    ),
                    ::core::marker::PhantomData::<()>,
                    |wanted, given| ::syncline_core::fit::GivesUndeclared::fit(
                        wanted,
                        given,
                        ::syncline_core::fit::Joint,
                    ),
                )
                .run_or_unknown(options)
        }
        /// The source, the stages and the sink, as declared.
        const STAGES: &'static [&'static ::core::primitive::str] = &[
            "from_iter(items)",
            "Print",
        ];
        /// The graph of the pipeline, as declared. The pipeline is not run.
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
        /// Runs the pipeline to its end on this thread. Parallel stages have their own threads.
        ///
        /// # Errors
        ///
        /// If the source, a stage or the sink fails. The sink is then not finished, and makes no more items durable.
        fn run<T>(
            items: &[T],
        ) -> ::core::result::Result<::syncline_core::Outcome<()>, ::syncline_core::Error>
        where
            T: Display,
        {
            Self::run_with::<T>(items, ::syncline_core::RunOptions::new())
        }
        /// Returns the pipeline with its arguments as a value that can be kept and run later.
        fn prepare<T>(
            items: &[T],
        ) -> ::syncline_core::Job<
            impl ::core::ops::FnOnce(
                ::syncline_core::RunOptions<'_>,
            ) -> ::core::result::Result<::syncline_core::Outcome<()>, ::syncline_core::Error>,
        >
        where
            T: Display,
        {
            ::syncline_core::Job::new(
                "Printed",
                Self::graph(),
                move |options: ::syncline_core::RunOptions<'_>| {
                    Self::run_with::<T>(items, options)
                },
            )
        }
    }
    "#);
}
