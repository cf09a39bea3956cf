//! Snapshot of operators that await futures.

use insta::assert_snapshot;
use quote::quote;

use super::body;

#[test]
fn futures() {
    assert_snapshot!(body(quote! {
        Pages(urls: Vec<Url>) -> u64 {
            from_iter(urls)
                => map_async(8, |url| async move { fetch(url).await })
                => try_map_async_unordered(2, |page| async move { Ok(parse(page).await?) }) named "parse" on_error skip(1)
                => count
        }
    }), @r#"
    fn run_with() {
        use ::syncline::fit::methods::*;
        let source = { ::syncline::fit::IsSource::check }({ from_iter }(urls))
            .source_or_unknown();
        let pipeline = { ::syncline::Pipeline::new }("Pages", source);
        let call_1 = ::syncline::__private::closure_of_item(
            ::syncline::__private::items_of(&pipeline),
            |url| async move { fetch(url).await },
            |made_by_the_closure| ::syncline::fit::IsFuture::itself(made_by_the_closure.0),
        );
        let pipeline = ::syncline::__private::futures::map_async(
            pipeline,
            const { ::syncline::size(8) },
            call_1,
        );
        let call_1 = ::syncline::__private::closure_of_item(
            ::syncline::__private::items_of(&pipeline),
            |page| async move { Ok(parse(page).await?) },
            |made_by_the_closure| ::syncline::fit::IsFuture::itself(made_by_the_closure.0),
        );
        let pipeline = ::syncline::__private::futures::try_map_async_unordered(
            pipeline,
            const { ::syncline::size(2) },
            call_1,
            |made| ::syncline::fit::TriesLater::fit(made.0, ::syncline::fit::Joint),
        );
        let pipeline = pipeline.named("parse");
        let pipeline = pipeline.on_error(::syncline::skip(1));
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
