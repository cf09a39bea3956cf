//! Counting and timing, free when it is switched off.
//!
//! Items are counted on the edges where their number can change; behind a stage that is declared to hand on exactly
//! one for each (`Yield::One`) the count is that of the edge before. Time is taken of whole chunks, of so many that
//! reading the clock costs about a hundredth of the run at most; the report scales it to the run's length, less what
//! is known exactly: how long the source had nothing, and how long the sink took to finish. What a stage waited
//! follows from what the others worked. An unmetered pipeline has neither: the choice is a type.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::time::{Duration, Instant};

use crate::emit::Emit;
use crate::emit::items::{Items, Mapped};
use crate::error::Halt;

/// Whether a pipeline counts its items and its time: [`Metered`] or [`Unmetered`].
///
/// Sealed: the choice is a type so that the compiler removes what is off.
pub trait Meter: Debug + sealed::Sealed {
    #[doc(hidden)]
    const ON: bool;

    /// Hands on many items, and adds to `crossed` how many there were, where it counts.
    #[doc(hidden)]
    fn hand_on<T, O: Emit<T>>(out: &mut O, items: impl Items<T>, crossed: &mut u64) -> Result<(), Halt>;
}

/// Counts items at each stage where their number can change, and times a sample of the chunks. The default.
#[derive(Debug, Clone, Copy)]
pub struct Metered;

/// Counts and times nothing. The report has the stages' names only.
#[derive(Debug, Clone, Copy)]
pub struct Unmetered;

impl Meter for Metered {
    const ON: bool = true;

    #[inline]
    fn hand_on<T, O: Emit<T>>(out: &mut O, items: impl Items<T>, crossed: &mut u64) -> Result<(), Halt> {
        out.emit_items(Mapped::new(items, counting(crossed)))
    }
}

impl Meter for Unmetered {
    const ON: bool = false;

    #[inline]
    fn hand_on<T, O: Emit<T>>(out: &mut O, items: impl Items<T>, _: &mut u64) -> Result<(), Halt> {
        out.emit_items(items)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Metered {}
    impl Sealed for super::Unmetered {}
}

/// What is known of the edge that leaves a source or a stage.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Items that were handed on. Not kept where their number equals that of the edge before.
    pub(crate) out: u64,
    /// Failures of the source or stage before the edge.
    pub(crate) failed: u64,
    /// Items whose hand-over was timed.
    pub(crate) timed: u64,
    /// Time spent behind the edge, in the chunks that were timed.
    pub(crate) behind: Duration,
}

impl Counters {
    /// Adds what was counted on the way.
    #[inline]
    pub(crate) fn add(&mut self, more: &Self) {
        self.out += more.out;
        self.failed += more.failed;
        self.timed += more.timed;
        self.behind += more.behind;
    }

    /// Notes a failure of the stage named `name`, unless a later stage was to blame.
    #[cold]
    pub(crate) fn blame(&mut self, mut halt: Halt, name: &'static str) -> Halt {
        if let Halt::Failed(failure) = &mut halt
            && failure.blame(name)
        {
            self.failed += 1;
        }
        halt
    }
}

/// Whether the items that cross an edge are counted there.
pub trait EdgeKind {
    /// Whether they are.
    const COUNTS: bool;

    /// Hands on many items, and adds to `crossed` how many there were, where they are counted.
    fn hand_on<T, O: Emit<T>>(out: &mut O, items: impl Items<T>, crossed: &mut u64) -> Result<(), Halt>;
}

/// Whether what is behind an edge is timed while a chunk goes through.
//
// Types choose, here and wherever many items are handed on, and no branch, though a constant would decide it: the compiler
// makes both sides of a branch out of each type of items. Twelve stages behind each other would be four thousand times as
// much to compile.
pub trait Timing: Sized {
    /// Whether it is.
    const ON: bool;

    /// Hands on many items.
    #[doc(hidden)]
    fn emit_items<T, O: Emit<T>, K: EdgeKind>(
        edge: &mut Edge<'_, O, K, Self>,
        items: impl Items<T>,
    ) -> Result<(), Halt>;

    /// Hands on many items that need not be counted.
    #[doc(hidden)]
    fn emit_one_for_each<T, O: Emit<T>, K: EdgeKind>(
        edge: &mut Edge<'_, O, K, Self>,
        items: impl Items<T>,
    ) -> Result<(), Halt>;
}

/// It is timed.
#[derive(Debug)]
pub(crate) enum Timed {}

/// It is not timed.
#[derive(Debug)]
pub(crate) enum Untimed {}

impl Timing for Timed {
    const ON: bool = true;

    // One by one: all at once, the stages before the edge would do their work behind it.
    #[inline]
    fn emit_items<T, O: Emit<T>, K: EdgeKind>(
        edge: &mut Edge<'_, O, K, Self>,
        items: impl Items<T>,
    ) -> Result<(), Halt> {
        items.each(|item| edge.emit(item))
    }

    #[inline]
    fn emit_one_for_each<T, O: Emit<T>, K: EdgeKind>(
        edge: &mut Edge<'_, O, K, Self>,
        items: impl Items<T>,
    ) -> Result<(), Halt> {
        items.each(|item| edge.emit(item))
    }
}

impl Timing for Untimed {
    const ON: bool = false;

    #[inline]
    fn emit_items<T, O: Emit<T>, K: EdgeKind>(
        edge: &mut Edge<'_, O, K, Self>,
        items: impl Items<T>,
    ) -> Result<(), Halt> {
        K::hand_on(edge.out, items, &mut edge.crossed)
    }

    #[inline]
    fn emit_one_for_each<T, O: Emit<T>, K: EdgeKind>(
        edge: &mut Edge<'_, O, K, Self>,
        items: impl Items<T>,
    ) -> Result<(), Halt> {
        edge.out.emit_items(items)
    }
}

/// An edge: counts what crosses it where `K` says so, and times what is behind it where `W` does.
#[derive(Debug)]
pub struct Edge<'a, O, K, W> {
    crossed: u64,
    timed: u64,
    behind: Duration,
    out: &'a mut O,
    kind: PhantomData<(K, W)>,
}

impl<'a, O, K: EdgeKind, W: Timing> Edge<'a, O, K, W> {
    #[inline]
    pub(crate) fn new(out: &'a mut O) -> Self {
        Self { crossed: 0, timed: 0, behind: Duration::ZERO, out, kind: PhantomData }
    }

    /// Notes what crossed in `counters`. Counts are kept here until then: this is a local variable of whoever hands on
    /// many items in a loop, and the counters is not.
    #[inline]
    pub(crate) fn settle(self, counters: &mut Counters) {
        if K::COUNTS {
            counters.out += self.crossed;
        }
        if W::ON {
            counters.timed += self.timed;
            counters.behind += self.behind;
        }
    }
}

impl<T, O: Emit<T>, K: EdgeKind, W: Timing> Emit<T> for Edge<'_, O, K, W> {
    #[inline]
    fn emit(&mut self, item: T) -> Result<(), Halt> {
        if K::COUNTS {
            self.crossed += 1;
        }
        if W::ON {
            let start = Instant::now();
            let result = self.out.emit(item);
            self.behind += start.elapsed();
            self.timed += 1;
            result
        } else {
            self.out.emit(item)
        }
    }

    #[inline]
    fn emit_items(&mut self, items: impl Items<T>) -> Result<(), Halt> {
        W::emit_items(self, items)
    }

    #[inline]
    fn emit_one_for_each(&mut self, items: impl Items<T>) -> Result<(), Halt> {
        W::emit_one_for_each(self, items)
    }

    #[inline]
    fn tick(&mut self) -> Result<(), Halt> {
        self.out.tick()
    }

    #[inline]
    fn wants_more(&self) -> bool {
        self.out.wants_more()
    }

    #[inline]
    fn is_shut(&self) -> bool {
        self.out.is_shut()
    }
}

/// Counts what passes through it.
#[inline]
fn counting<T>(count: &mut u64) -> impl FnMut(T) -> T {
    |item| {
        *count += 1;
        item
    }
}

/// Chooses the chunks to be timed, so that reading the clock costs at most a hundredth of the run.
#[derive(Debug)]
pub(crate) struct Sampler {
    started: Instant,
    clock_reads: u64,
    /// How many chunks there were.
    chunks: u64,
    /// From which one on it is worth reading the clock again.
    next: u64,
}

impl Sampler {
    /// About what two readings of the clock cost.
    const READ: Duration = Duration::from_nanos(50);
    const SHARE: u32 = 100;
    /// The most chunks in a row that go by unasked.
    const LONGEST: u64 = 1000;

    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), clock_reads: 0, chunks: 0, next: 0 }
    }

    /// Whether the next chunk is to be timed.
    #[inline]
    pub(crate) fn is_due(&mut self) -> bool {
        self.chunks += 1;
        self.chunks > self.next && self.is_time()
    }

    /// Whether so much time has passed that more of it may be spent on reading the clock. If not, it takes about that
    /// many chunks more as the time that is missing would have given: half of them are let by unasked, since chunks
    /// differ.
    fn is_time(&mut self) -> bool {
        let spent = Self::READ.as_nanos() * u128::from(self.clock_reads);
        let due = spent * u128::from(Self::SHARE);
        let elapsed = self.started.elapsed().as_nanos();
        if due <= elapsed {
            return true;
        }
        let missing = (due - elapsed) * u128::from(self.chunks) / elapsed.max(1);
        self.next = self.chunks + u64::try_from(missing / 2).unwrap_or(u64::MAX / 2).min(Self::LONGEST);
        false
    }

    /// Notes how many hand-overs have been timed in all.
    pub(crate) fn timed(&mut self, hand_overs: u64) {
        self.clock_reads = hand_overs;
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}
