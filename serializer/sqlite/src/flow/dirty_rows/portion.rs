//! As many dirty rows as one transaction serialises.

use std::num::NonZeroUsize;

use syncline_core::{Emit, Halt, Progress, Source};
use syncline_serializer::model::Profile;

use crate::flow::Loaded;
use crate::flow::dirty_rows::place::number;
use crate::flow::dirty_rows::{self, DirtyRows};
use crate::flow::serialize::{CHUNK, CHUNK_BYTES};

/// Source of the next so many chunks of dirty rows, each as large as the flow's first buffer makes it. When it is done,
/// none of its rows is held by anything but the pipeline.
#[derive(Debug)]
pub(crate) struct Portion<'r, 'c, P> {
    rows: &'r mut DirtyRows<'c, P>,
    chunks_left: Option<usize>,
    /// Rows and bytes in the chunk so far.
    chunk: (usize, usize),
    is_last: &'r mut bool,
}

impl<'r, 'c, P: Profile> Portion<'r, 'c, P> {
    /// The next `chunks` of `rows`, or all; `is_last` is told whether there are no more then.
    pub(super) fn new(
        rows: &'r mut DirtyRows<'c, P>,
        chunks: Option<NonZeroUsize>,
        is_last: &'r mut bool,
    ) -> Self {
        Self { rows, chunks_left: chunks.map(NonZeroUsize::get), chunk: (0, 0), is_last }
    }

    /// Counts a row, and says whether it is the last of the portion.
    fn count(&mut self, weight: usize) -> bool {
        let Some(chunks_left) = &mut self.chunks_left else { return false };
        let (rows, bytes) = &mut self.chunk;
        *rows += 1;
        *bytes += weight;
        if *rows == CHUNK.get() || *bytes >= CHUNK_BYTES.get() {
            self.chunk = (0, 0);
            *chunks_left = chunks_left.saturating_sub(1);
        }
        *chunks_left == 0
    }
}

impl<P: Profile> Source for Portion<'_, '_, P> {
    type Item = Loaded;

    fn advance(&mut self, out: &mut impl Emit<Loaded>) -> Result<Progress, Halt> {
        let mut advanced = 0;
        for _ in 0..dirty_rows::CHUNK {
            let Some(loaded) = self.rows.next()? else {
                *self.is_last = true;
                return Ok(Progress::Done);
            };
            let (weight, id) = (loaded.weight(), loaded.id);
            out.emit(loaded)?;
            if self.count(weight) {
                // Two records of one id share a row of the store, which is one version of it.
                let next = self.rows.next_id()?;
                *self.is_last = next.is_none();
                if next != Some(number(id.as_str().as_bytes())) {
                    return Ok(Progress::Done);
                }
            }
            advanced += weight;
            if advanced >= dirty_rows::CHUNK_BYTES {
                break;
            }
        }
        Ok(Progress::More)
    }

    fn name(&self) -> &'static str {
        "DirtyRows"
    }
}
