//! Compiled declarations of the kinds whose expansions are snapshots in the macro crate.

use syncline::model::{FieldError, Model, ModelVisitor, Row};
use syncline::value::{ColumnValue, InvalidValue};
use syncline::{Collect, Halt, Profile, RecordId, Syncable, Transform, from_iter, pipeline, profile};

/// A page of a notebook.
#[derive(Debug, Clone, PartialEq, Syncable)]
#[syncable(profile = Notes, model = "note", partition = "{notebook_id}:notes")]
struct Note {
    id: RecordId,
    #[syncable(references = Notebook)]
    notebook_id: RecordId,
    title: String,
    body: Option<String>,
    #[syncable(references = Note)]
    parent_id: Option<RecordId>,
    #[syncable(local)]
    scroll_position: i64,
}

#[derive(Debug, Clone, PartialEq, Syncable)]
#[syncable(profile = Notes, model = "notebook", table = "notes_notebook", discriminator(kind = "notebook"))]
struct Notebook {
    #[syncable(column = "cover_colour", key = "cöver")]
    cover: String,
    id: RecordId,
    kind: String,
}

profile! {
    /// The models that sync.
    Notes = "notes" { Note, Notebook }
}

/// A row with fixed values.
struct Values<'a>(&'a [ColumnValue<'a>]);

impl Row for Values<'_> {
    fn column(&self, index: usize) -> Result<ColumnValue<'_>, InvalidValue> {
        self.0.get(index).copied().ok_or_else(|| InvalidValue::new("there is no such column"))
    }
}

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

const NOTE: [ColumnValue<'_>; 8] = [
    ColumnValue::Text(A),
    ColumnValue::Text("source"),
    ColumnValue::Text("partition"),
    ColumnValue::Text(B),
    ColumnValue::Text("naïve \"title\""),
    ColumnValue::Null,
    ColumnValue::Null,
    ColumnValue::Integer(7),
];

fn json<M: Syncable>(row: &[ColumnValue<'_>]) -> Result<String, FieldError> {
    let mut json = String::new();
    M::write_serialized(&Values(row), &mut json).map(|()| json)
}

#[test]
fn a_row_becomes_text_in_the_order_of_the_fields() {
    assert_eq!(
        json::<Note>(&NOTE).unwrap(),
        format!(
            r#"{{"id": "{A}", "_morango_source_id": "source", "_morango_partition": "partition", "notebook_id": "{B}", "title": "na\u00efve \"title\"", "body": null, "parent_id": null}}"#
        )
    );
}

#[test]
fn the_implied_columns_stand_behind_the_id() {
    let row = ["red", A, "source", "partition", "notebook"].map(ColumnValue::Text);
    assert_eq!(
        json::<Notebook>(&row).unwrap(),
        format!(
            r#"{{"c\u00f6ver": "red", "id": "{A}", "_morango_source_id": "source", "_morango_partition": "partition", "kind": "notebook"}}"#
        )
    );
    let columns: Vec<_> = Notebook::MODEL.columns.iter().map(|column| column.name).collect();
    assert_eq!(columns, ["cover_colour", "id", "_morango_source_id", "_morango_partition", "kind"]);
}

#[test]
fn a_row_becomes_a_struct() {
    let note = Note::read(&Values(&NOTE)).unwrap();
    let expected = Note {
        id: RecordId::parse(A).unwrap(),
        notebook_id: RecordId::parse(B).unwrap(),
        title: "naïve \"title\"".to_owned(),
        body: None,
        parent_id: None,
        scroll_position: 7,
    };
    assert_eq!(note, expected);
}

#[test]
fn what_a_field_cannot_take_names_its_column() {
    let mut row = NOTE;
    row[4] = ColumnValue::Integer(5);
    assert_eq!(Note::read(&Values(&row)).unwrap_err().column(), 4);
    row[3] = ColumnValue::Text("no id");
    assert_eq!(json::<Note>(&row).unwrap_err().column(), 3);
    assert_eq!(json::<Note>(&row[..2]).unwrap_err().column(), 2);
}

#[test]
fn a_model_knows_its_declaration() {
    let Model { name, table, self_reference, dependencies, partition, .. } = *Note::MODEL;
    assert_eq!((name, table), ("note", "note"));
    assert_eq!(self_reference, Some(6));
    assert_eq!(dependencies, ["notebook"]);
    assert_eq!(partition.unwrap().to_string(), "{notebook_id}:notes");
    assert_eq!(
        Note::MODEL.local_columns.iter().map(|column| column.name).collect::<Vec<_>>(),
        ["scroll_position"]
    );
    assert_eq!(Note::MODEL.columns.iter().filter(|column| column.nullable).count(), 2);

    let discriminator = Notebook::MODEL.discriminator.unwrap();
    assert_eq!((discriminator.column, discriminator.value), ("kind", "notebook"));
}

#[test]
fn a_profile_visits_its_models_in_dependency_order() {
    struct Name;

    impl ModelVisitor for Name {
        type Output = &'static str;

        fn visit<M: Syncable>(self) -> &'static str {
            M::NAME
        }
    }

    assert_eq!(Notes::NAME, "notes");
    assert_eq!(Notes::MODELS, [Notebook::MODEL, Note::MODEL]);
    assert_eq!([0, 1, 2].map(|index| Notes::visit(index, Name)), [Some("notebook"), Some("note"), None]);
}

struct Double;

impl Transform for Double {
    type In = u64;
    type Out = u64;

    fn transform(&mut self, n: u64) -> Result<Option<u64>, Halt> {
        Ok(Some(n * 2))
    }
}

pipeline! {
    /// Even numbers, each twice.
    Doubles(n: u64) -> Vec<u64> {
        from_iter(0..n)
            => filter(|n| n % 2 == 0)
            => Double
            => buffer(2)
            => unbuffer
            => buffer(500, by: |n| n / 10)
            => flat_map(|chunk| chunk)
            => Collect::new()
    }
}

#[test]
fn a_pipeline_runs() {
    let outcome = Doubles::run(10).unwrap();
    assert_eq!(outcome.output, [0, 4, 8, 12, 16]);
    assert_eq!(outcome.report.stage("filter").unwrap().filtered(), 5);
    assert_eq!(outcome.report.stage("Double").unwrap().name(), "Double");
}

#[test]
fn a_pipeline_shows_its_stages() {
    assert_eq!(
        Doubles::graph().one_line(),
        "from_iter(0..n) => filter(..) => Double => buffer(2) => unbuffer => buffer(500, by: ..) => flat_map(..) \
         => Collect::new()"
    );
    assert_eq!(Doubles::STAGES.len(), 8);
}
