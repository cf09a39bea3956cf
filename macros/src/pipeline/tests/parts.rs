//! The expansion of a part, and of a pipeline that uses it.

use quote::quote;

use super::{body, expanded};

#[test]
fn a_part_and_its_use() {
    insta::assert_snapshot!(expanded(quote! {
        /// Without space.
        pub(super) Tidy<T: AsRef<str>>(comment: char): T -> String where T: Clone {
            map(|text| text.as_ref().trim().to_owned()) => buffer(5) => unbuffer
        }
    }), @r#"
    /// Without space.
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
    pub(super) struct Tidy;
    impl Tidy {
        /// Like `extend`. `fit` turns the items of `pipeline` into items that the part accepts.
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
            use ::syncline::fit::methods::*;
            let pipeline = pipeline.map(|text| text.as_ref().trim().to_owned());
            let pipeline = pipeline.buffer(const { ::syncline::size(5) });
            let pipeline = ::syncline::__private::fit_stage(
                pipeline,
                ::syncline::stage::Unbuffer::new(),
                |_, item_of_the_stage| ::syncline::fit::IsChunk::itself(item_of_the_stage),
            );
            ::syncline::__private::fit_items(
                pipeline,
                ::core::marker::PhantomData::<String>,
                |wanted, given| ::syncline::fit::HandsOn::fit(
                    wanted,
                    given,
                    ::syncline::fit::Joint,
                ),
            )
        }
        /// The stages, as declared.
        pub(super) const STAGES: &'static [&'static ::core::primitive::str] = &[
            "map(..)",
            "buffer(5)",
            "unbuffer",
        ];
        /// The graph of the part, as declared.
        #[must_use]
        pub(super) fn graph() -> ::syncline::Graph {
            ::syncline::Graph::of(
                "Tidy",
                [
                    ::syncline::Node::operator("map(..)"),
                    ::syncline::Node::gathering("buffer(5)")
                        .up_to(<::syncline::Amount as ::core::convert::From<_>>::from(5u64)),
                    ::syncline::Node::operator("unbuffer").taking_apart(),
                ],
            )
        }
        /// Adds the stages of the part to `pipeline`.
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
        const TAKES: ::core::primitive::usize = 1usize;
        fn drawn() -> ::syncline::Graph {
            Self::graph()
        }
    }
    "#);
    insta::assert_snapshot!(body(quote! {
        All(lines: Vec<String>) -> Vec<String> { from_iter(lines) => through(Tidy('#')) => Collect::new() }
    }), @r#"
    fn run_with() {
        use ::syncline::fit::methods::*;
        let source = { ::syncline::fit::IsSource::check }({ from_iter }(lines))
            .source_or_unknown();
        let pipeline = { ::syncline::Pipeline::new }("All", source);
        <Tidy as ::syncline::fit::IsPart>::check();
        <::syncline::fit::Joint as ::syncline::fit::IsGiven<
            { <Tidy as ::syncline::fit::IsPart>::TAKES },
            1usize,
        >>::check();
        let pipeline = Tidy::part_of_a_pipeline_1(
            pipeline,
            |wanted, given| ::syncline::fit::FitsPart::fit(
                wanted,
                given,
                ::syncline::fit::Joint,
            ),
            '#',
        );
        ::syncline::__private::with_output(
                {
                    ::syncline::__private::fit_sink
                }(
                    pipeline,
                    { ::syncline::fit::IsSink::check }({ Collect::new }()).sink_or_unknown(),
                    |wanted, given| ::syncline::fit::FitsSink::fit(
                        wanted,
                        given,
                        ::syncline::fit::Joint,
                    ),
                ),
                ::core::marker::PhantomData::<Vec<String>>,
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
