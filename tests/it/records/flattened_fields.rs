//! Models with flattened fields are equal to models that declare the same fields themselves.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use crate::records::Scratch;
use syncline::{Access as _, FieldValue, RecordId, Syncable, SyncableFields, profile};

#[derive(Debug, Clone, Copy, Default, PartialEq, FieldValue)]
#[syncable(rename_all = "snake_case")]
enum State {
    #[default]
    Draft,
    Done,
}

#[derive(Debug, Clone, Default, PartialEq, Syncable)]
#[syncable(profile = Flat, model = "owner", partition = "{id}", source_id = "{id}")]
struct FlatOwner {
    id: RecordId,
}

#[derive(Debug, Clone, Default, PartialEq, Syncable)]
#[syncable(
    profile = Flat,
    model = "task",
    table = "app_task",
    partition = "{owner_id}:{kind}",
    partition_without(reviewer = "unseen"),
    source_id = "{owner_id}:{title}",
    discriminator(kind = "task"),
    depends_on(FlatOwner),
    class = "Task",
    verbose = "task"
)]
struct FlatTask {
    #[syncable(column = "made", key = "created", default = 5)]
    created_at: i64,
    state: State,
    #[syncable(local, default = 1)]
    is_read: bool,
    id: RecordId,
    #[syncable(references = FlatOwner)]
    owner_id: RecordId,
    kind: String,
    reviewer: Option<String>,
    #[syncable(nested, default = "[]")]
    tags: serde_json::Value,
    title: String,
    #[syncable(local)]
    draft: String,
    #[syncable(references = FlatTask, on_delete = cascade)]
    parent_id: Option<RecordId>,
    small: u8,
}

profile! { Flat = "app" { FlatOwner, FlatTask } }

#[derive(Debug, Clone, Default, PartialEq, Syncable)]
#[syncable(profile = Shared, model = "owner", partition = "{id}", source_id = "{id}")]
struct Owner {
    id: RecordId,
}

/// Before the id, with a local column.
#[derive(Debug, Clone, Default, PartialEq, SyncableFields)]
struct Stamped {
    #[syncable(column = "made", key = "created", default = 5)]
    created_at: i64,
    state: State,
    #[syncable(local, default = 1)]
    is_read: bool,
}

/// Flattened into a struct that is flattened.
#[derive(Debug, Clone, Default, PartialEq, SyncableFields)]
struct Tagged {
    #[syncable(nested, default = "[]")]
    tags: serde_json::Value,
}

#[derive(Debug, Clone, Default, PartialEq, SyncableFields)]
struct Owned {
    #[syncable(references = Owner)]
    owner_id: RecordId,
    kind: String,
    reviewer: Option<String>,
    #[syncable(flatten)]
    tagged: Tagged,
}

/// Local columns alone.
#[derive(Debug, Clone, Default, PartialEq, SyncableFields)]
struct Kept {
    #[syncable(local)]
    draft: String,
}

#[derive(Debug, Clone, Default, PartialEq, SyncableFields)]
struct InTree {
    #[syncable(references = Task, on_delete = cascade)]
    parent_id: Option<RecordId>,
}

#[derive(Debug, Clone, Default, PartialEq, Syncable)]
#[syncable(
    profile = Shared,
    model = "task",
    table = "app_task",
    partition = "{owner_id}:{kind}",
    partition_without(reviewer = "unseen"),
    source_id = "{owner_id}:{title}",
    discriminator(kind = "task"),
    depends_on(Owner)
)]
struct Task {
    #[syncable(flatten)]
    stamped: Stamped,
    id: RecordId,
    #[syncable(flatten)]
    owned: Owned,
    title: String,
    #[syncable(flatten)]
    kept: Kept,
    #[syncable(flatten)]
    tree: InTree,
    small: u8,
}

profile! { Shared = "app" { Owner, Task } }

#[test]
fn the_descriptions_are_equal() {
    assert_eq!(Task::MODEL, FlatTask::MODEL);
    assert_eq!(Task::MODEL.self_reference, Some(10));
    assert_eq!(Task::MODEL.dependencies, ["owner"]);
}

const OWNER: &str = "0123456789abcdef0123456789abcdef";

/// A database of each profile with the same records.
fn filled() -> (Scratch, Scratch) {
    let (mut flat, mut shared) = (Scratch::empty(), Scratch::empty());
    flat.database.create::<Flat>().unwrap();
    shared.database.create::<Shared>().unwrap();
    let id = RecordId::parse(OWNER).unwrap();
    flat.database.insert(&mut FlatOwner { id }).unwrap();
    shared.database.insert(&mut Owner { id }).unwrap();
    let mut parent = None;
    for (number, reviewer) in [(1, None), (2, Some("r".to_owned()))] {
        let title = format!("title {number}");
        let tags = serde_json::json!([1, {"a": null}]);
        let mut flat_task = FlatTask {
            created_at: number,
            state: State::Done,
            is_read: true,
            owner_id: id,
            kind: "task".to_owned(),
            reviewer: reviewer.clone(),
            tags: tags.clone(),
            title: title.clone(),
            draft: "d".to_owned(),
            parent_id: parent,
            small: 255,
            ..FlatTask::default()
        };
        let mut task = Task {
            stamped: Stamped { created_at: number, state: State::Done, is_read: true },
            owned: Owned { owner_id: id, kind: "task".to_owned(), reviewer, tagged: Tagged { tags } },
            title,
            kept: Kept { draft: "d".to_owned() },
            tree: InTree { parent_id: parent },
            small: 255,
            ..Task::default()
        };
        flat.database.insert(&mut flat_task).unwrap();
        shared.database.insert(&mut task).unwrap();
        assert_eq!(task.id, flat_task.id);
        assert_eq!(flat.database.get::<FlatTask>(task.id).unwrap().unwrap(), flat_task);
        assert_eq!(shared.database.get::<Task>(task.id).unwrap().unwrap(), task);
        parent = Some(task.id);
    }
    (flat, shared)
}

#[test]
fn the_tables_are_equal() {
    let (flat, shared) = filled();
    let schema = "SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name";
    let tables = shared.all::<String>(schema);
    assert_eq!(tables, flat.all::<String>(schema));
    assert!(tables.iter().any(|sql| sql.contains("app_task") && sql.contains("reviewer")), "{tables:?}");
    let rows = "SELECT concat_ws('|', id, made, state, is_read, owner_id, tags, title, draft, parent_id, _morango_partition) \
                FROM app_task ORDER BY title";
    assert_eq!(shared.all::<String>(rows), flat.all::<String>(rows));
}

#[test]
fn the_stored_records_are_equal() {
    let (mut flat, mut shared) = filled();
    assert_eq!(flat.database.serialize::<Flat>().run().unwrap().records(), 3);
    assert_eq!(shared.database.serialize::<Shared>().run().unwrap().records(), 3);
    let store = "SELECT concat_ws('|', id, model_name, partition, source_id, _self_ref_fk, serialized) FROM morango_store \
                 ORDER BY id";
    let stored = shared.all::<String>(store);
    assert_eq!(stored, flat.all::<String>(store));
    assert!(
        stored.iter().any(|record| record.contains(r#"{"created": 1, "state": "done", "id": "#)),
        "{stored:?}"
    );
    assert!(
        stored.iter().any(|record| record.contains(r#""tags": [1, {"a": null}], "title": "#)),
        "{stored:?}"
    );
}

#[test]
fn changes_are_written() {
    let (_, shared) = filled();
    let ids = shared.all::<String>("SELECT id FROM app_task WHERE title = 'title 1'");
    let id = RecordId::parse(&ids[0]).unwrap();
    let mut task: Task = shared.database.get(id).unwrap().unwrap();
    task.owned.tagged.tags = serde_json::json!({});
    task.kept.draft = "other".to_owned();
    task.stamped.created_at = -1;
    shared.database.update(&task).unwrap();
    assert_eq!(shared.database.get::<Task>(id).unwrap().unwrap(), task);
}

/// A value that a field of a part cannot hold is named with its column, when it is read and when it is serialised.
#[test]
fn wrong_values_are_named() {
    for (column, sql) in [
        ("state", "7"),
        ("made", "'soon'"),
        ("is_read", "'perhaps'"),
        ("tags", "'[1'"),
        ("draft", "x'00'"),
        ("small", "256"),
    ] {
        let (mut flat, mut shared) = filled();
        let update = format!("UPDATE app_task SET {column} = {sql} WHERE title = 'title 1'");
        for scratch in [&flat, &shared] {
            scratch.execute_unchecked(&update);
        }
        let ids = shared.all::<String>("SELECT id FROM app_task WHERE title = 'title 1'");
        let id = RecordId::parse(&ids[0]).unwrap();
        let read = chain(&shared.database.get::<Task>(id).unwrap_err());
        assert!(read.contains(&format!("column `{column}` of table `app_task`")), "{column}: {read}");
        assert_eq!(read, chain(&flat.database.get::<FlatTask>(id).unwrap_err()));
        shared.execute("UPDATE app_task SET _morango_dirty_bit = 1");
        flat.execute("UPDATE app_task SET _morango_dirty_bit = 1");
        let run = shared.database.serialize::<Shared>().run();
        let of_flat = flat.database.serialize::<Flat>().run();
        assert_eq!(
            run.map(|report| report.records()).map_err(|error| chain(&error)),
            of_flat.map(|report| report.records()).map_err(|error| chain(&error)),
            "{column}"
        );
    }
}

/// The table refuses what the fields of a part cannot hold.
#[test]
fn the_table_refuses_wrong_values() {
    let (flat, shared) = filled();
    for set in
        ["state = 'wrong'", "small = 256", "made = 'soon'", "is_read = 2", "owner_id = 'x'", "draft = x'00'"]
    {
        let sql = format!("UPDATE app_task SET {set}");
        assert_eq!(shared.refused(&sql), flat.refused(&sql), "{set}");
    }
}

/// JSON of another shape than the field's is found by `create`.
#[test]
fn defaults_of_parts_are_checked() {
    let mut scratch = Scratch::empty();
    let error = chain(&scratch.database.create::<Wrong>().unwrap_err());
    assert!(error.contains("list"), "{error}");
}

#[derive(Debug, Clone, Default, SyncableFields)]
struct Listed {
    #[syncable(default = "{}")]
    list: syncline::Json<Vec<u8>>,
}

#[derive(Debug, Clone, Default, Syncable)]
#[syncable(profile = Wrong, model = "wrong", partition = "all")]
struct WithList {
    id: RecordId,
    #[syncable(flatten)]
    listed: Listed,
}

profile! { Wrong = "wrong" { WithList } }

fn chain(error: &dyn std::error::Error) -> String {
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        chain = format!("{chain}: {error}");
        source = error.source();
    }
    chain
}
