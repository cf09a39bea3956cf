//! `windows`: every run of `size` consecutive items, as a chunk.

use std::collections::VecDeque;
use std::fmt;
use std::num::NonZeroUsize;

use crate::emit::Emit;
use crate::error::Halt;
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::sink::copy_item::{Cloned, CopyItem};
use crate::stage::Stage;

/// Stage of [`Pipeline::windows`](crate::Pipeline::windows).
///
/// * Shape: `T` in, `Vec<T>` out; exactly `size` items, in order. Each window starts one item after the window before it, so
///   `n` items make `n + 1 - size` windows, and fewer than `size` items make none.
/// * Memory: `size - 1` items, and one window.
/// * End: nothing to emit: every item was in a window, or there were fewer than `size`.
/// * Error: none of its own. An error of another stage drops the items.
#[must_use]
pub struct Windows<T, C = Cloned> {
    /// The last items, at most `size - 1`.
    held: VecDeque<T>,
    size: NonZeroUsize,
    copies: C,
}

impl<T, C> Windows<T, C> {
    #[doc(hidden)]
    pub fn new(size: NonZeroUsize, copies: C) -> Self {
        Self { held: VecDeque::new(), size, copies }
    }
}

impl<T, C: CopyItem<T>> Stage for Windows<T, C> {
    type In = T;
    type Out = Vec<T>;

    #[inline]
    fn push(&mut self, item: T, out: &mut impl Emit<Vec<T>>) -> Result<(), Halt> {
        let Self { held, size, copies } = self;
        let size = size.get();
        if held.len() + 1 < size {
            held.push_back(item);
            return Ok(());
        }
        let mut window = Vec::with_capacity(size);
        // The oldest item is in no later window, so it moves instead of being copied.
        if let Some(oldest) = held.pop_front() {
            window.push(oldest);
            window.extend(held.iter().map(|item| copies.copy(item)));
            window.push(copies.copy(&item));
            held.push_back(item);
        } else {
            window.push(item);
        }
        out.emit(window)
    }

    fn name(&self) -> &'static str {
        "windows"
    }

    fn node(&self) -> Node {
        Node::operator(format!("windows({})", self.size)).holding_all_but_one(self.size)
    }
}

impl<T, C> fmt::Debug for Windows<T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Windows")
            .field("size", &self.size)
            .field("held", &self.held.len())
            .finish_non_exhaustive()
    }
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Emits every run of `size` consecutive items as one chunk, like the windows of a slice.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter, size};
    /// let means = Pipeline::new("means", from_iter([2, 4, 9, 5]))
    ///     .windows(const { size(3) })
    ///     .map(|window| window.iter().sum::<u32>() / 3);
    /// assert_eq!(means.end(Collect::new()).run()?.output, [5, 6]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn windows(self, size: NonZeroUsize) -> Piped<Vec<T>, C, Windows<T>, M>
    where
        T: Clone,
    {
        self.then(Windows::new(size, Cloned))
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::Windows;
    use crate::sink::copy_item::Cloned;
    use crate::stage::tests::{outputs, passes_errors_on};
    use crate::{Collect, Pipeline, from_iter, size};

    #[test]
    fn it_does_what_windows_of_slices_does() {
        for n in [0, 1, 2, 3, 4, 50] {
            for width in [1, 2, 3, 7] {
                let all: Vec<_> = (0..n).collect();
                let expected: Vec<_> = all.windows(width).map(<[_]>::to_vec).collect();
                assert_eq!(
                    outputs(Windows::new(size(width), Cloned), n),
                    expected,
                    "{n} items, {width} wide"
                );
            }
        }
        passes_errors_on(|| Windows::new(size(1), Cloned));
    }

    #[test]
    fn it_holds_one_item_less_than_a_window() {
        let items: Vec<_> = (0..10).map(Rc::new).collect();
        let held = |_: &Vec<Rc<i32>>| items.iter().filter(|item| Rc::strong_count(item) > 1).count();
        let run = Pipeline::new("held", from_iter(items.iter().map(Rc::clone)))
            .windows(size(4))
            .map(|window| held(&window));
        // The window itself holds the three that stay, and one more.
        assert_eq!(run.end(Collect::new()).run().unwrap().output, [4; 7]);
    }
}
