//! The sync store in SQLite: its tables, and the statements that read and write them.

pub(crate) mod bulk_load;
pub(crate) mod counters;
pub(crate) mod early_sync;
pub(crate) mod instance;
pub(crate) mod names;
pub(crate) mod page_cache;
pub(crate) mod prepared;
pub(crate) mod right_edge;
pub(crate) mod schema;
pub(crate) mod selection;
