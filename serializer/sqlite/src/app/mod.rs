//! The app's own tables: creation, change tracking, checks, and operations on single records.
//!
//! The derive describes tables, triggers and ids as constants (`Model`, `Column`, `Template`). This module converts
//! them to SQL at run time, in one direction: the models of a profile → `Table`s (models that share a table are
//! combined) → `CREATE` and `ALTER`, triggers, differences.
//!
//! * **Triggers track changes**, because only triggers see every writer (`triggers/`).
//! * **Not in a database of another application**: a database with `django_migrations` gets no triggers. There Morango
//!   itself writes received records, which must not become dirty. The operations on single records track their own
//!   changes in both kinds of database.
//! * **An identity** is a partition, a source id and their hash. Templates concatenate text, so a trigger can fill them
//!   in, and SQL can compute the hash for a row that is inserted without an id (`computed_ids/`). An id that is given by hand is kept, as in Morango (morango.md §1.5); if source ids are random,
//!   it becomes its own source id. Such an id is not a hash. Morango recomputes the ids of records that it receives
//!   over the network (morango.md §10.3), so it accepts such an id only if its model declares the id as the source id.
//! * **A record never moves to another partition.** Morango does not move records either, but it accepts a change of
//!   the fields, after which the record's partition contradicts its fields. A reference may become `NULL` when its
//!   target is deleted. And a record that the store has cannot be inserted with another partition, source id or model:
//!   the app's table and the store would contradict each other for ever.
//! * **A repeated start changes nothing**: `create` compares the SQL of the existing triggers with the SQL that it
//!   would write.

mod access;
pub(crate) mod check_sql;
pub(crate) mod columns;
mod comparison;
mod computed_ids;
mod constraints;
mod create;
pub(crate) mod declared;
mod deep_deletion;
mod difference;
mod differences;
mod endings;
mod field_checks;
mod generated;
mod hard_deletion;
mod identity_sql;
pub(crate) mod last_tracked;
mod mending;
mod rebuild;
mod store_faults;
mod table;
mod tracked_profile;
mod triggers;
mod unfinished;
mod unique_indexes;
mod unique_keys;
mod value_differences;

pub use access::Access;
pub use comparison::{Comparison, FoundRecords, ModelComparison};
pub use create::Tracked;
pub(crate) use create::{create, track};
pub(crate) use declared::Newer;
pub use difference::Difference;
pub(crate) use differences::{content_differences, differences};
pub(crate) use endings::{drop_retired, end_model};
pub(crate) use mending::{delete_only_in_store, mark_differing, mend_counters, restore_only_in_store};
pub(crate) use rebuild::rebuild;
pub(crate) use store_faults::find as store_faults;
pub(crate) use unique_keys::rowid_name;
