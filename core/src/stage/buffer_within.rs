//! `buffer_within`: chunks that are closed by number or by time.

use std::fmt;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use crate::emit::Emit;
use crate::error::Halt;
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::stage::{Chunking, Stage, StageFacts};

/// Stage of [`Pipeline::buffer_within`](crate::Pipeline::buffer_within).
///
/// * Shape: `T` in, `Vec<T>` out; 1 to `size` items, in order, never empty. A chunk is closed when it is full, or when
///   its first item has waited for `within`. The clock is read at each item and whenever the source rests. So a source
///   that blocks delays a chunk, and a source that is idle does not.
/// * Memory: at most `size` items.
/// * End: the held items are emitted. Error: they are dropped.
#[must_use]
pub struct BufferWithin<T> {
    held: Vec<T>,
    size: NonZeroUsize,
    within: Duration,
    since: Option<Instant>,
}

impl<T> BufferWithin<T> {
    #[doc(hidden)]
    pub fn new(size: NonZeroUsize, within: Duration) -> Self {
        Self { held: Vec::new(), size, within, since: None }
    }

    fn is_due(&self) -> bool {
        self.since.is_some_and(|since| since.elapsed() >= self.within)
    }

    fn hand_on(&mut self, out: &mut impl Emit<Vec<T>>) -> Result<(), Halt> {
        self.since = None;
        if self.held.is_empty() { Ok(()) } else { out.emit(std::mem::take(&mut self.held)) }
    }
}

impl<T> Stage for BufferWithin<T> {
    type In = T;
    type Out = Vec<T>;

    const FACTS: StageFacts = StageFacts::new().chunking(Chunking::Gathers);

    fn push(&mut self, item: T, out: &mut impl Emit<Vec<T>>) -> Result<(), Halt> {
        self.since.get_or_insert_with(Instant::now);
        self.held.push(item);
        if self.held.len() >= self.size.get() || self.is_due() { self.hand_on(out) } else { Ok(()) }
    }

    fn tick(&mut self, out: &mut impl Emit<Vec<T>>) -> Result<(), Halt> {
        if self.is_due() { self.hand_on(out) } else { Ok(()) }
    }

    fn finish(&mut self, out: &mut impl Emit<Vec<T>>) -> Result<(), Halt> {
        self.hand_on(out)
    }

    fn name(&self) -> &'static str {
        "buffer"
    }

    fn held(&self) -> usize {
        self.held.len()
    }

    fn node(&self) -> Node {
        let text = format!("buffer({}, within: {:?})", self.size, self.within);
        Node::gathering(text).up_to(self.size)
    }
}

impl<T> fmt::Debug for BufferWithin<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufferWithin")
            .field("size", &self.size)
            .field("within", &self.within)
            .field("held", &self.held.len())
            .finish_non_exhaustive()
    }
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Collects items into chunks of at most `size` items. A chunk is closed when its first item has waited for
    /// `within`. No chunk is empty.
    pub fn buffer_within(self, size: NonZeroUsize, within: Duration) -> Piped<Vec<T>, C, BufferWithin<T>, M> {
        self.then(BufferWithin::new(size, within))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::BufferWithin;
    use crate::stage::tests::{outputs, passes_errors_on};
    use crate::{Emit, Halt, Pipeline, Progress, Source, for_each, size};

    const FOREVER: Duration = Duration::MAX;

    #[test]
    fn by_number_as_any_buffer() {
        for n in [0, 1, 4, 5, 6, 10, 11] {
            let expected: Vec<Vec<usize>> = (0..n).collect::<Vec<_>>().chunks(5).map(<[_]>::to_vec).collect();
            assert_eq!(outputs(BufferWithin::new(size(5), FOREVER), n), expected);
        }
        passes_errors_on(|| BufferWithin::new(size(1), FOREVER));
    }

    #[test]
    fn with_no_time_at_all_each_item_is_a_chunk() {
        assert_eq!(outputs(BufferWithin::new(size(5), Duration::ZERO), 3), [[0], [1], [2]]);
    }

    /// Emits one item, and is idle until it has arrived.
    struct IdleUntil<'a>(bool, &'a Cell<bool>);

    impl Source for IdleUntil<'_> {
        type Item = u8;

        fn advance(&mut self, out: &mut impl Emit<u8>) -> Result<Progress, Halt> {
            if !std::mem::replace(&mut self.0, true) {
                out.emit(7)?;
            }
            Ok(if self.1.get() { Progress::Done } else { Progress::Idle })
        }
    }

    #[test]
    fn a_chunk_is_handed_on_while_the_source_is_idle() {
        let arrived = Cell::new(false);
        let outcome = Pipeline::new("idle", IdleUntil(false, &arrived))
            .buffer_within(size(500), Duration::from_millis(1))
            .end(for_each(|chunk: Vec<u8>| {
                assert_eq!(chunk, [7]);
                arrived.set(true);
                Ok(())
            }))
            .run();
        assert_eq!(outcome.unwrap().output, 1);
    }
}
