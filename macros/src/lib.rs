//! The macros of syncline: `derive(Syncable)`, `derive(SyncableFields)`, `derive(FieldValue)`, `profile!` and `pipeline!`. Use them through the
//! crate `syncline`, which exports them and compiles their examples.
//!
//! Each macro parses its declaration into plain data, checks it, and generates code, in modules named after these
//! steps. One compile reports every mistake of a declaration, at the user's own tokens. The code that is generated
//! after a mistake has the items that the rest of the program expects, so one mistake is one error.

mod attribute;
mod attributes;
mod errors;
#[cfg(test)]
mod formatted;
mod model;
mod pipeline;
mod profile;
mod root;
mod ungrouped;
mod value;

use proc_macro::TokenStream;

/// Derives `Syncable` for a struct, which makes it a model: its table, its columns, and the conversion of its records.
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
/// are in the order of the fields, and so are the keys of the record's JSON. Two columns of every synced table,
/// `_morango_source_id` and `_morango_partition`, follow the id. Structs do not declare them.
///
/// # On the struct
///
/// | Key | Meaning |
/// |---|---|
/// | `profile = Notes` | the model's profile; required. `profile(Notes, Archive)` for a model of several profiles, of which a database syncs it in one |
/// | `model = "note"` | the model's name in the store, at most 40 characters; required |
/// | `table = "notes_note"` | the model's table; by default the model's name |
/// | `discriminator(kind = "note")` | for a table of several models: a field, and its value in this model's records |
/// | `partition = "{notebook_id}:notes"` | the template of a record's partition. It may contain fields and the record's own `{id}`; `{user_id\|nobody}` has a text for `None`. Without a text, a record in which the field is `None` cannot be inserted. `partition = ""` is the root of all partitions. Required for `create` and `track` |
/// | `partition_without(user_id = "anonymous")` | the template for records in which that field is `None` |
/// | `source_id = "{user_id}:{kind}"` | the template of a record's source id; random by default. A record's id is a hash of its partition, source id and model. With a template, two machines that create the same record compute the same id, with `insert` or an SQL `INSERT` without an id |
/// | `source_id = "{serial}"` | a source id of one field alone; it is random in records in which the field is `None` |
/// | `source_id = "{id}"` | the app chooses the ids |
/// | `source_id_with = Note::source_id` | a function of the app computes the source id: it takes `&Note`, and returns a `String` or a `RecordId`, or an `Option` of one, where `None` is a random source id |
/// | `id_with = Note::compute_id` | a function of the app computes the id: it takes the partition, in which `${id}` stands for the id, and the source id, and returns a `RecordId`. Morango calls it `compute_namespaced_id` |
/// | `depends_on(Author)` | models whose records must exist first, in addition to those that fields refer to |
/// | `renamed_from = "notes"` | the former name of the table, beside `table = ".."`: `create` renames the table. The model keeps its name |
/// | `retired("colour")` | fields that synced in an earlier version of the app and were removed or made `local`, by their columns or keys |
/// | `unique(title, owner_id)` | no two records have the same values in these fields, which may be repeated for several keys. `create` makes a unique index |
/// | `validate = check_note` | a rule of the whole record: a function that takes `&Note` |
/// | `blank = false` | no field may be missing, unless it says `blank` |
/// | `verbose = "short note"` | the name of a record in errors; by default the words of the struct's name |
/// | `class = "Note"` | the name of the struct in errors |
/// | `received_with = Note::received` | a function that changes the JSON object of a received record before its fields are read: `fn(&mut JsonObject<'_>, &ReceiveContext<'_>) -> Result<(), Failure>` |
/// | `save_with = Note::save` | a rule that looks at other rows right before a received record is written, and may change its values and ask for changes of other rows: `fn(&mut ReceivedRow, &dyn AppTables, &mut Effects) -> Result<(), Failure>` |
/// | `deleted_with = Note::deleted` | a function that is called before a record is deleted because its deletion was received: `fn(&RecordId, &dyn AppTables, &mut Effects) -> Result<(), Failure>` |
/// | `crate = path` | the path of syncline, if it is not `::syncline` |
///
/// # On a field
///
/// | Key | Meaning |
/// |---|---|
/// | `references = Notebook` | a reference to a record of that model, as a `RecordId` or an `Option<RecordId>` |
/// | `references(Facility, Classroom)` | a reference to a record of one of these models, which share a table |
/// | `references = Note`, in `Note` | a reference to the same model, as in a tree; at most one |
/// | `self_reference` | the same, if the record may also be of another model in the same table |
/// | `on_delete = cascade`, `on_delete = set_null` | the action on this record when the record that it refers to is deleted, in a table of `create`; by default the deletion fails |
/// | `local` | the field is not synced |
/// | `default = 0` | the column's default, for rows that are older than the field and for inserts by other programs. A value that the field cannot hold is a compile error; JSON of another shape than the field's is an error of `create` |
/// | `column = "heading"` | the column's name; by default the field's name |
/// | `key = "heading"` | the key in the record's JSON; by default the field's name |
/// | `renamed_from = "heading"` | the former name of the column: `create` renames the column. The field keeps its `key`, because other machines know it |
/// | `flatten` | the fields of the field's struct, which derives [`SyncableFields`](macro@SyncableFields), are columns of the model, at this place |
/// | `nested` | the field becomes a JSON value in the record's JSON, instead of a string: for `JsonText`, `Json<T>` and `serde_json::Value` |
///
/// # Rules
///
/// A field that syncs may have rules beyond its type. They apply to records of the app (`insert`, `update`), to values that
/// other programs write into the table, as far as SQL can check them, and to received records
/// (`Syncable::receive`). The texts are those of Django's validators, in one form:
/// `{'title': ['Ensure this value has at most 50 characters (it has 51).']}`.
///
/// | Key | Rule |
/// |---|---|
/// | `max_length = 50` | text of at most so many characters |
/// | `min = 0`, `max = 1.5` | a number that is not less, or not greater |
/// | `choices("draft", "final")`, `choices(1, 2)` | one of these values. An `enum` that derives `FieldValue` has its variants as choices without the key |
/// | `blank = false` | empty text, an empty list or object of JSON, and `None` are refused, as in Django by default |
/// | `blank` | a missing value passes without the field's other rules; for a field of a struct with `blank = false` |
/// | `editable = false` | users do not edit the field: it may be missing and is none of the choices, but the other rules apply |
/// | `validate = check_title` | a function of the app, which takes the field's value by reference and returns a `Result<(), E>`. `E` is a text, several in a `Vec<String>`, or a `received::FieldFault` |
/// | `unique` | no two records have the same value. `create` makes a unique index |
/// | `verbose = "author"` | on a reference: the name of the records that it refers to, in errors |
///
/// ```
/// use syncline::{RecordId, Syncable, profile};
///
/// #[derive(Debug, Syncable)]
/// #[syncable(profile = Notes, model = "note", partition = "notes", unique(folder, title))]
/// struct Note {
///     id: RecordId,
///     folder: String,
///     #[syncable(max_length = 50, blank = false, validate = starts_with_a_letter)]
///     title: String,
///     #[syncable(min = 0, max = 5)]
///     rating: Option<i64>,
/// }
///
/// fn starts_with_a_letter(title: &str) -> Result<(), &'static str> {
///     if title.starts_with(char::is_alphabetic) { Ok(()) } else { Err("A title starts with a letter.") }
/// }
///
/// profile! { Notes = "notes" { Note } }
///
/// let note = Note { id: RecordId::NEW, folder: "home".to_owned(), title: "5".to_owned(), rating: Some(6) };
/// let failure = syncline::model::check_rules(&note, |_| true).unwrap_err();
/// assert_eq!(
///     failure.text,
///     "{'title': ['A title starts with a letter.'], 'rating': ['Ensure this value is less than or equal to 5.']}"
/// );
/// ```
///
/// A rule is not applied to a value that is older than the rule, as long as an update leaves it as it is; `Database::check`
/// counts such values. Other machines may have an older version of the app without the rule: their records that break it are not
/// received until they are corrected.
///
/// SQL cannot call functions of the app. So in a model with `source_id_with` or `id_with`, a row that another program inserts
/// without a source id or an id is refused.
///
/// The type of every field implements `FieldValue`. The table refuses values that the type cannot hold, whichever program
/// writes them. The macro recognizes `Option` and `RecordId` by name, so an alias
/// of these types cannot be a reference.
#[proc_macro_derive(Syncable, attributes(syncable))]
pub fn derive_syncable(input: TokenStream) -> TokenStream {
    model::derive(input.into()).into()
}

/// Derives `SyncableFields` for a struct, so that models can include its fields with `#[syncable(flatten)]`.
///
/// ```
/// use syncline::{RecordId, Syncable, SyncableFields, profile};
///
/// /// The fields that every record of the app has.
/// #[derive(Debug, Clone, Default, SyncableFields)]
/// struct Authored {
///     #[syncable(references = Person)]
///     author_id: RecordId,
///     created_at: i64,
///     #[syncable(local)]
///     is_read: bool,
/// }
///
/// #[derive(Debug, Clone, Default, Syncable)]
/// #[syncable(profile = Forum, model = "post", partition = "{author_id}:posts")]
/// struct Post {
///     id: RecordId,
///     #[syncable(flatten)]
///     authored: Authored,
///     title: String,
/// }
///
/// #[derive(Debug, Clone, Default, Syncable)]
/// #[syncable(profile = Forum, model = "person", partition = "{id}")]
/// struct Person {
///     id: RecordId,
/// }
///
/// profile! { Forum = "forum" { Person, Post } }
///
/// let keys: Vec<_> = Post::MODEL.columns.iter().map(|column| column.key).collect();
/// assert_eq!(
///     keys,
///     ["id", "_morango_source_id", "_morango_partition", "author_id", "created_at", "title"]
/// );
/// assert_eq!(Post::MODEL.dependencies, ["person"]);
/// ```
///
/// The table, the record's JSON and the checks are those of a model that declares the fields itself. The keys of a field are
/// the same as in a model, except `self_reference`: the struct is no model, so a reference to the model that includes it is
/// written with the model, `references = Post`. The struct may itself flatten others. It has no `id`. If syncline is not
/// `::syncline`, add `#[syncable(crate = path)]` to the struct.
///
/// The templates `partition`, `partition_without` and `source_id` and the `discriminator` of the model may name the fields as
/// their own. Two columns of one model with the same name or the same key are a compile error, which names both fields.
#[proc_macro_derive(SyncableFields, attributes(syncable))]
pub fn derive_syncable_fields(input: TokenStream) -> TokenStream {
    model::derive_shared(input.into()).into()
}

/// Derives `FieldValue` for a struct that wraps one field value, or for an `enum` without fields.
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
/// A variant is stored as its name. `rename_all` converts names to another case, with serde's names of cases, and
/// `value` sets the text of one variant. With `integer` a variant is stored as its discriminant, which each variant
/// must then declare.
///
/// A newer version of the application may have stored a value that no variant has. Such a value syncs unchanged, but
/// reading it is an error. If syncline is not `::syncline`, add `#[syncable(crate = path)]`.
#[proc_macro_derive(FieldValue, attributes(syncable))]
pub fn derive_field_value(input: TokenStream) -> TokenStream {
    value::derive(input.into()).into()
}

/// Declares a profile: a type that lists the models that sync together, in dependency order.
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
///     /// All models that sync.
///     pub Notes = "notes" { Note, Notebook }
/// }
///
/// let order: Vec<_> = Notes::MODELS.iter().map(|model| model.name).collect();
/// assert_eq!(order, ["notebook", "note"]);
/// ```
///
/// The text is the profile's name in the store, at most 40 characters. The order is computed at compile time: each
/// model comes after those that it refers to, and otherwise as listed. Mistakes are compile errors: models that refer
/// to each other in a circle, a model that is listed twice or declares another profile, and a reference to a model that
/// is not listed. A model that is missing from its profile's list is an error at the model.
///
/// `Records = "records" (known = SCHEMA) { .. }` is a profile of tables that another application makes. `SCHEMA` is a constant, a
/// `KnownSchema`: the migrations and columns that the models were written for. Runs refuse a later version.
///
/// `Notes = "notes" (on_conflict = RULE) { .. }` declares which text a record gets that two devices changed independently: `mine` (as
/// with Morango, and the default), `theirs`, `by_field`, `last(by = field)` for a synced field that every model has, or the path of a
/// function from `&Conflict` to `Answer`. `OnConflict` in `syncline::model` describes them. The other text stays beside the record.
///
/// ```
/// # use syncline::{RecordId, Syncable};
/// use syncline::model::{Answer, Conflict};
///
/// /// The longer text, so that nothing that somebody wrote is hidden.
/// fn longer(conflict: &Conflict<'_>) -> Answer {
///     if conflict.theirs.len() > conflict.mine.len() { Answer::Theirs } else { Answer::Mine }
/// }
///
/// # #[derive(Syncable)]
/// # #[syncable(profile = Diary, model = "entry")]
/// # struct Entry { id: RecordId, written: i64 }
/// # #[derive(Syncable)]
/// # #[syncable(profile = Notes, model = "note")]
/// # struct Note { id: RecordId }
/// syncline::profile! { pub Notes = "notes" (on_conflict = longer) { Note } }
/// syncline::profile! { pub Diary = "diary" (on_conflict = last(by = written)) { Entry } }
/// ```
///
/// A model can have a `#[cfg(..)]` before it, and is then listed under that condition. Attributes and visibility apply to the
/// type, which derives `Debug`, `Clone` and `Copy`. If syncline is not
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
/// The parameters in parentheses become the parameters of `run`. Generics, bounds and elided lifetimes work as in a
/// function. The type after `->` is the output of the sink; without `->` it is `()`, and the number of items that a sink
/// such as `for_each` returns is not used. Each piece between two `=>` is an
/// expression whose value is a stage, or one of these operators, where `f` is a closure or a function:
///
#[doc = include_str!("pipeline/operators.md")]
///
/// A function of your own with the name of an operator is called by a path: `self::route(..)`.
///
/// `sum` and `collect` make a value of the type after `->`.
///
/// A size that is a literal is checked at compile time to be more than zero; any other size is a `NonZeroUsize`.
///
/// Outside of closures, `?` returns from `run`, so the error must be a `syncline::Error`. Do work with other errors, such
/// as opening a file, before the run, and pass its result.
///
/// The type has these functions and constants, and derives `Debug`, `Clone` and `Copy`:
///
/// * `run`, and `run_with` with additional `RunOptions` as the last argument: a `CancelToken` ends the run between two chunks, and an
///   `Observer`, such as a progress bar, receives the progress;
/// * `prepare`, which takes the parameters of `run` and returns a `Job`: a value that can be kept and run later. Its `boxed` is a
///   `BoxedPipeline`, whose type has a name, and its `boxed_send` can run on another thread;
/// * `graph()`, which shows the pipeline as text, in Mermaid and in DOT without running it, and `STAGES`, its pieces as text.
///
/// Attributes and visibility pass through to the type; conditions (`cfg`) and the levels of lints apply to its code as well.
/// A parameter, a stage, and a member of a `merge`, a `chain` or a `route` can have a `#[cfg(..)]` before it, and a stage the
/// level of a lint. A comment of documentation can be before any of them. If syncline is not at `::syncline`, begin with
/// `#![syncline(crate = path)]`.
///
/// # Types that are inferred, and types to write
///
/// The closures of operators need no types. Closures among the arguments of a function that returns a stage, a sink or a
/// policy need none either, as in `keep(|note| note.is_long())`. The type that a closure returns is inferred from the next piece, if
/// that names the type of its items: a stage of your own, a function, the sink, the type after `->`, or a closure with a typed
/// parameter.
///
/// Write a type or a conversion in two cases:
///
/// * The next closure calls a method on the value that a `map` returns. `map(|n| u64::from(n)) => map(|n| n.pow(2))` and
///   `map(|n| n.into()) => map(|n: u64| n.pow(2))` compile; `map(|n| n.into()) => map(|n| n.pow(2))` does not.
/// * The key of `by:`, `dedup` or `distinct` is borrowed from an item that is not borrowed itself. Write `by: |note| note.title.clone()`, not
///   `by: |note| &note.title`: the key is compared with the next one when its item has already been emitted.
///
/// # Names and conditions
///
/// `try_map(f) named "parse"` gives a stage a name of its own, in reports, errors, dead letters, graphs and spans. A source and a sink
/// can be named as well. A part has no name: name its stages.
///
/// `filter(f) when(condition)` switches a stage on or off for a run: if the `bool` is `false`, all items pass it unchanged.
/// Such a stage emits items of the type that it takes.
///
/// # When an item fails
///
/// The run fails, unless a policy behind the stage or the sink decides otherwise:
///
/// | Policy | Effect on an item that failed |
/// |---|---|
/// | `on_error fail` | the run fails, as without a policy |
/// | `on_error skip(10)` | it is left out; the eleventh fails the run |
/// | `on_error retry(3, backoff)` | it is tried up to three times more, first after `backoff`, then after twice as long each time |
/// | `on_error retry(3, backoff, if: f)` | the same, if `f` returns `true` for its error |
/// | `on_error retry(3, backoff, cap: longest)` | the same, and no wait is longer than `longest` |
/// | `on_error retry(3, backoff, jitter)` | the same, and each wait is a random time between half of it and the whole |
/// | `on_error retry(3, backoff, within: limit)` | the same, and no further attempt begins later than `limit` after the item's first failure |
/// | `on_error dead_letter(sink)` | it goes to `sink` as a `Letter`, with its error, and is left out |
/// | `on_error split skip(10)` | the same for single items of a chunk: the chunk is split until the failing item is alone |
/// | `on_error with(policy)` | a value that implements `Policy` decides: one of your own, or one of `by_key`, `shared` and `BoxedPolicy` |
///
/// The arguments of `retry` by name can be combined, in any order. The error of the run says how often and for how long an item was
/// tried. There may be several policies: the next one is asked if the one before would fail the run. `retry` and `dead_letter` keep
/// a copy of each item; `with(by_key(|note| note.id, ..))` keeps a key instead. The output of a failed item is not emitted.
/// A chunk at which a sink fails is split until the failing item is alone. So the policies of a sink decide about single
/// items, and the other items are written once. If such a sink fails at a chunk, it must not have written a part of it.
/// A chunk at which a stage fails is one item for the policies of the stage, unless one of them is declared with `split`: then
/// it is split for all of them. Such a stage must undo its work on a chunk at which it fails.
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
/// `map(f) parallel(2)` calls `f` on two threads and keeps the order of the items. It holds at most one item for each thread and
/// 64 more; `parallel(2, capacity: 8)` sets another number. At most 1024 threads can be asked for. A panic on a thread ends the run. The closure cannot use a parameter
/// of type `&mut`.
///
/// `map(|connection, item| ..) parallel(2, with: || Connection::open())` gives each thread its own state. `with` creates it
/// when the thread starts, and returns a `Result<_, Failure>`. `map(f) parallel(2, by: |item| item.id)` gives items with the
/// same key to the same thread, so `f` is called with them one after the other.
///
/// `try_map(f) parallel(2)` does the same with work that may fail. Its policies decide in the order of the items. An item that
/// `retry` tries again keeps its place and goes back to the threads, so that several items can wait at the same time.
///
/// # Metering
///
/// The report counts the items into and out of each stage, and the time that each stage worked and waited. That costs at most a
/// few instructions for each item. `#[syncline(unmetered)]` before the name turns it off: the report then has the names of the
/// stages, the failures, and zeros, and an `Observer` is called at the start and at the end only.
///
/// ```
/// use syncline::{Collect, from_iter, pipeline};
///
/// pipeline! {
///     /// Without counters.
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
/// # Parts
///
/// A part is a sequence of stages for several pipelines. After a colon it declares the types of its input and output items:
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
/// A part without parameters is used as `through(Tidy)`. Its generics are inferred. Its closures are `move` if they use a
/// parameter. The type of the part has `extend`, which adds the stages to a pipeline that is built by methods, `graph()` and
/// `STAGES`.
///
/// # Commits
///
/// A sink becomes durable once, at the end of the run; `commit once` says so explicitly. With `commit every(10)` behind it, a
/// sink that implements `Commit` also commits after every ten chunks. Right before that, the sinks of each `tee`, and of each
/// `dead_letter` of the sink itself or of a stage, are committed if they implement `Commit`. So if a run is killed
/// and continued from its last commit, no letter is lost. Second sinks without `Commit` become durable at the end of the run.
#[proc_macro]
pub fn pipeline(input: TokenStream) -> TokenStream {
    pipeline::pipeline(ungrouped::ungrouped(input.into())).into()
}
