//! Typed streams in constant memory, and a serialiser that writes Morango's sync store byte for byte.
//!
//! Annotate your structs and declare a pipeline: the compiler checks the stages against each other, and the pipeline
//! runs in constant memory. The built-in pipeline, *serialise*, writes every changed record of an application to a sync
//! store: the store of Morango, the replication engine of Kolibri. Streams and serialiser can be used independently.
//!
//! 1. [Declaring models](#declaring-models): structs, their tables, and the profile in which they sync.
//! 2. [Composing pipelines](#composing-pipelines): sources, stages and sinks.
//! 3. [Serialising](#serialising): writing changed records to the store.
//! 4. [Errors](#errors): how a run fails, and the error it returns.
//! 5. [Testing](#testing): tests of single stages, and of pipelines as text.
//!
//! The [`guide`] introduces pipelines step by step, with complete programs. [`io`] has sources and sinks for files and
//! tables. [`testing`] has tools for tests of stages and pipelines. This page is an overview of the whole crate.
//!
//! The examples are from one application, which keeps notes in notebooks. Most programs import the [`prelude`].
//!
//! # Declaring models
//!
//! A *model* is a struct whose records sync; each record is a row of a table. A *profile* is a named set of models that
//! sync together.
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
//!     #[syncable(references = Note)] // a tree: a reference to the same model
//!     parent_id: Option<RecordId>,
//!     #[syncable(local, default = 0)] // not synced
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
//!     /// All models, in any order: the profile sorts them by dependency.
//!     Notes = "notes" { Note, Notebook }
//! }
//!
//! let order: Vec<_> = Notes::MODELS.iter().map(|model| model.name).collect();
//! assert_eq!(order, ["notebook", "note"]);
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("notes.sqlite3");
//! let mut db = Database::open(path)?; // creates missing sync tables
//! db.create::<Notes>()?; // creates the app's tables and the triggers that track changes
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
//! * The derive also maps existing tables: with other names of tables, columns and keys, several models in one table,
//!   or a reference to one of several models. [`Syncable`](derive@Syncable) lists all attributes.
//! * Fields that several models share are those of a struct with `#[derive(SyncableFields)]`. A model includes them with
//!   [`#[syncable(flatten)]`](derive@SyncableFields). They are columns of the model's table and keys of its records, as if the
//!   model declared them, and its partition and source id may name them.
//! * The type of a field implements [`FieldValue`](trait@FieldValue): numbers, text, bytes, ids, dates and times, JSON,
//!   an `Option` of these, and your own types with a [derive](derive@FieldValue). The trait lists the types with their
//!   column values and synced forms. No type loses digits.
//! * A *partition* is the position of a record in the tree of permissions: a text such as `<notebook>:notes`, built
//!   from the record's fields. A record's id is computed from its partition, its model's name and its *source id*. The
//!   source id is random, or built from fields as well: then two machines that create the same record compute the same
//!   id. Partition and source id have columns of their own, which structs do not declare, and never change.
//!   [`Identity`](record::Identity) holds all three.
//! * [`Database::create`] creates the tables. [`Database::track`] adopts existing tables. [`Database::check`] lists the
//!   differences between a database and its models. Triggers then track every change, by any program.
//! * [`Access`] has the operations on single records. Connections and transactions implement it as well. Queries are
//!   SQL.
//!
//! The compiler reports all mistakes in a declaration at once, including a cycle of references, a reference to a model
//! that the profile does not list, and a model that its own profile does not list.
//!
//! # Composing pipelines
//!
//! A pipeline takes items from a [`Source`], through [`Stage`]s, to a [`Sink`]. [`pipeline!`] declares it as a type:
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
//! println!("{}", outcome.report); // a table: items in and out of each stage, and its time
//! # assert_eq!(outcome.report.stage("filter").unwrap().filtered(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The words in lower case are operators; their arguments are closures or sizes. Any other expression is a source,
//! stage or sink, of your own or of this crate. For a stage of your own, implement [`Transform`] if it emits at most
//! one item for each item, [`FlatMap`] if it emits any number, and [`Stage`] if it holds items back or acts at the end.
//! Two stages that do not fit are one compile error, at the second of them.
//!
//! Within a chunk the compiler fuses the stages into one loop. `buffer` collects items into chunks, for work that is
//! cheaper in batches, and `unbuffer` splits chunks into items. A pipeline's memory is the sum of the stages': at most
//! one chunk in each buffer.
//!
//! The records of a model are a source, and so are the records in the store: `Note::stream(db)`, `Note::dirty(db)`,
//! `Notes::store(db)`, each with filters. They are read in pages in the order of the ids, so other code can write in
//! the meantime ([`Records`](sqlite::Records), [`StoredRecords`](sqlite::StoredRecords)).
//!
//! [`Pipeline`] builds the same pipelines with methods. Without a sink it is an iterator:
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
//! *Serialising* writes every record whose dirty bit is set to the store as JSON, marks deleted records in the store,
//! and clears the dirty bits. It does all of that in one transaction.
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
//!     .filter("home:") // only partitions with this prefix
//!     .progress(syncline::run::tell_progress(|done, total| eprintln!("{done} of {total:?}")))
//!     .run()?;
//! println!("{serialized}");
//! assert_eq!((serialized.created, serialized.updated, serialized.deleted), (1, 0, 0));
//!
//! let left: u64 = db.status::<Notes>()?.iter().map(|model| model.dirty).sum();
//! assert_eq!(left, 1); // the note about work
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! * [`Database::open`] opens or creates a database of your own. [`Database::open_existing`] opens a database of
//!   another application, such as Kolibri: it creates no tables and does not change the instance.
//! * Triggers track changes in a database of [`Database::create`] or [`Database::track`]. In a database of another
//!   application, that application tracks changes: it sets `_morango_dirty_bit` in the rows that it writes, and adds
//!   the ids of deleted records to `morango_deletedmodels`. To erase the content everywhere, it adds the id to
//!   `morango_harddeletedmodels` as well. [`Access::hard_delete`] does both, for all records that are deleted along
//!   with the record.
//! * [`Serialize`](sqlite::Serialize) has further options: filters, a busy timeout, progress. [`flow`](sqlite::flow)
//!   has the parts of the pipeline, for a pipeline of your own.
//!
//! # Errors
//!
//! A stage fails by returning any error, or a [`Failure`] that names the record. The run ends, and its [`Error`] names
//! the pipeline, the stage and the record; its [`source`](std::error::Error::source) is the stage's error. The sink is
//! not finished, and a sink that is not finished commits nothing.
//!
//! ```
//! use std::error::Error as _;
//! use syncline::prelude::*;
//!
//! /// Parses page numbers.
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
//! A stage that needs no more items returns [`Halt::Stop`] instead: the run then ends successfully.
//!
//! Operations on a database have errors of their own: [`OpenError`](sqlite::OpenError),
//! [`SchemaError`](sqlite::SchemaError), [`RecordError`](sqlite::RecordError) and [`RunError`](sqlite::RunError).
//! [`DatabaseError`] is any of them, for a function that does several things. After an error the database is as it was
//! before. [`is_transient`](DatabaseError::is_transient) is `true` if trying again later may help.
//!
//! # Testing
//!
//! A stage is tested between a list of items and [`Collect`], without a database. The declaration of a pipeline can be
//! tested as text:
//!
//! ```
//! use syncline::prelude::*;
//!
//! /// Removes repeated titles.
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
//! [`testing`] has a source that fails or pauses on request, a sink that records its calls, and a check that fails and
//! restarts a run at every chunk.
//!
//! # Features
//!
//! | Feature | Adds |
//! |---|---|
//! | `chrono` | dates and times of `chrono` as fields |
//! | `cli` | the module `cli`: a command line over the models of an application, from one line |
//! | `crossbeam` | channels of `crossbeam-channel` in [`from_channel`](channel::from_channel) and [`to_channel`](channel::to_channel) |
//! | `csv` | CSV in [`io`] |
//! | `encoding_rs` | `decode` in [`io`]: text in other encodings than UTF-8 |
//! | `futures` | `from_stream`, `Pipeline::into_stream`, `Pipeline::map_async`, `AsyncSink`, `to_async_sink` |
//! | `indicatif` | `Bar`, a progress bar for any run |
//! | `json` | JSON lines in [`io`]; `serde_json::Value` and `Json` as fields |
//! | `serde` | [`RecordId`] implements serde's traits; so it does with `json` |
//! | `sort` | the operator `sort`, with a bound on the items in memory |
//! | `sqlite` | [`Database`], [`Access`], [`flow`](sqlite::flow), and SQLite's sources and sinks in [`io`]; needs a C compiler |
//!
//! Only `sqlite` is on by default.

// The names that most programs use are at the root, and most of them in the prelude. All others are in modules.
#[cfg(feature = "indicatif")]
pub use bar::Bar;
pub use syncline_core::{
    BoxError, BoxedSink, CancelToken, Collect, Commit, Emit, Error, Failure, FlatMap, Halt, Pipeline,
    Progress, Report, RunOptions, Sink, Source, Stage, Transform, for_each, from_iter, size,
};
pub use syncline_macros::{FieldValue, Syncable, SyncableFields, pipeline, profile};
#[cfg(feature = "json")]
pub use syncline_serializer::Json;
pub use syncline_serializer::{FieldValue, JsonText, Profile, RecordId, Syncable, SyncableFields};
#[cfg(feature = "sqlite")]
pub use syncline_sqlite::{Access, Database, DatabaseError, ReadRecords, ReadStore, Serialized};

pub use syncline_core::{channel, graph, policy, report, run, sink, source, stage, testing};
pub use syncline_serializer::{
    counters, dequeue, deserialize, filter, json, model, python, queue, received, transfer_session, value,
};
#[cfg(feature = "sqlite")]
pub use syncline_sqlite as sqlite;
/// The sync of two databases: its protocol as a state machine, its reports and its errors.
#[cfg(feature = "sqlite")]
pub use syncline_transfer as transfer;

/// The version of `rusqlite` that this crate uses. Connections that you share with it must be of this version.
#[cfg(feature = "sqlite")]
pub use rusqlite;

/// The serialise leg: its stages, and the trait of a store.
///
/// The items of a backend are not exported:
///
/// ```compile_fail
/// use syncline::serialize::backend::Leg;
/// ```
pub mod serialize {
    pub use syncline_serializer::serialize::{
        CHUNK, CHUNK_BYTES, DeletionList, DeletionLookup, DeletionWriter, FailedRow, HeldBack, ListedId,
        Loaded, LookedUp, NotCommitted, SelfRefOrder, SerializeDeletions, SerializeRecords, SerializeStore,
        Serialized, Stale, StoreLookup, StoreUpdate, StoreWriter, Stored, TransactionState, Updated, Written,
        graph,
    };
}

#[cfg(feature = "indicatif")]
mod bar;
#[cfg(feature = "cli")]
pub mod cli;
pub mod guide;
#[cfg(feature = "futures")]
pub mod interop;
pub mod io;
pub mod prelude;
pub mod record;
#[cfg(not(feature = "sqlite"))]
#[doc(hidden)]
pub mod without_sqlite;

/// The code of the README, as a doc test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

// Types of pipelines, which appear only in messages of the compiler.
#[doc(hidden)]
pub use syncline_core::{Boxed, BoxedSend, Head, Items, OneThread, Then, Threaded, ThreadedOnError};
// Names in generated code. Its paths begin with this crate, or with another crate that has the same names.
#[doc(hidden)]
pub use syncline_core::{
    Amount, Chain, Graph, Job, Meter, Node, Outcome, Runnable, chain, fit, merge, merge_by, route, skip,
};
#[doc(hidden)]
pub use syncline_serializer::{
    Blank, Check, Column, ColumnType, ColumnValue, EmptyValues, FieldError, FieldFault, InvalidValue,
    JsonValue, KnownSchema, Lists, Model, ModelVisitor, NestedValue, OnDelete, Partitioned,
    PartitionedProfile, Row, StoredValue, Template, TemplatePiece, write_as_stored,
};

/// Items for generated code alone.
#[doc(hidden)]
pub mod __private {
    pub use syncline_core::__private::*;
    pub use syncline_serializer::__private::*;
}
