//! `named`: a source, a stage or a sink with a name of its own.

use crate::emit::Emit;
use crate::emit::items::Items;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::{Head, Pipeline, Then, Threaded, ThreadedOnError};
use crate::policy::Policy;
use crate::run::Runnable;
use crate::sink::delegate::delegate_sink;
use crate::sink::{Commit, Sink};
use crate::source::delegate::delegate_source;
use crate::source::{Progress, Source};
use crate::stage::delegate::delegate_stage;
use crate::stage::{Parallel, ParallelOnError, Stage};

/// A source, a stage or a sink with a name of its own. Made by [`Pipeline::named`](crate::Pipeline::named) and
/// [`Runnable::named`](crate::Runnable::named).
///
/// All else is as in the part inside.
#[derive(Debug)]
#[must_use]
pub struct Named<P> {
    inner: P,
    name: &'static str,
}

impl<P> Named<P> {
    pub(crate) fn new(inner: P, name: &'static str) -> Self {
        Self { inner, name }
    }
}

#[deny(clippy::missing_trait_methods)]
impl<S: Source> Source for Named<S> {
    type Item = S::Item;

    #[inline]
    fn advance(&mut self, out: &mut impl Emit<S::Item>) -> Result<Progress, Halt> {
        self.inner.advance(out)
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn node(&self) -> Node {
        self.inner.node().named(self.name)
    }

    delegate_source!(self.inner: wait, remaining, start, stop, drain, close, waited, tally);
}

#[deny(clippy::missing_trait_methods)]
impl<S: Stage> Stage for Named<S> {
    type In = S::In;
    type Out = S::Out;

    #[inline]
    fn push(&mut self, item: S::In, out: &mut impl Emit<S::Out>) -> Result<(), Halt> {
        self.inner.push(item, out)
    }

    #[inline]
    fn push_all(&mut self, items: impl Items<S::In>, out: &mut impl Emit<S::Out>) -> Result<(), Halt> {
        self.inner.push_all(items, out)
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn node(&self) -> Node {
        self.inner.node().named(self.name)
    }

    delegate_stage!(FACTS = S::FACTS, self.inner: start, tick, before_blocking, finish, close, is_shut, held, tally);
}

#[deny(clippy::missing_trait_methods)]
impl<K: Sink> Sink for Named<K> {
    type In = K::In;
    type Output = K::Output;

    #[inline]
    fn consume(&mut self, item: K::In) -> Result<(), Halt> {
        self.inner.consume(item)
    }

    #[inline]
    fn consume_all(&mut self, items: impl Items<K::In>) -> Result<(), Halt> {
        self.inner.consume_all(items)
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn node(&self) -> Node {
        self.inner.node().named(self.name)
    }

    delegate_sink!(self.inner: start, before_retry, finish, waited, tally);
}

impl<K: Commit> Commit for Named<K> {
    fn commit(&mut self) -> Result<(), Failure> {
        self.inner.commit()
    }
}

impl<T, S, M> Pipeline<T, Head<S, M>, M> {
    /// Names the source: in reports, errors, graphs and spans the name takes the place of its own.
    ///
    /// ```
    /// # use syncline_core::{Pipeline, from_iter};
    /// let outcome = Pipeline::new("numbers", from_iter(0..3)).named("readings").count().run()?;
    /// assert_eq!(outcome.report.stage("readings").unwrap().items_out(), Some(3));
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn named(self, name: &'static str) -> Pipeline<T, Head<Named<S>, M>, M> {
        self.with_chain(|chain| chain.with_source(|source| Named::new(source, name)))
    }
}

impl<T, C, S, M> Pipeline<T, Then<C, S, M>, M> {
    /// Names the last stage: in reports, errors, graphs and spans the name takes the place of the operator's or the
    /// type's. So several stages of one kind are told apart.
    ///
    /// Call it before [`on_error`](Pipeline::on_error), so that dead letters have the name as well.
    ///
    /// ```
    /// # use syncline_core::{Pipeline, from_iter};
    /// let run = Pipeline::new("numbers", from_iter(["1", "two"]))
    ///     .map(str::trim)
    ///     .named("trim")
    ///     .try_map(|text| Ok(text.parse::<u64>()?))
    ///     .named("parse")
    ///     .count()
    ///     .run();
    /// assert_eq!(run.unwrap_err().to_string(), "pipeline numbers failed in stage parse");
    /// ```
    pub fn named(self, name: &'static str) -> Pipeline<T, Then<C, Named<S>, M>, M> {
        self.with_chain(|chain| chain.with_stage(|stage| Named::new(stage, name)))
    }
}

impl<T, U, C, F, S, D, M> Pipeline<U, Then<C, Parallel<F, T, U, S, D>, M, Threaded>, M> {
    /// Names the parallel stage: in reports, errors, graphs and spans the name takes the place of the operator's.
    pub fn named(self, name: &'static str) -> Self {
        self.with_chain(|chain| chain.with_stage(|stage| stage.labelled(name)))
    }
}

impl<T, U, C, F, S, D, P, M> Pipeline<U, Then<C, ParallelOnError<F, T, U, S, D, P>, M, ThreadedOnError>, M>
where
    P: Policy<T>,
{
    /// Names the parallel stage: in reports, errors, graphs and spans the name takes the place of the operator's.
    pub fn named(self, name: &'static str) -> Self {
        self.with_chain(|chain| chain.with_stage(|stage| stage.labelled(name)))
    }
}

impl<C, K: Sink, M, Q> Runnable<C, K, M, Q> {
    /// Names the sink: in reports, errors, graphs and spans the name takes the place of its own. Call it before
    /// [`on_error`](Runnable::on_error), so that dead letters have the name as well.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter};
    /// let outcome = Pipeline::new("numbers", from_iter(0..3)).end(Collect::new()).named("archive").run()?;
    /// assert_eq!(outcome.report.stage("archive").unwrap().items_in(), Some(3));
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn named(self, name: &'static str) -> Runnable<C, Named<K>, M, Q> {
        self.with_sink(|sink| Named::new(sink, name))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Ending, Probe, fail_if};
    use crate::{Collect, Meter, Pipeline, Runnable, Sink, dead_letter, from_iter, merge, retry, size, skip};

    #[test]
    fn names_are_in_the_report_and_the_graph() {
        let run = Pipeline::new("named", from_iter(0..5))
            .named("readings")
            .map(|n| n + 1)
            .named("next")
            .filter(|n| n % 2 == 0)
            .named("even")
            .buffer(size(2))
            .named("pairs")
            .end(Collect::new())
            .named("all");
        let graph = run.graph().one_line();
        for wanted in ["map named \"next\"", "buffer(2) named \"pairs\"", "Collect named \"all\""] {
            assert!(graph.contains(wanted), "{graph}");
        }
        assert!(run.graph().mermaid().contains("named #34;even#34;"), "{}", run.graph().mermaid());
        let outcome = run.run().unwrap();
        let names: Vec<_> = outcome.report.stages().iter().map(|row| row.name().to_owned()).collect();
        assert_eq!(names, ["readings", "next", "even", "pairs", "all"]);
        assert_eq!(outcome.report.stage("even").unwrap().filtered(), 3);
        assert_eq!(outcome.output, [vec![2, 4]]);
    }

    #[test]
    fn a_failure_is_that_of_the_name() {
        fn failed<K: Sink, M: Meter>(run: Runnable<impl crate::Chain<Item = K::In>, K, M>) -> String {
            run.run().err().and_then(|error| error.stage().map(str::to_owned)).unwrap_or_default()
        }
        let numbers = || Pipeline::new("fails", from_iter(0..5));
        let stage = numbers().pipe(fail_if(|n| *n == 3)).named("check");
        assert_eq!(failed(stage.count()), "check");
        assert_eq!(failed(numbers().end(Probe::new().refuse(|n| *n == 3)).named("store")), "store");
        let source = Pipeline::new("fails", crate::stage::tests::FailAfter(3)).named("readings");
        assert_eq!(failed(source.count()), "readings");
        let fails = |n: i32| if n == 3 { Err(std::fmt::Error.into()) } else { Ok(n) };
        let parallel = numbers().try_map_parallel(size(2), 4, fails);
        assert_eq!(failed(parallel.named("work").count()), "work");
    }

    #[test]
    fn letters_have_the_name() {
        let letters = Probe::new();
        let seen = letters.seen();
        let one = Pipeline::new("one", from_iter(0..5)).pipe(fail_if(|n| *n == 3)).named("check");
        one.on_error(dead_letter(letters)).count().run().unwrap();
        assert_eq!(seen.take().iter().map(|letter| letter.stage).collect::<Vec<_>>(), ["check"]);

        let letters = Probe::new();
        let seen = letters.seen();
        let fails = |n: i32| if n == 3 { Err(std::fmt::Error.into()) } else { Ok(n) };
        let several = Pipeline::new("several", from_iter(0..5)).try_map_parallel(size(2), 4, fails);
        let outcome = several.named("work").on_error(dead_letter(letters)).count().run().unwrap();
        assert_eq!(outcome.report.stage("work").unwrap().failed(), 1);
        assert_eq!(seen.take().iter().map(|letter| letter.stage).collect::<Vec<_>>(), ["work"]);
    }

    #[test]
    fn a_name_changes_nothing_else() {
        let copies = Probe::new();
        let seen = copies.seen();
        let inner = Pipeline::new("inner", from_iter(0..600)).named("inner").tee(copies).named("copies");
        let run = Pipeline::new("outer", merge([inner]))
            .skip(10)
            .named("later")
            .buffer(size(7))
            .named("chunks")
            .unbuffer()
            .take(500)
            .named("first")
            .map_parallel(size(2), 4, |n| n)
            .named("work")
            .end(Collect::new())
            .named("all")
            .on_error(skip(1));
        assert_eq!(run.run().unwrap().output, (10..510).collect::<Vec<_>>());
        assert_eq!(seen.ending(), Ending::Finished);
    }

    #[test]
    fn a_retried_item_is_counted_under_the_name() {
        let mut tries = 0;
        let twice = Pipeline::new("twice", from_iter([1])).try_map(|n| {
            tries += 1;
            if tries == 1 { Err(std::fmt::Error.into()) } else { Ok(n) }
        });
        let run = twice.named("twice").on_error(retry(1, std::time::Duration::ZERO, |_| true)).count().run();
        assert_eq!(run.unwrap().report.stage("twice").unwrap().retried(), 1);
    }
}
