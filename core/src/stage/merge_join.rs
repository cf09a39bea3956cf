//! `merge_join`: a join of sorted items with those of a second sorted source, by key.

use std::fmt;
use std::marker::PhantomData;

use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::report::Tally;
use crate::run::RunContext;
use crate::source::Source;
use crate::stage::second_source::SecondSource;
use crate::stage::{Stage, StageFacts};

/// An item of a [`merge_join`](crate::Pipeline::merge_join).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Joined<L, R> {
    /// An item of the pipeline whose key the second source does not have.
    Left(L),
    /// An item of the second source whose key the pipeline does not have.
    Right(R),
    /// Two items with the same key.
    Both(L, R),
}

impl<L, R> Joined<L, R> {
    /// Both items. `filter_map(|joined| joined.both())` is an inner join.
    pub fn both(self) -> Option<(L, R)> {
        match self {
            Self::Both(left, right) => Some((left, right)),
            Self::Left(_) | Self::Right(_) => None,
        }
    }

    /// The left item, and the right item if there is one. `filter_map(|joined| joined.left())` is a left join.
    pub fn left(self) -> Option<(L, Option<R>)> {
        match self {
            Self::Both(left, right) => Some((left, Some(right))),
            Self::Left(left) => Some((left, None)),
            Self::Right(_) => None,
        }
    }

    /// The right item, and the left item if there is one. `filter_map(|joined| joined.right())` is a right join.
    pub fn right(self) -> Option<(Option<L>, R)> {
        match self {
            Self::Both(left, right) => Some((Some(left), right)),
            Self::Right(right) => Some((None, right)),
            Self::Left(_) => None,
        }
    }
}

/// Stage of [`Pipeline::merge_join`](crate::Pipeline::merge_join).
///
/// * Shape: [`Joined`] items in the order of the keys: a full outer join.
/// * Memory: one item and two keys, and the items of one advance of the second source.
/// * End: the remaining items of the second source are emitted.
/// * Error: a key that is smaller than the key before it, on either side, with the number of the item. On the left a
///   policy may leave the item out. An error of the second source has the name of that source, and no policy is called.
#[must_use]
pub struct MergeJoin<T, S: Source, K, F, G> {
    second: SecondSource<S>,
    left_key: F,
    right_key: G,
    /// The key of the last item on the left.
    last: Option<K>,
    /// The next item on the right, with its key.
    next: Option<(K, S::Item)>,
    /// The key of the last item on the right that was emitted.
    last_right: Option<K>,
    lefts: u64,
    rights: u64,
    items: PhantomData<fn(T)>,
}

impl<T, S: Source, K, F, G> MergeJoin<T, S, K, F, G> {
    /// Creates a stage that joins items with those of `second`.
    pub fn new(second: S, left_key: F, right_key: G) -> Self {
        Self {
            second: SecondSource::new(second),
            left_key,
            right_key,
            last: None,
            next: None,
            last_right: None,
            lefts: 0,
            rights: 0,
            items: PhantomData,
        }
    }
}

impl<T, S: Source, K: Ord, F, G: FnMut(&S::Item) -> K> MergeJoin<T, S, K, F, G> {
    /// Reads the next item on the right, if there is none yet. Leaves `next` empty at the end of the source.
    fn read(&mut self) -> Result<(), Halt> {
        if self.next.is_some() {
            return Ok(());
        }
        let Some(item) = self.second.next()? else { return Ok(()) };
        self.rights += 1;
        let key = (self.right_key)(&item);
        if self.last_right.as_ref().is_some_and(|last| key < *last) {
            let source = self.second.name();
            let failure = Failure::new(format!(
                "the items of the second source, {source}, are not sorted by their keys"
            ));
            return Err(failure.at(format_args!("its item {}", self.rights)).fatal().into());
        }
        self.next = Some((key, item));
        Ok(())
    }

    /// Takes the item on the right.
    fn take(&mut self) -> Option<S::Item> {
        let (key, item) = self.next.take()?;
        self.last_right = Some(key);
        Some(item)
    }
}

#[cold]
fn unsorted(lefts: u64) -> Halt {
    let failure = Failure::new("the items before `merge_join` are not sorted by their keys");
    failure.at(format_args!("item {lefts}")).into()
}

impl<T, S, K, F, G> Stage for MergeJoin<T, S, K, F, G>
where
    S: Source,
    K: Ord,
    F: FnMut(&T) -> K,
    G: FnMut(&S::Item) -> K,
{
    type In = T;
    type Out = Joined<T, S::Item>;

    const FACTS: StageFacts = StageFacts::new();

    fn push(&mut self, left: T, out: &mut impl Emit<Self::Out>) -> Result<(), Halt> {
        self.lefts += 1;
        let key = (self.left_key)(&left);
        if self.last.as_ref().is_some_and(|last| key < *last) {
            return Err(unsorted(self.lefts));
        }
        loop {
            self.read()?;
            match &self.next {
                Some((right, _)) if *right < key => {
                    if let Some(item) = self.take() {
                        out.emit(Joined::Right(item))?;
                    }
                }
                Some((right, _)) if *right == key => {
                    self.last = Some(key);
                    return match self.take() {
                        Some(right) => out.emit(Joined::Both(left, right)),
                        None => out.emit(Joined::Left(left)),
                    };
                }
                _ => {
                    self.last = Some(key);
                    return out.emit(Joined::Left(left));
                }
            }
        }
    }

    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env,
    {
        self.second.start(context);
    }

    fn finish(&mut self, out: &mut impl Emit<Self::Out>) -> Result<(), Halt> {
        let emitted = loop {
            if !out.wants_more() {
                break Ok(());
            }
            self.read()?;
            let Some(right) = self.take() else { break Ok(()) };
            match out.emit(Joined::Right(right)) {
                Ok(()) => {}
                Err(Halt::Stop) => break Err(Halt::Stop),
                Err(failed) => return Err(failed),
            }
        };
        self.second.stop()?;
        emitted
    }

    fn tally(&self) -> Tally {
        self.second.tally()
    }

    fn name(&self) -> &'static str {
        "merge_join"
    }

    fn node(&self) -> Node {
        Node::operator(format!("merge_join({}, ..)", self.second.name()))
            .holding_in_words("a chunk of the second source")
    }
}

impl<T, S: Source, K, F, G> fmt::Debug for MergeJoin<T, S, K, F, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MergeJoin").field("second", &self.second.name()).finish_non_exhaustive()
    }
}

/// A pipeline whose last stage joins its items with those of a source.
type Joining<T, C, S, K, F, G, M> = Piped<Joined<T, <S as Source>::Item>, C, MergeJoin<T, S, K, F, G>, M>;

impl<T, C, M> Pipeline<T, C, M> {
    /// Joins the items, which are sorted by the key that `left_key` returns, with those of `second`, which are sorted by
    /// the key that `right_key` returns. The result is a full outer join in the order of the keys, in constant memory.
    ///
    /// Each item appears once. Of several items with one key, the first on the left is paired with the first on the
    /// right, and so on, as with `merge_join_by` of the crate `itertools`: two left items and one right item with the same key are a
    /// [`Both`](Joined::Both) and a [`Left`](Joined::Left). To join several items with one, bring those with the same key into one chunk first:
    /// [`buffer_by`](Pipeline::buffer_by).
    ///
    /// `second` is any source, so also a pipeline without a sink. While it is idle, the run waits for it, and can be
    /// cancelled; in a stream (`into_stream`) that blocks the executor's thread.
    ///
    /// ```
    /// # use syncline_core::{Collect, Joined, Pipeline, from_iter};
    /// let stock = from_iter([("apple", 3), ("plum", 5)]);
    /// let joined = Pipeline::new("prices", from_iter([("apple", 0.5), ("pear", 0.7)]))
    ///     .merge_join(stock, |(fruit, _)| *fruit, |(fruit, _)| *fruit);
    /// let expected = [
    ///     Joined::Both(("apple", 0.5), ("apple", 3)),
    ///     Joined::Left(("pear", 0.7)),
    ///     Joined::Right(("plum", 5)),
    /// ];
    /// assert_eq!(joined.end(Collect::new()).run()?.output, expected);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn merge_join<S, K, F, G>(self, second: S, left_key: F, right_key: G) -> Joining<T, C, S, K, F, G, M>
    where
        S: Source,
        K: Ord,
        F: FnMut(&T) -> K,
        G: FnMut(&S::Item) -> K,
    {
        self.then(MergeJoin::new(second, left_key, right_key))
    }
}

#[cfg(test)]
mod tests {
    use super::{Joined, MergeJoin};
    use crate::stage::tests::{FailAfter, passes_errors_on};
    use crate::testing::{Ending, Probe};
    use crate::{Collect, Pipeline, from_iter, size, skip};

    /// The join of two sorted lists, by another algorithm.
    fn joined(left: &[u32], right: &[u32]) -> Vec<Joined<u32, u32>> {
        let mut joined = Vec::new();
        let mut keys: Vec<_> = left.iter().chain(right).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let lefts = left.iter().filter(|n| *n == key).count();
            let rights = right.iter().filter(|n| *n == key).count();
            let both = lefts.min(rights);
            joined.extend((0..both).map(|_| Joined::Both(*key, *key)));
            joined.extend((both..lefts).map(|_| Joined::Left(*key)));
            joined.extend((both..rights).map(|_| Joined::Right(*key)));
        }
        joined
    }

    #[test]
    fn it_is_a_full_outer_join() {
        for left_step in 1..5_u32 {
            for right_step in 1..5_u32 {
                for n in [0, 1, 5, 300, 700] {
                    let left: Vec<_> = (0..n).map(|i| i / 2 * left_step).collect();
                    let right: Vec<_> = (0..400).map(|i| i / 3 * right_step).collect();
                    let run = Pipeline::new("join", from_iter(left.clone()))
                        .merge_join(from_iter(right.clone()), |n| *n, |n| *n)
                        .end(Collect::new())
                        .run();
                    assert_eq!(run.unwrap().output, joined(&left, &right), "{left_step} {right_step} {n}");
                }
            }
        }
        passes_errors_on(|| MergeJoin::new(from_iter(0..200), |n: &usize| *n, |n: &usize| *n));
    }

    #[test]
    fn inner_left_and_right_joins_are_parts_of_it() {
        let join = || Pipeline::new("join", from_iter([1, 2])).merge_join(from_iter([2, 3]), |n| *n, |n| *n);
        assert_eq!(join().filter_map(Joined::both).end(Collect::new()).run().unwrap().output, [(2, 2)]);
        let left = join().filter_map(Joined::left).end(Collect::new()).run().unwrap().output;
        assert_eq!(left, [(1, None), (2, Some(2))]);
        let right = join().filter_map(Joined::right).end(Collect::new()).run().unwrap().output;
        assert_eq!(right, [(Some(2), 2), (None, 3)]);
    }

    #[test]
    fn items_that_are_not_sorted_are_an_error_with_their_place() {
        let join = |left: [u32; 3], right: [u32; 3]| {
            Pipeline::new("join", from_iter(left)).merge_join(from_iter(right), |n| *n, |n| *n)
        };
        let error = join([1, 3, 2], [1, 2, 3]).count().run().unwrap_err();
        assert_eq!((error.stage(), error.record()), (Some("merge_join"), Some("item 3")));
        let text = error.into_source().to_string();
        assert_eq!(text, "the items before `merge_join` are not sorted by their keys");
        let error = join([1, 2, 3], [2, 1, 3]).count().run().unwrap_err();
        assert_eq!((error.stage(), error.record()), (Some("merge_join"), Some("its item 2")));
        let text = error.into_source().to_string();
        assert_eq!(text, "the items of the second source, from_iter, are not sorted by their keys");
        // The items behind the last one on the left are checked as well.
        assert!(join([1, 1, 1], [5, 7, 6]).count().run().is_err());
    }

    #[test]
    fn a_policy_decides_about_the_left_side_alone() {
        let join = |left: [u32; 3], right: [u32; 3]| {
            let join = Pipeline::new("join", from_iter(left)).merge_join(from_iter(right), |n| *n, |n| *n);
            join.on_error(skip(5)).end(Collect::new()).run()
        };
        let wanted = [Joined::Both(1, 1), Joined::Both(3, 3), Joined::Right(4)];
        assert_eq!(join([1, 3, 2], [1, 3, 4]).unwrap().output, wanted);
        assert!(join([1, 2, 3], [2, 1, 3]).is_err());
        let run = Pipeline::new("join", from_iter(0..9)).merge_join(FailAfter(3), |n| *n, |n| *n);
        assert_eq!(run.on_error(skip(9)).count().run().unwrap_err().stage(), Some("FailAfter"));
    }

    #[test]
    fn the_second_source_is_finished_when_no_more_is_needed() {
        for taken in [0, 1, 3, 10, 5000] {
            let copies = Probe::new();
            let seen = copies.seen();
            let right = Pipeline::new("right", from_iter(0..1000)).tee(copies).buffer(size(3)).unbuffer();
            let join = Pipeline::new("join", from_iter(5..8)).merge_join(right, |n| *n, |n| *n);
            let output = join.take(taken).end(Collect::new()).run().unwrap().output;
            assert_eq!(output.len(), taken.min(1000));
            assert_eq!(seen.ending(), Ending::Finished);
        }
    }

    #[test]
    fn it_can_be_sent_to_another_thread() {
        let join = Pipeline::new("join", from_iter(0..3)).merge_join(from_iter(2..4), |n| *n, |n| *n);
        let run = std::thread::spawn(|| join.count().run()).join().unwrap();
        assert_eq!(run.unwrap().output, 4);
    }
}
