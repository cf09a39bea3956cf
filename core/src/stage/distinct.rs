//! `distinct` and `distinct_last`: the first item of each key, with a bound on the number of remembered keys.

use std::collections::HashSet;
use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::num::NonZeroUsize;

use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::stage::{Chunking, Stage, StageFacts, Yield, size};

/// Stage of [`Pipeline::distinct`](crate::Pipeline::distinct).
///
/// * Shape: the first item of each key. The others count as filtered.
/// * Memory: at most `most` keys. No item is held, so there is nothing to emit at the end or to lose after an error.
/// * Error: an item with a new key once `most` keys are remembered. A policy may leave it out.
#[must_use]
pub struct Distinct<F, K, T> {
    key_of: F,
    most: NonZeroUsize,
    seen: HashSet<K>,
    items: PhantomData<fn(T)>,
}

impl<F, K, T> Distinct<F, K, T> {
    pub(crate) fn new(most: NonZeroUsize, key_of: F) -> Self {
        Self { key_of, most, seen: HashSet::new(), items: PhantomData }
    }
}

impl<F: FnMut(&T) -> K, K: Hash + Eq, T> Stage for Distinct<F, K, T> {
    type In = T;
    type Out = T;

    const FACTS: StageFacts = StageFacts::new().yields(Yield::AtMostOne).chunking(Chunking::Keeps);

    #[inline]
    fn push(&mut self, item: T, out: &mut impl Emit<T>) -> Result<(), Halt> {
        let key = (self.key_of)(&item);
        if self.seen.contains(&key) {
            return Ok(());
        }
        if self.seen.len() == self.most.get() {
            return Err(too_many(self.most));
        }
        self.seen.insert(key);
        out.emit(item)
    }

    fn name(&self) -> &'static str {
        "distinct"
    }

    fn node(&self) -> Node {
        Node::operator(format!("distinct({}, ..)", self.most)).holding_in_words(format!("{} keys", self.most))
    }
}

#[cold]
fn too_many(most: NonZeroUsize) -> Halt {
    let text = format!(
        "there are more than {most} different keys, the bound of `distinct`: raise the bound, or use `distinct(last: {most}, ..)`, \
         which forgets old keys"
    );
    Failure::new(text).into()
}

/// Stage of [`Pipeline::distinct_last`](crate::Pipeline::distinct_last).
///
/// * Shape: the items whose keys are not among the last keys. The others count as filtered.
/// * Memory: at most twice `last` keys, in two sets. No item is held, so there is nothing to emit at the end or to lose
///   after an error.
#[must_use]
pub struct DistinctLast<F, K, T> {
    key_of: F,
    last: NonZeroUsize,
    /// The keys since the older set was closed: at most `last`.
    recent: HashSet<K>,
    /// The `last` keys before.
    older: HashSet<K>,
    items: PhantomData<fn(T)>,
}

impl<F, K, T> DistinctLast<F, K, T> {
    pub(crate) fn new(last: NonZeroUsize, key_of: F) -> Self {
        Self { key_of, last, recent: HashSet::new(), older: HashSet::new(), items: PhantomData }
    }
}

impl<F: FnMut(&T) -> K, K: Hash + Eq, T> Stage for DistinctLast<F, K, T> {
    type In = T;
    type Out = T;

    const FACTS: StageFacts = StageFacts::new().yields(Yield::AtMostOne).chunking(Chunking::Keeps);

    #[inline]
    fn push(&mut self, item: T, out: &mut impl Emit<T>) -> Result<(), Halt> {
        let key = (self.key_of)(&item);
        if self.recent.contains(&key) {
            return Ok(());
        }
        let is_known = self.older.contains(&key);
        if self.recent.len() == self.last.get() {
            // The old keys are dropped, and their room is used again.
            std::mem::swap(&mut self.recent, &mut self.older);
            self.recent.clear();
        }
        self.recent.insert(key);
        if is_known { Ok(()) } else { out.emit(item) }
    }

    fn name(&self) -> &'static str {
        "distinct"
    }

    fn node(&self) -> Node {
        let keys = self.last.saturating_mul(const { size(2) });
        Node::operator(format!("distinct(last: {}, ..)", self.last)).holding_in_words(format!("{keys} keys"))
    }
}

impl<F, K, T> fmt::Debug for Distinct<F, K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Distinct")
            .field("most", &self.most)
            .field("seen", &self.seen.len())
            .finish_non_exhaustive()
    }
}

impl<F, K, T> fmt::Debug for DistinctLast<F, K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DistinctLast").field("last", &self.last).finish_non_exhaustive()
    }
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Passes on the first item of each key. The others count as filtered.
    ///
    /// At most `most` keys are remembered, so that memory has a bound. An item with one key more is an error: an item
    /// that was seen before and forgotten would be passed on twice. [`distinct_last`](Pipeline::distinct_last) forgets
    /// old keys, and [`dedup`](Pipeline::dedup) compares neighbours alone.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter, size};
    /// let words = Pipeline::new("words", from_iter(["a", "b", "a", "c", "b"]));
    /// let distinct = words.distinct(const { size(1000) }, |word| *word);
    /// assert_eq!(distinct.end(Collect::new()).run()?.output, ["a", "b", "c"]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn distinct<K: Hash + Eq, F: FnMut(&T) -> K>(
        self,
        most: NonZeroUsize,
        key_of: F,
    ) -> Piped<T, C, Distinct<F, K, T>, M> {
        self.then(Distinct::new(most, key_of))
    }

    /// Passes on the items whose keys are not among the last keys. The others count as filtered.
    ///
    /// The keys that were seen last are remembered: `last` different ones at least, and twice as many at most. So an item
    /// that comes again after more than `last` other keys may be passed on again.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter, size};
    /// let words = Pipeline::new("words", from_iter(["a", "b", "a", "c", "d", "e", "f", "a"]));
    /// let distinct = words.distinct_last(const { size(2) }, |word| *word);
    /// assert_eq!(distinct.end(Collect::new()).run()?.output, ["a", "b", "c", "d", "e", "f", "a"]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn distinct_last<K: Hash + Eq, F: FnMut(&T) -> K>(
        self,
        last: NonZeroUsize,
        key_of: F,
    ) -> Piped<T, C, DistinctLast<F, K, T>, M> {
        self.then(DistinctLast::new(last, key_of))
    }
}

#[cfg(test)]
mod tests {
    use super::{Distinct, DistinctLast};
    use crate::stage::tests::{outputs, passes_errors_on};
    use crate::testing::Probe;
    use crate::{Collect, Pipeline, dead_letter, from_iter, size, skip};

    #[test]
    fn the_first_item_of_each_key() {
        for n in [0, 1, 6, 7, 8, 100, 600] {
            let firsts: Vec<_> = (0..n.min(7)).collect();
            assert_eq!(outputs(Distinct::new(size(7), |i: &usize| i % 7), n), firsts);
            assert_eq!(outputs(DistinctLast::new(size(7), |i: &usize| i % 7), n), firsts);
        }
        passes_errors_on(|| Distinct::new(size(1000), |i: &usize| *i));
        passes_errors_on(|| DistinctLast::new(size(3), |i: &usize| *i));
    }

    #[test]
    fn one_key_too_many_is_an_error() {
        let seen = Probe::new();
        let items = seen.seen();
        let numbers = Pipeline::new("numbers", from_iter([1, 2, 1, 2, 3, 4]));
        let error = numbers.distinct(size(2), |n| *n).end(seen).run().unwrap_err();
        assert_eq!((items.items(), error.stage()), (vec![1, 2], Some("distinct")));
        let text = error.into_source().to_string();
        assert!(text.starts_with("there are more than 2 different keys"), "{text}");
    }

    #[test]
    fn a_policy_may_leave_out_items_with_new_keys() {
        let numbers = || Pipeline::new("numbers", from_iter([1, 2, 3, 1, 4, 2])).distinct(size(2), |n| *n);
        let outcome = numbers().on_error(skip(2)).end(Collect::new()).run().unwrap();
        assert_eq!(outcome.output, [1, 2]);
        let row = outcome.report.stage("distinct").unwrap();
        assert_eq!((row.skipped(), row.filtered()), (2, 2));
        let letters = Probe::new();
        let seen = letters.seen();
        numbers().on_error(dead_letter(letters)).end(Collect::new()).run().unwrap();
        assert_eq!(seen.take().iter().map(|letter| letter.item).collect::<Vec<_>>(), [3, 4]);
    }

    /// Each of the last `n` different keys is remembered, and never more than twice as many.
    #[test]
    fn the_last_keys_are_remembered_and_no_others() {
        for last in 1..6_usize {
            for far in 1..20_usize {
                let items = std::iter::once(0).chain(1..=far).chain([0]);
                let numbers = Pipeline::new("numbers", from_iter(items));
                let run = numbers.distinct_last(size(last), |n| *n).end(Collect::new()).run().unwrap();
                let came_again = run.output.iter().filter(|n| **n == 0).count() == 2;
                if far < last {
                    assert!(!came_again, "{far} others, of {last} remembered");
                }
                if far >= 2 * last {
                    assert!(came_again, "{far} others, of {last} remembered");
                }
            }
        }
        let mut stage = DistinctLast::new(size(3), |n: &usize| *n);
        for n in 0..100 {
            crate::Stage::push(&mut stage, n, &mut Ignore).unwrap();
            assert!(stage.recent.len() + stage.older.len() <= 6);
        }
    }

    /// Takes every item.
    struct Ignore;

    impl crate::Emit<usize> for Ignore {
        fn emit(&mut self, _: usize) -> Result<(), crate::Halt> {
            Ok(())
        }
    }
}
