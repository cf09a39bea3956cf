//! What most programs name: `use syncline::prelude::*`.
//!
//! Both [`Syncable`], the trait and its derive; the macros [`pipeline!`](crate::pipeline!) and
//! [`profile!`](crate::profile!); the traits that sources, stages and sinks of one's own implement, and what their
//! methods take and return; a few sources and sinks; [`Database`], and [`Access`] to its records.

#[cfg(feature = "sqlite")]
pub use crate::{Access, Database, ReadRecords, ReadStore};
pub use crate::{
    Collect, Emit, Failure, FlatMap, Halt, Pipeline, Progress, RecordId, Sink, Source, Stage, Syncable,
    Transform, for_each, from_iter, pipeline, profile,
};
