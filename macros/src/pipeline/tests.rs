//! What users get. The same declarations are compiled and run in `tests/it/expansions.rs` of the face crate.

use proc_macro2::TokenStream;
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
        /// As `run`, heeding `options`: by whom it may be cancelled.
        ///
        /// # Errors
        ///
        /// As for `run`, and when it is cancelled.
        pub(crate) fn run_with(
            options: ::syncline::RunOptions,
            n: u64,
        ) -> ::core::result::Result<::syncline::Outcome<Vec<u64>>, ::syncline::Error> {
            let pipeline = ::syncline::Pipeline::new(
                "Doubles",
                ::syncline::fit::IsSource::itself(from_iter(0..n)),
            );
            let pipeline = pipeline.filter(|n| n % 2 == 0);
            let pipeline = pipeline
                .pipe(
                    ::syncline::__private::fit_stage(
                        ::syncline::fit::IsStage::itself(Double),
                        |takes, item| ::syncline::fit::Fits::fit(takes, item),
                    ),
                );
            let pipeline = pipeline.buffer(const { ::syncline::size(2) });
            let pipeline = pipeline
                .pipe(
                    ::syncline::__private::fit_stage(
                        ::syncline::__private::unbuffer(),
                        |_, chunk| ::syncline::fit::IsChunk::itself(chunk),
                    ),
                );
            let pipeline = pipeline.buffer_by(size, |n| n / 10);
            let pipeline = ::syncline::__private::flat_map(
                pipeline,
                |chunk| chunk,
                |items| ::syncline::fit::IsMany::itself(items),
            );
            ::syncline::__private::give(
                ::core::marker::PhantomData::<Vec<u64>>,
                pipeline
                    .end(
                        ::syncline::__private::fit_sink(
                            ::syncline::fit::IsSink::itself(Collect::new()),
                            |takes, item| ::syncline::fit::Fits::fit(takes, item),
                        ),
                    )
                    .with(options)
                    .run(),
                |declared, output| ::syncline::fit::Gives::give(declared, output),
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
        /// As `run`, heeding `options`: by whom it may be cancelled.
        ///
        /// # Errors
        ///
        /// As for `run`, and when it is cancelled.
        fn run_with<T>(
            options: ::syncline_core::RunOptions,
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
                pipeline
                    .end(
                        ::syncline_core::__private::fit_sink(
                            ::syncline_core::fit::IsSink::itself(Print),
                            |takes, item| ::syncline_core::fit::Fits::fit(takes, item),
                        ),
                    )
                    .with(options)
                    .run(),
                |declared, output| ::syncline_core::fit::Gives::give(declared, output),
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
        /// As `run`, heeding `options`: by whom it may be cancelled.
        ///
        /// # Errors
        ///
        /// As for `run`, and when it is cancelled.
        fn run_with(
            options: ::syncline::RunOptions,
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
            let pipeline = pipeline
                .pipe(
                    ::syncline::__private::fit_stage(
                        ::syncline::__private::unbuffer(),
                        |_, chunk| ::syncline::fit::IsChunk::itself(chunk),
                    ),
                );
            ::syncline::__private::give(
                ::core::marker::PhantomData::<Vec<u64>>,
                pipeline
                    .end(
                        ::syncline::__private::fit_sink(
                            ::syncline::fit::IsSink::itself(Collect::new()),
                            |takes, item| ::syncline::fit::Fits::fit(takes, item),
                        ),
                    )
                    .with(options)
                    .run(),
                |declared, output| ::syncline::fit::Gives::give(declared, output),
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
