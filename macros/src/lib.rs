//! The macros of syncline: `derive(Syncable)`, `derive(FieldValue)`, `profile!` and `pipeline!`. Use them through the crate `syncline`, which
//! exports them; their examples are compiled there.
//!
//! Each reads its declaration into plain data, checks it, and writes the code out, in modules named after these steps.
//! Every mistake of a declaration is reported in one compile, under the user's own words. What a macro writes after a
//! mistake still has the shape that the rest of the program expects, so that one mistake stays one error.

mod attribute;
mod errors;
mod model;
mod pipeline;
mod profile;
mod root;
mod value;

use proc_macro::TokenStream;

/// Makes a struct a model: its table, its columns, and how its records are read and written.
///
/// ```
/// use syncline::{RecordId, Syncable, profile};
///
/// #[derive(Debug, Clone, Syncable)]
/// #[syncable(profile = Notes, model = "note", partition = "{notebook_id}:notes")]
/// struct Note {
///     id: RecordId,
///     #[syncable(references = Notebook)]
///     notebook_id: RecordId,
///     title: String,
///     body: Option<String>,
///     #[syncable(references = Note)]
///     parent_id: Option<RecordId>,
///     #[syncable(local)]
///     scroll_position: i64,
/// }
///
/// #[derive(Debug, Clone, Syncable)]
/// #[syncable(profile = Notes, model = "notebook")]
/// struct Notebook {
///     id: RecordId,
/// }
///
/// profile! { Notes = "notes" { Note, Notebook } }
///
/// assert_eq!(Note::MODEL.dependencies, ["notebook"]);
/// let keys: Vec<_> = Note::MODEL.columns.iter().map(|column| column.key).collect();
/// assert_eq!(
///     keys,
///     ["id", "_morango_source_id", "_morango_partition", "notebook_id", "title", "body", "parent_id"]
/// );
/// ```
///
/// The struct has named fields and no parameters. One field is `id: RecordId`; it need not be the first. The columns
/// are in the order of the fields, and those of `_morango_source_id` and `_morango_partition`, which every synced table
/// has and no struct names, are behind the id. So are the keys of the record's JSON.
///
/// # On the struct
///
/// | Key | Meaning |
/// |---|---|
/// | `profile = Notes` | the profile that lists the model; required |
/// | `model = "note"` | its name in the store, at most 40 characters; required |
/// | `table = "notes_note"` | its table; by default named as the model |
/// | `discriminator(kind = "note")` | where several models share a table: the field that tells them apart, and what it holds |
/// | `partition = "{notebook_id}:notes"` | how a record's partition is made of its fields, its own `{id}` among them; `{user_id\|nobody}` says what stands for a field that is `None`. Needed for tables that are made or tracked here |
/// | `partition_without(user_id = "anonymous")` | the partition where that field is `None`, made otherwise |
/// | `source_id = "{user_id}:{kind}"` | what a record's id is made of, beside its partition and its model's name; random by default. Two machines that make the same record then make one, by `insert` or by an `INSERT` without an id |
/// | `source_id = "{id}"` | the app chooses the ids |
/// | `depends_on(Author)` | models whose records must exist first, although no field refers to them |
/// | `crate = path` | where syncline is found, if it is not `::syncline` |
///
/// # On a field
///
/// | Key | Meaning |
/// |---|---|
/// | `references = Notebook` | refers to a record of that model: a `RecordId` or an `Option<RecordId>` |
/// | `references(Facility, Classroom)` | refers to a record of one of these, which share a table |
/// | `references = Note`, in `Note` | refers to its own model, as in a tree; once at most |
/// | `self_reference` | the same, and also where the record referred to is of another model of the same table |
/// | `on_delete = cascade`, `on_delete = set_null` | what becomes of this record when the one that it refers to is deleted, in a table that is made here; by default it keeps the other from being deleted |
/// | `local` | stays on this machine |
/// | `default = 0` | what the column holds where nothing is given: in rows that were there before the field was, and those of other programs |
/// | `column = "heading"` | its column; by default named as the field |
/// | `key = "heading"` | its key in the record's JSON; by default named as the field |
/// | `nested` | JSON that is written as what it is, and not as text: a `JsonText`, a `Json<T>` or a `serde_json::Value` |
///
/// The type of every field is a `FieldValue`. Whether a field is an `Option<RecordId>` is read off the tokens, so an
/// alias of these types cannot be a reference.
#[proc_macro_derive(Syncable, attributes(syncable))]
pub fn derive_syncable(input: TokenStream) -> TokenStream {
    model::derive(input.into()).into()
}

/// Makes a type one that a field of a model may have: a struct that wraps such a type, or an `enum` without fields.
///
/// ```
/// use syncline::{ColumnValue, FieldValue, RecordId, StoredValue, Syncable, profile};
///
/// /// Stored and synced as the text that it wraps.
/// #[derive(Debug, Clone, PartialEq, FieldValue)]
/// struct Title(String);
///
/// /// Stored and synced as `todo`, `in_progress` or `finished`.
/// #[derive(Debug, Clone, Copy, PartialEq, FieldValue)]
/// #[syncable(rename_all = "snake_case")]
/// enum State {
///     Todo,
///     InProgress,
///     #[syncable(value = "finished")]
///     Done,
/// }
///
/// /// Stored and synced as 1 or 5.
/// #[derive(Debug, Clone, Copy, PartialEq, FieldValue)]
/// #[syncable(integer)]
/// enum Urgency {
///     Someday = 1,
///     Now = 5,
/// }
///
/// #[derive(Syncable)]
/// #[syncable(profile = Tasks, model = "task")]
/// struct Task {
///     id: RecordId,
///     title: Title,
///     state: State,
///     urgency: Option<Urgency>,
/// }
///
/// profile! { Tasks = "tasks" { Task } }
///
/// assert_eq!(State::Done.to_column()?, StoredValue::Text("finished".into()));
/// assert_eq!(State::read(ColumnValue::Text("in_progress"))?, State::InProgress);
/// assert_eq!(Urgency::Now.to_column()?, StoredValue::Integer(5));
/// assert_eq!(
///     Urgency::read(ColumnValue::Integer(3)).unwrap_err().to_string(),
///     "3 is none of 1, 5"
/// );
/// # Ok::<(), syncline::InvalidValue>(())
/// ```
///
/// A variant is stored as its name, as it is written; `rename_all` takes serde's words for another case, and `value` on a
/// variant another text. With `integer` it is stored as its number, which each variant then says.
///
/// What a column holds and no variant is, as a newer version of the application may have written it, syncs as it stands;
/// reading it is refused. Where syncline is not `::syncline`, add `#[syncable(crate = path)]`.
#[proc_macro_derive(FieldValue, attributes(syncable))]
pub fn derive_field_value(input: TokenStream) -> TokenStream {
    value::derive(input.into()).into()
}

/// Declares a profile: a type for the models that sync together, in dependency order.
///
/// ```
/// # use syncline::{Profile, RecordId, Syncable};
/// # #[derive(Syncable)]
/// # #[syncable(profile = Notes, model = "note")]
/// # struct Note { id: RecordId, #[syncable(references = Notebook)] notebook_id: RecordId }
/// # #[derive(Syncable)]
/// # #[syncable(profile = Notes, model = "notebook")]
/// # struct Notebook { id: RecordId }
/// syncline::profile! {
///     /// Everything that somebody wrote down.
///     pub Notes = "notes" { Note, Notebook }
/// }
///
/// let order: Vec<_> = Notes::MODELS.iter().map(|model| model.name).collect();
/// assert_eq!(order, ["notebook", "note"]);
/// ```
///
/// The text is the profile's name in the store, at most 40 characters. Each model comes after those that it refers to,
/// and otherwise in the order of the list. That is worked out while the program is compiled, and so are the mistakes:
/// models that refer to each other in a circle, a model that is listed twice or names another profile, and a reference
/// to a model that is not listed. A model of the profile that is missing from the list is an error at the model.
///
/// Attributes and visibility pass through to the type, which derives `Debug`, `Clone` and `Copy`. Where syncline is not
/// `::syncline`, begin with `#![syncline(crate = path)]`.
#[proc_macro]
pub fn profile(input: TokenStream) -> TokenStream {
    profile::profile(input.into()).into()
}

/// Declares a pipeline: a type whose `run` takes items from a source, through stages, to a sink.
///
/// ```
/// use syncline::{Collect, Halt, Transform, from_iter, pipeline};
///
/// /// Refuses titles that are too long to print.
/// struct Fitting { width: usize }
///
/// impl Transform for Fitting {
///     type In = String;
///     type Out = String;
///
///     fn transform(&mut self, title: String) -> Result<Option<String>, Halt> {
///         Ok((title.len() <= self.width).then_some(title))
///     }
/// }
///
/// pipeline! {
///     /// Titles in capitals, two to a page.
///     pub Pages(titles: &[&str], width: usize) -> Vec<Vec<String>> {
///         from_iter(titles)
///             => filter(|title| !title.is_empty())
///             => map(|title| title.to_uppercase())
///             => Fitting { width }
///             => buffer(2)
///             => Collect::new()
///     }
/// }
///
/// let outcome = Pages::run(&["one", "", "two", "seventeen", "three"], 5)?;
/// assert_eq!(outcome.output, [vec!["ONE", "TWO"], vec!["THREE"]]);
/// assert_eq!(outcome.report.stage("Fitting").unwrap().filtered(), 1);
/// assert_eq!(
///     Pages::graph().one_line(),
///     "from_iter(titles) => filter(..) => map(..) => Fitting { .. } => buffer(2) => Collect::new()"
/// );
/// # Ok::<(), syncline::Error>(())
/// ```
///
/// What stands in parentheses is what `run` is given; generics, bounds and elided lifetimes are as in a function. Behind
/// the `->` is what the sink gives back, `()` where it is left out. Between two `=>` stands an expression that makes a
/// stage, or an operator:
///
/// | Operator | Items |
/// |---|---|
/// | `map(f)` | one out of each |
/// | `try_map(f)` | one out of each, where `f` may fail: it gives a `Result<_, Halt>`, and `?` makes a `Halt` of any error |
/// | `filter(f)` | those that pass |
/// | `filter_map(f)` | one or none out of each |
/// | `flat_map(f)` | those of the iterator that `f` makes out of each |
/// | `inspect(f)` | the same, shown to `f` |
/// | `scan(state, f)` | one out of each and of a state that `f` may change |
/// | `take(5)` | the first five |
/// | `take_while(f)` | those before the first that does not pass |
/// | `skip(5)` | all but the first five |
/// | `dedup(f)` | the first of neighbours with the same key |
/// | `tee(sink)` | the same, of which a second sink takes a copy |
/// | `buffer(500)` | chunks of 500, the last one excepted |
/// | `buffer(500, by: f)` | chunks of at most 500 that share a key |
/// | `buffer(bytes: 65536, of: f)`, `buffer(500, bytes: 65536, of: f)` | chunks that are closed by what their items weigh |
/// | `buffer(500, within: duration)` | chunks that are closed when their first item has waited for so long |
/// | `lookup(f)` | chunks, each item beside what one query found for it |
/// | `unbuffer` | chunks taken apart |
/// | `through(part)` | what the stages of a part make of them |
///
/// Several sources are one as `merge([first, second])`, in turns, or `merge([first, second], by: f)`, sorted by a key that
/// each is sorted by; and several sinks are one as `route([first, second], f)`, where `f` names the sink of an item by its
/// place. A function of yours that is called as an operator, `merge` or `route` is, is meant by a path: `self::route(..)`.
///
/// A size that is a number is checked to be more than zero when the program is compiled; any other is a `NonZeroUsize`.
///
/// What may fail before there is a pipeline, such as opening a file, is done before it is run, and given to it: outside of
/// closures, `?` passes on a `syncline::Error` and nothing else.
///
/// The type has `run`, `run_with`, `graph()`, which shows it as text, in Mermaid and in DOT without running it, and `STAGES`,
/// its pieces as text. `prepare` is given what `run` is, and makes a value of it that can be kept and run later, a `Job`; its
/// `boxed` is a `BoxedPipeline`, whose type can be written down, and its `boxed_send` one that can be run on another thread.
/// Attributes and visibility pass through to it, and it derives `Debug`, `Clone` and `Copy`. Where syncline is not `::syncline`, begin with
/// `#![syncline(crate = path)]`.
///
/// # What the compiler finds out, and where it must be told
///
/// What a closure makes is found out from what stands behind it, wherever that says what it takes: a stage of your own, a
/// function, the sink, the type behind `->`, or a closure that names its type. The closures of operators need no types, and
/// neither do those among the arguments of a function that makes a stage or a sink, as in `keep(|note| note.is_long())`.
///
/// It must be told
///
/// * what a `map` makes where the next closure asks something of it: `map(|n| u64::from(n)) => map(|n| n.pow(2))`, or
///   `map(|n| n.into()) => map(|n: u64| n.pow(2))`, but not `map(|n| n.into()) => map(|n| n.pow(2))`;
/// * a key of its own for `by:` and `dedup`, where the item is not borrowed itself: `by: |note| note.title.clone()`, not
///   `by: |note| &note.title`. What is made of an item has gone on when its key is compared with the next one's.
///
/// # When an item fails
///
/// The run fails with it, unless something else is declared behind the stage or the sink that may fail:
///
/// | Policy | What becomes of an item that failed |
/// |---|---|
/// | `on_error fail` | the run fails: as without a policy |
/// | `on_error skip(10)` | it is left out; the eleventh fails the run |
/// | `on_error retry(3, backoff)` | it is tried up to three times more, first after `backoff`, then after twice as long each time |
/// | `on_error retry(3, backoff, if: f)` | the same, when its error passes `f` |
/// | `on_error dead_letter(sink)` | it goes to `sink` as a `Letter`, with its error, and is left out |
///
/// Several may follow each other: what one would fail the run for, the next decides. `retry` and `dead_letter` keep a
/// copy of the item. Nothing of a failed item is handed on. A chunk that a sink fails at is split until the item that
/// fails is alone, so its policies are for single items, and the good ones are written once: such a sink must have
/// written nothing of a chunk that it fails at.
///
/// ```
/// use syncline::{Collect, from_iter, pipeline};
///
/// pipeline! {
///     Squares(texts: &[&'static str]) -> Vec<u64> {
///         from_iter(texts.iter().copied())
///             => try_map(|text| Ok(text.parse::<u64>()?)) on_error skip(10)
///             => map(|n| n * n) parallel(2)
///             => Collect::new()
///     }
/// }
///
/// let outcome = Squares::run(&["1", "two", "3"])?;
/// assert_eq!(outcome.output, [1, 9]);
/// assert_eq!(outcome.report.stage("try_map").unwrap().skipped(), 1);
/// # Ok::<(), syncline::Error>(())
/// ```
///
/// # On several threads
///
/// `map(f) parallel(2)` calls `f` on two threads. Items leave in the order in which they came, and no more are held than
/// one for each thread and 64: `parallel(2, capacity: 8)` says how many. A panic on a thread ends the run. A closure there uses
/// no argument that is `&mut`, of which there is one at a time.
///
/// `try_map(f) parallel(2)` does the same with work that may fail, and has policies as any stage: they decide in the order
/// of the items. What `retry` tries again keeps its place and goes back to the threads, so that items which have to wait
/// wait side by side.
///
/// # What it counts
///
/// The report says how many items each stage was given and handed on, and how long it worked and waited. That costs a few
/// instructions an item at most. `#[syncline(unmetered)]` before the name leaves it out: the report has the stages' names
/// and what failed, and zeros for the rest, and an `Observer` hears of the start and the end only.
///
/// ```
/// use syncline::{Collect, from_iter, pipeline};
///
/// pipeline! {
///     /// As fast as it goes.
///     #[syncline(unmetered)]
///     pub Squares() -> Vec<u64> {
///         from_iter(0..4_u64) => map(|n| n * n) => Collect::new()
///     }
/// }
///
/// let outcome = Squares::run()?;
/// assert_eq!(outcome.output, [0, 1, 4, 9]);
/// assert_eq!(outcome.report.stage("map").unwrap().items_in(), Some(0));
/// # Ok::<(), syncline::Error>(())
/// ```
///
/// # From outside
///
/// `run_with` is `run`, and heeds `RunOptions`: a `CancelToken` ends the run between two chunks, and an `Observer`, such as a
/// progress bar, is told how far it is.
///
/// # Parts
///
/// Stages that several pipelines have in common are declared as a part, with what it takes and hands on behind a colon:
///
/// ```
/// use syncline::{Collect, from_iter, pipeline};
///
/// pipeline! {
///     /// Lines without comments and space around them.
///     Tidy(comment: char): &'static str -> String {
///         map(move |line| line.split(comment).next().unwrap_or_default().trim().to_owned())
///             => filter(|line| !line.is_empty())
///     }
/// }
///
/// pipeline! {
///     Lengths(lines: &[&'static str]) -> Vec<usize> {
///         from_iter(lines.iter().copied())
///             => through(Tidy('#'))
///             => map(|line| line.len())
///             => Collect::new()
///     }
/// }
///
/// let outcome = Lengths::run(&["bread # rye", "# nothing"])?;
/// assert_eq!(outcome.output, [5]);
/// assert_eq!(outcome.report.stage("filter").unwrap().filtered(), 1);
/// # Ok::<(), syncline::Error>(())
/// ```
///
/// `through(Tidy)` is enough where a part is given nothing. Its generics are inferred. Its closures are `move` where they use
/// what it is given. Its type has `extend`, which adds it to a pipeline that is built by methods, `graph()` and `STAGES`.
///
/// # When work becomes durable
///
/// Once, at the end of the run: that may be written as `commit once` behind the sink. With `commit every(10)` it is after
/// every ten chunks too, for a sink that implements `Commit`. The sinks of a `tee`, and of a `dead_letter` of its own or of a
/// stage in front of it, are then committed right before it, if they implement `Commit` as well: a run that was killed and goes
/// on from its last commit has lost no letter. Those that do not become durable at the end of the run.
#[proc_macro]
pub fn pipeline(input: TokenStream) -> TokenStream {
    pipeline::pipeline(input.into()).into()
}
