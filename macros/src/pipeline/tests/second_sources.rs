//! Snapshots of operators with a second source: `zip` and `merge_join`.

use insta::assert_snapshot;
use quote::quote;

use super::body;

#[test]
fn second_sources() {
    assert_snapshot!(body(quote! {
        Stock(prices: Vec<Price>, stock: Vec<Row>) -> u64 {
            from_iter(prices)
                => zip(chain([from_iter(1..5), from_iter(7..)]))
                => merge_join(from_iter(stock), |(price, _)| price.id, row_id)
                => count
        }
    }), @r#"
    fn run_with() {
        use ::syncline::fit::methods::*;
        let source = { ::syncline::fit::IsSource::check }({ from_iter }(prices))
            .source_or_unknown();
        let pipeline = { ::syncline::Pipeline::new }("Stock", source);
        let second = {
            ::syncline::fit::IsOtherSource::check
        }(
                {
                    ::syncline::chain
                }([
                    { ::syncline::fit::IsSource::check }({ from_iter }(1..5))
                        .source_or_unknown(),
                    ::syncline::fit::AlikeSources::fit(
                        ::core::marker::PhantomData,
                        { ::syncline::fit::IsSource::check }({ from_iter }(7..))
                            .source_or_unknown(),
                        ::syncline::fit::Joint,
                    ),
                ]),
            )
            .source_or_unknown();
        let pipeline = pipeline.zip(second);
        let second = { ::syncline::fit::IsOtherSource::check }({ from_iter }(stock))
            .source_or_unknown();
        let call_1 = ::syncline::__private::closure_of_item_ref(
            ::syncline::__private::items_of(&pipeline),
            |(price, _)| price.id,
            |made| made.0,
        );
        let call_2 = ::syncline::__private::closure_of_second(
            ::syncline::__private::items_from(&second),
            &call_1,
            {
                let mut function = ::syncline::fit::IsFunction::itself(row_id);
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
            |wanted, made| ::syncline::fit::SameKey::fit(
                wanted,
                made,
                ::syncline::fit::Joint,
            ),
        );
        let (call_1, call_2) = ::syncline::__private::both_keys(
            call_1,
            call_2,
            |made_by_the_closure| ::syncline::fit::IsJoined::itself(made_by_the_closure.0),
        );
        let pipeline = pipeline.merge_join(second, call_1, call_2);
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
