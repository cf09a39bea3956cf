//! `Pieces`: the items that a stage emits for one item, with checks among them.

use crate::emit::Emit;
use crate::emit::items::TakeItems;
use crate::error::Halt;
use crate::source::Chunk;

/// Emits items, and [checks](Emit::check) among them if the run was cancelled: later stages may take long for each.
///
/// The number of items between two checks adapts to their time, like that of an advance of a source. It also counts items
/// of different calls, since each of several such stages in a row may emit few.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    chunk: Chunk,
    /// The number of items before the next check.
    left: usize,
}

impl Pieces {
    /// The number of items of a single call that are emitted without a check, so that few items cost nothing.
    const FEW: usize = 32;

    /// For the items of a single call.
    #[inline]
    pub(crate) fn once() -> Self {
        Self { chunk: Chunk::of(Self::FEW), left: Self::FEW }
    }

    /// Emits `items`.
    ///
    /// # Errors
    ///
    /// As for [`Emit::emit_all`], and if the run was cancelled.
    #[inline]
    pub(crate) fn emit_all<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        out: &mut impl Emit<T>,
    ) -> Result<(), Halt> {
        let items = items.into_iter();
        match items.size_hint() {
            (_, Some(most)) if most <= self.left => {
                self.left -= most;
                out.emit_all(items)
            }
            _ => self.emit_counted(items, out),
        }
    }

    /// Emits `items`, which may be more than are left before the next check. Not inlined, so that the compiler keeps the
    /// few items of the other case in registers.
    #[inline(never)]
    fn emit_counted<T>(
        &mut self,
        mut items: impl Iterator<Item = T>,
        out: &mut impl Emit<T>,
    ) -> Result<(), Halt> {
        let mut left = self.left;
        loop {
            out.emit_items(TakeItems { items: &mut items, left: &mut left })?;
            if left > 0 {
                self.left = left;
                return Ok(());
            }
            out.check()?;
            self.chunk.advanced();
            left = self.chunk.items();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::iter;
    use std::thread;
    use std::time::Duration;

    use super::Pieces;
    use crate::pipeline::Chain;
    use crate::{CancelToken, Emit, FlatMap, Halt, Pipeline, for_each, from_iter};

    /// A receiver that takes some milliseconds for an item, and notes the number of items between two checks.
    #[derive(Default)]
    struct Slow {
        since: usize,
        pieces: Vec<usize>,
    }

    impl Emit<u32> for Slow {
        fn emit(&mut self, _: u32) -> Result<(), Halt> {
            thread::sleep(Duration::from_millis(6));
            self.since += 1;
            Ok(())
        }

        fn check(&mut self) -> Result<(), Halt> {
            self.pieces.push(std::mem::take(&mut self.since));
            Ok(())
        }
    }

    #[test]
    fn slow_items_are_checked_one_by_one() {
        let (mut pieces, mut out) = (Pieces::default(), Slow::default());
        pieces.emit_all(0..5, &mut out).unwrap();
        assert_eq!(out.pieces, [0, 1, 1, 1, 1, 1]);
        // Few at a time, as between two stages of this kind.
        (0..3).for_each(|n| pieces.emit_all([n], &mut out).unwrap());
        assert!(out.pieces[out.pieces.len() - 2..] == [1, 1], "{:?}", out.pieces);
        // Behind fast ones: after the pieces that they begin with.
        pieces.emit_all(0..40, &mut Fast).unwrap();
        let beginning = pieces.left + pieces.chunk.items();
        pieces.emit_all(iter::repeat_n(0, beginning + 2), &mut out).unwrap();
        assert!(out.pieces[out.pieces.len() - 2..] == [1, 1], "{:?}", out.pieces);
    }

    /// A receiver that takes no time.
    struct Fast;

    impl Emit<u32> for Fast {
        fn emit(&mut self, _: u32) -> Result<(), Halt> {
            Ok(())
        }
    }

    /// Emits its item without end.
    struct Endless;

    impl FlatMap for Endless {
        type In = u32;
        type Out = u32;

        fn flat_map(&mut self, item: u32) -> Result<impl IntoIterator<Item = u32>, Halt> {
            Ok(iter::repeat(item))
        }
    }

    #[test]
    fn a_cancellation_does_not_wait_for_the_rest_of_the_items() {
        fn check(numbers: Pipeline<u32, impl Chain<Item = u32>>) {
            let (token, count) = (CancelToken::new(), Cell::new(0));
            let cancels = for_each(|_| {
                count.set(count.get() + 1);
                token.cancel();
                Ok(())
            });
            assert!(numbers.end(cancels).cancelled_by(&token).run().unwrap_err().is_cancelled());
            assert!(count.get() <= 32, "{}", count.get());
        }
        check(Pipeline::new("chunks", from_iter([vec![0; 500]])).unbuffer());
        check(Pipeline::new("many", from_iter([0])).flat_map(iter::repeat));
        check(Pipeline::new("many", from_iter([0])).pipe(Endless));
        // Each stage emits few items for one, all of them together a thousand.
        let ten = || |n| [n; 10];
        check(Pipeline::new("few", from_iter([0])).flat_map(ten()).flat_map(ten()).flat_map(ten()));
    }
}
