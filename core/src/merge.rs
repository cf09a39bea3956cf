//! Several sources as one.

use std::collections::VecDeque;
use std::fmt;

use crate::emit::Emit;
use crate::error::Halt;
use crate::source::{Progress, Source};

/// The items of several sources, in turns: a chunk of the first, a chunk of the second, and so on.
///
/// * Memory: nothing is held. A source that fails ends the run.
/// * Sources of different make become of one type in [`Pipeline::boxed`](crate::Pipeline::boxed): a pipeline that is
///   not ended is a source.
///
/// ```
/// use syncline_core::{Collect, Pipeline, from_iter, merge};
///
/// let evens = Pipeline::new("evens", from_iter(0..3)).map(|n| 2 * n).boxed();
/// let more = Pipeline::new("more", from_iter([7])).boxed();
/// let outcome = Pipeline::new("both", merge([evens, more])).end(Collect::new()).run()?;
/// assert_eq!(outcome.output, [0, 2, 4, 7]);
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn merge<S: Source>(sources: impl IntoIterator<Item = S>) -> Merge<S> {
    Merge { sources: sources.into_iter().collect(), idle: 0 }
}

/// Source of [`merge`].
#[must_use]
pub struct Merge<S> {
    /// Those that are not done, the next one first.
    sources: VecDeque<S>,
    /// How many in a row had nothing.
    idle: usize,
}

impl<S: Source> Source for Merge<S> {
    type Item = S::Item;

    fn advance(&mut self, out: &mut impl Emit<S::Item>) -> Result<Progress, Halt> {
        let Some(mut source) = self.sources.pop_front() else { return Ok(Progress::Done) };
        match source.advance(out)? {
            Progress::Done => self.idle = 0,
            Progress::More => {
                self.idle = 0;
                self.sources.push_back(source);
            }
            Progress::Idle => {
                self.idle += 1;
                self.sources.push_back(source);
            }
        }
        if self.sources.is_empty() {
            return Ok(Progress::Done);
        }
        if self.idle < self.sources.len() {
            return Ok(Progress::More);
        }
        self.idle = 0;
        Ok(Progress::Idle)
    }

    fn name(&self) -> &'static str {
        "merge"
    }
}

/// The items of several sources that are sorted by a key, sorted by that key. Of equal keys the earlier source is first.
///
/// * Memory: what one advance of each source gives, at most.
/// * A source that has nothing for now holds up the others: its next item may be the smallest. One that fails ends the
///   run; what was read from the others is dropped.
///
/// ```
/// use syncline_core::{Collect, Pipeline, from_iter, merge_by};
///
/// let sorted = merge_by([from_iter([1, 4, 6]), from_iter([2, 3, 9])], |n| *n);
/// let outcome = Pipeline::new("sorted", sorted).end(Collect::new()).run()?;
/// assert_eq!(outcome.output, [1, 2, 3, 4, 6, 9]);
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn merge_by<S: Source, K: Ord, F: FnMut(&S::Item) -> K>(
    sources: impl IntoIterator<Item = S>,
    key_of: F,
) -> MergeBy<S, K, F> {
    let inputs = sources.into_iter().map(|source| Input { source: Some(source), ready: VecDeque::new() });
    MergeBy { inputs: inputs.collect(), key_of }
}

/// Source of [`merge_by`].
#[must_use]
pub struct MergeBy<S: Source, K, F> {
    inputs: Vec<Input<S, K>>,
    key_of: F,
}

/// A source, and what was read of it.
struct Input<S: Source, K> {
    source: Option<S>,
    ready: VecDeque<(K, S::Item)>,
}

/// Keeps what a source emits, beside its key.
struct Keep<'a, T, K, F> {
    ready: &'a mut VecDeque<(K, T)>,
    key_of: &'a mut F,
}

impl<T, K, F: FnMut(&T) -> K> Emit<T> for Keep<'_, T, K, F> {
    fn emit(&mut self, item: T) -> Result<(), Halt> {
        self.ready.push_back(((self.key_of)(&item), item));
        Ok(())
    }
}

impl<S: Source, K: Ord, F: FnMut(&S::Item) -> K> Source for MergeBy<S, K, F> {
    type Item = S::Item;

    fn advance(&mut self, out: &mut impl Emit<S::Item>) -> Result<Progress, Halt> {
        for Input { source, ready } in &mut self.inputs {
            while ready.is_empty()
                && let Some(reading) = source
            {
                match reading.advance(&mut Keep { ready, key_of: &mut self.key_of })? {
                    Progress::Done => *source = None,
                    Progress::Idle if ready.is_empty() => return Ok(Progress::Idle),
                    Progress::More | Progress::Idle => {}
                }
            }
        }
        self.inputs.retain(|input| input.source.is_some() || !input.ready.is_empty());
        // Until one of those that may have more has nothing ready.
        loop {
            let keys = self.inputs.iter().enumerate();
            let smallest = keys.filter_map(|(at, input)| Some((&input.ready.front()?.0, at))).min();
            let Some((_, at)) = smallest else { return Ok(Progress::Done) };
            let input = &mut self.inputs[at];
            if let Some((_, item)) = input.ready.pop_front() {
                out.emit(item)?;
            }
            if input.ready.is_empty() {
                return Ok(Progress::More);
            }
        }
    }

    fn name(&self) -> &'static str {
        "merge"
    }
}

impl<S> fmt::Debug for Merge<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Merge").field("sources", &self.sources.len()).finish_non_exhaustive()
    }
}

impl<S: Source, K, F> fmt::Debug for MergeBy<S, K, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MergeBy").field("sources", &self.inputs.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{merge, merge_by};
    use crate::stage::tests::FailAfter;
    use crate::{Collect, Emit, Halt, Pipeline, Progress, Source, from_iter};

    /// Gives its items one by one, and is idle between any two.
    struct Halting(std::vec::IntoIter<u16>, bool);

    impl Source for Halting {
        type Item = u16;

        fn advance(&mut self, out: &mut impl Emit<u16>) -> Result<Progress, Halt> {
            self.1 = !self.1;
            if self.1 {
                return Ok(Progress::Idle);
            }
            match self.0.next() {
                Some(item) => out.emit(item).map(|()| Progress::More),
                None => Ok(Progress::Done),
            }
        }
    }

    fn collected(source: impl Source<Item = u16>) -> Vec<u16> {
        Pipeline::new("merge", source).end(Collect::new()).run().unwrap().output
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn nothing_is_lost_and_order_is_kept(inputs in prop::collection::vec(prop::collection::vec(any::<u16>(), 0..6), 0..4)) {
            let mut sorted: Vec<_> = inputs.concat();
            sorted.sort_unstable();
            let mut any_order = collected(merge(inputs.iter().map(|items| Halting(items.clone().into_iter(), false))));
            any_order.sort_unstable();
            prop_assert_eq!(&any_order, &sorted);
            let by_key = merge_by(
                inputs.into_iter().map(|mut items| {
                    items.sort_unstable();
                    Halting(items.into_iter(), true)
                }),
                |n| *n,
            );
            prop_assert_eq!(collected(by_key), sorted);
        }
    }

    #[test]
    fn a_source_that_fails_ends_the_run() {
        let error = Pipeline::new("merge", merge([FailAfter(2), FailAfter(9)])).end(Collect::new()).run();
        assert_eq!(error.unwrap_err().stage(), Some("merge"));
        let error =
            Pipeline::new("merge", merge_by([FailAfter(2), FailAfter(9)], |n| *n)).end(Collect::new()).run();
        assert_eq!(error.unwrap_err().stage(), Some("merge"));
    }

    #[test]
    fn endless_sources_end_when_nobody_wants_more() {
        let sorted = merge_by([from_iter(0..), from_iter(0..)], |n: &i32| *n);
        let outcome = Pipeline::new("endless", sorted).take(5).end(Collect::new()).run();
        assert_eq!(outcome.unwrap().output, [0, 0, 1, 1, 2]);
    }
}
