//! The names of the columns that every synced table has (morango.md §3).

/// The record's id.
pub const ID: &str = "id";

/// The text that the id is derived from, together with the partition and the model's name.
pub const SOURCE_ID: &str = "_morango_source_id";

/// The record's place in the tree of permissions.
pub const PARTITION: &str = "_morango_partition";

/// Set by each change of the record, cleared when the record is serialised.
pub const DIRTY_BIT: &str = "_morango_dirty_bit";
