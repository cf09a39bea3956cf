//! The items that most programs need: `use syncline::prelude::*`.
//!
//! The trait [`Syncable`] and its derive; the macros [`pipeline!`](crate::pipeline!) and [`profile!`](crate::profile!);
//! the traits for sources, stages and sinks of your own, with the types in their signatures; common sources and sinks;
//! [`Database`], and [`Access`] to its records.

#[cfg(not(feature = "sqlite"))]
#[doc(hidden)]
pub use crate::without_sqlite::{Database, ReadRecords, ReadStore};
#[cfg(feature = "sqlite")]
pub use crate::{Access, Database, ReadRecords, ReadStore};
pub use crate::{
    Collect, Emit, Failure, FlatMap, Halt, Pipeline, Progress, RecordId, Sink, Source, Stage, Syncable,
    Transform, for_each, from_iter, pipeline, profile,
};
