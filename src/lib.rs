//! Typed streams in constant memory, and a serialiser that writes Morango's sync store byte for byte.
//!
//! You annotate your structs, declare a pipeline, and get typed stages that run in constant memory. The pipeline that
//! comes with it writes every changed record of an application into a sync store: the store of Morango, the replication
//! engine under Kolibri. Each half is of use without the other.
//!
//! 1. [Declaring models](#declaring-models): structs, their tables, and the profile that they sync in.
//! 2. [Composing pipelines](#composing-pipelines): from a source, through stages, to a sink.
//! 3. [Serialising](#serialising): what changed, into the store.
//! 4. [Errors](#errors): what ends a run, and what it says.
//! 5. [Testing](#testing): stages by themselves, pipelines as text.
//!
//! The [`guide`] teaches pipelines from the first one on, by programs that run; [`io`] has files and tables as sources
//! and sinks, [`testing`] what tests of stages and pipelines are made of. This page is about all of the crate at once.
//!
//! The examples are about one application, which keeps notes in notebooks. Most programs begin with the [`prelude`].
//!
//! # Declaring models
//!
//! A *model* is a struct whose records sync; each is a row of a table. A *profile* is a named set of models that sync
//! together.
//!
//! ```
//! use syncline::Profile;
//! use syncline::prelude::*;
//!
//! /// A note in somebody's notebook.
//! #[derive(Debug, Clone, Default, Syncable)]
//! #[syncable(profile = Notes, model = "note", partition = "{notebook_id}:notes")]
//! struct Note {
//!     id: RecordId,
//!     #[syncable(references = Notebook)]
//!     notebook_id: RecordId,
//!     title: String,
//!     body: Option<String>,
//!     #[syncable(references = Note)] // a tree: this model refers to itself
//!     parent_id: Option<RecordId>,
//!     #[syncable(local, default = 0)] // stays on this machine
//!     scroll_position: i64,
//! }
//!
//! #[derive(Debug, Clone, Default, Syncable)]
//! #[syncable(profile = Notes, model = "notebook", partition = "{id}:notes")]
//! struct Notebook {
//!     id: RecordId,
//!     title: String,
//! }
//!
//! profile! {
//!     /// Everything that syncs, in dependency order whatever the order here.
//!     Notes = "notes" { Note, Notebook }
//! }
//!
//! let order: Vec<_> = Notes::MODELS.iter().map(|model| model.name).collect();
//! assert_eq!(order, ["notebook", "note"]);
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("notes.sqlite3");
//! let mut db = Database::open(path)?; // makes the sync tables when they are missing
//! db.create::<Notes>()?; // makes the app's own tables, and tracks what changes in them
//!
//! let mut home = Notebook { title: "Home".to_owned(), ..Notebook::default() };
//! db.insert(&mut home)?; // sets its id
//! let mut bread = Note { notebook_id: home.id, title: "Bread".to_owned(), ..Note::default() };
//! db.insert(&mut bread)?;
//! bread.body = Some("Rye".to_owned());
//! assert!(db.update(&bread)?);
//! assert_eq!(db.get::<Note>(bread.id)?.unwrap().body.as_deref(), Some("Rye"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! * The derive takes tables that exist, too: names of tables, columns and keys, several models on one table, a
//!   reference to any of several models. [`Syncable`](derive@Syncable) lists all that it understands.
//! * A field's type is a [`FieldValue`](trait@FieldValue): numbers, text, bytes, ids, dates and times, JSON, an `Option` of
//!   these, and types of your own, by a [derive](derive@FieldValue). The trait lists them, with what the column holds of
//!   each and what syncs. None loses a digit on its way.
//! * A *partition* is a record's place in the tree of permissions, text such as `<notebook>:notes`, made of its fields. An
//!   id follows from the partition, the model's name and a *source id*: random, or made of fields as well, so that two
//!   machines that make the same record make one. They stand in columns that no struct names, and never change.
//!   [`Identity`] is all three.
//! * [`Database::create`] makes the tables, [`Database::track`] takes those that are there, and [`Database::check`] says in
//!   what a database differs from its models. Triggers track every change from then on, by whatever program.
//! * [`Access`] has what is done with one record. It is implemented for connections and transactions too. Queries are SQL.
//!
//! What is wrong with a declaration is said when the program is compiled, all of it at once: a cycle between models, a
//! reference to a model that the profile does not list, a model that its own profile does not list.
//!
//! # Composing pipelines
//!
//! A pipeline takes items from a [`Source`], through [`Stage`]s, to a [`Sink`]. [`pipeline!`] makes a type of it:
//!
//! ```
//! # use syncline::prelude::*;
//! # #[derive(Debug, Clone, Default, Syncable)]
//! # #[syncable(profile = Notes, model = "note", partition = "notes")]
//! # struct Note { id: RecordId, title: String, body: Option<String> }
//! # profile! { Notes = "notes" { Note } }
//! pipeline! {
//!     /// Titles of long notes, ten to a page.
//!     LongTitles(db: &Database, bytes: usize) -> Vec<Vec<String>> {
//!         Note::stream(db)
//!             => filter(|note| note.body.as_ref().is_some_and(|body| body.len() > bytes))
//!             => map(|note| note.title)
//!             => buffer(10)
//!             => Collect::new()
//!     }
//! }
//! # let folder = tempfile::tempdir()?;
//! # let mut db = Database::open(folder.path().join("notes.sqlite3"))?;
//! # db.create::<Notes>()?;
//! # db.connection().execute_batch("
//! #     INSERT INTO note (title, body) VALUES ('Bread', 'Rye, half a loaf'), ('Milk', NULL)
//! # ")?;
//!
//! let outcome = LongTitles::run(&db, 10)?;
//! assert_eq!(outcome.output, [["Bread"]]);
//! println!("{}", outcome.report); // a table: each stage, what went in and out, and its time
//! # assert_eq!(outcome.report.stage("filter").unwrap().filtered(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The words in lower case are operators, which take closures or sizes. Everything else is an expression: a source, a
//! stage or a sink of your own or of this crate's. A stage that makes one item or none out of each is a [`Transform`],
//! one that makes any number a [`FlatMap`]; what holds items back, or acts at the end, is a [`Stage`]. Stages that do not
//! fit are one error, at the second of them.
//!
//! Inside a chunk the compiler fuses stages into one loop. A `buffer` gathers items into chunks, for what is done better
//! many at a time, and `unbuffer` takes chunks apart. Memory is what the stages hold: at most a chunk in each buffer.
//!
//! The records of a model are a source, and so is what the store has of them: `Note::stream(db)`, `Note::dirty(db)`,
//! `Notes::store(db)`, each with filters. They are read by pages in the order of the ids, so that anybody can write
//! meanwhile ([`Records`], [`StoredRecords`]).
//!
//! [`Pipeline`] is the same without a macro, and an iterator where it has no sink:
//!
//! ```
//! use syncline::{Pipeline, from_iter};
//!
//! let lengths = Pipeline::new("lengths", from_iter(["Bread", "Milk"])).map(str::len);
//! assert_eq!(lengths.into_iter().collect::<Result<Vec<_>, _>>()?, [5, 4]);
//! # Ok::<(), syncline::Error>(())
//! ```
//!
//! # Serialising
//!
//! *Serialising* writes every record whose dirty bit is set into the store, as JSON, notes what was deleted, and clears
//! the dirty bits: all in one transaction, or not at all.
//!
//! ```
//! # use syncline::prelude::*;
//! # #[derive(Debug, Clone, Default, Syncable)]
//! # #[syncable(profile = Notes, model = "note", partition = "{place}:notes")]
//! # struct Note { id: RecordId, place: String, title: String }
//! # profile! { Notes = "notes" { Note } }
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("notes.sqlite3");
//! let mut db = Database::open(path)?;
//! db.create::<Notes>()?;
//! # db.connection().execute_batch("
//! #     INSERT INTO note (place, title) VALUES ('home', 'Bread'), ('work', 'Report')
//! # ")?;
//!
//! let serialized = db
//!     .serialize::<Notes>()
//!     .filter("home:") // only partitions that begin so
//!     .progress(syncline::tell_progress(|done, total| eprintln!("{done} of {total:?}")))
//!     .run()?;
//! println!("{serialized}");
//! assert_eq!((serialized.created, serialized.updated, serialized.deleted), (1, 0, 0));
//!
//! let left: u64 = db.status::<Notes>()?.iter().map(|model| model.dirty).sum();
//! assert_eq!(left, 1); // the note about work
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! * [`Database::open`] is for a database of your own. [`Database::open_existing`] is for one that another application
//!   made, such as Kolibri: it makes nothing, and leaves the instance as it is.
//! * Changes are tracked by triggers where [`Database::create`] or [`Database::track`] made them, and by the application in
//!   a database that it looks after itself: it sets `_morango_dirty_bit` on what it writes, and puts the ids of what it
//!   deletes into `morango_deletedmodels`. Where the content is to be forgotten everywhere the id goes into
//!   `morango_harddeletedmodels` as well; [`Access::hard_delete`] does both, for all that goes along with the record.
//! * [`Serialize`] has the rest: filters, a busy timeout, progress. [`flow`] has the parts that it is made of, for another
//!   flow made of them.
//!
//! # Errors
//!
//! A stage fails by returning any error, or a [`Failure`] that names the record. That ends the run, and the [`Error`]
//! says in which pipeline, in which stage and at which record; what went wrong is its
//! [`source`](std::error::Error::source). The sink is not finished then, and a sink that is not finished commits nothing.
//!
//! ```
//! use std::error::Error as _;
//! use syncline::prelude::*;
//!
//! /// Reads numbers of pages.
//! struct PageNumber;
//!
//! impl Transform for PageNumber {
//!     type In = String;
//!     type Out = u32;
//!
//!     fn transform(&mut self, text: String) -> Result<Option<u32>, Halt> {
//!         match text.parse() {
//!             Ok(number) => Ok(Some(number)),
//!             Err(error) => Err(Failure::new(error).at(text).into()),
//!         }
//!     }
//! }
//!
//! pipeline! {
//!     PageNumbers(text: &str) -> Vec<u32> {
//!         from_iter(text.split(' ')) => map(|word| word.to_owned()) => PageNumber => Collect::new()
//!     }
//! }
//!
//! let error = PageNumbers::run("12 13 xiv 15").unwrap_err();
//! assert_eq!(error.to_string(), "pipeline PageNumbers failed in stage PageNumber at xiv");
//! assert_eq!(error.source().unwrap().to_string(), "invalid digit found in string");
//! assert_eq!(error.report().stage("PageNumber").unwrap().failed(), 1);
//! ```
//!
//! A stage that wants no more items returns [`Halt::Stop`] instead: the run then ends well.
//!
//! What has to do with a database is a [`DatabaseError`]. The database is then as it was before, and
//! [`is_transient`](DatabaseError::is_transient) says whether trying again may help.
//!
//! # Testing
//!
//! A stage is tested between a list of items and [`Collect`], without a database. How a pipeline is declared can be
//! tested as text:
//!
//! ```
//! use syncline::prelude::*;
//!
//! /// Lets a title through once.
//! #[derive(Default)]
//! struct Distinct(std::collections::HashSet<String>);
//!
//! impl Transform for Distinct {
//!     type In = String;
//!     type Out = String;
//!
//!     fn transform(&mut self, title: String) -> Result<Option<String>, Halt> {
//!         Ok(self.0.insert(title.clone()).then_some(title))
//!     }
//! }
//!
//! pipeline! {
//!     Titles(titles: Vec<String>) -> Vec<String> {
//!         from_iter(titles) => Distinct::default() => take(2) => Collect::new()
//!     }
//! }
//!
//! let titles = ["Bread", "Milk", "Bread", "Salt"].map(str::to_owned);
//! let outcome = Pipeline::new("test", from_iter(titles)).pipe(Distinct::default()).end(Collect::new()).run()?;
//! assert_eq!(outcome.output, ["Bread", "Milk", "Salt"]);
//! assert_eq!(outcome.report.stage("Distinct").unwrap().filtered(), 1);
//!
//! assert_eq!(Titles::graph().one_line(), "from_iter(titles) => Distinct::default() => take(2) => Collect::new()");
//! # Titles::run(Vec::new())?;
//! # Ok::<(), syncline::Error>(())
//! ```
//!
//! [`testing`] has a source that fails or pauses on cue, a sink that notes what happens to it, and a check that lets a run
//! fail at every chunk and starts it again.
//!
//! # Features
//!
//! | Feature | Adds |
//! |---|---|
//! | `chrono` | dates and times of `chrono` as fields |
//! | `cli` | the module `cli`: a command line over the models of an application, from one line |
//! | `crossbeam` | channels of `crossbeam-channel` in [`from_channel`] and [`to_channel`] |
//! | `csv` | CSV in [`io`] |
//! | `futures` | `from_stream`, `Pipeline::into_stream`, `AsyncSink`, `to_async_sink` |
//! | `indicatif` | `Bar`, a progress bar for any run |
//! | `json` | JSON lines in [`io`]; `serde_json::Value` and `Json` as fields |
//! | `serde` | [`RecordId`] in what serde reads and writes; with `json`, too |
//!
//! None is on by default.

#[cfg(feature = "indicatif")]
pub use bar::Bar;
pub use syncline_core::*;
pub use syncline_macros::{FieldValue, Syncable, pipeline, profile};
pub use syncline_serializer::{
    Column, ColumnType, ColumnValue, Discriminator, FieldError, FieldValue, Filter, Identity, InvalidColumn,
    InvalidRecord, InvalidStored, InvalidValue, JsonText, Lists, Model, ModelVisitor, NestedValue, OnDelete,
    PartitionRange, Partitioned, PartitionedProfile, Profile, RecordId, Row, Stamp, StoredValue, Syncable,
    Template, TemplatePiece, json, python, write_as_stored,
};
#[cfg(feature = "sqlite")]
pub use syncline_sqlite::{
    Access, AppRow, Database, DatabaseError, Difference, Estimate, FailedRow, InConflict, Inspection,
    ModelStatus, ReadRecords, ReadStore, RecordCounter, Records, Serialize, Serialized, StoreRow,
    StoredRecord, StoredRecords, SyncSchema, flow,
};

#[cfg(feature = "json")]
pub use syncline_serializer::Json;

/// The version of SQLite's bindings that is used here: connections to share come from it.
#[cfg(feature = "sqlite")]
pub use rusqlite;

#[cfg(feature = "indicatif")]
mod bar;
#[cfg(feature = "cli")]
pub mod cli;
pub mod guide;
pub mod io;
pub mod prelude;

/// The code of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

/// What only generated code may name.
#[doc(hidden)]
pub mod __private {
    pub use syncline_core::__private::*;
    pub use syncline_serializer::__private::*;
}
