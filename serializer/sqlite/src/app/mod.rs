//! An app's own records: their tables, what tracks their changes, who each of them is, and one of them at a time.
//!
//! The derive writes down, as constants, what tables, triggers and ids are made of (`Model`, `Column`, `Template`);
//! all of it becomes SQL at run time, one way: declarations of a profile → `Table`s (models that share one are brought
//! together) → `CREATE` and `ALTER`, triggers, differences.
//!
//! * **Tracking is triggers**, for only they see every writer (`triggers.rs`).
//! * **Not in somebody else's database**: with `django_migrations` there are no triggers, since Morango itself writes
//!   received records there, which must not become dirty. The helpers for one record track what they do themselves, in
//!   either kind.
//! * **Identity** is a partition, a source id and their hash. Templates are texts joined, so a trigger fills them in
//!   as well, and the hash is worked out in SQL, where a row is inserted without an id (`triggers/worked_out_ids.rs`,
//!   `sha256_sql.rs`). An id that is given by hand stays, as in Morango (morango.md §1.5), and is its own source where those
//!   are random. It is no hash then, and Morango, which works ids out anew when it receives records over the network
//!   (morango.md §10.3), takes it only where its model says that the id is the source id.
//! * **Nobody moves a record to another partition** (Morango never does either; but it lets the fields change, and the
//!   record is then in a place that its fields do not say). A reference that is set to `NULL` because its record went
//!   is let through. Nor does a record that the store knows come back as another: with another partition, source id or
//!   model the row would say one thing and the store, for good, another.
//! * **Made at every start**: `create` compares the triggers' text with what it would write, and changes nothing where
//!   they agree.

mod access;
mod check;
mod checks;
pub(crate) mod columns;
mod generated;
mod hard_deletion;
mod interim;
mod sha256_sql;
mod tables;
mod template_sql;
mod triggers;
mod unique_keys;

pub use access::Access;
pub use check::Difference;
pub(crate) use check::check;
pub(crate) use tables::{create, track};
