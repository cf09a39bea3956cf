//! `buffer`: chunks of items, by number, by key or by weight.
//!
//! All three stages hold at most the open chunk. They emit it at the end, and drop it after an error.

use std::fmt;
use std::num::NonZeroUsize;

use crate::emit::Emit;
use crate::emit::items::Items;
use crate::error::Halt;
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::stage::{Chunking, Stage, StageFacts};

/// A chunk size that is checked at compile time: `buffer(const { size(500) })`.
///
/// # Panics
///
/// If `items` is zero. In `const { .. }` that is a compile error.
#[must_use]
pub const fn size(items: usize) -> NonZeroUsize {
    match NonZeroUsize::new(items) {
        Some(size) => size,
        None => panic!("a chunk holds at least one item"),
    }
}

/// Stage of [`Pipeline::buffer`](crate::Pipeline::buffer).
///
/// * Shape: `T` in, `Vec<T>` out; 1 to `size` items, in order.
/// * Memory: at most `size` items.
/// * End: the held items are emitted. Error: they are dropped.
#[must_use]
pub struct Buffer<T> {
    held: Vec<T>,
    size: NonZeroUsize,
}

impl<T> Buffer<T> {
    /// Creates a stage for chunks of `size` items.
    pub fn new(size: NonZeroUsize) -> Self {
        Self { held: Vec::new(), size }
    }
}

/// Emits the held items, and allocates room for as many again.
#[inline]
pub(super) fn hand_on<T>(held: &mut Vec<T>, out: &mut impl Emit<Vec<T>>) -> Result<(), Halt> {
    let next = Vec::with_capacity(held.len());
    out.emit(std::mem::replace(held, next))
}

/// Appends `item` to `held`, which has no room for it yet.
#[cold]
#[inline(never)]
fn grown<T>(mut held: Vec<T>, item: T) -> Vec<T> {
    held.push(item);
    held
}

/// Emits a full chunk, and returns the next one. Not inlined, so that the loop that fills chunks has the registers.
#[inline(never)]
fn exchanged<T>(full: Vec<T>, size: usize, out: &mut impl Emit<Vec<T>>) -> (Vec<T>, Result<(), Halt>) {
    // Allocated before the chunk is emitted, as in `hand_on`, so that the peak of memory is the same from the first chunk
    // on.
    let next = Vec::with_capacity(size);
    (next, out.emit(full))
}

/// Emits the remaining items at the end.
pub(super) fn hand_on_last<T>(held: &mut Vec<T>, out: &mut impl Emit<Vec<T>>) -> Result<(), Halt> {
    if held.is_empty() { Ok(()) } else { out.emit(std::mem::take(held)) }
}

impl<T> Stage for Buffer<T> {
    type In = T;
    type Out = Vec<T>;

    const FACTS: StageFacts = StageFacts::new().chunking(Chunking::Gathers);

    #[inline]
    fn push(&mut self, item: T, out: &mut impl Emit<Vec<T>>) -> Result<(), Halt> {
        self.held.push(item);
        if self.held.len() >= self.size.get() { hand_on(&mut self.held, out) } else { Ok(()) }
    }

    #[inline]
    fn push_all(&mut self, items: impl Items<T>, out: &mut impl Emit<Vec<T>>) -> Result<(), Halt> {
        let size = self.size.get();
        // A local variable that is never borrowed, so that the compiler keeps its fields in registers.
        let mut held = std::mem::take(&mut self.held);
        let pushed = items.each(|item| {
            if held.len() < held.capacity() {
                held.push(item);
            } else {
                held = grown(std::mem::take(&mut held), item);
            }
            if held.len() < size {
                return Ok(());
            }
            let (next, emitted) = exchanged(std::mem::take(&mut held), size, out);
            held = next;
            emitted
        });
        self.held = held;
        pushed
    }

    fn finish(&mut self, out: &mut impl Emit<Vec<T>>) -> Result<(), Halt> {
        hand_on_last(&mut self.held, out)
    }

    fn name(&self) -> &'static str {
        "buffer"
    }

    fn held(&self) -> usize {
        self.held.len()
    }

    fn node(&self) -> Node {
        Node::gathering(format!("buffer({})", self.size)).up_to(self.size)
    }
}

/// Stage of [`Pipeline::buffer_by`](crate::Pipeline::buffer_by).
///
/// * Shape: `T` in, `Vec<T>` out; 1 to `size` items in order, all with the same key.
/// * Memory: at most `size` items, and a key.
/// * End: the held items are emitted. Error: they are dropped.
#[must_use]
pub struct BufferBy<T, K, F> {
    held: Vec<T>,
    key: Option<K>,
    key_of: F,
    size: NonZeroUsize,
}

impl<T, K, F> BufferBy<T, K, F> {
    /// Creates a stage for chunks of at most `size` items with the same key.
    pub fn new(size: NonZeroUsize, key_of: F) -> Self {
        Self { held: Vec::new(), key: None, key_of, size }
    }
}

impl<T, K: PartialEq, F: FnMut(&T) -> K> Stage for BufferBy<T, K, F> {
    type In = T;
    type Out = Vec<T>;

    const FACTS: StageFacts = StageFacts::new().chunking(Chunking::Gathers);

    #[inline]
    fn push(&mut self, item: T, out: &mut impl Emit<Vec<T>>) -> Result<(), Halt> {
        let key = Some((self.key_of)(&item));
        if key != self.key {
            hand_on_last(&mut self.held, out)?;
            self.key = key;
        }
        self.held.push(item);
        if self.held.len() >= self.size.get() { hand_on(&mut self.held, out) } else { Ok(()) }
    }

    fn finish(&mut self, out: &mut impl Emit<Vec<T>>) -> Result<(), Halt> {
        hand_on_last(&mut self.held, out)
    }

    fn name(&self) -> &'static str {
        "buffer"
    }

    fn held(&self) -> usize {
        self.held.len()
    }

    fn node(&self) -> Node {
        Node::gathering(format!("buffer({}, by: ..)", self.size)).up_to(self.size)
    }
}

/// Stage of [`Pipeline::buffer_weighed`](crate::Pipeline::buffer_weighed).
///
/// * Shape: `T` in, `Vec<T>` out; 1 to `size` items in order. A chunk is closed once its items weigh `limit` or more.
/// * Memory: at most `size` items, and less than `limit` and one item by weight.
/// * End: the held items are emitted. Error: they are dropped.
#[must_use]
pub struct BufferWeighed<T, F> {
    held: Vec<T>,
    weight: usize,
    weigh: F,
    size: NonZeroUsize,
    limit: NonZeroUsize,
}

impl<T, F> BufferWeighed<T, F> {
    /// The most items to allocate room for: a chunk with a larger limit may never be full.
    const MOST_ROOM: usize = 1024;

    /// Creates a stage for chunks of at most `size` items, which are closed once their weight is `limit` or more.
    pub fn new(size: NonZeroUsize, limit: NonZeroUsize, weigh: F) -> Self {
        // Weighed items are large. With room from the start, and slightly more of it than for later chunks, the first
        // chunk takes the most memory, however many follow.
        let room = if size.get() <= Self::MOST_ROOM { size.get().next_power_of_two() } else { 0 };
        Self { held: Vec::with_capacity(room), weight: 0, weigh, size, limit }
    }
}

impl<T, F: FnMut(&T) -> usize> Stage for BufferWeighed<T, F> {
    type In = T;
    type Out = Vec<T>;

    const FACTS: StageFacts = StageFacts::new().chunking(Chunking::Gathers);

    #[inline]
    fn push(&mut self, item: T, out: &mut impl Emit<Vec<T>>) -> Result<(), Halt> {
        self.weight = self.weight.saturating_add((self.weigh)(&item));
        self.held.push(item);
        if self.held.len() >= self.size.get() || self.weight >= self.limit.get() {
            self.weight = 0;
            hand_on(&mut self.held, out)
        } else {
            Ok(())
        }
    }

    fn finish(&mut self, out: &mut impl Emit<Vec<T>>) -> Result<(), Halt> {
        hand_on_last(&mut self.held, out)
    }

    fn name(&self) -> &'static str {
        "buffer"
    }

    fn held(&self) -> usize {
        self.held.len()
    }

    fn node(&self) -> Node {
        let (size, limit) = (self.size, self.limit);
        if size == NonZeroUsize::MAX {
            Node::gathering(format!("buffer(bytes: {limit}, of: ..)")).up_to_bytes(limit)
        } else {
            Node::gathering(format!("buffer({size}, bytes: {limit}, of: ..)")).up_to(size).up_to_bytes(limit)
        }
    }
}

impl<T> fmt::Debug for Buffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffer").field("size", &self.size).field("held", &self.held.len()).finish()
    }
}

impl<T, K, F> fmt::Debug for BufferBy<T, K, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufferBy")
            .field("size", &self.size)
            .field("held", &self.held.len())
            .finish_non_exhaustive()
    }
}

impl<T, F> fmt::Debug for BufferWeighed<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufferWeighed")
            .field("size", &self.size)
            .field("limit", &self.limit)
            .field("held", &self.held.len())
            .finish_non_exhaustive()
    }
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Collects items into chunks of `size`. The last chunk may be smaller.
    pub fn buffer(self, size: NonZeroUsize) -> Piped<Vec<T>, C, Buffer<T>, M> {
        self.then(Buffer::new(size))
    }

    /// Collects items into chunks of at most `size` items with the same key: a chunk is closed when the key changes.
    pub fn buffer_by<K: PartialEq, F: FnMut(&T) -> K>(
        self,
        size: NonZeroUsize,
        key_of: F,
    ) -> Piped<Vec<T>, C, BufferBy<T, K, F>, M> {
        self.then(BufferBy::new(size, key_of))
    }

    /// Collects items into chunks of at most `size` items. A chunk is closed once its weight is `limit` or more: for
    /// example bytes, so that a chunk of large items does not take the memory of `size` of them.
    pub fn buffer_weighed<F: FnMut(&T) -> usize>(
        self,
        size: NonZeroUsize,
        limit: NonZeroUsize,
        weigh: F,
    ) -> Piped<Vec<T>, C, BufferWeighed<T, F>, M> {
        self.then(BufferWeighed::new(size, limit, weigh))
    }
}

#[cfg(test)]
mod tests {
    use super::{Buffer, BufferBy, BufferWeighed, size};
    use crate::stage::tests::{outputs, passes_errors_on};
    use crate::{Collect, Emit, Halt, Pipeline, Progress, Source, from_iter};

    #[test]
    fn chunks_are_full_but_for_the_last() {
        for n in [0, 1, 4, 5, 6, 10, 11] {
            let expected: Vec<Vec<usize>> = (0..n).collect::<Vec<_>>().chunks(5).map(<[_]>::to_vec).collect();
            assert_eq!(outputs(Buffer::new(size(5)), n), expected);
        }
    }

    #[test]
    fn a_chunk_has_one_key() {
        let chunks = outputs(BufferBy::new(size(3), |i: &usize| i / 4), 10);
        assert_eq!(chunks, [vec![0, 1, 2], vec![3], vec![4, 5, 6], vec![7], vec![8, 9]]);
    }

    #[test]
    fn a_chunk_is_closed_by_weight_or_by_number() {
        let chunks = outputs(BufferWeighed::new(size(4), size(5), |i: &usize| *i), 8);
        assert_eq!(chunks, [vec![0, 1, 2, 3], vec![4, 5], vec![6], vec![7]]);
    }

    #[test]
    fn any_number_of_items_is_kept_in_order() {
        for n in [0, 1, 2, 3, 4, 5, 6, 7, 100] {
            let all: Vec<_> = (0..n).collect();
            assert_eq!(outputs(BufferBy::new(size(3), |i: &usize| i / 4), n).concat(), all);
            assert_eq!(outputs(BufferWeighed::new(size(3), size(100), |_: &usize| 1), n).concat(), all);
            assert_eq!(outputs(BufferWeighed::new(size(100), size(3), |_: &usize| 1), n).concat(), all);
        }
    }

    #[test]
    fn an_error_before_or_behind_them_ends_the_run() {
        passes_errors_on(|| Buffer::new(size(2)));
        passes_errors_on(|| Buffer::new(size(200)));
        passes_errors_on(|| BufferBy::new(size(2), |i: &usize| i / 3));
        passes_errors_on(|| BufferWeighed::new(size(2), size(3), |i: &usize| *i));
    }

    /// Emits its number in pairs, all at once, until none is left.
    struct Twos(usize);

    impl Source for Twos {
        type Item = usize;

        fn advance(&mut self, out: &mut impl Emit<usize>) -> Result<Progress, Halt> {
            self.0 -= 1;
            out.emit_all([self.0; 2])?;
            Ok(if self.0 == 0 { Progress::Done } else { Progress::More })
        }
    }

    #[test]
    fn what_is_held_stays_held_from_one_chunk_of_the_source_to_the_next() {
        let run = Pipeline::unmetered("twos", Twos(4)).buffer(size(3)).end(Collect::new()).run();
        assert_eq!(run.unwrap().output, [vec![3, 3, 2], vec![2, 1, 1], vec![0, 0]]);
    }

    #[test]
    fn nothing_is_handed_on_twice_when_nobody_wants_more() {
        let run =
            Pipeline::unmetered("stop", from_iter(0..)).buffer(size(3)).take(2).end(Collect::new()).run();
        assert_eq!(run.unwrap().output, [[0, 1, 2], [3, 4, 5]]);
    }

    #[test]
    #[should_panic(expected = "at least one item")]
    fn a_size_of_zero_is_refused() {
        let _ = size(0);
    }
}
