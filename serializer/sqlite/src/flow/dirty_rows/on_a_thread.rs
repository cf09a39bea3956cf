//! The source of dirty rows on a thread of its own.

use std::fmt;

use syncline_core::{Emit, Halt, Progress, Source};
use syncline_serializer::model::Profile;
use syncline_serializer::serialize::Loaded;
use syncline_serializer::serialize::backend::Refuse;

use crate::flow::dirty_rows::Rows;
use crate::flow::reader::Reader;

/// The number of rows in a batch between the threads. Smaller batches would make the threads wait for each other;
/// larger ones take more memory.
const ROWS: usize = 100;

/// The limit of bytes in a batch.
const BYTES: usize = 128 * 1024;

/// Source of the rows of a [`DirtyRows`](super::DirtyRows) over a connection of its own, so that another thread can
/// read while this one writes.
pub(crate) struct OnAThread<P> {
    reader: Reader,
    rows: Rows<P>,
}

impl<P> OnAThread<P> {
    pub(super) fn new(reader: Reader, rows: Rows<P>) -> Self {
        Self { reader, rows }
    }
}

impl<P: Profile> Source for OnAThread<P> {
    type Item = Loaded;

    fn advance(&mut self, out: &mut impl Emit<Loaded>) -> Result<Progress, Halt> {
        self.rows.advance(self.reader.connection(), &Refuse, (ROWS, BYTES), out)
    }

    fn name(&self) -> &'static str {
        "DirtyRows"
    }
}

impl<P> fmt::Debug for OnAThread<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnAThread").finish_non_exhaustive()
    }
}
