//! The flows: the public parts, with stages between them that interfere.

use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::rc::Rc;

use proptest::prelude::*;
use syncline::policy::skip;
use syncline::run::Outcome;
use syncline::sqlite::flow::{
    DeletionList, DeletionLookup, DeletionWriter, DirtyRows, ListedIds, Loaded, SelfRefOrder,
    SerializeDeletions, SerializeRecords, Stale, StoreLookup, StoreUpdate, StoreWriter, SyncTransaction,
    Updated, Written,
};
use syncline::{Emit, Error, Failure, Halt, Pipeline, Source, Stage, from_iter};

use super::super::declarations::Notes;

type Run<'c> = SyncTransaction<'c, Notes>;

/// Items of earlier transactions that a program has kept.
#[derive(Debug, Default)]
pub(super) struct Aside {
    loaded: Vec<Loaded>,
    updated: Vec<Vec<Updated>>,
    stale: Vec<Vec<Stale>>,
}

impl Aside {
    pub(super) fn add(&mut self, mut other: Self) {
        self.loaded.append(&mut other.loaded);
        self.updated.append(&mut other.updated);
        self.stale.append(&mut other.stale);
    }
}

/// A stage that interferes with the items that pass.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act {
    Pass,
    /// Filters out every nth.
    Drop(usize),
    /// Fails at the nth.
    Fail(usize),
    /// Fails at every nth.
    FailEvery(usize),
    /// Wants no more after so many.
    Stop(usize),
    /// Passes over so many at the beginning.
    Skip(usize),
    /// Hands all on at the end, the last one first.
    Reverse,
    /// Keeps every nth for another transaction.
    Keep(usize),
}

fn act() -> impl Strategy<Value = Act> {
    let number = || prop_oneof![1..4_usize, 1..40_usize];
    prop_oneof![
        6 => Just(Act::Pass),
        1 => number().prop_map(Act::Drop),
        1 => number().prop_map(Act::Fail),
        1 => (2..10_usize).prop_map(Act::FailEvery),
        1 => number().prop_map(Act::Stop),
        1 => number().prop_map(Act::Skip),
        1 => Just(Act::Reverse),
        1 => number().prop_map(Act::Keep),
    ]
}

struct Interfere<T> {
    act: Act,
    seen: usize,
    held: Vec<T>,
    kept: Rc<RefCell<Vec<T>>>,
}

impl<T> Interfere<T> {
    fn new(act: Act, kept: &Rc<RefCell<Vec<T>>>) -> Self {
        Self { act, seen: 0, held: Vec::new(), kept: Rc::clone(kept) }
    }
}

impl<T> Stage for Interfere<T> {
    type In = T;
    type Out = T;

    fn push(&mut self, item: T, out: &mut impl Emit<T>) -> Result<(), Halt> {
        self.seen += 1;
        match self.act {
            Act::Drop(every) if self.seen.is_multiple_of(every) => Ok(()),
            Act::Fail(at) if self.seen == at => Err(Failure::new("interfered").into()),
            Act::FailEvery(every) if self.seen.is_multiple_of(every) => {
                Err(Failure::new("interfered").into())
            }
            Act::Stop(after) if self.seen > after => Err(Halt::Stop),
            Act::Skip(first) if self.seen <= first => Ok(()),
            Act::Reverse => {
                self.held.push(item);
                Ok(())
            }
            Act::Keep(every) if self.seen.is_multiple_of(every) => {
                self.kept.borrow_mut().push(item);
                Ok(())
            }
            _ => out.emit(item),
        }
    }

    fn finish(&mut self, out: &mut impl Emit<T>) -> Result<(), Halt> {
        while let Some(item) = self.held.pop() {
            out.emit(item)?;
        }
        Ok(())
    }
}

/// A flow of a transaction.
#[derive(Debug, Clone)]
pub(super) enum Flow {
    Records {
        acts: [Act; 4],
        sizes: [usize; 2],
        skips: bool,
        bulk: bool,
        twice: bool,
    },
    WholeRecords {
        bulk: bool,
    },
    Deletions {
        hard: bool,
        acts: [Act; 2],
        size: usize,
    },
    WholeDeletions {
        hard: bool,
    },
    /// One source, run twice.
    Again {
        bulk: bool,
    },
    /// Those that an earlier transaction kept, from the beginning of the flow or at its end.
    LoadedAside,
    UpdatedAside,
    StaleAside {
        hard: bool,
    },
    /// Those that an earlier flow of the same transaction kept.
    UpdatedLater,
}

pub(super) fn flow() -> impl Strategy<Value = Flow> {
    let size = || 1..20_usize;
    let acts = [act(), act(), act(), act()];
    prop_oneof![
        6 => (acts, [size(), size()], any::<bool>(), any::<bool>(), prop::bool::weighted(0.1))
            .prop_map(|(acts, sizes, skips, bulk, twice)| Flow::Records { acts, sizes, skips, bulk, twice }),
        2 => any::<bool>().prop_map(|bulk| Flow::WholeRecords { bulk }),
        4 => (any::<bool>(), [act(), act()], size())
            .prop_map(|(hard, acts, size)| Flow::Deletions { hard, acts, size }),
        2 => any::<bool>().prop_map(|hard| Flow::WholeDeletions { hard }),
        2 => any::<bool>().prop_map(|bulk| Flow::Again { bulk }),
        1 => Just(Flow::LoadedAside),
        1 => Just(Flow::UpdatedAside),
        2 => any::<bool>().prop_map(|hard| Flow::StaleAside { hard }),
        1 => Just(Flow::UpdatedLater),
    ]
}

fn list(hard: bool) -> DeletionList {
    if hard { DeletionList::HardDeleted } else { DeletionList::Deleted }
}

fn size(size: usize) -> NonZeroUsize {
    NonZeroUsize::new(size).unwrap()
}

impl Flow {
    /// Runs it, catches its error, and says how it ended.
    pub(super) fn run(&self, run: &Run<'_>, earlier: &mut Aside, aside: &mut Aside) -> &'static str {
        match self {
            Self::Records { acts, sizes, skips, bulk, twice } => {
                let done = if *twice {
                    // Two sources of the same rows in one flow.
                    let rows = Pipeline::new("one", DirtyRows::new(run).unwrap())
                        .merge(Pipeline::new("other", DirtyRows::new(run).unwrap()));
                    records(rows, run, (*acts, *sizes, *skips, *bulk), aside)
                } else {
                    records(DirtyRows::new(run).unwrap(), run, (*acts, *sizes, *skips, *bulk), aside)
                };
                if done.is_ok() { "records written" } else { "record flows that failed" }
            }
            Self::WholeRecords { bulk } => {
                if all(run, *bulk).is_ok() {
                    "records written"
                } else {
                    "record flows that failed"
                }
            }
            Self::Again { bulk } => {
                let mut rows = DirtyRows::new(run).unwrap();
                let first = SerializeRecords::run(&mut rows, run, *bulk, &mut |_| {});
                drop(SerializeRecords::run(&mut rows, run, *bulk, &mut |_| {}));
                if first.is_ok() {
                    "sources that were run again"
                } else {
                    "sources that were run again after an error"
                }
            }
            Self::Deletions { hard, acts, size: chunk } => {
                let done = some_deletions(run, list(*hard), *acts, *chunk, aside);
                if done.is_ok() { "deletions marked" } else { "deletion flows that failed" }
            }
            Self::WholeDeletions { hard } => {
                deletions(run, list(*hard));
                "deletions marked"
            }
            Self::LoadedAside => {
                let loaded = std::mem::take(&mut earlier.loaded);
                let is_any = !loaded.is_empty();
                let done = SerializeRecords::run(from_iter(loaded), run, false, &mut |_| {});
                assert_eq!(done.is_err(), is_any, "{done:?}");
                if is_any { "records of another transaction refused" } else { "nothing set aside" }
            }
            Self::UpdatedAside => {
                let is_any = !earlier.updated.is_empty();
                let done = write_aside(run, earlier);
                assert_eq!(done.is_err(), is_any);
                if is_any { "records of another transaction refused" } else { "nothing set aside" }
            }
            Self::UpdatedLater => match write_aside(run, aside) {
                Ok(()) => "records written later than others",
                Err(_) => "record flows that failed",
            },
            Self::StaleAside { hard } => {
                let is_any = !earlier.stale.is_empty();
                let done = mark_aside(run, list(*hard), earlier);
                assert_eq!(done.is_err(), is_any, "{done:?}");
                if is_any { "rows of another transaction refused" } else { "nothing set aside" }
            }
        }
    }
}

/// The flow of deletions, part by part.
fn some_deletions(
    run: &Run<'_>,
    list: DeletionList,
    acts: [Act; 2],
    chunk: usize,
    aside: &mut Aside,
) -> Result<Outcome<u64>, Error> {
    let (none, kept) = (Rc::default(), Rc::default());
    let done = Pipeline::new("deletions", ListedIds::new(run, list))
        .pipe(Interfere::new(acts[0], &none))
        .buffer(size(chunk))
        .pipe(DeletionLookup::new(run))
        .pipe(Interfere::new(acts[1], &kept))
        .end(DeletionWriter::new(run, list))
        .run();
    aside.stale.append(&mut kept.borrow_mut());
    done
}

/// The flow of records, part by part.
fn records(
    rows: impl Source<Item = Loaded>,
    run: &Run<'_>,
    (acts, sizes, skips, bulk): ([Act; 4], [usize; 2], bool, bool),
    aside: &mut Aside,
) -> Result<Outcome<Written>, Error> {
    let (loaded, looked_up, updated, chunks) = (Rc::default(), Rc::default(), Rc::default(), Rc::default());
    let done = Pipeline::new("records", rows)
        .pipe(Interfere::new(acts[0], &loaded))
        .on_error(skip(if skips { u64::MAX } else { 0 }))
        .buffer(size(sizes[0]))
        .pipe(StoreLookup::new(run))
        .pipe(SelfRefOrder::new(run))
        .unbuffer()
        .pipe(Interfere::new(acts[1], &looked_up))
        .pipe(StoreUpdate::new(run))
        .pipe(Interfere::new(acts[2], &updated))
        .buffer(size(sizes[1]))
        .pipe(Interfere::new(acts[3], &chunks))
        .on_error(skip(if skips { u64::MAX } else { 0 }))
        .end(StoreWriter::new(run).bulk(bulk))
        .run();
    aside.loaded.append(&mut loaded.borrow_mut());
    aside.updated.append(&mut chunks.borrow_mut());
    aside.updated.extend(updated.borrow_mut().drain(..).map(|record| vec![record]));
    done
}

/// All records, by the built-in flow.
pub(super) fn all(run: &Run<'_>, bulk: bool) -> Result<(), String> {
    let done = SerializeRecords::run(DirtyRows::new(run).unwrap(), run, bulk, &mut |_| {});
    done.map(drop).map_err(chain)
}

/// Runs one source twice, and catches the error of its first run.
pub(super) fn twice_from_one_source(run: &Run<'_>) {
    let mut rows = DirtyRows::new(run).unwrap();
    SerializeRecords::run(&mut rows, run, false, &mut |_| {}).unwrap_err();
    drop(SerializeRecords::run(&mut rows, run, false, &mut |_| {}));
}

pub(super) fn deletions(run: &Run<'_>, list: DeletionList) {
    SerializeDeletions::run(ListedIds::new(run, list), run, list).unwrap();
}

pub(super) fn first_seven(run: &Run<'_>) {
    let rows = Pipeline::new("some", DirtyRows::new(run).unwrap()).take(7);
    SerializeRecords::run(rows, run, false, &mut |_| {}).unwrap();
}

/// The notebooks come in either half.
pub(super) fn every_second(run: &Run<'_>) {
    let mut is_second = false;
    let rows = Pipeline::new("some", DirtyRows::new(run).unwrap()).filter(|_| {
        is_second = !is_second;
        is_second
    });
    SerializeRecords::run(rows, run, false, &mut |_| {}).unwrap();
}

pub(super) fn fails_at_2500(run: &Run<'_>) -> Result<(), String> {
    let rows = Pipeline::new("some", DirtyRows::new(run).unwrap())
        .pipe(Interfere::new(Act::Fail(2500), &Rc::default()));
    SerializeRecords::run(rows, run, true, &mut |_| {}).map(drop).map_err(chain)
}

/// Takes all records aside, as they would be written.
pub(super) fn collect(run: &Run<'_>, aside: &mut Aside) {
    let acts = [Act::Pass, Act::Pass, Act::Pass, Act::Keep(1)];
    records(DirtyRows::new(run).unwrap(), run, (acts, [1, 1], false, false), aside).unwrap();
}

/// Takes the records of one table aside, as they would be written.
pub(super) fn collect_of(run: &Run<'_>, table: &str, aside: &mut Aside) {
    let acts = [Act::Pass, Act::Pass, Act::Pass, Act::Keep(1)];
    let rows = Pipeline::new("some", DirtyRows::new(run).unwrap()).filter(|row| row.model().table == table);
    records(rows, run, (acts, [1, 1], false, false), aside).unwrap();
}

/// Writes what was set aside.
pub(super) fn write_aside(run: &Run<'_>, aside: &mut Aside) -> Result<(), String> {
    let updated = std::mem::take(&mut aside.updated);
    Pipeline::new("aside", from_iter(updated)).end(StoreWriter::new(run)).run().map(drop).map_err(chain)
}

/// Takes all rows aside that would be marked.
pub(super) fn collect_deletions(run: &Run<'_>, aside: &mut Aside) {
    some_deletions(run, DeletionList::Deleted, [Act::Pass, Act::Keep(1)], 3, aside).unwrap();
}

/// Marks the rows that were set aside.
pub(super) fn mark_aside(run: &Run<'_>, list: DeletionList, aside: &mut Aside) -> Result<(), String> {
    let stale = std::mem::take(&mut aside.stale);
    let marked = Pipeline::new("aside", from_iter(stale)).end(DeletionWriter::new(run, list)).run();
    marked.map(drop).map_err(chain)
}

fn chain(error: Error) -> String {
    format!("{:#}", anyhow::Error::new(error))
}
