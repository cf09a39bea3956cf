//! Meters: counting of items and sampling of time, at no cost when switched off.
//!
//! Items are counted on the edges where their number can change. Behind a stage that emits exactly one item for each
//! (`Yield::One`) the count is that of the edge before. Time is measured for whole chunks, and only for so many that
//! reading the clock costs about a hundredth of the run at most. The report scales the sample to the length of the run,
//! minus the times that are known exactly: the time in which the source had no items, and the time of the sink's
//! `finish`. The time that a stage waited follows from the time that the others worked. An unmetered pipeline counts
//! and measures nothing: the choice is a type.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::time::{Duration, Instant};

use crate::emit::Emit;
use crate::emit::items::{Items, Mapped};
use crate::error::Halt;
use crate::source::Chunk;

/// The choice whether a pipeline counts items and measures time: [`Metered`] or [`Unmetered`]. Sealed.
///
/// It is a type, so that the compiler removes the code that is switched off.
pub trait Meter: Debug + sealed::Sealed {
    #[doc(hidden)]
    const ON: bool;

    /// Emits many items, and adds their number to `crossed` if this meter counts.
    #[doc(hidden)]
    fn hand_on<T, O: Emit<T>>(out: &mut O, items: impl Items<T>, crossed: &mut u64) -> Result<(), Halt>;
}

/// Counts items at each stage where their number can change, and times a sample of the chunks. The default.
#[derive(Debug, Clone, Copy)]
pub struct Metered;

/// Neither counts nor measures. The report has only the names of the stages and their failures.
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

/// The counts and times of the edge behind a source or a stage.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// The number of emitted items. Not kept if it equals that of the edge before.
    pub(crate) out: u64,
    /// The number of failures of the source or stage before the edge.
    pub(crate) failed: u64,
    /// The number of calls behind the edge that were timed.
    pub(crate) timed: u64,
    /// The time spent behind the edge in timed chunks.
    pub(crate) behind: Duration,
}

impl Counters {
    /// Adds the counts of one chunk.
    #[inline]
    pub(crate) fn add(&mut self, more: &Self) {
        self.out += more.out;
        self.failed += more.failed;
        self.timed += more.timed;
        self.behind += more.behind;
    }

    /// Counts a failure of the stage named `name`, unless it is the failure of a later stage.
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

/// The kind of an edge: with or without a count of its items.
pub trait EdgeKind {
    /// `true` if the edge counts its items.
    const COUNTS: bool;

    /// Emits many items, and adds their number to `crossed` if the edge counts.
    fn hand_on<T, O: Emit<T>>(out: &mut O, items: impl Items<T>, crossed: &mut u64) -> Result<(), Halt>;
}

/// The timing of an edge during one chunk.
//
// Types make this choice, here and wherever many items are emitted, and not a branch on a constant: the compiler would
// generate both sides of the branch for each type of items. Twelve stages in a row would be four thousand times as much
// code to compile.
pub trait Timing: Sized {
    /// `true` if the time behind the edge is measured.
    const ON: bool;

    /// Emits many items.
    #[doc(hidden)]
    fn emit_items<T, O: Emit<T>, K: EdgeKind>(
        edge: &mut Edge<'_, O, K, Self>,
        items: impl Items<T>,
    ) -> Result<(), Halt>;

    /// Emits many items that need not be counted.
    #[doc(hidden)]
    fn emit_one_for_each<T, O: Emit<T>, K: EdgeKind>(
        edge: &mut Edge<'_, O, K, Self>,
        items: impl Items<T>,
    ) -> Result<(), Halt>;
}

/// The time is measured.
#[derive(Debug)]
pub(crate) enum Timed {}

/// The time is not measured.
#[derive(Debug)]
pub(crate) enum Untimed {}

impl Timing for Timed {
    const ON: bool = true;

    // One by one: with all items at once, the stages before the edge would work behind it.
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

/// An edge: counts items as `K` says, and measures the time behind it as `W` says.
#[derive(Debug)]
pub struct Edge<'a, O, K, W> {
    crossed: u64,
    timed: u64,
    behind: Duration,
    /// The number of items that the source before the edge emits in one advance.
    chunk: usize,
    out: &'a mut O,
    kind: PhantomData<(K, W)>,
}

impl<'a, O, K: EdgeKind, W: Timing> Edge<'a, O, K, W> {
    #[inline]
    pub(crate) fn new(out: &'a mut O) -> Self {
        Self::of_source(out, Chunk::MOST)
    }

    /// The edge behind a source that emits `chunk` items in one advance.
    #[inline]
    pub(crate) fn of_source(out: &'a mut O, chunk: usize) -> Self {
        Self { crossed: 0, timed: 0, behind: Duration::ZERO, chunk, out, kind: PhantomData }
    }

    /// Adds the counts to `counters`. Until then they are in this local variable, which stays in registers during a
    /// loop; the counters do not.
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
    fn chunk(&self) -> usize {
        self.chunk
    }

    #[inline]
    fn check(&mut self) -> Result<(), Halt> {
        self.out.check()
    }

    #[inline]
    fn is_draining(&self) -> bool {
        self.out.is_draining()
    }

    #[inline]
    fn before_blocking(&mut self) -> Result<(), Halt> {
        self.out.before_blocking()
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

/// Counts the items that pass.
#[inline]
fn counting<T>(count: &mut u64) -> impl FnMut(T) -> T {
    |item| {
        *count += 1;
        item
    }
}

/// Selects the chunks to time, so that reading the clock costs at most a hundredth of the run.
#[derive(Debug)]
pub(crate) struct Sampler {
    started: Instant,
    clock_reads: u64,
    /// The number of chunks so far.
    chunks: u64,
    /// The number of the next chunk to consider.
    next: u64,
}

impl Sampler {
    /// The approximate cost of reading the clock twice.
    const READ: Duration = Duration::from_nanos(50);
    const SHARE: u32 = 100;
    /// The number of chunks at the start that are always timed. Sources double their chunks in them, so a sample of the
    /// first few would be one of few items.
    const FIRST: u64 = 9;
    /// The largest number of chunks between two considerations.
    const LONGEST: u64 = 1000;

    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), clock_reads: 0, chunks: 0, next: 0 }
    }

    /// Returns `true` if the next chunk is to be timed.
    #[inline]
    pub(crate) fn is_due(&mut self) -> bool {
        self.chunks += 1;
        self.chunks <= Self::FIRST || self.chunks > self.next && self.is_time()
    }

    /// Returns `true` if enough time has passed since the start to pay for another measurement. If not, it estimates
    /// how many chunks the missing time takes, and skips half of them, because chunks differ.
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

    /// Records the total number of timed calls.
    pub(crate) fn timed(&mut self, hand_overs: u64) {
        self.clock_reads = hand_overs;
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}
