//! `when`: a stage that a condition switches on or off at the start of a run.

use std::fmt;
use std::marker::PhantomData;

use crate::emit::Emit;
use crate::emit::items::{Items, Mapped};
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::{Pipeline, Then};
use crate::report::Tally;
use crate::run::RunContext;
use crate::stage::Stage;

/// Stage of [`Pipeline::when`](crate::Pipeline::when).
///
/// * Shape: that of the inner stage if the condition is `true`. Otherwise all items, unchanged.
/// * Memory, end and error: those of the inner stage, or none.
#[must_use]
pub struct When<S, F> {
    stage: S,
    is_on: bool,
    /// Turns an item that passes into an item of the type that the stage emits. Both are of one type.
    fit: F,
}

impl<S, F> When<S, F> {
    pub(crate) fn new(stage: S, is_on: bool, fit: F) -> Self {
        Self { stage, is_on, fit }
    }
}

/// The closure `fit` with one parameter.
#[inline]
fn fitting<T, V>(fit: &mut impl FnMut(PhantomData<V>, T) -> V) -> impl FnMut(T) -> V {
    |item| fit(PhantomData, item)
}

#[deny(clippy::missing_trait_methods)]
impl<S, F> Stage for When<S, F>
where
    S: Stage,
    F: FnMut(PhantomData<S::Out>, S::In) -> S::Out,
{
    type In = S::In;
    type Out = S::Out;

    // A stage that passes all items on emits one for each.
    const FACTS: crate::stage::StageFacts = S::FACTS;

    #[inline]
    fn push(&mut self, item: S::In, out: &mut impl Emit<S::Out>) -> Result<(), Halt> {
        if self.is_on { self.stage.push(item, out) } else { out.emit((self.fit)(PhantomData, item)) }
    }

    #[inline]
    fn push_all(&mut self, items: impl Items<S::In>, out: &mut impl Emit<S::Out>) -> Result<(), Halt> {
        if self.is_on {
            self.stage.push_all(items, out)
        } else {
            out.emit_items(Mapped::new(items, fitting(&mut self.fit)))
        }
    }

    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env,
    {
        if self.is_on {
            self.stage.start(context);
        }
    }

    fn tick(&mut self, out: &mut impl Emit<S::Out>) -> Result<(), Halt> {
        if self.is_on { self.stage.tick(out) } else { Ok(()) }
    }

    fn before_blocking(&mut self, out: &mut impl Emit<S::Out>) -> Result<(), Halt> {
        if self.is_on { self.stage.before_blocking(out) } else { Ok(()) }
    }

    fn finish(&mut self, out: &mut impl Emit<S::Out>) -> Result<(), Halt> {
        if self.is_on { self.stage.finish(out) } else { Ok(()) }
    }

    fn close(&mut self) -> Result<(), Failure> {
        if self.is_on { self.stage.close() } else { Ok(()) }
    }

    fn is_shut(&self) -> bool {
        self.is_on && self.stage.is_shut()
    }

    fn held(&self) -> usize {
        if self.is_on { self.stage.held() } else { 0 }
    }

    fn tally(&self) -> Tally {
        if self.is_on { self.stage.tally() } else { Tally::default() }
    }

    fn name(&self) -> &'static str {
        self.stage.name()
    }

    fn node(&self) -> Node {
        self.stage.node().clause(if self.is_on { "when(true)" } else { "when(false)" })
    }
}

impl<S, F> fmt::Debug for When<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("When").field("is_on", &self.is_on).finish_non_exhaustive()
    }
}

impl<T, C, S: Stage<In = T, Out = T>, M, K> Pipeline<T, Then<C, S, M, K>, M> {
    /// Switches the last stage off unless `condition` is `true`: all items then pass it unchanged, its closure is never
    /// called, and it starts no threads. The stage emits items of the type that it takes.
    ///
    /// Policies of the stage are set before: `try_map(..).on_error(..).when(..)`. The report has a row of the stage also if
    /// it is off.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter};
    /// # fn main() -> Result<(), syncline_core::Error> {
    /// for (only_even, expected) in [(true, vec![0, 2]), (false, vec![0, 1, 2])] {
    ///     let numbers = Pipeline::new("numbers", from_iter(0..3)).filter(|n| n % 2 == 0).when(only_even);
    ///     assert_eq!(numbers.end(Collect::new()).run()?.output, expected);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[expect(clippy::type_complexity, reason = "an alias cannot contain the closure's type")]
    pub fn when(
        self,
        condition: bool,
    ) -> Pipeline<T, Then<C, When<S, impl FnMut(PhantomData<T>, T) -> T + use<T, C, S, M, K>>, M, K>, M> {
        self.with_chain(|chain| chain.with_stage(|stage| When::new(stage, condition, |_, item| item)))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use crate::stage::Stage as _;
    use crate::stage::tests::{outputs, passes_errors_on};
    use crate::stage::{Filter, Skip, When};
    use crate::testing::{Ending, Probe, fail_if};
    use crate::{Collect, Pipeline, from_iter, size, skip};

    #[test]
    fn it_is_its_stage_or_none() {
        for n in [0, 1, 2, 3, 100, 600] {
            let skip = |on| When::new(Skip::new(2), on, |_, item| item);
            assert_eq!(outputs(skip(true), n), (0..n).skip(2).collect::<Vec<_>>());
            assert_eq!(outputs(skip(false), n), (0..n).collect::<Vec<_>>());
        }
        for on in [false, true] {
            passes_errors_on(|| When::new(Filter::<_, _, bool>::new(|_: &usize| true), on, |_, item| item));
        }
    }

    #[test]
    fn a_stage_that_is_off_is_never_called_and_has_a_row() {
        let run = |on| {
            let calls = Cell::new(0);
            let seen = Probe::new();
            let ending = seen.seen();
            let outcome = Pipeline::new("off", from_iter(0..300))
                .inspect(|_| calls.set(calls.get() + 1))
                .when(on)
                .tee(seen)
                .when(on)
                .take(5)
                .when(on)
                .map_parallel(size(2), 4, |n| n)
                .when(on)
                .pipe(fail_if(|n| *n == 1))
                .on_error(skip(1))
                .when(on)
                .end(Collect::new())
                .run()
                .unwrap();
            let rows = outcome.report.stages().len();
            (outcome.output.len(), calls.get() > 0, ending.ending() == Ending::Finished, rows)
        };
        assert_eq!(run(true), (4, true, true, 7));
        assert_eq!(run(false), (300, false, false, 7));
    }

    #[test]
    fn the_report_counts_the_items_that_pass() {
        let run = |on| {
            let numbers = Pipeline::new("numbers", from_iter(0..9)).filter(|n| n % 2 == 0).when(on);
            let outcome = numbers.end(Collect::new()).run().unwrap();
            let row = outcome.report.stage("filter").unwrap();
            (row.items_in(), row.items_out(), row.filtered())
        };
        assert_eq!(run(true), (Some(9), Some(5), 4));
        assert_eq!(run(false), (Some(9), Some(9), 0));
    }

    #[test]
    fn a_stage_that_is_shut_and_off_shuts_nothing() {
        let shut = When::new(crate::stage::Take::<u8>::new(0), true, |_, item| item);
        assert!(shut.is_shut());
        assert!(!When::new(crate::stage::Take::<u8>::new(0), false, |_, item| item).is_shut());
        let none = Pipeline::new("none", from_iter(0..3)).take(0).when(false).end(Collect::new());
        assert_eq!(none.run().unwrap().output, [0, 1, 2]);
    }
}
