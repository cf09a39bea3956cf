//! `take`: the first items.

use std::marker::PhantomData;

use crate::emit::Emit;
use crate::error::Halt;
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::stage::{Chunking, Stage, StageFacts, Yield};

/// Stage of [`Pipeline::take`](crate::Pipeline::take).
///
/// * Shape: the first `count` items. Then the stage stops the run: the source is not asked for another item, nor for
///   the first if `count` is 0.
/// * Memory: no items.
/// * End: with its last item, or with the source.
/// * Error: none of its own.
#[derive(Debug)]
#[must_use]
pub struct Take<T> {
    left: usize,
    items: PhantomData<fn(T)>,
}

impl<T> Take<T> {
    pub(crate) fn new(count: usize) -> Self {
        Self { left: count, items: PhantomData }
    }
}

impl<T> Stage for Take<T> {
    type In = T;
    type Out = T;

    const FACTS: StageFacts = StageFacts::new().yields(Yield::AtMostOne).chunking(Chunking::Keeps);

    #[inline]
    fn push(&mut self, item: T, out: &mut impl Emit<T>) -> Result<(), Halt> {
        if self.left == 0 {
            return Err(Halt::Stop);
        }
        self.left -= 1;
        out.emit(item)?;
        if self.left == 0 { Err(Halt::Stop) } else { Ok(()) }
    }

    fn is_shut(&self) -> bool {
        self.left == 0
    }

    fn name(&self) -> &'static str {
        "take"
    }

    fn node(&self) -> Node {
        Node::operator(format!("take({})", self.left))
    }
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Passes on the first `count` items, then stops the run.
    pub fn take(self, count: usize) -> Piped<T, C, Take<T>, M> {
        self.then(Take::new(count))
    }
}

#[cfg(test)]
mod tests {
    use super::Take;
    use crate::stage::tests::{outputs, passes_errors_on};
    use crate::testing::{Script, Watch};
    use crate::{Chain, Collect, Pipeline, for_each, from_iter, merge, size};

    #[test]
    fn first_items_and_no_more() {
        for n in [0, 1, 4, 5, 6, 1000] {
            assert_eq!(outputs(Take::new(5), n), (0..n).take(5).collect::<Vec<_>>());
        }
        assert_eq!(outputs(Take::new(0), 3), [0_usize; 0]);
    }

    #[test]
    fn an_error_before_or_behind_it_ends_the_run() {
        passes_errors_on(|| Take::new(50));
    }

    #[test]
    fn the_source_is_not_asked_for_more_than_is_taken() {
        let mut asked = 0;
        let endless = std::iter::repeat_with(|| asked += 1);
        Pipeline::new("take", from_iter(endless)).take(5).end(Collect::new()).run().unwrap();
        assert_eq!(asked, 5);
        let endless = std::iter::repeat_with(|| asked += 1);
        let all_at_once = Pipeline::unmetered("take", from_iter(endless)).map(|()| 1).take(5);
        assert_eq!(all_at_once.end(Collect::new()).run().unwrap().output.len(), 5);
        assert_eq!(asked, 10);
    }

    #[test]
    fn a_source_is_not_asked_for_what_nobody_takes() {
        fn check(pipeline: Pipeline<u32, impl Chain<Item = u32>>, watch: &Watch) {
            assert_eq!(pipeline.end(Collect::new()).run().unwrap().output, [0; 0]);
            assert_eq!(watch.advances(), 0);
        }
        let source = || Script::new().then_wait();
        let (alone, before, inside) = (source(), source(), source());
        let watches = [alone.watch(), before.watch(), inside.watch()];
        check(Pipeline::new("alone", alone).take(0), &watches[0]);
        check(Pipeline::new("before", before).buffer(size(2)).unbuffer().take(0).map(|n| n), &watches[1]);
        check(Pipeline::new("inside", merge([Pipeline::new("in", inside).take(0)])), &watches[2]);
    }

    #[test]
    fn what_stands_behind_is_finished_though_nothing_is_taken() {
        let mut copies = 0;
        let second = for_each(|_| {
            copies += 1;
            Ok(())
        });
        let outcome =
            Pipeline::new("none", from_iter(0..9)).tee(second).take(0).end(for_each(|_| Ok(()))).run();
        assert_eq!((outcome.unwrap().output, copies), (0, 0));
    }

    #[test]
    fn a_buffer_behind_it_is_flushed_and_one_before_it_is_not() {
        let outcome =
            Pipeline::new("behind", from_iter(0..)).take(3).buffer(size(2)).end(Collect::new()).run();
        assert_eq!(outcome.unwrap().output, [vec![0, 1], vec![2]]);

        let outcome =
            Pipeline::new("before", from_iter(0..)).buffer(size(2)).take(1).end(Collect::new()).run();
        assert_eq!(outcome.unwrap().output, [vec![0, 1]]);
    }
}
