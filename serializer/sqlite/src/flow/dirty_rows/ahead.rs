//! Dirty rows that are read on a thread of their own.

use std::fmt;
use std::marker::PhantomData;

use syncline_core::{Emit, Halt, Progress, Source};
use syncline_serializer::model::Profile;

use crate::flow::Loaded;
use crate::flow::dirty_rows::merge::Merge;
use crate::flow::left_out::Refuse;
use crate::flow::reader::Reader;

/// How many rows are handed over at once. Fewer would have the threads wait for one another, more would be held.
const ROWS: usize = 100;

/// Or how many bytes of them.
const BYTES: usize = 128 * 1024;

/// Source of all dirty rows where there are many, as [`DirtyRows`](super::DirtyRows) has them, over a connection of its own:
/// so it may be another thread that reads, while this one writes.
pub(crate) struct AheadRows<P> {
    reader: Reader,
    merge: Merge,
    profile: PhantomData<fn() -> P>,
}

impl<P> AheadRows<P> {
    pub(super) fn new(reader: Reader, merge: Merge) -> Self {
        Self { reader, merge, profile: PhantomData }
    }
}

impl<P: Profile> Source for AheadRows<P> {
    type Item = Loaded;

    fn advance(&mut self, out: &mut impl Emit<Loaded>) -> Result<Progress, Halt> {
        let mut weight = 0;
        for _ in 0..ROWS {
            let Some(loaded) = self.merge.next::<P>(self.reader.connection(), &Refuse)? else {
                return Ok(Progress::Done);
            };
            weight += loaded.weight();
            out.emit(loaded)?;
            if weight >= BYTES {
                break;
            }
        }
        Ok(Progress::More)
    }

    fn name(&self) -> &'static str {
        "DirtyRows"
    }
}

impl<P> fmt::Debug for AheadRows<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AheadRows").finish_non_exhaustive()
    }
}
