//! `collect` and `collect_into`: the sinks that keep every item in a collection.

use std::fmt;
use std::marker::PhantomData;

use super::Sink;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::{Chain, Pipeline};
use crate::report::Meter;
use crate::run::Runnable;

/// A sink that collects all items, for tests and for small results.
///
/// [`Collect::new`] collects into a vector, and [`collect`] into any type that implements [`FromIterator`].
///
/// * Shape: any item. The output is the collection of all items, in order.
/// * Memory: all items, without limit. They are in a vector until the end of the run, and the collection is made of that:
///   [`collect_into`] adds each item at once to a collection that may take less.
/// * End: the output. A failed run drops the items.
/// * Error: none.
#[must_use]
pub struct Collect<T, B = Vec<T>> {
    items: Vec<T>,
    collection: PhantomData<fn() -> B>,
}

impl<T> Collect<T> {
    /// Creates an empty collection.
    pub fn new() -> Self {
        collect()
    }
}

impl<T> Default for Collect<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// A sink that collects all items into a `B`, as [`Iterator::collect`] does: a vector, a map, a set, a text, a boxed
/// slice, or a `Result` of one of these.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use syncline_core::{Pipeline, from_iter};
///
/// let lengths = Pipeline::new("lengths", from_iter(["ab", "c"])).map(|word| (word, word.len()));
/// let lengths: BTreeMap<&str, usize> = lengths.collect().run()?.output;
/// assert_eq!(lengths, BTreeMap::from([("ab", 2), ("c", 1)]));
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn collect<T, B: FromIterator<T>>() -> Collect<T, B> {
    Collect::into_any()
}

impl<T, B> Collect<T, B> {
    /// The sink of [`collect`], without its bound.
    pub(crate) fn into_any() -> Self {
        Self { items: Vec::new(), collection: PhantomData }
    }
}

impl<T, B: FromIterator<T>> Sink for Collect<T, B> {
    type In = T;
    type Output = B;

    fn consume(&mut self, item: T) -> Result<(), Halt> {
        self.items.push(item);
        Ok(())
    }

    fn finish(self) -> Result<B, Failure> {
        Ok(self.items.into_iter().collect())
    }

    fn node(&self) -> Node {
        Node::sink(self.name()).holding_in_words("every item")
    }
}

impl<T: fmt::Debug, B> fmt::Debug for Collect<T, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collect").field("items", &self.items).finish()
    }
}

/// A sink that adds each item to `collection`, which is the output.
///
/// Unlike [`collect`] it holds nothing besides the collection: a set of few different items stays small, however many
/// items come. The collection may have a capacity, a hasher or a content of its own.
///
/// ```
/// use std::collections::HashSet;
///
/// use syncline_core::{Pipeline, collect_into, from_iter};
///
/// let rests = Pipeline::new("rests", from_iter(0..1000)).map(|n| n % 3);
/// assert_eq!(rests.end(collect_into(HashSet::with_capacity(3))).run()?.output.len(), 3);
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn collect_into<T, B: Extend<T>>(collection: B) -> CollectInto<T, B> {
    CollectInto { collection, items: PhantomData }
}

/// Sink of [`collect_into`].
///
/// * Shape: any item. The output is the collection.
/// * Memory: the collection, without limit.
/// * End: the output. A failed run drops the collection.
/// * Error: none.
#[must_use]
pub struct CollectInto<T, B> {
    collection: B,
    items: PhantomData<fn(T)>,
}

impl<T, B: Extend<T>> Sink for CollectInto<T, B> {
    type In = T;
    type Output = B;

    #[inline]
    fn consume(&mut self, item: T) -> Result<(), Halt> {
        self.collection.extend(Some(item));
        Ok(())
    }

    fn finish(self) -> Result<B, Failure> {
        Ok(self.collection)
    }

    fn name(&self) -> &'static str {
        "collect"
    }

    fn node(&self) -> Node {
        Node::sink("collect").holding_in_words("the collection")
    }
}

impl<T, B: fmt::Debug> fmt::Debug for CollectInto<T, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CollectInto").field("collection", &self.collection).finish()
    }
}

impl<T, C: Chain<Item = T>, M: Meter> Pipeline<T, C, M> {
    /// Ends the pipeline with [`collect`](crate::collect()): the output is the collection of all items.
    pub fn collect<B: FromIterator<T>>(self) -> Runnable<C, Collect<T, B>, M> {
        self.end(collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
    use std::rc::Rc;

    use super::{Collect, collect_into};
    use crate::{Pipeline, from_iter};

    fn numbers<T: From<u8>>() -> Pipeline<T, impl crate::Chain<Item = T>> {
        Pipeline::new("numbers", from_iter([3_u8, 1, 3])).map(T::from)
    }

    #[test]
    fn items_are_collected_into_anything_that_an_iterator_is() {
        assert_eq!(numbers::<u8>().end(Collect::new()).run().unwrap().output, [3, 1, 3]);
        assert_eq!(numbers::<u8>().collect::<Vec<_>>().run().unwrap().output, [3, 1, 3]);
        assert_eq!(numbers::<u8>().collect::<VecDeque<_>>().run().unwrap().output, [3, 1, 3]);
        assert_eq!(*numbers::<u8>().collect::<Box<[_]>>().run().unwrap().output, [3, 1, 3]);
        assert_eq!(*numbers::<u8>().collect::<Rc<[_]>>().run().unwrap().output, [3, 1, 3]);
        let set = numbers::<u8>().collect::<BTreeSet<_>>().run().unwrap().output;
        assert_eq!(set, BTreeSet::from([1, 3]));
        assert_eq!(numbers::<u8>().collect::<HashSet<_>>().run().unwrap().output.len(), 2);
        let map = numbers::<u8>().map(|n| (n, n * 2)).collect::<BTreeMap<_, _>>().run().unwrap().output;
        assert_eq!(map, BTreeMap::from([(1, 2), (3, 6)]));
        let map = numbers::<u8>().map(|n| (n, n)).collect::<HashMap<_, _>>().run().unwrap().output;
        assert_eq!(map.len(), 2);
    }

    #[test]
    fn letters_and_texts_become_one_text() {
        let letters = Pipeline::new("letters", from_iter("abc".chars()));
        assert_eq!(letters.collect::<String>().run().unwrap().output, "abc");
        let texts = Pipeline::new("texts", from_iter(["ab", "c"])).map(str::to_owned);
        assert_eq!(texts.collect::<String>().run().unwrap().output, "abc");
    }

    #[test]
    fn the_first_error_or_none_is_the_result() {
        let parse = |texts: [&'static str; 2]| {
            Pipeline::new("parse", from_iter(texts)).map(str::parse::<u8>).collect::<Result<Vec<_>, _>>()
        };
        assert_eq!(parse(["1", "2"]).run().unwrap().output, Ok(vec![1, 2]));
        assert!(parse(["1", "x"]).run().unwrap().output.is_err());
        let halves = numbers::<u8>().map(|n| n.checked_sub(2)).collect::<Option<Vec<_>>>();
        assert_eq!(halves.run().unwrap().output, None);
    }

    #[test]
    fn a_collection_of_ones_own_keeps_its_content() {
        let run = numbers::<u8>().end(collect_into(vec![9])).run();
        assert_eq!(run.unwrap().output, [9, 3, 1, 3]);
        let run = numbers::<char>().end(collect_into(String::from("x"))).run();
        assert_eq!(run.unwrap().output, "x\u{3}\u{1}\u{3}");
        let run = numbers::<u8>().map(|n| (n, n)).end(collect_into((Vec::new(), BTreeSet::new()))).run();
        assert_eq!(run.unwrap().output, (vec![3, 1, 3], BTreeSet::from([1, 3])));
    }
}
