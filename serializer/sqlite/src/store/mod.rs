//! The sync store in SQLite: its tables, and the statements that read and write them.

pub(crate) mod bulk_load;
pub(crate) mod counters;
pub(crate) mod hot_pages;
pub(crate) mod instance;
pub(crate) mod known_schema;
pub(crate) mod log_syncer;
pub(crate) mod names;
pub(crate) mod page_cache;
pub(crate) mod place;
pub(crate) mod prepared;
pub(crate) mod process;
pub(crate) mod schema;
pub(crate) mod selection;
pub(crate) mod without_triggers;
pub(crate) mod writable;
