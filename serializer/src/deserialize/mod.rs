//! The deserialise leg: the store's changes go to the app's tables (docs/morango.md, "Deserialise").
//!
//! ```text
//! waiting rows => ParseText => buffer => TargetLookup => Decide => AppWriter
//! ```
//!
//! The type of a record changes on the way: [`Waiting`] is a dirty row of the store, [`Parsed`] has the values of its columns,
//! [`LookedUp`] has the state of the records that it refers to, [`Decided`] has the outcome: a row to write, a deletion, or a
//! failure that the store keeps at the record.
//!
//! The source reads the models in dependency order. Of each model the deletions come first, so that they make room for unique
//! values; then the other records, in a tree the parents first. A chunk never holds a record together with its parent.
//!
//! A failure of a record is no error of the run: it is written to the record's row, which stays dirty, and the others go on.
//! The stages call a [`DeserializeStore`] once for each chunk, except for models with a
//! [rule at save](crate::model::Syncable::HAS_RULE_AT_SAVE), whose records are written one after the other.

mod app_writer;
mod decide;
mod deserialized;
mod error_names;
mod identity_check;
mod model_functions;
mod parse_text;
mod pipeline;
mod reference;
mod states;
mod store;
mod target_lookup;
mod tasks;

pub use app_writer::AppWriter;
pub use decide::Decide;
pub use deserialized::{Deserialized, FailedRecord, ModelDeserialized};
pub use parse_text::ParseText;
pub use pipeline::DeserializeRecords;
pub use states::{AppState, Failed, FailureKind, ParentState, Saved, Target, TargetState};
pub use store::{Change, DeserializeStore, Wanted};
pub use target_lookup::TargetLookup;
pub use tasks::{Decided, LookedUp, Outcome, Parsed, StoreText, TextId, Waiting};
