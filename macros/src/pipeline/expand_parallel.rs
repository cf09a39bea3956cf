//! The lines of an operator with `parallel` in the expansion.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};

use super::argument::{Argument, bind};
use super::closures::{call_variable, callable, result_rule};
use super::expansion::Expansion;
use super::operator::{Form, Kind, Returns};
use super::policy::Parallel;

impl Expansion<'_> {
    /// The lines of an operator on several threads: `function` makes the stage, and rules check that its types may cross
    /// threads.
    pub(super) fn parallel(
        &self,
        name: &Ident,
        function: &str,
        parallel: &Parallel,
        form: &'static Form,
        arguments: &[Argument],
    ) -> TokenStream {
        let (pipeline, span) = (self.pipeline, name.span());
        let root = self.root.at(span);
        let workers = self.size(&parallel.workers);
        let capacity = parallel
            .capacity
            .as_ref()
            .map_or_else(|| quote!(#root::__private::CAPACITY), |capacity| self.number("IsCount", capacity));
        let [stage, items, results, work, key_of, start] =
            ["stage", "items", "results", "work", "key", "start"]
                .map(|name| Ident::new(name, Span::mixed_site()));
        let Some((Kind::Closure(_, returns), closure)) = bind(form, arguments)
            .into_iter()
            .find_map(|(parameter, argument)| Some((parameter.kind, &argument?.value)))
        else {
            return TokenStream::new();
        };
        let (given, called) = (self.handed_on(span), callable(self.root, closure));
        let rule = self.rule(span, returns, closure);
        let key = parallel.by.as_ref().map(|key| {
            let (function, rule) = (callable(self.root, key), self.rule(span, Returns::Key("IsHashed"), key));
            let borrowed = self.borrowed_key(span, key, &given);
            quote_spanned! {span=>
                let #key_of = #root::__private::closure_of_item_ref(#given, #function, #rule);
                #borrowed
            }
        });
        let keyed = parallel
            .by
            .as_ref()
            .map(|_| quote_spanned!(span=> let #stage = #root::__private::keyed(#stage, #key_of);));
        let made = match &parallel.with {
            None => {
                let call = match rule {
                    Some(rule) => {
                        quote_spanned!(span=> #root::__private::shared_closure_of_item(#given, #called, #rule))
                    }
                    None => called,
                };
                let function = Ident::new(function, span);
                quote_spanned! {span=>
                    let #stage = #root::__private::#function(&#pipeline, #workers, #capacity, #call);
                }
            }
            Some(with) => {
                let starts = result_rule(self.root, "Starts", with, &TokenStream::new());
                let call = call_variable(0);
                let (line, called) = match rule {
                    Some(rule) => (
                        Some(quote_spanned! {span=>
                            let #call = #root::__private::shared_closure_of_state(
                                #root::__private::state_of(&#start),
                                #given,
                                #called,
                                #rule,
                            );
                        }),
                        call.to_token_stream(),
                    ),
                    None => (None, called),
                };
                let function = format_ident!("{function}_with", span = span);
                quote_spanned! {span=>
                    let #start = #root::__private::closure_of_thread(#with, #starts);
                    #line
                    let #stage = #root::__private::#function(&#pipeline, #workers, #capacity, #start, #called);
                }
            }
        };
        quote_spanned! {span=>
            #key
            #made
            #keyed
            let (#items, #results, #work) = #root::__private::sent(&#stage);
            let #stage = #root::fit::AreItems::allow(#root::fit::Threads, #items, #stage);
            let #stage = #root::fit::AreResults::allow(#root::fit::Threads, #results, #stage);
            let #stage = #root::fit::IsWork::allow(#root::fit::Threads, #work, #stage);
            let #pipeline = #root::__private::on_threads(#pipeline, #results, #stage);
        }
    }
}
